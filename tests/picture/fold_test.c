/* The rules that hold for every entry: place, head, key, chain, signatures; what a hostile author or peer may try. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US  "us.example/line"
#define RU  "ru.example/line"
#define SAY "{\"text\": \"Convoy on the coast road.\", \"language\": \"en\"}"

typedef struct setup {
	line *l;
	prl_picture *us;
} setup;

static setup begin(void)
{
	setup s = { line_new("us@" US " un@" US " ru@" RU, NULL), line_picture(US) };
	line_begin(s.l, s.us, US);
	return s;
}

static void end(setup *s)
{
	prl_picture_free(s->us);
	line_free(s->l);
}

static prl_hash digest(prl_picture *picture)
{
	prl_hash hash;
	assert_int_equal(prl_picture_digest(picture, PRL_VERSION_WORKING, &hash, NULL), PRL_OK);
	return hash;
}

/* Our own log refuses the entry, with that in its reason, and has not changed. */
static void refuse_bytes(setup *s, prl_bytes entry, prl_status status, const char *part)
{
	prl_error err = { 0 };
	prl_hash before = digest(s->us);
	prl_status got = line_apply(s->us, US, entry, &err);
	if (got != status || !strstr(err.text, part))
		fail_msg("status %d, \"%s\"; expected %d, \"%s\"", got, err.text, status, part);
	prl_hash after = digest(s->us);
	assert_true(prl_hash_equal(&before, &after));
}

static void refuse(setup *s, line_act act, prl_status status, const char *part)
{
	act.aside = true;
	act.kind = act.kind ? act.kind : "message.sent";
	act.body = act.body ? act.body : SAY;
	refuse_bytes(s, line_entry(s->l, &act), status, part);
}

static void say(setup *s, const char *key)
{
	line_act_on(s->l, s->us, &(line_act){ .kind = "message.sent", .key = key, .body = SAY });
}

/* ---- our own door ------------------------------------------------------------------------------------------------ */

static void what_is_right_counts(void **state)
{
	(void)state;
	setup s = begin();
	say(&s, "us-ops/1");
	say(&s, "us-ops/1");
	say(&s, "un-ops/2");
	const prl_key *key = prl_picture_key(s.us, PRL_VERSION_WORKING, prl_bytes_of("us-ops/1"));
	assert_int_equal(key->serial, 2);
	assert_true(prl_hash_equal(&key->last, &line_key_of(s.l, "us-ops/1")->last));
	assert_int_equal(prl_picture_size(s.us, PRL_VERSION_WORKING, US), LINE_BEGIN_SIZE(2) + 3);
	end(&s);
}

static void chains_have_no_gap_and_no_other_past(void **state)
{
	(void)state;
	setup s = begin();
	prl_hash other = line_hash("another entry");
	say(&s, "us-ops/1");
	prl_bytes again = s.l->logs[0].entries[s.l->logs[0].size - 1];
	refuse_bytes(&s, again, PRL_E_STALE, "serial 1 of key us-ops/1, expected 2");
	refuse(&s, (line_act){ .key = "us-ops/1", .serial = 3 }, PRL_E_STALE, "serial 3 of key us-ops/1, expected 2");
	refuse(&s, (line_act){ .key = "us-ops/1", .previous = &other }, PRL_E_STALE, "previous is not the hash");
	say(&s, "us-ops/1");
	end(&s);
}

static void heads_are_of_this_line_and_log(void **state)
{
	(void)state;
	setup s = begin();
	prl_hash other = line_hash("another line");
	refuse(&s, (line_act){ .key = "us-ops/1", .line_name = &other }, PRL_E_REFUSED, "of another line");
	refuse(&s, (line_act){ .key = "us-ops/1", .log = RU }, PRL_E_REFUSED, "the entry is of log " RU);
	refuse(&s, (line_act){ .key = "ru-ops/1", .log = US }, PRL_E_REFUSED, "party ru acts in log " RU);
	refuse(&s, (line_act){ .key = "us-ops/1", .party = "fr" }, PRL_E_REFUSED, "party fr is not of this line");
	refuse(&s, (line_act){ .key = "us-ops/1", .desk = "us-air" }, PRL_E_REFUSED, "key us-ops/1 is of desk us-ops");
	refuse(&s, (line_act){ .key = "us-ops/1", .desk = "" }, PRL_E_REFUSED, "key us-ops/1 is of desk us-ops");
	refuse(&s, (line_act){ .kind = "desk.opened", .key = "us/root", .desk = "us-ops" }, PRL_E_REFUSED,
	       "key us/root is of no desk");
	end(&s);
}

static void keys_act_for_their_party_only(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .key = "us-ops/1", .party = "un" }, PRL_E_REFUSED, "party un has no key us-ops/1");
	refuse(&s, (line_act){ .key = "us-ops/9" }, PRL_E_REFUSED, "party us has no key us-ops/9");
	refuse(&s, (line_act){ .key = "us/root" }, PRL_E_REFUSED, "expected a console or desk key");
	end(&s);
}

static prl_bytes with_last_signature(setup *s, prl_bytes entry, const char *signature)
{
	const char *text = entry.data + entry.size - 1;
	while (text[-1] != ' ')
		text--;
	return prl_bytes_of(line_text(s->l, "%.*s%s\n", (int)(text - entry.data), entry.data, signature));
}

static void signatures_hold(void **state)
{
	(void)state;
	setup s = begin();
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = SAY, .aside = true };
	prl_bytes entry = line_entry(s.l, &act);
	char *changed = prl_text_copy(entry.data, entry.size);
	memcpy(strstr(changed, "coast"), "COAST", 5);
	refuse_bytes(&s, (prl_bytes){ changed, entry.size }, PRL_E_SIGNATURE, "");
	free(changed);

	/* the same name, another key pair: its id is unknown */
	line_key *key = line_key_of(s.l, "us-ops/1");
	prl_signer right = key->signer;
	key->signer = line_signer("us-ops/1", PRL_KEY_NOTE, 7);
	refuse(&s, (line_act){ .key = "us-ops/1" }, PRL_E_SIGNATURE, "no such key of the party");
	key->signer = right;

	/* R of order 1 and S = 0 would verify under a key of small order; no such key can be read, and no such R counts
	 */
	uint8_t bytes[68] = { 0 };
	char text[PRL_BASE64_SIZE(68) + 1];
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(right.verifier.id >> (24 - 8 * i));
	bytes[4] = 1;
	prl_base64_write(bytes, sizeof bytes, text);
	refuse_bytes(&s, with_last_signature(&s, entry, text), PRL_E_SIGNATURE, "");
	say(&s, "us-ops/1");
	end(&s);
}

static void there_is_no_further_signature(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .key = "us-ops/1", .second = "us-ops/2" }, PRL_E_SIGNATURE, "2 signatures, expected 1");
	refuse(&s, (line_act){ .key = "us-ops/1", .second = "us-ops/1" }, PRL_E_SIGNATURE,
	       "two signatures by us-ops/1");
	refuse(&s, (line_act){ .key = "us-ops/1", .second = "xx-ops/1" }, PRL_E_SIGNATURE, "no such key of the party");
	end(&s);
}

static void kinds_say_who_signs_and_who_records(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .kind = "tick", .key = "us-ops/1" }, PRL_E_REFUSED, "only the node itself records it");
	refuse(&s, (line_act){ .kind = "key.certified", .log = US }, PRL_E_REFUSED, "only a key signs it");
	refuse(&s, (line_act){ .log = US }, PRL_E_REFUSED, "by a key, or recorded for a program");
	refuse(&s, (line_act){ .recorded = "somebody", .log = US }, PRL_E_REFUSED, "expected node or program/NAME");
	refuse(&s, (line_act){ .recorded = "program/us-dss" }, PRL_E_REFUSED, "party us has no program us-dss");
	refuse(&s, (line_act){ .kind = "tick", .recorded = "program/us-dss" }, PRL_E_REFUSED, "only the node");
	refuse(&s, (line_act){ .kind = "tick", .log = US, .party = "us" }, PRL_E_REFUSED, "acts for no party");
	refuse(&s, (line_act){ .kind = "constitution", .key = "us/root" }, PRL_E_REFUSED,
	       "entry 0 is the constitution");
	refuse(&s, (line_act){ .kind = "constitution.amended", .key = "us/root" }, PRL_E_SYNTAX, "mode and time only");
	refuse(&s, (line_act){ .kind = "notice.imagined", .key = "us-ops/1" }, PRL_E_UNSUPPORTED,
	       "kind notice.imagined is not known");
	end(&s);
}

static void bodies_are_as_their_schema_says(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .key = "us-ops/1", .body = "{\"text\": \"a\"}" }, PRL_E_SYNTAX, "language");
	refuse(&s, (line_act){ .key = "us-ops/1", .body = "{\"text\": \"a\", \"language\": \"en\", \"more\": 1}" },
	       PRL_E_SYNTAX, "more");
	refuse(&s, (line_act){ .key = "us-ops/1", .body = "not JSON" }, PRL_E_SYNTAX, "");
	end(&s);
}

static void two_acts_of_one_batch_meet(void **state)
{
	(void)state;
	setup s = begin();
	const char *vkey = line_vkey(s.l, &line_key_of(s.l, "us-ops/3")->signer);
	const char *body = line_text(s.l, "{\"key\": \"%s\"}", vkey);
	line_act_on(s.l, s.us, &(line_act){ .kind = "key.certified", .key = "us-ops", .body = body });
	refuse(&s, (line_act){ .kind = "key.certified", .key = "us-ops", .body = body }, PRL_E_DUPLICATE,
	       "there is a key us-ops/3");
	say(&s, "us-ops/3");
	/* nothing of it was published: a rollback takes all of it back, the constitution too */
	prl_picture_rollback(s.us);
	assert_int_equal(prl_picture_size(s.us, PRL_VERSION_WORKING, US), 0);
	assert_null(prl_picture_key(s.us, PRL_VERSION_WORKING, prl_bytes_of("us/root")));
	for (size_t i = 0; i < s.l->logs[0].size; i++)
		assert_int_equal(line_apply(s.us, US, s.l->logs[0].entries[i], NULL), PRL_OK);
	end(&s);
}

static void vouchers_may_be_old(void **state)
{
	(void)state;
	setup s = begin();
	prl_vouched vouched;
	prl_entry entry;
	prl_picture_publish(s.us, prl_picture_seal(s.us));
	prl_version version = prl_picture_pin(s.us);
	prl_bytes bytes = line_entry(s.l, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	assert_int_equal(prl_entry_read(bytes, &entry, NULL), PRL_OK);
	assert_int_equal(prl_picture_vouch(s.us, version, &entry, &vouched, NULL), PRL_OK);
	assert_int_equal(vouched.count, 1);
	uint64_t index = prl_picture_size(s.us, PRL_VERSION_WORKING, US);
	prl_vouched none = { .count = 0 }, wrong = vouched;
	wrong.signers[0].public_key[3] ^= 1;
	/* what does not fit is made again; what fits is believed: that is the caller's word */
	assert_int_equal(prl_picture_apply(s.us, US, index, &entry, &wrong, NULL, NULL), PRL_OK);
	bytes = line_entry(s.l, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	assert_int_equal(prl_entry_read(bytes, &entry, NULL), PRL_OK);
	assert_int_equal(prl_picture_apply(s.us, US, index + 1, &entry, &none, NULL, NULL), PRL_OK);

	/* vouched for, then the key is revoked */
	bytes = line_entry(s.l, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	assert_int_equal(prl_entry_read(bytes, &entry, NULL), PRL_OK);
	assert_int_equal(prl_picture_vouch(s.us, version, &entry, &vouched, NULL), PRL_OK);
	line_act_on(s.l, s.us,
		    &(line_act){ .kind = "key.revoked", .key = "us-ops", .body = "{\"key\": \"us-ops/1\"}" });
	assert_int_equal(prl_picture_apply(s.us, US, index + 3, &entry, &vouched, NULL, NULL), PRL_E_REFUSED);
	prl_picture_unpin(s.us, version);
	end(&s);
}

/* ---- peers ------------------------------------------------------------------------------------------------------- */

/* The two nodes, each with what it has of the other. */
typedef struct two {
	line *l;
	prl_picture *us, *ru;
} two;

static two begin_two(void)
{
	two t = { line_new("us@" US " ru@" RU, NULL), line_picture(US), line_picture(RU) };
	line_begin(t.l, t.us, US);
	line_begin(t.l, t.ru, RU);
	return t;
}

static void end_two(two *t)
{
	prl_picture_free(t->us);
	prl_picture_free(t->ru);
	line_free(t->l);
}

static void entries_come_in_order(void **state)
{
	(void)state;
	two t = begin_two();
	prl_error err;
	prl_entry entry;
	line_log *ru = line_log_of(t.l, RU);
	assert_int_equal(line_apply(t.us, RU, ru->entries[0], &err), PRL_E_EARLY); /* no peer.seen */
	assert_int_equal(line_see(t.l, t.us, US, RU, 2), 0);
	assert_int_equal(line_apply(t.us, RU, ru->entries[2], &err), PRL_E_EARLY); /* not covered */
	assert_int_equal(prl_entry_read(ru->entries[0], &entry, NULL), PRL_OK);
	assert_int_equal(prl_picture_apply(t.us, RU, 0, &entry, NULL, NULL, &err), PRL_E_EARLY); /* again */
	assert_int_equal(prl_picture_size(t.us, PRL_VERSION_WORKING, RU), 2);

	/* what was recorded as seen is applied before the next own act, but not before the next peer.seen */
	const char *seen = line_text(t.l, "{\"log\": \"" RU "\", \"size\": 3, \"root\": \"%s\"}",
				     line_hash_text(t.l, &ru->roots[3]));
	line_act_on(t.l, t.us, &(line_act){ .kind = "peer.seen", .log = US, .body = seen });
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = SAY, .aside = true };
	assert_int_equal(line_apply(t.us, US, line_entry(t.l, &act), &err), PRL_E_EARLY);
	line_see(t.l, t.us, US, RU, 4);
	assert_int_equal(line_apply(t.us, US, line_entry(t.l, &act), &err), PRL_OK);
	end_two(&t);
}

static void a_peer_that_has_seen_more_waits(void **state)
{
	(void)state;
	two t = begin_two();
	prl_error err;
	prl_entry entry;
	line_act_on(t.l, t.us, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	line_see(t.l, t.ru, RU, US, 0);
	line_log *ru = line_log_of(t.l, RU);
	prl_picture *onlooker = line_picture(NULL);
	for (size_t i = 0; i + 1 < ru->size; i++)
		assert_int_equal(line_apply(onlooker, RU, ru->entries[i], NULL), PRL_OK);
	assert_int_equal(prl_entry_read(ru->entries[ru->size - 1], &entry, NULL), PRL_OK);
	assert_int_equal(prl_picture_ready(onlooker, PRL_VERSION_WORKING, &entry, &err), PRL_E_EARLY);
	assert_non_null(strstr(err.text, US));
	assert_int_equal(line_apply(onlooker, RU, ru->entries[ru->size - 1], &err), PRL_E_EARLY);
	line_log *us = line_log_of(t.l, US);
	for (size_t i = 0; i < us->size; i++)
		assert_int_equal(line_apply(onlooker, US, us->entries[i], NULL), PRL_OK);
	assert_int_equal(line_apply(onlooker, RU, ru->entries[ru->size - 1], NULL), PRL_OK);
	prl_picture_free(onlooker);
	end_two(&t);
}

static void a_refused_entry_of_a_peer_has_its_place(void **state)
{
	(void)state;
	two t = begin_two();
	line_key *key = line_key_of(t.l, "ru-ops/1");
	/* a kind of a newer version: it counts as nobody's act, what follows counts */
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "notice.imagined", .key = "ru-ops/1" }));
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "message.sent", .key = "ru-ops/1", .body = SAY }));
	assert_int_equal(line_see(t.l, t.us, US, RU, 0), 1);
	const prl_key *known = prl_picture_key(t.us, PRL_VERSION_WORKING, prl_bytes_of("ru-ops/1"));
	assert_int_equal(known->serial, 2);
	assert_true(prl_hash_equal(&known->last, &key->last));

	/* a bad signature, a gap: the chain stays where it was */
	prl_hash right = key->last;
	prl_signer signer = key->signer;
	key->signer = line_signer("ru-ops/1", PRL_KEY_NOTE, 5);
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "message.sent", .key = "ru-ops/1", .body = SAY }));
	key->signer = signer;
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "message.sent", .key = "ru-ops/1", .body = SAY }));
	assert_int_equal(line_see(t.l, t.us, US, RU, 0), 2);
	known = prl_picture_key(t.us, PRL_VERSION_WORKING, prl_bytes_of("ru-ops/1"));
	assert_int_equal(known->serial, 2);
	key->serial = 2;
	key->last = right;
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "message.sent", .key = "ru-ops/1", .body = SAY }));
	assert_int_equal(line_see(t.l, t.us, US, RU, 0), 0);

	/* a second line by a key that is not known here does not hide that the first one holds */
	line_append(t.l, RU,
		    line_entry(t.l,
			       &(line_act){
				       .kind = "message.sent", .key = "ru-ops/1", .body = SAY, .second = "us-ops/7" }));
	line_append(t.l, RU, line_entry(t.l, &(line_act){ .kind = "message.sent", .key = "ru-ops/1", .body = SAY }));
	assert_int_equal(line_see(t.l, t.us, US, RU, 0), 1);
	end_two(&t);
}

static void heads_see_no_more_than_their_log(void **state)
{
	(void)state;
	two t = begin_two();
	setup s = { t.l, t.us };
	prl_hash other = line_hash("another root");
	refuse(&s, (line_act){ .key = "us-ops/1", .seen_log = RU, .seen_size = 1 }, PRL_E_REFUSED,
	       "seen " RU " 1, but log " US " has recorded 0");
	line_see(t.l, t.us, US, RU, 3);
	refuse(&s, (line_act){ .key = "us-ops/1", .seen_log = RU, .seen_size = 4 }, PRL_E_REFUSED, "has recorded 3");
	refuse(&s, (line_act){ .key = "us-ops/1", .seen_log = RU, .seen_size = 3, .seen_root = &other }, PRL_E_REFUSED,
	       "another root");
	for (uint64_t size = 2; size <= 3; size++)
		line_act_on(t.l, t.us,
			    &(line_act){ .kind = "message.sent",
					 .key = "us-ops/1",
					 .body = SAY,
					 .seen_log = RU,
					 .seen_size = size });
	end_two(&t);
}

static void a_log_begins_with_the_constitution(void **state)
{
	(void)state;
	two t = begin_two(), other = { line_new("us@" US " un@" RU, NULL), NULL, NULL };
	prl_picture *picture = line_picture(US);
	prl_error err;
	line_act act = { .kind = "message.sent", .key = "us-ops/1", .body = SAY, .aside = true };
	assert_int_equal(line_apply(picture, US, line_entry(t.l, &act), &err), PRL_E_REFUSED);
	assert_int_equal(line_apply(picture, US, t.l->constitution, &err), PRL_OK);
	assert_int_equal(line_apply(picture, US, t.l->constitution, &err), PRL_E_REFUSED);

	/* a peer with another one is nobody here */
	line_log *ru = line_log_of(t.l, RU);
	ru->entries[0] = other.l->constitution;
	assert_int_equal(line_see(t.l, t.us, US, RU, 0), ru->size);
	assert_null(prl_picture_key(t.us, PRL_VERSION_WORKING, prl_bytes_of("ru/root")));
	prl_picture_free(picture);
	line_free(other.l);
	end_two(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_counts),
		cmocka_unit_test(chains_have_no_gap_and_no_other_past),
		cmocka_unit_test(heads_are_of_this_line_and_log),
		cmocka_unit_test(keys_act_for_their_party_only),
		cmocka_unit_test(signatures_hold),
		cmocka_unit_test(there_is_no_further_signature),
		cmocka_unit_test(kinds_say_who_signs_and_who_records),
		cmocka_unit_test(bodies_are_as_their_schema_says),
		cmocka_unit_test(two_acts_of_one_batch_meet),
		cmocka_unit_test(vouchers_may_be_old),
		cmocka_unit_test(entries_come_in_order),
		cmocka_unit_test(a_peer_that_has_seen_more_waits),
		cmocka_unit_test(a_refused_entry_of_a_peer_has_its_place),
		cmocka_unit_test(heads_see_no_more_than_their_log),
		cmocka_unit_test(a_log_begins_with_the_constitution),
	};
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
