/* SPDX-License-Identifier: MIT */
/* Scalers of groups: packing and finding. */
#include "model/scaler_groups.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"

/* ---- the step ---- */

static const struct ae_value *map_of(const struct ae_buf *packed, struct ae_error *err)
{
	return ae_value_packed(packed->data, packed->len, "scaler", err);
}

bool ae_scaler_is_of_groups(const struct ae_buf *packed)
{
	struct ae_error ignored;
	const struct ae_value *map = map_of(packed, &ignored);
	return map && ae_value_get(map, "group");
}

static int take_map(struct ae_scaler_groups *g, const struct ae_value *map, struct ae_error *err)
{
	const unsigned char *bytes, *digest;
	size_t len, digest_len;
	struct ae_error why = {0};
	if (ae_value_count(map) != 3 || !(g->column = ae_value_strdup(ae_value_get(map, "group"), &why)) ||
		ae_value_bin(ae_value_get(map, "table"), &digest, &digest_len) != 0 || digest_len != AE_DIGEST_SIZE ||
		ae_value_bin(ae_value_get(map, "scaler"), &bytes, &len) != 0)
		return ae_fail_or(err, &why, "scaler: bad parameters of groups");
	memcpy(g->digest, digest, digest_len);
	return ae_scaler_unpack(&g->all, bytes, len, err);
}

int ae_scaler_groups_unpack(struct ae_scaler_groups *g, const struct ae_buf *packed, struct ae_error *err)
{
	ae_scaler_groups_free(g);
	int rc = ae_scaler_is_of_groups(packed) ? take_map(g, map_of(packed, err), err)
						: ae_scaler_unpack(&g->all, packed->data, packed->len, err);
	if (rc != 0)
		ae_scaler_groups_free(g);
	return rc;
}

int ae_scaler_groups_pack(const struct ae_scaler_groups *g, struct ae_buf *blob, struct ae_error *err)
{
	struct ae_buf all = {0};
	struct ae_pack pack = {.out = blob, .err = err};
	if (!g->column)
		return ae_scaler_pack(&g->all, blob, err);
	blob->len = 0;
	if (ae_scaler_pack(&g->all, &all, err) != 0) {
		ae_buf_free(&all);
		return -1;
	}
	ae_pack_map(&pack, 3);
	ae_pack_str(&pack, "group");
	ae_pack_str(&pack, g->column);
	ae_pack_str(&pack, "table");
	ae_pack_bin(&pack, g->digest, sizeof(g->digest));
	ae_pack_str(&pack, "scaler");
	ae_pack_bin(&pack, all.data, all.len);
	ae_buf_free(&all);
	return pack.failed ? -1 : 0;
}

/* ---- the table ---- */

static void digest_of(unsigned char out[AE_DIGEST_SIZE], const struct ae_buf *table)
{
	struct ae_sha256 digest = {0};
	ae_sha256_init(&digest);
	ae_sha256_update(&digest, table->data, table->len);
	ae_sha256_final(&digest, out);
}

int ae_scaler_groups_pack_table(struct ae_scaler_groups *g, struct ae_buf *blob, struct ae_error *err)
{
	struct ae_buf one = {0};
	struct ae_pack pack = {.out = blob, .err = err};
	blob->len = 0;
	ae_pack_array(&pack, g->count);
	for (size_t i = 0; i < g->count && !pack.failed; i++) {
		pack.failed = ae_scaler_pack(&g->groups[i].scaler, &one, err) != 0;
		ae_pack_array(&pack, 2);
		ae_pack_str(&pack, g->groups[i].name);
		ae_pack_bin(&pack, one.data, one.len);
	}
	ae_buf_free(&one);
	digest_of(g->digest, blob);
	return pack.failed ? -1 : 0;
}

static int take_group(struct ae_scaler_groups *g, const struct ae_value *value, struct ae_error *err)
{
	struct ae_scaler_group *group = &g->groups[g->count];
	const unsigned char *bytes;
	size_t len;
	struct ae_error why = {0};
	if (ae_value_count(value) != 2 || ae_value_bin(ae_value_at(value, 1), &bytes, &len) != 0 ||
		!(group->name = ae_value_strdup(ae_value_at(value, 0), &why)))
		return ae_fail_or(err, &why, "scalers of groups: group %zu is none", g->count + 1);
	g->count++;
	if (ae_scaler_unpack(&group->scaler, bytes, len, err) != 0)
		return -1;
	if (g->count > 1 && strcmp(group[-1].name, group->name) >= 0)
		return ae_fail(err, "scalers of groups: group %zu is not in order", g->count);
	if (group->scaler.method != g->all.method || group->scaler.columns != g->all.columns)
		return ae_fail(err, "scalers of groups: group %zu has another scaler than all rows", g->count);
	return 0;
}

int ae_scaler_groups_take_table(struct ae_scaler_groups *g, const struct ae_buf *table, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	digest_of(digest, table);
	if (memcmp(digest, g->digest, sizeof(digest)) != 0)
		return ae_fail(err, "the scalers of groups are other ones than those that x went through");
	const struct ae_value *list = ae_value_packed(table->data, table->len, "scalers of groups", err), *value;
	if (!list)
		return -1;
	if (!ae_value_is_array(list) || ae_value_count(list) > AE_GROUPS_MAX)
		return ae_fail(err, "scalers of groups: no list of at most %d", AE_GROUPS_MAX);
	g->groups = ae_calloc(ae_value_count(list), sizeof(*g->groups), err);
	if (!g->groups)
		return -1;
	for (struct ae_walk walk = ae_walk_in(list); ae_walk_next(&walk, &value);)
		if (take_group(g, value, err) != 0)
			return -1;
	return 0;
}

const struct ae_scaler *ae_scaler_groups_find(const struct ae_scaler_groups *g, const char *name, size_t len)
{
	const struct ae_scaler_group *group = ae_group_find(g->groups, g->count, sizeof(*g->groups), name, len);
	return group ? &group->scaler : &g->all;
}

void ae_scaler_groups_free(struct ae_scaler_groups *g)
{
	for (size_t i = 0; i < g->count; i++) {
		free(g->groups[i].name);
		ae_scaler_free(&g->groups[i].scaler);
	}
	free(g->groups);
	free(g->column);
	ae_scaler_free(&g->all);
	*g = (struct ae_scaler_groups){0};
}
