/* POST /parley/v1/desk: a desk says that its screen is open, whether it can sound, and which calls ring there
 * (presence.h); it is told what sounds there now (ringing.h). */
#include "node/api.h"

#include "base/hash.h"
#include "base/text.h"
#include "line/part.h"
#include "node/presence.h"

static json_t *answer_of(const prl_api *api, const prl_caller *caller, const prl_ringing_look *look)
{
	return json_pack("{s:s, s:o, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I}", "desk", caller->desk, "now",
			 prl_show_time(api->now(api->now_context)), "again_in_s", 5, "sounding", look->sounding, "rows",
			 (json_int_t)look->rows, "new_rows", (json_int_t)look->new_rows, "begun",
			 (json_int_t)look->begun, "begun_urgent", (json_int_t)look->begun_urgent, "shelved",
			 (json_int_t)look->shelved, "collapsed", (json_int_t)look->collapsed);
}

/* {"sound": boolean, "silence"?: true, "calls"?: [ids]} */
typedef struct report {
	bool sound, silence;
	prl_hash calls[PRL_PRESENCE_CALLS]; /* that ring there */
	size_t call_count;
} report;

static bool read_calls(const json_t *calls, report *ret)
{
	const json_t *one;
	size_t i;
	if (calls && (!json_is_array(calls) || json_array_size(calls) > PRL_PRESENCE_CALLS))
		return false;
	json_array_foreach(calls, i, one)
	{
		const char *text = json_string_value(one);
		if (!text || !prl_hash_read(prl_bytes_of(text), &ret->calls[ret->call_count++]))
			return false;
	}
	return true;
}

static bool read_report(prl_bytes body, report *ret)
{
	json_t *json = json_loadb(body.data ? body.data : "", body.size, JSON_REJECT_DUPLICATES, NULL);
	json_t *sound = json_object_get(json, "sound"), *silence = json_object_get(json, "silence"),
	       *calls = json_object_get(json, "calls");
	*ret = (report){ .sound = json_is_true(sound), .silence = silence != NULL };
	bool fits = json_is_boolean(sound) && (!silence || json_is_true(silence)) && read_calls(calls, ret) &&
		    json_object_size(json) == 1u + (silence ? 1u : 0u) + (calls ? 1u : 0u);
	json_decref(json);
	return fits;
}

void prl_api_desk_post(void *node, prl_request *request)
{
	prl_api *api = node;
	const prl_caller *caller = prl_request_caller(request);
	report said;
	prl_ringing_look look;
	prl_error err;
	if (!read_report(prl_request_body(request), &said)) {
		prl_answer_status(request, 400,
				  "expected {\"sound\": true or false}: whether the screen can sound; with "
				  "\"silence\": true: what sounds is silent for 30 s; \"calls\": at most %d ids of "
				  "calls that ring there",
				  PRL_PRESENCE_CALLS);
		return;
	}
	if (!caller->desk[0]) {
		prl_answer_status(request, 403, "only a key of a desk reports a desk's presence");
		return;
	}
	prl_time now = api->now(api->now_context);
	prl_presence_desk(api->presence, caller->desk, said.sound, now);
	prl_presence_calls(api->presence, caller->desk, said.calls, said.call_count);
	if (said.silence)
		prl_presence_silence(api->presence, caller->desk, now);
	if (prl_api_ring(api, caller->party, caller->desk, &look, &err)) {
		prl_answer_error(request, &err);
		return;
	}
	json_t *answer = answer_of(api, caller, &look);
	if (answer)
		prl_answer_json(request, 200, answer);
	else
		prl_api_no_memory(request);
}
