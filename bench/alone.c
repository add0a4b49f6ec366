#include "alone.h"

#include "base/text.h"
#include "node/founding.h"
#include "node/keys.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOG "bench.example/line"

void alone_must(prl_status status, const prl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, err->text);
	exit(3);
}

static void make_chain(alone_chain *c, const char *name, const char *desk)
{
	prl_error err;
	snprintf(c->name, sizeof c->name, "%s", name);
	snprintf(c->desk, sizeof c->desk, "%s", desk);
	alone_must(prl_signer_new(name, PRL_KEY_NOTE, &c->signer, &err), &err);
}

size_t alone_sign(const alone *a, alone_chain *c, const char *kind, prl_bytes body, char *text)
{
	prl_entry_head head = { .kind = kind,
				.log = LOG,
				.party = "bench",
				.desk = c->desk[0] ? c->desk : NULL,
				.key = c->name,
				.line = &a->line,
				.previous = &c->last,
				.serial = c->serial + 1,
				.mode = PRL_MODE_TEST,
				.time = ALONE_CLOCK * PRL_SECOND };
	const prl_signer *signer = &c->signer;
	size_t length = prl_entry_write(&head, body, &signer, 1, text, PRL_ENTRY_MAX);
	if (!length)
		exit(3);
	c->serial++;
	return length;
}

void alone_found(alone *a, const char *path_given)
{
	prl_error err;
	char path[PRL_KEY_PATH_MAX];
	prl_card card = { .party = "bench", .title = "Bench", .address = "http://127.0.0.1:8440" };
	prl_signer log, witness, mirror;
	snprintf(a->path, sizeof a->path, "%s", path_given);
	snprintf(path, sizeof path, "%s/keys", a->path);
	if ((mkdir(a->path, 0700) && errno != EEXIST) || mkdir(path, 0700)) {
		fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, path, strerror(errno));
		exit(3);
	}
	make_chain(&a->root, "bench/root", "");
	alone_must(prl_signer_new(LOG, PRL_KEY_NOTE, &log, &err), &err);
	alone_must(prl_signer_new(LOG "/witness", PRL_KEY_COSIGNATURE, &witness, &err), &err);
	alone_must(prl_signer_new(LOG "/mirror", PRL_KEY_COSIGNATURE, &mirror, &err), &err);
	const prl_signer *keys[] = { &log, &witness, &mirror };
	static const char *const names[] = { "log", "witness", "mirror" };
	for (size_t i = 0; i < 3; i++) {
		alone_must(prl_key_path(a->path, names[i], path, &err), &err);
		alone_must(prl_key_save(path, keys[i], &err), &err);
	}
	card.root = a->root.signer.verifier;
	card.log = log.verifier;
	card.witness = witness.verifier;
	card.mirror = mirror.verifier;
	prl_founding_terms terms = { .title = "bench", .mode = PRL_MODE_TEST, .time = ALONE_CLOCK * PRL_SECOND };
	prl_buffer whole = PRL_BUFFER(PRL_ENTRY_MAX);
	alone_must(prl_founding_draft(&card, 1, &terms, &a->root.signer, &whole, &err), &err);
	prl_bytes first = { whole.data, whole.size };
	snprintf(path, sizeof path, "%s/record.db", a->path);
	alone_must(prl_founding_open(path, &log, &first, 1, &err), &err);
	prl_buffer_done(&whole);
}

static void file_first(alone *a, alone_chain *c, const char *kind, const char *start, const alone_chain *other)
{
	static char text[PRL_ENTRY_MAX], body[1000], vkey[PRL_KEY_TEXT_MAX];
	static prl_entry entry;
	prl_error err;
	prl_verifier_write(&other->signer.verifier, vkey);
	snprintf(body, sizeof body, "%s\"key\": \"%s\"}", start, vkey);
	size_t length = alone_sign(a, c, kind, prl_bytes_of(body), text);
	alone_must(prl_entry_read((prl_bytes){ text, length }, &entry, &err), &err);
	c->last = entry.hash;
	prl_filing filing = { .what = PRL_FILING_SIGNED, .entry = &entry };
	alone_must(prl_clerk_submit_wait(a->clerk, &filing), &filing.err);
}

void alone_open_consoles(alone *a)
{
	make_chain(&a->desk, "bench-ops", "bench-ops");
	file_first(a, &a->root, "desk.opened", "{\"desk\": \"bench-ops\", \"title\": \"Operations\", ", &a->desk);
	for (int i = 0; i < ALONE_CONSOLES; i++) {
		char name[64];
		snprintf(name, sizeof name, "bench-ops/%d", i);
		make_chain(&a->consoles[i], name, "bench-ops");
		file_first(a, &a->desk, "key.certified", "{", &a->consoles[i]);
	}
}

static prl_time clock_of_all(void *context)
{
	(void)context;
	return ALONE_CLOCK * PRL_SECOND;
}

void alone_open(alone *a)
{
	prl_error err;
	prl_folder_options options = { .path = a->path };
	alone_must(prl_folder_open(&options, &a->folder, &err), &err);
	const prl_constitution *constitution = prl_picture_constitution(a->folder->picture, PRL_VERSION_WORKING);
	a->line = constitution->line;
	prl_clerk_parts parts = prl_folder_parts(a->folder);
	parts.now = clock_of_all;
	alone_must(prl_clerk_start(&parts, &a->clerk, &err), &err);
	prl_clerk_open(a->clerk);
}

void alone_close(alone *a)
{
	prl_clerk_stop(a->clerk);
	prl_folder_close(a->folder);
}

static int remove_one(const char *path, const struct stat *what, int type, struct FTW *where)
{
	(void)what, (void)type, (void)where;
	return remove(path);
}

void alone_remove(const alone *a)
{
	if (nftw(a->path, remove_one, 8, FTW_DEPTH | FTW_PHYS))
		fprintf(stderr, "%s: %s: not removed\n", program_invocation_short_name, a->path);
}

void alone_vouch(const alone *a, prl_filing *filing, prl_entry *entry, prl_vouched *vouched)
{
	prl_error err;
	prl_picture *picture = a->folder->picture;
	prl_version version = prl_picture_pin(picture);
	alone_must(prl_picture_vouch(picture, version, entry, vouched, &err), &err);
	prl_picture_unpin(picture, version);
	alone_must(prl_picture_body(picture, entry, &filing->json, &err), &err);
	filing->what = PRL_FILING_SIGNED;
	filing->entry = entry;
	filing->vouched = vouched;
}
