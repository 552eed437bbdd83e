/* SPDX-License-Identifier: MIT */
/* Scores of several rows at once have the bits of those that are made row by row. */
#include "check.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/score.h"
#include "model/score_rows.h"

enum { MOST = 150 };

static uint32_t draw(void)
{
	static uint64_t state = 88172645463325252u; /* xorshift (Marsaglia 2003) */
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

/* Mostly of one size, at times any bits, which may be NaN, infinite, beyond or nearly 0. */
static float value(uint32_t odd)
{
	float v = ((float)draw() - 0x1p31f) * 0x1p-30f;
	if (odd && draw() % odd == 0) {
		uint32_t bits = draw();
		memcpy(&v, &bits, sizeof(v));
	}
	return v;
}

/* How many groups of rows were plain. */
static unsigned check_metric(const struct ae_metric *metric, uint32_t odd)
{
	float recon[AE_SCORE_ROWS][MOST], reference[AE_SCORE_ROWS][MOST];
	double score[AE_SCORE_ROWS], left[MOST], right[MOST];
	size_t n = draw() % MOST;
	for (size_t r = 0; r < AE_SCORE_ROWS; r++)
		for (size_t i = 0; i < MOST; i++) {
			recon[r][i] = value(odd);
			reference[r][i] = value(odd);
		}
	if (!metric->rows(recon[0], reference[0], MOST, n, score))
		return 0;
	for (size_t r = 0; r < AE_SCORE_ROWS; r++) {
		for (size_t i = 0; i < n; i++) {
			left[i] = (double)recon[r][i];
			right[i] = (double)reference[r][i];
		}
		double want = metric->row(left, right, n);
		CHECK(memcmp(&want, &score[r], sizeof(want)) == 0, "%s of %zu: %.17g, not %.17g", metric->name, n,
			score[r], want);
	}
	return 1;
}

int main(void)
{
	const char *name;
	for (size_t i = 0; (name = ae_metric_name(i)); i++) {
		const struct ae_metric *metric = ae_metric_find(name);
		unsigned plain = 0;
		for (int n = 0; metric->rows && n < 3000; n++)
			plain += check_metric(metric, n % 3 ? 300 : 0);
		CHECK(!metric->rows || (plain > 1000 && plain < 3000), "%s: %u of 3000 were plain", name, plain);
	}
	return check_done();
}
