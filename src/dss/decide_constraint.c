/* Constraints: f3548.md, 8. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "dss/decide_inside.h"

/* What the node shows by itself is changed by what it shows, and by no request, whoever's it is. */
static prl_status refuse_own(prl_deciding *d)
{
	return prl_dss_refuse(d, 403, "constraint is the node's own: it shows a notice of the line");
}

static prl_status check_existing(prl_deciding *d, const prl_entity *old)
{
	if (d->request->notice)
		return PRL_OK;
	if (old && old->flags & PRL_ENTITY_OWN)
		return refuse_own(d);
	if (old && !prl_dss_owns(d, old))
		return prl_dss_refuse(d, 403, "constraint is managed by %.100s", prl_entity_manager(old));
	if (old && !prl_dss_current(d, old))
		return prl_dss_refuse(d, 409,
				      d->request->stamp ? "the OVN is not that of the current version"
							: "the constraint exists: its current OVN is needed");
	if (!old && d->request->stamp)
		return prl_dss_refuse(d, 409, "there is no constraint with this id: an OVN is for an update");
	return PRL_OK;
}

static json_t *put_body(const prl_deciding *d, uint32_t version)
{
	char notice[PRL_HASH_TEXT_MAX];
	json_t *body = prl_dss_body(d, version);
	if (!d->request->notice)
		return body;
	prl_hash_write(d->request->notice, notice);
	if (body && !json_object_set_new(body, "notice", json_string(notice)))
		return body;
	json_decref(body);
	return NULL;
}

prl_status prl_decide_put_constraint(prl_deciding *d)
{
	const prl_entity *old = prl_dss_entity(d, PRL_CONSTRAINT, &d->request->id);
	prl_status st = check_existing(d, old);
	if (st || d->outcome->status)
		return st;
	const prl_telling telling = { .flag = PRL_ENTITY_FOR_CONSTRAINTS,
				      .old = old ? old->shape->extent : NULL,
				      .new = d->request->extent };
	st = prl_dss_tell(d, &telling);
	if (st)
		return st;
	d->outcome->made.extent = d->request->extent;
	prl_dss_touch(d, PRL_CONSTRAINT, &d->request->id);
	return prl_dss_record(d, "constraint.put", put_body(d, old ? old->version + 1 : 1));
}

static prl_status check_deletion(prl_deciding *d, const prl_entity *old)
{
	if (d->request->notice)
		return PRL_OK;
	if (old->flags & PRL_ENTITY_OWN)
		return refuse_own(d);
	if (!prl_dss_owns(d, old))
		return prl_dss_refuse(d, 403, "constraint is managed by %.100s", prl_entity_manager(old));
	if (!prl_dss_current(d, old))
		return prl_dss_refuse(d, 409, "the OVN is not that of the current version");
	return PRL_OK;
}

prl_status prl_decide_delete_constraint(prl_deciding *d)
{
	const prl_entity *old = prl_dss_entity(d, PRL_CONSTRAINT, &d->request->id);
	if (!old)
		return prl_dss_refuse(d, 404, "there is no constraint with this id");
	prl_status refused = check_deletion(d, old);
	if (refused || d->outcome->status)
		return refused;
	bool shown =
		prl_show_reference(d->look.picture, d->look.version, old, d->request->manager, &d->outcome->before);
	const prl_telling telling = { .flag = PRL_ENTITY_FOR_CONSTRAINTS, .new = old->shape->extent };
	prl_status st = shown ? prl_dss_tell(d, &telling) : prl_error_memory(d->err);
	if (st)
		return st;
	prl_dss_touch(d, PRL_CONSTRAINT, &old->id);
	return prl_dss_record(d, "constraint.deleted", prl_dss_short_body(d));
}
