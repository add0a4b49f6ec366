#include "node/bearer.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "node/dev_key.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHARDS 64u
#define SETS   (PRL_MAX_TOKENS_KEPT / SHARDS / WAYS) /* of one shard */
#define WAYS   8u                                    /* places that a token may be kept in */

_Static_assert(SETS *WAYS *SHARDS == PRL_MAX_TOKENS_KEPT, "tokens kept are shards × sets × ways");

/* used 0: empty. */
typedef struct kept {
	uint64_t used;       /* the newest is the greatest, of one shard */
	uint64_t generation; /* of the keys when `key` was last found among them */
	prl_hash token, key;
	prl_dss_caller caller;
} kept;

/* A line of its own for each lock, so that threads with different tokens do not wait for the same memory. */
typedef struct shard {
	_Alignas(64) pthread_mutex_t lock;
	uint64_t uses;
	uint64_t remembered, verified, refused; /* requests; refused ones count at shard 0 where no token is there */
	kept places[SETS][WAYS];
} shard;

struct prl_bearer {
	prl_jwks *jwks;
	prl_dss_list audiences; /* of the options, and "localhost" in development mode */
	prl_jwt_rules rules;
	shard *shards;
};

/* ---- the header -------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 6750 section 2.1, with as many blanks as somebody may have put (RFC 9110 section 5.6.3). */
static prl_status header_read(prl_bytes header, prl_bytes *ret_token, prl_error *err)
{
	static const char scheme[] = "Bearer";
	const size_t length = sizeof scheme - 1;
	while (header.size && is_blank(header.data[header.size - 1]))
		header.size--;
	while (header.size && is_blank(*header.data))
		header.data++, header.size--;
	if (!header.size)
		return prl_error_set(err, PRL_E_SIGNATURE, "no Authorization header, expected \"Bearer\" and a token");
	if (header.size <= length || strncasecmp(header.data, scheme, length) != 0 || !is_blank(header.data[length]))
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "another scheme in the Authorization header, expected \"Bearer\" and a token");
	prl_bytes token = { header.data + length, header.size - length };
	while (is_blank(*token.data)) /* ends: the last byte is no blank */
		token.data++, token.size--;
	*ret_token = token;
	return PRL_OK;
}

/* ---- what is kept ------------------------------------------------------------------------------------------------ */

static shard *shard_of(prl_bearer *bearer, const prl_hash *token)
{
	return &bearer->shards[token->bytes[0] % SHARDS];
}

static kept *set_of(shard *s, const prl_hash *token)
{
	return s->places[token->bytes[1] % SETS];
}

/* The lock is held for these. */
static kept *find(shard *s, const prl_hash *token)
{
	kept *set = set_of(s, token);
	for (size_t i = 0; i < WAYS; i++)
		if (set[i].used && prl_hash_equal(&set[i].token, token))
			return &set[i];
	return NULL;
}

/* Its own place, else one that is free or has expired, else the longest unused. */
static kept *place_for(shard *s, const prl_hash *token, prl_time now)
{
	kept *set = set_of(s, token), *place = find(s, token);
	if (place)
		return place;
	uint64_t least = UINT64_MAX;
	for (size_t i = 0; i < WAYS; i++) {
		uint64_t used = set[i].caller.expires <= now ? 0 : set[i].used;
		if (used >= least)
			continue;
		least = used;
		place = &set[i];
	}
	return place;
}

static void keep(prl_bearer *bearer, const kept *one, prl_time now)
{
	shard *s = shard_of(bearer, &one->token);
	(void)pthread_mutex_lock(&s->lock);
	kept *place = place_for(s, &one->token, now);
	*place = *one;
	place->used = ++s->uses;
	(void)pthread_mutex_unlock(&s->lock);
}

/* Takes what is kept of the token, if it has not expired. */
static bool recall(prl_bearer *bearer, const prl_hash *token, uint64_t generation, prl_time now, kept *ret)
{
	shard *s = shard_of(bearer, token);
	(void)pthread_mutex_lock(&s->lock);
	kept *one = find(s, token);
	if (one && one->caller.expires <= now) {
		one->used = 0;
		one = NULL;
	}
	if (one) {
		one->used = ++s->uses;
		s->remembered += one->generation == generation;
		*ret = *one;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return one != NULL;
}

static void forget(prl_bearer *bearer, const prl_hash *token)
{
	shard *s = shard_of(bearer, token);
	(void)pthread_mutex_lock(&s->lock);
	kept *one = find(s, token);
	if (one)
		one->used = 0;
	(void)pthread_mutex_unlock(&s->lock);
}

typedef enum outcome { REMEMBERED, VERIFIED, REFUSED } outcome;

static void count(prl_bearer *bearer, const prl_hash *token, outcome what)
{
	shard *s = token ? shard_of(bearer, token) : bearer->shards;
	(void)pthread_mutex_lock(&s->lock);
	s->remembered += what == REMEMBERED;
	s->verified += what == VERIFIED;
	s->refused += what == REFUSED;
	(void)pthread_mutex_unlock(&s->lock);
}

prl_bearer_figures prl_bearer_figures_now(prl_bearer *bearer)
{
	prl_bearer_figures sum = { 0 };
	for (size_t i = 0; i < SHARDS; i++) {
		shard *s = &bearer->shards[i];
		(void)pthread_mutex_lock(&s->lock);
		sum.remembered += s->remembered;
		sum.verified += s->verified;
		sum.refused += s->refused;
		for (size_t j = 0; j < SETS * WAYS; j++)
			sum.kept += s->places[j / WAYS][j % WAYS].used != 0;
		(void)pthread_mutex_unlock(&s->lock);
	}
	return sum;
}

/* ---- verifying --------------------------------------------------------------------------------------------------- */

/* The keys have changed since: holds only if the key that signed is still among them. */
static bool key_holds(prl_bearer *bearer, kept *one, uint64_t generation, prl_time now)
{
	prl_jwk_set *keys = prl_jwks_get(bearer->jwks);
	bool holds = prl_jwk_set_has(keys, &one->key);
	prl_jwk_set_unref(keys);
	if (!holds) {
		forget(bearer, &one->token);
		return false;
	}
	one->generation = generation;
	keep(bearer, one, now);
	count(bearer, &one->token, REMEMBERED);
	return true;
}

static prl_status verify(prl_bearer *bearer, prl_bytes token, kept *one, prl_time now, prl_error *err)
{
	char kid[PRL_JWK_KID_MAX];
	prl_jwk_set *keys = prl_jwks_get(bearer->jwks);
	prl_status status = prl_jwt_verify(token, keys, &bearer->rules, now, &one->caller, &one->key, err);
	if (status == PRL_E_SIGNATURE && !keys->count)
		(void)prl_error_set(err, status, "no key that tokens are verified with is known here now");
	if (status == PRL_E_SIGNATURE && prl_jwt_names_unknown(token, keys, kid))
		prl_jwks_want(bearer->jwks, kid);
	prl_jwk_set_unref(keys);
	if (!status)
		keep(bearer, one, now);
	count(bearer, &one->token, status ? REFUSED : VERIFIED);
	return status;
}

/* The generation is read before the keys: a token that was verified with keys older than it says would be kept for
 * good, one with newer keys is looked at once more. */
prl_status prl_bearer_verify(prl_bearer *bearer, prl_bytes header, prl_time now, prl_dss_caller *ret, prl_error *err)
{
	prl_bytes token;
	prl_status status = header_read(header, &token, err);
	if (status) {
		count(bearer, NULL, REFUSED);
		return status;
	}
	uint64_t generation = prl_jwks_generation(bearer->jwks);
	kept one = { .token = prl_sha256(token.data, token.size) };
	prl_hash hash = one.token;
	bool known = recall(bearer, &hash, generation, now, &one) &&
		     (one.generation == generation || key_holds(bearer, &one, generation, now));
	if (!known) {
		one = (kept){ .token = hash, .generation = generation };
		status = verify(bearer, token, &one, now, err);
	}
	if (!status)
		*ret = one.caller;
	return status;
}

unsigned prl_bearer_http_status(prl_status status)
{
	return status == PRL_OK ? 200 : status == PRL_E_SIGNATURE ? 401 : status == PRL_E_REFUSED ? 403 : 500;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

/* The public half of the development key as a set; *ret stays NULL without development mode. */
static prl_status dev_keys(const prl_bearer_options *options, prl_jwk_set **ret, prl_error *err)
{
	prl_dev_key *key = NULL;
	prl_jwk_set *set = NULL;
	if (!options->dss->dev)
		return PRL_OK;
	prl_status status = prl_dev_key_open(options->folder, &key, err);
	if (!status)
		status = prl_jwk_set_new(&set, err);
	if (!status)
		status = prl_dev_key_add(key, set, err);
	prl_dev_key_free(key);
	if (status)
		prl_jwk_set_unref(set);
	else
		*ret = set;
	return status;
}

static prl_status keys_start(prl_bearer *bearer, const prl_bearer_options *options, prl_error *err)
{
	prl_jwk_set *dev = NULL;
	prl_status status = dev_keys(options, &dev, err);
	prl_jwks_options keys = { .dss = options->dss,
				  .more = dev,
				  .boot = options->boot,
				  .clock_context = options->clock_context,
				  .say = options->say,
				  .context = options->context };
	if (!status)
		status = prl_jwks_start(&keys, &bearer->jwks, err);
	prl_jwk_set_unref(dev);
	return status;
}

static prl_status shards_new(shard **ret, prl_error *err)
{
	shard *shards = aligned_alloc(_Alignof(shard), SHARDS * sizeof *shards);
	if (!shards)
		return prl_error_memory(err);
	memset(shards, 0, SHARDS * sizeof *shards);
	for (size_t i = 0; i < SHARDS; i++)
		(void)pthread_mutex_init(&shards[i].lock, NULL);
	*ret = shards;
	return PRL_OK;
}

prl_status prl_bearer_start(const prl_bearer_options *options, prl_bearer **ret, prl_error *err)
{
	prl_bearer *bearer = calloc(1, sizeof *bearer);
	if (!bearer)
		return prl_error_memory(err);
	bearer->audiences = options->dss->audiences;
	bearer->rules = (prl_jwt_rules){ .issuers = &options->dss->issuers, .audiences = &bearer->audiences };
	prl_status status = PRL_OK;
	if (options->dss->dev && !prl_dss_list_has(&bearer->audiences, prl_bytes_of("localhost")))
		status = prl_dss_list_add(&bearer->audiences, "localhost", err);
	if (!status)
		status = shards_new(&bearer->shards, err);
	if (!status)
		status = keys_start(bearer, options, err);
	if (status)
		prl_bearer_stop(bearer);
	else
		*ret = bearer;
	return status;
}

void prl_bearer_stop(prl_bearer *bearer)
{
	if (!bearer)
		return;
	prl_jwks_stop(bearer->jwks);
	for (size_t i = 0; i < SHARDS && bearer->shards; i++)
		(void)pthread_mutex_destroy(&bearer->shards[i].lock);
	free(bearer->shards);
	free(bearer);
}

prl_jwks *prl_bearer_jwks(prl_bearer *bearer)
{
	return bearer->jwks;
}
