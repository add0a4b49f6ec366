/* What `parley init` asks a person at a terminal before it drafts a constitution: how far notices keep apart, by pair
 * of kinds. Each class of pairs (line/separation.h) is offered with parley's default and what that rests on; one key
 * takes it. What was answered is written into the constitution for every pair, with its source, so that it is signed by
 * all and no later version of the program changes it. 0 is no answer. */
#ifndef PRL_CLI_INIT_ASK_H
#define PRL_CLI_INIT_ASK_H

#include <parley/base.h>

#include <jansson.h>
#include <stdio.h>

#define PRL_INIT_SOURCE_TAKEN "default of parley, taken at init"

/* The member "separation" of a constitution, all pairs of kinds; a new reference. Questions go to `out`. PRL_E_REFUSED
 * where `in` ends before the last answer. */
PRL_MUST prl_status prl_init_ask_separation(FILE *in, FILE *out, json_t **ret, prl_error *err);

#endif
