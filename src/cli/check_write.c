/* parley check: overlaps to standard output, with the local time of a zone. */
#include "cli/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A prl_zone_fn: the offset of c->zone at t, minutes east of UTC, and its short name then ("EEST"). */
static int zone_at(prl_time t, char ret_name[16], void *context)
{
	static const char *set;
	const check *c = context;
	if (set != c->zone) {
		setenv("TZ", c->zone, 1);
		tzset();
		set = c->zone;
	}
	time_t seconds = (time_t)(t / PRL_SECOND - (t % PRL_SECOND < 0));
	struct tm local;
	if (!localtime_r(&seconds, &local)) {
		snprintf(ret_name, 16, "UTC");
		return 0;
	}
	snprintf(ret_name, 16, "%s", local.tm_zone);
	return (int)(local.tm_gmtoff / 60);
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

static bool begin(check *c)
{
	prl_writer_options options = { .output = c->output, .zone_at = c->zone ? zone_at : NULL, .context = c };
	prl_error err = { 0 };
	errno = 0;
	prl_status status = prl_writer_begin(&options, stdout, &c->writer, &err);
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
	if (!c->writer && !begin(c))
		return false;
	errno = 0;
	prl_status status = prl_writer_conflict(c->writer, conflict, &err);
	return !status || failed(c, status, &err);
}

void prl_check_write_end(check *c)
{
	prl_error err = { 0 };
	/* A CSV without overlaps still has its header line, a FeatureCollection its brackets. */
	if (!c->writer && c->status != CLI_FAILED && !begin(c))
		return;
	errno = 0;
	prl_status status = prl_writer_end(c->writer, &err);
	c->writer = NULL;
	if (status && c->status != CLI_FAILED)
		failed(c, status, &err);
}
