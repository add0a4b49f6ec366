/* Time passing changes nothing: whatever instant is looked from, in whatever order, the picture stays what it is,
 * shared part and local part; what is shown hangs on the instant alone. */
#include "line/line.h"
#include "line/overlap.h"

#include "base/hash.h"
#include "support/acts.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define US       "us.example/line"
#define RU       "ru.example/line"
#define INSTANTS 12

static const char *const parts[] = { "notices",  "receipts", "undelivered", "overlaps", "calls",     "shifts",
				     "channels", "desks",    "queries",     "meetings", "movements", "statements" };
#define PARTS (sizeof parts / sizeof *parts)

/* Something of everything that has a deadline. */
static acts *busy(void)
{
	acts *a = acts_new("us@" US " ru@" RU,
			   "\"lead_times\": [{\"kind\": \"flight\", \"lead_s\": 1800, \"source\": \"x\"}]");
	acts_do(a, "us-ops/1", "notice.filed",
		"{\"details\": {\"kind\": \"flight\", \"from\": \"2016-09-17T13:00:00Z\", \"to\": "
		"\"2016-09-17T14:00:00Z\"}}");
	acts_do(a, "ru-ops/1", "notice.filed", "{\"details\": {\"kind\": \"live-fire area\"}}");
	acts_do(a, "us-ops/1", "notice.filed",
		"{\"details\": {\"kind\": \"convoy\", \"from\": \"2016-09-17T12:30:00Z\", \"movement\": "
		"{\"check_ins\": "
		"[\"2016-09-17T13:30:00Z\"]}}}");
	acts_see_all(a);
	acts_do(a, "us-ops/1", "query.asked",
		"{\"text\": {\"words\": \"whose?\", \"language\": \"en\"}, \"urgent\": true}");
	acts_do(a, "ru-ops/1", "call.raised", "{\"class\": \"STOP\"}");
	acts_do(a, "ru-ops/1", "person.present", "{\"ask\": [\"us\"]}");
	acts_see_all(a);
	return a;
}

/* All that is kept, as a snapshot has it. */
static prl_hash whole(acts *a, const char *log)
{
	char path[] = "/tmp/parley-timeless-XXXXXX";
	prl_error err = { 0 };
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	prl_picture *picture = acts_picture(a, log);
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_version version = prl_picture_pin(picture);
	prl_snapshot_head head = { .size = prl_picture_size(picture, version, log) };
	assert_int_equal(prl_picture_save(picture, version, &head, path, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	prl_buffer bytes = PRL_BUFFER(1 << 24);
	FILE *file = fopen(path, "rb");
	char piece[4096];
	for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
		assert_true(prl_buffer_append(&bytes, piece, got));
	fclose(file);
	unlink(path);
	prl_hash hash = prl_sha256(bytes.data, bytes.size);
	prl_buffer_done(&bytes);
	return hash;
}

/* All that is shown at an instant, as text. */
static char *seen_at(acts *a, prl_time now)
{
	json_t *all = json_object();
	for (size_t i = 0; i < PARTS; i++)
		json_object_set_new(all, parts[i], acts_show(a, US, "us", parts[i], NULL, now));
	json_object_set_new(all, "alarms", acts_alarms(a, "us", now));
	char *text = json_dumps(all, JSON_SORT_KEYS);
	json_decref(all);
	assert_non_null(text);
	return text;
}

static void looking_changes_nothing(void **state)
{
	(void)state;
	acts *a = busy();
	rnd r = rnd_case(rnd_seed("timeless"), 0);
	prl_time now[INSTANTS], begun = a->l->now;
	char *first[INSTANTS];
	prl_hash shared = acts_digest(a, US), all = whole(a, US);
	for (size_t i = 0; i < INSTANTS; i++) {
		now[i] = begun + (prl_time)(rnd_between(&r, -1, 1) * 40 * 24 * 3600) * PRL_SECOND;
		first[i] = seen_at(a, now[i]);
	}
	/* it does hang on the instant … */
	char *early = seen_at(a, begun), *late = seen_at(a, begun + 30 * 24 * 3600 * PRL_SECOND);
	assert_string_not_equal(early, late);
	free(early);
	free(late);
	/* … and on nothing else: neither on what was looked at before, nor on how long the node has been running */
	for (size_t i = INSTANTS; i-- > 0;) {
		char *again = seen_at(a, now[i]);
		assert_string_equal(again, first[i]);
		free(again);
		free(first[i]);
	}
	prl_hash shared_then = acts_digest(a, US), all_then = whole(a, US);
	assert_memory_equal(&shared_then, &shared, sizeof shared);
	assert_memory_equal(&all_then, &all, sizeof all);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(looking_changes_nothing) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
