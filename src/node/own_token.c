#include "node/own_token.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "node/command.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>

#define TOKEN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
#define MINTED_S         3600

typedef struct kept {
	char *audience, *scope, *token; /* audience NULL: free */
	prl_time expires;
} kept;

struct prl_own_tokens {
	prl_own_token_options options;
	prl_dev_key *key; /* NULL: none */
	atomic_bool stop;
	pthread_mutex_t lock; /* of what follows */
	kept kept[PRL_OWN_TOKEN_KEPT];
};

/* ---- kept -------------------------------------------------------------------------------------------------------- */

static void clear(kept *one)
{
	free(one->audience);
	free(one->scope);
	free(one->token);
	*one = (kept){ 0 };
}

/* The lock is held. */
static kept *find(prl_own_tokens *tokens, const char *audience, const char *scope)
{
	for (size_t i = 0; i < PRL_OWN_TOKEN_KEPT; i++) {
		kept *one = &tokens->kept[i];
		if (one->audience && !strcmp(one->audience, audience) && !strcmp(one->scope, scope))
			return one;
	}
	return NULL;
}

/* The lock is held: its own, else a free one, else the one that expires first. */
static kept *place_for(prl_own_tokens *tokens, const char *audience, const char *scope)
{
	kept *least = find(tokens, audience, scope);
	for (size_t i = 0; !least && i < PRL_OWN_TOKEN_KEPT; i++)
		if (!tokens->kept[i].audience)
			least = &tokens->kept[i];
	if (least)
		return least;
	least = &tokens->kept[0];
	for (size_t i = 1; i < PRL_OWN_TOKEN_KEPT; i++)
		if (tokens->kept[i].expires < least->expires)
			least = &tokens->kept[i];
	return least;
}

static bool still_holds(const prl_own_tokens *tokens, prl_time expires)
{
	return expires - PRL_OWN_TOKEN_EARLY_S * PRL_SECOND > tokens->options.now(tokens->options.clock_context);
}

static char *get_kept(prl_own_tokens *tokens, const char *audience, const char *scope)
{
	(void)pthread_mutex_lock(&tokens->lock);
	kept *one = find(tokens, audience, scope);
	char *copy = one && still_holds(tokens, one->expires) ? strdup(one->token) : NULL;
	(void)pthread_mutex_unlock(&tokens->lock);
	return copy;
}

/* Where memory is short it is not kept. */
static void keep(prl_own_tokens *tokens, const char *audience, const char *scope, const char *token, prl_time expires)
{
	kept made = { strdup(audience), strdup(scope), strdup(token), expires };
	if (!made.audience || !made.scope || !made.token) {
		clear(&made);
		return;
	}
	(void)pthread_mutex_lock(&tokens->lock);
	kept *one = place_for(tokens, audience, scope);
	clear(one);
	*one = made;
	(void)pthread_mutex_unlock(&tokens->lock);
}

void prl_own_token_drop(prl_own_tokens *tokens, const char *audience, const char *scope)
{
	(void)pthread_mutex_lock(&tokens->lock);
	kept *one = find(tokens, audience, scope);
	if (one)
		clear(one);
	(void)pthread_mutex_unlock(&tokens->lock);
}

/* ---- read -------------------------------------------------------------------------------------------------------- */

/* "exp" of the middle of three parts; false where there is none that can be read. */
static bool expiry_of(const char *token, prl_time *ret)
{
	const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	if (!second)
		return false;
	const prl_bytes part = { first + 1, (size_t)(second - first - 1) };
	char *claims = malloc(part.size + 1);
	size_t size = 0;
	bool read = claims && prl_base64url_read(part, claims, part.size, &size);
	json_t *json = read ? json_loadb(claims, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *exp = json_object_get(json, "exp");
	double seconds = json_is_number(exp) ? json_number_value(exp) : -1;
	json_decref(json);
	free(claims);
	if (!(seconds > 0 && seconds < 9e9))
		return false;
	*ret = (prl_time)seconds * PRL_SECOND;
	return true;
}

/* One line, three parts, nothing that could end a header. */
static prl_status check_printed(prl_buffer *printed, prl_error *err)
{
	while (printed->size && strchr(" \t\r\n", printed->data[printed->size - 1]))
		printed->data[--printed->size] = 0;
	size_t dots = 0;
	for (size_t i = 0; i < printed->size; i++)
		dots += printed->data[i] == '.';
	if (!printed->size)
		return prl_error_set(err, PRL_E_SYNTAX, "the command printed nothing, expected a token");
	if (strlen(printed->data) != printed->size || strspn(printed->data, TOKEN_CHARACTERS) != printed->size ||
	    dots != 2)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "the command printed no token, expected a JWT and nothing else");
	return PRL_OK;
}

/* ---- made -------------------------------------------------------------------------------------------------------- */

static prl_status ask_command(prl_own_tokens *tokens, const char *audience, const char *scope, char **ret,
			      prl_error *err)
{
	const prl_process_variable variables[] = { { "PARLEY_TOKEN_AUDIENCE", audience },
						   { "PARLEY_TOKEN_SCOPE", scope } };
	const prl_command command = { .line = tokens->options.command,
				      .variables = variables,
				      .variable_count = 2,
				      .most_ms = tokens->options.command_ms ? tokens->options.command_ms
									    : PRL_OWN_TOKEN_COMMAND_S * 1000u,
				      .stop = &tokens->stop };
	prl_buffer printed = PRL_BUFFER(PRL_MAX_TOKEN_BYTES);
	prl_status status = prl_command_run(&command, &printed, err);
	if (!status)
		status = check_printed(&printed, err);
	if (status)
		prl_buffer_done(&printed);
	else
		*ret = printed.data;
	return status;
}

static prl_status mint(prl_own_tokens *tokens, const char *audience, const char *scope, char **ret, prl_error *err)
{
	prl_dev_claims claims = { .subject = tokens->options.subject, .scope = scope, .seconds = MINTED_S };
	claims.audiences.items[0] = prl_bytes_of(audience);
	claims.audiences.count = 1;
	return prl_dev_key_mint(tokens->key, &claims, tokens->options.now(tokens->options.clock_context), ret, err);
}

prl_status prl_own_token_get(prl_own_tokens *tokens, const char *audience, const char *scope, char **ret_token,
			     prl_error *err)
{
	prl_time expires;
	char *token = get_kept(tokens, audience, scope);
	if (token) {
		*ret_token = token;
		return PRL_OK;
	}
	if (!tokens->options.command && !tokens->key)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "the node has no token of its own (--dss-token-command)");
	prl_status status = tokens->options.command ? ask_command(tokens, audience, scope, &token, err)
						    : mint(tokens, audience, scope, &token, err);
	if (status)
		return status;
	if (expiry_of(token, &expires)) {
		if (expires <= tokens->options.now(tokens->options.clock_context)) {
			free(token);
			return prl_error_set(err, PRL_E_SYNTAX, "the command printed a token that has expired");
		}
		if (still_holds(tokens, expires))
			keep(tokens, audience, scope, token, expires);
	}
	*ret_token = token;
	return PRL_OK;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

prl_status prl_own_tokens_new(const prl_own_token_options *options, prl_own_tokens **ret, prl_error *err)
{
	prl_own_tokens *tokens = calloc(1, sizeof *tokens);
	if (!tokens)
		return prl_error_memory(err);
	tokens->options = *options;
	prl_status status = !options->command && options->dev_folder
				    ? prl_dev_key_open(options->dev_folder, &tokens->key, err)
				    : PRL_OK;
	if (status) {
		free(tokens);
		return status;
	}
	(void)pthread_mutex_init(&tokens->lock, NULL);
	*ret = tokens;
	return PRL_OK;
}

void prl_own_tokens_stop(prl_own_tokens *tokens)
{
	if (tokens)
		atomic_store(&tokens->stop, true);
}

void prl_own_tokens_free(prl_own_tokens *tokens)
{
	if (!tokens)
		return;
	for (size_t i = 0; i < PRL_OWN_TOKEN_KEPT; i++)
		clear(&tokens->kept[i]);
	prl_dev_key_free(tokens->key);
	(void)pthread_mutex_destroy(&tokens->lock);
	free(tokens);
}
