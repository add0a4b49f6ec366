/* Whom the node has still to tell of its own constraints. A noun of the picture, local: the addresses of subscriptions
 * are known at home only.
 *
 * kind            recorded for   says
 * constraint.told the node       which subscriptions were told of a change to a constraint of the node's own, and which
 *                                could not be, and why
 *
 * What opens: an entry that puts or deletes a constraint of the node's own (PRL_ENTITY_OWN) and has subscribers ("told"
 * of home.h) leaves an untold, with the addresses that these have then. What closes it: constraint.told, which names
 * the entry and takes out those that it lists; several may do so one after the other, since an entry holds some 1,000.
 * So what is open stands in the picture, and a node that was killed goes on with it. An address "" is never told.
 *
 * Who could not be reached: reach.h.
 */
#ifndef PRL_DSS_TELLING_H
#define PRL_DSS_TELLING_H

#include "dss/entity.h"
#include "dss/home.h"

#define PRL_TOLD_LISTED_MAX 1000u /* subscriptions of one constraint.told */

/* One subscription to be told. */
typedef struct prl_untold_target {
	char *url, *manager;
	prl_uuid subscription;
	uint32_t index; /* notification_index that it got */
} prl_untold_target;

/* One change of which somebody is still to be told. */
typedef struct prl_untold {
	uint64_t entry;   /* of our own log, that made the change */
	prl_uuid id;      /* the constraint */
	prl_hash notice;  /* that it shows */
	uint32_t version; /* of the constraint: as put, or the last one there was */
	bool over;        /* it was deleted */
	prl_time opened;  /* time of the entry */
	prl_time until;   /* how long it matters: to its end, or PRL_REACH_AFTER from when it was deleted */
	prl_untold_target *targets;
	size_t count; /* at least 1 */
} prl_untold;

/* For the fold: after the change has been applied to subscriptions, and of a deletion before the constraint is removed.
 * Nothing where nobody is to be told. */
PRL_MUST prl_status prl_untold_open(prl_picture *picture, const prl_act *act, const prl_entity *constraint,
				    const prl_dss_home *home, bool over, prl_error *err);
/* Of a version, in the order of entries. */
size_t prl_untold_count(prl_picture *picture, prl_version version);
typedef bool prl_untold_fn(void *context, const prl_untold *untold);
PRL_MUST prl_status prl_untold_each(prl_picture *picture, prl_version version, prl_untold_fn *fn, void *context,
				    prl_error *err);

/* Registers nouns and the kind; called by prl_dss_add() (fold.h). */
PRL_MUST prl_status prl_telling_add(prl_picture *picture, prl_error *err);

#endif
