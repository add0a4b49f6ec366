/* A store in memory, slow and simple: what the real one must say. And files for it to live in. */
#ifndef TESTS_STORE_MODEL_H
#define TESTS_STORE_MODEL_H

#include "base/hash.h"
#include "base/text.h"
#include "store/store.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/random.h"

#define OK(call)                                                                                                       \
	do {                                                                                                           \
		prl_error ok_error = { 0 };                                                                            \
		prl_error *err = &ok_error;                                                                            \
		prl_status ok_status = (call);                                                                         \
		if (ok_status)                                                                                         \
			fail_msg("%s: %s (%s)", #call, err->text, prl_status_text(ok_status));                         \
	} while (0)

#define MODEL_LOGS 3
#define MODEL_KEYS 40
#define MODEL_ROOM 20000

typedef struct model_value {
	bool there, deleted;
	prl_time at;
	char *data;
	size_t size;
} model_value;

typedef struct model_log {
	prl_store_log log;
	char origin[40];
	model_value *entries;                                           /* MODEL_ROOM */
	model_value *bodies;                                            /* by index, MODEL_ROOM */
	model_value checkpoint, tiles[MODEL_ROOM / 256 + 1], *cosigned; /* by size, MODEL_ROOM */
} model_log;

typedef struct model {
	model_log logs[MODEL_LOGS];
	model_value cells[MODEL_KEYS], contents[MODEL_KEYS];
} model;

/* A folder of its own; folder_done() removes it and what is in it. */
typedef struct folder {
	char path[64], store[80], other[80];
} folder;

static inline folder folder_new(void)
{
	folder f;
	/* in memory where there is such a place: what is synced is followed by faulty_vfs.h, not by the machine */
	const char *place = getenv("TMPDIR");
	place = place ? place : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(f.path, sizeof f.path, "%s/store-XXXXXX", place);
	assert_non_null(mkdtemp(f.path));
	snprintf(f.store, sizeof f.store, "%s/line.db", f.path);
	snprintf(f.other, sizeof f.other, "%s/other.db", f.path);
	return f;
}

static inline void folder_done(const folder *f)
{
	DIR *dir = opendir(f->path);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		char name[400];
		snprintf(name, sizeof name, "%s/%s", f->path, e->d_name);
		unlink(name);
	}
	if (dir)
		closedir(dir);
	rmdir(f->path);
}

static inline void model_set(model_value *v, prl_bytes bytes, prl_time at)
{
	free(v->data);
	v->data = prl_text_copy(bytes.data, bytes.size);
	*v = (model_value){ .there = true, .at = at, .data = v->data, .size = bytes.size };
}

static inline void model_forget(model_value *v)
{
	free(v->data);
	memset(v, 0, sizeof *v);
}

static inline prl_bytes model_random(rnd *r, char *room, size_t most)
{
	size_t size = rnd_below(r, most + 1);
	for (size_t i = 0; i < size; i++)
		room[i] = (char)rnd_u64(r);
	return (prl_bytes){ room, size };
}

#endif
