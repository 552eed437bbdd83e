/* SPDX-License-Identifier: MIT */
/* What charts of labels share: options, columns and rows. */
#include "plot/chart_evaluate.h"

#include <stdlib.h>

void ae_chart_evaluate_free(struct ae_chart *chart)
{
	if (chart->state)
		ae_evaluate_free(chart->state);
	free(chart->state);
}

int ae_chart_evaluate_check(const struct ae_chart *chart, struct ae_error *err)
{
	const struct ae_evaluate e = {.normal = chart->options->normal, .anomaly = chart->options->anomaly};
	return ae_evaluate_check(&e, err);
}

int ae_chart_evaluate_begin(struct ae_chart *chart, enum ae_role role, struct ae_error *err)
{
	struct ae_evaluate *e = chart->state = ae_calloc(1, sizeof(*e), err);
	size_t column;
	if (!e)
		return -1;
	e->normal = chart->options->normal;
	e->anomaly = chart->options->anomaly;
	return ae_schema_need(chart->schema, role, &column, err) != 0 ? -1 : ae_evaluate_begin(e, chart->schema, err);
}

int ae_chart_evaluate_add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err)
{
	for (size_t row = 0; row < batch->rows; row++)
		if (ae_evaluate_row(chart->state, batch, row, err) != 0)
			return -1;
	return 0;
}
