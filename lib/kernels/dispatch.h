/* SPDX-License-Identifier: MIT */
/* Which kernels run: the best the processor has, or those that AE_ISA in the environment names. */
#ifndef AE_KERNELS_DISPATCH_H
#define AE_KERNELS_DISPATCH_H

#include "core/error.h"
#include "kernels/kernels.h"

/* A usage error if AE_ISA is not the name of an instruction set, or of one that is not to be had here. */
int ae_isa_kernels(const struct ae_kernels **kernels, struct ae_error *err) AE_MUST_CHECK;

/* Of the instruction sets compiled in, the i-th ("generic" first, the best last); NULL after the last. */
const char *ae_isa_name(unsigned i);
/* The kernels of that one, NULL if this processor lacks it. */
const struct ae_kernels *ae_isa_get(unsigned i);

#endif
