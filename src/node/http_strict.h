/* What libmicrohttpd 0.9.75 lets through and we do not: checks of a request's head, bytes in, verdict out.
 *
 * Its parser writes into the head as it reads: CR and LF, the colon after a field's name and the spaces of the request
 * line become 0 bytes, and it swallows bare LF, bare CR, folded lines, space before a colon and 0 bytes. All of that
 * can be seen afterwards, because every byte of the head is still there: prl_head_covers() holds only where request
 * line, fields and their separators fill the head without a gap, so that nothing was read otherwise than it was sent.
 * (One thing cannot be told from CR LF afterwards: 0 bytes among the bytes of a line end.)
 */
#ifndef PRL_NODE_HTTP_STRICT_H
#define PRL_NODE_HTTP_STRICT_H

#include "base/limits.h"

#include <parley/base.h>

typedef struct prl_field {
	prl_bytes name, value; /* value as libmicrohttpd has it: white space before it is gone, after it is not */
} prl_field;

typedef struct prl_head {
	prl_bytes method, target, version;
	prl_field fields[PRL_MAX_HTTP_FIELDS];
	size_t count;
} prl_head;

/* What follows the head. */
typedef struct prl_framing {
	uint64_t length; /* Content-Length; 0 where none */
	bool chunked, expects_continue;
} prl_framing;

/* Whether the parts of head lie in the size bytes from block one after the other with nothing but their separators
 * between them, as the parser left them (see above). head's views must point into block. */
bool prl_head_covers(const prl_head *head, const char *block, size_t size);

/* RFC 9112 and RFC 9110, strictly. Returns 0 and fills *ret, or the status to refuse with (400, 415, 417, 431, 505) and
 * says why. */
PRL_MUST unsigned prl_head_check(const prl_head *head, prl_framing *ret, prl_error *err);

/* The one field of that name (letters of any case), without white space around it; .data NULL where there is none. */
prl_bytes prl_head_field(const prl_head *head, const char *name);

/* Whether a Content-Type is `expected`; of parameters only charset=utf-8 is taken. */
bool prl_type_fits(prl_bytes type, const char *expected);

/* The token of "Bearer TOKEN" (RFC 6750, 2.1); empty where it is something else. */
prl_bytes prl_bearer_token(prl_bytes value);

#endif
