/* parley token: mints a token of the F3548 interface's development mode. */
#include "cli/cli.h"

#include "base/error.h"
#include "base/text.h"
#include "node/clock.h"
#include "node/dev_key.h"
#include "node/jwt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct token_job {
	prl_dev_claims claims;
	prl_buffer scope;
	bool public_key;
} token_job;

enum { SUB, SCOPE, AUD, ISS, FOR, PUBLIC_KEY };

static const cli_option options[] = {
	{ "--sub", "NAME", "who the token is for: the USS, as manager of what it writes", SUB },
	{ "--scope", "SCOPE[,SCOPE…]", "what it is for, as utm.strategic_coordination; may be given again", SCOPE },
	{ "--aud", "NAME[,NAME…]", "who should take it (default: localhost); may be given again", AUD },
	{ "--iss", "NAME", "who minted it (default: " PRL_DEV_KEY_ISSUER ")", ISS },
	{ "--for", "TIME", "until it expires: 90s, 30m, 1h (default and most: 1h)", FOR },
	{ "--public-key", NULL, "no token: the public key, PEM, for others that should take the same tokens",
	  PUBLIC_KEY },
};

/* "90s", "30m", "1h": at most an hour, since no node takes more. */
static prl_status time_read(const char *text, int64_t *ret, prl_error *err)
{
	size_t size = strlen(text);
	char unit = size ? text[size - 1] : 0;
	int64_t factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
	uint64_t count = 0;
	if (!factor || !prl_decimal_read((prl_bytes){ text, size - 1 }, &count) || count == 0 ||
	    count > PRL_JWT_HOUR_S / (uint64_t)factor)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is no time, expected 1s to 1h, as 90s or 30m", text);
	*ret = (int64_t)count * factor;
	return PRL_OK;
}

/* Scopes with commas or spaces between them become one text with spaces. */
static prl_status scope_add(prl_buffer *scope, const char *text, prl_error *err)
{
	while (*text) {
		size_t size = strcspn(text, ", ");
		if (size && !prl_buffer_printf(scope, "%s%.*s", scope->size ? " " : "", (int)size, text))
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %zu bytes of scopes", scope->max);
		text += size + (text[size] != 0);
	}
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	token_job *job = context;
	switch (id) {
	case SUB:
		job->claims.subject = value;
		break;
	case ISS:
		job->claims.issuer = value;
		break;
	case SCOPE:
		return scope_add(&job->scope, value, err);
	case AUD:
		return prl_dss_list_add(&job->claims.audiences, value, err);
	case FOR:
		return time_read(value, &job->claims.seconds, err);
	default:
		job->public_key = true;
	}
	return PRL_OK;
}

static prl_status print_public(const prl_dev_key *key, prl_error *err)
{
	prl_buffer pem = PRL_BUFFER(PRL_MAX_PEM_BYTES);
	prl_status status = prl_dev_key_public(key, &pem, err);
	if (!status)
		fputs(pem.data, stdout);
	prl_buffer_done(&pem);
	return status;
}

static prl_status print_token(const prl_dev_key *key, token_job *job, prl_error *err)
{
	char *token = NULL;
	prl_status status = PRL_OK;
	job->claims.scope = job->scope.data;
	if (!job->claims.audiences.count)
		status = prl_dss_list_add(&job->claims.audiences, "localhost", err);
	if (!status)
		status = prl_dev_key_mint(key, &job->claims, prl_clock_wall(NULL), &token, err);
	if (!status)
		puts(token);
	free(token);
	return status;
}

static int print(const char *folder, token_job *job)
{
	prl_dev_key *key = NULL;
	prl_error err = { 0 };
	prl_status status = PRL_OK;
	if (access(folder, F_OK) != 0)
		status = prl_error_set(&err, PRL_E_NOT_FOUND, "%.200s is no folder; `parley init` makes a node's",
				       folder);
	if (!status)
		status = prl_dev_key_open(folder, &key, &err);
	if (!status)
		status = job->public_key ? print_public(key, &err) : print_token(key, job, &err);
	prl_dev_key_free(key);
	if (status)
		prl_cli_say_error("token", &err);
	return prl_cli_exit_status(status);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	token_job job = { .claims.seconds = PRL_JWT_HOUR_S, .scope = PRL_BUFFER(PRL_MAX_TOKEN_BYTES / 4) };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (!status && operands != 1) {
		prl_cli_say("token: expected one folder, made by `parley init`");
		status = CLI_BAD;
	}
	if (!status && !job.public_key && (!job.claims.subject || !*job.claims.subject || !job.scope.size)) {
		prl_cli_say("token: expected --sub NAME and --scope SCOPE");
		status = CLI_BAD;
	}
	if (!status)
		status = print(argv[0], &job);
	prl_buffer_done(&job.scope);
	return status;
}

static const char details[] =
	"For development: the node of FOLDER, started with `parley serve FOLDER --dss-dev`, takes these tokens as "
	"those\n"
	"of any USS. The key is made at first use, here or there, and stays in FOLDER/" PRL_DEV_KEY_FILE
	". A node that serves\n"
	"beyond loopback does not take them.\n";

const cli_verb prl_cli_token = {
	.name = "token",
	.summary = "mints a token to try the F3548 interface with",
	.usage = "parley token FOLDER --sub NAME --scope SCOPE [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
