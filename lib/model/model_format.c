/* SPDX-License-Identifier: MIT */
/* The keys of the training section, and the frames of a model file. */
#include "model/model_format.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/msgpack.h"
#include "model/model.h"

#define TENSOR_START "\224\246tensor"
#define READ_LEAST ((size_t)65536)

ssize_t ae_model_source_more(struct ae_model_source *source, size_t more, struct ae_error *err)
{
	if (ae_buf_reserve(&source->in, more, err) != 0)
		return -1;
	ssize_t n;
	do
		n = read(source->fd, source->in.data + source->in.len, more);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EISDIR)
		return ae_fail(err, "is a folder, not a model file");
	if (n < 0)
		return ae_fail_errno(err, "reading");
	source->in.len += (size_t)n;
	return n;
}

static bool starts_with(const struct ae_buf *in, const char *text, size_t len)
{
	return memcmp(in->data, text, in->len < len ? in->len : len) == 0;
}

static int check_magic(const struct ae_buf *in, struct ae_error *err)
{
	if (starts_with(in, "\224\244AEMF", 6))
		return 0;
	if (in->len >= 6 && starts_with(in, "\224\244AEST", 6))
		return ae_fail(err, "not a model file: it is a stream (AEST)");
	return ae_fail(err, "not a model file");
}

int ae_model_source_next(struct ae_model_source *source, struct ae_error *err)
{
	struct ae_buf *in = &source->in;
	in->len -= source->used;
	if (source->used > 0)
		memmove(in->data, in->data + source->used, in->len);
	source->used = 0;
	for (;;) {
		size_t need = 1;
		size_t prefix = strlen(TENSOR_START);
		bool tensor = in->len < prefix || starts_with(in, TENSOR_START, prefix);
		size_t limit = tensor ? AE_MODEL_PART_MAX + READ_LEAST : AE_MODEL_SECTION_MAX;
		if (in->len > 0 && source->messages == 0 && check_magic(in, err) != 0)
			return -1;
		int rc = in->len > 0 ? ae_msg_scan(in->data, in->len, limit, &need, err) : 0;
		if (rc < 0)
			return ae_fail_in(err, "message %zu: ", source->messages + 1);
		source->used = rc == 1 ? need : 0;
		if (rc == 1)
			break;
		size_t more = need - in->len < READ_LEAST ? READ_LEAST : need - in->len;
		size_t most = in->len < READ_LEAST ? READ_LEAST : in->len;
		ssize_t n = ae_model_source_more(source, more < most ? more : most, err);
		if (n < 0)
			return -1;
		if (n == 0 && source->messages == 0 && in->len == 0)
			return ae_fail(err, "not a model file: it is empty");
		if (n == 0)
			return ae_fail(
				err, "truncated: it ends %s", in->len > 0 ? "inside a message" : "without its end");
	}
	source->messages++;
	if (ae_msg_check(in->data, source->used, err) != 0)
		return ae_fail_in(err, "message %zu: ", source->messages);
	return 0;
}
