/* TLS: versions, and the caller found by the key of the client's certificate. */
#include "http_client.h"

#include "base/hash.h"
#include "base/text.h"

#include <curl/curl.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct identity {
	char certificate[4096], key[4096];
	prl_hash pin;
} identity;

static identity server, peer, stranger;
static prl_http *http;

/* ---- certificates ------------------------------------------------------------------------------------------------ */

static void self_signed(identity *ret, const char *name)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t public;
	size_t size = sizeof ret->certificate - 1;
	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(
		gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(crt, "\1", 1), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 3600), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600), 0);
	assert_int_equal(
		gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name)), 0);
	assert_int_equal(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), 0),
			 0);
	assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export(crt, GNUTLS_X509_FMT_PEM, ret->certificate, &size), 0);
	ret->certificate[size] = 0;
	size = sizeof ret->key - 1;
	assert_int_equal(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, ret->key, &size), 0);
	ret->key[size] = 0;
	/* the pin by another way than the server's: from the private key */
	unsigned char der[500];
	size = sizeof der;
	assert_int_equal(gnutls_pubkey_init(&public), 0);
	gnutls_privkey_t abstract;
	assert_int_equal(gnutls_privkey_init(&abstract), 0);
	assert_int_equal(gnutls_privkey_import_x509(abstract, key, 0), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(public, abstract, 0, 0), 0);
	assert_int_equal(gnutls_pubkey_export(public, GNUTLS_X509_FMT_DER, der, &size), 0);
	ret->pin = prl_sha256(der, size);
	gnutls_privkey_deinit(abstract);
	gnutls_pubkey_deinit(public);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

/* ---- the server -------------------------------------------------------------------------------------------------- */

static bool who(void *node, prl_bytes token, const prl_hash *key, prl_caller *ret)
{
	(void)node;
	*ret = (prl_caller){ 0 };
	if (key && prl_hash_equal(key, &peer.pin)) {
		ret->kind = PRL_CALLER_PEER;
		strcpy(ret->name, "ru.example/line");
	}
	return token.size == 0;
}

static void name(void *node, prl_request *request)
{
	(void)node;
	prl_answer_bytes(request, 200, "text/plain", prl_request_caller(request)->name,
			 strlen(prl_request_caller(request)->name));
}

static void length(void *node, prl_request *request)
{
	(void)node;
	prl_answer_status(request, 200, "%zu", prl_request_body(request).size);
}

static const prl_route routes[] = { { "GET", "/peer", PRL_MAY_PEER, 0, NULL, name },
				    { "POST", "/any", PRL_MAY_ANYBODY, 300000, NULL, length } };

static int start(void **state)
{
	(void)state;
	self_signed(&server, "localhost");
	self_signed(&peer, "peer");
	self_signed(&stranger, "stranger");
	prl_http_options options = { .listen = "127.0.0.1:0",
				     .routes = routes,
				     .route_count = 2,
				     .threads = 2,
				     .who = who,
				     .tls_certificate = server.certificate,
				     .tls_key = server.key,
				     .head_ms = 1000 };
	return curl_global_init(CURL_GLOBAL_DEFAULT) || prl_http_start(&options, &http, NULL);
}

static int stop(void **state)
{
	(void)state;
	prl_http_stop(http);
	curl_global_cleanup();
	return 0;
}

/* ---- a client ---------------------------------------------------------------------------------------------------- */

static size_t keep(char *bytes, size_t size, size_t count, void *context)
{
	prl_buffer *to = context;
	return prl_buffer_append(to, bytes, size * count) ? size * count : 0;
}

static struct curl_blob blob(const char *text)
{
	return (struct curl_blob){ .data = (void *)(uintptr_t)text, .len = strlen(text), .flags = CURL_BLOB_NOCOPY };
}

/* Status of the answer; 0 where no TLS came about. times: requests on the same connection. */
static long ask(const char *path, const identity *as, const char *post, long version, unsigned times, prl_buffer *ret)
{
	char url[100];
	long status = 0;
	snprintf(url, sizeof url, "https://localhost:%u%s", prl_http_port(http), path);
	struct curl_blob trust = blob(server.certificate), certificate, key;
	CURL *curl = curl_easy_init();
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &trust);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, version);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
	if (version == (CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1))
		curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
	if (as) {
		certificate = blob(as->certificate);
		key = blob(as->key);
		curl_easy_setopt(curl, CURLOPT_SSLCERT_BLOB, &certificate);
		curl_easy_setopt(curl, CURLOPT_SSLKEY_BLOB, &key);
	}
	/* asks before it sends the body: what is refused by its length alone is answered before the connection closes */
	struct curl_slist *asks = curl_slist_append(NULL, "Expect: 100-continue");
	if (post) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, asks);
	}
	for (unsigned i = 0; i < times; i++) {
		prl_buffer_clear(ret);
		if (curl_easy_perform(curl) == CURLE_OK)
			curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(asks);
	return status;
}

static void peers_are_known_by_their_key(void **state)
{
	(void)state;
	static const long versions[] = { CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2,
					 CURL_SSLVERSION_TLSv1_3 };
	for (size_t i = 0; i < 2; i++) {
		prl_buffer text = PRL_BUFFER(10000);
		assert_int_equal(ask("/peer", &peer, NULL, versions[i], 3, &text), 200);
		assert_string_equal(text.data, "ru.example/line");
		assert_int_equal(ask("/peer", &stranger, NULL, versions[i], 3, &text), 401);
		assert_int_equal(ask("/peer", NULL, NULL, versions[i], 3, &text), 401);
		prl_buffer_done(&text);
	}
}

static void old_versions_are_refused(void **state)
{
	(void)state;
	prl_buffer text = PRL_BUFFER(10000);
	assert_int_equal(ask("/peer", &peer, NULL, CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1, 1, &text), 0);
	prl_buffer_done(&text);
}

static void bodies_pass_through_tls(void **state)
{
	(void)state;
	prl_buffer text = PRL_BUFFER(10000);
	char *body = calloc(1, 300002);
	memset(body, 'b', 300000);
	assert_int_equal(ask("/any", NULL, body, CURL_SSLVERSION_DEFAULT, 2, &text), 200);
	assert_non_null(strstr(text.data, "\"300000\""));
	body[300000] = 'b';
	assert_int_equal(ask("/any", NULL, body, CURL_SSLVERSION_DEFAULT, 1, &text), 413);
	free(body);
	prl_buffer_done(&text);
}

/* No TLS, or a handshake that does not end: closed, no answer. */
static void plain_http_is_no_tls(void **state)
{
	(void)state;
	static const char head[] = "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n";
	reply got;
	exchange(prl_http_port(http), head, sizeof head - 1, 3000, &got);
	assert_true(got.closed && got.first == 0);
	int64_t from = milliseconds();
	exchange(prl_http_port(http), "\x16\x03\x01\x02", 4, 6000, &got);
	assert_true(got.closed && milliseconds() - from < 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_known_by_their_key),
		cmocka_unit_test(old_versions_are_refused),
		cmocka_unit_test(bodies_pass_through_tls),
		cmocka_unit_test(plain_http_is_no_tls),
	};
	return cmocka_run_group_tests_name("http_tls", tests, start, stop);
}
