/* SPDX-License-Identifier: MIT */
/* Tensors of a model file: weights, and what the optimiser remembers. */
#include <stdlib.h>
#include <string.h>

#include "core/endian.h"
#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_reader.h"
#include "net/net.h"

/* Checks that a part is the next one of its tensor and that its floats still fit into `total`. */
static int advance(struct ae_model_progress *progress, const struct ae_value *map, size_t floats, uint64_t total)
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

bool ae_model_progress_complete(const struct ae_model_progress *progress, uint64_t total)
{
	return progress->floats == total && progress->next_part == progress->parts;
}

/* They grow as they come: their number is only announced. */
static int take_moments(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
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

static int take_param(struct ae_model_reader *reader, size_t i, const struct ae_value *map, struct ae_error *err)
{
	struct ae_net *net = reader->model->net;
	const struct ae_param *param = ae_net_param(net, i);
	struct ae_model_progress *progress = &reader->at->params[i];
	size_t floats = reader->source.values / sizeof(float);
	float *weights = ae_net_weights(net) + param->offset + progress->floats;
	struct ae_shape shape;
	if (ae_model_take_shape(&shape, ae_value_get(map, "shape"), err) != 0 ||
		!ae_shape_equal(&shape, &param->shape) ||
		advance(progress, map, floats, ae_shape_size(&param->shape)) != 0)
		return ae_fail(err, "tensor \"%s\" does not fit the network", param->name);
	if (ae_model_source_values(&reader->source, weights, floats * sizeof(*weights), err) != 0)
		return -1;
	ae_little_endian(weights, sizeof(*weights), floats);
	return 0;
}

static int take_values(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err)
{
	if (reader->source.values % sizeof(float) != 0)
		return ae_fail(err, "message %zu is no tensor", reader->source.messages);
	char *name = ae_model_take_text(ae_value_get(map, "name"), err);
	if (!name)
		return -1;
	int rc;
	const char *own = ae_model_find_member(reader, name);
	size_t i = 0, params = reader->model->net ? ae_net_params(reader->model->net) : 0;
	ae_model_select_member(reader);
	while (i < params && strcmp(own, ae_net_param(reader->model->net, i)->name) != 0)
		i++;
	if (i < params)
		rc = take_param(reader, i, map, err);
	else if (strcmp(own, AE_MODEL_MOMENTS) == 0)
		rc = take_moments(reader, map, err);
	else
		rc = ae_fail(err, "tensor \"%s\" is none of the network's", name);
	ae_model_select_all(reader);
	free(name);
	return rc;
}

/* A wrong checksum is the error whatever the damage has made of the rest. */
int ae_model_take_tensor(struct ae_model_reader *reader, const struct ae_value *root, struct ae_error *err)
{
	struct ae_error damage;
	int rc = take_values(reader, ae_value_at(root, 1), err);
	if (ae_model_source_end_tensor(&reader->source, &damage) != 0) {
		*err = damage;
		return -1;
	}
	return rc;
}
