#include "cli/watch_tone.h"

#include "base/process.h"

#include <stdio.h>
#include <sys/wait.h>

const char *const watch_tone_names[WATCH_TONES] = { "silent", "action", "urgent", "distress", "stop" };

static const struct pattern {
	int beeps, gap_ms, period_ms; /* period 0: once */
	int again_ms; /* the program is run again so long after it began, where it has ended; 0: never */
} patterns[WATCH_TONES] = {
	[WATCH_ACTION] = { 1, 250, 0, 0 },
	[WATCH_URGENT] = { 3, 250, 7000, 7000 },
	[WATCH_DISTRESS] = { 2, 250, 1500, 1500 },
	[WATCH_STOP_TONE] = { 1, 500, 500, 1000 },
};

/* ---- the program ------------------------------------------------------------------------------------------------- */

/* Its group ends with it: a player that it started must not go on. */
static void end_child(watch_tones *t)
{
	if (t->child > 0)
		prl_process_end(t->child);
	t->child = 0;
}

static void follow_child(watch_tones *t, int64_t now_ms)
{
	int status = 0;
	if (t->child <= 0)
		return;
	if (waitpid(t->child, &status, WNOHANG) == t->child) {
		t->child = 0;
		t->why[0] = 0;
		if (WIFEXITED(status) && WEXITSTATUS(status))
			snprintf(t->why, sizeof t->why, "%.100s ended with %d", t->program, WEXITSTATUS(status));
		return;
	}
	if (now_ms - t->child_ms > WATCH_SOUND_MOST_MS)
		end_child(t);
}

/* The program's own path and two words of this table: no shell, and nothing that anybody else wrote. It is quiet: it
 * does not write over the screen. */
static void start_child(watch_tones *t, const char *mode, int64_t now_ms)
{
	const char *const arguments[] = { t->program, watch_tone_names[t->tone], mode, NULL };
	const prl_process process = { .arguments = arguments, .out = PRL_PROCESS_QUIET };
	prl_error err;
	if (prl_process_start(&process, &t->child, &err)) {
		t->child = 0;
		snprintf(t->why, sizeof t->why, "%.150s", err.text);
	}
	t->child_ms = now_ms;
	t->again = false;
}

static void run_program(watch_tones *t, const char *mode, int64_t now_ms)
{
	const struct pattern *p = &patterns[t->tone];
	follow_child(t, now_ms);
	if (!t->program || t->tone == WATCH_SILENT || t->child > 0)
		return;
	if (t->again || (p->again_ms && now_ms - t->child_ms >= p->again_ms))
		start_child(t, mode, now_ms);
}

/* ---- the bell ---------------------------------------------------------------------------------------------------- */

static bool may_act(const watch_tones *t, int64_t now_ms)
{
	return t->actions < WATCH_ACTIONS_HOUR || now_ms - t->action_ms[t->actions % WATCH_ACTIONS_HOUR] >= 3600000;
}

static void begin(watch_tones *t, watch_tone tone, int64_t now_ms)
{
	if (t->tone != WATCH_ACTION || tone != WATCH_SILENT)
		end_child(t);
	t->tone = tone;
	t->began_ms = now_ms;
	t->beeps = 0;
	t->again = tone != WATCH_SILENT;
}

void watch_tone_set(watch_tones *t, watch_tone tone, int64_t now_ms)
{
	bool sounds_on = t->tone == WATCH_ACTION && now_ms - t->began_ms < 1000;
	if (tone == WATCH_ACTION) {
		if (t->tone > WATCH_ACTION || !may_act(t, now_ms))
			return;
		t->action_ms[t->actions++ % WATCH_ACTIONS_HOUR] = now_ms;
		begin(t, tone, now_ms);
	} else if (tone != t->tone && (tone != WATCH_SILENT || !sounds_on)) {
		begin(t, tone, now_ms);
	}
}

bool watch_tone_beeps(watch_tones *t, const char *mode, int64_t now_ms)
{
	const struct pattern *p = &patterns[t->tone];
	run_program(t, mode, now_ms);
	if (t->tone == WATCH_SILENT || (t->mute && t->tone < WATCH_DISTRESS))
		return false;
	int64_t since = now_ms - t->began_ms, round = p->period_ms ? since / p->period_ms : 0,
		in_round = p->period_ms ? since % p->period_ms : since;
	int64_t due = in_round / p->gap_ms + 1;
	due = round * p->beeps + (due > p->beeps ? p->beeps : due);
	/* one that came too late is not made up for: the rhythm is what tells them apart */
	if (due <= t->beeps || (t->beep_ms && now_ms - t->beep_ms < WATCH_BEEP_LEAST_MS))
		return false;
	t->beeps = round * p->beeps > t->beeps + 1 ? round * p->beeps + 1 : t->beeps + 1;
	t->beep_ms = now_ms;
	return true;
}

void watch_tone_end(watch_tones *t)
{
	end_child(t);
	t->tone = WATCH_SILENT;
}

bool watch_tone_is_heard(const watch_tones *t)
{
	return !t->mute || (t->program && !t->why[0]);
}
