/* STOP, URGENT, DISTRESS and their answers: rung before anything else is asked (bell.h). */
#include "node/api.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/bell.h"
#include "node/presence.h"

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

/* Desks that have said themselves that it rings there. */
static json_int_t desks_of(const prl_api *api, const char *id)
{
	prl_hash asked, names[3];
	if (!id || !prl_hash_read(prl_bytes_of(id), &asked))
		return 0;
	size_t count = prl_bell_names(api->bell, &asked, names);
	return (json_int_t)prl_presence_rings(api->presence, names, count, api->now(api->now_context));
}

/* From another node: its word for an unsigned one, the entry's own for a signed one. Answered with how many desks say
 * that it rings there: none, where it is new. */
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
		prl_answer_json(
			request, 200,
			json_pack("{s:I}", "desks", desks_of(api, json_string_value(json_object_get(answer, "id")))));
	json_decref(answer);
	json_decref(letter);
	free(text);
}

/* {"calls": [ids]}: {"desks": {id: how many desks say that it rings there}}. */
void prl_api_peer_ringing(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_bytes body = prl_request_body(request);
	json_t *asked = json_loadb(body.data ? body.data : "", body.size, JSON_REJECT_DUPLICATES, NULL),
	       *desks = json_object();
	const json_t *calls = json_object_get(asked, "calls"), *one;
	size_t i;
	if (!json_is_array(calls) || json_array_size(calls) > PRL_PRESENCE_CALLS) {
		prl_answer_status(request, 400, "calls: at most %d ids were expected", PRL_PRESENCE_CALLS);
		json_decref(desks);
	} else {
		json_array_foreach(calls, i, one)
		{
			if (json_is_string(one))
				json_object_set_new(desks, json_string_value(one),
						    json_integer(desks_of(api, json_string_value(one))));
		}
		prl_answer_json(request, 200, json_pack("{s:o}", "desks", desks));
	}
	json_decref(asked);
}
