#include "node/readers.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>

#define KEPT 16 /* unused readers that stay open */

struct prl_readers {
	prl_store *store;
	pthread_mutex_t lock;
	prl_store_reader *unused[KEPT];
	size_t count;
};

prl_status prl_readers_new(prl_store *store, prl_readers **ret, prl_error *err)
{
	prl_readers *readers = calloc(1, sizeof *readers);
	if (!readers)
		return prl_error_memory(err);
	readers->store = store;
	(void)pthread_mutex_init(&readers->lock, NULL);
	*ret = readers;
	return PRL_OK;
}

void prl_readers_free(prl_readers *readers)
{
	if (!readers)
		return;
	for (size_t i = 0; i < readers->count; i++)
		prl_store_reader_free(readers->unused[i]);
	(void)pthread_mutex_destroy(&readers->lock);
	free(readers);
}

prl_status prl_readers_take(prl_readers *readers, prl_store_reader **ret, prl_error *err)
{
	prl_store_reader *reader = NULL;
	(void)pthread_mutex_lock(&readers->lock);
	if (readers->count)
		reader = readers->unused[--readers->count];
	(void)pthread_mutex_unlock(&readers->lock);
	if (!reader)
		return prl_store_reader_new(readers->store, ret, err);
	*ret = reader;
	return PRL_OK;
}

void prl_readers_give(prl_readers *readers, prl_store_reader *reader)
{
	if (!reader)
		return;
	(void)pthread_mutex_lock(&readers->lock);
	bool keep = readers->count < KEPT;
	if (keep)
		readers->unused[readers->count++] = reader;
	(void)pthread_mutex_unlock(&readers->lock);
	if (!keep)
		prl_store_reader_free(reader);
}
