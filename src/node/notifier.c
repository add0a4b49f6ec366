#include "node/notifier.h"

#include "base/error.h"
#include "base/text.h"
#include "node/notifier_inside.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOK_MS        200   /* while somebody is to be told: pauses go by another clock */
#define REST_MS        20    /* between two looks: a busy log publishes a thousand times a second */
#define GATHER_MS      1000  /* results of one change wait for each other, so that they make one entry */
#define RECORD_BYTES   40000 /* of one entry, of at most 65,535 */
#define RECORD_RESULTS 900   /* below PRL_TOLD_LISTED_MAX */
#define KNOWN_S        86400 /* an address that answered is known for so long */
#define ADDRESSES_KEPT 10000 /* to which there is nothing to say */

/* ---- what is to be told; the lock is held ------------------------------------------------------------------------ */

static void address_free(address *at)
{
	while (at->letters) {
		letter *of = at->letters;
		at->letters = of->next;
		while (of->lines) {
			line *one = of->lines;
			of->lines = one->next;
			free(one->manager);
			free(one);
		}
		free(of);
	}
	free(at->url);
	free(at->manager);
	free(at);
}

static address *address_new(const char *url, const char *manager)
{
	address *made = calloc(1, sizeof *made);
	if (!made)
		return NULL;
	made->url = strdup(url);
	made->manager = strdup(manager);
	if (made->url && made->manager)
		return made;
	free(made->url);
	free(made->manager);
	free(made);
	return NULL;
}

/* Found, or made; NULL without memory. */
static address *address_of(prl_notifier *n, const char *url, const char *manager)
{
	const json_t *known = json_object_get(n->by_url, url);
	if (known)
		return (address *)(uintptr_t)json_integer_value(known);
	address *made = address_new(url, manager);
	if (made && json_object_set_new(n->by_url, url, json_integer((json_int_t)(uintptr_t)made))) {
		address_free(made);
		made = NULL;
	}
	if (!made)
		return NULL;
	made->last = n->parts.boot(n->parts.context);
	made->next = n->addresses;
	n->addresses = made;
	n->address_count++;
	return made;
}

static letter *letter_of(address *at, const prl_uuid *id)
{
	letter **place = &at->letters;
	while (*place && !prl_uuid_equal(&(*place)->id, id))
		place = &(*place)->next;
	if (!*place && (*place = calloc(1, sizeof **place)))
		(*place)->id = *id;
	return *place;
}

static bool add_line(prl_notifier *n, news *of, const prl_untold_target *target)
{
	address *at = address_of(n, target->url, target->manager);
	letter *to = at ? letter_of(at, &of->id) : NULL;
	line *made = to ? calloc(1, sizeof *made) : NULL;
	char *manager = made ? strdup(target->manager) : NULL;
	if (!manager) { /* a letter without lines is taken away by whoever sends it */
		free(made);
		return false;
	}
	*made = (line){ .of = of,
			.manager = manager,
			.subscription = target->subscription,
			.index = target->index,
			.first = n->parts.boot(n->parts.context),
			.next = to->lines };
	to->lines = made;
	of->waiting++;
	n->figures.waiting++;
	return true;
}

/* A walk through both lists, which are in the order of entries. */
typedef struct learning {
	prl_notifier *n;
	news **place;
} learning;

static news *news_new(const prl_untold *untold)
{
	news *made = calloc(1, sizeof *made);
	if (!made)
		return NULL;
	made->entry = untold->entry;
	made->id = untold->id;
	made->version = untold->version;
	made->notice = untold->notice;
	made->over = untold->over;
	made->until = untold->until;
	return made;
}

/* What the picture has and the notifier has not. Out of memory it is left out, and comes after a restart. */
static bool learn(void *context, const prl_untold *untold)
{
	learning *l = context;
	while (*l->place && (*l->place)->entry < untold->entry)
		l->place = &(*l->place)->next;
	if (*l->place && (*l->place)->entry == untold->entry)
		return true;
	news *made = news_new(untold);
	if (!made)
		return false;
	made->next = *l->place;
	*l->place = made;
	for (size_t i = 0; i < untold->count; i++)
		if (!add_line(l->n, made, &untold->targets[i]))
			return false;
	return true;
}

/* The lock is held. True where somebody is to be told. A node that does not take entries yet tells nobody: it could not
 * record it. */
static bool look(prl_notifier *n)
{
	if (n->parts.open && !n->parts.open(n->parts.context))
		return true;
	prl_version version = prl_picture_pin(n->parts.picture);
	bool any = prl_untold_count(n->parts.picture, version) > 0;
	learning l = { n, &n->news };
	if (any && prl_untold_each(n->parts.picture, version, learn, &l, NULL))
		any = true; /* out of memory: looked at again */
	prl_picture_unpin(n->parts.picture, version);
	return any;
}

/* ---- what came of it --------------------------------------------------------------------------------------------- */

/* The row of a USS in a list; unreached ones have a reason. */
static json_t *row_of(json_t *list, const result *of)
{
	json_t *row;
	size_t i;
	json_array_foreach(list, i, row)
	{
		const char *uss = json_string_value(json_object_get(row, "uss"));
		const char *why = json_string_value(json_object_get(row, "why"));
		if (strcmp(uss, of->manager) == 0 && strcmp(why ? why : "", of->told ? "" : of->why) == 0)
			return row;
	}
	row = json_pack("{s:s, s:[]}", "uss", of->manager, "subscriptions");
	if (!of->told)
		(void)json_object_set_new(row, "why", json_string(of->why));
	return json_array_append_new(list, row) ? NULL : row;
}

static bool list_result(json_t *body, const result *of)
{
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&of->subscription, id);
	json_t *row = row_of(json_object_get(body, of->told ? "told" : "unreached"), of);
	return row && json_array_append_new(json_object_get(row, "subscriptions"), json_string(id)) == 0;
}

/* How it stands by now: whether the constraint is over, and how long it matters. */
static prl_time until_of(const prl_notifier *n, const news *of, bool *ret_over)
{
	prl_time until = of->until;
	prl_version version = prl_picture_pin(n->parts.picture);
	const prl_entity *now = prl_entity_find(n->parts.picture, version, PRL_CONSTRAINT, &of->id);
	*ret_over = !now;
	if (now)
		until = now->shape->extent->to;
	prl_picture_unpin(n->parts.picture, version);
	for (const news *other = n->news; other && *ret_over; other = other->next)
		if (other->over && other->entry > of->entry && prl_uuid_equal(&other->id, &of->id))
			until = other->until;
	return until;
}

static json_t *begin_body(const prl_notifier *n, const news *of)
{
	char id[PRL_UUID_TEXT_MAX], notice[PRL_HASH_TEXT_MAX], until[PRL_TIME_TEXT_MAX];
	bool over;
	prl_uuid_write(&of->id, id);
	prl_hash_write(&of->notice, notice);
	prl_time_format(until_of(n, of, &over), until);
	json_t *body =
		json_pack("{s:I, s:s, s:I, s:s, s:s, s:[], s:[]}", "entry", (json_int_t)of->entry, "id", id, "version",
			  (json_int_t)of->version, "notice", notice, "until", until, "told", "unreached");
	if (body && over)
		(void)json_object_set_new(body, "over", json_true());
	return body;
}

/* As many results as fit into one entry are taken off and become its body; NULL without memory. */
static json_t *take_body(const prl_notifier *n, news *of, result **ret_taken)
{
	size_t bytes = 400, count = 0;
	json_t *body = begin_body(n, of);
	bool done = body != NULL;
	while (done && of->results && bytes < RECORD_BYTES && count < RECORD_RESULTS) {
		result *one = of->results;
		done = list_result(body, one);
		bytes += 100 + 2 * strlen(one->manager) + strlen(one->why);
		count++;
		of->results = one->next;
		one->next = *ret_taken;
		*ret_taken = one;
	}
	if (done)
		return body;
	json_decref(body);
	return NULL;
}

static prl_status record(prl_notifier *n, json_t *body, prl_error *err)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	if (!text)
		return prl_error_memory(err);
	prl_filing filing = { .what = PRL_FILING_RECORDED,
			      .kind = "constraint.told",
			      .recorded = "node",
			      .body = { text, strlen(text) } };
	prl_status status = prl_clerk_submit_wait(n->parts.clerk, &filing);
	if (status && err)
		*err = filing.err;
	free(text);
	return status;
}

static void free_results(result *all)
{
	while (all) {
		result *next = all->next;
		free(all->manager);
		free(all);
		all = next;
	}
}

/* The lock is held, and let go while the clerk writes. What could not be written is kept for the next time. */
static bool record_some(prl_notifier *n, news *of)
{
	result *taken = NULL;
	prl_error err = { 0 };
	json_t *body = take_body(n, of, &taken);
	(void)pthread_mutex_unlock(&n->lock);
	prl_status status = record(n, body, &err);
	json_decref(body);
	(void)pthread_mutex_lock(&n->lock);
	/* refused: the record has it already, or knows nothing of it */
	if (!status || status == PRL_E_REFUSED) {
		free_results(taken);
		return true;
	}
	while (taken) {
		result *next = taken->next;
		taken->next = of->results;
		of->results = taken;
		taken = next;
	}
	of->since_ms = INT64_MAX; /* not before others come, or all are there */
	return false;
}

static int64_t real_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Only this thread takes news away, so that they stay while the lock is let go. */
static void record_all(prl_notifier *n)
{
	for (news **place = &n->news; *place && !n->stop;) {
		news *one = *place;
		bool written = true;
		while (written && one->results && !n->stop && (!one->waiting || real_ms() - one->since_ms >= GATHER_MS))
			written = record_some(n, one);
		if (one->waiting || one->results) {
			place = &one->next;
			continue;
		}
		*place = one->next;
		free(one);
	}
}

static bool is_forgotten(const prl_notifier *n, const address *at, prl_time now)
{
	prl_time kept = (at->answered ? KNOWN_S : PRL_NOTIFIER_GIVE_UP_S) * PRL_SECOND;
	return !at->letters && !at->sending && (now - at->last >= kept || n->address_count > ADDRESSES_KEPT);
}

/* Addresses to which there is nothing to say; those that were called are remembered for a while: who answered is not
 * doubtful the next time, and who fails goes on waiting. */
static void forget_addresses(prl_notifier *n)
{
	prl_time now = n->parts.boot(n->parts.context);
	for (address **place = &n->addresses; *place;) {
		address *at = *place;
		if (!is_forgotten(n, at, now)) {
			place = &at->next;
			continue;
		}
		*place = at->next;
		n->address_count--;
		(void)json_object_del(n->by_url, at->url);
		address_free(at);
	}
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static void wait_ms(prl_notifier *n, int64_t ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (ms % 1000) * 1000000;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	(void)pthread_cond_timedwait(&n->changed, &n->lock, &until);
}

/* Nobody is to be told: until the clerk has written something. The lock is held, and let go meanwhile. */
static void wait_grown(prl_notifier *n)
{
	(void)pthread_mutex_unlock(&n->lock);
	(void)pthread_mutex_lock(&n->grown_lock);
	while (!n->grown && !n->ends)
		(void)pthread_cond_wait(&n->has_grown, &n->grown_lock);
	(void)pthread_mutex_unlock(&n->grown_lock);
	(void)pthread_mutex_lock(&n->lock);
}

static void grown_set(prl_notifier *n, bool grown)
{
	(void)pthread_mutex_lock(&n->grown_lock);
	if (grown && !n->grown)
		(void)pthread_cond_signal(&n->has_grown);
	n->grown = grown;
	(void)pthread_mutex_unlock(&n->grown_lock);
}

static void *run(void *context)
{
	prl_notifier *n = context;
	(void)pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		grown_set(n, false);
		bool any = look(n);
		if (any)
			(void)pthread_cond_broadcast(&n->work);
		record_all(n);
		forget_addresses(n);
		if (n->stop)
			break;
		wait_ms(n, REST_MS);
		if (any || n->news)
			wait_ms(n, LOOK_MS);
		else
			wait_grown(n);
	}
	(void)pthread_mutex_unlock(&n->lock);
	return NULL;
}

void prl_notifier_grown(prl_notifier *n)
{
	grown_set(n, true);
}

prl_notifier_figures prl_notifier_read_figures(prl_notifier *n)
{
	(void)pthread_mutex_lock(&n->lock);
	prl_notifier_figures figures = n->figures;
	(void)pthread_mutex_unlock(&n->lock);
	return figures;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

prl_status prl_notifier_start(const prl_notifier_parts *parts, prl_notifier **ret, prl_error *err)
{
	prl_notifier *n = calloc(1, sizeof *n);
	pthread_condattr_t monotonic;
	if (!n)
		return prl_error_memory(err);
	n->parts = *parts;
	(void)pthread_mutex_init(&n->lock, NULL);
	(void)pthread_mutex_init(&n->grown_lock, NULL);
	(void)pthread_cond_init(&n->has_grown, NULL);
	(void)pthread_cond_init(&n->work, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&n->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	n->by_url = json_object();
	bool good = n->by_url && pthread_create(&n->thread, NULL, run, n) == 0;
	n->started = good;
	for (size_t i = 0; good && i < PRL_NOTIFIER_THREADS; i++) {
		good = pthread_create(&n->workers[i], NULL, prl_notifier_work, n) == 0;
		n->started += good;
	}
	if (!good) {
		prl_notifier_end(n);
		prl_notifier_free(n);
		return prl_error_set(err, PRL_E_MEMORY, "no thread to tell drone traffic services");
	}
	*ret = n;
	return PRL_OK;
}

void prl_notifier_end(prl_notifier *n)
{
	if (!n)
		return;
	(void)pthread_mutex_lock(&n->lock);
	n->stop = true;
	(void)pthread_cond_broadcast(&n->changed);
	(void)pthread_cond_broadcast(&n->work);
	(void)pthread_mutex_unlock(&n->lock);
	(void)pthread_mutex_lock(&n->grown_lock);
	n->ends = true;
	(void)pthread_cond_signal(&n->has_grown);
	(void)pthread_mutex_unlock(&n->grown_lock);
	atomic_store(&n->parts.client->stop, true); /* after n->stop: what is broken off by this is nobody's failure */
	prl_own_tokens_stop(n->parts.tokens);
	if (n->started)
		(void)pthread_join(n->thread, NULL);
	for (size_t i = 0; i + 1 < n->started; i++)
		(void)pthread_join(n->workers[i], NULL);
	n->started = 0;
}

void prl_notifier_free(prl_notifier *n)
{
	if (!n)
		return;
	while (n->addresses) {
		address *next = n->addresses->next;
		address_free(n->addresses);
		n->addresses = next;
	}
	while (n->news) {
		news *next = n->news->next;
		free_results(n->news->results);
		free(n->news);
		n->news = next;
	}
	json_decref(n->by_url);
	(void)pthread_cond_destroy(&n->has_grown);
	(void)pthread_mutex_destroy(&n->grown_lock);
	(void)pthread_cond_destroy(&n->changed);
	(void)pthread_cond_destroy(&n->work);
	(void)pthread_mutex_destroy(&n->lock);
	free(n);
}
