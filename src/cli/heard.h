/* What is heard becomes a relayed notice: shared by `parley heard` and the key H of the screen. */
#ifndef PRL_CLI_HEARD_H
#define PRL_CLI_HEARD_H

#include "cli/act.h"

#include <stdio.h>

typedef struct prl_heard {
	const char *words; /* as said */
	prl_time at;       /* when it was heard: lead time counts from here */
	const char *heard_by;
	const char *said_by, *party, *by, *language,
		*demand;       /* NULL: not stated; by a call; en; as the words have it */
	const json_t *details; /* what is known beside the words; NULL: nothing */
} prl_heard;

/* The body of notice.filed; NULL where a text is not UTF-8, or out of memory. */
json_t *prl_heard_body(const prl_heard *heard);

/* The notice with its lead time, the demand apart, and the questions to ask back. */
void prl_heard_print(FILE *out, const json_t *notice);

#endif
