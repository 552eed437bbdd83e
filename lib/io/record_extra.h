/* SPDX-License-Identifier: MIT */
/* Keys that are no column's: which of them are new, and which take a column's place. */
#ifndef AE_IO_RECORD_EXTRA_H
#define AE_IO_RECORD_EXTRA_H

#include "io/record_keys.h"

/* Whether columns are named as parts of what is named so: "a.b" is a part of "a". */
bool ae_record_keys_have_parts(const struct ae_record_keys *keys, const char *path, size_t len);
/* Whether the path is that of a part of a column. */
bool ae_record_keys_are_inside(const struct ae_record_keys *keys, const char *path, size_t len);
/* Whether a key that is no column's cannot stand beside the columns: it is a part of one, or a value where they are
   parts, or one element more of an array. */
bool ae_record_keys_clash(const struct ae_record_keys *keys, const char *path, size_t len);

#endif
