/* A call as JSON, the same for the record (call.c) and for what rings before it is recorded (node/bell.h). */
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "line/call.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

bool prl_call_is_raised(prl_bytes kind)
{
	return prl_bytes_is(kind, "call.raised");
}

bool prl_call_is_kind(prl_bytes kind)
{
	static const char *const kinds[] = { "call.raised",   "call.taken",     "call.passed",
					     "call.reported", "call.withdrawn", NULL };
	for (size_t i = 0; kinds[i]; i++)
		if (prl_bytes_is(kind, kinds[i]))
			return true;
	return false;
}

/* ---- what is stated ---------------------------------------------------------------------------------------------- */

/* Texts that a call or an answer may state, and the most bytes of each. */
static const struct {
	const char *name;
	size_t most;
} texts[] = {
	{ "place", 400 },   { "reason", 400 }, { "words", PRL_CALL_WORDS_MAX },
	{ "language", 40 }, { "notice", 200 }, { "call_back", 200 },
	{ "at", 40 },       { "role", 100 },   { "to_whom", 200 },
};

static bool take_text(json_t *to, const json_t *from, size_t row)
{
	const json_t *value = json_object_get(from, texts[row].name);
	if (!value)
		return true;
	if (!json_is_string(value) || json_string_length(value) > texts[row].most || !json_string_length(value))
		return false;
	return json_object_set(to, texts[row].name, (json_t *)(uintptr_t)value) == 0;
}

static bool take_parties(json_t *to, const json_t *from)
{
	const json_t *value = json_object_get(from, "to"), *one;
	size_t i;
	if (!value)
		return true;
	if (!json_is_array(value) || !json_array_size(value) || json_array_size(value) > PRL_CALL_PARTIES_MAX)
		return false;
	json_array_foreach(value, i, one)
	{
		if (!json_is_string(one) || json_string_length(one) > PRL_KEY_NAME_MAX)
			return false;
	}
	return json_object_set_new(to, "to", prl_body_sorted(value, (prl_bytes){ NULL, 0 })) == 0;
}

/* False where something was left out. */
static bool take_stated(json_t *to, const json_t *from)
{
	bool whole = take_parties(to, from);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		whole = take_text(to, from, i) && whole;
	return whole;
}

/* Sorts like the time that it is; a text of it would not, with its digits left out. */
static bool add_order(json_t *object, const prl_entry *entry)
{
	return json_object_set_new(object, "ns", json_integer((json_int_t)entry->time)) == 0;
}

static json_t *begin(const prl_entry *entry, const char *log, uint64_t index)
{
	const prl_act act = { .entry = entry, .log = log ? log : "", .index = index };
	json_t *object = prl_thing_new(&act);
	if (object && !log) {
		(void)json_object_del(object, "log");
		(void)json_object_del(object, "index");
	}
	if (object && add_order(object, entry))
		return object;
	json_decref(object);
	return NULL;
}

static const char *class_of(const json_t *body)
{
	static const char *const classes[] = { "STOP", "URGENT", "DISTRESS", NULL };
	const char *text = json_string_value(json_object_get(body, "class"));
	for (size_t i = 0; text && classes[i]; i++)
		if (strcmp(text, classes[i]) == 0)
			return classes[i];
	return "not stated";
}

json_t *prl_call_new(const prl_entry *entry, const json_t *body, const char *log, uint64_t index)
{
	json_t *call = begin(entry, log, index);
	if (!call)
		return NULL;
	bool whole = take_stated(call, body);
	if (json_object_set_new(call, "class", json_string(class_of(body))) == 0 &&
	    json_object_set_new(call, "answers", json_array()) == 0 &&
	    (whole || json_object_set_new(call, "left_out", json_true()) == 0))
		return call;
	json_decref(call);
	return NULL;
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static const char *what_of(const prl_entry *entry, const json_t *body)
{
	static const char *const passed[] = { "passed on", "not ours", "cannot reach units", NULL };
	static const char *const reported[] = { "ceased", "continuing", NULL };
	if (prl_bytes_is(entry->kind, "call.taken"))
		return "taken";
	if (prl_bytes_is(entry->kind, "call.withdrawn"))
		return "withdrawn";
	bool is_passed = prl_bytes_is(entry->kind, "call.passed");
	const char *text = json_string_value(json_object_get(body, "what"));
	const char *const *words = is_passed ? passed : reported;
	for (size_t i = 0; text && words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return words[i];
	return is_passed ? "passed on" : "not stated";
}

json_t *prl_call_answer(const prl_entry *entry, const json_t *body, const char *log, uint64_t index)
{
	json_t *answer = begin(entry, log, index);
	if (!answer)
		return NULL;
	char kind[40];
	(void)snprintf(kind, sizeof kind, "%.*s", (int)entry->kind.size, entry->kind.data);
	(void)take_stated(answer, body);
	if (json_object_set_new(answer, "what", json_string(what_of(entry, body))) == 0 &&
	    json_object_set_new(answer, "kind", json_string(kind)) == 0)
		return answer;
	json_decref(answer);
	return NULL;
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static int compare(const json_t *a, const json_t *b)
{
	json_int_t x = json_integer_value(json_object_get(a, "ns")), y = json_integer_value(json_object_get(b, "ns"));
	return x != y ? (x < y ? -1 : 1) : strcmp(text_in(a, "id"), text_in(b, "id"));
}

static bool same_row(const json_t *a, const json_t *b)
{
	return strcmp(text_in(a, "party"), text_in(b, "party")) == 0 &&
	       strcmp(text_in(a, "kind"), text_in(b, "kind")) == 0;
}

/* Of takers the first count, of all else the newest: whichever came in, the same ones stay. */
static void trim(json_t *answers, const json_t *added)
{
	size_t count = 0, first = SIZE_MAX, last = 0, i;
	const json_t *one;
	json_array_foreach(answers, i, one)
	{
		if (!same_row(one, added))
			continue;
		first = first == SIZE_MAX ? i : first;
		last = i;
		count++;
	}
	if (count > PRL_CALL_ANSWERS)
		(void)json_array_remove(answers, strcmp(text_in(added, "what"), "taken") == 0 ? last : first);
}

bool prl_call_add(json_t *call, json_t *answer)
{
	json_t *answers = json_object_get(call, "answers"), *one;
	size_t at = 0, i;
	if (!answer)
		return false;
	json_array_foreach(answers, i, one)
	{
		int order = compare(one, answer);
		if (order == 0) {
			bool keep = json_object_get(one, "log") != NULL;
			bool done = keep || json_array_set(answers, i, answer) == 0;
			json_decref(answer);
			return done;
		}
		if (order < 0)
			at = i + 1;
	}
	bool done = json_array_insert(answers, at, answer) == 0;
	if (done)
		trim(answers, answer);
	json_decref(answer);
	return done;
}

/* ---- what follows ------------------------------------------------------------------------------------------------ */

static bool same(const json_t *a, const json_t *b, const char *name)
{
	const json_t *x = json_object_get(a, name), *y = json_object_get(b, name);
	return x && y ? json_equal(x, y) : x == y;
}

bool prl_call_repeats(const json_t *first, const json_t *next)
{
	static const char *const names[] = { "key", "party", "class", "mode", "place", "notice", "to", NULL };
	for (size_t i = 0; names[i]; i++)
		if (!same(first, next, names[i]))
			return false;
	json_int_t from = json_integer_value(json_object_get(first, "ns"));
	const char *last = json_string_value(json_object_get(first, "last"));
	prl_time time;
	if (last && prl_time_parse(last, strlen(last), &time, NULL) == PRL_OK && time > from)
		from = time;
	prl_time apart = prl_time_apart(from, json_integer_value(json_object_get(next, "ns")));
	return apart >= 0 && apart <= PRL_CALL_REPEAT_S * PRL_SECOND;
}

void prl_call_name(const json_t *call, char ret[PRL_CALL_NAME_MAX])
{
	const char *class = text_in(call, "class");
	json_int_t number = json_integer_value(json_object_get(call, "number"));
	if (!*class || strcmp(class, "not stated") == 0)
		class = "CALL";
	int length = snprintf(ret, PRL_CALL_NAME_MAX, "%.*s %s", PRL_KEY_NAME_MAX, text_in(call, "party"), class);
	if (number > 0)
		(void)snprintf(ret + length, PRL_CALL_NAME_MAX - (size_t)length, " %lld", (long long)number);
}

static json_t *parties_of(const json_t *call, const json_t *to, const prl_constitution *constitution)
{
	json_t *parties = json_array();
	for (size_t i = 0; parties && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		bool meant = !to || prl_body_has(to, prl_bytes_of(party->name));
		if (party->left || !meant || strcmp(party->name, text_in(call, "party")) == 0)
			continue;
		json_array_append_new(parties, json_string(party->name));
	}
	return parties;
}

json_t *prl_call_parties(const json_t *call, const prl_constitution *constitution)
{
	const json_t *to = json_object_get(call, "to");
	json_t *parties = parties_of(call, to, constitution);
	if (!to || !parties || json_array_size(parties))
		return parties;
	json_decref(parties);
	return parties_of(call, NULL, constitution);
}

bool prl_call_counts(const json_t *call, const json_t *answer)
{
	return !json_object_get(call, "class") || same(call, answer, "mode");
}

bool prl_call_is_withdrawn(const json_t *call)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(call, "answers"), i, one)
	{
		if (strcmp(text_in(one, "what"), "withdrawn") == 0 && same(one, call, "party") &&
		    prl_call_counts(call, one))
			return true;
	}
	return false;
}

/* ---- views ------------------------------------------------------------------------------------------------------- */

static json_t *with_age(const json_t *answer, prl_time now)
{
	json_t *copy = json_deep_copy(answer);
	json_int_t ns = json_integer_value(json_object_get(answer, "ns"));
	if (!copy)
		return NULL;
	(void)json_object_del(copy, "ns");
	(void)json_object_del(copy, "kind");
	json_object_set_new(copy, "age_s", json_integer((json_int_t)(prl_time_apart(ns, now) / PRL_SECOND)));
	return copy;
}

typedef struct gathered {
	const json_t *taken, *passed, *reported;
	json_t *also;
} gathered;

static gathered gather(const json_t *call, const char *party, prl_time now)
{
	gathered g = { .also = json_array() };
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(call, "answers"), i, one)
	{
		const char *kind = text_in(one, "kind");
		if (strcmp(text_in(one, "party"), party) != 0 || !prl_call_counts(call, one))
			continue;
		if (strcmp(kind, "call.passed") == 0)
			g.passed = one;
		else if (strcmp(kind, "call.reported") == 0)
			g.reported = one;
		else if (strcmp(kind, "call.taken") == 0 && g.taken)
			json_array_append_new(g.also, with_age(one, now));
		else if (strcmp(kind, "call.taken") == 0)
			g.taken = one;
	}
	return g;
}

static const char *state_of(const gathered *g)
{
	if (g->reported && (!g->passed || compare(g->passed, g->reported) < 0))
		return text_in(g->reported, "what");
	if (g->passed)
		return strcmp(text_in(g->passed, "what"), "passed on") == 0 ? "passed" : text_in(g->passed, "what");
	return g->taken ? "taken" : "raised";
}

static json_t *party_view(const json_t *call, const char *party, prl_time now)
{
	gathered g = gather(call, party, now);
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "party", party, "state", state_of(&g), "taken",
			 g.taken ? with_age(g.taken, now) : json_null(), "also", g.also, "passed",
			 g.passed ? with_age(g.passed, now) : json_null(), "reported",
			 g.reported ? with_age(g.reported, now) : json_null());
}

/* What nobody has stated says so: a reader must not take silence for a value. */
static void say_not_stated(json_t *view)
{
	static const char *const names[] = { "place", "reason", "words", "language", "notice", "call_back", NULL };
	for (size_t i = 0; names[i]; i++)
		if (!json_object_get(view, names[i]))
			json_object_set_new(view, names[i], json_string("not stated"));
}

json_t *prl_call_view(const json_t *call, const json_t *parties, prl_time now)
{
	char name[PRL_CALL_NAME_MAX];
	json_t *view = with_age(call, now), *each = json_array();
	if (!view || !each) {
		json_decref(view);
		json_decref(each);
		return NULL;
	}
	prl_call_name(call, name);
	(void)json_object_del(view, "answers");
	say_not_stated(view);
	for (size_t i = 0; i < json_array_size(parties); i++)
		json_array_append_new(each, party_view(call, json_string_value(json_array_get(parties, i)), now));
	json_object_set_new(view, "name", json_string(name));
	json_object_set_new(view, "withdrawn", json_boolean(prl_call_is_withdrawn(call)));
	json_object_set_new(view, "parties", each);
	return view;
}

bool prl_call_waits(const json_t *call, const json_t *parties)
{
	if (prl_call_is_withdrawn(call))
		return false;
	for (size_t i = 0; i < json_array_size(parties); i++) {
		gathered g = gather(call, json_string_value(json_array_get(parties, i)), 0);
		const char *state = state_of(&g);
		bool waits = strcmp(state, "raised") == 0 || strcmp(state, "taken") == 0;
		json_decref(g.also);
		if (waits)
			return true;
	}
	return false;
}

bool prl_call_is_over(const json_t *call, const json_t *parties)
{
	if (prl_call_is_withdrawn(call))
		return true;
	for (size_t i = 0; i < json_array_size(parties); i++) {
		gathered g = gather(call, json_string_value(json_array_get(parties, i)), 0);
		const char *state = state_of(&g);
		bool over = strcmp(state, "ceased") == 0 || strcmp(state, "not ours") == 0;
		json_decref(g.also);
		if (!over)
			return false;
	}
	return true;
}
