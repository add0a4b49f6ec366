/* Entries: a head of lines in one order, an empty line, JSON, and what signed-note puts after a text. */
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/key.h"

#include <stdio.h>
#include <string.h>

static const char first_word[] = "parley/v1 ";
static const char *const modes[] = { "REAL", "EXERCISE", "TEST" };

#define SEEN_MAX       (sizeof((prl_entry *)NULL)->seen / sizeof *((prl_entry *)NULL)->seen)
#define TIME_TEXT_MOST 30 /* 2016-09-17T12:55:00.123456789Z */

/* ---- values of the head ------------------------------------------------------------------------------------------ */

static bool is_name(prl_bytes text)
{
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool mark = c == '.' || c == '_' || c == '/' || c == '-' || c == ':';
		if (!letter && !mark && (c < '0' || c > '9'))
			return false;
	}
	return text.size > 0 && text.size <= PRL_KEY_NAME_MAX;
}

static bool read_name(prl_bytes value, prl_bytes *ret)
{
	*ret = value;
	return is_name(value);
}

static bool read_line(prl_bytes value, prl_entry *e)
{
	return e->has_line = prl_hash_read(value, &e->line);
}

static bool read_log(prl_bytes value, prl_entry *e)
{
	return read_name(value, &e->log);
}

static bool read_party(prl_bytes value, prl_entry *e)
{
	return read_name(value, &e->party);
}

static bool read_desk(prl_bytes value, prl_entry *e)
{
	return read_name(value, &e->desk);
}

static bool read_key(prl_bytes value, prl_entry *e)
{
	return read_name(value, &e->key);
}

static bool read_serial(prl_bytes value, prl_entry *e)
{
	return prl_decimal_read(value, &e->serial) && e->serial > 0;
}

static bool read_previous(prl_bytes value, prl_entry *e)
{
	return e->has_previous = prl_hash_read(value, &e->previous);
}

/* Takes what stands before the first space. */
static bool take_word(prl_bytes *rest, prl_bytes *ret_word)
{
	const char *space = rest->size ? memchr(rest->data, ' ', rest->size) : NULL;
	if (!space)
		return false;
	size_t length = (size_t)(space - rest->data);
	*ret_word = (prl_bytes){ rest->data, length };
	*rest = (prl_bytes){ space + 1, rest->size - length - 1 };
	return true;
}

static bool read_seen(prl_bytes value, prl_entry *e)
{
	prl_bytes log, number;
	uint64_t size;
	if (e->seen_count == SEEN_MAX || !take_word(&value, &log) || !is_name(log) || !take_word(&value, &number) ||
	    !prl_decimal_read(number, &size) || size > INT64_MAX || !prl_hash_read(value, &e->seen[e->seen_count].root))
		return false;
	for (size_t i = 0; i < e->seen_count; i++)
		if (prl_bytes_equal(e->seen[i].log, log))
			return false;
	e->seen[e->seen_count].log = log;
	e->seen[e->seen_count++].size = size;
	return true;
}

static bool read_recorded(prl_bytes value, prl_entry *e)
{
	return read_name(value, &e->recorded);
}

static bool read_mode(prl_bytes value, prl_entry *e)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (prl_bytes_is(value, modes[i])) {
			e->mode = (prl_mode)i;
			return true;
		}
	return false;
}

/* prl_time_parse() takes all that RFC 3339 does; an entry has one way to write the zone and the letters, and no leap
 * second, which prl_time does not know. */
static bool read_time(prl_bytes value, prl_entry *e)
{
	return value.size >= 20 && value.size <= TIME_TEXT_MOST && value.data[10] == 'T' && value.data[17] != '6' &&
	       value.data[value.size - 1] == 'Z' && !prl_time_parse(value.data, value.size, &e->time, NULL);
}

/* ---- the head ---------------------------------------------------------------------------------------------------- */

/* In the order in which the lines stand. */
enum field { LINE, LOG, PARTY, DESK, KEY, SERIAL, PREVIOUS, SEEN, RECORDED, MODE, TIME, FIELDS };

#define NAME_EXPECTED "1 to 128 letters, digits and . _ / - :"

static const struct {
	const char *name;
	bool (*read)(prl_bytes value, prl_entry *e);
	const char *expected;
} fields[FIELDS] = {
	[LINE] = { "line", read_line, "the base64 of a SHA-256" },
	[LOG] = { "log", read_log, NAME_EXPECTED },
	[PARTY] = { "party", read_party, NAME_EXPECTED },
	[DESK] = { "desk", read_desk, NAME_EXPECTED },
	[KEY] = { "key", read_key, NAME_EXPECTED },
	[SERIAL] = { "serial", read_serial, "a decimal number from 1" },
	[PREVIOUS] = { "previous", read_previous, "the base64 of a SHA-256" },
	[SEEN] = { "seen", read_seen, "log, size and base64 root, each log once, at most 8" },
	[RECORDED] = { "recorded", read_recorded, NAME_EXPECTED },
	[MODE] = { "mode", read_mode, "REAL, EXERCISE or TEST" },
	[TIME] = { "time", read_time, "RFC 3339 in UTC, as 2016-09-17T12:55:00.123Z" },
};

static prl_status refuse(prl_error *err, size_t line, prl_bytes found, const char *expected)
{
	prl_error_set(err, PRL_E_SYNTAX, "an entry's head has \"%.*s\", expected %s",
		      found.size > 100 ? 100 : (int)found.size, found.size ? found.data : "", expected);
	if (err)
		err->line = line;
	return PRL_E_SYNTAX;
}

/* True where line is "name value"; the value stays in *line. */
static bool is_field(prl_bytes *line, const char *name)
{
	size_t length = strlen(name);
	if (line->size <= length || line->data[length] != ' ' || memcmp(line->data, name, length) != 0)
		return false;
	*line = (prl_bytes){ line->data + length + 1, line->size - length - 1 };
	return true;
}

/* A line that is no field from `from` on: says which might stand here. */
static prl_status refuse_order(prl_error *err, size_t number, prl_bytes line, size_t from)
{
	char expected[200];
	int length = 0;
	for (size_t f = from; f < FIELDS; f++)
		length += snprintf(expected + length, sizeof expected - (size_t)length, "%s, ", fields[f].name);
	snprintf(expected + length, sizeof expected - (size_t)length, "or an empty line here, in this order");
	return refuse(err, number, line, expected);
}

/* Reads up to the empty line, which becomes *ret_number. */
static prl_status read_fields(prl_bytes *rest, prl_entry *e, unsigned *ret_present, size_t *ret_number, prl_error *err)
{
	unsigned present = 0;
	size_t number = 2;
	for (size_t next = LINE;; number++) {
		prl_bytes line;
		if (!prl_line_take(rest, &line))
			return refuse(err, number, *rest, "an empty line and a JSON body after the head");
		if (line.size == 0)
			break;
		prl_bytes value = line;
		size_t f = next;
		while (f < FIELDS && !is_field(&value, fields[f].name))
			f++;
		if (f == FIELDS)
			return refuse_order(err, number, line, next);
		if (!fields[f].read(value, e))
			return refuse(err, number, line, fields[f].expected);
		present |= 1u << f;
		next = f == SEEN ? f : f + 1;
	}
	*ret_present = present;
	*ret_number = number;
	return PRL_OK;
}

#define BIT(field) (1u << (field))

static const struct {
	unsigned needed, refused;
	const char *what;
} forms[] = {
	{ BIT(LINE) | BIT(LOG) | BIT(PARTY) | BIT(SERIAL) | BIT(PREVIOUS), BIT(RECORDED),
	  "line, log, party, serial and previous beside a key, and no recorded" },
	{ BIT(LINE) | BIT(LOG) | BIT(PARTY), BIT(SERIAL) | BIT(PREVIOUS) | BIT(RECORDED),
	  "line, log and party beside the key of a login, and no serial, previous or recorded" },
	{ BIT(LINE) | BIT(LOG), BIT(DESK) | BIT(SERIAL) | BIT(PREVIOUS) | BIT(SEEN),
	  "line and log beside recorded, and no desk, serial, previous or seen" },
	{ 0, BIT(LINE) | BIT(LOG) | BIT(PARTY) | BIT(DESK) | BIT(SERIAL) | BIT(PREVIOUS) | BIT(SEEN),
	  "key or recorded; only a constitution has neither, and then mode and time alone" },
};

/* The three forms of an entry, see prl_entry. number: of the empty line after the head. */
static prl_status check_form(const prl_entry *e, unsigned present, size_t number, prl_error *err)
{
	static const prl_hash zero;
	const prl_bytes nothing = { "", 0 };
	size_t form = present & BIT(KEY) ? prl_bytes_is(e->kind, "login") : present & BIT(RECORDED) ? 2 : 3;
	if (!(present & BIT(MODE)) || !(present & BIT(TIME)))
		return refuse(err, number, nothing, "mode and time before the empty line");
	if ((present & forms[form].needed) != forms[form].needed || (present & forms[form].refused))
		return refuse(err, number, nothing, forms[form].what);
	if (e->has_previous && (e->serial == 1) != prl_hash_equal(&e->previous, &zero))
		return refuse(err, number, nothing, "a previous of 32 zero bytes for serial 1, and for no other");
	return PRL_OK;
}

/* The head and the body of e->note.text. */
static prl_status read_text(prl_entry *e, prl_error *err)
{
	prl_bytes rest = e->note.text, line;
	unsigned present;
	size_t number;
	if (!prl_line_take(&rest, &line) || line.size < sizeof first_word ||
	    memcmp(line.data, first_word, sizeof first_word - 1) != 0)
		return refuse(err, 1, line, "\"parley/v1 KIND\"");
	e->kind = (prl_bytes){ line.data + sizeof first_word - 1, line.size - (sizeof first_word - 1) };
	if (!is_name(e->kind))
		return refuse(err, 1, line, "a kind of " NAME_EXPECTED);
	prl_status status = read_fields(&rest, e, &present, &number, err);
	if (!status)
		status = check_form(e, present, number, err);
	if (status)
		return status;
	if (rest.size < 2)
		return refuse(err, number + 1, rest, "a JSON body after the empty line");
	e->body = (prl_bytes){ rest.data, rest.size - 1 };
	return PRL_OK;
}

/* Who signs: the key first; nobody where a node recorded the entry; all roots under a constitution. */
static prl_status check_signatures(const prl_entry *e, prl_error *err)
{
	const prl_note *note = &e->note;
	if (e->recorded.data)
		return note->count == 0 ? PRL_OK
					: prl_error_set(err, PRL_E_SYNTAX,
							"a recorded entry has a signature line, expected none");
	if (note->count == 0)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "an entry that nobody recorded has no signature line, expected one");
	if (e->key.data && !prl_bytes_equal(note->signatures[0].name, e->key))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "the first signature line of an entry names \"%.*s\", expected its key %.*s",
				     note->signatures[0].name.size > 128 ? 128 : (int)note->signatures[0].name.size,
				     note->signatures[0].name.data, (int)e->key.size, e->key.data);
	return PRL_OK;
}

prl_status prl_entry_read(prl_bytes bytes, prl_entry *ret, prl_error *err)
{
	prl_entry e;
	if (bytes.size > PRL_ENTRY_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "an entry of %zu bytes, expected at most %d", bytes.size,
				     PRL_ENTRY_MAX);
	memset(&e, 0, offsetof(prl_entry, note));
	prl_status status = prl_note_read(bytes, &e.note, err);
	if (!status)
		status = read_text(&e, err);
	if (!status)
		status = check_signatures(&e, err);
	if (status)
		return status;
	e.whole = bytes;
	e.hash = prl_sha256(bytes.data, bytes.size);
	memcpy(ret, &e, offsetof(prl_entry, note));
	prl_note_copy(&ret->note, &e.note);
	return PRL_OK;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void put_name(prl_buffer *out, enum field field, const char *value)
{
	if (value)
		prl_buffer_printf(out, "%s %s\n", fields[field].name, value);
}

static void put_hash(prl_buffer *out, enum field field, const prl_hash *hash)
{
	char text[PRL_HASH_TEXT_MAX];
	if (!hash)
		return;
	prl_hash_write(hash, text);
	put_name(out, field, text);
}

static void put_head(prl_buffer *out, const prl_entry_head *head)
{
	char text[PRL_TIME_TEXT_MAX], root[PRL_HASH_TEXT_MAX];
	prl_buffer_printf(out, "%s%s\n", first_word, head->kind);
	put_hash(out, LINE, head->line);
	put_name(out, LOG, head->log);
	put_name(out, PARTY, head->party);
	put_name(out, DESK, head->desk);
	put_name(out, KEY, head->key);
	if (head->serial)
		prl_buffer_printf(out, "serial %llu\n", (unsigned long long)head->serial);
	put_hash(out, PREVIOUS, head->previous);
	for (size_t i = 0; i < head->seen_count && i < SEEN_MAX; i++) {
		prl_hash_write(&head->seen[i].root, root);
		prl_buffer_printf(out, "seen %s %llu %s\n", head->seen[i].log, (unsigned long long)head->seen[i].size,
				  root);
	}
	put_name(out, RECORDED, head->recorded);
	put_name(out, MODE, modes[head->mode]);
	prl_time_format(head->time, text);
	put_name(out, TIME, text);
}

static bool is_name_or_null(const char *name)
{
	return !name || is_name(prl_bytes_of(name));
}

/* With names that are names, no value holds a space or a newline, and what read_text() takes it reads as it was meant.
 */
static bool reads_back(prl_bytes text, const prl_entry_head *head, prl_bytes body)
{
	prl_entry e;
	if (!is_name_or_null(head->log) || !is_name_or_null(head->party) || !is_name_or_null(head->desk) ||
	    !is_name_or_null(head->key) || !is_name_or_null(head->recorded))
		return false;
	for (size_t i = 0; i < head->seen_count; i++)
		if (!is_name_or_null(head->seen[i].log))
			return false;
	memset(&e, 0, offsetof(prl_entry, note));
	e.note.text = text;
	return prl_utf8_check(text, false) && !read_text(&e, NULL) && prl_bytes_equal(e.body, body);
}

/* Signs the text of size bytes, which an empty line follows; returns the length of the whole, 0 where it does not fit.
 */
static size_t put_signatures(const prl_entry_head *head, const prl_signer *const *signers, size_t count, char *text,
			     size_t size, size_t room)
{
	char line[PRL_SIGNATURE_LINE_MAX];
	size_t whole = size + 1;
	if (count > PRL_NOTE_SIGNATURES_MAX || (count == 0) != (head->recorded != NULL) ||
	    (head->key && strcmp(signers[0]->verifier.name, head->key) != 0))
		return 0;
	for (size_t i = 0; i < count; i++) {
		size_t length = prl_note_sign((prl_bytes){ text, size }, signers[i], line);
		if (length == 0 || length > room - whole)
			return 0;
		memcpy(text + whole, line, length);
		whole += length;
	}
	return whole;
}

/* A note holds no DEL, and JSON may have one in a text as it is: written as JSON writes the others. */
static void put_body(prl_buffer *out, prl_bytes body)
{
	size_t from = 0;
	for (size_t i = 0; i < body.size; i++) {
		if (body.data[i] != 0x7f)
			continue;
		prl_buffer_append(out, body.data + from, i - from);
		prl_buffer_append(out, "\\u007f", 6);
		from = i + 1;
	}
	prl_buffer_append(out, body.data + from, body.size - from);
}

size_t prl_entry_write(const prl_entry_head *head, prl_bytes body, const prl_signer *const *signers,
		       size_t signer_count, char *text, size_t room)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer out = PRL_BUFFER(room < PRL_ENTRY_MAX ? room : PRL_ENTRY_MAX);
	if (!head->kind || head->mode > PRL_MODE_TEST || head->seen_count > SEEN_MAX)
		return 0;
	put_head(&out, head);
	prl_buffer_append(&out, "\n", 1);
	size_t before = out.size;
	put_body(&out, body);
	size_t size = out.size - before;
	prl_buffer_append(&out, "\n\n", 2);
	if (out.failed ||
	    !reads_back((prl_bytes){ out.data, out.size - 1 }, head, (prl_bytes){ out.data + before, size }))
		return 0;
	memcpy(text, out.data, out.size);
	return put_signatures(head, signers, signer_count, text, out.size - 1, out.max);
}
