/* SPDX-License-Identifier: MIT */
/* Which networks a target may compute. */
#ifndef FUZZ_NET_H
#define FUZZ_NET_H

#include "net/infer.h"
#include "net/net.h"

/* Whether a network takes little memory, and few operations a row. */
static inline bool fuzz_net_is_small(const struct ae_net *net)
{
	enum { MEMORY = 1 << 24, OPERATIONS = 1 << 22 };
	struct ae_error err;
	struct ae_infer_needs needs;
	uint64_t operations = 0;
	if (ae_infer_measure(&needs, net, AE_NET_WHOLE, 1, &err) != 0 || needs.bytes > MEMORY)
		return false;
	for (size_t i = 0; i < ae_net_layers(net); i++)
		operations += (ae_net_layer_params(net, i) + 1) * ae_shape_size(ae_net_layer_output(net, i));
	return operations <= OPERATIONS;
}

#endif
