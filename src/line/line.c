#include "line/line.h"

#include "base/error.h"
#include "base/text.h"
#include "dss/fold.h"
#include "line/alarm.h"
#include "line/bundle.h"
#include "line/call.h"
#include "line/channel.h"
#include "line/disavowal.h"
#include "line/hit.h"
#include "line/meeting.h"
#include "line/message.h"
#include "line/met.h"
#include "line/movement.h"
#include "line/notice.h"
#include "line/open.h"
#include "line/overlap.h"
#include "line/person.h"
#include "line/query.h"
#include "line/receipt.h"
#include "line/recognition.h"
#include "line/shift.h"
#include "line/shown.h"
#include "line/speaks.h"
#include "line/standing.h"
#include "line/statement.h"
#include "line/stats.h"
#include "line/told.h"
#include "line/translation.h"

#include <string.h>

/* clang-format off: one row a part */
const prl_line_part *const prl_line_parts[] = {
	&prl_message_part,   &prl_call_part,        &prl_notice_part,      &prl_overlap_part,
	&prl_unchecked_part, &prl_receipt_part,     &prl_undelivered_part, &prl_movement_part,
	&prl_hit_part,       &prl_truce_part,       &prl_bundle_part,      &prl_alarm_part,
	&prl_shift_part,     &prl_channel_part,     &prl_recognition_part, &prl_query_part,
	&prl_statement_part, &prl_disavowal_part,   &prl_speaks_part,      &prl_meeting_part,
	&prl_standing_part,  &prl_translation_part, &prl_transcript_part,  &prl_stats_part,
	&prl_shown_part,     &prl_told_part,       &prl_met_part,
	&prl_person_part, /* last: looks at what the others raised */
};
/* clang-format on */
const size_t prl_line_part_count = sizeof prl_line_parts / sizeof *prl_line_parts;
_Static_assert(sizeof prl_line_parts / sizeof *prl_line_parts <= PRL_LINE_PARTS_MAX, "a sweep has a place for each");

prl_status prl_line_add(prl_picture *picture, prl_error *err)
{
	prl_status status = PRL_OK;
	unsigned table;
	for (size_t i = 0; i < prl_line_part_count && !status; i++) {
		const prl_line_part *part = prl_line_parts[i];
		for (size_t k = 0; k < part->noun_count && !status; k++)
			status = prl_picture_add_noun(picture, &part->nouns[k], &table, err);
		if (!status)
			status = prl_picture_add_kinds(picture, part->kinds, part->kind_count, err);
	}
	return status ? status : prl_dss_add(picture, err);
}

const prl_line_part *prl_line_part_named(prl_bytes name)
{
	for (size_t i = 0; i < prl_line_part_count; i++)
		if (prl_line_parts[i]->name && prl_bytes_is(name, prl_line_parts[i]->name))
			return prl_line_parts[i];
	return NULL;
}

prl_status prl_line_check(prl_picture *picture, prl_version version, const prl_entry *entry, const json_t *body,
			  prl_error *err)
{
	for (size_t i = 0; i < prl_line_part_count; i++) {
		const prl_line_part *part = prl_line_parts[i];
		for (size_t k = 0; part->check && k < part->kind_count; k++)
			if (prl_bytes_is(entry->kind, part->kinds[k].name))
				return part->check(picture, version, entry, body, err);
	}
	return PRL_OK;
}

prl_status prl_line_sweep(prl_picture *picture, prl_time now, size_t left[PRL_LINE_PARTS_MAX], prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t i = 0; i < prl_line_part_count && !status; i++) {
		const prl_open_rule *rule = prl_line_parts[i]->open;
		if (!rule ||
		    prl_open_count(picture, PRL_VERSION_WORKING, rule->open_noun) < 2 * left[i] + PRL_OPEN_SWEEP_AT)
			continue;
		status = prl_open_sweep(picture, rule, now, err);
		left[i] = prl_open_count(picture, PRL_VERSION_WORKING, rule->open_noun);
	}
	return status;
}

/* ---- what shows share -------------------------------------------------------------------------------------------- */

const char *prl_show_query(const prl_show *show, const char *name)
{
	return json_string_value(json_object_get(show->query, name));
}

prl_status prl_show_query_time(const prl_show *show, const char *name, prl_time *to, prl_error *err)
{
	const char *text = prl_show_query(show, name);
	prl_error why = { 0 };
	if (text && prl_time_parse(text, strlen(text), to, &why))
		return prl_error_set(err, PRL_E_SYNTAX, "%s: %.200s", name, why.text);
	return PRL_OK;
}

json_t *prl_show_time(prl_time time)
{
	char text[PRL_TIME_TEXT_MAX];
	if (time == PRL_TIME_OPEN_START || time == PRL_TIME_OPEN_END)
		return json_null();
	prl_time_format(time, text);
	return json_string(text);
}

json_t *prl_show_hash(const prl_hash *hash)
{
	char text[PRL_HASH_TEXT_MAX];
	prl_hash_write(hash, text);
	return json_string(text);
}
