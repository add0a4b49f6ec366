/* What is read out on the telephone: a notice in two languages, line by line, numbers digit by digit, with blanks for
 * what the other side reads back. The words are fixed phrases; what the party wrote stays as written. */
#ifndef PRL_CLI_READOUT_H
#define PRL_CLI_READOUT_H

#include <jansson.h>
#include <parley/base.h>

#include <stdio.h>

/* Languages there are phrases for. */
#define PRL_READOUT_LANGUAGES "en, fr, ru, ar"

/* "en,ru": one or two languages; PRL_E_SYNTAX names those that there are. */
PRL_MUST prl_status prl_readout_languages(const char *text, int ret[2], prl_error *err);
int prl_readout_language(const char *code); /* -1: none */

/* notice: an item of GET /parley/v1/line/notices with its details. second < 0: one language. */
void prl_readout_print(FILE *out, const json_t *notice, int first, int second);

/* Digits one by one in the language, all else as it stands: "FL245" "FL two four five". */
void prl_readout_spell(const char *text, int language, char *ret, size_t room);

#endif
