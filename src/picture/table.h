/* A table of the picture: objects of one noun by a key of bytes, in versions.
 *
 * A key has one slot, and the slot its newest object; what earlier versions saw hangs behind it, newest first. An
 * object is alive in [born, born of the next newer one); a removal is an object without a value. Slots lie in the
 * buckets of a linear hash table (Litwin 1980): it grows by one bucket a time, so that no call ever waits for a rehash.
 *
 * One thread changes, under the lock and for a few pointers only; any thread reads, under the lock, what its pinned
 * version sees. A slot is freed when nothing but a removal is left in it, so that a key is there as long as any
 * pinned version sees it.
 *
 * Space: 38 bytes and the key a slot, 5.3 of bucket: below 64 with what malloc adds (tests/picture/table_test.c). */
#ifndef PRL_PICTURE_TABLE_H
#define PRL_PICTURE_TABLE_H

#include "picture/picture.h"

#include <pthread.h>

typedef struct prl_past {
	struct prl_past *older;
	void *value; /* NULL: was removed */
	prl_version born;
} prl_past;

typedef struct prl_slot {
	struct prl_slot *next; /* of the bucket */
	prl_past *older;
	void *value;
	prl_version born;
	uint32_t pending; /* changes in the journal that name this slot */
	uint16_t key_size;
	char key[];
} prl_slot;

typedef struct prl_table {
	prl_noun noun;
	pthread_rwlock_t lock;
	unsigned char seed[16]; /* of the hash, so that nobody can choose keys that fall together */
	prl_slot ***segments;   /* of PRL_SEGMENT buckets each */
	size_t segment_room;
	size_t buckets, low; /* low: the largest power of two <= buckets */
	size_t slots;
	/* Objects alive, by the version in which their number last changed; rising versions, never empty. */
	struct prl_count {
		prl_version version;
		size_t count;
	} * counts;
	size_t count_size, count_room;
} prl_table;

#define PRL_SEGMENT 512u /* pointers: a page */

/* What a change to a slot replaced. */
typedef struct prl_change {
	prl_version version;
	prl_table *table;
	prl_slot *slot;
	void *replaced; /* the object of the same version that it replaced */
	bool in_place;  /* it did replace one of the same version */
} prl_change;

PRL_MUST prl_status prl_table_init(prl_table *table, const prl_noun *noun, prl_error *err);
void prl_table_done(prl_table *table);

/* Makes buckets for that many slots in a table that has none yet: spares a load from splitting each of them. Fails
 * quietly: the table grows then as it goes. */
void prl_table_reserve(prl_table *table, size_t slots);

/* The working version is read without the lock, by the thread that changes. */
const void *prl_table_find(prl_table *table, prl_version version, prl_bytes key);
size_t prl_table_count(prl_table *table, prl_version version);

/* Puts value (NULL removes) as of version, which is not below any used before. On failure nothing has changed and the
 * value is still the caller's. */
PRL_MUST prl_status prl_table_set(prl_table *table, prl_version version, prl_bytes key, void *value,
				  prl_change *ret_change, prl_error *err);
/* For a load into a table that was empty, by any number of threads at once while nobody else looks at it: puts what
 * noun.load() makes of object under a key that is known not to be there, as of version, with no change to undo. The
 * table is not one before prl_table_loaded(), by one thread, which says how many there are, or prl_table_clear().
 * PRL_E_SYNTAX, PRL_E_TOO_LARGE, PRL_E_MEMORY: it is not there. */
PRL_MUST prl_status prl_table_load(prl_table *table, prl_version version, prl_bytes key, prl_bytes object,
				   prl_error *err);
void prl_table_loaded(prl_table *table, prl_version version, size_t slots);
/* Frees all that was loaded; no pinned version may see any of it, and no change name it. */
void prl_table_clear(prl_table *table);
/* Undoes the newest change of a slot. Changes are undone newest first. */
void prl_table_undo(const prl_change *change);
/* Frees what an in-place change replaced; the change is then no longer one. */
void prl_table_settle(const prl_change *change);
/* Frees what no version from horizon on can see of the slot that change names; changes are trimmed oldest first. */
void prl_table_trim(const prl_change *change, prl_version horizon);

/* One object of a version. */
typedef struct prl_found {
	uint64_t prefix; /* the first 8 bytes of the key, big endian: sorts without looking at the key */
	const prl_slot *slot;
	const void *value;
} prl_found;

/* All objects alive at version in byte order of keys, to be freed by the caller. Holds the lock for a few hundred
 * slots at a time. */
PRL_MUST prl_status prl_table_collect(prl_table *table, prl_version version, prl_found **ret, size_t *ret_count,
				      prl_error *err);

#endif
