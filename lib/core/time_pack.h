/* SPDX-License-Identifier: MIT */
/* A time in a message: nanoseconds, or [seconds, nanoseconds] where 64 bits do not hold it. */
#ifndef AE_CORE_TIME_PACK_H
#define AE_CORE_TIME_PACK_H

#include "core/msgpack.h"
#include "core/timestamp.h"

void ae_pack_time(struct ae_pack *pack, const struct ae_time *time);
/* 0, or -1 if it is none, or beyond all years that are read. */
int ae_value_time(const struct ae_value *value, struct ae_time *time) AE_MUST_CHECK;

#endif
