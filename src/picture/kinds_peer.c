/* Peers: what one log says of another. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <stdio.h>
#include <string.h>

static bool save(const void *value, prl_buffer *to)
{
	const prl_peer *peer = value;
	return prl_pack_text(to, peer->by) && prl_pack_text(to, peer->log) && prl_pack_number(to, peer->size) &&
	       prl_pack_hash(to, &peer->root) && prl_pack_number(to, peer->state) &&
	       prl_pack_number(to, peer->faults) && prl_pack_hash(to, &peer->proof);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_peer peer;
	prl_unpack_text(&from, peer.by, sizeof peer.by);
	prl_unpack_text(&from, peer.log, sizeof peer.log);
	peer.size = prl_unpack_number(&from, UINT64_MAX);
	peer.root = prl_unpack_hash(&from);
	peer.state = (prl_peer_state)prl_unpack_number(&from, PRL_PEER_FORKED);
	peer.faults = prl_unpack_number(&from, UINT64_MAX);
	peer.proof = prl_unpack_hash(&from);
	if (!prl_unpack_end(&from, "peer", err))
		return NULL;
	prl_peer *copy = malloc(sizeof *copy);
	if (copy)
		*copy = peer;
	else
		prl_error_memory(err);
	return copy;
}

const prl_noun prl_peer_noun = { .name = "peer", .shared = true, .save = save, .load = load, .free = free };

/* "by\nlog"; \n is in no name. Longer names than there are find nothing. */
typedef struct place {
	char text[2 * PRL_KEY_NAME_MAX + 2];
	size_t size;
} place;

static place place_of(prl_bytes by, prl_bytes log)
{
	place at = { .size = 0 };
	if (by.size > PRL_KEY_NAME_MAX || log.size > PRL_KEY_NAME_MAX)
		return at;
	memcpy(at.text, by.data, by.size);
	at.text[by.size] = '\n';
	memcpy(at.text + by.size + 1, log.data, log.size);
	at.size = by.size + 1 + log.size;
	return at;
}

const prl_peer *prl_picture_peer_of(prl_picture *picture, prl_version version, prl_bytes by, prl_bytes origin)
{
	place at = place_of(by, origin);
	return prl_picture_find(picture, version, PRL_TABLE_PEER, (prl_bytes){ at.text, at.size });
}

const prl_peer *prl_picture_peer(prl_picture *picture, prl_version version, prl_bytes origin)
{
	return prl_picture_peer_of(picture, version, prl_bytes_of(prl_picture_own_log(picture)), origin);
}

uint64_t prl_peer_seen_size(prl_picture *picture, prl_version version, prl_bytes by, prl_bytes log)
{
	const prl_peer *peer = prl_picture_peer_of(picture, version, by, log);
	return peer ? peer->size : 0;
}

bool prl_act_sees(prl_picture *picture, const prl_act *act, prl_bytes log, uint64_t index)
{
	if (prl_bytes_is(log, act->log))
		return index < act->index;
	return index < prl_peer_seen_size(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log), log);
}

static prl_status put(prl_picture *picture, const prl_peer *peer, prl_error *err)
{
	place at = place_of(prl_bytes_of(peer->by), prl_bytes_of(peer->log));
	prl_peer *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *peer;
	return prl_picture_put(picture, PRL_TABLE_PEER, (prl_bytes){ at.text, at.size }, copy, err);
}

/* The peer that the body names, as it is or as it begins. */
static prl_status find_named(prl_picture *picture, const prl_act *act, prl_peer *ret, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "log");
	const prl_log *log = prl_constitution_log(prl_act_constitution(picture, act), name);
	if (!log || strcmp(log->origin, act->log) == 0)
		return prl_error_set(err, PRL_E_NOT_FOUND, "log %s has no peer %.*s", act->log, (int)name.size,
				     name.data);
	const prl_peer *peer = prl_picture_peer_of(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log), name);
	*ret = peer ? *peer : (prl_peer){ 0 };
	snprintf(ret->by, sizeof ret->by, "%s", act->log);
	memcpy(ret->log, log->origin, sizeof ret->log);
	return PRL_OK;
}

static prl_status seen(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_peer peer;
	uint64_t size = prl_body_number(act->body, "size", 0);
	prl_status status = find_named(picture, act, &peer, err);
	if (status)
		return status;
	if (peer.state == PRL_PEER_FORKED)
		return prl_error_set(err, PRL_E_FORKED, "log %s has two histories: nothing later from it is evidence",
				     peer.log);
	if (size <= peer.size)
		return prl_error_set(err, PRL_E_STALE, "size %llu of log %s, but %llu was seen",
				     (unsigned long long)size, peer.log, (unsigned long long)peer.size);
	peer.size = size;
	status = prl_body_hash(act->body, "root", &peer.root, err);
	if (!status)
		status = put(picture, &peer, err);
	return status ? status : prl_heard_seen(picture, act, prl_bytes_of(peer.log), size, err);
}

static prl_status fault(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_peer peer;
	uint64_t index = prl_body_number(act->body, "index", PRL_INDEX_NEVER);
	prl_status status = find_named(picture, act, &peer, err);
	if (status)
		return status;
	if (index >= peer.size)
		return prl_error_set(err, PRL_E_RANGE, "entry %llu of log %s, but %llu entries were seen",
				     (unsigned long long)index, peer.log, (unsigned long long)peer.size);
	peer.faults++;
	if (peer.state == PRL_PEER_GOOD)
		peer.state = PRL_PEER_FAULTY;
	return put(picture, &peer, err);
}

static prl_status forked(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_peer peer;
	prl_status status = find_named(picture, act, &peer, err);
	if (status)
		return status;
	if (peer.state == PRL_PEER_FORKED)
		return prl_error_set(err, PRL_E_REFUSED, "that log %s has two histories was recorded before", peer.log);
	peer.state = PRL_PEER_FORKED;
	status = prl_body_hash(act->body, "proof", &peer.proof, err);
	return status ? status : put(picture, &peer, err);
}

static const prl_act_kind kinds[] = {
	{ "peer.seen", PRL_RECORDED, true, seen },
	{ "peer.fault", PRL_RECORDED, false, fault },
	{ "peer.forked", PRL_RECORDED, false, forked },
};
const prl_kinds prl_peer_kinds = PRL_KINDS_OF(kinds);
