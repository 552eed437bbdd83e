/* SPDX-License-Identifier: MIT */
/* Measures scores and verdicts, and reads those of floors. */
#include "report/floors.h"

#include <math.h>
#include <string.h>

#include "core/timestamp.h"
#include "io/batch.h"
#include "stream/group_column.h"

/* ---- measures ---- */

static struct ae_events *events_of(struct ae_measures *m, size_t *count)
{
	*count = m->events.len / sizeof(struct ae_events);
	return (struct ae_events *)(void *)m->events.data;
}

int ae_measures_add(struct ae_measures *m, size_t series, bool anomaly, uint8_t verdict, double score,
	const struct ae_time *time, struct ae_error *err)
{
	static const struct ae_events none = {0};
	if (!m->metrics && ae_metrics_new(&m->metrics, err) != 0)
		return -1;
	while (m->events.len <= series * sizeof(none))
		if (ae_buf_append(&m->events, &none, sizeof(none), err) != 0)
			return -1;
	m->verdicts |= verdict != AE_PRED_NONE;
	if (ae_metrics_add(m->metrics, anomaly, verdict, score, err) != 0)
		return -1;
	size_t count;
	return ae_events_add(&events_of(m, &count)[series], anomaly, verdict, time, err);
}

void ae_measures_break(struct ae_measures *m)
{
	size_t count;
	struct ae_events *events = events_of(m, &count);
	for (size_t i = 0; i < count; i++)
		ae_events_break(&events[i]);
}

int ae_measures_end(struct ae_measures *m, struct ae_error *err)
{
	struct ae_events all = {0};
	size_t count;
	const struct ae_events *events = events_of(m, &count);
	if (!m->metrics && ae_metrics_new(&m->metrics, err) != 0)
		return -1;
	ae_metrics_end(m->metrics, &m->rows);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = ae_events_append(&all, &events[i], err);
	if (rc == 0)
		rc = ae_events_end(&all, &m->series, err);
	ae_events_free(&all);
	return rc;
}

void ae_measures_free(struct ae_measures *m)
{
	size_t count;
	struct ae_events *events = events_of(m, &count);
	for (size_t i = 0; i < count; i++)
		ae_events_free(&events[i]);
	ae_buf_free(&m->events);
	ae_metrics_free(m->metrics);
}

/* ---- rows ---- */

static bool is_id(const struct ae_column *column)
{
	return column->role == AE_ID && column->shape.rank == 0;
}

/* FNV-1a, of an id: they are told apart, and nobody chooses them to be alike. */
static uint64_t hash_id(const struct ae_column *column, const struct ae_data *data, size_t row)
{
	uint64_t hash = 0xcbf29ce484222325;
	char number[AE_NUMBER_TEXT];
	size_t len;
	const char *text = ae_data_cell(column, data, row, number, &len);
	for (size_t k = 0; k < len; k++)
		hash = (hash ^ (unsigned char)text[k]) * 0x100000001b3;
	return hash;
}

/* Groups beyond so many are forgotten, the least recently seen first: one that comes again is another series. */
enum { SERIES_MOST = 1 << 20 };

static int add_series(struct ae_report_rows *rows, const struct ae_report *r, const struct ae_batch *batch, size_t row,
	struct ae_error *err)
{
	char number[AE_NUMBER_TEXT];
	size_t len;
	if (r->at.group == AE_NO_COLUMN)
		return 0;
	if (!rows->groups && ae_groups_new(&rows->groups, SERIES_MOST, sizeof(uint32_t), err) != 0)
		return -1;
	const char *name = ae_group_column_name(&r->schema, batch, r->at.group, row, number, &len);
	uint32_t *series = ae_groups_state(rows->groups, name, len, err);
	if (!series)
		return -1;
	if (*series == 0)
		*series = ++rows->series_count;
	return ae_buf_append(&rows->series, series, sizeof(*series), err);
}

size_t ae_report_rows_series(const struct ae_report_rows *rows, size_t row)
{
	return rows->series.len ? ((const uint32_t *)(const void *)rows->series.data)[row] - 1 : 0;
}

int ae_report_rows_add(
	struct ae_report_rows *rows, const struct ae_report *r, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t row = 0; row < batch->rows; row++) {
		unsigned char truth = (unsigned char)ae_report_truth(r, batch, row);
		if (ae_buf_append(&rows->truth, &truth, 1, err) != 0 || add_series(rows, r, batch, row, err) != 0)
			return -1;
		for (size_t i = 0; i < r->schema.count; i++) {
			if (!is_id(&r->schema.cols[i]))
				continue;
			uint64_t hash = hash_id(&r->schema.cols[i], batch->cols[i], row);
			if (ae_buf_append(&rows->ids, &hash, sizeof(hash), err) != 0)
				return -1;
		}
	}
	return 0;
}

void ae_report_rows_free(struct ae_report_rows *rows)
{
	ae_buf_free(&rows->truth);
	ae_buf_free(&rows->ids);
	ae_buf_free(&rows->series);
	ae_groups_free(rows->groups);
}

/* ---- floors ---- */

int ae_floor_check(const char **file, const char *floor, struct ae_error *err)
{
	const char *equals = strchr(floor, '=');
	if (!equals || equals == floor || !equals[1])
		return ae_fail_usage(err, "--floor %s: expected NAME=FILE", floor);
	*file = equals + 1;
	return 0;
}

/* A floor that is being read. */
struct reading {
	const struct ae_report *report;
	const struct ae_report_rows *rows;
	struct ae_measures *measures;
	const struct ae_reader *reader;
	size_t score, pred, label, time;
	struct ae_buf ids; /* for each id of the report, its column here, or AE_NO_COLUMN */
	size_t done;
};

static int find_ids(struct reading *f, struct ae_error *err)
{
	const struct ae_schema *of = &f->report->schema, *schema = ae_reader_schema(f->reader);
	f->ids.len = 0;
	for (size_t i = 0; i < of->count; i++) {
		if (!is_id(&of->cols[i]))
			continue;
		size_t at = ae_schema_find_name(schema, of->cols[i].name, strlen(of->cols[i].name));
		if (at != AE_NO_COLUMN && !is_id(&schema->cols[at]))
			at = AE_NO_COLUMN;
		if (ae_buf_append(&f->ids, &at, sizeof(at), err) != 0)
			return -1;
	}
	return 0;
}

static int begin(struct reading *f, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(f->reader);
	f->score = ae_schema_score(schema);
	f->pred = ae_schema_find(schema, AE_PRED);
	f->label = ae_schema_find(schema, AE_LABEL);
	f->time = ae_schema_find(schema, AE_TIME);
	ae_measures_break(f->measures);
	if (f->score == AE_NO_COLUMN && f->pred == AE_NO_COLUMN)
		return ae_fail(err, "neither pred nor err to measure");
	return find_ids(f, err);
}

/* Whether the ids that both have by name are those of the report's row at the same place. */
static bool has_ids(const struct reading *f, const struct ae_batch *batch, size_t row)
{
	const struct ae_schema *schema = ae_reader_schema(f->reader);
	const size_t *at = (const void *)f->ids.data;
	size_t count = f->ids.len / sizeof(*at);
	for (size_t i = 0; i < count; i++) {
		uint64_t hash;
		if (at[i] == AE_NO_COLUMN)
			continue;
		memcpy(&hash, f->rows->ids.data + ((f->done + row) * count + i) * sizeof(hash), sizeof(hash));
		if (hash != hash_id(&schema->cols[at[i]], batch->cols[at[i]], row))
			return false;
	}
	return true;
}

/* Whether it is the row of the report at the same place. */
static int check_row(
	const struct reading *f, const struct ae_batch *batch, size_t row, enum ae_truth truth, struct ae_error *err)
{
	char place[AE_PLACE_TEXT];
	const struct ae_place at = {batch, row, f->done};
	if (!has_ids(f, batch, row))
		return ae_fail(err, "%s: not the id of row %zu of the verdicts: a floor has the same rows",
			ae_place_format(&at, place), f->done + row + 1);
	if (f->label != AE_NO_COLUMN && ae_truth_of(&f->report->options->labels, batch->cols[f->label], row) != truth)
		return ae_fail(err, "%s: not the label of row %zu of the verdicts: a floor has the same rows",
			ae_place_format(&at, place), f->done + row + 1);
	return 0;
}

static int add_row(struct reading *f, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(f->reader);
	enum ae_truth truth = f->rows->truth.data[f->done + row];
	uint8_t verdict = f->pred != AE_NO_COLUMN ? batch->cols[f->pred]->values.data[row] : AE_PRED_NONE;
	double score = NAN;
	struct ae_time time;
	bool timed = false;
	if (check_row(f, batch, row, truth, err) != 0)
		return -1;
	if (truth == AE_TRUTH_NONE)
		return 0;
	if (f->score != AE_NO_COLUMN)
		ae_to_f64(&score, batch->cols[f->score]->values.data + row * ae_type_size(schema->cols[f->score].type),
			schema->cols[f->score].type, 1);
	if (f->time != AE_NO_COLUMN) {
		char number[AE_NUMBER_TEXT];
		size_t len;
		const char *text = ae_data_cell(&schema->cols[f->time], batch->cols[f->time], row, number, &len);
		timed = ae_time_parse(&time, text, len) != AE_TIMESTAMP_NOT;
	}
	return ae_measures_add(f->measures, ae_report_rows_series(f->rows, f->done + row), truth == AE_TRUTH_ANOMALY,
		verdict, score, timed ? &time : NULL, err);
}

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct reading *f = arg;
	size_t rows = f->rows->truth.len;
	if (batch->rows > rows - f->done)
		return ae_fail(err, "%s: more than the %zu rows of the verdicts: a floor has the same rows",
			ae_reader_name(f->reader), rows);
	for (size_t row = 0; row < batch->rows; row++)
		if (add_row(f, batch, row, err) != 0)
			return ae_fail_in(err, "%s: ", ae_reader_name(f->reader));
	f->done += batch->rows;
	return 0;
}

static int boundary(void *arg, struct ae_error *err)
{
	return begin(arg, err) == 0 ? 0 : ae_fail_in(err, "%s: ", ae_reader_name(((struct reading *)arg)->reader));
}

static int read_all(struct reading *f, struct ae_error *err)
{
	const struct ae_drain drain = {.rows = add_rows,
		.boundary = boundary,
		.arg = f,
		.otherwise = "scores of another model",
		.consequence = "nothing is measured on a part"};
	if (boundary(f, err) != 0 || ae_reader_drain((struct ae_reader *)(uintptr_t)f->reader, &drain, err) != 0)
		return -1;
	if (f->done < f->rows->truth.len)
		return ae_fail(err, "%s: %zu rows, but the verdicts have %zu: a floor has the same rows",
			ae_reader_name(f->reader), f->done, f->rows->truth.len);
	return ae_measures_end(f->measures, err);
}

int ae_floor_measure(struct ae_measures *measures, const struct ae_report *r, const struct ae_report_rows *rows,
	const char *path, struct ae_error *err)
{
	char *files[] = {(char *)(uintptr_t)path};
	struct ae_reader *reader;
	struct ae_reader_options in = *r->options->in;
	in.more_inputs = true;
	if (ae_reader_open(&reader, files, 1, &in, err) != 0)
		return ae_fail_in(err, "--floor: ");
	struct reading f = {.report = r, .rows = rows, .measures = measures, .reader = reader};
	int rc = read_all(&f, err);
	ae_buf_free(&f.ids);
	ae_reader_close(reader);
	return rc == 0 ? 0 : ae_fail_in(err, "--floor: ");
}
