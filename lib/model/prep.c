/* SPDX-License-Identifier: MIT */
/* Lists of preparation: building, comparing, packing. */
#include "model/prep.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/scaler_groups.h"

static int set_source(struct ae_prep_source *source, const struct ae_shape *shape, char *const *features, size_t count,
	struct ae_error *err)
{
	if (ae_names_copy(&source->features, features, count, err) != 0)
		return -1;
	source->shape = *shape;
	source->feature_count = count;
	return 0;
}

int ae_prep_source_set_roles(struct ae_prep_source *source, char *const *times, size_t time_count, char *const *ids,
	size_t id_count, struct ae_error *err)
{
	ae_names_free(source->times, source->time_count);
	ae_names_free(source->ids, source->id_count);
	source->times = source->ids = NULL;
	source->time_count = source->id_count = 0;
	if (ae_names_copy(&source->times, times, time_count, err) != 0)
		return -1;
	source->time_count = time_count;
	if (ae_names_copy(&source->ids, ids, id_count, err) != 0)
		return -1;
	source->id_count = id_count;
	return 0;
}

static void free_source(struct ae_prep_source *source)
{
	ae_names_free(source->features, source->feature_count);
	ae_names_free(source->times, source->time_count);
	ae_names_free(source->ids, source->id_count);
	*source = (struct ae_prep_source){0};
}

static bool has_source(const struct ae_prep *prep)
{
	return prep->source.shape.rank > 0;
}

static int add_step(
	struct ae_prep *prep, const char *program, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	struct ae_prep_step step = {0};
	if (prep->count == AE_PREP_STEPS_MAX)
		return ae_fail(err, "more than %d steps of preparation", AE_PREP_STEPS_MAX);
	struct ae_prep_step *steps = realloc(prep->steps, (prep->count + 1) * sizeof(*steps));
	if (!steps)
		return ae_fail_memory(err);
	prep->steps = steps;
	strncpy(step.program, program, sizeof(step.program) - 1);
	if (ae_buf_set(&step.packed, bytes, len, err) != 0)
		return -1;
	steps[prep->count++] = step;
	return 0;
}

int ae_prep_append(struct ae_prep *prep, const char *program, const struct ae_buf *packed, const struct ae_shape *shape,
	char *const *features, size_t feature_count, struct ae_error *err)
{
	/* Plain values of a row have the shape [1]: a source has a rank. */
	const struct ae_shape one = {.rank = 1, .dim = {1}};
	if (add_step(prep, program, packed->data, packed->len, err) != 0)
		return -1;
	if (has_source(prep) || ae_prep_is_scaler(prep))
		return 0;
	return set_source(&prep->source, shape->rank ? shape : &one, features, feature_count, err);
}

void ae_prep_remove(struct ae_prep *prep, size_t i)
{
	ae_buf_free(&prep->steps[i].packed);
	prep->count--;
	memmove(prep->steps + i, prep->steps + i + 1, (prep->count - i) * sizeof(*prep->steps));
	if (!ae_prep_is_list(prep))
		free_source(&prep->source);
}

int ae_prep_copy(struct ae_prep *dst, const struct ae_prep *src, struct ae_error *err)
{
	ae_prep_free(dst);
	for (size_t i = 0; i < src->count; i++)
		if (add_step(dst, src->steps[i].program, src->steps[i].packed.data, src->steps[i].packed.len, err) != 0)
			return -1;
	const struct ae_prep_source *from = &src->source;
	if (!has_source(src))
		return 0;
	dst->source.missing = from->missing;
	if (set_source(&dst->source, &from->shape, from->features, from->feature_count, err) != 0)
		return -1;
	return ae_prep_source_set_roles(&dst->source, from->times, from->time_count, from->ids, from->id_count, err);
}

/* ---- comparing ---- */

size_t ae_prep_common(const struct ae_prep *a, const struct ae_prep *b)
{
	size_t i = 0;
	while (i < a->count && i < b->count && strcmp(a->steps[i].program, b->steps[i].program) == 0 &&
		ae_buf_equal(&a->steps[i].packed, &b->steps[i].packed))
		i++;
	return i;
}

bool ae_prep_equal(const struct ae_prep *a, const struct ae_prep *b)
{
	return a->count == b->count && ae_prep_common(a, b) == a->count;
}

static bool is_scaler(const struct ae_prep_step *step)
{
	return strcmp(step->program, AE_PREP_SCALER) == 0;
}

bool ae_prep_is_scaler(const struct ae_prep *prep)
{
	return prep->count == 1 && is_scaler(prep->steps) && !ae_scaler_is_of_groups(&prep->steps->packed);
}

bool ae_prep_is_list(const struct ae_prep *prep)
{
	return prep->count > 0 && !ae_prep_is_scaler(prep);
}

size_t ae_prep_find_scaler(const struct ae_prep *prep)
{
	size_t i = prep->count;
	while (i > 0 && !is_scaler(&prep->steps[i - 1]))
		i--;
	return i > 0 ? i - 1 : AE_PREP_NONE;
}

size_t ae_prep_find_undone(const struct ae_prep *prep)
{
	for (size_t i = prep->count; i-- > 0;) {
		if (is_scaler(&prep->steps[i]))
			return i;
		const struct ae_prep_kind *kind = ae_prep_kind(prep->steps[i].program);
		if (!kind || !kind->keeps_columns)
			break;
	}
	return AE_PREP_NONE;
}

/* ---- packing ---- */

int ae_prep_pack_steps(const struct ae_prep *prep, struct ae_buf *out, struct ae_error *err)
{
	struct ae_pack pack = {.out = out, .err = err};
	ae_pack_array(&pack, prep->count);
	for (size_t i = 0; i < prep->count; i++) {
		ae_pack_array(&pack, 2);
		ae_pack_str(&pack, prep->steps[i].program);
		ae_pack_bin(&pack, prep->steps[i].packed.data, prep->steps[i].packed.len);
	}
	return pack.failed ? -1 : 0;
}

static void pack_names(struct ae_pack *pack, const char *key, char *const *names, size_t count)
{
	ae_pack_str(pack, key);
	ae_pack_array(pack, count);
	for (size_t i = 0; i < count; i++)
		ae_pack_str(pack, names[i]);
}

int ae_prep_pack_source(const struct ae_prep_source *source, struct ae_buf *out, struct ae_error *err)
{
	struct ae_pack pack = {.out = out, .err = err};
	ae_pack_map(&pack, 2 + (source->time_count > 0) + (source->id_count > 0) + source->missing);
	ae_pack_str(&pack, "shape");
	ae_pack_shape(&pack, &source->shape);
	pack_names(&pack, "features", source->features, source->feature_count);
	if (source->time_count)
		pack_names(&pack, "time", source->times, source->time_count);
	if (source->id_count)
		pack_names(&pack, "id", source->ids, source->id_count);
	if (source->missing) {
		ae_pack_str(&pack, "missing");
		ae_pack_bool(&pack, true);
	}
	return pack.failed ? -1 : 0;
}

int ae_prep_take_steps(struct ae_prep *prep, const struct ae_value *steps, struct ae_error *err)
{
	char program[sizeof(prep->steps->program)];
	const unsigned char *bytes;
	const struct ae_value *step;
	size_t len;
	if (!ae_value_is_array(steps) || ae_value_count(steps) > AE_PREP_STEPS_MAX)
		return -1;
	for (struct ae_walk walk = ae_walk_in(steps); ae_walk_next(&walk, &step);)
		if (!ae_value_is_array(step) || ae_value_count(step) != 2 ||
			ae_value_word(ae_value_at(step, 0), program, sizeof(program)) != 0 ||
			ae_value_bin(ae_value_at(step, 1), &bytes, &len) != 0 ||
			add_step(prep, program, bytes, len, err) != 0)
			return -1;
	/* What needs no list is written without one, so that equal lists are equal bytes. */
	return ae_prep_is_list(prep) ? 0 : -1;
}

/* A copy of a text without NUL, which the caller frees; NULL if it is none. */
/* The names under a key that may be absent; then there are none. */
static int take_names(
	char ***names, size_t *count, const struct ae_value *map, const char *key, size_t *keys, struct ae_error *err)
{
	const struct ae_value *list = ae_value_get(map, key), *name;
	if (!list)
		return 0;
	if (!ae_value_is_array(list))
		return -1;
	*names = ae_calloc(ae_value_count(list), sizeof(**names), err);
	if (!*names)
		return -1;
	for (struct ae_walk walk = ae_walk_in(list); ae_walk_next(&walk, &name); ++*count)
		if (!((*names)[*count] = ae_value_strdup(name, err)))
			return -1;
	++*keys;
	return 0;
}

int ae_prep_take_source(struct ae_prep *prep, const struct ae_value *map, struct ae_error *err)
{
	struct ae_prep_source *source = &prep->source;
	const struct ae_value *names = ae_value_get(map, "features"), *missing = ae_value_get(map, "missing");
	size_t n = ae_value_count(names), keys = 1 + (missing != NULL);
	if (ae_value_shape(ae_value_get(map, "shape"), &source->shape) != 0 || source->shape.rank == 0 ||
		!ae_value_is_array(names) ||
		(n != 0 && n != source->shape.dim[source->shape.rank - 1] && n != ae_shape_size(&source->shape)) ||
		(missing && ae_value_bool(missing, &source->missing) != 0))
		return -1;
	if (take_names(&source->features, &source->feature_count, map, "features", &keys, err) != 0 ||
		take_names(&source->times, &source->time_count, map, "time", &keys, err) != 0 ||
		take_names(&source->ids, &source->id_count, map, "id", &keys, err) != 0)
		return -1;
	return ae_value_count(map) == keys ? 0 : -1;
}

int ae_prep_check(const struct ae_prep *prep, struct ae_error *err)
{
	for (size_t i = 0; i < prep->count; i++) {
		const struct ae_prep_kind *kind = ae_prep_kind(prep->steps[i].program);
		if (!kind)
			return ae_fail(err, "a step of %s, which this version does not know", prep->steps[i].program);
		if (kind->check(&prep->steps[i].packed, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the order of features ---- */

static int reorder_source(struct ae_prep_source *source, const struct ae_order *order, struct ae_error *err)
{
	if (source->feature_count == 0)
		return 0;
	if (source->feature_count != order->count)
		return ae_fail(err, "x in another order does not go with the %zu features it was made of",
			source->feature_count);
	char **names = ae_calloc(order->count, sizeof(*names), err);
	if (!names)
		return -1;
	for (size_t i = 0; i < order->count; i++)
		names[i] = source->features[order->from[i]];
	free(source->features);
	source->features = names;
	return 0;
}

int ae_prep_reorder(struct ae_prep *prep, const struct ae_order *order, struct ae_error *err)
{
	for (size_t i = 0; i < prep->count; i++) {
		const struct ae_prep_kind *kind = ae_prep_kind(prep->steps[i].program);
		if (!kind)
			return ae_fail(err,
				"x in another order does not go with a step of %s, which this version does "
				"not know",
				prep->steps[i].program);
		if (kind->reorder && kind->reorder(&prep->steps[i].packed, order, err) != 0)
			return -1;
	}
	return reorder_source(&prep->source, order, err);
}

int ae_prep_describe_step(const struct ae_prep_step *step, struct ae_buf *text, struct ae_error *err)
{
	const struct ae_prep_kind *kind = ae_prep_kind(step->program);
	if (ae_buf_append(text, step->program, strlen(step->program), err) != 0)
		return -1;
	if (!kind)
		return 0;
	if (ae_buf_append(text, " (", 2, err) != 0 || kind->describe(&step->packed, text, err) != 0)
		return -1;
	return ae_buf_append(text, ")", 1, err);
}

void ae_prep_free(struct ae_prep *prep)
{
	for (size_t i = 0; i < prep->count; i++)
		ae_buf_free(&prep->steps[i].packed);
	free(prep->steps);
	free_source(&prep->source);
	*prep = (struct ae_prep){0};
}
