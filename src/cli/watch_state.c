#include "cli/watch.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/moves.h"
#include "cli/seen.h"
#include "node/certificate.h"

#include <curl/curl.h>

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_MAX  32
#define REFETCH_MS 1000 /* countdowns are the screen's; this is for what no entry says */
#define RETRY_MS   1000
#define HERE_MS    5000 /* the node is told that the screen is open */
#define CALLS_MAX  64   /* of which it is told that they ring here; as many as it takes */
#define WINDOW_MS  3000 /* the view over time, and what stands beside notices, are asked for again */

struct watch_state {
	cli_act act, stop; /* two sessions: STOP never waits behind anything */
	char party[PRL_KEY_NAME_MAX + 1], desk[PRL_KEY_NAME_MAX + 1], key[PRL_KEY_NAME_MAX + 1];
	char key_given[WATCH_TEXT_MAX]; /* a name, or a file */
	prl_mode mode;
	int wake;
	bool stop_open;
	atomic_bool sound, silence;
	int64_t here_ms, window_ms, parts_ms; /* when the node was told last, and asked for the window; the worker's */
	char *said;                           /* what the node was told last; the worker's */
	pthread_t worker, listener, caller;
	bool worker_runs, listener_runs, caller_runs;
	atomic_bool ending;
	atomic_llong answered_ms;
	char address[PRL_LINK_ADDRESS_MAX], token[320], pin[16 + 64];
	bool has_pin;

	pthread_mutex_t lock;
	pthread_cond_t change, call_change;
	bool dirty;
	watch_news news;
	char notice[140], overlap[60], flights[140], handed[WATCH_TEXT_MAX];
	bool flights_wanted;
	int64_t from_s, to_s; /* the window that is wanted; equal: none */
	bool open_wanted, window_new, parts_new;
	unsigned parts;
	watch_act queue[QUEUE_MAX], calls[QUEUE_MAX];
	size_t queued, called;
	char log[WATCH_LOG_LINES][WATCH_LINE_MAX];
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void wake(watch_state *s)
{
	ssize_t wrote = write(s->wake, "", 1);
	(void)wrote; /* full: it is awake anyway */
}

/* ---- what is said ------------------------------------------------------------------------------------------------ */

void watch_state_say(watch_state *s, const char *format, ...)
{
	char line[WATCH_LINE_MAX - 12], clock[12];
	time_t t = time(NULL);
	struct tm utc;
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	strftime(clock, sizeof clock, "%H:%M:%SZ", gmtime_r(&t, &utc));
	pthread_mutex_lock(&s->lock);
	memmove(s->log[1], s->log[0], sizeof s->log - sizeof s->log[0]);
	snprintf(s->log[0], sizeof s->log[0], "%s %s", clock, line);
	pthread_mutex_unlock(&s->lock);
	wake(s);
}

size_t watch_state_log(watch_state *s, char lines[WATCH_LOG_LINES][WATCH_LINE_MAX])
{
	size_t count = 0;
	pthread_mutex_lock(&s->lock);
	memcpy(lines, s->log, sizeof s->log);
	pthread_mutex_unlock(&s->lock);
	while (count < WATCH_LOG_LINES && lines[count][0])
		count++;
	return count;
}

/* ---- news -------------------------------------------------------------------------------------------------------- */

void watch_news_done(watch_news *n)
{
	json_decref(n->alarms);
	json_decref(n->calls);
	json_decref(n->peers);
	json_decref(n->channels);
	json_decref(n->shifts);
	json_decref(n->persons);
	json_decref(n->notice);
	json_decref(n->receipts);
	json_decref(n->overlap);
	json_decref(n->notices);
	json_decref(n->overlaps);
	json_decref(n->open);
	json_decref(n->things);
	json_decref(n->flights);
	json_decref(n->movement);
	*n = (watch_news){ 0 };
}

/* jansson counts references without a lock: deep copies cross threads. */
void watch_state_news(watch_state *s, watch_news *ret)
{
	pthread_mutex_lock(&s->lock);
	*ret = s->news;
	ret->alarms = json_deep_copy(s->news.alarms);
	ret->calls = json_deep_copy(s->news.calls);
	ret->peers = json_deep_copy(s->news.peers);
	ret->channels = json_deep_copy(s->news.channels);
	ret->shifts = json_deep_copy(s->news.shifts);
	ret->persons = json_deep_copy(s->news.persons);
	ret->notice = json_deep_copy(s->news.notice);
	ret->receipts = json_deep_copy(s->news.receipts);
	ret->overlap = json_deep_copy(s->news.overlap);
	ret->notices = json_deep_copy(s->news.notices);
	ret->overlaps = json_deep_copy(s->news.overlaps);
	ret->open = json_deep_copy(s->news.open);
	ret->things = json_deep_copy(s->news.things);
	ret->flights = json_deep_copy(s->news.flights);
	ret->movement = json_deep_copy(s->news.movement);
	pthread_mutex_unlock(&s->lock);
}

void watch_state_select(watch_state *s, const char *notice, const char *overlap)
{
	pthread_mutex_lock(&s->lock);
	bool other = strcmp(s->notice, notice ? notice : "") != 0 || strcmp(s->overlap, overlap ? overlap : "") != 0;
	if (other) {
		snprintf(s->notice, sizeof s->notice, "%s", notice ? notice : "");
		snprintf(s->overlap, sizeof s->overlap, "%s", overlap ? overlap : "");
		s->dirty = true;
		pthread_cond_signal(&s->change);
	}
	pthread_mutex_unlock(&s->lock);
}

void watch_state_window(watch_state *s, int64_t from_s, int64_t to_s)
{
	pthread_mutex_lock(&s->lock);
	if (s->from_s != from_s || s->to_s != to_s) {
		s->from_s = from_s;
		s->to_s = to_s;
		s->window_new = s->dirty = true;
		pthread_cond_signal(&s->change);
	}
	pthread_mutex_unlock(&s->lock);
}

const char *const watch_part_names[WATCH_PARTS] = {
	"movements", "bundles", "queries", "meetings", "hits", "statements"
};

void watch_state_parts(watch_state *s, unsigned parts)
{
	pthread_mutex_lock(&s->lock);
	if (s->parts != parts) {
		s->parts_new = s->parts_new || (parts & ~s->parts);
		s->dirty = true;
		s->parts = parts;
		pthread_cond_signal(&s->change);
	}
	pthread_mutex_unlock(&s->lock);
}

void watch_state_open(watch_state *s, bool wanted)
{
	pthread_mutex_lock(&s->lock);
	s->open_wanted = wanted;
	json_decref(s->news.open); /* an old list is not what is open now */
	s->news.open = NULL;
	s->dirty = true;
	pthread_cond_signal(&s->change);
	pthread_mutex_unlock(&s->lock);
}

void watch_state_flights(watch_state *s, const char *notice)
{
	pthread_mutex_lock(&s->lock);
	if (s->flights_wanted != (notice != NULL) || (notice && strcmp(s->flights, notice) != 0)) {
		s->flights_wanted = notice != NULL;
		snprintf(s->flights, sizeof s->flights, "%s", notice ? notice : "");
		json_decref(s->news.flights); /* of something else */
		s->news.flights = NULL;
		s->dirty = true;
		pthread_cond_signal(&s->change);
	}
	pthread_mutex_unlock(&s->lock);
}

void watch_state_sound(watch_state *s, bool sound)
{
	atomic_store(&s->sound, sound);
}

void watch_state_silence(watch_state *s)
{
	atomic_store(&s->silence, true);
	pthread_mutex_lock(&s->lock);
	s->dirty = true;
	pthread_cond_signal(&s->change);
	pthread_mutex_unlock(&s->lock);
}

static void answered(watch_state *s, prl_status status)
{
	/* a refusal is an answer too; only a line that is cut is none */
	if (status != PRL_E_IO && status != PRL_E_CALLBACK)
		atomic_store(&s->answered_ms, now_ms());
}

static json_t *array_at(watch_state *s, const char *path, const char *member)
{
	prl_error err = { 0 };
	json_t *answer = NULL;
	prl_status st = prl_client_get(s->act.session.client, path, &answer, &err);
	answered(s, st);
	json_t *items = st ? NULL : json_incref(json_object_get(answer, member));
	json_decref(answer);
	return items;
}

static json_t *first_of(watch_state *s, const char *part, const char *argument, const char *value)
{
	json_t *items = NULL;
	prl_error err = { 0 };
	if (prl_seen_items(s->act.session.client, part, argument, value, &items, &err))
		return NULL;
	json_t *first = json_incref(json_array_get(items, 0));
	json_decref(items);
	return first;
}

/* Wanted only where nothing else is shown. More notices than one answer holds: not known. */
static void newest_notice(watch_state *s, watch_news *n)
{
	const json_t *one;
	size_t i;
	if (json_array_size(n->alarms))
		return;
	json_t *items = array_at(s, "/parley/v1/line/notices?short=true&count=1000", "items");
	json_array_foreach(items, i, one)
	{
		const char *filed = prl_seen_text(one, "filed");
		if (json_array_size(items) < 1000 && strncmp(filed, n->last_notice, 19) > 0)
			snprintf(n->last_notice, sizeof n->last_notice, "%.19s", filed);
	}
	json_decref(items);
}

static json_t *in_window(watch_state *s, const char *part, int64_t from_s, int64_t to_s)
{
	char path[300], from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX], from_as[120], to_as[120];
	prl_time_format(from_s * PRL_SECOND, from);
	prl_time_format(to_s * PRL_SECOND, to);
	if (!prl_seen_escape(from, from_as, sizeof from_as) || !prl_seen_escape(to, to_as, sizeof to_as))
		return NULL;
	snprintf(path, sizeof path, "/parley/v1/line/%scount=1000&begins_by=%s&ends_from=%s", part, to_as, from_as);
	return array_at(s, path, "items");
}

/* The view over time: anew where the window is another, else every few seconds; what was there stays where it fails. */
static void fetch_window(watch_state *s, watch_news *n)
{
	pthread_mutex_lock(&s->lock);
	int64_t from_s = s->from_s, to_s = s->to_s;
	bool anew = s->window_new || now_ms() - s->window_ms >= WINDOW_MS;
	s->window_new = false;
	pthread_mutex_unlock(&s->lock);
	if (from_s == to_s)
		return;
	if (anew) {
		n->notices = in_window(s, "notices?short=true&over=true&", from_s, to_s);
		n->overlaps = in_window(s, "overlaps?", from_s, to_s);
		s->window_ms = now_ms();
	}
	pthread_mutex_lock(&s->lock);
	n->notices = n->notices ? n->notices : json_incref(s->news.notices);
	n->overlaps = n->overlaps ? n->overlaps : json_incref(s->news.overlaps);
	pthread_mutex_unlock(&s->lock);
}

/* Anew where more is wanted or something was done here, else every few seconds; what was there stays where it fails. */
static void fetch_parts(watch_state *s, watch_news *n)
{
	pthread_mutex_lock(&s->lock);
	unsigned parts = s->parts;
	bool anew = s->parts_new || now_ms() - s->parts_ms >= WINDOW_MS;
	s->parts_new = false;
	n->things = parts ? json_deep_copy(s->news.things) : NULL;
	pthread_mutex_unlock(&s->lock);
	if (!parts || !anew)
		return;
	n->things = n->things ? n->things : json_object();
	for (unsigned i = 0; i < WATCH_PARTS; i++) {
		char path[60];
		snprintf(path, sizeof path, "/parley/v1/line/%s", watch_part_names[i]);
		json_t *items = parts >> i & 1 ? array_at(s, path, "items") : NULL;
		if (items)
			json_object_set_new(n->things, watch_part_names[i], items);
	}
	s->parts_ms = now_ms();
}

/* For the listener, which has a connection of its own. */
static void keep_token(watch_state *s)
{
	pthread_mutex_lock(&s->lock);
	snprintf(s->token, sizeof s->token, "%s", prl_link_token_text(prl_client_link(s->act.session.client)));
	pthread_mutex_unlock(&s->lock);
}

static bool moves(const json_t *notice)
{
	static const char *const kinds[] = { "convoy", "ground movement", "evacuation", "rescue", "repair" };
	const char *kind = prl_seen_text(notice, "kind");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

static void fetch_flights(watch_state *s, watch_news *n)
{
	char notice[140], path[600];
	prl_error err = { 0 };
	pthread_mutex_lock(&s->lock);
	bool wanted = s->flights_wanted;
	snprintf(notice, sizeof notice, "%s", s->flights);
	pthread_mutex_unlock(&s->lock);
	if (!wanted || !watch_intents_path(notice, path, sizeof path))
		return;
	prl_status st = prl_client_get(s->act.session.client, path, &n->flights, &err);
	answered(s, st);
	if (st && st != PRL_E_IO)
		n->flights = json_pack("{s:s}", "why", err.text);
}

/* What is selected, and what a panel wants. */
static void fetch_wanted(watch_state *s, watch_news *n)
{
	char notice[140], overlap[60];
	pthread_mutex_lock(&s->lock);
	snprintf(notice, sizeof notice, "%s", s->notice);
	snprintf(overlap, sizeof overlap, "%s", s->overlap);
	bool open = s->open_wanted;
	pthread_mutex_unlock(&s->lock);
	if (*notice) {
		n->notice = first_of(s, "notices", "id", notice);
		if (n->notice)
			n->receipts = first_of(s, "receipts", "notice", prl_seen_text(n->notice, "id"));
		if (moves(n->notice))
			n->movement = first_of(s, "movements", "notice", prl_seen_text(n->notice, "id"));
	}
	if (*overlap)
		n->overlap = first_of(s, "overlaps", "id", overlap);
	if (open)
		n->open = array_at(s, "/parley/v1/line/alarms", "items");
	fetch_window(s, n);
	fetch_parts(s, n);
	fetch_flights(s, n);
}

/* What rings first: nothing that is slow stands before it. */
static bool fetch(watch_state *s)
{
	char path[300], desk[200];
	watch_news n = { 0 };
	if (!prl_seen_escape(s->desk, desk, sizeof desk))
		return false;
	snprintf(path, sizeof path, "/parley/v1/line/alarms?desk=%s", desk);
	n.calls = array_at(s, "/parley/v1/calls", "items");
	n.alarms = n.calls ? array_at(s, path, "items") : NULL;
	if (!n.alarms) { /* what was there stays on the screen, with its age */
		watch_news_done(&n);
		return false;
	}
	n.peers = array_at(s, "/parley/v1/peers", "peers");
	n.channels = array_at(s, "/parley/v1/line/channels", "items");
	n.shifts = array_at(s, "/parley/v1/line/shifts", "items");
	n.persons = array_at(s, "/parley/v1/line/desks", "items");
	newest_notice(s, &n);
	fetch_wanted(s, &n);
	pthread_mutex_lock(&s->lock);
	if (!s->open_wanted) { /* closed meanwhile */
		json_decref(n.open);
		n.open = NULL;
	}
	watch_news old = s->news;
	s->news = n;
	pthread_mutex_unlock(&s->lock);
	watch_news_done(&old);
	wake(s);
	return true;
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

static void deadline(struct timespec *ret, int64_t ms)
{
	clock_gettime(CLOCK_REALTIME, ret);
	ret->tv_nsec += (ms % 1000) * 1000000;
	ret->tv_sec += ms / 1000 + ret->tv_nsec / 1000000000;
	ret->tv_nsec %= 1000000000;
}

/* Takes the first of a queue; false: none. The lock is held. */
static bool take(watch_act *queue, size_t *count, watch_act *ret)
{
	if (!*count)
		return false;
	*ret = queue[0];
	memmove(queue, queue + 1, --*count * sizeof *queue);
	return true;
}

/* What was not said, while they are still on the line. */
static void ask_back(watch_state *s, const prl_filed *filed)
{
	static const char *const names[] = { "areas", "to", "frequency", "call_back" };
	static const char *const words[] = { " area · levels ·", " end ·", " frequency, call sign ·",
					     " call-back number" };
	char id[PRL_HASH_TEXT_MAX], text[120] = "";
	json_t *notice = NULL;
	prl_error err = { 0 };
	prl_hash_write(&filed->hash, id);
	if (prl_seen_notice(s->act.session.client, id, &notice, &err))
		return;
	const json_t *details = json_object_get(notice, "details");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!json_object_get(details, names[i]))
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s", words[i]);
	watch_state_say(s, "%.40s ASK BACK:%s", prl_seen_text(notice, "name"), text);
	json_decref(notice);
}

/* Both have signed: whoever came has the screen. */
static void hand_over(watch_state *s, const char *key)
{
	pthread_mutex_lock(&s->lock);
	snprintf(s->handed, sizeof s->handed, "%s", key);
	pthread_mutex_unlock(&s->lock);
}

static prl_status file_two(watch_state *s, watch_act *act, prl_filed *filed, prl_error *err)
{
	prl_signer second = { 0 };
	prl_status st = prl_home_signer(s->act.session.folder, act->second, &second, err);
	if (st)
		json_decref(act->body);
	else
		st = prl_session_file(&s->act.session, act->kind, act->body, &second, filed, err);
	prl_signer_wipe(&second);
	if (!st)
		hand_over(s, act->second);
	return st;
}

static prl_status make_body(watch_state *s, watch_act *act, prl_error *err)
{
	if (!act->moved)
		return PRL_OK;
	prl_status st = prl_cli_details_update(
		&s->act, json_object_get(act->moved, "notice"), json_object_get(act->moved, "details"),
		json_string_value(json_object_get(act->moved, "reason")), &act->body, err);
	json_decref(act->moved);
	act->moved = NULL;
	return st;
}

static void do_act(watch_state *s, watch_act *act)
{
	prl_error err = { 0 };
	prl_filed filed;
	s->act.session.mode = act->mode;
	prl_status st = make_body(s, act, &err);
	if (!st)
		st = act->second[0] ? file_two(s, act, &filed, &err)
				    : prl_session_file(&s->act.session, act->kind, act->body, NULL, &filed, &err);
	answered(s, st);
	if (st)
		watch_state_say(s, "REFUSED %.60s: %.120s", act->said, err.text);
	else
		watch_state_say(s, "%.70s", act->said);
	if (!st && strcmp(act->kind, "notice.filed") == 0)
		ask_back(s, &filed);
	pthread_mutex_lock(&s->lock);
	s->parts_new = true;
	pthread_mutex_unlock(&s->lock);
}

/* Whether the screen's bell rings for it: what another has raised, and nobody of the own party has taken. */
static bool rings_here(const watch_state *s, const json_t *call)
{
	const json_t *one;
	size_t i;
	bool class_1 = strcmp(prl_seen_text(call, "class"), "URGENT") != 0;
	if (strcmp(prl_seen_text(call, "party"), s->party) == 0 || json_is_true(json_object_get(call, "withdrawn")) ||
	    !(class_1 || atomic_load(&s->sound)))
		return false;
	json_array_foreach(json_object_get(call, "parties"), i, one)
	{
		if (strcmp(prl_seen_text(one, "party"), s->party) == 0)
			return strcmp(prl_seen_text(one, "state"), "raised") == 0;
	}
	return true; /* as the rows have it */
}

static json_t *report(const watch_state *s)
{
	json_t *calls = json_array(), *id;
	const json_t *one;
	size_t i;
	json_array_foreach(s->news.calls, i, one)
	{
		id = json_object_get(one, "id");
		if (json_is_string(id) && json_array_size(calls) < CALLS_MAX && rings_here(s, one))
			json_array_append(calls, id);
	}
	return json_pack("{s:b, s:o}", "sound", atomic_load(&s->sound), "calls", calls);
}

/* Every 5 s, and at once when other calls ring than before. */
static void say_here(watch_state *s)
{
	prl_reply reply = PRL_REPLY(1u << 16);
	prl_error err = { 0 };
	json_t *said = report(s);
	char *text = said ? json_dumps(said, JSON_COMPACT) : NULL;
	bool silence = atomic_exchange(&s->silence, false), new = text && (!s->said || strcmp(s->said, text) != 0);
	if (text && (new || silence || !s->here_ms || now_ms() - s->here_ms >= HERE_MS)) {
		if (silence)
			json_object_set_new(said, "silence", json_true());
		char *sent = silence ? json_dumps(said, JSON_COMPACT) : NULL;
		prl_bytes body = prl_bytes_of(sent ? sent : text);
		s->here_ms = now_ms();
		prl_status st = prl_link_send(prl_client_link(s->act.session.client), "POST", "/parley/v1/desk",
					      "application/json", &body, &reply, &err);
		answered(s, st);
		free(sent);
		free(s->said);
		s->said = !st && reply.status == 200 ? text : NULL; /* not taken: at the next round again */
		text = s->said ? NULL : text;
	}
	free(text);
	json_decref(said);
	prl_reply_done(&reply);
}

static void *work(void *context)
{
	watch_state *s = context;
	watch_act act;
	struct timespec until;
	while (!atomic_load(&s->ending)) {
		pthread_mutex_lock(&s->lock);
		deadline(&until, REFETCH_MS);
		while (!s->dirty && !s->queued && !atomic_load(&s->ending) &&
		       pthread_cond_timedwait(&s->change, &s->lock, &until) == 0)
			;
		bool has = take(s->queue, &s->queued, &act);
		s->dirty = false;
		pthread_mutex_unlock(&s->lock);
		if (has)
			do_act(s, &act);
		if (!fetch(s) && !atomic_load(&s->ending)) {
			prl_error err = { 0 }; /* a node that was started anew knows no session: log in again */
			if (!prl_client_login(s->act.session.client, &s->act.session.signer, &err))
				keep_token(s);
		}
		say_here(s);
	}
	return NULL;
}

static bool queue(watch_state *s, watch_act *to, size_t *count, pthread_cond_t *signal, const watch_act *act)
{
	pthread_mutex_lock(&s->lock);
	bool room = *count < QUEUE_MAX;
	if (room)
		to[(*count)++] = *act;
	pthread_cond_signal(signal);
	pthread_mutex_unlock(&s->lock);
	return room;
}

static bool act_soon(watch_state *s, const char *kind, json_t *body, json_t *moved, prl_mode mode, const char *second,
		     const char *said)
{
	watch_act act = { .kind = kind, .body = body, .moved = moved, .mode = mode };
	snprintf(act.said, sizeof act.said, "%s", said);
	snprintf(act.second, sizeof act.second, "%s", second);
	bool is_call = strncmp(kind, "call.", 5) == 0; /* answers go the way of the call: nothing holds them up */
	bool lost = watch_state_age_ms(s) > WATCH_LOST_MS;
	bool done = (body || moved) && !lost &&
		    (is_call ? queue(s, s->calls, &s->called, &s->call_change, &act)
			     : queue(s, s->queue, &s->queued, &s->change, &act));
	if (!done) {
		json_decref(body);
		json_decref(moved);
		watch_state_say(s, "NOT DONE %.60s: %s", said,
				lost ? "the node does not answer" : "too much waits, or no text");
		return false;
	}
	return true;
}

bool watch_state_act(watch_state *s, const char *kind, json_t *body, prl_mode mode, const char *said)
{
	return act_soon(s, kind, body, NULL, mode, "", said);
}

bool watch_state_update(watch_state *s, const json_t *notice, json_t *details, const char *reason, prl_mode mode,
			const char *said)
{
	json_t *moved =
		json_pack("{s:o, s:o, s:s*}", "notice", json_deep_copy(notice), "details", details, "reason", reason);
	return act_soon(s, "notice.updated", NULL, moved, mode, "", said);
}

bool watch_state_act_two(watch_state *s, const char *kind, json_t *body, const char *second, const char *said)
{
	return act_soon(s, kind, body, NULL, s->mode, second, said);
}

bool watch_state_handed(watch_state *s, char ret[WATCH_TEXT_MAX])
{
	pthread_mutex_lock(&s->lock);
	snprintf(ret, WATCH_TEXT_MAX, "%s", s->handed);
	s->handed[0] = 0;
	pthread_mutex_unlock(&s->lock);
	return ret[0] != 0;
}

/* ---- STOP -------------------------------------------------------------------------------------------------------- */

static prl_status open_stop(watch_state *s, prl_error *err)
{
	if (s->stop_open)
		return PRL_OK;
	prl_status st = prl_session_open(s->act.session.folder, s->key_given, &s->stop.session, err);
	s->stop_open = st == PRL_OK;
	return st;
}

static prl_status ring(watch_state *s, const watch_act *act, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_reply reply = PRL_REPLY(1u << 20);
	prl_status st = open_stop(s, err);
	char *text = json_dumps(act->body, JSON_COMPACT);
	prl_client_entry entry = { .kind = act->kind, .mode = act->mode, .body = { text, text ? strlen(text) : 0 } };
	if (!st)
		st = text ? prl_client_sign(s->stop.session.client, &entry, &note, err) : prl_error_memory(err);
	prl_bytes bytes = { note.data, note.size };
	if (!st)
		st = prl_link_ask(prl_client_link(s->stop.session.client), "POST", "/parley/v1/calls", "text/plain",
				  &bytes, &reply, err);
	if (st && s->stop_open) {
		prl_session_close(&s->stop.session);
		s->stop_open = false;
	}
	free(text);
	prl_buffer_done(&note);
	prl_reply_done(&reply);
	return st;
}

static void *call(void *context)
{
	watch_state *s = context;
	while (!atomic_load(&s->ending)) {
		watch_act act = { 0 };
		prl_error err = { 0 };
		pthread_mutex_lock(&s->lock);
		while (!s->called && !atomic_load(&s->ending))
			pthread_cond_wait(&s->call_change, &s->lock);
		bool has = take(s->calls, &s->called, &act);
		pthread_mutex_unlock(&s->lock);
		for (int tries = 0; has && !atomic_load(&s->ending); tries++) {
			prl_status st = ring(s, &act, &err);
			if (!st) {
				watch_state_say(s, "%.70s%s", act.said,
						strcmp(act.kind, "call.raised") == 0 ? ": SENT" : "");
				break;
			}
			if (tries % 10 == 0)
				watch_state_say(s, "%.60s NOT SENT, trying again – PHONE: %.90s", act.said, err.text);
			const struct timespec pause = { .tv_sec = RETRY_MS / 1000 };
			nanosleep(&pause, NULL);
		}
		json_decref(act.body);
		pthread_mutex_lock(&s->lock);
		s->dirty = true;
		pthread_cond_signal(&s->change);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

void watch_state_call(watch_state *s, json_t *body, prl_mode mode, const char *said)
{
	watch_act act = { .kind = "call.raised", .body = body, .mode = mode };
	snprintf(act.said, sizeof act.said, "%s", said);
	if (!body || !queue(s, s->calls, &s->called, &s->call_change, &act)) {
		json_decref(body);
		watch_state_say(s, "%.60s NOT SENT – PHONE", said);
	}
}

/* ---- events ------------------------------------------------------------------------------------------------------ */

static size_t on_event(char *bytes, size_t one, size_t count, void *context)
{
	watch_state *s = context;
	(void)bytes;
	atomic_store(&s->answered_ms, now_ms());
	pthread_mutex_lock(&s->lock);
	s->dirty = true; /* which it was is seen when it is fetched */
	pthread_cond_signal(&s->change);
	pthread_mutex_unlock(&s->lock);
	return one * count;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return atomic_load(&((watch_state *)context)->ending);
}

static void listen_once(watch_state *s)
{
	char url[PRL_LINK_ADDRESS_MAX + 40], line[360];
	CURL *curl = curl_easy_init();
	pthread_mutex_lock(&s->lock);
	snprintf(line, sizeof line, "Authorization: Bearer %s", s->token);
	pthread_mutex_unlock(&s->lock);
	struct curl_slist *headers = curl_slist_append(NULL, line);
	snprintf(url, sizeof url, "%s/parley/v1/events", s->address);
	if (curl && headers) {
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_event);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, s);
		if (s->has_pin) {
			curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, s->pin);
			curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
			curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
		}
		(void)curl_easy_perform(curl);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

static void *hear(void *context)
{
	watch_state *s = context;
	while (!atomic_load(&s->ending)) {
		listen_once(s);
		for (int i = 0; i < 10 && !atomic_load(&s->ending); i++) {
			const struct timespec pause = { .tv_nsec = 100000000 };
			nanosleep(&pause, NULL);
		}
	}
	return NULL;
}

/* The pin of the folder's certificate, as prl_client_open() takes it. */
static prl_status pin_of(watch_state *s, const char *folder, prl_error *err)
{
	char path[4096], text[64];
	prl_buffer pem = PRL_BUFFER(256u << 10);
	prl_hash pin;
	snprintf(path, sizeof path, "%s/tls.crt", folder);
	prl_status st = prl_file_read(path, &pem, err);
	if (!st && strncmp(s->address, "https://", 8) == 0) {
		st = prl_certificate_pin((prl_bytes){ pem.data, pem.size }, &pin, err);
		if (!st) {
			prl_hash_write(&pin, text);
			snprintf(s->pin, sizeof s->pin, "sha256//%s", text);
			s->has_pin = true;
		}
	}
	prl_buffer_done(&pem);
	return st == PRL_E_NOT_FOUND ? PRL_OK : st;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

static prl_status who_am_i(watch_state *s, const char *key, prl_error *err)
{
	prl_chain chain;
	const char *console = key;
	prl_status st = key ? PRL_OK : prl_home_setting(s->act.session.settings, "console", &console, err);
	if (st)
		return st;
	snprintf(s->key_given, sizeof s->key_given, "%s", console);
	snprintf(s->key, sizeof s->key, "%s", s->act.session.signer.verifier.name);
	st = prl_client_chain(s->act.session.client, s->key, &chain, err);
	if (st)
		return st;
	snprintf(s->party, sizeof s->party, "%s", chain.party);
	snprintf(s->desk, sizeof s->desk, "%s", chain.desk);
	s->mode = s->act.session.mode;
	snprintf(s->address, sizeof s->address, "%s", prl_link_address(prl_client_link(s->act.session.client)));
	return PRL_OK;
}

prl_status watch_state_start(const watch_options *options, watch_state **ret, prl_error *err)
{
	watch_state *s = calloc(1, sizeof *s);
	if (!s)
		return prl_error_memory(err);
	s->wake = options->wake;
	atomic_init(&s->sound, options->sound);
	atomic_init(&s->silence, false);
	s->act.key = options->key;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->change, NULL);
	pthread_cond_init(&s->call_change, NULL);
	atomic_init(&s->ending, false);
	atomic_init(&s->answered_ms, now_ms());
	prl_status st = prl_cli_act_open(&s->act, options->folder, err);
	if (!st)
		st = who_am_i(s, options->key, err);
	if (!st)
		st = pin_of(s, options->folder, err);
	if (!st) {
		prl_error why = { 0 };
		keep_token(s);
		(void)!open_stop(s, &why); /* ready before it is needed; where not, it is tried again then */
		s->worker_runs = pthread_create(&s->worker, NULL, work, s) == 0;
		s->listener_runs = pthread_create(&s->listener, NULL, hear, s) == 0;
		s->caller_runs = pthread_create(&s->caller, NULL, call, s) == 0;
		if (!s->worker_runs || !s->listener_runs || !s->caller_runs)
			st = prl_error_set(err, PRL_E_IO, "no thread can be started");
	}
	if (st)
		watch_state_stop(s);
	else
		*ret = s;
	return st;
}

void watch_state_stop(watch_state *s)
{
	atomic_store(&s->ending, true);
	if (s->act.session.client)
		prl_link_stop(prl_client_link(s->act.session.client));
	pthread_mutex_lock(&s->lock);
	pthread_cond_broadcast(&s->change);
	pthread_cond_broadcast(&s->call_change);
	pthread_mutex_unlock(&s->lock);
	if (s->worker_runs)
		pthread_join(s->worker, NULL);
	if (s->listener_runs)
		pthread_join(s->listener, NULL);
	if (s->caller_runs)
		pthread_join(s->caller, NULL);
	for (size_t i = 0; i < s->queued; i++) {
		json_decref(s->queue[i].body);
		json_decref(s->queue[i].moved);
	}
	for (size_t i = 0; i < s->called; i++)
		json_decref(s->calls[i].body);
	watch_news_done(&s->news);
	free(s->said);
	if (s->stop_open)
		prl_session_close(&s->stop.session);
	prl_cli_act_close(&s->act);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->change);
	pthread_cond_destroy(&s->call_change);
	free(s);
}

int64_t watch_state_age_ms(watch_state *s)
{
	return now_ms() - atomic_load(&s->answered_ms);
}

const char *watch_state_party(const watch_state *s)
{
	return s->party;
}

const char *watch_state_desk(const watch_state *s)
{
	return s->desk;
}

const char *watch_state_key(const watch_state *s)
{
	return s->key;
}

const char *watch_state_folder(const watch_state *s)
{
	return s->act.session.folder;
}

prl_mode watch_state_mode(const watch_state *s)
{
	return s->mode;
}
