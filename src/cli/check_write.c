/* parley check: overlaps to standard output, with the local time of a zone. */
#include "cli/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Offset of the zone at t, minutes east of UTC, and its short name ("EEST"). */
static int zone_at(const check *c, prl_time t, char name[16])
{
	static const char *set;
	if (set != c->zone) {
		setenv("TZ", c->zone, 1);
		tzset();
		set = c->zone;
	}
	time_t seconds = (time_t)(t / PRL_SECOND - (t % PRL_SECOND < 0));
	struct tm local;
	if (!localtime_r(&seconds, &local))
		return 0;
	snprintf(name, 16, "%s", local.tm_zone);
	return (int)(local.tm_gmtoff / 60);
}

/* The instant whose offset the local times of an overlap are shown with. */
static prl_time zone_instant(const prl_conflict *conflict)
{
	prl_time t = conflict->intervals[0].from;
	if (t == PRL_TIME_OPEN_START)
		t = conflict->intervals[conflict->interval_count - 1].to;
	return t == PRL_TIME_OPEN_END ? 0 : t;
}

static bool failed(check *c, prl_status status, const prl_error *err)
{
	if (status == PRL_E_IO)
		prl_cli_output_failed();
	else
		prl_cli_say("check: %s", err->text);
	c->status = CLI_FAILED;
	return false;
}

/* A writer shows one offset; where summer time begins between two overlaps, the text goes on with another writer. */
static bool begin(check *c, const prl_conflict *conflict)
{
	char name[16] = "";
	int minutes = c->zone && conflict ? zone_at(c, zone_instant(conflict), name) : 0;
	prl_error err = { 0 };
	errno = 0;
	if (c->writer && (minutes == c->zone_minutes || c->output != PRL_OUTPUT_TEXT))
		return true;
	prl_status status = prl_writer_end(c->writer, &err);
	c->writer = NULL;
	prl_writer_options options = { .output = c->output,
				       .zone_minutes = minutes,
				       .zone_name = c->zone ? name : NULL };
	if (!status)
		status = prl_writer_begin(&options, stdout, &c->writer, &err);
	c->zone_minutes = minutes;
	return !status || failed(c, status, &err);
}

void prl_check_paragraph(const check *c)
{
	if (c->output == PRL_OUTPUT_TEXT && (c->overlaps || c->said))
		putchar('\n');
}

bool prl_check_write(check *c, const prl_conflict *conflict)
{
	prl_error err = { 0 };
	if (!begin(c, conflict))
		return false;
	errno = 0;
	prl_status status = prl_writer_conflict(c->writer, conflict, &err);
	return !status || failed(c, status, &err);
}

void prl_check_write_end(check *c)
{
	prl_error err = { 0 };
	/* A CSV without overlaps still has its header line, a FeatureCollection its brackets. */
	if (!c->writer && c->status != CLI_FAILED && !begin(c, NULL))
		return;
	errno = 0;
	prl_status status = prl_writer_end(c->writer, &err);
	c->writer = NULL;
	if (status && c->status != CLI_FAILED)
		failed(c, status, &err);
}
