#include "node/node.h"

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "node/api.h"
#include "node/bearer.h"
#include "node/bell.h"
#include "node/bundler.h"
#include "node/clock.h"
#include "node/dss_lists.h"
#include "node/folder.h"
#include "node/outward.h"
#include "node/peers.h"
#include "node/presence.h"
#include "node/snapshot.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_LISTEN "127.0.0.1:8440"
#define PEM_MAX        (256u * 1024u)
#define CLOCK_LOOK_S   1

struct prl_node {
	prl_node_options options;
	prl_folder *folder;
	prl_clerk *clerk;
	prl_snapshots *snapshots;
	prl_readers *readers;
	prl_sessions *sessions;
	prl_registry *registry; /* NULL: no F3548 interface */
	prl_dss_lists *dss_lists;
	prl_bearer *bearer; /* NULL: no F3548 interface */
	prl_peers *peers;
	prl_bell *bell;
	prl_outward *outward; /* NULL: no F3548 interface */
	prl_presence *presence;
	prl_http *http;
	prl_api api;
	char *certificate_path, *key_path; /* where the folder has them */
	char *restored_path;               /* NULL: not put back from a backup since it was last open */
	prl_buffer certificate, key;       /* PEM */
	char listen[280], address[300];
	char uss_id[PRL_DSS_USS_ID_MAX + 1];
	bool shows; /* notices, to USSs */
	/* The clerk tells of its growth before all that wants to know is there. */
	pthread_mutex_t wake_lock;
	prl_peers *wake_peers;
	prl_http *wake_http;
	prl_notifier *wake_notifier;
	pthread_t watch; /* of the clocks */
	bool watching, stop;
	bool bundles_failed; /* the watch's own */
	pthread_mutex_t lock;
	pthread_cond_t stopping;
};

static void node_say(void *context, const char *line)
{
	prl_node *node = context;
	if (node->options.say)
		node->options.say(node->options.context, line);
}

/* ---- what the clerk tells ---------------------------------------------------------------------------------------- */

static void on_grown(void *context)
{
	prl_node *node = context;
	(void)pthread_mutex_lock(&node->wake_lock);
	if (node->snapshots)
		prl_snapshots_grown(node->snapshots);
	if (node->wake_peers)
		prl_peers_wake(node->wake_peers);
	if (node->wake_http)
		prl_http_wake_streams(node->wake_http);
	if (node->wake_notifier)
		prl_notifier_grown(node->wake_notifier);
	(void)pthread_mutex_unlock(&node->wake_lock);
}

/* From here on the clerk wakes these, or no longer does. */
static void wake_set(prl_node *node, prl_peers *peers, prl_http *http)
{
	(void)pthread_mutex_lock(&node->wake_lock);
	node->wake_peers = peers;
	node->wake_http = http;
	(void)pthread_mutex_unlock(&node->wake_lock);
}

static void wake_notifier_set(prl_node *node, prl_notifier *notifier)
{
	(void)pthread_mutex_lock(&node->wake_lock);
	node->wake_notifier = notifier;
	(void)pthread_mutex_unlock(&node->wake_lock);
}

/* "forks/<hex of the proof's SHA-256>.fork": one file a proof, written again where it is proven again. */
static prl_status fork_save(prl_node *node, prl_bytes proof, char path[4096], prl_error *err)
{
	char hex[65];
	prl_hash hash = prl_sha256(proof.data, proof.size);
	prl_hex_write(hash.bytes, sizeof hash.bytes, hex);
	(void)snprintf(path, 4096, "%s/forks/%s.fork", node->folder->path, hex);
	prl_status status = prl_folder_of_file(path, err);
	return status ? status : prl_file_write(path, proof, 0600, err);
}

static void on_forked(void *context, const char *log, prl_bytes proof)
{
	prl_node *node = context;
	prl_error err;
	char path[4096] = "", line[4600];
	if (fork_save(node, proof, path, &err))
		(void)snprintf(line, sizeof line, "%s signed two histories; the proof was not written: %s", log,
			       err.text);
	else
		(void)snprintf(line, sizeof line, "%s signed two histories; the proof is in %s", log, path);
	node_say(node, line);
}

static prl_time now(void *context)
{
	const prl_node *node = context;
	return node->options.wall ? node->options.wall(node->options.clock_context) : prl_clock_wall(NULL);
}

static prl_time boot(void *context)
{
	const prl_node *node = context;
	return node->options.boot ? node->options.boot(node->options.clock_context) : prl_clock_boot(NULL);
}

/* ---- settings ---------------------------------------------------------------------------------------------------- */

static prl_status pem_read(prl_node *node, const char *name, char **ret_path, prl_buffer *ret, prl_error *err)
{
	*ret = PRL_BUFFER(PEM_MAX);
	char *path = prl_folder_file(node->folder, name);
	if (!path)
		return prl_error_memory(err);
	prl_status status = prl_file_read(path, ret, err);
	if (status)
		free(path);
	else
		*ret_path = path;
	return status == PRL_E_NOT_FOUND ? PRL_OK : status;
}

/* Both or none: tls.crt and tls.key of the folder, unless node.json says "tls": false. */
static prl_status tls_read(prl_node *node, prl_error *err)
{
	if (json_is_false(json_object_get(node->folder->settings, "tls")))
		return PRL_OK;
	prl_status status = pem_read(node, "tls.crt", &node->certificate_path, &node->certificate, err);
	if (!status)
		status = pem_read(node, "tls.key", &node->key_path, &node->key, err);
	if (!status && !node->certificate_path != !node->key_path)
		status = prl_error_set(err, PRL_E_IO, "%s: of tls.crt and tls.key one is missing", node->folder->path);
	return status;
}

static bool has_tls(const prl_node *node)
{
	return node->certificate_path != NULL;
}

static bool is_loopback(const char *listen)
{
	return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0 ||
	       strncmp(listen, "localhost:", 10) == 0;
}

/* tls.crt beside a loopback address is for outgoing links as well; the server speaks TLS wherever it has it. */
static prl_status listen_read(prl_node *node, prl_error *err)
{
	const char *setting = json_string_value(json_object_get(node->folder->settings, "listen"));
	const char *listen = node->options.listen ? node->options.listen : setting ? setting : DEFAULT_LISTEN;
	if (strlen(listen) >= sizeof node->listen)
		return prl_error_set(err, PRL_E_SYNTAX, "the address to listen at is too long");
	(void)snprintf(node->listen, sizeof node->listen, "%s", listen);
	if (!is_loopback(listen) && !has_tls(node))
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s: beyond loopback a node serves with TLS only; tls.crt and tls.key are missing",
				     listen);
	return prl_dss_options_check(&node->options.dss, is_loopback(listen), err);
}

/* ---- the parts --------------------------------------------------------------------------------------------------- */

static prl_status folder_open(prl_node *node, prl_error *err)
{
	prl_folder_options options = { .path = node->options.folder,
				       .replay = node->options.replay,
				       .say = node->options.say,
				       .progress = node->options.progress,
				       .context = node->options.context };
	return prl_folder_open(&options, &node->folder, err);
}

static void on_snapshot_failed(void *context, const prl_error *err)
{
	char line[500];
	(void)snprintf(line, sizeof line, "the snapshot was not written: %s", err->text);
	node_say(context, line);
}

static prl_status snapshots_start(prl_node *node, prl_error *err)
{
	char *path = prl_folder_file(node->folder, "snapshot");
	if (!path)
		return prl_error_memory(err);
	prl_status status =
		prl_snapshots_start(node->folder->picture, node->folder->own, path, node->folder->snapshot_size,
				    PRL_SNAPSHOT_EVERY, on_snapshot_failed, node, &node->snapshots, err);
	free(path);
	return status;
}

static prl_status clerk_start(prl_node *node, prl_error *err)
{
	prl_clerk_parts parts = prl_folder_parts(node->folder);
	if (prl_dss_options_on(&node->options.dss)) {
		prl_status status = prl_registry_new(node->folder->picture, &node->registry, err);
		if (!status)
			status = prl_dss_lists_start(&node->dss_lists, err);
		if (status)
			return status;
	}
	parts.registry = node->registry;
	parts.queue_max = node->options.queue_max;
	parts.now = now;
	parts.grown = on_grown;
	parts.forked = on_forked;
	parts.context = node;
	return prl_clerk_start(&parts, &node->clerk, err);
}

static void address_write(prl_node *node, unsigned port)
{
	const char *colon = strrchr(node->listen, ':');
	(void)snprintf(node->address, sizeof node->address, "%s://%.*s:%u", has_tls(node) ? "https" : "http",
		       (int)(colon ? colon - node->listen : 0), node->listen, port);
}

static void show_notices(prl_node *node)
{
	const char *base_url = node->options.dss.base_url;
	prl_clerk_serve(node->clerk, node->uss_id, base_url ? base_url : node->address);
	node->shows = true;
}

/* Before the clerk takes anything: what is to be shown to USSs then is before the first key is checked. Where the
 * system chooses the port, its number is known only when the server runs. */
static prl_status serving_start(prl_node *node, prl_error *err)
{
	const prl_dss_options *dss = &node->options.dss;
	const char *colon = strrchr(node->listen, ':');
	unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;
	(void)err;
	(void)snprintf(node->uss_id, sizeof node->uss_id, "%s%s", dss->uss_id ? "" : "parley.",
		       dss->uss_id ? dss->uss_id : prl_ledger_origin(node->folder->own));
	if (port > 0 && port <= UINT16_MAX)
		address_write(node, (unsigned)port);
	if (node->address[0] || dss->base_url)
		show_notices(node);
	return PRL_OK;
}

static prl_status sessions_start(prl_node *node, prl_error *err)
{
	prl_sessions_parts parts = { .picture = node->folder->picture, .own = node->folder->own, .tls = has_tls(node) };
	prl_status status = prl_readers_new(node->folder->store, &node->readers, err);
	if (!status)
		status = prl_presence_new(&node->presence, err);
	return status ? status : prl_sessions_new(&parts, &node->sessions, err);
}

static prl_status bearer_start(prl_node *node, prl_error *err)
{
	prl_bearer_options options = { .dss = &node->options.dss,
				       .folder = node->folder->path,
				       .boot = boot,
				       .clock_context = node,
				       .say = node_say,
				       .context = node };
	if (!prl_dss_options_on(options.dss))
		return PRL_OK;
	prl_dss_rules *rules = &node->api.dss_rules;
	prl_status status = prl_dss_rules_read(json_object_get(node->folder->settings, "dss"), rules, err);
	rules->http_urls = node->options.dss.http_base_urls;
	return status ? status : prl_bearer_start(&options, &node->bearer, err);
}

/* `parley restore` leaves the mark. */
static prl_status restored_read(prl_node *node, prl_error *err)
{
	char *path = prl_folder_file(node->folder, "restored");
	if (!path)
		return prl_error_memory(err);
	if (access(path, F_OK) != 0) {
		free(path);
		return PRL_OK;
	}
	node->restored_path = path;
	node_say(node,
		 "this folder was put back from a backup: nothing is taken until a peer has said how far the log had "
		 "come (or --alone)");
	return PRL_OK;
}

static prl_status peers_start(prl_node *node, prl_error *err)
{
	prl_peers_parts parts = { .store = node->folder->store,
				  .picture = node->folder->picture,
				  .own = node->folder->own,
				  .mirrors = node->folder->peers,
				  .mirror_count = node->folder->peer_count,
				  .clerk = node->clerk,
				  .readers = node->readers,
				  .log_key = &node->folder->log_key,
				  .certificate = node->certificate_path,
				  .key = node->key_path,
				  .alone = node->options.alone,
				  .restored = node->restored_path,
				  .now = now,
				  .say = node_say,
				  .context = node };
	prl_status status = prl_peers_start(&parts, &node->peers, err);
	if (!status)
		wake_set(node, node->peers, NULL);
	return status;
}

static void on_rang(void *context)
{
	prl_node *node = context;
	(void)pthread_mutex_lock(&node->wake_lock);
	if (node->wake_http)
		prl_http_wake_streams(node->wake_http);
	(void)pthread_mutex_unlock(&node->wake_lock);
}

static prl_status take_bytes(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	(void)index;
	return prl_buffer_append(context, bytes.data, bytes.size) ? PRL_OK : prl_error_memory(err);
}

static bool note(void *context, uint64_t index, prl_buffer *to)
{
	prl_node *node = context;
	prl_store_reader *reader = NULL;
	prl_status status = prl_readers_take(node->readers, &reader, NULL);
	if (!status)
		status = prl_ledger_entries(node->folder->own, reader, index, index + 1, take_bytes, to, NULL);
	prl_readers_give(node->readers, reader);
	return !status && to->size > 0;
}

static prl_status bell_start(prl_node *node, prl_error *err)
{
	prl_bell_parts parts = { .picture = node->folder->picture,
				 .clerk = node->clerk,
				 .own = prl_ledger_origin(node->folder->own),
				 .log_key = &node->folder->log_key,
				 .certificate = node->certificate_path,
				 .key = node->key_path,
				 .ring = json_object_get(node->folder->settings, "ring"),
				 .now = now,
				 .boot = boot,
				 .note = note,
				 .say = node_say,
				 .rang = on_rang,
				 .context = node };
	return prl_bell_start(&parts, &node->bell, err);
}

static bool takes_entries(void *context)
{
	return prl_peers_are_open(((prl_node *)context)->peers);
}

static prl_status outward_start(prl_node *node, prl_error *err)
{
	const prl_dss_options *dss = &node->options.dss;
	const prl_outward_parts parts = { .dss = dss,
					  .folder = node->folder->path,
					  .uss_id = node->uss_id,
					  .picture = node->folder->picture,
					  .own = node->folder->own,
					  .clerk = node->clerk,
					  .readers = node->readers,
					  .open = takes_entries,
					  .now = now,
					  .boot = boot,
					  .say = node_say,
					  .context = node };
	if (!node->registry)
		return PRL_OK;
	prl_status status = prl_outward_start(&parts, &node->outward, err);
	if (!status)
		wake_notifier_set(node, prl_outward_notifier(node->outward));
	return status;
}

static bool who(void *context, prl_bytes token, const prl_hash *certificate_key, prl_caller *ret)
{
	prl_api *api = context;
	return prl_sessions_who(api->sessions, token, certificate_key, ret);
}

static prl_status http_start(prl_node *node, prl_error *err)
{
	prl_folder *folder = node->folder;
	prl_api *api = &node->api;
	api->store = folder->store;
	api->picture = folder->picture;
	api->own = folder->own;
	api->mirrors = folder->peers;
	api->mirror_count = folder->peer_count;
	api->clerk = node->clerk;
	api->readers = node->readers;
	api->sessions = node->sessions;
	api->bearer = node->bearer;
	api->registry = node->registry;
	api->dss_lists = node->dss_lists;
	api->fetcher = prl_outward_fetcher(node->outward);
	api->notifier = prl_outward_notifier(node->outward);
	api->address = node->address;
	api->peers = node->peers;
	api->presence = node->presence;
	api->bell = node->bell;
	api->log_key = &folder->log_key;
	api->now = now;
	api->boot = boot;
	api->now_context = node;
	prl_status status = prl_schema_open("http/message.json", &api->message, err);
	if (status)
		return status;
	prl_http_options options = { .listen = node->listen,
				     .tls_certificate = has_tls(node) ? node->certificate.data : NULL,
				     .tls_key = has_tls(node) ? node->key.data : NULL,
				     .routes = prl_api_routes,
				     .route_count = prl_api_route_count,
				     .node = api,
				     .who = who };
	status = prl_http_start(&options, &api->http, err);
	if (status)
		return status;
	node->http = api->http;
	wake_set(node, node->peers, node->http);
	if (!node->address[0])
		address_write(node, prl_http_port(node->http));
	if (!node->shows)
		show_notices(node);
	return PRL_OK;
}

/* ---- the clocks -------------------------------------------------------------------------------------------------- */

static void clock_record(prl_node *node, prl_time offset)
{
	char body[PRL_CLOCK_BODY_MAX], line[200];
	size_t length = prl_clock_body(offset, body);
	prl_filing filing = {
		.what = PRL_FILING_RECORDED, .kind = "clock.suspect", .recorded = "node", .body = { body, length }
	};
	prl_status status = prl_clerk_submit_wait(node->clerk, &filing);
	(void)snprintf(line, sizeof line, "the wall clock and the time since boot have parted by %.3f s%s",
		       (double)offset / (double)PRL_SECOND, status ? "; that could not be recorded" : "");
	node_say(node, line);
}

/* What protects people is raised once more when a truce ends; said once where it cannot be. */
static void bundles_raise(prl_node *node)
{
	prl_error err = { 0 };
	char line[500];
	bool failed = prl_bundler_look(node->folder->picture, node->clerk, now(node), &err) != PRL_OK;
	if (failed && !node->bundles_failed) {
		(void)snprintf(line, sizeof line, "a bundle could not be recorded, and is tried again: %s", err.text);
		node_say(node, line);
	}
	node->bundles_failed = failed;
}

static void *watch_run(void *context)
{
	prl_node *node = context;
	prl_clock clock;
	prl_clock_init(&clock, now, boot, node);
	(void)pthread_mutex_lock(&node->lock);
	while (!node->stop) {
		struct timespec t;
		(void)clock_gettime(CLOCK_MONOTONIC, &t);
		t.tv_sec += CLOCK_LOOK_S;
		(void)pthread_cond_timedwait(&node->stopping, &node->lock, &t);
		prl_time offset = 0;
		if (node->stop || !prl_peers_are_open(node->peers))
			continue;
		(void)pthread_mutex_unlock(&node->lock);
		if (prl_clock_look(&clock, &offset))
			clock_record(node, offset);
		bundles_raise(node);
		prl_presence_look(node->presence, node->folder->picture, node->peers, now(node));
		(void)pthread_mutex_lock(&node->lock);
	}
	(void)pthread_mutex_unlock(&node->lock);
	return NULL;
}

static prl_status watch_start(prl_node *node, prl_error *err)
{
	node->watching = pthread_create(&node->watch, NULL, watch_run, node) == 0;
	return node->watching ? PRL_OK : prl_error_set(err, PRL_E_MEMORY, "no thread for the clocks");
}

/* ---- start, stop ------------------------------------------------------------------------------------------------- */

prl_status prl_node_start(const prl_node_options *options, prl_node **ret, prl_error *err)
{
	static prl_status (*const steps[])(prl_node *, prl_error *) = {
		folder_open,  tls_read,      listen_read, snapshots_start, clerk_start,   serving_start, sessions_start,
		bearer_start, restored_read, peers_start, bell_start,      outward_start, http_start,    watch_start
	};
	prl_node *node = calloc(1, sizeof *node);
	if (!node)
		return prl_error_memory(err);
	node->options = *options;
	pthread_condattr_t monotonic;
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&node->stopping, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	(void)pthread_mutex_init(&node->lock, NULL);
	(void)pthread_mutex_init(&node->wake_lock, NULL);
	prl_status status = PRL_OK;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !status; i++)
		status = steps[i](node, err);
	if (status) {
		prl_node_stop(node);
		return status;
	}
	*ret = node;
	return PRL_OK;
}

const char *prl_node_address(const prl_node *node)
{
	return node->address;
}

/* The reverse of the start. The server goes first, so that nobody asks for what is gone; it waits for requests that
 * wait for the clerk, which therefore still runs. Peers and clocks submit to the clerk and go before it. */
void prl_node_stop(prl_node *node)
{
	prl_error err;
	if (!node)
		return;
	(void)pthread_mutex_lock(&node->lock);
	node->stop = true;
	(void)pthread_cond_broadcast(&node->stopping);
	(void)pthread_mutex_unlock(&node->lock);
	if (node->watching)
		(void)pthread_join(node->watch, NULL);
	wake_set(node, NULL, NULL);
	wake_notifier_set(node, NULL);
	prl_outward_end(node->outward);
	if (node->http)
		prl_http_stop(node->http);
	prl_dss_lists_stop(node->dss_lists);
	prl_outward_free(node->outward);
	prl_bell_stop(node->bell);
	prl_peers_stop(node->peers);
	if (node->clerk)
		prl_clerk_stop(node->clerk);
	if (node->snapshots && prl_snapshots_stop(node->snapshots, &err))
		on_snapshot_failed(node, &err);
	prl_registry_free(node->registry);
	prl_bearer_stop(node->bearer);
	prl_sessions_free(node->sessions);
	prl_presence_free(node->presence);
	prl_readers_free(node->readers);
	prl_schema_free(node->api.message);
	prl_folder_close(node->folder);
	prl_buffer_done(&node->certificate);
	prl_buffer_done(&node->key);
	free(node->certificate_path);
	free(node->key_path);
	free(node->restored_path);
	(void)pthread_cond_destroy(&node->stopping);
	(void)pthread_mutex_destroy(&node->lock);
	(void)pthread_mutex_destroy(&node->wake_lock);
	free(node);
}
