/**
 * @file index.h
 * The live space-time index: which boxes of (x, y, z, t) meet a given box, which meet each other.
 *
 * One writer changes the index; any number of readers query it meanwhile, each on the version it has pinned. Readers
 * never wait for the writer, nor the writer for them. Nothing has to be tuned.
 *
 *     prl_index_insert(ix, 7, &box, &err);           the writer's thread
 *     prl_index_remove(ix, 3, &err);
 *     prl_index_publish(ix, &version, &err);         both become visible, together
 *
 *     prl_snapshot *s = prl_snapshot_pin(ix);        any thread
 *     prl_snapshot_find(s, &box, &hits);
 *     prl_snapshot_unpin(s);
 *
 * A *version* is the number of a published batch. A pinned version never changes, however long it is held; what only
 * it can see is kept until it is let go.
 *
 * Axes have no meaning here: x, y, z, t are four equal axes of whole numbers, and whoever makes the boxes rounds
 * outward. Boxes are closed: boxes that touch meet. Every value of int32_t is allowed.
 *
 * Cost, n boxes: query O(log n) and the hits for boxes that lie apart, no allocation; insert and remove O(log n);
 * publish and discard O(changes); pin and unpin O(1). Memory: 45 to 48 bytes a box once built, up to 80 after heavy change, and
 * what pinned versions still see.
 */
#ifndef PARLEY_INDEX_H
#define PARLEY_INDEX_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A closed box on four axes, in grid units: min[a] <= max[a] on each. */
typedef struct prl_box {
	int32_t min[4], max[4];
} prl_box;

/** Two boxes that meet; a < b. */
typedef struct prl_pair {
	uint32_t a, b;
} prl_pair;

/** The index, owned by its writer. */
typedef struct prl_index prl_index;

/** A version of an index, read only. */
typedef struct prl_snapshot prl_snapshot;

/** Most boxes of one index at a time. */
#define PRL_INDEX_MAX_BOXES 500000000u

/** Largest id. */
#define PRL_INDEX_MAX_ID 0xFFFFFFFEu

/* ---- writer: one thread at a time ------------------------------------------------------------------------------ */

/**
 * Makes an index of @p count boxes, published as version 1.
 *
 * Takes about 0.3 µs a box on a server of 2023, and 36 bytes a box more than the result while it works.
 * @param boxes  NULL where count is 0
 * @param ids    an id for each box, all different; NULL numbers them from 0. The index keeps 4 bytes for each id up to
 *               the largest, in pages of 4096 ids that hold at least one: ids should be small and dense
 * @return PRL_E_RANGE for a box with min > max (the error's place is "box" and its number, from 0) or an id above
 *         PRL_INDEX_MAX_ID, PRL_E_DUPLICATE for an id that comes twice, PRL_E_TOO_LARGE for more than
 *         PRL_INDEX_MAX_BOXES, PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_index_new(const prl_box *boxes, const uint32_t *ids, size_t count,
					  prl_index **ret_index, prl_error *err);

/** Releases an index; every snapshot of it must have been unpinned. NULL is fine. */
PRL_API void prl_index_free(prl_index *index);

/**
 * Adds a box to the working version. On failure nothing has changed.
 * @return PRL_E_RANGE and PRL_E_DUPLICATE as prl_index_new(), PRL_E_TOO_LARGE, PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_index_insert(prl_index *index, uint32_t id, const prl_box *box, prl_error *err);

/** Takes the box of @p id out of the working version. @return PRL_E_NOT_FOUND, PRL_E_MEMORY; then nothing changed */
PRL_API PRL_MUST prl_status prl_index_remove(prl_index *index, uint32_t id, prl_error *err);

/**
 * Gives @p id another box: readers see the old one or the new one, never both and never none.
 * @return PRL_E_NOT_FOUND, PRL_E_RANGE, PRL_E_MEMORY; then nothing changed
 */
PRL_API PRL_MUST prl_status prl_index_update(prl_index *index, uint32_t id, const prl_box *box, prl_error *err);

/**
 * Makes the working version visible and starts the next one; frees what no pinned version can see.
 * @param ret_version number of the version now visible; may be NULL
 * @return PRL_E_MEMORY: nothing was published, nothing is lost, try again
 */
PRL_API PRL_MUST prl_status prl_index_publish(prl_index *index, uint64_t *ret_version, prl_error *err);

/**
 * Drops the changes made since the last publish: the working version is again what the newest published one is, and
 * its number stays the one it would have got. Pinned versions do not notice. Takes O(changes), allocates nothing and
 * never fails.
 */
PRL_API void prl_index_discard(prl_index *index);

/** The working version, changes not yet published included, for the writer's own queries; valid until it changes. */
PRL_API const prl_snapshot *prl_index_working(prl_index *index);

/** The box of @p id in the working version; false where there is none. */
PRL_API bool prl_index_get(prl_index *index, uint32_t id, prl_box *ret_box);

/** Bytes that the index holds, free room included. */
PRL_API size_t prl_index_bytes(const prl_index *index);

/* ---- readers: any thread ---------------------------------------------------------------------------------------- */

/** Pins the newest published version; never blocks and never fails. */
PRL_API prl_snapshot *prl_snapshot_pin(prl_index *index);

/** Lets a pinned version go; NULL is fine. */
PRL_API void prl_snapshot_unpin(prl_snapshot *snapshot);

/** Number of a snapshot's version, from 1; the working version has the number it will get. */
PRL_API uint64_t prl_snapshot_version(const prl_snapshot *snapshot);

/** Number of boxes in it. */
PRL_API size_t prl_snapshot_count(const prl_snapshot *snapshot);

/** Called with ids of boxes that meet the query, up to 256 a call, each once, in no order. False stops. */
typedef bool prl_ids_fn(const uint32_t *ids, size_t count, void *context);

/**
 * Finds the boxes of @p snapshot that meet @p box. Allocates nothing.
 * @return PRL_E_CALLBACK when @p on_ids returned false
 */
PRL_API PRL_MUST prl_status prl_snapshot_query(const prl_snapshot *snapshot, const prl_box *box, prl_ids_fn *on_ids,
					       void *context);

/** Ids that a query found, in memory that grows and is used again; start with all zero, end with prl_ids_done(). */
typedef struct prl_ids {
	uint32_t *ids;
	size_t count, room;
} prl_ids;

/**
 * As prl_snapshot_query(), into @p ret_ids, whose former content is dropped. Allocates only where the room does not
 * suffice.
 * @return PRL_E_MEMORY; ret_ids then holds a part
 */
PRL_API PRL_MUST prl_status prl_snapshot_find(const prl_snapshot *snapshot, const prl_box *box, prl_ids *ret_ids);

/** Releases the memory of @p ids. */
PRL_API void prl_ids_done(prl_ids *ids);

/** Called with pairs of boxes that meet, up to 1024 a call, each unordered pair once, in no order. False stops. */
typedef bool prl_pairs_fn(const prl_pair *pairs, size_t count, void *context);

/**
 * Finds every pair of boxes of @p snapshot that meet. Allocates nothing.
 * @return PRL_E_CALLBACK when @p on_pairs returned false
 */
PRL_API PRL_MUST prl_status prl_snapshot_join(const prl_snapshot *snapshot, prl_pairs_fn *on_pairs, void *context);

#ifdef __cplusplus
}
#endif
#endif
