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
   `slope` has the sign of the likelihood's derivative with respect to x. */
struct pareto {
	double x, shape, slope;
};

/* Logarithms and reciprocals cost far more than products, so four terms share one division, and GROUPS of four a
   logarithm. y is between 2^-24 and 2^24 times the number of errors (place), so no product leaves f64. */
enum { GROUPS = 4 };

static struct pareto pareto_at(const struct excesses *e, double x)
{
	double logs = 0, inverses = 0, product = 1, n = (double)e->count, by = x / e->mean;
	const double *p = e->peaks;
	size_t fours = e->count / 4;
	for (size_t i = 0; i < fours; i++, p += 4) {
		double a = 1 + by * (p[0] - e->t), b = 1 + by * (p[1] - e->t);
		double c = 1 + by * (p[2] - e->t), d = 1 + by * (p[3] - e->t);
		double ab = a * b, cd = c * d, all = ab * cd;
		inverses += ((a + b) * cd + (c + d) * ab) / all;
		product *= all;
		if (i % GROUPS == GROUPS - 1) {
			logs += log(product);
			product = 1;
		}
	}
	for (size_t i = 4 * fours; i < e->count; i++) {
		double y = 1 + by * (e->peaks[i] - e->t);
		product *= y;
		inverses += 1 / y;
	}
	logs += log(product);
	return (struct pareto){x, logs / n, inverses / n * (1 + logs / n) - 1};
}

/* The mean of the logarithm of the density. At x = 0 it is exponential and this is -1. */
static double likelihood(const struct pareto *p)
{
	return p->x == 0 ? -1 : -log(p->shape / p->x) - p->shape - 1;
}

/* Takes the maximum between two places, where the slope falls through 0, into *best if it is more likely. Regula falsi
   as the Illinois algorithm has it (Dowell and Jarratt, "A Modified Regula Falsi Method for Computing the Root of an
   Equation", 1971): where one end stays, its slope counts half. */
static void refine(struct pareto *best, const struct excesses *e, struct pareto low, struct pareto high)
{
	enum { STEPS = 100, BITS = 48 };
	double above = low.slope, below = high.slope;
	bool stayed_low = false, stayed_high = false;
	for (int i = 0; i < STEPS && high.x - low.x > ldexp(fabs(low.x), -BITS); i++) {
		double width = high.x - low.x, x = low.x + width * (above / (above - below));
		if (i % 4 == 3 || !(x > low.x && x < high.x))
			x = low.x + width / 2;
		struct pareto middle = pareto_at(e, x);
		if (middle.slope >= 0) {
			low = middle;
			above = low.slope;
			below = stayed_high ? below / 2 : high.slope;
		} else {
			high = middle;
			below = high.slope;
			above = stayed_low ? above / 2 : low.slope;
		}
		stayed_high = middle.slope >= 0;
		stayed_low = !stayed_high;
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
		if (i != 0 && i != NEGATIVE && last.slope >= 0 && next.slope < 0)
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
