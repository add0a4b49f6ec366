/* Receipts, judgements, movements, hits, truces and bundles in every order: random histories of three logs with right
 * and wrong acts in them; every merge that respects `seen` judges each entry as its author's node did, and gives the
 * same bytes. */
#include "base/hash.h"
#include "base/text.h"
#include "line/bundle.h"
#include "line/notice.h"
#include "picture/body.h"
#include "support/line.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORK    PRL_VERSION_WORKING
#define LOGS    3
#define ENTRIES 250
#define NAMES   400

static const char *const origins[LOGS] = { "un.example/line", "ru.example/line", "us.example/line" };
static const char *const parties[LOGS] = { "un", "ru", "us" };

typedef struct named {
	prl_hash hash, notice; /* notice: of a version or a receipt */
	char what;             /* n, v, r, h, t; b: an item of a bundle, hash its cause */
} named;

typedef struct history {
	line *l;
	rnd *r;
	prl_picture *nodes[LOGS]; /* onlookers, so that what is refused stands in the logs too */
	prl_status status[LOGS][ENTRIES];
	named names[NAMES];
	size_t name_count, refused, early, counted;
} history;

/* Each must have counted in some history, or the test looks at nothing. */
static const char *const looked_at[] = { "notice.updated",    "notice.cancelled", "receipt.given", "receipt.judged",
					 "movement.reported", "hit.reported",     "truce.ended",   "bundle.raised",
					 "bundle.taken",      "bundle.read" };
static size_t counted_of[sizeof looked_at / sizeof *looked_at];

/* ---- making ------------------------------------------------------------------------------------------------------ */

static void name(history *h, char what, prl_hash hash, prl_hash notice)
{
	if (h->name_count < NAMES)
		h->names[h->name_count++] = (named){ hash, notice, what };
}

/* One of these, mostly; now and then anything else, or nothing that there is. */
static const named *pick(history *h, char what)
{
	static const named none;
	for (int tries = 0; h->name_count && tries < 30; tries++) {
		const named *one = &h->names[rnd_below(h->r, h->name_count)];
		if (one->what == what || rnd_chance(h->r, 0.01))
			return one;
	}
	return &none;
}

/* A notice of the log's own party, mostly. */
static const named *pick_own(history *h, size_t log)
{
	const named *one = pick(h, 'n');
	for (int tries = 0; tries < 20 && rnd_chance(h->r, 0.95); tries++) {
		const prl_notice *notice = prl_notice_find(h->nodes[log], WORK, &one->hash);
		if (notice && strcmp(notice->party, parties[log]) == 0)
			break;
		one = pick(h, 'n');
	}
	return one;
}

static const char *text_of(history *h, const prl_hash *hash)
{
	return line_hash_text(h->l, hash);
}

static const char *notice_body(history *h)
{
	static const char *const kinds[] = { "convoy", "live-fire area", "site", "flight" };
	return line_text(h->l, "{\"details\": {\"kind\": \"%s\"}}", kinds[rnd_below(h->r, 4)]);
}

/* The notice, or a version of one: ids of both. */
static void pick_version(history *h, const char **ret_notice, const char **ret_version)
{
	const named *one = pick(h, rnd_chance(h->r, 0.5) ? 'n' : 'v');
	*ret_version = text_of(h, &one->hash);
	*ret_notice = text_of(h, one->what == 'n' ? &one->hash : &one->notice);
}

static const char *receipt_body(history *h)
{
	static const char *const rungs[] = { "opened", "read back", "understood", "units told", "cannot reach units" };
	const char *notice, *version, *rung = rungs[rnd_below(h->r, 5)];
	pick_version(h, &notice, &version);
	bool said = (strcmp(rung, "read back") == 0) != rnd_chance(h->r, 0.05);
	return line_text(h->l, "{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"%s\"%s}", notice, version, rung,
			 said ? ", \"read_back\": {\"name\": \"x\"}" : "");
}

static const char *judged_body(history *h)
{
	const named *receipt = pick(h, 'r');
	bool corrected = rnd_chance(h->r, 0.5);
	return line_text(h->l, "{\"notice\": \"%s\", \"receipt\": \"%s\", \"judgement\": \"%s\"%s}",
			 text_of(h, &receipt->notice), text_of(h, &receipt->hash),
			 corrected ? "CORRECTION" : "as meant", corrected ? ", \"correction\": \"y\"" : "");
}

static const char *moved_body(history *h, size_t log)
{
	static const char *const states[] = { "planned", "departed", "checked in", "stopped", "arrived" };
	char at[PRL_TIME_TEXT_MAX];
	prl_time_format(h->l->now - (prl_time)rnd_below(h->r, 5) * PRL_SECOND, at);
	return line_text(h->l, "{\"notice\": \"%s\", \"state\": \"%s\", \"at\": \"%s\"%s}",
			 text_of(h, &pick_own(h, log)->hash), states[rnd_below(h->r, 5)], at,
			 rnd_chance(h->r, 0.3) ? ", \"positions\": \"1 km\"" : "");
}

static const char *hit_body(history *h)
{
	const char *event =
		rnd_chance(h->r, 0.5) ? line_text(h->l, ", \"event\": \"%s\"", text_of(h, &pick(h, 'h')->hash)) : "";
	const char *notice =
		rnd_chance(h->r, 0.5) ? line_text(h->l, ", \"notice\": \"%s\"", text_of(h, &pick(h, 'n')->hash)) : "";
	return line_text(h->l,
			 "{\"time\": \"2016-09-17T12:00:00Z\", \"words\": \"w\", \"language\": \"en\", \"killed\": "
			 "{\"min\": %zu, \"max\": 5}%s%s}",
			 rnd_below(h->r, 7), event, notice);
}

static const char *read_body(history *h)
{
	const named *item = pick(h, 'b');
	const char *notice = text_of(h, &item->notice);
	return line_text(h->l, "{\"bundle\": \"%s\", \"notice\": \"%s\", \"version\": \"%s\"}", text_of(h, &item->hash),
			 notice, notice);
}

static prl_status append(history *h, size_t log, prl_bytes bytes)
{
	line_log *l = line_log_of(h->l, origins[log]);
	prl_status status = line_apply(h->nodes[log], origins[log], bytes, NULL);
	assert_int_not_equal(status, PRL_E_EARLY);
	h->status[log][l->size] = status;
	h->refused += status != PRL_OK;
	h->counted += status == PRL_OK;
	line_append(h->l, origins[log], bytes);
	return status;
}

static void say(history *h, size_t log, char what, line_act act, const char *notice)
{
	prl_hash about = { 0 };
	act.log = origins[log];
	prl_bytes bytes = line_entry(h->l, &act);
	if (notice)
		(void)prl_hash_read(prl_bytes_of(notice), &about);
	bool counts = append(h, log, bytes) == PRL_OK;
	for (size_t i = 0; counts && i < sizeof looked_at / sizeof *looked_at; i++)
		counted_of[i] += strcmp(act.kind, looked_at[i]) == 0;
	if (counts && what)
		name(h, what, prl_sha256(bytes.data, bytes.size), about);
}

static const char *member(history *h, const char *body, const char *name_of)
{
	json_t *json = json_loads(body, 0, NULL);
	const char *text = json_string_value(json_object_get(json, name_of));
	text = text ? line_text(h->l, "%s", text) : NULL;
	json_decref(json);
	return text;
}

/* Against the newest version, mostly: only then the owner's change counts. */
static void change(history *h, size_t log, const char *kind, const char *key)
{
	const named *one = pick_own(h, log);
	const prl_notice *notice = prl_notice_find(h->nodes[log], WORK, &one->hash);
	const prl_hash *version = notice && rnd_chance(h->r, 0.9) ? &notice->version : &one->hash;
	const char *rest = strcmp(kind, "notice.updated") == 0 ? ", \"details\": {\"kind\": \"convoy\"}" : "";
	say(h, log, 'v',
	    (line_act){ .kind = kind,
			.key = key,
			.body = line_text(h->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s}", text_of(h, &one->hash),
					  text_of(h, version), rest) },
	    text_of(h, &one->hash));
}

static void raise_bundle(history *h, size_t log)
{
	static const char *const lists[] = { "movements", "sites" };
	const named *own = pick_own(h, log), *cause = pick(h, 't');
	const char *id = text_of(h, &own->hash);
	const char *item = line_text(h->l, "[\"%s\", \"%s\"]", id, id);
	size_t list = rnd_below(h->r, 2);
	say(h, log, 0,
	    (line_act){ .kind = "bundle.raised",
			.body = line_text(h->l, "{\"cause\": \"%s\", \"why\": \"w\", \"%s\": [%s], \"%s\": []}",
					  text_of(h, &cause->hash), lists[list], item, lists[1 - list]) },
	    NULL);
	name(h, 'b', cause->hash, own->hash);
}

static void act_once(history *h, size_t log)
{
	const char *key = line_text(h->l, "%s-ops/%zu", parties[log], 1 + rnd_below(h->r, 2)), *body;
	switch (rnd_below(h->r, 16)) {
	case 0:
		say(h, log, 'n', (line_act){ .kind = "notice.filed", .key = key, .body = notice_body(h) }, NULL);
		return;
	case 1:
		change(h, log, "notice.updated", key);
		return;
	case 2:
		change(h, log, rnd_chance(h->r, 0.3) ? "notice.cancelled" : "notice.updated", key);
		return;
	case 3:
	case 4:
	case 5:
		body = judged_body(h);
		say(h, log, 0, (line_act){ .kind = "receipt.judged", .key = key, .body = body }, NULL);
		return;
	case 6:
	case 7:
		say(h, log, 0, (line_act){ .kind = "movement.reported", .key = key, .body = moved_body(h, log) }, NULL);
		return;
	case 8:
		say(h, log, 'h', (line_act){ .kind = "hit.reported", .key = key, .body = hit_body(h) }, NULL);
		return;
	case 9:
		body = "{\"what\": \"truce\", \"words\": \"w\", \"language\": \"en\"}";
		say(h, log, 't',
		    (line_act){ .kind = "truce.ended",
				.key = key,
				.second = line_text(h->l, "%s-ops/%zu", parties[log], 1 + rnd_below(h->r, 2)),
				.body = body },
		    NULL);
		return;
	case 10:
		raise_bundle(h, log);
		return;
	case 11:
		body = line_text(h->l, "{\"bundle\": \"%s\"}", text_of(h, &pick(h, 't')->hash));
		say(h, log, 0, (line_act){ .kind = "bundle.taken", .key = key, .body = body }, NULL);
		return;
	case 12:
		say(h, log, 0, (line_act){ .kind = "bundle.read", .key = key, .body = read_body(h) }, NULL);
		return;
	default:
		body = receipt_body(h);
		say(h, log, 'r', (line_act){ .kind = "receipt.given", .key = key, .body = body },
		    member(h, body, "notice"));
	}
}

/* Takes as much of a peer's log as can be had, then says so. */
static void see(history *h, size_t log, size_t of)
{
	prl_error err;
	line_log *peer = line_log_of(h->l, origins[of]);
	uint64_t size = prl_picture_size(h->nodes[log], WORK, origins[of]);
	uint64_t from = size;
	uint64_t to = rnd_chance(h->r, 0.7) ? peer->size : size + rnd_below(h->r, peer->size - size + 1);
	for (; size < to; size++) {
		prl_status status = line_apply(h->nodes[log], origins[of], peer->entries[size], &err);
		if (status == PRL_E_EARLY)
			break;
		if (status != h->status[of][size])
			fail_msg("entry %zu of %s: %d, at its author's %d", (size_t)size, origins[of], status,
				 h->status[of][size]);
	}
	if (size > from)
		say(h, log, 0,
		    (line_act){ .kind = "peer.seen",
				.body = line_text(h->l, "{\"log\": \"%s\", \"size\": %llu, \"root\": \"%s\"}",
						  origins[of], (unsigned long long)size,
						  line_hash_text(h->l, &peer->roots[size])) },
		    NULL);
}

static void begin_log(history *h, size_t log)
{
	append(h, log, h->l->constitution);
	const char *desk = line_text(h->l, "%s-ops", parties[log]);
	say(h, log, 0,
	    (line_act){ .kind = "desk.opened",
			.key = line_text(h->l, "%s/root", parties[log]),
			.body = line_text(h->l, "{\"desk\": \"%s\", \"title\": \"d\", \"key\": \"%s\"}", desk,
					  line_vkey(h->l, &line_key_of(h->l, desk)->signer)) },
	    NULL);
	for (int n = 1; n <= 2; n++) {
		const char *console = line_text(h->l, "%s/%d", desk, n);
		say(h, log, 0,
		    (line_act){ .kind = "key.certified",
				.key = desk,
				.body = line_text(h->l, "{\"key\": \"%s\"}",
						  line_vkey(h->l, &line_key_of(h->l, console)->signer)) },
		    NULL);
	}
}

static void make(history *h, rnd *r, size_t steps)
{
	memset(h, 0, sizeof *h);
	h->r = r;
	h->l = line_new("un@un.example/line ru@ru.example/line us@us.example/line", NULL);
	for (size_t i = 0; i < LOGS; i++) {
		h->nodes[i] = line_picture(NULL);
		begin_log(h, i);
	}
	for (size_t step = 0; step < steps; step++) {
		size_t log = rnd_below(r, LOGS), of = rnd_below(r, LOGS);
		if (line_log_of(h->l, origins[log])->size >= ENTRIES - 1)
			continue;
		if (rnd_chance(r, 0.4) && of != log)
			see(h, log, of);
		else
			act_once(h, log);
	}
}

static void unmake(history *h)
{
	for (size_t i = 0; i < LOGS; i++)
		prl_picture_free(h->nodes[i]);
	line_free(h->l);
}

/* ---- merging ----------------------------------------------------------------------------------------------------- */

static prl_hash merge(history *h)
{
	prl_picture *picture = line_picture(NULL);
	prl_error err;
	prl_hash digest;
	size_t at[LOGS] = { 0 }, left = 0;
	for (size_t i = 0; i < LOGS; i++)
		left += line_log_of(h->l, origins[i])->size;
	for (size_t tries = 0; left; tries++) {
		size_t log = rnd_below(h->r, LOGS), run = 1 + rnd_below(h->r, rnd_chance(h->r, 0.3) ? ENTRIES : 4);
		line_log *l = line_log_of(h->l, origins[log]);
		for (; run && at[log] < l->size; run--, at[log]++, left--) {
			prl_status status = line_apply(picture, origins[log], l->entries[at[log]], &err);
			if (status == PRL_E_EARLY) {
				h->early++;
				break;
			}
			if (status != h->status[log][at[log]])
				fail_msg("entry %zu of %s: status %d (%s), at its author's %d", at[log], origins[log],
					 status, status ? err.text : "", h->status[log][at[log]]);
		}
		assert_true(tries < 100000);
	}
	assert_int_equal(prl_picture_digest(picture, WORK, &digest, NULL), PRL_OK);
	prl_picture_free(picture);
	return digest;
}

static void every_merge_gives_the_same(void **state)
{
	(void)state;
	static history h;
	uint64_t seed = rnd_seed("moves_order");
	size_t merges = 0, refused = 0, counted = 0, early = 0;
	for (size_t i = 0; i < rnd_count(12, 1500); i++) {
		rnd r = rnd_case(seed, i);
		make(&h, &r, 150 + rnd_below(&r, 200));
		prl_hash first = merge(&h);
		for (size_t n = 0; n < 8; n++, merges++) {
			prl_hash next = merge(&h);
			if (!prl_hash_equal(&first, &next))
				fail_msg("case %zu: two merges differ", i);
		}
		refused += h.refused;
		counted += h.counted;
		early += h.early;
		unmake(&h);
	}
	print_message("# %zu merges; %zu acts that counted, %zu that were refused; %zu times one had to wait\n", merges,
		      counted, refused, early);
	for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++)
		print_message("# %zu %s\n", counted_of[i], looked_at[i]);
	for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++)
		assert_true(counted_of[i] > 0);
	assert_true(refused > counted / 10 && counted > refused / 10 && early > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_merge_gives_the_same) };
	return cmocka_run_group_tests_name("moves_order", tests, NULL, NULL);
}
