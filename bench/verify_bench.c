/* Makes an export of one log with N messages of about 1 KB, one signature each (parley verify's workload), and says
 * what the signatures alone cost on this machine. verify_bench FOLDER N       writes FOLDER/record.db and
 * FOLDER/export; prints "signatures <seconds>" for N of them */
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/static_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LOG   "a.example/line"
#define BATCH 2000
#define WORDS 560 /* bytes of text: with head and signature about 1 KB an entry */

typedef struct author {
	prl_signer signer;
	uint64_t serial;
	prl_hash last;
} author;

typedef struct maker {
	prl_store *store;
	prl_store_reader *reader;
	prl_ledger *ledger;
	prl_signer log, witness, mirror;
	author root, desk, console;
	prl_hash line;
	prl_time now;
	char *texts;
	prl_bytes entries[BATCH];
	size_t count;
} maker;

static prl_error err;

static void must(bool right, const char *what)
{
	if (right)
		return;
	fprintf(stderr, "verify_bench: %s: %s\n", what, err.text);
	exit(3);
}

static prl_signer key(const char *name, prl_key_type type)
{
	prl_signer signer;
	prl_hash seed = prl_sha256(name, strlen(name));
	must(!prl_signer_from_seed(name, type, seed.bytes, &signer, &err), name);
	return signer;
}

static const char *vkey(const prl_signer *signer)
{
	static char texts[8][PRL_KEY_TEXT_MAX];
	static size_t at;
	char *text = texts[at++ % 8];
	prl_verifier_write(&signer->verifier, text);
	return text;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static void commit(maker *m)
{
	prl_stage *stage;
	char note[PRL_CHECKPOINT_MAX];
	must(!prl_ledger_stage(m->ledger, m->entries, m->count, &stage, &err), "stage");
	prl_checkpoint checkpoint = { LOG, prl_stage_size(stage), prl_stage_root(stage) };
	size_t length = prl_checkpoint_write(&checkpoint, note);
	size_t signature = prl_note_sign((prl_bytes){ note, length }, &m->log, note + length + 1);
	note[length] = '\n';
	prl_store_batch batch = { .appends = prl_stage_append(stage, (prl_bytes){ note, length + 1 + signature }),
				  .append_count = 1 };
	must(!prl_store_commit(m->store, &batch, &err), "commit");
	prl_stage_publish(stage);
	m->count = 0;
}

static void add(maker *m, const prl_entry_head *head, const char *body, author *by)
{
	char *text = m->texts + m->count * PRL_ENTRY_MAX;
	const prl_signer *signers[] = { &by->signer };
	size_t length = prl_entry_write(head, prl_bytes_of(body), signers, 1, text, PRL_ENTRY_MAX);
	must(length > 0, "an entry that does not fit");
	m->entries[m->count++] = (prl_bytes){ text, length };
	by->serial = head->serial;
	by->last = prl_sha256(text, length);
	m->now += PRL_SECOND / 100;
	if (m->count == BATCH)
		commit(m);
}

static void act(maker *m, const char *kind, const char *desk, author *by, const char *body)
{
	const prl_entry_head head = { .kind = kind,
				      .log = LOG,
				      .party = "a",
				      .desk = desk,
				      .key = by->signer.verifier.name,
				      .line = &m->line,
				      .previous = &by->last,
				      .serial = by->serial + 1,
				      .mode = PRL_MODE_TEST,
				      .time = m->now };
	add(m, &head, body, by);
}

static void begin(maker *m)
{
	char body[4096];
	prl_note note;
	snprintf(body, sizeof body,
		 "{\"line\": \"a bench\", \"parties\": [{\"name\": \"a\", \"title\": \"A\", \"root\": \"%s\", \"log\": "
		 "\"" LOG "\"}], \"logs\": [{\"origin\": \"" LOG
		 "\", \"key\": \"%s\", \"witness\": \"%s\", \"mirror\": \"%s\", "
		 "\"address\": \"https://a.example\"}]}",
		 vkey(&m->root.signer), vkey(&m->log), vkey(&m->witness), vkey(&m->mirror));
	const prl_entry_head head = { .kind = "constitution", .mode = PRL_MODE_TEST, .time = m->now };
	add(m, &head, body, &m->root);
	must(!prl_note_read(m->entries[0], &note, &err), "constitution");
	m->line = prl_sha256(note.text.data, note.text.size);
	m->root.serial = 0;
	m->root.last = (prl_hash){ 0 };
	snprintf(body, sizeof body, "{\"desk\": \"a-ops\", \"title\": \"Operations\", \"key\": \"%s\"}",
		 vkey(&m->desk.signer));
	act(m, "desk.opened", NULL, &m->root, body);
	snprintf(body, sizeof body, "{\"key\": \"%s\"}", vkey(&m->console.signer));
	act(m, "key.certified", "a-ops", &m->desk, body);
}

static void say(maker *m, unsigned long long number)
{
	static const char words[] =
		"the bridge at kilometre forty is closed until further notice and the convoy waits; ";
	char text[WORDS + 1], body[WORDS + 80];
	for (size_t i = 0; i < WORDS; i++)
		text[i] = words[(i + number) % (sizeof words - 1)];
	text[WORDS] = 0;
	snprintf(body, sizeof body, "{\"text\": \"%llu %s\", \"language\": \"en\"}", number, text);
	act(m, "message.sent", "a-ops", &m->console, body);
}

/* ---- the signatures alone ---------------------------------------------------------------------------------------- */

static prl_status verify_one(void *context, uint64_t index, prl_bytes bytes, prl_error *why)
{
	maker *m = context;
	prl_note note;
	bool held;
	prl_status st = prl_note_read(bytes, &note, why);
	(void)index;
	return st ? st : prl_note_verify(&note, &m->console.signer.verifier, 1, &held, why);
}

static void time_signatures(maker *m, uint64_t count)
{
	const uint64_t sample = count < 20000 ? count : 20000;
	struct timespec from, to;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	must(!prl_store_entries(m->reader, prl_ledger_log(m->ledger)->id, 3, 3 + sample, verify_one, m, &err),
	     "entries");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	printf("signatures %.2f\n", seconds * (double)count / (double)sample);
}

int main(int argc, char **argv)
{
	char path[4096];
	maker *m = calloc(1, sizeof *m);
	unsigned long long count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	must(m && count && (m->texts = malloc((size_t)BATCH * PRL_ENTRY_MAX)), "usage: verify_bench FOLDER N");
	mkdir(argv[1], 0700);
	snprintf(path, sizeof path, "%s/record.db", argv[1]);
	must(!prl_store_open(path, PRL_STORE_CREATE, &m->store, &err), path);
	must(!prl_store_reader_new(m->store, &m->reader, &err), path);
	must(!prl_ledger_open(m->store, LOG, true, &m->ledger, &err) && !prl_ledger_take(m->ledger, &err), LOG);
	m->log = key(LOG, PRL_KEY_NOTE);
	m->witness = key(LOG "/witness", PRL_KEY_COSIGNATURE);
	m->mirror = key(LOG "/mirror", PRL_KEY_COSIGNATURE);
	m->root.signer = key("a/root", PRL_KEY_NOTE);
	m->desk.signer = key("a-ops", PRL_KEY_NOTE);
	m->console.signer = key("a-ops/1", PRL_KEY_NOTE);
	m->now = INT64_C(1474113600) * PRL_SECOND;
	begin(m);
	for (unsigned long long i = 0; i < count; i++)
		say(m, i);
	if (m->count)
		commit(m);
	snprintf(path, sizeof path, "%s/export/logs/a.example%%line", argv[1]);
	must(!prl_static_write(m->ledger, m->reader, &m->log.verifier, path, NULL, NULL, &err), path);
	time_signatures(m, count);
	prl_ledger_free(m->ledger);
	prl_store_reader_free(m->reader);
	prl_store_close(m->store);
	free(m->texts);
	free(m);
	return 0;
}
