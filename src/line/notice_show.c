/* Notices for people's programs: GET /parley/v1/line/notices. */
#include "base/error.h"
#include "base/text.h"
#include "line/details.h"
#include "line/met.h"
#include "line/notice_inside.h"
#include "line/place.h"
#include "line/theatre.h"
#include "picture/body.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT_DEFAULT 100
#define COUNT_MAX     1000

const char *const prl_notice_queries[] = { "id",    "party",     "live",      "from", "count",
					   "short", "begins_by", "ends_from", "over", NULL };

static const char *const mode_words[] = { "REAL", "EXERCISE", "TEST" };
static const char *const state_words[] = { "live", "cancelled", "ended" };
static const char *const disclosure_words[] = { "full", "area", "sealed" };
static const char *const policy_words[] = { "by hand", "automatic", "never" };
static const char *const uss_words[] = { "none", "area", "full" };

/* ---- details ----------------------------------------------------------------------------------------------------- */

/* Whether the party is one of those to whom the content goes. */
static bool reads_content(const prl_notice *n, const char *party)
{
	return !party || strcmp(party, n->party) == 0 ||
	       (n->audience && prl_body_has(n->audience, prl_bytes_of(party)));
}

/* A content is a peer's bytes: only one that fits is taken for details. */
static bool content_of(const prl_show *show, const prl_notice *notice, json_t **ret)
{
	json_t *details = NULL;
	if (!notice->has_content || !reads_content(notice, show->party) ||
	    show->content(show->context, &notice->content, &details, NULL))
		return false;
	if (prl_details_fit(details, NULL) == PRL_OK) {
		*ret = details;
		return true;
	}
	json_decref(details);
	return false;
}

prl_status prl_notice_details(const prl_show *show, const prl_notice *notice, json_t **ret, prl_error *err)
{
	json_t *body = NULL;
	if (!prl_notice_is_for(notice, show->party))
		return prl_error_set(err, PRL_E_NOT_FOUND, "%s#%u is not for party %s", notice->party, notice->number,
				     show->party);
	if (content_of(show, notice, ret))
		return PRL_OK;
	prl_status status = show->body(show->context, prl_notice_log(show->picture, show->version, notice),
				       notice->index, &body, err);
	if (status)
		return status;
	json_t *details = json_incref(json_object_get(body, "details"));
	json_decref(body);
	if (!details)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the content of %s#%u is not here, or holds no details",
				     notice->party, notice->number);
	*ret = details;
	return PRL_OK;
}

/* ---- marks ------------------------------------------------------------------------------------------------------- */

static void mark(json_t *marks, const char *text)
{
	json_array_append_new(marks, json_string(text));
}

static void mark_relayed(json_t *marks, const json_t *relayed)
{
	char text[200];
	const char *party = json_string_value(json_object_get(relayed, "party"));
	const char *said_by = json_string_value(json_object_get(relayed, "said_by"));
	if (party || said_by)
		(void)snprintf(text, sizeof text, "RELAYED – NOT SIGNED BY %.128s", party ? party : said_by);
	else
		(void)snprintf(text, sizeof text, "RELAYED – NOT SIGNED");
	mark(marks, text);
}

/* A place that is stated once may be wrong once: for live fire that is said. */
static void mark_place(json_t *marks, const json_t *details)
{
	prl_place_check check;
	if (prl_place_compare(details, &check, NULL))
		return;
	if (check.doubtful)
		mark(marks, "PLACE DOUBTFUL");
	else if (check.twice && !check.compared)
		mark(marks, "SECOND PLACE NOT COMPARED");
	else if (!check.twice && prl_details_kind(details) == PRL_KIND_LIVE_FIRE && prl_details_has_area(details))
		mark(marks, "PLACE STATED ONCE");
}

/* A peer's act may hold what our own door would have refused. */
static bool can_be_read(const json_t *details)
{
	return prl_details_check(details, NULL) == PRL_OK;
}

/* Somebody may have written a wrong place: a remark, nothing else follows from it. */
static void mark_theatre(json_t *marks, const json_t *details, const prl_theatre *theatre)
{
	char why[300];
	prl_plan *plan = NULL;
	if (!theatre->plan || prl_details_plan(details, "x", "", &plan, why, NULL))
		return;
	if (!prl_theatre_is_unstated(plan) && !prl_theatre_reaches(theatre, plan, 0))
		mark(marks, PRL_THEATRE_OUTSIDE);
	prl_plan_free(plan);
}

static void mark_details(json_t *marks, const json_t *details, const prl_theatre *theatre)
{
	const json_t *place = json_object_get(details, "place");
	if (prl_details_has_area(details) ? !can_be_read(details) : json_object_get(place, "name") != NULL)
		mark(marks, "UNUSABLE");
	else if (!prl_details_has_area(details))
		mark(marks, "AREA NOT STATED");
	if (!prl_details_has_levels(details))
		mark(marks, "LEVELS NOT STATED");
	mark_place(marks, details);
	mark_theatre(marks, details, theatre);
}

static json_t *marks_of(const prl_show *show, const prl_notice *n, const json_t *details, const json_t *relayed,
			const prl_theatre *theatre)
{
	json_t *marks = json_array();
	if (n->relayed)
		mark_relayed(marks, relayed);
	if (prl_notice_shortfall_s(n) > 0)
		mark(marks, "LATE");
	if (details)
		mark_details(marks, details, theatre);
	if (n->to == PRL_TIME_OPEN_END && n->state == PRL_NOTICE_LIVE)
		mark(marks, "OPEN-ENDED");
	if (n->state == PRL_NOTICE_LIVE && !prl_notice_is_live(n, show->now))
		mark(marks, "EXPIRED");
	return marks;
}

/* ---- one notice -------------------------------------------------------------------------------------------------- */

/* Document and clause that ask for the lead time, as the constitution has them now; null where another one asked. */
static json_t *lead_source(const prl_show *show, const prl_notice *n)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(c ? c->body : NULL, "lead_times"), i, one)
	{
		const char *word = json_string_value(json_object_get(one, "kind"));
		if (word && strcmp(word, prl_kind_word((prl_kind)n->kind)) == 0 &&
		    prl_body_number(one, "lead_s", 0) == n->lead_required_s)
			return json_incref(json_object_get(one, "source"));
	}
	return json_null();
}

static json_t *lead_of(const prl_show *show, const prl_notice *n)
{
	json_t *actual = json_null();
	prl_time apart;
	if (n->from != PRL_TIME_OPEN_START && !__builtin_sub_overflow(n->from, n->given, &apart))
		actual = json_integer(apart / PRL_SECOND - (apart % PRL_SECOND < 0));
	return json_pack("{s:I, s:o, s:I, s:o}", "required_s", (json_int_t)n->lead_required_s, "actual_s", actual,
			 "shortfall_s", (json_int_t)prl_notice_shortfall_s(n), "source", lead_source(show, n));
}

static json_t *place_of(const json_t *details)
{
	prl_place_check c;
	if (prl_place_compare(details, &c, NULL) || !c.twice)
		return json_pack("{s:b}", "twice", 0);
	if (!c.compared)
		return json_pack("{s:b, s:b, s:s}", "twice", 1, "compared", 0, "why", c.why);
	return json_pack("{s:b, s:b, s:b, s:I, s:I, s:{s:f, s:f}}", "twice", 1, "compared", 1, "doubtful",
			 (int)c.doubtful, "apart_m", (json_int_t)ceil(c.apart_m), "allowed_m",
			 (json_int_t)floor(c.allowed_m), "second", "lat_deg", c.second.lat_deg, "lng_deg",
			 c.second.lng_deg);
}

/* What stands in for an area that is not stated, for people. */
static json_t *counts_as(const prl_theatre *theatre)
{
	char text[260];
	if (!theatre->plan)
		return json_string("the whole earth: no theatre is agreed");
	(void)snprintf(text, sizeof text, "the whole theatre: %s", theatre->name);
	return json_string(text);
}

/* What the details say, what that comes to, and what they leave out. */
static void add_details(const prl_notice *n, json_t *details, const prl_theatre *theatre, json_t *to)
{
	char why[300];
	prl_plan *plan = NULL;
	json_object_set(to, "details", details);
	json_object_set_new(to, "shown", prl_details_shown(details));
	json_object_set_new(to, "place", place_of(details));
	json_object_set_new(to, "questions", prl_notice_questions(details));
	/* an area of levels alone is everywhere too, at these */
	if (!prl_details_plan(details, "x", n->party, &plan, why, NULL) && prl_theatre_is_unstated(plan)) {
		json_object_set_new(to, "everywhere_because", json_string(*why ? why : "area not stated"));
		json_object_set_new(to, "counts_as", counts_as(theatre));
	}
	prl_plan_free(plan);
}

static json_t *head_of(const prl_show *show, const prl_notice *n)
{
	char name[PRL_NOTICE_NAME_MAX];
	prl_notice_name(n, name);
	return json_pack("{s:s, s:o, s:o, s:s, s:I, s:I, s:s, s:I, s:s, s:s, s:s, s:b, s:o, s:o}", "name", name, "id",
			 prl_show_hash(&n->id), "version", prl_show_hash(&n->version), "log",
			 prl_notice_log(show->picture, show->version, n), "index", (json_int_t)n->filed_index,
			 "version_index", (json_int_t)n->version_index, "party", n->party, "number",
			 (json_int_t)n->number, "mode", mode_words[n->mode], "state", state_words[n->state],
			 "disclosure", disclosure_words[n->disclosure], "live", prl_notice_is_live(n, show->now),
			 "filed", prl_show_time(n->filed), "changed", prl_show_time(n->changed));
}

/* What its own party alone sees. */
static void add_own(const prl_show *show, const prl_notice *n, json_t *to)
{
	prl_met_sum sum;
	json_object_set_new(to, "policy", json_string(policy_words[n->policy]));
	if (prl_met_sum_of(show, n, &sum))
		json_object_set_new(to, "flights", prl_met_json(show, n));
}

/* What only those may see for whom the notice is. */
static void add_terms(const prl_show *show, const prl_notice *n, json_t *to)
{
	json_object_set_new(to, "kind", json_string(prl_kind_word((prl_kind)n->kind)));
	json_object_set_new(to, "from", prl_show_time(n->from));
	json_object_set_new(to, "to", prl_show_time(n->to));
	json_object_set_new(to, "lead", lead_of(show, n));
	if (n->audience)
		json_object_set(to, "audience", n->audience);
	if (n->uss)
		json_object_set_new(to, "uss", json_string(uss_words[n->uss]));
	if (!show->party || strcmp(show->party, n->party) == 0)
		add_own(show, n, to);
	if (n->has_content)
		json_object_set_new(to, "content", prl_show_hash(&n->content));
}

static void add_said(const prl_show *show, const prl_notice *n, const json_t *relayed, json_t *to)
{
	prl_bytes party = prl_body_text(relayed, "party");
	const json_t *said = party.data ? prl_notice_said(show->picture, show->version, &n->id, party) : NULL;
	json_object_set(to, "relayed", (json_t *)(uintptr_t)relayed);
	if (said)
		(void)json_object_update(to, (json_t *)(uintptr_t)said);
}

/* The body of the entry that filed it: relayed stands there alone. */
static json_t *relayed_of(const prl_show *show, const prl_notice *n)
{
	json_t *body = NULL;
	if (!n->relayed ||
	    show->body(show->context, prl_notice_log(show->picture, show->version, n), n->filed_index, &body, NULL))
		return NULL;
	json_t *relayed = json_incref(json_object_get(body, "relayed"));
	json_decref(body);
	return relayed;
}

/* The words with which it was ended or cancelled. */
static void add_end(const prl_show *show, const prl_notice *n, json_t *to)
{
	json_t *body = NULL;
	if (n->state == PRL_NOTICE_LIVE ||
	    show->body(show->context, prl_notice_log(show->picture, show->version, n), n->version_index, &body, NULL))
		return;
	(void)json_object_del(body, "notice");
	(void)json_object_del(body, "version");
	json_object_set_new(to, state_words[n->state], body);
}

/* The notice as the party knows it: who may read the content knows its kind and times, which the fold does not. */
static prl_notice *as_known(const prl_notice *n, const json_t *details)
{
	prl_notice *known = prl_notice_copy(n);
	if (!known || !details || !n->has_content)
		return known;
	prl_window w = prl_details_window(details);
	known->kind = (uint8_t)prl_details_kind(details);
	known->from = w.from > n->from ? w.from : n->from;
	known->to = w.to < n->to ? w.to : n->to;
	return known;
}

static void add_known(const prl_show *show, const prl_notice *n, json_t *details, const prl_theatre *theatre,
		      json_t *to)
{
	bool is_short = prl_show_query(show, "short") != NULL;
	json_t *relayed = relayed_of(show, n);
	add_terms(show, n, to);
	json_object_set_new(to, "marks", marks_of(show, n, details, relayed, theatre));
	if (relayed)
		add_said(show, n, relayed, to);
	if (details && !is_short)
		add_details(n, details, theatre, to);
	if (!is_short)
		add_end(show, n, to);
	json_decref(relayed);
}

static json_t *show_one(const prl_show *show, const prl_notice *n, const prl_theatre *theatre)
{
	json_t *details = NULL, *json = NULL;
	if (!prl_notice_is_for(n, show->party))
		return head_of(show, n);
	if (prl_notice_details(show, n, &details, NULL))
		details = NULL;
	prl_notice *known = as_known(n, details);
	if (known && (json = head_of(show, known)))
		add_known(show, known, details, theatre, json);
	prl_notice_free(known);
	json_decref(details);
	return json;
}

/* ---- which ------------------------------------------------------------------------------------------------------- */

typedef struct listing {
	const prl_show *show;
	prl_theatre theatre;
	json_t *items;
	uint64_t count;
	bool failed, window; /* only those whose stated time meets these two, */
	bool over;           /* cancelled and ended ones too */
	prl_time begins_by, ends_from;
} listing;

/* Ended before the window; or given up before it, and nobody ever said when it was to end. */
static bool was_over(const listing *list, const prl_notice *notice)
{
	bool early = notice->changed < list->ends_from;
	return early && (notice->state == PRL_NOTICE_ENDED ||
			 (notice->state == PRL_NOTICE_CANCELLED && notice->to == PRL_TIME_OPEN_END));
}

static bool list_one(void *context, const prl_notice *notice)
{
	listing *list = context;
	if (list->window && (notice->from > list->begins_by || notice->to < list->ends_from || was_over(list, notice)))
		return true;
	json_t *json = show_one(list->show, notice, &list->theatre);
	list->failed = !json || json_array_append_new(list->items, json) != 0;
	return !list->failed && json_array_size(list->items) < list->count;
}

static prl_status number_of(const prl_show *show, const char *name, uint64_t max, uint64_t *to, prl_error *err)
{
	const char *text = prl_show_query(show, name);
	uint64_t number;
	if (!text)
		return PRL_OK;
	if (!prl_decimal_read(prl_bytes_of(text), &number) || number == 0 || number > max)
		return prl_error_set(err, PRL_E_RANGE, "%s: expected 1 to %llu", name, (unsigned long long)max);
	*to = number;
	return PRL_OK;
}

/* "us#12": its party and number; "12": the number, of each party. */
static prl_status first_of(const prl_show *show, prl_bytes *ret_party, uint64_t *ret_number, prl_error *err)
{
	const char *text = prl_show_query(show, "from"), *sign = text ? strchr(text, '#') : NULL;
	if (!sign)
		return number_of(show, "from", UINT32_MAX, ret_number, err);
	*ret_party = (prl_bytes){ text, (size_t)(sign - text) };
	if (prl_decimal_read(prl_bytes_of(sign + 1), ret_number) && *ret_number > 0 && *ret_number <= UINT32_MAX)
		return PRL_OK;
	return prl_error_set(err, PRL_E_RANGE, "from: expected the name of a notice, as us#12");
}

/* Parties in the constitution's order, each rising by number. */
static void list_parties(const prl_show *show, prl_bytes from_party, uint64_t first, listing *list)
{
	const prl_constitution *c = prl_picture_constitution(show->picture, show->version);
	const char *party = prl_show_query(show, "party");
	bool live = prl_show_query(show, "live") != NULL, begun = !from_party.data;
	for (size_t i = 0; c && i < c->party_count && json_array_size(list->items) < list->count; i++) {
		prl_bytes name = prl_bytes_of(c->parties[i].name);
		bool here = from_party.data && prl_bytes_equal(name, from_party);
		begun = begun || here;
		uint32_t number = here || !from_party.data ? (uint32_t)first : 1;
		if (!begun || (party && !prl_bytes_is(name, party)) || list->failed)
			continue;
		if (list->window && list->over)
			prl_notice_each_from(show->picture, show->version, name, number, list->ends_from, list_one,
					     list);
		else
			prl_notice_each(show->picture, show->version, name, number, live || list->window,
					list->window ? list->ends_from : show->now, list_one, list);
	}
}

prl_status prl_notice_show(const prl_show *show, json_t **ret, prl_error *err)
{
	listing list = { .show = show,
			 .items = json_array(),
			 .count = COUNT_DEFAULT,
			 .window = prl_show_query(show, "begins_by") || prl_show_query(show, "ends_from"),
			 .over = prl_show_query(show, "over") != NULL,
			 .begins_by = PRL_TIME_OPEN_END,
			 .ends_from = PRL_TIME_OPEN_START };
	const char *id = prl_show_query(show, "id");
	prl_bytes from_party = { NULL, 0 };
	uint64_t first = 1;
	prl_status status = list.items ? number_of(show, "count", COUNT_MAX, &list.count, err) : prl_error_memory(err);
	if (!status)
		status = first_of(show, &from_party, &first, err);
	if (!status)
		status = prl_theatre_make(prl_picture_constitution(show->picture, show->version), &list.theatre, err);
	if (!status)
		status = prl_show_query_time(show, "begins_by", &list.begins_by, err);
	if (!status)
		status = prl_show_query_time(show, "ends_from", &list.ends_from, err);
	const prl_notice *one = !status && id ? prl_notice_named(show->picture, show->version, prl_bytes_of(id)) : NULL;
	if (one)
		(void)list_one(&list, one);
	else if (!status && !id)
		list_parties(show, from_party, first, &list);
	if (!status && list.failed)
		status = prl_error_memory(err);
	prl_theatre_done(&list.theatre);
	if (status)
		json_decref(list.items);
	else
		*ret = list.items;
	return status;
}
