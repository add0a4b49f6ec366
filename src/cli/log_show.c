/* parley log show: entries of a log, one a line, with who is proven to have them. */
#include "cli/log.h"
#include "cli/words.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* That the node of log `by` has recorded the arrival of a content. */
typedef struct arrival {
	size_t by;
	prl_hash hash;
} arrival;

typedef struct show {
	const cli_log_call *call;
	const cli_record *record;
	prl_ledger *ledger;
	const char *origin;
	uint64_t stored[CLI_RECORD_LOGS_MAX]; /* entries that this node's mirror has cosigned */
	bool arrivals_read;
	arrival *arrivals; /* of contents that this log announces; sorted */
	size_t arrival_count, arrival_room;
	size_t reading; /* the log whose arrivals are being read */
} show;

/* ---- who has stored what ----------------------------------------------------------------------------------------- */

/* Mirrors that stand on this checkpoint and are not known from a larger one; true when none is left to find. */
static bool take_mirrors(show *s, uint64_t size, prl_bytes bytes)
{
	prl_note note;
	prl_checkpoint checkpoint;
	uint64_t time_s;
	bool all = true;
	if (prl_note_read(bytes, &note, NULL) || prl_checkpoint_read(note.text, &checkpoint, NULL) ||
	    checkpoint.size != size || strcmp(checkpoint.origin, s->origin) != 0)
		return false;
	for (size_t i = 0; i < s->record->log_count; i++) {
		const cli_record_log *log = &s->record->logs[i];
		if (s->stored[i] || !strcmp(log->origin, s->origin))
			continue;
		if (prl_cosignature_verify(&note, &log->mirror, &time_s, NULL) == PRL_OK)
			s->stored[i] = size;
		all = all && s->stored[i];
	}
	return all;
}

static prl_status read_mirrors(show *s, prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint64_t size, at_most = UINT64_MAX;
	prl_status st = PRL_OK;
	bool done = false;
	while (!st && !done) {
		prl_buffer_clear(&note);
		st = prl_store_cosigned_to(s->record->reader, prl_ledger_log(s->ledger)->id, at_most, &size, &note,
					   err);
		done = !st && (take_mirrors(s, size, (prl_bytes){ note.data, note.size }) || size == 0);
		at_most = st || !size ? 0 : size - 1;
	}
	prl_buffer_done(&note);
	return st == PRL_E_NOT_FOUND ? PRL_OK : st;
}

/* ---- arrivals of contents ---------------------------------------------------------------------------------------- */

static int compare_arrivals(const void *a, const void *b)
{
	const arrival *x = a, *y = b;
	int order = memcmp(x->hash.bytes, y->hash.bytes, sizeof x->hash.bytes);
	return order ? order : (x->by > y->by) - (x->by < y->by);
}

static bool add_arrival(show *s, const prl_hash *hash)
{
	if (s->arrival_count == s->arrival_room) {
		size_t room = s->arrival_room ? 2 * s->arrival_room : 64;
		arrival *arrivals = prl_array_resize(s->arrivals, room, sizeof *arrivals);
		if (!arrivals)
			return false;
		s->arrivals = arrivals;
		s->arrival_room = room;
	}
	s->arrivals[s->arrival_count++] = (arrival){ s->reading, *hash };
	return true;
}

static prl_status take_got(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	show *s = context;
	prl_entry entry;
	prl_hash hash;
	bool done = true;
	(void)index;
	if (!prl_cli_entry_is(bytes, "content.got", false) || prl_entry_read(bytes, &entry, NULL))
		return PRL_OK;
	json_t *body = json_loadb(entry.body.data, entry.body.size, 0, NULL);
	const char *log = json_string_value(json_object_get(body, "log"));
	const json_t *hashes = json_object_get(body, "hashes");
	for (size_t i = 0; done && log && !strcmp(log, s->origin) && i < json_array_size(hashes); i++) {
		const char *text = json_string_value(json_array_get(hashes, i));
		done = !text || !prl_hash_read(prl_bytes_of(text), &hash) || add_arrival(s, &hash);
	}
	json_decref(body);
	return done ? PRL_OK : prl_error_memory(err);
}

/* Reads all other logs that are kept here; once, when the first content is met. */
static prl_status read_arrivals(show *s, prl_error *err)
{
	prl_status st = PRL_OK;
	if (s->arrivals_read)
		return PRL_OK;
	for (s->reading = 0; !st && s->reading < s->record->log_count; s->reading++) {
		prl_store_log log;
		const char *origin = s->record->logs[s->reading].origin;
		if (!strcmp(origin, s->origin) || prl_store_log_open(s->record->store, origin, false, &log, NULL))
			continue;
		st = prl_store_entries(s->record->reader, log.id, 0, log.size, take_got, s, err);
	}
	if (s->arrival_count)
		qsort(s->arrivals, s->arrival_count, sizeof *s->arrivals, compare_arrivals);
	s->arrivals_read = !st;
	return st;
}

static bool has_arrived(const show *s, size_t by, const prl_hash *hash)
{
	const arrival key = { by, *hash };
	return s->arrival_count && bsearch(&key, s->arrivals, s->arrival_count, sizeof key, compare_arrivals) != NULL;
}

/* ---- one entry --------------------------------------------------------------------------------------------------- */

/* Whether the body is addressed to a party at home in that log; to all where it says nothing. */
static bool goes_to(const show *s, const json_t *body, const char *origin)
{
	const json_t *to = json_object_get(body, "to");
	for (size_t i = 0; i < s->record->party_count; i++) {
		if (strcmp(s->record->parties[i].log, origin) != 0)
			continue;
		for (size_t j = 0; j < json_array_size(to); j++)
			if (json_is_string(json_array_get(to, j)) &&
			    !strcmp(json_string_value(json_array_get(to, j)), s->record->parties[i].name))
				return true;
		if (!to)
			return true;
	}
	return false;
}

/* The contents of the entry that the node of log `by` was to get and has not recorded, as an array of hashes. */
static json_t *missing_at(const show *s, const json_t *body, size_t by)
{
	const json_t *contents = json_object_get(body, "contents");
	json_t *missing = json_array();
	if (!json_array_size(contents) || !goes_to(s, body, s->record->logs[by].origin))
		return missing;
	for (size_t i = 0; i < json_array_size(contents); i++) {
		prl_hash hash;
		json_t *text = json_object_get(json_array_get(contents, i), "hash");
		if (text && prl_hash_read(prl_bytes_of(json_string_value(text)), &hash) && !has_arrived(s, by, &hash))
			json_array_append(missing, text);
	}
	return missing;
}

/* {"served_on": [origin…], "not_delivered": [{"log": origin, "contents": [hash…]}…]} */
static json_t *labels_of(const show *s, uint64_t index, const json_t *body)
{
	json_t *served = json_array(), *not_delivered = json_array();
	for (size_t i = 0; i < s->record->log_count; i++) {
		if (s->stored[i] <= index)
			continue;
		const char *origin = s->record->logs[i].origin;
		json_t *missing = missing_at(s, body, i);
		if (json_array_size(missing))
			json_array_append_new(not_delivered,
					      json_pack("{s:s, s:O}", "log", origin, "contents", missing));
		else
			json_array_append_new(served, json_string(origin));
		json_decref(missing);
	}
	return json_pack("{s:o, s:o}", "served_on", served, "not_delivered", not_delivered);
}

static void print_labels(const json_t *labels)
{
	size_t i;
	const json_t *item;
	fputs("LOGGED", stdout);
	json_array_foreach(json_object_get(labels, "served_on"), i, item)
		printf(", SERVED on %s", json_string_value(item));
	json_array_foreach(json_object_get(labels, "not_delivered"), i, item)
		printf(", NOT DELIVERED to %s: %zu content%s", json_string_value(json_object_get(item, "log")),
		       json_array_size(json_object_get(item, "contents")),
		       json_array_size(json_object_get(item, "contents")) == 1 ? "" : "s");
}

static prl_bytes author(const prl_entry *entry)
{
	if (entry->key.data)
		return entry->key;
	return entry->recorded.data ? entry->recorded : prl_bytes_of("all roots");
}

static void print_text(uint64_t index, const prl_entry *entry, const json_t *body, const json_t *labels)
{
	char time[PRL_TIME_TEXT_MAX], words[CLI_WORDS_MAX], line[PRL_HASH_TEXT_MAX];
	prl_bytes by = author(entry);
	prl_time_format(entry->time, time);
	printf("%8llu  %s  %-8s  %-18.*s  %-18.*s  [", (unsigned long long)index, time,
	       prl_cli_mode_text((int)entry->mode), (int)entry->kind.size, entry->kind.data, (int)by.size, by.data);
	print_labels(labels);
	prl_cli_body_words(body, words);
	if (index == 0) {
		prl_hash hash = prl_sha256(entry->note.text.data, entry->note.text.size);
		prl_hash_write(&hash, line);
		prl_cli_words(json_string_value(json_object_get(body, "line"))
				      ? json_string_value(json_object_get(body, "line"))
				      : "",
			      words);
		printf("]  line %s  %s\n", line, words);
	} else {
		printf("]  %s\n", words);
	}
}

static void print_json(const show *s, uint64_t index, const prl_entry *entry, json_t *body, json_t *labels)
{
	char time[PRL_TIME_TEXT_MAX], hash[PRL_HASH_TEXT_MAX];
	prl_bytes by = author(entry);
	prl_time_format(entry->time, time);
	prl_hash_write(&entry->hash, hash);
	json_t *line = json_pack("{s:s, s:I, s:s, s:s, s:s%, s:s%, s:s}", "log", s->origin, "index", (json_int_t)index,
				 "time", time, "mode", prl_cli_mode_text((int)entry->mode), "kind", entry->kind.data,
				 entry->kind.size, "by", by.data, by.size, "hash", hash);
	json_object_update(line, labels);
	json_object_set(line, "body", body);
	if (json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

/* A mirror holds whatever its peer has put into its log. */
static void show_unreadable(const show *s, uint64_t index, const prl_error *why)
{
	json_t *line =
		json_pack("{s:s, s:I, s:s}", "log", s->origin, "index", (json_int_t)index, "unreadable", why->text);
	if (!s->call->json)
		printf("%8llu  cannot be read: %s\n", (unsigned long long)index, why->text);
	else if (json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

static prl_status show_entry(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	show *s = context;
	prl_entry entry;
	prl_error why = { 0 };
	prl_status st = PRL_OK;
	if (prl_entry_read(bytes, &entry, &why)) {
		show_unreadable(s, index, &why);
		return PRL_OK;
	}
	json_t *body = json_loadb(entry.body.data, entry.body.size, JSON_REJECT_DUPLICATES, NULL);
	if (json_array_size(json_object_get(body, "contents")))
		st = read_arrivals(s, err);
	if (!st) {
		json_t *labels = labels_of(s, index, body);
		if (s->call->json)
			print_json(s, index, &entry, body ? body : json_null(), labels);
		else
			print_text(index, &entry, body, labels);
		json_decref(labels);
	}
	json_decref(body);
	return st ? prl_error_at(err, st, "entry %llu", (unsigned long long)index) : PRL_OK;
}

static prl_status show_range(show *s, prl_error *err)
{
	uint64_t size, from, to;
	prl_ledger_head(s->ledger, &size, NULL);
	from = s->call->from;
	if (!s->call->has_from && s->call->has_count)
		from = size > s->call->count ? size - s->call->count : 0;
	to = s->call->has_count && s->call->count < size - (from < size ? from : size) ? from + s->call->count : size;
	if (from > size)
		return prl_error_set(err, PRL_E_RANGE, "log %s holds %llu entries; --from is beyond them", s->origin,
				     (unsigned long long)size);
	prl_status st = read_mirrors(s, err);
	return st ? st
		  : prl_store_entries(s->record->reader, prl_ledger_log(s->ledger)->id, from, to, show_entry, s, err);
}

int prl_cli_log_show(const cli_log_call *call)
{
	prl_error err = { 0 };
	cli_record record;
	const char *path = call->operands[0];
	prl_status st = prl_cli_record_open(path, &record, &err);
	if (st)
		return prl_cli_log_failed(path, st, &err);
	show s = { .call = call, .record = &record, .origin = call->log ? call->log : record.own };
	st = prl_cli_record_ledger(&record, s.origin, &s.ledger, &err);
	if (!st)
		st = show_range(&s, &err);
	prl_ledger_free(s.ledger);
	prl_cli_record_close(&record);
	free(s.arrivals);
	return st ? prl_cli_log_failed(path, st, &err) : CLI_OK;
}
