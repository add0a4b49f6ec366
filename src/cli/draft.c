#include "cli/draft.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/typed.h"
#include "line/gazetteer.h"

#include <parley/notation.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define CANDIDATES_MAX 5
#define VERTICES_MAX   1000

prl_time prl_draft_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (prl_time)t.tv_sec * PRL_SECOND + t.tv_nsec;
}

bool prl_draft_begin(draft *d)
{
	*d = (draft){ .now = prl_draft_clock(), .details = json_object(), .terms = json_object() };
	return d->details && d->terms;
}

void prl_draft_done(draft *d)
{
	json_decref(d->details);
	json_decref(d->area);
	json_decref(d->terms);
	*d = (draft){ 0 };
}

bool prl_draft_is_option(int id)
{
	return id > DRAFT_FIRST && id <= DRAFT_USS;
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

static prl_status put(json_t *object, const char *name, json_t *value, prl_error *err)
{
	if (!value)
		return prl_error_set(err, PRL_E_SYNTAX, "not UTF-8");
	return json_object_set_new(object, name, value) ? prl_error_memory(err) : PRL_OK;
}

static prl_status put_text(json_t *object, const char *name, const char *value, prl_error *err)
{
	if (!*value)
		return prl_error_set(err, PRL_E_SYNTAX, "empty; leave it out where it is not stated");
	return put(object, name, json_string(value), err);
}

static prl_status put_time(draft *d, const char *name, const char *value, prl_error *err)
{
	json_t *time = NULL;
	prl_status st = prl_typed_time_json(value, d->now, &time, err);
	return st ? st : put(d->details, name, time, err);
}

static json_t *area_of(draft *d)
{
	if (!d->area)
		d->area = json_object();
	return d->area;
}

static prl_status put_level(draft *d, const char *name, const char *value, prl_error *err)
{
	json_t *level = NULL;
	prl_status st = prl_typed_level(value, &level, err);
	return st ? st : put(area_of(d), name, level, err);
}

static prl_status put_length(draft *d, const char *name, const char *value, prl_error *err)
{
	double metres;
	prl_status st = prl_typed_distance(value, &metres, err);
	return st ? st : put(area_of(d), name, json_real(metres), err);
}

static prl_status put_count(draft *d, const char *name, const char *value, prl_error *err)
{
	double number;
	prl_status st = prl_cli_number(value, 0, 1e8, "a whole number", &number, err);
	if (!st && number != (double)(json_int_t)number)
		st = prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is not a whole number", value);
	return st ? st : put(d->details, name, json_integer((json_int_t)number), err);
}

/* Texts parted by a mark, without the spaces around them. */
static json_t *parts_of(const char *text, char mark)
{
	json_t *list = json_array();
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchr(text, mark);
		end = end ? end : text + strlen(text);
		const char *from = text + strspn(text, " ");
		size_t length = end > from ? (size_t)(end - from) : 0;
		while (length && from[length - 1] == ' ')
			length--;
		if (length && json_array_append_new(list, json_stringn(from, length)))
			break;
	}
	return list;
}

static prl_status put_instrument(draft *d, const char *name, const char *value, prl_error *err)
{
	json_t *instrument = json_object_get(d->details, "instrument");
	if (!instrument && json_object_set_new(d->details, "instrument", json_object()))
		return prl_error_memory(err);
	return put_text(json_object_get(d->details, "instrument"), name, value, err);
}

static json_t *place_of(draft *d)
{
	if (!json_object_get(d->details, "place"))
		json_object_set_new(d->details, "place", json_object());
	return json_object_get(d->details, "place");
}

static prl_status put_again(draft *d, const char *value, prl_error *err)
{
	prl_position position;
	bool is_position = prl_position_parse(value, strlen(value), NULL, &position, NULL, NULL) == PRL_OK;
	bool digits = strpbrk(value, "0123456789") != NULL;
	if (!is_position && digits) { /* meant as a position: say what is wrong with it, do not call it a name */
		prl_status st = prl_position_parse(value, strlen(value), NULL, &position, NULL, err);
		if (st == PRL_E_AMBIGUOUS)
			return st;
	}
	json_t *again = json_pack("{s:s}", is_position ? "position" : "name", value);
	return put(place_of(d), "again", again, err);
}

static prl_status one_of(json_t *to, const char *name, const char *value, const char *const *words,
			 const char *expected, prl_error *err)
{
	for (; *words; words++)
		if (strcmp(*words, value) == 0)
			return put_text(to, name, value, err);
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\"; expected %s", value, expected);
}

static prl_status set_where(draft *d, int id, const char *value, prl_error *err)
{
	switch (id) {
	case DRAFT_AT:
	case DRAFT_CIRCLE:
		return put_text(area_of(d), "place", value, err);
	case DRAFT_VERTICES:
		return put(area_of(d), "vertices", parts_of(value, ';'), err);
	case DRAFT_RADIUS:
		return put_length(d, "radius_m", value, err);
	case DRAFT_HALF_WIDTH:
		return put_length(d, "half_width_m", value, err);
	case DRAFT_LOWER:
		return put_level(d, "lower", value, err);
	case DRAFT_UPPER:
		return put_level(d, "upper", value, err);
	case DRAFT_PLACE:
		return put_text(place_of(d), "name", value, err);
	case DRAFT_LOCAL_NAME:
		return put_text(place_of(d), "local_name", value, err);
	default:
		return put_again(d, value, err);
	}
}

static prl_status set_terms(draft *d, int id, const char *value, prl_error *err)
{
	static const char *const disclosures[] = { "full", "area", "sealed", NULL };
	static const char *const policies[] = { "by hand", "automatic", "never", NULL };
	static const char *const shown[] = { "area", "full", "none", NULL };
	switch (id) {
	case DRAFT_USS:
		d->plain_uss = !value;
		return one_of(d->terms, "uss", value ? value : "area", shown, "area, full or none", err);
	case DRAFT_AUDIENCE:
		return put(d->terms, "audience", parts_of(value, ','), err);
	case DRAFT_DISCLOSURE:
		return one_of(d->terms, "disclosure", value, disclosures, "full, area or sealed", err);
	default:
		return one_of(d->terms, "policy", value, policies, "by hand, automatic or never", err);
	}
}

static prl_status set_words(draft *d, int id, const char *value, prl_error *err)
{
	switch (id) {
	case DRAFT_TITLE:
		return put_text(d->details, "title", value, err);
	case DRAFT_FREQUENCY:
		return put_text(d->details, "frequency", value, err);
	case DRAFT_CALL_SIGN:
		return put_text(d->details, "call_sign", value, err);
	case DRAFT_CALL_BACK:
		return put_text(d->details, "call_back", value, err);
	case DRAFT_LANGUAGE:
		d->language = value;
		return put_text(d->details, "language", value, err);
	case DRAFT_CONTACT:
		return put_text(d->details, "contact", value, err);
	case DRAFT_INSTRUMENT:
		return put_instrument(d, "name", value, err);
	case DRAFT_CLAUSE:
		return put_instrument(d, "clause", value, err);
	default:
		return put(d->details, "text", json_pack("{s:s, s:s}", "words", value, "language", "en"), err);
	}
}

prl_status prl_draft_option(draft *d, int id, const char *value, prl_error *err)
{
	static const char *const kinds[] = { "flight",   "live-fire area", "ground movement", "convoy",     "site",
					     "exercise", "repair",         "rescue",          "evacuation", NULL };
	switch (id) {
	case DRAFT_KIND:
		return one_of(
			d->details, "kind", value, kinds,
			"flight, live-fire area, ground movement, convoy, site, exercise, repair, rescue or evacuation",
			err);
	case DRAFT_FROM:
		return put_time(d, "from", value, err);
	case DRAFT_TO:
		return put_time(d, "to", value, err);
	case DRAFT_UNMANNED:
	case DRAFT_MANNED:
		return put(d->details, "unmanned", json_boolean(id == DRAFT_UNMANNED), err);
	case DRAFT_ARMED:
	case DRAFT_UNARMED:
		return put(d->details, "armed_guards", json_boolean(id == DRAFT_ARMED), err);
	case DRAFT_VEHICLES:
		return put_count(d, "vehicles", value, err);
	case DRAFT_PERSONS:
		return put_count(d, "persons", value, err);
	case DRAFT_AUDIENCE:
	case DRAFT_DISCLOSURE:
	case DRAFT_POLICY:
	case DRAFT_USS:
		return set_terms(d, id, value, err);
	default:
		return id >= DRAFT_AT && id <= DRAFT_AGAIN ? set_where(d, id, value, err)
							   : set_words(d, id, value, err);
	}
}

/* ---- what is looked at before it is sent ------------------------------------------------------------------------- */

static prl_status look_at_position(const char *text, const char *where, prl_error *err)
{
	prl_position position;
	prl_status st = text ? prl_position_parse(text, strlen(text), NULL, &position, NULL, err) : PRL_OK;
	return st ? prl_error_at(err, st, "%s", where) : PRL_OK;
}

static prl_status look_at_area(const json_t *area, prl_error *err)
{
	const char *place = json_string_value(json_object_get(area, "place"));
	const json_t *one;
	size_t i;
	if (place && !json_object_get(area, "radius_m"))
		return prl_error_set(err, PRL_E_SYNTAX, "--at: a radius is needed; expected --radius with m, km or NM");
	prl_status st = look_at_position(place, "--at", err);
	json_array_foreach(json_object_get(area, "vertices"), i, one)
	{
		char where[64];
		snprintf(where, sizeof where, "--vertices: position %zu", i + 1);
		if (!st)
			st = look_at_position(json_string_value(one), where, err);
	}
	return st;
}

static prl_status several(const char *name, const prl_gazetteer_place *const *found, size_t count, prl_error *err)
{
	char text[300] = "";
	size_t used = 0;
	for (size_t i = 0; i < count && i < CANDIDATES_MAX && used < sizeof text; i++) {
		char position[PRL_POSITION_FORMAT_MAX] = "";
		(void)!prl_position_format(found[i]->at, PRL_NOTATION_SECONDS, PRL_REFERENCE_WGS84, 30, position, NULL,
					   NULL);
		int wrote = snprintf(text + used, sizeof text - used, "%s%.*s at %s", i ? "; " : "",
				     (int)found[i]->name.size, found[i]->name.data, position);
		used += wrote > 0 ? (size_t)wrote : 0;
	}
	return prl_error_set(err, PRL_E_AMBIGUOUS, "\"%.60s\": %zu places are called so: %s", name, count, text);
}

static prl_status resolve(const prl_gazetteer *gazetteer, json_t *named, prl_error *err)
{
	const prl_gazetteer_place *found[CANDIDATES_MAX];
	size_t count = 0;
	const char *name = json_string_value(json_object_get(named, "name"));
	if (!name || json_object_get(named, "gazetteer"))
		return PRL_OK;
	prl_gazetteer_find(gazetteer, prl_bytes_of(name), found, CANDIDATES_MAX, &count);
	if (count > 1)
		return several(name, found, count, err);
	return count ? put(named, "gazetteer", prl_gazetteer_json(found[0]), err) : PRL_OK;
}

/* As the folder's gazetteer knows it; without one it stays a name. */
prl_status prl_draft_resolve(const char *folder, json_t *named, prl_error *err)
{
	char path[PATH_MAX];
	prl_gazetteer *gazetteer = NULL;
	if (!json_object_get(named, "name") ||
	    snprintf(path, sizeof path, "%s/" PRL_GAZETTEER_FILE, folder) >= (int)sizeof path)
		return PRL_OK;
	prl_status st = prl_gazetteer_open(path, &gazetteer, err);
	if (st == PRL_E_NOT_FOUND)
		return PRL_OK;
	if (!st)
		st = resolve(gazetteer, named, err);
	prl_gazetteer_free(gazetteer);
	return st;
}

static prl_status resolve_names(draft *d, const char *folder, prl_error *err)
{
	json_t *place = json_object_get(d->details, "place");
	prl_status st = prl_draft_resolve(folder, place, err);
	return st ? st : prl_draft_resolve(folder, json_object_get(place, "again"), err);
}

/* Sites, movements and those who help are shown to nobody outside of the line by a habit of the hand. */
static prl_status written_out(const draft *d, prl_error *err)
{
	static const char *const kinds[] = { "site", "convoy", "ground movement", "rescue", "evacuation", "repair" };
	const char *kind = json_string_value(json_object_get(d->details, "kind"));
	bool asks = json_object_get(d->details, "movement") != NULL;
	for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
		asks = asks || strcmp(kind, kinds[i]) == 0;
	if (!d->plain_uss || !asks)
		return PRL_OK;
	return prl_error_set(
		err, PRL_E_REFUSED,
		"--uss: drone traffic services would see where it is (%s); if that is meant, write --uss=area",
		kind ? kind : "movement");
}

prl_status prl_draft_finish(draft *d, const char *folder, prl_error *err)
{
	json_t *text = json_object_get(d->details, "text");
	if (text && d->language)
		json_object_set_new(text, "language", json_string(d->language));
	prl_status st = d->area ? look_at_area(d->area, err) : PRL_OK;
	if (!st && d->area) {
		bool only_terms = !json_object_get(d->area, "place") && !json_object_get(d->area, "vertices");
		json_t *areas = json_object_get(d->details, "areas"), *one;
		size_t i;
		/* levels given for a file's areas are those areas' levels */
		if (only_terms && json_array_size(areas))
			json_array_foreach(areas, i, one) json_object_update(one, d->area);
		else
			json_object_set_new(d->details, "areas", json_pack("[O]", d->area));
	}
	if (!st)
		st = written_out(d, err);
	return st ? st : resolve_names(d, folder, err);
}

/* ---- the body ---------------------------------------------------------------------------------------------------- */

static bool disclosed(const draft *d, const char *how)
{
	const char *disclosure = json_string_value(json_object_get(d->terms, "disclosure"));
	return strcmp(disclosure ? disclosure : "full", how) == 0;
}

/* Sealed, for some only, or but for the area: the details go beside the log. */
static bool goes_apart(const draft *d)
{
	return json_array_size(json_object_get(d->terms, "audience")) || !disclosed(d, "full");
}

/* What all may read of a notice of disclosure area: where and when, without names. */
static prl_status put_area(const draft *d, json_t *body, prl_error *err)
{
	json_t *areas = json_deep_copy(json_object_get(d->details, "areas")), *one;
	size_t i;
	json_array_foreach(areas, i, one)(void) json_object_del(one, "name");
	json_t *open = json_pack("{s:o*, s:O*, s:O*}", "areas", areas, "from", json_object_get(d->details, "from"),
				 "to", json_object_get(d->details, "to"));
	return open ? put(body, "details", open, err) : prl_error_memory(err);
}

static prl_status bring(draft *d, cli_act *act, json_t *body, prl_error *err)
{
	char hash_text[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	char *text = prl_cli_json_text(d->details, JSON_COMPACT);
	if (!text)
		return prl_error_memory(err);
	prl_status st = prl_client_content(act->session.client, prl_bytes_of(text), &hash, err);
	if (!st) {
		prl_hash_write(&hash, hash_text);
		st = put(body, "content", json_pack("{s:s, s:I}", "hash", hash_text, "size", (json_int_t)strlen(text)),
			 err);
	}
	if (!st && disclosed(d, "area"))
		st = put_area(d, body, err);
	else if (!st && json_object_get(d->details, "to"))
		json_object_set(body, "until", json_object_get(d->details, "to"));
	free(text);
	return st;
}

prl_status prl_draft_body(draft *d, cli_act *act, json_t **ret, prl_error *err)
{
	prl_status st = written_out(d, err);
	if (st)
		return st;
	json_t *body = json_copy(d->terms);
	if (!body)
		return prl_error_memory(err);
	st = goes_apart(d) ? bring(d, act, body, err) : put(body, "details", json_incref(d->details), err);
	if (st)
		json_decref(body);
	else
		*ret = body;
	return st;
}
