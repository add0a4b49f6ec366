/* The labels of an entry, never mixed (design.md, idea 4):
 *
 *   logged         our (its home log's) checkpoint covers it
 *   served         another log's node has cosigned, as a mirror, a checkpoint that covers it, since when by that node's
 *                  clock, and has recorded content.got for every content of the entry that is addressed to it
 *   not_delivered  the same but for contents that are missing there, named
 *   waiting        no mirror cosignature of that log's node covers it yet
 *   deemed         not served, but the mirror of a third log's node has held it for the constitution's T: since when */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "node/announced.h"

#include <string.h>

/* Kept checkpoints that are looked through for one mirror's cosignature before the newest one is taken instead: a label
 * may then say "since" later than it was, never earlier. */
#define LOOK_MAX 64

typedef struct labelling {
	const prl_api *api;
	prl_store_reader *reader;
	prl_ledger *ledger;
	uint64_t index, size;
	prl_version version;
	json_t *body;
	json_t *served, *not_delivered, *waiting, *deemed;
	const prl_constitution *constitution;
	bool clock_suspect;
	uint64_t now_s;
	prl_error *err;
	prl_status status;
	const char *other; /* the log that is looked at */
	json_t *missing;
} labelling;

static bool missing_one(void *context, const prl_content *content)
{
	labelling *l = context;
	char hash[PRL_HASH_TEXT_MAX];
	if (!prl_announced_to(l->api->picture, l->version, content, l->other) || prl_announced_got(content, l->other))
		return true;
	prl_hash_write(&content->hash, hash);
	return json_array_append_new(l->missing, json_string(hash)) == 0;
}

/* When a kept checkpoint carries this cosigner's line; false where it does not. */
static bool cosigned_at(const prl_buffer *checkpoint, const prl_verifier *cosigner, uint64_t *ret_time_s)
{
	prl_note *note = malloc(sizeof *note);
	bool found = note && prl_note_read((prl_bytes){ checkpoint->data, checkpoint->size }, note, NULL) == PRL_OK &&
		     prl_cosignature_verify(note, cosigner, ret_time_s, NULL) == PRL_OK;
	free(note);
	return found;
}

/* The oldest kept checkpoint above the entry that the cosigner has signed. PRL_E_NOT_FOUND where there is none. */
static prl_status cosigned_find(labelling *l, const prl_verifier *cosigner, uint64_t *ret_size, uint64_t *ret_time_s)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint32_t id = prl_ledger_log(l->ledger)->id;
	uint64_t from = l->index + 1;
	prl_status status = PRL_OK;
	for (unsigned look = 0; look < LOOK_MAX && !status; look++) {
		prl_buffer_clear(&checkpoint);
		status = prl_store_cosigned_from(l->reader, id, from, ret_size, &checkpoint, l->err);
		if (!status && cosigned_at(&checkpoint, cosigner, ret_time_s))
			return PRL_OK;
		from = status ? from : *ret_size + 1;
	}
	if (status)
		return status;
	prl_buffer_clear(&checkpoint);
	status = prl_store_cosigned_to(l->reader, id, UINT64_MAX, ret_size, &checkpoint, l->err);
	if (!status && !cosigned_at(&checkpoint, cosigner, ret_time_s))
		status = PRL_E_NOT_FOUND;
	return status;
}

uint64_t prl_labels_held(const prl_api *api, const prl_log *log, uint64_t known)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_store_reader *reader = NULL;
	uint64_t at_most = UINT64_MAX, size = 0, time_s, found = known;
	if (prl_readers_take(api->readers, &reader, NULL))
		return known;
	for (unsigned look = 0; look < LOOK_MAX && found == known; look++) {
		prl_buffer_clear(&checkpoint);
		if (prl_store_cosigned_to(reader, prl_ledger_log(api->own)->id, at_most, &size, &checkpoint, NULL) ||
		    size <= known)
			break;
		if (cosigned_at(&checkpoint, &log->mirror, &time_s))
			found = size;
		at_most = size - 1;
	}
	prl_readers_give(api->readers, reader);
	return found;
}

static json_t *time_json(uint64_t time_s)
{
	char text[PRL_TIME_TEXT_MAX];
	if (time_s > (uint64_t)(PRL_TIME_OPEN_END / PRL_SECOND))
		return json_null();
	prl_time_format((prl_time)time_s * PRL_SECOND, text);
	return json_string(text);
}

/* Whether some mirror that is neither the entry's own log's node nor the other's cosigned it at least T ago. */
static bool deemed_since(labelling *l, const prl_log *other, uint64_t *ret_since_s)
{
	const prl_constitution *c = l->constitution;
	bool found = false;
	uint64_t size = 0, time_s = 0;
	for (size_t i = 0; i < c->log_count && !l->clock_suspect; i++) {
		const prl_log *neutral = &c->logs[i];
		if (neutral == other || strcmp(neutral->origin, prl_ledger_origin(l->ledger)) == 0 ||
		    cosigned_find(l, &neutral->mirror, &size, &time_s) != PRL_OK)
			continue;
		uint64_t since = time_s + c->deemed_s;
		if (since <= l->now_s && (!found || since < *ret_since_s)) {
			*ret_since_s = since;
			found = true;
		}
	}
	return found;
}

static void deem(labelling *l, const prl_log *log)
{
	uint64_t since_s = 0;
	if (deemed_since(l, log, &since_s))
		(void)json_array_append_new(l->deemed,
					    json_pack("{s:s, s:o}", "log", log->origin, "since", time_json(since_s)));
}

static void label_log(labelling *l, const prl_log *log)
{
	uint64_t size = 0, time_s = 0;
	prl_status status = cosigned_find(l, &log->mirror, &size, &time_s);
	if (status == PRL_E_NOT_FOUND) {
		(void)json_array_append_new(l->waiting, json_string(log->origin));
		deem(l, log);
		return;
	}
	if (status) {
		l->status = status;
		return;
	}
	l->other = log->origin;
	l->missing = json_array();
	prl_announced_each(l->api->picture, l->version, prl_ledger_origin(l->ledger), l->index, l->body, missing_one,
			   l);
	json_t *json =
		json_pack("{s:s, s:I, s:o}", "log", log->origin, "size", (json_int_t)size, "since", time_json(time_s));
	bool delivered = json_array_size(l->missing) == 0;
	if (!delivered)
		(void)json_object_set(json, "missing", l->missing);
	json_decref(l->missing);
	(void)json_array_append_new(delivered ? l->served : l->not_delivered, json);
	if (!delivered)
		deem(l, log);
}

/* The first kept checkpoint above the entry that its own node's witness has cosigned gives a time, by that node's
 * clock; without one the size alone is known. */
static json_t *logged_json(labelling *l)
{
	const prl_log *log = prl_picture_log(l->api->picture, l->version, prl_bytes_of(prl_ledger_origin(l->ledger)));
	uint64_t size = 0, time_s = 0;
	if (log && cosigned_find(l, &log->witness, &size, &time_s) == PRL_OK)
		return json_pack("{s:I, s:o}", "size", (json_int_t)size, "time", time_json(time_s));
	return json_pack("{s:I, s:n}", "size", (json_int_t)l->size, "time");
}

static void label_all(labelling *l)
{
	const char *own = prl_ledger_origin(l->api->own);
	const prl_node_state *state = prl_picture_node(l->api->picture, l->version, prl_bytes_of(own));
	l->constitution = prl_picture_constitution(l->api->picture, l->version);
	l->clock_suspect = state && state->clock_suspect;
	l->now_s = (uint64_t)(l->api->now(l->api->now_context) / PRL_SECOND);
	for (size_t i = 0; l->constitution && i < l->constitution->log_count && !l->status; i++)
		if (strcmp(l->constitution->logs[i].origin, prl_ledger_origin(l->ledger)) != 0)
			label_log(l, &l->constitution->logs[i]);
}

prl_status prl_labels_json(const prl_api *api, prl_store_reader *reader, prl_ledger *ledger, uint64_t index,
			   json_t *body, json_t **ret, prl_error *err)
{
	labelling l = { .api = api, .reader = reader, .ledger = ledger, .index = index, .body = body, .err = err };
	l.served = json_array();
	l.not_delivered = json_array();
	l.waiting = json_array();
	l.deemed = json_array();
	prl_ledger_head(ledger, &l.size, NULL);
	l.version = prl_picture_pin(api->picture);
	label_all(&l);
	json_t *logged = logged_json(&l);
	prl_picture_unpin(api->picture, l.version);
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:o}", "logged", logged, "served", l.served, "not_delivered",
				 l.not_delivered, "waiting", l.waiting, "deemed", l.deemed);
	if (l.status) {
		json_decref(json);
		return l.status;
	}
	if (!json)
		return prl_error_memory(err);
	*ret = json;
	return PRL_OK;
}
