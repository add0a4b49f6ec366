/* parley desk: the desks of a party. */
#include "cli/call.h"
#include "cli/session.h"

#include "base/error.h"
#include "node/keys.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const cli_option options[] = {
	{ "--root", "KEY", "the party's root key: a name, or a file that ends in .key (default: PARTY/root)",
	  CLI_ROOT },
	{ "--second", "KEY", "close: the second person's key, a name or a file that ends in .key", CLI_SECOND },
	{ "--out", "FILE", "close: leave the entry with the root's signature in FILE, for the second person", CLI_OUT },
	{ "--add-signature", "FILE", "close: sign the entry in FILE as the second person, and file it",
	  CLI_ADD_SIGNATURE },
	{ "--title", "TEXT", "open: what the desk is, for people (default: its name)", CLI_TITLE },
	{ "--reason", "TEXT", "close: for people", CLI_REASON },
	{ "--json", NULL, "list: one JSON object a line", CLI_JSON },
};

static prl_status open_root(const cli_call *call, cli_session *ret, prl_error *err)
{
	json_t *settings = NULL;
	const char *party = NULL;
	char name[PRL_KEY_NAME_MAX + 8];
	*ret = (cli_session){ 0 };
	prl_status st = prl_home_settings(call->operands[0], &settings, err);
	if (!st)
		st = prl_home_setting(settings, "party", &party, err);
	if (!st) {
		snprintf(name, sizeof name, "%.120s/root", party);
		st = prl_session_open(call->operands[0], call->value[CLI_ROOT] ? call->value[CLI_ROOT] : name, ret,
				      err);
	}
	json_decref(settings);
	return st;
}

/* ---- open -------------------------------------------------------------------------------------------------------- */

static prl_status file_opened(const cli_call *call, cli_session *session, prl_error *err)
{
	const char *folder = call->operands[0], *name = call->operands[1];
	prl_verifier key;
	prl_filed filed;
	char path[PRL_KEY_PATH_MAX];
	prl_status st = prl_home_key_new(folder, name, name, PRL_KEY_NOTE, &key, err);
	if (st)
		return st;
	st = prl_session_file(session, "desk.opened",
			      json_pack("{s:s, s:s, s:o}", "desk", name, "title",
					call->value[CLI_TITLE] ? call->value[CLI_TITLE] : name, "key",
					prl_home_vkey(&key)),
			      NULL, &filed, err);
	if (st && st != PRL_E_IO && !prl_key_path(folder, name, path, NULL))
		unlink(path); /* refused: nobody will ever know this key */
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_open(const cli_call *call, prl_error *err)
{
	cli_session session;
	prl_status st = open_root(call, &session, err);
	if (!st)
		st = file_opened(call, &session, err);
	prl_session_close(&session);
	return st;
}

/* ---- close ------------------------------------------------------------------------------------------------------- */

static json_t *closed_body(const cli_call *call)
{
	json_t *body = json_pack("{s:s}", "desk", call->operands[1]);
	if (body && call->value[CLI_REASON])
		json_object_set_new(body, "reason", json_string(call->value[CLI_REASON]));
	return body;
}

static prl_status file_closed(const cli_call *call, cli_session *session, prl_error *err)
{
	prl_signer second = { 0 };
	prl_filed filed;
	if (call->value[CLI_OUT]) {
		prl_status st = prl_session_write(session, "desk.closed", closed_body(call), call->value[CLI_OUT], err);
		if (!st)
			printf("signed once, not filed yet. The second person:\n  parley desk close %s --add-signature "
			       "%s --second KEY\n",
			       call->operands[0], call->value[CLI_OUT]);
		return st;
	}
	prl_status st = prl_home_signer(call->operands[0], call->value[CLI_SECOND], &second, err);
	if (!st)
		st = prl_session_file(session, "desk.closed", closed_body(call), &second, &filed, err);
	prl_signer_wipe(&second);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_close(const cli_call *call, prl_error *err)
{
	cli_session session;
	if (call->value[CLI_ADD_SIGNATURE])
		return prl_session_second(call, "desk.closed", err);
	if (call->operand_count != 2 || !call->value[CLI_SECOND] == !call->value[CLI_OUT])
		return prl_error_set(err, PRL_E_SYNTAX,
				     "expected FOLDER NAME, and either --second KEY or --out FILE: two people sign");
	prl_status st = open_root(call, &session, err);
	if (!st)
		st = file_closed(call, &session, err);
	prl_session_close(&session);
	return st;
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

static void print_row(const json_t *desk)
{
	const json_t *closed = json_object_get(desk, "closed");
	printf("%-28s %-8s ", json_string_value(json_object_get(desk, "name")),
	       json_string_value(json_object_get(desk, "party")));
	if (json_is_integer(closed))
		printf("closed before entry %lld", (long long)json_integer_value(closed));
	else
		printf("open");
	printf("  %s\n", json_string_value(json_object_get(desk, "title")));
}

static prl_status run_list(const cli_call *call, prl_error *err)
{
	return prl_session_list(call, "desks", print_row, err);
}

static const cli_action actions[] = {
	{ "open", "FOLDER NAME", 2, 2, CLI_TAKES(CLI_ROOT) | CLI_TAKES(CLI_TITLE), run_open },
	{ "close", "FOLDER NAME", 1, 2,
	  CLI_TAKES(CLI_ROOT) | CLI_TAKES(CLI_SECOND) | CLI_TAKES(CLI_REASON) | CLI_TAKES(CLI_OUT) |
		  CLI_TAKES(CLI_ADD_SIGNATURE),
	  run_close },
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_JSON), run_list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_desk = {
	.name = "desk",
	.summary = "opens, closes and lists desks",
	.usage = "parley desk open|close|list FOLDER [NAME] [option…]",
	.details = "open   makes the desk's key in the folder; the party's root key signs. NAME is PARTY-…\n"
		   "close  no key of the desk is valid any more; the root key and a second person sign\n"
		   "list   desks of all parties\n"
		   "\n"
		   "The node of FOLDER must run.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
