/* SPDX-License-Identifier: MIT */
/* Rows for training: reading them, their units, and what of them must fit the model. */
#include "cli/train_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/describe.h"
#include "cli/program.h"
#include "cli/scale_groups.h"
#include "core/number.h"
#include "model/lineage.h"
#include "model/training.h"
#include "train/pca.h"

struct ae_train_data ae_train_data_rows(const struct ae_dataset *d, size_t first, size_t rows)
{
	struct ae_train_data data = {.rows = rows};
	if (rows == 0)
		return data;
	data.x_type = d->x.type;
	data.x = d->x_data.values.data + first * ae_shape_size(&d->x.shape) * ae_type_size(d->x.type);
	if (d->target.name) {
		data.target_type = d->target.type;
		data.target = d->target_data.values.data +
			      first * ae_shape_size(&d->target.shape) * ae_type_size(d->target.type);
	}
	return data;
}

/* Without weights. */
static int parse_net(
	struct ae_net **net, const struct ae_net_option *option, const struct ae_shape *shape, struct ae_error *err)
{
	char *text =
		option->pca ? ae_pca_net_text(option->components, shape, err) : ae_read_argument(option->text, err);
	int rc = text ? ae_net_outline(net, text, option->hidden_act, option->out_act, shape, err) : -1;
	free(text);
	return rc;
}

int ae_train_data_check_output(
	const struct ae_net *net, const struct ae_column *x, const struct ae_column *target, struct ae_error *err)
{
	const struct ae_column *wanted = target->name ? target : x;
	char out_text[AE_SHAPE_TEXT], wanted_text[AE_SHAPE_TEXT];
	if (ae_shape_size(ae_net_output(net)) == ae_shape_size(&wanted->shape))
		return 0;
	return ae_fail(err, "the network makes rows of shape %s, but %s has %s",
		ae_shape_format(ae_net_output(net), out_text), target->name ? "target" : "x",
		ae_shape_format(&wanted->shape, wanted_text));
}

int ae_train_data_check_range(const struct ae_model *model, const struct ae_train_data *data, struct ae_error *err)
{
	struct ae_error reason;
	static const char *const advice[] = {
		[AE_RANGE_OUTPUT_NOT_OF_LOSS] =
			"give the last layer an activation that stays within, such as sigmoid, choose another loss",
		[AE_RANGE_VALUES_NOT_OF_LOSS] = "scale it with ae-normalize --fit minmax, choose another loss",
		[AE_RANGE_NOT_REACHED] = "scale it with ae-normalize, give the last layer another activation",
	};
	enum ae_range range = ae_model_check_range(model, data, &reason);
	return range == AE_RANGE_FITS ? 0 : ae_fail(err, "%s: %s, or --force", reason.text, advice[range]);
}

/* Fills in an empty model what the rows determine: preparation, shape and names of x. */
static int describe(struct ae_model *model, const struct ae_dataset *d, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &d->schema.lineage, err);
	if (rc == 0)
		rc = ae_prep_check(&lineage.prep, err);
	if (rc == 0)
		rc = ae_prep_copy(&model->prep, &lineage.prep, err);
	if (rc == 0)
		rc = ae_scale_keep_table(model, &d->schema, err);
	ae_lineage_free(&lineage);
	return rc == 0 ? ae_model_set_input(model, &d->x.shape, d->x.features, d->x.feature_count, err) : -1;
}

int ae_train_data_check_same(const struct ae_model *model, const struct ae_dataset *d, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, &d->schema.lineage, err);
	if (rc == 0 && !ae_shape_equal(&model->input, &d->x.shape)) {
		char was[AE_SHAPE_TEXT], is[AE_SHAPE_TEXT];
		rc = ae_fail(err, "was trained on x of shape %s, but this one has %s",
			ae_shape_format(&model->input, was), ae_shape_format(&d->x.shape, is));
	}
	bool list = ae_prep_is_list(&lineage.prep) || ae_prep_is_list(&model->prep);
	if (rc == 0 && !ae_prep_equal(&lineage.prep, &model->prep))
		rc = list ? ae_fail(err, "was trained on x of another preparation: pipe the original through its steps "
					 "with -m, as ae-info --pipeline prints them")
			  : ae_fail(err, "was trained on x of another scaler: scale the original with ae-normalize -m");
	ae_lineage_free(&lineage);
	return rc == 0 ? ae_model_check_names(model, d->x.name, d->x.features, d->x.feature_count, err) : -1;
}

/* ---- rows ---- */

/* Whether the network fits is known as soon as the header is. */
static int check_net(const struct ae_net_option *option, const struct ae_schema *schema, struct ae_error *err)
{
	static const struct ae_column none = {0};
	size_t x = ae_schema_find(schema, AE_X), target = ae_schema_find(schema, AE_TARGET);
	struct ae_net *net = NULL;
	if (!option || !option->text || x == AE_NO_COLUMN)
		return 0;
	int rc = parse_net(&net, option, &schema->cols[x].shape, err);
	if (rc == 0)
		rc = ae_train_data_check_output(
			net, &schema->cols[x], target == AE_NO_COLUMN ? &none : &schema->cols[target], err);
	ae_net_free(net);
	return rc;
}

static int fail_no_row(const struct ae_dataset *data, const struct ae_reader *reader, struct ae_error *err)
{
	const char *name = ae_reader_name(reader);
	if (ae_reader_rows(reader) == 0)
		return ae_fail(err, "%s: no rows to train on", name);
	if (data->left_out)
		return ae_fail(err, "%s: no row is left for training: %llu have missing values", name,
			(unsigned long long)data->left_out);
	char labels[600];
	if (data->labels.count)
		return ae_fail(err, "%s: no row is left for training: --where takes none; there are labels %s", name,
			ae_label_counts_format(&data->labels, labels, sizeof(labels)));
	return ae_fail(err, "%s: no row is left for training: --where takes none", name);
}

static int read_all(
	struct ae_dataset *data, struct ae_reader *reader, const struct ae_train_input *input, struct ae_error *err)
{
	struct ae_where *where;
	if (ae_where_parse(&where, input->where ? input->where->items : NULL, input->where ? input->where->count : 0,
		    err) != 0)
		return -1;
	int rc = ae_schema_check_target(ae_reader_schema(reader), err);
	if (rc != 0)
		ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (rc == 0)
		rc = check_net(input->net, ae_reader_schema(reader), err);
	if (rc == 0)
		ae_note_unknown(input->program, input->common, reader);
	if (rc == 0)
		rc = ae_dataset_read(data, reader, where, input->mask, err);
	ae_where_free(where);
	if (rc != 0)
		return -1;
	if (data->rows == 0)
		return fail_no_row(data, reader, err);
	ae_note_left_out(input->program, input->common, reader);
	if (data->left_out)
		ae_note(input->program, input->common, "%llu row%s with missing values left out%s",
			(unsigned long long)data->left_out, data->left_out > 1 ? "s" : "",
			input->mask || (input->net && input->net->pca) ? ""
								       : "; --missing mask trains on what they hold");
	return 0;
}

int ae_train_data_read(struct ae_dataset *data, const struct ae_train_input *input, char *const *files, size_t count,
	struct ae_error *err)
{
	struct ae_reader *reader;
	struct ae_reader_options in = input->common->in;
	in.more_inputs = input->more_inputs;
	in.features = input->features;
	in.pair = true;
	if (input->mask)
		in.missing = ae_missing_word(AE_MISSING_MASK);
	if (ae_program_open(&reader, files, count, &in, err) != 0)
		return -1;
	int rc = read_all(data, reader, input, err);
	ae_reader_close(reader);
	return rc;
}

void ae_train_data_note_roles(
	const struct ae_dataset *d, const struct ae_program *program, const struct ae_common *common, size_t unseen)
{
	char values[AE_VALUES_TEXT], labels[600], rest[1000] = "";
	if (d->labels.count)
		snprintf(rest, sizeof(rest), "; label, not used: %s",
			ae_label_counts_format(&d->labels, labels, sizeof(labels)));
	size_t rows = d->rows - unseen;
	ae_note(program, common, "%s; target: %s; %zu row%s%s%s", ae_describe_values(values, &d->x),
		d->target.name ? d->target.name : "x", rows, rows > 1 ? "s" : "",
		unseen ? ", the last ones held out" : "", rest);
	if (d->labels.count > 1)
		ae_note(program, common, "training on rows of more than one label; --where label=V chooses one");
}

/* ---- models ---- */

void ae_train_data_note_init(const struct ae_model *model, const struct ae_model *from, const char *init,
	const struct ae_program *program, const struct ae_common *common)
{
	if (!ae_prep_equal(&model->prep, &from->prep))
		ae_note(program, common,
			"%s: its weights were trained on x that was prepared otherwise, as by another scaler; -m of "
			"that model prepares x as it was then",
			init);
}

int ae_train_data_start(struct ae_model *model, const struct ae_dataset *dataset, const struct ae_net_option *net,
	const struct ae_model *from, const char *init, struct ae_error *err)
{
	const struct ae_column *x = &dataset->x;
	if (describe(model, dataset, err) != 0 || parse_net(&model->net, net, &model->input, err) != 0 ||
		ae_model_set_members(model, (size_t)net->members, err) != 0 ||
		ae_net_make_weights(model->net, err) != 0)
		return -1;
	if (from && ae_model_check_names(from, x->name, x->features, x->feature_count, err) != 0)
		return ae_fail_in(err, "%s: ", init);
	for (size_t i = 0; i < net->members; i++) {
		ae_model_select(model, i);
		ae_net_init(model->net, model->settings.seed + i);
		if (from && ae_model_copy_weights(model, from, err) != 0)
			return ae_fail_in(err, "%s: ", init);
	}
	ae_model_select(model, AE_NET_ALL);
	return 0;
}

static int check_members(const struct ae_model *model, uint64_t wanted, struct ae_error *err)
{
	size_t members = model->net ? ae_net_members(model->net) : wanted;
	if (wanted == 0 || members == wanted)
		return 0;
	if (members == 1)
		return ae_fail(err,
			"holds one network, not an ensemble of %llu (--ensemble); --resume goes on with what there is",
			(unsigned long long)wanted);
	return ae_fail(err,
		"holds an ensemble of %zu networks, not of %llu (--ensemble); --resume goes on with those there are",
		members, (unsigned long long)wanted);
}

static int check_resumed(struct ae_model *model, const struct ae_train_resume *resume, struct ae_error *err)
{
	const char *missing = resume->missing;
	struct ae_train_settings *s = &model->settings;
	uint64_t done = 0;
	bool has_state = false, goes_on = false;
	if (model->net && ae_train_is_exact(s))
		return ae_fail(err,
			"was computed by --net pca:K, not trained: there is nothing to go on with; --init begins "
			"with its weights");
	if (check_members(model, resume->members, err) != 0)
		return -1;
	s->epochs = resume->epochs ? resume->epochs : s->epochs;
	for (size_t i = 0; model->net && i < ae_net_members(model->net); i++) {
		ae_model_select(model, i);
		has_state = has_state || model->has_optimizer;
		done = model->optimizer.epoch > done ? model->optimizer.epoch : done;
		goes_on = goes_on || ae_model_goes_on(model);
		ae_model_select(model, AE_NET_ALL);
	}
	if (!has_state)
		return ae_fail(err, "holds no state to go on from: it was stripped, or kept earlier, better weights");
	if (!goes_on)
		return ae_fail(err, "%llu epochs are done; --epochs says the total, so more than that",
			(unsigned long long)done);
	if (missing && (ae_word_find(missing, ae_missing_word) == AE_MISSING_MASK) != s->mask)
		return ae_fail(err, "was trained %s --missing=mask", s->mask ? "with" : "without");
	return ae_model_check_trainable(model, err);
}

int ae_train_data_resume(
	struct ae_model **model, const char *path, const struct ae_train_resume *resume, struct ae_error *err)
{
	if (ae_model_read(model, path, err) != 0)
		return -1;
	if (check_resumed(*model, resume, err) != 0)
		return ae_fail_in(err, "%s: ", path);
	ae_model_drop_threshold(*model);
	/* Members of an ensemble that have no epochs left keep theirs. */
	ae_model_select(*model, 0);
	if (ae_model_goes_on(*model))
		ae_model_drop_warnings(*model);
	(*model)->warnings.epochs = 0;
	ae_model_select(*model, AE_NET_ALL);
	return 0;
}
