/* What alarms look at each second hangs on what is open: of 100,000 hits and decisions, and 10,000 movements, truces,
 * bundles and overlaps kept at home, that are over (PARLEY_LONG; else a few hundred) none is looked at any more, and
 * whatever is still open rings as before. Objects are counted, not time; times are printed. */
#include "line/open.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/bundle.h"
#include "line/line.h"
#include "line/notice.h"
#include "line/overlap.h"
#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define UN "un.example/line"
#define RU "ru.example/line"

typedef struct world {
	acts *a;
	size_t over; /* so many are over */
} world;

static world begin(size_t many)
{
	world w = { .a = acts_new("un@" UN " ru@" RU, NULL), .over = rnd_count(300, many) };
	w.a->l->now = acts_time("2018-02-07T20:00:00Z");
	return w;
}

static void end(world *w)
{
	acts_check_digests(w->a);
	acts_free(w->a);
}

static const char *text_of(world *w, prl_hash hash)
{
	return line_hash_text(w->a->l, &hash);
}

static const char *time_at(world *w, prl_time seconds)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(w->a->l->now + seconds * PRL_SECOND, text);
	return line_text(w->a->l, "%s", text);
}

static double seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- counted ----------------------------------------------------------------------------------------------------- */

static bool count_one(void *context, prl_bytes key, const json_t *thing)
{
	size_t *count = context;
	(void)key;
	(void)thing;
	(*count)++;
	return true;
}

/* What the alarms of that noun look at at a node; and what a walk over all of it does. */
static size_t looked_at(world *w, const char *log, const char *open_noun, const char *noun)
{
	prl_picture *picture = acts_picture(w->a, log);
	size_t open = 0, all = 0;
	/* as after a batch: what is gone leaves the table; its buckets stay, empty */
	prl_picture_publish(picture, prl_picture_seal(picture));
	double from = seconds();
	assert_int_equal(prl_thing_each(picture, PRL_VERSION_WORKING, noun, count_one, &all, NULL), PRL_OK);
	double walked = seconds() - from;
	from = seconds();
	assert_int_equal(prl_open_each(picture, PRL_VERSION_WORKING, open_noun, noun, count_one, &open, NULL), PRL_OK);
	print_message("# %s: %zu of %zu looked at; %.0f us, a walk over all %.0f us\n", noun, open, all,
		      (seconds() - from) * 1e6, walked * 1e6);
	assert_true(all > w->over);
	return open;
}

static void sweep(world *w, const char *log)
{
	size_t left[PRL_LINE_PARTS_MAX] = { 0 };
	assert_int_equal(prl_line_sweep(acts_picture(w->a, log), w->a->l->now, left, NULL), PRL_OK);
}

static void check_rings(world *w, const char *party, const char *name, bool rings)
{
	json_t *alarms = acts_alarms(w->a, party, w->a->l->now);
	assert_int_equal(acts_alarm(alarms, name) != NULL, rings);
	json_decref(alarms);
}

/* ---- over by the hour -------------------------------------------------------------------------------------------- */

static prl_hash report_hit(world *w)
{
	return acts_do(
		w->a, "un-ops/1", "hit.reported",
		line_text(w->a->l, "{\"time\": \"%s\", \"words\": \"hit\", \"language\": \"en\"}", time_at(w, -60)));
}

static void hits(void **state)
{
	(void)state;
	world w = begin(100000);
	for (size_t i = 0; i < w.over; i++)
		report_hit(&w);
	w.a->l->now += 2 * 86400 * PRL_SECOND;
	acts_see(w.a, RU, UN);
	assert_int_equal(prl_open_count(acts_picture(w.a, RU), PRL_VERSION_WORKING, "hit.open"), w.over);
	check_rings(&w, "ru", "hit-reported", false);
	prl_hash event = report_hit(&w);
	acts_do(w.a, "un-ops/1", "hit.reported", /* another account of it */
		line_text(w.a->l, "{\"time\": \"%s\", \"words\": \"hit\", \"language\": \"en\", \"event\": \"%s\"}",
			  time_at(&w, -60), text_of(&w, event)));
	acts_see(w.a, RU, UN);
	sweep(&w, RU);
	assert_int_equal(looked_at(&w, RU, "hit.open", "hit"), 1);
	check_rings(&w, "ru", "hit-reported", true);
	w.a->l->now += 2 * 86400 * PRL_SECOND;
	check_rings(&w, "ru", "hit-reported", false);
	end(&w);
}

static void decide(world *w)
{
	acts_do(w->a, "un-ops/1", "statement.made",
		line_text(w->a->l,
			  "{\"kind\": \"decision\", \"text\": {\"words\": \"so\", \"language\": \"en\"}, "
			  "\"takes_effect\": \"%s\"}",
			  time_at(w, 3600)));
}

static void decisions(void **state)
{
	(void)state;
	world w = begin(100000);
	for (size_t i = 0; i < w.over; i++)
		decide(&w);
	w.a->l->now += 7200 * PRL_SECOND;
	decide(&w);
	acts_see(w.a, RU, UN);
	sweep(&w, RU);
	assert_int_equal(looked_at(&w, RU, "statement.open", "statement"), 1);
	check_rings(&w, "ru", "decision-announced", true);
	end(&w);
}

/* ---- over by what becomes of something else ---------------------------------------------------------------------- */

#define CONVOY                                                                                                         \
	"{\"details\": {\"kind\": \"convoy\", \"areas\": [{\"vertices\": [\"36.10000N 37.00000E\", "                   \
	"\"36.10000N 36.90000E\"], \"half_width_m\": 500}], \"movement\": {\"check_ins\": "                            \
	"[\"2018-02-01T10:30:00Z\"]}}}"

static prl_hash file(world *w)
{
	return acts_do(w->a, "un-ops/1", "notice.filed", CONVOY);
}

static void move(world *w, prl_hash notice, const char *state)
{
	acts_do(w->a, "un-ops/1", "movement.reported",
		line_text(w->a->l, "{\"notice\": \"%s\", \"state\": \"%s\", \"at\": \"%s\"}", text_of(w, notice), state,
			  time_at(w, 0)));
}

static void cancel(world *w, prl_hash notice)
{
	acts_do(w->a, "un-ops/1", "notice.cancelled",
		line_text(w->a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}", text_of(w, notice),
			  text_of(w, notice)));
}

/* Arrived, or its notice was cancelled on the way. */
static void movements(void **state)
{
	(void)state;
	world w = begin(10000);
	for (size_t i = 0; i < w.over; i++) {
		prl_hash notice = file(&w);
		move(&w, notice, "departed");
		if (i % 2)
			move(&w, notice, "arrived");
		else
			cancel(&w, notice);
	}
	prl_hash notice = file(&w);
	move(&w, notice, "departed");
	acts_see(w.a, RU, UN);
	sweep(&w, RU);
	assert_int_equal(looked_at(&w, RU, "movement.open", "movement"), 1);
	w.a->l->now += 86400 * PRL_SECOND;
	move(&w, notice, "checked in");
	acts_see(w.a, RU, UN);
	json_t *items = acts_show(w.a, RU, "ru", "movements", NULL, w.a->l->now);
	assert_int_equal(json_integer_value(acts_at(items, "0.reported.age_s")) < 60, 1);
	json_decref(items);
	/* arrived, and on the road again after all */
	move(&w, notice, "arrived");
	acts_see(w.a, RU, UN);
	assert_int_equal(prl_open_count(acts_picture(w.a, RU), PRL_VERSION_WORKING, "movement.open"), 0);
	move(&w, notice, "checked in");
	acts_see(w.a, RU, UN);
	assert_int_equal(prl_open_count(acts_picture(w.a, RU), PRL_VERSION_WORKING, "movement.open"), 1);
	end(&w);
}

/* ---- bundles ----------------------------------------------------------------------------------------------------- */

/* A truce is declared ended, un's node raises what it has notified. */
static prl_hash raise(world *w)
{
	prl_hash cause;
	prl_error err = { 0 };
	json_t *due = NULL;
	const json_t *one;
	size_t i;
	line_act ended = { .kind = "truce.ended",
			   .key = "un-ops/1",
			   .second = "un-ops/2",
			   .body = "{\"what\": \"it\", \"words\": \"over\", \"language\": \"en\"}" };
	if (acts_try(w->a, &ended, &cause, &err))
		fail_msg("%s", err.text);
	assert_int_equal(prl_bundle_due(acts_picture(w->a, UN), PRL_VERSION_WORKING, w->a->l->now, &due, &err), PRL_OK);
	assert_int_equal(json_array_size(due), 1); /* the others are raised, or too old */
	json_array_foreach(due, i, one)
	{
		char *body = json_dumps(json_object_get(one, "body"), JSON_COMPACT);
		line_act raised = { .kind = "bundle.raised", .log = UN, .body = line_text(w->a->l, "%s", body) };
		if (acts_try(w->a, &raised, NULL, &err))
			fail_msg("%s", err.text);
		free(body);
	}
	json_decref(due);
	return cause;
}

static void read_bundle(world *w, prl_hash cause, prl_hash notice)
{
	const char *bundle = text_of(w, cause), *id = text_of(w, notice);
	acts_do(w->a, "ru-ops/1", "bundle.taken", line_text(w->a->l, "{\"bundle\": \"%s\"}", bundle));
	acts_do(w->a, "ru-ops/1", "bundle.read",
		line_text(w->a->l,
			  "{\"bundle\": \"%s\", \"notice\": \"%s\", \"version\": \"%s\", \"read_back\": {\"words\": "
			  "\"trucks\"}}",
			  bundle, id, id));
}

static void bundles(void **state)
{
	(void)state;
	world w = begin(10000);
	prl_hash notice = file(&w), cause = { 0 };
	for (size_t i = 0; i < w.over; i++) {
		cause = raise(&w);
		acts_see(w.a, RU, UN);
		read_bundle(&w, cause, notice);
		if (i % 64 == 0)
			sweep(&w, UN); /* as a node does: else each look at what is due is one at all of them */
	}
	cause = raise(&w);
	acts_see_all(w.a);
	sweep(&w, RU);
	sweep(&w, UN);
	assert_int_equal(looked_at(&w, RU, "bundle.open", "bundle"), 1);
	assert_true(looked_at(&w, UN, "truce.open", "truce") < PRL_OPEN_SWEEP_AT);
	check_rings(&w, "ru", "bundle-to-take", true);
	/* taken and not read is open still */
	acts_do(w.a, "ru-ops/1", "bundle.taken", line_text(w.a->l, "{\"bundle\": \"%s\"}", text_of(&w, cause)));
	const prl_line_part *part = prl_line_part_named(prl_bytes_of("bundles"));
	assert_int_equal(prl_open_sweep(acts_picture(w.a, RU), part->open, w.a->l->now, NULL), PRL_OK);
	assert_int_equal(prl_open_count(acts_picture(w.a, RU), PRL_VERSION_WORKING, "bundle.open"), 1);
	check_rings(&w, "ru", "bundle-to-read", true);
	/* its movement needs no read-back any more */
	cancel(&w, notice);
	acts_see(w.a, RU, UN);
	assert_int_equal(prl_open_sweep(acts_picture(w.a, RU), part->open, w.a->l->now, NULL), PRL_OK);
	assert_int_equal(prl_open_count(acts_picture(w.a, RU), PRL_VERSION_WORKING, "bundle.open"), 0);
	check_rings(&w, "ru", "bundle-to-read", false);
	end(&w);
}

/* ---- at home ----------------------------------------------------------------------------------------------------- */

static void put_home(world *w, prl_hash object, prl_hash other, const char *answer)
{
	prl_hash id, notices[2] = { object, other };
	prl_overlap_id(&object, &other, &id);
	json_t *home = json_pack("{s:s, s:[s, s], s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{}}", "id", text_of(w, id),
				 "notices", text_of(w, object), text_of(w, other), "object", text_of(w, object),
				 "owner", "un", "other", text_of(w, other), "party", "ru", "answer", answer, "found",
				 time_at(w, 0), "changed", time_at(w, 0), "pair");
	prl_error err;
	assert_int_equal(prl_overlap_home_put(acts_picture(w->a, UN), &id, notices, home, &err), PRL_OK);
}

static prl_hash file_flight(world *w)
{
	return acts_do(w->a, "ru-ops/1", "notice.filed",
		       "{\"details\": {\"kind\": \"flight\", \"areas\": [{\"place\": \"36.15000N 36.85000E\", "
		       "\"radius_m\": 100}]}}");
}

/* Answered by policy, or with a notice that was cancelled; one waits for a person. */
static void overlaps_at_home(void **state)
{
	(void)state;
	world w = begin(10000);
	prl_hash object = file(&w);
	for (size_t i = 0; i < w.over; i++) {
		prl_hash flight = file_flight(&w);
		acts_see(w.a, UN, RU);
		put_home(&w, object, flight, i % 2 ? "by hand" : "never");
		acts_do(w.a, "ru-ops/1", "notice.cancelled",
			line_text(w.a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}", text_of(&w, flight),
				  text_of(&w, flight)));
	}
	prl_hash flight = file_flight(&w);
	acts_see(w.a, UN, RU);
	put_home(&w, object, flight, "by hand");
	assert_int_equal(prl_open_count(acts_picture(w.a, UN), PRL_VERSION_WORKING, "overlap.home_open"),
			 w.over / 2 + 1);
	sweep(&w, UN);
	assert_int_equal(looked_at(&w, UN, "overlap.home_open", "overlap.home"), 1);
	check_rings(&w, "un", "overlap-to-tell", true);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits),    cmocka_unit_test(decisions),        cmocka_unit_test(movements),
		cmocka_unit_test(bundles), cmocka_unit_test(overlaps_at_home),
	};
	return cmocka_run_group_tests_name("swept", tests, NULL, NULL);
}
