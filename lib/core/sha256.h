/* SHA-256, through libmd. */
#ifndef AE_CORE_SHA256_H
#define AE_CORE_SHA256_H

#include <sha2.h>
#include <stddef.h>

#define AE_DIGEST_SIZE 32

/* Private. */
struct ae_digest {
	SHA2_CTX context;
};

void ae_digest_init(struct ae_digest *digest);
void ae_digest_update(struct ae_digest *digest, const void *bytes, size_t len);
/* The length as 8 little-endian bytes, then the bytes: fields fed so cannot run into one another. */
void ae_digest_field(struct ae_digest *digest, const void *bytes, size_t len);
void ae_digest_final(struct ae_digest *digest, unsigned char out[AE_DIGEST_SIZE]);

#endif
