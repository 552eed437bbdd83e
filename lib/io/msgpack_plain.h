/* SPDX-License-Identifier: MIT */
/* Maps as programs write them, taken apart without a scan before. */
#ifndef AE_IO_MSGPACK_PLAIN_H
#define AE_IO_MSGPACK_PLAIN_H

#include "io/record_keys.h"

/* Takes the map apart that begins at bytes[0, len), if it has up to 15 keys of the first one, and the values are
   numbers where columns hold numbers, nil, short texts, or arrays of those; *size is its size. False: it is not, or not
   seen to be, or not whole, and the record is to be begun anew. keys are known, and the record has begun. */
bool ae_msgpack_plain(struct ae_record_keys *keys, const unsigned char *bytes, size_t len, size_t *size);

#endif
