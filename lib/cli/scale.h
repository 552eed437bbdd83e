/* SPDX-License-Identifier: MIT */
/* Scaling the columns of a stream: x and target by a scaler, and back; recon too on the way back. */
#ifndef AE_CLI_SCALE_H
#define AE_CLI_SCALE_H

#include "cli/beyond.h"
#include "cli/filled.h"
#include "cli/scale_groups.h"
#include "cli/unseen.h"
#include "model/lineage.h"
#include "model/model.h"

/* Start from zero, then set groups, invert, fill and fitted, which ae_scale_begin reads. Freed with ae_scale_free. */
struct ae_scale {
	struct ae_scaler_groups groups; /* set before ae_scale_begin; owned */
	bool invert;                    /* back to the original units */
	bool fill;               /* missing values become the mean of the rows that the scaler was fitted on, except in
				    rows that have none */
	bool fitted;             /* on these rows: a scaled value beyond f32 is an error */
	uint64_t done;           /* rows of this stream so far; set to 0 before the rows that are fitted on */
	struct ae_beyond beyond; /* else it is noted here; its program and options are set before */
	struct ae_unseen unseen; /* groups without a scaler; it begins with those of `beyond` */
	struct ae_model *model;  /* of ae_scale_read_model; owned */
	const struct ae_buf *packed; /* its scaler, after ae_scale_use_model */
	/* private */
	bool used; /* the model, for a stream */
	const struct ae_schema *in;
	const char *name;                    /* of the input, for messages */
	bool text;                           /* it is text, or an array */
	struct ae_data scaled[AE_RECON + 1]; /* by role: x, target, recon */
	struct ae_data rounded;              /* a column before it is inverted */
	enum ae_type inverted[AE_RECON + 1]; /* by role, the types of the first stream's output: all have the same */
	bool typed;                          /* they are known */
	bool empty_rows;                     /* of those fitted on, a row of x or target has no value */
	struct ae_filled filled;             /* missing values */
	struct ae_buf carried;
	size_t group; /* the column of groups, AE_NO_COLUMN if there are none */
	struct ae_scaler_groups_fit *fit_groups;
	struct ae_scaler_groups_partly partly; /* after ae_scale_fit_groups_end */
};

/* Reads a model that has a scaler, before the first header is read. */
int ae_scale_read_model(struct ae_scale *scale, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Takes the scaler of that model whose turn it is for a stream of this lineage; for a later stream the model is read
   anew. Columns that have another shape or other features than the x that it was fitted on are an error. With `invert`
   it is the one to undo, and lineage may be NULL. */
int ae_scale_use_model(struct ae_scale *scale, const char *path, const struct ae_reader *reader,
	const struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;
/* The error that x is scaled already. */
int ae_scale_fail_scaled(const struct ae_reader *reader, struct ae_error *err);
/* Takes the scaler to undo, of the model at path for text and else the stream's own, out of its preparation `prep`. */
int ae_scale_undo(struct ae_scale *scale, const char *path, const struct ae_reader *reader, struct ae_prep *prep,
	struct ae_error *err) AE_MUST_CHECK;
/* Begins a stream: fills the columns of its output, those that are scaled as f32, those that are inverted in the type
   that they had in the first stream, f64 or else f32. A column that the scaler does not
   fit, or that has other features than x, is an error. The reader must outlive the stream. */
int ae_scale_begin(struct ae_scale *scale, const struct ae_reader *reader, struct ae_schema *out,
	struct ae_error *err) AE_MUST_CHECK;
/* A filter's idle(). */
int ae_scale_idle(struct ae_scale *scale);
/* At the end: notes how many values were beyond f32, how many missing ones were filled and how many groups have no
   scaler, if any. */
void ae_scale_note_end(struct ae_scale *scale);
/* Notes where a div scaler divides images by another number than their maxval, so that white does not become 1. */
void ae_scale_note_white(
	const struct ae_scale *scale, const struct ae_program *program, const struct ae_common *common);
/* Fits on the rows of a batch: its x is column x. A value of AE_BEYOND or more is an error that names row and column.
 */
int ae_scale_fit_rows(struct ae_scale *scale, struct ae_scaler_fit *fit, const struct ae_schema *in, size_t x,
	const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
/* For each stream, before its rows: fits a scaler for each group besides, which are the values of a column. Errors do
   not name the input. */
int ae_scale_fit_by(struct ae_scale *scale, const struct ae_schema *in, const char *column,
	const struct ae_scaler_rule *rule, bool per_tensor, const struct ae_shape *shape,
	struct ae_error *err) AE_MUST_CHECK;
/* After the last row, with scale->groups.all fitted: fills the other groups, if there are any, and their packed table.
 */
int ae_scale_fit_groups_end(struct ae_scale *scale, struct ae_buf *table, struct ae_error *err) AE_MUST_CHECK;
/* After the last row: an error that names the column of x that has no value to fit on, if there is one. */
int ae_scale_check_fit(const struct ae_scaler_fit *fit, const struct ae_column *x, struct ae_error *err) AE_MUST_CHECK;
/* Notes what a scaler was fitted on: the names of the inputs, if they are few, and those of them that are constant, in
   all rows or in those of a group. */
void ae_scale_note_fit(const struct ae_scale *scale, const struct ae_scaler_fit *fit, const struct ae_column *x,
	const struct ae_program *program, const struct ae_common *common);
/* Scales a batch of it. out->cols has one place a column; its data lives until the next call. A scaled value larger in
   size than AE_BEYOND becomes that; with `fitted` it is an error that names row and column, and so is a value of
   AE_BEYOND or more before it is scaled. */
int ae_scale_rows(
	struct ae_scale *scale, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err) AE_MUST_CHECK;
void ae_scale_free(struct ae_scale *scale);

#endif
