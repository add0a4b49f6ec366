/* What a peer brings: right, wrong, twice, of two histories; what of it counts, and when. */
#include "base/hash.h"
#include "base/text.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define US      "us.example/line"
#define RU      "ru.example/line"
#define UN      "un.example/line"
#define PARTIES "us@" US " ru@" RU " un@" UN

/* The node of US; the logs of RU and UN as the line has them. */
typedef struct fixture {
	line *l;
	test_node us;
	prl_picture *ru, *un; /* to begin their logs */
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new(PARTIES, NULL);
	test_node_make(&f->us, f->l, US);
	test_node_start(&f->us, true);
	f->ru = line_picture(RU);
	line_begin(f->l, f->ru, RU);
	f->un = line_picture(UN);
	line_begin(f->l, f->un, UN);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->us);
	prl_picture_free(f->ru);
	prl_picture_free(f->un);
	line_free(f->l);
	free(f);
	return 0;
}

static void assert_replays(test_node *node)
{
	prl_hash before = test_node_digest(node), after;
	test_node_stop(node);
	node->replay = true;
	test_node_start(node, false);
	if (node->said_count)
		print_message("# %s\n", node->said[0]);
	assert_int_equal(node->said_count, 0);
	after = test_node_digest(node);
	assert_memory_equal(&before, &after, sizeof before);
	prl_clerk_open(node->clerk);
}

/* The entry at a place of our log is of that kind, and its body says so. */
static void assert_entry(test_node *node, uint64_t index, const char *kind, const char *part)
{
	prl_bytes entry = test_node_entry(node, index);
	if (!test_node_is(node, index, kind) || (part && !memmem(entry.data, entry.size, part, strlen(part))))
		fail_msg("entry %llu is not %s with %s:\n%s", (unsigned long long)index, kind, part ? part : "",
			 entry.data);
}

static void assert_cosigned(const char *lines, prl_bytes note, const prl_signer *key, bool expected)
{
	prl_buffer whole = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_note read;
	prl_error err;
	uint64_t time_s;
	prl_buffer_append(&whole, note.data, note.size);
	prl_buffer_append(&whole, lines, strlen(lines));
	assert_int_equal(prl_note_read((prl_bytes){ whole.data, whole.size }, &read, &err), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&read, &key->verifier, &time_s, &err),
			 expected ? PRL_OK : PRL_E_NOT_FOUND);
	prl_buffer_done(&whole);
}

static void words_of_ru(fixture *f, const char *words)
{
	line_act act = { .kind = "message.sent",
			 .key = "ru-ops/1",
			 .body = line_text(f->l, "{\"text\": \"%s\", \"language\": \"en\"}", words) };
	line_act_on(f->l, f->ru, &act);
}

static void wait_until_seen(fixture *f, const char *origin, uint64_t size)
{
	for (size_t i = 0; i < 60000 && test_node_seen(&f->us, origin) < size; i++)
		usleep(1000);
	assert_int_equal(test_node_seen(&f->us, origin), size);
}

/* ---- what is right ----------------------------------------------------------------------------------------------- */

static void what_a_peer_brings_is_held_seen_and_cosigned(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	uint64_t size = test_node_size(&f->us), ru = line_log_of(f->l, RU)->size;
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru, &filing), PRL_OK);
	assert_int_equal(filing.size, ru);
	assert_int_equal(test_node_held(&f->us, RU), ru);
	assert_int_equal(test_node_seen(&f->us, RU), ru);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_entry(&f->us, size, "peer.seen", "\"log\":\"" RU "\",\"size\":4");
	assert_cosigned(filing.cosignatures, filing.checkpoint, &line_log_of(f->l, US)->witness, true);
	assert_cosigned(filing.cosignatures, filing.checkpoint, &line_log_of(f->l, US)->mirror, true);
	/* and kept so */
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_error err;
	uint64_t found;
	assert_int_equal(prl_store_cosigned_from(f->us.reader, 2, ru, &found, &kept, &err), PRL_OK);
	assert_int_equal(found, ru);
	assert_cosigned("", (prl_bytes){ kept.data, kept.size }, &line_log_of(f->l, US)->mirror, true);
	prl_buffer_done(&kept);
	words_of_ru(f, "one");
	assert_int_equal(test_node_mirror(&f->us, RU, ru, ru + 1, &filing), PRL_OK);
	assert_int_equal(test_node_seen(&f->us, RU), ru + 1);
	assert_replays(&f->us);
}

static void what_is_brought_twice_is_answered_twice(void **state)
{
	fixture *f = *state;
	prl_filing first = { 0 }, again = { 0 }, over = { 0 }, old = { 0 };
	uint64_t ru = line_log_of(f->l, RU)->size;
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru, &first), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru, &again), PRL_OK);
	assert_string_equal(again.cosignatures, first.cosignatures);
	assert_int_equal(test_node_size(&f->us), size);
	words_of_ru(f, "one");
	words_of_ru(f, "two");
	assert_int_equal(test_node_mirror(&f->us, RU, 2, ru + 2, &over), PRL_OK); /* from below what is held */
	assert_int_equal(over.size, ru + 2);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru, &old), PRL_OK);
	assert_int_equal(old.size, ru + 2);
	assert_string_equal(old.cosignatures, "");
	/* after a restart the newest is cosigned anew */
	assert_replays(&f->us);
	memset(&again, 0, sizeof again);
	assert_int_equal(test_node_mirror(&f->us, RU, ru, ru + 2, &again), PRL_OK);
	assert_cosigned(again.cosignatures, again.checkpoint, &line_log_of(f->l, US)->witness, true);
}

static void receipts_alone_are_not_answered(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	for (uint64_t i = 0; i < test_node_size(&f->us); i++)
		line_log_of(f->l, US)->size > i ? (void)0 : line_append(f->l, US, test_node_entry(&f->us, i));
	uint64_t size = test_node_size(&f->us), before = ru->size;
	line_see(f->l, f->ru, RU, US, 0); /* their peer.seen of us */
	assert_int_equal(test_node_mirror(&f->us, RU, before, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_held(&f->us, RU), before + 1);
	assert_int_equal(test_node_seen(&f->us, RU), before);
	assert_int_equal(test_node_size(&f->us), size);
	assert_cosigned(filing.cosignatures, filing.checkpoint, &line_log_of(f->l, US)->mirror, true);
	words_of_ru(f, "an act"); /* brings the receipt with it */
	assert_int_equal(test_node_mirror(&f->us, RU, before + 1, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_seen(&f->us, RU), before + 2);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_replays(&f->us);
}

/* RU's act was made after it had seen UN's log: here it counts after UN's entries have come, and not before. */
static void what_a_peer_had_seen_comes_first(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU), *un = line_log_of(f->l, UN);
	uint64_t begun = ru->size;
	line_see(f->l, f->ru, RU, UN, 0);
	words_of_ru(f, "after UN");
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_held(&f->us, RU), ru->size);
	assert_int_equal(test_node_seen(&f->us, RU), begun);
	assert_int_equal(test_node_mirror(&f->us, UN, 0, un->size, &filing), PRL_OK);
	assert_int_equal(test_node_seen(&f->us, UN), un->size);
	wait_until_seen(f, RU, ru->size); /* with the same answer, or in the next quiet moment */
	assert_replays(&f->us);
}

static void what_came_before_the_opening_is_seen_then(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU);
	test_node_stop(&f->us);
	test_node_start(&f->us, false);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_held(&f->us, RU), ru->size);
	assert_int_equal(test_node_size(&f->us), size);
	prl_clerk_open(f->us.clerk);
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "open", &filing), PRL_OK);
	assert_int_equal(test_node_seen(&f->us, RU), ru->size);
	assert_int_equal(filing.index, size + 1);
	assert_replays(&f->us);
}

static void a_long_log_is_seen_in_steps(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU);
	for (size_t i = 0; i < 2500; i++)
		words_of_ru(f, "again");
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_held(&f->us, RU), ru->size);
	wait_until_seen(f, RU, ru->size);
	assert_int_equal(test_node_size(&f->us), size + 3);
	assert_replays(&f->us);
}

/* ---- what is wrong ----------------------------------------------------------------------------------------------- */

static void wrong_input_changes_nothing(void **state)
{
	fixture *f = *state;
	line *l = f->l;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(l, RU);
	uint64_t held = ru->size;
	words_of_ru(f, "one");
	words_of_ru(f, "two");
	assert_int_equal(test_node_mirror(&f->us, RU, 0, held, &filing), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, held + 1, held + 2, &filing), PRL_E_STALE); /* a gap */
	assert_int_equal(filing.size, held);
	prl_filing wrong = { .what = PRL_FILING_MIRROR,
			     .log = RU,
			     .start = held,
			     .entries = ru->entries + held,
			     .entry_count = 1,
			     .checkpoint = test_note(l, RU, held + 2) };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &wrong), PRL_E_RANGE); /* not up to the checkpoint */
	wrong.entry_count = 2;
	prl_bytes swapped[2] = { ru->entries[held + 1], ru->entries[held] };
	wrong.entries = swapped;
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &wrong), PRL_E_SIGNATURE); /* not these entries */
	wrong.entries = ru->entries + held;
	wrong.log = "fr.example/line";
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &wrong), PRL_E_NOT_FOUND);
	wrong.log = UN; /* RU's checkpoint */
	assert_true(prl_clerk_submit_wait(f->us.clerk, &wrong) != PRL_OK);
	wrong.log = RU;
	char *bent = strdup(wrong.checkpoint.data);
	char *root = strchr(strchr(bent, '\n') + 1, '\n') + 1;
	root[0] = root[0] == 'A' ? 'B' : 'A'; /* a root that nobody signed */
	wrong.checkpoint = prl_bytes_of(bent);
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &wrong), PRL_E_SIGNATURE);
	free(bent);
	wrong.checkpoint = prl_bytes_of("");
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &wrong), PRL_E_SYNTAX);
	assert_int_equal(test_node_size(&f->us), size);
	assert_int_equal(test_node_held(&f->us, RU), held);
	assert_int_equal(f->us.forks, 0);
	assert_int_equal(test_node_mirror(&f->us, RU, held, held + 2, &filing), PRL_OK);
}

static void what_cannot_count_is_said_and_passed_over(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU);
	uint64_t begun = ru->size;
	prl_hash other = line_hash("other");
	line_act gap = { .kind = "message.sent", .key = "ru-ops/1", .serial = 9, .previous = &other, .aside = true };
	line_append(f->l, RU, line_entry(f->l, &gap));
	line_append(f->l, RU, prl_bytes_of("no entry at all\x01"));
	line_append(f->l, RU, prl_bytes_of(""));
	line_act right = { .kind = "message.sent",
			   .key = "ru-ops/1",
			   .body = "{\"text\": \"one\", \"language\": \"en\"}" };
	line_append(f->l, RU, line_entry(f->l, &right));
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_size(&f->us), size + 4);
	assert_entry(&f->us, size, "peer.seen", NULL);
	assert_entry(&f->us, size + 1, "peer.fault", line_text(f->l, "\"index\":%llu", (unsigned long long)begun));
	assert_entry(&f->us, size + 2, "peer.fault", line_text(f->l, "\"index\":%llu", (unsigned long long)begun + 1));
	assert_entry(&f->us, size + 3, "peer.fault", line_text(f->l, "\"index\":%llu", (unsigned long long)begun + 2));
	prl_version version = prl_picture_pin(f->us.folder->picture);
	const prl_key *key = prl_picture_key(f->us.folder->picture, version, prl_bytes_of("ru-ops/1"));
	assert_int_equal(key->serial, 1);
	prl_picture_unpin(f->us.folder->picture, version);
	assert_replays(&f->us);
}

static void many_faults_are_named_by_their_range(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	line_log *ru = line_log_of(f->l, RU);
	uint64_t begun = ru->size;
	for (int i = 0; i < 100; i++)
		line_append(f->l, RU, prl_bytes_of("nothing"));
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(test_node_mirror(&f->us, RU, 0, ru->size, &filing), PRL_OK);
	assert_int_equal(test_node_size(&f->us), size + 1 + PRL_MAX_FAULTS_A_BATCH + 1);
	assert_entry(&f->us, size + 1 + PRL_MAX_FAULTS_A_BATCH, "peer.fault",
		     line_text(f->l, "\"until\":%llu", (unsigned long long)begun + 100));
	assert_replays(&f->us);
}

/* ---- two histories ----------------------------------------------------------------------------------------------- */

/* Another history of RU with the same constitution: other words from `from` on, up to size entries. */
typedef struct other {
	prl_bytes entries[64];
	prl_frontier tree;
	prl_hash roots[65];
} other;

static other *other_history(fixture *f, uint64_t from, uint64_t size)
{
	other *o = calloc(1, sizeof *o);
	line_log *ru = line_log_of(f->l, RU);
	o->roots[0] = prl_empty_root();
	for (uint64_t i = 0; i < size; i++) {
		o->entries[i] = i < from ? ru->entries[i]
					 : prl_bytes_of(line_text(f->l, "other words %llu", (unsigned long long)i));
		prl_hash leaf = prl_leaf_hash(o->entries[i]);
		prl_frontier_append(&o->tree, &leaf);
		o->roots[i + 1] = prl_frontier_root(&o->tree);
	}
	return o;
}

static prl_status other_subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	const other *o = context;
	if (level == 0) {
		*ret = prl_leaf_hash(o->entries[index]);
		return PRL_OK;
	}
	prl_hash left, right;
	if (other_subtree(context, level - 1, 2 * index, &left, err) ||
	    other_subtree(context, level - 1, 2 * index + 1, &right, err))
		return PRL_E_RANGE;
	*ret = prl_node_hash(&left, &right);
	return PRL_OK;
}

static void assert_forked(fixture *f, uint64_t size)
{
	prl_filing filing = { 0 };
	prl_fork fork;
	prl_error err;
	prl_bytes proof = { f->us.fork.data, f->us.fork.size };
	assert_int_equal(f->us.forks, 1);
	assert_int_equal(prl_fork_read(proof, &fork, &err), PRL_OK);
	assert_int_equal(prl_fork_verify(&fork, &line_log_of(f->l, RU)->key.verifier, &err), PRL_OK);
	prl_hash hash = prl_sha256(proof.data, proof.size);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_entry(&f->us, size, "peer.forked", line_hash_text(f->l, &hash));
	words_of_ru(f, "later");
	uint64_t held = test_node_held(&f->us, RU);
	assert_int_equal(test_node_mirror(&f->us, RU, held, line_log_of(f->l, RU)->size, &filing), PRL_E_FORKED);
	prl_filing witness = { .what = PRL_FILING_WITNESS, .checkpoint = filing.checkpoint };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &witness), PRL_E_FORKED);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_replays(&f->us);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_mirror(&f->us, RU, held, line_log_of(f->l, RU)->size, &filing), PRL_E_FORKED);
}

static uint64_t hold_ru(fixture *f, size_t more)
{
	prl_filing filing = { 0 };
	for (size_t i = 0; i < more; i++)
		words_of_ru(f, "one");
	assert_int_equal(test_node_mirror(&f->us, RU, 0, line_log_of(f->l, RU)->size, &filing), PRL_OK);
	return test_node_size(&f->us);
}

static void the_same_size_with_another_root_is_a_fork(void **state)
{
	fixture *f = *state;
	uint64_t size = hold_ru(f, 3);
	other *o = other_history(f, 4, 7);
	prl_filing filing = {
		.what = PRL_FILING_MIRROR, .log = RU, .start = 7, .checkpoint = test_note_of(f->l, RU, 7, &o->roots[7])
	};
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_FORKED);
	free(o);
	assert_forked(f, size);
}

static void a_smaller_size_with_another_root_is_a_fork(void **state)
{
	fixture *f = *state;
	uint64_t size = hold_ru(f, 3);
	other *o = other_history(f, 4, 6);
	prl_filing filing = { .what = PRL_FILING_FORK,
			      .log = RU,
			      .checkpoint = test_note_of(f->l, RU, 6, &o->roots[6]) };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_FORKED);
	free(o);
	assert_forked(f, size);
}

static void a_larger_size_that_does_not_follow_is_a_fork_once_shown(void **state)
{
	fixture *f = *state;
	uint64_t size = hold_ru(f, 3);
	other *o = other_history(f, 4, 12);
	prl_filing push = { .what = PRL_FILING_MIRROR,
			    .log = RU,
			    .start = 7,
			    .entries = o->entries + 7,
			    .entry_count = 5,
			    .checkpoint = test_note_of(f->l, RU, 12, &o->roots[12]) };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &push), PRL_E_SIGNATURE);
	assert_int_equal(push.size, 7);
	assert_int_equal(f->us.forks, 0);
	prl_proof proof = { 0 };
	prl_error err;
	prl_filing shown = { .what = PRL_FILING_FORK, .log = RU, .checkpoint = push.checkpoint, .proof = &proof };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &shown), PRL_E_SIGNATURE); /* nothing shown */
	assert_int_equal(prl_fork_prove(7, 12, other_subtree, o, &proof, &err), PRL_OK);
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &shown), PRL_E_FORKED);
	free(o);
	assert_forked(f, size);
}

static void what_fits_is_no_fork(void **state)
{
	fixture *f = *state;
	uint64_t size = hold_ru(f, 3);
	for (uint64_t n = 1; n <= 7; n++) {
		prl_filing filing = { .what = PRL_FILING_FORK, .log = RU, .checkpoint = test_note(f->l, RU, n) };
		assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SIGNATURE);
	}
	assert_int_equal(f->us.forks, 0);
	assert_int_equal(test_node_size(&f->us), size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_peer_brings_is_held_seen_and_cosigned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_brought_twice_is_answered_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(receipts_alone_are_not_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_a_peer_had_seen_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_came_before_the_opening_is_seen_then, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_log_is_seen_in_steps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_input_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_count_is_said_and_passed_over, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_faults_are_named_by_their_range, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_size_with_another_root_is_a_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_smaller_size_with_another_root_is_a_fork, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_larger_size_that_does_not_follow_is_a_fork_once_shown, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_fits_is_no_fork, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
