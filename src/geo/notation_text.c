#include "geo/notation_text.h"

#include "base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct scan {
	const unsigned char *at, *end;
	size_t column;
};

/* ---- characters ---------------------------------------------------------------------------------------------- */

/* The character at *at, its length in bytes to *ret_length; 0xFFFFFFFF when it is not UTF-8 (RFC 3629, section 4:
 * overlong forms, surrogates and code points over 10FFFF are not). */
static uint32_t utf8_peek(const unsigned char *at, const unsigned char *end, size_t *ret_length)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = at[0];
	size_t length = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;
	*ret_length = length;
	if (length == 0 || (size_t)(end - at) < length)
		return UINT32_MAX;
	if (length > 1)
		c &= 0x7Fu >> length;
	for (size_t i = 1; i < length; i++) {
		if (at[i] >> 6 != 2)
			return UINT32_MAX;
		c = c << 6 | (at[i] & 0x3Fu);
	}
	return c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? UINT32_MAX : c;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

/* Latin with accents (U+00C0 to U+024F but × and ÷) and Cyrillic, beside ASCII. */
static bool is_letter(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= 0x400 && c <= 0x4FF) ||
	       (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}

static uint32_t to_upper(uint32_t c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x430 && c <= 0x44F))
		return c - 32;
	return c >= 0x450 && c <= 0x45F ? c - 80 : c;
}

static prl_mark mark_of(uint32_t c)
{
	static const struct {
		uint32_t c;
		prl_mark mark;
	} marks[] = {
		{ 0xB0, PRL_MARK_DEGREE },   { 0xBA, PRL_MARK_DEGREE },   { 0x2DA, PRL_MARK_DEGREE },
		{ '\'', PRL_MARK_MINUTE },   { 0x2032, PRL_MARK_MINUTE }, { 0x2019, PRL_MARK_MINUTE },
		{ 0x2018, PRL_MARK_MINUTE }, { 0x2B9, PRL_MARK_MINUTE },  { 0x2BC, PRL_MARK_MINUTE },
		{ 0xB4, PRL_MARK_MINUTE },   { '`', PRL_MARK_MINUTE },    { '"', PRL_MARK_SECOND },
		{ 0x2033, PRL_MARK_SECOND }, { 0x201D, PRL_MARK_SECOND }, { 0x201C, PRL_MARK_SECOND },
		{ 0x2BA, PRL_MARK_SECOND },  { '+', PRL_MARK_PLUS },      { '-', PRL_MARK_DASH },
		{ 0x2212, PRL_MARK_DASH },   { 0x2010, PRL_MARK_DASH },   { 0x2011, PRL_MARK_DASH },
		{ 0x2013, PRL_MARK_DASH },   { ',', PRL_MARK_COMMA },     { ';', PRL_MARK_SEMICOLON },
		{ '/', PRL_MARK_SLASH },     { ':', PRL_MARK_COLON },     { '=', PRL_MARK_EQUALS },
		{ '(', PRL_MARK_OPEN },      { ')', PRL_MARK_CLOSE },     { '.', PRL_MARK_DOT },
	};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (marks[i].c == c)
			return marks[i].mark;
	return PRL_MARK_OTHER;
}

/* ---- tokens -------------------------------------------------------------------------------------------------- */

static bool digit_at(const struct scan *s, size_t ahead)
{
	return (size_t)(s->end - s->at) > ahead && s->at[ahead] >= '0' && s->at[ahead] <= '9';
}

/* Digits into the number: 15 significant ones are kept, so that value is the nearest double (the whole number is below
 * 2^53 and the power of ten exact up to 10^22). What follows is dropped; unit is then doubled to hold it. */
static void read_digits(struct scan *s, prl_token *t, double *whole, int *kept, int *scale, bool fraction)
{
	for (; digit_at(s, 0); s->at++, s->column++) {
		int digit = *s->at - '0';
		if (fraction)
			t->decimals++;
		else
			t->digits++;
		bool leading = *whole <= 0 && digit == 0;
		if (*kept < 15 && *scale < 22) {
			*whole = *whole * 10 + digit;
			*kept += !leading;
			*scale += fraction;
		} else if (!fraction) {
			*whole = HUGE_VAL; /* over 15 digits before the point: no coordinate; every range refuses it */
		} else {
			t->unit = 2;
		}
	}
}

static void read_number(struct scan *s, prl_token *t)
{
	double whole = 0;
	int kept = 0, scale = 0;
	t->mark = PRL_MARK_NUMBER;
	t->unit = 1;
	read_digits(s, t, &whole, &kept, &scale, false);
	bool comma = s->at < s->end && *s->at == ',' && digit_at(s, 1);
	if (comma) { /* "35,40.176": a separator, for the number after it has a point of its own */
		size_t ahead = 1;
		while (digit_at(s, ahead))
			ahead++;
		comma = !((size_t)(s->end - s->at) > ahead && s->at[ahead] == '.' && digit_at(s, ahead + 1));
	}
	if (comma || (s->at < s->end && *s->at == '.' && digit_at(s, 1))) {
		t->comma = comma;
		s->at++;
		s->column++;
		read_digits(s, t, &whole, &kept, &scale, true);
	}
	double power = 1;
	for (int i = 0; i < scale; i++)
		power *= 10;
	t->value = whole / power;
	t->unit /= power;
}

static void read_word(struct scan *s, prl_token *t)
{
	size_t size = 0, length;
	t->mark = PRL_MARK_WORD;
	for (; s->at < s->end; s->at += length, s->column++) {
		uint32_t c = utf8_peek(s->at, s->end, &length);
		if (!is_letter(c))
			break;
		c = to_upper(c);
		if (size + length >= sizeof t->word)
			continue;
		/* Upper and lower case of these blocks have the same length. */
		if (length == 1) {
			t->word[size++] = (char)c;
		} else {
			t->word[size++] = (char)(0xC0 | c >> 6);
			t->word[size++] = (char)(0x80 | (c & 0x3F));
		}
	}
}

static void append(prl_tokens *tokens, const prl_token *t)
{
	prl_token *last = tokens->count ? &tokens->at[tokens->count - 1] : NULL;
	/* '' is a second mark. */
	if (last && t->mark == PRL_MARK_MINUTE && last->mark == PRL_MARK_MINUTE && !t->spaced)
		last->mark = PRL_MARK_SECOND;
	else
		tokens->at[tokens->count++] = *t;
}

/* с.ш. and СШ (northern latitude) and their three kin become the letter that the rest knows. */
static void merge_cyrillic(prl_tokens *tokens)
{
	static const char *const kin[4][4] = {
		{ "С", "Ш", "СШ", "N" }, { "Ю", "Ш", "ЮШ", "S" }, { "В", "Д", "ВД", "E" }, { "З", "Д", "ЗД", "W" }
	};
	size_t out = 0;
	for (size_t i = 0; i < tokens->count; i++, out++) {
		const prl_token *t = &tokens->at[i];
		prl_token merged = *t;
		for (int k = 0; k < 4; k++) {
			bool dotted = i + 2 < tokens->count && prl_token_is(t, kin[k][0]) &&
				      t[1].mark == PRL_MARK_DOT && prl_token_is(t + 2, kin[k][1]);
			if (!dotted && !prl_token_is(t, kin[k][2]))
				continue;
			snprintf(merged.word, sizeof merged.word, "%s", kin[k][3]);
			i += dotted ? 2 : 0;
			i += i + 1 < tokens->count && tokens->at[i + 1].mark == PRL_MARK_DOT;
			break;
		}
		tokens->at[out] = merged;
	}
	tokens->count = out;
}

/* "35,40" is two numbers: a single number is no position. */
static void split_lone_comma(prl_tokens *tokens)
{
	size_t numbers = 0, index = 0;
	for (size_t i = 0; i < tokens->count; i++)
		if (tokens->at[i].mark == PRL_MARK_NUMBER) {
			numbers++;
			index = i;
		}
	prl_token *t = &tokens->at[index];
	if (numbers != 1 || !t->comma || tokens->count + 2 > PRL_MAX_TOKENS || t->digits + t->decimals > 15)
		return;
	memmove(t + 3, t + 1, (tokens->count - index - 1) * sizeof *t);
	tokens->count += 2;
	double whole = floor(t->value + t->unit / 2), rest = round((t->value - whole) / t->unit);
	t[1] = (prl_token){ .mark = PRL_MARK_COMMA, .column = t->column + (size_t)t->digits };
	t[2] = (prl_token){
		.mark = PRL_MARK_NUMBER, .column = t[1].column + 1, .value = rest, .unit = 1, .digits = t->decimals
	};
	t->value = whole;
	t->unit = 1;
	t->decimals = 0;
	t->comma = false;
}

static prl_status read_token(struct scan *s, prl_tokens *tokens, bool spaced, prl_error *err)
{
	size_t length;
	uint32_t c = utf8_peek(s->at, s->end, &length);
	prl_token t = { .column = s->column, .spaced = spaced };
	if (c >= '0' && c <= '9') {
		read_number(s, &t);
		if (t.comma && s->at < s->end && *s->at == ',' && digit_at(s, 1)) {
			prl_error_set(err, PRL_E_SYNTAX,
				      "commas stand both within and between the numbers; expected a point as decimal "
				      "mark, or a "
				      "space after the separating comma");
			return prl_error_at(err, PRL_E_SYNTAX, "column %zu", s->column);
		}
	} else if (is_letter(c)) {
		read_word(s, &t);
	} else {
		t.mark = mark_of(c);
		memcpy(t.word, s->at, length);
		s->at += length;
		s->column++;
	}
	if (tokens->count == PRL_MAX_TOKENS)
		return prl_error_set(err, PRL_E_SYNTAX, "more numbers, words and marks than any position has (%d)",
				     PRL_MAX_TOKENS);
	append(tokens, &t);
	return PRL_OK;
}

prl_status prl_tokens_read(const char *text, size_t length, prl_tokens *tokens, prl_error *err)
{
	const unsigned char *bytes = (const unsigned char *)text;
	struct scan s = { bytes, bytes + length, 1 };
	*tokens = (prl_tokens){ 0 };
	bool spaced = false;
	while (s.at < s.end) {
		size_t size;
		uint32_t c = utf8_peek(s.at, s.end, &size);
		if (c == UINT32_MAX || is_control(c)) {
			prl_error_set(err, PRL_E_SYNTAX,
				      c == UINT32_MAX ? "the text is not UTF-8; byte %02X does not belong there"
						      : "a control character (%02X) cannot be part of a position",
				      *s.at);
			return prl_error_at(err, PRL_E_SYNTAX, "column %zu", s.column);
		}
		if (is_space(c)) {
			spaced = true;
			s.at += size;
			s.column++;
			continue;
		}
		prl_status status = read_token(&s, tokens, spaced, err);
		if (status)
			return status;
		spaced = false;
	}
	merge_cyrillic(tokens);
	split_lone_comma(tokens);
	tokens->at[tokens->count] = (prl_token){ .mark = PRL_MARK_END, .column = s.column };
	return PRL_OK;
}

bool prl_token_is(const prl_token *token, const char *word)
{
	return token->mark == PRL_MARK_WORD && strcmp(token->word, word) == 0;
}

prl_status prl_token_error(const prl_token *token, const char *expected, prl_error *err)
{
	if (token->mark == PRL_MARK_END)
		prl_error_set(err, PRL_E_SYNTAX, "the text ends too early; expected %s", expected);
	else if (token->mark == PRL_MARK_NUMBER)
		prl_error_set(err, PRL_E_SYNTAX, "%.*f is not understood here; expected %s",
			      token->decimals < 12 ? token->decimals : 12, token->value, expected);
	else
		prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is not understood here; expected %s", token->word, expected);
	return prl_error_at(err, PRL_E_SYNTAX, "column %zu", token->column);
}
