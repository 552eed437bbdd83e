/* SPDX-License-Identifier: MIT */
/* What number.c and number_parse.c share. */
#ifndef AE_CORE_NUMBER_PARTS_H
#define AE_CORE_NUMBER_PARTS_H

#include <locale.h>

/* Powers of ten that a double holds exactly. */
static const double ae_pow10_exact[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
	1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define AE_POW10_MAX 22
#define AE_MANTISSA_MAX (1ULL << 53)

/* strtod and printf follow the locale of the process or thread. Between these two they follow C's, in this thread
   alone. A C locale is static in the C libraries, so that making one is cheap. */
struct ae_locales {
	locale_t c, before;
};

static inline struct ae_locales ae_enter_c_locale(void)
{
	struct ae_locales locales = {.c = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
	locales.before = uselocale(locales.c);
	return locales;
}

static inline void ae_leave_c_locale(struct ae_locales locales)
{
	uselocale(locales.before);
	if (locales.c)
		freelocale(locales.c);
}

#endif
