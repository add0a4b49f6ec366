/* Operational intents of drone traffic services for the parties of the line: GET /parley/v1/intents. What F3548
 * discloses, and no more: the reference, and the envelope in place, altitude and time; the volumes are the service's to
 * give, at its address. */
#include "node/api.h"

#include "base/error.h"
#include "line/met.h"
#include "line/part.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INTENTS_COUNT     500u
#define INTENTS_COUNT_MAX 2000u
#define DAY               (24 * 3600 * PRL_SECOND)

/* What was asked. */
typedef struct asking {
	prl_request *request;
	prl_bounds bounds;
	prl_time from, to;
	uint64_t count;
} asking;

static const char *const queries[] = { "south", "west", "north", "east", "from", "to", "count", NULL };
static const char *const of_notice[] = { "notice", "count", NULL };

/* False: has answered 400. */
static bool read_degrees(const asking *ask, const char *name, double most, double *ret)
{
	char text[32], *end;
	prl_bytes given = prl_request_query(ask->request, name);
	if (!given.data)
		return true;
	if (given.size < sizeof text) {
		memcpy(text, given.data, given.size);
		text[given.size] = 0;
		*ret = strtod(text, &end);
		if (given.size && !*end && *ret >= -most && *ret <= most)
			return true;
	}
	prl_answer_status(ask->request, 400, "%s: expected degrees from -%.0f to %.0f", name, most, most);
	return false;
}

static bool read_instant(const asking *ask, const char *name, prl_time *ret)
{
	prl_error err;
	prl_bytes given = prl_request_query(ask->request, name);
	if (!given.data || !prl_time_parse(given.data, given.size, ret, &err))
		return true;
	prl_answer_status(ask->request, 400, "%s: %s", name, err.text);
	return false;
}

static bool read_asking(asking *ask)
{
	if (!prl_request_queries_only(ask->request, queries) ||
	    !read_degrees(ask, "south", 90, &ask->bounds.south_deg) ||
	    !read_degrees(ask, "north", 90, &ask->bounds.north_deg) ||
	    !read_degrees(ask, "west", 180, &ask->bounds.west_deg) ||
	    !read_degrees(ask, "east", 180, &ask->bounds.east_deg) || !read_instant(ask, "from", &ask->from) ||
	    !read_instant(ask, "to", &ask->to) ||
	    !prl_api_number(ask->request, prl_request_query(ask->request, "count"), "count", INTENTS_COUNT,
			    &ask->count))
		return false;
	if (ask->bounds.south_deg <= ask->bounds.north_deg && ask->from <= ask->to && ask->count <= INTENTS_COUNT_MAX)
		return true;
	prl_answer_status(ask->request, 400, "expected south <= north, from <= to, count of at most %u",
			  INTENTS_COUNT_MAX);
	return false;
}

static json_t *altitude(double metres)
{
	return isfinite(metres) ? json_real(metres) : json_null();
}

json_t *prl_api_intent_json(const prl_entity *intent)
{
	const prl_extent *extent = intent->shape->extent;
	const prl_bounds b = prl_extent_bounds(extent);
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&intent->id, id);
	return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:[f,f,f,f], s:s}", "id", id, "manager",
			 prl_entity_manager(intent), "state", prl_intent_state_word(intent->state), "version",
			 (json_int_t)intent->version, "from", prl_show_time(extent->from), "to",
			 prl_show_time(extent->to), "lower_m", altitude(extent->lower_m), "upper_m",
			 altitude(extent->upper_m), "bounds", b.west_deg, b.south_deg, b.east_deg, b.north_deg,
			 "uss_base_url", prl_entity_url(intent));
}

static json_t *list_of(const prl_entity *const *found, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; list && i < count; i++) {
		if (json_array_append_new(list, prl_api_intent_json(found[i])) == 0)
			continue;
		json_decref(list);
		list = NULL;
	}
	return list;
}

static prl_status find(const prl_api *api, const asking *ask, const prl_extent_ready *ready, json_t **ret,
		       prl_error *err)
{
	const prl_search search = { PRL_INTENT, ready, false, api->now(api->now_context), 0 };
	const prl_entity **found = NULL;
	size_t count = 0;
	prl_look look = prl_registry_pin(api->registry);
	prl_status status = prl_registry_find(&look, &search, &found, &count, err);
	if (!status) {
		size_t shown = count < ask->count ? count : ask->count;
		*ret = json_pack("{s:o, s:I}", "intents", list_of(found, shown), "more", (json_int_t)(count - shown));
	}
	prl_registry_unpin(&look);
	free(found);
	return status || *ret ? status : prl_error_memory(err);
}

/* Bounds of all the earth are no polygon. */
static prl_status extent_of(const asking *ask, prl_extent **ret, prl_error *err)
{
	const prl_bounds *b = &ask->bounds;
	prl_extent *earth = NULL;
	if (b->east_deg - b->west_deg < 360 || b->north_deg - b->south_deg < 180)
		return prl_extent_of_bounds(*b, -HUGE_VAL, HUGE_VAL, ask->from, ask->to, ret, err);
	prl_status status = prl_extent_everywhere(&earth, err);
	if (!status)
		status = prl_extent_during(earth, ask->from, ask->to, ret, err);
	prl_extent_free(earth);
	return status;
}

/* ---- those that a notice meets ----------------------------------------------------------------------------------- */

/* What the picture names and what has not ended, the first first. */
static json_t *flights_json(const prl_show *show, const prl_met *met, size_t most)
{
	json_t *list = json_array();
	for (size_t i = 0; i < met->named && json_array_size(list) < most; i++) {
		const prl_entity *intent =
			prl_entity_find(show->picture, show->version, PRL_INTENT, &met->flights[i].id);
		if (intent && met->flights[i].to >= show->now)
			(void)json_array_append_new(list, prl_api_intent_json(intent));
	}
	return list;
}

/* NULL: out of memory. */
static json_t *met_json(const prl_show *show, const prl_notice *notice, size_t most)
{
	char name[PRL_NOTICE_NAME_MAX];
	prl_met_sum sum = { 0, PRL_TIME_OPEN_START, false };
	const prl_met *met =
		prl_met_sum_of(show, notice, &sum) ? prl_met_find(show->picture, show->version, &notice->id) : NULL;
	json_t *list = met ? flights_json(show, met, most) : json_array();
	prl_notice_name(notice, name);
	return json_pack("{s:s, s:I, s:o, s:b, s:o, s:I}", "notice", name, "count", (json_int_t)sum.count, "first",
			 prl_show_time(sum.first), "counting", sum.counting, "intents", list, "more",
			 (json_int_t)sum.count - (json_int_t)json_array_size(list));
}

/* Of its own party's notices each sees what they meet; of others it hears what of those that are not there. */
static void answer_for_notice(prl_api *api, prl_request *request)
{
	uint64_t most;
	json_t *body = NULL;
	prl_bytes name = prl_request_query(request, "notice");
	if (!prl_request_queries_only(request, of_notice) ||
	    !prl_api_number(request, prl_request_query(request, "count"), "count", INTENTS_COUNT, &most))
		return;
	prl_show show = { .picture = api->picture,
			  .version = prl_picture_pin(api->picture),
			  .now = api->now(api->now_context),
			  .party = prl_request_caller(request)->party };
	const prl_notice *notice = prl_notice_named(show.picture, show.version, name);
	bool own = notice && show.party && strcmp(notice->party, show.party) == 0;
	if (own)
		body = met_json(&show, notice, most);
	prl_picture_unpin(show.picture, show.version);
	if (!own)
		prl_answer_status(request, 404, "no own notice has this name; expected one as us#12");
	else if (body)
		prl_answer_json(request, 200, body);
	else
		prl_api_no_memory(request);
}

void prl_api_intents(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_time now = api->now(api->now_context);
	asking ask = { .request = request, .bounds = { -90, 90, -180, 180 }, .from = now, .to = now + DAY };
	prl_extent_ready ready;
	prl_extent *extent = NULL;
	prl_error err;
	json_t *body = NULL;
	if (!api->registry) {
		prl_answer_status(request, 404, "this node serves no F3548 region (parley serve --help)");
		return;
	}
	if (prl_request_query(request, "notice").data) {
		answer_for_notice(api, request);
		return;
	}
	if (!read_asking(&ask))
		return;
	prl_status status = extent_of(&ask, &extent, &err);
	if (!status)
		status = prl_extent_prepare(extent, &ready, &err);
	if (!status) {
		status = find(api, &ask, &ready, &body, &err);
		prl_extent_ready_done(&ready);
	}
	prl_extent_free(extent);
	if (status)
		prl_answer_error(request, &err);
	else
		prl_answer_json(request, 200, body);
}
