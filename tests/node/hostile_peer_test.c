/* What a peer can do that holds its own keys and signs what it likes. Each case names the answer, the node is healthy
 * after it, and an honest client is served meanwhile. */
#include "support/lies.h"
#include "support/random.h"
#include "support/siege.h"

#include "base/hash.h"
#include "base/text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- pushes ------------------------------------------------------------------------------------------------------ */

static void pushes(void **state)
{
	(void)state;
	char text[PRL_CHECKPOINT_MAX], other[PRL_CHECKPOINT_MAX];
	const prl_signer *key = &us->node->log_key;
	prl_hash wrong = { { 1, 2, 3 } };
	prl_signer false_key;
	prl_error err;
	for (int i = 0; i < 10; i++)
		liar_say(us, "a word");
	PUSHED(liar_push(us, 0), 200, "ru.example/line/mirror");
	assert_int_equal(siege_mirrored(), us->size);
	/* The same again, and older ones. */
	PUSHED(liar_push(us, 0), 200, "ru.example/line/mirror");
	PUSHED(liar_push_with(us, 0, 5, liar_checkpoint(us, 5, NULL, key, text)), 200, "");
	PUSHED(liar_push_with(us, 5, 5, liar_checkpoint(us, 5, NULL, key, text)), 200, "");
	assert_int_equal(siege_mirrored(), us->size);
	/* New ones that begin among those that are held. */
	liar_say(us, "one more");
	PUSHED(liar_push(us, us->size - 4), 200, "ru.example/line/mirror");
	assert_int_equal(siege_mirrored(), us->size);
	uint64_t held = us->size;
	liar_say(us, "and more");
	liar_say(us, "and more");
	/* Not what the checkpoint says. */
	PUSHED(liar_push_with(us, held, held + 2, liar_checkpoint(us, held + 2, &wrong, key, text)), 422,
	       "do not lead to the root");
	PUSHED(liar_push_with(us, held, held + 1, liar_checkpoint(us, held + 2, NULL, key, text)), 400,
	       "expected those up to the checkpoint's");
	PUSHED(liar_push_with(us, held, held + 2, liar_checkpoint(us, held + 1, NULL, key, text)), 400,
	       "expected those up to the checkpoint's");
	PUSHED(liar_push_with(us, held + 1, held + 2, liar_checkpoint(us, held + 2, NULL, key, text)), 409, "");
	/* The same entries in another order. */
	prl_bytes first = us->entries[held];
	us->entries[held] = us->entries[held + 1];
	us->entries[held + 1] = first;
	PUSHED(liar_push_with(us, held, held + 2, liar_checkpoint(us, held + 2, NULL, key, text)), 422,
	       "do not lead to the root");
	us->entries[held + 1] = us->entries[held];
	us->entries[held] = first;
	/* Signed by others, or not at all. */
	PUSHED(liar_push_with(us, held, held + 2, liar_checkpoint(us, held + 2, NULL, &ru.node->log_key, text)), 422,
	       "signature");
	assert_false(prl_signer_new(us->node->origin, PRL_KEY_NOTE, &false_key, &err));
	PUSHED(liar_push_with(us, held, held + 2, liar_checkpoint(us, held + 2, NULL, &false_key, text)), 422,
	       "signature");
	prl_bytes good = liar_checkpoint(us, held + 2, NULL, key, text);
	memcpy(other, good.data, good.size);
	other[good.size - 20] = other[good.size - 20] == 'A' ? 'B' : 'A';
	PUSHED(liar_push_with(us, held, held + 2, (prl_bytes){ other, good.size }), 422, "signature");
	PUSHED(liar_push_with(us, held, held + 2, (prl_bytes){ good.data, good.size - 1 }), 400, "");
	PUSHED(liar_push_with(us, held, held + 2, prl_bytes_of("nonsense")), 400, "");
	PUSHED(liar_push_with(us, held, held + 2, prl_bytes_of("")), 400, "");
	assert_int_equal(siege_mirrored(), held);
	PUSHED(liar_push(us, held), 200, "ru.example/line/mirror");
	assert_int_equal(siege_mirrored(), held + 2);
}

static unsigned push_bytes(const char *bytes, size_t size)
{
	return liar_ask(us, "POST", "/parley/v1/peer/entries", "application/octet-stream", (prl_bytes){ bytes, size });
}

static void pushes_without_form(void **state)
{
	(void)state;
	size_t large = 20u << 20;
	char *zeros = calloc(1, large);
	PUSHED(push_bytes("", 0), 400, "a push begins with its start");
	PUSHED(push_bytes("x\ny\n", 4), 400, "a push begins with its start");
	PUSHED(push_bytes("-1\n0\n", 5), 400, "a push begins with its start");
	PUSHED(push_bytes("00\n0\n", 5), 400, "a push begins with its start");
	PUSHED(push_bytes("18446744073709551616\n0\n", 23), 400, "a push begins with its start");
	PUSHED(push_bytes("0\n18446744073709551615\n", 23), 400, "is not in this push");
	PUSHED(push_bytes("0\n16000\nshort", 13), 400, "is not in this push");
	PUSHED(push_bytes("0\n0\n\xff", 5), 400, "cut off");
	PUSHED(push_bytes("0\n0\n\xff\xffshort", 11), 400, "cut off");
	/* More entries than a push has: empty ones. */
	memcpy(zeros, "0\n0\n", 4);
	PUSHED(push_bytes(zeros, 4 + 2 * 2001), 413, "a push has at most");
	/* More bytes than are taken: refused by its length, without reading it. */
	unsigned status = push_bytes(zeros, large);
	assert_true(status == 413 || status == 0);
	assert_true(served_healthy(&ru));
	free(zeros);
	/* Not as this peer. */
	ASKED(author_ask(&stray, "POST", "/parley/v1/peer/entries", "application/octet-stream",
			 &(prl_bytes){ "0\n0\n", 4 }),
	      403, "");
}

/* ---- entries that nobody should write ---------------------------------------------------------------------------- */

/* The reason that ru has recorded for an entry of us's log; to be freed. NULL: none, it counts. */
static char *reason_of(uint64_t index)
{
	char path[200], *reason = NULL;
	uint64_t size = 0;
	json_t *entry;
	for (uint64_t from = 0;; from += 1000) {
		size_t i;
		(void)snprintf(path, sizeof path, "/parley/v1/entries?from=%llu&count=1000", (unsigned long long)from);
		if (author_ask(&stray, "GET", path, NULL, NULL) != 200)
			nodes_fail(__FILE__, __LINE__, author_reply(&stray));
		json_t *list = json_loads(author_reply(&stray), 0, NULL);
		size = (uint64_t)json_integer_value(json_object_get(list, "size"));
		json_array_foreach(json_object_get(list, "entries"), i, entry)
		{
			const json_t *body = json_object_get(entry, "body");
			if (strcmp(json_string_value(json_object_get(entry, "kind")), "peer.fault") == 0 &&
			    (uint64_t)json_integer_value(json_object_get(body, "index")) == index)
				reason = reason ? reason : strdup(json_string_value(json_object_get(body, "reason")));
		}
		json_decref(list);
		if (reason || from + 1000 >= size)
			return reason;
	}
}

static bool check_reason(uint64_t index, const char *name, const char *expected)
{
	char *reason = reason_of(index);
	bool good = expected ? reason && strstr(reason, expected) : !reason;
	if (!good)
		print_message("# %s: %s, expected %s\n", name, reason ? reason : "counts",
			      expected ? expected : "it counts");
	free(reason);
	return good;
}

/* What stands in a peer's log is kept as it is and counts as nobody's act; what comes after it counts. */
static void lies_in_a_log(void **state)
{
	(void)state;
	char *text = malloc(PRL_ENTRY_MAX);
	bool all = true;
	uint64_t first = us->size;
	for (size_t i = 0; i < lie_count; i++) {
		size_t size = lies[i].write(us, text);
		liar_append(us, text, size);
		PUSHED(liar_push(us, us->size - 1), 200, "ru.example/line/mirror");
		if (lies[i].chained)
			liar_chained(us, lie_by_desk(&lies[i]), text, size);
		liar_say(us, "and a good one after it");
		PUSHED(liar_push(us, us->size - 1), 200, "ru.example/line/mirror");
	}
	for (size_t i = 0; i < lie_count; i++) {
		all = check_reason(first + 2 * i, lies[i].name, lies[i].reason) && all;
		all = check_reason(first + 2 * i + 1, lies[i].name, NULL) && all;
	}
	/* Two good ones in the wrong order: the later one counts for nothing, its place in the chain is still free. */
	uint64_t at = us->size;
	liar_say(us, "the earlier");
	prl_hash previous = us->previous;
	liar_say(us, "the later");
	liar *swapped = liar_branch(us, at);
	liar_append(swapped, us->entries[at + 1].data, us->entries[at + 1].size);
	liar_append(swapped, us->entries[at].data, us->entries[at].size);
	swapped->serial = us->serial - 1;
	swapped->previous = previous;
	swapped->link = us->link;
	us->link = NULL;
	liar_free(us);
	us = swapped;
	PUSHED(liar_push(us, at), 200, "ru.example/line/mirror");
	all = check_reason(at, "the later first", "serial") && all;
	all = check_reason(at + 1, "the earlier", NULL) && all;
	free(text);
	assert_true(all);
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

static const char *content_path(const prl_hash *hash, bool peer)
{
	static char path[140];
	(void)snprintf(path, sizeof path, "/parley/v1/%scontents/", peer ? "peer/" : "");
	prl_hex_write(hash->bytes, sizeof hash->bytes, path + strlen(path));
	return path;
}

static void announce(author *a, const char *to, const prl_hash *hash, size_t size)
{
	char body[400], text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	(void)snprintf(
		body, sizeof body,
		"{\"to\":[\"%s\"],\"text\":\"see it\",\"language\":\"en\",\"contents\":[{\"hash\":\"%s\",\"size\":%zu,"
		"\"title\":\"file\"}]}",
		to, text, size);
	author_sign(a, "message.sent", body);
	if (author_post(a) != 201)
		nodes_fail(__FILE__, __LINE__, author_reply(a));
	author_answered(a);
}

static void contents(void **state)
{
	(void)state;
	static const char type[] = "application/octet-stream";
	char bytes[100] = "a salt of 32 bytes, as it should a secret of ru";
	prl_bytes body = { bytes, sizeof bytes };
	prl_hash hash = prl_sha256(bytes, sizeof bytes), other = hash;
	other.bytes[5] ^= 1;
	/* Other bytes than the hash says. */
	ASKED(author_ask(&stray, "PUT", content_path(&other, false), type, &body), 422, "another one");
	PUSHED(liar_ask(us, "PUT", content_path(&other, true), type, body), 422, "another one");
	ASKED(author_ask(&stray, "PUT", "/parley/v1/contents/00", type, &body), 400, "hash of a content");
	ASKED(author_ask(&stray, "PUT", content_path(&hash, false), type, &(prl_bytes){ bytes, 5 }), 400, "");
	/* What nobody of that log announces, from a peer. */
	PUSHED(liar_ask(us, "PUT", content_path(&hash, true), type, body), 404, "announces this content");
	/* ru's own, for ru only: us may neither fetch it nor take it by announcing the hash as its own. */
	ASKED(author_ask(&stray, "PUT", content_path(&hash, false), type, &body), 201, "");
	announce(&stray, "ru", &hash, sizeof bytes - 32);
	ASKED(author_ask(&stray, "GET", content_path(&hash, false), NULL, NULL), 200, "");
	PUSHED(liar_ask(us, "GET", content_path(&hash, false), NULL, (prl_bytes){ 0 }), 403, "not addressed to");
	char *text = malloc(PRL_ENTRY_MAX), words[400], name[PRL_HASH_TEXT_MAX];
	prl_hash_write(&hash, name);
	(void)snprintf(
		words, sizeof words,
		"{\"to\":[\"us\"],\"text\":\"mine\",\"language\":\"en\",\"contents\":[{\"hash\":\"%s\",\"size\":%zu,"
		"\"title\":\"file\"}]}",
		name, sizeof bytes - 32);
	size_t size = liar_write(us, &(prl_entry_head){ 0 }, words, &us->node->console, text);
	us->serial++;
	us->previous = prl_sha256(text, size);
	liar_append(us, text, size);
	free(text);
	PUSHED(liar_push(us, us->size - 1), 200, "ru.example/line/mirror");
	PUSHED(liar_ask(us, "GET", content_path(&hash, false), NULL, (prl_bytes){ 0 }), 403, "not addressed to");
	PUSHED(liar_ask(us, "PUT", content_path(&hash, true), type, body), 403, "addressed to no party");
	PUSHED(liar_ask(us, "GET", content_path(&other, false), NULL, (prl_bytes){ 0 }), 404, "");
	/* Nobody at all. */
	prl_reply got = PRL_REPLY(65536);
	prl_client *nobody = nodes_client(nodes, 0);
	assert_int_equal(nodes_status(nobody, "GET", content_path(&hash, false), NULL, NULL, 0, &got), 401);
	prl_client_free(nobody);
	prl_reply_done(&got);
	/* Too large. */
	char *large = calloc(1, (17u << 20));
	unsigned status = author_ask(&stray, "PUT", content_path(&hash, false), type, &(prl_bytes){ large, 17u << 20 });
	assert_true(status == 413 || status == 0);
	free(large);
	assert_true(served_healthy(&ru));
}

/* ---- the witness ------------------------------------------------------------------------------------------------- */

#define ROLLERS 6
#define ROLLS   40

/* One thread that shows the witness checkpoints of one history, older and newer ones as it likes. */
typedef struct roller {
	liar *history;
	prl_link *link;
	uint64_t from; /* where the histories part */
	rnd random;
	pthread_t thread;
	uint64_t newest; /* beyond `from`, that was cosigned; 0: none */
	size_t cosigned, refused;
} roller;

static size_t witness_body(liar *l, uint64_t old, uint64_t size, char *body)
{
	char checkpoint[PRL_CHECKPOINT_MAX], hash[PRL_HASH_TEXT_MAX];
	prl_proof proof = { 0 };
	if (old <= size)
		proof = liar_consistency(l, old, size);
	size_t length = (size_t)sprintf(body, "old %llu\n", (unsigned long long)old);
	for (size_t i = 0; i < proof.count; i++) {
		prl_hash_write(&proof.hashes[i], hash);
		length += (size_t)sprintf(body + length, "%s\n", hash);
	}
	prl_bytes note = liar_checkpoint(l, size, NULL, &l->node->log_key, checkpoint);
	body[length++] = '\n';
	memcpy(body + length, note.data, note.size);
	return length + note.size;
}

/* Status; a 409's size goes to *ret_size. A 200's line must hold for what was sent. */
static unsigned witness(liar *l, prl_link *link, uint64_t old, uint64_t size, uint64_t *ret_size)
{
	char *body = malloc(PRL_CHECKPOINT_MAX + 8192);
	prl_error err;
	prl_reply got = PRL_REPLY(65536);
	prl_bytes bytes = { body, witness_body(l, old, size, body) };
	if (prl_link_send(link, "POST", "/log/add-checkpoint", "text/plain", &bytes, &got, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	unsigned status = got.status;
	if (status == 409)
		*ret_size = strtoull(got.body.data, NULL, 10);
	if (status == 200) {
		char text[PRL_CHECKPOINT_MAX + 512], unsigned_text[PRL_CHECKPOINT_MAX];
		prl_note note;
		uint64_t time_s;
		prl_bytes cp = liar_checkpoint(l, size, NULL, &l->node->log_key, unsigned_text);
		memcpy(text, cp.data, cp.size);
		memcpy(text + cp.size, got.body.data, got.body.size);
		if (prl_note_read((prl_bytes){ text, cp.size + got.body.size }, &note, &err) ||
		    prl_cosignature_verify(&note, &nodes->nodes[0].witness_key.verifier, &time_s, &err))
			nodes_fail(__FILE__, __LINE__, err.text);
	}
	prl_reply_done(&got);
	free(body);
	return status;
}

static void *roll(void *context)
{
	roller *r = context;
	uint64_t known = r->from;
	for (int i = 0; i < ROLLS; i++) {
		uint64_t size = r->from + rnd_below(&r->random, r->history->size - r->from + 1), told = known;
		uint64_t old = rnd_chance(&r->random, 0.3) ? rnd_below(&r->random, size + 1) : known;
		unsigned status = witness(r->history, r->link, old, size > old ? size : old, &told);
		size = size > old ? size : old;
		r->cosigned += status == 200;
		r->refused += status != 200;
		if (status == 200 && size > r->from && size > r->newest)
			r->newest = size;
		if (status == 200)
			known = size;
		if (status == 409 && told <= r->history->size)
			known = told;
		if (status != 200 && status != 409 && status != 422)
			nodes_fail(__FILE__, __LINE__, "another answer of the witness");
	}
	return NULL;
}

static size_t roll_all(roller rollers[ROLLERS], liar *histories[2], uint64_t from, rnd *r, uint64_t newest[2])
{
	size_t cosigned = 0;
	for (size_t i = 0; i < ROLLERS; i++) {
		rollers[i] = (roller){ .history = histories[i % 2],
				       .from = from,
				       .random = rnd_case(rnd_u64(r), i),
				       .link = author_link(ru.node) };
		assert_int_equal(pthread_create(&rollers[i].thread, NULL, roll, &rollers[i]), 0);
	}
	for (size_t i = 0; i < ROLLERS; i++) {
		(void)pthread_join(rollers[i].thread, NULL);
		prl_link_free(rollers[i].link);
		newest[i % 2] = rollers[i].newest > newest[i % 2] ? rollers[i].newest : newest[i % 2];
		cosigned += rollers[i].cosigned;
	}
	print_message("# cosigned %zu of %d, up to %llu and %llu\n", cosigned, ROLLERS * ROLLS,
		      (unsigned long long)newest[0], (unsigned long long)newest[1]);
	return cosigned;
}

/* Checkpoints of one history, old and new, in many threads: none is cosigned behind a newer one. */
static void roll_one(liar *history, uint64_t from, rnd *r)
{
	uint64_t told = 0, newest[2] = { 0, 0 };
	liar *same[2] = { history, history };
	roller rollers[ROLLERS];
	prl_link *link = author_link(ru.node);
	assert_int_equal(witness(history, link, from, from, &told), 200); /* all that is held was witnessed */
	assert_int_equal(witness(history, link, from - 1, from, &told), 409);
	assert_int_equal(told, from);
	assert_int_equal(witness(history, link, from - 3, from - 2, &told), 409); /* an older one */
	assert_true(roll_all(rollers, same, from, r, newest) >= 1);
	uint64_t last = newest[0] > newest[1] ? newest[0] : newest[1];
	assert_int_equal(witness(history, link, from, history->size, &told), last == from ? 200 : 409);
	assert_int_equal(told, last);
	assert_int_equal(witness(history, link, last, history->size, &told), 200);
	prl_link_free(link);
}

/* Two histories of one log, shown in many threads: the witness signs one of them, and not the other after kill -9. */
static void roll_two(liar *branches[2], uint64_t from, rnd *r)
{
	uint64_t told = 0, newest[2] = { 0, 0 };
	roller rollers[ROLLERS];
	assert_true(roll_all(rollers, branches, from, r, newest) >= 1);
	assert_true(newest[0] == 0 || newest[1] == 0);
	assert_true(newest[0] || newest[1]);
	liar *lost = branches[newest[0] ? 1 : 0];
	honest_stop();
	served_kill(&ru);
	served_start(&ru, "--alone");
	served_wait_open(&ru);
	honest_start();
	prl_link *link = author_link(ru.node);
	unsigned status = witness(lost, link, newest[0] + newest[1], lost->size, &told);
	assert_int_equal(status, 422);
	status = witness(lost, link, from, lost->size, &told);
	assert_true(status == 422 || status == 409);
	prl_link_free(link);
	assert_true(served_has_said(&ru, "signed two histories"));
}

/* Comes last: us is forked afterwards. */
static void witness_rolled_back(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("witness"), 0);
	liar *one = liar_branch(us, us->size), *branches[2];
	for (int i = 0; i < 60; i++)
		liar_say(one, "one history");
	roll_one(one, us->size, &r);
	for (size_t b = 0; b < 2; b++) {
		branches[b] = liar_branch(one, one->size);
		for (int i = 0; i < 40; i++)
			liar_say(branches[b], b ? "the one" : "the other");
	}
	roll_two(branches, one->size, &r);
	liar_free(branches[0]);
	liar_free(branches[1]);
	liar_free(one);
}

static void witness_without_form(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		unsigned status;
	} cases[] = {
		{ "", 400 },
		{ "old x\n\n", 400 },
		{ "old 1", 400 },
		{ "old 01\n\nus.example/line\n1\n", 400 },
		{ "old 0\nAAAA\n\nus.example/line\n", 400 },
		{ "old 0\n\nxx.example/line\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAAA\n", 404 },
		{ "old 0\n\nus.example/line\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— x AAAAAAAA\n", 403 }
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		PUSHED(liar_ask(us, "POST", "/log/add-checkpoint", "text/plain", prl_bytes_of(cases[i].body)),
		       cases[i].status, "");
	char *large = malloc(100000);
	memset(large, 'A', 100000);
	PUSHED(liar_ask(us, "POST", "/log/add-checkpoint", "text/plain", (prl_bytes){ large, 100000 }), 413, "");
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushes),
		cmocka_unit_test(pushes_without_form),
		cmocka_unit_test(lies_in_a_log),
		cmocka_unit_test(contents),
		cmocka_unit_test(witness_without_form),
		cmocka_unit_test(witness_rolled_back),
	};
	return cmocka_run_group_tests(tests, siege_set_up, siege_tear_down);
}
