/* What the files of `parley check` share. */
#ifndef PRL_CLI_CHECK_H
#define PRL_CLI_CHECK_H

#include "cli/cli.h"

#include <parley/conflict.h>
#include <parley/formats.h>
#include <parley/wellclear.h>

/* One run of `parley check`: what was asked, what was read, what was found. */
typedef struct check {
	prl_check_options options;
	prl_output output;
	const char *zone; /* "Asia/Damascus"; NULL: no local time */
	const char *geoid_path;
	const prl_wellclear_named *well_clear; /* NULL: not asked for */
	bool advise, no_progress, has_qnh, has_isa;

	prl_plan **plans; /* owned */
	size_t plan_count, plan_room;
	size_t left_out, overlaps, cannot_tell;
	size_t not_well_clear, well_clear_unknown; /* pairs */
	bool said;                                 /* something stands below the overlaps already */
	bool file_readable;                        /* the file at hand was there to be read */

	const prl_plan **advised; /* plans with an overlap that --advise is about, each as often as it overlaps */
	size_t advised_count, advised_room;

	prl_writer *writer; /* NULL until the first overlap */
	int status;         /* worst so far */
	double began_s;
	cli_progress progress;
} check;

/* Reads every file into check->plans; says each problem. False where the machine failed. */
bool prl_check_read(check *check, char *const *paths, int count);

/* In the text, an empty line before the next paragraph. */
void prl_check_paragraph(const check *check);

/* Writes one overlap; begins the output where that is not done. */
bool prl_check_write(check *check, const prl_conflict *conflict);
void prl_check_write_end(check *check);

/* After the overlaps: for each pair of trajectories, when they are inside the well-clear volume. */
bool prl_check_well_clear(check *check);

/* Remembers a plan that overlaps something for prl_check_advise(); false without memory. */
bool prl_check_remember(check *check, const prl_plan *plan);

/* After the overlaps: for each plan remembered, what would help. */
void prl_check_advise(check *check);

#endif
