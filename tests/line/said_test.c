/* What is said of things is a function of the set of entries: random histories of three nodes, each of which meets the
 * others' acts at other times; when all have seen all, their shared pictures are equal to the byte. */
#include "line/said.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KINDS      5
#define THINGS_MAX 400

static const char *const logs[] = { "us.example/line", "ru.example/line", "un.example/line" };
static const char *const keys[] = { "us-ops/1", "ru-ops/1", "un-ops/1" };
static const char *const names[] = { "us", "ru", "un" };

typedef struct history {
	acts *a;
	rnd *r;
	const char *things[KINDS][THINGS_MAX], *said[THINGS_MAX]; /* ids */
	size_t counts[KINDS], said_count, refused, taken;
} history;

static const char *pick(history *h, const char *const *from, size_t count)
{
	static const char none[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	return count && rnd_chance(h->r, 0.95) ? from[rnd_below(h->r, count)] : none;
}

#define WORDS "{\"words\": \"w\", \"language\": \"en\"}"

static const char *begin_body(history *h, size_t kind)
{
	const char *to = names[rnd_below(h->r, 3)];
	switch (kind) {
	case 0:
		return line_text(h->a->l, "{\"text\": " WORDS ", \"to\": [\"%s\"]}", to);
	case 1:
		return "{\"kind\": \"meeting\"}";
	case 2:
		return "{\"name\": \"body\"}";
	case 3:
		return line_text(h->a->l,
				 "{\"for\": {\"name\": \"f\"}, \"from\": \"2018-01-01T00:00:00Z\", \"of\": \"%s\"}",
				 to);
	default:
		return "{\"areas\": [{\"place\": \"35N 40E\", \"radius_m\": 5}], \"from\": \"2018-01-01T00:00:00Z\"}";
	}
}

static const char *said_body(history *h, size_t kind)
{
	static const char *const meeting[] = { "agreed in principle", "declined", "held", "not held" };
	static const char *const body[] = { "joined", "declined", "left", "absent" };
	static const char *const speaks[] = { "attested", "disputed", "ended" };
	const char *of = pick(h, h->things[kind], h->counts[kind]), *against = pick(h, h->said, h->said_count);
	switch (kind) {
	case 0:
		return line_text(h->a->l, "{\"query\": \"%s\", \"says\": \"answered\", \"text\": " WORDS "}", of);
	case 1:
		if (rnd_chance(h->r, 0.3))
			return line_text(h->a->l, "{\"meeting\": \"%s\", \"says\": \"minutes agreed\", \"of\": \"%s\"}",
					 of, against);
		if (rnd_chance(h->r, 0.3))
			return line_text(h->a->l,
					 "{\"meeting\": \"%s\", \"says\": \"minutes\", \"minutes\": " WORDS "}", of);
		return line_text(h->a->l, "{\"meeting\": \"%s\", \"says\": \"%s\", \"against\": \"%s\"}", of,
				 meeting[rnd_below(h->r, 4)], rnd_chance(h->r, 0.5) ? of : against);
	case 2:
		return line_text(h->a->l, "{\"body\": \"%s\", \"says\": \"%s\"}", of, body[rnd_below(h->r, 4)]);
	case 3:
		return line_text(h->a->l, "{\"statement\": \"%s\", \"says\": \"%s\"}", of, speaks[rnd_below(h->r, 3)]);
	default:
		return line_text(h->a->l, "{\"disavowal\": \"%s\", \"text\": " WORDS "}", of);
	}
}

/* Mostly what may be right, at a node that may not have seen yet what it is about. */
static void act_once(history *h)
{
	static const char *const begins[KINDS] = { "query.asked", "meeting.asked", "body.stated", "speaks_for.stated",
						   "disavowal.made" };
	static const char *const says[KINDS] = { "query.answered", "meeting.changed", "body.stated",
						 "speaks_for.stated", "disavowal.disputed" };
	size_t kind = rnd_below(h->r, KINDS);
	bool begin = rnd_chance(h->r, 0.15) || !h->counts[kind];
	line_act act = { .kind = begin ? begins[kind] : says[kind],
			 .key = keys[rnd_below(h->r, 3)],
			 .body = begin ? begin_body(h, kind) : said_body(h, kind) };
	prl_hash hash;
	prl_error err;
	if (acts_try(h->a, &act, &hash, &err)) {
		h->refused++;
		return;
	}
	h->taken++;
	const char *id = line_hash_text(h->a->l, &hash);
	if (begin && h->counts[kind] < THINGS_MAX)
		h->things[kind][h->counts[kind]++] = id;
	else if (!begin && h->said_count < THINGS_MAX)
		h->said[h->said_count++] = id;
}

static void test_any_order(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("said");
	size_t taken = 0, refused = 0, rounds = rnd_count(6, 100);
	for (size_t round = 0; round < rounds; round++) {
		rnd r = rnd_case(seed, round);
		history h = { .a = acts_new("us@us.example/line ru@ru.example/line un@un.example/line", NULL),
			      .r = &r };
		h.a->l->now = acts_time("2018-02-07T20:00:00Z");
		for (int step = 0; step < 250; step++) {
			size_t by = rnd_below(&r, 3), of = rnd_below(&r, 3);
			if (rnd_chance(&r, 0.2) && by != of)
				acts_see(h.a, logs[by], logs[of]);
			else
				act_once(&h);
		}
		acts_see_all(h.a);
		acts_check_digests(h.a);
		taken += h.taken;
		refused += h.refused;
		acts_free(h.a);
	}
	/* It would say nothing if nearly all were refused. */
	assert_true(taken > 50 * rounds);
	assert_true(refused > 5 * rounds);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_order) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
