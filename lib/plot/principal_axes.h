/* SPDX-License-Identifier: MIT */
/* The two principal axes of points. */
#ifndef AE_PLOT_PRINCIPAL_AXES_H
#define AE_PLOT_PRINCIPAL_AXES_H

#include "core/util.h"

/* The most values of a point. */
enum { AE_PRINCIPAL_AXES_SIDE = 8192 };

/* places[rows][2] become the coordinates of values[rows][n], n > 2, from their mean along the two axes of the largest
   variance; explained[2] are the shares of the variance along them, 0 where there is none. The largest element of an
   axis is positive, the first of those within a billionth of it, as in ae-train --net pca:K. */
int ae_principal_axes(double *places, double explained[2], const float *values, size_t rows, size_t n,
	struct ae_error *err) AE_MUST_CHECK;

#endif
