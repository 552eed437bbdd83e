/* SPDX-License-Identifier: MIT */
/* Lineage: which preparation, model and metric made the values of a stream. Its header carries it as a blob, which
   programs that join streams compare by bytes. */
#ifndef AE_MODEL_LINEAGE_H
#define AE_MODEL_LINEAGE_H

#include "core/order.h"
#include "core/rolling.h"
#include "core/sha256.h"
#include "core/util.h"
#include "model/grouping.h"
#include "model/metric_text.h"
#include "model/prep.h"

/* All zero is the empty lineage: x as it came, no model applied. Freed with ae_lineage_free. */
struct ae_lineage {
	struct ae_prep prep; /* what x went through */
	bool held_out;       /* the rows were kept out of the training of the model that is applied to them */
	bool imputed;        /* missing values of x were taken from its reconstruction */
	bool has_digest;
	unsigned char digest[AE_DIGEST_SIZE]; /* of the model that was applied (ae_model_digest) */
	char loss[16];                        /* that model's training loss, "" = none */
	char metric[AE_METRIC_TEXT];          /* of err (score.h) with its modifiers, "" = none */
	char reference[8];                    /* of err: "x", "target" or "" */
	bool scaled_err;                      /* err is in scaled units */
	char smooth[AE_ROLLING_TEXT];         /* how err was smoothed ("ewma:60"), "" = not at all */
	struct ae_grouping smooth_by;         /* over the rows of which groups */
	bool has_stats;
	unsigned char stats[AE_DIGEST_SIZE]; /* SHA-256 of the model's statistics that err was made with */
	struct ae_buf unknown;               /* keys of later versions with their values, packed and sorted by key */
	size_t unknown_count;
};

/* Fills an all-zero or a used lineage from a blob; an empty blob gives the empty lineage. On failure it is empty. */
int ae_lineage_unpack(struct ae_lineage *lineage, const struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;

/* Replaces what blob held. Equal lineages give equal bytes; the empty one gives an empty blob. */
int ae_lineage_pack(const struct ae_lineage *lineage, struct ae_buf *blob, struct ae_error *err) AE_MUST_CHECK;

/* Says that err is not smoothed. */
void ae_lineage_drop_smoothing(struct ae_lineage *lineage);

/* Whether x is scaled. */
bool ae_lineage_is_scaled(const struct ae_lineage *lineage);
/* The same of the lineage in a blob. */
int ae_lineage_has_scaler(const struct ae_buf *blob, bool *scaled, struct ae_error *err) AE_MUST_CHECK;

/* Makes the preparation in a blob that of an x whose features were put in order (ae_prep_reorder). */
int ae_lineage_reorder(struct ae_buf *blob, const struct ae_order *order, struct ae_error *err) AE_MUST_CHECK;

/* The column by which smoothing, or else a step of the preparation, tells series of rows apart: *name becomes a copy,
   freed with free(), or NULL where there is none. */
int ae_lineage_group(char **name, const struct ae_lineage *lineage, struct ae_error *err) AE_MUST_CHECK;

void ae_lineage_free(struct ae_lineage *lineage);

#endif
