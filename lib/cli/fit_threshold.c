/* SPDX-License-Identifier: MIT */
/* Fits a threshold and writes it. */
#include "cli/fit_threshold.h"

#include <stdio.h>

#include "cli/calibration.h"
#include "core/number.h"
#include "model/model.h"
#include "model/threshold_interval.h"
#include "model/threshold_origin.h"

int ae_err_lineage(struct ae_lineage *lineage, const struct ae_reader *reader, size_t *column, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	if (ae_schema_need(schema, AE_ERR, column, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return ae_lineage_unpack(lineage, &schema->lineage, err);
}

int ae_check_vouched(
	const struct ae_fit_options *options, const char *model, const struct ae_reader *reader, struct ae_error *err)
{
	if (options->scaled)
		return 0;
	return ae_fail(err,
		"%s: %s does not say which model made err: score with ae-recon and ae-err, or vouch with --scaled that "
		"%s made it",
		ae_reader_name(reader), ae_reader_is_text(reader) ? "text" : "the stream", model);
}

static bool is_resampled(const struct ae_fit_options *o)
{
	return o->bootstrap != UINT64_MAX;
}

/* --compare alone takes rows and labels as --fit does. */
static int check_compare(const struct ae_fit_options *o, const struct ae_common *common, struct ae_error *err)
{
	if (o->method || o->save || common->model || o->group || is_resampled(o) || common->out.append)
		return ae_fail_usage(err,
			"--compare writes nothing: it excludes --fit, --save, -m, --group, --bootstrap and --append");
	return 0;
}

int ae_fit_check(struct ae_fit_options *o, const struct ae_common *common, struct ae_error *err)
{
	bool labelled = o->truth.normal || o->truth.anomaly;
	if (o->truth.normal && o->truth.anomaly)
		return ae_fail_usage(err, "--normal excludes --anomaly");
	if (o->compare)
		return check_compare(o, common, err);
	if (!o->method)
		return o->save || o->where.count || labelled || is_resampled(o)
			       ? ae_fail_usage(
					 err, "--save, --where, --normal, --anomaly and --bootstrap go with --fit")
			       : 0;
	if (!common->model == !o->save)
		return ae_fail_usage(err, "--fit goes into a model (-m FILE) or alone into a file (--save FILE)");
	if (common->out.append)
		return ae_fail_usage(err, "--fit gives no verdicts to --append");
	if (ae_threshold_parse(&o->rule, o->method, err) != 0)
		return -1;
	if (ae_threshold_rule_is(&o->rule, AE_TRAIT_CLASSES) && !labelled)
		return ae_fail_usage(err, "--fit %s needs --normal LABEL or --anomaly LABEL", o->method);
	if (o->group && ae_threshold_rule_is(&o->rule, AE_TRAIT_ROWLESS))
		return ae_fail_usage(err, "--group: %s is the same for all groups", o->method);
	return 0;
}

struct fitting {
	const struct ae_fit_options *options;
	const struct ae_common *common;
	const char *path; /* of the file that gets the threshold */
	struct ae_where *where;
	struct ae_reader *reader;
	struct ae_model *model; /* that the threshold goes into, or a new one that will hold it alone */
	struct ae_outfile file; /* its own, as it is when the errors begin to come */
	struct ae_calibration calibration;
	struct ae_threshold threshold;
	struct ae_threshold_interval interval; /* with --bootstrap */
	bool printed;
};

int ae_fit_open(struct ae_reader **reader, struct ae_where **where, const struct ae_fit_options *options,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err)
{
	struct ae_reader_options in = common->in;
	if (ae_where_parse(where, options->where.items, options->where.count, err) != 0)
		return -1;
	in.compared = ae_where_names(*where, &in.compared_count);
	return ae_program_open(reader, files, count, &in, err);
}

static int open_model(struct fitting *f, struct ae_error *err)
{
	if (ae_model_reserve(&f->file, f->path, err) != 0)
		return -1;
	return f->common->model ? ae_model_read(&f->model, f->path, err) : ae_model_new(&f->model, err);
}

static int fit(struct fitting *f, struct ae_error *err)
{
	struct ae_calibration *c = &f->calibration;
	const struct ae_threshold_rule *rule = &f->options->rule;
	struct ae_lineage lineage = {0};
	size_t column;
	int rc = ae_err_lineage(&lineage, f->reader, &column, err);
	if (rc == 0)
		rc = ae_calibration_read(c, f->reader, column, f->where, err);
	if (rc == 0)
		rc = ae_calibration_check(c, rule, err);
	if (rc == 0 && ae_threshold_fit(&f->threshold, rule, &c->sample, err) != 0)
		rc = ae_fail_in(err, "%s: ", ae_reader_name(f->reader));
	if (rc == 0 && is_resampled(f->options))
		rc = ae_threshold_bootstrap(
			&f->interval, rule, &c->sample, f->options->bootstrap, f->options->seed, err);
	if (rc == 0)
		rc = ae_calibration_groups_fit(&c->groups, &f->threshold.groups, rule, err);
	if (rc == 0)
		rc = ae_threshold_describe(&f->threshold, &lineage, err);
	ae_lineage_free(&lineage);
	return rc;
}

static void print_interval(const struct ae_threshold_interval *interval)
{
	char low[AE_NUMBER_TEXT], high[AE_NUMBER_TEXT];
	ae_number_format_f64(low, interval->low);
	ae_number_format_f64(high, interval->high);
	printf("95%% of %llu resamples from %s to %s\n", (unsigned long long)interval->fitted, low, high);
}

static void print_groups(const struct ae_threshold_groups *groups, size_t all)
{
	char text[AE_GROUPS_TEXT];
	printf("%s of %zu\n", ae_threshold_groups_format(groups, text), all);
}

static int print_fit(void *arg, struct ae_error *err)
{
	struct fitting *f = arg;
	char text[AE_CALIBRATION_TEXT];
	f->printed = true;
	puts(ae_calibration_format(&f->calibration, &f->threshold, text));
	if (is_resampled(f->options))
		print_interval(&f->interval);
	if (f->options->group)
		print_groups(&f->model->threshold->groups, ae_groups_count(f->calibration.groups.groups));
	return ae_program_flush(err);
}

static int store(struct fitting *f, struct ae_error *err)
{
	const struct ae_outfile_last last = {.call = print_fit, .arg = f};
	bool changed = false;
	int rc = f->model->net && !f->threshold.has_digest
			 ? ae_check_vouched(f->options, f->common->model, f->reader, err)
			 : 0;
	if (rc == 0 && ae_model_put_threshold(f->model, &f->threshold, f->path, err) != 0)
		rc = ae_fail_in(err, "%s: ", ae_reader_name(f->reader));
	if (rc == 0)
		rc = ae_model_replace(f->model, &f->file, &last, &changed, err);
	if (rc == 0 && changed)
		rc = ae_fail(err, "%s: another program has changed it meanwhile: fit again", f->path);
	if (rc != 0 && f->printed)
		ae_program_mark();
	return rc;
}

int ae_fit_threshold(const struct ae_fit_options *options, const struct ae_program *program,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err)
{
	struct fitting f = {.options = options,
		.common = common,
		.path = common->model ? common->model : options->save,
		.file = {.fd = -1},
		.calibration = {.groups.name = options->group,
			.truth = options->truth,
			.classes = ae_threshold_rule_is(&options->rule, AE_TRAIT_CLASSES)}};
	int rc = ae_fit_open(&f.reader, &f.where, options, common, files, count, err);
	if (rc == 0)
		rc = open_model(&f, err);
	if (rc == 0)
		rc = fit(&f, err);
	if (rc == 0)
		rc = store(&f, err);
	if (rc == 0) {
		ae_calibration_note(&f.calibration, &f.threshold, program, common);
		ae_note_left_out(program, common, f.reader);
	}
	ae_outfile_abandon(&f.file);
	ae_model_free(f.model);
	ae_threshold_free(&f.threshold);
	ae_calibration_free(&f.calibration);
	ae_reader_close(f.reader);
	ae_where_free(f.where);
	return rc;
}
