/* Notices as people's programs see them: marks, who sees what, pages, alarms. */
#include "line/alarm.h"
#include "line/notice.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORK    PRL_VERSION_WORKING
#define MINUTES (60 * PRL_SECOND)

static const char us_log[] = "us.example/line";

typedef struct desk {
	line *l;
	prl_picture *picture;
	const char *content; /* what show->content() finds; NULL: it is not here */
} desk;

static void desk_begin(desk *d, const char *extra)
{
	d->l = line_new("us@us.example/line ru@us.example/line un@us.example/line", extra);
	d->picture = line_picture(us_log);
	d->content = NULL;
	line_begin(d->l, d->picture, us_log);
}

static void desk_end(desk *d)
{
	prl_picture_free(d->picture);
	line_free(d->l);
}

static prl_hash act(desk *d, const char *key, const char *kind, const char *body)
{
	line_act_on(d->l, d->picture, &(line_act){ .kind = kind, .key = key, .body = body });
	line_log *log = line_log_of(d->l, us_log);
	return prl_sha256(log->entries[log->size - 1].data, log->entries[log->size - 1].size);
}

static const char *naming(desk *d, prl_hash id, prl_hash version, const char *rest)
{
	return line_text(d->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s}", line_hash_text(d->l, &id),
			 line_hash_text(d->l, &version), rest);
}

static prl_status show_body(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	desk *d = context;
	prl_entry entry;
	prl_status status = prl_entry_read(line_log_of(d->l, log)->entries[index], &entry, err);
	if (!status)
		*ret = json_loadb(entry.body.data, entry.body.size, 0, NULL);
	return status;
}

static prl_status show_content(void *context, const prl_hash *hash, json_t **ret, prl_error *err)
{
	desk *d = context;
	(void)hash;
	if (!d->content)
		return err ? (err->status = PRL_E_NOT_FOUND) : PRL_E_NOT_FOUND;
	*ret = json_loads(d->content, 0, NULL);
	return PRL_OK;
}

static prl_show looking(desk *d, const char *party, prl_time now)
{
	return (prl_show){ .picture = d->picture,
			   .version = WORK,
			   .now = now,
			   .party = party,
			   .body = show_body,
			   .content = show_content,
			   .context = d };
}

/* What the party is shown; query as "name=value name=value". */
static json_t *shown_at(desk *d, const char *party, prl_time now, const char *query)
{
	char name[40], value[120];
	int used;
	prl_error err;
	json_t *items = NULL, *asked = json_object();
	for (; sscanf(query, " %39[^=]=%119s%n", name, value, &used) == 2; query += used)
		json_object_set_new(asked, name, json_string(value));
	prl_show show = looking(d, party, now);
	show.query = asked;
	assert_int_equal(prl_notice_part.show(&show, &items, &err), PRL_OK);
	json_decref(asked);
	return items;
}

static json_t *one(desk *d, const char *party, const char *name)
{
	json_t *items = shown_at(d, party, d->l->now, line_text(d->l, "id=%s", name));
	assert_int_equal(json_array_size(items), 1);
	json_t *item = json_incref(json_array_get(items, 0));
	json_decref(items);
	return item;
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static void marks(desk *d, const char *party, const char *name, prl_time now, const char *expected)
{
	char all[400] = "";
	json_t *items = shown_at(d, party, now, line_text(d->l, "id=%s", name)), *mark;
	size_t i;
	json_array_foreach(json_object_get(json_array_get(items, 0), "marks"), i, mark)
	{
		strcat(all, i ? "; " : "");
		strcat(all, json_string_value(mark));
	}
	assert_string_equal(all, expected);
	json_decref(items);
}

static void test_marks(void **state)
{
	(void)state;
	desk d;
	desk_begin(&d, "\"lead_times\": [{\"kind\": \"flight\", \"lead_s\": 1800, \"source\": \"x\"}]");
	/* 17 September 2018: one minute, "north Syria", no level, no end */
	act(&d, "us-ops/1", "notice.filed",
	    "{\"details\": {\"kind\": \"flight\", \"place\": {\"name\": \"north Syria\"}, \"from\": "
	    "\"2016-09-17T12:02:00Z\"}}");
	marks(&d, "ru", "us#1", d.l->now, "LATE; UNUSABLE; LEVELS NOT STATED; OPEN-ENDED");
	json_t *first = one(&d, "ru", "us#1");
	assert_string_equal(text_in(json_object_get(first, "lead"), "source"), "x");
	json_decref(first);
	act(&d, "us-ops/1", "notice.filed",
	    "{\"details\": {\"from\": \"2016-09-17T13:00:00Z\", \"to\": \"2016-09-17T14:00:00Z\"}, \"relayed\": "
	    "{\"said_by\": \"a general\", \"party\": \"ru\", \"heard_by\": \"J. D.\", \"heard_at\": "
	    "\"2016-09-17T12:00:00Z\", \"by\": \"walk-in\", \"language\": \"en\", \"words\": \"in one hour, leave the "
	    "airspace\", \"demand\": \"leave the airspace\"}}");
	marks(&d, "us", "us#2", d.l->now, "RELAYED – NOT SIGNED BY ru; AREA NOT STATED; LEVELS NOT STATED");
	marks(&d, "us", "us#2", d.l->now + 180 * MINUTES,
	      "RELAYED – NOT SIGNED BY ru; AREA NOT STATED; LEVELS NOT STATED; EXPIRED");
	json_t *item = one(&d, "us", "us#2");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(item, "lead"), "actual_s")), 3600);
	assert_string_equal(text_in(json_object_get(item, "relayed"), "demand"), "leave the airspace");
	assert_string_equal(text_in(item, "everywhere_because"), "area not stated");
	assert_int_equal(json_array_size(json_object_get(item, "questions")),
			 5); /* kind, area, levels, frequency, number */
	json_decref(item);
	/* 9 km off */
	act(&d, "us-ops/1", "notice.filed",
	    "{\"details\": {\"kind\": \"live-fire area\", \"to\": \"2016-09-17T15:00:00Z\", \"areas\": [{\"place\": "
	    "\"35.285N 40.176E\", \"radius_m\": 500, \"upper\": {\"value\": 6000, \"unit\": \"M\", \"datum\": "
	    "\"MSL\"}}], "
	    "\"place\": {\"again\": {\"position\": \"35.366N 40.176E\"}}}}");
	marks(&d, "ru", "us#3", d.l->now, "PLACE DOUBTFUL");
	desk_end(&d);
}

/* What lies outside is taken and has a remark; what states no area counts for the theatre, and says so. */
static void test_theatre(void **state)
{
	(void)state;
	static const char at[] = "{\"details\": {\"kind\": \"site\", \"to\": \"2016-09-17T15:00:00Z\", \"areas\": "
				 "[{\"place\": \"%s\", \"radius_m\": 500}]}}";
	desk d;
	desk_begin(&d, "\"theatre\": {\"name\": \"the valley\", \"vertices\": [\"35.0000N 40.0000E\", \"36.0000N "
		       "40.0000E\", \"36.0000N 41.0000E\"], "
		       "\"source\": \"Terms, 1\"}");
	act(&d, "us-ops/1", "notice.filed", line_text(d.l, at, "35.9000N 40.5000E"));
	marks(&d, "ru", "us#1", d.l->now, "");
	act(&d, "us-ops/1", "notice.filed", line_text(d.l, at, "35.1000N 40.9000E")); /* beside the triangle */
	marks(&d, "ru", "us#2", d.l->now, "OUTSIDE THE THEATRE");
	act(&d, "us-ops/1", "notice.filed",
	    line_text(d.l, at, "36.0030N 40.5000E")); /* its middle is outside, its edge in */
	marks(&d, "ru", "us#3", d.l->now, "");
	act(&d, "us-ops/1", "notice.filed", "{\"details\": {\"kind\": \"site\", \"to\": \"2016-09-17T15:00:00Z\"}}");
	marks(&d, "ru", "us#4", d.l->now, "AREA NOT STATED");
	json_t *item = one(&d, "ru", "us#4");
	assert_string_equal(text_in(item, "counts_as"), "the whole theatre: the valley");
	json_decref(item);
	desk_end(&d);
}

static void test_no_theatre(void **state)
{
	(void)state;
	desk d;
	desk_begin(&d, NULL);
	act(&d, "us-ops/1", "notice.filed", "{\"details\": {\"kind\": \"site\"}}");
	json_t *item = one(&d, "ru", "us#1");
	assert_string_equal(text_in(item, "counts_as"), "the whole earth: no theatre is agreed");
	json_decref(item);
	desk_end(&d);
}

static void test_said(void **state)
{
	(void)state;
	desk d;
	desk_begin(&d, NULL);
	prl_hash id = act(&d, "us-ops/1", "notice.filed",
			  "{\"details\": {}, \"relayed\": {\"said_by\": \"x\", \"party\": \"ru\", \"heard_by\": \"y\", "
			  "\"heard_at\": \"2016-09-17T12:00:00Z\", \"by\": \"call\", \"language\": \"ru\", \"words\": "
			  "\"слова\"}}");
	act(&d, "ru-ops/1", "notice.adopted", naming(&d, id, id, ""));
	act(&d, "ru-ops/1", "notice.contradicted",
	    naming(&d, id, id, ", \"text\": {\"words\": \"not so\", \"language\": \"en\"}"));
	prl_error err;
	prl_bytes wrong = line_entry(
		d.l, &(line_act){ .kind = "notice.adopted", .key = "un-ops/1", .body = naming(&d, id, id, "") });
	assert_int_equal(line_apply(d.picture, us_log, wrong, &err), PRL_E_REFUSED);
	json_t *item = one(&d, "un", "us#1");
	assert_int_equal(json_array_size(json_object_get(item, "adopted")), 1);
	const json_t *said = json_array_get(json_object_get(item, "contradicted"), 0);
	assert_string_equal(text_in(json_object_get(said, "text"), "words"), "not so");
	assert_string_equal(text_in(item, "state"), "live"); /* both stay */
	json_decref(item);
	desk_end(&d);
}

/* A caller who is nobody of the line. */
static void test_said_by_nobody(void **state)
{
	(void)state;
	desk d;
	prl_error err;
	desk_begin(&d, NULL);
	prl_hash id = act(&d, "us-ops/1", "notice.filed",
			  "{\"details\": {}, \"relayed\": {\"said_by\": \"a resident\", \"heard_by\": \"y\", "
			  "\"heard_at\": \"2016-09-17T12:00:00Z\", \"by\": \"call\", \"language\": \"ar\", \"words\": "
			  "\"حرب بنفسه\"}}");
	json_t *item = one(&d, "ru", "us#1");
	assert_string_equal(json_string_value(json_array_get(json_object_get(item, "marks"), 0)),
			    "RELAYED – NOT SIGNED BY a resident");
	assert_null(json_object_get(item, "adopted"));
	json_decref(item);
	prl_bytes wrong = line_entry(
		d.l, &(line_act){ .kind = "notice.adopted", .key = "ru-ops/1", .body = naming(&d, id, id, "") });
	assert_int_equal(line_apply(d.picture, us_log, wrong, &err), PRL_E_REFUSED);
	desk_end(&d);
}

#define HASH "\"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\""

/* What a party may not read is not shown to it, not even in passing. */
static void test_hidden(void **state)
{
	(void)state;
	desk d;
	desk_begin(&d, NULL);
	act(&d, "un-ops/1", "notice.filed",
	    "{\"disclosure\": \"sealed\", \"content\": {\"hash\": " HASH ", \"size\": 9}}");
	json_t *item = one(&d, "ru", "un#1");
	assert_null(json_object_get(item, "kind"));
	assert_null(json_object_get(item, "marks"));
	assert_null(json_object_get(item, "content"));
	assert_null(json_object_get(item, "policy"));
	assert_string_equal(text_in(item, "disclosure"), "sealed");
	json_decref(item);
	d.content = "{\"kind\": \"site\", \"title\": \"hospital\", \"to\": \"2016-09-18T00:00:00Z\"}";
	item = one(&d, "ru", "un#1");
	assert_null(json_object_get(item, "details"));
	json_decref(item);
	item = one(&d, "un", "un#1");
	assert_string_equal(text_in(json_object_get(item, "details"), "title"), "hospital");
	assert_string_equal(text_in(item, "kind"), "site");
	assert_string_equal(text_in(item, "policy"), "by hand");
	assert_true(json_is_true(json_object_get(item, "live")));
	json_decref(item);
	/* who may read it sees that it has run out; who may not sees nothing of it */
	prl_time later = d.l->now + 24 * 60 * MINUTES;
	marks(&d, "un", "un#1", later, "AREA NOT STATED; EXPIRED");
	marks(&d, "ru", "un#1", later, "");
	d.content = "[\"no details\"]";
	item = one(&d, "un", "un#1");
	assert_null(json_object_get(item, "details"));
	json_decref(item);
	d.content = "{\"kind\": \"site\", \"title\": \"hospital\", \"to\": \"2016-09-18T00:00:00Z\"}";
	/* area: all see where, only the owner what */
	act(&d, "un-ops/1", "notice.filed",
	    "{\"disclosure\": \"area\", \"details\": {\"areas\": [{\"place\": \"35.2N 40.1E\", \"radius_m\": 500}]}, "
	    "\"content\": {\"hash\": \"uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=\", \"size\": 9}}");
	item = one(&d, "ru", "un#2");
	assert_non_null(json_object_get(json_object_get(item, "details"), "areas"));
	assert_string_equal(text_in(item, "kind"), "not stated");
	json_decref(item);
	item = one(&d, "un", "un#2");
	assert_string_equal(text_in(item, "kind"), "site");
	json_decref(item);
	desk_end(&d);
}

static void names_of(desk *d, const char *query, prl_time now, const char *expected)
{
	char all[4000] = "";
	json_t *items = shown_at(d, "ru", now, query), *item;
	size_t i;
	json_array_foreach(items, i, item)
	{
		strcat(all, i ? " " : "");
		strcat(all, text_in(item, "name"));
	}
	assert_string_equal(all, expected);
	json_decref(items);
}

static void test_pages(void **state)
{
	(void)state;
	desk d;
	prl_hash second = { 0 };
	desk_begin(&d, NULL);
	for (size_t i = 0; i < 5; i++) {
		prl_hash id = act(&d, "us-ops/1", "notice.filed",
				  i % 2 ? "{\"details\": {\"kind\": \"site\"}}"
					: "{\"details\": {\"kind\": \"site\", \"to\": \"2016-09-17T13:00:00Z\"}}");
		second = i == 1 ? id : second;
		act(&d, "un-ops/1", "notice.filed", "{\"details\": {\"kind\": \"repair\"}}");
	}
	act(&d, "us-ops/1", "notice.cancelled",
	    naming(&d, second, second, ", \"reason\": {\"words\": \"rain\", \"language\": \"en\"}"));
	prl_time now = d.l->now, later = now + 120 * MINUTES;
	names_of(&d, "", now, "us#1 us#2 us#3 us#4 us#5 un#1 un#2 un#3 un#4 un#5");
	names_of(&d, "count=3", now, "us#1 us#2 us#3");
	names_of(&d, "count=3 from=us#4", now, "us#4 us#5 un#1");
	names_of(&d, "count=3 from=un#4", now, "un#4 un#5");
	names_of(&d, "party=un from=4", now, "un#4 un#5");
	names_of(&d, "party=us live=1", now, "us#1 us#3 us#4 us#5");
	names_of(&d, "party=us live=1", later, "us#4");
	names_of(&d, "id=us#2", now, "us#2");
	names_of(&d, "id=us#77", now, "");
	names_of(&d, "party=xx", now, "");
	json_t *item = one(&d, "ru", "us#2");
	assert_string_equal(text_in(json_object_get(json_object_get(item, "cancelled"), "reason"), "words"), "rain");
	json_decref(item);
	static const char *const wrong[] = { "count=0", "count=1001", "count=x", "from=us#0", "from=us#", "from=x" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		const char *sign = strchr(wrong[i], '=');
		json_t *query = json_object(), *items = NULL;
		prl_error err;
		json_object_set_new(query, line_text(d.l, "%.*s", (int)(sign - wrong[i]), wrong[i]),
				    json_string(sign + 1));
		prl_show show = looking(&d, "ru", now);
		show.query = query;
		assert_int_equal(prl_notice_part.show(&show, &items, &err), PRL_E_RANGE);
		assert_null(items);
		json_decref(query);
	}
	desk_end(&d);
}

/* A window in time: what meets it and is neither cancelled nor ended, what is past among it; open ends meet everything.
 */
static void test_window(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-17T10:00:00Z\", \"to\": "
		"\"2016-09-17T11:00:00Z\"}}",
		"{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-17T15:00:00Z\", \"to\": "
		"\"2016-09-17T16:00:00Z\"}}",
		"{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-17T15:00:00Z\"}}",
		"{\"details\": {\"kind\": \"site\", \"from\": \"2016-09-17T10:00:00Z\", \"to\": "
		"\"2016-09-17T11:00:00Z\"}}",
	};
	desk d;
	prl_hash last = { 0 };
	desk_begin(&d, NULL);
	for (size_t i = 0; i < 4; i++)
		last = act(&d, "us-ops/1", "notice.filed", bodies[i]);
	act(&d, "us-ops/1", "notice.cancelled",
	    naming(&d, last, last, ", \"reason\": {\"words\": \"rain\", \"language\": \"en\"}"));
	prl_time now = d.l->now + 120 * MINUTES; /* 14:00: the first is past */
	names_of(&d, "begins_by=2016-09-17T12:00:00Z ends_from=2016-09-17T10:30:00Z", now, "us#1");
	names_of(&d, "begins_by=2016-09-17T12:00:00Z ends_from=2016-09-17T11:00:01Z", now, "");
	names_of(&d, "begins_by=2016-09-17T15:00:00Z ends_from=2016-09-17T11:00:00Z", now, "us#1 us#2 us#3");
	names_of(&d, "ends_from=2016-09-17T17:00:00Z", now, "us#3");
	names_of(&d, "begins_by=2016-09-17T10:00:00Z", now, "us#1");
	/* what was given up is there where it was to be, for whoever asks for it */
	names_of(&d, "over=true begins_by=2016-09-17T12:00:00Z ends_from=2016-09-17T10:30:00Z", now, "us#1 us#4");
	names_of(&d, "over=true begins_by=2016-09-17T12:00:00Z ends_from=2016-09-17T11:00:01Z", now, "");
	json_t *query = json_pack("{s:s}", "begins_by", "noon"), *items = NULL;
	prl_error err;
	prl_show show = looking(&d, "ru", now);
	show.query = query;
	assert_int_equal(prl_notice_part.show(&show, &items, &err), PRL_E_SYNTAX);
	assert_non_null(strstr(err.text, "begins_by"));
	json_decref(query);
	desk_end(&d);
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

static size_t open_alarms(desk *d, const char *party, prl_time now)
{
	prl_error err;
	prl_alarms to = { .party = party, .index = json_object() };
	prl_show show = looking(d, party, now);
	assert_int_equal(prl_notice_part.alarms(&show, &to, &err), PRL_OK);
	size_t count = to.count;
	for (size_t i = 0; i < count; i++)
		assert_int_equal(to.items[i].id, PRL_ALARM_OPEN_ENDED);
	prl_alarms_done(&to);
	return count;
}

/* 21:40 local, aircraft stayed until 22:40 and nobody said a word: at + 10 min both sides are asked to. */
static void test_open_ended(void **state)
{
	(void)state;
	desk d;
	desk_begin(&d, NULL);
	prl_time begun = d.l->now + MINUTES;
	char from[PRL_TIME_TEXT_MAX];
	prl_time_format(begun, from);
	prl_hash id = act(&d, "us-ops/1", "notice.filed",
			  line_text(d.l, "{\"details\": {\"kind\": \"flight\", \"from\": \"%s\"}}", from));
	act(&d, "un-ops/1", "notice.filed", "{\"details\": {\"kind\": \"site\"}}"); /* stays where it is */
	act(&d, "un-ops/1", "notice.filed",
	    "{\"disclosure\": \"sealed\", \"content\": {\"hash\": " HASH ", \"size\": 9}}");
	assert_int_equal(open_alarms(&d, "ru", begun + 10 * MINUTES - 1), 0);
	assert_int_equal(open_alarms(&d, "ru", begun + 10 * MINUTES), 1);
	assert_int_equal(open_alarms(&d, "us", begun + 10 * MINUTES), 1);
	prl_hash newest =
		act(&d, "us-ops/1", "notice.updated",
		    naming(&d, id, id, ", \"details\": {\"kind\": \"flight\", \"to\": \"2016-09-17T20:00:00Z\"}"));
	assert_int_equal(open_alarms(&d, "ru", begun + 100 * MINUTES), 0);
	newest = act(&d, "us-ops/1", "notice.updated", naming(&d, id, newest, ", \"details\": {\"kind\": \"flight\"}"));
	assert_int_equal(open_alarms(&d, "ru", begun + 100 * MINUTES), 1);
	act(&d, "us-ops/1", "notice.ended", naming(&d, id, newest, ""));
	assert_int_equal(open_alarms(&d, "ru", begun + 100 * MINUTES), 0);
	desk_end(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks), cmocka_unit_test(test_theatre),        cmocka_unit_test(test_no_theatre),
		cmocka_unit_test(test_said),  cmocka_unit_test(test_said_by_nobody), cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_pages), cmocka_unit_test(test_window),         cmocka_unit_test(test_open_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
