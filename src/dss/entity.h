/* What F3548 keeps: operational intent references, constraint references, subscriptions, and what is said of a USS's
 * availability (f3548.md, Fields; behaviour 6 to 8). Nouns of the picture, local: what geometry and a secret made of an
 * entry (extents, OVNs, notification indices) is known only where the request was, and a peer sees of an entry what the
 * entry says.
 *
 * Objects are immutable once put. Extents are shared by the versions of an object that have the same one. */
#ifndef PRL_DSS_ENTITY_H
#define PRL_DSS_ENTITY_H

#include "dss/extent.h"
#include "dss/uuid.h"
#include "picture/kinds.h"

typedef enum prl_entity_kind { PRL_INTENT, PRL_CONSTRAINT, PRL_SUBSCRIPTION, PRL_ENTITY_KINDS } prl_entity_kind;

typedef enum prl_intent_state { PRL_ACCEPTED, PRL_ACTIVATED, PRL_NONCONFORMING, PRL_CONTINGENT } prl_intent_state;
const char *prl_intent_state_word(prl_intent_state state); /* "Accepted" */
bool prl_intent_state_read(const char *word, prl_intent_state *ret);

/* An extent with the count of the objects that have it. The clerk's thread counts; slot is the registry's. */
typedef struct prl_shape {
	uint32_t held;
	uint32_t slot; /* of the live index; PRL_NO_SLOT: in none */
	prl_extent *extent;
} prl_shape;
#define PRL_NO_SLOT UINT32_MAX
prl_shape *prl_shape_new(prl_extent *extent /* taken over, also on failure */); /* NULL: no memory; held once */
prl_shape *prl_shape_hold(prl_shape *shape);
void prl_shape_drop(prl_shape *shape);

/* What names one version of an object: an OVN, or a subscription's version. Nobody can work it out who was not given
 * it: it hangs on a nonce of 128 bits that never leaves the node. With requested_ovn_suffix, of the client's making. */
typedef struct prl_stamp {
	bool suffix; /* {id}_{suffix}; bytes holds the suffix's 16 */
	unsigned char bytes[32];
} prl_stamp;
#define PRL_STAMP_TEXT_MAX 80 /* base64url of 32 bytes without padding: 43; id_suffix: 73; with the 0 */
/* SHA-256(nonce ‖ id ‖ version as 4 bytes, big endian). */
prl_stamp prl_stamp_make(const unsigned char nonce[16], const prl_uuid *id, uint32_t version);
void prl_stamp_write(const prl_stamp *stamp, const prl_uuid *id, char text[PRL_STAMP_TEXT_MAX]);

enum {
	PRL_ENTITY_HERE = 1,            /* the request is kept here; else only what the entry says is known, and stamp
					 * is nobody's */
	PRL_ENTITY_FOR_INTENTS = 2,     /* subscription: notify_for_operational_intents */
	PRL_ENTITY_FOR_CONSTRAINTS = 4, /* subscription: notify_for_constraints */
	PRL_ENTITY_IMPLICIT = 8,        /* subscription */
	PRL_ENTITY_SUBSCRIBED = 16,     /* intent: has a subscription */
	PRL_ENTITY_OWN = 32,            /* constraint: the node's own; it shows a notice, and no request changes it */
};

typedef struct prl_entity {
	prl_uuid id;
	uint8_t kind, state, flags;
	uint32_t version;      /* intent, constraint: from 1; subscription: how often it was put */
	uint32_t notified;     /* subscription: notification_index */
	prl_uuid subscription; /* intent, with PRL_ENTITY_SUBSCRIBED */
	prl_stamp stamp;
	uint64_t index;   /* the entry of our own log that made this version */
	prl_time changed; /* its time */
	prl_shape *shape;
	/* subscription: intents that depend on it, in the order in which they came to. Intent: suffixes of former OVNs
	 * that could be asked for again, oldest first: at most 64 of the last 10 minutes. The node's own constraint:
	 * the two halves of the id of its notice */
	prl_uuid *dependents;
	uint32_t dependent_count;
	uint16_t manager_size;
	char texts[]; /* manager, 0, uss_base_url, 0 */
} prl_entity;
const char *prl_entity_manager(const prl_entity *entity);
const char *prl_entity_url(const prl_entity *entity);

/* A new object with these texts, all else 0; NULL: no memory. And a copy to be changed and put. */
prl_entity *prl_entity_new(prl_entity_kind kind, const prl_uuid *id, const char *manager, const char *url);
prl_entity *prl_entity_copy(const prl_entity *entity);
void prl_entity_free(void *entity);

/* Which constraint shows a notice: SHA-256("parley constraint\n" ‖ id of the notice), cut to a UUID of version 4. So
 * whoever knows the notice knows the id, and no table of both is needed. */
prl_uuid prl_notice_constraint_id(const prl_hash *notice);
/* The notice that the node's own constraint shows (PRL_ENTITY_OWN), and back. */
bool prl_entity_set_notice(prl_entity *constraint, const prl_hash *notice); /* false: no memory */
bool prl_entity_notice(const prl_entity *constraint, prl_hash *ret);

/* Availability of a USS as the arbiter put it. */
typedef enum prl_uss_state { PRL_USS_UNKNOWN, PRL_USS_NORMAL, PRL_USS_DOWN } prl_uss_state;
const char *prl_uss_state_word(prl_uss_state state); /* "Unknown" */
typedef struct prl_uss {
	uint8_t state;
	uint32_t version; /* how often it was put */
	prl_stamp stamp;  /* of prl_uss_id() */
} prl_uss;
/* What stands for a USS's name in its stamp. */
prl_uuid prl_uss_id(const char *name);

/* Of the working version, or a pinned one; NULL where there is none. Whoever reads a pinned version may see what has
 * ended: hiding it is the registry's (registry.h). */
const prl_entity *prl_entity_find(prl_picture *picture, prl_version version, prl_entity_kind kind, const prl_uuid *id);
const prl_uss *prl_uss_find(prl_picture *picture, prl_version version, const char *name);
prl_uss_state prl_uss_state_of(prl_picture *picture, prl_version version, const char *name);

/* Puts into the working version; takes the object over. remove: there must be one. */
PRL_MUST prl_status prl_entity_put(prl_picture *picture, prl_entity *entity, prl_error *err);
PRL_MUST prl_status prl_entity_remove(prl_picture *picture, prl_entity_kind kind, const prl_uuid *id, prl_error *err);
PRL_MUST prl_status prl_uss_put(prl_picture *picture, const char *name, prl_uss *uss, prl_error *err);

/* Calls fn for every object of a kind, in the order of ids. */
typedef bool prl_entity_fn(void *context, const prl_entity *entity);
PRL_MUST prl_status prl_entities_each(prl_picture *picture, prl_version version, prl_entity_kind kind,
				      prl_entity_fn *fn, void *context, prl_error *err);
size_t prl_entities_count(prl_picture *picture, prl_version version, prl_entity_kind kind);

/* Registers the nouns; called by prl_dss_add() (fold.h). */
PRL_MUST prl_status prl_entities_add(prl_picture *picture, prl_error *err);

#endif
