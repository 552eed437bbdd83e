/* SPDX-License-Identifier: MIT */
/* From a label to what it means. */
#include "eval/truth.h"

#include <string.h>

#include "core/number.h"

enum ae_truth ae_truth_of(const struct ae_labels *labels, const struct ae_data *column, size_t row)
{
	size_t len;
	const char *wanted = labels->normal ? labels->normal : labels->anomaly;
	const char *label = ae_data_text(column, row, &len);
	bool unlabelled = ae_number_is_missing(label, len),
	     wants_unlabelled = ae_number_is_missing(wanted, strlen(wanted));
	if (unlabelled && !wants_unlabelled)
		return AE_TRUTH_NONE;
	bool is_wanted = unlabelled || ae_number_same_text(label, len, wanted, strlen(wanted));
	return is_wanted == (labels->anomaly != NULL) ? AE_TRUTH_ANOMALY : AE_TRUTH_NORMAL;
}
