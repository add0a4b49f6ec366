#include "support/nodes.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/certificate.h"
#include "node/founding.h"
#include "node/keys.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void nodes_fail(const char *file, int line, const char *text)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, text);
	abort();
}

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		if (call)                                                                                              \
			nodes_fail(__FILE__, __LINE__, err.text);                                                      \
	} while (0)

void nodes_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

/* ---- folders ----------------------------------------------------------------------------------------------------- */

static bool is_free(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool bound = fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof at);
	if (fd >= 0)
		(void)close(fd);
	return bound;
}

/* A port that nobody has, below those that the system gives to connections going out, and never the same again: what
 * the system itself picks is soon picked once more, for another node or for the near end of a connection. */
static unsigned free_port(void)
{
	static unsigned next;
	if (!next)
		next = randombytes_uniform(22000);
	for (unsigned tried = 0; tried < 22000; tried++) {
		unsigned port = 10000 + next++ % 22000;
		if (is_free(port))
			return port;
	}
	nodes_fail(__FILE__, __LINE__, "no free port");
	return 0;
}

static void key_make(nodes_node *t, const char *name, const char *file, prl_key_type type, prl_signer *ret)
{
	prl_error err;
	char path[PRL_KEY_PATH_MAX];
	MUST(prl_signer_new(name, type, ret, &err));
	if (!file)
		return;
	MUST(prl_key_path(t->folder, file, path, &err));
	MUST(prl_folder_of_file(path, &err));
	MUST(prl_key_save(path, ret, &err));
}

static void write_file(const nodes_node *t, const char *name, prl_bytes bytes)
{
	prl_error err;
	char path[400];
	(void)snprintf(path, sizeof path, "%s/%s", t->folder, name);
	MUST(prl_file_write(path, bytes, 0600, &err));
}

static void keys_make(nodes_node *t)
{
	char name[100];
	key_make(t, t->origin, "log", PRL_KEY_NOTE, &t->log_key);
	(void)snprintf(name, sizeof name, "%s/witness", t->origin);
	key_make(t, name, "witness", PRL_KEY_COSIGNATURE, &t->witness_key);
	(void)snprintf(name, sizeof name, "%s/mirror", t->origin);
	key_make(t, name, "mirror", PRL_KEY_COSIGNATURE, &t->mirror_key);
	(void)snprintf(name, sizeof name, "%s/root", t->party);
	key_make(t, name, NULL, PRL_KEY_NOTE, &t->root);
	(void)snprintf(name, sizeof name, "%s-ops", t->party);
	key_make(t, name, NULL, PRL_KEY_NOTE, &t->desk);
	(void)snprintf(name, sizeof name, "%s-ops/1", t->party);
	key_make(t, name, NULL, PRL_KEY_NOTE, &t->console);
}

/* tls.crt and tls.key; *ret_pin is what the constitution states. */
static void certificate_make(nodes_node *t, prl_hash *ret_pin)
{
	prl_error err;
	prl_buffer certificate = PRL_BUFFER(65536), key = PRL_BUFFER(65536);
	MUST(prl_certificate_new("127.0.0.1", &certificate, &key, &err));
	MUST(prl_certificate_pin((prl_bytes){ certificate.data, certificate.size }, ret_pin, &err));
	write_file(t, "tls.crt", (prl_bytes){ certificate.data, certificate.size });
	write_file(t, "tls.key", (prl_bytes){ key.data, key.size });
	prl_buffer_done(&certificate);
	prl_buffer_done(&key);
}

static void log_write(nodes_node *t, bool tls, prl_buffer *to)
{
	char key[PRL_KEY_TEXT_MAX], witness[PRL_KEY_TEXT_MAX], mirror[PRL_KEY_TEXT_MAX], pin[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	prl_verifier_write(&t->log_key.verifier, key);
	prl_verifier_write(&t->witness_key.verifier, witness);
	prl_verifier_write(&t->mirror_key.verifier, mirror);
	prl_buffer_printf(to,
			  "{\"origin\":\"%s\",\"key\":\"%s\",\"witness\":\"%s\",\"mirror\":\"%s\","
			  "\"address\":\"%s\"",
			  t->origin, key, witness, mirror, t->address);
	if (tls) {
		certificate_make(t, &hash);
		prl_hash_write(&hash, pin);
		prl_buffer_printf(to, ",\"tls\":\"%s\"", pin);
	}
	prl_buffer_printf(to, "}");
}

static const char *more_members;

void nodes_constitution(const char *extra)
{
	more_members = extra;
}

/* The constitution with all signatures. */
static size_t constitution_make(nodes_set *n, bool tls, char *text)
{
	const prl_signer *roots[NODES_MAX];
	prl_buffer body = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_buffer_printf(&body, "{\"line\":\"A line for tests\",\"parties\":[");
	for (size_t i = 0; i < n->count; i++) {
		char root[PRL_KEY_TEXT_MAX];
		roots[i] = &n->nodes[i].root;
		prl_verifier_write(&roots[i]->verifier, root);
		prl_buffer_printf(&body, "%s{\"name\":\"%s\",\"title\":\"Party %s\",\"root\":\"%s\",\"log\":\"%s\"}",
				  i ? "," : "", n->nodes[i].party, n->nodes[i].party, root, n->nodes[i].origin);
	}
	prl_buffer_printf(&body, "],\"logs\":[");
	for (size_t i = 0; i < n->count; i++) {
		prl_buffer_printf(&body, "%s", i ? "," : "");
		log_write(&n->nodes[i], tls, &body);
	}
	prl_buffer_printf(&body, "]%s%s}", more_members ? "," : "", more_members ? more_members : "");
	prl_entry_head head = { .kind = "constitution", .mode = PRL_MODE_TEST, .time = 1600000000 * PRL_SECOND };
	size_t size = prl_entry_write(&head, (prl_bytes){ body.data, body.size }, roots, n->count, text, PRL_ENTRY_MAX);
	if (!size)
		nodes_fail(__FILE__, __LINE__, "the constitution cannot be written");
	prl_buffer_done(&body);
	return size;
}

static void node_init(nodes_set *n, const char *party, bool tls)
{
	nodes_node *t = &n->nodes[n->count++];
	(void)pthread_mutex_init(&t->lock, NULL);
	(void)snprintf(t->party, sizeof t->party, "%s", party);
	(void)snprintf(t->origin, sizeof t->origin, "%s.example/line", party);
	char folder[sizeof n->folder];
	memcpy(folder, n->folder, sizeof folder);
	(void)snprintf(t->folder, sizeof t->folder, "%s/%s", folder, party);
	t->set = n;
	t->port = free_port();
	(void)snprintf(t->address, sizeof t->address, "%s://127.0.0.1:%u", tls ? "https" : "http", t->port);
	keys_make(t);
}

nodes_set *nodes_new(const char *parties, bool tls)
{
	prl_error err;
	nodes_set *n = calloc(1, sizeof *n);
	char words[200], *rest = NULL;
	(void)snprintf(words, sizeof words, "%s", parties);
	(void)snprintf(n->folder, sizeof n->folder, "%s/parley-nodes-XXXXXX",
		       getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(n->folder))
		nodes_fail(__FILE__, __LINE__, "no temporary folder");
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		node_init(n, word, tls);
	char *text = malloc(PRL_ENTRY_MAX);
	prl_bytes entry = { text, constitution_make(n, tls, text) };
	for (size_t i = 0; i < n->count; i++) {
		char path[400];
		(void)snprintf(path, sizeof path, "%s/record.db", n->nodes[i].folder);
		MUST(prl_founding_open(path, &n->nodes[i].log_key, &entry, 1, &err));
	}
	free(text);
	return n;
}

void nodes_free(nodes_set *n)
{
	char command[300];
	for (size_t i = 0; i < n->count; i++)
		nodes_stop(n, i);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", n->folder);
	if (system(command) != 0)
		(void)fprintf(stderr, "# %s was left behind\n", n->folder);
	free(n);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void on_say(void *context, const char *line)
{
	nodes_node *t = context;
	(void)fprintf(stderr, "# %s: %s\n", t->party, line);
	(void)pthread_mutex_lock(&t->lock);
	size_t used = strlen(t->said);
	(void)snprintf(t->said + used, sizeof t->said - used, "%s\n", line);
	(void)pthread_mutex_unlock(&t->lock);
}

bool nodes_said(nodes_set *n, size_t index, const char *text)
{
	nodes_node *t = &n->nodes[index];
	(void)pthread_mutex_lock(&t->lock);
	bool said = strstr(t->said, text) != NULL;
	(void)pthread_mutex_unlock(&t->lock);
	return said;
}

static prl_time ahead(void *context, clockid_t clock)
{
	const nodes_node *t = context;
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return ((prl_time)now.tv_sec + atomic_load(&t->set->forward_s)) * PRL_SECOND + now.tv_nsec;
}

static prl_time wall(void *context)
{
	return ahead(context, CLOCK_REALTIME);
}

static prl_time boot(void *context)
{
	return ahead(context, CLOCK_BOOTTIME);
}

void nodes_forward(nodes_set *n, unsigned seconds)
{
	(void)atomic_fetch_add(&n->forward_s, seconds);
}

static void start(nodes_set *n, size_t index, bool alone)
{
	nodes_node *t = &n->nodes[index];
	prl_error err;
	char listen[40];
	(void)snprintf(listen, sizeof listen, "127.0.0.1:%u", t->port);
	prl_node_options options = {
		.folder = t->folder,
		.listen = listen,
		.alone = alone,
		.say = on_say,
		.context = t,
		.dss = t->dss,
		.queue_max = t->queue_max,
		.wall = t->wall ? t->wall : wall,
		.boot = t->boot ? t->boot : boot,
		.clock_context = t,
	};
	MUST(prl_node_start(&options, &t->node, &err));
}

void nodes_start(nodes_set *n, size_t index)
{
	start(n, index, false);
}

void nodes_start_alone(nodes_set *n, size_t index)
{
	start(n, index, true);
}

void nodes_stop(nodes_set *n, size_t index)
{
	prl_node_stop(n->nodes[index].node);
	n->nodes[index].node = NULL;
}

void nodes_move(nodes_set *n, size_t index)
{
	nodes_node *t = &n->nodes[index];
	t->port = free_port();
	(void)snprintf(t->address, sizeof t->address, "http://127.0.0.1:%u", t->port);
}

static bool is_healthy(nodes_set *n, size_t index)
{
	prl_client *c = nodes_client(n, index);
	bool healthy = nodes_status(c, "GET", "/healthy", NULL, NULL, 0, NULL) == 200;
	prl_client_free(c);
	return healthy;
}

void nodes_wait_open(nodes_set *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->nodes[i].node)
			NODES_WAIT(is_healthy(n, i));
}

prl_client *nodes_client(nodes_set *n, size_t index)
{
	prl_error err;
	prl_client *client = NULL;
	prl_client_options options = { .folder = n->nodes[index].folder,
				       .address = n->nodes[index].address,
				       .wall = wall,
				       .clock_context = &n->nodes[index] };
	MUST(prl_client_open(&options, &client, &err));
	return client;
}

prl_client *nodes_login(nodes_set *n, size_t index, const prl_signer *signer)
{
	prl_error err;
	prl_client *client = nodes_client(n, index);
	MUST(prl_client_login(client, signer, &err));
	return client;
}

static void open_desk(nodes_set *n, size_t index)
{
	nodes_node *t = &n->nodes[index];
	prl_filed filed;
	char body[500], vkey[PRL_KEY_TEXT_MAX];
	prl_client *root = nodes_login(n, index, &t->root);
	prl_verifier_write(&t->desk.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"desk\":\"%s\",\"title\":\"Operations\",\"key\":\"%s\"}",
		       t->desk.verifier.name, vkey);
	nodes_file(root, "desk.opened", body, &filed);
	prl_client_free(root);
	prl_client *desk = nodes_login(n, index, &t->desk);
	prl_verifier_write(&t->console.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	nodes_file(desk, "key.certified", body, &filed);
	prl_client_free(desk);
}

prl_client *nodes_desk(nodes_set *n, size_t index)
{
	prl_error err;
	nodes_node *t = &n->nodes[index];
	prl_client *client = nodes_client(n, index);
	if (prl_client_login(client, &t->console, &err) == PRL_OK)
		return client;
	prl_client_free(client);
	open_desk(n, index);
	return nodes_login(n, index, &t->console);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

void nodes_file(prl_client *client, const char *kind, const char *body, prl_filed *ret)
{
	prl_error err;
	prl_client_entry entry = { .kind = kind, .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
	MUST(prl_client_file(client, &entry, ret, &err));
}

json_t *nodes_get(prl_client *client, const char *format, ...)
{
	prl_error err;
	char path[500];
	json_t *json = NULL;
	va_list list;
	va_start(list, format);
	(void)vsnprintf(path, sizeof path, format, list);
	va_end(list);
	MUST(prl_client_get(client, path, &json, &err));
	return json;
}

unsigned nodes_status(prl_client *client, const char *method, const char *path, const char *type, const char *body,
		      size_t size, prl_reply *reply)
{
	prl_reply own = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	prl_error err;
	prl_bytes bytes = { body, size };
	prl_reply *to = reply ? reply : &own;
	prl_status status = prl_link_send(prl_client_link(client), method, path, type, body ? &bytes : NULL, to, &err);
	unsigned answer = status ? 0 : to->status;
	if (status)
		(void)fprintf(stderr, "# %s %s: %s\n", method, path, err.text);
	prl_reply_done(&own);
	return answer;
}

const char *nodes_hex(nodes_set *n, size_t index)
{
	static char hex[65];
	prl_hash hash = prl_sha256(n->nodes[index].origin, strlen(n->nodes[index].origin));
	prl_hex_write(hash.bytes, sizeof hash.bytes, hex);
	return hex;
}

uint64_t nodes_size(prl_client *at, nodes_set *n, size_t of)
{
	json_t *picture = nodes_get(at, "/parley/v1/picture"), *peer;
	json_int_t size = -1;
	size_t i;
	if (strcmp(json_string_value(json_object_get(picture, "log")), n->nodes[of].origin) == 0)
		size = json_integer_value(json_object_get(picture, "size"));
	json_array_foreach(json_object_get(picture, "peers"), i,
			   peer) if (strcmp(json_string_value(json_object_get(peer, "log")), n->nodes[of].origin) == 0)
		size = json_integer_value(json_object_get(peer, "mirrored"));
	json_decref(picture);
	return (uint64_t)size;
}

void nodes_wait_rest(nodes_set *n, prl_client *at_0, prl_client *at_1)
{
	uint64_t before[2] = { 0, 0 };
	for (int quiet = 0, tries = 0; quiet < 6; tries++) {
		uint64_t now[2] = { nodes_size(at_0, n, 0), nodes_size(at_1, n, 1) };
		bool same = now[0] == nodes_size(at_1, n, 0) && now[1] == nodes_size(at_0, n, 1);
		quiet = same && now[0] == before[0] && now[1] == before[1] ? quiet + 1 : 0;
		memcpy(before, now, sizeof before);
		if (tries == 400)
			nodes_fail(__FILE__, __LINE__, "the nodes do not come to rest");
		nodes_sleep_ms(50);
	}
}
