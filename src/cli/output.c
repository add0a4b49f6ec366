/* Standard error and standard output. */
#include "cli/cli.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void prl_cli_say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("parley: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void prl_cli_say_error(const char *source, const prl_error *err)
{
	fprintf(stderr, "parley: %s", source);
	if (err->line)
		fprintf(stderr, ":%zu", err->line);
	if (err->where[0])
		fprintf(stderr, ": %s", err->where);
	fprintf(stderr, ": %s\n", err->text);
}

int prl_cli_exit_status(prl_status status)
{
	static const int statuses[] = {
#define X(name, exit_status, text) exit_status,
		PRL_STATUS_MAP(X)
#undef X
	};
	return (size_t)status < sizeof statuses / sizeof *statuses ? statuses[status] : CLI_FAILED;
}

int prl_cli_worse(int a, int b)
{
	return a > b ? a : b;
}

/* 0: nothing failed. The reason is kept where the failure is seen first; later calls would tell another one. */
static int output_errno;

void prl_cli_output_failed(void)
{
	if (!output_errno)
		output_errno = errno ? errno : EIO;
}

int prl_cli_close_output(void)
{
	errno = 0;
	if (ferror(stdout) || fflush(stdout))
		prl_cli_output_failed();
	if (!output_errno)
		return CLI_OK;
	prl_cli_say("standard output: %s", strerror(output_errno));
	return CLI_FAILED;
}

double prl_cli_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

cli_progress prl_cli_progress(bool wanted)
{
	return (cli_progress){ .on = wanted && isatty(STDERR_FILENO), .began_s = prl_cli_seconds() };
}

void prl_cli_progress_draw(cli_progress *progress, const char *what, double share)
{
	if (!progress->on)
		return;
	double now = prl_cli_seconds();
	if (now - progress->began_s < 0.5 || now - progress->drawn_s < 0.1)
		return;
	progress->drawn_s = now;
	progress->shown = true;
	char bar[31];
	int full = isfinite(share) ? (int)(30 * (share < 0 ? 0 : share > 1 ? 1 : share)) : 0;
	for (int i = 0; i < 30; i++)
		bar[i] = i < full ? '#' : '.';
	bar[30] = 0;
	if (isfinite(share))
		fprintf(stderr, "\r\033[K%-10s [%s] %3.0f %%  %.0f s", what, bar, 100 * share, now - progress->began_s);
	else
		fprintf(stderr, "\r\033[K%-10s %.0f s", what, now - progress->began_s);
	fflush(stderr);
}

void prl_cli_progress_clear(cli_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
