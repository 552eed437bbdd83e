/* SPDX-License-Identifier: MIT */
/* A model, or a half of it, put to work on a stream: what ae-recon, ae-encode and ae-decode share. */
#ifndef AE_CLI_APPLY_H
#define AE_CLI_APPLY_H

#include "cli/beyond.h"
#include "model/forward.h"
#include "model/lineage.h"

/* One column in, one column of the output out, or two. Set from, to and part; the rest is zero, or set by
   options. */
struct ae_apply {
	enum ae_net_part part;
	enum ae_role from, to;
	bool latent;        /* --latent: it is added behind `to`, which is made by the whole network */
	bool impute;        /* --impute: what x has no value for is taken from `to`, which is recon */
	bool scaled;        /* --scaled: text x was made with this model's scaler */
	const char *memory; /* --memory: the limit, as ae_memory_parse reads it; NULL: a share of the machine's */

	const char *path; /* of the model */
	uint64_t limit;   /* bytes for weights and buffers */
	int threads;
	unsigned drop; /* roles consumed, as 1 << role */

	struct ae_model *model;
	struct ae_forward_needs needs;
	struct ae_forward *forward;
	const struct ae_schema *in;
	size_t column; /* in `in` */
	struct ae_data out, latents, imputed;
	struct ae_buf carried;
	const char *name; /* of the input, for notes */
	uint64_t done;    /* rows of this stream */
	struct ae_beyond beyond;
	uint64_t partial; /* rows not computed, though they have some value */
};

/* Its row in the table of such a program. */
#define AE_OPTION_MEMORY(apply_)                                                                                       \
	AE_TEXT_OPTION("memory", 0, &(apply_)->memory, "N",                                                            \
		"most memory for the model and its buffers, as 512M; default: a share of the machine's")

/* The main of such a program: reads the options, runs over the operands, returns the exit status. The model is read
   afresh for each stream; shape, feature names and lineage are checked, and the errors say what to pipe the stream
   through. Rows with a missing value get NaN throughout; where the model was trained with masked values only rows
   without any value do, others have 0 in the holes. `keep` (may be NULL) is set by an option and keeps the input. */
int ae_apply_main(struct ae_apply *apply, const bool *keep, const struct ae_program *program, struct ae_common *common,
	int argc, char **argv);

#endif
