/* SPDX-License-Identifier: MIT */
/* The horizontal axis of a row's elements. */
#ifndef AE_PLOT_ELEMENT_AXIS_H
#define AE_PLOT_ELEMENT_AXIS_H

#include "io/batch.h"
#include "plot/gnuplot_script.h"

/* How the elements are named there. */
struct ae_element_axis {
	bool named;   /* by the features of their column: they are few, and there is room; else by their numbers */
	bool upright; /* the names are too long to lie, never so in text */
	size_t most;  /* characters of a name that are shown */
};

/* What fits into the picture, whose size is set. Upright names have a third of its height. */
struct ae_element_axis ae_element_axis_fit(const struct ae_gnuplot_script *script, const struct ae_column *column);
/* Adds the range and the ticks of n elements, of which the first is at 1. */
void ae_element_axis_draw(
	const struct ae_element_axis *axis, struct ae_gnuplot_script *script, const struct ae_column *column, size_t n);

#endif
