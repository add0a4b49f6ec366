#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/thing.h"
#include "node/bell_inside.h"
#include "picture/body.h"

#include <sodium.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A word as it was read. */
typedef struct word {
	const prl_bell_word *from;
	prl_entry entry;
	bool is_entry; /* it is a note with a call in it */
	bool stated;   /* its id is what a peer says it is */
	json_t *body;  /* NULL: none */
	char unverified[200];
	prl_version version; /* pinned */
} word;

void prl_bell_say(prl_bell *bell, const char *format, ...)
{
	char line[500];
	va_list args;
	if (!bell->parts.say)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	bell->parts.say(bell->parts.context, line);
}

static prl_time now(const prl_bell *bell)
{
	return bell->parts.now(bell->parts.context);
}

static prl_time boot(const prl_bell *bell)
{
	return bell->parts.boot(bell->parts.context);
}

void prl_bell_touch(prl_bell *bell, prl_bell_item *item)
{
	item->changed = ++bell->changes;
}

/* ---- who, and whether it holds ----------------------------------------------------------------------------------- */

static void doubt(word *w, const char *why)
{
	if (!w->unverified[0])
		(void)snprintf(w->unverified, sizeof w->unverified, "%.199s", why);
}

/* As the picture knows the key now: entries of its home log up to what counts here. */
static bool is_valid(prl_picture *picture, prl_version version, const prl_key *key)
{
	const prl_party *party = prl_picture_party(picture, version, prl_bytes_of(key->party));
	const prl_desk *desk = *key->desk ? prl_picture_desk(picture, version, prl_bytes_of(key->desk)) : NULL;
	uint64_t size = party ? prl_picture_size(picture, version, party->log) : 0;
	return party && !party->left && key->until > size && (!desk || desk->closed > size);
}

static void verify(word *w, prl_picture *picture, prl_version version)
{
	prl_vouched vouched;
	prl_error why = { 0 };
	const prl_key *key = prl_picture_key(picture, version, w->entry.key);
	const prl_constitution *constitution = prl_picture_constitution(picture, version);
	const prl_party *party = key ? prl_picture_party(picture, version, prl_bytes_of(key->party)) : NULL;
	if (!key || !party)
		doubt(w, "no such key is known here");
	else if (prl_picture_vouch(picture, version, &w->entry, &vouched, &why) || vouched.count == 0)
		doubt(w, why.text[0] ? why.text : "the signature does not hold");
	else if (!is_valid(picture, version, key))
		doubt(w, "the key is not valid any more");
	else if (!prl_bytes_is(w->entry.party, key->party) || !prl_bytes_is(w->entry.log, party->log))
		doubt(w, "the key is another party's");
	else if (!constitution || !prl_hash_equal(&constitution->line, &w->entry.line))
		doubt(w, "the entry is of another line");
}

static bool is_known_desk(const prl_caller *caller)
{
	return caller && caller->kind != PRL_CALLER_NOBODY;
}

/* A console whose key was revoked while it was logged in is known by its token (sessions.h). */
static bool knows_caller(const word *w, prl_picture *picture, prl_version version)
{
	if (w->from->peer || is_known_desk(w->from->caller) || (w->from->caller && w->from->caller->name[0]))
		return true;
	return w->is_entry && w->entry.key.data && prl_picture_key(picture, version, w->entry.key);
}

/* What is no entry is taken as a call by whoever is logged in, at this instant, with an id of its own. */
static void make_entry(word *w, prl_bell *bell)
{
	unsigned char random[32];
	const prl_caller *caller = w->from->caller;
	randombytes_buf(random, sizeof random);
	w->entry = (prl_entry){ .kind = prl_bytes_of("call.raised"),
				.mode = PRL_MODE_REAL,
				.time = now(bell),
				.hash = prl_sha256(random, sizeof random) };
	if (caller && caller->party[0])
		w->entry.party = prl_bytes_of(caller->party);
	if (caller && caller->desk[0])
		w->entry.desk = prl_bytes_of(caller->desk);
	if (caller && caller->name[0] && (caller->kind == PRL_CALLER_KEY || caller->kind == PRL_CALLER_NOBODY))
		w->entry.key = prl_bytes_of(caller->name);
	doubt(w, !caller || is_known_desk(caller) || !caller->name[0]
			 ? "it came without a signature"
			 : "it came without a signature, from a console whose key is not valid any more");
}

/* What another node read of an unsigned one: its id, so that it stays one object, and whose it is said to be. */
static void take_stated(word *w, prl_picture *picture, prl_version version)
{
	const json_t *stated = w->body;
	prl_bytes party = prl_body_text(stated, "party");
	const prl_party *known = prl_picture_party(picture, version, party);
	w->stated = prl_hash_read(prl_body_text(stated, "id"), &w->entry.hash);
	w->entry.party =
		known && w->from->peer && strcmp(known->log, w->from->peer) == 0 ? party : (prl_bytes){ NULL, 0 };
	prl_bytes mode = prl_body_text(stated, "mode");
	w->entry.mode = prl_bytes_is(mode, "TEST")       ? PRL_MODE_TEST
			: prl_bytes_is(mode, "EXERCISE") ? PRL_MODE_EXERCISE
							 : PRL_MODE_REAL;
}

static void read_word(word *w, prl_bell *bell, prl_version version)
{
	prl_bytes bytes = w->from->bytes;
	w->is_entry = prl_entry_read(bytes, &w->entry, NULL) == PRL_OK && prl_call_is_kind(w->entry.kind);
	/* of what is signed this node judges itself: no peer talks another party's call down */
	if (w->from->unverified && !w->is_entry)
		doubt(w, w->from->unverified);
	if (w->is_entry) {
		w->body = json_loadb(w->entry.body.data, w->entry.body.size, JSON_REJECT_DUPLICATES, NULL);
		verify(w, bell->parts.picture, version);
		return;
	}
	w->body = bytes.size ? json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	make_entry(w, bell);
	if (w->from->peer && w->body)
		take_stated(w, bell->parts.picture, version);
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

bool prl_bell_is(const prl_bell_item *item, const prl_hash *id)
{
	size_t kept = item->repeat_count < PRL_BELL_IDS ? item->repeat_count : PRL_BELL_IDS;
	bool is = prl_hash_equal(&item->id, id);
	for (size_t i = 0; i < kept && !is; i++)
		is = prl_hash_equal(&item->repeats[i], id);
	return is;
}

prl_bell_item *prl_bell_find(const prl_bell *bell, const prl_hash *id)
{
	for (size_t i = 0; i < bell->count; i++)
		if (prl_bell_is(bell->items[i], id))
			return bell->items[i];
	return NULL;
}

static void item_free(prl_bell_item *item)
{
	if (item)
		json_decref(item->call);
	free(item);
}

void prl_bell_drop(prl_bell *bell, size_t i)
{
	prl_bell_left_out(bell, bell->items[i]);
	item_free(bell->items[i]);
	memmove(&bell->items[i], &bell->items[i + 1], (--bell->count - i) * sizeof *bell->items);
}

static bool is_made_up(const prl_bell_item *item)
{
	return item->unverified[0] || !json_object_get(item->call, "class");
}

static size_t of_side(const prl_bell *bell, const char *side, bool made_up)
{
	size_t count = 0;
	for (size_t i = 0; i < bell->count; i++)
		count += is_made_up(bell->items[i]) == made_up && strcmp(bell->items[i]->side, side) == 0;
	return count;
}

/* The oldest of the side that has the most of what holds, or of what does not; bell->count where no side has more than
 * a caller may. */
static size_t oldest_of_most(const prl_bell *bell, bool made_up)
{
	size_t most = PRL_BELL_A_CALLER, found = bell->count;
	const char *last = "";
	for (size_t i = 0; i < bell->count; i++) {
		const prl_bell_item *item = bell->items[i];
		if (is_made_up(item) != made_up || strcmp(item->side, last) == 0)
			continue;
		last = item->side;
		size_t count = of_side(bell, item->side, made_up);
		if (count > most) {
			most = count;
			found = i;
		}
	}
	return found;
}

/* Where there are too many: the oldest of what does not hold of whoever has brought the most of that; else of the calls
 * of the party that has the most, with however many keys; else the oldest of all. Nothing that somebody makes up takes
 * the place of a call that holds, and nobody's many calls that of another's few. */
static size_t least(const prl_bell *bell)
{
	size_t found = oldest_of_most(bell, true);
	found = found < bell->count ? found : oldest_of_most(bell, false);
	return found < bell->count ? found : 0;
}

size_t prl_bell_least_for(const prl_bell *bell, const char *side)
{
	size_t i = least(bell);
	const prl_bell_item *item = bell->items[i];
	bool goes = is_made_up(item) || of_side(bell, item->side, false) > of_side(bell, side, false) + 1;
	return goes ? i : bell->count;
}

static const char *bringer_of(const word *w)
{
	return w->from->peer ? w->from->peer : is_known_desk(w->from->caller) ? "desk" : "nobody";
}

static void caller_of(const word *w, char ret[PRL_BELL_CALLER_MAX])
{
	prl_bytes key = w->entry.key.data ? w->entry.key : w->entry.party;
	(void)snprintf(ret, PRL_BELL_CALLER_MAX, "%.*s%s%s", (int)key.size, key.data ? key.data : "",
		       w->unverified[0] ? "?" : "", w->unverified[0] ? bringer_of(w) : "");
}

/* The item is this word's: it rings from now. */
static void make_its_own(prl_bell *bell, prl_bell_item *item, const word *w)
{
	item->rung = now(bell);
	item->rung_boot = item->told_boot = boot(bell);
	item->step = 0;
	item->ours = !w->from->peer;
	item->may_hold = w->from->peer && w->is_entry;
	item->stated = w->stated;
	memcpy(item->unverified, w->unverified, sizeof item->unverified);
	caller_of(w, item->caller);
	if (w->unverified[0])
		(void)snprintf(item->side, sizeof item->side, "?%.*s", PRL_KEY_NAME_MAX, bringer_of(w));
	else
		(void)snprintf(item->side, sizeof item->side, "%.*s", (int)w->entry.party.size, w->entry.party.data);
}

/* Room for one more: whoever calls is rung. */
prl_bell_item *prl_bell_add(prl_bell *bell)
{
	prl_bell_item *item = calloc(1, sizeof *item);
	if (!item)
		return NULL;
	if (bell->count == PRL_BELL_MAX)
		prl_bell_drop(bell, least(bell));
	bell->items[bell->count++] = item;
	return item;
}

static prl_bell_item *item_new(prl_bell *bell, const word *w)
{
	prl_bell_item *item = prl_bell_add(bell);
	if (!item)
		return NULL;
	item->id = w->entry.hash;
	make_its_own(bell, item, w);
	return item;
}

/* As the fold has it (call.c): after this the same call again is a new one. What was answered may have come by the log
 * alone. */
static bool has_ended(prl_bell *bell, prl_version version, const prl_bell_item *item)
{
	const json_t *answer;
	size_t i;
	bool logged, ended = false;
	json_t *call = prl_bell_laid_together(bell, version, item, &logged);
	json_array_foreach(json_object_get(call, "answers"), i, answer)
	{
		prl_bytes what = prl_body_text(answer, "what");
		ended = ended || (prl_call_counts(call, answer) &&
				  (prl_bytes_is(what, "ceased") || prl_bytes_is(what, "not ours")));
	}
	ended = ended || (call && prl_call_is_withdrawn(call));
	json_decref(call);
	return ended;
}

/* ---- ids that a peer makes up ------------------------------------------------------------------------------------ */

/* An id that no entry has, and the same each time that this peer states the same. */
static prl_hash id_apart(const prl_hash *id, const char *side)
{
	char text[sizeof id->bytes + PRL_KEY_NAME_MAX + 16];
	memcpy(text, id->bytes, sizeof id->bytes);
	int length = snprintf(text + sizeof id->bytes, sizeof text - sizeof id->bytes, "stated %s", side);
	return prl_sha256(text, sizeof id->bytes + (size_t)length);
}

/* What a peer states takes no id that is an entry's, or another's: the call that it stands for would be passed over as
 * its repeat. */
static void take_id_apart(prl_bell *bell, word *w)
{
	const prl_bell_item *item = prl_bell_find(bell, &w->entry.hash);
	const json_t *recorded = prl_call_find(bell->parts.picture, w->version, &w->entry.hash);
	char side[PRL_KEY_NAME_MAX + 8];
	(void)snprintf(side, sizeof side, "?%.*s", PRL_KEY_NAME_MAX, bringer_of(w));
	bool others = item && json_object_get(item->call, "class") && (!item->stated || strcmp(item->side, side) != 0);
	if (others || json_object_get(recorded, "class"))
		w->entry.hash = id_apart(&w->entry.hash, side);
}

/* An entry has the id that its bytes give it: whoever has stated that before gives way. */
static void make_way(prl_bell *bell, const prl_hash *id)
{
	prl_bell_item *item = prl_bell_find(bell, id);
	if (!item || !item->stated)
		return;
	prl_hash apart = id_apart(id, item->side);
	if (prl_hash_equal(&item->id, id)) {
		item->id = apart;
		json_object_set_new(item->call, "id", prl_show_hash(&apart));
	}
	for (size_t i = 0; i < PRL_BELL_IDS; i++)
		if (prl_hash_equal(&item->repeats[i], id))
			item->repeats[i] = apart;
	prl_bell_touch(bell, item);
}

/* The item that this is once more: the same bytes, the same call again, or the newest of a caller who has too many. */
static prl_bell_item *repeated(prl_bell *bell, const word *w, const json_t *call, const char *caller)
{
	prl_bell_item *same = prl_bell_find(bell, &w->entry.hash), *newest = NULL;
	size_t of_caller = 0;
	if (same && json_object_get(same->call, "class"))
		return same;
	for (size_t i = 0; i < bell->count; i++) {
		prl_bell_item *item = bell->items[i];
		if (strcmp(item->caller, caller) != 0 || !json_object_get(item->call, "class"))
			continue;
		if (prl_call_repeats(item->call, call) && !has_ended(bell, w->version, item))
			return item;
		newest = item;
		of_caller++;
	}
	return of_caller >= PRL_BELL_A_CALLER ? newest : NULL;
}

/* ---- rung -------------------------------------------------------------------------------------------------------- */

/* A signed word after an unsigned one, or after one that the disk refused: the call is that one, now vouched for. */
static void improve(prl_bell_item *item, const word *w)
{
	if (!w->unverified[0])
		item->unverified[0] = 0;
}

/* What a peer passes on after its log has brought it, or once more after a restart, is not the call once more. */
static bool is_known(prl_bell *bell, const word *w)
{
	const json_t *call = w->from->peer ? prl_call_find(bell->parts.picture, w->version, &w->entry.hash) : NULL;
	return json_object_get(call, "class") != NULL;
}

/* *ret_again: it rang already. */
static prl_bell_item *ring_call(prl_bell *bell, word *w, bool *ret_again)
{
	char caller[PRL_BELL_CALLER_MAX];
	caller_of(w, caller);
	if (w->stated)
		take_id_apart(bell, w);
	else
		make_way(bell, &w->entry.hash);
	json_t *call = prl_call_new(&w->entry, w->body, NULL, 0);
	if (!call)
		return NULL;
	prl_bell_item *item = repeated(bell, w, call, caller);
	*ret_again = item != NULL;
	if (item) {
		if (!prl_bell_is(item, &w->entry.hash))
			item->repeats[item->repeat_count++ % PRL_BELL_IDS] = w->entry.hash;
		item->count += !is_known(bell, w);
		improve(item, w);
		json_decref(call);
		return item;
	}
	item = prl_bell_find(bell, &w->entry.hash);
	prl_bell_item *added = item ? item : item_new(bell, w);
	if (!added) {
		json_decref(call);
		return NULL;
	}
	if (item) { /* its answers came first, and say nothing of whose it is */
		make_its_own(bell, item, w);
		json_object_set(call, "answers", json_object_get(item->call, "answers"));
		json_decref(item->call);
	}
	added->call = call;
	added->count++;
	return added;
}

/* The newest item of a caller who has answered more calls than may be, none of them known here; NULL: there is room. */
static prl_bell_item *full(const prl_bell *bell, const char *caller)
{
	prl_bell_item *newest = NULL;
	size_t count = 0;
	for (size_t i = 0; i < bell->count; i++)
		if (!json_object_get(bell->items[i]->call, "class") && strcmp(bell->items[i]->caller, caller) == 0) {
			newest = bell->items[i];
			count++;
		}
	return count >= PRL_BELL_A_CALLER ? newest : NULL;
}

/* An exercise answers nothing that is real: whoever has tried is told, and it goes on ringing. */
static void doubt_mode(prl_bell *bell, word *w, const prl_hash *id)
{
	const prl_bell_item *item = prl_bell_find(bell, id);
	const json_t *call = item ? item->call : NULL;
	json_t *answer = prl_call_answer(&w->entry, w->body, NULL, 0);
	if (!json_object_get(call, "class"))
		call = prl_call_find(bell->parts.picture, w->version, id);
	if (call && answer && !prl_call_counts(call, answer))
		doubt(w, "it is in another mode than the call");
	json_decref(answer);
}

/* *ret_over: it is counted on another item, and says nothing of that. */
static prl_bell_item *ring_answer(prl_bell *bell, word *w, bool *ret_over)
{
	prl_hash id;
	char caller[PRL_BELL_CALLER_MAX];
	if (prl_body_hash(w->body, "call", &id, NULL))
		return NULL;
	prl_bell_item *item = prl_bell_find(bell, &id);
	doubt_mode(bell, w, &id);
	if (!item) {
		w->entry.hash = id;
		caller_of(w, caller);
		item = full(bell, caller);
		*ret_over = item != NULL;
		if (item)
			return item;
		item = item_new(bell, w);
		if (item)
			item->call = json_pack("{s:o, s:[]}", "id", prl_show_hash(&id), "answers");
		if (item)
			item->ours = false;
	}
	return item;
}

/* An answer that does not hold rings, as all does, but says nothing of the call: it is nobody's. */
static bool add_answer(prl_bell_item *item, const prl_entry *entry, const word *w)
{
	if (w->unverified[0])
		return true;
	return item->call && prl_call_add(item->call, prl_call_answer(entry, w->body, NULL, 0));
}

/* ---- to the clerk ------------------------------------------------------------------------------------------------ */

static bool is_passing(prl_status status)
{
	return status == PRL_E_IO || status == PRL_E_TOO_LARGE || status == PRL_E_EARLY || status == PRL_E_MEMORY;
}

/* Puts it among those that are filed again; what need not be, or has no room there any more, is returned. */
static prl_bell_filing *keep_for_again(prl_bell *bell, prl_bell_filing *f)
{
	size_t of_call = 0;
	for (const prl_bell_filing *one = bell->again; one; one = one->next) {
		if (prl_hash_equal(&one->entry.hash, &f->entry.hash))
			return f;
		of_call += prl_hash_equal(&one->id, &f->id) && prl_call_is_raised(one->entry.kind);
	}
	bool raised = prl_call_is_raised(f->entry.kind);
	if ((raised && of_call >= PRL_BELL_A_CALLER) || bell->again_count >= PRL_BELL_AGAIN_MAX)
		return f;
	prl_bell_filing **end = &bell->again; /* in the order in which they came: so the chain of their key goes on */
	while (*end)
		end = &(*end)->next;
	f->next = NULL;
	*end = f;
	bell->again_count++;
	return NULL;
}

/* On the committer's thread, or at once on the submitter's. */
static void on_filed(prl_filing *filing)
{
	prl_bell_filing *f = filing->context;
	prl_bell *bell = f->bell;
	json_decref(filing->json);
	filing->json = NULL;
	(void)pthread_mutex_lock(&bell->lock);
	prl_bell_item *item = prl_bell_find(bell, &f->id);
	if (is_passing(filing->status) && !bell->stop) {
		f = keep_for_again(bell, f);
	} else if (filing->status && filing->what == PRL_FILING_SIGNED && prl_call_is_raised(f->entry.kind) && item &&
		   item->count == 1) { /* of repeats one is enough in the record; an answer says nothing of its call */
		(void)snprintf(item->unverified, sizeof item->unverified, "the record refuses it: %.150s",
			       filing->err.text);
		prl_bell_touch(bell, item);
	}
	bell->filing--;
	(void)pthread_cond_broadcast(&bell->changed);
	(void)pthread_mutex_unlock(&bell->lock);
	free(f);
}

static void file(prl_bell_filing *f)
{
	if (f->filing.what == PRL_FILING_SIGNED)
		f->filing.entry = &f->entry;
	f->filing.done = on_filed;
	f->filing.context = f;
	prl_clerk_submit(f->bell->parts.clerk, &f->filing);
}

/* What holds and is of our own log is filed like any other entry; a peer's comes with its log. */
static prl_bell_filing *filing_new(prl_bell *bell, const word *w, const prl_hash *item)
{
	if (!w->is_entry || w->unverified[0] || !prl_bytes_is(w->entry.log, bell->parts.own))
		return NULL;
	prl_bell_filing *f = calloc(1, sizeof *f + w->from->bytes.size);
	if (!f)
		return NULL;
	f->bell = bell;
	f->id = *item;
	f->filing.what = PRL_FILING_SIGNED;
	memcpy(f->bytes, w->from->bytes.data, w->from->bytes.size);
	if (prl_entry_read((prl_bytes){ f->bytes, w->from->bytes.size }, &f->entry, NULL)) {
		free(f);
		return NULL;
	}
	return f;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* With the lock held. */
static prl_bell_item *ring(prl_bell *bell, word *w, prl_bell_filing **ret_filing)
{
	prl_entry *entry = malloc(sizeof *entry); /* an answer is dated by itself, its item named by the call */
	if (!entry)
		return NULL;
	*entry = w->entry;
	bool raised = prl_call_is_raised(w->entry.kind);
	bool over = false, again = false;
	prl_bell_item *item = raised ? ring_call(bell, w, &again) : ring_answer(bell, w, &over);
	if (item && !raised && !over && !add_answer(item, entry, w))
		item = NULL;
	if (item) {
		/* of what counts as nobody's, so much goes to the peers that it cannot hold up what does hold */
		bool enough = w->unverified[0] && (again || over || (!raised && ++item->doubtful > PRL_BELL_A_CALLER));
		prl_bell_touch(bell, item);
		if (!w->from->peer && !enough)
			prl_bell_pass_on(bell, item, w->is_entry ? w->from->bytes : (prl_bytes){ NULL, 0 }, item->call);
		if (raised && !again)
			prl_bell_tell(bell, w->version, item);
		w->entry.hash = raised ? w->entry.hash : entry->hash;
		*ret_filing = w->from->peer ? NULL : filing_new(bell, w, &item->id);
		bell->filing += *ret_filing != NULL;
	}
	free(entry);
	return item;
}

static json_t *answer_of(const prl_bell_item *item, const word *w)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:i}", "id", prl_show_hash(&item->id), "entry",
			 prl_show_hash(&w->entry.hash), "state", "NOT YET LOGGED", "unverified",
			 w->unverified[0] ? json_string(w->unverified) : json_null(), "repeats",
			 (int)(item->count ? item->count - 1 : 0));
}

prl_status prl_bell_ring(prl_bell *bell, const prl_bell_word *from, json_t **ret, prl_error *err)
{
	word *w = calloc(1, sizeof *w);
	prl_bell_filing *filing = NULL;
	prl_hash call;
	if (!w)
		return prl_error_memory(err);
	w->from = from;
	prl_version version = w->version = prl_picture_pin(bell->parts.picture);
	read_word(w, bell, version);
	prl_status status = PRL_OK;
	json_t *answer = NULL;
	if (!knows_caller(w, bell->parts.picture, version)) {
		status =
			prl_error_set(err, PRL_E_REFUSED,
				      "nobody here knows who calls: a key of the line, a login or a peer was expected");
	} else {
		(void)pthread_mutex_lock(&bell->lock);
		prl_bell_item *item = ring(bell, w, &filing);
		answer = item ? answer_of(item, w) : NULL;
		(void)pthread_cond_broadcast(&bell->changed);
		(void)pthread_mutex_unlock(&bell->lock);
		bell->parts.rang(bell->parts.context);
		if (filing)
			file(filing);
		if (!answer)
			status = prl_call_is_raised(w->entry.kind) ||
						 prl_body_hash(w->body, "call", &call, NULL) == PRL_OK
					 ? prl_error_memory(err)
					 : prl_error_set(err, PRL_E_SYNTAX, "an answer to a call names it: \"call\"");
	}
	prl_picture_unpin(bell->parts.picture, version);
	json_decref(w->body);
	free(w);
	if (!status)
		*ret = answer;
	return status;
}

/* ---- the clock: what is filed again, who is rung next ------------------------------------------------------------ */

void prl_bell_file_later(prl_bell *bell, prl_bell_filing *f)
{
	f = keep_for_again(bell, f);
	free(f);
}

static prl_bell_filing *take_again(prl_bell *bell)
{
	prl_bell_filing *list = bell->again;
	bell->again = NULL;
	bell->again_count = 0;
	for (prl_bell_filing *f = list; f; f = f->next)
		bell->filing++;
	return list;
}

static void *clock_run(void *context)
{
	prl_bell *bell = context;
	(void)pthread_mutex_lock(&bell->lock);
	prl_bell_take_up_all(bell);
	while (!bell->stop) {
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += PRL_BELL_RETRY_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		while (!bell->stop && pthread_cond_timedwait(&bell->changed, &bell->lock, &until) == 0)
			;
		prl_bell_look(bell);
		prl_bell_filing *list = take_again(bell);
		(void)pthread_mutex_unlock(&bell->lock);
		while (list) {
			prl_bell_filing *f = list;
			list = f->next;
			f->next = NULL;
			file(f);
		}
		(void)pthread_mutex_lock(&bell->lock);
	}
	while (bell->filing)
		(void)pthread_cond_wait(&bell->changed, &bell->lock);
	(void)pthread_mutex_unlock(&bell->lock);
	return NULL;
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

prl_status prl_bell_start(const prl_bell_parts *parts, prl_bell **ret, prl_error *err)
{
	prl_bell *bell = calloc(1, sizeof *bell);
	pthread_condattr_t monotonic;
	if (!bell)
		return prl_error_memory(err);
	bell->parts = *parts;
	(void)pthread_mutex_init(&bell->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&bell->changed, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	prl_status status = prl_bell_peers_start(bell, err);
	if (!status)
		status = prl_bell_hooks_start(bell, err);
	if (!status) {
		bell->clock_started = pthread_create(&bell->clock, NULL, clock_run, bell) == 0;
		if (!bell->clock_started)
			status = prl_error_set(err, PRL_E_MEMORY, "no thread for the bell");
	}
	if (status)
		prl_bell_stop(bell);
	else
		*ret = bell;
	return status;
}

void prl_bell_stop(prl_bell *bell)
{
	if (!bell)
		return;
	(void)pthread_mutex_lock(&bell->lock);
	bell->stop = true;
	(void)pthread_cond_broadcast(&bell->changed);
	(void)pthread_mutex_unlock(&bell->lock);
	if (bell->clock_started)
		(void)pthread_join(bell->clock, NULL);
	prl_bell_peers_stop(bell);
	prl_bell_hooks_stop(bell);
	while (bell->again) {
		prl_bell_filing *f = bell->again;
		bell->again = f->next;
		free(f);
	}
	while (bell->count)
		prl_bell_drop(bell, bell->count - 1);
	(void)pthread_cond_destroy(&bell->changed);
	(void)pthread_mutex_destroy(&bell->lock);
	free(bell);
}
