/* The picture: the state that follows from the entries, and nothing else. picture_apply(picture, entry) is a pure fold:
 * no time, no random number, no input or output enters it (design.md, 2).
 *
 * What stands in the shared part is a function of the set of entries, not of their arrival: prl_picture_digest() of two
 * nodes that hold the same entries is equal. What stands in the local part (peers, contents received, settings of
 * this node) may differ.
 *
 * Versions: objects carry [born, died) version numbers. One thread, the clerk, applies entries to the working version;
 * prl_picture_publish() makes it the newest that readers may pin; prl_picture_rollback() takes back all that was not
 * published. A pinned version never changes; what no pin can see is freed.
 *
 * Layers above register their kinds of entries and nouns (tables) before the first entry is applied. */
#ifndef PRL_PICTURE_PICTURE_H
#define PRL_PICTURE_PICTURE_H

#include "base/memory.h"

#include <parley/record.h>

#include <jansson.h>

typedef struct prl_picture prl_picture;

/* ---- what layers register ------------------------------------------------------------------------------------------
 */

/* A table of objects of one noun, found by a key of bytes (a name, a hash). Values are immutable once put: to change
 * one, put another. */
typedef struct prl_noun {
	const char *name;                                /* "key": names the table in a snapshot */
	bool shared;                                     /* part of the digest */
	bool (*save)(const void *value, prl_buffer *to); /* canonical: equal objects give equal bytes */
	void *(*load)(prl_bytes from, prl_error *err);   /* what save() wrote; NULL with err */
	void (*free)(void *value);
} prl_noun;

/* An entry about to change the picture: its form, head, chain, key and signatures are checked, its body is valid JSON
 * by the kind's schema. */
typedef struct prl_act {
	const prl_entry *entry;
	const char *log; /* home log of the entry */
	uint64_t index;  /* its place there */
	json_t *body;
	bool local; /* the entry stands in this node's own log */
} prl_act;

typedef enum prl_signing {
	PRL_SIGNED_BY_KEY,      /* a console or desk key of a party */
	PRL_SIGNED_BY_TWO,      /* the same, and a second line by another person's key of the same party */
	PRL_SIGNED_BY_ROOT,     /* the party's root key */
	PRL_SIGNED_BY_ROOTS,    /* root keys of all parties: constitution and amendments */
	PRL_RECORDED,           /* by the node: `recorded node` */
	PRL_SIGNED_OR_RECORDED, /* by a key, or recorded for an authenticated program: `recorded program/NAME` */
} prl_signing;

typedef struct prl_kind {
	const char *name; /* "key.certified"; its schema is schemas/entry/<name>.json */
	prl_signing signing;
	bool receipt; /* only says what was received: never causes a peer.seen (design.md, idea 4) */
	/* Decides and changes the picture. Anything but PRL_OK refuses the act, with the reason for a person, and must
	 * have changed nothing. May only read the picture and the act. */
	prl_status (*apply)(prl_picture *picture, const prl_act *act, prl_error *err);
} prl_kind;

/* A picture with the kinds and nouns of this layer (constitution, party, desk, key, program, peer, content, setting).
 */
PRL_MUST prl_status prl_picture_new(const char *own_log, prl_picture **ret, prl_error *err);
void prl_picture_free(prl_picture *picture);
PRL_MUST prl_status prl_picture_add_kinds(prl_picture *picture, const prl_kind *kinds, size_t count, prl_error *err);
PRL_MUST prl_status prl_picture_add_noun(prl_picture *picture, const prl_noun *noun, unsigned *ret_table,
					 prl_error *err);
const prl_kind *prl_picture_kind(const prl_picture *picture, prl_bytes name); /* NULL where unknown */

/* ---- tables --------------------------------------------------------------------------------------------------------
 */

typedef uint64_t prl_version;
#define PRL_VERSION_WORKING UINT64_MAX /* what the clerk sees */

/* The object, or NULL. Valid as long as the version is pinned (working: until the next put or remove). */
const void *prl_picture_find(prl_picture *picture, prl_version version, unsigned table, prl_bytes key);
/* Calls fn for every object alive at version in byte order of keys; stops where fn returns false. */
typedef bool prl_each_fn(void *context, prl_bytes key, const void *value);
void prl_picture_each(prl_picture *picture, prl_version version, unsigned table, prl_each_fn *fn, void *context);
size_t prl_picture_count(prl_picture *picture, prl_version version, unsigned table);

/* Clerk only. put takes the value over, also on failure (PRL_E_MEMORY). */
PRL_MUST prl_status prl_picture_put(prl_picture *picture, unsigned table, prl_bytes key, void *value, prl_error *err);
PRL_MUST prl_status prl_picture_remove(prl_picture *picture, unsigned table, prl_bytes key, prl_error *err);

/* ---- the fold -------------------------------------------------------------------------------------------------------
 */

/* Finds which keys signed an entry, by a version of the picture, and checks the signatures: the costly part, done by
 * whatever thread received the entry. Then prl_picture_apply() only compares the keys. */
typedef struct prl_vouched {
	size_t count;
	prl_verifier signers[PRL_NOTE_SIGNATURES_MAX]; /* whose signature is there and holds, in the note's order */
} prl_vouched;
PRL_MUST prl_status prl_picture_vouch(prl_picture *picture, prl_version version, const prl_entry *entry,
				      prl_vouched *ret, prl_error *err);

/* Reads and checks the body by the schema of the kind. */
PRL_MUST prl_status prl_picture_body(prl_picture *picture, const prl_entry *entry, json_t **ret_body, prl_error *err);

/* Applies one entry to the working version: form, line, home log, party hosted there, key valid at this index, serial
 * and previous, signatures, schema, then the kind's own rule. vouched and body may be NULL: then they are made here.
 * For an entry of our own log anything but PRL_OK means that it must not be appended. For a peer's entry it is the
 * reason why the entry counts as nobody's act: the caller records it (peer.fault) and goes on. */
PRL_MUST prl_status prl_picture_apply(prl_picture *picture, const char *log, uint64_t index, const prl_entry *entry,
				      const prl_vouched *vouched, json_t *body, prl_error *err);

/* ---- versions
 * --------------------------------------------------------------------------------------------------------- */

/* Ends a batch: what is applied from now on belongs to the next one. Returns the number of the one ended. */
prl_version prl_picture_seal(prl_picture *picture);
/* Makes all up to and including a sealed version visible to new pins. */
void prl_picture_publish(prl_picture *picture, prl_version version);
/* Takes back everything that is not published. */
void prl_picture_rollback(prl_picture *picture);
prl_version prl_picture_pin(prl_picture *picture); /* the newest published version; any thread */
void prl_picture_unpin(prl_picture *picture, prl_version version);

/* SHA-256 over the shared part in canonical order. */
prl_hash prl_picture_digest(prl_picture *picture, prl_version version);

/* ---- snapshots
 * ------------------------------------------------------------------------------------------------------------ */

/* What a snapshot says it was made from. */
typedef struct prl_snapshot_head {
	uint64_t size; /* entries of our own log that were applied */
	prl_hash root; /* of our own log at that size */
} prl_snapshot_head;

/* Writes a pinned version to a file: under another name first, synced, then renamed. */
PRL_MUST prl_status prl_picture_save(prl_picture *picture, prl_version version, const prl_snapshot_head *head,
				     const char *path, prl_error *err);
/* Loads into a picture to which nothing was applied. PRL_E_STALE for another version of the fold or other kinds,
 * PRL_E_SYNTAX where damaged (its SHA-256 does not hold): replay then. */
PRL_MUST prl_status prl_picture_load(prl_picture *picture, const char *path, prl_snapshot_head *ret_head,
				     prl_error *err);

#endif
