/* SPDX-License-Identifier: MIT */
/* How much memory there is, and amounts of it in text. */
#ifndef AE_CORE_MEMORY_H
#define AE_CORE_MEMORY_H

#include "core/error.h"

#include <stdint.h>

/* What one model may take where nobody says how much: the larger of 1 GiB and a quarter of the machine's memory, or of
   what the process's control groups allow, if that is less. */
uint64_t ae_memory_share(void);
/* The least limit of memory of the control groups that `proc`, a file such as /proc/self/cgroup, names, and of those
   they are in, down from `root`, such as /sys/fs/cgroup. UINT64_MAX without any. */
uint64_t ae_memory_group_limit(const char *proc, const char *root);
/* Reads "512M": bytes, or with K, M, G or T as many times 1024. 0, or -1 if it is none. */
int ae_memory_parse(uint64_t *bytes, const char *text) AE_MUST_CHECK;
/* "8.3 GiB", with one digit after the point from 1 KiB on. Returns text. */
enum { AE_MEMORY_TEXT = 32 };
/* The same as ae_memory_parse reads it, rounded up: "18M" for 17.2 MiB. */
char *ae_memory_option(uint64_t bytes, char text[AE_MEMORY_TEXT]);
char *ae_memory_format(uint64_t bytes, char text[AE_MEMORY_TEXT]);

#endif
