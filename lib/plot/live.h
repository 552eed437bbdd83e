/* SPDX-License-Identifier: MIT */
/* A chart that is redrawn in a terminal while its rows come. */
#ifndef AE_PLOT_LIVE_H
#define AE_PLOT_LIVE_H

#include "plot/chart.h"

/* Start from zero, then ae_live_begin. */
struct ae_live {
	struct ae_chart *chart; /* whose draw() may be called again and again; NULL: nothing is redrawn */
	bool waits;             /* rows have come since the last picture */
	bool drawn;
	int64_t next; /* when it may be redrawn, in milliseconds */
};

/* Standard output must be a terminal. */
int ae_live_begin(struct ae_live *live, struct ae_chart *chart, struct ae_error *err) AE_MUST_CHECK;
/* Rows have come. Redraws, unless the last picture is younger than a tenth of a second. */
int ae_live_rows(struct ae_live *live, struct ae_error *err) AE_MUST_CHECK;
/* No row is waiting: the milliseconds until it is to be called again, 0 if not before other rows, -1 and *err. */
int ae_live_idle(struct ae_live *live, struct ae_error *err);
/* Clears the terminal for the picture of all rows. */
int ae_live_end(struct ae_live *live, struct ae_error *err) AE_MUST_CHECK;

#endif
