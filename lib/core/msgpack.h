/* SPDX-License-Identifier: MIT */
/* The one door to msgpack-c, and the messages that streams and model files are made of.
   A message is one msgpack array whose last element is the CRC-32 (zlib's) of the bytes before it in that message.
   No function keeps state; values may be read by several threads. */
#ifndef AE_CORE_MSGPACK_H
#define AE_CORE_MSGPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/tensor.h"
#include "core/util.h"

/* ---- writing ---- */

/* Packs values one after the other to the end of `out`. The first failure (out of memory) is kept in *err and in
   `failed`; later calls do nothing, so a run of calls needs one check at its end. */
struct ae_pack {
	struct ae_buf *out;
	struct ae_error *err;
	bool failed;
};

void ae_pack_array(struct ae_pack *pack, size_t n);
void ae_pack_map(struct ae_pack *pack, size_t n);
void ae_pack_bool(struct ae_pack *pack, bool value);
void ae_pack_u64(struct ae_pack *pack, uint64_t value);
void ae_pack_f64(struct ae_pack *pack, double value);
void ae_pack_f32(struct ae_pack *pack, float value);
void ae_pack_nil(struct ae_pack *pack);
void ae_pack_str(struct ae_pack *pack, const char *text);
/* The same of text that need not end in NUL. */
void ae_pack_text(struct ae_pack *pack, const char *text, size_t len);
void ae_pack_bin(struct ae_pack *pack, const void *bytes, size_t len);
/* Only the head of a bin, when the len bytes follow from elsewhere. */
void ae_pack_bin_head(struct ae_pack *pack, size_t len);
/* n numbers of this machine, `width` bytes each, as a bin of little-endian ones. */
void ae_pack_numbers(struct ae_pack *pack, const void *numbers, size_t width, size_t n);
/* n doubles so. */
void ae_pack_f64s(struct ae_pack *pack, const double *values, size_t n);
/* The dimensions, an array of integers. */
void ae_pack_shape(struct ae_pack *pack, const struct ae_shape *shape);
/* Bytes that are msgpack already (a value kept as ae_value_raw gave it). */
void ae_pack_raw(struct ae_pack *pack, const struct ae_buf *bytes);
/* Closes the message that began at offset `start` of out: appends ce and the CRC-32. */
void ae_pack_crc(struct ae_pack *pack, size_t start);
/* Closes a message whose CRC-32 is known. */
void ae_pack_sum(struct ae_pack *pack, uint32_t sum);

/* ---- framing ---- */

/* How deep messages may nest. */
enum { AE_MSG_DEPTH_MAX = 24 };

/* Scans the msgpack value at the start of bytes[0, len) without allocating. Returns 1 with its length in *size;
   0 if more bytes are needed, with a lower bound of the whole length, above len, in *size; -1 and err if the bytes
   cannot be msgpack, nest deeper than 24, or declare more elements than `limit` bytes could hold. */
int ae_msg_scan(const unsigned char *bytes, size_t len, size_t limit, size_t *size, struct ae_error *err) AE_MUST_CHECK;

/* How far a value has been scanned that arrives bit by bit. All zero before its first byte. */
struct ae_msg_progress {
	bool begun;
	size_t depth;
	uint64_t open[AE_MSG_DEPTH_MAX + 1]; /* values still to come at each level */
	uint64_t pending;                    /* and in all, at least a byte each */
	uint64_t at;                         /* the next byte */
	uint64_t last;                       /* where the last element begins, if it has any */
};

/* The same for a value of which more bytes have come: goes on where it stopped, so that all calls together take time in
   proportion to the bytes. bytes[0] is always the first byte of the value. */
int ae_msg_scan_on(struct ae_msg_progress *progress, const unsigned char *bytes, size_t len, uint64_t limit,
	size_t *size, struct ae_error *err) AE_MUST_CHECK;
/* The head of a bin at the start of bytes[0, len): 1 with its size and that of what follows it, 0 if more bytes are
   needed, *head in all, -1 if it is none. */
int ae_msg_bin(const unsigned char *bytes, size_t len, size_t *head, size_t *body) AE_MUST_CHECK;
/* For a message that is never whole in memory: the checksum of bytes that follow those of `sum`, 0 before the first,
   and the check of its closing element against it. */
enum { AE_MSG_SUM_SIZE = 5 };
uint32_t ae_msg_sum(uint32_t sum, const void *bytes, size_t len);
int ae_msg_check_sum(uint32_t sum, const unsigned char *bytes, size_t len, struct ae_error *err) AE_MUST_CHECK;
/* Checks the checksum element that closes a whole message: ce with the right CRC-32, or nil (a foreign writer's). */
int ae_msg_check(const unsigned char *bytes, size_t size, struct ae_error *err) AE_MUST_CHECK;
/* The same for a message that has just been scanned. */
int ae_msg_check_scanned(const struct ae_msg_progress *progress, const unsigned char *bytes, size_t size,
	struct ae_error *err) AE_MUST_CHECK;

/* ---- reading ---- */

/* A value, which is its bytes: nothing is allocated for it. It lives as long as they stay in place. */
struct ae_value;

/* The value that begins here and that ae_msg_scan has passed as a whole. */
const struct ae_value *ae_value_scanned(const unsigned char *bytes);
/* The same for bytes that have not been scanned and must be one value and no more, such as a packed scaler. NULL and an
   error that begins with `what` and a colon if they are not. */
const struct ae_value *ae_value_packed(
	const unsigned char *bytes, size_t len, const char *what, struct ae_error *err) AE_MUST_CHECK;

/* Elements of an array or pairs of a map; 0 for anything else. */
size_t ae_value_count(const struct ae_value *value);
bool ae_value_is_array(const struct ae_value *value);
bool ae_value_is_map(const struct ae_value *value);
/* Element i of an array, NULL if there is none. It is found from the first on: for all of them, take a walk. */
const struct ae_value *ae_value_at(const struct ae_value *array, size_t i);
/* The value under a text key, the first one, NULL if there is none or this is no map. */
const struct ae_value *ae_value_get(const struct ae_value *map, const char *key);

/* A walk over the elements of an array, or the pairs of a map; over anything else it ends at once. */
struct ae_walk {
	const struct ae_value *next;
	uint64_t left;
};

struct ae_walk ae_walk_in(const struct ae_value *container);
/* The next element; false after the last. */
bool ae_walk_next(struct ae_walk *walk, const struct ae_value **value);
/* The next pair of a map: its value, and its key if that is text (else *key is NULL). The key is not NUL-terminated. */
bool ae_walk_pair(struct ae_walk *walk, const char **key, size_t *key_len, const struct ae_value **value);

/* What a value's first bytes say, for those that take all of it apart in its order. */
enum ae_token_kind {
	AE_TOKEN_NIL,
	AE_TOKEN_BOOL,
	AE_TOKEN_UINT,
	AE_TOKEN_NEGATIVE, /* size below 0 */
	AE_TOKEN_F32,
	AE_TOKEN_F64,
	AE_TOKEN_STR,
	AE_TOKEN_BIN,
	AE_TOKEN_EXT,
	AE_TOKEN_ARRAY,
	AE_TOKEN_MAP,
};

struct ae_token {
	enum ae_token_kind kind;
	int type;      /* of EXT */
	uint64_t size; /* the integer, without its sign; BOOL's 0 or 1; elements of an array, pairs of a map */
	union {
		float f32;
		double f64;
	} number;
	const unsigned char *bytes; /* of STR, BIN and EXT */
	size_t len;
};

/* Reads the token at `at`, inside a value that ae_msg_scan has passed. Returns where the next one begins: behind it, or
   what a container holds. */
const unsigned char *ae_token_read(struct ae_token *token, const unsigned char *at);
/* Where the value at `at` ends. */
const unsigned char *ae_token_skip(const unsigned char *at);
/* Big-endian bytes, at most 8, as a number. */
uint64_t ae_token_bytes(const unsigned char *at, size_t n);

/* Each returns 0, or -1 if value is NULL or of another kind (nothing is set then). */
int ae_value_str(const struct ae_value *value, const char **text, size_t *len) AE_MUST_CHECK;
/* A copy of a text without NUL, freed with free(). NULL if the value is none, and then *err is as it was, or if there
   is no memory. */
char *ae_value_strdup(const struct ae_value *value, struct ae_error *err) AE_MUST_CHECK;
/* Copies a text without NUL into word[size], NUL-terminated; -1 too if it does not fit. */
int ae_value_word(const struct ae_value *value, char *word, size_t size) AE_MUST_CHECK;
int ae_value_bin(const struct ae_value *value, const unsigned char **bytes, size_t *len) AE_MUST_CHECK;
int ae_value_u64(const struct ae_value *value, uint64_t *number) AE_MUST_CHECK;
int ae_value_f64(const struct ae_value *value, double *number) AE_MUST_CHECK;
int ae_value_bool(const struct ae_value *value, bool *truth) AE_MUST_CHECK;
/* An array of at most AE_RANK_MAX integers from 1 with a product below 2^31; [] is a shape. */
int ae_value_shape(const struct ae_value *value, struct ae_shape *shape) AE_MUST_CHECK;
/* A bin of 8 n bytes as n doubles, in storage to free(); *n is set. -1 without err text if it is none. */
int ae_value_f64s(const struct ae_value *value, double **numbers, size_t *n, struct ae_error *err) AE_MUST_CHECK;
/* Appends the value, as it came, to out. */
int ae_value_raw(const struct ae_value *value, struct ae_buf *out, struct ae_error *err) AE_MUST_CHECK;

#endif
