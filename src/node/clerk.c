/* Threads and queue. What is decided: decide.c; what is written: committer.c. */
#include "node/clerk_state.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>
#include <time.h>

/* Entries that are looked through at a start for the time of the last one that the node recorded. */
#define RECORDED_TAIL 10000u

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- states ------------------------------------------------------------------------------------------------------ */

static void copy_state(const prl_clerk *clerk, prl_clerk_state *to, const prl_clerk_state *from)
{
	to->own_size = from->own_size;
	if (clerk->parts.peer_count)
		memcpy(to->mirrors, from->mirrors, clerk->parts.peer_count * sizeof *to->mirrors);
}

/* Back to what is on the disk. */
static void roll_back(prl_clerk *clerk)
{
	clerk->batch->contents.count = clerk->batch->bodies.count = 0; /* not to be read any more: they are not kept */
	prl_picture_rollback(clerk->parts.picture);
	prl_overlaps_rolled_back(clerk);
	prl_bridge_rolled_back(clerk->bridge);
	if (clerk->parts.registry)
		prl_registry_rolled_back(clerk->parts.registry);
	prl_meets_rolled_back(clerk);
	copy_state(clerk, &clerk->working, &clerk->published);
	copy_state(clerk, &clerk->handed_state, &clerk->published);
	clerk->behind = clerk->lost = clerk->stuck = true;
	clerk->arrivals.count = 0;
}

/* The committer is idle: takes in how the last batch ended. After a failure everything decided since goes too. */
static void take_outcome(prl_clerk *clerk)
{
	prl_outcome outcome = clerk->outcome;
	clerk->outcome = PRL_OUTCOME_NONE;
	if (outcome == PRL_OUTCOME_DONE) {
		copy_state(clerk, &clerk->published, &clerk->handed_state);
		prl_overlaps_written(clerk);
		if (clerk->parts.registry)
			prl_registry_written(clerk->parts.registry);
		clerk->stuck = false;
	}
	if (outcome != PRL_OUTCOME_FAILED)
		return;
	if (prl_batch_empty(clerk->batch))
		roll_back(clerk);
	else
		prl_batch_break(clerk->batch, &clerk->failure);
}

/* The batch is what it will be on the disk. */
static void seal(prl_clerk *clerk, prl_batch *batch)
{
	prl_error err = { 0 };
	batch->version = prl_picture_seal(clerk->parts.picture);
	if (clerk->parts.registry && prl_registry_seal(clerk->parts.registry, batch->version, &err)) {
		prl_batch_break(batch, &err);
		return;
	}
	copy_state(clerk, &clerk->handed_state, &clerk->working);
	prl_overlaps_sealed(clerk);
}

/* With the lock held, committer idle. */
static void hand_over(prl_clerk *clerk)
{
	prl_batch *batch = clerk->batch;
	take_outcome(clerk);
	if (!batch->broken.status && batch->work)
		seal(clerk, batch);
	if (batch->broken.status)
		roll_back(clerk);
	clerk->batch = batch == &clerk->batches[0] ? &clerk->batches[1] : &clerk->batches[0];
	prl_batch_clear(clerk->batch);
	clerk->handover = batch;
	pthread_cond_signal(&clerk->handed);
}

/* ---- the clerk's thread ------------------------------------------------------------------------------------------ */

static prl_filing *take_from_queue(prl_clerk *clerk, size_t most)
{
	prl_filing *first = clerk->first, **end = &clerk->first;
	for (size_t i = 0; i < most && *end; i++) {
		end = &(*end)->next;
		clerk->waiting--;
	}
	if (end == &clerk->first)
		return NULL;
	clerk->first = *end;
	if (!clerk->first)
		clerk->last = &clerk->first;
	*end = NULL;
	return first;
}

static void put_back(prl_clerk *clerk, prl_filing *filings)
{
	prl_filing *last = filings;
	size_t count = 1;
	while (last->next) {
		last = last->next;
		count++;
	}
	last->next = clerk->first;
	if (!clerk->first)
		clerk->last = &last->next;
	clerk->first = filings;
	clerk->waiting += count;
}

/* Decides what it is given, in order; returns what it could not decide before a quiet moment. */
static prl_filing *decide_all(prl_clerk *clerk, prl_filing *filing, bool quiet)
{
	if (quiet && clerk->open && clerk->behind)
		prl_clerk_catch_up(clerk);
	if (clerk->batch->broken.status && filing) { /* somebody must hear of it, and the queue must move */
		prl_filing *next = filing->next;
		prl_batch_add(clerk->batch, filing);
		return next;
	}
	while (filing && !clerk->batch->broken.status && !prl_batch_full(clerk->batch)) {
		prl_filing *next = filing->next;
		if (prl_clerk_decide(clerk, filing, quiet && prl_batch_empty(clerk->batch)) == PRL_LATER)
			break;
		clerk->batch->refused += filing->status != PRL_OK;
		prl_batch_add(clerk->batch, filing);
		filing = next;
	}
	if (!clerk->batch->broken.status)
		prl_clerk_settle(clerk);
	return filing;
}

/* With the lock held; gives it up while it decides. Returns whether what is left must wait for a quiet moment. */
static bool take_filings(prl_clerk *clerk, bool quiet)
{
	if (quiet)
		take_outcome(clerk);
	prl_filing *filings = take_from_queue(clerk, PRL_CLERK_BATCH_MAX - clerk->batch->filings);
	pthread_mutex_unlock(&clerk->lock);
	prl_filing *rest = decide_all(clerk, filings, quiet);
	pthread_mutex_lock(&clerk->lock);
	bool wait = rest && !prl_batch_full(clerk->batch);
	if (rest)
		put_back(clerk, rest);
	return wait;
}

static bool may_take(const prl_batch *batch)
{
	return !batch->broken.status && !prl_batch_full(batch);
}

/* A batch goes to the committer as soon as that is idle, however small; while it writes, the next one grows. So a
 * single filing waits for nothing, and under load batches become as large as the disk is slow. */
static void *clerk_main(void *arg)
{
	prl_clerk *clerk = arg;
	bool hold = false; /* the first filing waits for a quiet moment */
	pthread_mutex_lock(&clerk->lock);
	for (;;) {
		bool idle = !clerk->handover, empty = prl_batch_empty(clerk->batch), quiet = idle && empty;
		bool behind = clerk->open && clerk->behind && (clerk->first || !clerk->stuck);
		bool failed = clerk->outcome == PRL_OUTCOME_FAILED; /* whoever hears of it may file again at once */
		if (idle && (!empty || clerk->batch->broken.status))
			hand_over(clerk);
		else if (hold || behind || (failed && clerk->first) ? quiet : clerk->first && may_take(clerk->batch))
			hold = take_filings(clerk, quiet);
		else if (clerk->stopping && !clerk->first && quiet)
			break;
		else
			pthread_cond_wait(&clerk->filed, &clerk->lock);
	}
	take_outcome(clerk);
	clerk->ending = true;
	pthread_cond_signal(&clerk->handed);
	pthread_mutex_unlock(&clerk->lock);
	return NULL;
}

/* ---- the committer's thread -------------------------------------------------------------------------------------- */

static void answer(const prl_batch *batch, const prl_error *failure, uint64_t own_size)
{
	for (prl_filing *filing = batch->first; filing;) {
		prl_filing *next = filing->next;
		if (failure) {
			filing->status = failure->status;
			filing->err = *failure;
		} else if (filing->what == PRL_FILING_SIGNED || filing->what == PRL_FILING_RECORDED) {
			filing->size = own_size;
		}
		filing->done(filing); /* it may be gone now */
		filing = next;
	}
}

static void count(prl_clerk_figures *figures, const prl_batch *batch, bool wrote, prl_status failure, double took)
{
	figures->filings += batch->filings;
	figures->refused += failure ? batch->filings : batch->refused;
	figures->failed_batches += failure != PRL_OK;
	if (!wrote)
		return;
	figures->batches++;
	figures->entries += batch->own.count;
	figures->commit_seconds += took;
}

/* A failed write is the disk's failure to whoever filed, whatever the store calls it. */
static void commit(prl_clerk *clerk, prl_batch *batch)
{
	prl_error err = batch->broken;
	double began = seconds_now();
	bool wrote = !err.status && batch->work;
	if (wrote && prl_committer_write(clerk, batch, &err)) {
		err.status = PRL_E_IO;
		wrote = false;
	}
	double took = seconds_now() - began;
	pthread_mutex_lock(&clerk->lock);
	count(&clerk->figures, batch, wrote, err.status, took);
	if (wrote)
		clerk->outcome = PRL_OUTCOME_DONE;
	else if (err.status && !batch->broken.status)
		clerk->outcome = PRL_OUTCOME_FAILED;
	clerk->failure = err;
	pthread_mutex_unlock(&clerk->lock);
	uint64_t size;
	prl_ledger_head(clerk->parts.own, &size, NULL);
	answer(batch, err.status ? &err : NULL, size);
	if (wrote && clerk->parts.grown)
		clerk->parts.grown(clerk->parts.context);
	pthread_mutex_lock(&clerk->lock);
	clerk->handover = NULL;
	pthread_cond_signal(&clerk->filed);
	pthread_mutex_unlock(&clerk->lock);
}

static void *committer_main(void *arg)
{
	prl_clerk *clerk = arg;
	for (;;) {
		pthread_mutex_lock(&clerk->lock);
		while (!clerk->handover && !clerk->ending)
			pthread_cond_wait(&clerk->handed, &clerk->lock);
		prl_batch *batch = clerk->handover;
		pthread_mutex_unlock(&clerk->lock);
		if (!batch)
			return NULL;
		commit(clerk, batch);
	}
}

/* ---- start and stop ---------------------------------------------------------------------------------------------- */

static void clerk_free(prl_clerk *clerk)
{
	if (!clerk)
		return;
	prl_batch_done(&clerk->batches[0]);
	prl_batch_done(&clerk->batches[1]);
	free(clerk->working.mirrors);
	free(clerk->handed_state.mirrors);
	free(clerk->published.mirrors);
	free(clerk->orphans.items);
	free(clerk->arrivals.items);
	free(clerk->text);
	prl_overlaps_free(clerk->overlaps);
	prl_bridge_free(clerk->bridge);
	prl_meets_free(clerk->meets);
	prl_store_reader_free(clerk->reader);
	prl_store_reader_free(clerk->committer_reader);
	pthread_cond_destroy(&clerk->filed);
	pthread_cond_destroy(&clerk->handed);
	pthread_mutex_destroy(&clerk->lock);
	free(clerk);
}

static prl_status make_states(prl_clerk *clerk, prl_error *err)
{
	size_t peers = clerk->parts.peer_count ? clerk->parts.peer_count : 1;
	clerk->working.mirrors = calloc(peers, sizeof(prl_mirror));
	clerk->handed_state.mirrors = calloc(peers, sizeof(prl_mirror));
	clerk->published.mirrors = calloc(peers, sizeof(prl_mirror));
	clerk->text = malloc(PRL_ENTRY_MAX);
	if (!clerk->working.mirrors || !clerk->handed_state.mirrors || !clerk->published.mirrors || !clerk->text)
		return prl_error_memory(err);
	return PRL_OK;
}

/* Until when the node has recorded, by the newest of its entries that it recorded itself. */
static prl_status read_time(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	prl_clerk *clerk = context;
	prl_status st = prl_entry_read(bytes, &clerk->entry, err);
	if (st)
		return prl_error_at(err, st, "entry %llu of %s", (unsigned long long)index, clerk->own);
	if (clerk->entry.recorded.data && clerk->entry.time > clerk->last_time)
		clerk->last_time = clerk->entry.time;
	return PRL_OK;
}

static prl_status load(prl_clerk *clerk, prl_error *err)
{
	prl_status st = prl_store_reader_new(clerk->parts.store, &clerk->reader, err);
	if (!st)
		st = prl_store_reader_new(clerk->parts.store, &clerk->committer_reader, err);
	if (st)
		return st;
	uint64_t size;
	prl_ledger_head(clerk->parts.own, &size, NULL);
	clerk->working.own_size = clerk->started_with = size;
	uint64_t from = size > RECORDED_TAIL ? size - RECORDED_TAIL : 0;
	st = prl_store_entries(clerk->reader, clerk->own_id, from, size, read_time, clerk, err);
	if (!st)
		st = prl_mirrors_load(clerk, err);
	copy_state(clerk, &clerk->published, &clerk->working);
	copy_state(clerk, &clerk->handed_state, &clerk->working);
	return st;
}

static prl_status start_threads(prl_clerk *clerk, prl_error *err)
{
	int failed = pthread_create(&clerk->committer_thread, NULL, committer_main, clerk);
	if (failed)
		return prl_error_set(err, PRL_E_MEMORY, "no thread for the committer: %s", strerror(failed));
	failed = pthread_create(&clerk->clerk_thread, NULL, clerk_main, clerk);
	if (!failed)
		return PRL_OK;
	pthread_mutex_lock(&clerk->lock);
	clerk->ending = true;
	pthread_cond_signal(&clerk->handed);
	pthread_mutex_unlock(&clerk->lock);
	pthread_join(clerk->committer_thread, NULL);
	return prl_error_set(err, PRL_E_MEMORY, "no thread for the clerk: %s", strerror(failed));
}

prl_status prl_clerk_start(const prl_clerk_parts *parts, prl_clerk **ret, prl_error *err)
{
	if (parts->peer_count > PRL_PEERS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%zu peers, expected at most %u", parts->peer_count,
				     PRL_PEERS_MAX);
	prl_clerk *clerk = calloc(1, sizeof *clerk);
	if (!clerk)
		return prl_error_memory(err);
	clerk->parts = *parts;
	clerk->own = prl_ledger_origin(parts->own);
	clerk->own_id = prl_ledger_log(parts->own)->id;
	for (size_t i = 0; i < parts->peer_count; i++)
		clerk->peer_ids[i] = prl_ledger_log(parts->peers[i])->id;
	clerk->last = &clerk->first;
	clerk->last_time = PRL_TIME_OPEN_START;
	clerk->behind = clerk->lost = true;
	pthread_mutex_init(&clerk->lock, NULL);
	pthread_cond_init(&clerk->filed, NULL);
	pthread_cond_init(&clerk->handed, NULL);
	prl_status st = make_states(clerk, err);
	for (size_t i = 0; !st && i < 2; i++)
		st = prl_batch_init(&clerk->batches[i], parts->peer_count, err);
	clerk->batch = &clerk->batches[0];
	if (!st)
		st = load(clerk, err);
	if (!st)
		st = prl_overlaps_start(clerk, &clerk->overlaps, err);
	if (!st)
		st = prl_bridge_new(&clerk->bridge, err);
	if (!st)
		st = prl_meets_new(clerk, &clerk->meets, err);
	if (!st)
		st = start_threads(clerk, err);
	if (st) {
		clerk_free(clerk);
		return st;
	}
	prl_picture_set_home(parts->picture, prl_clerk_home, clerk);
	*ret = clerk;
	return PRL_OK;
}

void prl_clerk_stop(prl_clerk *clerk)
{
	if (!clerk)
		return;
	pthread_mutex_lock(&clerk->lock);
	clerk->stopping = true;
	pthread_cond_signal(&clerk->filed);
	pthread_mutex_unlock(&clerk->lock);
	pthread_join(clerk->clerk_thread, NULL);
	pthread_join(clerk->committer_thread, NULL);
	prl_picture_set_home(clerk->parts.picture, NULL, NULL);
	clerk_free(clerk);
}

/* ---- from any thread --------------------------------------------------------------------------------------------- */

static size_t queue_max(const prl_clerk *clerk)
{
	return clerk->parts.queue_max ? clerk->parts.queue_max : PRL_CLERK_QUEUE_MAX;
}

static bool enqueue(prl_clerk *clerk, prl_filing *filing)
{
	filing->next = NULL;
	pthread_mutex_lock(&clerk->lock);
	bool room = clerk->waiting < queue_max(clerk) && !clerk->stopping;
	if (room) {
		*clerk->last = filing;
		clerk->last = &filing->next;
		clerk->waiting++;
		pthread_cond_signal(&clerk->filed);
	}
	pthread_mutex_unlock(&clerk->lock);
	return room;
}

void prl_clerk_submit(prl_clerk *clerk, prl_filing *filing)
{
	filing->status = prl_contents_check(filing, &filing->err);
	if (enqueue(clerk, filing))
		return;
	filing->status =
		prl_error_set(&filing->err, PRL_E_TOO_LARGE,
			      "%zu filings wait already, or the node is stopping: try again", queue_max(clerk));
	filing->done(filing);
}

typedef struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool done;
} waiter;

static void wake(prl_filing *filing)
{
	waiter *waiting = filing->context;
	pthread_mutex_lock(&waiting->lock);
	waiting->done = true;
	pthread_cond_signal(&waiting->answered);
	pthread_mutex_unlock(&waiting->lock);
}

prl_status prl_clerk_submit_wait(prl_clerk *clerk, prl_filing *filing)
{
	waiter waiting = { .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };
	filing->done = wake;
	filing->context = &waiting;
	prl_clerk_submit(clerk, filing);
	pthread_mutex_lock(&waiting.lock);
	while (!waiting.done)
		pthread_cond_wait(&waiting.answered, &waiting.lock);
	pthread_mutex_unlock(&waiting.lock);
	pthread_cond_destroy(&waiting.answered);
	pthread_mutex_destroy(&waiting.lock);
	return filing->status;
}

static void opened(prl_filing *filing)
{
	(void)filing;
}

/* Past the queue's limit: it must not be refused. */
static void enqueue_own(prl_clerk *clerk, prl_filing *filing, prl_filing_kind what)
{
	*filing = (prl_filing){ .what = what, .done = opened };
	pthread_mutex_lock(&clerk->lock);
	*clerk->last = filing;
	clerk->last = &filing->next;
	clerk->waiting++;
	pthread_cond_signal(&clerk->filed);
	pthread_mutex_unlock(&clerk->lock);
}

void prl_clerk_open(prl_clerk *clerk)
{
	enqueue_own(clerk, &clerk->opening, PRL_FILING_OPENING);
}

void prl_clerk_serve(prl_clerk *clerk, const char *uss_id, const char *base_url)
{
	if (!clerk->parts.registry)
		return;
	prl_bridge_name(clerk->bridge, uss_id, base_url);
	enqueue_own(clerk, &clerk->serving, PRL_FILING_SERVING);
}

prl_clerk_figures prl_clerk_read_figures(prl_clerk *clerk)
{
	pthread_mutex_lock(&clerk->lock);
	prl_clerk_figures figures = clerk->figures;
	figures.queue = clerk->waiting;
	pthread_mutex_unlock(&clerk->lock);
	return figures;
}
