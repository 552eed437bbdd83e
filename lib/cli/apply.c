/* SPDX-License-Identifier: MIT */
/* Checks of a stream against the model that it goes through, and the filter around the forward pass. */
#include "cli/apply.h"

#include <stdio.h>
#include <string.h>

#include "cli/impute.h"
#include "cli/prepare.h"
#include "core/memory.h"
#include "core/order.h"
#include "net/net.h"

/* ---- what must fit ---- */

/* A latent must come from this model; text cannot say. */
static int check_digest(const struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage,
	const unsigned char *digest, struct ae_error *err)
{
	if (ae_reader_is_text(reader))
		return ae_prep_copy(&lineage->prep, &a->model->prep, err);
	if (!lineage->has_digest || memcmp(lineage->digest, digest, sizeof(lineage->digest)) != 0)
		return ae_fail(err, "latent was not made with %s", a->path);
	return 0;
}

/* A small file can describe a network that takes more memory than there is. */
static int check_memory(void *apply, const struct ae_model *model, struct ae_error *err)
{
	struct ae_apply *a = apply;
	char needed[AE_MEMORY_TEXT], limit[AE_MEMORY_TEXT], enough[AE_MEMORY_TEXT];
	if (ae_forward_measure(&a->needs, model, a->part, a->threads, err) != 0)
		return -1;
	if (a->needs.bytes <= a->limit)
		return 0;
	return ae_fail(err, "needs %s to be applied with -j %d, more than %s: --memory %s allows it",
		ae_memory_format(a->needs.bytes, needed), a->threads, ae_memory_format(a->limit, limit),
		ae_memory_option(a->needs.bytes, enough));
}

static int read_model(struct ae_apply *a, const struct ae_model_from *from, struct ae_error *err)
{
	const struct ae_model_limit limit = {check_memory, a};
	ae_forward_free(a->forward);
	ae_model_free(a->model);
	a->forward = NULL;
	a->model = NULL;
	if (ae_model_read_applied(&a->model, from, &limit, err) != 0)
		return -1;
	return a->model->net ? 0 : ae_fail(err, "%s: holds no network; ae-train writes files that do", a->path);
}

/* The first stream's model has been read before its header, for the names of its features. */
static int load(struct ae_apply *a, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_model_from from = ae_model_of_stream(reader, a->path);
	if ((!a->model || a->forward || from.len) && read_model(a, &from, err) != 0)
		return -1;
	return ae_forward_new(&a->forward, a->model, a->part, a->threads, err);
}

/* Whether x has as many values as the model takes; where both have names, the first one that differs says more. */
static int check_size(const struct ae_apply *a, const struct ae_column *x, struct ae_error *err)
{
	const struct ae_model *m = a->model;
	const struct ae_shape *wanted = ae_forward_input(a->forward);
	const char *missing = NULL, *more = NULL;
	size_t n = ae_shape_size(&x->shape);
	if (n == ae_shape_size(wanted))
		return 0;
	if (a->from == AE_X && x->shape.rank < 2 && wanted->rank == 2 && n == wanted->dim[1])
		return ae_fail(err,
			"x is single rows of %zu values, but the model takes windows: pipe it through "
			"ae-window --size %u",
			n, (unsigned)wanted->dim[0]);
	if (a->from == AE_X && x->feature_count == n && m->feature_count == ae_shape_size(wanted) &&
		(ae_names_first_without(&missing, m->features, m->feature_count, x->features, n, err) != 0 ||
			ae_names_first_without(&more, x->features, n, m->features, m->feature_count, err) != 0))
		return -1;
	if (missing)
		return ae_fail(err, "x has no feature \"%.200s\", which the model has", missing);
	if (more)
		return ae_fail(err, "x has a feature \"%.200s\", which the model has not", more);
	return ae_shape_check_size(&x->shape, wanted, x->name, err);
}

static int check_preparation(
	const struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	return ae_prepare_check_all(lineage, a->model, a->path, a->scaled, ae_reader_is_text(reader), err);
}

/* Checks the input column and brings the lineage up to date. */
static int check(struct ae_apply *a, const struct ae_reader *reader, struct ae_lineage *lineage, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	if (ae_model_digest(a->model, digest, err) != 0 || ae_schema_need(a->in, a->from, &a->column, err) != 0 ||
		ae_lineage_unpack(lineage, &a->in->lineage, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	const struct ae_column *c = &a->in->cols[a->column];
	/* Steps that change the shape say more than the shape. */
	bool list = a->from == AE_X && (ae_prep_is_list(&lineage->prep) || ae_prep_is_list(&a->model->prep));
	int rc = list ? check_preparation(a, reader, lineage, err) : 0;
	if (rc == 0)
		rc = check_size(a, c, err);
	if (rc == 0)
		rc = a->from == AE_LATENT ? check_digest(a, reader, lineage, digest, err)
					  : ae_model_check_names(a->model, c->name, c->features, c->feature_count, err);
	if (rc == 0 && a->from == AE_X)
		rc = check_preparation(a, reader, lineage, err);
	if (rc == 0 && a->impute)
		rc = ae_impute_begin(a->model, a->path, c, ae_forward_output(a->forward), lineage, err);
	if (rc != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	lineage->has_digest = true;
	memcpy(lineage->digest, digest, sizeof(lineage->digest));
	snprintf(lineage->loss, sizeof(lineage->loss), "%s", a->model->settings.loss);
	return 0;
}

static int add_column(const struct ae_apply *a, struct ae_schema *out, enum ae_role role, const struct ae_shape *shape,
	struct ae_error *err)
{
	const struct ae_column *from = &a->in->cols[a->column];
	/* A network of dense layers alone gives vectors; its reconstruction has the shape that x had. */
	if (role == AE_RECON && ae_shape_size(&a->model->input) == ae_shape_size(shape))
		shape = a->from == AE_X ? &from->shape : &a->model->input;
	struct ae_column *column = ae_schema_add(out, ae_role_name(role), role, AE_F32, shape, err);
	if (!column)
		return -1;
	column->missing = from->missing;
	column->maxval = from->maxval;
	column->was = from->was; /* recon is inverted with x, and a latent tells the decoder */
	if (role != AE_RECON || ae_shape_size(&column->shape) != ae_shape_size(&a->model->input))
		return 0;
	return a->from == AE_X ? ae_column_set_features(column, from->features, from->feature_count, err)
			       : ae_column_set_features(column, a->model->features, a->model->feature_count, err);
}

static int add_columns(const struct ae_apply *a, struct ae_schema *out, struct ae_error *err)
{
	if (add_column(a, out, a->to, ae_forward_output(a->forward), err) != 0)
		return -1;
	return a->latent ? add_column(a, out, AE_LATENT, ae_net_latent(a->model->net), err) : 0;
}

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct ae_apply *a = state;
	struct ae_lineage lineage = {0};
	a->in = ae_reader_schema(reader);
	a->name = ae_reader_name(reader);
	a->done = 0;
	if (load(a, reader, err) != 0)
		return -1;
	int rc = check(a, reader, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, a->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_carry_columns(out, a->in, a->drop | 1U << a->to, &a->carried, err) != 0)
		return -1;
	return add_columns(a, out, err);
}

/* ---- rows ---- */

static void note_beyond(struct ae_apply *a, const struct ae_column *column, const struct ae_batch *in)
{
	const struct ae_forward_beyond *found = ae_forward_beyond(a->forward);
	size_t size = ae_shape_size(&column->shape);
	const struct ae_place input = {in, found->first_input / size, a->done}, inner = {in, found->first_row, a->done};
	ae_beyond_add(&a->beyond, found->inputs, a->name, &input, column, found->first_input % size);
	ae_beyond_add(&a->beyond, found->inner, a->name, &inner, NULL, 0);
}

/* A row that gets no verdict is no bad row: nothing else would tell. */
static void note_partial(struct ae_apply *a, const struct ae_batch *in)
{
	char text[AE_PLACE_TEXT];
	const struct ae_forward_partial *found = ae_forward_partial(a->forward);
	const struct ae_place place = {in, found->first_row, a->done};
	if (a->partial == 0 && found->rows > 0)
		ae_note(a->beyond.program, a->beyond.common,
			"%s: %s: a value is missing, and %s was not trained with --missing mask: such rows are not "
			"computed; ae-normalize --missing last or mean fills them",
			a->name, ae_place_format(&place, text), a->path);
	a->partial += found->rows;
}

static void note_partial_end(const struct ae_apply *a)
{
	if (a->partial > 0)
		ae_note(a->beyond.program, a->beyond.common, "%llu row%s with missing values %s not computed",
			(unsigned long long)a->partial, a->partial > 1 ? "s" : "", a->partial > 1 ? "were" : "was");
}

static size_t rows_at_once(const void *state)
{
	const struct ae_apply *a = state;
	return a->needs.rows;
}

static struct ae_thread_pool *pool(const void *state)
{
	const struct ae_apply *a = state;
	return ae_forward_pool(a->forward);
}

/* x of the output, which it is carried to. */
static int impute(struct ae_apply *a, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	const size_t *carried = (const void *)a->carried.data;
	size_t i = 0;
	while (carried[i] != a->column)
		i++;
	return ae_impute_rows(&out->cols[i], &a->imputed, &a->in->cols[a->column], in->cols[a->column],
		(const void *)a->out.values.data, in->rows, err);
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct ae_apply *a = state;
	const struct ae_column *column = &a->in->cols[a->column];
	const unsigned char *x = in->cols[a->column]->values.data;
	struct ae_column result = {.type = AE_F32, .shape = *ae_forward_output(a->forward)};
	struct ae_column latent = {.type = AE_F32, .shape = *ae_net_latent(a->model->net)};
	float *values = ae_data_resize(&a->out, &result, in->rows, err);
	float *latents = a->latent && values ? ae_data_resize(&a->latents, &latent, in->rows, err) : NULL;
	if (!values || (a->latent && !latents))
		return -1;
	ae_forward_sums_to(a->forward, out->summed ? &a->out.sums : NULL);
	int rc = a->latent ? ae_forward_rows_latent(
				     a->forward, x, column->type, column->missing, in->rows, values, latents, err)
			   : ae_forward_rows(a->forward, x, column->type, column->missing, in->rows, values, err);
	if (rc != 0)
		return -1;
	a->out.finite = ae_forward_is_finite(a->forward) ? a->out.values.len : 0;
	ae_carry_batch(out, in, &a->carried);
	if (a->impute && impute(a, in, out, err) != 0)
		return -1;
	out->cols[a->carried.len / sizeof(size_t)] = &a->out;
	if (a->latent)
		out->cols[a->carried.len / sizeof(size_t) + 1] = &a->latents;
	note_beyond(a, column, in);
	note_partial(a, in);
	a->done += in->rows;
	return 0;
}

int ae_apply_main(struct ae_apply *a, const bool *keep, const struct ae_program *program, struct ae_common *common,
	int argc, char **argv)
{
	int first, status;
	if (!ae_program_start(program, argc, argv, &first, &status))
		return status;
	struct ae_error err;
	struct ae_filter filter = {.state = a,
		.format = &ae_aest_output,
		.begin = begin,
		.rows = rows,
		.rows_at_once = rows_at_once,
		.pool = pool};
	a->path = common->model;
	a->threads = (int)common->threads;
	a->beyond = (struct ae_beyond){.program = program, .common = common};
	a->drop = keep && !*keep ? 1U << a->from : 0;
	if (a->latent) {
		a->part = AE_NET_WHOLE_AND_LATENT;
		a->drop |= 1U << AE_LATENT;
	}
	a->limit = ae_memory_share();
	const struct ae_model_from from = {.path = common->model};
	int rc = common->model ? 0 : ae_fail_usage(&err, "-m FILE is required");
	if (rc == 0 && a->memory && ae_memory_parse(&a->limit, a->memory) != 0)
		rc = ae_fail_usage(&err, "--memory %s: expected a number of bytes, as 512M or 4G", a->memory);
	if (rc == 0)
		rc = read_model(a, &from, &err);
	if (rc == 0 && a->from == AE_X)
		(a->scaled ? ae_program_find_features : ae_program_find_source)(&common->in, a->model);
	if (rc == 0)
		rc = ae_filter_run(&filter, program, common, argv + first, (size_t)(argc - first), &err);
	if (rc >= 0) {
		ae_beyond_end(&a->beyond);
		note_partial_end(a);
	}
	ae_forward_free(a->forward);
	ae_model_free(a->model);
	ae_data_free(&a->out);
	ae_data_free(&a->latents);
	ae_data_free(&a->imputed);
	ae_buf_free(&a->carried);
	return ae_program_finish(program->name, rc, &err);
}
