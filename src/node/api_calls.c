/* STOP, URGENT, DISTRESS and their answers: rung before anything else is asked (bell.h). */
#include "node/api.h"

#include "base/error.h"
#include "node/bell.h"

#include <string.h>

/* Whether a word is taken does not hang on what it says, so neither type nor form of the body is asked for. */
void prl_api_call_post(void *node, prl_request *request)
{
	prl_api *api = node;
	json_t *answer = NULL;
	prl_error err;
	prl_bell_word word = { .bytes = prl_request_body(request), .caller = prl_request_caller(request) };
	if (prl_bell_ring(api->bell, &word, &answer, &err))
		prl_answer_error(request, &err);
	else
		prl_answer_json(request, 202, answer);
}

void prl_api_call_list(void *node, prl_request *request)
{
	static const char *const none[] = { NULL };
	prl_api *api = node;
	json_t *items = NULL;
	prl_error err;
	if (!prl_request_queries_only(request, none))
		return;
	if (prl_bell_show(api->bell, prl_request_caller(request)->party, &items, &err)) {
		prl_answer_error(request, &err);
		return;
	}
	json_t *json = json_pack("{s:s, s:o, s:o}", "log", prl_ledger_origin(api->own), "now",
				 prl_show_time(api->now(api->now_context)), "items", items);
	if (json)
		prl_answer_json(request, 200, json);
	else
		prl_api_no_memory(request);
}

/* From another node: its word for an unsigned one, the entry's own for a signed one. Answered with how many streams of
 * desks are open here, where it now rings. */
void prl_api_peer_call(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_bytes body = prl_request_body(request);
	json_t *answer = NULL,
	       *letter = json_loadb(body.data ? body.data : "", body.size, JSON_REJECT_DUPLICATES, NULL);
	const json_t *note = json_object_get(letter, "note"), *stated = json_object_get(letter, "stated");
	char *text = stated ? json_dumps(stated, JSON_COMPACT) : NULL;
	prl_error err;
	prl_bell_word word = { .peer = prl_request_caller(request)->name,
			       .bytes = { json_string_value(note), json_string_length(note) },
			       .unverified = json_string_value(json_object_get(letter, "unverified")) };
	if (text)
		word.bytes = (prl_bytes){ text, strlen(text) };
	if (!letter || (!note && !stated))
		prl_answer_status(request, 400, "note or stated: what rings was expected");
	else if (prl_bell_ring(api->bell, &word, &answer, &err))
		prl_answer_error(request, &err);
	else
		prl_answer_json(request, 200,
				json_pack("{s:I}", "desks", (json_int_t)prl_http_read_figures(api->http).streams));
	json_decref(answer);
	json_decref(letter);
	free(text);
}
