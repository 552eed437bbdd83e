/* SPDX-License-Identifier: MIT */
/* Peaks over threshold (Siffer, Fouque, Termier, Largouet, "Anomaly Detection in Streams with Extreme Value Theory",
   2017): the errors above a high quantile t follow a generalized Pareto distribution, which says where a share of Q of
   all errors is passed, though there may be none so far out. */
#include <math.h>

#include "core/quantile.h"
#include "model/threshold_method.h"

/* What errors exceed t by, in units of their mean. */
struct excesses {
	const double *peaks; /* in rising order */
	size_t count;
	double t, mean;
};

/* The distribution for x = shape / scale, which by Grimshaw ("Computing Maximum Likelihood Estimates for the
   Generalized Pareto Distribution", 1993) is all that is to be searched for: its shape is mean(log(1 + x Y)) then, and
   where the likelihood has an extremum `slope` is 0. */
struct pareto {
	double x, shape, slope;
};

static struct pareto pareto_at(const struct excesses *e, double x)
{
	double logs = 0, inverses = 0, n = (double)e->count;
	for (size_t i = 0; i < e->count; i++) {
		double y = 1 + x * ((e->peaks[i] - e->t) / e->mean);
		logs += log(y);
		inverses += 1 / y;
	}
	return (struct pareto){x, logs / n, inverses / n * (1 + logs / n) - 1};
}

/* The mean of the logarithm of the density. At x = 0 it is exponential and this is -1. */
static double likelihood(const struct pareto *p)
{
	return p->x == 0 ? -1 : -log(p->shape / p->x) - p->shape - 1;
}

/* Takes the extremum between two places into *best if it is more likely. */
static void refine(struct pareto *best, const struct excesses *e, struct pareto low, struct pareto high)
{
	for (;;) {
		double x = low.x + (high.x - low.x) / 2;
		if (x == low.x || x == high.x)
			break;
		struct pareto middle = pareto_at(e, x);
		if ((middle.slope < 0) == (low.slope < 0))
			low = middle;
		else
			high = middle;
	}
	/* Beyond a shape of -1 the likelihood has no bound. */
	if (low.shape > -1 && likelihood(&low) > likelihood(best))
		*best = low;
}

/* x of the i-th place, in rising order: from -1 / the largest excess, where the distribution ends, to where a tail is
   heavier than any. Nearer to 0 than this it is exponential for all purposes. */
enum { NEGATIVE = 20, PLACES = NEGATIVE + 21 };

static double place(int i, double largest)
{
	if (i < 12)
		return -(1 - ldexp(1, 2 * (i - 12))) / largest;
	if (i < NEGATIVE)
		return -ldexp(1, 2 * (11 - i)) / largest;
	return ldexp(1, 2 * (i - NEGATIVE) - 16);
}

static struct pareto fit_pareto(const struct excesses *e)
{
	double largest = (e->peaks[e->count - 1] - e->t) / e->mean;
	struct pareto best = {0}, last = {0};
	for (int i = 0; i < PLACES; i++) {
		struct pareto next = pareto_at(e, place(i, largest));
		if (i != 0 && i != NEGATIVE && (next.slope < 0) != (last.slope < 0))
			refine(&best, e, last, next);
		last = next;
	}
	return best;
}

bool ae_pot_value(double *value, double risk, const struct ae_peaks *peaks)
{
	struct excesses e = {.peaks = peaks->above, .count = peaks->count, .t = peaks->t};
	if (e.count < AE_POT_PEAKS)
		return false;
	for (size_t i = 0; i < e.count; i++)
		e.mean += (e.peaks[i] - e.t) / (double)e.count;
	struct pareto p = fit_pareto(&e);
	double log_ratio = log(risk * (double)peaks->rows / (double)e.count);
	*value = e.t + e.mean * (p.x == 0 ? -log_ratio : expm1(-p.shape * log_ratio) / p.x);
	return true;
}

int ae_threshold_pot(double *value, double risk, const struct ae_threshold_sample *s, struct ae_error *err)
{
	size_t n = s->count;
	double t = ae_quantile(s->errors, n, AE_POT_QUANTILE);
	size_t count = ae_threshold_flags(nextafter(t, INFINITY), s->errors, n);
	const struct ae_peaks peaks = {t, s->errors + (n - count), count, n};
	if (ae_pot_value(value, risk, &peaks))
		return 0;
	return ae_fail(err,
		"pot fits the tail beyond the quantile 0.98 of the errors, and %zu of %zu lie there: it needs %d, as "
		"%d rows have; quantile:Q, mad:K and fpr:A need fewer",
		count, n, AE_POT_PEAKS, AE_POT_ROWS);
}
