/* SPDX-License-Identifier: MIT */
/* The state of a trainer, for trainer*.c alone. */
#ifndef AE_TRAIN_TRAINER_INTERNAL_H
#define AE_TRAIN_TRAINER_INTERNAL_H

#include "core/thread_pool.h"
#include "net/net_internal.h"
#include "train/blas.h"
#include "train/schedule.h"
#include "train/trainer.h"
#include "train/trim.h"

/* Weights [from, to) of an op: the gradient that one task computes and hands to the optimizer. */
struct range {
	size_t op, from, to;
};

/* Memory of one thread. */
struct worker {
	float *grad_buffer[2]; /* for the slice it works on, where no op reduces over the batch */
	float *target;         /* a block of targets */
	float *gradient;       /* of a range */
	float *work;           /* of ae_layer_gradient */
	float *workspace;      /* of ae_layer_blocks */
};

/* Back-propagation state of a slice: dy = dL/d(output of the current op), and two buffers it alternates between. A
   gradient may instead overwrite an activation that is no longer needed. */
struct slice {
	float *dy, *grad_buffer[2];
};

struct ae_trainer {
	struct ae_net *net;
	struct ae_train_settings settings;
	const struct ae_loss *loss;
	const struct ae_optimizer *optimizer;
	struct ae_schedule schedule;
	struct ae_train_data data;
	const struct ae_kernels *kernels;
	struct ae_thread_pool *pool;
	bool has_blas;             /* acquired */
	size_t ops, first_trained; /* ops of the network; the first one with weights to train */
	size_t in, out;            /* values of a row */
	size_t lanes;
	size_t blocks, slice_blocks; /* of a full batch; of a slice */
	float *memory;               /* all buffers, in one piece of `floats` */
	uint64_t floats;
	/* Of a whole batch: x[blocks][in][lanes]; and for each op y[blocks][out][lanes] (which may be the memory of its
	   x), and its buffers of layer.h, partials for every slice. */
	float *x, **y, **saved, **partials, **batch_stats;
	struct worker *workers;
	struct slice *slices; /* with grad_buffers of their own if `reduces` */
	size_t slice_count;
	bool reduces; /* some op reduces over the batch: slices stop in the middle and go on */
	double *block_loss;
	struct ae_trim trim;
	struct range *ranges;
	size_t range_count;
	uint32_t *order;
	struct ae_train_state state;
	/* The batch at hand: rows order[from ..], or from the first on without an order. */
	const struct ae_train_data *rows;
	const uint32_t *rows_order;
	size_t from, count;
	double values; /* that the loss of the batch is a mean over */
	bool trims;    /* in this batch the rows of the largest losses give no gradient */
	bool learn;
	size_t epoch_step, epoch_steps; /* in training: steps of the epoch, done and all */
	struct ae_update update;
	struct ae_layer_training training;
	/* Ops [begin, stop) that forward_task() runs: `stop` is the next op with a reduction, or the end.
	   begin_reduced: `begin` has had its reduction, and is not the start of the batch. */
	size_t begin, stop;
	bool begin_reduced;
};

static inline size_t blocks_of(const struct ae_trainer *t, size_t rows)
{
	return (rows + t->lanes - 1) / t->lanes;
}

static inline size_t slices_of(const struct ae_trainer *t)
{
	return (blocks_of(t, t->count) + t->slice_blocks - 1) / t->slice_blocks;
}

/* The batch_stats that calls of op i get. */
static inline float *batch_stats_of(const struct ae_trainer *t, size_t i)
{
	return t->batch_stats[ae_net_op(t->net, i)->stats_op];
}

/* Whether dx of op i overwrites its x. */
bool ae_trainer_replaces(const struct ae_trainer *t, size_t i);

/* Whether OpenBLAS computes the weight gradient of an op. */
static inline bool is_wide(const struct ae_layer *op, size_t batch)
{
	return op->type->flags & AE_LAYER_MATRIX_GRADIENT && ae_blas_wins(op->weights, batch);
}

/* Whether a data set fits the network. */
int ae_trainer_check(const struct ae_net *net, const struct ae_train_data *data, struct ae_error *err) AE_MUST_CHECK;
/* The batch at hand: forward, the loss of each block in block_loss, and in training backward, up to what
   weight_gradient() needs in saved, partials and batch_stats. */
void ae_trainer_run(struct ae_trainer *trainer);

#endif
