/* Things: objects of which a line has thousands, not millions (shifts, calls, meetings, queries …), kept as JSON.
 *
 * A thing is a JSON object. Every thing begins as prl_thing_new() makes it, with where it comes from:
 *   id     base64 of the hash of the entry that began it; its key in the table is the 32 bytes
 *   log, index, party, desk, key, mode, time   of that entry
 * and goes on as a changed copy: values in a table never change (picture.h). Members hold texts, integers, booleans,
 * arrays and objects, never doubles that were computed: equal things must save as equal bytes. */
#ifndef PRL_LINE_THING_H
#define PRL_LINE_THING_H

#include "line/part.h"

/* A noun of things: PRL_THING_NOUN("shift"). All of them are shared (part of the digest). */
#define PRL_THING_NOUN(noun_name)                                                                                      \
	{                                                                                                              \
		.name = (noun_name), .shared = true, .save = prl_thing_save, .load = prl_thing_load,                   \
		.free = prl_thing_free                                                                                 \
	}
bool prl_thing_save(const void *value, prl_buffer *to);
void *prl_thing_load(prl_bytes from, prl_error *err);
void prl_thing_free(void *value);

/* What the act begins; NULL out of memory. */
json_t *prl_thing_new(const prl_act *act);
/* Members of `from` of these names (NULL last), where they are there. False out of memory. */
bool prl_thing_take(json_t *thing, const json_t *from, const char *const *names);

/* The key of the thing that an act begins: the bytes of its entry's hash. */
prl_bytes prl_hash_key(const prl_hash *hash);

const json_t *prl_thing_find(prl_picture *picture, prl_version version, const char *noun, prl_bytes key);
/* Takes thing over, also on failure; NULL is PRL_E_MEMORY. */
PRL_MUST prl_status prl_thing_put(prl_picture *picture, const char *noun, prl_bytes key, json_t *thing, prl_error *err);
/* The thing whose id stands in the act's body under `member`. PRL_E_NOT_FOUND where there is none, or where the log of
 * the act had not seen it: both nodes must judge alike. ret_hash is its key. */
PRL_MUST prl_status prl_thing_meant(prl_picture *picture, const prl_act *act, const char *noun, const char *member,
				    const json_t **ret, prl_hash *ret_hash, prl_error *err);

/* The party that acts. PRL_E_REFUSED where it is not the one that began the thing: each object has one writer. */
PRL_MUST prl_status prl_thing_own(const json_t *thing, const prl_act *act, prl_error *err);

/* Calls fn for each thing in byte order of keys; false stops. */
typedef bool prl_thing_fn(void *context, prl_bytes key, const json_t *thing);
PRL_MUST prl_status prl_thing_each(prl_picture *picture, prl_version version, const char *noun, prl_thing_fn *fn,
				   void *context, prl_error *err);

/* Parties that the body names under `member`, sorted; all that have not left where it names none. PRL_E_NOT_FOUND for
 * one that is not of this line. A new reference. */
PRL_MUST prl_status prl_act_parties(prl_picture *picture, const prl_act *act, const char *member, json_t **ret,
				    prl_error *err);

#endif
