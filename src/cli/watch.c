/* parley watch: the live screen of a desk on a terminal. */
#include "cli/watch_act.h"
#include "cli/watch_tone.h"

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
#define SOUND_MS  50  /* while something sounds: its rhythm is kept */
#define ESCAPE_MS 50  /* an escape with nothing after it is the key */
#define RUNG_MAX  512 /* situations of class 3 that have sounded here */

typedef struct watch_job {
	cli_act act;
	bool mute;
	int wake[2];
	watch_state *state;
	watch_screen *screen;
	watch_ui *ui;
	struct termios before;
	bool raw;
	bool no_colours, try_sounds;
	char pending[64];
	size_t pending_size;
	int64_t pending_ms;
	watch_tones tones;
	char said_why[160];
	size_t rung_count;
	uint64_t rung[RUNG_MAX]; /* of their names, in a ring */
} watch_job;

enum { MUTE, SOUND, TRY_SOUNDS, NO_COLOURS };

static const cli_option options[] = {
	{ "--no-bell", NULL, "no bell for classes 2 and 3; class 1 always rings", MUTE },
	{ "--sound", "PROGRAM",
	  "run for each sound, with the tone's name (stop, distress, urgent, action) and the mode; no shell", SOUND },
	{ "--try-sounds", NULL, "play each tone, say which it is, and leave; no FOLDER", TRY_SOUNDS },
	{ "--no-colours", NULL, "bold and reverse only; so also where NO_COLOR is set, or the terminal has no colours",
	  NO_COLOURS },
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
	switch (id) {
	case MUTE:
		job->tones.mute = true;
		return PRL_OK;
	case SOUND:
		job->tones.program = value;
		return PRL_OK;
	case TRY_SOUNDS:
		job->try_sounds = true;
		return PRL_OK;
	case NO_COLOURS:
		job->no_colours = true;
		return PRL_OK;
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the terminal ------------------------------------------------------------------------------------------------ */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* https://no-color.org; and terminals that have none, or whose name says so. */
static bool has_colours(const watch_job *job)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	size_t length = term ? strlen(term) : 0;
	return !job->no_colours && !(no && *no) && length && !begins(term, "vt1") && !begins(term, "vt2") &&
	       !begins(term, "vt3") && !strstr(term, "-mono") && !(length > 2 && strcmp(term + length - 2, "-m") == 0);
}

static prl_status terminal_take(watch_job *job, prl_error *err)
{
	struct sigaction act = { .sa_handler = on_signal };
	const char *term = getenv("TERM");
	if (term && strcmp(term, "dumb") == 0)
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "this terminal (TERM=dumb) cannot be drawn on; expected one of 80 by 24 or more");
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

static uint64_t name_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

/* Whether this situation has not sounded here yet; from now on it has. */
static bool is_new(watch_job *job, const char *situation)
{
	uint64_t name = name_of(situation);
	size_t kept = job->rung_count < RUNG_MAX ? job->rung_count : RUNG_MAX;
	for (size_t i = 0; i < kept; i++)
		if (job->rung[i] == name)
			return false;
	job->rung[job->rung_count++ % RUNG_MAX] = name;
	return true;
}

/* Of one row; one that was taken is silent until it is an alarm again. */
static watch_tone tone_of_row(const watch_row *row)
{
	if (row->shelved || row->in_flood || row->alarm_class > 3 || (row->taken && !row->waits))
		return WATCH_SILENT;
	if (row->taken || row->alarm_class == 2)
		return WATCH_URGENT;
	if (row->alarm_class == 3)
		return WATCH_ACTION;
	return strcmp(row->word, "DISTRESS") == 0 ? WATCH_DISTRESS : WATCH_STOP_TONE;
}

/* The worst that nobody here has taken. Class 3 sounds once for what is new. */
static watch_tone tone_of(watch_job *job, bool quiet, prl_mode *ret_mode)
{
	watch_tone tone = WATCH_SILENT;
	for (size_t i = 0; i < job->ui->count; i++) {
		const watch_row *row = &job->ui->rows[i];
		watch_tone one = tone_of_row(row);
		if ((one == WATCH_URGENT && quiet) || (one == WATCH_ACTION && (!is_new(job, row->id) || quiet)))
			continue;
		if (one > tone) {
			tone = one;
			*ret_mode = row->mode;
		}
	}
	return tone;
}

/* What became of the program is said when it changes. */
static void say_sound(watch_job *job)
{
	if (strcmp(job->said_why, job->tones.why) == 0)
		return;
	snprintf(job->said_why, sizeof job->said_why, "%s", job->tones.why);
	watch_state_say(job->state, "%s%.120s", job->tones.why[0] ? "SOUND: " : "sound is back", job->tones.why);
	watch_state_sound(job->state, watch_tone_is_heard(&job->tones));
}

static void ring(watch_job *job, int64_t now)
{
	prl_mode mode = PRL_MODE_REAL;
	watch_tone_set(&job->tones, tone_of(job, now < job->ui->silent_until_ms, &mode), now);
	if (watch_tone_beeps(&job->tones, watch_mode_names[mode], now))
		bell();
	say_sound(job);
}

/* Each tone for as long as it takes to know it again. Time is counted, not measured: the pattern is the same on any
 * machine. */
static void try_sounds(watch_job *job)
{
	static const char *const what[WATCH_TONES] = { "", "ACTION, class 3: one beep for what is new",
						       "URGENT, class 2: three beeps every 7 s",
						       "DISTRESS: two beeps, again and again",
						       "STOP: beeps without pause" };
	const struct timespec pause = { .tv_nsec = SOUND_MS * 1000000 };
	int64_t now = 1;
	for (int tone = WATCH_STOP_TONE; tone > WATCH_SILENT; tone--) {
		printf("%s\n", what[tone]);
		fflush(stdout);
		watch_tone_set(&job->tones, (watch_tone)tone, now);
		for (int64_t end = now + 2400; now < end; now += SOUND_MS) {
			if (watch_tone_beeps(&job->tones, "TEST", now))
				bell();
			nanosleep(&pause, NULL);
		}
		watch_tone_end(&job->tones);
		putchar('\n');
		if (job->tones.why[0])
			printf("no sound: %s\n", job->tones.why);
	}
}

/* ---- the loop ---------------------------------------------------------------------------------------------------- */

/* The selection stays with its situation, wherever that has moved. */
static void follow(watch_job *job)
{
	watch_ui *ui = job->ui;
	size_t at = ui->at < ui->count ? ui->at : ui->count ? ui->count - 1 : 0;
	bool found = !ui->selected[0];
	for (size_t i = 0; i < ui->count; i++)
		if (ui->selected[0] && strcmp(ui->rows[i].id, ui->selected) == 0) {
			at = i;
			found = true;
		}
	ui->at = at;
	if (!found && at < ui->count)
		ui->moved_ms = now_ms();
	snprintf(ui->selected, sizeof ui->selected, "%s", at < ui->count ? ui->rows[at].id : "");
	if (ui->time.open)
		watch_time_follow(&ui->time, &ui->news, watch_state_party(job->state));
	const watch_row *row = watch_selected(ui);
	watch_state_select(job->state, row && row->notice[0] ? row->notice : NULL,
			   row && row->overlap[0] ? row->overlap : NULL);
	watch_state_flights(job->state, watch_intents_wanted(ui, watch_state_party(job->state)));
	watch_state_parts(job->state, ui->things.open || watch_is_over(ui->panel) ? WATCH_ALL_PARTS
				      : row                                       ? row->part & WATCH_ALL_PARTS
										  : 0);
}

static void make_rows(watch_job *job)
{
	watch_ui *ui = job->ui;
	const char *party = watch_state_party(job->state);
	ui->flood_changed = false;
	watch_flood_look(&ui->flood, ui->news.alarms, now_ms());
	ui->count = watch_rows_make(&ui->news, &ui->flood, party, watch_state_mode(job->state), ui->see_shelved,
				    ui->rows, &ui->shelved);
	watch_time_make(&ui->time, &ui->news, party);
	watch_things_make(&ui->things, &ui->news);
}

static void take_news(watch_job *job)
{
	char drop[64];
	while (read(job->wake[0], drop, sizeof drop) > 0)
		;
	watch_news_done(&job->ui->news);
	watch_state_news(job->state, &job->ui->news);
	make_rows(job);
	follow(job);
}

/* The view over time wants its window for as long as it is open; edges at whole minutes, so that the same is not asked
 * for with every tick. */
static void want_window(watch_job *job)
{
	struct timespec t;
	int64_t from_s, to_s;
	if (!job->ui->time.open) {
		watch_state_window(job->state, 0, 0);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	watch_time_window(&job->ui->time, t.tv_sec / 60 * 60, &from_s, &to_s);
	watch_state_window(job->state, from_s, to_s + 60);
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

static int wait_ms(const watch_job *job)
{
	return job->pending_size || job->tones.tone != WATCH_SILENT ? SOUND_MS : TICK_MS;
}

static void draw(watch_job *job)
{
	int height, width;
	if (resized) {
		resized = 0;
		watch_screen_forget(job->screen);
	}
	size_of(&height, &width);
	watch_screen_draw(job->screen, job->ui, job->state, height, width);
}

/* Until the screen is left or handed over: then the key of who has it now is in `key`. */
static void loop(watch_job *job, char key[WATCH_TEXT_MAX])
{
	while (!ended && !job->ui->leave && !watch_state_handed(job->state, key)) {
		struct pollfd wait[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
					  { .fd = job->wake[0], .events = POLLIN } };
		(void)poll(wait, 2, wait_ms(job));
		int64_t now = now_ms();
		bool shelved = job->ui->see_shelved;
		if ((wait[0].revents & (POLLIN | POLLHUP | POLLERR)) && !read_keys(job, now))
			break;
		if (wait[1].revents & POLLIN)
			take_news(job);
		keys(job, now);
		if (shelved != job->ui->see_shelved || job->ui->flood_changed)
			make_rows(job);
		follow(job);
		want_window(job);
		draw(job);
		ring(job, now);
	}
}

static prl_status begin(watch_job *job, const char *folder, const char *key, prl_error *err)
{
	watch_options start = {
		.folder = folder, .key = key, .wake = job->wake[1], .sound = watch_tone_is_heard(&job->tones)
	};
	return watch_state_start(&start, &job->state, err);
}

/* The screen goes on with the key of who came; where that cannot be, with the one that left. */
static prl_status change_key(watch_job *job, const char *folder, const char *key, char kept[WATCH_TEXT_MAX],
			     prl_error *err)
{
	prl_error why = { 0 };
	watch_state_stop(job->state);
	job->state = NULL;
	prl_status st = begin(job, folder, key, &why);
	if (!st) {
		watch_state_say(job->state, "shift handed over: this is the screen of %.80s",
				watch_state_key(job->state));
		snprintf(kept, WATCH_TEXT_MAX, "%s", key);
		return PRL_OK;
	}
	st = begin(job, folder, kept[0] ? kept : NULL, err);
	if (!st)
		watch_state_say(job->state, "handed over, but this is still the screen of %.60s: %.80s",
				watch_state_key(job->state), why.text);
	return st;
}

static prl_status show(watch_job *job, const char *folder, prl_error *err)
{
	char key[WATCH_TEXT_MAX] = "", kept[WATCH_TEXT_MAX] = "";
	prl_status st = terminal_take(job, err);
	snprintf(kept, sizeof kept, "%s", job->act.key ? job->act.key : "");
	while (!st) {
		key[0] = 0;
		loop(job, key);
		if (!key[0])
			break;
		st = change_key(job, folder, key, kept, err);
	}
	watch_tone_end(&job->tones);
	terminal_give(job);
	return st;
}

static void forget(watch_ui *ui)
{
	watch_news_done(&ui->news);
	json_decref(ui->open);
	json_decref(ui->open_texts);
	json_decref(ui->act_item);
	watch_flood_done(&ui->flood);
	free(ui->time.items);
	free(ui);
}

static prl_status watch(watch_job *job, const char *folder, prl_error *err)
{
	if (pipe2(job->wake, O_NONBLOCK | O_CLOEXEC))
		return prl_error_set(err, PRL_E_IO, "no pipe: %s", strerror(errno));
	job->screen = watch_screen_new(has_colours(job));
	job->ui = calloc(1, sizeof *job->ui);
	prl_status st = job->screen && job->ui ? begin(job, folder, job->act.key, err) : prl_error_memory(err);
	if (!st) {
		job->ui->time.zoom = 3;
		st = show(job, folder, err);
	}
	if (job->state)
		watch_state_stop(job->state);
	watch_screen_free(job->screen);
	if (job->ui)
		forget(job->ui);
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
	if (operands != (job.try_sounds ? 0 : 1)) {
		prl_cli_say("watch: expected parley watch FOLDER");
		return CLI_BAD;
	}
	if (job.try_sounds) {
		try_sounds(&job);
		return job.tones.why[0] ? CLI_FAILED : prl_cli_exit_status(PRL_OK);
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
	"  A acts on a query, bundle, movement, meeting, hit, test; Y lists them, D asks, I reports a hit\n"
	"  V the view over time, L shelves an alarm, G hands the shift over\n"
	"Each tone is a rhythm of the terminal's bell: STOP without pause, DISTRESS two beeps, URGENT three every 7 "
	"s,\n"
	"ACTION one. With --sound PROGRAM also what that program plays for the tone's name.\n"
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
