#include "node/command.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 100

/* ---- under way --------------------------------------------------------------------------------------------------- */

typedef struct watching {
	const prl_command *command;
	int64_t until_ms;
	prl_buffer *to;
	prl_error *err;
} watching;

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* PRL_OK: it may go on. */
static prl_status may_go_on(const watching *w)
{
	if (w->command->stop && atomic_load(w->command->stop))
		return prl_error_set(w->err, PRL_E_CALLBACK, "the command was ended with the node");
	if (now_ms() >= w->until_ms)
		return prl_error_set(w->err, PRL_E_IO, "the command took over %u ms and was ended",
				     w->command->most_ms);
	return PRL_OK;
}

static int pause_ms(const watching *w)
{
	int64_t left = w->until_ms - now_ms();
	return left < 0 ? 0 : left < LOOK_MS ? (int)left : LOOK_MS;
}

/* Until it has closed its output. */
static prl_status read_all(const watching *w, int fd)
{
	char bytes[4096];
	for (;;) {
		prl_status status = may_go_on(w);
		struct pollfd one = { .fd = fd, .events = POLLIN };
		if (status)
			return status;
		if (poll(&one, 1, pause_ms(w)) <= 0)
			continue;
		ssize_t got = read(fd, bytes, sizeof bytes);
		if (got == 0)
			return PRL_OK;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return prl_error_set(w->err, PRL_E_IO, "its output cannot be read: %s", strerror(errno));
		if (got > 0 && (size_t)got > w->to->max - w->to->size)
			return prl_error_set(w->err, PRL_E_TOO_LARGE, "the command printed more than %zu bytes",
					     w->to->max);
		if (got > 0 && !prl_buffer_append(w->to, bytes, (size_t)got))
			return prl_error_memory(w->err);
	}
}

/* Until it has ended; *ret_gone once it has. */
static prl_status wait_end(const watching *w, pid_t pid, bool *ret_gone)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int ended = 0;
	while (waitpid(pid, &ended, WNOHANG) != pid) {
		prl_status status = may_go_on(w);
		if (status)
			return status;
		(void)nanosleep(&pause, NULL);
	}
	*ret_gone = true;
	if (WIFSIGNALED(ended))
		return prl_error_set(w->err, PRL_E_IO, "the command was ended by signal %d", WTERMSIG(ended));
	if (WEXITSTATUS(ended))
		return prl_error_set(w->err, PRL_E_IO, "the command ended with status %d", WEXITSTATUS(ended));
	return PRL_OK;
}

prl_status prl_command_run(const prl_command *command, prl_buffer *ret, prl_error *err)
{
	const watching w = { command, now_ms() + command->most_ms, ret, err };
	int ends[2];
	pid_t pid;
	bool gone = false;
	if (pipe2(ends, O_CLOEXEC))
		return prl_error_set(err, PRL_E_IO, "no pipe for a command: %s", strerror(errno));
	const char *const arguments[] = { "/bin/sh", "-c", command->line, NULL };
	const prl_process process = { arguments, command->variables, command->variable_count, ends[1] };
	prl_status status = prl_process_start(&process, &pid, err);
	(void)close(ends[1]);
	if (status) {
		(void)close(ends[0]);
		return status;
	}
	status = read_all(&w, ends[0]);
	if (!status)
		status = wait_end(&w, pid, &gone);
	if (gone)
		(void)kill(-pid, SIGKILL); /* what it left behind */
	else
		prl_process_end(pid);
	(void)close(ends[0]);
	return status;
}
