/* The clerk with a real store: what is answered is on the disk, what fails leaves nothing. */
#include "node/clerk.h"

#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/open.h"
#include "support/full_disk.h"
#include "support/test_node.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define US      "us.example/line"
#define RU      "ru.example/line"
#define PARTIES "us@" US " ru@" RU

/* One line and the node of US, opened. */
typedef struct fixture {
	line *l;
	test_node us;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new(PARTIES, NULL);
	test_node_make(&f->us, f->l, US);
	test_node_start(&f->us, true);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->us);
	line_free(f->l);
	free(f);
	return 0;
}

static bool answered(const prl_filing *filing, prl_status expected)
{
	if (filing->status != expected)
		print_message("# status %d, expected %d: %s\n", filing->status, expected, filing->err.text);
	return filing->status == expected;
}
#define assert_answer(filing, expected) assert_true(answered(filing, expected))

/* After a restart, from the record alone, the picture is what it was. */
static void assert_replays(test_node *node)
{
	prl_hash before = test_node_digest(node), after;
	test_node_stop(node);
	node->replay = true;
	test_node_start(node, false);
	node->replay = false;
	if (node->said_count)
		print_message("# %s\n", node->said[0]);
	assert_int_equal(node->said_count, 0);
	after = test_node_digest(node);
	assert_memory_equal(&before, &after, sizeof before);
	prl_clerk_open(node->clerk);
}

/* ---- entries of our own ------------------------------------------------------------------------------------------ */

static void an_answer_is_on_the_disk(void **state)
{
	fixture *f = *state;
	char path[128];
	prl_filing filing = { 0 };
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "a word", &filing), PRL_OK);
	assert_int_equal(filing.index, size);
	assert_int_equal(filing.size, size + 1);
	prl_bytes entry = test_node_entry(&f->us, size);
	prl_hash hash = prl_sha256(entry.data, entry.size);
	assert_memory_equal(&hash, &filing.hash, sizeof hash);
	/* another process would see it, with a checkpoint of the log's key over it */
	snprintf(path, sizeof path, "%s/record.db", f->us.path);
	prl_store *store;
	prl_ledger *ledger;
	prl_error err;
	assert_int_equal(prl_store_open(path, PRL_STORE_READ, &store, &err), PRL_OK);
	assert_int_equal(prl_ledger_open(store, US, false, &ledger, &err), PRL_OK);
	uint64_t found;
	prl_hash root;
	prl_ledger_head(ledger, &found, &root);
	assert_int_equal(found, size + 1);
	prl_checkpoint checkpoint;
	prl_bytes note = test_node_note(&f->us);
	assert_int_equal(prl_checkpoint_open(note, &line_log_of(f->l, US)->key.verifier, &checkpoint, NULL, &err),
			 PRL_OK);
	assert_int_equal(checkpoint.size, size + 1);
	assert_memory_equal(&checkpoint.root, &root, sizeof root);
	prl_ledger_free(ledger);
	prl_store_close(store);
	assert_replays(&f->us);
}

static void the_same_again_gets_the_first_answer(void **state)
{
	fixture *f = *state;
	prl_filing first = { 0 }, again = { 0 }, second = { 0 }, late = { 0 };
	line_act act = { .kind = "message.sent",
			 .key = "us-ops/1",
			 .body = "{\"text\": \"one\", \"language\": \"en\"}" };
	prl_bytes entry = line_entry(f->l, &act);
	assert_int_equal(test_node_file(&f->us, entry, &first), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_file(&f->us, entry, &again), PRL_OK);
	assert_int_equal(again.index, first.index);
	assert_int_equal(test_node_size(&f->us), size);
	assert_replays(&f->us);
	memset(&again, 0, sizeof again);
	assert_int_equal(test_node_file(&f->us, entry, &again), PRL_OK); /* after a restart too */
	assert_int_equal(again.index, first.index);
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "two", &second), PRL_OK);
	assert_int_equal(test_node_file(&f->us, entry, &late), PRL_E_STALE);
}

static void what_the_fold_refuses_is_not_appended(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 }, next = { 0 };
	uint64_t size = test_node_size(&f->us);
	prl_hash other_hash = line_hash("another entry");
	line_act gap = {
		.kind = "message.sent", .key = "us-ops/1", .serial = 7, .previous = &other_hash, .aside = true
	};
	assert_int_equal(test_node_act(&f->us, &gap, &filing), PRL_E_STALE);
	assert_true(strlen(filing.err.text) > 10);
	line_act other = { .kind = "message.sent", .key = "ru-ops/1", .aside = true };
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_act(&f->us, &other, &filing), PRL_E_REFUSED);
	assert_int_equal(test_node_size(&f->us), size);
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "right", &next), PRL_OK);
	assert_int_equal(next.index, size);
}

static void the_node_records_in_its_own_time(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 }, later = { 0 };
	prl_entry entry;
	prl_error err;
	f->us.now = INT64_C(1500000000123456789);
	assert_int_equal(test_node_record(&f->us, "node.alone", "{\"unanswered\": []}", &filing), PRL_OK);
	prl_time then = f->us.now;
	f->us.now = then - 3600 * PRL_SECOND; /* the clock is set back; what is recorded is not */
	assert_int_equal(test_node_record(&f->us, "node.alone", "{\"unanswered\": []}", &later), PRL_OK);
	assert_int_equal(later.index, filing.index + 1);
	assert_int_equal(prl_entry_read(test_node_entry(&f->us, filing.index), &entry, &err), PRL_OK);
	prl_time time = entry.time;
	assert_true(time <= then && then - time < PRL_SECOND / 1000);
	assert_int_equal(prl_entry_read(test_node_entry(&f->us, later.index), &entry, &err), PRL_OK);
	assert_true(entry.time == time);
	assert_replays(&f->us);
	memset(&later, 0, sizeof later); /* nor after a restart */
	assert_int_equal(test_node_record(&f->us, "node.alone", "{\"unanswered\": []}", &later), PRL_OK);
	assert_int_equal(prl_entry_read(test_node_entry(&f->us, later.index), &entry, &err), PRL_OK);
	assert_true(entry.time == time);
	memset(&later, 0, sizeof later);
	assert_int_equal(test_node_record(&f->us, "node.alone", "{}", &later), PRL_E_SYNTAX);
	memset(&later, 0, sizeof later);
	assert_int_equal(test_node_record(&f->us, "message.sent", "{}", &later), PRL_E_REFUSED);
}

static void before_the_opening_nothing_is_appended(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	test_node_stop(&f->us);
	test_node_start(&f->us, false);
	uint64_t size = test_node_size(&f->us);
	line_act act = { .kind = "message.sent",
			 .key = "us-ops/1",
			 .body = "{\"text\": \"one\", \"language\": \"en\"}" };
	prl_bytes entry = line_entry(f->l, &act);
	assert_int_equal(test_node_file(&f->us, entry, &filing), PRL_E_EARLY);
	assert_int_equal(test_node_size(&f->us), size);
	prl_clerk_open(f->us.clerk);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_file(&f->us, entry, &filing), PRL_OK);
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

/* A filing whose answer holds the committer up, so that what is filed meanwhile comes into one batch. */
typedef struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool reached, open;
	size_t answers;
} gate;

static void hold_up(prl_filing *filing)
{
	gate *g = filing->context;
	pthread_mutex_lock(&g->lock);
	g->reached = true;
	pthread_cond_broadcast(&g->changed);
	while (!g->open)
		pthread_cond_wait(&g->changed, &g->lock);
	g->answers++;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static void count_answer(prl_filing *filing)
{
	gate *g = filing->context;
	pthread_mutex_lock(&g->lock);
	g->answers++;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static void wait_for_answers(gate *g, size_t count)
{
	pthread_mutex_lock(&g->lock);
	while (g->answers < count)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void record_later(prl_filing *filing, gate *g, void (*done)(prl_filing *))
{
	*filing = (prl_filing){ .what = PRL_FILING_RECORDED,
				.kind = "node.alone",
				.recorded = "node",
				.body = prl_bytes_of("{\"unanswered\": []}"),
				.done = done,
				.context = g };
}

static void close_gate(gate *g, prl_clerk *clerk, prl_filing *filing)
{
	*g = (gate){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	record_later(filing, g, hold_up);
	prl_clerk_submit(clerk, filing);
	pthread_mutex_lock(&g->lock);
	while (!g->reached)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void open_gate(gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static void two_acts_that_exclude_each_other_in_one_batch(void **state)
{
	fixture *f = *state;
	gate g;
	prl_filing first, filings[2] = { { 0 } };
	prl_entry entries[2];
	prl_error err;
	line_act one = { .kind = "message.sent",
			 .key = "us-ops/1",
			 .body = "{\"text\": \"one\", \"language\": \"en\"}",
			 .aside = true };
	line_act two = one;
	two.body = "{\"text\": \"two\", \"language\": \"en\"}"; /* the same serial */
	assert_int_equal(prl_entry_read(line_entry(f->l, &one), &entries[0], &err), PRL_OK);
	assert_int_equal(prl_entry_read(line_entry(f->l, &two), &entries[1], &err), PRL_OK);
	prl_clerk_figures before = prl_clerk_read_figures(f->us.clerk);
	close_gate(&g, f->us.clerk, &first);
	for (size_t i = 0; i < 2; i++) {
		filings[i] = (prl_filing){
			.what = PRL_FILING_SIGNED, .entry = &entries[i], .done = count_answer, .context = &g
		};
		prl_clerk_submit(f->us.clerk, &filings[i]);
	}
	open_gate(&g);
	wait_for_answers(&g, 3);
	assert_answer(&filings[0], PRL_OK);
	assert_answer(&filings[1], PRL_E_STALE);
	prl_clerk_figures after = prl_clerk_read_figures(f->us.clerk);
	assert_int_equal(after.batches - before.batches, 2);
	assert_replays(&f->us);
}

static void many_filings_share_a_batch(void **state)
{
	enum { COUNT = 3000 };
	fixture *f = *state;
	gate g;
	prl_filing first, *filings = calloc(COUNT, sizeof *filings);
	uint64_t size = test_node_size(&f->us);
	close_gate(&g, f->us.clerk, &first);
	for (size_t i = 0; i < COUNT; i++) {
		record_later(&filings[i], &g, count_answer);
		prl_clerk_submit(f->us.clerk, &filings[i]);
	}
	open_gate(&g);
	wait_for_answers(&g, COUNT + 1);
	for (size_t i = 0; i < COUNT; i++) {
		assert_answer(&filings[i], PRL_OK);
		assert_int_equal(filings[i].index, size + 1 + i);
	}
	test_node_record(&f->us, "node.alone", "{\"unanswered\": []}", &first);
	prl_clerk_figures figures = prl_clerk_read_figures(f->us.clerk);
	assert_in_range(figures.batches, 4, 12); /* gate, 2,000, 1,000, the last */
	free(filings);
	assert_replays(&f->us);
}

static void a_full_queue_says_so_at_once(void **state)
{
	enum { COUNT = 25000 };
	fixture *f = *state;
	gate g;
	prl_filing first, *filings = calloc(COUNT, sizeof *filings);
	close_gate(&g, f->us.clerk, &first);
	size_t refused = 0;
	for (size_t i = 0; i < COUNT; i++) {
		record_later(&filings[i], &g, count_answer);
		prl_clerk_submit(f->us.clerk, &filings[i]);
	}
	open_gate(&g);
	wait_for_answers(&g, COUNT + 1);
	for (size_t i = 0; i < COUNT; i++)
		refused += filings[i].status == PRL_E_TOO_LARGE;
	assert_in_range(refused, COUNT - 20000 - 2000, COUNT - 20000);
	free(filings);
}

/* ---- a disk that fails ------------------------------------------------------------------------------------------- */

static void a_full_disk_fails_the_batch_and_no_more(void **state)
{
	fixture *f = *state;
	prl_filing before = { 0 }, failed = { 0 }, after = { 0 };
	line_act act = { .kind = "message.sent",
			 .key = "us-ops/1",
			 .body = "{\"text\": \"one\", \"language\": \"en\"}" };
	assert_int_equal(test_node_act(&f->us, &act, &before), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	prl_hash digest = test_node_digest(&f->us), now;
	prl_bytes entry = line_entry(f->l, &act);
	full_disk(true);
	assert_int_equal(test_node_file(&f->us, entry, &failed), PRL_E_IO);
	gate g; /* a batch that fails while the next is decided: both are answered */
	prl_filing first, second[3];
	full_disk(false);
	close_gate(&g, f->us.clerk, &first);
	full_disk(true);
	for (size_t i = 0; i < 3; i++) {
		record_later(&second[i], &g, count_answer);
		prl_clerk_submit(f->us.clerk, &second[i]);
	}
	open_gate(&g);
	wait_for_answers(&g, 4);
	full_disk(false);
	assert_answer(&first, PRL_OK);
	for (size_t i = 0; i < 3; i++)
		assert_answer(&second[i], PRL_E_IO);
	assert_int_equal(test_node_size(&f->us), size + 1);
	memset(&failed, 0, sizeof failed);
	assert_int_equal(test_node_file(&f->us, entry, &after), PRL_OK); /* as if it had never been filed */
	assert_int_equal(after.index, size + 1);
	now = test_node_digest(&f->us);
	assert_memory_not_equal(&digest, &now, sizeof now);
	prl_clerk_figures figures = prl_clerk_read_figures(f->us.clerk);
	assert_true(figures.failed_batches >= 2);
	assert_replays(&f->us);
}

/* ---- what is over ------------------------------------------------------------------------------------------------ */

static size_t decisions_open(fixture *f)
{
	prl_version version = prl_picture_pin(f->us.folder->picture);
	size_t count = prl_open_count(f->us.folder->picture, version, "statement.open");
	prl_picture_unpin(f->us.folder->picture, version);
	return count;
}

static void decide(fixture *f, size_t count)
{
	char time[PRL_TIME_TEXT_MAX], body[200];
	prl_time_format(atomic_load(&f->us.now) + 60 * PRL_SECOND, time);
	(void)snprintf(body, sizeof body,
		       "{\"kind\": \"decision\", \"text\": {\"words\": \"so\", \"language\": \"en\"}, "
		       "\"takes_effect\": \"%s\"}",
		       time);
	for (size_t i = 0; i < count; i++) {
		prl_filing filing = { 0 };
		test_node_act(&f->us, &(line_act){ .kind = "statement.made", .key = "us-ops/1", .body = body },
			      &filing);
		assert_answer(&filing, PRL_OK);
	}
}

/* The index of what is open is swept with a batch, where it has doubled, and not before a day after it was over. */
static void what_is_over_is_swept(void **state)
{
	fixture *f = *state;
	decide(f, PRL_OPEN_SWEEP_AT);
	assert_int_equal(decisions_open(f), PRL_OPEN_SWEEP_AT);
	atomic_store(&f->us.now, atomic_load(&f->us.now) + 3600 * PRL_SECOND);
	decide(f, 1);
	assert_int_equal(decisions_open(f), PRL_OPEN_SWEEP_AT + 1);
	decide(f, 2 * PRL_OPEN_SWEEP_AT);
	atomic_store(&f->us.now, atomic_load(&f->us.now) + 2 * 86400 * PRL_SECOND);
	decide(f, 5 * PRL_OPEN_SWEEP_AT); /* on the way it has doubled */
	assert_int_equal(decisions_open(f), 5 * PRL_OPEN_SWEEP_AT);
	assert_replays(&f->us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_is_on_the_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_again_gets_the_first_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_fold_refuses_is_not_appended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_node_records_in_its_own_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(before_the_opening_nothing_is_appended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_acts_that_exclude_each_other_in_one_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_filings_share_a_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_queue_says_so_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_fails_the_batch_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_over_is_swept, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
