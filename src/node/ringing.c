#include "node/ringing.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STARTS 64 /* newest rows and sounds that are remembered; more than FLOOD and AN_HOUR */

/* Times of the newest, in a ring. */
typedef struct starts {
	prl_time at[STARTS];
	size_t count;
} starts;

struct prl_ringing {
	json_t *known;  /* situation: {"class", "about", "seen": ns, "peer": row of a flood or not there} */
	json_t *floods; /* peer: {"seen": ns} */
	starts rows, sounds;
	prl_time silent_until;
};

prl_status prl_ringing_new(prl_ringing **ret, prl_error *err)
{
	prl_ringing *r = calloc(1, sizeof *r);
	if (r) {
		r->known = json_object();
		r->floods = json_object();
		r->silent_until = INT64_MIN;
	}
	if (!r || !r->known || !r->floods) {
		prl_ringing_free(r);
		return prl_error_memory(err);
	}
	*ret = r;
	return PRL_OK;
}

void prl_ringing_free(prl_ringing *ringing)
{
	if (!ringing)
		return;
	json_decref(ringing->known);
	json_decref(ringing->floods);
	free(ringing);
}

void prl_ringing_silence(prl_ringing *ringing, prl_time now)
{
	ringing->silent_until = now + PRL_RINGING_SILENCE_S * PRL_SECOND;
}

static size_t within(const starts *s, prl_time now, int64_t seconds)
{
	size_t count = 0;
	for (size_t i = 0; i < STARTS && i < s->count; i++)
		count += now - s->at[i] < seconds * PRL_SECOND;
	return count;
}

static void start(starts *s, prl_time now)
{
	s->at[s->count++ % STARTS] = now;
}

/* ---- one alarm --------------------------------------------------------------------------------------------------- */

typedef struct looking {
	prl_ringing *r;
	prl_time now;
	prl_ringing_look *look;
	bool failed;
} looking;

static int class_of(const json_t *known)
{
	return (int)json_integer_value(json_object_get(known, "class"));
}

static prl_time seen_of(const json_t *known)
{
	return json_integer_value(json_object_get(known, "seen"));
}

static const char *peer_of(const prl_alarm *alarm)
{
	const char *peer = json_string_value(json_object_get(alarm->about, "peer"));
	return peer ? peer : "own";
}

/* A pip, where there is still one for this hour. */
static void pip(looking *l)
{
	if (within(&l->r->sounds, l->now, 3600) >= PRL_RINGING_AN_HOUR)
		return;
	start(&l->r->sounds, l->now);
	l->look->begun++;
	if (!l->look->sounding && l->now >= l->r->silent_until)
		l->look->sounding = 3;
}

/* A row of its own, or one a peer while it floods. True where the situation has its own. */
static bool row_begins(looking *l, const prl_alarm *alarm, int class)
{
	prl_ringing *r = l->r;
	const char *peer = peer_of(alarm);
	if (class < 3) {
		l->look->new_rows++;
		return true;
	}
	if (within(&r->rows, l->now, PRL_RINGING_FLOOD_S) < PRL_RINGING_FLOOD) {
		start(&r->rows, l->now);
		l->look->new_rows++;
		if (class == 3)
			pip(l);
		return true;
	}
	if (!json_object_get(r->floods, peer)) {
		start(&r->rows, l->now);
		l->look->new_rows++;
		pip(l);
	}
	l->failed |= json_object_set_new(r->floods, peer, json_integer(l->now)) != 0;
	return false;
}

static void keep(looking *l, const prl_alarm *alarm, int class, bool collapsed)
{
	/* A copy: the alarm is its request's, which lets go of it without the lock that holds this. */
	json_t *known = json_pack("{s:i, s:o, s:I, s:b}", "class", class, "about", json_deep_copy(alarm->about), "seen",
				  (json_int_t)l->now, "collapsed", collapsed);
	l->failed |= json_object_set_new(l->r->known, alarm->situation, known) != 0;
}

static void urgent(looking *l, int class, bool begins)
{
	l->look->begun_urgent += begins;
	if (l->now >= l->r->silent_until && (!l->look->sounding || class < l->look->sounding))
		l->look->sounding = class;
}

static void one(looking *l, const prl_alarm *alarm)
{
	int class = prl_alarm_class_of(alarm->id);
	const json_t *known = json_object_get(l->r->known, alarm->situation);
	if (alarm->shelf) {
		l->look->shelved++;
		return;
	}
	bool collapsed = json_is_true(json_object_get(known, "collapsed"));
	bool rises = known && class < class_of(known);
	bool worse = known && prl_alarm_is_worse(alarm->about, json_object_get(known, "about"));
	if (!known || (rises && class < 3))
		collapsed = !row_begins(l, alarm, class);
	else if (worse && class == 3 && !collapsed)
		pip(l);
	if (class < 3)
		urgent(l, class, !known || rises || worse);
	if (collapsed) {
		l->look->collapsed++;
		l->failed |= json_object_set_new(l->r->floods, peer_of(alarm), json_integer(l->now)) != 0;
	} else {
		l->look->rows++;
	}
	keep(l, alarm, class, collapsed);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static void forget(prl_ringing *r, prl_time now)
{
	const char *name;
	json_t *value;
	void *next;
	json_object_foreach_safe(r->known, next, name, value)
	{
		if (now - seen_of(value) > PRL_RINGING_GONE_S * PRL_SECOND)
			(void)json_object_del(r->known, name);
	}
	json_object_foreach_safe(r->floods, next, name, value)
	{
		if (now - json_integer_value(value) > PRL_RINGING_GONE_S * PRL_SECOND)
			(void)json_object_del(r->floods, name);
	}
}

prl_status prl_ringing_at(prl_ringing *ringing, const prl_alarms *alarms, prl_time now, prl_ringing_look *ret,
			  prl_error *err)
{
	prl_ringing_look look = { 0 };
	looking l = { ringing, now, &look, false };
	for (size_t i = 0; i < alarms->count; i++)
		one(&l, &alarms->items[i]);
	forget(ringing, now);
	look.rows += json_object_size(ringing->floods);
	if (l.failed)
		return prl_error_memory(err);
	*ret = look;
	return PRL_OK;
}
