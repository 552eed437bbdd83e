/* SPDX-License-Identifier: MIT */
/* Activations and their derivatives; compiled once per instruction set. exp, tanh and the normal distribution are our
   own chains of fused multiply-adds, so that all instruction sets that have them give the same bits. */
#include "kernels/activation.h"

#include "kernels/kernels.h"
#include "kernels/simd.h"

/* x = n ln 2 + r for |x| up to 88 by Cody and Waite's two-part ln 2: returns r, and 2^n. */
INLINE vec exp_reduce(vec x, vec *power)
{
	vec magic = splat(0x1.8p23f);
	vec t = fma_(x, splat(0x1.715476p0f), magic);
	vec n = t - magic;
	*power = (vec)(((vec_u32)t << 23) + 0x3f800000u);
	return fma_(n, splat(0x1.bd0106p-13f), fma_(n, splat(-0x1.63p-1f), x));
}

/* e^r - 1 for |r| up to ln 2 / 2 and a little more: the polynomial of Cephes' expf. */
INLINE vec exp_polynomial(vec r)
{
	vec p = splat(1.9875691500e-4f);
	p = fma_(p, r, splat(1.3981999507e-3f));
	p = fma_(p, r, splat(8.3334519073e-3f));
	p = fma_(p, r, splat(4.1665795894e-2f));
	p = fma_(p, r, splat(1.6666665459e-1f));
	p = fma_(p, r, splat(5.0000001201e-1f));
	return fma_(p, r * r, r);
}

INLINE vec exp_(vec x)
{
	vec power;
	vec part = exp_polynomial(exp_reduce(clamp(x, -87, 88), &power));
	return fma_(power, part, power);
}

INLINE vec expm1_(vec x)
{
	vec power;
	vec part = exp_polynomial(exp_reduce(clamp(x, -87, 88), &power));
	return fma_(power, part, power - splat(1));
}

INLINE vec tanh_(vec x)
{
	vec_i32 sign = (vec_i32)x & INT32_MIN;
	vec t = expm1_((vec)(((vec_i32)x & INT32_MAX) | INT32_MIN) * splat(2));
	return (vec)((vec_i32)(-t / (t + splat(2))) | sign);
}

/* The normal distribution in the tail. For a >= 0 it is Phi(-a) = e^(-a^2/2) r(a), where r(a) = erfcx(a / sqrt(2)) / 2
   is smooth: t times a polynomial in t = 1 / (1 + 0.3 a), a minimax fit on [0, 13.4] of relative error 3.5e-9. */
INLINE vec tail_argument(vec a)
{
	return splat(1) / fma_(splat(0.3f), a, splat(1));
}

INLINE vec tail_polynomial(vec t)
{
	vec p = splat(-0x1.515746p-6f);
	p = fma_(p, t, splat(0x1.cbc1d2p-4f));
	p = fma_(p, t, splat(-0x1.d26e0cp-3f));
	p = fma_(p, t, splat(0x1.8773dep-3f));
	p = fma_(p, t, splat(-0x1.43053cp-4f));
	p = fma_(p, t, splat(0x1.8890bcp-4f));
	p = fma_(p, t, splat(0x1.418dccp-4f));
	p = fma_(p, t, splat(0x1.c36b0ep-4f));
	p = fma_(p, t, splat(0x1.e9c796p-4f));
	p = fma_(p, t, splat(0x1.ea3c68p-4f));
	return p;
}

/* e^(-a^2/2) for a in [0, 13.1]. a^2 has more digits than a float: b, which is a to 12 bits, has an exact square, and
   the rest of the exponent, (b - a) (b + a) / 2, is added after the argument is reduced. */
INLINE vec exp_half_square(vec a)
{
	vec b = (vec)(((vec_u32)a + 0x800u) & 0xfffff000u), power;
	vec r = exp_reduce(b * b * splat(-0.5f), &power);
	vec part = exp_polynomial(fma_((b - a) * (b + a), splat(0.5f), r));
	return fma_(power, part, power);
}

/* Phi(x) for |x| up to 0.8: 1/2 + x times a minimax polynomial in x^2 of relative error 5.4e-9. */
INLINE vec normal_middle(vec x)
{
	vec u = x * x;
	vec p = fma_(splat(0x1.a75210p-14f), u, splat(-0x1.351970p-10f));
	p = fma_(p, u, splat(0x1.46c020p-7f));
	p = fma_(p, u, splat(-0x1.10580cp-4f));
	p = fma_(p, u, splat(0x1.988454p-2f));
	return fma_(x, p, splat(0.5f));
}

/* x Phi(x); below -13.1, where it is less than 1e-37, what it is there. */
INLINE vec gelu_(vec x)
{
	vec a = clamp((vec)((vec_i32)x & INT32_MAX), 0, 13.1f), below = clamp(x, -13.1f, 0);
	vec t = tail_argument(a), r = t * tail_polynomial(t), e = exp_half_square(a);
	vec outside = blend(x > splat(0), x * fma_(-e, r, splat(1)), below * r * e);
	return blend(a < splat(0.8f), x * normal_middle(x), outside);
}

/* Phi(x) + x phi(x), where phi(x) = e^(-x^2/2) / sqrt(2 pi). */
INLINE vec gelu_derivative(vec x)
{
	vec a = clamp((vec)((vec_i32)x & INT32_MAX), 0, 13.1f), e = exp_half_square(a);
	vec t = tail_argument(a), h = fma_(-t, tail_polynomial(t), a * splat(0x1.988454p-2f));
	vec below = -e * h;
	return blend(x > splat(0), splat(1) - below, below);
}

INLINE vec silu_(vec x)
{
	return blend(x > splat(-88), x, splat(-88)) / (splat(1) + exp_(-x));
}

/* s + x s (1 - s) with s = 1 / (1 + e), 1 - s = e s, e = e^-x. */
INLINE vec silu_derivative(vec x)
{
	vec at = clamp(x, -87, 87), e = exp_(-at), s = splat(1) / (splat(1) + e);
	return s * fma_(at, e * s, splat(1));
}

/* One activation: its value at x, and dy times its derivative, from the input x or the output y. */
#define ACTIVATION(name, value, gradient)                                                                              \
	static void name##_forward(float *at, size_t n, float a)                                                       \
	{                                                                                                              \
		(void)a;                                                                                               \
		for (size_t i = 0; i < n; i += W) {                                                                    \
			vec x = load(at + i);                                                                          \
			store(at + i, value);                                                                          \
		}                                                                                                      \
	}                                                                                                              \
	static void name##_back(float *at, const float *from, size_t n, float a)                                       \
	{                                                                                                              \
		(void)a;                                                                                               \
		for (size_t i = 0; i < n; i += W) {                                                                    \
			vec dy = load(at + i), x = load(from + i), y = x;                                              \
			(void)y;                                                                                       \
			store(at + i, gradient);                                                                       \
		}                                                                                                      \
	}
/* clang-format takes the products for pointers. */
/* clang-format off */
ACTIVATION(relu, mask_and(~(x <= splat(0)), x), mask_and(y > splat(0), dy))
ACTIVATION(leakyrelu, blend(x > splat(0), x, x * splat(a)), blend(y > splat(0), dy, dy * splat(a)))
ACTIVATION(sigmoid, splat(1) / (splat(1) + exp_(-x)), dy * y * (splat(1) - y))
ACTIVATION(tanh, tanh_(x), dy * fma_(-y, y, splat(1)))
ACTIVATION(elu, blend(x > splat(0), x, expm1_(x)), blend(y > splat(0), dy, dy * (y + splat(1))))
ACTIVATION(gelu, gelu_(x), dy * gelu_derivative(x))
ACTIVATION(silu, silu_(x), dy * silu_derivative(x))
/* clang-format on */

#define AE_ACTIVATION_KERNELS JOIN(AE_KERNELS, _activation)
#define ROW(name, NAME, low, high, from, kind) [AE_##NAME] = {name##_forward, name##_back},

extern const struct ae_activation_kernel AE_ACTIVATION_KERNELS[];
const struct ae_activation_kernel AE_ACTIVATION_KERNELS[] = {AE_ACTIVATION_TABLE(ROW)};
