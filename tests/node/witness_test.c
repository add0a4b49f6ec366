/* Cosignatures: of peers' checkpoints by the rules of tlog-witness, and those that come back for our own. */
#include "base/text.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US      "us.example/line"
#define RU      "ru.example/line"
#define UN      "un.example/line"
#define PARTIES "us@" US " ru@" RU " un@" UN
#define SIZE    40 /* entries of RU's log */

typedef struct fixture {
	line *l;
	test_node us;
	line_log *ru;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new(PARTIES, NULL);
	test_node_make(&f->us, f->l, US);
	test_node_start(&f->us, true);
	prl_picture *picture = line_picture(RU);
	line_begin(f->l, picture, RU);
	f->ru = line_log_of(f->l, RU);
	while (f->ru->size < SIZE) {
		line_act act = { .kind = "message.sent",
				 .key = "ru-ops/1",
				 .body = "{\"text\": \"one\", \"language\": \"en\"}" };
		line_act_on(f->l, picture, &act);
	}
	prl_picture_free(picture);
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

/* ---- a tree of which every subtree is known ---------------------------------------------------------------------- */

typedef struct history {
	prl_bytes entries[SIZE];
	prl_hash roots[SIZE + 1];
} history;

/* RU's entries up to from, others after them. */
static history make_history(fixture *f, uint64_t from)
{
	history h;
	prl_frontier tree = { 0 };
	h.roots[0] = prl_empty_root();
	for (uint64_t i = 0; i < SIZE; i++) {
		h.entries[i] = i < from ? f->ru->entries[i]
					: prl_bytes_of(line_text(f->l, "other words %llu", (unsigned long long)i));
		prl_hash leaf = prl_leaf_hash(h.entries[i]);
		prl_frontier_append(&tree, &leaf);
		h.roots[i + 1] = prl_frontier_root(&tree);
	}
	return h;
}

static prl_status subtree(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err)
{
	const history *h = context;
	if (level == 0) {
		*ret = prl_leaf_hash(h->entries[index]);
		return PRL_OK;
	}
	prl_hash left, right;
	if (subtree(context, level - 1, 2 * index, &left, err) ||
	    subtree(context, level - 1, 2 * index + 1, &right, err))
		return PRL_E_RANGE;
	*ret = prl_node_hash(&left, &right);
	return PRL_OK;
}

static prl_status witness(fixture *f, history *h, uint64_t old_size, uint64_t size, prl_filing *ret)
{
	prl_proof proof = { 0 };
	prl_error err;
	if (old_size && old_size < size)
		assert_int_equal(prl_consistency_prove(old_size, size, subtree, h, &proof, &err), PRL_OK);
	*ret = (prl_filing){ .what = PRL_FILING_WITNESS,
			     .checkpoint = test_note_of(f->l, RU, size, &h->roots[size]),
			     .old_size = old_size,
			     .proof = &proof };
	return prl_clerk_submit_wait(f->us.clerk, ret);
}

/* The time of the cosignature by key in the lines, or 0. */
static uint64_t cosigned_at(const prl_filing *filing, const prl_signer *key)
{
	char whole[PRL_CHECKPOINT_MAX];
	prl_note read;
	prl_error err;
	uint64_t time_s = 0;
	snprintf(whole, sizeof whole, "%.*s%s", (int)filing->checkpoint.size, filing->checkpoint.data,
		 filing->cosignatures);
	assert_int_equal(prl_note_read(prl_bytes_of(whole), &read, &err), PRL_OK);
	prl_status status = prl_cosignature_verify(&read, &key->verifier, &time_s, &err);
	assert_true(status == PRL_OK || status == PRL_E_NOT_FOUND);
	return time_s;
}

/* ---- add-checkpoint ---------------------------------------------------------------------------------------------- */

static void the_status_codes_of_the_specification(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE);
	prl_filing filing = { 0 };
	prl_proof proof = { .count = 1 };
	const prl_signer *key = &line_log_of(f->l, US)->witness;
	uint64_t size = test_node_size(&f->us);
	filing = (prl_filing){ .what = PRL_FILING_WITNESS, .checkpoint = prl_bytes_of("no note") };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SYNTAX);
	filing.checkpoint = test_note_of(f->l, US, 3, &h.roots[3]); /* our own log is not one that we witness */
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_NOT_FOUND);
	prl_bytes of_un = test_note_of(f->l, UN, 3, &h.roots[3]), of_ru = test_note_of(f->l, RU, 3, &h.roots[3]);
	filing.checkpoint = prl_bytes_of(line_text(f->l, "%.*s%s", (int)(strstr(of_ru.data, "\n\n") + 2 - of_ru.data),
						   of_ru.data, strstr(of_un.data, "\n\n") + 2));
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_REFUSED);
	assert_int_equal(witness(f, &h, 5, 3, &filing), PRL_E_RANGE);
	assert_int_equal(witness(f, &h, 2, 3, &filing), PRL_E_STALE);
	assert_int_equal(filing.size, 0);
	filing = (prl_filing){ .what = PRL_FILING_WITNESS, .checkpoint = of_ru, .proof = &proof };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SIGNATURE); /* a proof from nothing */
	filing = (prl_filing){ .what = PRL_FILING_WITNESS, .checkpoint = test_note_of(f->l, RU, 0, &h.roots[3]) };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SIGNATURE); /* 0 is empty */
	assert_int_equal(witness(f, &h, 0, 3, &filing), PRL_OK);
	assert_true(cosigned_at(&filing, key) > 0);
	assert_int_equal(witness(f, &h, 0, 5, &filing), PRL_E_STALE);
	assert_int_equal(filing.size, 3);
	filing = (prl_filing){ .what = PRL_FILING_WITNESS,
			       .checkpoint = test_note_of(f->l, RU, 5, &h.roots[5]),
			       .old_size = 3,
			       .proof = &proof };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SIGNATURE); /* not the proof */
	filing.proof = NULL;
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_E_SIGNATURE); /* none */
	assert_int_equal(witness(f, &h, 3, 5, &filing), PRL_OK);
	assert_int_equal(witness(f, &h, 5, 5, &filing), PRL_OK); /* the same once more */
	assert_true(cosigned_at(&filing, key) > 0);
	assert_int_equal(test_node_size(&f->us), size); /* nothing of this is an entry */
}

static void what_was_cosigned_is_known_after_a_restart(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE);
	const prl_signer *key = &line_log_of(f->l, US)->witness;
	prl_filing filing = { 0 };
	f->us.now = 2000 * PRL_SECOND;
	assert_int_equal(witness(f, &h, 0, 3, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, key), 2000);
	f->us.now = 1000 * PRL_SECOND; /* set back: the cosignature is not */
	assert_int_equal(witness(f, &h, 3, 7, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, key), 2000);
	test_node_stop(&f->us);
	test_node_start(&f->us, true);
	assert_int_equal(witness(f, &h, 0, 7, &filing), PRL_E_STALE);
	assert_int_equal(filing.size, 7);
	assert_int_equal(witness(f, &h, 7, 9, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, key), 2000);
	f->us.now = 3000 * PRL_SECOND;
	assert_int_equal(witness(f, &h, 9, 9, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, key), 3000);
}

/* The witness is open to all: what it is asked again must not cost a write each time. */
static void the_same_again_is_not_written_again(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE);
	const prl_signer *key = &line_log_of(f->l, US)->witness;
	prl_filing filing = { 0 };
	f->us.now = 2000 * PRL_SECOND;
	assert_int_equal(witness(f, &h, 0, 3, &filing), PRL_OK);
	uint64_t batches = prl_clerk_read_figures(f->us.clerk).batches;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(witness(f, &h, 3, 3, &filing), PRL_OK);
		assert_int_equal(cosigned_at(&filing, key), 2000);
	}
	assert_int_equal(prl_clerk_read_figures(f->us.clerk).batches, batches);
	f->us.now = 2001 * PRL_SECOND;
	assert_int_equal(witness(f, &h, 3, 3, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, key), 2001);
	assert_int_equal(prl_clerk_read_figures(f->us.clerk).batches, batches + 1);
}

/* Anybody can send what is public with lines of his own put to it. What is kept must stay what others can verify. */
static void made_up_lines_are_not_kept(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE);
	const prl_signer *un = &line_log_of(f->l, UN)->mirror;
	prl_signer liar = line_signer(UN "/witness", PRL_KEY_COSIGNATURE, 7);
	char good[PRL_SIGNATURE_LINE_MAX], bad[PRL_SIGNATURE_LINE_MAX];
	prl_filing filing = { 0 };
	prl_note read;
	prl_error err;
	uint64_t found, time_s;
	assert_int_equal(test_node_mirror(&f->us, RU, 0, 7, &filing), PRL_OK);
	f->us.now += 2 * PRL_SECOND;
	prl_bytes note = test_note_of(f->l, RU, 7, &h.roots[7]);
	assert_int_equal(prl_note_read(note, &read, &err), PRL_OK);
	prl_cosign(read.text, un, 1234, good);
	liar.verifier.id = line_log_of(f->l, UN)->witness.verifier.id; /* its name and id, not its signature */
	prl_cosign(read.text, &liar, 1234, bad);
	filing = (prl_filing){ .what = PRL_FILING_WITNESS,
			       .checkpoint = prl_bytes_of(
				       line_text(f->l, "%.*s%s%s", (int)note.size, note.data, good, bad)),
			       .old_size = 7 };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &filing), PRL_OK);
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint32_t log = prl_ledger_log(f->us.folder->peers[0])->id;
	for (size_t i = 0; i < f->us.folder->peer_count; i++)
		if (!strcmp(prl_ledger_origin(f->us.folder->peers[i]), RU))
			log = prl_ledger_log(f->us.folder->peers[i])->id;
	assert_int_equal(prl_store_cosigned_from(f->us.reader, log, 7, &found, &kept, &err), PRL_OK);
	assert_int_equal(prl_note_read((prl_bytes){ kept.data, kept.size }, &read, &err), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&read, &un->verifier, &time_s, &err), PRL_OK);
	assert_int_equal(prl_cosignature_verify(&read, &line_log_of(f->l, UN)->witness.verifier, &time_s, &err),
			 PRL_E_NOT_FOUND);
	assert_int_equal(
		prl_cosignature_verify(&read, &line_log_of(f->l, US)->mirror.verifier, &time_s, &err), PRL_OK);
	prl_buffer_done(&kept);
}

static void witness_and_mirror_are_one(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE);
	const prl_signer *key = &line_log_of(f->l, US)->witness, *mirror = &line_log_of(f->l, US)->mirror;
	prl_filing filing = { 0 };
	assert_int_equal(test_node_mirror(&f->us, RU, 0, 7, &filing), PRL_OK);
	assert_int_equal(witness(f, &h, 0, 9, &filing), PRL_E_STALE);
	assert_int_equal(filing.size, 7);
	assert_int_equal(witness(f, &h, 7, 12, &filing), PRL_OK);
	assert_int_equal(cosigned_at(&filing, mirror), 0); /* that is not held */
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_mirror(&f->us, RU, 7, 10, &filing), PRL_OK);
	assert_true(cosigned_at(&filing, mirror) > 0);
	assert_int_equal(cosigned_at(&filing, key), 0); /* a smaller tree than it has signed */
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_mirror(&f->us, RU, 10, 12, &filing), PRL_OK);
	assert_true(cosigned_at(&filing, mirror) > 0 && cosigned_at(&filing, key) > 0);
	assert_int_equal(witness(f, &h, 12, 12, &filing), PRL_OK);
	/* what is kept for 12 has both lines still */
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_error err;
	uint64_t found;
	uint32_t log = 0;
	for (size_t i = 0; i < f->us.folder->peer_count; i++)
		if (!strcmp(prl_ledger_origin(f->us.folder->peers[i]), RU))
			log = prl_ledger_log(f->us.folder->peers[i])->id;
	assert_int_equal(prl_store_cosigned_from(f->us.reader, log, 12, &found, &kept, &err), PRL_OK);
	prl_filing as_kept = { .checkpoint = { kept.data, kept.size } };
	assert_true(cosigned_at(&as_kept, mirror) > 0 && cosigned_at(&as_kept, key) > 0);
	prl_buffer_done(&kept);
}

/* The witness has signed a tree of 12 that the peer then does not bring. */
static void two_histories(void **state, uint64_t bring)
{
	fixture *f = *state;
	history other = make_history(f, 9);
	prl_filing filing = { 0 };
	assert_int_equal(test_node_mirror(&f->us, RU, 0, 7, &filing), PRL_OK);
	assert_int_equal(witness(f, &other, 7, 12, &filing), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	memset(&filing, 0, sizeof filing);
	assert_int_equal(test_node_mirror(&f->us, RU, 7, bring, &filing), PRL_E_FORKED);
	assert_int_equal(test_node_held(&f->us, RU), 7);
	assert_int_equal(f->us.forks, 1);
	assert_true(test_node_is(&f->us, size, "peer.forked"));
	prl_fork fork;
	prl_error err;
	assert_int_equal(prl_fork_read((prl_bytes){ f->us.fork.data, f->us.fork.size }, &fork, &err), PRL_OK);
	assert_int_equal(prl_fork_verify(&fork, &f->ru->key.verifier, &err), PRL_OK);
}

static void a_mirror_of_another_tree_than_witnessed(void **state)
{
	two_histories(state, 12);
}

static void a_mirror_past_another_tree_than_witnessed(void **state)
{
	two_histories(state, 33);
}

static void another_root_shown_to_the_witness(void **state)
{
	fixture *f = *state;
	history h = make_history(f, SIZE), other = make_history(f, 9);
	prl_filing filing = { 0 };
	assert_int_equal(witness(f, &h, 0, 12, &filing), PRL_OK);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(witness(f, &other, 12, 12, &filing), PRL_E_SIGNATURE);
	assert_int_equal(f->us.forks, 1);
	assert_true(test_node_is(&f->us, size, "peer.forked"));
}

/* ---- cosignatures of our own ------------------------------------------------------------------------------------- */

static prl_bytes cosigned(fixture *f, prl_bytes note, const prl_signer *first, const prl_signer *second)
{
	char lines[2][PRL_SIGNATURE_LINE_MAX] = { "", "" };
	prl_note read;
	prl_error err;
	assert_int_equal(prl_note_read(note, &read, &err), PRL_OK);
	prl_cosign(read.text, first, 1234, lines[0]);
	if (second)
		prl_cosign(read.text, second, 1235, lines[1]);
	return prl_bytes_of(line_text(f->l, "%.*s%s%s", (int)note.size, note.data, lines[0], lines[1]));
}

static prl_status file_cosigned(fixture *f, prl_bytes note)
{
	prl_filing filing = { .what = PRL_FILING_COSIGNED, .checkpoint = note };
	return prl_clerk_submit_wait(f->us.clerk, &filing);
}

static void assert_kept(fixture *f, uint64_t size, const prl_signer *key, bool expected)
{
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	prl_error err;
	uint64_t found, time_s;
	prl_note read;
	prl_checkpoint checkpoint;
	uint32_t log = prl_ledger_log(f->us.folder->own)->id;
	assert_int_equal(prl_store_cosigned_from(f->us.reader, log, size, &found, &kept, &err), PRL_OK);
	assert_int_equal(found, size);
	assert_int_equal(prl_checkpoint_open((prl_bytes){ kept.data, kept.size }, &line_log_of(f->l, US)->key.verifier,
					     &checkpoint, &read, &err),
			 PRL_OK);
	assert_int_equal(prl_cosignature_verify(&read, &key->verifier, &time_s, &err),
			 expected ? PRL_OK : PRL_E_NOT_FOUND);
	prl_buffer_done(&kept);
}

static void cosignatures_of_peers_come_together(void **state)
{
	fixture *f = *state;
	const line_log *ru = line_log_of(f->l, RU), *un = line_log_of(f->l, UN);
	prl_bytes note = test_node_note(&f->us);
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(file_cosigned(f, cosigned(f, note, &ru->witness, &ru->mirror)), PRL_OK);
	assert_kept(f, size, &ru->witness, true);
	assert_kept(f, size, &ru->mirror, true);
	assert_kept(f, size, &un->witness, false);
	assert_int_equal(file_cosigned(f, cosigned(f, note, &un->witness, NULL)), PRL_OK);
	assert_kept(f, size, &un->witness, true);
	assert_kept(f, size, &ru->mirror, true);
	assert_int_equal(test_node_size(&f->us), size); /* no entry of it */
}

static void cosignatures_that_do_not_hold_are_dropped(void **state)
{
	fixture *f = *state;
	const line_log *ru = line_log_of(f->l, RU), *us = line_log_of(f->l, US);
	prl_filing more = { 0 };
	prl_bytes note = test_node_note(&f->us), good = cosigned(f, note, &ru->witness, &ru->mirror);
	uint64_t size = test_node_size(&f->us);
	prl_signer stranger = line_signer("stranger/witness", PRL_KEY_COSIGNATURE, 0);
	prl_signer liar = line_signer(RU "/mirror", PRL_KEY_COSIGNATURE, 7); /* right name, another key */
	assert_int_equal(file_cosigned(f, cosigned(f, note, &stranger, &liar)), PRL_E_SIGNATURE);
	assert_int_equal(file_cosigned(f, cosigned(f, note, &us->witness, NULL)), PRL_E_SIGNATURE); /* our own */
	char *bent = strdup(good.data);
	char *end = strrchr(bent, '\n');
	end[-10] = end[-10] == 'A' ? 'B' : 'A'; /* in the mirror's signature */
	assert_int_equal(file_cosigned(f, prl_bytes_of(bent)), PRL_E_SIGNATURE);
	free(bent);
	assert_kept(f, size, &ru->witness, true); /* the line that holds is kept */
	assert_kept(f, size, &ru->mirror, false);
	assert_int_equal(file_cosigned(f, test_note_of(f->l, RU, 3, &ru->roots[3])), PRL_E_NOT_FOUND);
	assert_int_equal(
		file_cosigned(f, cosigned(f, test_note_of(f->l, US, size + 1, &ru->roots[3]), &ru->witness, NULL)),
		PRL_E_RANGE);
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "one", &(prl_filing){ 0 }), PRL_OK);
	/* without our signature the root is looked up */
	prl_bytes text = { note.data, (size_t)(strstr(note.data, "\n\n") + 2 - note.data) };
	/* our key under another root than the log's: a second history, whoever shows it */
	assert_int_equal(file_cosigned(f, cosigned(f, test_note_of(f->l, US, size, &ru->roots[3]), &ru->mirror, NULL)),
			 PRL_E_SIGNATURE);
	more = (prl_filing){ .what = PRL_FILING_COSIGNED, .checkpoint = cosigned(f, text, &ru->mirror, NULL) };
	assert_int_equal(prl_clerk_submit_wait(f->us.clerk, &more), PRL_OK);
	assert_kept(f, size, &ru->mirror, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_status_codes_of_the_specification, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_cosigned_is_known_after_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_again_is_not_written_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(made_up_lines_are_not_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(witness_and_mirror_are_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_mirror_of_another_tree_than_witnessed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_mirror_past_another_tree_than_witnessed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_root_shown_to_the_witness, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cosignatures_of_peers_come_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cosignatures_that_do_not_hold_are_dropped, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
