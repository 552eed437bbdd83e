/* SPDX-License-Identifier: MIT */
/* Writing model files: one message a section, one or more a tensor (ae-model(5)). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/msgpack.h"
#include "core/outfile.h"
#include "model/model.h"
#include "model/model_format.h"
#include "model/threshold.h"
#include "net/net.h"
#include "train/latent_stats.h"

struct writer {
	struct ae_outfile file;
	struct ae_buf message;
	struct ae_pack pack;
	size_t sections;
	size_t member; /* of an ensemble: whose losses, optimiser and tensors are written, from 0 */
};

/* Every message is built whole, then written. */
static void begin(struct writer *writer, struct ae_error *err)
{
	writer->message.len = 0;
	writer->pack = (struct ae_pack){.out = &writer->message, .err = err};
}

static int finish(struct writer *writer)
{
	struct ae_error *err = writer->pack.err;
	ae_pack_crc(&writer->pack, 0);
	if (writer->pack.failed)
		return -1;
	writer->sections++;
	return ae_write_all(writer->file.fd, writer->message.data, writer->message.len, writer->file.path, err);
}

/* A name in the file: member 2 of an ensemble has "2/" before it. */
static void pack_name(struct writer *writer, const char *name)
{
	char text[AE_MODEL_NAME_MAX];
	if (writer->member == 0) {
		ae_pack_str(&writer->pack, name);
		return;
	}
	snprintf(text, sizeof(text), "%zu/%s", writer->member + 1, name);
	ae_pack_str(&writer->pack, text);
}

static void begin_section(struct writer *writer, const char *name, bool required, size_t keys, struct ae_error *err)
{
	begin(writer, err);
	ae_pack_array(&writer->pack, 4);
	pack_name(writer, name);
	ae_pack_bool(&writer->pack, required);
	if (keys > 0)
		ae_pack_map(&writer->pack, keys);
}

static int finish_section(struct writer *writer)
{
	if (!writer->pack.failed && writer->message.len > AE_MODEL_SECTION_MAX - 5)
		return ae_fail(writer->pack.err, "%s: a section larger than %zu bytes", writer->file.path,
			AE_MODEL_SECTION_MAX);
	return finish(writer);
}

static int write_input(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "input", true, 2, err);
	ae_pack_str(&writer->pack, "shape");
	ae_pack_shape(&writer->pack, &model->input);
	ae_pack_str(&writer->pack, "features");
	ae_pack_array(&writer->pack, model->feature_count);
	for (size_t i = 0; i < model->feature_count; i++)
		ae_pack_str(&writer->pack, model->features[i]);
	return finish_section(writer);
}

static int write_scaler(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "scaler", true, 1, err);
	ae_pack_str(&writer->pack, "packed");
	ae_pack_bin(&writer->pack, model->prep.steps->packed.data, model->prep.steps->packed.len);
	return finish_section(writer);
}

static int write_scalers(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "scalers", true, 1, err);
	ae_pack_str(&writer->pack, "packed");
	ae_pack_bin(&writer->pack, model->scalers.data, model->scalers.len);
	return finish_section(writer);
}

static int write_prep(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "prep", true, 2, err);
	ae_pack_str(&writer->pack, "steps");
	if (ae_prep_pack_steps(&model->prep, &writer->message, err) != 0)
		return -1;
	ae_pack_str(&writer->pack, "source");
	if (ae_prep_pack_source(&model->prep.source, &writer->message, err) != 0)
		return -1;
	return finish_section(writer);
}

static int write_ensemble(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "ensemble", true, 1, err);
	ae_pack_str(&writer->pack, "members");
	ae_pack_u64(&writer->pack, ae_net_members(model->net));
	return finish_section(writer);
}

static int write_network(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "network", true, 1, err);
	ae_pack_str(&writer->pack, "text");
	ae_pack_str(&writer->pack, ae_net_text(model->net));
	return finish_section(writer);
}

static void pack_setting(
	struct ae_pack *pack, const struct ae_setting *setting, const struct ae_train_settings *settings)
{
	const void *at = (const char *)settings + setting->offset;
	const char *const *text = at;
	ae_pack_str(pack, setting->key);
	switch (setting->kind) {
	case AE_SETTING_TEXT:
		ae_pack_str(pack, *text ? *text : "");
		break;
	case AE_SETTING_NUMBER:
		ae_pack_f64(pack, *(const double *)at);
		break;
	case AE_SETTING_COUNT:
		ae_pack_u64(pack, *(const uint64_t *)at);
		break;
	case AE_SETTING_TRUTH:
		ae_pack_bool(pack, *(const bool *)at);
		break;
	}
}

static bool is_stored(const struct ae_setting *setting, const struct ae_train_settings *settings)
{
	return setting->always || !ae_setting_equal(setting, settings, &ae_train_defaults);
}

/* The known settings in their order, then those of later versions as they came. */
static int write_training(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	const struct ae_setting *setting;
	size_t n = model->read.unknown_count;
	for (size_t i = 0; (setting = ae_train_setting(i)); i++)
		n += is_stored(setting, &model->settings);
	begin_section(writer, "training", true, n, err);
	for (size_t i = 0; (setting = ae_train_setting(i)); i++)
		if (is_stored(setting, &model->settings))
			pack_setting(&writer->pack, setting, &model->settings);
	ae_pack_raw(&writer->pack, &model->read.unknown);
	return finish_section(writer);
}

static int write_losses(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	const struct ae_model_losses *losses = &model->losses;
	bool valid = !isnan(losses->valid_loss);
	begin_section(writer, "losses", false, valid ? 4 : 3, err);
	ae_pack_str(&writer->pack, "epochs");
	ae_pack_u64(&writer->pack, losses->epochs);
	ae_pack_str(&writer->pack, "kept");
	ae_pack_u64(&writer->pack, losses->kept);
	ae_pack_str(&writer->pack, "loss");
	ae_pack_f64(&writer->pack, losses->loss);
	if (valid) {
		ae_pack_str(&writer->pack, "valid_loss");
		ae_pack_f64(&writer->pack, losses->valid_loss);
	}
	return finish_section(writer);
}

static int write_warnings(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "warnings", false, 2, err);
	ae_pack_str(&writer->pack, "epochs");
	ae_pack_u64(&writer->pack, model->warnings.epochs ? model->warnings.epochs : model->losses.epochs);
	ae_pack_str(&writer->pack, "texts");
	ae_pack_array(&writer->pack, model->warnings.count);
	for (size_t i = 0; i < model->warnings.count; i++)
		ae_pack_str(&writer->pack, model->warnings.texts[i]);
	return finish_section(writer);
}

static int write_errors(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "errors", false, 2, err);
	ae_pack_str(&writer->pack, "mean");
	ae_pack_f64s(&writer->pack, model->stats.err_mean, model->stats.err_count);
	ae_pack_str(&writer->pack, "sd");
	ae_pack_f64s(&writer->pack, model->stats.err_sd, model->stats.err_count);
	return finish_section(writer);
}

static int write_latent(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	const struct ae_model_latent *latent = &model->stats.latent;
	const struct ae_model_stats *stats = &model->stats;
	begin_section(writer, "latent", false, stats->has_digest ? 5 : 4, err);
	ae_pack_str(&writer->pack, "rows");
	ae_pack_u64(&writer->pack, latent->rows);
	ae_pack_str(&writer->pack, "shrinkage");
	ae_pack_f64(&writer->pack, latent->shrinkage);
	ae_pack_str(&writer->pack, "mean");
	ae_pack_f64s(&writer->pack, latent->mean, latent->count);
	ae_pack_str(&writer->pack, "covariance");
	ae_pack_f64s(&writer->pack, latent->covariance, ae_triangle(latent->count));
	if (stats->has_digest) {
		ae_pack_str(&writer->pack, "digest");
		ae_pack_bin(&writer->pack, stats->digest, sizeof(stats->digest));
	}
	return finish_section(writer);
}

static int write_optimizer(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	begin_section(writer, "optimizer", false, 3, err);
	ae_pack_str(&writer->pack, "step");
	ae_pack_u64(&writer->pack, model->optimizer.step);
	ae_pack_str(&writer->pack, "epoch");
	ae_pack_u64(&writer->pack, model->optimizer.epoch);
	ae_pack_str(&writer->pack, "moments");
	ae_pack_u64(&writer->pack, model->optimizer.moments_count);
	return finish_section(writer);
}

static int write_threshold(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	struct ae_buf packed = {0};
	int rc = ae_threshold_pack(model->threshold, &packed, err);
	if (rc == 0) {
		begin_section(writer, "threshold", false, 0, err);
		ae_pack_raw(&writer->pack, &packed);
		rc = finish_section(writer);
	}
	ae_buf_free(&packed);
	return rc;
}

/* Of n values, in as many messages as it takes; dims[rank] says how they are shaped. */
static int write_tensor(struct writer *writer, const char *name, const uint64_t *dims, size_t rank, const float *values,
	size_t n, struct ae_error *err)
{
	size_t part_size = AE_MODEL_PART_MAX / sizeof(*values);
	size_t parts = n <= part_size ? 1 : (n + part_size - 1) / part_size;
	for (size_t part = 0; part < parts; part++) {
		size_t first = part * part_size;
		size_t count = n - first < part_size ? n - first : part_size;
		begin(writer, err);
		ae_pack_array(&writer->pack, 4);
		ae_pack_str(&writer->pack, "tensor");
		ae_pack_map(&writer->pack, 4);
		ae_pack_str(&writer->pack, "name");
		pack_name(writer, name);
		ae_pack_str(&writer->pack, "shape");
		ae_pack_array(&writer->pack, rank);
		for (size_t i = 0; i < rank; i++)
			ae_pack_u64(&writer->pack, dims[i]);
		ae_pack_str(&writer->pack, "part");
		ae_pack_u64(&writer->pack, part);
		ae_pack_str(&writer->pack, "parts");
		ae_pack_u64(&writer->pack, parts);
		ae_pack_numbers(&writer->pack, values + first, sizeof(*values), count);
		if (finish(writer) != 0)
			return -1;
	}
	return 0;
}

static int write_weights(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	for (size_t i = 0; i < ae_net_params(model->net); i++) {
		const struct ae_param *param = ae_net_param(model->net, i);
		uint64_t dims[AE_RANK_MAX];
		for (uint32_t d = 0; d < param->shape.rank; d++)
			dims[d] = param->shape.dim[d];
		if (write_tensor(writer, param->name, dims, param->shape.rank,
			    ae_net_member_weights(model->net, writer->member) + param->offset,
			    ae_shape_size(&param->shape), err) != 0)
			return -1;
	}
	return 0;
}

static int write_moments(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	uint64_t dims[] = {model->optimizer.moments_count};
	return write_tensor(
		writer, AE_MODEL_MOMENTS, dims, 1, model->optimizer.moments, model->optimizer.moments_count, err);
}

static int write_unknown(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	writer->sections += model->unknown_count;
	return ae_write_all(writer->file.fd, model->unknown.data, model->unknown.len, writer->file.path, err);
}

static int write_head(struct writer *writer, struct ae_error *err)
{
	begin(writer, err);
	ae_pack_array(&writer->pack, 4);
	ae_pack_str(&writer->pack, "AEMF");
	ae_pack_u64(&writer->pack, AE_MODEL_VERSION);
	ae_pack_map(&writer->pack, 0);
	int rc = finish(writer);
	writer->sections = 0;
	return rc;
}

static int write_end(struct writer *writer, struct ae_error *err)
{
	begin(writer, err);
	ae_pack_array(&writer->pack, 3);
	ae_pack_str(&writer->pack, "end");
	ae_pack_map(&writer->pack, 1);
	ae_pack_str(&writer->pack, "sections");
	ae_pack_u64(&writer->pack, writer->sections);
	return finish(writer);
}

/* Losses and optimiser, or the tensors, of the members after the first. */
static int write_others(struct writer *writer, const struct ae_model *model, bool tensors, struct ae_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < model->other_count; i++) {
		struct ae_model view = *model;
		view.losses = model->others[i].losses;
		view.optimizer = model->others[i].optimizer;
		writer->member = i + 1;
		if (!tensors && view.losses.epochs > 0)
			rc = write_losses(writer, &view, err);
		if (rc == 0 && !tensors && model->others[i].has_optimizer)
			rc = write_optimizer(writer, &view, err);
		if (rc == 0 && tensors)
			rc = write_weights(writer, &view, err);
		if (rc == 0 && tensors && view.optimizer.moments_count > 0)
			rc = write_moments(writer, &view, err);
	}
	writer->member = 0;
	return rc;
}

static int write_other_states(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	return write_others(writer, model, false, err);
}

static int write_other_tensors(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	return write_others(writer, model, true, err);
}

static int write_all(struct writer *writer, const struct ae_model *model, struct ae_error *err)
{
	const struct {
		bool present;
		int (*write)(struct writer *, const struct ae_model *, struct ae_error *);
	} sections[] = {
		{model->input.rank > 0, write_input},
		{ae_prep_is_scaler(&model->prep), write_scaler},
		{ae_prep_is_list(&model->prep), write_prep},
		{model->scalers.len > 0, write_scalers},
		{model->other_count > 0, write_ensemble},
		{model->net, write_network},
		{model->net, write_training},
		{model->net && model->losses.epochs > 0, write_losses},
		{model->net && model->warnings.count > 0, write_warnings},
		{model->stats.err_count > 0, write_errors},
		{model->stats.latent.count > 0, write_latent},
		{model->has_optimizer, write_optimizer},
		{model->other_count > 0, write_other_states},
		{model->threshold, write_threshold},
		{model->unknown.len > 0, write_unknown},
		{model->net, write_weights},
		{model->has_optimizer && model->optimizer.moments_count > 0, write_moments},
		{model->other_count > 0, write_other_tensors},
	};
	if (write_head(writer, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (sections[i].present && sections[i].write(writer, model, err) != 0)
			return -1;
	}
	return write_end(writer, err);
}

int ae_model_write_unnamed(const struct ae_model *model, struct ae_outfile *file, struct ae_error *err)
{
	if (ae_outfile_begin(file, err) != 0)
		return -1;
	file->sync = true;
	struct writer writer = {.file = *file};
	int rc = write_all(&writer, model, err);
	ae_buf_free(&writer.message);
	if (rc != 0)
		ae_outfile_abandon(&writer.file);
	*file = writer.file;
	return rc;
}

int ae_model_reserve(struct ae_outfile *file, const char *path, struct ae_error *err)
{
	bool is_one = true;
	if (ae_outfile_reserve(file, path, err) != 0)
		return -1;
	int rc = file->before.there && file->before.size > 0 ? ae_model_file_look(&is_one, path, err) : 0;
	if (rc == 0 && !is_one)
		rc = ae_fail(err, "%s: is there and no model: it would be lost", path);
	if (rc != 0)
		ae_outfile_abandon(file);
	return rc;
}

int ae_model_write(const struct ae_model *model, const char *path, struct ae_error *err)
{
	struct ae_outfile file;
	if (ae_outfile_open(&file, path, err) != 0 || ae_model_write_unnamed(model, &file, err) != 0)
		return -1;
	return ae_outfile_commit(&file, true, err);
}

int ae_model_write_like(const struct ae_model *model, const char *path, const char *like, struct ae_error *err)
{
	struct ae_outfile file;
	if (ae_outfile_open_like(&file, path, like, err) != 0 || ae_model_write_unnamed(model, &file, err) != 0)
		return -1;
	return ae_outfile_commit(&file, true, err);
}

int ae_model_write_new(
	const struct ae_model *model, const char *path, const char *like, char **name, struct ae_error *err)
{
	struct ae_outfile file;
	if (ae_outfile_open_new(&file, path, like, err) != 0 || ae_model_write_unnamed(model, &file, err) != 0)
		return -1;
	return ae_outfile_commit_new(&file, name, err);
}

int ae_model_replace(const struct ae_model *model, struct ae_outfile *file, const struct ae_outfile_last *last,
	bool *changed, struct ae_error *err)
{
	*changed = false;
	return ae_model_write_unnamed(model, file, err) == 0 ? ae_outfile_commit_unchanged(file, last, changed, err)
							     : -1;
}
