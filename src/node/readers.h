/* Readers of the store, lent out: a handler takes one for as long as it runs and gives it back. There are never more
 * than threads that read at the same time. */
#ifndef PRL_NODE_READERS_H
#define PRL_NODE_READERS_H

#include "store/store.h"

typedef struct prl_readers prl_readers;

PRL_MUST prl_status prl_readers_new(prl_store *store, prl_readers **ret, prl_error *err);
void prl_readers_free(prl_readers *readers); /* all have been given back */

/* Any thread; makes a new one where none is free. */
PRL_MUST prl_status prl_readers_take(prl_readers *readers, prl_store_reader **ret, prl_error *err);
void prl_readers_give(prl_readers *readers, prl_store_reader *reader); /* NULL is fine */

#endif
