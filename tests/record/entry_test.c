#include "base/hash.h"
#include "base/text.h"
#include "record/key.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define ZERO "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define DASH "\xe2\x80\x94 "
#define SIGN "\n" DASH "k AAAAAAA=\n"

#define FIRST  "parley/v1 notice.filed\n"
#define LINE   "line " HASH "\n"
#define LOG    "log us.example/line\n"
#define PARTY  "party us\n"
#define DESK   "desk us-ops\n"
#define KEY    "key k\n"
#define CHAIN  "serial 142\nprevious " HASH "\n"
#define SEEN   "seen ru.example/line 812 " HASH "\n"
#define MODE   "mode REAL\n"
#define TIME   "time 2016-09-17T12:55:00.123Z\n"
#define BODY   "\n{}\n"
#define SIGNED FIRST LINE LOG PARTY DESK KEY CHAIN SEEN MODE TIME BODY SIGN

static void design_s_entry(void **state)
{
	(void)state;
	prl_entry e;
	prl_hash empty = prl_sha256("", 0), whole = prl_sha256(SIGNED, strlen(SIGNED));
	assert_int_equal(prl_entry_read(prl_bytes_of(SIGNED), &e, NULL), PRL_OK);
	assert_true(prl_bytes_is(e.whole, SIGNED));
	assert_true(prl_hash_equal(&e.hash, &whole));
	assert_true(prl_bytes_is(e.kind, "notice.filed") && prl_bytes_is(e.log, "us.example/line"));
	assert_true(prl_bytes_is(e.party, "us") && prl_bytes_is(e.desk, "us-ops") && prl_bytes_is(e.key, "k"));
	assert_true(e.has_line && prl_hash_equal(&e.line, &empty) && e.has_previous &&
		    prl_hash_equal(&e.previous, &empty));
	assert_null(e.recorded.data);
	assert_int_equal(e.serial, 142);
	assert_int_equal(e.seen_count, 1);
	assert_true(prl_bytes_is(e.seen[0].log, "ru.example/line") && e.seen[0].size == 812 &&
		    prl_hash_equal(&e.seen[0].root, &empty));
	assert_int_equal(e.mode, PRL_MODE_REAL);
	assert_int_equal(e.time, INT64_C(1474116900123) * 1000000);
	assert_true(prl_bytes_is(e.body, "{}"));
	assert_int_equal(e.note.count, 1);
	assert_true(prl_bytes_is(e.note.text, FIRST LINE LOG PARTY DESK KEY CHAIN SEEN MODE TIME BODY));
}

static void other_forms(void **state)
{
	(void)state;
	static const char *const right[] = {
		FIRST LINE LOG PARTY KEY "serial 1\nprevious " ZERO "\nmode EXERCISE\n" TIME BODY SIGN,
		FIRST LINE LOG PARTY KEY "serial 18446744073709551615\nprevious " HASH
					 "\nmode TEST\n" TIME BODY SIGN SIGN,
		FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17T12:55:00Z\n" BODY SIGN,
		FIRST LINE LOG "recorded node\n" MODE TIME BODY "\n",
		FIRST LINE LOG PARTY "recorded utm.example:443\n" MODE TIME BODY "\n",
		"parley/v1 constitution\n" MODE TIME BODY SIGN DASH "r AAAAAAA=\n",
		"parley/v1 login\n" LINE LOG PARTY KEY MODE TIME BODY SIGN,
		FIRST LINE LOG PARTY KEY CHAIN MODE TIME "\n{\n\n}\n\n\n" SIGN,
		FIRST LINE LOG PARTY KEY CHAIN "seen a 0 " HASH "\nseen b 9223372036854775807 " HASH
					       "\n" MODE TIME BODY SIGN,
	};
	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		prl_entry e;
		prl_error err = { 0 };
		prl_status status = prl_entry_read(prl_bytes_of(right[i]), &e, &err);
		if (status)
			print_error("%zu: line %zu: %s\n", i, err.line, err.text);
		assert_int_equal(status, PRL_OK);
		assert_int_equal(e.body.data[0], '{');
	}
}

/* Each text breaks one rule; the message names the line, and says what stands or what was expected. */
static void heads_are_strict(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t line;
		const char *words;
	} wrong[] = {
		{ "parley/v2 a\n" MODE TIME BODY SIGN, 1, "parley/v1 KIND" },
		{ "parley/v1 \n" MODE TIME BODY SIGN, 1, "parley/v1 KIND" },
		{ "parley/v1  a\n" MODE TIME BODY SIGN, 1, "kind" },
		{ "parley/v1 a \n" MODE TIME BODY SIGN, 1, "kind" },
		{ "parley/v1 a b\n" MODE TIME BODY SIGN, 1, "kind" },
		{ FIRST LOG LINE PARTY KEY CHAIN MODE TIME BODY SIGN, 3, "party, desk" },
		{ FIRST LINE LINE LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 3, "log, party" },
		{ FIRST LINE LOG DESK PARTY KEY CHAIN MODE TIME BODY SIGN, 5, "\"party us\"" },
		{ FIRST LINE LOG PARTY KEY "previous " HASH "\nserial 142\n" MODE TIME BODY SIGN, 7, "\"serial 142\"" },
		{ FIRST LINE LOG PARTY KEY CHAIN TIME MODE BODY SIGN, 9, "\"mode REAL\"" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME TIME BODY SIGN, 10, "\"time " },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME SEEN BODY SIGN, 10, "\"seen " },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE MODE TIME BODY SIGN, 9, "time, " },
		{ FIRST LINE LOG PARTY KEY CHAIN "colour blue\n" MODE TIME BODY SIGN, 8, "seen, recorded, mode, time" },
		{ FIRST " " LINE LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 2, "line" },
		{ FIRST "line\n" LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 2, "line" },
		{ FIRST "line " HASH " \n" LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 2, "SHA-256" },
		{ FIRST "line 47DE\n" LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 2, "SHA-256" },
		{ FIRST LINE "log \n" PARTY KEY CHAIN MODE TIME BODY SIGN, 3, "letters" },
		{ FIRST LINE "log a b\n" PARTY KEY CHAIN MODE TIME BODY SIGN, 3, "letters" },
		{ FIRST LINE "log é\n" PARTY KEY CHAIN MODE TIME BODY SIGN, 3, "letters" },
		{ FIRST LINE LOG "party u+s\n" KEY CHAIN MODE TIME BODY SIGN, 4, "letters" },
		{ FIRST LINE LOG PARTY "desk \"\n" KEY CHAIN MODE TIME BODY SIGN, 5, "letters" },
		{ FIRST LINE LOG PARTY KEY "serial 0\nprevious " HASH "\n" MODE TIME BODY SIGN, 6, "from 1" },
		{ FIRST LINE LOG PARTY KEY "serial 01\nprevious " HASH "\n" MODE TIME BODY SIGN, 6, "from 1" },
		{ FIRST LINE LOG PARTY KEY "serial -1\nprevious " HASH "\n" MODE TIME BODY SIGN, 6, "from 1" },
		{ FIRST LINE LOG PARTY KEY "serial 18446744073709551616\nprevious " HASH "\n" MODE TIME BODY SIGN, 6,
		  "from 1" },
		{ FIRST LINE LOG PARTY KEY CHAIN "seen a\n" MODE TIME BODY SIGN, 8, "log, size" },
		{ FIRST LINE LOG PARTY KEY CHAIN "seen a 1\n" MODE TIME BODY SIGN, 8, "log, size" },
		{ FIRST LINE LOG PARTY KEY CHAIN "seen a 1 " HASH " \n" MODE TIME BODY SIGN, 8, "log, size" },
		{ FIRST LINE LOG PARTY KEY CHAIN "seen a 9223372036854775808 " HASH "\n" MODE TIME BODY SIGN, 8,
		  "log, size" },
		{ FIRST LINE LOG PARTY KEY CHAIN SEEN SEEN MODE TIME BODY SIGN, 9, "each log once" },
		{ FIRST LINE LOG PARTY KEY CHAIN "mode real\n" TIME BODY SIGN, 8, "EXERCISE" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17T12:55:00+00:00\n" BODY SIGN, 9, "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17t12:55:00Z\n" BODY SIGN, 9, "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17T12:55:00z\n" BODY SIGN, 9, "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17 12:55:00Z\n" BODY SIGN, 9, "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-09-17T12:55:00.1234567890Z\n" BODY SIGN, 9,
		  "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-12-31T23:59:60Z\n" BODY SIGN, 9, "RFC 3339" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE "time 2016-02-30T12:55:00Z\n" BODY SIGN, 9, "RFC 3339" },
		/* forms */
		{ FIRST LINE LOG PARTY KEY CHAIN TIME BODY SIGN, 9, "mode and time" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE BODY SIGN, 9, "mode and time" },
		{ FIRST LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 9, "beside a key" },
		{ FIRST LINE PARTY KEY CHAIN MODE TIME BODY SIGN, 9, "beside a key" },
		{ FIRST LINE LOG KEY CHAIN MODE TIME BODY SIGN, 9, "beside a key" },
		{ FIRST LINE LOG PARTY KEY "serial 2\n" MODE TIME BODY SIGN, 9, "beside a key" },
		{ FIRST LINE LOG PARTY KEY "previous " HASH "\n" MODE TIME BODY SIGN, 9, "beside a key" },
		{ FIRST LINE LOG PARTY KEY MODE TIME BODY SIGN, 8, "beside a key" },
		{ FIRST LINE LOG PARTY KEY CHAIN "recorded r\n" MODE TIME BODY SIGN, 11, "no recorded" },
		{ FIRST LINE LOG PARTY KEY "serial 1\nprevious " HASH "\n" MODE TIME BODY SIGN, 10, "32 zero bytes" },
		{ FIRST LINE LOG PARTY KEY "serial 2\nprevious " ZERO "\n" MODE TIME BODY SIGN, 10, "32 zero bytes" },
		{ "parley/v1 login\n" LINE LOG PARTY KEY CHAIN MODE TIME BODY SIGN, 10, "login" },
		{ FIRST LOG "recorded r\n" MODE TIME BODY "\n", 6, "beside recorded" },
		{ FIRST LINE "recorded r\n" MODE TIME BODY "\n", 6, "beside recorded" },
		{ FIRST LINE LOG DESK "recorded r\n" MODE TIME BODY "\n", 8, "beside recorded" },
		{ FIRST LINE LOG SEEN "recorded r\n" MODE TIME BODY "\n", 8, "beside recorded" },
		{ FIRST LINE LOG CHAIN "recorded r\n" MODE TIME BODY "\n", 9, "beside recorded" },
		{ FIRST LINE MODE TIME BODY SIGN, 5, "key or recorded" },
		{ FIRST PARTY MODE TIME BODY SIGN, 5, "key or recorded" },
		{ FIRST SEEN MODE TIME BODY SIGN, 5, "key or recorded" },
		/* bodies and signatures */
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME SIGN, 10, "JSON body" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME "\n" SIGN, 11, "JSON body" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME "\n\n" SIGN, 11, "JSON body" },
		{ FIRST LINE LOG "recorded r\n" MODE TIME BODY SIGN, 0, "expected none" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME BODY "\n", 0, "no signature line" },
		{ "parley/v1 constitution\n" MODE TIME BODY "\n", 0, "no signature line" },
		{ FIRST LINE LOG PARTY "key j\n" CHAIN MODE TIME BODY SIGN, 0, "expected its key j" },
		{ FIRST LINE LOG PARTY KEY CHAIN MODE TIME BODY, 0, "signature line" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_entry e = { .serial = 7 };
		prl_error err = { 0 };
		prl_status status = prl_entry_read(prl_bytes_of(wrong[i].text), &e, &err);
		if (status != PRL_E_SYNTAX || (wrong[i].line && err.line != wrong[i].line) ||
		    !strstr(err.text, wrong[i].words))
			fail_msg("%zu: status %d line %zu: %s", i, status, err.line, err.text);
		assert_true(err.status == PRL_E_SYNTAX && e.serial == 7);
	}
}

static void sizes(void **state)
{
	(void)state;
	static char text[PRL_ENTRY_MAX + 2];
	static const char head[] = FIRST LINE LOG "recorded r\n" MODE TIME "\n";
	prl_entry e;
	for (size_t size = PRL_ENTRY_MAX - 1; size <= PRL_ENTRY_MAX + 1; size++) {
		memset(text, '1', size);
		memcpy(text, head, strlen(head));
		memcpy(text + size - 2, "\n\n", 2);
		assert_int_equal(prl_entry_read((prl_bytes){ text, size }, &e, NULL),
				 size > PRL_ENTRY_MAX ? PRL_E_TOO_LARGE : PRL_OK);
	}
	/* eight seen lines and no more; names of 128 bytes and no more */
	size_t length = (size_t)sprintf(text, FIRST LINE LOG PARTY KEY CHAIN);
	for (char log = 'a'; log < 'i'; log++)
		length += (size_t)sprintf(text + length, "seen %c 1 " HASH "\n", log);
	sprintf(text + length, MODE TIME BODY SIGN);
	assert_int_equal(prl_entry_read(prl_bytes_of(text), &e, NULL), PRL_OK);
	assert_int_equal(e.seen_count, 8);
	sprintf(text + length, "seen i 1 " HASH "\n" MODE TIME BODY SIGN);
	assert_int_equal(prl_entry_read(prl_bytes_of(text), &e, NULL), PRL_E_SYNTAX);
	for (int size = 127; size <= 129; size++) {
		sprintf(text, FIRST LINE LOG "party %0*d\n" KEY CHAIN MODE TIME BODY SIGN, size, 1);
		assert_int_equal(prl_entry_read(prl_bytes_of(text), &e, NULL), size > 128 ? PRL_E_SYNTAX : PRL_OK);
	}
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

typedef struct random_entry {
	prl_entry_head head;
	char names[5][PRL_KEY_NAME_MAX + 1], logs[8][PRL_KEY_NAME_MAX + 1];
	prl_hash line, previous;
	char body[300];
	size_t body_size;
} random_entry;

static const char *random_name(rnd *r, char name[PRL_KEY_NAME_MAX + 1])
{
	static const char letters[] = "abcxyzABCXYZ019._/-:";
	size_t size = rnd_chance(r, 0.1) ? PRL_KEY_NAME_MAX : 1 + rnd_below(r, 20);
	for (size_t i = 0; i < size; i++)
		name[i] = letters[rnd_below(r, sizeof letters - 1)];
	name[size] = 0;
	return name;
}

static prl_hash random_hash(rnd *r)
{
	uint64_t word = rnd_u64(r);
	return prl_sha256(&word, sizeof word);
}

static void random_signed(rnd *r, random_entry *e, const char *key)
{
	prl_entry_head *head = &e->head;
	head->key = key;
	head->party = random_name(r, e->names[2]);
	head->desk = rnd_chance(r, 0.5) ? random_name(r, e->names[3]) : NULL;
	head->serial = rnd_chance(r, 0.2) ? 1 : rnd_u64(r) >> rnd_below(r, 63) | 2;
	e->previous = head->serial == 1 ? (prl_hash){ { 0 } } : random_hash(r);
	head->previous = &e->previous;
	head->seen_count = rnd_below(r, 9);
	for (size_t i = 0; i < head->seen_count; i++) {
		random_name(r, e->logs[i]);
		e->logs[i][0] = (char)('0' + i); /* each log once */
		head->seen[i].log = e->logs[i];
		head->seen[i].size = rnd_u64(r) >> (1 + rnd_below(r, 63));
		head->seen[i].root = random_hash(r);
	}
}

static void random_entry_make(rnd *r, random_entry *e, const char *key)
{
	*e = (random_entry){ 0 };
	prl_entry_head *head = &e->head;
	size_t form = rnd_below(r, 4);
	head->kind = random_name(r, e->names[0]);
	if (form < 3) {
		e->line = random_hash(r);
		head->line = &e->line;
		head->log = random_name(r, e->names[1]);
	}
	if (form < 2)
		random_signed(r, e, key);
	else if (form == 2)
		head->recorded = random_name(r, e->names[4]);
	head->mode = (prl_mode)rnd_below(r, 3);
	/* years 1678 to 2261, in nanoseconds, microseconds or milliseconds */
	int64_t unit = (const int64_t[]){ 1, 1000, 1000000 }[rnd_below(r, 3)];
	head->time = (int64_t)(rnd_between(r, -9.2e18, 9.2e18)) / unit * unit;
	for (size_t size = 1 + rnd_below(r, 290); e->body_size < size;)
		e->body[e->body_size++] = "{}\"\n\n\n a:1,"[rnd_below(r, 11)];
}

static void assert_name(const char *written, prl_bytes read)
{
	assert_true(written ? prl_bytes_is(read, written) : read.data == NULL);
}

static void assert_same(const random_entry *w, const prl_entry *e)
{
	const prl_entry_head *head = &w->head;
	assert_name(head->kind, e->kind);
	assert_name(head->log, e->log);
	assert_name(head->party, e->party);
	assert_name(head->desk, e->desk);
	assert_name(head->key, e->key);
	assert_name(head->recorded, e->recorded);
	assert_true(e->has_line == (head->line != NULL) && (!e->has_line || prl_hash_equal(&e->line, head->line)));
	assert_true(e->has_previous == (head->previous != NULL) &&
		    (!e->has_previous || prl_hash_equal(&e->previous, head->previous)));
	assert_true(e->serial == head->serial && e->seen_count == head->seen_count && e->mode == head->mode &&
		    e->time == head->time);
	for (size_t i = 0; i < head->seen_count; i++) {
		assert_name(head->seen[i].log, e->seen[i].log);
		assert_true(e->seen[i].size == head->seen[i].size &&
			    prl_hash_equal(&e->seen[i].root, &head->seen[i].root));
	}
	assert_true(prl_bytes_equal(e->body, (prl_bytes){ w->body, w->body_size }));
}

/* What is written is read as it was meant, signed by those who signed it. */
static void round_trip(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("entry");
	size_t count = rnd_count(1000, 100000);
	prl_signer a, b;
	assert_int_equal(prl_signer_new("us-ops/console-2", PRL_KEY_NOTE, &a, NULL), PRL_OK);
	assert_int_equal(prl_signer_new("us-ops/console-3", PRL_KEY_NOTE, &b, NULL), PRL_OK);
	const prl_signer *const signers[] = { &a, &b };
	const prl_verifier verifiers[] = { a.verifier, b.verifier };
	for (size_t n = 0; n < count; n++) {
		rnd r = rnd_case(seed, n);
		random_entry w;
		prl_entry e;
		prl_error err;
		char text[4000];
		random_entry_make(&r, &w, a.verifier.name);
		size_t signed_by = w.head.recorded ? 0 : 1 + rnd_below(&r, 2);
		size_t size = prl_entry_write(&w.head, (prl_bytes){ w.body, w.body_size }, signers, signed_by, text,
					      sizeof text);
		assert_true(size > 0);
		prl_status status = prl_entry_read((prl_bytes){ text, size }, &e, &err);
		if (status)
			print_error("case %zu: line %zu: %s\n%.*s", n, err.line, err.text, (int)size, text);
		assert_int_equal(status, PRL_OK);
		assert_same(&w, &e);
		bool is_signed[2];
		assert_int_equal(prl_note_verify(&e.note, verifiers, 2, is_signed, NULL), PRL_OK);
		assert_true(is_signed[0] == (signed_by > 0) && is_signed[1] == (signed_by > 1) &&
			    e.note.count == signed_by);
		/* into exactly the room it takes, and into one byte less */
		assert_int_equal(
			prl_entry_write(&w.head, (prl_bytes){ w.body, w.body_size }, signers, signed_by, text, size),
			size);
		assert_int_equal(prl_entry_write(&w.head, (prl_bytes){ w.body, w.body_size }, signers, signed_by, text,
						 size - 1),
				 0);
	}
}

static size_t write_with(const prl_entry_head *head, const char *body, const prl_signer *signer)
{
	static char text[PRL_ENTRY_MAX];
	return prl_entry_write(head, prl_bytes_of(body), &signer, signer ? 1 : 0, text, sizeof text);
}

/* DEL is no letter of a note; JSON has it as it is, and as an escape that says the same. */
static void del_is_written_as_an_escape(void **state)
{
	(void)state;
	prl_signer k;
	prl_hash hash = prl_sha256("", 0);
	prl_entry e;
	static char text[PRL_ENTRY_MAX];
	assert_int_equal(prl_signer_new("k", PRL_KEY_NOTE, &k, NULL), PRL_OK);
	const prl_signer *signers[] = { &k };
	const prl_entry_head head = {
		.kind = "a", .line = &hash, .log = "l", .party = "p", .key = "k", .serial = 2, .previous = &hash
	};
	size_t size = prl_entry_write(&head,
				      prl_bytes_of("{\"a\": \"\x7f"
						   "b\x7f\"}"),
				      signers, 1, text, sizeof text);
	assert_true(size > 0);
	assert_int_equal(prl_entry_read((prl_bytes){ text, size }, &e, NULL), PRL_OK);
	assert_true(prl_bytes_is(e.body, "{\"a\": \"\\u007fb\\u007f\"}"));
}

static void what_nobody_could_read_is_not_written(void **state)
{
	(void)state;
	prl_signer k, cosigner;
	prl_hash hash = prl_sha256("", 0), zero = { { 0 } };
	assert_int_equal(prl_signer_new("k", PRL_KEY_NOTE, &k, NULL), PRL_OK);
	assert_int_equal(prl_signer_new("k", PRL_KEY_COSIGNATURE, &cosigner, NULL), PRL_OK);
	const prl_entry_head good = {
		.kind = "a", .line = &hash, .log = "l", .party = "p", .key = "k", .serial = 2, .previous = &hash
	};
	assert_true(write_with(&good, "{}", &k) > 0);
	assert_int_equal(write_with(&good, "{}", NULL), 0);
	assert_int_equal(write_with(&good, "{}", &cosigner), 0);
	assert_int_equal(write_with(&good, "", &k), 0);
	assert_int_equal(write_with(&good, "\x01", &k), 0);
	assert_int_equal(write_with(&good, "\xff", &k), 0);
#define NOT_WRITTEN(change)                                                                                            \
	do {                                                                                                           \
		prl_entry_head head = good;                                                                            \
		head.change;                                                                                           \
		assert_int_equal(write_with(&head, "{}", &k), 0);                                                      \
	} while (0)
	NOT_WRITTEN(kind = NULL);
	NOT_WRITTEN(kind = "a\nmode TEST");
	NOT_WRITTEN(party = "p\ndesk d");
	NOT_WRITTEN(log = "");
	NOT_WRITTEN(key = "j");
	NOT_WRITTEN(key = NULL);
	NOT_WRITTEN(recorded = "r");
	NOT_WRITTEN(line = NULL);
	NOT_WRITTEN(serial = 0);
	NOT_WRITTEN(serial = 1);
	NOT_WRITTEN(previous = &zero);
	NOT_WRITTEN(mode = (prl_mode)3);
	NOT_WRITTEN(seen_count = 9);
	NOT_WRITTEN(time = INT64_MAX); /* 2262: past the years that are read */
#undef NOT_WRITTEN
	prl_entry_head head = good;
	head.seen_count = 1;
	head.seen[0].log = "a 1";
	assert_int_equal(write_with(&head, "{}", &k), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(design_s_entry),
		cmocka_unit_test(other_forms),
		cmocka_unit_test(heads_are_strict),
		cmocka_unit_test(sizes),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(what_nobody_could_read_is_not_written),
		cmocka_unit_test(del_is_written_as_an_escape),
	};
	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
