/* SPDX-License-Identifier: MIT */
/* The forward pass of a model, or of a half of it, over rows that may have missing values. A row's bits depend on the
   row and the model alone. What is computed with a model is computed here: by programs and by the library. */
#ifndef AE_MODEL_FORWARD_H
#define AE_MODEL_FORWARD_H

#include <stdbool.h>

#include "model/model.h"
#include "net/infer.h"

struct ae_forward;

/* What it takes to put a model, or a half of it, to work with so many threads: bytes of weights and buffers, those of
   the caller's rows too, if no call has more rows than `rows`. */
struct ae_forward_needs {
	uint64_t bytes;
	size_t rows;
};

int ae_forward_measure(struct ae_forward_needs *needs, const struct ae_model *model, enum ae_net_part part, int threads,
	struct ae_error *err) AE_MUST_CHECK;

/* The model, which holds a network, is borrowed and must outlive it. Threads as ae_thread_pool_new takes them. */
int ae_forward_new(struct ae_forward **forward, const struct ae_model *model, enum ae_net_part part, int threads,
	struct ae_error *err) AE_MUST_CHECK;
void ae_forward_free(struct ae_forward *forward);

/* Of a row: the network's input, latent or output. */
const struct ae_shape *ae_forward_input(const struct ae_forward *forward);
const struct ae_shape *ae_forward_output(const struct ae_forward *forward);

/* What ae_forward_rows took as AE_BEYOND. */
struct ae_forward_beyond {
	size_t inputs, first_input; /* values of x larger in size than that; the place of the first in x[rows][input] */
	size_t inner, first_row;    /* values in the network, results too, that f32 cannot hold; the first such row */
};

/* Rows that ae_forward_rows did not compute, though they have some value: others of theirs are missing. */
struct ae_forward_partial {
	size_t rows, first_row;
};

/* Row-major rows of a number type in, out[rows][output] out. With `missing` rows may hold NaN: such a row is NaN
   throughout; if the model was trained with masked values only a row of nothing but NaN is, and others have 0 in the
   holes. Without it there is no NaN in x. NaN in the result means that alone: x is brought within AE_BEYOND (a latent:
   within f32), and what is not finite inside the network or at its end becomes AE_BEYOND with its sign, NaN the
   positive one. Inside the network that holds for rows with an input above 1e15 in size and for rows whose result would
   not be finite: weights that take an ordinary reading beyond f32, and a bounded activation after them, stay unseen.
   One call at a time: the object has the buffers, which grow to the largest call. */
int ae_forward_rows(struct ae_forward *forward, const void *x, enum ae_type type, bool missing, size_t rows, float *out,
	struct ae_error *err) AE_MUST_CHECK;

/* The same of the whole network, with latent[rows][latent] out too: the bits that the encoder alone gives. The object
   is one of AE_NET_WHOLE_AND_LATENT. */
int ae_forward_rows_latent(struct ae_forward *forward, const void *x, enum ae_type type, bool missing, size_t rows,
	float *out, float *latent, struct ae_error *err) AE_MUST_CHECK;

/* Its threads, idle between calls. */
struct ae_thread_pool *ae_forward_pool(const struct ae_forward *forward);

/* Where ae_forward_rows puts struct ae_crc32_run of its results, as far as it makes them anyway while they are in the
   cache, none otherwise. NULL, as at first: nowhere. */
void ae_forward_sums_to(struct ae_forward *forward, struct ae_buf *sums);
/* Whether the last call saw that all results are finite. */
bool ae_forward_is_finite(const struct ae_forward *forward);

/* What the last call took as AE_BEYOND. */
const struct ae_forward_beyond *ae_forward_beyond(const struct ae_forward *forward);
/* Which rows it left out for that. */
const struct ae_forward_partial *ae_forward_partial(const struct ae_forward *forward);

#endif
