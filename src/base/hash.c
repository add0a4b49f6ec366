#include "base/hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A context for each thread, freed with it: making one costs as much as hashing 200 bytes. */
static pthread_key_t context_of_thread;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256;

static void free_context(void *context)
{
	EVP_MD_CTX_free(context);
}

static void prepare(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!sha256 || pthread_key_create(&context_of_thread, free_context) != 0)
		abort();
}

static EVP_MD_CTX *begin(void)
{
	pthread_once(&once, prepare);
	EVP_MD_CTX *context = pthread_getspecific(context_of_thread);
	if (!context) {
		context = EVP_MD_CTX_new();
		if (!context || pthread_setspecific(context_of_thread, context) != 0)
			abort();
	}
	if (EVP_DigestInit_ex2(context, sha256, NULL) != 1)
		abort();
	return context;
}

prl_hash prl_sha256_pieces(const prl_bytes *pieces, size_t count)
{
	EVP_MD_CTX *context = begin();
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestUpdate(context, pieces[i].data, pieces[i].size) != 1)
			abort();
	prl_hash hash;
	if (EVP_DigestFinal_ex(context, hash.bytes, NULL) != 1)
		abort();
	return hash;
}

prl_hash prl_sha256(const void *data, size_t size)
{
	prl_bytes piece = { data, size };
	return prl_sha256_pieces(&piece, 1);
}

bool prl_hash_equal(const prl_hash *a, const prl_hash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
