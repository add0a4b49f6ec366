#include "line/translation.h"

#include "base/error.h"
#include "base/text.h"
#include "line/said.h"
#include "picture/body.h"

#include <string.h>

static const char translation_name[] = "translation", transcript_name[] = "transcript";

#define X(id, text) text,
const char *const prl_translation_states[] = { PRL_TRANSLATION_STATES(X) };
const char *const prl_transcript_states[] = { PRL_TRANSCRIPT_STATES(X) };
#undef X

/* ---- the fold ---------------------------------------------------------------------------------------------------- */

/* All these members (NULL last) are there. */
static prl_status check_members(const json_t *body, const char *const *names, prl_error *err)
{
	for (; *names; names++)
		if (!json_object_get(body, *names))
			return prl_error_set(err, PRL_E_SYNTAX, "%s: missing", *names);
	return PRL_OK;
}

static prl_status translated(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const for_new[] = { "of", "text", "translator", NULL };
	static const char *const for_review[] = { "says", "reviewer", NULL };
	const json_t *of = json_object_get(act->body, "of");
	bool review = json_object_get(act->body, translation_name) != NULL;
	prl_status status = check_members(act->body, review ? for_review : for_new, err);
	if (status)
		return status;
	if (review)
		return of ? prl_error_set(err, PRL_E_SYNTAX, "of: a translation is not added twice")
			  : prl_said_add(picture, act, translation_name, translation_name, PRL_SAID_BY_ANY, err);
	if (json_object_get(act->body, "says"))
		return prl_error_set(err, PRL_E_SYNTAX, "translation: missing; expected the one it is said of");
	prl_bytes log = prl_body_text(of, "log");
	uint64_t index = prl_body_number(of, "index", 0);
	if (!prl_act_sees(picture, act, log, index) || (prl_bytes_is(log, act->log) && index >= act->index))
		return prl_error_set(err, PRL_E_NOT_FOUND, "of: log %s knows no entry %llu of log %.*s", act->log,
				     (unsigned long long)index, (int)log.size, log.data);
	return prl_said_begin(picture, act, translation_name, NULL, NULL, err);
}

static prl_status transcribed(prl_picture *picture, const prl_act *act, prl_error *err)
{
	static const char *const for_new[] = { "from", "summary", NULL };
	static const char *const for_word[] = { "says", NULL };
	bool word = json_object_get(act->body, transcript_name) != NULL;
	prl_status status = check_members(act->body, word ? for_word : for_new, err);
	if (status)
		return status;
	if (word && json_object_get(act->body, "summary"))
		return prl_error_set(err, PRL_E_SYNTAX, "summary: a transcript is not added twice");
	if (word)
		return prl_said_add(picture, act, transcript_name, transcript_name, PRL_SAID_BY_MEANT, err);
	if (json_object_get(act->body, "says"))
		return prl_error_set(err, PRL_E_SYNTAX, "transcript: missing; expected the one it is said of");
	prl_time from = prl_said_time(act->body, "from", PRL_TIME_OPEN_START);
	if (prl_said_time(act->body, "to_time", PRL_TIME_OPEN_END) < from)
		return prl_error_set(err, PRL_E_RANGE, "to_time: before from");
	return prl_said_begin(picture, act, transcript_name, "to", NULL, err);
}

/* ---- shown ------------------------------------------------------------------------------------------------------- */

/* How many parties' newest word is this one. */
static size_t saying(const json_t *thing, const char *word)
{
	const json_t *said = json_object_get(thing, "said"), *one;
	size_t i, count = 0;
	json_array_foreach(said, i, one) count +=
		prl_said_is(one, "says", word) && prl_said_last(thing, prl_said_text(one, "party"), NULL) == one;
	return count;
}

/* The value at a JSON Pointer of names alone; NULL where there is none. Words in an object are its "words". */
static const json_t *at_pointer(const json_t *body, const char *pointer)
{
	while (body && *pointer == '/') {
		size_t length = strcspn(++pointer, "/");
		body = json_object_getn(body, pointer, length);
		pointer += length;
	}
	return json_is_object(body) ? json_object_get(body, "words") : body;
}

/* The words that are translated, as their entry has them; null where it is not here, or no words stand there. */
static json_t *original(const prl_show *show, const json_t *translation)
{
	const json_t *of = json_object_get(translation, "of");
	json_t *body = NULL;
	if (!show->body ||
	    show->body(show->context, prl_said_text(of, "log"), prl_body_number(of, "index", 0), &body, NULL))
		return json_null();
	const json_t *words = at_pointer(body, prl_said_text(of, "member"));
	json_t *copy = json_is_string(words) ? json_string(json_string_value(words)) : json_null();
	json_decref(body);
	return copy;
}

static bool fill_translation(const prl_show *show, const json_t *translation, json_t *to)
{
	prl_translation_state state = saying(translation, "objected")   ? PRL_TRANSLATION_OBJECTED
				      : saying(translation, "reviewed") ? PRL_TRANSLATION_REVIEWED
									: PRL_TRANSLATION_UNREVIEWED;
	return json_object_set_new(to, "original", original(show, translation)) == 0 &&
	       json_object_set_new(to, "state", json_string(prl_translation_states[state])) == 0 &&
	       json_object_set_new(to, "prevails", json_string("original")) == 0;
}

static bool fill_transcript(const prl_show *show, const json_t *transcript, json_t *to)
{
	json_t *signed_by = json_array();
	const json_t *others = json_object_get(transcript, "to"), *one;
	size_t i, count = 0;
	json_array_append(signed_by, json_object_get(transcript, "party"));
	json_array_foreach(others, i, one)
	{
		if (!prl_said_is(prl_said_last(transcript, json_string_value(one), NULL), "says", "as said"))
			continue;
		json_array_append(signed_by, (json_t *)(uintptr_t)one);
		count++;
	}
	prl_transcript_state state = saying(transcript, "otherwise")    ? PRL_TRANSCRIPT_OTHERWISE
				     : count == json_array_size(others) ? PRL_TRANSCRIPT_BY_ALL
									: PRL_TRANSCRIPT_BY_ONE;
	(void)show;
	return json_object_set_new(to, "signed", signed_by) == 0 &&
	       json_object_set_new(to, "state", json_string(prl_transcript_states[state])) == 0;
}

static prl_status show_translations(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, translation_name, fill_translation, ret, err);
}

static prl_status show_transcripts(const prl_show *show, json_t **ret, prl_error *err)
{
	return prl_said_show(show, transcript_name, fill_transcript, ret, err);
}

static const prl_noun translation_noun = PRL_THING_NOUN(translation_name),
		      transcript_noun = PRL_THING_NOUN(transcript_name);
static const prl_act_kind translation_kind = { "translation.added", PRL_SIGNED_BY_KEY, false, translated },
			  transcript_kind = { "transcript.added", PRL_SIGNED_BY_KEY, false, transcribed };

const prl_line_part prl_translation_part = {
	.name = "translations",
	.nouns = &translation_noun,
	.noun_count = 1,
	.kinds = &translation_kind,
	.kind_count = 1,
	.queries = prl_said_queries,
	.show = show_translations,
};
const prl_line_part prl_transcript_part = {
	.name = "transcripts",
	.nouns = &transcript_noun,
	.noun_count = 1,
	.kinds = &transcript_kind,
	.kind_count = 1,
	.queries = prl_said_queries,
	.show = show_transcripts,
};
