/* What this node knows by itself of who is there, and no entry says: which desks have their screen open and with sound,
 * and when each peer's node was last heard. Memory only; after a start every desk is unattended until it reports.
 *
 * A desk reports by its own POST /parley/v1/desk every 5 s while it is open. That a stream of events is open says
 * nothing: a written event is sent, not delivered. A desk that has not reported for 60 s (PRL_UNATTENDED_S,
 * line/person.h), or whose screen cannot sound, is unattended. */
#ifndef PRL_NODE_PRESENCE_H
#define PRL_NODE_PRESENCE_H

#include "node/peers.h"
#include "node/ringing.h"

#include <jansson.h>

#define PRL_PRESENCE_DESKS   512u /* more than that report nothing: the one that reported first gives way */
#define PRL_PRESENCE_FLAPS_S 600
#define PRL_PRESENCE_CALLS   64 /* of which a desk says at a time that they ring */
#define PRL_PRESENCE_RINGS_S 12 /* two reports and a little: whoever has not said it again does not ring */

typedef struct prl_presence prl_presence;

PRL_MUST prl_status prl_presence_new(prl_presence **ret, prl_error *err);
void prl_presence_free(prl_presence *presence); /* NULL is fine */

/* A desk reports; any thread. */
void prl_presence_desk(prl_presence *presence, const char *desk, bool sound, prl_time now);
/* Which calls ring at a desk that has reported: all of them, in place of those before. At most PRL_PRESENCE_CALLS. */
void prl_presence_calls(prl_presence *presence, const char *desk, const prl_hash *ids, size_t count);
/* How many desks have said within PRL_PRESENCE_RINGS_S that a call rings which has one of these ids. */
unsigned prl_presence_rings(prl_presence *presence, const prl_hash *ids, size_t count, prl_time now);
/* What sounds at a desk that has reported, by the alarms of its party; PRL_E_NOT_FOUND for one that has not. */
PRL_MUST prl_status prl_presence_ring(prl_presence *presence, const char *desk, const prl_alarms *alarms, prl_time now,
				      prl_ringing_look *ret, prl_error *err);
/* Silences it for 30 s, and no longer. */
void prl_presence_silence(prl_presence *presence, const char *desk, prl_time now);

/* How it stands with the link to a peer's log: counts when it goes away. Called about every second, by one thread. */
void prl_presence_link(prl_presence *presence, const char *log, bool connected, prl_time now);
/* How often the link went away within the last 10 min. */
unsigned prl_presence_flaps(prl_presence *presence, const char *log, prl_time now);

/* prl_show.node: {"peers": {party: {"heard", "connected", "flaps"}}, "desks": {desk: {"seen", "sound"}}}; version is
 * pinned. peers NULL: none are known. NULL out of memory. */
json_t *prl_presence_json(prl_presence *presence, prl_picture *picture, prl_version version, prl_peers *peers,
			  prl_time now);

/* Takes the look at every link. */
void prl_presence_look(prl_presence *presence, prl_picture *picture, prl_peers *peers, prl_time now);

#endif
