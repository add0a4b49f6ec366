/* Overlaps in the fold: who says what, of which versions, what is refused; what is shown; both orders give the same. */
#include "line/overlap.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define TR "tr.example/line"

#define FLIGHT                                                                                                         \
	"{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T18:00:00Z\", \"to\": \"2016-09-17T20:00:00Z\", "  \
	"\"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": 2000}]}}"
#define SITE                                                                                                           \
	"{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-17T18:00:00Z\", \"to\": \"2016-09-17T20:00:00Z\", "    \
	"\"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": 2000}]}}"

/* A flight of us, a site of ru, seen by all three. */
typedef struct pair {
	acts *a;
	prl_hash flight, site, id; /* id of the overlap */
} pair;

static void set_up(pair *p)
{
	p->a = acts_new("us@" US " ru@" RU " tr@" TR, NULL);
	p->flight = acts_do(p->a, "us-ops/1", "notice.filed", FLIGHT);
	p->site = acts_do(p->a, "ru-ops/1", "notice.filed", SITE);
	prl_overlap_id(&p->flight, &p->site, &p->id);
	acts_see_all(p->a);
}

static bool swapped(const pair *p)
{
	return memcmp(&p->flight, &p->site, sizeof p->site) > 0;
}

static const char *two(pair *p, const prl_hash *flight, const prl_hash *site)
{
	return line_text(p->a->l, "[\"%s\", \"%s\"]", line_hash_text(p->a->l, swapped(p) ? site : flight),
			 line_hash_text(p->a->l, swapped(p) ? flight : site));
}

/* What a node writes of the pair; extra: members of the pair, from and to among them. */
static const char *pair_json(pair *p, const prl_hash *flight_version, const char *closest, const char *extra)
{
	return line_text(
		p->a->l,
		"{\"id\": \"%s\", \"notices\": %s, \"versions\": %s, \"intervals\": [{}], \"closest\": "
		"{\"horizontal_m\": "
		"%s, \"vertical_m\": 0.0, \"position\": [40.176, 35.285]}, \"vertical\": \"known\", \"separation\": "
		"{\"horizontal_m\": 1000.0, \"vertical_m\": 304.8, \"source\": \"Terms, 4\"}%s}",
		line_hash_text(p->a->l, &p->id), two(p, &p->flight, &p->site), two(p, flight_version, &p->site),
		closest, extra);
}

#define HOURS ", \"from\": \"2016-09-17T18:00:00Z\", \"to\": \"2016-09-17T20:00:00Z\""

static const char *found_json(pair *p, const char *pairs)
{
	return line_text(p->a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"pairs\": [%s]}",
			 line_hash_text(p->a->l, &p->flight), line_hash_text(p->a->l, &p->flight), pairs);
}

static void record(pair *p, const char *log, const char *kind, const char *body)
{
	prl_error err;
	prl_hash hash;
	line_act act = { .kind = kind, .log = log, .body = body };
	prl_status status = acts_try(p->a, &act, &hash, &err);
	if (status)
		print_error("%s: %s\n", err.where, err.text);
	assert_int_equal(status, PRL_OK);
}

static void find(pair *p, const char *log)
{
	record(p, log, "conflict.found", found_json(p, pair_json(p, &p->flight, "100", HOURS)));
}

static void record_refused(pair *p, const char *log, const char *kind, const char *body, prl_status status,
			   const char *text)
{
	prl_error err = { 0 };
	prl_hash hash;
	line_act act = { .kind = kind, .log = log, .body = body };
	prl_status found = acts_try(p->a, &act, &hash, &err);
	if (found != status || !(strstr(err.text, text) || strstr(err.where, text)))
		print_error("%d, expected %d: %s: %s\n", found, status, err.where, err.text);
	assert_int_equal(found, status);
	assert_true(strstr(err.text, text) || strstr(err.where, text));
}

static const char *answer_json(pair *p, const char *word)
{
	return line_text(p->a->l, "{\"overlap\": \"%s\", \"versions\": %s, \"answer\": \"%s\"}",
			 line_hash_text(p->a->l, &p->id), two(p, &p->flight, &p->site), word);
}

static json_t *shown(pair *p, const char *log, const char *party, const char *query)
{
	return acts_show(p->a, log, party, "overlaps", query, p->a->l->now);
}

/* ---- life -------------------------------------------------------------------------------------------------------- */

static void it_is_found_answered_and_shown(void **state)
{
	pair p;
	(void)state;
	set_up(&p);
	find(&p, US);
	acts_see_all(p.a);
	json_t *items = shown(&p, RU, "ru", "open=1");
	assert_int_equal(json_array_size(items), 1);
	assert_string_equal(acts_text(items, "0.state"), "open");
	assert_string_equal(acts_text(items, "0.separation.source"), "Terms, 4");
	assert_string_equal(acts_text(items, "0.place"), "35°17′06″N 040°10′34″E");
	assert_int_equal(json_array_size(acts_at(items, "0.unanswered")), 2);
	json_decref(items);
	json_t *alarms = acts_alarms(p.a, "ru", p.a->l->now);
	assert_non_null(acts_alarm(alarms, "overlap-to-answer"));
	json_decref(alarms);
	acts_do(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "understood"));
	acts_do(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "passed on"));
	acts_do(p.a, "ru-ops/2", "overlap.answered", answer_json(&p, "understood"));
	acts_see_all(p.a);
	alarms = acts_alarms(p.a, "ru", p.a->l->now);
	assert_null(acts_alarm(alarms, "overlap-to-answer"));
	json_decref(alarms);
	items = shown(&p, US, "us", "notice=us#1");
	assert_int_equal(json_array_size(acts_at(items, "0.answers")), 2); /* of each word the newest */
	assert_string_equal(acts_text(items, "0.answers.1.key"), "ru-ops/2");
	assert_string_equal(acts_text(items, "0.unanswered.0.party"), "us");
	json_decref(items);
	acts_do(p.a, "us-ops/1", "overlap.answered", answer_json(&p, "cannot accommodate"));
	items = shown(&p, US, "us", "open=1");
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	/* a window in time that it meets, and those that it does not */
	items = shown(&p, US, "us", "ends_from=2016-09-17T20:00:00Z");
	assert_int_equal(json_array_size(items), 1);
	json_decref(items);
	items = shown(&p, US, "us", "ends_from=2016-09-17T20:00:01Z");
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	items = shown(&p, US, "us", "begins_by=2016-09-17T17:59:59Z");
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	/* a third party sees it: both notices are for all */
	items = shown(&p, TR, "tr", line_text(p.a->l, "id=%s", line_hash_text(p.a->l, &p.id)));
	assert_int_equal(json_array_size(items), 1);
	json_decref(items);
	items = shown(&p, TR, "tr", "party=tr");
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	acts_see_all(p.a);
	acts_check_digests(p.a);
	acts_free(p.a);
}

static void live_fire_at_a_site_is_urgent(void **state)
{
	pair p;
	(void)state;
	p.a = acts_new("us@" US " ru@" RU " tr@" TR, NULL);
	p.flight = acts_do(p.a, "us-ops/1", "notice.filed", "{\"details\": {\"kind\": \"live-fire area\"}}");
	p.site = acts_do(p.a, "ru-ops/1", "notice.filed", SITE);
	prl_overlap_id(&p.flight, &p.site, &p.id);
	acts_see_all(p.a);
	find(&p, RU);
	acts_see_all(p.a);
	json_t *alarms = acts_alarms(p.a, "us", p.a->l->now);
	assert_non_null(acts_alarm(alarms, "protected-under-fire"));
	assert_null(acts_alarm(alarms, "overlap-to-answer"));
	json_decref(alarms);
	acts_free(p.a);
}

/* ---- misuse ------------------------------------------------------------------------------------------------------ */

static void what_a_node_may_not_say(void **state)
{
	pair p;
	(void)state;
	set_up(&p);
	const char *good = pair_json(&p, &p.flight, "100", HOURS);
	prl_hash other = line_hash("another");
	line *l = p.a->l;
	acts_refused(p.a, "us-ops/1", "conflict.found", found_json(&p, good), PRL_E_REFUSED, "only the node");
	const char *whole = found_json(&p, good);
	/* each member of the pair, missing or another */
	static const char *const members[] = { "id",      "notices",  "versions",  "intervals",
					       "closest", "vertical", "separation" };
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *body = json_loads(whole, 0, NULL);
		json_t *one = json_array_get(json_object_get(body, "pairs"), 0);
		json_object_del(one, members[i]);
		char *text = json_dumps(body, 0);
		record_refused(&p, US, "conflict.found", text, PRL_E_SYNTAX, members[i]);
		json_object_set_new(one, members[i], json_integer(-1));
		free(text);
		text = json_dumps(body, 0);
		record_refused(&p, US, "conflict.found", text,
			       strcmp(members[i], "vertical") ? PRL_E_SYNTAX : PRL_E_RANGE, members[i]);
		free(text);
		json_decref(body);
	}
	prl_hash id = p.id;
	p.id = other;
	record_refused(&p, US, "conflict.found", found_json(&p, pair_json(&p, &p.flight, "1", HOURS)), PRL_E_REFUSED,
		       "not that of an overlap");
	p.id = id;
	prl_hash flight = p.flight;
	const char *twice =
		line_text(l, "{\"id\": \"%s\", \"notices\": [\"%s\", \"%s\"],%s", line_hash_text(l, &id),
			  line_hash_text(l, &flight), line_hash_text(l, &flight), strstr(good, " \"versions\""));
	record_refused(&p, US, "conflict.found", found_json(&p, twice), PRL_E_REFUSED, "lesser id first");
	record_refused(&p, US, "conflict.found",
		       found_json(&p, pair_json(&p, &flight, "1",
						", \"from\": \"2016-09-17T21:00:00Z\", \"to\": "
						"\"2016-09-17T20:00:00Z\"")),
		       PRL_E_RANGE, "from is after to");
	record_refused(
		&p, US, "conflict.found",
		line_text(l,
			  "{\"notice\": \"%s\", \"version\": \"%s\", \"gone\": [{\"id\": \"%s\", \"versions\": %s}]}",
			  line_hash_text(l, &flight), line_hash_text(l, &flight), line_hash_text(l, &id),
			  two(&p, &flight, &p.site)),
		PRL_E_NOT_FOUND, "knows no overlap");
	prl_error err;
	prl_hash hash;
	line_act real = { .kind = "conflict.found", .log = US, .body = whole, .real = true };
	assert_int_equal(acts_try(p.a, &real, &hash, &err), PRL_E_REFUSED);
	/* a notice that the log has not seen, though it is here */
	acts_do(p.a, "us-ops/1", "message.sent", "{\"text\": \"x\", \"language\": \"en\"}");
	p.flight = acts_do(p.a, "us-ops/1", "notice.filed", FLIGHT);
	prl_overlap_id(&p.flight, &p.site, &p.id);
	record_refused(&p, TR, "conflict.found", found_json(&p, pair_json(&p, &p.flight, "1", HOURS)), PRL_E_NOT_FOUND,
		       "no notice");
	acts_free(p.a);
}

static void what_a_party_may_not_answer(void **state)
{
	pair p;
	(void)state;
	set_up(&p);
	line *l = p.a->l;
	acts_refused(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "understood"), PRL_E_NOT_FOUND,
		     "knows no overlap");
	find(&p, US);
	/* the log of ru has not heard of it yet */
	acts_refused(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "understood"), PRL_E_NOT_FOUND,
		     "knows no overlap");
	acts_see_all(p.a);
	acts_refused(p.a, "tr-ops/1", "overlap.answered", answer_json(&p, "understood"), PRL_E_REFUSED,
		     "only a party whose notice");
	acts_refused(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "agreed"), PRL_E_RANGE, "answer");
	acts_refused(p.a, "ru-ops/1", "overlap.answered", "{}", PRL_E_SYNTAX, "missing");
	acts_refused(p.a, "ru-ops/1", "overlap.answered",
		     line_text(l, "{\"overlap\": \"%s\", \"versions\": [\"%s\"], \"answer\": \"understood\"}",
			       line_hash_text(l, &p.id), line_hash_text(l, &p.site)),
		     PRL_E_REFUSED, "expected two");
	prl_error err;
	prl_hash hash;
	line_act real = {
		.kind = "overlap.answered", .key = "ru-ops/1", .body = answer_json(&p, "understood"), .real = true
	};
	assert_int_equal(acts_try(p.a, &real, &hash, &err), PRL_E_REFUSED);
	acts_do(p.a, "ru-ops", "key.revoked", "{\"key\": \"ru-ops/1\", \"reason\": \"lost\"}");
	acts_refused(p.a, "ru-ops/1", "overlap.answered", answer_json(&p, "understood"), PRL_E_REFUSED, "not valid");
	acts_free(p.a);
}

static const char *told_json(pair *p, const prl_hash *notice, const prl_hash *version, const char *rest)
{
	return line_text(p->a->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s}", line_hash_text(p->a->l, notice),
			 line_hash_text(p->a->l, version), rest);
}

static void telling(void **state)
{
	pair p;
	(void)state;
	set_up(&p);
	line *l = p.a->l;
	prl_hash other = line_hash("another");
	acts_refused(p.a, "ru-ops/1", "overlap.told", told_json(&p, &p.site, &p.site, ""), PRL_E_REFUSED, "another");
	acts_refused(p.a, "ru-ops/1", "overlap.told", told_json(&p, &p.flight, &other, ""), PRL_E_NOT_FOUND, "");
	acts_refused(p.a, "ru-ops/1", "overlap.told", told_json(&p, &other, &p.flight, ""), PRL_E_NOT_FOUND, "");
	/* which piece of it, or of what: there is no member for that */
	acts_refused(p.a, "ru-ops/1", "overlap.told", told_json(&p, &p.flight, &p.flight, ", \"area\": 1"),
		     PRL_E_SYNTAX, "area");
	record_refused(&p, RU, "overlap.told_automatically", told_json(&p, &p.flight, &p.flight, ", \"party\": \"tr\""),
		       PRL_E_REFUSED, "does not act");
	record_refused(&p, RU, "overlap.told_automatically", told_json(&p, &p.flight, &p.flight, ""), PRL_E_SYNTAX,
		       "party");
	prl_hash told = acts_do(p.a, "ru-ops/1", "overlap.told", told_json(&p, &p.flight, &p.flight, ""));
	record(&p, RU, "overlap.told_automatically", told_json(&p, &p.flight, &p.flight, ", \"party\": \"ru\""));
	acts_see_all(p.a);
	json_t *items = shown(&p, US, "us", "notice=us#1");
	assert_int_equal(json_array_size(items), 2);
	assert_true(json_is_true(acts_at(items, "0.told")));
	assert_int_equal(json_array_size(acts_at(items, "0.notices")), 1);
	assert_int_equal(json_array_size(acts_at(items, "0.unanswered")), 1); /* who tells has nothing to answer */
	json_decref(items);
	p.id = told;
	acts_do(p.a, "us-ops/1", "overlap.answered",
		line_text(l, "{\"overlap\": \"%s\", \"versions\": [\"%s\"], \"answer\": \"passed on\"}",
			  line_hash_text(l, &told), line_hash_text(l, &p.flight)));
	items = shown(&p, US, "us", line_text(l, "id=%s", line_hash_text(l, &told)));
	assert_string_equal(acts_text(items, "0.state"), "answered");
	json_decref(items);
	acts_see_all(p.a);
	acts_check_digests(p.a);
	acts_free(p.a);
}

/* ---- what was not compared -------------------------------------------------------------------------------------- */

#define SEALED "{\"disclosure\": \"sealed\", \"content\": {\"hash\": \"%s\", \"size\": 100}}"

static void what_nobody_compared_is_said(void **state)
{
	pair p;
	(void)state;
	set_up(&p);
	prl_hash one = line_hash("content one"), two_ = line_hash("content two");
	acts_do(p.a, "us-ops/1", "notice.filed", line_text(p.a->l, SEALED, line_hash_text(p.a->l, &one)));
	json_t *items = acts_show(p.a, US, "us", "unchecked", "notice=us#2", p.a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.not_answered")), 2); /* neither node has it */
	assert_int_equal(json_array_size(acts_at(items, "0.not_checked")), 0);
	json_decref(items);
	acts_do(p.a, "ru-ops/1", "notice.filed", line_text(p.a->l, SEALED, line_hash_text(p.a->l, &two_)));
	acts_see_all(p.a);
	items = acts_show(p.a, US, "us", "unchecked", "notice=us#2", p.a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.not_answered")), 0);
	assert_string_equal(acts_text(items, "0.not_checked.0.name"), "ru#2");
	json_decref(items);
	items = acts_show(p.a, RU, "ru", "unchecked", NULL, p.a->l->now); /* the other owner is told too */
	assert_int_equal(json_array_size(items), 1);
	assert_string_equal(acts_text(items, "0.not_checked.0.name"), "us#2");
	json_decref(items);
	items = acts_show(p.a, US, "us", "unchecked", "notice=us#1", p.a->l->now); /* not sealed: all is compared */
	assert_int_equal(json_array_size(acts_at(items, "0.not_checked")), 0);
	assert_int_equal(json_array_size(acts_at(items, "0.not_compared_yet")), 0);
	json_decref(items);
	/* what a node has still to compare stands there until it says that nothing is left */
	const char *flight = line_hash_text(p.a->l, &p.flight);
	record(&p, US, "conflict.found",
	       line_text(p.a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"more\": 17}", flight, flight));
	items = acts_show(p.a, US, "us", "unchecked", NULL, p.a->l->now);
	assert_int_equal(json_array_size(items), 2);
	json_decref(items);
	items = acts_show(p.a, US, "us", "unchecked", "notice=us#1", p.a->l->now);
	assert_string_equal(acts_text(items, "0.not_compared_yet.0.log"), US);
	assert_int_equal(json_integer_value(acts_at(items, "0.not_compared_yet.0.left")), 17);
	json_decref(items);
	record(&p, US, "conflict.found",
	       line_text(p.a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}", flight, flight));
	items = acts_show(p.a, US, "us", "unchecked", "notice=us#1", p.a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.not_compared_yet")), 0);
	json_decref(items);
	acts_free(p.a);
}

/* ---- any order --------------------------------------------------------------------------------------------------- */

/* Both nodes find it, differently; both parties answer, before or after they hear of the other; updates come between.
 */
static void in_any_order(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("overlap");
	static const char *const logs[] = { US, RU, TR }, *const keys[] = { "us-ops/1", "ru-ops/1" };
	static const char *const words[] = { "understood", "passed on", "cannot accommodate", "changed plan" };
	for (size_t round = 0; round < rnd_count(30, 1000); round++) {
		rnd r = rnd_case(seed, round);
		pair p;
		set_up(&p);
		find(&p, US);
		acts_see(p.a, RU, US);
		for (size_t i = 0; i < 25; i++) {
			size_t who = rnd_below(&r, 2);
			prl_hash version = line_hash(line_text(p.a->l, "version %zu", rnd_below(&r, 3)));
			switch (rnd_below(&r, 4)) {
			case 0:
				acts_do(p.a, keys[who], "overlap.answered", answer_json(&p, words[rnd_below(&r, 4)]));
				break;
			case 1:
				record(&p, logs[who], "conflict.found",
				       found_json(&p, pair_json(&p, &version,
								line_text(p.a->l, "%zu", rnd_below(&r, 500)), HOURS)));
				break;
			case 2:
				record(&p, logs[who], "conflict.found",
				       line_text(
					       p.a->l,
					       "{\"notice\": \"%s\", \"version\": \"%s\", \"gone\": [{\"id\": \"%s\", "
					       "\"versions\": %s}]}",
					       line_hash_text(p.a->l, &p.flight), line_hash_text(p.a->l, &version),
					       line_hash_text(p.a->l, &p.id), two(&p, &version, &p.site)));
				break;
			default:
				acts_see(p.a, logs[rnd_below(&r, 3)], logs[rnd_below(&r, 2)]);
			}
		}
		acts_see_all(p.a);
		acts_check_digests(p.a);
		acts_free(p.a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_found_answered_and_shown),
		cmocka_unit_test(live_fire_at_a_site_is_urgent),
		cmocka_unit_test(what_a_node_may_not_say),
		cmocka_unit_test(what_a_party_may_not_answer),
		cmocka_unit_test(telling),
		cmocka_unit_test(what_nobody_compared_is_said),
		cmocka_unit_test(in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
