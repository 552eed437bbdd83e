/* SPDX-License-Identifier: MIT */
/* Charts in a report. */
#ifndef AE_REPORT_FIGURE_H
#define AE_REPORT_FIGURE_H

#include "plot/chart.h"
#include "report/report.h"

/* A chart of the rows of a report: of their scores, verdicts, times, and what they are in truth. Start from zero, then
   set kind and options; freed with ae_figure_free. */
struct ae_figure {
	const struct ae_chart_kind *kind;
	struct ae_chart_options options;
	struct ae_chart chart;
	struct ae_schema schema; /* of what the chart gets */
	struct ae_buf from;      /* for each of its columns, the one of the rows */
	struct ae_buf cols;      /* struct ae_data *, of a batch */
	struct ae_data truth;    /* "normal" or "anomaly" */
};

/* The sizes of figures, in wide and in narrow windows, where a legend takes more lines. */
enum { AE_FIGURE_WIDE = 960, AE_FIGURE_NARROW = 380, AE_FIGURE_HEIGHT = 360, AE_FIGURE_NARROW_HEIGHT = 420 };

/* Sets up any chart that is drawn into a page, before its kind is chosen. */
void ae_figure_prepare(struct ae_chart *chart, const struct ae_chart_options *options);
int ae_figure_begin(struct ae_figure *figure, const struct ae_report *report, struct ae_error *err) AE_MUST_CHECK;
int ae_figure_add(struct ae_figure *figure, const struct ae_report *report, const struct ae_batch *batch,
	struct ae_error *err) AE_MUST_CHECK;
/* Draws a chart and adds it to the page, or why there is no picture. */
int ae_figure_add_chart(struct ae_report *report, struct ae_chart *chart, struct ae_error *err) AE_MUST_CHECK;
/* The same of a figure. */
int ae_figure_end(struct ae_figure *figure, struct ae_report *report, struct ae_error *err) AE_MUST_CHECK;
/* Adds the picture of any script to the page, in one size for wide windows and, unless narrow is 0, one for narrow
   ones, both of this height. */
int ae_figure_add_script(struct ae_report *report, struct ae_gnuplot_script *script, unsigned narrow, unsigned height,
	struct ae_error *err) AE_MUST_CHECK;
void ae_figure_free(struct ae_figure *figure);

#endif
