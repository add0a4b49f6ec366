/* Where intents, constraints and subscriptions lie, for whoever asks what an extent meets: a live index (index.h) for
 * each kind, over the boxes of what the picture holds.
 *
 * Two look at it at once: the clerk at the working version of the picture, and any thread at a published one that it
 * has pinned. The index itself has one version; it holds boxes of all that any of them can see, and the picture says
 * which of those stand in the version asked for:
 *   - what the clerk put in is in the index before the batch goes to the committer, so before anybody can pin it;
 *   - what was replaced in version v leaves the index when v is published and nobody has pinned an older one;
 *   - a slot (an id of the index) is used again when nobody has pinned a version older than the one in which it left.
 * So whoever pins the picture first and the index after that misses nothing, and drops what does not stand in his
 * version: a slot names the object's id and its shape, and the object found by that id must have that shape.
 *
 * What has ended is never found; it is taken out in small steps (prl_registry_ended()).
 *
 * Costs: 48 to 80 bytes a box in the index and 32 a slot; a search O(log n) and what it finds. */
#ifndef PRL_DSS_REGISTRY_H
#define PRL_DSS_REGISTRY_H

#include "dss/entity.h"

typedef struct prl_registry prl_registry;

/* From the picture as it is. The registry reads the picture as long as it lives. */
PRL_MUST prl_status prl_registry_new(prl_picture *picture, prl_registry **ret, prl_error *err);
void prl_registry_free(prl_registry *registry);

/* ---- the clerk's ------------------------------------------------------------------------------------------------- */

/* Before and after an act that may change the object: the index follows. PRL_E_MEMORY: the batch must be broken. */
typedef struct prl_touch {
	prl_entity_kind kind;
	prl_uuid id;
	prl_shape *before;
} prl_touch;
prl_touch prl_registry_before(prl_registry *registry, prl_entity_kind kind, const prl_uuid *id);
/* Whether that shape is in the index and no act has taken it out. */
bool prl_registry_stands(const prl_registry *registry, prl_entity_kind kind, const prl_shape *shape);
PRL_MUST prl_status prl_registry_after(prl_registry *registry, const prl_touch *touch, prl_error *err);

/* After acts that nobody told it of (a tail of the log taken back from a mirror): what is not in the index comes in. */
PRL_MUST prl_status prl_registry_catch_up(prl_registry *registry, prl_error *err);

/* The batch goes to the committer as this version. PRL_E_MEMORY: it must not. */
PRL_MUST prl_status prl_registry_seal(prl_registry *registry, prl_version version, prl_error *err);
void prl_registry_written(prl_registry *registry);     /* the version sealed last is on the disk */
void prl_registry_rolled_back(prl_registry *registry); /* the picture is what the disk has */

/* Objects that ended before `past`, earliest first, at most `room`: for an entry that removes them. */
typedef struct prl_ended {
	prl_entity_kind kind;
	prl_uuid id;
} prl_ended;
size_t prl_registry_ended(prl_registry *registry, prl_time past, prl_ended *ret, size_t room);

/* By boxes alone, of the working version: objects of which a box meets one of these, in no order, each once. Looks no
 * further once it has found more than `most`; then *ret_more. The objects live until the next act; *ret is to be freed.
 * PRL_E_MEMORY. */
PRL_MUST prl_status prl_registry_near(prl_registry *registry, prl_entity_kind kind, const prl_box *boxes, size_t count,
				      size_t most, const prl_entity ***ret, size_t *ret_count, bool *ret_more,
				      prl_error *err);
/* All of them by the slots where they lie (prl_shape.slot): those of the working version in [from, to), at most to -
 * from; returns how many. So a long walk can be made in steps: what stays has one slot, what is put gets another. */
size_t prl_registry_walk(prl_registry *registry, prl_entity_kind kind, uint32_t from, uint32_t to,
			 const prl_entity **ret);
uint32_t prl_registry_slots(const prl_registry *registry, prl_entity_kind kind); /* all slots are below */

/* ---- looking ----------------------------------------------------------------------------------------------------- */

/* A version to look at. The clerk's own: prl_registry_working(). */
typedef struct prl_look {
	prl_registry *registry;
	prl_picture *picture;
	prl_version version;
	prl_snapshot *pinned[PRL_ENTITY_KINDS]; /* NULL in the clerk's */
} prl_look;
prl_look prl_registry_working(prl_registry *registry);
prl_look prl_registry_pin(prl_registry *registry);
void prl_registry_unpin(prl_look *look);

/* What to look for: objects of one kind that meet `ready` and have not ended before `now`. */
typedef struct prl_search {
	prl_entity_kind kind;
	const prl_extent_ready *ready;
	bool altitudes; /* intents: they count; else only place and time */
	prl_time now;
	size_t most; /* more than that need not be looked at: PRL_E_TOO_LARGE; 0: however many there are */
} prl_search;
/* In the order of ids. The objects live as long as the version is pinned (the clerk's: until the next act). *ret is to
 * be freed. PRL_E_MEMORY, PRL_E_TOO_LARGE. */
PRL_MUST prl_status prl_registry_find(const prl_look *look, const prl_search *search, const prl_entity ***ret,
				      size_t *ret_count, prl_error *err);

typedef struct prl_registry_figures {
	size_t live[PRL_ENTITY_KINDS], bytes;
	uint64_t looked_at; /* objects that the clerk has looked at in its searches, since the start */
} prl_registry_figures;
prl_registry_figures prl_registry_read_figures(prl_registry *registry); /* any thread */

#endif
