/* SPDX-License-Identifier: MIT */
/* Inference: rows through a trained network, or a half of it. The bits of a row depend on the row alone: not on the
   other rows of a call, nor on threads, nor on the instruction set as long as it has fused multiply-add. */
#ifndef AE_NET_INFER_H
#define AE_NET_INFER_H

#include <stdbool.h>

#include "core/tensor.h"
#include "core/util.h"

/* The last is the whole, which gives its latent too. */
enum ae_net_part { AE_NET_WHOLE, AE_NET_ENCODER, AE_NET_DECODER, AE_NET_WHOLE_AND_LATENT };

struct ae_infer;
struct ae_net;

/* An ensemble of which no member is selected gives the mean of its members' outputs: their sum in f64, in the order of
   the members, divided by their number and rounded once to f32. It has no latent: of its parts there is the whole
   alone. Borrows the network, which must outlive the object; later changes of its weights count. threads as
   ae_thread_pool_new() takes them. Reads AE_ISA from the environment. An object serves one call at a time: it holds the
   call in progress. Objects are independent of each other, also of those with the same network. */
int ae_infer_new(struct ae_infer **infer, const struct ae_net *net, enum ae_net_part part, int threads,
	struct ae_error *err) AE_MUST_CHECK;
void ae_infer_free(struct ae_infer *infer);

/* What inference takes on this processor with so many threads. */
struct ae_infer_needs {
	uint64_t bytes;  /* of the network's weights and of what ae_infer_new allocates */
	size_t in, out;  /* values of a row; a latent that is given too is of the output */
	size_t parallel; /* rows that all threads work on at once */
};

int ae_infer_measure(struct ae_infer_needs *needs, const struct ae_net *net, enum ae_net_part part, int threads,
	struct ae_error *err) AE_MUST_CHECK;

/* Where the next calls put rows[rows][latent], the bits that the encoder alone gives: of an object of
   AE_NET_WHOLE_AND_LATENT. NULL, as at first: nowhere. */
void ae_infer_latent_to(struct ae_infer *infer, float *latent);

/* The shapes of a row in and out: input, latent or output of the network. */
const struct ae_shape *ae_infer_input(const struct ae_infer *infer);
const struct ae_shape *ae_infer_output(const struct ae_infer *infer);

/* Its threads, idle between calls. */
struct ae_thread_pool *ae_infer_pool(const struct ae_infer *infer);

/* x: row-major rows[rows][input] of f32, f64 (rounded to f32) or u8; out: rows[rows][output]. Allocates nothing. NaN or
   infinity in a row spoils that row alone. */
int ae_infer_rows(struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out,
	struct ae_error *err) AE_MUST_CHECK;

/* What is seen of rows and results while they are in a worker's cache. */
struct ae_infer_watch {
	double large;        /* an input above this in size is odd, as is a result that is not finite */
	struct ae_buf *sums; /* becomes struct ae_crc32_run of the results; or NULL */
	bool odd;            /* what is found */
};

/* The same, watched; the sums take memory. */
int ae_infer_rows_watched(struct ae_infer *infer, const void *x, enum ae_type type, size_t rows, float *out,
	struct ae_infer_watch *watch, struct ae_error *err) AE_MUST_CHECK;

/* The same for rows of f32, and what is not finite after an op becomes AE_BEYOND, with its sign if it is infinite,
   before the next op. Returns how many values did; *first is then the first row with one. Slower, and with equal bits
   for rows where none does. */
size_t ae_infer_rows_finite(struct ae_infer *infer, const float *x, size_t rows, float *out, size_t *first);

#endif
