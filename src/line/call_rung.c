/* call.rung: what rang UNVERIFIED, as the node says at which it did. By "log\ncount" {"count"} and "log\nn", n the
 * count modulo PRL_CALL_RUNG_A_LOG: of each log the newest, in that log's own order, whatever came beside it. */
#include "line/call_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX (PRL_KEY_NAME_MAX + 32)

static prl_bytes key_of(const char *log, const char *what, char room[KEY_MAX])
{
	int length = snprintf(room, KEY_MAX, "%s\n%s", log, what);
	return (prl_bytes){ room, (size_t)length };
}

prl_status prl_call_rung(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const names[] = { "call",       "class",        "why",    "brought_by",
					     "said_party", "said_key",     "place",  "words",
					     "call_back",  "count",        "reason", "language",
					     "notice",     "not_recorded", "stated", NULL };
	char room[KEY_MAX], number[24];
	prl_bytes key = key_of(act->log, "count", room);
	uint64_t count =
		prl_body_number(prl_thing_find(picture, PRL_VERSION_WORKING, PRL_CALL_RUNG_NOUN, key), "count", 0);
	json_t *thing = prl_thing_new(act);
	if (thing && !prl_thing_take(thing, act->body, names)) {
		json_decref(thing);
		return prl_error_memory(err);
	}
	prl_status status = prl_thing_put(picture, PRL_CALL_RUNG_NOUN, key,
					  json_pack("{s:I}", "count", (json_int_t)(count + 1)), err);
	if (status) {
		json_decref(thing);
		return status;
	}
	(void)snprintf(number, sizeof number, "%u", (unsigned)(count % PRL_CALL_RUNG_A_LOG));
	return prl_thing_put(picture, PRL_CALL_RUNG_NOUN, key_of(act->log, number, room), thing, err);
}

/* ---- looked at --------------------------------------------------------------------------------------------------- */

typedef struct looking {
	const char *log; /* NULL: all */
	prl_thing_fn *fn;
	void *context;
} looking;

static bool one_rung(void *context, prl_bytes key, const json_t *thing)
{
	const looking *look = context;
	if (!json_object_get(thing, "call") || (look->log && !prl_bytes_is(prl_body_text(thing, "log"), look->log)))
		return true;
	return look->fn(look->context, key, thing);
}

prl_status prl_call_each_rung(prl_picture *picture, prl_version version, const char *log, prl_thing_fn *fn,
			      void *context, prl_error *err)
{
	looking look = { log, fn, context };
	return prl_thing_each(picture, version, PRL_CALL_RUNG_NOUN, one_rung, &look, err);
}

static bool add(void *context, prl_bytes key, const json_t *thing)
{
	(void)key;
	return json_array_append(context, (json_t *)(uintptr_t)thing) == 0;
}

/* What counts as nobody's is for all to see. */
prl_status prl_call_rung_show(const prl_show *show, json_t **ret, prl_error *err)
{
	json_t *items = json_array();
	prl_status status =
		items ? prl_call_each_rung(show->picture, show->version, NULL, add, items, err) : prl_error_memory(err);
	if (status)
		json_decref(items);
	else
		*ret = items;
	return status;
}
