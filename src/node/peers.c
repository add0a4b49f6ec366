#include "node/peers_inside.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <sodium.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OPEN_GRACE_MS 2000 /* for the others, once one has answered; for all, when told to go on alone */

int64_t prl_peers_now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void prl_peers_say(prl_peers *peers, const char *format, ...)
{
	char line[600];
	va_list list;
	if (!peers->parts.say)
		return;
	va_start(list, format);
	(void)vsnprintf(line, sizeof line, format, list);
	va_end(list);
	peers->parts.say(peers->parts.context, line);
}

bool prl_peers_stopping(prl_peers *peers)
{
	(void)pthread_mutex_lock(&peers->lock);
	bool stop = peers->stop;
	(void)pthread_mutex_unlock(&peers->lock);
	return stop;
}

/* Waits until `until` or a change; the lock is held. */
static void wait_changed(prl_peers *peers, int64_t until_ms)
{
	struct timespec t = { .tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	(void)pthread_cond_timedwait(&peers->changed, &peers->lock, &t);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

prl_bytes prl_peer_reply(const prl_peer_thread *peer)
{
	return (prl_bytes){ peer->reply.body.data ? peer->reply.body.data : "", peer->reply.body.size };
}

prl_status prl_peer_send(prl_peer_thread *peer, const char *method, const char *path, const char *type,
			 const prl_bytes *body, prl_error *err)
{
	const prl_signer *key = peer->all->parts.log_key;
	for (int attempt = 0;; attempt++) {
		prl_status status = PRL_OK;
		if (!prl_link_logged_in(peer->link))
			status = prl_link_login(peer->link, key, NULL, NULL, err);
		if (!status)
			status = prl_link_send(peer->link, method, path, type, body, &peer->reply, err);
		if (status || peer->reply.status != 401 || attempt)
			return status;
		if (prl_link_token(peer->link, NULL, err))
			return PRL_E_IO;
	}
}

prl_status prl_peer_ask(prl_peer_thread *peer, const char *path, prl_error *err)
{
	prl_status status = prl_peer_send(peer, "GET", path, NULL, NULL, err);
	if (status || (peer->reply.status >= 200 && peer->reply.status < 300))
		return status;
	return prl_reply_error(&peer->reply, prl_link_address(peer->link), err);
}

void prl_peer_heard(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	peer->heard_ms = prl_peers_now_ms();
	peer->view.heard = all->parts.now(all->parts.context);
	(void)pthread_mutex_unlock(&all->lock);
}

void prl_peer_acknowledged(prl_peer_thread *peer, uint64_t size)
{
	peer->acknowledged = size;
	(void)pthread_mutex_lock(&peer->all->lock);
	peer->view.acknowledged = size;
	(void)pthread_mutex_unlock(&peer->all->lock);
}

prl_status prl_peer_key(prl_peer_thread *peer, prl_verifier *ret, prl_error *err)
{
	prl_picture *picture = peer->all->parts.picture;
	prl_version version = prl_picture_pin(picture);
	const prl_log *log = prl_picture_log(picture, version, prl_bytes_of(peer->origin));
	if (log)
		*ret = log->key;
	prl_picture_unpin(picture, version);
	return log ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "the constitution names no log %s", peer->origin);
}

/* ---- where it is ------------------------------------------------------------------------------------------------- */

/* The constitution's address; a setting "peer/<origin>/address" of this node comes first. */
static void address_read(prl_peer_thread *peer, char address[PRL_LINK_ADDRESS_MAX], bool *ret_pinned, prl_hash *ret_pin)
{
	prl_picture *picture = peer->all->parts.picture;
	char name[PRL_KEY_NAME_MAX + 32];
	int length = snprintf(name, sizeof name, "peer/%s/address", peer->origin);
	prl_version version = prl_picture_pin(picture);
	const prl_log *log = prl_picture_log(picture, version, prl_bytes_of(peer->origin));
	const char *setting =
		prl_picture_setting(picture, version, (prl_bytes){ name, length > 0 ? (size_t)length : 0 });
	(void)snprintf(address, PRL_LINK_ADDRESS_MAX, "%.300s", setting ? setting : log ? log->address : "");
	*ret_pinned = log && log->has_tls;
	if (*ret_pinned)
		*ret_pin = log->tls;
	prl_picture_unpin(picture, version);
}

static void link_replace(prl_peer_thread *peer, prl_link *link, const char *address)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	prl_link *old = peer->link;
	peer->link = link;
	if (link && all->stop)
		prl_link_stop(link);
	(void)snprintf(peer->view.address, sizeof peer->view.address, "%s", address);
	(void)pthread_mutex_unlock(&all->lock);
	prl_link_free(old);
}

/* Keeps the link as long as the address stays; PRL_E_NOT_FOUND where there is none. */
static prl_status link_ready(prl_peer_thread *peer, prl_error *err)
{
	const prl_peers_parts *parts = &peer->all->parts;
	char address[PRL_LINK_ADDRESS_MAX];
	bool pinned;
	prl_hash pin;
	address_read(peer, address, &pinned, &pin);
	if (peer->link && strcmp(prl_link_address(peer->link), address) == 0)
		return PRL_OK;
	prl_link *link = NULL;
	prl_link_options options = {
		.address = address, .pin = pinned ? &pin : NULL, .certificate = parts->certificate, .key = parts->key
	};
	prl_status status = *address ? prl_link_new(&options, &link, err)
				     : prl_error_set(err, PRL_E_NOT_FOUND, "no address is known");
	link_replace(peer, link, address);
	return status;
}

/* ---- a peer's thread --------------------------------------------------------------------------------------------- */

static bool pull_is_due(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	bool due = peer->due || peer->suspicious || prl_peers_now_ms() - peer->heard_ms >= PRL_PEER_IDLE_MS;
	peer->suspicious = false;
	(void)pthread_mutex_unlock(&all->lock);
	return due;
}

static void answered(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	peer->answered = true;
	(void)pthread_cond_broadcast(&all->changed);
	(void)pthread_mutex_unlock(&all->lock);
}

static prl_status exchange(prl_peer_thread *peer, prl_error *err)
{
	prl_status status = link_ready(peer, err);
	if (!status && !peer->asked) {
		status = prl_peer_ask_own(peer, err);
		peer->asked = !status;
		if (peer->asked)
			answered(peer);
	}
	if (!status)
		status = prl_peer_push(peer, err);
	if (!status)
		status = prl_peer_send_contents(peer, err);
	if (!status && pull_is_due(peer)) {
		status = prl_peer_pull(peer, err);
		peer->due = status != PRL_OK;
	}
	return status;
}

/* One line at each change of state or of what is wrong, none at each attempt. */
static void note_state(prl_peer_thread *peer, prl_status status, const prl_error *err)
{
	prl_peers *all = peer->all;
	(void)pthread_mutex_lock(&all->lock);
	bool was = peer->view.connected, stop = all->stop;
	peer->view.connected = status == PRL_OK;
	(void)snprintf(peer->view.trouble, sizeof peer->view.trouble, "%.199s", status ? err->text : "");
	(void)pthread_mutex_unlock(&all->lock);
	if (stop)
		return;
	if (!status && !was)
		prl_peers_say(all, "peer %s: reached at %s", peer->origin, peer->view.address);
	else if (status && status != peer->said)
		prl_peers_say(all, "peer %s: %s; trying again", peer->origin, err->text);
	peer->said = status;
}

/* Whether a setting or an amendment says another place than where we tried; looked at once for each growth of our log.
 */
static bool has_moved(prl_peer_thread *peer)
{
	char address[PRL_LINK_ADDRESS_MAX];
	bool pinned;
	prl_hash pin;
	if (peer->generation == peer->all->generation)
		return false;
	peer->generation = peer->all->generation;
	address_read(peer, address, &pinned, &pin);
	return strcmp(address, peer->link ? prl_link_address(peer->link) : "") != 0;
}

/* After a failure only the peer's own call, another address, or an end cuts the wait short: a busy log must not hammer
 * a dead peer. */
static void wait_after_failure(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	peer->due = true;
	peer->backoff_ms = peer->backoff_ms ? peer->backoff_ms * 2 : PRL_PEER_BACKOFF_MS;
	if (peer->backoff_ms > PRL_PEER_BACKOFF_MAX_MS)
		peer->backoff_ms = PRL_PEER_BACKOFF_MAX_MS;
	int64_t now = prl_peers_now_ms(), least = now + PRL_PEER_BACKOFF_MS / 2;
	int64_t until = now + peer->backoff_ms / 2 + randombytes_uniform(peer->backoff_ms / 2 + 1);
	(void)pthread_mutex_lock(&all->lock);
	for (; !all->stop && now < until; now = prl_peers_now_ms()) {
		if (now >= least && (peer->calls != peer->calls_seen || has_moved(peer)))
			break;
		wait_changed(all, now < least ? least : until);
	}
	/* A peer that calls is there: at most one attempt more for each of its calls. */
	peer->calls_seen = peer->calls;
	(void)pthread_mutex_unlock(&all->lock);
}

static void wait_for_work(prl_peer_thread *peer)
{
	prl_peers *all = peer->all;
	int64_t contents = prl_peer_contents_due(peer);
	(void)pthread_mutex_lock(&all->lock);
	for (;;) {
		int64_t until = peer->heard_ms + PRL_PEER_IDLE_MS;
		until = contents < until ? contents : until;
		if (all->stop || all->generation != peer->generation || peer->suspicious || prl_peers_now_ms() >= until)
			break;
		wait_changed(all, until);
	}
	peer->generation = all->generation;
	peer->calls_seen = peer->calls;
	(void)pthread_mutex_unlock(&all->lock);
}

static void *peer_run(void *context)
{
	prl_peer_thread *peer = context;
	while (!prl_peers_stopping(peer->all)) {
		prl_error err = { .text = "" };
		prl_status status = exchange(peer, &err);
		if (prl_peers_stopping(peer->all))
			break;
		note_state(peer, status, &err);
		if (status) {
			wait_after_failure(peer);
		} else {
			peer->backoff_ms = 0;
			wait_for_work(peer);
		}
	}
	return NULL;
}

/* ---- opening the clerk ------------------------------------------------------------------------------------------- */

/* Peers that can be asked, how many have answered, and whether one is known to hold more of our log than we do, or
 * another history of it; the lock is held. */
static bool count_answers(prl_peers *peers, size_t *ret_reachable, size_t *ret_answered)
{
	size_t reachable = 0, count = 0;
	bool ahead = false;
	for (size_t i = 0; i < peers->count; i++) {
		char address[PRL_LINK_ADDRESS_MAX];
		bool pinned;
		prl_hash pin;
		address_read(&peers->peers[i], address, &pinned, &pin);
		reachable += *address != 0;
		count += peers->peers[i].answered;
		ahead = ahead || peers->peers[i].ahead;
	}
	*ret_reachable = reachable;
	*ret_answered = count;
	return ahead;
}

/* Names are letters, digits and . _ / - : only: nothing needs escaping. The schema takes 32. */
static void record_alone(prl_peers *peers)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer body = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_buffer_printf(&body, "{\"unanswered\":[");
	for (size_t i = 0; i < peers->count && i < 32; i++)
		prl_buffer_printf(&body, "%s\"%s\"", i ? "," : "", peers->peers[i].origin);
	prl_buffer_printf(&body, "]}");
	prl_filing filing = {
		.what = PRL_FILING_RECORDED, .kind = "node.alone", .recorded = "node", .body = { body.data, body.size }
	};
	prl_status status =
		body.failed ? prl_error_memory(&filing.err) : prl_clerk_submit_wait(peers->parts.clerk, &filing);
	if (status)
		prl_peers_say(peers, "going on alone could not be recorded: %s", filing.err.text);
}

/* When every peer has answered, or one has and the others had their time, or we go on alone; but never, not even alone,
 * while a peer shows more of our log, signed with our key, than has been taken back: the next entry would be the second
 * at its place. */
static void *opener_run(void *context)
{
	prl_peers *peers = context;
	size_t reachable, count;
	bool lonely = false;
	(void)pthread_mutex_lock(&peers->lock);
	for (;;) {
		bool ahead = count_answers(peers, &reachable, &count);
		int64_t grace = peers->started_ms + OPEN_GRACE_MS, now = prl_peers_now_ms();
		bool restored = peers->parts.restored != NULL;
		lonely = count == 0 && (reachable > 0 || restored);
		bool asked = (count >= reachable && (count || !restored)) ||
			     ((count || peers->parts.alone) && now >= grace);
		if (peers->stop || (asked && !ahead))
			break;
		wait_changed(peers, now < grace ? grace : now + 1000);
	}
	bool stop = peers->stop;
	if (!stop) {
		prl_clerk_open(peers->parts.clerk);
		peers->open = true;
		(void)pthread_cond_broadcast(&peers->changed);
	}
	(void)pthread_mutex_unlock(&peers->lock);
	if (!stop && lonely)
		record_alone(peers);
	if (!stop && peers->parts.restored)
		(void)unlink(peers->parts.restored);
	return NULL;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

static prl_status peer_init(prl_peers *peers, size_t index, prl_error *err)
{
	prl_peer_thread *peer = &peers->peers[index];
	const char *own = prl_ledger_origin(peers->parts.own);
	char hex[65];
	prl_hash hash = prl_sha256(own, strlen(own));
	prl_hex_write(hash.bytes, sizeof hash.bytes, hex);
	peer->all = peers;
	peer->mirror = peers->parts.mirrors[index];
	(void)snprintf(peer->origin, sizeof peer->origin, "%s", prl_ledger_origin(peer->mirror));
	(void)snprintf(peer->own_path, sizeof peer->own_path, "/log/%s", hex);
	(void)snprintf(peer->mirror_path, sizeof peer->mirror_path, "/log/mirror/%s", hex);
	peer->reply = PRL_REPLY(PRL_LINK_REPLY_MAX);
	peer->due = true;
	peer->sending = prl_array_new(PRL_PEER_PENDING_MAX, sizeof *peer->sending);
	return peer->sending ? PRL_OK : prl_error_memory(err);
}

static prl_status threads_start(prl_peers *peers, prl_error *err)
{
	peers->started_ms = prl_peers_now_ms();
	for (size_t i = 0; i < peers->count; i++) {
		prl_peer_thread *peer = &peers->peers[i];
		peer->started = pthread_create(&peer->thread, NULL, peer_run, peer) == 0;
		if (!peer->started)
			return prl_error_set(err, PRL_E_MEMORY, "no thread for the peer %s", peer->origin);
	}
	peers->opener_started = pthread_create(&peers->opener, NULL, opener_run, peers) == 0;
	return peers->opener_started ? PRL_OK : prl_error_set(err, PRL_E_MEMORY, "no thread for the peers");
}

prl_status prl_peers_start(const prl_peers_parts *parts, prl_peers **ret, prl_error *err)
{
	prl_peers *peers = calloc(1, sizeof *peers);
	if (!peers)
		return prl_error_memory(err);
	peers->parts = *parts;
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&peers->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&peers->lock, NULL);
	(void)pthread_mutex_init(&peers->restoring, NULL);
	peers->peers = calloc(parts->mirror_count ? parts->mirror_count : 1, sizeof *peers->peers);
	prl_status status = peers->peers ? PRL_OK : prl_error_memory(err);
	for (; !status && peers->count < parts->mirror_count; peers->count++)
		status = peer_init(peers, peers->count, err);
	if (!status)
		status = threads_start(peers, err);
	if (status) {
		prl_peers_stop(peers);
		return status;
	}
	*ret = peers;
	return PRL_OK;
}

void prl_peers_stop(prl_peers *peers)
{
	if (!peers)
		return;
	(void)pthread_mutex_lock(&peers->lock);
	peers->stop = true;
	for (size_t i = 0; i < peers->count; i++)
		if (peers->peers[i].link)
			prl_link_stop(peers->peers[i].link);
	(void)pthread_cond_broadcast(&peers->changed);
	(void)pthread_mutex_unlock(&peers->lock);
	if (peers->opener_started)
		(void)pthread_join(peers->opener, NULL);
	for (size_t i = 0; i < peers->count; i++) {
		prl_peer_thread *peer = &peers->peers[i];
		if (peer->started)
			(void)pthread_join(peer->thread, NULL);
		prl_link_free(peer->link);
		prl_reply_done(&peer->reply);
		free(peer->sending);
	}
	(void)pthread_cond_destroy(&peers->changed);
	(void)pthread_mutex_destroy(&peers->lock);
	(void)pthread_mutex_destroy(&peers->restoring);
	free(peers->peers);
	free(peers);
}

/* ---- from other threads ------------------------------------------------------------------------------------------ */

bool prl_peers_are_open(prl_peers *peers)
{
	(void)pthread_mutex_lock(&peers->lock);
	bool open = peers->open;
	(void)pthread_mutex_unlock(&peers->lock);
	return open;
}

void prl_peers_wake(prl_peers *peers)
{
	(void)pthread_mutex_lock(&peers->lock);
	peers->generation++;
	(void)pthread_cond_broadcast(&peers->changed);
	(void)pthread_mutex_unlock(&peers->lock);
}

void prl_peers_brought(prl_peers *peers)
{
	(void)pthread_mutex_lock(&peers->lock);
	peers->contents_generation++;
	(void)pthread_mutex_unlock(&peers->lock);
	prl_peers_wake(peers);
}

static prl_peer_thread *peer_find(prl_peers *peers, const char *log)
{
	for (size_t i = 0; i < peers->count; i++)
		if (strcmp(peers->peers[i].origin, log) == 0)
			return &peers->peers[i];
	return NULL;
}

void prl_peers_heard(prl_peers *peers, const char *log, bool suspicious)
{
	prl_peer_thread *peer = peer_find(peers, log);
	if (!peer)
		return;
	(void)pthread_mutex_lock(&peers->lock);
	peer->heard_ms = prl_peers_now_ms();
	peer->view.heard = peers->parts.now(peers->parts.context);
	peer->calls++;
	peer->suspicious = peer->suspicious || suspicious;
	(void)pthread_cond_broadcast(&peers->changed);
	(void)pthread_mutex_unlock(&peers->lock);
}

bool prl_peers_view(prl_peers *peers, const char *log, prl_peer_view *ret)
{
	prl_peer_thread *peer = peer_find(peers, log);
	if (!peer)
		return false;
	(void)pthread_mutex_lock(&peers->lock);
	*ret = peer->view;
	ret->heard_ago_ms = prl_peers_now_ms() - peer->heard_ms;
	(void)pthread_mutex_unlock(&peers->lock);
	return true;
}
