/* Opening and closing. */
#include "base/error.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "file:" and the path with what means something in a URI escaped (RFC 3986 section 2.1). */
static char *make_uri(const char *path, bool immutable)
{
	prl_buffer uri = PRL_BUFFER(65536);
	prl_buffer_printf(&uri, path[0] == '/' ? "file://" : "file:");
	for (const char *p = path; *p; p++)
		prl_buffer_printf(&uri, strchr("?#%", *p) ? "%%%02X" : "%c", (unsigned char)*p);
	if (immutable)
		prl_buffer_printf(&uri, "?immutable=1");
	if (!uri.failed)
		return uri.data;
	prl_buffer_done(&uri);
	return NULL;
}

prl_status prl_sqlite_sync_folder(const char *path, prl_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? prl_text_copy(path, (size_t)(slash - path) + 1) : prl_text_copy(".", 1);
	if (!folder)
		return prl_error_memory(err);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	prl_status status = PRL_OK;
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
		status = prl_error_set(err, PRL_E_IO, "%s: its folder cannot be written to the disk: %s", path,
				       strerror(errno));
	if (fd >= 0)
		close(fd);
	free(folder);
	return status;
}

static bool missing_or_empty(const char *path, const char *suffix)
{
	struct stat st;
	char *name;
	if (asprintf(&name, "%s%s", path, suffix) < 0)
		return false;
	int failed = stat(name, &st);
	free(name);
	return failed ? errno == ENOENT : st.st_size == 0;
}

/* A new store is its owner's alone; SQLite gives its -wal and -shm files the same mode. */
static prl_status make_private(const char *path, prl_error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return prl_error_set(err, PRL_E_IO, "%s: cannot be made: %s", path, strerror(errno));
	close(fd); /* nobody has locked it yet */
	return PRL_OK;
}

static prl_status open_writer(prl_sqlite_store *store, bool create, prl_error *err)
{
	bool made = missing_or_empty(store->path, "");
	prl_status status = prl_sqlite_lock(store->path, &store->lock_fd, err);
	if (!status && made)
		status = make_private(store->path, err);
	if (!status)
		status = prl_sqlite_connect(store, false, &store->writer, err);
	if (!status)
		status = prl_sqlite_exec(&store->writer, "PRAGMA journal_mode = WAL", "opening it", err);
	if (!status)
		status = prl_sqlite_format(&store->writer, true, create, err);
	if (!status && made)
		status = prl_sqlite_sync_folder(store->path, err);
	return status ? status : prl_sqlite_mover_start(store, err);
}

static prl_status try_looking(prl_sqlite_store *store, prl_error *err)
{
	prl_sqlite_disconnect(&store->writer);
	prl_status status = prl_sqlite_connect(store, true, &store->writer, err);
	return status ? status : prl_sqlite_format(&store->writer, false, false, err);
}

/* A database with a write-ahead log wants its -shm file even to be read. On a disk that cannot be written and with no
 * log left over, the file alone is the whole store and nobody can change it: SQLite's immutable. */
static prl_status open_looking(prl_sqlite_store *store, prl_error *err)
{
	prl_status status = try_looking(store, err);
	int code = store->writer.db ? sqlite3_errcode(store->writer.db) & 0xff : SQLITE_CANTOPEN;
	if (!status || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY))
		return status;
	if (!missing_or_empty(store->path, "-wal"))
		return prl_error_set(err, PRL_E_IO,
				     "%s: was not closed and cannot be written here; copy it with %s-wal to "
				     "where there is room and look at the copy",
				     store->path, store->path);
	char *uri = make_uri(store->path, true);
	if (!uri)
		return prl_error_memory(err);
	free(store->uri);
	store->uri = uri;
	return try_looking(store, err);
}

static prl_status open_any(prl_sqlite_store *store, const char *path, unsigned flags, prl_error *err)
{
	store->path = prl_text_copy(path, strlen(path));
	store->uri = make_uri(path, false);
	if (!store->path || !store->uri)
		return prl_error_memory(err);
	store->mutex_made = pthread_mutex_init(&store->mutex, NULL) == 0;
	if (!store->mutex_made)
		return prl_error_memory(err);
	bool create = (flags & PRL_STORE_CREATE) && !store->base.look_only;
	if (!create && access(path, F_OK) != 0)
		return prl_error_set(err, errno == ENOENT ? PRL_E_NOT_FOUND : PRL_E_IO, "%s: %s", path,
				     strerror(errno));
	return store->base.look_only ? open_looking(store, err) : open_writer(store, create, err);
}

static void close_store(prl_store *base)
{
	prl_sqlite_store *store = (prl_sqlite_store *)base;
	prl_sqlite_mover_stop(store);
	prl_sqlite_disconnect(&store->writer);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->mutex_made)
		pthread_mutex_destroy(&store->mutex);
	free(store->uri);
	free(store->path);
	free(store);
}

static const prl_store_backend backend = {
	.close = close_store,
	.check = prl_sqlite_check,
	.backup = prl_sqlite_backup,
	.log_open = prl_sqlite_log_open,
	.take_log = prl_sqlite_take_log,
	.commit = prl_sqlite_commit,
	.reader_new = prl_sqlite_reader_new,
	.reader_free = prl_sqlite_reader_free,
	.logs = prl_sqlite_logs,
	.size = prl_sqlite_size,
	.entries = prl_sqlite_entries,
	.tile = prl_sqlite_tile,
	.checkpoint = prl_sqlite_checkpoint,
	.cosigned = prl_sqlite_cosigned,
	.content_get = prl_sqlite_content_get,
	.contents = prl_sqlite_contents,
	.body_get = prl_sqlite_body_get,
	.bodies = prl_sqlite_bodies,
	.cell_get = prl_sqlite_cell_get,
};

prl_status prl_sqlite_store_open(const char *path, unsigned flags, prl_store **ret, prl_error *err)
{
	prl_sqlite_store *store = calloc(1, sizeof *store);
	if (!store)
		return prl_error_memory(err);
	store->base = (prl_store){ .backend = &backend, .look_only = flags & PRL_STORE_READ };
	store->lock_fd = -1;
	prl_status status = open_any(store, path, flags, err);
	if (status)
		close_store(&store->base);
	else
		*ret = &store->base;
	return status;
}
