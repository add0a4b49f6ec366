/* Any bytes as an entry: what is read, written again, has the same text but for the digits of its time, and reads the
 * same. */
#include "base/hash.h"
#include "base/text.h"
#include "record/key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static const char *copy(prl_bytes from, char to[PRL_KEY_NAME_MAX + 1])
{
	if (!from.data)
		return NULL;
	check(from.size > 0 && from.size <= PRL_KEY_NAME_MAX);
	memcpy(to, from.data, from.size);
	to[from.size] = 0;
	return to;
}

typedef struct names {
	char kind[129], log[129], party[129], desk[129], key[129], recorded[129], seen[8][129];
} names;

static prl_entry_head head_of(const prl_entry *e, names *n)
{
	prl_entry_head head = { .kind = copy(e->kind, n->kind),
				.log = copy(e->log, n->log),
				.party = copy(e->party, n->party),
				.desk = copy(e->desk, n->desk),
				.key = copy(e->key, n->key),
				.recorded = copy(e->recorded, n->recorded),
				.line = e->has_line ? &e->line : NULL,
				.previous = e->has_previous ? &e->previous : NULL,
				.serial = e->serial,
				.seen_count = e->seen_count,
				.mode = e->mode,
				.time = e->time };
	for (size_t i = 0; i < e->seen_count; i++) {
		head.seen[i].log = copy(e->seen[i].log, n->seen[i]);
		head.seen[i].size = e->seen[i].size;
		head.seen[i].root = e->seen[i].root;
	}
	return head;
}

/* All of the text but its time line. */
static void check_same_text(prl_bytes a, prl_bytes b)
{
	prl_bytes line_a, line_b;
	do {
		check(prl_line_take(&a, &line_a) && prl_line_take(&b, &line_b));
		bool is_time = line_a.size > 5 && memcmp(line_a.data, "time ", 5) == 0;
		check(is_time ? line_b.size > 5 && memcmp(line_b.data, "time ", 5) == 0
			      : prl_bytes_equal(line_a, line_b));
	} while (line_a.size > 0);
	check(prl_bytes_equal(a, b));
}

static void check_writing(const prl_entry *e)
{
	static const uint8_t seed[32] = { 1 };
	static char text[PRL_ENTRY_MAX];
	names n;
	prl_signer signer;
	const prl_signer *signers = &signer;
	prl_entry again;
	prl_entry_head head = head_of(e, &n);
	check(!prl_signer_from_seed(head.key ? head.key : "r", PRL_KEY_NOTE, seed, &signer, NULL));
	size_t size = prl_entry_write(&head, e->body, &signers, e->recorded.data ? 0 : 1, text, sizeof text);
	if (size == 0) { /* only where the lines that are added make it too large */
		check(e->note.text.size + PRL_SIGNATURE_LINE_MAX + 10 > PRL_ENTRY_MAX);
		return;
	}
	check(!prl_entry_read((prl_bytes){ text, size }, &again, NULL));
	check(again.time == e->time && again.serial == e->serial && again.mode == e->mode);
	check_same_text(e->note.text, again.note.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const prl_bytes bytes = { (const char *)data, size };
	prl_entry entry;
	prl_error err = { 0 };
	prl_status status = prl_entry_read(bytes, &entry, &err);
	if (status) {
		check(err.status == status && err.text[0]);
		return 0;
	}
	prl_hash hash = prl_sha256(data, size);
	check(prl_hash_equal(&entry.hash, &hash) && entry.body.size > 0);
	check(entry.note.text.data == bytes.data &&
	      entry.body.data + entry.body.size + 1 == bytes.data + entry.note.text.size);
	check_writing(&entry);
	return 0;
}
