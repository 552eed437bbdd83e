/* A model, or a half of it, put to work on a stream: what ae-recon, ae-encode and ae-decode share. */
#ifndef AE_APPLY_H
#define AE_APPLY_H

#include "infer.h"
#include "lineage.h"
#include "model.h"
#include "program.h"

/* One column in, one column of the output out. Set the first members, leave the rest zero. */
struct ae_apply {
	const char *path; /* of the model */
	enum ae_net_part part;
	enum ae_role from, to;
	int threads;
	bool scaled;   /* --scaled: text x was made with this model's scaler */
	unsigned drop; /* roles consumed, as 1 << role */

	struct ae_model *model;
	struct ae_infer *infer;
	const struct ae_schema *in;
	size_t column; /* in `in` */
	struct ae_data made;
	struct ae_buf carried, gathered, computed;
};

/* The two calls of struct ae_filter; the state is a struct ae_apply. begin reads the model afresh and checks shape,
   feature names and lineage; its errors say what to pipe the stream through. Rows with a missing value get NaN
   throughout; where the model was trained with masked values only rows without any value do, others have 0 in the
   holes. */
int ae_apply_begin(void *apply, const struct ae_reader *reader, struct ae_schema *out, struct ae_error *err);
int ae_apply_batch(void *apply, const struct ae_batch *in, struct ae_batch *out, struct ae_error *err);
void ae_apply_free(struct ae_apply *apply);

#endif
