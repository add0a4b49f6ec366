/* A disk that fails when told to, and that remembers what was synced: a SQLite VFS round the ordinary one, made the
 * default for the whole program by faulty_begin().
 *
 * faulty_fail(n, …): the n-th write, sync or truncate of this thread from now on fails, and with `for_good` each after
 * it. faulty_cut(to): writes what a power cut now would leave of every open database and write-ahead log into folder
 * `to`: what was synced, and of each later write any of its 512-byte sectors or none. */
#ifndef TESTS_STORE_FAULTY_VFS_H
#define TESTS_STORE_FAULTY_VFS_H

#include "support/random.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct faulty_write {
	struct faulty_write *next;
	size_t offset, size; /* size 0: the file is cut to offset */
	char data[];
} faulty_write;

/* A file by its name: several connections have it open. */
typedef struct faulty_image {
	struct faulty_image *next;
	char name[300];
	char *synced;
	size_t size;
	faulty_write *writes, **last; /* since the sync, oldest first */
} faulty_image;

typedef struct faulty_file {
	sqlite3_file base;
	faulty_image *image; /* NULL: neither database nor log */
	sqlite3_file *real;
} faulty_file;

static pthread_mutex_t faulty_mutex = PTHREAD_MUTEX_INITIALIZER;
static faulty_image *faulty_images;
static const char *faulty_watched;         /* files whose names begin so are remembered */
static _Thread_local int faulty_countdown; /* 0: does not fail */
static _Thread_local bool faulty_for_good, faulty_failing;
static _Thread_local int faulty_code, faulty_errno;
static sqlite3_vfs faulty_vfs, *faulty_real_vfs;
static sqlite3_io_methods faulty_methods;

static inline void faulty_fail(int n, bool for_good, int code, int number)
{
	faulty_countdown = n;
	faulty_for_good = for_good;
	faulty_failing = false;
	faulty_code = code;
	faulty_errno = number;
}

/* True while nothing failed yet: the count was beyond what happened. */
static inline bool faulty_heal(void)
{
	bool unused = faulty_countdown > 0;
	faulty_countdown = 0;
	faulty_failing = false;
	return unused;
}

static inline bool faulty_now(void)
{
	if (faulty_failing && faulty_for_good) {
		errno = faulty_errno;
		return true;
	}
	if (faulty_countdown == 0 || --faulty_countdown > 0)
		return false;
	faulty_failing = true;
	errno = faulty_errno;
	return true;
}

static inline void faulty_add(faulty_image *image, const void *data, size_t size, size_t offset)
{
	if (!image)
		return;
	faulty_write *w = malloc(sizeof *w + size);
	*w = (faulty_write){ .offset = offset, .size = size };
	if (size)
		memcpy(w->data, data, size);
	pthread_mutex_lock(&faulty_mutex);
	*image->last = w;
	image->last = &w->next;
	pthread_mutex_unlock(&faulty_mutex);
}

/* Room for so many bytes: a power of two, so that growing page by page does not copy it all each time. */
static inline size_t faulty_room(size_t size)
{
	size_t room = 4096;
	while (room < size)
		room *= 2;
	return room;
}

static inline void faulty_resize(char **bytes, size_t *size, size_t to)
{
	if (!*bytes || faulty_room(to) != faulty_room(*size))
		*bytes = realloc(*bytes, faulty_room(to));
	if (to > *size)
		memset(*bytes + *size, 0, to - *size);
	*size = to;
}

/* Puts a write into bytes: all of it, or with r any of its sectors. */
static inline void faulty_apply(const faulty_write *w, char **bytes, size_t *size, rnd *r)
{
	if (w->size == 0) {
		if (!r || rnd_chance(r, 0.5))
			faulty_resize(bytes, size, w->offset);
		return;
	}
	bool none = r && rnd_chance(r, 0.4), all = !r || rnd_chance(r, 0.5);
	for (size_t at = 0; !none && at < w->size;) {
		size_t part = 512 - (w->offset + at) % 512;
		part = part < w->size - at ? part : w->size - at;
		if (all || rnd_chance(r, 0.5)) {
			if (w->offset + at + part > *size)
				faulty_resize(bytes, size, w->offset + at + part);
			memcpy(*bytes + w->offset + at, w->data + at, part);
		}
		at += part;
	}
}

static inline void faulty_synced(faulty_image *image)
{
	if (!image)
		return;
	pthread_mutex_lock(&faulty_mutex);
	for (faulty_write *w = image->writes, *next; w; w = next) {
		next = w->next;
		faulty_apply(w, &image->synced, &image->size, NULL);
		free(w);
	}
	image->writes = NULL;
	image->last = &image->writes;
	pthread_mutex_unlock(&faulty_mutex);
}

static inline void faulty_cut(const char *to, rnd *r)
{
	pthread_mutex_lock(&faulty_mutex);
	for (faulty_image *image = faulty_images; image; image = image->next) {
		char name[500], *bytes = NULL;
		size_t size = 0;
		faulty_resize(&bytes, &size, image->size);
		if (size)
			memcpy(bytes, image->synced, size);
		for (faulty_write *w = image->writes; w; w = w->next)
			faulty_apply(w, &bytes, &size, r);
		snprintf(name, sizeof name, "%s/%s", to, strrchr(image->name, '/') + 1);
		FILE *f = fopen(name, "wb");
		fwrite(bytes, 1, size, f);
		fclose(f);
		free(bytes);
	}
	pthread_mutex_unlock(&faulty_mutex);
}

#define REAL(file) (((faulty_file *)(file))->real)

static int faulty_close(sqlite3_file *f)
{
	return REAL(f)->pMethods->xClose(REAL(f));
}

static int faulty_read(sqlite3_file *f, void *to, int size, sqlite3_int64 offset)
{
	return REAL(f)->pMethods->xRead(REAL(f), to, size, offset);
}

static int faulty_write_bytes(sqlite3_file *f, const void *from, int size, sqlite3_int64 offset)
{
	if (faulty_now())
		return faulty_code == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	faulty_add(((faulty_file *)f)->image, from, (size_t)size, (size_t)offset);
	return REAL(f)->pMethods->xWrite(REAL(f), from, size, offset);
}

static int faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	if (faulty_now())
		return SQLITE_IOERR_TRUNCATE;
	faulty_add(((faulty_file *)f)->image, "", 0, (size_t)size);
	return REAL(f)->pMethods->xTruncate(REAL(f), size);
}

static int faulty_sync(sqlite3_file *f, int flags)
{
	if (faulty_now())
		return SQLITE_IOERR_FSYNC;
	int code = REAL(f)->pMethods->xSync(REAL(f), flags);
	if (!code)
		faulty_synced(((faulty_file *)f)->image);
	return code;
}

static int faulty_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return REAL(f)->pMethods->xFileSize(REAL(f), size);
}

static int faulty_lock(sqlite3_file *f, int level)
{
	return REAL(f)->pMethods->xLock(REAL(f), level);
}

static int faulty_unlock(sqlite3_file *f, int level)
{
	return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int faulty_reserved(sqlite3_file *f, int *out)
{
	return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int faulty_control(sqlite3_file *f, int op, void *arg)
{
	return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int faulty_sector(sqlite3_file *f)
{
	return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int faulty_device(sqlite3_file *f)
{
	return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int faulty_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}

static int faulty_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}

static void faulty_shm_barrier(sqlite3_file *f)
{
	REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int faulty_shm_unmap(sqlite3_file *f, int remove)
{
	return REAL(f)->pMethods->xShmUnmap(REAL(f), remove);
}

static faulty_image *faulty_image_of(const char *name)
{
	pthread_mutex_lock(&faulty_mutex);
	faulty_image *image = faulty_images;
	while (image && strcmp(image->name, name) != 0)
		image = image->next;
	if (!image) {
		image = calloc(1, sizeof *image);
		snprintf(image->name, sizeof image->name, "%s", name);
		image->last = &image->writes;
		image->next = faulty_images;
		faulty_images = image;
	}
	pthread_mutex_unlock(&faulty_mutex);
	return image;
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	(void)vfs;
	faulty_file *file = (faulty_file *)f;
	*file = (faulty_file){ .real = (sqlite3_file *)(file + 1) };
	if (name && faulty_watched && strncmp(name, faulty_watched, strlen(faulty_watched)) == 0 &&
	    (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
		file->image = faulty_image_of(name);
	int code = faulty_real_vfs->xOpen(faulty_real_vfs, name, file->real, flags, out);
	file->base.pMethods = code ? NULL : &faulty_methods;
	return code;
}

static inline void faulty_begin(void)
{
	if (faulty_real_vfs)
		return;
	faulty_methods = (sqlite3_io_methods){
		2,
		faulty_close,
		faulty_read,
		faulty_write_bytes,
		faulty_truncate,
		faulty_sync,
		faulty_size,
		faulty_lock,
		faulty_unlock,
		faulty_reserved,
		faulty_control,
		faulty_sector,
		faulty_device,
		faulty_shm_map,
		faulty_shm_lock,
		faulty_shm_barrier,
		faulty_shm_unmap,
		NULL,
		NULL,
	};
	faulty_real_vfs = sqlite3_vfs_find(NULL);
	faulty_vfs = *faulty_real_vfs;
	faulty_vfs.zName = "faulty";
	faulty_vfs.szOsFile += (int)sizeof(faulty_file);
	faulty_vfs.xOpen = faulty_open;
	sqlite3_vfs_register(&faulty_vfs, 1);
}

/* Forgets all files; none may be open. */
static inline void faulty_forget(void)
{
	for (faulty_image *image = faulty_images, *next; image; image = next) {
		faulty_synced(image);
		next = image->next;
		free(image->synced);
		free(image);
	}
	faulty_images = NULL;
	faulty_watched = NULL;
}

static inline void faulty_end(void)
{
	sqlite3_vfs_unregister(&faulty_vfs);
	faulty_real_vfs = NULL;
	faulty_forget();
}

#endif
