/* VERSIONS
 *
 * Kept versions form a list, oldest to newest; the working one is outside it. What a change takes out of the tree
 * goes into the dead list of the newest version that still sees it: of the newest published one, held for it by the
 * working version until it is published. When a version goes, each entry of its list is either seen by the next older
 * kept version (it was born by then) and moves to that one's list, or by none and is freed. So a reader that sits on
 * an old version keeps what that version sees and nothing else.
 *
 * Pinning is one addition: read `current`, add a pin, read `current` again. If it is still the same version, the
 * writer must see the pin: its store to `current` comes before its look at `pins`, ours the other way round, and all
 * four are sequentially consistent. If not, the pin is taken back and the newer version tried. Versions' memory is
 * used again for versions only, so the stray addition harms nobody: at worst a version is kept until the next publish.
 */
#include "conflict/index_tree.h"

#include "base/memory.h"

static struct prl_snapshot *version_new(struct prl_index *ix)
{
	struct prl_snapshot *v = ix->free_versions;
	if (v) {
		ix->free_versions = v->newer;
		v->dead.count = 0;
		v->older = v->newer = NULL;
		return v; /* pins stay: a reader may just be adding and taking back */
	}
	v = aligned_alloc(PRL_LINE, sizeof *v);
	if (!v)
		return NULL;
	*v = (struct prl_snapshot){ .simd = ix->simd };
	atomic_init(&v->pins, 0);
	return v;
}

static void free_dead(struct prl_index *ix, const struct prl_dead *dead)
{
	switch ((enum prl_dead_kind)dead->kind) {
	case PRL_DEAD_LEAF:
		prl_leaf_give(ix, dead->node);
		break;
	case PRL_DEAD_INNER:
		prl_inner_give(ix, dead->node);
		break;
	case PRL_DEAD_LANE:
		/* The leaf may have been copied or given up since; its lanes then went with it. */
		if (ix->spots[dead->number].node == dead->node)
			ix->spots[dead->number].used &= (uint16_t) ~(1u << dead->lane);
		break;
	}
}

/* Lets an unpinned version go. False, and nothing done, when there is no memory to move its entries. */
static bool version_drop(struct prl_index *ix, struct prl_snapshot *v)
{
	struct prl_snapshot *older = v->older;
	if (older && !prl_dead_reserve(&older->dead, v->dead.count))
		return false;
	for (size_t i = 0; i < v->dead.count; i++) {
		const struct prl_dead *dead = &v->dead.items[i];
		if (i + 8 < v->dead.count)
			__builtin_prefetch(&ix->spots[v->dead.items[i + 8].number], 1);
		if (older && dead->born <= older->number)
			older->dead.items[older->dead.count++] = *dead;
		else
			free_dead(ix, dead);
	}
	*(older ? &older->newer : &ix->oldest) = v->newer;
	v->newer->older = older; /* the newest is never dropped */
	v->newer = ix->free_versions;
	ix->free_versions = v;
	return true;
}

void prl_version_start(struct prl_index *ix, struct prl_snapshot *v)
{
	const struct prl_snapshot *newest = ix->newest;
	v->view = newest->view;
	v->number = newest->number + 1;
	v->count = newest->count;
	ix->working = v;
}

prl_status prl_version_publish(struct prl_index *ix)
{
	struct prl_snapshot *next = version_new(ix);
	if (!next)
		return PRL_E_MEMORY;
	struct prl_snapshot *v = ix->working, *before = ix->newest;
	if (before) {
		struct prl_dead_list empty = before->dead; /* the newest has no entries yet, perhaps room */
		before->dead = v->dead;
		v->dead = empty;
		before->newer = v;
	} else {
		ix->oldest = v;
	}
	v->older = before;
	v->newer = NULL;
	ix->newest = v;
	atomic_store(&ix->current, v);
	for (struct prl_snapshot *old = ix->oldest, *newer; old != v; old = newer) {
		newer = old->newer;
		if (atomic_load(&old->pins) == 0)
			version_drop(ix, old); /* where memory is short, next time */
	}
	prl_spots_free(ix);
	ix->published_root = ix->root;
	prl_version_start(ix, next);
	return PRL_OK;
}

prl_status prl_version_first(struct prl_index *ix)
{
	ix->working = version_new(ix);
	if (!ix->working)
		return PRL_E_MEMORY;
	ix->working->number = 1;
	return PRL_OK;
}

static void version_free(struct prl_snapshot *v)
{
	free(v->dead.items);
	free(v);
}

static void versions_free(struct prl_snapshot *v)
{
	while (v) {
		struct prl_snapshot *next = v->newer;
		version_free(v);
		v = next;
	}
}

void prl_version_done(struct prl_index *ix)
{
	if (ix->working)
		version_free(ix->working);
	versions_free(ix->oldest);
	versions_free(ix->free_versions);
}

prl_snapshot *prl_snapshot_pin(prl_index *index)
{
	for (;;) {
		struct prl_snapshot *v = atomic_load(&index->current);
		atomic_fetch_add(&v->pins, 1);
		if (v == atomic_load(&index->current))
			return v;
		atomic_fetch_sub(&v->pins, 1);
	}
}

void prl_snapshot_unpin(prl_snapshot *snapshot)
{
	if (snapshot)
		atomic_fetch_sub(&snapshot->pins, 1);
}
