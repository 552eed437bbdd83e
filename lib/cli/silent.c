/* SPDX-License-Identifier: MIT */
/* Elements of x without a value for many rows. */
#include "cli/silent.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/util.h"

struct ae_silent_element {
	uint64_t rows;             /* without a value, up to now */
	char since[AE_PLACE_TEXT]; /* the first of them */
};

/* Elements of a row of which there is something to say. */
struct found {
	size_t first, count;
	uint64_t rows; /* of the first */
};

void ae_silent_begin(struct ae_silent *s, const struct ae_schema *in, size_t column, const char *name)
{
	ae_silent_free(s);
	s->name = name;
	s->counted = &in->cols[column];
	s->column = column;
	s->done = 0;
	s->missing = 0;
}

static void add(struct found *found, size_t i, uint64_t rows)
{
	if (found->count++ > 0)
		return;
	found->first = i;
	found->rows = rows;
}

static void tell(const struct ae_silent *s, const struct found *found, const char *what)
{
	char column[128], more[64] = "";
	if (found->count == 0)
		return;
	if (found->count > 1)
		snprintf(more, sizeof(more), " and %zu more", found->count - 1);
	ae_column_element_name(s->counted, found->first, column, sizeof(column));
	ae_note(s->program, s->common, "%s: column \"%s\"%s: %s %llu rows, since %s", s->name, column, more, what,
		(unsigned long long)found->rows, s->elements[found->first].since);
}

static void follow(struct ae_silent *s, const struct ae_batch *in, size_t row, const unsigned char *values)
{
	size_t n = ae_shape_size(&s->counted->shape), size = ae_type_size(s->counted->type);
	const struct ae_place place = {in, row, s->done};
	struct found gone = {0}, back = {0};
	for (size_t i = 0; i < n; i++) {
		struct ae_silent_element *e = &s->elements[i];
		if (ae_count_nan(values + i * size, s->counted->type, 1) == 0) {
			if (e->rows >= AE_SILENT_ROWS)
				add(&back, i, e->rows);
			e->rows = 0;
			continue;
		}
		if (e->rows++ == 0)
			ae_place_format(&place, e->since);
		if (e->rows == AE_SILENT_ROWS)
			add(&gone, i, e->rows);
	}
	tell(s, &gone, "no value for");
	tell(s, &back, "a value again; there was none for");
}

int ae_silent_rows(struct ae_silent *s, const struct ae_batch *in, struct ae_error *err)
{
	const unsigned char *values = in->cols[s->column]->values.data;
	size_t n = ae_shape_size(&s->counted->shape), size = n * ae_type_size(s->counted->type);
	for (size_t row = 0; s->counted->missing && row < in->rows; row++) {
		size_t missing = ae_count_nan(values + row * size, s->counted->type, n);
		if (missing && !s->elements && !(s->elements = ae_calloc(n, sizeof(*s->elements), err)))
			return -1;
		if (missing || s->missing)
			follow(s, in, row, values + row * size);
		s->missing = missing;
	}
	s->done += in->rows;
	return 0;
}

void ae_silent_free(struct ae_silent *s)
{
	free(s->elements);
	s->elements = NULL;
}
