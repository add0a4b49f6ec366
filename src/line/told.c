#include "line/told.h"

#include "base/error.h"
#include "base/text.h"
#include "dss/reach.h"
#include "dss/telling.h"
#include "formats/clean.h"
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
	object = json_pack("{s:s, s:o, s:s, s:s, s:[], s:[], s:[], s:o}", "notice", name, "id",
			   prl_show_hash(notice_id), "constraint", id, "mode", modes[notice->mode], "open", "told",
			   "unreached", "until", prl_show_time(until));
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

#define NAME_SHOWN 800 /* bytes; a manager has 200 characters at most, a reason too */

/* A peer's node may say what it likes: made fit to be shown. */
static json_t *clean_json(const char *text)
{
	char shown[NAME_SHOWN];
	prl_clean(text, shown, sizeof shown);
	return json_string(shown);
}

static json_t *reach_row(const prl_reach *reach, const prl_reach_one *one)
{
	json_t *row = json_pack("{s:o, s:s, s:I, s:o}", "uss", clean_json(one->manager), "log", reach->log, "version",
				(json_int_t)one->version, "since", prl_show_time(one->since));
	if (row && *one->why)
		(void)json_object_set_new(row, "why", clean_json(one->why));
	return row;
}

static bool list_reach(void *context, const prl_reach *reach)
{
	listing *l = context;
	json_t *object = object_of(l, &reach->id, &reach->notice, reach->until);
	for (size_t i = 0; object && i < reach->count && !l->failed; i++) {
		const prl_reach_one *one = &reach->items[i];
		if (*one->why && reach->until < l->show->now)
			continue;
		json_t *list = json_object_get(object, *one->why ? "unreached" : "told");
		l->failed = json_array_append_new(list, reach_row(reach, one)) != 0;
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
		status = prl_reach_each(show->picture, show->version, list_reach, &l, err);
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

/* The one that could not be told for longest. */
static const prl_reach_one *longest(const prl_reach *reach)
{
	const prl_reach_one *first = NULL;
	for (size_t i = 0; i < reach->count; i++)
		if (*reach->items[i].why && (!first || reach->items[i].since < first->since))
			first = &reach->items[i];
	return first;
}

static bool raise(void *context, const prl_reach *reach)
{
	raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	char uss[61], why[101];
	if (!reach->missed || reach->until < r->show->now)
		return true;
	const prl_notice *notice = own_notice(r->show, &reach->notice);
	const prl_reach_one *first = longest(reach);
	if (!notice)
		return true;
	prl_hash_write(&notice->id, id);
	prl_notice_name(notice, name);
	prl_clean(first->manager, uss, sizeof uss);
	prl_clean(first->why, why, sizeof why);
	(void)snprintf(situation, sizeof situation, "told:%s", id);
	json_t *about = json_pack("{s:s, s:s, s:s, s:s, s:I}", "notice", name, "id", id, "mode", modes[notice->mode],
				  "log", reach->log, "services", (json_int_t)reach->missed);
	if (reach->missed > 1)
		prl_alarm_raise(r->to, PRL_ALARM_USS_NOT_TOLD, situation, about, first->since, first->since,
				"%s: drone traffic services not told: %s and %zu more (%s)", name, uss,
				reach->missed - 1, why);
	else
		prl_alarm_raise(r->to, PRL_ALARM_USS_NOT_TOLD, situation, about, first->since, first->since,
				"%s: drone traffic service not told: %s (%s)", name, uss, why);
	return !r->to->failed;
}

static prl_status alarms(const prl_show *show, struct prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_reach_each(show->picture, show->version, raise, &r, err);
}

const prl_line_part prl_told_part = { .name = "told", .show = show, .alarms = alarms };
