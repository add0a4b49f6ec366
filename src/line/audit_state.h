/* The audit's inside. In this order: audit.c takes the exports in; audit_copy.c reads each copy of a log and says how
 * far it is whole; audit_fold.c puts the entries through the fold; audit_claim.c lays copies, cosignatures and what
 * logs say of each other side by side; audit_content.c looks at contents, keys, fork proofs. */
#ifndef PRL_LINE_AUDIT_STATE_H
#define PRL_LINE_AUDIT_STATE_H

#include "line/audit.h"
#include "record/static_log.h"

#define AUDIT_LEVELS 40 /* trees of fewer than 2^40 entries, as the store keeps */

/* Roots of the complete subtrees of one level. */
typedef struct audit_level {
	prl_hash *hashes;
	size_t count, room;
} audit_level;

/* One copy of one log in one export. */
typedef struct audit_copy {
	char *folder;
	prl_buffer note; /* its checkpoint */
	prl_checkpoint checkpoint;
	bool readable;                    /* the checkpoint */
	bool other_line;                  /* begins with another constitution, or one that does not hold */
	bool ours_signed;                 /* by the key that the first constitution gives the log */
	bool sound;                       /* entries, hash tiles and root hold */
	uint64_t usable;                  /* entries from 0 on that could be read and fit the hash tiles */
	prl_hash first;                   /* of entry 0, where that can be read */
	audit_level levels[AUDIT_LEVELS]; /* over the usable entries; of the best copies only */

	bool best; /* the one of its log that is put through the fold */
	bool busy, open;
	prl_static_cursor cursor;
	uint64_t folded; /* entries put through the fold */
	bool gap;        /* it had seen entries that are not in these files */
	uint64_t nobodys, nobodys_last;
} audit_copy;

/* Keys that a constitution gives to a log. */
typedef struct audit_keys {
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_verifier key, witness, mirror;
} audit_keys;

typedef enum audit_claim_kind {
	AUDIT_OWN,       /* the log's own checkpoint */
	AUDIT_WITNESSED, /* cosigned as the largest tree seen */
	AUDIT_MIRRORED,  /* cosigned as stored; from here on: stored */
	AUDIT_RECORDED,  /* peer.seen */
} audit_claim_kind;

/* Somebody says that a log had this root at this size. Names are the audit's: one pointer a name. */
typedef struct audit_claim {
	audit_claim_kind kind;
	const char *log, *by;
	uint64_t size;
	prl_hash root;
	prl_time time;          /* by's clock; 0 for a log's own checkpoint */
	bool fits;              /* the entries that are here have that root */
	const audit_copy *copy; /* where it stands; NULL for a peer.seen */
} audit_claim;

struct prl_audit {
	char *exports[PRL_AUDIT_EXPORTS_MAX];
	size_t export_count;
	audit_copy copies[PRL_AUDIT_COPIES_MAX];
	size_t copy_count;
	prl_picture *picture;
	bool has_first;
	prl_hash first; /* hash of the line's constitution */
	audit_keys *keys;
	size_t key_count;
	char **names;
	size_t name_count;
	audit_claim *claims;
	size_t claim_count, claim_room;
	const prl_audit_run *run;
	prl_audit_sums sums;
	uint64_t done, all; /* steps, for progress */
};

void audit_find(prl_audit *audit, prl_finding_kind kind, const char *log, uint64_t from, uint64_t to, const char *other,
		prl_time time, const char *format, ...) PRL_PRINTF(8, 9);
void audit_step(prl_audit *audit, uint64_t steps);
audit_copy *audit_best(prl_audit *audit, const char *origin); /* NULL: not in these files */
/* The name, kept as long as the audit; NULL out of memory. */
const char *audit_name(prl_audit *audit, const char *name);

/* ---- audit_copy.c ---- */
#define AUDIT_STEP_COPY 1u /* steps of reading an entry */
#define AUDIT_STEP_FOLD 8u /* of putting it through the fold: mostly its signature */
PRL_MUST prl_status audit_read_copies(prl_audit *audit, prl_error *err);
/* Root of the first size entries, at most those that were read. */
PRL_MUST prl_status audit_root(const audit_copy *copy, uint64_t size, prl_hash *ret, prl_error *err);

/* ---- audit_fold.c ---- */
PRL_MUST prl_status audit_fold_all(prl_audit *audit, prl_error *err);

/* ---- audit_claim.c ---- */
PRL_MUST prl_status audit_claim_add(prl_audit *audit, const audit_claim *claim, prl_error *err);
/* Adds the keys of all logs of a constitution. */
PRL_MUST prl_status audit_keys_add(prl_audit *audit, const prl_constitution *constitution, prl_error *err);
PRL_MUST prl_status audit_compare_all(prl_audit *audit, prl_error *err);

/* ---- audit_content.c ---- */
PRL_MUST prl_status audit_contents(prl_audit *audit, prl_error *err);
PRL_MUST prl_status audit_forks(prl_audit *audit, prl_error *err);

#endif
