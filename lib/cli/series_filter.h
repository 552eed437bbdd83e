/* SPDX-License-Identifier: MIT */
/* Filters of series: a column of each row becomes what follows from it and from the rows of its group before it. */
#ifndef AE_CLI_SERIES_FILTER_H
#define AE_CLI_SERIES_FILTER_H

#include "cli/series.h"

struct ae_series_filter;

/* What becomes of a row. */
enum ae_series_made {
	AE_SERIES_FAILED = -2, /* *err says why */
	AE_SERIES_BAD = -1,    /* it is bad, and *err says why; --on-bad decides */
	AE_SERIES_NONE = 0,    /* it is left out */
	AE_SERIES_MADE = 1,
};

/* What a program does of it. Errors do not name the input. */
struct ae_series_kind {
	/* Each stream: finds the column, says what is kept for a group (layout, which is all zero), and sets `alone`.
	 */
	int (*begin)(struct ae_series_filter *filter, const struct ae_reader *reader, struct ae_series_layout *layout,
		struct ae_error *err);
	/* Makes column and lineage of the output, which are those of the input, what they are afterwards. */
	int (*describe)(const struct ae_series_filter *filter, struct ae_schema *out, struct ae_error *err);
	/* Makes the value of a row and goes on with its group, which is NULL where rows are alone. */
	enum ae_series_made (*row)(struct ae_series_filter *filter, struct ae_series_group *group,
		const unsigned char *in, unsigned char *out, struct ae_error *err);
	/* May be NULL. After a run without an error: notes what seems a mistake. */
	void (*note)(const struct ae_series_filter *filter);
	/* row() finds n_obs of the row (eval/observed.h) in filter->n_obs, where filter->observed says that there is
	   one, and makes it that of all rows that it makes the value of. */
	bool adds_observed;
	/* Values that are made at once take no more bytes than this, but for a single one; 0: no matter. */
	size_t most_bytes;
};

/* Start with kind, own and what a struct ae_series starts with, the rest zero. Freed with ae_series_filter_free. */
struct ae_series_filter {
	const struct ae_series_kind *kind;
	void *own; /* of the program */
	struct ae_series series;
	const struct ae_schema *in;
	size_t column;
	size_t in_bytes, out_bytes; /* of a value */
	size_t observed;            /* the column n_obs, where row() makes another of it, else AE_NO_COLUMN */
	double n_obs;               /* of the row */
	bool alone;                 /* nothing is kept, nor does time matter: rows have no group */
	uint64_t rows;              /* that came */
	struct ae_buf carried;
	struct ae_data made, made_observed;
};

/* Runs it over the operands, as ae_filter_run; `instead`, unless NULL, is the filter that the options ask for. */
int ae_series_filter_run(struct ae_series_filter *filter, const struct ae_filter *instead, char *const *files,
	size_t count, struct ae_error *err) AE_MUST_CHECK;
/* The column x of a stream from which nothing has been made yet: a target, recon or latent beside it is an error,
   "there is a recon of " `of` ": use " program " before what made it". */
int ae_series_find_x(const struct ae_schema *in, const char *program, const char *of, size_t *column,
	struct ae_error *err) AE_MUST_CHECK;
void ae_series_filter_free(struct ae_series_filter *filter);

#endif
