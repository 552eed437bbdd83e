/* SPDX-License-Identifier: MIT */
/* A row whose x is an image, in a report. */
#ifndef AE_REPORT_ROW_IMAGE_H
#define AE_REPORT_ROW_IMAGE_H

#include "report/report.h"

/* Whether rows are images: [H,W], [H,W,1] or [H,W,3], and no windows. */
bool ae_row_is_image(const struct ae_report *report);
/* Adds the input and, below it, the reconstruction: `values` has the elements of one, then of the other, as the columns
   x and recon have them. Both are drawn from 0 to 255 where x is bytes, else from 0 to 1, or from the least to the
   largest number where some are outside. */
int ae_row_image_add(
	struct ae_report *report, const double *values, const char *title, struct ae_error *err) AE_MUST_CHECK;

#endif
