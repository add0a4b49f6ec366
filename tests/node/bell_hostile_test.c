/* What a peer that signs and states what it likes can do to the bell of an honest node. Two logs whose keys the test
 * holds, us (which calls) and un (which lies), speak to ru as its peers; nothing of us's calls is in its log, so that
 * what ru shows is the bell's alone. Each case tells what rings at ru afterwards. */
#include "base/hash.h"
#include "base/text.h"
#include "support/liar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "node/http_client.h"

#include <cmocka.h>

typedef struct table {
	nodes_set *n;
	liar *us, *un;
	prl_client *ru;
} table;

static bool knows(prl_client *at, const char *key)
{
	prl_error err;
	prl_chain chain;
	return prl_client_chain(at, key, &chain, &err) == PRL_OK && chain.valid;
}

static table begin(void)
{
	table t = { .n = nodes_new("us ru un", false) };
	nodes_start_alone(t.n, 1); /* the others are nobody who runs */
	nodes_wait_open(t.n);
	t.ru = nodes_desk(t.n, 1);
	t.us = liar_new(t.n, 0, 1);
	t.un = liar_new(t.n, 2, 1);
	assert_int_equal(liar_push(t.us, 0), 200);
	assert_int_equal(liar_push(t.un, 0), 200);
	NODES_WAIT(knows(t.ru, "us-ops/1") && knows(t.ru, "un-ops/1"));
	return t;
}

static void end(table *t)
{
	liar_free(t->us);
	liar_free(t->un);
	prl_client_free(t->ru);
	nodes_free(t->n);
}

/* An entry of the console of whoever's log it is; the id it has. To be freed. */
static char *note_of(const liar *l, const char *kind, const char *body, char id[PRL_HASH_TEXT_MAX])
{
	char *text = malloc(PRL_ENTRY_MAX + 1);
	prl_entry *entry = malloc(sizeof *entry);
	size_t size = liar_write(l, &(prl_entry_head){ .kind = kind }, body, &l->node->console, text);
	text[size] = 0;
	assert_int_equal(prl_entry_read((prl_bytes){ text, size }, entry, NULL), PRL_OK);
	prl_hash_write(&entry->hash, id);
	free(entry);
	return text;
}

static unsigned say(liar *l, json_t *letter)
{
	char *text = json_dumps(letter, JSON_COMPACT);
	unsigned status = liar_ask(l, "POST", "/parley/v1/peer/calls", "application/json", prl_bytes_of(text));
	free(text);
	json_decref(letter);
	return status;
}

static unsigned say_note(liar *l, const char *note, const char *unverified)
{
	return say(l, json_pack("{s:s, s:s*}", "note", note, "unverified", unverified));
}

static unsigned state(liar *l, const char *id, const char *party, const char *words)
{
	return say(l, json_pack("{s:{s:s, s:s, s:s, s:s, s:s}, s:s}", "stated", "id", id, "party", party, "class",
				"STOP", "words", words, "mode", "TEST", "unverified", "as it is said"));
}

static json_t *all(const table *t)
{
	json_t *list = nodes_get(t->ru, "/parley/v1/calls"), *items = json_incref(json_object_get(list, "items"));
	json_decref(list);
	return items;
}

static bool is(const json_t *item, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(item, name));
	return value && strcmp(value, text) == 0;
}

/* What rings under this id, NULL where nothing does; *ret_count: of all that rings. A new reference. */
static json_t *rings(const table *t, const char *id, size_t *ret_count)
{
	json_t *items = all(t), *one, *found = NULL;
	size_t i;
	json_array_foreach(items, i, one)
	{
		if (is(one, "id", id))
			found = json_incref(one);
	}
	if (ret_count)
		*ret_count = json_array_size(items);
	json_decref(items);
	return found;
}

/* It rings as us has signed it. */
static void holds(const table *t, const char *id, const char *words, size_t count)
{
	size_t all_count;
	json_t *item = rings(t, id, &all_count);
	assert_non_null(item);
	assert_true(is(item, "words", words) && is(item, "party", "us"));
	assert_true(json_is_null(json_object_get(item, "unverified")));
	assert_int_equal(json_integer_value(json_object_get(item, "count")), count);
	json_decref(item);
}

/* ---- ids --------------------------------------------------------------------------------------------------------- */

/* un has heard of us's STOP, and states it first, its own way: what us has signed rings beside that, by itself. */
static void stated_before_it_comes(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX];
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(state(t.un, id, "us", "nothing to see"), 200);
	json_t *made_up = rings(&t, id, NULL);
	assert_true(is(made_up, "words", "nothing to see") && json_is_string(json_object_get(made_up, "unverified")));
	assert_false(is(made_up, "party", "us")); /* un may not speak for us */
	json_decref(made_up);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	holds(&t, id, "fire on our people", 1);
	assert_int_equal(state(t.un, id, "us", "nothing to see"), 200);
	holds(&t, id, "fire on our people", 1);
	size_t count;
	json_decref(rings(&t, id, &count));
	assert_int_equal(count, 2);
	free(note);
	end(&t);
}

/* The same, where un has hidden the id among the repeats of another call. */
static void stated_as_a_repeat(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], other[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_sha256("another", 7);
	prl_hash_write(&hash, other);
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(state(t.un, other, "un", "nothing to see"), 200);
	assert_int_equal(state(t.un, id, "un", "nothing to see"), 200);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	holds(&t, id, "fire on our people", 1);
	free(note);
	end(&t);
}

/* A call that was withdrawn and stands in the record does not ring again as itself because a peer states its id. */
static void stated_after_it_is_over(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], body[200];
	prl_filed filed;
	nodes_file(t.ru, "call.raised", "{\"class\": \"STOP\", \"words\": \"ours\"}", &filed);
	prl_hash_write(&filed.hash, id);
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"}", id);
	nodes_file(t.ru, "call.withdrawn", body, &filed);
	assert_int_equal(state(t.un, id, "un", "again"), 200);
	size_t count;
	json_t *item = rings(&t, id, &count);
	assert_null(item);
	assert_int_equal(count, 1); /* it rings by itself, as what it is */
	end(&t);
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

/* An answer that does not hold, to a call that is still to come, says nothing of that call when it comes. */
static void answer_comes_first(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], other[PRL_HASH_TEXT_MAX], body[200];
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\", \"what\": \"ceased\"}", id);
	char *answer = note_of(t.un, "call.reported", body, other);
	char *last = &answer[strlen(answer) - 6];
	*last = *last == 'A' ? 'B' : 'A';
	assert_int_equal(say_note(t.un, answer, NULL), 200);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	holds(&t, id, "fire on our people", 1);
	json_t *item = rings(&t, id, NULL);
	const json_t *row = json_array_get(json_object_get(item, "parties"), 0);
	assert_true(is(row, "state", "raised"));
	json_decref(item);
	free(note);
	free(answer);
	end(&t);
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* Of what is signed ru judges itself: nobody's word that it does not hold counts. */
static void talked_down(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX];
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(say_note(t.un, note, "made up, do not mind it"), 200);
	holds(&t, id, "fire on our people", 1);
	free(note);
	end(&t);
}

static void ask_bytes(const table *t, const char *bytes, size_t size, unsigned least, unsigned most)
{
	unsigned status =
		liar_ask(t->un, "POST", "/parley/v1/peer/calls", "application/json", (prl_bytes){ bytes, size });
	assert_in_range(status, least, most);
}

static void letters_of_any_shape(void **context)
{
	static const char *const letters[] = { "{\"note\": 7}",
					       "{\"note\": null, \"stated\": null}",
					       "{\"stated\": []}",
					       "{\"stated\": \"x\"}",
					       "{\"stated\": {\"id\": 7, \"party\": [], \"mode\": {}, \"to\": [1]}}",
					       "{\"stated\": {\"id\": \"AAAA\"}, \"unverified\": \"\"}",
					       "{\"stated\": {}, \"unverified\": {\"a\": 1}}",
					       "{\"note\": \"parley/v1 call.raised\\n\"}" };
	(void)context;
	table t = begin();
	size_t large = 300000;
	char *bytes = malloc(large);
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		ask_bytes(&t, letters[i], strlen(letters[i]), 200, 200);
	ask_bytes(&t, "", 0, 400, 400);
	ask_bytes(&t, "[1, 2]", 6, 400, 400);
	ask_bytes(&t, "\xff\xfe", 2, 400, 400);
	memset(bytes, '[', large);
	ask_bytes(&t, bytes, 100000, 400, 400);
	ask_bytes(&t, bytes, large, 0, 413); /* cut off, or told that it is too large */
	free(bytes);
	char *words = malloc(60001), id[PRL_HASH_TEXT_MAX];
	memset(words, 'x', 60000);
	words[60000] = 0;
	assert_int_equal(state(t.un, "", "un", words), 200);
	free(words);
	json_t *items = all(&t), *one;
	size_t i;
	json_array_foreach(items, i, one)
	{
		assert_true(json_is_string(json_object_get(one, "unverified")));
		assert_true(is(one, "words", "not stated"));
	}
	json_decref(items);
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"heard all the same\"}", id);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	holds(&t, id, "heard all the same", 1);
	free(note);
	end(&t);
}

/* ---- many -------------------------------------------------------------------------------------------------------- */

/* A call of a key that nobody knows, under a name of its own. */
static void say_as(liar *l, size_t i)
{
	char name[64], body[80];
	prl_error err;
	prl_signer *signer = malloc(sizeof *signer);
	char *text = malloc(PRL_ENTRY_MAX + 1);
	(void)snprintf(name, sizeof name, "un-made-up/%zu", i);
	(void)snprintf(body, sizeof body, "{\"class\": \"STOP\", \"place\": \"%zu\"}", i);
	assert_int_equal(prl_signer_new(name, PRL_KEY_NOTE, signer, &err), PRL_OK);
	size_t size = liar_write(l, &(prl_entry_head){ .kind = "call.raised", .key = signer->verifier.name }, body,
				 signer, text);
	text[size] = 0;
	assert_int_equal(say_note(l, text, NULL), 200);
	free(text);
	free(signer);
}

/* What un makes up, under however many names, drives out what un has made up, and no one call of anybody else: not what
 * us has signed, and not what us's node passes on of a desk whose signature it could not check. */
static void many_names(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], unsigned_id[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_sha256("unsigned", 8);
	prl_hash_write(&hash, unsigned_id);
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(state(t.us, unsigned_id, "us", "our key is lost"), 200);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	for (size_t i = 0; i < 700; i++)
		say_as(t.un, i);
	holds(&t, id, "fire on our people", 1);
	size_t count;
	json_t *item = rings(&t, unsigned_id, &count);
	assert_true(is(item, "words", "our key is lost") && is(item, "party", "us"));
	assert_in_range(count, 3, 512);
	json_decref(item);
	free(note);
	end(&t);
}

/* Different calls of one key that holds: so many ring, more are counted, and another party's rings beside them. */
static void many_calls(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], body[100];
	size_t count, counted = 0, i;
	for (i = 0; i < 100; i++) {
		(void)snprintf(body, sizeof body, "{\"class\": \"STOP\", \"place\": \"%zu\"}", i);
		char *one = note_of(t.un, "call.raised", body, id);
		assert_int_equal(say_note(t.un, one, NULL), 200);
		free(one);
	}
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	holds(&t, id, "fire on our people", 1);
	json_decref(rings(&t, id, &count));
	assert_int_equal(count, 16 + 1);
	json_t *items = all(&t), *one;
	json_array_foreach(items, i, one) counted += (size_t)json_integer_value(json_object_get(one, "count"));
	assert_int_equal(counted, 101); /* none of them was dropped unsaid */
	json_decref(items);
	free(note);
	end(&t);
}

/* ---- an event of more than 64 KB --------------------------------------------------------------------------------- */

/* The first event `ring` of ru's stream, whole; its size. */
static size_t read_event(const table *t, char *bytes, size_t room)
{
	char request[600];
	int fd = client_connect(t->n->nodes[1].port);
	int length = snprintf(request, sizeof request,
			      "GET /parley/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
			      prl_link_token_text(prl_client_link(t->ru)));
	assert_int_equal(send(fd, request, (size_t)length, 0), length);
	size_t size = 0;
	const char *begins = NULL;
	for (;;) {
		ssize_t got =
			recv(fd, bytes + size, 1000 < room - size ? 1000 : room - size - 1, 0); /* a slow reader */
		assert_true(got > 0);
		size += (size_t)got;
		bytes[size] = 0;
		begins = strstr(bytes, "event: ring\n");
		const char *ends = begins ? strstr(begins, "\n\n") : NULL;
		if (ends) {
			(void)close(fd);
			return (size_t)(ends - begins);
		}
	}
}

static void large_event(void **context)
{
	(void)context;
	table t = begin();
	char id[PRL_HASH_TEXT_MAX], other[PRL_HASH_TEXT_MAX];
	size_t room = 2u << 20;
	char *body = malloc(40000), *bytes = malloc(room);
	char *note = note_of(t.us, "call.raised", "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", id);
	assert_int_equal(say_note(t.us, note, NULL), 200);
	for (size_t i = 0; i < 16; i++) { /* each as long as words may be, and six times that as JSON */
		size_t size =
			(size_t)snprintf(body, 40000, "{\"call\": \"%s\", \"role\": \"%zu\", \"words\": \"", id, i);
		for (size_t k = 0; k < 2000; k++)
			size += (size_t)snprintf(body + size, 40000 - size, "\\u0001");
		(void)snprintf(body + size, 40000 - size, "\"}");
		char *taken = note_of(t.un, "call.taken", body, other);
		assert_int_equal(say_note(t.un, taken, NULL), 200);
		free(taken);
	}
	assert_true(read_event(&t, bytes, room) > 100000);
	holds(&t, id, "fire on our people", 1);
	free(note);
	free(body);
	free(bytes);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stated_before_it_comes),
		cmocka_unit_test(stated_as_a_repeat),
		cmocka_unit_test(stated_after_it_is_over),
		cmocka_unit_test(answer_comes_first),
		cmocka_unit_test(talked_down),
		cmocka_unit_test(letters_of_any_shape),
		cmocka_unit_test(many_names),
		cmocka_unit_test(many_calls),
		cmocka_unit_test(large_event),
	};
	return cmocka_run_group_tests_name("bell against a hostile peer", tests, NULL, NULL);
}
