#include "node/uss_client.h"

#include "base/error.h"

#include <ctype.h>
#include <curl/curl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS 5000L

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- addresses that are not called ------------------------------------------------------------------------------- */

static bool is_near_v4(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || a >> 16 == 0xa9fe || a >> 28 >= 0xe; /* 169.254/16; 224/4 and above */
}

/* The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64 (RFC 6052), 6to4. */
static bool is_v4_inside(const struct in6_addr *a, uint32_t *ret)
{
	static const unsigned char nat64[12] = { 0, 0x64, 0xff, 0x9b };
	const unsigned char *at = &a->s6_addr[12];
	if (a->s6_addr[0] == 0x20 && a->s6_addr[1] == 0x02)
		at = &a->s6_addr[2];
	else if (!IN6_IS_ADDR_V4MAPPED(a) && !IN6_IS_ADDR_V4COMPAT(a) && memcmp(a, nat64, sizeof nat64) != 0)
		return false;
	*ret = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	return true;
}

static bool is_near_v6(const struct in6_addr *a)
{
	uint32_t inside;
	if (IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
	    IN6_IS_ADDR_MULTICAST(a))
		return true;
	return is_v4_inside(a, &inside) && is_near_v4(inside);
}

static bool same_host(const struct sockaddr *a, const struct sockaddr *b)
{
	if (!b || a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)(const void *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr,
		      &((const struct sockaddr_in6 *)(const void *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
}

/* True also where it cannot be found out. */
static bool is_of_this_machine(const struct sockaddr *address)
{
	struct ifaddrs *all = NULL;
	if (getifaddrs(&all))
		return true;
	bool found = false;
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next)
		found = same_host(address, one->ifa_addr);
	freeifaddrs(all);
	return found;
}

bool prl_uss_is_near(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const void *)address;
		return is_near_v4(ntohl(v4->sin_addr.s_addr)) || is_of_this_machine(address);
	}
	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)address;
		return is_near_v6(&v6->sin6_addr) || is_of_this_machine(address);
	}
	return true;
}

/* ---- an address -------------------------------------------------------------------------------------------------- */

static prl_status bad_address(prl_error *err, const char *why)
{
	return prl_error_set(err, PRL_E_REFUSED, "its address is not called: %s", why);
}

static prl_status check_scheme(const prl_uss_client *client, CURLU *parts, prl_error *err)
{
	char *scheme = NULL;
	bool read = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;
	bool https = read && strcmp(scheme, "https") == 0, http = read && strcmp(scheme, "http") == 0;
	curl_free(scheme);
	if (!https && !(http && client->http_urls))
		return bad_address(err, "it is not https");
	return PRL_OK;
}

static prl_status parts_of(const prl_uss_client *client, const char *base_url, CURLU **ret, prl_error *err)
{
	(void)pthread_once(&curl_once, curl_start);
	CURLU *parts = curl_url();
	if (!parts)
		return prl_error_memory(err);
	prl_status status = PRL_OK;
	for (const char *c = base_url; *c && !status; c++)
		if ((unsigned char)*c <= ' ' || *c == 127 || strchr("\\?#", *c))
			status = bad_address(err, "it is no URL, or has a query");
	if (!status && (strlen(base_url) >= PRL_USS_URL_MAX - 100 ||
			curl_url_set(parts, CURLUPART_URL, base_url, CURLU_DISALLOW_USER) != CURLUE_OK))
		status = bad_address(err, "it is no URL");
	if (!status)
		status = check_scheme(client, parts, err);
	if (status)
		curl_url_cleanup(parts);
	else
		*ret = parts;
	return status;
}

prl_status prl_uss_host(const prl_uss_client *client, const char *base_url, char ret[PRL_USS_HOST_MAX], prl_error *err)
{
	CURLU *parts = NULL;
	char *host = NULL;
	prl_status status = parts_of(client, base_url, &parts, err);
	if (status)
		return status;
	if (curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK || strlen(host) >= PRL_USS_HOST_MAX)
		status = bad_address(err, "its host is too long");
	for (size_t i = 0; !status && i <= strlen(host); i++)
		ret[i] = (char)tolower((unsigned char)host[i]);
	curl_free(host);
	curl_url_cleanup(parts);
	return status;
}

/* The path goes behind the address's own. */
static prl_status add_path(CURLU *parts, const char *path, prl_error *err)
{
	char *own = NULL, joined[PRL_USS_URL_MAX];
	if (curl_url_get(parts, CURLUPART_PATH, &own, 0) != CURLUE_OK)
		return bad_address(err, "it is no URL");
	size_t length = strlen(own);
	while (length && own[length - 1] == '/')
		length--;
	int written = snprintf(joined, sizeof joined, "%.*s%s", (int)length, own, path);
	curl_free(own);
	if (written < 0 || (size_t)written >= sizeof joined ||
	    curl_url_set(parts, CURLUPART_PATH, joined, 0) != CURLUE_OK)
		return bad_address(err, "it is too long");
	return PRL_OK;
}

/* ---- a call ------------------------------------------------------------------------------------------------------ */

typedef struct calling {
	prl_uss_client *client;
	prl_buffer *body;
	size_t head;
	bool too_large, refused;
} calling;

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&((calling *)context)->client->stop);
}

static size_t on_head(char *bytes, size_t one, size_t count, void *context)
{
	calling *c = context;
	(void)bytes;
	c->head += one * count;
	c->too_large = c->too_large || c->head > PRL_USS_HEAD_MAX;
	return c->too_large ? 0 : one * count;
}

static size_t on_bytes(char *bytes, size_t one, size_t count, void *context)
{
	calling *c = context;
	if (prl_buffer_append(c->body, bytes, one * count))
		return one * count;
	c->too_large = true;
	return 0;
}

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	calling *c = context;
	(void)purpose;
	if (!c->client->http_urls && prl_uss_is_near(&address->addr)) {
		c->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_up(CURL *curl, calling *c, CURLU *parts, struct curl_slist *head)
{
	long answer_ms = c->client->answer_ms ? (long)c->client->answer_ms : PRL_USS_ANSWER_S * 1000L;
	bool good = curl_easy_setopt(curl, CURLOPT_CURLU, parts) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, c->client->http_urls ? "http,https" : "https") ==
			    CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, answer_ms) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, head) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, c) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, c) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_head) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_HEADERDATA, c) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEDATA, c) == CURLE_OK;
	if (c->client->ca_file)
		good = good && curl_easy_setopt(curl, CURLOPT_CAINFO, c->client->ca_file) == CURLE_OK;
	return good;
}

static bool set_body(CURL *curl, const prl_bytes *body)
{
	return !body || (curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size) == CURLE_OK &&
			 curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data) == CURLE_OK);
}

/* NULL where memory is short. "Expect:" keeps libcurl from waiting for a leave to send. */
static struct curl_slist *head_of(const prl_uss_call *call)
{
	char *bearer = NULL;
	struct curl_slist *head = NULL;
	if (asprintf(&bearer, "Authorization: Bearer %s", call->token) < 0)
		return NULL;
	const char *const lines[] = { bearer, "Content-Type: application/json", "Accept: application/json", "Expect:" };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct curl_slist *longer = curl_slist_append(head, lines[i]);
		if (!longer) {
			curl_slist_free_all(head);
			head = NULL;
			break;
		}
		head = longer;
	}
	free(bearer);
	return head;
}

static prl_status outcome(const calling *c, CURLcode code, prl_error *err)
{
	if (c->too_large)
		return prl_error_set(err, PRL_E_TOO_LARGE, "its answer is larger than %u bytes", PRL_USS_BODY_MAX);
	if (atomic_load(&c->client->stop))
		return prl_error_set(err, PRL_E_CALLBACK, "the node ends");
	if (code == CURLE_OK)
		return PRL_OK;
	if (c->refused)
		return bad_address(err, "it leads to this machine or its link");
	return prl_error_set(err, PRL_E_IO, "the address did not answer: %s", curl_easy_strerror(code));
}

static prl_status perform(calling *c, const prl_uss_call *call, CURLU *parts, unsigned *ret_status, prl_error *err)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *head = curl ? head_of(call) : NULL;
	prl_status status;
	if (!head || !set_up(curl, c, parts, head) || !set_body(curl, call->body)) {
		status = prl_error_memory(err);
	} else {
		long code = 0;
		status = outcome(c, curl_easy_perform(curl), err);
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
		if (!status)
			*ret_status = (unsigned)code;
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(head);
	return status;
}

prl_status prl_uss_send(prl_uss_client *client, const prl_uss_call *call, unsigned *ret_status, prl_buffer *body,
			prl_error *err)
{
	CURLU *parts = NULL;
	calling c = { .client = client, .body = body };
	prl_status status = parts_of(client, call->base_url, &parts, err);
	if (status)
		return status;
	status = add_path(parts, call->path, err);
	if (!status)
		status = perform(&c, call, parts, ret_status, err);
	curl_url_cleanup(parts);
	return status;
}
