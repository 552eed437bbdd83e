/* SPDX-License-Identifier: MIT */
/* The chart of logs of trainings: loss and validation loss by epoch. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/chart.h"

/* A log is read as text, so that its columns may be elements of one x. */
enum { WIDTH = 800, HEIGHT = 480, ELEMENTS_MOST = 24, NAME_LEAST = 8 };

/* The columns of ae-train and, the last name, of others such as Keras's CSVLogger. */
static const char *const loss_columns[][2] = {{"epoch"}, {"loss"}, {"valid_loss", "val_loss"}};

/* An epoch of a log; that does not follow the one before it begins another training of the same log. */
struct epoch {
	double epoch, loss, valid;
	size_t log;
};

struct loss {
	size_t column[3],
		element[3];   /* where epoch, loss and valid_loss stand; no valid_loss: beyond the last column */
	struct ae_buf epochs; /* struct epoch */
	struct ae_buf logs;   /* their names, each with its NUL */
	size_t log_count;
};

static void free_loss(struct ae_chart *chart)
{
	struct loss *l = chart->state;
	if (l) {
		ae_buf_free(&l->epochs);
		ae_buf_free(&l->logs);
	}
	free(l);
}

static const struct epoch *epochs_of(const struct loss *l, size_t *count)
{
	*count = l->epochs.len / sizeof(struct epoch);
	return (const void *)l->epochs.data;
}

static const char *name_of(const struct loss *l, size_t log)
{
	const char *name = (const char *)l->logs.data;
	while (log-- > 0)
		name += strlen(name) + 1;
	return name;
}

/* ---- reading ---- */

static bool find_element(const struct ae_schema *schema, const char *name, size_t *column, size_t *element)
{
	char text[32];
	for (*column = 0; *column < schema->count; ++*column) {
		const struct ae_column *c = &schema->cols[*column];
		size_t n = c->type == AE_TEXT ? 0 : ae_shape_size(&c->shape);
		for (*element = 0; *element < n && n <= ELEMENTS_MOST; ++*element) {
			ae_column_element_name(c, *element, text, sizeof(text));
			if (strcmp(text, name) == 0)
				return true;
		}
	}
	return false;
}

static int begin(struct ae_chart *chart, struct ae_error *err)
{
	struct loss *l = chart->state = ae_calloc(1, sizeof(*l), err);
	if (!l)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		bool found = false;
		for (size_t k = 0; k < 2 && !found && loss_columns[i][k]; k++)
			found = find_element(chart->schema, loss_columns[i][k], &l->column[i], &l->element[i]);
		if (!found && i < 2)
			return ae_fail(err, "no column \"%s\": ae-train --log writes epoch, loss, valid_loss",
				loss_columns[i][0]);
	}
	return 0;
}

/* Notes the name of another log. */
static int find_log(struct loss *l, const char *source, struct ae_error *err)
{
	if (l->log_count > 0 && strcmp(name_of(l, l->log_count - 1), source) == 0)
		return 0;
	l->log_count++;
	return ae_buf_append(&l->logs, source, strlen(source) + 1, err);
}

static int add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	struct loss *l = chart->state;
	if (find_log(l, chart->source ? chart->source : "", err) != 0)
		return -1;
	for (size_t row = 0; row < batch->rows; row++) {
		double values[] = {NAN, NAN, NAN};
		for (size_t i = 0; i < 3; i++)
			if (l->column[i] < chart->schema->count) {
				const struct ae_column *c = &chart->schema->cols[l->column[i]];
				size_t at = row * ae_shape_size(&c->shape) + l->element[i];
				values[i] = ae_chart_value(c, batch->cols[l->column[i]], at);
			}
		const struct epoch epoch = {values[0], values[1], values[2], l->log_count - 1};
		if (ae_buf_append(&l->epochs, &epoch, sizeof(epoch), err) != 0)
			return -1;
	}
	return 0;
}

/* ---- what is drawn ---- */

struct extent {
	double first, last;         /* epochs */
	double most;                /* loss */
	double floor;               /* of the axis: with --log what is not above 0 is drawn there, else -INFINITY */
	bool valid;                 /* there is a validation loss */
	bool one;                   /* training */
	const struct epoch *marked; /* of the one training, or NULL: that whose weights were kept, or the best one */
};

/* A little below the least loss above 0, if there is one that is not above 0. */
static double find_floor(const struct loss *l)
{
	size_t count;
	const struct epoch *e = epochs_of(l, &count);
	double least = INFINITY;
	bool any = false;
	for (size_t i = 0; i < count; i++) {
		least = e[i].loss > 0 ? fmin(least, e[i].loss) : least;
		least = e[i].valid > 0 ? fmin(least, e[i].valid) : least;
		any |= e[i].loss <= 0 || e[i].valid <= 0;
	}
	return any ? least / 1.2 : -INFINITY;
}

static void add_loss(struct ae_gnuplot_script *script, const struct extent *x, double loss, const char *after)
{
	ae_gnuplot_number(script, loss < x->floor ? x->floor : loss, after);
}

static int find_extent(const struct ae_chart *chart, const struct loss *l, struct extent *x, struct ae_error *err)
{
	size_t count;
	const struct epoch *e = epochs_of(l, &count);
	bool kept = chart->kept_epoch != 0;
	*x = (struct extent){INFINITY, -INFINITY, -INFINITY, -INFINITY, false, l->log_count == 1, NULL};
	for (size_t i = 0; i < count; i++) {
		x->first = fmin(x->first, e[i].epoch);
		x->last = fmax(x->last, e[i].epoch);
		x->most = fmax(x->most, fmax(e[i].loss, e[i].valid));
		x->valid |= !isnan(e[i].valid);
		x->one &= i == 0 || e[i].epoch > e[i - 1].epoch;
		if (kept ? e[i].epoch == (double)chart->kept_epoch
			 : !isnan(e[i].valid) && (!x->marked || e[i].valid < x->marked->valid))
			x->marked = &e[i];
	}
	if (!isfinite(x->last - x->first) || x->most == -INFINITY)
		return ae_fail(err, count ? "no loss to draw" : "no epoch to draw");
	if (chart->options->log && x->most <= 0)
		return ae_fail(err, "no loss above 0 to draw with --log");
	x->floor = chart->options->log ? find_floor(l) : -INFINITY;
	if (kept && !x->one)
		return ae_fail(err, "-m marks the epoch that a model kept in the log of one training, not of several");
	if (kept && !x->marked)
		return ae_fail(err, "the model of -m kept epoch %llu, which the log does not have",
			(unsigned long long)chart->kept_epoch);
	return 0;
}

static void add_epochs(struct ae_gnuplot_script *script, const struct loss *l, const struct extent *x)
{
	size_t count;
	const struct epoch *e = epochs_of(l, &count);
	for (size_t i = 0; i < count; i++) {
		bool begins = i == 0 || e[i].log != e[i - 1].log;
		if (begins)
			ae_gnuplot_add(script, "%s$log%zu << end\n", i ? "end\n" : "", e[i].log);
		else if (e[i].epoch <= e[i - 1].epoch)
			ae_gnuplot_add(script, "\n");
		ae_gnuplot_number(script, e[i].epoch, " ");
		add_loss(script, x, e[i].loss, " ");
		add_loss(script, x, e[i].valid, "\n");
	}
	ae_gnuplot_add(script, "end\n");
	if (!x->one || !x->marked)
		return;
	ae_gnuplot_add(script, "$marked << end\n%.17g ", x->marked->epoch);
	add_loss(script, x, isnan(x->marked->valid) ? x->marked->loss : x->marked->valid, "\nend\n");
}

/* Folders that all names begin with, and what they end with from a slash on, tell no log from another. */
static void find_common(const struct loss *l, size_t *head, size_t *tail)
{
	const char *first = name_of(l, 0);
	size_t len = strlen(first);
	*head = *tail = len;
	for (size_t i = 1; i < l->log_count; i++) {
		const char *name = name_of(l, i);
		size_t other = strlen(name), same = 0;
		while (same < *head && same < other && name[same] == first[same])
			same++;
		*head = same;
		for (same = 0; same < *tail && same < other && name[other - 1 - same] == first[len - 1 - same];)
			same++;
		*tail = same;
	}
	while (*head > 0 && first[*head - 1] != '/')
		--*head;
	while (*tail > 0 && first[len - *tail] != '/')
		--*tail;
}

static void add_title(struct ae_gnuplot_script *script, const struct loss *l, size_t log, const char *what)
{
	struct ae_buf text = {0};
	size_t head, tail;
	const char *name = name_of(l, log);
	find_common(l, &head, &tail);
	size_t len = strlen(name), across = script->format == AE_PICTURE_TEXT ? script->columns : script->width / 9;
	size_t room = across > NAME_LEAST + 30 ? across - 30 : NAME_LEAST;
	if (ae_text_shorten(&text, name + head, len - head > tail ? len - head - tail : 0, room, &script->error) != 0 ||
		ae_buf_append(&text, what, strlen(what), &script->error) != 0)
		script->failed = true;
	ae_gnuplot_add(script, " title ");
	ae_gnuplot_quote(script, (const char *)text.data, text.len);
	ae_buf_free(&text);
}

static void add_curves(
	struct ae_gnuplot_script *script, const struct loss *l, const struct extent *x, const char *style)
{
	for (size_t i = 0; i < l->log_count; i++) {
		const char *color = ae_gnuplot_color(i);
		ae_gnuplot_add(script, "%s$log%zu using 1:2 with %s linewidth 1.8 linecolor '%s'",
			i ? ",\\\n  " : "plot ", i, style, color);
		add_title(script, l, i, ": training");
		if (!x->valid)
			continue;
		ae_gnuplot_add(script, ",\\\n  $log%zu using 1:3 with %s linewidth 1.8 dashtype 2 linecolor '%s'", i,
			style, color);
		add_title(script, l, i, ": validation");
	}
}

static void add_plots(
	const struct ae_chart *chart, struct ae_gnuplot_script *script, const struct loss *l, const struct extent *x)
{
	bool few = l->epochs.len / sizeof(struct epoch) <= 40 && script->format != AE_PICTURE_TEXT;
	const char *style = few ? "linespoints pointtype 7 pointsize 0.5" : x->last == x->first ? "points" : "lines";
	if (l->log_count > 1)
		add_curves(script, l, x, style);
	else
		ae_gnuplot_add(script, "plot $log0 using 1:2 with %s " AE_LINE_FIRST " title 'Training loss'", style);
	if (l->log_count == 1 && x->valid)
		ae_gnuplot_add(
			script, ",\\\n  $log0 using 1:3 with %s " AE_LINE_SECOND " title 'Validation loss'", style);
	if (x->one && x->marked)
		ae_gnuplot_add(script,
			",\\\n  $marked using 1:2 with points %s linecolor '" AE_GNUPLOT_BLACK
			"' title '%s epoch %.0f'",
			ae_gnuplot_dot(script), chart->kept_epoch == 0 ? "Least validation loss," : "Weights kept of",
			x->marked->epoch);
	ae_gnuplot_add(script, "\n");
}

static int draw(struct ae_chart *chart, struct ae_error *err)
{
	const struct loss *l = chart->state;
	struct ae_gnuplot_script *script = &chart->script;
	struct extent x;
	if (find_extent(chart, l, &x, err) != 0)
		return -1;
	ae_gnuplot_begin(script, WIDTH, HEIGHT);
	ae_gnuplot_titles(script, chart->options->title, "Epoch", "Loss");
	add_epochs(script, l, &x);
	if (x.last > x.first)
		ae_gnuplot_add(script, "set xrange [%.17g:%.17g]\n", x.first, x.last);
	if (x.last - x.first <= 20)
		ae_gnuplot_add(script, "set xtics %d\n", x.last - x.first <= 10 ? 1 : 2);
	if (chart->options->log)
		ae_gnuplot_add(script, "set logscale y\nset format y '%%g'\n");
	if (isfinite(x.floor))
		ae_gnuplot_add(script, "set yrange [%.17g:*]\n", x.floor);
	add_plots(chart, script, l, &x);
	return 0;
}

const struct ae_chart_kind ae_chart_loss = {
	.name = "loss",
	.help = "training and validation loss by epoch, from logs of ae-train",
	.columns = "epoch, loss, valid_loss or val_loss",
	.options = {"log", "model", "head"},
	.gaps = true,
	.shows_kept = true,
	.begin = begin,
	.add = add,
	.draw = draw,
	.free = free_loss,
};
