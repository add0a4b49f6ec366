/* What overlaps ask of a desk now (alarm.h). */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/alarm.h"
#include "line/board.h"
#include "line/open.h"
#include "line/overlap_inside.h"
#include "line/thing.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_S  86400     /* the hours for which asking too often counts */
#define ANSWER_S (15 * 60) /* to answer, at most; it may begin before */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static const prl_notice *side(const prl_show *show, const prl_hash *id)
{
	return prl_notice_find(show->picture, show->version, id);
}

static json_t *about(const char *id, const prl_notice *own, const prl_notice *other, const char *peer,
		     const prl_finding *f)
{
	static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(own, name);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "overlap", id, "peer", peer, "mode", modes[own->mode],
				 "notice", name);
	if (json && other) {
		prl_notice_name(other, name);
		json_object_set_new(json, "other", json_string(name));
	}
	if (json && f && f->from != PRL_TIME_OPEN_START)
		json_object_set_new(json, "begins", prl_show_time(f->from));
	if (json && f && f->to != PRL_TIME_OPEN_END)
		json_object_set_new(json, "ends", prl_show_time(f->to));
	if (json && f)
		json_object_set_new(json, "closest_m", json_integer((json_int_t)(f->horizontal_cm / 100)));
	return json;
}

static prl_time due_of(prl_time since, prl_time begins)
{
	prl_time due = since + ANSWER_S * PRL_SECOND;
	return begins > since && begins < due ? begins : due;
}

static void situation_of(const char *id, char situation[PRL_ALARM_SITUATION_MAX])
{
	snprintf(situation, PRL_ALARM_SITUATION_MAX, "overlap:%s", id);
}

/* Whose notice it overlaps with. */
static const char *other_party(const prl_overlap *overlap, const char *party)
{
	const char *first = json_string_value(json_array_get(overlap->parties, 0));
	return strcmp(first, party) ? first : json_string_value(json_array_get(overlap->parties, 1));
}

/* A live-fire area of ours that somebody tells us overlaps is as bad as if we saw with what. */
static bool is_grave(const prl_overlap *overlap, const prl_notice *own, const prl_notice *other)
{
	if (overlap->told)
		return own->kind == PRL_KIND_LIVE_FIRE;
	return other && prl_kinds_class((prl_kind)own->kind, (prl_kind)other->kind) == 0;
}

static void raise(const raising *r, const prl_overlap *overlap, prl_time since)
{
	char id[PRL_HASH_TEXT_MAX], situation[PRL_ALARM_SITUATION_MAX], own_name[PRL_NOTICE_NAME_MAX],
		other_name[PRL_NOTICE_NAME_MAX] = "what is not shown";
	const char *party = r->to->party, *peer = other_party(overlap, party);
	const prl_finding *f =
		overlap->told ? &overlap->findings[0] : prl_overlap_newest(r->show->picture, r->show->version, overlap);
	const prl_notice *first = side(r->show, &overlap->notices[0]);
	const prl_notice *second = overlap->told ? NULL : side(r->show, &overlap->notices[1]);
	bool own_first = first && strcmp(first->party, party) == 0;
	const prl_notice *own = own_first ? first : second, *other = own_first ? second : first;
	if (!own || !f)
		return;
	prl_hash_write(&overlap->id, id);
	situation_of(id, situation);
	prl_notice_name(own, own_name);
	if (other)
		prl_notice_name(other, other_name);
	if (is_grave(overlap, own, other))
		prl_alarm_raise(r->to, PRL_ALARM_PROTECTED_UNDER_FIRE, situation, about(id, own, other, peer, f), since,
				r->show->now, "%s (%s) overlaps with %s of %s%s", own_name,
				prl_kind_word((prl_kind)own->kind), other_name, peer,
				overlap->told ? "" : ": a protected place and live fire");
	else
		prl_alarm_raise(r->to, PRL_ALARM_OVERLAP_TO_ANSWER, situation, about(id, own, other, peer, f), since,
				due_of(since, f->from), "%s overlaps with %s of %s", own_name, other_name, peer);
}

static bool consider(void *context, const prl_overlap *overlap)
{
	const raising *r = context;
	prl_time since;
	if (prl_overlap_rings(r->show, overlap, r->to->party, &since))
		raise(r, overlap, since);
	return true;
}

/* ---- at home ----------------------------------------------------------------------------------------------------- */

typedef struct asking {
	const char *by;
	const prl_hash *version;
	bool found;
} asking;

static bool look_told(void *context, const prl_overlap *overlap)
{
	asking *a = context;
	const char *by = json_string_value(json_array_get(overlap->parties, 1));
	a->found = overlap->told && strcmp(by, a->by) == 0 &&
		   prl_hash_equal(&overlap->findings[0].versions[0], a->version);
	return !a->found;
}

static bool is_told(const prl_show *show, const char *by, const prl_notice *other)
{
	asking a = { by, &other->version, false };
	prl_overlaps_of(show->picture, show->version, &other->id, look_told, &a);
	return a.found;
}

static const prl_notice *named(const prl_show *show, const json_t *home, const char *member)
{
	prl_hash hash;
	const char *text = json_string_value(json_object_get(home, member));
	return text && prl_hash_read(prl_bytes_of(text), &hash) ? side(show, &hash) : NULL;
}

static bool is_over(const prl_show *show, const json_t *home, const prl_notice *notice)
{
	prl_time to;
	const json_t *pair = json_object_get(home, "pair");
	return notice->state != PRL_NOTICE_LIVE ||
	       (json_object_get(pair, "to") && prl_body_time(pair, "to", &to, NULL) == PRL_OK && to < show->now);
}

static void raise_limit(const raising *r, const prl_notice *object, const prl_notice *other, prl_time since)
{
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	prl_hash_write(&object->id, id);
	prl_notice_name(object, name);
	snprintf(situation, sizeof situation, "object-asked:%s:%s", id, other->party);
	prl_alarm_raise(r->to, PRL_ALARM_OBJECT_ASKED, situation,
			json_pack("{s:s, s:s}", "peer", other->party, "notice", name), since, r->show->now,
			"%s keeps filing notices that overlap with %s, which it may not see: nothing is told by itself "
			"any more",
			other->party, name);
}

/* An object of this party that the other side may not see, which nobody has told them of. */
static bool consider_home(void *context, prl_bytes key, const json_t *home)
{
	const raising *r = context;
	const char *owner = json_string_value(json_object_get(home, "owner"));
	char id[PRL_HASH_TEXT_MAX], situation[PRL_ALARM_SITUATION_MAX], name[PRL_NOTICE_NAME_MAX];
	const prl_notice *object = named(r->show, home, "object"), *other = named(r->show, home, "other");
	prl_time since = r->show->now;
	(void)key;
	if (!owner || strcmp(owner, r->to->party) != 0 || !object || !other ||
	    json_is_true(json_object_get(home, "gone")) || is_over(r->show, home, object) ||
	    is_over(r->show, home, other) || prl_body_time(home, "changed", &since, NULL))
		return true;
	bool told = is_told(r->show, owner, other);
	if (!told && json_is_true(json_object_get(home, "limited")) &&
	    prl_time_apart(since, r->show->now) < LIMIT_S * PRL_SECOND)
		raise_limit(r, object, other, since);
	if (told || strcmp(json_string_value(json_object_get(home, "answer")), "by hand") != 0)
		return true;
	snprintf(id, sizeof id, "%s", json_string_value(json_object_get(home, "id")));
	situation_of(id, situation);
	prl_notice_name(other, name);
	prl_alarm_raise(r->to, PRL_ALARM_OVERLAP_TO_TELL, situation, about(id, object, other, other->party, NULL),
			since, due_of(since, other->from), "%s (%s) overlaps with an own object that %s may not see",
			name, prl_kind_word((prl_kind)other->kind), other->party);
	return true;
}

prl_status prl_overlap_alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	prl_status status = prl_overlaps_open(show->picture, show->version, consider, &r, err);
	return status ? status
		      : prl_open_each(show->picture, show->version, prl_overlap_home_open, "overlap.home",
				      consider_home, &r, err);
}

/* Told of, as the other one stands, or one of the two is no more; put once more it is looked at once more. */
static bool home_is_over(const prl_show *show, prl_bytes key, const json_t *home)
{
	const char *owner = json_string_value(json_object_get(home, "owner"));
	const prl_notice *object = named(show, home, "object"), *other = named(show, home, "other");
	(void)key;
	return !owner || !object || !other || is_over(show, home, object) || is_over(show, home, other) ||
	       is_told(show, owner, other);
}

const prl_open_rule prl_overlap_home_rule = { prl_overlap_home_open, "overlap.home", home_is_over };
