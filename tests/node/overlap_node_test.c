/* Overlaps in running nodes: found in the batch of the filing, the same on both sides, gone when a write fails. */
#include "base/text.h"
#include "line/details.h"
#include "line/separation.h"
#include "node/overlaps.h"
#include "support/full_disk.h"
#include "support/random.h"
#include "support/two_sides.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- found ------------------------------------------------------------------------------------------------------- */

static void two_in_a_row_overlap(void **state)
{
	two_sides *f = *state;
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 b = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.05));
	prl_hash far = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 36));
	assert_state(&f->us, &a, &b, "answered"); /* own against own has nobody to answer */
	assert_false(two_sides_rings(&f->us, &a, &b, "us"));
	assert_state(&f->us, &a, &far, "none");
	assert_int_equal(two_sides_overlaps(&f->us), 1);
	assert_true(test_node_is(&f->us, test_node_size(&f->us) - 2, "conflict.found"));
	two_sides_settle(f);
	assert_int_equal(two_sides_overlaps(&f->ru), 1); /* found once, not twice */
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
	two_sides_restart(&f->ru, false);
}

/* Both act before they hear of the other; whoever hears first. */
static void both_sides_find_the_same(void **state)
{
	two_sides *f = *state;
	for (int order = 0; order < 2; order++) {
		double lat = 35 + order;
		prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, lat));
		prl_hash b = two_sides_file(&f->ru, "ru-ops/1", two_sides_flight(f->l, lat + 0.05));
		assert_state(&f->us, &a, &b, "none");
		if (order)
			assert_true(test_node_push(&f->us, &f->ru));
		else
			assert_true(test_node_push(&f->ru, &f->us));
		assert_state(order ? &f->ru : &f->us, &a, &b, "open");
		two_sides_settle(f);
		assert_state(&f->us, &a, &b, "open");
		assert_state(&f->ru, &a, &b, "open");
		assert_true(two_sides_rings(&f->us, &a, &b, "us") && two_sides_rings(&f->us, &a, &b, "ru"));
		assert_int_equal(two_sides_overlaps(&f->us), order + 1);
	}
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
	two_sides_restart(&f->ru, true);
	two_sides_assert_same(f);
}

static void answer(test_node *node, const char *key, const prl_hash *a, const prl_hash *b, const char *word)
{
	prl_hash id, va = two_sides_version(node, a), vb = two_sides_version(node, b);
	bool swap = memcmp(a, b, sizeof *a) > 0;
	prl_overlap_id(a, b, &id);
	prl_filing filing = { 0 };
	line_act act = { .kind = "overlap.answered",
			 .key = key,
			 .body = line_text(node->l,
					   "{\"overlap\": \"%s\", \"versions\": [\"%s\", \"%s\"], \"answer\": \"%s\"}",
					   line_hash_text(node->l, &id), line_hash_text(node->l, swap ? &vb : &va),
					   line_hash_text(node->l, swap ? &va : &vb), word) };
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
}

static void it_is_answered_and_rings_again_when_worse(void **state)
{
	two_sides *f = *state;
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 b = two_sides_file(&f->ru, "ru-ops/1", two_sides_flight(f->l, 35.08));
	two_sides_settle(f);
	answer(&f->us, "us-ops/1", &a, &b, "understood");
	assert_false(two_sides_rings(&f->us, &a, &b, "us"));
	assert_true(two_sides_rings(&f->us, &a, &b, "ru"));
	answer(&f->ru, "ru-ops/1", &a, &b, "cannot accommodate");
	two_sides_settle(f);
	assert_state(&f->us, &a, &b, "answered");
	assert_state(&f->ru, &a, &b, "answered");
	/* a little farther: no ring; nearer: rings; back and near again, but no nearer than it rang: no ring */
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 34.995));
	two_sides_settle(f);
	assert_state(&f->ru, &a, &b, "answered");
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 35.03));
	two_sides_settle(f);
	assert_state(&f->ru, &a, &b, "open");
	answer(&f->us, "us-ops/1", &a, &b, "passed on");
	answer(&f->ru, "ru-ops/1", &a, &b, "understood");
	two_sides_settle(f);
	assert_state(&f->us, &a, &b, "answered");
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 35));
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 35.02));
	two_sides_settle(f);
	assert_state(&f->ru, &a, &b, "answered");
	/* longer rings */
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a,
			       two_sides_details(f->l, "flight", 35.02, 40, 1000, "13:30:00", "15:00:00"));
	(void)two_sides_change(&f->ru, "ru-ops/1", "notice.updated", &b,
			       two_sides_details(f->l, "flight", 35.08, 40, 1000, "13:30:00", "15:00:00"));
	two_sides_settle(f);
	assert_state(&f->us, &a, &b, "open");
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
	two_sides_restart(&f->ru, true);
}

static void an_update_takes_it_away_and_brings_it_back(void **state)
{
	two_sides *f = *state;
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 b = two_sides_file(&f->ru, "ru-ops/1", two_sides_flight(f->l, 35.05));
	two_sides_settle(f);
	answer(&f->us, "us-ops/1", &a, &b, "changed plan");
	answer(&f->ru, "ru-ops/1", &a, &b, "understood");
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 36));
	assert_state(&f->us, &a, &b, "changed plan");
	two_sides_settle(f);
	assert_state(&f->ru, &a, &b, "changed plan");
	(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &a, two_sides_flight(f->l, 35));
	two_sides_settle(f);
	assert_state(&f->us, &a, &b, "open");
	assert_true(two_sides_rings(&f->ru, &a, &b, "ru"));
	(void)two_sides_change(&f->ru, "ru-ops/1", "notice.cancelled", &b, NULL);
	assert_state(&f->ru, &a, &b, "cancelled");
	two_sides_settle(f);
	assert_state(&f->us, &a, &b, "cancelled");
	assert_false(two_sides_rings(&f->us, &a, &b, "us"));
	prl_hash c = two_sides_file(&f->us, "us-ops/1",
				    two_sides_flight(f->l, 35.05)); /* what was cancelled is not found any more */
	assert_state(&f->us, &b, &c, "none");
	two_sides_settle(f);
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
}

static void what_is_past_is_not_found(void **state)
{
	two_sides *f = *state;
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 b = two_sides_file(&f->us, "us-ops/2", two_sides_flight(f->l, 35.01));
	assert_int_equal(two_sides_overlaps(&f->us), 1);
	f->us.now = TWO_SIDES_NOW + 3 * 3600 * PRL_SECOND;
	assert_state(&f->us, &a, &b, "past");
	prl_hash late = two_sides_file(&f->us, "us-ops/1",
				       two_sides_flight(f->l, 35.02)); /* about what was: compared with nothing */
	prl_hash later = two_sides_file(&f->us, "us-ops/1",
					two_sides_details(f->l, "flight", 35, 40, 1000, "14:30:00", "18:00:00"));
	assert_state(&f->us, &a, &late, "none");
	assert_state(&f->us, &a, &later, "none");
	assert_int_equal(two_sides_overlaps(&f->us), 1);
}

static void modes_never_mix(void **state)
{
	two_sides *f = *state;
	prl_filing filing = { 0 };
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35));
	line_act act = { .kind = "notice.filed",
			 .key = "us-ops/2",
			 .real = true,
			 .body = line_text(f->l, "{\"details\": %s}", two_sides_flight(f->l, 35)) };
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
	assert_state(&f->us, &a, &filing.hash, "none");
	memset(&filing, 0, sizeof filing);
	act.body = line_text(f->l, "{\"details\": %s}", two_sides_flight(f->l, 35.01));
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
	assert_int_equal(two_sides_overlaps(&f->us), 1); /* the two real ones */
	prl_entry entry;
	prl_error err;
	assert_true(test_node_is(&f->us, test_node_size(&f->us) - 1, "conflict.found"));
	assert_int_equal(prl_entry_read(test_node_entry(&f->us, test_node_size(&f->us) - 1), &entry, &err), PRL_OK);
	assert_int_equal(entry.mode, PRL_MODE_REAL);
	two_sides_restart(&f->us, true);
}

static bool count_gone(void *context, prl_bytes key, const void *value)
{
	const prl_overlap *overlap = value;
	(void)key;
	for (size_t i = 0; i < overlap->finding_count; i++)
		*(size_t *)context += overlap->findings[i].gone;
	return true;
}

static size_t gone_of(test_node *node)
{
	unsigned table;
	size_t count = 0;
	prl_error err;
	prl_picture *picture = node->folder->picture;
	assert_true(prl_picture_table(picture, "overlap", &table));
	prl_version version = prl_picture_pin(picture);
	assert_int_equal(prl_picture_each(picture, version, table, count_gone, &count, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	return count;
}

/* What the entries of a node say of the area of that pair, where they say anything of it. */
static void look_for_area(test_node *node, const char *id, char ret[32])
{
	for (uint64_t index = 0; index < test_node_size(node); index++) {
		prl_entry entry;
		if (!test_node_is(node, index, "conflict.found"))
			continue;
		assert_int_equal(prl_entry_read(test_node_entry(node, index), &entry, NULL), PRL_OK);
		json_t *body = json_loadb(entry.body.data, entry.body.size, 0, NULL), *pair;
		size_t i;
		json_array_foreach(json_object_get(body, "pairs"), i, pair)
		{
			const char *area = json_string_value(json_object_get(pair, "area"));
			if (strcmp(json_string_value(json_object_get(pair, "id")), id) == 0)
				snprintf(ret, 32, "%s", area ? area : "stated");
		}
		json_decref(body);
	}
}

/* Whoever found it first has said it. */
static void assert_area(two_sides *f, const prl_hash *a, const prl_hash *b, const char *word)
{
	prl_hash id;
	char text[PRL_HASH_TEXT_MAX], said[32] = "none";
	prl_overlap_id(a, b, &id);
	prl_hash_write(&id, text);
	look_for_area(&f->us, text, said);
	look_for_area(&f->ru, text, said);
	assert_string_equal(said, word);
}

static void an_area_not_stated_is_everywhere(void **state)
{
	two_sides *f = *state;
	prl_hash a = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 far = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, -20));
	prl_hash all = two_sides_file(&f->ru, "ru-ops/1",
				      "{\"kind\": \"live-fire area\", \"from\": \"2016-09-17T14:30:00Z\", "
				      "\"text\": {\"words\": \"leave the airspace\", \"language\": \"en\"}}");
	two_sides_settle(f);
	assert_state(&f->us, &a, &all, "open");
	assert_state(&f->us, &far, &all, "open");
	/* two of them, without end, overlap everywhere and for ever */
	prl_hash other = two_sides_file(&f->us, "us-ops/1", "{\"kind\": \"flight\"}");
	two_sides_settle(f);
	assert_state(&f->us, &other, &all, "open");
	assert_state(&f->ru, &other, &far, "answered");
	two_sides_assert_same(f);
	assert_area(f, &far, &all, "whole earth"); /* no theatre is agreed, and that is said */
}

static int theatre_set_up(void **state)
{
	return two_sides_set_up_with(state,
				     "\"theatre\": {\"name\": \"the valley\", \"place\": \"35.00000N 40.00000E\", "
				     "\"radius_m\": 100000, \"source\": \"Terms, 1\"}");
}

/* Whoever states no area meets everything, inside and outside; what is said of it differs. */
static void the_theatre_takes_nothing_out(void **state)
{
	two_sides *f = *state;
	prl_hash in = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35)),
		 edge = two_sides_file(&f->us, "us-ops/1",
				       two_sides_flight(f->l, 35.94)), /* 105 km, less than 5 NM out */
		out = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, -20)),
		 near = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, -20.05));
	prl_hash all = two_sides_file(&f->ru, "ru-ops/1", "{\"kind\": \"flight\", \"from\": \"2016-09-17T14:30:00Z\"}");
	two_sides_settle(f);
	assert_state(&f->us, &in, &all, "open");
	assert_state(&f->us, &edge, &all, "open");
	assert_state(&f->us, &out, &all, "open");
	assert_state(&f->us, &out, &near, "answered"); /* own, both stated: as anywhere */
	assert_area(f, &in, &all, "theatre");
	assert_area(f, &edge, &all, "theatre");
	assert_area(f, &out, &all, "cannot tell");
	assert_area(f, &out, &near, "stated");
	prl_hash other = two_sides_file(&f->us, "us-ops/1", "{\"kind\": \"flight\"}");
	assert_area(f, &other, &all, "theatre");
	two_sides_settle(f);
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
	two_sides_restart(&f->ru, false);
}

/* Waits until a node has found so many, and has nothing left to compare. */
static void wait_for(two_sides *f, test_node *node, size_t count)
{
	unsigned table;
	size_t found = 0, left = 1;
	assert_true(prl_picture_table(node->folder->picture, prl_overlap_left_noun, &table));
	for (size_t i = 0; i < 6000 && (found != count || left); i++) {
		usleep(10000);
		two_sides_settle(f);
		found = two_sides_overlaps(node);
		prl_version version = prl_picture_pin(node->folder->picture);
		left = prl_picture_count(node->folder->picture, version, table);
		prl_picture_unpin(node->folder->picture, version);
	}
	assert_int_equal(found, count);
	assert_int_equal(left, 0);
}

/* One that meets more than an answer holds is compared with all of them, over a stop in the middle of it too; what an
 * update says again is not gone meanwhile. */
static void one_that_meets_many_is_compared_with_all(void **state)
{
	enum { MANY = 3 * PRL_OVERLAPS_LOOKED_AT + 7 };
	static const char everywhere[] = "{\"kind\": \"flight\", \"from\": \"2016-09-17T14:30:00Z\", \"to\": "
					 "\"2016-09-17T14:40:00Z\"}";
	two_sides *f = *state;
	prl_filing filing = { 0 };
	test_node_stop(&f->us);
	f->us.left_most = 300; /* a slice, and a part of one: it is asked for again and again */
	f->ru.left_most = 100;
	test_node_start(&f->us, true);
	for (size_t i = 0; i < MANY; i++)
		two_sides_file(&f->us, "us-ops/1",
			       two_sides_details(f->l, "flight", -60 + 0.3 * (double)(i % 400),
						 20 + 5 * (double)(i / 400), 1000, "14:00:00", "15:00:00"));
	two_sides_settle(f);
	prl_hash all = two_sides_file(&f->ru, "ru-ops/1", everywhere);
	test_node_stop(&f->ru);
	test_node_start(&f->ru, true);
	wait_for(f, &f->ru, MANY);
	wait_for(f, &f->us, MANY);
	two_sides_assert_same(f);
	prl_hash version = two_sides_version(&f->ru, &all);
	line_act act = { .kind = "notice.updated",
			 .key = "ru-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					   line_hash_text(f->l, &all), line_hash_text(f->l, &version), everywhere) };
	assert_int_equal(test_node_act(&f->ru, &act, &filing), PRL_OK);
	wait_for(f, &f->ru, MANY);
	wait_for(f, &f->us, MANY);
	two_sides_assert_same(f);
	assert_int_equal(gone_of(&f->ru) + gone_of(&f->us), 0);
}

/* What changes its place in the order, before it was compared or after, while the rest is: it is met all the same. */
static void what_changes_meanwhile_is_met(void **state)
{
	enum { MANY = PRL_OVERLAPS_LOOKED_AT + 300 };
	two_sides *f = *state;
	rnd r = rnd_case(rnd_seed("meanwhile"), 0);
	static prl_hash ids[MANY];
	static double lats[MANY], lngs[MANY];
	test_node_stop(&f->us);
	f->us.left_most = 20;
	test_node_start(&f->us, true);
	for (size_t i = 0; i < MANY; i++) {
		lats[i] = -60 + 0.3 * (double)(i % 400);
		lngs[i] = 20 + 5 * (double)(i / 400);
		ids[i] = two_sides_file(&f->us, "us-ops/1",
					two_sides_details(f->l, "flight", lats[i], lngs[i], 1000,
							  i % 2 ? "14:00:00" : "14:33:00", "15:00:00"));
	}
	two_sides_file(&f->us, "us-ops/2",
		       "{\"kind\": \"flight\", \"from\": \"2016-09-17T14:30:00Z\", \"to\": \"2016-09-17T14:40:00Z\"}");
	for (size_t n = 0; n < 100; n++) {
		size_t i = rnd_below(&r, MANY);
		(void)two_sides_change(&f->us, "us-ops/1", "notice.updated", &ids[i],
				       two_sides_details(f->l, "flight", lats[i], lngs[i], 1000,
							 rnd_below(&r, 2) ? "14:00:00" : "14:35:00", "15:00:00"));
	}
	wait_for(f, &f->us, MANY);
	wait_for(f, &f->ru, MANY);
	two_sides_assert_same(f);
	assert_int_equal(gone_of(&f->ru) + gone_of(&f->us), 0);
}

/* ---- one batch, a disk that fails -------------------------------------------------------------------------------- */

typedef struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool reached, open;
	size_t answers;
} gate;

static void count_answer(prl_filing *filing)
{
	gate *g = filing->context;
	pthread_mutex_lock(&g->lock);
	g->answers++;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static void hold_up(prl_filing *filing)
{
	gate *g = filing->context;
	pthread_mutex_lock(&g->lock);
	g->reached = true;
	pthread_cond_broadcast(&g->changed);
	while (!g->open)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
	count_answer(filing);
}

static void close_gate(gate *g, prl_clerk *clerk, prl_filing *first)
{
	*g = (gate){ .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	*first = (prl_filing){ .what = PRL_FILING_RECORDED,
			       .kind = "node.alone",
			       .recorded = "node",
			       .body = prl_bytes_of("{\"unanswered\": []}"),
			       .done = hold_up,
			       .context = g };
	prl_clerk_submit(clerk, first);
	pthread_mutex_lock(&g->lock);
	while (!g->reached)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void open_gate(gate *g, size_t answers)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->changed);
	while (g->answers < answers)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

/* Two by two keys, decided for the same batch. */
static void file_two(two_sides *f, prl_entry entries[2], prl_filing filings[2], gate *g)
{
	for (size_t i = 0; i < 2; i++) {
		filings[i] = (prl_filing){
			.what = PRL_FILING_SIGNED, .entry = &entries[i], .done = count_answer, .context = g
		};
		prl_clerk_submit(f->us.clerk, &filings[i]);
	}
}

static void sign_two(two_sides *f, prl_entry entries[2])
{
	prl_error err;
	for (size_t i = 0; i < 2; i++) {
		line_act act = { .kind = "notice.filed",
				 .key = i ? "us-ops/2" : "us-ops/1",
				 .body = line_text(f->l, "{\"details\": %s}",
						   two_sides_flight(f->l, 35 + 0.01 * (double)i)) };
		assert_int_equal(prl_entry_read(line_entry(f->l, &act), &entries[i], &err), PRL_OK);
	}
}

static void two_filings_of_one_batch_are_found(void **state)
{
	two_sides *f = *state;
	gate g;
	prl_filing first, filings[2];
	prl_entry entries[2];
	sign_two(f, entries);
	prl_clerk_figures before = prl_clerk_read_figures(f->us.clerk);
	close_gate(&g, f->us.clerk, &first);
	file_two(f, entries, filings, &g);
	while (prl_clerk_read_figures(f->us.clerk).queue)
		sched_yield();
	open_gate(&g, 3);
	assert_int_equal(filings[0].status, PRL_OK);
	assert_int_equal(filings[1].status, PRL_OK);
	assert_int_equal(prl_clerk_read_figures(f->us.clerk).batches - before.batches, 2);
	assert_int_equal(two_sides_overlaps(&f->us), 1);
	assert_true(test_node_is(&f->us, filings[1].index + 1, "conflict.found"));
	two_sides_restart(&f->us, true);
}

/* The board forgets what was never written: neither the failed batch's nor that of the one decided meanwhile. */
static void a_failed_write_takes_the_board_back(void **state)
{
	two_sides *f = *state;
	gate g;
	prl_filing first, filings[2];
	prl_entry entries[2];
	prl_hash stays = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.02));
	prl_hash old = two_sides_version(&f->us, &stays);
	sign_two(f, entries);
	close_gate(&g, f->us.clerk, &first);
	full_disk(true);
	file_two(f, entries, filings, &g);
	open_gate(&g, 3);
	full_disk(false);
	assert_int_equal(filings[0].status, PRL_E_IO);
	assert_int_equal(filings[1].status, PRL_E_IO);
	assert_int_equal(two_sides_overlaps(&f->us), 0);
	/* an update that failed leaves the old place on the board */
	prl_entry update;
	prl_error err;
	prl_filing failed = { 0 }, again = { 0 };
	prl_bytes whole = entries[0].whole; /* the same bytes as before count now */
	assert_int_equal(test_node_file(&f->us, whole, &again), PRL_OK);
	assert_int_equal(two_sides_overlaps(&f->us), 1);
	prl_hash a = again.hash;
	assert_state(&f->us, &a, &stays, "answered");
	line_act act = { .kind = "notice.updated",
			 .key = "us-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					   line_hash_text(f->l, &stays), line_hash_text(f->l, &old),
					   two_sides_flight(f->l, 37)) };
	prl_bytes moved = line_entry(f->l, &act);
	assert_int_equal(prl_entry_read(moved, &update, &err), PRL_OK);
	full_disk(true);
	assert_int_equal(test_node_file(&f->us, moved, &failed), PRL_E_IO);
	full_disk(false);
	memset(&again, 0, sizeof again);
	assert_int_equal(test_node_file(&f->us, entries[1].whole, &again), PRL_OK);
	assert_state(&f->us, &again.hash, &stays, "answered"); /* where it was */
	assert_int_equal(two_sides_overlaps(&f->us), 3);
	two_sides_restart(&f->us, true);
}

/* What is left when a write fails is compared all the same, be it the filing's own slices that are lost or an update
 * that is; others are answered meanwhile. */
static void a_failed_write_loses_nothing_that_is_left(void **state)
{
	enum { MANY = 2000 };
	two_sides *f = *state;
	gate g;
	prl_filing first, other = { 0 };
	prl_error err;
	for (size_t i = 0; i < MANY; i++)
		two_sides_file(&f->us, "us-ops/1",
			       two_sides_details(f->l, "flight", -60 + 0.3 * (double)(i % 400),
						 20 + 5 * (double)(i / 400), 1000, "14:00:00", "15:00:00"));
	close_gate(&g, f->us.clerk, &first);
	prl_entry entry;
	prl_filing all = { .what = PRL_FILING_SIGNED, .entry = &entry, .done = count_answer, .context = &g };
	line_act act = { .kind = "notice.filed",
			 .key = "us-ops/2",
			 .body = "{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T14:30:00Z\", \"to\": "
				 "\"2016-09-17T14:40:00Z\"}}" };
	assert_int_equal(prl_entry_read(line_entry(f->l, &act), &entry, &err), PRL_OK);
	prl_clerk_submit(f->us.clerk, &all);
	open_gate(&g, 2);
	assert_int_equal(all.status, PRL_OK);
	/* written and answered while the rest is still to come, or just after: either way nothing may be lost */
	full_disk(true);
	prl_hash version = two_sides_version(&f->us, &all.hash);
	line_act update = { .kind = "notice.updated",
			    .key = "us-ops/2",
			    .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					      line_hash_text(f->l, &all.hash), line_hash_text(f->l, &version),
					      two_sides_flight(f->l, -40)) };
	prl_bytes lost = line_entry(f->l, &update);
	assert_int_equal(test_node_file(&f->us, lost, &other), PRL_E_IO);
	full_disk(false);
	two_sides_file(&f->us, "us-ops/1", two_sides_details(f->l, "flight", 0, 70, 1000, "18:00:00", "19:00:00"));
	wait_for(f, &f->us, MANY);
	wait_for(f, &f->ru, MANY);
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
}

/* ---- all against all --------------------------------------------------------------------------------------------- */

typedef struct counted {
	two_sides *f;
	const prl_hash *ids;
	size_t count;
} counted;

static bool count_one(const prl_conflict *conflict, void *context)
{
	counted *c = context;
	size_t a = (size_t)strtoul(conflict->a->name, NULL, 10), b = (size_t)strtoul(conflict->b->name, NULL, 10);
	prl_hash id;
	prl_overlap_id(&c->ids[a], &c->ids[b], &id);
	for (size_t i = 0; i < 2; i++) {
		test_node *node = i ? &c->f->ru : &c->f->us;
		prl_version version = prl_picture_pin(node->folder->picture);
		const prl_overlap *overlap = prl_overlap_find(node->folder->picture, version, &id);
		assert_non_null(overlap);
		const prl_finding *found = prl_overlap_newest(node->folder->picture, version, overlap);
		assert_int_equal(found->from, conflict->intervals[0].from);
		assert_int_equal(found->to, conflict->intervals[conflict->interval_count - 1].to);
		prl_picture_unpin(node->folder->picture, version);
	}
	c->count++;
	return true;
}

static void the_same_as_all_against_all(void **state)
{
	enum { COUNT = 60 };
	two_sides *f = *state;
	prl_hash ids[COUNT];
	prl_plan *plans[COUNT];
	prl_error err;
	char why[300];
	uint64_t seed = rnd_seed("overlaps");
	rnd r = rnd_case(seed, 0);
	for (size_t i = 0; i < COUNT; i++) {
		char from[16], to[16], number[16];
		unsigned minute = (unsigned)rnd_below(&r, 200), length = 5 + (unsigned)rnd_below(&r, 90);
		snprintf(from, sizeof from, "%02u:%02u:00", 14 + minute / 60, minute % 60);
		snprintf(to, sizeof to, "%02u:%02u:00", 14 + (minute + length) / 60, (minute + length) % 60);
		const char *details = two_sides_details(f->l, "flight", rnd_between(&r, 34.5, 35.5),
							rnd_between(&r, 39.5, 40.5), rnd_log(&r, 10, 20000), from, to);
		bool us = rnd_chance(&r, 0.5);
		ids[i] = two_sides_file(us ? &f->us : &f->ru, us ? "us-ops/1" : "ru-ops/1", details);
		snprintf(number, sizeof number, "%zu", i);
		json_t *json = json_loads(details, 0, NULL);
		assert_int_equal(prl_details_plan(json, number, "us", &plans[i], why, &err), PRL_OK);
		free(plans[i]->name);
		plans[i]->name = strdup(number);
		json_decref(json);
		if (rnd_chance(&r, 0.2))
			two_sides_settle(f);
	}
	two_sides_settle(f);
	prl_separations separations;
	prl_separations_make(NULL, &separations);
	prl_check_options options = prl_check_options_default();
	options.separation = prl_separation_of(&separations, PRL_KIND_FLIGHT, PRL_KIND_FLIGHT)->separation;
	counted c = { f, ids, 0 };
	assert_int_equal(prl_check_all((const prl_plan *const *)plans, COUNT, &options, count_one, NULL, &c, &err),
			 PRL_OK);
	assert_int_equal(two_sides_overlaps(&f->us), c.count);
	assert_int_equal(two_sides_overlaps(&f->ru), c.count);
	assert_in_range(c.count, 20, COUNT * COUNT / 2);
	two_sides_assert_same(f);
	for (size_t i = 0; i < COUNT; i++)
		prl_plan_free(plans[i]);
	/* after a start by the snapshot, and by the record alone, the next filing finds what it would have found */
	two_sides_restart(&f->us, false);
	two_sides_restart(&f->ru, true);
	size_t before = two_sides_overlaps(&f->us);
	prl_hash last = two_sides_file(&f->us, "us-ops/1",
				       two_sides_details(f->l, "flight", 35, 40, 20000, "14:00:00", "17:00:00"));
	assert_true(two_sides_overlaps(&f->us) > before + 5);
	(void)two_sides_change(&f->us, "us-ops/1", "notice.cancelled", &last, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_in_a_row_overlap, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(both_sides_find_the_same, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(it_is_answered_and_rings_again_when_worse, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(an_update_takes_it_away_and_brings_it_back, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(what_is_past_is_not_found, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(modes_never_mix, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(an_area_not_stated_is_everywhere, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(the_theatre_takes_nothing_out, theatre_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(one_that_meets_many_is_compared_with_all, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(what_changes_meanwhile_is_met, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(two_filings_of_one_batch_are_found, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_failed_write_takes_the_board_back, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_failed_write_loses_nothing_that_is_left, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(the_same_as_all_against_all, two_sides_set_up, two_sides_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
