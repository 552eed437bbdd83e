/* SPDX-License-Identifier: MIT */
/* Counts for Prometheus. */
#include "cli/alarm_prom.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json_text.h"
#include "core/outfile.h"
#include "core/stop.h"
#include "io/signals.h"

enum { EVERY_MS = 1000 };

int ae_alarm_prom_start(struct ae_alarm_prom *p, const char *path, struct ae_error *err)
{
	struct ae_outfile file;
	ae_signals_take_reports();
	p->path = path;
	p->changed = true;
	if (!path)
		return 0;
	if (ae_outfile_open_regular(&file, path, err) != 0)
		return ae_fail_in(err, "--prom: ");
	ae_outfile_abandon(&file);
	return 0;
}

/* One metric. Its label tells two files from each other. */
static int add(struct ae_buf *out, const char *label, const char *name, const char *type, const char *help,
	const char *value, struct ae_error *err)
{
	char text[600];
	int len = snprintf(
		text, sizeof(text), "# HELP ae_%s %s\n# TYPE ae_%s %s\nae_%s{name=", name, help, name, type, name);
	if (ae_buf_append(out, text, (size_t)len, err) != 0 || ae_json_any_string(out, label, strlen(label), err) != 0)
		return -1;
	len = snprintf(text, sizeof(text), "} %s\n", value);
	return ae_buf_append(out, text, (size_t)len, err);
}

static const char *real(double value, char text[AE_NUMBER_TEXT])
{
	if (isinf(value))
		return value > 0 ? "+Inf" : "-Inf";
	ae_number_format_f64(text, value);
	return isnan(value) ? "NaN" : text;
}

static int compose(struct ae_buf *out, const char *label, const struct ae_alarm_counts *c, struct ae_error *err)
{
	const struct {
		const char *name, *type, *help;
		uint64_t value;
	} whole[] = {
		{"rows_total", "counter", "Rows, with a verdict or without.", c->rows},
		{"anomalies_total", "counter", "Rows whose verdict is an anomaly.", c->anomalies},
		{"unjudged_rows_total", "counter", "Rows without a verdict.", c->unjudged},
		{"rejected_rows_total", "counter", "Rows that ae-thresh left out.", c->rejected},
		{"episodes_total", "counter", "Episodes that have begun.", c->episodes},
		{"episodes_open", "gauge", "Episodes that go on.", c->open},
		{"exec_taken_total", "counter", "Records that --exec has taken.", c->taken},
		{"exec_failed_total", "counter", "Records for which --exec failed.", c->failed},
		{"exec_dropped_total", "counter", "Records that found the queue of --exec full.", c->dropped},
	};
	char text[AE_NUMBER_TEXT];
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		snprintf(text, sizeof(text), "%" PRIu64, whole[i].value);
		if (add(out, label, whole[i].name, whole[i].type, whole[i].help, text, err) != 0)
			return -1;
	}
	if (c->last_row == 0)
		return 0;
	if (add(out, label, "score", "gauge", "The error of the last row.", real(c->score, text), err) != 0 ||
		add(out, label, "threshold", "gauge", "The threshold of the last row.", real(c->threshold, text),
			err) != 0)
		return -1;
	if (!isnan(c->observed) && add(out, label, "observed_values", "gauge", "The values observed in the last row.",
					   real(c->observed, text), err) != 0)
		return -1;
	snprintf(text, sizeof(text), "%" PRId64 ".%03d", c->last_row / 1000, (int)(c->last_row % 1000));
	return add(out, label, "last_row_timestamp_seconds", "gauge", "When the last row came.", text, err);
}

/* The name of the file without its suffix; what JSON escapes as Prometheus does not becomes "_". */
static void make_label(char *label, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	snprintf(label, size, "%s", slash ? slash + 1 : path);
	char *dot = strrchr(label, '.');
	if (dot && dot > label)
		*dot = '\0';
	for (char *c = label; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '_';
}

static int write_file(const char *path, const struct ae_alarm_counts *counts, struct ae_error *err)
{
	char label[256];
	struct ae_buf out = {0};
	struct ae_outfile file;
	make_label(label, sizeof(label), path);
	int rc = compose(&out, label, counts, err);
	if (rc == 0)
		rc = ae_outfile_open_regular(&file, path, err);
	if (rc == 0) {
		rc = ae_outfile_write(&file, out.data, out.len, err);
		if (rc == 0)
			rc = ae_outfile_commit(&file, false, err);
		else
			ae_outfile_abandon(&file);
	}
	ae_buf_free(&out);
	return rc;
}

static void write_counts(struct ae_alarm_prom *p, const struct ae_alarm_counts *counts)
{
	struct ae_error err;
	p->changed = false;
	p->written = ae_clock_ms();
	if (write_file(p->path, counts, &err) == 0)
		return;
	p->failed++;
	p->changed = true;
	if (!p->told)
		ae_note(p->program, p->common, "--prom: %s; it is tried again", err.text);
	p->told = true;
}

static void report(const struct ae_alarm_prom *p, const struct ae_alarm_counts *c)
{
	struct ae_common loud = *p->common;
	loud.quiet = false; /* somebody has asked */
	ae_note(p->program, &loud,
		"%" PRIu64 " rows, %" PRIu64 " anomalies, %" PRIu64 " without a verdict, %" PRIu64 " left out, %" PRIu64
		" episodes, %" PRIu64 " of them open, %" PRIu64 " held back; --exec: %" PRIu64 " taken, %" PRIu64
		" failed, %" PRIu64 " dropped, %" PRIu64 " waiting; --prom: %" PRIu64 " failed",
		c->rows, c->anomalies, c->unjudged, c->rejected, c->episodes, c->open, c->held_back, c->taken,
		c->failed, c->dropped, c->waiting, p->failed);
}

int ae_alarm_prom_tend(struct ae_alarm_prom *p, const struct ae_alarm_counts *counts)
{
	if (ae_report_taken())
		report(p, counts);
	if (!p->path || !p->changed)
		return EVERY_MS;
	int64_t due = p->written + EVERY_MS - ae_clock_ms();
	if (p->written && due > 0)
		return (int)due;
	write_counts(p, counts);
	return EVERY_MS;
}

void ae_alarm_prom_finish(struct ae_alarm_prom *p, const struct ae_alarm_counts *counts)
{
	if (!p->path)
		return;
	write_counts(p, counts);
	if (p->failed)
		ae_note(p->program, p->common, "--prom %s: could not be written %" PRIu64 " time%s", p->path, p->failed,
			p->failed > 1 ? "s" : "");
}
