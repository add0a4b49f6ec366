/* Each kind, right and wrong. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/message.h"
#include "support/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define US   "us.example/line"
#define RU   "ru.example/line"
#define SAY  "{\"text\": \"Convoy on the coast road.\", \"language\": \"en\"}"
#define WORK PRL_VERSION_WORKING
#define DAY  (86400 * PRL_SECOND)

typedef struct setup {
	line *l;
	prl_picture *us, *ru;
} setup;

static setup begin_with(const char *extra)
{
	setup s = { line_new("us@" US " un@" US " ru@" RU, extra), line_picture(US), line_picture(RU) };
	line_begin(s.l, s.us, US);
	line_begin(s.l, s.ru, RU);
	return s;
}

static setup begin(void)
{
	return begin_with(NULL);
}

static void end(setup *s)
{
	prl_picture_free(s->us);
	prl_picture_free(s->ru);
	line_free(s->l);
}

static void take(setup *s, const line_act *act)
{
	line_act_on(s->l, s->us, act);
}

static void refuse_bytes(prl_picture *picture, const char *log, prl_bytes entry, prl_status status, const char *part)
{
	prl_error err = { 0 };
	prl_status got = line_apply(picture, log, entry, &err);
	if (got != status || !strstr(err.text, part))
		fail_msg("status %d, \"%s\" at \"%s\"; expected %d, \"%s\"", got, err.text, err.where, status, part);
}

static void refuse(setup *s, line_act act, prl_status status, const char *part)
{
	act.aside = true;
	refuse_bytes(s->us, US, line_entry(s->l, &act), status, part);
}

static uint64_t next_index(setup *s)
{
	return prl_picture_size(s->us, WORK, US);
}

static const prl_key *key_of(setup *s, const char *name)
{
	return prl_picture_key(s->us, WORK, prl_bytes_of(name));
}

static const char *key_body(setup *s, const char *name, unsigned generation)
{
	prl_signer signer = line_signer(name, PRL_KEY_NOTE, generation);
	return line_text(s->l, "{\"key\": \"%s\"}", line_vkey(s->l, &signer));
}

/* ---- desk -------------------------------------------------------------------------------------------------------- */

static const char *desk_body(setup *s, const char *desk, const char *key)
{
	prl_signer signer = line_signer(key, PRL_KEY_NOTE, 0);
	return line_text(s->l, "{\"desk\": \"%s\", \"title\": \"Air\", \"key\": \"%s\"}", desk,
			 line_vkey(s->l, &signer));
}

static void desks_are_opened(void **state)
{
	(void)state;
	setup s = begin();
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });
	const prl_desk *desk = prl_picture_desk(s.us, WORK, prl_bytes_of("us-air"));
	assert_string_equal(desk->party, "us");
	assert_string_equal(desk->title, "Air");
	assert_int_equal(desk->opened, next_index(&s) - 1);
	assert_int_equal(desk->closed, PRL_INDEX_NEVER);
	assert_int_equal(key_of(&s, "us-air")->role, PRL_ROLE_DESK);
	assert_int_equal(key_of(&s, "us-air")->from, next_index(&s));
	take(&s, &(line_act){ .kind = "message.sent", .key = "us-air", .body = SAY });
	const char *kind = "desk.opened";
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = desk_body(&s, "us-air", "us-air") },
	       PRL_E_DUPLICATE, "a name is given once");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = desk_body(&s, "un-air", "un-air") },
	       PRL_E_REFUSED, "its name begins with us-");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = desk_body(&s, "us-a/b", "us-a/b") },
	       PRL_E_REFUSED, "has no /");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = desk_body(&s, "us-", "us-") }, PRL_E_REFUSED,
	       "its name begins with us-");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = desk_body(&s, "us-sea", "us-see") },
	       PRL_E_REFUSED, "called as the desk");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = desk_body(&s, "us-sea", "us-sea") },
	       PRL_E_REFUSED, "expected the root key");
	end(&s);
}

static void desks_are_closed_by_two(void **state)
{
	(void)state;
	setup s = begin();
	const char *kind = "desk.closed", *body = "{\"desk\": \"us-ops\"}";
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = body }, PRL_E_SIGNATURE,
	       "1 signatures, expected 2");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .second = "us-ops/1", .body = body }, PRL_E_REFUSED,
	       "expected the root key");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .second = "un-ops/1", .body = body }, PRL_E_SIGNATURE,
	       "no such key of the party");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .second = "us-ops/1", .body = "{\"desk\": \"un-ops\"}" },
	       PRL_E_NOT_FOUND, "party us has no desk un-ops");
	take(&s, &(line_act){ .kind = kind, .key = "us/root", .second = "us-ops/1", .body = body });
	assert_int_equal(prl_picture_desk(s.us, WORK, prl_bytes_of("us-ops"))->closed, next_index(&s) - 1);
	assert_int_equal(key_of(&s, "us-ops/2")->until, next_index(&s));
	refuse(&s, (line_act){ .kind = "message.sent", .key = "us-ops/2", .body = SAY }, PRL_E_REFUSED,
	       "is not valid since");
	refuse(&s, (line_act){ .kind = "key.certified", .key = "us-ops", .body = key_body(&s, "us-ops/3", 0) },
	       PRL_E_REFUSED, "is not valid since");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .second = "us-ops/1", .body = body }, PRL_E_REFUSED,
	       "is not valid since");
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .second = "us-air", .body = body }, PRL_E_REFUSED,
	       "desk us-ops was closed");
	refuse(&s, (line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-ops", "us-ops") },
	       PRL_E_DUPLICATE, "a name is given once");
	end(&s);
}

/* ---- key --------------------------------------------------------------------------------------------------------- */

static void keys_are_certified_by_their_desk(void **state)
{
	(void)state;
	setup s = begin();
	const char *kind = "key.certified";
	take(&s, &(line_act){ .kind = kind, .key = "us-ops", .body = key_body(&s, "us-ops/3", 0) });
	assert_int_equal(key_of(&s, "us-ops/3")->role, PRL_ROLE_CONSOLE);
	assert_string_equal(key_of(&s, "us-ops/3")->desk, "us-ops");
	assert_int_equal(key_of(&s, "us-ops/3")->from, next_index(&s));
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = key_body(&s, "us-ops/3", 1) }, PRL_E_DUPLICATE,
	       "a name is given once");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops/1", .body = key_body(&s, "us-ops/4", 0) }, PRL_E_REFUSED,
	       "expected a desk's own key");
	static const char *const wrong[] = { "us-air/1", "us-ops4", "us-ops/", "us-ops/a/b", "us-ops" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = key_body(&s, wrong[i], 0) },
		       PRL_E_REFUSED, "called us-ops/ and the device's name");
	prl_signer cosigner = line_signer("us-ops/5", PRL_KEY_COSIGNATURE, 0);
	refuse(&s,
	       (line_act){ .kind = kind,
			   .key = "us-ops",
			   .body = line_text(s.l, "{\"key\": \"%s\"}", line_vkey(s.l, &cosigner)) },
	       PRL_E_REFUSED, "a key of type 4");
	end(&s);
}

static void keys_are_rotated_by_themselves(void **state)
{
	(void)state;
	setup s = begin();
	prl_signer new_key = line_signer("us-ops/1", PRL_KEY_NOTE, 1), other = line_signer("us-ops/2", PRL_KEY_NOTE, 1);
	prl_signer old = line_key_of(s.l, "us-ops/1")->signer;
	const char *kind = "key.rotated", *body = key_body(&s, "us-ops/1", 1);
	take(&s, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	line_act alone = { .kind = kind, .key = "us-ops/1", .body = body };
	refuse(&s, alone, PRL_E_SIGNATURE, "1 signatures, expected 2");
	alone.second = "us-ops/2";
	refuse(&s, alone, PRL_E_SIGNATURE, "expected the new key of us-ops/1");
	refuse(&s,
	       (line_act){ .kind = kind, .key = "us-ops/1", .new_key = &other, .body = key_body(&s, "us-ops/2", 1) },
	       PRL_E_SIGNATURE, "expected the new key of us-ops/1");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .new_key = &new_key, .body = body }, PRL_E_REFUSED,
	       "expected a console or desk key");
	uint64_t from = key_of(&s, "us-ops/1")->from;
	take(&s, &(line_act){ .kind = kind, .key = "us-ops/1", .new_key = &new_key, .body = body });
	const prl_key *key = key_of(&s, "us-ops/1");
	assert_memory_equal(key->verifier.public_key, new_key.verifier.public_key, 32);
	assert_int_equal(key->from, next_index(&s));
	assert_int_equal(key->before, from);
	assert_int_equal(key->serial, 2);
	const prl_key *past = key_of(&s, line_text(s.l, "us-ops/1#%llu", (unsigned long long)from));
	assert_memory_equal(past->verifier.public_key, old.verifier.public_key, 32);
	assert_int_equal(past->until, next_index(&s));
	take(&s, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	line_key_of(s.l, "us-ops/1")->signer = old;
	refuse(&s, (line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY }, PRL_E_SIGNATURE,
	       "no such key of the party");
	end(&s);
}

static void root_keys_are_rotated(void **state)
{
	(void)state;
	setup s = begin();
	prl_signer new_key = line_signer("us/root", PRL_KEY_NOTE, 1);
	const char *kind = "root.rotated", *body = key_body(&s, "us/root", 1);
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .second = "us-ops/1", .body = body }, PRL_E_SIGNATURE,
	       "expected the new key of us/root");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .new_key = &new_key, .body = body }, PRL_E_REFUSED,
	       "expected the root key");
	take(&s, &(line_act){ .kind = kind, .key = "us/root", .new_key = &new_key, .body = body });
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });
	end(&s);
}

static void keys_are_revoked(void **state)
{
	(void)state;
	setup s = begin();
	const char *kind = "key.revoked", *body = "{\"key\": \"us-ops/1\", \"reason\": \"lost\"}";
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops/1", .body = body }, PRL_E_REFUSED,
	       "desk's own key or the root");
	refuse(&s, (line_act){ .kind = kind, .key = "us-air", .body = body }, PRL_E_REFUSED,
	       "is of desk us-ops, not of us-air");
	refuse(&s, (line_act){ .kind = kind, .key = "un/root", .body = body }, PRL_E_NOT_FOUND,
	       "party un has no key us-ops/1");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = "{\"key\": \"us-ops\"}" }, PRL_E_REFUSED,
	       "does not revoke itself");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = "{\"key\": \"us/root\"}" }, PRL_E_REFUSED,
	       "rotated, not revoked");
	take(&s, &(line_act){ .kind = kind, .key = "us-ops", .body = body });
	assert_int_equal(key_of(&s, "us-ops/1")->until, next_index(&s));
	assert_int_equal(key_of(&s, "us-ops/1")->suspect_from, PRL_INDEX_NEVER);
	refuse(&s, (line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY }, PRL_E_REFUSED,
	       "is not valid since");
	refuse(&s, (line_act){ .kind = kind, .key = "us/root", .body = body }, PRL_E_REFUSED, "is not valid since");
	refuse(&s, (line_act){ .kind = "key.certified", .key = "us-ops", .body = key_body(&s, "us-ops/1", 1) },
	       PRL_E_DUPLICATE, "a name is given once");
	take(&s, &(line_act){ .kind = kind, .key = "us/root", .body = "{\"key\": \"us-air\"}" });
	end(&s);
}

static void keys_are_compromised(void **state)
{
	(void)state;
	setup s = begin();
	const char *kind = "key.compromised", *body = "{\"key\": \"us-ops/1\", \"suspect_from\": 5}";
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .body = body }, PRL_E_SIGNATURE,
	       "1 signatures, expected 2");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .second = "us-ops/1", .body = body }, PRL_E_REFUSED,
	       "two others say");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops/1", .second = "us-ops/2", .body = body }, PRL_E_REFUSED,
	       "two others say");
	refuse(&s, (line_act){ .kind = kind, .key = "us-ops", .second = "un-ops", .body = body }, PRL_E_SIGNATURE,
	       "no such key of the party");
	refuse(&s,
	       (line_act){ .kind = kind,
			   .key = "us-ops",
			   .second = "us-ops/2",
			   .body = "{\"key\": \"us-ops/1\", \"suspect_from\": 8}" },
	       PRL_E_RANGE, "suspect_from 8 is after this entry, 7");
	take(&s, &(line_act){ .kind = kind, .key = "us-ops", .second = "us-ops/2", .body = body });
	assert_int_equal(key_of(&s, "us-ops/1")->suspect_from, 5);
	assert_int_equal(key_of(&s, "us-ops/1")->until, 8);
	refuse(&s, (line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY }, PRL_E_REFUSED,
	       "is not valid since");
	refuse(&s,
	       (line_act){ .kind = kind,
			   .key = "us-ops",
			   .second = "us-ops/2",
			   .body = "{\"key\": \"us-ops/1\", \"suspect_from\": 6}" },
	       PRL_E_REFUSED, "is suspect from entry 5 on already");
	take(&s, &(line_act){ .kind = kind,
			      .key = "us-ops",
			      .second = "us/root",
			      .body = "{\"key\": \"us-ops/1\", \"suspect_from\": 4}" });
	assert_int_equal(key_of(&s, "us-ops/1")->suspect_from, 4);
	assert_int_equal(key_of(&s, "us-ops/1")->until, 8);
	take(&s, &(line_act){ .kind = "key.revoked", .key = "us/root", .body = "{\"key\": \"us-ops/2\"}" });
	refuse(&s,
	       (line_act){ .kind = kind,
			   .key = "us-ops",
			   .second = "us-ops/2",
			   .body = "{\"key\": \"us/root\", \"suspect_from\": 0}" },
	       PRL_E_REFUSED, "key us-ops/2 is not valid since");
	end(&s);
}

/* ---- program ----------------------------------------------------------------------------------------------------- */

static const char *program_body(setup *s, const char *name)
{
	prl_hash token = line_hash("token");
	return line_text(s->l, "{\"program\": \"%s\", \"title\": \"A USS\", \"token\": \"%s\"}", name,
			 line_hash_text(s->l, &token));
}

static void programs_come_and_go(void **state)
{
	(void)state;
	setup s = begin();
	line_act recorded = { .kind = "message.sent", .recorded = "program/us-dss", .body = SAY };
	refuse(&s, recorded, PRL_E_REFUSED, "party us has no program us-dss");
	refuse(&s, (line_act){ .kind = "program.admitted", .key = "us-ops/1", .body = program_body(&s, "us-dss") },
	       PRL_E_REFUSED, "expected a desk's own key");
	refuse(&s, (line_act){ .kind = "program.admitted", .key = "us-ops", .body = program_body(&s, "un-dss") },
	       PRL_E_REFUSED, "its name begins with us-");
	take(&s, &(line_act){ .kind = "program.admitted", .key = "us-ops", .body = program_body(&s, "us-dss") });
	prl_hash token = line_hash("token");
	const prl_program *program = prl_picture_program(s.us, WORK, prl_bytes_of("us-dss"));
	assert_true(prl_hash_equal(&program->token, &token));
	refuse(&s, (line_act){ .kind = "program.admitted", .key = "us-ops", .body = program_body(&s, "us-dss") },
	       PRL_E_DUPLICATE, "a name is given once");
	take(&s, &recorded);
	recorded.party = "un";
	refuse(&s, recorded, PRL_E_REFUSED, "party un has no program us-dss");
	recorded.party = NULL;
	refuse(&s, (line_act){ .kind = "program.dismissed", .key = "un-ops", .body = "{\"program\": \"us-dss\"}" },
	       PRL_E_NOT_FOUND, "party un has no program us-dss");
	take(&s, &(line_act){ .kind = "program.dismissed", .key = "us-ops", .body = "{\"program\": \"us-dss\"}" });
	refuse(&s, recorded, PRL_E_REFUSED, "program us-dss was dismissed");
	refuse(&s, (line_act){ .kind = "program.dismissed", .key = "us-ops", .body = "{\"program\": \"us-dss\"}" },
	       PRL_E_REFUSED, "dismissed before");
	end(&s);
}

/* ---- peer -------------------------------------------------------------------------------------------------------- */

static const char *seen_body(setup *s, const char *log, unsigned size)
{
	prl_hash root = line_hash("root");
	return line_text(s->l, "{\"log\": \"%s\", \"size\": %u, \"root\": \"%s\"}", log, size,
			 line_hash_text(s->l, &root));
}

static void peers_are_seen(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, US, 1) }, PRL_E_NOT_FOUND,
	       "has no peer");
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, "fr", 1) }, PRL_E_NOT_FOUND,
	       "no peer fr");
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, RU, 0) }, PRL_E_RANGE, "");
	assert_int_equal(line_see(s.l, s.us, US, RU, 3), 0);
	assert_int_equal(prl_picture_peer(s.us, WORK, prl_bytes_of(RU))->size, 3);
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, RU, 3) }, PRL_E_STALE,
	       "but 3 was seen");
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, RU, 2) }, PRL_E_STALE,
	       "but 3 was seen");
	assert_int_equal(prl_picture_desk(s.us, WORK, prl_bytes_of("ru-ops"))->opened, 1);
	end(&s);
}

static void peers_have_faults_and_fork(void **state)
{
	(void)state;
	setup s = begin();
	prl_hash hash = line_hash("entry");
	const char *text = line_hash_text(s.l, &hash);
	const char *body =
		line_text(s.l, "{\"log\": \"%s\", \"index\": 1, \"hash\": \"%s\", \"reason\": \"gap\"}", RU, text);
	refuse(&s, (line_act){ .kind = "peer.fault", .log = US, .body = body }, PRL_E_RANGE, "but 0 entries were seen");
	line_see(s.l, s.us, US, RU, 2);
	take(&s, &(line_act){ .kind = "peer.fault", .log = US, .body = body });
	assert_int_equal(prl_picture_peer(s.us, WORK, prl_bytes_of(RU))->faults, 1);
	assert_int_equal(prl_picture_peer(s.us, WORK, prl_bytes_of(RU))->state, PRL_PEER_FAULTY);
	body = line_text(s.l, "{\"log\": \"%s\", \"proof\": \"%s\"}", RU, text);
	take(&s, &(line_act){ .kind = "peer.forked", .log = US, .body = body });
	assert_int_equal(prl_picture_peer(s.us, WORK, prl_bytes_of(RU))->state, PRL_PEER_FORKED);
	assert_true(prl_hash_equal(&prl_picture_peer(s.us, WORK, prl_bytes_of(RU))->proof, &hash));
	refuse(&s, (line_act){ .kind = "peer.forked", .log = US, .body = body }, PRL_E_REFUSED, "recorded before");
	refuse(&s, (line_act){ .kind = "peer.seen", .log = US, .body = seen_body(&s, RU, 3) }, PRL_E_FORKED,
	       "two histories");
	end(&s);
}

/* ---- content, message -------------------------------------------------------------------------------------------- */

static const char *message_body(setup *s, const char *to, const char *content)
{
	prl_hash hash = line_hash(content);
	return line_text(
		s->l,
		"{%s\"text\": \"a\", \"language\": \"en\", \"contents\": [{\"hash\": \"%s\", \"size\": 7, \"title\": "
		"\"map\"}]}",
		to, line_hash_text(s->l, &hash));
}

static const char *hashes_body(setup *s, const char *log, const char *content)
{
	prl_hash hash = line_hash(content);
	return line_text(s->l, "{\"log\": \"%s\", \"hashes\": [\"%s\"]}", log, line_hash_text(s->l, &hash));
}

static void messages_are_sent(void **state)
{
	(void)state;
	setup s = begin();
	unsigned table;
	assert_true(prl_picture_table(s.us, "message", &table));
	take(&s, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = SAY });
	prl_hash id = line_key_of(s.l, "us-ops/1")->last;
	const prl_message *message = prl_picture_find(s.us, WORK, table, (prl_bytes){ (const char *)id.bytes, 32 });
	assert_int_equal(message->index, next_index(&s) - 1);
	assert_int_equal(json_array_size(message->to), 3);
	assert_string_equal(json_string_value(json_array_get(message->to, 0)), "ru");
	refuse(&s,
	       (line_act){
		       .kind = "message.sent", .key = "us-ops/1", .body = message_body(&s, "\"to\": [\"fr\"], ", "x") },
	       PRL_E_NOT_FOUND, "party fr is not of this line");
	refuse(&s,
	       (line_act){ .kind = "message.sent",
			   .key = "us-ops/1",
			   .body = message_body(&s, "\"to\": [\"ru\", \"ru\"], ", "x") },
	       PRL_E_SYNTAX, "");
	take(&s, &(line_act){ .kind = "message.sent",
			      .key = "us-ops/1",
			      .body = message_body(&s, "\"to\": [\"ru\"], ", "x") });
	prl_hash hash = line_hash("x");
	const prl_content *content = prl_picture_content(s.us, WORK, &hash);
	assert_int_equal(content->size, 7);
	assert_int_equal(content->index, next_index(&s) - 1);
	assert_int_equal(json_array_size(content->to), 1);
	size_t count = prl_picture_count(s.us, WORK, table);
	refuse(&s, (line_act){ .kind = "message.sent", .key = "us-ops/1", .body = message_body(&s, "", "x") },
	       PRL_E_DUPLICATE, "salt it anew");
	assert_int_equal(prl_picture_count(s.us, WORK, table), count);
	end(&s);
}

static void contents_arrive(void **state)
{
	(void)state;
	setup s = begin();
	line_act sent = { .kind = "message.sent",
			  .key = "us-ops/1",
			  .body = message_body(&s, "\"to\": [\"ru\"], ", "x") };
	line_act hidden = { .kind = "message.sent",
			    .key = "us-ops/1",
			    .body = message_body(&s, "\"to\": [\"un\"], ", "y") };
	line_act got = { .kind = "content.got", .log = RU, .body = hashes_body(&s, US, "x"), .aside = true };
	take(&s, &sent);
	refuse_bytes(s.ru, RU, line_entry(s.l, &got), PRL_E_NOT_FOUND, "knows no such content");
	line_see(s.l, s.ru, RU, US, 0);
	take(&s, &hidden);
	line_act_on(s.l, s.ru, &got);
	prl_hash hash = line_hash("x");
	const prl_content *content = prl_picture_content(s.ru, WORK, &hash);
	assert_int_equal(json_array_size(content->got), 1);
	assert_string_equal(json_string_value(json_array_get(content->got, 0)), RU);
	refuse_bytes(s.ru, RU, line_entry(s.l, &got), PRL_E_REFUSED, "recorded before");
	line_see(s.l, s.ru, RU, US, 0);
	got.body = hashes_body(&s, US, "y");
	refuse_bytes(s.ru, RU, line_entry(s.l, &got), PRL_E_REFUSED, "goes to no party of log " RU);
	refuse(&s, (line_act){ .kind = "content.got", .log = US, .body = hashes_body(&s, US, "y") }, PRL_E_REFUSED,
	       "this log itself carries");
	/* our own log hears of it */
	assert_int_equal(line_see(s.l, s.us, US, RU, 0), 0);
	assert_int_equal(json_array_size(prl_picture_content(s.us, WORK, &hash)->got), 1);
	end(&s);
}

static void contents_are_deleted_by_the_rule(void **state)
{
	(void)state;
	setup s = begin_with("\"retention\": {\"contents_days\": 30}"), keeps = begin();
	line_act sent = { .kind = "message.sent", .key = "us-ops/1", .body = message_body(&s, "", "x") };
	line_act deleted = { .kind = "content.deleted", .log = US, .body = hashes_body(&s, US, "x") };
	prl_hash hash = line_hash("x");
	take(&s, &sent);
	prl_time then = prl_picture_content(s.us, WORK, &hash)->time;
	deleted.time = then + 30 * DAY - 1;
	refuse(&s, deleted, PRL_E_REFUSED, "29 days old, by the constitution it is kept for 30");
	deleted.time = then - DAY;
	refuse(&s, deleted, PRL_E_REFUSED, "");
	deleted.time = then + 30 * DAY;
	take(&s, &deleted);
	assert_string_equal(json_string_value(json_array_get(prl_picture_content(s.us, WORK, &hash)->deleted, 0)), US);
	refuse(&s, deleted, PRL_E_REFUSED, "recorded before");
	take(&keeps, &sent);
	refuse(&keeps, deleted, PRL_E_REFUSED, "kept for good");
	end(&keeps);
	end(&s);
}

/* ---- node -------------------------------------------------------------------------------------------------------- */

static void time_does_not_go_back(void **state)
{
	(void)state;
	setup s = begin();
	take(&s, &(line_act){ .kind = "tick", .log = US, .body = "{\"to\": \"2016-09-17T13:00:00Z\"}" });
	refuse(&s, (line_act){ .kind = "tick", .log = US, .body = "{\"to\": \"2016-09-17T13:00:00Z\"}" }, PRL_E_REFUSED,
	       "time does not go back");
	refuse(&s, (line_act){ .kind = "tick", .log = US, .body = "{\"to\": \"yesterday\"}" }, PRL_E_SYNTAX, "");
	take(&s, &(line_act){ .kind = "tick", .log = US, .body = "{\"to\": \"2016-09-17T13:00:01Z\"}" });
	end(&s);
}

static void nodes_say_how_they_are(void **state)
{
	(void)state;
	setup s = begin();
	refuse(&s, (line_act){ .kind = "clock.trusted", .key = "us-ops", .body = "{\"reason\": \"GPS\"}" },
	       PRL_E_REFUSED, "is not suspect");
	take(&s, &(line_act){ .kind = "clock.suspect",
			      .log = US,
			      .body = "{\"reason\": \"3 s apart\", \"wall_minus_boot_s\": 3.1}" });
	assert_true(prl_picture_node(s.us, WORK, prl_bytes_of(US))->clock_suspect);
	refuse(&s, (line_act){ .kind = "clock.suspect", .log = US, .body = "{\"reason\": \"again\"}" }, PRL_E_REFUSED,
	       "before");
	take(&s, &(line_act){ .kind = "clock.trusted", .key = "us-ops", .body = "{\"reason\": \"GPS\"}" });
	assert_false(prl_picture_node(s.us, WORK, prl_bytes_of(US))->clock_suspect);
	take(&s, &(line_act){ .kind = "node.alone", .log = US, .body = "{\"unanswered\": [\"" RU "\"]}" });
	assert_int_equal(prl_picture_node(s.us, WORK, prl_bytes_of(US))->alone, 1);
	line_act restored = { .kind = "node.restored",
			      .log = US,
			      .body = "{\"from\": \"" US "\", \"first\": 1, \"size\": 2}" };
	refuse(&s, restored, PRL_E_NOT_FOUND, "has no peer");
	restored.body = "{\"from\": \"" RU "\", \"first\": 2, \"size\": 2}";
	refuse(&s, restored, PRL_E_RANGE, "entries 2 to 2");
	restored.body = "{\"from\": \"" RU "\", \"first\": 1, \"size\": 200}";
	refuse(&s, restored, PRL_E_RANGE, "but this is entry 10");
	restored.body = "{\"from\": \"" RU "\", \"first\": 1, \"size\": 5}";
	take(&s, &restored);
	assert_int_equal(prl_picture_node(s.us, WORK, prl_bytes_of(US))->restored, 1);
	end(&s);
}

static void settings_are_local(void **state)
{
	(void)state;
	setup s = begin();
	prl_bytes name = prl_bytes_of("peer/ru/address");
	line_act set = { .kind = "setting.changed",
			 .key = "us-ops",
			 .body = "{\"name\": \"peer/ru/address\", \"value\": \"https://ru\"}" };
	take(&s, &set);
	assert_string_equal(prl_picture_setting(s.us, WORK, name), "https://ru");
	line_see(s.l, s.ru, RU, US, 0);
	assert_null(prl_picture_setting(s.ru, WORK, name));
	set.body = "{\"name\": \"peer/ru/address\", \"value\": null}";
	take(&s, &set);
	take(&s, &set);
	assert_null(prl_picture_setting(s.us, WORK, name));
	end(&s);
}

/* ---- constitution ------------------------------------------------------------------------------------------------ */

static char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	assert_non_null(at);
	prl_buffer out = PRL_BUFFER(65536);
	prl_buffer_printf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return out.data;
}

static const prl_signer *root(line *l, const char *party)
{
	return &line_key_of(l, line_text(l, "%s/root", party))->signer;
}

static void refuse_first(const char *from, const char *to, prl_status status, const char *part)
{
	line *l = line_new("us@" US " ru@" RU, NULL);
	const prl_signer *roots[] = { root(l, "us"), root(l, "ru") };
	char *body = replaced(l->constitution_body, from, to);
	prl_picture *picture = line_picture(US);
	refuse_bytes(picture, US, line_entry_by_roots(l, "constitution", body, roots, 2), status, part);
	assert_int_equal(prl_picture_count(picture, WORK, PRL_TABLE_KEY), 0);
	prl_picture_free(picture);
	free(body);
	line_free(l);
}

static void constitutions_hold_together(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	prl_signer other = line_signer("ru/root", PRL_KEY_NOTE, 3),
		   root_of_xx = line_signer("xx/root", PRL_KEY_NOTE, 0);
	prl_signer witness = line_signer(US "/witness", PRL_KEY_COSIGNATURE, 0);
	prl_signer mirror;
	uint8_t seed[32];
	prl_hash hash = line_hash(US "/witness 0");
	memcpy(seed, hash.bytes, 32);
	assert_int_equal(prl_signer_from_seed(US "/mirror", PRL_KEY_COSIGNATURE, seed, &mirror, NULL), PRL_OK);
	refuse_first("\"name\": \"ru\"", "\"name\": \"us\"", PRL_E_REFUSED,
		     "the key is called ru/root, expected us/root");
	refuse_first("\"name\": \"ru\"", "\"name\": \"us-x\"", PRL_E_REFUSED, "expected us-x/root");
	refuse_first("\"log\": \"" RU "\"", "\"log\": \"fr.example/line\"", PRL_E_NOT_FOUND,
		     "there is no log fr.example/line");
	refuse_first("\"origin\": \"" RU "\"", "\"origin\": \"" US "\"", PRL_E_REFUSED, "expected " US);
	refuse_first(line_vkey(l, root(l, "ru")), line_vkey(l, &root_of_xx), PRL_E_REFUSED, "expected ru/root");
	refuse_first(line_vkey(l, root(l, "ru")), line_vkey(l, &other), PRL_E_SIGNATURE, "is missing");
	refuse_first(line_vkey(l, root(l, "ru")), line_vkey(l, &witness), PRL_E_REFUSED,
		     "a key of type 4, expected type 1");
	refuse_first(line_vkey(l, &l->logs[0].mirror), line_vkey(l, &mirror), PRL_E_REFUSED,
		     "witness and mirror have the same public key");
	refuse_first(line_vkey(l, &l->logs[0].mirror), line_vkey(l, &l->logs[0].witness), PRL_E_REFUSED,
		     "expected " US "/mirror");
	refuse_first("\"parties\"", "\"timers\": {\"ring_s\": [60, 30, 120]}, \"parties\"", PRL_E_RANGE, "ring_s");
	refuse_first("\"parties\"", "\"number\": 1, \"parties\"", PRL_E_REFUSED, "the first constitution has none");
	refuse_first(
		"\"parties\"",
		"\"terrain\": {\"lower_m\": 10, \"upper_m\": 5, \"datum\": \"MSL\", \"source\": \"a\"}, \"parties\"",
		PRL_E_RANGE, "lower_m is above upper_m");
	refuse_first("\"log\": \"" US "\"", "\"log\": \"" US "\", \"left\": true", PRL_E_REFUSED, "has left before");
	line_free(l);
}

static void all_roots_sign_the_constitution(void **state)
{
	(void)state;
	line *l = line_new("us@" US " un@" US " ru@" RU, NULL);
	prl_picture *picture = line_picture(US);
	const prl_signer *roots[] = { root(l, "us"), root(l, "un"), root(l, "ru"), &line_key_of(l, "us-ops")->signer };
	refuse_bytes(picture, US, line_entry_by_roots(l, "constitution", l->constitution_body, roots, 2),
		     PRL_E_SIGNATURE, "a signature by ru/root");
	refuse_bytes(picture, US, line_entry_by_roots(l, "constitution", l->constitution_body, roots, 4),
		     PRL_E_SIGNATURE, "4 signatures, of which 3 are by root keys");
	prl_bytes right = line_entry_by_roots(l, "constitution", l->constitution_body, roots, 3);
	char *changed = prl_text_copy(right.data, right.size);
	memcpy(strstr(changed, "a line for"), "A", 1);
	refuse_bytes(picture, US, (prl_bytes){ changed, right.size }, PRL_E_SIGNATURE, "");
	free(changed);
	assert_int_equal(line_apply(picture, US, right, NULL), PRL_OK);
	const prl_constitution *c = prl_picture_constitution(picture, WORK);
	assert_int_equal(c->party_count, 3);
	assert_int_equal(c->log_count, 2);
	assert_int_equal(c->ring_s[2], 120);
	assert_int_equal(c->deemed_s, PRL_DEFAULT_DEEMED_S);
	assert_int_equal(c->contents_days, -1);
	assert_string_equal(prl_picture_party(picture, WORK, prl_bytes_of("ru"))->log, RU);
	assert_null(prl_picture_key(picture, WORK, prl_bytes_of("ru/root"))); /* its home is the other log */
	prl_picture_free(picture);
	line_free(l);
}

static void refuse_amendment(setup *s, const char *body, const prl_signer *const *signers, size_t count,
			     prl_status status, const char *part)
{
	refuse_bytes(s->us, US, line_entry_by_roots(s->l, "constitution.amended", body, signers, count), status, part);
}

static void amendments_are_signed_by_old_and_new(void **state)
{
	(void)state;
	setup s = begin();
	prl_signer new_root = line_signer("us/root", PRL_KEY_NOTE, 1);
	const prl_signer *old = root(s.l, "us");
	const prl_signer *roots[] = { old, root(s.l, "un"), root(s.l, "ru"), &new_root };
	char *numbered = replaced(s.l->constitution_body, "\"parties\"", "\"number\": 1, \"parties\"");
	char *body = replaced(numbered, line_vkey(s.l, old), line_vkey(s.l, &new_root));
	char *far = replaced(body, "\"number\": 1", "\"number\": 2");
	refuse_amendment(&s, s.l->constitution_body, roots, 4, PRL_E_STALE, "amendment 0, expected 1");
	refuse_amendment(&s, far, roots, 4, PRL_E_STALE, "amendment 2, expected 1");
	refuse_amendment(&s, body, roots, 3, PRL_E_SIGNATURE, "a signature by us/root");
	refuse_amendment(&s, body, roots + 1, 3, PRL_E_SIGNATURE, "a signature by us/root");
	char *gone = replaced(body, "\"name\": \"un\"", "\"name\": \"xx\"");
	refuse_amendment(&s, gone, roots, 4, PRL_E_REFUSED, "expected xx/root");
	char *moved = replaced(body, "\"log\": \"" US "\"", "\"log\": \"" RU "\"");
	refuse_amendment(&s, moved, roots, 4, PRL_E_REFUSED, "has its keys in log " US);
	prl_bytes right = line_entry_by_roots(s.l, "constitution.amended", body, roots, 4);
	assert_int_equal(line_apply(s.us, US, right, NULL), PRL_OK);
	line_append(s.l, US, right);
	assert_int_equal(prl_picture_constitution(s.us, WORK)->number, 1);
	assert_memory_equal(key_of(&s, "us/root")->verifier.public_key, new_root.verifier.public_key, 32);
	refuse_bytes(s.us, US, right, PRL_E_STALE, "amendment 1, expected 2");
	refuse(&s, (line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") },
	       PRL_E_SIGNATURE, "no such key");
	line_key_of(s.l, "us/root")->signer = new_root;
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });

	/* the other log takes the same bytes after it has seen them take effect here; without the new root it would not
	 */
	assert_int_equal(prl_picture_constitution(s.ru, WORK)->number, 0);
	line_see(s.l, s.ru, RU, US, 0);
	assert_int_equal(prl_picture_constitution(s.ru, WORK)->number, 0);
	refuse_bytes(s.ru, RU, line_entry_by_roots(s.l, "constitution.amended", body, roots + 1, 2), PRL_E_SIGNATURE,
		     "is missing");
	assert_int_equal(line_apply(s.ru, RU, right, NULL), PRL_OK);
	assert_int_equal(prl_picture_constitution(s.ru, WORK)->number, 1);
	free(numbered);
	free(body);
	free(far);
	free(gone);
	free(moved);
	end(&s);
}

/* The other log gets the amendment first: the party's own log comes to have the new root when it gets it too. */
static void amendments_may_come_elsewhere_first(void **state)
{
	(void)state;
	setup s = begin();
	prl_signer new_root = line_signer("us/root", PRL_KEY_NOTE, 1);
	const prl_signer *roots[] = { root(s.l, "us"), root(s.l, "un"), root(s.l, "ru"), &new_root };
	char *numbered = replaced(s.l->constitution_body, "\"parties\"", "\"number\": 1, \"parties\"");
	char *body = replaced(numbered, line_vkey(s.l, roots[0]), line_vkey(s.l, &new_root));
	prl_bytes right = line_entry_by_roots(s.l, "constitution.amended", body, roots, 4);
	assert_int_equal(line_apply(s.ru, RU, right, NULL), PRL_OK);
	line_append(s.l, RU, right);
	line_see(s.l, s.us, US, RU, 0);
	take(&s, &(line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-air", "us-air") });
	assert_int_equal(line_apply(s.us, US, right, NULL), PRL_OK);
	refuse(&s, (line_act){ .kind = "desk.opened", .key = "us/root", .body = desk_body(&s, "us-sea", "us-sea") },
	       PRL_E_SIGNATURE, "no such key");
	free(numbered);
	free(body);
	end(&s);
}

static void a_party_leaves(void **state)
{
	(void)state;
	setup s = begin();
	const prl_signer *roots[] = { root(s.l, "us"), root(s.l, "un"), root(s.l, "ru") };
	char *numbered = replaced(s.l->constitution_body, "\"parties\"", "\"number\": 1, \"parties\"");
	char *body = replaced(numbered, "\"title\": \"Party un\"", "\"title\": \"Party un\", \"left\": true");
	prl_bytes right = line_entry_by_roots(s.l, "constitution.amended", body, roots, 3);
	assert_int_equal(line_apply(s.us, US, right, NULL), PRL_OK);
	refuse(&s, (line_act){ .kind = "message.sent", .key = "un-ops/1", .body = SAY }, PRL_E_REFUSED,
	       "not of this line");
	refuse(&s,
	       (line_act){
		       .kind = "message.sent", .key = "us-ops/1", .body = message_body(&s, "\"to\": [\"un\"], ", "x") },
	       PRL_E_NOT_FOUND, "party un is not of this line");
	free(body);
	body = replaced(s.l->constitution_body, "\"parties\"", "\"number\": 2, \"parties\"");
	refuse_amendment(&s, body, roots, 3, PRL_E_REFUSED, "comes back under another name");
	free(numbered);
	free(body);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(desks_are_opened),
		cmocka_unit_test(desks_are_closed_by_two),
		cmocka_unit_test(keys_are_certified_by_their_desk),
		cmocka_unit_test(keys_are_rotated_by_themselves),
		cmocka_unit_test(root_keys_are_rotated),
		cmocka_unit_test(keys_are_revoked),
		cmocka_unit_test(keys_are_compromised),
		cmocka_unit_test(programs_come_and_go),
		cmocka_unit_test(peers_are_seen),
		cmocka_unit_test(peers_have_faults_and_fork),
		cmocka_unit_test(messages_are_sent),
		cmocka_unit_test(contents_arrive),
		cmocka_unit_test(contents_are_deleted_by_the_rule),
		cmocka_unit_test(time_does_not_go_back),
		cmocka_unit_test(nodes_say_how_they_are),
		cmocka_unit_test(settings_are_local),
		cmocka_unit_test(constitutions_hold_together),
		cmocka_unit_test(all_roots_sign_the_constitution),
		cmocka_unit_test(amendments_are_signed_by_old_and_new),
		cmocka_unit_test(amendments_may_come_elsewhere_first),
		cmocka_unit_test(a_party_leaves),
	};
	return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}
