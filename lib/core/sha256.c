/* SPDX-License-Identifier: MIT */
/* SHA-256, through libmd. */
#include "core/sha256.h"

#include <sha2.h>

#include "core/endian.h"

_Static_assert(sizeof(SHA2_CTX) <= sizeof(struct ae_sha256), "room for libmd's state");

static SHA2_CTX *context_of(struct ae_sha256 *digest)
{
	return (void *)digest->state;
}

void ae_sha256_init(struct ae_sha256 *digest)
{
	SHA256Init(context_of(digest));
}

void ae_sha256_update(struct ae_sha256 *digest, const void *bytes, size_t len)
{
	if (len > 0)
		SHA256Update(context_of(digest), bytes, len);
}

void ae_sha256_field(struct ae_sha256 *digest, const void *bytes, size_t len)
{
	uint64_t size = len;
	ae_little_endian(&size, sizeof(size), 1);
	ae_sha256_update(digest, &size, sizeof(size));
	ae_sha256_update(digest, bytes, len);
}

void ae_sha256_final(struct ae_sha256 *digest, unsigned char out[AE_DIGEST_SIZE])
{
	SHA256Final(out, context_of(digest));
}

const char *ae_digest_format(char text[AE_DIGEST_TEXT], const unsigned char *digest, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < bytes; i++) {
		text[2 * i] = digits[digest[i] >> 4];
		text[2 * i + 1] = digits[digest[i] & 15];
	}
	text[2 * bytes] = '\0';
	return text;
}
