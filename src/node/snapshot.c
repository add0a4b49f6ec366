#include "node/snapshot.h"

#include "base/error.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct prl_snapshots {
	prl_picture *picture;
	prl_ledger *own;
	char *path;
	uint64_t every, written; /* size of our log at the last snapshot */
	void (*failed)(void *context, const prl_error *err);
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool busy, stopping; /* busy: a version is pinned and is to be written */
	prl_version version;
	prl_snapshot_head head;
};

static void lower_priority(void)
{
	/* On Linux the priority is the thread's own, by its thread id. A refusal costs nothing but speed. */
	(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 10);
}

static void *writer_main(void *arg)
{
	prl_snapshots *snapshots = arg;
	lower_priority();
	pthread_mutex_lock(&snapshots->lock);
	for (;;) {
		while (!snapshots->busy && !snapshots->stopping)
			pthread_cond_wait(&snapshots->changed, &snapshots->lock);
		if (!snapshots->busy)
			break;
		prl_version version = snapshots->version;
		prl_snapshot_head head = snapshots->head;
		pthread_mutex_unlock(&snapshots->lock);
		prl_error err = { 0 };
		prl_status st = prl_picture_save(snapshots->picture, version, &head, snapshots->path, &err);
		prl_picture_unpin(snapshots->picture, version);
		if (st && snapshots->failed)
			snapshots->failed(snapshots->context, &err);
		pthread_mutex_lock(&snapshots->lock);
		snapshots->busy = false;
	}
	pthread_mutex_unlock(&snapshots->lock);
	return NULL;
}

static void snapshots_free(prl_snapshots *snapshots)
{
	pthread_cond_destroy(&snapshots->changed);
	pthread_mutex_destroy(&snapshots->lock);
	free(snapshots->path);
	free(snapshots);
}

prl_status prl_snapshots_start(prl_picture *picture, prl_ledger *own, const char *path, uint64_t size, uint64_t every,
			       void (*failed)(void *context, const prl_error *err), void *context, prl_snapshots **ret,
			       prl_error *err)
{
	prl_snapshots *snapshots = calloc(1, sizeof *snapshots);
	if (!snapshots)
		return prl_error_memory(err);
	*snapshots = (prl_snapshots){ .picture = picture,
				      .own = own,
				      .path = prl_text_copy(path, strlen(path)),
				      .every = every ? every : 1,
				      .written = size,
				      .failed = failed,
				      .context = context };
	pthread_mutex_init(&snapshots->lock, NULL);
	pthread_cond_init(&snapshots->changed, NULL);
	int error = snapshots->path ? pthread_create(&snapshots->thread, NULL, writer_main, snapshots) : 0;
	if (!snapshots->path || error) {
		snapshots_free(snapshots);
		return error ? prl_error_set(err, PRL_E_MEMORY, "no thread for snapshots: %s", strerror(error))
			     : prl_error_memory(err);
	}
	*ret = snapshots;
	return PRL_OK;
}

void prl_snapshots_grown(prl_snapshots *snapshots)
{
	prl_snapshot_head head;
	prl_ledger_head(snapshots->own, &head.size, &head.root);
	pthread_mutex_lock(&snapshots->lock);
	if (!snapshots->busy && head.size - snapshots->written >= snapshots->every) {
		snapshots->version = prl_picture_pin(snapshots->picture);
		snapshots->head = head;
		snapshots->written = head.size;
		snapshots->busy = true;
		pthread_cond_signal(&snapshots->changed);
	}
	pthread_mutex_unlock(&snapshots->lock);
}

static prl_status write_last(prl_snapshots *snapshots, prl_error *err)
{
	prl_snapshot_head head;
	prl_ledger_head(snapshots->own, &head.size, &head.root);
	if (head.size == snapshots->written)
		return PRL_OK;
	prl_version version = prl_picture_pin(snapshots->picture);
	prl_status st = prl_picture_save(snapshots->picture, version, &head, snapshots->path, err);
	prl_picture_unpin(snapshots->picture, version);
	return st;
}

prl_status prl_snapshots_stop(prl_snapshots *snapshots, prl_error *err)
{
	if (!snapshots)
		return PRL_OK;
	pthread_mutex_lock(&snapshots->lock);
	snapshots->stopping = true;
	pthread_cond_signal(&snapshots->changed);
	pthread_mutex_unlock(&snapshots->lock);
	pthread_join(snapshots->thread, NULL);
	prl_status st = write_last(snapshots, err);
	snapshots_free(snapshots);
	return st;
}
