/* The compute kernels: one source, compiled once per instruction set (see isa.h for which one runs).
   A block is 16 rows of the batch, feature by feature: float[features][AE_LANES]. Row-major weights are
   [in][out]. Every output is one chain of fused multiply-adds in ascending order of its inputs, so its bits
   depend neither on the vector width nor on the neighbouring lanes. */
#ifndef AE_KERNELS_H
#define AE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "kernels_channel.h"
#include "kernels_conv.h"

#define AE_LANES 16
/* Floats from one block of a dense layer's transposed gradient to the next (see transpose): its tiles and a cache line,
   lest the same tile of every block compete for one place in the cache. */
#define AE_PANEL(n) (((n) + AE_LANES - 1) / AE_LANES * AE_LANES * AE_LANES + AE_LANES)

enum ae_activation { AE_RELU, AE_LEAKYRELU, AE_SIGMOID, AE_TANH, AE_ELU, AE_ACTIVATIONS };
enum ae_loss { AE_MSE, AE_MAE, AE_HUBER, AE_LOSSES };

/* Works on n floats in place; n is a multiple of AE_LANES, a the activation's parameter. */
typedef void ae_activate(float *y, size_t n, float a);
/* Turns the gradient by the output y into the gradient by the input, in place. */
typedef void ae_activate_back(float *dy, const float *y, size_t n, float a);
/* Adds each lane's loss (a sum over its n features) to sum, and writes scale times the gradient by y to dy.
   Lanes from `rows` on get a gradient of zero; their sums mean nothing. delta is huber's. */
typedef void ae_loss_block(double sum[AE_LANES], float *dy, const float *y, const float *t, size_t n, size_t rows,
	float scale, float delta);
/* Rows of n elements become a block; lanes from `rows` on become zero. Element i goes to feature
   i % channels * (n / channels) + i / channels: channels last becomes channels first. */
typedef void ae_gather(float *block, const void *const row[AE_LANES], size_t rows, size_t n, size_t channels);

struct ae_adam {
	float rate, beta1, beta2, epsilon; /* rate with the bias correction in it */
};

struct ae_kernels {
	const char *name;
	unsigned width; /* lanes of a vector register */
	unsigned tile;  /* rows that dense_grad() does best in multiples of */

	ae_gather *gather_f32, *gather_f64, *gather_u8;
	/* The way back: writes `rows` rows of n floats, `stride` floats apart. */
	void (*scatter)(float *out, size_t stride, const float *block, size_t rows, size_t n, size_t channels);
	/* A block of n features as tiles float[16 rows][16 features], AE_PANEL(n) floats, zeros after the last feature.
	 */
	void (*transpose)(float *panel, const float *block, size_t n);

	/* y[block][out][16] = bias + w^T x[block][in][16]. */
	void (*dense)(
		float *y, const float *x, const float *w, const float *bias, size_t in, size_t out, size_t blocks);
	/* dx[block][in][16] = w dy[block][out][16]. */
	void (*dense_back)(float *dx, const float *dy, const float *w, size_t in, size_t out, size_t blocks);
	/* Rows [from, to) of the gradient of the kernel [in][out] with the bias as row `in` below it, over whole
	   blocks: x[block][in][16] and dy as transpose() made it, panel[block][AE_PANEL(out)]. */
	void (*dense_grad)(float *g, const float *x, const float *panel, size_t in, size_t out, size_t from, size_t to,
		size_t blocks);

	struct {
		ae_activate *forward;
		ae_activate_back *back;
	} activation[AE_ACTIVATIONS];
	ae_loss_block *loss[AE_LOSSES];

	const struct ae_channel_kernels *channel;
	const struct ae_conv_kernels *conv;

	/* One step of n weights w by their gradient g; m and v are the moments. */
	void (*adam)(float *w, float *m, float *v, const float *g, size_t n, const struct ae_adam *adam);
	void (*sgd)(float *w, float *velocity, const float *g, size_t n, float rate, float momentum);
};

#endif
