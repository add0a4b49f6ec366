#include "cli/scene_world.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/home.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SETTLE_S   30.0
#define LOOK_MS    12
#define LOOKS_SAME 3 /* looks without a change after which the nodes have settled */

void scene_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

/* ---- the clock --------------------------------------------------------------------------------------------------- */

static prl_time wall(void *context)
{
	const scene_world *w = context;
	return w->now;
}

static prl_time since_boot(void *context)
{
	const scene_world *w = context;
	return w->now - w->begin + PRL_SECOND;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static prl_status take_key(scene_world *w, size_t node, const char *name, prl_error *err)
{
	if (w->key_count == SCENE_KEYS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u keys", SCENE_KEYS_MAX);
	scene_key *key = &w->keys[w->key_count];
	key->node = node;
	prl_status st = prl_home_key(w->nodes[node].folder, name, &key->signer, err);
	if (!st)
		w->key_count++;
	return st;
}

static prl_status make_key(scene_world *w, size_t node, const char *name, prl_verifier *ret, prl_error *err)
{
	prl_status st = prl_home_key_new(w->nodes[node].folder, name, name, PRL_KEY_NOTE, ret, err);
	return st ? st : take_key(w, node, name, err);
}

scene_key *scene_world_key(scene_world *w, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < w->key_count; i++)
		if (!strcmp(w->keys[i].signer.verifier.name, name))
			if (strchr(name, '/'))
				return &w->keys[i];
	/* A desk: its first console. Keys stand in the order of their making. */
	for (size_t i = 0; i < w->key_count; i++) {
		const char *key = w->keys[i].signer.verifier.name;
		if (!strncmp(key, name, length) && !strcmp(key + length, "/console-1"))
			return &w->keys[i];
	}
	for (size_t i = 0; i < w->key_count; i++) {
		const char *key = w->keys[i].signer.verifier.name;
		const char *slash = strchr(key, '/');
		if (!strncmp(key, name, length) && key[length] == '-' && slash && !strcmp(slash, "/console-1"))
			return &w->keys[i];
	}
	return NULL;
}

bool scene_world_node(const scene_world *w, const char *name, size_t *ret)
{
	const scene_key *key = scene_world_key((scene_world *)(uintptr_t)w, name);
	if (key)
		*ret = key->node;
	return key != NULL;
}

prl_status scene_world_client(scene_world *w, const char *name, prl_client **ret, prl_error *err)
{
	scene_key *key = scene_world_key(w, name);
	if (!key)
		return prl_error_set(err, PRL_E_NOT_FOUND, "\"%.60s\" is no party, desk or key of this scenario", name);
	const scene_node *node = &w->nodes[key->node];
	if (!node->node)
		return prl_error_set(err, PRL_E_IO, "the node of %s is stopped", name);
	*ret = key->client;
	if (key->client)
		return PRL_OK;
	prl_client_options options = {
		.folder = node->folder, .address = node->card.address, .wall = wall, .clock_context = w
	};
	prl_status st = prl_client_open(&options, &key->client, err);
	if (!st)
		st = prl_client_login(key->client, &key->signer, err);
	if (st) {
		prl_client_free(key->client);
		key->client = NULL;
	}
	*ret = key->client;
	return st;
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

/* A port that nobody has, below those that the system gives to connections going out, and never the same again; should
 * somebody take it before the node does, the node says so. */
static prl_status free_port(unsigned *ret, prl_error *err)
{
	static unsigned next;
	if (!next)
		next = randombytes_uniform(22000);
	for (unsigned tried = 0; tried < 22000; tried++) {
		*ret = 10000 + next++ % 22000;
		if (is_free(*ret))
			return PRL_OK;
	}
	return prl_error_set(err, PRL_E_IO, "no free port on the loopback");
}

static const char *text_of(const json_t *json, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : otherwise;
}

/* The name of the i-th desk of a party; "" where it is not stated right. */
static const char *desk_name(const json_t *party, size_t i)
{
	const json_t *desk = json_array_get(json_object_get(party, "desks"), i);
	const char *name = json_string_value(desk);
	return name ? name : text_of(desk, "desk", "");
}

static prl_status make_node_keys(scene_node *node, prl_error *err)
{
	char name[PRL_KEY_NAME_MAX + 16];
	prl_card *card = &node->card;
	prl_status st = prl_home_key_new(node->folder, card->log.name, "log", PRL_KEY_NOTE, &card->log, err);
	snprintf(name, sizeof name, "%s/witness", card->log.name);
	if (!st)
		st = prl_home_key_new(node->folder, name, "witness", PRL_KEY_COSIGNATURE, &card->witness, err);
	snprintf(name, sizeof name, "%s/mirror", card->log.name);
	if (!st)
		st = prl_home_key_new(node->folder, name, "mirror", PRL_KEY_COSIGNATURE, &card->mirror, err);
	return st;
}

static prl_status make_node(scene_world *w, const scene_party *party, prl_error *err)
{
	scene_node *node = &w->nodes[party->node];
	char root[PRL_KEY_NAME_MAX + 8], console[PRL_KEY_NAME_MAX + 16];
	const char *desk = desk_name(party->json, 0);
	if (snprintf(node->folder, sizeof node->folder, "%s/%s", w->folder, party->name) >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path %.60s… is too long", w->folder);
	snprintf(node->card.party, sizeof node->card.party, "%s", party->name);
	snprintf(node->card.title, sizeof node->card.title, "%s", text_of(party->json, "title", party->name));
	snprintf(node->card.log.name, sizeof node->card.log.name, "%s.example/line", party->name);
	snprintf(root, sizeof root, "%s/root", party->name);
	snprintf(console, sizeof console, "%s/console-1", desk);
	prl_verifier verifier;
	prl_status st = free_port(&node->port, err);
	snprintf(node->card.address, sizeof node->card.address, "http://127.0.0.1:%u", node->port);
	if (!st)
		st = prl_home_new(node->folder, err);
	if (!st)
		st = make_key(w, party->node, root, &node->card.root, err);
	if (!st)
		st = make_node_keys(node, err);
	if (!st)
		st = make_key(w, party->node, desk, &verifier, err);
	if (!st)
		st = make_key(w, party->node, console, &verifier, err);
	return st ? st : prl_home_settings_write(node->folder, &node->card, desk, err);
}

/* A party that acts in the log of another's node. */
static prl_status make_guest(scene_world *w, const scene_party *party, prl_error *err)
{
	char root[PRL_KEY_NAME_MAX + 8];
	prl_verifier verifier;
	snprintf(root, sizeof root, "%s/root", party->name);
	return make_key(w, party->node, root, &verifier, err);
}

/* ---- the constitution -------------------------------------------------------------------------------------------- */

static json_t *log_json(const prl_card *card)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "origin", card->log.name, "key", prl_home_vkey(&card->log),
			 "witness", prl_home_vkey(&card->witness), "mirror", prl_home_vkey(&card->mirror), "address",
			 card->address);
}

static json_t *constitution_body(scene_world *w)
{
	json_t *parties = json_array(), *logs = json_array();
	for (size_t i = 0; i < w->party_count; i++) {
		char root[PRL_KEY_NAME_MAX + 8];
		snprintf(root, sizeof root, "%s/root", w->parties[i].name);
		const scene_key *key = scene_world_key(w, root);
		json_array_append_new(parties, json_pack("{s:s, s:s, s:o, s:s}", "name", w->parties[i].name, "title",
							 text_of(w->parties[i].json, "title", w->parties[i].name),
							 "root", prl_home_vkey(&key->signer.verifier), "log",
							 w->nodes[w->parties[i].node].card.log.name));
	}
	for (size_t i = 0; i < w->node_count; i++)
		json_array_append_new(logs, log_json(&w->nodes[i].card));
	json_t *body =
		json_pack("{s:s, s:o, s:o}", "line", text_of(w->head, "scene", ""), "parties", parties, "logs", logs);
	json_object_update_missing(body, json_object_get(w->head, "constitution"));
	return body;
}

static prl_status constitution_make(scene_world *w, prl_buffer *ret, prl_error *err)
{
	const prl_signer *roots[SCENE_PARTIES_MAX];
	for (size_t i = 0; i < w->party_count; i++) {
		char root[PRL_KEY_NAME_MAX + 8];
		snprintf(root, sizeof root, "%s/root", w->parties[i].name);
		roots[i] = &scene_world_key(w, root)->signer;
	}
	json_t *body = constitution_body(w);
	char *json = body ? json_dumps(body, JSON_INDENT(1)) : NULL, *text = malloc(PRL_ENTRY_MAX);
	json_decref(body);
	prl_entry_head head = { .kind = "constitution", .mode = w->mode, .time = w->begin };
	size_t size = json && text
			      ? prl_entry_write(&head, prl_bytes_of(json), roots, w->party_count, text, PRL_ENTRY_MAX)
			      : 0;
	bool done = size && prl_buffer_append(ret, text, size);
	free(json);
	free(text);
	return done ? PRL_OK : prl_error_set(err, PRL_E_TOO_LARGE, "the constitution cannot be written");
}

static prl_status logs_open(scene_world *w, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer entry = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_status st = constitution_make(w, &entry, err);
	for (size_t i = 0; i < w->node_count && !st; i++) {
		prl_bytes bytes = { entry.data, entry.size };
		st = prl_home_write(w->nodes[i].folder, "constitution.note", bytes, 0644, err);
		if (!st)
			st = prl_home_open_log(w->nodes[i].folder, bytes, err);
	}
	return st;
}

/* ---- desks ------------------------------------------------------------------------------------------------------- */

static prl_status file_as(scene_world *w, scene_key *key, const char *kind, json_t *body, prl_error *err)
{
	prl_client *client = NULL;
	prl_filed filed;
	const scene_node *node = &w->nodes[key->node];
	prl_client_options options = {
		.folder = node->folder, .address = node->card.address, .wall = wall, .clock_context = w
	};
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	json_decref(body);
	prl_status st = text ? prl_client_open(&options, &client, err) : prl_error_memory(err);
	if (!st)
		st = prl_client_login(client, &key->signer, err);
	prl_client_entry entry = { .kind = kind, .mode = w->mode, .body = prl_bytes_of(text ? text : "") };
	if (!st)
		st = prl_client_file(client, &entry, &filed, err);
	prl_client_free(client);
	free(text);
	return st;
}

static scene_key *exact_key(scene_world *w, const char *name)
{
	for (size_t i = 0; i < w->key_count; i++)
		if (!strcmp(w->keys[i].signer.verifier.name, name))
			return &w->keys[i];
	return NULL;
}

static prl_status open_desk(scene_world *w, const scene_party *party, const char *desk, const json_t *json,
			    prl_error *err)
{
	char root[PRL_KEY_NAME_MAX + 8];
	prl_verifier verifier;
	if (exact_key(w, desk))
		return PRL_OK; /* the first desk of the node's own party: prl_home_open_log() has opened it */
	snprintf(root, sizeof root, "%s/root", party->name);
	prl_status st = make_key(w, party->node, desk, &verifier, err);
	return st ? st
		  : file_as(w, exact_key(w, root), "desk.opened",
			    json_pack("{s:s, s:s, s:o}", "desk", desk, "title", text_of(json, "title", desk), "key",
				      prl_home_vkey(&verifier)),
			    err);
}

static prl_status open_consoles(scene_world *w, const scene_party *party, const char *desk, json_int_t count,
				prl_error *err)
{
	prl_status st = PRL_OK;
	for (json_int_t i = 1; i <= count && !st; i++) {
		char name[PRL_KEY_NAME_MAX + 24];
		prl_verifier verifier;
		snprintf(name, sizeof name, "%s/console-%lld", desk, (long long)i);
		if (exact_key(w, name))
			continue;
		st = make_key(w, party->node, name, &verifier, err);
		if (!st)
			st = file_as(w, exact_key(w, desk), "key.certified",
				     json_pack("{s:o}", "key", prl_home_vkey(&verifier)), err);
	}
	return st;
}

static prl_status open_desks(scene_world *w, const scene_party *party, prl_error *err)
{
	const json_t *desks = json_object_get(party->json, "desks"), *desk;
	prl_status st = PRL_OK;
	size_t i;
	json_array_foreach(desks, i, desk)
	{
		const char *name = desk_name(party->json, i);
		const json_t *consoles = json_object_get(desk, "consoles");
		st = open_desk(w, party, name, desk, err);
		if (!st)
			st = open_consoles(w, party, name, consoles ? json_integer_value(consoles) : 1, err);
		if (st)
			return prl_error_at(err, st, "/desks/%zu", i);
	}
	return PRL_OK;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

static void on_say(void *context, const char *line)
{
	const scene_world *w = context;
	if (w->say)
		w->say(w->context, NULL, line);
}

static bool is_healthy(const scene_node *node)
{
	prl_client *client = NULL;
	prl_error err;
	prl_reply reply = PRL_REPLY(65536);
	prl_client_options options = { .folder = node->folder, .address = node->card.address };
	bool healthy = prl_client_open(&options, &client, &err) == PRL_OK &&
		       prl_link_send(prl_client_link(client), "GET", "/healthy", NULL, NULL, &reply, &err) == PRL_OK &&
		       reply.status == 200;
	prl_reply_done(&reply);
	prl_client_free(client);
	return healthy;
}

/* A node takes nothing until a peer has said how far its log had come. */
static prl_status wait_healthy(scene_world *w, prl_error *err)
{
	double until = prl_cli_seconds() + SETTLE_S;
	for (size_t i = 0; i < w->node_count; i++)
		while (w->nodes[i].node && !is_healthy(&w->nodes[i])) {
			if (prl_cli_seconds() > until)
				return prl_error_set(err, PRL_E_IO, "the node of %s does not open",
						     w->nodes[i].card.party);
			scene_sleep_ms(LOOK_MS);
		}
	return PRL_OK;
}

static size_t running(const scene_world *w)
{
	size_t count = 0;
	for (size_t i = 0; i < w->node_count; i++)
		count += w->nodes[i].node != NULL;
	return count;
}

static prl_status start(scene_world *w, size_t index, prl_error *err)
{
	scene_node *node = &w->nodes[index];
	char listen[40];
	snprintf(listen, sizeof listen, "127.0.0.1:%u", node->port);
	prl_node_options options = { .folder = node->folder,
				     .listen = listen,
				     .alone = w->node_count == 1,
				     .say = on_say,
				     .context = w,
				     .wall = wall,
				     .boot = since_boot,
				     .clock_context = w };
	return prl_node_start(&options, &node->node, err);
}

prl_status scene_world_start(scene_world *w, size_t node, prl_error *err)
{
	prl_status st = w->nodes[node].node ? PRL_OK : start(w, node, err);
	return !st && (running(w) > 1 || w->node_count == 1) ? wait_healthy(w, err) : st;
}

void scene_world_stop(scene_world *w, size_t node)
{
	for (size_t i = 0; i < w->key_count; i++)
		if (w->keys[i].node == node) {
			prl_client_free(w->keys[i].client);
			w->keys[i].client = NULL;
		}
	prl_node_stop(w->nodes[node].node);
	w->nodes[node].node = NULL;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static bool is_name(const char *text)
{
	return *text && strlen(text) < 32 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static prl_status take_party(scene_world *w, const scene_line *line, prl_error *err)
{
	const char *at = json_string_value(json_object_get(line->json, "at"));
	scene_party party = { text_of(line->json, "party", ""), line->json, w->node_count };
	char desk[64];
	if (!is_name(party.name))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "/party: expected a short name of small letters, digits and dashes");
	if (w->party_count == SCENE_PARTIES_MAX || (!at && w->node_count == SCENE_NODES_MAX))
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u parties or %u nodes", SCENE_PARTIES_MAX,
				     SCENE_NODES_MAX);
	if (!json_object_get(line->json, "desks")) {
		snprintf(desk, sizeof desk, "%s-ops", party.name);
		json_object_set_new(line->json, "desks", json_pack("[s]", desk));
	}
	for (size_t i = 0; i < json_array_size(json_object_get(line->json, "desks")); i++)
		if (!is_name(desk_name(line->json, i)))
			return prl_error_set(err, PRL_E_SYNTAX,
					     "/desks/%zu: expected a name, or an object with \"desk\"", i);
	for (size_t i = 0; at && i < w->party_count; i++)
		if (!strcmp(w->parties[i].name, at))
			party.node = w->parties[i].node;
	if (at && party.node == w->node_count)
		return prl_error_set(err, PRL_E_NOT_FOUND, "/at: no party \"%.40s\" stands before this line", at);
	w->parties[w->party_count++] = party;
	if (at)
		return make_guest(w, &party, err);
	w->node_count++;
	return make_node(w, &party, err);
}

static prl_status take_parties(scene_world *w, const scene_file *file, prl_error *err)
{
	for (size_t i = 0; i < file->count; i++) {
		if (file->lines[i].kind != SCENE_PARTY)
			continue;
		prl_status st = take_party(w, &file->lines[i], err);
		if (st && err)
			err->line = file->lines[i].number;
		if (st)
			return st;
	}
	return w->node_count ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the scenario has no party");
}

prl_status scene_world_open(scene_world *w, const scene_file *file, const char *folder, prl_error *err)
{
	const json_t *head = file->lines[0].json;
	const char *mode = text_of(head, "mode", "");
	w->head = head;
	w->mode = !strcmp(mode, "REAL") ? PRL_MODE_REAL : !strcmp(mode, "TEST") ? PRL_MODE_TEST : PRL_MODE_EXERCISE;
	w->folder = folder;
	prl_status st = scene_time(text_of(head, "begin", ""), 0, &w->begin, err);
	w->now = w->begin;
	if (!st)
		st = take_parties(w, file, err);
	if (!st)
		st = logs_open(w, err);
	for (size_t i = 0; i < w->node_count && !st; i++)
		st = start(w, i, err);
	if (!st)
		st = wait_healthy(w, err);
	for (size_t i = 0; i < w->party_count && !st; i++)
		st = open_desks(w, &w->parties[i], err);
	return st ? st : scene_world_settle(w, err);
}

void scene_world_close(scene_world *w)
{
	for (size_t i = 0; i < w->node_count; i++) {
		scene_world_stop(w, i);
		json_decref(w->nodes[i].alarms);
	}
	for (size_t i = 0; i < w->key_count; i++)
		prl_signer_wipe(&w->keys[i].signer);
}

/* ---- settling ---------------------------------------------------------------------------------------------------- */

static bool is_running(const scene_world *w, const char *log)
{
	for (size_t i = 0; i < w->node_count; i++)
		if (!strcmp(w->nodes[i].card.log.name, log))
			return w->nodes[i].node != NULL;
	return false;
}

/* What all nodes hold of each other's logs, as one number that grows with any of them; *ret_behind: one that runs lacks
 * something that another has. */
static prl_status look(scene_world *w, uint64_t *ret_sum, bool *ret_behind, prl_error *err)
{
	*ret_sum = 0;
	*ret_behind = false;
	for (size_t i = 0; i < w->node_count; i++) {
		prl_client *client;
		json_t *answer = NULL, *peer;
		size_t k;
		if (!w->nodes[i].node)
			continue;
		prl_status st = scene_world_client(w, w->nodes[i].card.party, &client, err);
		if (!st)
			st = prl_client_get(client, "/parley/v1/peers", &answer, err);
		if (st)
			return st;
		json_array_foreach(json_object_get(answer, "peers"), k, peer)
		{
			*ret_sum += (uint64_t)json_integer_value(json_object_get(peer, "mirrored")) +
				    (uint64_t)json_integer_value(json_object_get(peer, "size")) +
				    (uint64_t)json_integer_value(json_object_get(peer, "acknowledged"));
			*ret_behind |= is_running(w, text_of(peer, "log", "")) &&
				       json_integer_value(json_object_get(peer, "lag")) > 0;
		}
		json_decref(answer);
	}
	return PRL_OK;
}

prl_status scene_world_settle(scene_world *w, prl_error *err)
{
	uint64_t before = UINT64_MAX, sum;
	double until = prl_cli_seconds() + SETTLE_S;
	bool behind;
	for (int same = 0; same < LOOKS_SAME;) {
		prl_status st = look(w, &sum, &behind, err);
		if (st)
			return st;
		if (prl_cli_seconds() > until)
			return prl_error_set(err, PRL_E_IO, "the nodes do not come to rest within %.0f s", SETTLE_S);
		same = !behind && sum == before ? same + 1 : 0;
		before = sum;
		if (same < LOOKS_SAME)
			scene_sleep_ms(LOOK_MS);
	}
	return PRL_OK;
}

prl_status scene_world_advance(scene_world *w, prl_time to, prl_time step, prl_error *err)
{
	char text[PRL_TIME_TEXT_MAX];
	if (to < w->now) {
		prl_time_format(w->now, text);
		return prl_error_set(err, PRL_E_RANGE, "it is %s already; times never go back", text);
	}
	prl_status st = PRL_OK;
	if (!step)
		step = (to - w->now) / 10 > 10 * PRL_SECOND ? (to - w->now) / 10 : 10 * PRL_SECOND;
	while (w->now < to && !st) {
		prl_time left = to - w->now;
		w->now += left < step ? left : step;
		st = scene_world_settle(w, err);
	}
	return st;
}
