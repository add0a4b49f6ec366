/* The ids that a session has read, each with the place where it was first. */
#ifndef PRL_FORMATS_IDS_H
#define PRL_FORMATS_IDS_H

#include <parley/base.h>

typedef struct prl_ids prl_ids;

PRL_MUST prl_status prl_ids_new(prl_ids **ret_ids, prl_error *err);
void prl_ids_free(prl_ids *ids);

/*
 * Remembers id. PRL_E_DUPLICATE, naming the place where it was first, when it is known already; PRL_E_MEMORY.
 * source is copied where it differs from that of the last call.
 */
PRL_MUST prl_status prl_ids_add(prl_ids *ids, const char *id, const char *source, size_t line, prl_error *err);

#endif
