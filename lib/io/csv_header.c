/* SPDX-License-Identifier: MIT */
/* Records that may be headers, compared with the names of ours. */
#include "io/csv_header.h"

#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/csv_advice.h"

/* ---- sets of words ---- */

static struct ae_cell trimmed(struct ae_cell word)
{
	while (word.len > 0 && *word.text == ' ') {
		word.text++;
		word.len--;
	}
	while (word.len > 0 && word.text[word.len - 1] == ' ')
		word.len--;
	return word;
}

/* Of ASCII, whatever the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const struct ae_cell *a, const struct ae_cell *b)
{
	size_t i = 0;
	while (i < a->len && i < b->len && lower(a->text[i]) == lower(b->text[i]))
		i++;
	return i == a->len && i == b->len;
}

/* FNV-1a of the word in lower case. */
static uint64_t hash(const struct ae_cell *word)
{
	uint64_t h = 0xcbf29ce484222325;
	for (size_t i = 0; i < word->len; i++)
		h = (h ^ (unsigned char)lower(word->text[i])) * 0x100000001b3;
	return h ^ h >> 32;
}

/* Makes an empty set with room for so many words. */
static int clear(struct ae_csv_word_set *set, const struct ae_cell *words, size_t count, struct ae_error *err)
{
	size_t places = 8;
	while (places < 2 * count)
		places *= 2;
	set->words = words;
	set->slots.len = 0;
	if (ae_buf_reserve(&set->slots, places * sizeof(uint32_t), err) != 0)
		return -1;
	set->slots.len = places * sizeof(uint32_t);
	memset(set->slots.data, 0, set->slots.len);
	return 0;
}

/* The place of a word, or the free one where it would stand. */
static uint32_t *place(const struct ae_csv_word_set *set, struct ae_cell word)
{
	uint32_t *slots = (void *)set->slots.data;
	size_t mask = set->slots.len / sizeof(*slots) - 1;
	word = trimmed(word);
	for (size_t i = (size_t)hash(&word) & mask;; i = (i + 1) & mask) {
		if (slots[i] == 0)
			return &slots[i];
		struct ae_cell there = trimmed(set->words[slots[i] - 1]);
		if (same_word(&there, &word))
			return &slots[i];
	}
}

/* Adds a word; false if it is there already. */
static bool add(struct ae_csv_word_set *set, size_t index)
{
	uint32_t *at = place(set, set->words[index]);
	if (*at)
		return false;
	*at = (uint32_t)index + 1;
	return true;
}

/* ---- comparison ---- */

static bool is_text(const struct ae_cell *cell, const char *text)
{
	return cell->len == strlen(text) && memcmp(cell->text, text, cell->len) == 0;
}

/* The bit of a word's first character, by which most words are told from names at once. */
static uint64_t first_bit(const struct ae_cell *word)
{
	struct ae_cell bare = trimmed(*word);
	return bare.len > 0 ? UINT64_C(1) << (lower(*bare.text) & 63) : 1;
}

int ae_csv_header_init(struct ae_csv_header *h, const struct ae_record_columns *columns, struct ae_error *err)
{
	h->columns = columns;
	struct ae_cell *fields = ae_calloc(columns->count, sizeof(*fields), err);
	for (size_t i = 0; fields && i < columns->count; i++)
		fields[i] = (struct ae_cell){.text = columns->names[i], .len = strlen(columns->names[i])};
	int rc = fields ? ae_csv_names_set(&h->names, fields, columns->count, err) : -1;
	free(fields);
	return rc;
}

/* Makes the set of our names, once. */
static int need_names(struct ae_csv_header *h, struct ae_error *err)
{
	size_t count = h->columns->count;
	if (h->ours.words)
		return 0;
	const struct ae_cell *names = (const void *)h->names.fields.data;
	struct ae_csv_word_set set = h->ours;
	int rc = clear(&set, names, count, err);
	h->ours.slots = set.slots;
	if (rc != 0)
		return -1;
	h->ours.words = names;
	for (size_t i = 0; i < count; i++) {
		add(&h->ours, i);
		h->firsts |= first_bit(&names[i]);
	}
	return 0;
}

/* Whether every field is a word as names are, and no two neighbours are the same: words that repeat are data. */
static bool all_names(const struct ae_cell *fields, size_t count)
{
	double value;
	for (size_t i = 0; i < count; i++)
		if (ae_number_parse(&value, fields[i].text, fields[i].len) != AE_NUMBER_NOT ||
			ae_csv_is_missing_word(&fields[i]))
			return false;
	for (size_t i = 1; i < count; i++)
		if (fields[i].len == fields[i - 1].len &&
			memcmp(fields[i].text, fields[i - 1].text, fields[i].len) == 0)
			return false;
	return true;
}

/* How many of the fields are our names. */
static size_t count_shared(const struct ae_csv_header *h, const struct ae_cell *fields, size_t count)
{
	size_t shared = 0;
	for (size_t i = 0; i < count; i++)
		shared += (h->firsts & first_bit(&fields[i])) && *place(&h->ours, fields[i]);
	return shared;
}

/* Whether words could be the names of our columns after all have changed: 1, 0, or -1 and *err. */
static int are_new_names(struct ae_csv_header *h, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	if (count != h->columns->count)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (fields[i].len > 0 && ae_is_digit(*fields[i].text))
			return 0;
	if (clear(&h->other, fields, count, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!add(&h->other, i))
			return 0;
	return 1;
}

enum ae_csv_header_like ae_csv_header_compare(
	struct ae_csv_header *h, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	if (ae_csv_names_equal(&h->names, fields, count))
		return AE_CSV_SAME_HEADER;
	if (!all_names(fields, count))
		return AE_CSV_ROW;
	if (need_names(h, err) != 0)
		return AE_CSV_UNKNOWN;
	size_t shared = count_shared(h, fields, count);
	if (2 * shared >= count)
		return AE_CSV_SHARED_NAMES;
	switch (are_new_names(h, fields, count, err)) {
	case 0:
		return shared > 0 ? AE_CSV_SOME_NAMES : AE_CSV_WORDS;
	case 1:
		return AE_CSV_NEW_NAMES;
	default:
		return AE_CSV_UNKNOWN;
	}
}

int ae_csv_header_has_all(struct ae_csv_header *h, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	if (need_names(h, err) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!(h->firsts & first_bit(&fields[i])) || !*place(&h->ours, fields[i]))
			return 0;
	return 1;
}

int ae_csv_fail_other_header(
	const struct ae_csv_header *h, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	const struct ae_record_columns *columns = h->columns;
	size_t i = 0;
	while (i < count && i < columns->count && is_text(&fields[i], columns->names[i]))
		i++;
	if (i < count && i < columns->count)
		return ae_fail(err, "another header: the columns change here: column %zu is \"%.*s\", not \"%s\"",
			i + 1, (int)(fields[i].len > 100 ? 100 : fields[i].len), fields[i].text, columns->names[i]);
	return ae_fail(err, "another header: the columns change here: %zu columns, not %zu", count, columns->count);
}

void ae_csv_header_free(struct ae_csv_header *h)
{
	ae_csv_names_free(&h->names);
	ae_buf_free(&h->ours.slots);
	ae_buf_free(&h->other.slots);
}
