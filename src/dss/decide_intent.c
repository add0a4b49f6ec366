/* Operational intents: f3548.md, 6. */
#include "base/error.h"
#include "dss/decide_inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- whose it is, and which version ------------------------------------------------------------------------------ */

static bool flies(const prl_dss_request *request)
{
	return request->state == PRL_ACCEPTED || request->state == PRL_ACTIVATED;
}

/* Other manager before OVN before there being none: the order of the Go DSS. */
static prl_status check_existing(prl_deciding *d, const prl_entity *old)
{
	if (old && !prl_dss_owns(d, old))
		return prl_dss_refuse(d, 403, "operational intent is managed by %.100s", prl_entity_manager(old));
	if (old && !prl_dss_current(d, old))
		return prl_dss_refuse(d, 409,
				      d->request->stamp ? "the OVN is not that of the current version"
							: "the operational intent exists: its current OVN is needed");
	if (!old && d->request->stamp)
		return prl_dss_refuse(d, 400, "there is no operational intent with this id: an OVN is for an update");
	if (flies(d->request) && prl_dss_is_down(d))
		return prl_dss_refuse(d, 403, "a USS that was declared Down makes no intent Accepted or Activated");
	return PRL_OK;
}

/* ---- its subscription -------------------------------------------------------------------------------------------- */

static prl_status cover(prl_deciding *d, const prl_entity *subscription)
{
	const prl_extent *outer = subscription->shape->extent, *inner = d->request->extent;
	bool covers = outer->from <= inner->from && outer->to >= inner->to;
	prl_status st = covers ? prl_extent_covers(outer, inner, &covers, d->err) : PRL_OK;
	if (st || covers)
		return st;
	if (!(subscription->flags & PRL_ENTITY_IMPLICIT))
		return prl_dss_refuse(d, 400,
				      "the subscription does not cover the operational intent in place and time");
	d->outcome->made.extends = true;
	return PRL_OK;
}

static prl_status take_subscription(prl_deciding *d, const prl_entity **ret)
{
	const prl_entity *subscription = prl_dss_entity(d, PRL_SUBSCRIPTION, &d->request->subscription);
	if (!subscription)
		return prl_dss_refuse(d, 400, "there is no subscription with this subscription_id");
	if (!prl_dss_owns(d, subscription))
		return prl_dss_refuse(d, 403, "the subscription is another USS's");
	*ret = subscription;
	return cover(d, subscription);
}

/* The one it had is dropped where it is implicit, and nothing else depends on it. */
static void part(prl_deciding *d, const prl_entity *old)
{
	prl_dss_home *made = &d->outcome->made;
	if (!old || !(old->flags & PRL_ENTITY_SUBSCRIBED))
		return;
	const prl_entity *had = prl_dss_entity(d, PRL_SUBSCRIPTION, &old->subscription);
	bool same = made->subscribed && prl_uuid_equal(&made->subscription, &old->subscription);
	if (!had || same)
		return;
	prl_dss_touch(d, PRL_SUBSCRIPTION, &old->subscription);
	made->drops = had->flags & PRL_ENTITY_IMPLICIT &&
		      (had->dependent_count == 0 ||
		       (had->dependent_count == 1 && prl_uuid_equal(&had->dependents[0], &old->id)));
	made->dropped = old->subscription;
}

static prl_status choose_subscription(prl_deciding *d, const prl_entity *old, bool *ret_for_constraints)
{
	const prl_dss_request *request = d->request;
	prl_dss_home *made = &d->outcome->made;
	const prl_entity *given = NULL;
	*ret_for_constraints = request->new_subscription && request->new_for_constraints;
	if (request->has_subscription) {
		prl_status st = take_subscription(d, &given);
		if (st || d->outcome->status)
			return st;
		*ret_for_constraints = given->flags & PRL_ENTITY_FOR_CONSTRAINTS;
	}
	made->subscribed = request->has_subscription || request->new_subscription;
	if (made->subscribed)
		made->subscription = request->has_subscription ? request->subscription : request->fresh;
	made->makes = request->new_subscription;
	made->made_url = request->new_url;
	made->made_for_constraints = request->new_for_constraints;
	if (made->subscribed)
		prl_dss_touch(d, PRL_SUBSCRIPTION, &made->subscription);
	part(d, old);
	return PRL_OK;
}

/* ---- the key ----------------------------------------------------------------------------------------------------- */

static int compare_key(const void *ovn, const void *item)
{
	return strcmp(ovn, *(const char *const *)item);
}

/* Where the nonce is not here any more no key holds it: what could be worked out without it was given to nobody. */
static bool has_key(const prl_dss_request *request, const prl_entity *entity)
{
	char text[PRL_STAMP_TEXT_MAX];
	if (!request->key_count || !(entity->flags & PRL_ENTITY_HERE))
		return false;
	prl_stamp_write(&entity->stamp, &entity->id, text);
	return bsearch(text, request->key, request->key_count, sizeof *request->key, compare_key) != NULL;
}

/* What a USS declared Down has only Accepted need not be known: it cannot be asked about it. */
static bool is_excused(const prl_deciding *d, const prl_entity *entity)
{
	return entity->kind == PRL_INTENT &&
	       (prl_uuid_equal(&entity->id, &d->request->id) ||
		(entity->state == PRL_ACCEPTED &&
		 prl_uss_state_of(d->look.picture, d->look.version, prl_entity_manager(entity)) == PRL_USS_DOWN));
}

/* What meets the new extents and is not in the key, as a further member of the refusal. */
static prl_status missing(prl_deciding *d, prl_entity_kind kind, const char *member)
{
	const prl_search search = { kind, &d->request->ready, true, d->request->now, 0 };
	const prl_entity **found = NULL;
	size_t count = 0, kept = 0;
	prl_status st = prl_registry_find(&d->look, &search, &found, &count, d->err);
	for (size_t i = 0; i < count && !st; i++)
		if (!is_excused(d, found[i]) && !has_key(d->request, found[i]))
			found[kept++] = found[i];
	prl_buffer *to = &d->outcome->answer;
	if (kept && !(prl_buffer_printf(to, ",\"%s\":", member) &&
		      prl_show_list(d->look.picture, d->look.version, found, kept, d->request->manager, to)))
		st = prl_error_memory(d->err);
	free(found);
	return st;
}

static prl_status check_key(prl_deciding *d, bool for_constraints)
{
	if (!flies(d->request))
		return PRL_OK;
	prl_status st = missing(d, PRL_INTENT, "missing_operational_intents");
	if (!st && for_constraints)
		st = missing(d, PRL_CONSTRAINT, "missing_constraints");
	if (st || !d->outcome->answer.size)
		return st;
	return prl_dss_refuse(d, 409, "the key lacks the current OVN of intents or constraints that meet this one");
}

/* ---- put --------------------------------------------------------------------------------------------------------- */

/* The same suffix again would name two versions by one OVN. */
static bool suffix_is_used(const prl_dss_request *request, const prl_entity *old)
{
	if (!old || !request->has_suffix)
		return false;
	for (uint32_t i = 0; i < old->dependent_count; i++)
		if (prl_uuid_equal(&old->dependents[i], &request->suffix))
			return true;
	return old->stamp.suffix && !memcmp(old->stamp.bytes, request->suffix.bytes, sizeof request->suffix.bytes);
}

static prl_status record_intent(prl_deciding *d, const prl_entity *old)
{
	const prl_dss_request *request = d->request;
	prl_dss_home *made = &d->outcome->made;
	made->extent = request->extent;
	made->has_suffix = request->has_suffix;
	made->suffix = request->suffix;
	prl_dss_touch(d, PRL_INTENT, &request->id);
	json_t *body = prl_dss_body(d, old ? old->version + 1 : 1);
	if (body && json_object_set_new(body, "state", json_string(prl_intent_state_word(request->state))) != 0) {
		json_decref(body);
		body = NULL;
	}
	return prl_dss_record(d, "intent.put", body);
}

prl_status prl_decide_put_intent(prl_deciding *d)
{
	const prl_dss_request *request = d->request;
	const prl_entity *old = prl_dss_entity(d, PRL_INTENT, &request->id);
	bool for_constraints = false;
	prl_status st = check_existing(d, old);
	if (!st && !d->outcome->status && suffix_is_used(request, old))
		return prl_dss_refuse(d, 400, "requested_ovn_suffix names a version of this intent already");
	if (!st && !d->outcome->status)
		st = choose_subscription(d, old, &for_constraints);
	if (!st && !d->outcome->status)
		st = check_key(d, for_constraints);
	if (st || d->outcome->status)
		return st;
	const prl_telling telling = { .flag = PRL_ENTITY_FOR_INTENTS,
				      .old = old ? old->shape->extent : NULL,
				      .new = request->extent,
				      .fresh = request->new_subscription ? &request->fresh : NULL,
				      .fresh_url = request->new_url };
	st = prl_dss_tell(d, &telling);
	return st ? st : record_intent(d, old);
}

/* ---- delete ------------------------------------------------------------------------------------------------------ */

prl_status prl_decide_delete_intent(prl_deciding *d)
{
	const prl_entity *old = prl_dss_entity(d, PRL_INTENT, &d->request->id);
	if (!old)
		return prl_dss_refuse(d, 404, "there is no operational intent with this id");
	if (!prl_dss_owns(d, old))
		return prl_dss_refuse(d, 403, "operational intent is managed by %.100s", prl_entity_manager(old));
	if (!prl_dss_current(d, old))
		return prl_dss_refuse(d, 409, "the OVN is not that of the current version");
	if (prl_dss_is_down(d))
		return prl_dss_refuse(d, 403, "a USS that was declared Down deletes no intent");
	bool shown =
		prl_show_reference(d->look.picture, d->look.version, old, d->request->manager, &d->outcome->before);
	const prl_telling telling = { .flag = PRL_ENTITY_FOR_INTENTS, .new = old->shape->extent };
	prl_status st = shown ? prl_dss_tell(d, &telling) : prl_error_memory(d->err);
	if (st)
		return st;
	prl_dss_touch(d, PRL_INTENT, &old->id);
	part(d, old);
	return prl_dss_record(d, "intent.deleted", prl_dss_short_body(d));
}
