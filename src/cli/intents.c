/* parley intents: drone flights as the node's region has them: those that meet a notice, or an area and a time. */
#include "cli/act.h"
#include "cli/moves.h"
#include "cli/words.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

typedef struct intents_job {
	const char *notice, *area, *from, *to;
	double count;
	cli_act act;
} intents_job;

enum { NOTICE, AREA, FROM, TO, COUNT };

static const cli_option options[] = {
	{ "--notice", "NOTICE", "those that meet an own notice, by its name (us#12) or id", NOTICE },
	{ "--area", "S,W,N,E", "those in this area, degrees of latitude and longitude (default: all of the earth)",
	  AREA },
	{ "--from", "TIME", "those that are there from then on, RFC 3339 (default: now)", FROM },
	{ "--to", "TIME", "those that are there until then (default: 24 h from now)", TO },
	{ "--count", "N", "at most so many (default: 500)", COUNT },
	CLI_ACT_OPTIONS,
};

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	intents_job *job = context;
	const char **texts[] = { [NOTICE] = &job->notice, [AREA] = &job->area, [FROM] = &job->from, [TO] = &job->to };
	if (id >= CLI_ACT_KEY)
		return prl_cli_act_option(&job->act, id, value, err);
	if (id == COUNT)
		return prl_cli_number(value, 1, 2000, "intents", &job->count, err);
	*texts[id] = value;
	return PRL_OK;
}

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

static prl_status add(char *path, size_t room, const char *name, const char *value, prl_error *err)
{
	char query[800];
	size_t at = strlen(path);
	if (!value)
		return PRL_OK;
	prl_status st = prl_cli_query(name, value, query, sizeof query, err);
	int length = st ? 0 : snprintf(path + at, room - at, "%c%s", strchr(path, '?') ? '&' : '?', query);
	if (!st && (size_t)length >= room - at)
		return prl_error_set(err, PRL_E_TOO_LARGE, "what is asked for is too long");
	return st;
}

static prl_status add_area(char *path, size_t room, const char *area, prl_error *err)
{
	static const char *const names[] = { "south", "west", "north", "east" };
	char parts[4][20];
	if (!area)
		return PRL_OK;
	int end = 0;
	if (sscanf(area, "%19[^,],%19[^,],%19[^,],%19[^,]%n", parts[0], parts[1], parts[2], parts[3], &end) != 4 ||
	    area[end])
		return prl_error_set(err, PRL_E_SYNTAX,
				     "--area: \"%.40s\", expected south,west,north,east in degrees: 47,34,49,36", area);
	prl_status st = PRL_OK;
	for (size_t i = 0; i < 4 && !st; i++)
		st = add(path, room, names[i], parts[i], err);
	return st;
}

static prl_status make_path(const intents_job *job, char *path, size_t room, prl_error *err)
{
	char count[20];
	if (job->notice && (job->area || job->from || job->to))
		return prl_error_set(err, PRL_E_SYNTAX, "--notice stands without --area, --from and --to");
	(void)snprintf(path, room, "/parley/v1/intents");
	(void)snprintf(count, sizeof count, "%.0f", job->count);
	prl_status st = add(path, room, "notice", job->notice, err);
	if (!st)
		st = add_area(path, room, job->area, err);
	if (!st)
		st = add(path, room, "from", job->from, err);
	if (!st)
		st = add(path, room, "to", job->to, err);
	return st ? st : add(path, room, "count", job->count > 0 ? count : NULL, err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

static void height_of(const json_t *intent, const char *name, char ret[24])
{
	const json_t *metres = json_object_get(intent, name);
	if (json_is_number(metres))
		(void)snprintf(ret, 24, "%.0f", json_number_value(metres));
	else
		(void)snprintf(ret, 24, "?");
}

static void print_intent(const json_t *intent)
{
	char manager[CLI_WORDS_MAX], lower[24], upper[24], heights[60];
	const json_t *bounds = json_object_get(intent, "bounds");
	prl_cli_words(prl_cli_text(intent, "manager"), manager);
	height_of(intent, "lower_m", lower);
	height_of(intent, "upper_m", upper);
	(void)snprintf(heights, sizeof heights, "%s-%s m", lower, upper);
	printf("%-17.16s%-17.16s%-14s%13s  %8.4f %9.4f  %-16.40s %s\n", prl_cli_text(intent, "from"),
	       prl_cli_text(intent, "to"), prl_cli_text(intent, "state"), heights,
	       (json_number_value(json_array_get(bounds, 1)) + json_number_value(json_array_get(bounds, 3))) / 2,
	       (json_number_value(json_array_get(bounds, 0)) + json_number_value(json_array_get(bounds, 2))) / 2,
	       manager, prl_cli_text(intent, "id"));
}

static void print_sum(const json_t *answer)
{
	const char *first = prl_cli_text(answer, "first");
	printf("drone flights filed in the area of %s: %lld%s%s%s\n", prl_cli_text(answer, "notice"),
	       (long long)json_integer_value(json_object_get(answer, "count")),
	       json_is_true(json_object_get(answer, "counting")) ? " and more" : "", *first ? ", first at " : "",
	       first);
}

static void print_all(const json_t *answer)
{
	const json_t *intents = json_object_get(answer, "intents"), *one;
	json_int_t more = json_integer_value(json_object_get(answer, "more"));
	size_t i;
	if (json_object_get(answer, "notice"))
		print_sum(answer);
	if (json_array_size(intents))
		printf("%-17s%-17s%-14s%13s  %8s %9s  %-16s %s\n", "FROM", "TO", "STATE", "ALTITUDE W84", "LAT", "LNG",
		       "SERVICE", "ID");
	json_array_foreach(intents, i, one) print_intent(one);
	if (more)
		printf("and %lld more\n", (long long)more);
	else if (!json_array_size(intents) && !json_object_get(answer, "notice"))
		puts("no drone flight is filed there");
}

static prl_status show(intents_job *job, const char *folder, prl_error *err)
{
	char path[4000];
	json_t *answer = NULL;
	prl_status st = make_path(job, path, sizeof path, err);
	if (!st)
		st = prl_cli_act_open(&job->act, folder, err);
	if (!st)
		st = prl_client_get(job->act.session.client, path, &answer, err);
	if (st)
		return st;
	if (job->act.json)
		return prl_cli_print_json(answer, err);
	print_all(answer);
	json_decref(answer);
	return PRL_OK;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	intents_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (end)
		return end;
	if (operands != 1) {
		prl_cli_say("intents: expected %s", verb->usage);
		return CLI_BAD;
	}
	prl_status st = show(&job, argv[0], &err);
	return prl_cli_act_end(&job.act, "intents", st, &err);
}

static const char details[] =
	"Operational intents of F3548-21 that drone traffic services have filed at this node: who manages each, its "
	"state,\n"
	"and its envelope in time, altitude (metres above the WGS84 ellipsoid) and place (the middle of its bounds). "
	"What is\n"
	"planned in detail is the service's to give, at its address (--json). With --notice: those that come nearer to "
	"an own\n"
	"notice than the separation in force between a flight and its kind, the first first; 100 at most are named. "
	"The "
	"node\n"
	"of FOLDER must run and serve drone traffic services (parley serve --help).\n"
	"\n"
	"exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_intents = {
	.name = "intents",
	.summary = "drone flights that are filed: near a notice, or in an area and a time",
	.usage = "parley intents FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
