/* SPDX-License-Identifier: MIT */
/* The rows that ae-train holds: x and target as they arrive, and what is known of where they come from. */
#ifndef AE_CLI_DATASET_H
#define AE_CLI_DATASET_H

#include "cli/holdout.h"
#include "eval/label_counts.h"
#include "stream/reader.h"
#include "stream/where.h"

/* All zero before ae_dataset_read. Freed with ae_dataset_free. */
struct ae_dataset {
	struct ae_column x, target; /* copies of what describes them; target.name is NULL if there is none */
	struct ae_schema schema;    /* owns those columns, and the lineage */
	struct ae_data x_data, target_data;
	size_t rows;
	bool text;                     /* or an array: nothing says whether x is scaled */
	struct ae_label_counts labels; /* of the rows taken; while there are none, of those that `where` passes over */
	uint64_t left_out;             /* rows with missing values */
	struct ae_holdout *holdout;    /* set before: gets all columns of the rows; NULL: nobody does */
	bool any_size;                 /* set before: values of any size are taken, since they are scaled later */
	struct ae_buf places;          /* private: with any_size, the lines of text or numbers of the rows, in runs */
	bool in_lines;                 /* private: they are lines */
};

/* Of rows taken with any_size: an error that names row and column if x or target has a value of AE_BEYOND or more:
   nothing is fitted on those. */
int ae_dataset_check_size(const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;

/* Reads all streams of a reader whose lineages are equal, keeping the rows for which `where` holds and whose x and
   target have no missing value (with mask: some value). A stream that was stopped is refused, and so is a row with a
   value of AE_BEYOND or more. Memory: the bytes of x
   and target as they arrive. */
int ae_dataset_read(struct ae_dataset *dataset, struct ae_reader *reader, struct ae_where *where, bool mask,
	struct ae_error *err) AE_MUST_CHECK;
/* The range of x, in the first `rows` rows, in low[columns] and high[columns]: value i counts for column i % columns,
   which is an element of a row, or a place of its last axis. NaN aside; a column without values has low > high. */
void ae_dataset_ranges(const struct ae_dataset *dataset, size_t rows, size_t columns, double *low, double *high);
void ae_dataset_free(struct ae_dataset *dataset);

#endif
