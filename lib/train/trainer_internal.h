/* SPDX-License-Identifier: MIT */
/* Inside a trainer; for train*.c alone. */
#ifndef AE_TRAIN_TRAINER_INTERNAL_H
#define AE_TRAIN_TRAINER_INTERNAL_H

#include "core/thread_pool.h"
#include "train/blas.h"
#include "train/trainer.h"

/* Weights of one step whose gradient one task makes and uses up. */
struct range {
	size_t op, from, to;
};

struct worker {
	float *grad_buffer[2], *target, *gradient, *work, *workspace;
};

/* The gradients that a slice is at, and the room for them; where the values that they are of are needed no more they
   replace those instead. */
struct slice {
	float *dy, *grad_buffer[2];
};

struct ae_trainer {
	struct ae_net *net;
	struct ae_train_settings settings;
	struct ae_train_data data;
	const struct ae_kernels *kernels;
	struct ae_thread_pool *pool;
	size_t ops, first_trained; /* of the network; the first one that is trained */
	size_t in, out;            /* values of a row */
	size_t lanes, blocks, slice_blocks;
	float *memory;
	size_t floats;                   /* there */
	float *x, **y, **saved;          /* for all blocks of a batch: the input, and what each step makes and keeps */
	float **partials, **batch_stats; /* what each step keeps for slices and the batch */
	struct worker *workers;          /* for each worker */
	struct slice *slices;            /* for each slice, with its own arrays only where slices meet */
	size_t slice_count;
	bool reduces;
	double *block_loss;
	struct range *ranges;
	size_t range_count;
	uint32_t *order;
	struct ae_train_state state;
	/* The batch at hand: rows order[from ..], or from the first on without an order. */
	const struct ae_train_data *rows;
	const uint32_t *rows_order;
	size_t from, count;
	double values; /* that the loss of the batch is a mean over */
	bool learn;
	struct ae_optim optim;
	struct ae_layer_training training;
	size_t begin, stop; /* steps that run_up() runs: from `begin` up to where slices meet, or the end */
	bool begin_reduced; /* the meeting at `begin` is over */
};

static inline size_t blocks_of(const struct ae_trainer *t, size_t rows)
{
	return (rows + t->lanes - 1) / t->lanes;
}

static inline size_t slices_of(const struct ae_trainer *t)
{
	return (blocks_of(t, t->count) + t->slice_blocks - 1) / t->slice_blocks;
}

/* What step i knows of the batch, or the normalisation that it does. */
static inline float *batch_stats_of(const struct ae_trainer *t, size_t i)
{
	return t->batch_stats[ae_net_op(t->net, i)->fused.batchnorm ? i - 1 : i];
}

/* Whether step i works where its input is. */
bool ae_trainer_in_place(const struct ae_trainer *t, size_t i);
/* Whether step i leaves the gradient by its input in the place of the input. */
bool ae_trainer_replaces(const struct ae_trainer *t, size_t i);

/* Whether OpenBLAS makes a step's gradient. */
static inline bool is_wide(const struct ae_layer *op, size_t batch)
{
	return op->type->flags & AE_LAYER_MATRIX_GRADIENT && ae_blas_wins(op->weights, batch);
}

/* Whether a data set fits the network. */
int ae_trainer_check(const struct ae_net *net, const struct ae_train_data *data, struct ae_error *err) AE_MUST_CHECK;
/* Runs the batch at hand forward, leaves the loss of each block in block_loss, and in training goes back, to what each
   slice and each block keeps for the gradients. */
void ae_trainer_run(struct ae_trainer *trainer);

#endif
