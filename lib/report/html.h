/* SPDX-License-Identifier: MIT */
/* Text of HTML, built piece by piece: markup is ours, and everything else is escaped. */
#ifndef AE_REPORT_HTML_H
#define AE_REPORT_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/util.h"

/* Start from zero; freed with ae_html_free. The functions that add to it return no errors: the first one is kept in
   `error`. */
struct ae_html {
	struct ae_buf text;
	bool failed;
	struct ae_error error;
};

/* Adds markup as it is. */
void ae_html_add(struct ae_html *html, const char *markup);
void ae_html_add_buf(struct ae_html *html, const struct ae_buf *markup);
/* Adds text, escaped: controls and bytes that are no UTF-8 become U+FFFD. */
void ae_html_bytes(struct ae_html *html, const char *text, size_t len);
void ae_html_text(struct ae_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds a number with up to so many significant digits, a dash for NaN. */
void ae_html_number(struct ae_html *html, double value, int digits);
/* Adds a paragraph, and one that says why something is not there. */
void ae_html_paragraph(struct ae_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ae_html_missing(struct ae_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A fact of a list, <dl>: between begin and end its value is added. Without a name, NULL, it is one more value of the
   fact before. */
void ae_html_fact_begin(struct ae_html *html, const char *name);
void ae_html_fact_end(struct ae_html *html);
void ae_html_fact(struct ae_html *html, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* 0, or -1 and the first error. */
int ae_html_end(const struct ae_html *html, struct ae_error *err) AE_MUST_CHECK;
void ae_html_free(struct ae_html *html);

#endif
