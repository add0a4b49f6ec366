/* The inner loops of the index, once for each instruction set; the best one that the processor has is chosen at run
 * time. All give the same answers (the order of hits too). */
#ifndef PRL_CONFLICT_INDEX_SIMD_H
#define PRL_CONFLICT_INDEX_SIMD_H

#include "conflict/index_node.h"

#include <string.h>

/* Where hits go. Before each leaf the loop makes sure of 16 free places and calls full() otherwise, which must make
 * room or return false to stop. */
struct prl_id_sink {
	uint32_t *ids;
	size_t count, room;
	bool (*full)(struct prl_id_sink *sink);
};

struct prl_pair_sink {
	prl_pair *pairs;
	size_t count, room;
	bool (*full)(struct prl_pair_sink *sink);
};

/* What a box weighs when the tree decides where to put it: the chance that a query of typical size meets it is
 * proportional to the product over the axes of (extent + typical) * scale. */
struct prl_weigh {
	float typical[4];
	float scale[4]; /* 1 / 256 (typical + 1), typical >= 1: products lie between 2^-36 and 2^92, so that they, and
			   they times 5 * 10^8 boxes, are finite and normal floats */
};

struct prl_index_simd {
	const char *name;
	/* False when a sink's full() returned false. */
	bool (*query)(const struct prl_view *view, const prl_box *box, struct prl_id_sink *sink);
	bool (*join)(const struct prl_view *view, struct prl_pair_sink *sink);
	/* The lane among live (not 0) whose bounds grow least when box is added. */
	unsigned (*choose)(const struct prl_lanes *at, uint32_t live, const prl_box *box,
			   const struct prl_weigh *weigh);
	/* Bounds of the live lanes (not 0). */
	void (*bounds)(const struct prl_lanes *at, uint32_t live, prl_box *ret_box);
};

extern const struct prl_index_simd prl_index_simd_sse2, prl_index_simd_avx2, prl_index_simd_avx512,
	prl_index_simd_scalar;

/* The best for this processor. */
const struct prl_index_simd *prl_index_simd(void);

#endif
