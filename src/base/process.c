#include "base/process.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

/* ---- its environment --------------------------------------------------------------------------------------------- */

static char *variable(const prl_process_variable *of)
{
	char *text = NULL;
	if (asprintf(&text, "%s=%s", of->name, of->value) < 0)
		return NULL;
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < 32 || *c == 127)
			*c = ' ';
	return text;
}

/* Of the list only the first own are ours to free; the others are environ's. */
static void free_environment(char **environment, size_t own)
{
	for (size_t i = 0; environment && i < own; i++)
		free(environment[i]);
	free(environment);
}

/* Whether ours has the name of one that is set over it: a shell would take the last of two. */
static bool is_set_over(const prl_process *process, const char *ours)
{
	for (size_t i = 0; i < process->variable_count; i++) {
		size_t length = strlen(process->variables[i].name);
		if (strncmp(ours, process->variables[i].name, length) == 0 && ours[length] == '=')
			return true;
	}
	return false;
}

static char **make_environment(const prl_process *process)
{
	size_t count = 0, made = 0;
	while (environ[count])
		count++;
	char **environment = calloc(process->variable_count + count + 1, sizeof *environment);
	for (; environment && made < process->variable_count; made++) {
		environment[made] = variable(&process->variables[made]);
		if (!environment[made]) {
			free_environment(environment, made);
			return NULL;
		}
	}
	for (size_t i = 0; environment && i < count; i++)
		if (!is_set_over(process, environ[i]))
			environment[made++] = environ[i];
	return environment;
}

/* ---- started ----------------------------------------------------------------------------------------------------- */

static void set_files(const prl_process *process, posix_spawn_file_actions_t *files)
{
	(void)posix_spawn_file_actions_init(files);
	(void)posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
	for (int i = 1; process->out == PRL_PROCESS_QUIET && i < 3; i++)
		(void)posix_spawn_file_actions_addopen(files, i, "/dev/null", O_WRONLY, 0);
	if (process->out >= 0)
		(void)posix_spawn_file_actions_adddup2(files, process->out, 1);
	(void)posix_spawn_file_actions_addclosefrom_np(files, 3);
}

static void set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none;
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(attributes);
	(void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setpgroup(attributes, 0);
	(void)posix_spawnattr_setsigmask(attributes, &none);
}

prl_status prl_process_start(const prl_process *process, pid_t *ret, prl_error *err)
{
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t files;
	char **environment = make_environment(process);
	if (!environment)
		return prl_error_memory(err);
	set_files(process, &files);
	set_attributes(&attributes);
	/* not written to: the type is older than const */
	char *const *arguments = (char *const *)(uintptr_t)process->arguments;
	int failed = posix_spawnp(ret, arguments[0], &files, &attributes, arguments, environment);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	free_environment(environment, process->variable_count);
	if (!failed)
		return PRL_OK;
	return failed == ENOMEM ? prl_error_memory(err)
				: prl_error_set(err, PRL_E_IO, "%s does not start: %s", arguments[0], strerror(failed));
}

void prl_process_end(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
