/* Contents past the constitution's retention: recorded as deleted, gone from the store in the same step, and for good.
 */
#include "base/hash.h"
#include "base/text.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US  "us.example/line"
#define RU  "ru.example/line"
#define DAY (86400 * PRL_SECOND)

typedef struct fixture {
	line *l;
	test_node us, ru;
} fixture;

static int set_up_with(void **state, const char *extra)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US " ru@" RU, extra);
	test_node_make(&f->us, f->l, US);
	test_node_make(&f->ru, f->l, RU);
	test_node_start(&f->us, true);
	test_node_start(&f->ru, true);
	*state = f;
	return 0;
}

static int thirty_days(void **state)
{
	return set_up_with(state, "\"retention\": {\"contents_days\": 30}");
}

static int for_good(void **state)
{
	return set_up_with(state, NULL);
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

static prl_store_content content_of(fixture *f, const char *word)
{
	const char *text = line_text(f->l, "0123456789abcdef0123456789abcdef%s", word);
	prl_store_content content = { .bytes = prl_bytes_of(text) };
	content.hash = prl_sha256(content.bytes.data, content.bytes.size);
	return content;
}

/* A message of us to ru that carries the content, filed by us. */
static void send(fixture *f, const prl_store_content *content)
{
	const char *body = line_text(f->l,
				     "{\"text\": \"see\", \"language\": \"en\", \"to\": [\"ru\"], \"contents\": "
				     "[{\"hash\": \"%s\", \"size\": %zu, \"title\": \"a file\"}]}",
				     line_hash_text(f->l, &content->hash), content->bytes.size - 32);
	prl_filing filing = { .contents = content, .content_count = 1 };
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = body };
	assert_int_equal(test_node_act(&f->us, &act, &filing), PRL_OK);
}

static prl_status give(test_node *node, const prl_store_content *content)
{
	prl_filing filing = { .what = PRL_FILING_CONTENT, .contents = content, .content_count = 1 };
	return prl_clerk_submit_wait(node->clerk, &filing);
}

static void rest(fixture *f)
{
	while (test_node_push(&f->us, &f->ru) || test_node_push(&f->ru, &f->us))
		continue;
}

static prl_status kept(test_node *node, const prl_store_content *content)
{
	prl_buffer bytes = PRL_BUFFER(1 << 20);
	prl_time at;
	prl_error err;
	prl_status status = prl_store_content_get(node->reader, &content->hash, &at, &bytes, &err);
	prl_buffer_done(&bytes);
	return status;
}

static prl_status delete_due(test_node *node, uint64_t *ret_count)
{
	prl_filing filing = { .what = PRL_FILING_RETENTION };
	prl_status status = prl_clerk_submit_wait(node->clerk, &filing);
	*ret_count = filing.size;
	return status;
}

static void what_is_due_goes_and_is_recorded(void **state)
{
	fixture *f = *state;
	uint64_t count = 99;
	prl_store_content map = content_of(f, "map"), later = content_of(f, "later");
	prl_time sent = f->l->now;
	send(f, &map);
	rest(f);
	assert_int_equal(give(&f->ru, &map), PRL_OK);
	f->us.now = f->ru.now = sent + 30 * DAY - PRL_SECOND;
	assert_int_equal(delete_due(&f->us, &count), PRL_OK);
	assert_int_equal(count, 0);
	assert_int_equal(kept(&f->us, &map), PRL_OK);

	f->l->now = sent + 29 * DAY;
	send(f, &later);
	f->us.now = f->ru.now = sent + 30 * DAY + PRL_SECOND;
	uint64_t size = test_node_size(&f->us);
	assert_int_equal(delete_due(&f->us, &count), PRL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(test_node_size(&f->us), size + 1);
	assert_true(test_node_is(&f->us, size, "content.deleted"));
	assert_int_equal(kept(&f->us, &map), PRL_E_STALE);
	assert_int_equal(kept(&f->us, &later), PRL_OK);
	assert_int_equal(kept(&f->ru, &map), PRL_OK); /* each node its own */
	assert_int_equal(delete_due(&f->us, &count), PRL_OK);
	assert_int_equal(count, 0);
	assert_int_equal(test_node_size(&f->us), size + 1);

	assert_int_equal(delete_due(&f->ru, &count), PRL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(kept(&f->ru, &map), PRL_E_STALE);
	rest(f);
}

static void what_is_deleted_does_not_come_back(void **state)
{
	fixture *f = *state;
	uint64_t count = 0;
	prl_store_content map = content_of(f, "map");
	send(f, &map);
	rest(f);
	assert_int_equal(give(&f->ru, &map), PRL_OK);
	f->us.now = f->ru.now = f->l->now + 31 * DAY;
	assert_int_equal(delete_due(&f->ru, &count), PRL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(give(&f->ru, &map), PRL_OK);
	assert_int_equal(kept(&f->ru, &map), PRL_E_STALE);
	prl_hash digest = test_node_digest(&f->ru);
	test_node_stop(&f->ru);
	f->ru.replay = true;
	test_node_start(&f->ru, true);
	prl_hash again = test_node_digest(&f->ru);
	assert_memory_equal(&digest, &again, sizeof digest);
	assert_int_equal(give(&f->ru, &map), PRL_OK);
	assert_int_equal(kept(&f->ru, &map), PRL_E_STALE);
}

/* What has never arrived here is not recorded as deleted here. */
static void what_never_came_is_not_deleted(void **state)
{
	fixture *f = *state;
	uint64_t count = 99;
	prl_store_content map = content_of(f, "map");
	send(f, &map);
	rest(f);
	f->ru.now = f->l->now + 31 * DAY;
	assert_int_equal(delete_due(&f->ru, &count), PRL_OK);
	assert_int_equal(count, 0);
}

/* More hashes than one entry may name: several entries, all in one batch. */
static void many_at_once(void **state)
{
	fixture *f = *state;
	uint64_t count = 0, size, entries = 0;
	for (int i = 0; i < 300; i++) {
		prl_store_content content = content_of(f, line_text(f->l, "file %d", i));
		send(f, &content);
	}
	f->us.now = f->l->now + 31 * DAY;
	size = test_node_size(&f->us);
	assert_int_equal(delete_due(&f->us, &count), PRL_OK);
	assert_int_equal(count, 300);
	for (uint64_t i = size; i < test_node_size(&f->us); i++)
		entries += test_node_is(&f->us, i, "content.deleted");
	assert_int_equal(entries, 2);
	prl_store_content last = content_of(f, "file 299");
	assert_int_equal(kept(&f->us, &last), PRL_E_STALE);
}

static void kept_for_good(void **state)
{
	fixture *f = *state;
	uint64_t count;
	prl_store_content map = content_of(f, "map");
	send(f, &map);
	f->us.now = f->l->now + 10000 * DAY;
	assert_int_equal(delete_due(&f->us, &count), PRL_E_REFUSED);
	assert_int_equal(kept(&f->us, &map), PRL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_due_goes_and_is_recorded, thirty_days, tear_down),
		cmocka_unit_test_setup_teardown(what_is_deleted_does_not_come_back, thirty_days, tear_down),
		cmocka_unit_test_setup_teardown(what_never_came_is_not_deleted, thirty_days, tear_down),
		cmocka_unit_test_setup_teardown(many_at_once, thirty_days, tear_down),
		cmocka_unit_test_setup_teardown(kept_for_good, for_good, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
