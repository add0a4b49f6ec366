/* What rings, with what the record has of it. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/thing.h"
#include "node/bell_inside.h"
#include "picture/body.h"

#include <string.h>

/* ---- laid together ----------------------------------------------------------------------------------------------- */

static bool all_logged(const json_t *call)
{
	const json_t *answer;
	size_t i;
	if (!json_object_get(call, "log"))
		return false;
	json_array_foreach(json_object_get(call, "answers"), i, answer)
	{
		if (!json_object_get(answer, "log"))
			return false;
	}
	return true;
}

static bool add_answers(json_t *to, const json_t *from)
{
	const json_t *answer;
	size_t i;
	json_array_foreach(json_object_get(from, "answers"), i, answer)
	{
		/* one that is in the record already keeps its place there */
		if (!prl_call_add(to, json_deep_copy(answer)))
			return false;
	}
	return true;
}

/* By its own id, or by that of the first repeat that the record knows. */
static const json_t *recorded_call(prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	const json_t *recorded = prl_call_find(bell->parts.picture, version, &item->id);
	size_t kept = item->repeat_count < PRL_BELL_IDS ? item->repeat_count : PRL_BELL_IDS;
	for (size_t i = 0; i < kept && !json_object_get(recorded, "class"); i++) {
		const json_t *other = prl_call_find(bell->parts.picture, version, &item->repeats[i]);
		recorded = other ? other : recorded;
	}
	return recorded;
}

json_t *prl_bell_laid_together(prl_bell *bell, prl_version version, const prl_bell_item *item, bool *ret_logged)
{
	const json_t *recorded = recorded_call(bell, version, item);
	bool has_call = recorded && json_object_get(recorded, "class");
	json_t *call = json_deep_copy(has_call ? recorded : item->call);
	*ret_logged = false;
	if (!call || !add_answers(call, has_call ? item->call : recorded)) {
		json_decref(call);
		return NULL;
	}
	*ret_logged = has_call && all_logged(call);
	return call;
}

static const prl_constitution *constitution_of(prl_bell *bell, prl_version version)
{
	return prl_picture_constitution(bell->parts.picture, version);
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

static void add_nodes(prl_bell *bell, prl_version version, const prl_bell_item *item, json_t *view)
{
	json_t *nodes = json_object(), *late = json_array();
	prl_time now = bell->parts.now(bell->parts.context);
	bool has_gone_by = bell->parts.boot(bell->parts.context) - item->rung_boot > PRL_CALL_LATE_S * PRL_SECOND;
	(void)version;
	for (size_t i = 0; item->ours && i < bell->peer_count; i++) {
		const prl_bell_node *node = &item->nodes[i];
		const char *origin = bell->peers[i].origin;
		if (node->at)
			json_object_set_new(nodes, origin,
					    json_pack("{s:o, s:I, s:i}", "at", prl_show_time(node->at), "age_s",
						      (json_int_t)(prl_time_apart(node->at, now) / PRL_SECOND), "desks",
						      (int)node->desks));
		else if (has_gone_by)
			json_array_append_new(late, json_string(origin));
	}
	json_object_set_new(view, "nodes", nodes);
	json_object_set_new(view, "not_delivered", late);
}

json_t *prl_bell_view(prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	bool logged;
	const prl_constitution *constitution = constitution_of(bell, version);
	json_t *call = constitution ? prl_bell_laid_together(bell, version, item, &logged) : NULL;
	json_t *parties = call ? prl_call_parties(call, constitution) : NULL;
	json_t *view = parties ? prl_call_view(call, parties, bell->parts.now(bell->parts.context)) : NULL;
	if (view) {
		if (!json_object_get(view, "class"))
			json_object_set_new(view, "class", json_string("not stated"));
		/* what the record has counts: its key was only not known here yet when it came */
		bool in_record = json_object_get(call, "log") != NULL;
		json_object_set_new(view, "logged", json_boolean(in_record));
		json_object_set_new(view, "unverified",
				    item->unverified[0] && !in_record ? json_string(item->unverified) : json_null());
		/* what rings may repeat a call that was logged, and dropped here, before */
		json_int_t logged_count = (json_int_t)prl_body_number(call, "repeats", 0) + 1;
		json_object_set_new(view, "count",
				    json_integer(logged_count > item->count ? logged_count : item->count));
		json_object_set_new(view, "step", json_integer(item->step));
		json_object_set_new(view, "again", json_integer(item->again));
		json_object_set_new(view, "rung_as", prl_show_hash(&item->id));
		json_object_set_new(view, "rung", prl_show_time(item->rung));
		add_nodes(bell, version, item, view);
	}
	json_decref(parties);
	json_decref(call);
	return view;
}

/* Whose it is sees it, and whom it is for; what counts as nobody's is for all. */
static bool is_for(const json_t *view, const char *party)
{
	const json_t *one;
	size_t i;
	if (!party || !json_is_null(json_object_get(view, "unverified")) ||
	    prl_bytes_is(prl_body_text(view, "party"), party))
		return true;
	json_array_foreach(json_object_get(view, "parties"), i, one)
	{
		if (prl_bytes_is(prl_body_text(one, "party"), party))
			return true;
	}
	return false;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

/* Those of the record that are open and not in the bell, after a start of the node for instance, come first. */
typedef struct recorded {
	prl_bell *bell;
	prl_version version;
	const char *party;
	json_t *to;
	bool failed;
} recorded;

/* The call that an item is: the one that it repeats, where that was logged, and dropped here, before this one rang. */
static prl_hash meant(const prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	prl_hash id = item->id;
	const json_t *call = prl_call_find(bell->parts.picture, version, &item->id);
	if (call)
		(void)prl_hash_read(prl_body_text(call, "id"), &id);
	return id;
}

bool prl_bell_has(const prl_bell *bell, prl_version version, size_t count, const prl_hash *id)
{
	for (size_t i = 0; i < count; i++) {
		prl_hash other = meant(bell, version, bell->items[i]);
		if (prl_bell_is(bell->items[i], id) || prl_hash_equal(&other, id))
			return true;
	}
	return false;
}

size_t prl_bell_names(prl_bell *bell, const prl_hash *id, prl_hash ret[3])
{
	size_t count = 0;
	ret[count++] = *id;
	(void)pthread_mutex_lock(&bell->lock);
	prl_version version = prl_picture_pin(bell->parts.picture);
	const prl_bell_item *item = prl_bell_find(bell, id);
	const json_t *call = prl_call_find(bell->parts.picture, version, id);
	if (item)
		ret[count++] = item->id;
	if (item)
		ret[count++] = meant(bell, version, item);
	else if (call && prl_hash_read(prl_body_text(call, "id"), &ret[count]))
		count++;
	prl_picture_unpin(bell->parts.picture, version);
	(void)pthread_mutex_unlock(&bell->lock);
	return count;
}

static bool one_recorded(void *context, prl_bytes key, const json_t *call)
{
	recorded *r = context;
	prl_hash id;
	(void)key;
	if (!json_object_get(call, "class") || !prl_hash_read(prl_body_text(call, "id"), &id) ||
	    prl_bell_has(r->bell, r->version, r->bell->count, &id))
		return true;
	json_t *parties = prl_call_parties(call, constitution_of(r->bell, r->version));
	json_t *view = parties && !prl_call_is_over(call, parties)
			       ? prl_call_view(call, parties, r->bell->parts.now(r->bell->parts.context))
			       : NULL;
	json_decref(parties);
	if (view) {
		json_object_set_new(view, "logged", json_true());
		json_object_set_new(view, "unverified", json_null());
		json_object_set_new(view, "count", json_integer((json_int_t)prl_body_number(call, "repeats", 0) + 1));
	}
	if (view && is_for(view, r->party))
		r->failed = json_array_append(r->to, view) != 0;
	json_decref(view);
	return !r->failed;
}

prl_status prl_bell_show(prl_bell *bell, const char *party, json_t **ret, prl_error *err)
{
	recorded r = { .bell = bell, .party = party, .to = json_array() };
	if (!r.to)
		return prl_error_memory(err);
	(void)pthread_mutex_lock(&bell->lock);
	r.version = prl_picture_pin(bell->parts.picture);
	prl_status status = constitution_of(bell, r.version)
				    ? prl_call_each_open(bell->parts.picture, r.version, one_recorded, &r, err)
				    : PRL_OK;
	for (size_t i = 0; !status && i < bell->count; i++) {
		prl_hash id = meant(bell, r.version, bell->items[i]);
		if (prl_bell_has(bell, r.version, i, &id))
			continue; /* one object, whatever rang */
		json_t *view = prl_bell_view(bell, r.version, bell->items[i]);
		if (view && is_for(view, party))
			json_array_append(r.to, view);
		json_decref(view);
	}
	prl_picture_unpin(bell->parts.picture, r.version);
	(void)pthread_mutex_unlock(&bell->lock);
	if (status)
		json_decref(r.to);
	else
		*ret = r.to;
	return status;
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

/* The item that changed next after `seen`; NULL where none did. */
static const prl_bell_item *changed_after(const prl_bell *bell, uint64_t seen)
{
	const prl_bell_item *next = NULL;
	for (size_t i = 0; i < bell->count; i++)
		if (bell->items[i]->changed > seen && (!next || bell->items[i]->changed < next->changed))
			next = bell->items[i];
	return next;
}

static bool append(prl_bell *bell, prl_version version, const prl_bell_item *item, const char *party, prl_buffer *to,
		   size_t room)
{
	json_t *view = prl_bell_view(bell, version, item);
	char *text = view && is_for(view, party) ? json_dumps(view, JSON_COMPACT) : NULL;
	bool fits = !text || to->size + strlen(text) + 32 <= room;
	if (text && fits)
		prl_buffer_printf(to, "event: ring\ndata: %s\n\n", text);
	free(text);
	json_decref(view);
	return fits;
}

void prl_bell_events(prl_bell *bell, const char *party, uint64_t *seen, prl_buffer *to, size_t room)
{
	(void)pthread_mutex_lock(&bell->lock);
	if (*seen < bell->changes) {
		prl_version version = prl_picture_pin(bell->parts.picture);
		const prl_bell_item *item;
		while ((item = changed_after(bell, *seen)) != NULL) {
			bool nothing = to->size == 0; /* one that would never fit goes on its own, the buffer grows */
			if (!append(bell, version, item, party, to, nothing ? SIZE_MAX / 2 : room))
				break;
			*seen = item->changed;
		}
		prl_picture_unpin(bell->parts.picture, version);
	}
	(void)pthread_mutex_unlock(&bell->lock);
}
