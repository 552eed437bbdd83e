/* SPDX-License-Identifier: MIT */
/* The parts of moments that are not done for every value. */
#include "core/moments.h"

/* From this size on values are taken in another unit, a power of two, in which the squares of all doubles are finite.
 */
#define LARGE 1e140
#define UNIT 0x1p600

static void to_unit(struct ae_offset_moments *moments)
{
	moments->unit = UNIT;
	moments->running.mean /= UNIT;
	moments->running.m2 = moments->running.m2 / UNIT / UNIT;
	moments->blocks.mean /= UNIT;
	moments->blocks.m2 = moments->blocks.m2 / UNIT / UNIT;
	moments->low /= UNIT;
	moments->offset /= UNIT;
	moments->sum /= UNIT;
	moments->squares = moments->squares / UNIT / UNIT;
	moments->limit = 0;
}

double ae_offset_moments_prepare(struct ae_offset_moments *moments, double value)
{
	if (moments->unit == 0 && fabs(value) < LARGE) {
		moments->limit = LARGE;
		return value;
	}
	if (moments->unit == 0)
		to_unit(moments);
	return value / UNIT;
}

/* Adds a series of `count` values, whose mean is mean + low, to the blocks. */
static void add_block(struct ae_offset_moments *moments, double count, double mean, double low, double m2)
{
	struct ae_moments *blocks = &moments->blocks;
	if (count == 0)
		return;
	if (blocks->count == 0) {
		*blocks = (struct ae_moments){count, mean, m2};
		moments->low = low;
		return;
	}
	double all = blocks->count + count, delta = (mean - blocks->mean) + (low - moments->low);
	double step = moments->low + delta * (count / all);
	blocks->m2 += m2 + delta * delta * (blocks->count * (count / all));
	/* The sum of two doubles and what it leaves out (Knuth, TAOCP 2, 4.2.2). */
	double sum = blocks->mean + step, part = sum - blocks->mean;
	moments->low = (blocks->mean - (sum - part)) + (step - part);
	blocks->mean = sum;
	blocks->count = all;
}

void ae_offset_moments_end_block(struct ae_offset_moments *moments)
{
	double count = moments->running.count - moments->blocks.count;
	if (count > 0) {
		double about = moments->sum / count, m2 = moments->squares - moments->sum * about;
		add_block(moments, count, moments->offset, about, m2 > 0 ? m2 : 0);
	}
	moments->sum = moments->squares = 0;
	moments->left = 0;
}

void ae_offset_moments_merge(struct ae_offset_moments *moments, const struct ae_offset_moments *other)
{
	struct ae_offset_moments more = *other;
	if (more.unit != 0 && moments->unit == 0)
		to_unit(moments);
	else if (more.unit == 0 && moments->unit != 0)
		to_unit(&more);
	ae_offset_moments_end_block(moments);
	ae_offset_moments_end_block(&more);
	ae_moments_merge(&moments->running, &more.running);
	add_block(moments, more.blocks.count, more.blocks.mean, more.low, more.blocks.m2);
}

void ae_offset_moments_get(const struct ae_offset_moments *moments, double *mean, double *sd)
{
	struct ae_offset_moments all = *moments;
	ae_offset_moments_end_block(&all);
	double exact = all.blocks.mean + all.low, spread = ae_moments_sd(&all.blocks);
	*mean = all.running.mean;
	*sd = ae_moments_sd(&all.running);
	/* A billionth of the deviation is less than f32 resolves. */
	if (spread > 0 && fabs(exact - *mean) + fabs(spread - *sd) > 1e-9 * spread) {
		*mean = exact;
		*sd = spread;
	}
	if (all.unit != 0) {
		*mean *= all.unit;
		*sd *= all.unit;
	}
}
