/* What the clerk has decided and the committer is to write: all of it on the disk together, or none of it. */
#ifndef PRL_NODE_BATCH_H
#define PRL_NODE_BATCH_H

#include "node/clerk.h"

#define PRL_LIST(type)                                                                                                 \
	struct {                                                                                                       \
		type *items;                                                                                           \
		size_t count, room;                                                                                    \
	}

/* Room for one more of `item` bytes after count of them: the array, moved perhaps; NULL out of memory, the old one is
 * then still good. */
void *prl_list_room(void *items, size_t count, size_t *room, size_t item);

/* A pointer to a new last item, not set; NULL out of memory. */
#define PRL_LIST_ADD(list)                                                                                             \
	__extension__({                                                                                                \
		void *grown_ = prl_list_room((list)->items, (list)->count, &(list)->room, sizeof *(list)->items);      \
		if (grown_)                                                                                            \
			(list)->items = grown_;                                                                        \
		grown_ ? &(list)->items[(list)->count++] : NULL;                                                       \
	})

/* What is added to one mirrored log. */
typedef struct prl_batch_log {
	PRL_LIST(prl_bytes) entries;
	prl_bytes checkpoint; /* the newest that covers them; data NULL: nothing is added */
} prl_batch_log;

/* Cosignatures of a checkpoint of our own, to be put to those that are kept for its size. */
typedef struct prl_batch_merge {
	uint64_t size;
	prl_bytes text, lines;
} prl_batch_merge;

typedef struct prl_batch_fork {
	const char *log;
	prl_bytes proof;
} prl_batch_fork;

typedef struct prl_batch {
	prl_filing *first, **last; /* to be answered, in order */
	size_t filings, refused;
	bool work;        /* there is something to write */
	bool closed;      /* nothing more is to be decided for it: its version is what the last filing saw */
	prl_error broken; /* status not PRL_OK: nothing is to be written, every filing is answered with this */
	prl_version version;
	prl_arena arena; /* what the node itself wrote */
	PRL_LIST(prl_bytes) own;
	prl_batch_log *logs; /* one a mirror */
	size_t log_count;
	PRL_LIST(prl_store_cosigned) cosigned;
	PRL_LIST(prl_store_content) contents;
	PRL_LIST(prl_store_body) bodies;
	PRL_LIST(prl_store_cell) cells;
	PRL_LIST(prl_batch_merge) merges;
	PRL_LIST(prl_batch_fork) forks;
} prl_batch;

PRL_MUST prl_status prl_batch_init(prl_batch *batch, size_t log_count, prl_error *err);
void prl_batch_done(prl_batch *batch);
/* Empty again, with the arrays kept. */
void prl_batch_clear(prl_batch *batch);

bool prl_batch_empty(const prl_batch *batch); /* neither filings nor work */
bool prl_batch_full(const prl_batch *batch);  /* no more filings should be decided for it */

/* The first reason stays. */
void prl_batch_break(prl_batch *batch, const prl_error *why);

void prl_batch_add(prl_batch *batch, prl_filing *filing);

/* Bytes of the batch's own; data NULL when the arena is full. */
prl_bytes prl_batch_copy(prl_batch *batch, const void *bytes, size_t size);

/* These copy nothing but the views; false out of memory. */
bool prl_batch_cosign(prl_batch *batch, uint32_t log, uint64_t size, prl_bytes note); /* in place of one of that size */
bool prl_batch_cell(prl_batch *batch, const char *name, prl_bytes value);             /* in place of one of that name */

#endif
