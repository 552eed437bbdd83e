/* SPDX-License-Identifier: MIT */
/* Names of cells that spell the place of each in a tensor: x.1 ... x.140, x.1.1.1 and so on, or those of windows, whose
   last axis has names: x.1.flow, x.1.heat, x.2.flow, x.2.heat. */
#include "io/record_spelled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A cell's name behind the word and its dot: numbers, each with the dot behind it, and what follows them. */
struct cell {
	uint32_t at[AE_RANK_MAX];
	uint32_t feature;
	const char *rest; /* "" if the name ends with its last number */
	size_t member;
};

struct cells {
	struct cell *list;
	size_t count;
	uint32_t numbers, dim[AE_RANK_MAX];
	uint32_t features; /* of the last axis, 0 if it has no names */
};

/* ---- parsing ---- */

/* Takes a number from 1 on without leading zeros; NULL if there is none, or if no shape has it. */
static const char *take_number(uint32_t *number, const char *at)
{
	size_t len = strspn(at, "0123456789");
	uint64_t value = 0;
	if (len == 0 || len > 10 || *at == '0' || (at[len] && at[len] != '.'))
		return NULL;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (uint64_t)(at[i] - '0');
	*number = (uint32_t)value;
	return value <= INT32_MAX ? at + len : NULL;
}

/* How many numbers a name begins with, and what follows so many of them. */
static uint32_t parse(struct cell *cell, const char *text, uint32_t most)
{
	uint32_t n = 0;
	const char *next;
	memset(cell->at, 0, sizeof(cell->at));
	cell->rest = text;
	while (n < most && *cell->rest && (next = take_number(&cell->at[n], cell->rest))) {
		cell->rest = *next ? next + 1 : next;
		n++;
	}
	return n;
}

/* The most numbers that all names have behind the word; 0 if they are no places. */
static uint32_t count_numbers(const struct cells *cells, char *const *names, const size_t *members, const char *word)
{
	size_t len = strlen(word);
	uint32_t least = AE_RANK_MAX;
	for (size_t i = 0; i < cells->count && least; i++) {
		const char *name = names[members[i]];
		uint32_t n = 0;
		if (strncmp(name, word, len) == 0 && name[len] == '.')
			n = parse(&cells->list[i], name + len + 1, least);
		least = n < least ? n : least;
	}
	return least;
}

/* Fills the cells with so many numbers of each name; false if some names go on behind them and some do not. */
static bool parse_all(struct cells *cells, uint32_t numbers, char *const *names, const size_t *members, size_t len)
{
	size_t named = 0;
	cells->numbers = numbers;
	for (size_t i = 0; i < cells->count; i++) {
		struct cell *cell = &cells->list[i];
		*cell = (struct cell){.member = members[i]};
		parse(cell, names[members[i]] + len + 1, numbers);
		named += *cell->rest != '\0';
	}
	return named == 0 || (named == cells->count && numbers < AE_RANK_MAX);
}

/* ---- the names of the last axis ---- */

static int by_rest(const void *a, const void *b)
{
	const struct cell *p = *(struct cell *const *)a, *q = *(struct cell *const *)b;
	int order = strcmp(p->rest, q->rest);
	return order ? order : (p > q) - (p < q);
}

static int by_address(const void *a, const void *b)
{
	const struct cell *p = *(struct cell *const *)a, *q = *(struct cell *const *)b;
	return (p > q) - (p < q);
}

/* Numbers the names of the last axis as they first stand among the cells. */
static int number_features(struct cells *cells, struct ae_error *err)
{
	struct cell **sorted = ae_calloc(2 * cells->count, sizeof(*sorted), err);
	size_t n = 0;
	if (!sorted)
		return -1;
	struct cell **first = sorted + cells->count;
	for (size_t i = 0; i < cells->count; i++)
		sorted[i] = &cells->list[i];
	qsort(sorted, cells->count, sizeof(struct cell *), by_rest);
	for (size_t i = 0; i < cells->count; i++)
		if (i == 0 || strcmp(sorted[i - 1]->rest, sorted[i]->rest) != 0)
			first[n++] = sorted[i];
	qsort(first, n, sizeof(struct cell *), by_address);
	for (size_t i = 0; i < n; i++)
		first[i]->feature = (uint32_t)i;
	for (size_t i = 1; i < cells->count; i++)
		if (strcmp(sorted[i - 1]->rest, sorted[i]->rest) == 0)
			sorted[i]->feature = sorted[i - 1]->feature;
	cells->features = (uint32_t)n;
	free(sorted);
	return 0;
}

/* ---- places ---- */

static int by_place(const void *a, const void *b)
{
	const struct cell *p = a, *q = b;
	for (size_t i = 0; i < AE_RANK_MAX; i++)
		if (p->at[i] != q->at[i])
			return p->at[i] < q->at[i] ? -1 : 1;
	if (p->feature != q->feature)
		return p->feature < q->feature ? -1 : 1;
	return (p->member > q->member) - (p->member < q->member);
}

/* The next place in row-major order; the names of the last axis run fastest. */
static void advance(const struct cells *cells, struct cell *place)
{
	if (cells->features && ++place->feature < cells->features)
		return;
	place->feature = 0;
	for (uint32_t d = cells->numbers; d-- > 0;) {
		if (++place->at[d] <= cells->dim[d] || d == 0)
			return;
		place->at[d] = 1;
	}
}

static bool is_at(const struct cells *cells, const struct cell *cell, const struct cell *place)
{
	return memcmp(cell->at, place->at, cells->numbers * sizeof(*place->at)) == 0 && cell->feature == place->feature;
}

static const char *feature_of(const struct cells *cells, uint32_t feature)
{
	for (size_t i = 0; cells->features && i < cells->count; i++)
		if (cells->list[i].feature == feature)
			return cells->list[i].rest;
	return "";
}

/* The first place without a cell, or the first with two. */
static int fail_place(const struct cells *cells, size_t i, const struct cell *place, char *const *names,
	const char *word, struct ae_error *err)
{
	const struct cell *cell = &cells->list[i];
	const char *advice = strcmp(word, "x") == 0        ? "; --x says which columns are its inputs"
			     : strcmp(word, "target") == 0 ? "; --target says which columns they are"
							   : "";
	char name[200];
	int used = snprintf(name, sizeof(name), "%s", word);
	if (i > 0 && is_at(cells, cell, &cells->list[i - 1]))
		return ae_fail(err, "columns %zu and %zu are both called \"%s\", which is a place in %s%s",
			cells->list[i - 1].member + 1, cell->member + 1, names[cell->member], word, advice);
	for (uint32_t d = 0; d < cells->numbers; d++)
		used += snprintf(name + used, sizeof(name) - (size_t)used, ".%u", (unsigned)place->at[d]);
	if (cells->features)
		snprintf(name + used, sizeof(name) - (size_t)used, ".%.60s", feature_of(cells, place->feature));
	const char *last = names[cells->list[cells->count - 1].member];
	return ae_fail(err, "the columns up to \"%s\" are called by their places in %s, but there is no \"%s\"%s", last,
		word, name, advice);
}

/* Whether sorted cells are at every place once, else the error. */
static int check_places(const struct cells *cells, char *const *names, const char *word, struct ae_error *err)
{
	struct cell place = {.feature = 0};
	for (uint32_t d = 0; d < cells->numbers; d++)
		place.at[d] = 1;
	for (size_t i = 0; i < cells->count; i++) {
		if (!is_at(cells, &cells->list[i], &place))
			return fail_place(cells, i, &place, names, word, err);
		advance(cells, &place);
	}
	if (place.at[0] == cells->dim[0] + 1)
		return 0;
	return fail_place(cells, cells->count - 1, &place, names, word, err);
}

/* ---- the whole ---- */

static void find_dimensions(struct cells *cells)
{
	memset(cells->dim, 0, sizeof(cells->dim));
	for (size_t i = 0; i < cells->count; i++)
		for (uint32_t d = 0; d < cells->numbers; d++)
			if (cells->list[i].at[d] > cells->dim[d])
				cells->dim[d] = cells->list[i].at[d];
}

static int put_in_order(struct cells *cells, struct ae_spelled *spelled, size_t *members, char *const *names,
	const char *word, struct ae_error *err)
{
	cells->features = 0;
	if (*cells->list->rest && number_features(cells, err) != 0)
		return -1;
	if (cells->features == cells->count)
		return 0; /* plain names: windows have each of theirs more than once */
	find_dimensions(cells);
	qsort(cells->list, cells->count, sizeof(*cells->list), by_place);
	if (check_places(cells, names, word, err) != 0)
		return -1;
	for (uint32_t d = 0; d < cells->numbers; d++)
		spelled->shape.dim[spelled->shape.rank++] = cells->dim[d];
	if (cells->features)
		spelled->shape.dim[spelled->shape.rank++] = cells->features;
	spelled->features = cells->features;
	for (size_t i = 0; i < cells->count; i++)
		members[i] = cells->list[i].member;
	for (size_t i = 0; i < cells->features; i++)
		spelled->names[i] = (char *)(uintptr_t)cells->list[i].rest;
	return 1;
}

int ae_spell(struct ae_spelled *spelled, char *const *names, size_t *members, size_t n, const char *word,
	struct ae_error *err)
{
	struct cells cells = {.list = ae_calloc(n, sizeof(*cells.list), err), .count = n};
	*spelled = (struct ae_spelled){.names = ae_calloc(n, sizeof(*spelled->names), err)};
	int rc = cells.list && spelled->names ? 0 : -1;
	uint32_t numbers = rc == 0 ? count_numbers(&cells, names, members, word) : 0;
	/* Names of the last axis may begin with a number: fewer numbers are tried then. */
	for (bool named = true; rc != 1 && named && numbers > 0; numbers--)
		if (parse_all(&cells, numbers, names, members, strlen(word))) {
			named = *cells.list->rest != '\0';
			rc = put_in_order(&cells, spelled, members, names, word, err);
		}
	free(cells.list);
	if (rc != 1) {
		free(spelled->names);
		spelled->names = NULL;
	}
	return rc;
}
