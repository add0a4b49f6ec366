/* The picture: the state that follows from the entries, and nothing else. prl_picture_apply() is a pure fold: no time,
 * no random number, no input or output enters it (design.md, 2).
 *
 * What stands in the shared part is a function of the set of entries, not of their arrival: prl_picture_digest() of two
 * nodes that hold the same entries is equal. So each log is judged by what it says itself: by the constitution in force
 * in that log at that index, by the keys of the parties that it is home to, and by what it has recorded of other logs
 * (peer.seen), never by what happens to be here already. What stands in the local part (settings of this node, what the
 * layers above derive) may differ.
 *
 * Time passing is no entry. design.md, 4, has a node append `tick T` when a due timer would change state; no timer
 * does. Nothing in the fold is due: a deadline is kept as the instant it was agreed to be, and whether it is over –
 * LATE, EXPIRED, overdue, off route, DEEMED, PERSON, every age, every alarm – is worked out by whoever looks, with the
 * `now` of the one who looks (line/part.h, prl_show.now). So a node that was off for a day comes back to the state that
 * it would have had, two nodes whose clocks differ hold the same state, and a clock that jumps can be set right without
 * leaving a trace in the record. What a node does when a time has come (a bundle, a telling by policy) is an entry with
 * its own content, decided once. The kind `tick` is known and folded, so that logs which hold one are read; this
 * program appends none. Held by tests/scripts/timeless.sh (no layer below the node calls a clock) and
 * tests/line/timeless_test.c.
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

/* ---- what layers register ---------------------------------------------------------------------------------------- */

/* A table of objects of one noun, found by a key of at most 65,535 bytes (a name, a hash). Values are immutable once
 * put: to change one, put another. */
typedef struct prl_noun {
	const char *name;                                /* "key": names the table in a snapshot */
	bool shared;                                     /* part of the digest */
	bool (*save)(const void *value, prl_buffer *to); /* canonical: equal objects give equal bytes */
	void *(*load)(prl_bytes from, prl_error *err);   /* what save() wrote; NULL with err. By several threads */
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

/* Who signs. A key stands for a person or a device: two people means keys of two names, so one device must not hold the
 * keys of two. There are exactly the signature lines that are asked for, in this order; a further line is refused, so
 * that nobody can hang on bytes that nobody checks. */
typedef enum prl_signing {
	PRL_SIGNED_BY_KEY,          /* a console or desk key of a party */
	PRL_SIGNED_BY_DESK,         /* a desk's own key */
	PRL_SIGNED_BY_DESK_OR_ROOT, /* a desk's own key, or the party's root key */
	PRL_SIGNED_BY_TWO,          /* any key, and a second line by a key of another name of the same party */
	PRL_SIGNED_BY_ROOT,         /* the party's root key */
	PRL_SIGNED_BY_ROOT_AND_ONE, /* the same, and a second line by a key of another name of the same party */
	PRL_SIGNED_BY_KEY_AND_NEW,  /* a desk or console key, and the new key of the same name that the body's "key"
				       gives */
	PRL_SIGNED_BY_ROOT_AND_NEW, /* the root key, and the new one that the body's "key" gives */
	PRL_SIGNED_BY_ROOTS,        /* root keys of all parties, in any order: constitution and amendments */
	PRL_RECORDED,               /* by the node: `recorded node` */
	PRL_SIGNED_OR_RECORDED,     /* by a key, or recorded for an authenticated program: `recorded program/NAME` */
	/* The same two, and they count also beside the chain, where serial and previous are not the key's next: what is
	 * signed at two screens at once, or while nothing can be written, is refused to nobody (line/call.h). The chain
	 * does not go on by such an entry; that none stands twice in a log is for apply to see. */
	PRL_SIGNED_BESIDE,
	PRL_SIGNED_BESIDE_OR_RECORDED,
	PRL_RECORDED_FOR_USS,       /* for an authenticated drone traffic service: `recorded uss/NAME` */
} prl_signing;

typedef struct prl_act_kind {
	const char *name; /* "key.certified"; its schema is schemas/entry/<name>.json */
	prl_signing signing;
	bool receipt; /* only says what was received: never causes a peer.seen (design.md, idea 4) */
	/* Decides and changes the picture. Anything but PRL_OK refuses the act, with the reason for a person; what it
	 * had changed by then is undone. May only read the picture and the act. */
	prl_status (*apply)(prl_picture *picture, const prl_act *act, prl_error *err);
} prl_act_kind;

/* A picture with the kinds and nouns of this layer (picture/kinds.h). own_log NULL or "" makes an onlooker's picture:
 * no log is its own, entries of any log count as they come (an inquiry that holds several logs). */
PRL_MUST prl_status prl_picture_new(const char *own_log, prl_picture **ret, prl_error *err);
const char *prl_picture_own_log(const prl_picture *picture); /* "" for an onlooker */
/* For an onlooker who may lack entries for good: a log's entries are taken without those that it says it had seen. The
 * picture then depends on what is there, and its digest is nobody else's. */
void prl_picture_take_gaps(prl_picture *picture);
void prl_picture_free(prl_picture *picture);
PRL_MUST prl_status prl_picture_add_kinds(prl_picture *picture, const prl_act_kind *kinds, size_t count,
					  prl_error *err);
PRL_MUST prl_status prl_picture_add_noun(prl_picture *picture, const prl_noun *noun, unsigned *ret_table,
					 prl_error *err);
/* The table of a noun by its name: kinds have no other way to know its number. */
bool prl_picture_table(const prl_picture *picture, const char *noun, unsigned *ret_table);
const prl_act_kind *prl_picture_kind(const prl_picture *picture, prl_bytes name); /* NULL where unknown */

/* ---- tables ------------------------------------------------------------------------------------------------------ */

typedef uint64_t prl_version;
#define PRL_VERSION_WORKING UINT64_MAX /* what the clerk sees */

/* The object, or NULL. Valid as long as the version is pinned (working: until the act that replaces it has been
 * applied). The working version is the clerk's alone: it is read without a lock. */
const void *prl_picture_find(prl_picture *picture, prl_version version, unsigned table, prl_bytes key);
/* Calls fn for every object alive at version in byte order of keys; stops where fn returns false. fn must not change
 * the table. Sorts: O(n log n) and 48 bytes an object while it runs, hence PRL_E_MEMORY. */
typedef bool prl_each_fn(void *context, prl_bytes key, const void *value);
PRL_MUST prl_status prl_picture_each(prl_picture *picture, prl_version version, unsigned table, prl_each_fn *fn,
				     void *context, prl_error *err);
size_t prl_picture_count(prl_picture *picture, prl_version version, unsigned table);

/* Clerk only. put takes the value over, also on failure; a NULL value is PRL_E_MEMORY, so that what a constructor gave
 * can be put unseen. remove: PRL_E_NOT_FOUND where there is none. */
PRL_MUST prl_status prl_picture_put(prl_picture *picture, unsigned table, prl_bytes key, void *value, prl_error *err);
PRL_MUST prl_status prl_picture_remove(prl_picture *picture, unsigned table, prl_bytes key, prl_error *err);

/* ---- home bodies ------------------------------------------------------------------------------------------------- */

/* What is kept beside an entry of our own log and never leaves this node (store.h, bodies): the entry has its salted
 * hash, and what hangs on it is local. `made` is what a live clerk has made of it already; NULL in a replay. */
typedef struct prl_home {
	prl_bytes bytes;
	const void *made;
} prl_home;
/* PRL_E_NOT_FOUND where nothing is kept; the bytes live until the next call. */
typedef prl_status prl_home_fn(void *context, uint64_t index, prl_home *ret, prl_error *err);
/* Who is asked; nobody at first, and then nothing is found. */
void prl_picture_set_home(prl_picture *picture, prl_home_fn *fn, void *context);
/* For kinds: of a local act only. */
PRL_MUST prl_status prl_act_home(prl_picture *picture, const prl_act *act, prl_home *ret, prl_error *err);

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

/* Finds which keys signed an entry, by a version of the picture, and checks the signatures: the costly part, done by
 * whatever thread received the entry. Then prl_picture_apply() only compares the keys. */
typedef struct prl_vouched {
	size_t count;
	prl_verifier signers[PRL_NOTE_SIGNATURES_MAX]; /* one a signature line, in the note's order; all hold */
} prl_vouched;
/* Constitutions are not vouched for here (count 0): whose roots they need hangs on the log in which they stand. */
PRL_MUST prl_status prl_picture_vouch(prl_picture *picture, prl_version version, const prl_entry *entry,
				      prl_vouched *ret, prl_error *err);

/* Reads and checks the body by the schema of the kind. */
PRL_MUST prl_status prl_picture_body(prl_picture *picture, const prl_entry *entry, json_t **ret_body, prl_error *err);

/* Applies one entry to the working version: place, head, line, home log, party hosted there, key valid at this index,
 * signatures, serial and previous, schema, then the kind's own rule. vouched and body may be NULL, or may not fit any
 * more because a key was rotated since: then they are made here. body stays the caller's.
 *
 * For an entry of our own log anything but PRL_OK means that it must not be appended; nothing has changed.
 *
 * For a peer's entry PRL_E_MEMORY and PRL_E_EARLY change nothing: the entry is to be applied again later. Anything else
 * is the reason why it counts as nobody's act: its place is taken all the same (prl_picture_size() has grown), its
 * key's chain goes on where signature, serial and previous held, and the caller records a peer.fault.
 *
 * Order, else PRL_E_EARLY: a log's entries come one after the other from index 0. A peer's entries come after the own
 * peer.seen that covers them, and all of them before the next own entry that is not a receipt or a peer.fault, so that
 * a replay meets the same picture at each own act. A peer's entry comes after what it says its log has seen
 * (prl_picture_ready()). */
PRL_MUST prl_status prl_picture_apply(prl_picture *picture, const char *log, uint64_t index, const prl_entry *entry,
				      const prl_vouched *vouched, json_t *body, prl_error *err);

/* Whether all that a peer's entry says its log has seen has been applied here: PRL_E_EARLY names the log and the size
 * that are missing. Look before recording a peer.seen: what is recorded but not ready holds up the own log. */
PRL_MUST prl_status prl_picture_ready(prl_picture *picture, prl_version version, const prl_entry *entry,
				      prl_error *err);

/* Entries of a log that were applied: the next one's index. */
uint64_t prl_picture_size(prl_picture *picture, prl_version version, const char *log);

/* ---- versions ---------------------------------------------------------------------------------------------------- */

/* Ends a batch: what is applied from now on belongs to the next one. Returns the number of the one ended. Frees what no
 * pin can see any more: costs O(changes of the batches published since). The clerk's. */
prl_version prl_picture_seal(prl_picture *picture);
/* Makes all up to and including a sealed version visible to new pins; any thread. */
void prl_picture_publish(prl_picture *picture, prl_version version);
/* Takes back everything that is not published. The clerk's; nobody may publish meanwhile. */
void prl_picture_rollback(prl_picture *picture);
prl_version prl_picture_pin(prl_picture *picture); /* the newest published version; any thread */
void prl_picture_unpin(prl_picture *picture, prl_version version);
/* The oldest version that somebody has pinned, or may pin from now on. */
prl_version prl_picture_oldest(prl_picture *picture);

/* A hash over the shared part in canonical order: equal iff the shared parts are. */
PRL_MUST prl_status prl_picture_digest(prl_picture *picture, prl_version version, prl_hash *ret, prl_error *err);

/* ---- snapshots --------------------------------------------------------------------------------------------------- */

/* What a snapshot says it was made from. */
typedef struct prl_snapshot_head {
	uint64_t size; /* entries of our own log that were applied */
	prl_hash root; /* of our own log at that size */
} prl_snapshot_head;

/* Writes a pinned version to a file: under another name first, synced, then renamed. */
PRL_MUST prl_status prl_picture_save(prl_picture *picture, prl_version version, const prl_snapshot_head *head,
				     const char *path, prl_error *err);
/* Loads into a picture to which nothing was applied, and publishes it. PRL_E_STALE for another version of the fold,
 * other kinds or another own log, PRL_E_SYNTAX where damaged (its SHA-256 does not hold), PRL_E_IO where it cannot be
 * read: the picture is as it was, replay then. */
PRL_MUST prl_status prl_picture_load(prl_picture *picture, const char *path, prl_snapshot_head *ret_head,
				     prl_error *err);

#endif
