/* What a notice has not been compared with: GET /parley/v1/line/unchecked. Each node compares what it sees with the
 * sealed objects of its own parties, and says nothing where nothing overlaps; so a node that does not hold the notice
 * yet has not looked, and sealed against sealed nobody looks. */
#include "base/error.h"
#include "base/text.h"
#include "line/notice.h"
#include "line/overlap_inside.h"
#include "picture/body.h"

#include <string.h>

#define COUNT_MAX 200u /* notices shown where none is named */

static const char *const queries[] = { "notice", NULL };

typedef struct listing {
	const prl_show *show;
	json_t *items;
	const prl_notice *notice; /* the one that is looked at */
	json_t *sealed;           /* of others, that nobody compares it with */
} listing;

/* The log's node holds it: its mirror has cosigned it, or its own log says that it has seen it. */
static bool holds(const prl_show *show, const json_t *labels, const char *origin, const prl_notice *notice,
		  const char *log)
{
	const json_t *served = json_object_get(labels, "served");
	for (size_t i = 0; i < json_array_size(served); i++)
		if (prl_bytes_is(prl_body_text(json_array_get(served, i), "log"), log))
			return true;
	const prl_peer *peer =
		prl_picture_peer_of(show->picture, show->version, prl_bytes_of(log), prl_bytes_of(origin));
	return peer && peer->size > notice->version_index;
}

static json_t *not_answered(const prl_show *show, const prl_notice *notice)
{
	prl_error aside;
	json_t *labels = NULL, *logs = json_array();
	const char *origin = prl_notice_log(show->picture, show->version, notice);
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	if (show->labels && show->labels(show->context, origin, notice->version_index, &labels, &aside))
		labels = NULL;
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const char *log = constitution->logs[i].origin;
		if (strcmp(log, origin) != 0 && !holds(show, labels, origin, notice, log))
			json_array_append_new(logs, json_string(log));
	}
	json_decref(labels);
	return logs;
}

static bool add_sealed(void *context, const prl_notice *other)
{
	listing *l = context;
	char name[PRL_NOTICE_NAME_MAX];
	if (other->disclosure != PRL_DISCLOSURE_SEALED || other->mode != l->notice->mode ||
	    other->from > l->notice->to || other->to < l->notice->from)
		return true;
	prl_notice_name(other, name);
	return json_array_append_new(l->sealed, json_pack("{s:o, s:s, s:s}", "id", prl_show_hash(&other->id), "name",
							  name, "party", other->party)) == 0;
}

/* What nodes have said they have not compared this version with yet: array of {"log", "left"}. */
static json_t *still_left(const prl_show *show, const prl_notice *notice)
{
	json_t *all = json_array();
	char version[PRL_HASH_TEXT_MAX];
	const prl_constitution *constitution = prl_picture_constitution(show->picture, show->version);
	prl_hash_write(&notice->version, version);
	for (size_t i = 0; constitution && i < constitution->log_count; i++) {
		const char *log = constitution->logs[i].origin;
		const json_t *left = prl_overlap_left(show->picture, show->version, log, &notice->id);
		if (left && prl_bytes_is(prl_body_text(left, "version"), version))
			json_array_append_new(
				all, json_pack("{s:s, s:O}", "log", log, "left", json_object_get(left, "left")));
	}
	return all;
}

/* Sealed against sealed: both owners are told. */
static json_t *sealed_ones(listing *l)
{
	const prl_constitution *constitution = prl_picture_constitution(l->show->picture, l->show->version);
	l->sealed = json_array();
	for (size_t i = 0; l->sealed && constitution && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		if (l->notice->disclosure == PRL_DISCLOSURE_SEALED && strcmp(party->name, l->notice->party) != 0)
			prl_notice_each(l->show->picture, l->show->version, prl_bytes_of(party->name), 1, true,
					l->show->now, add_sealed, l);
	}
	return l->sealed;
}

static bool add(void *context, const prl_notice *notice)
{
	listing *l = context;
	char name[PRL_NOTICE_NAME_MAX];
	l->notice = notice;
	prl_notice_name(notice, name);
	json_t *logs = not_answered(l->show, notice), *sealed = sealed_ones(l), *left = still_left(l->show, notice);
	if (json_array_size(logs) == 0 && json_array_size(sealed) == 0 && json_array_size(left) == 0 &&
	    !prl_show_query(l->show, "notice")) {
		json_decref(logs);
		json_decref(sealed);
		json_decref(left);
		return true;
	}
	json_array_append_new(l->items, json_pack("{s:o, s:s, s:s, s:o, s:o, s:o}", "id", prl_show_hash(&notice->id),
						  "name", name, "party", notice->party, "not_answered", logs,
						  "not_checked", sealed, "not_compared_yet", left));
	return json_array_size(l->items) < COUNT_MAX;
}

static prl_status show_unchecked(const prl_show *show, json_t **ret, prl_error *err)
{
	const char *named = prl_show_query(show, "notice");
	listing l = { .show = show, .items = json_array() };
	if (!l.items)
		return prl_error_memory(err);
	if (named) {
		const prl_notice *notice = prl_notice_named(show->picture, show->version, prl_bytes_of(named));
		if (notice)
			(void)add(&l, notice);
	} else if (show->party) {
		prl_notice_each(show->picture, show->version, prl_bytes_of(show->party), 1, true, show->now, add, &l);
	}
	*ret = l.items;
	return PRL_OK;
}

const prl_line_part prl_unchecked_part = { .name = "unchecked", .queries = queries, .show = show_unchecked };
