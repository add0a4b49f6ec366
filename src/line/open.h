/* Which things of a noun (thing.h) still need somebody: a local noun beside it, "query.open", that holds the keys of
 * those alone. Alarms are asked for every second; with it they cost what is open, not what there ever was.
 *
 * Derived: whoever puts a thing follows it with prl_open_follow() in the same act, by a rule that looks at the thing
 * and nothing else, so that it holds in each version. Not in the digest; a replay makes it again, a snapshot brings it
 * back. The rule must not look at the clock: what is open by its entries may be over by the hour, and is looked at
 * then.
 *
 * Swept: what no entry closes – the hour does, or what becomes of another thing – goes by prl_open_sweep(), now and
 * then, by the clerk alone and long after it was over: whoever looks leaves it out anyway, so that nothing that is
 * shown hangs on when that was, or whether. A node sweeps an index when it has doubled: what it looks at in vain stays
 * below what it looks at, and PRL_OPEN_SWEEP_AT. */
#ifndef PRL_LINE_OPEN_H
#define PRL_LINE_OPEN_H

#include "line/thing.h"

/* PRL_OPEN_NOUN("query.open") */
#define PRL_OPEN_NOUN(noun_name)                                                                                       \
	{                                                                                                              \
		.name = (noun_name), .shared = false, .save = prl_open_save, .load = prl_open_load, .free = free       \
	}
bool prl_open_save(const void *value, prl_buffer *to);
void *prl_open_load(prl_bytes from, prl_error *err);

/* Puts the key in, or takes it out; nothing happens where it is so already. */
PRL_MUST prl_status prl_open_follow(prl_picture *picture, const char *open_noun, prl_bytes key, bool open,
				    prl_error *err);
/* Calls fn for each open thing of noun in byte order of keys; false stops. */
PRL_MUST prl_status prl_open_each(prl_picture *picture, prl_version version, const char *open_noun, const char *noun,
				  prl_thing_fn *fn, void *context, prl_error *err);

#define PRL_OPEN_SWEEP_AT 64u

/* How an index is swept. Its keys are hashes. */
typedef struct prl_open_rule {
	const char *open_noun, *noun;
	/* Over at show->now, and for good: nothing raises anything of it from then on, until it is put once more. */
	bool (*is_over)(const prl_show *show, prl_bytes key, const json_t *thing);
} prl_open_rule;

size_t prl_open_count(prl_picture *picture, prl_version version, const char *open_noun);
/* Takes out what was over at `now`; of the working version, the clerk's. */
PRL_MUST prl_status prl_open_sweep(prl_picture *picture, const prl_open_rule *rule, prl_time now, prl_error *err);

#endif
