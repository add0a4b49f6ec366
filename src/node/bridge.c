#include "node/bridge.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "dss/volumes.h"
#include "line/notice.h"
#include "line/shown.h"
#include "node/clerk_state.h"
#include "node/overlaps_inside.h"

#include <sodium.h>
#include <string.h>

#define WORKING PRL_VERSION_WORKING

struct prl_bridge {
	const char *uss_id, *base_url;
	bool open, all; /* all: everything is to be compared */
	prl_hash constitution;
	PRL_LIST(prl_hash) touched;
};

prl_status prl_bridge_new(prl_bridge **ret, prl_error *err)
{
	*ret = calloc(1, sizeof **ret);
	return *ret ? PRL_OK : prl_error_memory(err);
}

void prl_bridge_free(prl_bridge *bridge)
{
	if (bridge)
		free(bridge->touched.items);
	free(bridge);
}

void prl_bridge_name(prl_bridge *bridge, const char *uss_id, const char *base_url)
{
	bridge->uss_id = uss_id;
	bridge->base_url = base_url;
}

void prl_bridge_open(prl_bridge *bridge)
{
	bridge->open = bridge->all = true;
}

prl_status prl_bridge_touch(prl_bridge *bridge, const prl_hash *notice, prl_error *err)
{
	prl_hash *slot = bridge->open ? PRL_LIST_ADD(&bridge->touched) : NULL;
	if (!bridge->open)
		return PRL_OK;
	if (!slot)
		return prl_error_memory(err);
	*slot = *notice;
	return PRL_OK;
}

void prl_bridge_rolled_back(prl_bridge *bridge)
{
	bridge->touched.count = 0;
	bridge->all = bridge->open;
}

/* ---- what is recorded -------------------------------------------------------------------------------------------- */

static prl_time now_of(const prl_clerk *clerk)
{
	return clerk->parts.now(clerk->parts.context);
}

static prl_dss_request request_of(const prl_clerk *clerk, prl_dss_act act, const prl_hash *notice)
{
	prl_dss_request request = { .act = act,
				    .manager = clerk->bridge->uss_id,
				    .id = prl_notice_constraint_id(notice),
				    .now = now_of(clerk),
				    .url = clerk->bridge->base_url,
				    .notice = notice };
	randombytes_buf(request.nonce, sizeof request.nonce);
	randombytes_buf(request.salt, sizeof request.salt);
	return request;
}

static prl_status take_back(prl_clerk *clerk, const prl_hash *notice, prl_error *err)
{
	const prl_dss_request request = request_of(clerk, PRL_DSS_DELETE_CONSTRAINT, notice);
	return prl_clerk_dss_own(clerk, &request, err);
}

static prl_status put(prl_clerk *clerk, const prl_notice *notice, const char *text, const char *kind,
		      prl_extent *extent, prl_error *err)
{
	prl_hash id = notice->id; /* the request outlives what the picture has */
	prl_dss_request request = request_of(clerk, PRL_DSS_PUT_CONSTRAINT, &id);
	request.extent = extent;
	request.extents = prl_bytes_of(text);
	request.shows = kind;
	prl_status st = prl_extent_prepare(extent, &request.ready, err);
	if (st)
		return st;
	st = prl_clerk_dss_own(clerk, &request, err);
	prl_extent_ready_done(&request.ready);
	return st;
}

/* Once for each reason, and once when it is over. */
static prl_status say_unshown(prl_clerk *clerk, const prl_hash *notice, const char *why, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX];
	const char *said = prl_shown_why_not(clerk->parts.picture, WORKING, notice, clerk->own);
	if (!said == !why && (!why || strcmp(said, why) == 0))
		return PRL_OK;
	prl_hash_write(notice, id);
	return prl_clerk_record(clerk, "constraint.unshown", json_pack("{s:s, s:s*}", "notice", id, "why", why), err);
}

/* ---- what is shown now ------------------------------------------------------------------------------------------- */

/* What is kept beside the entry of a constraint, of this batch or from the disk; NULL where it is on its way there. */
static json_t *read_beside(prl_clerk *clerk, uint64_t index)
{
	prl_error aside;
	prl_buffer bytes = PRL_BUFFER(PRL_MAX_BODY_BYTES);
	prl_bytes found = { 0 };
	json_t *json = NULL;
	for (size_t i = 0; i < clerk->batch->bodies.count; i++)
		if (clerk->batch->bodies.items[i].log == clerk->own_id && clerk->batch->bodies.items[i].index == index)
			found = clerk->batch->bodies.items[i].bytes;
	if (!found.data && !prl_store_body_get(clerk->reader, clerk->own_id, index, &bytes, &aside))
		found = (prl_bytes){ bytes.data, bytes.size };
	if (found.size > PRL_HOME_SALT)
		json = json_loadb(found.data + PRL_HOME_SALT, found.size - PRL_HOME_SALT, 0, NULL);
	prl_buffer_done(&bytes);
	return json;
}

/* Whether the constraint that stands says just that: a version more would make every USS fetch it again. */
static bool says_so(prl_clerk *clerk, const prl_entity *constraint, const char *text, const char *kind)
{
	json_t *beside = read_beside(clerk, constraint->index), *new = json_loads(text, 0, NULL);
	const char *type = json_string_value(json_object_get(beside, "type"));
	bool same = new &&json_equal(json_object_get(beside, "extents"), new) && !type == !kind &&
		    (!kind || strcmp(type, kind) == 0) &&
		    strcmp(prl_entity_manager(constraint), clerk->bridge->uss_id) == 0 &&
		    strcmp(prl_entity_url(constraint), clerk->bridge->base_url) == 0;
	json_decref(beside);
	json_decref(new);
	return same;
}

static const prl_entity *standing(const prl_clerk *clerk, const prl_hash *notice)
{
	const prl_uuid id = prl_notice_constraint_id(notice);
	const prl_entity *found = prl_entity_find(clerk->parts.picture, WORKING, PRL_CONSTRAINT, &id);
	return found && found->flags & PRL_ENTITY_OWN ? found : NULL;
}

/* ---- one notice -------------------------------------------------------------------------------------------------- */

/* The volumes as text, which is kept, and as they are read from it. */
static prl_status make_volumes(prl_clerk *clerk, const prl_notice *notice, char **ret_text, prl_extent **ret_extent,
			       prl_error *err)
{
	prl_overlaps *overlaps = clerk->overlaps;
	const prl_volumes_terms terms = { .air = &overlaps->separations.air,
					  .theatre = overlaps->theatre.plan,
					  .filed = notice->filed };
	const prl_extent_rules rules = {
		.form = PRL_EXTENT_LIST, .footprints = true, .times = true, .vertices_max = UINT32_MAX
	};
	prl_held *held = NULL;
	json_t *volumes = NULL, *read = NULL;
	prl_status st = prl_overlaps_take_plan(clerk, notice, &held, err);
	if (st)
		return st;
	st = prl_volumes_of_plan(prl_held_plan(held), &terms, &volumes, err);
	prl_plans_give(overlaps->plans, held);
	*ret_text = st ? NULL : json_dumps(volumes, JSON_COMPACT | JSON_REAL_PRECISION(17));
	json_decref(volumes);
	if (!st && (!*ret_text || !(read = json_loads(*ret_text, 0, NULL))))
		st = prl_error_memory(err);
	if (!st)
		st = prl_extent_read(read, &rules, ret_extent, err);
	json_decref(read);
	if (!st && strlen(*ret_text) > PRL_DSS_BODY_MAX)
		st = prl_error_set(err, PRL_E_RANGE, "cannot be written as F3548 volumes of at most 4 MiB");
	return st;
}

static prl_status show(prl_clerk *clerk, const prl_notice *notice, prl_error *err)
{
	char *text = NULL, why[300];
	prl_extent *extent = NULL;
	prl_error problem = { 0 };
	prl_hash id = notice->id;
	bool full =
		notice->uss == PRL_NOTICE_USS_FULL && notice->kind != PRL_KIND_UNKNOWN; /* what was heard may lack it */
	const char *kind = full ? prl_kind_word((prl_kind)notice->kind) : NULL;
	prl_status st = make_volumes(clerk, notice, &text, &extent, &problem);
	if (!st) {
		const prl_entity *old = standing(clerk, &id);
		if (!old || !says_so(clerk, old, text, kind))
			st = put(clerk, notice, text, kind, extent, &problem);
	}
	prl_extent_free(extent);
	free(text);
	if (st == PRL_E_MEMORY || clerk->batch->broken.status)
		return st ? (*err = problem, st) : st;
	(void)snprintf(why, sizeof why, "%.290s", problem.text);
	if (st && standing(clerk, &id)) /* it is not there any more as it stands */
		if (take_back(clerk, &id, err))
			return err->status;
	return say_unshown(clerk, &id, st ? why : NULL, err);
}

/* A clock that is not trusted lets nothing be over. */
static bool runs(const prl_clerk *clerk, const prl_notice *notice)
{
	const prl_node_state *state = prl_picture_node(clerk->parts.picture, WORKING, prl_bytes_of(clerk->own));
	return notice->to >= now_of(clerk) || (state && state->clock_suspect);
}

static prl_status settle_one(prl_clerk *clerk, const prl_hash *id, prl_error *err)
{
	const prl_notice *notice = prl_notice_find(clerk->parts.picture, WORKING, id);
	bool wanted = notice && notice->uss && notice->state == PRL_NOTICE_LIVE && notice->mode == PRL_MODE_REAL;
	if (wanted && runs(clerk, notice))
		return show(clerk, notice, err);
	/* one that has run out is over as every constraint that runs out; an update may have made it so */
	const prl_entity *old = standing(clerk, id);
	prl_status st = PRL_OK;
	if (old && (!wanted || old->shape->extent->to > notice->to + 1000))
		st = take_back(clerk, id, err);
	return st ? st : say_unshown(clerk, id, NULL, err); /* nobody need look at it any more */
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

typedef struct touching {
	prl_bridge *bridge;
	prl_status status;
	prl_error *err;
} touching;

static bool touch_notice(void *context, const prl_notice *notice)
{
	touching *t = context;
	t->status = prl_bridge_touch(t->bridge, &notice->id, t->err);
	return t->status == PRL_OK;
}

static bool touch_constraint(void *context, const prl_entity *constraint)
{
	touching *t = context;
	prl_hash notice;
	if (prl_entity_notice(constraint, &notice))
		t->status = prl_bridge_touch(t->bridge, &notice, t->err);
	return t->status == PRL_OK;
}

static prl_status touch_all(prl_clerk *clerk, prl_error *err)
{
	touching t = { .bridge = clerk->bridge, .err = err };
	prl_status st = prl_notice_each_shown(clerk->parts.picture, WORKING, touch_notice, &t, err);
	if (!st && !t.status)
		st = prl_entities_each(clerk->parts.picture, WORKING, PRL_CONSTRAINT, touch_constraint, &t, err);
	return st ? st : t.status;
}

static void look_at_constitution(prl_clerk *clerk)
{
	prl_bridge *bridge = clerk->bridge;
	const prl_constitution *constitution = prl_picture_constitution(clerk->parts.picture, WORKING);
	if (!constitution || prl_hash_equal(&constitution->hash, &bridge->constitution))
		return;
	bridge->constitution = constitution->hash;
	bridge->all = true;
}

/* What there is no room for in this batch comes in the next: after a start there may be thousands. */
static prl_status settle_touched(prl_clerk *clerk, prl_error *err)
{
	prl_bridge *bridge = clerk->bridge;
	size_t done = 0;
	prl_status st = PRL_OK;
	while (!st && done < bridge->touched.count && !prl_batch_full(clerk->batch)) {
		prl_hash id = bridge->touched.items[done++];
		st = settle_one(clerk, &id, err);
	}
	bridge->touched.count -= done;
	if (bridge->touched.count) {
		memmove(bridge->touched.items, bridge->touched.items + done, bridge->touched.count * sizeof(prl_hash));
		clerk->behind = true;
	}
	return st;
}

prl_status prl_bridge_settle(prl_clerk *clerk, prl_error *err)
{
	prl_bridge *bridge = clerk->bridge;
	prl_status st = PRL_OK;
	if (!bridge->open || !clerk->open)
		return PRL_OK;
	look_at_constitution(clerk);
	if (!bridge->all && !bridge->touched.count)
		return PRL_OK;
	if (bridge->all)
		st = touch_all(clerk, err);
	bridge->all = st != PRL_OK;
	if (!st)
		st = prl_overlaps_refresh(clerk, err);
	if (!st)
		st = settle_touched(clerk, err);
	if (st)
		prl_batch_break(clerk->batch, err);
	return st;
}
