/* What each side sees while a scenario is played, in the order in which it comes to it, with the scenario's time. */
#ifndef PRL_CLI_SCENE_SHOW_H
#define PRL_CLI_SCENE_SHOW_H

#include "cli/scene_world.h"

typedef struct scene_show {
	bool json, quiet;
} scene_show;

/* A line of the player's own: what was said, claimed, expected. `what` is "claim", "met", "NOT MET" …; json takes the
 * same words. */
void scene_say(const scene_show *show, const scene_world *w, const char *what, const char *who, const char *words);
/* Entries that have come to each running node since they were last shown, and alarms that have begun or ended there. */
PRL_MUST prl_status scene_show_new(const scene_show *show, scene_world *w, prl_error *err);

#endif
