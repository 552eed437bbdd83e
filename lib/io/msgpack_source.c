/* SPDX-License-Identifier: MIT */
/* MessagePack as other programs write it, as a source of rows: objects one after the other, each a row or some. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "io/msgpack_plain.h"
#include "io/msgpack_record.h"

/* Of one object. */
#define OBJECT_LIMIT ((uint64_t)64 << 20)

struct mp_source {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_record_keys keys;
	struct ae_msg_progress progress; /* in the object that arrives */
	uint64_t objects;                /* begun so far */
	size_t size;                     /* of the object at hand; 0: there is none */
	uint64_t left, row;              /* its rows still to come; which one comes */
	size_t at, end;                  /* where it begins in the object; where it was seen to end */
	size_t time;                     /* where the time of an event is, or 0 */
	bool taken_apart;                /* the row is */
	bool is_array;                   /* of NumPy */
	struct ae_packed_array array;
	size_t taken; /* bytes since this was set to 0 */
};

static int fail_at(const struct mp_source *s, struct ae_error *err)
{
	return ae_fail_in(err, "object %llu: ", (unsigned long long)s->objects);
}

/* ---- objects ---- */

static bool is_container(const struct ae_token *t)
{
	return t->kind == AE_TOKEN_MAP || t->kind == AE_TOKEN_ARRAY;
}

static bool is_time(const struct ae_token *t)
{
	return t->kind == AE_TOKEN_UINT || t->kind == AE_TOKEN_F32 || t->kind == AE_TOKEN_F64 ||
	       t->kind == AE_TOKEN_EXT;
}

/* Whether an array of `count` values from `at` on is an event of fluentd: [time, record], where time may be
   [time, metadata], with a tag before it or options behind the record. */
static bool find_event(struct mp_source *s, const unsigned char *object, const unsigned char *at, uint64_t count)
{
	struct ae_token t;
	const unsigned char *behind = ae_token_read(&t, at);
	if (t.kind == AE_TOKEN_STR && count >= 3 && count <= 4) { /* the tag */
		at = behind;
		behind = ae_token_read(&t, at);
	} else if (count != 2) {
		return false;
	}
	const unsigned char *record = ae_token_skip(at);
	if (t.kind == AE_TOKEN_ARRAY && t.size == 2) {
		at = behind;
		ae_token_read(&t, at);
	}
	bool time = is_time(&t);
	ae_token_read(&t, record);
	if (!time || t.kind != AE_TOKEN_MAP)
		return false;
	s->time = (size_t)(at - object);
	s->at = (size_t)(record - object);
	return true;
}

/* [tag, events or a bin of them, ...] is a message of fluentd's own protocol, with acknowledgements. */
static bool is_forward(const unsigned char *at, uint64_t count)
{
	struct ae_token t;
	at = ae_token_read(&t, at);
	if (t.kind != AE_TOKEN_STR || count < 2 || count > 3)
		return false;
	const unsigned char *behind = ae_token_read(&t, at);
	if (count == 3) {
		struct ae_token option;
		ae_token_read(&option, ae_token_skip(at));
		if (option.kind != AE_TOKEN_MAP)
			return false;
	}
	if (t.kind == AE_TOKEN_ARRAY && t.size > 0)
		ae_token_read(&t, behind);
	return t.kind == AE_TOKEN_BIN || t.kind == AE_TOKEN_ARRAY;
}

static int open_list(
	struct mp_source *s, const unsigned char *object, const unsigned char *at, uint64_t count, struct ae_error *err)
{
	struct ae_token first;
	if (count == 0) {
		s->left = 0;
		return 0;
	}
	if (find_event(s, object, at, count))
		return 0;
	if (is_forward(at, count)) {
		ae_fail(err, "a message of fluentd's forward protocol: out_tcp or out_file of Fluent Bit, with Format "
			     "msgpack, write events without it");
		return AE_RECORD_BAD;
	}
	ae_token_read(&first, at);
	if (!is_container(&first))
		return 0;
	s->left = count;
	s->at = (size_t)(at - object);
	return 0;
}

/* Finds the rows of the object that begins here and is whole. */
static int open_object(struct mp_source *s, const unsigned char *object, struct ae_error *err)
{
	struct ae_token t;
	const unsigned char *at = ae_token_read(&t, object);
	s->left = 1;
	s->row = s->at = s->time = 0;
	s->end = s->size;
	int rc = 0;
	if (t.kind == AE_TOKEN_ARRAY) {
		rc = open_list(s, object, at, t.size, err);
	} else if (t.kind == AE_TOKEN_MAP) {
		rc = ae_packed_array_find(&s->array, object, err);
		s->is_array = rc == 1;
		if (s->is_array)
			s->left = ae_packed_array_rows(&s->array);
		rc = rc < 0 ? rc : 0;
	} else {
		bool mark = t.kind == AE_TOKEN_UINT && t.size == '!';
		ae_fail(err, mark ? "\"!\": the program that wrote this failed" : "neither a map nor an array");
		rc = mark ? AE_RECORD_FAIL : AE_RECORD_BAD;
	}
	return rc;
}

static void drop_object(struct mp_source *s, struct ae_input *input)
{
	ae_input_take(input, s->size);
	s->taken += s->size;
	s->size = 0;
	s->left = 0;
	s->is_array = false;
}

/* The input has ended, in an object perhaps. */
static enum ae_read end_input(const struct mp_source *s, const struct ae_input *input, struct ae_error *err)
{
	if (input->at == input->buf.len || input->stopped)
		return AE_READ_END;
	ae_fail(err, "object %llu: cut", (unsigned long long)s->objects + 1);
	return AE_READ_FAIL;
}

/* Waits for a whole object. AE_READ_END: no more, or none yet and `wait` is false. */
static enum ae_read find_object(struct mp_source *s, struct ae_input *input, bool wait, struct ae_error *err)
{
	for (;;) {
		size_t have, size;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		int rc = have ? ae_msg_scan_on(&s->progress, bytes, have, OBJECT_LIMIT, &size, err) : 0;
		if (rc < 0) {
			ae_fail_in(err, "object %llu: ", (unsigned long long)s->objects + 1);
			return AE_READ_FAIL;
		}
		if (rc > 0) {
			s->progress = (struct ae_msg_progress){0};
			s->size = size;
			s->objects++;
			return AE_READ_ROWS;
		}
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			break;
		case AE_FILL_FAIL:
			return AE_READ_FAIL;
		case AE_FILL_IDLE:
			return AE_READ_END;
		case AE_FILL_END:
			return end_input(s, input, err);
		}
	}
}

/* ---- rows ---- */

/* Takes the row apart that comes; its end is known afterwards. */
static int parse_row(struct mp_source *s, const unsigned char *object, struct ae_error *err)
{
	if (s->taken_apart) {
		s->taken_apart = false;
		return 0;
	}
	ae_record_keys_begin(&s->keys);
	if (s->is_array)
		return ae_packed_array_row(&s->array, s->row, &s->keys, err);
	return ae_msgpack_record(&s->keys, object + s->at, s->time ? object + s->time : NULL, err);
}

/* On to the next row, in the next object perhaps. */
static void pass_row(struct mp_source *s, struct ae_input *input)
{
	size_t have;
	const unsigned char *object = ae_input_bytes(input, &have);
	s->row++;
	if (s->left > 0 && --s->left > 0) {
		if (!s->is_array)
			s->at = (size_t)(ae_token_skip(object + s->at) - object);
		return;
	}
	drop_object(s, input);
}

/* Keeps what is left out where that is asked for: the map or array of the row, an array of NumPy with that row alone,
   or the whole object. row is that of ae_left_out_keep. */
static int keep_reject(const struct mp_source *s, const unsigned char *object, size_t row, struct ae_error *err)
{
	size_t from = 0, to = s->size;
	if (!s->left_out->keep_rejects)
		return 0;
	if (!s->is_array && !s->time && s->at > 0) {
		from = s->at;
		to = (size_t)(ae_token_skip(object + from) - object);
	}
	if (!s->is_array)
		return ae_left_out_keep(s->left_out, object + from, to - from, row, err);
	struct ae_buf alone = {0};
	int rc = ae_packed_array_keep_row(&s->array, object, s->row, &alone, err);
	if (rc == 0)
		rc = ae_left_out_keep(s->left_out, alone.data, alone.len, row, err);
	ae_buf_free(&alone);
	return rc;
}

/* The program may leave a row out yet, as for its time. */
static int keep_taken(const struct mp_source *s, const unsigned char *object, size_t row, struct ae_error *err)
{
	return s->left_out->keep_rows ? keep_reject(s, object, row, err) : 0;
}

/* Counts a bad row, or one without a value. */
static int leave_out(struct mp_source *s, const unsigned char *object, enum ae_record_taken taken, struct ae_error *err)
{
	ae_left_out_add(s->left_out, taken == AE_RECORD_BAD ? AE_LEFT_OUT_BAD : AE_LEFT_OUT_MISSING, err->text);
	return keep_reject(s, object, 0, err);
}

static enum ae_record_taken take_row(struct mp_source *s, const unsigned char *object, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	size_t failed;
	int rc = parse_row(s, object, err);
	if (rc == 0)
		rc = ae_record_keys_add(&s->keys, schema, rows, &failed, err);
	if (rc == AE_RECORD_MISSING)
		ae_fail(err, "column \"%s\": missing value", s->keys.columns.names[failed]);
	if (rc == AE_RECORD_BAD || rc == AE_RECORD_MISSING)
		fail_at(s, err);
	return (enum ae_record_taken)rc;
}

/* An object that holds no rows; a bad one is left out where that is asked for. */
static int pass_object(struct mp_source *s, struct ae_input *input, int rc, struct ae_error *err)
{
	size_t have;
	const unsigned char *object = ae_input_bytes(input, &have);
	s->left = 1;
	s->row = s->at = s->time = 0;
	if (rc != 0) {
		fail_at(s, err);
		if (rc != AE_RECORD_BAD || !s->rules->skip_bad || leave_out(s, object, AE_RECORD_BAD, err) != 0)
			return -1;
	}
	drop_object(s, input);
	return 0;
}

/* Takes the object that begins here as one row, if it is as most are. */
static bool find_plain(struct mp_source *s, const struct ae_input *input)
{
	size_t have;
	const unsigned char *bytes = ae_input_bytes(input, &have);
	if (have == 0 || !s->keys.known || !s->keys.named || s->progress.begun)
		return false;
	ae_record_keys_begin(&s->keys);
	if (!ae_msgpack_plain(&s->keys, bytes, have, &s->size))
		return false; /* and size is 0 */
	s->objects++;
	s->left = 1;
	s->row = s->at = s->time = 0;
	s->taken_apart = true;
	return true;
}

/* As find_object, for an object that has rows, or the one at hand. */
static enum ae_read find_row(struct mp_source *s, struct ae_input *input, bool wait, struct ae_error *err)
{
	while (s->size == 0) {
		size_t have;
		if (find_plain(s, input))
			return AE_READ_ROWS;
		enum ae_read got = find_object(s, input, wait, err);
		if (got != AE_READ_ROWS)
			return got;
		int rc = open_object(s, ae_input_bytes(input, &have), err);
		if ((rc != 0 || s->left == 0) && pass_object(s, input, rc, err) != 0)
			return AE_READ_FAIL;
	}
	return AE_READ_ROWS;
}

static enum ae_read mp_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct mp_source *s = state;
	s->taken = 0;
	for (;;) {
		size_t have;
		enum ae_read got = find_row(s, input, rows->batch.rows == 0, err);
		if (got == AE_READ_END)
			return rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
		if (got != AE_READ_ROWS)
			return got;
		const unsigned char *object = ae_input_bytes(input, &have);
		if (s->is_array) /* the input may have been moved */
			(void)!ae_packed_array_find(&s->array, object, err);
		enum ae_record_taken rc = take_row(s, object, schema, rows, err);
		if (rc == AE_RECORD_FAIL || (rc == AE_RECORD_BAD && !s->rules->skip_bad))
			return AE_READ_FAIL;
		if ((rc == AE_RECORD_TAKEN ? keep_taken(s, object, rows->batch.rows, err)
					   : leave_out(s, object, rc, err)) != 0)
			return AE_READ_FAIL;
		pass_row(s, input);
		if (ae_source_is_full(rows, s->keys.cells.row_bytes) || s->taken >= AE_BATCH_BYTES)
			return AE_READ_ROWS;
	}
}

/* ---- header ---- */

static enum ae_read first_next(void *state, struct ae_input *input, struct ae_error *err)
{
	return find_row(state, input, true, err);
}

/* The row at hand, which stays. */
static int first_parse(void *state, struct ae_input *input, struct ae_error *err)
{
	size_t have;
	return parse_row(state, ae_input_bytes(input, &have), err);
}

static int first_fail_at(void *state, struct ae_error *err)
{
	return fail_at(state, err);
}

static int first_leave_out(void *state, struct ae_input *input, enum ae_record_taken taken, struct ae_error *err)
{
	size_t have;
	int rc = leave_out(state, ae_input_bytes(input, &have), taken, err);
	pass_row(state, input);
	return rc;
}

static int mp_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	const struct ae_record_source first = {state, input, first_next, first_parse, first_fail_at, first_leave_out};
	return ae_record_keys_header(&((struct mp_source *)state)->keys, &first, schema, err);
}

static void mp_free(void *state)
{
	struct mp_source *s = state;
	ae_record_keys_free(&s->keys);
	free(s);
}

static int mp_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct mp_source *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->rules = rules;
	s->left_out = left_out;
	ae_record_keys_init(&s->keys, rules, left_out);
	*source = (struct ae_source){.state = s, .header = mp_header, .rows = mp_rows, .free = mp_free, .text = true};
	return 0;
}

static bool is_small_container(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xa0;
}

/* Whether no text has these bytes, in whatever encoding of single bytes. */
static bool has_control(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((bytes[i] < ' ' && !memchr("\t\n\r", bytes[i], 3)) || bytes[i] == 0x7f)
			return true;
	return false;
}

/* A small map or array that no UTF-8 text begins with: not AEST's, and not what npy begins with. Larger ones begin as
   letters do. Text of other encodings may begin so: but then the first key is none, or the array is followed by neither
   of them. An array of bytes that no text has needs nothing behind it: the first row of a feed is not to wait for the
   second. */
static enum ae_begins mp_begins(const unsigned char *bytes, size_t len)
{
	enum { ENOUGH = 4096 };
	struct ae_error ignored;
	size_t size, n = len < ENOUGH ? len : ENOUGH;
	unsigned char first = bytes[0], second = len > 1 ? bytes[1] : 0;
	if (!is_small_container(first) || first == 0x80)
		return AE_BEGINS_NO;
	if (len < 2)
		return AE_BEGINS_MORE;
	if (first < 0x90) /* a key that is text or bytes */
		return (second >= 0xa0 && second < 0xc0) || (second >= 0xd9 && second <= 0xdb) ||
				       (second >= 0xc4 && second <= 0xc6)
			       ? AE_BEGINS_YES
			       : AE_BEGINS_NO;
	if ((first == 0x93 && second == 'N') || (first == 0x94 && second == 0xa4))
		return AE_BEGINS_NO;
	int rc = ae_msg_scan(bytes, n, OBJECT_LIMIT, &size, &ignored);
	if (rc < 0)
		return AE_BEGINS_NO;
	if (rc == 0 || size == n)
		return n == ENOUGH || (rc > 0 && has_control(bytes, size)) ? AE_BEGINS_YES : AE_BEGINS_MORE;
	bool follows = is_small_container(bytes[size]) || (bytes[size] >= 0xdc && bytes[size] <= 0xdf);
	return follows || has_control(bytes, size) ? AE_BEGINS_YES : AE_BEGINS_NO;
}

const struct ae_input_format ae_msgpack_input = {
	.name = "msgpack", .records = true, .begins = mp_begins, .open = mp_open};
