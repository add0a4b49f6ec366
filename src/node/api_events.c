/* Server-sent events (WHATWG HTML, 9.2): every entry of our own log as one event named by its kind, its id the index.
 * At a peer.seen the peer's entries that count from there on come first, without an id, then the peer.seen itself: a
 * client that resumes behind a peer.seen gets them again or not at all, never a part.
 *
 * What rings (bell.h) comes as event `ring`, without an id, before anything else and again whenever it changes; a
 * stream that begins is told of all that rings then.
 *
 * A stream has no queue: it is a cursor, and reads the store when the client can take more. One that falls more than
 * PRL_EVENTS_LAG_MAX entries behind is closed; one that asks for a long past may catch up first. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "node/bell.h"

#include <stdio.h>
#include <string.h>

#define READ_AT_ONCE 64u
#define BACKWARDS    256u       /* entries of one step back in search of the peer.seen before */
#define PENDING_MAX  (4u << 20) /* one event is at most 6 × 65,535 bytes; a step stops after the one that fills room */
#define SEEN_MAX     64u        /* logs of a line whose peer.seen a stream remembers */

typedef struct seen {
	char log[PRL_KEY_NAME_MAX + 1];
	uint64_t size;
} seen;

typedef struct stream {
	prl_api *api;
	char party[160];    /* whose desk listens */
	uint64_t rung;      /* of the bell's changes, the newest that was sent */
	uint64_t next;      /* entry of our own log that is sent next */
	uint64_t lag_max;   /* how far behind it may be */
	uint64_t expanded;  /* the peer.seen at this index has been preceded by its entries; UINT64_MAX: none */
	prl_ledger *mirror; /* of which [at, to) comes before anything else */
	uint64_t at, to;
	bool at_seen; /* the cursor stands before a peer.seen that says `now` and has not been expanded */
	seen now;
	seen seen[SEEN_MAX];
	size_t seen_count;
	prl_buffer pending; /* what has been made and not yet been taken */
	size_t taken, room;
	prl_entry entry;
} stream;

/* ---- one event --------------------------------------------------------------------------------------------------- */

static prl_status event_append(stream *s, const char *log, uint64_t index, bool with_id, prl_error *err)
{
	json_t *json = prl_entry_json(log, index, &s->entry, false);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL; /* one line: no \n outside of strings */
	json_decref(json);
	if (!text)
		return prl_error_memory(err);
	if (with_id)
		prl_buffer_printf(&s->pending, "id: %llu\n", (unsigned long long)index);
	prl_buffer_printf(&s->pending, "event: %.*s\n", (int)s->entry.kind.size, s->entry.kind.data);
	prl_buffer_append(&s->pending, "data: ", 6);
	prl_buffer_append(&s->pending, text, strlen(text));
	prl_buffer_append(&s->pending, "\n\n", 2);
	free(text);
	return s->pending.failed ? prl_error_memory(err) : PRL_OK;
}

static bool is_full(const stream *s)
{
	return s->pending.size - s->taken >= s->room;
}

/* An entry of a peer's log. What cannot be read is nobody's act and is left out. */
static prl_status peer_entry(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	stream *s = context;
	s->at = index + 1;
	if (prl_entry_read(bytes, &s->entry, NULL))
		return PRL_OK;
	prl_status status = event_append(s, prl_ledger_origin(s->mirror), index, false, err);
	return status ? status : is_full(s) ? PRL_E_CALLBACK : PRL_OK;
}

/* ---- where a peer.seen begins ------------------------------------------------------------------------------------ */

static bool seen_read(const prl_entry *entry, seen *ret)
{
	json_t *body = json_loadb(entry->body.data, entry->body.size, 0, NULL);
	const char *log = json_string_value(json_object_get(body, "log"));
	const json_t *size = json_object_get(body, "size");
	bool good = log && strlen(log) <= PRL_KEY_NAME_MAX && json_is_integer(size);
	if (good) {
		(void)snprintf(ret->log, sizeof ret->log, "%s", log);
		ret->size = (uint64_t)json_integer_value(size);
	}
	json_decref(body);
	return good;
}

typedef struct search {
	const char *log;
	bool found;
	uint64_t size;
	prl_entry entry;
} search;

static prl_status search_one(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	search *look = context;
	seen one;
	(void)index, (void)err;
	if (prl_entry_read(bytes, &look->entry, NULL) == PRL_OK && prl_bytes_is(look->entry.kind, "peer.seen") &&
	    seen_read(&look->entry, &one) && strcmp(one.log, look->log) == 0) {
		look->found = true;
		look->size = one.size; /* the last one of the step counts */
	}
	return PRL_OK;
}

/* Size that the newest peer.seen of this log before index `before` states; 0 where there is none. */
static prl_status seen_before(stream *s, prl_store_reader *reader, const char *log, uint64_t before, uint64_t *ret,
			      prl_error *err)
{
	search *look = calloc(1, sizeof *look);
	if (!look)
		return prl_error_memory(err);
	look->log = log;
	prl_status status = PRL_OK;
	while (before && !look->found && !status) {
		uint64_t from = before > BACKWARDS ? before - BACKWARDS : 0;
		status =
			prl_store_entries(reader, prl_ledger_log(s->api->own)->id, from, before, search_one, look, err);
		before = from;
	}
	if (!status)
		*ret = look->size;
	free(look);
	return status;
}

/* Sets the run of the peer's entries that count from this peer.seen on. */
static prl_status run_begin(stream *s, prl_store_reader *reader, uint64_t index, const seen *now, prl_error *err)
{
	seen *last = NULL;
	for (size_t i = 0; i < s->seen_count && !last; i++)
		if (strcmp(s->seen[i].log, now->log) == 0)
			last = &s->seen[i];
	uint64_t from = last ? last->size : 0;
	prl_status status = last ? PRL_OK : seen_before(s, reader, now->log, index, &from, err);
	if (status)
		return status;
	if (!last && s->seen_count < SEEN_MAX)
		last = &s->seen[s->seen_count++];
	if (last)
		*last = *now;
	s->expanded = index;
	s->mirror = prl_api_mirror(s->api, prl_bytes_of(now->log));
	s->at = from;
	s->to = s->mirror ? now->size : from;
	return PRL_OK;
}

/* ---- the cursor -------------------------------------------------------------------------------------------------- */

static prl_status own_entry(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	stream *s = context;
	prl_status status = prl_entry_read(bytes, &s->entry, err);
	if (status)
		return status;
	if (prl_bytes_is(s->entry.kind, "peer.seen") && s->expanded != index && seen_read(&s->entry, &s->now)) {
		s->at_seen = true;
		return PRL_E_CALLBACK;
	}
	status = event_append(s, prl_ledger_origin(s->api->own), index, true, err);
	s->next = index + 1;
	return status ? status : is_full(s) ? PRL_E_CALLBACK : PRL_OK;
}

static prl_status step(stream *s, prl_store_reader *reader, uint64_t size, prl_error *err)
{
	prl_status status;
	uint64_t to;
	if (s->at < s->to) {
		to = s->to - s->at > READ_AT_ONCE ? s->at + READ_AT_ONCE : s->to;
		status = prl_ledger_entries(s->mirror, reader, s->at, to, peer_entry, s, err);
		return status == PRL_E_CALLBACK ? PRL_OK : status;
	}
	uint64_t next = s->next;
	to = size - next > READ_AT_ONCE ? next + READ_AT_ONCE : size;
	status = prl_ledger_entries(s->api->own, reader, next, to, own_entry, s, err);
	if (status != PRL_E_CALLBACK || !s->at_seen)
		return status == PRL_E_CALLBACK ? PRL_OK : status;
	s->at_seen = false;
	return run_begin(s, reader, s->next, &s->now, err);
}

static bool fill(stream *s)
{
	prl_store_reader *reader = NULL;
	uint64_t size;
	prl_ledger_head(s->api->own, &size, NULL);
	if (size - s->next > s->lag_max)
		return false;
	prl_status status = PRL_OK;
	if (s->next < size || s->at < s->to)
		status = prl_readers_take(s->api->readers, &reader, NULL);
	while (!status && !is_full(s) && (s->next < size || s->at < s->to))
		status = step(s, reader, size, NULL);
	prl_readers_give(s->api->readers, reader);
	if (!status && s->next == size)
		s->lag_max = PRL_EVENTS_LAG_MAX;
	return !status;
}

static bool stream_more(void *context, prl_buffer *to, size_t room)
{
	stream *s = context;
	s->room = room;
	/* what rings comes before what is recorded, however much of that there is */
	if (s->pending.size == 0)
		prl_bell_events(s->api->bell, s->party, &s->rung, &s->pending, room);
	bool goes_on = fill(s);
	size_t length = s->pending.size - s->taken;
	length = length > room ? room : length;
	if (length) {
		if (!prl_buffer_append(to, s->pending.data + s->taken, length))
			return false;
		s->taken += length;
	}
	if (s->taken == s->pending.size) {
		prl_buffer_clear(&s->pending);
		s->taken = 0;
	}
	return goes_on;
}

static void stream_free(void *context)
{
	stream *s = context;
	prl_buffer_done(&s->pending);
	free(s);
}

/* ---- where it begins --------------------------------------------------------------------------------------------- */

/* Last-Event-ID wins over from: a browser that reconnects sends the same address again. */
static bool begin_at(prl_api *api, prl_request *request, uint64_t *ret)
{
	uint64_t size, from, last;
	prl_bytes id = prl_request_header(request, "Last-Event-ID");
	prl_ledger_head(api->own, &size, NULL);
	if (!prl_api_number(request, prl_request_query(request, "from"), "from", size, &from))
		return false;
	if (id.data && id.size) {
		if (!prl_api_number(request, id, "Last-Event-ID", 0, &last))
			return false;
		from = last == UINT64_MAX ? last : last + 1;
	}
	if (from > size) {
		prl_answer_status(request, 400, "a place of at most %llu was expected", (unsigned long long)size);
		return false;
	}
	*ret = from;
	return true;
}

void prl_api_events(void *node, prl_request *request)
{
	static const char *const taken[] = { "from", NULL };
	prl_api *api = node;
	uint64_t from, size;
	if (!prl_request_queries_only(request, taken) || !begin_at(api, request, &from))
		return;
	stream *s = calloc(1, sizeof *s);
	if (!s) {
		prl_api_no_memory(request);
		return;
	}
	prl_ledger_head(api->own, &size, NULL);
	s->api = api;
	(void)snprintf(s->party, sizeof s->party, "%s", prl_request_caller(request)->party);
	s->next = from;
	s->lag_max = size - from + PRL_EVENTS_LAG_MAX;
	s->expanded = UINT64_MAX;
	s->pending = PRL_BUFFER(PENDING_MAX);
	prl_buffer_printf(&s->pending, "retry: 1000\n\n");
	prl_answer_header(request, "Cache-Control", "no-store");
	prl_answer_stream(request, stream_more, s, stream_free);
}
