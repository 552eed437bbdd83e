/* SPDX-License-Identifier: MIT */
/* The loss of one row against all, by the kernels that training uses. */
#include "train/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"
#include "kernels/dispatch.h"
#include "net/block.h"

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

/* The sum of the losses of a block of rows, n of them from `first` on; what it is a sum over is added to *values. */
static double block_loss(const struct work *w, const struct measure *m, const struct targets *t,
	const struct ae_shape *shape, size_t first, size_t n, double *values)
{
	double sums[AE_LANES_MAX] = {0}, sum = 0;
	const unsigned char *rows = t->values + first * t->row_bytes;
	ae_block_gather(m->kernels, w->target, shape, rows, t->type, NULL, n);
	if (m->mask && !m->loss->skips_missing)
		ae_fill_nan(w->target, w->output, t->n * m->kernels->lanes);
	m->loss->block(sums, w->dy, w->output, w->target, t->n, n, 1, m->delta);
	for (size_t i = 0; i < n; i++) {
		size_t holes = m->mask ? ae_count_nan(rows + i * t->row_bytes, t->type, t->n) : 0;
		*values += m->loss->per_row ? (double)(holes < t->n) : (double)(t->n - holes);
		sum += sums[i];
	}
	return sum;
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
		double sum = 0, values = 0, most = (double)t.rows * (m.loss->per_row ? 1 : (double)n);
		for (size_t i = 0; i < n * lanes; i++)
			w.output[i] = (float)given[i / lanes];
		for (size_t first = 0; first < t.rows && !(sum > enough * most); first += lanes) {
			size_t count = t.rows - first < lanes ? t.rows - first : lanes;
			sum += block_loss(&w, &m, &t, out, first, count, &values);
		}
		*loss = sum > enough * most ? sum / most : sum / values;
		/* 1 - the cosine of a row and itself is a rounding error. */
		if (strcmp(settings->loss, "cosine") == 0 && fabs(*loss) < 1e-14)
			*loss = 0;
	}
	free_work(&w);
	return rc;
}
