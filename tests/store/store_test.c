#include "store/line.h"

#include "base/error.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* ---- the model --------------------------------------------------------------------------------------------------- */

static void model_init(model *m)
{
	memset(m, 0, sizeof *m);
	for (size_t i = 0; i < MODEL_LOGS; i++) {
		m->logs[i].entries = calloc(MODEL_ROOM, sizeof(model_value));
		m->logs[i].bodies = calloc(MODEL_ROOM, sizeof(model_value));
		m->logs[i].cosigned = calloc(MODEL_ROOM, sizeof(model_value));
		snprintf(m->logs[i].origin, sizeof m->logs[i].origin, "party%zu.example/line", i);
	}
}

static void model_done(model *m)
{
	for (size_t i = 0; i < MODEL_LOGS; i++) {
		model_log *log = &m->logs[i];
		for (size_t k = 0; k < MODEL_ROOM; k++) {
			free(log->entries[k].data);
			free(log->cosigned[k].data);
			free(log->bodies[k].data);
		}
		for (size_t k = 0; k < MODEL_ROOM / 256 + 1; k++)
			free(log->tiles[k].data);
		free(log->entries);
		free(log->cosigned);
		free(log->bodies);
		free(log->checkpoint.data);
	}
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		free(m->cells[i].data);
		free(m->contents[i].data);
	}
}

static prl_hash content_hash(size_t key, char salted[40])
{
	snprintf(salted, 40, "salt of content %zu", key);
	return prl_sha256(salted, strlen(salted));
}

static void see(const model_value *v, prl_status status, const prl_buffer *found)
{
	assert_int_equal(status, v->deleted ? PRL_E_STALE : v->there ? PRL_OK : PRL_E_NOT_FOUND);
	if (status)
		return;
	assert_int_equal(found->size, v->size);
	if (v->size)
		assert_memory_equal(found->data, v->data, v->size);
}

typedef struct see_entries_context {
	const model_log *log;
	uint64_t next;
} see_entries_context;

static prl_status see_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)err;
	see_entries_context *c = context;
	assert_int_equal(index, c->next++);
	assert_int_equal(entry.size, c->log->entries[index].size);
	assert_memory_equal(entry.data, c->log->entries[index].data, entry.size);
	return PRL_OK;
}

static void see_log(const model_log *log, prl_store_reader *reader)
{
	uint64_t size = 0;
	prl_buffer found = PRL_BUFFER(1 << 20);
	OK(prl_store_size(reader, log->log.id, &size, err));
	assert_int_equal(size, log->log.size);
	see_entries_context context = { log, 0 };
	OK(prl_store_entries(reader, log->log.id, 0, size, see_entry, &context, err));
	assert_int_equal(context.next, size);
	assert_int_equal(prl_store_entries(reader, log->log.id, 0, size + 1, see_entry, &context, NULL),
			 PRL_E_NOT_FOUND);
	see(&log->checkpoint, prl_store_checkpoint(reader, log->log.id, &found, NULL), &found);
	for (size_t i = 0; i <= size / 256; i++) {
		prl_buffer_clear(&found);
		see(&log->tiles[i], prl_store_tile(reader, log->log.id, 0, i, &found, NULL), &found);
	}
	prl_buffer_done(&found);
}

static void see_cosigned(const model_log *log, prl_store_reader *reader, uint64_t at)
{
	uint64_t up = at, down = at, size;
	prl_buffer found = PRL_BUFFER(1 << 20);
	while (up < MODEL_ROOM && !log->cosigned[up].there)
		up++;
	while (down > 0 && !log->cosigned[down].there)
		down--;
	static const model_value none;
	prl_status status = prl_store_cosigned_from(reader, log->log.id, at, &size, &found, NULL);
	see(up < MODEL_ROOM ? &log->cosigned[up] : &none, status, &found);
	assert_true(status || size == up);
	prl_buffer_clear(&found);
	status = prl_store_cosigned_to(reader, log->log.id, at, &size, &found, NULL);
	see(&log->cosigned[down], status, &found);
	assert_true(status || size == down);
	prl_buffer_done(&found);
}

static prl_status see_body(void *context, uint64_t index, prl_bytes body, prl_error *err)
{
	(void)err;
	see_entries_context *c = context;
	while (!c->log->bodies[c->next].there)
		assert_true(++c->next < MODEL_ROOM);
	assert_int_equal(index, c->next++);
	assert_int_equal(body.size, c->log->bodies[index].size);
	if (body.size)
		assert_memory_equal(body.data, c->log->bodies[index].data, body.size);
	return PRL_OK;
}

static void see_bodies(const model_log *log, prl_store_reader *reader, uint64_t from, uint64_t to)
{
	see_entries_context context = { log, from };
	OK(prl_store_bodies(reader, log->log.id, from, to, see_body, &context, err));
	assert_true(context.next <= to);
	for (uint64_t i = context.next; i < to && i < MODEL_ROOM; i++) /* none was left out at the end */
		assert_false(log->bodies[i].there);
	prl_buffer found = PRL_BUFFER(1 << 20);
	for (uint64_t i = from; i < from + 20 && i < MODEL_ROOM; i++) {
		prl_buffer_clear(&found);
		see(&log->bodies[i], prl_store_body_get(reader, log->log.id, i, &found, NULL), &found);
	}
	prl_buffer_done(&found);
}

typedef struct see_contents_context {
	const model *m;
	size_t count;
	prl_time last;
} see_contents_context;

static prl_status see_content(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	(void)err;
	see_contents_context *c = context;
	assert_true(at >= c->last);
	c->last = at;
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		char salted[40];
		prl_hash key = content_hash(i, salted);
		if (!prl_hash_equal(&key, hash))
			continue;
		assert_true(c->m->contents[i].there && !c->m->contents[i].deleted);
		assert_true(at == c->m->contents[i].at && size == c->m->contents[i].size);
		c->count++;
		return PRL_OK;
	}
	fail_msg("a content nobody wrote");
	return PRL_OK;
}

static void see_contents(const model *m, prl_store_reader *reader, prl_time from, prl_time to)
{
	see_contents_context context = { .m = m, .last = from };
	size_t expected = 0;
	OK(prl_store_contents(reader, from, to, see_content, &context, err));
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		const model_value *v = &m->contents[i];
		expected += v->there && !v->deleted && v->at >= from && v->at < to;
	}
	assert_int_equal(context.count, expected);
}

static void see_all(const model *m, prl_store_reader *reader, rnd *r)
{
	prl_buffer found = PRL_BUFFER(1 << 20);
	for (size_t i = 0; i < MODEL_LOGS; i++) {
		see_log(&m->logs[i], reader);
		see_cosigned(&m->logs[i], reader, rnd_below(r, MODEL_ROOM));
		see_cosigned(&m->logs[i], reader, rnd_below(r, m->logs[i].log.size + 2));
		see_bodies(&m->logs[i], reader, 0, UINT64_MAX);
		uint64_t from = rnd_below(r, m->logs[i].log.size + 2);
		see_bodies(&m->logs[i], reader, from, from + rnd_below(r, m->logs[i].log.size + 2));
	}
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		char name[40], salted[40];
		prl_time at = 0;
		snprintf(name, sizeof name, "cell/%zu", i);
		prl_buffer_clear(&found);
		see(&m->cells[i], prl_store_cell_get(reader, name, &found, NULL), &found);
		prl_hash hash = content_hash(i, salted);
		prl_buffer_clear(&found);
		see(&m->contents[i], prl_store_content_get(reader, &hash, &at, &found, NULL), &found);
		assert_int_equal(at, m->contents[i].at);
	}
	see_contents(m, reader, INT64_MIN, INT64_MAX);
	prl_time from = (prl_time)rnd_below(r, 500);
	see_contents(m, reader, from, from + (prl_time)rnd_below(r, 500));
	prl_buffer_done(&found);
}

/* ---- random batches ---------------------------------------------------------------------------------------------- */

#define BATCH_ENTRIES 300
#define BATCH_BODIES  40

typedef struct batch {
	prl_store_batch b;
	prl_store_append appends[MODEL_LOGS];
	prl_bytes entries[MODEL_LOGS][BATCH_ENTRIES];
	struct prl_store_tile tiles[MODEL_LOGS][3];
	prl_store_cosigned cosigned[4];
	prl_store_content contents[4];
	prl_store_cell cells[4];
	prl_store_body bodies[BATCH_BODIES];
	prl_store_range drop;
	size_t body_log[BATCH_BODIES], drop_log;
	char names[4][40], salted[4][40];
	size_t cosigned_log[4], content_key[4], cell_key[4];
	char *room;
	size_t used;
} batch;

#define ROOM (8u << 20)

static prl_bytes batch_bytes(batch *b, rnd *r, size_t most)
{
	assert_true(b->used + most <= ROOM);
	prl_bytes bytes = model_random(r, b->room + b->used, most);
	b->used += bytes.size;
	return bytes;
}

static void fill_append(batch *b, rnd *r, const model_log *log, size_t at)
{
	prl_store_append *a = &b->appends[at];
	*a = (prl_store_append){ .log = log->log.id, .epoch = log->log.epoch, .expected_size = log->log.size };
	a->entries = b->entries[at];
	a->entry_count = rnd_chance(r, 0.1) ? rnd_below(r, BATCH_ENTRIES) : rnd_below(r, 20);
	if (a->expected_size + a->entry_count >= MODEL_ROOM)
		a->entry_count = 0;
	for (size_t i = 0; i < a->entry_count; i++)
		b->entries[at][i] = batch_bytes(b, r, rnd_chance(r, 0.005) ? 65535 : rnd_chance(r, 0.1) ? 9000 : 600);
	a->tiles = b->tiles[at];
	for (uint64_t n = a->expected_size / 256; n < (a->expected_size + a->entry_count) / 256; n++) {
		b->tiles[at][a->tile_count++] = (struct prl_store_tile){ 0, n, { b->room + b->used, 8192 } };
		memset(b->room + b->used, (int)n, 8192);
		b->used += 8192;
	}
	if (rnd_chance(r, 0.9))
		a->checkpoint = batch_bytes(b, r, 500);
}

/* Beside entries of this batch and of those before it; some come twice, the last one stays. */
static void fill_bodies(batch *b, rnd *r, const model *m)
{
	b->b.bodies = b->bodies;
	b->b.body_count = 0;
	size_t wanted = rnd_below(r, BATCH_BODIES);
	for (size_t i = 0; i < b->b.append_count; i++) {
		const prl_store_append *a = &b->appends[i];
		size_t log = 0;
		while (m->logs[log].log.id != a->log)
			log++;
		uint64_t size = a->expected_size + a->entry_count;
		for (size_t k = 0; size && k < wanted / b->b.append_count; k++) {
			uint64_t back = rnd_below(r, rnd_chance(r, 0.9) && size > 50 ? 50 : size);
			size_t most = rnd_chance(r, 0.02) ? 60000 : 700;
			b->body_log[b->b.body_count] = log;
			b->bodies[b->b.body_count++] =
				(prl_store_body){ a->log, size - 1 - back, batch_bytes(b, r, most) };
		}
	}
	b->b.drops = &b->drop;
	b->b.drop_count = rnd_chance(r, 0.1);
	b->drop_log = rnd_below(r, MODEL_LOGS);
	const prl_store_log *log = &m->logs[b->drop_log].log;
	uint64_t from = rnd_below(r, log->size + 1);
	uint64_t to = rnd_chance(r, 0.1) ? UINT64_MAX : from + rnd_below(r, 200);
	b->drop = (prl_store_range){ log->id, from, to };
}

static void fill_others(batch *b, rnd *r, const model *m)
{
	static const char nothing[1];
	b->b.cosigned_count = rnd_below(r, 3);
	for (size_t i = 0; i < b->b.cosigned_count; i++) {
		b->cosigned_log[i] = rnd_below(r, MODEL_LOGS);
		const prl_store_log *log = &m->logs[b->cosigned_log[i]].log;
		b->cosigned[i] = (prl_store_cosigned){ log->id, rnd_below(r, log->size + 1), batch_bytes(b, r, 900) };
	}
	b->b.content_count = rnd_below(r, 3);
	for (size_t i = 0; i < b->b.content_count; i++) {
		b->content_key[i] = (rnd_below(r, MODEL_KEYS / 4) * 4 + i) % MODEL_KEYS;
		prl_hash hash = content_hash(b->content_key[i], b->salted[i]);
		prl_bytes bytes = { rnd_chance(r, 0.7) ? b->salted[i] : NULL, strlen(b->salted[i]) };
		b->contents[i] = (prl_store_content){ hash, (prl_time)rnd_below(r, 1000), bytes };
	}
	b->b.cell_count = rnd_below(r, 4);
	for (size_t i = 0; i < b->b.cell_count; i++) {
		b->cell_key[i] = rnd_below(r, MODEL_KEYS);
		snprintf(b->names[i], sizeof b->names[i], "cell/%zu", b->cell_key[i]);
		prl_bytes value = rnd_chance(r, 0.2)   ? (prl_bytes){ NULL, 0 }
				  : rnd_chance(r, 0.1) ? (prl_bytes){ nothing, 0 }
						       : batch_bytes(b, r, 5000);
		b->cells[i] = (prl_store_cell){ b->names[i], value };
	}
}

static void batch_fill(batch *b, rnd *r, const model *m)
{
	char *room = b->room;
	memset(b, 0, sizeof *b);
	b->room = room;
	b->b = (prl_store_batch){
		.appends = b->appends, .cosigned = b->cosigned, .contents = b->contents, .cells = b->cells
	};
	for (size_t i = 0; i < MODEL_LOGS; i++)
		if (rnd_chance(r, 0.6))
			fill_append(b, r, &m->logs[i], b->b.append_count++);
	fill_others(b, r, m);
	fill_bodies(b, r, m);
}

static void model_apply_append(model *m, const prl_store_append *a)
{
	for (size_t i = 0; i < MODEL_LOGS; i++) {
		model_log *log = &m->logs[i];
		if (log->log.id != a->log)
			continue;
		for (size_t k = 0; k < a->entry_count; k++)
			model_set(&log->entries[log->log.size++], a->entries[k], 0);
		for (size_t k = 0; k < a->tile_count; k++)
			model_set(&log->tiles[a->tiles[k].number], a->tiles[k].hashes, 0);
		if (a->checkpoint.size)
			model_set(&log->checkpoint, a->checkpoint, 0);
	}
}

static void model_apply_content(model_value *v, const prl_store_content *content)
{
	if (!content->bytes.data) {
		if (!v->deleted)
			v->at = content->at;
		v->deleted = true;
	} else if (!v->there || v->deleted) {
		model_set(v, content->bytes, content->at);
	}
}

static void model_apply_bodies(model *m, const batch *b)
{
	for (uint64_t i = b->drop.from; b->b.drop_count && i < b->drop.to && i < MODEL_ROOM; i++)
		model_forget(&m->logs[b->drop_log].bodies[i]);
	for (size_t i = 0; i < b->b.body_count; i++)
		model_set(&m->logs[b->body_log[i]].bodies[b->bodies[i].index], b->bodies[i].bytes, 0);
}

static void model_apply(model *m, const batch *b)
{
	for (size_t i = 0; i < b->b.append_count; i++)
		model_apply_append(m, &b->appends[i]);
	for (size_t i = 0; i < b->b.cosigned_count; i++)
		model_set(&m->logs[b->cosigned_log[i]].cosigned[b->cosigned[i].size], b->cosigned[i].checkpoint, 0);
	for (size_t i = 0; i < b->b.content_count; i++)
		model_apply_content(&m->contents[b->content_key[i]], &b->contents[i]);
	for (size_t i = 0; i < b->b.cell_count; i++) {
		model_value *v = &m->cells[b->cell_key[i]];
		if (b->cells[i].value.data)
			model_set(v, b->cells[i].value, 0);
		else
			model_forget(v);
	}
	model_apply_bodies(m, b);
}

/* Makes one thing of the batch wrong; the status that is expected. */
static prl_status spoil(batch *b, rnd *r)
{
	static const char long_entry[65536];
	if (b->b.append_count == 0)
		return PRL_OK;
	prl_store_append *a = &b->appends[rnd_below(r, b->b.append_count)];
	switch (rnd_below(r, 7)) {
	case 0:
		a->epoch += rnd_chance(r, 0.5) ? 1 : UINT64_MAX;
		return PRL_E_STALE;
	case 1:
		a->expected_size++;
		return PRL_E_STALE;
	case 2:
		a->log = 77;
		return PRL_E_NOT_FOUND;
	case 3:
		b->entries[a - b->appends][a->entry_count++] = (prl_bytes){ long_entry, 65536 };
		return PRL_E_TOO_LARGE;
	case 4: /* beside an entry that is not there */
		b->bodies[0] = (prl_store_body){ a->log, a->expected_size + a->entry_count, prl_bytes_of("x") };
		b->b.body_count = 1;
		return PRL_E_RANGE;
	case 5:
		b->bodies[0] = (prl_store_body){ 77, 0, prl_bytes_of("x") };
		b->b.body_count = 1;
		return PRL_E_NOT_FOUND;
	default:
		b->tiles[a - b->appends][a->tile_count++] =
			(struct prl_store_tile){ 0, (a->expected_size + a->entry_count) / 256, { long_entry, 8192 } };
		return PRL_E_RANGE;
	}
}

static void open_logs(model *m, prl_store *store)
{
	for (size_t i = 0; i < MODEL_LOGS; i++) {
		prl_store_log log;
		OK(prl_store_log_open(store, m->logs[i].origin, m->logs[i].log.id == 0, &log, err));
		if (m->logs[i].log.id == 0)
			m->logs[i].log = log;
		assert_true(log.id == m->logs[i].log.id && log.epoch == m->logs[i].log.epoch &&
			    log.size == m->logs[i].log.size);
	}
}

/* Random batches, right and wrong ones, with the store opened anew at random. */
static void does_as_the_model(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("store model");
	folder f = folder_new();
	static model m;
	static batch b;
	b.room = malloc(ROOM);
	model_init(&m);
	rnd r = rnd_case(seed, 0);
	prl_store *store = NULL;
	prl_store_reader *reader = NULL;
	size_t rounds = rnd_count(250, 3000);
	for (size_t round = 0; round < rounds; round++) {
		if (!store) {
			OK(prl_store_open(f.store, PRL_STORE_CREATE, &store, err));
			open_logs(&m, store);
			OK(prl_store_reader_new(store, &reader, err));
		}
		batch_fill(&b, &r, &m);
		prl_status expected = rnd_chance(&r, 0.2) ? spoil(&b, &r) : PRL_OK;
		prl_error why = { 0 };
		prl_status status = prl_store_commit(store, &b.b, &why);
		if (status != expected)
			fail_msg("commit: %s: %s", prl_status_text(status), why.text);
		if (!status)
			model_apply(&m, &b);
		if (rnd_chance(&r, 0.05))
			OK(prl_store_take_log(store, &m.logs[rnd_below(&r, MODEL_LOGS)].log, err));
		if (round % 16 == 0 || round + 1 == rounds)
			see_all(&m, reader, &r);
		if (rnd_chance(&r, 0.03) || round + 1 == rounds) {
			OK(prl_store_check(store, err));
			prl_store_reader_free(reader);
			prl_store_close(store);
			store = NULL;
		}
	}
	free(b.room);
	model_done(&m);
	folder_done(&f);
}

/* ---- rules one by one -------------------------------------------------------------------------------------------- */

static prl_status append_one(prl_store *store, const prl_store_log *log, uint64_t size, const char *text,
			     prl_error *err)
{
	prl_bytes entry = prl_bytes_of(text);
	prl_store_append append = { .log = log->id,
				    .epoch = log->epoch,
				    .expected_size = size,
				    .entries = &entry,
				    .entry_count = 1,
				    .checkpoint = entry };
	return prl_store_commit(store, &(prl_store_batch){ .appends = &append, .append_count = 1 }, err);
}

static void fences_the_old_writer(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store;
	prl_store_log old, new;
	prl_error why = { 0 };
	OK(prl_store_open(f.store, PRL_STORE_CREATE, &store, err));
	assert_int_equal(prl_store_log_open(store, "a", false, &old, &why), PRL_E_NOT_FOUND);
	OK(prl_store_log_open(store, "a", true, &old, err));
	OK(append_one(store, &old, 0, "one", err));
	OK(prl_store_log_open(store, "a", true, &new, err));
	assert_int_equal(new.size, 1);
	OK(prl_store_take_log(store, &new, err));
	assert_int_equal(new.epoch, old.epoch + 1);
	assert_int_equal(append_one(store, &old, 1, "two", &why), PRL_E_STALE);
	assert_non_null(strstr(why.text, "another writer"));
	assert_int_equal(append_one(store, &new, 0, "two", &why), PRL_E_STALE);
	assert_non_null(strstr(why.text, "has 1 entries, expected 0"));
	OK(append_one(store, &new, 1, "two", err));
	prl_store_close(store);
	folder_done(&f);
}

static void takes_one_writer_and_many_lookers(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store, *second, *look;
	prl_store_log log;
	prl_error why = { 0 };
	char pid[24];
	assert_int_equal(prl_store_open(f.store, 0, &store, &why), PRL_E_NOT_FOUND);
	assert_int_equal(access(f.path, F_OK), 0);
	OK(prl_store_open(f.store, PRL_STORE_CREATE, &store, err));
	assert_int_equal(prl_store_open(f.store, PRL_STORE_CREATE, &second, &why), PRL_E_STALE);
	snprintf(pid, sizeof pid, "process %ld ", (long)getpid());
	assert_non_null(strstr(why.text, pid));
	OK(prl_store_log_open(store, "a", true, &log, err));
	OK(prl_store_open(f.store, PRL_STORE_READ, &look, err));
	OK(append_one(store, &log, 0, "one", err));
	OK(prl_store_log_open(look, "a", false, &log, err));
	assert_int_equal(log.size, 1);
	assert_int_equal(append_one(look, &log, 1, "two", &why), PRL_E_REFUSED);
	assert_int_equal(prl_store_take_log(look, &log, &why), PRL_E_REFUSED);
	assert_int_equal(prl_store_log_open(look, "b", true, &log, &why), PRL_E_REFUSED);
	prl_store_close(look);
	prl_store_close(store);
	OK(prl_store_open(f.store, 0, &store, err));
	prl_store_close(store);
	folder_done(&f);
}

/* ---- together ---------------------------------------------------------------------------------------------------- */

typedef struct together {
	prl_store *store;
	const char *path;
	atomic_bool stop;
	atomic_uint_fast64_t committed; /* said by the writer after each commit */
	atomic_size_t looks;
	size_t commits;
} together;

/* cmocka's own failures may not leave a thread */
#define THREAD_MUST(condition)                                                                                         \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

static void *write_batches(void *context)
{
	together *t = context;
	line *l = calloc(1, sizeof *l);
	l->store = t->store;
	rnd r = rnd_case(5, 0);
	THREAD_MUST(prl_store_log_open(t->store, "line.example/line", true, &l->log, NULL) == PRL_OK);
	for (size_t i = 0; i < t->commits; i++) {
		THREAD_MUST(line_commit(l, 1 + rnd_below(&r, LINE_BATCH), NULL) == PRL_OK);
		t->committed = l->log.size;
	}
	t->stop = true;
	free(l);
	return NULL;
}

/* Sizes never go back, never miss what was answered, and are always the size of a whole batch: the cell, read before
 * and after, is never ahead of the log or behind it. */
static void look_once(together *t, prl_store_reader *reader, uint64_t *last)
{
	prl_buffer before = PRL_BUFFER(100), after = PRL_BUFFER(100);
	uint64_t size = 0, seen = 0, committed = t->committed;
	prl_status early = prl_store_cell_get(reader, "size", &before, NULL);
	THREAD_MUST(prl_store_size(reader, 1, &size, NULL) == PRL_OK);
	prl_status late = prl_store_checkpoint(reader, 1, &after, NULL);
	THREAD_MUST(size >= committed && size >= *last);
	THREAD_MUST(early ? early == PRL_E_NOT_FOUND : strtoull(before.data, NULL, 10) <= size);
	THREAD_MUST(late ? late == PRL_E_NOT_FOUND && size == 0 : strtoull(after.data, NULL, 10) >= size);
	uint64_t from = size > 100 ? size - 100 : 0;
	THREAD_MUST(prl_store_entries(reader, 1, from, size, line_see_entry, &seen, NULL) == PRL_OK &&
		    seen == size - from);
	*last = size;
	prl_buffer_done(&before);
	prl_buffer_done(&after);
	t->looks++;
}

static void *look_on(void *context)
{
	together *t = context;
	prl_store_reader *reader;
	uint64_t last = 0;
	THREAD_MUST(prl_store_reader_new(t->store, &reader, NULL) == PRL_OK);
	while (!t->stop)
		look_once(t, reader, &last);
	look_once(t, reader, &last);
	THREAD_MUST(last == t->committed);
	prl_store_reader_free(reader);
	return NULL;
}

/* Backups one after the other: each is a store of its own, whole, and no older than when it was begun. */
static void *back_up(void *context)
{
	together *t = context;
	for (int i = 0; !t->stop || i == 0; i++) {
		char path[200];
		prl_store *copy;
		prl_store_log log = { 0 };
		prl_error err = { 0 };
		uint64_t committed = t->committed;
		snprintf(path, sizeof path, "%s.backup-%d", t->path, i);
		if (prl_store_backup(t->store, path, &err) || prl_store_open(path, 0, &copy, &err) ||
		    prl_store_check(copy, &err) || prl_store_log_open(copy, "line.example/line", false, &log, &err))
			fprintf(stderr, "%s\n", err.text);
		THREAD_MUST(err.status == PRL_OK);
		THREAD_MUST(log.size >= committed);
		prl_store_reader *reader;
		uint64_t seen = 0;
		prl_buffer cell = PRL_BUFFER(100);
		THREAD_MUST(prl_store_reader_new(copy, &reader, NULL) == PRL_OK);
		THREAD_MUST(prl_store_entries(reader, log.id, 0, log.size, line_see_entry, &seen, NULL) == PRL_OK);
		THREAD_MUST(prl_store_cell_get(reader, "size", &cell, NULL) == PRL_OK || log.size == 0);
		THREAD_MUST(log.size == 0 || strtoull(cell.data, NULL, 10) == log.size);
		prl_buffer_done(&cell);
		prl_store_reader_free(reader);
		prl_store_close(copy);
		unlink(path);
	}
	return NULL;
}

static void all_work_together(void **state)
{
	(void)state;
	static together t;
	folder f = folder_new();
	pthread_t threads[5];
	prl_store_log log;
	t.path = f.store;
	t.commits = rnd_count(400, 5000);
	OK(prl_store_open(f.store, PRL_STORE_CREATE, &t.store, err));
	OK(prl_store_log_open(t.store, "line.example/line", true, &log, err));
	void *(*const work[])(void *) = { write_batches, look_on, look_on, look_on, back_up };
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work[i], &t), 0);
	for (size_t i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	assert_true(t.looks > 3);
	assert_int_equal(line_see(t.store), t.committed);
	prl_store_close(t.store);
	folder_done(&f);
}

/* What is in a record is for its parties, whatever the umask. */
static void assert_private(const char *path)
{
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 077, 0);
}

static void backs_up_without_overwriting(void **state)
{
	(void)state;
	folder f = folder_new();
	static line l;
	prl_error why = { 0 };
	char nowhere[100];
	OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
	OK(line_commit(&l, 30, err));
	OK(prl_store_backup(l.store, f.other, err));
	assert_private(f.store);
	assert_private(f.other);
	assert_int_equal(prl_store_backup(l.store, f.other, &why), PRL_E_DUPLICATE);
	assert_non_null(strstr(why.text, f.other));
	assert_int_equal(prl_store_backup(l.store, f.store, &why), PRL_E_DUPLICATE);
	snprintf(nowhere, sizeof nowhere, "%s/none/x.db", f.path);
	assert_int_equal(prl_store_backup(l.store, nowhere, &why), PRL_E_IO);
	assert_non_null(strstr(why.text, "No such file or directory"));
	OK(line_commit(&l, 10, err));
	prl_store_close(l.store);
	assert_int_equal(line_see_file(f.other), 30);
	assert_int_equal(line_see_file(f.store), 40);
	OK(line_open(&l, f.other, 0, err)); /* and it goes on from there */
	OK(line_commit(&l, 10, err));
	prl_store_close(l.store);
	assert_int_equal(line_see_file(f.other), 40);
	folder_done(&f);
}

/* A reader's function may use the same reader, take its time, and end the reading. */
static prl_status read_within(void *context, uint64_t index, prl_bytes entry, prl_error *why)
{
	prl_store_reader *reader = context;
	char room[700];
	uint64_t seen = 0, size;
	OK(prl_store_size(reader, 1, &size, err));
	OK(prl_store_entries(reader, 1, index, index + 1, line_see_entry, &seen, err));
	assert_int_equal(seen, 1);
	assert_true(prl_bytes_equal(entry, line_entry(index, room)));
	return index == 700 ? prl_error_set(why, PRL_E_CALLBACK, "enough") : PRL_OK;
}

static void readers_functions_may_read(void **state)
{
	(void)state;
	folder f = folder_new();
	static line l;
	prl_store_reader *reader;
	prl_error why = { 0 };
	OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
	for (size_t i = 0; i < 25; i++)
		OK(line_commit(&l, LINE_BATCH, err));
	OK(prl_store_reader_new(l.store, &reader, err));
	OK(prl_store_entries(reader, 1, 300, 700, read_within, reader, err));
	OK(prl_store_entries(reader, 1, 1000, 1000, read_within, reader, err));
	assert_int_equal(prl_store_entries(reader, 1, 300, 1000, read_within, reader, &why), PRL_E_CALLBACK);
	assert_string_equal(why.text, "enough");
	prl_store_reader_free(reader);
	prl_store_close(l.store);
	folder_done(&f);
}

/* Bodies alone, without entries: what is deleted and written in one batch is there; too large ones are refused. */
static void keeps_bodies_beside_entries(void **state)
{
	(void)state;
	folder f = folder_new();
	static line l;
	prl_error why = { 0 };
	prl_store_reader *reader;
	prl_buffer found = PRL_BUFFER(100);
	OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
	OK(line_commit(&l, 30, err));
	OK(prl_store_reader_new(l.store, &reader, err));
	prl_store_range drop = { 1, 0, UINT64_MAX };
	prl_store_body body = { 1, 29, prl_bytes_of("new") };
	prl_store_batch all = { .bodies = &body, .body_count = 1, .drops = &drop, .drop_count = 1 };
	OK(prl_store_commit(l.store, &all, err));
	OK(prl_store_body_get(reader, 1, 29, &found, err));
	assert_true(found.size == 3 && memcmp(found.data, "new", 3) == 0);
	uint64_t seen = 0;
	assert_int_equal(prl_store_bodies(reader, 1, 0, 30, line_see_body, &seen, NULL), PRL_E_CALLBACK);
	OK(prl_store_bodies(reader, 1, 0, 29, line_see_body, &seen, err));
	assert_int_equal(seen, 0);
	assert_int_equal(prl_store_body_get(reader, 1, 0, &found, &why), PRL_E_NOT_FOUND);
	assert_int_equal(prl_store_body_get(reader, 1, UINT64_MAX, &found, &why), PRL_E_NOT_FOUND);
	assert_int_equal(prl_store_body_get(reader, 2, 29, &found, &why), PRL_E_NOT_FOUND);
	OK(prl_store_bodies(reader, UINT32_MAX, 0, 30, line_see_body, &seen, err));
	body.index = 30;
	assert_int_equal(prl_store_commit(l.store, &all, &why), PRL_E_RANGE);
	assert_non_null(strstr(why.text, "entry 30 in a log of 30"));
	body.index = UINT64_MAX;
	assert_int_equal(prl_store_commit(l.store, &all, &why), PRL_E_RANGE);
	char *large = calloc(1, PRL_MAX_BODY_BYTES + 1);
	body = (prl_store_body){ 1, 29, { large, PRL_MAX_BODY_BYTES + 1 } };
	assert_int_equal(prl_store_commit(l.store, &all, &why), PRL_E_TOO_LARGE);
	OK(prl_store_body_get(reader, 1, 29, &found, err)); /* no refused batch deleted anything */
	body.bytes.size--;
	OK(prl_store_commit(l.store, &all, err));
	prl_buffer whole = PRL_BUFFER(PRL_MAX_BODY_BYTES);
	OK(prl_store_body_get(reader, 1, 29, &whole, err));
	assert_int_equal(whole.size, PRL_MAX_BODY_BYTES);
	OK(prl_store_check(l.store, err));
	free(large);
	prl_buffer_done(&whole);
	prl_buffer_done(&found);
	prl_store_reader_free(reader);
	prl_store_close(l.store);
	folder_done(&f);
}

static prl_status see_log_of(void *context, const char *origin, const prl_store_log *log, prl_error *err)
{
	(void)err;
	char expected[40];
	snprintf(expected, sizeof expected, "log-%zu", *(size_t *)context);
	assert_string_equal(origin, expected);
	assert_int_equal(log->id, ++*(size_t *)context);
	return PRL_OK;
}

static void lists_its_logs(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store;
	prl_store_log log;
	prl_store_reader *reader;
	size_t count = 0;
	OK(prl_store_open(f.store, PRL_STORE_CREATE, &store, err));
	for (size_t i = 0; i < 20; i++) {
		char origin[40];
		snprintf(origin, sizeof origin, "log-%zu", i);
		OK(prl_store_log_open(store, origin, true, &log, err));
	}
	OK(prl_store_reader_new(store, &reader, err));
	OK(prl_store_logs(reader, see_log_of, &count, err));
	assert_int_equal(count, 20);
	prl_store_reader_free(reader);
	prl_store_close(store);
	folder_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_as_the_model),
		cmocka_unit_test(fences_the_old_writer),
		cmocka_unit_test(takes_one_writer_and_many_lookers),
		cmocka_unit_test(all_work_together),
		cmocka_unit_test(backs_up_without_overwriting),
		cmocka_unit_test(readers_functions_may_read),
		cmocka_unit_test(keeps_bodies_beside_entries),
		cmocka_unit_test(lists_its_logs),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
