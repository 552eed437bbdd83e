/* SPDX-License-Identifier: MIT */
/* The kinds of picture that ae-plot makes of a stream's rows. */
#ifndef AE_PLOT_CHART_H
#define AE_PLOT_CHART_H

#include "io/batch.h"
#include "plot/gnuplot_script.h"

/* What may be said of a picture; strings may be NULL. */
struct ae_chart_options {
	const char *cols, *by, *title, *map, *range;
	const char *normal, *anomaly;
	const char *shape; /* by which columns of one axis are seen as images */
	uint64_t bins;
};

/* One picture in the making. All zero but for options, threshold and the plot's format and size. */
struct ae_chart {
	const struct ae_chart_options *options;
	const struct ae_schema *schema; /* of the rows */
	double threshold;               /* NaN: none */
	char metric[16];                /* of err, "" if unknown */
	struct ae_buf names;            /* what the file of --map holds */
	double low, high;               /* --range */
	uint64_t left_out;              /* rows that the picture does not show: without a number, or out of range */
	struct ae_gnuplot_script script;
	void *state; /* of the kind */
};

struct ae_chart_kind {
	const char *name;
	bool one_row; /* it shows a single row */
	int (*begin)(struct ae_chart *chart, struct ae_error *err);
	int (*rows)(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err);
	int (*draw)(struct ae_chart *chart, struct ae_error *err);
	void (*free)(struct ae_chart *chart);
};

/* The names of all kinds, then NULL. */
extern const char *const ae_chart_names[];
/* The kind of that name, NULL if there is none. */
const struct ae_chart_kind *ae_chart_kind(const char *name);

/* Reads what the options name; wrong ones are usage errors. Call it before begin(). */
int ae_chart_open(struct ae_chart *chart, struct ae_error *err) AE_MUST_CHECK;
void ae_chart_free(struct ae_chart *chart);

/* ---- for the kinds ---- */

/* The column that a word of len bytes names, by name or else by role (err: the score); AE_NO_COLUMN if none does. */
size_t ae_chart_column(const struct ae_chart *chart, const char *word, size_t len);
/* Appends the columns that --cols names (size_t) to list; one that is not there is an error. */
int ae_chart_columns(const struct ae_chart *chart, struct ae_buf *list, struct ae_error *err) AE_MUST_CHECK;
/* Checks that a column has one value a row. */
int ae_chart_single(const struct ae_column *column, const char *option, struct ae_error *err) AE_MUST_CHECK;
/* Appends the text of a row of such a column, under the name that --map gives it. */
int ae_chart_cell(const struct ae_chart *chart, size_t column, const struct ae_batch *batch, size_t row,
	struct ae_buf *text, struct ae_error *err) AE_MUST_CHECK;
/* The number that a column of one value a row holds in a row. */
double ae_chart_value(const struct ae_column *column, const struct ae_data *data, size_t row);

extern const struct ae_chart_kind ae_chart_loss, ae_chart_line, ae_chart_overlay, ae_chart_grid, ae_chart_hist,
	ae_chart_confusion, ae_chart_roc, ae_chart_pr;

#endif
