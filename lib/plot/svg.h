/* SPDX-License-Identifier: MIT */
/* What gnuplot does not say in an SVG. */
#ifndef AE_PLOT_SVG_H
#define AE_PLOT_SVG_H

#include "core/util.h"

/* Gives the SVG that gnuplot drew a title, one line of UTF-8, in place of gnuplot's own, and shows it enlarged: its
   width and height become `width` and `height`. */
int ae_svg_finish(struct ae_buf *svg, const struct ae_buf *title, unsigned width, unsigned height,
	struct ae_error *err) AE_MUST_CHECK;

/* Makes a finished SVG a part of a page of HTML, as wide as the page lets it be: without its head, its size in pixels
   and gnuplot's description, with `prefix` before all ids, so that several can stand in one page, and named to readers
   of screens by its title. */
int ae_svg_embed(struct ae_buf *svg, const char *prefix, struct ae_error *err) AE_MUST_CHECK;

#endif
