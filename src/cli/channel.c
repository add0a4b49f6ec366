/* parley channel: the state of the channel, declared and observed; parley present: somebody is there. */
#include "cli/act.h"

#include "base/error.h"
#include "cli/typed.h"
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--key", "KEY", "who signs: a name, or a file that ends in .key (default: the console of node.json)",
	  CLI_KEY },
	{ "--rungs", "R,…", "declare, close: rungs of the ladder (default: all)", CLI_RUNGS },
	{ "--from", "TIME", "declare, close: from then on, RFC 3339 (default: now)", CLI_FROM },
	{ "--reason", "TEXT", "declare, close: for people; close needs one", CLI_REASON },
	{ "--call-back", "NUMBER", "declare, close: the telephone at which these rungs answer meanwhile",
	  CLI_CALL_BACK },
	{ "--second", "KEY", "close: the second person's key, a name or a file that ends in .key", CLI_SECOND },
	{ "--out", "FILE", "close: leave the entry with the first signature in FILE, for the second person", CLI_OUT },
	{ "--add-signature", "FILE", "close: sign the entry in FILE as the second person, and file it",
	  CLI_ADD_SIGNATURE },
	{ "--json", NULL, "print JSON, one object a line", CLI_JSON },
};

static json_t *body_of(const cli_call *call)
{
	return json_pack("{s:s, s:s*, s:s*, s:s*, s:o*}", "state", call->operands[1], "reason", call->value[CLI_REASON],
			 "from", call->value[CLI_FROM], "call_back", call->value[CLI_CALL_BACK], "rungs",
			 call->value[CLI_RUNGS] ? prl_typed_list(call->value[CLI_RUNGS]) : NULL);
}

static prl_status run_declare(const cli_call *call, prl_error *err)
{
	cli_act act;
	prl_filed filed;
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = prl_cli_act_file(&act, "channel.declared", body_of(call), &filed, err);
	prl_cli_act_close(&act);
	return st;
}

static prl_status file_closed(const cli_call *call, cli_act *act, prl_error *err)
{
	prl_signer second = { 0 };
	prl_filed filed;
	if (call->value[CLI_OUT]) {
		prl_status st =
			prl_session_write(&act->session, "channel.closed", body_of(call), call->value[CLI_OUT], err);
		if (!st)
			printf("signed once, not filed yet. The second person:\n  parley channel close %s "
			       "--add-signature %s --second KEY\n",
			       call->operands[0], call->value[CLI_OUT]);
		return st;
	}
	prl_status st = prl_home_signer(call->operands[0], call->value[CLI_SECOND], &second, err);
	if (!st)
		st = prl_session_file(&act->session, "channel.closed", body_of(call), &second, &filed, err);
	prl_signer_wipe(&second);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_close(const cli_call *call, prl_error *err)
{
	cli_act act;
	if (call->value[CLI_ADD_SIGNATURE])
		return prl_session_second(call, "channel.closed", err);
	if (call->operand_count != 2 || !call->value[CLI_SECOND] == !call->value[CLI_OUT])
		return prl_error_set(err, PRL_E_SYNTAX,
				     "expected FOLDER STATE, and either --second KEY or --out FILE: two people sign");
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = file_closed(call, &act, err);
	prl_cli_act_close(&act);
	return st;
}

/* ---- show -------------------------------------------------------------------------------------------------------- */

static const char *state_in(const json_t *rung, const char *which)
{
	return json_string_value(json_object_get(json_object_get(rung, which), "state"));
}

/* "test by ru: last 13:01:05Z, next 14:01:05Z" with dates. */
static void print_test(const json_t *test)
{
	const char *asked = json_string_value(json_object_get(test, "asked")),
		   *next = json_string_value(json_object_get(test, "next"));
	printf("  test by %s: last %s, next %s\n", json_string_value(json_object_get(test, "asked_by")),
	       asked ? asked : "never", next ? next : "not stated");
}

static void print_party(const json_t *item)
{
	const json_t *rung;
	size_t i;
	printf("%s: STOP %s\n", json_string_value(json_object_get(item, "party")),
	       json_string_value(json_object_get(item, "stop")));
	json_array_foreach(json_object_get(item, "rungs"), i, rung)
	{
		const json_t *age = json_object_get(json_object_get(rung, "observed"), "age_s");
		printf("  %-14s declared %-14s observed %s", json_string_value(json_object_get(rung, "rung")),
		       state_in(rung, "declared"), state_in(rung, "observed"));
		const char *number = json_string_value(json_object_get(json_object_get(rung, "declared"), "call_back"));
		if (age)
			printf(", %lld s ago", (long long)json_integer_value(age));
		if (number) {
			char shown[CLI_WORDS_MAX];
			prl_cli_words(number, shown);
			printf(", telephone %s", shown);
		}
		putchar('\n');
	}
	json_array_foreach(json_object_get(item, "tests"), i, rung) print_test(rung);
}

static prl_status run_show(const cli_call *call, prl_error *err)
{
	cli_act act;
	json_t *items = NULL;
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = prl_cli_act_items(&act, "channels", NULL, &items, err);
	for (size_t i = 0; i < json_array_size(items) && !st; i++) {
		if (act.json)
			st = prl_cli_print_json(json_incref(json_array_get(items, i)), err);
		else
			print_party(json_array_get(items, i));
	}
	json_decref(items);
	prl_cli_act_close(&act);
	return st;
}

#define DECLARES                                                                                                       \
	(CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_RUNGS) | CLI_TAKES(CLI_FROM) | CLI_TAKES(CLI_REASON) |                     \
	 CLI_TAKES(CLI_CALL_BACK))

static const cli_action actions[] = {
	{ "declare", "FOLDER open|limited", 2, 2, DECLARES | CLI_TAKES(CLI_JSON), run_declare },
	{ "close", "FOLDER suspended|ended", 1, 2,
	  DECLARES | CLI_TAKES(CLI_SECOND) | CLI_TAKES(CLI_OUT) | CLI_TAKES(CLI_ADD_SIGNATURE), run_close },
	{ "show", "FOLDER", 1, 1, CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_JSON), run_show },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_channel = {
	.name = "channel",
	.summary = "declares the state of the channel, and shows it beside what is observed",
	.usage = "parley channel declare|close|show FOLDER [STATE] [option…]",
	.details = "declare  the own end is open or limited\n"
		   "close    the own end is suspended or ended; two people sign\n"
		   "show     what each party has declared, and what is observed of it, a rung of the ladder each\n"
		   "\n"
		   "STOP, URGENT and DISTRESS pass in any state. The node of FOLDER must run.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};

/* ---- present ----------------------------------------------------------------------------------------------------- */

static const cli_option present_options[] = {
	{ "--key", "KEY", "who signs: a name, or a file that ends in .key (default: the console of node.json)",
	  CLI_KEY },
	{ "--ask", "PARTY,…", "a test message: these parties are to answer", CLI_ASK },
	{ "--answers", "ID", "answers the test message of this id", CLI_ANSWERS },
	{ "--json", NULL, "print JSON, one object a line", CLI_JSON },
};

static prl_status run_present(const cli_call *call, prl_error *err)
{
	cli_act act;
	prl_filed filed;
	prl_status st = prl_cli_act_open_call(call, &act, err);
	if (!st)
		st = prl_cli_act_file(&act, "person.present",
				      json_pack("{s:o*, s:s*}", "ask",
						call->value[CLI_ASK] ? prl_typed_list(call->value[CLI_ASK]) : NULL,
						"answers", call->value[CLI_ANSWERS]),
				      &filed, err);
	prl_cli_act_close(&act);
	return st;
}

static const cli_action present_action = {
	NULL,
	"FOLDER",
	1,
	1,
	CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_ASK) | CLI_TAKES(CLI_ANSWERS) | CLI_TAKES(CLI_JSON),
	run_present
};

static int present(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, &present_action, 1, argc, argv);
}

const cli_verb prl_cli_present = {
	.name = "present",
	.summary = "says that somebody is there; asks and answers test messages",
	.usage = "parley present FOLDER [option…]",
	.details =
		"Whatever a person signs shows that somebody is there; this does nothing else. The node of FOLDER must "
		"run.\n",
	.options = present_options,
	.option_count = sizeof present_options / sizeof *present_options,
	.run = present,
};
