/* SPDX-License-Identifier: MIT */
/* Rolling statistics: what the last numbers of a series say, number by number. Missing numbers (NaN) are no part of a
   series. mean, median and quantile depend on the last N alone, to the bit; the exponentially weighted mean on all.
   The memory is the caller's, doubles that start as zeros. The `kept` ones are the whole state, which a file may hold;
   the derived ones follow from them (ae_rolling_restore). */
#ifndef AE_CORE_ROLLING_H
#define AE_CORE_ROLLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/util.h"

/* A quantile is interpolated as NumPy does (core/quantile.h). */
enum ae_rolling_kind { AE_ROLLING_MEAN, AE_ROLLING_EWMA, AE_ROLLING_MEDIAN, AE_ROLLING_QUANTILE };

struct ae_rolling {
	enum ae_rolling_kind kind;
	uint64_t n; /* of ewma the span: alpha is 2 / (N + 1) */
	double q;   /* of the quantile, 0 to 1 */
};

/* "mean", "ewma", "median", in the order of the enum; the quantile is for programs alone. */
ae_words ae_rolling_word;
enum { AE_ROLLING_MOST = 1 << 20, AE_ROLLING_TEXT = 24 };
/* Reads "mean:360"; the usage error names `what`, an option. */
int ae_rolling_parse(
	struct ae_rolling *rolling, const char *what, const char *text, struct ae_error *err) AE_MUST_CHECK;
char *ae_rolling_format(const struct ae_rolling *rolling, char text[AE_ROLLING_TEXT]);

/* The same statistic in memory for as many numbers as there are, rounded up to a power of two, at most N: what is made
   with it holds until `count` needs more room. Then the kept numbers stay, but for zeros behind them, and the derived
   part is to be made anew. */
struct ae_rolling ae_rolling_with_room(const struct ae_rolling *rolling, double count);

size_t ae_rolling_kept(const struct ae_rolling *rolling);
size_t ae_rolling_derived(const struct ae_rolling *rolling);
/* Adds a number, which is not NaN; one that is infinite counts as the largest of its sign. O(1), of the median
   and the quantile O(log N). */
void ae_rolling_add(const struct ae_rolling *rolling, double *kept, double *derived, double value);
/* The statistic of what was added, of fewer than N numbers while there are no more; NaN if there is none. */
double ae_rolling_value(const struct ae_rolling *rolling, const double *kept, const double *derived);
/* Of median and quantile, once a number was added: the largest number that is at or below it. It lies at this number or
   between it and the next larger one, so that numbers below this one, and changes among them, leave it as it is. */
double ae_rolling_below(const struct ae_rolling *rolling, const double *kept, const double *derived);
/* All others, which are at least as large: their number. `out` has N places; their order tells how they came. */
size_t ae_rolling_upper(
	const struct ae_rolling *rolling, const double *kept, const double *derived, double *out) AE_MUST_CHECK;
/* Makes the derived part, which is zero, from the kept one; false if that cannot be one. */
bool ae_rolling_restore(const struct ae_rolling *rolling, const double *kept, double *derived) AE_MUST_CHECK;

#endif
