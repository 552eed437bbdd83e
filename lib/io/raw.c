/* SPDX-License-Identifier: MIT */
/* Frames of numbers and nothing else as a source of x: samples of sound, of a radio, of a sensor. Little-endian. */
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "io/format.h"

struct raw_kind {
	enum ae_type type; /* of x */
	size_t width;      /* of a number in the frame */
};

struct raw {
	const struct ae_text_rules *rules;
	struct raw_kind kind;
	size_t count;    /* numbers in a frame */
	uint64_t frames; /* read so far */
};

static int raw_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct raw *s = state;
	(void)input;
	s->count = ae_shape_size(&s->rules->shape);
	struct ae_column *x = ae_schema_add(schema, "x", AE_X, s->kind.type, &s->rules->shape, err);
	if (!x)
		return -1;
	x->missing = s->rules->missing == AE_MISSING_MASK;
	return 0;
}

/* Appends the numbers of one frame. */
static int add_frame(struct raw *s, struct ae_data *x, const unsigned char *frame, struct ae_error *err)
{
	size_t size = ae_product(s->count, ae_type_size(s->kind.type));
	if (ae_buf_reserve(&x->values, size, err) != 0)
		return -1;
	unsigned char *out = x->values.data + x->values.len;
	if (s->kind.width == 2) {
		for (size_t i = 0; i < s->count; i++) {
			float value = (int16_t)(frame[2 * i] | frame[2 * i + 1] << 8);
			memcpy(out + i * sizeof(value), &value, sizeof(value));
		}
	} else {
		ae_copy_little_endian(out, frame, s->kind.width, s->count);
	}
	if (s->kind.width > 2 && ae_source_check_row(s->rules, out, s->kind.type, s->count, s->frames + 1, err) != 0)
		return -1;
	x->values.len += size;
	return 0;
}

static int fail_partial(const struct raw *s, size_t have, struct ae_error *err)
{
	return ae_fail(err, "cut: %zu bytes behind row %llu, and a row has %zu", have, (unsigned long long)s->frames,
		s->count * s->kind.width);
}

static enum ae_read raw_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct raw *s = state;
	size_t size = ae_product(s->count, s->kind.width), have;
	(void)schema;
	while (!ae_source_is_full(rows, size)) {
		enum ae_read got;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		if (have >= size) {
			if (add_frame(s, &rows->data[0], bytes, err) != 0)
				return AE_READ_FAIL;
			ae_input_take(input, size);
			rows->batch.rows++;
			s->frames++;
			continue;
		}
		if (ae_source_more_rows(input, rows, &got, err))
			continue;
		ae_input_bytes(input, &have);
		if (got != AE_READ_END || have == 0 || input->stopped)
			return got;
		fail_partial(s, have, err);
		return AE_READ_FAIL;
	}
	return AE_READ_ROWS;
}

static void raw_free(void *state)
{
	free(state);
}

static int raw_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct raw_kind kind, struct ae_error *err)
{
	if (rules->shape.rank == 0)
		return ae_fail_usage(err, "-I raw needs --shape: how many numbers a row has");
	struct raw *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->rules = rules;
	s->kind = kind;
	*source =
		(struct ae_source){.state = s, .header = raw_header, .rows = raw_rows, .free = raw_free, .text = true};
	return 0;
}

/* A format for each kind of number. Only -I chooses them: nothing tells. */
#define RAW(name_, type_, width_)                                                                                      \
	static int open_##name_(struct ae_source *source, const struct ae_text_rules *rules,                           \
		struct ae_left_out *left_out, struct ae_error *err)                                                    \
	{                                                                                                              \
		(void)left_out;                                                                                        \
		return raw_open(source, rules, (struct raw_kind){.type = (type_), .width = (width_)}, err);            \
	}                                                                                                              \
	const struct ae_input_format ae_raw_##name_##_input = {.name = "raw:" #name_, .open = open_##name_};

RAW(f32, AE_F32, 4)
RAW(f64, AE_F64, 8)
RAW(s16, AE_F32, 2)
RAW(u8, AE_U8, 1)
