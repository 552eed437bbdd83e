/* SPDX-License-Identifier: MIT */
/* Rows of a series, in groups that each have a state: what the programs have in common whose result depends on the
   rows before. The options, the group of a row, gaps in time, groups that are forgotten, and rows that are left out. */
#ifndef AE_CLI_SERIES_H
#define AE_CLI_SERIES_H

#include "cli/anew.h"
#include "cli/program.h"
#include "stream/groups.h"

struct ae_series_options {
	const char *group, *max_gap;
	uint64_t max_groups;
};
#define AE_SERIES_DEFAULTS                                                                                             \
	{                                                                                                              \
		.max_groups = 65536                                                                                    \
	}
/* Rows of a program's table. group_help: what is made of the rows of a group. */
#define AE_OPTIONS_SERIES(o_, group_help_)                                                                             \
	AE_TEXT_OPTION("group", 0, &(o_)->group, "COL", group_help_),                                                  \
		AE_TEXT_OPTION("max-gap", 0, &(o_)->max_gap, "T",                                                      \
			"a group starts anew after a longer time without a row, such as 90s or 1.5h"),                 \
		AE_COUNT("max-groups", 0, &(o_)->max_groups, 1, 1 << 24, "N",                                          \
			"beyond so many groups the one not seen for longest starts anew")

/* What is kept for a group. It is all zero for one that is new or starts anew. */
struct ae_series_group {
	uint64_t rows; /* so far; the program counts them */
	int64_t time;  /* of the last row, where it is timed */
	bool timed;
	_Alignas(max_align_t) unsigned char values[];
};

/* Start with program, common and options, the rest zero. Freed with ae_series_free. */
struct ae_series {
	const struct ae_program *program;
	const struct ae_common *common;
	const struct ae_series_options *options;
	int64_t max_gap; /* nanoseconds; 0: time does not matter */
	const struct ae_schema *in;
	const char *name;   /* of the input */
	size_t group, time; /* columns */
	size_t size;        /* of the values of a group */
	struct ae_groups *groups;
	uint64_t done;      /* rows of the stream before the batch */
	uint64_t forgotten; /* groups of the stream, of which `anew` knows */
	struct ae_anew anew;
	uint64_t gaps, bad;    /* of all streams */
	bool told_unit;        /* what a number is taken for that is a time */
	struct ae_buf dropped; /* size_t: rows of the batch that are left out */
	struct ae_rows kept;   /* the others, if there are any of either */
};

/* Checks the options; errors are of status AE_STATUS_USAGE. Before anything else. */
int ae_series_start(struct ae_series *series, struct ae_error *err) AE_MUST_CHECK;
/* Each stream begins anew: finds its columns, with `size` bytes of values a group. Errors do not name the input. */
int ae_series_begin(
	struct ae_series *series, const struct ae_reader *reader, size_t size, struct ae_error *err) AE_MUST_CHECK;
/* The group of the next row of a batch; every row is asked for, in order. 1; 0 for a row that is left out, because its
   time is none or runs backwards; -1 and *err. The pointer lives until the next call. */
int ae_series_row(struct ae_series *series, const struct ae_batch *in, size_t row, struct ae_series_group **group,
	struct ae_error *err) AE_MUST_CHECK;
/* Leaves out the row that was asked for last. */
int ae_series_drop(struct ae_series *series, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* After the rows of a batch: those that were not left out, until the next batch. NULL and *err on failure. */
const struct ae_batch *ae_series_kept(
	struct ae_series *series, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
/* A filter's idle(): the milliseconds until it is to be called again, or 0. */
int ae_series_idle(struct ae_series *series);
/* Notes at the end what there is to say of groups, gaps and rows that were left out. */
void ae_series_note(const struct ae_series *series);
void ae_series_free(struct ae_series *series);

#endif
