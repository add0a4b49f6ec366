/* What rang UNVERIFIED, into the record: call.rung, this node's word that it did, and nobody's act. Nobody can hide
 * then that it rang, and it rings on after a restart.
 *
 * Once for a call, not for its repeats, and not for answers that do not hold: they change nothing. What a peer's node
 * has passed on with a signature whose key may only not have come yet is given PRL_CALL_LATE_S to hold. Whoever makes
 * up calls fills no record: PRL_BELL_RUNG_AN_HOUR of what one side has brought are written within an hour, the rest is
 * counted in the next one that is. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "node/bell_inside.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define HOUR (3600 * PRL_SECOND)

static prl_time boot(const prl_bell *bell)
{
	return bell->parts.boot(bell->parts.context);
}

/* ---- how much ---------------------------------------------------------------------------------------------------- */

/* NULL: there are more sides than may be, none of which is idle. */
static prl_bell_written *written_of(prl_bell *bell, const char *side)
{
	prl_bell_written *idle = NULL;
	for (size_t i = 0; i < bell->written_count; i++) {
		prl_bell_written *w = &bell->written[i];
		if (strcmp(w->side, side) == 0)
			return w;
		if (!w->left_out && prl_time_apart(w->since_boot, boot(bell)) >= HOUR)
			idle = w;
	}
	if (bell->written_count < PRL_BELL_SIDES_MAX)
		idle = &bell->written[bell->written_count++];
	if (idle) {
		*idle = (prl_bell_written){ .since_boot = boot(bell) };
		(void)snprintf(idle->side, sizeof idle->side, "%s", side);
	}
	return idle;
}

static bool may_write(prl_bell *bell, prl_bell_written *w)
{
	if (!w)
		return false;
	if (prl_time_apart(w->since_boot, boot(bell)) >= HOUR) {
		w->since_boot = boot(bell);
		w->count = 0;
	}
	return w->count < PRL_BELL_RUNG_AN_HOUR;
}

void prl_bell_left_out(prl_bell *bell, const prl_bell_item *item)
{
	if (bell->stop || !item->unverified[0] || item->written || !json_object_get(item->call, "class"))
		return;
	prl_bell_written *w = written_of(bell, item->side);
	if (w)
		w->left_out++;
}

/* ---- what it says ------------------------------------------------------------------------------------------------ */

static const char *const stated[] = { "place", "reason", "notice", "call_back", "words", "language", NULL };

static void set_text(json_t *to, const char *name, const json_t *text)
{
	if (json_string_length(text))
		json_object_set(to, name, (json_t *)(uintptr_t)text);
}

static json_t *body_of(const prl_bell_item *item, uint64_t left_out)
{
	json_t *body = json_pack("{s:o, s:O, s:s%, s:s, s:I, s:b}", "call", prl_show_hash(&item->id), "class",
				 json_object_get(item->call, "class"), "why", item->unverified,
				 strlen(item->unverified), "brought_by", item->side + 1, "count",
				 (json_int_t)(item->count ? item->count : 1), "stated", item->stated);
	if (!body)
		return NULL;
	set_text(body, "said_party", json_object_get(item->call, "party"));
	set_text(body, "said_key", json_object_get(item->call, "key"));
	for (size_t i = 0; stated[i]; i++)
		set_text(body, stated[i], json_object_get(item->call, stated[i]));
	if (left_out)
		json_object_set_new(body, "not_recorded", json_integer((json_int_t)left_out));
	return body;
}

static prl_mode mode_of(const json_t *call)
{
	prl_bytes mode = prl_body_text(call, "mode");
	return prl_bytes_is(mode, "TEST")       ? PRL_MODE_TEST
	       : prl_bytes_is(mode, "EXERCISE") ? PRL_MODE_EXERCISE
						: PRL_MODE_REAL;
}

static prl_bell_filing *filing_of(prl_bell *bell, const prl_bell_item *item, uint64_t left_out)
{
	json_t *body = body_of(item, left_out);
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) : 0;
	prl_bell_filing *f = text ? calloc(1, sizeof *f + size) : NULL;
	if (f) {
		memcpy(f->bytes, text, size);
		f->bell = bell;
		f->id = f->entry.hash = item->id;
		f->entry.hash.bytes[0] ^= 0xff; /* not that of the call, which may be filed as well */
		f->entry.kind = prl_bytes_of("call.rung");
		f->filing = (prl_filing){ .what = PRL_FILING_RECORDED,
					  .kind = "call.rung",
					  .recorded = "node",
					  .mode = mode_of(item->call),
					  .body = { f->bytes, size } };
	}
	free(text);
	json_decref(body);
	return f;
}

/* ---- written ----------------------------------------------------------------------------------------------------- */

static bool is_to_write(prl_bell *bell, const prl_bell_item *item)
{
	bool may_hold = item->may_hold && prl_time_apart(item->rung_boot, boot(bell)) < PRL_CALL_LATE_S * PRL_SECOND;
	return item->unverified[0] && item->side[0] == '?' && !item->written && !may_hold &&
	       json_object_get(item->call, "class");
}

static bool is_in_record(prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	bool logged;
	json_t *call = prl_bell_laid_together(bell, version, item, &logged);
	bool is = json_object_get(call, "log") != NULL;
	json_decref(call);
	return is;
}

void prl_bell_write_rung(prl_bell *bell)
{
	prl_version version = prl_picture_pin(bell->parts.picture);
	for (size_t i = 0; i < bell->count; i++) {
		prl_bell_item *item = bell->items[i];
		if (!is_to_write(bell, item))
			continue;
		prl_bell_written *w = is_in_record(bell, version, item) ? NULL : written_of(bell, item->side);
		item->written = true;
		if (w && !may_write(bell, w)) {
			w->left_out++;
			continue;
		}
		prl_bell_filing *f = w ? filing_of(bell, item, w->left_out) : NULL;
		if (!f)
			continue;
		w->count++;
		w->left_out = 0;
		prl_bell_file_later(bell, f);
	}
	prl_picture_unpin(bell->parts.picture, version);
}

/* ---- taken up ---------------------------------------------------------------------------------------------------- */

typedef struct taking {
	prl_bell *bell;
	prl_version version;
} taking;

/* The call as it was stated, from what the node has said of it. */
static json_t *call_of(const json_t *rung, prl_time *ret_time)
{
	prl_bytes time = prl_body_text(rung, "time");
	if (!time.data || prl_time_parse(time.data, time.size, ret_time, NULL))
		return NULL;
	json_t *call = json_pack("{s:O, s:O, s:O, s:O, s:I, s:[]}", "id", json_object_get(rung, "call"), "class",
				 json_object_get(rung, "class"), "mode", json_object_get(rung, "mode"), "time",
				 json_object_get(rung, "time"), "ns", (json_int_t)*ret_time, "answers");
	json_t *party = json_object_get(rung, "said_party");
	for (size_t i = 0; call && stated[i]; i++)
		set_text(call, stated[i], json_object_get(rung, stated[i]));
	if (call)
		json_object_set_new(call, "party", party ? json_incref(party) : json_string(""));
	set_text(call, "key", json_object_get(rung, "said_key"));
	return call;
}

static bool one_rung(void *context, prl_bytes key, const json_t *rung)
{
	const taking *t = context;
	prl_bell *bell = t->bell;
	prl_hash id;
	prl_time time;
	(void)key;
	prl_bytes brought_by = prl_body_text(rung, "brought_by"), said_key = prl_body_text(rung, "said_key");
	if (!prl_hash_read(prl_body_text(rung, "call"), &id) || prl_bell_find(bell, &id) ||
	    bell->count == PRL_BELL_MAX ||
	    json_object_get(prl_call_find(bell->parts.picture, t->version, &id), "class"))
		return true;
	json_t *call = call_of(rung, &time);
	prl_time age = call ? prl_time_apart(time, bell->parts.now(bell->parts.context)) : 0;
	prl_bell_item *item = call && age <= PRL_BELL_KEEP_S * PRL_SECOND ? prl_bell_add(bell) : NULL;
	if (!item) {
		json_decref(call);
		return true;
	}
	item->id = id;
	item->call = call;
	item->rung = time;
	item->rung_boot = item->told_boot = boot(bell);
	item->age_before = age > 0 ? age : 0;
	item->count = (unsigned)prl_body_number(rung, "count", 1);
	item->written = true;
	item->stated = json_is_true(json_object_get(rung, "stated"));
	item->ours = prl_bytes_is(brought_by, "desk") || prl_bytes_is(brought_by, "nobody");
	(void)snprintf(item->unverified, sizeof item->unverified, "%s",
		       json_string_value(json_object_get(rung, "why")));
	(void)snprintf(item->side, sizeof item->side, "?%.*s", (int)brought_by.size, brought_by.data);
	(void)snprintf(item->caller, sizeof item->caller, "%.*s?%.*s", (int)said_key.size,
		       said_key.data ? said_key.data : "", (int)brought_by.size, brought_by.data);
	prl_bell_stand stand = prl_bell_stands(bell, t->version, item);
	item->step = stand.step;
	if (!stand.waits && !item->ours)
		prl_bell_drop(bell, bell->count - 1);
	else
		prl_bell_tell(bell, t->version, item);
	return true;
}

void prl_bell_take_up_rung(prl_bell *bell, prl_version version)
{
	taking t = { bell, version };
	if (prl_call_each_rung(bell->parts.picture, version, bell->parts.own, one_rung, &t, NULL))
		prl_bell_say(bell, "what rang unverified before this start was not read: it rings no more");
}
