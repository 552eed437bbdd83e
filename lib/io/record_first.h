/* SPDX-License-Identifier: MIT */
/* The first record where a model says which keys are wanted: rows may lack some of them, and so may this one. */
#ifndef AE_IO_RECORD_FIRST_H
#define AE_IO_RECORD_FIRST_H

#include "io/record_cells.h"

/* The names of the first record that become columns, and those of a model's features that it lacks. */
struct ae_record_first {
	struct ae_cell *names; /* their text belongs to the record and the model; NULL: the record's are the columns */
	size_t count;
	size_t shared; /* how many of the record's names are a feature's, or stand where some are */
};

/* names are the record's. Columns are added where a row that lacks values is one, or is left out; a name that stands
   where features do becomes none then. Freed with ae_record_first_free, also after an error. */
int ae_record_first_find(struct ae_record_first *first, const struct ae_cell *names, size_t count,
	const struct ae_text_rules *rules, struct ae_error *err) AE_MUST_CHECK;
void ae_record_first_free(struct ae_record_first *first);

#endif
