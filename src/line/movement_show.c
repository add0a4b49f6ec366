/* Movements as people see them, and what needs somebody. */
#include "line/movement_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/open.h"
#include "line/receipt.h"
#include "line/thing.h"
#include "picture/body.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 2000u

/* A movement with all that is worked out when somebody looks. */
typedef struct sight {
	const prl_show *show;
	const prl_notice *notice;
	const json_t *movement; /* NULL: nothing reported */
	json_t *details;        /* NULL: not for this party */
	prl_time late, next;
	prl_route_look look;
	bool placed;
} sight;

static void sight_make(const prl_show *show, const prl_notice *notice, sight *s)
{
	*s = (sight){ .show = show, .notice = notice };
	s->movement = prl_movement_find(show->picture, show->version, &notice->id);
	if (prl_notice_details(show, notice, &s->details, NULL))
		s->details = NULL;
	s->late = prl_movement_late(s->movement, s->details, show->now, &s->next);
	const json_t *placed = prl_movement_placed(s->movement);
	s->placed = placed && prl_movement_is_under_way(s->movement);
	if (s->placed)
		prl_movement_look(s->details, json_object_get(placed, "place"), &s->look);
}

static bool differs(const sight *s)
{
	return s->late != PRL_TIME_OPEN_END || (s->placed && s->look.answer == PRL_ROUTE_OFF);
}

static const char *contact_of(const sight *s)
{
	const char *contact = json_string_value(json_object_get(s->details, "contact"));
	if (!contact)
		contact = json_string_value(json_object_get(s->details, "call_back"));
	return contact ? contact : "not stated";
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

static json_t *route_json(const sight *s)
{
	static const char *const answers[] = { "on route", "OFF ROUTE", "cannot tell" };
	if (!s->placed)
		return json_null();
	json_t *json = json_pack("{s:s}", "answer", answers[s->look.answer]);
	if (isfinite(s->look.distance_m))
		(void)json_object_set_new(json, "distance_m", json_integer(lround(s->look.distance_m)));
	if (isfinite(s->look.accuracy_m))
		(void)json_object_set_new(json, "accuracy_m", json_integer(lround(s->look.accuracy_m)));
	if (s->look.why[0])
		(void)json_object_set_new(json, "why", json_string(s->look.why));
	return json;
}

static json_t *late_json(const sight *s)
{
	if (s->late == PRL_TIME_OPEN_END)
		return json_null();
	return json_pack("{s:o, s:o}", "due", prl_show_time(s->late), "overdue_s", prl_age_json(s->late, s->show->now));
}

static json_t *report_json(const json_t *report, prl_time now)
{
	prl_time at;
	if (!report)
		return json_null();
	json_t *json = json_copy((json_t *)(uintptr_t)report);
	if (prl_body_time(report, "at", &at, NULL) == PRL_OK)
		(void)json_object_set_new(json, "age_s", prl_age_json(at, now));
	return json;
}

/* "Not yet read by: gov, ru. Departing is your decision." It blocks nothing. */
static json_t *not_read_text(const json_t *names)
{
	char text[2000] = "Not yet read by: ";
	const json_t *one;
	size_t i;
	if (!json_array_size(names))
		return json_null();
	json_array_foreach(names, i, one)
	{
		size_t at = strlen(text);
		(void)snprintf(text + at, sizeof text - at, "%s%.50s", i ? ", " : "", json_string_value(one));
	}
	size_t at = strlen(text);
	(void)snprintf(text + at, sizeof text - at, ". Departing is your decision.");
	return json_string(text);
}

static json_t *differs_text(const sight *s)
{
	char text[400];
	if (!differs(s))
		return json_null();
	(void)snprintf(text, sizeof text, PRL_MOVEMENT_DIFFERS "%.300s", contact_of(s));
	return json_string(text);
}

static const char *state_of(const sight *s)
{
	static const char *const over[] = { NULL, "cancelled", "ended" };
	const char *ended = over[s->notice->state];
	return ended ? ended : prl_movement_state(s->movement);
}

static json_t *movement_json(const sight *s)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	static const char *const said[] = { "title",        "contact",  "vehicles",  "persons",
					    "armed_guards", "movement", "call_sign", NULL };
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(s->notice, name);
	json_t *names = prl_receipt_not_read_by(s->show->picture, s->show->version, s->notice);
	const char *positions = json_string_value(json_object_get(s->movement, "positions"));
	const json_t *plan = json_object_get(s->details, "movement");
	if (!positions)
		positions = json_string_value(json_object_get(plan, "positions"));
	json_t *json =
		json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:O?, s:s, s:o, s:o, s:o, s:o, s:b, s:o}",
			  "notice", prl_show_hash(&s->notice->id), "name", name, "party", s->notice->party, "kind",
			  prl_kind_word((prl_kind)s->notice->kind), "mode", modes[s->notice->mode], "version",
			  prl_show_hash(&s->notice->version), "state", state_of(s), "reported",
			  report_json(prl_movement_newest(s->movement), s->show->now), "placed",
			  report_json(prl_movement_placed(s->movement), s->show->now), "departed",
			  json_object_get(s->movement, "departed"), "positions", positions ? positions : "exact",
			  "planned_from", prl_show_time(s->notice->from), "next_check_in", prl_show_time(s->next),
			  "late", late_json(s), "route", route_json(s), "differs", differs(s), "text", differs_text(s));
	if (json && s->details)
		(void)prl_thing_take(json, s->details, said);
	if (json && s->show->party && strcmp(s->show->party, s->notice->party) == 0)
		(void)json_object_set_new(json, "not_read_text", not_read_text(names));
	(void)json_object_set_new(json, "not_read_by", names);
	if (s->placed && s->look.answer == PRL_ROUTE_OFF)
		(void)json_object_set_new(json, "update", prl_movement_area(s->movement));
	return json;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

typedef struct listing {
	const prl_show *show;
	json_t *items;
	prl_status status;
	prl_error *err;
} listing;

static void list_one(listing *list, const prl_notice *notice)
{
	sight s;
	sight_make(list->show, notice, &s);
	(void)json_array_append_new(list->items, movement_json(&s));
	json_decref(s.details);
}

/* What the plan says: notices that are live and move. Those under way come by what was reported. */
static bool list_planned(void *context, const prl_notice *notice)
{
	listing *list = context;
	const json_t *movement = prl_movement_find(list->show->picture, list->show->version, &notice->id);
	if (prl_movement_is_kind((prl_kind)notice->kind) && prl_notice_is_for(notice, list->show->party) &&
	    !prl_movement_is_under_way(movement))
		list_one(list, notice);
	return json_array_size(list->items) < SHOWN_MAX;
}

/* Under way stays in the list when the notice has run out: the people are still on the road. */
static bool list_under_way(void *context, prl_bytes key, const json_t *movement)
{
	listing *list = context;
	prl_hash id;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	const prl_notice *notice = prl_notice_find(list->show->picture, list->show->version, &id);
	if (notice && notice->state == PRL_NOTICE_LIVE && prl_notice_is_for(notice, list->show->party) &&
	    prl_movement_is_under_way(movement))
		list_one(list, notice);
	return json_array_size(list->items) < SHOWN_MAX;
}

static prl_status list_named(listing *list, const char *name, prl_error *err)
{
	const prl_show *show = list->show;
	const prl_notice *notice = prl_notice_named(show->picture, show->version, prl_bytes_of(name));
	if (!notice || !prl_notice_is_for(notice, show->party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no notice %.60s here; expected a name like un#12, or an id",
				     name);
	list_one(list, notice);
	return PRL_OK;
}

prl_status prl_movements_show(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *name = prl_show_query(show, "notice");
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	listing list = { .show = show, .items = json_array() };
	if (!list.items)
		return prl_error_memory(err);
	prl_status status = name ? list_named(&list, name, err)
				 : prl_open_each(show->picture, show->version, prl_movement_open_noun, "movement",
						 list_under_way, &list, err);
	for (size_t i = 0; !status && !name && c && i < c->party_count; i++)
		prl_notice_each(show->picture, show->version, prl_bytes_of(c->parties[i].name), 1, true, show->now,
				list_planned, &list);
	if (status)
		json_decref(list.items);
	else
		*ret = list.items;
	return status;
}

/* ---- what needs somebody ----------------------------------------------------------------------------------------- */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static json_t *about(const sight *s, const char *to, const char *name)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	json_t *json = json_pack("{s:s, s:s, s:o}", "mode", modes[s->notice->mode], "name", name, "notice",
				 prl_show_hash(&s->notice->id));
	if (strcmp(to, s->notice->party) != 0)
		(void)json_object_set_new(json, "peer", json_string(s->notice->party));
	const json_t *placed = prl_movement_placed(s->movement);
	if (placed)
		(void)json_object_set(json, "place", json_object_get(placed, "place"));
	(void)json_object_set_new(json, "contact", json_string(contact_of(s)));
	return json;
}

static void raise_late(const raising *r, const sight *s, const char *name)
{
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], due[PRL_TIME_TEXT_MAX];
	prl_hash_write(&s->notice->id, id);
	prl_time_format(s->late, due);
	(void)snprintf(situation, sizeof situation, "silent:%s", id);
	prl_alarm_raise(r->to, PRL_ALARM_CONVOY_SILENT, situation, about(s, r->to->party, name), s->late, s->show->now,
			"%s: not heard of since its check-in of %.16sZ was due. " PRL_MOVEMENT_DIFFERS "%s", name, due,
			contact_of(s));
}

/* Whether the units of another party know of that place: it has said so since the report. */
static bool units_know(const raising *r, const sight *s)
{
	prl_time reported, told;
	const json_t *slot = prl_receipt_slot(s->show->picture, s->show->version, s->notice, &s->notice->version,
					      prl_bytes_of(r->to->party));
	const json_t *units = json_object_get(slot, "units");
	return strcmp(r->to->party, s->notice->party) != 0 && units &&
	       prl_bytes_is(prl_body_text(units, "rung"), "units told") &&
	       prl_body_time(units, "time", &told, NULL) == PRL_OK &&
	       prl_body_time(prl_movement_placed(s->movement), "time", &reported, NULL) == PRL_OK && told >= reported;
}

static void raise_off_route(const raising *r, const sight *s, const char *name)
{
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX];
	prl_time since = s->show->now;
	if (units_know(r, s))
		return;
	prl_hash_write(&s->notice->id, id);
	(void)snprintf(situation, sizeof situation, "off-route:%s", id);
	(void)(prl_body_time(prl_movement_placed(s->movement), "at", &since, NULL) == PRL_OK);
	prl_alarm_raise(r->to, PRL_ALARM_POSITION_DIFFERS, situation, about(s, r->to->party, name), since, s->show->now,
			"%s: %.1f km from its areas, ± %.1f km. " PRL_MOVEMENT_DIFFERS "%s", name,
			s->look.distance_m / 1000, s->look.accuracy_m / 1000, contact_of(s));
}

/* At the organisation alone: the act is ready, whoever of its desks does it. Gone when the notice holds the place. */
static void raise_update(const raising *r, const sight *s, const char *name)
{
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX];
	prl_time since = s->show->now;
	json_t *json = about(s, r->to->party, name);
	prl_hash_write(&s->notice->id, id);
	(void)snprintf(situation, sizeof situation, "update-place:%s", id);
	(void)(prl_body_time(prl_movement_placed(s->movement), "at", &since, NULL) == PRL_OK);
	(void)json_object_set_new(json, "version", prl_show_hash(&s->notice->version));
	(void)json_object_set_new(json, "area", prl_movement_area(s->movement));
	prl_alarm_raise(r->to, PRL_ALARM_PLACE_TO_UPDATE, situation, json, since, s->show->now,
			"%s: the notice does not hold the place that was reported, %.1f km from its areas", name,
			s->look.distance_m / 1000);
}

static bool raise_one(void *context, prl_bytes key, const json_t *movement)
{
	const raising *r = context;
	char name[PRL_NOTICE_NAME_MAX];
	prl_hash id;
	sight s;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	if (!prl_movement_is_under_way(movement))
		return true;
	const prl_notice *notice = prl_notice_find(r->show->picture, r->show->version, &id);
	if (!notice || notice->state != PRL_NOTICE_LIVE || !prl_notice_is_for(notice, r->to->party))
		return true;
	sight_make(r->show, notice, &s);
	prl_notice_name(notice, name);
	if (s.late != PRL_TIME_OPEN_END)
		raise_late(r, &s, name);
	if (s.placed && s.look.answer == PRL_ROUTE_OFF)
		raise_off_route(r, &s, name);
	if (s.placed && s.look.answer == PRL_ROUTE_OFF && strcmp(r->to->party, notice->party) == 0)
		raise_update(r, &s, name);
	json_decref(s.details);
	return true;
}

prl_status prl_movements_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_open_each(show->picture, show->version, prl_movement_open_noun, "movement", raise_one, &r, err);
}
