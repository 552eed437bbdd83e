/* SPDX-License-Identifier: MIT */
/* The names of a first record, joined with those of a model's features. */
#include "io/record_first.h"

#include <stdlib.h>
#include <string.h>

#include "io/record_extra.h"

static int by_name(const void *a, const void *b, void *arg)
{
	char *const *names = arg;
	return strcmp(names[*(const uint32_t *)a], names[*(const uint32_t *)b]);
}

/* Features as columns, which are only looked up. */
static int index_features(struct ae_record_keys *k, const struct ae_feature_names *features, struct ae_error *err)
{
	size_t n = features->count;
	*k = (struct ae_record_keys){.columns = {.names = (char **)(uintptr_t)features->names, .count = n}};
	k->lens = ae_calloc(n, sizeof(*k->lens), err);
	k->sorted = ae_calloc(n, sizeof(*k->sorted), err);
	if (!k->lens || !k->sorted)
		return -1;
	for (size_t i = 0; i < n; i++) {
		k->lens[i] = strlen(features->names[i]);
		k->sorted[i] = (uint32_t)i;
	}
	qsort_r(k->sorted, n, sizeof(*k->sorted), by_name, k->columns.names);
	return 0;
}

static void append_features(struct ae_record_first *f, const struct ae_record_keys *features)
{
	for (size_t i = 0; i < features->columns.count; i++)
		f->names[f->count++] = (struct ae_cell){.text = features->columns.names[i], .len = features->lens[i]};
}

/* All features stand together and in the model's order, whichever the record has: so do the elements of an array. */
static void join(
	struct ae_record_first *f, const struct ae_record_keys *features, const struct ae_cell *names, size_t count)
{
	bool appended = false;
	for (size_t i = 0; i < count; i++) {
		const char *name = names[i].text;
		size_t len = names[i].len;
		bool feature = ae_record_keys_find(features, name, len) < features->columns.count;
		bool instead = !feature && ae_record_keys_clash(features, name, len);
		f->shared += feature || instead;
		if (feature && !appended)
			append_features(f, features);
		appended |= feature;
		if (!feature && !instead)
			f->names[f->count++] = names[i];
	}
	if (!appended)
		append_features(f, features);
}

/* Whether a model's features are looked for, in rows that may lack some of them. */
static bool is_wanted(const struct ae_text_rules *rules)
{
	const struct ae_reader_options *o = rules->options;
	bool by_model = o->features.count && o->features.each && !o->features.optional;
	return by_model && !o->x && !o->results && !o->no_inputs &&
	       (rules->skip_bad || rules->missing != AE_MISSING_ERROR);
}

int ae_record_first_find(struct ae_record_first *f, const struct ae_cell *names, size_t count,
	const struct ae_text_rules *rules, struct ae_error *err)
{
	struct ae_record_keys features;
	*f = (struct ae_record_first){0};
	if (!is_wanted(rules))
		return 0;
	int rc = index_features(&features, &rules->options->features, err);
	if (rc == 0 && !(f->names = ae_calloc(count + features.columns.count, sizeof(*f->names), err)))
		rc = -1;
	if (rc == 0)
		join(f, &features, names, count);
	free(features.lens);
	free(features.sorted);
	return rc;
}

void ae_record_first_free(struct ae_record_first *f)
{
	free(f->names);
	*f = (struct ae_record_first){0};
}
