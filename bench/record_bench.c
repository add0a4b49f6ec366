/* Signed entries, or entries recorded for a program, offered open-loop to a running node; what the other node saw when.
 *   record_bench --folder F --port P [--peer-folder F --peer-port P] [--rate N] [--seconds S] [--connections C]
 *                [--recorded yes] [--bytes B]
 * The folder gives the desk key with which the bench certifies one console key for each connection; each entry is
 * signed by its connection's key. With --recorded it admits a program, whose messages the node records. */
#include "load.h"

#include "base/hash.h"
#include "base/text.h"
#include "node/keys.h"
#include "node/link.h"

#include <parley/record.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct bench {
	const char *folder, *peer_folder;
	bool recorded;
	char token[80]; /* of the program */
	unsigned port, peer_port, connections;
	double rate, seconds;
	size_t bytes;

	json_t *settings;
	prl_link *link;
	prl_hash line;
	const char *log, *party, *desk;
	prl_signer desk_key;
	prl_signer *keys;
	load_request *requests;
	prl_hash *hashes; /* of each entry, for the peer's stream */
	size_t count;
	double start_s;
	double *peer_latency; /* < 0: not seen yet */
	atomic_size_t peer_seen;
	atomic_bool stop;
} bench;

static void die(const char *what, const prl_error *err)
{
	fprintf(stderr, "record_bench: %s%s%s\n", what, err ? ": " : "", err ? err->text : "");
	exit(3);
}

static prl_time now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (prl_time)t.tv_sec * PRL_SECOND + t.tv_nsec / 1000000 * 1000000;
}

/* ---- setting up -------------------------------------------------------------------------------------------------- */

static json_t *read_settings(const char *folder)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/node.json", folder);
	json_error_t err;
	json_t *settings = json_load_file(path, 0, &err);
	if (!settings)
		die(path, NULL);
	return settings;
}

static void load_key(const char *folder, const char *name, prl_signer *ret)
{
	char path[PRL_KEY_PATH_MAX];
	prl_error err = { 0 };
	if (prl_key_path(folder, name, path, &err) || prl_key_load(path, PRL_KEY_NOTE, ret, &err))
		die(name, &err);
}

static prl_link *log_in(const char *folder, unsigned port, const json_t *settings)
{
	char address[64];
	snprintf(address, sizeof address, "http://127.0.0.1:%u", port);
	prl_link_options options = { .address = address };
	prl_link *link = NULL;
	prl_signer console = { 0 };
	prl_error err = { 0 };
	load_key(folder, json_string_value(json_object_get(settings, "console")), &console);
	if (prl_link_new(&options, &link, &err) ||
	    prl_link_login(link, &console, json_string_value(json_object_get(settings, "party")),
			   json_string_value(json_object_get(settings, "desk")), &err))
		die(address, &err);
	return link;
}

static json_t *ask_json(prl_link *link, const char *method, const char *path, const prl_bytes *body)
{
	prl_reply reply = PRL_REPLY(1 << 20);
	prl_error err = { 0 };
	if (prl_link_ask(link, method, path, body ? "text/plain; charset=utf-8" : NULL, body, &reply, &err))
		die(path, &err);
	json_t *value = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	prl_reply_done(&reply);
	return value;
}

/* The chain of the desk's key, and the line's name. */
static void read_chain(bench *b, uint64_t *serial, prl_hash *previous)
{
	char path[400];
	json_t *login = ask_json(b->link, "GET", "/parley/v1/login", NULL);
	prl_hash_read(prl_bytes_of(json_string_value(json_object_get(login, "line"))), &b->line);
	json_decref(login);
	snprintf(path, sizeof path, "/parley/v1/keys/%s", b->desk);
	json_t *key = ask_json(b->link, "GET", path, NULL);
	*serial = (uint64_t)json_integer_value(json_object_get(key, "serial"));
	if (!prl_hash_read(prl_bytes_of(json_string_value(json_object_get(key, "previous"))), previous))
		die("no chain", NULL);
	json_decref(key);
}

static size_t write_entry(const bench *b, const char *kind, const prl_signer *key, uint64_t serial,
			  const prl_hash *previous, prl_time time, prl_bytes body, char *text)
{
	prl_entry_head head = { .kind = kind,
				.log = b->log,
				.party = b->party,
				.desk = b->desk,
				.key = key->verifier.name,
				.line = &b->line,
				.previous = previous,
				.serial = serial,
				.mode = PRL_MODE_TEST,
				.time = time };
	size_t length = prl_entry_write(&head, body, &key, 1, text, PRL_ENTRY_MAX);
	if (!length)
		die("an entry does not fit", NULL);
	return length;
}

/* Files entries by the desk's key, one after the other. */
typedef struct desk_chain {
	uint64_t serial;
	prl_hash previous;
	char text[PRL_ENTRY_MAX];
} desk_chain;

static void file_by_desk(bench *b, desk_chain *chain, const char *kind, const char *body)
{
	prl_bytes entry = { chain->text, write_entry(b, kind, &b->desk_key, ++chain->serial, &chain->previous, now(),
						     prl_bytes_of(body), chain->text) };
	json_decref(ask_json(b->link, "POST", "/parley/v1/entries", &entry));
	chain->previous = prl_sha256(entry.data, entry.size);
}

static void certify_keys(bench *b, desk_chain *chain)
{
	prl_error err = { 0 };
	char name[PRL_KEY_NAME_MAX + 1], vkey[PRL_KEY_TEXT_MAX], body[PRL_KEY_TEXT_MAX + 20];
	b->keys = calloc(b->connections, sizeof *b->keys);
	for (unsigned i = 0; i < b->connections; i++) {
		snprintf(name, sizeof name, "%s/bench-%ld-%u", b->desk, (long)getpid(), i);
		if (prl_signer_new(name, PRL_KEY_NOTE, &b->keys[i], &err))
			die("no key", &err);
		prl_verifier_write(&b->keys[i].verifier, vkey);
		snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
		file_by_desk(b, chain, "key.certified", body);
	}
}

static void admit_program(bench *b, desk_chain *chain)
{
	char body[400], hash[PRL_HASH_TEXT_MAX];
	snprintf(b->token, sizeof b->token, "bench-token-%ld-%lld", (long)getpid(), (long long)now());
	prl_hash token = prl_sha256(b->token, strlen(b->token));
	prl_hash_write(&token, hash);
	snprintf(body, sizeof body, "{\"program\":\"%s-bench-%ld\",\"title\":\"bench\",\"token\":\"%s\"}", b->party,
		 (long)getpid(), hash);
	file_by_desk(b, chain, "program.admitted", body);
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static char *request_text(const bench *b, const char *path, const char *type, const char *body, size_t size,
			  size_t *ret)
{
	char head[600];
	int length = snprintf(
		head, sizeof head,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s%s%s\r\n", path,
		b->port, type, size, "Authorization: Bearer ", b->token[0] ? b->token : prl_link_token_text(b->link),
		"\r\n");
	char *text = malloc((size_t)length + size);
	memcpy(text, head, (size_t)length);
	memcpy(text + length, body, size);
	*ret = (size_t)length + size;
	return text;
}

static void make_signed(bench *b)
{
	static const prl_hash none;
	prl_hash *previous = calloc(b->connections, sizeof *previous);
	char *text = malloc(PRL_ENTRY_MAX), *words = malloc(b->bytes + 1), *body = malloc(b->bytes + 200);
	memset(words, 'x', b->bytes);
	words[b->bytes] = 0;
	for (size_t i = 0; i < b->count; i++) {
		unsigned c = (unsigned)(i % b->connections);
		uint64_t serial = i / b->connections + 1;
		snprintf(body, b->bytes + 200, "{\"text\":\"%zu %s\",\"language\":\"en\"}", i, words);
		size_t length = write_entry(b, "message.sent", &b->keys[c], serial, serial == 1 ? &none : &previous[c],
					    now(), prl_bytes_of(body), text);
		b->hashes[i] = previous[c] = prl_sha256(text, length);
		b->requests[i].bytes = request_text(b, "/parley/v1/entries", "text/plain; charset=utf-8", text, length,
						    &b->requests[i].size);
	}
	free(previous);
	free(text);
	free(words);
	free(body);
}

static void make_recorded(bench *b)
{
	char *words = malloc(b->bytes + 1), *body = malloc(b->bytes + 200);
	memset(words, 'x', b->bytes);
	words[b->bytes] = 0;
	for (size_t i = 0; i < b->count; i++) {
		int length = snprintf(body, b->bytes + 200,
				      "{\"mode\":\"TEST\",\"text\":\"%zu %s\",\"language\":\"en\"}", i, words);
		b->requests[i].bytes = request_text(b, "/parley/v1/messages", "application/json", body, (size_t)length,
						    &b->requests[i].size);
	}
	free(words);
	free(body);
}

/* ---- the peer's stream ------------------------------------------------------------------------------------------- */

/* Open addressing from the first 8 bytes of a hash to the number of the entry. */
typedef struct finder {
	size_t *slots, mask;
} finder;

static size_t slot_of(const prl_hash *hash)
{
	size_t at;
	memcpy(&at, hash->bytes, sizeof at);
	return at;
}

static finder finder_new(const bench *b)
{
	finder f = { NULL, 1 };
	while (f.mask < 4 * b->count)
		f.mask *= 2;
	f.slots = calloc(f.mask, sizeof *f.slots);
	f.mask--;
	for (size_t i = 0; i < b->count; i++) {
		size_t at = slot_of(&b->hashes[i]) & f.mask;
		while (f.slots[at])
			at = (at + 1) & f.mask;
		f.slots[at] = i + 1;
	}
	return f;
}

static void seen(bench *b, const finder *f, const prl_hash *hash)
{
	for (size_t at = slot_of(hash) & f->mask; f->slots[at]; at = (at + 1) & f->mask) {
		size_t i = f->slots[at] - 1;
		if (!prl_hash_equal(&b->hashes[i], hash))
			continue;
		if (b->peer_latency[i] < 0) {
			b->peer_latency[i] = load_now() - b->start_s - b->requests[i].due_s;
			atomic_fetch_add(&b->peer_seen, 1);
		}
		return;
	}
}

/* A line "data: {… "hash": "…" …}". */
static void take_line(bench *b, const finder *f, const char *line)
{
	static const char label[] = "\"hash\"";
	const char *at = strncmp(line, "data:", 5) ? NULL : strstr(line, label);
	at = at ? strchr(at + sizeof label - 1, '"') : NULL;
	prl_hash hash;
	if (at && strlen(at) > 44 && prl_hash_read((prl_bytes){ at + 1, 44 }, &hash))
		seen(b, f, &hash);
}

static char *peer_token(const bench *b)
{
	json_t *settings = read_settings(b->peer_folder);
	prl_link *link = log_in(b->peer_folder, b->peer_port, settings);
	char *token = strdup(prl_link_token_text(link));
	prl_link_free(link);
	json_decref(settings);
	return token;
}

/* The stream is read by curl(1): the bench is about the node. */
static void *watch_peer(void *context)
{
	bench *b = context;
	finder f = finder_new(b);
	char command[600], *token = peer_token(b), *line = NULL;
	size_t room = 0;
	snprintf(command, sizeof command,
		 "exec curl -sN -H 'Authorization: Bearer %s' 'http://127.0.0.1:%u/parley/v1/events'", token,
		 b->peer_port);
	FILE *stream = popen(command, "r");
	while (stream && !atomic_load(&b->stop) && getline(&line, &room, stream) > 0)
		take_line(b, &f, line);
	if (stream)
		pclose(stream);
	free(line);
	free(token);
	free(f.slots);
	return NULL;
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void report(bench *b)
{
	double *latency = calloc(b->count, sizeof *latency), last = 0;
	size_t answered = 0, refused = 0, seen_there = 0;
	for (size_t i = 0; i < b->count; i++) {
		const load_request *r = &b->requests[i];
		if (r->status == 201) {
			latency[answered++] = r->latency_s;
			last = r->due_s + r->latency_s > last ? r->due_s + r->latency_s : last;
		} else if (refused++ == 0) {
			fprintf(stderr, "record_bench: request %zu got %d %s\n", i, r->status, r->refusal);
		}
	}
	printf("| ms | p50 | p90 | p99 | p99.9 | max |\n|---|---|---|---|---|---|\n");
	load_print("answered, durable", latency, answered);
	for (size_t i = 0; b->peer_folder && i < b->count; i++)
		if (b->peer_latency[i] >= 0)
			latency[seen_there++] = b->peer_latency[i];
	if (b->peer_folder)
		load_print("in the peer's picture and on its stream", latency, seen_there);
	printf("\n%s, %zu bytes of text: offered %.0f/s for %.0f s over %u connections; %zu answered (%.0f/s), %zu not",
	       b->recorded ? "recorded for a program" : "signed", b->bytes, b->rate, b->seconds, b->connections,
	       answered, last > 0 ? (double)answered / last : 0, refused);
	if (b->peer_folder)
		printf("; %zu seen on the peer", seen_there);
	printf("; fdatasync p50 %.2f ms\n\n", 1e3 * load_fdatasync_p50(b->folder));
	free(latency);
}

static void run(bench *b)
{
	pthread_t watcher;
	b->peer_latency = calloc(b->count, sizeof *b->peer_latency);
	for (size_t i = 0; i < b->count; i++) {
		b->peer_latency[i] = -1;
		b->requests[i].due_s = (double)i / b->rate;
	}
	if (b->peer_folder && pthread_create(&watcher, NULL, watch_peer, b) != 0)
		die("no thread", NULL);
	b->start_s = load_now() + 1.0; /* the watcher logs in meanwhile */
	const load_options options = { "127.0.0.1", b->port, b->connections, 10 };
	while (load_now() < b->start_s)
		usleep(1000);
	if (!load_run(&options, b->requests, b->count, b->start_s))
		die("no connection", NULL);
	for (int i = 0; b->peer_folder && i < 100 && atomic_load(&b->peer_seen) < b->count; i++)
		usleep(50000);
	atomic_store(&b->stop, true);
	report(b);
	fflush(stdout);
	_exit(0); /* the watcher waits for a stream that never ends */
}

static const char *take_arguments(bench *b, int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *name = argv[i], *value = argv[i + 1];
		if (!strcmp(name, "--folder"))
			b->folder = value;
		else if (!strcmp(name, "--port"))
			b->port = (unsigned)atoi(value);
		else if (!strcmp(name, "--peer-folder"))
			b->peer_folder = value;
		else if (!strcmp(name, "--peer-port"))
			b->peer_port = (unsigned)atoi(value);
		else if (!strcmp(name, "--rate"))
			b->rate = atof(value);
		else if (!strcmp(name, "--seconds"))
			b->seconds = atof(value);
		else if (!strcmp(name, "--connections"))
			b->connections = (unsigned)atoi(value);
		else if (!strcmp(name, "--recorded"))
			b->recorded = !strcmp(value, "yes");
		else if (!strcmp(name, "--bytes"))
			b->bytes = (size_t)atoi(value);
		else
			return name;
	}
	return argc % 2 ? NULL : argv[argc - 1];
}

int main(int argc, char **argv)
{
	bench b = { .connections = 64, .rate = 2000, .seconds = 20, .bytes = 400 };
	const char *wrong = take_arguments(&b, argc, argv);
	if (wrong || !b.folder || !b.port) {
		fprintf(stderr, "record_bench: %s; see the top of bench/record_bench.c\n", wrong ? wrong : "no folder");
		return 2;
	}
	b.settings = read_settings(b.folder);
	b.log = json_string_value(json_object_get(b.settings, "log"));
	b.party = json_string_value(json_object_get(b.settings, "party"));
	b.desk = json_string_value(json_object_get(b.settings, "desk"));
	b.count = (size_t)(b.rate * b.seconds);
	b.requests = calloc(b.count, sizeof *b.requests);
	b.hashes = calloc(b.count, sizeof *b.hashes);
	desk_chain *chain = calloc(1, sizeof *chain);
	load_key(b.folder, b.desk, &b.desk_key);
	b.link = log_in(b.folder, b.port, b.settings);
	read_chain(&b, &chain->serial, &chain->previous);
	if (b.recorded) {
		admit_program(&b, chain);
		make_recorded(&b);
	} else {
		certify_keys(&b, chain);
		make_signed(&b);
	}
	free(chain);
	run(&b);
	return 0;
}
