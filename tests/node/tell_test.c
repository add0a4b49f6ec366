/* The node tells drone traffic services of its own constraints: what they are sent, in which order, what becomes of
 * those that do not answer. A real node, services played by a server of the test. */
#include "support/dss.h"
#include "support/uss_server.h"

#include "base/text.h"
#include "dss/entity.h"
#include "node/bearer.h"
#include "node/dev_key.h"
#include "node/notifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WHEN "\"from\":\"2026-11-29T12:30:00Z\",\"to\":\"2026-11-29T15:00:00Z\""
#define FILED(uss)                                                                                                     \
	"{\"details\":{\"kind\":\"exercise\",\"areas\":[{\"place\":\"48N 35E\",\"radius_m\":5000}]," WHEN              \
	"},\"uss\":\"" uss "\"}"
#define DETAILS(radius)                                                                                                \
	",\"details\":{\"kind\":\"exercise\",\"areas\":[{\"place\":\"48N 35E\",\"radius_m\":" radius "}]," WHEN "}"
#define TELL "POST /uss/v1/constraints"

typedef struct fixture {
	dss_node *d;
	prl_client *desk;
	uss_server *uss[2];
	prl_hash notice, newest;
	char id[PRL_UUID_TEXT_MAX]; /* of its constraint */
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->d = dss_new_calling();
	f->desk = dss_desk(f->d);
	for (size_t i = 0; i < 2; i++) {
		f->uss[i] = uss_server_new();
		uss_server_answer(f->uss[i], TELL, 204, "");
	}
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

static void restart(fixture *f)
{
	prl_client_free(f->desk);
	dss_stop(f->d);
	dss_start(f->d);
	f->desk = dss_desk(f->d);
}

/* ---- what parties and services do -------------------------------------------------------------------------------- */

static prl_hash file(fixture *f, const char *kind, const char *body)
{
	prl_error err = { 0 };
	prl_filed filed;
	prl_client_entry entry = { .kind = kind, .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	prl_status st = prl_client_file(f->desk, &entry, &filed, &err);
	if (st)
		fail_msg("%s %s: %s: %s", kind, body, err.where, err.text);
	return filed.hash;
}

static void file_notice(fixture *f)
{
	f->notice = f->newest = file(f, "notice.filed", FILED("area"));
	prl_uuid id = prl_notice_constraint_id(&f->notice);
	prl_uuid_write(&id, f->id);
}

static void change(fixture *f, const char *kind, const char *rest)
{
	char body[2000], notice[PRL_HASH_TEXT_MAX], newest[PRL_HASH_TEXT_MAX];
	prl_hash_write(&f->notice, notice);
	prl_hash_write(&f->newest, newest);
	(void)snprintf(body, sizeof body, "{\"notice\":\"%s\",\"version\":\"%s\"%s}", notice, newest, rest);
	f->newest = file(f, kind, body);
}

/* A subscription of a service at a path of server `uss`, for constraints round 48 N. */
static void subscribe_at(fixture *f, const char *who, const char *id, size_t uss, const char *path)
{
	char where[200], body[1000], token[100];
	unsigned status;
	(void)snprintf(token, sizeof token, "%s CP", who);
	(void)snprintf(where, sizeof where, DSS_SUBSCRIPTION "%s", id);
	(void)snprintf(body, sizeof body,
		       "{\"extents\":{\"volume\":{" DSS_CIRCLE("48", "20000") "}," DSS_TIMES(
			       "12:00:00", "20:00:00") "},\"uss_base_url\":\"%s%s\",\"notify_for_constraints\":true}",
		       uss_server_url(f->uss[uss]), path);
	json_decref(dss_ask(f->d, token, "PUT", where, body, &status));
	assert_int_equal(status, 200);
}

static void subscribe(fixture *f, const char *who, const char *id, size_t uss)
{
	subscribe_at(f, who, id, uss, "");
}

/* ---- what services are sent -------------------------------------------------------------------------------------- */

/* Waits for it; the body, a new reference. */
static json_t *sent(fixture *f, size_t uss, size_t number)
{
	uss_asked *all;
	NODES_WAIT(uss_server_count(f->uss[uss]) > number);
	size_t count = uss_server_asked(f->uss[uss], &all);
	assert_string_equal(all[number].line, TELL);
	json_t *body = json_loads(all[number].body, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(body);
	uss_asked_free(all, count);
	return body;
}

static const json_t *at(const json_t *json, const char *path)
{
	char name[60];
	while (*path) {
		size_t size = strcspn(path, ".");
		(void)snprintf(name, sizeof name, "%.*s", (int)size, path);
		json = json_is_array(json) ? json_array_get(json, strtoul(name, NULL, 10))
					   : json_object_get(json, name);
		path += size + (path[size] == '.');
	}
	return json;
}

static json_int_t number_at(const json_t *json, const char *path)
{
	return json_integer_value(at(json, path));
}

/* That the n-th body is of this version (0: the constraint is gone), with one subscription of this index. */
static void expect_sent(fixture *f, size_t uss, size_t number, json_int_t version, json_int_t index)
{
	json_t *body = sent(f, uss, number);
	assert_string_equal(json_string_value(at(body, "constraint_id")), f->id);
	assert_int_equal(json_array_size(at(body, "subscriptions")), 1);
	assert_int_equal(number_at(body, "subscriptions.0.notification_index"), index);
	if (version) {
		assert_string_equal(json_string_value(at(body, "constraint.reference.id")), f->id);
		assert_int_equal(number_at(body, "constraint.reference.version"), version);
		assert_int_equal(json_string_length(at(body, "constraint.reference.ovn")), 43);
		assert_int_equal(json_array_size(at(body, "constraint.details.volumes")), 1);
		assert_null(at(body, "constraint.details.type")); /* "area": the kind is not disclosed */
	} else {
		assert_null(at(body, "constraint"));
	}
	json_decref(body);
}

/* ---- what the record and the desk know --------------------------------------------------------------------------- */

/* Subscriptions listed as `how` in all constraint.told of the log. */
static size_t recorded(fixture *f, const char *how)
{
	json_t *answer = nodes_get(f->desk, "/parley/v1/entries?log=us.example/line&from=0&count=1000");
	const json_t *entry, *row, *entries = json_object_get(answer, "entries");
	size_t i, j, count = 0;
	json_array_foreach(entries, i, entry)
	{
		const json_t *rows = json_object_get(json_object_get(entry, "body"), how);
		if (strcmp(json_string_value(json_object_get(entry, "kind")), "constraint.told") != 0)
			continue;
		json_array_foreach(rows, j, row) count += json_array_size(json_object_get(row, "subscriptions"));
	}
	json_decref(answer);
	return count;
}

static json_t *line_of(fixture *f, const char *part)
{
	json_t *answer = nodes_get(f->desk, "/parley/v1/line/%s", part);
	json_t *items = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return items;
}

/* The text of the alarm, or "". */
static const char *alarm_of(fixture *f)
{
	static char text[500];
	json_t *items = line_of(f, "alarms");
	const json_t *one;
	size_t i;
	text[0] = 0;
	json_array_foreach(items, i, one)
	{
		if (strcmp(json_string_value(at(one, "alarm")), "drone-services-not-told") == 0)
			(void)snprintf(text, sizeof text, "%s", json_string_value(at(one, "text")));
	}
	json_decref(items);
	return text;
}

/* Rows of that name over all own constraints. */
static size_t rows_of(fixture *f, const char *name)
{
	json_t *items = line_of(f, "told"), *one;
	size_t i, count = 0;
	json_array_foreach(items, i, one) count += json_array_size(json_object_get(one, name));
	json_decref(items);
	return count;
}

static bool nothing_open(fixture *f)
{
	return rows_of(f, "open") == 0;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void put_changed_and_gone(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	file_notice(f);
	expect_sent(f, 0, 0, 1, 1);
	change(f, "notice.updated", DETAILS("6000"));
	expect_sent(f, 0, 1, 2, 2);
	NODES_WAIT(recorded(f, "told") == 2);
	assert_int_equal(rows_of(f, "told"), 1); /* uss1 has the details */
	change(f, "notice.cancelled", "");
	expect_sent(f, 0, 2, 0, 3);
	NODES_WAIT(recorded(f, "told") == 3);
	assert_int_equal(rows_of(f, "told"), 0); /* it knows that they are over */
	assert_int_equal(recorded(f, "unreached"), 0);
	assert_true(nothing_open(f));
	assert_int_equal(uss_server_count(f->uss[0]), 3);
	assert_string_equal(alarm_of(f), "");
	prl_reply metrics = PRL_REPLY(1u << 20);
	assert_int_equal(nodes_status(f->desk, "GET", "/metrics", NULL, NULL, 0, &metrics), 200);
	assert_non_null(strstr(metrics.body.data, "parley_uss_told_total 3\n"));
	assert_non_null(strstr(metrics.body.data, "parley_uss_waiting 0\n"));
	prl_reply_done(&metrics);
}

static void its_token_is_one_that_a_service_takes(void **state)
{
	fixture *f = *state;
	prl_dss_options dss = { .dev = true };
	uss_asked *all;
	prl_bearer *bearer = NULL;
	prl_dss_caller caller;
	prl_error err = { 0 };
	subscribe(f, "uss1", U("0001"), 0);
	file_notice(f);
	expect_sent(f, 0, 0, 1, 1);
	assert_int_equal(prl_dss_list_add(&dss.audiences, "127.0.0.1", &err), PRL_OK);
	const prl_bearer_options options = { .dss = &dss, .folder = dss_nodes(f->d)->nodes[0].folder };
	assert_int_equal(prl_bearer_start(&options, &bearer, &err), PRL_OK);
	size_t count = uss_server_asked(f->uss[0], &all);
	if (prl_bearer_verify(bearer, prl_bytes_of(all[0].authorization), DSS_NOW_S * PRL_SECOND, &caller, &err))
		fail_msg("%s", err.text);
	assert_string_equal(caller.subject, "parley.us.example/line");
	assert_int_equal(caller.scopes, PRL_SCOPE_CONSTRAINT_MANAGEMENT);
	uss_asked_free(all, count);
	prl_bearer_stop(bearer);
}

static void each_service_gets_its_own(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	subscribe(f, "uss2", U("0002"), 1);
	subscribe(f, "uss1", U("0003"), 0);
	file_notice(f);
	json_t *one = sent(f, 0, 0), *other = sent(f, 1, 0);
	assert_int_equal(json_array_size(at(one, "subscriptions")), 2);
	assert_int_equal(json_array_size(at(other, "subscriptions")), 1);
	assert_string_equal(json_string_value(at(other, "subscriptions.0.subscription_id")), U("0002"));
	json_decref(one);
	json_decref(other);
	NODES_WAIT(recorded(f, "told") == 3);
	assert_int_equal(uss_server_count(f->uss[0]), 1);
	assert_int_equal(uss_server_count(f->uss[1]), 1);
}

static void one_that_is_away_is_told_of_what_there_is_when_it_is_back(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	uss_server_down(f->uss[0]);
	file_notice(f);
	change(f, "notice.updated", DETAILS("6000"));
	NODES_WAIT(nodes_said(dss_nodes(f->d), 0, "cannot be told of a constraint: the address did not answer"));
	assert_false(nothing_open(f));
	assert_string_equal(alarm_of(f), "");
	uss_server_up(f->uss[0]);
	dss_go_on(61);
	expect_sent(f, 0, 0, 2, 2);
	NODES_WAIT(recorded(f, "told") == 2); /* one call stands for both changes */
	assert_int_equal(uss_server_count(f->uss[0]), 1);
	assert_true(nothing_open(f));
	NODES_WAIT(nodes_said(dss_nodes(f->d), 0, "answers again"));
}

/* Goes on until it is given up. */
static void give_up(fixture *f, size_t count)
{
	for (unsigned i = 0; i < 40 && recorded(f, "unreached") < count; i++) {
		dss_go_on(61);
		nodes_sleep_ms(100);
	}
	NODES_WAIT(recorded(f, "unreached") == count);
}

static void one_that_stays_away_is_an_alarm_until_it_is_told(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	subscribe(f, "uss2", U("0002"), 1);
	uss_server_down(f->uss[0]);
	file_notice(f);
	expect_sent(f, 1, 0, 1, 1); /* the other one waits for nobody */
	NODES_WAIT(recorded(f, "told") == 1);
	give_up(f, 1);
	assert_string_equal(alarm_of(f), "us#1: drone traffic service not told: uss1 (the address did not answer: "
					 "Couldn't connect to server)");
	restart(f);
	assert_true(alarm_of(f)[0]);
	uss_server_up(f->uss[0]);
	change(f, "notice.updated", DETAILS("6000"));
	expect_sent(f, 0, 0, 2, 2);
	NODES_WAIT(recorded(f, "told") == 3);
	assert_string_equal(alarm_of(f), "");
	assert_true(nothing_open(f));
}

static void an_alarm_ends_with_what_it_is_about(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	uss_server_answer(f->uss[0], TELL, 404, "{}");
	file_notice(f);
	NODES_WAIT(recorded(f, "unreached") == 1);
	assert_string_equal(alarm_of(f),
			    "us#1: drone traffic service not told: uss1 (the address answered with status 404)");
	dss_go_on(3 * 3600 + 60); /* past 15:00 */
	assert_string_equal(alarm_of(f), "");
}

static void a_refusal_is_final_and_a_fault_is_not(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	uss_server_answer(f->uss[0], TELL, 503, "{}");
	file_notice(f);
	NODES_WAIT(uss_server_count(f->uss[0]) == 1);
	assert_int_equal(recorded(f, "unreached"), 0);
	uss_server_answer(f->uss[0], TELL, 204, "");
	dss_go_on(2);
	expect_sent(f, 0, 1, 1, 1);
	NODES_WAIT(recorded(f, "told") == 1);
	uss_server_answer(f->uss[0], TELL, 302, "{}");
	change(f, "notice.updated", DETAILS("6000"));
	NODES_WAIT(recorded(f, "unreached") == 1);
	dss_go_on(120);
	uss_server_answer(f->uss[0], TELL, 400, "{}");
	change(f, "notice.updated", DETAILS("7000"));
	NODES_WAIT(recorded(f, "unreached") == 2);
	assert_int_equal(uss_server_count(f->uss[0]), 4);
}

static void what_is_open_is_told_after_a_restart(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	uss_server_hang(f->uss[0]);
	file_notice(f);
	NODES_WAIT(uss_server_count(f->uss[0]) == 1); /* it is under way, and nobody says that it has come */
	prl_client_free(f->desk);
	dss_stop(f->d);
	uss_server_answer(f->uss[0], TELL, 204, "");
	dss_start(f->d);
	f->desk = dss_desk(f->d);
	expect_sent(f, 0, 1, 1, 1);
	NODES_WAIT(recorded(f, "told") == 1);
	restart(f);
	assert_int_equal(recorded(f, "told"), 1);
	assert_int_equal(uss_server_count(f->uss[0]), 2);
}

static void a_dead_one_holds_up_nobody(void **state)
{
	fixture *f = *state;
	subscribe(f, "uss1", U("0001"), 0);
	subscribe(f, "uss2", U("0002"), 1);
	uss_server_hang(f->uss[0]);
	for (size_t i = 0; i < 20; i++) { /* more than there are threads */
		file_notice(f);
		expect_sent(f, 1, i, 1, (json_int_t)i + 1);
	}
	NODES_WAIT(recorded(f, "told") == 20);
	assert_int_equal(uss_server_count(f->uss[0]), 1);
}

/* One service that has as many dead addresses as it likes has one call at a time for all of them. */
static void many_dead_ones_hold_up_nobody(void **state)
{
	fixture *f = *state;
	for (unsigned i = 0; i < 20; i++) {
		char id[60], path[20];
		(void)snprintf(id, sizeof id, "b0000000-0000-4000-8000-0000000000%02u", i);
		(void)snprintf(path, sizeof path, "/dead/%u", i);
		subscribe_at(f, "uss1", id, 0, path);
	}
	subscribe(f, "uss2", U("0002"), 1);
	uss_server_hang(f->uss[0]);
	file_notice(f);
	NODES_WAIT(uss_server_count(f->uss[0]) == 1);
	expect_sent(f, 1, 0, 1, 1);
	NODES_WAIT(recorded(f, "told") == 1);
	assert_true(uss_server_count(f->uss[0]) < 20);
}

static void without_a_token_it_is_said(void **state)
{
	fixture *f = *state;
	prl_client_free(f->desk);
	dss_stop(f->d);
	dss_nodes(f->d)->nodes[0].dss.dev = false;
	dss_start(f->d);
	f->desk = dss_desk(f->d);
	subscribe(f, "uss1", U("0001"), 0);
	file_notice(f);
	NODES_WAIT(recorded(f, "unreached") == 1);
	assert_string_equal(alarm_of(f), "us#1: drone traffic service not told: uss1 (the node has no token of its own "
					 "(--dss-token-command))");
	assert_int_equal(uss_server_count(f->uss[0]), 0);
}

static void a_token_that_is_refused_is_fetched_anew(void **state)
{
	fixture *f = *state;
	char command[1000];
	nodes_node *node = &dss_nodes(f->d)->nodes[0];
	uss_asked *all;
	prl_client_free(f->desk);
	dss_stop(f->d);
	/* exp is in 2100 */
	(void)snprintf(command, sizeof command,
		       "echo x >> '%s.ran'; echo \"e30.eyJleHAiOjQxMDI0NDQ4MDB9.$(wc -l < '%s.ran' | tr -d ' ')\"",
		       node->folder, node->folder);
	node->dss.token_command = command;
	dss_start(f->d);
	f->desk = dss_desk(f->d);
	subscribe(f, "uss1", U("0001"), 0);
	file_notice(f);
	NODES_WAIT(recorded(f, "told") == 1);
	uss_server_answer(f->uss[0], TELL, 401, "{}");
	change(f, "notice.updated", DETAILS("6000"));
	NODES_WAIT(recorded(f, "unreached") == 1);
	size_t count = uss_server_asked(f->uss[0], &all);
	assert_int_equal(count, 3);
	assert_string_equal(all[0].authorization, "Bearer e30.eyJleHAiOjQxMDI0NDQ4MDB9.1");
	assert_string_equal(all[1].authorization, "Bearer e30.eyJleHAiOjQxMDI0NDQ4MDB9.1");
	assert_string_equal(all[2].authorization, "Bearer e30.eyJleHAiOjQxMDI0NDQ4MDB9.2");
	uss_asked_free(all, count);
	prl_client_free(f->desk);
	dss_stop(f->d);
	node->dss.token_command = NULL;
	dss_start(f->d);
	f->desk = dss_desk(f->d);
}

/* No request of a service opens a notification of the node's. */
static void constraints_of_others_are_theirs_to_tell(void **state)
{
	fixture *f = *state;
	unsigned status;
	char body[1000];
	subscribe(f, "uss1", U("0001"), 0);
	(void)snprintf(body, sizeof body, "{\"extents\":[" DSS_V("48") "],\"uss_base_url\":\"%s\"}",
		       uss_server_url(f->uss[1]));
	json_decref(dss_ask(f->d, "uss2 CM", "PUT", DSS_CONSTRAINT U("0009"), body, &status));
	assert_int_equal(status, 201);
	assert_true(nothing_open(f));
	assert_int_equal(uss_server_count(f->uss[0]), 0);
}

/* ---- a notice of a party that is at home elsewhere ----------------------------------------------------------------
 */

static prl_client *desk_of_other(nodes_set *n)
{
	nodes_node *t = &n->nodes[1];
	const prl_client_options options = { .folder = t->folder, .address = t->address, .wall = t->wall };
	prl_client *client = NULL;
	prl_error err;
	prl_client_free(nodes_desk(n, 1));
	assert_int_equal(prl_client_open(&options, &client, &err), PRL_OK);
	assert_int_equal(prl_client_login(client, &t->console, &err), PRL_OK);
	return client;
}

static void its_owner_knows_wherever_it_is_at_home(void **state)
{
	(void)state;
	fixture f = { .d = dss_new_closed() };
	nodes_set *n = dss_nodes(f.d);
	f.uss[0] = uss_server_new();
	uss_server_answer(f.uss[0], TELL, 400, "{}");
	dss_stop(f.d);
	n->nodes[0].dss.dev = n->nodes[0].dss.http_base_urls = true;
	n->nodes[1].wall = n->nodes[0].wall;
	n->nodes[1].boot = n->nodes[0].boot;
	dss_start(f.d);
	nodes_start(n, 1);
	nodes_wait_open(n);
	f.desk = desk_of_other(n);
	subscribe(&f, "uss1", U("0001"), 0);
	file_notice(&f);
	expect_sent(&f, 0, 0, 1, 1);
	NODES_WAIT(alarm_of(&f)[0]);
	assert_string_equal(alarm_of(&f),
			    "ru#1: drone traffic service not told: uss1 (the address answered with status 400)");
	uss_server_answer(f.uss[0], TELL, 204, "");
	change(&f, "notice.updated", DETAILS("6000"));
	expect_sent(&f, 0, 1, 2, 2);
	NODES_WAIT(!alarm_of(&f)[0]);
	prl_client_free(f.desk);
	nodes_stop(n, 1);
	dss_free(f.d);
	uss_server_free(f.uss[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(put_changed_and_gone),
		TEST(its_token_is_one_that_a_service_takes),
		TEST(each_service_gets_its_own),
		TEST(one_that_is_away_is_told_of_what_there_is_when_it_is_back),
		TEST(one_that_stays_away_is_an_alarm_until_it_is_told),
		TEST(an_alarm_ends_with_what_it_is_about),
		TEST(a_refusal_is_final_and_a_fault_is_not),
		TEST(what_is_open_is_told_after_a_restart),
		TEST(a_dead_one_holds_up_nobody),
		TEST(many_dead_ones_hold_up_nobody),
		TEST(without_a_token_it_is_said),
		TEST(a_token_that_is_refused_is_fetched_anew),
		TEST(constraints_of_others_are_theirs_to_tell),
		cmocka_unit_test(its_owner_knows_wherever_it_is_at_home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
