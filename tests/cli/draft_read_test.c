/* What `parley file` makes of an F3548-21 file is what `parley check` makes of it: the same volumes, and where the one
 * refuses the other does. */
#include "cli/draft.h"

#include "../formats/session.h"
#include "base/file.h"
#include "line/details.h"
#include "support/random.h"

#include <parley/conflict.h>

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define REFERENCE "\"reference\": {\"id\": \"i1\", \"manager\": \"uss1\", \"state\": \"Accepted\", \"version\": 1}"

/* ---- both ways --------------------------------------------------------------------------------------------------- */

static prl_status as_filed(const char *text, prl_plan **ret, prl_error *err)
{
	char path[] = "/tmp/parley-draft-XXXXXX", why[300];
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	draft d = { .details = json_object(), .terms = json_object() };
	prl_status status = prl_draft_read(&d, path, err);
	unlink(path);
	if (!status)
		status = prl_details_fit(d.details, err);
	if (!status)
		status = prl_details_check(d.details, err);
	if (!status) {
		assert_int_equal(prl_details_plan(d.details, "i1", "uss1", ret, why, err), PRL_OK);
		assert_string_equal(why, "");
	}
	json_decref(d.details);
	json_decref(d.terms);
	return status;
}

static bool same_number(double a, double b)
{
	return (isinf(a) && isinf(b) && (a > 0) == (b > 0)) || a == b;
}

/* Bounds, and for points about them whether they are inside and how far away: to the micrometre. */
static void same_footprint(const prl_footprint *a, const prl_footprint *b, rnd *r)
{
	prl_bounds x = prl_footprint_bounds(a, 0), y = prl_footprint_bounds(b, 0);
	assert_memory_equal(&x, &y, sizeof x);
	assert_true(fabs(prl_footprint_area_m2(a) - prl_footprint_area_m2(b)) <= 1e-9 * prl_footprint_area_m2(a));
	for (int i = 0; i < 40; i++) {
		prl_latlng at = { rnd_between(r, x.south_deg - 0.01, x.north_deg + 0.01),
				  rnd_between(r, x.west_deg - 0.01, x.east_deg + 0.01) };
		prl_footprint *dot;
		prl_nearness one, other;
		assert_int_equal(prl_footprint_circle(at, 0, 0, &dot, NULL), PRL_OK);
		assert_true(prl_footprint_within(dot, a, 1e7, &one) && prl_footprint_within(dot, b, 1e7, &other));
		assert_true(fabs(one.distance_m - other.distance_m) < 1e-6);
		assert_int_equal(prl_footprint_contains(a, at), prl_footprint_contains(b, at));
		prl_footprint_free(dot);
	}
}

static void same_plan(const prl_plan *checked, const prl_plan *filed, rnd *r)
{
	assert_int_equal(checked->kind, filed->kind);
	assert_int_equal(checked->volume_count, filed->volume_count);
	for (size_t i = 0; i < checked->volume_count; i++) {
		const prl_volume *a = &checked->volumes[i], *b = &filed->volumes[i];
		assert_true(a->window.from == b->window.from && a->window.to == b->window.to);
		assert_true(same_number(a->band.lower.value, b->band.lower.value));
		assert_true(same_number(a->band.upper.value, b->band.upper.value));
		if (isfinite(a->band.lower.value))
			assert_int_equal(a->band.lower.datum, b->band.lower.datum);
		if (isfinite(a->band.upper.value))
			assert_int_equal(a->band.upper.datum, b->band.upper.datum);
		same_footprint(a->footprint, b->footprint, r);
	}
}

static void same_both_ways(const char *text, rnd *r)
{
	prl_error err = { 0 };
	prl_plan *filed = NULL;
	session *s = session_of(text);
	if (s->plan_count != 1 || s->problem_count)
		fail_msg("check: %s: %s", text, s->problems[0].text);
	if (as_filed(text, &filed, &err))
		fail_msg("file: %s: %s: %s", text, err.where, err.text);
	same_plan(s->plans[0], filed, r);
	prl_plan_free(filed);
	session_free(s);
}

/* ---- intents ----------------------------------------------------------------------------------------------------- */

static int add_level(char *to, size_t room, const char *name, double value, bool stated)
{
	return stated ? snprintf(to, room,
				 ", \"altitude_%s\": {\"value\": %.17g, \"reference\": \"W84\", \"units\": \"M\"}",
				 name, value)
		      : 0;
}

static int add_time(char *to, size_t room, const char *name, unsigned minute, bool stated)
{
	return stated ? snprintf(to, room,
				 ", \"time_%s\": {\"value\": \"2026-09-01T%02u:%02u:00.25+02:00\", \"format\": "
				 "\"RFC3339\"}",
				 name, 12 + minute / 60, minute % 60)
		      : 0;
}

/* A circle, or a polygon round a point; levels and times now and then not stated. */
static int add_volume(char *to, size_t room, rnd *r)
{
	int used = snprintf(to, room, "{\"volume\": {");
	double lat = rnd_between(r, 46, 47), lng = rnd_between(r, 7, 8), lower = rnd_between(r, 0, 500);
	unsigned minute = (unsigned)rnd_below(r, 60);
	if (rnd_chance(r, 0.5))
		used += snprintf(to + used, room - (size_t)used,
				 "\"outline_circle\": {\"center\": {\"lat\": %.15g, \"lng\": %.15g}, \"radius\": "
				 "{\"value\": %.15g, "
				 "\"units\": \"M\"}}",
				 lat, lng, rnd_log(r, 1, 20000));
	else {
		unsigned corners = 3 + (unsigned)rnd_below(r, 9);
		double radius_m = rnd_log(r, 5, 30000);
		used += snprintf(to + used, room - (size_t)used, "\"outline_polygon\": {\"vertices\": [");
		for (unsigned i = 0; i < corners; i++) {
			prl_latlng at = prl_destination((prl_latlng){ lat, lng }, 360.0 * i / corners, radius_m);
			used += snprintf(to + used, room - (size_t)used, "%s{\"lat\": %.15g, \"lng\": %.15g}",
					 i ? ", " : "", at.lat_deg, at.lng_deg);
		}
		used += snprintf(to + used, room - (size_t)used, "]}");
	}
	used += add_level(to + used, room - (size_t)used, "lower", lower, rnd_chance(r, 0.8));
	used += add_level(to + used, room - (size_t)used, "upper", lower + rnd_between(r, 0, 500), rnd_chance(r, 0.8));
	used += snprintf(to + used, room - (size_t)used, "}");
	used += add_time(to + used, room - (size_t)used, "start", minute, rnd_chance(r, 0.9));
	used += add_time(to + used, room - (size_t)used, "end", minute + 1 + (unsigned)rnd_below(r, 200),
			 rnd_chance(r, 0.9));
	return used + snprintf(to + used, room - (size_t)used, "}");
}

static void random_intents(void **state)
{
	(void)state;
	static char text[40000];
	uint64_t seed = rnd_seed("draft");
	for (unsigned round = 0; round < 60; round++) {
		rnd r = rnd_case(seed, round);
		unsigned volumes = 1 + (unsigned)rnd_below(&r, 6), planned = (unsigned)rnd_below(&r, volumes + 1);
		int used =
			snprintf(text, sizeof text, "{%s" REFERENCE ", \"details\": {\"priority\": 0, \"volumes\": [",
				 round % 3 ? "" : "\"operational_intent\": {");
		for (unsigned i = 0; i < volumes; i++) {
			if (i == planned)
				used += snprintf(text + used, sizeof text - (size_t)used,
						 "], \"off_nominal_volumes\": [");
			else if (i)
				used += snprintf(text + used, sizeof text - (size_t)used, ", ");
			used += add_volume(text + used, sizeof text - (size_t)used, &r);
		}
		snprintf(text + used, sizeof text - (size_t)used, "]}}%s", round % 3 ? "" : "}");
		same_both_ways(text, &r);
	}
}

#define CIRCLE                                                                                                         \
	"\"outline_circle\": {\"center\": {\"lat\": 46.9, \"lng\": 7.4}, \"radius\": {\"value\": 300, \"units\": "     \
	"\"M\"}}"
#define POLYGON                                                                                                        \
	"\"outline_polygon\": {\"vertices\": [{\"lat\": 46, \"lng\": 7}, {\"lat\": 46.1, \"lng\": 7}, {\"lat\": 46, "  \
	"\"lng\": 7.1}]}"
#define ONE(volume) "{" REFERENCE ", \"details\": {\"volumes\": [{\"volume\": {" volume "}}]}}"

static void by_hand(void **state)
{
	(void)state;
	rnd r = rnd_case(1, 0);
	same_both_ways(ONE(CIRCLE), &r);
	same_both_ways(ONE(POLYGON), &r);
	same_both_ways(ONE(CIRCLE ", \"outline_polygon\": null, \"altitude_lower\": null"), &r);
	same_both_ways("{\"constraint\": " ONE(CIRCLE) "}", &r);
	same_both_ways(
		"{\"reference\": {\"id\": \"i1\", \"manager\": \"uss1\"}, \"details\": {\"type\": \"x\", \"volumes\": "
		"[{\"volume\": {" POLYGON "}}]}}",
		&r);
}

/* The same conflict with a third party's flight. */
static void the_same_conflict(void **state)
{
	(void)state;
	static const char other[] =
		"{\"type\": \"Feature\", \"geometry\": {\"type\": \"Point\", \"coordinates\": [7.1, 46.1]}, "
		"\"properties\": {\"parley\": {\"id\": \"o\", \"party\": \"x\", \"kind\": \"flight\", \"radius_m\": "
		"800, "
		"\"from\": \"2026-09-01T11:00:00Z\", \"to\": \"2026-09-01T13:00:00Z\"}}}";
	prl_error err = { 0 };
	prl_plan *filed = NULL;
	session *probe = session_of(other), *checked = session_of(ONE(POLYGON));
	assert_int_equal(probe->plan_count, 1);
	assert_int_equal(as_filed(ONE(POLYGON), &filed, &err), PRL_OK);
	prl_check_options options = prl_check_options_default();
	options.separation = (prl_separation){ 9260, 300 };
	bool one = false, same = false;
	prl_conflict a, b;
	assert_int_equal(prl_pair_check(checked->plans[0], probe->plans[0], &options, &one, &a, &err), PRL_OK);
	assert_int_equal(prl_pair_check(filed, probe->plans[0], &options, &same, &b, &err), PRL_OK);
	assert_true(one && same);
	assert_true(a.interval_count == b.interval_count && a.intervals[0].from == b.intervals[0].from &&
		    a.intervals[0].to == b.intervals[0].to);
	assert_true(a.closest.time == b.closest.time && a.closest.horizontal_m == b.closest.horizontal_m);
	prl_conflict_done(&a);
	prl_conflict_done(&b);
	prl_plan_free(filed);
	session_free(probe);
	session_free(checked);
}

/* ---- what neither takes ------------------------------------------------------------------------------------------ */

static void refused(const char *text)
{
	prl_error err = { 0 };
	prl_plan *filed = NULL;
	session *s = session_of(text);
	assert_int_equal(s->plan_count, 0);
	assert_int_equal(s->problem_count, 1);
	assert_int_not_equal(as_filed(text, &filed, &err), PRL_OK);
	if (!strstr(s->problems[0].text, err.text) && !strstr(err.text, s->problems[0].text))
		fail_msg("%s:\n  check: %s\n  file: %s", text, s->problems[0].text, err.text);
	session_free(s);
}

static void test_refused(void **state)
{
	(void)state;
	refused("{" REFERENCE ", \"details\": {\"volumes\": []}}");
	refused(ONE(CIRCLE ", " POLYGON));
	refused(ONE("\"altitude_lower\": {\"value\": 5, \"reference\": \"W84\", \"units\": \"M\"}"));
	refused(ONE(CIRCLE ", \"altitude_lower\": {\"value\": 5, \"reference\": \"W84\", \"units\": \"FT\"}"));
	refused(ONE(CIRCLE ", \"altitude_lower\": {\"value\": 5, \"reference\": \"AGL\", \"units\": \"M\"}"));
	refused(ONE(
		CIRCLE
		", \"altitude_lower\": {\"value\": 9, \"reference\": \"W84\", \"units\": \"M\"}, \"altitude_upper\": "
		"{\"value\": 5, \"reference\": \"W84\", \"units\": \"M\"}"));
	refused(ONE("\"outline_circle\": {\"center\": {\"lat\": 46.9, \"lng\": 7.4}, \"radius\": {\"value\": 300, "
		    "\"units\": \"FT\"}}"));
	refused(ONE("\"outline_circle\": {\"center\": {\"lat\": 96.9, \"lng\": 7.4}, \"radius\": {\"value\": 300, "
		    "\"units\": \"M\"}}"));
	refused(ONE("\"outline_polygon\": {\"vertices\": [{\"lat\": 46, \"lng\": 7}, {\"lat\": 46.1, \"lng\": 7}]}"));
	refused("{" REFERENCE ", \"details\": {\"volumes\": [{\"volume\": {" CIRCLE "}, \"time_start\": {\"value\": "
		"\"2026-09-01T12:00:00\", \"format\": \"RFC3339\"}}]}}");
	refused("{" REFERENCE ", \"details\": {\"volumes\": [{\"volume\": {" CIRCLE "}, \"time_start\": {\"value\": "
		"\"2026-09-01T12:00:00Z\", \"format\": \"RFC3339\"}, \"time_end\": {\"value\": "
		"\"2026-09-01T11:00:00Z\", "
		"\"format\": \"RFC3339\"}}]}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(random_intents),
		cmocka_unit_test(the_same_conflict),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
