#include "line/met.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/alarm.h"
#include "line/thing.h"
#include "picture/pack.h"

#include <stdio.h>
#include <string.h>

#define WORKING PRL_VERSION_WORKING
#define DUE_S   (15 * 60)

enum { MET, BEHIND, NOUNS };

/* ---- kept -------------------------------------------------------------------------------------------------------- */

static bool save_met(const void *value, prl_buffer *to)
{
	const prl_met *met = value;
	bool done = prl_pack_hash(to, &met->notice) && prl_pack_number(to, (uint64_t)met->others) &&
		    prl_pack_number(to, (uint64_t)met->others_from) && prl_pack_number(to, (uint64_t)met->since) &&
		    prl_pack_number(to, met->counting) && prl_pack_number(to, met->kind) &&
		    prl_pack_number(to, met->named);
	for (size_t i = 0; done && i < met->named; i++) {
		const prl_met_flight *flight = &met->flights[i];
		done = prl_pack_bytes(to, (prl_bytes){ (const char *)flight->id.bytes, sizeof flight->id.bytes }) &&
		       prl_pack_number(to, (uint64_t)flight->from) && prl_pack_number(to, (uint64_t)flight->to);
	}
	return done;
}

static prl_met *met_new(size_t named)
{
	return calloc(1, sizeof(prl_met) + named * sizeof(prl_met_flight));
}

static void load_flight(prl_unpack *from, prl_met_flight *ret)
{
	prl_bytes id = prl_unpack_bytes(from);
	from->bad = from->bad || id.size != sizeof ret->id.bytes;
	if (!from->bad)
		memcpy(ret->id.bytes, id.data, id.size);
	ret->from = (prl_time)prl_unpack_number(from, UINT64_MAX);
	ret->to = (prl_time)prl_unpack_number(from, UINT64_MAX);
}

static void *load_met(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_met head = { .notice = prl_unpack_hash(&from) };
	head.others = (int64_t)prl_unpack_number(&from, UINT64_MAX);
	head.others_from = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	head.since = (prl_time)prl_unpack_number(&from, UINT64_MAX);
	head.counting = prl_unpack_number(&from, 1) != 0;
	head.kind = (uint8_t)prl_unpack_number(&from, PRL_KIND_EVACUATION);
	head.named = (uint32_t)prl_unpack_number(&from, PRL_MET_NAMED_MAX);
	prl_met *met = met_new(head.named);
	if (!met) {
		(void)prl_error_memory(err);
		return NULL;
	}
	*met = head;
	for (size_t i = 0; i < met->named; i++)
		load_flight(&from, &met->flights[i]);
	if (prl_unpack_end(&from, "met", err))
		return met;
	free(met);
	return NULL;
}

static bool save_nothing(const void *value, prl_buffer *to)
{
	(void)value;
	return prl_pack_number(to, 1);
}

static void *load_nothing(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	(void)prl_unpack_number(&from, 1);
	if (!prl_unpack_end(&from, "met.behind", err))
		return NULL;
	void *value = calloc(1, 1);
	if (!value)
		(void)prl_error_memory(err);
	return value;
}

static const prl_noun nouns[NOUNS] = {
	{ .name = "met", .shared = false, .save = save_met, .load = load_met, .free = free },
	{ .name = "met.behind", .shared = false, .save = save_nothing, .load = load_nothing, .free = free },
};

static bool table_of(const prl_picture *picture, int noun, unsigned *ret)
{
	return prl_picture_table(picture, nouns[noun].name, ret);
}

const prl_met *prl_met_find(prl_picture *picture, prl_version version, const prl_hash *notice)
{
	unsigned table;
	return table_of(picture, MET, &table) ? prl_picture_find(picture, version, table, prl_hash_key(notice)) : NULL;
}

typedef struct walking {
	prl_met_fn *fn;
	void *context;
} walking;

static bool walk_one(void *context, prl_bytes key, const void *value)
{
	const walking *w = context;
	(void)key;
	return w->fn(w->context, value);
}

prl_status prl_met_each(prl_picture *picture, prl_version version, prl_met_fn *fn, void *context, prl_error *err)
{
	unsigned table;
	walking w = { fn, context };
	if (!table_of(picture, MET, &table) || prl_picture_count(picture, version, table) == 0)
		return PRL_OK;
	return prl_picture_each(picture, version, table, walk_one, &w, err);
}

size_t prl_met_count(prl_picture *picture)
{
	unsigned table;
	return table_of(picture, MET, &table) ? prl_picture_count(picture, WORKING, table) : 0;
}

/* ---- changed ----------------------------------------------------------------------------------------------------- */

prl_met *prl_met_room(void)
{
	return met_new(PRL_MET_NAMED_MAX);
}

void prl_met_begin(prl_met *room, const prl_hash *notice, uint8_t kind, uint64_t as_of)
{
	*room = (prl_met){ .notice = *notice,
			   .as_of = as_of,
			   .kind = kind,
			   .others_from = PRL_TIME_OPEN_END,
			   .since = PRL_TIME_OPEN_END };
}

void prl_met_copy(prl_met *room, const prl_met *from)
{
	memcpy(room, from, sizeof *from + from->named * sizeof *from->flights);
}

static bool comes_before(const prl_met_flight *a, const prl_met_flight *b)
{
	if (a->from != b->from)
		return a->from < b->from;
	return memcmp(&a->id, &b->id, sizeof a->id) < 0;
}

/* The others are never earlier than those that are named: who would come behind one of them is one of them. */
void prl_met_add(prl_met *room, const prl_met_flight *flight, prl_time filed)
{
	size_t at = room->named;
	if (filed < room->since)
		room->since = filed;
	if (flight->from >= room->others_from && room->others_from != PRL_TIME_OPEN_END) {
		room->others++;
		return;
	}
	if (room->named == PRL_MET_NAMED_MAX) {
		const prl_met_flight *last = &room->flights[--at];
		room->others++;
		room->others_from = comes_before(flight, last) ? last->from : flight->from;
		if (!comes_before(flight, last))
			return;
		room->named--;
	}
	for (; at && comes_before(flight, &room->flights[at - 1]); at--)
		room->flights[at] = room->flights[at - 1];
	room->flights[at] = *flight;
	room->named++;
}

void prl_met_add_gone(prl_met *room, const prl_met_flight *flight)
{
	room->others++;
	if (flight->from < room->others_from)
		room->others_from = flight->from;
}

/* An intent that is changed is here twice for a while, where what came is told before what is gone. */
static bool is_same(const prl_met_flight *a, const prl_met_flight *b)
{
	return prl_uuid_equal(&a->id, &b->id) && a->from == b->from && a->to == b->to;
}

void prl_met_remove(prl_met *room, const prl_met_flight *flight)
{
	size_t at = 0;
	while (at < room->named && !is_same(&room->flights[at], flight))
		at++;
	if (at == room->named) {
		room->others--;
		return;
	}
	room->named--;
	memmove(&room->flights[at], &room->flights[at + 1], (room->named - at) * sizeof *room->flights);
}

bool prl_met_is_thin(const prl_met *met)
{
	return !met->counting && met->others > 0 && met->named < PRL_MET_NAMED_MAX / 2;
}

prl_status prl_met_drop(prl_picture *picture, const prl_hash *notice, prl_error *err)
{
	unsigned table;
	if (!prl_met_find(picture, WORKING, notice) || !table_of(picture, MET, &table))
		return PRL_OK;
	return prl_picture_remove(picture, table, prl_hash_key(notice), err);
}

prl_status prl_met_put(prl_picture *picture, const prl_met *met, bool keep, prl_error *err)
{
	unsigned table;
	if (met->named == 0 && met->others == 0 && !met->counting && !keep)
		return prl_met_drop(picture, &met->notice, err);
	if (!table_of(picture, MET, &table))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no table of flights that are met");
	prl_met *copy = met_new(met->named);
	if (copy)
		prl_met_copy(copy, met);
	if (copy && copy->others == 0 && !keep)
		copy->others_from = PRL_TIME_OPEN_END;
	return prl_picture_put(picture, table, prl_hash_key(&met->notice), copy, err);
}

static const prl_bytes behind_key = { "", 0 };

bool prl_met_is_behind(prl_picture *picture, prl_version version)
{
	unsigned table;
	return table_of(picture, BEHIND, &table) && prl_picture_find(picture, version, table, behind_key);
}

prl_status prl_met_set_behind(prl_picture *picture, bool behind, prl_error *err)
{
	unsigned table;
	if (behind == prl_met_is_behind(picture, WORKING) || !table_of(picture, BEHIND, &table))
		return PRL_OK;
	return behind ? prl_picture_put(picture, table, behind_key, calloc(1, 1), err)
		      : prl_picture_remove(picture, table, behind_key, err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static bool is_own(const prl_show *show, const prl_notice *notice)
{
	return !show->party || strcmp(show->party, notice->party) == 0;
}

static prl_time later(prl_time a, prl_time b)
{
	return a > b ? a : b;
}

/* Those that are named and have ended count no more, though the clerk takes them out some minutes later. */
bool prl_met_sum_of(const prl_show *show, const prl_notice *notice, prl_met_sum *ret)
{
	const prl_met *met = prl_met_find(show->picture, show->version, &notice->id);
	if (!met || !is_own(show, notice) || !prl_notice_is_live(notice, show->now))
		return false;
	prl_met_sum sum = { met->others > 0 ? met->others : 0, PRL_TIME_OPEN_END, met->counting };
	if (sum.count)
		sum.first = later(met->others_from, notice->from);
	for (size_t i = met->named; i-- > 0;) {
		const prl_met_flight *flight = &met->flights[i];
		if (flight->to < show->now)
			continue;
		sum.count++;
		sum.first = later(flight->from, notice->from);
	}
	*ret = sum;
	return sum.count > 0;
}

json_t *prl_met_json(const prl_show *show, const prl_notice *notice)
{
	prl_met_sum sum;
	if (!prl_met_sum_of(show, notice, &sum))
		return json_null();
	return json_pack("{s:I, s:o, s:b}", "count", (json_int_t)sum.count, "first", prl_show_time(sum.first),
			 "counting", sum.counting);
}

/* ---- what needs a person ----------------------------------------------------------------------------------------- */

typedef struct raising {
	const prl_show *show;
	prl_alarms *to;
} raising;

static prl_time due_of(prl_time since, prl_time first)
{
	prl_time due = since + DUE_S * PRL_SECOND;
	return first > since && first < due ? first : due;
}

/* Once a notice: about says nothing by which it would ring again with each flight that comes. */
static bool raise(void *context, const prl_met *met)
{
	raising *r = context;
	char situation[PRL_ALARM_SITUATION_MAX], id[PRL_HASH_TEXT_MAX], name[PRL_NOTICE_NAME_MAX];
	char first[PRL_TIME_TEXT_MAX] = "once";
	prl_met_sum sum;
	const prl_notice *notice = prl_notice_find(r->show->picture, r->show->version, &met->notice);
	if (!notice || strcmp(notice->party, r->to->party) != 0 || !prl_met_sum_of(r->show, notice, &sum))
		return true;
	if (sum.first != PRL_TIME_OPEN_START)
		prl_time_format(sum.first, first);
	prl_hash_write(&notice->id, id);
	prl_notice_name(notice, name);
	(void)snprintf(situation, sizeof situation, "drones:%s", id);
	json_t *about = json_pack("{s:s, s:s, s:s, s:I, s:o}", "notice", name, "id", id, "mode", "REAL", "flights",
				  (json_int_t)sum.count, "first", prl_show_time(sum.first));
	prl_time since = later(met->since < r->show->now ? met->since : r->show->now, notice->changed);
	prl_alarm_raise(r->to, PRL_ALARM_DRONES_NEAR, situation, about, since, due_of(since, sum.first),
			"drone flights filed in the area of %s: %lld%s, first at %s", name, (long long)sum.count,
			sum.counting ? " and more" : "", first);
	return !r->to->failed;
}

static prl_status alarms(const prl_show *show, prl_alarms *to, prl_error *err)
{
	raising r = { show, to };
	return prl_met_each(show->picture, show->version, raise, &r, err);
}

const prl_line_part prl_met_part = { .nouns = nouns, .noun_count = NOUNS, .alarms = alarms };
