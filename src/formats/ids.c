/*
 * Open addressing with linear probing, at most half full. The hash is the id read as a polynomial over the prime
 * 2^61 - 1 at a point drawn at random for the session: two different ids of n bytes collide with a probability below
 * n / 2^61 whatever their author chose, so no file can make the table slow.
 */
#include "formats/ids.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define PRIME ((UINT64_C(1) << 61) - 1)

__extension__ typedef unsigned __int128 wide;

struct entry {
	char *id; /* NULL: free */
	uint64_t hash;
	size_t line;
	uint32_t source;
};

struct prl_ids {
	struct entry *entries;
	size_t count, room; /* room is a power of two */
	char **sources;
	uint32_t source_count;
	size_t source_room;
	uint64_t point;
};

prl_status prl_ids_new(prl_ids **ret_ids, prl_error *err)
{
	prl_ids *ids = calloc(1, sizeof *ids);
	if (!ids)
		return prl_error_memory(err);
	if (getrandom(&ids->point, sizeof ids->point, 0) != (ssize_t)sizeof ids->point) {
		free(ids);
		return prl_error_set(err, PRL_E_IO, "the system gives no random number: %s", strerror(errno));
	}
	ids->point %= PRIME;
	*ret_ids = ids;
	return PRL_OK;
}

void prl_ids_free(prl_ids *ids)
{
	if (!ids)
		return;
	for (size_t i = 0; i < ids->room; i++)
		free(ids->entries[i].id);
	for (uint32_t i = 0; i < ids->source_count; i++)
		free(ids->sources[i]);
	free(ids->entries);
	free(ids->sources);
	free(ids);
}

static uint64_t hash_id(const prl_ids *ids, const char *id)
{
	uint64_t hash = 1;
	for (; *id; id++) {
		wide product = (wide)hash * ids->point + (unsigned char)*id;
		uint64_t folded = (uint64_t)(product & PRIME) + (uint64_t)(product >> 61);
		hash = folded >= PRIME ? folded - PRIME : folded;
	}
	return hash;
}

/* The entry that holds id, or the free one where it belongs. */
static struct entry *find(const prl_ids *ids, const char *id, uint64_t hash)
{
	size_t at = hash & (ids->room - 1);
	for (;; at = (at + 1) & (ids->room - 1)) {
		struct entry *entry = ids->entries + at;
		if (!entry->id || (entry->hash == hash && !strcmp(entry->id, id)))
			return entry;
	}
}

static bool grow(prl_ids *ids)
{
	if (2 * (ids->count + 1) <= ids->room)
		return true;
	prl_ids larger = *ids;
	larger.room = ids->room ? 2 * ids->room : 64;
	larger.entries = calloc(larger.room, sizeof *larger.entries);
	if (!larger.entries)
		return false;
	for (size_t i = 0; i < ids->room; i++)
		if (ids->entries[i].id)
			*find(&larger, ids->entries[i].id, ids->entries[i].hash) = ids->entries[i];
	free(ids->entries);
	*ids = larger;
	return true;
}

/* The number of source; UINT32_MAX out of memory. */
static uint32_t number_source(prl_ids *ids, const char *source)
{
	if (ids->source_count && !strcmp(ids->sources[ids->source_count - 1], source))
		return ids->source_count - 1;
	if (ids->source_count == ids->source_room) {
		size_t room = ids->source_room ? 2 * ids->source_room : 8;
		char **sources = prl_array_resize(ids->sources, room, sizeof *sources);
		if (!sources)
			return UINT32_MAX;
		ids->sources = sources;
		ids->source_room = room;
	}
	char *copy = ids->source_count < UINT32_MAX - 1 ? strdup(source) : NULL;
	if (!copy)
		return UINT32_MAX;
	ids->sources[ids->source_count] = copy;
	return ids->source_count++;
}

prl_status prl_ids_add(prl_ids *ids, const char *id, const char *source, size_t line, prl_error *err)
{
	uint32_t number = number_source(ids, source);
	if (number == UINT32_MAX || !grow(ids))
		return prl_error_memory(err);
	uint64_t hash = hash_id(ids, id);
	struct entry *entry = find(ids, id, hash);
	if (entry->id)
		return prl_error_set(err, PRL_E_DUPLICATE,
		                     "the id \"%.80s\" was read before (%.150s:%zu), expected each id once", id,
		                     ids->sources[entry->source], entry->line);
	char *copy = strdup(id);
	if (!copy)
		return prl_error_memory(err);
	*entry = (struct entry){ .id = copy, .hash = hash, .line = line, .source = number };
	ids->count++;
	return PRL_OK;
}
