/* docs/words.json: each state that the program or a schema knows has its term, in every language, and no more terms
 * stand there than states; a language that nobody has reviewed says so. */
#include "base/schema.h"
#include "line/disavowal.h"
#include "line/meeting.h"
#include "line/query.h"
#include "line/speaks.h"
#include "line/standing.h"
#include "line/translation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const languages[] = { "en", "fr", "ru", "ar" };
#define LANGUAGES (sizeof languages / sizeof *languages)

static json_t *words(void)
{
	json_error_t err;
	json_t *json = json_load_file(PARLEY_SOURCE_DIR "/docs/words.json", JSON_REJECT_DUPLICATES, &err);
	if (!json)
		fail_msg("docs/words.json:%d: %s", err.line, err.text);
	return json;
}

static const json_t *terms_of(const json_t *json, const char *group)
{
	const json_t *terms = json_object_get(json_object_get(json_object_get(json, "terms"), group), "terms");
	if (!json_array_size(terms))
		fail_msg("docs/words.json has no terms of \"%s\"", group);
	return terms;
}

static bool has_term(const json_t *terms, const char *text)
{
	const json_t *one;
	size_t i;
	json_array_foreach(terms, i, one) if (!strcmp(json_string_value(json_object_get(one, "en")), text)) return true;
	return false;
}

static void must_have(const json_t *json, const char *group, const char *text)
{
	if (!has_term(terms_of(json, group), text))
		fail_msg("docs/words.json: \"%s\" has no term \"%s\", which the program uses", group, text);
}

static void test_every_language(void **state)
{
	(void)state;
	json_t *json = words();
	const char *group;
	json_t *value;
	json_object_foreach(json_object_get(json, "terms"), group, value)
	{
		const json_t *terms = terms_of(json, group), *one;
		size_t i;
		json_array_foreach(terms, i, one) for (size_t l = 0; l < LANGUAGES; l++)
		{
			const char *text = json_string_value(json_object_get(one, languages[l]));
			if (!text || !*text)
				fail_msg("%s, term %zu: nothing in \"%s\"", group, i + 1, languages[l]);
		}
	}
	json_decref(json);
}

static void test_reviewed(void **state)
{
	(void)state;
	json_t *json = words();
	const json_t *by = json_object_get(json, "reviewed-by"), *unreviewed = json_object_get(json, "unreviewed");
	for (size_t l = 0; l < LANGUAGES; l++) {
		const json_t *who = json_object_get(by, languages[l]);
		assert_non_null(who); /* a name, or null */
		if (json_is_null(who))
			assert_non_null(json_string_value(json_object_get(unreviewed, languages[l])));
		assert_true(json_array_size(json_object_get(json_object_get(json, "forbidden"), languages[l])) > 0);
	}
	json_decref(json);
}

static void test_states(void **state)
{
	(void)state;
	json_t *json = words();
	static const struct {
		const char *group;
		const char *const *states;
		size_t count;
		bool all; /* no other terms stand there */
	} lists[] = {
		{ "query", prl_query_states, PRL_QUERY_STATE_COUNT, true },
		{ "meeting", prl_meeting_states, PRL_MEETING_STATE_COUNT, true },
		{ "member", prl_member_states, PRL_MEMBER_STATE_COUNT, false },
		{ "speaks for", prl_speaks_states, PRL_SPEAKS_STATE_COUNT, true },
		{ "disavowal", prl_disavowal_states, PRL_DISAVOWAL_STATE_COUNT, true },
		{ "translation", prl_translation_states, PRL_TRANSLATION_STATE_COUNT, true },
		{ "transcript", prl_transcript_states, PRL_TRANSCRIPT_STATE_COUNT, true },
	};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		for (size_t k = 0; k < lists[i].count; k++)
			must_have(json, lists[i].group, lists[i].states[k]);
		if (lists[i].all)
			assert_int_equal(json_array_size(terms_of(json, lists[i].group)), lists[i].count);
	}
	json_decref(json);
}

/* The words of enums that people read. */
static void test_schemas(void **state)
{
	(void)state;
	json_t *json = words();
	static const struct {
		const char *schema, *member, *group;
	} enums[] = {
		{ "entry/receipt.given.json", "rung", "receipt" },
		{ "entry/receipt.judged.json", "judgement", "judgement" },
		{ "entry/overlap.answered.json", "answer", "overlap answer" },
		{ "entry/movement.reported.json", "state", "movement" },
		{ "entry/channel.declared.json", "state", "channel" },
		{ "entry/channel.closed.json", "state", "channel" },
		{ "entry/recognition.stated.json", "state", "recognition" },
		{ "entry/query.answered.json", "says", "query" },
		{ "entry/body.stated.json", "says", "member" },
	};
	for (size_t i = 0; i < sizeof enums / sizeof *enums; i++) {
		const char *text = prl_schema_text(enums[i].schema);
		assert_non_null(text);
		json_t *schema = json_loads(text, 0, NULL);
		const json_t *property = json_object_get(json_object_get(schema, "properties"), enums[i].member), *one;
		const json_t *values = json_object_get(property, "enum");
		size_t k;
		assert_true(json_array_size(values) > 0);
		json_array_foreach(values, k, one) must_have(json, enums[i].group, json_string_value(one));
		json_decref(schema);
	}
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_language),
		cmocka_unit_test(test_reviewed),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_schemas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
