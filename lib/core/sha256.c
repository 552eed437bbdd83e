/* SPDX-License-Identifier: MIT */
#include "core/sha256.h"

#include <endian.h>
#include <stdint.h>

void ae_sha256_init(struct ae_sha256 *digest)
{
	SHA256Init(&digest->context);
}

void ae_sha256_update(struct ae_sha256 *digest, const void *bytes, size_t len)
{
	if (len > 0)
		SHA256Update(&digest->context, bytes, len);
}

void ae_sha256_field(struct ae_sha256 *digest, const void *bytes, size_t len)
{
	uint64_t size = htole64(len);
	ae_sha256_update(digest, &size, sizeof(size));
	ae_sha256_update(digest, bytes, len);
}

void ae_sha256_final(struct ae_sha256 *digest, unsigned char out[AE_DIGEST_SIZE])
{
	SHA256Final(out, &digest->context);
}
