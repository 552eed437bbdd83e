/* SPDX-License-Identifier: MIT */
/* ae-recon: x through a model gives recon, and latent on the way. */
#include "cli/apply.h"

int main(int argc, char **argv)
{
	struct ae_common common = {.threads = 1};
	struct ae_apply apply = {.part = AE_NET_WHOLE, .from = AE_X, .to = AE_RECON};
	const struct ae_opt table[] = {
		AE_GROUP("Model"),
		AE_FILE_IN("model", 'm', &common.model, "FILE", "the model; required"),
		AE_FLAG("scaled", 0, &apply.scaled, "text x was scaled with this model's scaler"),
		AE_FLAG("latent", 0, &apply.latent, "add the column latent too, as ae-encode gives it"),
		AE_FLAG("impute", 0, &apply.impute, "put the reconstruction in for missing values of x"),
		AE_OPTION_RELOAD(&common),
		AE_OPTION_MEMORY(&apply),
		AE_OPTIONS_INPUT(&common.in),
		AE_OPTIONS_OUTPUT(&common.out),
		AE_OPTIONS_COMMON(&common),
	};
	const struct ae_program program = {"ae-recon", "-m FILE [options] [file ...]",
		"Reconstructs x with a model: adds the column recon.", table, sizeof(table) / sizeof(*table), NULL};
	return ae_apply_main(&apply, NULL, &program, &common, argc, argv);
}
