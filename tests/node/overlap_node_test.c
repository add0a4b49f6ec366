/* Overlaps in running nodes: found in the batch of the filing, the same on both sides, gone when a write fails. */
#include "base/hash.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/details.h"
#include "line/notice.h"
#include "line/overlap.h"
#include "line/separation.h"
#include "node/overlaps.h"
#include "support/random.h"
#include "support/test_node.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define US      "us.example/line"
#define RU      "ru.example/line"
#define PARTIES "us@" US " ru@" RU
#define NOW     (INT64_C(1474117200) * PRL_SECOND) /* 2016-09-17T13:00:00Z */

typedef struct fixture {
	line *l;
	test_node us, ru;
} fixture;

static void settle(fixture *f);

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new(PARTIES, NULL);
	test_node_make(&f->us, f->l, US);
	test_node_make(&f->ru, f->l, RU);
	f->us.now = f->ru.now = NOW;
	test_node_start(&f->us, true);
	test_node_start(&f->ru, true);
	f->us.now = f->ru.now = NOW;
	settle(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->us);
	test_node_remove(&f->ru);
	line_free(f->l);
	free(f);
	return 0;
}

/* Each holds what the other has, until nothing moves. */
static void settle(fixture *f)
{
	while (test_node_push(&f->us, &f->ru) || test_node_push(&f->ru, &f->us))
		;
}

static bool save_one(void *context, prl_bytes key, const void *value)
{
	return prl_buffer_append(context, key.data, key.size) && prl_overlap_part.nouns[0].save(value, context);
}

/* Of the overlaps: receipts still on their way differ. */
static prl_hash digest_of(test_node *node)
{
	unsigned table;
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(1 << 24);
	prl_picture *picture = node->folder->picture;
	assert_true(prl_picture_table(picture, "overlap", &table));
	prl_version version = prl_picture_pin(picture);
	assert_int_equal(prl_picture_each(picture, version, table, save_one, &bytes, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	prl_hash hash = prl_sha256(bytes.data, bytes.size);
	prl_buffer_done(&bytes);
	return hash;
}

static void assert_same_digest(fixture *f)
{
	prl_hash us = digest_of(&f->us), ru = digest_of(&f->ru);
	assert_memory_equal(&us, &ru, sizeof us);
}

static void restart(test_node *node, bool replay)
{
	prl_hash before = test_node_digest(node);
	test_node_stop(node);
	node->replay = replay;
	test_node_start(node, true);
	node->replay = false;
	if (node->said_count)
		print_message("# %s\n", node->said[0]);
	assert_int_equal(node->said_count, 0);
	prl_hash after = test_node_digest(node);
	assert_memory_equal(&before, &after, sizeof before);
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

static const char *details_at(line *l, const char *kind, double lat, double lng, double radius_m, const char *from,
			      const char *to)
{
	return line_text(l,
			 "{\"kind\": \"%s\", \"from\": \"2016-09-17T%sZ\", \"to\": \"2016-09-17T%sZ\", \"areas\": "
			 "[{\"geometry\": {\"type\": \"Point\", \"coordinates\": [%.6f, %.6f]}, \"radius_m\": %.1f, "
			 "\"lower\": {\"value\": 0, \"unit\": \"M\", \"datum\": \"MSL\"}, \"upper\": {\"value\": 2000, "
			 "\"unit\": \"M\", \"datum\": \"MSL\"}}]}",
			 kind, from, to, lng, lat, radius_m);
}

static const char *flight_at(line *l, double lat)
{
	return details_at(l, "flight", lat, 40, 1000, "14:00:00", "15:00:00");
}

static prl_status file_details(test_node *node, const char *key, const char *details, prl_filing *ret)
{
	*ret = (prl_filing){ 0 };
	line_act act = { .kind = "notice.filed", .key = key, .body = line_text(node->l, "{\"details\": %s}", details) };
	return test_node_act(node, &act, ret);
}

static prl_hash file(test_node *node, const char *key, const char *details)
{
	prl_filing filing;
	prl_status status = file_details(node, key, details, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

static prl_hash version_of(test_node *node, const prl_hash *id)
{
	prl_picture *picture = node->folder->picture;
	prl_version version = prl_picture_pin(picture);
	const prl_notice *notice = prl_notice_find(picture, version, id);
	assert_non_null(notice);
	prl_hash hash = notice->version;
	prl_picture_unpin(picture, version);
	return hash;
}

static prl_hash change(test_node *node, const char *key, const char *kind, const prl_hash *id, const char *details)
{
	prl_hash version = version_of(node, id);
	prl_filing filing = { 0 };
	line_act act = { .kind = kind,
			 .key = key,
			 .body = line_text(node->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s%s}",
					   line_hash_text(node->l, id), line_hash_text(node->l, &version),
					   details ? ", \"details\": " : "", details ? details : "") };
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static size_t overlaps(test_node *node)
{
	unsigned table;
	prl_picture *picture = node->folder->picture;
	assert_true(prl_picture_table(picture, "overlap", &table));
	prl_version version = prl_picture_pin(picture);
	size_t count = prl_picture_count(picture, version, table);
	prl_picture_unpin(picture, version);
	return count;
}

static const char *no_state = "none";

static const char *state_of(test_node *node, const prl_hash *a, const prl_hash *b)
{
	static const char *const words[] = { "open", "answered", "changed plan", "cancelled", "ended", "past" };
	prl_hash id;
	prl_overlap_id(a, b, &id);
	prl_picture *picture = node->folder->picture;
	prl_show show = { .picture = picture, .version = prl_picture_pin(picture), .now = node->now };
	const prl_overlap *overlap = prl_overlap_find(picture, show.version, &id);
	const char *word = overlap ? words[prl_overlap_state_of(&show, overlap)] : no_state;
	prl_picture_unpin(picture, show.version);
	return word;
}

static bool rings(test_node *node, const prl_hash *a, const prl_hash *b, const char *party)
{
	prl_hash id;
	prl_time since;
	prl_overlap_id(a, b, &id);
	prl_picture *picture = node->folder->picture;
	prl_show show = { .picture = picture, .version = prl_picture_pin(picture), .now = node->now };
	const prl_overlap *overlap = prl_overlap_find(picture, show.version, &id);
	bool ring = overlap && prl_overlap_rings(&show, overlap, party, &since);
	prl_picture_unpin(picture, show.version);
	return ring;
}

#define assert_state(node, a, b, word) assert_string_equal(state_of(node, a, b), word)

/* ---- found ------------------------------------------------------------------------------------------------------- */

static void two_in_a_row_overlap(void **state)
{
	fixture *f = *state;
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35)),
		 b = file(&f->us, "us-ops/1", flight_at(f->l, 35.05));
	prl_hash far = file(&f->us, "us-ops/1", flight_at(f->l, 36));
	assert_state(&f->us, &a, &b, "answered"); /* own against own has nobody to answer */
	assert_false(rings(&f->us, &a, &b, "us"));
	assert_state(&f->us, &a, &far, no_state);
	assert_int_equal(overlaps(&f->us), 1);
	assert_true(test_node_is(&f->us, test_node_size(&f->us) - 2, "conflict.found"));
	settle(f);
	assert_int_equal(overlaps(&f->ru), 1); /* found once, not twice */
	assert_same_digest(f);
	restart(&f->us, true);
	restart(&f->ru, false);
}

/* Both act before they hear of the other; whoever hears first. */
static void both_sides_find_the_same(void **state)
{
	fixture *f = *state;
	for (int order = 0; order < 2; order++) {
		double lat = 35 + order;
		prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, lat));
		prl_hash b = file(&f->ru, "ru-ops/1", flight_at(f->l, lat + 0.05));
		assert_state(&f->us, &a, &b, no_state);
		if (order)
			assert_true(test_node_push(&f->us, &f->ru));
		else
			assert_true(test_node_push(&f->ru, &f->us));
		assert_state(order ? &f->ru : &f->us, &a, &b, "open");
		settle(f);
		assert_state(&f->us, &a, &b, "open");
		assert_state(&f->ru, &a, &b, "open");
		assert_true(rings(&f->us, &a, &b, "us") && rings(&f->us, &a, &b, "ru"));
		assert_int_equal(overlaps(&f->us), order + 1);
	}
	assert_same_digest(f);
	restart(&f->us, true);
	restart(&f->ru, true);
	assert_same_digest(f);
}

static void answer(test_node *node, const char *key, const prl_hash *a, const prl_hash *b, const char *word)
{
	prl_hash id, va = version_of(node, a), vb = version_of(node, b);
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
	fixture *f = *state;
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35)),
		 b = file(&f->ru, "ru-ops/1", flight_at(f->l, 35.08));
	settle(f);
	answer(&f->us, "us-ops/1", &a, &b, "understood");
	assert_false(rings(&f->us, &a, &b, "us"));
	assert_true(rings(&f->us, &a, &b, "ru"));
	answer(&f->ru, "ru-ops/1", &a, &b, "cannot accommodate");
	settle(f);
	assert_state(&f->us, &a, &b, "answered");
	assert_state(&f->ru, &a, &b, "answered");
	/* a little farther: no ring; nearer: rings; back and near again, but no nearer than it rang: no ring */
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 34.995));
	settle(f);
	assert_state(&f->ru, &a, &b, "answered");
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 35.03));
	settle(f);
	assert_state(&f->ru, &a, &b, "open");
	answer(&f->us, "us-ops/1", &a, &b, "passed on");
	answer(&f->ru, "ru-ops/1", &a, &b, "understood");
	settle(f);
	assert_state(&f->us, &a, &b, "answered");
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 35));
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 35.02));
	settle(f);
	assert_state(&f->ru, &a, &b, "answered");
	/* longer rings */
	(void)change(&f->us, "us-ops/1", "notice.updated", &a,
		     details_at(f->l, "flight", 35.02, 40, 1000, "13:30:00", "15:00:00"));
	(void)change(&f->ru, "ru-ops/1", "notice.updated", &b,
		     details_at(f->l, "flight", 35.08, 40, 1000, "13:30:00", "15:00:00"));
	settle(f);
	assert_state(&f->us, &a, &b, "open");
	assert_same_digest(f);
	restart(&f->us, true);
	restart(&f->ru, true);
}

static void an_update_takes_it_away_and_brings_it_back(void **state)
{
	fixture *f = *state;
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35)),
		 b = file(&f->ru, "ru-ops/1", flight_at(f->l, 35.05));
	settle(f);
	answer(&f->us, "us-ops/1", &a, &b, "changed plan");
	answer(&f->ru, "ru-ops/1", &a, &b, "understood");
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 36));
	assert_state(&f->us, &a, &b, "changed plan");
	settle(f);
	assert_state(&f->ru, &a, &b, "changed plan");
	(void)change(&f->us, "us-ops/1", "notice.updated", &a, flight_at(f->l, 35));
	settle(f);
	assert_state(&f->us, &a, &b, "open");
	assert_true(rings(&f->ru, &a, &b, "ru"));
	(void)change(&f->ru, "ru-ops/1", "notice.cancelled", &b, NULL);
	assert_state(&f->ru, &a, &b, "cancelled");
	settle(f);
	assert_state(&f->us, &a, &b, "cancelled");
	assert_false(rings(&f->us, &a, &b, "us"));
	prl_hash c = file(&f->us, "us-ops/1", flight_at(f->l, 35.05)); /* what was cancelled is not found any more */
	assert_state(&f->us, &b, &c, no_state);
	settle(f);
	assert_same_digest(f);
	restart(&f->us, true);
}

static void what_is_past_is_not_found(void **state)
{
	fixture *f = *state;
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35)),
		 b = file(&f->us, "us-ops/2", flight_at(f->l, 35.01));
	assert_int_equal(overlaps(&f->us), 1);
	f->us.now = NOW + 3 * 3600 * PRL_SECOND;
	assert_state(&f->us, &a, &b, "past");
	prl_hash late = file(&f->us, "us-ops/1", flight_at(f->l, 35.02)); /* about what was: compared with nothing */
	prl_hash later = file(&f->us, "us-ops/1", details_at(f->l, "flight", 35, 40, 1000, "14:30:00", "18:00:00"));
	assert_state(&f->us, &a, &late, no_state);
	assert_state(&f->us, &a, &later, no_state);
	assert_int_equal(overlaps(&f->us), 1);
}

static void modes_never_mix(void **state)
{
	fixture *f = *state;
	prl_filing filing = { 0 };
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35));
	line_act act = { .kind = "notice.filed",
			 .key = "us-ops/2",
			 .real = true,
			 .body = line_text(f->l, "{\"details\": %s}", flight_at(f->l, 35)) };
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
	assert_state(&f->us, &a, &filing.hash, no_state);
	memset(&filing, 0, sizeof filing);
	act.body = line_text(f->l, "{\"details\": %s}", flight_at(f->l, 35.01));
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
	assert_int_equal(overlaps(&f->us), 1); /* the two real ones */
	prl_entry entry;
	prl_error err;
	assert_true(test_node_is(&f->us, test_node_size(&f->us) - 1, "conflict.found"));
	assert_int_equal(prl_entry_read(test_node_entry(&f->us, test_node_size(&f->us) - 1), &entry, &err), PRL_OK);
	assert_int_equal(entry.mode, PRL_MODE_REAL);
	restart(&f->us, true);
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

static void an_area_not_stated_is_everywhere(void **state)
{
	fixture *f = *state;
	prl_hash a = file(&f->us, "us-ops/1", flight_at(f->l, 35)),
		 far = file(&f->us, "us-ops/1", flight_at(f->l, -20));
	prl_hash all = file(&f->ru, "ru-ops/1",
			    "{\"kind\": \"live-fire area\", \"from\": \"2016-09-17T14:30:00Z\", "
			    "\"text\": {\"words\": \"leave the airspace\", \"language\": \"en\"}}");
	settle(f);
	assert_state(&f->us, &a, &all, "open");
	assert_state(&f->us, &far, &all, "open");
	/* two of them, without end, overlap everywhere and for ever */
	prl_hash other = file(&f->us, "us-ops/1", "{\"kind\": \"flight\"}");
	settle(f);
	assert_state(&f->us, &other, &all, "open");
	assert_state(&f->ru, &other, &far, "answered");
	assert_same_digest(f);
}

/* Waits until a node has found so many, and has nothing left to compare. */
static void wait_for(fixture *f, test_node *node, size_t count)
{
	unsigned table;
	size_t found = 0, left = 1;
	assert_true(prl_picture_table(node->folder->picture, prl_overlap_left_noun, &table));
	for (size_t i = 0; i < 6000 && (found != count || left); i++) {
		usleep(10000);
		settle(f);
		found = overlaps(node);
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
	fixture *f = *state;
	prl_filing filing;
	for (size_t i = 0; i < MANY; i++)
		file(&f->us, "us-ops/1",
		     details_at(f->l, "flight", -60 + 0.3 * (double)(i % 400), 20 + 5 * (double)(i / 400), 1000,
				"14:00:00", "15:00:00"));
	settle(f);
	prl_hash all = file(&f->ru, "ru-ops/1", everywhere);
	test_node_stop(&f->ru);
	test_node_start(&f->ru, true);
	wait_for(f, &f->ru, MANY);
	wait_for(f, &f->us, MANY);
	assert_same_digest(f);
	prl_hash version = version_of(&f->ru, &all);
	line_act act = { .kind = "notice.updated",
			 .key = "ru-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					   line_hash_text(f->l, &all), line_hash_text(f->l, &version), everywhere) };
	assert_int_equal(test_node_act(&f->ru, &act, &filing), PRL_OK);
	wait_for(f, &f->ru, MANY);
	wait_for(f, &f->us, MANY);
	assert_same_digest(f);
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

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Two by two keys, decided for the same batch. */
static void file_two(fixture *f, prl_entry entries[2], prl_filing filings[2], gate *g)
{
	for (size_t i = 0; i < 2; i++) {
		filings[i] = (prl_filing){
			.what = PRL_FILING_SIGNED, .entry = &entries[i], .done = count_answer, .context = g
		};
		prl_clerk_submit(f->us.clerk, &filings[i]);
	}
}

static void sign_two(fixture *f, prl_entry entries[2])
{
	prl_error err;
	for (size_t i = 0; i < 2; i++) {
		line_act act = { .kind = "notice.filed",
				 .key = i ? "us-ops/2" : "us-ops/1",
				 .body = line_text(f->l, "{\"details\": %s}", flight_at(f->l, 35 + 0.01 * (double)i)) };
		assert_int_equal(prl_entry_read(line_entry(f->l, &act), &entries[i], &err), PRL_OK);
	}
}

static void two_filings_of_one_batch_are_found(void **state)
{
	fixture *f = *state;
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
	assert_int_equal(overlaps(&f->us), 1);
	assert_true(test_node_is(&f->us, filings[1].index + 1, "conflict.found"));
	restart(&f->us, true);
}

/* The board forgets what was never written: neither the failed batch's nor that of the one decided meanwhile. */
static void a_failed_write_takes_the_board_back(void **state)
{
	fixture *f = *state;
	gate g;
	prl_filing first, filings[2];
	prl_entry entries[2];
	signal(SIGXFSZ, SIG_IGN);
	prl_hash stays = file(&f->us, "us-ops/1", flight_at(f->l, 35.02));
	prl_hash old = version_of(&f->us, &stays);
	sign_two(f, entries);
	close_gate(&g, f->us.clerk, &first);
	limit_files(4096);
	file_two(f, entries, filings, &g);
	open_gate(&g, 3);
	limit_files(RLIM_INFINITY);
	assert_int_equal(filings[0].status, PRL_E_IO);
	assert_int_equal(filings[1].status, PRL_E_IO);
	assert_int_equal(overlaps(&f->us), 0);
	/* an update that failed leaves the old place on the board */
	prl_entry update;
	prl_error err;
	prl_filing failed = { 0 }, again = { 0 };
	line_key *key = line_key_of(f->l, "us-ops/1"), kept = *key;
	(void)kept;
	prl_bytes whole = entries[0].whole; /* the same bytes as before count now */
	assert_int_equal(test_node_file(&f->us, whole, &again), PRL_OK);
	assert_int_equal(overlaps(&f->us), 1);
	prl_hash a = again.hash;
	assert_state(&f->us, &a, &stays, "answered");
	line_act act = { .kind = "notice.updated",
			 .key = "us-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					   line_hash_text(f->l, &stays), line_hash_text(f->l, &old),
					   flight_at(f->l, 37)) };
	prl_bytes moved = line_entry(f->l, &act);
	assert_int_equal(prl_entry_read(moved, &update, &err), PRL_OK);
	limit_files(4096);
	assert_int_equal(test_node_file(&f->us, moved, &failed), PRL_E_IO);
	limit_files(RLIM_INFINITY);
	memset(&again, 0, sizeof again);
	assert_int_equal(test_node_file(&f->us, entries[1].whole, &again), PRL_OK);
	assert_state(&f->us, &again.hash, &stays, "answered"); /* where it was */
	assert_int_equal(overlaps(&f->us), 3);
	restart(&f->us, true);
}

/* What is left when a write fails is compared all the same, be it the filing's own slices that are lost or an update
 * that is; others are answered meanwhile. */
static void a_failed_write_loses_nothing_that_is_left(void **state)
{
	enum { MANY = 2000 };
	fixture *f = *state;
	gate g;
	prl_filing first, other = { 0 };
	prl_error err;
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < MANY; i++)
		file(&f->us, "us-ops/1",
		     details_at(f->l, "flight", -60 + 0.3 * (double)(i % 400), 20 + 5 * (double)(i / 400), 1000,
				"14:00:00", "15:00:00"));
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
	limit_files(4096);
	prl_hash version = version_of(&f->us, &all.hash);
	line_act update = { .kind = "notice.updated",
			    .key = "us-ops/2",
			    .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"details\": %s}",
					      line_hash_text(f->l, &all.hash), line_hash_text(f->l, &version),
					      flight_at(f->l, -40)) };
	prl_bytes lost = line_entry(f->l, &update);
	assert_int_equal(test_node_file(&f->us, lost, &other), PRL_E_IO);
	limit_files(RLIM_INFINITY);
	prl_hash far = file(&f->us, "us-ops/1", details_at(f->l, "flight", 0, 70, 1000, "18:00:00", "19:00:00"));
	(void)far;
	wait_for(f, &f->us, MANY);
	wait_for(f, &f->ru, MANY);
	assert_same_digest(f);
	restart(&f->us, true);
}

/* ---- all against all --------------------------------------------------------------------------------------------- */

typedef struct counted {
	fixture *f;
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
	fixture *f = *state;
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
		const char *details = details_at(f->l, "flight", rnd_between(&r, 34.5, 35.5),
						 rnd_between(&r, 39.5, 40.5), rnd_log(&r, 10, 20000), from, to);
		bool us = rnd_chance(&r, 0.5);
		ids[i] = file(us ? &f->us : &f->ru, us ? "us-ops/1" : "ru-ops/1", details);
		snprintf(number, sizeof number, "%zu", i);
		json_t *json = json_loads(details, 0, NULL);
		assert_int_equal(prl_details_plan(json, number, "us", &plans[i], why, &err), PRL_OK);
		free(plans[i]->name);
		plans[i]->name = strdup(number);
		json_decref(json);
		if (rnd_chance(&r, 0.2))
			settle(f);
	}
	settle(f);
	prl_separations separations;
	prl_separations_make(NULL, &separations);
	prl_check_options options = prl_check_options_default();
	options.separation = prl_separation_of(&separations, PRL_KIND_FLIGHT, PRL_KIND_FLIGHT)->separation;
	counted c = { f, ids, 0 };
	assert_int_equal(prl_check_all((const prl_plan *const *)plans, COUNT, &options, count_one, NULL, &c, &err),
			 PRL_OK);
	assert_int_equal(overlaps(&f->us), c.count);
	assert_int_equal(overlaps(&f->ru), c.count);
	assert_in_range(c.count, 20, COUNT * COUNT / 2);
	assert_same_digest(f);
	for (size_t i = 0; i < COUNT; i++)
		prl_plan_free(plans[i]);
	/* after a start by the snapshot, and by the record alone, the next filing finds what it would have found */
	restart(&f->us, false);
	restart(&f->ru, true);
	size_t before = overlaps(&f->us);
	prl_hash last = file(&f->us, "us-ops/1", details_at(f->l, "flight", 35, 40, 20000, "14:00:00", "17:00:00"));
	assert_true(overlaps(&f->us) > before + 5);
	(void)change(&f->us, "us-ops/1", "notice.cancelled", &last, NULL);
}

/* ---- what not all may see ---------------------------------------------------------------------------------------- */

/* A sealed notice, or one for some parties: its details are a content of the filing. */
static prl_hash file_hidden_as(test_node *node, const char *key, const char *how, const char *details,
			       prl_store_content *ret)
{
	static unsigned salt;
	size_t size = strlen(details);
	char *bytes = prl_arena_alloc(&node->l->memory, 32 + size, 1);
	prl_filing filing = { 0 };
	memset(bytes, 0, 32);
	snprintf(bytes, 32, "salt %u", ++salt);
	memcpy(bytes + 32, details, size);
	*ret = (prl_store_content){ .hash = prl_sha256(bytes, 32 + size), .bytes = { bytes, 32 + size } };
	line_act act = { .kind = "notice.filed",
			 .key = key,
			 .body = line_text(node->l, "{%s, \"content\": {\"hash\": \"%s\", \"size\": %zu}}", how,
					   line_hash_text(node->l, &ret->hash), size) };
	filing.contents = ret;
	filing.content_count = 1;
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

static prl_hash file_hidden(test_node *node, const char *key, const char *how, const char *details)
{
	prl_store_content content;
	return file_hidden_as(node, key, how, details, &content);
}

/* What this node's desks of that party see of the pair; NULL: nothing. A new reference. */
static json_t *home_of(test_node *node, const prl_hash *a, const prl_hash *b)
{
	prl_hash id;
	prl_overlap_id(a, b, &id);
	prl_picture *picture = node->folder->picture;
	prl_version version = prl_picture_pin(picture);
	json_t *home = json_deep_copy(prl_overlap_home(picture, version, &id));
	prl_picture_unpin(picture, version);
	return home;
}

static void assert_home(test_node *node, const prl_hash *a, const prl_hash *b, const char *answer)
{
	json_t *home = home_of(node, a, b);
	const char *found = json_string_value(json_object_get(home, "answer"));
	if (!answer)
		assert_null(home);
	else
		assert_string_equal(found ? found : "nothing", answer);
	json_decref(home);
}

/* Overlaps that somebody was told of, of one notice. */
static bool count_told(void *context, const prl_overlap *overlap)
{
	*(size_t *)context += overlap->told;
	return true;
}

static size_t told_of(test_node *node, const prl_hash *notice)
{
	size_t count = 0;
	prl_picture *picture = node->folder->picture;
	prl_version version = prl_picture_pin(picture);
	prl_overlaps_of(picture, version, notice, count_told, &count);
	prl_picture_unpin(picture, version);
	return count;
}

static size_t alarms_of(test_node *node, const char *party, prl_alarm_id id)
{
	prl_alarms alarms;
	prl_error err;
	size_t count = 0;
	prl_show show = { .picture = node->folder->picture,
			  .version = prl_picture_pin(node->folder->picture),
			  .now = node->now };
	prl_status status = prl_alarms_collect(&show, party, NULL, &alarms, &err);
	assert_int_equal(status, PRL_OK);
	for (size_t i = 0; i < alarms.count; i++)
		count += alarms.items[i].id == id;
	prl_alarms_done(&alarms);
	prl_picture_unpin(node->folder->picture, show.version);
	return count;
}

/* Nothing that the other node holds names the pair, or says where the object is. */
static void assert_nothing_leaks(test_node *node, const char *text)
{
	for (uint64_t i = 0; i < test_node_size(node); i++)
		assert_null(strstr(test_node_entry(node, i).data, text));
}

static void a_sealed_site_is_checked_at_home(void **state)
{
	fixture *f = *state;
	const char *site = details_at(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00");
	prl_hash sealed = file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\"", site);
	settle(f);
	prl_hash fire =
		file(&f->us, "us-ops/1", details_at(f->l, "live-fire area", 35.01, 40, 500, "14:00:00", "15:00:00"));
	prl_hash far =
		file(&f->us, "us-ops/1", details_at(f->l, "live-fire area", 37, 40, 500, "14:00:00", "15:00:00"));
	settle(f);
	assert_home(&f->ru, &fire, &sealed, "by hand");
	assert_home(&f->ru, &far, &sealed, NULL);
	assert_home(&f->us, &fire, &sealed, NULL);
	assert_int_equal(overlaps(&f->us), 0);
	assert_int_equal(overlaps(&f->ru), 0);
	assert_nothing_leaks(&f->ru, "conflict.found");
	assert_nothing_leaks(&f->us, "conflict.found");
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OVERLAP_TO_TELL), 1);
	assert_int_equal(alarms_of(&f->us, "us", PRL_ALARM_PROTECTED_UNDER_FIRE), 0);
	restart(&f->ru, false);
	prl_filing said = { 0 };
	assert_int_equal(test_node_say(&f->ru, "ru-ops/1", "open again", &said),
			 PRL_OK); /* found again with the opening */
	assert_home(&f->ru, &fire, &sealed, "by hand");
	/* by hand: the other side is told of its own notice, and answers */
	prl_hash version = version_of(&f->ru, &fire);
	prl_filing filing = { 0 };
	line_act act = { .kind = "overlap.told",
			 .key = "ru-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\"}",
					   line_hash_text(f->l, &fire), line_hash_text(f->l, &version)) };
	assert_int_equal(test_node_act(&f->ru, &act, &filing), PRL_OK);
	settle(f);
	assert_int_equal(told_of(&f->us, &fire), 1);
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OVERLAP_TO_TELL), 0);
	assert_int_equal(alarms_of(&f->us, "us", PRL_ALARM_PROTECTED_UNDER_FIRE), 1);
	prl_filing answered = { 0 };
	line_act words = { .kind = "overlap.answered",
			   .key = "us-ops/1",
			   .body = line_text(f->l,
					     "{\"overlap\": \"%s\", \"versions\": [\"%s\"], \"answer\": \"passed on\"}",
					     line_hash_text(f->l, &filing.hash), line_hash_text(f->l, &version)) };
	assert_int_equal(test_node_act(&f->us, &words, &answered), PRL_OK);
	assert_int_equal(alarms_of(&f->us, "us", PRL_ALARM_PROTECTED_UNDER_FIRE), 0);
	settle(f);
	assert_same_digest(f);
}

static void the_policy_answers_three_times(void **state)
{
	fixture *f = *state;
	const char *site = details_at(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00");
	prl_hash sealed =
		file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"automatic\"", site);
	prl_hash never = file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"never\"",
				     details_at(f->l, "site", 36, 40, 500, "13:00:00", "20:00:00"));
	settle(f);
	prl_hash flights[5];
	for (size_t i = 0; i < 5; i++) {
		flights[i] = file(&f->us, "us-ops/1", flight_at(f->l, 35 + 0.001 * (double)i));
		settle(f);
		assert_int_equal(told_of(&f->us, &flights[i]), i < 3 ? 1 : 0);
		assert_home(&f->ru, &flights[i], &sealed, i < 3 ? "automatic" : "by hand");
	}
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OBJECT_ASKED), 1); /* one, whatever comes */
	prl_hash quiet = file(&f->us, "us-ops/1", flight_at(f->l, 36));
	settle(f);
	assert_home(&f->ru, &quiet, &never, "never");
	assert_int_equal(told_of(&f->us, &quiet), 0);
	restart(&f->ru, true); /* who was told before the start counts on */
	prl_hash after = file(&f->us, "us-ops/1", flight_at(f->l, 35.005));
	settle(f);
	assert_int_equal(told_of(&f->us, &after), 0);
	f->ru.now = f->us.now = NOW + 25 * 3600 * PRL_SECOND; /* a day later it answers again */
	prl_hash late = file(&f->us, "us-ops/1", "{\"kind\": \"flight\", \"from\": \"2016-09-17T19:00:00Z\"}");
	settle(f);
	(void)late;
	assert_same_digest(f);
}

static void an_audience_sees_it_and_nobody_else(void **state)
{
	fixture *f = *state;
	prl_hash own = file_hidden(&f->ru, "ru-ops/1", "\"audience\": [\"ru\"]", flight_at(f->l, 35));
	prl_hash open = file(&f->ru, "ru-ops/1", flight_at(f->l, 35.01));
	settle(f);
	assert_home(&f->ru, &own, &open, "own");
	prl_hash near = file(&f->us, "us-ops/1", flight_at(f->l, 35.02));
	settle(f);
	assert_home(&f->ru, &own, &near, "by hand");
	assert_home(&f->us, &own, &near, NULL);
	assert_state(&f->us, &open, &near, "open");
	assert_int_equal(overlaps(&f->us), 1);
	assert_same_digest(f);
}

static void hand_content(test_node *node, const prl_store_content *content)
{
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = content, .content_count = 1 };
	assert_int_equal(prl_clerk_submit_wait(node->clerk, &filing), PRL_OK);
}

/* One for us alone: compared as soon as its content is here, before or after what it overlaps with. */
static void a_content_that_comes_later_is_compared(void **state)
{
	fixture *f = *state;
	prl_hash first = file(&f->us, "us-ops/1", flight_at(f->l, 35.01));
	prl_store_content content;
	prl_hash limited = file_hidden_as(&f->ru, "ru-ops/1", "\"audience\": [\"us\"]", flight_at(f->l, 35), &content);
	settle(f);
	assert_home(&f->us, &first, &limited, NULL); /* it does not know where that is */
	assert_home(&f->ru, &first, &limited, "seen");
	hand_content(&f->us, &content);
	assert_home(&f->us, &first, &limited, "seen");
	prl_hash second = file(&f->us, "us-ops/1", flight_at(f->l, 35.02));
	assert_home(&f->us, &second, &limited, "seen");
	settle(f);
	assert_int_equal(told_of(&f->us, &second), 0); /* they see it themselves */
	assert_int_equal(overlaps(&f->us), 1);         /* first and second, both of us */
	assert_same_digest(f);
	restart(&f->us, true);
	prl_filing said = { 0 };
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "open again", &said), PRL_OK);
	assert_home(&f->us, &second, &limited, "seen");
}

/* Somebody files again and again to find a sealed circle of 2 km: halves of what is left, and believes each answer and
 * each silence. What it knows in the end is no smaller than the third of the areas that it was told of. */
static void a_prober_learns_three_areas(void **state)
{
	enum { FILINGS = 1000 };
	fixture *f = *state;
	rnd r = rnd_case(rnd_seed("prober"), 0);
	double lat = rnd_between(&r, 34, 36), lng = rnd_between(&r, 39, 41);
	(void)file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"automatic\"",
			  details_at(f->l, "site", lat, lng, 1000, "13:00:00", "20:00:00"));
	settle(f);
	double south = 33, north = 37, told[8], smallest = 4;
	size_t answers = 0;
	for (size_t i = 0; i < FILINGS; i++) {
		/* the southern half of what it believes; where it heard nothing of that, it takes the northern */
		double middle = (south + north) / 2;
		char from[16], to[16]; /* one after the other: its own do not overlap */
		size_t at = 14 * 3600 + 15 * i;
		snprintf(from, sizeof from, "%02zu:%02zu:%02zu", at / 3600, at / 60 % 60, at % 60);
		snprintf(to, sizeof to, "%02zu:%02zu:%02zu", (at + 5) / 3600, (at + 5) / 60 % 60, (at + 5) % 60);
		const char *half = line_text(
			f->l,
			"{\"kind\": \"live-fire area\", \"from\": \"2016-09-17T%sZ\", \"to\": \"2016-09-17T%sZ\", "
			"\"areas\": [{\"geometry\": {\"type\": \"Polygon\", \"coordinates\": "
			"[[[38, %.7f], [42, %.7f], [42, %.7f], [38, %.7f], [38, %.7f]]]}}]}",
			from, to, south, south, middle, middle, south);
		prl_hash probe = file(&f->us, "us-ops/1", half);
		settle(f);
		if (told_of(&f->us, &probe)) {
			assert_true(answers < 3);
			told[answers++] = middle - south;
			north = middle;
			smallest = north - south;
		} else {
			south = middle;
		}
		if (north - south < 1e-4) { /* it thinks it has it: begins again, elsewhere */
			south = 33;
			north = 37;
		}
	}
	assert_in_range(answers, 1, 3);
	for (size_t i = 1; i < answers; i++)
		assert_true(told[i] <= told[i - 1]); /* the three largest of those that overlap */
	assert_true(smallest >= told[answers - 1]);
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OBJECT_ASKED), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_in_a_row_overlap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(both_sides_find_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_answered_and_rings_again_when_worse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_update_takes_it_away_and_brings_it_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_past_is_not_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(modes_never_mix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_area_not_stated_is_everywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_meets_many_is_compared_with_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_filings_of_one_batch_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_write_takes_the_board_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_write_loses_nothing_that_is_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_as_all_against_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sealed_site_is_checked_at_home, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_policy_answers_three_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_audience_sees_it_and_nobody_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_content_that_comes_later_is_compared, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_prober_learns_three_areas, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
