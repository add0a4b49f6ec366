/* What the verbs movement, bundle and hit share: notices by name, places, times. */
#ifndef PRL_CLI_MOVES_H
#define PRL_CLI_MOVES_H

#include "cli/act.h"

/* "NAME=VALUE" for a query, with all that must be written as %XX. PRL_E_TOO_LARGE where it does not fit. */
PRL_MUST prl_status prl_cli_query(const char *name, const char *value, char *ret, size_t room, prl_error *err);

/* The item that a part of the line shows for one notice, by its name or id; a new reference. */
PRL_MUST prl_status prl_cli_notice(cli_act *act, const char *part, const char *notice, json_t **ret, prl_error *err);

/* An instant as RFC 3339, or now where text is NULL. */
PRL_MUST prl_status prl_cli_instant(const char *text, char ret[PRL_TIME_TEXT_MAX], prl_error *err);

/* Sets a member where text is not NULL. */
void prl_cli_set(json_t *body, const char *name, const char *text);
/* words, with their language (NULL: en), where words are given. */
void prl_cli_set_words(json_t *body, const char *words, const char *language);

/* Text of a member by name, "" where it is none. */
const char *prl_cli_text(const json_t *object, const char *name);
/* "3 min", "2 h 05 min", "17 s". */
void prl_cli_age(json_int_t seconds, char ret[40]);

/* The details of a notice (as GET …/notices shows it) with one area more, because a movement was reported there. NULL
 * where they are not here. */
json_t *prl_cli_details_with_area(const json_t *notice, const json_t *area);
/* The body of the UPDATE of a notice to these details; those that not all may read are brought to the node first, as
 * parley update does. reason NULL: none. *ret: a new reference. */
PRL_MUST prl_status prl_cli_details_update(cli_act *act, const json_t *notice, const json_t *details,
					   const char *reason, json_t **ret, prl_error *err);
#define CLI_REASON_DIFFERS "Position differs from plan."

/* Prints each item as a line of JSON; takes items over. */
PRL_MUST prl_status prl_cli_print_items(json_t *items, prl_error *err);

/* What follows the verb: `parley VERB ACTION FOLDER OPERAND…`. */
typedef struct cli_deed {
	const char *name, *operands; /* "departed", "FOLDER NOTICE" */
	int least, most;
	prl_status (*run)(void *job, char **operands, int count, prl_error *err);
} cli_deed;

/* Reads options by the verb's table, finds the action, runs it. act is in the job: it is closed in the end. *ret_found
 * (in the job, may be NULL): set by the action for exit status 1. */
int prl_cli_deeds_run(const cli_verb *verb, int argc, char **argv, cli_set_fn *set, const cli_deed *deeds, size_t count,
		      void *job, cli_act *act, const bool *found);

#endif
