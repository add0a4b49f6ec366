/* The bridge against a look at all notices: whatever two parties file, change and end, in whichever order it is heard,
 * through restarts, replays and writes that fail, the constraints that stand are those of the notices that are to be
 * shown, each with the volumes of its newest version; and nothing is recorded where nothing changed. */
#include "base/hash.h"
#include "base/text.h"
#include "dss/volumes.h"
#include "line/details.h"
#include "line/notice.h"
#include "line/shown.h"
#include "support/full_disk.h"
#include "support/random.h"
#include "support/two_sides.h"
#include "support/uss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US     "us.example/line"
#define RU     "ru.example/line"
#define USS_ID "parley.us"
#define URL    "https://parley.example"
#define GEOID  "/usr/share/proj/egm96_15.gtx"
#define MOST   400u

typedef struct filed {
	prl_hash id;
	size_t by; /* 0 us, 1 ru */
	prl_mode mode;
	bool area; /* disclosure */
	json_t *details;
	prl_notice_uss uss;
	bool over;
} filed;

typedef struct play {
	two_sides *f;
	rnd r;
	filed filed[MOST];
	size_t count;
	prl_geoid *geoid;
} play;

static test_node *node_of(play *p, size_t by)
{
	return by ? &p->f->ru : &p->f->us;
}

/* Whatever was filed before it is settled: the clerk takes one after the other. */
static void barrier(test_node *node)
{
	prl_filing filing = { 0 };
	assert_int_equal(test_node_say(node, strcmp(node->origin, US) ? "ru-ops/1" : "us-ops/1", "a word", &filing),
			 PRL_OK);
}

static void serve(two_sides *f)
{
	prl_clerk_serve(f->us.clerk, USS_ID, URL);
	barrier(&f->us);
}

static int set_up(void **state)
{
	int end = two_sides_set_up(state);
	two_sides *f = *state;
	test_node_stop(&f->us);
	f->us.dss = true;
	test_node_start(&f->us, true);
	serve(f);
	return end;
}

static void begin(play *p, two_sides *f, const char *name)
{
	prl_error aside;
	*p = (play){ .f = f, .r = rnd_case(rnd_seed(name), 0) };
	if (prl_geoid_open(GEOID, &p->geoid, &aside))
		p->geoid = NULL;
}

static void end(play *p)
{
	for (size_t i = 0; i < p->count; i++)
		json_decref(p->filed[i].details);
	prl_geoid_free(p->geoid);
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

static json_t *details_of(play *p, bool area)
{
	rnd *r = &p->r;
	double lat = rnd_between(r, 46.9, 47), lng = rnd_between(r, 7.4, 7.5);
	json_t *one = json_pack("{s:{s:s, s:[f, f]}, s:f}", "geometry", "type", "Point", "coordinates", lng, lat,
				"radius_m", floor(rnd_log(r, 10, 3000)));
	if (rnd_chance(r, 0.5))
		json_object_set_new(one, "upper",
				    json_pack("{s:i, s:s, s:s}", "value", 1500, "unit", "M", "datum",
					      rnd_chance(r, 0.5) ? "MSL" : "W84"));
	char to[PRL_TIME_TEXT_MAX];
	prl_time_format(TWO_SIDES_NOW + (prl_time)(1 + rnd_below(r, 200)) * 60 * PRL_SECOND, to);
	json_t *details = json_pack("{s:[o], s:s}", "areas", one, "to", to);
	if (rnd_chance(r, 0.1)) /* not stated: no theatre is agreed */
		json_object_del(details, "areas");
	if (!area)
		json_object_set_new(details, "kind", json_string(rnd_chance(r, 0.5) ? "exercise" : "site"));
	return details;
}

/* What the disk did not take was never signed. */
static prl_status act_or_not(test_node *node, const line_act *act, prl_filing *ret)
{
	line_key *signer = line_key_of(node->l, act->key), before = *signer;
	prl_status st = test_node_act(node, act, ret);
	if (st)
		*signer = before;
	return st;
}

/* Files or updates; false where the disk took nothing. */
static bool send(play *p, filed *one, const char *kind, const char *rest, prl_hash *ret)
{
	static const char *const words[] = { "none", "area", "full" };
	test_node *node = node_of(p, one->by);
	char *details = json_dumps(one->details, JSON_COMPACT | JSON_REAL_PRECISION(12));
	bool new = strcmp(kind, "notice.filed") == 0;
	prl_filing filing = { 0 };
	line_act act = { .kind = kind,
			 .key = one->by ? "ru-ops/1" : "us-ops/1",
			 .real = one->mode == PRL_MODE_REAL,
			 .body = line_text(node->l, "{%s\"details\": %s%s%s%s%s}", rest, details,
					   one->area ? ", \"disclosure\": \"area\"" : "",
					   new && !one->uss ? "" : ", \"uss\": \"",
					   new && !one->uss ? "" : words[one->uss], new && !one->uss ? "" : "\"") };
	free(details);
	prl_status st = act_or_not(node, &act, &filing);
	if (st && st != PRL_E_IO)
		print_error("%s %s: %s: %s\n", kind, act.body, filing.err.where, filing.err.text);
	assert_true(!st || st == PRL_E_IO);
	*ret = filing.hash;
	return !st;
}

static void file_one(play *p)
{
	rnd *r = &p->r;
	filed *one = &p->filed[p->count];
	*one = (filed){ .by = rnd_below(r, 2),
			.mode = rnd_chance(r, 0.8) ? PRL_MODE_REAL : PRL_MODE_EXERCISE,
			.area = rnd_chance(r, 0.3) };
	one->uss = (prl_notice_uss)rnd_below(r, one->area ? 2 : 3);
	one->details = details_of(p, one->area);
	if (p->count + 1 < MOST && send(p, one, "notice.filed", "", &one->id))
		p->count++;
	else
		json_decref(one->details);
}

static const char *version_of(play *p, const filed *one, const char *end)
{
	test_node *node = node_of(p, one->by);
	prl_hash version = two_sides_version(node, &one->id);
	return line_text(node->l, "\"notice\": \"%s\", \"version\": \"%s\"%s", line_hash_text(node->l, &one->id),
			 line_hash_text(node->l, &version), end);
}

static void update_one(play *p)
{
	filed *one = &p->filed[rnd_below(&p->r, p->count)], next = *one;
	prl_hash ignored;
	if (one->over)
		return;
	next.uss = (prl_notice_uss)rnd_below(&p->r, one->area ? 2 : 3);
	next.details = rnd_chance(&p->r, 0.3) ? json_incref(one->details) : details_of(p, one->area);
	if (send(p, &next, "notice.updated", version_of(p, one, ", "), &ignored)) {
		json_decref(one->details);
		*one = next;
	} else {
		json_decref(next.details);
	}
}

static void end_one(play *p)
{
	filed *one = &p->filed[rnd_below(&p->r, p->count)];
	prl_filing filing = { 0 };
	if (one->over)
		return;
	line_act act = { .kind = rnd_chance(&p->r, 0.5) ? "notice.ended" : "notice.cancelled",
			 .key = one->by ? "ru-ops/1" : "us-ops/1",
			 .real = one->mode == PRL_MODE_REAL,
			 .body = line_text(p->f->l, "{%s}", version_of(p, one, "")) };
	prl_status st = act_or_not(node_of(p, one->by), &act, &filing);
	assert_true(!st || st == PRL_E_IO);
	one->over = !st;
}

static void act_once(play *p)
{
	size_t what = rnd_below(&p->r, 10);
	if (what < 4 || !p->count)
		file_one(p);
	else if (what < 8)
		update_one(p);
	else
		end_one(p);
}

/* ---- what ought to stand ----------------------------------------------------------------------------------------- */

static prl_extent *extent_of(play *p, const filed *one, prl_time filed_at)
{
	char why[300];
	prl_error err = { 0 };
	prl_plan *plan = NULL;
	json_t *volumes = NULL;
	prl_extent *extent = NULL;
	const prl_atmosphere air = { .geoid = p->geoid };
	const prl_volumes_terms terms = { .air = &air, .filed = filed_at };
	const prl_extent_rules rules = { .form = PRL_EXTENT_LIST, .vertices_max = UINT32_MAX };
	/* as it stands in the entry */
	char *text = json_dumps(one->details, JSON_COMPACT | JSON_REAL_PRECISION(12));
	json_t *details = json_loads(text, 0, NULL);
	free(text);
	assert_int_equal(prl_details_plan(details, "x", "", &plan, why, &err), PRL_OK);
	if (!prl_volumes_of_plan(plan, &terms, &volumes, &err))
		assert_int_equal(prl_extent_read(volumes, &rules, &extent, &err), PRL_OK);
	json_decref(volumes);
	json_decref(details);
	prl_plan_free(plan);
	return extent;
}

static void assert_shown(play *p, prl_version version, const filed *one, const prl_notice *notice)
{
	prl_picture *picture = p->f->us.folder->picture;
	const prl_uuid id = prl_notice_constraint_id(&one->id);
	const prl_entity *found = prl_entity_find(picture, version, PRL_CONSTRAINT, &id);
	bool wanted = one->uss && !one->over && one->mode == PRL_MODE_REAL && notice->to >= p->f->us.now;
	prl_extent *extent = wanted ? extent_of(p, one, notice->filed) : NULL;
	const char *why = prl_shown_why_not(picture, version, &one->id, US);
	prl_hash of;
	assert_int_equal(notice->uss, one->uss);
	if (!extent && notice->to >= p->f->us.now)
		assert_null(found);
	if (wanted)
		assert_true(!extent == (why != NULL));
	if (extent) {
		prl_buffer a = PRL_BUFFER(1 << 20), b = PRL_BUFFER(1 << 20);
		assert_non_null(found);
		assert_true(prl_entity_notice(found, &of) && prl_hash_equal(&of, &one->id));
		assert_string_equal(prl_entity_manager(found), USS_ID);
		assert_true(prl_extent_save(extent, &a) && prl_extent_save(found->shape->extent, &b));
		assert_int_equal(a.size, b.size);
		assert_memory_equal(a.data, b.data, a.size);
		prl_buffer_done(&a);
		prl_buffer_done(&b);
	}
	prl_extent_free(extent);
}

static bool count_own(void *context, const prl_entity *entity)
{
	*(size_t *)context += (entity->flags & PRL_ENTITY_OWN) != 0;
	return true;
}

static size_t own_count(play *p, prl_version version)
{
	size_t count = 0;
	prl_error err;
	assert_int_equal(prl_entities_each(p->f->us.folder->picture, version, PRL_CONSTRAINT, count_own, &count, &err),
			 PRL_OK);
	return count;
}

/* What the index finds is what stands. */
static void check_search(play *p)
{
	prl_error err;
	const prl_entity **found = NULL;
	size_t count, expected;
	uss_place place = { .lat = 46.95,
			    .lng = 7.45,
			    .radius_m = rnd_log(&p->r, 100, 9000),
			    .lower_m = 0,
			    .upper_m = 100,
			    .from = p->f->us.now,
			    .to = p->f->us.now + 7200 * PRL_SECOND };
	const prl_uuid any = prl_uuid_random();
	uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", &any, &place);
	prl_look look = prl_registry_pin(p->f->us.registry);
	const prl_search search = { .kind = PRL_CONSTRAINT, .ready = &q->request.ready, .now = p->f->us.now };
	assert_int_equal(prl_registry_find(&look, &search, &found, &count, &err), PRL_OK);
	prl_uuid *ids = uss_meeting(look.picture, look.version, PRL_CONSTRAINT, q->request.extent, false, p->f->us.now,
				    &expected);
	assert_int_equal(count, expected);
	free(ids);
	free(found);
	prl_registry_unpin(&look);
	uss_request_free(q);
}

static void check_all(play *p)
{
	prl_picture *picture = p->f->us.folder->picture;
	two_sides_settle(p->f);
	prl_version version = prl_picture_pin(picture);
	for (size_t i = 0; i < p->count; i++) {
		const prl_notice *notice = prl_notice_find(picture, version, &p->filed[i].id);
		assert_non_null(notice);
		assert_shown(p, version, &p->filed[i], notice);
	}
	prl_picture_unpin(picture, version);
	check_search(p);
}

/* Those that could not be shown and have run out since: a start says of each that nobody need look at it any more. */
static size_t count_lapsed(play *p)
{
	prl_picture *picture = p->f->us.folder->picture;
	size_t count = 0;
	for (size_t i = 0; i < p->count; i++) {
		const prl_notice *notice = prl_notice_find(picture, PRL_VERSION_WORKING, &p->filed[i].id);
		assert_non_null(notice);
		count += notice->to < p->f->us.now &&
			 prl_shown_why_not(picture, PRL_VERSION_WORKING, &notice->id, US) != NULL;
	}
	return count;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void both_parties(void **state)
{
	static play p;
	begin(&p, *state, "bridge");
	size_t rounds = rnd_count(12, 200), most = 0;
	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < 20; i++)
			act_once(&p);
		check_all(&p);
		most = own_count(&p, PRL_VERSION_WORKING) > most ? own_count(&p, PRL_VERSION_WORKING) : most;
		p.f->us.now += 60 * PRL_SECOND;
		p.f->ru.now = p.f->us.now;
		/* a start records nothing else, since nothing changed */
		if (round % 4 == 3) {
			two_sides_restart(&p.f->us, round % 8 == 7);
			barrier(&p.f->us); /* what has ended meanwhile is removed with that */
			uint64_t size = test_node_size(&p.f->us);
			size_t lapsed = count_lapsed(&p);
			serve(p.f);
			assert_int_equal(test_node_size(&p.f->us), size + lapsed + 1); /* the barrier */
			check_all(&p);
		}
	}
	assert_true(most > 5);
	end(&p);
}

static void a_full_disk(void **state)
{
	static play p;
	begin(&p, *state, "bridge disk");
	for (size_t round = 0; round < 8; round++) {
		for (size_t i = 0; i < 12; i++)
			act_once(&p);
		two_sides_settle(p.f);
		full_disk(true);
		for (size_t i = 0; i < 8; i++)
			act_once(&p);
		full_disk(false);
		barrier(&p.f->us);
		check_all(&p);
	}
	two_sides_restart(&p.f->us, true);
	serve(p.f);
	check_all(&p);
	end(&p);
}

/* Notices that came while nobody was served are shown when somebody is, however many; those that went are not. */
static void caught_up(void **state)
{
	static play p;
	begin(&p, *state, "bridge late");
	for (size_t i = 0; i < 60; i++)
		act_once(&p);
	check_all(&p);
	test_node_stop(&p.f->us);
	p.f->us.dss = false;
	test_node_start(&p.f->us, true);
	for (size_t i = 0; i < 120; i++)
		act_once(&p);
	two_sides_settle(p.f);
	test_node_stop(&p.f->us);
	p.f->us.dss = true;
	test_node_start(&p.f->us, true);
	serve(p.f);
	check_all(&p);
	/* told another name, it says so of each */
	size_t count = own_count(&p, PRL_VERSION_WORKING);
	uint64_t size = test_node_size(&p.f->us);
	prl_clerk_serve(p.f->us.clerk, "another", URL);
	barrier(&p.f->us);
	assert_true(test_node_size(&p.f->us) - size >= count);
	prl_clerk_serve(p.f->us.clerk, USS_ID, URL);
	barrier(&p.f->us);
	check_all(&p);
	end(&p);
}

static void replace_record(test_node *node, const char *copy)
{
	char command[300];
	(void)snprintf(command, sizeof command, "cd '%s' && rm -f record.db-* snapshot && mv '%s' record.db",
		       node->path, copy);
	assert_int_equal(system(command), 0);
}

static void take_back(two_sides *f, const prl_bytes *entries, uint64_t had, uint64_t size, prl_bytes checkpoint)
{
	prl_filing filing = { .what = PRL_FILING_RESTORE,
			      .log = RU,
			      .start = had,
			      .entries = entries + had,
			      .entry_count = size - had,
			      .checkpoint = checkpoint };
	test_node_start(&f->us, false);
	assert_int_equal(test_node_size(&f->us), had);
	assert_true(test_node_push(&f->ru, &f->us));
	if (prl_clerk_submit_wait(f->us.clerk, &filing))
		fail_msg("%s: %s", filing.err.where, filing.err.text);
	prl_clerk_open(f->us.clerk);
}

/* A node that lost its disk has of its constraints what the mirror had: that they stand, in an envelope, without what
 * they were made of. All of them are put anew, and none stands that should not. */
static void taken_back(void **state)
{
	static play p;
	char copy[128];
	prl_error err;
	begin(&p, *state, "bridge taken back");
	test_node *us = &p.f->us;
	for (size_t round = 0; round < rnd_count(3, 30); round++) {
		for (size_t i = 0; i < 10; i++)
			act_once(&p);
		two_sides_settle(p.f);
		(void)snprintf(copy, sizeof copy, "%s/copy", us->path);
		assert_int_equal(prl_store_backup(us->folder->store, copy, &err), PRL_OK);
		uint64_t had = test_node_size(us);
		for (size_t i = 0; i < 20; i++)
			act_once(&p);
		check_all(&p);
		uint64_t size = test_node_size(us);
		prl_bytes *entries = calloc(size, sizeof *entries), checkpoint = test_node_note(us);
		for (uint64_t i = 0; i < size; i++)
			entries[i] = test_node_entry(us, i);
		test_node_stop(us);
		replace_record(us, copy);
		take_back(p.f, entries, had, size, checkpoint);
		free(entries);
		serve(p.f);
		check_all(&p);
		two_sides_restart(us, true);
		serve(p.f);
		check_all(&p);
	}
	end(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_parties, set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk, set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(caught_up, set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(taken_back, set_up, two_sides_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
