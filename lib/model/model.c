/* SPDX-License-Identifier: MIT */
/* Models in memory: their parts, and the digest that names them. */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "model/score.h"
#include "model/threshold_origin.h"
#include "net/net.h"

int ae_model_new(struct ae_model **model, struct ae_error *err)
{
	*model = ae_calloc(1, sizeof(**model), err);
	if (!*model)
		return -1;
	(*model)->settings = ae_train_defaults;
	return 0;
}

int ae_model_set_members(struct ae_model *model, size_t members, struct ae_error *err)
{
	ae_net_set_members(model->net, members);
	model->others = ae_calloc(members - 1, sizeof(*model->others), err);
	if (!model->others)
		return -1;
	model->other_count = members - 1;
	return 0;
}

/* Exchanges what the model holds with that of a member. */
static void swap_member(struct ae_model *model, size_t member)
{
	struct ae_model_member here = {model->losses, model->has_optimizer, model->optimizer};
	if (member == AE_NET_ALL || member == 0)
		return;
	struct ae_model_member *other = &model->others[member - 1];
	model->losses = other->losses;
	model->has_optimizer = other->has_optimizer;
	model->optimizer = other->optimizer;
	*other = here;
}

void ae_model_select(struct ae_model *model, size_t member)
{
	swap_member(model, ae_net_selected(model->net));
	swap_member(model, member);
	ae_net_select(model->net, member);
}

size_t ae_model_latent_size(const struct ae_model *model)
{
	return ae_net_members(model->net) > 1 ? 0 : ae_shape_size(ae_net_latent(model->net));
}

void ae_model_drop_threshold(struct ae_model *model)
{
	if (model->threshold)
		ae_threshold_free(model->threshold);
	free(model->threshold);
	model->threshold = NULL;
}

void ae_model_drop_stats(struct ae_model *model)
{
	struct ae_model_stats *s = &model->stats;
	free(s->err_mean);
	free(s->err_sd);
	free(s->latent.mean);
	free(s->latent.covariance);
	*s = (struct ae_model_stats){0};
}

int ae_model_drop_stale_stats(struct ae_model *model, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	if (!model->stats.has_digest)
		return 0;
	if (ae_model_digest(model, digest, err) != 0)
		return -1;
	if (memcmp(digest, model->stats.digest, sizeof(digest)) != 0)
		ae_model_drop_stats(model);
	return 0;
}

int ae_model_add_warning(struct ae_model *model, const char *text, struct ae_error *err)
{
	struct ae_model_warnings *w = &model->warnings;
	if (w->count == AE_MODEL_WARNINGS_MAX)
		return 0;
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->texts[i], text) == 0)
			return 0;
	if (!w->texts && !(w->texts = ae_calloc(AE_MODEL_WARNINGS_MAX, sizeof(*w->texts), err)))
		return -1;
	w->texts[w->count] = ae_strndup(text, strnlen(text, AE_MODEL_WARNING_MAX - 1), err);
	return w->texts[w->count] ? (void)w->count++, 0 : -1;
}

void ae_model_drop_warnings(struct ae_model *model)
{
	for (size_t i = 0; i < model->warnings.count; i++)
		free(model->warnings.texts[i]);
	free(model->warnings.texts);
	model->warnings = (struct ae_model_warnings){0};
}

void ae_model_free(struct ae_model *model)
{
	if (!model)
		return;
	ae_prep_free(&model->prep);
	ae_buf_free(&model->scalers);
	ae_model_drop_warnings(model);
	ae_names_free(model->features, model->feature_count);
	ae_names_free(model->groups, model->group_count);
	if (model->net)
		ae_net_free(model->net);
	ae_model_drop_stats(model);
	free(model->optimizer.moments);
	for (size_t i = 0; i < model->other_count; i++)
		free(model->others[i].optimizer.moments);
	free(model->others);
	ae_model_drop_threshold(model);
	ae_buf_free(&model->unknown);
	for (size_t i = 0; i < model->read.text_count; i++)
		free(model->read.texts[i]);
	ae_buf_free(&model->read.unknown);
	free(model->read.unknown_key);
	free(model);
}

/* ---- digest ---- */

static void digest_text(struct ae_sha256 *digest, const char *text)
{
	ae_sha256_field(digest, text, strlen(text));
}

static void digest_count(struct ae_sha256 *digest, size_t n)
{
	uint64_t count = n;
	ae_little_endian(&count, sizeof(count), 1);
	ae_sha256_update(digest, &count, sizeof(count));
}

static void digest_floats(struct ae_sha256 *digest, const float *values, size_t n)
{
	uint32_t bits[1024];
	digest_count(digest, n);
	for (size_t at = 0; at < n; at += 1024) {
		size_t count = n - at < 1024 ? n - at : 1024;
		ae_copy_little_endian(bits, values + at, sizeof(*bits), count);
		ae_sha256_update(digest, bits, count * sizeof(*bits));
	}
}

static void digest_shape(struct ae_sha256 *digest, const struct ae_shape *shape)
{
	char text[AE_SHAPE_TEXT];
	digest_text(digest, ae_shape_format(shape, text));
}

/* A scaler that stands alone is its own field, as before there were lists. */
static int digest_prep(struct ae_sha256 *digest, const struct ae_prep *prep, struct ae_error *err)
{
	struct ae_buf packed = {0};
	if (prep->count == 0 || ae_prep_is_scaler(prep)) {
		const struct ae_buf *scaler = prep->count ? &prep->steps->packed : &packed;
		ae_sha256_field(digest, scaler->data, scaler->len);
		return 0;
	}
	int rc = ae_prep_pack_steps(prep, &packed, err);
	ae_sha256_field(digest, packed.data, packed.len);
	ae_buf_free(&packed);
	return rc;
}

int ae_model_digest(const struct ae_model *model, unsigned char out[AE_DIGEST_SIZE], struct ae_error *err)
{
	struct ae_sha256 digest = {0};
	ae_sha256_init(&digest);
	if (digest_prep(&digest, &model->prep, err) != 0)
		return -1;
	digest_count(&digest, model->feature_count);
	for (size_t i = 0; i < model->feature_count; i++)
		digest_text(&digest, model->features[i]);
	digest_shape(&digest, &model->input);
	digest_text(&digest, model->net ? ae_net_text(model->net) : "");
	size_t params = model->net ? ae_net_params(model->net) : 0;
	digest_count(&digest, params);
	for (size_t i = 0; i < params; i++) {
		const struct ae_param *param = ae_net_param(model->net, i);
		digest_text(&digest, param->name);
		digest_shape(&digest, &param->shape);
		digest_floats(
			&digest, ae_net_member_weights(model->net, 0) + param->offset, ae_shape_size(&param->shape));
	}
	size_t members = model->net ? ae_net_members(model->net) : 1;
	if (members > 1)
		digest_count(&digest, members);
	for (size_t i = 1; i < members; i++)
		digest_floats(&digest, ae_net_member_weights(model->net, i), ae_net_weight_count(model->net));
	ae_sha256_final(&digest, out);
	return 0;
}

/* ---- parts ---- */

int ae_model_set_input(
	struct ae_model *model, const struct ae_shape *shape, char *const *names, size_t count, struct ae_error *err)
{
	ae_names_free(model->features, model->feature_count);
	model->feature_count = 0;
	model->input = *shape;
	if (ae_names_copy(&model->features, names, count, err) != 0)
		return -1;
	model->feature_count = count;
	return 0;
}

struct ae_prep_source ae_model_source(const struct ae_model *model)
{
	const struct ae_prep_source input = {
		.shape = model->input, .features = model->features, .feature_count = model->feature_count};
	return model->prep.source.shape.rank ? model->prep.source : input;
}

/* Whether a row of this shape is one of those that a window is made of. */
static bool is_step(const struct ae_shape *window, const struct ae_shape *shape)
{
	return window->rank == 2 && shape->rank <= 1 && ae_shape_size(shape) == window->dim[1];
}

int ae_model_check_input(const struct ae_model *model, const char *name, const struct ae_shape *shape,
	char *const *names, size_t count, struct ae_error *err)
{
	bool window = !model->net && is_step(shape, &model->input); /* the same scaler for each of its rows */
	if (model->input.rank && !is_step(&model->input, shape) && !window &&
		ae_shape_check_size(shape, &model->input, name, err) != 0)
		return -1;
	return ae_model_check_names(model, name, names, count, err);
}

int ae_model_check_names(
	const struct ae_model *model, const char *name, char *const *names, size_t count, struct ae_error *err)
{
	struct ae_order order = {0};
	if (!model->feature_count || model->feature_count != count)
		return 0;
	int rc = ae_order_need(&order, name, names, "the model", model->features, count, err);
	if (rc == 0 && order.count)
		rc = ae_fail(
			err, "%s has the model's features in another order; was the model replaced meanwhile?", name);
	ae_order_free(&order);
	return rc;
}

int ae_model_read_scaler(struct ae_model **model, const struct ae_model_from *from, struct ae_error *err)
{
	if (ae_model_read_applied(model, from, NULL, err) != 0)
		return -1;
	if (ae_prep_find_scaler(&(*model)->prep) != AE_PREP_NONE)
		return 0;
	ae_model_free(*model);
	*model = NULL;
	return ae_fail(err, "%s: holds no scaler; its model was trained on unscaled x", from->path);
}

int ae_model_write_scaler(struct ae_outfile *file, const struct ae_buf *scaler, const struct ae_buf *table,
	const struct ae_shape *shape, char *const *names, size_t count, struct ae_error *err)
{
	struct ae_model *model;
	if (ae_model_new(&model, err) != 0)
		return -1;
	int rc = ae_prep_append(&model->prep, AE_PREP_SCALER, scaler, shape, names, count, err);
	if (rc == 0)
		rc = ae_buf_set(&model->scalers, table->data, table->len, err);
	if (rc == 0)
		rc = ae_model_set_input(model, shape, names, count, err);
	if (rc == 0)
		rc = ae_model_write_unnamed(model, file, err);
	ae_model_free(model);
	return rc;
}

int ae_model_read_threshold(struct ae_model **model, const struct ae_model_from *from, const struct ae_lineage *lineage,
	const char *name, struct ae_error *err)
{
	struct ae_model *out;
	if (ae_model_read_applied(&out, from, NULL, err) != 0)
		return -1;
	int rc = out->threshold ? ae_threshold_match(out->threshold, lineage, name, from->path, err)
				: ae_fail(err, "%s: holds no threshold; ae-thresh --fit puts one there", from->path);
	if (rc == 0)
		*model = out;
	else
		ae_model_free(out);
	return rc;
}

int ae_model_put_threshold(
	struct ae_model *model, struct ae_threshold *threshold, const char *path, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	if (model->net) {
		if (ae_model_digest(model, digest, err) != 0)
			return -1;
		if (threshold->has_digest && memcmp(digest, threshold->digest, sizeof(digest)) != 0)
			return ae_fail(err, "err was made with another model than %s", path);
		memcpy(threshold->digest, digest, sizeof(digest));
		threshold->has_digest = true;
	}
	ae_model_drop_threshold(model);
	model->threshold = ae_calloc(1, sizeof(*model->threshold), err);
	if (!model->threshold)
		return -1;
	*model->threshold = *threshold;
	threshold->errors = NULL;
	threshold->errors_count = 0;
	threshold->groups = (struct ae_threshold_groups){0};
	threshold->smooth_by = (struct ae_grouping){0};
	return 0;
}

char *ae_model_losses_format(const struct ae_model *model, char text[AE_MODEL_LOSSES_TEXT])
{
	const struct ae_model_losses *losses = &model->losses;
	char valid[40] = "", epochs[80] = "";
	unsigned long long kept = losses->kept, all = losses->epochs;
	if (!isnan(losses->valid_loss))
		snprintf(valid, sizeof(valid), ", valid_loss %.6g", losses->valid_loss);
	if (kept == all && !ae_train_is_exact(&model->settings))
		snprintf(epochs, sizeof(epochs), ", after %llu epoch%s", all, all > 1 ? "s" : "");
	else if (kept != all)
		snprintf(epochs, sizeof(epochs), ", after epoch %llu of %llu, whose weights are kept", kept, all);
	snprintf(text, AE_MODEL_LOSSES_TEXT, "%.6g%s%s", losses->loss, valid, epochs);
	return text;
}
