/* POST /parley/v1/desk: a desk says that its screen is open, and whether it can sound (presence.h). */
#include "node/api.h"

#include "line/part.h"
#include "node/presence.h"

void prl_api_desk_post(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_bytes body = prl_request_body(request);
	const prl_caller *caller = prl_request_caller(request);
	json_t *json = json_loadb(body.data ? body.data : "", body.size, JSON_REJECT_DUPLICATES, NULL);
	json_t *sound = json_object_get(json, "sound");
	if (!json_is_boolean(sound) || json_object_size(json) != 1) {
		json_decref(json);
		prl_answer_status(request, 400, "expected {\"sound\": true or false}: whether the screen can sound");
		return;
	}
	if (!caller->desk[0]) {
		json_decref(json);
		prl_answer_status(request, 403, "only a key of a desk reports a desk's presence");
		return;
	}
	prl_time now = api->now(api->now_context);
	prl_presence_desk(api->presence, caller->desk, json_is_true(sound), now);
	json_decref(json);
	json_t *answer = json_pack("{s:s, s:o, s:i}", "desk", caller->desk, "now", prl_show_time(now), "again_in_s", 5);
	if (answer)
		prl_answer_json(request, 200, answer);
	else
		prl_api_no_memory(request);
}
