#include "node/sessions.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/schema.h"
#include "base/text.h"

#include <sodium.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BUCKETS 1024

/* A nonce before it becomes hexadecimal: seconds, random bytes, MAC over both. */
typedef struct nonce {
	uint8_t time[8], random[16], mac[crypto_auth_BYTES];
} nonce;

#define NONCE_TEXT (2 * sizeof(nonce) + 1)

typedef struct session {
	bool open, peer;
	bool dead;      /* its key is not valid any more: it opens nothing, and says who calls STOP */
	prl_hash token; /* SHA-256 of its text */
	int64_t until_s;
	uint64_t used; /* counts all uses of all sessions: the least is the longest unused */
	int next;      /* in its bucket, -1 at the end */
	char key[PRL_KEY_NAME_MAX + 1];
	uint8_t public_key[32];
} session;

typedef struct used_nonce {
	uint8_t random[16];
	uint8_t by[32]; /* public key */
	int64_t until_s;
} used_nonce;

struct prl_sessions {
	prl_sessions_parts parts;
	prl_schema *schema;
	pthread_mutex_t lock; /* guards all below */
	uint8_t secret[crypto_auth_KEYBYTES];
	uint64_t uses;
	int buckets[BUCKETS];
	session sessions[PRL_SESSIONS_MAX];
	used_nonce used[PRL_NONCES_USED_MAX];
};

static int64_t boottime_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec;
}

prl_status prl_sessions_new(const prl_sessions_parts *parts, prl_sessions **ret, prl_error *err)
{
	if (sodium_init() < 0)
		return prl_error_set(err, PRL_E_IO, "libsodium finds no source of random bytes");
	prl_sessions *sessions = calloc(1, sizeof *sessions);
	if (!sessions)
		return prl_error_memory(err);
	prl_status status = prl_schema_open("http/login.json", &sessions->schema, err);
	if (status) {
		free(sessions);
		return status;
	}
	sessions->parts = *parts;
	if (!sessions->parts.monotonic_s)
		sessions->parts.monotonic_s = boottime_s;
	(void)pthread_mutex_init(&sessions->lock, NULL);
	randombytes_buf(sessions->secret, sizeof sessions->secret);
	for (size_t i = 0; i < BUCKETS; i++)
		sessions->buckets[i] = -1;
	*ret = sessions;
	return PRL_OK;
}

void prl_sessions_free(prl_sessions *sessions)
{
	if (!sessions)
		return;
	prl_schema_free(sessions->schema);
	(void)pthread_mutex_destroy(&sessions->lock);
	sodium_memzero(sessions, sizeof *sessions);
	free(sessions);
}

/* ---- nonces ------------------------------------------------------------------------------------------------------ */

static int64_t nonce_time(const nonce *n)
{
	uint64_t seconds = 0;
	for (size_t i = 0; i < 8; i++)
		seconds = seconds << 8 | n->time[i];
	return (int64_t)seconds;
}

static void nonce_make(prl_sessions *sessions, char text[NONCE_TEXT])
{
	nonce n;
	uint64_t now = (uint64_t)sessions->parts.monotonic_s();
	for (size_t i = 0; i < 8; i++)
		n.time[i] = (uint8_t)(now >> (56 - 8 * i));
	randombytes_buf(n.random, sizeof n.random);
	(void)crypto_auth(n.mac, (const uint8_t *)&n, offsetof(nonce, mac), sessions->secret);
	prl_hex_write(&n, sizeof n, text);
}

/* Ours and not too old. */
static prl_status nonce_read(prl_sessions *sessions, const char *text, nonce *ret, prl_error *err)
{
	if (!prl_hex_read(prl_bytes_of(text), ret, sizeof *ret) ||
	    crypto_auth_verify(ret->mac, (const uint8_t *)ret, offsetof(nonce, mac), sessions->secret) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "this nonce was not offered by this node since it started");
	int64_t age = sessions->parts.monotonic_s() - nonce_time(ret);
	if (age < 0 || age >= PRL_NONCE_S)
		return prl_error_set(err, PRL_E_REFUSED, "this nonce is older than %d seconds, ask for another",
				     PRL_NONCE_S);
	return PRL_OK;
}

/* Marks a nonce as used; the lock is held. */
static prl_status nonce_use(prl_sessions *sessions, const nonce *n, const uint8_t by[32], prl_error *err)
{
	int64_t now = sessions->parts.monotonic_s();
	used_nonce *room = NULL;
	size_t same = 0;
	for (size_t i = 0; i < PRL_NONCES_USED_MAX; i++) {
		used_nonce *u = &sessions->used[i];
		if (u->until_s <= now)
			room = u;
		else if (memcmp(u->random, n->random, sizeof n->random) == 0)
			return prl_error_set(err, PRL_E_REFUSED, "this nonce has been used, ask for another");
		else
			same += memcmp(u->by, by, sizeof u->by) == 0;
	}
	if (!room || same >= PRL_NONCES_A_KEY)
		return prl_error_set(err, PRL_E_REFUSED, "more than %d logins%s within %d seconds, try again",
				     room ? PRL_NONCES_A_KEY : PRL_NONCES_USED_MAX, room ? " of this key" : "",
				     PRL_NONCE_S);
	memcpy(room->random, n->random, sizeof room->random);
	memcpy(room->by, by, sizeof room->by);
	room->until_s = nonce_time(n) + PRL_NONCE_S + 1;
	return PRL_OK;
}

prl_status prl_sessions_offer(prl_sessions *sessions, json_t **ret, prl_error *err)
{
	char text[NONCE_TEXT], line[PRL_HASH_TEXT_MAX] = "";
	nonce_make(sessions, text);
	prl_version version = prl_picture_pin(sessions->parts.picture);
	const prl_constitution *constitution = prl_picture_constitution(sessions->parts.picture, version);
	if (constitution)
		prl_hash_write(&constitution->line, line);
	prl_picture_unpin(sessions->parts.picture, version);
	json_t *json = json_pack("{s:s, s:s, s:s}", "nonce", text, "line", line, "log",
				 prl_ledger_origin(sessions->parts.own));
	if (!json)
		return prl_error_memory(err);
	*ret = json;
	return PRL_OK;
}

/* ---- the note ---------------------------------------------------------------------------------------------------- */

static prl_status login_read(prl_sessions *sessions, prl_bytes bytes, prl_login *ret, nonce *ret_nonce, prl_error *err)
{
	json_t *body = NULL;
	prl_status status = prl_login_read(bytes, ret, err);
	if (!status)
		status = prl_schema_read(sessions->schema, ret->body, &body, err);
	if (!status)
		status = nonce_read(sessions, json_string_value(json_object_get(body, "nonce")), ret_nonce, err);
	json_decref(body);
	return status;
}

/* ---- whose key --------------------------------------------------------------------------------------------------- */

static bool desk_is_open(prl_sessions *sessions, prl_version version, const char *desk, uint64_t size)
{
	if (!*desk)
		return true;
	const prl_desk *found = prl_picture_desk(sessions->parts.picture, version, prl_bytes_of(desk));
	return found && found->closed > size;
}

/* The verifier of a key that may log in here now, NULL with err else: a key of a party whose home is this node's log,
 * or the key of another log of the constitution (a peer). Fills the caller but for its kind. */
static const prl_verifier *key_find(prl_sessions *sessions, prl_version version, prl_bytes name, bool *ret_peer,
				    prl_caller *ret, prl_error *err)
{
	prl_picture *picture = sessions->parts.picture;
	const char *own = prl_ledger_origin(sessions->parts.own);
	const prl_log *log = prl_picture_log(picture, version, name);
	*ret_peer = log != NULL;
	(void)snprintf(ret->name, sizeof ret->name, "%.*s", (int)name.size, name.data);
	if (log && strcmp(log->origin, own) != 0)
		return &log->key;
	const prl_key *key = prl_picture_key(picture, version, name);
	const prl_party *party = key ? prl_picture_party(picture, version, prl_bytes_of(key->party)) : NULL;
	uint64_t size;
	prl_ledger_head(sessions->parts.own, &size, NULL);
	prl_status status = PRL_OK;
	if (!key || !party)
		status = prl_error_set(err, PRL_E_REFUSED, "the key %.*s is not known here", (int)name.size, name.data);
	else if (strcmp(party->log, own) != 0)
		status = prl_error_set(err, PRL_E_REFUSED, "the key %.*s logs in at the node that keeps %s",
				       (int)name.size, name.data, party->log);
	else if (key->until <= size || !desk_is_open(sessions, version, key->desk, size))
		status =
			prl_error_set(err, PRL_E_REFUSED, "the key %.*s is no longer valid", (int)name.size, name.data);
	if (status)
		return NULL;
	(void)snprintf(ret->party, sizeof ret->party, "%s", key->party);
	(void)snprintf(ret->desk, sizeof ret->desk, "%s", key->desk);
	return &key->verifier;
}

/* The head may leave party and desk out; where it says something else of the key it is refused. */
static prl_status head_check(prl_sessions *sessions, prl_version version, const prl_login *l, const prl_caller *caller,
			     prl_error *err)
{
	const prl_constitution *constitution = prl_picture_constitution(sessions->parts.picture, version);
	if (!constitution || !prl_hash_equal(&constitution->line, &l->line))
		return prl_error_set(err, PRL_E_REFUSED, "this login names another line");
	if (!prl_bytes_is(l->log, prl_ledger_origin(sessions->parts.own)))
		return prl_error_set(err, PRL_E_REFUSED, "this login names another log, expected %s",
				     prl_ledger_origin(sessions->parts.own));
	if (l->party.data && !prl_bytes_is(l->party, caller->party))
		return prl_error_set(err, PRL_E_REFUSED, "the key's party is %s",
				     *caller->party ? caller->party : "none: leave the line out");
	if (l->desk.data && !prl_bytes_is(l->desk, caller->desk))
		return prl_error_set(err, PRL_E_REFUSED, "the key's desk is %s",
				     *caller->desk ? caller->desk : "none: leave the line out");
	return PRL_OK;
}

static prl_status signature_check(const prl_login *l, const prl_verifier *verifier, prl_error *err)
{
	bool is_signed = false;
	prl_status status = prl_note_verify(&l->note, verifier, 1, &is_signed, err);
	if (!status && !is_signed)
		status = prl_error_set(err, PRL_E_SIGNATURE, "no signature by the key %s with the id %08x",
				       verifier->name, verifier->id);
	return status;
}

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

static size_t bucket_of(const prl_hash *token)
{
	return (size_t)(token->bytes[0] | token->bytes[1] << 8) % BUCKETS;
}

/* The lock is held for all of these. */
static void session_close(prl_sessions *sessions, session *s)
{
	int index = (int)(s - sessions->sessions);
	int *at = &sessions->buckets[bucket_of(&s->token)];
	while (*at != index)
		at = &sessions->sessions[*at].next;
	*at = s->next;
	sodium_memzero(s, sizeof *s);
}

static session *session_find(prl_sessions *sessions, const prl_hash *token)
{
	for (int i = sessions->buckets[bucket_of(token)]; i >= 0; i = sessions->sessions[i].next) {
		session *s = &sessions->sessions[i];
		if (sodium_memcmp(s->token.bytes, token->bytes, sizeof token->bytes) == 0)
			return s;
	}
	return NULL;
}

/* A free place: of the ended ones, else of this key's when it has its number, else the longest unused. */
static session *session_place(prl_sessions *sessions, const char *key)
{
	int64_t now = sessions->parts.monotonic_s();
	session *free_one = NULL, *own = NULL, *oldest = NULL;
	size_t count = 0;
	for (size_t i = 0; i < PRL_SESSIONS_MAX; i++) {
		session *s = &sessions->sessions[i];
		if (s->open && s->until_s <= now)
			session_close(sessions, s);
		if (!s->open) {
			free_one = s;
			continue;
		}
		oldest = !oldest || s->used < oldest->used ? s : oldest;
		if (strcmp(s->key, key) != 0)
			continue;
		count++;
		own = !own || s->used < own->used ? s : own;
	}
	session *place = count >= PRL_SESSIONS_A_KEY ? own : free_one ? free_one : oldest;
	if (place->open)
		session_close(sessions, place);
	return place;
}

static void session_open(prl_sessions *sessions, const prl_verifier *verifier, bool peer, char *token)
{
	uint8_t random[32];
	randombytes_buf(random, sizeof random);
	prl_hex_write(random, sizeof random, token);
	sodium_memzero(random, sizeof random);
	session *s = session_place(sessions, verifier->name);
	*s = (session){ .open = true, .peer = peer, .until_s = sessions->parts.monotonic_s() + PRL_SESSION_S };
	s->used = ++sessions->uses;
	s->token = prl_sha256(token, strlen(token));
	(void)snprintf(s->key, sizeof s->key, "%s", verifier->name);
	memcpy(s->public_key, verifier->public_key, sizeof s->public_key);
	int *bucket = &sessions->buckets[bucket_of(&s->token)];
	s->next = *bucket;
	*bucket = (int)(s - sessions->sessions);
}

static prl_status login_answer(const prl_caller *caller, const char *token, json_t **ret, prl_error *err)
{
	struct timespec now;
	char expires[PRL_TIME_TEXT_MAX];
	(void)clock_gettime(CLOCK_REALTIME, &now);
	prl_time_format(((prl_time)now.tv_sec + PRL_SESSION_S) * PRL_SECOND, expires);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "token", token, "expires", expires, "key", caller->name,
				 "party", caller->party, "desk", caller->desk);
	if (!json)
		return prl_error_memory(err);
	*ret = json;
	return PRL_OK;
}

prl_status prl_sessions_login(prl_sessions *sessions, prl_bytes note, json_t **ret, prl_error *err)
{
	prl_login l;
	nonce once;
	prl_status status = login_read(sessions, note, &l, &once, err);
	if (status)
		return status;
	prl_caller caller = { 0 };
	bool peer = false;
	char token[PRL_SESSION_TOKEN_TEXT] = "";
	prl_version version = prl_picture_pin(sessions->parts.picture);
	const prl_verifier *verifier = key_find(sessions, version, l.key, &peer, &caller, err);
	status = !verifier ? PRL_E_REFUSED : head_check(sessions, version, &l, &caller, err);
	if (!status)
		status = signature_check(&l, verifier, err);
	if (!status) {
		(void)pthread_mutex_lock(&sessions->lock);
		status = nonce_use(sessions, &once, verifier->public_key, err);
		if (!status)
			session_open(sessions, verifier, peer, token);
		(void)pthread_mutex_unlock(&sessions->lock);
	}
	prl_picture_unpin(sessions->parts.picture, version);
	return status ? status : login_answer(&caller, token, ret, err);
}

/* ---- at each request --------------------------------------------------------------------------------------------- */

/* Takes what is needed out of the session and moves its end on. */
static bool session_use(prl_sessions *sessions, const prl_hash *token, session *ret)
{
	bool found = false;
	int64_t now = sessions->parts.monotonic_s();
	(void)pthread_mutex_lock(&sessions->lock);
	session *s = session_find(sessions, token);
	if (s && s->until_s <= now) {
		session_close(sessions, s);
	} else if (s) {
		if (!s->dead)
			s->until_s = now + PRL_SESSION_S;
		s->used = ++sessions->uses;
		*ret = *s;
		found = true;
	}
	(void)pthread_mutex_unlock(&sessions->lock);
	return found;
}

/* The key is still there, still valid, still the one that signed; a peer's TLS is still its own. */
static bool session_holds(prl_sessions *sessions, const session *s, const prl_hash *certificate_key, prl_caller *ret)
{
	bool peer = false, holds;
	prl_version version = prl_picture_pin(sessions->parts.picture);
	const prl_verifier *verifier = key_find(sessions, version, prl_bytes_of(s->key), &peer, ret, NULL);
	holds = verifier && peer == s->peer && memcmp(verifier->public_key, s->public_key, sizeof s->public_key) == 0;
	if (holds && peer && sessions->parts.tls) {
		const prl_log *log = prl_picture_log(sessions->parts.picture, version, prl_bytes_of(s->key));
		holds = !log->has_tls || (certificate_key && prl_hash_equal(certificate_key, &log->tls));
	}
	prl_picture_unpin(sessions->parts.picture, version);
	ret->kind = peer ? PRL_CALLER_PEER : PRL_CALLER_KEY;
	return holds;
}

/* Of a console the session is kept until it would have ended, so that STOP is known for one of that console's; a peer's
 * is ended, it logs in again with what holds. */
static void session_die(prl_sessions *sessions, const session *s, prl_caller *ret)
{
	prl_caller caller = { .kind = PRL_CALLER_NOBODY };
	(void)pthread_mutex_lock(&sessions->lock);
	session *there = session_find(sessions, &s->token);
	if (there && s->peer)
		session_close(sessions, there);
	else if (there)
		there->dead = true;
	(void)pthread_mutex_unlock(&sessions->lock);
	prl_version version = prl_picture_pin(sessions->parts.picture);
	const prl_key *key = s->peer ? NULL : prl_picture_key(sessions->parts.picture, version, prl_bytes_of(s->key));
	if (key) {
		(void)snprintf(caller.name, sizeof caller.name, "%s", s->key);
		(void)snprintf(caller.party, sizeof caller.party, "%s", key->party);
		(void)snprintf(caller.desk, sizeof caller.desk, "%s", key->desk);
	}
	prl_picture_unpin(sessions->parts.picture, version);
	*ret = caller;
}

typedef struct program_search {
	prl_hash token;
	uint64_t size;
	prl_caller *caller;
	bool found;
} program_search;

/* All are compared, each in constant time. */
static bool program_look(void *context, prl_bytes key, const void *value)
{
	program_search *search = context;
	const prl_program *program = value;
	(void)key;
	if (sodium_memcmp(search->token.bytes, program->token.bytes, sizeof search->token.bytes) == 0 &&
	    program->from <= search->size && search->size < program->until) {
		search->found = true;
		(void)snprintf(search->caller->name, sizeof search->caller->name, "%s", program->name);
		(void)snprintf(search->caller->party, sizeof search->caller->party, "%s", program->party);
	}
	return true;
}

static bool program_find(prl_sessions *sessions, const prl_hash *token, prl_caller *ret)
{
	program_search search = { .token = *token, .caller = ret };
	prl_ledger_head(sessions->parts.own, &search.size, NULL);
	prl_version version = prl_picture_pin(sessions->parts.picture);
	prl_status status =
		prl_picture_each(sessions->parts.picture, version, PRL_TABLE_PROGRAM, program_look, &search, NULL);
	prl_picture_unpin(sessions->parts.picture, version);
	ret->kind = PRL_CALLER_PROGRAM;
	return !status && search.found;
}

bool prl_sessions_who(prl_sessions *sessions, prl_bytes token, const prl_hash *certificate_key, prl_caller *ret)
{
	prl_caller caller = { .kind = PRL_CALLER_NOBODY };
	bool known = true;
	if (token.size) {
		prl_hash hash = prl_sha256(token.data, token.size);
		session s;
		if (session_use(sessions, &hash, &s)) {
			known = session_holds(sessions, &s, certificate_key, &caller);
			if (!known)
				session_die(sessions, &s, ret);
		} else {
			known = program_find(sessions, &hash, &caller);
		}
	}
	if (known)
		*ret = caller;
	return known;
}

void prl_sessions_end(prl_sessions *sessions, prl_bytes token)
{
	prl_hash hash = prl_sha256(token.data, token.size);
	(void)pthread_mutex_lock(&sessions->lock);
	session *s = session_find(sessions, &hash);
	if (s)
		session_close(sessions, s);
	(void)pthread_mutex_unlock(&sessions->lock);
}

size_t prl_sessions_count(prl_sessions *sessions)
{
	size_t count = 0;
	int64_t now = sessions->parts.monotonic_s();
	(void)pthread_mutex_lock(&sessions->lock);
	for (size_t i = 0; i < PRL_SESSIONS_MAX; i++)
		count += sessions->sessions[i].open && !sessions->sessions[i].dead &&
			 sessions->sessions[i].until_s > now;
	(void)pthread_mutex_unlock(&sessions->lock);
	return count;
}
