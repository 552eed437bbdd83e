/* SPDX-License-Identifier: MIT */
/* The step of ae-window, packed. */
#include "model/window_step.h"

#include "core/msgpack.h"

int ae_window_step_pack(const struct ae_window_step *step, struct ae_buf *blob, struct ae_error *err)
{
	struct ae_pack pack = {.out = blob, .err = err};
	blob->len = 0;
	ae_pack_map(&pack, 2 + ae_grouping_count(&step->by));
	ae_pack_str(&pack, "size");
	ae_pack_u64(&pack, step->size);
	ae_pack_str(&pack, "stride");
	ae_pack_u64(&pack, step->stride);
	ae_grouping_pack(&step->by, &pack, "group", "max_gap");
	return pack.failed ? -1 : 0;
}

/* The key whose value is bad or missing, NULL if all is well. */
static const char *take_map(struct ae_window_step *step, const struct ae_value *map, struct ae_error *err)
{
	if (ae_value_u64(ae_value_get(map, "size"), &step->size) != 0 || step->size < 1 ||
		step->size > AE_WINDOW_SIZE_MAX)
		return "size";
	if (ae_value_u64(ae_value_get(map, "stride"), &step->stride) != 0 || step->stride < 1 ||
		step->stride > UINT32_MAX)
		return "stride";
	const char *bad = ae_grouping_take(&step->by, map, err);
	if (bad)
		return bad;
	return ae_value_count(map) == 2 + ae_grouping_count(&step->by) ? NULL : "keys";
}

int ae_window_step_unpack(struct ae_window_step *step, const struct ae_buf *blob, struct ae_error *err)
{
	struct ae_error why = {0};
	ae_window_step_free(step);
	const struct ae_value *map = ae_value_packed(blob->data, blob->len, "windows", err);
	if (!map)
		return -1;
	const char *bad = take_map(step, map, &why);
	if (!bad)
		return 0;
	ae_window_step_free(step);
	return ae_fail_or(err, &why, "windows: bad or missing \"%s\"", bad);
}

void ae_window_step_free(struct ae_window_step *step)
{
	ae_grouping_free(&step->by);
	*step = (struct ae_window_step){0};
}
