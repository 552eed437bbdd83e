/* SPDX-License-Identifier: MIT */
/* An axis of times or of row numbers. */
#include "plot/time_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/number.h"
#include "core/timestamp.h"

/* Smaller numbers (before March 1973) are seconds from some start, larger ones since 1970. */
#define SECONDS_OF_DATES 100000000

/* Nanoseconds beyond which dates are told apart by a double of seconds since 1970. */
#define NS_APART 2e9

/* Ticks of a picture of the narrow width, where dates have room beside each other. */
enum { NARROW_LABELS = 3 };

void ae_time_axis_begin(struct ae_time_axis *axis, const struct ae_schema *schema)
{
	axis->column = ae_schema_find(schema, AE_TIME);
}

static bool parse(struct ae_time_axis *axis, const struct ae_batch *batch, size_t row, int64_t *position)
{
	struct ae_time time;
	size_t len;
	const char *text = ae_data_text(batch->cols[axis->column], row, &len);
	enum ae_timestamp kind = ae_time_parse(&time, text, len);
	if (!axis->decided && !ae_number_is_missing(text, len)) {
		axis->decided = true;
		axis->not_times = kind == AE_TIMESTAMP_NOT;
	}
	if (kind == AE_TIMESTAMP_NOT || !ae_time_to_ns(&time, position))
		return false;
	axis->dates |= kind != AE_TIMESTAMP_SECONDS || llabs(time.seconds) >= SECONDS_OF_DATES;
	return true;
}

bool ae_time_axis_place(struct ae_time_axis *axis, const struct ae_batch *batch, size_t row, int64_t *position)
{
	bool timed = axis->column != AE_NO_COLUMN && !axis->not_times && parse(axis, batch, row, position);
	if (axis->column == AE_NO_COLUMN || axis->not_times) {
		*position = (int64_t)axis->rows;
	} else if (!timed) {
		axis->rows++;
		axis->unplaced++;
		return false;
	}
	axis->rows++;
	axis->backwards += axis->any && *position < axis->last;
	axis->least = axis->any && axis->least < *position ? axis->least : *position;
	axis->most = axis->any && axis->most > *position ? axis->most : *position;
	axis->last = *position;
	axis->any = true;
	return true;
}

/* ---- drawing ---- */

static bool is_of_rows(const struct ae_time_axis *axis)
{
	return axis->column == AE_NO_COLUMN || axis->not_times;
}

double ae_time_axis_span(const struct ae_time_axis *axis)
{
	return (double)((uint64_t)axis->most - (uint64_t)axis->least);
}

static bool is_of_dates(const struct ae_time_axis *axis)
{
	return !is_of_rows(axis) && axis->dates && ae_time_axis_span(axis) >= NS_APART;
}

double ae_time_axis_number(const struct ae_time_axis *axis, double offset)
{
	if (is_of_rows(axis))
		return (double)axis->least + 1 + offset;
	if (axis->dates && !is_of_dates(axis))
		return offset / 1e9;
	return (double)axis->least / 1e9 + offset / 1e9;
}

/* The least distance of ticks, of those that people count in, at which they are few enough. */
static double tick_step(double length, bool time, double most)
{
	static const double seconds[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
		43200, 86400, 172800, 604800, 1209600};
	static const double tens[] = {1, 2, 5};
	for (size_t i = 0; time && i < sizeof(seconds) / sizeof(*seconds); i++)
		if (length / seconds[i] <= most)
			return seconds[i];
	double unit = time ? 4 * 604800 : 1;
	for (size_t i = 0;; i++)
		if (length / (tens[i % 3] * pow(10, (double)(i / 3)) * unit) <= most)
			return tens[i % 3] * pow(10, (double)(i / 3)) * unit;
}

/* How gnuplot writes a time at a tick, so that neighbours differ. */
static const char *tick_format(double step)
{
	return step >= 86400 ? "%Y-%m-%d" : step >= 60 ? "%H:%M\\n%m-%d" : "%H:%M:%S";
}

static void set_ticks(const struct ae_time_axis *axis, struct ae_gnuplot_script *script, double length, double labels)
{
	if (is_of_dates(axis)) {
		double step = tick_step(length, true, labels);
		ae_gnuplot_add(script, "set xtics time format \"%s\" %.17g\n", tick_format(step), step);
	} else if (is_of_rows(axis)) {
		ae_gnuplot_add(script, "set xtics format '%%.0f' %.17g\n", tick_step(length, false, labels));
	}
}

static void name_axis(const struct ae_time_axis *axis, struct ae_gnuplot_script *script)
{
	char text[3 * AE_TIMESTAMP_TEXT], from[AE_TIMESTAMP_TEXT], to[AE_TIMESTAMP_TEXT], more[60] = "";
	struct ae_time least = ae_time_of_ns(axis->least), most = ae_time_of_ns(axis->most);
	least.ns = is_of_dates(axis) ? 0 : least.ns;
	most.ns = is_of_dates(axis) ? 0 : most.ns;
	if (axis->backwards)
		snprintf(more, sizeof(more), "; %llu row%s earlier than the one before",
			(unsigned long long)axis->backwards, axis->backwards > 1 ? "s are" : " is");
	if (is_of_rows(axis))
		snprintf(text, sizeof(text), "Row%s", axis->not_times ? " (its time is not a date, nor seconds)" : "");
	else if (!axis->dates)
		snprintf(text, sizeof(text), "Time%s", more);
	else if (is_of_dates(axis))
		snprintf(text, sizeof(text), "Time, %s to %s%s", ae_time_format(&least, from),
			ae_time_format(&most, to), more);
	else
		snprintf(text, sizeof(text), "Seconds from %s%s", ae_time_format(&least, from), more);
	ae_gnuplot_titles(script, NULL, text, NULL);
}

void ae_time_axis_ends(const struct ae_time_axis *axis, char least[AE_TIME_AXIS_TEXT], char most[AE_TIME_AXIS_TEXT])
{
	struct ae_time from = ae_time_of_ns(axis->least), to = ae_time_of_ns(axis->most);
	if (!is_of_rows(axis) && axis->dates) {
		ae_time_format(&from, least);
		ae_time_format(&to, most);
		return;
	}
	snprintf(least, AE_TIME_AXIS_TEXT, "%s%.10g", is_of_rows(axis) ? "row " : "", ae_time_axis_number(axis, 0));
	snprintf(most, AE_TIME_AXIS_TEXT, "%.10g", ae_time_axis_number(axis, ae_time_axis_span(axis)));
}

void ae_time_axis_draw(const struct ae_time_axis *axis, struct ae_gnuplot_script *script)
{
	double low = ae_time_axis_number(axis, 0), high = ae_time_axis_number(axis, ae_time_axis_span(axis));
	if (low == high) {
		low -= 0.5;
		high += 0.5;
	}
	ae_gnuplot_add(script, "set xrange [%.17g:%.17g]\n", low, high);
	bool text = script->format == AE_PICTURE_TEXT;
	set_ticks(axis, script, high - low, text ? script->columns / 16.0 : script->width / 100.0);
	if (script->format == AE_PICTURE_SVG && script->width > AE_GNUPLOT_NARROW) {
		ae_gnuplot_add(script, "if (exists('narrow')) {\n");
		set_ticks(axis, script, high - low, NARROW_LABELS);
		ae_gnuplot_add(script, "}\n");
	}
	if (!text)
		ae_gnuplot_add(script, "set rmargin 4\n"); /* half a label */
	name_axis(axis, script);
}
