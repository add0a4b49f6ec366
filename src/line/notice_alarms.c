/* What of notices needs a person: one without an end that has begun, and of which nothing was said for a while. On 17
 * September 2018 aircraft stayed an hour after a notice that said neither how long nor how high. */
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "line/notice_inside.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define OPEN_ENDED_DEFAULT_S 600

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
	prl_time after; /* how long it may be open */
} raising;

static json_t *about(const prl_notice *n, bool is_own)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(n, name);
	json_t *json =
		json_pack("{s:s, s:o, s:s}", "notice", name, "id", prl_show_hash(&n->id), "mode", modes[n->mode]);
	if (json && !is_own)
		(void)json_object_set_new(json, "peer", json_string(n->party));
	return json;
}

static bool raise_open(void *context, const prl_notice *n)
{
	raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	prl_time begun = n->from > n->changed ? n->from : n->changed, due;
	bool is_own = strcmp(n->party, r->to->party) == 0;
	if (__builtin_add_overflow(begun, r->after, &due) || due > r->show->now || !prl_notice_is_for(n, r->to->party))
		return true;
	prl_hash_write(&n->id, id);
	prl_notice_name(n, name);
	(void)snprintf(situation, sizeof situation, "open:%s", id);
	prl_alarm_raise(r->to, PRL_ALARM_OPEN_ENDED, situation, about(n, is_own), due, due,
			is_own ? "%s has no end, and nothing was said of it for %lld min: UPDATE or END it"
			       : "%s has no end, and nothing was said of it for %lld min: ask when it ends",
			name, (long long)(prl_time_apart(begun, r->show->now) / (60 * PRL_SECOND)));
	return !r->to->failed;
}

prl_status prl_notice_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	const json_t *timers = json_object_get(c ? c->body : NULL, "timers");
	raising r = { show, to, (prl_time)prl_body_number(timers, "open_ended_s", OPEN_ENDED_DEFAULT_S) * PRL_SECOND };
	return prl_notice_each_open(show->picture, show->version, raise_open, &r, err);
}
