/* SPDX-License-Identifier: MIT */
/* Escapes of what is not to reach a terminal. */
#include "check.h"

#include <string.h>

#include "core/text.h"

static const struct {
	const char *text, *shown;
} cases[] = {
	{"", ""},
	{"Druck in \u00b0C, \u6e29\u5ea6 \U0001f600", "Druck in \u00b0C, \u6e29\u5ea6 \U0001f600"},
	{"\a\b\t\n\v\f\r", "\\a\\b\\t\\n\\v\\f\\r"},
	{"a\n", "a\\n"},
	{"\x1b[31m\x01\x7f", "\\x1b[31m\\x01\\x7f"},
	{"\xc2\x80\xc2\x9b\xc2\x9f\u00a0", "\\u{80}\\u{9b}\\u{9f}\u00a0"},
	{"\u061b\u061c\u200d\u200e\u200f\u2010", "\u061b\\u{61c}\u200d\\u{200e}\\u{200f}\u2010"},
	{"\u2027\u2028\u2029\u202a\u202e\u202f", "\u2027\\u{2028}\\u{2029}\\u{202a}\\u{202e}\u202f"},
	{"\u2065\u2066\u2069\u206a", "\u2065\\u{2066}\\u{2069}\u206a"},
	{"\x9b\xff\xfe z\xe2\x80", "\\x9b\\xff\\xfe z\\xe2\\x80"},
	{"\xc0\x8a\xed\xa0\x80\xf4\x90\x80\x80", "\\xc0\\x8a\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80"},
};

int main(void)
{
	char out[200];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ae_escape_controls(out, sizeof(out), cases[i].text);
		CHECK(strcmp(out, cases[i].shown) == 0, "%zu: %s, expected %s", i, out, cases[i].shown);
	}
	for (size_t size = 1; size < 40; size++) {
		memset(out, '#', sizeof(out));
		ae_escape_controls(out, size, "\u202e\u202e\u202e\u202e");
		CHECK(strlen(out) < size && strlen(out) % 8 == 0 && out[size] == '#', "%zu bytes of room", size);
	}
	return check_done();
}
