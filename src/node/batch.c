#include "node/batch.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

void *prl_list_room(void *items, size_t count, size_t *room, size_t item)
{
	if (count < *room)
		return items;
	size_t more = *room ? 2 * *room : 16;
	void *grown = prl_array_resize(items, more, item);
	if (grown)
		*room = more;
	return grown;
}

prl_status prl_batch_init(prl_batch *batch, size_t log_count, prl_error *err)
{
	*batch = (prl_batch){ .arena = PRL_ARENA(PRL_CLERK_BATCH_BYTES), .log_count = log_count };
	batch->last = &batch->first;
	batch->logs = calloc(log_count ? log_count : 1, sizeof *batch->logs);
	return batch->logs ? PRL_OK : prl_error_memory(err);
}

void prl_batch_done(prl_batch *batch)
{
	for (size_t i = 0; batch->logs && i < batch->log_count; i++)
		free(batch->logs[i].entries.items);
	free(batch->logs);
	free(batch->own.items);
	free(batch->cosigned.items);
	free(batch->contents.items);
	free(batch->bodies.items);
	free(batch->cells.items);
	free(batch->merges.items);
	free(batch->forks.items);
	prl_arena_done(&batch->arena);
	*batch = (prl_batch){ 0 };
}

void prl_batch_clear(prl_batch *batch)
{
	prl_arena_clear(&batch->arena);
	batch->first = NULL;
	batch->last = &batch->first;
	batch->filings = batch->refused = 0;
	batch->work = batch->closed = false;
	batch->broken.status = PRL_OK;
	for (size_t i = 0; i < batch->log_count; i++) {
		batch->logs[i].entries.count = 0;
		batch->logs[i].checkpoint = (prl_bytes){ 0 };
	}
	batch->own.count = batch->cosigned.count = batch->contents.count = 0;
	batch->cells.count = batch->bodies.count = batch->merges.count = batch->forks.count = 0;
}

bool prl_batch_empty(const prl_batch *batch)
{
	return !batch->first && !batch->work;
}

bool prl_batch_full(const prl_batch *batch)
{
	return batch->closed || batch->filings >= PRL_CLERK_BATCH_MAX || batch->own.count >= PRL_CLERK_BATCH_MAX ||
	       batch->arena.used >= PRL_CLERK_BATCH_BYTES / 2;
}

void prl_batch_break(prl_batch *batch, const prl_error *why)
{
	if (!batch->broken.status)
		batch->broken = *why;
}

void prl_batch_add(prl_batch *batch, prl_filing *filing)
{
	filing->next = NULL;
	*batch->last = filing;
	batch->last = &filing->next;
	batch->filings++;
}

prl_bytes prl_batch_copy(prl_batch *batch, const void *bytes, size_t size)
{
	char *copy = prl_arena_alloc(&batch->arena, size + 1, 1);
	if (!copy)
		return (prl_bytes){ 0 };
	memcpy(copy, bytes, size);
	copy[size] = 0;
	return (prl_bytes){ copy, size };
}

bool prl_batch_cosign(prl_batch *batch, uint32_t log, uint64_t size, prl_bytes note)
{
	prl_store_cosigned *slot = NULL;
	for (size_t i = 0; !slot && i < batch->cosigned.count; i++)
		if (batch->cosigned.items[i].log == log && batch->cosigned.items[i].size == size)
			slot = &batch->cosigned.items[i];
	if (!slot)
		slot = PRL_LIST_ADD(&batch->cosigned);
	if (!slot)
		return false;
	*slot = (prl_store_cosigned){ .log = log, .size = size, .checkpoint = note };
	return batch->work = true;
}

bool prl_batch_cell(prl_batch *batch, const char *name, prl_bytes value)
{
	prl_store_cell *slot = NULL;
	for (size_t i = 0; !slot && i < batch->cells.count; i++)
		if (!strcmp(batch->cells.items[i].name, name))
			slot = &batch->cells.items[i];
	if (!slot)
		slot = PRL_LIST_ADD(&batch->cells);
	if (!slot)
		return false;
	*slot = (prl_store_cell){ .name = name, .value = value };
	return batch->work = true;
}
