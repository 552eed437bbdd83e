/* SPDX-License-Identifier: MIT */
/* Means that weigh exponentially, and their distance from the training. */
#include "eval/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/attribution.h"
#include "model/score.h"

/* A feature that was nearly constant in training must not rule: its standard deviation counts as this share of the
   mean one. */
#define LEAST_SD 0.01

static void drop(struct ae_drift *d)
{
	free(d->mean);
	free(d->sd);
	free(d->recent);
	d->mean = d->sd = NULL;
	d->recent = NULL;
}

static int take_training(struct ae_drift *d, const struct ae_model *model, const char *path, struct ae_error *err)
{
	size_t end = d->first + d->n;
	double sum = 0;
	if (ae_error_stats(&d->mean, &d->sd, &d->column, model, path, err) != 0)
		return -1;
	for (size_t i = d->first; i < end; i++)
		sum += d->sd[i];
	double least = sum > 0 ? LEAST_SD * sum / (double)d->n : 1;
	for (size_t i = d->first; i < end; i++)
		d->sd[i] = fmax(d->sd[i], least);
	d->recent = ae_calloc(end, sizeof(*d->recent), err);
	for (size_t i = 0; d->recent && i < end; i++)
		d->recent[i].left = 1;
	return d->recent ? 0 : -1;
}

static int add_columns(struct ae_schema *out, struct ae_error *err)
{
	static const struct ae_shape single = {0};
	static const char *const names[] = {"drift", "drift_feature"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (ae_schema_find_name(out, names[i], strlen(names[i])) != AE_NO_COLUMN)
			return ae_fail(err, "there is a column \"%s\" already", names[i]);
		struct ae_column *column =
			ae_schema_add(out, names[i], AE_PASS, i == 0 ? AE_F64 : AE_TEXT, &single, err);
		if (!column)
			return -1;
		column->missing = i == 0;
	}
	return 0;
}

int ae_drift_begin(struct ae_drift *d, const struct ae_column *column, const struct ae_scoring *scoring,
	const struct ae_model_from *from, struct ae_schema *out, struct ae_error *err)
{
	struct ae_model *model = NULL;
	d->column = *column;
	d->column.role = AE_X; /* a feature is named "flow", not "target.flow" */
	d->column.name = (char *)(uintptr_t)ae_role_name(AE_X);
	d->first = scoring->first;
	d->n = scoring->n;
	drop(d);
	if (ae_column_check_features(column, err) != 0 || ae_model_read_statistics(&model, from, err) != 0)
		return -1;
	int rc = take_training(d, model, from->path, err);
	ae_model_free(model);
	return rc == 0 ? add_columns(out, err) : -1;
}

void ae_drift_clear(struct ae_drift *d)
{
	ae_data_clear(&d->value);
	ae_data_clear(&d->name);
}

static void follow(struct ae_drift_mean *m, double error, double a)
{
	m->sum += a * (error - m->sum);
	m->left *= 1 - a;
	m->rows++;
}

/* The mean of so many errors has the weights a (1 - a)^k over what they add up to, and varies by the root of the sum of
   their squares, in units of what an error does. */
static double distance(const struct ae_drift_mean *m, double mean, double sd, double a)
{
	double varies = sqrt(a / (2 - a) * (1 + m->left) / (1 - m->left));
	return (m->sum / (1 - m->left) - mean) / (sd * varies);
}

int ae_drift_row(struct ae_drift *d, const double *recon, const double *reference, struct ae_error *err)
{
	double a = 2 / ((double)d->span + 1), value = NAN;
	size_t most = d->first;
	char name[300] = "";
	for (size_t i = d->first; i < d->first + d->n; i++) {
		double error = ae_score_gap(recon[i], reference[i]);
		if (!isnan(error))
			follow(&d->recent[i], fmin(error, (double)AE_BEYOND), a);
		double drift = d->recent[i].rows < d->span ? NAN : distance(&d->recent[i], d->mean[i], d->sd[i], a);
		if (drift > value || (isnan(value) && !isnan(drift))) {
			value = drift;
			most = i;
		}
	}
	if (!isnan(value))
		ae_column_element_name(&d->column, most, name, sizeof(name));
	return ae_data_append_text(&d->name, name, strlen(name), err) == 0
		       ? ae_buf_append(&d->value.values, &value, sizeof(value), err)
		       : -1;
}

void ae_drift_free(struct ae_drift *d)
{
	drop(d);
	ae_data_free(&d->value);
	ae_data_free(&d->name);
}
