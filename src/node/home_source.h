/* Where the fold finds what is kept beside entries of our own log: in the store (store.h, bodies). */
#ifndef PRL_NODE_HOME_SOURCE_H
#define PRL_NODE_HOME_SOURCE_H

#include "picture/picture.h"
#include "store/store.h"

typedef struct prl_home_source {
	prl_store_reader *reader;
	uint32_t log;
	prl_buffer bytes;
} prl_home_source;

/* A prl_home_fn; context is a prl_home_source. */
prl_status prl_home_from_store(void *context, uint64_t index, prl_home *ret, prl_error *err);

#endif
