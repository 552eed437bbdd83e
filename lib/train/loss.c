/* SPDX-License-Identifier: MIT */
/* Losses by name. */
#include "train/loss.h"

#include <string.h>

#include "core/util.h"
#include "kernels/dispatch.h"

/* The portable kernels are always there. */
static const struct ae_loss *table(void)
{
	return ae_isa_get(0)->losses;
}

const char *ae_loss_name(size_t i)
{
	return table()[i].name;
}

const struct ae_loss *ae_loss_named(const char *name)
{
	const struct ae_loss *loss = table();
	while (loss->name && strcmp(loss->name, name) != 0)
		loss++;
	return loss->name ? loss : NULL;
}

int ae_loss_find(size_t *index, const char *name, struct ae_error *err)
{
	const struct ae_loss *loss = name ? ae_loss_named(name) : table();
	if (!loss)
		return ae_fail_word(err, "loss", name, ae_loss_name);
	*index = (size_t)(loss - table());
	return 0;
}
