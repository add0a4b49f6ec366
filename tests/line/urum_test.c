/* The convoy to Urum al-Kubra, 19 September 2016 (mechanisms.md, 8.4): what the line would have shown to whom, and what
 * an inquiry finds in the files months later. A reconstruction of published facts; times Damascus less three hours. */
#include "base/hash.h"
#include "base/text.h"
#include "line/audit.h"
#include "line/bundle.h"
#include "line/hit.h"
#include "line/movement.h"
#include "line/receipt.h"
#include "support/acts.h"
#include "support/little_nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UN   "un.example/line"
#define DESK "desks.example/line" /* home of gov, ru, us, opp */

#define ROAD                                                                                                           \
	"\"areas\": [{\"vertices\": [\"36.20000N 37.10000E\", \"36.14500N 36.95600E\"], \"half_width_m\": 300}, "      \
	"{\"place\": \"36.14500N 36.95600E\", \"radius_m\": "
#define CONVOY_HEAD                                                                                                    \
	"\"details\": {\"kind\": \"convoy\", \"title\": \"31 trucks, UN and SARC\", \"vehicles\": 31, \"persons\": "   \
	"42, \"contact\": \"+963 11 000 000\", \"from\": \"2016-09-19T07:00:00Z\", \"to\": \"2016-09-19T19:00:00Z\", " \
	"\"movement\": {\"stops\": [{\"name\": \"SARC warehouse, Urum al-Kubra\", \"position\": \"36.14500N "          \
	"36.95600E\", \"arrive\": \"2016-09-19T10:30:00Z\", \"leave\": \"2016-09-19T19:00:00Z\", \"for\": "            \
	"\"unloading\"}], \"check_ins\": [\"2016-09-19T10:30:00Z\", \"2016-09-19T15:30:00Z\"], \"for_persons\": "      \
	"78000}, " ROAD

typedef struct urum {
	acts *a;
	prl_hash convoy, version, truce, hit;
} urum;

static void at(urum *u, const char *time)
{
	u->a->l->now = acts_time(line_text(u->a->l, "2016-09-19T%sZ", time));
}

static const char *on_notice(urum *u, const char *rest)
{
	return line_text(u->a->l, "{\"notice\": \"%s\"%s", line_hash_text(u->a->l, &u->convoy), rest);
}

static const char *on_version(urum *u, const char *rest)
{
	return on_notice(u, line_text(u->a->l, ", \"version\": \"%s\"%s", line_hash_text(u->a->l, &u->version), rest));
}

static const char *read_back(urum *u)
{
	return on_version(u, ", \"rung\": \"read back\", \"read_back\": {\"name\": \"Urum al-Kubra\", \"words\": "
			     "\"31 trucks to the warehouse, unloading till evening\"}}");
}

static json_t *seen_by(urum *u, const char *log, const char *party, const char *part)
{
	return acts_show(u->a, log, party, part, part[0] == 'b' ? NULL : "notice=un#1", u->a->l->now);
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

/* (1) 31 vehicles, route, stop, unloading till evening; who has not read it is known before departure, and blocks
 * nothing. */
static void notify_and_depart(urum *u)
{
	at(u, "05:00:00");
	u->convoy = u->version = acts_do(u->a, "un-ops/1", "notice.filed", "{" CONVOY_HEAD "150}]}}");
	acts_see_all(u->a);
	at(u, "05:30:00");
	acts_do(u->a, "gov-ops/1", "receipt.given", read_back(u));
	acts_do(u->a, "ru-ops/1", "receipt.given", read_back(u));
	acts_do(u->a, "us-ops/1", "receipt.given", read_back(u));
	acts_see_all(u->a);
	json_t *items = seen_by(u, UN, "un", "movements");
	assert_string_equal(acts_text(items, "0.not_read_text"), "Not yet read by: opp. Departing is your decision.");
	assert_int_equal(json_integer_value(acts_at(items, "0.vehicles")), 31);
	json_decref(items);
	at(u, "07:05:00");
	acts_do(u->a, "un-ops/1", "movement.reported",
		on_notice(u, ", \"state\": \"departed\", \"at\": \"2016-09-19T07:05:00Z\"}"));
	acts_see_all(u->a);
}

/* (2) Arrived at the warehouse: stopped, unloading. Trucks stand on the road outside the footprint: an UPDATE makes it
 * larger, and everybody reads it anew. */
static void arrive_and_enlarge(urum *u)
{
	at(u, "10:30:00");
	acts_do(u->a, "un-ops/1", "movement.reported",
		on_notice(u, ", \"state\": \"stopped\", \"unloading\": true, \"at\": \"2016-09-19T10:30:00Z\", "
			     "\"place\": {\"position\": \"36.14500N 36.95600E\"}}"));
	acts_see_all(u->a);
	json_t *items = seen_by(u, DESK, "ru", "movements");
	assert_string_equal(acts_text(items, "0.state"), "stopped");
	assert_true(json_boolean_value(acts_at(items, "0.reported.unloading")));
	assert_string_equal(acts_text(items, "0.route.answer"), "on route");
	json_decref(items);
	at(u, "10:45:00");
	u->version = acts_do(u->a, "un-ops/1", "notice.updated", on_version(u, ", " CONVOY_HEAD "600}]}}"));
	acts_see_all(u->a);
	items = seen_by(u, UN, "un", "receipts");
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 4);
	assert_string_equal(acts_text(items, "0.ladder.1.earlier.0.text"), "of an earlier version");
	json_decref(items);
	acts_do(u->a, "gov-ops/1", "receipt.given", read_back(u));
	acts_do(u->a, "ru-ops/1", "receipt.given", read_back(u));
	acts_see_all(u->a);
	items = seen_by(u, UN, "un", "receipts");
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 2);
	json_decref(items);
}

/* (3) The truce is declared ended: an urgent re-notice of all that is under way, to all desks, one bundle each. */
static void truce_ends(urum *u)
{
	prl_error err = { 0 };
	json_t *due = NULL;
	at(u, "14:00:00");
	line_act ended = { .kind = "truce.ended",
			   .key = "gov-ops/1",
			   .second = "gov-ops/2",
			   .body = "{\"what\": \"truce of 12 September\", \"words\": \"The seven days are over.\", "
				   "\"language\": \"en\"}" };
	assert_int_equal(acts_try(u->a, &ended, &u->truce, &err), PRL_OK);
	acts_see_all(u->a);
	assert_int_equal(prl_bundle_due(acts_picture(u->a, UN), PRL_VERSION_WORKING, u->a->l->now, &due, &err), PRL_OK);
	assert_int_equal(json_array_size(due), 1);
	char *body = json_dumps(acts_at(due, "0.body"), JSON_COMPACT);
	line_act raised = { .kind = "bundle.raised", .log = UN, .body = line_text(u->a->l, "%s", body) };
	assert_int_equal(acts_try(u->a, &raised, NULL, &err), PRL_OK);
	free(body);
	json_decref(due);
	acts_see_all(u->a);
	static const char *const parties[] = { "gov", "ru", "us", "opp" };
	for (size_t i = 0; i < 4; i++) {
		json_t *alarms = acts_alarms(u->a, parties[i], u->a->l->now);
		const json_t *take = acts_alarm(alarms, "bundle-to-take");
		assert_non_null(take);
		assert_non_null(strstr(acts_text(take, "text"), "Still protected: 1 movements, 0 sites"));
		json_decref(alarms);
	}
	acts_do(u->a, "ru-ops/1", "bundle.taken",
		line_text(u->a->l, "{\"bundle\": \"%s\"}", line_hash_text(u->a->l, &u->truce)));
	acts_see_all(u->a);
	json_t *items = seen_by(u, UN, "un", "bundles");
	assert_string_equal(acts_text(items, "0.movements.0.name"), "un#1");
	assert_int_equal(json_array_size(acts_at(items, "0.movements.0.not_read_by")), 4);
	json_decref(items);
}

/* (5) No check-in at 15:30: late at T, at both sides, in words that take nothing away. */
static void goes_silent(urum *u)
{
	static const char *const parties[] = { "un", "gov", "ru", "us", "opp" };
	for (size_t i = 0; i < 5; i++) {
		at(u, "15:45:00");
		json_t *alarms = acts_alarms(u->a, parties[i], u->a->l->now);
		assert_null(acts_alarm(alarms, "convoy-silent"));
		json_decref(alarms);
		alarms = acts_alarms(u->a, parties[i], u->a->l->now + 1);
		const json_t *silent = acts_alarm(alarms, "convoy-silent");
		assert_int_equal(json_integer_value(acts_at(silent, "class")), 2); /* and rings onward unanswered */
		assert_non_null(strstr(acts_text(silent, "text"), "Still protected."));
		json_decref(alarms);
	}
}

/* (4) The first report of an impact: STOP to all, about this notice; nothing is required of it. */
static void calls_stop(urum *u)
{
	static const char *const parties[] = { "gov", "ru", "us", "opp" };
	at(u, "16:12:30");
	acts_do(u->a, "un-ops/2", "call.raised",
		line_text(u->a->l, "{\"class\": \"STOP\", \"notice\": \"%s\", \"reason\": \"our convoy is being hit\"}",
			  line_hash_text(u->a->l, &u->convoy)));
	acts_see_all(u->a);
	for (size_t i = 0; i < 4; i++) {
		json_t *alarms = acts_alarms(u->a, parties[i], u->a->l->now);
		assert_int_equal(json_integer_value(acts_at(alarms, "0.class")), 1); /* first of all */
		assert_non_null(strstr(acts_text(alarms, "0.text"), "STOP"));
		json_decref(alarms);
	}
}

/* (6, 7) Four accounts of one event, two of them copies of one statement; who had read the notice, and since when. */
static void is_hit(urum *u)
{
	at(u, "17:00:00");
	u->hit =
		acts_do(u->a, "un-ops/1", "hit.reported",
			on_notice(u, ", \"time\": \"2016-09-19T16:12:00Z\", \"words\": \"trucks and warehouse hit from "
				     "the air\", \"language\": \"en\", \"damage\": \"17 trucks\", \"origin\": \"UN "
				     "board\", \"killed\": {\"min\": 10}, \"hurt\": {\"min\": 22}}"));
	acts_see_all(u->a);
	const char *event = line_hash_text(u->a->l, &u->hit);
	static const char *const accounts[][3] = {
		{ "opp-ops/1", "Commission", "\"killed\": {\"min\": 14}, \"hurt\": {\"min\": 15}" },
		{ "us-ops/1", "UN spokesman", "\"killed\": {\"min\": 18, \"max\": 18}" },
		{ "ru-ops/1", "UN spokesman", "\"killed\": {\"min\": 18, \"max\": 18}" },
	};
	for (size_t i = 0; i < 3; i++)
		acts_do(u->a, accounts[i][0], "hit.reported",
			line_text(u->a->l,
				  "{\"event\": \"%s\", \"time\": \"2016-09-19T16:12:00Z\", \"words\": \"hit\", "
				  "\"language\": \"en\", \"origin\": \"%s\", %s}",
				  event, accounts[i][1], accounts[i][2]));
	acts_see_all(u->a);
}

static void look_at_register(json_t *items)
{
	assert_int_equal(json_array_size(items), 1);
	assert_int_equal(json_integer_value(acts_at(items, "0.killed.min")), 10);
	assert_int_equal(json_integer_value(acts_at(items, "0.killed.max")), 18);
	assert_int_equal(json_integer_value(acts_at(items, "0.hurt.min")), 15);
	assert_int_equal(json_integer_value(acts_at(items, "0.hurt.max")), 22);
	assert_int_equal(json_array_size(acts_at(items, "0.accounts")), 4);
	assert_int_equal(json_integer_value(acts_at(items, "0.origin_count")), 3);
	assert_int_equal(json_integer_value(acts_at(items, "0.notice.age_s")), 11 * 3600 + 12 * 60);
	assert_int_equal(json_array_size(acts_at(items, "0.notice.read_by")), 3); /* gov, ru, us */
	assert_int_equal(json_integer_value(acts_at(items, "0.notice.read_by.0.read_for_s")), 10 * 3600 + 42 * 60);
	assert_string_equal(acts_text(items, "0.notice.read_by.1.of"), "the version in force");
	assert_string_equal(acts_text(items, "0.notice.read_by.2.party"), "us");
	assert_string_equal(acts_text(items, "0.notice.read_by.2.of"), "an earlier version");
	assert_string_equal(acts_text(items, "0.notice.not_read_by.0"), "opp");
	assert_string_equal(acts_text(items, "0.notice.movement"), "stopped");
}

/* ---- months later ------------------------------------------------------------------------------------------------ */

static void count_faults(void *context, const prl_finding *finding)
{
	if (prl_finding_is_fault(finding->kind)) {
		print_error("%s\n", finding->text);
		++*(size_t *)context;
	}
}

static prl_status no_content(void *context, const prl_hash *hash, json_t **ret, prl_error *err)
{
	(void)context;
	(void)hash;
	(void)ret;
	(void)err;
	return PRL_E_NOT_FOUND;
}

/* (8) The export of both nodes, checked by somebody who has nothing else; the register from it is the same. */
static void inquire(urum *u)
{
	char folder[] = "/tmp/parley-urum-XXXXXX", path[2][80], command[80];
	little_node nodes[2];
	prl_audit *audit;
	prl_error err = { 0 };
	prl_audit_sums sums;
	size_t faults = 0;
	assert_non_null(mkdtemp(folder));
	static const char *const logs[] = { UN, DESK };
	for (size_t i = 0; i < 2; i++) {
		snprintf(path[i], sizeof path[i], "%s/%zu", folder, i);
		little_node_make(&nodes[i], u->a->l, logs[i], path[i]);
		little_node_commit(&nodes[i], 0);
	}
	little_node_mirror(&nodes[0], &nodes[1], 0);
	little_node_mirror(&nodes[1], &nodes[0], 0);
	assert_int_equal(prl_audit_new(&audit, &err), PRL_OK);
	for (size_t i = 0; i < 2; i++) {
		snprintf(path[i], sizeof path[i], "%s/%zu.export", folder, i);
		little_node_export(&nodes[i], path[i]);
		little_node_close(&nodes[i]);
		assert_int_equal(prl_audit_add(audit, path[i], &err), PRL_OK);
	}
	const prl_audit_run run = { .found = count_faults, .context = &faults };
	assert_int_equal(prl_audit_go(audit, &run, &sums, &err), PRL_OK);
	assert_int_equal(faults, 0);
	prl_show show = { .picture = prl_audit_picture(audit),
			  .version = PRL_VERSION_WORKING,
			  .now = acts_time("2017-03-01T00:00:00Z"),
			  .content = no_content };
	json_t *items = NULL;
	assert_int_equal(prl_hit_part.show(&show, &items, &err), PRL_OK);
	look_at_register(items);
	json_decref(items);
	prl_audit_free(audit);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	assert_int_equal(system(command), 0);
}

static void test_urum(void **state)
{
	(void)state;
	urum u = { .a = acts_new("un@" UN " gov@" DESK " ru@" DESK " us@" DESK " opp@" DESK, NULL) };
	notify_and_depart(&u);
	arrive_and_enlarge(&u);
	truce_ends(&u);
	goes_silent(&u);
	calls_stop(&u);
	is_hit(&u);
	json_t *items = seen_by(&u, DESK, "opp", "hits");
	look_at_register(items);
	json_decref(items);
	acts_check_digests(u.a);
	inquire(&u);
	acts_free(u.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_urum) };
	return cmocka_run_group_tests_name("urum", tests, NULL, NULL);
}
