#include "node/fetcher.h"

#include "base/error.h"
#include "dss/said.h"
#include "formats/clean.h"
#include "node/uss_ask.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define SCOPE        "utm.strategic_coordination"
#define ADDRESS_MOST 2u /* calls to one address at a time */
#define KEPT         128u
#define KEPT_BYTES   (64u << 10) /* of an answer that is kept */
#define FAILED       64u

typedef struct kept {
	prl_uuid id;
	uint32_t version;
	json_t *details; /* NULL: free */
	prl_time at;
} kept;

typedef struct failed {
	char *url, why[PRL_FETCHER_WHY_MAX];
	prl_time at;
} failed;

struct prl_fetcher {
	prl_fetcher_parts parts;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t work;
	bool stop;
	prl_fetch *first, **last;
	size_t waiting;
	const char *under_way[PRL_FETCHER_THREADS]; /* addresses */
	kept kept[KEPT];
	size_t next_kept;
	failed failed[FAILED];
	size_t next_failed;
	pthread_t threads[PRL_FETCHER_THREADS];
	size_t started;
};

typedef struct worker {
	prl_fetcher *fetcher;
	size_t number;
} worker;

static prl_time boot(const prl_fetcher *f)
{
	return f->parts.boot(f->parts.context);
}

/* ---- kept; the lock is held -------------------------------------------------------------------------------------- */

static json_t *find_kept(const prl_fetcher *f, const prl_fetch *fetch)
{
	prl_time now = boot(f);
	for (size_t i = 0; i < KEPT; i++) {
		const kept *one = &f->kept[i];
		if (one->details && one->version == fetch->version && prl_uuid_equal(&one->id, &fetch->id) &&
		    now - one->at < PRL_FETCHER_KEEP_S * PRL_SECOND)
			return json_deep_copy(one->details);
	}
	return NULL;
}

static void keep(prl_fetcher *f, const prl_fetch *fetch, const json_t *details)
{
	kept *one = &f->kept[f->next_kept++ % KEPT];
	json_decref(one->details);
	*one = (kept){ fetch->id, fetch->version, json_deep_copy(details), boot(f) };
}

static const char *find_failed(const prl_fetcher *f, const char *url)
{
	prl_time now = boot(f);
	for (size_t i = 0; i < FAILED; i++) {
		const failed *one = &f->failed[i];
		if (one->url && now - one->at < PRL_FETCHER_FAILED_S * PRL_SECOND && strcmp(one->url, url) == 0)
			return one->why;
	}
	return NULL;
}

static void remember_failure(prl_fetcher *f, const char *url, const char *why)
{
	failed *one = &f->failed[f->next_failed++ % FAILED];
	free(one->url);
	*one = (failed){ .url = strdup(url), .at = boot(f) };
	(void)snprintf(one->why, sizeof one->why, "%s", why);
}

/* ---- one fetch; no lock is held ---------------------------------------------------------------------------------- */

typedef struct outcome {
	json_t *details; /* NULL: why */
	size_t bytes;
	bool unanswered; /* nothing came from the address */
	char why[PRL_FETCHER_WHY_MAX];
} outcome;

static void say(outcome *to, const char *what, const prl_error *err)
{
	char place[sizeof err->where], text[sizeof err->text];
	prl_clean(err->where, place, sizeof place);
	prl_clean(err->text, text, sizeof text);
	(void)snprintf(to->why, sizeof to->why, "%.60s%.100s%s%.120s", what, place, *place ? ": " : "", text);
}

static void ask(prl_fetcher *f, const prl_fetch *fetch, outcome *ret)
{
	char id[PRL_UUID_TEXT_MAX], path[100];
	unsigned answered = 0;
	prl_error err = { 0 };
	prl_buffer answer = PRL_BUFFER(PRL_USS_BODY_MAX);
	prl_uuid_write(&fetch->id, id);
	(void)snprintf(path, sizeof path, "/uss/v1/operational_intents/%s", id);
	const prl_uss_ask request = { .base_url = fetch->url, .path = path, .scope = SCOPE };
	*ret = (outcome){ 0 };
	prl_status status = prl_uss_ask_for(f->parts.client, f->parts.tokens, &request, &answered, &answer, &err);
	ret->unanswered = status == PRL_E_IO;
	ret->bytes = answer.size;
	if (status)
		say(ret, "", &err);
	else if (answered != 200)
		(void)snprintf(ret->why, sizeof ret->why, "the address answered with status %u", answered);
	else if (prl_said_read((prl_bytes){ answer.data, answer.size }, &fetch->id, &ret->details, &err))
		say(ret, "the answer is not as F3548 has it: ", &err);
	prl_buffer_done(&answer);
}

/* ---- the threads; the lock is held ------------------------------------------------------------------------------- */

static bool has_room(const prl_fetcher *f, const char *url)
{
	size_t count = 0;
	for (size_t i = 0; i < PRL_FETCHER_THREADS; i++)
		count += f->under_way[i] && strcmp(f->under_way[i], url) == 0;
	return count < ADDRESS_MOST;
}

/* The first whose address has room; NULL where there is none. */
static prl_fetch *take_next(prl_fetcher *f)
{
	for (prl_fetch **place = &f->first; *place; place = &(*place)->next) {
		prl_fetch *one = *place;
		if (!has_room(f, one->url))
			continue;
		*place = one->next;
		if (f->last == &one->next)
			f->last = place;
		f->waiting--;
		return one;
	}
	return NULL;
}

/* The lock is let go meanwhile. */
static void carry_out(prl_fetcher *f, size_t number, prl_fetch *fetch)
{
	outcome got = { .details = find_kept(f, fetch) };
	const char *before = got.details ? NULL : find_failed(f, fetch->url);
	bool asks = !got.details && !before && !f->stop;
	(void)snprintf(got.why, sizeof got.why, "%s", before ? before : "the node ends");
	f->under_way[number] = asks ? fetch->url : NULL;
	(void)pthread_mutex_unlock(&f->lock);
	if (asks)
		ask(f, fetch, &got);
	(void)pthread_mutex_lock(&f->lock);
	if (asks && got.details && got.bytes <= KEPT_BYTES)
		keep(f, fetch, got.details);
	else if (asks && got.unanswered)
		remember_failure(f, fetch->url, got.why);
	f->under_way[number] = NULL;
	(void)pthread_mutex_unlock(&f->lock);
	fetch->done(fetch, got.details, got.why);
	(void)pthread_mutex_lock(&f->lock);
	(void)pthread_cond_broadcast(&f->work); /* its address has room now */
}

static void *work(void *context)
{
	worker *self = context;
	prl_fetcher *f = self->fetcher;
	size_t number = self->number;
	free(self);
	(void)pthread_mutex_lock(&f->lock);
	for (;;) {
		prl_fetch *fetch = take_next(f);
		if (fetch)
			carry_out(f, number, fetch);
		else if (f->stop && !f->first)
			break;
		else
			(void)pthread_cond_wait(&f->work, &f->lock);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return NULL;
}

bool prl_fetcher_get(prl_fetcher *f, prl_fetch *fetch)
{
	(void)pthread_mutex_lock(&f->lock);
	bool taken = !f->stop && f->waiting < PRL_FETCHER_WAITING;
	if (taken) {
		fetch->next = NULL;
		*f->last = fetch;
		f->last = &fetch->next;
		f->waiting++;
		(void)pthread_cond_signal(&f->work);
	}
	(void)pthread_mutex_unlock(&f->lock);
	return taken;
}

/* ---- start, end -------------------------------------------------------------------------------------------------- */

static bool start_one(prl_fetcher *f)
{
	worker *self = malloc(sizeof *self);
	if (!self)
		return false;
	*self = (worker){ f, f->started };
	if (pthread_create(&f->threads[f->started], NULL, work, self) == 0) {
		f->started++;
		return true;
	}
	free(self);
	return false;
}

prl_status prl_fetcher_start(const prl_fetcher_parts *parts, prl_fetcher **ret, prl_error *err)
{
	prl_fetcher *f = calloc(1, sizeof *f);
	bool good = f != NULL;
	if (!f)
		return prl_error_memory(err);
	f->parts = *parts;
	f->last = &f->first;
	(void)pthread_mutex_init(&f->lock, NULL);
	(void)pthread_cond_init(&f->work, NULL);
	for (size_t i = 0; i < PRL_FETCHER_THREADS && good; i++)
		good = start_one(f);
	if (!good) {
		prl_fetcher_end(f);
		prl_fetcher_free(f);
		return prl_error_set(err, PRL_E_MEMORY, "no thread to fetch details of intents");
	}
	*ret = f;
	return PRL_OK;
}

void prl_fetcher_end(prl_fetcher *f)
{
	if (!f)
		return;
	(void)pthread_mutex_lock(&f->lock);
	f->stop = true;
	(void)pthread_cond_broadcast(&f->work);
	(void)pthread_mutex_unlock(&f->lock);
	atomic_store(&f->parts.client->stop, true);
	prl_own_tokens_stop(f->parts.tokens);
	for (size_t i = 0; i < f->started; i++)
		(void)pthread_join(f->threads[i], NULL);
	f->started = 0;
}

void prl_fetcher_free(prl_fetcher *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < KEPT; i++)
		json_decref(f->kept[i].details);
	for (size_t i = 0; i < FAILED; i++)
		free(f->failed[i].url);
	(void)pthread_cond_destroy(&f->work);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}
