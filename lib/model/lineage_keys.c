/* SPDX-License-Identifier: MIT */
/* The keys of lineages, and what follows from their kinds. */
#include "model/lineage_keys.h"

#include <string.h>

#include "model/lineage.h"
#include "model/threshold.h"

#define AT(member_) .at = offsetof(struct ae_lineage, member_), .size = sizeof(((struct ae_lineage *)NULL)->member_)
#define HAS(member_) .has = offsetof(struct ae_lineage, member_)
#define KEPT(key_, place_, rule_, member_)                                                                             \
	.key = (key_), .place = (place_), .rule = AE_KEY_##rule_, .at = offsetof(struct ae_threshold, member_)

static const struct ae_lineage_key keys[] = {
	{"digest", AE_KEY_DIGEST, AT(digest), HAS(has_digest),
		{KEPT("digest", 7, IF_BOTH, digest), .has = offsetof(struct ae_threshold, has_digest),
			.other = "another model"}},
	{"held_out", AE_KEY_TRUTH, AT(held_out), .kept = {KEPT("held_out", 9, RECORDED, held_out)}},
	{"imputed", AE_KEY_TRUTH, AT(imputed)},
	{"loss", AE_KEY_WORD, AT(loss)},
	{"metric", AE_KEY_WORD, AT(metric),
		.kept = {KEPT("metric", 1, COMPARED, metric), .always = true, .here = {"", ""},
			.there = {"was fitted on ", ""}, .words = {"none"}}},
	{"prep", AE_KEY_STEPS, AT(prep)},
	{"reference", AE_KEY_WORD, AT(reference),
		.kept = {KEPT("reference", 2, COMPARED, reference), .always = true, .here = {"against ", ""},
			.there = {"was fitted on errors against ", ""}, .words = {"nothing"}}},
	{"scaled_err", AE_KEY_TRUTH, AT(scaled_err),
		.kept = {KEPT("scaled", 3, COMPARED, scaled), .always = true, .here = {"in ", " units"},
			.there = {"in ", " ones"}, .words = {"original", "scaled"}}},
	{"scaler", AE_KEY_SCALER, AT(prep)},
	{"smooth", AE_KEY_WORD, AT(smooth),
		.kept = {KEPT("smooth", 4, COMPARED, smooth), .here = {"smoothed by ", ""},
			.there = {"was fitted on errors smoothed by ", ""}, .words = {"nothing"}}},
	{"smooth_group", AE_KEY_GROUP, AT(smooth_by),
		.kept = {KEPT("smooth_group", 5, COMPARED, smooth_by), .here = {"smoothed with ", ""},
			.there = {"was fitted on errors smoothed with ", ""}, .words = {"no --group", "--group "}}},
	{"smooth_max_gap", AE_KEY_GAP, AT(smooth_by),
		.kept = {KEPT("smooth_max_gap", 6, COMPARED, smooth_by), .here = {"smoothed with ", ""},
			.there = {"was fitted on errors smoothed with ", ""}, .words = {"no --max-gap", "--max-gap "}}},
	{"source", AE_KEY_SOURCE, AT(prep)},
	{"stats", AE_KEY_DIGEST, AT(stats), HAS(has_stats),
		{KEPT("stats", 8, COMPARED, stats), .has = offsetof(struct ae_threshold, has_stats),
			.other = "other statistics of training rows"}},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct ae_lineage_key *ae_lineage_key_at(size_t i)
{
	return i < KEYS ? &keys[i] : NULL;
}

const struct ae_lineage_key *ae_lineage_key_find(const char *key, size_t len)
{
	for (size_t i = 0; i < KEYS; i++)
		if (len == strlen(keys[i].key) && memcmp(key, keys[i].key, len) == 0)
			return &keys[i];
	return NULL;
}

const struct ae_lineage_key *ae_lineage_key_kept(unsigned place)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].kept.place == place)
			return &keys[i];
	return NULL;
}

static const void *in(const void *base, size_t at)
{
	return (const unsigned char *)base + at;
}

static bool truth(const void *base, size_t at)
{
	return *(const bool *)in(base, at);
}

bool ae_key_is_said(enum ae_key_kind kind, const void *base, size_t at, size_t has)
{
	const void *value = in(base, at);
	switch (kind) {
	case AE_KEY_TRUTH:
		return truth(base, at);
	case AE_KEY_DIGEST:
		return truth(base, has);
	case AE_KEY_GROUP:
		return ((const struct ae_grouping *)value)->group != NULL;
	case AE_KEY_GAP:
		return ((const struct ae_grouping *)value)->max_gap > 0;
	case AE_KEY_SCALER:
		return ae_prep_is_scaler(value);
	case AE_KEY_STEPS:
	case AE_KEY_SOURCE:
		return ae_prep_is_list(value);
	default:
		return *(const char *)value != '\0';
	}
}

void ae_key_pack(enum ae_key_kind kind, const void *base, size_t at, struct ae_pack *pack)
{
	const void *value = in(base, at);
	const struct ae_grouping *grouping = value;
	const struct ae_prep *prep = value;
	switch (kind) {
	case AE_KEY_WORD:
		ae_pack_str(pack, value);
		break;
	case AE_KEY_TRUTH:
		ae_pack_bool(pack, truth(base, at));
		break;
	case AE_KEY_DIGEST:
		ae_pack_bin(pack, value, AE_DIGEST_SIZE);
		break;
	case AE_KEY_GROUP:
		ae_pack_str(pack, grouping->group);
		break;
	case AE_KEY_GAP:
		ae_pack_u64(pack, (uint64_t)grouping->max_gap);
		break;
	case AE_KEY_SCALER:
		ae_pack_bin(pack, prep->steps->packed.data, prep->steps->packed.len);
		break;
	case AE_KEY_STEPS:
		pack->failed |= ae_prep_pack_steps(prep, pack->out, pack->err) != 0;
		break;
	case AE_KEY_SOURCE:
		pack->failed |= ae_prep_pack_source(&prep->source, pack->out, pack->err) != 0;
		break;
	}
}

static int take_digest(unsigned char *digest, bool *has, const struct ae_value *value)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(value, &bytes, &len) != 0 || len != AE_DIGEST_SIZE)
		return -1;
	memcpy(digest, bytes, len);
	*has = true;
	return 0;
}

/* One plain scaler, which has a key of its own. */
static int take_scaler(struct ae_prep *prep, const struct ae_value *value, struct ae_error *err)
{
	static const struct ae_shape none = {0};
	const unsigned char *bytes;
	struct ae_buf packed = {0};
	size_t len;
	if (prep->count || ae_value_bin(value, &bytes, &len) != 0)
		return -1;
	if (len == 0)
		return 0;
	int rc = ae_buf_set(&packed, bytes, len, err);
	if (rc == 0)
		rc = ae_prep_append(prep, AE_PREP_SCALER, &packed, &none, NULL, 0, err);
	ae_buf_free(&packed);
	return rc;
}

int ae_key_take(enum ae_key_kind kind, void *base, size_t at, size_t size, size_t has, const struct ae_value *value,
	struct ae_error *err)
{
	void *to = (unsigned char *)base + at;
	switch (kind) {
	case AE_KEY_WORD:
		return ae_value_word(value, to, size);
	case AE_KEY_TRUTH:
		return ae_value_bool(value, to);
	case AE_KEY_DIGEST:
		return take_digest(to, (bool *)((unsigned char *)base + has), value);
	case AE_KEY_GROUP:
		return ae_grouping_take_group(to, value, err);
	case AE_KEY_GAP:
		return ae_grouping_take_gap(to, value);
	case AE_KEY_SCALER:
		return take_scaler(to, value, err);
	case AE_KEY_STEPS:
		return ae_prep_take_steps(to, value, err);
	case AE_KEY_SOURCE:
		return ae_prep_take_source(to, value, err);
	}
	return -1;
}

bool ae_key_equal(const struct ae_lineage_key *key, const void *lineage, const void *threshold)
{
	const struct ae_threshold_key *kept = &key->kept;
	const void *a = in(lineage, key->at), *b = in(threshold, kept->at);
	bool here = ae_key_is_said(key->kind, lineage, key->at, key->has);
	bool there = ae_key_is_said(key->kind, threshold, kept->at, kept->has);
	if (!here || !there)
		return here == there || kept->rule == AE_KEY_IF_BOTH;
	switch (key->kind) {
	case AE_KEY_WORD:
		return strcmp(a, b) == 0;
	case AE_KEY_DIGEST:
		return memcmp(a, b, AE_DIGEST_SIZE) == 0;
	case AE_KEY_GROUP:
		return strcmp(((const struct ae_grouping *)a)->group, ((const struct ae_grouping *)b)->group) == 0;
	case AE_KEY_GAP:
		return ((const struct ae_grouping *)a)->max_gap == ((const struct ae_grouping *)b)->max_gap;
	default:
		return true; /* truths that are said; of a preparation thresholds keep nothing */
	}
}
