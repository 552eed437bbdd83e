/* SPDX-License-Identifier: MIT */
/* Private to model*.c: what the reader and the writer of model files agree on. */
#ifndef AE_MODEL_MODEL_FORMAT_H
#define AE_MODEL_MODEL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/util.h"

/* A tensor's bytes go into messages of at most this many. */
#define AE_MODEL_PART_MAX ((size_t)1 << 30)
/* The largest message that is no tensor. */
#define AE_MODEL_SECTION_MAX ((size_t)64 << 20)

#define AE_MODEL_MOMENTS "optimizer.moments"
/* Bytes of a name that this version writes, with its end. */
#define AE_MODEL_NAME_MAX 64

/* A model file being read, message by message. The holder closes fd and frees in. */
struct ae_model_source {
	int fd;                     /* -1: it is in memory */
	const unsigned char *bytes; /* then, and how many are left */
	size_t left;
	struct ae_buf in;
	size_t used;     /* bytes of in that the current message takes; more may follow them */
	size_t messages; /* so far, the header included */
	bool tensor;     /* it is a tensor, of which in has the head alone */
	size_t values;   /* bytes of its values that have not been read */
	uint32_t sum;    /* of the bytes of it that have been */
};

/* Makes the next message stand whole and checked at the start of in, or of a tensor all that stands before its values;
   the first message must have the magic. */
int ae_model_source_next(struct ae_model_source *source, struct ae_error *err) AE_MUST_CHECK;
/* Reads len bytes of the tensor's values into out, or past them if out is NULL. Its head is in `in` no more. */
int ae_model_source_values(struct ae_model_source *source, void *out, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Reads past what is left of them, and checks the tensor's checksum. */
int ae_model_source_end_tensor(struct ae_model_source *source, struct ae_error *err) AE_MUST_CHECK;
/* Reads at most `more` bytes to the end of in; returns how many came, 0 at the end of the file, -1 on error. */
ssize_t ae_model_source_more(struct ae_model_source *source, size_t more, struct ae_error *err) AE_MUST_CHECK;

#endif
