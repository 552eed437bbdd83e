/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use. */
#include "model/training_warnings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"
#include "net/net.h"
#include "train/constant_units.h"
#include "train/loss.h"
#include "train/mean_row.h"

__attribute__((format(printf, 3, 4))) static int add_warning(
	struct ae_model *model, struct ae_error *err, const char *format, ...)
{
	char text[AE_MODEL_WARNING_MAX - AE_MODEL_WHOSE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ae_model_add_warning(model, text, err);
}

/* The library is used in any locale: the decimal comma of some becomes a point. */
static const char *plain(char *number)
{
	for (char *c = number; *c; c++)
		if (*c == ',')
			*c = '.';
	return number;
}

enum { NUMBER = 32 };
static const char *number(char text[NUMBER], double value)
{
	snprintf(text, NUMBER, "%.6g", value);
	return plain(text);
}

/* ---- ranges ---- */

struct range {
	double low, high;
};

static double width(const struct range *r)
{
	return r->high - r->low;
}

static double magnitude(const struct range *r)
{
	return fmax(fabs(r->low), fabs(r->high));
}

/* The factor between the largest and the smallest measure of the columns that vary, and which these are. */
static double compare(const struct range *ranges, size_t columns, double (*measure)(const struct range *r),
	size_t *largest, size_t *smallest)
{
	double most = 0, least = INFINITY;
	for (size_t j = 0; j < columns; j++) {
		double m = measure(&ranges[j]);
		if (!(ranges[j].low < ranges[j].high) || !isfinite(m))
			continue;
		if (m > most) {
			most = m;
			*largest = j;
		}
		if (m < least) {
			least = m;
			*smallest = j;
		}
	}
	return most > 0 ? most / least : 1;
}

/* A column is a place of the last axis: an element of a row that has one axis alone. */
static void name_column(const struct ae_model *m, size_t j, char *text, size_t size)
{
	if (m->feature_count > 0 && m->feature_count == m->input.dim[m->input.rank - 1])
		snprintf(text, size, "%s", m->features[j]);
	else
		snprintf(text, size, m->input.rank == 1 ? "x.%zu" : "channel %zu", j + 1);
}

static int note_ranges(struct ae_model *model, const struct range *ranges, size_t columns, struct ae_error *err)
{
	char wide[200], narrow[200];
	size_t large = 0, small = 0;
	double factor = compare(ranges, columns, width, &large, &small);
	if (factor < AE_UNLIKE_RANGES)
		factor = compare(ranges, columns, magnitude, &large, &small);
	if (factor < AE_UNLIKE_RANGES)
		return 0;
	name_column(model, large, wide, sizeof(wide));
	name_column(model, small, narrow, sizeof(narrow));
	char by[NUMBER], ends[4][NUMBER];
	snprintf(by, sizeof(by), "%.3g", factor);
	return add_warning(model, err,
		"x is not scaled, and its columns are unlike by a factor of %s: \"%s\" goes from %s to %s, "
		"\"%s\" from %s to %s; the loss hardly sees the small ones: scale first, with ae-normalize --fit "
		"standard",
		plain(by), wide, number(ends[0], ranges[large].low), number(ends[1], ranges[large].high), narrow,
		number(ends[2], ranges[small].low), number(ends[3], ranges[small].high));
}

int ae_model_warn_ranges(
	struct ae_model *model, const double *low, const double *high, size_t columns, struct ae_error *err)
{
	struct range *ranges = ae_calloc(columns, sizeof(*ranges), err);
	if (!ranges)
		return -1;
	for (size_t j = 0; j < columns; j++)
		ranges[j] = (struct range){low[j], high[j]};
	int rc = note_ranges(model, ranges, columns, err);
	free(ranges);
	return rc;
}

/* ---- losses ---- */

/* The loss of the last weights on the training rows as the statistics of their errors tell it; NaN where they do not:
   of another loss, or where missing values make the outputs count unlike. */
static double final_loss(const struct ae_model *model)
{
	const char *name = ae_loss_named(model->settings.loss)->name;
	bool squared = strcmp(name, "mse") == 0;
	double sum = 0;
	if (model->settings.mask || (!squared && strcmp(name, "mae") != 0))
		return NAN;
	for (size_t i = 0; i < model->stats.err_count; i++) {
		double mean = model->stats.err_mean[i], sd = model->stats.err_sd[i];
		sum += squared ? mean * mean + sd * sd : mean;
	}
	return sum / (double)model->stats.err_count;
}

/* Whether the training rows show a loss, *loss, that is no better than *of_mean_row. The loss of an epoch is a mean
   over it, in which the weights still moved: where that is no better, the last weights count. 1: no better, 0: better,
   -1: failed. */
static int learned_nothing(double *loss, double *of_mean_row, const struct ae_model *model,
	const struct ae_train_data *train, struct ae_session *session, const double *mean_row, struct ae_error *err)
{
	const struct ae_shape *out = ae_net_output(model->net);
	double last = final_loss(model);
	if (!isnan(last))
		*loss = fmin(*loss, last);
	if (ae_train_row_loss(&model->settings, out, mean_row, train, *loss, of_mean_row, err) != 0)
		return -1;
	if (*loss < *of_mean_row || !(*of_mean_row > 0))
		return 0;
	if (isnan(last) && ae_session_evaluate(session, train, loss, err) != 0)
		return -1;
	return !(*loss < *of_mean_row);
}

int ae_model_warn_loss(struct ae_model *model, struct ae_session *session, const struct ae_train_data *train,
	const struct ae_train_data *valid, const double *mean_row, struct ae_error *err)
{
	struct ae_session_result result = ae_session_result(session);
	char a[NUMBER], b[NUMBER];
	double of_mean_row;
	if (result.epochs == 0)
		return 0;
	int nothing = learned_nothing(&result.loss, &of_mean_row, model, train, session, mean_row, err);
	if (nothing < 0)
		return -1;
	if (nothing)
		return add_warning(model, err,
			"the loss on the training rows, %s, is no better than %s, that of giving every row "
			"their mean: try more epochs, another --lr, scaled rows or another network",
			number(a, result.loss), number(b, of_mean_row));
	if (isnan(result.valid_loss))
		return 0;
	struct ae_train_settings untrimmed = model->settings;
	untrimmed.trim = 0;
	if (ae_train_row_loss(
		    &untrimmed, ae_net_output(model->net), mean_row, valid, result.valid_loss, &of_mean_row, err) != 0)
		return -1;
	if (result.valid_loss >= of_mean_row && of_mean_row > 0)
		return add_warning(model, err,
			"the validation loss, %s, is no better than %s, that of giving every row the mean of "
			"the training rows: what was learned does not hold for these rows",
			number(a, result.valid_loss), number(b, of_mean_row));
	return 0;
}

/* ---- units ---- */

static int warn_latents(struct ae_model *model, const struct ae_constant_units *found, struct ae_error *err)
{
	char zero[60] = "", which[60] = "the latent unit is";
	bool all = found->constant == found->units;
	if (found->zero == found->constant)
		snprintf(zero, sizeof(zero), ", always 0");
	else if (found->zero)
		snprintf(zero, sizeof(zero), ", %zu of them always 0", found->zero);
	if (found->units > 1 && all)
		snprintf(which, sizeof(which), "all %zu latent units are", found->units);
	else if (found->units > 1)
		snprintf(which, sizeof(which), "%zu of %zu latent units %s", found->constant, found->units,
			found->constant > 1 ? "are" : "is");
	return add_warning(model, err,
		"%s constant over the training rows%s: %s; a lower --lr, or an activation such as elu or leakyrelu, "
		"may keep "
		"it alive",
		which, zero, all ? "every row gets the same reconstruction" : "the network is narrower than it looks");
}

int ae_model_warn_units(struct ae_model *model, const struct ae_train_data *train, int threads, struct ae_error *err)
{
	struct ae_constant_units found = {.units = 1};
	bool has_latents = ae_net_encoder_layers(model->net) < ae_net_layers(model->net);
	if (has_latents && ae_train_constant_units(&found, model->net, AE_NET_ENCODER, train, threads,
				   AE_CONSTANT_LATENT, false, err) != 0)
		return -1;
	if (found.constant > 0 && warn_latents(model, &found, err) != 0)
		return -1;
	if (found.alike || found.constant == found.units)
		return 0;
	if (ae_train_constant_units(&found, model->net, AE_NET_WHOLE, train, threads, AE_CONSTANT_OUTPUT, true, err) !=
		0)
		return -1;
	if (found.constant < found.units)
		return 0;
	return add_warning(model, err,
		"the output is the same for all training rows: a lower --lr, or an activation such as elu or "
		"leakyrelu, may "
		"keep the network alive");
}
