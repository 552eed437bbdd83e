/* SPDX-License-Identifier: MIT */
/* Transforms of x: their table, their text, and the way through them. */
#include "model/transform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"

static const struct ae_transform_kind *const kinds[] = {
	&ae_transform_baseline, &ae_transform_diff, &ae_transform_log1p, &ae_transform_color, &ae_transform_resize};

const struct ae_transform_kind *ae_transform_kind(size_t i)
{
	return i < sizeof(kinds) / sizeof(*kinds) ? kinds[i] : NULL;
}

static const char *kind_name(size_t i)
{
	const struct ae_transform_kind *kind = ae_transform_kind(i);
	return kind ? kind->name : NULL;
}

int ae_transform_add(struct ae_transform *t, const char *name, const char *argument, struct ae_error *err)
{
	size_t i;
	if (t->count == AE_TRANSFORM_MOST)
		return ae_fail_usage(err, "more than %d transforms", AE_TRANSFORM_MOST);
	if (ae_word_index(&i, "transform", name, kind_name, err) != 0)
		return -1;
	struct ae_transform_step *step = &t->steps[t->count];
	*step = (struct ae_transform_step){.kind = kinds[i]};
	if (!step->kind->arg != !argument)
		return ae_fail_usage(err, "--%s: %s", name, argument ? "takes no argument" : "needs an argument");
	if (argument && step->kind->parse(step, argument, err) != 0)
		return -1;
	t->count++;
	return 0;
}

char *ae_transform_text(const struct ae_transform *t, struct ae_error *err)
{
	enum { ROOM = 64 }; /* a name, an argument, and what stands between */
	char *text = ae_calloc(t->count + 1, ROOM, err);
	size_t len = 0;
	for (size_t i = 0; text && i < t->count; i++)
		len += (size_t)snprintf(text + len, ROOM, "%s%s%s%s", i ? ", " : "", t->steps[i].kind->name,
			*t->steps[i].text ? " " : "", t->steps[i].text);
	return text;
}

int ae_transform_parse(struct ae_transform *t, const char *text, struct ae_error *err)
{
	char word[64];
	while (*text) {
		size_t len = strcspn(text, ",");
		if (len >= sizeof(word))
			return ae_fail(err, "bad transform \"%.60s\"", text);
		memcpy(word, text, len);
		word[len] = '\0';
		char *argument = strchr(word, ' ');
		if (argument)
			*argument++ = '\0';
		if (ae_transform_add(t, word, argument, err) != 0)
			return -1;
		text += len;
		if (*text)
			text += strncmp(text, ", ", 2) == 0 ? 2 : 1;
	}
	return 0;
}

int ae_transform_bind(struct ae_transform *t, const struct ae_shape *shape, struct ae_error *err)
{
	size_t most = ae_shape_size(shape);
	t->kept = t->derived = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct ae_transform_step *step = &t->steps[i];
		step->in = step->out = i ? t->steps[i - 1].out : *shape;
		step->kept = step->derived = 0;
		if (step->kind->bind && step->kind->bind(step, err) != 0)
			return -1;
		size_t size = ae_shape_size(&step->out);
		most = size > most ? size : most;
		if (step->kept == SIZE_MAX || step->derived == SIZE_MAX ||
			__builtin_add_overflow(t->kept, step->kept, &t->kept) ||
			__builtin_add_overflow(t->derived, step->derived, &t->derived))
			return ae_fail(err, "--%s %s: too large for rows of %zu values", step->kind->name, step->text,
				ae_shape_size(&step->in));
	}
	for (size_t i = 0; i <= t->count; i++) {
		free(t->work[i]);
		t->work[i] = ae_calloc(most, sizeof(double), err);
		if (!t->work[i])
			return -1;
	}
	return 0;
}

const struct ae_shape *ae_transform_out(const struct ae_transform *t)
{
	return &t->steps[t->count - 1].out;
}

bool ae_transform_keeps_names(const struct ae_transform *t)
{
	bool keeps = true;
	for (size_t i = 0; i < t->count; i++)
		keeps &= t->steps[i].kind->keeps_names;
	return keeps;
}

bool ae_transform_keeps_white(const struct ae_transform *t)
{
	bool keeps = true;
	for (size_t i = 0; i < t->count; i++)
		keeps &= t->steps[i].white;
	return keeps;
}

uint64_t ae_transform_past(const struct ae_transform *t, const struct ae_transform_step **step)
{
	uint64_t most = 0;
	for (size_t i = 0; i < t->count; i++)
		if (t->steps[i].rows > most) {
			most = t->steps[i].rows;
			*step = &t->steps[i];
		}
	return most;
}

const double *ae_transform_row(struct ae_transform *t, const void *x, enum ae_type type, const double *memory,
	const struct ae_transform_step **step, size_t *bad)
{
	const double *kept = memory, *derived = memory + t->kept;
	ae_to_f64(t->work[0], x, type, ae_shape_size(&t->steps[0].in));
	for (size_t i = 0; i < t->count; i++) {
		const struct ae_transform_step *s = *step = &t->steps[i];
		*bad = s->kind->run(s, t->work[i], t->work[i + 1], kept, derived);
		if (*bad != SIZE_MAX)
			return NULL;
		kept += s->kept;
		derived += s->derived;
	}
	return t->work[t->count];
}

void ae_transform_learn(struct ae_transform *t, double *memory)
{
	double *kept = memory, *derived = memory + t->kept;
	for (size_t i = 0; i < t->count; i++) {
		const struct ae_transform_step *s = &t->steps[i];
		if (s->kind->learn)
			s->kind->learn(s, t->work[i], kept, derived);
		kept += s->kept;
		derived += s->derived;
	}
}

bool ae_transform_can_undo(const struct ae_transform_step *step)
{
	return step->kind->invert && (!step->kind->invertible || step->kind->invertible(step));
}

void ae_transform_store(unsigned char *out, enum ae_type type, const double *y, size_t n)
{
	float *f32 = (void *)out;
	double *f64 = (void *)out;
	for (size_t i = 0; i < n && type == AE_F32; i++)
		f32[i] = ae_f32_of(y[i]);
	for (size_t i = 0; i < n && type == AE_F64; i++)
		f64[i] = ae_number_finite(y[i]);
}

const double *ae_transform_undo(struct ae_transform *t, const void *y, enum ae_type type)
{
	size_t at = 0;
	ae_to_f64(t->work[0], y, type, ae_shape_size(ae_transform_out(t)));
	for (size_t i = t->count; i-- > 0; at ^= 1)
		t->steps[i].kind->invert(&t->steps[i], t->work[at], t->work[at ^ 1]);
	return t->work[at];
}

bool ae_transform_restore(const struct ae_transform *t, double *memory)
{
	double *kept = memory, *derived = memory + t->kept;
	for (size_t i = 0; i < t->count; i++) {
		const struct ae_transform_step *s = &t->steps[i];
		if (s->kind->restore && !s->kind->restore(s, kept, derived))
			return false;
		kept += s->kept;
		derived += s->derived;
	}
	return true;
}

void ae_transform_free(struct ae_transform *t)
{
	for (size_t i = 0; i <= t->count; i++)
		free(t->work[i]);
	*t = (struct ae_transform){0};
}
