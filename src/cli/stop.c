/* parley stop, urgent, distress: calls that ring at the other side; parley take: what becomes of one that rings here.
 *
 * Whatever is wrong here, the call is tried: a key that the node does not take any more still signs, and the node rings
 * it marked UNVERIFIED; a node that does not answer is said at once, with the telephone in mind. */
#include "cli/act.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PARTIES_MAX PRL_CALL_PARTIES_MAX

#define RINGS_S 1.5 /* for which desks at the other side are waited for, once it is there */

typedef struct stop_job {
	cli_act act;
	const char *class, *kind, *what; /* what NULL: none */
	json_t *body;
	double wait_s;
	bool logged_in;
	json_t *shown; /* lines that were printed, as keys */
} stop_job;

enum {
	TO,
	PLACE,
	REASON,
	NOTICE,
	CALL_BACK,
	LANGUAGE,
	WAIT,
	ROLE,
	WORDS,
	PASSED_ON,
	NOT_OURS,
	CANNOT_REACH,
	CEASED,
	CONTINUING,
	WITHDRAW
};

static const cli_option raise_options[] = {
	{ "--place", "TEXT", "where, as written in any notation", PLACE },
	{ "--reason", "TEXT", "what happens there, in a few words", REASON },
	{ "--notice", "NAME", "the notice that it is about (us#12)", NOTICE },
	{ "--to", "PARTY", "for this party only; once a party (default: all)", TO },
	{ "--call-back", "NUMBER", "the telephone at which you are reached", CALL_BACK },
	{ "--language", "L", "of the words, BCP 47", LANGUAGE },
	{ "--wait", "S", "follow it for S seconds (default: 10)", WAIT },
	CLI_ACT_OPTIONS,
};

static const cli_option take_options[] = {
	{ "--passed-on", "WHOM", "units told: to whom it was passed on", PASSED_ON },
	{ "--not-ours", NULL, "not ours", NOT_OURS },
	{ "--cannot-reach", NULL, "units cannot be reached", CANNOT_REACH },
	{ "--ceased", NULL, "units report that they have ceased", CEASED },
	{ "--continuing", NULL, "units report that they go on", CONTINUING },
	{ "--withdraw", NULL, "an own call: we withdraw it", WITHDRAW },
	{ "--role", "ROLE", "your role: watch-keeper, deputy, director", ROLE },
	{ "--words", "TEXT", "words beside it", WORDS },
	{ "--language", "L", "of the words, BCP 47", LANGUAGE },
	CLI_ACT_OPTIONS,
};

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* Bytes of the letter at text; 0 where it is none. */
static size_t letter_at(const char *text)
{
	for (size_t size = 1; size <= 4 && text[size - 1]; size++)
		if (prl_utf8_check((prl_bytes){ text, size }, true))
			return size;
	return 0;
}

/* No call waits for a letter that is none, or for words that are too many: "?" stands for the one, the others are cut,
 * and it is said. */
static char *sendable(const char *name, const char *value)
{
	size_t size = strlen(value), most = PRL_CALL_WORDS_MAX;
	char *text = malloc(size + 1);
	bool replaced = false;
	size_t out = 0;
	for (size_t i = 0, step; text && i < size && out < most; i += step) {
		size_t letter = letter_at(value + i);
		step = letter ? letter : 1;
		replaced = replaced || !letter;
		if (out + step > most)
			break;
		memcpy(text + out, letter ? value + i : "?", step);
		out += step;
	}
	if (text)
		text[out] = 0;
	if (text && replaced)
		prl_cli_say("%s: what is not UTF-8 is sent as ?", name);
	if (text && out < size)
		prl_cli_say("%s: cut after %zu bytes", name, out);
	return text;
}

static prl_status put_text(stop_job *job, const char *name, const char *value, prl_error *err)
{
	char *text = sendable(name, value);
	bool done = text && json_object_set_new(job->body, name, json_string(text)) == 0;
	free(text);
	return done ? PRL_OK : prl_error_memory(err);
}

static prl_status put_party(stop_job *job, const char *value, prl_error *err)
{
	json_t *to = json_object_get(job->body, "to");
	if (!to && json_object_set_new(job->body, "to", to = json_array()) != 0)
		return prl_error_memory(err);
	if (json_array_size(to) >= PARTIES_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u parties", PARTIES_MAX);
	return json_array_append_new(to, json_string(value)) == 0 ? PRL_OK : prl_error_memory(err);
}

static prl_status put_answer(stop_job *job, const char *kind, const char *what, prl_error *err)
{
	if (job->kind)
		return prl_error_set(err, PRL_E_SYNTAX, "one answer at a time");
	job->kind = kind;
	job->what = what;
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	static const char *const texts[] = {
		[PLACE] = "place",       [REASON] = "reason", [NOTICE] = "notice", [CALL_BACK] = "call_back",
		[LANGUAGE] = "language", [ROLE] = "role",     [WORDS] = "words"
	};
	stop_job *job = context;
	switch (id) {
	case TO:
		return put_party(job, value, err);
	case WAIT:
		return prl_cli_number(value, 0, 86400, "seconds", &job->wait_s, err);
	case PLACE:
	case REASON:
	case NOTICE:
	case CALL_BACK:
	case LANGUAGE:
	case ROLE:
	case WORDS:
		return put_text(job, texts[id], value, err);
	case PASSED_ON: {
		prl_status status = put_text(job, "to_whom", value, err);
		return status ? status : put_answer(job, "call.passed", "passed on", err);
	}
	case NOT_OURS:
		return put_answer(job, "call.passed", "not ours", err);
	case CANNOT_REACH:
		return put_answer(job, "call.passed", "cannot reach units", err);
	case CEASED:
		return put_answer(job, "call.reported", "ceased", err);
	case CONTINUING:
		return put_answer(job, "call.reported", "continuing", err);
	case WITHDRAW:
		return put_answer(job, "call.withdrawn", NULL, err);
	default:
		return prl_cli_act_option(&job->act, id, value, err);
	}
}

/* ---- signed, even where nobody takes the key ----------------------------------------------------------------------
 */

/* Without the node's word where the key's chain stands: the entry can be rung, and can never be recorded. */
static prl_status sign_blind(stop_job *job, const char *folder, const char *text, prl_buffer *ret, prl_error *err)
{
	prl_buffer constitution = PRL_BUFFER(PRL_ENTRY_MAX);
	json_t *settings = NULL;
	const char *log = NULL, *party = NULL, *desk = NULL, *key = job->act.key;
	prl_entry *first = malloc(sizeof *first);
	prl_hash none = { 0 }, line;
	prl_signer signer;
	char *note = malloc(PRL_ENTRY_MAX);
	prl_status st =
		first && note ? prl_home_read(folder, "constitution.note", &constitution, err) : prl_error_memory(err);
	if (!st)
		st = prl_entry_read((prl_bytes){ constitution.data, constitution.size }, first, err);
	if (!st)
		st = prl_home_settings(folder, &settings, err);
	if (!st && (prl_home_setting(settings, "log", &log, err) || prl_home_setting(settings, "party", &party, err) ||
		    prl_home_setting(settings, "desk", &desk, err)))
		st = PRL_E_SYNTAX;
	if (!st && !key)
		st = prl_home_setting(settings, "console", &key, err);
	if (!st)
		st = prl_home_signer(folder, key, &signer, err);
	if (!st) {
		const prl_signer *signers[] = { &signer };
		struct timespec now;
		(void)clock_gettime(CLOCK_REALTIME, &now);
		line = prl_sha256(first->note.text.data, first->note.text.size);
		prl_entry_head head = { .kind = job->kind,
					.log = log,
					.party = party,
					.desk = desk,
					.key = signer.verifier.name,
					.line = &line,
					.previous = &none,
					.serial = 1,
					.mode = job->act.has_mode ? job->act.mode : PRL_MODE_REAL,
					.time = (prl_time)now.tv_sec * PRL_SECOND };
		size_t size = prl_entry_write(&head, prl_bytes_of(text), signers, 1, note, PRL_ENTRY_MAX);
		if (!size || !prl_buffer_append(ret, note, size))
			st = prl_error_set(err, PRL_E_TOO_LARGE, "the call is too long");
		prl_signer_wipe(&signer);
	}
	json_decref(settings);
	prl_buffer_done(&constitution);
	free(first);
	free(note);
	return st;
}

static prl_status sign(stop_job *job, const char *folder, prl_buffer *ret, prl_error *err)
{
	char *text = json_dumps(job->body, JSON_INDENT(2));
	if (!text)
		return prl_error_memory(err);
	prl_client_entry entry = { .kind = job->kind, .mode = job->act.session.mode, .body = prl_bytes_of(text) };
	prl_status st = job->logged_in ? prl_client_sign(job->act.session.client, &entry, ret, err)
				       : sign_blind(job, folder, text, ret, err);
	free(text);
	return st;
}

static prl_status post(stop_job *job, const char *folder, char id[PRL_HASH_TEXT_MAX], prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX + 1);
	prl_reply reply = PRL_REPLY(65536);
	prl_client *client = job->act.session.client, *own = NULL;
	prl_status st = sign(job, folder, &note, err);
	if (!st && !client) {
		st = prl_client_open(&(prl_client_options){ .folder = folder }, &own, err);
		client = own;
	}
	prl_bytes body = { note.data, note.size };
	if (!st)
		st = prl_link_ask(prl_client_link(client), "POST", "/parley/v1/calls", "text/plain", &body, &reply,
				  err);
	json_t *answer = st ? NULL : json_loadb(reply.body.data, reply.body.size, 0, NULL);
	const char *text = json_string_value(json_object_get(answer, "id"));
	const char *why = json_string_value(json_object_get(answer, "unverified"));
	(void)snprintf(id, PRL_HASH_TEXT_MAX, "%s", text ? text : "");
	if (why)
		prl_cli_say("it rings marked UNVERIFIED and counts as nobody's act: %s", why);
	json_decref(answer);
	prl_client_free(own);
	prl_reply_done(&reply);
	prl_buffer_done(&note);
	return st;
}

/* ---- what rings -------------------------------------------------------------------------------------------------- */

static prl_status calls(stop_job *job, json_t **ret, prl_error *err)
{
	json_t *answer = NULL;
	prl_status st = prl_client_get(job->act.session.client, "/parley/v1/calls", &answer, err);
	if (st)
		return st;
	*ret = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the node's answer has no items");
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool is_called(const json_t *call, const char *name)
{
	return strcmp(text_in(call, "id"), name) == 0 || strcmp(text_in(call, "rung_as"), name) == 0 ||
	       strcmp(text_in(call, "name"), name) == 0;
}

static const json_t *find(const json_t *items, const char *name)
{
	const json_t *one;
	size_t i;
	json_array_foreach(items, i, one)
	{
		if (is_called(one, name))
			return one;
	}
	return NULL;
}

/* Without a name: of what others have raised the oldest that this party has not taken; for what follows the taking, the
 * newest that it has. */
static const json_t *choose(const json_t *items, const char *party, bool taking)
{
	const json_t *one, *row, *found = NULL;
	size_t i, k;
	json_array_foreach(items, i, one)
	{
		if (strcmp(text_in(one, "party"), party) == 0)
			continue;
		json_array_foreach(json_object_get(one, "parties"), k, row)
		{
			bool waits = strcmp(text_in(row, "state"), "raised") == 0;
			if (strcmp(text_in(row, "party"), party) == 0 && waits == taking && (!taking || !found))
				found = one;
		}
	}
	return found;
}

/* ---- the ladder -------------------------------------------------------------------------------------------------- */

static void show_once(stop_job *job, const char *line)
{
	if (json_object_get(job->shown, line))
		return;
	json_object_set_new(job->shown, line, json_true());
	puts(line);
	fflush(stdout);
}

static void show_party(stop_job *job, const json_t *row)
{
	char line[500];
	const char *state = text_in(row, "state"), *party = text_in(row, "party");
	const json_t *taken = json_object_get(row, "taken"), *passed = json_object_get(row, "passed");
	if (json_is_object(taken)) {
		const char *role = text_in(taken, "role");
		snprintf(line, sizeof line, "TAKEN BY %.100s of %.100s", *role ? role : text_in(taken, "desk"), party);
		show_once(job, line);
	}
	if (json_is_object(passed) && strcmp(text_in(passed, "what"), "passed on") == 0) {
		snprintf(line, sizeof line, "PASSED TO UNITS by %.100s", party);
		show_once(job, line);
	}
	if (strcmp(state, "raised") && strcmp(state, "taken") && strcmp(state, "passed")) {
		snprintf(line, sizeof line, "%.100s: %.100s", party, state);
		show_once(job, line);
	}
}

/* True when every node has it; *ret_ringing: at how many a desk says that it rings there. */
static bool show_ladder(stop_job *job, const json_t *call, size_t *ret_ringing)
{
	char line[500];
	const char *origin;
	json_t *node;
	const json_t *one;
	size_t i;
	json_object_foreach(json_object_get(call, "nodes"), origin, node)
	{
		snprintf(line, sizeof line, "AT THEIR NODE %.200s", origin);
		show_once(job, line);
		if (json_integer_value(json_object_get(node, "desks")) > 0) {
			snprintf(line, sizeof line, "RINGING at %.200s", origin);
			show_once(job, line);
			(*ret_ringing)++;
		}
	}
	json_array_foreach(json_object_get(call, "not_delivered"), i, one)
	{
		snprintf(line, sizeof line, "NOT DELIVERED to %.200s – PHONE", json_string_value(one));
		show_once(job, line);
	}
	json_array_foreach(json_object_get(call, "parties"), i, one) show_party(job, one);
	return json_is_true(json_object_get(call, "logged")) && json_object_size(json_object_get(call, "nodes")) > 0 &&
	       json_array_size(json_object_get(call, "not_delivered")) == 0;
}

static bool follow(stop_job *job, const char *id)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	double until_s = prl_cli_seconds() + job->wait_s;
	bool there = false, rings = false;
	do {
		json_t *items = NULL;
		prl_error err;
		if (calls(job, &items, &err) == PRL_OK) {
			const json_t *call = find(items, id);
			size_t ringing = 0;
			bool now_there = call && show_ladder(job, call, &ringing);
			if (now_there && !there) /* a desk says a moment later that it rings there */
				until_s = prl_cli_seconds() + RINGS_S;
			there = there || now_there;
			rings = call && ringing == json_object_size(json_object_get(call, "nodes"));
		}
		json_decref(items);
		if (!there || !rings)
			(void)nanosleep(&pause, NULL);
	} while (!(there && rings) && prl_cli_seconds() < until_s);
	return there;
}

/* ---- raise ------------------------------------------------------------------------------------------------------- */

/* In EXERCISE or TEST one more key is asked, and none is the default: a real call must not pass for an exercise, nor
 * the other way round. */
static prl_status ask_mode(stop_job *job, const char *verb, prl_error *err)
{
	static const char *const names[] = { "REAL", "EXERCISE", "TEST" };
	prl_mode line = job->act.session.mode;
	char answer[16];
	if (job->act.has_mode || line == PRL_MODE_REAL)
		return PRL_OK;
	if (!isatty(STDIN_FILENO))
		return prl_error_set(err, PRL_E_REFUSED,
				     "this line is in %s: is the %s real? --mode REAL or --mode %s says so",
				     names[line], verb, names[line]);
	for (;;) {
		fprintf(stderr, "This line is in %s. R real / E exercise: ", names[line]);
		if (!fgets(answer, sizeof answer, stdin))
			return prl_error_set(err, PRL_E_REFUSED, "neither R nor E was answered");
		if (answer[0] == 'R' || answer[0] == 'r')
			job->act.session.mode = PRL_MODE_REAL;
		if (strchr("RrEe", answer[0]) && answer[0] != '\n' && answer[0])
			return PRL_OK;
	}
}

static prl_status log_in(stop_job *job, const char *folder, prl_error *err)
{
	prl_status st = prl_cli_act_open(&job->act, folder, err);
	job->logged_in = st == PRL_OK;
	if (st == PRL_E_REFUSED || st == PRL_E_SIGNATURE) {
		prl_cli_say("the node does not take this key (%s); the call is tried all the same", err->text);
		return PRL_OK;
	}
	return st;
}

static prl_status raise_call(stop_job *job, const char *verb, int count, char **operands, bool *ret_there,
			     prl_error *err)
{
	char id[PRL_HASH_TEXT_MAX] = "";
	prl_buffer words = PRL_BUFFER(SIZE_MAX / 2);
	for (int i = 1; i < count; i++)
		prl_buffer_printf(&words, "%s%s", i > 1 ? " " : "", operands[i]);
	job->kind = "call.raised";
	prl_status st = put_text(job, "class", job->class, err);
	if (!st && words.size)
		st = put_text(job, "words", words.data, err);
	prl_buffer_done(&words);
	if (!st)
		st = log_in(job, operands[0], err);
	if (!st && job->logged_in)
		st = ask_mode(job, verb, err);
	if (!st)
		st = post(job, operands[0], id, err);
	if (st)
		return st;
	if (job->act.json)
		printf("{\"id\": \"%s\", \"class\": \"%s\"}\n", id, job->class);
	else
		show_once(job, "SENT");
	*ret_there = !job->logged_in || job->wait_s <= 0 || follow(job, id);
	return PRL_OK;
}

static int run_raise(const cli_verb *verb, const char *class, int argc, char **argv)
{
	stop_job job = { .class = class, .body = json_object(), .shown = json_object(), .wait_s = 10 };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	prl_error err = { 0 };
	bool there = true;
	if (!status && operands < 1) {
		prl_cli_say("%s: expected parley %s FOLDER [WORDS…]", verb->name, verb->name);
		status = CLI_BAD;
	}
	if (!status) {
		prl_status st = raise_call(&job, verb->name, operands, argv, &there, &err);
		status = prl_cli_act_end(&job.act, verb->name, st, &err);
		if (st == PRL_E_IO)
			prl_cli_say("NOT SENT – PHONE");
	}
	json_decref(job.body);
	json_decref(job.shown);
	return status ? status : there ? CLI_OK : CLI_FOUND;
}

static int run_stop(const cli_verb *verb, int argc, char **argv)
{
	return run_raise(verb, "STOP", argc, argv);
}

static int run_urgent(const cli_verb *verb, int argc, char **argv)
{
	return run_raise(verb, "URGENT", argc, argv);
}

static int run_distress(const cli_verb *verb, int argc, char **argv)
{
	return run_raise(verb, "DISTRESS", argc, argv);
}

/* ---- take -------------------------------------------------------------------------------------------------------- */

static prl_mode mode_of(const json_t *call)
{
	const char *mode = text_in(call, "mode");
	return strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
	       : strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
					       : PRL_MODE_REAL;
}

static prl_status take_call(stop_job *job, int count, char **operands, prl_error *err)
{
	json_t *items = NULL;
	const char *party = NULL;
	char id[PRL_HASH_TEXT_MAX];
	bool taking = !job->kind;
	prl_status st = prl_cli_act_open(&job->act, operands[0], err);
	job->logged_in = st == PRL_OK; /* else it would be signed blindly, and the record would refuse it */
	if (!st)
		st = calls(job, &items, err);
	if (!st)
		st = prl_home_setting(job->act.session.settings, "party", &party, err);
	if (st)
		return st;
	const json_t *call = count > 1 ? find(items, operands[1]) : choose(items, party, taking);
	job->kind = taking ? "call.taken" : job->kind;
	if (!call)
		st = count > 1 ? prl_error_set(err, PRL_E_NOT_FOUND, "nothing called \"%.60s\" rings here", operands[1])
			       : prl_error_set(err, PRL_E_NOT_FOUND, "nothing rings here that could be meant");
	if (!st)
		st = put_text(job, "call", text_in(call, "id"), err);
	if (!st && job->what)
		st = put_text(job, "what", job->what, err);
	if (!st) {
		job->act.session.mode = mode_of(call); /* an answer has the call's mode */
		st = post(job, operands[0], id, err);
	}
	if (!st && job->act.json)
		printf("{\"id\": \"%s\", \"kind\": \"%s\"}\n", text_in(call, "id"), job->kind);
	else if (!st)
		printf("%s: %s\n", text_in(call, "name"), taking ? "taken" : job->what ? job->what : "withdrawn");
	json_decref(items);
	return st;
}

static int run_take(const cli_verb *verb, int argc, char **argv)
{
	stop_job job = { .body = json_object(), .shown = json_object() };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	prl_error err = { 0 };
	if (!status && (operands < 1 || operands > 2)) {
		prl_cli_say("take: expected parley take FOLDER [CALL] [option…]");
		status = CLI_BAD;
	}
	if (!status)
		status = prl_cli_act_end(&job.act, "take", take_call(&job, operands, argv, &err), &err);
	json_decref(job.body);
	json_decref(job.shown);
	return status;
}

/* ---- the verbs --------------------------------------------------------------------------------------------------- */

#define RAISE_DETAILS                                                                                                   \
	"Nothing but FOLDER is needed: what is not stated reads \"not stated\". It rings at the other side's desks "    \
	"at "                                                                                                           \
	"once,\nbefore anything is written or asked, in any state of the channel. Prints the ladder as it climbs: "     \
	"SENT, "                                                                                                        \
	"AT THEIR\nNODE, RINGING, TAKEN BY, PASSED TO UNITS; after 5 s without their node NOT DELIVERED – PHONE. On " \
	"a line "                                                                                                       \
	"in EXERCISE\nor TEST one more key is asked: R real / E exercise.\n"                                            \
	"\n"                                                                                                            \
	"exit status: 0 it is at their node, 1 it is not (yet), 2 bad use, 3 it could not be sent: telephone\n"

const cli_verb prl_cli_stop = {
	.name = "stop",
	.summary = "STOP: cease or hold now, your act endangers lives",
	.usage = "parley stop FOLDER [WORDS…] [option…]",
	.details = RAISE_DETAILS,
	.options = raise_options,
	.option_count = sizeof raise_options / sizeof *raise_options,
	.run = run_stop,
};

const cli_verb prl_cli_urgent = {
	.name = "urgent",
	.summary = "URGENT: a person to the line now",
	.usage = "parley urgent FOLDER [WORDS…] [option…]",
	.details = RAISE_DETAILS,
	.options = raise_options,
	.option_count = sizeof raise_options / sizeof *raise_options,
	.run = run_urgent,
};

const cli_verb prl_cli_distress = {
	.name = "distress",
	.summary = "DISTRESS: our people need help",
	.usage = "parley distress FOLDER [WORDS…] [option…]",
	.details = RAISE_DETAILS,
	.options = raise_options,
	.option_count = sizeof raise_options / sizeof *raise_options,
	.run = run_distress,
};

const cli_verb prl_cli_take = {
	.name = "take",
	.summary = "takes a call that rings, and says what became of it",
	.usage = "parley take FOLDER [CALL] [option…]",
	.details =
		"CALL is a name (\"us STOP 41\") or an id. Without one: the oldest call that rings here and nobody of\n"
		"this party has taken; with an answer (--passed-on …) the newest that it has. Any person on watch "
		"takes\n"
		"it; where two do, both are named. Withdrawing says nothing about resuming.\n"
		"\n"
		"exit status: 0 as asked, 2 bad use or nothing rings, 3 the machine failed\n",
	.options = take_options,
	.option_count = sizeof take_options / sizeof *take_options,
	.run = run_take,
};
