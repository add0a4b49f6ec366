/* A node that took its log back from a mirror: of what services registered it has the entries and no more. Nobody's key
 * holds such an intent, not by the OVN that it had nor by one that is worked out; its manager goes on with the OVN that
 * it has, and from then on all is as before. */
#include "support/dss.h"

#include "base/text.h"
#include "dss/entity.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define URL          "\"uss_base_url\":\"https://uss1.example\""
#define INTENT(more) "{\"extents\":[" DSS_V("48") "],\"state\":\"Accepted\"," URL more "}"
#define OTHERS       "Available from USS"
#define REFERENCE(ovn, version)                                                                                        \
	"{\"id\":\"" U("0001") "\",\"manager\":\"uss1\",\"uss_availability\":\"Unknown\",\"version\":" version         \
			       ",\"state\":\"Accepted\",\"ovn\":\"" ovn "\",\"time_start\":\"*\",\"time_end\":\"*\","  \
			       "\"uss_base_url\":\"*\",\"subscription_id\":\"*\"}"
#define ANSWER(ovn, version) "{\"operational_intent_reference\":" REFERENCE(ovn, version) ",\"subscribers\":\"*\"}"

static int set_up(void **state)
{
	*state = dss_new(false);
	return 0;
}

static int tear_down(void **state)
{
	dss_free(*state);
	return 0;
}

/* Stops it, takes away what never leaves a node, and starts it without its snapshot. */
static void lose(dss_node *d)
{
	const char *folder = dss_nodes(d)->nodes[0].folder;
	char path[400];
	sqlite3 *db;
	dss_stop(d);
	(void)snprintf(path, sizeof path, "%s/record.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "DELETE FROM body", NULL, NULL, NULL), SQLITE_OK);
	assert_true(sqlite3_changes(db) > 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	(void)snprintf(path, sizeof path, "%s/snapshot", folder);
	(void)unlink(path);
	dss_start(d);
}

/* What anybody could work out of an intent whose nonce is not there. */
static const char *guess(const char *digits)
{
	static char text[PRL_STAMP_TEXT_MAX];
	static const unsigned char nonce[16];
	prl_uuid id;
	assert_true(prl_uuid_read(prl_bytes_of(digits), &id));
	const prl_stamp stamp = prl_stamp_make(nonce, &id, 1);
	prl_stamp_write(&stamp, &id, text);
	return text;
}

static void refused_with(dss_node *d, const char *ovn)
{
	char body[2000];
	(void)snprintf(body, sizeof body, INTENT(",\"key\":[\"%s\"]"), ovn);
	const dss_step step = { "uss2 SC", "PUT", DSS_INTENT U("0002"), body, 409, NULL };
	dss_run(d, "a key", &step, 1);
}

static void no_key_holds_it(void **state)
{
	static const dss_step made[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), INTENT(""), 201, ANSWER(">old", "1") },
	};
	static const dss_step read[] = {
		{ "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 200,
		  "{\"operational_intent_reference\":" REFERENCE(OTHERS, "1") "}" },
		{ "uss2 SC", "GET", DSS_INTENT U("0001"), NULL, 200,
		  "{\"operational_intent_reference\":" REFERENCE(OTHERS, "1") "}" },
		{ "uss2 SC", "PUT", DSS_INTENT U("0001") "/$old", INTENT(""), 403, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), INTENT(""), 409, NULL },
	};
	static const dss_step go_on[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0001") "/$old", INTENT(""), 200, ANSWER(">new", "2") },
		{ "uss1 SC", "PUT", DSS_INTENT U("0001") "/$old", INTENT(""), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0002"), INTENT(",\"key\":[\"$old\"]"), 409, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0002"), INTENT(",\"key\":[\"$new\"]"), 201, NULL },
	};
	dss_node *d = *state;
	DSS_RUN(d, made);
	lose(d);
	DSS_RUN(d, read);
	refused_with(d, dss_kept(d, "old"));
	refused_with(d, guess(U("0001")));
	refused_with(d, OTHERS);
	DSS_RUN(d, go_on);
}

static void its_manager_takes_it_away(void **state)
{
	static const dss_step made[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), INTENT(""), 201, ANSWER(">old", "1") },
	};
	static const dss_step gone[] = {
		{ "uss2 SC", "DELETE", DSS_INTENT U("0001") "/$old", NULL, 403, NULL },
		{ "uss1 SC", "DELETE", DSS_INTENT U("0001") "/$old", NULL, 200, NULL },
		{ "uss1 SC", "GET", DSS_INTENT U("0001"), NULL, 404, NULL },
		{ "uss2 SC", "PUT", DSS_INTENT U("0002"), INTENT(""), 201, NULL },
	};
	dss_node *d = *state;
	DSS_RUN(d, made);
	lose(d);
	DSS_RUN(d, gone);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_key_holds_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(its_manager_takes_it_away, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
