#include "node/replay.h"

#include "base/error.h"
#include "base/text.h"
#include "node/seen.h"
#include "picture/kinds.h"

#include <stdio.h>
#include <string.h>

/* How many entries are read between two words of progress. */
#define STEP 4096u

/* Where a replay is. */
typedef struct replaying {
	const prl_replay *with;
	prl_store_reader *reader;
	prl_seen *seen;     /* of the newest peer.seen: faults that must follow */
	size_t fault;       /* the next of them */
	bool more_recorded; /* the one that names a range has come */
	prl_entry entry;
} replaying;

static void say(const prl_replay *with, const char *format, ...) PRL_PRINTF(2, 3);
static void say(const prl_replay *with, const char *format, ...)
{
	char line[1024];
	va_list args;
	if (!with->say)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	with->say(with->context, line);
}

static prl_ledger *mirror_of(const prl_replay *with, const char *origin)
{
	for (size_t i = 0; origin && i < with->peer_count; i++)
		if (!strcmp(prl_ledger_origin(with->peers[i]), origin))
			return with->peers[i];
	return NULL;
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

/* Whether the faults of the last peer.seen were all recorded: an older parley may have judged otherwise, and then the
 * picture is not the one that people saw. */
static void end_faults(replaying *replay)
{
	prl_seen *seen = replay->seen;
	replay->seen = NULL;
	if (!seen)
		return;
	size_t rest = seen->count - replay->fault;
	if (rest)
		say(replay->with,
		    "%s, entry %llu, is refused now (%s), but was not when it was seen: the picture differs from then",
		    seen->log, (unsigned long long)seen->faults[replay->fault].index,
		    seen->faults[replay->fault].reason);
	else if (seen->more && !replay->more_recorded)
		say(replay->with, "%s, entries %llu to %llu, are refused now, but were not when they were seen",
		    seen->log, (unsigned long long)seen->first_more.index, (unsigned long long)seen->last_more);
	prl_seen_free(seen);
}

static bool fault_expected(replaying *replay, const json_t *body)
{
	const prl_seen *seen = replay->seen;
	const char *log = json_string_value(json_object_get(body, "log"));
	uint64_t index = (uint64_t)json_integer_value(json_object_get(body, "index"));
	if (!seen || !log || strcmp(log, seen->log) != 0)
		return false;
	if (replay->fault < seen->count)
		return seen->faults[replay->fault++].index == index;
	return seen->more && !replay->more_recorded && (replay->more_recorded = seen->first_more.index == index);
}

static void check_fault(replaying *replay, uint64_t at, const json_t *body)
{
	if (!fault_expected(replay, body))
		say(replay->with,
		    "entry %llu says that entry %lld of %s counts as nobody's act; worked out again it does "
		    "count: the picture differs from then",
		    (unsigned long long)at, (long long)json_integer_value(json_object_get(body, "index")),
		    json_string_value(json_object_get(body, "log")));
}

/* ---- peers' entries ---------------------------------------------------------------------------------------------- */

/* What our peer.seen, just applied, covers. */
static prl_status see(replaying *replay, const json_t *body, prl_error *err)
{
	const prl_replay *with = replay->with;
	const char *log = json_string_value(json_object_get(body, "log"));
	uint64_t size = (uint64_t)json_integer_value(json_object_get(body, "size"));
	prl_ledger *mirror = mirror_of(with, log);
	if (!mirror)
		return prl_error_set(err, PRL_E_IO, "the mirror of %s is missing", log ? log : "(no log)");
	prl_status st = prl_seen_new(with->picture, prl_ledger_origin(mirror), &replay->seen, err);
	uint64_t from = prl_picture_size(with->picture, PRL_VERSION_WORKING, log);
	replay->fault = 0;
	replay->more_recorded = false;
	if (!st && from < size)
		st = prl_ledger_entries(mirror, replay->reader, from, size, prl_seen_apply, replay->seen, err);
	if (st == PRL_E_NOT_FOUND)
		st = prl_error_set(err, PRL_E_IO, "the mirror of %s ends before entry %llu, which was seen", log,
				   (unsigned long long)size - 1);
	return st;
}

/* ---- our own log ------------------------------------------------------------------------------------------------- */

static prl_status apply(replaying *replay, uint64_t index, prl_bytes bytes, prl_error *err)
{
	const prl_replay *with = replay->with;
	json_t *body = NULL;
	prl_status st = prl_entry_read(bytes, &replay->entry, err);
	bool fault = !st && prl_bytes_is(replay->entry.kind, "peer.fault");
	bool seen = !st && prl_bytes_is(replay->entry.kind, "peer.seen");
	if (!st && !fault)
		end_faults(replay);
	if (seen || fault)
		st = prl_picture_body(with->picture, &replay->entry, &body, err);
	if (!st && fault)
		check_fault(replay, index, body);
	if (!st)
		st = prl_picture_apply(with->picture, prl_ledger_origin(with->own), index, &replay->entry, NULL, body,
				       err);
	if (!st && seen)
		st = see(replay, body, err);
	json_decref(body);
	return st;
}

static prl_status apply_entry(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	replaying *replay = context;
	prl_status st = apply(replay, index, bytes, err);
	if (!st)
		return PRL_OK;
	if (st == PRL_E_MEMORY)
		return st;
	char why[sizeof err->text];
	memcpy(why, err->text, sizeof why);
	return prl_error_set(
		err, PRL_E_IO,
		"entry %llu of our own log %s does not follow from those before it (%.300s): the record is "
		"damaged, or a newer parley wrote it; take it back from a mirror or a copy",
		(unsigned long long)index, prl_ledger_origin(replay->with->own), why);
}

/* What was replayed is published in steps, so that what a step replaced can be freed. */
static prl_status run(replaying *replay, uint64_t size, prl_error *err)
{
	const prl_replay *with = replay->with;
	for (uint64_t at = with->from; at < size;) {
		uint64_t to = size - at > STEP ? at + STEP : size;
		prl_status st = prl_ledger_entries(with->own, replay->reader, at, to, apply_entry, replay, err);
		if (st)
			return st;
		prl_picture_publish(with->picture, prl_picture_seal(with->picture));
		if (with->progress)
			with->progress(with->context, (double)(to - with->from) / (double)(size - with->from));
		at = to;
	}
	return PRL_OK;
}

prl_status prl_replay_run(const prl_replay *with, prl_store_reader *reader, prl_error *err)
{
	uint64_t size;
	prl_ledger_head(with->own, &size, NULL);
	replaying *replay = calloc(1, sizeof *replay);
	if (!replay)
		return prl_error_memory(err);
	replay->with = with;
	replay->reader = reader;
	prl_status st = run(replay, size, err);
	if (!st)
		end_faults(replay);
	prl_seen_free(replay->seen);
	free(replay);
	return st;
}
