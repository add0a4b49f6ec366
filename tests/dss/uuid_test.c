/* UUIDs in all forms that Go's uuid.Parse() takes, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dss/uuid.h"

#include <stdlib.h>
#include <string.h>

#include "support/random.h"

#define PLAIN "2f8343be-6482-4d1b-a474-16847e01af1e"

static bool reads(const char *text, size_t size)
{
	/* A copy of just that size, so that the sanitizer sees a byte too many read. */
	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, text, size);
	prl_uuid uuid;
	bool yes = prl_uuid_read((prl_bytes){ copy, size }, &uuid);
	free(copy);
	if (!yes)
		return false;
	char back[PRL_UUID_TEXT_MAX];
	prl_uuid_write(&uuid, back);
	assert_string_equal(back, PLAIN);
	return true;
}

static void forms(void **unused)
{
	(void)unused;
	static const char *const taken[] = {
		PLAIN,
		"2F8343BE-6482-4D1B-A474-16847E01AF1E",
		"2f8343be64824d1ba47416847e01af1e",
		"2F8343be64824d1BA47416847e01af1e",
		"{" PLAIN "}",
		"urn:uuid:" PLAIN,
		"URN:UUID:2F8343BE-6482-4D1B-A474-16847E01AF1E",
	};
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		assert_true(reads(taken[i], strlen(taken[i])));
	static const char *const refused[] = {
		"",
		"-",
		"2f8343be-6482-4d1b-a474-16847e01af1",
		"2f8343be-6482-4d1b-a474-16847e01af1e ",
		"2f8343be-6482-1d1b-a474-16847e01af1e", /* version 1 */
		"2f8343be-6482-7d1b-a474-16847e01af1e", /* version 7 */
		"2f8343be-6482-4d1b-c474-16847e01af1e", /* variant of Microsoft */
		"2f8343be-6482-4d1b-7474-16847e01af1e", /* variant NCS */
		"00000000-0000-0000-0000-000000000000",
		"2f8343be-6482-4d1b-a474_16847e01af1e",
		"2f8343be-64824-d1b-a474-16847e01af1e",
		"2f8343bg-6482-4d1b-a474-16847e01af1e",
		"2f8343b@-6482-4d1b-a474-16847e01af1e",
		"2f8343b`-6482-4d1b-a474-16847e01af1e",
		"\x12\x10\x19...6482-4d1b-a474-16847e01af1e",
		"(" PLAIN ")",
		"{" PLAIN,
		"urn:uuix:" PLAIN,
		"urn:uuid:2f8343be64824d1ba47416847e01af1e",
		"{2f8343be64824d1ba47416847e01af1e}",
		"2f8343be-6482-4d1b-a474-16847e01af1\xc3",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (reads(refused[i], strlen(refused[i])))
			fail_msg("%s was taken", refused[i]);
	assert_false(reads("2f8343be-6482-4d1b-a474-16847e01\0f1e", 36));
}

/* The null UUID of F3548 is one of version 4: an intent without subscription names it. */
static void null_of_f3548(void **unused)
{
	(void)unused;
	prl_uuid uuid;
	assert_true(prl_uuid_read((prl_bytes){ "00000000-0000-4000-8000-000000000000", 36 }, &uuid));
}

/* RFC 9562, appendix A.6: 2022-02-22T19:22:22Z. */
static void version_7(void **unused)
{
	(void)unused;
	prl_uuid uuid;
	prl_time t = 0;
	assert_true(prl_uuid_read_v7((prl_bytes){ "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36 }, &uuid, &t));
	assert_true(t == INT64_C(1645557742000) * (PRL_SECOND / 1000));
	assert_false(prl_uuid_read_v7((prl_bytes){ PLAIN, 36 }, &uuid, &t));
	assert_false(prl_uuid_read_v7((prl_bytes){ "017F22E2-79B0-7CC3-18C4-DC0C0C07398F", 36 }, &uuid, &t));
	/* The year 10889: beyond what a time holds. */
	assert_false(prl_uuid_read_v7((prl_bytes){ "ffffffff-ffff-7cc3-98c4-dc0c0c07398f", 36 }, &uuid, &t));
}

static void random_ones(void **unused)
{
	(void)unused;
	prl_uuid last = prl_uuid_random();
	for (int i = 0; i < 1000; i++) {
		prl_uuid uuid = prl_uuid_random(), back;
		char text[PRL_UUID_TEXT_MAX];
		prl_uuid_write(&uuid, text);
		assert_int_equal(strlen(text), 36);
		assert_true(prl_uuid_read((prl_bytes){ text, 36 }, &back));
		assert_true(prl_uuid_equal(&uuid, &back));
		assert_false(prl_uuid_equal(&uuid, &last));
		last = uuid;
	}
}

/* What is read is read as written: any bytes of the right lengths, near a good text. */
static void near_misses(void **unused)
{
	(void)unused;
	uint64_t seed = rnd_seed("uuid");
	for (size_t i = 0; i < 20000; i++) {
		rnd r = rnd_case(seed, i);
		char text[] = PLAIN, lower[PRL_UUID_TEXT_MAX], back[PRL_UUID_TEXT_MAX];
		text[rnd_below(&r, 36)] = (char)rnd_below(&r, 256);
		for (size_t k = 0; k < sizeof text; k++)
			lower[k] = text[k] >= 'A' && text[k] <= 'F' ? (char)(text[k] + 32) : text[k];
		prl_uuid uuid;
		if (!prl_uuid_read((prl_bytes){ text, 36 }, &uuid))
			continue;
		prl_uuid_write(&uuid, back);
		assert_string_equal(back, lower);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),       cmocka_unit_test(null_of_f3548), cmocka_unit_test(version_7),
		cmocka_unit_test(random_ones), cmocka_unit_test(near_misses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
