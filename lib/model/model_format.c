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
	if (source->fd < 0) {
		more = more < source->left ? more : source->left;
		if (ae_buf_append(&source->in, source->bytes, more, err) != 0)
			return -1;
		source->bytes += more;
		source->left -= more;
		return (ssize_t)more;
	}
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

/* Reads at least one byte more, towards `need` in all. */
static int read_on(struct ae_model_source *source, size_t need, struct ae_error *err)
{
	const struct ae_buf *in = &source->in;
	size_t more = need - in->len < READ_LEAST ? READ_LEAST : need - in->len;
	size_t most = in->len < READ_LEAST ? READ_LEAST : in->len;
	ssize_t n = ae_model_source_more(source, more < most ? more : most, err);
	if (n < 0)
		return -1;
	if (n == 0 && source->messages == 0 && in->len == 0)
		return ae_fail(err, "not a model file: it is empty");
	if (n == 0)
		return ae_fail(err, "truncated: it ends %s",
			in->len > 0 || source->tensor ? "inside a message" : "without its end");
	return 0;
}

/* Drops what has been used. */
static void take_used(struct ae_model_source *source)
{
	struct ae_buf *in = &source->in;
	in->len -= source->used;
	if (source->used > 0)
		memmove(in->data, in->data + source->used, in->len);
	source->used = 0;
}

/* Scans a tensor up to its values: as ae_msg_scan. */
static int scan_tensor(struct ae_model_source *source, size_t *size, struct ae_error *err)
{
	const struct ae_buf *in = &source->in;
	size_t start = strlen(TENSOR_START), map, head, values;
	*size = start + 1;
	if (in->len <= start)
		return 0;
	int rc = ae_msg_scan(in->data + start, in->len - start, READ_LEAST, &map, err);
	if (rc < 0)
		return -1;
	*size = start + map;
	if (rc == 0)
		return 0;
	rc = ae_msg_bin(in->data + *size, in->len - *size, &head, &values);
	if (rc < 0)
		return ae_fail(err, "a tensor without a bin");
	*size += head;
	if (rc == 1 && values > AE_MODEL_PART_MAX)
		return ae_fail(err, "a part of a tensor larger than %zu bytes", AE_MODEL_PART_MAX);
	source->tensor = rc == 1;
	source->values = values;
	return rc;
}

int ae_model_source_next(struct ae_model_source *source, struct ae_error *err)
{
	struct ae_buf *in = &source->in;
	struct ae_msg_progress progress = {0};
	take_used(source);
	source->tensor = false;
	for (;;) {
		size_t need = 1;
		int rc = 0;
		if (in->len > 0 && source->messages == 0 && check_magic(in, err) != 0)
			return -1;
		if (in->len > 0)
			rc = starts_with(in, TENSOR_START, strlen(TENSOR_START))
				     ? scan_tensor(source, &need, err)
				     : ae_msg_scan_on(&progress, in->data, in->len, AE_MODEL_SECTION_MAX, &need, err);
		if (rc < 0)
			return ae_fail_in(err, "message %zu: ", source->messages + 1);
		source->used = rc == 1 ? need : 0;
		if (rc == 1)
			break;
		if (read_on(source, need, err) != 0)
			return -1;
	}
	source->messages++;
	if (source->tensor)
		source->sum = ae_msg_sum(0, in->data, source->used);
	else if (ae_msg_check(in->data, source->used, err) != 0)
		return ae_fail_in(err, "message %zu: ", source->messages);
	return 0;
}

int ae_model_source_values(struct ae_model_source *source, void *out, size_t len, struct ae_error *err)
{
	struct ae_buf *in = &source->in;
	unsigned char *to = out;
	source->values -= len;
	while (len > 0) {
		take_used(source);
		if (in->len == 0 && read_on(source, READ_LEAST, err) != 0)
			return -1;
		size_t n = in->len < len ? in->len : len;
		if (to) {
			memcpy(to, in->data, n);
			to += n;
		}
		source->sum = ae_msg_sum(source->sum, in->data, n);
		source->used = n;
		len -= n;
	}
	return 0;
}

/* Of the element that begins so and closes a message: a checksum, or nil. */
static size_t closing_size(unsigned char first)
{
	return first == 0xce ? AE_MSG_SUM_SIZE : 1;
}

int ae_model_source_end_tensor(struct ae_model_source *source, struct ae_error *err)
{
	struct ae_buf *in = &source->in;
	if (ae_model_source_values(source, NULL, source->values, err) != 0)
		return -1;
	take_used(source);
	while (in->len == 0 || in->len < closing_size(in->data[0]))
		if (read_on(source, AE_MSG_SUM_SIZE, err) != 0)
			return -1;
	source->used = closing_size(in->data[0]);
	if (ae_msg_check_sum(source->sum, in->data, source->used, err) != 0)
		return ae_fail_in(err, "message %zu: ", source->messages);
	return 0;
}
