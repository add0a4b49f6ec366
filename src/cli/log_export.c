/* parley log export: logs as static files, contents, fork proofs. */
#include "cli/log.h"

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "record/static_log.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct exporting {
	const cli_log_call *call;
	const char *out;
	cli_record record;
	cli_progress progress;
	char origins[CLI_RECORD_LOGS_MAX][PRL_KEY_NAME_MAX + 1];
	size_t origin_count;
	uint64_t entries;
	size_t contents, forks;
	struct {
		prl_hash hash;
		size_t size;
	} * held; /* contents of this node, listed before they are read: the reader serves one call at a time */
	size_t held_count, held_room;
} exporting;

/* ---- logs -------------------------------------------------------------------------------------------------------- */

/* Our own log first: what it says it has seen of the others is then in their mirrors, which are read later. */
static prl_status take_origin(void *context, const char *origin, const prl_store_log *log, prl_error *err)
{
	exporting *e = context;
	const char *only = e->call->log;
	if (!log->size || !prl_cli_record_log(&e->record, origin) || !strcmp(origin, e->record.own) ||
	    (only && strcmp(origin, only) != 0))
		return PRL_OK;
	if (e->origin_count == CLI_RECORD_LOGS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d logs", CLI_RECORD_LOGS_MAX);
	snprintf(e->origins[e->origin_count++], sizeof *e->origins, "%s", origin);
	return PRL_OK;
}

static prl_status list_logs(exporting *e, prl_error *err)
{
	const char *only = e->call->log;
	if (!only || !strcmp(only, e->record.own))
		memcpy(e->origins[e->origin_count++], e->record.own, sizeof e->record.own);
	prl_status st = prl_store_logs(e->record.reader, take_origin, e, err);
	if (!st && !e->origin_count)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "no log %.100s with entries is kept here", only);
	return st;
}

static void show_progress(void *context, uint64_t done, uint64_t all)
{
	exporting *e = context;
	prl_cli_progress_draw(&e->progress, "writing", all ? (double)done / (double)all : (double)NAN);
}

/* logs/<origin with / as %> */
static prl_status log_folder(const exporting *e, const char *origin, char path[PATH_MAX], prl_error *err)
{
	int length = snprintf(path, PATH_MAX, "%s/logs/%s", e->out, origin);
	if (length >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", e->out);
	for (char *c = path + length - strlen(origin); *c; c++)
		if (*c == '/')
			*c = '%';
	return PRL_OK;
}

/* A running node may add to the log between our opening it and our reading its checkpoint: then it is opened again. */
static prl_status write_log(exporting *e, const char *origin, prl_error *err)
{
	char path[PATH_MAX];
	const cli_record_log *log = prl_cli_record_log(&e->record, origin);
	if (!log)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the constitution has no log %s", origin);
	prl_status st = log_folder(e, origin, path, err);
	for (int turn = 0; !st && turn < 100; turn++) {
		prl_ledger *ledger = NULL;
		uint64_t size;
		st = prl_cli_record_ledger(&e->record, origin, &ledger, err);
		if (!st)
			st = prl_static_write(ledger, e->record.reader, &log->key, path, show_progress, e, err);
		if (!st) {
			prl_ledger_head(ledger, &size, NULL);
			e->entries += size;
		}
		prl_ledger_free(ledger);
		if (st != PRL_E_EARLY)
			break;
		st = PRL_OK;
	}
	return st;
}

/* ---- contents ---------------------------------------------------------------------------------------------------- */

static prl_status take_held(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	exporting *e = context;
	(void)at;
	if (e->held_count == e->held_room) {
		size_t room = e->held_room ? 2 * e->held_room : 64;
		void *held = prl_array_resize(e->held, room, sizeof *e->held);
		if (!held)
			return prl_error_memory(err);
		e->held = held;
		e->held_room = room;
	}
	e->held[e->held_count].hash = *hash;
	e->held[e->held_count++].size = size;
	return PRL_OK;
}

static prl_status write_content(exporting *e, size_t at, prl_buffer *bytes, prl_error *err)
{
	char name[80] = "contents/", path[PATH_MAX];
	prl_time time;
	prl_hex_write(e->held[at].hash.bytes, sizeof e->held[at].hash.bytes, name + strlen(name));
	if (snprintf(path, sizeof path, "%s/%s", e->out, name) < (int)sizeof path && access(path, F_OK) == 0)
		return PRL_OK;
	prl_buffer_clear(bytes);
	prl_status st = prl_store_content_get(e->record.reader, &e->held[at].hash, &time, bytes, err);
	if (st == PRL_E_STALE || st == PRL_E_NOT_FOUND)
		return PRL_OK; /* deleted since it was listed */
	return st ? st : prl_cli_log_put(e->out, name, (prl_bytes){ bytes->data, bytes->size }, err);
}

static prl_status write_contents(exporting *e, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(PRL_MAX_CONTENT_BYTES);
	prl_status st = prl_store_contents(e->record.reader, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, take_held, e, err);
	for (size_t i = 0; !st && i < e->held_count; i++) {
		st = write_content(e, i, &bytes, err);
		prl_cli_progress_draw(&e->progress, "contents", (double)i / (double)e->held_count);
	}
	e->contents = e->held_count;
	prl_buffer_done(&bytes);
	return st;
}

/* ---- forks, policy, README --------------------------------------------------------------------------------------- */

static prl_status copy_fork(exporting *e, const char *folder, const char *file, prl_error *err)
{
	char path[PATH_MAX], name[NAME_MAX + 8];
	prl_buffer bytes = PRL_BUFFER(PRL_FORK_MAX);
	if (snprintf(path, sizeof path, "%s/%s", folder, file) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	snprintf(name, sizeof name, "forks/%s", file);
	prl_status st = prl_file_read(path, &bytes, err);
	if (!st)
		st = prl_cli_log_put(e->out, name, (prl_bytes){ bytes.data, bytes.size }, err);
	e->forks += !st;
	prl_buffer_done(&bytes);
	return st;
}

static prl_status copy_forks(exporting *e, prl_error *err)
{
	char folder[PATH_MAX];
	prl_status st = PRL_OK;
	if (!e->record.is_folder ||
	    snprintf(folder, sizeof folder, "%s/forks", e->call->operands[0]) >= (int)sizeof folder)
		return PRL_OK;
	DIR *forks = opendir(folder);
	struct dirent *entry;
	while (!st && forks && (entry = readdir(forks)))
		if (entry->d_name[0] != '.')
			st = copy_fork(e, folder, entry->d_name, err);
	if (forks)
		closedir(forks);
	return st;
}

static const char readme[] =
	"An export of a parley line's record. Nothing in it needs to be trusted; everything can be checked.\n"
	"\n"
	"logs/NAME/            one log of the line (/ in its name stands as %), as its node keeps it or as it was "
	"mirrored,\n"
	"                      in the layout of C2SP tlog-tiles:\n"
	"  checkpoint          the newest checkpoint, with the cosignatures known\n"
	"  cosigned/SIZE       earlier checkpoints with cosignatures: who had stored how much, when, by his own clock\n"
	"  key                 the log's key, for the programs below; the constitution (entry 0) is what counts\n"
	"  tile/L/N            hashes; tile/entries/N: up to 256 entries, each after its length in two bytes\n"
	"contents/HEX          what entries carry by its hash: 32 bytes of salt, then the content; named by its "
	"SHA-256\n"
	"forks/                proofs that a log signed two histories\n"
	"policy                which cosignatures make a checkpoint count, where the constitution says so "
	"(tlog-policy)\n"
	"\n"
	"With parley:          parley verify THIS-FOLDER [the export of another side…]\n"
	"                      parley replay THIS-FOLDER --at TIME\n"
	"\n"
	"With Go:              golang.org/x/mod/sumdb/note opens checkpoints and entries with the keys that the\n"
	"                      constitution names; golang.org/x/mod/sumdb/tlog reads the tiles (its paths say "
	"tile/8/L/N\n"
	"                      where these say tile/L/N) and checks inclusion and consistency.\n"
	"\n"
	"By hand:              sha256sum contents/*     each prints its own name\n"
	"                      leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right), RFC 6962 section "
	"2.1;\n"
	"                      the root of all leaves, in base64, is the third line of checkpoint.\n"
	"\n"
	"A checkpoint commits its log to every entry below its size, in order. A line under it that is named "
	".../witness\n"
	"or .../mirror is another node's: it has seen no other history, or it has stored every entry.\n";

static prl_status write_rest(exporting *e, prl_error *err)
{
	prl_status st = copy_forks(e, err);
	if (!st && e->record.policy)
		st = prl_cli_log_put(e->out, "policy", prl_bytes_of(e->record.policy), err);
	if (!st)
		st = prl_cli_log_put(e->out, "README.txt", prl_bytes_of(readme), err);
	return st ? st : prl_folder_sync(e->out, err);
}

int prl_cli_log_export(const cli_log_call *call)
{
	prl_error err = { 0 };
	exporting *e = calloc(1, sizeof *e);
	prl_status st = e ? prl_cli_record_open(call->operands[0], &e->record, &err) : prl_error_memory(&err);
	if (st) {
		free(e);
		return prl_cli_log_failed(call->operands[0], st, &err);
	}
	e->call = call;
	e->out = call->operands[1];
	e->progress = prl_cli_progress(!call->no_progress);
	st = list_logs(e, &err);
	for (size_t i = 0; !st && i < e->origin_count; i++)
		st = write_log(e, e->origins[i], &err);
	if (!st && !call->no_contents)
		st = write_contents(e, &err);
	if (!st)
		st = write_rest(e, &err);
	prl_cli_progress_clear(&e->progress);
	if (!st)
		printf("%zu log%s with %llu entries, %zu content%s, %zu fork proof%s in %s\n", e->origin_count,
		       e->origin_count == 1 ? "" : "s", (unsigned long long)e->entries, e->contents,
		       e->contents == 1 ? "" : "s", e->forks, e->forks == 1 ? "" : "s", e->out);
	prl_cli_record_close(&e->record);
	free(e->held);
	free(e);
	return st ? prl_cli_log_failed(call->operands[0], st, &err) : CLI_OK;
}
