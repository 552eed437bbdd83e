/* SPDX-License-Identifier: MIT */
/* Named elements in another order: random permutations, values of every size, scalers, and sets that are none. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/order.h"
#include "core/rng.h"
#include "model/scaler.h"

enum { MOST = 60 };

static struct ae_error err;
static char texts[MOST][24];
static char *names[MOST], *wanted[MOST];

/* names are n0 to n(count - 1), wanted the same in a random order: wanted[i] is names[at[i]]. */
static void shuffle_names(uint32_t *at, size_t count, uint64_t seed)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(texts[i], sizeof(texts[i]), "n%zu", i);
		names[i] = texts[i];
		at[i] = (uint32_t)i;
	}
	ae_rng_shuffle(at, count, seed, 0);
	for (size_t i = 0; i < count; i++)
		wanted[i] = names[at[i]];
}

static void permutations(void)
{
	uint32_t at[MOST];
	for (size_t count = 1; count <= MOST; count++) {
		struct ae_order order = {0};
		double f64[2 * MOST];
		float f32[2 * MOST];
		unsigned char u8[2 * MOST];
		shuffle_names(at, count, count);
		CHECK(ae_order_find(&order, names, wanted, count, &err) == AE_ORDER_SAME_SET, "%zu", count);
		for (size_t i = 0; i < 2 * count; i++) {
			f64[i] = (double)i;
			f32[i] = (float)i;
			u8[i] = (unsigned char)i;
		}
		ae_order_apply(&order, f64, sizeof(*f64), 2 * count);
		ae_order_apply(&order, f32, sizeof(*f32), 2 * count);
		ae_order_apply(&order, u8, sizeof(*u8), 2 * count);
		for (size_t i = 0; i < 2 * count; i++) {
			size_t from = i / count * count + at[i % count];
			CHECK(f64[i] == (double)from && f32[i] == (float)from && u8[i] == from, "%zu of %zu", i, count);
		}
		ae_order_free(&order);
		CHECK(ae_order_find(&order, names, names, count, &err) == AE_ORDER_SAME_SET && order.count == 0,
			"%zu in order", count);
	}
	check_group("random permutations of values of every size");
}

static void other_sets(void)
{
	static char a[] = "a", b[] = "b", c[] = "flow", d[] = "flaw";
	char *ab[] = {a, b}, *ba[] = {b, a}, *aa[] = {a, a}, *ac[] = {a, c}, *da[] = {d, a};
	struct ae_order order = {0};
	CHECK(ae_order_find(&order, ab, ac, 2, &err) == AE_ORDER_OTHER_SET && !order.from, "another name");
	CHECK(ae_order_find(&order, aa, ab, 2, &err) == AE_ORDER_OTHER_SET, "twice on the left");
	CHECK(ae_order_find(&order, ab, aa, 2, &err) == AE_ORDER_OTHER_SET, "twice on the right");
	CHECK(ae_order_find(&order, aa, aa, 2, &err) == AE_ORDER_SAME_SET && order.count == 0, "twice, in order");
	CHECK(ae_order_need(&order, "recon", da, "x", ac, 2, &err) != 0 &&
			strcmp(err.text, "recon has no feature \"flow\", which x has; the nearest is \"flaw\"") == 0,
		"%s", err.text);
	CHECK(ae_order_need(&order, "recon", ab, "x", aa, 2, &err) != 0 &&
			strcmp(err.text, "x has two features called \"a\", and recon has them otherwise") == 0,
		"%s", err.text);
	CHECK(ae_order_need(&order, "recon", aa, "x", ab, 2, &err) != 0 && strstr(err.text, "no feature \"b\""), "%s",
		err.text);
	CHECK(ae_order_need(&order, "recon", ba, "x", ab, 2, &err) == 0 && order.count == 2, "%s", err.text);
	ae_order_free(&order);
	check_group("other sets, and names that stand twice");
}

/* A scaler of three columns, and orders of rows of three and of six elements. */
static void scalers(void)
{
	size_t turn[] = {2, 0, 1}, within[] = {3, 1, 2, 0, 4, 5}, across[] = {1, 0, 2, 3, 4, 5};
	double center[] = {10, 20, 30}, scale[] = {1, 2, 3}, mean[] = {7, 8, 9};
	unsigned char group[6 * sizeof(double)];
	struct ae_scaler scaler = {.columns = 3, .center = center, .scale = scale, .mean = mean};
	const struct ae_order turned = {turn, 3, group}, kept = {within, 6, group}, torn = {across, 6, group};
	CHECK(ae_scaler_reorder(&scaler, &turned, &err) == 0, "%s", err.text);
	CHECK(center[0] == 30 && center[1] == 10 && center[2] == 20, "%g %g %g", center[0], center[1], center[2]);
	CHECK(scale[0] == 3 && scale[1] == 1 && scale[2] == 2 && mean[0] == 9 && mean[2] == 8, "scale, mean");
	CHECK(ae_scaler_reorder(&scaler, &kept, &err) == 0 && center[0] == 30 && center[2] == 20,
		"elements that keep their columns");
	CHECK(ae_scaler_reorder(&scaler, &torn, &err) != 0 && center[0] == 30, "a column that goes to two");
	check_group("scalers of x in another order");
}

int main(void)
{
	permutations();
	other_sets();
	scalers();
	return check_done();
}
