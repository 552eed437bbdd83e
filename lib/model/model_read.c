/* SPDX-License-Identifier: MIT */
/* Reading model files, every count, order and size checked (ae-model(5)). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_format.h"
#include "model/model_reader.h"
#include "model/scaler_groups.h"
#include "net/net.h"

const char *ae_model_find_member(struct ae_model_reader *reader, const char *name)
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

void ae_model_select_member(struct ae_model_reader *reader)
{
	if (reader->at != reader->members)
		ae_model_select(reader->model, (size_t)(reader->at - reader->members));
}

void ae_model_select_all(struct ae_model_reader *reader)
{
	if (reader->at != reader->members)
		ae_model_select(reader->model, AE_NET_ALL);
}

/* Makes room for the weights of a network that has just been read. */
static int begin_weights(struct ae_model_reader *reader, struct ae_error *err)
{
	struct ae_net *net = reader->model->net;
	if (reader->limit && reader->limit->check(reader->limit->arg, reader->model, err) != 0)
		return -1;
	for (size_t i = 0; i < reader->member_count; i++) {
		struct ae_model_progress **params = &reader->members[i].params;
		*params = ae_calloc(ae_net_params(net), sizeof(**params), err);
		if (!*params)
			return -1;
	}
	reader->has_weights = true;
	return ae_net_make_weights(net, err);
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
static int end_member(struct ae_model_reader *reader, size_t i, struct ae_error *err)
{
	struct ae_model *model = reader->model;
	const struct ae_model_read_member *m = &reader->members[i];
	for (size_t p = 0; model->net && p < ae_net_params(model->net); p++) {
		const struct ae_param *param = ae_net_param(model->net, p);
		if (!ae_model_progress_complete(&m->params[p], ae_shape_size(&param->shape)))
			return ae_fail(err, "tensor \"%s\" is not complete", param->name);
	}
	if (!ae_model_progress_complete(&m->moments, m->moments_count))
		return ae_fail(err, "tensor \"%s\" is not complete", AE_MODEL_MOMENTS);
	reader->at = &reader->members[i];
	ae_model_select_member(reader);
	/* A version that does not know the losses kept them, and trained on. */
	if (model->has_optimizer && model->losses.epochs != model->optimizer.epoch)
		model->losses = (struct ae_model_losses){0};
	ae_model_select_all(reader);
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

static int take_end(struct ae_model_reader *reader, const struct ae_value *root, struct ae_error *err)
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
static int take_message(struct ae_model_reader *reader, struct ae_error *err)
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
		rc = ae_model_take_tensor(reader, root, err);
	} else {
		rc = ae_model_take_section(reader, root, err);
		if (rc == 0 && reader->model->net && !reader->has_weights)
			rc = begin_weights(reader, err);
	}
	return rc != 0 ? -1 : done;
}

/* reader says what is kept, and has the limit. */
static int read_from(
	struct ae_model **model, const struct ae_model_from *from, struct ae_model_reader reader, struct ae_error *err)
{
	reader.source.bytes = from->bytes;
	reader.source.left = from->len;
	reader.source.fd = from->len ? -1 : ae_open(from->path, O_RDONLY, 0);
	if (!from->len && reader.source.fd < 0)
		return ae_fail_errno(err, "%s", from->path);
	int rc = ae_model_new(&reader.model, err);
	reader.members = reader.at = ae_calloc(1, sizeof(*reader.members), err);
	reader.member_count = reader.members ? 1 : 0;
	rc = reader.members ? rc : -1;
	while (rc == 0)
		rc = take_message(&reader, err);
	if (reader.source.fd >= 0)
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
		return err->status == AE_STATUS_USAGE ? -1 : ae_fail_in(err, "%s: ", from->path);
	}
	*model = reader.model;
	return 0;
}

int ae_model_read(struct ae_model **model, const char *path, struct ae_error *err)
{
	const struct ae_model_from from = {.path = path};
	return read_from(
		model, &from, (struct ae_model_reader){.moments = true, .statistics = true, .covariance = true}, err);
}

int ae_model_read_applied(struct ae_model **model, const struct ae_model_from *from, const struct ae_model_limit *limit,
	struct ae_error *err)
{
	return read_from(model, from, (struct ae_model_reader){.limit = limit}, err);
}

int ae_model_read_statistics(struct ae_model **model, const struct ae_model_from *from, struct ae_error *err)
{
	return read_from(model, from, (struct ae_model_reader){.statistics = true, .covariance = true}, err);
}

int ae_model_read_described(struct ae_model **model, const struct ae_model_from *from, struct ae_error *err)
{
	return read_from(model, from, (struct ae_model_reader){.statistics = true}, err);
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
