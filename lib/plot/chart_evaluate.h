/* SPDX-License-Identifier: MIT */
/* For kinds of charts that hold verdicts or scores against labels: chart->state is a struct ae_evaluate. */
#ifndef AE_PLOT_CHART_EVALUATE_H
#define AE_PLOT_CHART_EVALUATE_H

#include "eval/evaluate.h"
#include "plot/chart.h"

/* As in struct ae_chart_kind; begin() needs a column of the role too. */
int ae_chart_evaluate_check(const struct ae_chart *chart, struct ae_error *err) AE_MUST_CHECK;
int ae_chart_evaluate_begin(struct ae_chart *chart, enum ae_role role, struct ae_error *err) AE_MUST_CHECK;
int ae_chart_evaluate_add(struct ae_chart *chart, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
void ae_chart_evaluate_free(struct ae_chart *chart);

#endif
