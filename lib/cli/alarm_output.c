/* SPDX-License-Identifier: MIT */
/* Records of episodes as the output of a filter: a column of lines, written as they are. */
#include "cli/alarm.h"

int ae_alarm_schema(struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	return ae_schema_add(out, "episode", AE_PASS, AE_TEXT, &single, err) ? 0 : -1;
}

void ae_alarm_take(struct ae_alarm *a, struct ae_batch *out)
{
	out->rows = a->records.ends.len / sizeof(uint32_t);
	out->cols[0] = &a->records;
	a->taken = true;
}

static int begin(void *state, const struct ae_schema *schema, struct ae_buf *out, struct ae_error *err)
{
	(void)state, (void)schema, (void)out, (void)err;
	return 0;
}

static int rows(
	void *state, const struct ae_batch *batch, size_t first, size_t n, struct ae_buf *out, struct ae_error *err)
{
	(void)state;
	for (size_t row = first; row < first + n; row++) {
		size_t len;
		const char *line = ae_data_text(batch->cols[0], row, &len);
		if (ae_buf_append(out, line, len, err) != 0)
			return -1;
	}
	return 0;
}

static void release(void *state)
{
	(void)state;
}

static int open_encoder(struct ae_encoder *encoder, struct ae_error *err)
{
	(void)err;
	*encoder = (struct ae_encoder){.begin = begin, .rows = rows, .free = release};
	return 0;
}

const struct ae_output_format ae_alarm_output = {.name = "jsonl", .lines = true, .open = open_encoder};
