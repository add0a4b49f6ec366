#include "dss/fold.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "dss/telling.h"
#include "dss/reach.h"
#include "picture/body.h"

#include <math.h>
#include <string.h>

#define WORKING PRL_VERSION_WORKING

/* ---- what is kept at home ---------------------------------------------------------------------------------------- */

json_t *prl_dss_home_member(prl_bytes home)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash hash = prl_sha256(home.data, home.size);
	prl_hash_write(&hash, text);
	return json_pack("{s:s, s:I}", "hash", text, "size", (json_int_t)home.size);
}

/* Bytes that do not have the hash that the entry has are nobody's word. */
static prl_status check_home(const prl_act *act, prl_bytes bytes, prl_error *err)
{
	prl_hash said, is = prl_sha256(bytes.data, bytes.size);
	prl_status st = prl_body_hash(json_object_get(act->body, "home"), "hash", &said, err);
	if (st || prl_hash_equal(&said, &is))
		return st;
	return prl_error_set(err, PRL_E_SIGNATURE,
			     "what is kept beside entry %llu does not have the hash that it names",
			     (unsigned long long)act->index);
}

/* What stands beside the act: as the live clerk made it, or read. *ret_here false: nothing is here. */
typedef struct beside {
	const prl_dss_home *home;
	prl_dss_home read;
	bool here;
} beside;

static prl_status look_beside(prl_picture *picture, const prl_act *act, beside *ret, prl_error *err)
{
	prl_home kept = { 0 };
	*ret = (beside){ .home = &ret->read };
	prl_status st = prl_act_home(picture, act, &kept, err);
	if (st == PRL_E_NOT_FOUND)
		return PRL_OK;
	if (!st && !kept.made)
		st = check_home(act, kept.bytes, err);
	if (!st && kept.made)
		ret->home = kept.made;
	else if (!st)
		st = prl_dss_home_read(kept.bytes, &ret->read, err);
	ret->here = !st;
	return st;
}

static void beside_done(beside *with)
{
	prl_dss_home_done(&with->read);
}

/* ---- objects from entries ---------------------------------------------------------------------------------------- */

static prl_status id_of(const prl_act *act, const char *name, prl_uuid *ret, prl_error *err)
{
	if (prl_uuid_read(prl_body_text(act->body, name), ret))
		return PRL_OK;
	return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is no UUID of version 4", name);
}

static const char *text_of(const prl_act *act, const char *name)
{
	const char *text = json_string_value(json_object_get(act->body, name));
	return text ? text : "";
}

/* The envelope that the entry states. */
static prl_status envelope(const prl_act *act, prl_extent **ret, prl_error *err)
{
	const json_t *bounds = json_object_get(act->body, "bounds"), *lower = json_object_get(act->body, "lower_m"),
		     *upper = json_object_get(act->body, "upper_m");
	prl_time from, to;
	prl_status st = prl_body_time(act->body, "from", &from, err);
	if (!st)
		st = prl_body_time(act->body, "to", &to, err);
	if (st)
		return st;
	const prl_bounds box = { .west_deg = json_number_value(json_array_get(bounds, 0)),
				 .south_deg = json_number_value(json_array_get(bounds, 1)),
				 .east_deg = json_number_value(json_array_get(bounds, 2)),
				 .north_deg = json_number_value(json_array_get(bounds, 3)) };
	return prl_extent_of_bounds(box, lower ? json_number_value(lower) : -HUGE_VAL,
				    upper ? json_number_value(upper) : HUGE_VAL, from, to, ret, err);
}

static prl_status shape_of(const prl_act *act, const beside *with, prl_shape **ret, prl_error *err)
{
	prl_extent *extent = NULL;
	prl_status st = with->here && with->home->extent ? prl_extent_copy(with->home->extent, &extent, err)
							 : envelope(act, &extent, err);
	if (st)
		return st;
	*ret = prl_shape_new(extent);
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_stamp stamp_of(const beside *with, const prl_uuid *id, uint32_t version)
{
	prl_stamp stamp = { .suffix = true };
	if (!with->home->has_suffix)
		return prl_stamp_make(with->home->nonce, id, version);
	memcpy(stamp.bytes, with->home->suffix.bytes, sizeof with->home->suffix.bytes);
	return stamp;
}

static prl_status entity_of(const prl_act *act, prl_entity_kind kind, const beside *with, prl_entity **ret,
			    prl_error *err)
{
	prl_uuid id;
	prl_status st = id_of(act, "id", &id, err);
	if (st)
		return st;
	const char *url = kind == PRL_SUBSCRIPTION ? with->home->url : text_of(act, "uss_base_url");
	prl_entity *entity = prl_entity_new(kind, &id, text_of(act, "manager"), url ? url : "");
	if (!entity)
		return prl_error_memory(err);
	entity->version = (uint32_t)prl_body_number(act->body, "version", 1);
	entity->index = act->index;
	entity->changed = act->entry->time;
	entity->flags = with->here ? PRL_ENTITY_HERE : 0;
	entity->stamp = stamp_of(with, &id, entity->version);
	st = shape_of(act, with, &entity->shape, err);
	if (st) {
		prl_entity_free(entity);
		return st;
	}
	*ret = entity;
	return PRL_OK;
}

/* ---- subscriptions that an act changes --------------------------------------------------------------------------- */

static prl_status missing(prl_error *err, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid_write(id, text);
	return prl_error_set(err, PRL_E_REFUSED, "there is no subscription %s", text);
}

/* Whether a subscription is there that the act names; one whose own request is not here any more is not, and then
 * nothing is done to it. */
static const prl_entity *subscription(prl_picture *picture, const prl_uuid *id)
{
	return prl_entity_find(picture, WORKING, PRL_SUBSCRIPTION, id);
}

static bool depend(prl_entity *subscription, const prl_uuid *intent)
{
	for (uint32_t i = 0; i < subscription->dependent_count; i++)
		if (prl_uuid_equal(&subscription->dependents[i], intent))
			return true;
	prl_uuid *more = prl_array_resize(subscription->dependents, subscription->dependent_count + 1u, sizeof *more);
	if (!more)
		return false;
	more[subscription->dependent_count++] = *intent;
	subscription->dependents = more;
	return true;
}

static void leave(prl_entity *subscription, const prl_uuid *intent)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < subscription->dependent_count; i++)
		if (!prl_uuid_equal(&subscription->dependents[i], intent))
			subscription->dependents[kept++] = subscription->dependents[i];
	subscription->dependent_count = kept;
}

/* The intent's former subscription goes on without it, or goes. */
static prl_status part_with(prl_picture *picture, const prl_entity *intent, const prl_dss_home *home, prl_error *err)
{
	const prl_uuid *id = &intent->subscription;
	bool same = home->subscribed && prl_uuid_equal(&home->subscription, id);
	const prl_entity *old = subscription(picture, id);
	if (!(intent->flags & PRL_ENTITY_SUBSCRIBED) || same || !old)
		return PRL_OK;
	if (home->drops && prl_uuid_equal(&home->dropped, id))
		return prl_entity_remove(picture, PRL_SUBSCRIPTION, id, err);
	prl_entity *copy = prl_entity_copy(old);
	if (copy)
		leave(copy, &intent->id);
	return prl_entity_put(picture, copy, err);
}

static prl_status make_implicit(prl_picture *picture, const prl_act *act, const prl_entity *intent,
				const prl_dss_home *home, prl_error *err)
{
	prl_entity *made =
		prl_entity_new(PRL_SUBSCRIPTION, &home->subscription, prl_entity_manager(intent), home->made_url);
	if (!made)
		return prl_error_memory(err);
	made->version = 1;
	made->index = act->index;
	made->changed = act->entry->time;
	made->flags = (uint8_t)(PRL_ENTITY_HERE | PRL_ENTITY_IMPLICIT | PRL_ENTITY_FOR_INTENTS |
				(home->made_for_constraints ? PRL_ENTITY_FOR_CONSTRAINTS : 0));
	made->stamp = prl_stamp_make(home->fresh, &home->subscription, 1);
	prl_extent *extent = NULL;
	prl_status st = prl_extent_copy(intent->shape->extent, &extent, err);
	made->shape = st ? NULL : prl_shape_new(extent);
	if (!st && (!made->shape || !depend(made, &intent->id)))
		st = prl_error_memory(err);
	if (st) {
		prl_entity_free(made);
		return st;
	}
	return prl_entity_put(picture, made, err);
}

/* What an intent that depends on a subscription has now; intent: the one that is being put. NULL: it is not here. */
static const prl_extent *extent_now(prl_picture *picture, const prl_uuid *id, const prl_entity *intent)
{
	const prl_entity *one =
		prl_uuid_equal(id, &intent->id) ? intent : prl_entity_find(picture, WORKING, PRL_INTENT, id);
	return one ? one->shape->extent : NULL;
}

static uint32_t outlines_now(prl_picture *picture, const prl_entity *subscription, const prl_entity *intent)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < subscription->dependent_count; i++) {
		const prl_extent *extent = extent_now(picture, &subscription->dependents[i], intent);
		count += extent ? extent->outlines : 0;
	}
	return count;
}

/* The extents of all that depend on it, and nothing that one of them has left. */
static prl_status gather(prl_picture *picture, const prl_entity *subscription, const prl_entity *intent,
			 prl_extent **ret, prl_error *err)
{
	prl_extent *all = NULL;
	prl_status st = prl_extent_copy(intent->shape->extent, &all, err);
	for (uint32_t i = 0; i < subscription->dependent_count && !st; i++) {
		const prl_extent *extent = extent_now(picture, &subscription->dependents[i], intent);
		prl_extent *more = NULL;
		if (!extent || extent == intent->shape->extent)
			continue;
		st = prl_extent_join(all, extent, &more, err);
		if (st)
			break;
		prl_extent_free(all);
		all = more;
	}
	if (st)
		prl_extent_free(all);
	else
		*ret = all;
	return st;
}

#define OUTLINES_SLACK 8u

/* An implicit subscription is made to cover what is attached to it (f3548.md, 6, 2.). Where one intent alone depends on
 * it, it becomes that one's; else it grows, until it has twice the outlines of those that depend on it: then it is made
 * of these anew. So what moves all day leaves no trail behind it, and what it costs to gather them is a part of what
 * moving them did. */
static prl_status extend(prl_picture *picture, prl_entity *subscription, const prl_entity *intent,
			 const prl_dss_home *home, prl_error *err)
{
	prl_extent *extent = NULL;
	bool alone = subscription->dependent_count == 1;
	prl_status st = alone ? prl_extent_copy(intent->shape->extent, &extent, err)
			      : prl_extent_join(subscription->shape->extent, intent->shape->extent, &extent, err);
	if (!st && !alone && extent->outlines > 2 * outlines_now(picture, subscription, intent) + OUTLINES_SLACK) {
		prl_extent_free(extent);
		st = gather(picture, subscription, intent, &extent, err);
	}
	prl_shape *shape = st ? NULL : prl_shape_new(extent);
	if (!shape)
		return st ? st : prl_error_memory(err);
	prl_shape_drop(subscription->shape);
	subscription->shape = shape;
	subscription->version++;
	subscription->stamp = prl_stamp_make(home->fresh, &subscription->id, subscription->version);
	return PRL_OK;
}

static prl_status attach(prl_picture *picture, const prl_entity *intent, const prl_dss_home *home, prl_error *err)
{
	const prl_entity *to = subscription(picture, &home->subscription);
	if (!to)
		return missing(err, &home->subscription);
	prl_entity *copy = prl_entity_copy(to);
	prl_status st = copy && depend(copy, &intent->id) ? PRL_OK : prl_error_memory(err);
	if (!st && home->extends)
		st = extend(picture, copy, intent, home, err);
	if (st) {
		prl_entity_free(copy);
		return st;
	}
	return prl_entity_put(picture, copy, err);
}

/* Those that were told get the index that they were told. */
static prl_status tell(prl_picture *picture, const prl_dss_home *home, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < home->told_count && !st; i++) {
		const prl_entity *told = subscription(picture, &home->told[i].id);
		if (!told) /* dropped by the same act */
			continue;
		prl_entity *copy = prl_entity_copy(told);
		if (copy)
			copy->notified = home->told[i].index;
		st = prl_entity_put(picture, copy, err);
	}
	return st;
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

#define SUFFIXES     64u
#define SUFFIX_YOUNG (600 * PRL_SECOND) /* a suffix is taken while its time is within 5 minutes of now (request.h) */

static bool is_young(const prl_uuid *suffix, prl_time now)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid ignored;
	prl_time time;
	prl_uuid_write(suffix, text);
	return prl_uuid_read_v7((prl_bytes){ text, PRL_UUID_TEXT_MAX - 1 }, &ignored, &time) &&
	       prl_time_apart(time, now) < SUFFIX_YOUNG;
}

/* So that no OVN names two versions. */
static bool remember_suffixes(prl_entity *intent, const prl_entity *old, prl_time now)
{
	if (!old || (!old->stamp.suffix && !old->dependent_count))
		return true;
	prl_uuid *past = prl_array_new(old->dependent_count + 1u, sizeof *past);
	uint32_t kept = 0;
	if (!past)
		return false;
	for (uint32_t i = old->dependent_count >= SUFFIXES ? 1 : 0; i < old->dependent_count; i++)
		if (is_young(&old->dependents[i], now))
			past[kept++] = old->dependents[i];
	if (old->stamp.suffix)
		memcpy(past[kept++].bytes, old->stamp.bytes, sizeof past->bytes);
	intent->dependents = past;
	intent->dependent_count = kept;
	return true;
}

static prl_status keep_intent(prl_picture *picture, const prl_act *act, prl_entity *intent, const prl_dss_home *home,
			      prl_error *err)
{
	const prl_entity *old = prl_entity_find(picture, WORKING, PRL_INTENT, &intent->id);
	prl_status st = remember_suffixes(intent, old, act->entry->time) ? PRL_OK : prl_error_memory(err);
	if (!st && old)
		st = part_with(picture, old, home, err);
	if (!st && home->makes)
		st = make_implicit(picture, act, intent, home, err);
	else if (!st && home->subscribed)
		st = attach(picture, intent, home, err);
	if (!st)
		st = tell(picture, home, err);
	if (st) {
		prl_entity_free(intent);
		return st;
	}
	intent->flags |= home->subscribed ? PRL_ENTITY_SUBSCRIBED : 0;
	intent->subscription = home->subscription;
	return prl_entity_put(picture, intent, err);
}

static prl_status put_intent(prl_picture *picture, const prl_act *act, prl_error *err)
{
	beside with;
	prl_entity *intent = NULL;
	prl_intent_state state = PRL_ACCEPTED;
	if (!act->local)
		return PRL_OK;
	prl_status st = look_beside(picture, act, &with, err);
	if (!st)
		st = entity_of(act, PRL_INTENT, &with, &intent, err);
	if (!st) {
		(void)prl_intent_state_read(text_of(act, "state"), &state);
		intent->state = (uint8_t)state;
		st = keep_intent(picture, act, intent, with.home, err);
	}
	beside_done(&with);
	return st;
}

/* One of the node's own shows a notice, and has the id that hangs on it. */
static prl_status take_notice(const prl_act *act, prl_entity *constraint, prl_error *err)
{
	prl_hash notice;
	if (!json_object_get(act->body, "notice"))
		return PRL_OK;
	prl_status st = prl_body_hash(act->body, "notice", &notice, err);
	if (st)
		return st;
	const prl_uuid id = prl_notice_constraint_id(&notice);
	if (!prl_uuid_equal(&id, &constraint->id))
		return prl_error_set(err, PRL_E_REFUSED, "\"id\" is not that of a constraint which shows \"notice\"");
	return prl_entity_set_notice(constraint, &notice) ? PRL_OK : prl_error_memory(err);
}

static prl_status put_constraint(prl_picture *picture, const prl_act *act, prl_error *err)
{
	beside with;
	prl_entity *constraint = NULL;
	prl_status st = prl_reach_put(picture, act, err);
	if (st || !act->local)
		return st;
	st = look_beside(picture, act, &with, err);
	if (!st)
		st = entity_of(act, PRL_CONSTRAINT, &with, &constraint, err);
	if (!st && (st = take_notice(act, constraint, err)))
		prl_entity_free(constraint);
	if (!st)
		st = prl_entity_put(picture, constraint, err);
	if (!st)
		st = tell(picture, with.home, err);
	if (!st)
		st = prl_untold_open(picture, act, constraint, with.home, false, err);
	beside_done(&with);
	return st;
}

static prl_status deleted(prl_picture *picture, const prl_act *act, prl_entity_kind kind, prl_error *err)
{
	beside with;
	prl_uuid id;
	if (!act->local)
		return PRL_OK;
	prl_status st = id_of(act, "id", &id, err);
	if (st)
		return st;
	st = look_beside(picture, act, &with, err);
	const prl_entity *old = prl_entity_find(picture, WORKING, kind, &id);
	if (!st && old)
		st = tell(picture, with.home, err);
	if (!st && old && kind == PRL_CONSTRAINT)
		st = prl_untold_open(picture, act, old, with.home, true, err);
	if (!st && old && kind == PRL_INTENT)
		st = part_with(picture, old, with.home, err);
	if (!st && old)
		st = prl_entity_remove(picture, kind, &id, err);
	beside_done(&with);
	return st;
}

static prl_status intent_deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return deleted(picture, act, PRL_INTENT, err);
}

static prl_status constraint_deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_status st = prl_reach_deleted(picture, act, err);
	return st ? st : deleted(picture, act, PRL_CONSTRAINT, err);
}

/* An explicit put makes an implicit one explicit; who depends on it, and its index, stay. */
static bool go_on_from(prl_entity *put, const prl_entity *old)
{
	put->notified = old->notified;
	if (!old->dependent_count)
		return true;
	put->dependents = prl_array_new(old->dependent_count, sizeof *put->dependents);
	if (!put->dependents)
		return false;
	memcpy(put->dependents, old->dependents, old->dependent_count * sizeof *put->dependents);
	put->dependent_count = old->dependent_count;
	return true;
}

static prl_status put_subscription_here(prl_picture *picture, const prl_act *act, const beside *with, prl_error *err)
{
	prl_entity *put = NULL;
	const prl_dss_home *home = with->home;
	if (!home->url || !home->extent)
		return prl_error_set(err, PRL_E_SYNTAX, "what is kept beside it is no subscription");
	prl_status st = entity_of(act, PRL_SUBSCRIPTION, with, &put, err);
	if (st)
		return st;
	put->flags |= (uint8_t)((home->for_intents ? PRL_ENTITY_FOR_INTENTS : 0) |
				(home->for_constraints ? PRL_ENTITY_FOR_CONSTRAINTS : 0));
	const prl_entity *old = subscription(picture, &put->id);
	if (old && !go_on_from(put, old)) {
		prl_entity_free(put);
		return prl_error_memory(err);
	}
	return prl_entity_put(picture, put, err);
}

static prl_status put_subscription(prl_picture *picture, const prl_act *act, prl_error *err)
{
	beside with;
	if (!act->local)
		return PRL_OK;
	prl_status st = look_beside(picture, act, &with, err);
	if (!st && with.here)
		st = put_subscription_here(picture, act, &with, err);
	beside_done(&with);
	return st;
}

static prl_status subscription_deleted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_uuid id;
	if (!act->local)
		return PRL_OK;
	prl_status st = id_of(act, "id", &id, err);
	return st || !subscription(picture, &id) ? st : prl_entity_remove(picture, PRL_SUBSCRIPTION, &id, err);
}

static prl_status availability_set(prl_picture *picture, const prl_act *act, prl_error *err)
{
	beside with;
	const char *name = text_of(act, "uss"), *word = text_of(act, "availability");
	if (!act->local)
		return PRL_OK;
	prl_status st = look_beside(picture, act, &with, err);
	prl_uss *uss = st ? NULL : calloc(1, sizeof *uss);
	prl_uuid id = prl_uss_id(name);
	if (uss) {
		uss->state = (uint8_t)(*word == 'D' ? PRL_USS_DOWN : *word == 'N' ? PRL_USS_NORMAL : PRL_USS_UNKNOWN);
		uss->version = (uint32_t)prl_body_number(act->body, "version", 1);
		uss->stamp = stamp_of(&with, &id, uss->version);
	}
	if (!st)
		st = prl_uss_put(picture, name, uss, err);
	beside_done(&with);
	return st;
}

static prl_status report_made(prl_picture *picture, const prl_act *act, prl_error *err)
{
	(void)picture;
	(void)act;
	(void)err;
	return PRL_OK; /* it stands in the record, and nothing follows from it */
}

/* ---- what has ended ---------------------------------------------------------------------------------------------- */

/* An intent that ended leaves its subscription; an implicit one that nothing depends on goes too. */
static prl_status end_intent(prl_picture *picture, const prl_entity *intent, prl_error *err)
{
	const prl_entity *on =
		intent->flags & PRL_ENTITY_SUBSCRIBED ? subscription(picture, &intent->subscription) : NULL;
	prl_dss_home home = { 0 };
	if (on && on->flags & PRL_ENTITY_IMPLICIT && on->dependent_count <= 1) {
		home.drops = true;
		home.dropped = on->id;
	}
	return on ? part_with(picture, intent, &home, err) : PRL_OK;
}

static prl_status end_all(prl_picture *picture, const json_t *ids, prl_entity_kind kind, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < json_array_size(ids) && !st; i++) {
		prl_uuid id;
		const json_t *text = json_array_get(ids, i);
		if (!prl_uuid_read((prl_bytes){ json_string_value(text), json_string_length(text) }, &id))
			return prl_error_set(err, PRL_E_SYNTAX, "an id that is no UUID of version 4");
		const prl_entity *entity = prl_entity_find(picture, WORKING, kind, &id);
		if (entity && kind == PRL_INTENT)
			st = end_intent(picture, entity, err);
		if (entity && !st)
			st = prl_entity_remove(picture, kind, &id, err);
	}
	return st;
}

static prl_status entities_ended(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_status st = prl_reach_ended(picture, act, err);
	if (st || !act->local)
		return st;
	st = end_all(picture, json_object_get(act->body, "intents"), PRL_INTENT, err);
	if (!st)
		st = end_all(picture, json_object_get(act->body, "constraints"), PRL_CONSTRAINT, err);
	return st ? st : end_all(picture, json_object_get(act->body, "subscriptions"), PRL_SUBSCRIPTION, err);
}

prl_status prl_dss_add(prl_picture *picture, prl_error *err)
{
	static const prl_act_kind kinds[] = {
		{ "intent.put", PRL_RECORDED_FOR_USS, false, put_intent },
		{ "intent.deleted", PRL_RECORDED_FOR_USS, false, intent_deleted },
		{ "constraint.put", PRL_RECORDED_FOR_USS, false, put_constraint },
		{ "constraint.deleted", PRL_RECORDED_FOR_USS, false, constraint_deleted },
		{ "subscription.put", PRL_RECORDED_FOR_USS, false, put_subscription },
		{ "subscription.deleted", PRL_RECORDED_FOR_USS, false, subscription_deleted },
		{ "availability.set", PRL_RECORDED_FOR_USS, false, availability_set },
		{ "report.made", PRL_RECORDED_FOR_USS, false, report_made },
		{ "entities.ended", PRL_RECORDED, false, entities_ended },
	};
	prl_status st = prl_entities_add(picture, err);
	if (!st)
		st = prl_telling_add(picture, err);
	return st ? st : prl_picture_add_kinds(picture, kinds, sizeof kinds / sizeof *kinds, err);
}
