#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/key.h"
#include "support/random.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOT  "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define TEXT  "log.example/a\n7\n" ROOT "\n"
#define SEATS 24

/* Two logs, and witnesses that tests seat as they need. */
static prl_signer logs[2], witnesses[SEATS];
static char log_keys[2][PRL_KEY_TEXT_MAX], keys[SEATS][PRL_KEY_TEXT_MAX];

static int make_keys(void **state)
{
	(void)state;
	uint8_t seed[32] = { 0 };
	for (size_t i = 0; i < SEATS; i++) {
		char name[20];
		snprintf(name, sizeof name, "w%zu.example", i);
		seed[0] = (uint8_t)(i + 1);
		assert_int_equal(prl_signer_from_seed(name, PRL_KEY_COSIGNATURE, seed, &witnesses[i], NULL), PRL_OK);
		prl_verifier_write(&witnesses[i].verifier, keys[i]);
	}
	for (size_t i = 0; i < 2; i++) {
		seed[0] = (uint8_t)(200 + i);
		assert_int_equal(
			prl_signer_from_seed(i ? "log.example/b" : "log.example/a", PRL_KEY_NOTE, seed, &logs[i], NULL),
			PRL_OK);
		prl_verifier_write(&logs[i].verifier, log_keys[i]);
	}
	return 0;
}

/* Replaces @0 … @9 by the keys of witnesses and @a, @b by those of logs. */
static char *fill(const char *pattern, char text[20000])
{
	char *at = text;
	for (; *pattern; pattern++)
		if (*pattern == '@') {
			pattern++;
			at = stpcpy(at, *pattern == 'a'   ? log_keys[0]
					: *pattern == 'b' ? log_keys[1]
							  : keys[*pattern - '0']);
		} else {
			*at++ = *pattern;
		}
	*at = 0;
	return text;
}

static prl_policy *read_policy(const char *pattern)
{
	char text[20000];
	prl_policy *policy = NULL;
	prl_error err = { 0 };
	if (prl_policy_read(prl_bytes_of(fill(pattern, text)), &policy, &err))
		fail_msg("line %zu: %s", err.line, err.text);
	return policy;
}

/* TEXT signed by log a, with cosignatures of those named in who, "0:100 3:90 …", seat and time. */
static prl_bytes cosigned(const char *who, char bytes[16384])
{
	char line[PRL_SIGNATURE_LINE_MAX];
	assert_true(prl_note_sign(prl_bytes_of(TEXT), &logs[0], line) > 0);
	size_t size = (size_t)sprintf(bytes, TEXT "\n%s", line);
	for (char *end; *who; who = *end ? end + 1 : end) {
		unsigned long seat = strtoul(who, &end, 10), time_s = strtoul(end + 1, &end, 10);
		assert_true(prl_cosign(prl_bytes_of(TEXT), &witnesses[seat], time_s, line) > 0);
		size += (size_t)sprintf(bytes + size, "%s", line);
	}
	return (prl_bytes){ bytes, size };
}

static prl_status check(const prl_policy *policy, const char *who, uint64_t *ret_time_s, prl_error *err)
{
	char bytes[16384];
	prl_checkpoint checkpoint = { .size = 99 };
	prl_status status = prl_policy_check(policy, cosigned(who, bytes), &checkpoint, ret_time_s, err);
	assert_int_equal(checkpoint.size, status ? 99 : 7);
	return status;
}

/* The example of tlog-policy: two of three X and one of three Y. */
#define EXAMPLE                                                                                                        \
	"log @a\n\nwitness X1 @1\nwitness X2 @2\nwitness X3 @3\ngroup X-witnesses 2 X1 X2 X3\n\nwitness Y1 @4\n"       \
	"witness Y2 @5\nwitness Y3 @6\ngroup Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\n"  \
	"quorum X-and-Y\n"

static void example_of_the_specification(void **state)
{
	(void)state;
	prl_policy *policy = read_policy(EXAMPLE);
	prl_error err;
	uint64_t time_s = 1;
	assert_int_equal(check(policy, "1:100 2:300 4:200", &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 300);
	assert_int_equal(check(policy, "1:100 2:300 3:50 4:200 5:90", &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 100); /* X at 100, its second; Y at 90 */
	assert_int_equal(check(policy, "1:1 3:2 6:3", NULL, NULL), PRL_OK);
	time_s = 1;
	assert_int_equal(check(policy, "1:100 2:300", &time_s, &err), PRL_E_SIGNATURE);
	assert_string_equal(err.text, "the quorum is not there: no cosignature of Y1, Y2, Y3");
	assert_int_equal(check(policy, "1:100 4:300 5:1", &time_s, &err), PRL_E_SIGNATURE);
	assert_string_equal(err.text, "the quorum is not there: no cosignature of X2, X3");
	assert_int_equal(check(policy, "", &time_s, &err), PRL_E_SIGNATURE);
	assert_string_equal(err.text, "the quorum is not there: no cosignature of X1, X2, X3, Y1, Y2, Y3");
	assert_int_equal(check(policy, "7:1 8:1 9:1", &time_s, &err), PRL_E_SIGNATURE); /* cosigned by strangers */
	assert_int_equal(time_s, 1);
	prl_policy_free(policy);
	prl_policy_free(NULL);
}

static void form_is_free(void **state)
{
	(void)state;
	static const char *const right[] = {
		"quorum none\n",
		"\n \t\n# a comment, é\xff\n  # another\nlog @a https://log.example/ \n\twitness\tw "
		"\t@1\thttps://w.example \nquorum w\n",
		"witness w @1\nquorum w\nlog @a\n",
		"witness \xff\xfe @1\ngroup \xe2\x84\xaa 1 \xff\xfe\nquorum \xe2\x84\xaa\n",
		"witness w @1\nwitness v @2\ngroup g all w v\nquorum w\n",
		"log @a\nlog @b\nquorum none\n",
		"witness log @1\ngroup quorum any log\nquorum quorum\n",
	};
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		prl_policy_free(read_policy(right[i]));
}

static void faults_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t line;
		prl_status status;
		const char *words;
	} wrong[] = {
		{ "", 1, PRL_E_SYNTAX, "without a quorum" },
		{ "log @a\n", 2, PRL_E_SYNTAX, "without a quorum" },
		{ "quorum none", 1, PRL_E_SYNTAX, "newline" },
		{ "quorum none\nquorum none\n", 2, PRL_E_DUPLICATE, "second quorum" },
		{ "quorum\n", 1, PRL_E_SYNTAX, "none" },
		{ "quorum none none\n", 1, PRL_E_SYNTAX, "nothing" },
		{ "quorum w\nwitness w @1\n", 1, PRL_E_SYNTAX, "before" },
		{ "Log @a\nquorum none\n", 1, PRL_E_SYNTAX, "log, witness" },
		{ "log\nquorum none\n", 1, PRL_E_SYNTAX, "vkey" },
		{ "log @aX\nquorum none\n", 1, PRL_E_SYNTAX, "name+8 hex" },
		{ "log @1\nquorum none\n", 1, PRL_E_SYNTAX, "0x01" },
		{ "log @a u v\nquorum none\n", 1, PRL_E_SYNTAX, "nothing" },
		{ "log @a\n\nlog @a\nquorum none\n", 3, PRL_E_DUPLICATE, "each key once" },
		{ "witness w @a\nquorum none\n", 1, PRL_E_SYNTAX, "0x04" },
		{ "witness w\nquorum none\n", 1, PRL_E_SYNTAX, "vkey" },
		{ "witness\nquorum none\n", 1, PRL_E_SYNTAX, "128 bytes" },
		{ "witness none @1\nquorum none\n", 1, PRL_E_SYNTAX, "none" },
		{ "witness w @1\nwitness w @2\nquorum w\n", 2, PRL_E_DUPLICATE, "stands for two" },
		{ "witness w @1\nwitness v @1\nquorum w\n", 2, PRL_E_DUPLICATE, "each key once" },
		{ "witness w @1\ngroup w any w\nquorum w\n", 2, PRL_E_DUPLICATE, "stands for two" },
		{ "witness w @1\ngroup g any w w\nquorum g\n", 2, PRL_E_DUPLICATE, "member twice" },
		{ "witness w @1\ngroup g any w\ngroup h any w\nquorum g\n", 3, PRL_E_DUPLICATE, "member twice" },
		{ "witness w @1\ngroup g any g\nquorum g\n", 2, PRL_E_SYNTAX, "before" },
		{ "group g any none\nquorum g\n", 1, PRL_E_SYNTAX, "before" },
		{ "witness w @1\ngroup g any\nquorum g\n", 2, PRL_E_SYNTAX, "at least one" },
		{ "witness w @1\ngroup g\nquorum g\n", 2, PRL_E_SYNTAX, "all, any" },
		{ "witness w @1\ngroup g 0 w\nquorum g\n", 2, PRL_E_SYNTAX, "from 1" },
		{ "witness w @1\ngroup g 2 w\nquorum g\n", 2, PRL_E_SYNTAX, "from 1" },
		{ "witness w @1\ngroup g 01 w\nquorum g\n", 2, PRL_E_SYNTAX, "from 1" },
		{ "witness w @1\ngroup g 18446744073709551617 w\nquorum g\n", 2, PRL_E_SYNTAX, "from 1" },
		{ "quorum none\r\n", 1, PRL_E_SYNTAX, "0x0d" },
		{ "# \x7f\nquorum none\n", 1, PRL_E_SYNTAX, "0x7f" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char text[20000];
		prl_policy *policy = NULL;
		prl_error err = { 0 };
		prl_status status = prl_policy_read(prl_bytes_of(fill(wrong[i].text, text)), &policy, &err);
		if (status != wrong[i].status || err.line != wrong[i].line || !strstr(err.text, wrong[i].words) ||
		    policy)
			fail_msg("%zu: status %d line %zu: %s", i, status, err.line, err.text);
	}
}

/* A public key is one key under two names. */
static void one_key_under_two_names(void **state)
{
	(void)state;
	prl_verifier twin;
	char text[1000], key[PRL_KEY_TEXT_MAX];
	prl_policy *policy;
	assert_int_equal(prl_verifier_new("twin", PRL_KEY_COSIGNATURE, witnesses[1].verifier.public_key, &twin, NULL),
			 PRL_OK);
	prl_verifier_write(&twin, key);
	snprintf(text, sizeof text, "witness a %s\nwitness b %s\ngroup g all a b\nquorum g\n", keys[1], key);
	assert_int_equal(prl_policy_read(prl_bytes_of(text), &policy, NULL), PRL_E_DUPLICATE);
}

static void limits(void **state)
{
	(void)state;
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(1 << 20);
	prl_policy *policy;
	prl_error err;
	for (size_t i = 0; i < 64; i++) {
		prl_signer log, witness;
		char log_key[PRL_KEY_TEXT_MAX], key[PRL_KEY_TEXT_MAX];
		assert_false(prl_signer_new("l", PRL_KEY_NOTE, &log, NULL) ||
			     prl_signer_new("w", PRL_KEY_COSIGNATURE, &witness, NULL));
		prl_verifier_write(&log.verifier, log_key);
		prl_verifier_write(&witness.verifier, key);
		prl_buffer_printf(&text, "log %s\nwitness w%zu %s\ngroup g%zu any w%zu\n", log_key, i, key, i, i);
	}
	size_t size = text.size;
	prl_buffer_printf(&text, "quorum g63\n");
	assert_int_equal(prl_policy_read((prl_bytes){ text.data, text.size }, &policy, NULL), PRL_OK);
	prl_policy_free(policy);
	static const char *const more[] = { "log @a\n", "witness more @1\n", "group more any g1\n" };
	for (size_t i = 0; i < 3; i++) {
		char line[20000];
		text.size = size;
		prl_buffer_printf(&text, "%squorum none\n", fill(more[i], line));
		assert_int_equal(prl_policy_read((prl_bytes){ text.data, text.size }, &policy, &err), PRL_E_TOO_LARGE);
		assert_int_equal(err.line, 193);
	}
	text.size = size;
	while (text.size <= (256 << 10))
		prl_buffer_printf(&text, "# comment\n");
	assert_int_equal(prl_policy_read((prl_bytes){ text.data, text.size }, &policy, &err), PRL_E_TOO_LARGE);
}

static void logs_are_known_and_sign(void **state)
{
	(void)state;
	char bytes[16384], line[PRL_SIGNATURE_LINE_MAX];
	prl_checkpoint checkpoint;
	prl_error err;
	uint64_t time_s = 1;
	prl_policy *both = read_policy("log @a\nlog @b\nquorum none\n"), *b = read_policy("log @b\nquorum none\n"),
		   *none = read_policy("quorum none\n"),
		   *w = read_policy("log @a\nwitness w @1\nwitness v @2\nquorum w\n");
	assert_int_equal(check(both, "", &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 0);
	assert_int_equal(check(b, "", NULL, &err), PRL_E_NOT_FOUND);
	assert_int_equal(check(none, "", NULL, &err), PRL_E_NOT_FOUND);
	assert_int_equal(prl_policy_check(both, prl_bytes_of(TEXT "\n"), &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	/* log b signs the checkpoint of log a */
	assert_true(prl_note_sign(prl_bytes_of(TEXT), &logs[1], line) > 0);
	snprintf(bytes, sizeof bytes, TEXT "\n%s", line);
	assert_int_equal(prl_policy_check(both, prl_bytes_of(bytes), &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	/* a's signature over another text */
	assert_true(prl_note_sign(prl_bytes_of("log.example/a\n8\n" ROOT "\n"), &logs[0], line) > 0);
	snprintf(bytes, sizeof bytes, TEXT "\n%s", line);
	assert_int_equal(prl_policy_check(both, prl_bytes_of(bytes), &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	/* a cosignature that does not hold, of a witness that the quorum can do without */
	assert_int_equal(check(w, "1:5 2:6", &time_s, NULL), PRL_OK);
	assert_int_equal(time_s, 5);
	prl_bytes good = cosigned("1:5", bytes);
	assert_true(prl_cosign(prl_bytes_of("log.example/a\n8\n" ROOT "\n"), &witnesses[2], 6, line) > 0);
	good.size += (size_t)sprintf(bytes + good.size, "%s", line);
	assert_int_equal(prl_policy_check(w, good, &checkpoint, NULL, &err), PRL_E_SIGNATURE);
	assert_non_null(strstr(err.text, "w2.example"));
	/* not checkpoints */
	assert_int_equal(prl_policy_check(w, prl_bytes_of("a\n"), &checkpoint, NULL, &err), PRL_E_SYNTAX);
	assert_int_equal(prl_policy_check(w, prl_bytes_of("a\n\n"), &checkpoint, NULL, &err), PRL_E_SYNTAX);
	assert_int_equal(prl_policy_check(w, (prl_bytes){ bytes, PRL_CHECKPOINT_MAX + 1 }, &checkpoint, NULL, &err),
			 PRL_E_TOO_LARGE);
	prl_policy_free(both);
	prl_policy_free(b);
	prl_policy_free(none);
	prl_policy_free(w);
}

/* ---- random quorums against an oracle that knows the tree -------------------------------------------------------- */

typedef struct tree {
	bool is_group;
	size_t seat, threshold, count, members[8];
} tree;

/* Witnessed by time t? By recursion, from the root. */
static bool witnessed(const tree *nodes, size_t i, const uint64_t *times, uint64_t t)
{
	if (!nodes[i].is_group)
		return times[nodes[i].seat] <= t;
	size_t count = 0;
	for (size_t m = 0; m < nodes[i].count; m++)
		count += witnessed(nodes, nodes[i].members[m], times, t);
	return count >= nodes[i].threshold;
}

/* A random forest over some seats, written as a policy; returns its count of nodes. */
static size_t random_policy(rnd *r, tree nodes[64], prl_buffer *text)
{
	size_t count = 0, open[64], opens = 0, seats = 1 + rnd_below(r, 12);
	prl_buffer_printf(text, "log %s\n", log_keys[0]);
	while (seats > 0 || (opens > 1 && count < 60 && rnd_chance(r, 0.8))) {
		tree *n = &nodes[count];
		*n = (tree){ 0 };
		if (seats > 0 && (opens == 0 || rnd_chance(r, 0.6))) {
			n->seat = --seats;
			prl_buffer_printf(text, "witness n%zu %s\n", count, keys[n->seat]);
		} else {
			n->is_group = true;
			for (size_t most = 1 + rnd_below(r, 5); opens > 0 && n->count < most;) {
				size_t pick = rnd_below(r, opens);
				n->members[n->count++] = open[pick];
				open[pick] = open[--opens];
			}
			n->threshold = 1 + rnd_below(r, n->count);
			const char *word = n->threshold == n->count && rnd_chance(r, 0.5) ? "all"
					   : n->threshold == 1                            ? "any"
											  : "";
			if (*word)
				prl_buffer_printf(text, "group n%zu %s", count, word);
			else
				prl_buffer_printf(text, "group n%zu %zu", count, n->threshold);
			for (size_t m = 0; m < n->count; m++)
				prl_buffer_printf(text, " n%zu", n->members[m]);
			prl_buffer_printf(text, "\n");
		}
		open[opens++] = count++;
	}
	return count;
}

static void quorums_against_the_oracle(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("policy");
	size_t count = rnd_count(150, 5000), there = 0;
	for (size_t n = 0; n < count; n++) {
		rnd r = rnd_case(seed, n);
		tree nodes[64];
		uint64_t times[SEATS], expected = UINT64_MAX, time_s = 0;
		char who[1000] = "";
		PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(1 << 20);
		size_t nodes_count = random_policy(&r, nodes, &text), quorum = rnd_below(&r, nodes_count);
		prl_buffer_printf(&text, "quorum n%zu\n", quorum);
		for (size_t s = 0; s < SEATS; s++) {
			times[s] = UINT64_MAX;
			if (s < 12 && rnd_chance(&r, 0.5)) {
				times[s] = 1 + rnd_below(&r, 10);
				sprintf(who + strlen(who), "%s%zu:%llu", *who ? " " : "", s,
					(unsigned long long)times[s]);
			}
		}
		for (uint64_t t = 1; t <= 10 && expected == UINT64_MAX; t++)
			if (witnessed(nodes, quorum, times, t))
				expected = t;
		prl_policy *policy;
		prl_error err;
		assert_int_equal(prl_policy_read((prl_bytes){ text.data, text.size }, &policy, NULL), PRL_OK);
		prl_status status = check(policy, who, &time_s, &err);
		assert_int_equal(status, expected == UINT64_MAX ? PRL_E_SIGNATURE : PRL_OK);
		if (!status) {
			assert_int_equal(time_s, expected);
			there++;
		} else {
			assert_non_null(strstr(err.text, "no cosignature of n")); /* somebody is always named */
		}
		prl_policy_free(policy);
	}
	assert_true(there > count / 10 && there < count * 9 / 10);
}

/* The first use of libsodium from several threads at once; the tsan preset looks on. */
static void *one_thread(void *policy)
{
	for (int i = 0; i < 20; i++)
		if (check(policy, "1:100 2:300 4:200", NULL, NULL))
			return policy;
	return NULL;
}

static void threads(void **state)
{
	(void)state;
	prl_policy *policy = read_policy(EXAMPLE);
	pthread_t all[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&all[i], NULL, one_thread, policy), 0);
	for (size_t i = 0; i < 4; i++) {
		void *result;
		pthread_join(all[i], &result);
		assert_null(result);
	}
	prl_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_specification),
		cmocka_unit_test(form_is_free),
		cmocka_unit_test(faults_are_named),
		cmocka_unit_test(one_key_under_two_names),
		cmocka_unit_test(limits),
		cmocka_unit_test(logs_are_known_and_sign),
		cmocka_unit_test(quorums_against_the_oracle),
		cmocka_unit_test(threads),
	};
	return cmocka_run_group_tests_name("policy", tests, make_keys, NULL);
}
