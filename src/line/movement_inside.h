/* What the files of movements share: movement.c (fold), movement_show.c. */
#ifndef PRL_LINE_MOVEMENT_INSIDE_H
#define PRL_LINE_MOVEMENT_INSIDE_H

#include "line/movement.h"

/* Movements under way whose notices live (open.h). */
extern const char prl_movement_open_noun[];

struct prl_alarms;
PRL_MUST prl_status prl_movements_show(const prl_show *show, json_t **ret, prl_error *err);
PRL_MUST prl_status prl_movements_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
