/* SPDX-License-Identifier: MIT */
/* Splits are scikit-learn's, row for row; the numbers come from expected/split.py. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"
#include "eval/split.h"

struct expected {
	uint64_t n;
	double fraction;
	uint64_t seed, test;
	uint32_t first_test, first_train;
	const char *digest;
};

static const struct expected table[] = {
	{2, 0.5, 0u, 1, 1, 0, "7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"},
	{3, 0.1, 1u, 1, 0, 2, "be3e63ddb18e272dd8a8ba102772e6585e672d87230e0048635f47405926109f"},
	{10, 0.2, 42u, 2, 8, 5, "90c74f539aaa1b17dfa92cbf8f743099f481b404bff24cd56c582649a368963b"},
	{100, 0.29, 7u, 29, 37, 96, "c83d27119a429889bcbecce75ca564862fd61aabd6f6e8f6c3d39f05be088c91"},
	{625, 0.3, 21u, 188, 558, 417, "b81980b2612461cb7477231f9550e365d1b81f9904347cca1515b8da8a0bb7bb"},
	{4998, 0.2, 21u, 1000, 106, 2441, "d4622fb17c9e5dc10ae780d82a9c210296a2f367dbc294083c29c7cbe2bf5da9"},
	{1000, 0.07, 4294967295u, 70, 94, 185, "65fb47e78be4f63bc881f15492dd11fa5af848584e8f0682fffed693d8b7ed35"},
	{65537, 0.999, 123456789u, 65472, 52038, 65136,
		"2e7e645c51c4a7ac5622e364351f3f79938fec29feda7862ce91c82c03a492a2"},
	{100001, 0.25, 2147483648u, 25001, 83117, 34353,
		"5136cc1107586834efdb539c8a2c1bebbe9ff72a8229de31579534fb41ea3900"},
};

static void hex_digest(char text[65], const uint32_t *rows, size_t n)
{
	struct ae_sha256 digest = {0};
	unsigned char out[AE_DIGEST_SIZE];
	ae_sha256_init(&digest);
	for (size_t i = 0; i < n; i++) {
		unsigned char bytes[] = {(unsigned char)rows[i], (unsigned char)(rows[i] >> 8),
			(unsigned char)(rows[i] >> 16), (unsigned char)(rows[i] >> 24)};
		ae_sha256_update(&digest, bytes, sizeof(bytes));
	}
	ae_sha256_final(&digest, out);
	for (size_t i = 0; i < AE_DIGEST_SIZE; i++)
		sprintf(text + 2 * i, "%02x", out[i]);
}

int main(void)
{
	struct ae_error err = {0};
	struct ae_split split;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct expected *e = &table[i];
		char text[65];
		int rc = ae_split_make(&split, e->n, e->fraction, false, e->seed, &err);
		CHECK(rc == 0, "n %llu: %s", (unsigned long long)e->n, err.text);
		if (rc != 0)
			continue;
		CHECK(split.test == e->test && split.train == e->n - e->test, "n %llu: %zu test rows",
			(unsigned long long)e->n, split.test);
		CHECK(split.rows[0] == e->first_test, "n %llu: %u", (unsigned long long)e->n, split.rows[0]);
		CHECK(split.rows[e->test] == e->first_train, "n %llu", (unsigned long long)e->n);
		hex_digest(text, split.rows, (size_t)e->n);
		CHECK(strcmp(text, e->digest) == 0, "n %llu: %s", (unsigned long long)e->n, text);
		ae_split_free(&split);
	}

	static const uint32_t ordered[] = {7, 8, 9, 0, 1, 2, 3, 4, 5, 6};
	CHECK(ae_split_make(&split, 10, 0.25, true, 0, &err) == 0, "%s", err.text);
	CHECK(split.test == 3 && memcmp(split.rows, ordered, sizeof(ordered)) == 0, "ordered");
	ae_split_free(&split);

	static const double fractions[] = {0, 1, -0.1, 1.5};
	for (size_t i = 0; i < 4; i++) {
		CHECK(ae_split_make(&split, 10, fractions[i], false, 0, &err) == -1, "%g", fractions[i]);
		CHECK(err.status == AE_STATUS_USAGE, "%g", fractions[i]);
	}
	CHECK(ae_split_make(&split, 1, 0.5, false, 0, &err) == -1 && err.status == AE_STATUS_DATA, "one row");
	CHECK(ae_split_make(&split, 2, 0.9, false, 0, &err) == -1, "both rows in the test part");
	CHECK(ae_split_make(&split, 0, 0.5, true, 0, &err) == -1, "no rows");
	CHECK(ae_split_make(&split, 10, 0.5, false, 1ull << 32, &err) == -1, "a seed of 33 bits");
	CHECK(ae_split_make(&split, 1ull << 32, 0.5, true, 0, &err) == -1, "2^32 rows");
	return check_done();
}
