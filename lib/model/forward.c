/* SPDX-License-Identifier: MIT */
/* Rows with missing values are left out of what the network computes: it is given whole rows only. */
#include "model/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ae_forward {
	const struct ae_model *model;
	struct ae_infer *infer;
	struct ae_buf gathered, computed; /* the rows that are computed, and their results */
};

int ae_forward_new(struct ae_forward **forward, const struct ae_model *model, enum ae_net_part part, int threads,
	struct ae_error *err)
{
	struct ae_forward *f = ae_calloc(1, sizeof(*f), err);
	if (!f)
		return -1;
	f->model = model;
	if (ae_infer_new(&f->infer, model->net, part, threads, err) != 0) {
		free(f);
		return -1;
	}
	*forward = f;
	return 0;
}

void ae_forward_free(struct ae_forward *f)
{
	if (!f)
		return;
	ae_infer_free(f->infer);
	ae_buf_free(&f->gathered);
	ae_buf_free(&f->computed);
	free(f);
}

const struct ae_shape *ae_forward_input(const struct ae_forward *f)
{
	return ae_infer_input(f->infer);
}

const struct ae_shape *ae_forward_output(const struct ae_forward *f)
{
	return ae_infer_output(f->infer);
}

/* Gathers the rows that are computed, with 0 in their holes; the first value of out[row] becomes NaN where a row is
   not. Returns how many are. */
static size_t gather(
	const struct ae_forward *f, float *gathered, float *out, const unsigned char *x, enum ae_type type, size_t rows)
{
	size_t n = ae_shape_size(ae_forward_input(f)), size = n * ae_type_size(type), count = 0;
	size_t out_size = ae_shape_size(ae_forward_output(f));
	for (size_t row = 0; row < rows; row++) {
		size_t nans = ae_count_nan(x + row * size, type, n);
		bool runs = nans == 0 || (nans < n && f->model->settings.mask);
		out[row * out_size] = runs ? 0 : NAN;
		if (!runs)
			continue;
		float *to = gathered + count++ * n;
		ae_to_f32(to, x + row * size, type, n);
		ae_fill_nan(to, NULL, n);
	}
	return count;
}

static int run_with_holes(
	struct ae_forward *f, const void *x, enum ae_type type, size_t rows, float *out, struct ae_error *err)
{
	size_t n = ae_shape_size(ae_forward_input(f)), out_size = ae_shape_size(ae_forward_output(f));
	f->gathered.len = f->computed.len = 0;
	if (ae_buf_reserve(&f->gathered, rows * n * sizeof(float), err) != 0 ||
		ae_buf_reserve(&f->computed, rows * out_size * sizeof(float), err) != 0)
		return -1;
	float *gathered = (void *)f->gathered.data, *computed = (void *)f->computed.data;
	size_t count = gather(f, gathered, out, x, type, rows);
	if (ae_infer_rows(f->infer, gathered, AE_F32, count, computed, err) != 0)
		return -1;
	for (size_t row = 0; row < rows; row++, out += out_size) {
		if (isnan(*out)) {
			for (size_t i = 0; i < out_size; i++)
				out[i] = NAN;
			continue;
		}
		memcpy(out, computed, out_size * sizeof(float));
		computed += out_size;
	}
	return 0;
}

int ae_forward_rows(struct ae_forward *f, const void *x, enum ae_type type, bool missing, size_t rows, float *out,
	struct ae_error *err)
{
	if (missing && (type == AE_F32 || type == AE_F64))
		return run_with_holes(f, x, type, rows, out, err);
	return ae_infer_rows(f->infer, x, type, rows, out, err);
}
