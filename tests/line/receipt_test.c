/* The ladder: who has read what, of which version, in whose words; who has not. */
#include "line/receipt.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define TR "tr.example/line"

#define LIVE_FIRE                                                                                                      \
	"{\"details\": {\"kind\": \"live-fire area\", \"from\": \"2016-09-17T18:00:00Z\", \"to\": "                    \
	"\"2016-09-17T20:00:00Z\", \"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": 2000, \"upper\": "       \
	"{\"value\": 15000, \"unit\": \"FT\", \"datum\": \"MSL\"}}], \"place\": {\"name\": \"Deir ez-Zor\", "          \
	"\"gazetteer\": {\"name\": \"Deir ez-Zor\", \"lat_deg\": 35.336, \"lng_deg\": 40.146, \"radius_m\": 1000, "    \
	"\"source\": \"test\"}}}}"
#define FLIGHT                                                                                                         \
	"{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T18:00:00Z\", \"to\": \"2016-09-17T20:00:00Z\", "  \
	"\"areas\": [{\"place\": \"35.285N 40.176E\", \"radius_m\": 2000}]}}"

static acts *begin(void)
{
	return acts_new("us@" US " ru@" RU " tr@" TR, NULL);
}

static const char *given(acts *a, prl_hash notice, prl_hash version, const char *rung, const char *rest)
{
	return line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"%s\"%s}",
			 line_hash_text(a->l, &notice), line_hash_text(a->l, &version), rung, rest);
}

static const char *judged(acts *a, prl_hash notice, prl_hash receipt, const char *rest)
{
	return line_text(a->l, "{\"notice\": \"%s\", \"receipt\": \"%s\", %s}", line_hash_text(a->l, &notice),
			 line_hash_text(a->l, &receipt), rest);
}

static const char *updated(acts *a, prl_hash notice, prl_hash version, const char *body)
{
	/* the details as filed, in full */
	return line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\", %s", line_hash_text(a->l, &notice),
			 line_hash_text(a->l, &version), body + 1);
}

#define READ ", \"read_back\": {\"words\": \"live fire south of the town\"}"

static json_t *ladder(acts *a, const char *log, const char *party, const char *name)
{
	return acts_show(a, log, party, "receipts", line_text(a->l, "notice=%s", name), a->l->now);
}

/* ---- rungs ------------------------------------------------------------------------------------------------------- */

static void test_ladder(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	json_t *items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.read_back_needed"), "live fire");
	assert_string_equal(acts_text(items, "0.ladder.0.party"), "ru");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "SENT");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "NOT YET READ");
	assert_true(json_is_null(acts_at(items, "0.ladder.0.they_have_it")));
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 2);
	json_decref(items);

	acts_see_all(a);
	items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "THEY HAVE IT");
	json_decref(items);

	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "opened", ""));
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "understood", ""), PRL_E_REFUSED,
		     "needs a read-back (live fire)");
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_do(a, "ru-ops/2", "receipt.given",
		given(a, id, id, "units told", ", \"words\": \"3rd battery\", \"language\": \"en\""));
	acts_see_all(a);
	items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "UNITS TOLD");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "READ BACK");
	assert_string_equal(acts_text(items, "0.ladder.0.read_back.read_back.words"), "live fire south of the town");
	assert_string_equal(acts_text(items, "0.ladder.0.units_told.key"), "ru-ops/2");
	assert_true(json_integer_value(acts_at(items, "0.ladder.0.detail.opened.age_s")) > 0);
	assert_string_equal(acts_text(items, "0.not_read_by.0"), "tr");
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 1);
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void test_units_can_be_lost_again(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", FLIGHT);
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "understood", ""));
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "units told", ""));
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "cannot reach units", ""));
	json_t *items = ladder(a, RU, "ru", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "READ BACK");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "UNDERSTOOD");
	assert_string_equal(acts_text(items, "0.ladder.0.units_told.rung"), "cannot reach units");
	json_decref(items);
	acts_free(a);
}

/* A peer whose program lets "understood" through: it counts, and is shown for what it is. */
static void test_understood_not_read_back(void **state)
{
	(void)state;
	acts *a = begin();
	prl_error err;
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	assert_int_equal(acts_try_apply(a,
					&(line_act){ .kind = "receipt.given",
						     .key = "ru-ops/1",
						     .body = given(a, id, id, "understood", "") },
					NULL, &err),
			 PRL_OK);
	acts_see_all(a);
	json_t *items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "UNDERSTOOD, NOT READ BACK");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "THEY HAVE IT");
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 2);
	json_decref(items);
	acts_free(a);
}

/* ---- the sender's word ------------------------------------------------------------------------------------------- */

static void test_correction(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	prl_hash first = acts_do(
		a, "ru-ops/1", "receipt.given",
		given(a, id, id, "read back",
		      ", \"read_back\": {\"name\": \"deir ez-zor\", \"bearing_deg\": 0, \"distance\": {\"value\": 9, "
		      "\"unit\": \"km\"}, \"upper\": {\"value\": 15000, \"unit\": \"FT\", \"datum\": \"MSL\"}, "
		      "\"start\": \"2016-09-17T18:30:00Z\"}"));
	acts_see_all(a);
	json_t *items = ladder(a, US, "us", "us#1");
	const json_t *back = acts_at(items, "0.ladder.0.detail.read_backs.0");
	assert_string_equal(acts_text(back, "stands"), "NOT YET LOOKED AT BY THE SENDER");
	assert_string_equal(acts_text(back, "text"), "NEGATIVE, I SAY AGAIN");
	assert_string_equal(acts_text(back, "compared.0.what"), "place");
	assert_string_equal(acts_text(back, "compared.0.differs"), "yes");
	assert_string_equal(acts_text(back, "compared.1.what"), "upper");
	assert_string_equal(acts_text(back, "compared.1.differs"), "no");
	assert_string_equal(acts_text(back, "compared.2.what"), "start");
	assert_string_equal(acts_text(back, "compared.2.differs"), "yes");
	json_decref(items);

	json_t *alarms = acts_alarms(a, "us", a->l->now);
	assert_non_null(acts_alarm(alarms, "read-back-to-judge"));
	json_decref(alarms);
	acts_refused(a, "us-ops/1", "receipt.judged", judged(a, id, first, "\"judgement\": \"CORRECTION\""),
		     PRL_E_SYNTAX, "correction");
	acts_refused(a, "us-ops/1", "receipt.judged",
		     judged(a, id, first, "\"judgement\": \"as meant\", \"correction\": \"x\""), PRL_E_SYNTAX,
		     "correction");
	acts_do(a, "us-ops/1", "receipt.judged",
		judged(a, id, first,
		       "\"judgement\": \"CORRECTION\", \"correction\": \"6 km south, 18:00\", \"language\": \"en\""));
	acts_see_all(a);
	items = ladder(a, RU, "ru", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "CORRECTED – FRESH READ-BACK ASKED");
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.0.judged.correction"), "6 km south, 18:00");
	assert_int_equal(json_array_size(acts_at(items, "0.not_read_by")), 2);
	json_decref(items);
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_non_null(strstr(acts_text(acts_alarm(alarms, "read-back-due"), "text"), "CORRECTED"));
	json_decref(alarms);

	prl_hash second = acts_do(
		a, "ru-ops/1", "receipt.given",
		given(a, id, id, "read back",
		      ", \"read_back\": {\"name\": \"Deir ez-Zor\", \"bearing_deg\": 155, \"distance\": {\"value\": "
		      "6, \"unit\": \"km\"}, \"start\": \"2016-09-17T18:00:30Z\"}"));
	acts_see_all(a);
	acts_do(a, "us-ops/2", "receipt.judged", judged(a, id, second, "\"judgement\": \"as meant\""));
	items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.stands"), "READ BACK");
	back = acts_at(items, "0.ladder.0.detail.read_backs.1");
	assert_string_equal(acts_text(back, "stands"), "AS MEANT");
	assert_null(json_object_get(back, "text"));
	assert_string_equal(acts_text(back, "compared.0.differs"), "no");
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.0.stands"), "CORRECTED");
	json_decref(items);
	acts_see_all(a);
	acts_check_digests(a);
	acts_free(a);
}

/* ---- versions ---------------------------------------------------------------------------------------------------- */

static void test_update_begins_a_new_ladder(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_see_all(a);
	prl_hash next = acts_do(a, "us-ops/1", "notice.updated", updated(a, id, id, LIVE_FIRE));
	/* acts cross: ru has not seen the update and reads back the old one once more */
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "units told", ""));
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, next, "units told", ""), PRL_E_NOT_FOUND, "");
	acts_see_all(a);
	json_t *items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "THEY HAVE IT");
	assert_string_equal(acts_text(items, "0.ladder.0.earlier.0.text"), "of an earlier version");
	assert_non_null(acts_at(items, "0.ladder.0.earlier.0.said.units"));
	json_decref(items);
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, next, "read back", READ));
	acts_see_all(a);
	items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "READ BACK");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

/* ---- who may, what is missing ------------------------------------------------------------------------------------ */

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE), none = line_hash("none");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "opened", ""), PRL_E_NOT_FOUND, "");
	acts_see_all(a);
	acts_refused(a, "us-ops/1", "receipt.given", given(a, id, id, "opened", ""), PRL_E_REFUSED, "own notice");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, none, none, "opened", ""), PRL_E_NOT_FOUND, "");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, none, "opened", ""), PRL_E_NOT_FOUND, "");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "agreed", ""), PRL_E_RANGE, "rung");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", ""), PRL_E_SYNTAX, "read_back");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", ", \"read_back\": {}"), PRL_E_SYNTAX,
		     "read_back");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "opened", READ), PRL_E_SYNTAX, "read_back");
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "opened", ", \"more\": 1"), PRL_E_SYNTAX, "more");
	acts_refused(a, "ru-ops/1", "receipt.given", "{}", PRL_E_SYNTAX, "is missing");
	acts_refused(a, "ru-ops/1", "receipt.given",
		     line_text(a->l, "{\"notice\": \"%s\", \"rung\": \"opened\"}", line_hash_text(a->l, &id)),
		     PRL_E_SYNTAX, "version");
	prl_hash back = acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_refused(a, "us-ops/1", "receipt.judged", judged(a, id, back, "\"judgement\": \"as meant\""),
		     PRL_E_NOT_FOUND, "receipt");
	acts_see_all(a);
	acts_refused(a, "ru-ops/1", "receipt.judged", judged(a, id, back, "\"judgement\": \"as meant\""), PRL_E_REFUSED,
		     "only party us");
	acts_refused(a, "us-ops/1", "receipt.judged", judged(a, id, none, "\"judgement\": \"as meant\""),
		     PRL_E_NOT_FOUND, "receipt");
	acts_refused(a, "us-ops/1", "receipt.judged", judged(a, id, back, "\"judgement\": \"fine\""), PRL_E_RANGE,
		     "judgement");
	/* a key that its desk has revoked */
	acts_do(a, "ru-ops", "key.revoked", "{\"key\": \"ru-ops/2\"}");
	acts_refused(a, "ru-ops/2", "receipt.given", given(a, id, id, "opened", ""), PRL_E_REFUSED, "");
	acts_free(a);
}

static void test_read_backs_have_an_end(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	for (int i = 0; i < PRL_READ_BACKS_MAX; i++)
		acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_refused(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ), PRL_E_REFUSED, "by voice");
	acts_do(a, "tr-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_free(a);
}

/* ---- delivery, knowledge ----------------------------------------------------------------------------------------- */

static void test_undelivered(void **state)
{
	(void)state;
	acts *a = acts_new("us@" US " ru@" RU " tr@" TR, "\"timers\": {\"undelivered_s\": 20}");
	acts_do(a, "us-ops/1", "notice.filed", FLIGHT);
	prl_time sent = a->l->now - PRL_SECOND;
	json_t *items = acts_show(a, US, "us", "undelivered", NULL, sent + 19 * PRL_SECOND);
	assert_string_equal(acts_text(items, "0.name"), "us#1");
	assert_int_equal(json_array_size(acts_at(items, "0.parties")), 2);
	assert_false(json_boolean_value(acts_at(items, "0.overdue")));
	json_decref(items);
	json_t *alarms = acts_alarms(a, "us", sent + 19 * PRL_SECOND);
	assert_null(acts_alarm(alarms, "undelivered"));
	json_decref(alarms);
	acts_see(a, RU, US);
	acts_see(a, US, RU);
	items = acts_show(a, US, "us", "undelivered", NULL, sent + 20 * PRL_SECOND);
	assert_int_equal(json_array_size(acts_at(items, "0.parties")), 1);
	assert_string_equal(acts_text(items, "0.parties.0.party"), "tr");
	assert_true(json_boolean_value(acts_at(items, "0.overdue")));
	json_decref(items);
	alarms = acts_alarms(a, "us", sent + 20 * PRL_SECOND);
	assert_string_equal(acts_text(acts_alarm(alarms, "undelivered"), "about.peer"), "tr");
	json_decref(alarms);
	acts_see_all(a);
	items = acts_show(a, US, "us", "undelivered", NULL, sent + 20 * PRL_SECOND);
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	/* and nothing of it at who did not send it */
	items = acts_show(a, RU, "ru", "undelivered", NULL, sent + 20 * PRL_SECOND);
	assert_int_equal(json_array_size(items), 0);
	json_decref(items);
	acts_free(a);
}

static void test_had_read(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash hash;
	prl_error err;
	acts_do(a, "us-ops/1", "notice.filed", FLIGHT);
	acts_see_all(a);
	uint64_t size = prl_picture_size(acts_picture(a, RU), PRL_VERSION_WORKING, US);
	acts_do(a, "us-ops/1", "notice.filed", FLIGHT);
	line_act filed = {
		.kind = "notice.filed", .key = "ru-ops/1", .body = FLIGHT, .seen_log = US, .seen_size = size
	};
	assert_int_equal(acts_try(a, &filed, &hash, &err), PRL_OK);
	acts_see_all(a);
	json_t *items = ladder(a, US, "us", "ru#1");
	assert_string_equal(acts_text(items, "0.had_read.0.of"), "us");
	assert_true(json_boolean_value(acts_at(items, "0.had_read.0.stated")));
	assert_int_equal(json_integer_value(acts_at(items, "0.had_read.0.read")), 1);
	assert_string_equal(acts_text(items, "0.had_read.0.up_to.name"), "us#1");
	assert_string_equal(acts_text(items, "0.had_read.0.not_yet_read.0"), "us#2");
	assert_false(json_boolean_value(acts_at(items, "0.had_read.1.stated")));
	json_decref(items);
	acts_free(a);
}

/* ---- what needs somebody ----------------------------------------------------------------------------------------- */

static void test_alarms(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash fire = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	prl_hash flights[3];
	for (int i = 0; i < 3; i++)
		flights[i] = acts_do(a, "us-ops/1", "notice.filed", FLIGHT);
	acts_see_all(a);
	json_t *alarms = acts_alarms(a, "ru", a->l->now);
	const json_t *unread = acts_alarm(alarms, "notice-unread");
	assert_int_equal(json_integer_value(acts_at(unread, "about.count")), 3); /* one situation */
	assert_string_equal(acts_text(acts_alarm(alarms, "read-back-due"), "about.name"), "us#1");
	assert_null(acts_alarm(alarms, "start-not-read"));
	json_decref(alarms);
	/* 15 minutes before the start both sides are told */
	alarms = acts_alarms(a, "ru", acts_time("2016-09-17T17:45:01Z"));
	assert_non_null(acts_alarm(alarms, "start-not-read"));
	json_decref(alarms);
	alarms = acts_alarms(a, "us", acts_time("2016-09-17T17:45:01Z"));
	assert_non_null(acts_alarm(alarms, "start-not-read"));
	json_decref(alarms);
	/* own against own never */
	alarms = acts_alarms(a, "us", a->l->now);
	assert_null(acts_alarm(alarms, "notice-unread"));
	json_decref(alarms);
	acts_do(a, "ru-ops/1", "receipt.given", given(a, fire, fire, "read back", READ));
	for (int i = 0; i < 3; i++)
		acts_do(a, "ru-ops/1", "receipt.given", given(a, flights[i], flights[i], "understood", ""));
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_null(acts_alarm(alarms, "notice-unread"));
	assert_null(acts_alarm(alarms, "read-back-due"));
	json_decref(alarms);
	acts_free(a);
}

/* A read-back that nobody asked for can be corrected too, of a notice that does not say when it begins. */
static void test_corrected_without_need(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", "{\"details\": {\"kind\": \"site\"}}");
	acts_see_all(a);
	prl_hash back = acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	json_t *alarms = acts_alarms(a, "ru", a->l->now);
	assert_null(acts_alarm(alarms, "notice-unread"));
	json_decref(alarms);
	acts_see_all(a);
	acts_do(a, "us-ops/1", "receipt.judged",
		judged(a, id, back, "\"judgement\": \"CORRECTION\", \"correction\": \"north\""));
	alarms = acts_alarms(a, "us", a->l->now);
	assert_null(acts_alarm(alarms, "read-back-to-judge"));
	json_decref(alarms);
	acts_see_all(a);
	alarms = acts_alarms(a, "ru", a->l->now);
	assert_non_null(strstr(acts_text(acts_alarm(alarms, "read-back-due"), "text"), "CORRECTED"));
	json_decref(alarms);
	acts_check_digests(a);
	acts_free(a);
}

/* ---- orders ------------------------------------------------------------------------------------------------------ */

/* Two acts on one notice that cross, filed before either node sees the other's; the pictures are equal afterwards in
 * either order (acts_check_digests), and this is what they say. */
static void test_read_back_crosses_cancel(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	acts_do(a, "us-ops/1", "notice.cancelled",
		line_text(a->l, "{\"notice\": \"%s\", \"version\": \"%s\"}", line_hash_text(a->l, &id),
			  line_hash_text(a->l, &id)));
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_see_all(a);
	acts_check_digests(a);
	json_t *items = ladder(a, US, "us", "us#1");
	assert_string_equal(acts_text(items, "0.state"), "cancelled");
	assert_string_equal(acts_text(items, "0.ladder.0.rung"), "THEY HAVE IT");
	assert_int_equal(json_array_size(acts_at(items, "0.ladder.0.earlier")), 1);
	assert_true(json_is_null(acts_at(items, "0.read_back_needed")));
	json_decref(items);
	acts_free(a);
}

static void test_judgement_crosses_new_receipt(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	prl_hash first = acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_see_all(a);
	acts_do(a, "us-ops/1", "receipt.judged",
		judged(a, id, first, "\"judgement\": \"CORRECTION\", \"correction\": \"north\""));
	acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_see_all(a);
	acts_check_digests(a);
	/* the correction stays with the first; the second waits to be looked at */
	json_t *items = ladder(a, RU, "ru", "us#1");
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.0.stands"), "CORRECTED");
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.1.stands"),
			    "NOT YET LOOKED AT BY THE SENDER");
	json_decref(items);
	acts_free(a);
}

/* REAL, EXERCISE and TEST never mix. */
static void test_another_mode(void **state)
{
	(void)state;
	acts *a = begin();
	prl_error err;
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", LIVE_FIRE);
	acts_see_all(a);
	line_act act = {
		.kind = "receipt.given", .key = "ru-ops/1", .real = true, .body = given(a, id, id, "opened", "")
	};
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_E_REFUSED);
	prl_hash back = acts_do(a, "ru-ops/1", "receipt.given", given(a, id, id, "read back", READ));
	acts_see_all(a);
	act = (line_act){ .kind = "receipt.judged",
			  .key = "us-ops/1",
			  .real = true,
			  .body = judged(a, id, back, "\"judgement\": \"as meant\"") };
	assert_int_equal(acts_try(a, &act, NULL, &err), PRL_E_REFUSED);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ladder),
		cmocka_unit_test(test_units_can_be_lost_again),
		cmocka_unit_test(test_understood_not_read_back),
		cmocka_unit_test(test_correction),
		cmocka_unit_test(test_update_begins_a_new_ladder),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_read_backs_have_an_end),
		cmocka_unit_test(test_another_mode),
		cmocka_unit_test(test_undelivered),
		cmocka_unit_test(test_had_read),
		cmocka_unit_test(test_alarms),
		cmocka_unit_test(test_corrected_without_need),
		cmocka_unit_test(test_read_back_crosses_cancel),
		cmocka_unit_test(test_judgement_crosses_new_receipt),
	};
	return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
