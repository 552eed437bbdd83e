/* SPDX-License-Identifier: MIT */
/* The model file (.aem): everything that scoring needs, in one file of checksummed messages (core/msgpack.h).
     ["AEMF", 1, {}, crc]
     [name, required, {...}, crc]                             a section; "2/NAME" is member 2's, in an ensemble
     ["tensor", {name, shape, part, parts}, bin, crc]         little-endian f32, row-major in Keras's axes
     ["end", {sections: count of the messages between}, crc]  */
#ifndef AE_MODEL_MODEL_H
#define AE_MODEL_MODEL_H

#include "core/order.h"
#include "core/outfile.h"
#include "core/sha256.h"
#include "core/tensor.h"
#include "core/util.h"
#include "model/prep.h"
#include "train/latent_stats.h"
#include "train/settings.h"

struct ae_lineage;
struct ae_net;
struct ae_threshold;

#define AE_MODEL_VERSION 1

/* Settings as they came from a file, besides the values of known ones. */
struct ae_model_settings_read {
	char *texts[8]; /* that the settings point to */
	size_t text_count;
	struct ae_buf unknown; /* settings of later versions: keys and values, packed, as they came */
	size_t unknown_count;
	char *unknown_key; /* of the first, NULL if there is none */
};

/* The state of training that ae-train --resume continues. */
struct ae_model_optimizer {
	uint64_t step, epoch; /* done so far */
	float *moments;       /* as the optimiser lays them out */
	size_t moments_count;
};

/* How training went, for people. */
struct ae_model_losses {
	uint64_t epochs, kept;   /* trained in all; the one whose weights these are. epochs 0: not known */
	double loss, valid_loss; /* of epoch `kept`; valid_loss NaN: there was no validation */
};

/* What training left behind in a member of an ensemble. */
struct ae_model_member {
	struct ae_model_losses losses;
	bool has_optimizer;
	struct ae_model_optimizer optimizer;
};

/* Of the latent of the training rows, for ae_distance. */
struct ae_model_latent {
	size_t count;       /* values of a latent; 0: not known */
	uint64_t rows;      /* of the training */
	double shrinkage;   /* of the covariance: from 0, none, to 1, a multiple of the identity */
	double *mean;       /* [count] */
	double *covariance; /* shrunk: its lower triangle, row by row (ae_triangle); NULL where it is not read */
};

/* Of the training rows under the weights of a model. Set by ae_model_measure_errors alone. */
struct ae_model_stats {
	bool has_digest; /* not in models of earlier versions, whose statistics are taken at their word */
	unsigned char digest[AE_DIGEST_SIZE]; /* of the model under which they were measured */
	double *err_mean, *err_sd;            /* [err_count] of the errors per feature, in scaled units */
	size_t err_count;                     /* 0 if there are none */
	struct ae_model_latent latent;
};

/* What training warned of, for people: sentences. */
struct ae_model_warnings {
	uint64_t epochs; /* trained in all when they were found, in a model that was read; else 0 */
	char **texts;    /* [count] */
	size_t count;
};
#define AE_MODEL_WARNINGS_MAX 32
#define AE_MODEL_WARNING_MAX 1000 /* bytes */

/* A model in memory. All zero is an empty one. It owns everything in it, ae_model_free frees it. Its parts come in
   three groups, each of which may be absent in a file: the input (prep, input, features), the network with what its
   training left behind, and the threshold. Functions that take a const model may run in several threads at once on one
   model. */
struct ae_model {
	struct ae_prep
		prep; /* what x goes through before the network; in a file of --save the one step that is there */
	struct ae_buf scalers; /* the table of the scalers of groups in it, packed (scaler_groups.h) */
	struct ae_shape input; /* of a row of x; rank 0 if there is none */
	char **features;       /* [feature_count] names of the last axis or of every element */
	size_t feature_count;  /* 0 if unnamed */

	struct ae_net *net;                  /* with its weights; NULL in a file that holds other parts alone */
	struct ae_train_settings settings;   /* valid, and kept in the file, if net is set; its texts are borrowed */
	struct ae_model_settings_read read;  /* owns the texts of settings that came from a file */
	struct ae_model_losses losses;       /* at the end of the last training run */
	struct ae_model_warnings warnings;   /* of the last training run */
	struct ae_model_stats stats;         /* of the weights that are there, or none */
	bool has_optimizer;                  /* optimizer is valid */
	struct ae_model_optimizer optimizer; /* dropped by ae-train --strip */
	/* Of an ensemble (ae_net_members), what the three above are of its other members: in a model at rest those from
	   the second on. ae_model_select brings them there and back. */
	struct ae_model_member *others;
	size_t other_count;

	struct ae_threshold *threshold; /* heap, or NULL */
	/* The columns by which preparation, smoothing and threshold tell groups, once each, as the file had them. */
	char **groups;
	size_t group_count;

	struct ae_buf unknown; /* optional sections of later versions, whole messages: written back as they came */
	size_t unknown_count;  /* how many messages */
};

int ae_model_new(struct ae_model **model, struct ae_error *err) AE_MUST_CHECK;
AE_API void ae_model_free(struct ae_model *model);

/* Fills in `groups` of a model that has none. */
int ae_model_find_groups(struct ae_model *model, struct ae_error *err) AE_MUST_CHECK;
/* Makes the network one of so many members, before its weights are made. */
int ae_model_set_members(struct ae_model *model, size_t members, struct ae_error *err) AE_MUST_CHECK;
/* ae_net_select, with losses and optimiser of that member in the model. With AE_NET_ALL the model is at rest, as it
   must be to be written. The setting `seed` stays that of the first member: member i has seed + i. */
void ae_model_select(struct ae_model *model, size_t member);

/* Values of the latent of a model with a network; 0 of an ensemble, whose networks have one each. */
size_t ae_model_latent_size(const struct ae_model *model);

/* Frees the threshold, which fits other weights no more. */
void ae_model_drop_threshold(struct ae_model *model);

/* Frees the statistics; the other does so where they were measured under another model than this has become. */
void ae_model_drop_stats(struct ae_model *model);
int ae_model_drop_stale_stats(struct ae_model *model, struct ae_error *err) AE_MUST_CHECK;

/* Adds a warning that is not there yet, a copy, of which AE_MODEL_WARNING_MAX - 1 bytes are kept; drops all. */
int ae_model_add_warning(struct ae_model *model, const char *text, struct ae_error *err) AE_MUST_CHECK;
void ae_model_drop_warnings(struct ae_model *model);

/* Where a model is read from: the file, or, where there are any, the bytes of one, as headers carry it. The path is in
   errors all the same. */
struct ae_model_from {
	const char *path;
	const unsigned char *bytes;
	size_t len;
};

/* Reads and checks a whole model file; every error begins with its name. Memory grows only as bytes arrive. *model is
   set on success alone; freed with ae_model_free. */
AE_API int ae_model_read(struct ae_model **model, const char *path, struct ae_error *err) AE_MUST_CHECK;

/* Says whether a model may be loaded of which the network is known, and whose weights take no memory yet: 0, or -1 and
 *err. */
struct ae_model_limit {
	int (*check)(void *arg, const struct ae_model *model, struct ae_error *err);
	void *arg;
};
/* As ae_model_read, but without the optimiser's moments, which take twice the memory of the weights, and without the
   statistics: for a program that does not write the model again. limit may be NULL. */
int ae_model_read_applied(struct ae_model **model, const struct ae_model_from *from, const struct ae_model_limit *limit,
	struct ae_error *err) AE_MUST_CHECK;
/* The same, with the statistics. */
int ae_model_read_statistics(
	struct ae_model **model, const struct ae_model_from *from, struct ae_error *err) AE_MUST_CHECK;
/* With the statistics, but for the covariance of the latent. */
int ae_model_read_described(
	struct ae_model **model, const struct ae_model_from *from, struct ae_error *err) AE_MUST_CHECK;

/* Whether the file at path is a regular one and begins as a model file does. */
int ae_model_file_look(bool *is_one, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The same; an unreadable file does not. */
bool ae_is_model_file(const char *path);

/* Reserves the place of a model's file. A file that is there, not empty, and no model is refused: nobody means to lose
   it. */
int ae_model_reserve(struct ae_outfile *file, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Writes the file beside its place, syncs it and gives it its name: no reader sees a part of it, and on an error the
   file that was there stays. Equal models give equal bytes. */
AE_API int ae_model_write(const struct ae_model *model, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The same, with owner and permissions of another file, if that is there. */
int ae_model_write_like(
	const struct ae_model *model, const char *path, const char *like, struct ae_error *err) AE_MUST_CHECK;
/* The same under the first free name of PATH, PATH.2, PATH.3 and so on: *name, freed with free(). */
int ae_model_write_new(const struct ae_model *model, const char *path, const char *like, char **name,
	struct ae_error *err) AE_MUST_CHECK;
/* Writes all but its name into a file that was reserved or opened; on failure that is spent. */
int ae_model_write_unnamed(const struct ae_model *model, struct ae_outfile *file, struct ae_error *err) AE_MUST_CHECK;
/* As ae_model_write, into a file that was reserved, which is spent then, unless it is another than when it was
   reserved: then *changed is true, and nothing was written. `last` as for ae_outfile_commit_unchanged. */
int ae_model_replace(const struct ae_model *model, struct ae_outfile *file, const struct ae_outfile_last *last,
	bool *changed, struct ae_error *err) AE_MUST_CHECK;

/* Sets shape and feature names of a row of x, copies of its own; count 0 if x has no names. */
int ae_model_set_input(struct ae_model *model, const struct ae_shape *shape, char *const *names, size_t count,
	struct ae_error *err) AE_MUST_CHECK;
/* Checks that a column `name` of this shape and these feature names is such an x, or a row of such a window, or, of a
   scaler alone, a window of such rows: as many values, and where both sides have names the same in the same order. */
int ae_model_check_input(const struct ae_model *model, const char *name, const struct ae_shape *shape,
	char *const *names, size_t count, struct ae_error *err) AE_MUST_CHECK;
/* Shape and feature names of x before the first step of preparation: borrowed, until the model changes. */
struct ae_prep_source ae_model_source(const struct ae_model *model);
/* The names alone. */
int ae_model_check_names(const struct ae_model *model, const char *name, char *const *names, size_t count,
	struct ae_error *err) AE_MUST_CHECK;

/* Reads, to apply it, a model file whose preparation has a scaler. */
int ae_model_read_scaler(struct ae_model **model, const struct ae_model_from *from, struct ae_error *err) AE_MUST_CHECK;
/* Writes a model that holds a scaler alone, packed, with its table of groups or an empty one, and with the shape and
   names of the x that it was fitted on, into a file that was reserved, all but its name. */
int ae_model_write_scaler(struct ae_outfile *file, const struct ae_buf *scaler, const struct ae_buf *table,
	const struct ae_shape *shape, char *const *names, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* Reads, to apply it, a model file that holds a threshold, which must be for scores of this lineage
   (ae_threshold_match). name is the scores', for the message. */
int ae_model_read_threshold(struct ae_model **model, const struct ae_model_from *from, const struct ae_lineage *lineage,
	const char *name, struct ae_error *err) AE_MUST_CHECK;
/* Puts a threshold in the place of the model's. A threshold of another network than the model's is an error; one that
   does not say becomes one of this network. The model takes over the calibration errors and the groups, of which
   *threshold keeps none. path is the model's, for the message. */
int ae_model_put_threshold(
	struct ae_model *model, struct ae_threshold *threshold, const char *path, struct ae_error *err) AE_MUST_CHECK;

/* "0.012, valid_loss 0.013, after 20 epochs", of losses that are known, without epochs where none were needed; returns
   text. */
#define AE_MODEL_LOSSES_TEXT 160
char *ae_model_losses_format(const struct ae_model *model, char text[AE_MODEL_LOSSES_TEXT]);

/* SHA-256 of all that decides what the network gives: preparation, feature names, input shape, network text, weights of
   all members. */
int ae_model_digest(
	const struct ae_model *model, unsigned char digest[AE_DIGEST_SIZE], struct ae_error *err) AE_MUST_CHECK;

#endif
