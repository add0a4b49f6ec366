/* What an implementation of the store gives; store.c checks what is asked for and hands it on. The meaning of each call
 * is the one of store.h. A backend's prl_store and prl_store_reader begin with these structs. */
#ifndef PRL_STORE_BACKEND_H
#define PRL_STORE_BACKEND_H

#include "store/store.h"

#define PRL_STORE_INDEX_BITS 40 /* entries a log: below 2^40, so that log and index are one 64-bit key */
#define PRL_STORE_SIZE_MAX   ((UINT64_C(1) << PRL_STORE_INDEX_BITS) - 1)
#define PRL_STORE_LEVEL_MAX  5 /* 256^5 = 2^40 */
#define PRL_STORE_TILE_BYTES 8192u

typedef struct prl_store_backend {
	void (*close)(prl_store *store);
	prl_status (*check)(prl_store *store, prl_error *err);
	prl_status (*backup)(prl_store *store, const char *path, prl_error *err);
	prl_status (*log_open)(prl_store *store, const char *origin, bool create, prl_store_log *ret, prl_error *err);
	prl_status (*take_log)(prl_store *store, prl_store_log *log, prl_error *err);
	prl_status (*commit)(prl_store *store, const prl_store_batch *batch, prl_error *err);
	prl_status (*reader_new)(prl_store *store, prl_store_reader **ret, prl_error *err);
	void (*reader_free)(prl_store_reader *reader);
	prl_status (*logs)(prl_store_reader *reader, prl_store_log_fn *fn, void *context, prl_error *err);
	prl_status (*size)(prl_store_reader *reader, uint32_t log, uint64_t *ret, prl_error *err);
	prl_status (*entries)(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to,
			      prl_store_entry_fn *fn, void *context, prl_error *err);
	prl_status (*tile)(prl_store_reader *reader, uint32_t log, int level, uint64_t number, prl_buffer *ret,
			   prl_error *err);
	prl_status (*checkpoint)(prl_store_reader *reader, uint32_t log, prl_buffer *ret, prl_error *err);
	/* upwards: the smallest size >= size; else the greatest <= size */
	prl_status (*cosigned)(prl_store_reader *reader, uint32_t log, uint64_t size, bool upwards, uint64_t *ret_size,
			       prl_buffer *ret, prl_error *err);
	prl_status (*content_get)(prl_store_reader *reader, const prl_hash *hash, prl_time *ret_at, prl_buffer *ret,
				  prl_error *err);
	prl_status (*contents)(prl_store_reader *reader, prl_time from, prl_time to, prl_store_content_fn *fn,
			       void *context, prl_error *err);
	prl_status (*body_get)(prl_store_reader *reader, uint32_t log, uint64_t index, prl_buffer *ret, prl_error *err);
	prl_status (*bodies)(prl_store_reader *reader, uint32_t log, uint64_t from, uint64_t to, prl_store_entry_fn *fn,
			     void *context, prl_error *err);
	prl_status (*cell_get)(prl_store_reader *reader, const char *name, prl_buffer *ret, prl_error *err);
} prl_store_backend;

struct prl_store {
	const prl_store_backend *backend;
	bool look_only;
};

struct prl_store_reader {
	const prl_store_backend *backend;
};

prl_status prl_sqlite_store_open(const char *path, unsigned flags, prl_store **ret, prl_error *err);

#endif
