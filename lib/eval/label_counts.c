/* SPDX-License-Identifier: MIT */
#include "eval/label_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ae_label_counts_add(
	struct ae_label_counts *tally, const struct ae_data *labels, size_t first, size_t rows, struct ae_error *err)
{
	for (size_t row = first; row < first + rows; row++) {
		size_t len, i = 0;
		const char *text = ae_data_text(labels, row, &len);
		while (i < tally->count &&
			(strlen(tally->entries[i].label) != len || memcmp(tally->entries[i].label, text, len) != 0))
			i++;
		if (i == AE_TALLY_LABELS) {
			tally->others++;
			continue;
		}
		if (i == tally->count) {
			tally->entries[i].label = ae_strndup(text, len, err);
			if (!tally->entries[i].label)
				return -1;
			tally->count++;
		}
		tally->entries[i].rows++;
	}
	return 0;
}

char *ae_label_counts_format(const struct ae_label_counts *tally, char *text, size_t size)
{
	size_t used = 0;
	*text = '\0';
	for (size_t i = 0; i < tally->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s: %llu", i ? ", " : "", tally->entries[i].label,
			(unsigned long long)tally->entries[i].rows);
	if (tally->others && used < size)
		snprintf(text + used, size - used, ", others: %llu", (unsigned long long)tally->others);
	return text;
}

void ae_label_counts_free(struct ae_label_counts *tally)
{
	for (size_t i = 0; i < tally->count; i++)
		free(tally->entries[i].label);
	*tally = (struct ae_label_counts){0};
}
