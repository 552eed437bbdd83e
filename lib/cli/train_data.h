/* SPDX-License-Identifier: MIT */
/* The rows of a data set as training takes them, and the checks that model, rows and validation rows fit. */
#ifndef AE_CLI_TRAIN_DATA_H
#define AE_CLI_TRAIN_DATA_H

#include "cli/dataset.h"
#include "cli/opt.h"
#include "model/model.h"
#include "train/trainer.h"

/* A network as options give it: inline or as @FILE. The activations are those of the dash form, NULL for the default.
 */
struct ae_net_option {
	uint64_t members; /* of an ensemble; 1: none */
	const char *text, *hidden_act, *out_act;
	bool pca; /* text is pca:K, with so many components */
	size_t components;
};

struct ae_train_input {
	const struct ae_program *program;
	const struct ae_common *common;
	const struct ae_opt_list *where;  /* NULL: all rows */
	const struct ae_net_option *net;  /* checked against the first header; NULL: not */
	bool mask;                        /* rows with missing values are kept */
	bool more_inputs;                 /* as in ae_reader_options */
	struct ae_feature_names features; /* likewise */
};

/* Reads the rows of all files and notes those left out. Not one row is an error. */
int ae_train_data_read(struct ae_dataset *dataset, const struct ae_train_input *input, char *const *files, size_t count,
	struct ae_error *err) AE_MUST_CHECK;
/* Notes which columns have which role, and labels of more than one kind. The last `unseen` rows
   validate or calibrate. */
void ae_train_data_note_roles(const struct ae_dataset *dataset, const struct ae_program *program,
	const struct ae_common *common, size_t unseen);
/* Notes that the weights of `from`, in the file init, were trained on x that was prepared otherwise, if so. */
void ae_train_data_note_init(const struct ae_model *model, const struct ae_model *from, const char *init,
	const struct ae_program *program, const struct ae_common *common);
/* Gives a new model, whose settings are set, what the rows determine, and the network with its first weights: random
   ones, or those of `from` unless that is NULL, which must have the same network and features; init is its file. Each
   member of an ensemble begins so, with its own seed. */
int ae_train_data_start(struct ae_model *model, const struct ae_dataset *dataset, const struct ae_net_option *net,
	const struct ae_model *from, const char *init, struct ae_error *err) AE_MUST_CHECK;
/* What --resume is held to beside the model: epochs, unless 0, becomes the total; members, unless 0, is how many
   networks the model must hold; `missing` is what --missing says or NULL, and the model must have been trained so. */
struct ae_train_resume {
	uint64_t epochs, members;
	const char *missing;
};
/* Reads a model to be trained further, without its threshold. */
int ae_train_data_resume(struct ae_model **model, const char *path, const struct ae_train_resume *resume,
	struct ae_error *err) AE_MUST_CHECK;

/* Rows [first, first + rows) of a data set, which keeps them. */
struct ae_train_data ae_train_data_rows(const struct ae_dataset *dataset, size_t first, size_t rows);
/* Checks that rows have the model's scaler, shape and names; for --resume. */
int ae_train_data_check_same(
	const struct ae_model *model, const struct ae_dataset *dataset, struct ae_error *err) AE_MUST_CHECK;
/* Checks that the network's output has the size of target, or of x where target has no name. */
int ae_train_data_check_output(const struct ae_net *net, const struct ae_column *x, const struct ae_column *target,
	struct ae_error *err) AE_MUST_CHECK;
/* Refuses targets that the last activation cannot reach, and targets or outputs that the loss is not made for. */
int ae_train_data_check_range(
	const struct ae_model *model, const struct ae_train_data *data, struct ae_error *err) AE_MUST_CHECK;

#endif
