/* How far two kinds of notices must keep apart: as the constitution says for the pair, else a default of parley that is
 * never nothing, and says so.
 *
 * The defaults are there to be replaced by what the parties agree (`parley init` asks for them on a terminal), and are
 * printed with every overlap that stands on them. A separation is never nothing: 0 is refused where a constitution is
 * read (schemas/entry/constitution.json), and where one should come all the same, the default of the pair holds for
 * that distance. A kind that is not said may be any: against it the widest of all holds, default or agreed. */
#ifndef PRL_LINE_SEPARATION_H
#define PRL_LINE_SEPARATION_H

#include "picture/kinds.h"

#include <parley/conflict.h>

#define PRL_SEPARATION_DEFAULT "default of parley"
#define PRL_KIND_COUNT         (PRL_KIND_EVACUATION + 1)

/* Pairs of kinds that have one default: each pair is in one class, the order does not matter.
 * X(id, pairs, horizontal_m, vertical_m, what it rests on) */
#define PRL_SEPARATION_CLASSES(X)                                                                                      \
	X(AIR_AIR, "flight and flight", 9260, 304.8, "5 NM and 1,000 ft: radar separation of ICAO Doc 4444, 8.7.3")    \
	X(AIR_FIRE, "flight and live-fire area or exercise", 5556, 304.8, "3 NM and 1,000 ft")                         \
	X(AIR_GROUND, "flight and what is on the ground", 1000, 304.8, "1 km and 1,000 ft")                            \
	X(FIRE_FIRE, "live-fire area and live-fire area", 500, 300, "")                                                \
	X(FIRE_OTHER, "live-fire area or exercise and anything else", 2000, 1000, "")                                  \
	X(GROUND_GROUND, "what is on the ground and what is on the ground", 500, 300, "")                              \
	X(NOT_SAID, "a kind that is not said and any", 9260, 1000, "the widest of all")
typedef enum prl_separation_class {
#define X(id, pairs, horizontal_m, vertical_m, basis) PRL_SEPARATION_##id,
	PRL_SEPARATION_CLASSES(X)
#undef X
		PRL_SEPARATION_CLASS_COUNT
} prl_separation_class;

typedef struct prl_separation_default {
	const char *pairs;
	prl_separation separation;
	const char *basis; /* "" where parley alone says so */
} prl_separation_default;
extern const prl_separation_default prl_separation_defaults[PRL_SEPARATION_CLASS_COUNT];
prl_separation_class prl_separation_class_of(prl_kind a, prl_kind b);

typedef struct prl_separation_rule {
	prl_separation separation;
	const char *source; /* document and clause, or PRL_SEPARATION_DEFAULT */
} prl_separation_rule;

/* All pairs of kinds, made once for a constitution. */
typedef struct prl_separations {
	json_t *body; /* of the constitution: sources point into it; NULL: none, all is default */
	prl_hash constitution;
	prl_separation_rule pairs[PRL_KIND_COUNT][PRL_KIND_COUNT];
	prl_separation widest[PRL_KIND_COUNT]; /* of a kind against any */
	prl_atmosphere air;                    /* terrain as agreed; no geoid, no QNH */
} prl_separations;

/* constitution NULL: defaults only. A distance of 0 counts as not stated. Of two statements for one pair the wider of
 * each distance holds. */
void prl_separations_make(const prl_constitution *constitution, prl_separations *ret);
void prl_separations_done(prl_separations *separations);

const prl_separation_rule *prl_separation_of(const prl_separations *separations, prl_kind a, prl_kind b);

/* PRL_KIND_UNKNOWN for a word that is none. */
prl_kind prl_kind_named(const char *word);

#endif
