#include "cli/record.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- which log --------------------------------------------------------------------------------------------------- */

static bool copy_name(char to[PRL_KEY_NAME_MAX + 1], const char *from)
{
	size_t length = from ? strlen(from) : 0;
	if (!length || length > PRL_KEY_NAME_MAX)
		return false;
	memcpy(to, from, length + 1);
	return true;
}

static bool name_in_settings(cli_record *record)
{
	char path[PATH_MAX];
	if (snprintf(path, sizeof path, "%s/node.json", record->folder) >= (int)sizeof path)
		return false;
	json_t *settings = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	bool there = copy_name(record->own, json_string_value(json_object_get(settings, "log")));
	json_decref(settings);
	return there;
}

static prl_status take_first(void *context, const char *origin, const prl_store_log *log, prl_error *err)
{
	cli_record *record = context;
	(void)log;
	(void)err;
	if (!record->own[0])
		(void)copy_name(record->own, origin);
	return PRL_OK;
}

static prl_status find_own(cli_record *record, prl_error *err)
{
	prl_status st = PRL_OK;
	if (!record->is_folder || !name_in_settings(record))
		st = prl_store_logs(record->reader, take_first, record, err);
	if (!st && !record->own[0])
		st = prl_error_set(err, PRL_E_NOT_FOUND, "%s holds no log", record->folder);
	return st;
}

/* ---- constitution ------------------------------------------------------------------------------------------------ */

bool prl_cli_entry_is(prl_bytes entry, const char *kind, bool prefix)
{
	static const char head[] = "parley/v1 ";
	size_t length = strlen(kind);
	return entry.size > sizeof head + length && !memcmp(entry.data, head, sizeof head - 1) &&
	       !memcmp(entry.data + sizeof head - 1, kind, length) &&
	       (prefix || entry.data[sizeof head - 1 + length] == '\n');
}

/* Keeps the newest body. */
static prl_status take_constitution(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	json_t **newest = context;
	prl_entry entry;
	(void)index;
	if (!prl_cli_entry_is(bytes, "constitution", true))
		return PRL_OK;
	prl_status st = prl_entry_read(bytes, &entry, err);
	json_t *body = st ? NULL : json_loadb(entry.body.data, entry.body.size, JSON_REJECT_DUPLICATES, NULL);
	if (!st && !json_is_object(body))
		st = prl_error_set(err, PRL_E_SYNTAX, "entry %llu: a constitution that is no JSON object",
				   (unsigned long long)index);
	if (st) {
		json_decref(body);
		return st;
	}
	json_decref(*newest);
	*newest = body;
	return PRL_OK;
}

static prl_status read_key(const json_t *log, const char *member, prl_verifier *ret, prl_error *err)
{
	const char *text = json_string_value(json_object_get(log, member));
	if (!text)
		return prl_error_set(err, PRL_E_SYNTAX, "the constitution gives a log no \"%s\"", member);
	return prl_verifier_read(prl_bytes_of(text), ret, err);
}

static prl_status read_logs(cli_record *record, const json_t *logs, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; !st && i < json_array_size(logs); i++) {
		const json_t *log = json_array_get(logs, i);
		cli_record_log *to = &record->logs[record->log_count];
		if (record->log_count == CLI_RECORD_LOGS_MAX)
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d logs", CLI_RECORD_LOGS_MAX);
		if (!copy_name(to->origin, json_string_value(json_object_get(log, "origin"))))
			return prl_error_set(err, PRL_E_SYNTAX, "the constitution has a log without a name");
		st = read_key(log, "key", &to->key, err);
		if (!st)
			st = read_key(log, "witness", &to->witness, err);
		if (!st)
			st = read_key(log, "mirror", &to->mirror, err);
		record->log_count += !st;
	}
	return st;
}

static prl_status read_parties(cli_record *record, const json_t *parties, prl_error *err)
{
	for (size_t i = 0; i < json_array_size(parties); i++) {
		const json_t *party = json_array_get(parties, i);
		size_t at = record->party_count;
		if (at == CLI_RECORD_PARTIES_MAX)
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d parties", CLI_RECORD_PARTIES_MAX);
		if (!copy_name(record->parties[at].name, json_string_value(json_object_get(party, "name"))) ||
		    !copy_name(record->parties[at].log, json_string_value(json_object_get(party, "log"))))
			return prl_error_set(err, PRL_E_SYNTAX, "the constitution has a party without name or log");
		record->party_count++;
	}
	return PRL_OK;
}

static prl_status read_constitution(cli_record *record, prl_error *err)
{
	prl_store_log log;
	json_t *body = NULL;
	prl_status st = prl_store_log_open(record->store, record->own, false, &log, err);
	if (!st)
		st = prl_store_entries(record->reader, log.id, 0, log.size, take_constitution, &body, err);
	if (!st && !body)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "the log %s does not begin with a constitution", record->own);
	if (!st)
		st = read_logs(record, json_object_get(body, "logs"), err);
	if (!st)
		st = read_parties(record, json_object_get(body, "parties"), err);
	const char *policy = json_string_value(json_object_get(body, "policy"));
	if (!st && policy && !(record->policy = strdup(policy)))
		st = prl_error_memory(err);
	json_decref(body);
	return st;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

prl_status prl_cli_record_open(const char *path, cli_record *ret, prl_error *err)
{
	struct stat info;
	char store[PATH_MAX];
	cli_record record = { .folder = path };
	record.is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
	if (snprintf(store, sizeof store, record.is_folder ? "%s/record.db" : "%s", path) >= (int)sizeof store)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", path);
	prl_status st = prl_store_open(store, PRL_STORE_READ, &record.store, err);
	if (!st)
		st = prl_store_reader_new(record.store, &record.reader, err);
	if (!st)
		st = find_own(&record, err);
	if (!st)
		st = read_constitution(&record, err);
	if (st)
		prl_cli_record_close(&record);
	else
		*ret = record;
	return st;
}

void prl_cli_record_close(cli_record *record)
{
	prl_store_reader_free(record->reader);
	prl_store_close(record->store);
	free(record->policy);
	*record = (cli_record){ 0 };
}

const cli_record_log *prl_cli_record_log(const cli_record *record, const char *origin)
{
	for (size_t i = 0; i < record->log_count; i++)
		if (!strcmp(record->logs[i].origin, origin))
			return &record->logs[i];
	return NULL;
}

static prl_status add_name(void *context, const char *origin, const prl_store_log *log, prl_error *err)
{
	char *names = context;
	size_t used = strlen(names);
	(void)log;
	(void)err;
	snprintf(names + used, 300 - used, "%s%s", used ? ", " : "", origin);
	return PRL_OK;
}

prl_status prl_cli_record_ledger(const cli_record *record, const char *origin, prl_ledger **ret, prl_error *err)
{
	char names[300] = "";
	prl_status st = prl_ledger_open(record->store, origin ? origin : record->own, false, ret, err);
	if (st != PRL_E_NOT_FOUND || prl_store_logs(record->reader, add_name, names, NULL))
		return st;
	return prl_error_set(err, st, "no log %.100s is kept here; expected one of %s", origin ? origin : record->own,
			     names);
}

static prl_status append(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)index;
	return prl_buffer_append(context, entry.data, entry.size) ? PRL_OK : prl_error_memory(err);
}

prl_status prl_cli_record_entry(const cli_record *record, prl_ledger *ledger, uint64_t index, prl_buffer *ret,
				prl_error *err)
{
	uint64_t size;
	prl_ledger_head(ledger, &size, NULL);
	if (index >= size)
		return prl_error_set(err, PRL_E_RANGE, "log %s holds entries 0 to %llu, not %llu",
				     prl_ledger_origin(ledger), (unsigned long long)size - 1,
				     (unsigned long long)index);
	return prl_store_entries(record->reader, prl_ledger_log(ledger)->id, index, index + 1, append, ret, err);
}

prl_status prl_cli_index(const char *text, uint64_t *ret, prl_error *err)
{
	uint64_t value;
	if (!prl_decimal_read(prl_bytes_of(text), &value) || value > INT64_MAX)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is no index; expected a number from 0", text);
	*ret = value;
	return PRL_OK;
}
