/* SPDX-License-Identifier: MIT */
/* The interface that every layer implements. A layer is one file, layer_NAME.c, and one row in layer.c.
   Statistics over a whole batch are in layer_reduction.h, operator fusion in layer_fusion.h: most layers need neither.

   Pointers of a call. b is the number of blocks, L the lanes of the kernels (rows of a block), in and out the values of
   a row; "-" means NULL. In weight_gradient() the blocks are those of the whole batch, else those of one slice of it.

   pointer      shape                 inference  forward  backward  weight_gradient  may be overwritten by
   weights      [layer->weights]      yes        yes      yes       -                reduce_forward()
   x            [b][in][L]            yes        yes      yes (1)   yes (2)          dx, with AE_LAYER_DX_OVER_X
   y            [b][out][L]           yes        yes      yes (3)   -                forward()
   dy           [b][out][L]           -          -        yes       -                backward()
   dx           [b][in][L]            -          -        yes or -  -                backward()
   saved        [b][L][layer->saved]  -          yes      yes       yes              forward(), backward()
   partials     [layer->partials]     -          yes      yes       [slices] of them forward(), partial_*(), backward()
   batch_stats  [layer->batch_stats]  -          yes      yes       yes              reduce_*()
   workspace    [layer->workspace]    yes        yes      yes       -                every call; undefined at its start
   training     1                     -          yes      yes       -                nobody
   consumer     1                     -          yes or - yes or -  -                nobody (layer_fusion.h)
   g            [to - from]           -          -        -         yes              weight_gradient()

   forward includes partial_forward() and reduce_forward(), backward partial_backward() and reduce_backward(). "forward"
   is training's; an evaluation by the trainer has batch_stats, training and consumer as inference does.
   (1) Unless forward() ran in place; a layer with AE_LAYER_BACKWARD_NEEDS_INPUT never does in training.
   (2) Only in layers without AE_LAYER_FORWARD_IN_PLACE and AE_LAYER_DX_OVER_X.
   (3) Only in layers with AE_LAYER_BACKWARD_NEEDS_OUTPUT.
   dx is NULL where no layer before this one is trained. */
#ifndef AE_NET_LAYER_H
#define AE_NET_LAYER_H

#include <stdbool.h>

#include "core/tensor.h"
#include "kernels/kernels.h"

#define AE_LAYER_PARAMS 4

/* Properties of a layer, and what the network, inference and the trainer do with each. */
enum ae_layer_flags {
	/* Its word may begin a layer of a network's text; it may follow another word. */
	AE_LAYER_FIRST = 1 << 0,
	AE_LAYER_FOLLOWS = 1 << 1,
	/* forward() allows y == x. Inference always passes the same pointer then. Training does unless the op before
	   needs its output or this one its input in backward(); the network's own input is never overwritten. */
	AE_LAYER_FORWARD_IN_PLACE = 1 << 2,
	/* backward() allows dx == dy, and the trainer passes the same pointer. */
	AE_LAYER_BACKWARD_IN_PLACE = 1 << 3,
	/* backward() reads x: forward() never runs in place in training. */
	AE_LAYER_BACKWARD_NEEDS_INPUT = 1 << 4,
	/* backward() reads y: the op after it never runs in place in training, and never writes its dx over it. */
	AE_LAYER_BACKWARD_NEEDS_OUTPUT = 1 << 5,
	/* dx may overwrite x: nothing reads x after backward() has begun to write dx. The trainer passes x as dx where
	   no earlier op needs the values, which saves memory. */
	AE_LAYER_DX_OVER_X = 1 << 6,
	/* A row is much work: the trainer cuts batches into slices of as little as one block. */
	AE_LAYER_HEAVY_ROWS = 1 << 7,
	/* weight_gradient() can use a matrix product for large kernels: `multiply` and `work` of its arguments. */
	AE_LAYER_MATRIX_GRADIENT = 1 << 8,
	/* y = x: accepted in a text and left out of the network. */
	AE_LAYER_IDENTITY = 1 << 9,
	/* Listed as an activation in help and errors. */
	AE_LAYER_ACTIVATION = 1 << 10,
	/* forward() takes the kernels for blocks of one lane too (kernels.h, row), with x and y of one row. */
	AE_LAYER_ONE_LANE = 1 << 11,
};

enum ae_layer_init { AE_INIT_ZERO, AE_INIT_ONE, AE_INIT_GLOROT };

/* One tensor of a layer's weights. The tensors follow each other in the flat vector, those trained first. */
struct ae_layer_param {
	const char *name; /* "kernel" */
	struct ae_shape shape;
	enum ae_layer_init init;
	size_t fan_in, fan_out; /* for AE_INIT_GLOROT */
	bool trained;
};

/* The arguments in the text, as parse() and bind() set them: one member for each kind of layer. */
union ae_layer_args {
	struct {
		size_t units;
	} dense;
	struct {
		struct ae_conv shape;
		size_t units; /* output channels */
	} conv;
	struct {
		enum ae_activation kernel;
		double parameter; /* leakyrelu's slope below 0 */
	} activation;
	struct {
		double rate;
	} dropout;
};

/* Which neighbours were fused into this op, and whether the op itself was fused into one. Set by ae_layers_fuse();
   see layer_fusion.h. All zero for layers without `fusion`. */
struct ae_layer_fused {
	bool activation_after, activation_before;
	double slope_after, slope_before;
	bool skip_forward, skip_backward;
	const struct ae_layer *batchnorm;
};

/* One op of a network: a layer bound to its shapes. bind() sets what is marked so. */
struct ae_layer {
	const struct ae_layer_ops *type;
	size_t text_layer; /* which layer of the text it belongs to */
	char text[64];     /* its canonical words, set by parse(): "dense 32", "leakyrelu:0.3" */
	struct ae_shape in, out /* bind */;
	size_t place;       /* among the ops of the network */
	size_t stats_op;    /* the op whose batch_stats it gets: this one, or one that was fused into it */
	const char *before; /* during bind(): the words before, NULL for the first */
	union ae_layer_args args;
	/* Weights, all bind. */
	size_t params;
	struct ae_layer_param param[AE_LAYER_PARAMS];
	size_t weights;           /* elements of all params together */
	size_t gradient_multiple; /* weight_gradient() gets ranges of a multiple of this: dense, a row of the kernel */
	size_t offset;            /* of the first weight in the network's flat vector; not bind */
	/* Sizes of buffers in floats, all bind: for a row; for a slice; for a batch; for a call. */
	size_t saved, partials, batch_stats, workspace;
	size_t rows_min;                        /* bind: the smallest batch that it can be trained on */
	bool reduces_forward, reduces_backward; /* bind: see layer_reduction.h */
	struct ae_layer_fused fused;
};

struct ae_layer_training {
	uint64_t seed, step; /* of the run; of the optimizer */
};

/* The arguments of forward() and backward(): see the table above. Arrays are contiguous over blocks. */
struct ae_layer_blocks {
	const struct ae_kernels *kernels;
	const float *weights;
	size_t blocks;
	/* Rows in these blocks; lanes from `rows` on are padding: anything finite in x and y, zero in dy and dx. */
	size_t rows;
	/* In training only, else 0: rows of the whole batch, and the place of the first one here in it. */
	size_t batch_rows, first_row;
	const float *x;
	float *y, *dy, *dx;
	float *saved, *partials, *workspace;
	const float *batch_stats;
	const struct ae_layer_training *training;
	struct ae_layer_consumer *consumer;
	bool stats_done;
};

/* The arguments of weight_gradient(): dL/dw for the weights [from, to), over all blocks of a batch. */
struct ae_layer_gradient {
	const struct ae_kernels *kernels;
	const float *x, *saved, *partials, *batch_stats;
	size_t blocks, slices;
	size_t from, to;
	float *g;
	/* Only with AE_LAYER_MATRIX_GRADIENT, else NULL: c[m][n] = a[m][k] b[k][n], faster than the kernels for large
	   kernels; `work` holds ae_layer_work() floats. */
	void (*multiply)(float *c, const float *a, const float *b, size_t m, size_t n, size_t k);
	float *work;
};

struct ae_layer_ops {
	const char *name;
	unsigned flags;   /* enum ae_layer_flags */
	double output[2]; /* lowest and highest y; both 0: unbounded */
	/* Reads the arguments: `value` from after a colon, or NULL, and some of the n words that follow, whose number
	   goes to *used. Sets text and args. */
	int (*parse)(struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used,
		struct ae_error *err);
	/* From `in` and args: out, weights, sizes of buffers. */
	int (*bind)(struct ae_layer *layer, struct ae_error *err);
	void (*forward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	/* dx = dL/dx from dy = dL/dy. Called with dx == NULL too, for what weight_gradient() needs. */
	void (*backward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	/* NULL in layers without weights. */
	void (*weight_gradient)(const struct ae_layer *layer, const struct ae_layer_gradient *at);
	const struct ae_layer_reduction *reduction; /* NULL: no statistics over the batch */
	const struct ae_layer_fusion *fusion;       /* NULL: cannot be fused */
};

/* Values of that shape in all blocks. */
static inline size_t ae_layer_floats(const struct ae_layer_blocks *at, const struct ae_shape *shape)
{
	return at->blocks * ae_shape_size(shape) * at->kernels->lanes;
}

/* partials and batch_stats may hold doubles. */
static inline double *ae_layer_doubles(const void *floats)
{
	return (double *)floats;
}

/* Channels of an op's input, its last axis; and its pixels, all other axes together. */
static inline size_t ae_layer_channels(const struct ae_layer *layer)
{
	return layer->in.rank ? layer->in.dim[layer->in.rank - 1] : 1;
}

static inline size_t ae_layer_pixels(const struct ae_layer *layer)
{
	return ae_shape_size(&layer->in) / ae_layer_channels(layer);
}

/* Rows of a kernel that one weight_gradient() by `multiply` takes at most, and the floats of `work` for a batch of so
   many rows, whole blocks. */
enum { AE_LAYER_WIDE_ROWS = 1024 };
size_t ae_layer_work(const struct ae_layer *layer, size_t rows);

/* For layers whose word takes no arguments: a parse() that sets the text. */
int ae_layer_parse_plain(
	struct ae_layer *layer, const char *value, char *const *words, size_t n, size_t *used, struct ae_error *err);
/* A bind() for layers whose output has the shape of the input, without weights. */
int ae_layer_bind_same_shape(struct ae_layer *layer, struct ae_error *err);
/* For layers that work in place: copies a row's values in all blocks, unless the pointers are equal or `to` is NULL. */
void ae_layer_copy(const struct ae_layer *layer, const struct ae_layer_blocks *at, float *to, const float *from);

/* A weight_gradient() for layers whose partials begin with a slice's part of it: their sum, in the order of slices. */
void ae_layer_sum_partials(const struct ae_layer *layer, const struct ae_layer_gradient *at);

/* For bind(): the error that the layer takes `wanted`, not what comes before it. A usage error unless that is the
   network's input. */
int ae_layer_mismatch(const struct ae_layer *layer, const char *wanted, struct ae_error *err);

/* The layer types; NULL from the end of the table on. */
const struct ae_layer_ops *ae_layer_type(size_t i);
/* The one of that name (len bytes), NULL if there is none. */
const struct ae_layer_ops *ae_layer_find(const char *name, size_t len);

#endif
