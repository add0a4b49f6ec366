/* parley init: the ceremony with which a line begins. */
#include "cli/cli.h"
#include "cli/home.h"
#include "cli/init_ask.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/certificate.h"
#include "node/founding.h"
#include "node/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct init_job {
	const char *folder, *party, *title, *log, *address, *desk, *line, *accept, *terms;
	const char *with[PRL_FOUNDING_PARTIES_MAX];
	size_t with_count;
	prl_telephone telephones[PRL_TELEPHONES_MAX];
	size_t telephone_count;
	unsigned retention_days;
	prl_mode mode;
	bool alone, yes;
} init_job;

enum { PARTY, TITLE, LOG, ADDRESS, DESK, WITH, ALONE, ACCEPT, LINE, MODE, RETENTION, TERMS, YES, TELEPHONE };

static const cli_option options[] = {
	{ "--party", "NAME", "make the keys and the card of a party: short name, as in us", PARTY },
	{ "--title", "TEXT", "its name for people (default: the short name)", TITLE },
	{ "--log", "ORIGIN", "name of this node's log (default: PARTY.example/line)", LOG },
	{ "--address", "URL",
	  "where the other nodes reach this one, https://HOST:PORT; makes a certificate.\n"
	  "Without it the record travels by file only",
	  ADDRESS },
	{ "--desk", "NAME", "first desk (default: PARTY-ops); its first console is NAME/console-1", DESK },
	{ "--telephone", "NUMBER[, WHO]",
	  "where people of the party answer when the line is broken, and who: a desk or a role, no name;\n"
	  "stands on the card and in the constitution, and beside STOP; up to 4 times, first tried first",
	  TELEPHONE },
	{ "--with", "CARD", "draft a constitution with the card of another party, and sign it; once a party", WITH },
	{ "--alone", NULL, "draft a constitution with this party alone", ALONE },
	{ "--line", "TEXT", "what the line is called (default: \"Line of\" and the parties)", LINE },
	{ "--mode", "MODE", "REAL, EXERCISE or TEST (default: REAL)", MODE },
	{ "--retention", "DAYS", "contents may be deleted after so many days (default: never)", RETENTION },
	{ "--terms", "FILE",
	  "what the parties agree: JSON with separation, theatre, lead_times, timers, terrain,\nlanguages as in "
	  "schemas/entry/constitution.json, with their sources (default: what\n"
	  "parley has for each; at a terminal the separation by pair of kinds is asked for)",
	  TERMS },
	{ "--accept", "FILE", "sign a constitution that another party drafted, or take the signatures it has", ACCEPT },
	{ "--yes", NULL,
	  "ask nothing: sign (the fingerprints have been compared), and take parley's separations\n"
	  "where --terms states none",
	  YES },
};

static prl_status set_mode(const char *value, prl_mode *ret, prl_error *err)
{
	static const char *const names[] = { "REAL", "EXERCISE", "TEST" };
	for (int i = 0; i < 3; i++)
		if (!strcmp(value, names[i])) {
			*ret = (prl_mode)i;
			return PRL_OK;
		}
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.20s\" is no mode; expected REAL, EXERCISE or TEST", value);
}

static prl_status add_telephone(init_job *job, const char *value, prl_error *err)
{
	prl_telephone one = { 0 };
	size_t length = strcspn(value, ",");
	const char *who = value[length] ? value + length + 1 + strspn(value + length + 1, " ") : "";
	while (length && value[length - 1] == ' ')
		length--;
	if (job->telephone_count == PRL_TELEPHONES_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u telephones", PRL_TELEPHONES_MAX);
	if (!length || length >= sizeof one.number || strlen(who) >= sizeof one.who)
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"\"%.60s\": expected a number of 1 to %zu bytes, and after a comma who answers, at "
			"most %zu",
			value, sizeof one.number - 1, sizeof one.who - 1);
	snprintf(one.number, sizeof one.number, "%.*s", (int)length, value);
	snprintf(one.who, sizeof one.who, "%s", who);
	job->telephones[job->telephone_count++] = one;
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	init_job *job = context;
	const char **const texts[] = {
		[PARTY] = &job->party, [TITLE] = &job->title,   [LOG] = &job->log,   [ADDRESS] = &job->address,
		[DESK] = &job->desk,   [ACCEPT] = &job->accept, [LINE] = &job->line, [TERMS] = &job->terms
	};
	double days;
	prl_status st;
	switch (id) {
	case WITH:
		if (job->with_count + 1 >= PRL_FOUNDING_PARTIES_MAX)
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u parties", PRL_FOUNDING_PARTIES_MAX);
		job->with[job->with_count++] = value;
		return PRL_OK;
	case TELEPHONE:
		return add_telephone(job, value, err);
	case ALONE:
		job->alone = true;
		return PRL_OK;
	case YES:
		job->yes = true;
		return PRL_OK;
	case MODE:
		return set_mode(value, &job->mode, err);
	case RETENTION:
		st = prl_cli_number(value, 1, 36500, "days", &days, err);
		if (!st)
			job->retention_days = (unsigned)days;
		return st;
	default:
		*texts[id] = value;
		return PRL_OK;
	}
}

/* ---- keys and card -------------------------------------------------------------------------------------------- */

static void host_of(const char *address, char *host, size_t room)
{
	const char *from = strstr(address, "://");
	from = from ? from + 3 : address;
	size_t length = from[0] == '[' ? strcspn(++from, "]") : strcspn(from, ":/");
	snprintf(host, room, "%.*s", (int)length, from);
}

static prl_status make_certificate(const init_job *job, prl_card *card, prl_error *err)
{
	prl_buffer certificate = PRL_BUFFER(PRL_CARD_MAX), key = PRL_BUFFER(PRL_CARD_MAX);
	char host[300];
	host_of(job->address, host, sizeof host);
	prl_status st = prl_certificate_new(host, &certificate, &key, err);
	if (!st)
		st = prl_certificate_pin((prl_bytes){ certificate.data, certificate.size }, &card->tls, err);
	if (!st)
		st = prl_home_write(job->folder, "tls.crt", (prl_bytes){ certificate.data, certificate.size }, 0644,
				    err);
	if (!st)
		st = prl_home_write(job->folder, "tls.key", (prl_bytes){ key.data, key.size }, 0600, err);
	card->has_tls = !st;
	prl_buffer_done(&certificate);
	prl_buffer_done(&key);
	return st;
}

static prl_status make_keys(const init_job *job, prl_card *card, prl_error *err)
{
	char name[PRL_KEY_NAME_MAX + 40], desk[PRL_KEY_NAME_MAX + 1];
	prl_verifier desk_key, console_key;
	snprintf(name, sizeof name, "%s/root", card->party);
	prl_status st = prl_home_key_new(job->folder, name, name, PRL_KEY_NOTE, &card->root, err);
	if (!st)
		st = prl_home_key_new(job->folder, card->log.name, "log", PRL_KEY_NOTE, &card->log, err);
	snprintf(name, sizeof name, "%s/witness", card->log.name);
	if (!st)
		st = prl_home_key_new(job->folder, name, "witness", PRL_KEY_COSIGNATURE, &card->witness, err);
	snprintf(name, sizeof name, "%s/mirror", card->log.name);
	if (!st)
		st = prl_home_key_new(job->folder, name, "mirror", PRL_KEY_COSIGNATURE, &card->mirror, err);
	snprintf(desk, sizeof desk, job->desk ? "%s" : "%s-ops", job->desk ? job->desk : job->party);
	if (!st)
		st = prl_home_key_new(job->folder, desk, desk, PRL_KEY_NOTE, &desk_key, err);
	snprintf(name, sizeof name, "%s/console-1", desk);
	if (!st)
		st = prl_home_key_new(job->folder, name, name, PRL_KEY_NOTE, &console_key, err);
	return st;
}

static prl_status write_card(const init_job *job, const prl_card *card, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_CARD_MAX);
	char name[PRL_KEY_NAME_MAX + 8];
	snprintf(name, sizeof name, "%s.card", card->party);
	prl_status st = prl_card_write(card, &text, err);
	if (!st)
		st = prl_home_write(job->folder, name, (prl_bytes){ text.data, text.size }, 0644, err);
	prl_buffer_done(&text);
	return st;
}

static void print_fingerprints(const prl_card *card)
{
	const prl_verifier *const keys[] = { &card->root, &card->log, &card->witness, &card->mirror };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		char text[PRL_FINGERPRINT_MAX];
		prl_verifier_fingerprint(keys[i], text);
		printf("  %-32s %s\n", keys[i]->name, text);
	}
}

static prl_status make_party(const init_job *job, prl_error *err)
{
	prl_card card = { 0 };
	snprintf(card.party, sizeof card.party, "%s", job->party);
	snprintf(card.title, sizeof card.title, "%s", job->title ? job->title : job->party);
	snprintf(card.address, sizeof card.address, "%s", job->address ? job->address : "");
	memcpy(card.telephones, job->telephones, sizeof card.telephones);
	card.telephone_count = job->telephone_count;
	snprintf(card.log.name, sizeof card.log.name, job->log ? "%s" : "%s.example/line",
		 job->log ? job->log : job->party);
	prl_status st = prl_home_new(job->folder, err);
	if (!st)
		st = make_keys(job, &card, err);
	if (!st && job->address && !strncmp(job->address, "https:", 6))
		st = make_certificate(job, &card, err);
	if (!st)
		st = prl_home_settings_write(job->folder, &card, job->desk, err);
	if (!st)
		st = write_card(job, &card, err);
	if (st)
		return st;
	printf("made the keys of %s in %s/keys: who holds them speaks for %s\n", card.party, job->folder, card.party);
	printf("fingerprints, to be read aloud to the other parties:\n");
	print_fingerprints(&card);
	if (!job->alone)
		printf("next: give %s/%s.card to the other parties", job->folder, card.party);
	if (!job->alone)
		printf(job->with_count ? "\n" : ", and take theirs: parley init %s --with CARD\n", job->folder);
	return PRL_OK;
}

/* ---- the constitution ------------------------------------------------------------------------------------------ */

static prl_status read_card_file(const char *path, prl_card *ret, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_CARD_MAX);
	prl_status st = prl_file_read(path, &text, err);
	if (!st)
		st = prl_card_read((prl_bytes){ text.data, text.size }, ret, err);
	prl_buffer_done(&text);
	return st ? prl_error_at(err, st, "%s", path) : PRL_OK;
}

static prl_status own_card(const char *folder, prl_card *ret, prl_error *err)
{
	char path[PATH_MAX];
	prl_status st = prl_home_card_path(folder, path, err);
	return st ? st : read_card_file(path, ret, err);
}

static void line_title(const init_job *job, const prl_card *cards, size_t count, char *title, size_t room)
{
	size_t used = (size_t)snprintf(title, room, "%s", job->line ? job->line : "Line of ");
	for (size_t i = 0; !job->line && i < count && used < room; i++)
		used += (size_t)snprintf(title + used, room - used, i ? ", %s" : "%s", cards[i].title);
}

/* *ret stays NULL where none are given. */
static prl_status read_terms(const char *path, json_t **ret, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_status st = path ? prl_file_read(path, &text, err) : PRL_OK;
	if (!st && path)
		st = prl_founding_agreed((prl_bytes){ text.data ? text.data : "", text.size }, ret, err);
	prl_buffer_done(&text);
	return st ? prl_error_at(err, st, "%s", path) : PRL_OK;
}

/* A person at a terminal is asked what the file of terms leaves open; a script is not, nor who said --yes. */
static prl_status ask_terms(const init_job *job, json_t **agreed, prl_error *err)
{
	json_t *separation = NULL;
	if (job->yes || json_object_get(*agreed, "separation") || !isatty(STDIN_FILENO))
		return PRL_OK;
	prl_status st = prl_init_ask_separation(stdin, stderr, &separation, err);
	if (st)
		return st;
	if (!*agreed)
		*agreed = json_object();
	return json_object_set_new(*agreed, "separation", separation) == 0 ? PRL_OK : prl_error_memory(err);
}

static prl_status draft(const init_job *job, const prl_signer *root, prl_buffer *ret_entry, prl_error *err)
{
	prl_card cards[PRL_FOUNDING_PARTIES_MAX];
	size_t count = 0;
	prl_status st = own_card(job->folder, &cards[count++], err);
	for (size_t i = 0; !st && i < job->with_count; i++)
		st = read_card_file(job->with[i], &cards[count++], err);
	if (st)
		return st;
	char title[200];
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	line_title(job, cards, count, title, sizeof title);
	json_t *agreed = NULL;
	st = read_terms(job->terms, &agreed, err);
	if (!st)
		st = ask_terms(job, &agreed, err);
	prl_founding_terms terms = { title, job->mode, (prl_time)now.tv_sec * PRL_SECOND, job->retention_days, agreed };
	if (!st)
		st = prl_founding_draft(cards, count, &terms, root, ret_entry, err);
	json_decref(agreed);
	return st;
}

/* Shows what is about to be signed. */
static void show_constitution(prl_bytes entry, const prl_founding_state *state)
{
	printf("%.*s", (int)entry.size, entry.data);
	printf("root keys, to be compared aloud with each party before signing:\n");
	for (size_t i = 0; i < state->count; i++) {
		char text[PRL_FINGERPRINT_MAX];
		prl_verifier_fingerprint(&state->roots[i], text);
		printf("  %-32s %s  %s\n", state->roots[i].name, text,
		       state->signed_by[i] ? "signed" : "not yet signed");
	}
}

static bool asked_to_sign(const init_job *job)
{
	if (job->yes)
		return true;
	char answer[16] = "";
	printf("Sign this constitution? Type yes: ");
	fflush(stdout);
	return fgets(answer, sizeof answer, stdin) && !strcmp(answer, "yes\n");
}

/* The constitution names this party with the key that is kept here. */
static prl_status check_is_ours(const prl_founding_state *state, const prl_verifier *root, prl_error *err)
{
	for (size_t i = 0; i < state->count; i++)
		if (!strcmp(state->roots[i].name, root->name))
			return !memcmp(state->roots[i].public_key, root->public_key, sizeof root->public_key)
				       ? PRL_OK
				       : prl_error_set(err, PRL_E_REFUSED,
						       "the constitution has another root key for %s than this folder",
						       root->name);
	return prl_error_set(err, PRL_E_REFUSED, "the constitution does not name %s", root->name);
}

static bool is_text(const json_t *object, const char *name, json_t *text)
{
	bool same = json_equal(json_object_get(object, name), text);
	json_decref(text);
	return same;
}

/* Whoever handed our card on could have put other keys of a log beside our root key. */
static bool is_our_log(const json_t *log, const prl_card *card)
{
	char pin[PRL_HASH_TEXT_MAX];
	prl_hash_write(&card->tls, pin);
	return is_text(log, "key", prl_home_vkey(&card->log)) &&
	       is_text(log, "witness", prl_home_vkey(&card->witness)) &&
	       is_text(log, "mirror", prl_home_vkey(&card->mirror)) &&
	       is_text(log, "address", json_string(card->address)) &&
	       (card->has_tls ? is_text(log, "tls", json_string(pin)) : !json_object_get(log, "tls"));
}

static prl_status check_our_log(const init_job *job, prl_bytes bytes, prl_error *err)
{
	prl_card card;
	prl_entry entry;
	prl_status st = own_card(job->folder, &card, err);
	if (!st)
		st = prl_entry_read(bytes, &entry, err);
	if (st)
		return st;
	json_t *body = json_loadb(entry.body.data, entry.body.size, JSON_REJECT_DUPLICATES, NULL), *log, *party;
	json_t *telephones = prl_card_telephones(&card);
	bool ours = false, home = false, reached = false;
	size_t i;
	json_array_foreach(json_object_get(body, "parties"), i, party)
	{
		json_t *theirs = json_object_get(party, "telephones");
		if (is_text(party, "name", json_string(card.party))) {
			home = is_text(party, "log", json_string(card.log.name));
			reached = telephones ? json_equal(theirs, telephones) : !theirs;
		}
	}
	json_array_foreach(json_object_get(body, "logs"), i, log) ours |=
		is_text(log, "origin", json_string(card.log.name)) && is_our_log(log, &card);
	json_decref(body);
	json_decref(telephones);
	if (!home)
		return prl_error_set(err, PRL_E_REFUSED,
				     "the constitution has %s act in another log than %s: ask who drafted it",
				     card.party, card.log.name);
	if (!reached)
		return prl_error_set(err, PRL_E_REFUSED,
				     "the constitution has other telephones of %s than this folder's card", card.party);
	return ours ? PRL_OK
		    : prl_error_set(
			      err, PRL_E_REFUSED,
			      "the constitution does not have the log %s as this folder's card does: its keys, its "
			      "address or its certificate are others",
			      card.log.name);
}

static prl_status sign(const init_job *job, prl_bytes entry, prl_bytes other, const prl_signer *root, prl_buffer *ret,
		       prl_error *err)
{
	prl_founding_state state;
	prl_status st = prl_founding_read(entry, &state, err);
	if (!st)
		st = check_is_ours(&state, &root->verifier, err);
	if (!st)
		st = check_our_log(job, entry, err);
	if (st)
		return st;
	show_constitution(entry, &state);
	if (!asked_to_sign(job))
		return prl_error_set(err, PRL_E_REFUSED, "not signed; no constitution was written");
	return prl_founding_sign(entry, other, root, ret, err);
}

static prl_status own_root(const init_job *job, prl_signer *ret, prl_error *err)
{
	prl_card card;
	char name[PRL_KEY_NAME_MAX + 8];
	prl_status st = own_card(job->folder, &card, err);
	if (st)
		return st;
	snprintf(name, sizeof name, "%s/root", card.party);
	return prl_home_key(job->folder, name, ret, err);
}

static prl_status read_other(const init_job *job, prl_buffer *ret, prl_error *err)
{
	prl_status st = prl_file_read(job->accept, ret, err);
	return st ? prl_error_at(err, st, "%s", job->accept) : PRL_OK;
}

/* Draft or another's file, this party's signature, and those that both have. */
static prl_status make_constitution(const init_job *job, prl_buffer *ret, prl_error *err)
{
	prl_buffer entry = PRL_BUFFER(PRL_ENTRY_MAX), kept = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_signer root = { 0 };
	prl_status st = own_root(job, &root, err);
	if (!st)
		st = job->accept ? read_other(job, &entry, err) : draft(job, &root, &entry, err);
	if (!st && job->accept && prl_home_read(job->folder, "constitution.note", &kept, NULL) != PRL_OK)
		prl_buffer_clear(&kept);
	if (!st)
		st = sign(job, (prl_bytes){ entry.data, entry.size },
			  (prl_bytes){ kept.size ? kept.data : NULL, kept.size }, &root, ret, err);
	prl_signer_wipe(&root);
	prl_buffer_done(&entry);
	prl_buffer_done(&kept);
	return st;
}

/* The name of a line is SHA-256 of its constitution's text: every entry states it. */
static void print_line(prl_bytes entry)
{
	prl_note note;
	char text[PRL_HASH_TEXT_MAX];
	if (prl_note_read(entry, &note, NULL))
		return;
	prl_hash hash = prl_sha256(note.text.data, note.text.size);
	prl_hash_write(&hash, text);
	printf("the hash of the line, the same for all sides; write it down:\n  %s\n", text);
}

static prl_status settle(const init_job *job, prl_bytes entry, prl_error *err)
{
	prl_founding_state state;
	prl_status st = prl_founding_read(entry, &state, err);
	if (!st)
		st = prl_home_write(job->folder, "constitution.note", entry, 0644, err);
	if (st)
		return st;
	if (state.signed_count < state.count) {
		printf("signed by %zu of %zu parties. next: give %s/constitution.note to the others, who sign with\n"
		       "  parley init FOLDER --accept constitution.note\n"
		       "and take it back with parley init %s --accept THEIR-constitution.note\n",
		       state.signed_count, state.count, job->folder, job->folder);
		return PRL_OK;
	}
	st = prl_home_open_log(job->folder, entry, err);
	if (!st)
		print_line(entry);
	if (!st)
		printf("the constitution is signed by all %zu parties; the log is open.\n"
		       "next: parley serve %s\n"
		       "Take the root key away from this machine: it is needed only to change keys.\n",
		       state.count, job->folder);
	return st;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	init_job job = { 0 };
	int operands, status = prl_cli_options(verb, argc, argv, set_option, &job, &operands);
	if (status)
		return status;
	if (operands != 1 || !(job.party || job.with_count || job.alone || job.accept)) {
		prl_cli_say("init: expected one folder, and --party, --with, --alone or --accept; "
			    "`parley init --help` shows the ceremony");
		return CLI_BAD;
	}
	if (job.terms && !job.with_count && !job.alone) {
		prl_cli_say("init: --terms goes with --with or --alone: the constitution that is drafted says it");
		return CLI_BAD;
	}
	job.folder = argv[0];
	prl_error err = { 0 };
	prl_buffer entry = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_status st = job.party ? make_party(&job, &err) : PRL_OK;
	if (!st && (job.with_count || job.alone || job.accept)) {
		st = make_constitution(&job, &entry, &err);
		if (!st)
			st = settle(&job, (prl_bytes){ entry.data, entry.size }, &err);
	}
	prl_buffer_done(&entry);
	if (st)
		prl_cli_say_error("init", &err);
	return prl_cli_exit_status(st);
}

static const char details[] = "One side alone, in one command:\n"
			      "  parley init us --party us --alone\n"
			      "\n"
			      "Two sides, each on its own machine:\n"
			      "  A  parley init us --party us --log us.example/line --address https://a.example:8440\n"
			      "  B  parley init ru --party ru --log ru.example/line --address https://b.example:8440\n"
			      "     Each gives its card to the other; fingerprints are read aloud over the telephone.\n"
			      "  A  parley init us --with ru.card               drafts and signs us/constitution.note\n"
			      "  B  parley init ru --accept constitution.note   shows it, signs it, opens B's log\n"
			      "  A  parley init us --accept constitution.note   takes B's signature, opens A's log\n"
			      "  both  parley serve FOLDER\n";

const cli_verb prl_cli_init = {
	.name = "init",
	.summary = "makes the keys of a party and begins a line",
	.usage = "parley init FOLDER [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
