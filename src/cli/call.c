#include "cli/call.h"

#include "base/error.h"

#include <stdlib.h>
#include <string.h>

static const cli_action *find_action(const cli_action *actions, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!actions[i].name || !strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	cli_call *call = context;
	const char *name = call->action->name;
	if (!(call->action->takes & CLI_TAKES(id)))
		return prl_error_set(err, PRL_E_UNSUPPORTED, "`parley %s %s` does not take it", call->verb,
				     name ? name : "");
	call->value[id] = value ? value : "";
	return PRL_OK;
}

static int bad_operands(const cli_call *call)
{
	const char *name = call->action->name;
	prl_cli_say("%s: expected parley %s%s%s %s", call->verb, call->verb, name ? " " : "", name ? name : "",
		    call->action->operands);
	return CLI_BAD;
}

int prl_cli_actions_run(const cli_verb *verb, const cli_action *actions, size_t count, int argc, char **argv)
{
	cli_call call = { .verb = verb->name };
	int skip = actions[0].name ? 1 : 0;
	call.action = argc > skip ? find_action(actions, count, argv[skip]) : NULL;
	if (!call.action) {
		prl_cli_say("%s: %s; `parley %s --help` shows what it takes", verb->name,
			    argc > 1 ? argv[1] : "no verb or operand given", verb->name);
		return CLI_BAD;
	}
	int status = prl_cli_options(verb, argc - skip, argv + skip, set_option, &call, &call.operand_count);
	if (status)
		return status;
	call.operands = argv + skip;
	if (call.operand_count < call.action->least || (call.action->most && call.operand_count > call.action->most))
		return bad_operands(&call);
	prl_error err = { 0 };
	prl_status st = call.action->run(&call, &err);
	if (st) {
		char source[80];
		snprintf(source, sizeof source, "%s%s%s", verb->name, call.action->name ? " " : "",
			 call.action->name ? call.action->name : "");
		prl_cli_say_error(source, &err);
	}
	return prl_cli_exit_status(st);
}

char *prl_cli_json_text(const json_t *json, size_t flags)
{
	char *text = json_dumps(json, flags | JSON_REAL_PRECISION(15));
	json_t *again = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
	if (again && !json_equal(again, json)) {
		free(text);
		text = json_dumps(json, flags);
	}
	json_decref(again);
	return text;
}

prl_status prl_cli_print_json(json_t *json, prl_error *err)
{
	char *text = json ? prl_cli_json_text(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return prl_error_memory(err);
	if (puts(text) < 0)
		prl_cli_output_failed();
	free(text);
	return PRL_OK;
}
