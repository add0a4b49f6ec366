#include "cli/import.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/api.h"

#include <stdio.h>
#include <string.h>

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static prl_status know_online(cli_target *target, prl_error *err)
{
	json_t *picture = NULL;
	prl_status st = prl_client_picture(target->session.client, true, &picture, err);
	if (st)
		return st;
	const json_t *constitution = json_object_get(picture, "constitution");
	const char *line = json_string_value(json_object_get(constitution, "line"));
	const char *own = json_string_value(json_object_get(picture, "log"));
	if (!line || !own || !prl_hash_read(prl_bytes_of(line), &target->line))
		return prl_error_set(err, PRL_E_SYNTAX, "the node's picture names no line and log");
	target->constitution = json_incref(json_object_get(constitution, "body"));
	snprintf(target->own, sizeof target->own, "%s", own);
	return PRL_OK;
}

/* The clerk is never opened here: nothing is added to our own log, so that it cannot get a second history. What has
 * come is seen, and answered, when the node runs again. */
static prl_status open_folder(const char *path, cli_target *target, prl_error *err)
{
	prl_folder_options options = { .path = path };
	prl_status st = prl_folder_open(&options, &target->folder, err);
	if (st)
		return st;
	const prl_constitution *constitution = prl_picture_constitution(target->folder->picture, PRL_VERSION_WORKING);
	target->constitution = json_incref(constitution->body);
	target->line = constitution->line;
	snprintf(target->own, sizeof target->own, "%s", prl_ledger_origin(target->folder->own));
	prl_clerk_parts parts = prl_folder_parts(target->folder);
	return prl_clerk_start(&parts, &target->clerk, err);
}

prl_status prl_target_open(const char *folder, cli_target *ret, prl_error *err)
{
	*ret = (cli_target){ 0 };
	prl_status st = prl_session_look(folder, &ret->session, err);
	ret->online = !st;
	if (!st) {
		st = know_online(ret, err);
	} else { /* no node, or no key to log in with: a folder that nobody has needs none */
		prl_error why = { 0 };
		prl_status opened = open_folder(folder, ret, &why);
		bool busy = opened == PRL_E_STALE && st != PRL_E_IO;
		if (opened && !busy && err)
			*err = why;
		st = busy ? st : opened;
	}
	if (st)
		prl_target_close(ret);
	return st;
}

void prl_target_close(cli_target *target)
{
	prl_clerk_stop(target->clerk);
	prl_folder_close(target->folder);
	prl_session_close(&target->session);
	json_decref(target->constitution);
	*target = (cli_target){ 0 };
}

size_t prl_target_room(const cli_target *target)
{
	return target->online ? PRL_IMPORT_MAX - PRL_CHECKPOINT_MAX - 64 : 512u * PRL_MIB;
}

/* ---- how much is held -------------------------------------------------------------------------------------------- */

static prl_status size_online(cli_target *target, const char *origin, uint64_t *ret, prl_error *err)
{
	json_t *picture = NULL, *peer;
	size_t i;
	prl_status st = prl_client_picture(target->session.client, true, &picture, err);
	if (st)
		return st;
	json_array_foreach(json_object_get(picture, "peers"), i, peer)
	{
		const char *log = json_string_value(json_object_get(peer, "log"));
		if (log && !strcmp(log, origin)) {
			*ret = (uint64_t)json_integer_value(json_object_get(peer, "mirrored"));
			return PRL_OK;
		}
	}
	if (!strcmp(origin, target->own)) {
		*ret = (uint64_t)json_integer_value(json_object_get(picture, "size"));
		return PRL_OK;
	}
	return prl_error_set(err, PRL_E_NOT_FOUND, "the log %s is not one of this line", origin);
}

prl_status prl_target_size(cli_target *target, const char *origin, uint64_t *ret, prl_error *err)
{
	if (target->online)
		return size_online(target, origin, ret, err);
	prl_ledger *found = !strcmp(origin, target->own) ? target->folder->own : NULL;
	for (size_t i = 0; i < target->folder->peer_count && !found; i++)
		if (!strcmp(prl_ledger_origin(target->folder->peers[i]), origin))
			found = target->folder->peers[i];
	if (!found)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the log %s is not one of this line", origin);
	prl_ledger_head(found, ret, NULL);
	return PRL_OK;
}

/* ---- filing ------------------------------------------------------------------------------------------------------ */

static prl_status submit(cli_target *target, prl_filing *filing, prl_error *err)
{
	prl_status st = prl_clerk_submit_wait(target->clerk, filing);
	if (st && err)
		*err = filing->err;
	return st;
}

/* As a push between nodes: start, length of the checkpoint, the checkpoint, entries in bundle framing. */
static prl_status write_push(uint64_t start, const prl_bytes *entries, size_t count, prl_bytes checkpoint,
			     prl_buffer *to, prl_error *err)
{
	prl_buffer_printf(to, "%llu\n%zu\n", (unsigned long long)start, checkpoint.size);
	prl_buffer_append(to, checkpoint.data, checkpoint.size);
	for (size_t i = 0; i < count; i++) {
		const unsigned char length[2] = { (unsigned char)(entries[i].size >> 8),
						  (unsigned char)(entries[i].size & 0xff) };
		prl_buffer_append(to, length, sizeof length);
		prl_buffer_append(to, entries[i].data, entries[i].size);
	}
	if (!to->failed)
		return PRL_OK;
	return prl_error_set(
		err, PRL_E_TOO_LARGE,
		"between two checkpoints of the export lie more than %zu bytes: stop the node, import again, "
		"start it",
		to->max);
}

static prl_status mirror_online(cli_target *target, const char *origin, prl_bytes push, prl_error *err)
{
	char path[PRL_KEY_NAME_MAX + 60] = "/parley/v1/import/entries?log=";
	PRL_CLEANUP(prl_reply_done) prl_reply reply = PRL_REPLY(1u << 20);
	strcat(path, origin); /* letters, digits and . _ / - : only, all of which a query may hold (RFC 3986, 3.4) */
	return prl_link_ask(prl_client_link(target->session.client), "POST", path, "application/octet-stream", &push,
			    &reply, err);
}

prl_status prl_target_mirror(cli_target *target, const char *origin, uint64_t start, const prl_bytes *entries,
			     size_t count, prl_bytes checkpoint, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_MIRROR,
			      .log = origin,
			      .start = start,
			      .entries = entries,
			      .entry_count = count,
			      .checkpoint = checkpoint };
	if (!target->online)
		return submit(target, &filing, err);
	prl_buffer push = PRL_BUFFER(PRL_IMPORT_MAX);
	prl_status st = write_push(start, entries, count, checkpoint, &push, err);
	if (!st)
		st = mirror_online(target, origin, (prl_bytes){ push.data, push.size }, err);
	prl_buffer_done(&push);
	return st;
}

prl_status prl_target_restore(cli_target *target, const char *from, uint64_t start, const prl_bytes *entries,
			      size_t count, prl_bytes checkpoint, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_RESTORE,
			      .log = from,
			      .start = start,
			      .entries = entries,
			      .entry_count = count,
			      .checkpoint = checkpoint };
	return submit(target, &filing, err);
}

prl_status prl_target_cosigned(cli_target *target, prl_bytes checkpoint, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_COSIGNED, .log = target->own, .checkpoint = checkpoint };
	if (!target->online)
		return submit(target, &filing, err);
	PRL_CLEANUP(prl_reply_done) prl_reply reply = PRL_REPLY(1u << 16);
	return prl_link_ask(prl_client_link(target->session.client), "POST", "/parley/v1/import/cosignatures",
			    "text/plain", &checkpoint, &reply, err);
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

/* Deleted ones count as here: what the rule of retention took away does not come back by a stick. */
static prl_status content_online(cli_target *target, const prl_hash *hash, prl_bytes bytes, bool *ret_new,
				 prl_error *err)
{
	char path[120] = "/parley/v1/contents/";
	PRL_CLEANUP(prl_reply_done) prl_reply reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	prl_link *link = prl_client_link(target->session.client);
	prl_hex_write(hash->bytes, sizeof hash->bytes, path + strlen(path));
	prl_status st = prl_link_send(link, "GET", path, NULL, NULL, &reply, err);
	*ret_new = !st && reply.status != 200 && reply.status != 410;
	if (st || !*ret_new)
		return st;
	return prl_link_ask(link, "PUT", path, "application/octet-stream", &bytes, &reply, err);
}

static prl_status content_offline(cli_target *target, const prl_hash *hash, prl_bytes bytes, bool *ret_new,
				  prl_error *err)
{
	prl_buffer there = PRL_BUFFER(PRL_MAX_CONTENT_BYTES);
	prl_store_reader *reader = NULL;
	prl_time at;
	prl_status st = prl_store_reader_new(target->folder->store, &reader, err), found = PRL_E_NOT_FOUND;
	if (!st)
		found = prl_store_content_get(reader, hash, &at, &there, err);
	prl_store_reader_free(reader);
	prl_buffer_done(&there);
	*ret_new = !st && found == PRL_E_NOT_FOUND;
	if (st || !*ret_new)
		return st;
	prl_store_content content = { .hash = *hash, .bytes = bytes };
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = &content, .content_count = 1 };
	return submit(target, &filing, err);
}

prl_status prl_target_content(cli_target *target, const prl_hash *hash, prl_bytes bytes, bool *ret_new, prl_error *err)
{
	return target->online ? content_online(target, hash, bytes, ret_new, err)
			      : content_offline(target, hash, bytes, ret_new, err);
}
