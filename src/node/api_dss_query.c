/* What F3548 callers ask: read from a published version of the picture that is pinned meanwhile, without waiting. */
#include "node/api_dss.h"

#include "base/error.h"
#include "dss/show.h"

#include <string.h>

static const struct {
	const char *one, *many;
} names[PRL_ENTITY_KINDS] = {
	[PRL_INTENT] = { "operational_intent_reference", "operational_intent_references" },
	[PRL_CONSTRAINT] = { "constraint_reference", "constraint_references" },
	[PRL_SUBSCRIPTION] = { "subscription", "subscriptions" },
};

static bool is_owned(const prl_dss_asked *asked, const prl_entity *entity)
{
	return strcmp(prl_entity_manager(entity), asked->caller.subject) == 0;
}

static void refuse(const prl_dss_asked *asked, unsigned status, const char *text)
{
	prl_error err;
	(void)prl_error_set(&err, PRL_E_REFUSED, "%s", text);
	prl_dss_answer_error(asked->request, status, &err);
}

/* ---- queries ----------------------------------------------------------------------------------------------------- */

/* Of subscriptions only the caller's. */
static size_t keep_shown(const prl_dss_asked *asked, prl_entity_kind kind, const prl_entity **found, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (kind != PRL_SUBSCRIPTION || is_owned(asked, found[i]))
			found[kept++] = found[i];
	return kept;
}

/* 0 with the body of the answer, or the code of a refusal. */
static unsigned find(const prl_dss_asked *asked, const prl_look *look, const prl_search *search, prl_buffer *ret,
		     prl_error *err)
{
	const prl_entity **found = NULL;
	size_t count = 0;
	if (prl_registry_find(look, search, &found, &count, err))
		return 503;
	count = keep_shown(asked, search->kind, found, count);
	unsigned refused = count > asked->api->dss_rules.found_max ? search->kind == PRL_SUBSCRIPTION ? 413 : 400 : 0;
	if (refused)
		(void)prl_error_set(err, PRL_E_TOO_LARGE,
				    "%zu objects were found, at most %u are shown: ask for a smaller area, band of "
				    "altitude or time",
				    count, asked->api->dss_rules.found_max);
	else if (!prl_buffer_printf(ret, "{\"%s\":", names[search->kind].many) ||
		 !prl_show_list(look->picture, look->version, found, count, asked->caller.subject, ret) ||
		 !prl_buffer_append(ret, "}", 1))
		refused = prl_error_memory(err) ? 503 : 0;
	free(found);
	return refused;
}

void prl_dss_find(const prl_dss_asked *asked, prl_entity_kind kind)
{
	prl_dss_query query;
	prl_error err;
	prl_buffer body = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	unsigned refused =
		prl_dss_query_read(prl_request_body(asked->request), kind, &asked->api->dss_rules, &query, &err);
	if (!refused) {
		const prl_search search = {
			.kind = kind, .ready = &query.ready, .altitudes = kind == PRL_INTENT, .now = asked->now
		};
		prl_look look = prl_registry_pin(asked->api->registry);
		refused = find(asked, &look, &search, &body, &err);
		prl_registry_unpin(&look);
		prl_dss_query_done(&query);
	}
	if (refused)
		prl_dss_answer_error(asked->request, refused, &err);
	else
		prl_dss_answer_bytes(asked->request, 200, true, &body);
	prl_buffer_done(&body);
}

/* ---- what a subscription would list ------------------------------------------------------------------------------ */

#define DAY (86400 * PRL_SECOND)

static unsigned count_met(const prl_look *look, const prl_search *search, uint32_t most, prl_error *err)
{
	const prl_entity **found = NULL;
	size_t count = 0;
	if (prl_registry_find(look, search, &found, &count, err))
		return 503;
	free(found);
	if (count <= most)
		return 0;
	(void)prl_error_set(err, PRL_E_TOO_LARGE,
			    "the subscription meets %zu %s, at most %u are shown: ask for a smaller area or time",
			    count, names[search->kind].many, most);
	return 400;
}

unsigned prl_dss_too_many(const prl_dss_asked *asked, const prl_dss_request *request, prl_error *err)
{
	prl_extent *during = NULL;
	prl_extent_ready ready;
	const prl_extent *extent = request->extent;
	uint32_t most = asked->api->dss_rules.found_max;
	prl_time from = extent->from == PRL_TIME_OPEN_START ? asked->now : extent->from;
	prl_time to = extent->to == PRL_TIME_OPEN_END ? from + DAY : extent->to;
	prl_status status = prl_extent_during(extent, from, to < from ? from : to, &during, err);
	if (!status)
		status = prl_extent_prepare(during, &ready, err);
	if (status) {
		prl_extent_free(during);
		return 503;
	}
	prl_look look = prl_registry_pin(asked->api->registry);
	prl_search search = { .kind = PRL_INTENT, .ready = &ready, .now = asked->now };
	unsigned refused = request->for_intents ? count_met(&look, &search, most, err) : 0;
	search.kind = PRL_CONSTRAINT;
	if (!refused && request->for_constraints)
		refused = count_met(&look, &search, most, err);
	prl_registry_unpin(&look);
	prl_extent_ready_done(&ready);
	prl_extent_free(during);
	return refused;
}

/* ---- one object -------------------------------------------------------------------------------------------------- */

/* What has ended is gone for whoever asks, though it may not be removed yet; a subscription's owner still sees it. */
static bool is_hidden(const prl_dss_asked *asked, const prl_entity *entity)
{
	return entity->kind != PRL_SUBSCRIPTION && entity->shape->extent->to < asked->now;
}

void prl_dss_get(const prl_dss_asked *asked, prl_entity_kind kind)
{
	prl_uuid id;
	if (!prl_uuid_read(prl_request_part(asked->request, "id"), &id)) {
		refuse(asked, 400, "Invalid ID format, expected a UUID of version 4");
		return;
	}
	prl_look look = prl_registry_pin(asked->api->registry);
	const prl_entity *entity = prl_entity_find(look.picture, look.version, kind, &id);
	bool found = entity && !is_hidden(asked, entity);
	bool refused = found && kind == PRL_SUBSCRIPTION && !is_owned(asked, entity);
	prl_buffer body = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	bool whole = found && !refused && prl_buffer_printf(&body, "{\"%s\":", names[kind].one);
	if (whole && kind == PRL_SUBSCRIPTION)
		whole = prl_show_subscription(entity, &body);
	else if (whole)
		whole = prl_show_reference(look.picture, look.version, entity, asked->caller.subject, &body);
	whole = whole && prl_buffer_append(&body, "}", 1);
	prl_registry_unpin(&look);
	if (!found)
		refuse(asked, 404, "nothing of this kind has this id");
	else if (refused)
		refuse(asked, 403, "the subscription is another USS's");
	else
		prl_dss_answer_bytes(asked->request, 200, whole, &body);
	prl_buffer_done(&body);
}

/* ---- availability ------------------------------------------------------------------------------------------------ */

void prl_dss_get_availability(const prl_dss_asked *asked)
{
	prl_bytes part = prl_request_part(asked->request, "id");
	char name[PRL_JWT_SUBJECT_MAX];
	if (!part.size || part.size >= sizeof name) {
		refuse(asked, 400, "Missing or too long a name of a USS, expected 1 to 255 bytes");
		return;
	}
	memcpy(name, part.data, part.size);
	name[part.size] = 0;
	prl_look look = prl_registry_pin(asked->api->registry);
	prl_buffer body = PRL_BUFFER(PRL_KIB * 16);
	bool whole = prl_show_availability(name, prl_uss_find(look.picture, look.version, name), &body);
	prl_registry_unpin(&look);
	prl_dss_answer_bytes(asked->request, 200, whole, &body);
	prl_buffer_done(&body);
}
