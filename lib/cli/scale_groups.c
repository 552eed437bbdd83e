/* SPDX-License-Identifier: MIT */
/* Scalers of groups: the table in headers. */
#include "cli/scale_groups.h"

#include <stdlib.h>
#include <string.h>

#include "core/msgpack.h"

static const char key_name[] = "scalers";

/* ---- the table in the header ---- */

/* The unknown keys of a header as one map. */
static const struct ae_value *extra_map(struct ae_buf *room, const struct ae_schema *schema, struct ae_error *err)
{
	struct ae_pack pack = {.out = room, .err = err};
	ae_pack_map(&pack, schema->extra_count);
	ae_pack_raw(&pack, &schema->extra);
	return pack.failed ? NULL : ae_value_packed(room->data, room->len, "header", err);
}

static bool is_ours(const char *key, size_t len)
{
	return key && len == strlen(key_name) && memcmp(key, key_name, len) == 0;
}

int ae_scale_put_table(struct ae_schema *schema, const struct ae_buf *table, struct ae_error *err)
{
	struct ae_buf room = {0}, extra = {0};
	struct ae_pack pack = {.out = &extra, .err = err};
	const struct ae_value *map = extra_map(&room, schema, err), *value;
	const char *key;
	size_t len, count = 0;
	struct ae_walk walk = ae_walk_in(map);
	while (map && !pack.failed && ae_walk_pair(&walk, &key, &len, &value)) {
		if (is_ours(key, len))
			continue;
		char *name = key ? ae_strndup(key, len, err) : NULL;
		if (!name) {
			pack.failed = true;
			break;
		}
		ae_pack_str(&pack, name);
		free(name);
		pack.failed |= ae_value_raw(value, &extra, err) != 0;
		count++;
	}
	if (table->len) {
		ae_pack_str(&pack, key_name);
		ae_pack_bin(&pack, table->data, table->len);
		count++;
	}
	ae_buf_free(&room);
	if (!map || pack.failed) {
		ae_buf_free(&extra);
		return -1;
	}
	ae_buf_free(&schema->extra);
	schema->extra = extra;
	schema->extra_count = count;
	return 0;
}

int ae_scale_get_table(struct ae_buf *table, const struct ae_schema *schema, struct ae_error *err)
{
	struct ae_buf room = {0};
	const unsigned char *bytes;
	size_t len;
	const struct ae_value *map = extra_map(&room, schema, err);
	int rc = map ? 0 : -1;
	table->len = 0;
	if (rc == 0 && ae_value_bin(ae_value_get(map, key_name), &bytes, &len) == 0)
		rc = ae_buf_set(table, bytes, len, err);
	ae_buf_free(&room);
	return rc;
}

int ae_scale_keep_table(struct ae_model *model, const struct ae_schema *schema, struct ae_error *err)
{
	struct ae_scaler_groups groups = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < model->prep.count; i++) {
		const struct ae_prep_step *step = &model->prep.steps[i];
		if (strcmp(step->program, AE_PREP_SCALER) != 0 || !ae_scaler_is_of_groups(&step->packed))
			continue;
		rc = ae_scale_get_table(&model->scalers, schema, err);
		if (rc == 0 && model->scalers.len == 0)
			rc = ae_fail(err, "x was scaled by the scalers of groups, which the stream carries no more");
		if (rc == 0)
			rc = ae_scaler_groups_unpack(&groups, &step->packed, err);
		if (rc == 0)
			rc = ae_scaler_groups_take_table(&groups, &model->scalers, err);
		ae_scaler_groups_free(&groups);
	}
	return rc;
}
