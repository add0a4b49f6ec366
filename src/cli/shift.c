/* parley shift: who is on watch, at which desk, in which role. */
#include "cli/act.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/open_items.h"
#include "cli/typed.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--key", "KEY", "who signs: a name, or a file that ends in .key (default: the console of node.json)",
	  CLI_KEY },
	{ "--languages", "L,…", "begin, hand-over: languages that the person has, BCP 47 (default: en)",
	  CLI_LANGUAGES },
	{ "--reason", "TEXT", "end: for people", CLI_REASON },
	{ "--second", "KEY", "hand-over: the key of who comes, a name or a file that ends in .key", CLI_SECOND },
	{ "--out", "FILE", "hand-over: leave the entry with the first signature in FILE, for who comes", CLI_OUT },
	{ "--add-signature", "FILE", "hand-over: sign the entry in FILE as who comes, and file it", CLI_ADD_SIGNATURE },
	{ "--all", NULL, "list: those that have ended too", CLI_ALL },
	{ "--json", NULL, "print JSON, one object a line", CLI_JSON },
};

static prl_status run_begin(const cli_call *call, prl_error *err)
{
	cli_act act;
	prl_filed filed;
	const char *languages = call->value[CLI_LANGUAGES] ? call->value[CLI_LANGUAGES] : "en";
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = prl_cli_act_file(&act, "shift.begun",
				      json_pack("{s:s, s:o}", "role",
						call->operand_count > 1 ? call->operands[1] : "desk", "languages",
						prl_typed_list(languages)),
				      &filed, err);
	prl_cli_act_close(&act);
	return st;
}

/* The shift that is on by this key. */
static prl_status own_shift(cli_act *act, char id[PRL_HASH_TEXT_MAX], prl_error *err)
{
	json_t *items = NULL;
	const json_t *one;
	size_t i;
	const char *key = act->session.signer.verifier.name;
	prl_status st = prl_cli_act_items(act, "shifts", NULL, &items, err);
	if (st)
		return st;
	id[0] = 0;
	json_array_foreach(items, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "key")), key) == 0)
			snprintf(id, PRL_HASH_TEXT_MAX, "%s", json_string_value(json_object_get(one, "id")));
	}
	json_decref(items);
	return id[0] ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "key %s is not on watch", key);
}

static prl_status run_end(const cli_call *call, prl_error *err)
{
	cli_act act;
	prl_filed filed;
	char id[PRL_HASH_TEXT_MAX];
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st && call->operand_count > 1)
		snprintf(id, sizeof id, "%s", call->operands[1]);
	else if (!st)
		st = own_shift(&act, id, err);
	if (!st)
		st = prl_cli_act_file(&act, "shift.ended",
				      json_pack("{s:s, s:s*}", "shift", id, "reason", call->value[CLI_REASON]), &filed,
				      err);
	prl_cli_act_close(&act);
	return st;
}

/* ---- hand-over --------------------------------------------------------------------------------------------------- */

static prl_status put_items(cli_act *act, const char *part, json_t *to, prl_error *err)
{
	json_t *items = NULL;
	prl_status st = prl_cli_act_items(act, part, NULL, &items, err);
	return !st && json_object_set_new(to, part, items) ? prl_error_memory(err) : st;
}

/* Calls, alarms, movements under way, queries, meetings: all that the list is made of. */
static prl_status fetch_open(cli_act *act, json_t *to, prl_error *err)
{
	json_t *answer = NULL;
	prl_status st = prl_client_get(act->session.client, "/parley/v1/calls", &answer, err);
	if (!st && json_object_set(to, "calls", json_object_get(answer, "items")))
		st = prl_error_memory(err);
	json_decref(answer);
	if (!st)
		st = put_items(act, "alarms", to, err);
	for (size_t i = 0; i < PRL_OPEN_PARTS && !st; i++)
		st = put_items(act, prl_open_parts[i], to, err);
	return st;
}

/* What is open for this party, a line each: what both have seen, by its hash. */
static prl_status open_items(cli_act *act, json_t **ret, prl_error *err)
{
	json_t *all = json_object();
	const json_t *one;
	prl_chain chain;
	size_t i;
	prl_status st = all ? fetch_open(act, all, err) : prl_error_memory(err);
	if (!st)
		st = prl_client_chain(act->session.client, act->session.signer.verifier.name, &chain, err);
	json_t *items = st ? NULL : prl_open_items(all, chain.party);
	json_decref(all);
	if (st)
		return st;
	json_array_foreach(items, i, one)
	{
		if (!act->json)
			printf("open: %s\n", json_string_value(one));
	}
	*ret = items ? prl_open_hash(items) : NULL;
	json_decref(items);
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_status hand_over_body(const cli_call *call, cli_act *act, json_t **ret, prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX];
	json_t *open = NULL;
	prl_status st = own_shift(act, id, err);
	if (!st)
		st = open_items(act, &open, err);
	if (st)
		return st;
	json_t *languages = call->value[CLI_LANGUAGES] ? prl_typed_list(call->value[CLI_LANGUAGES]) : NULL;
	*ret = json_pack("{s:s, s:s, s:o, s:o*}", "shift", id, "to", call->operands[1], "open", open, "languages",
			 languages);
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_status file_hand_over(const cli_call *call, cli_act *act, json_t *body, prl_error *err)
{
	prl_signer second = { 0 };
	prl_filed filed;
	if (call->value[CLI_OUT]) {
		prl_status st = prl_session_write(&act->session, "shift.handed_over", body, call->value[CLI_OUT], err);
		if (!st)
			printf("signed once, not filed yet. Who comes:\n  parley shift hand-over %s --add-signature %s "
			       "--second %s\n",
			       call->operands[0], call->value[CLI_OUT], call->operands[1]);
		return st;
	}
	prl_status st = prl_home_signer(call->operands[0], call->value[CLI_SECOND], &second, err);
	if (!st)
		st = prl_session_file(&act->session, "shift.handed_over", body, &second, &filed, err);
	else
		json_decref(body);
	prl_signer_wipe(&second);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_hand_over(const cli_call *call, prl_error *err)
{
	cli_act act;
	json_t *body = NULL;
	if (call->value[CLI_ADD_SIGNATURE])
		return prl_session_second(call, "shift.handed_over", err);
	if (call->operand_count != 2 || !call->value[CLI_SECOND] == !call->value[CLI_OUT])
		return prl_error_set(err, PRL_E_SYNTAX,
				     "expected FOLDER TO, and either --second KEY or --out FILE: two people sign");
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = hand_over_body(call, &act, &body, err);
	if (!st)
		st = file_hand_over(call, &act, body, err);
	prl_cli_act_close(&act);
	return st;
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

static const char *text_in(const json_t *item, const char *name)
{
	const char *text = json_string_value(json_object_get(item, name));
	return text ? text : "not stated";
}

static void print_row(const json_t *shift)
{
	const json_t *ended = json_object_get(shift, "ended"), *language;
	size_t i;
	printf("%-20s %-12s since %s", text_in(shift, "key"), text_in(shift, "role"), text_in(shift, "since"));
	json_array_foreach(json_object_get(shift, "languages"), i, language)
		printf("%s%s", i ? "," : "  ", json_string_value(language));
	if (ended)
		printf("  ended %s", text_in(ended, "time"));
	printf("  %s\n", text_in(shift, "id"));
}

static prl_status run_list(const cli_call *call, prl_error *err)
{
	cli_act act;
	json_t *items = NULL;
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = prl_cli_act_items(&act, "shifts", call->value[CLI_ALL] ? "all=1" : NULL, &items, err);
	for (size_t i = 0; i < json_array_size(items) && !st; i++) {
		if (act.json)
			st = prl_cli_print_json(json_incref(json_array_get(items, i)), err);
		else
			print_row(json_array_get(items, i));
	}
	if (!st && !act.json && !json_array_size(items))
		puts("nobody is on watch");
	json_decref(items);
	prl_cli_act_close(&act);
	return st;
}

static const cli_action actions[] = {
	{ "begin", "FOLDER [ROLE]", 1, 2, CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_LANGUAGES) | CLI_TAKES(CLI_JSON),
	  run_begin },
	{ "end", "FOLDER [SHIFT]", 1, 2, CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_REASON) | CLI_TAKES(CLI_JSON), run_end },
	{ "hand-over", "FOLDER TO", 1, 2,
	  CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_LANGUAGES) | CLI_TAKES(CLI_SECOND) | CLI_TAKES(CLI_OUT) |
		  CLI_TAKES(CLI_ADD_SIGNATURE),
	  run_hand_over },
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_ALL) | CLI_TAKES(CLI_JSON), run_list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_shift = {
	.name = "shift",
	.summary = "begins, ends, hands over and lists shifts",
	.usage = "parley shift begin|end|hand-over|list FOLDER [ROLE|SHIFT|TO] [option…]",
	.details = "begin      on watch from now on. ROLE: desk (default), deputy, \"duty colonel\", director, "
		   "commander,\n"
		   "           chief, minister\n"
		   "end        no longer on watch; SHIFT for a colleague's who has left (default: that of the key)\n"
		   "hand-over  to the key TO of a colleague, who signs too. Prints what is open: both have seen it\n"
		   "list       who is on watch now, of all parties\n"
		   "\n"
		   "The node of FOLDER must run.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
