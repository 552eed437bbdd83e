/* SPDX-License-Identifier: MIT */
/* The loss of the mean row, by the kernels that training uses. */
#include "train/baseline.h"

#include <math.h>
#include <stdlib.h>

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

struct work {
	double *row, *mean, *count; /* [n]: of a row; of the mean row, and how many values are behind each */
	float *output, *target,
		*dy; /* blocks: the mean row in every lane; rows; what the loss has no other place for */
};

static void find_mean(struct work *w, const struct targets *t)
{
	for (size_t row = 0; row < t->rows; row++) {
		ae_to_f64(w->row, t->values + row * t->row_bytes, t->type, t->n);
		for (size_t i = 0; i < t->n; i++) {
			if (isnan(w->row[i]))
				continue;
			w->count[i]++;
			w->mean[i] += (w->row[i] - w->mean[i]) / w->count[i];
		}
	}
}

/* The sum of the losses of a block of n rows from `first` on, and how many values (or rows) it is a sum over. */
static double block_loss(const struct work *w, const struct ae_kernels *kernels, const struct ae_loss *loss,
	const struct targets *t, const struct ae_shape *shape, float delta, size_t first, size_t n, double *values)
{
	double sums[AE_LANES_MAX] = {0}, sum = 0;
	const unsigned char *rows = t->values + first * t->row_bytes;
	ae_block_gather(kernels, w->target, shape, rows, t->type, NULL, n);
	if (!loss->skips_missing)
		ae_fill_nan(w->target, w->output, t->n * kernels->lanes);
	loss->block(sums, w->dy, w->output, w->target, t->n, n, 1, delta);
	for (size_t i = 0; i < n; i++) {
		size_t observed = t->n - ae_count_nan(rows + i * t->row_bytes, t->type, t->n);
		*values += loss->per_row ? (double)(observed > 0) : (double)observed;
		sum += sums[i];
	}
	return sum;
}

static int alloc_work(struct work *w, size_t n, size_t lanes, struct ae_error *err)
{
	w->row = ae_calloc(n, sizeof(double), err);
	w->mean = ae_calloc(n, sizeof(double), err);
	w->count = ae_calloc(n, sizeof(double), err);
	w->output = ae_block_alloc(n * lanes, err);
	w->target = ae_block_alloc(n * lanes, err);
	w->dy = ae_block_alloc(n * lanes, err);
	return w->row && w->mean && w->count && w->output && w->target && w->dy ? 0 : -1;
}

static void free_work(struct work *w)
{
	free(w->row);
	free(w->mean);
	free(w->count);
	free(w->output);
	free(w->target);
	free(w->dy);
}

int ae_train_mean_row_loss(const struct ae_train_settings *settings, const struct ae_shape *out,
	const struct ae_train_data *train, const struct ae_train_data *rows, double *loss, struct ae_error *err)
{
	const struct ae_kernels *kernels;
	size_t index, n = ae_shape_size(out);
	struct work w = {0};
	if (ae_isa_kernels(&kernels, err) != 0 || ae_loss_find(&index, settings->loss, err) != 0)
		return -1;
	size_t lanes = kernels->lanes;
	int rc = alloc_work(&w, n, lanes, err);
	if (rc == 0) {
		struct targets of_train = targets_of(train, n), of_rows = targets_of(rows, n);
		double sum = 0, values = 0;
		find_mean(&w, &of_train);
		for (size_t i = 0; i < n * lanes; i++)
			w.output[i] = (float)w.mean[i / lanes];
		for (size_t first = 0; first < of_rows.rows; first += lanes) {
			size_t count = of_rows.rows - first < lanes ? of_rows.rows - first : lanes;
			sum += block_loss(&w, kernels, &kernels->losses[index], &of_rows, out,
				(float)settings->huber_delta, first, count, &values);
		}
		*loss = sum / values;
	}
	free_work(&w);
	return rc;
}
