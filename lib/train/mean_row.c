/* SPDX-License-Identifier: MIT */
/* The loss of one row against all, by the kernels that training uses. */
#include "train/mean_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "train/trim.h"

/* Row-major rows of n values: the targets of a data set. */
struct targets {
	const unsigned char *values;
	enum ae_type type;
	size_t rows, n, row_bytes;
};

static struct targets targets_of(const struct ae_train_data *d, size_t n)
{
	enum ae_type type = d->target ? d->target_type : d->x_type;
	return (struct targets){.values = d->target ? d->target : d->x,
		.type = type,
		.rows = d->rows,
		.n = n,
		.row_bytes = n * ae_type_size(type)};
}

/* Blocks: the given row in every lane; rows; what the loss has no other place for. */
struct work {
	float *output, *target, *dy;
};

/* What the losses of a block are computed with. */
struct measure {
	const struct ae_kernels *kernels;
	const struct ae_loss *loss;
	float delta;
	bool mask; /* there may be missing values */
};

/* The losses of n rows from `first` on, and what each is a sum over. */
static void block_losses(double *sums, double *values, const struct work *w, const struct measure *m,
	const struct targets *t, const struct ae_shape *shape, size_t first, size_t n)
{
	const unsigned char *rows = t->values + first * t->row_bytes;
	ae_block_gather(m->kernels, w->target, shape, rows, t->type, NULL, n);
	if (m->mask && !m->loss->skips_missing)
		ae_fill_nan(w->target, w->output, t->n * m->kernels->lanes);
	m->loss->block(sums, w->dy, w->output, w->target, t->n, n, 1, m->delta);
	for (size_t i = 0; i < n; i++) {
		size_t holes = m->mask ? ae_count_nan(rows + i * t->row_bytes, t->type, t->n) : 0;
		values[i] = m->loss->per_row ? (double)(holes < t->n) : (double)(t->n - holes);
	}
}

/* The mean loss of all rows, or a lower bound of it above `enough`. */
static double mean_loss(const struct work *w, const struct measure *m, const struct targets *t,
	const struct ae_shape *shape, double enough)
{
	double sum = 0, values = 0, most = (double)t->rows * (m->loss->per_row ? 1 : (double)t->n);
	for (size_t first = 0; first < t->rows && !(sum > enough * most); first += m->kernels->lanes) {
		double loss[AE_LANES_MAX] = {0}, count[AE_LANES_MAX];
		size_t n = t->rows - first < m->kernels->lanes ? t->rows - first : m->kernels->lanes;
		block_losses(loss, count, w, m, t, shape, first, n);
		double block = 0;
		for (size_t i = 0; i < n; i++) {
			block += loss[i];
			values += count[i];
		}
		sum += block;
	}
	return sum > enough * most ? sum / most : sum / values;
}

/* The mean loss of all but the worst share of the rows. */
static int trimmed_loss(double *mean, const struct work *w, const struct measure *m, const struct targets *t,
	const struct ae_shape *shape, double share, struct ae_error *err)
{
	struct ae_trim trim = {0};
	size_t lanes = m->kernels->lanes;
	int rc = ae_trim_init(&trim, t->rows + lanes, err);
	if (rc == 0) {
		double sum = 0;
		for (size_t first = 0; first < t->rows; first += lanes)
			block_losses(trim.loss + first, trim.values + first, w, m, t, shape, first,
				t->rows - first < lanes ? t->rows - first : lanes);
		double values = ae_trim_choose(&trim, share, t->rows);
		for (size_t row = 0; row < t->rows; row++)
			sum += trim.dropped[row] ? 0 : trim.loss[row];
		*mean = sum / values;
	}
	ae_trim_free(&trim);
	return rc;
}

static int alloc_work(struct work *w, size_t values, struct ae_error *err)
{
	w->output = ae_block_alloc(values, err);
	w->target = ae_block_alloc(values, err);
	w->dy = ae_block_alloc(values, err);
	return w->output && w->target && w->dy ? 0 : -1;
}

static void free_work(struct work *w)
{
	free(w->output);
	free(w->target);
	free(w->dy);
}

int ae_train_row_loss(const struct ae_train_settings *settings, const struct ae_shape *out, const double *given,
	const struct ae_train_data *data, double enough, double *loss, struct ae_error *err)
{
	struct measure m = {.delta = (float)settings->huber_delta, .mask = settings->mask};
	size_t index, n = ae_shape_size(out);
	struct work w = {0};
	if (ae_isa_kernels(&m.kernels, err) != 0 || ae_loss_find(&index, settings->loss, err) != 0)
		return -1;
	m.loss = &m.kernels->losses[index];
	size_t lanes = m.kernels->lanes;
	int rc = alloc_work(&w, n * lanes, err);
	if (rc == 0) {
		struct targets t = targets_of(data, n);
		for (size_t i = 0; i < n * lanes; i++)
			w.output[i] = (float)given[i / lanes];
		if (settings->trim != 0)
			rc = trimmed_loss(loss, &w, &m, &t, out, settings->trim, err);
		else
			*loss = mean_loss(&w, &m, &t, out, enough);
		/* 1 - the cosine of a row and itself is a rounding error. */
		if (strcmp(settings->loss, "cosine") == 0 && fabs(*loss) < 1e-14)
			*loss = 0;
	}
	free_work(&w);
	return rc;
}
