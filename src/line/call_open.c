/* Of which calls something is waited for. What screens, alarms and the bell look at every second hangs on these, so
 * there is an end to them: PRL_CALL_OPEN_A_PARTY (call.h). */
#include "line/call_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"

#include <string.h>

#define WORKING PRL_VERSION_WORKING

prl_status prl_call_take_away(prl_picture *picture, const char *noun, prl_bytes key, prl_error *err)
{
	unsigned table;
	return prl_picture_table(picture, noun, &table) ? prl_picture_remove(picture, table, key, err) : PRL_OK;
}

/* What stands in call.open; NULL where nothing is waited for. */
static json_t *open_thing(prl_picture *picture, const json_t *call)
{
	const prl_constitution *constitution = prl_picture_constitution(picture, WORKING);
	json_t *parties = constitution ? prl_call_parties(call, constitution) : NULL, *thing = NULL;
	if (json_object_get(call, "class") && !(parties && prl_call_is_over(call, parties)))
		thing = json_pack("{s:O?, s:O?, s:b}", "party", json_object_get(call, "party"), "ns",
				  json_object_get(call, "ns"), "waits", !parties || prl_call_waits(call, parties));
	json_decref(parties);
	return thing;
}

static prl_status count_open(prl_picture *picture, prl_bytes party, int64_t change, uint64_t *ret, prl_error *err)
{
	uint64_t count = prl_body_number(prl_thing_find(picture, WORKING, PRL_CALL_OPENED_NOUN, party), "count", 0);
	*ret = change < 0 && !count ? 0 : count + (uint64_t)change;
	if (*ret == 0)
		return count ? prl_call_take_away(picture, PRL_CALL_OPENED_NOUN, party, err) : PRL_OK;
	return prl_thing_put(picture, PRL_CALL_OPENED_NOUN, party, json_pack("{s:I}", "count", (json_int_t)*ret), err);
}

typedef struct open_call {
	prl_hash id;
	prl_time at;
	bool waits;
} open_call;

typedef struct gathering {
	prl_bytes party;
	size_t count;
	open_call calls[PRL_CALL_OPEN_A_PARTY + 1];
} gathering;

static bool gather_one(void *context, prl_bytes key, const json_t *thing)
{
	gathering *g = context;
	prl_bytes party = prl_body_text(thing, "party");
	if (key.size == sizeof(prl_hash) && party.size == g->party.size &&
	    memcmp(party.data, g->party.data, party.size) == 0) {
		open_call *one = &g->calls[g->count++];
		memcpy(&one->id, key.data, sizeof one->id);
		one->at = json_integer_value(json_object_get(thing, "ns"));
		one->waits = json_is_true(json_object_get(thing, "waits"));
	}
	return g->count < sizeof g->calls / sizeof *g->calls;
}

static int compare_open(const void *a, const void *b)
{
	const open_call *x = a, *y = b;
	if (x->waits != y->waits)
		return x->waits - y->waits;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : memcmp(&x->id, &y->id, sizeof x->id);
}

/* Some at a time, so that a party that goes on raising costs no look at all of its calls for each. */
static prl_status make_room(prl_picture *picture, prl_bytes party, prl_error *err)
{
	gathering *g = calloc(1, sizeof *g);
	if (!g)
		return prl_error_memory(err);
	g->party = party;
	uint64_t count;
	prl_status status = prl_thing_each(picture, WORKING, PRL_CALL_OPEN_NOUN, gather_one, g, err);
	qsort(g->calls, g->count, sizeof *g->calls, compare_open);
	for (size_t i = 0; i < PRL_CALL_OPEN_A_PARTY / 8 && i < g->count && !status; i++) {
		status = prl_call_take_away(picture, PRL_CALL_OPEN_NOUN, prl_hash_key(&g->calls[i].id), err);
		if (!status)
			status = count_open(picture, party, -1, &count, err);
	}
	free(g);
	return status;
}

prl_status prl_call_put_open(prl_picture *picture, const prl_hash *id, const json_t *call, prl_error *err)
{
	const json_t *was = prl_thing_find(picture, WORKING, PRL_CALL_OPEN_NOUN, prl_hash_key(id));
	json_t *thing = open_thing(picture, call);
	prl_bytes party = prl_body_text(call, "party");
	uint64_t count = 0;
	prl_status status = PRL_OK;
	if (was ? thing && json_equal(was, thing) : !thing) {
		json_decref(thing);
		return PRL_OK;
	}
	if (!was || !thing)
		status = count_open(picture, party, thing ? 1 : -1, &count, err);
	if (status)
		json_decref(thing);
	else if (!thing)
		return prl_call_take_away(picture, PRL_CALL_OPEN_NOUN, prl_hash_key(id), err);
	else
		status = prl_thing_put(picture, PRL_CALL_OPEN_NOUN, prl_hash_key(id), thing, err);
	return !status && count > PRL_CALL_OPEN_A_PARTY ? make_room(picture, party, err) : status;
}

/* ---- looked at --------------------------------------------------------------------------------------------------- */

typedef struct open_calls {
	prl_picture *picture;
	prl_version version;
	prl_thing_fn *fn;
	void *context;
	bool waiting; /* only those */
} open_calls;

static bool each_open(void *context, prl_bytes key, const json_t *thing)
{
	const open_calls *open = context;
	if (open->waiting && !json_is_true(json_object_get(thing, "waits")))
		return true;
	const json_t *call = prl_thing_find(open->picture, open->version, PRL_CALL_NOUN, key);
	return !call || open->fn(open->context, key, call);
}

prl_status prl_call_each_open(prl_picture *picture, prl_version version, prl_thing_fn *fn, void *context,
			      prl_error *err)
{
	open_calls open = { picture, version, fn, context, false };
	return prl_thing_each(picture, version, PRL_CALL_OPEN_NOUN, each_open, &open, err);
}

prl_status prl_call_each_waiting(prl_picture *picture, prl_version version, prl_thing_fn *fn, void *context,
				 prl_error *err)
{
	open_calls open = { picture, version, fn, context, true };
	return prl_thing_each(picture, version, PRL_CALL_OPEN_NOUN, each_open, &open, err);
}
