/* SPDX-License-Identifier: MIT */
/* Evaluates a stream: reads label, verdict and score of each row into the metrics. */
#include "eval/evaluate.h"

#include <math.h>
#include <string.h>

#include "eval/truth.h"

int ae_evaluate_check(const struct ae_evaluate *e, struct ae_error *err)
{
	if (!e->normal == !e->anomaly)
		return ae_fail_usage(err, "either --normal LABEL or --anomaly LABEL is required");
	return 0;
}

int ae_evaluate_begin(struct ae_evaluate *e, const struct ae_schema *schema, struct ae_error *err)
{
	e->pred = ae_schema_find(schema, AE_PRED);
	e->score = ae_schema_score(schema);
	if (ae_schema_need(schema, AE_LABEL, &e->label, err) != 0)
		return -1;
	if (e->pred == AE_NO_COLUMN && e->score == AE_NO_COLUMN)
		return ae_fail(err, "neither pred nor err to measure");
	return ae_metrics_new(&e->metrics, err);
}

int ae_evaluate_read(
	struct ae_evaluate *e, const struct ae_batch *batch, size_t row, struct ae_judged *judged, struct ae_error *err)
{
	const struct ae_labels labels = {e->normal, e->anomaly};
	enum ae_truth truth = ae_truth_of(&labels, batch->cols[e->label], row);
	*judged = (struct ae_judged){.verdict = AE_PRED_NONE, .score = NAN};
	if (truth == AE_TRUTH_NONE) {
		e->no_label++;
		return 0;
	}
	judged->labelled = true;
	judged->anomaly = truth == AE_TRUTH_ANOMALY;
	if (e->pred != AE_NO_COLUMN)
		judged->verdict = batch->cols[e->pred]->values.data[row];
	if (e->score != AE_NO_COLUMN)
		memcpy(&judged->score, batch->cols[e->score]->values.data + row * sizeof(double), sizeof(double));
	e->found |= judged->anomaly == (e->anomaly != NULL);
	return ae_label_counts_add(&e->labels, batch->cols[e->label], row, 1, err);
}

int ae_evaluate_row(struct ae_evaluate *e, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	struct ae_judged judged;
	if (ae_evaluate_read(e, batch, row, &judged, err) != 0)
		return -1;
	return judged.labelled ? ae_metrics_add(e->metrics, judged.anomaly, judged.verdict, judged.score, err) : 0;
}

int ae_evaluate_end(const struct ae_evaluate *e, struct ae_error *err)
{
	if (e->labels.count == 0 && e->no_label > 0)
		return ae_fail(err, "no row has a label");
	if (e->labels.count == 0)
		return ae_fail(err, "no rows to measure");
	return e->found ? 0 : ae_label_counts_fail(&e->labels, e->normal, e->anomaly, err);
}

void ae_evaluate_free(struct ae_evaluate *e)
{
	ae_metrics_free(e->metrics);
	ae_label_counts_free(&e->labels);
	e->metrics = NULL;
}
