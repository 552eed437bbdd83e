/* SPDX-License-Identifier: MIT */
/* Statistics of the numbers of a stream, cell by cell. */
#include "eval/stats.h"

#include <math.h>
#include <stdlib.h>

#include "core/number.h"

size_t ae_stats_cells(const struct ae_column *column)
{
	return column->type == AE_TEXT ? 0 : ae_shape_size(&column->shape);
}

static void add(struct ae_stats_cell *cell, double value)
{
	if (isnan(value)) {
		cell->missing++;
		return;
	}
	value = ae_number_finite(value); /* an infinite score is the largest number of its sign */
	bool first = cell->moments.running.count == 0;
	cell->least = first || value < cell->least ? value : cell->least;
	cell->most = first || value > cell->most ? value : cell->most;
	ae_offset_moments_add(&cell->moments, value);
}

int ae_stats_add(
	struct ae_stats *stats, const struct ae_schema *schema, const struct ae_batch *batch, struct ae_error *err)
{
	if (!stats->cells) {
		for (size_t i = 0; i < schema->count; i++)
			stats->count += ae_stats_cells(&schema->cols[i]);
		stats->cells = ae_calloc(stats->count, sizeof(*stats->cells), err);
		if (!stats->cells)
			return -1;
	}
	struct ae_stats_cell *cells = stats->cells;
	for (size_t i = 0; i < schema->count; i++) {
		const struct ae_column *c = &schema->cols[i];
		size_t n = ae_stats_cells(c), size = ae_type_size(c->type);
		for (size_t k = 0; k < batch->rows * n; k++) {
			double value;
			ae_to_f64(&value, batch->cols[i]->values.data + k * size, c->type, 1);
			add(&cells[k % n], c->role == AE_PRED && value == AE_PRED_NONE ? NAN : value);
		}
		cells += n;
	}
	return 0;
}

void ae_stats_free(struct ae_stats *stats)
{
	free(stats->cells);
	*stats = (struct ae_stats){0};
}
