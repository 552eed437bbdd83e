/* SPDX-License-Identifier: MIT */
/* Inside the reader of model files: what model_read.c, which takes messages, shares with those that take sections and
   tensors. Functions return 0, or -1 with *err. */
#ifndef AE_MODEL_READER_H
#define AE_MODEL_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/msgpack.h"
#include "model/model.h"
#include "model/model_format.h"

/* How much of a tensor has come. */
struct ae_model_progress {
	uint64_t floats, next_part, parts;
};

/* How much of a network has come, or of one of an ensemble. */
struct ae_model_read_member {
	unsigned seen;                    /* a bit for each known section */
	struct ae_model_progress *params; /* [ae_net_params] */
	struct ae_model_progress moments;
	uint64_t moments_count; /* what the optimizer section announced */
};

struct ae_model_reader {
	struct ae_model_source source;
	struct ae_model *model;
	struct ae_model_read_member *members; /* [member_count] */
	size_t member_count;                  /* 1 where there is no section "ensemble" */
	struct ae_model_read_member *at;      /* whose section or tensor is at hand */
	bool has_weights;                     /* there is room for them */
	bool moments, statistics,
		covariance; /* are kept: the optimiser's, those of the training rows, of their latent */
	const struct ae_model_limit *limit;
};

/* A copy, which the caller frees; NULL on failure. */
char *ae_model_take_text(const struct ae_value *value, struct ae_error *err);

int ae_model_take_shape(struct ae_shape *shape, const struct ae_value *value, struct ae_error *err);

/* The name after the member that stands before it, "2/" say, which becomes the one at hand; else it is the first. */
const char *ae_model_find_member(struct ae_model_reader *reader, const char *name);

/* The model is filled in for the member at hand, until ae_model_select_all(). */
void ae_model_select_member(struct ae_model_reader *reader);
void ae_model_select_all(struct ae_model_reader *reader);

/* The message at hand is [name, required, map, crc]. */
int ae_model_take_section(struct ae_model_reader *reader, const struct ae_value *root, struct ae_error *err);

/* The message at hand is a tensor, whose values are read. */
int ae_model_take_tensor(struct ae_model_reader *reader, const struct ae_value *root, struct ae_error *err);

/* Whether all parts of a tensor of so many floats have come. */
bool ae_model_progress_complete(const struct ae_model_progress *progress, uint64_t total);

/* Sections that tell of training. 1: not understood, and kept as it is, for nothing else depends on it. */
int ae_model_take_training(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err);
int ae_model_take_losses(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err);
int ae_model_take_warnings(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err);
int ae_model_take_errors(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err);
int ae_model_take_latent(struct ae_model_reader *reader, const struct ae_value *map, struct ae_error *err);

#endif
