/* SPDX-License-Identifier: MIT */
/* In the place of libFuzzer: runs a target once on each of the files that are named. */
#include "fuzz.h"

int main(int argc, char **argv)
{
	struct ae_error err;
	for (int i = 1; i < argc; i++) {
		struct ae_buf bytes = {0};
		if (ae_read_file(&bytes, argv[i], &err) != 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		fprintf(stderr, "%s\n", argv[i]); /* the last one is that which failed */
		LLVMFuzzerTestOneInput(bytes.data, bytes.len);
		ae_buf_free(&bytes);
	}
	fprintf(stderr, "%d inputs\n", argc - 1);
	return 0;
}
