/* Translations beside originals, and transcripts that one side or both have signed. */
#include "line/translation.h"

#include "base/hash.h"
#include "base/text.h"
#include "support/acts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"
#define UN "un.example/line"

static acts *begin(void)
{
	acts *a = acts_new("us@" US " ru@" RU " un@" UN, NULL);
	a->l->now = acts_time("2018-02-07T20:00:00Z");
	return a;
}

static const char *text_of(acts *a, prl_hash hash)
{
	return line_hash_text(a->l, &hash);
}

#define TRANSLATE                                                                                                      \
	"{\"of\": {\"log\": \"%s\", \"index\": %d, \"member\": \"/text\"}, \"text\": {\"words\": \"nicht unsere\", "   \
	"\"language\": \"de\"}, \"translator\": \"interpreter\"}"
#define WORD "{\"transcript\": \"%s\", \"says\": \"%s\"}"
#define TALK                                                                                                           \
	"{\"to\": [\"ru\"], \"from\": \"2016-09-17T13:25:00Z\", \"summary\": [{\"words\": \"you are hitting our "      \
	"people\", "                                                                                                   \
	"\"language\": \"en\"}, {\"words\": \"вы бьёте по нашим людям\", \"language\": \"ru\"}]}"

static const char *review(acts *a, prl_hash id, const char *says)
{
	return line_text(a->l, "{\"translation\": \"%s\", \"says\": \"%s\", \"reviewer\": \"next shift\"}",
			 text_of(a, id), says);
}

static void translation_stands(acts *a, const char *state)
{
	acts_see_all(a);
	json_t *items = acts_show(a, UN, "un", "translations", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.state"), state);
	assert_string_equal(acts_text(items, "0.prevails"), "original");
	assert_string_equal(acts_text(items, "0.original"), "не наши");
	json_decref(items);
}

static void test_translation(void **state)
{
	(void)state;
	acts *a = begin();
	acts_do(a, "ru-ops/1", "message.sent", "{\"text\": \"не наши\", \"language\": \"ru\"}");
	int index = (int)line_log_of(a->l, RU)->size - 1;
	acts_see_all(a);
	prl_hash id = acts_do(a, "us-ops/1", "translation.added", line_text(a->l, TRANSLATE, RU, index));
	translation_stands(a, "unreviewed");
	acts_do(a, "us-ops/2", "translation.added", review(a, id, "reviewed"));
	translation_stands(a, "reviewed");
	acts_do(a, "ru-ops/1", "translation.added", review(a, id, "objected"));
	translation_stands(a, "objected");
	acts_do(a, "ru-ops/1", "translation.added", review(a, id, "reviewed"));
	translation_stands(a, "reviewed");
	acts_check_digests(a);
	acts_free(a);
}

static void transcript_stands(acts *a, const char *state, size_t signers)
{
	acts_see_all(a);
	json_t *items = acts_show(a, RU, "ru", "transcripts", NULL, a->l->now);
	assert_string_equal(acts_text(items, "0.state"), state);
	assert_int_equal(json_array_size(acts_at(items, "0.signed")), signers);
	json_decref(items);
}

static void test_transcript(void **state)
{
	(void)state;
	acts *a = begin();
	prl_hash id = acts_do(a, "us-ops/1", "transcript.added", TALK);
	transcript_stands(a, "signed by one side", 1);
	acts_do(a, "ru-ops/1", "transcript.added", line_text(a->l, WORD, text_of(a, id), "as said"));
	transcript_stands(a, "signed by both sides", 2);
	acts_do(a, "ru-ops/1", "transcript.added", line_text(a->l, WORD, text_of(a, id), "otherwise"));
	transcript_stands(a, "told differently", 1);
	acts_refused(a, "un-ops/1", "transcript.added", line_text(a->l, WORD, text_of(a, id), "as said"), PRL_E_REFUSED,
		     "not addressed");
	acts_refused(a, "us-ops/1", "transcript.added", line_text(a->l, WORD, text_of(a, id), "as said"), PRL_E_REFUSED,
		     "not addressed");
	acts_check_digests(a);
	acts_free(a);
}

static void test_refused(void **state)
{
	(void)state;
	acts *a = begin();
	acts_refused(a, "us-ops/1", "translation.added", "{}", PRL_E_SYNTAX, "of: missing");
	acts_refused(a, "us-ops/1", "translation.added", line_text(a->l, TRANSLATE, RU, 5000), PRL_E_NOT_FOUND,
		     "knows no entry 5000");
	acts_refused(a, "us-ops/1", "translation.added", line_text(a->l, TRANSLATE, US, 5000), PRL_E_NOT_FOUND,
		     "knows no entry 5000");
	acts_refused(a, "us-ops/1", "translation.added", review(a, line_hash("none"), "reviewed"), PRL_E_NOT_FOUND,
		     "no translation");
	acts_refused(a, "us-ops/1", "transcript.added", "{}", PRL_E_SYNTAX, "from: missing");
	acts_refused(a, "us-ops/1", "transcript.added", "{\"from\": \"2016-09-17T13:25:00Z\"}", PRL_E_SYNTAX,
		     "summary: missing");
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_translation),
		cmocka_unit_test(test_transcript),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
