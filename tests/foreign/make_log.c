/* Writes a log for other people's verifiers to check: make_log FOLDER. The log goes through the real ledger and store,
 * in several batches, and comes out as the static files of tlog-tiles v0.1.0:
 *
 *   checkpoint      of all 70,000 entries, signed by the log, cosigned by a witness and a mirror key
 *   checkpoint.old  of the first 4,321
 *   tile/…          every tile and bundle of the tree of 70,000
 *   proof/N         a tlog-proof of entry N, for some N; its checkpoint is the file checkpoint
 *   log.vkey, witness.vkey, mirror.vkey */
#include "base/memory.h"
#include "support/test_log.h"
#include "support/test_note.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ENTRIES 70000u
#define OLD     4321u
#define TIME_S  1474116900u /* 2016-09-17T12:55:00Z */

static const char *folder;

static void must(prl_status status, const prl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "make_log: %s: %s\n", prl_status_text(status), err->text);
	exit(1);
}

/* Makes the folders that name stands in, and writes the file. */
static void write_file(const char *name, const void *bytes, size_t size)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	for (char *slash = path + strlen(folder); (slash = strchr(slash + 1, '/'));) {
		*slash = 0;
		mkdir(path, 0777);
		*slash = '/';
	}
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

static void write_key(const char *name, const prl_signer *signer)
{
	char text[PRL_KEY_TEXT_MAX];
	prl_verifier_write(&signer->verifier, text);
	write_file(name, text, strlen(text));
}

/* Adds the cosignature of a key of that name to the note and writes the key. */
static void cosign(const char *name, const char *key_file, prl_buffer *note)
{
	prl_signer signer = test_signer(name, PRL_KEY_COSIGNATURE);
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t text_length = (size_t)(strstr(note->data, "\n\n") + 1 - note->data);
	size_t length = prl_cosign((prl_bytes){ note->data, text_length }, &signer, TIME_S, line);
	prl_buffer_append(note, line, length);
	write_key(key_file, &signer);
}

static void write_checkpoint(test_log *log, const char *name, prl_buffer *note)
{
	uint64_t size;
	prl_hash root;
	char text[PRL_CHECKPOINT_MAX];
	prl_ledger_head(log->ledger, &size, &root);
	prl_buffer_append(note, text, test_checkpoint(&log->key, size, &root, text));
	cosign("witness.test/w", "witness.vkey", note);
	cosign("mirror.test/m", "mirror.vkey", note);
	write_file(name, note->data, note->size);
}

static void write_tile(test_log *log, int level, uint64_t number)
{
	prl_tile tile = { level, number, prl_tile_width(level, number, ENTRIES) };
	prl_buffer bytes = PRL_BUFFER(32u << 20);
	prl_error err;
	char path[PRL_TILE_PATH_MAX];
	prl_tile_path_write(&tile, path);
	must(prl_ledger_tile(log->ledger, log->reader, &tile, &bytes, &err), &err);
	write_file(path, bytes.data, bytes.size);
	prl_buffer_done(&bytes);
}

static void write_proof(test_log *log, uint64_t index, prl_bytes checkpoint)
{
	prl_proof_file file = { .index = index, .checkpoint = checkpoint };
	prl_error err;
	char name[64], text[PRL_PROOF_FILE_MAX];
	must(prl_ledger_inclusion(log->ledger, log->reader, index, ENTRIES, &file.proof, &err), &err);
	snprintf(name, sizeof name, "proof/%llu", (unsigned long long)index);
	write_file(name, text, prl_proof_file_write(&file, text, sizeof text));
}

int main(int argc, char **argv)
{
	static const uint64_t proven[] = { 0, 1, 255, 256, 4320, 4321, 65535, 65536, 69887, 69888, ENTRIES - 1 };
	test_log log;
	prl_buffer old = PRL_BUFFER(PRL_CHECKPOINT_MAX), note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	if (argc != 2) {
		fprintf(stderr, "usage: make_log FOLDER\n");
		return 2;
	}
	folder = argv[1];
	mkdir(folder, 0777);
	test_log_make(&log);
	test_log_grow(&log, OLD);
	write_checkpoint(&log, "checkpoint.old", &old);
	for (unsigned size = OLD, step; size < ENTRIES; size += step) {
		step = ENTRIES - size < 9999 ? ENTRIES - size : 9999;
		test_log_grow(&log, step);
	}
	write_checkpoint(&log, "checkpoint", &note);
	write_key("log.vkey", &log.key);
	for (int level = PRL_TILE_ENTRIES; level < 8; level++)
		for (uint64_t number = 0; prl_tile_width(level, number, ENTRIES); number++)
			write_tile(&log, level, number);
	for (size_t i = 0; i < sizeof proven / sizeof *proven; i++)
		write_proof(&log, proven[i], (prl_bytes){ note.data, note.size });
	prl_buffer_done(&old);
	prl_buffer_done(&note);
	test_log_remove(&log);
	return 0;
}
