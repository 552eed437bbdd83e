/* SPDX-License-Identifier: MIT */
/* Lines of JSON, seen by others than their source. */
#ifndef AE_IO_JSONL_H
#define AE_IO_JSONL_H

#include "core/util.h"

/* Appends the names of the columns that the object in this line, which has no byte order mark, would be the first row
   of: bytes that are equal for objects of equal names in any order. 0, AE_RECORD_BAD if the line is no whole object, or
   AE_RECORD_FAIL; then *err. */
int ae_jsonl_names(const char *line, size_t len, struct ae_buf *names, struct ae_error *err) AE_MUST_CHECK;

#endif
