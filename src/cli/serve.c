/* parley serve: runs a node until it is told to stop. */
#include "cli/cli.h"

#include "base/error.h"
#include "node/node.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct serve_job {
	prl_node_options node;
	cli_progress progress;
} serve_job;

enum {
	LISTEN,
	ALONE,
	REPLAY,
	DSS_ISSUER,
	DSS_AUDIENCE,
	DSS_KEY_FILE,
	DSS_JWKS,
	DSS_JWKS_KID,
	DSS_HTTP,
	DSS_USS_ID,
	DSS_BASE_URL,
	DSS_TOKEN,
	DSS_DEV
};

static const cli_option options[] = {
	{ "--listen", "ADDRESS:PORT",
	  "where to listen (default: as node.json says, else 127.0.0.1:8440). Beyond this\n"
	  "machine only with the TLS certificate that node.json names",
	  LISTEN },
	{ "--alone", NULL,
	  "take entries even when no peer answers how far this log had come. This is\n"
	  "recorded. Not after a backup was put back: the log might get a second history",
	  ALONE },
	{ "--replay", NULL, "make the picture from every entry, without the snapshot", REPLAY },
	{ "--dss-audience", "NAME[,NAME…]",
	  "F3548: \"aud\" of the tokens that are taken, mostly the host name that USSs\n"
	  "call, without the port. May be given again",
	  DSS_AUDIENCE },
	{ "--dss-issuer", "NAME[,NAME…]",
	  "F3548: \"iss\" of the tokens that are taken (default: any issuer whose key is\n"
	  "trusted). May be given again",
	  DSS_ISSUER },
	{ "--dss-key-file", "FILE",
	  "F3548: trusts the public keys in FILE, PEM: RSA from 2,048 bits or EC P-256.\n"
	  "May be given again",
	  DSS_KEY_FILE },
	{ "--dss-jwks", "URL",
	  "F3548: trusts the keys of the JSON Web Key Set at URL, fetched every minute\n"
	  "and kept for an hour where it does not answer; https, or http on loopback",
	  DSS_JWKS },
	{ "--dss-jwks-kid", "KID[,KID…]", "F3548: of that set only these keys. May be given again", DSS_JWKS_KID },
	{ "--dss-http-base-urls", NULL, "F3548: takes http:// as uss_base_url too, for tests", DSS_HTTP },
	{ "--dss-uss-id", "NAME",
	  "F3548: the manager of the constraints that this node shows (default: parley. and\n"
	  "the name of its log)",
	  DSS_USS_ID },
	{ "--dss-base-url", "URL",
	  "F3548: where USSs reach this node, written into those constraints (default: the\n"
	  "address at which it listens)",
	  DSS_BASE_URL },
	{ "--dss-token-command", "COMMAND",
	  "F3548: run by sh for a token of the node's own, with which it calls USSs: tells\n"
	  "them of its constraints, asks for details of intents. PARLEY_TOKEN_AUDIENCE and\n"
	  "PARLEY_TOKEN_SCOPE say for whom and for what; it prints a JWT within 10 s",
	  DSS_TOKEN },
	{ "--dss-dev", NULL,
	  "F3548: development mode, loopback only: makes a key in FOLDER at first use and\n"
	  "trusts the tokens that `parley token` mints with it; \"localhost\" is an audience",
	  DSS_DEV },
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	serve_job *job = context;
	prl_dss_options *dss = &job->node.dss;
	switch (id) {
	case DSS_ISSUER:
		return prl_dss_list_add(&dss->issuers, value, err);
	case DSS_AUDIENCE:
		return prl_dss_list_add(&dss->audiences, value, err);
	case DSS_KEY_FILE:
		return prl_dss_options_add_key_file(dss, value, err);
	case DSS_JWKS_KID:
		return prl_dss_list_add(&dss->jwks_kids, value, err);
	case DSS_JWKS:
		dss->jwks_url = value;
		break;
	case DSS_HTTP:
		dss->http_base_urls = true;
		break;
	case DSS_USS_ID:
		dss->uss_id = value;
		break;
	case DSS_BASE_URL:
		dss->base_url = value;
		break;
	case DSS_TOKEN:
		dss->token_command = value;
		break;
	case DSS_DEV:
		dss->dev = true;
		break;
	case LISTEN:
		job->node.listen = value;
		break;
	case ALONE:
		job->node.alone = true;
		break;
	default:
		job->node.replay = true;
	}
	return PRL_OK;
}

/* A line for the person who looks after the node, with the time in UTC. */
static void say(void *context, const char *line)
{
	serve_job *job = context;
	struct timespec now;
	char time[PRL_TIME_TEXT_MAX];
	clock_gettime(CLOCK_REALTIME, &now);
	prl_time_format((prl_time)now.tv_sec * PRL_SECOND + now.tv_nsec / 1000000 * 1000000, time);
	prl_cli_progress_clear(&job->progress);
	fprintf(stderr, "%s %s\n", time, line);
}

static void progress(void *context, const char *what, double share)
{
	serve_job *job = context;
	prl_cli_progress_draw(&job->progress, what, share);
}

/* SIGTERM and SIGINT end the node: both are blocked in every thread and waited for here. */
static void wait_for_the_end(const sigset_t *ends)
{
	int signal_number;
	while (sigwait(ends, &signal_number) != 0)
		continue;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	serve_job job = { .node = { .say = say, .progress = progress } };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (status)
		return status;
	if (operands != 1) {
		prl_cli_say("serve: expected one folder, made by `parley init`");
		return CLI_BAD;
	}
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	job.node.folder = argv[0];
	job.node.context = &job;
	job.progress = prl_cli_progress(true);
	prl_node *node = NULL;
	prl_error err = { 0 };
	prl_status st = prl_node_start(&job.node, &node, &err);
	prl_cli_progress_clear(&job.progress);
	if (st) {
		prl_cli_say_error("serve", &err);
		if (st == PRL_E_NOT_FOUND)
			prl_cli_say("serve: `parley init` makes a node's folder and opens its log");
		return prl_cli_exit_status(st);
	}
	printf("listening on %s\n", prl_node_address(node));
	fflush(stdout);
	wait_for_the_end(&ends);
	prl_node_stop(node);
	return CLI_OK;
}

static const char details[] =
	"The folder holds the record, the keys and the settings of one node; `parley init` makes it.\n"
	"Ctrl-C or SIGTERM ends it; nothing that was answered is lost by a kill either.\n";

const cli_verb prl_cli_serve = {
	.name = "serve",
	.summary = "runs a node: keeps the record, speaks with peers and clients",
	.usage = "parley serve FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
