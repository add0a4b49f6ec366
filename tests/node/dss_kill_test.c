/* F3548 writers at a node that is killed with SIGKILL at any instant: every intent that was answered is there with its
 * OVN, and the notification index of the subscription over them is how many there are, no more and no less. */
#include "support/served.h"

#include "base/limits.h"
#include "base/text.h"
#include "node/dev_key.h"
#include "support/random.h"

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

#define WRITERS 6
#define ROUNDS  4
#define MOST    3000 /* intents of a writer */
#define SUB_ID  "a0000000-0000-4000-8000-000000000001"
#define CIRCLE  "\"outline_circle\":{\"center\":{\"lat\":48,\"lng\":35},\"radius\":{\"value\":100,\"units\":\"M\"}}"
#define METRES  "\"reference\":\"W84\",\"units\":\"M\"}"
#define URL     "\"uss_base_url\":\"https://uss1.example\""

static nodes_set *n;
static served us;
static char *token, times[300];

typedef struct writer {
	CURL *curl;
	struct curl_slist *fields;
	unsigned number;
	size_t sent; /* ids used up: of what was not answered nobody knows */
	size_t count;
	struct {
		char id[40], ovn[140];
	} kept[MOST];
	pthread_t thread;
} writer;
static writer writers[WRITERS];
static atomic_size_t answered;

/* ---- HTTP -------------------------------------------------------------------------------------------------------- */

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	return prl_buffer_append(context, bytes, size * count) ? size * count : 0;
}

/* 0 where no answer came. */
static unsigned ask(writer *w, const char *method, const char *path, const char *body, prl_buffer *ret)
{
	char url[400];
	long status = 0;
	(void)snprintf(url, sizeof url, "%s%s", us.node->address, path);
	prl_buffer_clear(ret);
	curl_easy_reset(w->curl);
	curl_easy_setopt(w->curl, CURLOPT_URL, url);
	curl_easy_setopt(w->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(w->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(w->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, w->fields);
	curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, ret);
	if (body)
		curl_easy_setopt(w->curl, CURLOPT_POSTFIELDS, body);
	if (curl_easy_perform(w->curl) != CURLE_OK)
		return 0;
	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
	return (unsigned)status;
}

static json_t *ask_json(writer *w, const char *method, const char *path, const char *body, unsigned expected)
{
	prl_buffer text = PRL_BUFFER(64u << 20);
	unsigned status = ask(w, method, path, body, &text);
	if (status != expected)
		fail_msg("%s %s: %u %s, expected %u", method, path, status, text.data ? text.data : "", expected);
	json_t *json = json_loadb(text.data, text.size, 0, NULL);
	assert_non_null(json);
	prl_buffer_done(&text);
	return json;
}

/* ---- writers ----------------------------------------------------------------------------------------------------- */

static void keep(writer *w, const char *id, const prl_buffer *text)
{
	json_t *json = json_loadb(text->data, text->size, 0, NULL);
	const char *ovn =
		json_string_value(json_object_get(json_object_get(json, "operational_intent_reference"), "ovn"));
	if (!ovn)
		abort();
	(void)snprintf(w->kept[w->count].id, sizeof w->kept->id, "%s", id);
	(void)snprintf(w->kept[w->count++].ovn, sizeof w->kept->ovn, "%s", ovn);
	json_decref(json);
	atomic_fetch_add(&answered, 1);
}

/* Intents at altitudes of their own, until the node is gone. */
static void *writer_run(void *context)
{
	writer *w = context;
	prl_buffer text = PRL_BUFFER(1u << 20);
	unsigned status = 201;
	while (status == 201 && w->count < MOST) {
		char id[40], path[100], body[1500];
		size_t at = w->sent++;
		(void)snprintf(id, sizeof id, "b%07x-0000-4000-8000-%012zx", w->number, at);
		(void)snprintf(path, sizeof path, "/dss/v1/operational_intent_references/%s", id);
		(void)snprintf(body, sizeof body,
			       "{\"extents\":[{\"volume\":{" CIRCLE ",\"altitude_lower\":{\"value\":%zu.2," METRES
			       ",\"altitude_upper\":{\"value\":%zu.8," METRES "},%s}],\"state\":\"Accepted\"," URL "}",
			       w->number * 10000 + at, w->number * 10000 + at, times);
		status = ask(w, "PUT", path, body, &text);
		if (status == 201)
			keep(w, id, &text);
		else if (status != 0)
			fprintf(stderr, "# %u %s\n", status, text.data ? text.data : "");
	}
	prl_buffer_done(&text);
	return (void *)(uintptr_t)status; /* 0: the node went away */
}

static void writers_start(void)
{
	for (size_t i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&writers[i].thread, NULL, writer_run, &writers[i]), 0);
}

static void writers_end(void)
{
	for (size_t i = 0; i < WRITERS; i++) {
		void *status;
		assert_int_equal(pthread_join(writers[i].thread, &status), 0);
		assert_true(!status || writers[i].count == MOST);
	}
}

/* ---- the node ---------------------------------------------------------------------------------------------------- */

static void subscribe(void)
{
	char body[1000];
	(void)snprintf(body, sizeof body,
		       "{\"extents\":{\"volume\":{" CIRCLE "},%s}," URL ",\"notify_for_operational_intents\":true}",
		       times);
	json_decref(ask_json(&writers[0], "PUT", "/dss/v1/subscriptions/" SUB_ID, body, 200));
}

static int set_up(void **state)
{
	(void)state;
	prl_error err;
	char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX], line[PRL_MAX_TOKEN_BYTES + 40];
	struct timespec t;
	n = nodes_new("us", false);
	us.node = &n->nodes[0];
	served_start(&us, "--dss-dev");
	served_wait_open(&us);
	(void)clock_gettime(CLOCK_REALTIME, &t);
	prl_time now = (prl_time)t.tv_sec * PRL_SECOND;
	prl_dev_key *key = NULL;
	prl_dev_claims claims = { .subject = "uss1", .scope = "utm.strategic_coordination", .seconds = 3600 };
	assert_int_equal(prl_dss_list_add(&claims.audiences, "localhost", &err), PRL_OK);
	assert_int_equal(prl_dev_key_open(us.node->folder, &key, &err), PRL_OK);
	assert_int_equal(prl_dev_key_mint(key, &claims, now, &token, &err), PRL_OK);
	prl_dev_key_free(key);
	prl_time_format(now, from);
	prl_time_format(now + 3600 * PRL_SECOND, to);
	(void)snprintf(times, sizeof times,
		       "\"time_start\":{\"value\":\"%s\",\"format\":\"RFC3339\"},"
		       "\"time_end\":{\"value\":\"%s\",\"format\":\"RFC3339\"}",
		       from, to);
	(void)snprintf(line, sizeof line, "Authorization: Bearer %s", token);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i].number = i;
		writers[i].curl = curl_easy_init();
		writers[i].fields = curl_slist_append(NULL, line);
		assert_true(writers[i].curl && writers[i].fields);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	served_stop(&us);
	for (unsigned i = 0; i < WRITERS; i++) {
		curl_easy_cleanup(writers[i].curl);
		curl_slist_free_all(writers[i].fields);
	}
	free(token);
	nodes_free(n);
	return 0;
}

/* ---- what is there ----------------------------------------------------------------------------------------------- */

static bool has(const json_t *references, const char *id, const char *ovn)
{
	size_t i;
	json_t *reference;
	json_array_foreach(references, i, reference)
	{
		if (strcmp(json_string_value(json_object_get(reference, "id")), id) == 0)
			return strcmp(json_string_value(json_object_get(reference, "ovn")), ovn) == 0;
	}
	return false;
}

static void look(void)
{
	json_t *found = ask_json(&writers[0], "POST", "/dss/v1/operational_intent_references/query",
				 "{\"area_of_interest\":{\"volume\":{" CIRCLE "}}}", 200),
	       *list = json_object_get(found, "operational_intent_references");
	json_t *shown = ask_json(&writers[0], "GET", "/dss/v1/subscriptions/" SUB_ID, NULL, 200);
	json_t *index = json_object_get(json_object_get(shown, "subscription"), "notification_index");
	assert_int_equal(json_integer_value(index), json_array_size(list));
	size_t sent = 0;
	for (size_t i = 0; i < WRITERS; i++) {
		sent += writers[i].sent;
		for (size_t k = 0; k < writers[i].count; k++)
			if (!has(list, writers[i].kept[k].id, writers[i].kept[k].ovn))
				fail_msg("%s was answered and is not there as it was", writers[i].kept[k].id);
	}
	assert_true(json_array_size(list) >= atomic_load(&answered) && json_array_size(list) <= sent);
	json_decref(found);
	json_decref(shown);
}

static void killed_at_any_instant(void **state)
{
	(void)state;
	rnd random = rnd_case(rnd_seed("dss_kill"), 0);
	subscribe();
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t until = atomic_load(&answered) + 20 + rnd_below(&random, 100);
		writers_start();
		NODES_WAIT(atomic_load(&answered) >= until);
		served_kill(&us);
		writers_end();
		served_start(&us, "--dss-dev");
		served_wait_open(&us);
		look();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(killed_at_any_instant) };
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
