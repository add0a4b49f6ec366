/* Alarms: the page and the code say the same, one situation is one alarm, and shelves hold what they may. */
#include "line/alarm.h"

#include "base/file.h"
#include "base/text.h"
#include "support/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"

/* ---- the page ---------------------------------------------------------------------------------------------------- */

static char *page(void)
{
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(1u << 20);
	assert_int_equal(prl_file_read(PARLEY_SOURCE_DIR "/docs/alarms.md", &bytes, &err), PRL_OK);
	return bytes.data;
}

static size_t rows_of(const char *text)
{
	size_t count = 0;
	const char *at = strstr(text, "## The list"), *end = strstr(text, "## Rules");
	assert_non_null(at);
	assert_non_null(end);
	while ((at = strstr(at, "\n| ")) != NULL && at < end) {
		count++;
		at++;
	}
	return count - 1; /* the head of the table */
}

static void test_page_has_each_alarm(void **state)
{
	(void)state;
	char *text = page(), row[1200];
	for (size_t i = 0; i < PRL_ALARM_COUNT; i++) {
		const prl_alarm_kind *k = &prl_alarm_kinds[i];
		snprintf(row, sizeof row, "| %s | %d | %s | %s | %s | %s |\n", k->name, k->alarm_class, k->owner,
			 k->cause, k->act, k->deadline);
		if (!strstr(text, row))
			fail_msg("docs/alarms.md lacks the row: %s", row);
	}
	assert_int_equal(rows_of(text), PRL_ALARM_COUNT);
	free(text);
}

static void test_page_has_the_classes(void **state)
{
	(void)state;
	char *text = page(), row[300];
	for (int i = 0; i < PRL_ALARM_CLASS_COUNT; i++) {
		const prl_alarm_class *c = &prl_alarm_classes[i];
		snprintf(row, sizeof row, "| %d | %s | %s |", i + 1, c->name, c->sound);
		if (!strstr(text, row))
			fail_msg("docs/alarms.md lacks: %s", row);
	}
	free(text);
}

/* The names after prl_alarm_raise() in all of src/: what cannot ring must not stand on the page. */
static void test_each_alarm_is_raised(void **state)
{
	(void)state;
#define X(id, name, alarm_class, owner, cause, act, deadline) #id,
	static const char *const ids[] = { PRL_ALARMS(X) };
#undef X
	for (size_t i = 0; i < PRL_ALARM_COUNT; i++) {
		char command[400];
		snprintf(command, sizeof command,
			 "grep -rqwE 'PRL_ALARM_%s' --include='*.c' '" PARLEY_SOURCE_DIR
			 "/src/line' '" PARLEY_SOURCE_DIR "/src/node'",
			 ids[i]);
		if (system(command) != 0)
			fail_msg("PRL_ALARM_%s is raised nowhere", ids[i]);
	}
}

/* ---- raised ------------------------------------------------------------------------------------------------------ */

static prl_alarms made(void)
{
	return (prl_alarms){ .party = "us", .index = json_object() };
}

static void test_one_situation_one_alarm(void **state)
{
	(void)state;
	prl_alarms to = made();
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "line:ru", NULL, 1, 50, "ru");
	prl_alarm_raise(&to, PRL_ALARM_TEST_MISSED, "line:ru", NULL, 1, 40, "due first");
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "line:ru", NULL, 1, 60, "later");
	assert_int_equal(to.count, 1);
	assert_string_equal(to.items[0].text, "due first");
	prl_alarm_raise(&to, PRL_ALARM_NOBODY_ON_WATCH, "line:ru", NULL, 1, 90, "class 2");
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "line:ru", NULL, 1, 2, "class 3");
	assert_int_equal(to.count, 1);
	assert_string_equal(to.items[0].text, "class 2");
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "line:tr", NULL, 1, 2, "%s", "another");
	assert_int_equal(to.count, 2);
	prl_alarms_done(&to);
}

static void test_own_against_own(void **state)
{
	(void)state;
	prl_alarms to = made();
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "a", json_pack("{s:s}", "peer", "us"), 1, 2, "us");
	assert_int_equal(to.count, 0);
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, "a", json_pack("{s:s}", "peer", "ru"), 1, 2, "ru");
	assert_int_equal(to.count, 1);
	prl_alarms_done(&to);
}

/* Classes 1 and 2 are never left out, whatever else there is. */
static void test_too_many(void **state)
{
	(void)state;
	prl_alarms to = made();
	char name[40];
	for (int i = 0; i < PRL_ALARM_REST_MAX + 5; i++) {
		snprintf(name, sizeof name, "line:%d", i);
		prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, name, NULL, 1, 2, "%s", name);
	}
	assert_int_equal(to.count, PRL_ALARM_REST_MAX);
	assert_int_equal(to.left_out, 5);
	prl_alarm_raise(&to, PRL_ALARM_NOBODY_ON_WATCH, "watch:us", NULL, 1, 2, "nobody");
	assert_int_equal(to.count, PRL_ALARM_REST_MAX + 1);
	assert_false(to.failed);
	prl_alarms_done(&to);
}

static void test_long_texts_are_cut_between_characters(void **state)
{
	(void)state;
	prl_alarms to = made();
	char text[900] = "";
	for (int i = 0; i < 400; i++)
		memcpy(text + 2 * i, "\xd0\xaf", 3);
	prl_alarm_raise(&to, PRL_ALARM_LINE_DOWN, text, NULL, 1, 2, "a%s", text);
	assert_true(prl_utf8_check(prl_bytes_of(to.items[0].text), false));
	assert_true(prl_utf8_check(prl_bytes_of(to.items[0].situation), false));
	assert_true(strlen(to.items[0].text) >= PRL_ALARM_TEXT_MAX - 4);
	prl_alarms_done(&to);
}

static bool worse(const char *about, const char *than)
{
	json_t *a = json_loads(about, 0, NULL), *b = json_loads(than, 0, NULL);
	bool is = prl_alarm_is_worse(a, b);
	json_decref(a);
	json_decref(b);
	return is;
}

static void test_worse(void **state)
{
	(void)state;
	const char *was =
		"{\"begins\": \"2016-09-17T13:00:00Z\", \"ends\": \"2016-09-17T14:00:00Z\", \"closest_m\": 500}";
	assert_false(worse(was, was));
	assert_true(worse("{\"begins\": \"2016-09-17T12:59:59Z\"}", "{\"begins\": \"2016-09-17T13:00:00Z\"}"));
	assert_false(worse("{\"begins\": \"2016-09-17T13:00:01Z\"}", "{\"begins\": \"2016-09-17T13:00:00Z\"}"));
	assert_true(worse("{\"ends\": \"2016-09-17T14:00:01Z\"}", "{\"ends\": \"2016-09-17T14:00:00Z\"}"));
	assert_false(worse("{\"ends\": \"2016-09-17T13:59:59Z\"}", "{\"ends\": \"2016-09-17T14:00:00Z\"}"));
	assert_true(worse("{\"closest_m\": 499}", "{\"closest_m\": 500}"));
	assert_false(worse("{\"closest_m\": 501}", "{\"closest_m\": 500}"));
	assert_true(worse("{}", was)); /* open ends last longest */
	assert_false(worse(was, "{}"));
}

static void test_rings_onward(void **state)
{
	(void)state;
	static const struct {
		prl_alarm_id id;
		int age_s;
		const char *to;
	} steps[] = {
		{ PRL_ALARM_CALL_STOP, 0, "desk" },
		{ PRL_ALARM_CALL_STOP, 29, "desk" },
		{ PRL_ALARM_CALL_STOP, 30, "desk 2" },
		{ PRL_ALARM_CALL_STOP, 60, "director" },
		{ PRL_ALARM_CALL_URGENT, 119, "desk" },
		{ PRL_ALARM_CALL_URGENT, 120, "desk 2" },
		{ PRL_ALARM_CALL_URGENT, 9000, "desk 2" },
		{ PRL_ALARM_CHANNEL_DECLARED, 99, "desk" },
		{ PRL_ALARM_CHANNEL_DECLARED, 100, "desk 2" },
	};
	prl_alarms alarms = { .party = "us" };
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		prl_alarm alarm = { .id = steps[i].id, .since = PRL_SECOND, .due = 101 * PRL_SECOND };
		assert_string_equal(prl_alarm_rung_to(&alarms, &alarm, (1 + steps[i].age_s) * PRL_SECOND), steps[i].to);
	}
	alarms.ring_s[0] = 5;
	alarms.ring_s[1] = 7;
	prl_alarm stop = { .id = PRL_ALARM_CALL_STOP };
	assert_string_equal(prl_alarm_rung_to(&alarms, &stop, 5 * PRL_SECOND), "desk 2");
	assert_string_equal(prl_alarm_rung_to(&alarms, &stop, 7 * PRL_SECOND), "director");
}

/* ---- shelves ----------------------------------------------------------------------------------------------------- */

typedef struct shelf_case {
	line *l;
	prl_picture *picture;
} shelf_case;

static int set_up(void **state)
{
	static shelf_case c;
	c.l = line_new("us@us.example/line ru@ru.example/line", NULL);
	c.picture = line_picture(US);
	line_begin(c.l, c.picture, US);
	*state = &c;
	return 0;
}

static int tear_down(void **state)
{
	shelf_case *c = *state;
	prl_picture_free(c->picture);
	line_free(c->l);
	return 0;
}

static prl_status shelve(shelf_case *c, const char *body, prl_error *err)
{
	line_act act = { .kind = "alarm.shelved", .key = "us-ops/1", .body = body };
	line_key *key = line_key_of(c->l, "us-ops/1");
	uint64_t serial = key->serial;
	prl_hash last = key->last;
	prl_bytes entry = line_entry(c->l, &act);
	prl_status status = line_apply(c->picture, US, entry, err);
	if (status) {
		key->serial = serial;
		key->last = last;
	} else {
		line_append(c->l, US, entry);
	}
	return status;
}

static void refused(shelf_case *c, const char *body, const char *text)
{
	prl_error err = { 0 };
	assert_int_not_equal(shelve(c, body, &err), PRL_OK);
	if (!strstr(err.text, text) && !strstr(err.where, text))
		fail_msg("%s: %s (%s), expected %s", body, err.text, err.where, text);
}

static void test_shelving_refused(void **state)
{
	shelf_case *c = *state;
	refused(c, "{}", "until");
	refused(c, "{\"situation\": \"\", \"until\": null}", "situation");
	refused(c, "{\"situation\": \"a\"}", "until");
	refused(c, "{\"situation\": \"a\", \"until\": \"tomorrow\", \"reason\": \"r\"}", "until");
	refused(c, "{\"situation\": \"a\", \"until\": \"2016-09-17T11:00:00Z\", \"reason\": \"r\"}", "until");
	refused(c, "{\"situation\": \"a\", \"until\": \"2016-12-17T12:00:00Z\", \"reason\": \"r\"}", "30 days");
	refused(c, "{\"situation\": \"a\", \"until\": \"2016-09-17T18:00:00Z\"}", "reason");
	refused(c, "{\"situation\": \"a\", \"until\": \"2016-09-17T18:00:00Z\", \"reason\": \"r\", \"for\": 1}", "for");
	refused(c,
		"{\"situation\": \"a\", \"alarm\": \"nobody-on-watch\", \"until\": \"2016-09-17T18:00:00Z\", "
		"\"reason\": \"r\"}",
		"classes 1 and 2");
	const char *wide = "\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf\xd0\xaf";
	refused(c,
		line_text(c->l, "{\"situation\": \"%s%s%s%s%s%s%s%s%s%s%s\", \"until\": null}", wide, wide, wide, wide,
			  wide, wide, wide, wide, wide, wide, wide),
		"199 bytes");
	/* an entry that says it is from long ago shelves for no longer either */
	c->l->now = -INT64_C(9214560000) * PRL_SECOND;
	refused(c, "{\"situation\": \"a\", \"until\": \"2261-12-31T00:00:00Z\", \"reason\": \"r\"}", "30 days");
}

/* Class 2 comes back from a shelf made for the same situation while it was of class 3. */
static void test_shelved_and_taken_back(void **state)
{
	shelf_case *c = *state;
	prl_error err = { 0 };
	prl_alarms alarms;
	prl_show show = { .picture = c->picture, .version = PRL_VERSION_WORKING, .now = c->l->now };
	assert_int_equal(
		shelve(c,
		       "{\"situation\": \"channel:ru\", \"alarm\": \"channel-declared\", \"reason\": \"known\", "
		       "\"until\": \"2016-09-17T18:00:00Z\"}",
		       &err),
		PRL_OK);
	assert_int_equal(shelve(c, "{\"situation\": \"channel:ru\", \"until\": null}", &err), PRL_OK);
	assert_int_equal(prl_alarms_collect(&show, "us", NULL, &alarms, &err), PRL_OK);
	for (size_t i = 0; i < alarms.count; i++)
		assert_null(alarms.items[i].shelf);
	prl_alarms_done(&alarms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page_has_each_alarm),
		cmocka_unit_test(test_page_has_the_classes),
		cmocka_unit_test(test_each_alarm_is_raised),
		cmocka_unit_test(test_one_situation_one_alarm),
		cmocka_unit_test(test_own_against_own),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_long_texts_are_cut_between_characters),
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_rings_onward),
		cmocka_unit_test_setup_teardown(test_shelving_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_shelved_and_taken_back, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
