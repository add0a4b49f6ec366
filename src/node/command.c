#include "node/command.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS 100

extern char **environ;

/* ---- its environment --------------------------------------------------------------------------------------------- */

/* Control characters of what others wrote become spaces. */
static char *variable(const char *name, const char *value)
{
	char *text = NULL;
	if (asprintf(&text, "%s=%s", name, value) < 0)
		return NULL;
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			*c = ' ';
	return text;
}

static void free_environment(char **environment, size_t own)
{
	for (size_t i = 0; environment && i < own; i++)
		free(environment[i]);
	free(environment);
}

/* The command's own first, so that they count. */
static char **make_environment(const prl_command *command)
{
	size_t count = 0;
	while (environ[count])
		count++;
	char **environment = calloc(command->variable_count + count + 1, sizeof *environment);
	for (size_t i = 0; environment && i < command->variable_count; i++) {
		environment[i] = variable(command->variables[i][0], command->variables[i][1]);
		if (!environment[i]) {
			free_environment(environment, i);
			return NULL;
		}
	}
	for (size_t i = 0; environment && i < count; i++)
		environment[command->variable_count + i] = environ[i];
	return environment;
}

/* ---- started ----------------------------------------------------------------------------------------------------- */

static int spawn(const prl_command *command, int out, pid_t *ret)
{
	char shell[] = "/bin/sh", flag[] = "-c";
	char *line = strdup(command->line), **environment = make_environment(command);
	char *const arguments[] = { shell, flag, line, NULL };
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t files;
	sigset_t none;
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setpgroup(&attributes, 0);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out, 1);
	(void)posix_spawn_file_actions_addclosefrom_np(&files, 3);
	int failed =
		line && environment ? posix_spawn(ret, shell, &files, &attributes, arguments, environment) : ENOMEM;
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	free_environment(environment, command->variable_count);
	free(line);
	return failed;
}

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
	int failed = spawn(command, ends[1], &pid);
	(void)close(ends[1]);
	if (failed) {
		(void)close(ends[0]);
		return prl_error_set(err, failed == ENOMEM ? PRL_E_MEMORY : PRL_E_IO, "the command did not start: %s",
				     strerror(failed));
	}
	prl_status status = read_all(&w, ends[0]);
	if (!status)
		status = wait_end(&w, pid, &gone);
	(void)kill(-pid, SIGKILL); /* and what it left behind */
	if (!gone)
		(void)waitpid(pid, NULL, 0);
	(void)close(ends[0]);
	return status;
}
