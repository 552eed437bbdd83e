/* SPDX-License-Identifier: MIT */
/* The files that the arguments name: none may be written over while the run needs it. */
#ifndef AE_CLI_FILES_H
#define AE_CLI_FILES_H

#include "cli/opt.h"

/* Refuses, before anything is opened, an output that is one of the inputs and two outputs that are one file, however
   they are spelled: the options of the table that have a `file`, the operands, standard input and standard output.
   Allowed is what takes the place of its own original after success (struct ae_opt). Two outputs are also one where
   they go into one pipe, FIFO or socket; /dev/null and terminals may take several. The error names the option and what
   else the file is. */
int ae_files_check(
	const struct ae_program *program, char *const *operands, size_t count, struct ae_error *err) AE_MUST_CHECK;

#endif
