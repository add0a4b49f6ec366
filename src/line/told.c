#include "line/told.h"

#include "base/error.h"
#include "base/text.h"
#include "dss/telling.h"
#include "dss/unreached.h"
#include "line/alarm.h"
#include "line/notice.h"

#include <stdio.h>
#include <string.h>

static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };

/* The notice that a constraint shows, where the party may look at who was told of it. */
static const prl_notice *own_notice(const prl_show *show, const prl_hash *id)
{
	const prl_notice *notice = prl_notice_find(show->picture, show->version, id);
	return notice && (!show->party || strcmp(notice->party, show->party) == 0) ? notice : NULL;
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

typedef struct listing {
	const prl_show *show;
	json_t *by_id; /* constraint: its object */
	bool failed;
} listing;

/* The object of a constraint, made where it is not there; NULL where it is not to be shown. */
static json_t *object_of(listing *l, const prl_uuid *constraint, const prl_hash *notice_id, prl_time until)
{
	const prl_notice *notice = own_notice(l->show, notice_id);
	char id[PRL_UUID_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	if (!notice)
		return NULL;
	prl_uuid_write(constraint, id);
	prl_notice_name(notice, name);
	json_t *object = json_object_get(l->by_id, id);
	if (object)
		return object;
	object = json_pack("{s:s, s:o, s:s, s:s, s:[], s:[], s:o}", "notice", name, "id", prl_show_hash(notice_id),
			   "constraint", id, "mode", modes[notice->mode], "open", "unreached", "until",
			   prl_show_time(until));
	l->failed = l->failed || json_object_set_new(l->by_id, id, object) != 0;
	return l->failed ? NULL : object;
}

/* Its row among those of one change. */
static json_t *row_of(json_t *rows, const prl_untold *untold, const char *manager)
{
	json_t *row;
	size_t i;
	json_array_foreach(rows, i, row)
	{
		if (json_integer_value(json_object_get(row, "entry")) == (json_int_t)untold->entry &&
		    strcmp(json_string_value(json_object_get(row, "uss")), manager) == 0)
			return row;
	}
	row = json_pack("{s:s, s:i, s:I, s:I, s:b, s:o}", "uss", manager, "subscriptions", 0, "entry",
			(json_int_t)untold->entry, "version", (json_int_t)untold->version, "over", untold->over,
			"since", prl_show_time(untold->opened));
	return json_array_append_new(rows, row) ? NULL : row;
}

static bool list_open(void *context, const prl_untold *untold)
{
	listing *l = context;
	json_t *object = object_of(l, &untold->id, &untold->notice, untold->until);
	for (size_t i = 0; object && i < untold->count && !l->failed; i++) {
		json_t *row = row_of(json_object_get(object, "open"), untold, untold->targets[i].manager);
		json_int_t count = json_integer_value(json_object_get(row, "subscriptions"));
		l->failed = !row || json_object_set_new(row, "subscriptions", json_integer(count + 1)) != 0;
	}
	return !l->failed;
}

static bool list_unreached(void *context, const prl_unreached *unreached)
{
	listing *l = context;
	if (unreached->until < l->show->now)
		return true;
	json_t *object = object_of(l, &unreached->id, &unreached->notice, unreached->until);
	for (size_t i = 0; object && i < unreached->count && !l->failed; i++) {
		const prl_unreached_one *one = &unreached->items[i];
		json_t *row = json_pack("{s:s, s:s, s:s, s:o}", "uss", one->manager, "log", unreached->log, "why",
					one->why, "since", prl_show_time(one->since));
		l->failed = json_array_append_new(json_object_get(object, "unreached"), row) != 0;
	}
	return !l->failed;
}

static prl_status show(const prl_show *show, json_t **ret, prl_error *err)
{
	listing l = { .show = show, .by_id = json_object() };
	json_t *list = json_array(), *one;
	const char *id;
	l.failed = !l.by_id || !list;
	prl_status status = prl_untold_each(show->picture, show->version, list_open, &l, err);
	if (!status)
		status = prl_unreached_each(show->picture, show->version, list_unreached, &l, err);
	json_object_foreach(l.by_id, id, one) l.failed = l.failed || json_array_append(list, one) != 0;
	json_decref(l.by_id);
	if (!status && l.failed)
		status = prl_error_memory(err);
	if (status)
		json_decref(list);
	else
		*ret = list;
	return status;
}

/* ---- what needs a person ----------------------------------------------------------------------------------------- */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static bool raise(void *context, const prl_unreached *unreached)
{
	raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	const prl_notice *notice = own_notice(r->show, &unreached->notice);
	const prl_unreached_one *first = unreached->items;
	if (!notice || unreached->until < r->show->now)
		return true;
	for (size_t i = 1; i < unreached->count; i++)
		if (unreached->items[i].since < first->since)
			first = &unreached->items[i];
	prl_hash_write(&notice->id, id);
	prl_notice_name(notice, name);
	(void)snprintf(situation, sizeof situation, "told:%s", id);
	json_t *about = json_pack("{s:s, s:s, s:s, s:s, s:I}", "notice", name, "id", id, "mode", modes[notice->mode],
				  "log", unreached->log, "services", (json_int_t)unreached->count);
	if (unreached->count > 1)
		prl_alarm_raise(r->to, PRL_ALARM_USS_NOT_TOLD, situation, about, first->since, first->since,
				"%s: drone traffic services not told: %.60s and %zu more (%.100s)", name,
				first->manager, unreached->count - 1, first->why);
	else
		prl_alarm_raise(r->to, PRL_ALARM_USS_NOT_TOLD, situation, about, first->since, first->since,
				"%s: drone traffic service not told: %.60s (%.100s)", name, first->manager, first->why);
	return !r->to->failed;
}

static prl_status alarms(const prl_show *show, struct prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_unreached_each(show->picture, show->version, raise, &r, err);
}

const prl_line_part prl_told_part = { .name = "told", .show = show, .alarms = alarms };
