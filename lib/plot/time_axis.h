/* SPDX-License-Identifier: MIT */
/* Where rows stand on a horizontal axis: at their times, or at their numbers where they have none. */
#ifndef AE_PLOT_TIME_AXIS_H
#define AE_PLOT_TIME_AXIS_H

#include "io/batch.h"
#include "plot/gnuplot_script.h"

/* All zero, then ae_time_axis_begin. A position is nanoseconds since 1970, or the number of a row from 0 on. */
struct ae_time_axis {
	size_t column;       /* of times; AE_NO_COLUMN: rows stand at their numbers */
	bool decided;        /* the first row has said whether the column holds times */
	bool not_times;      /* it does not */
	bool dates;          /* a time was a date, or a number too large for seconds of an experiment */
	uint64_t rows;       /* seen */
	uint64_t unplaced;   /* of them without a time that can be read */
	uint64_t backwards;  /* rows earlier than the one before */
	bool any;            /* a row has a place */
	int64_t last;        /* that of the row before */
	int64_t least, most; /* of all rows */
};

/* The first column of times of a schema, or none. */
void ae_time_axis_begin(struct ae_time_axis *axis, const struct ae_schema *schema);
/* Finds the place of the next row. False where its time is missing, unreadable or outside the years 1678 to 2262. If
   the first row's is unreadable, all rows stand at their numbers. */
bool ae_time_axis_place(struct ae_time_axis *axis, const struct ae_batch *batch, size_t row, int64_t *position);
/* What lies so many places behind the least one, as gnuplot gets it: row numbers from 1 on, or seconds. */
double ae_time_axis_number(const struct ae_time_axis *axis, double offset);
/* Places from the least to the most. */
double ae_time_axis_span(const struct ae_time_axis *axis);
/* The least and the most as text. */
enum { AE_TIME_AXIS_TEXT = 100 };
void ae_time_axis_ends(const struct ae_time_axis *axis, char least[AE_TIME_AXIS_TEXT], char most[AE_TIME_AXIS_TEXT]);
/* Sets range, ticks and name of the axis, for all rows that have a place. */
void ae_time_axis_draw(const struct ae_time_axis *axis, struct ae_gnuplot_script *script);

#endif
