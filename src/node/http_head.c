#include "base/error.h"
#include "base/text.h"
#include "node/http_inside.h"

#include <string.h>
#include <strings.h>

/* ---- the head, put together -------------------------------------------------------------------------------------- */

static enum MHD_Result add_field(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
				 const char *value, size_t value_size)
{
	(void)kind;
	prl_head *head = context;
	if (head->count < PRL_MAX_HTTP_FIELDS)
		head->fields[head->count] =
			(prl_field){ .name = { name, name_size }, .value = { value ? value : "", value_size } };
	head->count++;
	return MHD_YES;
}

/* False where something was read otherwise than it was sent. */
static bool read_head(prl_request *request, const char *url, const char *method, const char *version)
{
	prl_head *head = &request->head;
	head->method = prl_bytes_of(method);
	head->target = (prl_bytes){ url, request->target_size };
	head->version = prl_bytes_of(version);
	head->count = 0;
	MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, add_field, head);
	if (head->count > PRL_MAX_HTTP_FIELDS)
		return true;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	return info && prl_head_covers(head, method, info->header_size);
}

/* ---- refusing ---------------------------------------------------------------------------------------------------- */

/* Malformed: nothing after it may be read as another request. */
static bool malformed(prl_request *request, unsigned status, const prl_error *err)
{
	request->close = true;
	prl_answer_status(request, status, "%s", err->text);
	return false;
}

static bool check_head(prl_request *request, const char *url, const char *method, const char *version)
{
	prl_error err = { 0 };
	if (!read_head(request, url, method, version)) {
		(void)prl_error_set(
			&err, PRL_E_SYNTAX,
			"the head is not as RFC 9112 has it: a bare CR or LF, a folded line, white space before a "
			"colon or between the words of the request line, or a 0 byte");
		return malformed(request, 400, &err);
	}
	if (request->head.count > PRL_MAX_HTTP_FIELDS) {
		(void)prl_error_set(&err, PRL_E_TOO_LARGE, "more than %u header fields", PRL_MAX_HTTP_FIELDS);
		return malformed(request, 431, &err);
	}
	unsigned status = prl_head_check(&request->head, &request->framing, &err);
	if (status)
		return malformed(request, status, &err);
	/* libmicrohttpd takes a bare LF and any extension in chunks; nothing is read after such a body. */
	request->close |= request->framing.chunked;
	if (prl_target_read(request->target_text, request->target_size, &request->target, &err))
		return malformed(request, 400, &err);
	prl_bytes authority = request->target.authority, host = prl_head_field(&request->head, "Host");
	if (!authority.data || (authority.size == host.size && strncasecmp(authority.data, host.data, host.size) == 0))
		return true;
	(void)prl_error_set(&err, PRL_E_SYNTAX, "the target names another host than Host");
	return malformed(request, 400, &err);
}

/* Refused, but well formed: the connection lives on where the body is small enough to be read and dropped. */
static bool keeps_connection(const prl_request *request)
{
	return !request->framing.chunked && !request->framing.expects_continue &&
	       request->framing.length <= PRL_MAX_HTTP_SWALLOW;
}

static bool find_route(prl_request *request)
{
	char allow[PRL_MAX_HTTP_ALLOW];
	bool known = false;
	prl_http *http = request->http;
	request->line = prl_route_find(http->lines, http->options.route_count, &request->target, request->head.method,
				       &known, allow);
	if (request->line) {
		prl_bytes rest;
		const prl_route_line *line = request->line;
		prl_bytes last = line->segments[line->count - 1].text;
		char name[64] = "";
		bool any = strcmp(line->route->method, "*") == 0; /* says itself that nothing is there */
		if (!line->rest || any || last.size >= sizeof name)
			return true;
		memcpy(name, last.data, last.size);
		if (prl_route_part(line, &request->target, name, &rest) == PRL_OK)
			return true;
		prl_answer_status(request, 400,
				  "an empty segment, a slash or a backslash inside a segment of the path");
	} else if (known) {
		prl_answer_header(request, "Allow", allow);
		prl_answer_status(request, 405, "this path takes %s", allow);
	} else {
		prl_answer_status(request, 404, "nothing is at this path");
	}
	return false;
}

static bool check_caller(prl_request *request)
{
	prl_http *http = request->http;
	unsigned may = request->line->route->may;
	prl_bytes token = prl_bearer_token(prl_head_field(&request->head, "Authorization"));
	const prl_hash *key = http->certificate ? prl_http_tls_key(request->mhd, request->connection) : NULL;
	bool known = !http->options.who || http->options.who(http->options.node, token, key, &request->caller);
	if (!known && !(may & PRL_MAY_STALE)) {
		prl_answer_header(request, "WWW-Authenticate", "Bearer");
		prl_answer_status(request, 401, "the token is not one that this node takes");
		return false;
	}
	static const unsigned bits[] = { [PRL_CALLER_NOBODY] = 0,
					 [PRL_CALLER_KEY] = PRL_MAY_KEY,
					 [PRL_CALLER_PROGRAM] = PRL_MAY_PROGRAM,
					 [PRL_CALLER_PEER] = PRL_MAY_PEER };
	if (may & (PRL_MAY_ANYBODY | bits[request->caller.kind]))
		return true;
	if (request->caller.kind == PRL_CALLER_NOBODY) {
		prl_answer_header(request, "WWW-Authenticate", "Bearer");
		prl_answer_status(request, 401,
				  "this path wants a known caller: a Bearer token or a client certificate");
	} else {
		prl_answer_status(request, 403, "this path is not for callers of this kind");
	}
	return false;
}

static bool check_body(prl_request *request)
{
	const prl_route *route = request->line->route;
	const prl_framing *framing = &request->framing;
	if (framing->length > route->body_max || (framing->chunked && !route->body_max)) {
		bool patient = route->may & PRL_MAY_PATIENT && framing->length <= PRL_MAX_HTTP_PATIENCE &&
			       !framing->expects_continue;
		request->close = !patient; /* at once, without the body */
		prl_http_body_too_large(request);
		return false;
	}
	prl_bytes type = prl_head_field(&request->head, "Content-Type");
	bool has_body = framing->length || framing->chunked;
	if (route->body_max && route->body_type && (has_body || type.data) &&
	    (!type.data || !prl_type_fits(type, route->body_type))) {
		prl_answer_status(request, 415, "the Content-Type is not %s", route->body_type);
		return false;
	}
	request->body = PRL_BUFFER(route->body_max);
	return true;
}

bool prl_http_head_take(prl_request *request, const char *url, const char *method, const char *version)
{
	if (!check_head(request, url, method, version))
		return false;
	bool too_late = atomic_load(&request->http->stopping);
	request->close |= too_late || !keeps_connection(request);
	if (too_late) {
		prl_answer_status(request, 503, "the node is being stopped");
		return false;
	}
	if (!find_route(request) || !check_caller(request) || !check_body(request))
		return false;
	request->close = request->framing.chunked;
	return true;
}
