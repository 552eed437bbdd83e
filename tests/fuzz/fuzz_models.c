/* SPDX-License-Identifier: MIT */
/* A model file: read, written and read again it is the same, and its results are finite for any row. */
#include "fuzz.h"

#include <math.h>
#include <string.h>

#include "fuzz_net.h"
#include "model/forward.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/score.h"
#include "model/threshold.h"

/* Where models are written. */
static const char *output(void)
{
	static char path[64];
	if (!*path) {
		char folder[] = "/tmp/fuzzXXXXXX";
		FUZZ_CHECK(mkdtemp(folder), "%s", folder);
		snprintf(path, sizeof(path), "%s/m.aem", folder);
	}
	return path;
}

static void remove_output(void)
{
	char folder[64];
	snprintf(folder, sizeof(folder), "%s", output());
	unlink(folder);
	*strrchr(folder, '/') = '\0';
	rmdir(folder);
}

/* Writes a model; what the file holds. */
static struct ae_buf written(const struct ae_model *model)
{
	struct ae_buf bytes = {0};
	struct ae_error err;
	FUZZ_CHECK(ae_model_write(model, output(), &err) == 0, "%s", err.text);
	FUZZ_CHECK(ae_read_file(&bytes, output(), &err) == 0, "%s", err.text);
	return bytes;
}

static void check_written(const struct ae_model *model)
{
	struct ae_model *again;
	struct ae_error err;
	unsigned char before[AE_DIGEST_SIZE], after[AE_DIGEST_SIZE];
	struct ae_buf first = written(model);
	FUZZ_CHECK(ae_model_read(&again, output(), &err) == 0, "%s", err.text);
	struct ae_buf second = written(again);
	FUZZ_CHECK(ae_buf_equal(&first, &second), "a model that is written again differs");
	if (model->net) {
		FUZZ_CHECK(ae_model_digest(model, before, &err) == 0, "%s", err.text);
		FUZZ_CHECK(ae_model_digest(again, after, &err) == 0, "%s", err.text);
		FUZZ_CHECK(memcmp(before, after, sizeof(before)) == 0, "another digest");
	}
	ae_model_free(again);
	ae_buf_free(&first);
	ae_buf_free(&second);
}

/* Rows that are ordinary, large, and missing. */
static void check_rows(const struct ae_model *model, enum ae_net_part part)
{
	static const double values[] = {0.5, -3, 1e30, 1e300, -1e39, 0, 1e-40, NAN};
	enum { ROWS = 6, VALUES = sizeof(values) / sizeof(*values) };
	struct ae_forward *forward;
	struct ae_error err;
	FUZZ_CHECK(ae_forward_new(&forward, model, part, 1, &err) == 0, "%s", err.text);
	size_t in = ae_shape_size(ae_forward_input(forward)), out = ae_shape_size(ae_forward_output(forward));
	double *x = ae_calloc(ROWS * in, sizeof(*x), &err);
	float *y = ae_calloc(ROWS * out, sizeof(*y), &err);
	FUZZ_CHECK(x && y, "%s", err.text);
	for (int missing = 0; missing < 2; missing++) {
		for (size_t i = 0; i < ROWS * in; i++)
			x[i] = values[i * 5 % (VALUES - !missing)];
		FUZZ_CHECK(ae_forward_rows(forward, x, AE_F64, missing, ROWS, y, &err) == 0, "%s", err.text);
		for (size_t i = 0; i < ROWS * out; i++)
			FUZZ_CHECK(missing ? !isinf(y[i]) : isfinite(y[i]), "value %zu: %g", i, (double)y[i]);
	}
	ae_forward_free(forward);
	free(x);
	free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool first = true;
	struct ae_model *model;
	struct ae_error err;
	if (first)
		first = atexit(remove_output) != 0;
	if (ae_model_read(&model, fuzz_file(data, size), &err) != 0)
		return 0;
	check_written(model);
	if (model->net && fuzz_net_is_small(model->net)) {
		check_rows(model, AE_NET_WHOLE);
		for (int part = 0; part < 2 && ae_net_members(model->net) == 1; part++)
			check_rows(model, part == 0 ? AE_NET_ENCODER : AE_NET_DECODER);
	}
	ae_model_free(model);
	return 0;
}
