/* SPDX-License-Identifier: MIT */
/* The sections that are a chart of the scores: their histogram, and over time. */
#include <stdlib.h>

#include "report/figure.h"

static void free_figure(void *state)
{
	ae_figure_free(state);
	free(state);
}

static int begin(struct ae_report *r, void **state, const char *kind, struct ae_error *err)
{
	if (r->at.score == AE_NO_COLUMN)
		return 0;
	struct ae_figure *f = *state = ae_calloc(1, sizeof(*f), err);
	if (!f || ae_chart_kind_find(&f->kind, kind, err) != 0)
		return -1;
	f->options.bins = 50;
	return 0;
}

static int add(struct ae_report *r, void *state, const struct ae_batch *batch, struct ae_error *err)
{
	return state ? ae_figure_add(state, r, batch, err) : 0;
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	if (state)
		return ae_figure_end(state, r, err);
	ae_html_missing(&r->page, "The rows have no scores, a column err: ae-err makes it.");
	return 0;
}

static void note_threshold(struct ae_report *r)
{
	if (!r->threshold)
		ae_html_missing(&r->page, "No threshold is shown: ae-thresh --fit -m %s puts one into the model.",
			ae_report_file(r->options->model));
	else if (r->threshold->groups.column)
		ae_html_missing(
			&r->page, "No threshold is shown: there is one for each %s.", r->threshold->groups.column);
}

/* The classes as --map has them: the normal one comes first. */
static const char order[] = "normal,normal\nanomaly,anomaly\n";

static int begin_hist(struct ae_report *r, void **state, struct ae_error *err)
{
	if (begin(r, state, "hist", err) != 0)
		return -1;
	struct ae_figure *f = *state;
	if (!f)
		return 0;
	f->options.spread = true;
	f->options.by = r->has_truth ? "label" : NULL;
	if (ae_figure_begin(f, r, err) != 0)
		return -1;
	return ae_buf_append(&f->chart.names, order, strlen(order), err);
}

static int write_hist(struct ae_report *r, void *state, struct ae_error *err)
{
	if (write(r, state, err) != 0)
		return -1;
	note_threshold(r);
	return 0;
}

const struct ae_report_section ae_section_hist = {
	.title = "Scores and threshold",
	.begin = begin_hist,
	.add = add,
	.write = write_hist,
	.free = free_figure,
};

static int begin_score(struct ae_report *r, void **state, struct ae_error *err)
{
	if (begin(r, state, "score", err) != 0)
		return -1;
	struct ae_figure *f = *state;
	if (!f)
		return 0;
	f->options.normal = r->has_truth ? "normal" : NULL;
	return ae_figure_begin(f, r, err);
}

static int write_score(struct ae_report *r, void *state, struct ae_error *err)
{
	if (write(r, state, err) != 0)
		return -1;
	if (r->at.time == AE_NO_COLUMN)
		ae_html_missing(&r->page,
			"Rows stand at their numbers: --time COL of the first program says which column has times.");
	return 0;
}

const struct ae_report_section ae_section_score = {
	.title = "Score over time",
	.begin = begin_score,
	.add = add,
	.write = write_score,
	.free = free_figure,
};
