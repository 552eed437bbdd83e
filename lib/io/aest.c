/* SPDX-License-Identifier: MIT */
/* AEST from messages to schemas and rows. */
#include "io/aest.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "io/aest_batch.h"
#include "io/format.h"

/* A header starts 94 a4 "AEST" 01. */
static const unsigned char magic[] = {0x94, 0xa4, 'A', 'E', 'S', 'T'};

#define BATCH_LIMIT ((uint64_t)8 << 30)

struct aest_state {
	uint64_t rows;   /* since the header */
	uint64_t before; /* in the streams before it */
	bool any;        /* a stream has been read whole */
	struct ae_source *source;
	struct ae_msg_progress progress; /* in the message that arrives */
	struct ae_aest_direct direct;
};

/* Whether it does as far as it goes. */
static bool has_magic(const unsigned char *bytes, size_t len)
{
	return memcmp(bytes, magic, len < sizeof(magic) ? len : sizeof(magic)) == 0;
}

/* A damaged byte before "AEST" hides no header, unless it makes a text of it. */
static enum ae_begins aest_begins(const unsigned char *bytes, size_t len)
{
	size_t n = len < sizeof(magic) ? len : sizeof(magic);
	bool text = (bytes[0] >= ' ' && bytes[0] < 0x7f) || strchr("\t\n\r", bytes[0]);
	if (text || (n > 2 && memcmp(bytes + 2, magic + 2, n - 2) != 0))
		return AE_BEGINS_NO;
	return n < sizeof(magic) ? AE_BEGINS_MORE : AE_BEGINS_YES;
}

/* ---- messages ---- */

/* Makes one whole message available. 1 done, 0 not all of it is waiting, 2 clean end of file, -1 error. */
static int next_message(
	struct aest_state *s, struct ae_input *input, uint64_t limit, bool wait, size_t *size, struct ae_error *err)
{
	size_t need = 1;
	for (;;) {
		size_t have;
		const unsigned char *bytes = ae_input_bytes(input, &have);
		if (have >= need) {
			int rc = ae_msg_scan_on(&s->progress, bytes, have, limit, &need, err);
			if (rc < 0)
				return -1;
			if (rc == 1) {
				*size = need;
				s->progress.begun = false;
				return ae_msg_check_scanned(&s->progress, bytes, need, err) == 0 ? 1 : -1;
			}
		}
		switch (ae_input_fill(input, wait, err)) {
		case AE_FILL_MORE:
			break;
		case AE_FILL_IDLE:
			return 0;
		case AE_FILL_FAIL:
			return -1;
		case AE_FILL_END:
			if (input->stopped)
				return 2;
			if (have > 0)
				return ae_fail(err, "the stream is cut inside a message");
			return 2;
		}
	}
}

/* ---- header ---- */

static int text_of(char **text, const struct ae_value *value, const char *what, struct ae_error *err)
{
	const char *at;
	size_t len;
	if (ae_value_str(value, &at, &len) != 0)
		return ae_fail(err, "header: a column without %s", what);
	if (memchr(at, '\0', len))
		return ae_fail(err, "header: a column with a NUL byte in %s", what);
	*text = ae_strndup(at, len, err);
	return *text ? 0 : -1;
}

static int parse_type(enum ae_type *type, const char *word, struct ae_error *err)
{
	for (int i = AE_F32; i <= AE_TEXT; i++) {
		if (strcmp(word, ae_type_name((enum ae_type)i)) == 0) {
			*type = (enum ae_type)i;
			return 0;
		}
	}
	return ae_fail(
		err, "header: unknown type \"%s\"; AEST version %d has f32, f64, u8 and text", word, AE_AEST_VERSION);
}

static int parse_shape(struct ae_shape *shape, const struct ae_value *value, struct ae_error *err)
{
	if (!ae_value_is_array(value) || ae_value_count(value) > AE_RANK_MAX)
		return ae_fail(err, "header: a column without a shape of at most %d dimensions", AE_RANK_MAX);
	if (ae_value_shape(value, shape) != 0)
		return ae_fail(err, "header: a shape needs dimensions from 1 with a product below 2^31");
	return 0;
}

static int parse_features(struct ae_column *column, const struct ae_value *value, struct ae_error *err)
{
	size_t n = ae_value_count(value);
	const struct ae_value *name;
	if (n == 0)
		return 0;
	if (!ae_value_is_array(value))
		return ae_fail(err, "header: a column without feature names that are text");
	column->features = ae_calloc(n, sizeof(*column->features), err);
	if (!column->features)
		return -1;
	for (struct ae_walk walk = ae_walk_in(value); ae_walk_next(&walk, &name); column->feature_count++)
		if (text_of(&column->features[column->feature_count], name, "feature names that are text", err) != 0)
			return -1;
	return 0;
}

static int parse_maxval(struct ae_column *column, const struct ae_value *value, struct ae_error *err)
{
	uint64_t maxval;
	if (!value)
		return 0;
	if (ae_value_u64(value, &maxval) != 0 || maxval < 1 || maxval > UINT16_MAX)
		return ae_fail(err, "header: column \"%s\": maxval is from 1 to %d", column->name, UINT16_MAX);
	column->maxval = (uint32_t)maxval;
	return 0;
}

/* A word that is no type of numbers says nothing. */
static enum ae_type parse_was(const struct ae_value *value)
{
	const char *word;
	size_t len;
	if (ae_value_str(value, &word, &len) != 0)
		return AE_F32;
	return len == 3 && memcmp(word, "f64", 3) == 0  ? AE_F64
	       : len == 2 && memcmp(word, "u8", 2) == 0 ? AE_U8
							: AE_F32;
}

/* Keeps pairs whose keys are not in `known`, packed as they are. */
static int keep_unknown(
	struct ae_buf *extra, size_t *count, const struct ae_value *map, const char *const *known, struct ae_error *err)
{
	struct ae_pack pack = {.out = extra, .err = err};
	const char *key;
	size_t len;
	const struct ae_value *value;
	for (struct ae_walk walk = ae_walk_in(map); ae_walk_pair(&walk, &key, &len, &value);) {
		const char *const *k = known;
		while (key && *k && (strlen(*k) != len || memcmp(*k, key, len) != 0))
			k++;
		if (!key || memchr(key, '\0', len))
			return ae_fail(err, "header: a key that is no text");
		if (*k)
			continue;
		char *name = ae_strndup(key, len, err);
		if (!name)
			return -1;
		ae_pack_str(&pack, name);
		free(name);
		if (pack.failed || ae_value_raw(value, extra, err) != 0)
			return -1;
		++*count;
	}
	return 0;
}

static int parse_column(struct ae_schema *schema, const struct ae_value *map, struct ae_error *err)
{
	static const char *const known[] = {
		"name", "role", "type", "shape", "features", "missing", "maxval", "was", NULL};
	char *name = NULL, *role_text = NULL, *type_text = NULL;
	struct ae_shape shape = {0};
	enum ae_role role = AE_PASS;
	enum ae_type type = AE_F32;
	struct ae_column *column = NULL;
	if (text_of(&name, ae_value_get(map, "name"), "a name", err) == 0 &&
		text_of(&role_text, ae_value_get(map, "role"), "a role", err) == 0 &&
		text_of(&type_text, ae_value_get(map, "type"), "a type", err) == 0 &&
		parse_type(&type, type_text, err) == 0 && parse_shape(&shape, ae_value_get(map, "shape"), err) == 0) {
		ae_role_parse(&role, role_text);
		column = ae_schema_add(schema, name, role, type, &shape, err);
	}
	free(name);
	free(type_text);
	if (!column) {
		free(role_text);
		return -1;
	}
	free(column->role_text);
	column->role_text = role_text;
	(void)!ae_value_bool(ae_value_get(map, "missing"), &column->missing);
	column->was = parse_was(ae_value_get(map, "was"));
	if (parse_features(column, ae_value_get(map, "features"), err) != 0 ||
		parse_maxval(column, ae_value_get(map, "maxval"), err) != 0)
		return -1;
	return keep_unknown(&column->extra, &column->extra_count, map, known, err);
}

/* The file of a model that a header may carry, and what it is called. */
static int parse_model(struct ae_schema *schema, const struct ae_value *map, struct ae_error *err)
{
	const struct ae_value *model = ae_value_get(map, "reload"), *of = ae_value_get(map, "reload_of");
	const unsigned char *bytes;
	size_t len;
	if (!model)
		return 0;
	if (ae_value_bin(model, &bytes, &len) != 0 || len > AE_CARRIED_MODEL)
		return ae_fail(err, "header: reload is no model of at most 32 MiB");
	if (ae_buf_set(&schema->model, bytes, len, err) != 0)
		return -1;
	return of && ae_value_bin(of, &bytes, &len) == 0 ? ae_buf_set(&schema->model_of, bytes, len, err) : 0;
}

static int parse_header(struct ae_schema *schema, const struct ae_value *root, struct ae_error *err)
{
	static const char *const known[] = {"cols", "lineage", "continued", "reload", "reload_of", NULL};
	uint64_t version = 0;
	if (ae_value_u64(ae_value_at(root, 1), &version) != 0 || version != AE_AEST_VERSION)
		return ae_fail(err, "AEST version %llu; this program reads version %d", (unsigned long long)version,
			AE_AEST_VERSION);
	const struct ae_value *map = ae_value_at(root, 2);
	const struct ae_value *cols = ae_value_get(map, "cols");
	if (ae_value_count(root) != 4 || !cols || !ae_value_is_array(cols) || ae_value_count(cols) == 0)
		return ae_fail(err, "header: no columns");
	const struct ae_value *col;
	for (struct ae_walk walk = ae_walk_in(cols); ae_walk_next(&walk, &col);)
		if (parse_column(schema, col, err) != 0)
			return -1;
	const unsigned char *lineage;
	size_t len;
	if (ae_value_bin(ae_value_get(map, "lineage"), &lineage, &len) == 0 &&
		ae_buf_set(&schema->lineage, lineage, len, err) != 0)
		return -1;
	(void)!ae_value_bool(ae_value_get(map, "continued"), &schema->continued);
	if (parse_model(schema, map, err) != 0 ||
		keep_unknown(&schema->extra, &schema->extra_count, map, known, err) != 0)
		return -1;
	return ae_schema_check(schema, err);
}

static int aest_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct aest_state *s = state;
	size_t have, size = 0;
	for (;;) {
		const unsigned char *bytes = ae_input_bytes(input, &have);
		if (have > 0 && !has_magic(bytes, have))
			return ae_fail(
				err, s->any ? "something that is no stream follows the end" : "not an AEST stream");
		if (have > sizeof(magic) && bytes[6] != AE_AEST_VERSION && bytes[6] < 0x80)
			return ae_fail(
				err, "AEST version %u; this program reads version %d", bytes[6], AE_AEST_VERSION);
		if (have > sizeof(magic))
			break;
		enum ae_fill fill = ae_input_fill(input, true, err);
		if (fill == AE_FILL_FAIL)
			return -1;
		if (fill == AE_FILL_END)
			return input->stopped ? ae_fail_terminated(err, "stopped before the header")
			       : have         ? ae_fail(err, "the stream is cut inside a message")
					      : ae_source_fail_empty(input, err);
	}
	if (next_message(s, input, AE_AEST_HEADER_LIMIT, true, &size, err) != 1)
		return input->stopped ? ae_fail_terminated(err, "stopped before the header")
				      : ae_fail_in(err, "header: ");
	int rc = parse_header(schema, ae_value_scanned(ae_input_bytes(input, &have)), err);
	ae_input_take(input, size);
	s->before += s->rows;
	s->rows = 0;
	return rc;
}

/* ---- batches ---- */

static int check_end(struct aest_state *s, const unsigned char *bytes, struct ae_error *err)
{
	const struct ae_value *map = ae_value_at(ae_value_scanned(bytes), 1);
	uint64_t rows = 0;
	int rc = 0;
	if (ae_value_u64(ae_value_get(map, "rows"), &rows) != 0)
		rc = ae_fail(err, "the end does not say how many rows there were");
	else if (rows != s->rows)
		rc = ae_fail(err, "the end says %llu rows, but %llu came", (unsigned long long)rows,
			(unsigned long long)s->rows);
	bool stopped = false;
	if (ae_value_bool(ae_value_get(map, "stopped"), &stopped) == 0 && stopped)
		s->source->stopped = true;
	return rc;
}

/* After an end: another stream, or nothing more. */
static enum ae_read after_end(struct aest_state *s, struct ae_input *input, struct ae_error *err)
{
	size_t have;
	ae_input_bytes(input, &have);
	s->any = true;
	if (have == 0 && ae_input_fill(input, true, err) == AE_FILL_FAIL)
		return AE_READ_FAIL;
	ae_input_bytes(input, &have);
	return have ? AE_READ_BOUNDARY : AE_READ_END;
}

static enum ae_read fail_after(const struct aest_state *s, struct ae_error *err)
{
	ae_fail_in(err, "after row %llu: ", (unsigned long long)(s->before + s->rows));
	return AE_READ_FAIL;
}

/* Looks at the message at the front: 1 a batch, whose rows are added; 2 the end; -1 error. */
static int use_message(struct aest_state *s, const unsigned char *bytes, size_t size, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	struct ae_aest_cursor c = {.at = bytes, .end = bytes + size};
	size_t had = rows->batch.rows;
	uint64_t count, kind;
	if (ae_aest_take_array(&c, &count) != 0 || count < 3)
		return ae_fail(err, "something that is no message of AEST version %d", AE_AEST_VERSION);
	if (ae_aest_take_u64(&c, &kind) != 0)
		return ae_fail(err, has_magic(bytes, size) ? "a second header, but no end before it"
							   : "something that is no message of AEST version 1");
	if (kind == AE_AEST_BATCH) {
		int rc = ae_aest_add_batch(&c, count, s->rows, schema, rows, err);
		s->rows += rows->batch.rows - had;
		return rc == 0 ? 1 : -1;
	}
	if (kind == AE_AEST_END)
		return rows->batch.rows ? 2 : check_end(s, bytes, err) == 0 ? 2 : -1;
	return ae_fail(err, "message of kind %llu; AEST version %d has batches (1) and an end (2)",
		(unsigned long long)kind, AE_AEST_VERSION);
}

static bool is_full(const struct ae_rows *rows, uint64_t bytes)
{
	return rows->batch.rows >= AE_BATCH_ROWS || bytes >= AE_BATCH_BYTES;
}

/* The next batch straight into the columns, where that may wait: 1; 0: it is to be read whole. */
static int read_directly(struct aest_state *s, struct ae_input *input, const struct ae_schema *schema,
	struct ae_rows *rows, struct ae_error *err)
{
	size_t had = rows->batch.rows;
	if (had > 0 && !input->regular)
		return 0;
	int rc = ae_aest_read_batch(&s->direct, input, s->rows, schema, rows, err);
	s->progress.begun &= rc != 1;
	s->rows += rows->batch.rows - had;
	return rc;
}

static enum ae_read aest_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct aest_state *s = state;
	uint64_t taken = 0;
	for (;;) {
		size_t size = 0, have;
		uint64_t before = input->taken;
		int direct = read_directly(s, input, schema, rows, err);
		if (direct < 0)
			return fail_after(s, err);
		if (direct > 0 && (!input->regular || is_full(rows, taken += input->taken - before)))
			return AE_READ_ROWS;
		if (direct > 0)
			continue;
		int got = next_message(s, input, BATCH_LIMIT, rows->batch.rows == 0, &size, err);
		if (got < 0)
			return fail_after(s, err);
		if (got == 0)
			return AE_READ_ROWS;
		if (got == 2) {
			if (rows->batch.rows > 0)
				return AE_READ_ROWS;
			if (input->stopped)
				return AE_READ_END;
			ae_fail(err, "the stream is cut: no end mark");
			return fail_after(s, err);
		}
		int kind = use_message(s, ae_input_bytes(input, &have), size, schema, rows, err);
		if (kind < 0) {
			ae_rows_cut(rows, schema);
			return fail_after(s, err);
		}
		if (kind == 2 && rows->batch.rows > 0)
			return AE_READ_ROWS; /* the end stays where it is until these rows are gone */
		ae_input_take(input, size);
		if (kind == 2)
			return after_end(s, input, err);
		if (is_full(rows, taken += size))
			return AE_READ_ROWS;
	}
}

static void aest_free(void *state)
{
	struct aest_state *s = state;
	ae_aest_direct_free(&s->direct);
	free(s);
}

static int aest_open_source(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	struct aest_state *s = ae_calloc(1, sizeof(*s), err);
	(void)rules;
	(void)left_out;
	if (!s)
		return -1;
	s->source = source;
	*source = (struct ae_source){.state = s, .header = aest_header, .rows = aest_rows, .free = aest_free};
	return 0;
}

const struct ae_input_format ae_aest_input = {.name = "aest", .begins = aest_begins, .open = aest_open_source};
