/* What the files of the bell share: bell.c (what rings), bell_ladder.c (what the time does with it, and a restart),
 * bell_rung.c (what rang UNVERIFIED, into the record), bell_show.c, bell_peers.c (to the peers), bell_hooks.c. */
#ifndef PRL_NODE_BELL_INSIDE_H
#define PRL_NODE_BELL_INSIDE_H

#include "base/limits.h"
#include "node/batch.h"
#include "node/bell.h"

#include <pthread.h>

/* Where one call was passed on. */
typedef struct prl_bell_node {
	prl_time at; /* 0: not yet */
	unsigned desks;
} prl_bell_node;

#define PRL_BELL_IDS 64u /* of the repeats of one call, the newest that are remembered */

/* Whose room in the bell a word takes, and whose calls repeat one another: its key where it holds. Where it does not,
 * the name that it gives and who has brought it, so that nobody uses up another's. */
#define PRL_BELL_CALLER_MAX (2 * PRL_KEY_NAME_MAX + 8)

/* A call that rings, or answers to one. The record may know it by the id of any of its repeats: where the first one was
 * refused there (signed on an older chain), the call begins with the next. */
typedef struct prl_bell_item {
	prl_hash id;
	prl_hash repeats[PRL_BELL_IDS];
	size_t repeat_count;  /* so many came; the newest PRL_BELL_IDS are kept */
	json_t *call;         /* as prl_call_new(); without "class" where only answers are known */
	char unverified[200]; /* "" : its signature holds */
	char caller[PRL_BELL_CALLER_MAX];
	char side[PRL_KEY_NAME_MAX + 8]; /* who answers for it: a party; "?" and who has brought it */
	bool stated;                     /* its id is what a peer says it is: nothing holds it */
	prl_time rung, rung_boot;
	prl_time age_before; /* what was taken up from the record: its age by then, by the wall clock; never negative */
	prl_time told_boot;  /* when screens and hooks were last told that it rings */
	unsigned again;      /* times that they were told after its last step */
	uint64_t changed;    /* the bell's count of changes when it last changed */
	unsigned count;      /* times that it came */
	unsigned doubtful;   /* answers to it that count as nobody's */
	unsigned step;       /* of the ladder, when it was last told */
	bool ours;           /* raised at this node */
	bool may_hold;       /* UNVERIFIED, signed, from a peer: its key may only not have come yet */
	bool written;        /* that it rang UNVERIFIED is in the record, or is not to be */
	prl_bell_node nodes[PRL_PEERS_MAX];
} prl_bell_item;

/* Bytes for a peer. */
typedef struct prl_bell_letter {
	struct prl_bell_letter *next;
	prl_hash id;
	prl_time until; /* by the clock since boot: given up then */
	size_t size;
	char bytes[];
} prl_bell_letter;

typedef struct prl_bell_peer {
	prl_bell *bell;
	char origin[PRL_KEY_NAME_MAX + 1];
	size_t index;
	pthread_t thread;
	bool started;
	prl_bell_letter *first, **last;
	size_t waiting, bytes;
	int64_t ask_ms; /* of the monotonic clock: how many desks ring there is not asked before that */
} prl_bell_peer;
/* To one peer that is away. Of one call the first letter, which is the call, and the newest stay; of all, the oldest
 * goes. */
#define PRL_BELL_LETTERS_A_CALL 16u
#define PRL_BELL_LETTERS_MAX    4096u
#define PRL_BELL_LETTERS_BYTES  (64u * PRL_MIB)
/* Of what the disk could not take. Repeats go first: one of a call is enough in the record. */
#define PRL_BELL_AGAIN_MAX 1024u

/* A filing that the clerk has, or could not take. */
typedef struct prl_bell_filing {
	prl_filing filing;
	struct prl_bell *bell;
	struct prl_bell_filing *next;
	prl_hash id;     /* of the item */
	prl_entry entry; /* of what is signed; of what the node records its kind, and the item's id for a hash */
	char bytes[];
} prl_bell_filing;

/* How much of one side's that rang UNVERIFIED was written within the hour (bell_rung.c). */
typedef struct prl_bell_written {
	char side[PRL_KEY_NAME_MAX + 8];
	prl_time since_boot;
	unsigned count;
	uint64_t left_out;
} prl_bell_written;
#define PRL_BELL_SIDES_MAX (PRL_PEERS_MAX + 2u) /* the peers, the own desks, nobody known */

struct prl_bell {
	prl_bell_parts parts;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* something for a thread */
	bool stop;
	uint64_t changes;
	prl_bell_item *items[PRL_BELL_MAX];
	size_t count;
	prl_bell_peer peers[PRL_PEERS_MAX];
	size_t peer_count;
	prl_bell_filing *again; /* to be filed again */
	size_t again_count;
	size_t filing; /* with the clerk */
	prl_bell_written written[PRL_BELL_SIDES_MAX];
	size_t written_count;
	prl_hash swept; /* of the calls that wait, the last one that was looked at */
	pthread_t clock;
	bool clock_started;
	json_t *hooks; /* array of what is to be told to the hooks */
	pthread_t hook;
	bool hook_started;
};

void prl_bell_say(prl_bell *bell, const char *format, ...) PRL_PRINTF(2, 3);
/* With the lock held: it is shown again. */
void prl_bell_touch(prl_bell *bell, prl_bell_item *item);

/* Whether it came under this id. */
bool prl_bell_is(const prl_bell_item *item, const prl_hash *id);

/* The rest of this header: with the lock held. */

/* Puts one more in, in the place of another where there are too many. NULL out of memory. */
prl_bell_item *prl_bell_add(prl_bell *bell);
void prl_bell_drop(prl_bell *bell, size_t i);
prl_bell_item *prl_bell_find(const prl_bell *bell, const prl_hash *id);
/* Where there is no room: which one goes for another of this side; bell->count where none may. */
size_t prl_bell_least_for(const prl_bell *bell, const char *side);
/* Goes to the clerk when the lock is given back; once more where the clerk cannot take it now. */
void prl_bell_file_later(prl_bell *bell, prl_bell_filing *filing);

/* bell_show.c. The call of an item with what the record has of it, a new reference; *ret_logged: everything of it is
 * in the record. NULL out of memory. */
json_t *prl_bell_laid_together(prl_bell *bell, prl_version version, const prl_bell_item *item, bool *ret_logged);
json_t *prl_bell_view(prl_bell *bell, prl_version version, const prl_bell_item *item);
/* Whether one of the first `count` items is that call of the record. */
bool prl_bell_has(const prl_bell *bell, prl_version version, size_t count, const prl_hash *id);

/* bell_ladder.c. How it stands with the parties of this node that a call is for. */
typedef struct prl_bell_stand {
	bool waits;    /* one of them has not taken it, or has said nothing of it for PRL_CALL_PASS_S */
	bool late;     /* the second of these */
	unsigned step; /* of the ladder, by the time that has gone by and the constitution; of what is late: 2 */
} prl_bell_stand;
prl_bell_stand prl_bell_stands(prl_bell *bell, prl_version version, const prl_bell_item *item);
/* Some party of that log has not taken it. */
bool prl_bell_waits_at(prl_bell *bell, prl_version version, const prl_bell_item *item, const char *log);
/* At the start, and about every PRL_BELL_RETRY_MS. */
void prl_bell_take_up_all(prl_bell *bell);
void prl_bell_look(prl_bell *bell);
/* Screens are told, and the hooks where it is for somebody here. */
void prl_bell_tell(prl_bell *bell, prl_version version, prl_bell_item *item);

/* bell_rung.c */
void prl_bell_write_rung(prl_bell *bell);
/* One goes that was not written. */
void prl_bell_left_out(prl_bell *bell, const prl_bell_item *item);
/* What rang UNVERIFIED before this start, and nobody has answered. */
void prl_bell_take_up_rung(prl_bell *bell, prl_version version);

/* bell_peers.c */
PRL_MUST prl_status prl_bell_peers_start(prl_bell *bell, prl_error *err);
void prl_bell_peers_stop(prl_bell *bell); /* after `stop` was set and told */
/* To all peers. note data NULL: it is unsigned, and stated goes instead. */
void prl_bell_pass_on(prl_bell *bell, const prl_bell_item *item, prl_bytes note, const json_t *stated);

/* bell_hooks.c */
PRL_MUST prl_status prl_bell_hooks_start(prl_bell *bell, prl_error *err);
void prl_bell_hooks_stop(prl_bell *bell);
void prl_bell_tell_hooks(prl_bell *bell, const prl_bell_item *item);

#endif
