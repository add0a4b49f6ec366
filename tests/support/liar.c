#include "support/liar.h"

#include "base/hash.h"
#include "base/text.h"
#include "record/ledger.h"

#include <stdio.h>
#include <string.h>

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		if (call)                                                                                              \
			nodes_fail(__FILE__, __LINE__, err.text);                                                      \
	} while (0)

/* ---- the log ----------------------------------------------------------------------------------------------------- */

static void make_room(liar *l)
{
	if (l->size + 1 < l->room)
		return;
	l->room = l->room ? 2 * l->room : 1024;
	l->entries = realloc(l->entries, l->room * sizeof *l->entries);
	l->roots = realloc(l->roots, l->room * sizeof *l->roots);
	if (!l->entries || !l->roots)
		nodes_fail(__FILE__, __LINE__, "too many lies");
	l->roots[0] = prl_empty_root();
}

void liar_append(liar *l, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);
	make_room(l);
	memcpy(copy, bytes, size);
	prl_bytes entry = { copy, size };
	prl_hash leaf = prl_leaf_hash(entry);
	prl_frontier_append(&l->tree, &leaf);
	l->entries[l->size++] = entry;
	l->roots[l->size] = prl_frontier_root(&l->tree);
}

size_t liar_write(const liar *l, const prl_entry_head *asked, const char *body, const prl_signer *signer, char *text)
{
	prl_entry_head head = *asked;
	head.kind = head.kind ? head.kind : "message.sent";
	head.log = head.log ? head.log : l->node->origin;
	head.line = head.line ? head.line : &l->line;
	head.mode = PRL_MODE_TEST;
	head.time = head.time ? head.time : 1700000000 * PRL_SECOND;
	if (!head.recorded) {
		head.party = head.party ? head.party : l->node->party;
		head.key = head.key ? head.key : l->node->console.verifier.name;
		head.desk = head.desk ? (*head.desk ? head.desk : NULL) : l->node->desk.verifier.name;
		head.serial = head.serial ? head.serial : l->serial + 1;
		head.previous = head.previous ? head.previous : &l->previous;
	}
	size_t size = prl_entry_write(&head, prl_bytes_of(body), &signer, head.recorded ? 0 : 1, text, PRL_ENTRY_MAX);
	if (!size)
		nodes_fail(__FILE__, __LINE__, "a lie that cannot be written");
	return size;
}

void liar_act(liar *l, const char *kind, const char *body)
{
	char *text = malloc(PRL_ENTRY_MAX);
	prl_entry_head head = { .kind = kind };
	size_t size = liar_write(l, &head, body, &l->node->console, text);
	l->serial++;
	l->previous = prl_sha256(text, size);
	liar_append(l, text, size);
	free(text);
}

void liar_forget(liar *l, size_t size)
{
	for (size_t i = size; i-- > 0 && l->entries[i].data;) {
		free((char *)(uintptr_t)l->entries[i].data);
		l->entries[i] = (prl_bytes){ NULL, 0 };
	}
}

void liar_say(liar *l, const char *words)
{
	char *text = malloc(PRL_ENTRY_MAX), body[400];
	(void)snprintf(body, sizeof body, "{\"text\":\"%s\",\"language\":\"en\"}", words);
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, body, &l->node->console, text);
	l->serial++;
	l->previous = prl_sha256(text, size);
	liar_append(l, text, size);
	free(text);
}

void liar_chained(liar *l, bool desk, const char *entry, size_t size)
{
	*(desk ? &l->desk_serial : &l->serial) += 1;
	*(desk ? &l->desk_previous : &l->previous) = prl_sha256(entry, size);
}

static prl_status take_first(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	liar *l = context;
	(void)index, (void)err;
	liar_append(l, entry.data, entry.size);
	return PRL_OK;
}

static void read_constitution(liar *l)
{
	prl_error err;
	prl_store *store;
	prl_store_reader *reader;
	prl_ledger *ledger;
	prl_note note;
	char path[340];
	(void)snprintf(path, sizeof path, "%s/record.db", l->node->folder);
	MUST(prl_store_open(path, PRL_STORE_READ, &store, &err));
	MUST(prl_store_reader_new(store, &reader, &err));
	MUST(prl_ledger_open(store, l->node->origin, false, &ledger, &err));
	MUST(prl_store_entries(reader, prl_ledger_log(ledger)->id, 0, 1, take_first, l, &err));
	prl_ledger_free(ledger);
	prl_store_reader_free(reader);
	prl_store_close(store);
	MUST(prl_note_read(l->entries[0], &note, &err));
	l->line = prl_sha256(note.text.data, note.text.size);
}

/* Desk and console, each by the first entry of the key above it. */
static void open_desk(liar *l)
{
	static const prl_hash none;
	const nodes_node *node = l->node;
	char *text = malloc(PRL_ENTRY_MAX), vkey[PRL_KEY_TEXT_MAX], body[500];
	prl_verifier_write(&node->desk.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"desk\":\"%s\",\"title\":\"Operations\",\"key\":\"%s\"}",
		       node->desk.verifier.name, vkey);
	prl_entry_head opened = {
		.kind = "desk.opened", .key = node->root.verifier.name, .desk = "", .serial = 1, .previous = &none
	};
	liar_append(l, text, liar_write(l, &opened, body, &node->root, text));
	prl_verifier_write(&node->console.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	prl_entry_head certified = {
		.kind = "key.certified", .key = node->desk.verifier.name, .serial = 1, .previous = &none
	};
	size_t size = liar_write(l, &certified, body, &node->desk, text);
	liar_append(l, text, size);
	l->desk_serial = 1;
	l->desk_previous = prl_sha256(text, size);
	free(text);
}

liar *liar_new(nodes_set *n, size_t index, size_t to)
{
	prl_error err;
	liar *l = calloc(1, sizeof *l);
	prl_link_options options = { .address = n->nodes[to].address };
	l->node = &n->nodes[index];
	read_constitution(l);
	open_desk(l);
	MUST(prl_link_new(&options, &l->link, &err));
	MUST(prl_link_login(l->link, &l->node->log_key, NULL, NULL, &err));
	return l;
}

liar *liar_branch(const liar *from, size_t size)
{
	liar *l = calloc(1, sizeof *l);
	l->node = from->node;
	l->line = from->line;
	l->serial = from->serial;
	l->previous = from->previous;
	l->desk_serial = from->desk_serial;
	l->desk_previous = from->desk_previous;
	for (size_t i = 0; i < size; i++)
		liar_append(l, from->entries[i].data, from->entries[i].size);
	return l;
}

void liar_free(liar *l)
{
	for (size_t i = 0; i < l->size; i++)
		free((char *)(uintptr_t)l->entries[i].data);
	prl_link_free(l->link);
	free(l->entries);
	free(l->roots);
	free(l);
}

/* ---- checkpoints, proofs, requests ------------------------------------------------------------------------------- */

prl_bytes liar_checkpoint(const liar *l, uint64_t size, const prl_hash *root, const prl_signer *signer,
			  char text[PRL_CHECKPOINT_MAX])
{
	char line[PRL_SIGNATURE_LINE_MAX];
	prl_checkpoint c = { .size = size, .root = root ? *root : l->roots[size] };
	(void)snprintf(c.origin, sizeof c.origin, "%s", l->node->origin);
	size_t length = prl_checkpoint_write(&c, text);
	size_t signature = prl_note_sign((prl_bytes){ text, length }, signer, line);
	text[length] = '\n';
	memcpy(text + length + 1, line, signature);
	return (prl_bytes){ text, length + 1 + signature };
}

unsigned liar_ask(liar *l, const char *method, const char *path, const char *type, prl_bytes body)
{
	prl_error err;
	prl_reply reply = PRL_REPLY(16 << 20);
	const prl_bytes *sent = body.data ? &body : NULL;
	prl_status status = prl_link_send(l->link, method, path, type, sent, &reply, &err);
	if (!status && reply.status == 401) { /* another process than the one that gave the token */
		MUST(prl_link_login(l->link, &l->node->log_key, NULL, NULL, &err));
		status = prl_link_send(l->link, method, path, type, sent, &reply, &err);
	}
	(void)snprintf(l->answer, sizeof l->answer, "%s", status ? err.text : reply.body.data ? reply.body.data : "");
	unsigned answer = status ? 0 : reply.status;
	prl_reply_done(&reply);
	return answer;
}

unsigned liar_push_with(liar *l, uint64_t start, uint64_t end, prl_bytes checkpoint)
{
	prl_buffer push = PRL_BUFFER(256 << 20);
	prl_buffer_printf(&push, "%llu\n%zu\n", (unsigned long long)start, checkpoint.size);
	prl_buffer_append(&push, checkpoint.data, checkpoint.size);
	for (uint64_t i = start; i < end; i++) {
		uint8_t length[2] = { (uint8_t)(l->entries[i].size >> 8), (uint8_t)l->entries[i].size };
		prl_buffer_append(&push, length, 2);
		prl_buffer_append(&push, l->entries[i].data, l->entries[i].size);
	}
	unsigned status = liar_ask(l, "POST", "/parley/v1/peer/entries", "application/octet-stream",
				   (prl_bytes){ push.data, push.size });
	prl_buffer_done(&push);
	return status;
}

unsigned liar_push(liar *l, uint64_t start)
{
	char text[PRL_CHECKPOINT_MAX];
	return liar_push_with(l, start, l->size, liar_checkpoint(l, l->size, NULL, &l->node->log_key, text));
}

static prl_hash subtree_of(liar *l, uint64_t begin, uint64_t end)
{
	prl_frontier tree = { 0 };
	for (uint64_t i = begin; i < end; i++) {
		prl_hash leaf = prl_leaf_hash(l->entries[i]);
		prl_frontier_append(&tree, &leaf);
	}
	return prl_frontier_root(&tree);
}

static prl_status subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	(void)err;
	*ret = subtree_of(context, index << level, (index + 1) << level);
	return PRL_OK;
}

prl_proof liar_consistency(liar *l, uint64_t old, uint64_t size)
{
	prl_error err;
	prl_proof proof = { 0 };
	if (old)
		MUST(prl_consistency_prove(old, size, subtree, l, &proof, &err));
	return proof;
}
