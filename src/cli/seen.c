#include "cli/seen.h"

#include "base/error.h"
#include "cli/words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool prl_seen_escape(const char *value, char *ret, size_t room)
{
	size_t used = 0;
	for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
		bool plain = isalnum(*c) || strchr("-._~", *c);
		if (used + 4 > room)
			return false;
		if (plain)
			ret[used++] = (char)*c;
		else
			used += (size_t)snprintf(ret + used, room - used, "%%%02X", *c);
	}
	ret[used] = 0;
	return true;
}

const char *prl_seen_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

prl_status prl_seen_items(prl_client *client, const char *part, const char *argument, const char *value, json_t **ret,
			  prl_error *err)
{
	char path[1200], escaped[800] = "";
	json_t *answer = NULL;
	if (value && !prl_seen_escape(value, escaped, sizeof escaped))
		return prl_error_set(err, PRL_E_TOO_LARGE, "\"%.40s…\" is too long", value);
	int length = snprintf(path, sizeof path, "/parley/v1/line/%s%s%s%s%s", part, value ? "?" : "",
			      value ? argument : "", value ? "=" : "", escaped);
	if (length < 0 || (size_t)length >= sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "what is asked for is too long");
	prl_status st = prl_client_get(client, path, &answer, err);
	if (st)
		return st;
	*ret = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the node's answer has no items");
}

prl_status prl_seen_notice(prl_client *client, const char *name, json_t **ret, prl_error *err)
{
	json_t *items = NULL;
	prl_status st = prl_seen_items(client, "notices", "id", name, &items, err);
	if (st)
		return st;
	*ret = json_incref(json_array_get(items, 0));
	json_decref(items);
	return *ret ? PRL_OK
		    : prl_error_set(err, PRL_E_NOT_FOUND, "\"%.60s\": no such notice here; expected a name as us#12",
				    name);
}

void prl_seen_age(int64_t s, char ret[32])
{
	int64_t seconds = s < 0 ? -s : s;
	if (seconds < 120)
		snprintf(ret, 32, "%lld s", (long long)seconds);
	else if (seconds < 7200)
		snprintf(ret, 32, "%lld min", (long long)(seconds / 60));
	else if (seconds < 172800)
		snprintf(ret, 32, "%lld h %02lld min", (long long)(seconds / 3600), (long long)(seconds / 60 % 60));
	else
		snprintf(ret, 32, "%lld d", (long long)(seconds / 86400));
}

/* ---- notices ----------------------------------------------------------------------------------------------------- */

static bool has_mark(const json_t *notice, const char *mark)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(notice, "marks"), i,
			   one) if (strcmp(json_string_value(one), mark) == 0) return true;
	return false;
}

static void print_lead(FILE *out, const json_t *lead)
{
	char required[32], actual[32], shortfall[32];
	const json_t *actual_s = json_object_get(lead, "actual_s");
	prl_seen_age(json_integer_value(json_object_get(lead, "required_s")), required);
	prl_seen_age(json_integer_value(actual_s), actual);
	prl_seen_age(json_integer_value(json_object_get(lead, "shortfall_s")), shortfall);
	fprintf(out, "LATE  lead time required %s, actual %s%s, short by %s; sent all the same\n", required,
		json_integer_value(actual_s) < 0 ? "minus " : "", json_is_integer(actual_s) ? actual : "not stated",
		shortfall);
}

/* Of an area that is not stated, or cannot be read. */
static void print_counts_as(FILE *out, const json_t *notice)
{
	char shown[CLI_WORDS_MAX];
	prl_cli_words(prl_seen_text(notice, "counts_as"), shown);
	if (*shown)
		fprintf(out, "    it counts for %s\n", shown);
}

static void print_mark(FILE *out, const json_t *notice, const char *mark)
{
	const json_t *place = json_object_get(notice, "place");
	char shown[CLI_WORDS_MAX];
	prl_cli_words(mark, shown);
	if (strcmp(mark, "LATE") == 0) {
		print_lead(out, json_object_get(notice, "lead"));
	} else if (strcmp(mark, "PLACE DOUBTFUL") == 0) {
		fprintf(out, "PLACE DOUBTFUL  the two lie %lld m apart, %lld m would agree; sent all the same\n",
			(long long)json_integer_value(json_object_get(place, "apart_m")),
			(long long)json_integer_value(json_object_get(place, "allowed_m")));
	} else if (strcmp(mark, "UNUSABLE") == 0) {
		prl_cli_words(prl_seen_text(notice, "everywhere_because"), shown);
		fprintf(out, "UNUSABLE  the place cannot be used%s%s\n", *shown ? ": " : "", shown);
		print_counts_as(out, notice);
	} else if (strcmp(mark, "AREA NOT STATED") == 0) {
		fprintf(out, "AREA NOT STATED\n");
		print_counts_as(out, notice);
	} else if (strcmp(mark, "OUTSIDE THE THEATRE") == 0) {
		fprintf(out, "OUTSIDE THE THEATRE  taken and compared all the same: is the place right?\n");
	} else {
		fprintf(out, "%s\n", shown);
	}
}

/* Of an own notice, at a node that serves drone traffic services. */
static void print_flights(FILE *out, const json_t *notice)
{
	const json_t *flights = json_object_get(notice, "flights");
	const char *first = prl_seen_text(flights, "first");
	if (flights)
		fprintf(out, "drone flights filed in its area: %lld%s%s%s\n",
			(long long)json_integer_value(json_object_get(flights, "count")),
			json_is_true(json_object_get(flights, "counting")) ? " and more" : "",
			*first ? ", first at " : "", first);
}

void prl_seen_print(FILE *out, const json_t *notice)
{
	const json_t *mark;
	char title[CLI_WORDS_MAX], from[24] = "not stated", to[24] = "not stated";
	size_t i;
	prl_cli_words(prl_seen_text(json_object_get(notice, "details"), "title"), title);
	if (*prl_seen_text(notice, "from"))
		snprintf(from, sizeof from, "%.19sZ", prl_seen_text(notice, "from"));
	if (*prl_seen_text(notice, "to"))
		snprintf(to, sizeof to, "%.19sZ", prl_seen_text(notice, "to"));
	fprintf(out, "%s  %s  %s  %s%s%s\n", prl_seen_text(notice, "name"),
		*prl_seen_text(notice, "kind") ? prl_seen_text(notice, "kind") : "kind not stated",
		prl_seen_text(notice, "mode"), prl_seen_text(notice, "state"), *title ? "  " : "", title);
	fprintf(out, "from %s to %s\n", from, to);
	json_array_foreach(json_object_get(notice, "marks"), i, mark) print_mark(out, notice, json_string_value(mark));
	print_flights(out, notice);
	if (has_mark(notice, "LATE"))
		fprintf(out, "A read-back is needed.\n");
	if (*prl_seen_text(notice, "uss"))
		fprintf(out, "shown to drone traffic services: area and times%s\n",
			strcmp(prl_seen_text(notice, "uss"), "full") == 0 ? ", and the kind" : "");
}

/* ---- overlaps and receipts --------------------------------------------------------------------------------------- */

static void print_separation(FILE *out, const json_t *separation)
{
	char source[CLI_WORDS_MAX];
	if (!json_is_object(separation))
		return;
	prl_cli_words(prl_seen_text(separation, "source"), source);
	fprintf(out, "    separation in force %.0f m across, %.0f m up; %s\n",
		json_number_value(json_object_get(separation, "horizontal_m")),
		json_number_value(json_object_get(separation, "vertical_m")), *source ? source : "source not stated");
}

/* What an overlap hangs on that nobody has stated. */
static void print_unsettled(FILE *out, const json_t *one)
{
	const char *area = prl_seen_text(one, "area");
	if (strcmp(prl_seen_text(one, "vertical"), "cannot tell") == 0)
		fprintf(out, "    cannot tell: it hangs on how altitudes of different datums compare\n");
	if (strcmp(area, "cannot tell") == 0)
		fprintf(out, "    cannot tell: one states no area, the other lies outside of the theatre\n");
	else if (*area)
		fprintf(out, "    one states no area: it counts for the %s%s\n", *area == 't' ? "whole " : "", area);
}

void prl_seen_print_overlaps(FILE *out, const json_t *overlaps, const char *notice)
{
	const json_t *one, *other;
	size_t i, k;
	json_array_foreach(overlaps, i, one)
	{
		const char *text = json_string_value(json_object_get(one, "place"));
		fprintf(out, "OVERLAP with");
		json_array_foreach(json_object_get(one, "notices"), k,
				   other) if (strcmp(prl_seen_text(other, "name"), notice) != 0)
			fprintf(out, " %s (%s)",
				*prl_seen_text(other, "name") ? prl_seen_text(other, "name")
							      : "a notice not shown here",
				*prl_seen_text(other, "kind") ? prl_seen_text(other, "kind") : "kind not stated");
		fprintf(out, "  %s%s%s  id %s\n", prl_seen_text(one, "state"), text ? "  near " : "", text ? text : "",
			prl_seen_text(one, "id"));
		print_separation(out, json_object_get(one, "separation"));
		print_unsettled(out, one);
	}
	if (!json_array_size(overlaps))
		fprintf(out, "No overlap found. Nothing is said about what nobody has filed.\n");
}

static void print_rung(FILE *out, const char *name, const json_t *at)
{
	char age[32];
	const json_t *age_s = json_object_get(at, "age_s");
	if (!json_is_object(at)) {
		fprintf(out, " · %s no", name);
		return;
	}
	prl_seen_age(json_integer_value(age_s), age);
	fprintf(out, " · %s%s%s", name, json_is_integer(age_s) ? " " : "", json_is_integer(age_s) ? age : "");
}

void prl_seen_print_ladder(FILE *out, const json_t *receipts)
{
	const json_t *row;
	size_t i;
	json_array_foreach(json_object_get(json_array_get(receipts, 0), "ladder"), i, row)
	{
		fprintf(out, "%s: SENT", prl_seen_text(row, "party"));
		print_rung(out, "THEY HAVE IT", json_object_get(row, "they_have_it"));
		print_rung(out, "READ BACK", json_object_get(row, "read_back"));
		print_rung(out, "UNITS TOLD", json_object_get(row, "units_told"));
		fputc('\n', out);
	}
}

bool prl_seen_all_have(const json_t *receipts)
{
	const json_t *row;
	size_t i;
	json_array_foreach(json_object_get(json_array_get(receipts, 0), "ladder"), i,
			   row) if (!json_is_object(json_object_get(row, "they_have_it"))) return false;
	return true;
}
