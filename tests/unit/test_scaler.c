/* SPDX-License-Identifier: MIT */
/* Scalers against scikit-learn (expected/scaler.py), fits that do not depend on how rows arrive, packing. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/scaler.h"

#define ROWS 37
#define COLUMNS 5

struct expected {
	const char *method;
	bool per_tensor;
	double center[COLUMNS], scale[COLUMNS];
};

static const struct expected table[] = {
	{"minmax", false, {-40, 960.5, 2.5, 2962.5, 3963}, {125.625, 122.5, 1, 122, 122.5}},
	{"minmax", true, {-40}, {4125.5}},
	{"standard", false, {24.804054054054053, 1023.34375, 2.5, 3022.1722972972975, 4023.5416666666665},
		{36.824932117473587, 35.53497854960424, 1, 37.033555722508673, 37.999988578214655}},
	{"standard", true, {1609.3907103825136}, {1627.4066298801633}},
	{"robust", false, {28.25, 1023.8125, 2.5, 3019.875, 4024.25}, {61, 59.3125, 1, 64.625, 66.9375}},
	{"robust", true, {1022}, {3049.6875}},
	{"maxabs", false, {0, 0, 0, 0, 0}, {85.625, 1083, 2.5, 3084.5, 4085.5}},
	{"maxabs", true, {0}, {4085.5}},
};

static const double means[] = {24.804054054054053, 1023.34375, 2.5, 3022.1722972972975, 4023.5416666666665};

static double x[ROWS * COLUMNS];

static void make_data(void)
{
	for (int i = 0; i < ROWS; i++) {
		for (int j = 0; j < COLUMNS; j++)
			x[i * COLUMNS + j] = (i * 7919 + j * 104729) % 1009 / 8.0 - 40 + 1000 * j;
		x[i * COLUMNS + 2] = 2.5;
	}
	x[3 * COLUMNS + 1] = x[11 * COLUMNS + 4] = NAN;
}

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-13 * fmax(1, fabs(b));
}

/* Fits x, `step` rows a call. */
static void fit(struct ae_scaler *out, const char *method, bool per_tensor, size_t step, size_t *constants)
{
	struct ae_error err = {0};
	struct ae_scaler_fit *fit;
	struct ae_shape shape = ae_shape_vector(COLUMNS);
	const bool *which;
	struct ae_scaler_rule rule;
	int rc = ae_scaler_parse(&rule, method, &err);
	CHECK(rc == 0, "%s", err.text);
	rc = ae_scaler_fit_new(&fit, &rule, per_tensor, &shape, &err);
	CHECK(rc == 0, "%s", err.text);
	for (size_t row = 0; row < ROWS; row += step) {
		size_t n = ROWS - row < step ? ROWS - row : step;
		rc = ae_scaler_fit_rows(fit, x + row * COLUMNS, AE_F64, n, &err);
		CHECK(rc == 0, "%s", err.text);
	}
	rc = ae_scaler_fit_end(fit, out, &err);
	CHECK(rc == 0, "%s", err.text);
	*constants = ae_scaler_fit_constant(fit, &which);
	CHECK(*constants == 0 || which[2], "column 3 is constant");
	ae_scaler_fit_free(fit);
}

static void check_bytes(const struct ae_scaler *a, const struct ae_scaler *b, const char *what)
{
	struct ae_error err = {0};
	struct ae_buf p = {0}, q = {0};
	CHECK(ae_scaler_pack(a, &p, &err) == 0 && ae_scaler_pack(b, &q, &err) == 0, "%s", err.text);
	CHECK(ae_buf_equal(&p, &q), "%s", what);
	ae_buf_free(&p);
	ae_buf_free(&q);
}

static void check_against_scikit(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct expected *e = &table[i];
		struct ae_scaler scaler = {0}, again = {0};
		size_t constants;
		fit(&scaler, e->method, e->per_tensor, ROWS, &constants);
		CHECK(scaler.columns == (e->per_tensor ? 1 : COLUMNS), "case %zu", i);
		CHECK(constants == (e->per_tensor || strcmp(e->method, "maxabs") == 0 ? 0 : 1), "case %zu", i);
		for (size_t j = 0; j < scaler.columns; j++) {
			CHECK(near(scaler.center[j], e->center[j]), "case %zu, column %zu: %.17g", i, j,
				scaler.center[j]);
			CHECK(near(scaler.scale[j], e->scale[j]), "case %zu, column %zu: %.17g", i, j, scaler.scale[j]);
			CHECK(e->per_tensor || near(scaler.mean[j], means[j]), "case %zu, column %zu", i, j);
		}
		fit(&again, e->method, e->per_tensor, 3, &constants);
		check_bytes(&scaler, &again, "3 rows a call");
		ae_scaler_free(&scaler);
		ae_scaler_free(&again);
	}
}

static void check_use(void)
{
	struct ae_shape shape = ae_shape_vector(COLUMNS);
	for (int per_tensor = 0; per_tensor < 2; per_tensor++) {
		struct ae_scaler scaler = {0};
		size_t constants;
		float out[ROWS * COLUMNS], row[COLUMNS];
		double back[ROWS * COLUMNS];
		fit(&scaler, "standard", per_tensor, ROWS, &constants);
		ae_scaler_apply(&scaler, out, x, AE_F64, ROWS, &shape);
		ae_scaler_invert(&scaler, back, out, ROWS, &shape);
		for (size_t i = 0; i < ROWS; i++) {
			ae_scaler_apply(&scaler, row, x + i * COLUMNS, AE_F64, 1, &shape);
			CHECK(memcmp(row, out + i * COLUMNS, sizeof(row)) == 0, "row %zu alone", i);
			for (size_t j = 0; j < COLUMNS; j++) {
				double v = x[i * COLUMNS + j];
				size_t c = per_tensor ? 0 : j;
				float y = (float)((v - scaler.center[c]) / scaler.scale[c]);
				CHECK(isnan(v) ? isnan(row[j]) : row[j] == y, "row %zu column %zu", i, j);
				CHECK(isnan(v) ? isnan(back[i * COLUMNS + j]) : fabs(back[i * COLUMNS + j] - v) < 1e-3,
					"row %zu column %zu", i, j);
			}
		}
		ae_scaler_free(&scaler);
	}
}

/* Columns of a last axis far larger, and smaller, than one block of the loops. */
static void check_columns(size_t columns)
{
	struct ae_error err = {0};
	struct ae_shape shape = {.rank = 2, .dim = {3, (uint32_t)columns}};
	size_t n = 3 * columns * 2;
	uint8_t *in = malloc(n);
	float *out = malloc(n * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		in[i] = (uint8_t)(i * 37 % 251);
	struct ae_scaler_fit *fit;
	struct ae_scaler_rule rule;
	struct ae_scaler scaler = {0};
	CHECK(ae_scaler_parse(&rule, "minmax", &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_new(&fit, &rule, false, &shape, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_rows(fit, in, AE_U8, 2, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_end(fit, &scaler, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fits(&scaler, &shape), "columns %zu", columns);
	ae_scaler_apply(&scaler, out, in, AE_U8, 2, &shape);
	for (size_t i = 0; i < n; i++) {
		size_t j = i % columns;
		float y = (float)((in[i] - scaler.center[j]) / scaler.scale[j]);
		CHECK(out[i] == y, "columns %zu, element %zu: %g", columns, i, out[i]);
	}
	ae_scaler_fit_free(fit);
	ae_scaler_free(&scaler);
	free(in);
	free(out);
}

static void check_div(void)
{
	struct ae_error err = {0};
	struct ae_scaler scaler = {0};
	struct ae_shape shape = {.rank = 3, .dim = {28, 28, 1}};
	uint8_t pixels[784];
	float out[784];
	char text[AE_SCALER_TEXT];
	size_t constants;
	fit(&scaler, "div:255", false, ROWS, &constants);
	CHECK(scaler.per_tensor && scaler.columns == 1 && !scaler.mean && scaler.divisor == 255, "div");
	CHECK(ae_scaler_fits(&scaler, &shape), "div fits all");
	for (size_t i = 0; i < 784; i++)
		pixels[i] = (uint8_t)i;
	ae_scaler_apply(&scaler, out, pixels, AE_U8, 1, &shape);
	for (size_t i = 0; i < 784; i++)
		CHECK(out[i] == (float)(pixels[i] / 255.0), "pixel %zu", i);
	CHECK(strcmp(ae_scaler_describe(&scaler, text), "div:255") == 0, "%s", text);
	struct ae_buf blob = {0};
	struct ae_scaler again = {0};
	CHECK(ae_scaler_pack(&scaler, &blob, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_unpack(&again, blob.data, blob.len, &err) == 0, "%s", err.text);
	CHECK(again.divisor == 255 && strcmp(again.method->name, "div") == 0, "unpacked");
	ae_buf_free(&blob);
	ae_scaler_free(&again);
	ae_scaler_free(&scaler);
}

static void check_packing(void)
{
	struct ae_error err = {0};
	struct ae_scaler scaler = {0}, again = {0};
	struct ae_buf blob = {0};
	size_t constants;
	fit(&scaler, "robust", false, ROWS, &constants);
	CHECK(ae_scaler_pack(&scaler, &blob, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_unpack(&again, blob.data, blob.len, &err) == 0, "%s", err.text);
	check_bytes(&scaler, &again, "packed again");
	struct ae_shape other = ae_shape_vector(COLUMNS + 1);
	CHECK(!ae_scaler_fits(&again, &other), "other columns");
	for (size_t len = 0; len < blob.len; len++)
		CHECK(ae_scaler_unpack(&again, blob.data, len, &err) == -1, "cut at %zu", len);
	for (size_t i = 0; i < blob.len * 8; i++) {
		blob.data[i / 8] ^= (unsigned char)(1u << i % 8);
		if (ae_scaler_unpack(&again, blob.data, blob.len, &err) == 0) {
			for (size_t j = 0; j < again.columns; j++)
				CHECK(isfinite(again.center[j]) && again.scale[j] > 0, "bit %zu", i);
		}
		blob.data[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	ae_buf_free(&blob);
	ae_scaler_free(&scaler);
	ae_scaler_free(&again);
}

static void check_edges(void)
{
	struct ae_error err = {0};
	struct ae_scaler_fit *fit;
	struct ae_scaler_rule rule;
	struct ae_scaler scaler = {0};
	struct ae_shape shape = ae_shape_vector(2);
	const double rows[] = {NAN, -1e308, 7, -1e308, 7, 1e308};
	const bool *which;
	CHECK(ae_scaler_parse(&rule, "minmax", &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_new(&fit, &rule, false, &shape, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_rows(fit, rows, AE_F64, 1, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_end(fit, &scaler, &err) == -1, "a column without values");
	CHECK(ae_scaler_fit_rows(fit, rows + 2, AE_F64, 1, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_end(fit, &scaler, &err) == 0, "%s", err.text);
	CHECK(scaler.center && scaler.center[0] == 7 && scaler.scale[0] == 1 && scaler.mean[0] == 7,
		"a constant column");
	CHECK(scaler.center && scaler.center[1] == -1e308 && scaler.scale[1] == 1, "a constant column");
	CHECK(ae_scaler_fit_constant(fit, &which) == 2 && which[0] && which[1], "both reported");
	CHECK(ae_scaler_fit_rows(fit, rows + 4, AE_F64, 1, &err) == 0, "%s", err.text);
	CHECK(ae_scaler_fit_end(fit, &scaler, &err) == -1, "a spread beyond the largest double");
	ae_scaler_fit_free(fit);
	ae_scaler_free(&scaler);

	static const char *const bad[] = {
		"", "minmx", "div", "div:", "div:0", "div:-1", "div:nan", "div:inf", "max", "minmax:", "minmax:3"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(ae_scaler_parse(&rule, bad[i], &err) == -1, "\"%s\"", bad[i]);
		CHECK(err.status == AE_STATUS_USAGE, "\"%s\"", bad[i]);
	}
	CHECK(ae_scaler_parse(&rule, "minmx", &err) == -1 && strstr(err.text, "minmax?"), "%s", err.text);
	CHECK(ae_scaler_parse(&rule, "div:255", &err) == 0 && rule.divisor == 255, "%s", err.text);
	CHECK(ae_scaler_parse(&rule, "robust", &err) == 0 && strcmp(rule.method->name, "robust") == 0, "%s", err.text);
}

int main(void)
{
	make_data();
	check_against_scikit();
	check_use();
	check_columns(1);
	check_columns(3);
	check_columns(64);
	check_columns(100);
	check_columns(1000);
	check_div();
	check_packing();
	check_edges();
	return check_done();
}
