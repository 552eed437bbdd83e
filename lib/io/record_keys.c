/* SPDX-License-Identifier: MIT */
/* Which cell of a record goes into which column, by its key. */
#include "io/record_keys.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/csv.h"
#include "io/record_extra.h"
#include "io/record_first.h"

void ae_record_keys_init(struct ae_record_keys *k, const struct ae_text_rules *rules, struct ae_left_out *left_out)
{
	*k = (struct ae_record_keys){.rules = rules, .left_out = left_out};
}

void ae_record_keys_free(struct ae_record_keys *k)
{
	ae_record_cells_free(&k->cells);
	ae_record_columns_free(&k->columns);
	ae_buf_free(&k->names);
	ae_buf_free(&k->text);
	ae_buf_free(&k->path);
	free(k->values);
	free(k->seen);
	free(k->lens);
	free(k->follows);
	free(k->sorted);
	free(k->numbers);
	*k = (struct ae_record_keys){0};
}

/* ---- names ---- */

static int shown(size_t len)
{
	return len > 100 ? 100 : (int)len;
}

static int fail_key(const char *what, const char *key, size_t len, struct ae_error *err)
{
	ae_fail(err, "key \"%.*s\": %s", shown(len), key, what);
	return AE_RECORD_BAD;
}

/* Order of names of columns, or of one and a key. */
static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static bool is_name(const struct ae_record_keys *k, size_t i, const char *key, size_t len)
{
	return k->lens[i] == len && memcmp(k->columns.names[i], key, len) == 0;
}

/* The first place in k->sorted whose name does not come before the key, or columns.count. */
static size_t find_place(const struct ae_record_keys *k, const char *key, size_t len)
{
	size_t low = 0, high = k->columns.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2, i = k->sorted[middle];
		if (compare(key, len, k->columns.names[i], k->lens[i]) <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

size_t ae_record_keys_find(const struct ae_record_keys *k, const char *key, size_t len)
{
	size_t place = find_place(k, key, len);
	bool found = place < k->columns.count && is_name(k, k->sorted[place], key, len);
	return found ? k->sorted[place] : k->columns.count;
}

size_t ae_record_keys_find_array(struct ae_record_keys *k, const char *key, size_t len)
{
	struct ae_error ignored;
	size_t i = k->next;
	if (i < k->columns.count && k->lens[i] == len + 2 && memcmp(k->columns.names[i], key, len) == 0 &&
		memcmp(k->columns.names[i] + len, ".1", 2) == 0)
		return i;
	k->path.len = 0;
	if (ae_buf_append(&k->path, key, len, &ignored) != 0 || ae_buf_append(&k->path, ".1", 2, &ignored) != 0)
		return k->columns.count;
	return ae_record_keys_find(k, (const char *)k->path.data, k->path.len);
}

/* Gives a name of the first record its place in the header. */
static int add_name(struct ae_record_keys *k, const char *key, size_t len, struct ae_error *err)
{
	struct ae_cell name = {.text = NULL, .len = len};
	if (ae_buf_append(&k->text, key, len, err) != 0 || ae_buf_append(&k->names, &name, sizeof(name), err) != 0)
		return AE_RECORD_FAIL;
	return 0;
}

/* A key that is no column's: left out, with a note of the first one, where the columns are those that are wanted. */
static int pass_key(struct ae_record_keys *k, const char *key, size_t len, struct ae_error *err)
{
	bool given = ae_record_keys_are_given(k);
	if (!k->wanted || ae_record_keys_clash(k, key, len))
		return fail_key(
			given ? "--header does not list it" : "the first record has no such key", key, len, err);
	if (k->left_out->of[AE_LEFT_OUT_KEY].count == 0) {
		char text[AE_LEFT_OUT_TEXT];
		snprintf(text, sizeof(text), "key \"%.*s\": %s", shown(len), key,
			given ? "--header does not list it" : "neither the model nor the first record has it");
		ae_left_out_add(k->left_out, AE_LEFT_OUT_KEY, text);
	}
	return 0;
}

/* The column of the key, of which this record has had no value yet; columns.count: it is left out. */
static int take_key(struct ae_record_keys *k, const char *key, size_t len, size_t *column, struct ae_error *err)
{
	size_t i = k->next;
	if (i >= k->columns.count || !is_name(k, i, key, len)) {
		i = ae_record_keys_find(k, key, len);
		if (i == k->columns.count) {
			*column = i;
			return pass_key(k, key, len, err);
		}
	}
	*column = i;
	return ae_record_keys_note(k, i) ? 0 : fail_key("stands twice", key, len, err);
}

static int take_place(struct ae_record_keys *k, uint64_t place, size_t *column, struct ae_error *err)
{
	if (place > k->columns.count) {
		ae_fail(err, "more than %zu values", k->columns.count);
		return AE_RECORD_BAD;
	}
	*column = (size_t)place - 1;
	(void)ae_record_keys_note(k, *column);
	return 0;
}

/* Appends what names the value that comes next to the path: its key or its place. */
static int extend_path(struct ae_record_keys *k, struct ae_error *err)
{
	struct ae_keys_level *level = &k->levels[k->depth];
	char place[24], *at = place + sizeof(place);
	const char *name = k->key;
	size_t len = k->key_len;
	k->path.len = level->path;
	if (level->array) {
		for (uint64_t n = level->count; n > 0; n /= 10)
			*--at = (char)('0' + n % 10);
		name = at;
		len = (size_t)(place + sizeof(place) - at);
	}
	if (ae_buf_reserve(&k->path, len + 1, err) != 0)
		return AE_RECORD_FAIL;
	if (level->path > 0)
		k->path.data[k->path.len++] = '.';
	memcpy(k->path.data + k->path.len, name, len);
	k->path.len += len;
	return 0;
}

/* Where the value that comes now belongs: *place points to its cell, or is NULL before the columns are known, and where
   its key is left out. */
static int take_value(struct ae_record_keys *k, struct ae_cell **place, size_t *column, struct ae_error *err)
{
	struct ae_keys_level *level = &k->levels[k->depth];
	const char *key = k->key;
	size_t len = k->key_len;
	int rc = 0;
	*place = NULL;
	if (k->depth == 0) {
		ae_fail(err, "neither an object nor an array");
		return AE_RECORD_BAD;
	}
	level->count++;
	bool bare = k->depth == 1 && level->array;
	if (level->next > 0 && level->next < k->columns.count && k->follows[level->next] &&
		ae_record_keys_note(k, level->next)) {
		*column = level->next++;
		*place = &k->values[*column];
		return 0;
	}
	if (!bare && k->depth > 1) {
		if ((rc = extend_path(k, err)) != 0)
			return rc;
		key = (const char *)k->path.data;
		len = k->path.len;
	}
	if (!k->known)
		return bare ? add_name(k, "", 0, err) : add_name(k, key, len, err);
	rc = bare ? take_place(k, level->count, column, err) : take_key(k, key, len, column, err);
	level->next = 0;
	if (rc != 0 || *column == k->columns.count)
		return rc;
	level->next = level->array && !bare ? *column + 1 : 0;
	*place = &k->values[*column];
	return 0;
}

/* ---- a record ---- */

void ae_record_keys_begin(struct ae_record_keys *k)
{
	k->record++;
	k->next = k->found = k->depth = 0;
	k->levels[0] = (struct ae_keys_level){0};
	if (!k->known)
		k->names.len = k->text.len = 0;
}

/* The first record says which kind all are. */
static int check_kind(struct ae_record_keys *k, bool array, struct ae_error *err)
{
	if (!k->decided)
		k->named = !array;
	k->decided = k->known;
	if (k->named != array)
		return 0;
	ae_fail(err, array ? "an array where objects stood before" : "an object where arrays stood before");
	return AE_RECORD_BAD;
}

int ae_record_keys_open(struct ae_record_keys *k, bool array, struct ae_error *err)
{
	struct ae_keys_level *level = &k->levels[k->depth];
	int rc = k->depth == 0 ? check_kind(k, array, err) : 0;
	level->count++;
	level->next = 0;
	if (rc == 0 && k->depth == AE_KEYS_DEPTH) {
		rc = extend_path(k, err);
		return rc ? rc : fail_key("nested deeper than 24", (const char *)k->path.data, k->path.len, err);
	}
	if (rc == 0 && k->depth == 1 && level->array) {
		ae_fail(err, "an array or an object in an array of cells");
		rc = AE_RECORD_BAD;
	}
	if (rc == 0 && k->depth > 0)
		rc = extend_path(k, err);
	if (rc != 0)
		return rc;
	k->depth++;
	k->levels[k->depth] = (struct ae_keys_level){.path = k->depth > 1 ? k->path.len : 0, .array = array};
	return 0;
}

/* An array that ends before the one of the first record did. */
static int check_length(struct ae_record_keys *k, struct ae_error *err)
{
	struct ae_keys_level *level = &k->levels[k->depth];
	uint64_t count = level->count++;
	if (extend_path(k, err) != 0)
		return AE_RECORD_FAIL;
	const char *path = (const char *)k->path.data;
	level->count = count;
	if (ae_record_keys_find(k, path, k->path.len) == k->columns.count)
		return 0;
	ae_fail(err, "key \"%.*s\": %llu values, fewer than in the first record", shown(level->path), path,
		(unsigned long long)count);
	return AE_RECORD_BAD;
}

int ae_record_keys_close(struct ae_record_keys *k, struct ae_error *err)
{
	const struct ae_keys_level *level = &k->levels[k->depth];
	int rc = 0;
	if (level->array && k->depth > 1 && k->known && k->named)
		rc = check_length(k, err);
	if (level->array && k->depth == 1 && k->known && level->count < k->columns.count) {
		ae_fail(err, "expected %zu values, got %llu", k->columns.count, (unsigned long long)level->count);
		rc = AE_RECORD_BAD;
	}
	k->depth--;
	return rc;
}

int ae_record_keys_key(struct ae_record_keys *k, const char *key, size_t len, struct ae_error *err)
{
	k->key = key;
	k->key_len = len;
	return memchr(key, '\0', len) ? fail_key("a NUL character in it", key, strlen(key), err) : 0;
}

int ae_record_keys_text(struct ae_record_keys *k, const char *text, size_t len, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	*place = (struct ae_cell){.text = text, .len = len};
	return 0;
}

int ae_record_keys_string(struct ae_record_keys *k, const char *text, size_t len, struct ae_error *err)
{
	int rc = ae_record_keys_text(k, text, len, err);
	if (rc != 0 || !memchr(text, '\0', len))
		return rc;
	ae_fail(err, "a NUL character in a text");
	return AE_RECORD_BAD;
}

/* Whether columns are named as parts of the value that comes now. */
static bool has_parts(struct ae_record_keys *k, struct ae_error *err, int *rc)
{
	*rc = extend_path(k, err);
	return *rc == 0 && ae_record_keys_have_parts(k, (const char *)k->path.data, k->path.len);
}

int ae_record_keys_null(struct ae_record_keys *k, struct ae_error *err)
{
	struct ae_error why;
	int rc = ae_record_keys_text(k, "", 0, &why), failed;
	bool whole = rc == AE_RECORD_BAD && k->known && k->named && k->depth > 0 && has_parts(k, err, &failed);
	if (whole)
		return failed;
	if (rc != 0)
		*err = why;
	return rc;
}

int ae_record_keys_bool(struct ae_record_keys *k, bool truth, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	static const char *const words[][2] = {{"0", "1"}, {"false", "true"}};
	const char *text = words[k->cells.types[column] == AE_TEXT][truth];
	*place = (struct ae_cell){.text = text, .len = strlen(text)};
	return 0;
}

static bool is_number(const struct ae_record_keys *k, size_t column)
{
	return k->cells.types[column] == AE_F64 || k->cells.types[column] == AE_F32;
}

/* Whether a number may stay one: where no other spelling means missing, and no error may have to show it. */
static bool stays_number(const struct ae_record_keys *k, size_t column, double value)
{
	return is_number(k, column) && !k->cells.has_na && fabs(value) <= AE_CELL_NUMBER_MAX;
}

static char *number_text(struct ae_record_keys *k, size_t column)
{
	return k->numbers + column * AE_NUMBER_TEXT;
}

int ae_record_keys_f64(struct ae_record_keys *k, double value, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	*place = (struct ae_cell){.number = value};
	if (stays_number(k, column, value))
		return 0;
	place->text = number_text(k, column);
	place->len = isnan(value) && !is_number(k, column) ? 0 : ae_number_format_f64(number_text(k, column), value);
	return 0;
}

int ae_record_keys_f32(struct ae_record_keys *k, float value, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	*place = (struct ae_cell){.number = (double)value};
	if (stays_number(k, column, (double)value))
		return 0;
	bool number = is_number(k, column);
	place->text = number_text(k, column);
	place->len = isnan(value) && !number ? 0
		     : number                ? ae_number_format_f64(number_text(k, column), (double)value)
					     : ae_number_format_f32(number_text(k, column), value);
	return 0;
}

int ae_record_keys_time(struct ae_record_keys *k, int64_t seconds, uint32_t nanoseconds, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	if (nanoseconds > 999999999) {
		ae_fail(err, "column \"%s\": a time of %u nanoseconds", k->columns.names[column], nanoseconds);
		return AE_RECORD_BAD;
	}
	char *text = number_text(k, column);
	const char *sign = seconds < 0 && nanoseconds > 0 ? "-" : "";
	if (*sign) { /* what is before a second counts back from it */
		seconds = -(seconds + 1);
		nanoseconds = 1000000000 - nanoseconds;
	}
	*place = (struct ae_cell){.text = text,
		.len = (size_t)snprintf(text, AE_NUMBER_TEXT, "%s%" PRId64 ".%09" PRIu32, sign, seconds, nanoseconds)};
	return 0;
}

int ae_record_keys_integer(struct ae_record_keys *k, bool negative, uint64_t size, struct ae_error *err)
{
	struct ae_cell *place;
	size_t column;
	int rc = take_value(k, &place, &column, err);
	if (rc != 0 || !place)
		return rc;
	*place = (struct ae_cell){.number = negative ? -(double)size : (double)size};
	if (stays_number(k, column, place->number))
		return 0;
	place->text = number_text(k, column);
	place->len = (size_t)snprintf(number_text(k, column), AE_NUMBER_TEXT, "%s%" PRIu64, negative ? "-" : "", size);
	return 0;
}

/* ---- columns ---- */

bool ae_record_keys_are_given(const struct ae_record_keys *k)
{
	return k->rules->options->header != NULL;
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct ae_record_keys *k = arg;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	return compare(k->columns.names[i], k->lens[i], k->columns.names[j], k->lens[j]);
}

/* Whether b is behind a in an array: "x.2" behind "x.1". */
static bool is_behind(const char *a, const char *b)
{
	const char *dot = strrchr(a, '.');
	uint64_t first, second;
	if (!dot || strncmp(a, b, (size_t)(dot - a) + 1) != 0)
		return false;
	size_t at = (size_t)(dot - a) + 1;
	return ae_is_digit(b[at]) && b[at] != '0' && ae_parse_u64(&first, a + at, 1, UINT32_MAX) == 0 &&
	       ae_parse_u64(&second, b + at, 1, UINT32_MAX) == 0 && second == first + 1;
}

static int index_names(struct ae_record_keys *k, struct ae_error *err)
{
	size_t n = k->columns.count;
	k->values = ae_calloc(n, sizeof(*k->values), err);
	k->seen = ae_calloc(n, sizeof(*k->seen), err);
	k->lens = ae_calloc(n, sizeof(*k->lens), err);
	k->follows = ae_calloc(n, sizeof(*k->follows), err);
	k->sorted = ae_calloc(n, sizeof(*k->sorted), err);
	k->numbers = ae_calloc(n, AE_NUMBER_TEXT, err);
	if (!k->values || !k->seen || !k->lens || !k->follows || !k->sorted || !k->numbers)
		return -1;
	k->plain = true;
	for (size_t i = 0; i < n; i++) {
		k->lens[i] = strlen(k->columns.names[i]);
		for (const char *c = k->columns.names[i]; *c; c++)
			k->plain &= *c != '"' && *c != '\\' && !(*c > 0 && *c < ' ');
		k->sorted[i] = (uint32_t)i;
		k->follows[i] = i > 0 && is_behind(k->columns.names[i - 1], k->columns.names[i]);
	}
	qsort_r(k->sorted, n, sizeof(*k->sorted), by_name, k);
	for (size_t i = 1; i < n; i++)
		if (by_name(&k->sorted[i - 1], &k->sorted[i], k) == 0)
			return fail_key("stands twice", k->columns.names[k->sorted[i]], k->lens[k->sorted[i]], err);
	return 0;
}

static int columns_of_option(struct ae_record_keys *k, struct ae_schema *schema, struct ae_error *err)
{
	const char *text = k->rules->options->header;
	char **items;
	size_t count;
	if (ae_csv_split(&items, &count, text, err) != 0)
		return ae_fail_in(err, "--header %s: ", text);
	struct ae_cell *names = ae_calloc(count, sizeof(*names), err);
	for (size_t i = 0; names && i < count; i++)
		names[i] = (struct ae_cell){.text = items[i], .len = strlen(items[i])};
	int rc = names ? ae_record_columns_init(&k->columns, schema, names, count, true, k->rules, err) : -1;
	free(names);
	ae_names_free(items, count);
	return rc;
}

/* The names of the first record, which has been taken apart. */
static const struct ae_cell *names_of_record(struct ae_record_keys *k, size_t *count)
{
	struct ae_cell *names = (void *)k->names.data;
	size_t at = 0;
	*count = k->names.len / sizeof(*names);
	for (size_t i = 0; i < *count; i++) {
		names[i].text = k->text.data ? (const char *)k->text.data + at : "";
		at += names[i].len;
	}
	return names;
}

/* Text that was written here from an unnamed x meets a model by place. */
static bool has_places(const struct ae_cell *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].len >= 3 && memcmp(names[i].text, "x.1", 3) == 0 &&
			(names[i].len == 3 || names[i].text[3] == '.'))
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	const struct ae_cell *x = a, *y = b;
	return compare(x->text, x->len, y->text, y->len);
}

/* AE_RECORD_BAD: these keys of a first record are none, or one of them stands twice. */
static int check_keys(const struct ae_cell *names, size_t count, struct ae_error *err)
{
	int rc = 0;
	if (count == 0) {
		ae_fail(err, "the first record has no value");
		return AE_RECORD_BAD;
	}
	struct ae_cell *sorted = ae_calloc(count, sizeof(*sorted), err);
	if (!sorted)
		return AE_RECORD_FAIL;
	memcpy(sorted, names, count * sizeof(*names));
	qsort(sorted, count, sizeof(*sorted), by_text);
	for (size_t i = 1; rc == 0 && i < count; i++)
		if (by_text(&sorted[i - 1], &sorted[i]) == 0)
			rc = fail_key("stands twice", sorted[i].text, sorted[i].len, err);
	free(sorted);
	return rc;
}

/* Whether the record that was taken apart may give the columns: AE_RECORD_BAD or AE_RECORD_MISSING, and *err, if it has
   no key of those that a model takes, and such rows are left out. */
static int judge_first(struct ae_record_keys *k, struct ae_error *err)
{
	const struct ae_text_rules *rules = k->rules;
	struct ae_record_first first;
	size_t count;
	const struct ae_cell *names = names_of_record(k, &count);
	int bad = k->named && rules->skip_bad ? check_keys(names, count, err) : 0;
	if (bad != 0)
		return bad;
	if (!k->named || (!rules->skip_bad && rules->missing != AE_MISSING_SKIP))
		return 0;
	int rc = ae_record_first_find(&first, names, count, rules, err) == 0 ? 0 : AE_RECORD_FAIL;
	if (rc == 0 && first.names && first.shared == 0 && !has_places(names, count)) {
		ae_fail(err, "no key that the model takes, such as \"%.100s\"", *rules->options->features.names);
		rc = rules->missing == AE_MISSING_SKIP ? AE_RECORD_MISSING : AE_RECORD_BAD;
	}
	ae_record_first_free(&first);
	return rc;
}

static int columns_of_record(struct ae_record_keys *k, struct ae_schema *schema, struct ae_error *err)
{
	struct ae_record_first first = {0};
	size_t count;
	const struct ae_cell *names = names_of_record(k, &count);
	if (count == 0)
		return ae_fail(err, "the first record has no value");
	int rc = k->named ? ae_record_first_find(&first, names, count, k->rules, err) : 0;
	if (first.shared > 0) {
		names = first.names;
		count = first.count;
	}
	if (rc == 0)
		rc = ae_record_columns_init(&k->columns, schema, k->named ? names : NULL, count, true, k->rules, err);
	ae_record_first_free(&first);
	return rc;
}

static int make_columns(struct ae_record_keys *k, struct ae_schema *schema, struct ae_error *err)
{
	const struct ae_feature_names *features = &k->rules->options->features;
	bool given = ae_record_keys_are_given(k);
	if (k->named && !given && k->rules->options->no_header)
		return ae_fail_usage(err, "--no-header goes with arrays of cells: objects have keys");
	int rc = given ? columns_of_option(k, schema, err) : columns_of_record(k, schema, err);
	if (rc == 0)
		rc = index_names(k, err);
	if (rc == 0)
		rc = ae_record_columns_note_unknown(&k->columns, k->left_out, err);
	if (rc == 0)
		rc = ae_record_cells_init(&k->cells, k->rules, &k->columns, schema, err);
	k->known = rc == 0;
	k->wanted = given || (features->count && features->each && !features->optional);
	k->decided = !given;
	ae_buf_free(&k->names);
	ae_buf_free(&k->text);
	k->names = k->text = (struct ae_buf){0};
	return rc == 0 ? 0 : -1;
}

/* The first record that may give the columns stays the present one. */
static int find_first(struct ae_record_keys *k, const struct ae_record_source *from, struct ae_error *err)
{
	for (;;) {
		enum ae_read got = from->next(from->arg, from->input, err);
		if (got == AE_READ_END)
			return from->input->stopped
				       ? ae_fail_terminated(err, "stopped before the first object")
				       : ae_fail(err, "empty input: no object, whose keys would be the header");
		if (got != AE_READ_ROWS)
			return -1;
		int rc = from->parse(from->arg, from->input, err);
		if (rc == 0)
			rc = judge_first(k, err);
		if (rc == 0 || rc == AE_RECORD_FAIL)
			return rc == 0 ? 0 : -1;
		(void)from->fail_at(from->arg, err);
		if ((rc == AE_RECORD_BAD && !k->rules->skip_bad) ||
			from->leave_out(from->arg, from->input, (enum ae_record_taken)rc, err) != 0 ||
			ae_left_out_write(k->left_out, err) != 0)
			return -1;
	}
}

int ae_record_keys_header(
	struct ae_record_keys *k, const struct ae_record_source *from, struct ae_schema *schema, struct ae_error *err)
{
	bool given = ae_record_keys_are_given(k);
	if (!given && find_first(k, from, err) != 0)
		return -1;
	if (make_columns(k, schema, err) == 0)
		return 0;
	return given || err->status == AE_STATUS_USAGE ? -1 : from->fail_at(from->arg, err);
}

enum ae_record_taken ae_record_keys_add(struct ae_record_keys *k, const struct ae_schema *schema, struct ae_rows *rows,
	size_t *failed, struct ae_error *err)
{
	for (size_t i = 0; k->found < k->columns.count && i < k->columns.count; i++)
		if (k->seen[i] != k->record)
			k->values[i] = (struct ae_cell){.text = "", .len = 0};
	return ae_record_cells_add(&k->cells, schema, rows, k->values, 0, failed, err);
}
