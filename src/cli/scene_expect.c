/* Expectations of a scenario: what a node shows, or a verb of this program prints, against what should be. */
#include "cli/scene.h"

#include "base/error.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 6.0 /* in which what nodes find out by themselves must be there, by the real clock */
#define LOOK_MS    20

/* An expectation with its names resolved. */
typedef struct looking {
	const scene_line *line;
	json_t *json;     /* the line's, resolved */
	const char *what; /* "notices", "/parley/v1/…", "run", "verify" */
	json_t *items;    /* found, before `where` */
	json_t *chosen;   /* those that are as `where` says */
	int status;       /* of a verb */
	bool met;
	char why[SCENE_WHY_MAX];
} looking;

static const char *text_of(const json_t *json, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : otherwise;
}

/* ---- what is looked at ------------------------------------------------------------------------------------------- */

/* A query's value goes into a path as it is: bytes that a URL cannot hold are escaped. */
static void add_escaped(prl_buffer *to, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~/:", c))
			prl_buffer_printf(to, "%c", c);
		else
			prl_buffer_printf(to, "%%%02X", c);
	}
}

static void add_query(prl_buffer *path, const json_t *query)
{
	const char *name;
	json_t *value;
	bool first = true;
	json_object_foreach((json_t *)(uintptr_t)query, name, value)
	{
		char number[40];
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		prl_buffer_printf(path, "%s%s=", first ? "?" : "&", name);
		add_escaped(path, json_is_string(value) ? json_string_value(value) : number);
		first = false;
	}
}

static prl_status ask(scene_player *p, looking *l, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer path = PRL_BUFFER(4096);
	const char *at = json_string_value(json_object_get(l->json, "at"));
	prl_client *client;
	json_t *answer = NULL;
	if (!at)
		return prl_error_set(err, PRL_E_SYNTAX, "\"at\" is missing: whose node is asked?");
	prl_status st = scene_world_client(&p->world, at, &client, err);
	prl_buffer_printf(&path, "%s%s", l->what[0] == '/' ? "" : "/parley/v1/line/", l->what);
	add_query(&path, json_object_get(l->json, "query"));
	if (!st)
		st = prl_client_get(client, path.data, &answer, err);
	if (st)
		return st;
	const json_t *items = scene_pointer(answer, text_of(l->json, "items", "/items"));
	l->items = json_is_array(items) ? json_deep_copy(items) : json_pack("[O]", answer);
	json_decref(answer);
	return PRL_OK;
}

static json_t *export_args(const scene_player *p, size_t node, const char *out)
{
	return json_pack("[s, s, s, s]", "log", "export", p->world.nodes[node].folder, out);
}

/* Exports of all nodes, written anew, then what `parley verify` says of them. */
static prl_status verify(scene_player *p, looking *l, prl_error *err)
{
	static unsigned serial;
	json_t *args = json_pack("[s, s]", "verify", "--json");
	prl_status st = PRL_OK;
	serial++;
	for (size_t i = 0; i < p->world.node_count && !st; i++) {
		char out[PATH_MAX + 64];
		json_t *lines = NULL;
		int status = 0;
		snprintf(out, sizeof out, "%s/exports/%u-%s", p->world.folder, serial, p->world.nodes[i].card.party);
		json_t *export = export_args(p, i, out);
		st = scene_run(export, &status, &lines, err);
		if (!st && status)
			st = prl_error_set(err, PRL_E_IO, "parley log export of %s ends with %d",
					   p->world.nodes[i].card.party, status);
		json_decref(export);
		json_decref(lines);
		json_array_append_new(args, json_string(out));
	}
	if (!st)
		st = scene_run(args, &l->status, &l->items, err);
	json_decref(args);
	return st;
}

static prl_status find(scene_player *p, looking *l, prl_error *err)
{
	json_decref(l->items);
	l->items = NULL;
	if (!strcmp(l->what, "verify"))
		return verify(p, l, err);
	if (strcmp(l->what, "run") != 0)
		return ask(p, l, err);
	prl_status st = scene_run(json_object_get(l->json, "args"), &l->status, &l->items, err);
	return st ? prl_error_at(err, st, "/args") : PRL_OK;
}

/* ---- against what should be -------------------------------------------------------------------------------------- */

static prl_status choose(looking *l, prl_error *err)
{
	const json_t *where = json_object_get(l->json, "where"), *item;
	char why[SCENE_WHY_MAX];
	bool holds;
	size_t i;
	json_decref(l->chosen);
	l->chosen = json_array();
	json_array_foreach(l->items, i, item)
	{
		prl_status st = scene_all_hold(item, where, &holds, why, err);
		if (st)
			return prl_error_at(err, st, "/where");
		if (holds)
			json_array_append(l->chosen, (json_t *)(uintptr_t)item);
	}
	return PRL_OK;
}

static prl_status look_count(looking *l, prl_error *err)
{
	const json_t *condition = json_object_get(l->json, "count");
	json_t *least = condition ? NULL : json_pack("{s:i}", ">=", 1);
	json_t *count = json_integer((json_int_t)json_array_size(l->chosen));
	char why[SCENE_WHY_MAX] = "";
	prl_status st = scene_holds(count, condition ? condition : least, &l->met, why, err);
	json_decref(count);
	json_decref(least);
	if (!l->met) {
		char *all = json_dumps(json_array_size(l->chosen) ? l->chosen : l->items, JSON_COMPACT);
		snprintf(l->why, sizeof l->why, "how many there are: %.120s; of %.1380s", why, all ? all : "?");
		free(all);
	}
	return st ? prl_error_at(err, st, "/count") : PRL_OK;
}

static prl_status look_each(looking *l, prl_error *err)
{
	const json_t *check = json_object_get(l->json, "check"), *item;
	prl_status st = PRL_OK;
	size_t i;
	json_array_foreach(l->chosen, i, item)
	{
		st = scene_all_hold(item, check, &l->met, l->why, err);
		if (st || !l->met)
			break;
	}
	return st ? prl_error_at(err, st, "/check") : PRL_OK;
}

static prl_status look_status(looking *l, prl_error *err)
{
	const json_t *condition = json_object_get(l->json, "status");
	bool verb = !strcmp(l->what, "run") || !strcmp(l->what, "verify");
	if (!verb)
		return PRL_OK;
	char why[SCENE_WHY_MAX] = "";
	json_t *zero = json_integer(0), *found = json_integer(l->status);
	prl_status st = scene_holds(found, condition ? condition : zero, &l->met, why, err);
	if (!l->met) {
		char *all = json_dumps(l->items, JSON_COMPACT);
		snprintf(l->why, sizeof l->why, "exit status: %.60s; %.480s", why, all ? all : "");
		free(all);
	}
	json_decref(zero);
	json_decref(found);
	return st ? prl_error_at(err, st, "/status") : PRL_OK;
}

static prl_status look_once(scene_player *p, looking *l, prl_error *err)
{
	l->met = true;
	prl_status st = find(p, l, err);
	if (!st)
		st = look_status(l, err);
	if (!st && l->met)
		st = choose(l, err);
	if (!st && l->met)
		st = look_count(l, err);
	return !st && l->met ? look_each(l, err) : st;
}

/* Milliseconds that a machine under other load is given on top: tests do not hang on time (PARLEY_SLACK_MS). */
static double slack_s(void)
{
	const char *text = getenv("PARLEY_SLACK_MS");
	double ms = text ? strtod(text, NULL) : 0;
	return ms > 0 && ms < 1e6 ? ms / 1000 : 0;
}

/* Looks until it is met, or time is up. */
static prl_status look(scene_player *p, looking *l, prl_error *err)
{
	const json_t *within = json_object_get(l->json, "within_ms");
	double limit = within ? (double)json_integer_value(within) / 1000 + slack_s() : 0;
	double until = within ? p->acted_s + limit : prl_cli_seconds() + PATIENCE_S;
	prl_status st = within ? PRL_OK : scene_world_settle(&p->world, err);
	for (;;) {
		bool last = prl_cli_seconds() > until;
		if (!st)
			st = look_once(p, l, err);
		if (st || l->met || last || !strcmp(l->what, "verify") || !strcmp(l->what, "run"))
			break;
		scene_sleep_ms(LOOK_MS);
	}
	double took = prl_cli_seconds() - p->acted_s;
	if (!st && l->met && within && took > limit) {
		l->met = false;
		snprintf(l->why, sizeof l->why, "it came %.0f ms after the act, expected %.0f at most", took * 1000,
			 limit * 1000);
	}
	return st;
}

prl_status scene_remember(scene_player *p, const json_t *remember, const json_t *found, prl_error *err)
{
	const char *name;
	json_t *pointer;
	json_object_foreach((json_t *)(uintptr_t)remember, name, pointer)
	{
		const json_t *value = json_is_string(pointer) ? scene_pointer(found, json_string_value(pointer)) : NULL;
		if (!value)
			return prl_error_at(
				err,
				prl_error_set(err, PRL_E_NOT_FOUND, "nothing is found at %.80s",
					      json_is_string(pointer) ? json_string_value(pointer) : "what is no text"),
				"/remember/%.60s", name);
		json_object_set_new(p->names, name, json_deep_copy(value));
	}
	return PRL_OK;
}

static void say_met(scene_player *p, const looking *l)
{
	char words[400];
	const char *note = json_string_value(json_object_get(l->line->json, "note"));
	if (note)
		snprintf(words, sizeof words, "%s", note);
	else
		snprintf(words, sizeof words, "%s as expected in line %zu", l->what, l->line->number);
	scene_say(&p->show, &p->world, "met", text_of(l->json, "at", "-"), words);
}

prl_status scene_expect(scene_player *p, const scene_line *line, prl_error *err)
{
	looking l = { .line = line };
	prl_status st = scene_resolve(line->json, p->names, &l.json, err);
	if (st)
		return st;
	l.what = text_of(l.json, "expect", "");
	st = look(p, &l, err);
	if (!st)
		st = scene_show_new(&p->show, &p->world, err);
	if (!st && l.met) {
		p->met++;
		say_met(p, &l);
		st = scene_remember(p, json_object_get(l.json, "remember"), json_array_get(l.chosen, 0), err);
	} else if (!st) {
		scene_not_met(p, line, l.why);
	}
	json_decref(l.json);
	json_decref(l.items);
	json_decref(l.chosen);
	return st;
}
