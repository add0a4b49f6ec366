/* Routes, bodies, callers, answers now and later, stopping: against a running server. */
#include "http_client.h"

#include "base/error.h"
#include "base/text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

static prl_http *http;

/* ---- handlers ---------------------------------------------------------------------------------------------------- */

static void echo_parts(void *node, prl_request *request)
{
	(void)node;
	static const char *const queries[] = { "from", "to", NULL };
	if (!prl_request_queries_only(request, queries))
		return;
	prl_bytes part = prl_request_part(request, "part"), rest = prl_request_part(request, "rest"),
		  from = prl_request_query(request, "from"), to = prl_request_query(request, "to"),
		  none = prl_request_part(request, "nothing"), field = prl_request_header(request, "x-field");
	assert_int_equal(none.size, 0);
	prl_buffer text = PRL_BUFFER(4096);
	prl_buffer_printf(&text, "part=%.*s rest=%.*s from=%.*s to=%s field=%.*s", (int)part.size, part.data,
			  (int)rest.size, rest.data, (int)from.size, from.data ? from.data : "",
			  to.data ? "there" : "none", (int)field.size, field.data ? field.data : "");
	prl_answer_header(request, "X-Good", "yes");
	prl_answer_header(request, "X-Bad", "a\r\nX-Injected: b");
	prl_answer_bytes(request, 200, "text/plain", text.data, text.size);
	prl_answer_bytes(request, 500, "text/plain", "twice", 5);
	prl_buffer_done(&text);
}

static void echo_body(void *node, prl_request *request)
{
	(void)node;
	prl_bytes body = prl_request_body(request);
	prl_answer_bytes(request, 201, "application/octet-stream", body.data, body.size);
}

static void give_error(void *node, prl_request *request)
{
	(void)node;
	prl_error err = { 0 };
	(void)prl_error_set(&err, PRL_E_STALE, "it was \xff changed");
	(void)prl_error_at(&err, PRL_E_STALE, "volume 2");
	prl_answer_error(request, &err);
}

static void give_json(void *node, prl_request *request)
{
	(void)node;
	prl_answer_json(request, 200, json_pack("{s:f,s:s}", "number", 0.1, "text", "é"));
}

static void give_nothing(void *node, prl_request *request)
{
	(void)node;
	(void)request;
}

static void give_much(void *node, prl_request *request)
{
	(void)node;
	size_t size = 5u << 20;
	char *bytes = prl_arena_alloc(prl_request_arena(request), size, 1);
	assert_non_null(bytes);
	memset(bytes, 'm', size);
	prl_answer_bytes(request, 200, "text/plain", bytes, size);
}

static void nothing_here(void *node, prl_request *request)
{
	(void)node;
	prl_answer_bytes(request, 404, "text/plain", "nothing here", 12);
}

static void who_are_you(void *node, prl_request *request)
{
	(void)node;
	prl_answer_bytes(request, 200, "text/plain", prl_request_caller(request)->name,
			 strlen(prl_request_caller(request)->name));
}

/* Taken requests wait in a list until a thread or the test answers them. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more_taken = PTHREAD_COND_INITIALIZER;
static prl_request *taken[4096];
static size_t taken_count;
static bool answerer_ends;

static void take(void *node, prl_request *request)
{
	(void)node;
	prl_request_take(request);
	pthread_mutex_lock(&lock);
	taken[taken_count++] = request;
	pthread_cond_broadcast(&more_taken);
	pthread_mutex_unlock(&lock);
}

/* Answered before the handler returns, by itself. */
static void take_and_answer(void *node, prl_request *request)
{
	(void)node;
	prl_request_take(request);
	prl_answer_bytes(request, 200, "text/plain", "early", 5);
}

static prl_request *take_one(void)
{
	pthread_mutex_lock(&lock);
	while (!taken_count && !answerer_ends)
		pthread_cond_wait(&more_taken, &lock);
	prl_request *request = taken_count ? taken[--taken_count] : NULL;
	pthread_mutex_unlock(&lock);
	return request;
}

static void answer_with_body(prl_request *request)
{
	prl_bytes body = prl_request_body(request);
	prl_answer_bytes(request, 200, "text/plain", body.data, body.size);
}

/* Answered while the handler has not yet returned, by another thread. */
static void take_and_linger(void *node, prl_request *request)
{
	take(node, request);
	usleep(2000);
}

static bool who(void *node, prl_bytes token, const prl_hash *key, prl_caller *ret)
{
	(void)node;
	assert_null(key);
	*ret = (prl_caller){ 0 };
	if (token.size == 0)
		return true;
	ret->kind = prl_bytes_is(token, "program") ? PRL_CALLER_PROGRAM : PRL_CALLER_KEY;
	snprintf(ret->name, sizeof ret->name, "%.*s", (int)token.size, token.data);
	return !prl_bytes_is(token, "bad");
}

static const prl_route routes[] = {
	{ "GET", "/", PRL_MAY_ANYBODY, 0, NULL, give_json },
	{ "GET", "/parts/{part}", PRL_MAY_ANYBODY, 0, NULL, echo_parts },
	{ "GET", "/rest/{part}/{rest*}", PRL_MAY_ANYBODY, 0, NULL, echo_parts },
	{ "POST", "/body", PRL_MAY_ANYBODY, 100000, "application/json", echo_body },
	{ "PUT", "/body", PRL_MAY_ANYBODY, 10, NULL, echo_body },
	{ "POST", "/nobody", PRL_MAY_ANYBODY, 0, NULL, echo_body },
	{ "GET", "/error", PRL_MAY_ANYBODY, 0, NULL, give_error },
	{ "GET", "/nothing", PRL_MAY_ANYBODY, 0, NULL, give_nothing },
	{ "GET", "/much", PRL_MAY_ANYBODY, 0, NULL, give_much },
	{ "GET", "/who", PRL_MAY_KEY | PRL_MAY_PEER, 0, NULL, who_are_you },
	{ "POST", "/take", PRL_MAY_ANYBODY, 1000, NULL, take },
	{ "GET", "/take-now", PRL_MAY_ANYBODY, 0, NULL, take_and_answer },
	{ "POST", "/linger", PRL_MAY_ANYBODY, 1000, NULL, take_and_linger },
	{ "GET", "/open/{part?}/x/{rest?}", PRL_MAY_ANYBODY, 0, NULL, echo_parts },
	{ "PUT", "/open/patient", PRL_MAY_ANYBODY | PRL_MAY_PATIENT, 10, NULL, echo_body },
	{ "*", "/open/{rest*}", PRL_MAY_ANYBODY, 1000, NULL, nothing_here },
};

static prl_http_options options(void)
{
	return (prl_http_options){ .listen = "127.0.0.1:0",
				   .routes = routes,
				   .route_count = sizeof routes / sizeof *routes,
				   .threads = 2,
				   .who = who };
}

static int start(void **state)
{
	(void)state;
	taken_count = 0;
	answerer_ends = false;
	prl_http_options with = options();
	return prl_http_start(&with, &http, NULL) != PRL_OK;
}

static int stop(void **state)
{
	(void)state;
	prl_http_stop(http);
	return 0;
}

/* One request on a connection of its own, which ends with it. */
static void ask(reply *ret, const char *format, ...) PRL_PRINTF(2, 3);
static void ask(reply *ret, const char *format, ...)
{
	char bytes[4096];
	va_list args;
	va_start(args, format);
	int size = vsnprintf(bytes, sizeof bytes, format, args);
	va_end(args);
	exchange(prl_http_port(http), bytes, (size_t)size, 3000, ret);
}

#define END "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"

static const char *body_of(const reply *got)
{
	const char *end = strstr(got->text, "\r\n\r\n");
	return end ? end + 4 : "";
}

/* ---- routes ------------------------------------------------------------------------------------------------------ */

static void parts_are_decoded(void **state)
{
	(void)state;
	reply got;
	ask(&got, "GET /parts/us-ops%%2Fconsole-2?to=&from=a%%26b+c%%2b " END "X-Field:  some text \r\n\r\n");
	assert_string_equal(body_of(&got), "part=us-ops/console-2 rest= from=a&b c+ to=there field=some text");
	assert_non_null(strstr(got.text, "\r\nX-Good: yes\r\n"));
	assert_null(strstr(got.text, "X-Injected"));
	ask(&got, "GET /%%70arts/%%C3%%A9 " END "\r\n");
	assert_string_equal(body_of(&got), "part=é rest= from= to=none field=");
	ask(&got, "GET /rest/a%%2Fb/x001/x23%%34/567.p/1?from=..%%2f " END "\r\n");
	assert_string_equal(body_of(&got), "part=a/b rest=x001/x234/567.p/1 from=../ to=none field=");
	ask(&got, "GET /rest/a/ " END "\r\n");
	assert_string_equal(body_of(&got), "part=a rest= from= to=none field=");
}

static void expect_status(const char *line, unsigned status)
{
	reply got;
	ask(&got, "%s " END "\r\n", line);
	if (got.first != status)
		printf("# %s: %s\n", line, got.text);
	assert_int_equal(got.first, status);
	assert_true(status < 400 || strstr(got.text, "{\"error\":\""));
}

static void paths_are_not_normalised(void **state)
{
	(void)state;
	static const char *const missing[] = { "GET /parts",     "GET /parts/",   "GET //parts/a", "GET /parts/a/",
					       "GET /PARTS/a",   "GET /rest/a",   "GET /rest//a",  "GET /parts/a;b/c",
					       "GET /parts%2Fa", "GET /parts//a", "GET /rest" };
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
		expect_status(missing[i], 404);
	static const char *const wrong[] = { "GET /rest/a/b//c",    "GET /rest/a/b%2Fc", "GET /rest/a/b%5cc",
					     "GET /rest/a//b",      "GET /rest/a/b/",    "GET /rest/a/%2e%2e/b",
					     "GET /parts/a?from=%", "GET /parts/..",     "GET /parts/../body" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		expect_status(wrong[i], 400);
	expect_status("GET /", 200);
	expect_status("GET /?", 200);
}

static void methods_are_told(void **state)
{
	(void)state;
	reply got;
	static const char *const methods[] = { "OPTIONS", "TRACE", "DELETE", "PATCH", "get", "GET", "CONNECT" };
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		ask(&got, "%s /body " END "\r\n", methods[i]);
		assert_int_equal(got.first, 405);
		assert_non_null(strstr(got.text, "\r\nAllow: POST, PUT\r\n"));
	}
	ask(&got, "POST /parts/a " END "\r\n");
	assert_int_equal(got.first, 405);
	assert_non_null(strstr(got.text, "\r\nAllow: GET, HEAD\r\n"));
	expect_status("OPTIONS /none", 404);
	ask(&got, "HEAD /parts/a " END "\r\n");
	assert_int_equal(got.first, 200);
	assert_string_equal(body_of(&got), "");
	assert_non_null(strstr(got.text, "\r\nContent-Length: 33\r\n"));
}

static void parts_may_be_empty(void **state)
{
	(void)state;
	static const struct {
		const char *path, *body;
	} paths[] = { { "/open/a/x/b", "part=a rest=b" },
		      { "/open/a/x/", "part=a rest= " },
		      { "/open//x/b", "part= rest=b" },
		      { "/open//x/", "part= rest= " } };
	reply got;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		ask(&got, "GET %s " END "\r\n", paths[i].path);
		assert_int_equal(got.first, 200);
		if (strncmp(body_of(&got), paths[i].body, strlen(paths[i].body)) != 0)
			fail_msg("%s: %s", paths[i].path, body_of(&got));
	}
}

/* What a route for any method takes it answers itself, empty segments and all. */
static void any_method_is_a_method(void **state)
{
	(void)state;
	static const char *const lines[] = { "POST /open/a/x/b", "DELETE /open/a/x/", "PATCH /open/",
					     "GET /open/a//b",   "OPTIONS /open/%2F", "GET /open/a/x" };
	reply got;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		ask(&got, "%s " END "\r\n", lines[i]);
		assert_int_equal(got.first, 404);
		assert_string_equal(body_of(&got), "nothing here");
	}
	expect_status("PUT /open", 404);
}

static void unknown_arguments_are_named(void **state)
{
	(void)state;
	reply got;
	ask(&got, "GET /parts/a?from=1&form=2 " END "\r\n");
	assert_int_equal(got.first, 400);
	assert_string_equal(
		body_of(&got),
		"{\"error\":\"syntax\",\"text\":\"the query argument \\\"form\\\" is not known here\",\"where\":\"\"}");
}

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

static unsigned post(const char *type, size_t size, reply *ret)
{
	static char body[200000];
	memset(body, 'b', sizeof body);
	char head[400];
	int length = snprintf(head, sizeof head, "POST /body " END "%sContent-Length: %zu\r\n\r\n", type, size);
	int fd = client_connect(prl_http_port(http));
	(void)client_send(fd, head, (size_t)length);
	(void)client_send(fd, body, size);
	client_read(fd, ret, 3000);
	close(fd);
	return ret->first;
}

static void bodies_have_a_type(void **state)
{
	(void)state;
	static const char *const right[] = { "application/json", "Application/JSON; charset=utf-8",
					     "application/json;charset=\"UTF-8\"", "application/json ; charset=utf-8" };
	static const char *const wrong[] = { "",
					     "text/plain",
					     "application/jsonx",
					     "application/json, text/plain",
					     "application/json; charset=latin1",
					     "application/json;",
					     "application/json; charset=utf-8; a=b",
					     "application/json; version=1" };
	reply got;
	char field[100];
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		snprintf(field, sizeof field, "Content-Type: %s\r\n", right[i]);
		assert_int_equal(post(field, 10, &got), 201);
		assert_string_equal(body_of(&got), "bbbbbbbbbb");
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(field, sizeof field, "Content-Type: %s\r\n", wrong[i]);
		assert_int_equal(post(field, 10, &got), 415);
	}
	assert_int_equal(post("", 10, &got), 415);
	assert_int_equal(post("", 0, &got), 201);
}

static void bodies_have_a_maximum(void **state)
{
	(void)state;
	reply got;
	static const char type[] = "Content-Type: application/json\r\n";
	assert_int_equal(post(type, 65000, &got), 201);
	assert_int_equal(post(type, 100001, &got), 413);
	/* at once: nothing of the body is sent */
	int64_t from = milliseconds();
	ask(&got, "POST /body " END "%sContent-Length: 100001\r\n\r\n", type);
	assert_int_equal(got.first, 413);
	ask(&got, "POST /body " END "%sContent-Length: 18446744073709551615\r\n\r\n", type);
	assert_int_equal(got.first, 413);
	ask(&got, "GET / " END "Content-Length: 1\r\n\r\n");
	assert_int_equal(got.first, 413);
	ask(&got, "POST /nobody " END "Transfer-Encoding: chunked\r\n\r\n");
	assert_int_equal(got.first, 413);
	assert_true(got.closed);
	assert_true(milliseconds() - from < 2000);
}

static void chunked_bodies_have_a_maximum(void **state)
{
	(void)state;
	reply got;
	ask(&got,
	    "PUT /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n6\r\nefghij\r\n0\r\n\r\n");
	assert_int_equal(got.first, 201);
	assert_string_equal(body_of(&got), "abcdefghij");
	ask(&got, "PUT /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n7\r\nefghijk\r\n");
	assert_int_equal(got.first, 413);
	assert_true(got.closed);
	assert_non_null(strstr(body_of(&got), "\"error\":\"too_large\""));
}

#define TOO_LARGE "the body is larger than 10 bytes\n"

/* The whole body is taken before the answer, which therefore arrives; the connection lives on. */
static void patient_routes_read_on(void **state)
{
	(void)state;
	static char body[5u << 20];
	reply got;
	memset(body, 'b', sizeof body);
	char head[200];
	int length = snprintf(head, sizeof head, "PUT /open/patient HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
			      sizeof body);
	static const char last[] = "GET /parts/last " END "\r\n";
	int fd = client_connect(prl_http_port(http));
	assert_true(client_send(fd, head, (size_t)length) && client_send(fd, body, sizeof body));
	assert_true(client_send(fd, last, sizeof last - 1));
	client_read(fd, &got, 60000);
	close(fd);
	assert_int_equal(got.first, 413);
	assert_non_null(strstr(got.text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	assert_non_null(strstr(got.text, "\r\n\r\n" TOO_LARGE "HTTP/1.1 200 "));
	assert_non_null(strstr(got.text, "part=last "));
	/* chunks: it does not live on */
	fd = client_connect(prl_http_port(http));
	static const char chunks[] = "PUT /open/patient HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
	assert_true(client_send(fd, chunks, sizeof chunks - 1));
	for (int i = 0; i < 100; i++)
		assert_true(client_send(fd, "8000\r\n", 6) && client_send(fd, body, 0x8000) &&
			    client_send(fd, "\r\n", 2));
	assert_true(client_send(fd, "0\r\n\r\n", 5));
	client_read(fd, &got, 60000);
	close(fd);
	assert_int_equal(got.first, 413);
	assert_string_equal(body_of(&got), TOO_LARGE);
	assert_true(got.closed);
	/* not for ever, and not where the client asks first */
	ask(&got, "PUT /open/patient " END "Content-Length: 18446744073709551615\r\n\r\n");
	assert_int_equal(got.first, 413);
	ask(&got, "PUT /open/patient " END "Expect: 100-continue\r\nContent-Length: 11\r\n\r\n");
	assert_int_equal(got.first, 413);
	assert_true(got.closed);
}

static void continue_is_sent(void **state)
{
	(void)state;
	reply got;
	int fd = client_connect(prl_http_port(http));
	static const char head[] = "PUT /body " END "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n";
	assert_true(client_send(fd, head, sizeof head - 1));
	client_read(fd, &got, 300);
	assert_string_equal(got.text, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_true(client_send(fd, "abc", 3));
	client_read(fd, &got, 3000);
	assert_int_equal(got.first, 201);
	close(fd);
	ask(&got, "PUT /body HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
	assert_int_equal(got.first, 413);
	assert_true(got.closed && !strstr(got.text, "100 Continue"));
}

/* A refusal of a small request leaves the connection usable, and exactly its body is skipped. */
static void refusals_keep_the_connection(void **state)
{
	(void)state;
	reply got;
	ask(&got, "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nGET / HTTP/1.1\r\n\r\n.."
		  "POST /body HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx"
		  "GET /parts/last " END "\r\n");
	assert_int_equal(got.first, 404);
	assert_int_equal(count_of(got.text, "HTTP/1.1 "), 3);
	assert_int_equal(count_of(got.text, "HTTP/1.1 415 "), 1);
	assert_non_null(strstr(got.text, "part=last "));
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void errors_are_json(void **state)
{
	(void)state;
	reply got;
	ask(&got, "GET /error " END "\r\n");
	assert_int_equal(got.first, 409);
	assert_string_equal(body_of(&got),
			    "{\"error\":\"stale\",\"text\":\"it was ? changed\",\"where\":\"volume 2\"}");
	ask(&got, "GET / " END "\r\n");
	assert_string_equal(body_of(&got), "{\"number\":0.10000000000000001,\"text\":\"é\"}");
	ask(&got, "GET /nothing " END "\r\n");
	assert_int_equal(got.first, 500);
}

static void every_status_has_an_answer(void **state)
{
	(void)state;
	assert_int_equal(prl_http_status(PRL_OK), 200);
	for (int status = 1; status <= PRL_E_CALLBACK; status++)
		assert_in_range(prl_http_status((prl_status)status), 400, 503);
	assert_int_equal(prl_http_status(PRL_E_IO), 503);
	assert_int_equal(prl_http_status((prl_status)99), 500);
}

static void large_answers_arrive(void **state)
{
	(void)state;
	static const char head[] = "GET /much " END "\r\n";
	int fd = client_connect(prl_http_port(http));
	assert_true(client_send(fd, head, sizeof head - 1));
	size_t size = 0;
	static char bytes[65536];
	for (ssize_t got; (got = recv(fd, bytes, sizeof bytes, 0)) > 0; size += (size_t)got)
		;
	close(fd);
	assert_in_range(size, 5u << 20, (5u << 20) + 500);
}

static void callers_are_told_apart(void **state)
{
	(void)state;
	reply got;
	ask(&got, "GET /who " END "Authorization: Bearer us-ops/console-2\r\n\r\n");
	assert_int_equal(got.first, 200);
	assert_string_equal(body_of(&got), "us-ops/console-2");
	ask(&got, "GET /who " END "Authorization: bearer  us-ops \r\n\r\n");
	assert_string_equal(body_of(&got), "us-ops");
	ask(&got, "GET /who " END "Authorization: Bearer program\r\n\r\n");
	assert_int_equal(got.first, 403);
	static const char *const unknown[] = { "", "Authorization: Basic us-ops\r\n", "Authorization: Bearer\r\n",
					       "Authorization: Bearer bad\r\n" };
	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		ask(&got, "GET /who " END "%s\r\n", unknown[i]);
		assert_int_equal(got.first, 401);
		assert_non_null(strstr(got.text, "\r\nWWW-Authenticate: Bearer\r\n"));
	}
	ask(&got, "GET /who " END "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n");
	assert_int_equal(got.first, 400);
	/* before the body is read */
	ask(&got, "POST /body HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer bad\r\nContent-Length: 90000\r\n\r\n");
	assert_int_equal(got.first, 401);
	assert_true(got.closed);
}

/* ---- later ------------------------------------------------------------------------------------------------------- */

static void *answerer(void *context)
{
	(void)context;
	for (prl_request *request; (request = take_one());)
		answer_with_body(request);
	return NULL;
}

static void end_answerer(pthread_t thread)
{
	pthread_mutex_lock(&lock);
	answerer_ends = true;
	pthread_cond_broadcast(&more_taken);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

/* Many requests on a few connections, pipelined, answered by another thread: each gets its own body back, in order. */
static void *client(void *context)
{
	unsigned failures = 0;
	int fd = client_connect(prl_http_port(http));
	static const char *const paths[] = { "/take", "/linger" };
	for (unsigned i = 0; i < 200; i++) {
		char bytes[400], want[40];
		int size = snprintf(bytes, sizeof bytes,
				    "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\na%05u"
				    "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nb%05uGET /take-now " END
				    "\r\n",
				    i, paths[i % 16 == 0], i);
		if (i < 199)
			size -= (int)sizeof("GET /take-now " END "\r\n") - 1;
		failures += !client_send(fd, bytes, (size_t)size);
		char text[2000];
		size_t have = 0;
		unsigned bodies = 0;
		while (bodies < 2 + (i == 199)) {
			ssize_t got = recv(fd, text + have, sizeof text - 1 - have, 0);
			if (got <= 0)
				break;
			have += (size_t)got;
			text[have] = 0;
			snprintf(want, sizeof want, "\r\n\r\na%05u", i);
			bodies = strstr(text, want) != NULL;
			snprintf(want, sizeof want, "\r\n\r\nb%05u", i);
			bodies += strstr(text, want) != NULL;
			bodies += strstr(text, "\r\n\r\nearly") != NULL;
		}
		failures += bodies != 2 + (i == 199);
	}
	close(fd);
	*(unsigned *)context = failures;
	return NULL;
}

static void answers_come_later(void **state)
{
	(void)state;
	enum { CLIENTS = 8, ANSWERERS = 2 };
	pthread_t clients[CLIENTS], thread[ANSWERERS];
	unsigned failures[CLIENTS];
	for (size_t i = 0; i < ANSWERERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, answerer, NULL), 0);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_int_equal(pthread_create(&clients[i], NULL, client, &failures[i]), 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i], NULL);
		assert_int_equal(failures[i], 0);
	}
	for (size_t i = 0; i < ANSWERERS; i++)
		end_answerer(thread[i]);
	prl_http_figures figures = prl_http_read_figures(http);
	assert_int_equal(figures.requests, CLIENTS * 401);
	assert_int_equal(figures.by_class[2], CLIENTS * 401);
}

/* The client is gone before the answer: nothing breaks, the server answers others. */
static void clients_may_leave(void **state)
{
	(void)state;
	static const char head[] = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
	for (unsigned i = 0; i < 50; i++) {
		int fd = client_connect(prl_http_port(http));
		assert_true(client_send(fd, head, sizeof head - 1));
		prl_request *request = take_one();
		struct linger reset = { 1, 0 };
		if (i % 2)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(fd);
		answer_with_body(request);
	}
	expect_status("GET /", 200);
}

static void *stop_thread(void *context)
{
	(void)context;
	prl_http_stop(http);
	return NULL;
}

/* Asks for / on a connection that lives on until the answer has this status. */
static void ask_until(int fd, unsigned status, reply *got)
{
	static const char head[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	int64_t until = milliseconds() + 60000;
	do {
		assert_true(client_send(fd, head, sizeof head - 1));
		do
			client_read(fd, got, 100);
		while (!got->first && !got->closed && milliseconds() < until);
	} while (got->first != status && !got->closed && milliseconds() < until);
	assert_int_equal(got->first, status);
}

/* prl_http_stop() waits for what was taken, and its answer is sent; meanwhile nothing new is taken. */
static void stopping_waits(void **state)
{
	(void)state;
	assert_int_equal(start(NULL), 0);
	static const char head[] = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
	int fd = client_connect(prl_http_port(http)), other = client_connect(prl_http_port(http));
	assert_true(client_send(fd, head, sizeof head - 1));
	prl_request *request = take_one();
	reply got;
	ask_until(other, 200, &got);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, stop_thread, NULL), 0);
	ask_until(other, 503, &got);
	assert_int_equal(pthread_tryjoin_np(thread, NULL), EBUSY);
	if (!got.closed)
		client_read(other, &got, 60000);
	assert_true(got.closed);
	int late = client_connect(prl_http_port(http));
	client_read(late, &got, 100);
	assert_int_equal(got.first, 0);
	answer_with_body(request);
	client_read(fd, &got, 60000);
	assert_int_equal(got.first, 200);
	pthread_join(thread, NULL);
	close(fd);
	close(other);
	if (late >= 0)
		close(late);
}

typedef struct hammering {
	unsigned port, wrong;
	_Atomic unsigned right;
} hammering;

static void *hammer(void *context)
{
	hammering *to = context;
	static const char head[] = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
	char text[1000];
	for (int fd; (fd = client_connect(to->port)) >= 0; close(fd)) {
		ssize_t got;
		do {
			got = client_send(fd, head, sizeof head - 1) ? recv(fd, text, sizeof text - 1, 0) : 0;
			text[got > 0 ? got : 0] = 0;
			bool refused = strncmp(text, "HTTP/1.1 503 ", 13) == 0;
			bool right = strncmp(text, "HTTP/1.1 200 ", 13) == 0 && strstr(text, "\r\n\r\nbody");
			to->wrong += got > 0 && !refused && !right;
			to->right += right;
		} while (got > 0);
	}
	return NULL;
}

/* Stopping with requests in every state: nothing is lost in between, nothing ends the program. */
static void stopping_under_load(void **state)
{
	(void)state;
	enum { ROUNDS = 10, CLIENTS = 4 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		assert_int_equal(start(NULL), 0);
		pthread_t clients[CLIENTS], thread;
		hammering hammers[CLIENTS] = { 0 };
		assert_int_equal(pthread_create(&thread, NULL, answerer, NULL), 0);
		for (size_t i = 0; i < CLIENTS; i++) {
			hammers[i].port = prl_http_port(http);
			assert_int_equal(pthread_create(&clients[i], NULL, hammer, &hammers[i]), 0);
		}
		for (size_t i = 0; i < CLIENTS; i++)
			while (!hammers[i].right)
				usleep(1000);
		usleep(3000 * round);
		prl_http_stop(http);
		for (size_t i = 0; i < CLIENTS; i++)
			pthread_join(clients[i], NULL);
		end_answerer(thread);
		for (size_t i = 0; i < CLIENTS; i++)
			assert_true(hammers[i].wrong == 0 && hammers[i].right > 0);
	}
}

/* ---- starting ---------------------------------------------------------------------------------------------------- */

static void expect_no_start(prl_http_options with, prl_status status, const char *text)
{
	prl_http *none = NULL;
	prl_error err = { 0 };
	assert_int_equal(prl_http_start(&with, &none, &err), status);
	assert_null(none);
	assert_non_null(strstr(err.text, text));
}

static void starting_fails_with_a_reason(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:08440", ":8440", "::1:8440",
		"[::1]",     "[::1:8440",  "localhost:8440",  "127.0.0.1:80a",   ""
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_http_options with = options();
		with.listen = wrong[i];
		expect_no_start(with, PRL_E_SYNTAX, "\"");
	}
	char busy[40];
	snprintf(busy, sizeof busy, "127.0.0.1:%u", prl_http_port(http));
	prl_http_options with = options();
	with.listen = busy;
	expect_no_start(with, PRL_E_IO, busy);
	static const prl_route pattern = { "GET", "/{rest*}/a", PRL_MAY_ANYBODY, 0, NULL, give_json };
	with = options();
	with.routes = &pattern;
	with.route_count = 1;
	expect_no_start(with, PRL_E_SYNTAX, "{rest*} before the end");
	with = options();
	with.tls_certificate = "no PEM";
	expect_no_start(with, PRL_E_SYNTAX, "without its key");
	with.tls_key = "no PEM either";
	expect_no_start(with, PRL_E_IO, "TLS certificate");
}

static void other_addresses_work(void **state)
{
	(void)state;
	prl_http_options with = options();
	prl_http *six = NULL;
	with.listen = "[::1]:0";
	with.threads = 1;
	prl_error err = { 0 };
	prl_status status = prl_http_start(&with, &six, &err);
	if (status) {
		printf("# skip: no IPv6 here: %s\n", err.text);
		skip();
	}
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)prl_http_port(six)) };
	to.sin6_addr = in6addr_loopback;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	static const char head[] = "GET / " END "\r\n";
	assert_true(client_send(fd, head, sizeof head - 1));
	reply got;
	client_read(fd, &got, 3000);
	assert_int_equal(got.first, 200);
	close(fd);
	prl_http_stop(six);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parts_are_decoded, start, stop),
		cmocka_unit_test_setup_teardown(paths_are_not_normalised, start, stop),
		cmocka_unit_test_setup_teardown(methods_are_told, start, stop),
		cmocka_unit_test_setup_teardown(parts_may_be_empty, start, stop),
		cmocka_unit_test_setup_teardown(any_method_is_a_method, start, stop),
		cmocka_unit_test_setup_teardown(unknown_arguments_are_named, start, stop),
		cmocka_unit_test_setup_teardown(bodies_have_a_type, start, stop),
		cmocka_unit_test_setup_teardown(bodies_have_a_maximum, start, stop),
		cmocka_unit_test_setup_teardown(chunked_bodies_have_a_maximum, start, stop),
		cmocka_unit_test_setup_teardown(patient_routes_read_on, start, stop),
		cmocka_unit_test_setup_teardown(continue_is_sent, start, stop),
		cmocka_unit_test_setup_teardown(refusals_keep_the_connection, start, stop),
		cmocka_unit_test_setup_teardown(errors_are_json, start, stop),
		cmocka_unit_test(every_status_has_an_answer),
		cmocka_unit_test_setup_teardown(large_answers_arrive, start, stop),
		cmocka_unit_test_setup_teardown(callers_are_told_apart, start, stop),
		cmocka_unit_test_setup_teardown(answers_come_later, start, stop),
		cmocka_unit_test_setup_teardown(clients_may_leave, start, stop),
		cmocka_unit_test(stopping_waits),
		cmocka_unit_test(stopping_under_load),
		cmocka_unit_test_setup_teardown(starting_fails_with_a_reason, start, stop),
		cmocka_unit_test_setup_teardown(other_addresses_work, start, stop),
	};
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
