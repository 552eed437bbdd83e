/* SPDX-License-Identifier: MIT */
/* aefilters: read a model of ae-train(1) and score rows with it, or train one on rows in memory. The public header of
   libaefilters; aefilters(3) has the same in more words. Before version 1.0 anything here may change.

   - No function prints, exits, catches signals or changes the environment.
   - Arrays are row-major and the caller's; nothing keeps them after the call. NaN is a missing value.
   - Functions that can fail return 0, or -1 with *err filled in. Results are then undefined.
   - No pointer may be NULL unless this file says so; arrays may be where rows is 0.
   - Objects are independent of each other. A model may be used by any number of threads at once while none frees it; a
     scorer serves one thread at a time. */
#ifndef AEFILTERS_H
#define AEFILTERS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef AE_API
#if defined(__GNUC__)
#define AE_API __attribute__((visibility("default")))
#else
#define AE_API
#endif
#endif

#ifndef AE_ERROR_DEFINED
#define AE_ERROR_DEFINED
struct ae_error {
	int status;      /* 2 where an argument is wrong in itself (a word, a network's text), else 1 */
	char text[1000]; /* one line, lower case, no trailing period, no program name */
};
#endif

struct ae_model;
struct ae_scorer;

/* "0.1": of the library that is linked. */
AE_API const char *ae_version(void);

/* ---- models ---- */

/* Reads a model file whole and checks it. The errors begin with its name. A file with a required section that this
   version does not know, such as a later version's preparation of the rows, is refused with the section's name. */
AE_API int ae_model_read(struct ae_model **model, const char *path, struct ae_error *err);
/* Writes it beside its place, syncs it and gives it its name: no reader ever sees half a model. */
AE_API int ae_model_write(const struct ae_model *model, const char *path, struct ae_error *err);
/* model may be NULL. Scorers of it are freed first. */
AE_API void ae_model_free(struct ae_model *model);

/* Values of a row of x, of its latent, of its reconstruction; 0 if the file holds no network. */
AE_API size_t ae_model_inputs(const struct ae_model *model);
AE_API size_t ae_model_latents(const struct ae_model *model);
AE_API size_t ae_model_outputs(const struct ae_model *model);
/* The name of input i, or NULL if it has none. The inputs of an image are named by their channel. */
AE_API const char *ae_model_feature(const struct ae_model *model, size_t i);
/* Returns 1 and the threshold, or 0 if there is none; value may be NULL. */
AE_API int ae_model_threshold(const struct ae_model *model, double *value);

/* ---- scoring ---- */

/* Borrows the model. metric is one of ae-err(1)'s; NULL is that of the model's threshold, or else the default of its
   training loss. threads, 0 to 256, counts the caller: 1 starts none, 0 is one for each processor. */
AE_API int ae_scorer_new(
	struct ae_scorer **scorer, const struct ae_model *model, const char *metric, int threads, struct ae_error *err);
/* Most bytes for weights and buffers, which the first call to score allocates: by default the larger of 1 GiB and a
   quarter of the machine's memory. Calls on a model that needs more fail. Set it before the first. */
AE_API void ae_scorer_limit_memory(struct ae_scorer *scorer, uint64_t bytes);
/* scorer may be NULL. */
AE_API void ae_scorer_free(struct ae_scorer *scorer);

/* All take x[rows][inputs] in original units and scale it as the model's training rows were. A row with a missing value
   has NaN results; if the model was trained with masked values, only a row of nothing but missing values has. A value
   too large for f32 is taken as 1e30, as aefilters(7) says; an infinite one is an error that names row and input,
   counted from 1.
   Results are those of the programs, to the bit, whatever the number of rows and threads. */

/* recon[rows][outputs], in original units: ae-normalize -m | ae-recon -m | ae-normalize --invert, rounded to f32. */
AE_API int ae_scorer_reconstruct(
	struct ae_scorer *scorer, const double *x, size_t rows, float *recon, struct ae_error *err);
/* latent[rows][latents]: ae-normalize -m | ae-encode -m. */
AE_API int ae_scorer_encode(
	struct ae_scorer *scorer, const double *x, size_t rows, float *latent, struct ae_error *err);
/* score[rows], the error of the reconstruction in scaled units: ae-normalize -m | ae-recon -m | ae-err. */
AE_API int ae_scorer_score(struct ae_scorer *scorer, const double *x, size_t rows, double *score, struct ae_error *err);
/* verdict[rows] of scores under the model's threshold: 1 anomaly (score >= threshold), 0 normal, 255 for a score of
   NaN. Refused if the model has no threshold, or one that was fitted on other scores than the scorer's. */
AE_API int ae_scorer_verdict(
	const struct ae_scorer *scorer, const double *score, size_t rows, unsigned char *verdict, struct ae_error *err);

/* ---- training ---- */

/* The options of ae-train(1), set by ae_train_options_init and changed from there. Later versions add members at the
   end only, and take those that a program does not know as their defaults. */
struct ae_train_options {
	size_t size;                      /* of the struct, as the program knows it; ae_model_train refuses others */
	const char *net;                  /* "140-32-8-32-140" or a list of layers; required */
	const char *hidden_act, *out_act; /* of the dash form; NULL: relu, linear */
	const char *shape;                /* of a row, such as "28,28,1"; NULL: a vector */
	const char *const *features;  /* a name for each input, all different, without control characters; or NULL */
	const char *scaler;           /* fitted on x and kept in the model: a method of ae-normalize --fit, or NULL */
	int per_tensor;               /* one scale for all inputs */
	const char *loss, *optimizer; /* "mse", "adam" */
	double lr, decay, momentum;   /* 0.001, 0, 0 */
	double weight_decay;          /* of adamw: 0.004 */
	const char *schedule;         /* of the learning rate: ae-train --schedule; NULL: none */
	uint64_t warmup;              /* epochs in which the learning rate rises from 0 */
	uint64_t slices;              /* parts of a batch whose gradients are summed in order: 16 */
	uint64_t epochs, batch, seed; /* 10 epochs, 32 rows a batch, seed 0 */
	double valid;                 /* share of the rows, the last ones, that is held out for validation */
	uint64_t patience;            /* epochs without a better validation loss before it stops; 0: never */
	int mask;                     /* missing values are trained with, else their rows are left out */
	int force;                    /* train even if output, loss and values do not go together */
	int strip;                    /* leave the optimiser's state out of the model */
	int threads;                  /* 0 to 256; 0: one for each processor; they change no byte */
	double trim;                  /* share of the rows of each batch, the worst ones, that teaches nothing: 0 */
};

/* Fills in size, which is sizeof(struct ae_train_options), and the defaults of ae-train(1); all others are 0. */
AE_API void ae_train_options_init(struct ae_train_options *options, size_t size);

/* After each epoch. valid_loss is NaN without validation. Other than 0 stops the training; the model has that epoch. */
typedef int ae_train_progress(void *arg, uint64_t epoch, double loss, double valid_loss);

/* Trains on x[rows][inputs] in original units and makes a model without a threshold, to be freed with ae_model_free:
   the bytes of ae-normalize --fit | ae-train for the same rows and options. A value of 1e30 or more in size is an error
   that names row and input. progress may be NULL. Holds a scaled copy of the rows while it runs. */
AE_API int ae_model_train(struct ae_model **model, const struct ae_train_options *options, const double *x, size_t rows,
	size_t inputs, ae_train_progress *progress, void *arg, struct ae_error *err);

#ifdef __cplusplus
}
#endif

#endif
