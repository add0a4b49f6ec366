/* The clerk and the committer: the only two threads that change anything.
 *
 * The clerk takes filings in the order in which they came, decides each against the working picture and applies it at
 * once, so that the next filing of the same batch sees it. It never parses, serialises or waits for a disk. The
 * committer writes what the clerk decided as one batch, with one checkpoint and one fsync, while the clerk decides the
 * next; then it publishes the version, answers every filing and wakes those who wait for the log to grow. When a write
 * fails, the picture goes back to the last published version, every filing of that batch and of the one being decided
 * is answered with PRL_E_IO, and the node goes on (design.md, 3).
 *
 * Mirrored entries go the same way, so that the entries, our peer.seen and our cosignatures of the peer's checkpoint
 * are on the disk together or not at all. */
#ifndef PRL_NODE_CLERK_H
#define PRL_NODE_CLERK_H

#include "dss/decide.h"
#include "picture/kinds.h"
#include "record/ledger.h"

typedef struct prl_clerk prl_clerk;

/* What is filed. The filing and all it points to belong to the one who submits, and must live until done() is called.
 */
typedef enum prl_filing_kind {
	PRL_FILING_SIGNED,    /* an entry as a client signed it */
	PRL_FILING_RECORDED,  /* an entry that the node writes itself: kind, recorded, party, body */
	PRL_FILING_MIRROR,    /* entries of a peer's log with the checkpoint that covers them */
	PRL_FILING_WITNESS,   /* a checkpoint to cosign by consistency alone (tlog-witness) */
	PRL_FILING_COSIGNED,  /* cosignatures of our own checkpoint that a peer returned */
	PRL_FILING_CONTENT,   /* contents to keep: with content.got where they are announced and addressed to us */
	PRL_FILING_RESTORE,   /* the tail of our own log as a mirror holds it, before the first append after a start */
	PRL_FILING_RETENTION, /* delete the contents that the constitution does not keep any longer, and record it */
	PRL_FILING_DSS,       /* an F3548 request (dss/decide.h) */
	PRL_FILING_FORK,      /* a peer's checkpoint that does not fit what we hold, with the path that shows it */
} prl_filing_kind;

typedef struct prl_filing {
	prl_filing_kind what;

	/* SIGNED */
	prl_entry *entry;           /* read; its bytes live with the filing */
	const prl_vouched *vouched; /* prl_picture_vouch() on the thread that received it */
	json_t *json;               /* prl_picture_body() */

	/* RECORDED; the clerk writes the time */
	const char *kind, *recorded, *party;
	prl_mode mode;
	prl_bytes body;

	/* MIRROR, RESTORE: entries [start, start + count) of log. MIRROR, RESTORE, WITNESS, COSIGNED, FORK: checkpoint
	 * is a note (COSIGNED: of our own log; its log's own signature line may be missing). RESTORE: log is that of
	 * the node whose mirror of ours it is. */
	const char *log;
	uint64_t start;
	const prl_bytes *entries;
	size_t entry_count;
	prl_bytes checkpoint;
	uint64_t old_size; /* WITNESS */
	/* WITNESS: consistency from old_size. FORK, for a checkpoint larger than what we hold: a path that leads to its
	 * root but from another root than that of our tree (of `size` as a MIRROR refused with PRL_E_SIGNATURE says);
	 * NULL for one that is not larger. */
	const prl_proof *proof;

	/* DSS. The answer to it: status PRL_OK, dss_status its code, and dss_answer (the submitter's to free) its body
	 * as JSON text; where it is refused dss_why, and in dss_answer further members with a comma in front of each.
	 * dss_later: dss_answer is to be made by prl_dss_answer_later() from the newest version published when done()
	 * is called; dss lives until then. */
	const prl_dss_request *dss;
	bool dss_later;
	unsigned dss_status;
	prl_buffer dss_answer;
	char dss_why[300];

	/* CONTENT; also kept together with a SIGNED or RECORDED entry that announces them */
	const prl_store_content *contents;
	size_t content_count;

	/* The answer. */
	prl_status status;
	prl_error err;
	uint64_t index; /* SIGNED, RECORDED: place in our log */
	prl_hash hash;  /* SHA-256 of the entry's bytes */
	uint64_t size;  /* of the log concerned, with the batch; WITNESS refused as stale: the size last cosigned;
			 * MIRROR and RESTORE refused: how much of the log is held here; RETENTION: contents deleted,
			 * PRL_RETENTION_MAX where there may be more */
	char cosignatures[2 * PRL_SIGNATURE_LINE_MAX]; /* MIRROR: witness and mirror lines; WITNESS: witness line */

	/* Called once, on the committer's thread, after the answer is durable or refused. Must not block. */
	void (*done)(struct prl_filing *filing);
	void *context;
	struct prl_filing *next; /* the clerk's */
} prl_filing;

/* What the clerk works with; all of it outlives the clerk. */
typedef struct prl_clerk_parts {
	prl_store *store;
	prl_picture *picture;
	prl_ledger *own;
	prl_ledger *const *peers; /* of the logs that we mirror */
	size_t peer_count;
	prl_registry *registry; /* over the picture; NULL: the node serves no F3548 region */
	const prl_signer *log_key, *witness_key, *mirror_key;
	prl_time (*now)(void *context); /* wall clock */
	void (*grown)(void *context);   /* committer's thread: something was published */
	void (*forked)(void *context, const char *log, prl_bytes fork_proof); /* a fork was proven: save the file */
	void *context;
	/* Entries of our own log of which what meets what (meets.h) is in the picture, by the snapshot: where that is
	 * all of them, it need not be looked for again. */
	uint64_t snapshot_size;
	uint32_t meets_most; /* for tests: in place of each bound of meets.h on what is done at once; 0: those */
	size_t queue_max; /* in place of PRL_CLERK_QUEUE_MAX; 0: that */
	size_t left_most; /* for tests: in place of PRL_OVERLAPS_LEFT_MAX; 0: that */
} prl_clerk_parts;

PRL_MUST prl_status prl_clerk_start(const prl_clerk_parts *parts, prl_clerk **ret, prl_error *err);
/* Answers what was submitted, then ends the threads. */
void prl_clerk_stop(prl_clerk *clerk);

/* From any thread; never blocks for longer than a lock. When PRL_CLERK_QUEUE_MAX filings wait, done() is called at once
 * with PRL_E_TOO_LARGE ("try again"), on the caller's thread. */
void prl_clerk_submit(prl_clerk *clerk, prl_filing *filing);
/* Submits and waits for the answer; not on the committer's thread. Returns filing->status. */
PRL_MUST prl_status prl_clerk_submit_wait(prl_clerk *clerk, prl_filing *filing);

/* Until this is called only RESTORE, MIRROR, WITNESS, COSIGNED and CONTENT filings are taken; others are refused with
 * PRL_E_EARLY, "the node has not yet heard from a peer how far its own log had come". */
void prl_clerk_open(prl_clerk *clerk);

/* What the node is called, and where it is reached, by drone traffic services: from here on it shows notices to them
 * (bridge.h). Once; where it has no registry nothing happens. Texts outlive the clerk. */
void prl_clerk_serve(prl_clerk *clerk, const char *uss_id, const char *base_url);

/* `recorded` of what is recorded for a drone traffic service: "uss/NAME", or where its name is none of parley's
 * "uss/:" and the first half of its SHA-256. */
void prl_uss_recorded(const char *uss, char ret[PRL_KEY_NAME_MAX + 1]);

/* Figures for /metrics. */
typedef struct prl_clerk_figures {
	uint64_t filings, refused, batches, entries, failed_batches;
	uint64_t queue;        /* waiting now */
	double commit_seconds; /* of all commits together */
} prl_clerk_figures;
prl_clerk_figures prl_clerk_read_figures(prl_clerk *clerk);

#endif
