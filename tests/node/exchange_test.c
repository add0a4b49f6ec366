/* Nodes back to back: they come to rest, they hold the same, contents arrive, what one has lost the other gives back.
 */
#include "base/hash.h"
#include "base/text.h"
#include "support/random.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define US    "us.example/line"
#define RU    "ru.example/line"
#define UN    "un.example/line"
#define NODES 3

typedef struct fixture {
	line *l;
	test_node nodes[NODES];
	size_t count;
} fixture;

static const char *const origins[NODES] = { US, RU, UN };

static int set_up_of(void **state, size_t count)
{
	fixture *f = calloc(1, sizeof *f);
	f->count = count;
	f->l = line_new(count == 2 ? "us@" US " ru@" RU : "us@" US " ru@" RU " un@" UN, NULL);
	for (size_t i = 0; i < count; i++) {
		test_node_make(&f->nodes[i], f->l, origins[i]);
		test_node_start(&f->nodes[i], true);
	}
	*state = f;
	return 0;
}

static int two(void **state)
{
	return set_up_of(state, 2);
}

static int three(void **state)
{
	return set_up_of(state, 3);
}

static int tear_down(void **state)
{
	fixture *f = *state;
	for (size_t i = 0; i < f->count; i++)
		test_node_remove(&f->nodes[i]);
	line_free(f->l);
	free(f);
	return 0;
}

static uint64_t all_entries(fixture *f)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < f->count; i++)
		sum += test_node_size(&f->nodes[i]);
	return sum;
}

/* One round: everybody pushes to everybody. */
static bool round_of(fixture *f)
{
	bool moved = false;
	for (size_t i = 0; i < f->count; i++)
		for (size_t j = 0; j < f->count; j++)
			if (i != j)
				moved |= test_node_push(&f->nodes[i], &f->nodes[j]);
	return moved;
}

static void assert_comes_to_rest(fixture *f)
{
	size_t rounds = 0;
	while (round_of(f))
		assert_true(++rounds < 100);
	uint64_t entries = all_entries(f);
	for (size_t i = 0; i < 100; i++)
		assert_false(round_of(f));
	assert_int_equal(all_entries(f), entries);
}

/* Acts alone: receipts still on their way differ. */
static void assert_same_messages(fixture *f)
{
	unsigned table;
	assert_true(prl_picture_table(f->nodes[0].folder->picture, "message", &table));
	size_t first =
		prl_picture_count(f->nodes[0].folder->picture, prl_picture_pin(f->nodes[0].folder->picture), table);
	for (size_t i = 1; i < f->count; i++) {
		prl_picture *picture = f->nodes[i].folder->picture;
		assert_int_equal(prl_picture_count(picture, prl_picture_pin(picture), table), first);
	}
}

static void idle_nodes_append_nothing(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	assert_comes_to_rest(f);
	assert_int_equal(test_node_say(&f->nodes[0], "us-ops/1", "one", &filing), PRL_OK);
	assert_comes_to_rest(f);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_say(&f->nodes[1], "ru-ops/2", "two", &filing), PRL_OK);
	assert_comes_to_rest(f);
	for (size_t i = 0; i < f->count; i++)
		for (size_t j = 0; j < f->count; j++)
			if (i != j)
				assert_int_equal(test_node_held(&f->nodes[i], origins[j]),
						 test_node_size(&f->nodes[j]));
	assert_same_messages(f);
}

static void assert_replays(test_node *node)
{
	prl_hash before = test_node_digest(node), after;
	test_node_stop(node);
	node->replay = true;
	test_node_start(node, true);
	node->replay = false;
	after = test_node_digest(node);
	assert_memory_equal(&before, &after, sizeof before);
}

/* Words from everywhere, pushes in any order, restarts: in the end all have all, and a replay agrees. */
static void any_order_ends_alike(void **state)
{
	fixture *f = *state;
	static const char *const keys[] = { "us-ops/1", "us-ops/2", "ru-ops/1", "ru-ops/2", "un-ops/1", "un-ops/2" };
	rnd r = rnd_case(rnd_seed("exchange"), 0);
	for (size_t i = 0; i < rnd_count(300, 5000); i++) {
		size_t a = rnd_below(&r, f->count), b = rnd_below(&r, f->count);
		prl_filing filing = { 0 };
		if (rnd_chance(&r, 0.5))
			assert_int_equal(test_node_say(&f->nodes[a], keys[2 * a + rnd_below(&r, 2)], "words", &filing),
					 PRL_OK);
		else if (a != b)
			(void)test_node_push(&f->nodes[a], &f->nodes[b]);
		if (rnd_chance(&r, 0.02))
			assert_replays(&f->nodes[a]);
	}
	assert_comes_to_rest(f);
	assert_same_messages(f);
	for (size_t i = 0; i < f->count; i++)
		assert_replays(&f->nodes[i]);
	assert_comes_to_rest(f);
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

/* A content of which the salt and bytes hang on a word. */
static prl_store_content content_of(fixture *f, const char *word)
{
	const char *text = line_text(f->l, "0123456789abcdef0123456789abcdef%s", word);
	prl_store_content content = { .bytes = prl_bytes_of(text) };
	content.hash = prl_sha256(content.bytes.data, content.bytes.size);
	return content;
}

static const char *message_with(fixture *f, const prl_store_content *content)
{
	return line_text(
		f->l,
		"{\"text\": \"see\", \"language\": \"en\", \"to\": [\"ru\"], \"contents\": [{\"hash\": \"%s\", "
		"\"size\": %zu, \"title\": \"a file\"}]}",
		line_hash_text(f->l, &content->hash), content->bytes.size - 32);
}

static prl_status give(test_node *node, const prl_store_content *content)
{
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = content, .content_count = 1 };
	return prl_clerk_submit_wait(node->clerk, &filing);
}

/* Whether node's log says that it got the content, how often. */
static size_t times_got(fixture *f, test_node *node, const prl_store_content *content)
{
	size_t times = 0;
	const char *hash = line_hash_text(f->l, &content->hash);
	for (uint64_t i = 0; i < test_node_size(node); i++) {
		prl_bytes entry = test_node_entry(node, i);
		times += test_node_is(node, i, "content.got") && memmem(entry.data, entry.size, hash, strlen(hash));
	}
	return times;
}

static prl_status is_kept(test_node *node, const prl_store_content *content)
{
	prl_buffer bytes = PRL_BUFFER(1 << 20);
	prl_time at;
	prl_error err;
	prl_status status = prl_store_content_get(node->reader, &content->hash, &at, &bytes, &err);
	if (!status)
		assert_memory_equal(bytes.data, content->bytes.data, content->bytes.size);
	prl_buffer_done(&bytes);
	return status;
}

static void contents_come_with_or_after_their_entry(void **state)
{
	fixture *f = *state;
	test_node *us = &f->nodes[0], *ru = &f->nodes[1];
	prl_store_content content = content_of(f, "map"), other = content_of(f, "not announced");
	prl_store_content both[2] = { content, other };
	prl_filing filing = { .contents = both, .content_count = 2 };
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = message_with(f, &content) };
	assert_int_equal(test_node_act(us, &act, &filing), PRL_OK);
	assert_int_equal(is_kept(us, &content), PRL_OK);
	assert_int_equal(is_kept(us, &other), PRL_E_NOT_FOUND);
	assert_comes_to_rest(f);
	assert_int_equal(times_got(f, ru, &content), 0);
	assert_int_equal(give(ru, &content), PRL_OK);
	assert_int_equal(is_kept(ru, &content), PRL_OK);
	assert_int_equal(times_got(f, ru, &content), 1);
	assert_int_equal(give(ru, &content), PRL_OK); /* twice */
	assert_int_equal(times_got(f, ru, &content), 1);
	assert_comes_to_rest(f);
	assert_int_equal(times_got(f, us, &content), 0);
	assert_replays(ru);
	assert_replays(us);
}

static void contents_that_come_before_their_entry_are_kept_for_it(void **state)
{
	fixture *f = *state;
	test_node *us = &f->nodes[0], *ru = &f->nodes[1];
	prl_store_content content = content_of(f, "map"), later = content_of(f, "after a restart");
	prl_filing filing = { 0 };
	assert_int_equal(give(ru, &content), PRL_OK);
	assert_int_equal(give(ru, &content), PRL_OK);
	assert_int_equal(give(ru, &later), PRL_OK);
	assert_int_equal(is_kept(ru, &content), PRL_OK);
	assert_int_equal(times_got(f, ru, &content), 0);
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = message_with(f, &content) };
	assert_int_equal(test_node_act(us, &act, &filing), PRL_OK);
	assert_comes_to_rest(f);
	assert_int_equal(times_got(f, ru, &content), 1);
	assert_replays(ru);
	act.body = message_with(f, &later);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_act(us, &act, &filing), PRL_OK);
	assert_comes_to_rest(f);
	assert_int_equal(times_got(f, ru, &later), 1);
	assert_int_equal(times_got(f, ru, &content), 1);
}

/* The node stopped between keeping it and saying so: as if it came before the opening. */
static void contents_kept_and_not_said_are_said_at_the_opening(void **state)
{
	fixture *f = *state;
	test_node *us = &f->nodes[0], *ru = &f->nodes[1];
	prl_store_content content = content_of(f, "map");
	prl_filing filing = { 0 };
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = message_with(f, &content) };
	assert_int_equal(test_node_act(us, &act, &filing), PRL_OK);
	assert_comes_to_rest(f);
	test_node_stop(ru);
	test_node_start(ru, false);
	uint64_t size = test_node_size(ru);
	assert_int_equal(give(ru, &content), PRL_OK);
	assert_int_equal(test_node_size(ru), size);
	prl_clerk_open(ru->clerk);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_say(ru, "ru-ops/1", "open", &filing), PRL_OK);
	assert_int_equal(times_got(f, ru, &content), 1);
}

static void wrong_contents_are_refused(void **state)
{
	fixture *f = *state;
	test_node *ru = &f->nodes[1];
	prl_store_content content = content_of(f, "map"), short_one = { .bytes = { "short", 5 } };
	content.bytes = prl_bytes_of("0123456789abcdef0123456789abcdefpam");
	short_one.hash = prl_sha256("short", 5);
	assert_int_equal(give(ru, &content), PRL_E_SIGNATURE);
	assert_int_equal(give(ru, &short_one), PRL_E_RANGE);
	char *large = calloc(1, PRL_CONTENT_ORPHAN_MAX / 3 * 2);
	prl_store_content first = { .bytes = { large, PRL_CONTENT_ORPHAN_MAX / 3 * 2 } }, second = first;
	first.hash = prl_sha256(first.bytes.data, first.bytes.size);
	assert_int_equal(give(ru, &first), PRL_OK);
	second.bytes.size--;
	second.hash = prl_sha256(second.bytes.data, second.bytes.size);
	assert_int_equal(give(ru, &second), PRL_E_TOO_LARGE); /* nobody has announced them */
	prl_store_content small = content_of(f, "small");
	assert_int_equal(give(ru, &small), PRL_OK);
	free(large);
}

/* ---- a lost tail ------------------------------------------------------------------------------------------------- */

static void replace_record(test_node *node, const char *copy)
{
	char command[300];
	snprintf(command, sizeof command, "cd '%s' && rm -f record.db-* snapshot && mv '%s' record.db", node->path,
		 copy);
	assert_int_equal(system(command), 0);
}

static prl_status restore(test_node *node, const char *by, prl_bytes *entries, uint64_t start, uint64_t end,
			  prl_bytes checkpoint, prl_filing *ret)
{
	*ret = (prl_filing){ .what = PRL_FILING_RESTORE,
			     .log = by,
			     .start = start,
			     .entries = entries + start,
			     .entry_count = end - start,
			     .checkpoint = checkpoint };
	return prl_clerk_submit_wait(node->clerk, ret);
}

static void a_lost_tail_is_taken_back(void **state)
{
	fixture *f = *state;
	test_node *us = &f->nodes[0], *ru = &f->nodes[1];
	char copy[128];
	prl_error err;
	prl_filing filing = { 0 };
	assert_comes_to_rest(f);
	snprintf(copy, sizeof copy, "%s/copy", us->path);
	assert_int_equal(prl_store_backup(us->folder->store, copy, &err), PRL_OK);
	uint64_t had = test_node_size(us);
	for (int i = 0; i < 5; i++) {
		memset(&filing, 0, sizeof filing);
		assert_int_equal(test_node_say(us, "us-ops/1", "more", &filing), PRL_OK);
		memset(&filing, 0, sizeof filing);
		assert_int_equal(test_node_say(ru, "ru-ops/1", "and more", &filing), PRL_OK);
		assert_comes_to_rest(f);
	}
	uint64_t size = test_node_size(us);
	prl_hash digest = test_node_digest(us), now;
	prl_bytes *entries = calloc(size, sizeof *entries), checkpoint = test_node_note(us);
	for (uint64_t i = 0; i < size; i++)
		entries[i] = test_node_entry(us, i);
	test_node_stop(us);
	replace_record(us, copy);
	test_node_start(us, false);
	assert_int_equal(test_node_size(us), had);
	/* their entries first, then ours */
	assert_int_equal(restore(us, RU, entries, had, size, checkpoint, &filing), PRL_E_STALE);
	assert_int_equal(filing.size, had);
	assert_true(test_node_push(ru, us));
	assert_int_equal(test_node_size(us), had);
	prl_bytes kept = entries[size - 1];
	entries[size - 1] = entries[size - 2];
	assert_int_equal(restore(us, RU, entries, had, size, checkpoint, &filing), PRL_E_SIGNATURE);
	entries[size - 1] = kept;
	assert_int_equal(restore(us, "fr.example/line", entries, had, size, checkpoint, &filing), PRL_E_NOT_FOUND);
	assert_int_equal(restore(us, RU, entries, had + 1, size, checkpoint, &filing), PRL_E_RANGE);
	assert_int_equal(restore(us, RU, entries, had - 1, size, checkpoint, &filing), PRL_OK);
	assert_int_equal(test_node_size(us), size);
	now = test_node_digest(us);
	assert_memory_equal(&now, &digest, sizeof now);
	assert_int_equal(restore(us, RU, entries, had, size, checkpoint, &filing), PRL_OK); /* once more */
	assert_int_equal(test_node_size(us), size);
	prl_clerk_open(us->clerk);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_say(us, "us-ops/1", "here again", &filing), PRL_OK);
	assert_int_equal(filing.index, size + 1);
	assert_true(test_node_is(us, size, "node.restored"));
	assert_int_equal(restore(us, RU, entries, had, size, checkpoint, &filing), PRL_E_STALE);
	free(entries);
	assert_comes_to_rest(f);
	assert_replays(us);
	assert_replays(ru);
}

/* The entries of a log, the last of those before size made up, under a checkpoint by the log's own key. */
static prl_status mirror_other(test_node *to, test_node *of, uint64_t size, prl_filing *ret)
{
	prl_bytes *entries = calloc(size, sizeof *entries);
	prl_frontier tree = { 0 };
	for (uint64_t i = 0; i < size; i++) {
		entries[i] = i + 1 < size ? test_node_entry(of, i) : prl_bytes_of("another history");
		prl_hash leaf = prl_leaf_hash(entries[i]);
		prl_frontier_append(&tree, &leaf);
	}
	prl_hash root = prl_frontier_root(&tree);
	*ret = (prl_filing){ .what = PRL_FILING_MIRROR,
			     .log = of->origin,
			     .entries = entries,
			     .entry_count = size,
			     .checkpoint = test_note_of(to->l, of->origin, size, &root) };
	prl_status status = prl_clerk_submit_wait(to->clerk, ret);
	free(entries);
	return status;
}

/* A node that lost its memory is shown another history by a peer than the one its own log speaks of. */
static void a_lost_tail_does_not_hide_a_fork(void **state)
{
	fixture *f = *state;
	test_node *us = &f->nodes[0], *ru = &f->nodes[1];
	char copy[128];
	prl_error err;
	prl_filing filing = { 0 };
	snprintf(copy, sizeof copy, "%s/copy", us->path);
	assert_int_equal(prl_store_backup(us->folder->store, copy, &err), PRL_OK);
	uint64_t had = test_node_size(us);
	assert_int_equal(test_node_say(ru, "ru-ops/1", "one history", &filing), PRL_OK);
	assert_comes_to_rest(f);
	uint64_t size = test_node_size(us), seen = test_node_seen(us, RU);
	prl_bytes *entries = calloc(size, sizeof *entries), checkpoint = test_node_note(us);
	for (uint64_t i = 0; i < size; i++)
		entries[i] = test_node_entry(us, i);
	test_node_stop(us);
	replace_record(us, copy);
	test_node_start(us, false);
	assert_int_equal(mirror_other(us, ru, seen, &filing), PRL_OK);
	assert_int_equal(restore(us, RU, entries, had, size, checkpoint, &filing), PRL_E_FORKED);
	assert_non_null(strstr(filing.err.text, "another history"));
	assert_int_equal(test_node_size(us), had);
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(idle_nodes_append_nothing, two, tear_down),
		cmocka_unit_test_setup_teardown(idle_nodes_append_nothing, three, tear_down),
		cmocka_unit_test_setup_teardown(any_order_ends_alike, two, tear_down),
		cmocka_unit_test_setup_teardown(any_order_ends_alike, three, tear_down),
		cmocka_unit_test_setup_teardown(contents_come_with_or_after_their_entry, two, tear_down),
		cmocka_unit_test_setup_teardown(contents_that_come_before_their_entry_are_kept_for_it, two, tear_down),
		cmocka_unit_test_setup_teardown(contents_kept_and_not_said_are_said_at_the_opening, two, tear_down),
		cmocka_unit_test_setup_teardown(wrong_contents_are_refused, two, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_tail_is_taken_back, two, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_tail_does_not_hide_a_fork, two, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
