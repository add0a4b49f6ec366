/* Digests and snapshots written; snapshot_load.c reads them, snapshot_file.h says what they look like. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "picture/nouns.h"
#include "picture/sink.h"
#include "picture/snapshot_file.h"
#include "picture/state.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char magic[] = "parley picture";

/* ---- sink -------------------------------------------------------------------------------------------------------- */

prl_status prl_sink_flush(prl_sink *sink, prl_error *err)
{
	if (sink->block.failed)
		return prl_error_memory(err);
	if (sink->block.size == 0)
		return PRL_OK;
	prl_bytes pieces[] = { { (const char *)sink->hash.bytes, sizeof sink->hash.bytes },
			       { sink->block.data, sink->block.size } };
	sink->hash = prl_sha256_pieces(pieces, 2);
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

/* ---- digest ------------------------------------------------------------------------------------------------------ */

/* The object's length is only known when it is written: 8 bytes are left for it. */
static bool write_object(prl_buffer *to, const prl_noun *noun, const prl_found *found)
{
	if (!prl_pack_bytes(to, (prl_bytes){ found->slot->key, found->slot->key_size }) || !prl_pack_number(to, 0))
		return false;
	size_t begin = to->size;
	if (!noun->save(found->value, to) || to->failed)
		return false;
	for (size_t i = 0; i < 8; i++)
		to->data[begin - 8 + i] = (char)((to->size - begin) >> (56 - 8 * i));
	return true;
}

static prl_status digest_table(prl_sink *sink, prl_table *table, prl_version version, prl_error *err)
{
	prl_found *found;
	size_t count;
	prl_status status = prl_table_collect(table, version, &found, &count, err);
	if (status)
		return status;
	if (!prl_pack_number(&sink->block, count))
		status = prl_error_memory(err);
	for (size_t i = 0; i < count && !status; i++) {
		if (write_object(&sink->block, &table->noun, &found[i]))
			status = prl_sink_check(sink, err);
		else
			status = prl_error_memory(err);
	}
	free(found);
	return status;
}

prl_status prl_picture_digest(prl_picture *picture, prl_version version, prl_hash *ret, prl_error *err)
{
	prl_sink sink = PRL_SINK;
	prl_status status = PRL_OK;
	for (size_t i = 0; i < picture->table_count && !status; i++) {
		prl_table *table = &picture->tables[i];
		/* a noun of which nothing is said must not tell two versions of the program apart */
		if (!table->noun.shared || prl_table_count(table, version) == 0)
			continue;
		prl_pack_text(&sink.block, table->noun.name);
		status = digest_table(&sink, table, version, err);
	}
	if (!status)
		status = prl_sink_flush(&sink, err);
	if (!status)
		*ret = sink.hash;
	prl_sink_done(&sink);
	return status;
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

bool prl_snapshot_write_head(const prl_picture *picture, const prl_snapshot_head *head, prl_buffer *to)
{
	prl_buffer names = PRL_BUFFER(SIZE_MAX / 2);
	for (size_t i = 0; i < picture->table_count; i++)
		prl_pack_text(&names, picture->tables[i].noun.name);
	for (size_t i = 0; i < picture->kind_count; i++)
		prl_pack_text(&names, picture->kinds[i].kind.name);
	prl_hash hash = prl_sha256(names.data, names.size);
	bool done = !names.failed && prl_pack_text(to, magic) && prl_pack_number(to, PRL_FOLD_VERSION) &&
		    prl_pack_hash(to, &hash) && prl_pack_text(to, picture->own_log) &&
		    prl_pack_number(to, head->size) && prl_pack_hash(to, &head->root);
	prl_buffer_done(&names);
	return done;
}

/* A file on its way to the disk. */
typedef struct writer {
	int fd;
	prl_buffer block, index;
	uint64_t table, objects; /* of the block that is being filled */
} writer;

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

static prl_status write_bytes(const writer *w, const prl_buffer *bytes, prl_error *err)
{
	if (bytes->failed)
		return prl_error_memory(err);
	return write_all(w->fd, bytes->data, bytes->size)
		       ? PRL_OK
		       : prl_error_set(err, PRL_E_IO, "writing the snapshot: %s", strerror(errno));
}

static prl_status end_block(writer *w, prl_error *err)
{
	if (w->block.size == 0 && !w->block.failed)
		return PRL_OK;
	prl_status status = write_bytes(w, &w->block, err);
	prl_hash hash = prl_sha256(w->block.data, status ? 0 : w->block.size);
	if (!status && !(prl_pack_number(&w->index, w->table) && prl_pack_number(&w->index, w->objects) &&
			 prl_pack_number(&w->index, w->block.size) && prl_pack_hash(&w->index, &hash)))
		status = prl_error_memory(err);
	prl_buffer_clear(&w->block);
	w->objects = 0;
	return status;
}

static prl_status write_table(writer *w, prl_table *table, prl_version version, prl_error *err)
{
	prl_found *found;
	size_t count;
	prl_status status = prl_table_collect(table, version, &found, &count, err);
	if (status)
		return status;
	for (size_t i = 0; i < count && !status; i++) {
		if (!write_object(&w->block, &table->noun, &found[i]))
			status = prl_error_memory(err);
		w->objects++;
		if (!status && w->block.size >= PRL_SINK_BLOCK)
			status = end_block(w, err);
	}
	free(found);
	return status ? status : end_block(w, err);
}

static prl_status write_end(writer *w, prl_error *err)
{
	if (!prl_pack_number(&w->index, w->index.size))
		return prl_error_memory(err);
	prl_hash hash = prl_sha256(w->index.data, w->index.size);
	if (!prl_pack_hash(&w->index, &hash))
		return prl_error_memory(err);
	prl_status status = write_bytes(w, &w->index, err);
	if (!status && fsync(w->fd) != 0)
		status = prl_error_set(err, PRL_E_IO, "writing the snapshot: %s", strerror(errno));
	return status;
}

static prl_status write_file(prl_picture *picture, prl_version version, const prl_snapshot_head *head, int fd,
			     prl_error *err)
{
	writer w = { .fd = fd, .block = PRL_BUFFER(SIZE_MAX / 2), .index = PRL_BUFFER(SIZE_MAX / 2) };
	prl_status status =
		prl_snapshot_write_head(picture, head, &w.block) ? end_block(&w, err) : prl_error_memory(err);
	for (size_t i = 0; i < picture->table_count && !status; i++) {
		w.table = i;
		status = write_table(&w, &picture->tables[i], version, err);
	}
	if (!status)
		status = write_end(&w, err);
	prl_buffer_done(&w.block);
	prl_buffer_done(&w.index);
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
