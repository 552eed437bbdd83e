/* SPDX-License-Identifier: MIT */
/* Counts the labels of a stream. */
#include "eval/label_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/text.h"

int ae_label_counts_add(
	struct ae_label_counts *counts, const struct ae_data *labels, size_t first, size_t rows, struct ae_error *err)
{
	for (size_t row = first; row < first + rows; row++) {
		size_t len, i = 0;
		const char *text = ae_data_text(labels, row, &len);
		if (ae_number_is_missing(text, len))
			len = 0;
		while (i < counts->count &&
			(strlen(counts->entries[i].label) != len || memcmp(counts->entries[i].label, text, len) != 0))
			i++;
		if (i == AE_LABEL_COUNTS_MOST) {
			counts->others++;
			continue;
		}
		if (i == counts->count) {
			counts->entries[i].label = ae_strndup(text, len, err);
			if (!counts->entries[i].label)
				return -1;
			counts->count++;
		}
		counts->entries[i].rows++;
	}
	return 0;
}

char *ae_label_counts_format(const struct ae_label_counts *counts, char *text, size_t size)
{
	size_t used = 0;
	char label[200];
	*text = '\0';
	for (size_t i = 0; i < counts->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %llu", i ? ", " : "",
			*counts->entries[i].label ? ae_escape_controls(label, sizeof(label), counts->entries[i].label)
						  : "(empty)",
			(unsigned long long)counts->entries[i].rows);
	if (counts->others && used < size)
		snprintf(text + used, size - used, ", others: %llu", (unsigned long long)counts->others);
	return text;
}

int ae_label_counts_fail(
	const struct ae_label_counts *counts, const char *normal, const char *anomaly, struct ae_error *err)
{
	char labels[600];
	return ae_fail(err, "--%s %s: no row has that label; there are %s", normal ? "normal" : "anomaly",
		normal ? normal : anomaly, ae_label_counts_format(counts, labels, sizeof(labels)));
}

void ae_label_counts_free(struct ae_label_counts *counts)
{
	for (size_t i = 0; i < counts->count; i++)
		free(counts->entries[i].label);
	*counts = (struct ae_label_counts){0};
}
