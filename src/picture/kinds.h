/* The objects that the first layer of the picture keeps, and the kinds of entries that change them. Bodies:
 * schemas/entry/.
 *
 * | kind                 | signed by        | does |
 * |----------------------|------------------|--------------------------------------------------------------------------|
 * | constitution         | all roots        | entry 0 of every log: parties, root keys, logs with their keys, timers …
 * | | constitution.amended | all roots, old and new | the next constitution, in full, numbered | | root.rotated | the
 * root, and the new root as second line | another root key for the party                    | | desk.opened          |
 * root             | a desk with its key                                                      | | desk.closed | root,
 * by two     | no key of the desk is valid from this index on                           | | key.certified        | the
 * desk's key   | a console key of the desk                                                | | key.rotated          |
 * the key, and the new key as second line | the same name goes on with another public key       | | key.revoked | the
 * desk's key or root | not valid from this index on                                       | | key.compromised      | by
 * two           | revoked, and suspect from an earlier index on; names it                  | | program.admitted     | a
 * desk's key     | a program may have entries recorded; SHA-256 of its token                | | program.dismissed    |
 * a desk's key     |                                                                          | | setting.changed | a
 * desk's key     | a setting of this node: a peer's address, …                              | | peer.seen            |
 * node, a receipt  | entries of a peer's log up to a size count here from now on              | | peer.fault | node |
 * one entry of a peer's log that counts as nobody's act, and why           | | peer.forked          | node | two
 * histories: nothing later from it is evidence; hash of the fork proof | | content.got          | node             | a
 * content addressed to a party hosted here has arrived                   | | content.deleted      | node             |
 * contents deleted by the rule of retention that the constitution states   | | clock.suspect        | node | offsets of
 * the clocks; expiry stops                                      | | clock.trusted        | a desk's key     | a person
 * has looked                                                      | | node.alone           | node             | the
 * node goes on without having asked its peers (serve --alone)          | | node.restored        | node             | a
 * missing tail was taken back from a mirror                              | | tick                 | node             |
 * time as the fold sees it; never goes back                                | | message.sent         | a key, or
 * recorded for a program | words to parties, with contents (layer line)             |
 */
#ifndef PRL_PICTURE_KINDS_H
#define PRL_PICTURE_KINDS_H

#include "picture/picture.h"

#define PRL_INDEX_NEVER UINT64_MAX

/* Tables of this layer, by the number that prl_picture_new() gives them. */
enum prl_core_table {
	PRL_TABLE_CONSTITUTION, /* key "": one prl_constitution */
	PRL_TABLE_PARTY,        /* by name: prl_party */
	PRL_TABLE_LOG,          /* by origin: prl_log */
	PRL_TABLE_DESK,         /* by name: prl_desk */
	PRL_TABLE_KEY,          /* by name, roots' and desks' keys too: prl_key */
	PRL_TABLE_PROGRAM,      /* by name: prl_program */
	PRL_TABLE_CONTENT,      /* by hash: prl_content */
	PRL_TABLE_PEER,         /* by origin, local: prl_peer */
	PRL_TABLE_SETTING,      /* by name, local: a text */
	PRL_TABLE_NODE,         /* key "", local: prl_node_state */
	PRL_CORE_TABLES
};

typedef struct prl_constitution {
	prl_hash line;   /* its name for good: hash of the first one's text */
	uint64_t number; /* 0, then amendments */
	prl_hash hash;   /* of the whole entry in force */
	json_t *body;
} prl_constitution;

typedef struct prl_party {
	char name[PRL_KEY_NAME_MAX + 1];
	char log[PRL_KEY_NAME_MAX + 1]; /* home log */
	char title[200];                /* for people */
} prl_party;

typedef struct prl_log {
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_verifier key, witness, mirror;
	char address[300]; /* as the constitution has it; a setting may override it locally */
	bool has_tls;
	prl_hash tls; /* SHA-256 of the node certificate's SubjectPublicKeyInfo */
} prl_log;

typedef struct prl_desk {
	char name[PRL_KEY_NAME_MAX + 1], party[PRL_KEY_NAME_MAX + 1];
	char title[200];
	uint64_t opened, closed; /* indices in the home log; PRL_INDEX_NEVER */
} prl_desk;

typedef enum prl_key_role { PRL_ROLE_ROOT, PRL_ROLE_DESK, PRL_ROLE_CONSOLE } prl_key_role;

typedef struct prl_key {
	prl_verifier verifier; /* in force; its name is the key's */
	char party[PRL_KEY_NAME_MAX + 1], desk[PRL_KEY_NAME_MAX + 1];
	prl_key_role role;
	uint64_t from, until;  /* valid for entries of the home log with from <= index < until */
	uint64_t suspect_from; /* PRL_INDEX_NEVER: not compromised */
	uint64_t serial;       /* of the newest entry */
	prl_hash last;         /* SHA-256 of its whole bytes */
} prl_key;

typedef struct prl_program {
	char name[PRL_KEY_NAME_MAX + 1], party[PRL_KEY_NAME_MAX + 1];
	prl_hash token; /* SHA-256 of the token */
	uint64_t from, until;
} prl_program;

typedef struct prl_content {
	prl_hash hash;                  /* SHA-256(salt ‖ bytes), salt of 32 bytes in front of what is kept */
	uint64_t size;                  /* without the salt */
	char log[PRL_KEY_NAME_MAX + 1]; /* home log of the entry that carries it */
	uint64_t index;
	json_t *to;  /* array of parties; their nodes are to hold it */
	json_t *got; /* array of logs whose nodes have recorded content.got */
} prl_content;

typedef enum prl_peer_state { PRL_PEER_GOOD, PRL_PEER_FAULTY, PRL_PEER_FORKED } prl_peer_state;

typedef struct prl_peer {
	char log[PRL_KEY_NAME_MAX + 1];
	uint64_t size; /* entries of it that count here: the newest peer.seen */
	prl_hash root;
	prl_peer_state state;
	uint64_t faults;
} prl_peer;

typedef struct prl_node_state {
	prl_time tick;
	bool clock_suspect;
	uint64_t alone; /* times that it went on alone */
} prl_node_state;

/* Registers kinds and nouns; called by prl_picture_new(). */
PRL_MUST prl_status prl_kinds_add(prl_picture *picture, prl_error *err);

/* Shorthands over prl_picture_find(); NULL where there is none. */
const prl_constitution *prl_picture_constitution(prl_picture *picture, prl_version version);
const prl_party *prl_picture_party(prl_picture *picture, prl_version version, prl_bytes name);
const prl_log *prl_picture_log(prl_picture *picture, prl_version version, prl_bytes origin);
const prl_desk *prl_picture_desk(prl_picture *picture, prl_version version, prl_bytes name);
const prl_key *prl_picture_key(prl_picture *picture, prl_version version, prl_bytes name);
const prl_program *prl_picture_program(prl_picture *picture, prl_version version, prl_bytes name);
const prl_content *prl_picture_content(prl_picture *picture, prl_version version, const prl_hash *hash);
const prl_peer *prl_picture_peer(prl_picture *picture, prl_version version, prl_bytes origin);

/* Announces a content that an entry carries, and to whom it goes; for kinds of the layers above. */
PRL_MUST prl_status prl_picture_add_content(prl_picture *picture, const prl_act *act, const prl_hash *hash,
					    uint64_t size, json_t *to, prl_error *err);

#endif
