/* SPDX-License-Identifier: MIT */
/* The section of the worst rows: those with the largest scores, drawn with what was made of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/element_axis.h"
#include "report/blame.h"
#include "report/figure.h"
#include "report/row_image.h"
#include "stream/group_column.h"
#include "stream/groups.h"

enum { WORST = 6, WIDTH = 340, HEIGHT = 210, UPRIGHT_HEIGHT = 290, TEXT = 80, GROUPS = 65536 };

struct worst {
	uint64_t row; /* from 1 */
	uint64_t run; /* of a series: rows of one run of anomalies, of one group, have one number */
	double score;
	enum ae_truth truth;
	uint8_t verdict;
	char id[TEXT], group[TEXT];
	bool timed;
	struct ae_time time;
	struct ae_blame blame;
	double *values; /* x and recon */
};

struct part {
	struct ae_blamer blamer;
	size_t elements; /* of x, and of recon; 0: they are not there */
	uint64_t rows;
	uint64_t runs;
	struct ae_groups *groups; /* of a series, a uint64_t each: the run that goes on, or 0 */
	size_t count;
	struct worst worst[WORST]; /* the largest first */
};

static void free_part(void *state)
{
	struct part *p = state;
	for (size_t i = 0; i < WORST; i++)
		free(p->worst[i].values);
	ae_blamer_free(&p->blamer);
	ae_groups_free(p->groups);
	free(p);
}

static int begin(struct ae_report *r, void **state, struct ae_error *err)
{
	if (r->at.score == AE_NO_COLUMN)
		return 0;
	struct part *p = *state = ae_calloc(1, sizeof(*p), err);
	if (!p || ae_blamer_begin(&p->blamer, r, err) != 0)
		return -1;
	if (r->is_series && ae_groups_new(&p->groups, GROUPS, sizeof(uint64_t), err) != 0)
		return -1;
	if (r->at.x == AE_NO_COLUMN || r->at.recon == AE_NO_COLUMN)
		return 0;
	size_t n = ae_shape_size(&r->schema.cols[r->at.x].shape);
	if (n != ae_shape_size(&r->schema.cols[r->at.recon].shape))
		return 0;
	for (size_t i = 0; i < WORST; i++)
		if (!(p->worst[i].values = ae_calloc(n, 2 * sizeof(double), err)))
			return -1;
	p->elements = n;
	return 0;
}

static void take(double *out, const struct ae_report *r, size_t column, const struct ae_batch *batch, size_t row)
{
	const struct ae_column *c = &r->schema.cols[column];
	size_t n = ae_shape_size(&c->shape);
	ae_to_f64(out, batch->cols[column]->values.data + row * n * ae_type_size(c->type), c->type, n);
}

/* The run that a row is of; a row that is no anomaly has one of its own. */
static int find_run(struct part *p, uint64_t *run, const struct ae_report *r, const struct ae_batch *batch, size_t row,
	struct ae_error *err)
{
	bool anomaly = batch->cols[r->at.pred]->values.data[row] == 1;
	char number[AE_NUMBER_TEXT];
	const char *key = "";
	size_t len = 0;
	*run = ++p->runs;
	if (!r->is_series)
		return 0;
	if (r->at.group != AE_NO_COLUMN)
		key = ae_group_column_name(&r->schema, batch, r->at.group, row, number, &len);
	uint64_t *going_on = ae_groups_state(p->groups, key, len, err);
	if (!going_on)
		return -1;
	if (anomaly && *going_on)
		*run = *going_on;
	*going_on = anomaly ? *run : 0;
	return 0;
}

/* The place of a row of this run, or that of the least score. */
static size_t find_place(const struct part *p, uint64_t run)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->worst[i].run == run)
			return i;
	return p->count < WORST ? p->count : WORST - 1;
}

/* Makes room for a row in its place, with room for its values. NULL if others are worse. */
static struct worst *insert(struct part *p, uint64_t run, double score)
{
	size_t i = find_place(p, run);
	double *values = p->worst[i].values;
	if (i < p->count && score <= p->worst[i].score)
		return NULL;
	p->count += i == p->count;
	for (; i > 0 && p->worst[i - 1].score < score; i--)
		p->worst[i] = p->worst[i - 1];
	p->worst[i] = (struct worst){.run = run, .values = values, .score = score};
	return &p->worst[i];
}

static int keep(struct ae_report *r, struct part *p, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	double score = ae_report_score(r, batch, row);
	char number[AE_NUMBER_TEXT];
	size_t len;
	uint64_t run;
	if (find_run(p, &run, r, batch, row, err) != 0)
		return -1;
	struct worst *w = isnan(score) ? NULL : insert(p, run, score);
	if (!w)
		return 0;
	w->row = p->rows + row + 1;
	w->truth = ae_report_truth(r, batch, row);
	w->verdict = batch->cols[r->at.pred]->values.data[row];
	w->timed = ae_report_time(r, batch, row, &w->time);
	if (r->at.id != AE_NO_COLUMN && r->schema.cols[r->at.id].shape.rank == 0) {
		const char *id = ae_data_cell(&r->schema.cols[r->at.id], batch->cols[r->at.id], row, number, &len);
		ae_report_copy_text(w->id, sizeof(w->id), id, len);
	}
	if (r->at.group != AE_NO_COLUMN) {
		const char *group = ae_group_column_name(&r->schema, batch, r->at.group, row, number, &len);
		ae_report_copy_text(w->group, sizeof(w->group), group, len);
	}
	ae_blamer_row(&p->blamer, r, batch, row, &w->blame);
	if (p->elements) {
		take(w->values, r, r->at.x, batch, row);
		take(w->values + p->elements, r, r->at.recon, batch, row);
	}
	return 0;
}

static int add(struct ae_report *r, void *state, const struct ae_batch *batch, struct ae_error *err)
{
	struct part *p = state;
	for (size_t row = 0; p && row < batch->rows; row++)
		if (keep(r, p, batch, row, err) != 0)
			return -1;
	if (p)
		p->rows += batch->rows;
	return 0;
}

static int boundary(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	(void)r;
	(void)err;
	if (p && p->groups)
		ae_groups_clear(p->groups);
	return 0;
}

/* ---- pictures ---- */

/* What is drawn of a row: all of it, or of a window of named columns the one that is worst. */
struct drawn {
	size_t first, step, count;
	char name[TEXT];
};

static struct drawn choose(const struct ae_report *r, const struct part *p, const struct worst *w)
{
	const struct ae_column *c = &r->schema.cols[r->at.x];
	struct drawn d = {0, 1, p->elements, ""};
	size_t columns = c->shape.rank == 2 ? c->shape.dim[1] : 1;
	double most = -1;
	if (columns < 2 || c->shape.dim[0] < 2)
		return d;
	d.step = columns;
	d.count = c->shape.dim[0];
	for (size_t k = 0; k < columns; k++) {
		double sum = 0;
		for (size_t i = k; i < p->elements; i += columns) {
			double error = w->values[i] - w->values[p->elements + i];
			error /= p->blamer.unit ? p->blamer.unit[i] : 1;
			sum += isnan(error) ? 0 : fmin(error * error, 1e300);
		}
		if (sum > most) {
			most = sum;
			d.first = k;
		}
	}
	if (c->feature_count == columns)
		ae_report_copy_text(d.name, sizeof(d.name), c->features[d.first], strlen(c->features[d.first]));
	else
		snprintf(d.name, sizeof(d.name), "column %zu", d.first + 1);
	return d;
}

/* Input and reconstruction, and what differs between them. */
static void add_curves(
	struct ae_gnuplot_script *script, const struct part *p, const struct worst *w, const struct drawn *d)
{
	ae_gnuplot_add(script, "$row << end\n");
	for (size_t i = 0; i < d->count; i++) {
		size_t at = d->first + i * d->step;
		ae_gnuplot_add(script, "%zu ", i + 1);
		ae_gnuplot_number(script, w->values[at], " ");
		ae_gnuplot_number(script, w->values[p->elements + at], "\n");
	}
	ae_gnuplot_add(script, "end\nplot $row using 1:2:3 with filledcurves " AE_FILL_ERROR
			       ",\\\n  $row using 1:2 with lines " AE_LINE_FIRST
			       ",\\\n  $row using 1:3 with lines " AE_LINE_SECOND "\n");
}

static bool has_range(const struct part *p, const struct worst *w, const struct drawn *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (fabs(w->values[d->first + i * d->step]) < AE_BEYOND_F64 &&
			fabs(w->values[p->elements + d->first + i * d->step]) < AE_BEYOND_F64)
			return true;
	return false;
}

static int draw_curves(struct ae_report *r, const struct part *p, const struct worst *w, struct ae_error *err)
{
	const struct drawn d = choose(r, p, w);
	const struct ae_column *x = &r->schema.cols[r->at.x];
	struct ae_gnuplot_script script = {.format = AE_PICTURE_SVG, .scale = 1};
	char title[TEXT + 40];
	if (!has_range(p, w, &d)) {
		ae_html_missing(&r->page, "No picture: no value of it can be drawn.");
		return 0;
	}
	snprintf(title, sizeof(title), "Row %llu%s%s", (unsigned long long)w->row, *d.name ? ": " : "", d.name);
	struct ae_element_axis axis = {0};
	script.width = WIDTH;
	script.height = UPRIGHT_HEIGHT;
	if (d.step == 1)
		axis = ae_element_axis_fit(&script, x);
	script.height = axis.upright ? UPRIGHT_HEIGHT : HEIGHT;
	ae_gnuplot_begin(&script, WIDTH, HEIGHT);
	ae_gnuplot_title(&script, title, strlen(title));
	ae_gnuplot_add(&script, "set border 3\nset margins 7, 1, %d, 2\nset tics font ',11'\n", axis.upright ? 7 : 2);
	ae_element_axis_draw(&axis, &script, x, d.count);
	add_curves(&script, p, w, &d);
	int rc = ae_figure_add_script(r, &script, 0, 0, err);
	ae_gnuplot_free(&script);
	return rc;
}

static int draw(struct ae_report *r, const struct part *p, const struct worst *w, struct ae_error *err)
{
	char title[40];
	if (!ae_row_is_image(r))
		return draw_curves(r, p, w, err);
	snprintf(title, sizeof(title), "Row %llu", (unsigned long long)w->row);
	return ae_row_image_add(r, w->values, title, err);
}

/* ---- the page ---- */

static void add_caption(struct ae_report *r, const struct worst *w)
{
	static const char *const truths[] = {[AE_TRUTH_NORMAL] = ", normal in truth",
		[AE_TRUTH_ANOMALY] = ", an anomaly in truth",
		[AE_TRUTH_NONE] = ""};
	char time[AE_TIMESTAMP_TEXT];
	ae_html_add(&r->page, "<h3>");
	ae_html_text(&r->page, "Row %llu", (unsigned long long)w->row);
	if (*w->group)
		ae_html_text(&r->page, ", %s", w->group);
	if (*w->id)
		ae_html_text(&r->page, ", %s", w->id);
	if (w->timed)
		ae_html_text(&r->page, ", %s", ae_time_format(&w->time, time));
	ae_html_add(&r->page, "</h3>\n<p>");
	ae_html_text(&r->page, "Score %.4g, verdict %s%s", w->score,
		w->verdict == 1   ? "anomaly"
		: w->verdict == 0 ? "normal"
				  : "none",
		truths[w->truth]);
	if (w->blame.count) {
		ae_html_add(&r->page, "<br>");
		ae_blame_add(&r->page, &w->blame);
	}
	ae_html_add(&r->page, "</p>\n");
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	if (!p || p->count == 0)
		ae_html_missing(&r->page, "No row has a score.");
	if (!p || p->count == 0)
		return 0;
	if (r->is_series)
		ae_html_paragraph(&r->page, "Of rows that follow each other as anomalies it is the worst one.");
	if (p->elements && !ae_row_is_image(r))
		ae_html_paragraph(&r->page,
			"The input is solid, its reconstruction dashed; of windows of several columns, "
			"the column with the largest error is drawn.");
	ae_html_add(&r->page, "<div class=\"small\">\n");
	for (size_t i = 0; i < p->count; i++) {
		ae_html_add(&r->page, "<div>\n");
		add_caption(r, &p->worst[i]);
		if (p->elements && draw(r, p, &p->worst[i], err) != 0)
			return -1;
		ae_html_add(&r->page, "</div>\n");
	}
	ae_html_add(&r->page, "</div>\n");
	if (!p->elements)
		ae_html_missing(&r->page, "ae-err --keep keeps x and its reconstruction, which are drawn here then.");
	return 0;
}

const struct ae_report_section ae_section_worst = {
	.title = "The worst rows",
	.begin = begin,
	.add = add,
	.boundary = boundary,
	.write = write,
	.free = free_part,
};
