/* SPDX-License-Identifier: MIT */
/* The sections of a report, and the page around them. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/threshold_origin.h"
#include "report/style.h"

#define ADDRESS(name) &ae_section_##name,
static const struct ae_report_section *const sections[] = {AE_REPORT_SECTIONS(ADDRESS)};

/* ---- start ---- */

static void find_columns(struct ae_report *r)
{
	const struct ae_schema *schema = &r->schema;
	r->at = (struct ae_report_columns){.x = ae_schema_find(schema, AE_TARGET),
		.recon = ae_schema_find(schema, AE_RECON),
		.score = ae_schema_score(schema),
		.pred = ae_schema_find(schema, AE_PRED),
		.label = ae_schema_find(schema, AE_LABEL),
		.time = ae_schema_find(schema, AE_TIME),
		.id = ae_schema_find(schema, AE_ID)};
	if (r->at.x == AE_NO_COLUMN)
		r->at.x = ae_schema_find(schema, AE_X);
	r->has_truth = r->at.label != AE_NO_COLUMN && (r->options->labels.normal || r->options->labels.anomaly);
	r->is_series = r->at.time != AE_NO_COLUMN || *r->lineage.smooth;
	for (size_t i = 0; i < r->lineage.prep.count; i++)
		r->is_series |= strcmp(r->lineage.prep.steps[i].program, "ae-window") == 0;
}

static int find_group(struct ae_report *r, struct ae_error *err)
{
	char *name;
	r->at.group = AE_NO_COLUMN;
	if (ae_lineage_group(&name, &r->lineage, err) != 0)
		return -1;
	if (name)
		r->at.group = ae_schema_find_name(&r->schema, name, strlen(name));
	free(name);
	if (r->at.group != AE_NO_COLUMN && ae_shape_size(&r->schema.cols[r->at.group].shape) != 1)
		r->at.group = AE_NO_COLUMN;
	return 0;
}

static int check_model(const struct ae_report *r, const char *name, struct ae_error *err)
{
	const char *path = r->options->model;
	unsigned char digest[AE_DIGEST_SIZE];
	if (!r->model->net)
		return ae_fail(err, "%s: holds no network", path);
	if (ae_model_digest(r->model, digest, err) != 0)
		return -1;
	if (r->lineage.has_digest && memcmp(digest, r->lineage.digest, sizeof(digest)) != 0)
		return ae_fail(err, "%s: the verdicts were made with another model than %s", name, path);
	return r->threshold ? ae_threshold_match(r->threshold, &r->lineage, name, path, err) : 0;
}

int ae_report_begin(struct ae_report *r, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_model_from from = {.path = r->options->model};
	const char *name = ae_reader_name(reader);
	if (ae_model_read_statistics(&r->model, &from, err) != 0 ||
		ae_schema_copy(&r->schema, ae_reader_schema(reader), err) != 0 ||
		ae_lineage_unpack(&r->lineage, &r->schema.lineage, err) != 0)
		return -1;
	r->threshold = r->model->threshold;
	find_columns(r);
	if (find_group(r, err) != 0 || check_model(r, name, err) != 0)
		return -1;
	if (r->at.pred == AE_NO_COLUMN)
		return ae_fail(err, "%s: no verdicts, a column pred: ae-thresh -O aest -m %s writes it", name,
			r->options->model);
	if (r->at.label == AE_NO_COLUMN && (r->options->labels.normal || r->options->labels.anomaly))
		return ae_fail(err, "%s: no labels for --%s: --label COL names their column in text", name,
			r->options->labels.normal ? "normal" : "anomaly");
	for (size_t i = 0; i < AE_REPORT_PARTS; i++)
		if (sections[i]->begin && sections[i]->begin(r, &r->parts[i], err) != 0)
			return -1;
	return 0;
}

/* ---- rows ---- */

int ae_report_add(struct ae_report *r, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t i = 0; i < AE_REPORT_PARTS; i++)
		if (sections[i]->add && sections[i]->add(r, r->parts[i], batch, err) != 0)
			return -1;
	r->rows += batch->rows;
	return 0;
}

int ae_report_boundary(struct ae_report *r, struct ae_error *err)
{
	for (size_t i = 0; i < AE_REPORT_PARTS; i++)
		if (sections[i]->boundary && sections[i]->boundary(r, r->parts[i], err) != 0)
			return -1;
	return 0;
}

enum ae_truth ae_report_truth(const struct ae_report *r, const struct ae_batch *batch, size_t row)
{
	return r->has_truth ? ae_truth_of(&r->options->labels, batch->cols[r->at.label], row) : AE_TRUTH_NONE;
}

double ae_report_score(const struct ae_report *r, const struct ae_batch *batch, size_t row)
{
	double score = NAN;
	if (r->at.score != AE_NO_COLUMN)
		ae_to_f64(&score,
			batch->cols[r->at.score]->values.data + row * ae_type_size(r->schema.cols[r->at.score].type),
			r->schema.cols[r->at.score].type, 1);
	return score;
}

bool ae_report_time(const struct ae_report *r, const struct ae_batch *batch, size_t row, struct ae_time *time)
{
	char number[AE_NUMBER_TEXT];
	size_t len;
	if (r->at.time == AE_NO_COLUMN || r->schema.cols[r->at.time].shape.rank != 0)
		return false;
	const char *text = ae_data_cell(&r->schema.cols[r->at.time], batch->cols[r->at.time], row, number, &len);
	return ae_time_parse(time, text, len) != AE_TIMESTAMP_NOT;
}

void ae_report_copy_text(char *to, size_t size, const char *text, size_t len)
{
	size_t n = len < size ? len : size - 1;
	while (n > 0 && n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(to, text, n);
	to[n] = '\0';
}

const char *ae_report_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* ---- the page ---- */

int ae_report_end(struct ae_report *r, struct ae_error *err)
{
	struct ae_html *page = &r->page;
	const char *title = r->options->title ? r->options->title : ae_report_file(r->options->model);
	ae_html_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	ae_html_text(page, "%s", title);
	ae_html_add(page, "</title>\n<style>\n");
	ae_html_add(page, ae_report_style);
	ae_html_add(page, "</style>\n</head>\n<body>\n<main>\n<h1>");
	ae_html_text(page, "%s", title);
	ae_html_add(page, "</h1>\n");
	for (size_t i = 0; i < AE_REPORT_PARTS; i++) {
		ae_html_add(page, "<section>\n<h2>");
		ae_html_text(page, "%s", sections[i]->title);
		ae_html_add(page, "</h2>\n");
		if (sections[i]->write(r, r->parts[i], err) != 0)
			return -1;
		ae_html_add(page, "</section>\n");
	}
	ae_html_add(page, "</main>\n</body>\n</html>\n");
	return ae_html_end(page, err);
}

void ae_report_free(struct ae_report *r)
{
	for (size_t i = 0; i < AE_REPORT_PARTS; i++)
		if (sections[i]->free && r->parts[i])
			sections[i]->free(r->parts[i]);
	ae_html_free(&r->page);
	ae_lineage_free(&r->lineage);
	ae_schema_free(&r->schema);
	ae_model_free(r->model);
}
