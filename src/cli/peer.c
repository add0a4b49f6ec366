/* parley peer: how it stands with the other nodes of the line, and where they are. */
#include "cli/call.h"
#include "cli/session.h"

#include "base/error.h"
#include "base/text.h"
#include "node/clock.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--desk", "KEY", "set: the desk's key that signs (default: the desk of node.json)", CLI_DESK },
	{ "--json", NULL, "list: one JSON object a line", CLI_JSON },
};

static long long number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

/* Seconds since a time of the node; -1 where there is none. */
static double seconds_since(const json_t *text)
{
	const char *time = json_string_value(text);
	prl_time at;
	if (!time || prl_time_parse(time, strlen(time), &at, NULL))
		return -1;
	double seconds = (double)(prl_clock_wall(NULL) - at) / (double)PRL_SECOND;
	return seconds < 0 ? 0 : seconds;
}

/* For how long the oldest entry that the peer is not known to hold has been waiting: our entry `acknowledged`. */
static double lag_seconds(cli_session *session, const json_t *peer)
{
	char path[100];
	json_t *answer = NULL;
	if (number_of(peer, "lag") == 0)
		return 0;
	snprintf(path, sizeof path, "/parley/v1/entries?from=%lld&count=1", number_of(peer, "acknowledged"));
	if (prl_client_get(session->client, path, &answer, NULL))
		return -1;
	const json_t *entry = json_array_get(json_object_get(answer, "entries"), 0);
	double seconds = seconds_since(json_object_get(entry, "time"));
	json_decref(answer);
	return seconds;
}

static void print_row(const json_t *peer, double lag_s)
{
	const char *address = json_string_value(json_object_get(peer, "address"));
	double heard_s = seconds_since(json_object_get(peer, "heard"));
	printf("%s  %s, %s", json_string_value(json_object_get(peer, "log")),
	       json_string_value(json_object_get(peer, "state")),
	       json_is_true(json_object_get(peer, "connected")) ? "connected" : "not connected");
	if (heard_s >= 0)
		printf(", heard %.0f s ago", heard_s);
	printf("\n  address  %s\n", address && *address ? address : "none: by file only");
	printf("  ours     it holds %lld entries", number_of(peer, "acknowledged"));
	if (number_of(peer, "lag"))
		printf(", %lld wait%s", number_of(peer, "lag"), number_of(peer, "lag") == 1 ? "s" : "");
	if (number_of(peer, "lag") && lag_s >= 0)
		printf(", the oldest for %.0f s", lag_s);
	printf("\n  theirs   %lld mirrored and cosigned here, %lld of them seen", number_of(peer, "mirrored"),
	       number_of(peer, "size"));
	if (number_of(peer, "faults"))
		printf(", %lld faulty", number_of(peer, "faults"));
	putchar('\n');
	const char *trouble = json_string_value(json_object_get(peer, "trouble"));
	if (trouble && *trouble)
		printf("  trouble  %s\n", trouble);
}

static prl_status print_peer(const cli_call *call, cli_session *session, const json_t *peer, prl_error *err)
{
	double lag_s = lag_seconds(session, peer);
	if (!call->value[CLI_JSON]) {
		print_row(peer, lag_s);
		return PRL_OK;
	}
	json_t *copy = json_copy((json_t *)(uintptr_t)peer);
	json_object_set_new(copy, "lag_s", lag_s < 0 ? json_null() : json_real(lag_s));
	return prl_cli_print_json(copy, err);
}

static prl_status run_list(const cli_call *call, prl_error *err)
{
	cli_session session;
	json_t *answer = NULL;
	const json_t *one;
	size_t i;
	prl_status st = prl_session_look(call->operands[0], &session, err);
	if (!st)
		st = prl_client_get(session.client, "/parley/v1/peers", &answer, err);
	json_array_foreach(json_object_get(answer, "peers"), i, one) st =
		st ? st : print_peer(call, &session, one, err);
	if (!st && !call->value[CLI_JSON] && !json_is_true(json_object_get(answer, "open")))
		printf("nothing is taken yet: no peer has said how far this log had come\n");
	json_decref(answer);
	prl_session_close(&session);
	return st;
}

/* ---- set --------------------------------------------------------------------------------------------------------- */

static prl_status check_origin(cli_session *session, const char *origin, prl_error *err)
{
	const json_t *peers = NULL, *one;
	size_t i;
	prl_status st = prl_session_array(session, "peers", &peers, err);
	if (st)
		return st;
	json_array_foreach(peers, i, one)
	{
		const char *log = json_string_value(json_object_get(one, "log"));
		if (log && !strcmp(log, origin))
			return PRL_OK;
	}
	return prl_error_set(err, PRL_E_NOT_FOUND, "the line has no other log %s; `parley peer list` shows them",
			     origin);
}

/* The form only; that https needs the constitution's pin, and http this machine, is the link's to say. */
static prl_status check_url(const char *url, prl_error *err)
{
	size_t scheme = !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	if (!scheme || !url[scheme] || strpbrk(url + scheme, "/?#@ \t") || strlen(url) > 300)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\": expected https://HOST:PORT without a path, or -",
				     url);
	return PRL_OK;
}

static prl_status file_address(const cli_call *call, cli_session *session, prl_error *err)
{
	const char *origin = call->operands[1], *url = call->operands[2];
	char name[PRL_KEY_NAME_MAX + 32];
	bool none = !strcmp(url, "-");
	prl_filed filed;
	snprintf(name, sizeof name, "peer/%.120s/address", origin);
	prl_status st = none ? PRL_OK : check_url(url, err);
	if (!st)
		st = check_origin(session, origin, err);
	if (!st)
		st = prl_session_file(
			session, "setting.changed",
			json_pack("{s:s, s:o}", "name", name, "value", none ? json_null() : json_string(url)), NULL,
			&filed, err);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_set(const cli_call *call, prl_error *err)
{
	cli_session session = { 0 };
	json_t *settings = NULL;
	const char *desk = call->value[CLI_DESK];
	prl_status st = desk ? PRL_OK : prl_home_settings(call->operands[0], &settings, err);
	if (!st && !desk)
		st = prl_home_setting(settings, "desk", &desk, err);
	if (!st)
		st = prl_session_open(call->operands[0], desk, &session, err);
	if (!st)
		st = file_address(call, &session, err);
	prl_session_close(&session);
	json_decref(settings);
	return st;
}

static const cli_action actions[] = {
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_JSON), run_list },
	{ "set", "FOLDER ORIGIN URL", 3, 3, CLI_TAKES(CLI_DESK), run_set },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

const cli_verb prl_cli_peer = {
	.name = "peer",
	.summary = "shows how it stands with the other nodes, and sets where they are",
	.usage = "parley peer list FOLDER [--json]\n"
		 "       parley peer set FOLDER ORIGIN URL [--desk KEY]",
	.details =
		"list  for each other log of the line: whether its node is reached, how many entries of ours it is "
		"known\n"
		"      to hold, how many wait and for how long, how many of its own are here\n"
		"set   this node looks for the other one at URL, not where the constitution says; - takes that back.\n"
		"      The pin of its certificate stays the constitution's\n"
		"\n"
		"The node of FOLDER must run.\n",
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
