/* What the time does with what rings: the steps of the ladder, what rings again after the last one, what goes; and what
 * the record has that nobody here has taken, after a restart or where only the peer's log has brought it. All of it
 * with the bell's lock held. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/time.h"
#include "line/thing.h"
#include "node/bell_inside.h"
#include "picture/body.h"

#include <stdio.h>
#include <string.h>

#define AT_ONCE 64u /* calls that wait, and are compared with the bell at one look */

static prl_time now(const prl_bell *bell)
{
	return bell->parts.now(bell->parts.context);
}

static prl_time boot(const prl_bell *bell)
{
	return bell->parts.boot(bell->parts.context);
}

static const prl_constitution *constitution_of(prl_bell *bell, prl_version version)
{
	return prl_picture_constitution(bell->parts.picture, version);
}

/* ---- how it stands ----------------------------------------------------------------------------------------------- */

/* The act of a party by which it is taken, and whether it has said more since. */
static const json_t *taken_by(const json_t *call, const char *party, bool *ret_more)
{
	const json_t *answer, *taken = NULL;
	size_t i;
	*ret_more = false;
	json_array_foreach(json_object_get(call, "answers"), i, answer)
	{
		/* withdrawing what another has raised is nothing */
		if (!prl_bytes_is(prl_body_text(answer, "party"), party) ||
		    prl_bytes_is(prl_body_text(answer, "what"), "withdrawn") || !prl_call_counts(call, answer))
			continue;
		*ret_more = *ret_more || !prl_bytes_is(prl_body_text(answer, "what"), "taken");
		taken = taken ? taken : answer;
	}
	return taken;
}

static unsigned step_after(prl_time age, const prl_constitution *constitution)
{
	unsigned step = 0;
	while (step < 3 && age >= (prl_time)constitution->ring_s[step] * PRL_SECOND)
		step++;
	return step;
}

static bool is_at(const prl_constitution *constitution, const char *name, const char *log)
{
	const prl_party *party = prl_constitution_party(constitution, prl_bytes_of(name));
	return party && strcmp(party->log, log) == 0;
}

bool prl_bell_waits_at(prl_bell *bell, prl_version version, const prl_bell_item *item, const char *log)
{
	bool logged, more, waits = false;
	const prl_constitution *constitution = constitution_of(bell, version);
	json_t *call = constitution ? prl_bell_laid_together(bell, version, item, &logged) : NULL;
	json_t *parties = call && !prl_call_is_withdrawn(call) ? prl_call_parties(call, constitution) : NULL;
	for (size_t i = 0; i < json_array_size(parties); i++) {
		const char *name = json_string_value(json_array_get(parties, i));
		waits = waits || (is_at(constitution, name, log) && !taken_by(call, name, &more));
	}
	json_decref(parties);
	json_decref(call);
	return waits;
}

/* The farthest of the parties of this node: one that has taken it says nothing for another. */
static prl_bell_stand stand_of(const prl_bell *bell, const prl_constitution *constitution, const json_t *call,
			       prl_time age)
{
	prl_bell_stand stand = { 0 };
	json_t *parties = prl_call_parties(call, constitution);
	for (size_t i = 0; i < json_array_size(parties); i++) {
		const char *name = json_string_value(json_array_get(parties, i));
		bool more;
		if (!is_at(constitution, name, bell->parts.own))
			continue;
		const json_t *taken = taken_by(call, name, &more);
		bool late = taken && !more &&
			    prl_time_apart(json_integer_value(json_object_get(taken, "ns")), now(bell)) >
				    PRL_CALL_PASS_S * PRL_SECOND;
		unsigned step = !taken ? step_after(age, constitution) : late ? 2 : 0;
		stand.waits = stand.waits || !taken || late;
		stand.late = stand.late || late;
		stand.step = step > stand.step ? step : stand.step;
	}
	json_decref(parties);
	return stand;
}

prl_bell_stand prl_bell_stands(prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	bool logged;
	const prl_constitution *constitution = constitution_of(bell, version);
	json_t *call = prl_bell_laid_together(bell, version, item, &logged);
	prl_bell_stand stand = { 0 };
	prl_time age = prl_time_apart(item->rung_boot, boot(bell));
	if (call && constitution && json_object_get(call, "class") && !prl_call_is_withdrawn(call))
		stand = stand_of(bell, constitution, call,
				 age > INT64_MAX - item->age_before ? INT64_MAX : age + item->age_before);
	json_decref(call);
	return stand;
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

/* A siren is for those whom a call is for. What somebody states without a login, here, runs no command. */
void prl_bell_tell(prl_bell *bell, prl_version version, prl_bell_item *item)
{
	item->told_boot = boot(bell);
	prl_bell_touch(bell, item);
	if ((!item->ours || !item->unverified[0]) && prl_bell_stands(bell, version, item).waits)
		prl_bell_tell_hooks(bell, item);
}

/* After the last step, and of what was taken and not passed on, at the ladder's last distance: for as long as it takes.
 */
static bool is_due_again(const prl_bell *bell, const prl_constitution *constitution, const prl_bell_item *item,
			 const prl_bell_stand *stand)
{
	prl_time apart = (prl_time)(constitution->ring_s[2] - constitution->ring_s[1]) * PRL_SECOND;
	return stand->waits && (stand->late || stand->step == 3) &&
	       prl_time_apart(item->told_boot, boot(bell)) >= apart;
}

static bool ring_onward(prl_bell *bell, prl_version version)
{
	const prl_constitution *constitution = constitution_of(bell, version);
	bool moved = false;
	for (size_t i = 0; constitution && i < bell->count; i++) {
		prl_bell_item *item = bell->items[i];
		prl_bell_stand stand = prl_bell_stands(bell, version, item);
		bool further = stand.step > item->step, again = is_due_again(bell, constitution, item, &stand);
		item->step = stand.step; /* back to 0 once it is taken, and on from there where it is not passed on */
		if (!stand.waits)
			item->again = 0;
		if (!further && !again)
			continue;
		item->again += !further;
		prl_bell_tell(bell, version, item);
		moved = true;
	}
	return moved;
}

/* ---- what goes --------------------------------------------------------------------------------------------------- */

/* Whether nothing more is waited for: until then it goes on ringing here, logged or not. */
static bool is_over(prl_bell *bell, prl_version version, const json_t *call)
{
	const prl_constitution *constitution = constitution_of(bell, version);
	json_t *parties = call && constitution ? prl_call_parties(call, constitution) : NULL;
	bool over = parties && prl_call_is_over(call, parties);
	json_decref(parties);
	return over;
}

/* What is over and wholly in the record is shown from there. Everything else goes after a day, but for what is in the
 * record and waits for somebody here: that never goes by itself. */
static void prune(prl_bell *bell, prl_version version)
{
	for (size_t i = bell->count; i-- > 0;) {
		prl_bell_item *item = bell->items[i];
		bool logged = false;
		json_t *call = prl_bell_laid_together(bell, version, item, &logged);
		prl_time here = prl_time_apart(item->rung_boot, boot(bell));
		bool old = here > PRL_BELL_KEEP_S * PRL_SECOND &&
			   !(json_object_get(call, "log") && prl_bell_stands(bell, version, item).waits);
		/* our own are kept until they are at every node, or late: the ladder of the raiser counts on it */
		bool watched = item->ours && here < 300 * PRL_SECOND;
		bool over = logged && is_over(bell, version, call);
		json_decref(call);
		if (old || (over && !watched))
			prl_bell_drop(bell, i);
	}
}

/* ---- taken up from the record ------------------------------------------------------------------------------------ */

typedef struct sweep {
	prl_bell *bell;
	prl_version version;
	const prl_constitution *constitution;
	bool first; /* after the start: all of them, and our own too */
	size_t looked_at;
	bool moved;
} sweep;

/* Some party of this node has not taken it, or has not said what became of it. */
static bool is_for_here(const sweep *s, const json_t *call)
{
	json_t *parties = prl_call_parties(call, s->constitution), *here = json_array();
	for (size_t i = 0; i < json_array_size(parties); i++)
		if (is_at(s->constitution, json_string_value(json_array_get(parties, i)), s->bell->parts.own))
			json_array_append(here, json_array_get(parties, i));
	bool waits = json_array_size(here) && prl_call_waits(call, here);
	json_decref(parties);
	json_decref(here);
	return waits;
}

static bool is_young(const prl_bell *bell, prl_time since)
{
	return prl_time_apart(since, now(bell)) <= PRL_BELL_KEEP_S * PRL_SECOND;
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

/* Room, without an end to the taking in turns: what goes is made up, or of a party that has two more than this one. */
static prl_bell_item *add_for(prl_bell *bell, const char *side)
{
	if (bell->count == PRL_BELL_MAX) {
		size_t i = prl_bell_least_for(bell, side);
		if (i == bell->count)
			return NULL;
		prl_bell_drop(bell, i);
	}
	return prl_bell_add(bell);
}

static prl_bell_item *item_of(prl_bell *bell, const prl_hash *id, json_t *call, const char *side)
{
	prl_bell_item *item = call ? add_for(bell, side) : NULL;
	if (!item) {
		json_decref(call);
		return NULL;
	}
	prl_time age = prl_time_apart(json_integer_value(json_object_get(call, "ns")), now(bell));
	item->id = *id;
	item->call = call;
	item->rung = now(bell);
	item->rung_boot = item->told_boot = boot(bell);
	item->age_before = age > 0 ? age : 0;
	item->count = 1 + (unsigned)prl_body_number(call, "repeats", 0);
	(void)snprintf(item->side, sizeof item->side, "%s", side);
	return item;
}

static void tell_at_its_step(const sweep *s, prl_bell_item *item)
{
	item->step = prl_bell_stands(s->bell, s->version, item).step;
	prl_bell_tell(s->bell, s->version, item);
}

/* Once more to the peers: whether they have it was known to the bell alone. */
static void pass_on_again(prl_bell *bell, const prl_bell_item *item)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	if (bell->parts.note && bell->parts.note(bell->parts.context, prl_body_number(item->call, "index", 0), &note))
		prl_bell_pass_on(bell, item, (prl_bytes){ note.data, note.size }, NULL);
	prl_buffer_done(&note);
}

static void take_up(sweep *s, const prl_hash *id, const json_t *call, bool own)
{
	prl_bell_item *item = item_of(s->bell, id, json_deep_copy(call), text_in(call, "party"));
	if (!item)
		return;
	item->ours = own;
	(void)snprintf(item->caller, sizeof item->caller, "%s", text_in(call, "key"));
	tell_at_its_step(s, item);
	if (own && s->first)
		pass_on_again(s->bell, item);
	s->moved = true;
}

static bool one_waiting(void *context, prl_bytes key, const json_t *call)
{
	sweep *s = context;
	prl_hash id;
	if (key.size != sizeof id || (!s->first && memcmp(key.data, &s->bell->swept, sizeof id) <= 0))
		return true;
	if (!s->first && s->looked_at++ == AT_ONCE)
		return false;
	memcpy(&id, key.data, sizeof id);
	s->bell->swept = id;
	bool own = prl_bytes_is(prl_body_text(call, "log"), s->bell->parts.own);
	bool young = is_young(s->bell, json_integer_value(json_object_get(call, "ns")));
	if ((is_for_here(s, call) || (s->first && own && young)) &&
	    !prl_bell_has(s->bell, s->version, s->bell->count, &id))
		take_up(s, &id, call, own);
	return true;
}

/* Of those that wait the next few in order of ids, from the start again after the last. */
static bool sweep_on(prl_bell *bell, prl_version version, bool first)
{
	sweep s = { .bell = bell, .version = version, .constitution = constitution_of(bell, version), .first = first };
	if (s.constitution && prl_call_each_waiting(bell->parts.picture, version, one_waiting, &s, NULL))
		return false; /* out of memory: the next look is soon */
	if (first || s.looked_at <= AT_ONCE)
		bell->swept = (prl_hash){ 0 };
	return s.moved;
}

void prl_bell_take_up_all(prl_bell *bell)
{
	prl_version version = prl_picture_pin(bell->parts.picture);
	(void)sweep_on(bell, version, true);
	prl_bell_take_up_rung(bell, version);
	prl_picture_unpin(bell->parts.picture, version);
	(void)pthread_cond_broadcast(&bell->changed);
	bell->parts.rang(bell->parts.context);
}

void prl_bell_look(prl_bell *bell)
{
	prl_version version = prl_picture_pin(bell->parts.picture);
	prune(bell, version);
	bool moved = sweep_on(bell, version, false);
	moved = ring_onward(bell, version) || moved;
	prl_bell_write_rung(bell);
	prl_picture_unpin(bell->parts.picture, version);
	if (moved) {
		(void)pthread_cond_broadcast(&bell->changed);
		bell->parts.rang(bell->parts.context);
	}
}
