#include "cli/scene.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/cli.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPEAT_MAX 100000
#define CHAIN_S    20.0 /* at most, until a call stands in the record */

static const char *text_of(const json_t *json, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : otherwise;
}

bool scene_is_file(const char *operand)
{
	struct stat st;
	size_t length = strlen(operand);
	return length > 6 && !strcmp(operand + length - 6, ".jsonl") &&
	       (stat(operand, &st) != 0 || S_ISREG(st.st_mode));
}

void scene_not_met(scene_player *p, const scene_line *line, const char *why)
{
	const char *note = json_string_value(json_object_get(line->json, "note"));
	char words[SCENE_WHY_MAX + 400];
	snprintf(words, sizeof words, "line %zu: %.300s%s%s", line->number, note ? note : "", note ? ": " : "", why);
	scene_say(&p->show, &p->world, "NOT MET", text_of(line->json, "at", text_of(line->json, "by", "-")), words);
	fflush(stdout);
	prl_cli_say("%s:%zu: %s%s%s", p->options->file, line->number, note ? note : "", note ? ": " : "", why);
	p->failed++;
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

/* Short names of the acts of every day. */
static const char *kind_of(const char *act)
{
	static const char *const names[][2] = {
		{ "say", "message.sent" },
		{ "file", "notice.filed" },
		{ "update", "notice.updated" },
		{ "cancel", "notice.cancelled" },
		{ "end", "notice.ended" },
		{ "adopt", "notice.adopted" },
		{ "contradict", "notice.contradicted" },
		{ "answer", "overlap.answered" },
		{ "ack", "receipt.given" },
		{ "judge", "receipt.judged" },
		{ "move", "movement.reported" },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i][0], act))
			return names[i][1];
	return act;
}

/* Members of the line that are not the player's; with "@name" resolved. */
static prl_status body_of(scene_player *p, const json_t *line, json_t **ret, prl_error *err)
{
	static const char *const own[] = { "act",     "by",     "time", "as",  "in",    "second",
					   "refused", "repeat", "note", "via", "spoil", NULL };
	const json_t *given = json_object_get(line, "body");
	json_t *rest = given ? json_deep_copy(given) : json_copy((json_t *)(uintptr_t)line);
	for (size_t i = 0; own[i] && !given; i++)
		json_object_del(rest, own[i]);
	prl_status st = scene_resolve(rest, p->names, ret, err);
	json_decref(rest);
	return st;
}

/* {"$content": X} anywhere in a body: X as JSON is brought to the node, salted, and {"hash", "size"} stands there. */
static prl_status bring_contents(prl_client *client, json_t *value, prl_error *err)
{
	const char *name;
	json_t *one;
	size_t i;
	prl_status st = PRL_OK;
	json_t *content = json_object_get(value, "$content");
	if (content) {
		char *text = json_dumps(content, JSON_COMPACT | JSON_ENCODE_ANY), hash_text[PRL_HASH_TEXT_MAX];
		prl_hash hash;
		st = text ? prl_client_content(client, prl_bytes_of(text), &hash, err) : prl_error_memory(err);
		if (!st) {
			prl_hash_write(&hash, hash_text);
			json_object_set_new(value, "size", json_integer((json_int_t)strlen(text)));
			json_object_set_new(value, "hash", json_string(hash_text));
			json_object_del(value, "$content");
		}
		free(text);
		return st;
	}
	json_object_foreach(value, name, one) if (!st) st = bring_contents(client, one, err);
	json_array_foreach(value, i, one) if (!st) st = bring_contents(client, one, err);
	return st;
}

static prl_status mode_of(const scene_player *p, const json_t *line, prl_mode *ret, prl_error *err)
{
	const char *mode = text_of(line, "in", "");
	*ret = !strcmp(mode, "REAL")       ? PRL_MODE_REAL
	       : !strcmp(mode, "EXERCISE") ? PRL_MODE_EXERCISE
	       : !strcmp(mode, "TEST")     ? PRL_MODE_TEST
					   : p->world.mode;
	(void)err;
	return PRL_OK;
}

/* The next act of the key is chained to this one, so it waits until the record has it; not for ever, as a disk may be
 * full. */
static void wait_chained(prl_client *client, const prl_client_entry *entry, const prl_hash *own)
{
	prl_error err;
	prl_chain chain;
	double until = prl_cli_seconds() + CHAIN_S;
	while (prl_cli_seconds() < until) {
		if (prl_client_chain(client, entry->signer->verifier.name, &chain, &err) ||
		    prl_hash_equal(&chain.previous, own))
			return;
		scene_sleep_ms(4);
	}
}

/* The last digits of the newest signature line are others. */
static void spoil(prl_buffer *text)
{
	for (size_t i = text->size; i-- > 2;)
		if (text->data[i] == '\n' && i > 8) {
			text->data[i - 8] = text->data[i - 8] == 'A' ? 'B' : 'A';
			return;
		}
}

/* Calls ring before they are filed (node/bell.h): signed like any act, handed to the bell. */
static prl_status ring(prl_client *client, const prl_client_entry *entry, bool spoilt, prl_filed *ret, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_reply reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	prl_status st = prl_client_sign(client, entry, &text, err);
	if (!st && spoilt)
		spoil(&text);
	prl_bytes bytes = { text.data, text.size };
	if (!st)
		st = prl_link_ask(prl_client_link(client), "POST", "/parley/v1/calls", "text/plain", &bytes, &reply,
				  err);
	json_t *answer = st ? NULL : json_loadb(reply.body.data, reply.body.size, 0, NULL);
	const char *id = json_string_value(json_object_get(answer, "id"));
	if (!st && !(id && prl_hash_read(prl_bytes_of(id), &ret->hash)))
		st = prl_error_set(err, PRL_E_SYNTAX, "the node's answer to the call cannot be read");
	bool counts = json_is_null(json_object_get(answer, "unverified"));
	json_decref(answer);
	prl_reply_done(&reply);
	/* a repeat is answered with the id of the call that it repeats; the chain goes on with the entry itself */
	prl_hash own = prl_sha256(bytes.data ? bytes.data : "", bytes.size);
	if (!st && counts)
		wait_chained(client, entry, &own);
	return st;
}

static prl_status file_act(scene_player *p, const json_t *line, prl_filed *ret, prl_error *err)
{
	json_t *body = NULL;
	prl_client *client;
	const char *second = json_string_value(json_object_get(line, "second")), *by = text_of(line, "by", "");
	prl_client_entry entry = { .kind = kind_of(text_of(line, "act", "")) };
	prl_status st = scene_world_client(&p->world, text_of(line, "via", by), &client, err);
	const scene_key *signer = scene_world_key(&p->world, by);
	if (!st && !signer)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "/by: \"%.60s\" is no party, desk or key", by);
	entry.signer = signer ? &signer->signer : NULL;
	if (!st)
		st = mode_of(p, line, &entry.mode, err);
	if (!st)
		st = body_of(p, line, &body, err);
	if (!st)
		st = scene_places_find(p, body, err);
	if (!st)
		st = bring_contents(client, body, err);
	scene_key *key = second ? scene_world_key(&p->world, second) : NULL;
	if (!st && second && !key)
		st = prl_error_set(err, PRL_E_NOT_FOUND, "/second: \"%.60s\" is no party, desk or key", second);
	entry.second = key ? &key->signer : NULL;
	char *text = st ? NULL : json_dumps(body, JSON_COMPACT);
	json_decref(body);
	entry.body = prl_bytes_of(text ? text : "");
	p->acted_s = prl_cli_seconds();
	if (!st)
		st = strncmp(entry.kind, "call.", 5) == 0
			     ? ring(client, &entry, json_is_true(json_object_get(line, "spoil")), ret, err)
			     : prl_client_file(client, &entry, ret, err);
	free(text);
	return st;
}

static void name_filed(scene_player *p, const char *as, const prl_filed *filed)
{
	char hash[PRL_HASH_TEXT_MAX];
	prl_hash_write(&filed->hash, hash);
	json_object_set_new(p->names, as, json_string(hash));
}

static void not_filed(scene_player *p, const scene_line *line, const prl_error *err)
{
	char why[SCENE_WHY_MAX];
	snprintf(why, sizeof why, "refused: %.150s%s%.399s", err->where, err->where[0] ? ": " : "", err->text);
	scene_not_met(p, line, why);
}

/* What should be refused is, with these words in the reason. */
static void was_refused(scene_player *p, const scene_line *line, prl_status st, const prl_error *err)
{
	const char *expected = text_of(line->json, "refused", "");
	char words[SCENE_WHY_MAX];
	if (st && (strstr(err->text, expected) || strstr(err->where, expected))) {
		p->met++;
		snprintf(words, sizeof words, "%s refused: %s", text_of(line->json, "act", ""), err->text);
		scene_say(&p->show, &p->world, "met", text_of(line->json, "by", ""), words);
	} else if (st) {
		snprintf(words, sizeof words, "refused, but for another reason than \"%.100s\": %.300s", expected,
			 err->text);
		scene_not_met(p, line, words);
	} else {
		scene_not_met(p, line, "taken; it should have been refused");
	}
}

static json_int_t repeats(const json_t *line)
{
	const json_t *repeat = json_object_get(line, "repeat");
	json_int_t count = repeat ? json_integer_value(repeat) : 1;
	return count < 1 ? 1 : count > REPEAT_MAX ? REPEAT_MAX : count;
}

static prl_status act(scene_player *p, const scene_line *line, prl_error *err)
{
	const char *as = json_string_value(json_object_get(line->json, "as"));
	prl_filed filed = { 0 };
	prl_error why = { 0 };
	prl_status st = PRL_OK;
	for (json_int_t i = repeats(line->json); i > 0 && !st; i--)
		st = file_act(p, line->json, &filed, &why);
	if (json_object_get(line->json, "refused")) {
		was_refused(p, line, st, &why);
		return PRL_OK;
	}
	/* Of what fails while it is played only what the node answers is the scene's: the rest ends it. */
	if (st && (st == PRL_E_MEMORY || st == PRL_E_IO)) {
		*err = why;
		return st;
	}
	if (st)
		not_filed(p, line, &why);
	else if (as)
		name_filed(p, as, &filed);
	return PRL_OK;
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static prl_status send(scene_player *p, const json_t *line, prl_reply *reply, prl_error *err)
{
	prl_client *client;
	json_t *body = NULL;
	prl_status st = scene_world_client(&p->world, text_of(line, "by", ""), &client, err);
	const json_t *given = json_object_get(line, "body");
	if (!st && given)
		st = scene_resolve(given, p->names, &body, err);
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	json_decref(body);
	prl_bytes bytes = prl_bytes_of(text ? text : "");
	p->acted_s = prl_cli_seconds();
	if (!st)
		st = prl_link_send(prl_client_link(client), "POST", text_of(line, "post", ""),
				   text ? "application/json" : NULL, text ? &bytes : NULL, reply, err);
	free(text);
	return st;
}

static prl_status post_once(scene_player *p, const scene_line *line, prl_error *err)
{
	prl_reply reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	const json_t *expected = json_object_get(line->json, "status");
	char why[SCENE_WHY_MAX];
	prl_status st = send(p, line->json, &reply, err);
	bool good = expected ? reply.status == (unsigned)json_integer_value(expected)
			     : reply.status >= 200 && reply.status < 300;
	json_t *answer = st || !reply.body.size ? NULL : json_loadb(reply.body.data, reply.body.size, 0, NULL);
	if (!st && !good) {
		snprintf(why, sizeof why, "answered %u: %.300s", reply.status, reply.body.size ? reply.body.data : "");
		scene_not_met(p, line, why);
	} else if (!st) {
		st = scene_remember(p, json_object_get(line->json, "remember"), answer, err);
	}
	json_decref(answer);
	prl_reply_done(&reply);
	return st;
}

static prl_status post(scene_player *p, const scene_line *line, prl_error *err)
{
	prl_status st = PRL_OK;
	for (json_int_t i = repeats(line->json); i > 0 && !st; i--)
		st = post_once(p, line, err);
	return st;
}

/* ---- orders ------------------------------------------------------------------------------------------------------ */

static prl_status order(scene_player *p, const json_t *line, prl_error *err)
{
	const char *what = text_of(line, "do", ""), *name = text_of(line, "node", "");
	size_t node;
	if (!strcmp(what, "wait"))
		return PRL_OK;
	if (!scene_world_node(&p->world, name, &node))
		return prl_error_at(err,
				    prl_error_set(err, PRL_E_NOT_FOUND, "\"%.60s\" is no party of this scenario", name),
				    "/node");
	scene_say(&p->show, &p->world, strcmp(what, "stop") == 0 ? "stopped" : "started", name,
		  text_of(line, "note", "its node"));
	if (!strcmp(what, "start"))
		return scene_world_start(&p->world, node, err);
	scene_world_stop(&p->world, node);
	return PRL_OK;
}

static prl_status say_claim(scene_player *p, const json_t *line)
{
	char words[1200], who[8];
	const char *source = json_string_value(json_object_get(line, "source"));
	snprintf(who, sizeof who, "[%.1s]", text_of(line, "mark", "?"));
	snprintf(words, sizeof words, "%.800s%s%.300s", text_of(line, "claim", ""), source ? " – " : "",
		 source ? source : "");
	scene_say(&p->show, &p->world, "claim", who, words);
	return PRL_OK;
}

/* ---- the play ---------------------------------------------------------------------------------------------------- */

/* What came before is with everybody, and has been shown, before the clock goes on. */
static prl_status go_to(scene_player *p, const scene_line *line, prl_error *err)
{
	const char *text = json_string_value(json_object_get(line->json, "time"));
	prl_time to = p->world.now;
	if (!text)
		return PRL_OK;
	prl_status st = scene_time(text, p->world.now, &to, err);
	if (!st && to == p->world.now)
		return PRL_OK;
	if (!st)
		st = scene_world_settle(&p->world, err);
	if (!st)
		st = scene_show_new(&p->show, &p->world, err);
	if (!st)
		st = scene_world_advance(&p->world, to, p->step, err);
	if (!st)
		st = scene_show_new(&p->show, &p->world, err);
	if (!st) {
		char now[PRL_TIME_TEXT_MAX];
		prl_time_format(p->world.now, now);
		json_object_set_new(p->names, "now", json_string(now));
	}
	return st == PRL_E_RANGE ? prl_error_at(err, st, "/time") : st;
}

static prl_status play_line(scene_player *p, const scene_line *line, prl_error *err)
{
	prl_status st = go_to(p, line, err);
	if (st)
		return st;
	switch (line->kind) {
	case SCENE_CLAIM:
		return say_claim(p, line->json);
	case SCENE_ACT:
		return act(p, line, err);
	case SCENE_POST:
		return post(p, line, err);
	case SCENE_DO:
		return order(p, line->json, err);
	case SCENE_EXPECT:
		return scene_expect(p, line, err);
	case SCENE_HEAD:
	case SCENE_PARTY:
		break;
	}
	return PRL_OK;
}

static void say_head(scene_player *p)
{
	const json_t *head = p->file.lines[0].json, *source;
	size_t i;
	scene_say(&p->show, &p->world, text_of(head, "mode", ""), "-", text_of(head, "scene", ""));
	if (json_object_get(head, "note"))
		scene_say(&p->show, &p->world, "note", "-", text_of(head, "note", ""));
	json_array_foreach(json_object_get(head, "sources"), i, source)
		scene_say(&p->show, &p->world, "source", "-", json_is_string(source) ? json_string_value(source) : "");
}

static void name_folders(scene_player *p)
{
	for (size_t i = 0; i < p->world.node_count; i++) {
		char name[80];
		snprintf(name, sizeof name, "folder-%s", p->world.nodes[i].card.party);
		json_object_set_new(p->names, name, json_string(p->world.nodes[i].folder));
		snprintf(name, sizeof name, "log-%s", p->world.nodes[i].card.party);
		json_object_set_new(p->names, name, json_string(p->world.nodes[i].card.log.name));
	}
	json_object_set_new(p->names, "folder", json_string(p->world.folder));
}

static prl_status play(scene_player *p, const char *folder, prl_error *err)
{
	const json_t *step = json_object_get(p->file.lines[0].json, "step_s");
	p->step = json_integer_value(step) > 0 ? json_integer_value(step) * PRL_SECOND : 0;
	prl_status st = scene_world_open(&p->world, &p->file, folder, err);
	if (st)
		return st;
	say_head(p);
	name_folders(p);
	st = scene_places_open(p, err);
	if (st)
		err->line = p->file.lines[0].number;
	for (size_t i = 0; i < p->file.count && !st; i++) {
		st = play_line(p, &p->file.lines[i], err);
		if (st)
			err->line = p->file.lines[i].number;
	}
	if (!st)
		st = scene_world_settle(&p->world, err);
	return st ? st : scene_show_new(&p->show, &p->world, err);
}

/* ---- the folder -------------------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static prl_status make_folder(const scene_options *options, char folder[PATH_MAX], prl_error *err)
{
	const char *tmp = getenv("TMPDIR");
	if (options->keep) {
		if (snprintf(folder, PATH_MAX, "%s", options->keep) >= PATH_MAX)
			return prl_error_set(err, PRL_E_TOO_LARGE, "the path is too long");
		if (mkdir(folder, 0700) == 0)
			return PRL_OK;
		return prl_error_set(err, errno == EEXIST ? PRL_E_DUPLICATE : PRL_E_IO, "%s: %s; expected a new folder",
				     options->keep, strerror(errno));
	}
	if (snprintf(folder, PATH_MAX, "%s/parley-scene-XXXXXX", tmp && *tmp ? tmp : "/tmp") >= PATH_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path of the temporary folder is too long");
	return mkdtemp(folder) ? PRL_OK : prl_error_set(err, PRL_E_IO, "%s: %s", folder, strerror(errno));
}

static int end(scene_player *p, prl_status st, const prl_error *err)
{
	char words[200];
	if (st) {
		fflush(stdout);
		prl_cli_say_error(p->options->file, err);
	}
	snprintf(words, sizeof words, "%zu met, %zu not met", p->met, p->failed);
	if (!st)
		scene_say(&p->show, &p->world, "end", "-", words);
	if (p->options->quiet && !st && !p->options->json)
		printf("%s: %s\n", p->options->file, words);
	return prl_cli_worse(prl_cli_exit_status(st), p->failed ? CLI_FOUND : CLI_OK);
}

int scene_play(const scene_options *options)
{
	char folder[PATH_MAX];
	prl_error err = { 0 };
	scene_player *p = calloc(1, sizeof *p);
	prl_status st = p ? PRL_OK : prl_error_memory(&err);
	if (!st) {
		p->options = options;
		p->show = (scene_show){ options->json, options->quiet };
		p->names = json_object();
		st = scene_file_read(options->file, &p->file, &err);
	}
	if (st) {
		prl_cli_say_error(options->file, &err);
		if (p)
			json_decref(p->names);
		free(p);
		return prl_cli_exit_status(st);
	}
	st = make_folder(options, folder, &err);
	bool made = !st;
	if (!st)
		st = play(p, folder, &err);
	int status = end(p, st, &err);
	scene_world_close(&p->world);
	if (made && !options->keep)
		(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	scene_file_done(&p->file);
	prl_gazetteer_free(p->places);
	json_decref(p->names);
	free(p);
	return status;
}
