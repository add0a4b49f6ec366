/* Statements: a party's position, warning, condition or announced decision, with who says it, on which rung, about
 * which area. A statement asks for nothing and is answered by nothing; it never rings above class 3, and only where it
 * announces a decision whose time has not come.
 *
 * kind            signed by            does
 * statement.made  key, or a program    says it
 *
 * Shown (GET /parley/v1/line/statements): the words, and for what has a time "takes_effect_in_s" (negative: since). */
#ifndef PRL_LINE_STATEMENT_H
#define PRL_LINE_STATEMENT_H

#include "line/part.h"

extern const prl_line_part prl_statement_part;

#endif
