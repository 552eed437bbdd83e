/* SPDX-License-Identifier: MIT */
/* Characters of UTF-8, and text of somebody else's that is shown to people. */
#ifndef AE_CORE_TEXT_H
#define AE_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the UTF-8 character that text begins with, 0 if it begins with none; *code is its code point. len is at
   least 1. */
size_t ae_utf8_parse(const void *text, size_t len, uint32_t *code);

/* The same of noncharacters too, such as U+FFFF, which are UTF-8 but nothing to show. */
size_t ae_utf8_parse_any(const void *text, size_t len, uint32_t *code);

/* Whether all of it is UTF-8, noncharacters included. */
bool ae_is_utf8(const void *text, size_t len);

/* Writes the text to out[3 * len], with U+FFFD for each byte that is no UTF-8. The length. */
size_t ae_utf8_replace(char *out, const char *text, size_t len);

/* What terminals take for commands (C0, DEL, C1), and what breaks lines or turns the direction of the text around it.
 */
bool ae_is_control(uint32_t code);

/* Copies text into out[size] with controls as escapes (\n, \x1b, \u{202e}), and so with bytes that are no UTF-8 (\xff);
   what has no room is left out. Returns out. */
char *ae_escape_controls(char *out, size_t size, const char *text);

#endif
