/* SPDX-License-Identifier: MIT */
/* Texts as JSON has them. */
#ifndef AE_CORE_JSON_TEXT_H
#define AE_CORE_JSON_TEXT_H

#include "core/util.h"

/* Appends a text in quotes. 1: it is no UTF-8, which JSON is; then the end of `out` is of no use. */
int ae_json_string(struct ae_buf *out, const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* The same of any bytes: U+FFFD stands for each that is no UTF-8. 0, or -1 and *err. */
int ae_json_any_string(struct ae_buf *out, const char *text, size_t len, struct ae_error *err) AE_MUST_CHECK;

#endif
