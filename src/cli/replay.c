/* parley replay: what one side knew at some moment; a scenario played. */
#include "cli/cli.h"
#include "cli/replay_line.h"
#include "cli/scene.h"
#include "cli/source.h"
#include "cli/words.h"

#include "base/error.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define NEWEST 20 /* messages shown */

enum option { AT, ENTRY, LOG, KEEP, QUIET, JSON, NO_PROGRESS };

static const cli_option options[] = {
	{ "--at", "TIME",
	  "as it was at TIME (RFC 3339, as 2016-09-17T12:55:00Z) by the node's own clock;\n"
	  "without --at and --entry: as it is at the end",
	  AT },
	{ "--entry", "LOG:INDEX",
	  "as it was when that entry came to count there: after it in its own log, in\n"
	  "another's view after the peer.seen that covers it",
	  ENTRY },
	{ "--log", "ORIGIN", "whose view: the node that keeps that log (the folder's own, or LOG of --entry)", LOG },
	{ "--keep", "FOLDER", "of a scenario: leave the nodes' folders there, for verify and others", KEEP },
	{ "--quiet", NULL, "of a scenario: say only how many expectations were met", QUIET },
	{ "--json", NULL, "one JSON object a line", JSON },
	{ "--no-progress", NULL, "no progress bar, not even on a terminal", NO_PROGRESS },
};

typedef struct place {
	char log[PRL_KEY_NAME_MAX + 1];
	uint64_t index;
} place;

typedef struct replay {
	bool has_at, json, no_progress, quiet;
	const char *keep;
	prl_time at;
	place entry; /* log "" where not given */
	const char *log;
	cli_source *source;
	cli_progress progress;
	place newest[NEWEST]; /* messages; a ring */
	uint64_t messages;
	prl_time last; /* of the newest own entry */
	uint64_t size;
	prl_picture *picture;
} replay;

/* ---- output ------------------------------------------------------------------------------------------------------ */

static void print_line(json_t *line)
{
	if (json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

static prl_status print_head(const replay *r, const char *log, prl_error *err)
{
	char time[PRL_TIME_TEXT_MAX], digest[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	prl_status st = prl_picture_digest(r->picture, PRL_VERSION_WORKING, &hash, err);
	if (st)
		return st;
	prl_hash_write(&hash, digest);
	prl_time_format(r->last, time);
	if (r->json)
		print_line(json_pack("{s:s, s:s, s:I, s:s, s:s}", "what", "view", "log", log, "entries",
				     (json_int_t)r->size, "time", time, "digest", digest));
	else
		printf("What %s knew with its first %llu entries; the newest is of %s\nDigest %s\n", log,
		       (unsigned long long)r->size, time, digest);
	return PRL_OK;
}

static void print_constitution(const replay *r)
{
	const prl_constitution *constitution = prl_picture_constitution(r->picture, PRL_VERSION_WORKING);
	if (!r->json)
		puts("\nParties");
	for (size_t i = 0; constitution && i < constitution->party_count; i++) {
		const prl_party *party = &constitution->parties[i];
		char title[CLI_WORDS_MAX];
		prl_cli_words(party->title, title);
		if (r->json)
			print_line(json_pack("{s:s, s:s, s:s, s:s, s:b}", "what", "party", "name", party->name, "title",
					     party->title, "log", party->log, "left", (int)party->left));
		else
			printf("  %-16s %-24s at %s%s\n", party->name, title, party->log,
			       party->left ? ", has left" : "");
	}
}

/* An index, or null where there is none. */
static json_t *index_json(uint64_t index)
{
	return index == PRL_INDEX_NEVER ? json_null() : json_integer((json_int_t)index);
}

static bool print_desk(void *context, prl_bytes name, const void *value)
{
	const replay *r = context;
	const prl_desk *desk = value;
	char title[CLI_WORDS_MAX];
	(void)name;
	prl_cli_words(desk->title, title);
	if (r->json)
		print_line(json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "what", "desk", "name", desk->name, "party",
				     desk->party, "title", desk->title, "opened", index_json(desk->opened), "closed",
				     index_json(desk->closed)));
	else
		printf("  %-16s %-24s of %s%s\n", desk->name, title, desk->party,
		       desk->closed == PRL_INDEX_NEVER ? "" : ", closed");
	return true;
}

static bool print_key(void *context, prl_bytes name, const void *value)
{
	const replay *r = context;
	const prl_key *key = value;
	static const char *const roles[] = {
		[PRL_ROLE_ROOT] = "root", [PRL_ROLE_DESK] = "desk", [PRL_ROLE_CONSOLE] = "console"
	};
	char vkey[PRL_KEY_TEXT_MAX];
	bool replaced = memchr(name.data, '#', name.size) != NULL;
	prl_verifier_write(&key->verifier, vkey);
	if (r->json) {
		print_line(json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:I, s:b}", "what", "key", "key", vkey,
				     "role", roles[key->role], "party", key->party, "from", (json_int_t)key->from,
				     "until", index_json(key->until), "suspect_from", index_json(key->suspect_from),
				     "serial", (json_int_t)key->serial, "replaced", (int)replaced));
		return true;
	}
	printf("  %-16s %-8s %llu entries, valid from entry %llu", key->verifier.name, roles[key->role],
	       (unsigned long long)key->serial, (unsigned long long)key->from);
	if (key->until != PRL_INDEX_NEVER)
		printf(" to before %llu%s", (unsigned long long)key->until, replaced ? ", replaced" : "");
	if (key->suspect_from != PRL_INDEX_NEVER)
		printf(", doubted from %llu on", (unsigned long long)key->suspect_from);
	putchar('\n');
	return true;
}

static bool print_peer(void *context, prl_bytes name, const void *value)
{
	const replay *r = context;
	const prl_peer *peer = value;
	static const char *const states[] = {
		[PRL_PEER_GOOD] = "good", [PRL_PEER_FAULTY] = "faulty", [PRL_PEER_FORKED] = "forked"
	};
	(void)name;
	if (r->json)
		print_line(json_pack("{s:s, s:s, s:s, s:I, s:s, s:I}", "what", "peer", "by", peer->by, "log", peer->log,
				     "size", (json_int_t)peer->size, "state", states[peer->state], "faults",
				     (json_int_t)peer->faults));
	else
		printf("  %s had seen %llu entries of %s%s%s\n", peer->by, (unsigned long long)peer->size, peer->log,
		       peer->state == PRL_PEER_GOOD ? "" : ": ",
		       peer->state == PRL_PEER_GOOD ? "" : states[peer->state]);
	return true;
}

static bool print_content(void *context, prl_bytes name, const void *value)
{
	const replay *r = context;
	const prl_content *content = value;
	char hash[PRL_HASH_TEXT_MAX];
	(void)name;
	prl_hash_write(&content->hash, hash);
	if (r->json) {
		print_line(json_pack("{s:s, s:s, s:s, s:I, s:I, s:O, s:O, s:O}", "what", "content", "hash", hash, "log",
				     content->log, "index", (json_int_t)content->index, "size",
				     (json_int_t)content->size, "to", content->to, "got", content->got, "deleted",
				     content->deleted));
		return true;
	}
	printf("  %s of entry %llu of %s, %llu bytes, to", hash, (unsigned long long)content->index, content->log,
	       (unsigned long long)content->size);
	for (size_t i = 0; i < json_array_size(content->to); i++)
		printf(" %s", json_string_value(json_array_get(content->to, i)));
	for (size_t i = 0; i < json_array_size(content->got); i++)
		printf("%s %s", i ? "," : "; arrived at", json_string_value(json_array_get(content->got, i)));
	puts(json_array_size(content->deleted) ? "; deleted by the rule of retention" : "");
	return true;
}

static prl_status print_message(const replay *r, const place *at, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_entry entry;
	char time[PRL_TIME_TEXT_MAX], words[CLI_WORDS_MAX];
	prl_status st = prl_cli_source_entry(r->source, at->log, at->index, &bytes, err);
	if (!st)
		st = prl_entry_read((prl_bytes){ bytes.data, bytes.size }, &entry, err);
	if (st) {
		prl_buffer_done(&bytes);
		return st;
	}
	json_t *body = json_loadb(entry.body.data, entry.body.size, JSON_REJECT_DUPLICATES, NULL);
	prl_bytes by = entry.key.data ? entry.key : entry.recorded;
	prl_time_format(entry.time, time);
	prl_cli_body_words(body, words);
	if (r->json)
		print_line(json_pack("{s:s, s:s, s:I, s:s, s:s, s:s%, s:O}", "what", "message", "log", at->log, "index",
				     (json_int_t)at->index, "time", time, "mode", prl_cli_mode_text((int)entry.mode),
				     "by", by.data, by.size, "body", body));
	else
		printf("  %s  %-8s  %-18.*s  %s\n", time, prl_cli_mode_text((int)entry.mode), (int)by.size, by.data,
		       words);
	json_decref(body);
	prl_buffer_done(&bytes);
	return PRL_OK;
}

static prl_status print_table(replay *r, const char *title, unsigned table, prl_each_fn *fn, prl_error *err)
{
	if (!r->json && prl_picture_count(r->picture, PRL_VERSION_WORKING, table))
		printf("\n%s\n", title);
	return prl_picture_each(r->picture, PRL_VERSION_WORKING, table, fn, r, err);
}

static prl_status print_messages(const replay *r, prl_error *err)
{
	uint64_t shown = r->messages < NEWEST ? r->messages : NEWEST;
	prl_status st = PRL_OK;
	if (!r->json && shown)
		printf("\nMessages: %llu, the newest\n", (unsigned long long)r->messages);
	for (uint64_t i = r->messages - shown; !st && i < r->messages; i++)
		st = print_message(r, &r->newest[i % NEWEST], err);
	return st;
}

static prl_status print_view(replay *r, const char *log, prl_error *err)
{
	prl_status st = print_head(r, log, err);
	if (st)
		return st;
	print_constitution(r);
	st = print_table(r, "Desks", PRL_TABLE_DESK, print_desk, err);
	if (!st)
		st = print_table(r, "Keys", PRL_TABLE_KEY, print_key, err);
	if (!st)
		st = print_table(r, "Peers", PRL_TABLE_PEER, print_peer, err);
	if (!st)
		st = print_table(r, "Contents", PRL_TABLE_CONTENT, print_content, err);
	if (!st)
		st = print_messages(r, err);
	return st ? st : prl_cli_replay_line(r->source, r->picture, r->has_at ? r->at : r->last, r->json, err);
}

/* ---- the view ---------------------------------------------------------------------------------------------------- */

static void take_applied(void *context, const char *log, uint64_t index, const prl_entry *entry)
{
	replay *r = context;
	if (!strcmp(log, r->log))
		r->last = entry->time;
	if (!prl_bytes_is(entry->kind, "message.sent"))
		return;
	place *at = &r->newest[r->messages++ % NEWEST];
	snprintf(at->log, sizeof at->log, "%s", log);
	at->index = index;
}

static void show_progress(void *context, uint64_t done, uint64_t all)
{
	replay *r = context;
	prl_cli_progress_draw(&r->progress, "replaying", all ? (double)done / (double)all : 0);
}

/* Where to stop. */
static prl_status find_size(replay *r, prl_error *err)
{
	const prl_view_source *from = prl_cli_source_view(r->source);
	prl_hash root;
	if (r->has_at)
		return prl_view_at(from, r->log, r->at, &r->size, err);
	if (!r->entry.log[0])
		return from->head(from->context, r->log, &r->size, &root, err);
	if (strcmp(r->entry.log, r->log) != 0)
		return prl_view_seen(from, r->log, r->entry.log, r->entry.index, &r->size, err);
	r->size = r->entry.index + 1;
	return PRL_OK;
}

static prl_status replay_view(replay *r, prl_error *err)
{
	prl_view *view = NULL;
	const prl_view_run run = { take_applied, show_progress, r };
	if (!r->log)
		r->log = r->entry.log[0] ? r->entry.log : prl_cli_source_own(r->source);
	if (!r->log[0])
		return prl_error_set(err, PRL_E_AMBIGUOUS, "there are several logs; --log says whose view to show");
	prl_status st = find_size(r, err);
	if (!st)
		st = prl_view_new(prl_cli_source_view(r->source), r->log, &view, err);
	if (!st)
		st = prl_view_go(view, r->size, &run, err);
	prl_cli_progress_clear(&r->progress);
	if (!st) {
		r->picture = prl_view_picture(view);
		st = print_view(r, r->log, err);
	}
	prl_view_free(view);
	return st;
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

/* A log's name may hold a colon; the last one is before the index. */
static prl_status set_entry(replay *r, const char *value, prl_error *err)
{
	const char *colon = strrchr(value, ':');
	size_t length = colon ? (size_t)(colon - value) : 0;
	if (!length || length > PRL_KEY_NAME_MAX || !prl_decimal_read(prl_bytes_of(colon + 1), &r->entry.index) ||
	    r->entry.index >= INT64_MAX)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.100s\" is no place; expected LOG:INDEX, as us.example/line:142", value);
	memcpy(r->entry.log, value, length);
	r->entry.log[length] = 0;
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	replay *r = context;
	switch ((enum option)id) {
	case AT:
		r->has_at = true;
		return prl_time_parse(value, strlen(value), &r->at, err);
	case ENTRY:
		return set_entry(r, value, err);
	case LOG:
		r->log = value;
		return PRL_OK;
	case KEEP:
		r->keep = value;
		return PRL_OK;
	case QUIET:
		r->quiet = true;
		return PRL_OK;
	case JSON:
		r->json = true;
		return PRL_OK;
	case NO_PROGRESS:
		r->no_progress = true;
		return PRL_OK;
	}
	return prl_error_set(err, PRL_E_UNSUPPORTED, "not handled");
}

static int play(const replay *r, const char *file)
{
	if (r->has_at || r->entry.log[0] || r->log) {
		prl_cli_say("replay: --at, --entry and --log are for records; %s is a scenario", file);
		return CLI_BAD;
	}
	const scene_options scene = { file, r->keep, r->json, r->quiet };
	return scene_play(&scene);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	replay r = { 0 };
	prl_error err = { 0 };
	int count;
	if (prl_cli_options(verb, argc, argv, set_option, &r, &count))
		return CLI_BAD;
	if (count == 1 && scene_is_file(argv[0]))
		return play(&r, argv[0]);
	if (r.keep || r.quiet) {
		prl_cli_say("replay: --keep and --quiet are for scenarios, files that end in .jsonl");
		return CLI_BAD;
	}
	if (count != 1 || (r.has_at && r.entry.log[0])) {
		prl_cli_say("replay: %s; usage: %s",
			    count == 1 ? "--at and --entry exclude each other" : "expected one export or folder",
			    verb->usage);
		return CLI_BAD;
	}
	r.progress = prl_cli_progress(!r.no_progress);
	prl_status st = prl_cli_source_open(argv[0], &r.source, &err);
	if (!st) {
		st = replay_view(&r, &err);
		prl_cli_source_close(r.source);
	}
	if (st)
		prl_cli_say_error(argv[0], &err);
	return prl_cli_exit_status(st);
}

static const char details[] =
	"Rebuilds the picture of one node from its entries: its own log in order, and of the other logs what it had\n"
	"recorded as seen by then, no more. Prints parties, desks, keys, peers, contents, the newest messages and "
	"what\n"
	"stood on the line (notices, overlaps, receipts, calls …): what that side knew.\n"
	"\n"
	"TIME is by the node's own clock, where it speaks: in entries that it recorded itself (peer.seen, tick, …). "
	"The\n"
	"first of them later than TIME ends the view. Of what stands before, everything up to the node's last entry "
	"not\n"
	"later than TIME counts, and after that what stands before the first entry whose author's time is later.\n"
	"\n"
	"Hashes and the entries' own signatures are checked on the way; checkpoints and cosignatures by parley "
	"verify.\n"
	"\n"
	"FILE.jsonl is a scenario (docs/scenarios.md): it is played against real nodes with real keys that are made "
	"for\n"
	"it in a folder of their own, by a clock of its own, and what each side sees is printed in order.\n"
	"\n"
	"exit status: 0 as asked, 1 something does not hold or an expectation of the scenario was not met, 2 bad use "
	"or\n"
	"bad input, 3 the machine failed\n"
	"\n"
	"examples:\n"
	"  parley replay ./us --at 2016-09-17T12:55:00Z\n"
	"  parley replay us.export --entry us.example/line:142 --log ru.example/line\n";

const cli_verb prl_cli_replay = {
	.name = "replay",
	.summary = "shows what one side knew at some moment; plays a scenario",
	.usage = "parley replay EXPORT|FOLDER [--at TIME | --entry LOG:INDEX] [--log ORIGIN] [--json]\n"
		 "       parley replay FILE.jsonl [--keep FOLDER] [--quiet] [--json]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
