#include "support/acts.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static size_t number_of(acts *a, const char *log)
{
	for (size_t i = 0; i < a->l->log_count; i++)
		if (strcmp(a->l->logs[i].origin, log) == 0)
			return i;
	fail_msg("no log %s", log);
	return 0;
}

prl_picture *acts_picture(acts *a, const char *log)
{
	return a->pictures[number_of(a, log)];
}

acts *acts_new(const char *parties, const char *extra)
{
	acts *a = calloc(1, sizeof *a);
	assert_non_null(a);
	a->l = line_new(parties, extra);
	for (size_t i = 0; i < a->l->log_count; i++) {
		a->pictures[i] = line_picture(a->l->logs[i].origin);
		line_begin(a->l, a->pictures[i], a->l->logs[i].origin);
	}
	acts_see_all(a);
	return a;
}

void acts_free(acts *a)
{
	for (size_t i = 0; i < a->l->log_count; i++)
		prl_picture_free(a->pictures[i]);
	line_free(a->l);
	free(a);
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

static prl_status door(prl_picture *picture, prl_bytes bytes, prl_error *err)
{
	prl_entry entry;
	json_t *body = NULL;
	prl_status status = prl_entry_read(bytes, &entry, err);
	if (!status)
		status = prl_picture_body(picture, &entry, &body, err);
	if (!status)
		status = prl_line_check(picture, PRL_VERSION_WORKING, &entry, body, err);
	json_decref(body);
	return status;
}

static prl_status try_act(acts *a, const line_act *act, bool look, prl_hash *ret, prl_error *err)
{
	const char *log = act->log ? act->log : line_home(a->l, act->key);
	line_key before = act->key ? *line_key_of(a->l, act->key) : (line_key){ 0 };
	prl_bytes entry = line_entry(a->l, act);
	prl_status status = look ? door(acts_picture(a, log), entry, err) : PRL_OK;
	if (!status)
		status = line_apply(acts_picture(a, log), log, entry, err);
	if (status && act->key)
		*line_key_of(a->l, act->key) = before;
	if (!status)
		line_append(a->l, log, entry);
	if (ret)
		*ret = prl_sha256(entry.data, entry.size);
	return status;
}

prl_status acts_try(acts *a, const line_act *act, prl_hash *ret, prl_error *err)
{
	return try_act(a, act, true, ret, err);
}

prl_status acts_try_apply(acts *a, const line_act *act, prl_hash *ret, prl_error *err)
{
	return try_act(a, act, false, ret, err);
}

prl_hash acts_do(acts *a, const char *key, const char *kind, const char *body)
{
	prl_hash hash;
	prl_error err = { 0 };
	if (acts_try(a, &(line_act){ .kind = kind, .key = key, .body = body }, &hash, &err))
		fail_msg("%s by %s: %s: %s", kind, key, err.where, err.text);
	return hash;
}

void acts_refused(acts *a, const char *key, const char *kind, const char *body, prl_status status, const char *text)
{
	prl_error err = { 0 };
	prl_status found = acts_try(a, &(line_act){ .kind = kind, .key = key, .body = body }, NULL, &err);
	if (found != status || !(strstr(err.text, text) || strstr(err.where, text)))
		fail_msg("%s %s: status %d (%s: %s), expected %d with \"%s\"", kind, body, found, err.where, err.text,
			 status, text);
}

/* How much of the log can be taken, as its entries may have seen what is not here yet. */
static uint64_t ready_size(acts *a, const char *by, const char *of, uint64_t most)
{
	prl_picture *picture = acts_picture(a, by);
	uint64_t size = prl_picture_size(picture, PRL_VERSION_WORKING, of);
	prl_entry entry;
	while (size < most && prl_entry_read(line_log_of(a->l, of)->entries[size], &entry, NULL) == PRL_OK &&
	       prl_picture_ready(picture, PRL_VERSION_WORKING, &entry, NULL) == PRL_OK)
		size++;
	return size;
}

/* True where something was taken. */
static bool see_up_to(acts *a, const char *by, const char *of, uint64_t most)
{
	uint64_t ready = ready_size(a, by, of, most);
	if (ready <= prl_picture_size(acts_picture(a, by), PRL_VERSION_WORKING, of))
		return false;
	(void)line_see(a->l, acts_picture(a, by), by, of, ready);
	return true;
}

void acts_see(acts *a, const char *by, const char *of)
{
	(void)see_up_to(a, by, of, line_log_of(a->l, of)->size);
}

static void see_round(acts *a)
{
	uint64_t sizes[LINE_LOGS];
	size_t count = a->l->log_count;
	bool more = true;
	for (size_t i = 0; i < count; i++)
		sizes[i] = a->l->logs[i].size;
	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++)
			for (size_t k = 0; k < count; k++)
				if (i != k)
					more |= see_up_to(a, a->l->logs[i].origin, a->l->logs[k].origin, sizes[k]);
	}
}

void acts_see_all(acts *a)
{
	see_round(a);
	see_round(a);
}

/* ---- digests ----------------------------------------------------------------------------------------------------- */

prl_hash acts_digest(acts *a, const char *log)
{
	prl_hash digest;
	prl_error err;
	assert_int_equal(prl_picture_digest(acts_picture(a, log), PRL_VERSION_WORKING, &digest, &err), PRL_OK);
	return digest;
}

static void check_saved(acts *a, const char *log)
{
	char path[] = "/tmp/parley-acts-XXXXXX";
	int file = mkstemp(path);
	assert_true(file >= 0);
	close(file);
	prl_error err = { 0 };
	prl_picture *picture = acts_picture(a, log), *again = line_picture(log);
	prl_snapshot_head head = { .size = line_log_of(a->l, log)->size }, found;
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_version version = prl_picture_pin(picture);
	if (prl_picture_save(picture, version, &head, path, &err) || prl_picture_load(again, path, &found, &err))
		fail_msg("%s", err.text);
	prl_picture_unpin(picture, version);
	prl_hash before = acts_digest(a, log), after;
	assert_int_equal(prl_picture_digest(again, PRL_VERSION_WORKING, &after, &err), PRL_OK);
	assert_true(prl_hash_equal(&before, &after));
	prl_picture_free(again);
	unlink(path);
}

/* Nodes hold different tails of each other's logs, so what is compared is an onlooker's picture of all entries, made in
 * two orders: log by log as far as that can go, forwards and backwards. */
static prl_hash onlooker(acts *a, bool backwards)
{
	prl_picture *picture = line_picture(NULL);
	size_t left = 0, count = a->l->log_count;
	prl_hash digest;
	prl_error err = { 0 };
	for (size_t i = 0; i < count; i++)
		left += a->l->logs[i].size;
	while (left) {
		size_t before = left;
		for (size_t n = 0; n < count; n++) {
			line_log *log = &a->l->logs[backwards ? count - 1 - n : n];
			for (;;) {
				uint64_t size = prl_picture_size(picture, PRL_VERSION_WORKING, log->origin);
				if (size == log->size ||
				    line_apply(picture, log->origin, log->entries[size], &err) == PRL_E_EARLY)
					break;
				left--;
			}
		}
		if (left == before)
			fail_msg("entries that wait for each other: %s", err.text);
	}
	assert_int_equal(prl_picture_digest(picture, PRL_VERSION_WORKING, &digest, &err), PRL_OK);
	prl_picture_free(picture);
	return digest;
}

void acts_check_digests(acts *a)
{
	prl_hash one = onlooker(a, false), other = onlooker(a, true);
	assert_true(prl_hash_equal(&one, &other));
	for (size_t i = 0; i < a->l->log_count; i++)
		check_saved(a, a->l->logs[i].origin);
}

/* ---- shows ------------------------------------------------------------------------------------------------------- */

static prl_status entry_at(acts *a, const char *log, uint64_t index, prl_entry *ret, prl_error *err)
{
	line_log *l = line_log_of(a->l, log);
	return index < l->size ? prl_entry_read(l->entries[index], ret, err) : PRL_E_NOT_FOUND;
}

static prl_status show_body(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	prl_entry entry;
	prl_status status = entry_at(context, log, index, &entry, err);
	if (!status)
		*ret = json_loadb(entry.body.data, entry.body.size, 0, NULL);
	return status;
}

static prl_status show_content(void *context, const prl_hash *hash, json_t **ret, prl_error *err)
{
	(void)context;
	(void)hash;
	(void)ret;
	(void)err;
	return PRL_E_NOT_FOUND;
}

static prl_status show_seen(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	prl_entry entry;
	prl_status status = entry_at(context, log, index, &entry, err);
	json_t *seen = json_object();
	for (size_t i = 0; !status && i < entry.seen_count; i++)
		json_object_setn_new(seen, entry.seen[i].log.data, entry.seen[i].log.size,
				     json_integer((json_int_t)entry.seen[i].size));
	*ret = seen;
	return status;
}

static prl_show show_of(acts *a, const char *log, const char *party, prl_time now)
{
	return (prl_show){ .picture = acts_picture(a, log),
			   .version = PRL_VERSION_WORKING,
			   .now = now,
			   .party = party,
			   .body = show_body,
			   .content = show_content,
			   .seen = show_seen,
			   .context = a };
}

json_t *acts_show(acts *a, const char *log, const char *party, const char *part, const char *query, prl_time now)
{
	prl_show show = show_of(a, log, party, now);
	const prl_line_part *named = prl_line_part_named(prl_bytes_of(part));
	json_t *items = NULL, *arguments = json_object();
	prl_error err = { 0 };
	const char *equals = query ? strchr(query, '=') : NULL;
	assert_non_null(named);
	if (equals)
		json_object_setn_new(arguments, query, (size_t)(equals - query), json_string(equals + 1));
	show.query = arguments;
	if (named->show(&show, &items, &err))
		fail_msg("%s: %s", part, err.text);
	json_decref(arguments);
	return items;
}

json_t *acts_alarms(acts *a, const char *party, prl_time now)
{
	prl_show show = show_of(a, line_home(a->l, party), party, now);
	prl_alarms alarms;
	prl_error err = { 0 };
	json_t *all = json_array();
	if (prl_alarms_collect(&show, party, NULL, &alarms, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < alarms.count; i++)
		json_array_append_new(all, prl_alarm_json(&alarms, &alarms.items[i], now));
	prl_alarms_done(&alarms);
	return all;
}

const json_t *acts_alarm(const json_t *alarms, const char *name)
{
	const json_t *one;
	size_t i;
	json_array_foreach(alarms, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "alarm")), name) == 0)
			return one;
	}
	return NULL;
}

const json_t *acts_at(const json_t *json, const char *path)
{
	char step[100];
	int used;
	const json_t *at = json;
	for (const char *rest = path; *rest; rest += used + (rest[used] == '.')) {
		assert_int_equal(sscanf(rest, "%99[^.]%n", step, &used), 1);
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(step)) : json_object_get(at, step);
		if (!at) {
			char *text = json_dumps(json, JSON_INDENT(1));
			print_error("%s\n", text);
			fail_msg("no %s", path);
		}
	}
	return at;
}

const char *acts_text(const json_t *json, const char *path)
{
	const char *text = json_string_value(acts_at(json, path));
	if (!text)
		fail_msg("%s is no text", path);
	return text;
}

prl_time acts_time(const char *text)
{
	prl_time time;
	assert_int_equal(prl_time_parse(text, strlen(text), &time, NULL), PRL_OK);
	return time;
}
