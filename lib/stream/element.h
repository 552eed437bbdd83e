/* SPDX-License-Identifier: MIT */
/* One number or text of each row, by the name that users see. */
#ifndef AE_STREAM_ELEMENT_H
#define AE_STREAM_ELEMENT_H

#include "io/batch.h"

struct ae_element {
	size_t column;  /* of the schema */
	size_t element; /* of that column's shape */
};

/* Finds what a name means: a column of single values or an element of a tensor under the name that text files give it
   (flow, x.3, err.flow); else an element by its place (x.2 though it is called flow); else the column of single values
   of that role. A name without meaning is an error with similar names, one that means several things is another. Errors
   do not name the option. The cost is that of the names in the schema, whatever its shapes. */
int ae_element_find(
	struct ae_element *found, const struct ae_schema *schema, const char *name, struct ae_error *err) AE_MUST_CHECK;
/* Whether a name means something, or several things. */
bool ae_element_exists(const struct ae_schema *schema, const char *name);

#endif
