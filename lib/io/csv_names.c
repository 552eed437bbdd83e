/* SPDX-License-Identifier: MIT */
/* Headers compared by their fields: the one rule by which a record is a header that came before. */
#include "io/csv_names.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"

enum { BOM_BYTES = 3 };

int ae_csv_names_set(struct ae_csv_names *names, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	names->fields.len = names->text.len = 0;
	for (size_t i = 0; i < count; i++)
		if (ae_buf_append(&names->text, fields[i].text, fields[i].len, err) != 0)
			return -1;
	const char *at = names->text.data ? (const char *)names->text.data : "";
	for (size_t i = 0; i < count; i++) {
		struct ae_cell field = {.text = at, .len = fields[i].len};
		if (ae_buf_append(&names->fields, &field, sizeof(field), err) != 0)
			return -1;
		at += field.len;
	}
	return 0;
}

static bool same(const struct ae_cell *name, const char *text, size_t len)
{
	return name->len == len && memcmp(name->text, text, len) == 0;
}

bool ae_csv_names_equal(const struct ae_csv_names *names, const struct ae_cell *fields, size_t count)
{
	const struct ae_cell *name = (const void *)names->fields.data;
	if (count == 0 || count * sizeof(*name) != names->fields.len)
		return false;
	bool first = same(name, fields->text, fields->len) ||
		     (fields->len >= BOM_BYTES && memcmp(fields->text, BOM, BOM_BYTES) == 0 &&
			     same(name, fields->text + BOM_BYTES, fields->len - BOM_BYTES));
	size_t i = 1;
	while (first && i < count && same(&name[i], fields[i].text, fields[i].len))
		i++;
	return first && i == count;
}

void ae_csv_names_free(struct ae_csv_names *names)
{
	ae_buf_free(&names->fields);
	ae_buf_free(&names->text);
}
