#include "cli/init_ask.h"

#include "base/error.h"
#include "cli/typed.h"
#include "line/separation.h"

#include <string.h>

#define LINE_MAX_BYTES 256
#define PAIRS_MAX      (PRL_KIND_COUNT * PRL_KIND_COUNT)

typedef struct pair {
	prl_kind a, b;
	prl_separation_class class;
	prl_separation separation;
	char source[200]; /* "" until it is answered */
} pair;

typedef struct asking {
	FILE *in, *out;
	pair pairs[PAIRS_MAX];
	size_t count;
	char source[200]; /* that was typed last: it is offered for the next */
} asking;

typedef enum answer { TAKEN, EACH, BACK, ENDED } answer;

/* ---- a line ------------------------------------------------------------------------------------------------------ */

/* What was typed, without blanks at its ends. False at the end of the input; a line that is too long is asked again. */
static bool read_line(const asking *to, const char *prompt, char text[LINE_MAX_BYTES])
{
	for (;;) {
		fprintf(to->out, "%s", prompt);
		fflush(to->out);
		if (!fgets(text, LINE_MAX_BYTES, to->in))
			return false;
		size_t length = strlen(text);
		bool whole = length && text[length - 1] == '\n';
		int c = 0;
		while (!whole && (c = fgetc(to->in)) != EOF && c != '\n')
			;
		length = strcspn(text, "\r\n");
		while (length && text[length - 1] == ' ')
			length--;
		text[length] = 0;
		memmove(text, text + strspn(text, " \t"), strlen(text + strspn(text, " \t")) + 1);
		if (whole)
			return true;
		fprintf(to->out, "  that is too long\n");
	}
}

/* "5NM 1000ft", "5 NM / 1000 ft": the one place where both sides of it are a distance. */
static prl_status read_two(const char *text, prl_separation *ret, prl_error *err)
{
	char first[LINE_MAX_BYTES];
	for (size_t i = 1; text[i]; i++) {
		if (text[i] != ' ' && text[i] != '/')
			continue;
		(void)snprintf(first, sizeof first, "%.*s", (int)i, text);
		const char *second = text + i + strspn(text + i, " /");
		if (prl_typed_distance(first, &ret->horizontal_m, NULL) == PRL_OK &&
		    prl_typed_distance(second, &ret->vertical_m, NULL) == PRL_OK)
			return PRL_OK;
	}
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\"; expected two distances, across and up: 5NM 1000ft", text);
}

static prl_status read_separation(const char *text, prl_separation *ret, prl_error *err)
{
	prl_separation typed;
	if (strspn(text, "0. /") == strlen(text))
		return prl_error_set(err, PRL_E_RANGE, "0 is no separation: a line that is in use never has it");
	prl_status status = read_two(text, &typed, err);
	if (status)
		return status;
	if (typed.horizontal_m < 0.01 || typed.vertical_m < 0.01)
		return prl_error_set(err, PRL_E_RANGE, "0 is no separation: a line that is in use never has it");
	if (typed.horizontal_m > 1e6 || typed.vertical_m > 1e5)
		return prl_error_set(err, PRL_E_RANGE, "expected at most 1000 km across and 100 km up");
	*ret = typed;
	return PRL_OK;
}

/* ---- one question ------------------------------------------------------------------------------------------------ */

static bool read_source(asking *to, char ret[200])
{
	char text[LINE_MAX_BYTES], prompt[300];
	(void)snprintf(prompt, sizeof prompt, "    from which document and clause%s%s%s? ", *to->source ? " [" : "",
		       to->source, *to->source ? "]" : "");
	for (;;) {
		if (!read_line(to, prompt, text))
			return false;
		if (*text && strlen(text) < sizeof to->source)
			memcpy(to->source, text, strlen(text) + 1);
		if (*to->source && strlen(text) < sizeof to->source) {
			memcpy(ret, to->source, sizeof to->source);
			return true;
		}
		fprintf(to->out,
			"  expected 1 to 199 characters: with every overlap it is printed where this comes from\n");
	}
}

/* What people typed is shown as it will be signed: in metres. */
static void show(const asking *to, const prl_separation *separation, const char *source)
{
	fprintf(to->out, "    %.7g m across, %.7g m up (%s)\n", separation->horizontal_m, separation->vertical_m,
		source);
}

/* Only separation and source of the two are looked at. */
static answer ask(asking *to, bool may_split, const pair *offered, pair *ret)
{
	char text[LINE_MAX_BYTES];
	prl_error problem;
	for (;;) {
		show(to, &offered->separation, offered->source);
		if (!read_line(to, "  > ", text))
			return ENDED;
		if (strcmp(text, "-") == 0)
			return BACK;
		if (may_split && (strcmp(text, "e") == 0 || strcmp(text, "each") == 0))
			return EACH;
		if (!*text) {
			ret->separation = offered->separation;
			memcpy(ret->source, offered->source, sizeof ret->source);
			return TAKEN;
		}
		if (read_separation(text, &ret->separation, &problem) == PRL_OK)
			return read_source(to, ret->source) ? TAKEN : ENDED;
		fprintf(to->out, "  %s\n", problem.text);
	}
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static void list_pairs(asking *to)
{
	for (int a = 1; a < PRL_KIND_COUNT; a++)
		for (int b = a; b < PRL_KIND_COUNT; b++) {
			prl_separation_class class = prl_separation_class_of((prl_kind)a, (prl_kind)b);
			to->pairs[to->count++] =
				(pair){ (prl_kind)a, (prl_kind)b, class, prl_separation_defaults[class].separation,
					PRL_INIT_SOURCE_TAKEN };
		}
}

/* The pairs of a class; what is offered for all of them: what was answered already, where that is one answer. */
static size_t pairs_of(asking *to, prl_separation_class class, pair *list[PAIRS_MAX], pair *ret_offered)
{
	size_t count = 0;
	bool alike = true;
	for (size_t i = 0; i < to->count; i++)
		if (to->pairs[i].class == class)
			list[count++] = &to->pairs[i];
	for (size_t i = 1; i < count; i++)
		alike = alike && strcmp(list[i]->source, list[0]->source) == 0 &&
			list[i]->separation.horizontal_m == list[0]->separation.horizontal_m &&
			list[i]->separation.vertical_m == list[0]->separation.vertical_m;
	*ret_offered = *list[0];
	if (!alike) {
		ret_offered->separation = prl_separation_defaults[class].separation;
		memcpy(ret_offered->source, PRL_INIT_SOURCE_TAKEN, sizeof PRL_INIT_SOURCE_TAKEN);
	}
	return count;
}

/* Each pair of a class by itself; "-" goes back to the pair before, from the first to the class. */
static answer ask_each(asking *to, pair *const *list, size_t count)
{
	for (size_t i = 0; i < count;) {
		pair offered = *list[i];
		fprintf(to->out, "  %zu of %zu  %s and %s\n", i + 1, count, prl_kind_word(offered.a),
			prl_kind_word(offered.b));
		answer got = ask(to, false, &offered, list[i]);
		if (got == ENDED || (got == BACK && i == 0))
			return got;
		i += got == BACK ? (size_t)-1 : 1;
	}
	return TAKEN;
}

static answer ask_class(asking *to, prl_separation_class class, size_t number, size_t all)
{
	const prl_separation_default *row = &prl_separation_defaults[class];
	pair *list[PAIRS_MAX], offered, taken;
	size_t count = pairs_of(to, class, list, &offered);
	fprintf(to->out, "\n%zu of %zu  %s%s%s\n", number, all, row->pairs, *row->basis ? ": " : "", row->basis);
	answer got = ask(to, count > 1, &offered, &taken);
	for (size_t i = 0; got == TAKEN && i < count; i++) {
		list[i]->separation = taken.separation;
		memcpy(list[i]->source, taken.source, sizeof taken.source);
	}
	return got == EACH ? ask_each(to, list, count) : got;
}

static json_t *answers_json(const asking *to)
{
	json_t *list = json_array();
	for (size_t i = 0; i < to->count; i++) {
		const pair *one = &to->pairs[i];
		(void)json_array_append_new(list, json_pack("{s:[s, s], s:f, s:f, s:s}", "kinds", prl_kind_word(one->a),
							    prl_kind_word(one->b), "horizontal_m",
							    one->separation.horizontal_m, "vertical_m",
							    one->separation.vertical_m, "source", one->source));
	}
	return list;
}

prl_status prl_init_ask_separation(FILE *in, FILE *out, json_t **ret, prl_error *err)
{
	asking to = { .in = in, .out = out };
	const size_t all = PRL_SEPARATION_NOT_SAID; /* against a kind that is not said the widest of all holds */
	list_pairs(&to);
	fprintf(out, "How far must notices keep apart, by pair of kinds? A line that is in use never has 0.\n"
		     "  Enter        takes what is offered\n"
		     "  5NM 1000ft   across and up, in m, km, NM, ft or mi\n"
		     "  e            each pair of kinds of this row by itself\n"
		     "  -            back to the question before\n");
	for (size_t class = 0; class < all;) {
		answer got = ask_class(&to, (prl_separation_class) class, class + 1, all);
		if (got == ENDED)
			return prl_error_set(err, PRL_E_REFUSED, "the separation was not answered to the end");
		class = got != BACK ? class + 1 : class ? class - 1 : 0;
	}
	*ret = answers_json(&to);
	if (json_array_size(*ret) == to.count)
		return PRL_OK;
	json_decref(*ret);
	*ret = NULL;
	return prl_error_set(err, PRL_E_SYNTAX, "a source is not UTF-8");
}
