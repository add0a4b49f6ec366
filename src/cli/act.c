#include "cli/act.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

static prl_status set_mode(cli_act *act, const char *value, prl_error *err)
{
	static const char *const names[] = { "REAL", "EXERCISE", "TEST" };
	for (int i = 0; i < 3; i++)
		if (!strcmp(value, names[i])) {
			act->mode = (prl_mode)i;
			act->has_mode = true;
			return PRL_OK;
		}
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is no mode; expected REAL, EXERCISE or TEST", value);
}

prl_status prl_cli_act_option(cli_act *act, int id, const char *value, prl_error *err)
{
	switch (id) {
	case CLI_ACT_MODE:
		return set_mode(act, value, err);
	case CLI_ACT_KEY:
		act->key = value;
		return PRL_OK;
	default:
		act->json = true;
		return PRL_OK;
	}
}

prl_status prl_cli_act_open(cli_act *act, const char *folder, prl_error *err)
{
	json_t *settings = NULL;
	const char *key = act->key;
	prl_status st = key ? PRL_OK : prl_home_settings(folder, &settings, err);
	if (st == PRL_E_NOT_FOUND)
		st = prl_error_set(err, st, "%s is no node's folder (it has no node.json)", folder);
	if (!st && !key)
		st = prl_home_setting(settings, "console", &key, err);
	if (!st)
		st = prl_session_open(folder, key, &act->session, err);
	if (!st && act->has_mode)
		act->session.mode = act->mode;
	json_decref(settings);
	return st;
}

prl_status prl_cli_act_open_call(const cli_call *call, cli_act *ret, prl_error *err)
{
	*ret = (cli_act){ .key = call->value[CLI_KEY], .json = call->value[CLI_JSON] != NULL };
	return prl_cli_act_open(ret, call->operands[0], err);
}

void prl_cli_act_close(cli_act *act)
{
	prl_session_close(&act->session);
}

prl_status prl_cli_act_file(cli_act *act, const char *kind, json_t *body, prl_filed *ret, prl_error *err)
{
	prl_status st = prl_session_file(&act->session, kind, body, NULL, ret, err);
	if (st)
		return st;
	if (act->json)
		printf("{\"log\": \"%s\", \"index\": %llu, \"size\": %llu}\n", ret->log, (unsigned long long)ret->index,
		       (unsigned long long)ret->size);
	else
		prl_session_print_filed(ret);
	fflush(stdout);
	return PRL_OK;
}

prl_status prl_cli_act_items(cli_act *act, const char *part, const char *query, json_t **ret, prl_error *err)
{
	char path[1000];
	json_t *answer = NULL;
	int length = snprintf(path, sizeof path, "/parley/v1/line/%s%s%s", part, query ? "?" : "", query ? query : "");
	if (length < 0 || (size_t)length >= sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "what is asked for is too long");
	prl_status st = prl_client_get(act->session.client, path, &answer, err);
	if (st)
		return st;
	*ret = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the node's answer has no items");
}

int prl_cli_act_end(cli_act *act, const char *verb, prl_status status, const prl_error *err)
{
	prl_cli_act_close(act);
	if (!status)
		return CLI_OK;
	prl_cli_say_error(verb, err);
	return prl_cli_exit_status(status);
}
