/* Digests and snapshots.
 *
 * SNAPSHOT FILE: blocks of prl_sink. What they hold, one after the other:
 *
 *   text "parley picture", number FOLD_VERSION, hash of the names of all nouns and kinds, text own log,
 *   number size, hash root                                          (prl_snapshot_head)
 *   for each noun, in the order in which they were registered: number of objects,
 *     for each in byte order of keys: bytes key, bytes object       (prl_noun.save)
 *
 * Objects do not straddle blocks. A snapshot is a cache: whatever is wrong with it, the entries are still there. Every
 * hash is checked before the first object is made, so that a damaged file changes nothing. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "picture/nouns.h"
#include "picture/sink.h"
#include "picture/state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* To be raised whenever the same entries give another picture, or objects other bytes. */
#define FOLD_VERSION 3

static const char magic[] = "parley picture";

/* ---- sink -------------------------------------------------------------------------------------------------------- */

prl_hash prl_sink_hash(const prl_hash *before, prl_bytes block)
{
	prl_bytes pieces[] = { { (const char *)before->bytes, sizeof before->bytes }, block };
	return prl_sha256_pieces(pieces, 2);
}

static bool write_all(int fd, const void *data, size_t size)
{
	const char *next = data;
	while (size) {
		ssize_t done = write(fd, next, size);
		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			next += done;
			size -= (size_t)done;
		}
	}
	return true;
}

static bool write_length(int fd, uint64_t length)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(length >> (56 - 8 * i));
	return write_all(fd, bytes, sizeof bytes);
}

prl_status prl_sink_flush(prl_sink *sink, prl_error *err)
{
	if (sink->block.failed)
		return prl_error_memory(err);
	if (sink->block.size == 0)
		return PRL_OK;
	sink->hash = prl_sink_hash(&sink->hash, (prl_bytes){ sink->block.data, sink->block.size });
	if (sink->fd >= 0 && !(write_length(sink->fd, sink->block.size) &&
			       write_all(sink->fd, sink->hash.bytes, sizeof sink->hash.bytes) &&
			       write_all(sink->fd, sink->block.data, sink->block.size)))
		return prl_error_set(err, PRL_E_IO, "writing the snapshot: %s", strerror(errno));
	prl_buffer_clear(&sink->block);
	return PRL_OK;
}

prl_status prl_sink_check(prl_sink *sink, prl_error *err)
{
	return sink->block.failed || sink->block.size >= PRL_SINK_BLOCK ? prl_sink_flush(sink, err) : PRL_OK;
}

void prl_sink_done(prl_sink *sink)
{
	prl_buffer_done(&sink->block);
}

/* ---- writing tables ---------------------------------------------------------------------------------------------- */

/* The object's length is only known when it is written: 8 bytes are left for it. */
static bool write_object(prl_sink *sink, const prl_noun *noun, const prl_found *found)
{
	prl_buffer *to = &sink->block;
	size_t key_size = found->slot->key_size;
	if (!prl_pack_bytes(to, (prl_bytes){ found->slot->key, key_size }) || !prl_pack_number(to, 0))
		return false;
	size_t begin = to->size;
	if (!noun->save(found->value, to) || to->failed)
		return false;
	for (size_t i = 0; i < 8; i++)
		to->data[begin - 8 + i] = (char)((to->size - begin) >> (56 - 8 * i));
	return true;
}

static prl_status write_table(prl_sink *sink, prl_table *table, prl_version version, prl_error *err)
{
	prl_found *found;
	size_t count;
	prl_status status = prl_table_collect(table, version, &found, &count, err);
	if (status)
		return status;
	if (!prl_pack_number(&sink->block, count))
		status = prl_error_memory(err);
	for (size_t i = 0; i < count && !status; i++) {
		if (write_object(sink, &table->noun, &found[i]))
			status = prl_sink_check(sink, err);
		else
			status = prl_error_memory(err);
	}
	free(found);
	return status;
}

prl_status prl_picture_digest(prl_picture *picture, prl_version version, prl_hash *ret, prl_error *err)
{
	prl_sink sink = PRL_SINK(-1);
	prl_status status = PRL_OK;
	for (size_t i = 0; i < picture->table_count && !status; i++) {
		prl_table *table = &picture->tables[i];
		/* a noun of which nothing is said must not tell two versions of the program apart */
		if (!table->noun.shared || prl_table_count(table, version) == 0)
			continue;
		prl_pack_text(&sink.block, table->noun.name);
		status = write_table(&sink, table, version, err);
	}
	if (!status)
		status = prl_sink_flush(&sink, err);
	if (!status)
		*ret = sink.hash;
	prl_sink_done(&sink);
	return status;
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

static bool write_head(const prl_picture *picture, const prl_snapshot_head *head, prl_buffer *to)
{
	prl_buffer names = PRL_BUFFER(SIZE_MAX / 2);
	for (size_t i = 0; i < picture->table_count; i++)
		prl_pack_text(&names, picture->tables[i].noun.name);
	for (size_t i = 0; i < picture->kind_count; i++)
		prl_pack_text(&names, picture->kinds[i].kind.name);
	prl_hash hash = prl_sha256(names.data, names.size);
	bool done = !names.failed && prl_pack_text(to, magic) && prl_pack_number(to, FOLD_VERSION) &&
		    prl_pack_hash(to, &hash) && prl_pack_text(to, picture->own_log) &&
		    prl_pack_number(to, head->size) && prl_pack_hash(to, &head->root);
	prl_buffer_done(&names);
	return done;
}

static prl_status write_file(prl_picture *picture, prl_version version, const prl_snapshot_head *head, int fd,
			     prl_error *err)
{
	prl_sink sink = PRL_SINK(fd);
	prl_status status = PRL_OK;
	if (!write_head(picture, head, &sink.block))
		status = prl_error_memory(err);
	for (size_t i = 0; i < picture->table_count && !status; i++)
		status = write_table(&sink, &picture->tables[i], version, err);
	if (!status)
		status = prl_sink_flush(&sink, err);
	if (!status && (!write_length(fd, 0) || fsync(fd) != 0))
		status = prl_error_set(err, PRL_E_IO, "writing the snapshot: %s", strerror(errno));
	prl_sink_done(&sink);
	return status;
}

/* A rename is durable when its directory is. */
static bool sync_directory(const char *path)
{
	char *copy = prl_text_copy(path, strlen(path));
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	free(copy);
	return done;
}

prl_status prl_picture_save(prl_picture *picture, prl_version version, const prl_snapshot_head *head, const char *path,
			    prl_error *err)
{
	prl_buffer name = PRL_BUFFER(4096);
	if (!prl_buffer_printf(&name, "%s.new", path)) {
		prl_buffer_done(&name);
		return prl_error_set(err, PRL_E_TOO_LARGE, "the snapshot's path is longer than 4,000 bytes");
	}
	int fd = open(name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	prl_status status = fd < 0 ? prl_error_set(err, PRL_E_IO, "%s: %s", name.data, strerror(errno))
				   : write_file(picture, version, head, fd, err);
	if (fd >= 0 && close(fd) != 0 && !status)
		status = prl_error_set(err, PRL_E_IO, "%s: %s", name.data, strerror(errno));
	if (!status && (rename(name.data, path) != 0 || !sync_directory(path)))
		status = prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
	if (status && fd >= 0)
		unlink(name.data);
	prl_buffer_done(&name);
	return status;
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

static prl_status damaged(prl_error *err, const char *what)
{
	return prl_error_set(err, PRL_E_SYNTAX, "the snapshot is damaged: %s", what);
}

/* Takes the next block from *file; PRL_OK with size 0 at the end. */
static prl_status take_block(prl_bytes *file, prl_hash *chain, bool check, prl_bytes *ret, prl_error *err)
{
	prl_unpack from = { *file, false };
	uint64_t length = prl_unpack_number(&from, SIZE_MAX);
	if (!from.bad && length == 0) {
		*file = from.rest;
		*ret = (prl_bytes){ "", 0 };
		return PRL_OK;
	}
	prl_hash hash = prl_unpack_hash(&from);
	if (from.bad || length > from.rest.size)
		return damaged(err, "it ends too early");
	*ret = (prl_bytes){ from.rest.data, length };
	*file = (prl_bytes){ from.rest.data + length, from.rest.size - length };
	if (check) {
		*chain = prl_sink_hash(chain, *ret);
		if (!prl_hash_equal(chain, &hash))
			return damaged(err, "a hash does not hold");
	}
	return PRL_OK;
}

static prl_status check_blocks(prl_bytes file, prl_error *err)
{
	prl_hash chain = { 0 };
	prl_bytes block = { "", 0 };
	prl_status status = PRL_OK;
	do {
		status = take_block(&file, &chain, true, &block, err);
	} while (!status && block.size);
	if (!status && file.size)
		return damaged(err, "something follows its end");
	return status;
}

/* Reads head and tables out of blocks. */
typedef struct reader {
	prl_bytes file;
	prl_unpack block;
} reader;

static prl_status next_block(reader *r, prl_error *err)
{
	if (r->block.bad || r->block.rest.size)
		return r->block.bad ? damaged(err, "an object cannot be read") : PRL_OK;
	prl_bytes block;
	prl_status status = take_block(&r->file, NULL, false, &block, err);
	if (!status && block.size == 0)
		return damaged(err, "objects are missing");
	r->block = (prl_unpack){ block, false };
	return status;
}

/* Looks whether the head is one that this picture would write. */
static prl_status read_head(const prl_picture *picture, reader *r, prl_snapshot_head *ret, prl_error *err)
{
	prl_buffer expected = PRL_BUFFER(PRL_MIB);
	const size_t said = 8 + sizeof ret->root.bytes; /* size and root stand last */
	prl_status status = next_block(r, err);
	if (!status && !write_head(picture, &(prl_snapshot_head){ 0 }, &expected))
		status = prl_error_memory(err);
	if (!status && (r->block.rest.size < expected.size ||
			memcmp(r->block.rest.data, expected.data, expected.size - said) != 0))
		status = prl_error_set(err, PRL_E_STALE,
				       "the snapshot is of another version of parley, or of another log than %s",
				       picture->own_log);
	if (!status) {
		r->block.rest.data += expected.size - said;
		r->block.rest.size -= expected.size - said;
		ret->size = prl_unpack_number(&r->block, UINT64_MAX);
		ret->root = prl_unpack_hash(&r->block);
	}
	prl_buffer_done(&expected);
	return status;
}

/* last: the key before, which this one must follow; so none is there twice. */
static prl_status read_object(prl_picture *picture, unsigned table, reader *r, prl_bytes *last, prl_error *err)
{
	prl_bytes key = prl_unpack_bytes(&r->block), bytes = prl_unpack_bytes(&r->block);
	if (r->block.bad)
		return damaged(err, "an object cannot be read");
	int order = last->data ? memcmp(last->data, key.data, last->size < key.size ? last->size : key.size) : -1;
	if (order > 0 || (order == 0 && last->size >= key.size))
		return damaged(err, "its objects are not in order");
	*last = key;
	if (key.size > UINT16_MAX)
		return damaged(err, "a key is too long");
	void *value = picture->tables[table].noun.load(bytes, err);
	if (!value)
		return PRL_E_SYNTAX;
	/* in order, so none is there twice: nothing to look for, and nothing to undo but all of it */
	return prl_table_load(&picture->tables[table], picture->working, key, value) ? PRL_OK : prl_error_memory(err);
}

static prl_status read_table(prl_picture *picture, unsigned table, reader *r, prl_error *err)
{
	prl_bytes last = { NULL, 0 };
	prl_status status = next_block(r, err);
	uint64_t count = status ? 0 : prl_unpack_number(&r->block, UINT64_MAX);
	if (count <= r->file.size / 16) /* two lengths an object: what cannot be there is not prepared for */
		prl_table_reserve(&picture->tables[table], count);
	for (uint64_t i = 0; i < count && !status; i++) {
		status = next_block(r, err);
		if (!status)
			status = read_object(picture, table, r, &last, err);
	}
	return status;
}

static prl_status load(prl_picture *picture, prl_bytes file, prl_snapshot_head *ret, prl_error *err)
{
	reader r = { file, { { "", 0 }, false } };
	prl_snapshot_head head;
	prl_status status = check_blocks(file, err);
	if (!status)
		status = read_head(picture, &r, &head, err);
	for (unsigned i = 0; i < picture->table_count && !status; i++)
		status = read_table(picture, i, &r, err);
	if (!status && r.block.rest.size)
		status = damaged(err, "there are more objects than it says");
	if (status) {
		for (unsigned i = 0; i < picture->table_count; i++)
			prl_table_clear(&picture->tables[i]);
		return status;
	}
	prl_picture_publish(picture, prl_picture_seal(picture));
	*ret = head;
	return PRL_OK;
}

prl_status prl_picture_load(prl_picture *picture, const char *path, prl_snapshot_head *ret_head, prl_error *err)
{
	struct stat about;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &about) != 0) {
		prl_status status = prl_error_set(err, errno == ENOENT ? PRL_E_NOT_FOUND : PRL_E_IO, "%s: %s", path,
						  strerror(errno));
		if (fd >= 0)
			close(fd);
		return status;
	}
	size_t size = (size_t)about.st_size;
	void *map = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	close(fd);
	if (map == MAP_FAILED)
		return size ? prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno))
			    : damaged(err, "it is empty");
	prl_status status = load(picture, (prl_bytes){ map, size }, ret_head, err);
	munmap(map, size);
	return status;
}
