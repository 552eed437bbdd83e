/* SPDX-License-Identifier: MIT */
/* Lists of preparation: building, comparing, packing, and lists that are none; scalers of groups. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/msgpack.h"
#include "model/lineage.h"
#include "model/scaler_groups.h"
#include "model/window_step.h"

static struct ae_error err;
static const struct ae_shape pair = {.rank = 1, .dim = {2}};
static char *names[] = {"a", "b"};

static struct ae_buf window(uint64_t size, char *group)
{
	const struct ae_window_step step = {.size = size, .stride = 1, .by.group = group};
	struct ae_buf packed = {0};
	CHECK(ae_window_step_pack(&step, &packed, &err) == 0, "%s", err.text);
	return packed;
}

static struct ae_scaler scaler(double *center, double *scale)
{
	struct ae_scaler_rule rule;
	CHECK(ae_scaler_parse(&rule, "standard", &err) == 0, "%s", err.text);
	return (struct ae_scaler){
		.method = rule.method, .columns = 2, .center = center, .scale = scale, .mean = center};
}

static void append(struct ae_prep *prep, const char *program, const struct ae_buf *packed)
{
	CHECK(ae_prep_append(prep, program, packed, &pair, names, 2, &err) == 0, "%s", err.text);
}

static void lists(const struct ae_buf *scaled)
{
	struct ae_prep a = {0}, b = {0};
	struct ae_buf ten = window(10, NULL), nine = window(9, NULL);
	append(&a, AE_PREP_SCALER, scaled);
	CHECK(ae_prep_is_scaler(&a) && !ae_prep_is_list(&a) && a.source.shape.rank == 0, "one scaler");
	append(&a, "ae-window", &ten);
	CHECK(ae_prep_is_list(&a) && a.source.feature_count == 2 && strcmp(a.source.features[1], "b") == 0, "a list");
	CHECK(ae_prep_find_scaler(&a) == 0 && ae_prep_find_undone(&a) == 0, "a window keeps columns");
	CHECK(ae_prep_copy(&b, &a, &err) == 0 && ae_prep_equal(&a, &b), "%s", err.text);
	ae_prep_remove(&b, 1);
	CHECK(ae_prep_is_scaler(&b) && b.source.shape.rank == 0 && ae_prep_common(&a, &b) == 1, "the source goes");
	append(&b, "ae-window", &nine);
	CHECK(!ae_prep_equal(&a, &b) && ae_prep_common(&a, &b) == 1, "another size");
	append(&b, "ae-unknown", &nine);
	CHECK(ae_prep_find_undone(&b) == AE_PREP_NONE && ae_prep_find_scaler(&b) == 0, "not behind an unknown step");
	CHECK(ae_prep_check(&b, &err) == -1 && strstr(err.text, "a step of ae-unknown, which"), "%s", err.text);
	CHECK(ae_prep_check(&a, &err) == 0, "%s", err.text);
	for (size_t i = a.count; i < AE_PREP_STEPS_MAX; i++)
		append(&a, "ae-window", &ten);
	CHECK(ae_prep_append(&a, "ae-window", &ten, &pair, names, 2, &err) == -1, "too many");
	ae_prep_free(&a);
	ae_prep_free(&b);
	ae_buf_free(&ten);
	ae_buf_free(&nine);
	check_group("lists of steps");
}

static void lineages(const struct ae_buf *scaled)
{
	struct ae_lineage lineage = {0}, again = {0};
	struct ae_buf ten = window(10, "machine"), blob = {0}, twice = {0};
	size_t from[] = {1, 0};
	unsigned char room[16];
	const struct ae_order turned = {.from = from, .count = 2, .group = room};
	append(&lineage.prep, "ae-window", &ten);
	append(&lineage.prep, AE_PREP_SCALER, scaled);
	CHECK(ae_lineage_pack(&lineage, &blob, &err) == 0 && ae_lineage_unpack(&again, &blob, &err) == 0, "%s",
		err.text);
	CHECK(ae_prep_equal(&lineage.prep, &again.prep) && strcmp(again.prep.source.features[0], "a") == 0, "the same");
	CHECK(ae_lineage_pack(&again, &twice, &err) == 0 && ae_buf_equal(&blob, &twice), "equal bytes");
	for (size_t len = 1; len < blob.len; len++) {
		struct ae_buf cut = {.data = blob.data, .len = len};
		CHECK(ae_lineage_unpack(&again, &cut, &err) == -1 && again.prep.count == 0, "cut at %zu", len);
	}
	CHECK(ae_lineage_reorder(&twice, &turned, &err) == 0 && ae_lineage_unpack(&again, &twice, &err) == 0, "%s",
		err.text);
	struct ae_scaler found = {0};
	const struct ae_buf *packed = &again.prep.steps[1].packed;
	CHECK(ae_scaler_unpack(&found, packed->data, packed->len, &err) == 0 && found.center[0] == 2, "%s", err.text);
	CHECK(strcmp(again.prep.source.features[0], "b") == 0, "names in order");
	ae_scaler_free(&found);
	ae_lineage_free(&lineage);
	ae_lineage_free(&again);
	ae_buf_free(&ten);
	ae_buf_free(&blob);
	ae_buf_free(&twice);
	check_group("lists in lineages");
}

static bool is_refused(const char *bytes, size_t len)
{
	struct ae_lineage lineage = {0};
	const struct ae_buf blob = {.data = (unsigned char *)(uintptr_t)bytes, .len = len};
	bool refused = ae_lineage_unpack(&lineage, &blob, &err) != 0;
	ae_lineage_free(&lineage);
	return refused;
}

#define REFUSED(bytes) CHECK(is_refused(bytes, sizeof(bytes) - 1), "%s", "taken: " #bytes)
#define SOURCE                                                                                                         \
	"\xa6source\x82\xa5shape\x91\x02\xa8"                                                                          \
	"features\x90"

static void bad_lists(void)
{
	CHECK(!is_refused("\x82\xa4prep\x91\x92\xa1p\xc4\x00" SOURCE,
		      sizeof("\x82\xa4prep\x91\x92\xa1p\xc4\x00" SOURCE) - 1),
		"%s", err.text);
	REFUSED("\x81\xa4prep\x91\x92\xa1p\xc4\x00");    /* no source */
	REFUSED("\x81" SOURCE);                          /* nothing else */
	REFUSED("\x82\xa4prep\x90" SOURCE);              /* no step */
	REFUSED("\x82\xa4prep\x91\x91\xa1p" SOURCE);     /* no parameters */
	REFUSED("\x82\xa4prep\x91\x92\xa1p\x07" SOURCE); /* others than a bin */
	REFUSED("\x82\xa4prep\x91\x92\xac"
		"ae-normalize\xc4\x00" SOURCE);                                    /* one scaler has its own key */
	REFUSED("\x83\xa4prep\x91\x92\xa1p\xc4\x00\xa6scaler\xc4\x01\xc0" SOURCE); /* both */
	REFUSED("\x82\xa4prep\x91\x92\xb8"
		"abcdefghijklmnopqrstuvwx\xc4\x00" SOURCE); /* no such name */
	check_group("lists that are none");
}

static void groups(double *center, double *scale)
{
	double other[] = {5, 6};
	struct ae_scaler_group list[] = {{"m", scaler(other, scale)}, {"n", scaler(center, scale)}};
	struct ae_scaler_groups g = {.column = "machine", .all = scaler(center, scale), .groups = list, .count = 2};
	struct ae_scaler_groups again = {0};
	struct ae_buf table = {0}, packed = {0}, plain = {0};
	CHECK(ae_scaler_groups_pack_table(&g, &table, &err) == 0 && ae_scaler_groups_pack(&g, &packed, &err) == 0, "%s",
		err.text);
	CHECK(ae_scaler_is_of_groups(&packed), "of groups");
	CHECK(ae_scaler_groups_unpack(&again, &packed, &err) == 0 && again.count == 0, "%s", err.text);
	CHECK(ae_scaler_groups_take_table(&again, &table, &err) == 0 && again.count == 2, "%s", err.text);
	CHECK(ae_scaler_groups_find(&again, "m", 1)->center[0] == 5, "its own");
	CHECK(ae_scaler_groups_find(&again, "mm", 2) == &again.all &&
			ae_scaler_groups_find(&again, "", 0) == &again.all &&
			ae_scaler_groups_find(&again, "z", 1) == &again.all,
		"that of all rows");
	table.data[table.len - 1] ^= 1;
	CHECK(ae_scaler_groups_unpack(&again, &packed, &err) == 0 &&
			ae_scaler_groups_take_table(&again, &table, &err) == -1 && strstr(err.text, "other ones"),
		"%s", err.text);
	list[0].name = "o"; /* not in order */
	CHECK(ae_scaler_groups_pack_table(&g, &table, &err) == 0 && ae_scaler_groups_pack(&g, &packed, &err) == 0 &&
			ae_scaler_groups_unpack(&again, &packed, &err) == 0 &&
			ae_scaler_groups_take_table(&again, &table, &err) == -1 && strstr(err.text, "not in order"),
		"%s", err.text);
	g.column = NULL;
	CHECK(ae_scaler_groups_pack(&g, &plain, &err) == 0 && !ae_scaler_is_of_groups(&plain), "plain");
	CHECK(ae_scaler_groups_unpack(&again, &plain, &err) == 0 && !again.column, "%s", err.text);
	ae_scaler_groups_free(&again);
	ae_buf_free(&table);
	ae_buf_free(&packed);
	ae_buf_free(&plain);
	check_group("scalers of groups");
}

int main(void)
{
	double center[] = {1, 2}, scale[] = {3, 4};
	const struct ae_scaler one = scaler(center, scale);
	struct ae_buf scaled = {0};
	CHECK(ae_scaler_pack(&one, &scaled, &err) == 0, "%s", err.text);
	lists(&scaled);
	lineages(&scaled);
	bad_lists();
	groups(center, scale);
	ae_buf_free(&scaled);
	return check_done();
}
