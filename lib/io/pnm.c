/* SPDX-License-Identifier: MIT */
/* PNM both ways: P5 and P6 images, one after the other. Read, they are x of shape [h,w,1] or [h,w,3], or of --shape:
   samples of one byte as u8, of two as f32, neither scaled. The column keeps a maxval other than 255 for the writer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/format.h"

enum { HEADER_MAX = 65536, MAXVAL_8 = 255, MAXVAL_16 = 65535 };

/* The header of an image. */
struct image {
	char kind; /* 5 grey, 6 colour */
	uint32_t width, height, maxval;
};

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* P1 to P7, to say of the others how to make P5 or P6 of them. Few texts begin so: those of one column of numbers that
   is called P5. */
static enum ae_begins pnm_begins(const unsigned char *bytes, size_t len)
{
	if (bytes[0] != 'P' || (len > 1 && (bytes[1] < '1' || bytes[1] > '7')) || (len > 2 && !is_space(bytes[2])))
		return AE_BEGINS_NO;
	if (len < 4)
		return AE_BEGINS_MORE;
	/* A size or a comment; PAM's header is made of words. */
	bool size = (bytes[3] >= '0' && bytes[3] <= '9') || bytes[3] == '#' || is_space(bytes[3]);
	bool word = bytes[1] == '7' && bytes[3] >= 'A' && bytes[3] <= 'Z';
	return size || word ? AE_BEGINS_YES : AE_BEGINS_NO;
}

/* ---- the header ---- */

struct cursor {
	const unsigned char *bytes;
	size_t len, at;
};

/* The next character, -1 if it has not come yet. A comment is the end of its line. */
static int next_char(struct cursor *c)
{
	bool comment = false;
	while (c->at < c->len) {
		int ch = c->bytes[c->at++];
		comment |= ch == '#';
		if (!comment || ch == '\n' || ch == '\r')
			return ch;
	}
	return -1;
}

/* A number between white space; the one character after it is taken too. 1, 0 if more bytes are needed, -1. */
static int read_number(struct cursor *c, uint32_t *value, const char *what, uint32_t most, struct ae_error *err)
{
	int ch = next_char(c);
	uint64_t number = 0;
	while (is_space(ch))
		ch = next_char(c);
	while (ch >= '0' && ch <= '9' && number <= most) {
		number = 10 * number + (uint64_t)(ch - '0');
		ch = next_char(c);
	}
	if (number > most || (number == 0 && is_space(ch)))
		return ae_fail(err, "a %s that is not from 1 to %u", what, most);
	if (ch < 0)
		return 0;
	if (!is_space(ch))
		return ae_fail(err, "a %s that is no number", what);
	*value = (uint32_t)number;
	return 1;
}

static int check_kind(char kind, struct ae_error *err)
{
	static const struct {
		const char *name, *remedy;
	} others[] = {['1'] = {"a plain bitmap", "pbmtopgm 1 1"},
		['2'] = {"a plain greymap", "pnmtopnm"},
		['3'] = {"a plain pixmap", "pnmtopnm"},
		['4'] = {"a bitmap", "pbmtopgm 1 1"},
		['7'] = {"PAM", "pamtopnm"}};
	if (kind == '5' || kind == '6')
		return 0;
	return ae_fail(err, "P%c, %s, is not read: %s makes P5 or P6 of it", kind, others[(size_t)kind].name,
		others[(size_t)kind].remedy);
}

/* Parses the header at the start of bytes[0, len): 1 with its length in *size, 0 if more bytes are needed, -1. */
static int parse_header(struct image *image, const unsigned char *bytes, size_t len, size_t *size, struct ae_error *err)
{
	struct cursor c = {.bytes = bytes, .len = len, .at = 2};
	if (len < 3)
		return len < 1 || bytes[0] == 'P' ? 0
						  : ae_fail(err, "begins with byte %02x, not as P5 or P6", bytes[0]);
	if (bytes[0] != 'P' || bytes[1] < '1' || bytes[1] > '7')
		return ae_fail(err, "begins with bytes %02x %02x, not as P5 or P6", bytes[0], bytes[1]);
	if (check_kind((char)bytes[1], err) != 0)
		return -1;
	if (!is_space(bytes[2]) && bytes[2] != '#')
		return ae_fail(err, "no white space after P%c", bytes[1]);
	image->kind = (char)bytes[1];
	int rc = read_number(&c, &image->width, "width", INT32_MAX, err);
	if (rc == 1)
		rc = read_number(&c, &image->height, "height", INT32_MAX, err);
	if (rc == 1)
		rc = read_number(&c, &image->maxval, "maxval", MAXVAL_16, err);
	if (rc == 0 && len > HEADER_MAX)
		return ae_fail(err, "a header of more than %d bytes", HEADER_MAX);
	*size = c.at;
	return rc;
}

static size_t channels(const struct image *image)
{
	return image->kind == '6' ? 3 : 1;
}

/* ---- reading ---- */

struct pnm_state {
	const struct ae_text_rules *rules;
	struct image first;
	uint64_t images;  /* read so far */
	bool headed;      /* the next one's header was read */
	size_t n;         /* samples of an image */
	size_t file_size; /* their bytes */
};

static int check_equal(const struct pnm_state *s, const struct image *image, struct ae_error *err)
{
	const struct image *first = &s->first;
	if (image->width != first->width || image->height != first->height || image->kind != first->kind)
		return ae_fail(err, "%ux%u in P%c, but the first is %ux%u in P%c", image->width, image->height,
			image->kind, first->width, first->height, first->kind);
	if (image->maxval != first->maxval)
		return ae_fail(err, "its maxval is %u, but that of the first is %u: pamdepth makes them equal",
			image->maxval, first->maxval);
	return 0;
}

static int fail_in_image(const struct pnm_state *s, struct ae_error *err)
{
	return ae_fail_in(err, "PNM: image %llu: ", (unsigned long long)s->images + 1);
}

static int fail_cut(const struct pnm_state *s, struct ae_error *err)
{
	return ae_fail(err, "PNM: cut inside image %llu", (unsigned long long)s->images + 1);
}

static int pnm_read_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct pnm_state *s = state;
	int rc = 0;
	while (rc == 0) {
		size_t have, size = 0;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		rc = parse_header(&s->first, bytes, have, &size, err);
		if (rc < 0)
			return fail_in_image(s, err);
		if (rc == 1)
			ae_input_take(input, size);
		else if (ae_source_more_header(input, "PNM", err) != 0)
			return -1;
	}
	uint64_t pixels = (uint64_t)s->first.width * s->first.height;
	if (pixels * channels(&s->first) > INT32_MAX) {
		ae_fail(err, "%ux%u in P%c is more than 2^31-1 samples", s->first.width, s->first.height,
			s->first.kind);
		return fail_in_image(s, err);
	}
	bool wide = s->first.maxval > MAXVAL_8;
	struct ae_shape shape = {.rank = 3, .dim = {s->first.height, s->first.width, (uint32_t)channels(&s->first)}};
	s->n = ae_shape_size(&shape);
	s->file_size = s->n * (wide ? 2 : 1);
	s->headed = true;
	if (ae_input_lacks(input, s->file_size))
		return fail_cut(s, err);
	struct ae_column *x = ae_source_add_x(schema, s->rules, wide ? AE_F32 : AE_U8, &shape, "an image", err);
	if (!x)
		return -1;
	x->maxval = s->first.maxval == MAXVAL_8 ? 0 : s->first.maxval;
	return 0;
}

static int add_samples(const struct pnm_state *s, struct ae_buf *values, const unsigned char *in, struct ae_error *err)
{
	uint32_t most = 0;
	if (s->first.maxval <= MAXVAL_8) {
		for (size_t i = 0; s->first.maxval < MAXVAL_8 && i < s->n; i++)
			most = in[i] > most ? in[i] : most;
		if (ae_buf_append(values, in, s->n, err) != 0)
			return -1;
	} else {
		if (ae_buf_reserve(values, ae_product(s->n, sizeof(float)), err) != 0)
			return -1;
		float *out = (void *)(values->data + values->len);
		for (size_t i = 0; i < s->n; i++) {
			uint32_t sample = (uint32_t)in[2 * i] << 8 | in[2 * i + 1];
			most = sample > most ? sample : most;
			out[i] = (float)sample;
		}
		values->len += s->n * sizeof(float);
	}
	if (most > s->first.maxval)
		return ae_fail(err, "a sample of %u, above the maxval %u", most, s->first.maxval);
	return 0;
}

/* Takes the next step through what has come: 1, 0 if more bytes are needed, -1. */
static int advance(struct pnm_state *s, struct ae_input *input, struct ae_rows *rows, struct ae_error *err)
{
	size_t have, size = 0;
	const unsigned char *bytes = ae_input_bytes(input, &have);
	if (s->headed) {
		if (have < s->file_size)
			return 0;
		if (add_samples(s, &rows->data[0].values, bytes, err) != 0)
			return fail_in_image(s, err);
		ae_input_take(input, s->file_size);
		rows->batch.rows++;
		s->images++;
		s->headed = false;
		return 1;
	}
	struct image image = {0};
	int rc = parse_header(&image, bytes, have, &size, err);
	if (rc == 0)
		return 0;
	if (rc < 0 || check_equal(s, &image, err) != 0)
		return fail_in_image(s, err);
	ae_input_take(input, size);
	s->headed = true;
	return 1;
}

static enum ae_read pnm_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct pnm_state *s = state;
	enum ae_read got;
	size_t have;
	(void)schema;
	for (;;) {
		if (ae_source_is_full(rows, s->file_size))
			return AE_READ_ROWS;
		int rc = advance(s, input, rows, err);
		if (rc < 0)
			return AE_READ_FAIL;
		if (rc == 0 && !ae_source_more_rows(input, rows, &got, err))
			break;
	}
	ae_input_bytes(input, &have);
	if (got != AE_READ_END || (!s->headed && have == 0) || input->stopped)
		return got;
	fail_cut(s, err);
	return AE_READ_FAIL;
}

static void pnm_free(void *state)
{
	free(state);
}

static int pnm_open_source(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct pnm_state *s = ae_calloc(1, sizeof(*s), err);
	(void)left_out;
	if (!s)
		return -1;
	s->rules = rules;
	*source = (struct ae_source){
		.state = s, .header = pnm_read_header, .rows = pnm_rows, .free = pnm_free, .text = true};
	return 0;
}

const struct ae_input_format ae_pnm_input = {.name = "pnm", .begins = pnm_begins, .open = pnm_open_source};

/* ---- writing: values rounded half to even and clamped to 0..maxval, one byte each, two above 255 ---- */

struct pnm_encoder {
	const struct ae_column *column;
	uint32_t maxval;
	uint64_t rows; /* of the present stream */
};

static int pnm_begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	struct pnm_encoder *e = state;
	char text[AE_SHAPE_TEXT];
	(void)out;
	if (schema->count != 1 || schema->cols[0].type == AE_TEXT)
		return ae_fail(err, "PNM holds one column of images: ae-cat --cols chooses it");
	const struct ae_shape *shape = &schema->cols[0].shape;
	if (shape->rank != 2 && (shape->rank != 3 || (shape->dim[2] != 1 && shape->dim[2] != 3)))
		return ae_fail(err, "PNM holds images of shape [h,w,1], [h,w,3] or [h,w], but \"%s\" has the shape %s",
			schema->cols[0].name, ae_shape_format(shape, text));
	uint32_t maxval = schema->cols[0].maxval;
	*e = (struct pnm_encoder){.column = &schema->cols[0], .maxval = maxval ? maxval : MAXVAL_8};
	return 0;
}

static double value_of(const void *values, enum ae_type type, size_t i)
{
	switch (type) {
	case AE_F32:
		return (double)((const float *)values)[i];
	case AE_F64:
		return ((const double *)values)[i];
	default:
		return ((const unsigned char *)values)[i];
	}
}

/* Samples of n values; -1 if one of them is missing. */
static int to_samples(const struct pnm_encoder *e, unsigned char *out, const void *values, size_t n)
{
	const double white = e->maxval;
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		double value = nearbyint(value_of(values, e->column->type, i));
		rc |= isnan(value) ? -1 : 0;
		unsigned sample = value > 0 ? (unsigned)(value < white ? value : white) : 0;
		if (e->maxval > MAXVAL_8)
			*out++ = (unsigned char)(sample >> 8);
		*out++ = (unsigned char)sample;
	}
	return rc;
}

/* Appends one image. */
static int add_image(
	const struct pnm_encoder *e, const unsigned char *values, size_t n, struct ae_buf *out, struct ae_error *err)
{
	const struct ae_shape *shape = &e->column->shape;
	const size_t size = n * (e->maxval > MAXVAL_8 ? 2 : 1);
	char header[64];
	int len = snprintf(header, sizeof(header), "P%c\n%u %u\n%u\n",
		shape->rank == 3 && shape->dim[2] == 3 ? '6' : '5', shape->dim[1], shape->dim[0], e->maxval);
	if (ae_buf_append(out, header, (size_t)len, err) != 0 || ae_buf_reserve(out, size, err) != 0)
		return -1;
	if (e->column->type == AE_U8 && e->maxval == MAXVAL_8)
		return ae_buf_append(out, values, n, err);
	if (to_samples(e, out->data + out->len, values, n) != 0)
		return ae_fail(err, "row %llu, column \"%s\": PNM has no place for a missing value",
			(unsigned long long)e->rows + 1, e->column->name);
	out->len += size;
	return 0;
}

static int pnm_add(
	void *state, const struct ae_batch *batch, size_t first, size_t rows, struct ae_buf *out, struct ae_error *err)
{
	struct pnm_encoder *e = state;
	size_t n = ae_shape_size(&e->column->shape), size = n * ae_type_size(e->column->type);
	for (size_t i = first; i < first + rows; i++, e->rows++)
		if (add_image(e, batch->cols[0]->values.data + i * size, n, out, err) != 0)
			return -1;
	return 0;
}

static int pnm_open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	struct pnm_encoder *e = ae_calloc(1, sizeof(*e), err);
	*encoder = (struct ae_encoder){.state = e, .begin = pnm_begin, .rows = pnm_add, .free = pnm_free};
	return e ? 0 : -1;
}

const struct ae_output_format ae_pnm_output = {.name = "pnm",
	.suffixes = {".pnm", ".pgm", ".ppm"},
	.limits = "PNM holds 0 to maxval",
	.open = pnm_open_encoder};
