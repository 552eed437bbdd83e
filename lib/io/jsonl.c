/* SPDX-License-Identifier: MIT */
/* JSON lines as a source of rows: an object a line. No other file includes yajl. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "core/text.h"
#include "io/format.h"
#include "io/jsonl.h"
#include "io/jsonl_plain.h"
#include "io/record_keys.h"
#include "io/text_lines.h"

struct jsonl {
	const struct ae_text_rules *rules;
	struct ae_left_out *left_out;
	struct ae_text_lines lines;
	struct ae_record_keys keys;
	yajl_handle parser;    /* NULL after an error, and at first */
	jmp_buf no_memory;     /* out of the parser, which does not look whether it gets any */
	struct ae_buf decoded; /* texts of the present line that were written with escapes */
	const char *line;      /* the present one */
	size_t len;
	int rc; /* of what was made of its values */
	struct ae_error *err;
	struct ae_buf first; /* the line that was the header; it is a row, too */
	bool again;
	uint64_t mark; /* the line of a failed writer's mark, until it is known what follows; 0: none */
	bool mark_cut; /* that writer cut the line before it */
};

/* ---- values, as the parser finds them ---- */

/* The code unit of the escape \u that begins here, 0 if none does. The parser has seen that it is whole. */
static unsigned unit_at(const char *at)
{
	char digits[5] = "";
	if (at[0] != '\\' || at[1] != 'u')
		return 0;
	memcpy(digits, at + 2, 4);
	return (unsigned)strtoul(digits, NULL, 16);
}

static bool is_high(unsigned unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(unsigned unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* The quote before the text whose quote behind it is `end`; the line may begin with it. */
static const char *opening_quote(const char *line, const char *end)
{
	for (const char *quote = end - 1;; quote--) {
		const char *slash = quote;
		while (slash > line && slash[-1] == '\\')
			slash--;
		if (*quote == '"' && (quote - slash) % 2 == 0)
			return quote;
		quote = slash;
	}
}

/* Whether the text that the parser has just decoded has half a pair of surrogates, which stands for no character: the
   parser makes another one of it. */
static bool has_half_pair(const struct jsonl *s)
{
	const char *end = s->line + yajl_get_bytes_consumed(s->parser) - 1, *at = opening_quote(s->line, end) + 1;
	while (at < end) {
		unsigned unit = unit_at(at);
		bool pair = is_high(unit) && is_low(unit_at(at + 6));
		if (!pair && (is_high(unit) || is_low(unit)))
			return true;
		at += pair ? 12 : unit ? 6 : *at == '\\' ? 2 : 1;
	}
	return false;
}

/* Text that lives until the record has been added; there is room for all of a line. NULL: it is none, and a bad row. */
static const char *keep(struct jsonl *s, const unsigned char *text, size_t len, const char *what)
{
	const char *at = (const char *)text;
	bool plain = at >= s->line && at < s->line + s->len;
	bool half = !plain && has_half_pair(s);
	if (half || !ae_is_utf8(text, len)) { /* the parser takes both for characters */
		ae_fail(s->err, half ? "half a surrogate pair in a %s" : "a %s that is no UTF-8", what);
		s->rc = AE_RECORD_BAD;
		return NULL;
	}
	if (plain)
		return at;
	at = (const char *)memcpy(s->decoded.data + s->decoded.len, text, len);
	s->decoded.len += len;
	return at;
}

static int on_null(void *arg)
{
	struct jsonl *s = arg;
	s->rc = ae_record_keys_null(&s->keys, s->err);
	return s->rc == 0;
}

static int on_bool(void *arg, int truth)
{
	struct jsonl *s = arg;
	s->rc = ae_record_keys_bool(&s->keys, truth != 0, s->err);
	return s->rc == 0;
}

static int on_number(void *arg, const char *text, size_t len)
{
	struct jsonl *s = arg;
	s->rc = ae_record_keys_text(&s->keys, text, len, s->err);
	return s->rc == 0;
}

static int on_string(void *arg, const unsigned char *text, size_t len)
{
	struct jsonl *s = arg;
	const char *kept = keep(s, text, len, "text");
	if (!kept)
		return 0;
	s->rc = ae_record_keys_string(&s->keys, kept, len, s->err);
	return s->rc == 0;
}

static int on_key(void *arg, const unsigned char *key, size_t len)
{
	struct jsonl *s = arg;
	const char *kept = keep(s, key, len, "key");
	if (!kept)
		return 0;
	s->rc = ae_record_keys_key(&s->keys, kept, len, s->err);
	return s->rc == 0;
}

static int open_value(struct jsonl *s, bool array)
{
	if (s->keys.depth == 0 && s->keys.levels[0].count > 0) {
		ae_fail(s->err, "a second value in the line");
		s->rc = AE_RECORD_BAD;
		return 0;
	}
	s->rc = ae_record_keys_open(&s->keys, array, s->err);
	return s->rc == 0;
}

static int on_object(void *arg)
{
	return open_value(arg, false);
}

static int on_array(void *arg)
{
	return open_value(arg, true);
}

static int on_end(void *arg)
{
	struct jsonl *s = arg;
	s->rc = ae_record_keys_close(&s->keys, s->err);
	return s->rc == 0;
}

/* ---- lines ---- */

static void *allocate(void *arg, size_t size)
{
	struct jsonl *s = arg;
	void *bytes = malloc(size);
	if (!bytes)
		longjmp(s->no_memory, 1);
	return bytes;
}

static void *reallocate(void *arg, void *old, size_t size)
{
	struct jsonl *s = arg;
	void *bytes = realloc(old, size);
	if (!bytes)
		longjmp(s->no_memory, 1);
	return bytes;
}

static void release(void *arg, void *bytes)
{
	(void)arg;
	free(bytes);
}

static int start_parser(struct jsonl *s)
{
	static const yajl_callbacks callbacks = {.yajl_null = on_null,
		.yajl_boolean = on_bool,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_end};
	if (s->parser)
		return 0;
	yajl_alloc_funcs memory = {.malloc = allocate, .realloc = reallocate, .free = release, .ctx = s};
	s->parser = yajl_alloc(&callbacks, &memory, s);
	yajl_config(s->parser, yajl_allow_multiple_values, 1);
	return 0;
}

/* The parser does not go on after an error. Returns rc. */
static int drop_parser(struct jsonl *s, int rc)
{
	if (s->parser)
		yajl_free(s->parser);
	s->parser = NULL;
	return rc;
}

static int fail_syntax(struct jsonl *s)
{
	unsigned char *why = yajl_get_error(s->parser, 0, NULL, 0);
	ae_fail(s->err, "no JSON: %.*s", (int)strcspn((const char *)why, "\n"), (const char *)why);
	yajl_free_error(s->parser, why);
	return AE_RECORD_BAD;
}

/* Takes the present line apart by the parser. */
static int parse_all(struct jsonl *s)
{
	if (setjmp(s->no_memory) != 0) {
		ae_fail_memory(s->err);
		return AE_RECORD_FAIL;
	}
	int rc = start_parser(s);
	if (rc != 0)
		return rc;
	s->rc = 0;
	yajl_status status = yajl_parse(s->parser, (const unsigned char *)s->line, s->len);
	if (status == yajl_status_error)
		return drop_parser(s, fail_syntax(s));
	if (status != yajl_status_ok)
		return drop_parser(s, s->rc);
	if (s->keys.depth == 0 && s->keys.levels[0].count > 0)
		return 0;
	bool begun = s->keys.depth > 0;
	ae_fail(s->err, begun ? "the line ends before its object does; one that takes several lines: jq -c . it first"
			      : AE_BLANK_LINE);
	return drop_parser(s, AE_RECORD_BAD);
}

/* Takes the present line apart. */
static int parse(struct jsonl *s)
{
	s->decoded.len = 0;
	ae_record_keys_begin(&s->keys);
	if (s->keys.known && s->keys.named && s->keys.plain && ae_jsonl_plain(&s->keys, s->line, s->len))
		return 0;
	ae_record_keys_begin(&s->keys);
	return ae_buf_reserve(&s->decoded, s->len, s->err) == 0 ? parse_all(s) : AE_RECORD_FAIL;
}

static int by_name(const void *a, const void *b)
{
	const struct ae_cell *x = a, *y = b;
	int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Appends the names that the present line has given, each behind its length. */
static int add_names(struct jsonl *s, struct ae_buf *names)
{
	struct ae_cell *cells = (void *)s->keys.names.data;
	size_t count = s->keys.names.len / sizeof(*cells);
	const char *text = (const char *)s->keys.text.data;
	for (size_t i = 0; i < count; text += cells[i++].len)
		cells[i].text = text;
	if (count > 0)
		qsort(cells, count, sizeof(*cells), by_name);
	for (size_t i = 0; i < count; i++)
		if (ae_buf_append(names, &cells[i].len, sizeof(cells[i].len), s->err) != 0 ||
			ae_buf_append(names, cells[i].text, cells[i].len, s->err) != 0)
			return AE_RECORD_FAIL;
	return 0;
}

int ae_jsonl_names(const char *line, size_t len, struct ae_buf *names, struct ae_error *err)
{
	struct jsonl s = {.line = line, .len = len, .err = err};
	ae_record_keys_init(&s.keys, NULL, NULL); /* which only records behind the first one need */
	int rc = parse(&s);
	if (rc == 0 && !s.keys.named) {
		ae_fail(err, "an array, not an object");
		rc = AE_RECORD_BAD;
	}
	if (rc == 0)
		rc = add_names(&s, names);
	ae_record_keys_free(&s.keys);
	ae_buf_free(&s.decoded);
	return drop_parser(&s, rc);
}

static int fail_at(const struct jsonl *s, struct ae_error *err)
{
	return ae_fail_in(err, "line %llu: ", (unsigned long long)s->lines.line);
}

static int fail_mark(const struct jsonl *s, struct ae_error *err)
{
	ae_fail(err, "line %llu: \"!\": the program that wrote this failed", (unsigned long long)s->mark);
	return -1;
}

/* What follows a mark is another run. */
static void pass_mark(struct jsonl *s)
{
	char text[AE_LEFT_OUT_TEXT];
	snprintf(text, sizeof(text), "line %llu: \"!\": a program that wrote into this failed%s",
		(unsigned long long)s->mark, s->mark_cut ? "; its last row is cut, and left out" : "");
	ae_left_out_add(s->left_out, AE_LEFT_OUT_FAILED_RUN, text);
	s->mark = 0;
}

/* The next line that is to be a record. */
static enum ae_line_got next_line(struct jsonl *s, struct ae_input *input, bool wait, struct ae_error *err)
{
	const char *comment = s->rules->options->comment;
	for (;;) {
		enum ae_line_got got = ae_text_lines_next(&s->lines, input, wait, &s->line, &s->len, err);
		if (got == AE_LINE_END && s->mark && !input->stopped)
			return (enum ae_line_got)fail_mark(s, err);
		if (got != AE_LINE_TAKEN)
			return got;
		size_t bom = s->lines.line == 1 ? ae_bom_length(s->line, s->len) : 0;
		s->line += bom;
		s->len -= bom;
		if (s->lines.to_skip > 0) {
			s->lines.to_skip--;
			continue;
		}
		if (ae_line_is_mark(s->line, ae_line_bare(s->line, s->len))) {
			if (s->mark)
				pass_mark(s);
			s->mark = s->lines.line;
			s->mark_cut = s->lines.cut;
			s->lines.cut = false;
			continue;
		}
		if (s->lines.cut ||
			(comment && s->len > strlen(comment) && memcmp(s->line, comment, strlen(comment)) == 0))
			continue;
		if (s->mark)
			pass_mark(s);
		return got;
	}
}

/* Counts a bad row, and keeps the line of any that is left out where they are asked for. */
static int leave_out(struct jsonl *s, enum ae_record_taken taken, struct ae_error *err)
{
	if (taken == AE_RECORD_BAD)
		ae_left_out_add(s->left_out, AE_LEFT_OUT_BAD, err->text);
	return ae_left_out_keep(s->left_out, s->line, s->len, 0, err);
}

/* The present line as a row. */
static enum ae_record_taken take(
	struct jsonl *s, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	size_t failed;
	s->err = err;
	int rc = parse(s);
	if (rc == 0)
		rc = ae_record_keys_add(&s->keys, schema, rows, &failed, err);
	if (rc == AE_RECORD_TAKEN)
		ae_rows_set_line(rows, s->lines.line);
	if (rc == AE_RECORD_MISSING)
		ae_left_out_add_missing(s->left_out, s->lines.line, s->keys.columns.names[failed]);
	if (rc == AE_RECORD_BAD)
		fail_at(s, err);
	return (enum ae_record_taken)rc;
}

static enum ae_read jsonl_rows(
	void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows, struct ae_error *err)
{
	struct jsonl *s = state;
	if (ae_buf_reserve(&rows->lines, AE_BATCH_ROWS * sizeof(uint64_t), err) != 0)
		return AE_READ_FAIL;
	s->lines.taken = 0;
	for (;;) {
		enum ae_line_got got = AE_LINE_TAKEN;
		if (s->again) {
			s->line = (const char *)s->first.data;
			s->len = s->first.len;
			s->again = false;
		} else {
			got = next_line(s, input, rows->batch.rows == 0, err);
		}
		if (got == AE_LINE_FAIL)
			return AE_READ_FAIL;
		if (got == AE_LINE_IDLE || got == AE_LINE_END)
			return rows->batch.rows ? AE_READ_ROWS : AE_READ_END;
		enum ae_record_taken rc = take(s, schema, rows, err);
		if (rc == AE_RECORD_FAIL || (rc == AE_RECORD_BAD && !s->rules->skip_bad))
			return AE_READ_FAIL;
		if ((rc == AE_RECORD_TAKEN ? ae_left_out_keep(s->left_out, s->line, s->len, rows->batch.rows, err)
					   : leave_out(s, rc, err)) != 0)
			return AE_READ_FAIL;
		if (ae_source_is_full(rows, s->keys.cells.row_bytes) || s->lines.taken >= AE_BATCH_BYTES)
			return AE_READ_ROWS;
	}
}

/* ---- header ---- */

static enum ae_read first_next(void *state, struct ae_input *input, struct ae_error *err)
{
	enum ae_line_got got = next_line(state, input, true, err);
	return got == AE_LINE_TAKEN ? AE_READ_ROWS : got == AE_LINE_END ? AE_READ_END : AE_READ_FAIL;
}

static int first_parse(void *state, struct ae_input *input, struct ae_error *err)
{
	struct jsonl *s = state;
	(void)input; /* the line is there */
	s->err = err;
	return parse(s);
}

static int first_fail_at(void *state, struct ae_error *err)
{
	return fail_at(state, err);
}

static int first_leave_out(void *state, struct ae_input *input, enum ae_record_taken taken, struct ae_error *err)
{
	struct jsonl *s = state;
	(void)input;
	if (taken == AE_RECORD_MISSING)
		ae_left_out_add(s->left_out, AE_LEFT_OUT_MISSING, err->text);
	return leave_out(s, taken, err);
}

static int jsonl_header(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err)
{
	struct jsonl *s = state;
	const struct ae_record_source first = {s, input, first_next, first_parse, first_fail_at, first_leave_out};
	bool given = ae_record_keys_are_given(&s->keys);
	if (ae_record_keys_header(&s->keys, &first, schema, err) != 0)
		return -1;
	s->again = !given;
	return given ? 0 : ae_buf_set(&s->first, s->line, s->len, err);
}

static void jsonl_free(void *state)
{
	struct jsonl *s = state;
	ae_record_keys_free(&s->keys);
	ae_buf_free(&s->decoded);
	ae_buf_free(&s->first);
	(void)drop_parser(s, 0);
	free(s);
}

static int jsonl_open(
	struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out, struct ae_error *err)
{
	if (rules->options->units)
		return ae_fail_usage(err, "--units goes with a header row, and JSON lines have none");
	struct jsonl *s = ae_calloc(1, sizeof(*s), err);
	if (!s)
		return -1;
	s->rules = rules;
	s->left_out = left_out;
	s->lines = (struct ae_text_lines){.rules = rules, .to_skip = rules->options->skip_lines};
	ae_record_keys_init(&s->keys, rules, left_out);
	*source = (struct ae_source){
		.state = s, .header = jsonl_header, .rows = jsonl_rows, .free = jsonl_free, .text = true};
	return 0;
}

/* A brace and a key, or nothing; {x},b is a header of CSV. */
static enum ae_begins jsonl_begins(const unsigned char *bytes, size_t len)
{
	enum { MOST = 256 };
	size_t at = ae_bom_length(bytes, len);
	if (ae_bom_cut(bytes, len))
		return AE_BEGINS_MORE;
	for (int braces = 0;; at++) {
		while (at < len && at < MOST && strchr(" \t\r\n", bytes[at]) && bytes[at])
			at++;
		if (at == len)
			return AE_BEGINS_MORE;
		if (braces++ > 0)
			return bytes[at] == '"' || bytes[at] == '}' ? AE_BEGINS_YES : AE_BEGINS_NO;
		if (bytes[at] != '{')
			return AE_BEGINS_NO;
	}
}

const struct ae_input_format ae_jsonl_input = {
	.name = "jsonl", .records = true, .begins = jsonl_begins, .open = jsonl_open};
