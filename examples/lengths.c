/* SPDX-License-Identifier: MIT */
/* lengths: how long windows, smoothing and baseline are, from training rows alone. Rows of CSV with a header in; one
   line out: the length L over which the rows resemble each other, and size of windows, rows of smoothing, rows of
   baseline.

   The autocorrelation of each column, and its mean over the columns that are not constant: L is the first lag at which
   that is below 1/e.
   - Windows have L rows, but at least 10, and at most 400 values.
   - Scores are smoothed over L rows where windows are shorter than that, and over at least 20.
   - The baseline is as long as the first lag at which the mean is below 1/e^2, where the training rows are at least 50
     times as many (fewer do not tell drift from incidents) and it is longer than a window. Else it is 0, none. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_WINDOW = 10, MOST_VALUES = 400, LEAST_SMOOTHING = 20, BASELINES = 50 };

/* Of a column whose variance is a smaller share of its mean square, that is rounding: it is constant. */
static const double rounding = 1e-20;

/* The mean autocorrelation of the columns at a lag; rows are values minus their mean, column after
   column; squares are the sums of those of the values themselves. */
static double correlation(const double *x, const double *squares, size_t rows, size_t columns, size_t lag)
{
	double sum = 0, used = 0;
	for (size_t c = 0; c < columns; c++) {
		const double *v = x + c * rows;
		double own = 0, with = 0;
		for (size_t i = 0; i < rows; i++)
			own += v[i] * v[i];
		for (size_t i = 0; i + lag < rows; i++)
			with += v[i] * v[i + lag];
		if (own > rounding * squares[c]) {
			sum += with / own;
			used++;
		}
	}
	return used > 0 ? sum / used : 0;
}

static size_t first_below(const double *x, const double *squares, size_t rows, size_t columns, size_t lag, double limit)
{
	while (lag < rows && correlation(x, squares, rows, columns, lag) >= limit)
		lag++;
	return lag;
}

int main(void)
{
	char *line = NULL;
	size_t size = 0, rows = 0, columns = 1, room = 0;
	double *values = NULL;
	if (getline(&line, &size, stdin) < 0)
		return fprintf(stderr, "lengths: no rows\n"), 1;
	for (const char *at = line; (at = strchr(at, ',')); at++)
		columns++;
	for (; getline(&line, &size, stdin) >= 0; rows++) {
		if (rows == room) {
			double *more = realloc(values, (room = 2 * room + 1024) * columns * sizeof(*values));
			if (!more)
				free(values);
			values = more;
		}
		char *at = line;
		for (size_t c = 0; values && c < columns; c++, at += *at == ',')
			values[rows * columns + c] = strtod(at, &at);
		if (!values || *at != '\n')
			return fprintf(stderr, "lengths: row %zu: not %zu numbers\n", rows + 1, columns), 1;
	}
	double *x = malloc((rows * columns + 1) * sizeof(*x)), *squares = calloc(columns, sizeof(*squares));
	for (size_t c = 0; x && squares && c < columns; c++) {
		double mean = 0;
		for (size_t i = 0; i < rows; i++)
			mean += values[i * columns + c] / (double)rows;
		for (size_t i = 0; i < rows; i++)
			x[c * rows + i] = values[i * columns + c] - mean;
		for (size_t i = 0; i < rows; i++)
			squares[c] += values[i * columns + c] * values[i * columns + c];
	}
	if (!x || !squares || rows == 0)
		return fprintf(stderr, "lengths: no rows\n"), 1;
	size_t length = first_below(x, squares, rows, columns, 1, exp(-1));
	size_t most = MOST_VALUES / columns > 1 ? MOST_VALUES / columns : 1;
	size_t window = length < LEAST_WINDOW ? LEAST_WINDOW : length < most ? length : most;
	size_t smoothing = length > window && length > LEAST_SMOOTHING ? length : LEAST_SMOOTHING;
	size_t baseline = first_below(x, squares, rows, columns, length, exp(-2));
	if (rows < BASELINES * baseline || baseline <= window)
		baseline = 0;
	printf("%zu %zu %zu %zu\n", length, window, smoothing, baseline);
	free(x);
	free(squares);
	free(values);
	free(line);
	return 0;
}
