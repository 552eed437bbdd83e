/* SPDX-License-Identifier: MIT */
/* The pipeline of a model: one function a stage, in the order of the table at the end. */
#include "model/pipeline.h"

#include <stdio.h>
#include <string.h>

#include "core/rolling.h"
#include "core/timestamp.h"
#include "model/score.h"
#include "model/threshold.h"

static int add(struct ae_buf *text, const char *more, struct ae_error *err)
{
	return ae_buf_append(text, more, strlen(more), err);
}

int ae_shell_quote(struct ae_buf *text, const char *argument, struct ae_error *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./,:=@%";
	if (*argument && argument[strspn(argument, plain)] == '\0')
		return add(text, argument, err);
	int rc = add(text, "'", err);
	for (const char *c = argument; rc == 0 && *c; c++)
		rc = *c == '\'' ? add(text, "'\\''", err) : ae_buf_append(text, c, 1, err);
	return rc == 0 ? add(text, "'", err) : -1;
}

/* Begins a stage: " | PROGRAM", and " -m PATH" unless that is NULL. */
static int add_stage(struct ae_buf *text, const char *program, const char *path, struct ae_error *err)
{
	if ((text->len && add(text, " | ", err) != 0) || add(text, program, err) != 0)
		return -1;
	return path && (add(text, " -m ", err) != 0 || ae_shell_quote(text, path, err) != 0) ? -1 : 0;
}

/* Appends " --NAME VALUE". */
static int add_option(struct ae_buf *text, const char *name, const char *value, struct ae_error *err)
{
	return add(text, " --", err) != 0 || add(text, name, err) != 0 || add(text, " ", err) != 0 ||
			       ae_shell_quote(text, value, err) != 0
		       ? -1
		       : 0;
}

int ae_pipeline_prepare(
	struct ae_buf *text, const struct ae_prep *prep, size_t first, const char *path, struct ae_error *err)
{
	for (size_t i = first; i < prep->count; i++)
		if (add_stage(text, prep->steps[i].program, path, err) != 0)
			return -1;
	return 0;
}

/* ---- the stages ---- */

/* Appends " --NAME A,B", if there are any. */
static int add_columns(struct ae_buf *text, const char *name, char *const *columns, size_t count, struct ae_error *err)
{
	struct ae_buf list = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = (i > 0 && add(&list, ",", err) != 0) || add(&list, columns[i], err) != 0 ? -1 : 0;
	if (rc == 0 && count > 0 && (rc = ae_buf_append(&list, "", 1, err)) == 0)
		rc = add_option(text, name, (const char *)list.data, err);
	ae_buf_free(&list);
	return rc;
}

/* How the first program is to read text such as the model was trained on. */
static int add_reading(struct ae_buf *text, const struct ae_model *m, struct ae_error *err)
{
	const struct ae_prep_source *source = &m->prep.source;
	bool missing = source->missing || (m->net && m->settings.mask);
	if (add_columns(text, "time", source->times, source->time_count, err) != 0 ||
		add_columns(text, "id", source->ids, source->id_count, err) != 0)
		return -1;
	return missing ? add(text, " --missing mask", err) : 0;
}

static int add_preparation(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	if (m->prep.count == 0)
		return 0;
	if (add_stage(text, m->prep.steps->program, path, err) != 0 || add_reading(text, m, err) != 0)
		return -1;
	return ae_pipeline_prepare(text, &m->prep, 1, path, err);
}

/* How the metric that the threshold was fitted with is made, and in `modifiers` what follows its name, with a comma. */
static enum ae_metric_kind fitted_kind(const struct ae_model *m, const char **modifiers)
{
	char name[AE_METRIC_TEXT] = "";
	const char *word = m->threshold ? m->threshold->metric : "";
	*modifiers = word + strcspn(word, ",");
	snprintf(name, sizeof(name), "%.*s", (int)(*modifiers - word), word);
	const struct ae_metric *metric = ae_metric_find(name);
	return metric ? metric->kind : AE_METRIC_WHOLE;
}

static int add_network(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	const char *modifiers;
	if (!m->net)
		return 0;
	bool first = text->len == 0;
	if (add_stage(text, "ae-recon", path, err) != 0 || (first && add_reading(text, m, err) != 0))
		return -1;
	return fitted_kind(m, &modifiers) >= AE_METRIC_T2 ? add(text, " --latent", err) : 0;
}

/* The score in original units, where the threshold was fitted on such ones. */
static int add_units(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	const char *modifiers;
	(void)path;
	bool scaled = ae_prep_find_scaler(&m->prep) != AE_PREP_NONE;
	if (!m->net || !scaled || !m->threshold || m->threshold->scaled || !*m->threshold->metric ||
		fitted_kind(m, &modifiers) == AE_METRIC_T2)
		return 0;
	return add_stage(text, "ae-normalize", NULL, err) == 0 ? add(text, " --invert", err) : -1;
}

/* Appends a modifier of len bytes, "last" or "worst:0.1", as the option that it comes from. A damaged one is quoted. */
static int add_modifier(struct ae_buf *text, const char *modifier, size_t len, struct ae_error *err)
{
	char option[AE_METRIC_TEXT + 2];
	snprintf(option, sizeof(option), "--%.*s", (int)len, modifier);
	char *value = strchr(option, ':');
	if (value)
		*value++ = '\0';
	if (add(text, " ", err) != 0 || ae_shell_quote(text, option, err) != 0)
		return -1;
	return value && (add(text, " ", err) != 0 || ae_shell_quote(text, value, err) != 0) ? -1 : 0;
}

static int add_score(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	const char *modifier;
	char name[AE_METRIC_TEXT] = "";
	if (!m->net)
		return 0;
	bool takes_model = m->threshold && m->threshold->has_stats;
	if (add_stage(text, "ae-err", takes_model ? path : NULL, err) != 0)
		return -1;
	if (!m->threshold || !*m->threshold->metric)
		return 0;
	fitted_kind(m, &modifier);
	snprintf(name, sizeof(name), "%.*s", (int)(modifier - m->threshold->metric), m->threshold->metric);
	int rc = add_option(text, "metric", name, err);
	while (rc == 0 && *modifier) {
		size_t len = strcspn(++modifier, ",");
		rc = add_modifier(text, modifier, len, err);
		modifier += len;
	}
	return rc;
}

static int add_smoothing(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	char name[AE_ROLLING_TEXT], gap[AE_DURATION_TEXT];
	(void)path;
	if (!m->threshold || !*m->threshold->smooth)
		return 0;
	const char *smooth = m->threshold->smooth, *number = strchr(smooth, ':');
	const struct ae_grouping *by = &m->threshold->smooth_by;
	snprintf(name, sizeof(name), "%.*s", number ? (int)(number - smooth) : 0, smooth);
	if (add_stage(text, "ae-smooth", NULL, err) != 0 || add_option(text, name, number ? number + 1 : "", err) != 0)
		return -1;
	if (by->group && add_option(text, "group", by->group, err) != 0)
		return -1;
	return by->max_gap ? add_option(text, "max-gap", ae_duration_format(by->max_gap, gap), err) : 0;
}

static int add_threshold(struct ae_buf *text, const struct ae_model *m, const char *path, struct ae_error *err)
{
	return m->threshold ? add_stage(text, "ae-thresh", path, err) : 0;
}

int ae_pipeline_format(struct ae_buf *text, const struct ae_model *model, const char *path, struct ae_error *err)
{
	/* What a threshold records of its scores comes from an option of one of these programs, which prints it. */
	static int (*const stages[])(struct ae_buf *, const struct ae_model *, const char *, struct ae_error *) = {
		add_preparation, add_network, add_units, add_score, add_smoothing, add_threshold};
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		if (stages[i](text, model, path, err) != 0)
			return -1;
	return text->len ? 0 : ae_fail(err, "%s: holds nothing to score with", path);
}
