/* SPDX-License-Identifier: MIT */
/* Rows that are put aside and come back, in order and in others: more of them than a window holds, longer ones than a
   block, few in a block and many. */
#include "stream/spool.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "io/source.h"

enum { LONGEST = 3 << 20 };

/* What row i holds: v = i % 251, and two numbers and a text of its own in the second kind of schema. */
struct test {
	struct ae_schema schema;
	struct ae_spool *spool;
	const uint32_t *rows; /* that are to come, NULL: all in order */
	uint64_t seen, batches, wrong;
	bool text;
};

static size_t text_len(uint64_t row)
{
	return row % 1000 == 7 ? LONGEST - row : row % 10 == 3 ? 0 : row * 7919 % 300;
}

static char text_at(uint64_t row, size_t i)
{
	return (char)('a' + (row + i * i) % 26);
}

static void check_row(struct test *t, const struct ae_batch *batch, size_t at)
{
	uint64_t row = t->rows ? t->rows[t->seen] : t->seen;
	t->wrong += batch->cols[0]->values.data[at] != row % 251;
	if (t->text) {
		float values[2];
		size_t len;
		const char *text = ae_data_text(batch->cols[1], at, &len);
		memcpy(values, batch->cols[2]->values.data + at * sizeof(values), sizeof(values));
		t->wrong += values[0] != (float)row || values[1] != -(float)row || len != text_len(row);
		for (size_t i = 0; i < len && len == text_len(row); i += 1 + len / 100)
			t->wrong += text[i] != text_at(row, i);
	}
	t->seen++;
}

static int take(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct test *t = arg;
	(void)err;
	t->batches++;
	for (size_t i = 0; i < batch->rows; i++)
		check_row(t, batch, i);
	return 0;
}

static int fill(struct test *t, uint64_t rows, struct ae_error *err)
{
	static const struct ae_shape scalar, pair = {.rank = 1, .dim = {2}};
	struct ae_rows batch = {0};
	char *text = malloc(LONGEST);
	if (!text || !ae_schema_add(&t->schema, "v", AE_X, AE_U8, &scalar, err) ||
		(t->text && (!ae_schema_add(&t->schema, "name", AE_ID, AE_TEXT, &scalar, err) ||
				    !ae_schema_add(&t->schema, "pair", AE_PASS, AE_F32, &pair, err))) ||
		ae_spool_new(&t->spool, &t->schema, true, err) != 0 || ae_rows_init(&batch, t->schema.count, err) != 0)
		return -1;
	int rc = 0;
	for (uint64_t row = 0; rc == 0 && row < rows; row++) {
		unsigned char value = (unsigned char)(row % 251);
		float values[2] = {(float)row, -(float)row};
		rc = ae_buf_append(&batch.data[0].values, &value, 1, err);
		for (size_t i = 0; t->text && i < text_len(row); i++)
			text[i] = text_at(row, i);
		if (t->text && (ae_data_append_text(&batch.data[1], text, text_len(row), err) != 0 ||
				       ae_buf_append(&batch.data[2].values, values, sizeof(values), err) != 0))
			rc = -1;
		batch.batch.rows++;
		if (rc == 0 && (batch.batch.rows == 700 || row + 1 == rows)) {
			rc = ae_spool_append(t->spool, &batch.batch, err);
			ae_rows_clear(&batch);
		}
	}
	ae_rows_free(&batch);
	free(text);
	return rc;
}

/* Gathers rows, announced or not. */
static void gather(struct test *t, const char *what, const uint32_t *rows, size_t count, bool announced)
{
	struct ae_error err;
	t->rows = rows;
	t->seen = t->batches = t->wrong = 0;
	ae_spool_expect(t->spool, announced ? rows : NULL, announced ? count : 0);
	for (size_t i = 0; i < count; i++) {
		int rc = ae_spool_gather(t->spool, rows[i], i + 1 == count, take, t, &err);
		CHECK(rc == 0, "%s: %s", what, err.text);
		if (rc != 0)
			return;
	}
	CHECK(t->seen == count && t->wrong == 0, "%s: %llu of %zu rows, %llu wrong", what, (unsigned long long)t->seen,
		count, (unsigned long long)t->wrong);
	CHECK(t->text || t->batches == (count + 255) / 256, "%s: %llu batches", what, (unsigned long long)t->batches);
}

static void read_in_order(struct test *t, uint64_t rows)
{
	struct ae_error err;
	struct ae_rows batch = {0};
	t->rows = NULL;
	t->seen = t->wrong = 0;
	int rc = ae_rows_init(&batch, t->schema.count, &err);
	do {
		ae_rows_clear(&batch);
		rc = rc == 0 ? ae_spool_next(t->spool, &batch, &err) : rc;
		CHECK(batch.batch.rows <= AE_BATCH_ROWS, "%zu rows", batch.batch.rows);
		(void)take(t, &batch.batch, &err);
	} while (rc == 0 && batch.batch.rows > 0);
	CHECK(rc == 0 && t->seen == rows && t->wrong == 0 && ae_spool_left(t->spool) == 0, "%llu rows, %llu wrong",
		(unsigned long long)t->seen, (unsigned long long)t->wrong);
	ae_rows_free(&batch);
}

static void check_kind(bool text, uint32_t rows, uint32_t step)
{
	struct ae_error err;
	struct test t = {.text = text};
	uint32_t *order = malloc(rows * sizeof(*order));
	int rc = order ? fill(&t, rows, &err) : -1;
	CHECK(rc == 0 && ae_spool_rows(t.spool) == rows, "no spool");
	if (rc == 0) {
		for (uint32_t i = 0; i < rows; i++)
			order[i] = (uint32_t)((uint64_t)i * step % rows);
		gather(&t, "another order", order, rows, true);
		gather(&t, "a part of it", order + rows / 3, rows / 5, true);
		gather(&t, "another order, unannounced", order, 3000, false);
		for (uint32_t i = 0; i < rows; i++)
			order[i] = i;
		gather(&t, "in order", order, rows, true);
		gather(&t, "in order, unannounced", order + 5, rows - 5, false);
		for (uint32_t i = 0; i < rows / 7; i++)
			order[i] = 7 * i + i % 3;
		gather(&t, "with gaps", order, rows / 7, false);
		read_in_order(&t, rows);
	}
	ae_spool_free(t.spool);
	ae_schema_free(&t.schema);
	free(order);
}

int main(void)
{
	check_kind(false, 2300001, 1000003); /* 8 MiB and 4 bytes a row are 1.3 million rows of 13 bytes */
	check_group("more rows than a window holds");
	check_kind(true, 20011, 7001);
	check_group("rows of text, of many lengths");
	return check_done();
}
