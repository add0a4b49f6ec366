/* What the files of calls share: call.c (fold, list), call_state.c (a call as JSON), call_open.c (what is waited for),
 * call_alarms.c (what needs a person), call_rung.c (what rang UNVERIFIED). */
#ifndef PRL_LINE_CALL_INSIDE_H
#define PRL_LINE_CALL_INSIDE_H

#include "line/call.h"
#include "line/thing.h"

#define PRL_CALL_NOUN        "call"
#define PRL_CALL_OPEN_NOUN   "call.open"
#define PRL_CALL_OPENED_NOUN "call.opened"
#define PRL_CALL_RUNG_NOUN   "call.rung"

PRL_MUST prl_status prl_call_take_away(prl_picture *picture, const char *noun, prl_bytes key, prl_error *err);
/* The call was put as it is now: among those that are open, or no longer. */
PRL_MUST prl_status prl_call_put_open(prl_picture *picture, const prl_hash *id, const json_t *call, prl_error *err);

/* The fold of call.rung; GET /parley/v1/line/calls?unverified=1. */
PRL_MUST prl_status prl_call_rung(prl_picture *picture, const prl_act *act, prl_error *err);
PRL_MUST prl_status prl_call_rung_show(const prl_show *show, json_t **ret, prl_error *err);

struct prl_alarms;
PRL_MUST prl_status prl_call_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
