/* Overlaps as people's programs see them: GET /parley/v1/line/overlaps. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/board.h"
#include "line/overlap_inside.h"
#include "line/thing.h"
#include "picture/body.h"

#include <parley/notation.h>

#include <stdlib.h>
#include <string.h>

#define COUNT_DEFAULT 100u
#define COUNT_MAX     1000u

const char *const prl_overlap_queries[] = { "id", "notice", "party", "open", "count", "begins_by", "ends_from", NULL };

static const char *const state_words[] = { "open", "answered", "changed plan", "cancelled", "ended", "past" };

/* One that is to be shown, with what orders it. */
typedef struct shown {
	const prl_overlap *overlap; /* NULL: home */
	const json_t *home;
	prl_overlap_state state;
	unsigned class;
	prl_time from;
} shown;

typedef struct showing {
	const prl_show *show;
	const char *party;
	bool open;
	prl_time begins_by, ends_from; /* only those that meet both */
	shown *items;
	size_t count, room;
	bool memory;
	/* The entry that was read last: many pairs stand in one. */
	const char *body_log;
	uint64_t body_index;
	json_t *body;
} showing;

/* ---- which ------------------------------------------------------------------------------------------------------- */

static const prl_notice *side(const prl_show *show, const prl_hash *id)
{
	return prl_notice_find(show->picture, show->version, id);
}

static bool may_see(const prl_show *show, const prl_overlap *overlap)
{
	for (size_t i = 0; i < (overlap->told ? 1 : 2); i++) {
		const prl_notice *notice = side(show, &overlap->notices[i]);
		if (!notice || !prl_notice_is_for(notice, show->party))
			return false;
	}
	return true;
}

/* What is told may be of any kind: it counts as a protected place. */
static unsigned class_of(const prl_show *show, const prl_overlap *overlap)
{
	const prl_notice *a = side(show, &overlap->notices[0]), *b = side(show, &overlap->notices[1]);
	return prl_kinds_class(a ? (prl_kind)a->kind : PRL_KIND_UNKNOWN, b ? (prl_kind)b->kind : PRL_KIND_UNKNOWN);
}

static shown *add(showing *s)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		shown *items = realloc(s->items, room * sizeof *items);
		if (!items) {
			s->memory = false;
			return NULL;
		}
		s->items = items;
		s->room = room;
	}
	return &s->items[s->count++];
}

static bool in_window(const showing *s, prl_time from, prl_time to)
{
	return from <= s->begins_by && to >= s->ends_from;
}

static bool consider(void *context, const prl_overlap *overlap)
{
	showing *s = context;
	const prl_finding *f = prl_overlap_newest(s->show->picture, s->show->version, overlap);
	if (f && !in_window(s, f->from, f->to))
		return true;
	if (s->party && !prl_body_has(overlap->parties, prl_bytes_of(s->party)))
		return true;
	prl_overlap_state state = prl_overlap_state_of(s->show, overlap);
	if ((s->open && state != PRL_OVERLAP_OPEN) || !may_see(s->show, overlap))
		return true;
	shown *item = add(s);
	if (!item)
		return false;
	*item = (shown){
		.overlap = overlap, .state = state, .class = class_of(s->show, overlap), .from = f ? f->from : 0
	};
	return true;
}

static bool consider_any(void *context, prl_bytes key, const void *value)
{
	(void)key;
	return consider(context, value);
}

static const prl_notice *home_side(const prl_show *show, const json_t *home, size_t i)
{
	prl_hash hash;
	const char *text = json_string_value(json_array_get(json_object_get(home, "notices"), i));
	return text && prl_hash_read(prl_bytes_of(text), &hash) ? side(show, &hash) : NULL;
}

static prl_overlap_state home_state(const prl_show *show, const json_t *home)
{
	prl_overlap_state state = json_is_true(json_object_get(home, "gone")) ? PRL_OVERLAP_CHANGED : PRL_OVERLAP_OPEN;
	prl_time to;
	for (size_t i = 0; i < 2; i++) {
		const prl_notice *notice = home_side(show, home, i);
		if (notice->state == PRL_NOTICE_CANCELLED)
			return PRL_OVERLAP_CANCELLED;
		if (notice->state == PRL_NOTICE_ENDED)
			state = PRL_OVERLAP_ENDED;
	}
	if (state == PRL_OVERLAP_OPEN && json_object_get(json_object_get(home, "pair"), "to") &&
	    prl_body_time(json_object_get(home, "pair"), "to", &to, NULL) == PRL_OK && to < show->now)
		return PRL_OVERLAP_PAST;
	return state;
}

/* What this node found by itself, for the desks that may see both notices. */
static bool consider_home(void *context, const prl_hash *id, const json_t *home)
{
	showing *s = context;
	const prl_notice *two[2];
	(void)id;
	for (size_t i = 0; i < 2; i++) {
		two[i] = home_side(s->show, home, i);
		if (!two[i] || !prl_notice_is_for(two[i], s->show->party))
			return true;
	}
	if (s->party && strcmp(two[0]->party, s->party) != 0 && strcmp(two[1]->party, s->party) != 0)
		return true;
	prl_overlap_state state = home_state(s->show, home);
	prl_time from = PRL_TIME_OPEN_START, to = PRL_TIME_OPEN_END;
	const json_t *pair = json_object_get(home, "pair");
	if (prl_body_time(pair, "from", &from, NULL))
		from = PRL_TIME_OPEN_START;
	if (prl_body_time(pair, "to", &to, NULL))
		to = PRL_TIME_OPEN_END;
	if ((s->open && state != PRL_OVERLAP_OPEN) || !in_window(s, from, to))
		return true;
	shown *item = add(s);
	if (item)
		*item = (shown){ .home = home, .state = state };
	return item != NULL;
}

static bool consider_any_home(void *context, prl_bytes key, const json_t *home)
{
	(void)key;
	return consider_home(context, NULL, home);
}

static prl_status choose(showing *s, prl_error *err)
{
	const prl_show *show = s->show;
	const char *id = prl_show_query(show, "id"), *named = prl_show_query(show, "notice");
	prl_hash hash;
	unsigned table;
	if (id) {
		const prl_overlap *overlap = prl_hash_read(prl_bytes_of(id), &hash)
						     ? prl_overlap_find(show->picture, show->version, &hash)
						     : NULL;
		const json_t *home = prl_hash_read(prl_bytes_of(id), &hash)
					     ? prl_overlap_home(show->picture, show->version, &hash)
					     : NULL;
		if (overlap)
			consider(s, overlap);
		if (home)
			consider_home(s, NULL, home);
		return PRL_OK;
	}
	if (named) {
		const prl_notice *notice = prl_notice_named(show->picture, show->version, prl_bytes_of(named));
		if (!notice || !prl_notice_is_for(notice, show->party))
			return PRL_OK;
		prl_overlaps_of(show->picture, show->version, &notice->id, consider, s);
		prl_overlap_homes_of(show->picture, show->version, &notice->id, consider_home, s);
		return PRL_OK;
	}
	if (!prl_picture_table(show->picture, "overlap", &table))
		return PRL_OK;
	prl_status status = s->open ? prl_overlaps_open(show->picture, show->version, consider, s, err)
				    : prl_picture_each(show->picture, show->version, table, consider_any, s, err);
	return status ? status
		      : prl_thing_each(show->picture, show->version, "overlap.home", consider_any_home, s, err);
}

/* Open ones first, protected places before others, then by when. */
static int by_weight(const void *a, const void *b)
{
	const shown *x = a, *y = b;
	bool x_open = x->state == PRL_OVERLAP_OPEN, y_open = y->state == PRL_OVERLAP_OPEN;
	if (x_open != y_open)
		return x_open ? -1 : 1;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (!x->overlap || !y->overlap)
		return (x->overlap != NULL) - (y->overlap != NULL);
	return memcmp(&x->overlap->id, &y->overlap->id, sizeof x->overlap->id);
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

static json_t *age(const prl_show *show, prl_time since)
{
	return json_integer((json_int_t)(prl_time_apart(since, show->now) / PRL_SECOND));
}

static json_t *notice_json(const prl_show *show, const prl_hash *id, const prl_hash *version)
{
	static const char *const states[] = { "live", "cancelled", "ended" };
	char name[PRL_NOTICE_NAME_MAX];
	const prl_notice *notice = side(show, id);
	if (!notice)
		return json_pack("{s:o}", "id", prl_show_hash(id));
	prl_notice_name(notice, name);
	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:b}", "id", prl_show_hash(id), "name", name, "party",
			 notice->party, "kind", prl_kind_word((prl_kind)notice->kind), "state", states[notice->state],
			 "version", prl_show_hash(version), "current", (int)prl_hash_equal(&notice->version, version));
}

static json_t *place_text(const json_t *closest)
{
	const json_t *position = json_object_get(closest, "position");
	prl_latlng place = { json_number_value(json_array_get(position, 1)),
			     json_number_value(json_array_get(position, 0)) };
	char text[PRL_POSITION_FORMAT_MAX];
	if (!position || prl_position_format(place, PRL_NOTATION_SECONDS, PRL_REFERENCE_WGS84, 31, text, NULL, NULL))
		return json_null();
	return json_string(text);
}

/* The pair as its entry has it, without what is shown apart; an empty object where it cannot be read. */
static json_t *pair_of(showing *s, const prl_overlap *overlap, const prl_finding *f)
{
	prl_error err;
	char id[PRL_HASH_TEXT_MAX];
	if (!s->body || s->body_index != f->newest || strcmp(s->body_log, f->log) != 0) {
		json_decref(s->body);
		s->body = NULL;
		s->body_log = f->log;
		s->body_index = f->newest;
		if (s->show->body(s->show->context, f->log, f->newest, &s->body, &err))
			s->body = NULL;
	}
	prl_hash_write(&overlap->id, id);
	const json_t *pairs = json_object_get(s->body, "pairs");
	for (size_t i = 0; i < json_array_size(pairs); i++)
		if (prl_bytes_is(prl_body_text(json_array_get(pairs, i), "id"), id))
			return json_copy(json_array_get(pairs, i));
	return json_object();
}

static bool add_finding(showing *s, json_t *to, const prl_overlap *overlap, const prl_finding *f)
{
	static const char *const taken[] = { "from",    "to",   "intervals", "more_intervals", "vertical", "separation",
					     "closest", "area", NULL };
	json_t *pair = pair_of(s, overlap, f);
	if (!pair || !prl_thing_take(to, pair, taken)) {
		json_decref(pair);
		return false;
	}
	const json_t *closest = json_object_get(to, "closest");
	bool done = json_object_set_new(to, "from", prl_show_time(f->from)) == 0 &&
		    json_object_set_new(to, "to", prl_show_time(f->to)) == 0 &&
		    (!closest || json_object_set_new(to, "place", place_text(closest)) == 0);
	json_decref(pair);
	return done;
}

static json_t *found_by(const prl_show *show, const prl_overlap *overlap)
{
	json_t *all = json_array();
	for (size_t i = 0; all && i < overlap->finding_count; i++) {
		const prl_finding *f = &overlap->findings[i];
		json_t *one = json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:b}", "log", f->log, "index",
					(json_int_t)f->newest, "found", prl_show_time(f->found), "age_s",
					age(show, f->found), "changed", prl_show_time(f->changed), "rang",
					prl_show_time(f->ringing_since), "gone", (int)f->gone);
		json_array_append_new(all, one);
	}
	return all;
}

static bool is_current(const prl_show *show, const prl_overlap *overlap, const json_t *versions)
{
	for (size_t i = 0; i < json_array_size(versions); i++) {
		char text[PRL_HASH_TEXT_MAX];
		const prl_notice *notice = side(show, &overlap->notices[i]);
		if (!notice)
			return false;
		prl_hash_write(&notice->version, text);
		if (strcmp(text, json_string_value(json_array_get(versions, i))) != 0)
			return false;
	}
	return true;
}

static json_t *answers_json(const prl_show *show, const prl_overlap *overlap)
{
	static const char *const taken[] = { "party", "desk", "key", "answer", "time", "text", "language", NULL };
	json_t *all = json_array(), *of, *one;
	const char *party;
	size_t i;
	json_object_foreach(overlap->answers, party, of)
	{
		json_array_foreach(of, i, one)
		{
			prl_time time = show->now;
			json_t *item = json_object();
			if (!item || !prl_thing_take(item, one, taken) || prl_body_time(one, "time", &time, NULL)) {
				json_decref(item);
				continue;
			}
			json_object_set_new(item, "age_s", age(show, time));
			json_object_set_new(item, "current",
					    json_boolean(is_current(show, overlap, json_object_get(one, "versions"))));
			json_array_append_new(all, item);
		}
	}
	return all;
}

static json_t *unanswered_json(const prl_show *show, const prl_overlap *overlap)
{
	json_t *all = json_array();
	for (size_t i = 0; i < json_array_size(overlap->parties); i++) {
		const char *party = json_string_value(json_array_get(overlap->parties, i));
		prl_time since;
		if (prl_overlap_rings(show, overlap, party, &since))
			json_array_append_new(all, json_pack("{s:s, s:o, s:o}", "party", party, "since",
							     prl_show_time(since), "age_s", age(show, since)));
	}
	return all;
}

static json_t *overlap_json(showing *s, const shown *item)
{
	const prl_show *show = s->show;
	const prl_overlap *o = item->overlap;
	const prl_finding *f = prl_overlap_newest(show->picture, show->version, o);
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	json_t *notices = json_array();
	for (size_t i = 0; notices && i < (o->told ? 1 : 2); i++)
		json_array_append_new(notices, notice_json(show, &o->notices[i], &f->versions[i]));
	json_t *json = json_pack("{s:o, s:s, s:s, s:i, s:b, s:b, s:o, s:O, s:o, s:o, s:o}", "id", prl_show_hash(&o->id),
				 "mode", modes[o->mode], "state", state_words[item->state], "class",
				 item->class ? 3 : 2, "told", (int)o->told, "own", (int)f->own, "notices", notices,
				 "parties", o->parties, "found_by", found_by(show, o), "answers", answers_json(show, o),
				 "unanswered", unanswered_json(show, o));
	if (json && !o->told && !add_finding(s, json, o, f)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* The same members as far as there are any; what it is about stands beside. */
static json_t *home_json(const showing *s, const shown *item)
{
	static const char *const from_home[] = { "id",     "mode",    "object", "owner",   "other", "party",
						 "answer", "limited", "found",  "changed", NULL };
	static const char *const from_pair[] = { "from",           "to",       "intervals",
						 "more_intervals", "vertical", "separation",
						 "closest",        "area",     NULL };
	const json_t *pair = json_object_get(item->home, "pair");
	json_t *json = json_object(), *notices = json_array();
	for (size_t i = 0; notices && i < 2; i++) {
		const prl_notice *notice = home_side(s->show, item->home, i);
		const char *version = json_string_value(json_array_get(json_object_get(item->home, "versions"), i));
		prl_hash hash = notice->version;
		if (version)
			(void)prl_hash_read(prl_bytes_of(version), &hash);
		json_array_append_new(notices, notice_json(s->show, &notice->id, &hash));
	}
	if (json && prl_thing_take(json, item->home, from_home) && prl_thing_take(json, pair, from_pair) &&
	    json_object_set_new(json, "home", json_true()) == 0 &&
	    json_object_set_new(json, "state", json_string(state_words[item->state])) == 0 &&
	    json_object_set_new(json, "place", place_text(json_object_get(pair, "closest"))) == 0 &&
	    json_object_set(json, "notices", notices) == 0) {
		json_decref(notices);
		return json;
	}
	json_decref(notices);
	json_decref(json);
	return NULL;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static size_t count_wanted(const prl_show *show)
{
	const char *text = prl_show_query(show, "count");
	unsigned long count = text ? strtoul(text, NULL, 10) : COUNT_DEFAULT;
	return count > COUNT_MAX ? COUNT_MAX : count;
}

static prl_status list(showing *s, json_t **ret, prl_error *err)
{
	size_t most = count_wanted(s->show);
	json_t *all = json_array();
	if (s->count)
		qsort(s->items, s->count, sizeof *s->items, by_weight);
	for (size_t i = 0; all && i < s->count && i < most; i++) {
		json_t *json = s->items[i].home ? home_json(s, &s->items[i]) : overlap_json(s, &s->items[i]);
		if (json_array_append_new(all, json)) {
			json_decref(all);
			all = NULL;
		}
	}
	if (!all)
		return prl_error_memory(err);
	*ret = all;
	return PRL_OK;
}

prl_status prl_overlap_show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *open = prl_show_query(show, "open");
	showing s = { .show = show,
		      .party = prl_show_query(show, "party"),
		      .open = open && strcmp(open, "1") == 0,
		      .begins_by = PRL_TIME_OPEN_END,
		      .ends_from = PRL_TIME_OPEN_START,
		      .memory = true };
	prl_status status = prl_show_query_time(show, "begins_by", &s.begins_by, err);
	if (!status)
		status = prl_show_query_time(show, "ends_from", &s.ends_from, err);
	if (!status)
		status = choose(&s, err);
	if (!status && !s.memory)
		status = prl_error_memory(err);
	if (!status)
		status = list(&s, ret, err);
	json_decref(s.body);
	free(s.items);
	return status;
}
