#include "core/sha256.h"

#include <endian.h>
#include <stdint.h>

void ae_digest_init(struct ae_digest *digest)
{
	SHA256Init(&digest->context);
}

void ae_digest_update(struct ae_digest *digest, const void *bytes, size_t len)
{
	if (len > 0)
		SHA256Update(&digest->context, bytes, len);
}

void ae_digest_field(struct ae_digest *digest, const void *bytes, size_t len)
{
	uint64_t size = htole64(len);
	ae_digest_update(digest, &size, sizeof(size));
	ae_digest_update(digest, bytes, len);
}

void ae_digest_final(struct ae_digest *digest, unsigned char out[AE_DIGEST_SIZE])
{
	SHA256Final(out, &digest->context);
}
