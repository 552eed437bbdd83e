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

/* Behind the key at `at` and its colon, with the column that it names; NULL: it names none, or is not plain. */
static inline const char *take_key(struct ae_record_keys *k, const char *at, const char *end, size_t *column)
{
	size_t i = k->next, len = i < k->columns.count ? k->lens[i] : 0;
	if (*at++ != '"')
		return NULL;
	bool next = i < k->columns.count && (size_t)(end - at) > len && at[len] == '"' &&
		    memcmp(at, k->columns.names[i], len) == 0;
	if (!next) {
		const char *quote = skip_text(at);
		if (!quote)
			return NULL;
		len = (size_t)(quote - at);
		i = ae_record_keys_find(k, at, len);
		if (i == k->columns.count)
			return NULL;
	}
	*column = i;
	at = skip_blanks(at + len + 1);
	return *at == ':' ? skip_blanks(at + 1) : NULL;
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

/* Every line ends in a newline, which stops all of these. */
bool ae_jsonl_plain(struct ae_record_keys *k, const char *line, size_t len)
{
	const char *at = line, *end = line + len;
	if (*at != '{')
		return false;
	do {
		size_t column;
		at = take_key(k, skip_blanks(at + 1), end, &column);
		if (!at || !ae_record_keys_note(k, column) || !(at = take_value(&k->values[column], at, end)))
			return false;
		at = skip_blanks(at);
	} while (*at == ',');
	return *at == '}' && *skip_blanks(at + 1) == '\n';
}
