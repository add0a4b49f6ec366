/* PERSON, the age of a party's last act: what clocks that are ahead, behind, or jump make of it. Nobody is younger than
 * this node has known of the act. */
#include "line/person.h"

#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define US     "us.example/line"
#define RU     "ru.example/line"
#define MINUTE (60 * PRL_SECOND)

static acts *begin(void)
{
	acts *a = acts_new("us@" US " ru@" RU, NULL);
	a->l->now += 60 * MINUTE;
	return a;
}

/* A person of the key is there, by a clock of its own. */
static void act_at(acts *a, const char *key, prl_time time)
{
	prl_error err = { 0 };
	line_act act = { .kind = "person.present", .key = key, .body = "{}", .time = time };
	if (acts_try(a, &act, NULL, &err))
		fail_msg("%s: %s", err.where, err.text);
}

static prl_time last(acts *a, const char *log, const char *party, prl_time now)
{
	prl_error err;
	prl_time time = -1;
	assert_int_equal(prl_person_last(acts_picture(a, log), PRL_VERSION_WORKING, party, now, &time, &err), PRL_OK);
	return time;
}

/* What ru's node sees of us: the time at which it saw bounds it, now and for good. */
static void a_peer_whose_clock_is_ahead(void **state)
{
	(void)state;
	acts *a = begin();
	static const prl_time ahead[] = { 30 * PRL_SECOND, 30 * MINUTE, 3650 * 24 * 60 * MINUTE };
	for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++) {
		prl_time from = a->l->now;
		act_at(a, "us-ops/1", a->l->now + ahead[i]);
		acts_see(a, RU, US);
		prl_time seen = last(a, RU, "us", a->l->now + 3650 * 24 * 60 * MINUTE);
		assert_in_range(seen, from, a->l->now);
		a->l->now += 40 * MINUTE;
		/* what is recorded later makes nobody younger */
		acts_do(a, "ru-ops/1", "person.present", "{}");
		acts_see(a, US, RU);
		acts_see(a, RU, US);
		assert_int_equal(last(a, RU, "us", a->l->now), seen);
		assert_int_equal(last(a, RU, "us", a->l->now + 60 * MINUTE), seen);
	}
	acts_check_digests(a);
	acts_free(a);
}

/* A clock that is right, or behind, counts as it is; one that was set back makes nobody older than was known. */
static void a_peer_whose_clock_is_behind(void **state)
{
	(void)state;
	acts *a = begin();
	prl_time right = a->l->now;
	act_at(a, "us-ops/1", right);
	acts_see(a, RU, US);
	assert_int_equal(last(a, RU, "us", right + MINUTE), right);
	act_at(a, "us-ops/1", right - 20 * MINUTE);
	act_at(a, "us-ops/2", INT64_C(-5000) * 365 * 24 * 3600); /* before 1970: no person's clock */
	acts_see(a, RU, US);
	assert_int_equal(last(a, RU, "us", right + MINUTE), right);
	acts_free(a);
	a = begin();
	act_at(a, "us-ops/1", a->l->now - 20 * MINUTE); /* signed while the line was cut: as old as it says */
	prl_time signed_at = a->l->now - 20 * MINUTE;
	acts_see(a, RU, US);
	assert_in_range(last(a, RU, "us", a->l->now), signed_at - 2 * PRL_SECOND, signed_at + 2 * PRL_SECOND);
	acts_free(a);
}

/* At home nothing but what the node records says when an entry came. */
static void our_own_clock_is_ahead(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "ru-ops/1", "person.present", "{}");
	acts_see(a, US, RU); /* us records */
	prl_time recorded = a->l->now, now = recorded + 10 * MINUTE;
	act_at(a, "us-ops/1", now + 20 * PRL_SECOND);
	assert_int_equal(last(a, US, "us", now), now); /* a little: now */
	assert_int_equal(last(a, US, "us", now + 30 * PRL_SECOND), now + 20 * PRL_SECOND);
	act_at(a, "us-ops/1", now + 30 * MINUTE);
	assert_in_range(last(a, US, "us", now), recorded - 2 * PRL_SECOND, recorded); /* far: not believed */
	a->l->now = now + MINUTE;
	acts_do(a, "ru-ops/1", "person.present", "{}");
	acts_see(a, US, RU); /* the node records again: it cannot have been later than this */
	assert_in_range(last(a, US, "us", now + 60 * MINUTE), now, a->l->now);
	prl_time known = last(a, US, "us", now + 60 * MINUTE);
	a->l->now += 30 * MINUTE;
	acts_do(a, "ru-ops/1", "person.present", "{}");
	acts_see(a, US, RU);
	assert_int_equal(last(a, US, "us", now + 60 * MINUTE), known);
	/* and from there on a right clock counts again, one set back makes nobody older */
	act_at(a, "us-ops/1", now + 40 * MINUTE);
	assert_int_equal(last(a, US, "us", now + 60 * MINUTE), now + 40 * MINUTE);
	act_at(a, "us-ops/1", now);
	assert_int_equal(last(a, US, "us", now + 60 * MINUTE), now);
	acts_free(a);
}

/* Many parts of a peer's log seen before the first is applied: each entry has the time of its own part. */
static void the_age_survives_a_snapshot(void **state)
{
	(void)state;
	acts *a = begin();
	act_at(a, "us-ops/1", a->l->now + 100 * MINUTE);
	acts_see(a, RU, US);
	prl_time seen = last(a, RU, "us", a->l->now + 1000 * MINUTE), now = a->l->now + 1000 * MINUTE;
	char path[] = "/tmp/parley-person-XXXXXX";
	prl_error err = { 0 };
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	prl_picture *picture = acts_picture(a, RU), *again = line_picture(RU);
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_version version = prl_picture_pin(picture);
	prl_snapshot_head head = { .size = prl_picture_size(picture, version, RU) }, read;
	assert_int_equal(prl_picture_save(picture, version, &head, path, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	assert_int_equal(prl_picture_load(again, path, &read, &err), PRL_OK);
	prl_time time = 0;
	assert_int_equal(prl_person_last(again, PRL_VERSION_WORKING, "us", now, &time, &err), PRL_OK);
	assert_int_equal(time, seen);
	prl_picture_free(again);
	unlink(path);
	acts_free(a);
}

/* The alarm cannot be put off by a clock. */
static void the_alarm_rings_all_the_same(void **state)
{
	(void)state;
	acts *a = begin();
	act_at(a, "us-ops/1", a->l->now + 600 * MINUTE);
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_see_all(a);
	json_t *alarms = acts_alarms(a, "us", a->l->now + 13 * MINUTE);
	assert_non_null(acts_alarm(alarms, "person-silent"));
	json_decref(alarms);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peer_whose_clock_is_ahead),  cmocka_unit_test(a_peer_whose_clock_is_behind),
		cmocka_unit_test(our_own_clock_is_ahead),       cmocka_unit_test(the_age_survives_a_snapshot),
		cmocka_unit_test(the_alarm_rings_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
