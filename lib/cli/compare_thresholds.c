/* SPDX-License-Identifier: MIT */
/* The table of all methods. */
#include "cli/compare_thresholds.h"

#include <stdio.h>

#include "cli/calibration.h"
#include "core/number.h"
#include "core/quantile.h"

/* The rules of the table; the fixed value is nobody's proposal. */
static const char *const rules[] = {
	"sigma:3", "quantile:0.99", "1.333*quantile:0.99", "mad:3", "iqr:1.5", "fpr:0.01", "pot:0.001", "f1"};

static void print_share(uint64_t part, uint64_t whole)
{
	if (whole > 0)
		printf(" %9.4f", (double)part / (double)whole);
	else
		printf(" %9s", "-");
}

static void print_flags(double value, const struct ae_threshold_sample *s, bool labelled)
{
	uint64_t fp = ae_threshold_flags(value, s->errors, s->count);
	uint64_t tp = ae_threshold_flags(value, s->anomalies, s->anomaly_count);
	printf(" %10llu", (unsigned long long)(fp + tp));
	if (labelled) {
		print_share(tp, tp + fp);
		print_share(tp, s->anomaly_count);
		print_share(2 * tp, tp + fp + s->anomaly_count);
	} else {
		print_share(fp + tp, s->count);
	}
}

static int print_rule(const char *text, const struct ae_calibration *c, bool labelled, struct ae_error *err)
{
	char number[AE_NUMBER_TEXT];
	double value;
	struct ae_threshold_rule rule;
	struct ae_error why;
	if (ae_threshold_parse(&rule, text, err) != 0)
		return -1;
	if (ae_threshold_rule_is(&rule, AE_TRAIT_CLASSES) && !labelled)
		return 0;
	printf("%-20s", text);
	if (ae_calibration_check(c, &rule, &why) == 0 && ae_threshold_value(&value, &rule, &c->sample, &why) == 0) {
		ae_number_format_f64(number, value);
		printf(" %-22s", number);
		print_flags(value, &c->sample, labelled);
	} else {
		printf(" -  %s", why.text);
	}
	putchar('\n');
	return 0;
}

static int print_table(const struct ae_calibration *c, bool labelled, struct ae_error *err)
{
	int rc = 0;
	printf("%-20s %-22s %10s%s\n", "method", "value", "flags",
		labelled ? " precision    recall        F1" : "     share");
	for (size_t i = 0; rc == 0 && i < sizeof(rules) / sizeof(*rules); i++)
		rc = print_rule(rules[i], c, labelled, err);
	return rc == 0 ? ae_program_flush(err) : -1;
}

static int compare(struct ae_calibration *c, struct ae_reader *reader, struct ae_where *where, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	struct ae_threshold_rule any;
	size_t column;
	int rc = ae_err_lineage(&lineage, reader, &column, err);
	ae_lineage_free(&lineage);
	if (rc != 0 || ae_calibration_read(c, reader, column, where, err) != 0 ||
		ae_threshold_parse(&any, "mad:3", err) != 0 || ae_calibration_check(c, &any, err) != 0)
		return -1;
	if (c->sample.count == 0)
		return ae_fail(err, "%s: no %srows to fit a threshold on", ae_reader_name(reader),
			c->classes ? "normal " : "");
	ae_sort_f64(c->sample.errors, c->sample.count);
	ae_sort_f64(c->sample.anomalies, c->sample.anomaly_count);
	return print_table(c, c->classes, err);
}

int ae_compare_thresholds(const struct ae_fit_options *options, const struct ae_program *program,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err)
{
	struct ae_calibration c = {.truth = options->truth, .classes = options->truth.normal || options->truth.anomaly};
	struct ae_where *where = NULL;
	struct ae_reader *reader = NULL;
	int rc = ae_fit_open(&reader, &where, options, common, files, count, err);
	if (rc == 0)
		rc = compare(&c, reader, where, err);
	if (rc == 0) {
		ae_calibration_note_rows(&c, program, common);
		ae_note_left_out(program, common, reader);
	}
	ae_calibration_free(&c);
	ae_reader_close(reader);
	ae_where_free(where);
	return rc;
}
