#include "formats/scan.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define CHUNK (256u * PRL_KIB)
#define RESCAN_MAX (64u * PRL_MIB)

enum place {
	PLACE_START,       /* before the first byte */
	PLACE_TOP,         /* between documents */
	PLACE_LIST_FIRST,  /* after the [ of a list */
	PLACE_LIST_NEXT,   /* after a comma */
	PLACE_LIST_BEHIND, /* after a member */
	PLACE_TAIL,        /* after the ] of a list of features */
	PLACE_END,
};

/*
 * Invariants: data[keep..end) are the bytes held, data[at] the next to look at, keep <= at <= end < room; line is the
 * line of data[at]. open[] holds one bit a bracket (1: a brace) for the first PRL_MAX_JSON_DEPTH of depth.
 */
struct prl_scan {
	prl_source *source;
	char *data;
	size_t keep, at, end, room, max_item;
	size_t line, index;
	enum place place;
	bool in_features; /* the list is the features of a document, not the document */
	bool seen;        /* anything but white space was there */
	bool input_over;
	prl_error input_failure; /* status 0: none */
	uint64_t open[PRL_MAX_JSON_DEPTH / 64];
	size_t depth;
	bool too_deep, too_long, watch; /* of the item being scanned */
	size_t key, key_end;            /* last string at depth 1, relative to keep */
	prl_buffer shell;               /* the document without its features */
	size_t shell_line;
	size_t rescanned; /* bytes gone back over so far */
};

prl_status prl_scan_new(prl_source *source, size_t max_item, prl_scan **ret_scan, prl_error *err)
{
	prl_scan *s = calloc(1, sizeof *s);
	if (!s)
		return prl_error_memory(err);
	s->source = source;
	s->max_item = max_item;
	s->line = 1;
	s->room = CHUNK;
	s->data = malloc(s->room);
	s->shell = PRL_BUFFER(max_item + 64);
	if (!s->data) {
		prl_scan_free(s);
		return prl_error_memory(err);
	}
	*ret_scan = s;
	return PRL_OK;
}

void prl_scan_free(prl_scan *scan)
{
	if (!scan)
		return;
	prl_buffer_done(&scan->shell);
	free(scan->data);
	free(scan);
}

/* ---- the window ---------------------------------------------------------------------------------------------- */

/* Makes room behind end: by forgetting what is before keep, else by growing. */
static bool make_room(prl_scan *s)
{
	if (s->at - s->keep > s->max_item) {
		s->too_long = true;
		s->keep = s->at;
	}
	if (s->keep > 0) {
		memmove(s->data, s->data + s->keep, s->end - s->keep);
		s->at -= s->keep;
		s->end -= s->keep;
		s->keep = 0;
	}
	if (s->room - s->end > CHUNK / 4)
		return true;
	char *data = s->room > SIZE_MAX / 2 ? NULL : realloc(s->data, 2 * s->room);
	if (!data)
		return false;
	s->data = data;
	s->room *= 2;
	return true;
}

/* Brings in more bytes; false at the end of the input, on its failure (kept for later) and out of memory. */
static bool more(prl_scan *s)
{
	if (s->input_over)
		return false;
	size_t got = 0;
	if (!make_room(s)) {
		prl_error_memory(&s->input_failure);
		s->input_over = true;
		return false;
	}
	/* One byte stays free, so that a number at the very end of an item may be looked past. */
	prl_status status = prl_source_read(s->source, s->data + s->end, s->room - s->end - 1, &got, &s->input_failure);
	s->input_over = status || got == 0;
	s->end += got;
	return !s->input_over;
}

static bool have(prl_scan *s)
{
	return s->at < s->end || more(s);
}

/* Moves to the next byte that is not white space; false at the end. */
static bool skip_space(prl_scan *s)
{
	for (;; s->at++) {
		if (s->at == s->end) {
			s->keep = s->at; /* nothing of it is wanted */
			if (!more(s))
				return false;
		}
		char c = s->data[s->at];
		if (c == '\n')
			s->line++;
		else if (c != ' ' && c != '\t' && c != '\r')
			return true;
	}
}

/* ---- one item ------------------------------------------------------------------------------------------------ */

/* At a quote: moves behind the string, or to the line end that breaks it off. */
static void skip_string(prl_scan *s)
{
	for (s->at++; have(s); s->at++) {
		char c = s->data[s->at];
		if (c == '\n')
			return;
		if (c == '"') {
			s->at++;
			return;
		}
		if (c == '\\') {
			s->at++;
			if (!have(s) || s->data[s->at] == '\n')
				return;
		}
	}
}

static bool is_brace(const prl_scan *s, size_t level)
{
	return s->open[level / 64] >> (level % 64) & 1;
}

static void push(prl_scan *s, bool brace)
{
	if (s->depth < PRL_MAX_JSON_DEPTH) {
		uint64_t bit = UINT64_C(1) << (s->depth % 64);
		if (brace)
			s->open[s->depth / 64] |= bit;
		else
			s->open[s->depth / 64] &= ~bit;
	} else {
		s->too_deep = true;
	}
	s->depth++;
}

/* Closes a bracket; false where it fits nothing that is open. Beyond the depth limit kinds are not told apart. */
static bool pop(prl_scan *s, bool brace)
{
	if (s->depth > PRL_MAX_JSON_DEPTH) {
		s->depth--;
		return true;
	}
	for (size_t level = s->depth; level-- > 0;)
		if (is_brace(s, level) == brace) {
			s->depth = level;
			return true;
		}
	return false;
}

/* Whether the [ at data[at] is the value of the key "features" of the document. */
static bool at_features(const prl_scan *s)
{
	static const char key[] = "\"features\"";
	const char *held = s->data + s->keep;
	if (!s->watch || s->depth != 1 || s->too_long || s->key_end - s->key != sizeof key - 1 ||
	    memcmp(held + s->key, key, sizeof key - 1) != 0)
		return false;
	size_t colons = 0;
	for (const char *p = held + s->key_end; p < s->data + s->at; p++)
		if (*p == ':')
			colons++;
		else if (*p != ' ' && *p != '\t' && *p != '\r' && *p != '\n')
			return false;
	return colons == 1;
}

enum stop {
	STOP_CLOSED,   /* behind the bracket that closes the item */
	STOP_BROKEN,   /* before a bracket that belongs to what is around the item */
	STOP_FEATURES, /* at the [ of the features */
	STOP_INPUT,    /* the input ended inside */
};

static void see_string(prl_scan *s)
{
	size_t from = s->at - s->keep;
	skip_string(s);
	if (s->depth == 1) {
		s->key = from;
		s->key_end = s->at - s->keep;
	}
}

/* Moves through brackets and strings until the depth is 0. */
static enum stop scan_nested(prl_scan *s)
{
	static const unsigned char special[256] = {
		['\n'] = 1, ['"'] = 1, ['{'] = 1, ['['] = 1, ['}'] = 1, [']'] = 1
	};
	while (have(s)) {
		while (s->at < s->end && !special[(unsigned char)s->data[s->at]])
			s->at++;
		if (s->at == s->end)
			continue;
		char c = s->data[s->at];
		if (c == '"') {
			see_string(s);
			continue;
		}
		if (c == '[' && at_features(s))
			return STOP_FEATURES;
		if (c == '\n')
			s->line++;
		else if (c == '{' || c == '[')
			push(s, c == '{');
		else if (!pop(s, c == '}'))
			return STOP_BROKEN;
		s->at++;
		if (s->depth == 0)
			return STOP_CLOSED;
	}
	return STOP_INPUT;
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c); /* strchr() finds the 0 at the end too */
}

/* A number, a word, a string or rubbish: up to the comma, bracket or line end behind it. */
static void scan_scalar(prl_scan *s)
{
	while (have(s) && !is_one_of(s->data[s->at], ",]}\n")) {
		if (s->data[s->at] == '"')
			skip_string(s);
		else
			s->at++;
	}
}

static void begin_item(prl_scan *s, bool watch)
{
	s->keep = s->at;
	s->depth = 0;
	s->too_deep = s->too_long = false;
	s->watch = watch;
	s->key = s->key_end = 0;
}

/* ---- what is found ------------------------------------------------------------------------------------------- */

static void say(prl_scan *s, prl_scan_item *item, prl_status status, const char *text)
{
	item->kind = PRL_SCAN_PROBLEM;
	prl_error_set(&item->problem, status, "%s", text);
	item->problem.line = s->line;
}

/* The input ended or failed inside something. */
static void say_input_over(prl_scan *s, prl_scan_item *item, const char *inside)
{
	s->place = PLACE_END;
	if (s->input_failure.status) {
		item->kind = PRL_SCAN_PROBLEM;
		item->problem = s->input_failure;
		item->problem.line = s->line;
		s->input_failure = (prl_error){ 0 };
	} else {
		say(s, item, PRL_E_SYNTAX, inside);
	}
}

/* Hands out data[keep..at), or says why not. */
static void give(prl_scan *s, prl_scan_item *item, prl_scan_kind kind)
{
	if (s->too_long || s->at - s->keep > s->max_item) {
		item->kind = PRL_SCAN_PROBLEM;
		prl_error_set(&item->problem, PRL_E_TOO_LARGE, "longer than %zu bytes, the most for one item", s->max_item);
		item->problem.line = item->line;
	} else if (s->too_deep) {
		item->kind = PRL_SCAN_PROBLEM;
		prl_error_set(&item->problem, PRL_E_TOO_LARGE, "nested deeper than %u levels", PRL_MAX_JSON_DEPTH);
		item->problem.line = item->line;
	} else {
		item->kind = kind;
	}
	item->bytes = s->data + s->keep;
	item->length = s->at - s->keep;
}

/* At the [ of the features: keeps the members before it and hands them out as a document of their own. */
static prl_status begin_features(prl_scan *s, prl_scan_item *item, prl_error *err)
{
	s->at++;
	prl_buffer_clear(&s->shell);
	prl_buffer_append(&s->shell, s->data + s->keep, s->at - s->keep);
	size_t length = s->shell.size;
	if (!prl_buffer_append(&s->shell, "]}", 2))
		return prl_error_memory(err);
	s->shell.size = length;
	s->shell_line = item->line;
	item->kind = PRL_SCAN_HEAD;
	item->bytes = s->shell.data;
	item->length = length + 2;
	s->place = PLACE_LIST_FIRST;
	s->in_features = true;
	s->index = 0;
	return PRL_OK;
}

/*
 * After an item that broke off: goes back to the first line behind its beginning that begins with {. False, and
 * nothing done, where there is none, or the item is no longer held, or too much was read again already.
 */
static bool go_back(prl_scan *s, size_t item_line, bool first_column)
{
	size_t line = item_line;
	if (s->too_long || s->at - s->keep > RESCAN_MAX - s->rescanned)
		return false;
	for (size_t i = s->keep; i < s->at; i++) {
		if (s->data[i] != '\n')
			continue;
		line++;
		size_t first = i + 1;
		while (!first_column && first < s->at && (s->data[first] == ' ' || s->data[first] == '\t'))
			first++;
		if (first >= s->at || s->data[first] != '{')
			continue;
		s->rescanned += s->at - first;
		s->at = s->keep = first;
		s->line = line;
		return true;
	}
	return false;
}

static prl_status next_document(prl_scan *s, prl_scan_item *item, prl_error *err)
{
	begin_item(s, true);
	enum stop stop = scan_nested(s);
	if (stop == STOP_FEATURES)
		return begin_features(s, item, err);
	s->place = PLACE_TOP;
	if (stop != STOP_INPUT) {
		give(s, item, PRL_SCAN_DOCUMENT);
		return PRL_OK;
	}
	if (go_back(s, item->line, true)) {
		say(s, item, PRL_E_SYNTAX, "this document does not end; what follows is read from the next line with a {");
	} else {
		say_input_over(s, item, "the file ends inside this document, expected its closing bracket");
	}
	item->problem.line = item->line;
	return PRL_OK;
}

/* Something outside any document: passes over it and what follows it, up to a line that looks like one. */
static void skip_rubbish(prl_scan *s, prl_scan_item *item)
{
	char c = s->data[s->at];
	char shown[32];
	if (c & 0x80)
		snprintf(shown, sizeof shown, "a byte that is not ASCII");
	else if (c == ',')
		snprintf(shown, sizeof shown, "a comma");
	else
		snprintf(shown, sizeof shown, c < 0x20 || c == 0x7f ? "\\x%02x" : "%c", (unsigned)c);
	do {
		for (; have(s) && s->data[s->at] != '\n' && s->data[s->at] != 0x1e; s->at++)
			s->keep = s->at;
	} while (skip_space(s) && !is_one_of(s->data[s->at], "{[\x1e"));
	item->kind = PRL_SCAN_PROBLEM;
	prl_error_set(&item->problem, PRL_E_SYNTAX,
	              "found %s, expected a JSON object or list; left out from here to the end of line %zu", shown,
	              s->at < s->end ? s->line - (s->data[s->at] != 0x1e) : s->line);
	item->problem.line = item->line;
}

static prl_status next_top(prl_scan *s, prl_scan_item *item, prl_error *err)
{
	for (; skip_space(s) && s->data[s->at] == 0x1e; s->at++) /* RFC 7464: each text begins with RS */
		s->keep = s->at;
	s->keep = s->at;
	item->line = s->line;
	if (s->at == s->end) {
		s->place = PLACE_END;
		if (s->input_failure.status || !s->seen)
			say_input_over(s, item, "is empty, expected plans");
		else
			item->kind = PRL_SCAN_END;
		return PRL_OK;
	}
	s->seen = true;
	if (s->data[s->at] == '{')
		return next_document(s, item, err);
	if (s->data[s->at] != '[') {
		skip_rubbish(s, item);
		return PRL_OK;
	}
	s->at++;
	s->place = PLACE_LIST_FIRST;
	s->in_features = false;
	s->index = 0;
	item->kind = PRL_SCAN_NOTHING;
	return PRL_OK;
}

/* A member of a list: data[at] begins it. */
static void next_member(prl_scan *s, prl_scan_item *item)
{
	begin_item(s, false);
	item->index = s->index++;
	s->place = PLACE_LIST_BEHIND;
	char c = s->data[s->at];
	if (c != '{' && c != '[') {
		scan_scalar(s);
		give(s, item, PRL_SCAN_LISTED);
		return;
	}
	enum stop stop = scan_nested(s);
	if (stop == STOP_CLOSED) {
		give(s, item, PRL_SCAN_LISTED);
		return;
	}
	if (go_back(s, item->line, false)) {
		say(s, item, PRL_E_SYNTAX, "this item does not end; what follows is read from the next line with a {");
		s->place = PLACE_LIST_NEXT;
	} else if (stop == STOP_INPUT) {
		say_input_over(s, item, "the file ends inside this item, expected its closing bracket");
	} else {
		give(s, item, PRL_SCAN_LISTED);
		return;
	}
	prl_error_at(&item->problem, item->problem.status, "item %zu", item->index);
	item->problem.line = item->line;
}

/* At a closing bracket inside a list. A brace closes nothing there: it is passed over. */
static void end_list(prl_scan *s, prl_scan_item *item)
{
	bool brace = s->data[s->at++] == '}';
	if (brace)
		say(s, item, PRL_E_SYNTAX, "found } inside a list, expected ]");
	else if (s->place == PLACE_LIST_NEXT)
		say(s, item, PRL_E_SYNTAX, "found ] after a comma, expected one more item");
	s->place = brace ? PLACE_LIST_BEHIND : s->in_features ? PLACE_TAIL : PLACE_TOP;
}

static void next_in_list(prl_scan *s, prl_scan_item *item)
{
	bool more_follows = skip_space(s);
	item->line = s->line;
	item->kind = PRL_SCAN_NOTHING;
	char c = more_follows ? s->data[s->at] : 0;
	if (!more_follows) {
		say_input_over(s, item, "the file ends inside a list, expected ] and what follows");
	} else if (c == '}' || c == ']') {
		end_list(s, item);
	} else if (c == ',') {
		if (s->place != PLACE_LIST_BEHIND)
			say(s, item, PRL_E_SYNTAX, "found a comma, expected an item of the list");
		s->at++;
		s->place = PLACE_LIST_NEXT;
	} else if (s->place == PLACE_LIST_BEHIND) {
		say(s, item, PRL_E_SYNTAX, "a comma is missing between two items of the list");
		s->place = PLACE_LIST_NEXT;
	} else {
		next_member(s, item);
	}
}

/* Behind the features: the rest of the document, put to what came before them. */
static prl_status next_tail(prl_scan *s, prl_scan_item *item, prl_error *err)
{
	begin_item(s, false);
	push(s, true);
	item->line = s->shell_line;
	if (scan_nested(s) == STOP_INPUT) {
		say_input_over(s, item, "the file ends before its closing bracket");
		return PRL_OK;
	}
	s->place = PLACE_TOP;
	give(s, item, PRL_SCAN_TAIL);
	if (item->kind == PRL_SCAN_PROBLEM)
		return PRL_OK;
	if (!prl_buffer_append(&s->shell, "]", 1) || !prl_buffer_append(&s->shell, item->bytes, item->length))
		return prl_error_memory(err);
	item->bytes = s->shell.data;
	item->length = s->shell.size;
	return PRL_OK;
}

static void skip_byte_order_mark(prl_scan *s)
{
	while (s->end < 3 && more(s))
		continue;
	if (s->end >= 3 && !memcmp(s->data, "\xef\xbb\xbf", 3))
		s->at = s->keep = 3;
	s->place = PLACE_TOP;
}

static prl_status next_of(prl_scan *s, prl_scan_item *item, prl_error *err)
{
	switch (s->place) {
	case PLACE_START:
		skip_byte_order_mark(s);
		break;
	case PLACE_TOP:
		return next_top(s, item, err);
	case PLACE_LIST_FIRST:
	case PLACE_LIST_NEXT:
	case PLACE_LIST_BEHIND:
		next_in_list(s, item);
		return PRL_OK;
	case PLACE_TAIL:
		return next_tail(s, item, err);
	case PLACE_END:
		item->kind = PRL_SCAN_END;
		return PRL_OK;
	}
	item->kind = PRL_SCAN_NOTHING;
	return PRL_OK;
}

prl_status prl_scan_next(prl_scan *scan, prl_scan_item *ret_item, prl_error *err)
{
	prl_status status = PRL_OK;
	do {
		*ret_item = (prl_scan_item){ .line = scan->line };
		status = next_of(scan, ret_item, err);
	} while (!status && ret_item->kind == PRL_SCAN_NOTHING);
	return status;
}
