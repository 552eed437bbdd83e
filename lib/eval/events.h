/* SPDX-License-Identifier: MIT */
/* Verdicts on a series, event by event: a run of anomalous rows is one event, and is detected if any row of it is
   flagged. Values that are undefined (0/0) are NaN. */
#ifndef AE_EVAL_EVENTS_H
#define AE_EVAL_EVENTS_H

#include "core/timestamp.h"
#include "core/util.h"
#include "eval/metrics.h"

/* The rows so far of one series, or of several after the other. All zero is empty; ae_events_free frees it. */
struct ae_events {
	struct ae_buf list;            /* of events: 32 bytes each */
	bool anomalous;                /* the last row belongs to an event, the last one of the list */
	bool flagged;                  /* the last verdict was anomaly: its run may go on */
	bool touches;                  /* a row of that run is anomalous */
	bool begun_timed, timed;       /* its first row has a time; any row of it has */
	struct ae_time begun, last;    /* that time, and that of the last row that has one */
	bool backwards;                /* some row of it was earlier than the one before */
	uint64_t untimed;              /* detected events that have no delay in seconds for that */
	uint64_t runs, true_runs;      /* runs of flagged rows, and those of them that touch an event */
	uint64_t judged[2], alarms[2]; /* rows with a verdict, and flagged ones, [anomaly in truth] */
};

struct ae_events_result {
	uint64_t events, detected;
	uint64_t runs, true_runs;
	/* recall: detected events / events; precision: true runs / runs; F1 of the two. */
	struct ae_metrics_class event;
	/* Rows from the first one of an event to the first flagged one, 0 if that is flagged; of detected events. */
	double mean_delay, median_delay;
	/* The same in seconds, of the detected events whose rows have times that do not run backwards. */
	double mean_seconds, median_seconds;
	/* Point-adjusted: all rows of a detected event count as flagged (Xu et al. 2018). `random` is the same for a
	   scorer that flags each row by chance, as many rows as were flagged: of its expected counts. */
	struct ae_metrics_class adjusted, random;
	double flag_rate; /* flagged rows / rows with a verdict */
};

/* The next row of the series. verdict as in ae_metrics_add: a row without one is not flagged, and does not end a run.
   time: when it was, NULL if nobody knows. */
int ae_events_add(struct ae_events *events, bool anomaly, uint8_t verdict, const struct ae_time *time,
	struct ae_error *err) AE_MUST_CHECK;
/* Another series begins: no run goes on. */
void ae_events_break(struct ae_events *events);
/* Adds those of another series. */
int ae_events_append(struct ae_events *events, const struct ae_events *others, struct ae_error *err) AE_MUST_CHECK;
int ae_events_end(const struct ae_events *events, struct ae_events_result *result, struct ae_error *err) AE_MUST_CHECK;
void ae_events_free(struct ae_events *events);

#endif
