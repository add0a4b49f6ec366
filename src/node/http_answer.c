#include "base/text.h"
#include "node/http_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

unsigned prl_http_status(prl_status status)
{
	switch (status) {
	case PRL_OK:
		return 200;
	case PRL_E_SYNTAX:
	case PRL_E_RANGE:
	case PRL_E_AMBIGUOUS:
		return 400;
	case PRL_E_REFUSED:
		return 403;
	case PRL_E_NOT_FOUND:
		return 404;
	case PRL_E_DUPLICATE:
	case PRL_E_STALE:
	case PRL_E_FORKED:
		return 409;
	case PRL_E_TOO_LARGE:
		return 413;
	case PRL_E_UNSUPPORTED:
	case PRL_E_SIGNATURE:
		return 422;
	case PRL_E_EARLY:
	case PRL_E_MEMORY:
	case PRL_E_IO:
		return 503;
	case PRL_E_CALLBACK:
		break;
	}
	return 500;
}

/* E_TOO_LARGE becomes "too_large". */
static const char *status_name(prl_status status, char name[32])
{
	static const char *const names[] = {
#define X(NAME, exit_status, text) [PRL_##NAME] = #NAME,
		PRL_STATUS_MAP(X)
#undef X
	};
	if ((size_t)status >= sizeof names / sizeof *names)
		return "internal";
	const char *from = strncmp(names[status], "E_", 2) == 0 ? names[status] + 2 : names[status];
	size_t i = 0;
	for (; from[i] && i < 31; i++)
		name[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] | 0x20 : from[i]);
	name[i] = 0;
	return name;
}

static const char *http_name(unsigned status)
{
	switch (status) {
	case 400:
		return "syntax";
	case 401:
		return "unknown_caller";
	case 403:
		return "refused";
	case 404:
		return "not_found";
	case 405:
		return "method";
	case 409:
		return "stale";
	case 413:
	case 414:
	case 431:
		return "too_large";
	case 415:
	case 417:
	case 422:
	case 505:
		return "unsupported";
	case 429:
	case 503:
		return "try_again";
	}
	return status < 400 ? "ok" : "internal";
}

bool prl_http_answer_open(const prl_request *request)
{
	return !request->response;
}

/* The answer stands ready; whoever took the request wakes the connection. Nothing may be touched after that: the
 * connection's thread may have sent the answer and freed the request. */
void prl_http_answer_ready(prl_request *request, unsigned status, struct MHD_Response *response)
{
	prl_http *http = request->http;
	bool own = response != http->no_memory;
	for (size_t i = 0; own && i < request->field_count; i++)
		MHD_add_response_header(response, request->fields[i].name, request->fields[i].value);
	if (own && request->close)
		MHD_add_response_header(response, "Connection", "close");
	request->status = status;
	request->response = response;
	if (!request->taken)
		return;
	atomic_fetch_add(&http->sending, 1);
	request->sending = true;
	request->busy = false;
	MHD_resume_connection(request->mhd);
	atomic_fetch_sub(&http->busy, 1);
}

static void count(prl_http *http, unsigned status)
{
	unsigned class = status / 100;
	atomic_fetch_add_explicit(&http->by_class[class < 6 ? class : 5], 1, memory_order_relaxed);
	if (status >= 400)
		atomic_fetch_add_explicit(&http->refused, 1, memory_order_relaxed);
}

void prl_http_body_too_large(prl_request *request)
{
	char text[80];
	size_t max = request->line->route->body_max;
	int size = snprintf(text, sizeof text, "the body is larger than %zu bytes\n", max);
	if (request->line->route->may & PRL_MAY_PATIENT)
		prl_answer_bytes(request, 413, "text/plain; charset=utf-8", text, (size_t)size);
	else
		prl_answer_status(request, 413, "the body is larger than %zu bytes", max);
}

void prl_http_answer_now(prl_request *request, unsigned status)
{
	const char *reason = status == 413 ? "Content Too Large" : "Service Unavailable";
	char body[128], bytes[512];
	int length = snprintf(body, sizeof body, "{\"error\":\"%s\",\"text\":\"%s\",\"where\":\"\"}", http_name(status),
			      status == 413 ? "the body is too large" : "out of memory");
	int size = snprintf(bytes, sizeof bytes,
			    "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
			    "Content-Length: %d\r\n\r\n%s",
			    status, reason, length, body);
	count(request->http, status);
	if (!prl_http_tls_send(request->mhd, bytes, (size_t)size))
		(void)!send(request->connection->fd, bytes, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

enum MHD_Result prl_http_answer_send(prl_request *request)
{
	prl_http *http = request->http;
	count(http, request->status);
	if (request->stream)
		atomic_store(&request->stream->beat_ms, prl_http_now_ms());
	prl_http_connection_deadline(request->connection, request->stream ? 0 : http->options.answer_ms);
	struct MHD_Response *response = request->response;
	request->sent = true;
	enum MHD_Result result = MHD_queue_response(request->mhd, request->status, response);
	if (response != http->no_memory)
		MHD_destroy_response(response); /* ours; the connection holds its own */
	return result;
}

static void answer(prl_request *request, unsigned status, const char *type, struct MHD_Response *response)
{
	if (!response) {
		request->close = true;
		prl_http_answer_ready(request, 503, request->http->no_memory);
		return;
	}
	if (type)
		MHD_add_response_header(response, "Content-Type", type);
	prl_http_answer_ready(request, status, response);
}

void prl_answer_bytes(prl_request *request, unsigned status, const char *type, const void *bytes, size_t size)
{
	if (!prl_http_answer_open(request))
		return;
	void *data = (void *)(uintptr_t)bytes; /* copied, not written to */
	answer(request, status, type, MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_COPY));
}

void prl_answer_json(prl_request *request, unsigned status, json_t *body)
{
	char *text = prl_http_answer_open(request)
			     ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY)
			     : NULL;
	json_decref(body);
	if (!prl_http_answer_open(request))
		return;
	struct MHD_Response *response =
		text ? MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE) : NULL;
	if (!response)
		free(text);
	answer(request, status, PRL_HTTP_JSON, response);
}

/* Text that came from outside may be cut inside a character or hold anything: JSON wants UTF-8. */
static json_t *json_text(const char *text)
{
	if (prl_utf8_check(prl_bytes_of(text), false))
		return json_string(text);
	char clean[sizeof((prl_error *)0)->text];
	size_t i = 0;
	for (; text[i] && i + 1 < sizeof clean; i++)
		clean[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	clean[i] = 0;
	return json_string(clean);
}

static void answer_refusal(prl_request *request, unsigned status, const char *name, const char *text, const char *where)
{
	json_t *body = json_object();
	json_object_set_new(body, "error", json_string(name));
	json_object_set_new(body, "text", json_text(text));
	json_object_set_new(body, "where", json_text(where));
	prl_answer_json(request, status, body);
}

void prl_answer_error(prl_request *request, const prl_error *err)
{
	char name[32];
	answer_refusal(request, prl_http_status(err->status), status_name(err->status, name), err->text, err->where);
}

void prl_answer_status(prl_request *request, unsigned status, const char *format, ...)
{
	char text[sizeof((prl_error *)0)->text];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	answer_refusal(request, status, http_name(status), text, "");
}

static char *arena_text(prl_request *request, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = prl_arena_alloc(&request->arena, size, 1);
	return copy ? memcpy(copy, text, size) : NULL;
}

void prl_answer_header(prl_request *request, const char *name, const char *value)
{
	if (request->field_count == PRL_MAX_HTTP_ANSWER_FIELDS || strpbrk(value, "\r\n"))
		return;
	const char *kept_name = arena_text(request, name), *kept_value = arena_text(request, value);
	if (!kept_name || !kept_value)
		return;
	request->fields[request->field_count].name = kept_name;
	request->fields[request->field_count++].value = kept_value;
}
