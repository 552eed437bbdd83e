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

/* Behind the key, its colon and blanks, or NULL. */
static inline const char *skip_key(const char *at, const char *end, const char *name, size_t len)
{
	if ((size_t)(end - at) < len + 2 || *at != '"' || memcmp(at + 1, name, len) != 0 || at[len + 1] != '"')
		return NULL;
	at = skip_blanks(at + len + 2);
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
	size_t count = k->columns.count;
	for (size_t i = 0; i < count; i++) {
		if (*at != (i == 0 ? '{' : ','))
			return false;
		at = skip_key(skip_blanks(at + 1), end, k->columns.names[i], k->lens[i]);
		if (!at || !(at = take_value(&k->values[i], at, end)))
			return false;
		at = skip_blanks(at);
	}
	k->found = count;
	return *at == '}' && *skip_blanks(at + 1) == '\n';
}
