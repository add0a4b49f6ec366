/* Verbs of this program as a scenario runs them: each in a process of its own, as a person would. */
#include "cli/scene.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX   40
#define OUTPUT_MAX (32u << 20)

extern char **environ;

static prl_status start(char **argv, pid_t *ret_pid, int *ret_fd, prl_error *err)
{
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe(ends) != 0)
		return prl_error_set(err, PRL_E_IO, "no pipe: %s", strerror(errno));
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	(void)posix_spawn_file_actions_addclose(&actions, ends[0]);
	(void)posix_spawn_file_actions_addclose(&actions, ends[1]);
	int failed = posix_spawn(ret_pid, "/proc/self/exe", &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	*ret_fd = ends[0];
	if (!failed)
		return PRL_OK;
	(void)close(ends[0]);
	return prl_error_set(err, PRL_E_IO, "this program cannot be run: %s", strerror(failed));
}

static void read_all(int fd, prl_buffer *to)
{
	char piece[4096];
	ssize_t got;
	while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			(void)prl_buffer_append(to, piece, (size_t)got);
}

static json_t *lines_of(const prl_buffer *text)
{
	json_t *lines = json_array();
	const char *at = text->data, *end = text->data + text->size;
	while (at && at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		stop = stop ? stop : end;
		json_t *line = json_loadb(at, (size_t)(stop - at), 0, NULL);
		if (!line)
			line = json_stringn(at, (size_t)(stop - at));
		if (line)
			json_array_append_new(lines, line);
		at = stop + 1;
	}
	return lines;
}

prl_status scene_run(const json_t *args, int *ret_status, json_t **ret_lines, prl_error *err)
{
	char *argv[ARGS_MAX + 2] = { (char *)(uintptr_t) "parley" };
	size_t count = json_array_size(args);
	pid_t pid;
	int fd = -1, status = 0;
	if (!count || count > ARGS_MAX)
		return prl_error_set(err, PRL_E_SYNTAX, "expected 1 to %d texts, a verb and what follows it", ARGS_MAX);
	for (size_t i = 0; i < count; i++) {
		argv[i + 1] = (char *)(uintptr_t)json_string_value(json_array_get(args, i));
		if (!argv[i + 1])
			return prl_error_set(err, PRL_E_SYNTAX, "/%zu: expected a text", i);
	}
	prl_status st = start(argv, &pid, &fd, err);
	if (st)
		return st;
	prl_buffer text = PRL_BUFFER(OUTPUT_MAX);
	read_all(fd, &text);
	(void)close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	*ret_lines = lines_of(&text);
	prl_buffer_done(&text);
	return PRL_OK;
}
