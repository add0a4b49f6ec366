/* parley key: the keys of a party, as entries. */
#include "cli/call.h"
#include "cli/session.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/keys.h"

#include <sodium.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const cli_option options[] = {
	{ "--desk", "KEY",
	  "the desk's key that signs (default: the desk of node.json): its name, or a file\n"
	  "that ends in .key",
	  CLI_DESK },
	{ "--key", "KEY", "compromised: who signs first (default: the desk's key)", CLI_KEY },
	{ "--second", "KEY", "compromised: the second person's key, a name or a file that ends in .key", CLI_SECOND },
	{ "--from", "INDEX", "compromised: the first entry of the log that is in doubt", CLI_FROM },
	{ "--out", "FILE", "compromised: leave the entry with one signature in FILE, for the second person", CLI_OUT },
	{ "--add-signature", "FILE", "compromised: sign the entry in FILE as the second person, and file it",
	  CLI_ADD_SIGNATURE },
	{ "--only-key", NULL, "new: make the key on this machine, which need not have a node, and print its vkey",
	  CLI_ONLY_KEY },
	{ "--reason", "TEXT", "revoke, compromised, dismiss: for people, as lost or retired", CLI_REASON },
	{ "--title", "TEXT", "token: what the program is, for people (default: its name)", CLI_TITLE },
	{ "--json", NULL, "list: one JSON object a line", CLI_JSON },
};

/* ---- signing as a desk ------------------------------------------------------------------------------------------- */

/* Logs in with the desk's key: the one that is named, else that of node.json. */
static prl_status open_desk(const cli_call *call, cli_session *ret, prl_error *err)
{
	json_t *settings = NULL;
	const char *desk = call->value[CLI_DESK];
	prl_status st = PRL_OK;
	*ret = (cli_session){ 0 };
	if (!desk)
		st = prl_home_settings(call->operands[0], &settings, err);
	if (!st && !desk)
		st = prl_home_setting(settings, "desk", &desk, err);
	if (!st)
		st = prl_session_open(call->operands[0], desk, ret, err);
	json_decref(settings);
	return st;
}

static json_t *with_reason(const cli_call *call, json_t *body)
{
	if (body && call->value[CLI_REASON])
		json_object_set_new(body, "reason", json_string(call->value[CLI_REASON]));
	return body;
}

/* One entry by the desk's key; takes body over. */
static prl_status file_as_desk(const cli_call *call, const char *kind, json_t *body, prl_error *err)
{
	cli_session session;
	prl_filed filed;
	prl_status st = open_desk(call, &session, err);
	if (st)
		json_decref(body);
	else
		st = prl_session_file(&session, kind, body, NULL, &filed, err);
	prl_session_close(&session);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static void print_key(const prl_verifier *key)
{
	char vkey[PRL_KEY_TEXT_MAX], fingerprint[PRL_FINGERPRINT_MAX];
	prl_verifier_write(key, vkey);
	prl_verifier_fingerprint(key, fingerprint);
	printf("%s\nfingerprint %s\n", vkey, fingerprint);
}

/* ---- new, certify ------------------------------------------------------------------------------------------------ */

/* A device needs no node: the folder need only have a place for keys. */
static prl_status make_key(const cli_call *call, prl_verifier *ret, prl_error *err)
{
	char path[PRL_KEY_PATH_MAX];
	const char *folder = call->operands[0], *name = call->operands[1];
	prl_status st = prl_key_path(folder, name, path, err);
	if (!st && call->value[CLI_ONLY_KEY]) {
		st = prl_folder_of_file(path, err);
		if (!st)
			(void)chmod(folder, 0700);
	}
	return st ? st : prl_home_key_new(folder, name, name, PRL_KEY_NOTE, ret, err);
}

static void forget_key(const cli_call *call)
{
	char path[PRL_KEY_PATH_MAX];
	if (!prl_key_path(call->operands[0], call->operands[1], path, NULL))
		unlink(path);
}

static prl_status run_new(const cli_call *call, prl_error *err)
{
	prl_verifier key;
	prl_status st;
	if (call->value[CLI_ONLY_KEY]) {
		st = make_key(call, &key, err);
		if (!st)
			print_key(&key);
		return st;
	}
	cli_session session;
	prl_filed filed;
	st = open_desk(call, &session, err);
	if (st)
		return st;
	st = make_key(call, &key, err);
	if (!st) {
		st = prl_session_file(&session, "key.certified", json_pack("{s:o}", "key", prl_home_vkey(&key)), NULL,
				      &filed, err);
		if (st && st != PRL_E_IO) /* refused: nobody will ever know this key */
			forget_key(call);
	}
	prl_session_close(&session);
	if (st)
		return st;
	print_key(&key);
	prl_session_print_filed(&filed);
	return PRL_OK;
}

static prl_status run_certify(const cli_call *call, prl_error *err)
{
	prl_verifier key;
	prl_status st = prl_verifier_read(prl_bytes_of(call->operands[1]), &key, err);
	if (st)
		return st;
	print_key(&key);
	return file_as_desk(call, "key.certified", json_pack("{s:o}", "key", prl_home_vkey(&key)), err);
}

/* ---- rotate ------------------------------------------------------------------------------------------------------ */

static prl_status io_failed(prl_error *err, const char *path)
{
	return prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
}

/* The new key waits in NAME.key.next until the entry is in the log. Where a rotation was broken off between the two,
 * the node knows which of them counts. */
static prl_status next_path(const cli_call *call, char path[PRL_KEY_PATH_MAX], char next[PRL_KEY_PATH_MAX + 8],
			    prl_error *err)
{
	prl_status st = prl_key_path(call->operands[0], call->operands[1], path, err);
	if (!st)
		snprintf(next, PRL_KEY_PATH_MAX + 8, "%s.next", path);
	return st;
}

static prl_status new_next(const char *name, const char *next, prl_signer *ret, prl_error *err)
{
	if (access(next, F_OK) == 0)
		return prl_key_load(next, PRL_KEY_NOTE, ret, err);
	prl_signer signer;
	prl_status st = prl_signer_new(name, PRL_KEY_NOTE, &signer, err);
	if (!st)
		st = prl_key_save(next, &signer, err);
	if (!st)
		*ret = signer;
	prl_signer_wipe(&signer);
	return st;
}

/* A session by the new key: then the rotation is in the log already. */
static bool is_rotated(const char *folder, const char *next)
{
	cli_session session;
	prl_error err;
	prl_signer key;
	if (prl_key_load(next, PRL_KEY_NOTE, &key, &err))
		return false;
	prl_client_options to = { .folder = folder };
	session = (cli_session){ .folder = folder, .signer = key };
	bool known = prl_client_open(&to, &session.client, &err) == PRL_OK &&
		     prl_client_login(session.client, &key, &err) == PRL_OK;
	prl_signer_wipe(&key);
	prl_session_close(&session);
	return known;
}

static prl_status rotate(const cli_call *call, const char *next, prl_filed *ret, prl_error *err)
{
	cli_session session;
	prl_signer new_key = { 0 };
	prl_status st = prl_session_open(call->operands[0], call->operands[1], &session, err);
	if (!st)
		st = new_next(session.signer.verifier.name, next, &new_key, err);
	if (!st) {
		const char *role = strstr(new_key.verifier.name, "/root");
		bool root = role && !role[5];
		st = prl_session_file(&session, root ? "root.rotated" : "key.rotated",
				      json_pack("{s:o}", "key", prl_home_vkey(&new_key.verifier)), &new_key, ret, err);
	}
	if (!st)
		print_key(&new_key.verifier);
	prl_signer_wipe(&new_key);
	prl_session_close(&session);
	return st;
}

static prl_status run_rotate(const cli_call *call, prl_error *err)
{
	char path[PRL_KEY_PATH_MAX], next[PRL_KEY_PATH_MAX + 8];
	prl_filed filed;
	prl_status st = next_path(call, path, next, err);
	bool before = !st && access(next, F_OK) == 0 && is_rotated(call->operands[0], next);
	if (!st && !before)
		st = rotate(call, next, &filed, err);
	if (!st && rename(next, path) != 0)
		st = io_failed(err, next);
	if (st)
		return st;
	if (before)
		printf("the rotation that was broken off is in the log; the new key is in %s\n", path);
	else
		prl_session_print_filed(&filed);
	return PRL_OK;
}

/* ---- revoke, compromised ----------------------------------------------------------------------------------------- */

static prl_status run_revoke(const cli_call *call, prl_error *err)
{
	return file_as_desk(call, "key.revoked", with_reason(call, json_pack("{s:s}", "key", call->operands[1])), err);
}

static prl_status read_from(const cli_call *call, uint64_t *ret, prl_error *err)
{
	const char *text = call->value[CLI_FROM];
	if (!text || !prl_decimal_read(prl_bytes_of(text), ret) || *ret > INT64_MAX)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "--from: expected the index of the first entry that is in doubt, not \"%.40s\"",
				     text ? text : "");
	return PRL_OK;
}

static prl_status open_first(const cli_call *call, cli_session *ret, prl_error *err)
{
	return call->value[CLI_KEY] ? prl_session_open(call->operands[0], call->value[CLI_KEY], ret, err)
				    : open_desk(call, ret, err);
}

static prl_status file_compromised(const cli_call *call, cli_session *session, json_t *body, prl_error *err)
{
	prl_signer second = { 0 };
	prl_filed filed;
	if (call->value[CLI_OUT]) {
		prl_status st = prl_session_write(session, "key.compromised", body, call->value[CLI_OUT], err);
		if (!st)
			printf("signed once, not filed yet. The second person:\n  parley key compromised %s "
			       "--add-signature %s --second KEY\n",
			       call->operands[0], call->value[CLI_OUT]);
		return st;
	}
	prl_status st = prl_home_signer(call->operands[0], call->value[CLI_SECOND], &second, err);
	if (st)
		json_decref(body);
	else
		st = prl_session_file(session, "key.compromised", body, &second, &filed, err);
	prl_signer_wipe(&second);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}

static prl_status run_compromised(const cli_call *call, prl_error *err)
{
	cli_session session;
	uint64_t from;
	if (call->value[CLI_ADD_SIGNATURE])
		return prl_session_second(call, "key.compromised", err);
	if (call->operand_count != 2 || !call->value[CLI_SECOND] == !call->value[CLI_OUT])
		return prl_error_set(err, PRL_E_SYNTAX,
				     "expected FOLDER NAME --from INDEX, and either --second KEY or --out FILE: two "
				     "people sign");
	prl_status st = read_from(call, &from, err);
	if (!st)
		st = open_first(call, &session, err);
	if (st)
		return st;
	st = file_compromised(
		call, &session,
		with_reason(call, json_pack("{s:s, s:I}", "key", call->operands[1], "suspect_from", (json_int_t)from)),
		err);
	prl_session_close(&session);
	return st;
}

/* ---- programs ---------------------------------------------------------------------------------------------------- */

static prl_status run_token(const cli_call *call, prl_error *err)
{
	uint8_t random[32];
	char token[2 * sizeof random + 1], hash_text[PRL_HASH_TEXT_MAX];
	const char *name = call->operands[1];
	if (sodium_init() < 0)
		return prl_error_set(err, PRL_E_IO, "this machine has no source of random numbers");
	randombytes_buf(random, sizeof random);
	prl_hex_write(random, sizeof random, token);
	prl_hash hash = prl_sha256(token, strlen(token));
	prl_hash_write(&hash, hash_text);
	prl_status st =
		file_as_desk(call, "program.admitted",
			     json_pack("{s:s, s:s, s:s}", "program", name, "title",
				       call->value[CLI_TITLE] ? call->value[CLI_TITLE] : name, "token", hash_text),
			     err);
	if (!st)
		printf("token of %s, shown this once; the log holds its hash only:\n%s\n", name, token);
	sodium_memzero(token, sizeof token);
	sodium_memzero(random, sizeof random);
	return st;
}

static prl_status run_dismiss(const cli_call *call, prl_error *err)
{
	return file_as_desk(call, "program.dismissed",
			    with_reason(call, json_pack("{s:s}", "program", call->operands[1])), err);
}

/* ---- list, show -------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool key_is_here(const char *folder, const json_t *key)
{
	prl_signer signer = { 0 };
	prl_verifier known;
	bool here = prl_home_key(folder, text_of(key, "name"), &signer, NULL) == PRL_OK &&
		    prl_verifier_read(prl_bytes_of(text_of(key, "vkey")), &known, NULL) == PRL_OK &&
		    known.id == signer.verifier.id;
	prl_signer_wipe(&signer);
	return here;
}

static void state_of(const json_t *key, char *text, size_t room)
{
	const json_t *until = json_object_get(key, "until"), *suspect = json_object_get(key, "suspect_from");
	if (json_is_integer(suspect))
		snprintf(text, room, "in doubt from entry %lld, ended before entry %lld",
			 (long long)json_integer_value(suspect), (long long)json_integer_value(until));
	else if (json_is_integer(until))
		snprintf(text, room, "ended before entry %lld", (long long)json_integer_value(until));
	else
		snprintf(text, room, json_is_true(json_object_get(key, "valid")) ? "valid" : "its desk is closed");
}

static void print_row(const char *folder, const json_t *key)
{
	char state[120];
	state_of(key, state, sizeof state);
	printf("%-28s %-8s %-8s %s%s\n", text_of(key, "name"), text_of(key, "party"), text_of(key, "role"), state,
	       key_is_here(folder, key) ? ", private key here" : "");
}

static prl_status print_program(const cli_call *call, const json_t *program, prl_error *err)
{
	const json_t *until = json_object_get(program, "until");
	if (call->value[CLI_JSON]) {
		json_t *copy = json_copy((json_t *)(uintptr_t)program);
		json_object_set_new(copy, "role", json_string("program"));
		return prl_cli_print_json(copy, err);
	}
	printf("%-28s %-8s %-8s %s\n", text_of(program, "name"), text_of(program, "party"), "program",
	       json_is_integer(until) ? "dismissed" : "admitted");
	return PRL_OK;
}

static prl_status run_list(const cli_call *call, prl_error *err)
{
	cli_session session;
	const json_t *keys = NULL, *programs = NULL, *one;
	size_t i;
	prl_status st = prl_session_look(call->operands[0], &session, err);
	if (!st)
		st = prl_session_array(&session, "keys", &keys, err);
	if (!st)
		st = prl_session_array(&session, "programs", &programs, err);
	json_array_foreach(keys, i, one)
	{
		if (st)
			break;
		if (call->value[CLI_JSON])
			st = prl_cli_print_json(json_incref((json_t *)(uintptr_t)one), err);
		else
			print_row(call->operands[0], one);
	}
	json_array_foreach(programs, i, one) st = st ? st : print_program(call, one, err);
	prl_session_close(&session);
	return st;
}

/* A private key of the folder needs no node to be shown; the node's own are of another type. */
static bool show_own(const char *folder, const char *name)
{
	static const prl_key_type types[] = { PRL_KEY_NOTE, PRL_KEY_COSIGNATURE };
	for (size_t i = 0; i < 2; i++) {
		prl_signer signer;
		char path[PRL_KEY_PATH_MAX];
		if (prl_key_path(folder, name, path, NULL) || prl_key_load(path, types[i], &signer, NULL))
			continue;
		print_key(&signer.verifier);
		printf("private key in %s\n", path);
		prl_signer_wipe(&signer);
		return true;
	}
	return false;
}

static prl_status show_known(const cli_call *call, prl_error *err)
{
	cli_session session;
	json_t *key = NULL;
	char path[PRL_KEY_NAME_MAX + 40], state[120];
	prl_status st = prl_session_look(call->operands[0], &session, err);
	snprintf(path, sizeof path, "/parley/v1/keys/%.128s", call->operands[1]);
	if (!st)
		st = prl_client_get(session.client, path, &key, err);
	if (!st) {
		state_of(key, state, sizeof state);
		printf("%s\nfingerprint %s\n%s\n", text_of(key, "vkey"), text_of(key, "fingerprint"), state);
	}
	json_decref(key);
	prl_session_close(&session);
	return st;
}

static prl_status run_show(const cli_call *call, prl_error *err)
{
	return show_own(call->operands[0], call->operands[1]) ? PRL_OK : show_known(call, err);
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

#define DESK   CLI_TAKES(CLI_DESK)
#define REASON CLI_TAKES(CLI_REASON)
static const cli_action actions[] = {
	{ "new", "FOLDER NAME", 2, 2, DESK | CLI_TAKES(CLI_ONLY_KEY), run_new },
	{ "certify", "FOLDER VKEY", 2, 2, DESK, run_certify },
	{ "rotate", "FOLDER NAME", 2, 2, 0, run_rotate },
	{ "revoke", "FOLDER NAME", 2, 2, DESK | REASON, run_revoke },
	{ "compromised", "FOLDER NAME --from INDEX", 1, 2,
	  DESK | REASON | CLI_TAKES(CLI_KEY) | CLI_TAKES(CLI_SECOND) | CLI_TAKES(CLI_FROM) | CLI_TAKES(CLI_OUT) |
		  CLI_TAKES(CLI_ADD_SIGNATURE),
	  run_compromised },
	{ "token", "FOLDER NAME", 2, 2, DESK | CLI_TAKES(CLI_TITLE), run_token },
	{ "dismiss", "FOLDER NAME", 2, 2, DESK | REASON, run_dismiss },
	{ "list", "FOLDER", 1, 1, CLI_TAKES(CLI_JSON), run_list },
	{ "show", "FOLDER NAME", 2, 2, 0, run_show },
};

static int run(const cli_verb *verb, int argc, char **argv)
{
	return prl_cli_actions_run(verb, actions, sizeof actions / sizeof *actions, argc, argv);
}

static const char details[] =
	"new          makes a key for a device and has the desk certify it: NAME is DESK/DEVICE\n"
	"certify      the same for a key made on the device itself by `key new --only-key`\n"
	"rotate       the name goes on with another key, signed by both; the old private key is gone\n"
	"revoke       the key is not valid from here on; nothing that it signed is in doubt\n"
	"compromised  the same, and its entries from INDEX on are in doubt; two people sign\n"
	"token        a program without a key of its own may have entries recorded; NAME is PARTY-…\n"
	"dismiss      and no longer\n"
	"list         keys and programs of all parties\n"
	"show         vkey and fingerprint of a key; without a node for a key of the folder\n"
	"\n"
	"All but show and `new --only-key` need the node of FOLDER to run.\n";

const cli_verb prl_cli_key = {
	.name = "key",
	.summary = "makes, rotates, revokes and shows keys",
	.usage = "parley key new|certify|rotate|revoke|compromised|token|dismiss|list|show FOLDER …",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
