/* SPDX-License-Identifier: MIT */
/* Reading model files, every count, order and size checked (ae-model(5)). */
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/endian.h"
#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_format.h"
#include "model/scaler_groups.h"
#include "model/threshold.h"
#include "net/net.h"
#include "train/latent_stats.h"

/* How much of a tensor has come. */
struct progress {
	uint64_t floats, next_part, parts;
};

/* How much of a network has come, or of one of an ensemble. */
struct member {
	unsigned seen;           /* a bit for each known section */
	struct progress *params; /* [ae_net_params] */
	struct progress moments;
	uint64_t moments_count; /* what the optimizer section announced */
};

struct reader {
	struct ae_model_source source;
	struct ae_model *model;
	struct member *members; /* [member_count] */
	size_t member_count;    /* 1 where there is no section "ensemble" */
	struct member *at;      /* whose section or tensor is at hand */
	bool has_weights;       /* there is room for them */
	bool moments, statistics,
		covariance; /* are kept: the optimiser's, those of the training rows, of their latent */
	const struct ae_model_limit *limit;
};

/* A copy, which the caller frees; NULL on failure. */
static char *take_text(const struct ae_value *value, struct ae_error *err)
{
	struct ae_error why = {0};
	char *text = ae_value_strdup(value, &why);
	if (!text)
		ae_fail_or(err, &why, "a text is missing");
	return text;
}

static int take_shape(struct ae_shape *shape, const struct ae_value *value, struct ae_error *err)
{
	return ae_value_shape(value, shape) == 0 && shape->rank > 0 ? 0 : ae_fail(err, "bad shape");
}

static int take_input(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const struct ae_value *features = ae_value_get(map, "features");
	if (take_shape(&model->input, ae_value_get(map, "shape"), err) != 0)
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
		if (!(model->features[model->feature_count] = take_text(name, err)))
			return -1;
	return 0;
}

static int take_scaler(struct reader *reader, const struct ae_value *map, struct ae_error *err)
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

static int take_scalers(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(ae_value_get(map, "packed"), &bytes, &len) != 0 || len == 0)
		return ae_fail(err, "no packed scalers");
	return ae_buf_set(&reader->model->scalers, bytes, len, err);
}

static int take_prep(struct reader *reader, const struct ae_value *map, struct ae_error *err)
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

static int take_network(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	if (model->input.rank == 0)
		return ae_fail(err, "stands before the input shape");
	char *text = take_text(ae_value_get(map, "text"), err);
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

static int take_ensemble(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	uint64_t members;
	if (reader->model->net)
		return ae_fail(err, "stands after the network");
	if (ae_value_u64(ae_value_get(map, "members"), &members) != 0 || members < 2 || members > AE_NET_MEMBERS_MAX)
		return ae_fail(err, "bad number of members");
	struct member *all = ae_calloc((size_t)members, sizeof(*all), err);
	if (!all)
		return -1;
	all[0] = reader->members[0];
	free(reader->members);
	reader->members = reader->at = all;
	reader->member_count = (size_t)members;
	return 0;
}

/* Makes room for the weights of a network that has just been read. */
static int begin_weights(struct reader *reader, struct ae_error *err)
{
	struct ae_net *net = reader->model->net;
	if (reader->limit && reader->limit->check(reader->limit->arg, reader->model, err) != 0)
		return -1;
	for (size_t i = 0; i < reader->member_count; i++) {
		struct progress **params = &reader->members[i].params;
		*params = ae_calloc(ae_net_params(net), sizeof(**params), err);
		if (!*params)
			return -1;
	}
	reader->has_weights = true;
	return ae_net_make_weights(net, err);
}

/* Texts of settings are names; a longer one is none. */
enum { SETTING_TEXT_MAX = 63 };

static int take_setting_text(
	struct ae_model *model, const char **at, const struct ae_value *value, struct ae_error *err)
{
	const char *bytes;
	size_t len;
	if (ae_value_str(value, &bytes, &len) != 0 || len > SETTING_TEXT_MAX ||
		model->read.text_count == sizeof(model->read.texts) / sizeof(*model->read.texts) ||
		memchr(bytes, '\0', len))
		return -1;
	char *text = ae_strndup(bytes, len, err);
	if (!text)
		return -1;
	model->read.texts[model->read.text_count++] = text;
	*at = text;
	return 0;
}

/* *err has a text where memory ran out. */
static int take_setting(
	struct ae_model *model, const struct ae_setting *setting, const struct ae_value *value, struct ae_error *err)
{
	void *at = (char *)&model->settings + setting->offset;
	switch (setting->kind) {
	case AE_SETTING_TEXT:
		return take_setting_text(model, at, value, err);
	case AE_SETTING_NUMBER:
		return ae_value_f64(value, at) == 0 && isfinite(*(double *)at) ? 0 : -1;
	case AE_SETTING_COUNT:
		return ae_value_u64(value, at);
	case AE_SETTING_TRUTH:
		return ae_value_bool(value, at);
	}
	return -1;
}

/* A setting of a later version: kept for a rewrite. */
static int keep_setting(
	struct ae_model *model, const char *key, size_t len, const struct ae_value *value, struct ae_error *err)
{
	char *name = ae_strndup(key, len, err);
	if (!name)
		return -1;
	struct ae_pack pack = {.out = &model->read.unknown, .err = err};
	ae_pack_str(&pack, name);
	if (model->read.unknown_key)
		free(name);
	else
		model->read.unknown_key = name;
	model->read.unknown_count++;
	return pack.failed ? -1 : ae_value_raw(value, &model->read.unknown, err);
}

static const struct ae_setting *find_setting(const char *key, size_t len, size_t *place)
{
	const struct ae_setting *setting;
	for (*place = 0; (setting = ae_train_setting(*place)); ++*place)
		if (strlen(setting->key) == len && memcmp(setting->key, key, len) == 0)
			break;
	return setting;
}

/* Tolerant, as no other section is: scoring needs none of it but the mask. An absent setting has its default. */
static int take_training(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	uint64_t seen = 0;
	const char *key;
	size_t len, place;
	const struct ae_value *value;
	for (struct ae_walk walk = ae_walk_in(map); ae_walk_pair(&walk, &key, &len, &value);) {
		if (!key || memchr(key, '\0', len))
			return ae_fail(err, "a key that is no text");
		const struct ae_setting *setting = find_setting(key, len, &place);
		if (!setting) {
			if (keep_setting(reader->model, key, len, value, err) != 0)
				return -1;
			continue;
		}
		struct ae_error why = {0};
		if (seen & UINT64_C(1) << place || take_setting(reader->model, setting, value, &why) != 0)
			return ae_fail_or(err, &why, "bad or repeated \"%s\"", setting->key);
		seen |= UINT64_C(1) << place;
	}
	return 0;
}

/* The losses are for people: 1 where they are not understood, since nothing else depends on them. */
static int take_losses(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model_losses losses = {.valid_loss = NAN};
	const struct ae_value *valid = ae_value_get(map, "valid_loss");
	(void)err;
	if (ae_value_u64(ae_value_get(map, "epochs"), &losses.epochs) != 0 ||
		ae_value_u64(ae_value_get(map, "kept"), &losses.kept) != 0 ||
		ae_value_f64(ae_value_get(map, "loss"), &losses.loss) != 0 || !isfinite(losses.loss) ||
		losses.kept == 0 || losses.kept > losses.epochs || ae_value_count(map) != (valid ? 4u : 3u) ||
		(valid && (ae_value_f64(valid, &losses.valid_loss) != 0 || isnan(losses.valid_loss))))
		return 1;
	reader->model->losses = losses;
	return 0;
}

/* They are for people too. */
static int take_warnings(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const struct ae_value *texts = ae_value_get(map, "texts"), *text;
	struct ae_model kept = {0};
	int rc = ae_value_u64(ae_value_get(map, "epochs"), &kept.warnings.epochs);
	if (ae_value_count(map) != 2 || !ae_value_is_array(texts) || ae_value_count(texts) > AE_MODEL_WARNINGS_MAX)
		rc = -1;
	for (struct ae_walk walk = ae_walk_in(texts); rc == 0 && ae_walk_next(&walk, &text);) {
		char line[AE_MODEL_WARNING_MAX];
		rc = ae_value_word(text, line, sizeof(line));
		if (rc == 0 && ae_model_add_warning(&kept, line, err) != 0) {
			ae_model_drop_warnings(&kept);
			return -1;
		}
	}
	if (rc != 0) {
		ae_model_drop_warnings(&kept);
		return 1;
	}
	model->warnings = kept.warnings;
	return 0;
}

static int take_errors(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	struct ae_error why = {0};
	size_t sds;
	if (ae_value_f64s(ae_value_get(map, "mean"), &model->stats.err_mean, &model->stats.err_count, &why) != 0 ||
		ae_value_f64s(ae_value_get(map, "sd"), &model->stats.err_sd, &sds, &why) != 0 ||
		sds != model->stats.err_count)
		return ae_fail_or(err, &why, "bad error statistics");
	for (size_t i = 0; i < sds; i++) {
		if (!isfinite(model->stats.err_mean[i]) || !isfinite(model->stats.err_sd[i]) ||
			model->stats.err_sd[i] < 0)
			return ae_fail(err, "bad error statistics");
	}
	return 0;
}

static int take_digest(struct ae_model_stats *stats, const struct ae_value *value)
{
	const unsigned char *bytes;
	size_t len;
	stats->has_digest = true;
	if (ae_value_bin(value, &bytes, &len) != 0 || len != sizeof(stats->digest))
		return -1;
	memcpy(stats->digest, bytes, len);
	return 0;
}

static int take_latent(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model_latent *latent = &reader->model->stats.latent;
	struct ae_error why = {0};
	const struct ae_value *digest = ae_value_get(map, "digest");
	size_t entries;
	if (ae_value_count(map) != (digest ? 5u : 4u) || (digest && take_digest(&reader->model->stats, digest) != 0))
		return ae_fail(err, "bad keys");
	if (ae_value_u64(ae_value_get(map, "rows"), &latent->rows) != 0 ||
		ae_value_f64(ae_value_get(map, "shrinkage"), &latent->shrinkage) != 0 ||
		!(latent->shrinkage >= 0 && latent->shrinkage <= 1) ||
		ae_value_f64s(ae_value_get(map, "mean"), &latent->mean, &latent->count, &why) != 0 ||
		latent->count > AE_LATENT_STATS_MOST || !ae_all_finite_f64(latent->mean, latent->count))
		return ae_fail_or(err, &why, "bad statistics");
	if (!reader->covariance)
		return 0;
	if (ae_value_f64s(ae_value_get(map, "covariance"), &latent->covariance, &entries, &why) != 0 ||
		entries != ae_triangle(latent->count) || !ae_all_finite_f64(latent->covariance, entries))
		return ae_fail_or(err, &why, "bad statistics");
	return 0;
}

static int take_optimizer(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	struct ae_model_optimizer *optimizer = &reader->model->optimizer;
	if (ae_value_u64(ae_value_get(map, "step"), &optimizer->step) != 0 ||
		ae_value_u64(ae_value_get(map, "epoch"), &optimizer->epoch) != 0 ||
		ae_value_u64(ae_value_get(map, "moments"), &reader->at->moments_count) != 0)
		return ae_fail(err, "bad counts");
	reader->model->has_optimizer = true;
	return 0;
}

static int take_threshold(struct reader *reader, const struct ae_value *map, struct ae_error *err)
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

/* The name after the member that stands before it, "2/" say, which becomes the one at hand; else it is the first. */
static const char *find_member(struct reader *reader, const char *name)
{
	char *end;
	reader->at = reader->members;
	if (!reader->model->net || *name < '1' || *name > '9')
		return name;
	unsigned long long member = strtoull(name, &end, 10);
	if (*end != '/' || member < 2 || member > reader->member_count)
		return name;
	reader->at += member - 1;
	return end + 1;
}

/* The model is filled in for the member at hand. */
static void select_member(struct reader *reader)
{
	if (reader->at != reader->members)
		ae_model_select(reader->model, (size_t)(reader->at - reader->members));
}

static void select_all(struct reader *reader)
{
	if (reader->at != reader->members)
		ae_model_select(reader->model, AE_NET_ALL);
}

/* keys 0: checked elsewhere. */
static const struct {
	const char *name;
	size_t keys;
	int (*take)(struct reader *, const struct ae_value *map, struct ae_error *err);
} known[] = {
	{"input", 2, take_input},
	{"scaler", 1, take_scaler},
	{"prep", 2, take_prep},
	{"scalers", 1, take_scalers},
	{"ensemble", 1, take_ensemble},
	{"network", 1, take_network},
	{"training", 0, take_training},
	{"losses", 0, take_losses},
	{"warnings", 0, take_warnings},
	{"errors", 2, take_errors},
	{"latent", 0, take_latent},
	{"optimizer", 3, take_optimizer},
	{"threshold", 0, take_threshold},
};

/* Sections that every member of an ensemble has. */
static bool is_of_member(const char *name)
{
	return strcmp(name, "losses") == 0 || strcmp(name, "optimizer") == 0;
}

/* The section at hand stays in the file when it is written again. */
static int keep_section(struct reader *reader, const char *name, bool required, struct ae_error *err)
{
	if (required)
		return ae_fail(err, "section \"%s\" is required, and this version does not know it", name);
	reader->model->unknown_count++;
	return ae_buf_append(&reader->model->unknown, reader->source.in.data, reader->source.used, err);
}

static int take_section(struct reader *reader, const struct ae_value *root, struct ae_error *err)
{
	bool required;
	const struct ae_value *map = ae_value_at(root, 2);
	if (ae_value_count(root) != 4 || ae_value_bool(ae_value_at(root, 1), &required) != 0 || !ae_value_is_map(map))
		return ae_fail(err, "message %zu is no section", reader->source.messages);
	char *name = take_text(ae_value_at(root, 0), err);
	if (!name)
		return -1;
	const char *own = find_member(reader, name);
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
		select_member(reader);
		rc = known[i].take(reader, map, err);
		select_all(reader);
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

/* Checks that a part is the next one of its tensor and that its floats still fit into `total`. */
static int advance(struct progress *progress, const struct ae_value *map, size_t floats, uint64_t total)
{
	uint64_t part, parts;
	if (ae_value_u64(ae_value_get(map, "part"), &part) != 0 ||
		ae_value_u64(ae_value_get(map, "parts"), &parts) != 0)
		return -1;
	if (part != progress->next_part || part >= parts || (part > 0 && parts != progress->parts) ||
		floats > total - progress->floats)
		return -1;
	progress->parts = parts;
	progress->next_part++;
	progress->floats += floats;
	return 0;
}

static bool complete(const struct progress *progress, uint64_t total)
{
	return progress->floats == total && progress->next_part == progress->parts;
}

/* They grow as they come: their number is only announced. */
static int take_moments(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	enum { PIECE = 1 << 18 };
	struct ae_model_optimizer *optimizer = &reader->model->optimizer;
	const struct ae_value *dims = ae_value_get(map, "shape");
	size_t left = reader->source.values / sizeof(float);
	uint64_t n;
	if (ae_value_count(dims) != 1 || ae_value_u64(ae_value_at(dims, 0), &n) != 0 ||
		n != reader->at->moments_count || advance(&reader->at->moments, map, left, n) != 0)
		return ae_fail(err, "tensor \"%s\" does not fit", AE_MODEL_MOMENTS);
	while (left > 0 && reader->moments) {
		size_t piece = left < PIECE ? left : PIECE;
		float *moments = realloc(optimizer->moments, (optimizer->moments_count + piece) * sizeof(*moments));
		if (!moments)
			return ae_fail_memory(err);
		optimizer->moments = moments;
		moments += optimizer->moments_count;
		if (ae_model_source_values(&reader->source, moments, piece * sizeof(*moments), err) != 0)
			return -1;
		ae_little_endian(moments, sizeof(*moments), piece);
		optimizer->moments_count += piece;
		left -= piece;
	}
	return 0;
}

static int take_param(struct reader *reader, size_t i, const struct ae_value *map, struct ae_error *err)
{
	struct ae_net *net = reader->model->net;
	const struct ae_param *param = ae_net_param(net, i);
	struct progress *progress = &reader->at->params[i];
	size_t floats = reader->source.values / sizeof(float);
	float *weights = ae_net_weights(net) + param->offset + progress->floats;
	struct ae_shape shape;
	if (take_shape(&shape, ae_value_get(map, "shape"), err) != 0 || !ae_shape_equal(&shape, &param->shape) ||
		advance(progress, map, floats, ae_shape_size(&param->shape)) != 0)
		return ae_fail(err, "tensor \"%s\" does not fit the network", param->name);
	if (ae_model_source_values(&reader->source, weights, floats * sizeof(*weights), err) != 0)
		return -1;
	ae_little_endian(weights, sizeof(*weights), floats);
	return 0;
}

static int take_values(struct reader *reader, const struct ae_value *map, struct ae_error *err)
{
	if (reader->source.values % sizeof(float) != 0)
		return ae_fail(err, "message %zu is no tensor", reader->source.messages);
	char *name = take_text(ae_value_get(map, "name"), err);
	if (!name)
		return -1;
	int rc;
	const char *own = find_member(reader, name);
	size_t i = 0, params = reader->model->net ? ae_net_params(reader->model->net) : 0;
	select_member(reader);
	while (i < params && strcmp(own, ae_net_param(reader->model->net, i)->name) != 0)
		i++;
	if (i < params)
		rc = take_param(reader, i, map, err);
	else if (strcmp(own, AE_MODEL_MOMENTS) == 0)
		rc = take_moments(reader, map, err);
	else
		rc = ae_fail(err, "tensor \"%s\" is none of the network's", name);
	select_all(reader);
	free(name);
	return rc;
}

/* A wrong checksum is the error whatever the damage has made of the rest. */
static int take_tensor(struct reader *reader, const struct ae_value *root, struct ae_error *err)
{
	struct ae_error damage;
	int rc = take_values(reader, ae_value_at(root, 1), err);
	if (ae_model_source_end_tensor(&reader->source, &damage) != 0) {
		*err = damage;
		return -1;
	}
	return rc;
}

static int take_header(const struct ae_value *root, struct ae_error *err)
{
	uint64_t version;
	if (ae_value_count(root) != 4 || ae_value_u64(ae_value_at(root, 1), &version) != 0)
		return ae_fail(err, "not a model file");
	if (version != AE_MODEL_VERSION)
		return ae_fail(err, "model format version %llu, this program reads version %d",
			(unsigned long long)version, AE_MODEL_VERSION);
	return 0;
}

/* A scaler that stands alone, or last, is one of the network's input; one of groups has its table. */
static int check_scaler(const struct ae_model *model, size_t i, bool *table, struct ae_error *err)
{
	struct ae_scaler_groups groups = {0};
	int rc = ae_scaler_groups_unpack(&groups, &model->prep.steps[i].packed, err);
	if (rc == 0 && i + 1 == model->prep.count && model->input.rank > 0 &&
		!ae_scaler_fits(&groups.all, &model->input))
		rc = ae_fail(err, "the scaler does not fit the input shape");
	if (rc == 0 && groups.column)
		rc = ae_scaler_groups_take_table(&groups, &model->scalers, err);
	*table |= groups.column != NULL;
	ae_scaler_groups_free(&groups);
	return rc;
}

/* Whether all of a member has come. */
static int end_member(struct reader *reader, size_t i, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const struct member *m = &reader->members[i];
	for (size_t p = 0; model->net && p < ae_net_params(model->net); p++) {
		const struct ae_param *param = ae_net_param(model->net, p);
		if (!complete(&m->params[p], ae_shape_size(&param->shape)))
			return ae_fail(err, "tensor \"%s\" is not complete", param->name);
	}
	if (!complete(&m->moments, m->moments_count))
		return ae_fail(err, "tensor \"%s\" is not complete", AE_MODEL_MOMENTS);
	reader->at = &reader->members[i];
	select_member(reader);
	/* A version that does not know the losses kept them, and trained on. */
	if (model->has_optimizer && model->losses.epochs != model->optimizer.epoch)
		model->losses = (struct ae_model_losses){0};
	select_all(reader);
	return 0;
}

static int check_scalers(const struct ae_model *model, struct ae_error *err)
{
	bool table = false;
	for (size_t i = 0; i < model->prep.count; i++)
		if (strcmp(model->prep.steps[i].program, AE_PREP_SCALER) == 0 &&
			check_scaler(model, i, &table, err) != 0)
			return -1;
	return table || model->scalers.len == 0 ? 0 : ae_fail(err, "scalers of groups that no step uses");
}

static int take_end(struct reader *reader, const struct ae_value *root, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	uint64_t sections;
	if (ae_value_count(root) != 3 || ae_value_u64(ae_value_get(ae_value_at(root, 1), "sections"), &sections) != 0)
		return ae_fail(err, "bad end");
	if (sections != reader->source.messages - 2)
		return ae_fail(err, "%zu sections where its end counts %llu", reader->source.messages - 2,
			(unsigned long long)sections);
	if (reader->member_count > 1 && !model->net)
		return ae_fail(err, "holds an ensemble without a network");
	for (size_t i = 0; i < reader->member_count; i++)
		if (end_member(reader, i, err) != 0)
			return reader->member_count > 1 ? ae_fail_in(err, "member %zu: ", i + 1) : -1;
	if (model->has_optimizer && model->warnings.epochs != model->optimizer.epoch)
		ae_model_drop_warnings(model);
	/* The same is true of statistics, and one that did not measure them anew left those of other weights. */
	if (!reader->statistics)
		ae_model_drop_stats(model);
	else if (ae_model_drop_stale_stats(model, err) != 0)
		return -1;
	if (check_scalers(model, err) != 0)
		return -1;
	if (reader->source.in.len > reader->source.used)
		return ae_fail(err, "bytes after its end");
	ssize_t n = ae_model_source_more(&reader->source, 1, err);
	return n > 0 ? ae_fail(err, "bytes after its end") : (int)n;
}

/* Returns 1 after the end, 0 to go on. */
static int take_message(struct reader *reader, struct ae_error *err)
{
	if (ae_model_source_next(&reader->source, err) != 0)
		return -1;
	const struct ae_value *root = ae_value_scanned(reader->source.in.data);
	const char *tag = "";
	size_t len = 0;
	int rc, done = 0;
	if (ae_value_str(ae_value_at(root, 0), &tag, &len) != 0) {
		rc = ae_fail(err, "message %zu has no name", reader->source.messages);
	} else if (reader->source.messages == 1) {
		rc = take_header(root, err);
	} else if (len == 3 && memcmp(tag, "end", 3) == 0) {
		rc = take_end(reader, root, err);
		done = 1;
	} else if (reader->source.tensor) {
		rc = take_tensor(reader, root, err);
	} else {
		rc = take_section(reader, root, err);
		if (rc == 0 && reader->model->net && !reader->has_weights)
			rc = begin_weights(reader, err);
	}
	return rc != 0 ? -1 : done;
}

/* reader says what is kept, and has the limit. */
static int read_file(struct ae_model **model, const char *path, struct reader reader, struct ae_error *err)
{
	reader.source.fd = ae_open(path, O_RDONLY, 0);
	if (reader.source.fd < 0)
		return ae_fail_errno(err, "%s", path);
	int rc = ae_model_new(&reader.model, err);
	reader.members = reader.at = ae_calloc(1, sizeof(*reader.members), err);
	reader.member_count = reader.members ? 1 : 0;
	rc = reader.members ? rc : -1;
	while (rc == 0)
		rc = take_message(&reader, err);
	close(reader.source.fd);
	ae_buf_free(&reader.source.in);
	for (size_t i = 0; i < reader.member_count; i++)
		free(reader.members[i].params);
	free(reader.members);
	if (rc >= 0 && ae_model_find_groups(reader.model, err) != 0)
		rc = -1;
	if (rc < 0) {
		ae_model_free(reader.model);
		/* AE_ISA is no matter of the file. */
		return err->status == AE_STATUS_USAGE ? -1 : ae_fail_in(err, "%s: ", path);
	}
	*model = reader.model;
	return 0;
}

int ae_model_read(struct ae_model **model, const char *path, struct ae_error *err)
{
	return read_file(model, path, (struct reader){.moments = true, .statistics = true, .covariance = true}, err);
}

int ae_model_read_applied(
	struct ae_model **model, const char *path, const struct ae_model_limit *limit, struct ae_error *err)
{
	return read_file(model, path, (struct reader){.limit = limit}, err);
}

int ae_model_read_statistics(struct ae_model **model, const char *path, struct ae_error *err)
{
	return read_file(model, path, (struct reader){.statistics = true, .covariance = true}, err);
}

int ae_model_read_described(struct ae_model **model, const char *path, struct ae_error *err)
{
	return read_file(model, path, (struct reader){.statistics = true}, err);
}

int ae_model_file_look(bool *is_one, const char *path, struct ae_error *err)
{
	char head[6] = {0};
	struct stat info;
	int fd = ae_open(path, O_RDONLY, 0);
	ssize_t got = 0;
	*is_one = false;
	if (fd < 0)
		return ae_fail_errno(err, "%s", path);
	int rc = fstat(fd, &info);
	if (rc == 0 && S_ISREG(info.st_mode))
		got = ae_pread(fd, head, sizeof(head), 0);
	if (rc != 0 || got < 0)
		rc = ae_fail_errno(err, "%s", path);
	*is_one = got == sizeof(head) && memcmp(head, "\224\244AEMF", sizeof(head)) == 0;
	close(fd);
	return rc;
}

bool ae_is_model_file(const char *path)
{
	struct ae_error ignored;
	bool is_one;
	return ae_model_file_look(&is_one, path, &ignored) == 0 && is_one;
}
