/* SPDX-License-Identifier: MIT */
/* Names of cells that spell the place of each in an unnamed tensor: x.1 ... x.140, or x.1.1.1 and so on. */
#include <stdlib.h>
#include <string.h>

#include "io/csv_roles.h"

/* If the cells are named NAME.1 ... NAME.n, or NAME.1.1 ... in row-major order, the shape this spells. */
static bool spelled_shape(struct ae_shape *shape, char *const *names, const size_t *members, size_t n, const char *word)
{
	char text[AE_SHAPE_TEXT];
	struct ae_error ignored;
	const char *last = names[members[n - 1]];
	size_t len = strlen(word);
	if (strncmp(last, word, len) != 0 || last[len] != '.' || strlen(last + len + 1) >= sizeof(text))
		return false;
	strcpy(text, last + len + 1);
	for (char *c = text; *c; c++) {
		if (*c == '.')
			*c = ',';
		else if (*c < '0' || *c > '9')
			return false;
	}
	struct ae_shape spelled;
	if (ae_shape_parse(&spelled, text, &ignored) != 0 || ae_shape_size(&spelled) != n)
		return false;
	struct ae_column probe = {.name = (char *)(uintptr_t)word, .role = AE_X, .shape = spelled};
	for (size_t i = 0; i < n; i++) {
		char name[AE_SHAPE_TEXT + 32];
		ae_column_element_name(&probe, i, name, sizeof(name));
		if (strcmp(name, names[members[i]]) != 0)
			return false;
	}
	*shape = spelled;
	return true;
}

struct cell {
	const char *place; /* its name from the first dot on */
	size_t member;
};

/* By the numbers in their names, which have no leading zeros. */
static int by_place(const void *a, const void *b)
{
	const char *p = ((const struct cell *)a)->place, *q = ((const struct cell *)b)->place;
	while (*p == '.' && *q == '.') {
		size_t m = strspn(++p, "0123456789"), n = strspn(++q, "0123456789");
		int order = m != n ? (m > n) - (m < n) : memcmp(p, q, m);
		if (order != 0)
			return order;
		p += m;
		q += n;
	}
	return strcmp(p, q);
}

bool ae_csv_spelled(struct ae_shape *shape, char *const *names, size_t *members, size_t n, const char *word, bool fixed,
	struct ae_error *err)
{
	size_t len = strlen(word);
	if (spelled_shape(shape, names, members, n, word))
		return true;
	for (size_t i = 0; i < n; i++)
		if (fixed || strncmp(names[members[i]], word, len) != 0 || names[members[i]][len] != '.')
			return false;
	struct cell *cells = ae_calloc(n, sizeof(*cells), err);
	size_t *sorted = ae_calloc(n, sizeof(*sorted), err);
	bool spelled = false;
	if (cells && sorted) {
		for (size_t i = 0; i < n; i++)
			cells[i] = (struct cell){names[members[i]] + len, members[i]};
		qsort(cells, n, sizeof(*cells), by_place);
		for (size_t i = 0; i < n; i++)
			sorted[i] = cells[i].member;
		spelled = spelled_shape(shape, names, sorted, n, word);
		if (spelled)
			memcpy(members, sorted, n * sizeof(*members));
	}
	free(cells);
	free(sorted);
	return spelled;
}
