/* SPDX-License-Identifier: MIT */
#include "eval/evaluate.h"

#include <math.h>
#include <string.h>

#include "core/number.h"

int ae_evaluate_check(const struct ae_evaluate *m, struct ae_error *err)
{
	if (!m->normal == !m->anomaly)
		return ae_fail_usage(err, "either --normal LABEL or --anomaly LABEL is required");
	return 0;
}

int ae_evaluate_begin(struct ae_evaluate *m, const struct ae_schema *schema, struct ae_error *err)
{
	m->pred = ae_schema_find(schema, AE_PRED);
	m->score = ae_schema_score(schema);
	if (ae_schema_need(schema, AE_LABEL, &m->label, err) != 0)
		return -1;
	if (m->pred == AE_NO_COLUMN && m->score == AE_NO_COLUMN)
		return ae_fail(err, "neither pred nor err to measure");
	return ae_metrics_new(&m->metrics, err);
}

int ae_evaluate_row(struct ae_evaluate *m, const struct ae_batch *batch, size_t row, struct ae_error *err)
{
	size_t len;
	const char *wanted = m->normal ? m->normal : m->anomaly;
	const char *label = ae_data_text(batch->cols[m->label], row, &len);
	bool is_wanted = ae_number_same_text(label, len, wanted, strlen(wanted));
	uint8_t verdict = AE_PRED_NONE;
	double score = NAN;
	if (m->pred != AE_NO_COLUMN)
		verdict = batch->cols[m->pred]->values.data[row];
	if (m->score != AE_NO_COLUMN)
		memcpy(&score, batch->cols[m->score]->values.data + row * sizeof(score), sizeof(score));
	m->found |= is_wanted;
	if (ae_label_counts_add(&m->labels, batch->cols[m->label], row, 1, err) != 0)
		return -1;
	return ae_metrics_add(m->metrics, is_wanted == (m->anomaly != NULL), verdict, score, err);
}

int ae_evaluate_end(const struct ae_evaluate *m, struct ae_error *err)
{
	char labels[600];
	if (m->labels.count == 0)
		return ae_fail(err, "no rows to measure");
	if (m->found)
		return 0;
	return ae_fail(err, "--%s %s: no row has that label; there are %s", m->normal ? "normal" : "anomaly",
		m->normal ? m->normal : m->anomaly, ae_label_counts_format(&m->labels, labels, sizeof(labels)));
}

void ae_evaluate_free(struct ae_evaluate *m)
{
	ae_metrics_free(m->metrics);
	ae_label_counts_free(&m->labels);
	m->metrics = NULL;
}
