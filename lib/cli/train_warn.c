/* SPDX-License-Identifier: MIT */
/* Warnings of training that works and is of no use. */
#include "cli/train_warn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/lineage.h"
#include "net/net.h"
#include "train/baseline.h"

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

/* The ranges of the columns; a column without values has low > high. */
static int find_ranges(struct range *ranges, size_t columns, const struct ae_dataset *d, struct ae_error *err)
{
	size_t n = ae_shape_size(&d->x.shape), bytes = n * ae_type_size(d->x.type);
	double *row = ae_calloc(n, sizeof(*row), err);
	if (!row)
		return -1;
	for (size_t j = 0; j < columns; j++)
		ranges[j] = (struct range){INFINITY, -INFINITY};
	for (size_t i = 0; i < d->rows; i++) {
		ae_to_f64(row, d->x_data.values.data + i * bytes, d->x.type, n);
		for (size_t e = 0, j = 0; e < n; e++, j = j + 1 < columns ? j + 1 : 0) {
			ranges[j].low = row[e] < ranges[j].low ? row[e] : ranges[j].low;
			ranges[j].high = row[e] > ranges[j].high ? row[e] : ranges[j].high;
		}
	}
	free(row);
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

/* `loss` is the mean over the last epoch, in which the weights still moved: only where that is no better, the rows are
   looked at again under the weights as they are now. 1: they are no better either, 0: they are, -1: failed. */
static int learned_nothing(
	double *loss, double mean_row, const struct ae_train_run *run, struct ae_session *session, struct ae_error *err)
{
	if (*loss < mean_row || !(mean_row > 0))
		return 0;
	if (ae_session_evaluate(session, &run->train, loss, err) != 0)
		return -1;
	return !(*loss < mean_row);
}

int ae_train_warn_loss(
	const struct ae_model *model, const struct ae_train_run *run, struct ae_session *session, struct ae_error *err)
{
	struct ae_session_result result = ae_session_result(session);
	const struct ae_shape *out = ae_net_output(model->net);
	double mean_row;
	if (!run->summary || result.epochs == 0)
		return 0;
	if (ae_train_mean_row_loss(&model->settings, out, &run->train, &run->train, &mean_row, err) != 0)
		return -1;
	int nothing = learned_nothing(&result.loss, mean_row, run, session, err);
	if (nothing < 0)
		return -1;
	if (nothing) {
		fprintf(stderr,
			"%s: the loss on the training rows, %.6g, is no better than %.6g, that of giving every row "
			"their mean: try more epochs, another --lr, scaled rows or another network\n",
			run->program, result.loss, mean_row);
		return 0;
	}
	if (isnan(result.valid_loss))
		return 0;
	if (ae_train_mean_row_loss(&model->settings, out, &run->train, &run->valid, &mean_row, err) != 0)
		return -1;
	if (result.valid_loss >= mean_row && mean_row > 0)
		fprintf(stderr,
			"%s: the validation loss, %.6g, is no better than %.6g, that of giving every row the mean of "
			"the training rows: what was learned does not hold for these rows\n",
			run->program, result.valid_loss, mean_row);
	return 0;
}
