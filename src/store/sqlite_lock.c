/* The one writer's lock: flock() on PATH.lock, which stays; its text is the holder's process id, for the message only.
 * A file of its own because closing any descriptor of the database would drop SQLite's own POSIX locks (fcntl(2)).
 * flock() goes with the open file: two stores in one process refuse each other too. */
#include "base/error.h"
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static prl_status say_holder(const char *path, int fd, prl_error *err)
{
	char pid[24] = "";
	ssize_t size = pread(fd, pid, sizeof pid - 1, 0);
	pid[size > 0 ? size : 0] = 0;
	pid[strspn(pid, "0123456789")] = 0;
	return prl_error_set(
		err, PRL_E_STALE,
		"%s: process %s already writes to this store; end it first, or open the store to look only", path,
		pid[0] ? pid : "(unknown)");
}

static bool write_pid(int fd)
{
	char pid[24];
	int size = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
	return ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)size, 0) == size;
}

static prl_status lock_failed(const char *path, const char *doing, prl_error *err)
{
	return prl_error_set(err, PRL_E_IO,
			     "%s.lock: cannot be %s: %s; look at the owner of the folder and at how the "
			     "disk is mounted",
			     path, doing, strerror(errno));
}

prl_status prl_sqlite_lock(const char *path, int *ret_fd, prl_error *err)
{
	char *name;
	if (asprintf(&name, "%s.lock", path) < 0)
		return prl_error_memory(err);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	free(name);
	if (fd < 0)
		return lock_failed(path, "opened", err);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		/* a full disk must not keep anybody from opening: then the pid is missing, the lock is there */
		(void)!write_pid(fd);
		*ret_fd = fd;
		return PRL_OK;
	}
	prl_status status = errno == EWOULDBLOCK ? say_holder(path, fd, err) : lock_failed(path, "locked", err);
	close(fd);
	return status;
}
