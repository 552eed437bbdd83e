/* SPDX-License-Identifier: MIT */
/* Gradients of every layer, activation and loss against central differences: one row a network. A new layer,
   activation or loss adds its row here. */
#include "gradcheck.h"

/* clang-format off */
static const struct {
	const char *net;
	struct ae_shape input;
	const char *loss;
	uint64_t seed;
} networks[] = {
	{"dense 4", {.rank = 1, .dim = {5}}, "mse", 1},
	{"dense 4", {.rank = 2, .dim = {3, 4}}, "mse", 2},
	{"dense 4", {.rank = 1, .dim = {5}}, "mae", 3},
	{"dense 4", {.rank = 1, .dim = {5}}, "huber", 4},
	{"dense 9 tanh, dense 4 sigmoid", {.rank = 1, .dim = {5}}, "bce", 41},
	{"dense 9 tanh, dense 4", {.rank = 1, .dim = {5}}, "cosine", 42},
	{"dense 9 relu, dense 4", {.rank = 1, .dim = {5}}, "mse", 5},
	{"dense 9 leakyrelu:0.2, dense 4", {.rank = 1, .dim = {5}}, "mse", 6},
	{"dense 9 sigmoid, dense 4 sigmoid", {.rank = 1, .dim = {5}}, "mse", 7},
	{"dense 9 tanh, dense 4 tanh", {.rank = 1, .dim = {5}}, "mse", 8},
	{"dense 9 elu, dense 4 elu", {.rank = 1, .dim = {5}}, "mse", 9},
	{"dense 9 gelu, dense 4 gelu", {.rank = 1, .dim = {5}}, "mse", 22},
	{"dense 9 silu, dense 4 silu", {.rank = 1, .dim = {5}}, "mse", 23},
	{"dense 9 gelu silu gelu dropout:0.1 silu flatten gelu, dense 4", {.rank = 1, .dim = {5}}, "mse", 24},
	{"layernorm, dense 9 layernorm gelu | dense 4 layernorm", {.rank = 1, .dim = {5}}, "mse", 25},
	{"layernorm, dense 4", {.rank = 2, .dim = {3, 4}}, "mse", 26},
	{"conv 3 3x3 gelu, conv 2 3x3/2 silu, conv 4 3x3 relu silu | convt 2 3x3/2 gelu dropout:0.2, conv 1 3x3",
		{.rank = 3, .dim = {5, 4, 2}}, "mse", 27},
	{"conv 3 3x3 layernorm leakyrelu:0.8, conv 4 3x3 leakyrelu:0.8 layernorm batchnorm, conv 2 3x3/2 batchnorm layernorm gelu",
		{.rank = 3, .dim = {5, 4, 2}}, "mse", 28},
	{"dense 9 dropout:0.3, dense 4", {.rank = 1, .dim = {5}}, "mse", 10},
	{"batchnorm, dense 6 batchnorm tanh | dense 4 batchnorm", {.rank = 1, .dim = {4}}, "mse", 11},
	{"conv 3 3x3", {.rank = 3, .dim = {4, 5, 2}}, "mse", 12},
	{"conv 3 3x2/2 relu", {.rank = 3, .dim = {5, 4, 2}}, "mse", 13},
	{"convt 3 3x3", {.rank = 3, .dim = {4, 3, 2}}, "mse", 14},
	{"convt 2 4x4/2 leakyrelu", {.rank = 3, .dim = {3, 2, 2}}, "mae", 15},
	{"conv 3 3x3 maxpool, dense 4", {.rank = 3, .dim = {4, 4, 1}}, "mse", 16},
	{"conv 2 3x3 upsample, conv 1 3x3", {.rank = 3, .dim = {3, 3, 1}}, "mse", 17},
	{"conv 2 3x3 flatten, dense 6, reshape 2x3x1, conv 2 1x1", {.rank = 3, .dim = {3, 3, 1}}, "mse", 18},
	{"conv 3 3x3/2 tanh batchnorm, conv 2 2x2 elu | convt 8 3x3/2 batchnorm relu, conv 2 3x3 sigmoid",
		{.rank = 3, .dim = {5, 6, 2}}, "mse", 19},
	{"conv 9 5x3 tanh | convt 5 3x7/2 tanh, conv 1 1x1", {.rank = 3, .dim = {4, 9, 1}}, "mse", 20},
	{"conv1d 3 5", {.rank = 2, .dim = {7, 2}}, "mse", 43},
	{"conv1d 5 7/2 relu dropout:0.2, conv1d 3 4/3 | convt1d 4 7/3 relu, convt1d 2 5/2, convt1d 1 3",
		{.rank = 2, .dim = {12, 2}}, "mse", 44},
	{"conv1d 3 31 tanh batchnorm, conv1d 2 2/5 | dense 9, reshape 3x3, convt1d 2 1/4 layernorm", {.rank = 2, .dim = {9, 1}},
		"mse", 45},
	{"conv 3 9x2/3x1 tanh, conv 2 1x11/1x2 | convt 3 2x3/1x4, conv 2 1x1/5x4", {.rank = 3, .dim = {7, 6, 2}}, "mse", 46},
	{"conv 4 3x3 tanh dropout:0.3 upsample, conv 2 3x3/2 | dense 9 dropout:0.5, reshape 3x3x1, convt 1 4x4/2",
		{.rank = 3, .dim = {4, 4, 1}}, "mse", 21},
};
/* clang-format on */

/* test_gradients [WORD]: all of them, or those with the word in network or loss. */
int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
		if (argc < 2 || strstr(networks[i].net, argv[1]) || strstr(networks[i].loss, argv[1]))
			gradcheck(networks[i].net, networks[i].input, networks[i].loss, networks[i].seed);
	return check_done();
}
