/* Which drone traffic services a node could not tell of a constraint that shows a notice (constraint.told, telling.h).
 * A noun of the shared picture: the owner of the notice may be at home at another node, and its desks are to know.
 *
 * A service stays listed until it is told of a later change, the constraint has ended, or PRL_UNREACHED_AFTER has
 * passed since it was deleted: by then no subscription of that time is left (24 h at most), and who subscribes anew is
 * told what there is. All of it follows from the entries of the one log in which the constraint stands. */
#ifndef PRL_DSS_UNREACHED_H
#define PRL_DSS_UNREACHED_H

#include "dss/uuid.h"
#include "picture/kinds.h"

#define PRL_UNREACHED_AFTER (24 * INT64_C(3600) * PRL_SECOND)

prl_time prl_unreached_after(prl_time deleted); /* PRL_UNREACHED_AFTER later */

typedef struct prl_unreached_one {
	char *manager, *why;
	prl_time since;
} prl_unreached_one;

typedef struct prl_unreached {
	char log[PRL_KEY_NAME_MAX + 1]; /* whose node could not reach them */
	prl_uuid id;                    /* the constraint */
	prl_hash notice;
	prl_time until;
	prl_unreached_one *items; /* by manager */
	size_t count;             /* at least 1 */
} prl_unreached;

/* For the fold; any log's acts. constraint.told: lists and takes off. */
PRL_MUST prl_status prl_unreached_told(prl_picture *picture, const prl_act *act, prl_error *err);
/* constraint.put, constraint.deleted: how long it matters now. */
PRL_MUST prl_status prl_unreached_put(prl_picture *picture, const prl_act *act, prl_error *err);
PRL_MUST prl_status prl_unreached_deleted(prl_picture *picture, const prl_act *act, prl_error *err);
/* entities.ended. */
PRL_MUST prl_status prl_unreached_ended(prl_picture *picture, const prl_act *act, prl_error *err);

/* Of a version; costs what there is. */
typedef bool prl_unreached_fn(void *context, const prl_unreached *unreached);
PRL_MUST prl_status prl_unreached_each(prl_picture *picture, prl_version version, prl_unreached_fn *fn, void *context,
				       prl_error *err);

extern const prl_noun prl_unreached_noun;

#endif
