/* SPDX-License-Identifier: MIT */
/* Losses by name. */
#include "train/loss.h"

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
	int i = ae_word_find(name, ae_loss_name);
	return i >= 0 ? &table()[i] : NULL;
}

int ae_loss_find(size_t *index, const char *name, struct ae_error *err)
{
	return ae_word_index(index, "loss", name, ae_loss_name, err);
}
