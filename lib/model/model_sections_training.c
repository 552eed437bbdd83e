/* SPDX-License-Identifier: MIT */
/* The sections of a model file that tell of its training. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_reader.h"
#include "train/latent_stats.h"

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
int ae_model_take_training(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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
int ae_model_take_losses(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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
int ae_model_take_warnings(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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

int ae_model_take_errors(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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

int ae_model_take_latent(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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
