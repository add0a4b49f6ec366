/* What came of telling drone traffic services of a constraint that shows a notice (constraint.told, telling.h): who has
 * its details by that, and who could not be told. A noun of the shared picture: the owner of the notice may be at home
 * at another node, and its desks are to know.
 *
 * One that could not be told stays so until it is told of a later change, the constraint has ended, or PRL_REACH_AFTER
 * has passed since it was deleted: by then no subscription of that time is left (24 h at most), and who subscribes anew
 * is told what there is. All of it follows from the entries of the one log in which the constraint stands. */
#ifndef PRL_DSS_REACH_H
#define PRL_DSS_REACH_H

#include "dss/uuid.h"
#include "picture/kinds.h"

#define PRL_REACH_AFTER (24 * INT64_C(3600) * PRL_SECOND)

prl_time prl_reach_after(prl_time deleted); /* PRL_REACH_AFTER later */

/* A service, by the last that is known of it. */
typedef struct prl_reach_one {
	char *manager, *why; /* why it could not be told; "": it was */
	uint32_t version;    /* of the constraint */
	prl_time since;      /* told: then; else since when it could not be */
} prl_reach_one;

typedef struct prl_reach {
	char log[PRL_KEY_NAME_MAX + 1]; /* whose node tells */
	prl_uuid id;                    /* the constraint */
	prl_hash notice;
	prl_time until; /* how long it matters who could not be told */
	bool over;      /* it was deleted */
	prl_reach_one *items;
	size_t count, missed; /* at least 1; of them those that could not be told */
} prl_reach;

/* For the fold; any log's acts. constraint.told: lists and takes off. */
PRL_MUST prl_status prl_reach_told(prl_picture *picture, const prl_act *act, prl_error *err);
/* constraint.put, constraint.deleted: how long it matters now. */
PRL_MUST prl_status prl_reach_put(prl_picture *picture, const prl_act *act, prl_error *err);
PRL_MUST prl_status prl_reach_deleted(prl_picture *picture, const prl_act *act, prl_error *err);
/* entities.ended. */
PRL_MUST prl_status prl_reach_ended(prl_picture *picture, const prl_act *act, prl_error *err);

/* Of a version; costs what there is. */
typedef bool prl_reach_fn(void *context, const prl_reach *reach);
PRL_MUST prl_status prl_reach_each(prl_picture *picture, prl_version version, prl_reach_fn *fn, void *context,
				   prl_error *err);

extern const prl_noun prl_reach_noun;

#endif
