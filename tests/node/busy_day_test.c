/* The busy day of watch-floor.md ("Checks a test can make"): 300 notices with 2,900 overlaps of which 40 are of two
 * parties, 30 flaps of the line, 1,200 sites, one end of a truce, 4 times STOP. At most 6 audible alarms an hour
 * outside classes 1 and 2, at most 10 new rows in any 10 min, every alarm of class 1 heard, and each of the 40 raised.
 * On two nodes that file, find and answer, by what they raise at one desk over 24 h: second by second with PARLEY_LONG,
 * else each second in which something changes, and every LOOK_S between. And the rules of ringing one by one. */
#include "node/ringing.h"

#include "base/text.h"
#include "line/notice.h"
#include "node/bundler.h"
#include "support/random.h"
#include "support/two_sides.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

typedef struct day {
	prl_ringing *ringing;
	prl_time now;
	prl_alarms alarms;
} day;

static void set_up(day *d)
{
	prl_error err;
	d->now = 1000000 * PRL_SECOND;
	assert_int_equal(prl_ringing_new(&d->ringing, &err), PRL_OK);
	d->alarms = (prl_alarms){ .party = "us", .index = json_object() };
}

static prl_ringing_look look(day *d)
{
	prl_ringing_look found;
	prl_error err;
	assert_int_equal(prl_ringing_at(d->ringing, &d->alarms, d->now, &found, &err), PRL_OK);
	prl_alarms_done(&d->alarms);
	d->alarms = (prl_alarms){ .party = "us", .index = json_object() };
	d->now += PRL_SECOND;
	return found;
}

static void tear_down(day *d)
{
	prl_alarms_done(&d->alarms);
	prl_ringing_free(d->ringing);
}

static void raise(day *d, prl_alarm_id id, const char *what, size_t number, json_t *about)
{
	char situation[60];
	snprintf(situation, sizeof situation, "%s:%zu", what, number);
	prl_alarm_raise(&d->alarms, id, situation, about, d->now, d->now, "%s", situation);
}

static json_t *against(const char *peer, long long closest_m)
{
	return json_pack("{s:s, s:I}", "peer", peer, "closest_m", (json_int_t)closest_m);
}

/* ---- the rules --------------------------------------------------------------------------------------------------- */

static void rings_again_only_where_worse(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	static const struct {
		long long metres;
		size_t begun;
	} steps[] = { { 500, 1 }, { 500, 0 }, { 900, 0 }, { 800, 1 }, { 800, 0 } };
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", 1, against("ru", steps[i].metres));
		prl_ringing_look found = look(&d);
		assert_int_equal(found.begun, steps[i].begun);
		assert_int_equal(found.rows, 1);
	}
	tear_down(&d);
}

static void silence_lasts_30_s(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
	assert_int_equal(look(&d).sounding, 1);
	prl_ringing_silence(d.ringing, d.now);
	for (int second = 0; second < 30; second++) {
		raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
		assert_int_equal(look(&d).sounding, 0);
	}
	raise(&d, PRL_ALARM_CALL_STOP, "call", 1, NULL);
	assert_int_equal(look(&d).sounding, 1);
	tear_down(&d);
}

static void a_flood_never_hides_class_1(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	for (size_t i = 0; i < 500; i++)
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", i, against(i % 2 ? "ru" : "tr", 1));
	prl_ringing_look found = look(&d);
	assert_int_equal(found.rows, PRL_RINGING_FLOOD + 2); /* those of their own, and one a peer */
	assert_int_equal(found.collapsed, 500 - PRL_RINGING_FLOOD);
	for (size_t i = 0; i < 500; i++)
		raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", i, against(i % 2 ? "ru" : "tr", 1));
	for (size_t i = 0; i < 20; i++)
		raise(&d, PRL_ALARM_CALL_STOP, "call", i, NULL);
	found = look(&d);
	assert_int_equal(found.rows, PRL_RINGING_FLOOD + 2 + 20);
	assert_int_equal(found.begun_urgent, 20);
	assert_int_equal(found.sounding, 1);
	tear_down(&d);
}

static void shelved_is_counted(void **state)
{
	(void)state;
	day d;
	set_up(&d);
	json_t *shelf = json_object();
	raise(&d, PRL_ALARM_OVERLAP_TO_ANSWER, "overlap", 1, against("ru", 1));
	d.alarms.items[0].shelf = shelf;
	prl_ringing_look found = look(&d);
	assert_int_equal(found.shelved, 1);
	assert_int_equal(found.rows + found.begun, 0);
	json_decref(shelf);
	tear_down(&d);
}

/* A link that comes and goes is one situation. */
static void flapping_is_one(void **state)
{
	(void)state;
	day d;
	size_t begun = 0;
	set_up(&d);
	for (int i = 0; i < 600; i++) {
		if (i / 20 % 2 == 0)
			raise(&d, PRL_ALARM_LINE_DOWN, "line", 1, NULL);
		begun += look(&d).begun;
	}
	assert_int_equal(begun, 1);
	tear_down(&d);
}

/* ---- the day ----------------------------------------------------------------------------------------------------- */

enum {
	DAY_S = 86400,
	LOOK_S = 60,
	PAIRS = 40, /* of two parties, near */
	OWN = 220,  /* notices of the own party that overlap with each other */
	OWN_PAIRS = 2860,
	SITES = 1200,
	BURST = 100, /* sites filed at once */
	FLAPS = 30,
	STOPS = 4,
};

/* What happens in a second. */
typedef enum deed { FILE_OWN, FILE_PAIR, FILE_SITES, ANSWER, CALL, TAKE_CALL, END_TRUCE, TAKE_BUNDLE } deed;

typedef struct event {
	size_t second, number;
	deed deed;
} event;

#define EVENTS (OWN + 2 * PAIRS + SITES / BURST + 2 * STOPS + 2)

typedef struct busy {
	two_sides *f;
	rnd r;
	event events[EVENTS];
	size_t event_count;
	size_t flap_from[FLAPS], flap_to[FLAPS];
	prl_hash own[PAIRS], theirs[PAIRS], calls[STOPS], truce;
	bool called[STOPS];
	prl_ringing *ringing;
	json_t *overlaps, *heard; /* situations raised; of calls */
	size_t looks, calls_heard, bundles;
	unsigned char pips[DAY_S], rows[DAY_S];
} busy;

static void plan_event(busy *b, size_t second, deed what, size_t number)
{
	assert_true(b->event_count < EVENTS);
	b->events[b->event_count++] = (event){ second, number, what };
}

static int by_second(const void *a, const void *b)
{
	const event *x = a, *y = b;
	if (x->second != y->second)
		return x->second < y->second ? -1 : 1;
	return x->deed != y->deed ? (int)x->deed - (int)y->deed : (x->number > y->number) - (x->number < y->number);
}

/* Half of the overlaps of two parties come within one half hour, as they do when a day's flights are filed. */
static void plan_day(busy *b)
{
	rnd *r = &b->r;
	for (size_t i = 0; i < OWN; i++)
		plan_event(b, 60 + rnd_below(r, 20 * 3600), FILE_OWN, i);
	for (size_t i = 0; i < PAIRS; i++) {
		size_t second = i % 2 ? 6 * 3600 + rnd_below(r, 1800) : 60 + rnd_below(r, 20 * 3600);
		plan_event(b, second, FILE_PAIR, i);
		plan_event(b, second + 300 + rnd_below(r, 6900), ANSWER, i);
	}
	for (size_t i = 0; i < SITES / BURST; i++)
		plan_event(b, 30 + 1800 * i, FILE_SITES, i);
	for (size_t i = 0; i < STOPS; i++) {
		size_t second = i * (DAY_S / STOPS) + 100 + rnd_below(r, DAY_S / STOPS - 300);
		plan_event(b, second, CALL, i);
		plan_event(b, second + 5 + rnd_below(r, 85), TAKE_CALL, i);
	}
	for (size_t i = 0; i < FLAPS; i++) {
		b->flap_from[i] = 60 + rnd_below(r, DAY_S - 200);
		b->flap_to[i] = b->flap_from[i] + 5 + rnd_below(r, 55);
	}
	size_t truce = 22 * 3600 + rnd_below(r, 3600); /* all sites are there */
	plan_event(b, truce, END_TRUCE, 0);
	plan_event(b, truce + 120, TAKE_BUNDLE, 0);
	assert_int_equal(b->event_count, EVENTS);
	qsort(b->events, EVENTS, sizeof *b->events, by_second);
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

static prl_time at_second(size_t second)
{
	return TWO_SIDES_NOW + (prl_time)second * PRL_SECOND;
}

/* A circle of 1 km from two hours on to the end of the next morning: all of them are there at the same time. */
static const char *details(const busy *b, const char *kind, size_t second, double lat, double lng)
{
	char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
	prl_time_format(at_second(second + 7200), from);
	prl_time_format(at_second(DAY_S + 6 * 3600), to);
	return line_text(
		b->f->l,
		"{\"kind\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"areas\": [{\"geometry\": {\"type\": "
		"\"Point\", \"coordinates\": [%.6f, %.6f]}, \"radius_m\": 1000, \"lower\": {\"value\": 0, "
		"\"unit\": \"M\", \"datum\": \"MSL\"}, \"upper\": {\"value\": 2000, \"unit\": \"M\", \"datum\": "
		"\"MSL\"}}]}",
		kind, from, to, lng, lat);
}

/* 7 groups of 29, one of 3, one of 6, and 8 that are alone: 7 × 406 + 3 + 15 pairs. */
static size_t group_of(size_t i)
{
	return i < 203 ? i / 29 : i < 206 ? 7 : i < 212 ? 8 : i - 203;
}

static prl_hash act(test_node *node, size_t second, const line_act *what)
{
	prl_filing filing = { 0 };
	node->l->now = at_second(second);
	if (test_node_act(node, what, &filing))
		fail_msg("%s: %s %s", what->kind, filing.err.where, filing.err.text);
	return filing.hash;
}

static prl_hash file(busy *b, test_node *node, const char *key, size_t second, const char *kind, double lat, double lng)
{
	const char *body = line_text(b->f->l, "{\"details\": %s}", details(b, kind, second, lat, lng));
	return act(node, second, &(line_act){ .kind = "notice.filed", .key = key, .body = body });
}

static void answer_overlap(busy *b, size_t second, size_t i)
{
	bool swap = memcmp(&b->own[i], &b->theirs[i], sizeof b->own[i]) > 0;
	const prl_hash *first = swap ? &b->theirs[i] : &b->own[i], *other = swap ? &b->own[i] : &b->theirs[i];
	prl_hash id;
	line *l = b->f->l;
	prl_overlap_id(first, other, &id);
	(void)act(&b->f->us, second,
		  &(line_act){ .kind = "overlap.answered",
			       .key = "us-ops/1",
			       .body = line_text(l,
						 "{\"overlap\": \"%s\", \"versions\": [\"%s\", \"%s\"], \"answer\": "
						 "\"understood\"}",
						 line_hash_text(l, &id), line_hash_text(l, first),
						 line_hash_text(l, other)) });
}

static void take_call(busy *b, size_t second, size_t i)
{
	const char *call = line_hash_text(b->f->l, &b->calls[i]);
	static const struct {
		const char *kind, *more;
	} steps[] = { { "call.taken", "" },
		      { "call.passed", ", \"what\": \"passed on\"" },
		      { "call.reported", ", \"what\": \"ceased\"" } };
	for (size_t n = 0; n < sizeof steps / sizeof *steps; n++)
		(void)act(&b->f->us, second,
			  &(line_act){ .kind = steps[n].kind,
				       .key = "us-ops/1",
				       .body = line_text(b->f->l, "{\"call\": \"%s\"%s}", call, steps[n].more) });
}

static void end_truce(busy *b, size_t second)
{
	prl_error err;
	b->truce = act(&b->f->ru, second,
		       &(line_act){ .kind = "truce.ended",
				    .key = "ru-ops/1",
				    .second = "ru-ops/2",
				    .body = "{\"what\": \"arrangement\", \"words\": \"It is over.\", \"language\": "
					    "\"en\"}" });
	two_sides_settle(b->f);
	test_node *nodes[] = { &b->f->us, &b->f->ru };
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(prl_bundler_look(nodes[i]->folder->picture, nodes[i]->clerk, at_second(second), &err),
				 PRL_OK);
}

static void do_event(busy *b, const event *e)
{
	two_sides *f = b->f;
	size_t i = e->number, s = e->second;
	switch (e->deed) {
	case FILE_OWN:
		file(b, &f->us, "us-ops/2", s, "flight", 10 + 2 * (double)group_of(i), 20);
		break;
	case FILE_PAIR:
		b->own[i] = file(b, &f->us, "us-ops/2", s, "flight", -60 + 2 * (double)i, 60);
		b->theirs[i] = file(b, &f->ru, "ru-ops/2", s, "flight", -60 + 2 * (double)i, 60.01);
		break;
	case FILE_SITES:
		for (size_t n = 0; n < BURST; n++)
			file(b, &f->ru, "ru-ops/1", s, "site", -20 + 0.2 * (double)n, 100 + 0.2 * (double)i);
		break;
	case ANSWER:
		answer_overlap(b, s, i);
		break;
	case CALL:
		b->calls[i] =
			act(&f->ru, s,
			    &(line_act){ .kind = "call.raised",
					 .key = "ru-ops/1",
					 .body = line_text(f->l, "{\"class\": \"STOP\", \"words\": \"%zu\"}", i) });
		b->called[i] = true;
		break;
	case TAKE_CALL:
		take_call(b, s, i);
		b->called[i] = false;
		break;
	case END_TRUCE:
		end_truce(b, s);
		break;
	case TAKE_BUNDLE:
		(void)act(&f->us, s,
			  &(line_act){
				  .kind = "bundle.taken",
				  .key = "us-ops/1",
				  .body = line_text(f->l, "{\"bundle\": \"%s\"}", line_hash_text(f->l, &b->truce)) });
		break;
	}
	two_sides_settle(f);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* What the node knows of the line to its peer, and of the desk's screen. */
static json_t *node_at(const busy *b, size_t second)
{
	size_t heard = second;
	int flaps = 0;
	for (size_t i = 0; i < FLAPS; i++) {
		if (second >= b->flap_from[i] && second < b->flap_to[i] && b->flap_from[i] < heard)
			heard = b->flap_from[i];
		flaps += second >= b->flap_from[i] && second < b->flap_from[i] + 600;
	}
	return json_pack("{s:{s:{s:I, s:b, s:i}}, s:{s:{s:I, s:b}}}", "peers", "ru", "heard",
			 (json_int_t)at_second(heard), "connected", heard == second, "flaps", flaps, "desks", "us-ops",
			 "seen", (json_int_t)at_second(second), "sound", 1);
}

static bool flaps_at(const busy *b, size_t second)
{
	for (size_t i = 0; i < FLAPS; i++)
		if (second >= b->flap_from[i] && second <= b->flap_to[i])
			return true;
	return false;
}

static void note_alarms(busy *b, const prl_alarms *alarms)
{
	size_t calls = 0, called = 0;
	for (size_t i = 0; i < alarms->count; i++) {
		const prl_alarm *alarm = &alarms->items[i];
		if (alarm->id == PRL_ALARM_OVERLAP_TO_ANSWER) {
			assert_string_equal(json_string_value(json_object_get(alarm->about, "peer")), "ru");
			json_object_set_new(b->overlaps, alarm->situation, json_true());
		}
		calls += alarm->id == PRL_ALARM_CALL_STOP;
		if (alarm->id == PRL_ALARM_CALL_STOP)
			json_object_set_new(b->heard, alarm->situation, json_true());
		b->bundles += alarm->id == PRL_ALARM_BUNDLE_TO_TAKE;
	}
	for (size_t i = 0; i < STOPS; i++)
		called += b->called[i];
	assert_int_equal(calls, called);
}

static prl_status no_body(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	(void)context, (void)log, (void)index, (void)ret, (void)err;
	return PRL_E_NOT_FOUND;
}

static void look_at_desk(busy *b, size_t second)
{
	prl_alarms alarms;
	prl_ringing_look found;
	prl_error err;
	prl_picture *picture = b->f->us.folder->picture;
	json_t *node = node_at(b, second);
	prl_show show = { .picture = picture,
			  .version = prl_picture_pin(picture),
			  .now = at_second(second),
			  .party = "us",
			  .node = node,
			  .body = no_body };
	assert_int_equal(prl_alarms_collect(&show, "us", "us-ops", &alarms, &err), PRL_OK);
	note_alarms(b, &alarms);
	assert_int_equal(prl_ringing_at(b->ringing, &alarms, show.now, &found, &err), PRL_OK);
	prl_alarms_done(&alarms);
	prl_picture_unpin(picture, show.version);
	json_decref(node);
	bool called = false;
	for (size_t i = 0; i < STOPS; i++)
		called = called || b->called[i];
	assert_int_equal(found.sounding == 1, called); /* sounds for as long as it waits */
	b->pips[second] = (unsigned char)found.begun;
	b->rows[second] = (unsigned char)(found.new_rows - found.begun_urgent);
	size_t heard = json_object_size(b->heard); /* a call that is new begins to sound at this look */
	assert_true(heard == b->calls_heard || (found.begun_urgent && found.sounding == 1));
	b->calls_heard = heard;
	b->looks++;
}

static size_t most_in(const unsigned char *counts, size_t window_s)
{
	size_t sum = 0, most = 0;
	for (size_t i = 0; i < DAY_S; i++) {
		sum += counts[i];
		sum -= i >= window_s ? counts[i - window_s] : 0;
		most = sum > most ? sum : most;
	}
	return most;
}

static void begin_shifts(busy *b)
{
	static const char body[] = "{\"role\": \"desk\", \"languages\": [\"en\"]}";
	(void)act(&b->f->us, 0, &(line_act){ .kind = "shift.begun", .key = "us-ops/1", .body = body });
	(void)act(&b->f->ru, 0, &(line_act){ .kind = "shift.begun", .key = "ru-ops/1", .body = body });
	two_sides_settle(b->f);
}

static void live_through(busy *b)
{
	size_t next = 0, step = rnd_count(LOOK_S, 1);
	for (size_t second = 0; second < DAY_S; second++) {
		bool look_now = second % step == 0 || flaps_at(b, second);
		b->f->us.now = b->f->ru.now = at_second(second);
		for (; next < EVENTS && b->events[next].second == second; next++) {
			do_event(b, &b->events[next]);
			look_now = true;
		}
		for (size_t i = 0; i < STOPS; i++)
			look_now = look_now || b->called[i];
		if (look_now)
			look_at_desk(b, second);
	}
}

static void busy_day(void **state)
{
	prl_error err;
	busy *b = calloc(1, sizeof *b);
	assert_non_null(b);
	b->f = *state;
	b->r = rnd_case(rnd_seed("busy day"), 0);
	b->overlaps = json_object();
	b->heard = json_object();
	assert_int_equal(prl_ringing_new(&b->ringing, &err), PRL_OK);
	plan_day(b);
	begin_shifts(b);
	live_through(b);
	print_message("# %zu looks; at most %zu pips an hour, %zu new rows in 10 min\n", b->looks,
		      most_in(b->pips, 3600), most_in(b->rows, 600));
	assert_int_equal(two_sides_overlaps(&b->f->us), OWN_PAIRS + PAIRS);
	assert_int_equal(two_sides_overlaps(&b->f->ru), OWN_PAIRS + PAIRS);
	assert_int_equal(json_object_size(b->overlaps), PAIRS);
	assert_int_equal(b->calls_heard, STOPS);
	assert_true(b->bundles > 0);
	assert_true(most_in(b->pips, 3600) <= 6);
	assert_true(most_in(b->rows, 600) <= 10);
	assert_true(most_in(b->pips, DAY_S) > 0);
	two_sides_assert_same(b->f);
	prl_ringing_free(b->ringing);
	json_decref(b->overlaps);
	json_decref(b->heard);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_again_only_where_worse),
		cmocka_unit_test(silence_lasts_30_s),
		cmocka_unit_test(a_flood_never_hides_class_1),
		cmocka_unit_test(shelved_is_counted),
		cmocka_unit_test(flapping_is_one),
		cmocka_unit_test_setup_teardown(busy_day, two_sides_set_up, two_sides_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
