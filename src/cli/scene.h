/* The player of scenario files: `parley replay FILE.jsonl` (docs/scenarios.md). */
#ifndef PRL_CLI_SCENE_H
#define PRL_CLI_SCENE_H

#include "cli/scene_show.h"
#include "cli/scene_value.h"
#include "line/gazetteer.h"

typedef struct scene_options {
	const char *file;
	const char *keep; /* folder in which the nodes' folders stay; NULL: a temporary one that is removed */
	bool json, quiet;
} scene_options;

/* Whether the operand of replay is a scenario: a file, not a folder, that ends in .jsonl. */
bool scene_is_file(const char *operand);
/* Plays it; the exit status: 1 where an expectation was not met or an act was refused that should not have been. */
int scene_play(const scene_options *options);

/* ---- between the player's files ---------------------------------------------------------------------------------- */

typedef struct scene_player {
	const scene_options *options;
	scene_file file;
	scene_world world;
	scene_show show;
	json_t *names;         /* what "@name" stands for */
	prl_gazetteer *places; /* NULL: none */
	prl_time step;
	double acted_s; /* when the newest act or post began, by the real clock */
	size_t met, failed;
} scene_player;

/* An expectation. PRL_OK where it is met or not: that is counted; else what it says cannot be looked at. */
PRL_MUST prl_status scene_expect(scene_player *p, const scene_line *line, prl_error *err);
/* Something that should have been is not: said on standard error with the file's line, and counted. */
void scene_not_met(scene_player *p, const scene_line *line, const char *why);
/* Takes values of found into the names: {"overlap": "/id"}. PRL_E_NOT_FOUND. */
PRL_MUST prl_status scene_remember(scene_player *p, const json_t *remember, const json_t *found, prl_error *err);

/* Reads the head's gazetteer, and puts it into every node's folder. */
PRL_MUST prl_status scene_places_open(scene_player *p, prl_error *err);
/* {"$place": NAME} anywhere in a body becomes {"name", "gazetteer"}; {"name"} where nothing is called so;
 * PRL_E_AMBIGUOUS, saying which there are, where several are. */
PRL_MUST prl_status scene_places_find(const scene_player *p, json_t *value, prl_error *err);

/* Runs a verb of this program in a process of its own: its exit status, and the lines of its output as an array, JSON
 * where they are JSON and texts else. */
PRL_MUST prl_status scene_run(const json_t *args, int *ret_status, json_t **ret_lines, prl_error *err);

#endif
