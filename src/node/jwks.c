#include "node/jwks.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "node/clock.h"
#include "node/link.h"

#include <curl/curl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECT_MS 5000

struct prl_jwks {
	prl_jwks_options options;
	prl_jwk_set *fixed;         /* of files and options.more: in every set */
	pthread_mutex_t fetch_lock; /* one fetch at a time */
	CURL *curl;                 /* under fetch_lock */
	char trouble[CURL_ERROR_SIZE];
	prl_buffer body; /* of the answer, under fetch_lock */
	bool too_large;
	atomic_bool stop;
	pthread_mutex_t lock; /* of what follows */
	prl_jwk_set *set;
	bool fetched_holds; /* keys of the address are in the set */
	bool failing, said_missing;
	unsigned failures;           /* since the last good answer */
	int64_t asked_ms;            /* of the monotonic clock: when the address was asked last */
	bool wanted;                 /* it is to be asked now */
	prl_time answered;           /* by options.boot */
	_Atomic uint64_t generation; /* changed under lock, after the set */
	pthread_cond_t wake;
	pthread_t thread;
	bool has_thread;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static prl_time boot_now(const prl_jwks *jwks)
{
	return jwks->options.boot ? jwks->options.boot(jwks->options.clock_context) : prl_clock_boot(NULL);
}

static int64_t monotonic_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(const prl_jwks *jwks, const char *line)
{
	if (jwks->options.say)
		jwks->options.say(jwks->options.context, line);
}

/* ---- the keys ---------------------------------------------------------------------------------------------------- */

prl_jwk_set *prl_jwks_get(prl_jwks *jwks)
{
	(void)pthread_mutex_lock(&jwks->lock);
	prl_jwk_set *set = prl_jwk_set_ref(jwks->set);
	(void)pthread_mutex_unlock(&jwks->lock);
	return set;
}

uint64_t prl_jwks_generation(prl_jwks *jwks)
{
	return atomic_load_explicit(&jwks->generation, memory_order_acquire);
}

static bool sets_equal(const prl_jwk_set *a, const prl_jwk_set *b)
{
	bool equal = a->count == b->count;
	for (size_t i = 0; i < a->count && equal; i++)
		equal = prl_jwk_set_has(b, prl_jwk_id(a->keys[i]));
	return equal;
}

/* Puts another set in force, which is taken over; the lock is held. */
static void set_swap(prl_jwks *jwks, prl_jwk_set *set)
{
	prl_jwk_set *old = jwks->set;
	jwks->set = set;
	if (!old || !sets_equal(old, set))
		(void)atomic_fetch_add_explicit(&jwks->generation, 1, memory_order_acq_rel);
	prl_jwk_set_unref(old);
}

static void drop_if_old(prl_jwks *jwks)
{
	prl_time keep = jwks->options.keep ? jwks->options.keep : PRL_JWKS_KEEP_S * PRL_SECOND;
	(void)pthread_mutex_lock(&jwks->lock);
	bool old = jwks->fetched_holds && boot_now(jwks) - jwks->answered > keep;
	if (old) {
		jwks->fetched_holds = false;
		set_swap(jwks, prl_jwk_set_ref(jwks->fixed));
	}
	(void)pthread_mutex_unlock(&jwks->lock);
	char line[PRL_JWKS_URL_MAX + 200];
	(void)snprintf(line, sizeof line, "%s has not answered for too long: its keys verify no token any more",
		       jwks->options.dss->jwks_url);
	if (old)
		say(jwks, line);
}

/* ---- one fetch --------------------------------------------------------------------------------------------------- */

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&((prl_jwks *)context)->stop);
}

static size_t on_bytes(char *bytes, size_t one, size_t count, void *context)
{
	prl_jwks *jwks = context;
	if (prl_buffer_append(&jwks->body, bytes, one * count))
		return one * count;
	jwks->too_large = true;
	return 0;
}

static prl_status answer_get(prl_jwks *jwks, prl_error *err)
{
	prl_buffer_clear(&jwks->body);
	jwks->body.failed = jwks->too_large = false;
	jwks->trouble[0] = 0;
	CURLcode code = curl_easy_perform(jwks->curl);
	long status = 0;
	(void)curl_easy_getinfo(jwks->curl, CURLINFO_RESPONSE_CODE, &status);
	if (jwks->too_large)
		return prl_error_set(err, PRL_E_TOO_LARGE, "an answer of more than %u bytes", PRL_MAX_JWKS_BYTES);
	if (code != CURLE_OK)
		return prl_error_set(err, PRL_E_IO, "%s", jwks->trouble[0] ? jwks->trouble : curl_easy_strerror(code));
	if (status != 200)
		return prl_error_set(err, PRL_E_IO, "it answered with status %ld, expected 200 and a key set", status);
	return PRL_OK;
}

/* The whole set that follows from an answer: the fixed keys and those of the address. */
static prl_status set_make(prl_jwks *jwks, prl_jwk_set **ret, prl_jwks_read *ret_read, prl_error *err)
{
	prl_jwk_set *set = NULL;
	prl_status status = prl_jwk_set_new(&set, err);
	if (!status)
		status = prl_jwk_set_add_all(set, jwks->fixed, err);
	if (!status)
		status = prl_jwk_set_add_jwks(set, (prl_bytes){ jwks->body.data, jwks->body.size },
					      &jwks->options.dss->jwks_kids, ret_read, err);
	if (status)
		prl_jwk_set_unref(set);
	else
		*ret = set;
	return status;
}

/* Says what has changed since the last time, so that an hour of failures is one line. */
static void say_outcome(prl_jwks *jwks, prl_status status, const prl_jwks_read *read, const prl_error *err)
{
	const char *url = jwks->options.dss->jwks_url;
	char line[PRL_JWKS_URL_MAX + 600];
	bool missing = !status && read->missing.data;
	(void)pthread_mutex_lock(&jwks->lock);
	bool new_failure = status && !jwks->failing, well_again = !status && jwks->failing,
	     new_missing = missing && !jwks->said_missing;
	jwks->failing = status != PRL_OK;
	if (!status)
		jwks->said_missing = missing;
	(void)pthread_mutex_unlock(&jwks->lock);
	if (new_failure)
		(void)snprintf(line, sizeof line, "no keys from %s: %s", url, err->text);
	else if (well_again)
		(void)snprintf(line, sizeof line, "%s answers: %zu keys, %zu passed over", url, read->taken,
			       read->passed_over);
	if (new_failure || well_again)
		say(jwks, line);
	(void)snprintf(line, sizeof line, "%s has no usable key \"%.*s\"", url, missing ? (int)read->missing.size : 0,
		       missing ? read->missing.data : "");
	if (new_missing)
		say(jwks, line);
}

static prl_status fetch(prl_jwks *jwks, prl_error *err)
{
	prl_error own = { 0 };
	prl_jwk_set *set = NULL;
	prl_jwks_read read = { 0 };
	if (!jwks->options.dss->jwks_url)
		return PRL_OK;
	(void)pthread_mutex_lock(&jwks->fetch_lock);
	prl_time asked = boot_now(jwks);
	(void)pthread_mutex_lock(&jwks->lock);
	jwks->asked_ms = monotonic_ms();
	jwks->wanted = false;
	(void)pthread_mutex_unlock(&jwks->lock);
	prl_status status = answer_get(jwks, &own);
	if (!status)
		status = set_make(jwks, &set, &read, &own);
	(void)pthread_mutex_lock(&jwks->lock);
	jwks->failures = status ? jwks->failures + 1 : 0;
	if (!status) {
		jwks->answered = asked;
		jwks->fetched_holds = true;
		set_swap(jwks, set);
	}
	(void)pthread_mutex_unlock(&jwks->lock);
	(void)pthread_mutex_unlock(&jwks->fetch_lock);
	if (!atomic_load(&jwks->stop))
		say_outcome(jwks, status, &read, &own);
	drop_if_old(jwks);
	if (status && err)
		*err = own;
	return status;
}

prl_status prl_jwks_refresh(prl_jwks *jwks, prl_error *err)
{
	return fetch(jwks, err);
}

/* Where it fails it is asked again by its own times. */
void prl_jwks_want(prl_jwks *jwks, const char *kid)
{
	const prl_dss_list *kids = &jwks->options.dss->jwks_kids;
	int64_t early_ms = jwks->options.early_ms ? jwks->options.early_ms : PRL_JWKS_EARLY_S * 1000;
	if (!jwks->has_thread || (kids->count && !prl_dss_list_has(kids, prl_bytes_of(kid))))
		return;
	(void)pthread_mutex_lock(&jwks->lock);
	if (!jwks->failures && !jwks->wanted && monotonic_ms() - jwks->asked_ms >= early_ms) {
		jwks->wanted = true;
		(void)pthread_cond_signal(&jwks->wake);
	}
	(void)pthread_mutex_unlock(&jwks->lock);
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static unsigned pause_ms(const prl_jwks *jwks)
{
	unsigned refresh = jwks->options.refresh_ms ? jwks->options.refresh_ms : PRL_JWKS_REFRESH_S * 1000,
		 pause = jwks->options.retry_ms ? jwks->options.retry_ms : 1000;
	if (!jwks->failures)
		return refresh;
	for (unsigned i = 1; i < jwks->failures && pause < refresh; i++)
		pause *= 2;
	return pause < refresh ? pause : refresh;
}

static void *run(void *context)
{
	prl_jwks *jwks = context;
	(void)pthread_mutex_lock(&jwks->lock);
	while (!atomic_load(&jwks->stop)) {
		struct timespec until;
		unsigned ms = pause_ms(jwks);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += ms / 1000;
		until.tv_nsec += (long)(ms % 1000) * 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		while (!atomic_load(&jwks->stop) && !jwks->wanted &&
		       !pthread_cond_timedwait(&jwks->wake, &jwks->lock, &until))
			continue;
		if (atomic_load(&jwks->stop))
			break;
		(void)pthread_mutex_unlock(&jwks->lock);
		(void)fetch(jwks, NULL);
		(void)pthread_mutex_lock(&jwks->lock);
	}
	(void)pthread_mutex_unlock(&jwks->lock);
	return NULL;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

/* PRL_E_SYNTAX where there is no file or no key in it: PRL_E_NOT_FOUND is for the node's folder. */
static prl_status file_add(prl_jwk_set *set, const char *path, prl_error *err)
{
	prl_error why = { 0 };
	prl_buffer pem = PRL_BUFFER(PRL_MAX_PEM_BYTES);
	prl_status status = prl_file_read(path, &pem, &why);
	if (status) {
		status = status == PRL_E_NOT_FOUND ? PRL_E_SYNTAX : status;
		(void)prl_error_set(err, status, "%s", why.text);
	} else if ((status = prl_jwk_set_add_pem(set, (prl_bytes){ pem.data, pem.size }, &why))) {
		status = status == PRL_E_NOT_FOUND ? PRL_E_SYNTAX : status;
		(void)prl_error_set(err, status, "%s: %s", path, why.text);
	}
	prl_buffer_done(&pem);
	return status;
}

static prl_status files_read(prl_jwks *jwks, prl_error *err)
{
	const prl_dss_options *dss = jwks->options.dss;
	prl_status status = prl_jwk_set_new(&jwks->fixed, err);
	if (!status && jwks->options.more)
		status = prl_jwk_set_add_all(jwks->fixed, jwks->options.more, err);
	for (size_t i = 0; i < dss->key_file_count && !status; i++)
		status = file_add(jwks->fixed, dss->key_files[i], err);
	return status;
}

/* https, or http on loopback; *ret_https says which. */
static prl_status url_check(const char *url, bool *ret_https, prl_error *err)
{
	char *scheme = NULL, *host = NULL;
	CURLU *parts = strlen(url) < PRL_JWKS_URL_MAX ? curl_url() : NULL;
	bool good = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
		    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
	bool https = good && strcmp(scheme, "https") == 0, http = good && strcmp(scheme, "http") == 0,
	     loopback = good && prl_link_is_loopback(prl_bytes_of(host));
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	if (!https && !http)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.200s\" is no address of a key set, expected https://, a host and a path",
				     url);
	if (http && !loopback)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%.200s: beyond this machine https is expected: whoever changed the answer could "
				     "sign any token",
				     url);
	*ret_https = https;
	return PRL_OK;
}

static prl_status fetch_set_up(prl_jwks *jwks, prl_error *err)
{
	const char *url = jwks->options.dss->jwks_url;
	bool https = false;
	if (!url)
		return PRL_OK;
	(void)pthread_once(&curl_once, curl_start);
	prl_status status = url_check(url, &https, err);
	if (status)
		return status;
	CURL *curl = jwks->curl = curl_easy_init();
	long answer_ms = jwks->options.answer_ms ? (long)jwks->options.answer_ms : 10000L;
	bool good = curl && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, https ? "https" : "http") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, jwks->trouble) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, answer_ms) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, jwks) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
		    curl_easy_setopt(curl, CURLOPT_WRITEDATA, jwks) == CURLE_OK;
	if (jwks->options.ca_file)
		good = good && curl_easy_setopt(curl, CURLOPT_CAINFO, jwks->options.ca_file) == CURLE_OK;
	return good ? PRL_OK : prl_error_set(err, PRL_E_IO, "libcurl does not do what is needed: %s", curl_version());
}

static void locks_init(prl_jwks *jwks)
{
	pthread_condattr_t monotonic;
	(void)pthread_mutex_init(&jwks->lock, NULL);
	(void)pthread_mutex_init(&jwks->fetch_lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&jwks->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

prl_status prl_jwks_start(const prl_jwks_options *options, prl_jwks **ret, prl_error *err)
{
	prl_jwks *jwks = calloc(1, sizeof *jwks);
	if (!jwks)
		return prl_error_memory(err);
	jwks->options = *options;
	jwks->body = PRL_BUFFER(PRL_MAX_JWKS_BYTES);
	locks_init(jwks);
	prl_status status = files_read(jwks, err);
	if (!status)
		status = fetch_set_up(jwks, err);
	if (!status)
		set_swap(jwks, prl_jwk_set_ref(jwks->fixed));
	if (!status && jwks->curl) {
		(void)fetch(jwks, NULL);
		jwks->has_thread = pthread_create(&jwks->thread, NULL, run, jwks) == 0;
		if (!jwks->has_thread)
			status = prl_error_set(err, PRL_E_MEMORY, "no thread for the keys");
	}
	if (status)
		prl_jwks_stop(jwks);
	else
		*ret = jwks;
	return status;
}

void prl_jwks_stop(prl_jwks *jwks)
{
	if (!jwks)
		return;
	(void)pthread_mutex_lock(&jwks->lock);
	atomic_store(&jwks->stop, true);
	(void)pthread_cond_broadcast(&jwks->wake);
	(void)pthread_mutex_unlock(&jwks->lock);
	if (jwks->has_thread)
		(void)pthread_join(jwks->thread, NULL);
	if (jwks->curl)
		curl_easy_cleanup(jwks->curl);
	prl_buffer_done(&jwks->body);
	prl_jwk_set_unref(jwks->set);
	prl_jwk_set_unref(jwks->fixed);
	(void)pthread_cond_destroy(&jwks->wake);
	(void)pthread_mutex_destroy(&jwks->lock);
	(void)pthread_mutex_destroy(&jwks->fetch_lock);
	free(jwks);
}
