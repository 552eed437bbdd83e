/* SPDX-License-Identifier: MIT */
/* Lists that users write in options: items between commas, quoted as in CSV. */
#include "io/csv.h"

#include <stdlib.h>
#include <string.h>

/* Takes the text line by line, since a quoted item may hold line ends. text ends in a newline. */
static int parse(struct ae_csv *csv, const char *text, size_t len, struct ae_error *err)
{
	for (const char *at = text, *end = text + len; at < end;) {
		size_t line = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
		int rc = ae_csv_line(csv, at, line, err);
		at += line;
		if (rc == -1)
			return -1;
		if (rc < 0 || (rc > 0 && at < end))
			return ae_fail_usage(err, "a quote stands around a whole item, and is doubled inside it");
		if (rc > 0)
			return 0;
	}
	return ae_fail_usage(err, "a quote is never closed");
}

static int copy_fields(char ***items, size_t *count, const struct ae_csv *csv, struct ae_error *err)
{
	size_t n;
	const struct ae_cell *fields = ae_csv_fields(csv, &n);
	char **copies = ae_calloc(n, sizeof(*copies), err);
	if (!copies)
		return -1;
	for (size_t i = 0; i < n; i++) {
		copies[i] = ae_strndup(fields[i].text, fields[i].len, err);
		if (!copies[i]) {
			ae_names_free(copies, i);
			return -1;
		}
	}
	*items = copies;
	*count = n;
	return 0;
}

int ae_csv_split(char ***items, size_t *count, const char *text, struct ae_error *err)
{
	struct ae_buf line = {0};
	struct ae_csv *csv = NULL;
	if (!*text)
		text = "\"\""; /* to CSV nothing at all is a blank line */
	int rc = ae_csv_new(&csv, ',', err);
	if (rc == 0)
		rc = ae_buf_append(&line, text, strlen(text), err);
	if (rc == 0)
		rc = ae_buf_append(&line, "\n", 1, err);
	if (rc == 0)
		rc = parse(csv, (const char *)line.data, line.len, err);
	if (rc == 0)
		rc = copy_fields(items, count, csv, err);
	ae_csv_free(csv);
	ae_buf_free(&line);
	return rc;
}

int ae_csv_pick(const struct ae_schema *schema, const char *text, size_t *column, struct ae_error *err)
{
	char **items;
	size_t count;
	struct ae_error no_list;
	*column = AE_NO_COLUMN;
	if (!text)
		return 0;
	if (ae_schema_pick(schema, text, column, err) != 0)
		return -1;
	if (*column != AE_NO_COLUMN || ae_csv_split(&items, &count, text, &no_list) != 0)
		return 0;
	int rc = count == 1 ? ae_schema_pick(schema, items[0], column, err) : 0;
	ae_names_free(items, count);
	return rc;
}
