/* Snapshots read (snapshot_file.h): by several threads, a block each at a time. */
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "picture/nouns.h"
#include "picture/snapshot_file.h"
#include "picture/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static prl_status damaged(prl_error *err, const char *what)
{
	return prl_error_set(err, PRL_E_SYNTAX, "the snapshot is damaged: %s", what);
}

/* ---- index ------------------------------------------------------------------------------------------------------- */

typedef struct block {
	unsigned table;
	uint64_t objects;
	prl_bytes bytes;
	prl_hash hash;
	prl_bytes first, last; /* keys of what was read of it */
} block;

typedef struct loading {
	prl_picture *picture;
	block *blocks;
	size_t count;
	uint64_t objects[PRL_MAX_TABLES];
	atomic_size_t next; /* block that nobody has taken yet */
	atomic_bool failed;
	pthread_mutex_t lock; /* guards what follows */
	prl_status status;
	prl_error *err;
} loading;

/* The rows of the index, once the hash over them holds. */
static prl_status find_index(prl_bytes file, prl_unpack *ret, prl_error *err)
{
	if (file.size < PRL_SNAPSHOT_END)
		return damaged(err, "it ends too early");
	const char *end = file.data + (file.size - PRL_SNAPSHOT_END);
	prl_unpack from = { { end, PRL_SNAPSHOT_END }, false };
	uint64_t size = prl_unpack_number(&from, UINT64_MAX);
	prl_hash hash = prl_unpack_hash(&from);
	if (size > file.size - PRL_SNAPSHOT_END || size % PRL_SNAPSHOT_ROW != 0 || size == 0)
		return damaged(err, "it has no index");
	prl_hash is = prl_sha256(end - size, size + 8);
	if (!prl_hash_equal(&is, &hash))
		return damaged(err, "a hash does not hold");
	*ret = (prl_unpack){ { end - size, size }, false };
	return PRL_OK;
}

/* What the hash does not say: that the rows are those of a file. */
static prl_status read_rows(loading *l, prl_bytes file, prl_unpack rows, prl_error *err)
{
	prl_bytes rest = { file.data, file.size - PRL_SNAPSHOT_END - rows.rest.size };
	for (size_t i = 0; i < l->count; i++) {
		block *b = &l->blocks[i];
		b->table = (unsigned)prl_unpack_number(&rows, PRL_MAX_TABLES - 1);
		b->objects = prl_unpack_number(&rows, UINT64_MAX);
		uint64_t size = prl_unpack_number(&rows, UINT64_MAX);
		b->hash = prl_unpack_hash(&rows);
		/* two lengths an object: what cannot be there is not prepared for */
		if (rows.bad || size == 0 || size > rest.size || b->objects > size / 16 ||
		    (i > 1 && b->table < l->blocks[i - 1].table))
			return damaged(err, "its index does not fit it");
		b->bytes = (prl_bytes){ rest.data, size };
		rest = (prl_bytes){ rest.data + size, rest.size - size };
		l->objects[b->table] += b->objects;
	}
	return rest.size ? damaged(err, "its index does not fit it") : PRL_OK;
}

static prl_status check_block(const block *b, prl_error *err)
{
	prl_hash is = prl_sha256(b->bytes.data, b->bytes.size);
	return prl_hash_equal(&is, &b->hash) ? PRL_OK : damaged(err, "a hash does not hold");
}

/* Looks whether the head is one that this picture would write. */
static prl_status read_head(const prl_picture *picture, const block *b, prl_snapshot_head *ret, prl_error *err)
{
	prl_buffer expected = PRL_BUFFER(PRL_MIB);
	const size_t said = 8 + sizeof ret->root.bytes; /* size and root stand last */
	prl_status status = check_block(b, err);
	if (!status && !prl_snapshot_write_head(picture, &(prl_snapshot_head){ 0 }, &expected))
		status = prl_error_memory(err);
	if (!status &&
	    (b->bytes.size != expected.size || memcmp(b->bytes.data, expected.data, expected.size - said) != 0))
		status = prl_error_set(err, PRL_E_STALE,
				       "the snapshot is of another version of parley, or of another log than %s",
				       picture->own_log);
	if (!status) {
		prl_unpack from = { { b->bytes.data + (b->bytes.size - said), said }, false };
		ret->size = prl_unpack_number(&from, UINT64_MAX);
		ret->root = prl_unpack_hash(&from);
	}
	prl_buffer_done(&expected);
	return status;
}

/* ---- objects ----------------------------------------------------------------------------------------------------- */

/* Whether b comes behind a in byte order; a without data is before all. */
static bool in_order(prl_bytes a, prl_bytes b)
{
	int order = a.data ? memcmp(a.data, b.data, a.size < b.size ? a.size : b.size) : -1;
	return order < 0 || (order == 0 && a.size < b.size);
}

static prl_status read_object(const loading *l, block *b, prl_unpack *from, prl_error *err)
{
	prl_table *table = &l->picture->tables[b->table];
	prl_bytes key = prl_unpack_bytes(from), bytes = prl_unpack_bytes(from);
	if (from->bad)
		return damaged(err, "an object cannot be read");
	if (!in_order(b->last, key))
		return damaged(err, "its objects are not in order");
	b->last = key;
	if (!b->first.data)
		b->first = key;
	/* in order, so none is there twice: nothing to look for, and nothing to undo but all of it */
	return prl_table_load(table, l->picture->working, key, bytes, err);
}

static prl_status read_block(const loading *l, block *b, prl_error *err)
{
	prl_unpack from = { b->bytes, false };
	prl_status status = check_block(b, err);
	for (uint64_t i = 0; i < b->objects && !status; i++)
		status = read_object(l, b, &from, err);
	return status || !from.rest.size ? status : damaged(err, "there are more objects than it says");
}

static void *read_blocks(void *context)
{
	loading *l = context;
	prl_error err;
	size_t i;
	while (!atomic_load(&l->failed) && (i = atomic_fetch_add(&l->next, 1)) < l->count) {
		prl_status status = read_block(l, &l->blocks[i], &err);
		if (!status)
			continue;
		pthread_mutex_lock(&l->lock);
		if (!l->status && l->err)
			*l->err = err;
		l->status = l->status ? l->status : status;
		pthread_mutex_unlock(&l->lock);
		atomic_store(&l->failed, true);
	}
	return NULL;
}

/* This thread and as many more as help; where one cannot be had the others do its part. */
static prl_status read_all(loading *l, prl_error *err)
{
	pthread_t threads[PRL_LOAD_THREADS_MAX];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = processors > 1 ? (size_t)processors - 1 : 0, begun = 0;
	if (count > PRL_LOAD_THREADS_MAX)
		count = PRL_LOAD_THREADS_MAX;
	l->err = err;
	while (begun < count && begun + 1 < l->count && pthread_create(&threads[begun], NULL, read_blocks, l) == 0)
		begun++;
	(void)read_blocks(l);
	while (begun)
		pthread_join(threads[--begun], NULL);
	for (size_t i = 1; i < l->count && !l->status; i++)
		if (l->blocks[i].table == l->blocks[i - 1].table &&
		    !in_order(l->blocks[i - 1].last, l->blocks[i].first))
			l->status = damaged(err, "its objects are not in order");
	return l->status;
}

static prl_status load_tables(loading *l, prl_error *err)
{
	prl_picture *picture = l->picture;
	for (unsigned i = 0; i < picture->table_count; i++)
		prl_table_reserve(&picture->tables[i], l->objects[i]);
	atomic_store(&l->next, 1); /* behind the head */
	prl_status status = read_all(l, err);
	for (unsigned i = 0; i < picture->table_count; i++) {
		if (status)
			prl_table_clear(&picture->tables[i]);
		else
			prl_table_loaded(&picture->tables[i], picture->working, l->objects[i]);
	}
	return status;
}

static prl_status load(prl_picture *picture, prl_bytes file, prl_snapshot_head *ret, prl_error *err)
{
	loading l = { .picture = picture, .lock = PTHREAD_MUTEX_INITIALIZER };
	prl_snapshot_head head;
	prl_unpack rows;
	prl_status status = find_index(file, &rows, err);
	if (status)
		return status;
	l.count = rows.rest.size / PRL_SNAPSHOT_ROW;
	l.blocks = calloc(l.count, sizeof *l.blocks);
	status = l.blocks ? read_rows(&l, file, rows, err) : prl_error_memory(err);
	if (!status)
		status = read_head(picture, &l.blocks[0], &head, err);
	/* the head says that the file has the tables of this picture */
	if (!status && l.blocks[l.count - 1].table >= picture->table_count)
		status = damaged(err, "its index does not fit it");
	if (!status)
		status = load_tables(&l, err);
	free(l.blocks);
	if (status)
		return status;
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
