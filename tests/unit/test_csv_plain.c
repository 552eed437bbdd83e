/* SPDX-License-Identifier: MIT */
/* CSV and TSV read with and without the way of plain lines (io/csv_plain.h): random text, most of it odd, gives the
   same rows, lines, messages and rejects, wherever it is cut as it arrives. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "core/rng.h"
#include "io/batch.h"
#include "io/format.h"
#include "io/source.h"

/* ---- random ---- */

static uint64_t seed, drawn;

static uint32_t below(uint32_t bound)
{
	return ae_rng_below(seed, 7, drawn++, bound);
}

static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

/* ---- text ---- */

enum { MOST_COLUMNS = 6, MOST_TEXT = 6000 };

struct text {
	char bytes[MOST_TEXT + 512];
	size_t len;
	char delimiter;
	size_t columns;
	bool calm;                /* most lines are as they should be */
	bool words[MOST_COLUMNS]; /* columns of text */
	char header[128];
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (t->len < MOST_TEXT)
		t->len += (size_t)vsnprintf(t->bytes + t->len, 512, format, args);
	va_end(args);
}

static void add_number(struct text *t)
{
	static const char *const odd[] = {"", "NA", "nan", "1e5", "-2.5E-3", "1e400", "inf", "word", "16777217", "1e9",
		"0.1234567890123456789012", "123456789012345678901234567890", ".5", "5.", "+7", "-0", "00012", ".", "-",
		"1.2.3", "0x10", " 1", "1 ", "1e", "1e+", "16777216", "1700000000.5", "9007199254740993", "4e38",
		"0.30000000000000004", "12345678.12345678", "12345678901234567.5", "-999", "1\"", "\\", "\\t", "!",
		"0.0000000000000000000001", "18446744073709551617", "1.8446744073709551617", "4e38", "8.", "99999999",
		"999999999", "12345678", "\xef\xbb\xbf"};
	switch (below(t->calm ? 100 : 12)) {
	case 0:
		add(t, "%s", odd[below(sizeof(odd) / sizeof(*odd))]);
		break;
	case 1:
		add(t, "%d", (int)below(3000) - 1000);
		break;
	case 2:
		add(t, "%.17g", ((double)below(UINT32_MAX) - 2e9) / 1234567891.0);
		break;
	default:
		add(t, "%.*f", (int)below(10), ((double)below(UINT32_MAX) - 2e9) / 1e8);
	}
}

static void add_word(struct text *t)
{
	static const char *const words[] = {"ok", "bad", "", "row 17", "a!", "!", "x\"y", "\xc3\xa9", "NA", "1",
		"a\\tb", "#", "c1", "a'b", "long words of more than eight characters"};
	add(t, "%s", words[below(sizeof(words) / sizeof(*words))]);
}

static void add_quoted(struct text *t, bool word)
{
	static const char *const odd[] = {
		"a,b", "a\"\"b", "two\nlines", "cr\rin", "", "\"\"", "1,5", "x\ty", "!", "\n!\n"};
	add(t, "\"");
	if (one_in(6))
		add(t, "%s", odd[below(sizeof(odd) / sizeof(*odd))]);
	else if (word)
		add_word(t);
	else
		add_number(t);
	add(t, one_in(25) ? "\"z" : "\"");
}

static void add_row(struct text *t, bool quoted)
{
	uint32_t odd = t->calm ? 200 : 25;
	size_t count = t->columns + one_in(odd) - one_in(odd);
	for (size_t i = 0; i < count; i++) {
		bool word = i < t->columns && t->words[i];
		if (i > 0)
			add(t, "%c", t->delimiter);
		if (one_in(quoted ? 2 : odd))
			add_quoted(t, word);
		else if (word)
			add_word(t);
		else
			add_number(t);
	}
	if (one_in(odd))
		add(t, "!");
	add(t, one_in(2 * odd) ? "\r\r\n" : one_in(8) ? "\r\n" : "\n");
}

static void add_odd_line(struct text *t)
{
	static const char *const odd[] = {"\n", "\r\n", "!\n", "!\r\n", "# a comment\n", "#1,2,3\n", "units,of,it\n",
		"sensor lost\n", "1,2\n", "\"\n", "\"1\"\n", "\xef\xbb\xbf", "1\r2\n", ",\n", "c1,c2,c3,c4\n"};
	if (one_in(6))
		for (size_t i = 0; i < t->columns; i++)
			add(t, "unit%c", i + 1 < t->columns ? t->delimiter : '\n');
	else if (one_in(3))
		add(t, "%s%s\n", one_in(2) ? "# " : "", t->header);
	else
		add(t, "%s", odd[below(sizeof(odd) / sizeof(*odd))]);
}

static void make_text(struct text *t, bool header)
{
	size_t rows = 1 + below(one_in(3) ? 200 : 12);
	bool quoted = one_in(3);
	t->len = 0;
	t->calm = one_in(2);
	if (header)
		add(t, "%s%s\n", one_in(10) ? "\xef\xbb\xbf" : one_in(6) ? "# " : "", t->header);
	for (size_t i = 0; i < rows; i++) {
		if (i > 0 && one_in(t->calm ? 15 : 8))
			add_odd_line(t);
		add_row(t, quoted);
	}
	for (uint32_t i = one_in(5) ? 1 + below(3) : 0; i > 0 && t->len > 0; i--)
		t->bytes[below((uint32_t)t->len)] = (char)(one_in(2) ? 0 : below(256));
	if (one_in(10) && t->len > 0)
		t->len--;
}

/* ---- reading ---- */

/* The text comes in pieces, the next one each time the reader is about to wait. */
struct arrival {
	const struct text *text;
	size_t at, piece;
	int to;
};

static int arrive(void *arg, struct ae_error *err)
{
	struct arrival *a = arg;
	(void)err;
	size_t left = a->text->len - a->at, n = left < a->piece ? left : a->piece;
	if (n > 0 && write(a->to, a->text->bytes + a->at, n) != (ssize_t)n)
		return -1;
	a->at += n;
	if (a->at == a->text->len && a->to >= 0) {
		close(a->to);
		a->to = -1;
	}
	a->piece = MOST_TEXT; /* two pieces */
	return 0;
}

/* All that reading a text says. */
struct reading {
	struct ae_buf told;
	size_t rows;
};

static void tell(struct reading *r, const void *bytes, size_t len)
{
	struct ae_error err;
	CHECK(ae_buf_append(&r->told, &len, sizeof(len), &err) == 0 && ae_buf_append(&r->told, bytes, len, &err) == 0,
		"memory");
}

static void tell_text(struct reading *r, const char *text)
{
	tell(r, text, strlen(text));
}

static void tell_rows(struct reading *r, const struct ae_schema *schema, struct ae_rows *rows)
{
	for (size_t i = 0; i < rows->batch.rows; i++) {
		tell(r, &rows->batch.lines[i], sizeof(uint64_t));
		for (size_t k = 0; k < schema->count; k++) {
			const struct ae_column *column = &schema->cols[k];
			size_t size = ae_shape_size(&column->shape) * ae_type_size(column->type), len;
			const char *text = column->type == AE_TEXT ? ae_data_text(&rows->data[k], i, &len) : NULL;
			if (text)
				tell(r, text, len);
			else
				tell(r, rows->data[k].values.data + i * size, size);
		}
		r->rows++;
	}
	ae_rows_clear(rows);
}

/* Reads all rows behind the header. */
static int read_rows(struct reading *r, struct ae_source *source, struct ae_input *input, struct ae_error *err)
{
	struct ae_schema schema = {0};
	struct ae_rows rows = {0};
	enum ae_read got = AE_READ_FAIL;
	if (source->header(source->state, input, &schema, err) == 0 && ae_rows_init(&rows, schema.count, err) == 0) {
		while ((got = source->rows(source->state, input, &schema, &rows, err)) == AE_READ_ROWS)
			tell_rows(r, &schema, &rows);
		tell_rows(r, &schema, &rows);
	}
	ae_rows_free(&rows);
	ae_schema_free(&schema);
	return got;
}

static void read_text(struct reading *r, const struct text *text, struct ae_text_rules rules, bool plain, size_t piece)
{
	struct ae_error err = {0};
	struct ae_left_out left_out = {.keep_rejects = true};
	struct ae_source source;
	struct arrival arrival = {.text = text, .piece = piece};
	const struct ae_input_format *format = text->delimiter == '\t' ? &ae_tsv_input : &ae_csv_input;
	char name[] = "<pipe>";
	int ends[2];
	*r = (struct reading){0};
	rules.no_plain = !plain;
	CHECK(pipe(ends) == 0, "pipe");
	struct ae_input input = {.fd = ends[0], .owned = true, .output_fd = -1, .idle = arrive, .idle_arg = &arrival};
	input.name = strdup(name);
	arrival.to = ends[1];
	CHECK(input.name && format->open(&source, &rules, &left_out, &err) == 0, "open");
	int got = read_rows(r, &source, &input, &err);
	tell(r, &got, sizeof(got));
	tell_text(r, got < 0 ? err.text : "");
	for (int kind = 0; kind < AE_LEFT_OUT_KINDS; kind++) {
		tell(r, &left_out.of[kind].count, sizeof(uint64_t));
		tell_text(r, left_out.of[kind].first);
		tell_text(r, ae_left_out_last(&left_out, (enum ae_left_out_kind)kind));
	}
	tell(r, left_out.rejects.data, left_out.rejects.len);
	source.free(source.state);
	ae_buf_free(&left_out.rejects);
	ae_buf_free(&left_out.records);
	ae_buf_free(&left_out.unknown_names);
	if (arrival.to >= 0)
		close(arrival.to);
	ae_input_close(&input);
}

/* ---- comparing ---- */

/* Columns of numbers, and maybe one id, which is the first, and one label. */
static void random_columns(struct ae_reader_options *o, struct text *t, bool numbers)
{
	bool label = false, number = false, none = !numbers && one_in(6);
	*t->header = '\0';
	for (size_t i = 0; i < t->columns; i++) {
		char name[8];
		bool last = i + 1 == t->columns && !number;
		t->words[i] = !last && ((i == 0 && one_in(3)) || (i > 0 && !label && !none && one_in(4)));
		number |= !t->words[i];
		label |= t->words[i] && i > 0;
		snprintf(name, sizeof(name), numbers ? "%zu" : "c%zu", i + 1);
		const char *said = !t->words[i] ? name : i == 0 ? "id" : "label";
		size_t len = strlen(t->header);
		if (o->results && !t->words[i] && one_in(4))
			said = "err";
		snprintf(t->header + len, sizeof(t->header) - len, "%.*s%s", i > 0, &t->delimiter, said);
	}
	o->label = label ? "label" : NULL;
	o->id = !t->words[0] ? NULL : none ? "1" : "id";
	o->no_header = none;
}

static void random_options(struct ae_reader_options *o, struct ae_text_rules *rules, struct text *t)
{
	static char na[] = "-999";
	static char *nas[] = {na};
	bool options = one_in(3), numbers = one_in(12);
	*o = (struct ae_reader_options){.results = one_in(4),
		.lenient_eof = one_in(2),
		.multiline = one_in(4),
		.f32 = one_in(3),
		.units = options && one_in(3),
		.numeric_header = numbers};
	o->comment = options && one_in(3) ? "#" : NULL;
	o->skip_lines = options && one_in(8) ? 1 + below(3) : 0;
	t->columns = 1 + below(MOST_COLUMNS);
	t->delimiter = one_in(5) ? '\t' : one_in(6) ? ';' : ',';
	random_columns(o, t, numbers);
	*rules = (struct ae_text_rules){.options = o,
		.delimiter = t->delimiter,
		.skip_bad = !one_in(4),
		.missing = (enum ae_missing)below(AE_MISSING_WAYS)};
	if (options && one_in(3)) {
		rules->na = nas;
		rules->na_count = 1;
	}
}

static void compare(const struct reading *a, const struct reading *b, const struct text *t, size_t piece)
{
	bool same = ae_buf_equal(&a->told, &b->told);
	CHECK(same, "seed %llu, cut at %zu: %zu and %zu rows of\n%.*s", (unsigned long long)seed, piece, a->rows,
		b->rows, (int)t->len, t->bytes);
}

static size_t rows_in_all;

static void one_round(void)
{
	static struct text text;
	struct ae_reader_options options;
	struct ae_text_rules rules;
	struct reading parsed, plain;
	drawn = 0;
	random_options(&options, &rules, &text);
	make_text(&text, !options.no_header);
	read_text(&parsed, &text, rules, false, MOST_TEXT);
	size_t cuts = text.len < 300 ? text.len : 8;
	for (size_t i = 0; i <= cuts && check_failures == 0; i++) {
		size_t piece = i == 0 ? MOST_TEXT : text.len < 300 ? i : 1 + below((uint32_t)text.len);
		read_text(&plain, &text, rules, true, piece);
		compare(&parsed, &plain, &text, piece);
		ae_buf_free(&plain.told);
	}
	rows_in_all += parsed.rows;
	ae_buf_free(&parsed.told);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
		 rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 1500;
	for (seed = first; seed < first + rounds && check_failures == 0; seed++)
		one_round();
	CHECK(rows_in_all > 5 * rounds || rounds < 100, "only %zu rows were read", rows_in_all);
	check_group("plain lines of CSV are read as others are");
	return check_done();
}
