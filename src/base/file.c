#include "base/file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static prl_status failed(prl_error *err, const char *what, const char *path)
{
	return prl_error_set(err, PRL_E_IO, "%s cannot be %s: %s", path, what, strerror(errno));
}

prl_status prl_file_read(const char *path, prl_buffer *ret, prl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return prl_error_set(err, PRL_E_NOT_FOUND, "%s is not there", path);
	if (fd < 0)
		return failed(err, "opened", path);
	char piece[65536];
	ssize_t got;
	prl_status st = PRL_OK;
	while (!st && (got = read(fd, piece, sizeof piece)) != 0) {
		if (got < 0)
			st = failed(err, "read", path);
		else if (!prl_buffer_append(ret, piece, (size_t)got))
			st = prl_error_set(err, PRL_E_TOO_LARGE, "%s is larger than %zu bytes", path, ret->max);
	}
	close(fd);
	return st;
}

static bool write_all(int fd, prl_bytes bytes)
{
	for (size_t at = 0; at < bytes.size;) {
		ssize_t written = write(fd, bytes.data + at, bytes.size - at);
		if (written < 0 && errno != EINTR)
			return false;
		at += written > 0 ? (size_t)written : 0;
	}
	return true;
}

/* A rename is durable when the folder is. */
static bool sync_folder_of(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static prl_status write_as(const char *path, prl_bytes bytes, mode_t mode, bool sync, prl_error *err)
{
	char other[PATH_MAX];
	if ((size_t)snprintf(other, sizeof other, "%s.new", path) >= sizeof other)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", path);
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return failed(err, "made", other);
	bool done = write_all(fd, bytes) && (!sync || fsync(fd) == 0);
	done = close(fd) == 0 && done;
	if (done && rename(other, path) == 0 && (!sync || sync_folder_of(path)))
		return PRL_OK;
	prl_status st = failed(err, "written", path);
	unlink(other);
	return st;
}

prl_status prl_file_write(const char *path, prl_bytes bytes, mode_t mode, prl_error *err)
{
	return write_as(path, bytes, mode, true, err);
}

prl_status prl_file_put(const char *path, prl_bytes bytes, prl_error *err)
{
	return write_as(path, bytes, 0644, false, err);
}

prl_status prl_folder_sync(const char *folder, prl_error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	prl_status st = fd >= 0 && syncfs(fd) == 0 ? PRL_OK : failed(err, "synced", folder);
	if (fd >= 0)
		close(fd);
	return st;
}

prl_status prl_folder_of_file(const char *path, prl_error *err)
{
	char folder[PATH_MAX];
	if ((size_t)snprintf(folder, sizeof folder, "%s", path) >= sizeof folder)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(folder, 0755) != 0 && errno != EEXIST)
			return failed(err, "made", folder);
		*slash = '/';
	}
	return PRL_OK;
}
