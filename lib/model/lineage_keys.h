/* SPDX-License-Identifier: MIT */
/* One table of what a lineage says. A row has a key, where its value stands in the lineage, and, where a threshold
   keeps it of the errors that it was fitted on, under which key, where, and what the message says if the two differ.
   Packing, counting, reading, copying and comparing follow from it. */
#ifndef AE_MODEL_LINEAGE_KEYS_H
#define AE_MODEL_LINEAGE_KEYS_H

#include "core/msgpack.h"

enum ae_key_kind {
	AE_KEY_WORD,   /* char[size], "" = not so */
	AE_KEY_TRUTH,  /* bool */
	AE_KEY_DIGEST, /* unsigned char[AE_DIGEST_SIZE], and a bool that says whether there is one */
	AE_KEY_GROUP,  /* of a struct ae_grouping, which stands there, the group */
	AE_KEY_GAP,    /* and the gap */
	AE_KEY_SCALER, /* of a struct ae_prep the one plain scaler */
	AE_KEY_STEPS,  /* and of a list the steps */
	AE_KEY_SOURCE, /* and their source */
};

enum ae_key_rule {
	AE_KEY_RECORDED, /* no matter when a threshold is applied */
	AE_KEY_COMPARED, /* equal on both sides, as soon as both say their metric */
	AE_KEY_IF_BOTH,  /* equal where both sides say it */
};

/* What a threshold keeps of it. */
struct ae_threshold_key {
	const char *key; /* NULL: nothing */
	unsigned place;  /* from 1, in the order in which they are packed */
	enum ae_key_rule rule;
	bool always;    /* the key stands there though it is empty */
	size_t at, has; /* as below, in a struct ae_threshold */
	/* "err is" + here + "; the threshold in F" + there, both with the word between two texts; of a digest `other`
	   stands alone: "err was made with another model than". */
	const char *other, *here[2], *there[2];
	const char *words[2]; /* for false or "", and for true; of group and gap what stands before the value */
};

struct ae_lineage_key {
	const char *key;
	enum ae_key_kind kind;
	size_t at, size; /* in a struct ae_lineage */
	size_t has;      /* of a digest, where its bool is */
	struct ae_threshold_key kept;
};

/* The i-th in the order of the keys, by bytes, NULL beyond the last. */
const struct ae_lineage_key *ae_lineage_key_at(size_t i);
const struct ae_lineage_key *ae_lineage_key_find(const char *key, size_t len);
/* That which a threshold packs at this place, NULL beyond the last. */
const struct ae_lineage_key *ae_lineage_key_kept(unsigned place);

/* Of the value that stands at `at` of *base, a struct ae_lineage or ae_threshold: whether it says anything. */
bool ae_key_is_said(enum ae_key_kind kind, const void *base, size_t at, size_t has);
void ae_key_pack(enum ae_key_kind kind, const void *base, size_t at, struct ae_pack *pack);
/* -1 where the value is bad, with a text in *err where memory ran out, or where there is more to say. */
int ae_key_take(enum ae_key_kind kind, void *base, size_t at, size_t size, size_t has, const struct ae_value *value,
	struct ae_error *err) AE_MUST_CHECK;
/* Whether two values are equal; digests as the rule has it, where either is absent. */
bool ae_key_equal(const struct ae_lineage_key *key, const void *lineage, const void *threshold);

#endif
