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
	bool file_readable; /* the file at hand was there to be read */

	prl_writer *writer; /* NULL until the first overlap, where the zone's offset may hang on its time */
	int zone_minutes;
	int status; /* worst so far */
	double began_s;
	cli_progress progress;
} check;

/* Reads every file into check->plans; says each problem. False where the machine failed. */
bool prl_check_read(check *check, char *const *paths, int count);

/* Writes one overlap; begins the output where that is not done. */
bool prl_check_write(check *check, const prl_conflict *conflict);
void prl_check_write_end(check *check);

/* Offset of check->zone at t, minutes east of UTC, and its short name ("EEST"). */
int prl_check_zone_at(const check *check, prl_time t, char name[16]);

/* After the overlaps: for each pair of trajectories, when they are inside the well-clear volume. */
bool prl_check_well_clear(check *check);

#endif
