/* SPDX-License-Identifier: MIT */
/* Values of MessagePack as records: what other programs pack for a row. */
#ifndef AE_IO_MSGPACK_RECORD_H
#define AE_IO_MSGPACK_RECORD_H

#include "core/msgpack.h"
#include "io/npy.h"
#include "io/record_keys.h"

/* An array as msgpack-numpy packs it: a map of nd, type, shape and data. */
struct ae_packed_array {
	struct ae_npy npy;
	uint32_t dims;
	uint64_t dim[AE_RANK_MAX + 1];
	uint64_t count; /* of elements */
	const unsigned char *data;
};

/* Whether the map at `at`, a scanned value, is such an array: 1 and *array is filled, 0, or AE_RECORD_BAD and *err. */
int ae_packed_array_find(struct ae_packed_array *array, const unsigned char *at, struct ae_error *err) AE_MUST_CHECK;
/* Takes rows of it apart, of which it has dim[0] if it has two dimensions or more, else one; none without elements. A
   row of one dimension is an array of cells, one of more is the key x. */
uint64_t ae_packed_array_rows(const struct ae_packed_array *array);
int ae_packed_array_row(const struct ae_packed_array *array, uint64_t row, struct ae_record_keys *keys,
	struct ae_error *err) AE_MUST_CHECK;

/* Appends the array at `at` with no other row than this one. */
int ae_packed_array_keep_row(const struct ae_packed_array *array, const unsigned char *at, uint64_t row,
	struct ae_buf *out, struct ae_error *err) AE_MUST_CHECK;

/* Takes the value at `at` apart, a map or an array of cells. time, if not NULL, is that of the event whose record this
   is: it is the key "time", unless the map has one. */
int ae_msgpack_record(struct ae_record_keys *keys, const unsigned char *at, const unsigned char *time,
	struct ae_error *err) AE_MUST_CHECK;

#endif
