/* SPDX-License-Identifier: MIT */
/* Temporary files without a name. */
#ifndef AE_CORE_TEMPFILE_H
#define AE_CORE_TEMPFILE_H

#include "core/error.h"

/* An empty temporary file without a name, in $TMPDIR or /tmp: its descriptor, which the caller closes, or -1 and err.
   Whatever ends the program leaves nothing there. */
int ae_tempfile(struct ae_error *err) AE_MUST_CHECK;

#endif
