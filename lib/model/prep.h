/* SPDX-License-Identifier: MIT */
/* Preparation: the list of steps that x has gone through, in order, each a program and its packed parameters. A stream
   carries it in its lineage, a model keeps the list of the rows that it was trained on. Equal steps are equal bytes. */
#ifndef AE_MODEL_PREP_H
#define AE_MODEL_PREP_H

#include "core/order.h"
#include "core/tensor.h"
#include "core/util.h"

struct ae_value;

#define AE_PREP_STEPS_MAX 64

struct ae_prep_step {
	char program[24];
	struct ae_buf packed; /* its parameters, as the kind of step packs them */
};

/* x before the first step, and what text has beside it. All zero: as x is now. */
struct ae_prep_source {
	struct ae_shape shape;
	char **features; /* [feature_count] */
	size_t feature_count;
	/* The columns of these roles whose names do not say so. */
	char **times, **ids;
	size_t time_count, id_count;
	bool missing; /* values of x may be missing */
};

/* All zero is the empty list: x is as it came. Owns everything; freed with ae_prep_free. */
struct ae_prep {
	struct ae_prep_step *steps;
	size_t count;
	struct ae_prep_source source; /* set with the first step that is no plain scaler; those leave x as it is */
};

/* A kind of step: a row of the table in prep_kinds.c. */
struct ae_prep_kind {
	const char *program;
	/* Checks parameters that came from a file: an error that says what is wrong. */
	int (*check)(const struct ae_buf *packed, struct ae_error *err);
	/* Appends what they say as words, for people: "size 10, stride 1". */
	int (*describe)(const struct ae_buf *packed, struct ae_buf *text, struct ae_error *err);
	/* Makes them those of an x whose features were put in order; NULL: they do not depend on it. */
	int (*reorder)(struct ae_buf *packed, const struct ae_order *order, struct ae_error *err);
	bool keeps_columns; /* each value stays in its place of the last axis: a scaler before it may be undone after it
			     */
};

/* The kind of a program's steps, NULL if this version knows none. */
const struct ae_prep_kind *ae_prep_kind(const char *program);
/* The program of scalers, whose step is a packed scaler (scaler.h). */
#define AE_PREP_SCALER "ae-normalize"

/* Appends a step. x is its input: the source, if there is none yet and the step is no plain scaler; its names are
   copied. */
int ae_prep_append(struct ae_prep *prep, const char *program, const struct ae_buf *packed, const struct ae_shape *shape,
	char *const *features, size_t feature_count, struct ae_error *err) AE_MUST_CHECK;
/* What text has beside x, by the columns before the first step: set once, with the source. Replaces what is there. */
int ae_prep_source_set_roles(struct ae_prep_source *source, char *const *times, size_t time_count, char *const *ids,
	size_t id_count, struct ae_error *err) AE_MUST_CHECK;
/* Takes step i out. The source goes with the last step that needs it. */
void ae_prep_remove(struct ae_prep *prep, size_t i);
/* Makes dst, all zero or in use, a copy. */
int ae_prep_copy(struct ae_prep *dst, const struct ae_prep *src, struct ae_error *err) AE_MUST_CHECK;

/* How many steps both begin with. */
size_t ae_prep_common(const struct ae_prep *a, const struct ae_prep *b);
/* Whether the lists, their sources aside, are equal. */
bool ae_prep_equal(const struct ae_prep *a, const struct ae_prep *b);
/* Whether there is nothing but one plain scaler, which stands alone in streams and models. */
bool ae_prep_is_scaler(const struct ae_prep *prep);
/* Whether there is more than that: what streams and models keep as a list, with its source. */
bool ae_prep_is_list(const struct ae_prep *prep);
/* The last step that is a scaler, AE_PREP_NONE if x is not scaled. */
#define AE_PREP_NONE SIZE_MAX
size_t ae_prep_find_scaler(const struct ae_prep *prep);
/* The step that --invert undoes: the last one, or the scaler before steps that keep columns; AE_PREP_NONE if the last
   one is another step. */
size_t ae_prep_find_undone(const struct ae_prep *prep);

/* Appends the steps as a msgpack array [[program, bin], ...]. */
int ae_prep_pack_steps(const struct ae_prep *prep, struct ae_buf *out, struct ae_error *err) AE_MUST_CHECK;
/* Appends a map {shape, features}, and what else there is: {time, id, missing}. */
int ae_prep_pack_source(const struct ae_prep_source *source, struct ae_buf *out, struct ae_error *err) AE_MUST_CHECK;
/* Fill an empty list from such values; -1 without a text in err where they are none. Steps of unknown kinds are taken.
 */
int ae_prep_take_steps(struct ae_prep *prep, const struct ae_value *steps, struct ae_error *err) AE_MUST_CHECK;
int ae_prep_take_source(struct ae_prep *prep, const struct ae_value *source, struct ae_error *err) AE_MUST_CHECK;
/* Checks the parameters of each step. One of a kind that this version does not know is an error. */
int ae_prep_check(const struct ae_prep *prep, struct ae_error *err) AE_MUST_CHECK;

/* Puts the columns of scalers and the names of the source in order. */
int ae_prep_reorder(struct ae_prep *prep, const struct ae_order *order, struct ae_error *err) AE_MUST_CHECK;

/* Appends "ae-window (size 10, stride 1)" to text, without NUL. */
int ae_prep_describe_step(const struct ae_prep_step *step, struct ae_buf *text, struct ae_error *err) AE_MUST_CHECK;

void ae_prep_free(struct ae_prep *prep);

#endif
