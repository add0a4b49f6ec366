/* What the files of overlaps share: overlap.c (kinds, questions), overlap_kept.c (tables), overlap_show.c. */
#ifndef PRL_LINE_OVERLAP_INSIDE_H
#define PRL_LINE_OVERLAP_INSIDE_H

#include "line/notice.h"
#include "line/open.h"
#include "line/overlap.h"

#define PRL_OVERLAP_NOUNS 9
extern const prl_noun prl_overlap_nouns[PRL_OVERLAP_NOUNS];

/* A copy with room for one finding more than count says; NULL out of memory. from NULL: an empty one. */
prl_overlap *prl_overlap_copy(const prl_overlap *from);
void prl_overlap_free(void *overlap);
/* The finding of that log, made where there is none (newest 0, log set): in a copy only. NULL out of memory. */
prl_finding *prl_overlap_finding(prl_overlap *overlap, const char *log, bool *ret_new);
/* Takes overlap over; NULL is PRL_E_MEMORY. fresh: it is put to the lists of its notices. */
PRL_MUST prl_status prl_overlap_put(prl_picture *picture, prl_overlap *overlap, bool fresh, prl_error *err);

PRL_MUST prl_status prl_overlap_show(const prl_show *show, json_t **ret, prl_error *err);
extern const char *const prl_overlap_queries[];
/* Whether a party has a ring to answer, resolved or not. */
bool prl_overlap_anybody_rings(const prl_overlap *overlap);
/* What is kept at home that somebody may have to tell of (open.h). */
extern const char prl_overlap_home_open[];
extern const prl_open_rule prl_overlap_home_rule;
PRL_MUST prl_status prl_overlap_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
