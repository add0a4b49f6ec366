#include "support/line.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void must(bool right, const char *what, const prl_error *err)
{
	if (right)
		return;
	fprintf(stderr, "tests/support/line.c: %s%s%s\n", what, err ? ": " : "", err ? err->text : "");
	abort();
}

const char *line_text(line *l, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = prl_arena_alloc(&l->memory, (size_t)length + 1, 1);
	must(text != NULL, "out of memory", NULL);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

prl_hash line_hash(const char *text)
{
	return prl_sha256(text, strlen(text));
}

const char *line_hash_text(line *l, const prl_hash *hash)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	return line_text(l, "%s", text);
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

prl_signer line_signer(const char *name, prl_key_type type, unsigned generation)
{
	char seed_text[300];
	prl_signer signer;
	prl_error err;
	snprintf(seed_text, sizeof seed_text, "%s %u", name, generation);
	prl_hash seed = line_hash(seed_text);
	must(!prl_signer_from_seed(name, type, seed.bytes, &signer, &err), name, &err);
	return signer;
}

line_key *line_key_of(line *l, const char *name)
{
	for (size_t i = 0; i < l->key_count; i++)
		if (strcmp(l->keys[i].signer.verifier.name, name) == 0)
			return &l->keys[i];
	must(l->key_count < LINE_KEYS, "too many keys", NULL);
	l->keys[l->key_count] = (line_key){ .signer = line_signer(name, PRL_KEY_NOTE, 0) };
	return &l->keys[l->key_count++];
}

const char *line_vkey(line *l, const prl_signer *signer)
{
	char text[PRL_KEY_TEXT_MAX];
	prl_verifier_write(&signer->verifier, text);
	return line_text(l, "%s", text);
}

/* ---- logs and parties -------------------------------------------------------------------------------------------- */

static line_log *find_log(line *l, const char *origin)
{
	for (size_t i = 0; i < l->log_count; i++)
		if (strcmp(l->logs[i].origin, origin) == 0)
			return &l->logs[i];
	return NULL;
}

line_log *line_log_of(line *l, const char *origin)
{
	line_log *log = find_log(l, origin);
	must(log != NULL, origin, NULL);
	return log;
}

static void add_log(line *l, const char *origin)
{
	char name[PRL_KEY_NAME_MAX + 16];
	must(l->log_count < LINE_LOGS, "too many logs", NULL);
	line_log *log = &l->logs[l->log_count++];
	snprintf(log->origin, sizeof log->origin, "%s", origin);
	log->key = line_signer(origin, PRL_KEY_NOTE, 0);
	snprintf(name, sizeof name, "%s/witness", origin);
	log->witness = line_signer(name, PRL_KEY_COSIGNATURE, 0);
	snprintf(name, sizeof name, "%s/mirror", origin);
	log->mirror = line_signer(name, PRL_KEY_COSIGNATURE, 0);
}

static void add_parties(line *l, const char *words)
{
	char name[64], log[PRL_KEY_NAME_MAX + 1];
	int used;
	while (sscanf(words, " %63[^@]@%128s%n", name, log, &used) == 2) {
		must(l->party_count < LINE_PARTIES, "too many parties", NULL);
		snprintf(l->parties[l->party_count].name, sizeof name, "%s", name);
		snprintf(l->parties[l->party_count++].log, sizeof log, "%s", log);
		if (!find_log(l, log))
			add_log(l, log);
		words += used;
	}
	must(l->party_count > 0, "a line without parties", NULL);
}

static bool belongs(const char *name, const char *party)
{
	size_t length = strlen(party);
	return strncmp(name, party, length) == 0 && (name[length] == '-' || name[length] == '/' || name[length] == 0);
}

static size_t party_of(line *l, const char *name)
{
	size_t i = 0;
	while (i < l->party_count && !belongs(name, l->parties[i].name))
		i++;
	must(i < l->party_count, name, NULL);
	return i;
}

const char *line_home(line *l, const char *name)
{
	return l->parties[party_of(l, name)].log;
}

static char *constitution_body(line *l, const char *extra)
{
	prl_buffer body = PRL_BUFFER(65536);
	prl_buffer_printf(&body, "{\"line\": \"a line for tests\", \"parties\": [");
	for (size_t i = 0; i < l->party_count; i++) {
		const char *root = line_text(l, "%s/root", l->parties[i].name);
		prl_buffer_printf(&body,
				  "%s{\"name\": \"%s\", \"title\": \"Party %s\", \"root\": \"%s\", \"log\": \"%s\"}",
				  i ? ", " : "", l->parties[i].name, l->parties[i].name,
				  line_vkey(l, &line_key_of(l, root)->signer), l->parties[i].log);
	}
	prl_buffer_printf(&body, "], \"logs\": [");
	for (size_t i = 0; i < l->log_count; i++) {
		line_log *log = &l->logs[i];
		prl_buffer_printf(&body,
				  "%s{\"origin\": \"%s\", \"key\": \"%s\", \"witness\": \"%s\", \"mirror\": \"%s\", "
				  "\"address\": \"https://%s\"}",
				  i ? ", " : "", log->origin, line_vkey(l, &log->key), line_vkey(l, &log->witness),
				  line_vkey(l, &log->mirror), log->origin);
	}
	prl_buffer_printf(&body, "]%s%s}", extra ? ", " : "", extra ? extra : "");
	must(!body.failed, "out of memory", NULL);
	return body.data;
}

line *line_new(const char *parties, const char *extra)
{
	const prl_signer *signers[LINE_PARTIES];
	line *l = calloc(1, sizeof *l);
	must(l != NULL, "out of memory", NULL);
	l->memory = PRL_ARENA((size_t)1 << 30);
	must(!prl_time_parse("2016-09-17T12:00:00Z", 20, &l->now, NULL), "time", NULL);
	add_parties(l, parties);
	l->constitution_body = constitution_body(l, extra);
	for (size_t i = 0; i < l->party_count; i++)
		signers[i] = &line_key_of(l, line_text(l, "%s/root", l->parties[i].name))->signer;
	l->constitution = line_entry_by_roots(l, "constitution", l->constitution_body, signers, l->party_count);
	prl_note note;
	must(!prl_note_read(l->constitution, &note, NULL), "constitution", NULL);
	l->name = prl_sha256(note.text.data, note.text.size);
	return l;
}

void line_free(line *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->log_count; i++) {
		free(l->logs[i].entries);
		free(l->logs[i].roots);
	}
	free(l->constitution_body);
	prl_arena_done(&l->memory);
	free(l);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static prl_bytes write_entry(line *l, const prl_entry_head *head, const char *body, const prl_signer *const *signers,
			     size_t count)
{
	char text[PRL_ENTRY_MAX + 1];
	size_t length = prl_entry_write(head, prl_bytes_of(body), signers, count, text, sizeof text);
	must(length > 0, "an entry that does not fit", NULL);
	char *copy = prl_arena_alloc(&l->memory, length, 1);
	must(copy != NULL, "out of memory", NULL);
	memcpy(copy, text, length);
	return (prl_bytes){ copy, length };
}

prl_bytes line_entry_by_roots(line *l, const char *kind, const char *body, const prl_signer *const *signers,
			      size_t count)
{
	prl_entry_head head = { .kind = kind, .mode = PRL_MODE_EXERCISE, .time = l->now };
	l->now += PRL_SECOND;
	return write_entry(l, &head, body, signers, count);
}

static const char *or_else(const char *said, const char *right)
{
	return !said ? right : *said ? said : NULL;
}

static void fill_key(line *l, const line_act *act, const line_key *key, prl_entry_head *head)
{
	const char *slash = strchr(act->key, '/');
	const char *desk = line_text(l, "%.*s", (int)(slash ? (size_t)(slash - act->key) : strlen(act->key)), act->key);
	bool root = slash && strcmp(slash, "/root") == 0;
	head->key = act->key;
	head->party = or_else(act->party, l->parties[party_of(l, act->key)].name);
	head->desk = or_else(act->desk, root ? NULL : desk);
	head->serial = act->serial ? act->serial : key->serial + 1;
	/* the form wants zeros for serial 1 and for no other */
	static const prl_hash zeros;
	static prl_hash nothing;
	nothing = line_hash("no entry");
	head->previous = act->previous       ? act->previous
			 : head->serial == 1 ? &zeros
			 : key->serial       ? &key->last
					     : &nothing;
}

static void fill_recorded(line *l, const line_act *act, prl_entry_head *head)
{
	static const char prefix[] = "program/";
	head->recorded = act->recorded ? act->recorded : "node";
	const char *name =
		strncmp(head->recorded, prefix, sizeof prefix - 1) == 0 ? head->recorded + sizeof prefix - 1 : NULL;
	head->party = or_else(act->party, name ? l->parties[party_of(l, name)].name : NULL);
	if (!head->log && name)
		head->log = line_home(l, name);
	must(head->log != NULL, "a recorded entry without a log", NULL);
}

prl_bytes line_entry(line *l, const line_act *act)
{
	line_key *key = act->key ? line_key_of(l, act->key) : NULL;
	prl_entry_head head = { .kind = act->kind,
				.mode = act->real ? PRL_MODE_REAL : PRL_MODE_EXERCISE,
				.time = act->time ? act->time : l->now };
	const prl_signer *signers[2];
	size_t count = 0;
	head.line = act->line_name ? act->line_name : &l->name;
	head.log = act->log ? act->log : act->key ? line_home(l, act->key) : NULL;
	if (key)
		fill_key(l, act, key, &head);
	else
		fill_recorded(l, act, &head);
	if (act->seen_log) {
		head.seen[head.seen_count].log = act->seen_log;
		head.seen[head.seen_count].size = act->seen_size;
		head.seen[head.seen_count++].root =
			act->seen_root ? *act->seen_root : line_log_of(l, act->seen_log)->roots[act->seen_size];
	}
	if (key)
		signers[count++] = &key->signer;
	if (act->second || act->new_key)
		signers[count++] = act->new_key ? act->new_key : &line_key_of(l, act->second)->signer;
	prl_bytes entry = write_entry(l, &head, act->body ? act->body : "{}", signers, count);
	l->now += PRL_SECOND;
	if (key && !act->aside) {
		key->serial = head.serial;
		key->last = prl_sha256(entry.data, entry.size);
		if (act->new_key)
			key->signer = *act->new_key;
	}
	return entry;
}

void line_append(line *l, const char *origin, prl_bytes entry)
{
	line_log *log = line_log_of(l, origin);
	if (log->size + 2 > log->room) {
		log->room = log->room ? 2 * log->room : 64;
		log->entries = prl_array_resize(log->entries, log->room, sizeof *log->entries);
		log->roots = prl_array_resize(log->roots, log->room, sizeof *log->roots);
		must(log->entries && log->roots, "out of memory", NULL);
		log->roots[0] = prl_empty_root();
	}
	prl_hash leaf = prl_leaf_hash(entry);
	prl_frontier_append(&log->tree, &leaf);
	log->entries[log->size++] = entry;
	log->roots[log->size] = prl_frontier_root(&log->tree);
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

prl_picture *line_picture(const char *own_log)
{
	prl_picture *picture;
	prl_error err;
	must(!prl_picture_new(own_log, &picture, &err), "picture", &err);
	must(!prl_line_add(picture, &err), "kinds of the line", &err);
	return picture;
}

prl_status line_apply(prl_picture *picture, const char *log, prl_bytes bytes, prl_error *err)
{
	prl_entry entry;
	prl_status status = prl_entry_read(bytes, &entry, err);
	return status ? status
		      : prl_picture_apply(picture, log, prl_picture_size(picture, PRL_VERSION_WORKING, log), &entry,
					  NULL, NULL, err);
}

static void add(line *l, prl_picture *picture, const char *log, prl_bytes entry)
{
	prl_error err;
	must(!line_apply(picture, log, entry, &err), "an entry that should count", &err);
	line_append(l, log, entry);
}

void line_act_on(line *l, prl_picture *picture, const line_act *act)
{
	prl_bytes entry = line_entry(l, act);
	const char *log = act->log ? act->log : line_home(l, act->key ? act->key : act->recorded + strlen("program/"));
	add(l, picture, log, entry);
}

static void open_desk(line *l, prl_picture *picture, const char *party)
{
	const char *root = line_text(l, "%s/root", party), *desk = line_text(l, "%s-ops", party);
	const char *vkey = line_vkey(l, &line_key_of(l, desk)->signer);
	line_act opened = { .kind = "desk.opened",
			    .key = root,
			    .body = line_text(l, "{\"desk\": \"%s\", \"title\": \"Operations\", \"key\": \"%s\"}", desk,
					      vkey) };
	line_act_on(l, picture, &opened);
	for (int i = 1; i <= 2; i++) {
		vkey = line_vkey(l, &line_key_of(l, line_text(l, "%s/%d", desk, i))->signer);
		line_act certified = { .kind = "key.certified",
				       .key = desk,
				       .body = line_text(l, "{\"key\": \"%s\"}", vkey) };
		line_act_on(l, picture, &certified);
	}
}

void line_begin(line *l, prl_picture *picture, const char *log)
{
	add(l, picture, log, l->constitution);
	for (size_t i = 0; i < l->party_count; i++)
		if (strcmp(l->parties[i].log, log) == 0)
			open_desk(l, picture, l->parties[i].name);
}

size_t line_see(line *l, prl_picture *picture, const char *by, const char *of, uint64_t size)
{
	line_log *log = line_log_of(l, of);
	size = size ? size : log->size;
	line_act seen = { .kind = "peer.seen",
			  .log = by,
			  .body = line_text(l, "{\"log\": \"%s\", \"size\": %llu, \"root\": \"%s\"}", of,
					    (unsigned long long)size, line_hash_text(l, &log->roots[size])) };
	line_act_on(l, picture, &seen);
	size_t refused = 0;
	for (uint64_t i = prl_picture_size(picture, PRL_VERSION_WORKING, of); i < size; i++) {
		prl_error err;
		prl_status status = line_apply(picture, of, log->entries[i], &err);
		must(prl_picture_size(picture, PRL_VERSION_WORKING, of) == i + 1, "a peer's entry out of order", &err);
		refused += status != PRL_OK;
	}
	return refused;
}
