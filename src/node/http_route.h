/* Targets (RFC 9112, 3.2) and which route they name. Paths are compared segment by segment after percent-decoding and
 * never normalised: a segment "." or ".." is refused, an empty one fits nothing, %2F is a byte of its segment. */
#ifndef PRL_NODE_HTTP_ROUTE_H
#define PRL_NODE_HTTP_ROUTE_H

#include "base/limits.h"
#include "node/http.h"

typedef struct prl_query {
	prl_bytes name, value;
} prl_query;

typedef struct prl_target {
	prl_bytes authority; /* of an absolute target; .data NULL where it has none */
	prl_bytes segments[PRL_MAX_HTTP_SEGMENTS];
	size_t segment_count;
	prl_query queries[PRL_MAX_HTTP_QUERIES];
	size_t query_count;
} prl_target;

/* Reads "/path?query" or "http://host/path?query"; decodes in place, so that text must live as long as *ret. Refused
 * with the reason: bytes outside RFC 3986, bad percent escapes, decoded control characters, what is not UTF-8, an
 * argument without a name or given twice, more segments or arguments than the limits. "+" in a query is a space. */
PRL_MUST prl_status prl_target_read(char *text, size_t size, prl_target *ret, prl_error *err);

/* A pattern taken apart. */
typedef struct prl_route_line {
	const prl_route *route;
	struct {
		prl_bytes text; /* literal, or the name of a part */
		bool part, may_be_empty;
	} segments[PRL_MAX_HTTP_SEGMENTS];
	size_t count;
	bool rest; /* the last segment takes all that follows */
} prl_route_line;

/* PRL_E_SYNTAX for a pattern that does not begin with "/" or has its {rest*} elsewhere than at the end. */
PRL_MUST prl_status prl_route_read(const prl_route *route, prl_route_line *ret, prl_error *err);

bool prl_route_fits(const prl_route_line *line, const prl_target *target);

/* The first line whose path and method fit; GET serves HEAD. NULL where there is none: then *ret_known says whether
 * another method would have found something, and allow lists those ("GET, HEAD, POST"). */
const prl_route_line *prl_route_find(const prl_route_line *lines, size_t count, const prl_target *target,
				     prl_bytes method, bool *ret_known, char allow[PRL_MAX_HTTP_ALLOW]);

/* What stands for {name}. A {rest*} is joined with slashes, in place. "" where none. PRL_E_SYNTAX in *ret_status for a
 * rest with an empty segment, a slash or backslash inside a segment. */
prl_status prl_route_part(const prl_route_line *line, prl_target *target, const char *name, prl_bytes *ret);

#endif
