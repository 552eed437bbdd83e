/* SPDX-License-Identifier: MIT */
/* One table of what is known of errors: a row says where it stands in the lineage and in the threshold, under which key
   the threshold keeps it, and what the message says where the two differ. */
#include "model/threshold_origin.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/timestamp.h"

enum kind {
	WORD,   /* char[size], "" = not so */
	TRUTH,  /* bool */
	DIGEST, /* unsigned char[AE_DIGEST_SIZE], and a bool that says whether there is one */
	GROUP,  /* of a struct ae_grouping, which stands there, the group */
	GAP,    /* and the gap */
};

enum rule {
	RECORDED, /* no matter when it is applied */
	COMPARED, /* equal on both sides, as soon as both say their metric */
	IF_BOTH,  /* equal where both sides say it */
};

struct fact {
	const char *key;
	enum kind kind;
	enum rule rule;
	bool always; /* the key stands there though it is empty */
	size_t in_lineage, in_threshold, size;
	size_t lineage_has, threshold_has; /* of a DIGEST */
	/* "err is" + here + "; the threshold in F" + there, both with the word between two texts; of a DIGEST `other`
	   stands alone: "err was made with another model than". */
	const char *other, *here[2], *there[2];
	const char *words[2]; /* for false or "", and for true; of GROUP and GAP what stands before the value */
};

#define AT(lineage_, threshold_)                                                                                       \
	.in_lineage = offsetof(struct ae_lineage, lineage_),                                                           \
	.in_threshold = offsetof(struct ae_threshold, threshold_),                                                     \
	.size = sizeof(((struct ae_threshold *)NULL)->threshold_)
#define HAS(member_)                                                                                                   \
	.lineage_has = offsetof(struct ae_lineage, member_), .threshold_has = offsetof(struct ae_threshold, member_)

/* In the order in which they are packed. */
static const struct fact facts[] = {
	{"metric", WORD, COMPARED, true, AT(metric, metric), .here = {"", ""}, .there = {"was fitted on ", ""},
		.words = {"none"}},
	{"reference", WORD, COMPARED, true, AT(reference, reference), .here = {"against ", ""},
		.there = {"was fitted on errors against ", ""}, .words = {"nothing"}},
	{"scaled", TRUTH, COMPARED, true, AT(scaled_err, scaled), .here = {"in ", " units"}, .there = {"in ", " ones"},
		.words = {"original", "scaled"}},
	{"smooth", WORD, COMPARED, false, AT(smooth, smooth), .here = {"smoothed by ", ""},
		.there = {"was fitted on errors smoothed by ", ""}, .words = {"nothing"}},
	{"smooth_group", GROUP, COMPARED, false, AT(smooth_by, smooth_by), .here = {"smoothed with ", ""},
		.there = {"was fitted on errors smoothed with ", ""}, .words = {"no --group", "--group "}},
	{"smooth_max_gap", GAP, COMPARED, false, AT(smooth_by, smooth_by), .here = {"smoothed with ", ""},
		.there = {"was fitted on errors smoothed with ", ""}, .words = {"no --max-gap", "--max-gap "}},
	{"digest", DIGEST, IF_BOTH, false, AT(digest, digest), HAS(has_digest), .other = "another model"},
	{"stats", DIGEST, COMPARED, false, AT(stats, stats), HAS(has_stats),
		.other = "other statistics of training rows"},
	{"held_out", TRUTH, RECORDED, false, AT(held_out, held_out)},
};

enum { FACTS = sizeof(facts) / sizeof(facts[0]) };

static const void *of_lineage(const struct ae_lineage *lineage, size_t at)
{
	return (const unsigned char *)lineage + at;
}

static const void *of_threshold(const struct ae_threshold *t, size_t at)
{
	return (const unsigned char *)t + at;
}

static bool truth(const void *at)
{
	return *(const bool *)at;
}

/* Whether a value that is no DIGEST says anything. */
static bool is_there(const struct fact *f, const void *value)
{
	const struct ae_grouping *grouping = value;
	if (f->kind == TRUTH)
		return truth(value);
	if (f->kind == GROUP)
		return grouping->group != NULL;
	if (f->kind == GAP)
		return grouping->max_gap > 0;
	return *(const char *)value != '\0';
}

/* Whether the threshold says it. */
static bool is_said(const struct fact *f, const struct ae_threshold *t)
{
	if (f->kind == DIGEST)
		return truth(of_threshold(t, f->threshold_has));
	return is_there(f, of_threshold(t, f->in_threshold));
}

/* ---- comparing ---- */

static bool is_equal_digest(const struct fact *f, const struct ae_threshold *t, const struct ae_lineage *lineage)
{
	bool here = truth(of_lineage(lineage, f->lineage_has)), there = truth(of_threshold(t, f->threshold_has));
	if (!here || !there)
		return f->rule == IF_BOTH || here == there;
	return memcmp(of_lineage(lineage, f->in_lineage), of_threshold(t, f->in_threshold), AE_DIGEST_SIZE) == 0;
}

static bool is_equal(const struct fact *f, const struct ae_threshold *t, const struct ae_lineage *lineage)
{
	const void *here = of_lineage(lineage, f->in_lineage), *there = of_threshold(t, f->in_threshold);
	const struct ae_grouping *a = here, *b = there;
	switch (f->kind) {
	case WORD:
		return strcmp(here, there) == 0;
	case TRUTH:
		return truth(here) == truth(there);
	case GROUP:
		return a->group && b->group ? strcmp(a->group, b->group) == 0 : a->group == b->group;
	case GAP:
		return a->max_gap == b->max_gap;
	default:
		return is_equal_digest(f, t, lineage);
	}
}

enum { SHOWN = 256 };

/* The value in words, in `text` where that is needed. */
static const char *word(const struct fact *f, const void *value, char text[SHOWN])
{
	const struct ae_grouping *grouping = value;
	char gap[AE_DURATION_TEXT];
	if (f->kind == TRUTH || !is_there(f, value))
		return f->words[is_there(f, value)];
	if (f->kind == WORD)
		return value;
	snprintf(text, SHOWN, "%s%.200s", f->words[1],
		f->kind == GROUP ? grouping->group : ae_duration_format(grouping->max_gap, gap));
	return text;
}

static int fail_unequal(const struct fact *f, const struct ae_threshold *t, const struct ae_lineage *lineage,
	const char *name, const char *path, struct ae_error *err)
{
	char here[SHOWN], there[SHOWN];
	if (f->kind == DIGEST)
		return ae_fail(err, "%s: err was made with %s than the threshold in %s", name, f->other, path);
	return ae_fail(err, "%s: err is %s%s%s, but the threshold in %s %s%s%s", name, f->here[0],
		word(f, of_lineage(lineage, f->in_lineage), here), f->here[1], path, f->there[0],
		word(f, of_threshold(t, f->in_threshold), there), f->there[1]);
}

int ae_threshold_match(const struct ae_threshold *t, const struct ae_lineage *lineage, const char *name,
	const char *path, struct ae_error *err)
{
	for (enum rule rule = IF_BOTH; rule != RECORDED; rule--) {
		if (rule == COMPARED && (!*t->metric || !*lineage->metric)) /* text does not say */
			return 0;
		for (size_t i = 0; i < FACTS; i++)
			if (facts[i].rule == rule && !is_equal(&facts[i], t, lineage))
				return fail_unequal(&facts[i], t, lineage, name, path, err);
	}
	return 0;
}

int ae_threshold_describe(struct ae_threshold *t, const struct ae_lineage *lineage, struct ae_error *err)
{
	for (size_t i = 0; i < FACTS; i++) {
		const struct fact *f = &facts[i];
		if (f->kind == GROUP || f->kind == GAP)
			continue;
		memcpy((unsigned char *)t + f->in_threshold, of_lineage(lineage, f->in_lineage), f->size);
		if (f->kind == DIGEST)
			memcpy((unsigned char *)t + f->threshold_has, of_lineage(lineage, f->lineage_has),
				sizeof(bool));
	}
	return ae_grouping_copy(&t->smooth_by, &lineage->smooth_by, err);
}

/* ---- packing ---- */

size_t ae_threshold_origin_count(const struct ae_threshold *t)
{
	size_t count = 0;
	for (size_t i = 0; i < FACTS; i++)
		count += facts[i].always || is_said(&facts[i], t);
	return count;
}

static void pack_value(const struct fact *f, const void *value, struct ae_pack *pack)
{
	const struct ae_grouping *grouping = value;
	if (f->kind == WORD)
		ae_pack_str(pack, value);
	else if (f->kind == TRUTH)
		ae_pack_bool(pack, truth(value));
	else if (f->kind == GROUP)
		ae_pack_str(pack, grouping->group);
	else if (f->kind == GAP)
		ae_pack_u64(pack, (uint64_t)grouping->max_gap);
	else
		ae_pack_bin(pack, value, AE_DIGEST_SIZE);
}

void ae_threshold_origin_pack(const struct ae_threshold *t, struct ae_pack *pack)
{
	for (size_t i = 0; i < FACTS; i++) {
		const struct fact *f = &facts[i];
		if (!f->always && !is_said(f, t))
			continue;
		ae_pack_str(pack, f->key);
		pack_value(f, of_threshold(t, f->in_threshold), pack);
	}
}

static int take_digest(const struct fact *f, struct ae_threshold *t, const struct ae_value *value)
{
	const unsigned char *digest;
	size_t len;
	if (ae_value_bin(value, &digest, &len) != 0 || len != AE_DIGEST_SIZE)
		return -1;
	memcpy((unsigned char *)t + f->in_threshold, digest, len);
	*(bool *)(void *)((unsigned char *)t + f->threshold_has) = true;
	return 0;
}

static int take_value(const struct fact *f, struct ae_threshold *t, const struct ae_value *value, struct ae_error *err)
{
	void *at = (unsigned char *)t + f->in_threshold;
	switch (f->kind) {
	case WORD:
		return ae_value_word(value, at, f->size);
	case TRUTH:
		return ae_value_bool(value, at);
	case GROUP:
		return ae_grouping_take_group(at, value, err);
	case GAP:
		return ae_grouping_take_gap(at, value);
	default:
		return take_digest(f, t, value);
	}
}

const char *ae_threshold_origin_take(struct ae_threshold *t, const struct ae_value *map, struct ae_error *err)
{
	for (size_t i = 0; i < FACTS; i++) {
		const struct fact *f = &facts[i];
		const struct ae_value *value = ae_value_get(map, f->key);
		if (value ? take_value(f, t, value, err) != 0 || !(f->always || is_said(f, t)) : f->always)
			return f->key;
	}
	return NULL;
}
