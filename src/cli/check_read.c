/* parley check: from files to plans. */
#include "cli/check.h"

#include "base/memory.h"

#include <math.h>

static bool take_plan(prl_plan *plan, void *context)
{
	check *c = context;
	if (c->plan_count == c->plan_room) {
		size_t room = c->plan_room ? 2 * c->plan_room : 64;
		prl_plan **plans = prl_array_resize(c->plans, room, sizeof *plans);
		if (!plans) {
			prl_plan_free(plan);
			return false;
		}
		c->plans = plans;
		c->plan_room = room;
	}
	c->plans[c->plan_count++] = plan;
	return true;
}

static bool take_problem(const char *source, const prl_error *problem, void *context)
{
	check *c = context;
	prl_cli_progress_clear(&c->progress);
	prl_cli_say_error(source, problem);
	c->left_out++;
	c->status = prl_cli_worse(c->status, prl_cli_exit_status(problem->status));
	return true;
}

static void show_progress(uint64_t done, uint64_t total, void *context)
{
	check *c = context;
	prl_cli_progress_draw(&c->progress, "reading", total ? (double)done / (double)total : (double)NAN);
}

bool prl_check_read(check *c, char *const *paths, int count)
{
	prl_error err = { 0 };
	prl_reader *reader = NULL;
	prl_reader_options options = {
		.on_plan = take_plan, .on_problem = take_problem, .on_progress = show_progress, .context = c
	};
	prl_status status = prl_reader_new(&options, &reader, &err);
	for (int i = 0; i < count && !status; i++)
		status = prl_reader_read_file(reader, paths[i], &err);
	prl_reader_free(reader);
	prl_cli_progress_clear(&c->progress);
	/* Problems do not stop the reading; only memory does, here or in take_plan(). */
	if (status) {
		prl_cli_say("check: %s", status == PRL_E_CALLBACK ? prl_status_text(PRL_E_MEMORY) : err.text);
		c->status = CLI_FAILED;
	}
	return !status;
}
