#include "dss/home.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "dss/show.h"

#include <string.h>

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static bool put_base64(prl_buffer *to, const char *name, const unsigned char bytes[16])
{
	char text[25];
	prl_base64_write(bytes, 16, text);
	return prl_buffer_printf(to, ",\"%s\":\"%s\"", name, text);
}

static bool put_uuid(prl_buffer *to, const char *name, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX];
	prl_uuid_write(id, text);
	return prl_buffer_printf(to, ",\"%s\":\"%s\"", name, text);
}

static bool put_json(prl_buffer *to, const char *name, prl_bytes text)
{
	return prl_buffer_printf(to, ",\"%s\":", name) && prl_buffer_append(to, text.data, text.size);
}

static bool put_text(prl_buffer *to, const char *name, const char *text)
{
	return prl_buffer_printf(to, ",\"%s\":", name) && prl_show_text(text, to);
}

static bool put_flag(prl_buffer *to, const char *name, bool flag)
{
	return prl_buffer_printf(to, ",\"%s\":%s", name, flag ? "true" : "false");
}

static bool put_subscription(prl_buffer *to, const prl_dss_home *home)
{
	return (!home->subscribed || put_uuid(to, "subscription", &home->subscription)) &&
	       (!home->makes || (put_text(to, "made_url", home->made_url) &&
				 put_flag(to, "made_for_constraints", home->made_for_constraints))) &&
	       (!home->extends || put_flag(to, "extends", true)) &&
	       (!(home->makes || home->extends) || put_base64(to, "fresh", home->fresh)) &&
	       (!home->drops || put_uuid(to, "drops", &home->dropped)) &&
	       (!home->url ||
		(put_text(to, "uss_base_url", home->url) && put_flag(to, "for_intents", home->for_intents) &&
		 put_flag(to, "for_constraints", home->for_constraints)));
}

static bool put_told(prl_buffer *to, const prl_dss_home *home)
{
	bool done = prl_buffer_printf(to, ",\"told\":[");
	for (size_t i = 0; done && i < home->told_count; i++) {
		char id[PRL_UUID_TEXT_MAX];
		prl_uuid_write(&home->told[i].id, id);
		done = prl_buffer_printf(to, "%s[\"%s\",%u]", i ? "," : "", id, home->told[i].index);
	}
	return done && prl_buffer_append(to, "]", 1);
}

/* A subscription's time is what was decided, not what was filed. */
static bool put_times(prl_buffer *to, const prl_extent *extent)
{
	char from[PRL_TIME_TEXT_MAX], until[PRL_TIME_TEXT_MAX];
	prl_time_format(extent->from, from);
	prl_time_format(extent->to, until);
	return prl_buffer_printf(to, ",\"from\":\"%s\",\"to\":\"%s\"", from, until);
}

bool prl_dss_home_write(const prl_dss_home *home, const prl_dss_filed *filed, prl_buffer *to)
{
	return prl_buffer_append(to, filed->salt, PRL_HOME_SALT) && prl_buffer_printf(to, "{\"v\":1") &&
	       put_base64(to, "nonce", home->nonce) && (!home->has_suffix || put_uuid(to, "suffix", &home->suffix)) &&
	       (!home->url || !home->extent || put_times(to, home->extent)) && put_subscription(to, home) &&
	       (!home->told_count || put_told(to, home)) &&
	       (!filed->extents.data || put_json(to, filed->whole ? "filed" : "extents", filed->extents)) &&
	       (!filed->type || put_text(to, "type", filed->type)) &&
	       (!filed->report.data || put_json(to, "report", filed->report)) && prl_buffer_append(to, "}", 1);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static prl_status bad(prl_error *err, const char *name)
{
	return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is not as it is kept", name);
}

static prl_bytes text_of(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);
	return (prl_bytes){ json_string_value(value), json_string_length(value) };
}

static bool take_base64(const json_t *json, const char *name, unsigned char bytes[16])
{
	size_t size;
	prl_bytes text = text_of(json, name);
	return !text.data || (prl_base64_read(text, bytes, 16, &size) && size == 16);
}

static bool take_uuid(const json_t *json, const char *name, bool *ret_there, prl_uuid *ret)
{
	prl_bytes text = text_of(json, name);
	prl_time ignored;
	*ret_there = text.data != NULL;
	return !text.data || prl_uuid_read(text, ret) ||
	       (!strcmp(name, "suffix") && prl_uuid_read_v7(text, ret, &ignored));
}

static prl_status take_told(prl_dss_home *home, prl_error *err)
{
	const json_t *list = json_object_get(home->json, "told");
	size_t count = json_array_size(list);
	prl_dss_told *told = count ? prl_array_new(count, sizeof *told) : NULL;
	if (count && !told)
		return prl_error_memory(err);
	home->told = told;
	home->told_count = count;
	for (size_t i = 0; i < count; i++) {
		const json_t *pair = json_array_get(list, i), *id = json_array_get(pair, 0);
		json_int_t index = json_integer_value(json_array_get(pair, 1));
		if (!prl_uuid_read((prl_bytes){ json_string_value(id), json_string_length(id) }, &told[i].id) ||
		    index < 0 || index > UINT32_MAX)
			return bad(err, "told");
		told[i].index = (uint32_t)index;
	}
	return PRL_OK;
}

static prl_status take_extent(prl_dss_home *home, prl_error *err)
{
	const json_t *filed = json_object_get(home->json, "filed");
	const json_t *extents = json_object_get(filed ? filed : home->json, "extents");
	const prl_extent_rules rules = { .vertices_max = UINT32_MAX, .horizon = PRL_TIME_OPEN_END };
	prl_extent *extent = NULL;
	prl_time from, to;
	if (!extents)
		return PRL_OK;
	prl_status st = prl_extent_read(extents, &rules, &extent, err);
	if (st || !json_object_get(home->json, "from")) {
		home->extent = extent;
		return st;
	}
	home->extent = extent;
	prl_bytes first = text_of(home->json, "from"), last = text_of(home->json, "to");
	if (prl_time_parse(first.data ? first.data : "", first.size, &from, err) ||
	    prl_time_parse(last.data ? last.data : "", last.size, &to, err))
		return bad(err, "from");
	extent->from = from;
	extent->to = to;
	return PRL_OK;
}

static prl_status take(prl_dss_home *home, prl_error *err)
{
	const json_t *json = home->json;
	bool nonce = take_base64(json, "nonce", home->nonce) && take_base64(json, "fresh", home->fresh);
	if (!nonce || !take_uuid(json, "suffix", &home->has_suffix, &home->suffix))
		return bad(err, "nonce");
	if (!take_uuid(json, "subscription", &home->subscribed, &home->subscription) ||
	    !take_uuid(json, "drops", &home->drops, &home->dropped))
		return bad(err, "subscription");
	home->made_url = json_string_value(json_object_get(json, "made_url"));
	home->makes = home->made_url != NULL;
	home->made_for_constraints = json_is_true(json_object_get(json, "made_for_constraints"));
	home->extends = json_is_true(json_object_get(json, "extends"));
	home->url = json_string_value(json_object_get(json, "uss_base_url"));
	home->for_intents = json_is_true(json_object_get(json, "for_intents"));
	home->for_constraints = json_is_true(json_object_get(json, "for_constraints"));
	prl_status st = take_told(home, err);
	return st ? st : take_extent(home, err);
}

prl_status prl_dss_home_read(prl_bytes bytes, prl_dss_home *ret, prl_error *err)
{
	json_error_t why;
	*ret = (prl_dss_home){ 0 };
	if (bytes.size < PRL_HOME_SALT)
		return bad(err, "salt");
	ret->json = json_loadb(bytes.data + PRL_HOME_SALT, bytes.size - PRL_HOME_SALT, JSON_REJECT_DUPLICATES, &why);
	if (!ret->json)
		return prl_error_set(err, PRL_E_SYNTAX, "%s", why.text);
	return take(ret, err);
}

void prl_dss_home_done(prl_dss_home *home)
{
	prl_extent_free(home->extent);
	free(home->told);
	json_decref(home->json);
}
