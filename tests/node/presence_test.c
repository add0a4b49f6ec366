/* Desks report by themselves; without a report, or without sound, they are unattended. Links that come and go are
 * counted. Over HTTP: who may report, and both ages, apart. */
#include "node/presence.h"

#include "base/text.h"
#include "line/person.h"
#include "support/nodes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static void flaps(void **state)
{
	(void)state;
	prl_presence *p;
	prl_error err;
	assert_int_equal(prl_presence_new(&p, &err), PRL_OK);
	prl_time now = 1000 * PRL_SECOND;
	for (int i = 0; i < 3; i++) {
		prl_presence_link(p, "a", true, now += PRL_SECOND);
		prl_presence_link(p, "a", false, now += PRL_SECOND);
		prl_presence_link(p, "a", false, now += PRL_SECOND); /* still away: not once more */
	}
	assert_int_equal(prl_presence_flaps(p, "a", now), 3);
	assert_int_equal(prl_presence_flaps(p, "b", now), 0);
	assert_int_equal(prl_presence_flaps(p, "a", now + 601 * PRL_SECOND), 0);
	for (int i = 0; i < 100; i++) {
		prl_presence_link(p, "a", true, now);
		prl_presence_link(p, "a", false, now);
	}
	assert_true(prl_presence_flaps(p, "a", now) >= PRL_LINE_FLAPS);
	prl_presence_free(p);
}

/* Any number of names takes no more room. */
static void many_desks(void **state)
{
	(void)state;
	prl_presence *p;
	prl_error err;
	char name[40];
	assert_int_equal(prl_presence_new(&p, &err), PRL_OK);
	for (int i = 0; i < 2000; i++) {
		snprintf(name, sizeof name, "us-%d", i);
		prl_presence_desk(p, name, true, (i + 1) * PRL_SECOND);
	}
	prl_presence_free(p);
}

/* Which desks say that a call rings there; for as long as they say it. */
static void calls_that_ring(void **state)
{
	(void)state;
	prl_presence *p;
	prl_error err;
	prl_hash ids[PRL_PRESENCE_CALLS + 8], none = { { 0 } };
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		memset(&ids[i], (int)i + 1, sizeof *ids);
	prl_time now = 1000 * PRL_SECOND;
	assert_int_equal(prl_presence_new(&p, &err), PRL_OK);
	prl_presence_calls(p, "us-ops", ids, 1); /* has not reported */
	assert_int_equal(prl_presence_rings(p, ids, 1, now), 0);
	prl_presence_desk(p, "us-ops", true, now);
	prl_presence_calls(p, "us-ops", ids, 2);
	prl_presence_desk(p, "us-air", false, now);
	prl_presence_calls(p, "us-air", ids + 1, 1);
	assert_int_equal(prl_presence_rings(p, ids, 1, now), 1);
	assert_int_equal(prl_presence_rings(p, ids + 1, 1, now), 2);
	assert_int_equal(prl_presence_rings(p, ids, 2, now), 2); /* two ids of one call: each desk once */
	assert_int_equal(prl_presence_rings(p, &none, 1, now), 0);
	prl_presence_calls(p, "us-ops", NULL, 0); /* taken */
	assert_int_equal(prl_presence_rings(p, ids + 1, 1, now), 1);
	assert_int_equal(prl_presence_rings(p, ids + 1, 1, now + PRL_PRESENCE_RINGS_S * PRL_SECOND), 1);
	assert_int_equal(prl_presence_rings(p, ids + 1, 1, now + (PRL_PRESENCE_RINGS_S + 1) * PRL_SECOND), 0);
	prl_presence_calls(p, "us-ops", ids, PRL_PRESENCE_CALLS + 8);
	assert_int_equal(prl_presence_rings(p, ids + PRL_PRESENCE_CALLS, 1, now), 0);
	prl_presence_free(p);
}

static const json_t *party_in(const json_t *answer, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(answer, "items"), i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "party")), party) == 0)
			return one;
	}
	fail_msg("no party %s", party);
	return NULL;
}

static bool attended(prl_client *c)
{
	json_t *answer = nodes_get(c, "/parley/v1/line/desks");
	const json_t *desks = json_object_get(party_in(answer, "us"), "desks");
	bool is = json_is_true(json_object_get(json_object_get(json_array_get(desks, 0), "screen"), "attended"));
	json_decref(answer);
	return is;
}

static bool peer_heard(prl_client *c)
{
	json_t *answer = nodes_get(c, "/parley/v1/line/desks");
	const json_t *ru = party_in(answer, "ru");
	bool is = json_is_integer(json_object_get(json_object_get(ru, "line"), "age_s"));
	json_decref(answer);
	return is;
}

static void over_http(void **state)
{
	(void)state;
	static const char path[] = "/parley/v1/desk", type[] = "application/json";
	nodes_set *n = nodes_new("us ru", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *c = nodes_desk(n, 0);
	assert_false(attended(c));
	static const char *const bad[] = { "",
					   "{}",
					   "[]",
					   "{\"sound\": 1}",
					   "{\"sound\": true, \"x\": 1}",
					   "{",
					   "{\"sound\": true, \"calls\": {}}",
					   "{\"sound\": true, \"calls\": [1]}",
					   "{\"sound\": true, \"calls\": [\"x\"]}" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(nodes_status(c, "POST", path, type, bad[i], strlen(bad[i]), NULL), 400);
	assert_false(attended(c));
	assert_int_equal(nodes_status(c, "POST", path, type, "{\"sound\": false}", strlen("{\"sound\": false}"), NULL),
			 200);
	assert_false(attended(c)); /* open, but silent */
	assert_int_equal(nodes_status(c, "POST", path, type, "{\"sound\": true}", strlen("{\"sound\": true}"), NULL),
			 200);
	assert_true(attended(c));
	static const char loud[] = "{\"sound\": true}", hush[] = "{\"sound\": true, \"silence\": true}";
	prl_reply reply = PRL_REPLY(65536), hushed = PRL_REPLY(65536);
	assert_int_equal(nodes_status(c, "POST", path, type, loud, strlen(loud), &reply), 200);
	assert_non_null(strstr(reply.body.data, "\"sounding\":2")); /* nobody is on watch */
	prl_reply_done(&reply);
	assert_int_equal(nodes_status(c, "POST", path, type, hush, strlen(hush), &hushed), 200);
	assert_non_null(strstr(hushed.body.data, "\"sounding\":0"));
	prl_reply_done(&hushed);
	prl_client *nobody = nodes_client(n, 0);
	assert_int_equal(
		nodes_status(nobody, "POST", path, type, "{\"sound\": true}", strlen("{\"sound\": true}"), NULL), 401);
	prl_client_free(nobody);
	NODES_WAIT(peer_heard(c));
	json_t *answer = nodes_get(c, "/parley/v1/line/desks");
	assert_true(json_is_null(json_object_get(party_in(answer, "us"), "line"))); /* our own: no line to it */
	assert_true(json_is_integer(json_object_get(json_object_get(party_in(answer, "us"), "person"), "age_s")));
	json_decref(answer);
	prl_client_free(c);
	nodes_free(n);
}

/* ---- all at once ------------------------------------------------------------------------------------------------- */

#define ROUNDS 6

/* A client of its own, and what it did not get. */
typedef struct busy {
	prl_client *client;
	bool files; /* one only of each key: its entries are a chain */
	unsigned refused;
	pthread_t thread;
} busy;

static void want(busy *b, unsigned status, const char *method, const char *path, const char *type, const char *body)
{
	unsigned got = nodes_status(b->client, method, path, type, body, body ? strlen(body) : 0, NULL);
	if (got != status)
		(void)fprintf(stderr, "# %s %s: %u, not %u\n", method, path, got, status);
	b->refused += got != status;
}

static void file_site(busy *b)
{
	static const char site[] =
		"{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"36.10000N 37.10000E\", "
		"\"radius_m\": 100}]}}";
	prl_client_entry entry = { .kind = "notice.filed", .mode = PRL_MODE_TEST, .body = prl_bytes_of(site) };
	prl_filed filed;
	prl_error err;
	b->refused += prl_client_file(b->client, &entry, &filed, &err) != PRL_OK;
}

static void *busy_run(void *context)
{
	static const char *const paths[] = {
		"/parley/v1/line/alarms",   "/parley/v1/line/desks", "/parley/v1/line/notices",
		"/parley/v1/line/overlaps", "/parley/v1/line/stats", "/parley/v1/line/undelivered",
		"/parley/v1/calls",         "/parley/v1/peers",      "/metrics"
	};
	busy *b = context;
	for (size_t round = 0; round < ROUNDS; round++) {
		if (b->files)
			file_site(b);
		else
			want(b, 202, "POST", "/parley/v1/calls", "text/plain", "{\"class\": \"STOP\"}");
		want(b, 200, "POST", "/parley/v1/desk", "application/json",
		     round % 2 ? "{\"sound\": true}" : "{\"sound\": true, \"silence\": true}");
		for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
			want(b, 200, "GET", paths[i], NULL, NULL);
	}
	return NULL;
}

/* Desks report, ring, file and look at both nodes at the same time: nobody is refused (and, with the thread sanitizer,
 * no two threads meet without a lock). */
static void all_at_once(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("us ru", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	busy all[6] = { 0 };
	for (size_t i = 0; i < 6; i++)
		all[i] = (busy){ .client = nodes_desk(n, i % 2), .files = i < 2 };
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&all[i].thread, NULL, busy_run, &all[i]), 0);
	for (size_t i = 0; i < 6; i++)
		(void)pthread_join(all[i].thread, NULL);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(all[i].refused, 0);
		prl_client_free(all[i].client);
	}
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flaps),     cmocka_unit_test(many_desks),  cmocka_unit_test(calls_that_ring),
		cmocka_unit_test(over_http), cmocka_unit_test(all_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
