/* Tables against a model that keeps every version whole; pins held by threads while the clerk goes on. */
#include "base/error.h"
#include "base/text.h"
#include "support/line.h"
#include "support/random.h"

#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_long alive; /* objects that were made and not freed */

#define UNREADABLE 777000u /* cannot be loaded */

static void *number_new(uint64_t number)
{
	uint64_t *value = malloc(sizeof *value);
	assert_non_null(value);
	*value = number;
	atomic_fetch_add(&alive, 1);
	return value;
}

static void number_free(void *value)
{
	*(uint64_t *)value = UINT64_MAX; /* whoever still reads it sees that */
	free(value);
	atomic_fetch_sub(&alive, 1);
}

static bool number_save(const void *value, prl_buffer *to)
{
	return prl_buffer_printf(to, "%llu", (unsigned long long)*(const uint64_t *)value);
}

static void *number_load(prl_bytes from, prl_error *err)
{
	uint64_t number;
	if (prl_decimal_read(from, &number) && number != UNREADABLE)
		return number_new(number);
	prl_error_set(err, PRL_E_SYNTAX, "no number");
	return NULL;
}

static const prl_noun number_noun = { "number", true, number_save, number_load, number_free };

static prl_picture *new_picture(unsigned *table)
{
	prl_picture *picture = line_picture("a.example/line");
	assert_int_equal(prl_picture_add_noun(picture, &number_noun, table, NULL), PRL_OK);
	return picture;
}

/* ---- model ------------------------------------------------------------------------------------------------------- */

#define KEYS     200
#define VERSIONS 64

/* numbers[k]: 0 where there is none. Keys are such that some begin with others. */
typedef struct model {
	uint64_t numbers[KEYS];
	prl_version version;
} model;

static prl_bytes key_text(size_t k, char text[32])
{
	size_t length = k % 10;
	memset(text, 'a', length);
	int digits = k ? snprintf(text + length, 32 - length, "%zu", k / 10) : 0;
	return (prl_bytes){ text, length + (size_t)digits };
}

typedef struct walk {
	const model *m;
	size_t count;
	bool wrong;
	char last[32];
	size_t last_size;
} walk;

static bool look(void *context, prl_bytes key, const void *value)
{
	walk *w = context;
	char text[32];
	size_t shorter = key.size < w->last_size ? key.size : w->last_size;
	int order = memcmp(w->last, key.data, shorter);
	if (w->count && (order > 0 || (order == 0 && w->last_size >= key.size)))
		w->wrong = true;
	memcpy(w->last, key.data, key.size);
	w->last_size = key.size;
	w->count++;
	for (size_t k = 0; k < KEYS; k++)
		if (prl_bytes_equal(key_text(k, text), key) && w->m->numbers[k] == *(const uint64_t *)value)
			return true;
	w->wrong = true;
	return true;
}

static void compare(prl_picture *picture, unsigned table, prl_version version, const model *m)
{
	char text[32];
	size_t count = 0;
	for (size_t k = 0; k < KEYS; k++) {
		const uint64_t *value = prl_picture_find(picture, version, table, key_text(k, text));
		assert_int_equal(value ? *value : 0, m->numbers[k]);
		count += value != NULL;
	}
	assert_int_equal(prl_picture_count(picture, version, table), count);
	walk w = { .m = m };
	assert_int_equal(prl_picture_each(picture, version, table, look, &w, NULL), PRL_OK);
	assert_int_equal(w.count, count);
	assert_false(w.wrong);
}

static void change(prl_picture *picture, unsigned table, model *m, rnd *r)
{
	char text[32];
	static uint64_t next = 1;
	size_t k = rnd_below(r, rnd_chance(r, 0.5) ? 10 : KEYS);
	prl_bytes key = key_text(k, text);
	if (rnd_chance(r, 0.4)) {
		prl_status status = prl_picture_remove(picture, table, key, NULL);
		assert_int_equal(status, m->numbers[k] ? PRL_OK : PRL_E_NOT_FOUND);
		m->numbers[k] = 0;
	} else {
		m->numbers[k] = next++;
		assert_int_equal(prl_picture_put(picture, table, key, number_new(m->numbers[k]), NULL), PRL_OK);
	}
}

typedef struct held {
	model models[VERSIONS];
	size_t count;
} held;

static void run_model(rnd *r)
{
	unsigned table;
	prl_picture *picture = new_picture(&table);
	model working = { 0 }, published = { 0 }, sealed[3];
	size_t sealed_count = 0;
	held *pins = calloc(1, sizeof *pins);
	for (int step = 0; step < 400; step++) {
		for (size_t n = rnd_below(r, 12); n; n--)
			change(picture, table, &working, r);
		switch (rnd_below(r, 8)) {
		case 0:
		case 1:
		case 2:
			if (sealed_count < 3) {
				working.version = prl_picture_seal(picture);
				sealed[sealed_count++] = working;
			}
			break;
		case 3:
		case 4:
			if (sealed_count) {
				size_t i = rnd_below(r, sealed_count);
				published = sealed[i];
				prl_picture_publish(picture, published.version);
				sealed_count -= i + 1;
				memmove(sealed, sealed + i + 1, sealed_count * sizeof *sealed);
			}
			break;
		case 5:
			if (rnd_chance(r, 0.5)) {
				prl_picture_rollback(picture);
				working = published;
				sealed_count = 0;
			}
			break;
		case 6:
			if (pins->count < VERSIONS) {
				pins->models[pins->count] = published;
				assert_int_equal(prl_picture_pin(picture), published.version);
				pins->count++;
			}
			break;
		default:
			if (pins->count) {
				size_t i = rnd_below(r, pins->count);
				prl_picture_unpin(picture, pins->models[i].version);
				pins->models[i] = pins->models[--pins->count];
			}
		}
		if (rnd_chance(r, 0.7))
			continue;
		compare(picture, table, PRL_VERSION_WORKING, &working);
		if (pins->count) {
			const model *pinned = &pins->models[rnd_below(r, pins->count)];
			compare(picture, table, pinned->version, pinned);
		}
	}
	prl_picture_free(picture);
	free(pins);
	assert_int_equal(atomic_load(&alive), 0);
}

static void versions_are_as_a_model_has_them(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("table");
	for (size_t i = 0; i < rnd_count(40, 4000); i++) {
		rnd r = rnd_case(seed, i);
		run_model(&r);
	}
}

/* ---- freeing ----------------------------------------------------------------------------------------------------- */

static void what_no_pin_sees_is_freed(void **state)
{
	(void)state;
	unsigned table;
	prl_picture *picture = new_picture(&table);
	prl_bytes key = prl_bytes_of("k");
	for (uint64_t i = 0; i < 10; i++) {
		assert_int_equal(prl_picture_put(picture, table, key, number_new(i), NULL), PRL_OK);
		prl_picture_publish(picture, prl_picture_seal(picture));
	}
	prl_picture_seal(picture);
	assert_int_equal(atomic_load(&alive), 1);
	prl_version pin = prl_picture_pin(picture);
	for (uint64_t i = 0; i < 10; i++) {
		assert_int_equal(prl_picture_put(picture, table, key, number_new(100 + i), NULL), PRL_OK);
		prl_picture_publish(picture, prl_picture_seal(picture));
	}
	assert_int_equal(*(const uint64_t *)prl_picture_find(picture, pin, table, key), 9);
	prl_picture_unpin(picture, pin);
	assert_int_equal(prl_picture_remove(picture, table, key, NULL), PRL_OK);
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_picture_seal(picture);
	assert_int_equal(atomic_load(&alive), 0);
	assert_int_equal(prl_picture_count(picture, PRL_VERSION_WORKING, table), 0);
	prl_picture_free(picture);
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

/* In version v every key is there or not by a rule, and every number is v's or older by that rule: a reader can tell.
 */
#define SHARED_KEYS 64

typedef struct crowd {
	prl_picture *picture;
	unsigned table;
	atomic_bool stop;
	atomic_long reads, wrong;
} crowd;

/* Batch b (from 1) puts b under the keys k with b % (k % 5 + 1) == 0, and removes those with (b + k) % 7 == 0. */
static uint64_t expected(uint64_t batch, size_t k)
{
	for (uint64_t b = batch; b > 0; b--) {
		if ((b + k) % 7 == 0)
			return 0;
		if (b % (k % 5 + 1) == 0)
			return b;
	}
	return 0;
}

static bool count_one(void *context, prl_bytes key, const void *value)
{
	uint64_t *sum = context;
	(void)key;
	*sum += *(const uint64_t *)value;
	return true;
}

static void *read_on(void *context)
{
	crowd *c = context;
	char text[16];
	while (!atomic_load(&c->stop)) {
		prl_version version = prl_picture_pin(c->picture);
		uint64_t sum = 0, all = 0;
		for (size_t k = 0; k < SHARED_KEYS; k++) {
			snprintf(text, sizeof text, "key %zu", k);
			const uint64_t *value = prl_picture_find(c->picture, version, c->table, prl_bytes_of(text));
			if ((value ? *value : 0) != expected(version, k))
				atomic_fetch_add(&c->wrong, 1);
			sum += value ? *value : 0;
		}
		if (prl_picture_each(c->picture, version, c->table, count_one, &all, NULL) || all != sum)
			atomic_fetch_add(&c->wrong, 1);
		prl_picture_unpin(c->picture, version);
		atomic_fetch_add(&c->reads, 1);
	}
	return NULL;
}

static void write_batch(crowd *c, uint64_t batch)
{
	char text[16];
	for (size_t k = 0; k < SHARED_KEYS; k++) {
		snprintf(text, sizeof text, "key %zu", k);
		if ((batch + k) % 7 == 0)
			(void)!prl_picture_remove(c->picture, c->table, prl_bytes_of(text), NULL);
		else if (batch % (k % 5 + 1) == 0)
			assert_int_equal(
				prl_picture_put(c->picture, c->table, prl_bytes_of(text), number_new(batch), NULL), 0);
	}
	prl_picture_publish(c->picture, prl_picture_seal(c->picture));
}

static void readers_see_one_version(void **state)
{
	(void)state;
	crowd c = { 0 };
	pthread_t threads[3];
	c.picture = new_picture(&c.table);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &c), 0);
	uint64_t batch = 1;
	for (; batch < rnd_count(1000, 100000) || atomic_load(&c.reads) < 100; batch++)
		write_batch(&c, batch);
	atomic_store(&c.stop, true);
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	print_message("# %llu batches, %ld reads\n", (unsigned long long)batch, atomic_load(&c.reads));
	assert_int_equal(atomic_load(&c.wrong), 0);
	prl_picture_free(c.picture);
	assert_int_equal(atomic_load(&alive), 0);
}

/* Tables are filled without a journal when a snapshot is loaded: one that fails half way leaves nothing behind. */
static void a_load_that_fails_leaves_nothing(void **state)
{
	(void)state;
	unsigned table;
	prl_error err;
	prl_snapshot_head head = { 0 };
	char path[] = "/tmp/parley-table-XXXXXX", text[32];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	for (int good = 0; good < 2; good++) {
		prl_picture *from = new_picture(&table), *to = new_picture(&table);
		for (uint64_t i = 1; i < 1000; i++)
			assert_int_equal(prl_picture_put(from, table,
							 (prl_bytes){ text, (size_t)snprintf(text, 32, "%llu",
											     (unsigned long long)i) },
							 number_new(i == 500 && !good ? UNREADABLE : i), NULL),
					 PRL_OK);
		prl_picture_publish(from, prl_picture_seal(from));
		prl_version version = prl_picture_pin(from);
		assert_int_equal(prl_picture_save(from, version, &head, path, &err), PRL_OK);
		prl_picture_unpin(from, version);
		prl_picture_free(from);
		assert_int_equal(atomic_load(&alive), 0);
		assert_int_equal(prl_picture_load(to, path, &head, &err), good ? PRL_OK : PRL_E_SYNTAX);
		assert_int_equal(atomic_load(&alive), good ? 999 : 0);
		assert_int_equal(prl_picture_count(to, PRL_VERSION_WORKING, table), good ? 999 : 0);
		/* and goes on as one to which nothing was applied, or what was loaded */
		assert_int_equal(prl_picture_put(to, table, (prl_bytes){ "500", 3 }, number_new(5), NULL), PRL_OK);
		prl_picture_rollback(to);
		const uint64_t *number = prl_picture_find(to, PRL_VERSION_WORKING, table, (prl_bytes){ "500", 3 });
		assert_int_equal(number ? *number : 0, good ? 500 : 0);
		prl_picture_free(to);
		assert_int_equal(atomic_load(&alive), 0);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_as_a_model_has_them),
		cmocka_unit_test(what_no_pin_sees_is_freed),
		cmocka_unit_test(readers_see_one_version),
		cmocka_unit_test(a_load_that_fails_leaves_nothing),
	};
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
