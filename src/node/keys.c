#include "node/keys.h"

#include "base/error.h"
#include "base/text.h"

#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

prl_status prl_key_path(const char *folder, const char *name, char ret_path[PRL_KEY_PATH_MAX], prl_error *err)
{
	char file[PRL_KEY_NAME_MAX + 1], path[PRL_KEY_PATH_MAX];
	size_t length = strlen(name);
	if (length == 0 || length >= sizeof file || name[0] == '.')
		return prl_error_set(err, PRL_E_RANGE, "a key is named by 1 to %d bytes, not \"%s\"", PRL_KEY_NAME_MAX,
				     name);
	for (size_t i = 0; i <= length; i++)
		file[i] = name[i] == '/' ? '%' : name[i];
	int wrote = snprintf(path, sizeof path, "%s/keys/%s.key", folder, file);
	if (wrote < 0 || (size_t)wrote >= sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path of the folder is longer than %u bytes",
				     PRL_KEY_PATH_MAX);
	memcpy(ret_path, path, (size_t)wrote + 1);
	return PRL_OK;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static prl_status write_all(int fd, const char *text, size_t length, const char *path, prl_error *err)
{
	while (length) {
		ssize_t wrote = write(fd, text, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
		text += wrote;
		length -= (size_t)wrote;
	}
	if (fsync(fd))
		return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
	return PRL_OK;
}

/* The name is on the disk when its folder is: a rotation that is in the log while its key is gone ends the name. */
static prl_status sync_folder_of(const char *path, prl_error *err)
{
	char folder[PRL_KEY_PATH_MAX + 8];
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	prl_status st = fd >= 0 && fsync(fd) == 0 ? PRL_OK
						  : prl_error_set(err, PRL_E_IO, "%s: %s", folder, strerror(errno));
	if (fd >= 0)
		close(fd);
	return st;
}

prl_status prl_key_save(const char *path, const prl_signer *signer, prl_error *err)
{
	char text[PRL_KEY_TEXT_MAX + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST)
		return prl_error_set(err, PRL_E_DUPLICATE, "%s is there already: a private key is never written over",
				     path);
	if (fd < 0)
		return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
	prl_signer_write(signer, text);
	size_t length = strlen(text);
	text[length++] = '\n';
	prl_status st = write_all(fd, text, length, path, err);
	sodium_memzero(text, sizeof text);
	close(fd);
	if (!st)
		st = sync_folder_of(path, err);
	if (st)
		unlink(path);
	return st;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static prl_status check_mode(int fd, const char *path, prl_error *err)
{
	struct stat about;
	if (fstat(fd, &about))
		return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return prl_error_set(err, PRL_E_UNSUPPORTED, "%s is not a file", path);
	if (about.st_mode & 077)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s can be read by others (mode %04o): make it yours alone with chmod 600, and "
				     "think about whether the key must be replaced",
				     path, (unsigned)(about.st_mode & 07777));
	return PRL_OK;
}

static prl_status read_all(int fd, const char *path, char *text, size_t room, size_t *ret_length, prl_error *err)
{
	size_t length = 0;
	while (length < room) {
		ssize_t got = read(fd, text + length, room - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
		if (got == 0) {
			*ret_length = length;
			return PRL_OK;
		}
		length += (size_t)got;
	}
	return prl_error_set(err, PRL_E_TOO_LARGE, "%s is longer than a key", path);
}

static prl_status read_signer(int fd, const char *path, prl_key_type type, prl_signer *ret, prl_error *err)
{
	char text[PRL_KEY_TEXT_MAX + 2];
	size_t length = 0;
	prl_signer signer;
	prl_status st = read_all(fd, path, text, sizeof text, &length, err);
	if (!st && length && text[length - 1] == '\n')
		length--;
	if (!st) {
		st = prl_signer_read((prl_bytes){ text, length }, &signer, err);
		if (st)
			prl_error_at(err, st, "%s", path);
	}
	sodium_memzero(text, sizeof text);
	if (st)
		return st;
	if (signer.verifier.type == type)
		*ret = signer;
	else
		st = prl_error_set(err, PRL_E_UNSUPPORTED, "%s holds a key of type %d, expected %d", path,
				   (int)signer.verifier.type, (int)type);
	prl_signer_wipe(&signer);
	return st;
}

prl_status prl_key_load(const char *path, prl_key_type type, prl_signer *ret, prl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return prl_error_set(err, errno == ENOENT ? PRL_E_NOT_FOUND : PRL_E_IO, "%s: %s", path,
				     strerror(errno));
	prl_status st = check_mode(fd, path, err);
	if (!st)
		st = read_signer(fd, path, type, ret, err);
	close(fd);
	return st;
}
