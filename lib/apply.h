/* A model put to work on a stream: what must fit before a row is computed. For the programs that apply models. */
#ifndef AE_APPLY_H
#define AE_APPLY_H

#include "infer.h"
#include "lineage.h"
#include "model.h"
#include "stream.h"

/* A model file as a filter holds it while it runs. All zero before the first ae_apply_load. */
struct ae_apply {
	const char *path;
	enum ae_net_part part;
	int threads;
	bool scaled; /* --scaled: text x was made with this model's scaler */
	struct ae_model *model;
	struct ae_infer *infer;
	unsigned char digest[AE_DIGEST_SIZE];
};

/* Reads the model, again if it was read before; a file without a network is an error. */
int ae_apply_load(struct ae_apply *apply, struct ae_error *err) AE_MUST_CHECK;
/* Checks the reader's x against the model's: shape, feature names, scaler. The error says what to pipe it through.
   Gives x's column and the lineage of what the model makes of it, which the caller frees. */
int ae_apply_check(const struct ae_apply *apply, const struct ae_reader *reader, size_t *x, struct ae_lineage *lineage,
	struct ae_error *err) AE_MUST_CHECK;
/* Runs rows of a number column through the network into out, f32 and row-major. Rows with a missing value get NaN
   throughout; where the model was trained with masked values only rows without any value do, others have 0 in the
   holes. `column` describes in; `spare` holds copies where some are needed. */
int ae_apply_rows(struct ae_apply *apply, const struct ae_column *column, const struct ae_data *in, size_t rows,
	float *out, size_t out_size, struct ae_buf *spare, struct ae_error *err) AE_MUST_CHECK;
void ae_apply_free(struct ae_apply *apply);

/* Feature names, where both sides have them, must be the same in the same order. */
int ae_apply_check_names(const struct ae_model *model, const struct ae_column *x, struct ae_error *err) AE_MUST_CHECK;

#endif
