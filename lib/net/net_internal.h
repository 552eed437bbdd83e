/* SPDX-License-Identifier: MIT */
/* The ops of a network, for inference and training. */
#ifndef AE_NET_NET_INTERNAL_H
#define AE_NET_NET_INTERNAL_H

#include "net/layer.h"
#include "net/net.h"

/* The ops in order, and how many of them belong to the encoder. */
size_t ae_net_ops(const struct ae_net *net);
const struct ae_layer *ae_net_op(const struct ae_net *net, size_t i);
size_t ae_net_cut(const struct ae_net *net);

#endif
