/* SPDX-License-Identifier: MIT */
/* Networks from text: shapes, layers, ops and one flat vector of weights. A layer is what a comma separates in the
   text, "dense 32 relu"; an op is one word of it that computes. Knows nothing of data. A network may be read by several
   threads at a time as long as none changes its weights. */
#ifndef AE_NET_NET_H
#define AE_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/tensor.h"

#define AE_NET_LAYERS_MAX 1024

struct ae_net;

/* One named tensor within the flat vector, row-major in Keras's axes: "dense1.kernel" [in,out], "dense1.bias" [out]. */
struct ae_param {
	char name[32];
	struct ae_shape shape;
	size_t offset;
	bool trained;
};

/* Reads a network for rows of shape `input`: "140-32-8-32-140" with act (default relu) after every layer and out
   (default linear) after the last, or a list "dense 32 relu | dense 140 sigmoid", where act and out must be NULL.
   Without `|` the latent cut is after the narrowest layer but the last, the first of equals; a single layer is all
   encoder. Weights are zero. Any bad text is a usage error; a dash form that does not start with the size of `input`
   does not fit the data. */
int ae_net_parse(struct ae_net **net, const char *text, const char *act, const char *out, const struct ae_shape *input,
	struct ae_error *err) AE_MUST_CHECK;
/* The same in two steps: a network without weights, whatever their number, which costs next to no memory, and then the
   weights, zero. */
int ae_net_outline(struct ae_net **net, const char *text, const char *act, const char *out,
	const struct ae_shape *input, struct ae_error *err) AE_MUST_CHECK;
int ae_net_make_weights(struct ae_net *net, struct ae_error *err) AE_MUST_CHECK;
void ae_net_free(struct ae_net *net);

/* An ensemble: several networks of one text, each with weights of its own, whose outputs are averaged (net/infer.h).
   Between the two steps above: how many there are, 1 at first. */
#define AE_NET_MEMBERS_MAX 1000
void ae_net_set_members(struct ae_net *net, size_t members);
size_t ae_net_members(const struct ae_net *net);
/* Chooses the member, from 0, that the network is from now on: whose weights ae_net_weights gives, and which is trained
   and applied. AE_NET_ALL, as at first: the ensemble is applied, and ae_net_weights gives those of the first. */
#define AE_NET_ALL SIZE_MAX
void ae_net_select(struct ae_net *net, size_t member);
size_t ae_net_selected(const struct ae_net *net);
/* The weights of any member. */
const float *ae_net_member_weights(const struct ae_net *net, size_t member);

/* The canonical list form with its cut; parsed with NULL, NULL it makes the same network. */
const char *ae_net_text(const struct ae_net *net);
const struct ae_shape *ae_net_input(const struct ae_net *net);
const struct ae_shape *ae_net_latent(const struct ae_net *net);
const struct ae_shape *ae_net_output(const struct ae_net *net);

/* The layers of the text: canonical words, shape of the output, number of weights. */
size_t ae_net_layers(const struct ae_net *net);
const char *ae_net_layer_name(const struct ae_net *net, size_t i);
const struct ae_shape *ae_net_layer_output(const struct ae_net *net, size_t i);
size_t ae_net_layer_params(const struct ae_net *net, size_t i);
/* The layers before the latent cut. */
size_t ae_net_encoder_layers(const struct ae_net *net);

/* The tensors in the order of the flat vector, and the vector, which the network owns; of an ensemble, of a member. */
size_t ae_net_params(const struct ae_net *net);
const struct ae_param *ae_net_param(const struct ae_net *net, size_t i);
float *ae_net_weights(struct ae_net *net);
size_t ae_net_weight_count(const struct ae_net *net);

/* Sets the weights: Glorot-uniform kernels, zero biases, a function of the network and the seed. */
void ae_net_init(struct ae_net *net, uint64_t seed);

/* The range of the last activation; -INFINITY or INFINITY where it has no bound. */
void ae_net_output_range(const struct ae_net *net, double *low, double *high);

/* The words that a network's text may have, for help and errors: those that may begin a layer, those that may follow in
   one, and of these the activations. An ae_words each. */
const char *ae_layer_first_word(size_t i);
const char *ae_layer_later_word(size_t i);
const char *ae_activation_word(size_t i);

#endif
