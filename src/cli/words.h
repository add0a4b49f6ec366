/* What others wrote, for a terminal: nothing in it may move the cursor, colour, or turn the direction of what follows.
 */
#ifndef PRL_CLI_WORDS_H
#define PRL_CLI_WORDS_H

#include <parley/base.h>

#include <jansson.h>

#define CLI_WORDS_MAX 160 /* bytes, the 0 included */

/* The first words of text, cut at a character with "…". Control characters (C0, C1, marks of direction) become spaces.
 */
void prl_cli_words(const char *text, char words[CLI_WORDS_MAX]);

/* The whole text with control characters made spaces, and bytes that are no UTF-8 made '?'; to be freed. NULL out of
 * memory. */
char *prl_cli_clean(const char *text);

/* What an entry of that kind says, in a few words: a message's own words, else the body's members. */
void prl_cli_body_words(const json_t *body, char words[CLI_WORDS_MAX]);

const char *prl_cli_mode_text(int mode); /* "REAL" */

#endif
