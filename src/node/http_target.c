#include "base/error.h"
#include "base/text.h"
#include "node/http_route.h"

#include <string.h>
#include <strings.h>

/* RFC 3986: pchar, "/" and "?", with "%" for the escapes. */
static bool is_target_byte(unsigned char c)
{
	bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	return letter || (c >= '0' && c <= '9') || (c && strchr("-._~!$&'()*+,;=:@/?%", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes in place. The text is UTF-8 without control characters, or it is refused. */
static prl_status decode(char *text, size_t size, bool plus_is_space, prl_bytes *ret, prl_error *err)
{
	size_t out = 0;
	for (size_t i = 0; i < size; i++, out++) {
		char c = text[i];
		if (c == '%') {
			bool room = size - i > 2;
			int high = room ? hex_digit(text[i + 1]) : -1, low = room ? hex_digit(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				return prl_error_set(err, PRL_E_SYNTAX, "a %% without two hexadecimal digits after it");
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		text[out] = c;
	}
	prl_bytes bytes = { text, out };
	if (!prl_utf8_check(bytes, false) || memchr(text, '\n', out))
		return prl_error_set(err, PRL_E_SYNTAX, "the target is not UTF-8 without control characters");
	*ret = bytes;
	return PRL_OK;
}

static prl_status read_path(char *text, size_t size, prl_target *target, prl_error *err)
{
	if (size == 0 || text[0] != '/')
		return prl_error_set(err, PRL_E_SYNTAX, "the target does not begin with /");
	char *end = text + size;
	for (char *at = text; at < end;) {
		char *stop = memchr(at + 1, '/', (size_t)(end - at - 1));
		if (!stop)
			stop = end;
		if (target->segment_count == PRL_MAX_HTTP_SEGMENTS)
			return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u segments in the path",
					     PRL_MAX_HTTP_SEGMENTS);
		prl_bytes *segment = &target->segments[target->segment_count++];
		prl_status status = decode(at + 1, (size_t)(stop - at - 1), false, segment, err);
		if (status)
			return status;
		if (prl_bytes_is(*segment, ".") || prl_bytes_is(*segment, ".."))
			return prl_error_set(err, PRL_E_SYNTAX, "a segment . or .. in the path");
		at = stop;
	}
	return PRL_OK;
}

static prl_status read_argument(char *text, size_t size, prl_target *target, prl_error *err)
{
	if (target->query_count == PRL_MAX_HTTP_QUERIES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u query arguments", PRL_MAX_HTTP_QUERIES);
	prl_query *query = &target->queries[target->query_count];
	char *equals = memchr(text, '=', size);
	size_t name = equals ? (size_t)(equals - text) : size;
	*query = (prl_query){ .value = { "", 0 } };
	prl_status status = decode(text, name, true, &query->name, err);
	if (!status && equals)
		status = decode(equals + 1, size - name - 1, true, &query->value, err);
	if (status)
		return status;
	if (query->name.size == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "a query argument without a name");
	for (size_t i = 0; i < target->query_count; i++)
		if (prl_bytes_equal(target->queries[i].name, query->name))
			return prl_error_set(err, PRL_E_DUPLICATE, "the query argument \"%.*s\" is given twice",
					     query->name.size > 80 ? 80 : (int)query->name.size, query->name.data);
	target->query_count++;
	return PRL_OK;
}

static prl_status read_query(char *text, size_t size, prl_target *target, prl_error *err)
{
	char *end = text + size;
	for (char *at = text; size && at <= end;) {
		char *stop = at < end ? memchr(at, '&', (size_t)(end - at)) : NULL;
		if (!stop)
			stop = end;
		prl_status status = read_argument(at, (size_t)(stop - at), target, err);
		if (status)
			return status;
		at = stop + 1;
	}
	return PRL_OK;
}

/* RFC 9112, 3.2.2: a server takes absolute targets too. */
static prl_status read_authority(char **text, size_t *size, prl_target *target, prl_error *err)
{
	size_t scheme = *size >= 7 && strncasecmp(*text, "http://", 7) == 0    ? 7
			: *size >= 8 && strncasecmp(*text, "https://", 8) == 0 ? 8
									       : 0;
	if (!scheme)
		return PRL_OK;
	char *start = *text + scheme, *end = *text + *size, *stop = start;
	while (stop < end && *stop != '/' && *stop != '?')
		stop++;
	target->authority = (prl_bytes){ start, (size_t)(stop - start) };
	if (stop == start || stop == end || *stop != '/' || memchr(start, '@', target->authority.size))
		return prl_error_set(err, PRL_E_SYNTAX, "an absolute target without a host or a path, or with a user");
	*size = (size_t)(end - stop);
	*text = stop;
	return PRL_OK;
}

prl_status prl_target_read(char *text, size_t size, prl_target *ret, prl_error *err)
{
	ret->authority = (prl_bytes){ 0 };
	ret->segment_count = ret->query_count = 0;
	prl_status status = read_authority(&text, &size, ret, err);
	if (status)
		return status;
	for (size_t i = 0; i < size; i++)
		if (!is_target_byte((unsigned char)text[i]))
			return prl_error_set(err, PRL_E_SYNTAX,
					     "a byte in the target that RFC 3986 wants percent-encoded");
	char *mark = size ? memchr(text, '?', size) : NULL;
	size_t path = mark ? (size_t)(mark - text) : size;
	status = read_path(text, path, ret, err);
	if (!status && mark)
		status = read_query(mark + 1, size - path - 1, ret, err);
	return status;
}
