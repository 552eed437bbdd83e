/* SPDX-License-Identifier: MIT */
/* The activations. An activation is one row here and one in activation.c: networks, help and errors take it from here.
 */
#ifndef AE_KERNELS_ACTIVATION_H
#define AE_KERNELS_ACTIVATION_H

#include <math.h>
#include <stddef.h>

/* Name in a network's text; AE_ and this is its enumerator; the lowest and highest value; whether the gradient is
   computed from the INPUT x or the OUTPUT y; and how a network treats it: SMOOTH, RECTIFIER (y = x above 0, else 0) or
   LEAKY (y = x above 0, else a slope times x, the parameter after a colon). */
#define AE_ACTIVATION_TABLE(X)                                                                                         \
	X(relu, RELU, 0, INFINITY, OUTPUT, RECTIFIER)                                                                  \
	X(leakyrelu, LEAKYRELU, -INFINITY, INFINITY, OUTPUT, LEAKY)                                                    \
	X(sigmoid, SIGMOID, 0, 1, OUTPUT, SMOOTH)                                                                      \
	X(tanh, TANH, -1, 1, OUTPUT, SMOOTH)                                                                           \
	X(elu, ELU, -1, INFINITY, OUTPUT, SMOOTH)                                                                      \
	X(gelu, GELU, -0.16998, INFINITY, INPUT, SMOOTH)                                                               \
	X(silu, SILU, -0.27847, INFINITY, INPUT, SMOOTH)

#define AE_ACTIVATION_ENUMERATOR(name, NAME, low, high, from, kind) AE_##NAME,
enum ae_activation { AE_ACTIVATION_TABLE(AE_ACTIVATION_ENUMERATOR) AE_ACTIVATIONS };
#undef AE_ACTIVATION_ENUMERATOR

struct ae_activation_kernel {
	/* n values in place; n is a multiple of the lanes, a the activation's parameter. */
	void (*forward)(float *y, size_t n, float a);
	/* Multiplies dy, the gradient with respect to the output, by the derivative, in place. `from` holds the input
	   or the output, as the table says. */
	void (*back)(float *dy, const float *from, size_t n, float a);
};

#endif
