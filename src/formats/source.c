/* Reading and unpacking. zlib's inflate is driven directly: gzread() takes a file cut off in its header for plain. */
#include "formats/source.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define PACKED_ROOM (256u * PRL_KIB)

enum packing {
	PACKING_UNKNOWN, /* nothing read yet */
	PACKING_NONE,
	PACKING_GZIP,     /* inside a member */
	PACKING_GZIP_END, /* after a member: another one, zeros, or the end */
};

/* Invariant: packed[at..end) are bytes taken from the file and not yet given out or unpacked. Memory is read in place. */
struct prl_source {
	int fd; /* -1: memory */
	bool owns_fd, eof;
	enum packing packing;
	const unsigned char *packed;
	unsigned char *room; /* what packed points to where it is a file */
	size_t at, end;
	uint64_t done, total;
	z_stream stream;
	bool stream_open;
	prl_error failure; /* status 0: none yet */
};

static prl_status source_new(prl_source **ret_source, prl_error *err)
{
	prl_source *s = calloc(1, sizeof *s);
	if (!s)
		return prl_error_memory(err);
	s->fd = -1;
	*ret_source = s;
	return PRL_OK;
}

prl_status prl_source_open_bytes(const void *bytes, size_t length, prl_source **ret_source, prl_error *err)
{
	prl_source *s = NULL;
	prl_status status = source_new(&s, err);
	if (status)
		return status;
	s->packed = bytes;
	s->end = length;
	s->done = s->total = length;
	s->eof = true;
	*ret_source = s;
	return PRL_OK;
}

static prl_status open_descriptor(prl_source *s, const char *path, prl_error *err)
{
	struct stat about;
	if (!strcmp(path, "-")) {
		s->fd = STDIN_FILENO;
	} else {
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		s->owns_fd = s->fd >= 0;
	}
	if (s->fd < 0 || fstat(s->fd, &about))
		return prl_error_set(err, PRL_E_IO, "cannot be opened: %s", strerror(errno));
	if (S_ISDIR(about.st_mode))
		return prl_error_set(err, PRL_E_IO, "is a directory, expected a file");
	s->total = S_ISREG(about.st_mode) && about.st_size > 0 ? (uint64_t)about.st_size : 0;
	s->room = malloc(PACKED_ROOM);
	s->packed = s->room;
	return s->room ? PRL_OK : prl_error_memory(err);
}

prl_status prl_source_open_file(const char *path, prl_source **ret_source, prl_error *err)
{
	prl_source *s = NULL;
	prl_status status = source_new(&s, err);
	if (status)
		return status;
	status = open_descriptor(s, path, err);
	if (status) {
		prl_source_close(s);
		return status;
	}
	*ret_source = s;
	return PRL_OK;
}

void prl_source_close(prl_source *source)
{
	if (!source)
		return;
	if (source->stream_open)
		inflateEnd(&source->stream);
	if (source->owns_fd)
		close(source->fd);
	free(source->room);
	free(source);
}

/* Makes sure that packed[at..end) holds at least want bytes, or eof. */
static prl_status take(prl_source *s, size_t want, prl_error *err)
{
	while (s->end - s->at < want && !s->eof) {
		memmove(s->room, s->room + s->at, s->end - s->at);
		s->end -= s->at;
		s->at = 0;
		ssize_t got = read(s->fd, s->room + s->end, PACKED_ROOM - s->end);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return prl_error_set(err, PRL_E_IO, "cannot be read: %s", strerror(errno));
		s->eof = got == 0;
		s->end += (size_t)got;
		s->done += (uint64_t)got;
	}
	return PRL_OK;
}

static bool at_gzip(const prl_source *s)
{
	return s->end - s->at >= 2 && s->packed[s->at] == 0x1f && s->packed[s->at + 1] == 0x8b;
}

/* RFC 1952 section 2.2: a gzip file is a series of members. 16 tells zlib to take gzip only. */
static prl_status begin_member(prl_source *s, prl_error *err)
{
	int code = s->stream_open ? inflateReset(&s->stream) : inflateInit2(&s->stream, 16 + MAX_WBITS);
	if (code == Z_MEM_ERROR)
		return prl_error_memory(err);
	if (code != Z_OK)
		return prl_error_set(err, PRL_E_IO, "zlib refuses to start: %d", code);
	s->stream_open = true;
	s->packing = PACKING_GZIP;
	return PRL_OK;
}

static prl_status sniff(prl_source *s, prl_error *err)
{
	prl_status status = take(s, 2, err);
	if (status)
		return status;
	if (at_gzip(s))
		return begin_member(s, err);
	s->packing = PACKING_NONE;
	return PRL_OK;
}

/* Another member, zeros to the end (padding of tapes), or something that does not belong there. */
static prl_status after_member(prl_source *s, prl_error *err)
{
	for (;;) {
		prl_status status = take(s, 2, err);
		if (status || s->at == s->end)
			return status;
		if (at_gzip(s))
			return begin_member(s, err);
		if (s->packed[s->at] != 0)
			return prl_error_set(err, PRL_E_SYNTAX,
			                     "something that is not gzip follows the packed data, expected its end");
		s->at++;
	}
}

static prl_status unpack(prl_source *s, void *buffer, size_t room, size_t *ret_got, prl_error *err)
{
	s->stream.next_out = buffer;
	s->stream.avail_out = room > UINT32_MAX ? UINT32_MAX : (uInt)room;
	uInt wanted = s->stream.avail_out;
	while (s->stream.avail_out == wanted && s->packing == PACKING_GZIP) {
		prl_status status = take(s, 1, err);
		if (status)
			return status;
		if (s->at == s->end)
			return prl_error_set(err, PRL_E_SYNTAX, "gzip data cut off, expected more");
		size_t offered = s->end - s->at > UINT32_MAX ? UINT32_MAX : s->end - s->at;
		s->stream.next_in = (z_const Bytef *)(uintptr_t)(s->packed + s->at);
		s->stream.avail_in = (uInt)offered;
		int code = inflate(&s->stream, Z_NO_FLUSH);
		s->at += offered - s->stream.avail_in;
		if (code == Z_STREAM_END)
			s->packing = PACKING_GZIP_END;
		else if (code == Z_MEM_ERROR)
			return prl_error_memory(err);
		else if (code != Z_OK && code != Z_BUF_ERROR)
			return prl_error_set(err, PRL_E_SYNTAX, "gzip data damaged: %s",
			                     s->stream.msg ? s->stream.msg : "no reason given");
	}
	*ret_got = wanted - s->stream.avail_out;
	return PRL_OK;
}

static prl_status copy_plain(prl_source *s, void *buffer, size_t room, size_t *ret_got, prl_error *err)
{
	prl_status status = take(s, 1, err);
	if (status)
		return status;
	size_t got = s->end - s->at < room ? s->end - s->at : room;
	if (got)
		memcpy(buffer, s->packed + s->at, got);
	s->at += got;
	*ret_got = got;
	return PRL_OK;
}

static prl_status read_some(prl_source *s, void *buffer, size_t room, size_t *ret_got, prl_error *err)
{
	prl_status status = s->packing == PACKING_UNKNOWN ? sniff(s, err) : PRL_OK;
	*ret_got = 0;
	if (!status && s->packing == PACKING_NONE)
		return copy_plain(s, buffer, room, ret_got, err);
	while (!status && *ret_got == 0) {
		if (s->packing == PACKING_GZIP_END)
			status = after_member(s, err);
		if (status || s->packing == PACKING_GZIP_END)
			break;
		status = unpack(s, buffer, room, ret_got, err);
	}
	return status;
}

prl_status prl_source_read(prl_source *source, void *buffer, size_t room, size_t *ret_got, prl_error *err)
{
	size_t got = 0;
	if (!source->failure.status) {
		prl_error failure = { 0 };
		if (read_some(source, buffer, room, &got, &failure))
			source->failure = failure;
	}
	if (source->failure.status) {
		if (err)
			*err = source->failure;
		return source->failure.status;
	}
	*ret_got = got;
	return PRL_OK;
}

void prl_source_progress(const prl_source *source, uint64_t *ret_done, uint64_t *ret_total)
{
	uint64_t ahead = source->end - source->at;
	*ret_done = source->done - ahead;
	*ret_total = source->total;
}
