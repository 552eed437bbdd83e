/* SPDX-License-Identifier: MIT */
#include "train/loss.h"

#include <string.h>

static const char *const names[AE_LOSSES] = {[AE_MSE] = "mse", [AE_MAE] = "mae", [AE_HUBER] = "huber"};

const char *ae_loss_name(enum ae_loss loss)
{
	return names[loss];
}

int ae_loss_find(enum ae_loss *loss, const char *name, struct ae_error *err)
{
	for (int i = 0; i < AE_LOSSES; i++)
		if (strcmp(name, names[i]) == 0) {
			*loss = (enum ae_loss)i;
			return 0;
		}
	return ae_fail_usage(err, "unknown loss \"%s\": expected mse, mae or huber", name);
}
