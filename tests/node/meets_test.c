/* Drone flights and notices through a real clerk and record, held against a look at every pair: what meets is what the
 * engine says of the notice's plan and a plan made here of the circle that was filed; the same from a snapshot, after
 * a replay and after writes that failed, with bounds so small that most of it is done in quiet moments. */
#include "dss/extent.h"
#include "line/details.h"
#include "line/met.h"
#include "line/separation.h"
#include "support/full_disk.h"
#include "support/two_sides.h"
#include "support/uss.h"

#include "base/text.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US      "us.example/line"
#define NOW     (INT64_C(1474117200) * PRL_SECOND) /* 2016-09-17T13:00:00Z */
#define MINUTE  (60 * PRL_SECOND)
#define INTENTS 220u
#define NOTICES 40u

typedef struct notice_there {
	prl_hash id;
	const char *details; /* NULL: over */
} notice_there;

typedef struct fixture {
	line *l;
	test_node node;
	rnd r;
	prl_uuid ids[INTENTS];
	notice_there notices[NOTICES];
	size_t count;
	size_t pairs, counted; /* that were found; checks of a notice with more than are named */
} fixture;

static int set_up_with(void **state, uint32_t most)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US, NULL);
	test_node_make(&f->node, f->l, US);
	f->node.dss = true;
	f->node.now = NOW;
	f->node.meets_most = most;
	test_node_start(&f->node, true);
	f->node.now = NOW;
	for (unsigned i = 0; i < INTENTS; i++)
		f->ids[i] = prl_uuid_random();
	*state = f;
	return 0;
}

static int set_up(void **state)
{
	return set_up_with(state, 0);
}

static int set_up_small(void **state)
{
	return set_up_with(state, 3);
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->node);
	line_free(f->l);
	free(f);
	return 0;
}

static prl_picture *picture_of(const fixture *f)
{
	return f->node.folder->picture;
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

/* Some lie together, so that many flights meet one notice; some where nobody is. */
static void put_intent(fixture *f, const prl_uuid *id)
{
	rnd *r = &f->r;
	bool far = rnd_chance(r, 0.2);
	prl_time from = f->node.now + (prl_time)rnd_between(r, 1, 60) * MINUTE;
	uss_place place = { .lat = 46.9 + rnd_between(r, 0, far ? 3 : 0.1),
			    .lng = 7.4 + rnd_between(r, 0, far ? 3 : 0.1),
			    .radius_m = rnd_log(r, 10, 1500),
			    .lower_m = rnd_between(r, 0, 900),
			    .upper_m = rnd_between(r, 900, 1500),
			    .from = from,
			    .to = from + (prl_time)rnd_between(r, 1, 20) * MINUTE };
	uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", id, &place);
	uss_request_current(q, picture_of(f));
	q->request.state = PRL_ACCEPTED;
	uss_request_key_all(q, picture_of(f));
	unsigned status = uss_submit(&f->node, q, NULL);
	assert_true(status == 200 || status == 201 || status == 500);
	uss_request_free(q);
}

static void delete_intent(fixture *f, const prl_uuid *id)
{
	uss_request *q = uss_request_new(PRL_DSS_DELETE_INTENT, "uss1", id, NULL);
	uss_request_current(q, picture_of(f));
	if (!q->request.stamp)
		q->request.stamp = "none";
	(void)uss_submit(&f->node, q, NULL);
	uss_request_free(q);
}

static const char *random_levels(fixture *f)
{
	static const char *const datums[] = { "W84", "MSL", "AGL" };
	double lower = rnd_between(&f->r, 0, 1500);
	if (rnd_chance(&f->r, 0.2))
		return "";
	return line_text(f->l,
			 ", \"lower\": {\"value\": %.0f, \"unit\": \"M\", \"datum\": \"%s\"}, \"upper\": {\"value\": "
			 "%.0f, \"unit\": \"M\", \"datum\": \"%s\"}",
			 lower, datums[rnd_below(&f->r, 3)],
			 lower + rnd_between(&f->r, 0, 500) + 3000 * rnd_chance(&f->r, 0.2),
			 datums[rnd_below(&f->r, 3)]);
}

static const char *random_area(fixture *f)
{
	double lat = 46.9 + rnd_between(&f->r, -0.1, 0.2), lng = 7.4 + rnd_between(&f->r, -0.1, 0.2);
	double wide = rnd_log(&f->r, 0.001, 0.2);
	if (rnd_chance(&f->r, 0.5))
		return line_text(
			f->l,
			"{\"geometry\": {\"type\": \"Point\", \"coordinates\": [%.6f, %.6f]}, \"radius_m\": %.1f%s}",
			lng, lat, rnd_log(&f->r, 10, 20000), random_levels(f));
	return line_text(f->l,
			 "{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": [[[%.6f, %.6f], [%.6f, %.6f], [%.6f, "
			 "%.6f], [%.6f, %.6f]]]}%s}",
			 lng, lat, lng + wide, lat, lng, lat + wide, lng, lat, random_levels(f));
}

static const char *random_details(fixture *f)
{
	static const char *const kinds[] = { "flight", "live-fire area", "convoy", "site", "exercise", "rescue" };
	char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
	prl_time begin = f->node.now + (prl_time)rnd_between(&f->r, -10, 60) * MINUTE;
	prl_time_format(begin, from);
	prl_time_format(begin + (prl_time)rnd_between(&f->r, 11, 90) * MINUTE, to);
	const char *areas = rnd_chance(&f->r, 0.05) ? "" : random_area(f);
	if (*areas && rnd_chance(&f->r, 0.2))
		areas = line_text(f->l, "%s, %s", areas, random_area(f));
	return line_text(f->l, "{\"kind\": \"%s\", \"from\": \"%s\", \"to\": \"%s\"%s%s%s}",
			 kinds[rnd_below(&f->r, sizeof kinds / sizeof *kinds)], from, to,
			 *areas ? ", \"areas\": [" : "", areas, *areas ? "]" : "");
}

/* False where it was not taken. */
static bool act(fixture *f, const char *kind, const char *body, prl_hash *ret)
{
	prl_filing filing = { 0 };
	line_act what = { .kind = kind, .key = "us-ops/1", .body = body, .real = true };
	line_key *key = line_key_of(f->l, "us-ops/1"), before = *key;
	prl_status st = test_node_act(&f->node, &what, &filing);
	if (st)
		*key = before;
	if (st && st != PRL_E_IO)
		fail_msg("%s %s: %s: %s", kind, body, filing.err.where, filing.err.text);
	*ret = filing.hash;
	return st == PRL_OK;
}

static void file_as(fixture *f, const char *details)
{
	notice_there *to = &f->notices[f->count];
	if (f->count < NOTICES && act(f, "notice.filed", line_text(f->l, "{\"details\": %s}", details), &to->id)) {
		to->details = details;
		f->count++;
	}
}

static void file_notice(fixture *f)
{
	file_as(f, random_details(f));
}

/* The first one stays, and meets more flights than are named of it. */
static void file_wide(fixture *f)
{
	file_as(f, "{\"kind\": \"exercise\", \"from\": \"2016-09-17T13:00:00Z\", \"to\": \"2016-09-17T15:00:00Z\", "
		   "\"areas\": [{\"geometry\": {\"type\": \"Point\", \"coordinates\": [7.45, 46.95]}, \"radius_m\": "
		   "20000}]}");
}

static void change_notice(fixture *f, notice_there *of, bool ends)
{
	const char *details = ends ? NULL : random_details(f);
	prl_hash version = two_sides_version(&f->node, &of->id), hash;
	const char *body =
		line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s%s}", line_hash_text(f->l, &of->id),
			  line_hash_text(f->l, &version), ends ? "" : ", \"details\": ", ends ? "" : details);
	if (act(f, ends ? rnd_chance(&f->r, 0.5) ? "notice.cancelled" : "notice.ended" : "notice.updated", body, &hash))
		of->details = details;
}

static void act_once(fixture *f)
{
	size_t what = rnd_below(&f->r, 100);
	notice_there *notice = f->count > 1 ? &f->notices[1 + rnd_below(&f->r, f->count - 1)] : NULL;
	const prl_uuid *id = &f->ids[rnd_below(&f->r, INTENTS)];
	if (what < 60)
		put_intent(f, id);
	else if (what < 80)
		delete_intent(f, id);
	else if (what < 90 || !notice)
		file_notice(f);
	else if (notice->details)
		change_notice(f, notice, what >= 98);
}

/* ---- what ought to be -------------------------------------------------------------------------------------------- */

static bool is_behind(const fixture *f)
{
	prl_version version = prl_picture_pin(picture_of(f));
	bool behind = prl_met_is_behind(picture_of(f), version);
	prl_picture_unpin(picture_of(f), version);
	return behind;
}

/* Something is filed: what the clerk has still to do is in the version that it answers with. */
static void wait_until_quiet(fixture *f)
{
	do { /* after a write that failed the clerk goes on with the filing after the next */
		prl_filing filing = { 0 };
		assert_int_equal(test_node_say(&f->node, "us-ops/1", "what waits?", &filing), PRL_OK);
		for (unsigned i = 0; i < 10000 && is_behind(f); i++)
			sched_yield();
	} while (is_behind(f));
}

typedef struct looking {
	fixture *f;
	prl_separations separations;
	const prl_plan *plan;
	prl_check_options options;
	const prl_met *met;
	size_t met_count, named;
	prl_time first;
} looking;

static prl_plan *flight_of(const prl_extent *extent)
{
	prl_error err;
	prl_plan *plan = calloc(1, sizeof *plan);
	plan->id = strdup("flight");
	plan->party = strdup("");
	plan->name = strdup("");
	plan->source = strdup("");
	plan->kind = PRL_KIND_FLIGHT;
	plan->footprints = calloc(1, sizeof *plan->footprints);
	plan->volumes = calloc(1, sizeof *plan->volumes);
	assert_int_equal(extent->outlines, 1);
	assert_int_equal(prl_footprint_circle(extent->at[0], prl_extent_outlines(extent)->radius_m, 0,
					      &plan->footprints[0], &err),
			 PRL_OK);
	plan->footprint_count = plan->volume_count = 1;
	plan->volumes[0] = (prl_volume){ .footprint = plan->footprints[0],
					 .band = prl_band_m(extent->lower_m, extent->upper_m, PRL_DATUM_W84),
					 .window = { extent->from, extent->to } };
	return plan;
}

static bool look_at(void *context, const prl_entity *intent)
{
	looking *l = context;
	prl_error err;
	prl_conflict conflict;
	bool meets = false, named = false;
	prl_plan *flight = flight_of(intent->shape->extent);
	assert_int_equal(prl_pair_check(flight, l->plan, &l->options, &meets, &conflict, &err), PRL_OK);
	prl_plan_free(flight);
	for (size_t i = 0; l->met && i < l->met->named; i++)
		named = named || prl_uuid_equal(&l->met->flights[i].id, &intent->id);
	if (!meets)
		assert_false(named);
	if (!meets)
		return true;
	prl_conflict_done(&conflict);
	l->met_count++;
	l->named += named;
	if (intent->shape->extent->from < l->first)
		l->first = intent->shape->extent->from;
	return true;
}

static void look_at_notice(looking *l, prl_version version, const notice_there *notice)
{
	fixture *f = l->f;
	prl_error err;
	char why[300];
	prl_plan *plan;
	json_t *details = json_loads(notice->details, 0, NULL);
	prl_kind kind = prl_details_kind(details);
	assert_int_equal(prl_details_plan(details, "notice", "us", &plan, why, &err), PRL_OK);
	json_decref(details);
	l->plan = plan;
	l->options = prl_check_options_default();
	l->options.separation = prl_separation_of(&l->separations, kind, PRL_KIND_FLIGHT)->separation;
	l->options.air = l->separations.air;
	l->met = prl_met_find(picture_of(f), version, &notice->id);
	l->met_count = l->named = 0;
	l->first = PRL_TIME_OPEN_END;
	assert_int_equal(prl_entities_each(picture_of(f), version, PRL_INTENT, look_at, l, &err), PRL_OK);
	prl_plan_free(plan);
	f->pairs += l->met_count;
	if (!l->met_count) {
		assert_null(l->met);
		return;
	}
	assert_non_null(l->met);
	assert_false(l->met->counting);
	if (l->met->named + l->met->others != (int64_t)l->met_count)
		fail_msg("%u named and %lld others, expected %zu: %s", l->met->named, (long long)l->met->others,
			 l->met_count, notice->details);
	assert_int_equal(l->met->named, l->named);
	assert_true(l->met->named >= (l->met_count < PRL_MET_NAMED_MAX / 2 ? l->met_count : PRL_MET_NAMED_MAX / 2));
	assert_true(l->met->flights[0].from == l->first);
	f->counted += l->met->others > 0;
}

static bool count_one(void *context, const prl_met *met)
{
	size_t *count = context;
	(void)met;
	++*count;
	return true;
}

/* Every notice with every intent. */
static void check_all(fixture *f)
{
	prl_error err;
	size_t rows = 0, expected = 0;
	wait_until_quiet(f);
	prl_version version = prl_picture_pin(picture_of(f));
	looking l = { .f = f };
	prl_geoid *geoid = NULL;
	if (prl_geoid_open("/usr/share/proj/egm96_15.gtx", &geoid, &err))
		geoid = NULL;
	prl_separations_make(prl_picture_constitution(picture_of(f), version), &l.separations);
	l.separations.air.geoid = geoid;
	for (size_t i = 0; i < f->count; i++) {
		const notice_there *notice = &f->notices[i];
		if (notice->details)
			look_at_notice(&l, version, notice);
		else
			assert_null(prl_met_find(picture_of(f), version, &notice->id));
		expected += notice->details && l.met_count;
	}
	assert_int_equal(prl_met_each(picture_of(f), version, count_one, &rows, &err), PRL_OK);
	assert_int_equal(rows, expected);
	prl_separations_done(&l.separations);
	prl_geoid_free(geoid);
	prl_picture_unpin(picture_of(f), version);
}

/* ---- starts ------------------------------------------------------------------------------------------------------ */

static void write_snapshot(fixture *f)
{
	prl_error err;
	prl_snapshot_head head;
	char *path = prl_folder_file(f->node.folder, "snapshot");
	prl_version version = prl_picture_pin(picture_of(f));
	prl_ledger_head(f->node.folder->own, &head.size, &head.root);
	assert_int_equal(prl_picture_save(picture_of(f), version, &head, path, &err), PRL_OK);
	prl_picture_unpin(picture_of(f), version);
	free(path);
}

static void restart(fixture *f, bool replay)
{
	test_node_stop(&f->node);
	f->node.replay = replay;
	test_node_start(&f->node, true);
	f->node.replay = false;
}

static void play(fixture *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		act_once(f);
		if (i % 25 == 24)
			check_all(f);
		if (i % 97 == 60) /* what it has not done yet is in the snapshot as that */
			write_snapshot(f);
		if (i % 97 == 60 || i % 97 == 80)
			restart(f, i % 2);
	}
	check_all(f);
	restart(f, true);
	check_all(f);
	write_snapshot(f);
	restart(f, false);
	check_all(f);
}

static void the_same_as_a_look_at_every_pair(void **state)
{
	fixture *f = *state;
	f->r = rnd_case(rnd_seed("meets"), 0);
	file_wide(f);
	for (unsigned i = 0; i < INTENTS / 4 * 3; i++)
		put_intent(f, &f->ids[i]);
	play(f, rnd_count(400, 20000));
	print_message("# pairs: %zu, notices with more than are named: %zu\n", f->pairs, f->counted);
	assert_true(f->pairs > 300 && f->counted > 0);
}

static void a_full_disk_takes_nothing(void **state)
{
	fixture *f = *state;
	f->r = rnd_case(rnd_seed("meets-disk"), 0);
	for (unsigned i = 0; i < 80; i++)
		put_intent(f, &f->ids[i]);
	for (unsigned round = 0; round < 8; round++) {
		for (unsigned i = 0; i < 12; i++)
			act_once(f);
		if (round % 2)
			wait_until_quiet(f);
		full_disk(true);
		for (unsigned i = 0; i < 8; i++)
			act_once(f);
		full_disk(false);
		check_all(f);
	}
}

/* What has ended is removed some minutes later, and is then met by nobody. */
static void what_has_ended_goes(void **state)
{
	fixture *f = *state;
	f->r = rnd_case(rnd_seed("meets-ended"), 0);
	for (unsigned i = 0; i < 60; i++)
		put_intent(f, &f->ids[i]);
	for (unsigned i = 0; i < 12; i++)
		file_notice(f);
	check_all(f);
	assert_true(f->pairs > 0);
	f->node.now = NOW + 50 * MINUTE;
	check_all(f);
	f->node.now = NOW + 200 * MINUTE;
	for (unsigned i = 0; i < 3; i++)
		check_all(f);
	prl_version version = prl_picture_pin(picture_of(f));
	assert_int_equal(prl_entities_count(picture_of(f), version, PRL_INTENT), 0);
	prl_picture_unpin(picture_of(f), version);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_as_a_look_at_every_pair, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_as_a_look_at_every_pair, set_up_small, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_takes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_takes_nothing, set_up_small, tear_down),
		cmocka_unit_test_setup_teardown(what_has_ended_goes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_ended_goes, set_up_small, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
