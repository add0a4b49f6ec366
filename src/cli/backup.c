/* parley backup, parley restore: a node's folder, put by and put back. */
#include "cli/call.h"
#include "cli/home.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "node/keys.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SMALL_FILE_MAX (4u << 20) /* everything but the record */

static prl_status path_in(const char *folder, const char *name, char path[PATH_MAX], prl_error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	return PRL_OK;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length > tail && !strcmp(text + length - tail, end);
}

/* ---- copying ----------------------------------------------------------------------------------------------------- */

static prl_status copy_file(const char *from, const char *to, const char *name, mode_t mode, prl_error *err)
{
	char path[PATH_MAX];
	prl_buffer bytes = PRL_BUFFER(SMALL_FILE_MAX);
	prl_status st = prl_home_read(from, name, &bytes, err);
	if (!st)
		st = path_in(to, name, path, err);
	if (!st)
		st = prl_folder_of_file(path, err);
	if (!st)
		st = prl_file_write(path, (prl_bytes){ bytes.data ? bytes.data : "", bytes.size }, mode, err);
	if (bytes.data)
		explicit_bzero(bytes.data, bytes.size); /* it may have been a key */
	prl_buffer_done(&bytes);
	return st;
}

/* Files of the folder, or of one below it, whose name ends so. */
static prl_status copy_all(const char *from, const char *to, const char *below, const char *end, mode_t mode,
			   size_t *ret_count, prl_error *err)
{
	char path[PATH_MAX], name[NAME_MAX + 20];
	prl_status st = path_in(from, below, path, err);
	DIR *folder = st ? NULL : opendir(path);
	struct dirent *entry;
	while (!st && folder && (entry = readdir(folder))) {
		if (!ends_with(entry->d_name, end))
			continue;
		snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", entry->d_name);
		st = copy_file(from, to, name, mode, err);
		++*ret_count;
	}
	if (folder)
		closedir(folder);
	return st;
}

/* What is there; a node alone has no certificate, and one without a fork no proof. */
static prl_status copy_open(const char *from, const char *to, prl_error *err)
{
	static const char *const names[] = { "node.json", "constitution.note", "tls.crt" };
	size_t count = 0;
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < sizeof names / sizeof *names; i++) {
		st = copy_file(from, to, names[i], 0644, err);
		if (st == PRL_E_NOT_FOUND && i)
			st = PRL_OK;
	}
	if (!st)
		st = copy_all(from, to, "", ".card", 0644, &count, err);
	return st ? st : copy_all(from, to, "forks", ".fork", 0600, &count, err);
}

static prl_status copy_keys(const char *from, const char *to, size_t *ret_count, prl_error *err)
{
	prl_status st = copy_all(from, to, "keys", ".key", 0600, ret_count, err);
	if (!st && *ret_count) {
		st = copy_file(from, to, "tls.key", 0600, err);
		if (st == PRL_E_NOT_FOUND)
			st = PRL_OK;
	}
	return st;
}

/* Looking at a record leaves SQLite's own two files beside it, with nothing in them. */
static void drop_beside(const char *record)
{
	static const char *const ends[] = { "-shm", "-wal" };
	char path[PATH_MAX];
	struct stat about;
	for (size_t i = 0; i < 2; i++)
		if (snprintf(path, sizeof path, "%s%s", record, ends[i]) < (int)sizeof path &&
		    stat(path, &about) == 0 && (i == 0 || about.st_size == 0))
			unlink(path);
}

/* Consistent while a node writes; looked through before it is called a backup. */
static prl_status copy_record(const char *from, const char *to, prl_error *err)
{
	prl_store *store = NULL;
	prl_status st = prl_store_open(from, PRL_STORE_READ, &store, err);
	if (!st)
		st = prl_store_backup(store, to, err);
	prl_store_close(store);
	store = NULL;
	if (!st)
		st = prl_store_open(to, PRL_STORE_READ, &store, err);
	if (!st)
		st = prl_store_check(store, err);
	prl_store_close(store);
	if (!st)
		drop_beside(to);
	return st;
}

/* ---- backup ------------------------------------------------------------------------------------------------------ */

static prl_status backup_folder(const cli_call *call, const char *record, prl_error *err)
{
	const char *from = call->operands[0], *to = call->operands[1];
	char path[PATH_MAX];
	size_t keys = 0;
	prl_status st = prl_home_new(to, err);
	if (!st)
		st = path_in(to, "record.db", path, err);
	if (!st)
		st = copy_record(record, path, err);
	if (!st)
		st = copy_open(from, to, err);
	if (!st && call->value[CLI_WITH_KEYS])
		st = copy_keys(from, to, &keys, err);
	if (st)
		return st;
	if (call->value[CLI_WITH_KEYS])
		printf("%s holds the record and %zu private keys: keep it as you keep those\n", to, keys);
	else
		printf("%s holds the record without any private key: those are kept elsewhere\n", to);
	return PRL_OK;
}

static prl_status run_backup(const cli_call *call, prl_error *err)
{
	char record[PATH_MAX];
	const char *to = call->operands[1];
	prl_status st = path_in(call->operands[0], "record.db", record, err);
	if (st || !ends_with(to, ".db"))
		return st ? st : backup_folder(call, record, err);
	if (call->value[CLI_WITH_KEYS])
		return prl_error_set(err, PRL_E_SYNTAX, "%s: a file holds the record alone; name a folder for the keys",
				     to);
	st = copy_record(record, to, err);
	if (!st)
		printf("%s holds the record alone\n", to);
	return st;
}

static const cli_option backup_options[] = {
	{ "--with-keys", NULL, "the private keys of the folder too: whoever has the backup then speaks for the party",
	  CLI_WITH_KEYS },
};
static const cli_action backup_action[] = { { NULL, "FOLDER OUT", 2, 2, CLI_TAKES(CLI_WITH_KEYS), run_backup } };

static int backup(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, backup_action, 1, argc, argv);
}

const cli_verb prl_cli_backup = {
	.name = "backup",
	.summary = "copies a node's record while it runs",
	.usage = "parley backup FOLDER OUT [--with-keys]",
	.details = "OUT is a new folder, or a new file that ends in .db for the record alone. What the node answered "
		   "before\n"
		   "the backup began is in it. `parley restore` puts it back.\n",
	.options = backup_options,
	.option_count = sizeof backup_options / sizeof *backup_options,
	.run = backup,
};

/* ---- restore ----------------------------------------------------------------------------------------------------- */

static const char mark[] =
	"Put back from a backup. parley serve takes nothing until a peer has said how far the log had come.\n";

/* A record alone goes into a folder that has all the rest. */
static prl_status check_lacks(const char *folder, prl_error *err)
{
	char path[PATH_MAX];
	json_t *settings = NULL;
	prl_status st = prl_home_settings(folder, &settings, err);
	json_decref(settings);
	if (st == PRL_E_NOT_FOUND)
		return prl_error_set(err, st, "%s has no node.json: a record alone goes into a node's folder", folder);
	if (!st)
		st = path_in(folder, "record.db", path, err);
	if (!st && access(path, F_OK) == 0)
		st = prl_error_set(err, PRL_E_DUPLICATE,
				   "%s is there: a record is never written over; move it aside first", path);
	return st;
}

static prl_status put_record(const char *from, const char *folder, prl_error *err)
{
	char path[PATH_MAX], snapshot[PATH_MAX];
	prl_status st = path_in(folder, "record.db", path, err);
	if (!st)
		st = path_in(folder, "snapshot", snapshot, err);
	if (!st)
		st = prl_home_write(folder, "restored", prl_bytes_of(mark), 0644, err);
	if (!st)
		st = copy_record(from, path, err);
	if (!st && unlink(snapshot) != 0 && errno != ENOENT)
		st = prl_error_set(err, PRL_E_IO, "%s: %s", snapshot, strerror(errno));
	return st;
}

static void say_next(const char *folder)
{
	char path[PRL_KEY_PATH_MAX];
	bool keys = !prl_key_path(folder, "log", path, NULL) && access(path, R_OK) == 0;
	printf("%s holds the record as it was when the backup was made.\n", folder);
	if (!keys)
		printf("No keys are in it: put log.key, witness.key, mirror.key and those of desks and consoles into "
		       "%s/keys.\n",
		       folder);
	printf("next: parley serve %s\n"
	       "It takes nothing until a peer has said how far this log had come, and takes what is missing back from\n"
	       "its mirror. The node that it replaces must not run again: two that sign with one key make two "
	       "histories.\n",
	       folder);
}

static prl_status run_restore(const cli_call *call, prl_error *err)
{
	const char *from = call->operands[0], *folder = call->operands[1];
	char record[PATH_MAX];
	size_t keys = 0;
	bool alone = ends_with(from, ".db");
	prl_status st = alone ? check_lacks(folder, err) : path_in(from, "record.db", record, err);
	if (!st && access(alone ? from : record, R_OK) != 0)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "%s: %s; expected what `parley backup` wrote",
				   alone ? from : record, strerror(errno));
	if (!st && !alone)
		st = prl_home_new(folder, err);
	if (!st && !alone)
		st = copy_open(from, folder, err);
	if (!st && !alone)
		st = copy_keys(from, folder, &keys, err);
	if (!st)
		st = put_record(alone ? from : record, folder, err);
	if (!st)
		say_next(folder);
	return st;
}

static const cli_action restore_action[] = { { NULL, "BACKUP FOLDER", 2, 2, 0, run_restore } };

static int restore(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, restore_action, 1, argc, argv);
}

const cli_verb prl_cli_restore = {
	.name = "restore",
	.summary = "puts a backup back",
	.usage = "parley restore BACKUP FOLDER",
	.details = "BACKUP is what `parley backup` wrote. FOLDER is new; for a record alone (a file that ends in .db) "
		   "it is the\n"
		   "folder that lacks it. A log that is put back is older than what others hold of it: before anything "
		   "new is\n"
		   "signed, `parley serve` asks the peers how far it had come and takes the missing entries back from "
		   "a mirror.\n"
		   "Where no peer can be asked, `parley serve FOLDER --alone` goes on, and that is recorded: do so "
		   "only when\n"
		   "nobody holds more, or this log gets a second history.\n",
	.run = restore,
};
