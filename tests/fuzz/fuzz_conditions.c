/* SPDX-License-Identifier: MIT */
/* A line of options, a line of conditions, and text or a stream: which rows pass does not depend on how they come. */
#include "fuzz.h"

#include "stream/where.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct fuzz_words words, conditions;
	struct fuzz_cut cut = {0};
	struct ae_reader_options options = {0};
	struct ae_where *where;
	struct ae_error err;
	fuzz_take_words(&words, &input);
	fuzz_set_options(&options, &cut, &words);
	fuzz_take_words(&conditions, &input);
	if (ae_where_parse(&where, (const char *const *)conditions.word, conditions.count, &err) != 0) {
		FUZZ_CHECK(err.status == AE_STATUS_USAGE, "%s", err.text);
		return 0;
	}
	options.compared = ae_where_names(where, &options.compared_count);
	fuzz_check_reading(&input, &options, &cut, where);
	ae_where_free(where);
	return 0;
}
