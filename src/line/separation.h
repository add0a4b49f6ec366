/* How far two kinds of notices must keep apart: as the constitution says for the pair, else a default of parley that is
 * never nothing, and says so.
 *
 * Defaults, both ways round (horizontal, vertical):
 *   flight × flight                       5 NM (9,260 m), 1,000 ft (304.8 m): the radar separation of ICAO Doc
 * 4444, 8.7.3 flight × live-fire area or exercise   3 NM (5,556 m), 1,000 ft flight × what is on the ground 1,000 m,
 * 1,000 ft live-fire area × live-fire area       500 m, 300 m live-fire area or exercise × others   2,000 m, 1,000 m on
 * the ground × on the ground         500 m, 300 m a kind that is not said × any         the widest of all: 5 NM, 1,000
 * m They are there to be replaced by what the parties agree, and are printed with every overlap that stands on them. */
#ifndef PRL_LINE_SEPARATION_H
#define PRL_LINE_SEPARATION_H

#include "picture/kinds.h"

#include <parley/conflict.h>

#define PRL_SEPARATION_DEFAULT "default of parley"
#define PRL_KIND_COUNT         (PRL_KIND_EVACUATION + 1)

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

/* constitution NULL: defaults only. A pair of zeros counts as not stated. Of two statements for one pair the wider of
 * each distance holds. */
void prl_separations_make(const prl_constitution *constitution, prl_separations *ret);
void prl_separations_done(prl_separations *separations);

const prl_separation_rule *prl_separation_of(const prl_separations *separations, prl_kind a, prl_kind b);

/* PRL_KIND_UNKNOWN for a word that is none. */
prl_kind prl_kind_named(const char *word);

#endif
