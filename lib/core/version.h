/* SPDX-License-Identifier: MIT */
/* The version of the project; the Makefile reads it here too, for the library's names and aefilters.pc. */
#ifndef AE_CORE_VERSION_H
#define AE_CORE_VERSION_H

#define AE_VERSION "0.1"

#endif
