/* SPDX-License-Identifier: MIT */
/* The line of a terminal that shows how far a program has come, drawn over again and again. The cursor stands at its
   beginning, so that the next message takes its place. */
#ifndef AE_CLI_BAR_H
#define AE_CLI_BAR_H

#include "cli/program.h"

/* Whether standard error is a terminal that can draw over a line. */
bool ae_bar_is_possible(void);
/* For a message: the rest of the line is no bar's any more. */
void ae_bar_make_room(void);
/* Draws it, if this program is in the foreground, and no other one of its chain draws. Whether it did. */
bool ae_bar_draw(const char *text);
/* Takes it away; another program may draw now. */
void ae_bar_end(void);

/* Has the reader of these options show rows, rate and, where sizes are known, the time that is left. Not where rows are
   written onto a terminal, which shows them, nor into a pipe: a program behind may write onto it. */
void ae_bar_show_reading(const struct ae_program *program, struct ae_common *common, bool writes_rows);

/* A curve of at most AE_BAR_CURVE losses, on a logarithmic scale, a character each. "" where the locale is not UTF-8,
   or a loss is 0. */
enum { AE_BAR_CURVE = 12, AE_BAR_CURVE_TEXT = 3 * AE_BAR_CURVE + 1 };
const char *ae_bar_curve(char text[AE_BAR_CURVE_TEXT], const double *losses, size_t count);

#endif
