/* SPDX-License-Identifier: MIT */
/* Room for what lineages and thresholds call a metric with its modifiers, as "mae,standardise,worst:0.05,last". */
#ifndef AE_MODEL_METRIC_TEXT_H
#define AE_MODEL_METRIC_TEXT_H

#define AE_METRIC_TEXT 80

#endif
