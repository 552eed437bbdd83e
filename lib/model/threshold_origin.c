/* SPDX-License-Identifier: MIT */
/* One table of what is known of errors: a row says where it stands in the lineage and in the threshold, under which key
   the threshold keeps it, and what the message says where the two differ. */
#include "model/threshold_origin.h"

#include <stddef.h>
#include <string.h>

enum kind {
	WORD,   /* char[size], "" = not so */
	TRUTH,  /* bool */
	DIGEST, /* unsigned char[AE_DIGEST_SIZE], and a bool that says whether there is one */
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
	const char *words[2]; /* for false or "", and for true */
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

/* Whether the threshold says it. */
static bool is_said(const struct fact *f, const struct ae_threshold *t)
{
	if (f->kind == DIGEST)
		return truth(of_threshold(t, f->threshold_has));
	const void *value = of_threshold(t, f->in_threshold);
	return f->kind == TRUTH ? truth(value) : *(const char *)value != '\0';
}

/* ---- comparing ---- */

static bool is_equal(const struct fact *f, const struct ae_threshold *t, const struct ae_lineage *lineage)
{
	const void *here = of_lineage(lineage, f->in_lineage), *there = of_threshold(t, f->in_threshold);
	if (f->kind == WORD)
		return strcmp(here, there) == 0;
	if (f->kind == TRUTH)
		return truth(here) == truth(there);
	bool has_here = truth(of_lineage(lineage, f->lineage_has)),
	     has_there = truth(of_threshold(t, f->threshold_has));
	if (!has_here || !has_there)
		return f->rule == IF_BOTH || has_here == has_there;
	return memcmp(here, there, AE_DIGEST_SIZE) == 0;
}

static const char *word(const struct fact *f, const void *value)
{
	if (f->kind == TRUTH)
		return f->words[truth(value)];
	return *(const char *)value ? value : f->words[0];
}

static int fail_unequal(const struct fact *f, const struct ae_threshold *t, const struct ae_lineage *lineage,
	const char *name, const char *path, struct ae_error *err)
{
	if (f->kind == DIGEST)
		return ae_fail(err, "%s: err was made with %s than the threshold in %s", name, f->other, path);
	return ae_fail(err, "%s: err is %s%s%s, but the threshold in %s %s%s%s", name, f->here[0],
		word(f, of_lineage(lineage, f->in_lineage)), f->here[1], path, f->there[0],
		word(f, of_threshold(t, f->in_threshold)), f->there[1]);
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

void ae_threshold_describe(struct ae_threshold *t, const struct ae_lineage *lineage)
{
	for (size_t i = 0; i < FACTS; i++) {
		const struct fact *f = &facts[i];
		memcpy((unsigned char *)t + f->in_threshold, of_lineage(lineage, f->in_lineage), f->size);
		if (f->kind == DIGEST)
			memcpy((unsigned char *)t + f->threshold_has, of_lineage(lineage, f->lineage_has),
				sizeof(bool));
	}
}

/* ---- packing ---- */

size_t ae_threshold_origin_count(const struct ae_threshold *t)
{
	size_t count = 0;
	for (size_t i = 0; i < FACTS; i++)
		count += facts[i].always || is_said(&facts[i], t);
	return count;
}

void ae_threshold_origin_pack(const struct ae_threshold *t, struct ae_pack *pack)
{
	for (size_t i = 0; i < FACTS; i++) {
		const struct fact *f = &facts[i];
		const void *value = of_threshold(t, f->in_threshold);
		if (!f->always && !is_said(f, t))
			continue;
		ae_pack_str(pack, f->key);
		if (f->kind == WORD)
			ae_pack_str(pack, value);
		else if (f->kind == TRUTH)
			ae_pack_bool(pack, truth(value));
		else
			ae_pack_bin(pack, value, AE_DIGEST_SIZE);
	}
}

static int take_fact(const struct fact *f, struct ae_threshold *t, const struct ae_value *value)
{
	const unsigned char *digest;
	size_t len;
	unsigned char *at = (unsigned char *)t + f->in_threshold;
	if (!value)
		return f->always ? -1 : 0;
	if (f->kind == WORD && ae_value_word(value, (char *)at, f->size) != 0)
		return -1;
	if (f->kind == TRUTH && ae_value_bool(value, (bool *)(void *)at) != 0)
		return -1;
	if (f->kind == DIGEST) {
		if (ae_value_bin(value, &digest, &len) != 0 || len != AE_DIGEST_SIZE)
			return -1;
		memcpy(at, digest, len);
		*(bool *)(void *)((unsigned char *)t + f->threshold_has) = true;
	}
	return f->always || is_said(f, t) ? 0 : -1;
}

const char *ae_threshold_origin_take(struct ae_threshold *t, const struct ae_value *map)
{
	for (size_t i = 0; i < FACTS; i++)
		if (take_fact(&facts[i], t, ae_value_get(map, facts[i].key)) != 0)
			return facts[i].key;
	return NULL;
}
