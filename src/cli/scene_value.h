/* Values of a scenario: names that stand for ids, places in JSON, conditions. */
#ifndef PRL_CLI_SCENE_VALUE_H
#define PRL_CLI_SCENE_VALUE_H

#include <parley/base.h>

#include <jansson.h>

#define SCENE_WHY_MAX 1600

/* A copy in which each text "@name" is what `names` (an object) has under name; "@@…" is the text "@…". PRL_E_NOT_FOUND
 * names what is not there, with its place. */
PRL_MUST prl_status scene_resolve(const json_t *value, const json_t *names, json_t **ret, prl_error *err);

/* By JSON Pointer (RFC 6901); NULL where there is nothing. Borrowed. */
const json_t *scene_pointer(const json_t *json, const char *pointer);

/* Whether what was found (NULL: nothing) is as the condition says: a value that it must equal, or an object of
 *   "==" "!=" "<" "<=" ">" ">="   numbers, texts, times by their instant
 *   "has" "lacks"                 a text that contains it, an array with such an element
 *   "there"                       true: there and not null; false: absent or null
 *   "count"                       a condition on the length of an array or object
 * all of which must hold. What is not so is said in why. PRL_E_SYNTAX where the condition cannot be read. */
PRL_MUST prl_status scene_holds(const json_t *found, const json_t *condition, bool *ret, char why[SCENE_WHY_MAX],
				prl_error *err);
/* The same for an object of places and conditions. */
PRL_MUST prl_status scene_all_hold(const json_t *found, const json_t *conditions, bool *ret, char why[SCENE_WHY_MAX],
				   prl_error *err);

#endif
