/* SPDX-License-Identifier: MIT */
/* Rolling mean, exponentially weighted mean, median and quantile. */
#include "core/rolling.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/exact_sum.h"
#include "core/number.h"
#include "core/quantile.h"

static const char *const words[] = {"mean", "ewma", "median"};

const char *ae_rolling_word(size_t i)
{
	return i < sizeof(words) / sizeof(*words) ? words[i] : NULL;
}

int ae_rolling_parse(struct ae_rolling *rolling, const char *what, const char *text, struct ae_error *err)
{
	const char *colon = strchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strlen(words[i]) != len || strncmp(words[i], text, len) != 0)
			continue;
		rolling->kind = (enum ae_rolling_kind)i;
		if (!colon || ae_parse_u64(&rolling->n, colon + 1, 1, AE_ROLLING_MOST) != 0)
			return ae_fail_usage(err, "%s %s: expected a whole number from 1 to %d behind \"%s:\"", what,
				text, AE_ROLLING_MOST, words[i]);
		return 0;
	}
	return ae_fail_word(err, what, text, ae_rolling_word);
}

char *ae_rolling_format(const struct ae_rolling *rolling, char text[AE_ROLLING_TEXT])
{
	snprintf(text, AE_ROLLING_TEXT, "%s:%llu", words[rolling->kind], (unsigned long long)rolling->n);
	return text;
}

/* kept[0] says how many numbers there were. Then comes ewma's value, or the ring of the last N: number i stands at
   place i % N, from 0 on. */

struct ae_rolling ae_rolling_with_room(const struct ae_rolling *rolling, double count)
{
	enum { FIRST = 8 };
	struct ae_rolling with = *rolling;
	if (rolling->kind == AE_ROLLING_EWMA || rolling->n <= FIRST || count >= (double)rolling->n)
		return with;
	with.n = FIRST;
	if (count > FIRST)
		with.n = (uint64_t)1 << (64 - __builtin_clzll((unsigned long long)ceil(count) - 1));
	with.n = with.n < rolling->n ? with.n : rolling->n;
	return with;
}

size_t ae_rolling_kept(const struct ae_rolling *rolling)
{
	return rolling->kind == AE_ROLLING_EWMA ? 2 : 1 + rolling->n;
}

/* Of the median and the quantile: two heaps of places in the ring. The lower part, to which the quantile belongs, of
   the numbers is heap[0] to heap[low - 1], its largest first; the upper half is heap[N - 1], its smallest, down to
   heap[N - high]. */
struct halves {
	uint32_t low, high;
	uint32_t heap[]; /* N, and then for each place of the ring where in the heap it stands */
};

size_t ae_rolling_derived(const struct ae_rolling *rolling)
{
	switch (rolling->kind) {
	case AE_ROLLING_MEAN:
		return (sizeof(struct ae_exact_sum) + sizeof(double) - 1) / sizeof(double);
	case AE_ROLLING_MEDIAN:
	case AE_ROLLING_QUANTILE:
		return 1 + rolling->n; /* two counts and 2 N places, half a double each */
	default:
		return 0;
	}
}

/* ---- the quantile, and the median, which is that of 0.5 ---- */

struct quantile {
	struct halves *halves;
	const double *ring;
	uint32_t n;
	double q;
};

static bool is_halved(const struct ae_rolling *rolling)
{
	return rolling->kind == AE_ROLLING_MEDIAN || rolling->kind == AE_ROLLING_QUANTILE;
}

static struct quantile quantile_of(const struct ae_rolling *rolling, const double *kept, double *derived)
{
	return (struct quantile){
		(void *)derived, kept + 1, (uint32_t)rolling->n, rolling->kind == AE_ROLLING_MEDIAN ? 0.5 : rolling->q};
}

/* Element i of a half's heap, the root is 0. */
static uint32_t *slot(const struct quantile *m, bool upper, uint32_t i)
{
	return &m->halves->heap[upper ? m->n - 1 - i : i];
}

static double value_at(const struct quantile *m, bool upper, uint32_t i)
{
	return m->ring[*slot(m, upper, i)];
}

static void place(const struct quantile *m, bool upper, uint32_t i, uint32_t number)
{
	uint32_t *at = slot(m, upper, i);
	*at = number;
	m->halves->heap[m->n + number] = (uint32_t)(at - m->halves->heap);
}

/* Whether a stands nearer to the root than b. */
static bool is_before(bool upper, double a, double b)
{
	return upper ? a < b : a > b;
}

static uint32_t sift_up(const struct quantile *m, bool upper, uint32_t i)
{
	uint32_t number = *slot(m, upper, i);
	while (i > 0 && is_before(upper, m->ring[number], value_at(m, upper, (i - 1) / 2))) {
		place(m, upper, i, *slot(m, upper, (i - 1) / 2));
		i = (i - 1) / 2;
	}
	place(m, upper, i, number);
	return i;
}

static void sift_down(const struct quantile *m, bool upper, uint32_t i)
{
	uint32_t size = upper ? m->halves->high : m->halves->low, number = *slot(m, upper, i), child;
	while ((child = 2 * i + 1) < size) {
		if (child + 1 < size && is_before(upper, value_at(m, upper, child + 1), value_at(m, upper, child)))
			child++;
		if (!is_before(upper, value_at(m, upper, child), m->ring[number]))
			break;
		place(m, upper, i, *slot(m, upper, child));
		i = child;
	}
	place(m, upper, i, number);
}

/* The number at this place of the ring is new, and `full` says that it replaces another one. */
static void update_quantile(const struct quantile *m, uint32_t number, bool full)
{
	struct halves *h = m->halves;
	uint32_t i;
	bool upper;
	if (full) {
		uint32_t at = h->heap[m->n + number];
		upper = at >= h->low;
		i = upper ? m->n - 1 - at : at;
	} else {
		/* As many of n numbers are at or below the quantile, one more than (n - 1) q in whole. */
		upper = h->low > (uint32_t)((double)(h->low + h->high) * m->q);
		i = upper ? h->high++ : h->low++;
		place(m, upper, i, number);
	}
	sift_down(m, upper, sift_up(m, upper, i));
	if (h->low == 0 || h->high == 0 || value_at(m, false, 0) <= value_at(m, true, 0))
		return;
	uint32_t root = *slot(m, false, 0);
	place(m, false, 0, *slot(m, true, 0));
	place(m, true, 0, root);
	sift_down(m, false, 0);
	sift_down(m, true, 0);
}

static double median_value(const double *ring, const struct halves *h, uint64_t n)
{
	double a = ring[h->heap[0]];
	if (h->low > h->high)
		return a;
	double b = ring[h->heap[n - 1]], sum = a + b;
	return isinf(sum) ? a / 2 + b / 2 : sum / 2;
}

static double quantile_value(const struct ae_rolling *rolling, const double *ring, const struct halves *h)
{
	const uint32_t *heap = h->heap;
	double at = (double)(h->low + h->high - 1) * rolling->q;
	if (h->high == 0)
		return ring[heap[0]];
	const double around[2] = {ring[heap[0]], ring[heap[rolling->n - 1]]};
	return ae_quantile_between(around[0], around[1], at - floor(at));
}

/* ---- all of them ---- */

void ae_rolling_add(const struct ae_rolling *rolling, double *kept, double *derived, double value)
{
	double count = kept[0]++;
	value = ae_number_finite(value) + 0.0; /* -0 becomes 0, since their order would tell what came before */
	if (rolling->kind == AE_ROLLING_EWMA) {
		double alpha = 2 / ((double)rolling->n + 1);
		kept[1] = count == 0 ? value : alpha * value + (1 - alpha) * kept[1];
		return;
	}
	bool full = count >= (double)rolling->n;
	uint32_t number = (uint32_t)((uint64_t)count % rolling->n);
	double old = kept[1 + number];
	kept[1 + number] = value;
	if (is_halved(rolling)) {
		const struct quantile m = quantile_of(rolling, kept, derived);
		update_quantile(&m, number, full);
		return;
	}
	struct ae_exact_sum *sum = (void *)derived;
	if (full)
		ae_exact_subtract(sum, old);
	ae_exact_add(sum, value);
}

double ae_rolling_value(const struct ae_rolling *rolling, const double *kept, const double *derived)
{
	double n = (double)rolling->n;
	if (kept[0] == 0)
		return NAN;
	switch (rolling->kind) {
	case AE_ROLLING_MEAN:
		return ae_exact_mean((const void *)derived, kept[0] < n ? kept[0] : n);
	case AE_ROLLING_MEDIAN:
		return median_value(kept + 1, (const void *)derived, rolling->n);
	case AE_ROLLING_QUANTILE:
		return quantile_value(rolling, kept + 1, (const void *)derived);
	default:
		return kept[1];
	}
}

double ae_rolling_below(const struct ae_rolling *rolling, const double *kept, const double *derived)
{
	const struct halves *h = (const void *)derived;
	(void)rolling;
	return kept[1 + h->heap[0]];
}

size_t ae_rolling_upper(const struct ae_rolling *rolling, const double *kept, const double *derived, double *out)
{
	const struct halves *h = (const void *)derived;
	for (uint32_t i = 0; i < h->high; i++)
		out[i] = kept[1 + h->heap[rolling->n - 1 - i]];
	return h->high;
}

bool ae_rolling_restore(const struct ae_rolling *rolling, const double *kept, double *derived)
{
	enum { MOST_BITS = 53 };
	size_t n = ae_rolling_kept(rolling) - 1;
	if (!(kept[0] >= 0 && kept[0] < ldexp(1, MOST_BITS)) || kept[0] != floor(kept[0]))
		return false;
	for (size_t i = 0; i < n; i++) {
		bool used = (double)i < kept[0] || rolling->kind == AE_ROLLING_EWMA;
		if (!isfinite(kept[1 + i]) || (!used && kept[1 + i] != 0))
			return false;
		if (used && rolling->kind == AE_ROLLING_MEAN)
			ae_exact_add((void *)derived, kept[1 + i]);
		const struct quantile m = quantile_of(rolling, kept, derived);
		if (used && is_halved(rolling))
			update_quantile(&m, (uint32_t)i, false);
	}
	return true;
}
