/* What is heard at the screen: one tone a class of docs/alarms.md, and one each for STOP, URGENT and DISTRESS. As the
 * terminal's bell a tone is a number and a rhythm; with --sound it is a program's, run with the tone's name.
 *
 *   stop      a beep every half second, without pause          until it is taken
 *   distress  two beeps, every second and a half               until it is taken
 *   urgent    three beeps, every 7 s                           until it is taken, also class 2 of alarms
 *   action    one beep, once for each row of class 3 that is new; 6 an hour at most
 *   note      none: class 4 has no sound
 *
 * The worst sounds alone: stop, distress, urgent, action. Classes 1 cannot be silenced or muted. No clock in here:
 * every call says what time it is, in milliseconds that never go back. */
#ifndef PRL_CLI_WATCH_TONE_H
#define PRL_CLI_WATCH_TONE_H

#include <parley/base.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum watch_tone { WATCH_SILENT, WATCH_ACTION, WATCH_URGENT, WATCH_DISTRESS, WATCH_STOP_TONE } watch_tone;

#define WATCH_TONES         5
#define WATCH_ACTIONS_HOUR  6     /* sounds of class 3 an hour */
#define WATCH_BEEP_LEAST_MS 200   /* between two beeps, whatever happens: a bell that runs into itself tells nothing */
#define WATCH_SOUND_MOST_MS 10000 /* a run of the program; then it is ended */

extern const char *const watch_tone_names[WATCH_TONES]; /* "stop", as the program is told */

typedef struct watch_tones {
	/* settings */
	bool mute;           /* no bell for urgent and action */
	const char *program; /* of --sound; NULL: none */
	/* kept */
	watch_tone tone;
	int64_t began_ms, beep_ms, beeps;
	int64_t action_ms[WATCH_ACTIONS_HOUR]; /* when class 3 sounded, in a ring */
	unsigned actions;
	pid_t child;
	int64_t child_ms;
	bool again;    /* the program has not run for this tone yet */
	char why[160]; /* why the program makes no sound; "" where it does */
} watch_tones;

/* What sounds from now on. An action sounds once, at once, where it may (six an hour), and never breaks into another
 * tone. */
void watch_tone_set(watch_tones *t, watch_tone tone, int64_t now_ms);
/* Whether the bell is to be rung at this instant; starts, follows and ends the program. mode: "REAL". To be called
 * every 50 to 250 ms. */
bool watch_tone_beeps(watch_tones *t, const char *mode, int64_t now_ms);
/* Ends what sounds. */
void watch_tone_end(watch_tones *t);
/* Whether anything is heard of urgent: the bell, or a program that works. */
bool watch_tone_is_heard(const watch_tones *t);

#endif
