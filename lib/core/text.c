/* SPDX-License-Identifier: MIT */
/* Parsing of UTF-8, and escapes for what is not to reach a terminal. */
#include "core/text.h"

#include <stdio.h>
#include <string.h>

size_t ae_utf8_parse_any(const void *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = text;
	size_t n = at[0] < 0x80             ? 1
		   : (at[0] & 0xe0) == 0xc0 ? 2
		   : (at[0] & 0xf0) == 0xe0 ? 3
		   : (at[0] & 0xf8) == 0xf0 ? 4
					    : 0;
	if (n == 0 || n > len)
		return 0;
	*code = n == 1 ? at[0] : at[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (at[i] & 0x3fU);
	}
	bool surrogate = *code >= 0xd800 && *code < 0xe000;
	return *code < least[n] || *code > 0x10ffff || surrogate ? 0 : n;
}

size_t ae_utf8_parse(const void *text, size_t len, uint32_t *code)
{
	size_t n = ae_utf8_parse_any(text, len, code);
	return n > 0 && (*code & 0xfffe) == 0xfffe ? 0 : n;
}

bool ae_is_utf8(const void *text, size_t len)
{
	const unsigned char *at = text;
	uint32_t code;
	for (size_t i = 0, n; i < len; i += n) {
		n = at[i] < 0x80 ? 1 : ae_utf8_parse_any(at + i, len - i, &code);
		if (n == 0)
			return false;
	}
	return true;
}

size_t ae_utf8_replace(char *out, const char *text, size_t len)
{
	char *to = out;
	for (size_t i = 0; i < len;) {
		uint32_t code;
		size_t n = ae_utf8_parse_any(text + i, len - i, &code);
		memcpy(to, n ? text + i : "\xef\xbf\xbd", n ? n : 3);
		to += n ? n : 3;
		i += n ? n : 1;
	}
	return (size_t)(to - out);
}

bool ae_is_control(uint32_t code)
{
	return code < ' ' || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/* The escape of a control, or of a byte that is no UTF-8. */
static int format_escape(char *out, size_t size, uint32_t code, bool is_byte)
{
	static const char letters[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
	const char *known = code > 0 && code < 0x80 ? strchr(letters, (int)code) : NULL;
	if (known)
		return snprintf(out, size, "\\%c", names[known - letters]);
	return snprintf(out, size, is_byte || code < 0x80 ? "\\x%02x" : "\\u{%x}", (unsigned)code);
}

char *ae_escape_controls(char *out, size_t size, const char *text)
{
	enum { LONGEST = 8 }; /* "\u{202e}" */
	size_t left = strlen(text), len = 0;
	while (left > 0 && len + LONGEST < size) {
		uint32_t code = (unsigned char)*text;
		size_t n = ae_utf8_parse(text, left, &code);
		if (n == 0)
			code = (unsigned char)*text;
		if (n == 0 || ae_is_control(code)) {
			len += (size_t)format_escape(out + len, size - len, code, n == 0);
		} else {
			memcpy(out + len, text, n);
			len += n;
		}
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	out[len] = '\0';
	return out;
}
