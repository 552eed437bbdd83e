/* SPDX-License-Identifier: MIT */
/* Notes about values that f32 cannot hold. */
#include "cli/beyond.h"

void ae_beyond_add(struct ae_beyond *b, uint64_t count, const char *name, const struct ae_place *place,
	const struct ae_column *where, size_t element)
{
	char column[300], at[AE_PLACE_TEXT];
	if (b->values == 0 && count > 0 && where) {
		ae_column_element_name(where, element, column, sizeof(column));
		ae_note(b->program, b->common, "%s: %s, column \"%s\": beyond f32, taken as 1e30", name,
			ae_place_format(place, at), column);
	} else if (b->values == 0 && count > 0) {
		ae_note(b->program, b->common, "%s: %s: beyond f32 inside the network, taken as 1e30", name,
			ae_place_format(place, at));
	}
	b->values += count;
}

void ae_beyond_end(const struct ae_beyond *b)
{
	if (b->values > 0)
		ae_note(b->program, b->common, "%llu value%s beyond f32 %s taken as 1e30",
			(unsigned long long)b->values, b->values > 1 ? "s" : "", b->values > 1 ? "were" : "was");
}

int ae_beyond_fail(const struct ae_column *column, size_t element, const char *place, struct ae_error *err)
{
	char name[300];
	ae_column_element_name(column, element, name, sizeof(name));
	return ae_fail(err, "%s, column \"%s\": 1e30 or more, and nothing is fitted on such values: leave the row out",
		place, name);
}

int ae_beyond_refuse(const struct ae_column *column, const void *values, size_t rows, const struct ae_place *place,
	struct ae_error *err)
{
	char text[AE_PLACE_TEXT];
	size_t n = ae_shape_size(&column->shape), first;
	if (ae_count_beyond(values, column->type, rows * n, &first) == 0)
		return 0;
	struct ae_place at = *place;
	at.row += first / n;
	return ae_beyond_fail(column, first % n, ae_place_format(&at, text), err);
}
