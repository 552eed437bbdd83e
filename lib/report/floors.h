/* SPDX-License-Identifier: MIT */
/* What other scores of the same rows reach: the floors beside a model's measures. */
#ifndef AE_REPORT_FLOORS_H
#define AE_REPORT_FLOORS_H

#include "eval/events.h"
#include "eval/metrics.h"
#include "report/report.h"
#include "stream/groups.h"

/* What is remembered of the rows of the report, to find the same ones in a floor. */
struct ae_report_rows {
	struct ae_buf truth;      /* a byte a row, of enum ae_truth */
	struct ae_buf ids;        /* for each row and each of its ids a uint64_t, a hash */
	struct ae_buf series;     /* for each row a uint32_t: which one it is of */
	struct ae_groups *groups; /* a uint32_t each: the number of its series, from 1 */
	uint32_t series_count;
};

/* The measures of one list of scores and verdicts. All zero before ae_measures_add; freed with ae_measures_free. */
struct ae_measures {
	struct ae_metrics *metrics;
	struct ae_buf events; /* struct ae_events of each series */
	bool verdicts;        /* there are any */
	struct ae_metrics_result rows;
	struct ae_events_result series;
};

/* A row that is labelled, of the series of that number; time may be NULL. */
int ae_measures_add(struct ae_measures *measures, size_t series, bool anomaly, uint8_t verdict, double score,
	const struct ae_time *time, struct ae_error *err) AE_MUST_CHECK;
/* Other series begin: no run of rows goes on. */
void ae_measures_break(struct ae_measures *measures);
int ae_measures_end(struct ae_measures *measures, struct ae_error *err) AE_MUST_CHECK;
void ae_measures_free(struct ae_measures *measures);

/* Takes the rows of a batch of the report. */
int ae_report_rows_add(struct ae_report_rows *rows, const struct ae_report *report, const struct ae_batch *batch,
	struct ae_error *err) AE_MUST_CHECK;
/* The number of the series that a row of those is of. */
size_t ae_report_rows_series(const struct ae_report_rows *rows, size_t row);
void ae_report_rows_free(struct ae_report_rows *rows);

/* Checks "NAME=FILE": where the file's name begins; else a usage error. */
int ae_floor_check(const char **file, const char *floor, struct ae_error *err) AE_MUST_CHECK;
/* Measures the scores, and the verdicts if there are any, in a file. Other rows than those of the report, in number,
   ids or labels, are an error. */
int ae_floor_measure(struct ae_measures *measures, const struct ae_report *report, const struct ae_report_rows *rows,
	const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
