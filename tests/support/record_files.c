#include "support/record_files.h"

#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		if (call)                                                                                              \
			nodes_fail(__FILE__, __LINE__, err.text);                                                      \
	} while (0)

#define KEYS_MAX 64

static void need(const record_files *r, bool good, const char *what, uint64_t index)
{
	char text[400];
	(void)snprintf(text, sizeof text, "%s: %s (%llu)", r->node->origin, what, (unsigned long long)index);
	if (!good)
		nodes_fail(__FILE__, __LINE__, text);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static prl_status hash_one(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)err;
	((record_files *)context)->hashes[index] = prl_sha256(entry.data, entry.size);
	return PRL_OK;
}

void record_files_open(record_files *r, const nodes_node *node, const nodes_node *other)
{
	prl_error err;
	char path[340];
	*r = (record_files){ .node = node };
	(void)snprintf(path, sizeof path, "%s/record.db", node->folder);
	MUST(prl_store_open(path, PRL_STORE_READ, &r->store, &err));
	MUST(prl_store_reader_new(r->store, &r->reader, &err));
	MUST(prl_ledger_open(r->store, node->origin, false, &r->own, &err));
	prl_status status = prl_ledger_open(r->store, other->origin, false, &r->mirror, &err);
	MUST(status && status != PRL_E_NOT_FOUND);
	prl_ledger_head(r->own, &r->size, NULL);
	if (r->mirror)
		prl_ledger_head(r->mirror, &r->mirrored, NULL);
	r->hashes = calloc(r->size + 1, sizeof *r->hashes);
	MUST(prl_store_entries(r->reader, prl_ledger_log(r->own)->id, 0, r->size, hash_one, r, &err));
}

void record_files_done(record_files *r)
{
	prl_ledger_free(r->own);
	prl_ledger_free(r->mirror);
	prl_store_reader_free(r->reader);
	prl_store_close(r->store);
	free(r->hashes);
}

/* ---- checks ------------------------------------------------------------------------------------------------------ */

/* Beside a node that runs, the log may have come as far as size since it was opened. */
static bool has_grown(record_files *r, prl_ledger *ledger, uint64_t size)
{
	prl_error err;
	uint64_t now;
	MUST(prl_store_size(r->reader, prl_ledger_log(ledger)->id, &now, &err));
	return now > prl_ledger_log(ledger)->size && size <= now;
}

/* The newest checkpoint is signed by the log's key and is of this tree. */
static void check_checkpoint(record_files *r, prl_ledger *ledger, const prl_verifier *key, bool whole)
{
	prl_error err;
	prl_checkpoint c;
	prl_hash root;
	uint64_t size;
	prl_buffer text = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_ledger_head(ledger, &size, NULL);
	if (!size)
		return;
	MUST(prl_store_checkpoint(r->reader, prl_ledger_log(ledger)->id, &text, &err));
	MUST(prl_checkpoint_open((prl_bytes){ text.data, text.size }, key, &c, NULL, &err));
	if (c.size > size && has_grown(r, ledger, c.size)) {
		prl_buffer_done(&text);
		return;
	}
	need(r, whole ? c.size == size : c.size <= size, "the newest checkpoint is of another size", c.size);
	MUST(prl_ledger_root(ledger, r->reader, c.size, &root, &err));
	need(r, prl_hash_equal(&root, &c.root), "the newest checkpoint is of another tree", c.size);
	prl_buffer_done(&text);
}

/* What the other side has cosigned of our log is our tree; its mirror line stands under what it holds. */
static void check_cosigned(record_files *r, const nodes_node *other)
{
	prl_error err;
	prl_checkpoint c;
	prl_note note;
	prl_hash root;
	uint64_t size = 0, time_s;
	prl_buffer text = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_status status =
		prl_store_cosigned_to(r->reader, prl_ledger_log(r->own)->id, UINT64_MAX, &size, &text, &err);
	if (status == PRL_E_NOT_FOUND)
		return;
	MUST(status);
	MUST(prl_checkpoint_open((prl_bytes){ text.data, text.size }, &r->node->log_key.verifier, &c, &note, &err));
	if (size > r->size && has_grown(r, r->own, size)) {
		prl_buffer_done(&text);
		return;
	}
	need(r, c.size == size && size <= r->size, "a cosigned checkpoint is beyond the log", size);
	MUST(prl_ledger_root(r->own, r->reader, size, &root, &err));
	need(r, prl_hash_equal(&root, &c.root), "a cosigned checkpoint is of another tree", size);
	MUST(prl_cosignature_verify(&note, &other->witness_key.verifier, &time_s, &err));
	MUST(prl_cosignature_verify(&note, &other->mirror_key.verifier, &time_s, &err));
	prl_buffer_done(&text);
}

typedef struct walk {
	record_files *r;
	uint64_t seen;
	prl_time recorded;
	struct {
		char name[PRL_KEY_NAME_MAX + 1];
		uint64_t serial;
		prl_hash last;
	} keys[KEYS_MAX];
	size_t key_count;
	prl_entry entry;
} walk;

static void walk_seen(walk *w, uint64_t index, const json_t *body)
{
	prl_error err;
	prl_hash root, said;
	uint64_t size = (uint64_t)json_integer_value(json_object_get(body, "size"));
	need(w->r, w->r->mirror && size <= w->r->mirrored, "peer.seen of what is not held", index);
	need(w->r, size > w->seen, "peer.seen goes back", index);
	w->seen = size;
	MUST(prl_ledger_root(w->r->mirror, w->r->reader, size, &root, &err));
	need(w->r,
	     prl_hash_read(prl_bytes_of(json_string_value(json_object_get(body, "root"))), &said) &&
		     prl_hash_equal(&root, &said),
	     "peer.seen of another tree", index);
}

static void walk_got(walk *w, uint64_t index, const json_t *body)
{
	size_t i;
	const json_t *text;
	prl_hash hash;
	json_array_foreach(json_object_get(body, "hashes"), i, text) need(
		w->r,
		prl_hash_read(prl_bytes_of(json_string_value(text)), &hash) && record_files_has_content(w->r, &hash),
		"content.got of what is not here", index);
}

static void walk_chain(walk *w, uint64_t index, const prl_entry *entry)
{
	size_t k = 0;
	while (k < w->key_count && !prl_bytes_is(entry->key, w->keys[k].name))
		k++;
	if (k == w->key_count) {
		need(w->r, k < KEYS_MAX, "too many keys", index);
		(void)snprintf(w->keys[w->key_count++].name, sizeof w->keys->name, "%.*s", (int)entry->key.size,
			       entry->key.data);
	}
	need(w->r, entry->serial == w->keys[k].serial + 1, "a serial is missing or there twice", index);
	need(w->r, prl_hash_equal(&entry->previous, &w->keys[k].last), "previous is not the entry before", index);
	w->keys[k].serial = entry->serial;
	w->keys[k].last = entry->hash;
}

static prl_status walk_one(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	walk *w = context;
	prl_entry *entry = &w->entry;
	need(w->r, prl_entry_read(bytes, entry, err) == PRL_OK, "an entry that cannot be read", index);
	if (entry->key.data)
		walk_chain(w, index, entry);
	if (entry->recorded.data) {
		need(w->r, entry->time >= w->recorded, "time runs back", index);
		w->recorded = entry->time;
	}
	json_t *body = json_loadb(entry->body.data, entry->body.size, 0, NULL);
	need(w->r, body != NULL, "a body that is no JSON", index);
	if (prl_bytes_is(entry->kind, "peer.seen"))
		walk_seen(w, index, body);
	if (prl_bytes_is(entry->kind, "content.got"))
		walk_got(w, index, body);
	json_decref(body);
	return PRL_OK;
}

void record_files_check(record_files *r, const nodes_node *other)
{
	prl_error err;
	walk *w = calloc(1, sizeof *w);
	w->r = r;
	MUST(prl_store_check(r->store, &err));
	MUST(prl_ledger_check(r->own, r->reader, NULL, NULL, &err));
	check_checkpoint(r, r->own, &r->node->log_key.verifier, true);
	if (r->mirror) {
		MUST(prl_ledger_check(r->mirror, r->reader, NULL, NULL, &err));
		check_checkpoint(r, r->mirror, &other->log_key.verifier, false);
	}
	check_cosigned(r, other);
	MUST(prl_store_entries(r->reader, prl_ledger_log(r->own)->id, 0, r->size, walk_one, w, &err));
	free(w);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

typedef struct counting {
	const char *text;
	size_t count;
} counting;

static prl_status count_one(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	counting *c = context;
	(void)index, (void)err;
	c->count += memmem(entry.data, entry.size, c->text, strlen(c->text)) != NULL;
	return PRL_OK;
}

size_t record_files_count(record_files *r, const char *text)
{
	prl_error err;
	counting c = { text, 0 };
	MUST(prl_store_entries(r->reader, prl_ledger_log(r->own)->id, 0, r->size, count_one, &c, &err));
	return c.count;
}

bool record_files_has_content(record_files *r, const prl_hash *hash)
{
	prl_error err;
	prl_time at;
	prl_buffer bytes = PRL_BUFFER(64 << 20);
	prl_status status = prl_store_content_get(r->reader, hash, &at, &bytes, &err);
	prl_hash found = prl_sha256(bytes.data ? bytes.data : "", bytes.size);
	prl_buffer_done(&bytes);
	return status == PRL_OK && prl_hash_equal(&found, hash);
}
