/* SPDX-License-Identifier: MIT */
/* What a section of a model file says goes into the model (ae-model(5)). */
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_reader.h"
#include "model/threshold.h"
#include "net/net.h"

char *ae_model_take_text(const struct ae_value *value, struct ae_error *err)
{
	struct ae_error why = {0};
	char *text = ae_value_strdup(value, &why);
	if (!text)
		ae_fail_or(err, &why, "a text is missing");
	return text;
}

int ae_model_take_shape(struct ae_shape *shape, const struct ae_value *value, struct ae_error *err)
{
	return ae_value_shape(value, shape) == 0 && shape->rank > 0 ? 0 : ae_fail(err, "bad shape");
}

static int take_input(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const struct ae_value *features = ae_value_get(map, "features");
	if (ae_model_take_shape(&model->input, ae_value_get(map, "shape"), err) != 0)
		return -1;
	size_t n = ae_value_count(features);
	size_t last = model->input.dim[model->input.rank - 1];
	if (!ae_value_is_array(features) || (n != 0 && n != last && n != ae_shape_size(&model->input)))
		return ae_fail(err, "bad number of feature names");
	model->features = ae_calloc(n, sizeof(*model->features), err);
	if (!model->features)
		return -1;
	const struct ae_value *name;
	for (struct ae_walk walk = ae_walk_in(features); ae_walk_next(&walk, &name); model->feature_count++)
		if (!(model->features[model->feature_count] = ae_model_take_text(name, err)))
			return -1;
	return 0;
}

static int take_scaler(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(ae_value_get(map, "packed"), &bytes, &len) != 0 || len == 0)
		return ae_fail(err, "no packed scaler");
	if (model->prep.count)
		return ae_fail(err, "there is a list of preparation too");
	struct ae_buf packed = {0};
	int rc = ae_buf_set(&packed, bytes, len, err);
	if (rc == 0)
		rc = ae_prep_append(&model->prep, AE_PREP_SCALER, &packed, &model->input, NULL, 0, err);
	ae_buf_free(&packed);
	return rc;
}

static int take_scalers(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(ae_value_get(map, "packed"), &bytes, &len) != 0 || len == 0)
		return ae_fail(err, "no packed scalers");
	return ae_buf_set(&reader->model->scalers, bytes, len, err);
}

static int take_prep(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_prep *prep = &reader->model->prep;
	struct ae_error why = {0};
	if (prep->count)
		return ae_fail(err, "there is a scaler too");
	if (ae_prep_take_steps(prep, ae_value_get(map, "steps"), &why) != 0)
		return ae_fail_or(err, &why, "bad steps");
	if (ae_prep_take_source(prep, ae_value_get(map, "source"), &why) != 0)
		return ae_fail_or(err, &why, "bad source");
	return ae_prep_check(prep, err);
}

static int take_network(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	if (model->input.rank == 0)
		return ae_fail(err, "stands before the input shape");
	char *text = ae_model_take_text(ae_value_get(map, "text"), err);
	if (!text)
		return -1;
	int rc = ae_net_outline(&model->net, text, NULL, NULL, &model->input, err);
	free(text);
	if (rc != 0) {
		err->status = AE_STATUS_DATA;
		return -1;
	}
	return ae_model_set_members(model, reader->member_count, err);
}

static int take_ensemble(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	uint64_t members;
	if (reader->model->net)
		return ae_fail(err, "stands after the network");
	if (ae_value_u64(ae_value_get(map, "members"), &members) != 0 || members < 2 || members > AE_NET_MEMBERS_MAX)
		return ae_fail(err, "bad number of members");
	struct ae_model_read_member *all = ae_calloc((size_t)members, sizeof(*all), err);
	if (!all)
		return -1;
	all[0] = reader->members[0];
	free(reader->members);
	reader->members = reader->at = all;
	reader->member_count = (size_t)members;
	return 0;
}

static int take_optimizer(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model_optimizer *optimizer = &reader->model->optimizer;
	if (ae_value_u64(ae_value_get(map, "step"), &optimizer->step) != 0 ||
		ae_value_u64(ae_value_get(map, "epoch"), &optimizer->epoch) != 0 ||
		ae_value_u64(ae_value_get(map, "moments"), &reader->at->moments_count) != 0)
		return ae_fail(err, "bad counts");
	reader->model->has_optimizer = true;
	return 0;
}

static int take_threshold(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_buf packed = {0};
	struct ae_threshold *threshold = ae_calloc(1, sizeof(*threshold), err);
	int rc = threshold ? ae_value_raw(map, &packed, err) : -1;
	if (rc == 0)
		rc = ae_threshold_unpack(threshold, packed.data, packed.len, err);
	ae_buf_free(&packed);
	reader->model->threshold = threshold;
	return rc;
}

/* keys 0: checked elsewhere. */
static const struct {
	const char *name;
	size_t keys;
	int (*take)(struct ae_model_reader *, const struct ae_value *map, struct ae_error *err);
} known[] = {
	{"input", 2, take_input},
	{"scaler", 1, take_scaler},
	{"prep", 2, take_prep},
	{"scalers", 1, take_scalers},
	{"ensemble", 1, take_ensemble},
	{"network", 1, take_network},
	{"training", 0, ae_model_take_training},
	{"losses", 0, ae_model_take_losses},
	{"warnings", 0, ae_model_take_warnings},
	{"errors", 2, ae_model_take_errors},
	{"latent", 0, ae_model_take_latent},
	{"optimizer", 3, take_optimizer},
	{"threshold", 0, take_threshold},
};

/* Sections that every member of an ensemble has. */
static bool is_of_member(const char *name)
{
	return strcmp(name, "losses") == 0 || strcmp(name, "optimizer") == 0;
}

/* The section at hand stays in the file when it is written again. */
static int keep_section(struct ae_model_reader *reader, const char *name, bool required, struct ae_error *err)
{
	if (required)
		return ae_fail(err, "section \"%s\" is required, and this version does not know it", name);
	reader->model->unknown_count++;
	return ae_buf_append(&reader->model->unknown, reader->source.in.data, reader->source.used, err);
}

int ae_model_take_section(struct ae_model_reader *reader, const struct ae_value *root, struct ae_error *err)
{
	bool required;
	const struct ae_value *map = ae_value_at(root, 2);
	if (ae_value_count(root) != 4 || ae_value_bool(ae_value_at(root, 1), &required) != 0 || !ae_value_is_map(map))
		return ae_fail(err, "message %zu is no section", reader->source.messages);
	char *name = ae_model_take_text(ae_value_at(root, 0), err);
	if (!name)
		return -1;
	const char *own = ae_model_find_member(reader, name);
	size_t n = sizeof(known) / sizeof(known[0]);
	size_t i = own == name || is_of_member(own) ? 0 : n;
	while (i < n && strcmp(own, known[i].name) != 0)
		i++;
	int rc;
	if (i == n) {
		rc = keep_section(reader, name, required, err);
	} else if (reader->at->seen & 1u << i) {
		rc = ae_fail(err, "section \"%s\" twice", name);
	} else if (known[i].keys > 0 && ae_value_count(map) != known[i].keys) {
		rc = ae_fail(
			err, "section \"%s\" has %zu keys instead of %zu", name, ae_value_count(map), known[i].keys);
	} else {
		ae_model_select_member(reader);
		rc = known[i].take(reader, map, err);
		ae_model_select_all(reader);
		if (rc == 0)
			reader->at->seen |= 1u << i;
		else if (rc > 0)
			rc = keep_section(reader, name, required, err);
		else
			ae_fail_in(err, "section \"%s\": ", name);
	}
	free(name);
	return rc;
}
