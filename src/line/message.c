#include "line/message.h"

#include "base/error.h"
#include "line/thing.h"
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
	return prl_picture_put(picture, table, prl_hash_key(&message->id), message, err);
}

static prl_status sent(prl_picture *picture, const prl_act *act, prl_error *err)
{
	json_t *to = NULL;
	prl_status status = prl_act_parties(picture, act, "to", &to, err);
	if (!status)
		status = add_contents(picture, act, to, err);
	if (!status)
		status = put(picture, act, to, err);
	json_decref(to);
	return status;
}

static const prl_noun noun = { .name = noun_name, .shared = true, .save = save, .load = load, .free = free_value };
static const prl_act_kind kind = { "message.sent", PRL_SIGNED_OR_RECORDED, false, sent };

const prl_line_part prl_message_part = { .nouns = &noun, .noun_count = 1, .kinds = &kind, .kind_count = 1 };
