/* SPDX-License-Identifier: MIT */
/* Files that no program here reads, told by their first bytes, so that the error can name them and say what to do. */
#ifndef AE_IO_OTHER_KIND_H
#define AE_IO_OTHER_KIND_H

#include "io/format.h"

/* AE_BEGINS_YES: bytes are the beginning of a file of another kind, and *err says which and what to do.
   AE_BEGINS_MORE: more bytes must come to tell, but never if the input has ended. as_text: the user says that it is
   text, or each line stands for itself: kinds that are text themselves (JSON, XML) are not told then. */
enum ae_begins ae_other_kind_begins(const unsigned char *bytes, size_t len, bool as_text, struct ae_error *err);

#endif
