/* SHA-256 (FIPS 180-4) by OpenSSL's EVP, which uses the processor's own instructions where it has them. */
#ifndef PRL_BASE_HASH_H
#define PRL_BASE_HASH_H

#include <parley/base.h>

/* SHA-256 of size bytes. Cannot fail but for memory that OpenSSL cannot get, which ends the program: a record whose
 * hashes cannot be computed must not go on. */
prl_hash prl_sha256(const void *data, size_t size);

/* SHA-256 of several pieces one after the other, without a copy. */
prl_hash prl_sha256_pieces(const prl_bytes *pieces, size_t count);

bool prl_hash_equal(const prl_hash *a, const prl_hash *b);

#endif
