#include "support/test_node.h"

#include "base/text.h"
#include "node/founding.h"
#include "node/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void check(prl_status status, const prl_error *err, const char *what)
{
	if (status)
		fail_msg("%s: %s: %s%s%s", what, prl_status_text(status), err->where, err->where[0] ? ": " : "",
			 err->text);
}

/* ---- folder ------------------------------------------------------------------------------------------------------ */

static void save_key(test_node *node, const char *name, const prl_signer *signer)
{
	char path[PRL_KEY_PATH_MAX];
	prl_error err;
	check(prl_key_path(node->path, name, path, &err), &err, name);
	check(prl_key_save(path, signer, &err), &err, name);
}

void test_node_make(test_node *node, line *l, const char *origin)
{
	char path[128];
	prl_error err;
	*node = (test_node){ .l = l, .origin = origin, .path = "/tmp/parley-node-XXXXXX" };
	assert_non_null(mkdtemp(node->path));
	snprintf(path, sizeof path, "%s/keys", node->path);
	assert_int_equal(mkdir(path, 0700), 0);
	line_log *log = line_log_of(l, origin);
	save_key(node, "log", &log->key);
	save_key(node, "witness", &log->witness);
	save_key(node, "mirror", &log->mirror);
	if (log->size == 0) {
		prl_picture *picture = line_picture(origin);
		line_begin(l, picture, origin);
		prl_picture_free(picture);
	}
	snprintf(path, sizeof path, "%s/record.db", node->path);
	check(prl_founding_open(path, &log->key, log->entries, log->size, &err), &err, "founding");
	node->now = l->now;
	node->fork = PRL_BUFFER(1 << 20);
}

/* ---- clerk ------------------------------------------------------------------------------------------------------- */

static prl_time now_of(void *context)
{
	test_node *node = context;
	return node->now;
}

static void grown(void *context)
{
	test_node *node = context;
	node->grown++;
}

static void forked(void *context, const char *log, prl_bytes proof)
{
	test_node *node = context;
	(void)log;
	prl_buffer_clear(&node->fork);
	assert_true(prl_buffer_append(&node->fork, proof.data, proof.size));
	node->forks++;
}

static void said(void *context, const char *words)
{
	test_node *node = context;
	if (node->said_count < sizeof node->said / sizeof *node->said)
		snprintf(node->said[node->said_count++], sizeof *node->said, "%s", words);
}

prl_status test_node_try(test_node *node, prl_error *err)
{
	prl_folder_options options = { .path = node->path, .replay = node->replay, .say = said, .context = node };
	node->said_count = 0;
	return prl_folder_open(&options, &node->folder, err);
}

void test_node_start(test_node *node, bool open)
{
	prl_error err = { 0 };
	check(test_node_try(node, &err), &err, node->origin);
	prl_clerk_parts parts = prl_folder_parts(node->folder);
	parts.now = now_of;
	parts.grown = grown;
	parts.forked = forked;
	parts.context = node;
	parts.left_most = node->left_most;
	parts.meets_most = node->meets_most;
	check(prl_store_reader_new(node->folder->store, &node->reader, &err), &err, "reader");
	if (node->dss)
		check(prl_registry_new(node->folder->picture, &node->registry, &err), &err, "registry");
	parts.registry = node->registry;
	check(prl_clerk_start(&parts, &node->clerk, &err), &err, "clerk");
	if (open)
		prl_clerk_open(node->clerk);
}

void test_node_stop(test_node *node)
{
	prl_clerk_stop(node->clerk);
	prl_store_reader_free(node->reader);
	prl_registry_free(node->registry);
	prl_folder_close(node->folder);
	node->registry = NULL;
	node->clerk = NULL;
	node->reader = NULL;
	node->folder = NULL;
}

void test_node_remove(test_node *node)
{
	char command[128];
	if (node->clerk)
		test_node_stop(node);
	prl_buffer_done(&node->fork);
	snprintf(command, sizeof command, "rm -rf '%s'", node->path);
	assert_int_equal(system(command), 0);
}

/* ---- filing ------------------------------------------------------------------------------------------------------ */

prl_status test_node_file(test_node *node, prl_bytes bytes, prl_filing *ret)
{
	prl_entry *entry = malloc(sizeof *entry);
	prl_vouched *vouched = malloc(sizeof *vouched);
	prl_error err = { 0 };
	check(prl_entry_read(bytes, entry, &err), &err, "entry");
	prl_version version = prl_picture_pin(node->folder->picture);
	bool held = prl_picture_vouch(node->folder->picture, version, entry, vouched, &err) == PRL_OK;
	prl_picture_unpin(node->folder->picture, version);
	ret->what = PRL_FILING_SIGNED;
	ret->entry = entry;
	ret->vouched = held ? vouched : NULL;
	prl_status status = prl_clerk_submit_wait(node->clerk, ret);
	free(vouched);
	free(entry);
	ret->entry = NULL;
	return status;
}

prl_status test_node_act(test_node *node, const line_act *act, prl_filing *ret)
{
	return test_node_file(node, line_entry(node->l, act), ret);
}

prl_status test_node_say(test_node *node, const char *key, const char *words, prl_filing *ret)
{
	line_act act = { .kind = "message.sent",
			 .key = key,
			 .body = line_text(node->l, "{\"text\": \"%s\", \"language\": \"en\"}", words) };
	return test_node_act(node, &act, ret);
}

prl_status test_node_record(test_node *node, const char *kind, const char *body, prl_filing *ret)
{
	ret->what = PRL_FILING_RECORDED;
	ret->kind = kind;
	ret->recorded = "node";
	ret->body = prl_bytes_of(body);
	return prl_clerk_submit_wait(node->clerk, ret);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static prl_bytes keep(test_node *node, prl_bytes bytes)
{
	char *copy = prl_arena_alloc(&node->l->memory, bytes.size + 1, 1);
	assert_non_null(copy);
	memcpy(copy, bytes.data, bytes.size);
	copy[bytes.size] = 0;
	return (prl_bytes){ copy, bytes.size };
}

uint64_t test_node_size(test_node *node)
{
	uint64_t size;
	prl_ledger_head(node->folder->own, &size, NULL);
	return size;
}

static prl_ledger *mirror_of(test_node *node, const char *origin)
{
	for (size_t i = 0; i < node->folder->peer_count; i++)
		if (!strcmp(prl_ledger_origin(node->folder->peers[i]), origin))
			return node->folder->peers[i];
	fail_msg("no mirror of %s", origin);
	return NULL;
}

uint64_t test_node_held(test_node *node, const char *origin)
{
	uint64_t size;
	prl_ledger_head(mirror_of(node, origin), &size, NULL);
	return size;
}

uint64_t test_node_seen(test_node *node, const char *origin)
{
	prl_version version = prl_picture_pin(node->folder->picture);
	const prl_peer *peer = prl_picture_peer(node->folder->picture, version, prl_bytes_of(origin));
	uint64_t size = peer ? peer->size : 0;
	prl_picture_unpin(node->folder->picture, version);
	return size;
}

typedef struct found {
	test_node *node;
	prl_bytes entry;
} found;

static prl_status take(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	found *one = context;
	(void)index;
	(void)err;
	one->entry = keep(one->node, entry);
	return PRL_OK;
}

prl_bytes test_node_entry(test_node *node, uint64_t index)
{
	prl_error err = { 0 };
	found one = { .node = node };
	uint32_t log = prl_ledger_log(node->folder->own)->id;
	check(prl_store_entries(node->reader, log, index, index + 1, take, &one, &err), &err, "entry");
	return one.entry;
}

bool test_node_is(test_node *node, uint64_t index, const char *kind)
{
	char first[200];
	prl_bytes entry = test_node_entry(node, index);
	size_t length = (size_t)snprintf(first, sizeof first, "parley/v1 %s\n", kind);
	return entry.size > length && !memcmp(entry.data, first, length);
}

prl_bytes test_node_note(test_node *node)
{
	prl_error err = { 0 };
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	check(prl_store_checkpoint(node->reader, prl_ledger_log(node->folder->own)->id, &note, &err), &err,
	      "checkpoint");
	prl_bytes kept = keep(node, (prl_bytes){ note.data, note.size });
	prl_buffer_done(&note);
	return kept;
}

prl_hash test_node_digest(test_node *node)
{
	prl_error err = { 0 };
	prl_hash digest;
	prl_version version = prl_picture_pin(node->folder->picture);
	check(prl_picture_digest(node->folder->picture, version, &digest, &err), &err, "digest");
	prl_picture_unpin(node->folder->picture, version);
	return digest;
}

/* ---- checkpoints ------------------------------------------------------------------------------------------------- */

prl_bytes test_note_of(line *l, const char *origin, uint64_t size, const prl_hash *root)
{
	char text[PRL_CHECKPOINT_TEXT_MAX], signature[PRL_SIGNATURE_LINE_MAX];
	prl_checkpoint checkpoint = { .size = size, .root = *root };
	snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", origin);
	size_t length = prl_checkpoint_write(&checkpoint, text);
	assert_true(prl_note_sign((prl_bytes){ text, length }, &line_log_of(l, origin)->key, signature) > 0);
	return prl_bytes_of(line_text(l, "%s\n%s", text, signature));
}

prl_bytes test_note(line *l, const char *origin, uint64_t size)
{
	return test_note_of(l, origin, size, &line_log_of(l, origin)->roots[size]);
}

prl_status test_node_mirror(test_node *node, const char *origin, uint64_t start, uint64_t end, prl_filing *ret)
{
	ret->what = PRL_FILING_MIRROR;
	ret->log = origin;
	ret->start = start;
	ret->entries = line_log_of(node->l, origin)->entries + start;
	ret->entry_count = end - start;
	ret->checkpoint = test_note(node->l, origin, end);
	return prl_clerk_submit_wait(node->clerk, ret);
}

/* What one checkpoint covers: a clerk that compares in quiet moments may write another at any time. */
static uint64_t size_of(prl_bytes checkpoint)
{
	prl_note note;
	prl_checkpoint read;
	prl_error err = { 0 };
	check(prl_note_read(checkpoint, &note, &err), &err, "note");
	check(prl_checkpoint_read(note.text, &read, &err), &err, "checkpoint");
	return read.size;
}

bool test_node_push(test_node *from, test_node *to)
{
	prl_bytes checkpoint = test_node_note(from);
	uint64_t size = size_of(checkpoint), held = test_node_held(to, from->origin);
	if (size == held)
		return false;
	prl_bytes *entries = prl_array_new(size - held, sizeof *entries);
	for (uint64_t i = held; i < size; i++)
		entries[i - held] = test_node_entry(from, i);
	prl_filing push = { .what = PRL_FILING_MIRROR,
			    .log = from->origin,
			    .start = held,
			    .entries = entries,
			    .entry_count = size - held,
			    .checkpoint = checkpoint };
	prl_status status = prl_clerk_submit_wait(to->clerk, &push);
	check(status, &push.err, "mirror");
	free(entries);
	prl_filing back = { .what = PRL_FILING_COSIGNED,
			    .checkpoint = prl_bytes_of(line_text(from->l, "%.*s%s", (int)push.checkpoint.size,
								 push.checkpoint.data, push.cosignatures)) };
	status = prl_clerk_submit_wait(from->clerk, &back);
	check(status, &back.err, "cosigned");
	return true;
}
