/* Programs of the operator's: what they are given, what they are not, and that all of them ends. */
#include "base/memory.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a line of the shell prints, whole. */
static char *printed(const char *line, const prl_process_variable *variables, size_t count)
{
	static char text[4096];
	size_t size = 0;
	ssize_t got;
	int ends[2], status;
	pid_t pid;
	prl_error err;
	const char *const arguments[] = { "sh", "-c", line, NULL };
	assert_int_equal(pipe(ends), 0); /* no O_CLOEXEC: it is closed all the same */
	const prl_process process = { arguments, variables, count, ends[1] };
	assert_int_equal(prl_process_start(&process, &pid, &err), PRL_OK);
	(void)close(ends[1]);
	while ((got = read(ends[0], text + size, sizeof text - 1 - size)) > 0)
		size += (size_t)got;
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	text[size] = 0;
	return text;
}

static void given(void **state)
{
	(void)state;
	static const prl_process_variable variables[] = { { "PARLEY_WORDS", "two\nlines; $(id) `id` \x1b[31m\x7f" },
							  { "PARLEY_OVER", "new" } };
	(void)setenv("PARLEY_OVER", "old", 1);
	(void)setenv("PARLEY_OVERLAP", "its own", 1);
	assert_string_equal(printed("printf %s \"$PARLEY_WORDS\"", variables, 2), "two lines; $(id) `id`  [31m ");
	assert_string_equal(printed("echo $PARLEY_OVER; env | grep -c ^PARLEY_OVER=", variables, 2), "new\n1\n");
	assert_string_equal(printed("echo $PARLEY_OVERLAP", variables, 2), "its own\n");
	assert_string_equal(printed("echo $PARLEY_OVER", NULL, 0), "old\n");
	assert_string_equal(printed("cat; echo end", NULL, 0), "end\n"); /* nothing to read */
}

static void not_given(void **state)
{
	(void)state;
	int kept = open("/dev/null", O_RDONLY);
	char line[100];
	sigset_t blocked, before;
	assert_true(kept > 2);
	(void)snprintf(line, sizeof line, "test -e /proc/self/fd/%d && echo open || echo closed", kept);
	assert_string_equal(printed(line, NULL, 0), "closed\n");
	(void)close(kept);
	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	assert_string_equal(printed("grep SigBlk /proc/self/status | tr -d '0\\t '", NULL, 0), "SigBlk:\n");
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void is_not_there(void **state)
{
	(void)state;
	static const char *const arguments[] = { "/nowhere/siren", NULL };
	static const prl_process process = { .arguments = arguments, .out = PRL_PROCESS_QUIET };
	pid_t pid = -7;
	prl_error err;
	assert_int_equal(prl_process_start(&process, &pid, &err), PRL_E_IO);
	assert_string_equal(err.text, "/nowhere/siren does not start: No such file or directory");
}

/* With what it started, which ignores what can be ignored. */
static void ends_whole(void **state)
{
	(void)state;
	static const char *const arguments[] = { "sh", "-c", "trap '' TERM; (trap '' TERM; sleep 600) & echo $!; wait",
						 NULL };
	char text[40] = { 0 };
	int ends[2];
	pid_t pid;
	prl_error err;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const prl_process process = { .arguments = arguments, .out = ends[1] };
	assert_int_equal(prl_process_start(&process, &pid, &err), PRL_OK);
	(void)close(ends[1]);
	assert_true(read(ends[0], text, sizeof text - 1) > 0);
	assert_int_equal(getpgid(pid), pid);
	prl_process_end(pid);
	/* the last that held the other end has gone; a sleep of ten minutes would hold it */
	assert_int_equal(read(ends[0], text, sizeof text), 0);
	(void)close(ends[0]);
	assert_true(waitpid(pid, NULL, WNOHANG) == -1 && errno == ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(given), cmocka_unit_test(not_given),
					    cmocka_unit_test(is_not_there), cmocka_unit_test(ends_whole) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
