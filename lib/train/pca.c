/* SPDX-License-Identifier: MIT */
/* Principal components by the eigenvectors of the smaller of two matrices: C = X'X of columns and G = XX' of rows, X
   being the rows less their mean, have the same eigenvalues but for zeros, and v = X'u of the components. */
#include "train/pca.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/util.h"
#include "net/net.h"
#include "train/blas.h"

/* Values that are brought to f64 at once: 4 MiB. */
enum { PIECE = 1 << 19 };

struct pca {
	const struct ae_train_data *data;
	size_t n, rows, components;
	double *mean;    /* [n] */
	double *piece;   /* of centred rows, or of columns of them */
	double *values;  /* [components]: eigenvalues in falling order */
	double *vectors; /* [components][n] */
	double total;    /* the sum of all eigenvalues */
};

int ae_pca_parse(bool *is_pca, size_t *components, const char *text, struct ae_error *err)
{
	uint64_t k;
	*is_pca = strncmp(text, "pca:", 4) == 0;
	if (!*is_pca)
		return 0;
	if (ae_parse_u64(&k, text + 4, 0, 1 << 24) != 0)
		return ae_fail_usage(err, "--net %.40s: expected pca:K with the number of components, as pca:8", text);
	*components = (size_t)k;
	return 0;
}

char *ae_pca_net_text(size_t components, const struct ae_shape *shape, struct ae_error *err)
{
	size_t n = ae_shape_size(shape);
	char text[160], reshape[64] = "";
	if (components > n) {
		ae_fail(err, "pca:%zu: x has %zu value%s a row, and so at most as many components", components, n,
			n > 1 ? "s" : "");
		return NULL;
	}
	bool image = shape->rank == 3;
	if (image)
		snprintf(reshape, sizeof(reshape), ", reshape %ux%ux%u", (unsigned)shape->dim[0],
			(unsigned)shape->dim[1], (unsigned)shape->dim[2]);
	snprintf(text, sizeof(text), "%sdense %zu linear | dense %zu linear%s", image ? "flatten, " : "",
		components ? components : 1, n, reshape);
	return ae_strdup(text, err);
}

/* ---- rows ---- */

/* `width` values from `first` on of a row, as the network sees them. */
static void take_values(const struct pca *p, double *out, size_t row, size_t first, size_t width)
{
	const struct ae_train_data *d = p->data;
	ae_to_f64(out, (const char *)d->x + (row * p->n + first) * ae_type_size(d->x_type), d->x_type, width);
	for (size_t i = 0; d->x_type == AE_F64 && i < width; i++)
		out[i] = ae_f32_of(out[i]);
}

static void find_mean(struct pca *p, double *row)
{
	for (size_t r = 0; r < p->rows; r++) {
		take_values(p, row, r, 0, p->n);
		for (size_t i = 0; i < p->n; i++)
			p->mean[i] += row[i];
	}
	for (size_t i = 0; i < p->n; i++)
		p->mean[i] /= (double)p->rows;
}

/* piece[rows][width] = columns [first, first + width) of rows [row, row + rows), centred. */
static void fill_piece(struct pca *p, size_t row, size_t rows, size_t first, size_t width)
{
	for (size_t r = 0; r < rows; r++) {
		double *out = p->piece + r * width;
		take_values(p, out, row + r, first, width);
		for (size_t i = 0; i < width; i++)
			out[i] -= p->mean[first + i];
	}
}

/* ---- eigenvectors ---- */

static size_t at_once(size_t side, size_t most)
{
	size_t count = PIECE / side;
	return count < 1 ? 1 : count < most ? count : most;
}

static double trace(const double *matrix, size_t side)
{
	double sum = 0;
	for (size_t i = 0; i < side; i++)
		sum += matrix[i * side + i];
	return sum;
}

static int by_columns(struct pca *p, double *matrix, struct ae_error *err)
{
	size_t step = at_once(p->n, p->rows);
	for (size_t row = 0; row < p->rows; row += step) {
		size_t rows = p->rows - row < step ? p->rows - row : step;
		fill_piece(p, row, rows, 0, p->n);
		ae_blas_add_products(matrix, p->piece, rows, p->n, false);
	}
	p->total = trace(matrix, p->n);
	return ae_blas_eigen(p->values, p->vectors, matrix, p->n, p->components, err);
}

static int by_rows(struct pca *p, double *matrix, struct ae_error *err)
{
	size_t step = at_once(p->rows, p->n);
	for (size_t first = 0; first < p->n; first += step) {
		size_t width = p->n - first < step ? p->n - first : step;
		fill_piece(p, 0, p->rows, first, width);
		ae_blas_add_products(matrix, p->piece, p->rows, width, true);
	}
	p->total = trace(matrix, p->rows);
	double *of_rows = ae_calloc(p->components * p->rows, sizeof(*of_rows), err);
	int rc = of_rows ? ae_blas_eigen(p->values, of_rows, matrix, p->rows, p->components, err) : -1;
	for (size_t first = 0; rc == 0 && first < p->n; first += step) {
		size_t width = p->n - first < step ? p->n - first : step;
		fill_piece(p, 0, p->rows, first, width);
		ae_blas_multiply_f64(p->vectors + first, p->n, of_rows, p->piece, p->components, width, p->rows);
	}
	free(of_rows);
	return rc;
}

/* Length 1, and the largest element positive; rounding alone does not choose among equal ones. */
static void normalize(double *vector, size_t n)
{
	double squares = 0, largest = 0;
	for (size_t i = 0; i < n; i++) {
		squares += vector[i] * vector[i];
		largest = fmax(largest, fabs(vector[i]));
	}
	size_t first = 0;
	while (first + 1 < n && fabs(vector[first]) < largest * (1 - 1e-9))
		first++;
	double factor = copysign(1 / sqrt(squares), vector[first]);
	for (size_t i = 0; i < n; i++)
		vector[i] *= factor;
}

/* What the rounding of eigenvalues, and of the mean, makes of rows that do not vary. */
static double rounding(const struct pca *p)
{
	double squares = 0, rows = (double)p->rows;
	for (size_t i = 0; i < p->n; i++)
		squares += p->mean[i] * p->mean[i];
	double of_values = (p->components ? p->values[0] : 0) * DBL_EPSILON * fmax(rows, (double)p->n);
	return fmax(of_values, squares * rows * pow(rows * DBL_EPSILON, 2));
}

/* Along components of no more variance than rounding makes there is none: they become zero. */
static void finish_vectors(struct pca *p, struct ae_pca_result *result)
{
	double explained = 0, least = rounding(p);
	for (size_t k = 0; k < p->components; k++) {
		double *vector = p->vectors + k * p->n;
		if (p->values[k] > least) {
			normalize(vector, p->n);
			explained += p->values[k];
		} else {
			memset(vector, 0, p->n * sizeof(*vector));
			result->empty++;
		}
	}
	result->explained = p->total > least ? fmin(explained / p->total, 1) : 1;
}

static int find_vectors(struct pca *p, struct ae_error *err)
{
	size_t side = p->n < p->rows ? p->n : p->rows;
	if (side > AE_PCA_SIDE_MAX)
		return ae_fail(err,
			"pca:%zu: %zu rows of %zu values: one of both may be %d at most: --where or ae-cat --sample "
			"chooses fewer rows",
			p->components, p->rows, p->n, AE_PCA_SIDE_MAX);
	if (p->components > p->rows)
		return ae_fail(err, "pca:%zu: needs as many rows as components, and there %s %zu", p->components,
			p->rows > 1 ? "are" : "is", p->rows);
	double *matrix = ae_calloc(side * side, sizeof(*matrix), err);
	if (!matrix)
		return -1;
	int rc = p->n <= p->rows ? by_columns(p, matrix, err) : by_rows(p, matrix, err);
	free(matrix);
	return rc;
}

/* ---- weights ---- */

/* kernel[n][units], bias[units], kernel[units][n], bias[n]. */
static void set_weights(struct ae_net *net, const struct pca *p)
{
	float *weights = ae_net_weights(net);
	size_t units = p->components ? p->components : 1, n = p->n;
	float *in = weights + ae_net_param(net, 0)->offset, *shift = weights + ae_net_param(net, 1)->offset;
	float *out = weights + ae_net_param(net, 2)->offset, *mean = weights + ae_net_param(net, 3)->offset;
	memset(weights, 0, ae_net_weight_count(net) * sizeof(*weights));
	for (size_t k = 0; k < p->components; k++) {
		double at_mean = 0;
		for (size_t i = 0; i < n; i++) {
			float element = (float)p->vectors[k * n + i];
			in[i * units + k] = out[k * n + i] = element;
			at_mean += (double)element * p->mean[i];
		}
		shift[k] = (float)-at_mean;
	}
	for (size_t i = 0; i < n; i++)
		mean[i] = (float)p->mean[i];
}

int ae_pca_fit(struct ae_pca_result *result, struct ae_net *net, size_t components, const struct ae_train_data *data,
	struct ae_error *err)
{
	struct pca p = {
		.data = data, .n = ae_shape_size(ae_net_input(net)), .rows = data->rows, .components = components};
	*result = (struct ae_pca_result){0};
	p.mean = ae_calloc(p.n, sizeof(*p.mean), err);
	p.piece = ae_calloc(p.n > PIECE ? p.n : PIECE, sizeof(*p.piece), err);
	p.values = ae_calloc(components, sizeof(*p.values), err);
	p.vectors = ae_calloc(components * p.n, sizeof(*p.vectors), err);
	int rc = p.mean && p.piece && p.values && p.vectors ? 0 : -1;
	if (rc == 0) {
		find_mean(&p, p.piece);
		rc = components ? find_vectors(&p, err) : 0;
	}
	if (rc == 0) {
		finish_vectors(&p, result);
		set_weights(net, &p);
	}
	free(p.mean);
	free(p.piece);
	free(p.values);
	free(p.vectors);
	return rc;
}
