/* SPDX-License-Identifier: MIT */
/* ae-decode: latent through the second half of a model gives recon. */
#include "cli/apply.h"

int main(int argc, char **argv)
{
	struct ae_common common = {.threads = 1, .in.results = true};
	struct ae_apply apply = {.part = AE_NET_DECODER, .from = AE_LATENT, .to = AE_RECON};
	bool keep = false;
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_FILE_IN("model", 'm', &common.model, "FILE", "the model; required"),
		AE_FLAG("keep", 0, &keep, "keep latent"),
		AE_OPTION_RELOAD(&common),
		AE_OPTION_MEMORY(&apply),
		AE_OPTIONS_INPUT(&common.in),
		AE_OPTIONS_OUTPUT(&common.out),
		AE_OPTIONS_COMMON(&common),
	};
	const struct ae_program program = {"ae-decode", "-m FILE [options] [file ...]",
		"Decodes latent with the second half of a model: latent becomes recon.", table,
		sizeof(table) / sizeof(*table), NULL};
	return ae_apply_main(&apply, &keep, &program, &common, argc, argv);
}
