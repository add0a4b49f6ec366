/* Login, the state of the node, its figures, its description. */
#include "node/api.h"

#include "base/error.h"
#include "base/text.h"
#include "node/notifier.h"
#include "node/peers.h"

#include <string.h>

/* Until there is a watch floor: what this is, for a person who opens the address in a browser. */
static const char front[] =
	"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>parley</title>\n"
	"<style>body{font:16px/1.5 sans-serif;max-width:44em;margin:3em auto;padding:0 1em}</style>\n"
	"<h1>parley</h1>\n"
	"<p>This is a node of a deconfliction line, and it runs. It keeps one log of signed entries, mirrors the logs "
	"of "
	"the other nodes, and cosigns them. There is no page to watch it with yet: people use the command line, "
	"programs "
	"use HTTP.</p>\n<ul>\n"
	"<li><a href=\"/healthy\">/healthy</a>: whether it takes entries, and if not, why not</li>\n"
	"<li><a href=\"/metrics\">/metrics</a>: figures, as OpenMetrics</li>\n"
	"<li><a href=\"/parley/v1/openapi.json\">/parley/v1/openapi.json</a>: the HTTP interface, described</li>\n"
	"<li><a href=\"/log/checkpoint\">/log/checkpoint</a>: the newest checkpoint with its cosignatures (C2SP "
	"tlog-tiles; the tiles are under /log/tile/)</li>\n"
	"</ul>\n"
	"<p>On the command line: <code>parley message FOLDER TEXT</code>, <code>parley peer list FOLDER</code>, "
	"<code>parley key list FOLDER</code>, <code>parley help</code>.</p>\n</html>\n";

void prl_api_front(void *node, prl_request *request)
{
	(void)node;
	prl_answer_header(request, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
	prl_answer_bytes(request, 200, "text/html; charset=utf-8", front, sizeof front - 1);
}

void prl_api_login_offer(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_error err;
	json_t *json = NULL;
	prl_answer_header(request, "Cache-Control", "no-store");
	if (prl_sessions_offer(api->sessions, &json, &err))
		prl_answer_error(request, &err);
	else
		prl_answer_json(request, 200, json);
}

void prl_api_login(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_error err;
	json_t *json = NULL;
	prl_answer_header(request, "Cache-Control", "no-store");
	if (prl_sessions_login(api->sessions, prl_request_body(request), &json, &err))
		prl_answer_error(request, &err);
	else
		prl_answer_json(request, 200, json);
}

void prl_api_logout(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_bytes header = prl_request_header(request, "Authorization");
	if (header.size > 7)
		prl_sessions_end(api->sessions, (prl_bytes){ header.data + 7, header.size - 7 });
	prl_answer_bytes(request, 204, "text/plain", "", 0);
}

void prl_api_openapi(void *node, prl_request *request)
{
	const char *text = prl_schema_text("openapi.json");
	(void)node;
	if (text)
		prl_answer_bytes(request, 200, PRL_HTTP_JSON, text, strlen(text));
	else
		prl_answer_status(request, 404, "this build has no description");
}

/* ---- /healthy ---------------------------------------------------------------------------------------------------- */

/* The disk fails from a batch that could not be written until one that could. */
static bool disk_is_failing(prl_api *api, const prl_clerk_figures *figures)
{
	bool failed = figures->failed_batches > api->disk.failed, wrote = figures->batches > api->disk.batches;
	api->disk.failed = figures->failed_batches;
	api->disk.batches = figures->batches;
	if (failed)
		api->disk.failing = true;
	else if (wrote)
		api->disk.failing = false;
	return api->disk.failing;
}

static bool clock_is_suspect(prl_api *api)
{
	prl_version version = prl_picture_pin(api->picture);
	const prl_node_state *state =
		prl_picture_node(api->picture, version, prl_bytes_of(prl_ledger_origin(api->own)));
	bool suspect = state && state->clock_suspect;
	prl_picture_unpin(api->picture, version);
	return suspect;
}

/* Whether JSON is what an Accept header asks for, by name: all else is answered as the Go DSS does (f3548.md). */
static bool wants_json(prl_bytes accept)
{
	static const char json[] = "application/json";
	for (size_t i = 0; i + sizeof json - 1 <= accept.size; i++)
		if (strncasecmp(accept.data + i, json, sizeof json - 1) == 0)
			return true;
	return false;
}

/* "ok", or what is wrong, a line each. Takes reasons over. */
static void answer_health_text(prl_request *request, json_t *reasons)
{
	const json_t *one;
	size_t i;
	prl_buffer text = PRL_BUFFER(PRL_KIB * 4);
	json_array_foreach(reasons, i, one) prl_buffer_printf(&text, "%s\n", json_string_value(one));
	if (!text.size)
		prl_buffer_printf(&text, "ok");
	prl_answer_bytes(request, json_array_size(reasons) ? 503 : 200, "text/plain; charset=utf-8", text.data,
			 text.size);
	prl_buffer_done(&text);
	json_decref(reasons);
}

void prl_api_healthy(void *node, prl_request *request)
{
	prl_api *api = node;
	prl_clerk_figures figures = prl_clerk_read_figures(api->clerk);
	json_t *reasons = json_array();
	if (!prl_peers_are_open(api->peers))
		(void)json_array_append_new(reasons, json_string("waiting for a peer to say how far our log had come"));
	if (disk_is_failing(api, &figures))
		(void)json_array_append_new(reasons, json_string("the disk fails: the last batch was not written"));
	if (clock_is_suspect(api))
		(void)json_array_append_new(reasons, json_string("the clock is suspect"));
	prl_answer_header(request, "Cache-Control", "no-store");
	prl_answer_header(request, "Vary", "Accept");
	if (!wants_json(prl_request_header(request, "Accept"))) {
		answer_health_text(request, reasons);
		return;
	}
	bool good = json_array_size(reasons) == 0;
	json_t *json = json_pack("{s:s, s:o}", "state", good ? "ok" : "trouble", "reasons", reasons);
	if (json)
		prl_answer_json(request, good ? 200 : 503, json);
	else
		prl_api_no_memory(request);
}

/* ---- /metrics (OpenMetrics 1.0) ---------------------------------------------------------------------------------- */

static void counter(prl_buffer *to, const char *name, const char *help, uint64_t value)
{
	prl_buffer_printf(to, "# TYPE parley_%s counter\n# HELP parley_%s %s\nparley_%s_total %llu\n", name, name, help,
			  name, (unsigned long long)value);
}

static void gauge(prl_buffer *to, const char *name, const char *help, uint64_t value)
{
	prl_buffer_printf(to, "# TYPE parley_%s gauge\n# HELP parley_%s %s\nparley_%s %llu\n", name, name, help, name,
			  (unsigned long long)value);
}

static void clerk_metrics(prl_api *api, prl_buffer *to)
{
	prl_clerk_figures f = prl_clerk_read_figures(api->clerk);
	counter(to, "filings", "Filings that the clerk took.", f.filings);
	counter(to, "filings_refused", "Filings that were refused.", f.refused);
	counter(to, "batches", "Batches written, each with one checkpoint.", f.batches);
	counter(to, "batches_failed", "Batches that the disk refused.", f.failed_batches);
	counter(to, "entries", "Entries written since the start.", f.entries);
	gauge(to, "clerk_queue", "Filings that wait.", f.queue);
	prl_buffer_printf(
		to,
		"# TYPE parley_commit_seconds counter\n# UNIT parley_commit_seconds seconds\n"
		"# HELP parley_commit_seconds Time spent writing batches.\nparley_commit_seconds_total %.6f\n",
		f.commit_seconds);
}

static void http_metrics(prl_api *api, prl_buffer *to)
{
	if (!api->http)
		return;
	prl_http_figures f = prl_http_read_figures(api->http);
	counter(to, "http_requests", "Requests.", f.requests);
	counter(to, "http_requests_refused", "Requests refused before a handler saw them.", f.refused);
	gauge(to, "http_connections", "Open connections.", f.connections);
	gauge(to, "http_streams", "Open event streams.", f.streams);
	prl_buffer_printf(to, "# TYPE parley_http_answers counter\n# HELP parley_http_answers Answers by class.\n");
	for (unsigned class = 1; class < 6; class ++)
		prl_buffer_printf(to, "parley_http_answers_total{class=\"%uxx\"} %llu\n", class,
				  (unsigned long long)f.by_class[class]);
}

/* Labels hold names of logs: letters, digits and . _ / - : only, so that nothing needs escaping. */
static void peer_metrics(prl_api *api, prl_buffer *to)
{
	static const struct {
		const char *member, *name, *help;
	} rows[] = { { "lag", "peer_lag_entries", "Entries of ours that the peer is not known to hold." },
		     { "mirrored", "peer_mirrored_entries", "Entries of the peer's log that are kept here." },
		     { "faults", "peer_faults", "Entries of the peer's log that count as nobody's act." } };
	prl_version version = prl_picture_pin(api->picture);
	json_t *peers = prl_api_peers_json(api, version), *peer;
	prl_picture_unpin(api->picture, version);
	size_t i;
	for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
		prl_buffer_printf(to, "# TYPE parley_%s gauge\n# HELP parley_%s %s\n", rows[row].name, rows[row].name,
				  rows[row].help);
		json_array_foreach(peers, i, peer)
			prl_buffer_printf(to, "parley_%s{log=\"%s\"} %lld\n", rows[row].name,
					  json_string_value(json_object_get(peer, "log")),
					  (long long)json_integer_value(json_object_get(peer, rows[row].member)));
	}
	prl_buffer_printf(to, "# TYPE parley_peer_connected gauge\n# HELP parley_peer_connected 1: reached.\n");
	json_array_foreach(peers, i, peer) prl_buffer_printf(to, "parley_peer_connected{log=\"%s\"} %d\n",
							     json_string_value(json_object_get(peer, "log")),
							     json_is_true(json_object_get(peer, "connected")));
	json_decref(peers);
}

static void notifier_metrics(prl_api *api, prl_buffer *to)
{
	if (!api->notifier)
		return;
	prl_notifier_figures f = prl_notifier_read_figures(api->notifier);
	counter(to, "uss_calls", "Calls to tell drone traffic services of constraints.", f.calls);
	counter(to, "uss_calls_failed", "Those of them that did not tell it.", f.failed);
	counter(to, "uss_told", "Subscriptions that were told of a change.", f.told);
	counter(to, "uss_unreached", "Subscriptions that could not be told of a change.", f.unreached);
	gauge(to, "uss_waiting", "Subscriptions that are to be told.", f.waiting);
}

void prl_api_metrics(void *node, prl_request *request)
{
	prl_api *api = node;
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(256 * 1024);
	uint64_t size;
	prl_ledger_head(api->own, &size, NULL);
	gauge(&text, "log_size", "Entries of our own log.", size);
	gauge(&text, "open", "1: the node appends.", prl_peers_are_open(api->peers));
	gauge(&text, "sessions", "Sessions open.", prl_sessions_count(api->sessions));
	clerk_metrics(api, &text);
	http_metrics(api, &text);
	peer_metrics(api, &text);
	notifier_metrics(api, &text);
	prl_buffer_printf(&text, "# EOF\n");
	if (text.failed)
		prl_api_no_memory(request);
	else
		prl_answer_bytes(request, 200, "application/openmetrics-text; version=1.0.0; charset=utf-8", text.data,
				 text.size);
}
