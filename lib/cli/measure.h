/* SPDX-License-Identifier: MIT */
/* What ae-metrics measures: rows, events and groups of them, and how it prints that. */
#ifndef AE_CLI_MEASURE_H
#define AE_CLI_MEASURE_H

#include "eval/evaluate.h"
#include "eval/events.h"

struct ae_groups;

/* More groups are an error: --by was given a column that tells rows from each other. */
enum { AE_MEASURE_GROUPS = 100000 };

struct ae_measure_group {
	char *name;
	uint64_t no_label;
	struct ae_metrics *metrics;
	struct ae_events events;
};

/* Start from zero, then set what options say, the texts of which are borrowed; ae_measure_free frees the rest. */
struct ae_measure {
	struct ae_evaluate evaluate; /* of all rows */
	const char *by;              /* the column of groups, or NULL */
	bool events, adjusted, json;

	const struct ae_schema *schema; /* borrowed */
	size_t by_column, time;
	struct ae_events all; /* events of all groups */
	char *grouped;        /* without `by`: the column that tells the series of the stream apart, or NULL */
	size_t grouped_column;
	struct ae_buf series; /* the first row's value of it */
	bool mixed;           /* rows have others too: events run across series */
	struct ae_groups *numbers;
	struct ae_buf groups; /* of struct ae_measure_group, in the order in which they came */
};

/* Finds the columns of a stream's rows; the schema lives until ae_measure_end. */
int ae_measure_begin(struct ae_measure *measure, const struct ae_schema *schema, struct ae_error *err) AE_MUST_CHECK;
/* Adds a row: 8 bytes where it has a score, 16 with `by`. */
int ae_measure_row(
	struct ae_measure *measure, const struct ae_batch *batch, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* A stream has ended and another begins: no event goes on. */
void ae_measure_boundary(struct ae_measure *measure);
/* Prints the measures on standard output, whose errors are left to ae_program_flush. */
int ae_measure_print(struct ae_measure *measure, struct ae_error *err) AE_MUST_CHECK;
void ae_measure_free(struct ae_measure *measure);

#endif
