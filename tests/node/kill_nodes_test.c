/* Two nodes as processes, consoles that file at both, and kill -9 of one or both at any instant: what was answered is
 * there, nothing is there by half or twice, and the two agree again. */
#include "support/author.h"
#include "support/random.h"
#include "support/record_files.h"
#include "support/served.h"

#include "base/hash.h"
#include "base/text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONSOLES     3     /* a node */
#define AGREE_MS     20000 /* until both hold the same, after the last act */
#define ANSWER_MS    60000 /* until an act is answered, kills and all */
#define CONTENT_SIZE 700

typedef struct answer {
	uint64_t index;
	prl_hash hash;
} answer;

/* One console at work, on a thread of its own. */
typedef struct worker {
	author author;
	const char *to; /* the other party */
	rnd random;
	unsigned number;
	size_t acts;          /* signed so far */
	size_t repeated;      /* sent more than once */
	size_t taken, looked; /* of those: had been taken before the answer was lost; the act looked at last */
	pthread_mutex_t lock; /* guards answers and contents */
	answer *answers;
	size_t count, room;
	prl_hash *contents; /* that were answered */
	size_t content_count, content_room;
	pthread_t thread;
} worker;

typedef struct world {
	nodes_set *nodes;
	served served[2];
	worker workers[2 * CONSOLES];
	atomic_bool stop;
	rnd random;
} world;

static world the_world;

/* ---- a console's work -------------------------------------------------------------------------------------------- */

static void keep_answer(worker *w, uint64_t index)
{
	(void)pthread_mutex_lock(&w->lock);
	if (w->count == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->answers = realloc(w->answers, w->room * sizeof *w->answers);
	}
	w->answers[w->count++] = (answer){ index, w->author.hash };
	(void)pthread_mutex_unlock(&w->lock);
}

static void keep_content(worker *w, const prl_hash *hash)
{
	(void)pthread_mutex_lock(&w->lock);
	if (w->content_count == w->content_room) {
		w->content_room = w->content_room ? 2 * w->content_room : 64;
		w->contents = realloc(w->contents, w->content_room * sizeof *w->contents);
	}
	w->contents[w->content_count++] = *hash;
	(void)pthread_mutex_unlock(&w->lock);
}

/* No answer came: the chain stands before the act or after it, nowhere else. */
static void look_at_chain(worker *w)
{
	uint64_t serial;
	prl_hash previous;
	author *a = &w->author;
	if (!author_chain(a, &serial, &previous))
		return;
	bool before = serial == a->serial && prl_hash_equal(&previous, &a->previous);
	bool after = serial == a->serial + 1 && prl_hash_equal(&previous, &a->hash);
	w->taken += after && w->looked != w->acts;
	w->looked = w->acts;
	if (!before && !after)
		nodes_fail(__FILE__, __LINE__, author_reply(a));
}

/* The same bytes again until they are answered: there is no other answer than that they are in the log. */
static void send_until_answered(worker *w)
{
	author *a = &w->author;
	int64_t end = served_now_ms() + ANSWER_MS;
	unsigned status = author_post(a);
	w->repeated += status != 201;
	for (; status != 201; status = author_post(a)) {
		if (status && status != 503)
			nodes_fail(__FILE__, __LINE__, author_reply(a));
		if (served_now_ms() > end)
			nodes_fail(__FILE__, __LINE__, "an act is never answered");
		nodes_sleep_ms(5);
		if (rnd_chance(&w->random, 0.5))
			look_at_chain(w);
	}
	keep_answer(w, author_index(a));
	author_answered(a);
}

static prl_hash bring_content(worker *w)
{
	uint8_t bytes[CONTENT_SIZE];
	char path[120] = "/parley/v1/contents/";
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)rnd_u64(&w->random);
	prl_hash hash = prl_sha256(bytes, sizeof bytes);
	prl_hex_write(hash.bytes, sizeof hash.bytes, path + strlen(path));
	prl_bytes body = { (char *)bytes, sizeof bytes };
	int64_t end = served_now_ms() + ANSWER_MS;
	unsigned status;
	while ((status = author_ask(&w->author, "PUT", path, "application/octet-stream", &body)) != 201) {
		if ((status && status != 503) || served_now_ms() > end)
			nodes_fail(__FILE__, __LINE__, author_reply(&w->author));
		nodes_sleep_ms(5);
	}
	keep_content(w, &hash);
	return hash;
}

static void act(worker *w)
{
	char body[1200], filler[600], contents[200] = "", text[PRL_HASH_TEXT_MAX];
	size_t length = rnd_below(&w->random, sizeof filler - 1);
	memset(filler, 'x', length);
	filler[length] = 0;
	if (rnd_chance(&w->random, 0.1)) {
		prl_hash hash = bring_content(w);
		prl_hash_write(&hash, text);
		(void)snprintf(contents, sizeof contents,
			       ",\"contents\":[{\"hash\":\"%s\",\"size\":%d,\"title\":\"file\"}]", text,
			       CONTENT_SIZE - 32);
	}
	(void)snprintf(body, sizeof body, "{\"to\":[\"%s\"],\"text\":\"act %u.%zu. %s\",\"language\":\"en\"%s}", w->to,
		       w->number, w->acts, filler, contents);
	author_sign(&w->author, "message.sent", body);
	w->acts++;
	send_until_answered(w);
}

static void *work(void *context)
{
	worker *w = context;
	while (!atomic_load(&the_world.stop)) {
		act(w);
		nodes_sleep_ms((unsigned)rnd_below(&w->random, 8));
	}
	return NULL;
}

/* ---- the world --------------------------------------------------------------------------------------------------- */

static void begin(world *w, uint64_t seed)
{
	w->nodes = nodes_new("ru us", false);
	w->random = rnd_case(seed, 0);
	for (size_t i = 0; i < 2; i++) {
		w->served[i].node = &w->nodes->nodes[i];
		served_start(&w->served[i], NULL);
	}
	for (size_t i = 0; i < 2; i++)
		served_wait_open(&w->served[i]);
	for (size_t i = 0; i < 2 * CONSOLES; i++) {
		char name[16];
		worker *one = &w->workers[i];
		(void)snprintf(name, sizeof name, "load-%zu", i);
		author_make(&one->author, w->nodes, i % 2, name);
		one->number = (unsigned)i;
		one->to = w->nodes->nodes[1 - i % 2].party;
		one->random = rnd_case(seed, i + 1);
		(void)pthread_mutex_init(&one->lock, NULL);
	}
}

static void end(world *w)
{
	for (size_t i = 0; i < 2; i++)
		served_stop(&w->served[i]);
	for (size_t i = 0; i < 2 * CONSOLES; i++) {
		author_done(&w->workers[i].author);
		(void)pthread_mutex_destroy(&w->workers[i].lock);
		free(w->workers[i].answers);
		free(w->workers[i].contents);
	}
	nodes_free(w->nodes);
}

/* All that was answered by node `index` is in these files, under its index, with its bytes. */
static void check_answers(world *w, size_t index, record_files *r)
{
	for (size_t i = index; i < 2 * CONSOLES; i += 2) {
		worker *one = &w->workers[i];
		(void)pthread_mutex_lock(&one->lock);
		for (size_t k = 0; k < one->count; k++)
			if (one->answers[k].index >= r->size ||
			    !prl_hash_equal(&r->hashes[one->answers[k].index], &one->answers[k].hash))
				nodes_fail(__FILE__, __LINE__, "an act that was answered is lost");
		for (size_t k = 0; k < one->content_count; k++)
			if (!record_files_has_content(r, &one->contents[k]))
				nodes_fail(__FILE__, __LINE__, "a content that was answered is lost");
		(void)pthread_mutex_unlock(&one->lock);
	}
}

/* What a dead node has left, before it or its mirror could repair anything. */
static void autopsy(world *w, size_t index)
{
	record_files r;
	record_files_open(&r, &w->nodes->nodes[index], &w->nodes->nodes[1 - index]);
	record_files_check(&r, &w->nodes->nodes[1 - index]);
	check_answers(w, index, &r);
	record_files_done(&r);
}

static void kill_some(world *w, unsigned which)
{
	for (size_t i = 0; i < 2; i++)
		if (which & (1u << i))
			served_kill(&w->served[i]);
	nodes_sleep_ms(20); /* answers on their way */
	for (size_t i = 0; i < 2; i++)
		if (which & (1u << i))
			autopsy(w, i);
}

static void start_some(world *w, unsigned which)
{
	for (size_t i = 0; i < 2; i++)
		if (which & (1u << i))
			served_start(&w->served[i], NULL);
}

/* Both mirrors hold the other's log as it stands. */
static bool agree(world *w, uint64_t sizes[2])
{
	record_files r[2];
	bool same;
	for (size_t i = 0; i < 2; i++)
		record_files_open(&r[i], &w->nodes->nodes[i], &w->nodes->nodes[1 - i]);
	same = r[0].size == r[1].mirrored && r[1].size == r[0].mirrored;
	for (size_t i = 0; i < 2 && same && r[i].mirror; i++) {
		prl_hash own, theirs;
		prl_ledger_head(r[i].own, NULL, &own);
		prl_ledger_head(r[1 - i].mirror, NULL, &theirs);
		if (!prl_hash_equal(&own, &theirs))
			nodes_fail(__FILE__, __LINE__, "a mirror of that size is of another tree");
	}
	for (size_t i = 0; i < 2; i++) {
		sizes[i] = r[i].size;
		record_files_done(&r[i]);
	}
	return same;
}

static void wait_agreed(world *w)
{
	uint64_t sizes[2];
	int64_t end = served_now_ms() + AGREE_MS;
	while (!agree(w, sizes)) {
		if (served_now_ms() > end)
			nodes_fail(__FILE__, __LINE__, "the nodes do not agree again");
		nodes_sleep_ms(50);
	}
}

static void one_round(world *w, bool last)
{
	unsigned which = 1 + (unsigned)rnd_below(&w->random, 3);
	atomic_store(&w->stop, false);
	for (size_t i = 0; i < 2 * CONSOLES; i++)
		if (pthread_create(&w->workers[i].thread, NULL, work, &w->workers[i]) != 0)
			nodes_fail(__FILE__, __LINE__, "no thread");
	nodes_sleep_ms((unsigned)rnd_below(&w->random, 400));
	kill_some(w, which);
	start_some(w, which);
	if (rnd_chance(&w->random, 0.3)) { /* again, while it starts */
		nodes_sleep_ms((unsigned)rnd_below(&w->random, 400));
		kill_some(w, which);
		start_some(w, which);
	}
	for (size_t i = 0; i < 2; i++)
		served_wait_open(&w->served[i]);
	nodes_sleep_ms(last ? 500 : (unsigned)rnd_below(&w->random, 100));
	atomic_store(&w->stop, true);
	for (size_t i = 0; i < 2 * CONSOLES; i++)
		(void)pthread_join(w->workers[i].thread, NULL);
	wait_agreed(w);
}

/* ---- the test ---------------------------------------------------------------------------------------------------- */

/* Every act is in the log once, and every content has come to whom it was addressed. */
static void check_once(world *w)
{
	for (size_t index = 0; index < 2; index++) {
		record_files r, there;
		const nodes_node *own = &w->nodes->nodes[index], *other = &w->nodes->nodes[1 - index];
		record_files_open(&r, own, other);
		record_files_check(&r, other);
		check_answers(w, index, &r);
		size_t acts = 0;
		for (size_t i = index; i < 2 * CONSOLES; i += 2)
			acts += w->workers[i].acts;
		assert_int_equal(record_files_count(&r, "\"act "), acts);
		record_files_done(&r);
		record_files_open(&there, other, own);
		for (size_t i = index; i < 2 * CONSOLES; i += 2)
			for (size_t k = 0; k < w->workers[i].content_count; k++)
				assert_true(record_files_has_content(&there, &w->workers[i].contents[k]));
		record_files_done(&there);
	}
}

static bool contents_are_there(world *w)
{
	bool all = true;
	for (size_t index = 0; index < 2; index++) {
		record_files there;
		record_files_open(&there, &w->nodes->nodes[1 - index], &w->nodes->nodes[index]);
		for (size_t i = index; i < 2 * CONSOLES && all; i += 2)
			for (size_t k = 0; k < w->workers[i].content_count && all; k++)
				all = record_files_has_content(&there, &w->workers[i].contents[k]);
		record_files_done(&there);
	}
	return all;
}

/* Logs that grow without end would make each restart slower than the one before. */
#define KILLS_A_WORLD 20

/* Returns how many acts had to be sent again. */
static size_t one_world(uint64_t seed, size_t kills)
{
	world *w = &the_world;
	size_t acts = 0, repeated = 0, taken = 0, contents = 0;
	memset(w, 0, sizeof *w);
	begin(w, seed);
	for (size_t i = 0; i < kills; i++)
		one_round(w, i + 1 == kills);
	NODES_WAIT(contents_are_there(w));
	wait_agreed(w);
	check_once(w);
	for (size_t i = 0; i < 2 * CONSOLES; i++) {
		acts += w->workers[i].acts;
		repeated += w->workers[i].repeated;
		taken += w->workers[i].taken;
		contents += w->workers[i].content_count;
	}
	print_message("# %zu kills, %zu acts, %zu contents; %zu repeated, %zu seen taken without an answer\n", kills,
		      acts, contents, repeated, taken);
	end(w);
	return repeated;
}

static void killed_at_any_instant(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("kill");
	size_t kills = rnd_count(20, 200), repeated = 0;
	for (size_t done = 0; done < kills; done += KILLS_A_WORLD)
		repeated += one_world(seed + done, kills - done < KILLS_A_WORLD ? kills - done : KILLS_A_WORLD);
	assert_true(repeated > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_instant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
