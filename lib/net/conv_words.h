/* SPDX-License-Identifier: MIT */
/* The words of convolutions in a network's text. */
#ifndef AE_NET_CONV_WORDS_H
#define AE_NET_CONV_WORDS_H

#include "net/layer.h"

/* Reads what follows the name: "16 3x3/2", "16 3x5/1x2"; of a series "16 7/2". Sets text, and in args.conv units,
   kernel and strides; the arguments are those of ae_layer_ops.parse. */
int ae_conv_words(struct ae_layer *layer, bool series, const char *value, char *const *words, size_t n, size_t *used,
	struct ae_error *err);

#endif
