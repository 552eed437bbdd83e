/* SPDX-License-Identifier: MIT */
/* SHA-256, through libmd. */
#ifndef AE_CORE_SHA256_H
#define AE_CORE_SHA256_H

#include <sha2.h>
#include <stddef.h>

#define AE_DIGEST_SIZE 32

/* Private. */
struct ae_sha256 {
	SHA2_CTX context;
};

void ae_sha256_init(struct ae_sha256 *digest);
void ae_sha256_update(struct ae_sha256 *digest, const void *bytes, size_t len);
/* The length as 8 little-endian bytes, then the bytes: fields fed so cannot run into one another. */
void ae_sha256_field(struct ae_sha256 *digest, const void *bytes, size_t len);
void ae_sha256_final(struct ae_sha256 *digest, unsigned char out[AE_DIGEST_SIZE]);

#endif
