/* SPDX-License-Identifier: MIT */
/* Charts in a report, drawn by gnuplot and put into the page. */
#include "report/figure.h"

#include <math.h>
#include <stdio.h>

#include "plot/svg.h"

static const struct ae_shape single = {0};

/* Adds a column, under a name that the options of charts can mean it by. */
static int pick(struct ae_figure *f, const struct ae_report *r, size_t from, const char *name, struct ae_error *err)
{
	if (from == AE_NO_COLUMN)
		return 0;
	const struct ae_column *c = &r->schema.cols[from];
	struct ae_column *to = ae_schema_add(&f->schema, name, c->role, c->type, &single, err);
	if (!to)
		return -1;
	to->missing = c->missing;
	return ae_buf_append(&f->from, &from, sizeof(from), err);
}

static bool is_single(const struct ae_report *r, size_t column)
{
	return column != AE_NO_COLUMN && r->schema.cols[column].shape.rank == 0;
}

void ae_figure_prepare(struct ae_chart *chart, const struct ae_chart_options *options)
{
	chart->options = options;
	chart->threshold = NAN;
	chart->script.format = AE_PICTURE_SVG;
	chart->script.width = AE_FIGURE_WIDE;
	chart->script.height = AE_FIGURE_HEIGHT;
	chart->script.scale = 1;
}

int ae_figure_begin(struct ae_figure *f, const struct ae_report *r, struct ae_error *err)
{
	if (pick(f, r, r->at.score, "err", err) != 0 || pick(f, r, r->at.pred, "pred", err) != 0 ||
		(is_single(r, r->at.time) && pick(f, r, r->at.time, "time", err) != 0) ||
		(r->has_truth && pick(f, r, r->at.label, "label", err) != 0))
		return -1;
	ae_figure_prepare(&f->chart, &f->options);
	f->chart.kind = f->kind;
	f->chart.schema = &f->schema;
	f->chart.threshold = r->threshold && !r->threshold->groups.column ? r->threshold->value : NAN;
	memcpy(f->chart.metric, r->lineage.metric, sizeof(f->chart.metric));
	if (ae_chart_open(&f->chart, err) != 0)
		return -1;
	return f->chart.kind->begin(&f->chart, err);
}

static int name_truth(
	struct ae_figure *f, const struct ae_report *r, const struct ae_batch *batch, struct ae_error *err)
{
	static const char *const names[] = {
		[AE_TRUTH_NORMAL] = "normal", [AE_TRUTH_ANOMALY] = "anomaly", [AE_TRUTH_NONE] = ""};
	ae_data_clear(&f->truth);
	for (size_t row = 0; row < batch->rows; row++) {
		const char *name = names[ae_report_truth(r, batch, row)];
		if (ae_data_append_text(&f->truth, name, strlen(name), err) != 0)
			return -1;
	}
	return 0;
}

int ae_figure_add(struct ae_figure *f, const struct ae_report *r, const struct ae_batch *batch, struct ae_error *err)
{
	const size_t *from = (const void *)f->from.data;
	struct ae_batch own = {.rows = batch->rows};
	f->cols.len = 0;
	if (r->has_truth && name_truth(f, r, batch, err) != 0)
		return -1;
	for (size_t i = 0; i < f->schema.count; i++) {
		struct ae_data *data = f->schema.cols[i].role == AE_LABEL ? &f->truth : batch->cols[from[i]];
		if (ae_buf_append(&f->cols, &data, sizeof(data), err) != 0)
			return -1;
	}
	own.cols = (struct ae_data **)(void *)f->cols.data;
	return f->chart.kind->add(&f->chart, &own, err);
}

/* ---- pictures ---- */

static int add_picture(struct ae_report *r, struct ae_gnuplot_script *script, const char *markup, struct ae_error *err)
{
	struct ae_buf svg = {0};
	char prefix[24];
	snprintf(prefix, sizeof(prefix), "f%u-", ++r->figures);
	int rc = ae_gnuplot_picture(script, &svg, err);
	if (rc == 0)
		rc = ae_svg_embed(&svg, prefix, err);
	if (rc == 0) {
		ae_html_add(&r->page, markup);
		ae_html_add_buf(&r->page, &svg);
		ae_html_add(&r->page, "</div>\n");
	}
	ae_buf_free(&svg);
	return rc;
}

int ae_figure_add_script(
	struct ae_report *r, struct ae_gnuplot_script *script, unsigned narrow, unsigned height, struct ae_error *err)
{
	ae_html_add(&r->page, "<figure>\n");
	if (add_picture(r, script, narrow ? "<div class=\"wide\">\n" : "<div>\n", err) != 0)
		return -1;
	if (narrow && (ae_gnuplot_resize(script, narrow, height, err) != 0 ||
			      add_picture(r, script, "<div class=\"narrow\">\n", err) != 0))
		return -1;
	ae_html_add(&r->page, "</figure>\n");
	return 0;
}

int ae_figure_add_chart(struct ae_report *r, struct ae_chart *chart, struct ae_error *err)
{
	char left_out[120];
	struct ae_error why = {0};
	if (chart->kind->draw(chart, &why) != 0) {
		ae_html_missing(&r->page, "No picture: %s", why.text);
		return 0;
	}
	if (ae_figure_add_script(r, &chart->script, AE_FIGURE_NARROW, AE_FIGURE_NARROW_HEIGHT, err) != 0)
		return -1;
	if (*ae_chart_left_out(chart, left_out, sizeof(left_out)))
		ae_html_paragraph(&r->page, "%s", left_out);
	return 0;
}

int ae_figure_end(struct ae_figure *f, struct ae_report *r, struct ae_error *err)
{
	return ae_figure_add_chart(r, &f->chart, err);
}

void ae_figure_free(struct ae_figure *f)
{
	if (f->chart.kind)
		ae_chart_free(&f->chart);
	ae_schema_free(&f->schema);
	ae_buf_free(&f->from);
	ae_buf_free(&f->cols);
	ae_data_free(&f->truth);
}
