/* SPDX-License-Identifier: MIT */
/* Layers: what a network does step by step. A new kind is one file, or one row in one, and a row in layer.c. */
#ifndef AE_NET_LAYER_H
#define AE_NET_LAYER_H

#include <stdbool.h>

#include "core/tensor.h"
#include "kernels/kernels.h"

#define AE_LAYER_PARAMS 4

enum ae_layer_init { AE_INIT_ZERO, AE_INIT_ONE, AE_INIT_GLOROT };

/* One tensor of a layer's weights; they follow each other in the flat vector, those trained first. */
struct ae_layer_param {
	const char *name; /* "kernel" */
	struct ae_shape shape;
	enum ae_layer_init init;
	size_t fan_in, fan_out; /* for glorot */
	bool trained;
};

/* How the network spares itself passes over memory. An activation that is a slope below 0 is left to the steps around
   it, which have its values in registers anyway; a batch normalisation to the step behind it, which takes what it would
   have scaled as it is and scales its own weights. */
struct ae_layer_fused {
	bool activation_after, activation_before; /* the activation behind this step, before this step */
	double slope_after, slope_before; /* forward() multiplies y below 0, backward() dx where x is not above it */
	bool skip_forward, skip_backward; /* this step is one that others do: its y is its x, its dx its dy */
	const struct ae_layer *batchnorm; /* the normalisation before this step, done by it; NULL: none */
};

/* One step, bound to the shapes on both sides. */
struct ae_layer {
	const struct ae_layer_ops *type;
	size_t text_layer; /* which layer of the text it belongs to */
	char text[64];     /* the canonical words: "dense 32", "leakyrelu:0.3" */
	struct ae_shape in, out;
	size_t place;       /* among the network's steps */
	const char *before; /* while bind() runs: the words before, NULL for the first */
	size_t units;       /* what read() found; each kind uses what it needs */
	double number;
	struct ae_conv conv;
	size_t params;
	struct ae_layer_param param[AE_LAYER_PARAMS];
	size_t weights;           /* elements of all params together */
	size_t offset;            /* of the first one in the network's flat vector */
	size_t gradient_multiple; /* gradients are asked for in ranges of whole grains: a row of a kernel */
	size_t saved;             /* floats a row keeps from backward() to gradient() */
	size_t partials;          /* floats a slice of a batch keeps, and the batch as a whole */
	size_t batch_stats;
	size_t workspace;                       /* floats that every call may use, whatever they hold */
	size_t rows_min;                        /* of a batch in training */
	bool reduces_forward, reduces_backward; /* the slices of a batch meet before they can go on */
	struct ae_layer_fused fused;
};

/* What a step works on: blocks that follow each other in every array. */
struct ae_layer_blocks {
	const struct ae_kernels *kernels;
	const float *weights; /* the layer's own */
	size_t blocks;
	const float *x; /* its input and output */
	float *y;
	float *dy; /* the gradient by y, which may be overwritten, and by x; dx is NULL where nobody asks */
	float *dx;
	float *saved, *partials, *workspace;
	const float
		*batch_stats; /* NULL except in training; that of the normalisation done by the layer, if it does one */
	/* Of the rows here, which is one slice of a batch; of the whole batch; where in it these begin. Lanes beyond
	   `rows` are padding: anything in x and y, zero in dy. */
	size_t rows, batch_rows, first_row;
	const struct ae_layer_training *training; /* NULL outside of it */
	struct ae_layer_consumer *consumer;       /* told of y in forward(), of dx in backward(); NULL: nobody is */
	bool stats_done;                          /* share_piece() has seen all there is, or share_sums() have it */
};

/* Values of that shape in all blocks. */
static inline size_t ae_layer_floats(const struct ae_layer_blocks *at, const struct ae_shape *shape)
{
	return at->blocks * ae_shape_size(shape) * at->kernels->lanes;
}

/* The doubles that `share` and `whole` may hold. */
static inline double *ae_layer_doubles(const void *floats)
{
	return (double *)floats;
}

/* A step that wants to see a batch's values as another makes them, while they are in the cache. */
struct ae_layer_consumer {
	const struct ae_layer *layer;
	const struct ae_layer_blocks *at;
};

struct ae_layer_training {
	uint64_t seed, step;
};

/* Where the slices of a batch meet: their shares follow each other, of slice_rows rows each but the last. */
struct ae_layer_reduction_args {
	const float *partials;
	size_t slices, slice_rows, rows;
	float *weights, *batch_stats;
};

/* The gradient of the weights [from, to) over all blocks of a batch, which follow each other in x and keep. */
struct ae_layer_gradient {
	const struct ae_kernels *kernels;
	const float *x;
	const float *saved, *partials, *batch_stats;
	size_t blocks, slices;
	size_t from, to;
	float *g; /* to - from floats */
	/* If not NULL, c[m][n] = a[m][k] b[k][n] faster than the kernels; then `work` holds what ae_layer_work() says.
	 */
	void (*multiply)(float *c, const float *a, const float *b, size_t m, size_t n, size_t k);
	float *work;
};

struct ae_layer_ops {
	const char *name;
	bool starts;                                          /* may be the first word of a layer */
	bool follows;                                         /* may be a later one */
	bool in_place;                                        /* x may be y */
	bool in_place_back;                                   /* dx may be dy */
	bool dx_over_x;                                       /* dx may be x, if that is needed no more */
	bool uses_y;                                          /* backward() reads y */
	bool is_piecewise_linear;                             /* y = x above 0, else `number` times x */
	bool fuses_activation_after, fuses_activation_before; /* can do such an activation: behind it in forward(),
								 before it in backward() */
	bool is_batchnorm, fuses_batchnorm;                   /* is a normalisation; can do one before it */
	double low, high;                                     /* what y lies in; both 0: anything */
	unsigned activation;                                  /* of the kernels' table */
	/* Reads the arguments, `value` from behind a colon or NULL, and some of the n words that follow: says how many.
	   Sets text. */
	int (*parse)(struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used,
		struct ae_error *err);
	/* From `in` to out, params, weights, grain and what is kept. */
	int (*bind)(struct ae_layer *layer, struct ae_error *err);
	void (*forward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	/* What a slice shares of a batch in training, before forward() and before backward(), and where slices meet
	   what they make of it together, one thread for all. */
	void (*partial_forward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*reduce_forward)(const struct ae_layer *layer, const struct ae_layer_reduction_args *at);
	void (*partial_backward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*reduce_backward)(const struct ae_layer *layer, const struct ae_layer_reduction_args *at);
	/* What they know may come in pieces instead: of x, or where `dy` is not NULL of dy, each some pixels long. */
	void (*partial_begin)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*partial_tile)(
		const struct ae_layer *layer, const struct ae_layer_blocks *at, const float *piece, size_t pixels);
	/* Or, of dy, each channel's sum in every lane will do: where they are added up, [channels][lanes], or NULL. */
	float *(*partial_channel_sums)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	bool emits_tiles; /* forward() and backward() tell who watches */
	void (*backward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	/* Only for layers with weights. */
	void (*weight_gradient)(const struct ae_layer *layer, const struct ae_layer_gradient *gradient);
};

/* Rows of a dense kernel that one gradient by `multiply` takes at most, and the floats of work it needs for a batch of
   so many rows, whole blocks. */
enum { AE_LAYER_WIDE_ROWS = 1024 };
size_t ae_layer_work(const struct ae_layer *dense, size_t rows);

extern const struct ae_layer_ops ae_layer_dense, ae_layer_batchnorm, ae_layer_dropout;
/* Each ends with a row without a name. */
extern const struct ae_layer_ops ae_layer_activations[], ae_layer_convs[], ae_layer_pools[], ae_layer_shapes[];

/* For bind(): the layer takes `wanted`, not what comes before it. A usage error unless that is the input. */
int ae_layer_mismatch(const struct ae_layer *layer, const char *wanted, struct ae_error *err);

/* The kind of that name (len bytes), NULL if there is none. */
const struct ae_layer_ops *ae_layer_find(const char *name, size_t len);
/* Of the kinds that may start a layer, or follow in one, the name most like this one, or NULL. */
const char *ae_layer_nearest(const char *name, bool starts);

#endif
