#include "support/served.h"

#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS 30000

static void fail(const served *s, int line, const char *what)
{
	char *said = served_said(s);
	(void)fprintf(stderr, "# %s said:\n%s\n", s->node->party, said);
	free(said);
	nodes_fail(__FILE__, line, what);
}

int64_t served_now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void child(const served *s, const char *option, const char *said, pid_t parent)
{
	char listen[40], words[200], *rest = words;
	const char *arguments[12] = { "parley", "serve", s->node->folder, "--listen", listen };
	(void)snprintf(words, sizeof words, "%s", option ? option : "");
	for (size_t i = 5; i < 11 && (arguments[i] = strsep(&rest, " ")) && *arguments[i]; i++)
		arguments[i + 1] = NULL;
	if (!*words)
		arguments[5] = NULL;
	(void)snprintf(listen, sizeof listen, "127.0.0.1:%u", s->node->port);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	int to = open(said, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (getppid() != parent || to < 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0)
		_exit(99);
	(void)execv(PARLEY_PROGRAM, (char *const *)(uintptr_t)arguments);
	_exit(98);
}

void served_start(served *s, const char *option)
{
	char said[340];
	pid_t parent = getpid();
	(void)snprintf(said, sizeof said, "%s.said", s->node->folder);
	s->pid = fork();
	if (s->pid == 0)
		child(s, option, said, parent);
	if (s->pid < 0)
		fail(s, __LINE__, "no process");
}

void served_kill(served *s)
{
	int status;
	if (!s->pid)
		return;
	(void)kill(s->pid, SIGKILL);
	if (waitpid(s->pid, &status, 0) != s->pid || !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		fail(s, __LINE__, "the node had ended before it was killed");
	s->pid = 0;
}

int served_ended(served *s)
{
	int status;
	for (int64_t end = served_now_ms() + WAIT_MS; served_now_ms() < end; nodes_sleep_ms(10)) {
		if (waitpid(s->pid, &status, WNOHANG) != s->pid)
			continue;
		s->pid = 0;
		return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	}
	fail(s, __LINE__, "the node did not end");
	return -1;
}

void served_stop(served *s)
{
	if (!s->pid)
		return;
	(void)kill(s->pid, SIGTERM);
	if (served_ended(s) != 0)
		fail(s, __LINE__, "the node did not end well");
}

bool served_healthy(served *s)
{
	prl_error err;
	prl_client *client = NULL;
	prl_client_options options = { .folder = s->node->folder, .address = s->node->address };
	prl_reply reply = PRL_REPLY(65536);
	if (prl_client_open(&options, &client, &err))
		fail(s, __LINE__, err.text);
	prl_status status = prl_link_send(prl_client_link(client), "GET", "/healthy", NULL, NULL, &reply, &err);
	bool healthy = !status && reply.status == 200;
	prl_reply_done(&reply);
	prl_client_free(client);
	return healthy;
}

void served_wait_open(served *s)
{
	int status;
	int64_t end = served_now_ms() + WAIT_MS;
	while (!served_healthy(s)) {
		if (waitpid(s->pid, &status, WNOHANG) == s->pid)
			fail(s, __LINE__, "the node ended");
		if (served_now_ms() > end)
			fail(s, __LINE__, "the node does not open");
		nodes_sleep_ms(10);
	}
}

char *served_said(const served *s)
{
	char path[340];
	prl_error err;
	prl_buffer text = PRL_BUFFER(16 << 20);
	(void)snprintf(path, sizeof path, "%s.said", s->node->folder);
	if (prl_file_read(path, &text, &err) || !text.data)
		return calloc(1, 1);
	return text.data; /* ends with a 0 (prl_buffer) */
}

bool served_has_said(const served *s, const char *text)
{
	char *said = served_said(s);
	bool found = strstr(said, text) != NULL;
	free(said);
	return found;
}

void served_sh(const char *format, ...)
{
	char command[2000];
	va_list list;
	va_start(list, format);
	(void)vsnprintf(command, sizeof command, format, list);
	va_end(list);
	if (system(command) != 0)
		nodes_fail(__FILE__, __LINE__, command);
}
