/* A node, as a process, between a peer that lies, clients that lie, and an honest client who is served all the while.
 * Each case names the answer, and the node is healthy after it. */
#include "support/author.h"
#include "support/liar.h"
#include "support/random.h"
#include "support/record_files.h"
#include "support/served.h"

#include "base/hash.h"
#include "base/text.h"
#include "node/http_client.h"

#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HONEST_MS 2000 /* the longest that the honest client waits */

static nodes_set *nodes;
static served ru;    /* the one that is lied to */
static author stray; /* a console of ru whose words are made up */
static liar *us;

/* ---- the honest client ------------------------------------------------------------------------------------------- */

static struct {
	author author;
	pthread_t thread;
	atomic_bool stop;
	atomic_llong slowest;
	size_t said;
} honest;

static void *honest_run(void *context)
{
	(void)context;
	while (!atomic_load(&honest.stop)) {
		int64_t before = served_now_ms();
		(void)author_say(&honest.author, "an honest word");
		int64_t took = served_now_ms() - before;
		honest.said++;
		if (took > atomic_load(&honest.slowest))
			atomic_store(&honest.slowest, took);
		nodes_sleep_ms(20);
	}
	return NULL;
}

static void honest_start(void)
{
	atomic_store(&honest.stop, false);
	assert_int_equal(pthread_create(&honest.thread, NULL, honest_run, NULL), 0);
}

static void honest_stop(void)
{
	atomic_store(&honest.stop, true);
	(void)pthread_join(honest.thread, NULL);
}

static int set_up(void **state)
{
	(void)state;
	nodes = nodes_new("ru us", false);
	ru.node = &nodes->nodes[0];
	served_start(&ru, "--alone"); /* us is nobody but this test */
	served_wait_open(&ru);
	author_make(&honest.author, nodes, 0, "honest");
	author_make(&stray, nodes, 0, "stray");
	us = liar_new(nodes, 1, 0);
	honest_start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	honest_stop();
	print_message("# the honest client: %zu acts, the slowest in %lld ms\n", honest.said,
		      (long long)atomic_load(&honest.slowest));
	record_files r;
	served_stop(&ru);
	record_files_open(&r, &nodes->nodes[0], &nodes->nodes[1]);
	record_files_check(&r, &nodes->nodes[1]);
	bool all = record_files_count(&r, "an honest word") == honest.said;
	record_files_done(&r);
	author_done(&honest.author);
	author_done(&stray);
	liar_free(us);
	nodes_free(nodes);
	return all && atomic_load(&honest.slowest) < HONEST_MS ? 0 : -1;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void check_answer(const char *what, unsigned status, const char *answer, unsigned expected, const char *text)
{
	if (status != expected || !strstr(answer, text)) {
		print_message("# %s: %u %.300s\n# expected %u \"%s\"\n", what, status, answer, expected, text);
		fail();
	}
	if (!served_healthy(&ru)) {
		print_message("# %s: not healthy any more\n", what);
		fail();
	}
	assert_true(atomic_load(&honest.slowest) < HONEST_MS);
}

/* The call first, then its answer. */
#define CHECK(call, answer, expected, text)                                                                            \
	do {                                                                                                           \
		unsigned status_ = call;                                                                               \
		check_answer(#call, status_, answer, expected, text);                                                  \
	} while (0)
#define PUSHED(call, expected, text) CHECK(call, us->answer, expected, text)
#define ASKED(call, expected, text)  CHECK(call, author_reply(&stray), expected, text)

static uint64_t mirrored(void)
{
	record_files r;
	record_files_open(&r, &nodes->nodes[0], &nodes->nodes[1]);
	uint64_t size = r.mirrored;
	record_files_done(&r);
	return size;
}

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
	assert_int_equal(mirrored(), us->size);
	/* The same again, and older ones. */
	PUSHED(liar_push(us, 0), 200, "ru.example/line/mirror");
	PUSHED(liar_push_with(us, 0, 5, liar_checkpoint(us, 5, NULL, key, text)), 200, "");
	PUSHED(liar_push_with(us, 5, 5, liar_checkpoint(us, 5, NULL, key, text)), 200, "");
	assert_int_equal(mirrored(), us->size);
	/* New ones that begin among those that are held. */
	liar_say(us, "one more");
	PUSHED(liar_push(us, us->size - 4), 200, "ru.example/line/mirror");
	assert_int_equal(mirrored(), us->size);
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
	assert_int_equal(mirrored(), held);
	PUSHED(liar_push(us, held), 200, "ru.example/line/mirror");
	assert_int_equal(mirrored(), held + 2);
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

#define GOOD "{\"text\":\"a lie\",\"language\":\"en\"}"

static size_t other_body(const liar *l, char *text)
{
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, GOOD, &l->node->console, text);
	char *at = memmem(text, size, "a lie", 5);
	memcpy(at, "A LIE", 5);
	return size;
}

static size_t no_key(const liar *l, char *text)
{
	prl_signer other;
	prl_error err;
	if (prl_signer_new(l->node->console.verifier.name, PRL_KEY_NOTE, &other, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	return liar_write(l, &(prl_entry_head){ 0 }, GOOD, &other, text);
}

/* RFC 8032 section 5.1.7: S must be below L. S + L is the same number to whoever does not look. */
static size_t large_s(const liar *l, char *text)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
					   0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
					   0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };
	prl_note note;
	prl_error err;
	uint8_t signature[68];
	char base64[100];
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, GOOD, &l->node->console, text);
	if (prl_note_read((prl_bytes){ text, size }, &note, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	for (unsigned i = 0; i < 4; i++)
		signature[i] = (uint8_t)(note.signatures[0].id >> (24 - 8 * i));
	memcpy(signature + 4, note.signatures[0].bytes, 64);
	for (unsigned i = 0, carry = 0; i < 32; i++) {
		unsigned sum = signature[36 + i] + order[i] + carry;
		signature[36 + i] = (uint8_t)sum;
		carry = sum >> 8;
	}
	(void)sodium_bin2base64(base64, sizeof base64, signature, sizeof signature, sodium_base64_VARIANT_ORIGINAL);
	memcpy(text + size - 1 - strlen(base64), base64, strlen(base64));
	return size;
}

/* A key of small order: its owner could sign everything for everybody. */
static size_t small_order(const liar *l, char *text)
{
	static const uint8_t low[32] = { 1 }; /* the neutral element */
	char vkey[PRL_KEY_TEXT_MAX], body[500];
	uint8_t hashed[200];
	prl_verifier v = { .type = PRL_KEY_NOTE };
	(void)snprintf(v.name, sizeof v.name, "%.60s/low", l->node->desk.verifier.name);
	size_t length = strlen(v.name);
	memcpy(hashed, v.name, length);
	hashed[length] = '\n';
	hashed[length + 1] = PRL_KEY_NOTE;
	memcpy(hashed + length + 2, low, 32);
	memcpy(v.public_key, low, 32);
	prl_hash hash = prl_sha256(hashed, length + 34);
	v.id = (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 | (uint32_t)hash.bytes[2] << 8 |
	       hash.bytes[3];
	prl_verifier_write(&v, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	prl_entry_head head = { .kind = "key.certified",
				.key = l->node->desk.verifier.name,
				.serial = l->desk_serial + 1,
				.previous = &l->desk_previous };
	return liar_write(l, &head, body, &l->node->desk, text);
}

static size_t gap(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .serial = l->serial + 5 }, GOOD, &l->node->console, text);
}

static size_t wrong_previous(const liar *l, char *text)
{
	static const prl_hash wrong = { { 7 } };
	return liar_write(l, &(prl_entry_head){ .previous = &wrong, .serial = l->serial + 1 }, GOOD, &l->node->console,
			  text);
}

static size_t serial_again(const liar *l, char *text)
{
	static const prl_hash none;
	return liar_write(l, &(prl_entry_head){ .serial = 1, .previous = &none }, GOOD, &l->node->console, text);
}

static size_t unknown_kind(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .kind = "world.ended" }, "{}", &l->node->console, text);
}

static size_t other_party(const liar *l, char *text)
{
	bool is_us = strcmp(l->node->party, "us") == 0;
	return liar_write(l, &(prl_entry_head){ .party = is_us ? "ru" : "us" }, GOOD, &l->node->console, text);
}

static size_t other_desk(const liar *l, char *text)
{
	bool is_us = strcmp(l->node->party, "us") == 0;
	return liar_write(l, &(prl_entry_head){ .desk = is_us ? "ru-ops" : "us-ops" }, GOOD, &l->node->console, text);
}

static size_t other_log(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .log = "xx.example/line" }, GOOD, &l->node->console, text);
}

static size_t other_line(const liar *l, char *text)
{
	static const prl_hash line = { { 9 } };
	return liar_write(l, &(prl_entry_head){ .line = &line }, GOOD, &l->node->console, text);
}

static size_t console_certifies(const liar *l, char *text)
{
	char vkey[PRL_KEY_TEXT_MAX], body[500];
	prl_verifier_write(&l->node->root.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	return liar_write(l, &(prl_entry_head){ .kind = "key.certified" }, body, &l->node->console, text);
}

static size_t node_kind(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .kind = "clock.suspect" }, "{\"reason\":\"none\"}", &l->node->console,
			  text);
}

static size_t no_json(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, "{\"text\":", &l->node->console, text);
}

static size_t twice_the_same(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, "{\"text\":\"a\",\"text\":\"b\",\"language\":\"en\"}",
			  &l->node->console, text);
}

static size_t deep_json(const liar *l, char *text)
{
	size_t depth = 30000;
	char *body = malloc(2 * depth + 1);
	memset(body, '[', depth);
	memset(body + depth, ']', depth);
	body[2 * depth] = 0;
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, body, &l->node->console, text);
	free(body);
	return size;
}

static size_t no_utf8(const liar *l, char *text)
{
	size_t size = other_body(l, text);
	char *at = memmem(text, size, "A LIE", 5);
	memcpy(at, "\xed\xa0\x80\xc0\xaf", 5); /* a surrogate, an overlong / */
	return size;
}

static size_t control(const liar *l, char *text)
{
	size_t size = other_body(l, text);
	char *at = memmem(text, size, "A LIE", 5);
	memcpy(at, "\x1b[2J\x07", 5);
	return size;
}

static size_t garbage(const liar *l, char *text)
{
	(void)l;
	memset(text, 0xa5, PRL_ENTRY_MAX);
	return PRL_ENTRY_MAX;
}

static size_t nothing(const liar *l, char *text)
{
	(void)l, (void)text;
	return 0;
}

static size_t half(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, GOOD, &l->node->console, text) / 2;
}

/* reason: in the peer.fault that ru records where the entry stands in us's log. status, text: where it is filed at ru
 * by a console of ru. */
typedef struct lie {
	const char *name;
	size_t (*write)(const liar *l, char *text);
	const char *reason;
	unsigned status;
	const char *text;
	bool chained; /* its author did sign it, in its place: the chain goes on behind it (fold.c) */
} lie;

static const lie lies[] = {
	{ "another body under the signature", other_body, "signature", 422, "signature", false },
	{ "a key of that name that nobody certified", no_key, "signature", 422, "signature", false },
	{ "S + L", large_s, "signature", 422, "signature", false },
	{ "a key of small order", small_order, "main subgroup", 400, "main subgroup", true },
	{ "a gap", gap, "serial", 409, "serial", false },
	{ "another previous", wrong_previous, "previous", 409, "previous", false },
	{ "a serial again", serial_again, "serial", 409, "serial", false },
	{ "an unknown kind", unknown_kind, "world.ended", 422, "world.ended", true },
	{ "another party", other_party, "party", 422, "no such key of the party", false },
	{ "another desk", other_desk, "desk", 403, "desk", false },
	{ "another log", other_log, "log", 403, "log", false },
	{ "another line", other_line, "line", 403, "line", false },
	{ "a console certifies", console_certifies, "key.certified", 403, "key.certified", true },
	{ "what only the node records", node_kind, "clock.suspect", 403, "clock.suspect", false },
	{ "no JSON", no_json, "", 400, "", true },
	{ "a member twice", twice_the_same, "duplicate", 400, "duplicate", true },
	{ "deep JSON", deep_json, "", 400, "", true },
	{ "no UTF-8", no_utf8, "UTF-8", 400, "UTF-8", false },
	{ "control characters", control, "control", 400, "control", false },
	{ "garbage", garbage, "", 400, "", false },
	{ "nothing", nothing, "", 400, "", false },
	{ "a half", half, "", 400, "", false },
};
#define LIE_COUNT (sizeof lies / sizeof *lies)

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
	for (size_t i = 0; i < LIE_COUNT; i++) {
		size_t size = lies[i].write(us, text);
		liar_append(us, text, size);
		PUSHED(liar_push(us, us->size - 1), 200, "ru.example/line/mirror");
		if (lies[i].chained)
			liar_chained(us, lies[i].write == small_order, text, size);
		liar_say(us, "and a good one after it");
		PUSHED(liar_push(us, us->size - 1), 200, "ru.example/line/mirror");
	}
	for (size_t i = 0; i < LIE_COUNT; i++) {
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

static void read_desk_chain(liar *l)
{
	char path[200];
	(void)snprintf(path, sizeof path, "/parley/v1/keys/%s", l->node->desk.verifier.name);
	assert_int_equal(author_ask(&stray, "GET", path, NULL, NULL), 200);
	json_t *json = json_loads(author_reply(&stray), 0, NULL);
	l->desk_serial = (uint64_t)json_integer_value(json_object_get(json, "serial"));
	assert_true(
		prl_hash_read(prl_bytes_of(json_string_value(json_object_get(json, "previous"))), &l->desk_previous));
	json_decref(json);
}

/* The same, filed by a console: refused at the door. */
static void lies_at_the_door(void **state)
{
	(void)state;
	char *text = malloc(PRL_ENTRY_MAX + 1);
	bool all = true;
	nodes_node as = *stray.node;
	as.console = stray.key;
	liar l = { .node = &as, .line = stray.line };
	for (int i = 0; i < 3; i++)
		(void)author_say(&stray, "a true word");
	read_desk_chain(&l);
	l.serial = stray.serial;
	l.previous = stray.previous;
	for (size_t i = 0; i < LIE_COUNT; i++) {
		prl_bytes entry = { text, lies[i].write(&l, text) };
		unsigned status = author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry);
		bool good = status == lies[i].status && strstr(author_reply(&stray), lies[i].text);
		if (!good)
			print_message("# %s: %u %.300s\n", lies[i].name, status, author_reply(&stray));
		all = all && good && served_healthy(&ru);
	}
	/* Words of the node itself. */
	prl_entry_head head = { .kind = "peer.seen", .recorded = "node", .party = NULL };
	size_t size = liar_write(&l, &head, "{\"log\":\"us.example/line\",\"size\":1,\"root\":\"\"}", NULL, text);
	prl_bytes entry = { text, size };
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry), 403, "");
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "application/json", &entry), 415, "");
	/* Too large. */
	memset(text, 'x', PRL_ENTRY_MAX + 1);
	entry = (prl_bytes){ text, PRL_ENTRY_MAX + 1 };
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &entry), 413, "");
	(void)author_say(&stray, "the chain has not moved");
	free(text);
	assert_true(all);
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

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static unsigned raw_get(const char *path)
{
	static reply answer;
	char request[8192];
	int length =
		snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n\r\n",
			 path, ru.node->port);
	exchange(ru.node->port, request, (size_t)length, 5000, &answer);
	if (strstr(answer.text, "PRIVATE") || strstr(answer.text, "root:"))
		nodes_fail(__FILE__, __LINE__, path);
	return answer.first;
}

static void paths(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		unsigned status;
	} cases[] = { { "/log/tile/0/000.p/1", 200 },
		      { "/log/tile/entries/000.p/1", 401 },
		      { "/log/tile/../../keys/log.key", 400 },
		      { "/log/tile/..%2f..%2fkeys%2flog.key", 400 },
		      { "/log/tile/%2e%2e/%2e%2e/keys/log.key", 400 },
		      { "/log/tile/0/%2e%2e/%2e%2e/checkpoint", 400 },
		      { "/log/tile//etc/passwd", 400 },
		      { "/log/tile/%2fetc%2fpasswd", 400 },
		      { "/log/tile/0/000%00.p/1", 400 },
		      { "/log/tile/0/000.p/0", 404 },
		      { "/log/tile/0/000.p/256", 404 },
		      { "/log/tile/0/000.p/01", 404 },
		      { "/log/tile/0/000.p/-1", 404 },
		      { "/log/tile/0/00.p/1", 404 },
		      { "/log/tile/0/x000/000.p/1", 404 },
		      { "/log/tile/0/x999/x999/x999/x999/x999/x999/x999/999", 404 },
		      { "/log/tile/8/000.p/1", 404 },
		      { "/log/tile/-1/000.p/1", 404 },
		      { "/log/tile/0/000.p/1/", 400 },
		      { "/log/tile/0/999", 404 },
		      { "/log/tile/entries/../0/000.p/1", 400 },
		      { "/log/tile/%65ntries/000.p/1", 401 }, /* compared after decoding */
		      { "/log/tile/%C0%AE%C0%AE/checkpoint", 400 },
		      { "/log/mirror/../checkpoint", 400 },
		      { "/log/mirror/00/checkpoint", 404 },
		      { "/log/%2e%2e/checkpoint", 400 },
		      { "/log/proof/18446744073709551616", 400 },
		      { "/log/proof/-1", 400 },
		      { "/log/proof/99999999", 404 },
		      { "/../record.db", 400 },
		      { "/record.db", 404 },
		      { "/keys/log.key", 404 } };
	bool all = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned status = raw_get(cases[i].path);
		if (status != cases[i].status)
			print_message("# %s: %u, expected %u\n", cases[i].path, status, cases[i].status);
		all = all && status == cases[i].status;
	}
	char path[6000] = "/log/tile/";
	memset(path + 10, 'a', 5000);
	all = all && raw_get(path) == 404 && served_healthy(&ru);
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
	char path[200];
	(void)snprintf(path, sizeof path, "%s", content_path(&hash, false));
	assert_int_equal(raw_get(path), 401);
	/* Too large. */
	char *large = calloc(1, (17u << 20));
	unsigned status = author_ask(&stray, "PUT", content_path(&hash, false), type, &(prl_bytes){ large, 17u << 20 });
	assert_true(status == 413 || status == 0);
	free(large);
	assert_true(served_healthy(&ru));
}

/* ---- logins ------------------------------------------------------------------------------------------------------ */

typedef struct login_note {
	char text[PRL_CHECKPOINT_MAX];
	size_t size;
} login_note;

static char *offered(void)
{
	prl_client *client = nodes_client(nodes, 0);
	json_t *offer = nodes_get(client, "/parley/v1/login");
	char *nonce = strdup(json_string_value(json_object_get(offer, "nonce")));
	json_decref(offer);
	prl_client_free(client);
	return nonce;
}

static void login_write(login_note *note, const char *log, const char *key, const prl_signer *signer, const char *nonce)
{
	char line[PRL_HASH_TEXT_MAX], signature[PRL_SIGNATURE_LINE_MAX];
	prl_hash_write(&stray.line, line);
	int length = snprintf(note->text, sizeof note->text,
			      "parley/v1 login\nline %s\nlog %s\nkey %s\nmode REAL\ntime 2026-01-01T00:00:00Z\n\n"
			      "{\"nonce\":\"%s\"}\n",
			      line, log, key, nonce);
	size_t signed_size = prl_note_sign((prl_bytes){ note->text, (size_t)length }, signer, signature);
	note->text[length] = '\n';
	memcpy(note->text + length + 1, signature, signed_size);
	note->size = (size_t)length + 1 + signed_size;
}

static unsigned log_in(const login_note *note, prl_reply *got)
{
	prl_error err;
	prl_link *link = author_link(ru.node);
	prl_bytes body = { note->text, note->size };
	if (prl_link_send(link, "POST", "/parley/v1/login", "text/plain", &body, got, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	prl_link_free(link);
	return got->status;
}

#define LOGGED_IN(expected, words) CHECK(log_in(&note, &got), got.body.data ? got.body.data : "", expected, words)

static void logins(void **state)
{
	(void)state;
	login_note note;
	prl_reply got = PRL_REPLY(65536);
	const char *key = stray.key.verifier.name, *log = ru.node->origin;
	char *nonce = offered(), *second = offered();
	login_write(&note, log, key, &stray.key, nonce);
	LOGGED_IN(200, "token");
	LOGGED_IN(403, "has been used"); /* replayed */
	login_write(&note, "us.example/line", key, &stray.key, second);
	LOGGED_IN(403, "another log");
	login_write(&note, log, key, &honest.author.key, second);
	LOGGED_IN(422, "signature");
	login_write(&note, log, "us-ops/1", &us->node->console, second);
	LOGGED_IN(403, "logs in at the node that keeps");
	login_write(&note, log, "nobody/1", &stray.key, second);
	LOGGED_IN(403, "not known here");
	second[3] = second[3] == '0' ? '1' : '0';
	login_write(&note, log, key, &stray.key, second);
	LOGGED_IN(403, "was not offered by this node");
	login_write(&note, log, key, &stray.key, "");
	LOGGED_IN(400, "");
	/* A login stands in no log, and an entry opens no session. */
	free(second);
	second = offered();
	login_write(&note, log, key, &stray.key, second);
	ASKED(author_ask(&stray, "POST", "/parley/v1/entries", "text/plain", &(prl_bytes){ note.text, note.size }), 400,
	      "");
	author_sign(&stray, "message.sent", GOOD);
	memcpy(note.text, stray.entry, stray.size);
	note.size = stray.size;
	LOGGED_IN(400, "a login has the lines");
	/* An offer of the process before. */
	login_write(&note, log, key, &stray.key, second);
	honest_stop();
	served_kill(&ru);
	served_start(&ru, "--alone");
	served_wait_open(&ru);
	honest_start();
	LOGGED_IN(403, "was not offered by this node");
	if (getenv("PARLEY_LONG")) {
		free(second);
		second = offered();
		login_write(&note, log, key, &stray.key, second);
		nodes_sleep_ms(61000);
		LOGGED_IN(403, "is older than");
	}
	free(nonce);
	free(second);
	prl_reply_done(&got);
}

/* Tokens by the thousand, and near misses of a good one. */
static void tokens(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("token"), 0);
	prl_link *link = author_link(ru.node);
	prl_reply got = PRL_REPLY(65536);
	prl_error err;
	char good[128], token[128];
	assert_int_equal(author_ask(&stray, "GET", "/parley/v1/peers", NULL, NULL), 200);
	(void)snprintf(good, sizeof good, "%s", prl_link_token_text(stray.link));
	size_t count = rnd_count(2000, 20000);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(token, sizeof token, "%s", good);
		if (i % 4 == 0)
			token[i / 4 % strlen(good)] ^= 1; /* one off */
		else if (i % 4 == 1)
			token[i / 4 % strlen(good)] = 0; /* a beginning, from the empty one on */
		else
			for (size_t k = 0; token[k]; k++)
				token[k] = "0123456789abcdef"[rnd_below(&r, 16)];
		if (!*token)
			continue;
		assert_int_equal(prl_link_token(link, token, &err), PRL_OK);
		assert_int_equal(prl_link_send(link, "GET", "/parley/v1/peers", NULL, NULL, &got, &err), PRL_OK);
		assert_int_equal(got.status, 401);
	}
	ASKED(author_ask(&stray, "GET", "/parley/v1/peers", NULL, NULL), 200, "us.example/line");
	prl_reply_done(&got);
	prl_link_free(link);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushes),
		cmocka_unit_test(pushes_without_form),
		cmocka_unit_test(lies_in_a_log),
		cmocka_unit_test(lies_at_the_door),
		cmocka_unit_test(paths),
		cmocka_unit_test(contents),
		cmocka_unit_test(logins),
		cmocka_unit_test(tokens),
		cmocka_unit_test(witness_without_form),
		cmocka_unit_test(witness_rolled_back),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
