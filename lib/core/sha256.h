/* SPDX-License-Identifier: MIT */
/* SHA-256, through libmd: init, any number of updates and fields, then final. */
#ifndef AE_CORE_SHA256_H
#define AE_CORE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define AE_DIGEST_SIZE 32

/* Room for libmd's state, whose header is included by sha256.c alone. */
struct ae_sha256 {
	uint64_t state[32];
};

void ae_sha256_init(struct ae_sha256 *digest);
void ae_sha256_update(struct ae_sha256 *digest, const void *bytes, size_t len);
/* The length as 8 little-endian bytes, then the bytes: fields fed so cannot run into one another. */
void ae_sha256_field(struct ae_sha256 *digest, const void *bytes, size_t len);
void ae_sha256_final(struct ae_sha256 *digest, unsigned char out[AE_DIGEST_SIZE]);

#define AE_DIGEST_TEXT (2 * AE_DIGEST_SIZE + 1)
/* The first `bytes` bytes of a digest as hexadecimal digits. Returns text. */
const char *ae_digest_format(char text[AE_DIGEST_TEXT], const unsigned char *digest, size_t bytes);

#endif
