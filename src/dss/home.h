/* What is kept beside an entry of an F3548 act and never leaves this node: what was filed, the nonce of its OVN, and
 * what the filing did to subscriptions. JSON behind a salt of 32 bytes; the entry has the SHA-256 of both.
 *
 *     {"v": 1, "nonce": base64, "suffix"?: uuid, "from"?, "to"?: time, "subscription"?: uuid, "made_url"?,
 *      "made_for_constraints"?, "extends"?: true, "fresh"?: base64, "drops"?: uuid, "uss_base_url"?, "for_intents"?,
 *      "for_constraints"?, "told"?: [[uuid, index], …], "filed"?: the body, or "extents"?: of it, "type"?: what a
 * constraint of the node's own says of its kind, "report"?: {…}}
 *
 * What a replay reads is what the live clerk had in its hands: reading what was written gives the same (tested). */
#ifndef PRL_DSS_HOME_H
#define PRL_DSS_HOME_H

#include "dss/entity.h"

#define PRL_HOME_SALT 32u

typedef struct prl_dss_told {
	prl_uuid id;
	uint32_t index; /* notification_index that it gets */
} prl_dss_told;

/* Texts and arrays belong to whoever made it, or to `json`. */
typedef struct prl_dss_home {
	unsigned char nonce[16]; /* of the stamp */
	unsigned char fresh[16]; /* of the stamp of a subscription that is made or extended */
	bool has_suffix;
	prl_uuid suffix;
	prl_extent *extent; /* NULL: none */
	bool subscribed;    /* intent: to this one */
	prl_uuid subscription;
	bool makes; /* it is made, implicit */
	const char *made_url;
	bool made_for_constraints;
	bool extends; /* it is implicit and made to cover the intent */
	bool drops;   /* an implicit one that nothing depends on any more */
	prl_uuid dropped;
	const char *url; /* subscription */
	bool for_intents, for_constraints;
	prl_dss_told *told;
	size_t told_count;

	json_t *json; /* what was read; NULL where it was made */
} prl_dss_home;

/* What was filed, as JSON texts (data NULL: none). */
typedef struct prl_dss_filed {
	const unsigned char *salt; /* PRL_HOME_SALT bytes */
	prl_bytes extents, report;
	bool whole;       /* extents is the whole body, "extents" in it */
	const char *type; /* NULL: none */
} prl_dss_filed;
/* Appends salt and JSON. False out of memory or room. */
bool prl_dss_home_write(const prl_dss_home *home, const prl_dss_filed *filed, prl_buffer *to);
/* Reads what was written. PRL_E_SYNTAX, PRL_E_MEMORY. */
PRL_MUST prl_status prl_dss_home_read(prl_bytes bytes, prl_dss_home *ret, prl_error *err);
void prl_dss_home_done(prl_dss_home *home); /* of one that was read */

#endif
