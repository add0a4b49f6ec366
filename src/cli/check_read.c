/* parley check: from files to plans. */
#include "cli/check.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is not there to be read is bad use; one that fails while it is read is the machine's failure. */
static bool is_readable(const char *path)
{
	struct stat about;
	return !strcmp(path, "-") || (!access(path, R_OK) && !stat(path, &about) && !S_ISDIR(about.st_mode));
}

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
	int status = problem->status == PRL_E_IO && !c->file_readable ? CLI_BAD : prl_cli_exit_status(problem->status);
	c->status = prl_cli_worse(c->status, status);
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
	for (int i = 0; i < count && !status; i++) {
		c->file_readable = is_readable(paths[i]);
		status = prl_reader_read_file(reader, paths[i], &err);
	}
	prl_reader_free(reader);
	prl_cli_progress_clear(&c->progress);
	/* Problems do not stop the reading; only memory does, here or in take_plan(). */
	if (status) {
		prl_cli_say("check: %s", status == PRL_E_CALLBACK ? prl_status_text(PRL_E_MEMORY) : err.text);
		c->status = CLI_FAILED;
	}
	return !status;
}
