/* SPDX-License-Identifier: MIT */
/* Charts of a stream's rows, and the table of their kinds. */
#ifndef AE_PLOT_CHART_H
#define AE_PLOT_CHART_H

#include "io/batch.h"
#include "model/metric_text.h"
#include "plot/gnuplot_script.h"

/* All kinds, in the order of --help. A new kind is a row here, and a file chart_NAME.c that defines ae_chart_NAME. */
#define AE_CHART_KINDS(KIND)                                                                                           \
	KIND(loss)                                                                                                     \
	KIND(line)                                                                                                     \
	KIND(overlay)                                                                                                  \
	KIND(grid)                                                                                                     \
	KIND(hist)                                                                                                     \
	KIND(confusion)                                                                                                \
	KIND(roc)                                                                                                      \
	KIND(pr)                                                                                                       \
	KIND(score)                                                                                                    \
	KIND(sweep)                                                                                                    \
	KIND(heat)                                                                                                     \
	KIND(scatter)                                                                                                  \
	KIND(series)

/* The arguments of a chart; strings may be NULL. */
struct ae_chart_options {
	const char *cols, *by, *title, *map, *range;
	const char *normal, *anomaly;
	const char *shape; /* of a column of one axis, where images are drawn */
	const char *features;
	const char *model; /* the file whose training's errors are the units */
	uint64_t bins;
	uint64_t seed; /* of what a kind draws at random */
	bool log;
	bool spread; /* hist: log where nearly all rows would share a bin otherwise */
};

/* One chart. Start from zero, then set kind, options, threshold and the script's format and size. Freed with
   ae_chart_free. */
struct ae_chart {
	const struct ae_chart_kind *kind;
	const struct ae_chart_options *options;
	const struct ae_schema *schema; /* of the rows; set before begin() and outlives the chart */
	double threshold;               /* NaN: none */
	const char *source;             /* the name of the input of the rows at hand */
	uint64_t kept_epoch;            /* whose weights the model of -m has; 0: no model */
	char metric[AE_METRIC_TEXT];    /* of err, "" if unknown */
	struct ae_buf names;            /* the text of the file of --map */
	double low, high;               /* --range */
	uint64_t left_out;              /* rows that the chart does not show: without a number, out of range, and */
	uint64_t no_label;              /* among them those without a label where it needs one */
	struct ae_gnuplot_script script;
	char advice[120]; /* "", or what would show more; set by draw() */
	bool live;        /* more rows are to come: what they may bring is not missed yet */
	void *state;      /* of the kind */
};

enum { AE_CHART_OPTIONS = 12 };

/* A kind of chart. Functions return 0, or -1 and *err, which does not name the input. */
struct ae_chart_kind {
	const char *name;
	const char *help;                      /* what it shows, for --help */
	const char *columns;                   /* the columns it reads, for --help */
	const char *options[AE_CHART_OPTIONS]; /* long names of its options; one that no kind lists goes with all */
	uint64_t rows;                         /* rows it draws if no option says how many; 0: the whole stream */
	bool gaps;                             /* an empty cell is no error: --missing=mask is the default */
	bool samples;                          /* it draws rows at random by --seed, also without --sample */
	bool units;                            /* -m says what errors are measured in, and no threshold */
	bool no_inputs;                        /* it takes no x: columns of text without a role hold anything */
	bool shows_kept;                       /* -m says which epoch was kept, and no threshold */
	/* Checks the options before anything is read, with usage errors; NULL: all are fine. */
	int (*check)(const struct ae_chart *chart, struct ae_error *err);
	/* Finds the columns in chart->schema and allocates chart->state. */
	int (*begin)(struct ae_chart *chart, struct ae_error *err);
	/* Takes rows, at least one; keeps nothing of the batch. */
	int (*add)(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err);
	/* Fills chart->script with the picture of all rows taken; leaves it empty where there is nothing to draw and
	   the chart is live. */
	int (*draw)(struct ae_chart *chart, struct ae_error *err);
	/* Frees chart->state, which is NULL if begin() was not called. */
	void (*free)(struct ae_chart *chart);
};

/* The name of kind i, NULL beyond the last. */
const char *ae_chart_kind_name(size_t i);
/* The kind of that name; an unknown one is a usage error. */
int ae_chart_kind_find(const struct ae_chart_kind **kind, const char *name, struct ae_error *err) AE_MUST_CHECK;
/* An option of this long name that goes with other kinds alone is a usage error; those that no kind lists go with all.
 */
int ae_chart_kind_check(const struct ae_chart_kind *kind, const char *option, struct ae_error *err) AE_MUST_CHECK;
/* The kinds with what they show, read and take, some lines each, for --help. Returns text. */
char *ae_chart_kinds_help(char *text, size_t size);
enum { AE_CHART_HELP = 4000 };

/* Reads what the options name and checks them; wrong ones are usage errors. Call it before begin(). */
int ae_chart_open(struct ae_chart *chart, struct ae_error *err) AE_MUST_CHECK;
/* What a note says of the rows that are not in the picture; "" if all are. Returns text. */
char *ae_chart_left_out(const struct ae_chart *chart, char *text, size_t size);
void ae_chart_free(struct ae_chart *chart);

/* ---- for the kinds ---- */

/* Appends the columns that --cols names (size_t) to list; one that is not there is an error. */
int ae_chart_columns(const struct ae_chart *chart, struct ae_buf *list, struct ae_error *err) AE_MUST_CHECK;
/* Checks that a column, which an option names, has one value a row. */
int ae_chart_check_single(const struct ae_column *column, const char *option, struct ae_error *err) AE_MUST_CHECK;
/* Appends the text of a row of such a column, under the name that --map gives it. */
int ae_chart_cell(const struct ae_chart *chart, size_t column, const struct ae_batch *batch, size_t row,
	struct ae_buf *text, struct ae_error *err) AE_MUST_CHECK;
/* Where the names of --map have this one, from 0; SIZE_MAX: nowhere. */
size_t ae_chart_map_place(const struct ae_chart *chart, const struct ae_buf *name);
/* The order of two classes: those that --map names in its order, then numbers and texts. */
int ae_chart_compare_classes(size_t place_a, const struct ae_buf *a, size_t place_b, const struct ae_buf *b)
	__attribute__((pure));
/* Number i of a column of numbers, counted over its elements from the first row on. */
double ae_chart_value(const struct ae_column *column, const struct ae_data *data, size_t i);

#define AE_CHART_DECLARE(name) extern const struct ae_chart_kind ae_chart_##name;
AE_CHART_KINDS(AE_CHART_DECLARE)

#endif
