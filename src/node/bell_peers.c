/* Calls to the other nodes: for each a thread and a connection that nothing else uses. A letter is JSON:
 * {"note": the entry's text} for what is signed, {"stated": call, "unverified": why} for what is not. Between letters
 * the node is asked how many desks say that our calls ring there, which nobody there has taken. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/bell_inside.h"
#include "node/link.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DESKS_MAX 100000 /* that a peer can say it has */
#define ASK_MS    500    /* between two questions; half of that after a letter */
#define ASKED_MAX 64u    /* calls at a time, the newest; as many as the other node takes */

static prl_time boot(const prl_bell *bell)
{
	return bell->parts.boot(bell->parts.context);
}

/* ---- letters ----------------------------------------------------------------------------------------------------- */

static prl_bell_letter *take_out(prl_bell_peer *peer, prl_bell_letter **at)
{
	prl_bell_letter *letter = *at;
	*at = letter->next;
	if (!*at)
		peer->last = at;
	peer->waiting--;
	peer->bytes -= letter->size;
	return letter;
}

/* After one more of a call: a peer that is away for long must cost no more than this, whoever calls how often. */
static void make_room(prl_bell_peer *peer, const prl_hash *id)
{
	prl_bell_letter **second = NULL;
	size_t count = 0;
	for (prl_bell_letter **at = &peer->first; *at; at = &(*at)->next)
		if (prl_hash_equal(&(*at)->id, id) && ++count == 2)
			second = at;
	if (count > PRL_BELL_LETTERS_A_CALL)
		free(take_out(peer, second));
	while (peer->waiting > PRL_BELL_LETTERS_MAX || (peer->bytes > PRL_BELL_LETTERS_BYTES && peer->waiting > 1))
		free(take_out(peer, &peer->first));
}

static void letter_add(prl_bell_peer *peer, const prl_hash *id, const char *text, size_t size)
{
	prl_bell_letter *letter = malloc(sizeof *letter + size);
	if (!letter)
		return;
	letter->next = NULL;
	letter->id = *id;
	letter->until = boot(peer->bell) + PRL_BELL_KEEP_S * PRL_SECOND;
	letter->size = size;
	memcpy(letter->bytes, text, size);
	*peer->last = letter;
	peer->last = &letter->next;
	peer->waiting++;
	peer->bytes += size;
	make_room(peer, id);
}

void prl_bell_pass_on(prl_bell *bell, const prl_bell_item *item, prl_bytes note, const json_t *stated)
{
	json_t *json = note.data ? json_pack("{s:s%}", "note", note.data, note.size)
				 : json_pack("{s:O, s:s}", "stated", stated, "unverified", item->unverified);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	for (size_t i = 0; text && i < bell->peer_count; i++)
		letter_add(&bell->peers[i], &item->id, text, strlen(text));
	free(text);
	json_decref(json);
}

/* ---- one peer ---------------------------------------------------------------------------------------------------- */

/* The constitution's address and pin; the setting "peer/<origin>/address" of this node comes first (peers.c). */
static prl_status open_link(prl_bell_peer *peer, prl_link **link, prl_error *err)
{
	const prl_bell_parts *parts = &peer->bell->parts;
	char address[PRL_LINK_ADDRESS_MAX], name[PRL_KEY_NAME_MAX + 32];
	prl_hash pin;
	(void)snprintf(name, sizeof name, "peer/%s/address", peer->origin);
	prl_version version = prl_picture_pin(parts->picture);
	const prl_log *log = prl_picture_log(parts->picture, version, prl_bytes_of(peer->origin));
	const char *setting = prl_picture_setting(parts->picture, version, prl_bytes_of(name));
	(void)snprintf(address, sizeof address, "%.300s", setting ? setting : log ? log->address : "");
	bool pinned = log && log->has_tls;
	if (pinned)
		pin = log->tls;
	prl_picture_unpin(parts->picture, version);
	if (*link && strcmp(prl_link_address(*link), address) == 0)
		return PRL_OK;
	prl_link_free(*link);
	*link = NULL;
	prl_link_options options = { .address = address,
				     .pin = pinned ? &pin : NULL,
				     .certificate = parts->certificate,
				     .key = parts->key,
				     .connect_s = 2,
				     .total_s = 4 };
	return *address ? prl_link_new(&options, link, err)
			: prl_error_set(err, PRL_E_NOT_FOUND, "no address is known");
}

/* *ret: the answer, a new reference. */
static prl_status ask(prl_bell_peer *peer, prl_link **link, const char *path, prl_bytes body, json_t **ret,
		      prl_error *err)
{
	prl_reply reply = PRL_REPLY(65536);
	prl_status status = open_link(peer, link, err);
	if (!status && !prl_link_logged_in(*link))
		status = prl_link_login(*link, peer->bell->parts.log_key, NULL, NULL, err);
	if (!status)
		status = prl_link_send(*link, "POST", path, "application/json", &body, &reply, err);
	if (!status && reply.status == 401 && prl_link_token(*link, NULL, err)) /* logs in again next time */
		status = PRL_E_IO;
	if (!status && reply.status != 200)
		status = prl_reply_error(&reply, prl_link_address(*link), err);
	if (!status)
		*ret = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	prl_reply_done(&reply);
	return status;
}

static unsigned desks_in(const json_t *answer, const char *name)
{
	json_int_t desks = json_integer_value(json_object_get(answer, name));
	return desks < 0 ? 0 : desks > DESKS_MAX ? DESKS_MAX : (unsigned)desks;
}

static prl_status send_letter(prl_bell_peer *peer, prl_link **link, const prl_bell_letter *letter, unsigned *ret_desks,
			      prl_error *err)
{
	json_t *answer = NULL;
	prl_status status =
		ask(peer, link, "/parley/v1/peer/calls", (prl_bytes){ letter->bytes, letter->size }, &answer, err);
	if (!status)
		*ret_desks = desks_in(answer, "desks");
	json_decref(answer);
	return status;
}

/* With the lock held. */
static void delivered(prl_bell_peer *peer, const prl_hash *id, unsigned desks)
{
	prl_bell *bell = peer->bell;
	for (size_t i = 0; i < bell->count; i++) {
		prl_bell_item *item = bell->items[i];
		if (memcmp(&item->id, id, sizeof *id) != 0)
			continue;
		if (!item->nodes[peer->index].at)
			item->nodes[peer->index].at = bell->parts.now(bell->parts.context);
		item->nodes[peer->index].desks = desks;
		prl_bell_touch(bell, item);
	}
}

static void put_back(prl_bell_peer *peer, prl_bell_letter *letter)
{
	letter->next = peer->first;
	if (!peer->first)
		peer->last = &letter->next;
	peer->first = letter;
	peer->waiting++;
	peer->bytes += letter->size;
}

/* What the other node cannot read is not sent for ever; a node that is not there, or that wants another login, is asked
 * again. */
static bool is_refused(prl_status status)
{
	return status != PRL_E_IO && status != PRL_E_CALLBACK && status != PRL_E_NOT_FOUND &&
	       status != PRL_E_TOO_LARGE && status != PRL_E_EARLY;
}

static void wait_ms(prl_bell *bell, unsigned ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	while (!bell->stop && pthread_cond_timedwait(&bell->changed, &bell->lock, &until) == 0)
		;
}

/* ---- how many desks say that it rings there ---------------------------------------------------------------------- */

/* Ids of our calls that are there, and that nobody there has taken; NULL: none. With the lock held. */
static json_t *to_ask(prl_bell_peer *peer)
{
	prl_bell *bell = peer->bell;
	json_t *ids = NULL;
	prl_version version = prl_picture_pin(bell->parts.picture);
	for (size_t i = bell->count; i-- > 0 && json_array_size(ids) < ASKED_MAX;) {
		const prl_bell_item *item = bell->items[i];
		if (!item->ours || !item->nodes[peer->index].at ||
		    !prl_bell_waits_at(bell, version, item, peer->origin))
			continue;
		ids = ids ? ids : json_array();
		json_array_append_new(ids, prl_show_hash(&item->id));
	}
	prl_picture_unpin(bell->parts.picture, version);
	return ids;
}

/* With the lock held; true: something changed. */
static bool take_desks(prl_bell_peer *peer, const json_t *ids, const json_t *answer)
{
	const json_t *desks = json_object_get(answer, "desks"), *one;
	size_t i;
	prl_hash id;
	bool moved = false;
	json_array_foreach(ids, i, one)
	{
		const char *text = json_string_value(one);
		prl_bell_item *item =
			text && prl_hash_read(prl_bytes_of(text), &id) ? prl_bell_find(peer->bell, &id) : NULL;
		unsigned count = item ? desks_in(desks, text) : 0;
		if (!item || item->nodes[peer->index].desks == count)
			continue;
		item->nodes[peer->index].desks = count;
		prl_bell_touch(peer->bell, item);
		moved = true;
	}
	return moved;
}

/* The lock is held before and after. Who does not answer is asked again: only letters are counted as late. */
static void ask_desks(prl_bell_peer *peer, prl_link **link, json_t *ids)
{
	prl_bell *bell = peer->bell;
	prl_error err = { 0 };
	json_t *body = json_pack("{s:O}", "calls", ids), *answer = NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	(void)pthread_mutex_unlock(&bell->lock);
	prl_status status =
		text ? ask(peer, link, "/parley/v1/peer/ringing", prl_bytes_of(text), &answer, &err) : PRL_E_MEMORY;
	(void)pthread_mutex_lock(&bell->lock);
	if (!status && take_desks(peer, ids, answer))
		bell->parts.rang(bell->parts.context);
	free(text);
	json_decref(body);
	json_decref(answer);
}

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until there is a letter, or time to ask: no letter waits behind more than one question in ASK_MS. With the lock held.
 */
static void wait_and_ask(prl_bell_peer *peer, prl_link **link)
{
	prl_bell *bell = peer->bell;
	json_t *ids = to_ask(peer);
	if (ids && now_ms() >= peer->ask_ms) {
		ask_desks(peer, link, ids);
		peer->ask_ms = now_ms() + ASK_MS;
	}
	struct timespec until = { .tv_sec = peer->ask_ms / 1000, .tv_nsec = peer->ask_ms % 1000 * 1000000 };
	int waited = 0;
	while (!bell->stop && !peer->first && waited == 0)
		waited = ids ? pthread_cond_timedwait(&bell->changed, &bell->lock, &until)
			     : pthread_cond_wait(&bell->changed, &bell->lock) + 1;
	json_decref(ids);
}

static void *peer_run(void *context)
{
	prl_bell_peer *peer = context;
	prl_bell *bell = peer->bell;
	prl_link *link = NULL;
	unsigned tries = 0;
	(void)pthread_mutex_lock(&bell->lock);
	while (!bell->stop) {
		if (!peer->first) {
			wait_and_ask(peer, &link);
			continue;
		}
		prl_bell_letter *letter = take_out(peer, &peer->first);
		(void)pthread_mutex_unlock(&bell->lock);
		prl_error err = { 0 };
		unsigned desks = 0;
		prl_status status = send_letter(peer, &link, letter, &desks, &err);
		(void)pthread_mutex_lock(&bell->lock);
		if (!status)
			delivered(peer, &letter->id, desks);
		peer->ask_ms = now_ms() + ASK_MS / 2; /* a desk has not said so yet */
		if (status && tries++ == 0)
			prl_bell_say(bell, "a call has not reached %s: %s; trying again", peer->origin, err.text);
		tries = status ? tries : 0;
		bool keep = status && !is_refused(status) && boot(bell) < letter->until;
		if (keep)
			put_back(peer, letter);
		else
			free(letter);
		if (!status)
			bell->parts.rang(bell->parts.context);
		if (keep)
			wait_ms(bell, PRL_BELL_RETRY_MS);
	}
	(void)pthread_mutex_unlock(&bell->lock);
	prl_link_free(link);
	return NULL;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

prl_status prl_bell_peers_start(prl_bell *bell, prl_error *err)
{
	prl_version version = prl_picture_pin(bell->parts.picture);
	const prl_constitution *constitution = prl_picture_constitution(bell->parts.picture, version);
	prl_status status = PRL_OK;
	for (size_t i = 0; constitution && !status && i < constitution->log_count && bell->peer_count < PRL_PEERS_MAX;
	     i++) {
		const char *origin = constitution->logs[i].origin;
		if (strcmp(origin, bell->parts.own) == 0)
			continue;
		prl_bell_peer *peer = &bell->peers[bell->peer_count];
		peer->bell = bell;
		peer->index = bell->peer_count++;
		peer->last = &peer->first;
		(void)snprintf(peer->origin, sizeof peer->origin, "%s", origin);
		peer->started = pthread_create(&peer->thread, NULL, peer_run, peer) == 0;
		if (!peer->started)
			status = prl_error_set(err, PRL_E_MEMORY, "no thread for calls to %s", origin);
	}
	prl_picture_unpin(bell->parts.picture, version);
	return status;
}

void prl_bell_peers_stop(prl_bell *bell)
{
	for (size_t i = 0; i < bell->peer_count; i++) {
		prl_bell_peer *peer = &bell->peers[i];
		if (peer->started)
			(void)pthread_join(peer->thread, NULL);
		while (peer->first)
			free(take_out(peer, &peer->first));
	}
}
