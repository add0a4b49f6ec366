/* parley check --advise: what would help a plan that moves of its own will and overlaps something. It says what the
 * engine would find, and nothing about what may be done; a live-fire area is never advised. */
#include "cli/check.h"

#include "base/memory.h"

#include <parley/advise.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bool prl_check_remember(check *c, const prl_plan *plan)
{
	if (!prl_advise_applies(plan->kind))
		return true;
	if (c->advised_count == c->advised_room) {
		size_t room = c->advised_room ? 2 * c->advised_room : 64;
		const prl_plan **advised = prl_array_resize(c->advised, room, sizeof *advised);
		if (!advised)
			return false;
		c->advised = advised;
		c->advised_room = room;
	}
	c->advised[c->advised_count++] = plan;
	return true;
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(const prl_plan *const *)a)->id, (*(const prl_plan *const *)b)->id);
}

static const char filed[] = "no overlap would be found with what is filed here";

static void print_text(const prl_plan *plan, const prl_advice *advice)
{
	const char *id = plan->id;
	if (advice->has_delay)
		printf("%s: with a start %02d:%02d:%02d later %s\n", id, advice->delay_s / 3600,
		       advice->delay_s / 60 % 60, advice->delay_s % 60, filed);
	else
		printf("%s: later start: none found up to %d h\n", id, PRL_ADVISE_MAX_DELAY_S / 3600);
	if (plan->kind != PRL_KIND_FLIGHT)
		return; /* on the ground there is no other altitude */
	if (advice->has_climb)
		printf("%s: %d m %s %s\n", id, abs(advice->climb_m), advice->climb_m < 0 ? "lower" : "higher", filed);
	else
		printf("%s: other altitude: none found up to %d m higher or lower\n", id, PRL_ADVISE_MAX_CLIMB_M);
}

static json_t *number_or_null(bool has, int32_t number)
{
	return has ? json_integer(number) : json_null();
}

static bool print_json(const char *id, const prl_advice *advice)
{
	json_t *line = json_pack("{s:s, s:o, s:o}", "advise", id, "delay_s",
				 number_or_null(advice->has_delay, advice->delay_s), "altitude_m",
				 number_or_null(advice->has_climb, advice->climb_m));
	char *text = line ? json_dumps(line, JSON_PRESERVE_ORDER) : NULL;
	json_decref(line);
	if (!text)
		return false;
	puts(text);
	free(text);
	return true;
}

static prl_status advise_one(check *c, const prl_plan *plan, prl_error *err)
{
	/* A delay out of the window that was asked for would only seem to help. */
	prl_check_options options = c->options;
	options.window = (prl_window){ PRL_TIME_OPEN_START, PRL_TIME_OPEN_END };
	prl_advice advice = { 0 };
	prl_status status = prl_advise(plan, (const prl_plan *const *)c->plans, c->plan_count, &options, &advice, err);
	prl_cli_progress_clear(&c->progress);
	if (status)
		return status;
	if (c->output == PRL_OUTPUT_JSONL)
		return print_json(plan->id, &advice) ? PRL_OK : PRL_E_MEMORY;
	print_text(plan, &advice);
	return PRL_OK;
}

void prl_check_advise(check *c)
{
	prl_error err = { .text = "out of memory" };
	prl_status status = PRL_OK;
	if (c->advised_count)
		qsort(c->advised, c->advised_count, sizeof *c->advised, by_id);
	if (c->advised_count)
		prl_check_paragraph(c);
	c->said = c->said || c->advised_count;
	for (size_t i = 0; i < c->advised_count && !status; i++) {
		prl_cli_progress_draw(&c->progress, "advising", (double)i / (double)c->advised_count);
		if (i == 0 || c->advised[i] != c->advised[i - 1])
			status = advise_one(c, c->advised[i], &err);
	}
	if (status) {
		prl_cli_say("check: %s", err.text);
		c->status = prl_cli_worse(c->status, prl_cli_exit_status(status));
	}
}
