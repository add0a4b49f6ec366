#include "node/http.h"

#include "base/error.h"
#include "base/text.h"
#include "node/http_inside.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG     1024
#define SPARE_FILES 64   /* descriptors that are not connections */
#define SENDING_MS  3000 /* how long prl_http_stop() waits for answers to go out */

/* ---- listening --------------------------------------------------------------------------------------------------- */

/* "127.0.0.1:8440", "[::1]:8440": host and port apart. */
static prl_status split_listen(const char *listen_on, char host[64], char port[8], prl_error *err)
{
	const char *colon = strrchr(listen_on, ':');
	const char *start = listen_on, *end = colon;
	if (colon && start[0] == '[' && colon > start + 1 && colon[-1] == ']')
		start++, end--;
	uint64_t number;
	if (!colon || end <= start || end - start >= 64 ||
	    (start == listen_on && memchr(start, ':', (size_t)(end - start))) ||
	    !prl_decimal_read(prl_bytes_of(colon + 1), &number) || number > 65535)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%s\" is no address to listen on, expected 127.0.0.1:8440 or [::1]:8440",
				     listen_on);
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = 0;
	strcpy(port, colon + 1);
	return PRL_OK;
}

static prl_status open_socket(const struct addrinfo *info, const char *listen_on, int *ret, prl_error *err)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
	    bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)) {
		prl_status status = prl_error_set(err, PRL_E_IO, "cannot listen on %s: %s", listen_on, strerror(errno));
		if (fd >= 0)
			close(fd);
		return status;
	}
	*ret = fd;
	return PRL_OK;
}

static prl_status listen_on(prl_http *http, prl_error *err)
{
	char host[64], port[8];
	prl_status status = split_listen(http->options.listen, host, port, err);
	if (status)
		return status;
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	if (getaddrinfo(host, port, &hints, &info))
		return prl_error_set(err, PRL_E_SYNTAX, "\"%s\" is no IP address", host);
	status = open_socket(info, http->options.listen, &http->listen_fd, err);
	freeaddrinfo(info);
	if (status)
		return status;
	struct sockaddr_storage bound;
	socklen_t size = sizeof bound;
	char number[8];
	if (getsockname(http->listen_fd, (struct sockaddr *)&bound, &size) ||
	    getnameinfo((struct sockaddr *)&bound, size, NULL, 0, number, sizeof number, NI_NUMERICSERV))
		return prl_error_set(err, PRL_E_IO, "cannot tell the port of %s", http->options.listen);
	http->port = (unsigned)strtoul(number, NULL, 10);
	return PRL_OK;
}

/* ---- starting ---------------------------------------------------------------------------------------------------- */

static void or_default(unsigned *option, unsigned value)
{
	if (!*option)
		*option = value;
}

static void set_defaults(prl_http_options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	or_default(&options->threads, cores < 1 ? 1 : cores > 4 ? 4 : (unsigned)cores);
	or_default(&options->connections, 10000);
	or_default(&options->address_connections, 1000);
	or_default(&options->head_ms, 10000);
	or_default(&options->body_ms, 60000);
	or_default(&options->idle_ms, 60000);
	or_default(&options->answer_ms, 300000);
	or_default(&options->stream_ms, 2000);
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
		unsigned most = files.rlim_cur > 2 * SPARE_FILES ? (unsigned)files.rlim_cur - SPARE_FILES : SPARE_FILES;
		if (options->connections > most)
			options->connections = most;
	}
}

static prl_status read_routes(prl_http *http, prl_error *err)
{
	http->lines = prl_array_new(http->options.route_count, sizeof *http->lines);
	if (!http->lines)
		return prl_error_memory(err);
	for (size_t i = 0; i < http->options.route_count; i++) {
		prl_status status = prl_route_read(&http->options.routes[i], &http->lines[i], err);
		if (status)
			return status;
	}
	return PRL_OK;
}

/* We decode the target ourselves. */
static size_t leave_escapes(void *context, struct MHD_Connection *mhd, char *text)
{
	(void)context;
	(void)mhd;
	return strlen(text);
}

static prl_status start_daemon(prl_http *http, prl_error *err)
{
	const prl_http_options *options = &http->options;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
	struct MHD_OptionItem more[8];
	size_t count = 0;
	if (options->threads > 1) /* of the limit, each thread gets its share */
		more[count++] =
			(struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->threads, NULL };
	if (http->certificate) {
		flags |= MHD_USE_TLS;
		more[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, http->certificate };
		more[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, http->key };
		static char priorities[] = PRL_HTTP_TLS_PRIORITIES;
		more[count++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
	}
	more[count] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	http->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, prl_http_request_part, http, MHD_OPTION_LISTEN_SOCKET, http->listen_fd,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT, options->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->address_connections, MHD_OPTION_CONNECTION_TIMEOUT,
		(options->idle_ms + 999) / 1000, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)PRL_MAX_HTTP_CONNECTION_BYTES, MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, NULL,
		MHD_OPTION_URI_LOG_CALLBACK, prl_http_request_line, http, MHD_OPTION_NOTIFY_COMPLETED,
		prl_http_request_end, http, MHD_OPTION_NOTIFY_CONNECTION, prl_http_connection_changed, http,
		MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	return http->daemon ? PRL_OK
			    : prl_error_set(err, PRL_E_IO, "cannot serve on %s%s", options->listen,
					    http->certificate ? ", or the TLS certificate or key cannot be read" : "");
}

static prl_status start_clock(prl_http *http, prl_error *err)
{
	if (pthread_create(&http->clock, NULL, prl_http_clock, http))
		return prl_error_set(err, PRL_E_MEMORY, "cannot start a thread");
	http->clock_runs = true;
	return PRL_OK;
}

static prl_http *http_new(const prl_http_options *options)
{
	prl_http *http = calloc(1, sizeof *http);
	if (!http)
		return NULL;
	http->listen_fd = -1;
	http->options = *options;
	set_defaults(&http->options);
	pthread_condattr_t monotonic;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&http->connections_lock, NULL);
	pthread_mutex_init(&http->streams_lock, NULL);
	pthread_mutex_init(&http->clock_lock, NULL);
	pthread_cond_init(&http->clock_wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return http;
}

static prl_status copy_tls(prl_http *http, prl_error *err)
{
	const prl_http_options *options = &http->options;
	if (!options->tls_certificate)
		return PRL_OK;
	if (!options->tls_key)
		return prl_error_set(err, PRL_E_SYNTAX, "a TLS certificate without its key");
	http->certificate = prl_text_copy(options->tls_certificate, strlen(options->tls_certificate));
	http->key = prl_text_copy(options->tls_key, strlen(options->tls_key));
	return http->certificate && http->key ? PRL_OK : prl_error_memory(err);
}

static prl_status prepare_no_memory(prl_http *http, prl_error *err)
{
	static char text[] = "{\"error\":\"try_again\",\"text\":\"out of memory\",\"where\":\"\"}";
	http->no_memory = MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
	if (!http->no_memory || !MHD_add_response_header(http->no_memory, "Content-Type", PRL_HTTP_JSON) ||
	    !MHD_add_response_header(http->no_memory, "Connection", "close"))
		return prl_error_memory(err);
	return PRL_OK;
}

static void http_free(prl_http *http)
{
	if (http->no_memory)
		MHD_destroy_response(http->no_memory);
	if (http->listen_fd >= 0)
		close(http->listen_fd);
	pthread_cond_destroy(&http->clock_wake);
	pthread_mutex_destroy(&http->clock_lock);
	pthread_mutex_destroy(&http->streams_lock);
	pthread_mutex_destroy(&http->connections_lock);
	free(http->lines);
	free(http->certificate);
	free(http->key);
	free(http);
}

prl_status prl_http_start(const prl_http_options *options, prl_http **ret, prl_error *err)
{
	prl_http *http = http_new(options);
	if (!http)
		return prl_error_memory(err);
	prl_status status = read_routes(http, err);
	if (!status)
		status = prepare_no_memory(http, err);
	if (!status)
		status = copy_tls(http, err);
	if (!status)
		status = listen_on(http, err);
	if (!status)
		status = start_clock(http, err);
	*ret = status ? NULL : http; /* handlers may read it from the first request on */
	if (!status)
		status = start_daemon(http, err);
	if (status) {
		*ret = NULL;
		prl_http_stop(http);
	}
	return status;
}

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

static void nap(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* The listening socket is not taken away first (MHD_quiesce_daemon()): in libmicrohttpd 0.9.75 that call and a thread of
 * its pool may both take it out of the same epoll set, and the second ends the program. Whoever connects now is told 503.
 *
 * Taken requests are waited for however long they take; sending what was answered is given SENDING_MS. Streams sleep or
 * are sending: woken, they see `ending`, so that none is asleep when libmicrohttpd stops (it would end the program). */
static void drain(prl_http *http)
{
	atomic_store(&http->stopping, true);
	while (atomic_load(&http->busy))
		nap();
	atomic_store(&http->ending, true);
	for (unsigned i = 0; i < SENDING_MS && (atomic_load(&http->sending) || atomic_load(&http->stream_count)); i++) {
		prl_http_wake_streams(http);
		nap();
	}
}

static void end_clock(prl_http *http)
{
	if (!http->clock_runs)
		return;
	pthread_mutex_lock(&http->clock_lock);
	http->clock_ends = true;
	pthread_cond_signal(&http->clock_wake);
	pthread_mutex_unlock(&http->clock_lock);
	pthread_join(http->clock, NULL);
}

void prl_http_stop(prl_http *http)
{
	if (!http)
		return;
	if (http->daemon)
		drain(http);
	end_clock(http);
	if (http->daemon) {
		MHD_stop_daemon(http->daemon);
		http->listen_fd = -1; /* closed with it */
	}
	http_free(http);
}

unsigned prl_http_port(const prl_http *http)
{
	return http->port;
}

prl_http_figures prl_http_read_figures(prl_http *http)
{
	prl_http_figures figures = { .requests = atomic_load(&http->requests),
				     .refused = atomic_load(&http->refused),
				     .connections = atomic_load(&http->connection_count),
				     .streams = atomic_load(&http->stream_count) };
	for (size_t i = 0; i < 6; i++)
		figures.by_class[i] = atomic_load(&http->by_class[i]);
	return figures;
}
