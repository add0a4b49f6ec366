/* parley watch: the live screen of a desk on a terminal. */
#include "cli/watch.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS   250
#define ESCAPE_MS 50 /* an escape with nothing after it is the key */

typedef struct watch_job {
	cli_act act;
	bool mute;
	int wake[2];
	watch_state *state;
	watch_screen *screen;
	watch_ui *ui;
	struct termios before;
	bool raw;
	char pending[64];
	size_t pending_size;
	int64_t pending_ms, bell_ms, pips_ms;
	int pips;
	char rung[120]; /* newest row of class 3 that has rung */
} watch_job;

enum { MUTE };

static const cli_option options[] = {
	{ "--no-bell", NULL, "no bell for classes 2 and 3; class 1 always rings", MUTE },
	{ "--key", "KEY", "who signs: a name, or a file that ends in .key (default: the console of node.json)",
	  CLI_ACT_KEY },
};

static volatile sig_atomic_t resized, ended;

static void on_signal(int number)
{
	if (number == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	watch_job *job = context;
	if (id == MUTE) {
		job->mute = true;
		return PRL_OK;
	}
	return prl_cli_act_option(&job->act, id, value, err);
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the terminal ------------------------------------------------------------------------------------------------ */

static prl_status terminal_take(watch_job *job, prl_error *err)
{
	struct sigaction act = { .sa_handler = on_signal };
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return prl_error_set(err, PRL_E_UNSUPPORTED, "this is no terminal; expected one of 80 by 24 or more");
	if (tcgetattr(STDIN_FILENO, &job->before))
		return prl_error_set(err, PRL_E_IO, "the terminal cannot be read: %s", strerror(errno));
	struct termios raw = job->before;
	raw.c_iflag &= (tcflag_t) ~(ICRNL | IXON | ISTRIP);
	raw.c_lflag &= (tcflag_t) ~(ECHO | ICANON | IEXTEN);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw))
		return prl_error_set(err, PRL_E_IO, "the terminal cannot be set: %s", strerror(errno));
	job->raw = true;
	sigaction(SIGWINCH, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	fputs("\x1b[?1049h\x1b[?25l", stdout); /* the other screen, no cursor */
	return PRL_OK;
}

static void terminal_give(watch_job *job)
{
	if (!job->raw)
		return;
	fputs("\x1b[0m\x1b[?25h\x1b[?1049l", stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &job->before);
}

static void size_of(int *ret_rows, int *ret_columns)
{
	struct winsize size = { 0 };
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col;
	*ret_rows = known ? size.ws_row : 24;
	*ret_columns = known ? size.ws_col : 80;
}

/* ---- the bell ---------------------------------------------------------------------------------------------------- */

static void bell(void)
{
	fputc('\a', stdout);
	fflush(stdout);
}

/* Class 1 until it is taken; class 2 three pips every 7 s; class 3 one pip for each row that is new at the top. */
static void ring(watch_job *job, int64_t now)
{
	const watch_row *first = NULL, *action = NULL;
	for (size_t i = 0; i < job->ui->count; i++) {
		const watch_row *row = &job->ui->rows[i];
		if (row->alarm_class <= 2 && !row->taken && !first)
			first = row;
		if (row->alarm_class == 3 && !action)
			action = row;
	}
	bool quiet = job->mute || now < job->ui->silent_until_ms;
	if (first && first->alarm_class == 1) {
		if (now - job->bell_ms >= 500)
			bell();
		job->bell_ms = now - job->bell_ms >= 500 ? now : job->bell_ms;
	} else if (first && !quiet) {
		if (now - job->pips_ms >= 7000) {
			job->pips_ms = now;
			job->pips = 3;
		}
		if (job->pips && now - job->bell_ms >= TICK_MS) {
			bell();
			job->pips--;
			job->bell_ms = now;
		}
	} else if (action && !quiet && strcmp(action->id, job->rung) != 0) {
		bell();
		snprintf(job->rung, sizeof job->rung, "%s", action->id);
	}
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

/* The selection stays with its situation, wherever that has moved. */
static void follow(watch_job *job)
{
	watch_ui *ui = job->ui;
	size_t at = ui->at < ui->count ? ui->at : ui->count ? ui->count - 1 : 0;
	for (size_t i = 0; i < ui->count; i++)
		if (ui->selected[0] && strcmp(ui->rows[i].id, ui->selected) == 0)
			at = i;
	ui->at = at;
	const watch_row *row = at < ui->count ? &ui->rows[at] : NULL;
	snprintf(ui->selected, sizeof ui->selected, "%s", row ? row->id : "");
	watch_state_select(job->state, row && row->notice[0] ? row->notice : NULL,
			   row && row->overlap[0] ? row->overlap : NULL);
}

static void take_news(watch_job *job)
{
	char drop[64];
	while (read(job->wake[0], drop, sizeof drop) > 0)
		;
	watch_news_done(&job->ui->news);
	watch_state_news(job->state, &job->ui->news);
	job->ui->count = watch_rows_make(&job->ui->news, watch_state_party(job->state), job->ui->rows);
	follow(job);
}

static void keys(watch_job *job, int64_t now)
{
	bool whole = job->pending_size && now - job->pending_ms >= ESCAPE_MS;
	while (job->pending_size) {
		size_t used = 0;
		int key = watch_key_read(job->pending, job->pending_size, whole, &used);
		if (!used)
			return;
		memmove(job->pending, job->pending + used, job->pending_size - used);
		job->pending_size -= used;
		if (key != KEY_NONE)
			watch_key_do(job->ui, job->state, key, now);
	}
}

static bool read_keys(watch_job *job, int64_t now)
{
	ssize_t got = read(STDIN_FILENO, job->pending + job->pending_size, sizeof job->pending - job->pending_size);
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
		return false; /* the terminal is gone */
	if (got > 0) {
		job->pending_size += (size_t)got;
		job->pending_ms = now;
	}
	return true;
}

static void loop(watch_job *job)
{
	int height, width;
	while (!ended && !job->ui->leave) {
		struct pollfd wait[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
					  { .fd = job->wake[0], .events = POLLIN } };
		(void)poll(wait, 2, job->pending_size ? ESCAPE_MS : TICK_MS);
		int64_t now = now_ms();
		if ((wait[0].revents & (POLLIN | POLLHUP | POLLERR)) && !read_keys(job, now))
			break;
		if (wait[1].revents & POLLIN)
			take_news(job);
		keys(job, now);
		follow(job);
		if (resized) {
			resized = 0;
			watch_screen_forget(job->screen);
		}
		size_of(&height, &width);
		watch_screen_draw(job->screen, job->ui, job->state, height, width);
		ring(job, now);
	}
}

static prl_status watch(watch_job *job, const char *folder, prl_error *err)
{
	if (pipe2(job->wake, O_NONBLOCK | O_CLOEXEC))
		return prl_error_set(err, PRL_E_IO, "no pipe: %s", strerror(errno));
	watch_options start = { .folder = folder, .key = job->act.key, .wake = job->wake[1], .sound = !job->mute };
	job->screen = watch_screen_new();
	job->ui = calloc(1, sizeof *job->ui);
	prl_status st = job->screen && job->ui ? watch_state_start(&start, &job->state, err) : prl_error_memory(err);
	if (!st) {
		st = terminal_take(job, err);
		if (!st)
			loop(job);
		terminal_give(job);
		watch_news_done(&job->ui->news);
		watch_state_stop(job->state);
	}
	watch_screen_free(job->screen);
	free(job->ui);
	close(job->wake[0]);
	close(job->wake[1]);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	watch_job job = { 0 };
	prl_error err = { 0 };
	int operands, end = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (end)
		return end;
	if (operands != 1) {
		prl_cli_say("watch: expected parley watch FOLDER");
		return CLI_BAD;
	}
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		(void)setlocale(LC_CTYPE, "");
	prl_status st = watch(&job, argv[0], &err);
	if (st)
		prl_cli_say_error("watch", &err);
	return prl_cli_exit_status(st);
}

static const char details[] =
	"Shows what needs this desk, by when, where; ? lists the keys. The node of FOLDER must run, here.\n"
	"  F8 opens STOP from anywhere, filled from the selected row; Enter sends it, one key alone never does\n"
	"  F2 takes what rings; then 1 passed on, 2 not ours, 3 cannot reach units; then 4 ceased, 5 continuing\n"
	"  U understood, B read back, P units told, O answer an overlap, H what is heard by voice\n"
	"When the node has not answered for 5 s the screen says how old the picture is, and only STOP can be done.\n"
	"\n"
	"  parley watch us\n"
	"\n"
	"exit status: 0 left by Q, 2 bad use, 3 the machine failed\n";

const cli_verb prl_cli_watch = {
	.name = "watch",
	.summary = "the live screen of a desk: what needs you, by when, where",
	.usage = "parley watch FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
