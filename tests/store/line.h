/* A log whose entries say where they stand, so that any reader can tell whether what it sees is right. Batches are
 * whole or not there: the cell "size" is written in the batch that makes the log that long, and so are the bodies
 * beside every third entry. */
#ifndef TESTS_STORE_LINE_H
#define TESTS_STORE_LINE_H

#include "store/model.h"

#define LINE_BATCH 40

typedef struct line {
	prl_store *store;
	prl_store_log log;
	char bytes[LINE_BATCH][700];
	prl_bytes entries[LINE_BATCH];
	char body_bytes[LINE_BATCH][40];
	prl_store_body bodies[LINE_BATCH];
} line;

/* Entry index: its own number and then a run of bytes that follow from it. */
static inline prl_bytes line_entry(uint64_t index, char room[700])
{
	rnd r = rnd_case(77, index);
	int front = snprintf(room, 700, "entry %llu ", (unsigned long long)index);
	size_t size = (size_t)front + rnd_below(&r, 600);
	for (size_t i = (size_t)front; i < size; i++)
		room[i] = (char)('a' + rnd_below(&r, 26));
	return (prl_bytes){ room, size };
}

static inline bool line_has_body(uint64_t index)
{
	return index % 3 == 0;
}

static inline prl_bytes line_body(uint64_t index, char room[40])
{
	return (prl_bytes){ room, (size_t)snprintf(room, 40, "beside %llu", (unsigned long long)index) };
}

static inline prl_status line_open(line *l, const char *path, unsigned flags, prl_error *err)
{
	prl_status status = prl_store_open(path, flags, &l->store, err);
	if (!status)
		status = prl_store_log_open(l->store, "line.example/line", flags & PRL_STORE_CREATE, &l->log, err);
	return status;
}

/* count entries and the cell; the log is as long as it was where this fails. */
static inline prl_status line_commit(line *l, size_t count, prl_error *err)
{
	char size[32];
	size_t bodies = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t index = l->log.size + i;
		l->entries[i] = line_entry(index, l->bytes[i]);
		if (line_has_body(index)) {
			prl_bytes body = line_body(index, l->body_bytes[i]);
			l->bodies[bodies++] = (prl_store_body){ l->log.id, index, body };
		}
	}
	snprintf(size, sizeof size, "%llu", (unsigned long long)(l->log.size + count));
	prl_store_append append = { .log = l->log.id,
				    .epoch = l->log.epoch,
				    .expected_size = l->log.size,
				    .entries = l->entries,
				    .entry_count = count,
				    .checkpoint = prl_bytes_of(size) };
	prl_store_cell cell = { "size", prl_bytes_of(size) };
	prl_store_batch batch = { .appends = &append,
				  .append_count = 1,
				  .cells = &cell,
				  .cell_count = 1,
				  .bodies = l->bodies,
				  .body_count = bodies };
	prl_status status = prl_store_commit(l->store, &batch, err);
	if (!status)
		l->log.size += count;
	return status;
}

static inline prl_status line_see_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)err;
	char room[700];
	if (!prl_bytes_equal(line_entry(index, room), entry))
		return PRL_E_CALLBACK;
	++*(uint64_t *)context;
	return PRL_OK;
}

/* The bodies of entries 0, 3, 6 … in this order. */
static inline prl_status line_see_body(void *context, uint64_t index, prl_bytes body, prl_error *err)
{
	(void)err;
	char room[40];
	uint64_t *seen = context;
	if (index != 3 * *seen || !prl_bytes_equal(line_body(index, room), body))
		return PRL_E_CALLBACK;
	++*seen;
	return PRL_OK;
}

/* Every entry is right, each third has its body, and the cell says the same size; gives the size. */
static inline uint64_t line_see(prl_store *store)
{
	prl_store_reader *reader;
	prl_store_log log;
	uint64_t seen = 0, said = 0, bodies = 0;
	prl_buffer cell = PRL_BUFFER(100);
	OK(prl_store_reader_new(store, &reader, err));
	OK(prl_store_log_open(store, "line.example/line", false, &log, err));
	OK(prl_store_entries(reader, log.id, 0, log.size, line_see_entry, &seen, err));
	assert_int_equal(seen, log.size);
	OK(prl_store_bodies(reader, log.id, 0, UINT64_MAX, line_see_body, &bodies, err));
	assert_int_equal(bodies, (log.size + 2) / 3);
	if (log.size) {
		OK(prl_store_cell_get(reader, "size", &cell, err));
		assert_true(prl_decimal_read((prl_bytes){ cell.data, cell.size }, &said));
		prl_buffer_clear(&cell);
		OK(prl_store_checkpoint(reader, log.id, &cell, err));
		assert_int_equal(strtoull(cell.data, NULL, 10), log.size);
	}
	assert_int_equal(said, log.size);
	prl_buffer_done(&cell);
	prl_store_reader_free(reader);
	return log.size;
}

/* A store that nobody has open: whole, and how long. */
static inline uint64_t line_see_file(const char *path)
{
	prl_store *store;
	OK(prl_store_open(path, 0, &store, err));
	OK(prl_store_check(store, err));
	uint64_t size = line_see(store);
	prl_store_close(store);
	return size;
}

#endif
