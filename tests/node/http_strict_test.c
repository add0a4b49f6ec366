/* Requests that are not RFC 9112, sent over raw sockets: none is accepted, no handler is called, and the request that
 * stands behind each of them is never served. */
#include "http_client.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

static atomic_uint reached, smuggled;

static void ok(void *node, prl_request *request)
{
	(void)node;
	atomic_fetch_add(&reached, 1);
	prl_answer_bytes(request, 200, "text/plain", "ok", 2);
}

static void behind(void *node, prl_request *request)
{
	(void)node;
	atomic_fetch_add(&smuggled, 1);
	prl_answer_bytes(request, 200, "text/plain", "behind", 6);
}

static const prl_route routes[] = {
	{ "GET", "/ok", PRL_MAY_ANYBODY, 0, NULL, ok },
	{ "POST", "/take", PRL_MAY_ANYBODY, 1000, NULL, ok },
	{ "GET", "/behind", PRL_MAY_ANYBODY, 0, NULL, behind },
	{ "GET", "/parts/{part}/{rest*}", PRL_MAY_ANYBODY, 0, NULL, ok },
};

static prl_http *http;

static int start(void **state)
{
	(void)state;
	prl_http_options options = { .listen = "127.0.0.1:0", .routes = routes, .route_count = 4, .threads = 2 };
	return prl_http_start(&options, &http, NULL) != PRL_OK;
}

static int stop(void **state)
{
	(void)state;
	prl_http_stop(http);
	return 0;
}

typedef struct wrong {
	const char *what;
	const char *bytes;
	size_t size;
} wrong;

#define BYTES(text) text, sizeof(text) - 1
#define BEHIND      "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET         "GET /ok HTTP/1.1\r\n"
#define POST        "POST /take HTTP/1.1\r\nHost: a\r\n"

/* Each is followed by BEHIND when it is sent. */
static const wrong heads[] = {
	{ "two equal Content-Length", BYTES(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello") },
	{ "two different Content-Length", BYTES(POST "Content-Length: 5\r\nContent-Length: 34\r\n\r\nhello") },
	{ "two Content-Length, the smaller last", BYTES(POST "Content-Length: 34\r\nContent-Length: 0\r\n\r\n") },
	{ "Content-Length as a list", BYTES(POST "Content-Length: 5, 5\r\n\r\nhello") },
	{ "Content-Length and Transfer-Encoding",
	  BYTES(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding and Content-Length",
	  BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 44\r\n\r\n0\r\n\r\n") },
	{ "Content-Length +5", BYTES(POST "Content-Length: +5\r\n\r\nhello") },
	{ "Content-Length -5", BYTES(POST "Content-Length: -5\r\n\r\nhello") },
	{ "Content-Length 5 5", BYTES(POST "Content-Length: 5 5\r\n\r\nhello") },
	{ "Content-Length 0x5", BYTES(POST "Content-Length: 0x5\r\n\r\nhello") },
	{ "Content-Length 5 and a space", BYTES(POST "Content-Length: 5 \r\n\r\nhello") },
	{ "Content-Length of nothing", BYTES(POST "Content-Length:\r\n\r\n") },
	{ "Content-Length over 2^64", BYTES(POST "Content-Length: 18446744073709551616\r\n\r\nhello") },
	{ "Content-Length of letters", BYTES(POST "Content-Length: five\r\n\r\nhello") },
	{ "Transfer-Encoding gzip", BYTES(POST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding gzip, chunked", BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding chunked, identity", BYTES(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding xchunked", BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding identity", BYTES(POST "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding of nothing", BYTES(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding chunked and a tab", BYTES(POST "Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n") },
	{ "Transfer-Encoding with a vertical tab", BYTES(POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n") },
	{ "two Transfer-Encoding",
	  BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n") },
	{ "space before the colon", BYTES(GET "Host : a\r\n\r\n") },
	{ "space before the colon of a second field", BYTES(POST "Content-Length : 34\r\n\r\n") },
	{ "tab before the colon", BYTES(POST "Transfer-Encoding\t: chunked\r\n\r\n") },
	{ "folded line", BYTES(GET "Host: a\r\nX: b\r\n c\r\n\r\n") },
	{ "folded line with a tab", BYTES(GET "Host: a\r\nX: b\r\n\tc\r\n\r\n") },
	{ "folded framing", BYTES(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n") },
	{ "folded first line", BYTES(GET " Host: a\r\n\r\n") },
	{ "folded line of white space", BYTES(GET "Host: a\r\n \r\n\r\n") },
	{ "bare CR in a value", BYTES(GET "Host: a\r\nX: b\rY: c\r\n\r\n") },
	{ "bare CR in a name", BYTES(GET "Host: a\r\nX\rY: c\r\n\r\n") },
	{ "CR CR LF", BYTES(GET "Host: a\r\r\n\r\n") },
	{ "bare LF after a field", BYTES(GET "Host: a\n\r\n") },
	{ "bare LF at the end of the head", BYTES(GET "Host: a\r\n\n") },
	{ "bare LF after the request line", BYTES("GET /ok HTTP/1.1\nHost: a\r\n\r\n") },
	{ "bare LF everywhere", BYTES("GET /ok HTTP/1.1\nHost: a\n\n") },
	{ "0 byte in a value", BYTES(GET "Host: a\r\nX: b\0c\r\n\r\n") },
	{ "0 byte in a name", BYTES(GET "Host: a\r\nX\0: b\r\n\r\n") },
	{ "0 byte at the end of a value", BYTES(GET "Host: a\r\nX: b\0\r\n\r\n") },
	{ "0 bytes for CR LF", BYTES(GET "Host: a\0\0Content-Length: 34\r\n\r\n") },
	{ "0 bytes for a colon", BYTES(GET "Host: a\r\nX: b\0\0Content-Length\0 34\r\n\r\n") },
	{ "0 byte at the start of a line", BYTES(GET "Host: a\r\n\0X: b\r\n\r\n") },
	{ "0 byte in the target", BYTES("GET /ok\0/x HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "0 byte in the query", BYTES("GET /ok?a=\0 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "0 byte in the method", BYTES("GET\0 /ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "0 byte in the version", BYTES("GET /ok HTTP/1.1\0\r\nHost: a\r\n\r\n") },
	{ "control character in a value", BYTES(GET "Host: a\r\nX: \001\r\n\r\n") },
	{ "delete in a value", BYTES(GET "Host: a\r\nX: \177\r\n\r\n") },
	{ "name with a slash", BYTES(GET "Host: a\r\nX/Y: b\r\n\r\n") },
	{ "name with a space", BYTES(GET "Host: a\r\nX Y: b\r\n\r\n") },
	{ "name beyond ASCII", BYTES(GET "Host: a\r\nX\303\251: b\r\n\r\n") },
	{ "name of nothing", BYTES(GET "Host: a\r\n: b\r\n\r\n") },
	{ "line without a colon", BYTES(GET "Host: a\r\nnothing\r\n\r\n") },
	{ "no Host", BYTES(GET "\r\n") },
	{ "no Host among others", BYTES(GET "Hosts: a\r\n\r\n") },
	{ "two Hosts", BYTES(GET "Host: a\r\nHost: b\r\n\r\n") },
	{ "two equal Hosts", BYTES(GET "Host: a\r\nhost: a\r\n\r\n") },
	{ "Host with a path", BYTES(GET "Host: a/b\r\n\r\n") },
	{ "Host with a user", BYTES(GET "Host: me@a\r\n\r\n") },
	{ "Host as a list", BYTES(GET "Host: a b\r\n\r\n") },
	{ "another host in the target", BYTES("GET http://b/ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "a user in the target", BYTES("GET http://me@a/ok HTTP/1.1\r\nHost: me@a\r\n\r\n") },
	{ "HTTP/1.0 with Transfer-Encoding", BYTES("POST /take HTTP/1.0\r\nHost: a\r\nConnection: "
						   "keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") },
	{ "HTTP/0.9 without a version", BYTES("GET /ok\r\n\r\n") },
	{ "HTTP/0.9", BYTES("GET /ok HTTP/0.9\r\nHost: a\r\n\r\n") },
	{ "HTTP/2.0", BYTES("GET /ok HTTP/2.0\r\nHost: a\r\n\r\n") },
	{ "HTTP/1.2", BYTES("GET /ok HTTP/1.2\r\nHost: a\r\n\r\n") },
	{ "HTTP/1.01", BYTES("GET /ok HTTP/1.01\r\nHost: a\r\n\r\n") },
	{ "http/1.1", BYTES("GET /ok http/1.1\r\nHost: a\r\n\r\n") },
	{ "the preface of HTTP/2", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") },
	{ "two spaces after the method", BYTES("GET  /ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "two spaces before the version", BYTES("GET /ok  HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "space after the version", BYTES("GET /ok HTTP/1.1 \r\nHost: a\r\n\r\n") },
	{ "space before the method", BYTES(" GET /ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "space in the target", BYTES("GET /o k HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "tab in the request line", BYTES("GET\t/ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "method that is no token", BYTES("G(T /ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "CR in the target", BYTES("GET /o\rk HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "target beyond ASCII", BYTES("GET /\303\251 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "target with a fragment", BYTES("GET /ok#a HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "target without a slash", BYTES("GET ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "target *", BYTES("GET * HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%00", BYTES("GET /parts/a%00/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%0a", BYTES("GET /parts/a%0a/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%7f", BYTES("GET /parts/a%7f/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%00 in the query", BYTES("GET /ok?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "% alone", BYTES("GET /parts/a%/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%g0", BYTES("GET /parts/a%g0/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "% at the end", BYTES("GET /parts/a/b%2 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "overlong UTF-8", BYTES("GET /parts/%c0%af/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "overlong 0", BYTES("GET /parts/%c0%80/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "surrogate", BYTES("GET /parts/%ed%a0%80/b HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "..", BYTES("GET /parts/../ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "%2e%2e", BYTES("GET /parts/a/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ ".%2E", BYTES("GET /parts/a/b/.%2E/c HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ ".", BYTES("GET /./ok HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "an argument twice", BYTES("GET /ok?a=1&a=2 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "an argument without a name", BYTES("GET /ok?=2 HTTP/1.1\r\nHost: a\r\n\r\n") },
	{ "Expect of something else", BYTES(POST "Content-Length: 5\r\nExpect: 200-ok\r\n\r\nhello") },
	{ "a coded body", BYTES(POST "Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello") },
};

static const wrong bodies[] = {
	{ "chunk size over 2^64",
	  BYTES(POST "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n") },
	{ "chunk size of letters", BYTES(POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n") },
	{ "chunk size 0x5", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n") },
	{ "chunk size +5", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n") },
	{ "chunk size -5", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n") },
	{ "space before the chunk size", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n 5\r\nhello\r\n0\r\n\r\n") },
	{ "space after the chunk size", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n") },
	{ "no chunk size", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n") },
	{ "no CR LF after a chunk", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n") },
	{ "a chunk longer than its size", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n0\r\n\r\n") },
	{ "a trailer without a colon", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nnothing\r\n\r\n") },
};

/* What libmicrohttpd takes in a chunked body and nobody can see afterwards: it is served, once, and the connection is
 * closed behind it. */
static const wrong hidden[] = {
	{ "bare LF after a chunk size", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n") },
	{ "bare LF after a chunk", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n") },
	{ "a chunk extension", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\rc\"\r\nhello\r\n0\r\n\r\n") },
	{ "a trailer that is folded", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n b\r\n\r\n") },
	{ "a trailer that frames", BYTES(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n") },
};

/* Sends it with BEHIND after it. */
static void send_wrong(const wrong *one, reply *ret)
{
	char bytes[2048];
	assert_true(one->size + sizeof BEHIND < sizeof bytes);
	memcpy(bytes, one->bytes, one->size);
	memcpy(bytes + one->size, BEHIND, sizeof BEHIND - 1);
	exchange(prl_http_port(http), bytes, one->size + sizeof BEHIND - 1, 3000, ret);
}

/* libmicrohttpd 0.9.75 sends the head of its own 400 twice where Host or Content-Length is at fault; it closes behind
 * it. */
static unsigned refuse_all(const wrong *list, size_t count)
{
	unsigned failures = 0;
	for (size_t i = 0; i < count; i++) {
		reply got;
		unsigned before = atomic_load(&reached) + atomic_load(&smuggled);
		send_wrong(&list[i], &got);
		bool called = atomic_load(&reached) + atomic_load(&smuggled) != before;
		bool refused = got.first == 0 || got.first >= 400;
		if (!called && refused && got.closed && !strstr(got.text, "HTTP/1.1 2"))
			continue;
		failures++;
		printf("# %s: status %u, %s, %s\n%s\n", list[i].what, got.first,
		       called ? "a handler was called" : "no handler", got.closed ? "closed" : "NOT CLOSED", got.text);
	}
	return failures;
}

static void malformed_heads_are_refused(void **state)
{
	(void)state;
	assert_int_equal(refuse_all(heads, sizeof heads / sizeof *heads), 0);
}

static void malformed_bodies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(refuse_all(bodies, sizeof bodies / sizeof *bodies), 0);
}

static void nothing_follows_a_chunked_body(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		reply got;
		unsigned before = atomic_load(&smuggled);
		send_wrong(&hidden[i], &got);
		assert_int_equal(atomic_load(&smuggled), before);
		assert_true(got.closed);
		assert_int_equal(count_of(got.text, "HTTP/1.1 "), 1);
	}
}

/* The same bytes one at a time: what was not seen together is checked all the same. */
static void slow_bytes_change_nothing(void **state)
{
	(void)state;
	static const size_t some[] = { 0, 4, 23, 26, 31, 34, 38, 44, 74 };
	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		const wrong *one = &heads[some[i]];
		unsigned before = atomic_load(&reached) + atomic_load(&smuggled);
		int fd = client_connect(prl_http_port(http));
		bool sent = fd >= 0;
		for (size_t k = 0; sent && k < one->size; k++) {
			sent = client_send(fd, one->bytes + k, 1);
			usleep(100);
		}
		if (sent)
			(void)client_send(fd, BEHIND, sizeof BEHIND - 1);
		reply got;
		client_read(fd, &got, 3000);
		close(fd);
		assert_true(got.closed && (got.first == 0 || got.first >= 400));
		assert_int_equal(atomic_load(&reached) + atomic_load(&smuggled), before);
	}
}

/* The same test of requests that are right finds them served: it can fail. */
static void right_requests_are_served(void **state)
{
	(void)state;
	static const wrong right[] = {
		{ "plain", BYTES(GET "Host: a\r\n\r\n") },
		{ "absolute target", BYTES("GET http://A:1/ok HTTP/1.1\r\nHost: a:1\r\n\r\n") },
		{ "absolute target, IPv6", BYTES("GET http://[::1]:1/ok?x=1 HTTP/1.1\r\nHost: [::1]:1\r\n\r\n") },
		{ "no white space, much white space", BYTES(GET "Host:a\r\nX: \t b c \t\r\nY:\r\nZ: \r\n\r\n") },
		{ "a body", BYTES(POST "Content-Length: 5\r\n\r\nhello") },
		{ "no body", BYTES(POST "\r\n") },
		{ "HTTP/1.0", BYTES("GET /ok HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n") },
		{ "empty lines before", BYTES("\r\n\r\n" GET "Host: a\r\n\r\n") },
		{ "escapes", BYTES("GET /parts/%61%2Fb%20%c3%a9/c/d.e/..f?a=b%26+c&d HTTP/1.1\r\nHost: a\r\n\r\n") },
		{ "bytes beyond ASCII in a value", BYTES(GET "Host: a\r\nX: \303\251\r\n\r\n") },
		{ "one hundred fields less one", BYTES(GET "Host: a\r\nCookie: a=b; c=d\r\nCookie: e=f\r\n\r\n") },
	};
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		reply got;
		unsigned before = atomic_load(&reached), behind_before = atomic_load(&smuggled);
		char bytes[2048];
		memcpy(bytes, right[i].bytes, right[i].size);
		size_t size = right[i].size +
			      (size_t)snprintf(bytes + right[i].size, 200,
					       "GET /behind HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		exchange(prl_http_port(http), bytes, size, 3000, &got);
		if (atomic_load(&reached) != before + 1 || atomic_load(&smuggled) != behind_before + 1)
			printf("# %s:\n%s\n", right[i].what, got.text);
		assert_int_equal(atomic_load(&reached), before + 1);
		assert_int_equal(atomic_load(&smuggled), behind_before + 1);
		assert_true(got.closed);
	}
}

static void too_many_fields_are_refused(void **state)
{
	(void)state;
	for (unsigned count = 99; count <= 101; count++) {
		char bytes[4096];
		size_t size = (size_t)snprintf(bytes, sizeof bytes, GET "Host: a\r\nConnection: close\r\n");
		for (unsigned i = 2; i < count; i++)
			size += (size_t)snprintf(bytes + size, sizeof bytes - size, "X%u: a\r\n", i);
		size += (size_t)snprintf(bytes + size, sizeof bytes - size, "\r\n");
		reply got;
		exchange(prl_http_port(http), bytes, size, 3000, &got);
		assert_int_equal(got.first, count <= 100 ? 200 : 431);
		assert_true(got.closed);
	}
}

/* 40 KiB of target, of one field, of many fields: refused before memory is taken for them. */
static void large_heads_are_refused(void **state)
{
	(void)state;
	static char bytes[80000], fill[40001];
	memset(fill, 'a', sizeof fill - 1);
	static const char *const forms[] = { "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n",
					     "GET /ok?%s HTTP/1.1\r\nHost: a\r\n\r\n",
					     "GET /ok HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n",
					     "GET /ok HTTP/1.1\r\nHost: a\r\n%s: X\r\n\r\n",
					     "%s /ok HTTP/1.1\r\nHost: a\r\n\r\n" };
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		unsigned before = atomic_load(&reached);
		char *at = bytes;
		const char *hole = strstr(forms[i], "%s");
		memcpy(at, forms[i], (size_t)(hole - forms[i]));
		at += hole - forms[i];
		memcpy(at, fill, sizeof fill - 1);
		at += sizeof fill - 1;
		strcpy(at, hole + 2);
		reply got;
		exchange(prl_http_port(http), bytes, strlen(bytes), 3000, &got);
		assert_true(got.closed && (got.first == 0 || got.first == 414 || got.first == 431));
		assert_int_equal(atomic_load(&reached), before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_requests_are_served),    cmocka_unit_test(malformed_heads_are_refused),
		cmocka_unit_test(malformed_bodies_are_refused), cmocka_unit_test(nothing_follows_a_chunked_body),
		cmocka_unit_test(slow_bytes_change_nothing),    cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(large_heads_are_refused),
	};
	return cmocka_run_group_tests_name("http_strict", tests, start, stop);
}
