/* F3548 acts inside the clerk: decided against the working picture, recorded, and followed by the registry
 * (dss/decide.h, dss/registry.h). */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* What ended is hidden at once, and removed from memory so much later, a few at a time. */
#define KEPT_S  300
#define AT_ONCE 200u

/* ---- who it is recorded for -------------------------------------------------------------------------------------- */

/* A subject that is no name stands in the head by the first half of its hash; the body has it in full. */
void prl_uss_recorded(const char *manager, char ret[PRL_KEY_NAME_MAX + 1])
{
	size_t length = strspn(manager, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	if (length && !manager[length] && length + sizeof "uss/" <= PRL_KEY_NAME_MAX) {
		snprintf(ret, PRL_KEY_NAME_MAX + 1, "uss/%s", manager);
		return;
	}
	char hex[2 * sizeof(prl_hash) + 1];
	prl_hash hash = prl_sha256(manager, strlen(manager));
	prl_hex_write(hash.bytes, 16, hex);
	snprintf(ret, PRL_KEY_NAME_MAX + 1, "uss/:%.32s", hex);
}

/* ---- one act ----------------------------------------------------------------------------------------------------- */

static prl_status keep_beside(prl_clerk *clerk, uint64_t index, const prl_buffer *home, prl_error *err)
{
	prl_bytes bytes = prl_batch_copy(clerk->batch, home->data, home->size);
	prl_store_body *slot = bytes.data ? PRL_LIST_ADD(&clerk->batch->bodies) : NULL;
	if (!slot)
		return prl_error_memory(err);
	*slot = (prl_store_body){ clerk->own_id, index, bytes };
	return PRL_OK;
}

static prl_status record(prl_clerk *clerk, prl_filing *filing, prl_dss_outcome *outcome, bool *ret_applied)
{
	char recorded[PRL_KEY_NAME_MAX + 1];
	prl_uss_recorded(filing->dss->manager, recorded);
	clerk->home = (prl_home){ { outcome->home.data, outcome->home.size }, &outcome->made };
	prl_status st = prl_clerk_record_for(clerk, recorded, outcome->kind, outcome->body, filing);
	clerk->home = (prl_home){ 0 };
	*ret_applied = !st;
	return st ? st : keep_beside(clerk, filing->index, &outcome->home, &filing->err);
}

/* The index, and then what the notices meet. */
static prl_status follow_one(prl_clerk *clerk, const prl_touch *touch, prl_error *err)
{
	prl_meets_change change = prl_meets_before(clerk, touch);
	prl_status st = prl_registry_after(clerk->parts.registry, touch, err);
	if (st)
		prl_shape_drop(change.gone);
	return st ? st : prl_meets_after(clerk, &change, err);
}

/* The registry follows in any case: an act that was refused changed nothing. */
static prl_status follow(prl_clerk *clerk, const prl_dss_outcome *outcome, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < outcome->touch_count; i++) {
		prl_status one = follow_one(clerk, &outcome->touches[i], err);
		st = st ? st : one;
	}
	return st;
}

static prl_status record_and_follow(prl_clerk *clerk, prl_filing *filing, prl_dss_outcome *outcome, bool *ret_applied)
{
	prl_registry *registry = clerk->parts.registry;
	for (size_t i = 0; i < outcome->touch_count; i++)
		outcome->touches[i] = prl_registry_before(registry, outcome->touches[i].kind, &outcome->touches[i].id);
	prl_status st = record(clerk, filing, outcome, ret_applied);
	prl_error why = filing->err;
	prl_status followed = follow(clerk, outcome, &filing->err);
	if (st)
		filing->err = why;
	return st ? st : followed;
}

static prl_status carry_out(prl_clerk *clerk, prl_filing *filing, prl_dss_outcome *outcome)
{
	prl_registry *registry = clerk->parts.registry;
	bool applied = false;
	prl_status st = record_and_follow(clerk, filing, outcome, &applied);
	filing->dss_answer = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	if (!st)
		st = prl_dss_answer(registry, filing->dss, outcome, &filing->dss_answer, &filing->dss_status,
				    &filing->err);
	if (st == PRL_E_TOO_LARGE && filing->dss->act == PRL_DSS_PUT_SUBSCRIPTION) {
		prl_buffer_clear(&filing->dss_answer);
		filing->dss_later = clerk->batch->closed = true;
		return PRL_OK;
	}
	if (st && applied)
		prl_batch_break(clerk->batch, &filing->err);
	return st;
}

prl_status prl_clerk_dss(prl_clerk *clerk, prl_filing *filing)
{
	prl_dss_outcome outcome;
	if (!clerk->parts.registry)
		return prl_error_set(&filing->err, PRL_E_UNSUPPORTED, "this node serves no F3548 region");
	prl_status st = prl_dss_decide(clerk->parts.registry, filing->dss, &outcome, &filing->err);
	if (!st && outcome.status) {
		filing->dss_status = outcome.status;
		snprintf(filing->dss_why, sizeof filing->dss_why, "%s", outcome.why);
		filing->dss_answer = outcome.answer;
		outcome.answer = (prl_buffer){ 0 };
	} else if (!st) {
		st = carry_out(clerk, filing, &outcome);
	}
	prl_dss_outcome_done(&outcome);
	return st;
}

prl_status prl_clerk_dss_own(prl_clerk *clerk, const prl_dss_request *request, prl_error *err)
{
	prl_filing filing = { .what = PRL_FILING_DSS, .dss = request };
	prl_dss_outcome outcome;
	bool applied = false;
	prl_status st = prl_dss_decide(clerk->parts.registry, request, &outcome, err);
	if (!st && !outcome.status)
		st = record_and_follow(clerk, &filing, &outcome, &applied);
	if (st && filing.err.status)
		*err = filing.err;
	if (st && applied)
		prl_batch_break(clerk->batch, err);
	prl_dss_outcome_done(&outcome);
	return st;
}

/* ---- what has ended ---------------------------------------------------------------------------------------------- */

static json_t *ended_body(const prl_ended *ended, size_t count)
{
	static const char *const names[PRL_ENTITY_KINDS] = { "intents", "constraints", "subscriptions" };
	json_t *body = json_object();
	for (size_t i = 0; body && i < count; i++) {
		char id[PRL_UUID_TEXT_MAX];
		const char *name = names[ended[i].kind];
		prl_uuid_write(&ended[i].id, id);
		if (!json_object_get(body, name))
			(void)json_object_set_new(body, name, json_array());
		if (json_array_append_new(json_object_get(body, name), json_string(id)) != 0) {
			json_decref(body);
			return NULL;
		}
	}
	return body;
}

/* The implicit subscriptions of intents that go may go with them. */
static prl_status remove_ended(prl_clerk *clerk, const prl_ended *ended, size_t count, prl_error *err)
{
	prl_registry *registry = clerk->parts.registry;
	prl_touch touches[2 * AT_ONCE];
	size_t touched = 0;
	for (size_t i = 0; i < count; i++) {
		const prl_entity *entity =
			prl_entity_find(clerk->parts.picture, PRL_VERSION_WORKING, ended[i].kind, &ended[i].id);
		touches[touched++] = prl_registry_before(registry, ended[i].kind, &ended[i].id);
		if (entity && entity->flags & PRL_ENTITY_SUBSCRIBED)
			touches[touched++] = prl_registry_before(registry, PRL_SUBSCRIPTION, &entity->subscription);
	}
	prl_status st = prl_clerk_record(clerk, "entities.ended", ended_body(ended, count), err);
	for (size_t i = 0; i < touched; i++) {
		prl_error why = { 0 };
		prl_status followed = follow_one(clerk, &touches[i], &why);
		if (followed && !st) {
			st = followed;
			*err = why;
		}
	}
	return st;
}

prl_status prl_clerk_end_entities(prl_clerk *clerk, prl_error *err)
{
	prl_ended ended[AT_ONCE];
	const prl_node_state *state =
		prl_picture_node(clerk->parts.picture, PRL_VERSION_WORKING, prl_bytes_of(clerk->own));
	if (!clerk->parts.registry || (state && state->clock_suspect))
		return PRL_OK;
	prl_time past = clerk->parts.now(clerk->parts.context) - KEPT_S * PRL_SECOND;
	size_t count = prl_registry_ended(clerk->parts.registry, past, ended, AT_ONCE);
	return count ? remove_ended(clerk, ended, count, err) : PRL_OK;
}

/* ---- what stands beside an entry --------------------------------------------------------------------------------- */

prl_status prl_clerk_home(void *context, uint64_t index, prl_home *ret, prl_error *err)
{
	prl_clerk *clerk = context;
	if (!clerk->home.bytes.data || index != clerk->working.own_size)
		return prl_error_set(err, PRL_E_NOT_FOUND, "nothing is kept beside entry %llu",
				     (unsigned long long)index);
	*ret = clerk->home;
	return PRL_OK;
}
