/* SPDX-License-Identifier: MIT */
/* The section of episodes: runs of anomalies, those that ae-thresh --episodes tells without further rules. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/episodes.h"
#include "report/blame.h"
#include "stream/group_column.h"
#include "stream/groups.h"

enum { SHOWN = 20, GROUPS = 65536, NAME = 80 };

/* What is kept of a row. */
struct kept {
	bool timed;
	struct ae_time time;
	struct ae_blame blame;
};

struct episode {
	uint64_t number, first, last, rows;
	double peak;
	struct kept from, to, at_peak;
	char group[NAME];
};

struct part {
	struct ae_episode_rules rules;
	struct ae_blamer blamer;
	struct ae_groups *groups;
	struct ae_episode_row *row;
	uint64_t rows, count;
	size_t shown;
	struct episode episodes[SHOWN]; /* the largest peaks */
};

struct told {
	struct part *part;
	const char *key;
	size_t len;
};

static void free_part(void *state)
{
	struct part *p = state;
	ae_blamer_free(&p->blamer);
	ae_groups_free(p->groups);
	free(p->row);
	free(p);
}

/* Without a score is the least. */
static bool is_less(double a, double b)
{
	return isnan(a) ? !isnan(b) : a < b;
}

static int tell(void *arg, const struct ae_episode *e, struct ae_error *err)
{
	struct told *t = arg;
	struct part *p = t->part;
	(void)err;
	if (!e->ended)
		return 0;
	p->count++;
	struct episode *to = &p->episodes[p->shown < SHOWN ? p->shown++ : 0];
	for (size_t i = 0; p->count > SHOWN && i < SHOWN; i++)
		to = is_less(p->episodes[i].peak, to->peak) ? &p->episodes[i] : to;
	if (p->count > SHOWN && !is_less(to->peak, e->peak->score))
		return 0;
	*to = (struct episode){.number = p->count,
		.first = e->first->number,
		.last = e->last->number,
		.rows = e->rows,
		.peak = e->peak->score};
	memcpy(&to->from, e->first->more, sizeof(to->from));
	memcpy(&to->to, e->last->more, sizeof(to->to));
	memcpy(&to->at_peak, e->peak->more, sizeof(to->at_peak));
	ae_report_copy_text(to->group, NAME, t->key, t->len);
	return 0;
}

static int end_group(void *arg, const void *key, size_t len, void *state, struct ae_error *err)
{
	struct told told = {arg, key, len};
	const struct ae_episode_tell to = {tell, &told};
	return ae_episodes_end(&told.part->rules, state, &to, err);
}

/* ---- rows ---- */

static int begin(struct ae_report *r, void **state, struct ae_error *err)
{
	if (!r->is_series)
		return 0;
	struct part *p = *state = ae_calloc(1, sizeof(*p), err);
	if (!p || ae_blamer_begin(&p->blamer, r, err) != 0)
		return -1;
	p->rules = (struct ae_episode_rules){.clear = NAN, .min_rows = 1, .k = 1, .n = 1, .more = sizeof(struct kept)};
	p->row = ae_calloc(1, ae_episode_row_size(&p->rules), err);
	if (!p->row || ae_groups_new(&p->groups, GROUPS, ae_episodes_size(&p->rules), err) != 0)
		return -1;
	ae_groups_on_forget(p->groups, end_group, p);
	return 0;
}

static int add_row(struct ae_report *r, struct part *p, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct told told = {p, "", 0};
	const struct ae_episode_tell to = {tell, &told};
	char number[AE_NUMBER_TEXT];
	struct kept kept = {0};
	uint8_t verdict = batch->cols[r->at.pred]->values.data[row];
	if (r->at.group != AE_NO_COLUMN)
		told.key = ae_group_column_name(&r->schema, batch, r->at.group, row, number, &told.len);
	void *group = ae_groups_state(p->groups, told.key, told.len, err);
	if (!group)
		return -1;
	kept.timed = ae_report_time(r, batch, row, &kept.time);
	if (verdict == 1)
		ae_blamer_row(&p->blamer, r, batch, row, &kept.blame);
	p->row->number = ++p->rows;
	p->row->score = ae_report_score(r, batch, row);
	p->row->threshold = NAN;
	memcpy(p->row->more, &kept, sizeof(kept));
	return ae_episodes_row(&p->rules, group, p->row, verdict, &to, err);
}

static int add(struct ae_report *r, void *state, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t row = 0; state && row < batch->rows; row++)
		if (add_row(r, state, batch, row, err) != 0)
			return -1;
	return 0;
}

struct ending {
	struct part *part;
	struct ae_error *err;
};

static int end_each(void *arg, const void *key, size_t len, const void *state)
{
	const struct ending *e = arg;
	return end_group(e->part, key, len, (void *)(uintptr_t)state, e->err);
}

static int boundary(struct ae_report *r, void *state, struct ae_error *err)
{
	struct ending ending = {state, err};
	(void)r;
	if (!state)
		return 0;
	int rc = ae_groups_each(ending.part->groups, end_each, &ending);
	ae_groups_clear(ending.part->groups);
	return rc;
}

/* ---- the page ---- */

static int by_start(const void *a, const void *b)
{
	const struct episode *x = a, *y = b;
	int order = (x->first > y->first) - (x->first < y->first);
	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static void add_place(struct ae_html *page, uint64_t row, const struct kept *kept)
{
	char time[AE_TIMESTAMP_TEXT];
	ae_html_add(page, "<td class=\"place\">");
	if (kept->timed)
		ae_html_text(page, "%s", ae_time_format(&kept->time, time));
	else
		ae_html_text(page, "row %llu", (unsigned long long)row);
	ae_html_add(page, "</td>");
}

static void add_episode(struct ae_report *r, const struct part *p, const struct episode *e)
{
	struct ae_html *page = &r->page;
	ae_html_add(page, "<tr>");
	add_place(page, e->first, &e->from);
	add_place(page, e->last, &e->to);
	if (r->at.group != AE_NO_COLUMN) {
		ae_html_add(page, "<td class=\"text\">");
		ae_html_text(page, "%s", e->group);
		ae_html_add(page, "</td>");
	}
	ae_html_add(page, "<td>");
	ae_html_text(page, "%llu", (unsigned long long)e->rows);
	ae_html_add(page, "</td><td>");
	ae_html_number(page, e->peak, 4);
	ae_html_add(page, "</td>");
	if (ae_blamer_knows(&p->blamer)) {
		ae_html_add(page, "<td class=\"text names\">");
		ae_blame_add(page, &e->at_peak.blame);
		ae_html_add(page, "</td>");
	}
	ae_html_add(page, "</tr>\n");
}

static void add_table(struct ae_report *r, struct part *p)
{
	ae_html_add(&r->page, "<div class=\"scroll\"><table>\n<thead><tr><th>From</th><th>To</th>");
	if (r->at.group != AE_NO_COLUMN) {
		ae_html_add(&r->page, "<th class=\"text\">");
		ae_html_text(&r->page, "%s", r->schema.cols[r->at.group].name);
		ae_html_add(&r->page, "</th>");
	}
	ae_html_add(&r->page, "<th>Rows</th><th>Largest score</th>");
	if (ae_blamer_knows(&p->blamer))
		ae_html_add(&r->page, "<th class=\"text\">Features to blame there</th>");
	ae_html_add(&r->page, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < p->shown; i++)
		add_episode(r, p, &p->episodes[i]);
	ae_html_add(&r->page, "</tbody></table></div>\n");
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	if (!p)
		ae_html_missing(&r->page,
			"No episodes: nothing says that the rows are a series. --time COL of the first "
			"program names the column of their times.");
	if (!p)
		return 0;
	if (boundary(r, p, err) != 0)
		return -1;
	qsort(p->episodes, p->shown, sizeof(*p->episodes), by_start);
	if (p->count > SHOWN)
		ae_html_paragraph(&r->page,
			"%llu episodes; the %d with the largest scores are:", (unsigned long long)p->count, SHOWN);
	else
		ae_html_paragraph(&r->page, "%llu episode%s: runs of rows whose verdict is anomaly.",
			(unsigned long long)p->count, p->count == 1 ? "" : "s");
	if (p->count > 0)
		add_table(r, p);
	if (!ae_blamer_knows(&p->blamer))
		ae_html_missing(&r->page, "ae-err --top 3, --per-feature or --keep shows the features to blame.");
	return 0;
}

const struct ae_report_section ae_section_episodes = {
	.title = "Episodes",
	.begin = begin,
	.add = add,
	.boundary = boundary,
	.write = write,
	.free = free_part,
};
