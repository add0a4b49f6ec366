#include "cli/session.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* What the node refuses is bad use, also where a signature was the reason: nothing has been found out. */
static prl_status as_refused(prl_status status)
{
	return status == PRL_E_SIGNATURE ? PRL_E_REFUSED : status;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* The constitution stands in the folder beside the record, for reading; without it the mode is REAL. */
static prl_mode mode_of(const char *folder)
{
	prl_buffer text = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_entry entry;
	prl_mode mode = PRL_MODE_REAL;
	if (prl_home_read(folder, "constitution.note", &text, NULL) == PRL_OK &&
	    prl_entry_read((prl_bytes){ text.data, text.size }, &entry, NULL) == PRL_OK)
		mode = entry.mode;
	prl_buffer_done(&text);
	return mode;
}

static prl_status connect_node(const char *folder, cli_session *ret, prl_error *err)
{
	prl_client_options options = { .folder = folder };
	ret->folder = folder;
	prl_status st = prl_home_settings(folder, &ret->settings, err);
	if (st == PRL_E_NOT_FOUND)
		return prl_error_set(err, st, "%s is no node's folder (it has no node.json): `parley init` makes one",
				     folder);
	if (st)
		return st;
	ret->mode = mode_of(folder);
	return prl_client_open(&options, &ret->client, err);
}

static prl_status login(cli_session *session, const char *key, prl_error *err)
{
	prl_error why = { 0 };
	prl_status st = prl_home_signer(session->folder, key, &session->signer, err);
	if (st)
		return st;
	st = prl_client_login(session->client, &session->signer, &why);
	if (st == PRL_E_IO)
		return prl_error_set(err, st, "no node answers (%s): start it with `parley serve %s`", why.text,
				     session->folder);
	if (st && err)
		*err = why;
	return as_refused(st);
}

prl_status prl_session_open(const char *folder, const char *key, cli_session *ret, prl_error *err)
{
	*ret = (cli_session){ 0 };
	prl_status st = connect_node(folder, ret, err);
	if (!st)
		st = login(ret, key, err);
	if (st)
		prl_session_close(ret);
	return st;
}

/* Console, desk, root, as far as they are here; the first that the node takes. */
prl_status prl_session_look(const char *folder, cli_session *ret, prl_error *err)
{
	static const char *const names[] = { "console", "desk", "party" };
	*ret = (cli_session){ 0 };
	prl_status st = connect_node(folder, ret, err);
	bool tried = false;
	for (size_t i = 0; !st && i < 3; i++) {
		char name[PRL_KEY_NAME_MAX + 8];
		const char *text = NULL;
		prl_error why = { 0 };
		if (prl_home_setting(ret->settings, names[i], &text, NULL))
			continue;
		snprintf(name, sizeof name, i == 2 ? "%.120s/root" : "%.128s", text);
		prl_status result = login(ret, name, &why);
		if (!result)
			return PRL_OK;
		if (!tried || result != PRL_E_NOT_FOUND)
			*err = why;
		tried = true;
		st = i == 2 || result == PRL_E_IO ? err->status : PRL_OK;
	}
	prl_session_close(ret);
	return st ? st : prl_error_set(err, PRL_E_NOT_FOUND, "%s/node.json names no key to log in with", folder);
}

void prl_session_close(cli_session *session)
{
	prl_client_free(session->client);
	json_decref(session->settings);
	prl_signer_wipe(&session->signer);
	*session = (cli_session){ 0 };
}

/* ---- filing ------------------------------------------------------------------------------------------------------ */

static char *body_text(json_t *body)
{
	char *text = body ? prl_cli_json_text(body, JSON_INDENT(2)) : NULL;
	json_decref(body);
	return text;
}

prl_status prl_session_file(cli_session *session, const char *kind, json_t *body, const prl_signer *second,
			    prl_filed *ret, prl_error *err)
{
	char *text = body_text(body);
	if (!text)
		return prl_error_memory(err);
	prl_client_entry entry = { .kind = kind, .mode = session->mode, .body = prl_bytes_of(text), .second = second };
	prl_status st = prl_client_file(session->client, &entry, ret, err);
	free(text);
	return as_refused(st);
}

prl_status prl_session_write(cli_session *session, const char *kind, json_t *body, const char *path, prl_error *err)
{
	char *text = body_text(body);
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	if (!text)
		return prl_error_memory(err);
	prl_client_entry entry = { .kind = kind, .mode = session->mode, .body = prl_bytes_of(text) };
	prl_status st = prl_client_sign(session->client, &entry, &note, err);
	if (!st)
		st = prl_file_write(path, (prl_bytes){ note.data, note.size }, 0644, err);
	prl_buffer_done(&note);
	free(text);
	return st;
}

/* Appends the signature line; the text stays as it was signed. */
static prl_status sign_again(const cli_session *session, prl_buffer *note, const char *kind, prl_error *err)
{
	prl_entry *entry = malloc(sizeof *entry);
	char line[PRL_SIGNATURE_LINE_MAX];
	if (!entry)
		return prl_error_memory(err);
	prl_status st = prl_entry_read((prl_bytes){ note->data, note->size }, entry, err);
	if (!st && !prl_bytes_is(entry->kind, kind))
		st = prl_error_set(err, PRL_E_REFUSED, "an entry of kind %.*s, expected %s", (int)entry->kind.size,
				   entry->kind.data, kind);
	if (!st) {
		printf("%.*s\n", (int)entry->note.text.size, entry->note.text.data);
		size_t length = prl_note_sign(entry->note.text, &session->signer, line);
		if (!length || !prl_buffer_append(note, line, length))
			st = prl_error_memory(err);
	}
	free(entry);
	return st;
}

prl_status prl_session_add_signature(cli_session *session, const char *path, const char *kind, prl_filed *ret,
				     prl_error *err)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_status st = prl_file_read(path, &note, err);
	if (!st) {
		st = sign_again(session, &note, kind, err);
		if (st)
			st = prl_error_at(err, st, "%s", path);
	}
	if (!st)
		st = prl_client_post(session->client, (prl_bytes){ note.data, note.size }, ret, err);
	prl_buffer_done(&note);
	return as_refused(st);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

prl_status prl_session_array(cli_session *session, const char *name, const json_t **ret, prl_error *err)
{
	json_t *picture = NULL;
	prl_status st = prl_client_picture(session->client, false, &picture, err);
	if (!st)
		*ret = json_object_get(picture, name);
	return st;
}

void prl_session_print_filed(const prl_filed *filed)
{
	printf("entry %llu of %s\n", (unsigned long long)filed->index, filed->log);
}

prl_status prl_session_list(const cli_call *call, const char *name, void (*print)(const json_t *one), prl_error *err)
{
	cli_session session;
	const json_t *all = NULL, *one;
	size_t i;
	prl_status st = prl_session_look(call->operands[0], &session, err);
	if (!st)
		st = prl_session_array(&session, name, &all, err);
	json_array_foreach(all, i, one)
	{
		if (!st && call->value[CLI_JSON])
			st = prl_cli_print_json(json_incref((json_t *)(uintptr_t)one), err);
		else if (!st)
			print(one);
	}
	prl_session_close(&session);
	return st;
}

prl_status prl_session_second(const cli_call *call, const char *kind, prl_error *err)
{
	cli_session session;
	prl_filed filed;
	if (!call->value[CLI_SECOND])
		return prl_error_set(err, PRL_E_SYNTAX, "--add-signature: --second names the key that signs");
	prl_status st = prl_session_open(call->operands[0], call->value[CLI_SECOND], &session, err);
	if (!st)
		st = prl_session_add_signature(&session, call->value[CLI_ADD_SIGNATURE], kind, &filed, err);
	prl_session_close(&session);
	if (!st)
		prl_session_print_filed(&filed);
	return st;
}
