#include "node/founding.h"

#include "base/error.h"
#include "base/schema.h"
#include "base/text.h"
#include "line/theatre.h"

#include <stdlib.h>
#include <string.h>

/* ---- cards --------------------------------------------------------------------------------------------------- */

static json_t *json_of_key(const prl_verifier *key)
{
	char text[PRL_KEY_TEXT_MAX];
	prl_verifier_write(key, text);
	return json_string(text);
}

/* The log as it stands on a card and in a constitution. */
static json_t *json_of_log(const prl_card *card)
{
	json_t *log = json_pack("{s:s, s:o, s:o, s:o}", "origin", card->log.name, "key", json_of_key(&card->log),
				"witness", json_of_key(&card->witness), "mirror", json_of_key(&card->mirror));
	if (log && card->address[0])
		json_object_set_new(log, "address", json_string(card->address));
	if (log && card->has_tls) {
		char pin[PRL_HASH_TEXT_MAX];
		prl_hash_write(&card->tls, pin);
		json_object_set_new(log, "tls", json_string(pin));
	}
	return log;
}

/* A constitution says so where there is no address; a card leaves it out. */
static json_t *with_address(json_t *log)
{
	if (log && !json_object_get(log, "address"))
		json_object_set_new(log, "address", json_string(""));
	return log;
}

json_t *prl_card_telephones(const prl_card *card)
{
	json_t *all = card->telephone_count ? json_array() : NULL;
	for (size_t i = 0; i < card->telephone_count; i++) {
		const prl_telephone *one = &card->telephones[i];
		(void)json_array_append_new(
			all, json_pack("{s:s, s:s*}", "number", one->number, "who", one->who[0] ? one->who : NULL));
	}
	return all;
}

/* The same on a card and in a constitution; nothing where there are none. */
static void add_telephones(const prl_card *card, json_t *to)
{
	json_t *all = prl_card_telephones(card);
	if (all)
		(void)json_object_set_new(to, "telephones", all);
}

/* Takes value over. */
static prl_status write_json(json_t *value, prl_buffer *to, prl_error *err)
{
	char *text = value ? json_dumps(value, JSON_INDENT(2)) : NULL;
	json_decref(value);
	bool done = text && prl_buffer_append(to, text, strlen(text)) && prl_buffer_append(to, "\n", 1);
	free(text);
	return done ? PRL_OK : prl_error_memory(err);
}

/* Appends text, that is given back to the heap; false out of memory. */
static bool append_text(prl_buffer *to, char *text, size_t from, size_t short_of)
{
	size_t length = text ? strlen(text) : 0;
	bool done = length >= from + short_of && prl_buffer_append(to, text + from, length - from - short_of);
	free(text);
	return done;
}

static bool write_rows(const json_t *rows, prl_buffer *to)
{
	const json_t *row;
	size_t i;
	bool done = prl_buffer_append(to, "[", 1);
	json_array_foreach(rows, i, row)
	{
		const char *before = i ? ",\n    " : "\n    ";
		done = done && prl_buffer_append(to, before, strlen(before)) &&
		       append_text(to, json_dumps(row, JSON_REAL_PRECISION(15)), 0, 0);
	}
	return done && prl_buffer_append(to, "\n  ]", 4);
}

/* A constitution is read by people before they sign it: of what is stated by kinds each takes one line, however many
 * there are. */
static prl_status write_constitution(json_t *body, prl_buffer *to, prl_error *err)
{
	const char *name;
	json_t *value;
	bool done = body && prl_buffer_append(to, "{", 1), first = true;
	json_object_foreach(body, name, value)
	{
		bool rows = strcmp(name, "separation") == 0 || strcmp(name, "lead_times") == 0;
		json_t *one = rows ? NULL : json_pack("{s:O}", name, value);
		done = done && prl_buffer_append(to, first ? "\n" : ",\n", first ? 1 : 2);
		first = false;
		if (rows)
			done = done && prl_buffer_printf(to, "  \"%s\": ", name) && write_rows(value, to);
		else /* without the braces around it and their lines */
			done = done && append_text(to, json_dumps(one, JSON_INDENT(2)), 2, 2);
		json_decref(one);
	}
	json_decref(body);
	return done && prl_buffer_append(to, "\n}\n", 3) ? PRL_OK : prl_error_memory(err);
}

prl_status prl_card_write(const prl_card *card, prl_buffer *ret_text, prl_error *err)
{
	json_t *value = json_pack("{s:s, s:s, s:o, s:o}", "party", card->party, "title", card->title, "root",
				  json_of_key(&card->root), "log", json_of_log(card));
	if (value)
		add_telephones(card, value);
	return write_json(value, ret_text, err);
}

static prl_status read_key(const json_t *object, const char *name, prl_key_type type, prl_verifier *ret, prl_error *err)
{
	const char *text = json_string_value(json_object_get(object, name));
	prl_status st = prl_verifier_read(prl_bytes_of(text), ret, err);
	if (!st && ret->type != type)
		st = prl_error_set(err, PRL_E_UNSUPPORTED, "a key of type %d, expected type %d", (int)ret->type,
				   (int)type);
	return st ? prl_error_at(err, st, "/%s", name) : PRL_OK;
}

static void copy_text(char *to, size_t room, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t length = text ? strlen(text) : 0;
	length = length < room ? length : room - 1; /* the schema bounds it */
	memcpy(to, text ? text : "", length);
	to[length] = 0;
}

/* The names that keys of a card must have (prl_act_kind table in picture/kinds.h). */
static prl_status check_names(const prl_card *card, const json_t *log, prl_error *err)
{
	char want[PRL_KEY_NAME_MAX + 16];
	snprintf(want, sizeof want, "%s/root", card->party);
	if (strcmp(card->root.name, want) != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "the root key is named \"%s\", expected \"%s\"",
				     card->root.name, want);
	const char *origin = json_string_value(json_object_get(log, "origin"));
	if (strcmp(card->log.name, origin) != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "the log's key is named \"%s\", expected \"%s\"",
				     card->log.name, origin);
	snprintf(want, sizeof want, "%s/witness", origin);
	if (strcmp(card->witness.name, want) != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "the witness key is named \"%s\", expected \"%s\"",
				     card->witness.name, want);
	snprintf(want, sizeof want, "%s/mirror", origin);
	if (strcmp(card->mirror.name, want) != 0)
		return prl_error_set(err, PRL_E_SYNTAX, "the mirror key is named \"%s\", expected \"%s\"",
				     card->mirror.name, want);
	return PRL_OK;
}

static void read_telephones(const json_t *all, prl_card *card)
{
	const json_t *one;
	size_t i;
	json_array_foreach(all, i, one)
	{
		if (i >= PRL_TELEPHONES_MAX) /* the schema has seen to it */
			break;
		prl_telephone *to = &card->telephones[card->telephone_count++];
		copy_text(to->number, sizeof to->number, json_object_get(one, "number"));
		copy_text(to->who, sizeof to->who, json_object_get(one, "who"));
	}
}

static prl_status read_card(const json_t *value, prl_card *card, prl_error *err)
{
	const json_t *log = json_object_get(value, "log"), *tls = json_object_get(log, "tls");
	copy_text(card->party, sizeof card->party, json_object_get(value, "party"));
	copy_text(card->title, sizeof card->title, json_object_get(value, "title"));
	copy_text(card->address, sizeof card->address, json_object_get(log, "address"));
	read_telephones(json_object_get(value, "telephones"), card);
	card->has_tls = tls && prl_hash_read(prl_bytes_of(json_string_value(tls)), &card->tls);
	prl_status st = read_key(value, "root", PRL_KEY_NOTE, &card->root, err);
	if (!st)
		st = read_key(log, "key", PRL_KEY_NOTE, &card->log, err);
	if (!st)
		st = read_key(log, "witness", PRL_KEY_COSIGNATURE, &card->witness, err);
	if (!st)
		st = read_key(log, "mirror", PRL_KEY_COSIGNATURE, &card->mirror, err);
	return st ? st : check_names(card, log, err);
}

prl_status prl_card_read(prl_bytes text, prl_card *ret, prl_error *err)
{
	if (text.size > PRL_CARD_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a card of %zu bytes, expected at most %u", text.size,
				     PRL_CARD_MAX);
	prl_schema *schema = NULL;
	json_t *value = NULL;
	prl_card card = { 0 };
	prl_status st = prl_schema_open("http/card.json", &schema, err);
	if (!st)
		st = prl_schema_read(schema, text, &value, err);
	if (!st)
		st = read_card(value, &card, err);
	json_decref(value);
	prl_schema_free(schema);
	if (!st)
		*ret = card;
	return st;
}

/* ---- the draft ------------------------------------------------------------------------------------------------ */

static int by_party(const void *a, const void *b)
{
	const prl_card *const *x = a, *const *y = b;
	return strcmp((*x)->party, (*y)->party);
}

static bool same_key(const prl_verifier *a, const prl_verifier *b)
{
	return memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

/* A log on two cards would be one node for two parties: their keys must then be the same. Anything else twice is a
 * mistake or an attempt to speak for another. */
static prl_status check_two(const prl_card *a, const prl_card *b, prl_error *err)
{
	if (!strcmp(a->party, b->party))
		return prl_error_set(err, PRL_E_DUPLICATE, "party %s stands on two cards", a->party);
	if (same_key(&a->root, &b->root))
		return prl_error_set(err, PRL_E_DUPLICATE, "parties %s and %s have the same root key", a->party,
				     b->party);
	bool same_log = !strcmp(a->log.name, b->log.name);
	if (same_log != same_key(&a->log, &b->log) || same_log != same_key(&a->witness, &b->witness) ||
	    same_log != same_key(&a->mirror, &b->mirror))
		return prl_error_set(err, PRL_E_DUPLICATE,
				     "parties %s and %s share a name or a key of a log, but not all of it", a->party,
				     b->party);
	return PRL_OK;
}

static prl_status sort_cards(const prl_card *cards, size_t count, const prl_card **sorted, prl_error *err)
{
	if (count == 0 || count > PRL_FOUNDING_PARTIES_MAX)
		return prl_error_set(err, PRL_E_RANGE, "%zu parties, expected 1 to %u", count,
				     PRL_FOUNDING_PARTIES_MAX);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &cards[i];
	qsort(sorted, count, sizeof *sorted, by_party);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			prl_status st = check_two(sorted[j], sorted[i], err);
			if (st)
				return st;
		}
	return PRL_OK;
}

static bool already_listed(const prl_card *const *cards, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(cards[i]->log.name, cards[count]->log.name))
			return true;
	return false;
}

static json_t *constitution_body(const prl_card *const *cards, size_t count, const prl_founding_terms *terms)
{
	json_t *parties = json_array(), *logs = json_array();
	for (size_t i = 0; i < count; i++) {
		const prl_card *card = cards[i];
		json_t *party = json_pack("{s:s, s:s, s:o, s:s}", "name", card->party, "title", card->title, "root",
					  json_of_key(&card->root), "log", card->log.name);
		if (party)
			add_telephones(card, party);
		json_array_append_new(parties, party);
		if (!already_listed(cards, i))
			json_array_append_new(logs, with_address(json_of_log(card)));
	}
	json_t *body = json_pack("{s:s, s:o, s:o}", "line", terms->title, "parties", parties, "logs", logs);
	if (body && terms->retention_days)
		json_object_set_new(body, "retention", json_pack("{s:i}", "contents_days", (int)terms->retention_days));
	if (body && terms->agreed)
		(void)json_object_update(body, (json_t *)(uintptr_t)terms->agreed);
	return body;
}

/* ---- what is agreed ---------------------------------------------------------------------------------------------- */

prl_status prl_founding_agreed(prl_bytes text, json_t **ret, prl_error *err)
{
	static const char *const members[] = {
		"separation", "theatre", "lead_times", "timers", "terrain", "languages"
	};
	static const char any[] = "{\"type\": \"object\"}"; /* read strictly; the draft as a whole is checked */
	prl_schema *schema = NULL;
	json_t *agreed = NULL;
	prl_status st = prl_schema_parse(prl_bytes_of(any), &schema, err);
	if (!st)
		st = prl_schema_read(schema, text, &agreed, err);
	prl_schema_free(schema);
	if (st)
		return st;
	const char *name;
	json_t *value;
	json_object_foreach(agreed, name, value)
	{
		size_t i = 0;
		while (i < sizeof members / sizeof *members && strcmp(name, members[i]) != 0)
			i++;
		if (i < sizeof members / sizeof *members)
			continue;
		prl_error_set(err, PRL_E_SYNTAX,
			      "\"%.60s\", expected separation, theatre, lead_times, timers, terrain or languages",
			      name);
		json_decref(agreed);
		return PRL_E_SYNTAX;
	}
	*ret = agreed;
	return PRL_OK;
}

/* What stands in a draft is what everybody signs: it must be a constitution before anybody does. */
static prl_status checked(json_t *body, json_t **ret, prl_error *err)
{
	prl_schema *schema = NULL;
	prl_status st = body ? prl_schema_open("entry/constitution.json", &schema, err) : prl_error_memory(err);
	if (!st)
		st = prl_schema_check(schema, body, err);
	prl_schema_free(schema);
	if (!st)
		st = prl_theatre_check(json_object_get(body, "theatre"), err);
	if (st)
		json_decref(body);
	else
		*ret = body;
	return st;
}

prl_status prl_founding_draft(const prl_card *cards, size_t count, const prl_founding_terms *terms,
			      const prl_signer *root, prl_buffer *ret_entry, prl_error *err)
{
	const prl_card *sorted[PRL_FOUNDING_PARTIES_MAX];
	prl_status st = sort_cards(cards, count, sorted, err);
	if (st)
		return st;
	json_t *json = NULL;
	prl_buffer body = PRL_BUFFER(PRL_ENTRY_MAX);
	st = checked(constitution_body(sorted, count, terms), &json, err);
	if (!st)
		st = write_constitution(json, &body, err);
	char *text = st ? NULL : malloc(PRL_ENTRY_MAX);
	if (!st && !text)
		st = prl_error_memory(err);
	if (!st) {
		prl_entry_head head = { .kind = "constitution", .mode = terms->mode, .time = terms->time };
		size_t length =
			prl_entry_write(&head, (prl_bytes){ body.data, body.size - 1 }, &root, 1, text, PRL_ENTRY_MAX);
		if (length == 0)
			st = prl_error_set(err, PRL_E_TOO_LARGE, "the constitution is longer than %d bytes",
					   PRL_ENTRY_MAX);
		else if (!prl_buffer_append(ret_entry, text, length))
			st = prl_error_memory(err);
	}
	free(text);
	prl_buffer_done(&body);
	return st;
}

/* ---- signing --------------------------------------------------------------------------------------------------- */

static prl_status roots_of(const prl_entry *entry, prl_founding_state *state, prl_error *err)
{
	prl_schema *schema = NULL;
	json_t *body = NULL;
	prl_status st = prl_schema_open("entry/constitution.json", &schema, err);
	if (!st)
		st = prl_schema_read(schema, entry->body, &body, err);
	if (!st)
		st = prl_theatre_check(json_object_get(body, "theatre"), err);
	size_t i;
	json_t *party;
	json_array_foreach(json_object_get(body, "parties"), i, party)
	{
		if (st || i >= PRL_FOUNDING_PARTIES_MAX)
			break;
		st = read_key(party, "root", PRL_KEY_NOTE, &state->roots[i], err);
		state->count = i + 1;
	}
	json_decref(body);
	prl_schema_free(schema);
	return st;
}

prl_status prl_founding_read(prl_bytes bytes, prl_founding_state *ret, prl_error *err)
{
	prl_entry entry;
	prl_founding_state state = { 0 };
	prl_status st = prl_entry_read(bytes, &entry, err);
	if (!st && !prl_bytes_is(entry.kind, "constitution"))
		st = prl_error_set(err, PRL_E_SYNTAX, "an entry of kind %.*s, expected a constitution",
				   (int)entry.kind.size, entry.kind.data);
	if (!st)
		st = roots_of(&entry, &state, err);
	if (!st)
		st = prl_note_verify(&entry.note, state.roots, state.count, state.signed_by, err);
	if (st)
		return st;
	for (size_t i = 0; i < state.count; i++)
		state.signed_count += state.signed_by[i];
	*ret = state;
	return PRL_OK;
}

static const prl_signature *line_of(const prl_entry *entry, const prl_verifier *root)
{
	for (size_t i = 0; i < entry->note.count; i++)
		if (entry->note.signatures[i].id == root->id &&
		    prl_bytes_is(entry->note.signatures[i].name, root->name))
			return &entry->note.signatures[i];
	return NULL;
}

/* Appends the signature line of one root: as one of the two files has it, or made here. */
static bool put_line(const prl_entry *const files[2], const prl_verifier *root, const prl_signer *signer,
		     prl_buffer *to)
{
	for (size_t i = 0; i < 2; i++) {
		const prl_signature *found = files[i] ? line_of(files[i], root) : NULL;
		if (found)
			return prl_buffer_append(to, found->line.data, found->line.size);
	}
	if (!signer || signer->verifier.id != root->id || strcmp(signer->verifier.name, root->name) != 0)
		return true;
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t length = prl_note_sign(files[0]->note.text, signer, line);
	return prl_buffer_append(to, line, length);
}

prl_status prl_founding_sign(prl_bytes bytes, prl_bytes other, const prl_signer *signer, prl_buffer *ret_entry,
			     prl_error *err)
{
	prl_founding_state state, state2;
	prl_entry entry, entry2;
	prl_status st = prl_founding_read(bytes, &state, err);
	if (!st)
		st = prl_entry_read(bytes, &entry, err);
	if (!st && other.data)
		st = prl_founding_read(other, &state2, err);
	if (!st && other.data)
		st = prl_entry_read(other, &entry2, err);
	if (!st && other.data && !prl_bytes_equal(entry.note.text, entry2.note.text))
		st = prl_error_set(err, PRL_E_STALE,
				   "the two files are not the same constitution: compare them, agree on one "
				   "draft, and sign that one");
	if (st)
		return st;
	const prl_entry *const files[2] = { &entry, other.data ? &entry2 : NULL };
	bool done = prl_buffer_append(ret_entry, entry.note.text.data, entry.note.text.size) &&
		    prl_buffer_append(ret_entry, "\n", 1);
	for (size_t i = 0; done && i < state.count; i++)
		done = put_line(files, &state.roots[i], signer, ret_entry);
	return done ? PRL_OK : prl_error_memory(err);
}
