/* SPDX-License-Identifier: MIT */
/* Event-wise and point-adjusted metrics of verdicts on a series. */
#include "eval/events.h"

#include <math.h>
#include <stdlib.h>

#include "core/quantile.h"
#include "core/util.h"

struct event {
	uint64_t rows, judged; /* so far: all rows, and those with a verdict */
	int64_t delay;         /* -1: not detected */
	double seconds;        /* from its first row to the first flagged one; NaN: unknown */
};

_Static_assert(sizeof(struct event) == 32, "ae-metrics(1) says how much an event takes");

static size_t count_of(const struct ae_events *events)
{
	return events->list.len / sizeof(struct event);
}

static struct event *list_of(const struct ae_events *events)
{
	return (struct event *)(void *)events->list.data;
}

static void follow_time(struct ae_events *events, const struct ae_time *time)
{
	if (!time)
		return;
	events->backwards |= events->timed && ae_time_is_before(time, &events->last);
	events->last = *time;
	events->timed = true;
}

static double seconds_between(const struct ae_time *from, const struct ae_time *to)
{
	uint64_t ns = ae_time_until(from, to);
	return ns == UINT64_MAX ? (double)(to->seconds - from->seconds) : (double)ns / 1e9;
}

static void add_to_event(struct ae_events *events, struct event *event, uint8_t verdict, const struct ae_time *time)
{
	follow_time(events, time);
	if (verdict == 1 && event->delay < 0) {
		event->delay = (int64_t)event->rows;
		events->untimed += events->backwards;
		if (time && events->begun_timed && !events->backwards)
			event->seconds = seconds_between(&events->begun, time);
	}
	event->rows++;
	event->judged += verdict <= 1;
}

static void add_to_run(struct ae_events *events, bool anomaly, bool flagged)
{
	if (flagged && !events->flagged) {
		events->runs++;
		events->touches = false;
	}
	if (flagged && anomaly && !events->touches) {
		events->true_runs++;
		events->touches = true;
	}
	events->flagged = flagged;
}

int ae_events_add(
	struct ae_events *events, bool anomaly, uint8_t verdict, const struct ae_time *time, struct ae_error *err)
{
	const struct event begun = {.delay = -1, .seconds = NAN};
	if (anomaly && !events->anomalous && ae_buf_append(&events->list, &begun, sizeof(begun), err) != 0)
		return -1;
	if (anomaly && !events->anomalous) {
		events->begun_timed = time;
		events->begun = time ? *time : (struct ae_time){0};
		events->timed = events->backwards = false;
	}
	events->anomalous = anomaly;
	if (anomaly)
		add_to_event(events, &list_of(events)[count_of(events) - 1], verdict, time);
	if (verdict <= 1) {
		add_to_run(events, anomaly, verdict == 1);
		events->judged[anomaly]++;
		events->alarms[anomaly] += verdict;
	}
	return 0;
}

void ae_events_break(struct ae_events *events)
{
	events->anomalous = events->flagged = false;
}

int ae_events_append(struct ae_events *events, const struct ae_events *others, struct ae_error *err)
{
	ae_events_break(events);
	events->runs += others->runs;
	events->true_runs += others->true_runs;
	events->untimed += others->untimed;
	for (size_t i = 0; i < 2; i++) {
		events->judged[i] += others->judged[i];
		events->alarms[i] += others->alarms[i];
	}
	return ae_buf_append(&events->list, others->list.data, others->list.len, err);
}

static double ratio(double a, double b)
{
	return b == 0 ? NAN : a / b;
}

static struct ae_metrics_class class_of(double tp, double fp, double fn)
{
	return (struct ae_metrics_class){
		.precision = ratio(tp, tp + fp),
		.recall = ratio(tp, tp + fn),
		.f1 = ratio(2 * tp, 2 * tp + fp + fn),
	};
}

/* An event of n rows is detected by chance unless all n are passed over. */
static void adjust(const struct ae_events *events, struct ae_events_result *result)
{
	double found = 0, by_chance = 0, all = (double)events->judged[1];
	double rate =
		ratio((double)(events->alarms[0] + events->alarms[1]), (double)(events->judged[0] + events->judged[1]));
	for (size_t i = 0; i < count_of(events); i++) {
		const struct event *event = &list_of(events)[i];
		double n = (double)event->judged;
		found += event->delay >= 0 ? n : 0;
		by_chance += n > 0 ? n * -expm1(n * log1p(-rate)) : 0;
	}
	result->flag_rate = rate;
	result->adjusted = class_of(found, (double)events->alarms[0], all - found);
	result->random = class_of(by_chance, rate * (double)events->judged[0], all - by_chance);
}

static void add_delays(const struct ae_events *events, double *values, struct ae_events_result *result)
{
	size_t rows = 0, times = 0, detected = 0;
	double sum = 0, *seconds = values + count_of(events);
	for (size_t i = 0; i < count_of(events); i++) {
		const struct event *event = &list_of(events)[i];
		detected += event->delay >= 0;
		if (event->delay >= 0)
			sum += values[rows++] = (double)event->delay;
	}
	result->detected = detected;
	result->mean_delay = ratio(sum, (double)rows);
	ae_sort_f64(values, rows);
	result->median_delay = rows ? ae_median(values, rows) : NAN;
	sum = 0;
	for (size_t i = 0; i < count_of(events); i++) {
		const struct event *event = &list_of(events)[i];
		if (!isnan(event->seconds))
			sum += seconds[times++] = event->seconds;
	}
	result->mean_seconds = ratio(sum, (double)times);
	ae_sort_f64(seconds, times);
	result->median_seconds = times ? ae_median(seconds, times) : NAN;
}

int ae_events_end(const struct ae_events *events, struct ae_events_result *result, struct ae_error *err)
{
	size_t count = count_of(events);
	*result = (struct ae_events_result){.events = count, .runs = events->runs, .true_runs = events->true_runs};
	double *values = ae_calloc(2 * count + 1, sizeof(*values), err);
	if (!values)
		return -1;
	add_delays(events, values, result);
	free(values);
	result->event.recall = ratio((double)result->detected, (double)count);
	result->event.precision = ratio((double)events->true_runs, (double)events->runs);
	double p = result->event.precision, r = result->event.recall;
	result->event.f1 = isnan(p) || isnan(r) ? (count + events->runs ? 0 : NAN)
			   : p + r == 0         ? 0
						: 2 * p * r / (p + r);
	adjust(events, result);
	return 0;
}

void ae_events_free(struct ae_events *events)
{
	ae_buf_free(&events->list);
	*events = (struct ae_events){0};
}
