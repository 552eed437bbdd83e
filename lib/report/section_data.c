/* SPDX-License-Identifier: MIT */
/* The section of the data: what the rows are. */
#include <stdio.h>
#include <stdlib.h>

#include "eval/label_counts.h"
#include "report/report.h"

struct part {
	struct ae_label_counts labels;
	uint64_t verdicts[2], no_verdict, no_score;
	uint64_t missing, missing_rows; /* values of x */
	bool timed;
	struct ae_time least, most;
};

static void free_part(void *state)
{
	struct part *p = state;
	ae_label_counts_free(&p->labels);
	free(p);
}

static int begin(struct ae_report *r, void **state, struct ae_error *err)
{
	(void)r;
	*state = ae_calloc(1, sizeof(struct part), err);
	return *state ? 0 : -1;
}

static void count_missing(const struct ae_report *r, struct part *p, const struct ae_batch *batch)
{
	const struct ae_column *c = &r->schema.cols[r->at.x];
	size_t n = ae_shape_size(&c->shape), size = n * ae_type_size(c->type);
	for (size_t row = 0; c->missing && row < batch->rows; row++) {
		size_t missing = ae_count_nan(batch->cols[r->at.x]->values.data + row * size, c->type, n);
		p->missing += missing;
		p->missing_rows += missing > 0;
	}
}

static void look(const struct ae_report *r, struct part *p, const struct ae_batch *batch, size_t row)
{
	uint8_t verdict = batch->cols[r->at.pred]->values.data[row];
	struct ae_time time;
	if (verdict < 2)
		p->verdicts[verdict]++;
	else
		p->no_verdict++;
	p->no_score += r->at.score != AE_NO_COLUMN && isnan(ae_report_score(r, batch, row));
	if (!ae_report_time(r, batch, row, &time))
		return;
	if (!p->timed || ae_time_is_before(&time, &p->least))
		p->least = time;
	if (!p->timed || ae_time_is_before(&p->most, &time))
		p->most = time;
	p->timed = true;
}

static int add(struct ae_report *r, void *state, const struct ae_batch *batch, struct ae_error *err)
{
	struct part *p = state;
	if (r->at.x != AE_NO_COLUMN)
		count_missing(r, p, batch);
	for (size_t row = 0; row < batch->rows; row++)
		look(r, p, batch, row);
	return r->at.label == AE_NO_COLUMN
		       ? 0
		       : ae_label_counts_add(&p->labels, batch->cols[r->at.label], 0, batch->rows, err);
}

/* ---- the page ---- */

static void add_cell(struct ae_html *page, const char *class, const char *text)
{
	ae_html_add(page, *class ? "<td class=\"text\">" : "<td>");
	ae_html_text(page, "%s", text);
	ae_html_add(page, "</td>");
}

static void add_columns(struct ae_report *r)
{
	char shape[AE_SHAPE_TEXT];
	ae_html_add(&r->page,
		"<div class=\"scroll\"><table>\n<thead><tr><th>Column</th><th class=\"text\">Role</th>"
		"<th class=\"text\">Type</th><th class=\"text\">Shape of a row</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < r->schema.count; i++) {
		const struct ae_column *c = &r->schema.cols[i];
		ae_html_add(&r->page, "<tr>");
		add_cell(&r->page, "", c->name);
		add_cell(&r->page, "text", c->role_text);
		add_cell(&r->page, "text", ae_type_name(c->type));
		add_cell(&r->page, "text", c->shape.rank ? ae_shape_format(&c->shape, shape) : "one value");
		ae_html_add(&r->page, "</tr>\n");
	}
	ae_html_add(&r->page, "</tbody></table></div>\n");
}

static void add_missing(struct ae_report *r, const struct part *p)
{
	if (r->at.x == AE_NO_COLUMN)
		ae_html_fact(&r->page, "Missing values", "x is not among the columns: ae-err --keep keeps it");
	else if (p->missing)
		ae_html_fact(&r->page, "Missing values", "%llu of x, in %llu rows", (unsigned long long)p->missing,
			(unsigned long long)p->missing_rows);
	else
		ae_html_fact(&r->page, "Missing values", "none of x");
	if (p->no_score)
		ae_html_fact(&r->page, NULL, "%llu rows without a score", (unsigned long long)p->no_score);
}

static void add_labels(struct ae_report *r, const struct part *p)
{
	for (size_t i = 0; i < p->labels.count; i++)
		ae_html_fact(&r->page, i == 0 ? "Labels" : NULL, "%s: %llu row%s",
			*p->labels.entries[i].label ? p->labels.entries[i].label : "(empty)",
			(unsigned long long)p->labels.entries[i].rows, p->labels.entries[i].rows == 1 ? "" : "s");
	if (p->labels.others)
		ae_html_fact(&r->page, NULL, "others: %llu rows", (unsigned long long)p->labels.others);
	if (p->labels.count == 0)
		ae_html_fact(&r->page, "Labels", "none: --label COL of the first program names their column in text");
}

static void add_times(struct ae_report *r, const struct part *p)
{
	char from[AE_TIMESTAMP_TEXT], to[AE_TIMESTAMP_TEXT];
	if (p->timed)
		ae_html_fact(
			&r->page, "Times", "%s to %s", ae_time_format(&p->least, from), ae_time_format(&p->most, to));
	else
		ae_html_fact(&r->page, "Times", "none: --time COL of the first program names their column in text");
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	const struct part *p = state;
	(void)err;
	ae_html_add(&r->page, "<dl>\n");
	ae_html_fact(&r->page, "Rows", "%llu", (unsigned long long)r->rows);
	add_times(r, p);
	add_missing(r, p);
	add_labels(r, p);
	ae_html_fact(&r->page, "Verdicts", "%llu anomaly, %llu normal, %llu none", (unsigned long long)p->verdicts[1],
		(unsigned long long)p->verdicts[0], (unsigned long long)p->no_verdict);
	ae_html_add(&r->page, "</dl>\n");
	add_columns(r);
	return 0;
}

const struct ae_report_section ae_section_data = {
	.title = "Data",
	.begin = begin,
	.add = add,
	.write = write,
	.free = free_part,
};
