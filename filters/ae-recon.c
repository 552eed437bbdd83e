/* ae-recon: x through a model gives recon. */
#include "apply.h"
#include "program.h"

struct recon {
	struct ae_apply apply;
	const struct ae_schema *in;
	struct ae_buf carried; /* input columns that are passed on */
	size_t x;
	struct ae_data recon;
	struct ae_buf spare;
};

static int begin(void *state, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err)
{
	struct recon *r = state;
	struct ae_lineage lineage = {0};
	r->in = ae_reader_schema(reader);
	if (ae_apply_load(&r->apply, err) != 0)
		return -1;
	int rc = ae_apply_check(&r->apply, reader, &r->x, &lineage, err);
	if (rc == 0)
		rc = ae_schema_copy_head(out, r->in, err);
	if (rc == 0)
		rc = ae_lineage_pack(&lineage, &out->lineage, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_carry_columns(out, r->in, 1U << AE_RECON, &r->carried, err) != 0)
		return -1;
	const struct ae_column *x = &r->in->cols[r->x];
	struct ae_column *recon = ae_schema_add(out, "recon", AE_RECON, AE_F32, &x->shape, err);
	if (!recon)
		return -1;
	recon->missing = x->missing;
	return ae_column_set_features(recon, x->features, x->feature_count, err);
}

static int rows(void *state, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err)
{
	struct recon *r = state;
	const struct ae_column *x = &r->in->cols[r->x];
	size_t n = ae_shape_size(&x->shape);
	r->recon.values.len = 0;
	if (ae_buf_reserve(&r->recon.values, in->rows * n * sizeof(float), err) != 0 ||
		ae_apply_rows(
			&r->apply, x, in->cols[r->x], in->rows, (void *)r->recon.values.data, n, &r->spare, err) != 0)
		return -1;
	r->recon.values.len = in->rows * n * sizeof(float);
	ae_carry_batch(out, in, &r->carried);
	out->cols[r->carried.len / sizeof(size_t)] = &r->recon;
	return 0;
}

int main(int argc, char **argv)
{
	struct ae_common common = {.threads = 1};
	struct recon recon = {.apply.part = AE_NET_WHOLE};
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_TEXT_OPTION("model", 'm', &common.model, "FILE", "the model; required"),
		AE_FLAG("scaled", 0, &recon.apply.scaled, "text x was scaled with this model's scaler"),
		AE_OPTIONS_INPUT(&common.in),
		AE_OPTIONS_OUTPUT(&common.out),
		AE_OPTIONS_COMMON(&common),
	};
	const struct ae_program program = {"ae-recon", "-m FILE [options] [file ...]",
		"Reconstructs x with a model: adds the column recon.", table, sizeof(table) / sizeof(*table)};
	int first, status;
	if (!ae_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct ae_filter filter = {.state = &recon, .format = AE_FORMAT_AEST, .begin = begin, .rows = rows};
	recon.apply.path = common.model;
	recon.apply.threads = (int)common.threads;
	int rc = common.model ? 0 : ae_fail_usage(&err, "-m FILE is required");
	if (rc == 0)
		rc = ae_filter_run(&filter, &program, &common, argv + first, (size_t)(argc - first), &err);
	ae_apply_free(&recon.apply);
	ae_buf_free(&recon.carried);
	ae_buf_free(&recon.spare);
	ae_data_free(&recon.recon);
	return ae_finish(program.name, rc, &err);
}
