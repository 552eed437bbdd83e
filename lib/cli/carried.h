/* SPDX-License-Identifier: MIT */
/* The model that a header carries from a first program with --reload: where it stands in for the file of -m, and where
   that file holds. It is never used beside a -m that names another model. */
#ifndef AE_CLI_CARRIED_H
#define AE_CLI_CARRIED_H

#include "cli/program.h"
#include "core/sha256.h"

/* Begun with ae_carried_start, ended with ae_carried_end. */
struct ae_carried {
	const struct ae_program *program;
	const char *path;     /* of -m, or NULL */
	bool threshold_alone; /* the program takes nothing but the threshold of a model */
	int fd;               /* the file as it was at the start; -1: none that is regular */
	bool used;            /* a carried model has been, the last one of this digest */
	unsigned char digest[AE_DIGEST_SIZE];
};

/* Once, when the program begins: the file may be replaced before a header comes. */
void ae_carried_start(
	struct ae_carried *carried, const struct ae_program *program, const char *path, bool threshold_alone);
/* For each stream, before its header is used. In a stream that is read from a regular file the carried model is
   dropped. Else it must be the one that -m names, or names by now; or come from the file of this name, which was
   replaced before this program began, and this is said; or follow one that was, in a stream that is continued; or be
   the last one again. What is carried to a program that has a threshold of its own is dropped too. All else is an
   error. */
int ae_carried_follow(struct ae_carried *carried, struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
void ae_carried_end(struct ae_carried *carried);

/* What a file is called by all programs of a chain, whatever it holds: the SHA-256 of the machine's name and the path
   from the root, as it is written, since links in it may be changed to replace the file. Replaces what `of` held. */
int ae_carried_name(struct ae_buf *of, const char *path, struct ae_error *err) AE_MUST_CHECK;

#endif
