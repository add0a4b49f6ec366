/* A thousand F3548 writers at once, each with a connection of its own: of those that write to one version one wins, and
 * a notification index rises by exactly one for each change that was made. */
#include "support/dss.h"

#include "http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#define WRITERS 1000u
#define URL     "\"uss_base_url\":\"https://uss1.example\""
#define WAIT_MS 60000

static dss_node *d;

/* Two ends of each connection, and what else there is. */
static int set_up(void **state)
{
	struct rlimit files;
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	if (files.rlim_max < 2 * WRITERS + 500)
		exit(77);
	files.rlim_cur = files.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	d = dss_new(false);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dss_free(d);
	return 0;
}

/* ---- a thousand connections -------------------------------------------------------------------------------------- */

typedef struct writer {
	int fd;
	unsigned status;
	char *body;
} writer;

static writer writers[WRITERS];

/* From two addresses: a node takes a thousand connections from one, and the test has some already. */
static int connect_from(unsigned last)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = from;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	from.sin_addr.s_addr = htonl(0x7f000000u + last);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)dss_nodes(d)->nodes[0].port);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static void send_as(writer *w, const char *who, const char *method, const char *path, const char *body)
{
	prl_buffer text = PRL_BUFFER(65536);
	prl_buffer_printf(&text,
			  "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
			  "Content-Length: %zu\r\n\r\n%s",
			  method, path, dss_token(d, who), strlen(body), body);
	assert_false(text.failed);
	assert_true(client_send(w->fd, text.data, text.size));
	prl_buffer_done(&text);
}

static void receive(writer *w)
{
	static reply got;
	client_read(w->fd, &got, WAIT_MS);
	close(w->fd);
	const char *body = strstr(got.text, "\r\n\r\n");
	w->status = got.first;
	w->body = strdup(body ? body + 4 : "");
	assert_non_null(w->body);
}

static void connect_all(void)
{
	for (size_t i = 0; i < WRITERS; i++)
		writers[i] = (writer){ .fd = connect_from(i % 2 ? 1 : 2) };
}

static void receive_all(void)
{
	for (size_t i = 0; i < WRITERS; i++)
		receive(&writers[i]);
}

static void done_all(void)
{
	for (size_t i = 0; i < WRITERS; i++)
		free(writers[i].body);
}

static size_t answers_of(unsigned status)
{
	size_t count = 0;
	for (size_t i = 0; i < WRITERS; i++)
		count += writers[i].status == status;
	return count;
}

/* ---- what they find ---------------------------------------------------------------------------------------------- */

static int64_t index_of(const char *id)
{
	char path[200];
	unsigned status;
	(void)snprintf(path, sizeof path, DSS_SUBSCRIPTION "%s", id);
	json_t *json = dss_ask(d, "uss2 SC", "GET", path, NULL, &status);
	assert_int_equal(status, 200);
	int64_t index =
		json_integer_value(json_object_get(json_object_get(json, "subscription"), "notification_index"));
	json_decref(json);
	return index;
}

static void subscribe(const char *id, const char *volume)
{
	char path[200], body[2000];
	unsigned status;
	(void)snprintf(path, sizeof path, DSS_SUBSCRIPTION "%s", id);
	(void)snprintf(body, sizeof body, "{\"extents\":%s," URL ",\"notify_for_operational_intents\":true}", volume);
	json_decref(dss_ask(d, "uss2 SC", "PUT", path, body, &status));
	assert_int_equal(status, 200);
}

#define BODY(v) "{\"extents\":[" v "],\"state\":\"Accepted\"," URL "}"

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* One creates it; of two managers, whoever came first. */
static void one_creates(void **state)
{
	(void)state;
	(void)dss_token(d, "uss1 SC");
	(void)dss_token(d, "uss3 SC");
	subscribe(U("0001"), DSS_V("1"));
	connect_all();
	for (size_t i = 0; i < WRITERS; i++)
		send_as(&writers[i], i % 2 ? "uss1 SC" : "uss3 SC", "PUT", DSS_INTENT U("0002"), BODY(DSS_V("1")));
	receive_all();
	assert_int_equal(answers_of(201), 1);
	assert_int_equal(answers_of(403), WRITERS / 2);
	assert_int_equal(answers_of(409), WRITERS / 2 - 1);
	assert_int_equal(index_of(U("0001")), 1);
	done_all();
}

static void ovn_of(const char *body, char ovn[130])
{
	json_t *json = json_loads(body, 0, NULL);
	const char *text =
		json_string_value(json_object_get(json_object_get(json, "operational_intent_reference"), "ovn"));
	assert_non_null(text);
	(void)snprintf(ovn, 130, "%s", text);
	json_decref(json);
}

static void winner_of(char ovn[130], json_int_t version)
{
	assert_int_equal(answers_of(200), 1);
	assert_int_equal(answers_of(409), WRITERS - 1);
	for (size_t i = 0; i < WRITERS; i++) {
		char text[40];
		if (writers[i].status != 200)
			continue;
		ovn_of(writers[i].body, ovn);
		(void)snprintf(text, sizeof text, "\"version\":%d,", (int)version);
		assert_non_null(strstr(writers[i].body, text));
	}
}

static void one_wins_each_version(void **state)
{
	(void)state;
	char ovn[130], path[300];
	unsigned status;
	subscribe(U("0011"), DSS_V("2"));
	json_t *json = dss_ask(d, "uss1 SC", "PUT", DSS_INTENT U("0012"), BODY(DSS_V("2")), &status);
	assert_int_equal(status, 201);
	char *text = json_dumps(json, 0);
	ovn_of(text, ovn);
	free(text);
	json_decref(json);
	for (json_int_t version = 2; version <= 4; version++) {
		(void)snprintf(path, sizeof path, DSS_INTENT U("0012") "/%s", ovn);
		connect_all();
		for (size_t i = 0; i < WRITERS; i++)
			send_as(&writers[i], "uss1 SC", "PUT", path, BODY(DSS_V("2")));
		receive_all();
		winner_of(ovn, version);
		assert_int_equal(index_of(U("0011")), version);
		done_all();
	}
}

/* The index that an answer states for the subscription; 0 where it is a query's. */
static size_t told_index(const char *body)
{
	const char *at = strstr(body, "\"notification_index\":");
	return at ? (size_t)atoi(at + strlen("\"notification_index\":")) : 0;
}

/* Intents one above the other under one subscription, with queries between them: nobody is told twice or skipped. */
static void every_change_counts(void **state)
{
	static bool seen[WRITERS + 1];
	(void)state;
	subscribe(U("0021"), DSS_V("3"));
	connect_all();
	for (size_t i = 0; i < WRITERS; i++) {
		char path[200], body[1000];
		if (i % 5 == 4) {
			send_as(&writers[i], "uss1 SC", "POST", DSS_INTENT "query",
				"{\"area_of_interest\":" DSS_V("3") "}");
			continue;
		}
		(void)snprintf(path, sizeof path, DSS_INTENT "b0000000-0000-4000-8000-%012zu", i);
		(void)snprintf(body, sizeof body,
			       "{\"extents\":[{\"volume\":{" DSS_CIRCLE(
				       "3", "100") ",\"altitude_lower\":{\"value\":%zu.1,"
						   "\"reference\":\"W84\",\"units\":\"M\"},\"altitude_upper\":{"
						   "\"value\":%zu.9,\"reference\":"
						   "\"W84\",\"units\":\"M\"}}," DSS_TIMES(
							   "13:00:00", "14:00:00") "}],"
										   "\"state\":\"Accepted\"," URL "}",
			       i, i);
		send_as(&writers[i], "uss1 SC", "PUT", path, body);
	}
	receive_all();
	assert_int_equal(answers_of(201), WRITERS / 5 * 4);
	assert_int_equal(answers_of(200), WRITERS / 5);
	for (size_t i = 0; i < WRITERS; i++) {
		size_t index = told_index(writers[i].body);
		if (writers[i].status != 201)
			continue;
		assert_true(index >= 1 && index <= WRITERS / 5 * 4);
		assert_false(seen[index]);
		seen[index] = true;
	}
	assert_int_equal(index_of(U("0021")), WRITERS / 5 * 4);
	done_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_creates),
		cmocka_unit_test(one_wins_each_version),
		cmocka_unit_test(every_change_counts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
