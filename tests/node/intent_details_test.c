/* GET /parley/v1/intents/{id}: what a desk is told of an intent by the service that manages it, and what where that
 * does not answer, or lies. */
#include "support/dss.h"
#include "support/uss_server.h"

#include "base/text.h"
#include "node/bearer.h"
#include "node/fetcher.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ASKED "GET /uss/v1/operational_intents/"
#define SAID(id, version, volumes)                                                                                     \
	"{\"operational_intent\":{\"reference\":{\"id\":\"" id "\",\"version\":" version                               \
	",\"ovn\":\"0123456789abcdef\",\"manager\":\"uss1\"},\"details\":{\"volumes\":[" volumes "],\"priority\":3}}}"

typedef struct fixture {
	dss_node *d;
	prl_client *desk;
	uss_server *uss[2];
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->d = dss_new_calling();
	f->desk = dss_desk(f->d);
	f->uss[0] = uss_server_new();
	f->uss[1] = uss_server_new();
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	prl_client_free(f->desk);
	dss_free(f->d);
	uss_server_free(f->uss[0]);
	uss_server_free(f->uss[1]);
	free(f);
	return 0;
}

/* An intent of uss1 whose details the server has. */
static void put_intent(fixture *f, const char *id, size_t uss)
{
	char path[200], body[1500];
	const char *extents = uss || strcmp(id, U("0001")) ? DSS_V("49") : DSS_V("48"); /* in nobody's key */
	unsigned status;
	(void)snprintf(path, sizeof path, DSS_INTENT "%s", id);
	(void)snprintf(body, sizeof body, "{\"extents\":[%s],\"state\":\"Accepted\",\"uss_base_url\":\"%s\"}", extents,
		       uss_server_url(f->uss[uss]));
	json_decref(dss_ask(f->d, "uss1 SC", "PUT", path, body, &status));
	assert_int_equal(status, 201);
}

static json_t *details(fixture *f, const char *id)
{
	return nodes_get(f->desk, "/parley/v1/intents/%s", id);
}

static void expect_why(fixture *f, const char *id, const char *why)
{
	json_t *answer = details(f, id);
	assert_true(json_is_null(json_object_get(answer, "details")));
	assert_string_equal(json_string_value(json_object_get(answer, "why")), why);
	assert_string_equal(json_string_value(json_object_get(answer, "id")), id);
	assert_string_equal(json_string_value(json_object_get(answer, "state")), "Accepted");
	json_decref(answer);
}

static void details_are_shown_and_kept_a_while(void **state)
{
	fixture *f = *state;
	uss_asked *all;
	put_intent(f, U("0001"), 0);
	uss_server_answer(f->uss[0], ASKED U("0001"), 200, SAID(U("0001"), "1", DSS_V("48")));
	json_t *answer = details(f, U("0001")), *again = details(f, U("0001"));
	const json_t *said = json_object_get(answer, "details");
	assert_string_equal(json_string_value(json_object_get(answer, "manager")), "uss1");
	assert_int_equal(json_integer_value(json_object_get(said, "version")), 1);
	assert_int_equal(json_integer_value(json_object_get(said, "priority")), 3);
	assert_int_equal(json_array_size(json_object_get(said, "volumes")), 1);
	char *text = json_dumps(answer, 0);
	assert_null(strstr(text, "0123456789abcdef")); /* the OVN is for services */
	free(text);
	assert_true(json_equal(answer, again));
	json_decref(answer);
	json_decref(again);
	assert_int_equal(uss_server_asked(f->uss[0], &all), 1);
	assert_string_equal(all[0].line, ASKED U("0001"));
	uss_asked_free(all, 1);
	dss_go_on(PRL_FETCHER_KEEP_S);
	json_decref(details(f, U("0001")));
	assert_int_equal(uss_server_count(f->uss[0]), 2);
}

static void its_token_is_one_to_read_intents_with(void **state)
{
	fixture *f = *state;
	prl_dss_options dss = { .dev = true };
	uss_asked *all;
	prl_bearer *bearer = NULL;
	prl_dss_caller caller;
	prl_error err = { 0 };
	put_intent(f, U("0001"), 0);
	json_decref(details(f, U("0001")));
	assert_int_equal(prl_dss_list_add(&dss.audiences, "127.0.0.1", &err), PRL_OK);
	const prl_bearer_options options = { .dss = &dss, .folder = dss_nodes(f->d)->nodes[0].folder };
	assert_int_equal(prl_bearer_start(&options, &bearer, &err), PRL_OK);
	size_t count = uss_server_asked(f->uss[0], &all);
	if (prl_bearer_verify(bearer, prl_bytes_of(all[0].authorization), DSS_NOW_S * PRL_SECOND, &caller, &err))
		fail_msg("%s", err.text);
	assert_int_equal(caller.scopes, PRL_SCOPE_STRATEGIC_COORDINATION);
	uss_asked_free(all, count);
	prl_bearer_stop(bearer);
}

static void what_a_service_answers_instead(void **state)
{
	fixture *f = *state;
	static const struct {
		unsigned status;
		const char *body, *why;
	} cases[] = {
		{ 404, "{}", "the address answered with status 404" },
		{ 401, "{}", "the address answered with status 401" },
		{ 302, "{}", "the address answered with status 302" },
		{ 500, "{}", "the address answered with status 500" },
		{ 200, "", "the answer is not as F3548 has it: expected a JSON object" },
		{ 200, "{}",
		  "the answer is not as F3548 has it: operational_intent.reference.id: expected the id that was asked "
		  "for" },
		{ 200, SAID(U("0002"), "1", DSS_V("48")),
		  "the answer is not as F3548 has it: operational_intent.reference.id: expected the id that was asked "
		  "for" },
		{ 200, SAID(U("0001"), "1", ""),
		  "the answer is not as F3548 has it: operational_intent.details.volumes: expected at least one "
		  "volume" },
		{ 200, SAID(U("0001"), "1", "{\"volume\":7}"),
		  "the answer is not as F3548 has it: volumes[0]: \"volume\" is a number, expected an object" },
	};
	put_intent(f, U("0001"), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uss_server_answer(f->uss[0], "", cases[i].status, cases[i].body);
		expect_why(f, U("0001"), cases[i].why);
	}
	uss_server_answer(f->uss[0], "", 200, SAID(U("0001"), "1", DSS_V("48")));
	json_t *answer = details(f, U("0001"));
	assert_true(json_is_object(json_object_get(answer, "details")));
	json_decref(answer);
}

static void an_address_that_does_not_answer_is_left_alone_for_a_while(void **state)
{
	fixture *f = *state;
	put_intent(f, U("0001"), 0);
	put_intent(f, U("0002"), 0);
	uss_server_down(f->uss[0]);
	expect_why(f, U("0001"), "the address did not answer: Couldn't connect to server");
	uss_server_up(f->uss[0]);
	expect_why(f, U("0002"), "the address did not answer: Couldn't connect to server");
	assert_int_equal(uss_server_count(f->uss[0]), 0);
	dss_go_on(PRL_FETCHER_FAILED_S);
	expect_why(f, U("0002"), "the address answered with status 404");
}

static void what_is_not_there(void **state)
{
	fixture *f = *state;
	prl_reply reply = PRL_REPLY(10000);
	prl_client *nobody = nodes_client(dss_nodes(f->d), 0);
	static const char path[] = "/parley/v1/intents/" U("0001");
	assert_int_equal(nodes_status(f->desk, "GET", path, NULL, NULL, 0, NULL), 404);
	put_intent(f, U("0001"), 0);
	assert_int_equal(nodes_status(f->desk, "GET", path, NULL, NULL, 0, NULL), 200);
	assert_int_equal(nodes_status(nobody, "GET", path, NULL, NULL, 0, NULL), 401);
	assert_int_equal(nodes_status(f->desk, "GET", "/parley/v1/intents/x", NULL, NULL, 0, &reply), 400);
	assert_int_equal(nodes_status(f->desk, "GET", "/parley/v1/intents/" U("0001") "?x=1", NULL, NULL, 0, NULL),
			 400);
	dss_go_on(3 * 3600); /* past 14:00 */
	assert_int_equal(nodes_status(f->desk, "GET", path, NULL, NULL, 0, NULL), 404);
	prl_reply_done(&reply);
	prl_client_free(nobody);
}

static void without_the_interface_there_are_none(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("us", false);
	nodes_start_alone(n, 0);
	nodes_wait_open(n);
	prl_client *desk = nodes_desk(n, 0);
	assert_int_equal(nodes_status(desk, "GET", "/parley/v1/intents/" U("0001"), NULL, NULL, 0, NULL), 404);
	prl_client_free(desk);
	nodes_free(n);
}

/* ---- many at once ------------------------------------------------------------------------------------------------ */

#define ASKERS 5 /* sessions of one key */

typedef struct asker {
	fixture *f;
	prl_client *desk;
	unsigned status;
	pthread_t thread;
} asker;

static void *ask_hanging(void *context)
{
	asker *a = context;
	a->status = nodes_status(a->desk, "GET", "/parley/v1/intents/" U("0001"), NULL, NULL, 0, NULL);
	return NULL;
}

/* Some ask a service that hangs; another one's intents are shown meanwhile. When the node ends, all are answered. */
static void one_that_hangs_holds_up_only_its_own(void **state)
{
	fixture *f = *state;
	asker askers[ASKERS];
	put_intent(f, U("0001"), 0);
	put_intent(f, U("0002"), 1);
	uss_server_hang(f->uss[0]);
	uss_server_answer(f->uss[1], "", 200, SAID(U("0002"), "1", DSS_V("48")));
	for (size_t i = 0; i < ASKERS; i++) {
		askers[i] = (asker){ .f = f, .desk = dss_desk(f->d) };
		assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_hanging, &askers[i]), 0);
	}
	NODES_WAIT(uss_server_count(f->uss[0]) >= 1);
	json_t *answer = details(f, U("0002"));
	assert_true(json_is_object(json_object_get(answer, "details")));
	json_decref(answer);
	dss_stop(f->d);
	for (size_t i = 0; i < ASKERS; i++) {
		(void)pthread_join(askers[i].thread, NULL);
		assert_true(askers[i].status == 200 || askers[i].status == 503 || askers[i].status == 0);
		prl_client_free(askers[i].desk);
	}
	assert_true(uss_server_count(f->uss[0]) <= 2);
	uss_server_answer(f->uss[0], "", 404, "{}");
	dss_start(f->d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(details_are_shown_and_kept_a_while),
		TEST(its_token_is_one_to_read_intents_with),
		TEST(what_a_service_answers_instead),
		TEST(an_address_that_does_not_answer_is_left_alone_for_a_while),
		TEST(what_is_not_there),
		cmocka_unit_test(without_the_interface_there_are_none),
		TEST(one_that_hangs_holds_up_only_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
