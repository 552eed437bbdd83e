/* SPDX-License-Identifier: MIT */
/* Thresholds as a msgpack map. */
#include <math.h>

#include "core/msgpack.h"
#include "model/threshold_method.h"
#include "model/threshold_origin.h"

static size_t key_count(const struct ae_threshold *threshold)
{
	return 5u + (threshold->rule.factor != 1) + (threshold->groups.column ? 2 : 0) +
	       ae_threshold_origin_count(threshold);
}

int ae_threshold_pack(const struct ae_threshold *threshold, struct ae_buf *blob, struct ae_error *err)
{
	blob->len = 0;
	struct ae_pack pack = {.out = blob, .err = err};
	ae_pack_map(&pack, key_count(threshold));
	ae_pack_str(&pack, "method");
	ae_pack_str(&pack, threshold->rule.method->name);
	ae_pack_str(&pack, "k");
	ae_pack_f64(&pack, threshold->rule.k);
	if (threshold->rule.factor != 1) {
		ae_pack_str(&pack, "factor");
		ae_pack_f64(&pack, threshold->rule.factor);
	}
	ae_pack_str(&pack, "value");
	ae_pack_f64(&pack, threshold->value);
	ae_threshold_origin_pack(threshold, &pack);
	ae_pack_str(&pack, "rows");
	ae_pack_u64(&pack, threshold->rows);
	ae_pack_str(&pack, "errors");
	ae_pack_f64s(&pack, threshold->errors, threshold->errors_count);
	ae_threshold_groups_pack(&threshold->groups, &pack);
	return pack.failed ? -1 : 0;
}

static int take_number(double *number, const struct ae_value *value)
{
	return ae_value_f64(value, number) == 0 && isfinite(*number) ? 0 : -1;
}

static int take_errors(struct ae_threshold *threshold, const struct ae_value *value, struct ae_error *err)
{
	if (ae_value_f64s(value, &threshold->errors, &threshold->errors_count, err) != 0)
		return -1;
	uint64_t rows = threshold->rows;
	if (threshold->errors_count != (rows <= AE_THRESHOLD_ERRORS ? rows : AE_THRESHOLD_ERRORS + 1))
		return -1;
	const double *errors = threshold->errors;
	for (size_t i = 0; i < threshold->errors_count; i++) {
		if (!isfinite(errors[i]) || (i > 0 && errors[i] < errors[i - 1]))
			return -1;
	}
	return 0;
}

static int take_method(struct ae_threshold_rule *rule, const struct ae_value *value)
{
	const char *name;
	size_t len;
	if (ae_value_str(value, &name, &len) != 0)
		return -1;
	rule->method = ae_threshold_method_find(name, len);
	return rule->method ? 0 : -1;
}

static int take_factor(double *factor, const struct ae_value *value)
{
	*factor = 1;
	return !value || (take_number(factor, value) == 0 && *factor > 0 && *factor != 1) ? 0 : -1;
}

/* Fills the threshold; returns the key whose value is bad or missing, NULL if all is well. *err has a text where memory
   ran out. */
static const char *take_map(struct ae_threshold *threshold, const struct ae_value *map, struct ae_error *err)
{
	if (take_method(&threshold->rule, ae_value_get(map, "method")) != 0)
		return "method";
	if (take_number(&threshold->rule.k, ae_value_get(map, "k")) != 0)
		return "k";
	if (take_factor(&threshold->rule.factor, ae_value_get(map, "factor")) != 0)
		return "factor";
	if (take_number(&threshold->value, ae_value_get(map, "value")) != 0)
		return "value";
	const char *bad = ae_threshold_origin_take(threshold, map, err);
	if (bad)
		return bad;
	if (ae_value_u64(ae_value_get(map, "rows"), &threshold->rows) != 0)
		return "rows";
	if (take_errors(threshold, ae_value_get(map, "errors"), err) != 0)
		return "errors";
	return ae_threshold_groups_take(&threshold->groups, map, threshold->rows, err);
}

int ae_threshold_unpack(struct ae_threshold *threshold, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	ae_threshold_free(threshold);
	int rc;
	const struct ae_value *map = ae_value_packed(bytes, len, "threshold", err);
	if (!map)
		return -1;
	struct ae_error why = {0};
	const char *bad = take_map(threshold, map, &why);
	if (bad)
		rc = ae_fail_or(err, &why, "threshold: bad or missing \"%s\"", bad);
	else
		rc = ae_value_count(map) == key_count(threshold) ? 0 : ae_fail(err, "threshold: unknown keys");
	if (rc < 0)
		ae_threshold_free(threshold);
	return rc;
}
