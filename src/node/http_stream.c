#include "node/http_inside.h"

#include <string.h>

#define BLOCK 4096 /* of libmicrohttpd's own buffer, which only answers to HTTP/1.0 use */

/* A comment line (HTML, 9.2.6), which readers ignore: the client sees that the stream lives, and we that it is gone. */
static const char beat[] = ":\n\n";

static ssize_t give(prl_stream *stream, char *to, size_t room)
{
	prl_buffer buffer = { .data = to, .room = room, .max = room - 1 }; /* never grows: max is below room */
	bool goes_on = stream->more(stream->context, &buffer, room - 1);
	int64_t now = prl_http_now_ms();
	if (buffer.size == 0 && goes_on && now >= atomic_load_explicit(&stream->beat_ms, memory_order_relaxed)) {
		memcpy(to, beat, sizeof beat - 1);
		buffer.size = sizeof beat - 1;
	}
	if (buffer.size)
		atomic_store_explicit(&stream->beat_ms, now + stream->http->options.stream_ms, memory_order_relaxed);
	return buffer.size || goes_on ? (ssize_t)buffer.size : MHD_CONTENT_READER_END_OF_STREAM;
}

/* Puts the stream to sleep unless prl_http_wake_streams() was called since `wakes` was read: then more() is to be asked
 * again. The clock thread counts first and looks for sleepers afterwards, so that no call is lost in between. */
static bool sleep_unless_woken(prl_stream *stream, uint_fast64_t wakes)
{
	prl_http *http = stream->http;
	pthread_mutex_lock(&http->streams_lock);
	bool sleeps = atomic_load(&http->wakes) == wakes;
	if (sleeps) {
		stream->suspended = true;
		MHD_suspend_connection(stream->mhd);
	}
	pthread_mutex_unlock(&http->streams_lock);
	return sleeps;
}

static ssize_t more(void *context, uint64_t position, char *to, size_t room)
{
	(void)position;
	prl_stream *stream = context;
	prl_http *http = stream->http;
	if (room < sizeof beat)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	for (;;) {
		uint_fast64_t wakes = atomic_load(&http->wakes);
		if (atomic_load(&http->ending))
			return MHD_CONTENT_READER_END_OF_STREAM;
		ssize_t size = give(stream, to, room);
		if (size || sleep_unless_woken(stream, wakes))
			return size;
	}
}

static void stream_free(void *context)
{
	prl_stream *stream = context;
	prl_http *http = stream->http;
	pthread_mutex_lock(&http->streams_lock);
	if (stream->next)
		stream->next->previous = stream->previous;
	if (stream->previous)
		stream->previous->next = stream->next;
	else
		http->streams = stream->next;
	pthread_mutex_unlock(&http->streams_lock);
	if (stream->free_context)
		stream->free_context(stream->context);
	free(stream);
	atomic_fetch_sub(&http->stream_count, 1);
}

static prl_stream *stream_new(prl_request *request, prl_stream_fn *fn, void *context, void (*free_context)(void *))
{
	prl_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	stream->http = request->http;
	stream->mhd = request->mhd;
	stream->more = fn;
	stream->context = context;
	stream->free_context = free_context;
	prl_http *http = request->http;
	pthread_mutex_lock(&http->streams_lock);
	stream->next = http->streams;
	if (stream->next)
		stream->next->previous = stream;
	http->streams = stream;
	pthread_mutex_unlock(&http->streams_lock);
	atomic_fetch_add(&http->stream_count, 1);
	return stream;
}

void prl_answer_stream(prl_request *request, prl_stream_fn *fn, void *context, void (*free_context)(void *))
{
	prl_stream *stream = prl_http_answer_open(request) ? stream_new(request, fn, context, free_context) : NULL;
	struct MHD_Response *response =
		stream ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, more, stream, stream_free) : NULL;
	if (!response) {
		if (stream)
			stream_free(stream);
		else if (free_context)
			free_context(context);
		prl_answer_status(request, 503, "out of memory");
		return;
	}
	request->stream = stream;
	MHD_add_response_header(response, "Content-Type", "text/event-stream");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* nginx: hand each event on at once */
	prl_http_answer_ready(request, 200, response);
}
