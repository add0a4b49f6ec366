/* What the verbs of the program share: the table of verbs, options, messages, standard output, progress.
 * Exit status (design.md, 6): 0 as asked, 1 found what it was asked to find, 2 bad use or bad input, 3 the machine
 * failed. */
#ifndef PRL_CLI_CLI_H
#define PRL_CLI_CLI_H

#include <parley/base.h>

#include <stdio.h>

enum { CLI_OK = 0, CLI_FOUND = 1, CLI_BAD = 2, CLI_FAILED = 3 };

/* ---- options ------------------------------------------------------------------------------------------------- */

/* One option of a verb. --help, bad use and the test of the man page all read the same table. */
typedef struct cli_option {
	const char *name;  /* "--horizontal" */
	const char *value; /* what follows it, as --help shows it ("M"); NULL for none; "[=M]": may, after "=" */
	const char *help;  /* one line or more, broken by hand at 76 columns */
	int id;            /* what the verb's set() switches on */
} cli_option;

typedef struct cli_verb {
	const char *name;    /* "check" */
	const char *summary; /* one line for `parley help` */
	const char *usage;   /* "parley check FILE… [option…]" */
	const char *details; /* paragraphs after the options in --help */
	const cli_option *options;
	size_t option_count;
	void (*more)(FILE *out); /* what --help shows last, made up at run time; may be NULL */
	bool operands_first;     /* what follows the first operand belongs to it, --help too */
	int (*run)(const struct cli_verb *verb, int argc, char **argv); /* argv[0] is the verb */
} cli_verb;

/* One row a verb, here and in main.c, in the order of `parley help`. */
extern const cli_verb prl_cli_check, prl_cli_shift, prl_cli_channel, prl_cli_present;
extern const cli_verb prl_cli_init;
extern const cli_verb prl_cli_serve, prl_cli_token;
extern const cli_verb prl_cli_file;
extern const cli_verb prl_cli_heard;
extern const cli_verb prl_cli_update;
extern const cli_verb prl_cli_cancel;
extern const cli_verb prl_cli_end;
extern const cli_verb prl_cli_ack;
extern const cli_verb prl_cli_alarms;
extern const cli_verb prl_cli_shown;
extern const cli_verb prl_cli_intents;
extern const cli_verb prl_cli_watch;
extern const cli_verb prl_cli_drill;
extern const cli_verb prl_cli_movement;
extern const cli_verb prl_cli_bundle;
extern const cli_verb prl_cli_hit;
extern const cli_verb prl_cli_stop;
extern const cli_verb prl_cli_urgent;
extern const cli_verb prl_cli_distress;
extern const cli_verb prl_cli_take;
extern const cli_verb prl_cli_message;
extern const cli_verb prl_cli_query_verb;
extern const cli_verb prl_cli_statement;
extern const cli_verb prl_cli_disavow;
extern const cli_verb prl_cli_meeting;
extern const cli_verb prl_cli_recognition;
extern const cli_verb prl_cli_speaks;
extern const cli_verb prl_cli_body;
extern const cli_verb prl_cli_translation;
extern const cli_verb prl_cli_transcript;
extern const cli_verb prl_cli_stats;
extern const cli_verb prl_cli_peer;
extern const cli_verb prl_cli_party;
extern const cli_verb prl_cli_desk;
extern const cli_verb prl_cli_key;
extern const cli_verb prl_cli_log;
extern const cli_verb prl_cli_verify;
extern const cli_verb prl_cli_replay;
extern const cli_verb prl_cli_content;
extern const cli_verb prl_cli_backup;
extern const cli_verb prl_cli_restore;
extern const cli_verb prl_cli_archive;
extern const cli_verb prl_cli_bench;

/* Takes the value of one option; on failure err says what was expected, without the option's name. */
typedef prl_status cli_set_fn(int id, const char *value, void *context, prl_error *err);

/* Reads options from argv[1] on ("--name value" and "--name=value"; "--" ends them) and moves the operands to the
 * front of argv, from index 0. Returns CLI_OK with *ret_operands; CLI_BAD after saying what is wrong. --help is
 * answered by prl_cli_main() before a verb runs. */
int prl_cli_options(const cli_verb *verb, int argc, char **argv, cli_set_fn *set, void *context, int *ret_operands);

/* A finite decimal number in [low, high]. */
prl_status prl_cli_number(const char *text, double low, double high, const char *unit, double *ret, prl_error *err);

/* "LOW..HIGH", both in [low, high], LOW <= HIGH. */
prl_status prl_cli_range(const char *text, double low, double high, const char *unit, double *ret_low, double *ret_high,
			 prl_error *err);

void prl_cli_help(const cli_verb *verb, FILE *out);

/* ---- messages ------------------------------------------------------------------------------------------------ */

/* "parley: <message>" on standard error. */
void prl_cli_say(const char *format, ...) PRL_PRINTF(1, 2);

/* "parley: <source>:<line>: <place>: <what is wrong>" on standard error, as far as err names line and place. */
void prl_cli_say_error(const char *source, const prl_error *err);

/* The exit status that a failure asks for; CLI_OK for PRL_OK. */
int prl_cli_exit_status(prl_status status);

/* The worse of two exit statuses: the machine, then bad input, then found, then nothing. */
int prl_cli_worse(int a, int b);

/* Remembers that a write to standard output failed, and errno as the reason, until prl_cli_close_output() says so. */
void prl_cli_output_failed(void);

/* Flushes standard output; says so and returns CLI_FAILED when a byte of it could not be written. */
int prl_cli_close_output(void);

/* ---- progress ------------------------------------------------------------------------------------------------ */

/* A bar on standard error, only when that is a terminal and the work has taken over half a second. */
typedef struct cli_progress {
	bool on, shown;
	double began_s, drawn_s;
	const char *what;
} cli_progress;

cli_progress prl_cli_progress(bool wanted);
void prl_cli_progress_draw(cli_progress *progress, const char *what, double share); /* share 0 to 1, NAN unknown */
void prl_cli_progress_clear(cli_progress *progress); /* takes the bar away before something else is written */

double prl_cli_seconds(void); /* monotonic */

#endif
