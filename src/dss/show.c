#include "dss/show.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define PUT(to, words) prl_buffer_append(to, words, sizeof(words) - 1)

/* ---- values ------------------------------------------------------------------------------------------------------ */

static bool put(prl_buffer *to, const char *text)
{
	return prl_buffer_append(to, text, strlen(text));
}

/* RFC 8259, 7: what must be escaped. */
bool prl_show_text(const char *text, prl_buffer *to)
{
	bool done = PUT(to, "\"");
	while (*text && done) {
		size_t plain = 0;
		while ((unsigned char)text[plain] >= 0x20 && text[plain] != '"' && text[plain] != '\\')
			plain++;
		done = prl_buffer_append(to, text, plain);
		text += plain;
		if (!*text || !done)
			continue;
		done = *text == '"' || *text == '\\' ? PUT(to, "\\") && prl_buffer_append(to, text, 1)
						     : prl_buffer_printf(to, "\\u%04x", (unsigned)(unsigned char)*text);
		text++;
	}
	return done && PUT(to, "\"");
}

static bool put_uuid(prl_buffer *to, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX + 2] = "\"";
	prl_uuid_write(id, text + 1);
	text[PRL_UUID_TEXT_MAX] = '"';
	return prl_buffer_append(to, text, PRL_UUID_TEXT_MAX + 1);
}

static bool put_stamp(prl_buffer *to, const prl_stamp *stamp, const prl_uuid *id)
{
	char text[PRL_STAMP_TEXT_MAX];
	prl_stamp_write(stamp, id, text);
	return PUT(to, "\"") && put(to, text) && PUT(to, "\"");
}

static bool put_number(prl_buffer *to, uint32_t number)
{
	char digits[10];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return prl_buffer_append(to, digits + at, sizeof digits - at);
}

static bool put_flag(prl_buffer *to, unsigned flag)
{
	return flag ? PUT(to, "true") : PUT(to, "false");
}

/* RFC3339 in UTC with a Z, zeros at the end dropped, as Go's RFC3339Nano. */
static bool put_time(prl_buffer *to, prl_time time)
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
	return PUT(to, "{\"value\":\"") && put(to, text) && PUT(to, "\",\"format\":\"RFC3339\"}");
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

static bool put_times(prl_buffer *to, const prl_extent *extent)
{
	return PUT(to, ",\"time_start\":") && put_time(to, extent->from) && PUT(to, ",\"time_end\":") &&
	       put_time(to, extent->to);
}

static bool put_intent(prl_buffer *to, const prl_entity *entity)
{
	bool done = PUT(to, ",\"state\":\"") && put(to, prl_intent_state_word(entity->state)) &&
		    PUT(to, "\",\"subscription_id\":");
	if (entity->flags & PRL_ENTITY_SUBSCRIBED)
		return done && put_uuid(to, &entity->subscription);
	return done && PUT(to, "\"00000000-0000-4000-8000-000000000000\""); /* f3548.md, 6 */
}

bool prl_show_reference(prl_picture *picture, prl_version version, const prl_entity *entity, const char *viewer,
			prl_buffer *to)
{
	const char *manager = prl_entity_manager(entity);
	bool knows = strcmp(viewer, manager) == 0 && entity->flags & PRL_ENTITY_HERE;
	bool intent = entity->kind == PRL_INTENT;
	/* the Go DSS says Unknown of whoever manages a constraint (f3548.md, 8) */
	prl_uss_state state = intent ? prl_uss_state_of(picture, version, manager) : PRL_USS_UNKNOWN;
	return PUT(to, "{\"id\":") && put_uuid(to, &entity->id) && PUT(to, ",\"manager\":") &&
	       prl_show_text(manager, to) && PUT(to, ",\"uss_availability\":\"") &&
	       put(to, prl_uss_state_word(state)) && PUT(to, "\",\"version\":") && put_number(to, entity->version) &&
	       PUT(to, ",\"ovn\":") &&
	       (knows ? put_stamp(to, &entity->stamp, &entity->id) : PUT(to, "\"" PRL_OVN_OF_OTHERS "\"")) &&
	       put_times(to, entity->shape->extent) && PUT(to, ",\"uss_base_url\":") &&
	       prl_show_text(prl_entity_url(entity), to) && (!intent || put_intent(to, entity)) && PUT(to, "}");
}

static bool put_dependents(prl_buffer *to, const prl_entity *subscription)
{
	bool done = PUT(to, ",\"dependent_operational_intents\":[");
	for (uint32_t i = 0; i < subscription->dependent_count && done; i++)
		done = (!i || PUT(to, ",")) && put_uuid(to, &subscription->dependents[i]);
	return done && PUT(to, "]");
}

bool prl_show_subscription(const prl_entity *s, prl_buffer *to)
{
	return PUT(to, "{\"id\":") && put_uuid(to, &s->id) && PUT(to, ",\"version\":") &&
	       put_stamp(to, &s->stamp, &s->id) && PUT(to, ",\"notification_index\":") && put_number(to, s->notified) &&
	       put_times(to, s->shape->extent) && PUT(to, ",\"uss_base_url\":") &&
	       prl_show_text(prl_entity_url(s), to) && PUT(to, ",\"notify_for_operational_intents\":") &&
	       put_flag(to, s->flags & PRL_ENTITY_FOR_INTENTS) && PUT(to, ",\"notify_for_constraints\":") &&
	       put_flag(to, s->flags & PRL_ENTITY_FOR_CONSTRAINTS) && PUT(to, ",\"implicit_subscription\":") &&
	       put_flag(to, s->flags & PRL_ENTITY_IMPLICIT) && put_dependents(to, s) && PUT(to, "}");
}

bool prl_show_list(prl_picture *picture, prl_version version, const prl_entity *const *entities, size_t count,
		   const char *viewer, prl_buffer *to)
{
	bool done = PUT(to, "[");
	for (size_t i = 0; i < count && done; i++) {
		done = !i || PUT(to, ",");
		if (entities[i]->kind == PRL_SUBSCRIPTION)
			done = done && prl_show_subscription(entities[i], to);
		else
			done = done && prl_show_reference(picture, version, entities[i], viewer, to);
	}
	return done && PUT(to, "]");
}

/* ---- whom to tell ------------------------------------------------------------------------------------------------ */

static int by_url(const void *a, const void *b)
{
	const prl_subscriber *left = a, *right = b;
	int order = strcmp(left->url, right->url);
	return order ? order : memcmp(&left->id, &right->id, sizeof left->id);
}

static bool put_subscriber(prl_buffer *to, const prl_subscriber *one, bool first)
{
	bool done =
		first ? PUT(to, "{\"uss_base_url\":") && prl_show_text(one->url, to) && PUT(to, ",\"subscriptions\":[")
		      : PUT(to, ",");
	return done && PUT(to, "{\"subscription_id\":") && put_uuid(to, &one->id) &&
	       PUT(to, ",\"notification_index\":") && put_number(to, one->index) && PUT(to, "}");
}

bool prl_show_subscribers(prl_subscriber *subscribers, size_t count, prl_buffer *to)
{
	bool done = PUT(to, "[");
	if (count > 1)
		qsort(subscribers, count, sizeof *subscribers, by_url);
	for (size_t i = 0; i < count && done; i++) {
		bool first = !i || strcmp(subscribers[i].url, subscribers[i - 1].url) != 0;
		done = !first || !i || PUT(to, "]},");
		done = done && put_subscriber(to, &subscribers[i], first);
	}
	return done && (!count || PUT(to, "]}")) && PUT(to, "]");
}

bool prl_show_availability(const char *name, const prl_uss *uss, prl_buffer *to)
{
	const prl_uuid id = prl_uss_id(name);
	bool done = PUT(to, "{\"version\":") && (uss ? put_stamp(to, &uss->stamp, &id) : PUT(to, "\"\"")) &&
		    PUT(to, ",\"status\":{\"uss\":") && prl_show_text(name, to) && PUT(to, ",\"availability\":\"");
	return done && put(to, prl_uss_state_word(uss ? (prl_uss_state)uss->state : PRL_USS_UNKNOWN)) &&
	       PUT(to, "\"}}");
}
