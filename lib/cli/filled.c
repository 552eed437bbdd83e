/* SPDX-License-Identifier: MIT */
/* Notes about missing values that were filled. */
#include "cli/filled.h"

#include <stdio.h>

#include "core/stop.h"

void ae_filled_add(struct ae_filled *f, uint64_t count, const char *name, const struct ae_place *place,
	const struct ae_column *column, size_t element)
{
	if (count == 0)
		return;
	f->count += count;
	snprintf(f->input, sizeof(f->input), "%s", name); /* the input may be closed when it is told */
	ae_place_format(place, f->place);
	ae_column_element_name(column, element, f->column, sizeof(f->column));
}

int ae_filled_tell(struct ae_filled *f)
{
	enum { SECOND = 1000 };
	if (f->count == f->told)
		return 0;
	int64_t now = ae_clock_ms(), due = f->told ? f->at + SECOND : now;
	if (now < due)
		return (int)(due - now);
	ae_note(f->program, f->common, "%llu missing value%s became %s, the latest: %s: %s: column \"%s\"",
		(unsigned long long)f->count, f->count > 1 ? "s" : "", f->count > 1 ? f->many : f->one, f->input,
		f->place, f->column);
	f->told = f->count;
	f->at = now;
	return 0;
}

void ae_filled_end(const struct ae_filled *f)
{
	char stayed[64] = "";
	if (f->stayed)
		snprintf(stayed, sizeof(stayed), "%s%llu stayed missing", f->count ? "; " : "",
			(unsigned long long)f->stayed);
	if (f->count)
		ae_note(f->program, f->common, "%llu missing value%s became %s%s", (unsigned long long)f->count,
			f->count > 1 ? "s" : "", f->count > 1 ? f->many : f->one, stayed);
	else if (f->stayed)
		ae_note(f->program, f->common, "%s: %s", stayed, f->why);
}
