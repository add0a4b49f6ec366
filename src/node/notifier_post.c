/* The notifier's workers: which address is due, one call, what follows from its outcome. */
#include "base/error.h"
#include "base/text.h"
#include "formats/clean.h"
#include "node/notifier_inside.h"
#include "node/uss_ask.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS_AT_ONCE 4u
#define GIVE_UP         (PRL_NOTIFIER_GIVE_UP_S * PRL_SECOND)
#define BODY_MAX        (64u << 20)
#define SCOPE           "utm.constraint_management"

static prl_time boot(const prl_notifier *n)
{
	return n->parts.boot(n->parts.context);
}

/* ---- which is due; the lock is held ------------------------------------------------------------------------------ */

static letter *free_letter(const address *at)
{
	letter *one = at->letters;
	while (one && (one->sending || !one->lines))
		one = one->next;
	return one;
}

/* Where a call to a doubtful address is counted; NULL: there are enough of them, or there is one of that manager's. So
 * one that gives thousands of dead addresses holds up its own. */
static const char **doubtful_place(prl_notifier *n, const char *manager)
{
	const char **place = NULL;
	for (size_t i = 0; i < DOUBTFUL_AT_ONCE; i++) {
		if (n->doubtful[i] && strcmp(n->doubtful[i], manager) == 0)
			return NULL;
		if (!n->doubtful[i])
			place = &n->doubtful[i];
	}
	return place;
}

static letter *due_letter(prl_notifier *n, const address *at, prl_time now)
{
	bool may = at->answered ? at->sending < ADDRESS_AT_ONCE
				: !at->sending && now >= at->due && doubtful_place(n, at->manager);
	return may ? free_letter(at) : NULL;
}

/* The address goes behind the others, so that each gets its turn. */
static void last_in_turn(prl_notifier *n, address *at)
{
	address **place = &n->addresses;
	while (*place != at)
		place = &(*place)->next;
	*place = at->next;
	while (*place)
		place = &(*place)->next;
	*place = at;
	at->next = NULL;
}

static letter *next_letter(prl_notifier *n, address **ret_at)
{
	prl_time now = boot(n);
	for (address *at = n->addresses; at; at = at->next) {
		letter *one = due_letter(n, at, now);
		if (!one)
			continue;
		last_in_turn(n, at);
		*ret_at = at;
		return one;
	}
	return NULL;
}

/* ---- one call ---------------------------------------------------------------------------------------------------- */

/* What a worker has in its hands: copies, so that no lock is held meanwhile. */
typedef struct posting {
	char url[PRL_USS_URL_MAX];
	prl_uuid id;
	prl_buffer subscriptions; /* JSON text */
	const char **doubtful;    /* where it is counted as a call to a doubtful address; NULL: it is none */
	bool ok, final;
	char why[WHY_MAX];
	char said[PRL_USS_URL_MAX + 300]; /* for the operator; "" nothing */
} posting;

/* A subscription that waits for several changes is named once, with the index of the newest. */
static bool newest_of_its(const letter *of, const line *one)
{
	for (const line *other = of->lines; other; other = other->next)
		if (other != one && prl_uuid_equal(&other->subscription, &one->subscription) &&
		    (other->index > one->index || (other->index == one->index && other > one)))
			return false;
	return true;
}

static bool write_subscriptions(const letter *of, prl_buffer *to)
{
	bool done = prl_buffer_append(to, "[", 1), first = true;
	for (const line *one = of->lines; one && done; one = one->next) {
		char id[PRL_UUID_TEXT_MAX];
		if (!newest_of_its(of, one))
			continue;
		prl_uuid_write(&one->subscription, id);
		done = prl_buffer_printf(to, "%s{\"subscription_id\":\"%s\",\"notification_index\":%u}",
					 first ? "" : ",", id, one->index);
		first = false;
	}
	return done && prl_buffer_append(to, "]", 1);
}

/* The lock is held: the letter's lines of now are under way. */
static bool take(prl_notifier *n, address *at, letter *of, posting *ret)
{
	*ret = (posting){ .id = of->id,
			  .subscriptions = PRL_BUFFER(BODY_MAX),
			  .doubtful = at->answered ? NULL : doubtful_place(n, at->manager) };
	if ((size_t)snprintf(ret->url, sizeof ret->url, "%s", at->url) >= sizeof ret->url)
		ret->url[0] = 0; /* no such address is called */
	if (!write_subscriptions(of, &ret->subscriptions))
		return false;
	for (line *one = of->lines; one; one = one->next)
		one->sending = true;
	of->sending = true;
	at->sending++;
	if (ret->doubtful)
		*ret->doubtful = at->manager;
	at->last = boot(n);
	n->figures.calls++;
	return true;
}

/* PutConstraintDetailsParameters, from the newest version there is. */
static prl_status write_body(const prl_notifier *n, const posting *p, prl_buffer *to, prl_error *err)
{
	char id[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&p->id, id);
	bool done = prl_buffer_printf(to, "{\"constraint_id\":\"%s\"", id);
	prl_version version = prl_picture_pin(n->parts.picture);
	const prl_entity *constraint = prl_entity_find(n->parts.picture, version, PRL_CONSTRAINT, &p->id);
	prl_status status = PRL_OK;
	if (constraint) {
		done = done && prl_buffer_printf(to, ",\"constraint\":");
		status = n->parts.constraint(n->parts.context, version, constraint, to, err);
	}
	prl_picture_unpin(n->parts.picture, version);
	done = done && prl_buffer_printf(to, ",\"subscriptions\":") &&
	       prl_buffer_append(to, p->subscriptions.data, p->subscriptions.size) && prl_buffer_append(to, "}", 1);
	return status || done ? status : prl_error_memory(err);
}

static bool is_passing(unsigned status)
{
	return status >= 500 || status == 408 || status == 429;
}

/* No lock is held. */
static void post(prl_notifier *n, posting *p)
{
	unsigned answered = 0;
	prl_error err = { 0 };
	prl_buffer body = PRL_BUFFER(BODY_MAX), answer = PRL_BUFFER(PRL_USS_BODY_MAX);
	prl_status status = write_body(n, p, &body, &err);
	const prl_bytes bytes = { body.data, body.size };
	const prl_uss_ask ask = { .base_url = p->url, .path = "/uss/v1/constraints", .scope = SCOPE, .body = &bytes };
	if (!status)
		status = prl_uss_ask_for(n->parts.client, n->parts.tokens, &ask, &answered, &answer, &err);
	prl_buffer_done(&answer);
	prl_buffer_done(&body);
	p->ok = !status && answered >= 200 && answered < 300;
	p->final = status ? status == PRL_E_REFUSED || status == PRL_E_UNSUPPORTED : !is_passing(answered);
	if (status)
		(void)snprintf(p->why, sizeof p->why, "%.110s", err.text);
	else
		(void)snprintf(p->why, sizeof p->why, "the address answered with status %u", answered);
}

/* ---- what follows; the lock is held ------------------------------------------------------------------------------ */

static int64_t pause_s(unsigned failures)
{
	return failures > 6 ? PRL_NOTIFIER_PAUSE_S : INT64_C(1) << (failures - 1);
}

static int64_t real_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The line is done with; without memory it stays and is told again. */
static bool settle(prl_notifier *n, line **place, bool told, const char *why)
{
	line *one = *place;
	result *made = calloc(1, sizeof *made);
	if (!made)
		return false;
	made->manager = one->manager;
	made->subscription = one->subscription;
	made->told = told;
	(void)snprintf(made->why, sizeof made->why, "%s", why);
	if (!one->of->results)
		one->of->since_ms = real_ms();
	made->next = one->of->results;
	one->of->results = made;
	one->of->waiting--;
	n->figures.waiting--;
	if (told)
		n->figures.told++;
	else
		n->figures.unreached++;
	*place = one->next;
	free(one);
	return true;
}

static void settle_lines(prl_notifier *n, letter *of, const posting *p, prl_time now)
{
	for (line **place = &of->lines; *place;) {
		line *one = *place;
		bool over = p->ok || p->final || now - one->first >= GIVE_UP;
		if (!one->sending || !over || !settle(n, place, p->ok, p->why)) {
			one->sending = false;
			place = &one->next;
		}
	}
}

/* A letter without lines goes; one that has some goes behind the others. */
static void put_back(address *at, letter *of)
{
	letter **place = &at->letters;
	while (*place != of)
		place = &(*place)->next;
	*place = of->next;
	of->next = NULL;
	if (!of->lines) {
		free(of);
		return;
	}
	while (*place)
		place = &(*place)->next;
	*place = of;
}

/* An address that has not answered has not for its other letters either: those that wait for too long go with this one.
 */
static void give_up_others(prl_notifier *n, address *at, const posting *p, prl_time now)
{
	letter *next;
	for (letter *one = at->letters; one; one = next) {
		next = one->next;
		if (one->sending)
			continue;
		for (line *l = one->lines; l; l = l->next)
			l->sending = true;
		settle_lines(n, one, p, now);
		if (!one->lines)
			put_back(at, one);
	}
}

/* Said later: whoever reads it must not hold up those who wait for the lock. */
static void note_change(const address *at, posting *p, bool failed_before)
{
	char url[PRL_USS_URL_MAX];
	bool fails = at->failures > 0;
	if (fails == failed_before)
		return;
	prl_clean(at->url, url, sizeof url);
	if (fails)
		(void)snprintf(p->said, sizeof p->said,
			       "the drone traffic service at %s cannot be told of a constraint: %s", url, p->why);
	else
		(void)snprintf(p->said, sizeof p->said, "the drone traffic service at %s answers again", url);
}

static void conclude(prl_notifier *n, address *at, letter *of, posting *p)
{
	prl_time now = boot(n);
	bool failed_before = at->failures > 0, fails = !p->ok && !p->final;
	at->sending--;
	if (p->doubtful)
		*p->doubtful = NULL;
	at->last = now;
	n->figures.failed += !p->ok;
	at->failures = fails ? at->failures + 1 : 0;
	at->answered = !fails;
	at->due = fails ? now + pause_s(at->failures) * PRL_SECOND : 0;
	of->sending = false;
	settle_lines(n, of, p, now);
	put_back(at, of);
	if (fails)
		give_up_others(n, at, p, now);
	note_change(at, p, failed_before);
}

void *prl_notifier_work(void *context)
{
	prl_notifier *n = context;
	(void)pthread_mutex_lock(&n->lock);
	while (!n->stop) {
		address *at;
		posting p;
		letter *of = next_letter(n, &at);
		if (!of || !take(n, at, of, &p)) {
			if (of)
				prl_buffer_done(&p.subscriptions);
			(void)pthread_cond_wait(&n->work, &n->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&n->lock);
		post(n, &p);
		(void)pthread_mutex_lock(&n->lock);
		if (!n->stop)
			conclude(n, at, of, &p);
		prl_buffer_done(&p.subscriptions);
		(void)pthread_cond_signal(&n->changed);
		(void)pthread_cond_signal(&n->work);
		if (!*p.said || !n->parts.say)
			continue;
		(void)pthread_mutex_unlock(&n->lock);
		n->parts.say(n->parts.context, p.said);
		(void)pthread_mutex_lock(&n->lock);
	}
	(void)pthread_mutex_unlock(&n->lock);
	return NULL;
}
