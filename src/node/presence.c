#include "node/presence.h"

#include "base/error.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define DROPS 8 /* that are remembered of one link */

typedef struct desk {
	char name[PRL_KEY_NAME_MAX + 1];
	bool sound;
	prl_time seen;
	prl_ringing *ringing; /* NULL before its first look */
	size_t call_count;    /* that ring there, as it says */
	prl_hash calls[PRL_PRESENCE_CALLS];
} desk;

typedef struct line_link {
	char log[PRL_KEY_NAME_MAX + 1];
	bool connected;
	prl_time drops[DROPS]; /* the newest, in a ring */
	size_t dropped;
} line_link;

struct prl_presence {
	pthread_mutex_t lock;
	desk desks[PRL_PRESENCE_DESKS];
	size_t desk_count;
	line_link links[PRL_PEERS_MAX];
	size_t link_count;
};

prl_status prl_presence_new(prl_presence **ret, prl_error *err)
{
	prl_presence *presence = calloc(1, sizeof *presence);
	if (!presence)
		return prl_error_memory(err);
	(void)pthread_mutex_init(&presence->lock, NULL);
	*ret = presence;
	return PRL_OK;
}

void prl_presence_free(prl_presence *presence)
{
	if (!presence)
		return;
	for (size_t i = 0; i < presence->desk_count; i++)
		prl_ringing_free(presence->desks[i].ringing);
	(void)pthread_mutex_destroy(&presence->lock);
	free(presence);
}

/* ---- desks ------------------------------------------------------------------------------------------------------- */

static desk *desk_place(prl_presence *p, const char *name)
{
	desk *oldest = &p->desks[0];
	for (size_t i = 0; i < p->desk_count; i++) {
		if (strcmp(p->desks[i].name, name) == 0)
			return &p->desks[i];
		if (p->desks[i].seen < oldest->seen)
			oldest = &p->desks[i];
	}
	return p->desk_count < PRL_PRESENCE_DESKS ? &p->desks[p->desk_count++] : oldest;
}

void prl_presence_desk(prl_presence *presence, const char *name, bool sound, prl_time now)
{
	(void)pthread_mutex_lock(&presence->lock);
	desk *place = desk_place(presence, name);
	if (place->name[0] && strcmp(place->name, name) != 0) { /* gives way */
		prl_ringing_free(place->ringing);
		place->ringing = NULL;
		place->call_count = 0;
	}
	(void)snprintf(place->name, sizeof place->name, "%s", name);
	place->sound = sound;
	place->seen = now;
	(void)pthread_mutex_unlock(&presence->lock);
}

static desk *desk_find(prl_presence *p, const char *name)
{
	for (size_t i = 0; i < p->desk_count; i++)
		if (strcmp(p->desks[i].name, name) == 0)
			return &p->desks[i];
	return NULL;
}

void prl_presence_calls(prl_presence *presence, const char *name, const prl_hash *ids, size_t count)
{
	(void)pthread_mutex_lock(&presence->lock);
	desk *place = desk_find(presence, name);
	if (place) {
		place->call_count = count < PRL_PRESENCE_CALLS ? count : PRL_PRESENCE_CALLS;
		if (place->call_count)
			memcpy(place->calls, ids, place->call_count * sizeof *ids);
	}
	(void)pthread_mutex_unlock(&presence->lock);
}

static bool rings_at(const desk *d, const prl_hash *ids, size_t count)
{
	for (size_t i = 0; i < d->call_count; i++)
		for (size_t k = 0; k < count; k++)
			if (memcmp(&d->calls[i], &ids[k], sizeof *ids) == 0)
				return true;
	return false;
}

unsigned prl_presence_rings(prl_presence *presence, const prl_hash *ids, size_t count, prl_time now)
{
	unsigned desks = 0;
	(void)pthread_mutex_lock(&presence->lock);
	for (size_t i = 0; i < presence->desk_count; i++) {
		const desk *d = &presence->desks[i];
		desks += now - d->seen <= PRL_PRESENCE_RINGS_S * PRL_SECOND && rings_at(d, ids, count);
	}
	(void)pthread_mutex_unlock(&presence->lock);
	return desks;
}

prl_status prl_presence_ring(prl_presence *presence, const char *name, const prl_alarms *alarms, prl_time now,
			     prl_ringing_look *ret, prl_error *err)
{
	(void)pthread_mutex_lock(&presence->lock);
	desk *place = desk_find(presence, name);
	prl_status status = place ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "desk %s has not reported", name);
	if (place && !place->ringing)
		status = prl_ringing_new(&place->ringing, err);
	if (!status)
		status = prl_ringing_at(place->ringing, alarms, now, ret, err);
	(void)pthread_mutex_unlock(&presence->lock);
	return status;
}

void prl_presence_silence(prl_presence *presence, const char *name, prl_time now)
{
	(void)pthread_mutex_lock(&presence->lock);
	desk *place = desk_find(presence, name);
	if (place && place->ringing)
		prl_ringing_silence(place->ringing, now);
	(void)pthread_mutex_unlock(&presence->lock);
}

/* ---- links ------------------------------------------------------------------------------------------------------- */

static line_link *link_place(prl_presence *p, const char *log)
{
	for (size_t i = 0; i < p->link_count; i++)
		if (strcmp(p->links[i].log, log) == 0)
			return &p->links[i];
	if (p->link_count == PRL_PEERS_MAX)
		return NULL;
	line_link *place = &p->links[p->link_count++];
	(void)snprintf(place->log, sizeof place->log, "%s", log);
	return place;
}

void prl_presence_link(prl_presence *presence, const char *log, bool connected, prl_time now)
{
	(void)pthread_mutex_lock(&presence->lock);
	line_link *place = link_place(presence, log);
	if (place && place->connected && !connected)
		place->drops[place->dropped++ % DROPS] = now;
	if (place)
		place->connected = connected;
	(void)pthread_mutex_unlock(&presence->lock);
}

static unsigned flaps_of(const line_link *place, prl_time now)
{
	unsigned flaps = 0;
	for (size_t i = 0; place && i < DROPS && i < place->dropped; i++)
		flaps += now - place->drops[i] <= PRL_PRESENCE_FLAPS_S * PRL_SECOND;
	return flaps;
}

unsigned prl_presence_flaps(prl_presence *presence, const char *log, prl_time now)
{
	(void)pthread_mutex_lock(&presence->lock);
	unsigned flaps = flaps_of(link_place(presence, log), now);
	(void)pthread_mutex_unlock(&presence->lock);
	return flaps;
}

void prl_presence_look(prl_presence *presence, prl_picture *picture, prl_peers *peers, prl_time now)
{
	prl_version version = prl_picture_pin(picture);
	const prl_constitution *constitution = prl_picture_constitution(picture, version);
	prl_peer_view view;
	for (size_t i = 0; constitution && i < constitution->log_count; i++)
		if (prl_peers_view(peers, constitution->logs[i].origin, &view))
			prl_presence_link(presence, constitution->logs[i].origin, view.connected, now);
	prl_picture_unpin(picture, version);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static json_t *desks_json(prl_presence *presence)
{
	json_t *desks = json_object();
	(void)pthread_mutex_lock(&presence->lock);
	for (size_t i = 0; i < presence->desk_count; i++) {
		const desk *d = &presence->desks[i];
		(void)json_object_set_new(desks, d->name,
					  json_pack("{s:I, s:b}", "seen", (json_int_t)d->seen, "sound", d->sound));
	}
	(void)pthread_mutex_unlock(&presence->lock);
	return desks;
}

json_t *prl_presence_json(prl_presence *presence, prl_picture *picture, prl_version version, prl_peers *peers,
			  prl_time now)
{
	const prl_constitution *constitution = prl_picture_constitution(picture, version);
	json_t *all = json_object();
	prl_peer_view view;
	for (size_t i = 0; constitution && peers && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		if (!prl_peers_view(peers, party->log, &view))
			continue;
		/* LINE is the machine's: a wall clock that is set, or a scenario's that jumps, is no silence of the
		 * peer */
		prl_time heard = now - view.heard_ago_ms * (PRL_SECOND / 1000);
		(void)json_object_set_new(all, party->name,
					  json_pack("{s:o, s:b, s:i}", "heard",
						    view.heard ? json_integer(heard) : json_null(), "connected",
						    view.connected, "flaps",
						    (int)prl_presence_flaps(presence, party->log, now)));
	}
	return json_pack("{s:o, s:o}", "peers", all, "desks", desks_json(presence));
}
