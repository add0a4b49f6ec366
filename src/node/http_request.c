#include "base/text.h"
#include "node/http_inside.h"

#include <string.h>

/* ---- its life ---------------------------------------------------------------------------------------------------- */

/* The request line was read. The target as it was sent is kept here: libmicrohttpd takes it apart afterwards. */
void *prl_http_request_line(void *context, const char *target, struct MHD_Connection *mhd)
{
	prl_http *http = context;
	prl_connection *connection = prl_http_connection_of(mhd);
	size_t size = target ? strlen(target) : 0;
	prl_request *request = connection ? malloc(sizeof *request + size + 1) : NULL;
	if (!request)
		return NULL;
	memset(request, 0, offsetof(prl_request, target));
	request->http = http;
	request->mhd = mhd;
	request->connection = connection;
	request->arena = PRL_ARENA(PRL_MAX_HTTP_ARENA);
	request->target_size = size;
	if (size)
		memcpy(request->target_text, target, size);
	request->target_text[size] = 0;
	prl_http_connection_deadline(connection, http->options.head_ms);
	atomic_fetch_add_explicit(&http->requests, 1, memory_order_relaxed);
	return request;
}

/* The answer was sent, or the connection is gone. */
void prl_http_request_end(void *context, struct MHD_Connection *mhd, void **at, enum MHD_RequestTerminationCode code)
{
	prl_http *http = context;
	prl_request *request = *at;
	(void)mhd;
	(void)code;
	if (!request)
		return;
	*at = NULL;
	prl_http_connection_deadline(request->connection, http->options.idle_ms);
	if (request->response && !request->sent && request->response != http->no_memory)
		MHD_destroy_response(request->response);
	if (request->busy)
		atomic_fetch_sub(&http->busy, 1);
	if (request->sending)
		atomic_fetch_sub(&http->sending, 1);
	prl_buffer_done(&request->body);
	prl_arena_done(&request->arena);
	free(request);
}

/* ---- what libmicrohttpd calls ------------------------------------------------------------------------------------ */

static enum MHD_Result send_answer(prl_request *request)
{
	request->stage = PRL_STAGE_DONE;
	return prl_http_answer_send(request);
}

static enum MHD_Result take_head(prl_request *request, const char *url, const char *method, const char *version)
{
	if (prl_http_head_take(request, url, method, version)) {
		request->stage = PRL_STAGE_BODY;
		prl_http_connection_deadline(request->connection, request->http->options.body_ms);
		return MHD_YES;
	}
	/* An answer before the end of the request closes the connection; later, it lives on. */
	if (request->close)
		return send_answer(request);
	if (request->framing.length > PRL_MAX_HTTP_SWALLOW) /* patient */
		prl_http_connection_deadline(request->connection, request->http->options.body_ms);
	request->stage = PRL_STAGE_DROP;
	return MHD_YES;
}

/* A chunked body went over the maximum of a patient route: what comes is dropped, then the answer sent. */
static bool begin_to_drop(prl_request *request)
{
	if (!(request->line->route->may & PRL_MAY_PATIENT))
		return false;
	request->stage = PRL_STAGE_DROP;
	request->close = true;
	prl_buffer_done(&request->body);
	prl_http_body_too_large(request);
	return true;
}

static enum MHD_Result take_bytes(prl_request *request, const char *data, size_t *size)
{
	bool drops = request->stage == PRL_STAGE_DROP;
	bool taken = drops || prl_buffer_append(&request->body, data, *size);
	if (!taken) { /* the Content-Length was small enough, so this is a chunked body, or memory */
		bool large = *size > request->body.max - request->body.size;
		if (!large || !begin_to_drop(request)) {
			prl_http_answer_now(request, large ? 413 : 503);
			return MHD_NO;
		}
	}
	request->dropped += drops ? *size : 0;
	if (request->dropped > PRL_MAX_HTTP_PATIENCE)
		return MHD_NO;
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result handle(prl_request *request)
{
	prl_http *http = request->http;
	prl_http_connection_deadline(request->connection, 0);
	request->stage = PRL_STAGE_DONE;
	/* Counted before the flag is read: prl_http_stop() raises the flag before it reads the count. */
	atomic_fetch_add(&http->busy, 1);
	request->busy = true;
	if (atomic_load(&http->stopping)) {
		request->close = true;
		prl_answer_status(request, 503, "the node is being stopped");
	} else {
		request->line->route->handle(http->options.node, request);
		if (request->taken)
			return MHD_YES;
		if (!request->response)
			prl_answer_status(request, 500, "no answer was made");
	}
	request->busy = false;
	atomic_fetch_sub(&http->busy, 1);
	return send_answer(request);
}

enum MHD_Result prl_http_request_part(void *http, struct MHD_Connection *mhd, const char *url, const char *method,
				      const char *version, const char *data, size_t *size, void **context)
{
	(void)http;
	(void)mhd;
	prl_request *request = *context;
	if (!request || request->sent) /* sent: libmicrohttpd is being stopped, and dropped the answer */
		return MHD_NO;
	if (request->stage == PRL_STAGE_LINE)
		return take_head(request, url, method, version);
	if (*size)
		return take_bytes(request, data, size);
	if (request->stage == PRL_STAGE_BODY)
		return handle(request);
	if (!request->response) /* taken, and nobody has answered */
		return MHD_YES;
	return send_answer(request);
}

/* ---- what handlers ask ------------------------------------------------------------------------------------------- */

void prl_request_take(prl_request *request)
{
	if (request->taken || request->response)
		return;
	request->taken = true;
	MHD_suspend_connection(request->mhd);
}

prl_arena *prl_request_arena(prl_request *request)
{
	return &request->arena;
}

const prl_caller *prl_request_caller(const prl_request *request)
{
	return &request->caller;
}

prl_bytes prl_request_body(const prl_request *request)
{
	return (prl_bytes){ request->body.data ? request->body.data : "", request->body.size };
}

prl_bytes prl_request_part(const prl_request *request, const char *name)
{
	prl_bytes part = { "", 0 };
	prl_request *own =
		(prl_request *)(uintptr_t)request; /* joining a rest that was joined already changes nothing */
	(void)prl_route_part(request->line, &own->target, name, &part);
	return part;
}

prl_bytes prl_request_query(const prl_request *request, const char *name)
{
	for (size_t i = 0; i < request->target.query_count; i++)
		if (prl_bytes_is(request->target.queries[i].name, name))
			return request->target.queries[i].value;
	return (prl_bytes){ 0 };
}

bool prl_request_queries_only(prl_request *request, const char *const *names)
{
	for (size_t i = 0; i < request->target.query_count; i++) {
		prl_bytes name = request->target.queries[i].name;
		const char *const *at = names;
		while (*at && !prl_bytes_is(name, *at))
			at++;
		if (*at)
			continue;
		prl_answer_status(request, 400, "the query argument \"%.*s\" is not known here",
				  name.size > 80 ? 80 : (int)name.size, name.data);
		return false;
	}
	return true;
}

prl_bytes prl_request_header(const prl_request *request, const char *name)
{
	return prl_head_field(&request->head, name);
}
