/* SPDX-License-Identifier: MIT */
/* ae-noise: x becomes noisy, target the clean original. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/program.h"
#include "eval/noise.h"

struct options {
	struct ae_common common;
	struct ae_noise noise;
	const char *clip;
};

struct state {
	const struct ae_schema *in;
	const struct ae_noise *noise;
	size_t x;
	bool has_target;
	struct ae_buf carried;
	struct ae_data noisy;
	uint64_t rows; /* of this stream so far */
};

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct state *s = state;
	s->in = ae_reader_schema(reader);
	s->rows = 0;
	if (ae_schema_need(s->in, AE_X, &s->x, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	const struct ae_column *x = &s->in->cols[s->x];
	if (x->type == AE_U8)
		return ae_fail(err, "%s: x is integers; scale it first, with ae-normalize --fit div:255 for images",
			ae_reader_name(reader));
	if (ae_schema_copy_head(out, s->in, err) != 0 || ae_carry_columns(out, s->in, 0, &s->carried, err) != 0)
		return -1;
	s->has_target = ae_schema_find(s->in, AE_TARGET) != AE_NO_COLUMN;
	if (s->has_target)
		return 0; /* x is noisy already; the clean original stays what it is */
	struct ae_column *target = ae_schema_add(out, "target", AE_TARGET, x->type, &x->shape, err);
	if (!target)
		return -1;
	target->missing = x->missing;
	target->maxval = x->maxval;
	target->was = x->was;
	return ae_column_set_features(target, x->features, x->feature_count, err);
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct state *s = state;
	const struct ae_column *x = &s->in->cols[s->x];
	const struct ae_buf *clean = &in->cols[s->x]->values;
	if (ae_buf_set(&s->noisy.values, clean->data, clean->len, err) != 0)
		return -1;
	ae_noise_add(s->noise, s->noisy.values.data, x->type, ae_shape_size(&x->shape), s->rows, in->rows);
	s->rows += in->rows;
	ae_carry_batch(out, in, &s->carried);
	if (!s->has_target)
		out->cols[s->carried.len / sizeof(size_t)] = in->cols[s->x];
	out->cols[s->x] = &s->noisy;
	return 0;
}

static int parse_clip(struct ae_noise *noise, const char *clip, struct ae_error *err)
{
	noise->clip = true;
	if (ae_parse_range(&noise->low, &noise->high, clip) == 0)
		return 0;
	return ae_fail_usage(err, "--clip %s: expected LOW,HIGH", clip);
}

/* Whether an amount of noise was given, 0 too; NaN, its default, becomes 0. */
static bool given(double *amount)
{
	bool is = !isnan(*amount);
	*amount = is ? *amount : 0;
	return is;
}

int main(int argc, char **argv)
{
	struct options o = {
		.common = {.threads = 1}, .noise = {.gaussian = NAN, .salt_pepper = NAN, .mask = NAN, .high = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Noise, in this order"),
		AE_REAL("gaussian", 0, &o.noise.gaussian, 0, 1e6, "S", "add normal noise of standard deviation S"),
		AE_REAL("salt-pepper", 0, &o.noise.salt_pepper, 0, 1, "P",
			"set this share to the lowest or highest value"),
		AE_REAL("mask", 0, &o.noise.mask, 0, 1, "P", "set this share to 0"),
		AE_TEXT_OPTION("clip", 0, &o.clip, "A,B", "then clip to [A, B]; also salt and pepper, else 0 and 1"),
		AE_COUNT("seed", 0, &o.noise.seed, 0, UINT64_MAX, "S", "seed of the noise"),
		AE_GOES_WITH("seed", "gaussian salt-pepper mask"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_OUTPUT(&o.common.out),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-noise", "[options] [file ...]",
		"Makes x noisy and keeps the clean original as target.", table, sizeof(table) / sizeof(*table), NULL};
	int first, status;
	if (!ae_program_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct state s = {.noise = &o.noise};
	struct ae_filter filter = {.state = &s, .format = &ae_aest_output, .begin = begin, .rows = rows};
	int rc = o.clip ? parse_clip(&o.noise, o.clip, &err) : 0;
	int amounts = given(&o.noise.gaussian) + given(&o.noise.salt_pepper) + given(&o.noise.mask);
	if (rc == 0 && !o.clip && amounts == 0)
		rc = ae_fail_usage(&err, "one of --gaussian S, --salt-pepper P, --mask P and --clip A,B is required");
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &o.common, argv + first, (size_t)(argc - first), &err);
	ae_buf_free(&s.carried);
	ae_data_free(&s.noisy);
	return ae_program_finish(program.name, rc, &err);
}
