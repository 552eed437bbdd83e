/* SPDX-License-Identifier: MIT */
/* Which features a row's error comes from, by whatever the stream says of them. */
#ifndef AE_REPORT_BLAME_H
#define AE_REPORT_BLAME_H

#include "report/report.h"

enum { AE_BLAME_TOP = 3, AE_BLAME_NAME = 80 };

/* Some features with the largest shares of the error, the largest first. */
struct ae_blame {
	unsigned count;
	struct {
		char name[AE_BLAME_NAME];
		double share;
	} top[AE_BLAME_TOP];
};

/* Where it stands: columns of ae-err --top, of --per-feature, or x and recon of --keep. All zero before
   ae_blamer_begin; freed with ae_blamer_free. */
struct ae_blamer {
	size_t top[AE_BLAME_TOP], share[AE_BLAME_TOP];
	unsigned tops;
	size_t features; /* the column of errors of features, or AE_NO_COLUMN */
	bool pair;       /* x and recon */
	struct ae_column column;
	size_t count; /* of features; element i is of feature i % count */
	double *unit, *x, *recon, *squares;
};

int ae_blamer_begin(struct ae_blamer *blamer, const struct ae_report *report, struct ae_error *err) AE_MUST_CHECK;
/* Whether the stream says anything of features. */
bool ae_blamer_knows(const struct ae_blamer *blamer);
/* Of a row; count is 0 where nothing is known. */
void ae_blamer_row(const struct ae_blamer *blamer, const struct ae_report *report, const struct ae_batch *batch,
	size_t row, struct ae_blame *blame);
/* Adds "flow 71 %, speed 20 %" to the page. */
void ae_blame_add(struct ae_html *page, const struct ae_blame *blame);
void ae_blamer_free(struct ae_blamer *blamer);

#endif
