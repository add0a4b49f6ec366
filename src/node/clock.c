#include "node/clock.h"

#include <stdio.h>
#include <time.h>

static prl_time read_clock(clockid_t id)
{
	struct timespec now = { 0 };
	clock_gettime(id, &now);
	return (prl_time)now.tv_sec * PRL_SECOND + now.tv_nsec;
}

prl_time prl_clock_wall(void *context)
{
	(void)context;
	return read_clock(CLOCK_REALTIME);
}

prl_time prl_clock_boot(void *context)
{
	(void)context;
	return read_clock(CLOCK_BOOTTIME);
}

void prl_clock_init(prl_clock *clock, prl_time (*wall)(void *), prl_time (*boot)(void *), void *context)
{
	*clock = (prl_clock){ wall ? wall : prl_clock_wall, boot ? boot : prl_clock_boot, context, 0, 0 };
	clock->last_wall = clock->wall(context);
	clock->last_boot = clock->boot(context);
}

bool prl_clock_look(prl_clock *clock, prl_time *ret_offset)
{
	/* Boot first: whatever holds this thread up between the two makes the wall clock look fast, so it is read twice
	 * and the nearer pair counts. */
	prl_time boot = clock->boot(clock->context), wall = clock->wall(clock->context);
	prl_time again = clock->boot(clock->context);
	if (again - boot > PRL_SECOND / 2)
		wall = clock->wall(clock->context), boot = again;
	prl_time offset = (wall - clock->last_wall) - (boot - clock->last_boot);
	clock->last_wall = wall;
	clock->last_boot = boot;
	bool parted = offset > PRL_CLOCK_SLACK || offset < -PRL_CLOCK_SLACK;
	*ret_offset = parted ? offset : 0;
	return parted;
}

size_t prl_clock_body(prl_time offset, char text[PRL_CLOCK_BODY_MAX])
{
	return (size_t)snprintf(text, PRL_CLOCK_BODY_MAX,
				"{\"reason\":\"the wall clock was set %s, or the machine's clock is wrong\","
				"\"wall_minus_boot_s\":%.3f}",
				offset < 0 ? "back" : "forward", (double)offset / (double)PRL_SECOND);
}
