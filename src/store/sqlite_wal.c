/* Moving the write-ahead log into the file, so that no commit waits for it.
 *
 * A commit writes its pages to the end of the log and syncs only that. Once the log has MOVE_FRAMES pages a thread with
 * a connection of its own copies them into the file (a PASSIVE checkpoint: it blocks nobody). While it does, commits go
 * on, so the log is not used up when it ends; it goes again over what came meanwhile until less than FINISH_FRAMES is
 * left, and the next commit moves those few itself. From then on the log begins anew at its start, over blocks that the
 * disk already has, which is what makes the sync of a commit cheap. */
#include "base/error.h"
#include "store/sqlite.h"

#define MOVE_FRAMES   250
#define FINISH_FRAMES 50
#define PASSES        6

static void move(prl_sqlite_mover *mover)
{
	for (int pass = 0; pass < PASSES; pass++) {
		int frames = 0, moved = 0;
		/* a failure (a full disk) is met again, and reported, by the commits */
		if (sqlite3_wal_checkpoint_v2(mover->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved) !=
			    SQLITE_OK ||
		    frames == moved)
			return;
		if (frames - moved < FINISH_FRAMES || pass == PASSES - 1) {
			mover->finish = 1;
			return;
		}
	}
}

static void *run(void *context)
{
	prl_sqlite_mover *mover = context;
	pthread_mutex_lock(&mover->mutex);
	while (!mover->stop) {
		if (!mover->wanted) {
			pthread_cond_wait(&mover->wake, &mover->mutex);
			continue;
		}
		mover->wanted = false;
		pthread_mutex_unlock(&mover->mutex);
		move(mover);
		pthread_mutex_lock(&mover->mutex);
	}
	pthread_mutex_unlock(&mover->mutex);
	return NULL;
}

/* Called by SQLite after each commit of the writer, with the pages in the log. A reader that stays in an old version
 * keeps the log from beginning anew: then the thread is woken only once a quarter more has come. */
static int after_commit(void *context, sqlite3 *db, const char *name, int frames)
{
	(void)db;
	(void)name;
	prl_sqlite_mover *mover = context;
	if (frames < mover->asked_at)
		mover->asked_at = 0;
	if (frames < MOVE_FRAMES || (mover->asked_at && frames - mover->asked_at < MOVE_FRAMES / 4))
		return SQLITE_OK;
	mover->asked_at = frames;
	pthread_mutex_lock(&mover->mutex);
	mover->wanted = true;
	pthread_cond_signal(&mover->wake);
	pthread_mutex_unlock(&mover->mutex);
	return SQLITE_OK;
}

prl_status prl_sqlite_mover_start(prl_sqlite_store *store, prl_error *err)
{
	prl_sqlite_mover *mover = &store->mover;
	prl_sqlite_connection c = { 0 };
	prl_status status = prl_sqlite_connect(store, false, &c, err);
	if (status)
		return status;
	mover->db = c.db;
	pthread_mutex_init(&mover->mutex, NULL);
	pthread_cond_init(&mover->wake, NULL);
	mover->running = pthread_create(&mover->thread, NULL, run, mover) == 0;
	if (!mover->running)
		return prl_error_memory(err);
	sqlite3_wal_hook(store->writer.db, after_commit, mover);
	return PRL_OK;
}

void prl_sqlite_mover_stop(prl_sqlite_store *store)
{
	prl_sqlite_mover *mover = &store->mover;
	if (mover->running) {
		pthread_mutex_lock(&mover->mutex);
		mover->stop = true;
		pthread_cond_signal(&mover->wake);
		pthread_mutex_unlock(&mover->mutex);
		pthread_join(mover->thread, NULL);
		pthread_cond_destroy(&mover->wake);
		pthread_mutex_destroy(&mover->mutex);
	}
	sqlite3_close_v2(mover->db);
	mover->db = NULL;
}

void prl_sqlite_mover_finish(prl_sqlite_store *store)
{
	if (store->mover.finish) {
		store->mover.finish = 0;
		sqlite3_wal_checkpoint_v2(store->writer.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
}
