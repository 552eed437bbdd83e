/* SPDX-License-Identifier: MIT */
/* Transforms of x, one after the other, a row of a table each (transform.c): what a fixed rule makes of a row, and of
   the rows before it in its group. Arithmetic is in f64. */
#ifndef AE_MODEL_TRANSFORM_H
#define AE_MODEL_TRANSFORM_H

#include "core/rolling.h"
#include "core/tensor.h"

struct ae_transform_step;

/* A kind of transform. */
struct ae_transform_kind {
	const char *name;
	const char *arg;  /* what its argument is called; NULL: it has none */
	bool keeps_names; /* each value of the result is made of the one at its place */
	/* Reads the argument into the step, and into its text in one spelling; errors are of status AE_STATUS_USAGE.
	 * NULL where there is none. */
	int (*parse)(struct ae_transform_step *step, const char *text, struct ae_error *err);
	/* Sets the shape of the result of step->in, and how many doubles a group keeps. Errors begin with the option.
	 */
	int (*bind)(struct ae_transform_step *step, struct ae_error *err);
	/* y from x: SIZE_MAX, or the first value of x that has no result. */
	size_t (*run)(const struct ae_transform_step *step, const double *x, double *y, const double *kept,
		const double *derived);
	/* Makes x a part of what is kept, once all steps of the row have a result. NULL where nothing is. */
	void (*learn)(const struct ae_transform_step *step, const double *x, double *kept, double *derived);
	/* NULL: there is no inverse. `invertible` says whether this step has one; NULL: it has. */
	bool (*invertible)(const struct ae_transform_step *step);
	void (*invert)(const struct ae_transform_step *step, const double *y, double *x);
	/* Makes the derived part of a group's memory from the kept one, as ae_rolling_restore does. NULL: always well.
	 */
	bool (*restore)(const struct ae_transform_step *step, const double *kept, double *derived);
	const char *needs; /* of a value of x that has no result: "values above -1" */
};

struct ae_transform_step {
	const struct ae_transform_kind *kind;
	char text[32]; /* its argument */
	struct ae_rolling rolling;
	uint64_t rows; /* before the one that it is given, which it looks at; 0 if there is no such number */
	uint32_t height, width;
	size_t word; /* of a table of its own */
	struct ae_shape in, out;
	bool white;           /* of images: white stays what it was */
	size_t kept, derived; /* doubles of a group */
};

enum { AE_TRANSFORM_MOST = 16 };

/* All zero is none. Freed with ae_transform_free. */
struct ae_transform {
	struct ae_transform_step steps[AE_TRANSFORM_MOST];
	size_t count;
	size_t kept, derived;                /* doubles of a group, of all steps; the kept ones come first */
	double *work[AE_TRANSFORM_MOST + 1]; /* what goes into each step, and what comes out of the last one */
};

/* The kinds of the table, NULL beyond the last. */
const struct ae_transform_kind *ae_transform_kind(size_t i);
extern const struct ae_transform_kind ae_transform_baseline, ae_transform_diff, ae_transform_log1p, ae_transform_color,
	ae_transform_resize;
ae_words ae_transform_color_word;

/* Adds a step of this name; errors begin with its option. */
int ae_transform_add(
	struct ae_transform *transform, const char *name, const char *argument, struct ae_error *err) AE_MUST_CHECK;
/* "baseline mean:360, log1p", freed with free(). NULL on failure. */
char *ae_transform_text(const struct ae_transform *transform, struct ae_error *err) AE_MUST_CHECK;
/* Adds the steps of such a text. */
int ae_transform_parse(struct ae_transform *transform, const char *text, struct ae_error *err) AE_MUST_CHECK;
/* Makes it ready for rows of that shape. */
int ae_transform_bind(struct ae_transform *transform, const struct ae_shape *shape, struct ae_error *err) AE_MUST_CHECK;
const struct ae_shape *ae_transform_out(const struct ae_transform *transform);
/* Whether white stays what it was (struct ae_column). */
bool ae_transform_keeps_white(const struct ae_transform *transform);
bool ae_transform_keeps_names(const struct ae_transform *transform);
/* The most rows that a step looks back; *step, if there is one. */
uint64_t ae_transform_past(const struct ae_transform *transform, const struct ae_transform_step **step);
/* One row: the result lives until the next call. NULL if a value has none: *step and *bad say which. The memory of its
   group does not change: a row may yet be left out. */
const double *ae_transform_row(struct ae_transform *transform, const void *x, enum ae_type type, const double *memory,
	const struct ae_transform_step **step, size_t *bad);
/* Makes the last row of ae_transform_row, which had a result, a part of its group's past. */
void ae_transform_learn(struct ae_transform *transform, double *memory);
bool ae_transform_can_undo(const struct ae_transform_step *step);
/* Writes n numbers as values of a stream, of type f32 or f64. */
void ae_transform_store(unsigned char *out, enum ae_type type, const double *y, size_t n);
/* Undoes all steps on a row, each of which can be undone; as ae_transform_row. */
const double *ae_transform_undo(struct ae_transform *transform, const void *y, enum ae_type type);
bool ae_transform_restore(const struct ae_transform *transform, double *memory) AE_MUST_CHECK;
void ae_transform_free(struct ae_transform *transform);

#endif
