/* SPDX-License-Identifier: MIT */
/* The section of measures: the verdicts of the model beside its floors. */
#include <math.h>
#include <stdlib.h>

#include "eval/label_counts.h"
#include "report/floors.h"

struct part {
	struct ae_report_rows rows;
	struct ae_measures own;
	struct ae_label_counts labels;
	size_t done; /* rows taken before this batch */
	uint64_t no_label;
	bool found; /* a row of the label that was asked for */
};

/* A column of the table. */
struct column {
	const char *heading;
	enum { OF_SCORES, OF_VERDICTS, OF_EVENTS } of;
	size_t at; /* a double in struct ae_measures */
	int digits;
};

#define AT(member) offsetof(struct ae_measures, member)
static const struct column columns[] = {
	{"ROC-AUC", OF_SCORES, AT(rows.roc_auc), 4},
	{"PR-AUC", OF_SCORES, AT(rows.pr_auc), 4},
	{"Best F1", OF_SCORES, AT(rows.best_f1), 4},
	{"Precision", OF_VERDICTS, AT(rows.anomaly.precision), 4},
	{"Recall", OF_VERDICTS, AT(rows.anomaly.recall), 4},
	{"F1", OF_VERDICTS, AT(rows.anomaly.f1), 4},
	{"Event precision", OF_EVENTS, AT(series.event.precision), 4},
	{"Event recall", OF_EVENTS, AT(series.event.recall), 4},
	{"Event F1", OF_EVENTS, AT(series.event.f1), 4},
	{"Mean delay, rows", OF_EVENTS, AT(series.mean_delay), 1},
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static void free_part(void *state)
{
	struct part *p = state;
	ae_report_rows_free(&p->rows);
	ae_measures_free(&p->own);
	ae_label_counts_free(&p->labels);
	free(p);
}

static int begin(struct ae_report *r, void **state, struct ae_error *err)
{
	const char *file;
	for (size_t i = 0; i < r->options->floor_count; i++)
		if (ae_floor_check(&file, r->options->floors[i], err) != 0)
			return -1;
	if (!r->has_truth)
		return 0;
	*state = ae_calloc(1, sizeof(struct part), err);
	return *state ? 0 : -1;
}

static int add_row(struct ae_report *r, struct part *p, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	enum ae_truth truth = ae_report_truth(r, batch, row);
	struct ae_time time;
	p->no_label += truth == AE_TRUTH_NONE;
	p->found |= truth == (r->options->labels.anomaly ? AE_TRUTH_ANOMALY : AE_TRUTH_NORMAL);
	if (truth == AE_TRUTH_NONE)
		return 0;
	return ae_measures_add(&p->own, ae_report_rows_series(&p->rows, p->done + row), truth == AE_TRUTH_ANOMALY,
		batch->cols[r->at.pred]->values.data[row], ae_report_score(r, batch, row),
		ae_report_time(r, batch, row, &time) ? &time : NULL, err);
}

static int add(struct ae_report *r, void *state, const struct ae_batch *batch, struct ae_error *err)
{
	struct part *p = state;
	if (!p)
		return 0;
	if (ae_report_rows_add(&p->rows, r, batch, err) != 0 ||
		ae_label_counts_add(&p->labels, batch->cols[r->at.label], 0, batch->rows, err) != 0)
		return -1;
	for (size_t row = 0; row < batch->rows; row++)
		if (add_row(r, p, batch, row, err) != 0)
			return -1;
	p->done += batch->rows;
	return 0;
}

static int boundary(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	(void)r;
	(void)err;
	if (p)
		ae_measures_break(&p->own);
	return 0;
}

/* ---- the table ---- */

static bool is_shown(const struct ae_report *r, const struct column *c)
{
	return c->of != OF_EVENTS || r->is_series;
}

static double value_of(const struct ae_measures *m, const struct column *c)
{
	double value;
	memcpy(&value, (const char *)m + c->at, sizeof(value));
	return c->of == OF_SCORES || m->verdicts ? value : NAN;
}

static void add_line(struct ae_report *r, const char *name, size_t len, const struct ae_measures *m, bool own)
{
	ae_html_add(&r->page, own ? "<tr class=\"this\"><td>" : "<tr><td>");
	ae_html_bytes(&r->page, name, len);
	ae_html_add(&r->page, "</td>");
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!is_shown(r, &columns[i]))
			continue;
		double value = value_of(m, &columns[i]);
		ae_html_add(&r->page, "<td>");
		isnan(value) ? ae_html_add(&r->page, "\u2013")
			     : ae_html_text(&r->page, "%.*f", columns[i].digits, value);
		ae_html_add(&r->page, "</td>");
	}
	ae_html_add(&r->page, "</tr>\n");
}

/* What scores by chance reach. */
static void add_chance(struct ae_report *r, const struct ae_measures *own)
{
	struct ae_measures chance = {.rows = {.roc_auc = 0.5, .pr_auc = own->rows.prevalence}};
	double p = own->rows.prevalence;
	chance.rows.best_f1 = 2 * p / (1 + p);
	add_line(r, "Chance", 6, &chance, false);
}

static int add_floor(struct ae_report *r, const struct part *p, const char *floor, struct ae_error *err)
{
	struct ae_measures measures = {0};
	const char *file;
	int rc = ae_floor_check(&file, floor, err);
	if (rc == 0)
		rc = ae_floor_measure(&measures, r, &p->rows, file, err);
	if (rc == 0)
		add_line(r, floor, (size_t)(file - floor) - 1, &measures, false);
	ae_measures_free(&measures);
	return rc;
}

static void add_heading(struct ae_report *r)
{
	ae_html_add(&r->page, "<div class=\"scroll\"><table>\n<thead><tr><th></th>");
	for (size_t i = 0; i < COLUMNS; i++)
		if (is_shown(r, &columns[i])) {
			ae_html_add(&r->page, "<th>");
			ae_html_text(&r->page, "%s", columns[i].heading);
			ae_html_add(&r->page, "</th>");
		}
	ae_html_add(&r->page, "</tr></thead>\n<tbody>\n");
}

static int add_table(struct ae_report *r, struct part *p, struct ae_error *err)
{
	add_heading(r);
	add_line(r, "This model", 10, &p->own, true);
	for (size_t i = 0; i < r->options->floor_count; i++)
		if (add_floor(r, p, r->options->floors[i], err) != 0)
			return -1;
	add_chance(r, &p->own);
	ae_html_add(&r->page, "</tbody></table></div>\n");
	return 0;
}

static void add_confusion(struct ae_report *r, const struct ae_metrics_result *m)
{
	ae_html_add(&r->page, "<div class=\"scroll\"><table>\n<thead><tr><th>Truth</th><th>Verdict: anomaly</th>"
			      "<th>Verdict: normal</th></tr></thead>\n<tbody>\n");
	const uint64_t cells[2][2] = {{m->tp, m->fn}, {m->fp, m->tn}};
	for (size_t i = 0; i < 2; i++) {
		ae_html_add(&r->page, i == 0 ? "<tr><td>anomaly</td>" : "<tr><td>normal</td>");
		for (size_t k = 0; k < 2; k++) {
			ae_html_add(&r->page, "<td>");
			ae_html_text(&r->page, "%llu", (unsigned long long)cells[i][k]);
			ae_html_add(&r->page, "</td>");
		}
		ae_html_add(&r->page, "</tr>\n");
	}
	ae_html_add(&r->page, "</tbody></table></div>\n");
}

static int check_labels(const struct ae_report *r, const struct part *p, struct ae_error *err)
{
	const struct ae_labels *l = &r->options->labels;
	if (p->no_label == r->rows)
		return ae_fail(err, "no row has a label");
	return p->found ? 0 : ae_label_counts_fail(&p->labels, l->normal, l->anomaly, err);
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	if (!p && r->at.label != AE_NO_COLUMN)
		ae_html_missing(
			&r->page, "Nothing is measured: --normal LABEL or --anomaly LABEL says what the labels mean.");
	else if (!p)
		ae_html_missing(&r->page, "Nothing is measured: the rows have no labels. In text, --label COL of the "
					  "first program says which column has them.");
	if (!p)
		return 0;
	if (check_labels(r, p, err) != 0 || ae_measures_end(&p->own, err) != 0)
		return -1;
	const struct ae_metrics_result *m = &p->own.rows;
	ae_html_paragraph(&r->page, "%llu of %llu labelled rows are anomalies (%.4g %%).%s",
		(unsigned long long)m->anomalies, (unsigned long long)m->rows, 100 * m->prevalence,
		!r->is_series                 ? ""
		: r->at.group == AE_NO_COLUMN ? " An event is a run of them."
					      : " An event is a run of them in one group.");
	if (add_table(r, p, err) != 0)
		return -1;
	if (r->options->floor_count == 0)
		ae_html_missing(&r->page, "--floor NAME=FILE puts the measures of other scores of these rows beside.");
	add_confusion(r, m);
	if (p->no_label)
		ae_html_paragraph(
			&r->page, "Not measured: %llu rows without a label.", (unsigned long long)p->no_label);
	if (m->no_verdict)
		ae_html_paragraph(&r->page, "%llu rows have no verdict.", (unsigned long long)m->no_verdict);
	return 0;
}

const struct ae_report_section ae_section_metrics = {
	.title = "Measures",
	.begin = begin,
	.add = add,
	.boundary = boundary,
	.write = write,
	.free = free_part,
};
