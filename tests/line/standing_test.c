/* Standing bodies: invited, joined, declined, left, absent; each says it for itself. */
#include "line/standing.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define UN "un.example/line"

static acts *begin(void)
{
	acts *a = acts_new("us@" US " ru@" RU " un@" UN, NULL);
	a->l->now = acts_time("2018-02-07T20:00:00Z");
	return a;
}

static const char *text_of(acts *a, prl_hash hash)
{
	return line_hash_text(a->l, &hash);
}

static prl_hash found(acts *a)
{
	prl_hash id = acts_do(a, "us-ops/1", "body.stated", "{\"name\": \"Joint commission\", \"to\": [\"ru\"]}");
	acts_see_all(a);
	return id;
}

static const char *word(acts *a, prl_hash body, const char *says, const char *rest)
{
	return line_text(a->l, "{\"body\": \"%s\", \"says\": \"%s\"%s}", text_of(a, body), says, rest);
}

static void test_members(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash body = found(a);
	acts_do(a, "ru-ops/1", "body.stated", word(a, body, "joined", ""));
	acts_do(a, "us-ops/1", "body.stated", word(a, body, "invited", ", \"who\": \"un\""));
	acts_see_all(a);
	json_t *items = acts_show(a, UN, NULL, "bodies", NULL, a->l->now);
	assert_int_equal(json_array_size(acts_at(items, "0.members")), 3);
	assert_string_equal(acts_text(items, "0.members.0.party"), "ru");
	assert_string_equal(acts_text(items, "0.members.0.state"), "joined");
	assert_string_equal(acts_text(items, "0.members.1.party"), "un");
	assert_string_equal(acts_text(items, "0.members.1.state"), "invited");
	assert_string_equal(acts_text(items, "0.members.2.state"), "joined");
	json_decref(items);
	acts_do(a, "ru-ops/1", "body.stated", word(a, body, "left", ""));
	acts_do(a, "us-ops/1", "body.stated", word(a, body, "absent", ", \"who\": \"ru\""));
	acts_see_all(a);
	items = acts_show(a, RU, "ru", "bodies", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.members.0.state"), "left");
	assert_string_equal(acts_text(items, "0.absences.0.party"), "ru");
	assert_string_equal(acts_text(items, "0.absences.0.by"), "us");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash body = found(a);
	acts_refused(a, "us-ops/1", "body.stated", "{}", PRL_E_SYNTAX, "name: missing");
	acts_refused(a, "us-ops/1", "body.stated", "{\"name\": \"x\", \"says\": \"joined\"}", PRL_E_SYNTAX, "body");
	acts_refused(a, "ru-ops/1", "body.stated", word(a, body, "invited", ", \"who\": \"un\""), PRL_E_REFUSED,
		     "only party us");
	acts_refused(a, "us-ops/1", "body.stated", word(a, body, "invited", ""), PRL_E_SYNTAX, "who: missing");
	acts_refused(a, "us-ops/1", "body.stated", word(a, body, "joined", ", \"who\": \"ru\""), PRL_E_REFUSED,
		     "for itself");
	acts_refused(a, "us-ops/1", "body.stated", word(a, body, "absent", ", \"who\": \"xx\""), PRL_E_NOT_FOUND, "xx");
	acts_refused(a, "us-ops/1", "body.stated", word(a, body, "joined", ", \"name\": \"x\""), PRL_E_SYNTAX, "twice");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_members), cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
