#include "cli/moves.h"

#include "base/error.h"
#include "cli/draft.h"
#include "node/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

prl_status prl_cli_query(const char *name, const char *value, char *ret, size_t room, prl_error *err)
{
	size_t at = (size_t)snprintf(ret, room, "%s=", name);
	for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
		if (at + 4 > room)
			return prl_error_set(err, PRL_E_TOO_LARGE, "\"%.40s…\" is too long", value);
		if (isalnum(*c) || strchr("-._~", *c))
			at += (size_t)snprintf(ret + at, room - at, "%c", *c);
		else
			at += (size_t)snprintf(ret + at, room - at, "%%%02X", *c);
	}
	return PRL_OK;
}

prl_status prl_cli_notice(cli_act *act, const char *part, const char *notice, json_t **ret, prl_error *err)
{
	char query[400];
	json_t *items = NULL;
	prl_status st = prl_cli_query("notice", notice, query, sizeof query, err);
	if (!st)
		st = prl_cli_act_items(act, part, query, &items, err);
	if (st)
		return st;
	*ret = json_incref(json_array_get(items, 0));
	json_decref(items);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "no notice %.60s", notice);
}

prl_status prl_cli_instant(const char *text, char ret[PRL_TIME_TEXT_MAX], prl_error *err)
{
	prl_time time = prl_clock_wall(NULL) / 1000000 * 1000000;
	prl_status st = text ? prl_time_parse(text, strlen(text), &time, err) : PRL_OK;
	if (!st)
		prl_time_format(time, ret);
	return st;
}

void prl_cli_set(json_t *body, const char *name, const char *text)
{
	if (text)
		(void)json_object_set_new(body, name, json_string(text));
}

void prl_cli_set_words(json_t *body, const char *words, const char *language)
{
	prl_cli_set(body, "words", words);
	if (words)
		prl_cli_set(body, "language", language ? language : "en");
}

const char *prl_cli_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

void prl_cli_age(json_int_t seconds, char ret[40])
{
	if (seconds < 60)
		(void)snprintf(ret, 40, "%lld s", (long long)seconds);
	else if (seconds < 3600)
		(void)snprintf(ret, 40, "%lld min", (long long)seconds / 60);
	else
		(void)snprintf(ret, 40, "%lld h %02lld min", (long long)seconds / 3600, (long long)seconds / 60 % 60);
}

prl_status prl_cli_print_items(json_t *items, prl_error *err)
{
	prl_status st = PRL_OK;
	json_t *one;
	size_t i;
	json_array_foreach(items, i, one)
	{
		if (!st)
			st = prl_cli_print_json(json_incref(one), err);
	}
	json_decref(items);
	return st;
}

/* ---- actions ----------------------------------------------------------------------------------------------------- */

static const cli_deed *find(const cli_deed *deeds, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(deeds[i].name, name))
			return &deeds[i];
	return NULL;
}

static int no_such_deed(const cli_verb *verb, const cli_deed *deeds, size_t count, const char *name)
{
	char all[300] = "";
	for (size_t i = 0; i < count; i++)
		(void)snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", deeds[i].name);
	prl_cli_say("%s: %s%s; expected %s", verb->name, name ? name : "nothing to do",
		    name ? " is not to be done" : "", all);
	return CLI_BAD;
}

int prl_cli_deeds_run(const cli_verb *verb, int argc, char **argv, cli_set_fn *set, const cli_deed *deeds, size_t count,
		      void *job, cli_act *act, const bool *found)
{
	prl_error err = { 0 };
	int operands, status = prl_cli_options(verb, argc, argv, set, job, &operands);
	if (status)
		return status;
	const cli_deed *deed = operands ? find(deeds, count, argv[0]) : NULL;
	if (!deed)
		return no_such_deed(verb, deeds, count, operands ? argv[0] : NULL);
	if (operands - 1 < deed->least || operands - 1 > deed->most) {
		prl_cli_say("%s: expected parley %s %s %s", verb->name, verb->name, deed->name, deed->operands);
		return CLI_BAD;
	}
	prl_status st = prl_cli_act_open(act, argv[1], &err);
	if (!st)
		st = deed->run(job, argv + 1, operands - 1, &err);
	status = prl_cli_act_end(act, verb->name, st, &err);
	return status ? status : found && *found ? CLI_FOUND : CLI_OK;
}

static prl_status bring_apart(cli_act *act, const json_t *notice, const json_t *details, json_t **ret, prl_error *err)
{
	static const char *const kept[] = { "audience", "disclosure" };
	draft d = { 0 };
	if (!prl_draft_begin(&d))
		return prl_error_memory(err);
	(void)json_object_update(d.details, (json_t *)(uintptr_t)details);
	for (size_t i = 0; i < 2; i++)
		if (json_object_get(notice, kept[i]))
			(void)json_object_set(d.terms, kept[i], json_object_get(notice, kept[i]));
	prl_status st = prl_draft_body(&d, act, ret, err);
	prl_draft_done(&d);
	return st;
}

prl_status prl_cli_details_update(cli_act *act, const json_t *notice, const json_t *details, const char *reason,
				  json_t **ret, prl_error *err)
{
	bool apart = json_object_get(notice, "content") != NULL;
	json_t *body = apart ? NULL : json_pack("{s:O}", "details", details);
	prl_status st = apart ? bring_apart(act, notice, details, &body, err) : body ? PRL_OK : prl_error_memory(err);
	if (st)
		return st;
	prl_cli_set(body, "notice", prl_cli_text(notice, "id"));
	prl_cli_set(body, "version", prl_cli_text(notice, "version"));
	if (reason)
		(void)json_object_set_new(body, "reason", json_pack("{s:s, s:s}", "words", reason, "language", "en"));
	*ret = body;
	return PRL_OK;
}

json_t *prl_cli_details_with_area(const json_t *notice, const json_t *area)
{
	json_t *details = json_deep_copy(json_object_get(notice, "details"));
	json_t *areas = json_object_get(details, "areas");
	if (!details || !json_is_object(area)) {
		json_decref(details);
		return NULL;
	}
	if (!areas)
		(void)json_object_set_new(details, "areas", areas = json_array());
	(void)json_array_append(areas, (json_t *)(uintptr_t)area);
	return details;
}
