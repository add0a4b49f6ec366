/* What sounds at one desk, second by second: from the alarms that are raised (line/alarm.h) to rows and sound, by the
 * rules of watch-floor.md, Alarms. Local: of a screen, in memory; nothing of it is in the record. No clock in here:
 * every call says what time it is.
 *
 *   A situation sounds when it is new, and again only where it gets worse (prl_alarm_is_worse()), rises to a lower
 * class, or comes back after it was gone for PRL_RINGING_GONE_S: what flaps is one situation. Classes 1 and 2 sound on
 * until they are no longer raised; silenced, they sound again after 30 s. Class 3 sounds once, class 4 never. More than
 * PRL_RINGING_FLOOD new rows of classes 3 and 4 within 10 min are a flood: what is new then goes into one row a peer,
 * which sounds once. It ends with the last of its situations. Classes 1 and 2 always have their own rows. What is
 * shelved has no row and no sound, and is counted. Sound of class 3 is held to PRL_RINGING_AN_HOUR an hour: rows beyond
 * that come without sound. */
#ifndef PRL_NODE_RINGING_H
#define PRL_NODE_RINGING_H

#include "line/alarm.h"

#define PRL_RINGING_FLOOD     8
#define PRL_RINGING_FLOOD_S   600
#define PRL_RINGING_AN_HOUR   6
#define PRL_RINGING_SILENCE_S 30
#define PRL_RINGING_GONE_S    600

typedef struct prl_ringing prl_ringing;

PRL_MUST prl_status prl_ringing_new(prl_ringing **ret, prl_error *err);
void prl_ringing_free(prl_ringing *ringing);

/* What a look found. */
typedef struct prl_ringing_look {
	size_t rows;     /* on the screen, collapsed ones included */
	size_t new_rows; /* since the last look */
	size_t begun; /* situations, or collapsed rows, that began to sound at this look; class 1 and 2 not counted */
	size_t begun_urgent;       /* of classes 1 and 2 */
	int sounding;              /* the lowest class that sounds now: 1, 2, or 3 at this look; 0: silence */
	size_t shelved, collapsed; /* situations */
} prl_ringing_look;

/* The alarms as they are now, about every second; times never go back. PRL_E_MEMORY. */
PRL_MUST prl_status prl_ringing_at(prl_ringing *ringing, const prl_alarms *alarms, prl_time now, prl_ringing_look *ret,
				   prl_error *err);
/* A person silences what sounds: for 30 s, and no longer. */
void prl_ringing_silence(prl_ringing *ringing, prl_time now);

#endif
