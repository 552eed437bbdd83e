/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use. */
#include "cli/train_warn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/lineage.h"
#include "net/net.h"
#include "train/baseline.h"
#include "train/loss.h"

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

static int find_ranges(struct range *ranges, size_t columns, const struct ae_dataset *d, struct ae_error *err)
{
	double *low = ae_calloc(columns, 2 * sizeof(*low), err);
	if (!low)
		return -1;
	double *high = low + columns;
	ae_dataset_ranges(d, columns, low, high);
	for (size_t j = 0; j < columns; j++)
		ranges[j] = (struct range){low[j], high[j]};
	free(low);
	return 0;
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
static void name_column(const struct ae_column *x, size_t j, char *text, size_t size)
{
	if (x->shape.rank == 1)
		ae_column_element_name(x, j, text, size);
	else if (x->feature_count == x->shape.dim[x->shape.rank - 1])
		snprintf(text, size, "%s", x->features[j]);
	else
		snprintf(text, size, "channel %zu", j + 1);
}

static void note_ranges(const struct ae_dataset *d, const struct range *ranges, size_t columns,
	const struct ae_program *program, const struct ae_common *common)
{
	char wide[200], narrow[200];
	size_t large = 0, small = 0;
	double factor = compare(ranges, columns, width, &large, &small);
	if (factor < AE_UNLIKE_RANGES)
		factor = compare(ranges, columns, magnitude, &large, &small);
	if (factor < AE_UNLIKE_RANGES)
		return;
	name_column(&d->x, large, wide, sizeof(wide));
	name_column(&d->x, small, narrow, sizeof(narrow));
	ae_note(program, common,
		"x is not scaled, and its columns are unlike by a factor of %.3g: \"%s\" goes from %.6g to %.6g, "
		"\"%s\" from %.6g to %.6g; the loss hardly sees the small ones: scale first, with ae-normalize --fit "
		"standard",
		factor, wide, ranges[large].low, ranges[large].high, narrow, ranges[small].low, ranges[small].high);
}

int ae_train_warn_ranges(const struct ae_dataset *d, const struct ae_program *program, const struct ae_common *common,
	struct ae_error *err)
{
	bool scaled;
	size_t columns = d->x.shape.rank > 0 ? d->x.shape.dim[d->x.shape.rank - 1] : 1;
	if (ae_lineage_has_scaler(&d->schema.lineage, &scaled, err) != 0)
		return -1;
	if (common->quiet || scaled || d->x.type == AE_U8 || columns < 2)
		return 0;
	struct range *ranges = ae_calloc(columns, sizeof(*ranges), err);
	int rc = ranges ? find_ranges(ranges, columns, d, err) : -1;
	if (rc == 0)
		note_ranges(d, ranges, columns, program, common);
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
	for (size_t i = 0; i < model->err_count; i++) {
		double mean = model->err_mean[i], sd = model->err_sd[i];
		sum += squared ? mean * mean + sd * sd : mean;
	}
	return sum / (double)model->err_count;
}

/* Whether the training rows show a loss, *loss, that is no better than *of_mean_row. The loss of an epoch is a mean
   over it, in which the weights still moved: where that is no better, the last weights count. 1: no better, 0: better,
   -1: failed. */
static int learned_nothing(double *loss, double *of_mean_row, const struct ae_model *model,
	const struct ae_train_run *run, struct ae_session *session, const double *mean_row, struct ae_error *err)
{
	const struct ae_shape *out = ae_net_output(model->net);
	double last = final_loss(model);
	if (!isnan(last))
		*loss = fmin(*loss, last);
	if (ae_train_row_loss(&model->settings, out, mean_row, &run->train, *loss, of_mean_row, err) != 0)
		return -1;
	if (*loss < *of_mean_row || !(*of_mean_row > 0))
		return 0;
	if (isnan(last) && ae_session_evaluate(session, &run->train, loss, err) != 0)
		return -1;
	return !(*loss < *of_mean_row);
}

int ae_train_warn_loss(const struct ae_model *model, const struct ae_train_run *run, struct ae_session *session,
	const double *mean_row, struct ae_error *err)
{
	struct ae_session_result result = ae_session_result(session);
	double of_mean_row;
	if (result.epochs == 0)
		return 0;
	int nothing = learned_nothing(&result.loss, &of_mean_row, model, run, session, mean_row, err);
	if (nothing < 0)
		return -1;
	if (nothing) {
		fprintf(stderr,
			"%s: the loss on the training rows, %.6g, is no better than %.6g, that of giving every row "
			"their mean: try more epochs, another --lr, scaled rows or another network\n",
			run->program, result.loss, of_mean_row);
		return 0;
	}
	if (isnan(result.valid_loss))
		return 0;
	struct ae_train_settings untrimmed = model->settings;
	untrimmed.trim = 0;
	if (ae_train_row_loss(&untrimmed, ae_net_output(model->net), mean_row, &run->valid, result.valid_loss,
		    &of_mean_row, err) != 0)
		return -1;
	if (result.valid_loss >= of_mean_row && of_mean_row > 0)
		fprintf(stderr,
			"%s: the validation loss, %.6g, is no better than %.6g, that of giving every row the mean of "
			"the training rows: what was learned does not hold for these rows\n",
			run->program, result.valid_loss, of_mean_row);
	return 0;
}

int ae_train_check_optimizer(const struct ae_train_settings *settings, const struct ae_program *program,
	const struct ae_common *common, struct ae_error *err)
{
	const struct ae_optimizer *optimizer = ae_optimizer_named(settings->optimizer);
	if (ae_opt_given(program, "weight-decay") && !optimizer->decays_weights)
		return ae_fail_usage(err, "weight decay: optimizer %s has none", optimizer->name);
	if (ae_opt_given(program, "momentum") && !optimizer->takes_momentum)
		ae_note(program, common, "momentum: optimizer %s has none", optimizer->name);
	return 0;
}
