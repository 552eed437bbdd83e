/* SPDX-License-Identifier: MIT */
/* Chooses the kernels: the best instruction set that the processor has, or the one that AE_ISA names. */
#include "kernels/dispatch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/util.h"

extern const struct ae_kernels ae_kernels_generic;
#ifdef AE_HAVE_avx2
extern const struct ae_kernels ae_kernels_avx2;
#endif
#ifdef AE_HAVE_avx512
extern const struct ae_kernels ae_kernels_avx512;
#endif

static bool always(void)
{
	return true;
}

#ifdef AE_HAVE_avx2
static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

#ifdef AE_HAVE_avx512
static bool has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

static const struct {
	const char *name;
	bool (*there)(void);
	const struct ae_kernels *kernels;
} isas[] = {
	{"generic", always, &ae_kernels_generic},
#ifdef AE_HAVE_avx2
	{"avx2", has_avx2, &ae_kernels_avx2},
#endif
#ifdef AE_HAVE_avx512
	{"avx512", has_avx512, &ae_kernels_avx512},
#endif
};
#define COUNT (sizeof(isas) / sizeof(isas[0]))

const char *ae_isa_name(unsigned i)
{
	return i < COUNT ? isas[i].name : NULL;
}

const struct ae_kernels *ae_isa_get(unsigned i)
{
	return isas[i].there() ? isas[i].kernels : NULL;
}

int ae_isa_kernels(const struct ae_kernels **kernels, struct ae_error *err)
{
	const char *wanted = getenv("AE_ISA");
	if (wanted && *wanted) {
		const char *names[COUNT];
		for (unsigned i = 0; i < COUNT; i++) {
			names[i] = isas[i].name;
			if (strcmp(wanted, isas[i].name) != 0)
				continue;
			*kernels = ae_isa_get(i);
			return *kernels ? 0 : ae_fail_usage(err, "AE_ISA=%s: this processor lacks it", wanted);
		}
		const char *near = ae_nearest(wanted, names, COUNT);
		return ae_fail_usage(err, "AE_ISA=%s: unknown instruction set%s%s%s", wanted,
			near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
	}
	for (unsigned i = 0; i < COUNT; i++)
		if (ae_isa_get(i))
			*kernels = ae_isa_get(i);
	return 0;
}
