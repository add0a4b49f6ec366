#include "node/link.h"

#include "base/error.h"
#include "base/text.h"

#include <curl/curl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TOKEN_MAX 300

struct prl_link {
	CURL *curl;
	char address[PRL_LINK_ADDRESS_MAX], token[TOKEN_MAX];
	atomic_bool stopped;
	char trouble[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- the address ------------------------------------------------------------------------------------------------- */

static bool host_is(prl_bytes host, const char *name)
{
	return prl_bytes_is(host, name);
}

bool prl_link_is_loopback(prl_bytes rest)
{
	prl_bytes host = rest;
	if (rest.size && rest.data[0] == '[') {
		const char *end = memchr(rest.data, ']', rest.size);
		host.size = end ? (size_t)(end - rest.data) + 1 : 0;
	} else {
		const char *end = memchr(rest.data, ':', rest.size);
		host.size = end ? (size_t)(end - rest.data) : rest.size;
	}
	bool dotted = host.size > 4 && strncmp(host.data, "127.", 4) == 0;
	for (size_t i = 0; i < host.size && dotted; i++)
		dotted = host.data[i] == '.' || (host.data[i] >= '0' && host.data[i] <= '9');
	return dotted || host_is(host, "[::1]") || host_is(host, "localhost");
}

static prl_status address_check(const prl_link_options *options, prl_error *err)
{
	const char *address = options->address;
	if (!address || strlen(address) >= PRL_LINK_ADDRESS_MAX)
		return prl_error_set(err, PRL_E_SYNTAX, "an address of at most %d bytes was expected",
				     PRL_LINK_ADDRESS_MAX - 1);
	bool tls = strncmp(address, "https://", 8) == 0;
	const char *rest = tls ? address + 8 : strncmp(address, "http://", 7) == 0 ? address + 7 : NULL;
	if (!rest || !*rest || strpbrk(rest, "/?#@ \t\r\n"))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%s\" is no address, expected http:// or https://, a host and a port, no path",
				     address);
	if (tls && !options->pin)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s: no hash of its certificate's key is known, expected one in the constitution",
				     address);
	if (!tls && !prl_link_is_loopback(prl_bytes_of(rest)))
		return prl_error_set(err, PRL_E_REFUSED, "%s: beyond this machine https is expected", address);
	return PRL_OK;
}

/* ---- new, free --------------------------------------------------------------------------------------------------- */

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&((prl_link *)context)->stopped);
}

static bool set_up(prl_link *link, const prl_link_options *options)
{
	CURL *curl = link->curl;
	bool tls = options->pin && strncmp(link->address, "https://", 8) == 0;
	bool good = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, tls ? "https" : "http") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, link->trouble) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, link) == CURLE_OK;
	(void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, options->connect_s ? (long)options->connect_s : 5L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, options->total_s ? (long)options->total_s : 30L);
	if (!tls || !good)
		return good;
	char pin[16 + PRL_HASH_TEXT_MAX] = "sha256//";
	prl_hash_write(options->pin, pin + strlen(pin));
	good = curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, pin) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	if (options->certificate && options->key)
		good = good && curl_easy_setopt(curl, CURLOPT_SSLCERT, options->certificate) == CURLE_OK &&
		       curl_easy_setopt(curl, CURLOPT_SSLKEY, options->key) == CURLE_OK;
	return good;
}

prl_status prl_link_new(const prl_link_options *options, prl_link **ret, prl_error *err)
{
	prl_status status = address_check(options, err);
	if (status)
		return status;
	(void)pthread_once(&curl_once, curl_start);
	prl_link *link = calloc(1, sizeof *link);
	if (!link)
		return prl_error_memory(err);
	(void)snprintf(link->address, sizeof link->address, "%s", options->address);
	atomic_init(&link->stopped, false);
	link->curl = curl_easy_init();
	if (!link->curl || !set_up(link, options)) {
		prl_link_free(link);
		return prl_error_set(err, PRL_E_IO, "libcurl does not do what is needed: %s", curl_version());
	}
	*ret = link;
	return PRL_OK;
}

void prl_link_free(prl_link *link)
{
	if (!link)
		return;
	if (link->curl)
		curl_easy_cleanup(link->curl);
	free(link);
}

const char *prl_link_address(const prl_link *link)
{
	return link->address;
}

void prl_link_stop(prl_link *link)
{
	atomic_store(&link->stopped, true);
}

void prl_reply_done(prl_reply *reply)
{
	prl_buffer_done(&reply->body);
}

/* ---- one request ------------------------------------------------------------------------------------------------- */

static size_t on_body(char *bytes, size_t one, size_t count, void *context)
{
	return prl_buffer_append(context, bytes, one * count) ? one * count : 0;
}

static struct curl_slist *headers_of(const prl_link *link, const char *type)
{
	char line[TOKEN_MAX + 40];
	/* No Expect: a 100 that never comes would cost a second. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	(void)snprintf(line, sizeof line, "Content-Type:%s%s", type ? " " : "", type ? type : "");
	struct curl_slist *more = list ? curl_slist_append(list, line) : NULL;
	if (more && link->token[0]) {
		(void)snprintf(line, sizeof line, "Authorization: Bearer %s", link->token);
		more = curl_slist_append(more, line);
	}
	if (!more)
		curl_slist_free_all(list);
	return more;
}

static void method_set(CURL *curl, const char *method, const prl_bytes *body)
{
	(void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
	if (strcmp(method, "GET") == 0)
		return;
	(void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body && body->size ? body->data : "");
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(body ? body->size : 0));
}

static prl_status failure(const prl_link *link, CURLcode code, const prl_reply *reply, prl_error *err)
{
	if (atomic_load(&link->stopped))
		return prl_error_set(err, PRL_E_CALLBACK, "%s: stopped", link->address);
	if (code == CURLE_WRITE_ERROR && reply->body.failed)
		return prl_error_set(err, PRL_E_TOO_LARGE, "%s: the answer has more than %zu bytes", link->address,
				     reply->body.max);
	return prl_error_set(err, PRL_E_IO, "%s: %s", link->address,
			     link->trouble[0] ? link->trouble : curl_easy_strerror(code));
}

static void answer_read(CURL *curl, prl_reply *reply)
{
	long status = 0;
	const char *type = NULL;
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	reply->status = (unsigned)status;
	(void)snprintf(reply->type, sizeof reply->type, "%s", type ? type : "");
}

prl_status prl_link_send(prl_link *link, const char *method, const char *path, const char *type, const prl_bytes *body,
			 prl_reply *reply, prl_error *err)
{
	char url[PRL_LINK_ADDRESS_MAX + 600];
	int length = snprintf(url, sizeof url, "%s%s", link->address, path);
	if (length < 0 || (size_t)length >= sizeof url)
		return prl_error_set(err, PRL_E_RANGE, "the path %.100s… is too long", path);
	struct curl_slist *headers = headers_of(link, type);
	if (!headers)
		return prl_error_memory(err);
	size_t max = reply->body.max;
	prl_buffer_done(&reply->body);
	reply->body = PRL_BUFFER(max);
	link->trouble[0] = 0;
	method_set(link->curl, method, body);
	(void)curl_easy_setopt(link->curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(link->curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(link->curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(link->curl, CURLOPT_WRITEDATA, &reply->body);
	CURLcode code = atomic_load(&link->stopped) ? CURLE_ABORTED_BY_CALLBACK : curl_easy_perform(link->curl);
	(void)curl_easy_setopt(link->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return failure(link, code, reply, err);
	answer_read(link->curl, reply);
	return PRL_OK;
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static prl_status status_of(unsigned http)
{
	switch (http) {
	case 401:
	case 403:
		return PRL_E_REFUSED;
	case 404:
		return PRL_E_NOT_FOUND;
	case 409:
		return PRL_E_STALE;
	case 413:
		return PRL_E_TOO_LARGE;
	case 422:
		return PRL_E_SIGNATURE;
	default:
		return http >= 500 ? PRL_E_IO : PRL_E_SYNTAX;
	}
}

prl_status prl_reply_error(const prl_reply *reply, const char *address, prl_error *err)
{
	json_t *json = reply->body.size ? json_loadb(reply->body.data, reply->body.size, 0, NULL) : NULL;
	const char *text = json_string_value(json_object_get(json, "text"));
	const char *where = json_string_value(json_object_get(json, "where"));
	prl_status status = prl_error_set(err, status_of(reply->status), "%s answered %u: %s", address, reply->status,
					  text ? text : "without a reason that can be read");
	if (err && where)
		(void)snprintf(err->where, sizeof err->where, "%s", where);
	json_decref(json);
	return status;
}

prl_status prl_link_ask(prl_link *link, const char *method, const char *path, const char *type, const prl_bytes *body,
			prl_reply *reply, prl_error *err)
{
	prl_status status = prl_link_send(link, method, path, type, body, reply, err);
	if (status)
		return status;
	if (reply->status >= 200 && reply->status < 300)
		return PRL_OK;
	return prl_reply_error(reply, link->address, err);
}

/* ---- login ------------------------------------------------------------------------------------------------------- */

prl_status prl_link_token(prl_link *link, const char *token, prl_error *err)
{
	if (token && (strlen(token) >= TOKEN_MAX || strpbrk(token, " \t\r\n")))
		return prl_error_set(err, PRL_E_RANGE, "a token of at most %d bytes without white space was expected",
				     TOKEN_MAX - 1);
	(void)snprintf(link->token, sizeof link->token, "%s", token ? token : "");
	return PRL_OK;
}

const char *prl_link_token_text(const prl_link *link)
{
	return link->token;
}

bool prl_link_logged_in(const prl_link *link)
{
	return link->token[0] != 0;
}

static prl_time wall_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (prl_time)t.tv_sec * PRL_SECOND + t.tv_nsec;
}

/* What is signed names the line and the log that are logged in to, so that nobody can pass it on to another node. */
static prl_status note_write(const json_t *offer, const prl_signer *signer, const char *party, const char *desk,
			     prl_buffer *to, prl_error *err)
{
	const char *nonce = json_string_value(json_object_get(offer, "nonce"));
	const char *log = json_string_value(json_object_get(offer, "log"));
	const char *line = json_string_value(json_object_get(offer, "line"));
	prl_hash hash;
	if (!nonce || !log || !line || !prl_hash_read(prl_bytes_of(line), &hash) || strpbrk(nonce, "\"\\\n") ||
	    strpbrk(log, " \n"))
		return prl_error_set(err, PRL_E_SYNTAX, "the offer of a login has no nonce, line and log");
	char when[PRL_TIME_TEXT_MAX], signature[PRL_SIGNATURE_LINE_MAX];
	prl_time_format(wall_now(), when);
	prl_buffer_printf(to, "parley/v1 login\nline %s\nlog %s\n", line, log);
	if (party)
		prl_buffer_printf(to, "party %s\n", party);
	if (desk && *desk)
		prl_buffer_printf(to, "desk %s\n", desk);
	prl_buffer_printf(to, "key %s\nmode REAL\ntime %s\n\n{\"nonce\":\"%s\"}\n", signer->verifier.name, when, nonce);
	if (to->failed)
		return prl_error_memory(err);
	size_t length = prl_note_sign((prl_bytes){ to->data, to->size }, signer, signature);
	prl_buffer_append(to, "\n", 1);
	return prl_buffer_append(to, signature, length) ? PRL_OK : prl_error_memory(err);
}

static prl_status token_take(prl_link *link, const prl_reply *reply, prl_error *err)
{
	json_t *json = json_loadb(reply->body.data, reply->body.size, 0, NULL);
	const char *token = json_string_value(json_object_get(json, "token"));
	prl_status status = token ? prl_link_token(link, token, err)
				  : prl_error_set(err, PRL_E_SYNTAX, "%s: the login gave no token", link->address);
	json_decref(json);
	return status;
}

prl_status prl_link_login(prl_link *link, const prl_signer *signer, const char *party, const char *desk, prl_error *err)
{
	link->token[0] = 0;
	PRL_CLEANUP(prl_reply_done) prl_reply reply = PRL_REPLY(64 * 1024);
	PRL_CLEANUP(prl_buffer_done) prl_buffer note = PRL_BUFFER(8192);
	prl_status status = prl_link_ask(link, "GET", "/parley/v1/login", NULL, NULL, &reply, err);
	if (status)
		return status;
	json_t *offer = reply.body.size ? json_loadb(reply.body.data, reply.body.size, 0, NULL) : NULL;
	status = note_write(offer, signer, party, desk, &note, err);
	json_decref(offer);
	if (status)
		return status;
	prl_bytes body = { note.data, note.size };
	status = prl_link_ask(link, "POST", "/parley/v1/login", "text/plain", &body, &reply, err);
	return status ? status : token_take(link, &reply, err);
}
