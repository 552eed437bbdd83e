/* SPDX-License-Identifier: MIT */
/* ae-encode: x through the first half of a model gives latent. */
#include "cli/apply.h"

int main(int argc, char **argv)
{
	struct ae_common common = {.threads = 1};
	struct ae_apply apply = {.part = AE_NET_ENCODER, .from = AE_X, .to = AE_LATENT};
	bool keep = false;
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_FILE_IN("model", 'm', &common.model, "FILE", "the model; required"),
		AE_FLAG("scaled", 0, &apply.scaled, "text x was scaled with this model's scaler"),
		AE_FLAG("keep", 0, &keep, "keep x"),
		AE_OPTION_RELOAD(&common),
		AE_OPTION_MEMORY(&apply),
		AE_OPTIONS_INPUT(&common.in),
		AE_OPTIONS_OUTPUT(&common.out),
		AE_OPTIONS_COMMON(&common),
	};
	const struct ae_program program = {"ae-encode", "-m FILE [options] [file ...]",
		"Encodes x with the first half of a model: x becomes latent.", table, sizeof(table) / sizeof(*table),
		NULL};
	return ae_apply_main(&apply, &keep, &program, &common, argc, argv);
}
