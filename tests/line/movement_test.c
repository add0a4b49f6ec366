/* Where convoys stand: reported, late, off route; what the parties read of it; how finely places are shared. */
#include "line/movement.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"
#include "support/random.h"

#include <parley/notation.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define UN "un.example/line"
#define RU "ru.example/line"

/* A road of 16 km, 500 m to each side, 50 m of error; check-ins each half hour. */
#define CONVOY                                                                                                         \
	"{\"details\": {\"kind\": \"convoy\", \"title\": \"31 trucks\", \"from\": \"2016-09-19T10:00:00Z\", \"to\": "  \
	"\"2016-09-19T16:00:00Z\", \"vehicles\": 31, \"contact\": \"+963 11 000 000\", \"areas\": [{\"vertices\": "    \
	"[\"36.10000N 37.00000E\", \"36.10000N 36.90000E\", \"36.15000N 36.85000E\"], \"half_width_m\": 500, "         \
	"\"uncertainty\": "                                                                                            \
	"{\"horizontal_m\": 50}}], \"movement\": {\"check_ins\": [\"2016-09-19T10:30:00Z\", "                          \
	"\"2016-09-19T11:00:00Z\"], \"tolerance_s\": 600, \"stops\": [{\"name\": \"warehouse\", \"for\": "             \
	"\"unloading\", \"arrive\": \"2016-09-19T11:00:00Z\"}]}}}"

typedef struct road {
	acts *a;
	prl_hash id;
} road;

static road begin(void)
{
	road r = { .a = acts_new("un@" UN " ru@" RU, NULL) };
	r.a->l->now = acts_time("2016-09-19T09:00:00Z");
	r.id = acts_do(r.a, "un-ops/1", "notice.filed", CONVOY);
	acts_see_all(r.a);
	return r;
}

static const char *report(road *r, const char *state, const char *at, const char *rest)
{
	return line_text(r->a->l, "{\"notice\": \"%s\", \"state\": \"%s\", \"at\": \"2016-09-19T%sZ\"%s}",
			 line_hash_text(r->a->l, &r->id), state, at, rest);
}

/* As of a time: the entry is written then. */
static void say(road *r, const char *state, const char *at, const char *rest)
{
	r->a->l->now = acts_time(line_text(r->a->l, "2016-09-19T%sZ", at));
	acts_do(r->a, "un-ops/1", "movement.reported", report(r, state, at, rest));
	acts_see_all(r->a);
}

static json_t *seen_by(road *r, const char *log, const char *party, const char *at)
{
	return acts_show(r->a, log, party, "movements", "notice=un#1",
			 acts_time(line_text(r->a->l, "2016-09-19T%sZ", at)));
}

static json_t *alarms_of(road *r, const char *party, const char *at)
{
	return acts_alarms(r->a, party, acts_time(line_text(r->a->l, "2016-09-19T%sZ", at)));
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static void test_life(void **state)
{
	(void)state;
	road r = begin();
	json_t *items = seen_by(&r, UN, "un", "09:30:00");
	assert_string_equal(acts_text(items, "0.state"), "planned");
	assert_string_equal(acts_text(items, "0.not_read_text"), "Not yet read by: ru. Departing is your decision.");
	assert_int_equal(json_integer_value(acts_at(items, "0.vehicles")), 31);
	json_decref(items);
	/* nothing blocks it: nobody has read the notice */
	say(&r, "departed", "10:02:00", ", \"place\": {\"position\": \"36.10000N 37.00000E\"}");
	items = seen_by(&r, RU, "ru", "10:05:00");
	assert_string_equal(acts_text(items, "0.state"), "departed");
	assert_string_equal(acts_text(items, "0.route.answer"), "on route");
	assert_string_equal(acts_text(items, "0.next_check_in"), "2016-09-19T10:30:00.000Z");
	assert_false(json_boolean_value(acts_at(items, "0.differs")));
	assert_null(json_object_get(json_array_get(items, 0), "not_read_text"));
	json_decref(items);
	say(&r, "checked in", "10:31:00", "");
	say(&r, "stopped", "11:00:00", ", \"unloading\": true, \"words\": \"warehouse\", \"language\": \"en\"");
	items = seen_by(&r, RU, "ru", "11:05:00");
	assert_string_equal(acts_text(items, "0.state"), "stopped");
	assert_true(json_boolean_value(acts_at(items, "0.reported.unloading")));
	json_decref(items);
	say(&r, "arrived", "15:00:00", "");
	json_t *alarms = alarms_of(&r, "ru", "18:00:00");
	assert_null(acts_alarm(alarms, "convoy-silent"));
	json_decref(alarms);
	acts_check_digests(r.a);
	acts_free(r.a);
}

static void test_late(void **state)
{
	(void)state;
	road r = begin();
	/* not departed: the plan waits, however late */
	json_t *alarms = alarms_of(&r, "un", "12:00:00");
	assert_null(acts_alarm(alarms, "convoy-silent"));
	json_decref(alarms);
	say(&r, "departed", "10:00:00", "");
	alarms = alarms_of(&r, "un", "10:40:00"); /* due 10:30, tolerance 600 s */
	assert_null(acts_alarm(alarms, "convoy-silent"));
	json_decref(alarms);
	const char *const parties[] = { "un", "ru" };
	for (size_t i = 0; i < 2; i++) {
		alarms = alarms_of(&r, parties[i], "10:40:01");
		const json_t *silent = acts_alarm(alarms, "convoy-silent");
		assert_non_null(silent);
		assert_int_equal(json_integer_value(acts_at(silent, "class")), 2);
		assert_non_null(strstr(acts_text(silent, "text"),
				       "Position differs from plan. Still protected. Contact: +963 11 000 000"));
		json_decref(alarms);
	}
	json_t *items = seen_by(&r, RU, "ru", "10:40:01");
	assert_string_equal(acts_text(items, "0.late.due"), "2016-09-19T10:30:00.000Z");
	assert_int_equal(json_integer_value(acts_at(items, "0.late.overdue_s")), 601);
	assert_string_equal(acts_text(items, "0.text"),
			    "Position differs from plan. Still protected. Contact: +963 11 000 000");
	json_decref(items);
	/* a check-in ends it; up to the tolerance early, it meets the next one too */
	say(&r, "checked in", "10:51:00", "");
	alarms = alarms_of(&r, "ru", "11:09:00");
	assert_null(acts_alarm(alarms, "convoy-silent"));
	json_decref(alarms);
	items = seen_by(&r, RU, "ru", "10:52:00");
	assert_true(json_is_null(acts_at(items, "0.next_check_in")));
	json_decref(items);
	/* what a report promises is due */
	say(&r, "checked in", "11:30:00", ", \"next\": \"2016-09-19T11:35:00Z\"");
	alarms = alarms_of(&r, "ru", "11:45:01");
	assert_non_null(acts_alarm(alarms, "convoy-silent"));
	json_decref(alarms);
	/* people on the road stay in the list when the notice has run out */
	items = acts_show(r.a, RU, "ru", "movements", NULL, acts_time("2016-09-19T23:00:00Z"));
	assert_int_equal(json_array_size(items), 1);
	json_decref(items);
	acts_free(r.a);
}

/* A queue without network delivers an old report after a new one. */
static void test_old_report_after_new(void **state)
{
	(void)state;
	road r = begin();
	say(&r, "arrived", "12:00:00", "");
	r.a->l->now = acts_time("2016-09-19T12:10:00Z");
	acts_do(r.a, "un-ops/1", "movement.reported", report(&r, "checked in", "10:31:00", ""));
	json_t *items = seen_by(&r, UN, "un", "12:11:00");
	assert_string_equal(acts_text(items, "0.state"), "arrived");
	assert_string_equal(acts_text(items, "0.departed"), "2016-09-19T12:00:00Z");
	json_decref(items);
	acts_free(r.a);
}

/* ---- off route --------------------------------------------------------------------------------------------------- */

static const char *route_answer(road *r, const char *position, const char *accuracy)
{
	static char answer[20];
	say(r, "checked in", "10:20:00",
	    line_text(r->a->l, ", \"place\": {\"position\": \"%s\"%s}", position, accuracy));
	json_t *items = seen_by(r, RU, "ru", "10:20:30");
	strncpy(answer, acts_text(items, "0.route.answer"), sizeof answer - 1);
	json_decref(items);
	return answer;
}

static void test_off_route(void **state)
{
	(void)state;
	road r = begin();
	say(&r, "departed", "10:00:00", "");
	assert_string_equal(route_answer(&r, "36.1000N 36.9500E", ""), "on route");
	assert_string_equal(route_answer(&r, "36.1040N 36.9500E", ""), "on route"); /* 444 m beside the line */
	/* 666 m beside it, 116 m outside: off when the place is good to 10 m, cannot tell at 200 m */
	assert_string_equal(route_answer(&r, "36.1060N 36.9500E", ", \"accuracy_m\": 10"), "OFF ROUTE");
	assert_string_equal(route_answer(&r, "36.1060N 36.9500E", ", \"accuracy_m\": 200"), "cannot tell");
	/* in the middle of the road, but known within 10 km only */
	assert_string_equal(route_answer(&r, "36.1000N 36.9500E", ", \"accuracy_m\": 7212"), "cannot tell");
	assert_string_equal(route_answer(&r, "36.2000N 36.9500E", ", \"accuracy_m\": 10"), "OFF ROUTE");
	json_t *alarms = alarms_of(&r, "ru", "10:20:30");
	const json_t *differs = acts_alarm(alarms, "position-differs");
	assert_non_null(differs);
	assert_non_null(strstr(acts_text(differs, "text"), "Still protected."));
	assert_string_equal(acts_text(differs, "about.place.position"), "36.2000N 36.9500E");
	json_decref(alarms);
	/* the organisation reads it at the same instant, from its own node */
	alarms = alarms_of(&r, "un", "10:20:30");
	assert_non_null(acts_alarm(alarms, "position-differs"));
	json_decref(alarms);
	/* the host's units know: it rings no more there, and on at the organisation; until it is reported elsewhere */
	json_t *items = seen_by(&r, RU, "ru", "10:20:30");
	r.a->l->now = acts_time("2016-09-19T10:20:31Z");
	acts_do(r.a, "ru-ops/1", "receipt.given",
		line_text(r.a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"units told\"}",
			  acts_text(items, "0.notice"), acts_text(items, "0.version")));
	json_decref(items);
	acts_see_all(r.a);
	alarms = alarms_of(&r, "ru", "10:20:40");
	assert_null(acts_alarm(alarms, "position-differs"));
	json_decref(alarms);
	alarms = alarms_of(&r, "un", "10:20:40");
	assert_non_null(acts_alarm(alarms, "position-differs"));
	json_decref(alarms);
	say(&r, "checked in", "10:25:00", ", \"place\": {\"position\": \"36.3000N 36.9500E\", \"accuracy_m\": 10}");
	alarms = alarms_of(&r, "ru", "10:30:00");
	assert_non_null(acts_alarm(alarms, "position-differs"));
	json_decref(alarms);
	acts_free(r.a);
}

/* The act that is due at the organisation, at each of its desks, until the notice holds the place. */
static void test_place_to_update(void **state)
{
	(void)state;
	road r = begin();
	say(&r, "departed", "10:00:00", "");
	(void)route_answer(&r, "36.1000N 36.9500E", "");
	json_t *alarms = alarms_of(&r, "un", "10:20:30");
	assert_null(acts_alarm(alarms, "place-to-update"));
	json_decref(alarms);
	assert_string_equal(route_answer(&r, "36.2000N 36.9500E", ", \"accuracy_m\": 10"), "OFF ROUTE");
	alarms = alarms_of(&r, "ru", "10:20:30");
	assert_null(acts_alarm(alarms, "place-to-update")); /* another's notice is not theirs to change */
	json_decref(alarms);
	alarms = alarms_of(&r, "un", "10:20:30");
	const json_t *alarm = acts_alarm(alarms, "place-to-update");
	assert_non_null(alarm);
	assert_int_equal(json_integer_value(acts_at(alarm, "class")), 2);
	assert_string_equal(acts_text(alarm, "about.area.place"), "36.2000N 36.9500E");
	assert_int_equal((int)json_number_value(acts_at(alarm, "about.area.radius_m")), 1010);
	json_t *items = seen_by(&r, UN, "un", "10:20:30");
	assert_true(json_equal(acts_at(items, "0.update"), acts_at(alarm, "about.area")));
	/* done by whichever desk, with what the alarm holds: the place is in the notice, and nobody is told any more */
	char *area = json_dumps(acts_at(alarm, "about.area"), JSON_COMPACT);
	const char *body = line_text(r.a->l,
				     "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": {\"kind\": \"convoy\", "
				     "\"areas\": [%s], \"movement\": {\"tolerance_s\": 600}}}",
				     acts_text(alarm, "about.notice"), acts_text(alarm, "about.version"), area);
	free(area);
	json_decref(items);
	json_decref(alarms);
	acts_do(r.a, "un-ops/2", "notice.updated", body);
	acts_see_all(r.a);
	alarms = alarms_of(&r, "un", "10:20:40");
	assert_null(acts_alarm(alarms, "place-to-update"));
	assert_null(acts_alarm(alarms, "position-differs"));
	json_decref(alarms);
	/* arrived: nobody has to, wherever that was */
	assert_string_equal(route_answer(&r, "36.9000N 36.9500E", ", \"accuracy_m\": 10"), "OFF ROUTE");
	say(&r, "arrived", "11:00:00", "");
	alarms = alarms_of(&r, "un", "11:00:10");
	assert_null(acts_alarm(alarms, "place-to-update"));
	json_decref(alarms);
	acts_check_digests(r.a);
	acts_free(r.a);
}

/* ---- how finely -------------------------------------------------------------------------------------------------- */

static prl_latlng place_of(const char *text)
{
	prl_position position;
	assert_int_equal(prl_position_parse(text, strlen(text), NULL, &position, NULL, NULL), PRL_OK);
	return position.place;
}

/* The true place is always within the accuracy that is left; and all places of a cell give the same text. */
static void test_rounding(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("rounding"), 0);
	for (int i = 0; i < 3000; i++) {
		char text[64];
		double lat = rnd_unit(&r) * 160 - 80, lng = rnd_unit(&r) * 360 - 180;
		lng = i % 10 ? lng : lng < 0 ? -179.99 : 179.99; /* beside the antimeridian */
		snprintf(text, sizeof text, "%.5f%c %.5f%c", fabs(lat), lat < 0 ? 'S' : 'N', fabs(lng),
			 lng < 0 ? 'W' : 'E');
		for (int k = 0; k < 2; k++) {
			json_t *place = NULL;
			assert_int_equal(prl_movement_round(text, 5, k ? "10 km" : "1 km", &place, NULL), PRL_OK);
			const char *given = json_string_value(json_object_get(place, "position"));
			double left_m = json_number_value(json_object_get(place, "accuracy_m"));
			prl_position read;
			assert_int_equal(prl_position_parse(given, strlen(given), NULL, &read, NULL, NULL), PRL_OK);
			if (prl_distance_m(place_of(text), read.place) > left_m + read.error_m)
				fail_msg("%s as %s: %.0f m off, %.0f m stated", text, given,
					 prl_distance_m(place_of(text), read.place), left_m);
			assert_true(left_m < (k ? 7600 : 900));
			json_decref(place);
		}
	}
	json_t *one = NULL, *other = NULL, *none = NULL;
	assert_int_equal(prl_movement_round("36.1001N 36.9001E", 0, "10 km", &one, NULL), PRL_OK);
	assert_int_equal(prl_movement_round("36.1031N 36.9091E", 0, "10 km", &other, NULL), PRL_OK);
	assert_string_equal(acts_text(one, "position"), acts_text(other, "position"));
	json_decref(one);
	json_decref(other);
	assert_int_equal(prl_movement_round("36.1N 36.9E", 0, "none", &none, NULL), PRL_OK);
	assert_null(none);
	assert_int_equal(prl_movement_round("36.1N 36.9E", 0, "exact", &one, NULL), PRL_OK);
	assert_string_equal(acts_text(one, "position"), "36.1N 36.9E");
	assert_null(json_object_get(one, "accuracy_m"));
	json_decref(one);
	assert_int_equal(prl_movement_round("36.1 36.9", 0, "1 km", &one, NULL), PRL_E_AMBIGUOUS);
}

/* ---- who may, what is missing ------------------------------------------------------------------------------------ */

static void test_refused(void **state)
{
	(void)state;
	road r = begin();
	acts_refused(r.a, "ru-ops/1", "movement.reported", report(&r, "departed", "09:00:00", ""), PRL_E_REFUSED,
		     "only party un");
	acts_refused(r.a, "un-ops/1", "movement.reported", report(&r, "lost", "09:00:00", ""), PRL_E_RANGE, "state");
	acts_refused(r.a, "un-ops/1", "movement.reported", report(&r, "departed", "19:00:00", ""), PRL_E_RANGE, "/at");
	acts_refused(r.a, "un-ops/1", "movement.reported", report(&r, "departed", "25:00:00", ""), PRL_E_SYNTAX, "at");
	acts_refused(r.a, "un-ops/1", "movement.reported",
		     report(&r, "departed", "09:00:00", ", \"place\": {\"position\": \"36.1 37.0\"}"), PRL_E_AMBIGUOUS,
		     "/place/position");
	acts_refused(
		r.a, "un-ops/1", "movement.reported",
		report(&r, "departed", "09:00:00", ", \"place\": {\"position\": \"36.1N 37.0E\", \"accuracy_m\": -1}"),
		PRL_E_RANGE, "accuracy_m");
	acts_refused(r.a, "un-ops/1", "movement.reported",
		     report(&r, "departed", "09:00:00", ", \"positions\": \"1 m\""), PRL_E_RANGE, "positions");
	acts_refused(r.a, "un-ops/1", "movement.reported", "{\"state\": \"departed\"}", PRL_E_SYNTAX, "is missing");
	/* the plan, at the door of the notice */
	acts_refused(r.a, "un-ops/1", "notice.filed",
		     "{\"details\": {\"kind\": \"convoy\", \"movement\": {\"check_ins\": [\"2016-09-19T11:00:00Z\", "
		     "\"2016-09-19T11:00:00Z\"]}}}",
		     PRL_E_RANGE, "/movement/check_ins/1");
	acts_refused(
		r.a, "un-ops/1", "notice.filed",
		"{\"details\": {\"kind\": \"convoy\", \"movement\": {\"stops\": [{\"position\": \"36.1 37.0\"}]}}}",
		PRL_E_AMBIGUOUS, "/movement/stops/0/position");
	acts_refused(r.a, "un-ops/1", "notice.filed",
		     "{\"details\": {\"kind\": \"convoy\", \"movement\": {\"speed\": 3}}}", PRL_E_SYNTAX, "speed");
	r.id = line_hash("none");
	acts_refused(r.a, "un-ops/1", "movement.reported", report(&r, "departed", "09:00:00", ""), PRL_E_NOT_FOUND, "");
	r.id = acts_do(
		r.a, "un-ops/1", "notice.filed",
		"{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"36.1N 37.0E\", \"radius_m\": 50}]}}");
	acts_refused(r.a, "un-ops/1", "movement.reported", report(&r, "departed", "09:00:00", ""), PRL_E_REFUSED,
		     "does not move");
	acts_free(r.a);
}

/* ---- orders ------------------------------------------------------------------------------------------------------ */

/* The organisation's own acts have one order; what crosses them is the other side's. */
static void test_departed_crosses(void **state)
{
	(void)state;
	road r = begin();
	const char *id = line_hash_text(r.a->l, &r.id);
	acts_do(r.a, "un-ops/1", "movement.reported", report(&r, "departed", "09:00:10", ""));
	acts_do(r.a, "un-ops/2", "notice.cancelled",
		line_text(r.a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}", id, id));
	acts_do(r.a, "ru-ops/1", "receipt.given",
		line_text(
			r.a->l,
			"{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"read back\", \"read_back\": {\"name\": "
			"\"Urum\"}}",
			id, id));
	/* people may be on the road: a report about a notice that was cancelled is taken */
	acts_do(r.a, "un-ops/1", "movement.reported", report(&r, "checked in", "09:00:12", ""));
	acts_see_all(r.a);
	acts_check_digests(r.a);
	json_t *items = seen_by(&r, RU, "ru", "10:00:00");
	assert_string_equal(acts_text(items, "0.state"), "cancelled");
	assert_string_equal(acts_text(items, "0.reported.state"), "checked in");
	json_decref(items);
	acts_free(r.a);
}

static void test_reports_kept_have_an_end(void **state)
{
	(void)state;
	road r = begin();
	say(&r, "departed", "10:00:00", ", \"positions\": \"10 km\"");
	for (int i = 0; i < PRL_MOVEMENT_REPORTS_MAX + 5; i++)
		acts_do(r.a, "un-ops/1", "movement.reported", report(&r, "checked in", "10:00:01", ""));
	const json_t *movement = prl_movement_find(acts_picture(r.a, UN), PRL_VERSION_WORKING, &r.id);
	assert_int_equal(json_array_size(acts_at(movement, "reports")), PRL_MOVEMENT_REPORTS_MAX);
	json_t *items = seen_by(&r, UN, "un", "10:10:00");
	assert_string_equal(acts_text(items, "0.departed"), "2016-09-19T10:00:00Z");
	assert_string_equal(acts_text(items, "0.positions"), "10 km");
	json_decref(items);
	acts_free(r.a);
}

/* What was chosen to be coarse does not get into the record by a slip. */
static void test_finer_than_chosen(void **state)
{
	(void)state;
	road r = begin();
	say(&r, "departed", "10:00:00", ", \"positions\": \"10 km\"");
	acts_refused(r.a, "un-ops/1", "movement.reported",
		     report(&r, "checked in", "10:00:00", ", \"place\": {\"position\": \"36.1000N 36.9000E\"}"),
		     PRL_E_REFUSED, "finer");
	json_t *place = NULL;
	assert_int_equal(prl_movement_round("36.1000N 36.9000E", 0, "10 km", &place, NULL), PRL_OK);
	char *text = json_dumps(place, 0);
	say(&r, "checked in", "10:05:00", line_text(r.a->l, ", \"place\": %s", text));
	free(text);
	json_decref(place);
	say(&r, "planned", "10:06:00", ", \"positions\": \"none\"");
	acts_refused(r.a, "un-ops/1", "movement.reported",
		     report(&r, "checked in", "10:06:00",
			    ", \"place\": {\"position\": \"36.1000N 36.9000E\", \"accuracy_m\": 9000}"),
		     PRL_E_REFUSED, "(none)");
	say(&r, "planned", "10:07:00", ", \"positions\": \"exact\"");
	say(&r, "checked in", "10:08:00", ", \"place\": {\"position\": \"36.1000N 36.9000E\"}");
	acts_free(r.a);
}

static void test_another_mode_or_key(void **state)
{
	(void)state;
	road r = begin();
	prl_error err;
	line_act act = { .kind = "movement.reported",
			 .key = "un-ops/1",
			 .real = true,
			 .body = report(&r, "departed", "09:00:00", "") };
	assert_int_equal(acts_try(r.a, &act, NULL, &err), PRL_E_REFUSED);
	acts_do(r.a, "un-ops", "key.revoked", "{\"key\": \"un-ops/2\"}");
	acts_refused(r.a, "un-ops/2", "movement.reported", act.body, PRL_E_REFUSED, "");
	acts_free(r.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_old_report_after_new),
		cmocka_unit_test(test_off_route),
		cmocka_unit_test(test_place_to_update),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_departed_crosses),
		cmocka_unit_test(test_another_mode_or_key),
		cmocka_unit_test(test_finer_than_chosen),
		cmocka_unit_test(test_reports_kept_have_an_end),
	};
	return cmocka_run_group_tests_name("movement", tests, NULL, NULL);
}
