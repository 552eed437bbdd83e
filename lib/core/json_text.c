/* SPDX-License-Identifier: MIT */
/* Strings of JSON. */
#include "core/json_text.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

static int write_string(struct ae_buf *out, const char *text, size_t len, bool any, struct ae_error *err)
{
	enum { LONGEST = 6 }; /* \u001f */
	if (ae_buf_reserve(out, ae_product(len + 1, LONGEST), err) != 0)
		return -1;
	out->data[out->len++] = '"';
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code;
		n = ae_utf8_parse_any(text + i, len - i, &code);
		if (n == 0 && !any)
			return 1;
		bool control = n > 0 && code < ' ';
		if (n == 0)
			memcpy(out->data + out->len, "\xef\xbf\xbd", 3);
		else if (control)
			snprintf((char *)out->data + out->len, LONGEST + 1, "\\u%04x", (unsigned)code);
		else if (code == '"' || code == '\\')
			out->data[out->len++] = '\\';
		if (n > 0 && !control)
			memcpy(out->data + out->len, text + i, n);
		out->len += control ? LONGEST : n == 0 ? 3 : n;
		n += n == 0;
	}
	out->data[out->len++] = '"';
	return 0;
}

int ae_json_string(struct ae_buf *out, const char *text, size_t len, struct ae_error *err)
{
	return write_string(out, text, len, false, err);
}

int ae_json_any_string(struct ae_buf *out, const char *text, size_t len, struct ae_error *err)
{
	return write_string(out, text, len, true, err);
}
