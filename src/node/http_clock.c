#include "node/http_inside.h"

#include <sys/socket.h>
#include <time.h>

#define TICK_MS 200 /* how late a deadline may be seen */

int64_t prl_http_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void prl_http_connection_deadline(prl_connection *connection, unsigned delay_ms)
{
	if (connection)
		atomic_store_explicit(&connection->deadline_ms, delay_ms ? prl_http_now_ms() + delay_ms : INT64_MAX,
				      memory_order_relaxed);
}

prl_connection *prl_http_connection_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static void connection_begin(prl_http *http, struct MHD_Connection *mhd, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	prl_connection *connection = calloc(1, sizeof *connection);
	*context = connection;
	if (!connection || !info) /* a request without one is refused: prl_http_request_line() */
		return;
	connection->fd = info->connect_fd;
	prl_http_connection_deadline(connection, http->options.head_ms);
	if (http->certificate)
		prl_http_tls_ask(mhd);
	pthread_mutex_lock(&http->connections_lock);
	connection->next = http->connections;
	if (connection->next)
		connection->next->previous = connection;
	http->connections = connection;
	pthread_mutex_unlock(&http->connections_lock);
	atomic_fetch_add(&http->connection_count, 1);
}

/* libmicrohttpd closes the socket after this, so that the clock cannot shut down somebody else's. */
static void connection_end(prl_http *http, prl_connection *connection)
{
	pthread_mutex_lock(&http->connections_lock);
	if (connection->next)
		connection->next->previous = connection->previous;
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		http->connections = connection->next;
	pthread_mutex_unlock(&http->connections_lock);
	atomic_fetch_sub(&http->connection_count, 1);
	free(connection);
}

void prl_http_connection_changed(void *http, struct MHD_Connection *mhd, void **context,
				 enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		connection_begin(http, mhd, context);
	else if (*context)
		connection_end(http, *context);
}

static void cut_late(prl_http *http)
{
	int64_t now = prl_http_now_ms();
	pthread_mutex_lock(&http->connections_lock);
	for (prl_connection *at = http->connections; at; at = at->next) {
		if (atomic_load_explicit(&at->deadline_ms, memory_order_relaxed) > now)
			continue;
		shutdown(at->fd, SHUT_RDWR);
		atomic_store_explicit(&at->deadline_ms, INT64_MAX, memory_order_relaxed);
	}
	pthread_mutex_unlock(&http->connections_lock);
}

/* Resumes what is asleep: all of it, or what is due for a beat. */
static void wake_streams(prl_http *http, bool all)
{
	int64_t now = prl_http_now_ms();
	pthread_mutex_lock(&http->streams_lock);
	for (prl_stream *at = http->streams; at; at = at->next) {
		if (!at->suspended || (!all && atomic_load_explicit(&at->beat_ms, memory_order_relaxed) > now))
			continue;
		at->suspended = false;
		MHD_resume_connection(at->mhd);
	}
	pthread_mutex_unlock(&http->streams_lock);
}

/* Waits for a wake or a tick; whether it was a wake. */
static bool clock_wait(prl_http *http)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&http->clock_lock);
	int rc = 0;
	while (!http->wake && !http->clock_ends && rc == 0)
		rc = pthread_cond_timedwait(&http->clock_wake, &http->clock_lock, &until);
	bool wake = http->wake;
	http->wake = false;
	pthread_mutex_unlock(&http->clock_lock);
	return wake;
}

static bool clock_ends(prl_http *http)
{
	pthread_mutex_lock(&http->clock_lock);
	bool ends = http->clock_ends;
	pthread_mutex_unlock(&http->clock_lock);
	return ends;
}

void *prl_http_clock(void *context)
{
	prl_http *http = context;
	int64_t tick = 0;
	while (!clock_ends(http)) {
		wake_streams(http, clock_wait(http));
		int64_t now = prl_http_now_ms();
		if (now - tick < TICK_MS)
			continue;
		tick = now;
		cut_late(http);
	}
	return NULL;
}

void prl_http_wake_streams(prl_http *http)
{
	atomic_fetch_add(&http->wakes, 1);
	pthread_mutex_lock(&http->clock_lock);
	if (!http->wake) {
		http->wake = true;
		pthread_cond_signal(&http->clock_wake);
	}
	pthread_mutex_unlock(&http->clock_lock);
}
