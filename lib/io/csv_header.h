/* SPDX-License-Identifier: MIT */
/* Headers in the midst of text: whether a record is ours again, or one of other columns. */
#ifndef AE_IO_CSV_HEADER_H
#define AE_IO_CSV_HEADER_H

#include "io/csv_names.h"
#include "io/record_roles.h"

/* Distinct words, to be found in constant time whatever their case and the blanks around them. */
struct ae_csv_word_set {
	struct ae_buf slots; /* uint32_t a place: 0, or 1 more than the word's index */
	const struct ae_cell *words;
};

/* The names of our header for comparison with records. */
struct ae_csv_header {
	const struct ae_record_columns *columns;
	struct ae_csv_names names;
	struct ae_csv_word_set ours,
		other;   /* the names, once they are first asked for, and the present record's fields */
	uint64_t firsts; /* a bit for each first character of a name, modulo 64 */
};

/* How the fields of a record compare with our names. Where case and blanks do not count, "Flow " is "flow". */
enum ae_csv_header_like {
	AE_CSV_UNKNOWN = -1, /* *err says why */
	AE_CSV_ROW,          /* no header */
	AE_CSV_SAME_HEADER,  /* the names themselves, in their order */
	AE_CSV_WORDS,        /* words alone, none of them our names */
	AE_CSV_SOME_NAMES,   /* words alone, some of them our names, less than half */
	AE_CSV_NEW_NAMES,    /* one of both; as many as our names, all distinct, none with a digit first */
	AE_CSV_SHARED_NAMES, /* words alone, at least half of them our names, whatever case and blanks */
};

/* columns outlive it. All zero before; freed with ae_csv_header_free, also after an error. */
int ae_csv_header_init(
	struct ae_csv_header *header, const struct ae_record_columns *columns, struct ae_error *err) AE_MUST_CHECK;
/* Takes time in proportion to the fields. */
enum ae_csv_header_like ae_csv_header_compare(
	struct ae_csv_header *header, const struct ae_cell *fields, size_t count, struct ae_error *err);
/* Whether every field is one of our names, whatever case and blanks: 1, 0, or -1 and *err. */
int ae_csv_header_has_all(
	struct ae_csv_header *header, const struct ae_cell *fields, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Says that another header stands here, and the first difference. Returns -1. */
int ae_csv_fail_other_header(
	const struct ae_csv_header *header, const struct ae_cell *fields, size_t count, struct ae_error *err);
void ae_csv_header_free(struct ae_csv_header *header);

#endif
