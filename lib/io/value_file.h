/* SPDX-License-Identifier: MIT */
/* A file with one value a row: labels or ids. */
#ifndef AE_IO_VALUE_FILE_H
#define AE_IO_VALUE_FILE_H

#include "io/batch.h"

/* Reads an npy array or IDX file of one dimension, whose whole numbers become decimal text, or a text file with a line
   a row (CRLF and a last line without newline are fine). A blank line is an empty value, but as the last one an error,
   and so is a failed writer's mark. data is filled as a text column; errors name the file. */
int ae_column_file_read(struct ae_data *data, size_t *rows, const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
