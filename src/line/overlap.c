#include "line/overlap.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/overlap_inside.h"
#include "line/thing.h"
#include "picture/body.h"

#include <math.h>
#include <string.h>

/* What counts as no change: an update that moves nothing by more does not ring. */
#define SAME_CM 100
#define SAME_S  1

void prl_overlap_id(const prl_hash *a, const prl_hash *b, prl_hash *ret)
{
	unsigned char text[7 + 64];
	bool swap = memcmp(a, b, sizeof *a) > 0;
	memcpy(text, "overlap", 7);
	memcpy(text + 7, swap ? b : a, 32);
	memcpy(text + 39, swap ? a : b, 32);
	*ret = prl_sha256(text, sizeof text);
}

/* ---- reading bodies ---------------------------------------------------------------------------------------------- */

static prl_status hashes(const json_t *from, const char *member, prl_hash ret[2], prl_error *err)
{
	const json_t *two = json_object_get(from, member);
	for (size_t i = 0; i < 2; i++) {
		const char *text = json_string_value(json_array_get(two, i));
		if (!text || !prl_hash_read(prl_bytes_of(text), &ret[i]))
			return prl_error_set(err, PRL_E_SYNTAX, "%s: expected two hashes in base64", member);
	}
	return PRL_OK;
}

static int64_t centimetres(const json_t *number)
{
	double cm = json_number_value(number) * 100;
	return cm < 0 ? 0 : cm > 1e15 ? (int64_t)1e15 : (int64_t)llround(cm);
}

static prl_status open_time(const json_t *from, const char *member, prl_time open, prl_time *ret, prl_error *err)
{
	*ret = open;
	return json_object_get(from, member) ? prl_body_time(from, member, ret, err) : PRL_OK;
}

static int64_t length_s(prl_time from, prl_time to)
{
	if (from == PRL_TIME_OPEN_START || to == PRL_TIME_OPEN_END)
		return INT64_MAX;
	return to / PRL_SECOND - from / PRL_SECOND;
}

/* ---- conflict.found ---------------------------------------------------------------------------------------------- */

/* A notice of a pair: known to the log that speaks of it, and of its mode. */
static prl_status notice_of(prl_picture *picture, const prl_act *act, const prl_hash *id, const prl_notice **ret,
			    prl_error *err)
{
	const prl_notice *notice = prl_notice_find(picture, PRL_VERSION_WORKING, id);
	const char *log = notice ? prl_notice_log(picture, PRL_VERSION_WORKING, notice) : NULL;
	if (!log || !prl_act_sees(picture, act, prl_bytes_of(log), notice->filed_index))
		return prl_error_set(err, PRL_E_NOT_FOUND, "log %s knows no notice of this id", act->log);
	if (notice->mode != act->entry->mode)
		return prl_error_set(err, PRL_E_REFUSED, "the notice is of another mode");
	*ret = notice;
	return PRL_OK;
}

static prl_status new_overlap(prl_picture *picture, const prl_act *act, const prl_hash *id, const prl_hash notices[2],
			      prl_overlap **ret, prl_error *err)
{
	const prl_notice *a = NULL, *b = NULL;
	prl_hash expected;
	prl_overlap_id(&notices[0], &notices[1], &expected);
	if (memcmp(&notices[0], &notices[1], sizeof *notices) >= 0)
		return prl_error_set(err, PRL_E_REFUSED, "notices: expected two, the lesser id first");
	if (!prl_hash_equal(&expected, id))
		return prl_error_set(err, PRL_E_REFUSED, "id: not that of an overlap of these two notices");
	prl_status status = notice_of(picture, act, &notices[0], &a, err);
	if (!status)
		status = notice_of(picture, act, &notices[1], &b, err);
	prl_overlap *made = status ? NULL : prl_overlap_copy(NULL);
	if (!made)
		return status ? status : prl_error_memory(err);
	made->id = *id;
	memcpy(made->notices, notices, sizeof made->notices);
	made->mode = (uint8_t)act->entry->mode;
	made->parties = json_pack("[s, s]", a->party, b->party);
	if (!made->parties) {
		prl_overlap_free(made);
		return prl_error_memory(err);
	}
	*ret = made;
	return PRL_OK;
}

/* Earlier, closer or longer than `than` was when it rang. Open beginnings are the least of all times. */
static bool is_worse(const prl_finding *f, const prl_finding *than)
{
	int64_t length = length_s(f->from, f->to);
	return (than->rang_from != PRL_TIME_OPEN_START && f->from < than->rang_from - SAME_S * PRL_SECOND) ||
	       (than->rang_length_s != INT64_MAX && length > than->rang_length_s + SAME_S) ||
	       f->horizontal_cm < than->rang_horizontal_cm - SAME_CM ||
	       f->vertical_cm < than->rang_vertical_cm - SAME_CM;
}

static bool rings(const prl_finding *f, bool fresh, bool was_gone)
{
	return !f->own && (fresh || was_gone || is_worse(f, f));
}

static void ring(prl_finding *f, const prl_act *act)
{
	f->rang = act->index;
	f->ringing_since = act->entry->time;
	f->rang_from = f->from;
	f->rang_length_s = length_s(f->from, f->to);
	f->rang_horizontal_cm = f->horizontal_cm;
	f->rang_vertical_cm = f->vertical_cm;
}

static prl_status read_finding(const json_t *pair, prl_finding *f, prl_error *err)
{
	const json_t *closest = json_object_get(pair, "closest");
	prl_status status = hashes(pair, "versions", f->versions, err);
	if (!status)
		status = open_time(pair, "from", PRL_TIME_OPEN_START, &f->from, err);
	if (!status)
		status = open_time(pair, "to", PRL_TIME_OPEN_END, &f->to, err);
	if (!status && f->from > f->to)
		status = prl_error_set(err, PRL_E_RANGE, "from is after to");
	f->horizontal_cm = centimetres(json_object_get(closest, "horizontal_m"));
	f->vertical_cm = centimetres(json_object_get(closest, "vertical_m"));
	f->cannot_tell = prl_bytes_is(prl_body_text(pair, "vertical"), "cannot tell");
	return status;
}

static bool same_party(const prl_overlap *overlap)
{
	return json_equal(json_array_get(overlap->parties, 0), json_array_get(overlap->parties, 1));
}

static prl_status found_pair(prl_picture *picture, const prl_act *act, const json_t *pair, prl_error *err)
{
	prl_hash id, notices[2];
	prl_overlap *next = NULL;
	prl_status status = prl_body_hash(pair, "id", &id, err);
	if (!status)
		status = hashes(pair, "notices", notices, err);
	if (status)
		return status;
	const prl_overlap *old = prl_overlap_find(picture, PRL_VERSION_WORKING, &id);
	/* All is looked at again: another log may know the notices, this one may not. */
	status = new_overlap(picture, act, &id, notices, &next, err);
	if (!status && old) {
		prl_overlap_free(next);
		next = prl_overlap_copy(old);
	}
	bool fresh = false;
	prl_finding *f = status || !next ? NULL : prl_overlap_finding(next, act->log, &fresh);
	if (!status && !f)
		status = prl_error_memory(err);
	bool was_gone = !status && f->gone;
	if (!status)
		status = read_finding(pair, f, err);
	if (status) {
		prl_overlap_free(next);
		return status;
	}
	if (fresh) {
		f->first = act->index;
		f->found = act->entry->time;
	}
	f->newest = act->index;
	f->changed = act->entry->time;
	f->gone = false;
	f->own = same_party(next);
	if (rings(f, fresh, was_gone))
		ring(f, act);
	return prl_overlap_put(picture, next, !old, err);
}

static bool is_known(prl_picture *picture, const prl_act *act, const prl_overlap *overlap);

/* Says that the log finds it no longer: of what it, or another log as it knows, has found. */
static prl_status gone_pair(prl_picture *picture, const prl_act *act, const json_t *gone, prl_error *err)
{
	prl_hash id, versions[2];
	bool fresh = false;
	prl_status status = prl_body_hash(gone, "id", &id, err);
	if (!status)
		status = hashes(gone, "versions", versions, err);
	if (status)
		return status;
	const prl_overlap *old = prl_overlap_find(picture, PRL_VERSION_WORKING, &id);
	if (!is_known(picture, act, old) || old->told)
		return prl_error_set(err, PRL_E_NOT_FOUND, "log %s knows no overlap of this id", act->log);
	if (old->mode != act->entry->mode)
		return prl_error_set(err, PRL_E_REFUSED, "the overlap is of another mode");
	prl_overlap *next = prl_overlap_copy(old);
	prl_finding *f = next ? prl_overlap_finding(next, act->log, &fresh) : NULL;
	if (!f) {
		prl_overlap_free(next);
		return prl_error_memory(err);
	}
	if (fresh) {
		f->first = act->index;
		f->found = act->entry->time;
	}
	f->newest = act->index;
	f->changed = act->entry->time;
	memcpy(f->versions, versions, sizeof versions);
	f->gone = true;
	return prl_overlap_put(picture, next, false, err);
}

static prl_status each_of(prl_picture *picture, const prl_act *act, const char *member,
			  prl_status (*one)(prl_picture *, const prl_act *, const json_t *, prl_error *),
			  prl_error *err)
{
	const json_t *all = json_object_get(act->body, member);
	for (size_t i = 0; i < json_array_size(all); i++) {
		prl_status status = one(picture, act, json_array_get(all, i), err);
		if (status)
			return prl_error_at(err, status, "/%s/%zu", member, i), status;
	}
	return PRL_OK;
}

/* What that node has not compared yet: "LOG\n" and the notice's id; there until an entry of the log says nothing of it.
 */
static prl_status note_left(prl_picture *picture, const prl_act *act, const prl_notice *notice, prl_error *err)
{
	char key[PRL_KEY_NAME_MAX + PRL_HASH_TEXT_MAX + 2], id[PRL_HASH_TEXT_MAX];
	uint64_t more = prl_body_number(act->body, "more", 0);
	unsigned table;
	prl_hash_write(&notice->id, id);
	(void)snprintf(key, sizeof key, "%s\n%s", act->log, id);
	prl_bytes bytes = prl_bytes_of(key);
	if (more)
		return prl_thing_put(picture, prl_overlap_left_noun, bytes,
				     json_pack("{s:s, s:O, s:O, s:I}", "log", act->log, "notice",
					       json_object_get(act->body, "notice"), "version",
					       json_object_get(act->body, "version"), "left", (json_int_t)more),
				     err);
	if (!prl_thing_find(picture, PRL_VERSION_WORKING, prl_overlap_left_noun, bytes) ||
	    !prl_picture_table(picture, prl_overlap_left_noun, &table))
		return PRL_OK;
	return prl_picture_remove(picture, table, bytes, err);
}

static prl_status found(prl_picture *picture, const prl_act *act, prl_error *err)
{
	const prl_notice *notice;
	prl_status status = prl_notice_meant(picture, act, &notice, err);
	if (!status)
		status = each_of(picture, act, "pairs", found_pair, err);
	if (!status)
		status = each_of(picture, act, "gone", gone_pair, err);
	return status ? status : note_left(picture, act, notice, err);
}

/* ---- overlap.told ------------------------------------------------------------------------------------------------ */

/* Who tells: the party that signs, or on whose behalf the node records. Only of another party's notice. */
static prl_status told_by(prl_picture *picture, const prl_act *act, prl_bytes party, prl_error *err)
{
	const prl_notice *notice = NULL;
	prl_hash version;
	prl_status status = prl_notice_version_meant(picture, act, &notice, &version, err);
	if (status)
		return status;
	if (prl_bytes_is(party, notice->party))
		return prl_error_set(err, PRL_E_REFUSED,
				     "a party tells another of an overlap with that party's notice");
	prl_overlap *made = prl_overlap_copy(NULL);
	bool fresh;
	prl_finding *f = made ? prl_overlap_finding(made, act->log, &fresh) : NULL;
	if (f) {
		made->id = act->entry->hash;
		made->notices[0] = notice->id;
		made->told = true;
		made->mode = (uint8_t)act->entry->mode;
		made->parties = json_pack("[s, s%]", notice->party, party.data, party.size);
		*f = (prl_finding){
			.log = f->log,
			.first = act->index,
			.newest = act->index,
			.found = act->entry->time,
			.changed = act->entry->time,
			.versions = { version },
			/* When is the notice's to say: here it may be newer than the log of the act knew. */
			.from = PRL_TIME_OPEN_START,
			.to = PRL_TIME_OPEN_END
		};
		ring(f, act);
	}
	if (!f || !made->parties) {
		prl_overlap_free(made);
		return prl_error_memory(err);
	}
	return prl_overlap_put(picture, made, true, err);
}

static prl_status told(prl_picture *picture, const prl_act *act, prl_error *err)
{
	return told_by(picture, act, act->entry->party, err);
}

static prl_status told_automatically(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_bytes name = prl_body_text(act->body, "party");
	const prl_party *party = prl_act_party(picture, act, name);
	if (!party || party->left || strcmp(party->log, act->log) != 0)
		return prl_error_set(err, PRL_E_REFUSED, "party %.*s does not act in log %s", (int)name.size, name.data,
				     act->log);
	return told_by(picture, act, name, err);
}

/* ---- overlap.answered -------------------------------------------------------------------------------------------- */

/* Some log has found it, and the log of the act knew that. */
static bool is_known(prl_picture *picture, const prl_act *act, const prl_overlap *overlap)
{
	for (size_t i = 0; overlap && i < overlap->finding_count; i++)
		if (prl_act_sees(picture, act, prl_bytes_of(overlap->findings[i].log), overlap->findings[i].first))
			return true;
	return false;
}

/* How much of each log the log of the act had seen: which rings the answer settles, whatever else is here by now. */
static json_t *seen_by(prl_picture *picture, const prl_act *act)
{
	const prl_constitution *constitution = prl_act_constitution(picture, act);
	json_t *seen = json_pack("{s:I}", act->log, (json_int_t)act->index);
	for (size_t i = 0; seen && i < constitution->log_count; i++) {
		const char *log = constitution->logs[i].origin;
		const prl_peer *peer =
			prl_picture_peer_of(picture, PRL_VERSION_WORKING, prl_bytes_of(act->log), prl_bytes_of(log));
		if (strcmp(log, act->log) != 0 && peer &&
		    json_object_set_new(seen, log, json_integer((json_int_t)peer->size))) {
			json_decref(seen);
			return NULL;
		}
	}
	return seen;
}

static json_t *answer_of(prl_picture *picture, const prl_act *act)
{
	static const char *const said[] = { "answer", "versions", "text", "language", NULL };
	json_t *answer = prl_thing_new(act);
	json_t *seen = seen_by(picture, act);
	if (answer && seen && json_object_set(answer, "seen", seen) == 0 && prl_thing_take(answer, act->body, said)) {
		json_decref(seen);
		return answer;
	}
	json_decref(seen);
	json_decref(answer);
	return NULL;
}

/* The party's answers with this one in place of its last of the same word, the newest at the end. */
static json_t *with_answer(const json_t *old, json_t *answer)
{
	json_t *all = json_array();
	const json_t *word = json_object_get(answer, "answer");
	bool done = all && answer;
	for (size_t i = 0; done && i < json_array_size(old); i++) {
		json_t *other = json_array_get(old, i);
		if (!json_equal(json_object_get(other, "answer"), word))
			done = json_array_append(all, other) == 0;
	}
	if (done && json_array_append(all, answer) == 0) {
		json_decref(answer);
		return all;
	}
	json_decref(answer);
	json_decref(all);
	return NULL;
}

static prl_status answered(prl_picture *picture, const prl_act *act, prl_error *err)
{
	prl_hash id;
	char party[PRL_KEY_NAME_MAX + 1] = "";
	prl_status status = prl_body_hash(act->body, "overlap", &id, err);
	if (status)
		return status;
	const prl_overlap *old = prl_overlap_find(picture, PRL_VERSION_WORKING, &id);
	if (!is_known(picture, act, old))
		return prl_error_set(err, PRL_E_NOT_FOUND, "overlap: log %s knows no overlap of this id", act->log);
	if (old->mode != act->entry->mode)
		return prl_error_set(err, PRL_E_REFUSED, "the overlap is of another mode");
	if (act->entry->party.size >= sizeof party || !prl_body_has(old->parties, act->entry->party))
		return prl_error_set(err, PRL_E_REFUSED, "only a party whose notice overlaps answers");
	if (json_array_size(json_object_get(act->body, "versions")) != (old->told ? 1 : 2))
		return prl_error_set(err, PRL_E_REFUSED, "versions: expected %s", old->told ? "one" : "two");
	memcpy(party, act->entry->party.data, act->entry->party.size);
	prl_overlap *next = prl_overlap_copy(old);
	json_t *answers = next && old->answers ? json_copy(old->answers) : json_object();
	json_t *own = with_answer(json_object_get(answers, party), answer_of(picture, act));
	if (!next || !answers || !own || json_object_set_new(answers, party, own)) {
		prl_overlap_free(next);
		json_decref(answers);
		return prl_error_memory(err);
	}
	json_decref(next->answers);
	next->answers = answers;
	return prl_overlap_put(picture, next, false, err);
}

/* ---- questions --------------------------------------------------------------------------------------------------- */

static size_t newer_versions(prl_picture *picture, prl_version version, const prl_overlap *overlap,
			     const prl_finding *f)
{
	size_t count = 0;
	for (size_t i = 0; i < 2; i++) {
		const prl_notice *notice = prl_notice_find(picture, version, &overlap->notices[i]);
		count += notice && prl_hash_equal(&notice->version, &f->versions[i]);
	}
	return count;
}

/* More versions that are in force first; of those as many, one that overlaps; then the later. */
const prl_finding *prl_overlap_newest(prl_picture *picture, prl_version version, const prl_overlap *overlap)
{
	const prl_finding *best = NULL;
	size_t best_count = 0;
	for (size_t i = 0; i < overlap->finding_count; i++) {
		const prl_finding *f = &overlap->findings[i];
		size_t count = newer_versions(picture, version, overlap, f);
		if (!best || count > best_count ||
		    (count == best_count &&
		     (f->gone < best->gone || (f->gone == best->gone && f->changed > best->changed)))) {
			best = f;
			best_count = count;
		}
	}
	return best;
}

/* Whether the log of one of the party's answers had seen the ring. */
static bool is_heard(const prl_overlap *overlap, const prl_finding *f, const char *party)
{
	const json_t *answers = json_object_get(overlap->answers, party);
	for (size_t i = 0; i < json_array_size(answers); i++) {
		const json_t *seen = json_object_get(json_array_get(answers, i), "seen");
		const json_t *size = json_object_get(seen, f->log);
		if (size && (uint64_t)json_integer_value(size) > f->rang)
			return true;
	}
	return false;
}

/* Heard, or a log's first finding, and no worse than what another log rang for and was heard: that a second node finds
 * it too is no news. */
static bool is_settled(const prl_overlap *overlap, const prl_finding *f, const char *party)
{
	bool settled = is_heard(overlap, f, party);
	for (size_t i = 0; !settled && i < overlap->finding_count; i++) {
		const prl_finding *other = &overlap->findings[i];
		settled = f->rang == f->first && other != f && !other->gone && !is_worse(f, other) &&
			  is_heard(overlap, other, party);
	}
	return settled;
}

static bool rings_at(const prl_overlap *overlap, const char *party, prl_time *ret_since)
{
	bool found_one = false;
	/* Who tells has nothing to answer. */
	if (overlap->told && strcmp(json_string_value(json_array_get(overlap->parties, 0)), party) != 0)
		return false;
	for (size_t i = 0; i < overlap->finding_count; i++) {
		const prl_finding *f = &overlap->findings[i];
		if (f->gone || f->own || is_settled(overlap, f, party))
			continue;
		if (!found_one || f->ringing_since < *ret_since)
			*ret_since = f->ringing_since;
		found_one = true;
	}
	return found_one;
}

static prl_overlap_state resolved_how(const prl_show *show, const prl_overlap *overlap)
{
	const prl_finding *f = prl_overlap_newest(show->picture, show->version, overlap);
	prl_overlap_state state = PRL_OVERLAP_OPEN;
	for (size_t i = 0; i < (overlap->told ? 1 : 2); i++) {
		const prl_notice *notice = prl_notice_find(show->picture, show->version, &overlap->notices[i]);
		if (notice && notice->state == PRL_NOTICE_CANCELLED)
			return PRL_OVERLAP_CANCELLED;
		if (notice && notice->state == PRL_NOTICE_ENDED)
			state = PRL_OVERLAP_ENDED;
		if (notice && overlap->told && !prl_hash_equal(&notice->version, &overlap->findings[0].versions[0]))
			return PRL_OVERLAP_CHANGED;
		if (notice && overlap->told && state == PRL_OVERLAP_OPEN && notice->to < show->now)
			return PRL_OVERLAP_PAST;
	}
	if (state == PRL_OVERLAP_OPEN && f && f->gone)
		return PRL_OVERLAP_CHANGED;
	if (state == PRL_OVERLAP_OPEN && f && f->to < show->now)
		return PRL_OVERLAP_PAST;
	return state;
}

bool prl_overlap_anybody_rings(const prl_overlap *overlap)
{
	prl_time since;
	for (size_t i = 0; i < json_array_size(overlap->parties); i++)
		if (rings_at(overlap, json_string_value(json_array_get(overlap->parties, i)), &since))
			return true;
	return false;
}

prl_overlap_state prl_overlap_state_of(const prl_show *show, const prl_overlap *overlap)
{
	prl_overlap_state state = resolved_how(show, overlap);
	return state == PRL_OVERLAP_OPEN && !prl_overlap_anybody_rings(overlap) ? PRL_OVERLAP_ANSWERED : state;
}

bool prl_overlap_rings(const prl_show *show, const prl_overlap *overlap, const char *party, prl_time *ret_since)
{
	return prl_body_has(overlap->parties, prl_bytes_of(party)) && resolved_how(show, overlap) == PRL_OVERLAP_OPEN &&
	       rings_at(overlap, party, ret_since);
}

/* ---- a pair as it is recorded ------------------------------------------------------------------------------------ */

static bool set(json_t *to, const char *name, json_t *value)
{
	return json_object_set_new(to, name, value) == 0;
}

static bool set_time(json_t *to, const char *name, prl_time time)
{
	return time == PRL_TIME_OPEN_START || time == PRL_TIME_OPEN_END || set(to, name, prl_show_time(time));
}

/* Centimetres are finer than anything here is known. */
static json_t *metres(double m)
{
	return json_real(isfinite(m) ? round(m * 100) / 100 : 0);
}

static bool add_intervals(json_t *to, const prl_conflict *conflict)
{
	json_t *all = json_array();
	bool done = all != NULL;
	for (size_t i = 0; done && i < conflict->interval_count && i < PRL_OVERLAP_INTERVALS; i++) {
		json_t *one = json_object();
		done = one && set_time(one, "from", conflict->intervals[i].from) &&
		       set_time(one, "to", conflict->intervals[i].to);
		done = json_array_append_new(all, one) == 0 && done;
	}
	done = set(to, "intervals", all) && done;
	if (conflict->interval_count > PRL_OVERLAP_INTERVALS)
		done = done && set(to, "more_intervals",
				   json_integer((json_int_t)(conflict->interval_count - PRL_OVERLAP_INTERVALS)));
	return done;
}

static json_t *closest_of(const prl_closest *closest)
{
	static const char *const datums[] = { "W84", "MSL", "AGL", "FL" };
	json_t *json = json_object();
	double lng = round(closest->place.lng_deg * 1e7) / 1e7, lat = round(closest->place.lat_deg * 1e7) / 1e7;
	bool done = json && set_time(json, "time", closest->time) &&
		    set(json, "horizontal_m", metres(closest->horizontal_m)) &&
		    set(json, "vertical_m", metres(closest->vertical_m)) &&
		    set(json, "position", json_pack("[f, f]", lng, lat));
	if (done && isfinite(closest->altitude_m) && fabs(closest->altitude_m) < 1e8)
		done = set(json, "altitude_m", metres(closest->altitude_m)) &&
		       set(json, "datum", json_string(datums[closest->datum]));
	if (done)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *two_hashes(const prl_hash two[2])
{
	char a[PRL_HASH_TEXT_MAX], b[PRL_HASH_TEXT_MAX];
	prl_hash_write(&two[0], a);
	prl_hash_write(&two[1], b);
	return json_pack("[s, s]", a, b);
}

json_t *prl_overlap_pair(const prl_hash notices[2], const prl_hash versions[2], const prl_conflict *conflict,
			 const prl_separation *separation, const char *source, const char *area, bool own)
{
	prl_hash id;
	json_t *pair = json_object();
	prl_overlap_id(&notices[0], &notices[1], &id);
	bool done = pair && set(pair, "id", prl_show_hash(&id)) && set(pair, "notices", two_hashes(notices)) &&
		    set(pair, "versions", two_hashes(versions)) &&
		    set_time(pair, "from", conflict->intervals[0].from) &&
		    set_time(pair, "to", conflict->intervals[conflict->interval_count - 1].to) &&
		    add_intervals(pair, conflict) && set(pair, "closest", closest_of(&conflict->closest)) &&
		    set(pair, "vertical",
			json_string(conflict->vertical == PRL_VERTICAL_KNOWN ? "known" : "cannot tell")) &&
		    set(pair, "separation",
			json_pack("{s:o, s:o, s:s}", "horizontal_m", metres(separation->horizontal_m), "vertical_m",
				  metres(separation->vertical_m), "source", source)) &&
		    (!area || set(pair, "area", json_string(area))) && (!own || set(pair, "own", json_true()));
	if (done)
		return pair;
	json_decref(pair);
	return NULL;
}

static const prl_act_kind kinds[] = {
	{ "conflict.found", PRL_RECORDED, false, found },
	{ "overlap.answered", PRL_SIGNED_BY_KEY, false, answered },
	{ "overlap.told", PRL_SIGNED_BY_KEY, false, told },
	{ "overlap.told_automatically", PRL_RECORDED, false, told_automatically },
};

const prl_line_part prl_overlap_part = { .name = "overlaps",
					 .nouns = prl_overlap_nouns,
					 .noun_count = PRL_OVERLAP_NOUNS,
					 .kinds = kinds,
					 .kind_count = sizeof kinds / sizeof *kinds,
					 .queries = prl_overlap_queries,
					 .show = prl_overlap_show,
					 .alarms = prl_overlap_alarms,
					 .open = &prl_overlap_home_rule };
