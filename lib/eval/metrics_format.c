/* SPDX-License-Identifier: MIT */
/* Metrics as text for people and as JSON. */
#include "eval/metrics_format.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/number.h"

struct text {
	char *at;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	if (text->used >= text->size)
		return;
	va_list args;
	va_start(args, format);
	text->used += (size_t)vsnprintf(text->at + text->used, text->size - text->used, format, args);
	va_end(args);
}

static void add_json_number(struct text *text, const char *name, double value, const char *after)
{
	char number[AE_NUMBER_TEXT] = "null";
	if (isfinite(value))
		ae_number_format_f64(number, value);
	add(text, "\"%s\": %s%s", name, number, after);
}

static void add_json_class(struct text *text, const char *name, const struct ae_metrics_class *c, uint64_t support)
{
	add(text, "\"%s\": {", name);
	add_json_number(text, "precision", c->precision, ", ");
	add_json_number(text, "recall", c->recall, ", ");
	add_json_number(text, "f1", c->f1, ", ");
	add(text, "\"support\": %llu}, ", (unsigned long long)support);
}

static void add_json_rates(struct text *text, const char *name, const struct ae_metrics_class *c, const char *after)
{
	add(text, "\"%s\": {", name);
	add_json_number(text, "precision", c->precision, ", ");
	add_json_number(text, "recall", c->recall, ", ");
	add_json_number(text, "f1", c->f1, "}");
	add(text, "%s", after);
}

static void add_json_series(struct text *text, const struct ae_metrics_shown *shown)
{
	const struct ae_events_result *s = &shown->series;
	if (shown->events) {
		add(text, ", \"events\": {\"events\": %llu, \"detected\": %llu, \"runs\": %llu, \"true_runs\": %llu, ",
			(unsigned long long)s->events, (unsigned long long)s->detected, (unsigned long long)s->runs,
			(unsigned long long)s->true_runs);
		add_json_number(text, "precision", s->event.precision, ", ");
		add_json_number(text, "recall", s->event.recall, ", ");
		add_json_number(text, "f1", s->event.f1, ", ");
		add_json_number(text, "mean_delay", s->mean_delay, ", ");
		add_json_number(text, "median_delay", s->median_delay, ", ");
		add_json_number(text, "mean_seconds", s->mean_seconds, ", ");
		add_json_number(text, "median_seconds", s->median_seconds, "}");
	}
	if (shown->adjusted) {
		add(text, ", \"point_adjusted\": {");
		add_json_rates(text, "these", &s->adjusted, ", ");
		add_json_rates(text, "random", &s->random, ", ");
		add_json_number(text, "flag_rate", s->flag_rate, "}");
	}
}

char *ae_metrics_format_json(const struct ae_metrics_shown *shown, char text[AE_METRICS_TEXT])
{
	const struct ae_metrics_result *r = &shown->rows;
	struct text t = {.at = text, .size = AE_METRICS_TEXT};
	add(&t, "\"rows\": %llu, \"no_verdict\": %llu, ", (unsigned long long)r->rows,
		(unsigned long long)r->no_verdict);
	add(&t, "\"confusion\": {\"tp\": %llu, \"fp\": %llu, \"tn\": %llu, \"fn\": %llu}, ", (unsigned long long)r->tp,
		(unsigned long long)r->fp, (unsigned long long)r->tn, (unsigned long long)r->fn);
	add_json_number(&t, "accuracy", r->accuracy, ", ");
	add_json_class(&t, "normal", &r->normal, r->rows - r->anomalies);
	add_json_class(&t, "anomaly", &r->anomaly, r->anomalies);
	add_json_number(&t, "roc_auc", r->roc_auc, ", ");
	add_json_number(&t, "pr_auc", r->pr_auc, ", ");
	add_json_number(&t, "prevalence", r->prevalence, ", ");
	add_json_number(&t, "best_f1", r->best_f1, ", ");
	add_json_number(&t, "best_threshold", r->best_threshold, ", ");
	add(&t, "\"no_score\": %llu, \"no_label\": %llu", (unsigned long long)(r->rows - r->scored),
		(unsigned long long)shown->no_label);
	add_json_series(&t, shown);
	return text;
}

static void add_count(struct text *text, const char *name, uint64_t count)
{
	add(text, "%-12s %llu\n", name, (unsigned long long)count);
}

static void add_number(struct text *text, const char *name, double value, const char *why)
{
	isnan(value) ? add(text, "%-12s undefined%s\n", name, why) : add(text, "%-12s %.4f\n", name, value);
}

static void add_class(struct text *text, const char *name, const struct ae_metrics_class *c, const char *after)
{
	const double values[] = {c->precision, c->recall, c->f1};
	add(text, "%-12s", name);
	for (size_t i = 0; i < 3; i++)
		isnan(values[i]) ? add(text, " %9s", "undefined") : add(text, " %9.4f", values[i]);
	add(text, "%s\n", after);
}

static void add_delay(struct text *text, const char *name, double rows, double seconds)
{
	if (isnan(rows))
		return;
	add(text, "%-12s %.4g row%s", name, rows, rows == 1 ? "" : "s");
	isnan(seconds) ? add(text, "\n") : add(text, ", %.6g s\n", seconds);
}

static void add_series(struct text *text, const struct ae_metrics_shown *shown)
{
	const struct ae_events_result *s = &shown->series;
	if (shown->events) {
		add(text, "\n");
		add_count(text, "events", s->events);
		add(text, "%-12s %llu\n", "detected", (unsigned long long)s->detected);
		add(text, "%-12s %llu, of them %llu in an event\n", "flagged runs", (unsigned long long)s->runs,
			(unsigned long long)s->true_runs);
		add_delay(text, "mean delay", s->mean_delay, s->mean_seconds);
		add_delay(text, "median delay", s->median_delay, s->median_seconds);
	}
	if (shown->events || shown->adjusted)
		add(text, "\n%-12s %9s %9s %9s\n", "", "precision", "recall", "F1");
	if (shown->events)
		add_class(text, "events", &s->event, "");
	if (shown->adjusted) {
		char rate[80];
		snprintf(rate, sizeof(rate), "   <- the same of %.4f of the rows, flagged by chance", s->flag_rate);
		add_class(text, "adjusted", &s->adjusted, "   <- each row of a detected event counts as flagged");
		add_class(text, "random", &s->random, rate);
	}
}

static void add_rows(struct text *text, const struct ae_metrics_result *r, uint64_t no_label)
{
	const char *why = r->scored ? ": only one class" : ": no row has a score";
	add_count(text, "rows", r->rows);
	add_count(text, "no verdict", r->no_verdict);
	if (r->scored && r->scored < r->rows)
		add_count(text, "no score", r->rows - r->scored);
	if (no_label)
		add_count(text, "no label", no_label);
	add(text, "\n");
	add(text, "%-12s %9s %9s\n", "", "anomaly", "normal   <- verdict");
	add(text, "%-12s %9llu %9llu\n", "anomaly", (unsigned long long)r->tp, (unsigned long long)r->fn);
	add(text, "%-12s %9llu %9llu\n\n", "normal", (unsigned long long)r->fp, (unsigned long long)r->tn);
	add(text, "%-12s %9s %9s %9s\n", "", "precision", "recall", "F1");
	add_class(text, "anomaly", &r->anomaly, "");
	add_class(text, "normal", &r->normal, "");
	add(text, "\n");
	add_number(text, "accuracy", r->accuracy, ": no row has a verdict");
	add_number(text, "ROC-AUC", r->roc_auc, why);
	add_number(text, "PR-AUC", r->pr_auc, why);
	add_number(text, "prevalence", r->prevalence, "");
	add_number(text, "best F1", r->best_f1, why);
}

char *ae_metrics_format(const struct ae_metrics_shown *shown, char text[AE_METRICS_TEXT])
{
	struct text t = {.at = text, .size = AE_METRICS_TEXT};
	add_rows(&t, &shown->rows, shown->no_label);
	add_series(&t, shown);
	return text;
}
