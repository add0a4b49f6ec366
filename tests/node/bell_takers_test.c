/* People who act at the same instant, on real nodes that are connected: two parties take one call, two hand over one
 * shift while a call is raised. Every node shows the same afterwards. */
#include "base/hash.h"
#include "base/text.h"
#include "support/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* One act on a thread of its own: signed before, sent when all are ready, to the bell; or filed. */
typedef struct actor {
	prl_client *client;
	const char *kind;
	char body[400];
	const prl_signer *second;
	pthread_barrier_t *together;
	prl_buffer note;
	pthread_t thread;
	bool done;
} actor;

static void *call_run(void *context)
{
	actor *a = context;
	(void)pthread_barrier_wait(a->together);
	a->done = nodes_status(a->client, "POST", "/parley/v1/calls", "text/plain", a->note.data, a->note.size, NULL) ==
		  202;
	return NULL;
}

static void *file_run(void *context)
{
	actor *a = context;
	prl_filed filed;
	prl_error err = { 0 };
	prl_client_entry entry = {
		.kind = a->kind, .mode = PRL_MODE_TEST, .body = prl_bytes_of(a->body), .second = a->second
	};
	(void)pthread_barrier_wait(a->together);
	a->done = prl_client_file(a->client, &entry, &filed, &err) == PRL_OK;
	return NULL;
}

static void all_at_once(actor *actors, size_t count)
{
	pthread_barrier_t together;
	prl_error err = { 0 };
	assert_int_equal(pthread_barrier_init(&together, NULL, (unsigned)count), 0);
	for (size_t i = 0; i < count; i++) {
		actor *a = &actors[i];
		prl_client_entry entry = { .kind = a->kind, .mode = PRL_MODE_TEST, .body = prl_bytes_of(a->body) };
		bool is_call = strncmp(a->kind, "call.", 5) == 0;
		a->note = PRL_BUFFER(PRL_ENTRY_MAX);
		a->together = &together;
		if (is_call && prl_client_sign(a->client, &entry, &a->note, &err))
			fail_msg("%s", err.text);
		assert_int_equal(pthread_create(&a->thread, NULL, is_call ? call_run : file_run, a), 0);
	}
	for (size_t i = 0; i < count; i++) {
		(void)pthread_join(actors[i].thread, NULL);
		prl_buffer_done(&actors[i].note);
	}
	(void)pthread_barrier_destroy(&together);
}

static bool holds(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	bool is = item && json_is_null(json_object_get(item, "unverified"));
	json_decref(item);
	return is;
}

/* Of what rings there; false where nothing does. */
static bool first_id(prl_client *at, char id[80])
{
	json_t *list = nodes_get(at, "/parley/v1/calls");
	const char *text = json_string_value(json_object_get(json_array_get(json_object_get(list, "items"), 0), "id"));
	(void)snprintf(id, 80, "%s", text ? text : "");
	json_decref(list);
	return *id != 0;
}

static void raise_call(prl_client *client, char id[80])
{
	prl_error err;
	prl_reply reply = PRL_REPLY(65536);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_client_entry entry = { .kind = "call.raised",
				   .mode = PRL_MODE_TEST,
				   .body = prl_bytes_of("{\"class\": \"STOP\"}") };
	if (prl_client_sign(client, &entry, &note, &err))
		fail_msg("%s", err.text);
	assert_int_equal(nodes_status(client, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, &reply),
			 202);
	json_t *json = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	(void)snprintf(id, 80, "%s", json_string_value(json_object_get(json, "id")));
	json_decref(json);
	prl_reply_done(&reply);
	prl_buffer_done(&note);
}

/* ---- two parties take one call ----------------------------------------------------------------------------------- */

/* "ru: first taker, un: …", from what is in the record there; false where it has not all of it yet. */
static bool takers(prl_client *at, char ret[300])
{
	json_t *list = nodes_get(at, "/parley/v1/line/calls"), *row;
	const json_t *call = json_array_get(json_object_get(list, "items"), 0);
	size_t i, count = 0;
	ret[0] = 0;
	json_array_foreach(json_object_get(call, "parties"), i, row)
	{
		const json_t *taken = json_object_get(row, "taken");
		const char *entry = json_string_value(json_object_get(taken, "id"));
		count += entry && json_array_size(json_object_get(row, "also")) == 0;
		(void)snprintf(ret + strlen(ret), 300 - strlen(ret), "%s: %s ",
			       json_string_value(json_object_get(row, "party")), entry ? entry : "");
	}
	json_decref(list);
	return count == 2;
}

static void two_parties(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("us ru un", false);
	prl_client *clients[3];
	char id[80], shown[3][300];
	for (size_t i = 0; i < 3; i++)
		nodes_start(n, i);
	nodes_wait_open(n);
	for (size_t i = 0; i < 3; i++)
		clients[i] = nodes_desk(n, i);
	nodes_wait_rest(n, clients[0], clients[1]);
	raise_call(clients[0], id);
	NODES_WAIT(holds(clients[1], id) && holds(clients[2], id));
	actor takes[2] = { { .client = clients[1], .kind = "call.taken" },
			   { .client = clients[2], .kind = "call.taken" } };
	for (size_t i = 0; i < 2; i++)
		(void)snprintf(takes[i].body, sizeof takes[i].body, "{\"call\": \"%s\"}", id);
	all_at_once(takes, 2);
	assert_true(takes[0].done && takes[1].done);
	/* neither stands for the other, and each is the same everywhere */
	NODES_WAIT(takers(clients[0], shown[0]) && takers(clients[1], shown[1]) && takers(clients[2], shown[2]));
	assert_string_equal(shown[0], shown[1]);
	assert_string_equal(shown[0], shown[2]);
	for (size_t i = 0; i < 3; i++)
		prl_client_free(clients[i]);
	nodes_free(n);
}

/* ---- two hand-overs and a call ----------------------------------------------------------------------------------- */

/* A second console of ru. */
static prl_signer console_2(nodes_set *n)
{
	prl_signer signer;
	prl_error err;
	prl_filed filed;
	char body[300], vkey[PRL_KEY_TEXT_MAX];
	prl_client *desk = nodes_login(n, 1, &n->nodes[1].desk);
	if (prl_signer_new("ru-ops/2", PRL_KEY_NOTE, &signer, &err))
		fail_msg("%s", err.text);
	prl_verifier_write(&signer.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\": \"%s\"}", vkey);
	nodes_file(desk, "key.certified", body, &filed);
	prl_client_free(desk);
	return signer;
}

/* Who is on watch for ru, as a node shows it; "" where it is not one. */
static bool on_watch(prl_client *at, char ret[100])
{
	json_t *list = nodes_get(at, "/parley/v1/line/shifts?party=ru"), *items = json_object_get(list, "items");
	const char *key = json_string_value(json_object_get(json_array_get(items, 0), "key"));
	(void)snprintf(ret, 100, "%s", json_array_size(items) == 1 && key ? key : "");
	json_decref(list);
	return *ret && strcmp(ret, "ru-ops/1") != 0;
}

/* One person hands over to two at once, by two screens, while us calls STOP: the first hand-over counts, the other is
 * refused; the call rings, and who has come takes it. */
static void handed_over_twice(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("us ru", false);
	char id[80] = "", shift[PRL_HASH_TEXT_MAX], of_us[100], of_ru[100];
	prl_filed filed;
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 0), *ru = nodes_desk(n, 1);
	prl_signer second = console_2(n);
	nodes_file(ru, "shift.begun", "{\"role\": \"desk\", \"languages\": [\"ru\"]}", &filed);
	prl_hash_write(&filed.hash, shift);
	nodes_wait_rest(n, us, ru);
	actor actors[3] = {
		{ .client = nodes_login(n, 1, &n->nodes[1].console), .kind = "shift.handed_over", .second = &second },
		{ .client = nodes_login(n, 1, &n->nodes[1].console),
		  .kind = "shift.handed_over",
		  .second = &n->nodes[1].desk },
		{ .client = us, .kind = "call.raised", .body = "{\"class\": \"STOP\"}" }
	};
	for (size_t i = 0; i < 2; i++)
		(void)snprintf(actors[i].body, sizeof actors[i].body,
			       "{\"shift\": \"%s\", \"to\": \"%s\", \"open\": {\"hash\": \"%s\", \"count\": 0}}", shift,
			       actors[i].second->verifier.name, shift);
	all_at_once(actors, 3);
	assert_true(actors[2].done);
	assert_int_equal(actors[0].done + actors[1].done, 1);
	NODES_WAIT(on_watch(us, of_us) && on_watch(ru, of_ru));
	assert_string_equal(of_us, of_ru);
	const prl_signer *come = actors[0].done ? &second : &n->nodes[1].desk;
	assert_string_equal(of_ru, come->verifier.name);
	NODES_WAIT(first_id(ru, id) && holds(ru, id));
	actor take = { .client = nodes_login(n, 1, come), .kind = "call.taken" };
	(void)snprintf(take.body, sizeof take.body, "{\"call\": \"%s\"}", id);
	all_at_once(&take, 1);
	assert_true(take.done);
	json_t *item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(us, id),
		    json_is_object(json_object_get(json_array_get(json_object_get(item, "parties"), 0), "taken"))));
	json_decref(item);
	prl_client_free(take.client);
	prl_client_free(actors[0].client);
	prl_client_free(actors[1].client);
	prl_client_free(us);
	prl_client_free(ru);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(two_parties), cmocka_unit_test(handed_over_twice) };
	return cmocka_run_group_tests_name("acts at the same instant", tests, NULL, NULL);
}
