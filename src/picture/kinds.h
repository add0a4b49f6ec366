/* The objects that the first layer of the picture keeps, and the kinds of entries that change them. Bodies:
 * schemas/entry/.
 *
 * kind                  signed by                   does
 * constitution          all roots                   entry 0 of every log: parties, root keys, logs and their keys …
 * constitution.amended  all roots, old and new      the next constitution, in full, numbered
 * root.rotated          the root and the new root   another root key for the party
 * desk.opened           root                        a desk with its key
 * desk.closed           root, and a second person   no key of the desk is valid any more
 * key.certified         the desk's key              a console key of the desk
 * key.rotated           the key and the new key     the same name goes on with another public key
 * key.revoked           the desk's key, or root     the key is not valid any more
 * key.compromised       two people                  the same, and suspect from an earlier index on
 * program.admitted      a desk's key                a program may have entries recorded; SHA-256 of its token
 * program.dismissed     a desk's key
 * setting.changed       a desk's key                a setting of this node: a peer's address, …
 * peer.seen             node, a receipt             entries of a peer's log up to a size count here from now on
 * peer.fault            node                        one entry of a peer's log that counts as nobody's act, and why
 * peer.forked           node                        two histories: nothing later is evidence; hash of the fork proof
 * content.got           node                        contents addressed to a party hosted here have arrived
 * content.deleted       node                        contents deleted by the rule of retention of the constitution
 * clock.suspect         node                        offsets of the clocks; expiry stops
 * clock.trusted         a desk's key                a person has looked
 * node.alone            node                        goes on without having asked its peers (serve --alone)
 * node.restored         node                        a missing tail was taken back from a mirror
 * tick                  node                        time as the fold sees it; never goes back
 * message.sent          a key, or for a program     words to parties, with contents (layer line)
 *
 * Names. Desks and programs of party P are called P-…; a console of desk D is D/…; the root key is P/root. No party's
 * name begins with another's and a dash. So every name has one party, thus one log in which it can come to be, and no
 * two logs can give the same name to two things. Names are for good: what was closed or revoked is not opened again.
 *
 * Indices. A change at index i of the home log holds from i + 1 on, so that the keys which signed entry i are valid at
 * it. Everything here is shared (part of the digest) but settings, and when this node heard of keys. */
#ifndef PRL_PICTURE_KINDS_H
#define PRL_PICTURE_KINDS_H

#include "picture/picture.h"

#define PRL_INDEX_NEVER UINT64_MAX
#define PRL_TITLE_MAX   200 /* bytes of a title for people */
#define PRL_ADDRESS_MAX 300 /* bytes of an address */

/* Tables of this layer, by the number that prl_picture_new() gives them. */
enum prl_core_table {
	PRL_TABLE_CONSTITUTION, /* by origin of the log in which it is in force: prl_constitution; "" the first one */
	PRL_TABLE_DESK,         /* by name: prl_desk */
	PRL_TABLE_KEY,          /* by name, roots' and desks' keys too: prl_key; a replaced one by name#from */
	PRL_TABLE_PROGRAM,      /* by name: prl_program */
	PRL_TABLE_CONTENT,      /* by hash and origin of the log that announced it: prl_content */
	PRL_TABLE_PEER,         /* by "origin of who says so\norigin of the peer": prl_peer */
	PRL_TABLE_NODE,         /* by origin: prl_node_state */
	PRL_TABLE_SETTING,      /* by name, local: prl_setting */
	PRL_TABLE_HEARD,        /* by name of a key, local: see prl_key_heard() */
	PRL_TABLE_HEARD_LOG,    /* by origin, local */
	PRL_CORE_TABLES
};

typedef struct prl_party {
	char name[PRL_KEY_NAME_MAX + 1];
	char log[PRL_KEY_NAME_MAX + 1]; /* home log */
	char title[PRL_TITLE_MAX + 1];  /* for people */
	prl_verifier root;              /* as the constitution has it; in force is PRL_TABLE_KEY's */
	bool left;                      /* stays in the list, acts no more */
} prl_party;

typedef struct prl_log {
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_verifier key, witness, mirror;
	char address[PRL_ADDRESS_MAX + 1]; /* as the constitution has it; a setting may override it locally */
	bool has_tls;
	prl_hash tls; /* SHA-256 of the node certificate's SubjectPublicKeyInfo */
} prl_log;

/* Defaults of what a constitution may leave out. */
#define PRL_DEFAULT_RING_S                                                                                             \
	{                                                                                                              \
		30, 60, 120                                                                                            \
	}
#define PRL_DEFAULT_DEEMED_S 3600

typedef struct prl_constitution {
	prl_hash line;   /* the line's name for good: hash of the first one's text */
	uint64_t number; /* 0, then amendments */
	prl_time founded; /* when the first one was written, as it says itself: the same in every log */
	prl_hash hash;   /* of the whole entry in force */
	json_t *body;
	prl_party *parties; /* in the body's order */
	size_t party_count;
	prl_log *logs;
	size_t log_count;
	int64_t contents_days; /* retention: -1 where contents are never deleted */
	uint32_t ring_s[3];    /* after these seconds without an answer the next step of a call begins */
	uint32_t deemed_s;     /* T of DEEMED */
} prl_constitution;

typedef struct prl_desk {
	char name[PRL_KEY_NAME_MAX + 1], party[PRL_KEY_NAME_MAX + 1];
	char title[PRL_TITLE_MAX + 1];
	uint64_t opened, closed; /* indices in the home log; PRL_INDEX_NEVER */
} prl_desk;

typedef enum prl_key_role { PRL_ROLE_ROOT, PRL_ROLE_DESK, PRL_ROLE_CONSOLE } prl_key_role;

typedef struct prl_key {
	prl_verifier verifier; /* in force; its name is the key's */
	char party[PRL_KEY_NAME_MAX + 1], desk[PRL_KEY_NAME_MAX + 1];
	prl_key_role role;
	uint64_t from, until;  /* valid for entries of the home log with from <= index < until */
	uint64_t before;       /* `from` of the public key that this one replaced; PRL_INDEX_NEVER: none */
	uint64_t suspect_from; /* PRL_INDEX_NEVER: not compromised */
	uint64_t serial;       /* of the newest entry */
	uint64_t last_index;   /* its place in the home log */
	prl_time last_time;    /* its author's clock then; 0: has signed nothing yet */
	prl_hash last;         /* SHA-256 of its whole bytes */
} prl_key;

typedef struct prl_program {
	char name[PRL_KEY_NAME_MAX + 1], party[PRL_KEY_NAME_MAX + 1];
	char title[PRL_TITLE_MAX + 1];
	prl_hash token; /* SHA-256 of the token */
	uint64_t from, until;
} prl_program;

/* A content as one log announced it. The same hash may be announced by several logs: whoever was shown a content can
 * name its hash. */
typedef struct prl_content {
	prl_hash hash;                  /* SHA-256(salt ‖ bytes), salt of 32 bytes in front of what is kept */
	uint64_t size;                  /* without the salt, as announced */
	char log[PRL_KEY_NAME_MAX + 1]; /* home log of the entry that carries it */
	uint64_t index;
	prl_time time;   /* of that entry */
	json_t *to;      /* array of parties, sorted; their nodes are to hold it */
	json_t *got;     /* array of logs, sorted, whose nodes have recorded content.got */
	json_t *deleted; /* array of logs, sorted, whose nodes have recorded content.deleted */
} prl_content;

typedef enum prl_peer_state { PRL_PEER_GOOD, PRL_PEER_FAULTY, PRL_PEER_FORKED } prl_peer_state;

/* What one log says of another. */
typedef struct prl_peer {
	char by[PRL_KEY_NAME_MAX + 1];
	char log[PRL_KEY_NAME_MAX + 1];
	uint64_t size; /* entries of it that count there: the newest peer.seen */
	prl_hash root;
	prl_peer_state state;
	uint64_t faults;
	prl_hash proof; /* of the fork */
} prl_peer;

typedef struct prl_node_state {
	uint64_t size; /* entries of its log that were applied here */
	prl_time tick; /* INT64_MIN before the first */
	bool clock_suspect;
	uint64_t alone;    /* times that it went on alone */
	uint64_t restored; /* times that it took a tail back */
} prl_node_state;

typedef struct prl_setting {
	char *value;
} prl_setting;

/* Registers kinds and nouns; called by prl_picture_new(). */
PRL_MUST prl_status prl_kinds_add(prl_picture *picture, prl_error *err);

/* Shorthands over prl_picture_find(); NULL where there is none. The constitution is the one in force in the own log (an
 * onlooker: the one with the greatest number in any log); parties and logs are that one's. */
const prl_constitution *prl_picture_constitution(prl_picture *picture, prl_version version);
const prl_party *prl_picture_party(prl_picture *picture, prl_version version, prl_bytes name);
const prl_log *prl_picture_log(prl_picture *picture, prl_version version, prl_bytes origin);
const prl_desk *prl_picture_desk(prl_picture *picture, prl_version version, prl_bytes name);
const prl_key *prl_picture_key(prl_picture *picture, prl_version version, prl_bytes name);
const prl_program *prl_picture_program(prl_picture *picture, prl_version version, prl_bytes name);
/* When a person at a key acted last, as far as this node can believe it: what the newest entry states, but never later
 * than this node knew of the entry, and never back from what was known before.
 *  - A peer's entry: not later than the time of the own peer.seen that covers it (this node's clock).
 *  - An entry of the own log: not later than the next entry that the node itself recorded. Until there is one: not
 * later than now; and where it states more than PRL_HEARD_AHEAD_S beyond now, its clock is wrong, and what the node
 * recorded before it counts instead. 0: never, or nothing that can be believed. Local: no part of the digest. */
#define PRL_HEARD_AHEAD_S 120 /* s: clocks of desks may be off by so much */
prl_time prl_key_heard(prl_picture *picture, prl_version version, const prl_key *key, prl_time now);
/* The content as the first log of the constitution, in its order, announced it. */
const prl_content *prl_picture_content(prl_picture *picture, prl_version version, const prl_hash *hash);
const prl_content *prl_picture_content_of(prl_picture *picture, prl_version version, const prl_hash *hash,
					  prl_bytes log);
const prl_peer *prl_picture_peer(prl_picture *picture, prl_version version, prl_bytes origin); /* as the own log says */
const prl_peer *prl_picture_peer_of(prl_picture *picture, prl_version version, prl_bytes by, prl_bytes origin);
const prl_node_state *prl_picture_node(prl_picture *picture, prl_version version, prl_bytes origin);
const char *prl_picture_setting(prl_picture *picture, prl_version version, prl_bytes name);

const prl_party *prl_constitution_party(const prl_constitution *constitution, prl_bytes name);
const prl_log *prl_constitution_log(const prl_constitution *constitution, prl_bytes origin);

/* What kinds judge by: the constitution in force in the log of the act, never the own one's. NULL where there is none.
 */
const prl_constitution *prl_act_constitution(prl_picture *picture, const prl_act *act);
const prl_party *prl_act_party(prl_picture *picture, const prl_act *act, prl_bytes name);

/* Whether the log of the act knew entry index of another log: it is its own, or its peer.seen covers it. An act that
 * refers to an entry of another log must be refused where this is false: the entry may happen to be here already, while
 * elsewhere it is not, and both must judge alike. */
bool prl_act_sees(prl_picture *picture, const prl_act *act, prl_bytes log, uint64_t index);

/* Announces a content that the entry of act carries, and to whom it goes (array of parties of its constitution, not
 * taken over); for kinds of the layers above. PRL_E_DUPLICATE for a hash that the same log announced before: who passes
 * a content on salts it anew. */
PRL_MUST prl_status prl_picture_add_content(prl_picture *picture, const prl_act *act, const prl_hash *hash,
					    uint64_t size, json_t *to, prl_error *err);

#endif
