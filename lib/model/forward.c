/* SPDX-License-Identifier: MIT */
/* Rows with missing values are left out of what the network computes: it is given whole rows only. Rows that leave f32
   are rare: they are found by their results and inputs, and computed once more with a check after every op. */
#include "model/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net/net.h"

/* A bounded activation hides what overflows before it. Rows with an input larger in size than this are checked after
   every op, whatever their results. */
#define LARGE 1e15

struct ae_forward {
	const struct ae_model *model;
	struct ae_infer *infer;
	struct ae_forward *encoder; /* where a latent is given too: for rows that leave f32; made when one does */
	int threads;
	bool latent;                      /* the input is one */
	bool large;                       /* the rows of this call have a value above LARGE */
	bool latent_unsure;               /* their latents may have left f32 */
	struct ae_buf saturated;          /* the input within AE_BEYOND */
	struct ae_buf gathered, computed; /* the rows that are computed, and their results */
	struct ae_buf latents;            /* and theirs */
	struct ae_buf again_x, again;     /* those that are computed again, and their results */
	struct ae_forward_beyond beyond;  /* of the last call */
	struct ae_forward_partial partial;
	struct ae_buf *sums; /* of results; or NULL */
	bool finite;         /* all results of the last call */
};

int ae_forward_measure(struct ae_forward_needs *needs, const struct ae_model *model, enum ae_net_part part, int threads,
	struct ae_error *err)
{
	/* Rows of a call, and values in and out of them, unless the threads have more rows at hand anyway. */
	enum { ROWS = 4096, VALUES = 1 << 20 };
	/* A row as it comes, and without holes, within f32 and once more; its result, for the output, and both once
	   more. */
	enum { COPIES = 4 };
	struct ae_infer_needs infer;
	if (ae_infer_measure(&infer, model->net, part, threads, err) != 0)
		return -1;
	uint64_t values = (uint64_t)infer.in + infer.out;
	size_t rows = (size_t)(VALUES / values);
	rows = rows < infer.parallel ? infer.parallel : rows;
	needs->rows = rows > ROWS ? ROWS : rows;
	needs->bytes = infer.bytes + COPIES * sizeof(float) * values * needs->rows;
	return 0;
}

int ae_forward_new(struct ae_forward **forward, const struct ae_model *model, enum ae_net_part part, int threads,
	struct ae_error *err)
{
	struct ae_forward *f = ae_calloc(1, sizeof(*f), err);
	if (!f)
		return -1;
	f->model = model;
	f->threads = threads;
	f->latent = part == AE_NET_DECODER;
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
	ae_forward_free(f->encoder);
	ae_buf_free(&f->gathered);
	ae_buf_free(&f->computed);
	ae_buf_free(&f->latents);
	ae_buf_free(&f->saturated);
	ae_buf_free(&f->again_x);
	ae_buf_free(&f->again);
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

static size_t latent_size(const struct ae_forward *f)
{
	return ae_shape_size(ae_net_latent(f->model->net));
}

/* How many values f32 cannot hold; *first is the first of them. */
static size_t count_replaced(const void *values, enum ae_type type, size_t n, size_t *first)
{
	size_t count = 0;
	for (size_t i = n; type == AE_F64 && i-- > 0;)
		if (isinf((float)((const double *)values)[i])) {
			*first = i;
			count++;
		}
	return count;
}

/* If values of x are beyond, *x becomes a copy in f32, *type f32. A latent is what the encoder made of x: within f32 it
   stays what it is, so that both halves give what the whole gives. */
static int saturate(struct ae_forward *f, const void **x, enum ae_type *type, size_t rows, struct ae_error *err)
{
	size_t n = rows * ae_shape_size(ae_forward_input(f)), first;
	f->beyond = (struct ae_forward_beyond){0};
	f->large = ae_count_above(*x, *type, LARGE, n, &first) > 0;
	if (!f->large)
		return 0;
	f->beyond.inputs = ae_count_above(*x, *type, (double)AE_BEYOND, n, &f->beyond.first_input);
	if (f->beyond.inputs == 0)
		return 0;
	f->saturated.len = 0;
	if (ae_buf_reserve(&f->saturated, ae_product(n, sizeof(float)), err) != 0)
		return -1;
	float *within = (void *)f->saturated.data;
	ae_to_f32(within, *x, *type, n);
	if (f->latent)
		f->beyond.inputs = count_replaced(*x, *type, n, &f->beyond.first_input);
	else
		ae_saturate(within, n);
	*x = within;
	*type = AE_F32;
	return 0;
}

static int reserve(struct ae_buf *x, struct ae_buf *y, const struct ae_forward *f, size_t rows, struct ae_error *err)
{
	x->len = y->len = 0;
	return ae_buf_reserve(x, ae_product(rows, ae_shape_size(ae_forward_input(f)) * sizeof(float)), err) != 0
		       ? -1
		       : ae_buf_reserve(y, ae_product(rows, ae_shape_size(ae_forward_output(f)) * sizeof(float)), err);
}

/* Whether a row may have left f32 inside the network. */
static bool is_unsure(
	const struct ae_forward *f, const unsigned char *x, enum ae_type type, const float *out, size_t row)
{
	size_t n = ae_shape_size(ae_forward_input(f)), out_size = ae_shape_size(ae_forward_output(f)), first;
	if (!ae_all_finite(out + row * out_size, out_size))
		return true;
	return f->large && ae_count_above(x + row * n * ae_type_size(type), type, LARGE, n, &first) > 0;
}

/* Computes such rows again. */
static int run_again(
	struct ae_forward *f, const unsigned char *x, enum ae_type type, size_t rows, float *out, struct ae_error *err)
{
	size_t n = ae_shape_size(ae_forward_input(f)), out_size = ae_shape_size(ae_forward_output(f)), count = 0;
	size_t size = n * ae_type_size(type), first;
	for (size_t row = 0; row < rows; row++)
		count += is_unsure(f, x, type, out, row);
	if (reserve(&f->again_x, &f->again, f, count, err) != 0)
		return -1;
	float *again_x = (void *)f->again_x.data, *again = (void *)f->again.data;
	count = 0;
	for (size_t row = 0; row < rows; row++)
		if (is_unsure(f, x, type, out, row))
			ae_to_f32(again_x + count++ * n, x + row * size, type, n);
	f->beyond.inner = ae_infer_rows_finite(f->infer, again_x, count, again, &first);
	count = 0;
	for (size_t row = 0; row < rows; row++) {
		if (!is_unsure(f, x, type, out, row))
			continue;
		if (f->beyond.inner > 0 && count == first)
			f->beyond.first_row = row;
		memcpy(out + row * out_size, again + count++ * out_size, out_size * sizeof(float));
	}
	return 0;
}

/* Rows without a hole; their latents too, unless that is NULL. */
static int run(struct ae_forward *f, const void *x, enum ae_type type, size_t rows, float *out, float *latent,
	struct ae_error *err)
{
	ae_infer_latent_to(f->infer, latent);
	if (ae_infer_rows(f->infer, x, type, rows, out, err) != 0)
		return -1;
	ae_infer_latent_to(f->infer, NULL);
	f->latent_unsure = latent && (f->large || !ae_all_finite(latent, rows * latent_size(f)));
	if (!f->large && ae_all_finite(out, rows * ae_shape_size(ae_forward_output(f))))
		return 0;
	return run_again(f, x, type, rows, out, err);
}

/* Gathers the rows that are computed, with 0 in their holes; the first value of out[row] becomes NaN where a row is
   not. Returns how many are. */
static size_t gather(
	struct ae_forward *f, float *gathered, float *out, const unsigned char *x, enum ae_type type, size_t rows)
{
	size_t n = ae_shape_size(ae_forward_input(f)), size = n * ae_type_size(type), count = 0;
	size_t out_size = ae_shape_size(ae_forward_output(f));
	for (size_t row = 0; row < rows; row++) {
		size_t nans = ae_count_nan(x + row * size, type, n);
		bool runs = nans == 0 || (nans < n && f->model->settings.mask);
		out[row * out_size] = runs ? 0 : NAN;
		if (!runs) {
			if (nans < n && f->partial.rows++ == 0)
				f->partial.first_row = row;
			continue;
		}
		float *to = gathered + count++ * n;
		ae_to_f32(to, x + row * size, type, n);
		ae_fill_nan(to, NULL, n);
	}
	return count;
}

/* Makes room for the latents of computed rows, if any are wanted. */
static int reserve_latents(
	struct ae_forward *f, const float *latent, size_t rows, float **computed, struct ae_error *err)
{
	*computed = NULL;
	if (!latent)
		return 0;
	f->latents.len = 0;
	if (ae_buf_reserve(&f->latents, ae_product(rows, latent_size(f) * sizeof(float)), err) != 0)
		return -1;
	*computed = (void *)f->latents.data;
	return 0;
}

/* Latents of computed rows to those rows of which out has no NaN at its start; NaN to the others. */
static void spread_latents(
	const struct ae_forward *f, float *latent, const float *computed, const float *out, size_t rows)
{
	size_t n = latent_size(f), out_size = ae_shape_size(ae_forward_output(f));
	for (size_t row = 0; row < rows; row++, latent += n) {
		bool runs = !isnan(out[row * out_size]);
		for (size_t i = 0; i < n; i++)
			latent[i] = runs ? *computed++ : NAN;
	}
}

static int run_with_holes(struct ae_forward *f, const void *x, enum ae_type type, size_t rows, float *out,
	float *latent, struct ae_error *err)
{
	size_t out_size = ae_shape_size(ae_forward_output(f)), done = 0, first_row = 0;
	float *latents;
	if (reserve(&f->gathered, &f->computed, f, rows, err) != 0 ||
		reserve_latents(f, latent, rows, &latents, err) != 0)
		return -1;
	float *gathered = (void *)f->gathered.data, *computed = (void *)f->computed.data;
	size_t count = gather(f, gathered, out, x, type, rows);
	if (run(f, gathered, AE_F32, count, computed, latents, err) != 0)
		return -1;
	if (latent)
		spread_latents(f, latent, latents, out, rows);
	for (size_t row = 0; row < rows; row++, out += out_size) {
		if (isnan(*out)) {
			for (size_t i = 0; i < out_size; i++)
				out[i] = NAN;
			continue;
		}
		if (done++ == f->beyond.first_row)
			first_row = row;
		memcpy(out, computed, out_size * sizeof(float));
		computed += out_size;
	}
	f->beyond.first_row = first_row;
	return 0;
}

/* Rows as most are: without a hole, a large reading or an overflow. 1 if they are; 0: they are to be computed with
   care. */
static int run_ordinary(struct ae_forward *f, const void *x, enum ae_type type, size_t rows, float *out, float *latent,
	struct ae_error *err)
{
	struct ae_infer_watch watch = {.large = LARGE, .sums = f->sums};
	ae_infer_latent_to(f->infer, latent);
	int rc = ae_infer_rows_watched(f->infer, x, type, rows, out, &watch, err);
	ae_infer_latent_to(f->infer, NULL);
	if (rc != 0)
		return -1;
	f->finite = !watch.odd;
	if (watch.odd && f->sums)
		f->sums->len = 0;
	f->beyond = (struct ae_forward_beyond){0};
	f->large = false;
	f->latent_unsure = latent && !ae_all_finite(latent, rows * latent_size(f));
	return f->finite;
}

static int run_rows(struct ae_forward *f, const void *x, enum ae_type type, bool missing, size_t rows, float *out,
	float *latent, struct ae_error *err)
{
	bool holes = missing && (type == AE_F32 || type == AE_F64);
	f->partial = (struct ae_forward_partial){0};
	f->finite = false;
	if (f->sums)
		f->sums->len = 0;
	int rc = holes ? 0 : run_ordinary(f, x, type, rows, out, latent, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (saturate(f, &x, &type, rows, err) != 0)
		return -1;
	if (holes)
		return run_with_holes(f, x, type, rows, out, latent, err);
	return run(f, x, type, rows, out, latent, err);
}

int ae_forward_rows(struct ae_forward *f, const void *x, enum ae_type type, bool missing, size_t rows, float *out,
	struct ae_error *err)
{
	return run_rows(f, x, type, missing, rows, out, NULL, err);
}

int ae_forward_rows_latent(struct ae_forward *f, const void *x, enum ae_type type, bool missing, size_t rows,
	float *out, float *latent, struct ae_error *err)
{
	if (run_rows(f, x, type, missing, rows, out, latent, err) != 0)
		return -1;
	if (!f->latent_unsure)
		return 0;
	/* What is checked after which op depends on where the result is taken. */
	if (!f->encoder && ae_forward_new(&f->encoder, f->model, AE_NET_ENCODER, f->threads, err) != 0)
		return -1;
	if (ae_forward_rows(f->encoder, x, type, missing, rows, latent, err) != 0)
		return -1;
	if (f->beyond.inner == 0) {
		f->beyond.inner = f->encoder->beyond.inner;
		f->beyond.first_row = f->encoder->beyond.first_row;
	}
	return 0;
}

struct ae_thread_pool *ae_forward_pool(const struct ae_forward *f)
{
	return ae_infer_pool(f->infer);
}

void ae_forward_sums_to(struct ae_forward *f, struct ae_buf *sums)
{
	f->sums = sums;
}

bool ae_forward_is_finite(const struct ae_forward *f)
{
	return f->finite;
}

const struct ae_forward_beyond *ae_forward_beyond(const struct ae_forward *f)
{
	return &f->beyond;
}

const struct ae_forward_partial *ae_forward_partial(const struct ae_forward *f)
{
	return &f->partial;
}
