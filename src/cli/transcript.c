/* parley transcript: what was said by voice, as one side wrote it down; what the others that were on the line say of
 * it. */
#include "cli/talk.h"

#include "base/error.h"
#include "base/file.h"
#include "cli/draft.h"
#include "cli/typed.h"

#include <stdio.h>
#include <string.h>

static const cli_option options[] = {
	{ "--from", "TIME", "add: when it began: now, -20min, 13:52Z, 2016-09-17T13:52:00Z", TALK_FROM },
	{ "--until", "TIME", "add: when it ended (default: not stated)", TALK_UNTIL },
	{ "--to", "PARTY", "add: who was on the line; once a party (default: all others)", TALK_TO },
	{ "--person", "ROLE[,PARTY[,L]]", "add: who spoke, by role, of which party, in which language; once a person",
	  TALK_PERSON },
	{ "--turns", "FILE",
	  "add: what was said, a turn a line, four fields parted by tabs:\n"
	  "when, role, language, words; the first two may be empty",
	  TALK_TURNS },
	{ "--also", "L=WORDS", "add: the summary in a further language; once a language", TALK_ALSO },
	{ "--read-back", "ROLE", "add: who read the summary back (default: nobody did)", TALK_READ_BACK },
	{ "--meeting", "ID", "add: of the meeting or call that was asked for, as parley call has it", TALK_MEETING },
	{ "--call", "ID", "add: of the STOP, URGENT or DISTRESS, as parley take has it", TALK_CALL },
	TALK_LANGUAGE_OPTION,
	CLI_ACT_OPTIONS,
};

/* ---- add --------------------------------------------------------------------------------------------------------- */

static json_t *words_json(const char *words, size_t words_length, const char *language, size_t language_length)
{
	return json_pack("{s:o, s:o}", "words", json_stringn(words, words_length), "language",
			 json_stringn(language, language_length));
}

static prl_status add_summary(const talk_job *job, const char *words, json_t *body, prl_error *err)
{
	const char *language = job->text[TALK_LANGUAGE] ? job->text[TALK_LANGUAGE] : "en";
	json_t *list = json_array();
	bool good = json_array_append_new(list, words_json(words, strlen(words), language, strlen(language))) == 0;
	for (size_t i = 0; good && i < job->also_count; i++) {
		const char *text = job->also[i], *equals = strchr(text, '=');
		if (!equals || equals == text) {
			json_decref(list);
			return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\"; expected LANGUAGE=WORDS", text);
		}
		good = json_array_append_new(
			       list, words_json(equals + 1, strlen(equals + 1), text, (size_t)(equals - text))) == 0;
	}
	if (good && json_object_set_new(body, "summary", list) == 0)
		return PRL_OK;
	json_decref(good ? NULL : list);
	return prl_error_set(err, PRL_E_SYNTAX, "the summary is not UTF-8");
}

/* ROLE[,PARTY[,LANGUAGE]] */
static prl_status add_persons(const talk_job *job, json_t *body, prl_error *err)
{
	static const char *const names[] = { "role", "party", "language" };
	json_t *list = json_array();
	for (size_t i = 0; i < job->person_count; i++) {
		json_t *parts = prl_typed_list(job->person[i]), *person = json_object();
		size_t count = json_array_size(parts);
		for (size_t p = 0; p < count && p < 3; p++)
			(void)json_object_set(person, names[p], json_array_get(parts, p));
		json_decref(parts);
		(void)json_array_append_new(list, person);
		if (count < 1 || count > 3) {
			json_decref(list);
			return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\"; expected ROLE, ROLE,PARTY or ROLE,PARTY,L",
					     job->person[i]);
		}
	}
	if (job->person_count)
		(void)json_object_set(body, "persons", list);
	json_decref(list);
	return PRL_OK;
}

static prl_status take_time(const char *from, size_t length, json_t *turn, prl_error *err)
{
	char text[80];
	json_t *time = NULL;
	if (length >= sizeof text)
		return prl_error_set(err, PRL_E_SYNTAX, "the first field is no time");
	memcpy(text, from, length);
	text[length] = 0;
	prl_status st = prl_typed_time_json(text, prl_draft_clock(), &time, err);
	if (!st)
		(void)json_object_set_new(turn, "at", time);
	return st;
}

/* One line of the file, without its end. */
static prl_status read_turn(const char *line, size_t length, json_t *turns, prl_error *err)
{
	const char *field[4] = { line }, *end = line + length;
	size_t size[4];
	for (int i = 0; i < 4; i++) {
		const char *tab = i < 3 ? memchr(field[i], '\t', (size_t)(end - field[i])) : end;
		if (!tab)
			return prl_error_set(err, PRL_E_SYNTAX,
					     "expected four fields parted by tabs: when, role, language, words");
		size[i] = (size_t)(tab - field[i]);
		if (i < 3)
			field[i + 1] = tab + 1;
	}
	json_t *turn = json_object();
	prl_status st = size[0] ? take_time(field[0], size[0], turn, err) : PRL_OK;
	if (size[1])
		(void)json_object_set_new(turn, "role", json_stringn(field[1], size[1]));
	if (json_object_set_new(turn, "text", words_json(field[3], size[3], field[2], size[2])) && !st)
		st = prl_error_set(err, PRL_E_SYNTAX, "the words are not UTF-8");
	(void)json_array_append_new(turns, turn);
	return st;
}

static prl_status read_turns(const char *path, const prl_buffer *text, json_t *turns, prl_error *err)
{
	const char *at = text->data, *end = at + text->size;
	for (size_t line = 1; at && at < end; line++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((stop ? stop : end) - at);
		if (length && at[length - 1] == '\r')
			length--;
		prl_status st = length ? read_turn(at, length, turns, err) : PRL_OK;
		if (st)
			return prl_error_at(err, st, "%s:%zu", path, line);
		at = stop ? stop + 1 : end;
	}
	return json_array_size(turns) ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "%s: no turn in it", path);
}

static prl_status add_turns(const talk_job *job, json_t *body, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX); /* what is larger fits no entry */
	json_t *turns = json_array();
	const char *path = job->text[TALK_TURNS];
	prl_status st = path ? prl_file_read(path, &text, err) : PRL_OK;
	if (!st && path)
		st = read_turns(path, &text, turns, err);
	if (!st && path)
		(void)json_object_set(body, "turns", turns);
	json_decref(turns);
	prl_buffer_done(&text);
	return st;
}

/* What it was a transcript of. The transcript has the mode of it. */
static prl_status add_occasion(talk_job *job, int option, const char *part, const char *member, json_t *body,
			       prl_error *err)
{
	json_t *found = NULL;
	prl_status st = job->text[option] ? prl_talk_find(job, part, job->text[option], &found, err) : PRL_OK;
	if (!st && found)
		prl_cli_set(body, member, prl_cli_text(found, "id"));
	json_decref(found);
	return st;
}

static prl_status add_body(talk_job *job, const char *summary, json_t *body, prl_error *err)
{
	if (!job->text[TALK_FROM])
		return prl_error_set(err, PRL_E_SYNTAX, "a transcript needs --from: when the talk began");
	prl_status st = add_summary(job, summary, body, err);
	if (!st)
		st = prl_talk_time(job, TALK_FROM, body, "from", err);
	if (!st)
		st = prl_talk_time(job, TALK_UNTIL, body, "to_time", err);
	if (!st)
		st = prl_talk_common(job, body, err);
	if (!st)
		st = add_persons(job, body, err);
	if (!st)
		st = add_turns(job, body, err);
	if (!st)
		st = add_occasion(job, TALK_MEETING, "meetings", "meeting", body, err);
	if (!st)
		st = add_occasion(job, TALK_CALL, "calls", "call", body, err);
	if (!st && job->text[TALK_READ_BACK])
		(void)json_object_set_new(body, "read_back", json_pack("{s:s}", "by", job->text[TALK_READ_BACK]));
	return st;
}

static prl_status add(void *context, char **operands, int count, prl_error *err)
{
	talk_job *job = context;
	json_t *body = json_object();
	(void)count;
	prl_status st = body ? add_body(job, operands[1], body, err) : prl_error_memory(err);
	return prl_talk_file(job, st, "transcript.added", body, err);
}

/* ---- said of it -------------------------------------------------------------------------------------------------- */

static prl_status say(talk_job *job, char **operands, const char *says, const char *words, prl_error *err)
{
	json_t *body = NULL;
	prl_status st = prl_talk_about(job, "transcripts", "transcript", operands[1], says, words, &body, err);
	return prl_talk_file(job, st, "transcript.added", body, err);
}

static prl_status as_said(void *context, char **operands, int count, prl_error *err)
{
	return say(context, operands, "as said", count > 2 ? operands[2] : NULL, err);
}

static prl_status otherwise(void *context, char **operands, int count, prl_error *err)
{
	(void)count;
	return say(context, operands, "otherwise", operands[2], err);
}

/* ---- list -------------------------------------------------------------------------------------------------------- */

static void print_words(const char *before, const json_t *text)
{
	printf("  %s(%s) %s\n", before, prl_cli_text(text, "language"), prl_cli_text(text, "words"));
}

static void print_turn(const json_t *turn)
{
	char before[320];
	const char *at = prl_cli_text(turn, "at"), *role = prl_cli_text(turn, "role");
	(void)snprintf(before, sizeof before, "  %s%s%s%s", at, *at ? " " : "", role, *role ? ": " : "");
	print_words(before, json_object_get(turn, "text"));
}

static void print_one(const json_t *one)
{
	const json_t *list, *item;
	const char *until = prl_cli_text(one, "to_time");
	size_t i;
	printf("  %s to %s, %s:", prl_cli_text(one, "from"), *until ? until : "not stated", prl_cli_text(one, "state"));
	json_array_foreach(json_object_get(one, "signed"), i, item)
		printf("%s %s", i ? "," : "", json_string_value(item));
	printf("\n");
	list = json_object_get(one, "summary");
	json_array_foreach(list, i, item) print_words("summary ", item);
	const char *reader = prl_cli_text(json_object_get(one, "read_back"), "by");
	printf("  %s%s\n", *reader ? "read back by " : "nobody read it back", reader);
	json_array_foreach(json_object_get(one, "turns"), i, item) print_turn(item);
	prl_talk_print_said(one);
}

static prl_status list(void *context, char **operands, int count, prl_error *err)
{
	(void)operands, (void)count;
	return prl_talk_list(context, "transcripts", print_one, err);
}

static const cli_deed deeds[] = {
	{ "add", "FOLDER SUMMARY", 2, 2, add },
	{ "as-said", "FOLDER ID [WORDS]", 2, 3, as_said },
	{ "otherwise", "FOLDER ID WORDS", 3, 3, otherwise },
	{ "list", "FOLDER", 1, 1, list },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_talk_run(verb, argc, argv, deeds, sizeof deeds / sizeof *deeds);
}

static const char details[] = "add        SUMMARY of a talk by voice, as it was read back; --from says when it began\n"
			      "as-said    another side that was on the line says so too: by the id of the\n"
			      "           transcript or the first four characters of it\n"
			      "otherwise  it was said otherwise: WORDS say how\n"
			      "list       all transcripts, who has signed each, turn by turn\n"
			      "\n"
			      "The node of FOLDER must run.\n"
			      "\n"
			      "exit status: 0 as asked, 2 bad use or refused, 3 the machine failed\n";

const cli_verb prl_cli_transcript = {
	.name = "transcript",
	.summary = "what was said by voice, written down and signed",
	.usage = "parley transcript add|as-said|otherwise|list FOLDER [operand…] [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
