/* ae-metrics: how well verdicts and scores agree with the labels. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"
#include "number.h"
#include "program.h"
#include "tally.h"
#include "where.h"

struct options {
	struct ae_common common;
	struct ae_opt_list where;
	const char *normal, *anomaly;
	bool json;
};

/* Numbers if both are, so that 1 is 1.0; else the same bytes. */
static bool same_label(const char *text, size_t len, const char *wanted)
{
	double a, b;
	size_t wanted_len = strlen(wanted);
	if (ae_number_parse(&a, text, len) == AE_NUMBER_OK && ae_number_parse(&b, wanted, wanted_len) == AE_NUMBER_OK)
		return a == b;
	return len == wanted_len && memcmp(text, wanted, len) == 0;
}

struct columns {
	size_t label, pred, score;
};

static int add_rows(struct ae_metrics *metrics, const struct options *o, const struct columns *c,
	const struct ae_batch *batch, const struct ae_where *where, struct ae_tally *tally, bool *found,
	struct ae_error *err)
{
	const char *wanted = o->normal ? o->normal : o->anomaly;
	for (size_t row = 0; row < batch->rows; row++) {
		if (!ae_where_holds(where, batch, row))
			continue;
		size_t len;
		const char *label = ae_data_text(batch->cols[c->label], row, &len);
		bool is_wanted = same_label(label, len, wanted);
		uint8_t verdict = AE_PRED_NONE;
		double score = NAN;
		if (c->pred != AE_NO_COLUMN)
			verdict = batch->cols[c->pred]->values.data[row];
		if (c->score != AE_NO_COLUMN)
			memcpy(&score, batch->cols[c->score]->values.data + row * sizeof(score), sizeof(score));
		*found |= is_wanted;
		if (ae_tally_add(tally, batch->cols[c->label], row, 1, err) != 0 ||
			ae_metrics_add(metrics, is_wanted == (o->anomaly != NULL), verdict, score, err) != 0)
			return -1;
	}
	return 0;
}

static int find_columns(struct columns *c, const struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *schema = ae_reader_schema(reader);
	c->pred = ae_schema_find(schema, AE_PRED);
	c->score = ae_schema_score(schema);
	if (ae_schema_need(schema, AE_LABEL, &c->label, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	if (c->pred == AE_NO_COLUMN && c->score == AE_NO_COLUMN)
		return ae_fail(err, "%s: neither pred nor err to measure", ae_reader_name(reader));
	return 0;
}

static int measure(struct ae_metrics *metrics, const struct options *o, struct ae_reader *reader,
	struct ae_where *where, struct ae_tally *tally, struct ae_error *err)
{
	struct columns columns;
	const struct ae_batch *batch = NULL;
	bool found = false;
	enum ae_read got;
	if (find_columns(&columns, reader, err) != 0 || ae_where_bind(where, ae_reader_schema(reader), err) != 0)
		return -1;
	struct ae_buf lineage = {0};
	const struct ae_buf *first = &ae_reader_schema(reader)->lineage;
	int rc = ae_buf_set(&lineage, first->data, first->len, err);
	while (rc == 0 && (got = ae_reader_next(reader, &batch, err)) != AE_READ_END) {
		if (got == AE_READ_FAIL)
			rc = -1;
		else if (got == AE_READ_ROWS)
			rc = add_rows(metrics, o, &columns, batch, where, tally, &found, err);
		else if (!ae_buf_equal(&lineage, &ae_reader_schema(reader)->lineage))
			rc = ae_fail(err, "%s: scores of another model than in the stream before it",
				ae_reader_name(reader));
		else
			rc = ae_where_bind(where, ae_reader_schema(reader), err);
	}
	ae_buf_free(&lineage);
	if (rc != 0 || ae_reader_finish(reader, err) != 0)
		return -1;
	if (ae_reader_whole(reader, "nothing is measured on a part", err) != 0)
		return -1;
	if (tally->count == 0)
		return ae_fail(err, "%s: no rows to measure", ae_reader_name(reader));
	char labels[600];
	if (!found)
		return ae_fail(err, "--%s %s: no row has that label; there are %s", o->normal ? "normal" : "anomaly",
			o->normal ? o->normal : o->anomaly, ae_tally_format(tally, labels, sizeof(labels)));
	return 0;
}

/* ---- printing ---- */

static void print_number(const char *name, double value, bool json)
{
	char text[AE_NUMBER_TEXT] = "null";
	if (json) {
		if (!isnan(value))
			ae_number_format_f64(text, value);
		printf("\"%s\": %s", name, text);
	} else if (isnan(value)) {
		printf("%-12s undefined\n", name);
	} else {
		printf("%-12s %.4f\n", name, value);
	}
}

static void print_class_json(const char *name, const struct ae_metrics_class *c, uint64_t support)
{
	printf("\"%s\": {", name);
	print_number("precision", c->precision, true);
	printf(", ");
	print_number("recall", c->recall, true);
	printf(", ");
	print_number("f1", c->f1, true);
	printf(", \"support\": %llu}, ", (unsigned long long)support);
}

static void print_json(const struct ae_metrics_result *r)
{
	printf("{\"rows\": %llu, \"no_verdict\": %llu, ", (unsigned long long)r->rows,
		(unsigned long long)r->no_verdict);
	printf("\"confusion\": {\"tp\": %llu, \"fp\": %llu, \"tn\": %llu, \"fn\": %llu}, ", (unsigned long long)r->tp,
		(unsigned long long)r->fp, (unsigned long long)r->tn, (unsigned long long)r->fn);
	print_number("accuracy", r->accuracy, true);
	printf(", ");
	print_class_json("normal", &r->normal, r->rows - r->anomalies);
	print_class_json("anomaly", &r->anomaly, r->anomalies);
	print_number("roc_auc", r->roc_auc, true);
	printf(", ");
	print_number("pr_auc", r->pr_auc, true);
	printf(", ");
	print_number("prevalence", r->prevalence, true);
	printf(", ");
	print_number("best_f1", r->best_f1, true);
	printf(", ");
	print_number("best_threshold", r->best_threshold, true);
	printf("}\n");
}

static void print_class(const char *name, const struct ae_metrics_class *c)
{
	const double values[] = {c->precision, c->recall, c->f1};
	printf("%-12s", name);
	for (size_t i = 0; i < 3; i++)
		isnan(values[i]) ? printf(" %9s", "undefined") : printf(" %9.4f", values[i]);
	printf("\n");
}

static void print_text(const struct ae_metrics_result *r)
{
	printf("%-12s %llu\n", "rows", (unsigned long long)r->rows);
	printf("%-12s %llu\n\n", "no verdict", (unsigned long long)r->no_verdict);
	printf("%-12s %9s %9s\n", "", "anomaly", "normal   <- verdict");
	printf("%-12s %9llu %9llu\n", "anomaly", (unsigned long long)r->tp, (unsigned long long)r->fn);
	printf("%-12s %9llu %9llu\n\n", "normal", (unsigned long long)r->fp, (unsigned long long)r->tn);
	printf("%-12s %9s %9s %9s\n", "", "precision", "recall", "F1");
	print_class("anomaly", &r->anomaly);
	print_class("normal", &r->normal);
	printf("\n");
	print_number("accuracy", r->accuracy, false);
	print_number("ROC-AUC", r->roc_auc, false);
	print_number("PR-AUC", r->pr_auc, false);
	print_number("prevalence", r->prevalence, false);
	print_number("best F1", r->best_f1, false);
}

int main(int argc, char **argv)
{
	struct options o = {.common = {.threads = 1}};
	const struct ae_opt table[] = {
		AE_GROUP("Measure"),
		AE_TEXT_OPTION("normal", 0, &o.normal, "LABEL", "rows of this label are normal, all others anomalies"),
		AE_TEXT_OPTION(
			"anomaly", 0, &o.anomaly, "LABEL", "rows of this label are anomalies, all others normal"),
		AE_LIST("where", 'w', &o.where, "COND", "only rows where COL OP VALUE holds; repeated means and"),
		AE_FLAG("json", 0, &o.json, "print one JSON object"),
		AE_OPTIONS_INPUT(&o.common.in),
		AE_OPTIONS_COMMON(&o.common),
	};
	const struct ae_program program = {"ae-metrics", "--normal LABEL | --anomaly LABEL [options] [file ...]",
		"Measures verdicts (pred) and scores (err) against labels.", table, sizeof(table) / sizeof(*table),
		NULL};
	int first, status;
	if (!ae_start(&program, argc, argv, &first, &status))
		return status;

	struct ae_error err;
	struct ae_where *where = NULL;
	struct ae_reader *reader = NULL;
	struct ae_metrics *metrics = NULL;
	struct ae_tally tally = {0};
	int rc = 0;
	if (!o.normal == !o.anomaly)
		rc = ae_fail_usage(&err, "either --normal LABEL or --anomaly LABEL is required");
	if (rc == 0)
		rc = ae_where_parse(&where, o.where.items, o.where.count, &err);
	if (rc == 0)
		rc = ae_metrics_new(&metrics, &err);
	if (rc == 0)
		rc = ae_reader_open(&reader, argv + first, (size_t)(argc - first), &o.common.in, &err);
	if (rc == 0)
		rc = measure(metrics, &o, reader, where, &tally, &err);
	if (rc == 0) {
		struct ae_metrics_result result;
		ae_metrics_end(metrics, &result);
		ae_note_left_out(&program, &o.common, reader);
		o.json ? print_json(&result) : print_text(&result);
		if (fflush(stdout) != 0)
			rc = ae_fail_errno(&err, "<stdout>");
	}
	ae_reader_close(reader);
	ae_where_free(where);
	ae_metrics_free(metrics);
	ae_tally_free(&tally);
	return ae_finish(program.name, rc, &err);
}
