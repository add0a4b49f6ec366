/* A notice as verbs and the screen show it: found by its name, printed with its marks, its overlaps and its ladder. */
#ifndef PRL_CLI_SEEN_H
#define PRL_CLI_SEEN_H

#include "cli/act.h"

#include <stdio.h>

/* A value fit for a query: "us#12" becomes "us%2312". False where it does not fit. */
bool prl_seen_escape(const char *value, char *ret, size_t room);

/* Items of a part with one argument; a new reference. */
PRL_MUST prl_status prl_seen_items(prl_client *client, const char *part, const char *argument, const char *value,
				   json_t **ret, prl_error *err);

/* The notice named us#12, or by its id: PRL_E_NOT_FOUND where there is none that this key may see. A new reference. */
PRL_MUST prl_status prl_seen_notice(prl_client *client, const char *name, json_t **ret, prl_error *err);

/* "us#12  flight  TEST" and what marks it: LATE with required, actual and shortfall, PLACE DOUBTFUL with how far … */
void prl_seen_print(FILE *out, const json_t *notice);
/* Each overlap: with whom, how near, what answers it. */
void prl_seen_print_overlaps(FILE *out, const json_t *overlaps, const char *notice);
/* SENT · THEY HAVE IT · READ BACK · UNITS TOLD, a line a party. */
void prl_seen_print_ladder(FILE *out, const json_t *receipts);
/* True when each party's node has it. */
bool prl_seen_all_have(const json_t *receipts);

/* "38 min", "4 s", "2 h 05 min", "3 d". */
void prl_seen_age(int64_t seconds, char ret[32]);
/* Text of a member, "" where it is none. */
const char *prl_seen_text(const json_t *object, const char *name);

#endif
