/* Two clocks: the wall clock, by which entries are dated, and the time since boot, sleep included, which nobody sets.
 * Where they part by more than PRL_CLOCK_SLACK between two looks somebody has set the wall clock (or it was wrong), and
 * nothing may expire or be deemed delivered by it until a person has looked (design.md, 4, Time). */
#ifndef PRL_NODE_CLOCK_H
#define PRL_NODE_CLOCK_H

#include <parley/base.h>

#define PRL_CLOCK_SLACK (2 * PRL_SECOND)

/* CLOCK_REALTIME and CLOCK_BOOTTIME in nanoseconds; context is not used. For prl_clerk_parts.now and prl_clock. */
prl_time prl_clock_wall(void *context);
prl_time prl_clock_boot(void *context);

/* What was seen at the last look. One thread looks. */
typedef struct prl_clock {
	prl_time (*wall)(void *context), (*boot)(void *context);
	void *context;
	prl_time last_wall, last_boot;
} prl_clock;

/* Takes the first look. wall and boot NULL: the machine's. */
void prl_clock_init(prl_clock *clock, prl_time (*wall)(void *), prl_time (*boot)(void *), void *context);

/* True where the wall clock has run more than PRL_CLOCK_SLACK ahead of (offset > 0) or behind the time since boot since
 * the last look; *ret_offset: by how much, 0 else. */
bool prl_clock_look(prl_clock *clock, prl_time *ret_offset);

/* The body of clock.suspect, as JSON. Returns its length. */
#define PRL_CLOCK_BODY_MAX 160
size_t prl_clock_body(prl_time offset, char text[PRL_CLOCK_BODY_MAX]);

#endif
