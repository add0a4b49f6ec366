#include "cli/home.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the folder ------------------------------------------------------------------------------------------------- */

static prl_status failed(prl_error *err, const char *what, const char *path)
{
	return prl_error_set(err, PRL_E_IO, "%s cannot be %s: %s", path, what, strerror(errno));
}

static prl_status path_in(const char *folder, const char *name, char path[PATH_MAX], prl_error *err)
{
	if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	return PRL_OK;
}

static bool is_empty(const char *folder)
{
	DIR *entries = opendir(folder);
	bool empty = entries != NULL;
	struct dirent *entry;
	while (entries && empty && (entry = readdir(entries)))
		empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
	if (entries)
		closedir(entries);
	return empty;
}

prl_status prl_home_new(const char *folder, prl_error *err)
{
	char keys[PATH_MAX];
	prl_status st = path_in(folder, "keys", keys, err);
	if (st)
		return st;
	if (mkdir(folder, 0700) != 0 && (errno != EEXIST || !is_empty(folder)))
		return errno == EEXIST
			       ? prl_error_set(err, PRL_E_DUPLICATE,
					       "%s is not empty: keys are never written over; name a new folder",
					       folder)
			       : failed(err, "made", folder);
	return mkdir(keys, 0700) == 0 ? PRL_OK : failed(err, "made", keys);
}

prl_status prl_home_read(const char *folder, const char *name, prl_buffer *ret, prl_error *err)
{
	char path[PATH_MAX];
	prl_status st = path_in(folder, name, path, err);
	return st ? st : prl_file_read(path, ret, err);
}

prl_status prl_home_write(const char *folder, const char *name, prl_bytes bytes, mode_t mode, prl_error *err)
{
	char path[PATH_MAX];
	prl_status st = path_in(folder, name, path, err);
	return st ? st : prl_file_write(path, bytes, mode, err);
}

prl_status prl_home_key(const char *folder, const char *name, prl_signer *ret, prl_error *err)
{
	char path[PRL_KEY_PATH_MAX];
	prl_status st = prl_key_path(folder, name, path, err);
	return st ? st : prl_key_load(path, PRL_KEY_NOTE, ret, err);
}

prl_status prl_home_signer(const char *folder, const char *key, prl_signer *ret, prl_error *err)
{
	size_t length = strlen(key);
	bool file = length > 4 && !strcmp(key + length - 4, ".key");
	return file ? prl_key_load(key, PRL_KEY_NOTE, ret, err) : prl_home_key(folder, key, ret, err);
}

prl_status prl_home_key_new(const char *folder, const char *name, const char *file, prl_key_type type,
			    prl_verifier *ret, prl_error *err)
{
	prl_signer signer = { 0 };
	char path[PRL_KEY_PATH_MAX];
	prl_status st = prl_signer_new(name, type, &signer, err);
	if (!st)
		st = prl_key_path(folder, file, path, err);
	if (!st)
		st = prl_key_save(path, &signer, err);
	if (!st)
		*ret = signer.verifier;
	prl_signer_wipe(&signer);
	return st;
}

json_t *prl_home_vkey(const prl_verifier *verifier)
{
	char text[PRL_KEY_TEXT_MAX];
	prl_verifier_write(verifier, text);
	return json_string(text);
}

/* ---- settings --------------------------------------------------------------------------------------------------- */

/* Where to listen so that the others reach the address: its port on every interface where TLS is there, the address
 * itself where it is on loopback. */
static void listen_of(const prl_card *card, char *listen, size_t room)
{
	const char *host = strstr(card->address, "://");
	host = host ? host + 3 : "127.0.0.1:8440";
	size_t length = strcspn(host, "/");
	const char *colon = memrchr(host, ':', length);
	if (card->has_tls)
		snprintf(listen, room, "0.0.0.0:%.*s", colon ? (int)(host + length - colon) - 1 : 3,
			 colon ? colon + 1 : "443");
	else
		snprintf(listen, room, "%.*s", (int)length, host);
}

prl_status prl_home_settings_write(const char *folder, const prl_card *card, const char *desk, prl_error *err)
{
	char desk_name[PRL_KEY_NAME_MAX + 1], console[PRL_KEY_NAME_MAX + 16], listen[320];
	snprintf(desk_name, sizeof desk_name, desk ? "%s" : "%s-ops", desk ? desk : card->party);
	snprintf(console, sizeof console, "%s/console-1", desk_name);
	listen_of(card, listen, sizeof listen);
	json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:s}", "party", card->party, "log", card->log.name, "desk",
				  desk_name, "console", console, "listen", listen);
	if (value && card->has_tls) {
		json_object_set_new(value, "tls_certificate", json_string("tls.crt"));
		json_object_set_new(value, "tls_key", json_string("tls.key"));
	}
	char *text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;
	json_decref(value);
	prl_status st =
		text ? prl_home_write(folder, "node.json", prl_bytes_of(text), 0644, err) : prl_error_memory(err);
	free(text);
	return st;
}

prl_status prl_home_settings(const char *folder, json_t **ret, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(65536);
	prl_status st = prl_home_read(folder, "node.json", &text, err);
	json_error_t json_err;
	json_t *value = st ? NULL : json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &json_err);
	prl_buffer_done(&text);
	if (!st && !value)
		st = prl_error_set(err, PRL_E_SYNTAX, "%s/node.json: line %d: %s", folder, json_err.line,
				   json_err.text);
	if (!st)
		*ret = value;
	return st;
}

prl_status prl_home_setting(const json_t *settings, const char *name, const char **ret, prl_error *err)
{
	const char *text = json_string_value(json_object_get(settings, name));
	if (!text)
		return prl_error_set(err, PRL_E_SYNTAX, "node.json has no text \"%s\"", name);
	*ret = text;
	return PRL_OK;
}

prl_status prl_home_card_path(const char *folder, char path[PATH_MAX], prl_error *err)
{
	json_t *settings = NULL;
	const char *party = NULL;
	prl_status st = prl_home_settings(folder, &settings, err);
	if (!st)
		st = prl_home_setting(settings, "party", &party, err);
	if (!st && snprintf(path, PATH_MAX, "%s/%s.card", folder, party) >= PATH_MAX)
		st = prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", folder);
	json_decref(settings);
	return st;
}

/* ---- the first entries ------------------------------------------------------------------------------------------- */

typedef struct first {
	prl_hash line;
	const char *log, *party, *desk;
	prl_mode mode;
	prl_time time;
} first;

/* Writes an entry with serial 1 of the signer's key. */
static prl_status first_entry(const first *of, const char *kind, const char *desk, const prl_signer *signer,
			      json_t *body, prl_buffer *ret, prl_error *err)
{
	static const prl_hash none;
	char *json = body ? json_dumps(body, JSON_INDENT(2)) : NULL, *text = malloc(PRL_ENTRY_MAX);
	json_decref(body);
	prl_entry_head head = { .kind = kind,
				.log = of->log,
				.party = of->party,
				.desk = desk,
				.key = signer->verifier.name,
				.line = &of->line,
				.previous = &none,
				.serial = 1,
				.mode = of->mode,
				.time = of->time };
	size_t length = json && text ? prl_entry_write(&head, prl_bytes_of(json), &signer, 1, text, PRL_ENTRY_MAX) : 0;
	bool done = length && prl_buffer_append(ret, text, length);
	free(json);
	free(text);
	return done ? PRL_OK : prl_error_memory(err);
}

/* desk.opened by the root, key.certified by the desk. */
static prl_status first_entries(const first *of, const char *folder, const char *console_name, prl_buffer *desk_opened,
				prl_buffer *key_certified, prl_error *err)
{
	prl_signer root = { 0 }, desk = { 0 }, console = { 0 };
	char root_name[PRL_KEY_NAME_MAX + 8];
	snprintf(root_name, sizeof root_name, "%s/root", of->party);
	prl_status st = prl_home_key(folder, root_name, &root, err);
	if (!st)
		st = prl_home_key(folder, of->desk, &desk, err);
	if (!st)
		st = prl_home_key(folder, console_name, &console, err);
	if (!st)
		st = first_entry(of, "desk.opened", NULL, &root,
				 json_pack("{s:s, s:s, s:o}", "desk", of->desk, "title", of->desk, "key",
					   prl_home_vkey(&desk.verifier)),
				 desk_opened, err);
	if (!st)
		st = first_entry(of, "key.certified", of->desk, &desk,
				 json_pack("{s:o}", "key", prl_home_vkey(&console.verifier)), key_certified, err);
	prl_signer_wipe(&root);
	prl_signer_wipe(&desk);
	prl_signer_wipe(&console);
	return st;
}

static prl_status open_log(const char *folder, const json_t *settings, prl_bytes constitution, prl_error *err)
{
	first of = { 0 };
	const char *console = NULL;
	prl_entry entry;
	prl_signer log_key;
	char path[PATH_MAX];
	prl_status st = prl_home_setting(settings, "log", &of.log, err);
	if (!st)
		st = prl_home_setting(settings, "party", &of.party, err);
	if (!st)
		st = prl_home_setting(settings, "desk", &of.desk, err);
	if (!st)
		st = prl_home_setting(settings, "console", &console, err);
	if (!st)
		st = prl_entry_read(constitution, &entry, err);
	if (!st)
		st = path_in(folder, "record.db", path, err);
	if (!st)
		st = prl_home_key(folder, "log", &log_key, err);
	if (st)
		return st;
	of.line = prl_sha256(entry.note.text.data, entry.note.text.size);
	of.mode = entry.mode;
	of.time = entry.time;
	prl_buffer desk_opened = PRL_BUFFER(PRL_ENTRY_MAX), key_certified = PRL_BUFFER(PRL_ENTRY_MAX);
	st = first_entries(&of, folder, console, &desk_opened, &key_certified, err);
	prl_bytes entries[] = { constitution,
				{ desk_opened.data, desk_opened.size },
				{ key_certified.data, key_certified.size } };
	if (!st)
		st = prl_founding_open(path, &log_key, entries, 3, err);
	prl_signer_wipe(&log_key);
	prl_buffer_done(&desk_opened);
	prl_buffer_done(&key_certified);
	return st;
}

prl_status prl_home_open_log(const char *folder, prl_bytes constitution, prl_error *err)
{
	json_t *settings = NULL;
	prl_status st = prl_home_settings(folder, &settings, err);
	if (!st)
		st = open_log(folder, settings, constitution, err);
	json_decref(settings);
	return st;
}
