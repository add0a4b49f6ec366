#include "line/message.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

static const char noun_name[] = "message";

static bool save(const void *value, prl_buffer *to)
{
	const prl_message *message = value;
	return prl_pack_hash(to, &message->id) && prl_pack_text(to, message->log) &&
	       prl_pack_number(to, message->index) && prl_pack_texts(to, message->to);
}

static void free_value(void *value)
{
	prl_message *message = value;
	if (message)
		json_decref(message->to);
	free(message);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_message *message = calloc(1, sizeof *message);
	if (!message) {
		prl_error_memory(err);
		return NULL;
	}
	message->id = prl_unpack_hash(&from);
	prl_unpack_text(&from, message->log, sizeof message->log);
	message->index = prl_unpack_number(&from, UINT64_MAX);
	message->to = prl_unpack_texts(&from);
	if (prl_unpack_end(&from, noun_name, err))
		return message;
	free_value(message);
	return NULL;
}

/* To whom the body says it goes; all parties that have not left where it names none. */
static json_t *readers(const prl_constitution *constitution, const json_t *body)
{
	const json_t *to = json_object_get(body, "to");
	if (to)
		return prl_body_sorted(to, (prl_bytes){ NULL, 0 });
	json_t *all = json_array();
	for (size_t i = 0; i < constitution->party_count; i++)
		if (!constitution->parties[i].left)
			json_array_append_new(all, json_string(constitution->parties[i].name));
	json_t *sorted = all ? prl_body_sorted(all, (prl_bytes){ NULL, 0 }) : NULL;
	json_decref(all);
	return sorted;
}

static prl_status check_readers(const prl_constitution *constitution, const json_t *to, prl_error *err)
{
	for (size_t i = 0; i < json_array_size(to); i++) {
		const char *name = json_string_value(json_array_get(to, i));
		const prl_party *party = prl_constitution_party(constitution, prl_bytes_of(name));
		if (!party || party->left)
			return prl_error_set(err, PRL_E_NOT_FOUND, "party %s is not of this line", name);
	}
	return PRL_OK;
}

static prl_status add_contents(prl_picture *picture, const prl_act *act, json_t *to, prl_error *err)
{
	const json_t *contents = json_object_get(act->body, "contents");
	for (size_t i = 0; i < json_array_size(contents); i++) {
		const json_t *content = json_array_get(contents, i);
		prl_hash hash;
		prl_status status = prl_body_hash(content, "hash", &hash, err);
		if (!status)
			status = prl_picture_add_content(picture, act, &hash, prl_body_number(content, "size", 0), to,
							 err);
		if (status)
			return prl_error_at(err, status, "/contents/%zu", i), status;
	}
	return PRL_OK;
}

static prl_status put(prl_picture *picture, const prl_act *act, json_t *to, prl_error *err)
{
	unsigned table;
	prl_message *message = calloc(1, sizeof *message);
	if (!message)
		return prl_error_memory(err);
	message->id = act->entry->hash;
	memcpy(message->log, act->log, strlen(act->log));
	message->index = act->index;
	message->to = json_incref(to);
	if (!prl_picture_table(picture, noun_name, &table)) {
		free_value(message);
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of messages");
	}
	return prl_picture_put(picture, table, (prl_bytes){ (const char *)message->id.bytes, sizeof message->id.bytes },
			       message, err);
}

static prl_status sent(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_constitution *constitution = prl_act_constitution(picture, act);
	json_t *to = readers(constitution, act->body);
	if (!to)
		return prl_error_memory(err);
	prl_status status = check_readers(constitution, to, err);
	if (!status)
		status = add_contents(picture, act, to, err);
	if (!status)
		status = put(picture, act, to, err);
	json_decref(to);
	return status;
}

prl_status prl_message_add(prl_picture *picture, unsigned *ret_table, prl_error *err)
{
	static const prl_noun noun = {
		.name = noun_name, .shared = true, .save = save, .load = load, .free = free_value
	};
	static const prl_kind kind = { "message.sent", PRL_SIGNED_OR_RECORDED, false, sent };
	prl_status status = prl_picture_add_noun(picture, &noun, ret_table, err);
	return status ? status : prl_picture_add_kinds(picture, &kind, 1, err);
}
