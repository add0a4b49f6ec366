/* STOP from one desk's API to the other's: signed at one node, posted, and timed until the other node's event stream
 * shows it. Beside it a load of filings runs (bench/stop.sh).
 *   stop_bench --folder F --peer-folder F --peer-port PORT [--count N] [--every S] */
#include "load.h"
#include "node/client.h"
#include "node/keys.h"

#include "base/text.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct bench {
	const char *folder, *peer_folder;
	unsigned peer_port;
	size_t count;
	double every_s;
	double *sent, *latency; /* seconds; latency < 0: not seen */
	_Atomic size_t seen;
	char *token;
} bench;

static void die(const char *what, const prl_error *err)
{
	fprintf(stderr, "stop_bench: %s%s%s\n", what, err ? ": " : "", err ? err->text : "");
	exit(3);
}

static prl_client *log_in(const char *folder, prl_signer *signer)
{
	char path[4096];
	prl_client *client = NULL;
	prl_error err = { 0 };
	snprintf(path, sizeof path, "%s/node.json", folder);
	json_t *settings = json_load_file(path, 0, NULL);
	const char *console = json_string_value(json_object_get(settings, "console"));
	char key[PRL_KEY_PATH_MAX];
	prl_client_options options = { .folder = folder };
	if (!console || prl_key_path(folder, console, key, &err) || prl_key_load(key, PRL_KEY_NOTE, signer, &err) ||
	    prl_client_open(&options, &client, &err) || prl_client_login(client, signer, &err))
		die(folder, &err);
	json_decref(settings);
	return client;
}

/* Each call has its number as its place, so that no two are one. */
static void take_line(bench *b, const char *line)
{
	static const char label[] = "\"place\":\"bench ";
	const char *at = strncmp(line, "data:", 5) ? NULL : strstr(line, label);
	size_t i = at ? strtoul(at + sizeof label - 1, NULL, 10) : b->count;
	if (i >= b->count || b->latency[i] >= 0)
		return;
	b->latency[i] = load_now() - b->sent[i];
	atomic_fetch_add(&b->seen, 1);
}

static void *watch(void *context)
{
	bench *b = context;
	char command[600], *line = NULL;
	size_t room = 0;
	snprintf(command, sizeof command,
		 "exec curl -sN -H 'Authorization: Bearer %s' 'http://127.0.0.1:%u/parley/v1/events'", b->token,
		 b->peer_port);
	FILE *stream = popen(command, "r");
	while (stream && getline(&line, &room, stream) > 0)
		take_line(b, line);
	return NULL;
}

static void send_one(bench *b, prl_client *client, size_t i)
{
	char body[120];
	prl_error err = { 0 };
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX + 1);
	prl_reply reply = PRL_REPLY(65536);
	snprintf(body, sizeof body, "{\"class\": \"STOP\", \"place\": \"bench %zu\"}", i);
	prl_client_entry entry = { .kind = "call.raised", .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
	if (prl_client_sign(client, &entry, &note, &err))
		die("signing", &err);
	prl_bytes bytes = { note.data, note.size };
	b->sent[i] = load_now();
	if (prl_link_ask(prl_client_link(client), "POST", "/parley/v1/calls", "text/plain", &bytes, &reply, &err))
		die("posting", &err);
	prl_reply_done(&reply);
	prl_buffer_done(&note);
}

static void report(bench *b)
{
	size_t seen = 0;
	double *latency = malloc(b->count * sizeof *latency);
	for (size_t i = 0; i < b->count; i++)
		if (b->latency[i] >= 0)
			latency[seen++] = b->latency[i];
	printf("| ms | p50 | p90 | p99 | p99.9 | max |\n|---|---|---|---|---|---|\n");
	load_print("STOP, from one desk's API to the other's stream", latency, seen);
	printf("\n%zu calls, one every %.0f ms; %zu rang at the other node\n\n", b->count, 1e3 * b->every_s, seen);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	bench b = { .count = 250, .every_s = 0.1 };
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--folder"))
			b.folder = argv[i + 1];
		else if (!strcmp(argv[i], "--peer-folder"))
			b.peer_folder = argv[i + 1];
		else if (!strcmp(argv[i], "--peer-port"))
			b.peer_port = (unsigned)atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--count"))
			b.count = (size_t)atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--every"))
			b.every_s = atof(argv[i + 1]);
	}
	if (!b.folder || !b.peer_folder || !b.peer_port || !b.count)
		die("see the top of bench/stop_bench.c", NULL);
	prl_signer us, ru;
	pthread_t watcher;
	prl_client *client = log_in(b.folder, &us), *peer = log_in(b.peer_folder, &ru);
	b.token = strdup(prl_link_token_text(prl_client_link(peer)));
	b.sent = calloc(b.count, sizeof *b.sent);
	b.latency = calloc(b.count, sizeof *b.latency);
	for (size_t i = 0; i < b.count; i++)
		b.latency[i] = -1;
	if (pthread_create(&watcher, NULL, watch, &b) != 0)
		die("no thread", NULL);
	usleep(1000000); /* the stream is there */
	for (size_t i = 0; i < b.count; i++) {
		send_one(&b, client, i);
		usleep((useconds_t)(b.every_s * 1e6));
	}
	for (int i = 0; i < 100 && atomic_load(&b.seen) < b.count; i++)
		usleep(50000);
	report(&b);
	_exit(0); /* the watcher waits for a stream that never ends */
}
