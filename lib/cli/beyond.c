/* SPDX-License-Identifier: MIT */
/* Notes about values that f32 cannot hold. */
#include "cli/beyond.h"

void ae_beyond_add(struct ae_beyond *b, uint64_t count, const char *name, uint64_t row, const struct ae_column *where,
	size_t element)
{
	char column[300];
	if (b->values == 0 && count > 0 && where) {
		ae_column_element_name(where, element, column, sizeof(column));
		ae_note(b->program, b->common, "%s: row %llu, column \"%s\": beyond f32, taken as 1e30", name,
			(unsigned long long)row, column);
	} else if (b->values == 0 && count > 0) {
		ae_note(b->program, b->common, "%s: row %llu: beyond f32 inside the network, taken as 1e30", name,
			(unsigned long long)row);
	}
	b->values += count;
}

void ae_beyond_end(const struct ae_beyond *b)
{
	if (b->values > 0)
		ae_note(b->program, b->common, "%llu value%s beyond f32 %s taken as 1e30",
			(unsigned long long)b->values, b->values > 1 ? "s" : "", b->values > 1 ? "were" : "was");
}
