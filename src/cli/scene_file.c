#include "cli/scene_file.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct member {
	const char *name;
	json_type type;
	bool must, any; /* any: of any type */
} member;

#define END                                                                                                            \
	{                                                                                                              \
		NULL, JSON_NULL, false, false                                                                          \
	}

static const member head[] = { { "scene", JSON_STRING, true, false },
			       { "mode", JSON_STRING, true, false },
			       { "begin", JSON_STRING, true, false },
			       { "constitution", JSON_OBJECT, false, false },
			       { "sources", JSON_ARRAY, false, false },
			       { "gazetteer", JSON_ARRAY, false, false },
			       { "step_s", JSON_INTEGER, false, false },
			       { "note", JSON_STRING, false, false },
			       END };
static const member party[] = { { "party", JSON_STRING, true, false }, { "title", JSON_STRING, false, false },
				{ "desks", JSON_ARRAY, false, false }, { "at", JSON_STRING, false, false },
				{ "note", JSON_STRING, false, false }, END };
static const member claim[] = { { "claim", JSON_STRING, true, false },
				{ "mark", JSON_STRING, true, false },
				{ "source", JSON_STRING, false, false },
				{ "time", JSON_STRING, false, false },
				END };
/* Members of an act that are not listed are its body, where it has no `body`. */
static const member act[] = { { "act", JSON_STRING, true, false },
			      { "by", JSON_STRING, true, false },
			      { "time", JSON_STRING, false, false },
			      { "body", JSON_OBJECT, false, false },
			      { "as", JSON_STRING, false, false },
			      { "in", JSON_STRING, false, false },
			      { "second", JSON_STRING, false, false },
			      { "via", JSON_STRING, false, false },
			      { "spoil", JSON_NULL, false, true },
			      { "refused", JSON_STRING, false, false },
			      { "repeat", JSON_INTEGER, false, false },
			      { "note", JSON_STRING, false, false },
			      END };
static const member post[] = { { "post", JSON_STRING, true, false },
			       { "by", JSON_STRING, true, false },
			       { "time", JSON_STRING, false, false },
			       { "body", JSON_NULL, false, true },
			       { "remember", JSON_OBJECT, false, false },
			       { "status", JSON_INTEGER, false, false },
			       { "repeat", JSON_INTEGER, false, false },
			       { "note", JSON_STRING, false, false },
			       END };
static const member order[] = { { "do", JSON_STRING, true, false },
				{ "node", JSON_STRING, false, false },
				{ "time", JSON_STRING, false, false },
				{ "note", JSON_STRING, false, false },
				END };
static const member expect[] = { { "expect", JSON_STRING, true, false },    { "at", JSON_STRING, false, false },
				 { "time", JSON_STRING, false, false },     { "query", JSON_OBJECT, false, false },
				 { "items", JSON_STRING, false, false },    { "where", JSON_OBJECT, false, false },
				 { "check", JSON_OBJECT, false, false },    { "count", JSON_NULL, false, true },
				 { "remember", JSON_OBJECT, false, false }, { "args", JSON_ARRAY, false, false },
				 { "status", JSON_NULL, false, true },      { "within_ms", JSON_INTEGER, false, false },
				 { "note", JSON_STRING, false, false },     END };

static const struct {
	const char *name;
	const member *members;
	bool open; /* takes members that are not listed */
} kinds[] = {
	[SCENE_HEAD] = { "scene", head, false },      [SCENE_PARTY] = { "party", party, false },
	[SCENE_CLAIM] = { "claim", claim, false },    [SCENE_ACT] = { "act", act, true },
	[SCENE_POST] = { "post", post, false },       [SCENE_DO] = { "do", order, false },
	[SCENE_EXPECT] = { "expect", expect, false },
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* ---- time -------------------------------------------------------------------------------------------------------- */

prl_status scene_time(const char *text, prl_time now, prl_time *ret, prl_error *err)
{
	static const char units[] = "smhd";
	static const prl_time seconds[] = { 1, 60, 3600, 86400 };
	uint64_t count;
	size_t length = strlen(text);
	if (text[0] != '+')
		return prl_time_parse(text, length, ret, err);
	const char *unit = length > 2 ? strchr(units, text[length - 1]) : NULL;
	if (!unit || !*unit || !prl_decimal_read((prl_bytes){ text + 1, length - 2 }, &count) || count > 100000)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.40s\" is no time; expected RFC 3339, or + and a number of s, m, h or d",
				     text);
	*ret = now + (prl_time)count * seconds[unit - units] * PRL_SECOND;
	return PRL_OK;
}

/* ---- a line ------------------------------------------------------------------------------------------------------ */

static const char *type_text(json_type type)
{
	return type == JSON_STRING    ? "a text"
	       : type == JSON_INTEGER ? "a whole number"
	       : type == JSON_ARRAY   ? "an array"
				      : "an object";
}

static prl_status look_member(const json_t *json, const member *m, prl_error *err)
{
	const json_t *value = json_object_get(json, m->name);
	if (!value && !m->must)
		return PRL_OK;
	if (!value)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is missing", m->name);
	if (m->any || json_typeof(value) == m->type)
		return PRL_OK;
	prl_status st = prl_error_set(err, PRL_E_SYNTAX, "expected %s", type_text(m->type));
	return prl_error_at(err, st, "/%s", m->name);
}

static prl_status look_known(const json_t *json, const member *members, prl_error *err)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)json, name, value)
	{
		const member *m = members;
		while (m->name && strcmp(m->name, name) != 0)
			m++;
		if (m->name)
			continue;
		prl_status st = prl_error_set(err, PRL_E_SYNTAX,
					      "no member of this line; expected one of those of "
					      "docs/scenarios.md");
		return prl_error_at(err, st, "/%.60s", name);
	}
	return PRL_OK;
}

static prl_status look_time(const json_t *json, const char *name, prl_error *err)
{
	const char *text = json_string_value(json_object_get(json, name));
	prl_time time;
	prl_status st = text ? scene_time(text, 0, &time, err) : PRL_OK;
	return st ? prl_error_at(err, st, "/%s", name) : PRL_OK;
}

/* One of a few words. */
static prl_status look_word(const json_t *json, const char *name, const char *const *words, prl_error *err)
{
	const char *text = json_string_value(json_object_get(json, name));
	for (size_t i = 0; text && words[i]; i++)
		if (!strcmp(text, words[i]))
			return PRL_OK;
	if (!text)
		return PRL_OK;
	prl_status st = prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is not one of those that can stand here, as \"%s\"",
				      text, words[0]);
	return prl_error_at(err, st, "/%s", name);
}

static prl_status look(scene_line *line, prl_error *err)
{
	static const char *const modes[] = { "EXERCISE", "TEST", "REAL", NULL };
	static const char *const marks[] = { "S", "R", "I", NULL };
	static const char *const orders[] = { "stop", "start", "wait", NULL };
	static const struct {
		const char *name;
		const char *const *words;
	} words[] = { { "mode", modes }, { "in", modes }, { "mark", marks }, { "do", orders } };
	prl_status st = PRL_OK;
	for (const member *m = kinds[line->kind].members; m->name && !st; m++)
		st = look_member(line->json, m, err);
	if (!st && (!kinds[line->kind].open || json_object_get(line->json, "body")))
		st = look_known(line->json, kinds[line->kind].members, err);
	if (!st)
		st = look_time(line->json, line->kind == SCENE_HEAD ? "begin" : "time", err);
	for (size_t i = 0; i < sizeof words / sizeof *words && !st; i++)
		if (line->kind != SCENE_ACT || i == 1)
			st = look_word(line->json, words[i].name, words[i].words, err);
	if (!st && line->kind == SCENE_DO &&
	    strcmp(json_string_value(json_object_get(line->json, "do")), "wait") != 0 &&
	    !json_object_get(line->json, "node"))
		st = prl_error_set(err, PRL_E_SYNTAX, "\"node\" is missing");
	return st;
}

static prl_status find_kind(scene_line *line, prl_error *err)
{
	size_t found = 0;
	for (size_t k = 0; k < KINDS; k++)
		if (json_object_get(line->json, kinds[k].name) && !(k == SCENE_PARTY && found)) {
			/* An act's body may have any of these as a member: then it is the act. */
			if (!found || k == SCENE_ACT)
				line->kind = (scene_kind)k;
			found++;
		}
	if (!found)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "expected one of the members scene, party, claim, act, post, do, expect");
	return found == 1 || line->kind == SCENE_ACT
		       ? PRL_OK
		       : prl_error_set(err, PRL_E_SYNTAX, "of scene, party, claim, act, post, do, expect only one");
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static prl_status read_line(prl_bytes text, scene_line *line, prl_error *err)
{
	json_error_t why;
	line->json = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &why);
	if (!line->json)
		return prl_error_set(err, PRL_E_SYNTAX, "no JSON: %s, at column %d", why.text, why.column);
	if (!json_is_object(line->json))
		return prl_error_set(err, PRL_E_SYNTAX, "expected an object");
	prl_status st = find_kind(line, err);
	return st ? st : look(line, err);
}

/* The head first, then parties, then the rest. */
static prl_status look_order(const scene_file *file, const scene_line *line, prl_error *err)
{
	bool first = file->count == 0;
	if (first != (line->kind == SCENE_HEAD))
		return prl_error_set(err, PRL_E_SYNTAX,
				     first ? "the first line states the scene"
					   : "the scene is stated once, in the first line");
	scene_kind before = first ? SCENE_HEAD : file->lines[file->count - 1].kind;
	if (line->kind == SCENE_PARTY && before > SCENE_CLAIM)
		return prl_error_set(err, PRL_E_SYNTAX, "parties are stated before anything is done");
	return PRL_OK;
}

static prl_status add_line(scene_file *file, prl_bytes text, size_t number, prl_error *err)
{
	if (strspn(text.data, " \t\r") >= text.size)
		return PRL_OK;
	if (file->count == SCENE_LINES_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u lines", SCENE_LINES_MAX);
	scene_line line = { .number = number };
	prl_status st = read_line(text, &line, err);
	if (!st)
		st = look_order(file, &line, err);
	if (st) {
		json_decref(line.json);
		return st;
	}
	file->lines[file->count++] = line;
	return PRL_OK;
}

static prl_status read_lines(scene_file *file, const prl_buffer *bytes, prl_error *err)
{
	const char *at = bytes->data, *end = bytes->data + bytes->size;
	prl_status st = PRL_OK;
	for (size_t number = 1; at < end && !st; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		st = add_line(file, (prl_bytes){ at, (size_t)(stop - at) }, number, err);
		if (st && err)
			err->line = number;
		at = stop + 1;
	}
	if (!st && !file->count)
		st = prl_error_set(err, PRL_E_SYNTAX, "an empty file; expected a scenario");
	return st;
}

prl_status scene_file_read(const char *path, scene_file *ret, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(SCENE_FILE_MAX);
	scene_file file = { .lines = calloc(SCENE_LINES_MAX, sizeof *file.lines) };
	prl_status st = file.lines ? prl_file_read(path, &bytes, err) : prl_error_memory(err);
	if (!st)
		st = read_lines(&file, &bytes, err);
	prl_buffer_done(&bytes);
	if (st)
		scene_file_done(&file);
	else
		*ret = file;
	return st;
}

void scene_file_done(scene_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		json_decref(file->lines[i].json);
	free(file->lines);
	*file = (scene_file){ 0 };
}
