/* Drone flights near a notice, at a real node with real tokens: the owner's desk has an alarm, and sees which they are;
 * 2 cm beyond the separation nothing is said; it goes with the intent and with the notice, and a restart or a replay
 * says the same. */
#include "support/dss.h"

#include "base/hash.h"
#include "base/text.h"
#include "geo/geodesic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define URL  "\"uss_base_url\":\"https://uss1.example\""
#define WHEN "\"from\":\"2026-11-29T12:30:00Z\",\"to\":\"2026-11-29T15:00:00Z\""
/* 5 km round 48 N 35 E, at every height. */
#define NOTICE(kind)                                                                                                   \
	"{\"details\":{\"kind\":\"" kind "\",\"areas\":[{\"geometry\":{\"type\":\"Point\",\"coordinates\":[35,48]},"   \
	"\"radius_m\":5000}]," WHEN "}}"
#define FIRE_M 5556 /* flight and exercise: 3 NM (separation.h) */

typedef struct fixture {
	dss_node *d;
	prl_client *desk;
	char body[2000];
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->d = dss_new(false);
	f->desk = dss_desk(f->d);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	prl_client_free(f->desk);
	dss_free(f->d);
	free(f);
	return 0;
}

static prl_hash file(fixture *f, prl_mode mode, const char *kind, const char *body)
{
	prl_error err = { 0 };
	prl_filed filed;
	prl_client_entry entry = { .kind = kind, .mode = mode, .body = prl_bytes_of(body) };
	if (prl_client_file(f->desk, &entry, &filed, &err))
		fail_msg("%s %s: %s: %s", kind, body, err.where, err.text);
	return filed.hash;
}

static prl_hash change(fixture *f, const char *kind, const prl_hash *id, const char *rest)
{
	char body[1000], notice[PRL_HASH_TEXT_MAX];
	prl_hash_write(id, notice);
	(void)snprintf(body, sizeof body, "{\"notice\":\"%s\",\"version\":\"%s\"%s}", notice, notice, rest);
	return file(f, PRL_MODE_REAL, kind, body);
}

/* A circle north of the notice that comes as near to it as that. path ends with the OVN where it is a change. */
static void put_at(fixture *f, const char *path, unsigned expected, double lat, double gap_m)
{
	double far = prl_geodesic_between((prl_latlng){ 48, 35 }, (prl_latlng){ lat, 35 }, NULL, NULL).length_m;
	double radius = far - 5000 - gap_m;
	(void)snprintf(
		f->body, sizeof f->body,
		"{\"extents\":[{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":%.9f,\"lng\":35},\"radius\":"
		"{\"value\":%.4f,\"units\":\"M\"}},\"altitude_lower\":" DSS_ALTITUDE(
			"100") ",\"altitude_upper\":" DSS_ALTITUDE("120") "}," DSS_TIMES("13:00:00",
											 "14:00:00") "}],"
												     "\"state\":"
												     "\"Accepted\"," URL
												     "}",
		lat, radius);
	const dss_step step = {
		"uss1 SC",
		"PUT",
		path,
		f->body,
		expected,
		"{\"operational_intent_reference\":{\"id\":\"*\",\"manager\":\"*\",\"uss_availability\":"
		"\"*\",\"version\":\"*\",\"state\":\"*\",\"ovn\":\">ovn\",\"time_start\":\"*\",\"time_"
		"end\":\"*\",\"uss_base_url\":\"*\",\"subscription_id\":\"*\"},\"subscribers\":\"*\"}"
	};
	dss_run(f->d, "an intent", &step, 1);
}

/* The alarm of that notice; NULL where none rings. A new reference. */
static json_t *alarm_of(fixture *f, const prl_hash *id)
{
	char text[PRL_HASH_TEXT_MAX];
	json_t *answer = nodes_get(f->desk, "/parley/v1/line/alarms?desk=us-ops"), *found = NULL, *one;
	size_t i;
	prl_hash_write(id, text);
	json_array_foreach(json_object_get(answer, "items"), i, one)
	{
		const char *situation = json_string_value(json_object_get(one, "situation"));
		if (!strncmp(situation, "drones:", 7) && !strcmp(situation + 7, text))
			found = json_incref(one);
	}
	json_decref(answer);
	return found;
}

static void rings(fixture *f, const prl_hash *id, const char *alarm, const char *text)
{
	json_t *one = alarm_of(f, id);
	assert_non_null(one);
	assert_string_equal(json_string_value(json_object_get(one, "alarm")), alarm);
	assert_string_equal(json_string_value(json_object_get(one, "text")), text);
	json_decref(one);
}

static void is_silent(fixture *f, const prl_hash *id)
{
	json_t *one = alarm_of(f, id);
	assert_null(one);
}

/* After a start the node may have to look again. */
static void comes_to_ring(fixture *f, const prl_hash *id)
{
	json_t *one = NULL;
	for (unsigned i = 0; i < 6000 && !(one = alarm_of(f, id)); i++)
		usleep(10000);
	assert_non_null(one);
	json_decref(one);
}

#define ONE "drone flights filed in the area of us#1: 1, first at 2026-11-29T13:00:00.000Z"

static void an_intent_near_a_notice_rings(void **state)
{
	fixture *f = *state;
	prl_hash id = file(f, PRL_MODE_REAL, "notice.filed", NOTICE("exercise"));
	is_silent(f, &id);
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, FIRE_M + 0.02);
	is_silent(f, &id);
	put_at(f, DSS_INTENT U("0001") "/$ovn", 200, 48.1, FIRE_M - 0.02);
	rings(f, &id, "drones-near", ONE);
	json_t *answer = nodes_get(f->desk, "/parley/v1/intents?notice=us%%231");
	json_t *intent = json_array_get(json_object_get(answer, "intents"), 0);
	assert_int_equal(json_integer_value(json_object_get(answer, "count")), 1);
	assert_int_equal(json_integer_value(json_object_get(answer, "more")), 0);
	assert_string_equal(json_string_value(json_object_get(intent, "id")), U("0001"));
	assert_null(json_object_get(intent, "ovn"));
	json_decref(answer);
	answer = nodes_get(f->desk, "/parley/v1/line/notices?id=us%%231");
	json_t *flights = json_object_get(json_array_get(json_object_get(answer, "items"), 0), "flights");
	assert_int_equal(json_integer_value(json_object_get(flights, "count")), 1);
	assert_string_equal(json_string_value(json_object_get(flights, "first")), "2026-11-29T13:00:00.000Z");
	json_decref(answer);
	put_at(f, DSS_INTENT U("0001") "/$ovn", 200, 49, 100000);
	is_silent(f, &id);
}

static void it_is_there_when_the_notice_comes_and_goes_with_it(void **state)
{
	static const dss_step gone[] = { { "uss1 SC", "DELETE", DSS_INTENT U("0001") "/$ovn", NULL, 200, NULL } };
	fixture *f = *state;
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, 0);
	prl_hash site = file(f, PRL_MODE_REAL, "notice.filed", NOTICE("site"));
	rings(f, &site, "drones-near", ONE);
	prl_hash other = file(f, PRL_MODE_EXERCISE, "notice.filed", NOTICE("site"));
	is_silent(f, &other); /* of another mode */
	(void)change(f, "notice.cancelled", &site, "");
	is_silent(f, &site);
	prl_hash again = file(f, PRL_MODE_REAL, "notice.filed", NOTICE("exercise"));
	rings(f, &again, "drones-near",
	      "drone flights filed in the area of us#3: 1, first at 2026-11-29T13:00:00.000Z");
	DSS_RUN(f->d, gone);
	is_silent(f, &again);
}

static void start_again(fixture *f, bool replay)
{
	char path[400];
	prl_client_free(f->desk);
	dss_stop(f->d);
	(void)snprintf(path, sizeof path, "%s/snapshot", dss_nodes(f->d)->nodes[0].folder);
	if (replay)
		assert_int_equal(unlink(path), 0);
	dss_start(f->d);
	f->desk = dss_desk(f->d);
}

static void a_start_says_the_same(void **state)
{
	fixture *f = *state;
	prl_hash id = file(f, PRL_MODE_REAL, "notice.filed", NOTICE("exercise"));
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, FIRE_M - 0.02);
	rings(f, &id, "drones-near", ONE);
	start_again(f, false);
	rings(f, &id, "drones-near", ONE); /* the snapshot brings it back: at once */
	start_again(f, true);
	comes_to_ring(f, &id);
	rings(f, &id, "drones-near", ONE);
	put_at(f, DSS_INTENT U("0001") "/$ovn", 200, 48.1, FIRE_M + 0.02);
	is_silent(f, &id);
	start_again(f, false);
	is_silent(f, &id);
}

static void it_is_shelved_and_not_by_each_flight(void **state)
{
	fixture *f = *state;
	char body[400], text[PRL_HASH_TEXT_MAX];
	prl_hash id = file(f, PRL_MODE_REAL, "notice.filed", NOTICE("exercise"));
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, 0);
	prl_hash_write(&id, text);
	(void)snprintf(body, sizeof body,
		       "{\"situation\":\"drones:%s\",\"until\":\"2026-11-29T16:00:00Z\",\"reason\":\"units know\"}",
		       text);
	(void)file(f, PRL_MODE_REAL, "alarm.shelved", body);
	json_t *one = alarm_of(f, &id);
	assert_true(json_is_object(json_object_get(one, "shelved")));
	json_decref(one);
	put_at(f, DSS_INTENT U("0002"), 201, 47.9, 200); /* one more, of the other side, is the same situation */
	one = alarm_of(f, &id);
	assert_true(json_is_object(json_object_get(one, "shelved")));
	json_decref(one);
	dss_go_on(2 * 3600 + 1); /* both have ended: nothing is said of them, although they are not removed yet */
	is_silent(f, &id);
}

/* What only its own party can read is compared too: it says what it is to that party alone. */
static void a_sealed_site_rings_for_its_owner(void **state)
{
	static const char details[] = "{\"kind\":\"site\",\"areas\":[{\"geometry\":{\"type\":\"Point\",\"coordinates\":"
				      "[35,48]},\"radius_m\":5000}]," WHEN "}";
	fixture *f = *state;
	char body[300], text[PRL_HASH_TEXT_MAX];
	prl_error err;
	prl_hash content;
	assert_int_equal(prl_client_content(f->desk, prl_bytes_of(details), &content, &err), PRL_OK);
	prl_hash_write(&content, text);
	(void)snprintf(body, sizeof body, "{\"disclosure\":\"sealed\",\"content\":{\"hash\":\"%s\",\"size\":%zu}}",
		       text, sizeof details - 1 + 32);
	prl_hash id = file(f, PRL_MODE_REAL, "notice.filed", body);
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, 1000 + 0.02); /* flight and ground: 1 km */
	is_silent(f, &id);
	put_at(f, DSS_INTENT U("0001") "/$ovn", 200, 48.1, 1000 - 0.02);
	rings(f, &id, "drones-near", ONE);
	start_again(f, true);
	comes_to_ring(f, &id);
}

/* A content that comes after the notice that names it: nothing can be compared until then, and all that flies is then.
 */
static void a_content_that_comes_late(void **state)
{
	static const char kept[] = "a salt of thirty-two bytes, here"
				   "{\"kind\":\"site\",\"areas\":[{\"geometry\":{\"type\":\"Point\",\"coordinates\":"
				   "[35,48]},\"radius_m\":5000}]," WHEN "}";
	static const dss_step gone[] = { { "uss1 SC", "DELETE", DSS_INTENT U("0001") "/$ovn", NULL, 200, NULL } };
	fixture *f = *state;
	char body[300], path[120] = "/parley/v1/contents/", text[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_sha256(kept, sizeof kept - 1);
	prl_hash_write(&hash, text);
	prl_hex_write(hash.bytes, sizeof hash.bytes, path + strlen(path));
	(void)snprintf(body, sizeof body, "{\"disclosure\":\"sealed\",\"content\":{\"hash\":\"%s\",\"size\":%zu}}",
		       text, sizeof kept - 1);
	put_at(f, DSS_INTENT U("0001"), 201, 48.1, 1000 - 0.02);
	prl_hash id = file(f, PRL_MODE_REAL, "notice.filed", body);
	is_silent(f, &id);
	start_again(f, true);
	is_silent(f, &id);
	assert_int_equal(nodes_status(f->desk, "PUT", path, "application/octet-stream", kept, sizeof kept - 1, NULL),
			 201);
	comes_to_ring(f, &id);
	rings(f, &id, "drones-near", ONE);
	DSS_RUN(f->d, gone);
	is_silent(f, &id);
}

static void what_is_asked_wrongly(void **state)
{
	static const struct {
		const char *query;
		unsigned status;
	} wrong[] = {
		{ "notice=us%231", 404 },
		{ "notice=", 404 },
		{ "notice=us%231&south=1", 400 },
		{ "notice=us%231&count=x", 400 },
	};
	fixture *f = *state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char path[100];
		(void)snprintf(path, sizeof path, "/parley/v1/intents?%s", wrong[i].query);
		assert_int_equal(nodes_status(f->desk, "GET", path, NULL, NULL, 0, NULL), wrong[i].status);
	}
	(void)file(f, PRL_MODE_REAL, "notice.filed", NOTICE("exercise"));
	json_t *answer = nodes_get(f->desk, "/parley/v1/intents?notice=us%%231");
	assert_int_equal(json_integer_value(json_object_get(answer, "count")), 0);
	assert_true(json_is_null(json_object_get(answer, "first")));
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_intent_near_a_notice_rings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_there_when_the_notice_comes_and_goes_with_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_start_says_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_shelved_and_not_by_each_flight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sealed_site_rings_for_its_owner, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_content_that_comes_late, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_asked_wrongly, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
