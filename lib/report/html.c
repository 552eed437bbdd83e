/* SPDX-License-Identifier: MIT */
/* Builds HTML, and escapes what is no markup. */
#include "report/html.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

static void append(struct ae_html *html, const void *bytes, size_t len)
{
	if (!html->failed && ae_buf_append(&html->text, bytes, len, &html->error) != 0)
		html->failed = true;
}

void ae_html_add(struct ae_html *html, const char *markup)
{
	append(html, markup, strlen(markup));
}

void ae_html_add_buf(struct ae_html *html, const struct ae_buf *markup)
{
	append(html, markup->data, markup->len);
}

/* What stands for a character of markup, NULL for others. */
static const char *entity_of(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void ae_html_bytes(struct ae_html *html, const char *text, size_t len)
{
	for (size_t n; len > 0; text += n, len -= n) {
		uint32_t code = 0;
		const char *entity = entity_of((unsigned char)*text);
		n = ae_utf8_parse(text, len, &code);
		if (n == 0 || (ae_is_control(code) && code != '\n'))
			ae_html_add(html, "\ufffd");
		else if (entity)
			ae_html_add(html, entity);
		else
			append(html, text, n);
		n += n == 0;
	}
}

static void add_formatted(struct ae_html *html, const char *format, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, format, args);
	if (len < 0 && !html->failed) {
		html->failed = true;
		ae_fail_memory(&html->error);
	}
	if (len >= 0)
		ae_html_bytes(html, text, (size_t)len);
	if (len >= 0)
		free(text);
}

void ae_html_text(struct ae_html *html, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_formatted(html, format, args);
	va_end(args);
}

void ae_html_number(struct ae_html *html, double value, int digits)
{
	if (isnan(value))
		ae_html_add(html, "\u2013");
	else
		ae_html_text(html, "%.*g", digits, value);
}

void ae_html_paragraph(struct ae_html *html, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	ae_html_add(html, "<p>");
	add_formatted(html, format, args);
	ae_html_add(html, "</p>\n");
	va_end(args);
}

void ae_html_missing(struct ae_html *html, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	ae_html_add(html, "<p class=\"missing\">");
	add_formatted(html, format, args);
	ae_html_add(html, "</p>\n");
	va_end(args);
}

void ae_html_fact_begin(struct ae_html *html, const char *name)
{
	if (name) {
		ae_html_add(html, "<dt>");
		ae_html_text(html, "%s", name);
		ae_html_add(html, "</dt>");
	}
	ae_html_add(html, "<dd>");
}

void ae_html_fact_end(struct ae_html *html)
{
	ae_html_add(html, "</dd>\n");
}

void ae_html_fact(struct ae_html *html, const char *name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	ae_html_fact_begin(html, name);
	add_formatted(html, format, args);
	ae_html_fact_end(html);
	va_end(args);
}

int ae_html_end(const struct ae_html *html, struct ae_error *err)
{
	if (!html->failed)
		return 0;
	*err = html->error;
	return -1;
}

void ae_html_free(struct ae_html *html)
{
	ae_buf_free(&html->text);
}
