/* The inside of the clerk, for the files that make it up: clerk.c (threads and queue), committer.c, decide.c (entries
 * of our own), keep.c and retention.c (contents), mirror.c and see.c, witness.c, forked.c, cosigned.c, restore.c.
 *
 * Everything here but the part under the lock is the clerk thread's alone. What it decides changes `working`; the
 * committer says how the batch in hand-over ended, and the clerk then takes `handed` over as `published`, or goes back
 * to `published`. */
#ifndef PRL_NODE_CLERK_STATE_H
#define PRL_NODE_CLERK_STATE_H

#include "base/limits.h"
#include "line/line.h"
#include "node/batch.h"
#include "node/bridge.h"
#include "node/meets.h"
#include "node/overlaps.h"

#include <pthread.h>

/* A decision that must wait until nothing is in hand-over, because it reads what may not be in the store yet. Such a
 * decision has changed nothing. Never answered. */
#define PRL_LATER PRL_E_CALLBACK

/* A peer's log as decided. The tree that the witness key cosigned last is never smaller than the one we hold, and is
 * known to be consistent with it as soon as we hold as much. */
typedef struct prl_mirror {
	prl_frontier held;
	uint64_t looked; /* entries before it are seen, or ready and only receipts: they need not be looked at again */
	uint64_t witnessed;
	prl_hash witnessed_root;
	char mirror_line[PRL_SIGNATURE_LINE_MAX];  /* over the tree that is held; "" not yet signed since the start */
	char witness_line[PRL_SIGNATURE_LINE_MAX]; /* over the tree witnessed; the same */
} prl_mirror;

typedef struct prl_clerk_state {
	uint64_t own_size;
	prl_mirror *mirrors; /* one a peer */
} prl_clerk_state;

/* Contents that are kept although no entry announces them yet. */
typedef struct prl_orphan {
	prl_hash hash;
	uint64_t size;
} prl_orphan;

/* A content that has arrived, and the log that announced it. */
typedef struct prl_arrival {
	prl_hash hash;
	char log[PRL_KEY_NAME_MAX + 1];
} prl_arrival;

typedef enum prl_outcome { PRL_OUTCOME_NONE, PRL_OUTCOME_DONE, PRL_OUTCOME_FAILED } prl_outcome;

struct prl_clerk {
	prl_clerk_parts parts;
	const char *own;                          /* origin of our log */
	uint32_t own_id, peer_ids[PRL_PEERS_MAX]; /* of the store */

	pthread_mutex_t lock;
	pthread_cond_t filed;  /* the clerk: a filing came, the committer is done, stop */
	pthread_cond_t handed; /* the committer */
	prl_filing *first, **last;
	size_t waiting;
	bool stopping, ending;
	prl_batch *handover; /* NULL: the committer has nothing to do */
	prl_outcome outcome; /* of the batch handed over last, not looked at yet */
	prl_error failure;
	prl_clerk_figures figures;
	pthread_t clerk_thread, committer_thread;

	/* the clerk's */
	prl_batch batches[2], *batch; /* the one being decided */
	prl_clerk_state working, handed_state, published;
	bool open;
	bool behind;        /* what is held of peers may wait to be seen; looked at in the next quiet moment */
	bool stuck;         /* the last batch failed: what is behind is tried again with the next filing, not at once */
	bool lost;          /* the lists of contents below must be made again */
	prl_time last_time; /* of what the node recorded */
	uint64_t cosigned_s;   /* time of the last cosignature */
	uint64_t started_with; /* entries of our log; what it has more when it opens was taken back from a mirror */
	char restored_by[PRL_KEY_NAME_MAX + 1]; /* log of the node whose mirror that was */
	PRL_LIST(prl_orphan) orphans;
	PRL_LIST(prl_arrival) arrivals; /* to be recorded at the end of this round */
	uint64_t orphan_bytes;
	prl_store_reader *reader;
	prl_overlaps *overlaps;
	size_t swept[PRL_LINE_PARTS_MAX]; /* prl_line_sweep() */
	prl_bridge *bridge;
	prl_meets *meets;
	prl_filing opening, serving; /* prl_clerk_open() and prl_clerk_serve() go through the queue too */
	prl_home home;               /* what is to stand beside the entry that is being applied */
	prl_entry entry;             /* scratch: an entry is 8 KB */
	char *text;                  /* scratch: PRL_ENTRY_MAX */

	prl_store_reader *committer_reader;
};

/* Of the kinds that prl_clerk_open() and prl_clerk_serve() file. */
#define PRL_FILING_OPENING ((prl_filing_kind)100)
#define PRL_FILING_SERVING ((prl_filing_kind)101)

/* ---- decide.c ---------------------------------------------------------------------------------------------------- */

/* Decides one filing; PRL_LATER, else the answer, which stands in filing->status too. quiet: nothing is in hand-over
 * and the batch is empty, so that everything decided is in the store. */
prl_status prl_clerk_decide(prl_clerk *clerk, prl_filing *filing, bool quiet);

/* After filings were decided: content.got for what has arrived. Breaks the batch where that fails. */
void prl_clerk_settle(prl_clerk *clerk);

/* With a batch that has work: what is over goes from the indices of what is open, now and then. */
PRL_MUST prl_status prl_clerk_sweep(prl_clerk *clerk, prl_error *err);

/* In a quiet moment: what is held and not yet seen, contents not yet recorded. Breaks the batch where that fails. */
void prl_clerk_catch_up(prl_clerk *clerk);

/* Adds bytes to our own log; the picture has them. */
PRL_MUST prl_status prl_clerk_append(prl_clerk *clerk, prl_bytes bytes, prl_error *err);

/* An entry of the node's own, `recorded node`, with what is said of it. Takes body over (NULL: out of memory). */
PRL_MUST prl_status prl_clerk_record(prl_clerk *clerk, const char *kind, json_t *body, prl_error *err);
/* The same in another mode than REAL, by a body that is known to fit its schema: it is not read again. Numbers in it
 * must be exact in 12 digits. */
PRL_MUST prl_status prl_clerk_record_in(prl_clerk *clerk, prl_mode mode, const char *kind, json_t *body,
					prl_error *err);
#define PRL_CLERK_DUMP (JSON_COMPACT | JSON_REAL_PRECISION(12))

/* The same for a filing's client: recorded says whom. The filing gets place and hash. body stays the caller's. */
PRL_MUST prl_status prl_clerk_record_for(prl_clerk *clerk, const char *recorded, const char *kind, json_t *body,
					 prl_filing *filing);

/* ---- uss.c ------------------------------------------------------------------------------------------------------- */

prl_status prl_clerk_dss(prl_clerk *clerk, prl_filing *filing);
/* The node's own constraint: decided and recorded for the request's manager; a constraint that is to be deleted and is
 * not there is nothing. Where the picture has it and the batch cannot, the batch is broken. */
PRL_MUST prl_status prl_clerk_dss_own(prl_clerk *clerk, const prl_dss_request *request, prl_error *err);
/* What ended some time ago is removed, a little of it. */
PRL_MUST prl_status prl_clerk_end_entities(prl_clerk *clerk, prl_error *err);
/* A prl_home_fn; context is the clerk. */
prl_status prl_clerk_home(void *context, uint64_t index, prl_home *ret, prl_error *err);

/* ---- keep.c ------------------------------------------------------------------------------------------------------ */

/* On the submitter's thread: the bytes have the hashes that they are filed under. */
PRL_MUST prl_status prl_contents_check(const prl_filing *filing, prl_error *err);
/* Keeps the filing's contents; those that a peer's entry announces to a party of ours become arrivals. */
PRL_MUST prl_status prl_contents_keep(prl_clerk *clerk, const prl_filing *filing, prl_error *err);
/* Orphans that the picture now knows become arrivals; content.got for all of these. */
PRL_MUST prl_status prl_contents_settle(prl_clerk *clerk, prl_error *err);
/* Quiet: finds the orphans again, and what was kept and never recorded as got. */
PRL_MUST prl_status prl_contents_catch_up(prl_clerk *clerk, prl_error *err);

/* ---- retention.c ------------------------------------------------------------------------------------------------- */

prl_status prl_clerk_retention(prl_clerk *clerk, prl_filing *filing);

/* ---- mirror.c ---------------------------------------------------------------------------------------------------- */

#define PRL_NO_PEER SIZE_MAX
size_t prl_clerk_peer(const prl_clerk *clerk, prl_bytes origin);
prl_status prl_clerk_mirror(prl_clerk *clerk, prl_filing *filing, bool quiet);
/* From the store: what is held, what was witnessed. */
PRL_MUST prl_status prl_mirrors_load(prl_clerk *clerk, prl_error *err);
/* ---- see.c ------------------------------------------------------------------------------------------------------- */

/* Everything held of peers that is ready and more than receipts enters the picture, and our log says so. Sets `behind`
 * where more must wait for a quiet moment. A failure may leave part of it applied: the batch must be broken. */
PRL_MUST prl_status prl_clerk_see(prl_clerk *clerk, prl_error *err);

/* ---- witness.c --------------------------------------------------------------------------------------------------- */

prl_status prl_clerk_witness(prl_clerk *clerk, prl_filing *filing, bool quiet);
/* Cosigns the checkpoint in note: with the mirror key where `mirror` is set (the tree is then the one held), with the
 * witness key where it is not smaller than what that cosigned last; the lines go to filing->cosignatures, and the note
 * with them to the batch. */
PRL_MUST prl_status prl_clerk_cosign(prl_clerk *clerk, size_t peer, const prl_note *note,
				     const prl_checkpoint *checkpoint, bool mirror, prl_filing *filing, prl_error *err);
/* Reads the note of a peer's checkpoint and its log's signature. note may be NULL. */
PRL_MUST prl_status prl_clerk_checkpoint(prl_clerk *clerk, size_t peer, prl_bytes bytes, prl_checkpoint *ret,
					 prl_note *ret_note, prl_error *err);

/* ---- forked.c ---------------------------------------------------------------------------------------------------- */

prl_status prl_clerk_fork(prl_clerk *clerk, prl_filing *filing, bool quiet);
bool prl_clerk_forked(prl_clerk *clerk, size_t peer); /* by the picture */
/* Quiet: a checkpoint that is not larger than what we hold and has another root than our tree had. Returns
 * PRL_E_FORKED when that is proven and recorded; PRL_OK when the roots agree. */
prl_status prl_clerk_compare(prl_clerk *clerk, size_t peer, prl_bytes note, const prl_checkpoint *checkpoint,
			     prl_error *err);
/* Quiet: another checkpoint of the size that was witnessed, or entries (from what is held on) that lead past the tree
 * that was witnessed without being it. Returns PRL_E_FORKED or why not. */
prl_status prl_clerk_compare_witnessed(prl_clerk *clerk, size_t peer, prl_bytes note, const prl_checkpoint *checkpoint,
				       const prl_bytes *entries, size_t count, prl_error *err);

/* ---- cosigned.c, restore.c --------------------------------------------------------------------------------------- */

prl_status prl_clerk_cosigned(prl_clerk *clerk, prl_filing *filing);
/* The note of text with our log's signature, those of kept (data NULL: none) and lines, which win over kept ones of the
 * same key. False where it would be longer than PRL_CHECKPOINT_MAX. */
bool prl_cosigned_merge(const prl_signer *log_key, prl_bytes text, prl_bytes kept, prl_bytes lines, prl_buffer *ret);
prl_status prl_clerk_restore(prl_clerk *clerk, prl_filing *filing, bool quiet);

/* ---- committer.c ------------------------------------------------------------------------------------------------- */

/* Writes and publishes, or changes nothing. On the committer's thread. */
PRL_MUST prl_status prl_committer_write(prl_clerk *clerk, prl_batch *batch, prl_error *err);
/* The checkpoint note of our own log for a stage. Returns its length. */
#define PRL_OWN_NOTE_MAX (PRL_CHECKPOINT_TEXT_MAX + PRL_SIGNATURE_LINE_MAX + 1)
size_t prl_own_checkpoint(const prl_signer *key, uint64_t size, const prl_hash *root, char note[PRL_OWN_NOTE_MAX]);

#endif
