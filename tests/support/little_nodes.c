#include "support/little_nodes.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "record/static_log.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void must(prl_status status, const char *what, const prl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "tests/support/little_nodes.c: %s: %s\n", what, err->text);
	abort();
}

static size_t number_of(const line *l, const line_log *log)
{
	return (size_t)(log - l->logs);
}

static prl_ledger *ledger_of(little_node *node, line_log *log)
{
	prl_error err = { 0 };
	prl_ledger **ledger = &node->ledgers[number_of(node->line, log)];
	if (!*ledger) {
		must(prl_ledger_open(node->store, log->origin, true, ledger, &err), log->origin, &err);
		must(prl_ledger_take(*ledger, &err), log->origin, &err);
	}
	return *ledger;
}

void little_node_make(little_node *node, line *l, const char *origin, const char *folder)
{
	char path[260];
	prl_error err = { 0 };
	*node = (little_node){ .line = l, .log = line_log_of(l, origin) };
	snprintf(node->folder, sizeof node->folder, "%s", folder);
	mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/node.json", folder);
	FILE *settings = fopen(path, "w");
	must(settings ? PRL_OK : PRL_E_IO, path, &err);
	fprintf(settings, "{\"log\": \"%s\"}\n", origin);
	fclose(settings);
	snprintf(path, sizeof path, "%s/record.db", folder);
	must(prl_store_open(path, PRL_STORE_CREATE, &node->store, &err), path, &err);
	must(prl_store_reader_new(node->store, &node->reader, &err), path, &err);
	(void)ledger_of(node, node->log);
}

void little_node_close(little_node *node)
{
	for (size_t i = 0; i < LINE_LOGS; i++)
		prl_ledger_free(node->ledgers[i]);
	prl_store_reader_free(node->reader);
	prl_store_close(node->store);
	*node = (little_node){ 0 };
}

/* ---- logs -------------------------------------------------------------------------------------------------------- */

static size_t write_note(const line_log *log, uint64_t size, const prl_hash *root, char *note)
{
	prl_checkpoint checkpoint = { .size = size, .root = *root };
	snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", log->origin);
	size_t length = prl_checkpoint_write(&checkpoint, note);
	size_t signature = prl_note_sign((prl_bytes){ note, length }, &log->key, note + length + 1);
	note[length] = '\n';
	return length + 1 + signature;
}

static void append(little_node *node, line_log *log, size_t count)
{
	prl_ledger *ledger = ledger_of(node, log);
	char note[PRL_CHECKPOINT_MAX];
	prl_stage *stage;
	prl_error err = { 0 };
	uint64_t size;
	prl_ledger_head(ledger, &size, NULL);
	must(prl_ledger_stage(ledger, log->entries + size, count, &stage, &err), log->origin, &err);
	prl_hash root = prl_stage_root(stage);
	prl_bytes checkpoint = { note, write_note(log, size + count, &root, note) };
	prl_store_batch batch = { .appends = prl_stage_append(stage, checkpoint), .append_count = 1 };
	must(prl_store_commit(node->store, &batch, &err), log->origin, &err);
	prl_stage_publish(stage);
}

void little_node_commit(little_node *node, size_t batch)
{
	uint64_t size;
	for (;;) {
		prl_ledger_head(ledger_of(node, node->log), &size, NULL);
		size_t count = node->log->size - (size_t)size;
		if (!count)
			return;
		append(node, node->log, batch && count > batch ? batch : count);
	}
}

void little_node_mirror(little_node *node, const little_node *of, uint64_t size)
{
	uint64_t here, there;
	prl_ledger_head(ledger_of(node, of->log), &here, NULL);
	prl_ledger_head(of->ledgers[number_of(of->line, of->log)], &there, NULL);
	size = size ? size : there;
	if (size > here)
		append(node, of->log, (size_t)(size - here));
}

void little_node_cosign(little_node *node, little_node *of)
{
	char note[PRL_CHECKPOINT_MAX], signature[PRL_SIGNATURE_LINE_MAX];
	uint64_t size, time_s = (uint64_t)(node->line->now / PRL_SECOND);
	prl_hash root;
	prl_error err = { 0 };
	prl_ledger_head(ledger_of(node, of->log), &size, &root);
	size_t length = write_note(of->log, size, &root, note);
	const prl_bytes text = { note, (size_t)(strstr(note, "\n\n") + 1 - note) };
	const prl_signer *signers[] = { &node->log->witness, &node->log->mirror };
	for (size_t i = 0; i < 2; i++) {
		size_t added = prl_cosign(text, signers[i], time_s, signature);
		memcpy(note + length, signature, added);
		length += added;
	}
	little_node *const nodes[] = { node, of };
	for (size_t i = 0; i < 2; i++) {
		prl_store_cosigned cosigned = { prl_ledger_log(ledger_of(nodes[i], of->log))->id,
						size,
						{ note, length } };
		prl_store_batch batch = { .cosigned = &cosigned, .cosigned_count = 1 };
		must(prl_store_commit(nodes[i]->store, &batch, &err), "cosigned", &err);
	}
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

static prl_hash salt(const char *text, char *salted, size_t *ret_length)
{
	prl_hash from = line_hash(text);
	memcpy(salted, from.bytes, sizeof from.bytes);
	*ret_length = sizeof from.bytes + (size_t)snprintf(salted + sizeof from.bytes, 4000, "%s", text);
	return prl_sha256(salted, *ret_length);
}

prl_hash little_content_hash(const char *text)
{
	char salted[4096];
	size_t length;
	return salt(text, salted, &length);
}

prl_hash little_node_content(little_node *node, const char *text)
{
	char salted[4096];
	size_t length;
	prl_error err = { 0 };
	prl_store_content content = { .hash = salt(text, salted, &length), .at = node->line->now };
	content.bytes = (prl_bytes){ salted, length };
	prl_store_batch batch = { .contents = &content, .content_count = 1 };
	must(prl_store_commit(node->store, &batch, &err), "content", &err);
	return content.hash;
}

/* ---- exports ----------------------------------------------------------------------------------------------------- */

typedef struct exporting {
	const char *out;
	prl_hash hashes[64];
	size_t count;
} exporting;

static prl_status take_content(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	exporting *e = context;
	(void)at;
	(void)size;
	(void)err;
	if (e->count < sizeof e->hashes / sizeof *e->hashes)
		e->hashes[e->count++] = *hash;
	return PRL_OK;
}

static void export_content(little_node *node, const char *out, const prl_hash *hash)
{
	char path[400], hex[65];
	prl_buffer bytes = PRL_BUFFER(1 << 20);
	prl_time at;
	prl_error err = { 0 };
	prl_hex_write(hash->bytes, sizeof hash->bytes, hex);
	snprintf(path, sizeof path, "%s/contents/%s", out, hex);
	must(prl_store_content_get(node->reader, hash, &at, &bytes, &err), path, &err);
	must(prl_folder_of_file(path, &err), path, &err);
	must(prl_file_put(path, (prl_bytes){ bytes.data, bytes.size }, &err), path, &err);
	prl_buffer_done(&bytes);
}

void little_node_export(little_node *node, const char *out)
{
	char path[400];
	prl_error err = { 0 };
	exporting e = { .out = out };
	for (size_t i = 0; i < node->line->log_count; i++) {
		const line_log *log = &node->line->logs[i];
		if (!node->ledgers[i])
			continue;
		int length = snprintf(path, sizeof path, "%s/logs/%s", out, log->origin);
		for (char *c = path + length - strlen(log->origin); *c; c++)
			*c = *c == '/' ? '%' : *c;
		must(prl_static_write(node->ledgers[i], node->reader, &log->key.verifier, path, NULL, NULL, &err), path,
		     &err);
	}
	must(prl_store_contents(node->reader, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, take_content, &e, &err), out,
	     &err);
	for (size_t i = 0; i < e.count; i++)
		export_content(node, out, &e.hashes[i]);
}
