/* A part of the line: one noun (or a few that belong together) with its kinds of entries, what is looked at before an
 * own act is taken, and how people's programs see it. Each part is one pair of files in this folder; line.c lists them.
 *
 * Three places judge an act, and each judges once:
 *   schema   schemas/entry/<kind>.json: form. On the thread that received it.
 *   check    the part's own look at the door: what a schema cannot say and the fold must not depend on (that a ring
 * does not cross itself, that a text reads one way). Own acts only, on the thread that received them. apply    the
 * fold: who may, against which version, what follows. Pure, the same on every node (picture.h). A peer's act that would
 * not have passed our check counts all the same: it is shown with what is wrong with it. */
#ifndef PRL_LINE_PART_H
#define PRL_LINE_PART_H

#include "picture/kinds.h"

/* Who looks, at what, when. Ages are computed when read: view(picture, now). */
typedef struct prl_show {
	prl_picture *picture;
	prl_version version; /* pinned by the caller */
	prl_time now;
	const char *party;   /* only what this party may see; NULL: all that this node holds */
	const json_t *query; /* object of texts: the arguments of the request; only those that the part lists */
	/* What this node knows by itself and no entry says (node/presence.h); NULL where nobody asked a node:
	 * {"peers": {party: {"heard": ns or null, "connected", "flaps"}}, "desks": {desk: {"seen": ns, "sound"}}} */
	const json_t *node;
	/* The body of an entry that counts here, and a content as JSON: new references. PRL_E_NOT_FOUND where it is not
	 * here. */
	prl_status (*body)(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err);
	prl_status (*content)(void *context, const prl_hash *hash, json_t **ret, prl_error *err);
	/* Labels of an entry (node/labels.c): {"served": [{"log", "since"}], "not_delivered": …}; and what its author
	 * had read of the peers' logs: {log: size}. New references. NULL where nobody asked a node. */
	prl_status (*labels)(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err);
	prl_status (*seen)(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err);
	void *context;
} prl_show;

struct prl_alarms;    /* alarm.h */
struct prl_open_rule; /* open.h */

typedef struct prl_line_part {
	const char *name; /* "notices": GET /parley/v1/line/notices; NULL: nothing to show */
	const prl_noun *nouns;
	size_t noun_count;
	const prl_act_kind *kinds;
	size_t kind_count;
	/* NULL: nothing to look at. version is pinned. */
	prl_status (*check)(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			    prl_error *err);
	const char *const *queries; /* arguments that show takes, NULL last; NULL: none */
	/* An array of objects, for people's programs; documented in schemas/openapi.json. */
	prl_status (*show)(const prl_show *show, json_t **ret, prl_error *err);
	/* Raises what needs a person of to->party now; NULL: nothing ever does. Asked every second: its cost hangs on
	 * what is open, not on all that there is. */
	prl_status (*alarms)(const prl_show *show, struct prl_alarms *to, prl_error *err);
	const struct prl_open_rule *open; /* how the index that they go by is swept; NULL: it need not be */
} prl_line_part;

/* An argument of the request; NULL where it is not there. */
const char *prl_show_query(const prl_show *show, const char *name);
/* An argument that is a time, RFC 3339; *to stays where it is not there. */
PRL_MUST prl_status prl_show_query_time(const prl_show *show, const char *name, prl_time *to, prl_error *err);

/* Members that all that is shown has in one form. */
json_t *prl_show_time(prl_time time); /* null for open ends */
json_t *prl_show_hash(const prl_hash *hash);

#endif
