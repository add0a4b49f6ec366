#include "node/http_route.h"

#include "base/error.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static prl_status read_segment(prl_route_line *line, prl_bytes text, bool last, prl_error *err)
{
	if (line->count == PRL_MAX_HTTP_SEGMENTS)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the pattern %s has too many segments",
				     line->route->pattern);
	bool part = text.size > 2 && text.data[0] == '{' && text.data[text.size - 1] == '}';
	if (part) {
		text = (prl_bytes){ text.data + 1, text.size - 2 };
		if (text.data[text.size - 1] == '*') {
			line->rest = true;
			text.size--;
			if (!last)
				return prl_error_set(err, PRL_E_SYNTAX, "{rest*} before the end of %s",
						     line->route->pattern);
		}
	}
	bool may_be_empty = part && text.data[text.size - 1] == '?';
	text.size -= may_be_empty;
	line->segments[line->count].text = text;
	line->segments[line->count].may_be_empty = may_be_empty;
	line->segments[line->count++].part = part;
	return PRL_OK;
}

prl_status prl_route_read(const prl_route *route, prl_route_line *ret, prl_error *err)
{
	*ret = (prl_route_line){ .route = route };
	const char *at = route->pattern;
	if (at[0] != '/')
		return prl_error_set(err, PRL_E_SYNTAX, "the pattern %s does not begin with /", at);
	while (*at) {
		size_t size = strcspn(at + 1, "/");
		prl_status status = read_segment(ret, (prl_bytes){ at + 1, size }, !at[1 + size], err);
		if (status)
			return status;
		at += 1 + size;
	}
	return PRL_OK;
}

bool prl_route_fits(const prl_route_line *line, const prl_target *target)
{
	if (line->rest ? target->segment_count < line->count : target->segment_count != line->count)
		return false;
	for (size_t i = 0; i < line->count; i++) {
		bool may_be_empty = line->segments[i].may_be_empty || (line->rest && i + 1 == line->count);
		if (line->segments[i].part ? !target->segments[i].size && !may_be_empty
					   : !prl_bytes_equal(line->segments[i].text, target->segments[i]))
			return false;
	}
	return true;
}

static bool method_fits(const prl_route *route, prl_bytes method)
{
	return prl_bytes_is(method, route->method) || strcmp(route->method, "*") == 0 ||
	       (prl_bytes_is(method, "HEAD") && strcmp(route->method, "GET") == 0);
}

static void allow_method(char allow[PRL_MAX_HTTP_ALLOW], const char *method)
{
	size_t used = strlen(allow);
	const char *found = strstr(allow, method);
	if (!found && used + strlen(method) + 3 < PRL_MAX_HTTP_ALLOW)
		snprintf(allow + used, PRL_MAX_HTTP_ALLOW - used, "%s%s", used ? ", " : "", method);
}

const prl_route_line *prl_route_find(const prl_route_line *lines, size_t count, const prl_target *target,
				     prl_bytes method, bool *ret_known, char allow[PRL_MAX_HTTP_ALLOW])
{
	allow[0] = 0;
	for (size_t i = 0; i < count; i++) {
		if (!prl_route_fits(&lines[i], target))
			continue;
		if (method_fits(lines[i].route, method))
			return &lines[i];
		allow_method(allow, lines[i].route->method);
		if (strcmp(lines[i].route->method, "GET") == 0)
			allow_method(allow, "HEAD");
	}
	*ret_known = allow[0] != 0;
	return NULL;
}

static prl_status join_rest(prl_target *target, size_t from, prl_bytes *ret)
{
	/* The segments lie in one text in their order, each at least one byte ('/') after the end of the one before it.
	 */
	char *start = (char *)(uintptr_t)target->segments[from].data, *to = start;
	bool one_and_empty = from + 1 == target->segment_count && target->segments[from].size == 0;
	for (size_t i = from; i < target->segment_count; i++) {
		prl_bytes segment = target->segments[i];
		if ((!segment.size && !one_and_empty) || memchr(segment.data, '/', segment.size) ||
		    memchr(segment.data, '\\', segment.size))
			return PRL_E_SYNTAX;
		if (i > from)
			*to++ = '/';
		memmove(to, segment.data, segment.size);
		target->segments[i].data = to;
		to += segment.size;
	}
	*ret = (prl_bytes){ start, (size_t)(to - start) };
	return PRL_OK;
}

prl_status prl_route_part(const prl_route_line *line, prl_target *target, const char *name, prl_bytes *ret)
{
	for (size_t i = 0; i < line->count; i++) {
		if (!line->segments[i].part || !prl_bytes_is(line->segments[i].text, name))
			continue;
		if (line->rest && i + 1 == line->count)
			return join_rest(target, i, ret);
		*ret = target->segments[i];
		return PRL_OK;
	}
	*ret = (prl_bytes){ "", 0 };
	return PRL_OK;
}
