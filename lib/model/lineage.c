/* SPDX-License-Identifier: MIT */
/* Packing and unpacking lineages. Keys are sorted, so that equal lineages are equal bytes. */
#include "model/lineage.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"
#include "model/scaler.h"

struct pair {
	const char *key;
	size_t key_len;
	const struct ae_value *value;
};

static int by_key(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;
	size_t least = p->key_len < q->key_len ? p->key_len : q->key_len;
	int order = memcmp(p->key, q->key, least);
	return order != 0 ? order : (p->key_len > q->key_len) - (p->key_len < q->key_len);
}

static bool key_is(const struct pair *pair, const char *name)
{
	return pair->key_len == strlen(name) && memcmp(pair->key, name, pair->key_len) == 0;
}

static int keep_unknown(struct ae_lineage *lineage, const struct pair *pair, struct ae_error *err)
{
	char *key = ae_strndup(pair->key, pair->key_len, err);
	if (!key)
		return -1;
	struct ae_pack pack = {.out = &lineage->unknown, .err = err};
	ae_pack_str(&pack, key);
	free(key);
	lineage->unknown_count++;
	return pack.failed ? -1 : ae_value_raw(pair->value, &lineage->unknown, err);
}

static int take_pair(struct ae_lineage *lineage, const struct pair *pair, struct ae_error *err)
{
	const unsigned char *bytes;
	size_t len;
	int rc;
	if (key_is(pair, "scaler")) {
		rc = ae_value_bin(pair->value, &bytes, &len);
		if (rc == 0)
			return ae_buf_set(&lineage->scaler, bytes, len, err);
	} else if (key_is(pair, "digest")) {
		rc = ae_value_bin(pair->value, &bytes, &len) != 0 || len != AE_DIGEST_SIZE ? -1 : 0;
		lineage->has_digest = rc == 0;
		if (rc == 0)
			memcpy(lineage->digest, bytes, len);
	} else if (key_is(pair, "held_out")) {
		rc = ae_value_bool(pair->value, &lineage->held_out);
	} else if (key_is(pair, "loss")) {
		rc = ae_value_word(pair->value, lineage->loss, sizeof(lineage->loss));
	} else if (key_is(pair, "metric")) {
		rc = ae_value_word(pair->value, lineage->metric, sizeof(lineage->metric));
	} else if (key_is(pair, "reference")) {
		rc = ae_value_word(pair->value, lineage->reference, sizeof(lineage->reference));
	} else if (key_is(pair, "scaled_err")) {
		rc = ae_value_bool(pair->value, &lineage->scaled_err);
	} else if (key_is(pair, "smooth")) {
		rc = ae_value_word(pair->value, lineage->smooth, sizeof(lineage->smooth));
	} else {
		return keep_unknown(lineage, pair, err);
	}
	return rc == 0 ? 0 : ae_fail(err, "lineage: bad value of \"%.*s\"", (int)pair->key_len, pair->key);
}

static int take_map(struct ae_lineage *lineage, const struct ae_value *map, struct ae_error *err)
{
	if (!ae_value_is_map(map))
		return ae_fail(err, "lineage: not a map");
	size_t n = ae_value_count(map);
	struct pair *pairs = ae_calloc(n, sizeof(*pairs), err);
	int rc = pairs ? 0 : -1;
	struct ae_walk walk = ae_walk_in(map);
	for (size_t i = 0; rc == 0 && ae_walk_pair(&walk, &pairs[i].key, &pairs[i].key_len, &pairs[i].value); i++) {
		if (!pairs[i].key || memchr(pairs[i].key, '\0', pairs[i].key_len))
			rc = ae_fail(err, "lineage: a key that is no text");
	}
	if (rc == 0 && n > 0)
		qsort(pairs, n, sizeof(*pairs), by_key);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (i > 0 && by_key(&pairs[i - 1], &pairs[i]) == 0)
			rc = ae_fail(err, "lineage: \"%.*s\" twice", (int)pairs[i].key_len, pairs[i].key);
		else
			rc = take_pair(lineage, &pairs[i], err);
	}
	free(pairs);
	return rc;
}

int ae_lineage_unpack(struct ae_lineage *lineage, const struct ae_buf *blob, struct ae_error *err)
{
	ae_lineage_free(lineage);
	if (blob->len == 0)
		return 0;
	const struct ae_value *map = ae_value_packed(blob->data, blob->len, "lineage", err);
	if (!map)
		return -1;
	int rc = take_map(lineage, map, err);
	if (rc != 0)
		ae_lineage_free(lineage);
	return rc;
}

static void pack_word(struct ae_pack *pack, const char *key, const char *word)
{
	if (word[0] == '\0')
		return;
	ae_pack_str(pack, key);
	ae_pack_str(pack, word);
}

int ae_lineage_pack(const struct ae_lineage *lineage, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	size_t n = lineage->unknown_count + lineage->has_digest + lineage->held_out + (lineage->loss[0] != '\0') +
		   (lineage->metric[0] != '\0') + (lineage->reference[0] != '\0') + (lineage->smooth[0] != '\0') +
		   lineage->scaled_err + (lineage->scaler.len > 0);
	if (n == 0)
		return 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, n);
	if (lineage->has_digest) {
		ae_pack_str(&pack, "digest");
		ae_pack_bin(&pack, lineage->digest, sizeof(lineage->digest));
	}
	if (lineage->held_out) {
		ae_pack_str(&pack, "held_out");
		ae_pack_bool(&pack, true);
	}
	pack_word(&pack, "loss", lineage->loss);
	pack_word(&pack, "metric", lineage->metric);
	pack_word(&pack, "reference", lineage->reference);
	if (lineage->scaled_err) {
		ae_pack_str(&pack, "scaled_err");
		ae_pack_bool(&pack, true);
	}
	if (lineage->scaler.len > 0) {
		ae_pack_str(&pack, "scaler");
		ae_pack_bin(&pack, lineage->scaler.data, lineage->scaler.len);
	}
	pack_word(&pack, "smooth", lineage->smooth);
	ae_pack_raw(&pack, &lineage->unknown);
	return pack.failed ? -1 : 0;
}

int ae_lineage_has_scaler(const struct ae_buf *blob, bool *scaled, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	int rc = ae_lineage_unpack(&lineage, blob, err);
	*scaled = lineage.scaler.len > 0;
	ae_lineage_free(&lineage);
	return rc;
}

int ae_lineage_reorder(struct ae_buf *blob, const struct ae_order *order, struct ae_error *err)
{
	struct ae_lineage lineage = {0};
	struct ae_scaler scaler = {0};
	int rc = ae_lineage_unpack(&lineage, blob, err);
	if (rc == 0 && lineage.scaler.len) {
		rc = ae_scaler_unpack(&scaler, lineage.scaler.data, lineage.scaler.len, err);
		if (rc == 0)
			rc = ae_scaler_reorder(&scaler, order, err);
		if (rc == 0)
			rc = ae_scaler_pack(&scaler, &lineage.scaler, err);
		if (rc == 0)
			rc = ae_lineage_pack(&lineage, blob, err);
	}
	ae_scaler_free(&scaler);
	ae_lineage_free(&lineage);
	return rc;
}

void ae_lineage_free(struct ae_lineage *lineage)
{
	ae_buf_free(&lineage->scaler);
	ae_buf_free(&lineage->unknown);
	*lineage = (struct ae_lineage){0};
}
