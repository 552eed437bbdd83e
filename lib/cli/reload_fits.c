/* SPDX-License-Identifier: MIT */
/* Whether a model may take the place of another one. */
#include "cli/reload_fits.h"

#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/forward.h"
#include "model/model.h"
#include "model/threshold.h"

static bool has_same_names(const struct ae_prep_source *a, const struct ae_prep_source *b)
{
	bool same = a->feature_count == b->feature_count;
	for (size_t i = 0; same && i < a->feature_count; i++)
		same = strcmp(a->features[i], b->features[i]) == 0;
	return same;
}

static bool has_same_programs(const struct ae_prep *a, const struct ae_prep *b)
{
	bool same = a->count == b->count;
	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->steps[i].program, b->steps[i].program) == 0;
	return same;
}

static bool is_same_group(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the same errors are judged, of the same groups. */
static bool judges_same(const struct ae_threshold *a, const struct ae_threshold *b)
{
	return strcmp(a->metric, b->metric) == 0 && strcmp(a->reference, b->reference) == 0 && a->scaled == b->scaled &&
	       strcmp(a->smooth, b->smooth) == 0 && is_same_group(a->smooth_by.group, b->smooth_by.group) &&
	       a->smooth_by.max_gap == b->smooth_by.max_gap && is_same_group(a->groups.column, b->groups.column);
}

enum { JUDGED = AE_METRIC_TEXT + AE_ROLLING_TEXT + AE_GROUPING_TEXT + 200 };

/* "mse against x, scaled units, smoothed by mean:3, max-gap 1m, values by machine": all that has to be the same. */
static char *describe_judged(char text[JUDGED], const struct ae_threshold *t)
{
	char by[AE_GROUPING_TEXT];
	const char *group = t->groups.column;
	snprintf(text, JUDGED, "%s against %s, %s units%s%s%s%s%.100s", *t->metric ? t->metric : "err",
		*t->reference ? t->reference : "nothing", t->scaled ? "scaled" : "original",
		*t->smooth ? ", smoothed by " : "", t->smooth, *t->smooth ? ae_grouping_format(&t->smooth_by, by) : "",
		group ? ", values by " : "", group ? group : "");
	return text;
}

static int check_threshold(
	const struct ae_threshold *had, const struct ae_threshold *now, const char *path, struct ae_error *err)
{
	char here[JUDGED], there[JUDGED];
	if (!now)
		return ae_fail(
			err, "%s: holds no threshold; ae-thresh --fit puts one there before it gets this name", path);
	if (!judges_same(had, now))
		return ae_fail(err, "%s: its threshold is for errors by %s, that of the one in use for errors by %s",
			path, describe_judged(there, now), describe_judged(here, had));
	return 0;
}

/* A small file can describe a network that takes more memory than there is. The limits of the programs behind are not
   known here: it is the usual one, or what the model in use takes. */
static int check_memory(
	const struct ae_model *had, const struct ae_model *now, const char *path, int threads, struct ae_error *err)
{
	char needed[AE_MEMORY_TEXT], most[AE_MEMORY_TEXT];
	struct ae_forward_needs were, are;
	uint64_t limit = ae_memory_share();
	if (ae_forward_measure(&are, now, AE_NET_WHOLE, threads, err) != 0 ||
		ae_forward_measure(&were, had, AE_NET_WHOLE, threads, err) != 0)
		return ae_fail_in(err, "%s: ", path);
	if (are.bytes <= limit || are.bytes <= were.bytes)
		return 0;
	return ae_fail(err, "%s: needs %s to be applied, more than %s", path, ae_memory_format(are.bytes, needed),
		ae_memory_format(limit, most));
}

/* What is asked of a network in the place of another. */
static int check_network(
	const struct ae_model *had, const struct ae_model *now, const char *path, int threads, struct ae_error *err)
{
	if (!now->net)
		return ae_fail(err, "%s: holds no network", path);
	if (strcmp(had->settings.loss, now->settings.loss) != 0)
		return ae_fail(err, "%s: was trained with --loss %s, not %s, and errors would be others", path,
			now->settings.loss, had->settings.loss);
	if (had->settings.mask && !now->settings.mask)
		return ae_fail(err, "%s: was not trained with --missing mask, as the one in use was", path);
	return check_memory(had, now, path, threads, err);
}

int ae_reload_fits(
	const struct ae_model *had, const struct ae_model *now, const char *path, int threads, struct ae_error *err)
{
	const struct ae_prep_source a = ae_model_source(had), b = ae_model_source(now);
	char is[AE_SHAPE_TEXT], was[AE_SHAPE_TEXT];
	if (!ae_shape_equal(&a.shape, &b.shape))
		return ae_fail(err, "%s: takes x of shape %s, not %s", path, ae_shape_format(&b.shape, is),
			ae_shape_format(&a.shape, was));
	if (!has_same_names(&a, &b))
		return ae_fail(err, "%s: takes x of other names, or in another order", path);
	if (!has_same_programs(&had->prep, &now->prep))
		return ae_fail(err, "%s: x goes through other programs", path);
	if (!ae_shape_equal(&had->input, &now->input))
		return ae_fail(err, "%s: its network takes %s, not %s", path, ae_shape_format(&now->input, is),
			ae_shape_format(&had->input, was));
	if (had->net && check_network(had, now, path, threads, err) != 0)
		return -1;
	if (had->threshold && check_threshold(had->threshold, now->threshold, path, err) != 0)
		return -1;
	if (had->stats.err_count && !now->stats.err_count)
		return ae_fail(err, "%s: holds no training errors", path);
	if (had->stats.latent.count && !now->stats.latent.count)
		return ae_fail(err, "%s: holds no statistics of the latent", path);
	return 0;
}
