/* The nouns of this layer with their kinds, one file each (kinds_<noun>.c); kinds.c puts them together. */
#ifndef PRL_PICTURE_NOUNS_H
#define PRL_PICTURE_NOUNS_H

#include "picture/body.h"
#include "picture/pack.h"

extern const prl_noun prl_constitution_noun, prl_desk_noun, prl_key_noun, prl_program_noun, prl_content_noun,
	prl_peer_noun, prl_node_noun, prl_setting_noun, prl_heard_noun, prl_heard_log_noun;

typedef struct prl_kinds {
	const prl_act_kind *kinds;
	size_t count;
} prl_kinds;
extern const prl_kinds prl_constitution_kinds, prl_desk_kinds, prl_key_kinds, prl_program_kinds, prl_content_kinds,
	prl_peer_kinds, prl_node_kinds;

#define PRL_KINDS_OF(array)                                                                                            \
	{                                                                                                              \
		(array), sizeof(array) / sizeof(*(array))                                                              \
	}

/* "in order": the schema cannot say that a name begins with its party's and a dash (kinds.h, Names). */
PRL_MUST prl_status prl_name_check(prl_bytes name, const char *party, const char *what, prl_error *err);

/* ---- constitution ------------------------------------------------------------------------------------------------ */

/* Reads a constitution's body: parties, logs, timers. Refuses names that are there twice, a party without its log,
 * keys whose names are not what they must be. body is not taken over. */
PRL_MUST prl_status prl_constitution_read(json_t *body, prl_constitution **ret, prl_error *err);
void prl_constitution_free(prl_constitution *constitution);
const prl_constitution *prl_constitution_in(prl_picture *picture, prl_version version, prl_bytes log);
const prl_constitution *prl_constitution_first(prl_picture *picture, prl_version version);

/* ---- key --------------------------------------------------------------------------------------------------------- */

/* Puts a key of a new name, valid from the index after the act's. desk "" for a root key. */
PRL_MUST prl_status prl_key_add(prl_picture *picture, const prl_verifier *verifier, const char *party, const char *desk,
				prl_key_role role, uint64_t from, prl_error *err);
/* Another public key under the same name, valid after index; the old one stays to be looked up as name#from. */
PRL_MUST prl_status prl_key_replace(prl_picture *picture, const prl_key *old, const prl_verifier *verifier,
				    uint64_t index, prl_error *err);
/* Not valid after index, where it still is. */
PRL_MUST prl_status prl_key_end(prl_picture *picture, const prl_key *key, uint64_t index, prl_error *err);
/* The entry of act is the newest of the key's chain. */
PRL_MUST prl_status prl_key_advance(prl_picture *picture, const prl_key *key, const prl_act *act, prl_error *err);
/* The root keys of party as the log `by` knew them before its entry index, newest first: by the keys of the party's
 * home log as far as `by` had seen it, back to the one that the constitution in force in `by` has; that one alone where
 * it is newer than all. At least one, at most PRL_ROOTS_SEEN_MAX. */
#define PRL_ROOTS_SEEN_MAX 8
size_t prl_key_roots_seen(prl_picture *picture, const prl_party *party, prl_bytes by, uint64_t index,
			  prl_verifier ret[PRL_ROOTS_SEEN_MAX]);

/* ---- heard: what prl_key_heard() stands on
 * --------------------------------------------------------------------------- */

/* Entries of a peer's log up to size count here from this own peer.seen on. Acts of other logs are passed over. */
PRL_MUST prl_status prl_heard_seen(prl_picture *picture, const prl_act *act, prl_bytes log, uint64_t size,
				   prl_error *err);
/* The node recorded an own entry: its time bounds what keys of the own log have stated before it. */
PRL_MUST prl_status prl_heard_recorded(prl_picture *picture, const prl_act *act, prl_error *err);
/* The entry of act is the newest of its key. */
PRL_MUST prl_status prl_heard_key(prl_picture *picture, const prl_act *act, prl_error *err);

/* ---- peer, node -------------------------------------------------------------------------------------------------- */

uint64_t prl_peer_seen_size(prl_picture *picture, prl_version version, prl_bytes by, prl_bytes log);
PRL_MUST prl_status prl_node_put(prl_picture *picture, prl_bytes log, const prl_node_state *state, prl_error *err);
prl_node_state prl_node_get(prl_picture *picture, prl_version version, prl_bytes log);

#endif
