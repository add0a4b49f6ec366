/* Lists of the F3548 interface: a subscription over 20,000 intents is answered with all of them, as they stood when it
 * was made, and the clerk looks at a few hundred; what finds too many is refused; so is what comes when the clerk's
 * queue is full, with the time after which to come again. What the clerk has looked at is counted; no clock is. */
#include "node/dss_lists.h"

#include "base/text.h"
#include "support/dss.h"
#include "support/uss.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define US     "us.example/line"
#define NOW    (INT64_C(1474117200) * PRL_SECOND) /* 2016-09-17T13:00:00Z */
#define MINUTE (60 * PRL_SECOND)

/* ---- at the clerk ------------------------------------------------------------------------------------------------ */

typedef struct fixture {
	line *l;
	test_node node;
	rnd ids;
} fixture;

static int set_up(void **state)
{
	fixture *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US, NULL);
	test_node_make(&f->node, f->l, US);
	f->node.dss = true;
	f->node.now = NOW;
	test_node_start(&f->node, true);
	f->node.now = NOW;
	f->ids = rnd_case(1, 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	fixture *f = *state;
	test_node_remove(&f->node);
	line_free(f->l);
	free(f);
	return 0;
}

static prl_uuid new_id(fixture *f)
{
	prl_uuid id;
	for (size_t i = 0; i < sizeof id.bytes; i++)
		id.bytes[i] = (uint8_t)rnd_below(&f->ids, 256);
	id.bytes[6] = (uint8_t)(0x40 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}

/* None of them meets another: 5 m round, 20 m apart. */
static uss_request *intent_of(fixture *f, unsigned i)
{
	prl_uuid id = new_id(f);
	uss_place place = { 46.8 + i % 200 * 0.0002, 7.3 + i / 200 * 0.0003, 5, 400, 500, NOW, NOW + 60 * MINUTE };
	uss_request *q = uss_request_new(PRL_DSS_PUT_INTENT, "uss1", &id, &place);
	q->request.state = PRL_ACCEPTED;
	q->request.now = NOW;
	return q;
}

static uss_request *subscription_of(fixture *f)
{
	prl_uuid id = new_id(f);
	uss_place place = { 46.82, 7.32, 20000, 0, 1000, NOW, NOW + 60 * MINUTE };
	uss_request *q = uss_request_new(PRL_DSS_PUT_SUBSCRIPTION, "uss2", &id, &place);
	q->request.for_intents = true;
	q->request.now = NOW;
	return q;
}

/* Filings that are under way together. */
typedef struct posted {
	prl_filing filing;
	uss_request *q;
	fixture *f;
	struct flight *in;
	size_t listed; /* of a long list: references in it */
} posted;

typedef struct flight {
	pthread_mutex_t lock;
	pthread_cond_t all;
	size_t left;
} flight;

static size_t count_in(const prl_buffer *answer)
{
	json_t *json = json_loadb(answer->data, answer->size, 0, NULL);
	assert_non_null(json);
	size_t count = json_array_size(json_object_get(json, "operational_intent_references"));
	json_decref(json);
	return count;
}

/* On the committer's thread, as the interface does it: the version is pinned then. */
static void on_decided(prl_filing *filing)
{
	posted *p = (posted *)filing;
	prl_error err;
	if (!filing->status && filing->dss_later) {
		prl_look look = prl_registry_pin(p->f->node.registry);
		prl_buffer_done(&filing->dss_answer);
		filing->dss_answer = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
		assert_int_equal(prl_dss_answer_later(&look, filing->dss, &filing->dss_answer, &err), PRL_OK);
		prl_registry_unpin(&look);
		p->listed = count_in(&filing->dss_answer);
	}
	(void)pthread_mutex_lock(&p->in->lock);
	p->in->left--;
	(void)pthread_cond_signal(&p->in->all);
	(void)pthread_mutex_unlock(&p->in->lock);
}

static void submit_all(fixture *f, posted *all, size_t count)
{
	flight in = { .lock = PTHREAD_MUTEX_INITIALIZER, .all = PTHREAD_COND_INITIALIZER, .left = count };
	for (size_t i = 0; i < count; i++) {
		all[i].filing = (prl_filing){ .what = PRL_FILING_DSS, .dss = &all[i].q->request, .done = on_decided };
		all[i].f = f;
		all[i].in = &in;
		prl_clerk_submit(f->node.clerk, &all[i].filing);
	}
	(void)pthread_mutex_lock(&in.lock);
	while (in.left)
		(void)pthread_cond_wait(&in.all, &in.lock);
	(void)pthread_mutex_unlock(&in.lock);
}

static void forget(posted *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uss_request_free(all[i].q);
		prl_buffer_done(&all[i].filing.dss_answer);
	}
}

#define PART 500u

static void create(fixture *f, unsigned from, unsigned count)
{
	posted *all = calloc(PART, sizeof *all);
	assert_non_null(all);
	for (unsigned done = 0; done < count; done += PART) {
		unsigned part = count - done < PART ? count - done : PART;
		for (unsigned i = 0; i < part; i++)
			all[i].q = intent_of(f, from + done + i);
		submit_all(f, all, part);
		for (unsigned i = 0; i < part; i++)
			if (all[i].filing.dss_status != 201)
				fail_msg("%u: %s", all[i].filing.dss_status, all[i].filing.dss_why);
		forget(all, part);
	}
	free(all);
}

#define MANY 20000u

static void many_are_listed_elsewhere(void **state)
{
	fixture *f = *state;
	create(f, 0, MANY);
	posted one = { .q = subscription_of(f) };
	uint64_t before = prl_registry_read_figures(f->node.registry).looked_at;
	submit_all(f, &one, 1);
	uint64_t looked = prl_registry_read_figures(f->node.registry).looked_at - before;
	print_message("# %zu references, %llu of them looked at by the clerk\n", one.listed,
		      (unsigned long long)looked);
	assert_int_equal(one.filing.dss_status, 200);
	assert_true(one.filing.dss_later);
	assert_int_equal(one.listed, MANY);
	assert_true(looked <= PRL_DSS_LISTED_AT_ONCE);
	forget(&one, 1);
}

/* A short list the clerk makes itself, as it is: no batch ends for it. */
static void few_are_listed_at_once(void **state)
{
	fixture *f = *state;
	create(f, 0, PRL_DSS_LISTED_AT_ONCE);
	posted one = { .q = subscription_of(f) };
	submit_all(f, &one, 1);
	assert_false(one.filing.dss_later);
	assert_int_equal(one.filing.dss_status, 200);
	assert_int_equal(count_in(&one.filing.dss_answer), PRL_DSS_LISTED_AT_ONCE);
	forget(&one, 1);
}

/* Creates before it in the same batch are in the list, and none of those behind it, which do not wait for it. */
static void as_it_stood(void **state)
{
	fixture *f = *state;
	enum { BEFORE = 300, AROUND = 40, ALL = 2 * AROUND + 1 };
	create(f, 0, BEFORE);
	for (unsigned round = 0; round < 10; round++) {
		unsigned from = BEFORE + round * 2 * AROUND;
		posted *all = calloc(ALL, sizeof *all);
		assert_non_null(all);
		for (unsigned i = 0; i < ALL; i++)
			all[i].q = i == AROUND ? subscription_of(f) : intent_of(f, from + i - (i > AROUND));
		submit_all(f, all, ALL);
		for (unsigned i = 0; i < ALL; i++)
			assert_int_equal(all[i].filing.dss_status, i == AROUND ? 200 : 201);
		assert_true(all[AROUND].filing.dss_later);
		assert_int_equal(all[AROUND].listed, from + AROUND);
		forget(all, ALL);
		free(all);
	}
}

/* ---- over HTTP --------------------------------------------------------------------------------------------------- */

#define URL      "\"uss_base_url\":\"https://uss1.example\""
#define OI(lat)  "{\"extents\":[" DSS_V(lat) "],\"state\":\"Accepted\"," URL "}"
#define SUB(lat) "{\"extents\":" DSS_V(lat) "," URL ",\"notify_for_operational_intents\":true}"
#define ALL_OF   DSS_VOLUME("48.02", "20000", "0", "1000", "13:00:00", "14:00:00")
#define ASK      "{\"area_of_interest\":" ALL_OF "}"

static void restart_with(dss_node *d, const char *dss, size_t queue_max)
{
	char path[400];
	nodes_node *us = &dss_nodes(d)->nodes[0];
	(void)snprintf(path, sizeof path, "%s/node.json", us->folder);
	dss_stop(d);
	us->queue_max = queue_max;
	json_t *settings = json_load_file(path, 0, NULL), *one = dss ? json_loads(dss, 0, NULL) : NULL;
	settings = settings ? settings : json_object();
	if (one)
		assert_int_equal(json_object_set_new(settings, "dss", one), 0);
	assert_int_equal(json_dump_file(settings, path, 0), 0);
	json_decref(settings);
	dss_start(d);
}

/* As many as may be are shown, one more is refused: queries 400, of subscriptions 413, a subscription 400. */
static void too_many(void **state)
{
	static const dss_step three[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0001"), OI("48.00"), 201, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0002"), OI("48.01"), 201, NULL },
		{ "uss1 SC", "PUT", DSS_INTENT U("0003"), OI("48.02"), 201, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0101"), SUB("48.00"), 200, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0102"), SUB("48.01"), 200, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0103"), SUB("48.02"), 200, NULL },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK, 200, NULL },
		{ "uss1 SC", "POST", DSS_SUBSCRIPTION "query", ASK, 200, NULL },
		{ "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0104"),
		  "{\"extents\":" ALL_OF "," URL ",\"notify_for_operational_intents\":true}", 200, NULL },
	};
	static const dss_step four[] = {
		{ "uss1 SC", "PUT", DSS_INTENT U("0004"), OI("48.03"), 201, NULL },
		{ "uss1 SC", "PUT", DSS_SUBSCRIPTION U("0105"), SUB("48.03"), 200, NULL },
		{ "uss1 SC", "POST", DSS_INTENT "query", ASK, 400,
		  "!4 objects were found, at most 3 are shown: ask for a smaller area, band of altitude or time" },
		{ "uss1 SC", "POST", DSS_SUBSCRIPTION "query", ASK, 413,
		  "!4 objects were found, at most 3 are shown: ask for a smaller area, band of altitude or time" },
		{ "uss2 SC", "POST", DSS_SUBSCRIPTION "query", ASK, 200, NULL }, /* those of others do not count */
		{ "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0106"),
		  "{\"extents\":" ALL_OF "," URL ",\"notify_for_operational_intents\":true}", 400,
		  "!the subscription meets 4 operational_intent_references, at most 3 are shown: ask for a smaller "
		  "area "
		  "or time" },
		{ "uss2 SC", "GET", DSS_SUBSCRIPTION U("0106"), NULL, 404, "!nothing of this kind has this id" },
		{ "uss2 CP", "PUT", DSS_SUBSCRIPTION U("0106"),
		  "{\"extents\":" ALL_OF "," URL ",\"notify_for_constraints\":true}", 200, NULL },
	};
	(void)state;
	dss_node *d = dss_new(false);
	restart_with(d, "{\"found_max\": 3}", 0);
	DSS_RUN(d, three);
	DSS_RUN(d, four);
	dss_free(d);
}

/* A long list over HTTP is what a query finds. */
static void a_long_list(void **state)
{
	enum { COUNT = PRL_DSS_LISTED_AT_ONCE + 20 };
	(void)state;
	dss_node *d = dss_new(false);
	char path[120], body[600];
	unsigned status;
	for (unsigned i = 0; i < COUNT; i++) {
		(void)snprintf(path, sizeof path, DSS_INTENT "a0000000-0000-4000-8000-%012u", i);
		(void)snprintf(
			body, sizeof body,
			"{\"extents\":[{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":48,\"lng\":35},\"radius\":"
			"{\"value\":100,\"units\":\"M\"}},\"altitude_lower\":" DSS_ALTITUDE(
				"%u") ",\"altitude_upper\":" DSS_ALTITUDE("%u.5") "}," DSS_TIMES("13:00:00",
												 "14:00:00") "}],"
													     "\"state\""
													     ":\"Accept"
													     "ed\"," URL
													     "}",
			i, i);
		json_decref(dss_ask(d, "uss1 SC", "PUT", path, body, &status));
		assert_int_equal(status, 201);
	}
	json_t *made = dss_ask(d, "uss2 SC", "PUT", DSS_SUBSCRIPTION U("0001"), SUB("48"), &status);
	assert_int_equal(status, 200);
	json_t *found = dss_ask(
		d, "uss2 SC", "POST", DSS_INTENT "query",
		"{\"area_of_interest\":" DSS_VOLUME("48", "100", "0", "1000", "13:00:00", "14:00:00") "}", &status);
	assert_int_equal(status, 200);
	assert_int_equal(json_array_size(json_object_get(made, "operational_intent_references")), COUNT);
	assert_true(json_equal(json_object_get(made, "operational_intent_references"),
			       json_object_get(found, "operational_intent_references")));
	json_decref(made);
	json_decref(found);
	json_t *got = dss_ask(d, "uss2 SC", "GET", DSS_SUBSCRIPTION U("0001"), NULL, &status);
	assert_int_equal(status, 200);
	json_decref(got);
	dss_free(d);
}

/* ---- a full queue ------------------------------------------------------------------------------------------------ */

#define WRITERS 8

typedef struct writer {
	const char *address, *token;
	unsigned number;
	atomic_bool *seen; /* somebody was told to come again */
	unsigned created, refused;
	bool good;
	pthread_t thread;
} writer;

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
	prl_buffer *to = context;
	return prl_buffer_append(to, bytes, size * count) ? size * count : 0;
}

static bool refusal_is_good(const prl_buffer *head, const prl_buffer *body)
{
	json_t *json = json_loadb(body->data, body->size, 0, NULL);
	const char *text = json_string_value(json_object_get(json, "error_message"));
	bool good = text && strstr(text, "try again") && strstr(text, "(E:") &&
		    strcasestr(head->data, "Retry-After: 1") &&
		    strcasestr(head->data, "Content-Type: application/json; charset=utf-8");
	if (!good)
		print_message("# %s\n%s\n", head->data, body->data);
	json_decref(json);
	return good;
}

static long put_one(writer *w, CURL *curl, unsigned i, prl_buffer *head, prl_buffer *body)
{
	char url[200];
	long status = 0;
	(void)snprintf(url, sizeof url, "%s" DSS_INTENT "a0000000-0000-4000-8%03u-%012u", w->address, w->number, i);
	prl_buffer_clear(head);
	prl_buffer_clear(body);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	assert_int_equal(curl_easy_perform(curl), CURLE_OK);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)prl_buffer_append(head, "", 1);
	(void)prl_buffer_append(body, "", 1);
	head->size--;
	body->size--;
	return status;
}

/* All at one place: of most the key check says what it misses, which is an answer like any other. */
static void *write_on(void *context)
{
	writer *w = context;
	prl_buffer head = PRL_BUFFER(65536), body = PRL_BUFFER(1u << 20);
	char authorization[4000];
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;
	(void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", w->token);
	headers = curl_slist_append(headers, authorization);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, OI("48"));
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_bytes);
	(void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);
	w->good = true;
	for (unsigned i = 0; i < 20000 && !atomic_load(w->seen) && w->good; i++) {
		long status = put_one(w, curl, i, &head, &body);
		w->created += status == 201 || status == 409;
		w->refused += status == 503;
		if (status == 503)
			w->good = refusal_is_good(&head, &body);
		else
			w->good = status == 201 || status == 409;
		if (status == 503)
			atomic_store(w->seen, true);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	prl_buffer_done(&head);
	prl_buffer_done(&body);
	return NULL;
}

/* A queue of one, and eight who write until one of them is told: 503, Retry-After, and why. Then it goes on. */
static void a_full_queue(void **state)
{
	(void)state;
	dss_node *d = dss_new(false);
	restart_with(d, NULL, 1);
	atomic_bool seen = false;
	writer writers[WRITERS];
	char address[100];
	unsigned status;
	(void)snprintf(address, sizeof address, "http://127.0.0.1:%u", dss_nodes(d)->nodes[0].port);
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (writer){
			.address = address, .token = dss_token(d, "uss1 SC CMSA"), .number = i, .seen = &seen
		};
		assert_int_equal(pthread_create(&writers[i].thread, NULL, write_on, &writers[i]), 0);
	}
	for (unsigned i = 0; i < WRITERS; i++) {
		(void)pthread_join(writers[i].thread, NULL);
		assert_true(writers[i].good);
	}
	assert_true(atomic_load(&seen));
	json_decref(dss_ask(d, "uss1 SC", "PUT", DSS_INTENT U("0001"), OI("49"), &status));
	assert_int_equal(status, 201);
	dss_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_are_listed_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(few_are_listed_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(as_it_stood, set_up, tear_down),
		cmocka_unit_test(too_many),
		cmocka_unit_test(a_long_list),
		cmocka_unit_test(a_full_queue),
	};
	return cmocka_run_group_tests_name("lists of the F3548 interface", tests, NULL, NULL);
}
