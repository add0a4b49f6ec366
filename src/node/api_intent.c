/* One operational intent, with the details that its service gives: GET /parley/v1/intents/{id}. */
#include "node/api.h"

#include "base/error.h"
#include "node/fetcher.h"

#include <string.h>

/* A request that waits for the details. */
typedef struct asking {
	prl_fetch fetch;
	prl_request *request;
	json_t *body; /* the answer without the details */
	char url[];
} asking;

static void no_more(asking *ask)
{
	json_decref(ask->body);
	free(ask);
}

/* The request may be gone once it is answered. */
static void on_done(prl_fetch *fetch, json_t *details, const char *why)
{
	asking *ask = fetch->context;
	json_t *body = json_incref(ask->body);
	prl_request *request = ask->request;
	(void)json_object_set_new(body, "details", details ? details : json_null());
	if (!details)
		(void)json_object_set_new(body, "why", json_string(why));
	no_more(ask);
	prl_answer_json(request, 200, body);
}

/* Of a pinned version; NULL out of memory. */
static asking *asking_of(const prl_entity *intent, prl_request *request)
{
	const char *url = prl_entity_url(intent);
	size_t size = strlen(url) + 1;
	asking *ask = calloc(1, sizeof *ask + size);
	if (!ask)
		return NULL;
	memcpy(ask->url, url, size);
	ask->request = request;
	ask->body = prl_api_intent_json(intent);
	ask->fetch = (prl_fetch){
		.id = intent->id, .version = intent->version, .url = ask->url, .done = on_done, .context = ask
	};
	if (ask->body)
		return ask;
	free(ask);
	return NULL;
}

/* False: has answered. */
static bool find(prl_api *api, prl_request *request, asking **ret)
{
	prl_uuid id;
	if (!prl_uuid_read(prl_request_part(request, "id"), &id)) {
		prl_answer_status(request, 400, "id: expected a UUID of version 4");
		return false;
	}
	prl_version version = prl_picture_pin(api->picture);
	const prl_entity *intent = prl_entity_find(api->picture, version, PRL_INTENT, &id);
	bool there = intent && intent->shape->extent->to >= api->now(api->now_context);
	*ret = there ? asking_of(intent, request) : NULL;
	prl_picture_unpin(api->picture, version);
	if (!there)
		prl_answer_status(request, 404, "there is no intent with this id, or it has ended");
	else if (!*ret)
		prl_api_no_memory(request);
	return *ret != NULL;
}

void prl_api_intent(void *node, prl_request *request)
{
	static const char *const none[] = { NULL };
	prl_api *api = node;
	asking *ask = NULL;
	if (!api->registry || !api->fetcher) {
		prl_answer_status(request, 404, "this node serves no F3548 region (parley serve --help)");
		return;
	}
	if (!prl_request_queries_only(request, none) || !find(api, request, &ask))
		return;
	prl_request_take(request);
	if (prl_fetcher_get(api->fetcher, &ask->fetch))
		return;
	no_more(ask);
	prl_answer_status(request, 503, "too many details of intents are being fetched: try again");
}
