/* STOP on real nodes: it rings at the other side before disk and clerk are asked, whatever is missing or wrong with it,
 * as one object; afterwards both records agree. Times are printed, never judged. */
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static double seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

typedef struct pair {
	nodes_set *n;
	prl_client *us, *ru; /* consoles */
} pair;

static pair begin(void)
{
	pair p = { .n = nodes_new("us ru", false) };
	nodes_start(p.n, 0);
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.us = nodes_desk(p.n, 0);
	p.ru = nodes_desk(p.n, 1);
	nodes_wait_rest(p.n, p.us, p.ru); /* each knows the other's keys */
	return p;
}

static void end(pair *p)
{
	prl_client_free(p->us);
	prl_client_free(p->ru);
	nodes_free(p->n);
}

static void sign(prl_client *client, const char *kind, prl_mode mode, const char *body, prl_buffer *ret)
{
	prl_error err;
	prl_client_entry entry = { .kind = kind, .mode = mode, .body = { body, strlen(body) } };
	prl_buffer_clear(ret);
	if (prl_client_sign(client, &entry, ret, &err))
		fail_msg("%s", err.text);
}

/* Posts to the bell; the id of what rings. */
static void ring(prl_client *client, const prl_buffer *note, char id[80])
{
	bell_post(client, "text/plain", note->data, note->size, id);
}

static bool is(const json_t *item, const char *name, const char *text)
{
	const char *value = json_string_value(json_object_get(item, name));
	return value && strcmp(value, text) == 0;
}

static bool rings_now(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	json_decref(item);
	return item != NULL;
}

static bool has_state(prl_client *at, const char *id, const char *state)
{
	json_t *item = bell_rings(at, id);
	bool has = is(json_array_get(json_object_get(item, "parties"), 0), "state", state);
	json_decref(item);
	return has;
}

static size_t recorded(prl_client *at)
{
	json_t *list = nodes_get(at, "/parley/v1/line/calls");
	size_t count = json_array_size(json_object_get(list, "items"));
	json_decref(list);
	return count;
}

/* ---- it rings ---------------------------------------------------------------------------------------------------- */

static void from_desk_to_desk(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], again[80], body[200];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	sign(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\", \"words\": \"fire on our people\"}", &note);
	double from = seconds();
	ring(p.us, &note, id);
	NODES_WAIT(rings_now(p.ru, id));
	print_message("# rings at the other desk after %.0f ms\n", (seconds() - from) * 1000);
	json_t *item = bell_rings(p.ru, id);
	assert_true(is(item, "class", "STOP") && is(item, "words", "fire on our people"));
	assert_true(is(item, "place", "not stated") && json_is_null(json_object_get(item, "unverified")));
	json_decref(item);
	NODES_WAIT(bell_is_logged(p.us, id));
	NODES_WAIT(bell_is_logged(p.ru, id));
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\", \"role\": \"director\"}", id);
	sign(p.ru, "call.taken", PRL_MODE_TEST, body, &note);
	ring(p.ru, &note, again);
	NODES_WAIT(has_state(p.us, id, "taken"));
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\", \"what\": \"ceased\"}", id);
	sign(p.ru, "call.reported", PRL_MODE_TEST, body, &note);
	ring(p.ru, &note, again);
	NODES_WAIT(recorded(p.us) == 1 && recorded(p.ru) == 1);
	nodes_wait_rest(p.n, p.us, p.ru);
	prl_buffer_done(&note);
	end(&p);
}

/* Nothing, anything, and no signature: it rings, marked, and is in no record. */
static void without_anything(void **state)
{
	static const char *const bodies[] = { "",       "{}",      "STOP!", "{\"class\": \"STOP\", \"place\": 7}",
					      "[1, 2]", "\xff\xfe" };
	(void)state;
	pair p = begin();
	char id[80];
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		prl_buffer bytes = PRL_BUFFER(1000);
		assert_true(prl_buffer_append(&bytes, bodies[i], strlen(bodies[i])));
		ring(p.us, &bytes, id);
		NODES_WAIT(rings_now(p.ru, id));
		json_t *item = bell_rings(p.ru, id);
		assert_true(json_is_string(json_object_get(item, "unverified")));
		assert_true(is(item, "party", "us") && is(item, "place", "not stated") && is(item, "mode", "REAL"));
		json_decref(item);
		prl_buffer_done(&bytes);
	}
	assert_int_equal(recorded(p.us), 0);
	end(&p);
}

static void bad_signature(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	sign(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"DISTRESS\"}", &note);
	char *last = &note.data[note.size - 6];
	*last = *last == 'A' ? 'B' : 'A';
	ring(p.us, &note, id);
	NODES_WAIT(rings_now(p.ru, id));
	json_t *item = bell_rings(p.ru, id);
	assert_true(json_is_string(json_object_get(item, "unverified")) && is(item, "class", "DISTRESS"));
	json_decref(item);
	assert_int_equal(recorded(p.us), 0);
	prl_buffer_done(&note);
	end(&p);
}

static void revoked_key(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_filed filed;
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	sign(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", &note);
	prl_client *desk = nodes_login(p.n, 0, &p.n->nodes[0].desk);
	nodes_file(desk, "key.revoked", "{\"key\": \"us-ops/1\", \"reason\": \"lost\"}", &filed);
	ring(p.us, &note, id); /* with a token that is not taken any more */
	NODES_WAIT(rings_now(p.ru, id));
	json_t *item = bell_rings(desk, id);
	assert_true(json_is_string(json_object_get(item, "unverified")));
	json_decref(item);
	prl_buffer_done(&note);
	prl_client_free(desk);
	end(&p);
}

/* The same without a signature, with the token of the session that was open: known, as often as it is pressed; it may
 * do nothing else. Somebody else's token is nobody's. */
static void revoked_and_unsigned(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_filed filed;
	static const char body[] = "{\"class\": \"STOP\", \"words\": \"it is me\"}";
	prl_buffer text = PRL_BUFFER(200);
	assert_true(prl_buffer_append(&text, body, strlen(body)));
	prl_client *desk = nodes_login(p.n, 0, &p.n->nodes[0].desk);
	nodes_file(desk, "key.revoked", "{\"key\": \"us-ops/1\", \"reason\": \"lost\"}", &filed);
	for (size_t i = 0; i < 3; i++)
		ring(p.us, &text, id);
	NODES_WAIT(rings_now(p.ru, id));
	json_t *item = bell_rings(p.ru, id);
	assert_true(is(item, "class", "STOP") && is(item, "words", "it is me") && is(item, "party", "us"));
	assert_non_null(strstr(json_string_value(json_object_get(item, "unverified")), "key is not valid any more"));
	json_decref(item);
	item = bell_rings(desk, id);
	assert_true(is(item, "key", "us-ops/1") && json_integer_value(json_object_get(item, "count")) == 3);
	json_decref(item);
	assert_int_equal(nodes_status(p.us, "GET", "/parley/v1/calls", NULL, NULL, 0, NULL), 401);
	assert_int_equal(nodes_status(p.us, "GET", "/parley/v1/line/notices", NULL, NULL, 0, NULL), 401);
	assert_int_equal(recorded(desk), 0);
	prl_client_free(desk);
	prl_buffer_done(&text);
	end(&p);
}

/* A desk that was closed is known too. */
static void closed_desk(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_filed filed;
	prl_buffer none = PRL_BUFFER(10);
	prl_error err;
	prl_client *root = nodes_login(p.n, 0, &p.n->nodes[0].root);
	prl_client_entry entry = { .kind = "desk.closed",
				   .mode = PRL_MODE_TEST,
				   .body = prl_bytes_of("{\"desk\": \"us-ops\", \"reason\": \"overrun\"}"),
				   .second = &p.n->nodes[0].desk };
	if (prl_client_file(root, &entry, &filed, &err))
		fail_msg("%s", err.text);
	ring(p.us, &none, id);
	NODES_WAIT(rings_now(p.ru, id));
	json_t *item = bell_rings(p.ru, id);
	assert_true(json_is_string(json_object_get(item, "unverified")) && is(item, "party", "us"));
	json_decref(item);
	prl_client_free(root);
	end(&p);
}

static void strangers_are_refused(void **state)
{
	(void)state;
	pair p = begin();
	prl_client *stranger = nodes_client(p.n, 0);
	assert_int_equal(nodes_status(stranger, "POST", "/parley/v1/calls", "text/plain", "STOP", 4, NULL), 403);
	assert_int_equal(nodes_status(stranger, "POST", "/parley/v1/peer/calls", "application/json", "{}", 2, NULL),
			 401);
	assert_int_equal(nodes_status(stranger, "GET", "/parley/v1/calls", NULL, NULL, 0, NULL), 401);
	prl_client_free(stranger);
	end(&p);
}

static void a_thousand_are_one(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], again[80];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX), none = PRL_BUFFER(10);
	sign(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", &note);
	ring(p.us, &note, id);
	for (size_t i = 1; i < 1000; i++) {
		ring(p.us, &note, again);
		assert_string_equal(again, id);
	}
	json_t *item = bell_rings(p.us, id);
	assert_int_equal(json_integer_value(json_object_get(item, "count")), 1000);
	json_decref(item);
	NODES_WAIT(bell_is_logged(p.ru, id));
	assert_int_equal(recorded(p.ru), 1);
	prl_buffer_done(&note);
	prl_buffer_done(&none);
	end(&p);
}

/* Ten signed at once on the same chain: the record takes one of them and refuses the rest; it rings as one all the
 * same. */
static void refused_repeats_are_one(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], again[80], body[100];
	prl_buffer notes[10];
	for (size_t i = 0; i < 10; i++) {
		notes[i] = PRL_BUFFER(PRL_ENTRY_MAX);
		(void)snprintf(body, sizeof body, "{\"class\": \"STOP\", \"words\": \"%zu\"}", i);
		sign(p.us, "call.raised", PRL_MODE_TEST, body, &notes[i]);
	}
	notes[0].data[notes[0].size - 6] ^= 1; /* the first one does not even hold */
	for (size_t i = 0; i < 10; i++) {
		ring(p.us, &notes[i], i ? again : id);
		prl_buffer_done(&notes[i]);
	}
	NODES_WAIT(recorded(p.us) == 1 && recorded(p.ru) == 1);
	json_t *list = nodes_get(p.us, "/parley/v1/calls"), *one;
	size_t i, verified = 0;
	json_array_foreach(json_object_get(list, "items"), i, one) verified +=
		json_is_null(json_object_get(one, "unverified"));
	assert_int_equal(verified, 1);
	json_decref(list);
	end(&p);
}

/* A real call on a line whose nodes are in TEST stays real. */
static void modes_stay(void **state)
{
	(void)state;
	static const prl_mode modes[] = { PRL_MODE_REAL, PRL_MODE_EXERCISE };
	static const char *const words[] = { "REAL", "EXERCISE" };
	pair p = begin();
	char id[80];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	for (size_t i = 0; i < 2; i++) {
		sign(p.us, "call.raised", modes[i], "{\"class\": \"STOP\"}", &note);
		ring(p.us, &note, id);
		NODES_WAIT(rings_now(p.ru, id));
		json_t *item = bell_rings(p.ru, id);
		assert_true(is(item, "mode", words[i]));
		json_decref(item);
		NODES_WAIT(bell_is_logged(p.us, id));
	}
	prl_buffer_done(&note);
	end(&p);
}

/* Nor is it taken by an exercise: whoever has done so is told, and it goes on ringing; nothing of it is recorded. */
static void exercise_takes_nothing(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], body[200];
	prl_reply reply = PRL_REPLY(65536);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	sign(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\"}", &note);
	ring(p.us, &note, id);
	NODES_WAIT(bell_is_logged(p.ru, id));
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"}", id);
	sign(p.ru, "call.taken", PRL_MODE_EXERCISE, body, &note);
	assert_int_equal(nodes_status(p.ru, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, &reply),
			 202);
	assert_non_null(strstr(reply.body.data, "it is in another mode than the call"));
	assert_true(has_state(p.ru, id, "raised"));
	sign(p.ru, "call.taken", PRL_MODE_REAL, body, &note);
	ring(p.ru, &note, body);
	NODES_WAIT(has_state(p.us, id, "taken") && has_state(p.ru, id, "taken"));
	prl_reply_done(&reply);
	prl_buffer_done(&note);
	end(&p);
}

/* ---- what is broken meanwhile ------------------------------------------------------------------------------------ */

static bool is_said_late(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	bool said = json_array_size(json_object_get(item, "not_delivered")) == 1;
	json_decref(item);
	return said;
}

static bool is_there(prl_client *at, const char *id, const char *node)
{
	json_t *item = bell_rings(at, id);
	bool there = json_object_get(json_object_get(item, "nodes"), node) != NULL;
	json_decref(item);
	return there;
}

static void peer_away(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_client_free(p.ru);
	p.ru = NULL;
	nodes_stop(p.n, 1);
	sign(p.us, "call.raised", PRL_MODE_TEST, "{\"class\": \"STOP\"}", &note);
	ring(p.us, &note, id);
	NODES_WAIT(bell_is_logged(p.us, id));
	NODES_WAIT(is_said_late(p.us, id));
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.ru = nodes_desk(p.n, 1);
	NODES_WAIT(rings_now(p.ru, id));
	NODES_WAIT(is_there(p.us, id, p.n->nodes[1].origin));
	prl_buffer_done(&note);
	end(&p);
}

/* The command gets the call in its environment, and no shell between: hostile words stay words. */
static void command_is_run(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	char path[400], out[400], id[80];
	prl_error err;
	(void)snprintf(path, sizeof path, "%s/node.json", p.n->nodes[1].folder);
	(void)snprintf(out, sizeof out, "%s/rang", p.n->folder);
	json_t *settings = json_load_file(path, 0, NULL);
	settings = settings ? settings : json_object();
	json_object_set_new(settings, "ring",
			    json_pack("{s:[s, s, s, s]}", "command", "/bin/sh", "-c",
				      "printf '%s|%s|%s' \"$PARLEY_CALL\" \"$PARLEY_MODE\" \"$PARLEY_WORDS\" > \"$1\"; "
				      "exit 3",
				      "ring"));
	json_array_append_new(json_object_get(json_object_get(settings, "ring"), "command"), json_string(out));
	assert_int_equal(json_dump_file(settings, path, 0), 0);
	json_decref(settings);
	nodes_start(p.n, 0);
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.us = nodes_desk(p.n, 0);
	p.ru = nodes_desk(p.n, 1);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX), text = PRL_BUFFER(1000);
	sign(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\", \"words\": \"a';reboot\\n$(x)\"}", &note);
	ring(p.us, &note, id);
	NODES_WAIT(access(out, R_OK) == 0 && (prl_buffer_clear(&text), prl_file_read(out, &text, &err) == PRL_OK) &&
		   text.size > 0);
	assert_non_null(strstr(text.data, "|REAL|a';reboot $(x)"));
	NODES_WAIT(nodes_said(p.n, 1, "the ring command ended with 3"));
	prl_buffer_done(&note);
	prl_buffer_done(&text);
	end(&p);
}

/* Made-up answers by somebody who knows the name of a key, and nothing else: what rings goes on ringing, at both. */
static void made_up_answers(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], call[PRL_HASH_TEXT_MAX];
	prl_client *stranger = nodes_client(p.n, 0);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX), text = PRL_BUFFER(100);
	assert_true(prl_buffer_append(&text, "STOP!", 5));
	ring(p.us, &text, id);
	NODES_WAIT(rings_now(p.ru, id));
	sign(p.us, "call.taken", PRL_MODE_TEST, "{\"call\": \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}", &note);
	for (unsigned i = 0; i < 600; i++) {
		prl_hash made_up = prl_sha256(&i, sizeof i);
		prl_hash_write(&made_up, call);
		char *at = strstr(note.data, "{\"call\": \"");
		memcpy(at + strlen("{\"call\": \""), call, strlen(call));
		(void)nodes_status(stranger, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, NULL);
	}
	print_message("# still rings at us: %d, at ru: %d\n", rings_now(p.us, id), rings_now(p.ru, id));
	assert_true(rings_now(p.us, id) && rings_now(p.ru, id));
	prl_buffer_done(&note);
	prl_buffer_done(&text);
	prl_client_free(stranger);
	end(&p);
}

/* A STOP that nobody took is not let go because another one came: it is still told onward. */
static void first_stays(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], other[80];
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	sign(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\", \"place\": \"a\"}", &note);
	ring(p.us, &note, id);
	NODES_WAIT(bell_is_logged(p.ru, id));
	sign(p.us, "call.raised", PRL_MODE_REAL, "{\"class\": \"STOP\", \"place\": \"b\"}", &note);
	ring(p.us, &note, other);
	NODES_WAIT(bell_is_logged(p.ru, other));
	json_t *item = bell_rings(p.ru, id);
	char *shown = json_dumps(item, JSON_COMPACT);
	print_message("# the first at ru: %s\n", shown);
	free(shown);
	assert_true(json_is_integer(json_object_get(item, "step"))); /* the bell has it, not only the record */
	json_decref(item);
	prl_buffer_done(&note);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_desk_to_desk),
		cmocka_unit_test(without_anything),
		cmocka_unit_test(bad_signature),
		cmocka_unit_test(revoked_key),
		cmocka_unit_test(revoked_and_unsigned),
		cmocka_unit_test(closed_desk),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(a_thousand_are_one),
		cmocka_unit_test(refused_repeats_are_one),
		cmocka_unit_test(modes_stay),
		cmocka_unit_test(exercise_takes_nothing),
		cmocka_unit_test(peer_away),
		cmocka_unit_test(command_is_run),
		cmocka_unit_test(made_up_answers),
		cmocka_unit_test(first_stays),
	};
	return cmocka_run_group_tests_name("bell", tests, NULL, NULL);
}
