/* Subscriptions: f3548.md, 7. */
#include "base/error.h"
#include "dss/decide_inside.h"

#include <string.h>

#define MINUTES (60 * PRL_SECOND)
#define LATE    (5 * MINUTES)       /* a start may lie so long before now, or after that of a dependent intent */
#define LONGEST (24 * 60 * MINUTES) /* a subscription */

/* Version before owner: the order of the Go DSS. */
static prl_status check_existing(prl_deciding *d, const prl_entity *old, unsigned otherwise)
{
	if (!old && d->request->stamp)
		return prl_dss_refuse(d, otherwise, "there is no subscription with this id");
	if (old && !prl_dss_current(d, old))
		return prl_dss_refuse(d, 409,
				      d->request->stamp ? "the version is not the current one"
							: "the subscription exists: its current version is needed");
	if (old && !prl_dss_owns(d, old))
		return prl_dss_refuse(d, 403, "the subscription is another USS's");
	return PRL_OK;
}

/* What was not stated stays as it was, or begins now and lasts a day. */
static prl_status decide_times(prl_deciding *d, const prl_entity *old, prl_time *from, prl_time *to)
{
	const prl_extent *asked = d->request->extent;
	prl_time now = d->request->now;
	*from = asked->from != PRL_TIME_OPEN_START ? asked->from : old ? old->shape->extent->from : now;
	if (asked->from != PRL_TIME_OPEN_START && asked->from < now - LATE)
		return prl_dss_refuse(d, 400, "time_start lies more than 5 min in the past");
	*to = asked->to != PRL_TIME_OPEN_END ? asked->to : old ? old->shape->extent->to : *from + LONGEST;
	if (*to < *from)
		return prl_dss_refuse(d, 400, "time_end lies before time_start");
	if (*to < now)
		return prl_dss_refuse(d, 400, "time_end lies in the past");
	if (*to - *from > LONGEST)
		return prl_dss_refuse(d, 400, "a subscription lasts 24 h at most");
	return PRL_OK;
}

static prl_status check_dependent(prl_deciding *d, const prl_entity *intent, const prl_extent *with)
{
	char id[PRL_UUID_TEXT_MAX];
	const prl_extent *inner = intent->shape->extent;
	bool covers = with->from <= inner->from + LATE && with->to >= inner->to && with->lower_m <= inner->lower_m &&
		      with->upper_m >= inner->upper_m;
	prl_status st = covers ? prl_extent_covers(with, inner, &covers, d->err) : PRL_OK;
	prl_uuid_write(&intent->id, id);
	if (st || covers)
		return st;
	return prl_dss_refuse(d, 400, "the subscription would not cover operational intent %s, which depends on it",
			      id);
}

static prl_status check_dependents(prl_deciding *d, const prl_entity *old, const prl_extent *with)
{
	prl_status st = PRL_OK;
	for (uint32_t i = 0; old && i < old->dependent_count && !st && !d->outcome->status; i++) {
		const prl_entity *intent = prl_dss_entity(d, PRL_INTENT, &old->dependents[i]);
		if (intent)
			st = check_dependent(d, intent, with);
	}
	return st;
}

static prl_status record(prl_deciding *d, const prl_entity *old)
{
	prl_dss_home *made = &d->outcome->made;
	made->url = d->request->url;
	made->for_intents = d->request->for_intents;
	made->for_constraints = d->request->for_constraints;
	prl_dss_touch(d, PRL_SUBSCRIPTION, &d->request->id);
	json_t *body = prl_dss_short_body(d);
	if (body && json_object_set_new(body, "version", json_integer(old ? old->version + 1 : 1)) != 0) {
		json_decref(body);
		body = NULL;
	}
	return prl_dss_record(d, "subscription.put", body);
}

prl_status prl_decide_put_subscription(prl_deciding *d)
{
	const prl_entity *old = prl_dss_entity(d, PRL_SUBSCRIPTION, &d->request->id);
	prl_time from = 0, to = 0;
	prl_status st = check_existing(d, old, 400);
	if (!st && !d->outcome->status)
		st = decide_times(d, old, &from, &to);
	if (st || d->outcome->status)
		return st;
	st = prl_extent_during(d->request->extent, from, to, &d->outcome->extent, d->err);
	if (!st)
		st = check_dependents(d, old, d->outcome->extent);
	if (st || d->outcome->status)
		return st;
	d->outcome->made.extent = d->outcome->extent;
	return record(d, old);
}

prl_status prl_decide_delete_subscription(prl_deciding *d)
{
	const prl_entity *old = prl_dss_entity(d, PRL_SUBSCRIPTION, &d->request->id);
	prl_status st = check_existing(d, old, 404);
	if (st || d->outcome->status)
		return st;
	if (old->dependent_count)
		return prl_dss_refuse(d, 400, "%u operational intents depend on the subscription",
				      old->dependent_count);
	bool shown = prl_show_subscription(old, &d->outcome->before);
	prl_dss_touch(d, PRL_SUBSCRIPTION, &old->id);
	return shown ? prl_dss_record(d, "subscription.deleted", prl_dss_short_body(d)) : prl_error_memory(d->err);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static prl_status references(const prl_look *look, const prl_search *search, const char *member, const char *viewer,
			     prl_buffer *to, prl_error *err)
{
	const prl_entity **found = NULL;
	size_t count = 0;
	prl_status st = prl_registry_find(look, search, &found, &count, err);
	if (!st && !(prl_buffer_printf(to, ",\"%s\":", member) &&
		     prl_show_list(look->picture, look->version, found, count, viewer, to)))
		st = prl_error_memory(err);
	free(found);
	return st;
}

/* Altitude is ignored, as in telling (f3548.md, 5). */
prl_status prl_decide_subscription_answer(const prl_look *look, const prl_dss_request *request, size_t most,
					  prl_buffer *to, prl_error *err)
{
	const prl_entity *subscription = prl_entity_find(look->picture, look->version, PRL_SUBSCRIPTION, &request->id);
	prl_extent_ready ready;
	prl_status st = prl_extent_prepare(subscription->shape->extent, &ready, err);
	if (st)
		return st;
	prl_search search = { PRL_INTENT, &ready, false, request->now, most };
	if (!prl_buffer_printf(to, "{\"subscription\":") || !prl_show_subscription(subscription, to))
		st = prl_error_memory(err);
	if (!st && request->for_intents)
		st = references(look, &search, "operational_intent_references", request->manager, to, err);
	search.kind = PRL_CONSTRAINT;
	if (!st && request->for_constraints)
		st = references(look, &search, "constraint_references", request->manager, to, err);
	prl_extent_ready_done(&ready);
	if (!st && !prl_buffer_append(to, "}", 1))
		st = prl_error_memory(err);
	return st;
}
