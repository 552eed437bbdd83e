/* SPDX-License-Identifier: MIT */
/* A scan along the keys that are expected. Whatever else comes is for the parser. */
#include "io/jsonl_plain.h"

#include <string.h>

#include "core/util.h"

static inline const char *skip_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t' || *at == '\r')
		at++;
	return at;
}

static inline const char *skip_digits(const char *at)
{
	while (ae_is_digit(*at))
		at++;
	return at;
}

/* Behind a number as JSON has it, or NULL. */
static inline const char *skip_number(const char *at)
{
	const char *digits = at += *at == '-';
	at = skip_digits(at);
	if (at == digits || (*digits == '0' && at > digits + 1))
		return NULL;
	if (*at == '.') {
		const char *fraction = ++at;
		at = skip_digits(at);
		if (at == fraction)
			return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		at++;
		const char *exponent = at += *at == '+' || *at == '-';
		at = skip_digits(at);
		if (at == exponent)
			return NULL;
	}
	return at;
}

/* The quote behind a text, or NULL. */
static inline const char *skip_text(const char *at)
{
	while (*at >= ' ' && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return *at == '"' ? at : NULL;
}

/* Takes the value that begins here; behind it, or NULL. */
static inline const char *take_value(struct ae_cell *cell, const char *at, const char *end)
{
	const char *from = at;
	if (*at == '"') {
		at = skip_text(++from);
		*cell = (struct ae_cell){.text = from, .len = (size_t)(at ? at - from : 0)};
		return at ? at + 1 : NULL;
	}
	if (*at == 'n') {
		*cell = (struct ae_cell){.text = "", .len = 0};
		return end - at > 4 && memcmp(at, "null", 4) == 0 ? at + 4 : NULL;
	}
	at = skip_number(at);
	*cell = (struct ae_cell){.text = from, .len = (size_t)(at ? at - from : 0)};
	return at;
}

/* Takes the elements of the array of the columns from `column` on, which begins here; behind it, or NULL. */
static const char *take_array(struct ae_record_keys *k, size_t column, const char *at, const char *end)
{
	size_t count = k->columns.count;
	do {
		at = skip_blanks(at + 1);
		if (column == count || !ae_record_keys_note(k, column) ||
			!(at = take_value(&k->values[column], at, end)))
			return NULL;
		at = skip_blanks(at);
		column++;
		if (*at == ',' && (column == count || !k->follows[column]))
			return NULL;
	} while (*at == ',');
	return *at == ']' && (column == count || !k->follows[column]) ? at + 1 : NULL;
}

/* Takes a key and its value; behind them, or NULL. */
static inline const char *take_member(struct ae_record_keys *k, const char *at, const char *end)
{
	size_t i = k->next, count = k->columns.count, len = i < count ? k->lens[i] : 0;
	const char *key = at + 1;
	if (*at != '"')
		return NULL;
	bool next =
		i < count && (size_t)(end - key) > len && key[len] == '"' && memcmp(key, k->columns.names[i], len) == 0;
	const char *quote = next ? key + len : skip_text(key);
	if (!quote)
		return NULL;
	at = skip_blanks(quote + 1);
	if (*at != ':')
		return NULL;
	at = skip_blanks(at + 1);
	len = (size_t)(quote - key);
	if (*at == '[')
		return take_array(k, ae_record_keys_find_array(k, key, len), at, end);
	if (!next)
		i = ae_record_keys_find(k, key, len);
	return i < count && ae_record_keys_note(k, i) ? take_value(&k->values[i], at, end) : NULL;
}

/* Every line ends in a newline, which stops all of these. */
bool ae_jsonl_plain(struct ae_record_keys *k, const char *line, size_t len)
{
	const char *at = line, *end = line + len;
	if (*at != '{')
		return false;
	do {
		at = take_member(k, skip_blanks(at + 1), end);
		if (!at)
			return false;
		at = skip_blanks(at);
	} while (*at == ',');
	return *at == '}' && *skip_blanks(at + 1) == '\n';
}
