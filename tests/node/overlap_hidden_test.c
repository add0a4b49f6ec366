/* Overlaps that not all may see: with sealed notices and with those for some parties, compared at home, told as the
 * filer's policy says; nothing of them on the wire, and little for who probes. */
#include "base/hash.h"
#include "line/alarm.h"
#include "support/full_disk.h"
#include "support/random.h"
#include "support/two_sides.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A sealed notice, or one for some parties: its details are a content of the filing. */
static prl_store_content content_of(test_node *node, const char *details)
{
	static unsigned salt;
	size_t size = strlen(details);
	char *bytes = prl_arena_alloc(&node->l->memory, 32 + size, 1);
	memset(bytes, 0, 32);
	snprintf(bytes, 32, "salt %u", ++salt);
	memcpy(bytes + 32, details, size);
	return (prl_store_content){ .hash = prl_sha256(bytes, 32 + size), .bytes = { bytes, 32 + size } };
}

/* content: brought with the entry; or NULL. */
static prl_hash file_naming(test_node *node, const char *key, const char *how, const prl_store_content *named,
			    const prl_store_content *content)
{
	prl_filing filing = { .contents = content, .content_count = content ? 1 : 0 };
	line_act act = { .kind = "notice.filed",
			 .key = key,
			 .body = line_text(node->l, "{%s, \"content\": {\"hash\": \"%s\", \"size\": %zu}}", how,
					   line_hash_text(node->l, &named->hash), named->bytes.size - 32) };
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

static prl_hash file_hidden_as(test_node *node, const char *key, const char *how, const char *details,
			       prl_store_content *ret)
{
	*ret = content_of(node, details);
	return file_naming(node, key, how, ret, ret);
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
	two_sides *f = *state;
	const char *site = two_sides_details(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00");
	prl_hash sealed = file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\"", site);
	two_sides_settle(f);
	prl_hash fire = two_sides_file(
		&f->us, "us-ops/1", two_sides_details(f->l, "live-fire area", 35.01, 40, 500, "14:00:00", "15:00:00"));
	prl_hash far = two_sides_file(&f->us, "us-ops/1",
				      two_sides_details(f->l, "live-fire area", 37, 40, 500, "14:00:00", "15:00:00"));
	two_sides_settle(f);
	assert_home(&f->ru, &fire, &sealed, "by hand");
	assert_home(&f->ru, &far, &sealed, NULL);
	assert_home(&f->us, &fire, &sealed, NULL);
	assert_int_equal(two_sides_overlaps(&f->us), 0);
	assert_int_equal(two_sides_overlaps(&f->ru), 0);
	assert_nothing_leaks(&f->ru, "conflict.found");
	assert_nothing_leaks(&f->us, "conflict.found");
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OVERLAP_TO_TELL), 1);
	assert_int_equal(alarms_of(&f->us, "us", PRL_ALARM_PROTECTED_UNDER_FIRE), 0);
	two_sides_restart(&f->ru, false);
	prl_filing said = { 0 };
	assert_int_equal(test_node_say(&f->ru, "ru-ops/1", "open again", &said),
			 PRL_OK); /* found again with the opening */
	assert_home(&f->ru, &fire, &sealed, "by hand");
	/* by hand: the other side is told of its own notice, and answers */
	prl_hash version = two_sides_version(&f->ru, &fire);
	prl_filing filing = { 0 };
	line_act act = { .kind = "overlap.told",
			 .key = "ru-ops/1",
			 .body = line_text(f->l, "{\"notice\": \"%s\", \"version\": \"%s\"}",
					   line_hash_text(f->l, &fire), line_hash_text(f->l, &version)) };
	assert_int_equal(test_node_act(&f->ru, &act, &filing), PRL_OK);
	two_sides_settle(f);
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
	two_sides_settle(f);
	two_sides_assert_same(f);
}

static void the_policy_answers_three_times(void **state)
{
	two_sides *f = *state;
	const char *site = two_sides_details(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00");
	prl_hash sealed =
		file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"automatic\"", site);
	prl_hash never = file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"never\"",
				     two_sides_details(f->l, "site", 36, 40, 500, "13:00:00", "20:00:00"));
	two_sides_settle(f);
	prl_hash flights[5];
	for (size_t i = 0; i < 5; i++) {
		flights[i] = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35 + 0.001 * (double)i));
		two_sides_settle(f);
		assert_int_equal(told_of(&f->us, &flights[i]), i < 3 ? 1 : 0);
		assert_home(&f->ru, &flights[i], &sealed, i < 3 ? "automatic" : "by hand");
	}
	assert_int_equal(alarms_of(&f->ru, "ru", PRL_ALARM_OBJECT_ASKED), 1); /* one, whatever comes */
	prl_hash quiet = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 36));
	two_sides_settle(f);
	assert_home(&f->ru, &quiet, &never, "never");
	assert_int_equal(told_of(&f->us, &quiet), 0);
	two_sides_restart(&f->ru, true); /* who was told before the start counts on */
	prl_hash after = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.005));
	two_sides_settle(f);
	assert_int_equal(told_of(&f->us, &after), 0);
	f->ru.now = f->us.now = TWO_SIDES_NOW + 25 * 3600 * PRL_SECOND; /* a day later it answers again */
	two_sides_file(&f->us, "us-ops/1", "{\"kind\": \"flight\", \"from\": \"2016-09-17T19:00:00Z\"}");
	two_sides_settle(f);
	two_sides_assert_same(f);
}

static void an_audience_sees_it_and_nobody_else(void **state)
{
	two_sides *f = *state;
	prl_hash own = file_hidden(&f->ru, "ru-ops/1", "\"audience\": [\"ru\"]", two_sides_flight(f->l, 35));
	prl_hash open = two_sides_file(&f->ru, "ru-ops/1", two_sides_flight(f->l, 35.01));
	two_sides_settle(f);
	assert_home(&f->ru, &own, &open, "own");
	prl_hash near = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.02));
	two_sides_settle(f);
	assert_home(&f->ru, &own, &near, "by hand");
	assert_home(&f->us, &own, &near, NULL);
	assert_state(&f->us, &open, &near, "open");
	assert_int_equal(two_sides_overlaps(&f->us), 1);
	two_sides_assert_same(f);
}

static void hand_content(test_node *node, const prl_store_content *content)
{
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = content, .content_count = 1 };
	assert_int_equal(prl_clerk_submit_wait(node->clerk, &filing), PRL_OK);
}

static void post(prl_filing *filing)
{
	(void)sem_post(filing->context);
}

/* What came while its notice was applied is looked at in the next quiet moment. */
static void wait_for_home(test_node *node, const prl_hash *a, const prl_hash *b)
{
	json_t *home = NULL;
	for (unsigned i = 0; i < 3000 && !(home = home_of(node, a, b)); i++)
		usleep(10000);
	assert_non_null(home);
	json_decref(home);
}

/* One for us alone: compared as soon as its content is here, before or after what it overlaps with. */
static void a_content_that_comes_later_is_compared(void **state)
{
	two_sides *f = *state;
	prl_hash first = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.01));
	prl_store_content content;
	prl_hash limited =
		file_hidden_as(&f->ru, "ru-ops/1", "\"audience\": [\"us\"]", two_sides_flight(f->l, 35), &content);
	two_sides_settle(f);
	assert_home(&f->us, &first, &limited, NULL); /* it does not know where that is */
	assert_home(&f->ru, &first, &limited, "seen");
	hand_content(&f->us, &content);
	assert_home(&f->us, &first, &limited, "seen");
	prl_hash second = two_sides_file(&f->us, "us-ops/1", two_sides_flight(f->l, 35.02));
	assert_home(&f->us, &second, &limited, "seen");
	two_sides_settle(f);
	assert_int_equal(told_of(&f->us, &second), 0);   /* they see it themselves */
	assert_int_equal(two_sides_overlaps(&f->us), 1); /* first and second, both of us */
	two_sides_assert_same(f);
	two_sides_restart(&f->us, true);
	prl_filing said = { 0 };
	assert_int_equal(test_node_say(&f->us, "us-ops/1", "open again", &said), PRL_OK);
	assert_home(&f->us, &second, &limited, "seen");
}

/* Of the node's own log: the content may come after the entry, before it, or be on its way to the disk with the batch
 * before. Whichever it is, the overlap is found, and without a start. */
static void a_content_of_our_own_comes_in_any_order(void **state)
{
	enum { ROUNDS = 60 };
	two_sides *f = *state;
	const char *site = two_sides_details(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00");
	prl_hash fire = two_sides_file(
		&f->us, "us-ops/1", two_sides_details(f->l, "live-fire area", 35.01, 40, 500, "14:00:00", "15:00:00"));
	two_sides_settle(f);
	for (int i = 0; i < ROUNDS; i++) {
		const prl_store_content content = content_of(&f->ru, site);
		sem_t answered;
		prl_filing on_its_way = { .what = PRL_FILING_CONTENT,
					  .contents = &content,
					  .content_count = 1,
					  .done = post,
					  .context = &answered };
		assert_int_equal(sem_init(&answered, 0, 0), 0);
		if (i % 3)
			prl_clerk_submit(f->ru.clerk, &on_its_way);
		if (i % 3 == 1)
			(void)sem_wait(&answered);
		prl_hash sealed = file_naming(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\"", &content, NULL);
		if (i % 3 == 0) {
			assert_home(&f->ru, &fire, &sealed, NULL);
			hand_content(&f->ru, &content);
		}
		if (i % 3 == 2)
			(void)sem_wait(&answered);
		assert_int_equal(on_its_way.status, PRL_OK);
		(void)sem_destroy(&answered);
		wait_for_home(&f->ru, &fire, &sealed);
	}
}

/* What the disk did not take is not compared, and when it comes again it is. */
static void a_content_that_a_full_disk_refused(void **state)
{
	two_sides *f = *state;
	prl_hash fire = two_sides_file(
		&f->ru, "ru-ops/1", two_sides_details(f->l, "live-fire area", 35.01, 40, 500, "14:00:00", "15:00:00"));
	const prl_store_content content =
		content_of(&f->ru, two_sides_details(f->l, "site", 35, 40, 500, "13:00:00", "20:00:00"));
	prl_hash sealed = file_naming(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\"", &content, NULL);
	prl_filing refused = { .what = PRL_FILING_CONTENT, .contents = &content, .content_count = 1 };
	full_disk(true);
	assert_int_equal(prl_clerk_submit_wait(f->ru.clerk, &refused), PRL_E_IO);
	full_disk(false);
	prl_filing said = { 0 };
	assert_int_equal(test_node_say(&f->ru, "ru-ops/1", "room again", &said), PRL_OK);
	assert_home(&f->ru, &fire, &sealed, NULL);
	hand_content(&f->ru, &content);
	wait_for_home(&f->ru, &fire, &sealed);
}

/* Somebody files again and again to find a sealed circle of 2 km: halves of what is left, and believes each answer and
 * each silence. What it knows in the end is no smaller than the third of the areas that it was told of. */
static void a_prober_learns_three_areas(void **state)
{
	enum { FILINGS = 1000 };
	two_sides *f = *state;
	rnd r = rnd_case(rnd_seed("prober"), 0);
	double lat = rnd_between(&r, 34, 36), lng = rnd_between(&r, 39, 41);
	(void)file_hidden(&f->ru, "ru-ops/1", "\"disclosure\": \"sealed\", \"policy\": \"automatic\"",
			  two_sides_details(f->l, "site", lat, lng, 1000, "13:00:00", "20:00:00"));
	two_sides_settle(f);
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
		prl_hash probe = two_sides_file(&f->us, "us-ops/1", half);
		two_sides_settle(f);
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
		cmocka_unit_test_setup_teardown(a_sealed_site_is_checked_at_home, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(the_policy_answers_three_times, two_sides_set_up, two_sides_tear_down),
		cmocka_unit_test_setup_teardown(an_audience_sees_it_and_nobody_else, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_content_that_comes_later_is_compared, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_content_of_our_own_comes_in_any_order, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_content_that_a_full_disk_refused, two_sides_set_up,
						two_sides_tear_down),
		cmocka_unit_test_setup_teardown(a_prober_learns_three_areas, two_sides_set_up, two_sides_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
