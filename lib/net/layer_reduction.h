/* SPDX-License-Identifier: MIT */
/* Reduction over a batch: an all-reduce of statistics between the slices of a batch, as in synchronised batch
   normalisation. For layers whose forward() or backward() depends on all rows of the batch (batchnorm), and those whose
   weight gradient is cheapest while dy is in cache (conv).

   Each slice writes its partial sums to `partials`, all slices meet at a barrier, one thread reduces the partials in
   the order of the slices to `batch_stats`, and the slices go on. The order makes the result independent of threads. */
#ifndef AE_NET_LAYER_REDUCTION_H
#define AE_NET_LAYER_REDUCTION_H

#include "net/layer.h"

/* The partials of all slices follow each other, layer->partials floats each, of slice_rows rows each but the last. */
struct ae_layer_reduction_args {
	const float *partials;
	size_t slices, slice_rows, rows;
	float *weights, *batch_stats;
};

/* Every member may be NULL. All but reduce_*() run for one slice. */
struct ae_layer_reduction {
	/* Partial sums of x before forward(), followed by a barrier and reduce_forward() where the layer has
	   reduces_forward. Only in training. */
	void (*partial_forward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*reduce_forward)(const struct ae_layer *layer, const struct ae_layer_reduction_args *at);
	/* Partial sums of dy (and x) before backward(), followed by a barrier and reduce_backward() where the layer has
	   reduces_backward. */
	void (*partial_backward)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*reduce_backward)(const struct ae_layer *layer, const struct ae_layer_reduction_args *at);
	/* Incremental alternative to partial_forward() and partial_backward(), for a layer that is the consumer of a
	   neighbour's tiles: partial_begin() clears the sums, partial_tile() is called on each tile of x (forward), or
	   of dy (backward, at->dy not NULL) while it is in cache. stats_done tells partial_*() that this happened. */
	void (*partial_begin)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
	void (*partial_tile)(
		const struct ae_layer *layer, const struct ae_layer_blocks *at, const float *tile, size_t pixels);
	/* Backward only: where the neighbour adds each channel's sum of dy, [channels][lanes], if that is all the layer
	   needs; or NULL. */
	float *(*partial_channel_sums)(const struct ae_layer *layer, const struct ae_layer_blocks *at);
};

/* A layer that gathers its statistics from the tiles of a neighbour, and its arguments. */
struct ae_layer_consumer {
	const struct ae_layer *layer;
	const struct ae_layer_blocks *at;
};

#endif
