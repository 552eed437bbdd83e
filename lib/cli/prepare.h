/* SPDX-License-Identifier: MIT */
/* Preparation as programs see it: which step of a model's list is next for a stream, whether all of them are done, and
   the step that a filter adds. Errors say what x has had, and what to pipe it through. */
#ifndef AE_CLI_PREPARE_H
#define AE_CLI_PREPARE_H

#include "model/lineage.h"
#include "model/model.h"
#include "stream/reader.h"

/* The parameters of `program`, whose turn it is for this stream: all that x has had are the model's first steps, and
   this program's is the next one. A model of one step and no network, as --save writes it, is applied whatever x has
   had but that program. *packed is borrowed from the model. path is the model's. The errors do not name the stream. */
int ae_prepare_next(const struct ae_buf **packed, const struct ae_model *model, const char *path, const char *program,
	const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;

/* A filter that takes its parameters from the model of -m. Set program and path; the rest is zero. Freed with
   ae_own_step_free. */
struct ae_own_step {
	const char *program, *path; /* path NULL: nothing is done here */
	struct ae_model *model;
	bool used; /* for a stream */
};

/* Reads the model, before the first header, for the names by which text columns are found. */
int ae_own_step_read(struct ae_own_step *step, struct ae_reader_options *in, struct ae_error *err) AE_MUST_CHECK;
/* The parameters for a stream, as ae_prepare_next gives them; for a later one the model is read anew. */
int ae_own_step_next(const struct ae_buf **packed, struct ae_own_step *step, const struct ae_reader *reader,
	struct ae_error *err) AE_MUST_CHECK;
void ae_own_step_free(struct ae_own_step *step);

/* ae_prep_append with x of a stream; with the first step that is no plain scaler the list gets what text has beside x.
 */
int ae_prepare_append(struct ae_prep *prep, const char *program, const struct ae_buf *packed,
	const struct ae_schema *in, struct ae_error *err) AE_MUST_CHECK;
/* Appends a step of `program` to the lineage of out, whose other keys are those of in; x is its input. */
int ae_prepare_add(struct ae_schema *out, const struct ae_schema *in, const char *program, const struct ae_buf *packed,
	struct ae_error *err) AE_MUST_CHECK;

/* Checks that x has had all of the model's steps and no more. Text does not say: with `vouched` it has, and the lineage
   gets them; else it is an error unless the model has none. */
int ae_prepare_check_all(struct ae_lineage *lineage, const struct ae_model *model, const char *path, bool vouched,
	bool text, struct ae_error *err) AE_MUST_CHECK;

#endif
