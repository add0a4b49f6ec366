/* The state of nodes: time, clocks, alone, restored; and the settings of this one. */
#include "base/error.h"
#include "base/text.h"
#include "picture/nouns.h"

#include <string.h>

/* ---- node -------------------------------------------------------------------------------------------------------- */

static bool save(const void *value, prl_buffer *to)
{
	const prl_node_state *node = value;
	return prl_pack_number(to, node->size) && prl_pack_number(to, (uint64_t)node->tick) &&
	       prl_pack_number(to, node->clock_suspect) && prl_pack_number(to, node->alone) &&
	       prl_pack_number(to, node->restored);
}

static void *load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_node_state node;
	node.size = prl_unpack_number(&from, UINT64_MAX);
	node.tick = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	node.clock_suspect = prl_unpack_number(&from, 1) != 0;
	node.alone = prl_unpack_number(&from, UINT64_MAX);
	node.restored = prl_unpack_number(&from, UINT64_MAX);
	if (!prl_unpack_end(&from, "node", err))
		return NULL;
	prl_node_state *copy = malloc(sizeof *copy);
	if (copy)
		*copy = node;
	else
		prl_error_memory(err);
	return copy;
}

const prl_noun prl_node_noun = { .name = "node", .shared = true, .save = save, .load = load, .free = free };

const prl_node_state *prl_picture_node(prl_picture *picture, prl_version version, prl_bytes origin)
{
	return prl_picture_find(picture, version, PRL_TABLE_NODE, origin);
}

prl_node_state prl_node_get(prl_picture *picture, prl_version version, prl_bytes log)
{
	const prl_node_state *node = prl_picture_node(picture, version, log);
	return node ? *node : (prl_node_state){ .tick = INT64_MIN };
}

uint64_t prl_picture_size(prl_picture *picture, prl_version version, const char *log)
{
	return prl_node_get(picture, version, prl_bytes_of(log)).size;
}

prl_status prl_node_put(prl_picture *picture, prl_bytes log, const prl_node_state *state, prl_error *err)
{
	prl_node_state *copy = malloc(sizeof *copy);
	if (copy)
		*copy = *state;
	return prl_picture_put(picture, PRL_TABLE_NODE, log, copy, err);
}

static prl_node_state node_of(prl_picture *picture, const prl_act *act)
{
	return prl_node_get(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log));
}

static prl_status tick(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_node_state node = node_of(picture, act);
	prl_time to = 0;
	char text[PRL_TIME_TEXT_MAX];
	prl_status status = prl_body_time(act->body, "to", &to, err);
	if (status)
		return status;
	prl_time_format(node.tick, text);
	if (to <= node.tick)
		return prl_error_set(err, PRL_E_REFUSED, "the last tick was to %s; time does not go back", text);
	node.tick = to;
	return prl_node_put(picture, prl_bytes_of(act->log), &node, err);
}

static prl_status suspect(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_node_state node = node_of(picture, act);
	if (node.clock_suspect)
		return prl_error_set(err, PRL_E_REFUSED, "that the clock is suspect was recorded before");
	node.clock_suspect = true;
	return prl_node_put(picture, prl_bytes_of(act->log), &node, err);
}

static prl_status trusted(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_node_state node = node_of(picture, act);
	if (!node.clock_suspect)
		return prl_error_set(err, PRL_E_REFUSED, "the clock is not suspect");
	node.clock_suspect = false;
	return prl_node_put(picture, prl_bytes_of(act->log), &node, err);
}

static prl_status alone(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_node_state node = node_of(picture, act);
	node.alone++;
	return prl_node_put(picture, prl_bytes_of(act->log), &node, err);
}

static prl_status restored(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_node_state node = node_of(picture, act);
	prl_bytes from = prl_body_text(act->body, "from");
	uint64_t first = prl_body_number(act->body, "first", PRL_INDEX_NEVER);
	uint64_t size = prl_body_number(act->body, "size", PRL_INDEX_NEVER);
	if (!prl_constitution_log(prl_act_constitution(picture, act), from) || prl_bytes_is(from, act->log))
		return prl_error_set(err, PRL_E_NOT_FOUND, "log %s has no peer %.*s", act->log, (int)from.size,
				     from.data);
	if (first >= size || size > act->index)
		return prl_error_set(err, PRL_E_RANGE, "entries %llu to %llu, but this is entry %llu",
				     (unsigned long long)first, (unsigned long long)size,
				     (unsigned long long)act->index);
	node.restored++;
	return prl_node_put(picture, prl_bytes_of(act->log), &node, err);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static bool setting_save(const void *value, prl_buffer *to)
{
	return prl_pack_text(to, ((const prl_setting *)value)->value);
}

static void setting_free(void *value)
{
	prl_setting *setting = value;
	if (setting)
		free(setting->value);
	free(setting);
}

static prl_setting *setting_new(prl_bytes text)
{
	prl_setting *setting = malloc(sizeof *setting);
	if (!setting)
		return NULL;
	setting->value = prl_text_copy(text.data, text.size);
	if (setting->value)
		return setting;
	free(setting);
	return NULL;
}

static void *setting_load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_bytes text = prl_unpack_bytes(&from);
	if (!prl_unpack_end(&from, "setting", err))
		return NULL;
	prl_setting *setting = setting_new(text);
	if (!setting)
		prl_error_memory(err);
	return setting;
}

const prl_noun prl_setting_noun = {
	.name = "setting", .shared = false, .save = setting_save, .load = setting_load, .free = setting_free
};

const char *prl_picture_setting(prl_picture *picture, prl_version version, prl_bytes name)
{
	const prl_setting *setting = prl_picture_find(picture, version, PRL_TABLE_SETTING, name);
	return setting ? setting->value : NULL;
}

static prl_status changed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "name"), value = prl_body_text(act->body, "value");
	if (!act->local)
		return PRL_OK;
	if (value.data)
		return prl_picture_put(picture, PRL_TABLE_SETTING, name, setting_new(value), err);
	if (!prl_picture_setting(picture, PRL_VERSION_WORKING, name))
		return PRL_OK;
	return prl_picture_remove(picture, PRL_TABLE_SETTING, name, err);
}

static const prl_act_kind kinds[] = {
	{ "setting.changed", PRL_SIGNED_BY_DESK, false, changed },
	{ "tick", PRL_RECORDED, false, tick },
	{ "clock.suspect", PRL_RECORDED, false, suspect },
	{ "clock.trusted", PRL_SIGNED_BY_DESK, false, trusted },
	{ "node.alone", PRL_RECORDED, false, alone },
	{ "node.restored", PRL_RECORDED, false, restored },
};
const prl_kinds prl_node_kinds = PRL_KINDS_OF(kinds);
