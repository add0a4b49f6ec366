/* F3548 acts through a real clerk and record, held against a look at all that there is: whom a request misses, whom it
 * tells, by how much indices rise; the same after a replay, from a snapshot, after a write that failed; and readers at
 * versions that they have pinned. */
#include "support/full_disk.h"
#include "support/uss.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US     "us.example/line"
#define NOW    (INT64_C(1474117200) * PRL_SECOND) /* 2016-09-17T13:00:00Z */
#define MINUTE (60 * PRL_SECOND)

typedef struct fixture {
	line *l;
	test_node node;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US, NULL);
	test_node_make(&f->node, f->l, US);
	f->node.dss = true;
	f->node.now = NOW;
	test_node_start(&f->node, true);
	f->node.now = NOW;
	*state = f;
	return 0;
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

static void restart(fixture *f, bool replay)
{
	prl_hash before = uss_digest(picture_of(f));
	test_node_stop(&f->node);
	f->node.replay = replay;
	test_node_start(&f->node, true);
	f->node.replay = false;
	assert_int_equal(f->node.said_count, 0);
	prl_hash after = uss_digest(picture_of(f));
	assert_memory_equal(&before, &after, sizeof before);
}

/* ---- random acts ------------------------------------------------------------------------------------------------- */

#define IDS 24u

typedef struct play {
	fixture *f;
	rnd r;
	prl_uuid ids[PRL_ENTITY_KINDS][IDS];
	unsigned statuses[600];
} play;

static uss_place place_of(rnd *r)
{
	prl_time from = NOW + (prl_time)(rnd_between(r, 1, 60)) * MINUTE;
	return (uss_place){ .lat = 46.9 + rnd_between(r, 0, 0.05),
			    .lng = 7.4 + rnd_between(r, 0, 0.05),
			    .radius_m = rnd_log(r, 10, 1500),
			    .lower_m = rnd_between(r, 400, 900),
			    .upper_m = rnd_between(r, 900, 1000),
			    .from = from,
			    .to = from + (prl_time)(rnd_between(r, 1, 20)) * MINUTE };
}

static const char *manager_of(rnd *r)
{
	static const char *const managers[] = { "uss1", "uss2", "a b c" };
	return managers[rnd_below(r, 3)];
}

static void choose_subscription(play *p, uss_request *q)
{
	const prl_entity *old = prl_entity_find(picture_of(p->f), PRL_VERSION_WORKING, PRL_INTENT, &q->request.id);
	switch (rnd_below(&p->r, 4)) {
	case 3: /* the one that it has, implicit or not */
		q->request.has_subscription = old && old->flags & PRL_ENTITY_SUBSCRIBED;
		if (q->request.has_subscription)
			q->request.subscription = old->subscription;
		break;
	case 0:
		q->request.new_subscription = true;
		q->request.new_for_constraints = rnd_chance(&p->r, 0.5);
		break;
	case 1:
		q->request.has_subscription = true;
		q->request.subscription = p->ids[PRL_SUBSCRIPTION][rnd_below(&p->r, IDS)];
		break;
	default:
		break;
	}
}

static uss_request *random_request(play *p)
{
	rnd *r = &p->r;
	static const prl_dss_act acts[] = { PRL_DSS_PUT_INTENT,         PRL_DSS_PUT_INTENT,
					    PRL_DSS_PUT_INTENT,         PRL_DSS_DELETE_INTENT,
					    PRL_DSS_PUT_CONSTRAINT,     PRL_DSS_DELETE_CONSTRAINT,
					    PRL_DSS_PUT_SUBSCRIPTION,   PRL_DSS_PUT_SUBSCRIPTION,
					    PRL_DSS_DELETE_SUBSCRIPTION };
	prl_dss_act act = acts[rnd_below(r, sizeof acts / sizeof *acts)];
	unsigned kind = act <= PRL_DSS_DELETE_INTENT       ? PRL_INTENT
			: act <= PRL_DSS_DELETE_CONSTRAINT ? PRL_CONSTRAINT
							   : PRL_SUBSCRIPTION;
	const prl_uuid *id = &p->ids[kind][rnd_below(r, IDS)];
	uss_place place = place_of(r);
	if (kind == PRL_SUBSCRIPTION) {
		place.radius_m = rnd_log(r, 500, 8000);
		place = (uss_place){ place.lat, place.lng, place.radius_m, -1000, 100000, NOW, NOW + 120 * MINUTE };
	}
	bool put = act == PRL_DSS_PUT_INTENT || act == PRL_DSS_PUT_CONSTRAINT || act == PRL_DSS_PUT_SUBSCRIPTION;
	uss_request *q = uss_request_new(act, manager_of(r), id, put ? &place : NULL);
	if (rnd_chance(r, 0.9))
		uss_request_current(q, picture_of(p->f));
	else if (!put)
		q->request.stamp = "wrong";
	if (!put && !q->request.stamp)
		q->request.stamp = "none";
	q->request.state = rnd_chance(r, 0.7) ? PRL_ACCEPTED : (prl_intent_state)rnd_below(r, 4);
	q->request.for_intents = rnd_chance(r, 0.8);
	q->request.for_constraints = !q->request.for_intents || rnd_chance(r, 0.5);
	if (act == PRL_DSS_PUT_INTENT)
		choose_subscription(p, q);
	if (rnd_chance(r, 0.7))
		uss_request_key_all(q, picture_of(p->f));
	return q;
}

/* ---- what ought to be -------------------------------------------------------------------------------------------- */

/* Ids in a list of references, sorted as uss_meeting() has them. */
static bool lists(const json_t *references, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid_write(id, text);
	for (size_t i = 0; i < json_array_size(references); i++)
		if (!strcmp(json_string_value(json_object_get(json_array_get(references, i), "id")), text))
			return true;
	return false;
}

static bool in_key(const uss_request *q, const prl_entity *entity)
{
	char text[PRL_STAMP_TEXT_MAX];
	prl_stamp_write(&entity->stamp, &entity->id, text);
	for (size_t i = 0; i < q->request.key_count; i++)
		if (!strcmp(q->keys[i], text))
			return true;
	return false;
}

/* Before the act: the intents that its key lacks. Returns how many; those that an answer lists must be these. */
static size_t missing_intents(const play *p, const uss_request *q, const json_t *listed, bool *ret_same)
{
	size_t count, missing = 0;
	prl_picture *picture = picture_of(p->f);
	prl_version version = prl_picture_pin(picture);
	prl_uuid *ids = uss_meeting(picture, version, PRL_INTENT, q->request.extent, true, NOW, &count);
	*ret_same = true;
	for (size_t i = 0; i < count; i++) {
		const prl_entity *entity = prl_entity_find(picture, version, PRL_INTENT, &ids[i]);
		if (prl_uuid_equal(&ids[i], &q->request.id) || in_key(q, entity))
			continue;
		missing++;
		*ret_same &= lists(listed, &ids[i]);
	}
	free(ids);
	prl_picture_unpin(picture, version);
	*ret_same &= missing == json_array_size(listed);
	return missing;
}

/* Notification indices before the act. */
typedef struct indices {
	prl_uuid ids[4 * IDS + 64];
	uint32_t index[4 * IDS + 64];
	bool told[4 * IDS + 64];
	size_t count;
} indices;

static bool add_index(void *context, const prl_entity *entity)
{
	indices *to = context;
	assert_true(to->count < sizeof to->ids / sizeof *to->ids);
	to->ids[to->count] = entity->id;
	to->index[to->count++] = entity->notified;
	return true;
}

/* Subscriptions that the act must tell, by old and new extents together. */
static void expect_told(const play *p, const uss_request *q, indices *to)
{
	prl_error err;
	prl_picture *picture = picture_of(p->f);
	prl_version version = prl_picture_pin(picture);
	prl_dss_act act = q->request.act;
	bool intent = act <= PRL_DSS_DELETE_INTENT;
	const prl_entity *old = prl_entity_find(picture, version, intent ? PRL_INTENT : PRL_CONSTRAINT, &q->request.id);
	prl_extent *both = NULL;
	size_t count = 0;
	assert_int_equal(prl_entities_each(picture, version, PRL_SUBSCRIPTION, add_index, to, &err), PRL_OK);
	if (old && q->request.extent)
		assert_int_equal(prl_extent_join(old->shape->extent, q->request.extent, &both, &err), PRL_OK);
	else if (old || q->request.extent)
		assert_int_equal(prl_extent_copy(old ? old->shape->extent : q->request.extent, &both, &err), PRL_OK);
	prl_uuid *ids = both && act <= PRL_DSS_DELETE_CONSTRAINT
				? uss_meeting(picture, version, PRL_SUBSCRIPTION, both, false, NOW, &count)
				: NULL;
	for (size_t i = 0; i < count; i++) {
		const prl_entity *s = prl_entity_find(picture, version, PRL_SUBSCRIPTION, &ids[i]);
		for (size_t k = 0; k < to->count; k++)
			if (prl_uuid_equal(&to->ids[k], &ids[i]))
				to->told[k] = s->flags & (intent ? PRL_ENTITY_FOR_INTENTS : PRL_ENTITY_FOR_CONSTRAINTS);
	}
	free(ids);
	prl_extent_free(both);
	prl_picture_unpin(picture, version);
}

static void check_indices(const play *p, const indices *before, bool done)
{
	prl_picture *picture = picture_of(p->f);
	prl_version version = prl_picture_pin(picture);
	for (size_t i = 0; i < before->count; i++) {
		const prl_entity *s = prl_entity_find(picture, version, PRL_SUBSCRIPTION, &before->ids[i]);
		if (s) /* the act may have removed it */
			assert_int_equal(s->notified, before->index[i] + (done && before->told[i] ? 1 : 0));
	}
	prl_picture_unpin(picture, version);
}

static void check_key(const play *p, const uss_request *q, unsigned status, const json_t *answer, size_t missing,
		      bool same)
{
	const json_t *constraints = json_object_get(answer, "missing_constraints");
	bool flies = q->request.state == PRL_ACCEPTED || q->request.state == PRL_ACTIVATED;
	(void)p;
	if (status == 200 || status == 201)
		assert_true(!flies || missing == 0);
	if (status == 409 && answer) {
		assert_true(flies && (missing || constraints));
		assert_true(same);
	}
}

typedef struct covering {
	prl_picture *picture;
	prl_version version;
	size_t implicit;
} covering;

/* An implicit subscription covers all that depend on it, and is no larger than twice what they are. */
static bool check_implicit(void *context, const prl_entity *s)
{
	covering *c = context;
	prl_error err;
	uint32_t outlines = 0;
	if (!(s->flags & PRL_ENTITY_IMPLICIT))
		return true;
	c->implicit++;
	for (uint32_t i = 0; i < s->dependent_count; i++) {
		const prl_entity *intent = prl_entity_find(c->picture, c->version, PRL_INTENT, &s->dependents[i]);
		const prl_extent *outer = s->shape->extent, *inner = intent ? intent->shape->extent : NULL;
		bool covers = false;
		assert_non_null(inner);
		assert_int_equal(prl_extent_covers(outer, inner, &covers, &err), PRL_OK);
		assert_true(covers && outer->from <= inner->from && outer->to >= inner->to);
		outlines += inner->outlines;
	}
	assert_true(s->shape->extent->outlines <= 2 * outlines + 8);
	return true;
}

static void check_covers(play *p)
{
	prl_error err;
	covering c = { .picture = picture_of(p->f) };
	c.version = prl_picture_pin(c.picture);
	assert_int_equal(prl_entities_each(c.picture, c.version, PRL_SUBSCRIPTION, check_implicit, &c, &err), PRL_OK);
	prl_picture_unpin(c.picture, c.version);
}

static void act_once(play *p)
{
	uss_request *q = random_request(p);
	indices before = { .count = 0 };
	json_t *answer = NULL;
	bool same = true, intent = q->request.act == PRL_DSS_PUT_INTENT;
	prl_hash was = uss_digest(picture_of(p->f)), is;
	expect_told(p, q, &before);
	size_t missing = intent ? missing_intents(p, q, NULL, &same) : 0;
	/* what the answer must list is worked out before the act, and compared after it */
	prl_picture *picture = picture_of(p->f);
	prl_version kept = prl_picture_pin(picture);
	unsigned status = uss_submit(&p->f->node, q, &answer);
	p->statuses[status]++;
	assert_true(status != 500);
	bool done = status == 200 || status == 201;
	if (intent && status == 409 && answer)
		(void)missing_intents(p, q, json_object_get(answer, "missing_operational_intents"), &same);
	prl_picture_unpin(picture, kept);
	if (intent)
		check_key(p, q, status, answer, missing, same);
	check_indices(p, &before, done);
	check_covers(p);
	is = uss_digest(picture);
	assert_int_equal(done, memcmp(&was, &is, sizeof was) != 0);
	json_decref(answer);
	uss_request_free(q);
}

static void begin(play *p, fixture *f, const char *name)
{
	*p = (play){ .f = f, .r = rnd_case(rnd_seed(name), 0) };
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		for (unsigned i = 0; i < IDS; i++)
			p->ids[kind][i] = prl_uuid_random();
}

static void the_same_as_a_look_at_all(void **state)
{
	static play p;
	begin(&p, *state, "uss");
	size_t count = rnd_count(600, 20000);
	for (size_t i = 0; i < count; i++) {
		act_once(&p);
		if (i % (count / 3) == 0)
			restart(p.f, i % 2 == 0);
	}
	restart(p.f, true);
	restart(p.f, false);
	print_message("# 200: %u, 201: %u, 400: %u, 403: %u, 404: %u, 409: %u\n", p.statuses[200], p.statuses[201],
		      p.statuses[400], p.statuses[403], p.statuses[404], p.statuses[409]);
	assert_true(p.statuses[200] && p.statuses[201] && p.statuses[409]);
}

/* ---- a full disk ------------------------------------------------------------------------------------------------- */

/* What a search finds must be what a look at all finds, whatever was taken back in between. */
static void check_search(play *p)
{
	prl_error err;
	uss_place place = place_of(&p->r);
	uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", &p->ids[0][0], &place);
	prl_look look = prl_registry_pin(p->f->node.registry);
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++) {
		const prl_search search = { (prl_entity_kind)kind, &q->request.ready, kind == PRL_INTENT, NOW, 0 };
		const prl_entity **found = NULL;
		size_t count, expected;
		assert_int_equal(prl_registry_find(&look, &search, &found, &count, &err), PRL_OK);
		prl_uuid *ids = uss_meeting(look.picture, look.version, (prl_entity_kind)kind, q->request.extent,
					    kind == PRL_INTENT, NOW, &expected);
		assert_int_equal(count, expected);
		for (size_t i = 0; i < count; i++)
			assert_true(prl_uuid_equal(&found[i]->id, &ids[i]));
		free(ids);
		free(found);
	}
	prl_registry_unpin(&look);
	uss_request_free(q);
}

static void a_full_disk_takes_nothing(void **state)
{
	static play p;
	begin(&p, *state, "disk");
	for (unsigned round = 0; round < 12; round++) {
		for (unsigned i = 0; i < 20; i++)
			act_once(&p);
		prl_hash before = uss_digest(picture_of(p.f)), after;
		full_disk(true);
		for (unsigned i = 0; i < 10; i++) {
			uss_request *q = random_request(&p);
			unsigned status = uss_submit(&p.f->node, q, NULL);
			assert_true(status == 500 || status >= 400);
			uss_request_free(q);
		}
		full_disk(false);
		after = uss_digest(picture_of(p.f));
		assert_memory_equal(&before, &after, sizeof before);
		for (unsigned i = 0; i < 20; i++)
			check_search(&p);
	}
	restart(p.f, true);
}

/* ---- readers ----------------------------------------------------------------------------------------------------- */

typedef struct reading {
	play p;
	_Atomic bool stop;
	size_t looks;
	pthread_t thread;
} reading;

static void *read_on(void *context)
{
	reading *r = context;
	while (!r->stop || r->looks < 3) {
		check_search(&r->p);
		r->looks++;
	}
	return NULL;
}

static void readers_miss_nothing(void **state)
{
	static play p;
	static reading readers[3];
	begin(&p, *state, "readers");
	for (unsigned i = 0; i < 3; i++) {
		readers[i] = (reading){ .p = { .f = *state, .r = rnd_case(1, i) } };
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]), 0);
	}
	for (size_t i = 0; i < rnd_count(400, 20000); i++)
		act_once(&p);
	for (unsigned i = 0; i < 3; i++) {
		readers[i].stop = true;
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
	}
}

/* ---- what moves -------------------------------------------------------------------------------------------------- */

/* Intents that move all day with one implicit subscription; returns its outlines after that. */
static uint32_t move_on(fixture *f, unsigned intents, unsigned moves)
{
	prl_picture *picture = picture_of(f);
	prl_uuid ids[8], subscription = { 0 };
	for (unsigned i = 0; i < intents; i++)
		ids[i] = prl_uuid_random();
	for (unsigned i = 0; i < moves; i++) {
		uss_place place = { 40 + i * 0.01, 7 + intents, 100, 400, 500, NOW, NOW + 60 * MINUTE };
		uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", &ids[i % intents], &place);
		q->request.state = PRL_ACCEPTED;
		q->request.new_subscription = i == 0;
		q->request.has_subscription = i > 0;
		q->request.subscription = subscription;
		uss_request_current(q, picture);
		assert_int_equal(uss_submit(&f->node, q, NULL), i < intents ? 201 : 200);
		if (i == 0)
			subscription = q->request.fresh;
		uss_request_free(q);
	}
	prl_version version = prl_picture_pin(picture);
	const prl_entity *s = prl_entity_find(picture, version, PRL_SUBSCRIPTION, &subscription);
	assert_non_null(s);
	assert_int_equal(s->dependent_count, intents);
	uint32_t outlines = s->shape->extent->outlines;
	prl_picture_unpin(picture, version);
	return outlines;
}

/* One that an intent alone depends on is that one's; where there are more it does not grow with their moves. */
static void what_moves_leaves_no_trail(void **state)
{
	fixture *f = *state;
	assert_int_equal(move_on(f, 1, 100), 1);
	assert_true(move_on(f, 5, 100) <= 2 * 5 + 8);
	restart(f, true);
	restart(f, false);
}

/* ---- what has ended ---------------------------------------------------------------------------------------------- */

static void what_has_ended_is_hidden_and_goes(void **state)
{
	static play p;
	begin(&p, *state, "ended");
	for (unsigned i = 0; i < 300; i++)
		act_once(&p);
	prl_picture *picture = picture_of(p.f);
	prl_version version = prl_picture_pin(picture);
	assert_true(prl_entities_count(picture, version, PRL_INTENT) > 0);
	prl_picture_unpin(picture, version);
	/* all have ended, and none of it is removed at once: a search finds none */
	p.f->node.now = NOW + 121 * MINUTE;
	uss_place wide = { 46.92, 7.42, 20000, 0, 2000, NOW, NOW + 300 * MINUTE };
	uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", &p.ids[0][0], &wide);
	const prl_search search = { PRL_INTENT, &q->request.ready, true, p.f->node.now, 0 };
	const prl_entity **found = NULL;
	size_t count = 1;
	prl_error err;
	prl_look look = prl_registry_pin(p.f->node.registry);
	assert_int_equal(prl_registry_find(&look, &search, &found, &count, &err), PRL_OK);
	prl_registry_unpin(&look);
	free(found);
	assert_int_equal(count, 0);
	uss_request_free(q);
	/* and once some time has passed they are removed, with the next act */
	p.f->node.now = NOW + 200 * MINUTE;
	for (unsigned i = 0; i < 3; i++) {
		q = uss_request_new(PRL_DSS_SET_AVAILABILITY, "arbiter", &p.ids[0][0], NULL);
		q->request.uss = i == 0 ? "a" : i == 1 ? "b" : "c";
		q->request.old_version = "";
		assert_int_equal(uss_submit(&p.f->node, q, NULL), 200);
		uss_request_free(q);
	}
	version = prl_picture_pin(picture);
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		assert_int_equal(prl_entities_count(picture, version, (prl_entity_kind)kind), 0);
	prl_picture_unpin(picture, version);
	restart(p.f, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_as_a_look_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_takes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readers_miss_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_moves_leaves_no_trail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_ended_is_hidden_and_goes, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
