/* A position's text as tokens: numbers with their digits counted, words, marks. Internal to geo. */
#ifndef PRL_GEO_NOTATION_TEXT_H
#define PRL_GEO_NOTATION_TEXT_H

#include <parley/notation.h>

typedef enum prl_mark {
	PRL_MARK_NUMBER,
	PRL_MARK_WORD,   /* letters: ASCII, Latin with accents, Cyrillic; upper case */
	PRL_MARK_DEGREE, /* ° º ˚ */
	PRL_MARK_MINUTE, /* ' ′ ’ ‘ ʹ ʼ ´ ` */
	PRL_MARK_SECOND, /* " ″ ” “ ʺ and two minute marks */
	PRL_MARK_PLUS,
	PRL_MARK_DASH, /* - − – and the hyphens */
	PRL_MARK_COMMA,
	PRL_MARK_SEMICOLON,
	PRL_MARK_SLASH,
	PRL_MARK_COLON,
	PRL_MARK_EQUALS,
	PRL_MARK_OPEN,
	PRL_MARK_CLOSE,
	PRL_MARK_DOT,
	PRL_MARK_OTHER,
	PRL_MARK_END,
} prl_mark;

typedef struct prl_token {
	prl_mark mark;
	size_t column; /* of its first character, from 1 */
	bool spaced;   /* white space before it */
	/* numbers */
	double value;
	double unit;  /* of the last digit: 1, 0.1, … */
	int digits;   /* before the decimal mark, leading zeros counted */
	int decimals; /* after it */
	bool comma;   /* the decimal mark is a comma */
	/* words; cut at 23 bytes, which no word that is known reaches */
	char word[24];
} prl_token;

#define PRL_MAX_TOKENS 48

/* Always ends with a PRL_MARK_END, which count does not count. */
typedef struct prl_tokens {
	size_t count;
	prl_token at[PRL_MAX_TOKENS + 1];
} prl_tokens;

/* Cuts a text into tokens. Refused here: invalid UTF-8, control characters, more tokens than any position has, a comma
 * that is both decimal mark and separator. с.ш., ю.ш., в.д., з.д. become N, S, E, W. */
prl_status prl_tokens_read(const char *text, size_t length, prl_tokens *tokens, prl_error *err);

/* "expected <what> in place of <token>", with the column as place. */
prl_status prl_token_error(const prl_token *token, const char *expected, prl_error *err);

bool prl_token_is(const prl_token *token, const char *word);

#endif
