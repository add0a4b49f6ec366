/* Receipts, movements and bundles between real nodes: served, undelivered while a node is away, one bundle raised by
 * the node itself, and DEEMED in none of it. */
#include "base/text.h"
#include "line/receipt.h"
#include "support/acts.h"
#include "support/nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define CONVOY                                                                                                         \
	"{\"details\": {\"kind\": \"convoy\", \"from\": \"2020-01-01T00:00:00Z\", \"to\": \"2040-01-01T00:00:00Z\", "  \
	"\"contact\": \"+963 11\", \"areas\": [{\"place\": \"36.10000N 37.00000E\", \"radius_m\": 1000}]}}"
#define SITE "{\"details\": {\"kind\": \"site\", \"areas\": [{\"place\": \"36.10000N 37.10000E\", \"radius_m\": 100}]}}"

typedef struct pair {
	nodes_set *nodes;
	prl_client *un, *ru;
	char id[PRL_HASH_TEXT_MAX];
} pair;

static pair begin(void)
{
	pair p = { .nodes = nodes_new("un ru", false) };
	nodes_start(p.nodes, 0);
	nodes_start(p.nodes, 1);
	nodes_wait_open(p.nodes);
	p.un = nodes_desk(p.nodes, 0);
	p.ru = nodes_desk(p.nodes, 1);
	return p;
}

static void end(pair *p)
{
	prl_client_free(p->un);
	prl_client_free(p->ru);
	nodes_free(p->nodes);
}

static void file_convoy(pair *p)
{
	prl_filed filed;
	nodes_file(p->un, "notice.filed", CONVOY, &filed);
	prl_hash_write(&filed.hash, p->id);
}

/* The items that a part shows; NULL arguments: all. */
static json_t *items(prl_client *client, const char *part, const char *query)
{
	json_t *answer = nodes_get(client, "/parley/v1/line/%s%s%s", part, query ? "?" : "", query ? query : "");
	json_t *found = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return found;
}

static bool shows(prl_client *client, const char *part, const char *query, const char *text)
{
	json_t *found = items(client, part, query);
	char *all = json_dumps(found, JSON_SORT_KEYS);
	bool there = strstr(all, text) != NULL;
	free(all);
	json_decref(found);
	return there;
}

static void read_back(pair *p)
{
	char body[500];
	prl_filed filed;
	snprintf(body, sizeof body,
		 "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"read back\", \"read_back\": {\"words\": "
		 "\"trucks\"}}",
		 p->id, p->id);
	nodes_file(p->ru, "receipt.given", body, &filed);
}

#define UN_1 "notice=un%231"

static void test_served_with_its_age(void **state)
{
	(void)state;
	pair p = begin();
	file_convoy(&p);
	NODES_WAIT(shows(p.un, "receipts", UN_1, "\"rung\": \"THEY HAVE IT\""));
	json_t *found = items(p.un, "receipts", UN_1);
	assert_non_null(json_string_value(acts_at(found, "0.ladder.0.they_have_it.since")));
	assert_true(json_is_integer(acts_at(found, "0.ladder.0.they_have_it.age_s")));
	json_decref(found);
	NODES_WAIT(shows(p.ru, "receipts", NULL, "un#1"));
	read_back(&p);
	NODES_WAIT(shows(p.un, "receipts", UN_1, "\"rung\": \"READ BACK\""));
	assert_true(shows(p.un, "receipts", UN_1, "\"words\": \"trucks\""));
	/* nothing of DEEMED in what people see of a notice */
	assert_false(shows(p.un, "receipts", UN_1, "eemed"));
	assert_false(shows(p.un, "movements", NULL, "eemed"));
	/* the door, by HTTP: where a read-back is needed one key does not do */
	char body[300];
	prl_error err = { 0 };
	prl_filed filed;
	snprintf(body, sizeof body, "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"understood\"}", p.id, p.id);
	prl_client_entry entry = { .kind = "receipt.given", .mode = PRL_MODE_EXERCISE, .body = prl_bytes_of(body) };
	assert_int_not_equal(prl_client_file(p.ru, &entry, &filed, &err), PRL_OK); /* nor another mode */
	end(&p);
}

/* What an author had read stands in the head of the notice. */
static void test_had_read(void **state)
{
	(void)state;
	pair p = begin();
	prl_filed filed;
	file_convoy(&p);
	NODES_WAIT(shows(p.ru, "receipts", NULL, "un#1"));
	nodes_file(p.ru, "notice.filed", SITE, &filed);
	NODES_WAIT(shows(p.un, "receipts", NULL, "ru#1"));
	json_t *found = items(p.un, "receipts", "notice=ru%231");
	assert_string_equal(acts_text(found, "0.had_read.0.of"), "un");
	assert_true(json_boolean_value(acts_at(found, "0.had_read.0.stated")));
	assert_int_equal(json_integer_value(acts_at(found, "0.had_read.0.read")), 1);
	assert_string_equal(acts_text(found, "0.had_read.0.up_to.name"), "un#1");
	json_decref(found);
	end(&p);
}

static void test_undelivered_while_away(void **state)
{
	(void)state;
	pair p = begin();
	nodes_wait_rest(p.nodes, p.un, p.ru);
	prl_client_free(p.ru);
	nodes_stop(p.nodes, 1);
	file_convoy(&p);
	json_t *found = items(p.un, "undelivered", NULL);
	assert_string_equal(acts_text(found, "0.name"), "un#1");
	assert_string_equal(acts_text(found, "0.parties.0.party"), "ru");
	assert_string_equal(acts_text(found, "0.text"), "NOT DELIVERED – PHONE");
	json_decref(found);
	assert_true(shows(p.un, "receipts", UN_1, "\"rung\": \"SENT\""));
	nodes_start(p.nodes, 1);
	nodes_wait_open(p.nodes);
	p.ru = nodes_login(p.nodes, 1, &p.nodes->nodes[1].console);
	NODES_WAIT(!shows(p.un, "undelivered", NULL, "un#1"));
	NODES_WAIT(shows(p.un, "receipts", UN_1, "\"rung\": \"THEY HAVE IT\""));
	end(&p);
}

/* Two people at ru declare a truce ended: node un raises its bundle by itself, once; ru takes it, reads it back. */
static void test_bundle(void **state)
{
	(void)state;
	pair p = begin();
	prl_filed filed;
	prl_error err = { 0 };
	char body[600], cause[PRL_HASH_TEXT_MAX];
	file_convoy(&p);
	nodes_file(p.un, "notice.filed", SITE, &filed);
	NODES_WAIT(shows(p.ru, "receipts", NULL, "un#2"));
	static const char ended[] = "{\"what\": \"truce\", \"words\": \"It is over.\", \"language\": \"en\"}";
	prl_client_entry entry = { .kind = "truce.ended",
				   .mode = PRL_MODE_TEST,
				   .body = prl_bytes_of(ended),
				   .second = &p.nodes->nodes[1].desk };
	if (prl_client_file(p.ru, &entry, &filed, &err))
		fail_msg("%s", err.text);
	prl_hash_write(&filed.hash, cause);
	NODES_WAIT(shows(p.ru, "bundles", NULL, "\"site_count\": 1"));
	NODES_WAIT(shows(p.ru, "alarms", NULL, "bundle-to-take"));
	snprintf(body, sizeof body, "{\"bundle\": \"%s\"}", cause);
	nodes_file(p.ru, "bundle.taken", body, &filed);
	assert_false(shows(p.ru, "alarms", NULL, "bundle-to-take"));
	assert_true(shows(p.ru, "alarms", NULL, "bundle-to-read"));
	snprintf(
		body, sizeof body,
		"{\"bundle\": \"%s\", \"notice\": \"%s\", \"version\": \"%s\", \"read_back\": {\"words\": \"trucks\"}}",
		cause, p.id, p.id);
	nodes_file(p.ru, "bundle.read", body, &filed);
	assert_false(shows(p.ru, "alarms", NULL, "bundle-to-read"));
	NODES_WAIT(shows(p.un, "bundles", NULL, "\"not_read_by\": []"));
	/* raised once: two looks later there is still one entry of it */
	nodes_sleep_ms(2200);
	json_t *list = nodes_get(p.un, "/parley/v1/entries?count=1000"), *one;
	size_t i, raised = 0;
	json_array_foreach(json_object_get(list, "entries"), i, one) raised +=
		strcmp(acts_text(one, "kind"), "bundle.raised") == 0;
	json_decref(list);
	assert_int_equal(raised, 1);
	json_t *found = items(p.un, "bundles", NULL);
	assert_int_equal(json_array_size(found), 1);
	json_decref(found);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_served_with_its_age),
		cmocka_unit_test(test_had_read),
		cmocka_unit_test(test_undelivered_while_away),
		cmocka_unit_test(test_bundle),
	};
	return cmocka_run_group_tests_name("moves_node", tests, NULL, NULL);
}
