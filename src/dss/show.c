#include "dss/show.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

json_t *prl_show_instant(prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(time, text);
	char *dot = strchr(text, '.'), *end = text + strlen(text) - 1; /* at the Z */
	if (dot) {
		while (end[-1] == '0')
			end--;
		if (end - 1 == dot)
			end--;
		memcpy(end, "Z", 2);
	}
	return json_pack("{s:s, s:s}", "value", text, "format", "RFC3339");
}

static bool set(json_t *to, const char *name, json_t *value)
{
	return json_object_set_new_nocheck(to, name, value) == 0;
}

static bool set_uuid(json_t *to, const char *name, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid_write(id, text);
	return set(to, name, json_string_nocheck(text));
}

/* A text that a client gave was checked when it was read. */
static bool set_text(json_t *to, const char *name, const char *text)
{
	return set(to, name, json_string_nocheck(text));
}

static bool set_stamp(json_t *to, const char *name, const prl_entity *entity)
{
	char text[PRL_STAMP_TEXT_MAX];
	prl_stamp_write(&entity->stamp, &entity->id, text);
	return set_text(to, name, text);
}

static bool set_times(json_t *to, const prl_extent *extent)
{
	return set(to, "time_start", prl_show_instant(extent->from)) &&
	       set(to, "time_end", prl_show_instant(extent->to));
}

static json_t *finish(json_t *object, bool done)
{
	if (done)
		return object;
	json_decref(object);
	return NULL;
}

static bool set_intent(json_t *to, const prl_entity *entity)
{
	static const char none[] = "00000000-0000-4000-8000-000000000000"; /* f3548.md, 6 */
	bool done = set_text(to, "state", prl_intent_state_word(entity->state));
	if (entity->flags & PRL_ENTITY_SUBSCRIBED)
		return done && set_uuid(to, "subscription_id", &entity->subscription);
	return done && set_text(to, "subscription_id", none);
}

json_t *prl_show_reference(prl_picture *picture, prl_version version, const prl_entity *entity, const char *viewer)
{
	json_t *to = json_object();
	const char *manager = prl_entity_manager(entity);
	bool own = viewer && strcmp(viewer, manager) == 0, intent = entity->kind == PRL_INTENT;
	/* the Go DSS says Unknown of whoever manages a constraint (f3548.md, 8) */
	prl_uss_state state = intent ? prl_uss_state_of(picture, version, manager) : PRL_USS_UNKNOWN;
	bool done = to && set_uuid(to, "id", &entity->id) && set_text(to, "manager", manager) &&
		    set_text(to, "uss_availability", prl_uss_state_word(state)) &&
		    set(to, "version", json_integer(entity->version)) &&
		    (own ? set_stamp(to, "ovn", entity) : set_text(to, "ovn", PRL_OVN_OF_OTHERS)) &&
		    set_times(to, entity->shape->extent) && set_text(to, "uss_base_url", prl_entity_url(entity)) &&
		    (!intent || set_intent(to, entity));
	return finish(to, done);
}

static json_t *dependents(const prl_entity *subscription)
{
	json_t *list = json_array();
	for (uint32_t i = 0; list && i < subscription->dependent_count; i++) {
		char text[PRL_UUID_TEXT_MAX];
		prl_uuid_write(&subscription->dependents[i], text);
		if (json_array_append_new(list, json_string(text)) != 0)
			return finish(list, false);
	}
	return list;
}

json_t *prl_show_subscription(const prl_entity *s)
{
	json_t *to = json_object();
	bool done = to && set_uuid(to, "id", &s->id) && set_stamp(to, "version", s) &&
		    set(to, "notification_index", json_integer(s->notified)) && set_times(to, s->shape->extent) &&
		    set_text(to, "uss_base_url", prl_entity_url(s)) &&
		    set(to, "notify_for_operational_intents", json_boolean(s->flags & PRL_ENTITY_FOR_INTENTS)) &&
		    set(to, "notify_for_constraints", json_boolean(s->flags & PRL_ENTITY_FOR_CONSTRAINTS)) &&
		    set(to, "implicit_subscription", json_boolean(s->flags & PRL_ENTITY_IMPLICIT)) &&
		    set(to, "dependent_operational_intents", dependents(s));
	return finish(to, done);
}

/* ---- whom to tell ------------------------------------------------------------------------------------------------ */

static int by_url(const void *a, const void *b)
{
	const prl_subscriber *left = a, *right = b;
	int order = strcmp(left->url, right->url);
	return order ? order : memcmp(&left->id, &right->id, sizeof left->id);
}

static json_t *group_of(const char *url)
{
	json_t *group = json_object();
	bool done = group && set_text(group, "uss_base_url", url) && set(group, "subscriptions", json_array());
	return finish(group, done);
}

static json_t *state_of(const prl_subscriber *subscriber)
{
	json_t *state = json_object();
	bool done = state && set_uuid(state, "subscription_id", &subscriber->id) &&
		    set(state, "notification_index", json_integer(subscriber->index));
	return finish(state, done);
}

json_t *prl_show_subscribers(prl_subscriber *subscribers, size_t count)
{
	json_t *groups = json_array(), *group = NULL;
	if (count > 1)
		qsort(subscribers, count, sizeof *subscribers, by_url);
	for (size_t i = 0; groups && i < count; i++) {
		if (!i || strcmp(subscribers[i].url, subscribers[i - 1].url) != 0) {
			group = group_of(subscribers[i].url);
			if (json_array_append_new(groups, group) != 0)
				return finish(groups, false);
		}
		if (json_array_append_new(json_object_get(group, "subscriptions"), state_of(&subscribers[i])) != 0)
			return finish(groups, false);
	}
	return groups;
}

json_t *prl_show_availability(const char *name, const prl_uss *uss)
{
	char version[PRL_STAMP_TEXT_MAX] = "";
	const prl_uuid id = prl_uss_id(name);
	if (uss)
		prl_stamp_write(&uss->stamp, &id, version);
	return json_pack("{s:s, s:{s:s, s:s}}", "version", version, "status", "uss", name, "availability",
			 prl_uss_state_word(uss ? (prl_uss_state)uss->state : PRL_USS_UNKNOWN));
}
