/* SPDX-License-Identifier: MIT */
/* What a threshold keeps of the lineage of its errors, by the table of the keys. */
#include "model/threshold_origin.h"

#include <stdio.h>
#include <string.h>

#include "core/timestamp.h"
#include "model/lineage_keys.h"

static bool is_said(const struct ae_lineage_key *k, const struct ae_threshold *t)
{
	return ae_key_is_said(k->kind, t, k->kept.at, k->kept.has);
}

/* ---- comparing ---- */

enum { SHOWN = 256 };

/* The value at `at` of *base in words, in `text` where that is needed. */
static const char *word(const struct ae_lineage_key *k, const void *base, size_t at, char text[SHOWN])
{
	const void *value = (const unsigned char *)base + at;
	const struct ae_grouping *grouping = value;
	char gap[AE_DURATION_TEXT];
	bool said = ae_key_is_said(k->kind, base, at, 0);
	if (k->kind == AE_KEY_TRUTH || !said)
		return k->kept.words[said];
	if (k->kind == AE_KEY_WORD)
		return value;
	snprintf(text, SHOWN, "%s%.200s", k->kept.words[1],
		k->kind == AE_KEY_GROUP ? grouping->group : ae_duration_format(grouping->max_gap, gap));
	return text;
}

static int fail_unequal(const struct ae_lineage_key *k, const struct ae_threshold *t, const struct ae_lineage *lineage,
	const char *name, const char *path, struct ae_error *err)
{
	const struct ae_threshold_key *kept = &k->kept;
	char here[SHOWN], there[SHOWN];
	if (k->kind == AE_KEY_DIGEST)
		return ae_fail(err, "%s: err was made with %s than the threshold in %s", name, kept->other, path);
	return ae_fail(err, "%s: err is %s%s%s, but the threshold in %s %s%s%s", name, kept->here[0],
		word(k, lineage, k->at, here), kept->here[1], path, kept->there[0], word(k, t, kept->at, there),
		kept->there[1]);
}

int ae_threshold_match(const struct ae_threshold *t, const struct ae_lineage *lineage, const char *name,
	const char *path, struct ae_error *err)
{
	const struct ae_lineage_key *k;
	for (enum ae_key_rule rule = AE_KEY_IF_BOTH; rule != AE_KEY_RECORDED; rule--) {
		if (rule == AE_KEY_COMPARED && (!*t->metric || !*lineage->metric)) /* text does not say */
			return 0;
		for (unsigned place = 1; (k = ae_lineage_key_kept(place)); place++)
			if (k->kept.rule == rule && !ae_key_equal(k, lineage, t))
				return fail_unequal(k, t, lineage, name, path, err);
	}
	return 0;
}

int ae_threshold_describe(struct ae_threshold *t, const struct ae_lineage *lineage, struct ae_error *err)
{
	const unsigned char *from = (const unsigned char *)lineage;
	unsigned char *to = (unsigned char *)t;
	const struct ae_lineage_key *k;
	for (unsigned place = 1; (k = ae_lineage_key_kept(place)); place++) {
		if (k->kind == AE_KEY_GROUP || k->kind == AE_KEY_GAP)
			continue;
		memcpy(to + k->kept.at, from + k->at, k->size);
		if (k->kind == AE_KEY_DIGEST)
			memcpy(to + k->kept.has, from + k->has, sizeof(bool));
	}
	return ae_grouping_copy(&t->smooth_by, &lineage->smooth_by, err);
}

/* ---- packing ---- */

size_t ae_threshold_origin_count(const struct ae_threshold *t)
{
	const struct ae_lineage_key *k;
	size_t count = 0;
	for (unsigned place = 1; (k = ae_lineage_key_kept(place)); place++)
		count += k->kept.always || is_said(k, t);
	return count;
}

void ae_threshold_origin_pack(const struct ae_threshold *t, struct ae_pack *pack)
{
	const struct ae_lineage_key *k;
	for (unsigned place = 1; (k = ae_lineage_key_kept(place)); place++) {
		if (!k->kept.always && !is_said(k, t))
			continue;
		ae_pack_str(pack, k->kept.key);
		ae_key_pack(k->kind, t, k->kept.at, pack);
	}
}

const char *ae_threshold_origin_take(struct ae_threshold *t, const struct ae_value *map, struct ae_error *err)
{
	const struct ae_lineage_key *k;
	for (unsigned place = 1; (k = ae_lineage_key_kept(place)); place++) {
		const struct ae_threshold_key *kept = &k->kept;
		const struct ae_value *value = ae_value_get(map, kept->key);
		if (!value && kept->always)
			return kept->key;
		if (value && (ae_key_take(k->kind, t, kept->at, k->size, kept->has, value, err) != 0 ||
				     !(kept->always || is_said(k, t))))
			return kept->key;
	}
	return NULL;
}
