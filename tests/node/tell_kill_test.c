/* A node that is killed with SIGKILL at any instant while it tells a drone traffic service of its own constraints: each
 * change that was answered is told at least once, with the index that it was given once, and is recorded as told. */
#include "support/random.h"
#include "support/served.h"
#include "support/uss_server.h"

#include "base/limits.h"
#include "base/text.h"
#include "dss/entity.h"
#include "node/dev_key.h"

#include <curl/curl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define OPTIONS "--alone --dss-dev --dss-http-base-urls"
#define ROUNDS  4
#define MOST    400 /* notices of all rounds */

static nodes_set *n;
static served us;
static uss_server *uss;
static char until[PRL_TIME_TEXT_MAX];
static char filed[MOST][PRL_UUID_TEXT_MAX]; /* constraints of notices that were answered */
static atomic_size_t filed_count;

/* ---- a party that files until the node is gone ------------------------------------------------------------------- */

static void *file_run(void *context)
{
	prl_client *desk = context;
	prl_error err;
	prl_filed done;
	char body[600];
	(void)snprintf(body, sizeof body,
		       "{\"details\":{\"kind\":\"exercise\",\"areas\":[{\"place\":\"48N 35E\",\"radius_m\":5000}],"
		       "\"to\":\"%s\"},\"uss\":\"area\"}",
		       until);
	const prl_client_entry entry = { .kind = "notice.filed", .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	while (filed_count < MOST && !prl_client_file(desk, &entry, &done, &err)) {
		const prl_uuid id = prl_notice_constraint_id(&done.hash);
		prl_uuid_write(&id, filed[filed_count]);
		atomic_fetch_add(&filed_count, 1);
	}
	return NULL;
}

/* ---- the service ------------------------------------------------------------------------------------------------- */

static size_t swallow(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes, (void)context;
	return size * count;
}

static void subscribe(void)
{
	char body[1000], line[PRL_MAX_TOKEN_BYTES + 40], url[200], *token = NULL;
	prl_error err;
	prl_dev_key *key = NULL;
	prl_dev_claims claims = { .subject = "uss1", .scope = "utm.constraint_processing", .seconds = 3600 };
	assert_int_equal(prl_dss_list_add(&claims.audiences, "localhost", &err), PRL_OK);
	assert_int_equal(prl_dev_key_open(us.node->folder, &key, &err), PRL_OK);
	assert_int_equal(prl_dev_key_mint(key, &claims, (prl_time)time(NULL) * PRL_SECOND, &token, &err), PRL_OK);
	prl_dev_key_free(key);
	(void)snprintf(line, sizeof line, "Authorization: Bearer %s", token);
	(void)snprintf(url, sizeof url, "%s/dss/v1/subscriptions/a0000000-0000-4000-8000-000000000001",
		       us.node->address);
	(void)snprintf(body, sizeof body,
		       "{\"extents\":{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":48,\"lng\":35},\"radius\":"
		       "{\"value\":20000,\"units\":\"M\"}}},\"time_end\":{\"value\":\"%s\",\"format\":\"RFC3339\"}},"
		       "\"uss_base_url\":\"%s\",\"notify_for_constraints\":true}",
		       until, uss_server_url(uss));
	CURL *curl = curl_easy_init();
	struct curl_slist *head = curl_slist_append(NULL, line);
	long status = 0;
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, head);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	assert_int_equal(status, 200);
	curl_easy_cleanup(curl);
	curl_slist_free_all(head);
	free(token);
}

/* The constraint that was told with an index; the same whenever it was told again. */
static char told[2 * MOST][PRL_UUID_TEXT_MAX];

static void read_told(void)
{
	uss_asked *all;
	size_t count = uss_server_asked(uss, &all);
	for (size_t i = 0; i < count; i++) {
		json_t *body = json_loads(all[i].body, 0, NULL);
		const char *id = json_string_value(json_object_get(body, "constraint_id"));
		const json_t *one = json_array_get(json_object_get(body, "subscriptions"), 0);
		json_int_t index = json_integer_value(json_object_get(one, "notification_index"));
		assert_true(id && index > 0 && index < 2 * MOST);
		assert_true(!*told[index] || strcmp(told[index], id) == 0);
		(void)snprintf(told[index], sizeof told[index], "%s", id);
		json_decref(body);
	}
	uss_asked_free(all, count);
}

static bool is_told(const char *id)
{
	for (size_t i = 1; i < 2 * MOST; i++)
		if (strcmp(told[i], id) == 0)
			return true;
	return false;
}

/* ---- the test ---------------------------------------------------------------------------------------------------- */

static prl_client *desk_of(void)
{
	prl_client *desk = nodes_desk(n, 0);
	assert_non_null(desk);
	return desk;
}

static size_t still_open(prl_client *desk)
{
	json_t *answer = nodes_get(desk, "/parley/v1/line/told");
	const json_t *one, *items = json_object_get(answer, "items");
	size_t i, count = 0;
	json_array_foreach(items, i, one) count += json_array_size(json_object_get(one, "open"));
	json_decref(answer);
	return count;
}

/* By snapshot and what came after it, or by every entry and what is kept beside it. */
static void start(bool replay)
{
	served_start(&us, replay ? OPTIONS " --replay" : OPTIONS);
	served_wait_open(&us);
}

static void killed_while_it_tells(void **state)
{
	(void)state;
	rnd random = rnd_case(rnd_seed("tell_kill"), 0);
	start(false);
	subscribe();
	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_t thread;
		prl_client *desk = desk_of();
		size_t until_filed = filed_count + 5 + rnd_below(&random, 30);
		size_t until_sent = uss_server_count(uss) + 1 + rnd_below(&random, 10);
		assert_int_equal(pthread_create(&thread, NULL, file_run, desk), 0);
		NODES_WAIT(atomic_load(&filed_count) >= until_filed && uss_server_count(uss) >= until_sent);
		served_kill(&us);
		(void)pthread_join(thread, NULL);
		prl_client_free(desk);
		start(round % 2 == 1);
	}
	prl_client *desk = desk_of();
	NODES_WAIT(still_open(desk) == 0);
	read_told();
	for (size_t i = 0; i < filed_count; i++)
		if (!is_told(filed[i]))
			fail_msg("%s was answered, and nobody was told of it", filed[i]);
	size_t last = 0;
	for (size_t i = 1; i < 2 * MOST; i++)
		last = *told[i] ? i : last;
	for (size_t i = 1; i <= last; i++)
		assert_true(*told[i]); /* indices rise by one */
	assert_true(last >= filed_count && last <= filed_count + ROUNDS);
	prl_client_free(desk);
	served_stop(&us);
}

static int set_up(void **state)
{
	(void)state;
	prl_time_format(((prl_time)time(NULL) + 3600) * PRL_SECOND, until);
	n = nodes_new("us", false);
	us.node = &n->nodes[0];
	uss = uss_server_new();
	uss_server_answer(uss, "POST /uss/v1/constraints", 204, "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_kill(&us);
	uss_server_free(uss);
	nodes_free(n);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(killed_while_it_tells) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
