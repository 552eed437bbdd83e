/* SPDX-License-Identifier: MIT */
/* Lists of columns as options have them, COLS, and the roles that they give. */
#ifndef AE_IO_RECORD_PLAN_H
#define AE_IO_RECORD_PLAN_H

#include "core/util.h"
#include "io/batch.h"

/* The role of a column that nothing has decided. */
enum { AE_UNDECIDED = -1 };

/* The roles of a text's columns while they are found. The arrays are the caller's, [count] each. */
struct ae_record_plan {
	int *roles;         /* enum ae_role a column, or AE_UNDECIDED */
	const char **given; /* the option that decided it, without its dashes, or NULL */
	char **names;       /* its header, or its number */
	size_t count;
	size_t *order; /* the columns that options gave, as they gave them */
	size_t ordered;
	bool *compared; /* passed through, and numbers, since a condition compares them */
	bool has_header;
	char delimiter; /* between the names in their line; NUL: they are no fields of one */
	bool keys;      /* names are keys of objects: "a" in a list is all of "a.b", "a.c", too */
	bool by_model;  /* x was found by the features of a model */
	bool paired;    /* or by those of recon or target */
	bool may_lack;  /* the lists are of another text: an item that is no name here says nothing */
};

/* Gives column i, counted from 0, a role. That `option`, which outlives the plan, gave it is kept; a column that
   another option gave another role is an error. */
int ae_plan_give(struct ae_record_plan *plan, size_t i, enum ae_role role, const char *option,
	struct ae_error *err) AE_MUST_CHECK;
/* Gives the columns of a list in CSV a role, as --option LIST says; NULL is none. An item is the name of one column,
   its number from 1, or from -1 backwards, or a range of numbers; names go first, and alone with may_lack. Errors name
   the option and the item, and say what is near or probably meant. */
int ae_plan_give_list(struct ae_record_plan *plan, const char *list, enum ae_role role, const char *option,
	struct ae_error *err) AE_MUST_CHECK;
/* The column's name nearest to this one, or NULL if none is near. */
const char *ae_plan_nearest(const struct ae_record_plan *plan, const char *name);

#endif
