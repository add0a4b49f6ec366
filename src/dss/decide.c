#include "base/error.h"
#include "base/limits.h"
#include "dss/decide_inside.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

prl_status prl_dss_refuse(prl_deciding *d, unsigned status, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(d->outcome->why, sizeof d->outcome->why, format, args);
	va_end(args);
	d->outcome->status = status;
	return PRL_OK;
}

const prl_entity *prl_dss_entity(const prl_deciding *d, prl_entity_kind kind, const prl_uuid *id)
{
	return prl_entity_find(d->look.picture, d->look.version, kind, id);
}

bool prl_dss_owns(const prl_deciding *d, const prl_entity *entity)
{
	return strcmp(prl_entity_manager(entity), d->request->manager) == 0;
}

bool prl_dss_current(const prl_deciding *d, const prl_entity *entity)
{
	char text[PRL_STAMP_TEXT_MAX];
	if (!d->request->stamp)
		return false;
	if (!(entity->flags & PRL_ENTITY_HERE))
		return true;
	prl_stamp_write(&entity->stamp, &entity->id, text);
	return strcmp(text, d->request->stamp) == 0;
}

bool prl_dss_is_down(const prl_deciding *d)
{
	return prl_uss_state_of(d->look.picture, d->look.version, d->request->manager) == PRL_USS_DOWN;
}

void prl_dss_touch(prl_deciding *d, prl_entity_kind kind, const prl_uuid *id)
{
	prl_dss_outcome *outcome = d->outcome;
	for (size_t i = 0; i < outcome->touch_count; i++)
		if (outcome->touches[i].kind == kind && prl_uuid_equal(&outcome->touches[i].id, id))
			return;
	outcome->touches[outcome->touch_count++] = (prl_touch){ .kind = kind, .id = *id };
}

/* ---- whom to tell ------------------------------------------------------------------------------------------------ */

/* What is compared with subscriptions: old and new together (f3548.md, 6, 5.). */
static prl_status find_told(prl_deciding *d, const prl_telling *telling, const prl_entity ***ret, size_t *ret_count)
{
	prl_extent *both = NULL;
	prl_extent_ready ready;
	prl_search search = { .kind = PRL_SUBSCRIPTION, .now = d->request->now };
	if (telling->new == d->request->extent && !telling->old) {
		search.ready = &d->request->ready;
		return prl_registry_find(&d->look, &search, ret, ret_count, d->err);
	}
	prl_status st = telling->old ? prl_extent_join(telling->old, telling->new, &both, d->err) : PRL_OK;
	if (!st)
		st = prl_extent_prepare(both ? both : telling->new, &ready, d->err);
	if (!st) {
		search.ready = &ready;
		st = prl_registry_find(&d->look, &search, ret, ret_count, d->err);
		prl_extent_ready_done(&ready);
	}
	prl_extent_free(both);
	return st;
}

static prl_status keep_told(prl_deciding *d, const prl_telling *telling, const prl_entity *const *found, size_t count)
{
	prl_subscriber *list = prl_array_new(count + 1, sizeof *list);
	prl_dss_told *told = prl_array_new(count + 1, sizeof *told);
	size_t kept = 0;
	for (size_t i = 0; list && told && i < count; i++) {
		if (!(found[i]->flags & telling->flag))
			continue;
		list[kept] = (prl_subscriber){ found[i]->id, prl_entity_url(found[i]), found[i]->notified + 1 };
		told[kept] = (prl_dss_told){ found[i]->id, found[i]->notified + 1 };
		kept++;
	}
	if (list && told && telling->fresh) {
		list[kept] = (prl_subscriber){ *telling->fresh, telling->fresh_url, 1 };
		told[kept++] = (prl_dss_told){ *telling->fresh, 1 };
	}
	bool done = list && told && prl_show_subscribers(list, kept, &d->outcome->subscribers);
	free(list);
	if (!done) {
		free(told);
		return prl_error_memory(d->err);
	}
	d->outcome->made.told = told;
	d->outcome->made.told_count = kept;
	return PRL_OK;
}

prl_status prl_dss_tell(prl_deciding *d, const prl_telling *telling)
{
	const prl_entity **found = NULL;
	size_t count = 0;
	prl_status st = find_told(d, telling, &found, &count);
	if (!st)
		st = keep_told(d, telling, found, count);
	free(found);
	return st;
}

/* ---- what is recorded -------------------------------------------------------------------------------------------- */

static bool set(json_t *to, const char *name, json_t *value)
{
	return json_object_set_new_nocheck(to, name, value) == 0;
}

static bool set_id(json_t *to, const prl_deciding *d)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&d->request->id, text);
	return set(to, "id", json_string_nocheck(text)) && set(to, "manager", json_string_nocheck(d->request->manager));
}

static bool set_time(json_t *to, const char *name, prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(time, text);
	return set(to, name, json_string_nocheck(text));
}

/* Bounds outward to what 12 digits hold (picture entries are written with no more): 1e-9 of a degree. */
static double outward(double degrees, double step)
{
	return fmin(180, fmax(-180, (step > 0 ? ceil(degrees * 1e9) : floor(degrees * 1e9)) / 1e9 + step));
}

static bool set_bounds(json_t *to, const prl_extent *extent)
{
	const prl_bounds b = prl_extent_bounds(extent);
	json_t *bounds = json_array();
	bool done = bounds && !json_array_append_new(bounds, json_real(outward(b.west_deg, -1e-9))) &&
		    !json_array_append_new(bounds, json_real(fmax(-90, outward(b.south_deg, -1e-9)))) &&
		    !json_array_append_new(bounds, json_real(outward(b.east_deg, 1e-9))) &&
		    !json_array_append_new(bounds, json_real(fmin(90, outward(b.north_deg, 1e-9))));
	if (!done) {
		json_decref(bounds);
		return false;
	}
	return set(to, "bounds", bounds);
}

json_t *prl_dss_short_body(const prl_deciding *d)
{
	json_t *body = json_object();
	if (body && set_id(body, d))
		return body;
	json_decref(body);
	return NULL;
}

json_t *prl_dss_body(const prl_deciding *d, uint32_t version)
{
	const prl_extent *extent = d->request->extent;
	json_t *body = prl_dss_short_body(d);
	bool done = body && set(body, "version", json_integer(version)) &&
		    set(body, "uss_base_url", json_string_nocheck(d->request->url)) &&
		    set_time(body, "from", extent->from) && set_time(body, "to", extent->to) &&
		    (!isfinite(extent->lower_m) || set(body, "lower_m", json_real(extent->lower_m))) &&
		    (!isfinite(extent->upper_m) || set(body, "upper_m", json_real(extent->upper_m))) &&
		    set_bounds(body, extent);
	if (done)
		return body;
	json_decref(body);
	return NULL;
}

prl_status prl_dss_record(prl_deciding *d, const char *kind, json_t *body)
{
	prl_dss_outcome *outcome = d->outcome;
	const prl_dss_request *request = d->request;
	bool puts = request->act == PRL_DSS_PUT_INTENT || request->act == PRL_DSS_PUT_CONSTRAINT ||
		    request->act == PRL_DSS_PUT_SUBSCRIPTION;
	outcome->kind = kind;
	outcome->body = body;
	outcome->home = PRL_BUFFER(8u * PRL_DSS_BODY_MAX);
	memcpy(outcome->made.nonce, request->nonce, sizeof outcome->made.nonce);
	memcpy(outcome->made.fresh, request->fresh_nonce, sizeof outcome->made.fresh);
	const prl_dss_filed filed = { .salt = request->salt,
				      .extents = puts ? request->extents : (prl_bytes){ 0 },
				      .whole = request->whole,
				      .type = puts ? request->shows : NULL,
				      .report = request->report };
	bool done = body && prl_dss_home_write(&outcome->made, &filed, &outcome->home);
	json_t *home = done ? prl_dss_home_member((prl_bytes){ outcome->home.data, outcome->home.size }) : NULL;
	return home && set(body, "home", home) ? PRL_OK : prl_error_memory(d->err);
}

/* ---- availability and reports ------------------------------------------------------------------------------------ */

static prl_status set_availability(prl_deciding *d)
{
	const prl_dss_request *request = d->request;
	const prl_uss *old = prl_uss_find(d->look.picture, d->look.version, request->uss);
	const prl_uuid id = prl_uss_id(request->uss);
	char version[PRL_STAMP_TEXT_MAX] = "";
	if (old)
		prl_stamp_write(&old->stamp, &id, version);
	if (strcmp(version, request->old_version) != 0)
		return prl_dss_refuse(d, 409, "old_version \"%.100s\" is not the current version",
				      request->old_version);
	json_t *body = json_pack("{s:s, s:s, s:I, s:s}", "uss", request->uss, "availability",
				 prl_uss_state_word(request->availability), "version",
				 (json_int_t)(old ? old->version + 1 : 1), "manager", request->manager);
	return prl_dss_record(d, "availability.set", body);
}

static prl_status make_report(prl_deciding *d)
{
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&d->request->fresh, id);
	return prl_dss_record(d, "report.made",
			      json_pack("{s:s, s:s}", "report_id", id, "manager", d->request->manager));
}

/* ---- dispatch ---------------------------------------------------------------------------------------------------- */

prl_status prl_dss_decide(prl_registry *registry, const prl_dss_request *request, prl_dss_outcome *ret, prl_error *err)
{
	static prl_status (*const acts[])(prl_deciding *) = {
		[PRL_DSS_PUT_INTENT] = prl_decide_put_intent,
		[PRL_DSS_DELETE_INTENT] = prl_decide_delete_intent,
		[PRL_DSS_PUT_CONSTRAINT] = prl_decide_put_constraint,
		[PRL_DSS_DELETE_CONSTRAINT] = prl_decide_delete_constraint,
		[PRL_DSS_PUT_SUBSCRIPTION] = prl_decide_put_subscription,
		[PRL_DSS_DELETE_SUBSCRIPTION] = prl_decide_delete_subscription,
		[PRL_DSS_SET_AVAILABILITY] = set_availability,
		[PRL_DSS_REPORT] = make_report,
	};
	prl_deciding d = { .look = prl_registry_working(registry), .request = request, .outcome = ret, .err = err };
	*ret = (prl_dss_outcome){ .answer = PRL_BUFFER(PRL_DSS_ANSWER_MAX),
				  .subscribers = PRL_BUFFER(PRL_DSS_ANSWER_MAX),
				  .before = PRL_BUFFER(PRL_DSS_ANSWER_MAX) };
	return acts[request->act](&d);
}

void prl_dss_outcome_done(prl_dss_outcome *outcome)
{
	prl_buffer_done(&outcome->answer);
	json_decref(outcome->body);
	prl_buffer_done(&outcome->subscribers);
	prl_buffer_done(&outcome->before);
	free(outcome->made.told);
	prl_extent_free(outcome->extent);
	prl_buffer_done(&outcome->home);
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static bool put(prl_buffer *to, const char *text)
{
	return prl_buffer_append(to, text, strlen(text));
}

static bool put_text(prl_buffer *to, const prl_buffer *text)
{
	return prl_buffer_append(to, text->data, text->size);
}

/* {NAME: a reference, "subscribers": …} */
static bool answer_change(const prl_look *look, const prl_dss_request *request, const prl_dss_outcome *outcome,
			  prl_buffer *to)
{
	bool intent = request->act == PRL_DSS_PUT_INTENT || request->act == PRL_DSS_DELETE_INTENT;
	bool done = put(to, intent ? "{\"operational_intent_reference\":" : "{\"constraint_reference\":");
	if (outcome->before.size)
		done = done && put_text(to, &outcome->before);
	else
		done = done && prl_show_reference(look->picture, look->version,
						  prl_entity_find(look->picture, look->version,
								  intent ? PRL_INTENT : PRL_CONSTRAINT, &request->id),
						  request->manager, to);
	return done && put(to, ",\"subscribers\":") && put_text(to, &outcome->subscribers) && put(to, "}");
}

prl_status prl_dss_answer(prl_registry *registry, const prl_dss_request *request, const prl_dss_outcome *outcome,
			  prl_buffer *ret, unsigned *ret_status, prl_error *err)
{
	prl_look look = prl_registry_working(registry);
	bool creates = request->act == PRL_DSS_PUT_INTENT || request->act == PRL_DSS_PUT_CONSTRAINT, done = false;
	*ret_status = (creates && !request->stamp) || request->act == PRL_DSS_REPORT ? 201 : 200;
	switch (request->act) {
	case PRL_DSS_PUT_INTENT:
	case PRL_DSS_PUT_CONSTRAINT:
	case PRL_DSS_DELETE_INTENT:
	case PRL_DSS_DELETE_CONSTRAINT:
		done = answer_change(&look, request, outcome, ret);
		break;
	case PRL_DSS_PUT_SUBSCRIPTION:
		return prl_decide_subscription_answer(&look, request, PRL_DSS_LISTED_AT_ONCE, ret, err);
	case PRL_DSS_DELETE_SUBSCRIPTION:
		done = put(ret, "{\"subscription\":") && put_text(ret, &outcome->before) && put(ret, "}");
		break;
	case PRL_DSS_SET_AVAILABILITY:
		done = prl_show_availability(request->uss, prl_uss_find(look.picture, look.version, request->uss), ret);
		break;
	case PRL_DSS_REPORT:
		done = prl_buffer_append(ret, request->report.data, request->report.size);
		break;
	}
	return done ? PRL_OK : prl_error_memory(err);
}

prl_status prl_dss_answer_later(const prl_look *look, const prl_dss_request *request, prl_buffer *ret, prl_error *err)
{
	return prl_decide_subscription_answer(look, request, 0, ret, err);
}
