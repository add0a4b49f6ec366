/* Calls to drone traffic services: good answers, bad ones, none; addresses that a hostile service might give. */
#include "support/uss_server.h"

#include "base/error.h"
#include "base/text.h"
#include "node/certificate.h"
#include "node/http.h"
#include "node/uss_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uss_server *uss;

static int set_up(void **state)
{
	(void)state;
	uss = uss_server_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	uss_server_free(uss);
	return 0;
}

static prl_status send_to(prl_uss_client *client, const char *url, const char *body, unsigned *ret_status,
			  prl_buffer *answer, prl_error *err)
{
	const prl_bytes bytes = prl_bytes_of(body ? body : "");
	const prl_uss_call call = {
		.base_url = url, .path = "/uss/v1/x", .token = "a.b.c", .body = body ? &bytes : NULL
	};
	*answer = PRL_BUFFER(PRL_USS_BODY_MAX);
	return prl_uss_send(client, &call, ret_status, answer, err);
}

/* What comes of one call to the server. */
static prl_status outcome(const char *body, unsigned *ret_status, char text[400])
{
	prl_uss_client client = { .http_urls = true };
	prl_buffer answer;
	prl_error err = { 0 };
	prl_status status = send_to(&client, uss_server_url(uss), body, ret_status, &answer, &err);
	(void)snprintf(text, 400, "%.390s", status ? err.text : answer.data ? answer.data : "");
	prl_buffer_done(&answer);
	return status;
}

static void a_call_is_sent_as_it_should_be(void **state)
{
	(void)state;
	prl_uss_client client = { .http_urls = true };
	prl_buffer answer;
	prl_error err = { 0 };
	uss_asked *asked;
	unsigned status = 0;
	char url[200];
	uss_server_answer(uss, "POST /base/path/uss/v1/x", 204, "");
	uss_server_answer(uss, "GET /uss/v1/x", 200, "{\"a\":1}");
	(void)snprintf(url, sizeof url, "%s/base/path/", uss_server_url(uss));
	assert_int_equal(send_to(&client, url, "{\"b\":2}", &status, &answer, &err), PRL_OK);
	assert_int_equal(status, 204);
	assert_int_equal(answer.size, 0);
	assert_int_equal(send_to(&client, uss_server_url(uss), NULL, &status, &answer, &err), PRL_OK);
	assert_int_equal(status, 200);
	assert_string_equal(answer.data, "{\"a\":1}");
	prl_buffer_done(&answer);
	assert_int_equal(uss_server_asked(uss, &asked), 2);
	assert_string_equal(asked[0].line, "POST /base/path/uss/v1/x");
	assert_string_equal(asked[0].body, "{\"b\":2}");
	assert_string_equal(asked[0].authorization, "Bearer a.b.c");
	assert_string_equal(asked[1].line, "GET /uss/v1/x");
	assert_string_equal(asked[1].body, "");
	uss_asked_free(asked, 2);
}

static void any_status_is_an_answer(void **state)
{
	(void)state;
	static const unsigned statuses[] = { 200, 301, 302, 307, 400, 401, 404, 409, 500, 503 };
	char text[400];
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		unsigned status = 0;
		uss_server_answer(uss, "", statuses[i], "{}");
		assert_int_equal(outcome("{}", &status, text), PRL_OK);
		assert_int_equal(status, statuses[i]);
	}
}

static void a_redirection_is_not_followed(void **state)
{
	(void)state;
	char bytes[300], text[400];
	unsigned status = 0;
	int size = snprintf(bytes, sizeof bytes,
			    "HTTP/1.1 302 Found\r\nLocation: %s/elsewhere\r\nContent-Length: 0\r\n"
			    "Connection: close\r\n\r\n",
			    uss_server_url(uss));
	uss_server_bytes(uss, bytes, (size_t)size);
	assert_int_equal(outcome(NULL, &status, text), PRL_OK);
	assert_int_equal(status, 302);
	assert_int_equal(uss_server_count(uss), 1);
}

static void too_much(void **state)
{
	(void)state;
	size_t size = 5u << 20;
	char *much = malloc(size + 1), text[400];
	unsigned status = 0;
	assert_non_null(much);
	memset(much, ' ', size);
	much[size] = 0;
	uss_server_answer(uss, "", 200, much);
	assert_int_equal(outcome(NULL, &status, text), PRL_E_TOO_LARGE);
	assert_string_equal(text, "its answer is larger than 1048576 bytes");
	/* a head without an end */
	memset(much, 'a', size);
	memcpy(much, "HTTP/1.1 200 OK\r\n", 17);
	for (size_t at = 17; at + 100 < size; at += 100)
		memcpy(much + at, "X-Other: ", 9), memcpy(much + at + 98, "\r\n", 2);
	uss_server_bytes(uss, much, size);
	assert_int_equal(outcome(NULL, &status, text), PRL_E_TOO_LARGE);
	free(much);
}

static void none_at_all(void **state)
{
	(void)state;
	static const char *const rubbish[] = { "", "nonsense\r\n\r\n",
					       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort" };
	char text[400];
	unsigned status = 0;
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		uss_server_bytes(uss, rubbish[i], strlen(rubbish[i]));
		assert_int_equal(outcome(NULL, &status, text), PRL_E_IO);
		assert_true(strncmp(text, "the address did not answer: ", 28) == 0);
	}
	uss_server_down(uss);
	assert_int_equal(outcome(NULL, &status, text), PRL_E_IO);
	assert_string_equal(text, "the address did not answer: Couldn't connect to server");
	uss_server_up(uss);
}

static void slow_ones_are_given_up(void **state)
{
	(void)state;
	prl_uss_client client = { .http_urls = true, .answer_ms = 200 };
	prl_buffer answer;
	prl_error err = { 0 };
	unsigned status = 0;
	uss_server_hang(uss);
	assert_int_equal(send_to(&client, uss_server_url(uss), "{}", &status, &answer, &err), PRL_E_IO);
	assert_string_equal(err.text, "the address did not answer: Timeout was reached");
	prl_buffer_done(&answer);
}

static void *stop_it(void *context)
{
	while (!uss_server_count(uss))
		usleep(1000);
	atomic_store(&((prl_uss_client *)context)->stop, true);
	return NULL;
}

static void a_call_ends_with_the_node(void **state)
{
	(void)state;
	prl_uss_client client = { .http_urls = true, .answer_ms = 600 * 1000 };
	prl_buffer answer;
	prl_error err = { 0 };
	unsigned status = 0;
	pthread_t thread;
	uss_server_hang(uss);
	assert_int_equal(pthread_create(&thread, NULL, stop_it, &client), 0);
	assert_int_equal(send_to(&client, uss_server_url(uss), "{}", &status, &answer, &err), PRL_E_CALLBACK);
	(void)pthread_join(thread, NULL);
	prl_buffer_done(&answer);
}

static void addresses_that_are_not_called(void **state)
{
	(void)state;
	static const char *const urls[] = {
		"http://127.0.0.1:1",
		"ftp://uss.example",
		"file:///etc/passwd",
		"https://a:b@uss.example",
		"https://uss.example/?a=",
		"https://uss.example#",
		"https://",
		"uss.example",
		"",
		"https://uss. example",
		"https://a\\b.example",
		"https://uss.example/\r\nX: 1",
		"https://127.0.0.1:1",
		"https://[::1]:1",
		"https://localhost:1",
		"https://0.0.0.0:1",
		"https://2130706433:1",
		"https://0x7f.1:1",
		"https://[::ffff:127.0.0.1]:1",
		"https://169.254.169.254/latest",
		"https://[::]:1",
		"https://224.0.0.1",
	};
	prl_uss_client client = { 0 };
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		prl_buffer answer;
		prl_error err = { 0 };
		unsigned status = 0;
		prl_status st = send_to(&client, urls[i], "{}", &status, &answer, &err);
		if (st != PRL_E_REFUSED)
			fail_msg("\"%s\": %s", urls[i], err.text);
		assert_true(strncmp(err.text, "its address is not called: ", 27) == 0);
		prl_buffer_done(&answer);
	}
}

/* ---- https ------------------------------------------------------------------------------------------------------- */

static void answer_there(void *node, prl_request *request)
{
	(void)node;
	prl_answer_bytes(request, 200, "application/json", "{}", 2);
}

static const prl_route tls_routes[] = { { "GET", "/uss/v1/x", PRL_MAY_ANYBODY, 0, NULL, answer_there } };

/* A server with a certificate for `host` that it signed itself; *ret_ca is the file that has it. */
static prl_http *tls_server(const char *host, char ret_ca[40], char ret_url[64])
{
	prl_http *http = NULL;
	prl_buffer certificate = PRL_BUFFER(65536), key = PRL_BUFFER(65536);
	assert_int_equal(prl_certificate_new(host, &certificate, &key, NULL), PRL_OK);
	const prl_http_options options = { .listen = "127.0.0.1:0",
					   .tls_certificate = certificate.data,
					   .tls_key = key.data,
					   .routes = tls_routes,
					   .route_count = 1 };
	assert_int_equal(prl_http_start(&options, &http, NULL), PRL_OK);
	(void)snprintf(ret_ca, 40, "/tmp/parley-uss-ca-XXXXXX");
	int fd = mkstemp(ret_ca);
	assert_int_equal(write(fd, certificate.data, certificate.size), (ssize_t)certificate.size);
	(void)close(fd);
	(void)snprintf(ret_url, 64, "https://127.0.0.1:%u", prl_http_port(http));
	prl_buffer_done(&certificate);
	prl_buffer_done(&key);
	return http;
}

/* Trusted by its certificate and the name in it, and by nothing else. */
static void https_is_verified(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		bool trusted;
		prl_status status;
	} rows[] = { { "127.0.0.1", true, PRL_OK },
		     { "127.0.0.1", false, PRL_E_IO },
		     { "other.example", true, PRL_E_IO } };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char ca[40], url[64];
		prl_http *http = tls_server(rows[i].host, ca, url);
		prl_uss_client client = { .http_urls = true, .ca_file = rows[i].trusted ? ca : NULL };
		prl_buffer answer;
		prl_error err = { 0 };
		unsigned status = 0;
		assert_int_equal(send_to(&client, url, NULL, &status, &answer, &err), rows[i].status);
		if (rows[i].status)
			assert_non_null(strstr(err.text, "SSL"));
		prl_buffer_done(&answer);
		prl_http_stop(http);
		assert_int_equal(unlink(ca), 0);
	}
}

static bool near(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return prl_uss_is_near((const struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return prl_uss_is_near((const struct sockaddr *)&v6);
}

static void what_is_near(void **state)
{
	(void)state;
	static const char *const nears[] = { "127.0.0.1",
					     "127.255.0.9",
					     "0.0.0.0",
					     "0.1.2.3",
					     "169.254.169.254",
					     "224.0.0.1",
					     "255.255.255.255",
					     "240.0.0.1",
					     "::1",
					     "::",
					     "fe80::1",
					     "ff02::1",
					     "::ffff:127.0.0.1",
					     "::7f00:1",
					     "64:ff9b::7f00:1",
					     "2002:7f00:1::",
					     "::ffff:169.254.169.254" };
	static const char *const fars[] = { "192.0.2.1",        "198.51.100.7",      "2001:db8::1",
					    "::ffff:192.0.2.1", "64:ff9b::c000:201", "2002:c000:201::" };
	for (size_t i = 0; i < sizeof nears / sizeof *nears; i++)
		assert_true(near(nears[i]));
	for (size_t i = 0; i < sizeof fars / sizeof *fars; i++)
		assert_false(near(fars[i]));
	const struct sockaddr other = { .sa_family = AF_UNIX };
	assert_true(prl_uss_is_near(&other));
}

static void the_host_is_the_audience(void **state)
{
	(void)state;
	prl_uss_client client = { 0 };
	char host[PRL_USS_HOST_MAX];
	prl_error err = { 0 };
	assert_int_equal(prl_uss_host(&client, "https://USS.Example:8443/a/b", host, &err), PRL_OK);
	assert_string_equal(host, "uss.example");
	assert_int_equal(prl_uss_host(&client, "https://[2001:db8::1]:8443", host, &err), PRL_OK);
	assert_string_equal(host, "[2001:db8::1]");
	assert_int_equal(prl_uss_host(&client, "http://uss.example", host, &err), PRL_E_REFUSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_sent_as_it_should_be),
		TEST(any_status_is_an_answer),
		TEST(a_redirection_is_not_followed),
		TEST(too_much),
		TEST(none_at_all),
		TEST(slow_ones_are_given_up),
		TEST(a_call_ends_with_the_node),
		TEST(addresses_that_are_not_called),
		TEST(https_is_verified),
		TEST(what_is_near),
		TEST(the_host_is_the_audience),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
