/* Scenario files as written: JSON lines, one object each (docs/scenarios.md). Read and looked at as a whole before
 * anything is played, so that a mistake in the last line is said at once: file, line and member.
 *
 * What a line is hangs on the one member of these that it has:
 *   scene    the head: title, mode, when the clock begins, members of the constitution; the first line, and only that
 *   party    a party with its desks, before the first line of another kind
 *   claim    a statement about what was published, with its mark; printed, nothing else
 *   act      an entry that a key of a desk signs and files
 *   post     a request that is no entry
 *   do       a node stopped or started; a wait
 *   expect   what a node must show */
#ifndef PRL_CLI_SCENE_FILE_H
#define PRL_CLI_SCENE_FILE_H

#include <parley/base.h>

#include <jansson.h>

#define SCENE_FILE_MAX  (4u << 20) /* bytes */
#define SCENE_LINES_MAX 10000u

typedef enum scene_kind {
	SCENE_HEAD,
	SCENE_PARTY,
	SCENE_CLAIM,
	SCENE_ACT,
	SCENE_POST,
	SCENE_DO,
	SCENE_EXPECT
} scene_kind;

typedef struct scene_line {
	size_t number; /* in the file, from 1 */
	scene_kind kind;
	json_t *json;
} scene_line;

typedef struct scene_file {
	scene_line *lines;
	size_t count;
} scene_file;

/* PRL_E_SYNTAX and others name the line and, as JSON Pointer, the member. */
PRL_MUST prl_status scene_file_read(const char *path, scene_file *ret, prl_error *err);
void scene_file_done(scene_file *file);

/* "2016-09-17T12:55:00Z", or "+30s", "+5m", "+2h", "+1d" after now. */
PRL_MUST prl_status scene_time(const char *text, prl_time now, prl_time *ret, prl_error *err);

#endif
