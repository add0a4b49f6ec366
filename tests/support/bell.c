#include "support/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

json_t *bell_rings(prl_client *at, const char *id)
{
	json_t *list = nodes_get(at, "/parley/v1/calls"), *one, *found = NULL;
	size_t i;
	json_array_foreach(json_object_get(list, "items"), i, one)
	{
		const char *text = json_string_value(json_object_get(one, "id"));
		if (text && strcmp(text, id) == 0 && !found)
			found = json_incref(one);
	}
	json_decref(list);
	return found;
}

bool bell_is_logged(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	bool logged = json_is_true(json_object_get(item, "logged"));
	json_decref(item);
	return logged;
}

void bell_post(prl_client *client, const char *type, const void *bytes, size_t size, char id[80])
{
	prl_reply reply = PRL_REPLY(65536);
	assert_int_equal(nodes_status(client, "POST", "/parley/v1/calls", type, bytes, size, &reply), 202);
	json_t *json = json_loadb(reply.body.data, reply.body.size, 0, NULL);
	(void)snprintf(id, 80, "%s", json_string_value(json_object_get(json, "id")));
	json_decref(json);
	prl_reply_done(&reply);
}
