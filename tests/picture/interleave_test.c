/* The shared part is a function of the set of entries: random histories of three logs, right and wrong acts in them,
 * peer.seen between; every merge that respects `previous` and `seen` gives the same bytes, and the same reasons. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/line.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define WORK    PRL_VERSION_WORKING
#define LOGS    3
#define ENTRIES 200 /* of a log */

static const char *const origins[LOGS] = { "us.example/line", "ru.example/line", "tr.example/line" };
static const char *const parties[] = { "us", "un", "ru", "tr" };
static const char *const hashes[] = { "a", "b", "c", "d", "e", "f" };

/* An entry as its author's node met it. */
typedef struct met {
	prl_entry entry;
	prl_vouched vouched;
	bool has_vouched;
	json_t *body;
	prl_status status;
} met;

typedef struct history {
	line *l;
	rnd *r;
	prl_picture *nodes[LOGS]; /* what each node has; onlookers, so that wrong entries are in the logs too */
	met *met[LOGS];
	size_t refused, early;
	prl_bytes amendments[3];
} history;

/* ---- making ------------------------------------------------------------------------------------------------------ */

static prl_status apply_met(prl_picture *picture, const char *log, const met *m, prl_error *err)
{
	return prl_picture_apply(picture, log, prl_picture_size(picture, WORK, log), &m->entry,
				 m->has_vouched ? &m->vouched : NULL, m->body, err);
}

static void append(history *h, size_t log, prl_bytes bytes)
{
	prl_error err;
	met *m = &h->met[log][line_log_of(h->l, origins[log])->size];
	assert_int_equal(prl_entry_read(bytes, &m->entry, &err), PRL_OK);
	m->has_vouched = prl_picture_vouch(h->nodes[log], WORK, &m->entry, &m->vouched, NULL) == PRL_OK;
	if (prl_picture_body(h->nodes[log], &m->entry, &m->body, NULL))
		m->body = NULL;
	m->status = apply_met(h->nodes[log], origins[log], m, &err);
	if (m->status == PRL_E_EARLY) {
		json_decref(m->body);
		return;
	}
	assert_int_not_equal(m->status, PRL_E_MEMORY);
	h->refused += m->status != PRL_OK;
	line_append(h->l, origins[log], bytes);
}

/* The keys sign on from where the node has them, so that a refused act does not end an author. */
static void follow(history *h, size_t log, const char *name)
{
	line_key *key = line_key_of(h->l, name);
	const prl_key *known = prl_picture_key(h->nodes[log], WORK, prl_bytes_of(name));
	if (!known)
		return;
	key->serial = known->serial;
	key->last = known->last;
	for (unsigned g = 0; g < 12; g++) {
		prl_signer signer = line_signer(name, PRL_KEY_NOTE, g);
		if (memcmp(signer.verifier.public_key, known->verifier.public_key, 32) == 0)
			key->signer = signer;
	}
}

static const char *party_at(history *h, size_t log)
{
	return log == 0 ? parties[rnd_below(h->r, 2)] : parties[log + 1];
}

static const char *desk_at(history *h, size_t log)
{
	return line_text(h->l, "%s-%s", party_at(h, log), rnd_chance(h->r, 0.8) ? "ops" : "air");
}

static const char *console_at(history *h, size_t log)
{
	return line_text(h->l, "%s/%zu", desk_at(h, log), 1 + rnd_below(h->r, 4));
}

static const char *root_at(history *h, size_t log)
{
	return line_text(h->l, "%s/root", party_at(h, log));
}

static const char *any_key(history *h, size_t log)
{
	size_t pick = rnd_below(h->r, 5);
	return pick == 0 ? root_at(h, log) : pick == 1 ? desk_at(h, log) : console_at(h, log);
}

static const char *hash_text(history *h)
{
	prl_hash hash = line_hash(hashes[rnd_below(h->r, 6)]);
	return line_hash_text(h->l, &hash);
}

static const char *vkey_of(history *h, const char *name, unsigned generation)
{
	prl_signer signer = line_signer(name, PRL_KEY_NOTE, generation);
	return line_vkey(h->l, &signer);
}

static line_act message(history *h, size_t log)
{
	const char *to =
		rnd_chance(h->r, 0.5) ? line_text(h->l, "\"to\": [\"%s\"], ", parties[rnd_below(h->r, 4)]) : "";
	const char *contents =
		rnd_chance(h->r, 0.5)
			? line_text(h->l, ", \"contents\": [{\"hash\": \"%s\", \"size\": %zu, \"title\": \"t\"}]",
				    hash_text(h), rnd_below(h->r, 3))
			: "";
	line_act act = { .kind = "message.sent",
			 .body = line_text(h->l, "{%s\"text\": \"a\", \"language\": \"en\"%s}", to, contents) };
	if (rnd_chance(h->r, 0.2))
		act.recorded = line_text(h->l, "program/%s-p", party_at(h, log));
	else
		act.key = any_key(h, log);
	return act;
}

static line_act content_act(history *h, size_t log)
{
	const char *of = origins[rnd_below(h->r, LOGS)];
	return (line_act){ .kind = rnd_chance(h->r, 0.8) ? "content.got" : "content.deleted",
			   .log = origins[log],
			   .time = rnd_chance(h->r, 0.5) ? h->l->now + 86400 * PRL_SECOND : 0,
			   .body = line_text(h->l, "{\"log\": \"%s\", \"hashes\": [\"%s\"]}", of, hash_text(h)) };
}

static line_act key_act(history *h, size_t log, prl_signer *new_key)
{
	const char *desk = desk_at(h, log), *console = console_at(h, log), *root = root_at(h, log);
	unsigned generation = (unsigned)rnd_below(h->r, 8);
	const char *named = any_key(h, log);
	switch (rnd_below(h->r, 6)) {
	case 0:
		return (line_act){ .kind = "key.certified",
				   .key = desk,
				   .body = line_text(h->l, "{\"key\": \"%s\"}", vkey_of(h, console, generation)) };
	case 1:
		*new_key = line_signer(console, PRL_KEY_NOTE, generation);
		return (line_act){ .kind = "key.rotated",
				   .key = console,
				   .new_key = new_key,
				   .body = line_text(h->l, "{\"key\": \"%s\"}", line_vkey(h->l, new_key)) };
	case 2:
		*new_key = line_signer(root, PRL_KEY_NOTE, generation);
		return (line_act){ .kind = "root.rotated",
				   .key = root,
				   .new_key = new_key,
				   .body = line_text(h->l, "{\"key\": \"%s\"}", line_vkey(h->l, new_key)) };
	case 3:
		return (line_act){ .kind = "key.revoked",
				   .key = rnd_chance(h->r, 0.5) ? desk : root,
				   .body = line_text(h->l, "{\"key\": \"%s\"}", console) };
	case 4:
		return (line_act){ .kind = "key.compromised",
				   .key = any_key(h, log),
				   .second = any_key(h, rnd_below(h->r, LOGS)),
				   .body = line_text(h->l, "{\"key\": \"%s\", \"suspect_from\": %zu}", named,
						     rnd_below(h->r, 40)) };
	default:
		return (line_act){ .kind = "key.revoked",
				   .key = any_key(h, rnd_below(h->r, LOGS)),
				   .log = origins[log],
				   .body = line_text(h->l, "{\"key\": \"%s\"}", named) };
	}
}

static line_act desk_act(history *h, size_t log)
{
	const char *party = party_at(h, log), *root = line_text(h->l, "%s/root", party);
	const char *desk = line_text(h->l, "%s-%s", party, rnd_chance(h->r, 0.7) ? "air" : "sea");
	if (rnd_chance(h->r, 0.6))
		return (line_act){ .kind = "desk.opened",
				   .key = root,
				   .body = line_text(h->l, "{\"desk\": \"%s\", \"title\": \"d\", \"key\": \"%s\"}",
						     desk, vkey_of(h, desk, 0)) };
	return (line_act){ .kind = "desk.closed",
			   .key = root,
			   .second = any_key(h, log),
			   .body = line_text(h->l, "{\"desk\": \"%s\"}", desk) };
}

static line_act program_act(history *h, size_t log)
{
	const char *party = party_at(h, log), *desk = line_text(h->l, "%s-ops", party);
	if (rnd_chance(h->r, 0.7))
		return (line_act){ .kind = "program.admitted",
				   .key = desk,
				   .body = line_text(h->l,
						     "{\"program\": \"%s-p\", \"title\": \"p\", \"token\": \"%s\"}",
						     party, hash_text(h)) };
	return (line_act){ .kind = "program.dismissed",
			   .key = desk,
			   .body = line_text(h->l, "{\"program\": \"%s-p\"}", party) };
}

static line_act node_act(history *h, size_t log)
{
	const char *of = origins[rnd_below(h->r, LOGS)];
	char time[PRL_TIME_TEXT_MAX];
	switch (rnd_below(h->r, 8)) {
	case 0:
		prl_time_format(h->l->now - (prl_time)rnd_below(h->r, 20) * PRL_SECOND, time);
		return (line_act){ .kind = "tick",
				   .log = origins[log],
				   .body = line_text(h->l, "{\"to\": \"%s\"}", time) };
	case 1:
		return (line_act){ .kind = "clock.suspect", .log = origins[log], .body = "{\"reason\": \"r\"}" };
	case 2:
		return (line_act){ .kind = "clock.trusted", .key = desk_at(h, log), .body = "{\"reason\": \"r\"}" };
	case 3:
		return (line_act){ .kind = "node.alone", .log = origins[log], .body = "{\"unanswered\": []}" };
	case 4:
		return (line_act){ .kind = "node.restored",
				   .log = origins[log],
				   .body = line_text(h->l, "{\"from\": \"%s\", \"first\": 1, \"size\": 2}", of) };
	case 5:
		return (line_act){ .kind = "setting.changed",
				   .key = desk_at(h, log),
				   .body = "{\"name\": \"n\", \"value\": \"v\"}" };
	case 6:
		if (rnd_chance(h->r, 0.1))
			return (line_act){ .kind = "peer.forked",
					   .log = origins[log],
					   .body = line_text(h->l, "{\"log\": \"%s\", \"proof\": \"%s\"}", of,
							     hash_text(h)) };
		/* fall through */
	default:
		return (line_act){ .kind = "peer.fault",
				   .log = origins[log],
				   .body = line_text(
					   h->l,
					   "{\"log\": \"%s\", \"index\": %zu, \"hash\": \"%s\", \"reason\": \"r\"}", of,
					   rnd_below(h->r, 30), hash_text(h)) };
	}
}

/* Makes a right act wrong in one of many ways. */
static void spoil(history *h, line_act *act)
{
	static prl_hash other;
	other = line_hash("other");
	switch (rnd_below(h->r, 8)) {
	case 0:
		act->serial = 1 + rnd_below(h->r, 6);
		break;
	case 1:
		act->previous = &other;
		act->serial = 9;
		break;
	case 2:
		act->party = parties[rnd_below(h->r, 4)];
		break;
	case 3:
		act->kind = "notice.imagined";
		break;
	case 4:
		act->body = "{\"more\": 1}";
		break;
	case 5:
		act->second = any_key(h, rnd_below(h->r, LOGS));
		break;
	case 6:
		act->line_name = &other;
		break;
	default:
		act->log = origins[rnd_below(h->r, LOGS)];
	}
}

static void act_once(history *h, size_t log)
{
	prl_signer new_key;
	line_act act;
	size_t pick = rnd_below(h->r, 20);
	act = pick < 7    ? message(h, log)
	      : pick < 10 ? content_act(h, log)
	      : pick < 15 ? key_act(h, log, &new_key)
	      : pick < 16 ? desk_act(h, log)
	      : pick < 17 ? program_act(h, log)
			  : node_act(h, log);
	if (rnd_chance(h->r, 0.2))
		spoil(h, &act);
	if (!act.key) {
		act.serial = 0;
		act.previous = NULL;
		act.second = NULL;
	}
	prl_hash none = line_hash("none");
	if (act.key && rnd_chance(h->r, 0.3)) {
		act.seen_log = origins[rnd_below(h->r, LOGS)];
		line_log *seen = line_log_of(h->l, act.seen_log);
		act.seen_size = rnd_below(h->r, seen->size + 1);
		act.seen_root = rnd_chance(h->r, 0.1) ? &none : &seen->roots[act.seen_size];
	}
	if (act.key)
		follow(h, log, act.key);
	if (act.key && !act.log)
		act.log = origins[log];
	append(h, log, line_entry(h->l, &act));
}

/* Takes as much of a peer's log as can be had, then says so. */
static void see(history *h, size_t log, size_t of)
{
	prl_error err;
	line_log *peer = line_log_of(h->l, origins[of]);
	uint64_t size = prl_picture_size(h->nodes[log], WORK, origins[of]);
	uint64_t to = size + rnd_below(h->r, peer->size - size + 1);
	for (; size < to; size++) {
		const met *m = &h->met[of][size];
		prl_status status = apply_met(h->nodes[log], origins[of], m, &err);
		if (status == PRL_E_EARLY)
			break;
		assert_int_equal(status, m->status); /* judged as at its author's */
	}
	if (size == 0)
		return;
	line_act act = { .kind = "peer.seen",
			 .log = origins[log],
			 .body = line_text(h->l, "{\"log\": \"%s\", \"size\": %llu, \"root\": \"%s\"}", origins[of],
					   (unsigned long long)size, line_hash_text(h->l, &peer->roots[size])) };
	append(h, log, line_entry(h->l, &act));
}

static prl_bytes amendment(history *h, const char *number, const char *title, unsigned generation)
{
	char old_root[PRL_KEY_TEXT_MAX];
	prl_signer new_root = line_signer("us/root", PRL_KEY_NOTE, generation),
		   first = line_signer("us/root", PRL_KEY_NOTE, 0);
	snprintf(old_root, sizeof old_root, "%s", line_vkey(h->l, &first));
	const char *body = h->l->constitution_body, *at = strstr(body, old_root),
		   *parties_at = strstr(body, "\"parties\"");
	const char *text =
		line_text(h->l, "{\"line\": \"%s\", \"number\": %s, %.*s%s%s", title, number, (int)(at - parties_at),
			  parties_at, line_vkey(h->l, &new_root), at + strlen(old_root));
	const prl_signer *signers[5];
	size_t count = 0;
	for (size_t i = 0; i < 4; i++)
		signers[count++] = &line_key_of(h->l, line_text(h->l, "%s/root", parties[i]))->signer;
	if (generation)
		signers[count++] = &new_root;
	return line_entry_by_roots(h->l, "constitution.amended", text, signers, count);
}

static void begin_log(history *h, size_t log)
{
	append(h, log, h->l->constitution);
	for (size_t i = 0; i < 4; i++) {
		if (strcmp(line_home(h->l, parties[i]), origins[log]) != 0)
			continue;
		const char *desk = line_text(h->l, "%s-ops", parties[i]);
		line_act opened = { .kind = "desk.opened",
				    .key = line_text(h->l, "%s/root", parties[i]),
				    .body = line_text(h->l, "{\"desk\": \"%s\", \"title\": \"d\", \"key\": \"%s\"}",
						      desk, vkey_of(h, desk, 0)) };
		append(h, log, line_entry(h->l, &opened));
		for (int n = 1; n <= 2; n++) {
			const char *console = line_text(h->l, "%s/%d", desk, n);
			line_act certified = { .kind = "key.certified",
					       .key = desk,
					       .body = line_text(h->l, "{\"key\": \"%s\"}", vkey_of(h, console, 0)) };
			append(h, log, line_entry(h->l, &certified));
		}
	}
}

static void make(history *h, rnd *r, size_t steps)
{
	*h = (history){ .r = r };
	h->l = line_new("us@us.example/line un@us.example/line ru@ru.example/line tr@tr.example/line",
			"\"retention\": {\"contents_days\": 1}");
	for (size_t i = 0; i < LOGS; i++) {
		h->nodes[i] = line_picture(NULL);
		h->met[i] = calloc(ENTRIES, sizeof *h->met[i]);
	}
	h->amendments[0] = amendment(h, "1", "one", 9);
	h->amendments[1] = amendment(h, "1", "another one", 0);
	h->amendments[2] = amendment(h, "2", "two", 0);
	for (size_t i = 0; i < LOGS; i++)
		begin_log(h, i);
	for (size_t step = 0; step < steps; step++) {
		size_t log = rnd_below(r, LOGS), of = rnd_below(r, LOGS);
		double pick = rnd_unit(r);
		if (line_log_of(h->l, origins[log])->size >= ENTRIES)
			continue;
		if (pick < 0.25 && of != log)
			see(h, log, of);
		else if (pick < 0.29)
			append(h, log, h->amendments[rnd_below(r, 3)]);
		else
			act_once(h, log);
	}
}

static void unmake(history *h)
{
	for (size_t i = 0; i < LOGS; i++) {
		for (size_t j = 0; j < line_log_of(h->l, origins[i])->size; j++)
			json_decref(h->met[i][j].body);
		free(h->met[i]);
		prl_picture_free(h->nodes[i]);
	}
	line_free(h->l);
}

/* ---- merging ----------------------------------------------------------------------------------------------------- */

/* Applies everything in a random order that respects what was seen; runs of one log, so that logs are far apart. */
static prl_picture *merge(history *h, rnd *r)
{
	prl_picture *picture = line_picture(NULL);
	prl_error err;
	size_t at[LOGS] = { 0 }, left = 0, stuck = 0;
	for (size_t i = 0; i < LOGS; i++)
		left += line_log_of(h->l, origins[i])->size;
	while (left) {
		size_t log = rnd_below(r, LOGS), run = 1 + rnd_below(r, rnd_chance(r, 0.3) ? ENTRIES : 4);
		for (; run && at[log] < line_log_of(h->l, origins[log])->size; run--) {
			const met *m = &h->met[log][at[log]];
			prl_status status = apply_met(picture, origins[log], m, &err);
			if (status == PRL_E_EARLY) {
				h->early++;
				break;
			}
			if (status != m->status)
				fail_msg("entry %zu of %s: status %d (%s), at its author's %d", at[log], origins[log],
					 status, status ? err.text : "", m->status);
			at[log]++;
			left--;
			stuck = 0;
		}
		assert_true(++stuck < 10000);
	}
	return picture;
}

static prl_hash digest_of(prl_picture *picture)
{
	prl_hash hash;
	assert_int_equal(prl_picture_digest(picture, WORK, &hash, NULL), PRL_OK);
	return hash;
}

static void every_merge_gives_the_same(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("interleave");
	size_t merges = 0, entries = 0, refused = 0, early = 0;
	for (size_t i = 0; i < rnd_count(60, 3000); i++) {
		rnd r = rnd_case(seed, i);
		history h;
		make(&h, &r, 30 + rnd_below(&r, 130));
		prl_hash first = { 0 };
		for (size_t n = 0; n < 20; n++) {
			prl_picture *picture = merge(&h, &r);
			prl_hash digest = digest_of(picture);
			if (n && !prl_hash_equal(&first, &digest))
				fail_msg("case %zu: two merges differ", i);
			first = digest;
			prl_picture_free(picture);
			merges++;
		}
		for (size_t log = 0; log < LOGS; log++)
			entries += line_log_of(h.l, origins[log])->size;
		refused += h.refused;
		early += h.early;
		unmake(&h);
	}
	print_message("# %zu merges of histories with %zu entries, %zu of them refused; %zu times one had to wait\n",
		      merges, entries, refused, early);
	assert_true(refused > entries / 10 && refused < entries * 9 / 10);
	assert_true(early > 0);
}

/* A digest that were the same whatever happens would pass the test above. */
static void digests_tell_histories_apart(void **state)
{
	(void)state;
	line *l = line_new("us@us.example/line", NULL);
	prl_picture *picture = line_picture("us.example/line");
	prl_hash before = digest_of(picture);
	line_begin(l, picture, "us.example/line");
	for (int i = 0; i < 5; i++) {
		prl_hash now = digest_of(picture);
		assert_false(prl_hash_equal(&before, &now));
		before = now;
		line_act_on(l, picture,
			    &(line_act){ .kind = "message.sent",
					 .key = "us-ops/1",
					 .body = "{\"text\": \"a\", \"language\": \"en\"}" });
	}
	prl_picture_free(picture);
	line_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_merge_gives_the_same),
		cmocka_unit_test(digests_tell_histories_apart),
	};
	return cmocka_run_group_tests_name("interleave", tests, NULL, NULL);
}
