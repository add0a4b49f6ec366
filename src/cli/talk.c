#include "cli/talk.h"

#include "base/error.h"
#include "cli/ack.h"
#include "cli/draft.h"
#include "cli/typed.h"

#include <stdio.h>
#include <string.h>

#define ID_LEAST 4  /* characters of an id that are enough */
#define ID_SHOWN 10 /* that are printed */

/* ---- options ----------------------------------------------------------------------------------------------------- */

static prl_status add(const char **list, size_t *count, const char *value, prl_error *err)
{
	if (*count == TALK_LIST_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %d", TALK_LIST_MAX);
	list[(*count)++] = value;
	return PRL_OK;
}

prl_status prl_talk_option(int id, const char *value, void *context, prl_error *err)
{
	talk_job *job = context;
	switch (id) {
	case TALK_TO:
		return add(job->to, &job->to_count, value, err);
	case TALK_AGENDA:
		return add(job->agenda, &job->agenda_count, value, err);
	case TALK_PERSON:
		return add(job->person, &job->person_count, value, err);
	case TALK_ALSO:
		return add(job->also, &job->also_count, value, err);
	case TALK_URGENT:
		job->urgent = true;
		return PRL_OK;
	default:
		if (id >= CLI_ACT_KEY)
			return prl_cli_act_option(&job->act, id, value, err);
		job->text[id] = value;
		return PRL_OK;
	}
}

/* ---- bodies ------------------------------------------------------------------------------------------------------ */

void prl_talk_words(const talk_job *job, json_t *body, const char *name, const char *words)
{
	json_t *text = words ? json_object() : NULL;
	if (!text)
		return;
	prl_cli_set_words(text, words, job->text[TALK_LANGUAGE]);
	(void)json_object_set_new(body, name, text);
}

prl_status prl_talk_common(talk_job *job, json_t *body, prl_error *err)
{
	json_t *to = json_array(), *notice = NULL;
	for (size_t i = 0; i < job->to_count; i++)
		json_array_append_new(to, json_string(job->to[i]));
	if (job->to_count)
		(void)json_object_set(body, "to", to);
	json_decref(to);
	if (job->text[TALK_PLACE])
		(void)json_object_set_new(body, "place", json_pack("{s:s}", "name", job->text[TALK_PLACE]));
	if (!job->text[TALK_NOTICE])
		return PRL_OK;
	prl_status st = prl_cli_notice(&job->act, "receipts", job->text[TALK_NOTICE], &notice, err);
	if (!st)
		prl_cli_set(body, "notice", prl_cli_text(notice, "notice"));
	json_decref(notice);
	return st;
}

prl_status prl_talk_time(const talk_job *job, int option, json_t *body, const char *name, prl_error *err)
{
	json_t *time = NULL;
	if (!job->text[option])
		return PRL_OK;
	prl_status st = prl_typed_time_json(job->text[option], prl_draft_clock(), &time, err);
	if (!st)
		(void)json_object_set_new(body, name, time);
	return st;
}

prl_status prl_talk_area(const talk_job *job, json_t *body, prl_error *err)
{
	double radius_m;
	const char *position = job->text[TALK_POSITION], *radius = job->text[TALK_RADIUS];
	if (!position && !radius)
		return PRL_OK;
	if (!position || !radius)
		return prl_error_set(err, PRL_E_SYNTAX, "an area needs --position and --radius");
	prl_status st = prl_typed_distance(radius, &radius_m, err);
	if (!st)
		(void)json_object_set_new(body, "areas",
					  json_pack("[{s:s, s:f}]", "place", position, "radius_m", radius_m));
	return st;
}

prl_status prl_talk_instrument(const talk_job *job, json_t *body, prl_error *err)
{
	const char *name = job->text[TALK_INSTRUMENT], *clause = job->text[TALK_CLAUSE];
	json_t *instrument = name ? json_object() : NULL;
	if (clause && !name)
		return prl_error_set(err, PRL_E_SYNTAX, "--clause needs --instrument");
	if (!instrument)
		return PRL_OK;
	prl_cli_set(instrument, "name", name);
	prl_cli_set(instrument, "clause", clause);
	(void)json_object_set_new(body, "instrument", instrument);
	return PRL_OK;
}

prl_status prl_talk_find(talk_job *job, const char *part, const char *id, json_t **ret, prl_error *err)
{
	json_t *items = NULL, *one, *found = NULL;
	size_t i, count = 0, length = strlen(id);
	if (length < ID_LEAST)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.20s\" is too short; expected an id, or its first %d characters", id,
				     ID_LEAST);
	prl_status st = prl_cli_act_items(&job->act, part, NULL, &items, err);
	if (st)
		return st;
	json_array_foreach(items, i, one)
	{
		if (strncmp(prl_cli_text(one, "id"), id, length) != 0)
			continue;
		found = one;
		count++;
	}
	if (count == 1) {
		job->act.session.mode = prl_ack_mode(found);
		*ret = json_incref(found);
	}
	json_decref(items);
	if (count > 1)
		return prl_error_set(err, PRL_E_REFUSED, "%zu ids of %s begin with %.60s", count, part, id);
	return count ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "no id of %s begins with %.60s", part, id);
}

prl_status prl_talk_about(talk_job *job, const char *part, const char *member, const char *id, const char *says,
			  const char *words, json_t **ret, prl_error *err)
{
	json_t *about = NULL;
	prl_status st = prl_talk_find(job, part, id, &about, err);
	if (st)
		return st;
	*ret = json_pack("{s:s, s:s}", member, prl_cli_text(about, "id"), "says", says);
	json_decref(about);
	prl_talk_words(job, *ret, "text", words);
	return *ret ? PRL_OK : prl_error_memory(err);
}

prl_status prl_talk_file(talk_job *job, prl_status st, const char *kind, json_t *body, prl_error *err)
{
	prl_filed filed;
	if (!st)
		return prl_cli_act_file(&job->act, kind, body, &filed, err);
	json_decref(body);
	return st;
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

const char *prl_talk_text(const json_t *object, const char *name)
{
	return prl_cli_text(json_object_get(object, name), "words");
}

void prl_talk_print_said(const json_t *item)
{
	const json_t *said = json_object_get(item, "said"), *one;
	size_t i;
	json_array_foreach(said, i, one)
	{
		const char *says = prl_cli_text(one, "says"), *words = prl_talk_text(one, "text");
		printf("  %s, %s: %s%s%s\n", prl_cli_text(one, "party"), prl_cli_text(one, "time"), says,
		       *says && *words ? ": " : "", words);
	}
}

prl_status prl_talk_list(talk_job *job, const char *part, prl_talk_print *fn, prl_error *err)
{
	json_t *items = NULL, *one;
	size_t i;
	prl_status st = prl_cli_act_items(&job->act, part, NULL, &items, err);
	if (st)
		return st;
	if (job->act.json)
		return prl_cli_print_items(items, err);
	json_array_foreach(items, i, one)
	{
		const char *mode = prl_cli_text(one, "mode");
		printf("%.*s  %s  %s%s%s\n", ID_SHOWN, prl_cli_text(one, "id"), prl_cli_text(one, "time"),
		       prl_cli_text(one, "party"), strcmp(mode, "REAL") != 0 ? "  " : "",
		       strcmp(mode, "REAL") != 0 ? mode : "");
		fn(one);
	}
	json_decref(items);
	return PRL_OK;
}

int prl_talk_run(const cli_verb *verb, int argc, char **argv, const cli_deed *deeds, size_t count)
{
	talk_job job = { 0 };
	return prl_cli_deeds_run(verb, argc, argv, prl_talk_option, deeds, count, &job, &job.act, NULL);
}
