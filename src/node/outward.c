#include "node/outward.h"

#include "base/error.h"
#include "node/own_constraint.h"

struct prl_outward {
	prl_outward_parts parts;
	prl_own_tokens *tokens;
	prl_uss_client client;
	prl_fetcher *fetcher;
	prl_notifier *notifier;
};

/* ---- what the parts ask for -------------------------------------------------------------------------------------- */

static prl_time now(void *context)
{
	const prl_outward *o = context;
	return o->parts.now(o->parts.context);
}

static prl_time boot(void *context)
{
	const prl_outward *o = context;
	return o->parts.boot(o->parts.context);
}

static bool is_open(void *context)
{
	const prl_outward *o = context;
	return o->parts.open(o->parts.context);
}

static void say(void *context, const char *text)
{
	const prl_outward *o = context;
	if (o->parts.say)
		o->parts.say(o->parts.context, text);
}

static prl_status constraint(void *context, prl_version version, const prl_entity *own, prl_buffer *to, prl_error *err)
{
	const prl_outward *o = context;
	prl_store_reader *reader = NULL;
	prl_status status = prl_readers_take(o->parts.readers, &reader, err);
	if (status)
		return status;
	status = prl_own_constraint_show(reader, prl_ledger_log(o->parts.own)->id, o->parts.picture, version, own, to,
					 err);
	prl_readers_give(o->parts.readers, reader);
	return status;
}

/* ---- start, end -------------------------------------------------------------------------------------------------- */

static prl_status start(prl_outward *o, prl_error *err)
{
	const prl_own_token_options tokens = { .command = o->parts.dss->token_command,
					       .dev_folder = o->parts.dss->dev ? o->parts.folder : NULL,
					       .subject = o->parts.uss_id,
					       .now = now,
					       .clock_context = o };
	prl_status status = prl_own_tokens_new(&tokens, &o->tokens, err);
	if (status)
		return status;
	const prl_fetcher_parts fetcher = { .tokens = o->tokens, .client = &o->client, .boot = boot, .context = o };
	const prl_notifier_parts notifier = { .picture = o->parts.picture,
					      .clerk = o->parts.clerk,
					      .tokens = o->tokens,
					      .client = &o->client,
					      .constraint = constraint,
					      .open = is_open,
					      .boot = boot,
					      .say = say,
					      .context = o };
	status = prl_fetcher_start(&fetcher, &o->fetcher, err);
	return status ? status : prl_notifier_start(&notifier, &o->notifier, err);
}

prl_status prl_outward_start(const prl_outward_parts *parts, prl_outward **ret, prl_error *err)
{
	prl_outward *o = calloc(1, sizeof *o);
	if (!o)
		return prl_error_memory(err);
	o->parts = *parts;
	o->client.http_urls = parts->dss->http_base_urls;
	prl_status status = start(o, err);
	if (!status) {
		*ret = o;
		return PRL_OK;
	}
	prl_outward_end(o);
	prl_outward_free(o);
	return status;
}

prl_fetcher *prl_outward_fetcher(prl_outward *o)
{
	return o ? o->fetcher : NULL;
}

prl_notifier *prl_outward_notifier(prl_outward *o)
{
	return o ? o->notifier : NULL;
}

void prl_outward_end(prl_outward *o)
{
	if (!o)
		return;
	prl_notifier_end(o->notifier);
	prl_fetcher_end(o->fetcher);
}

void prl_outward_free(prl_outward *o)
{
	if (!o)
		return;
	prl_notifier_free(o->notifier);
	prl_fetcher_free(o->fetcher);
	prl_own_tokens_free(o->tokens);
	free(o);
}
