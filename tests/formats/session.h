/* A reading session for the tests: keeps what was read and what was told. */
#ifndef PRL_TESTS_FORMATS_SESSION_H
#define PRL_TESTS_FORMATS_SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <parley/formats.h>
#include <stdlib.h>
#include <string.h>

#define SESSION_KEEP 2000

typedef struct session {
	prl_reader *reader;
	prl_plan *plans[SESSION_KEEP];
	size_t plan_count; /* all plans, kept or not */
	prl_error problems[SESSION_KEEP];
	size_t problem_count;
	size_t stop_after; /* 0: never */
} session;

static inline bool session_plan(prl_plan *plan, void *context)
{
	session *s = context;
	if (s->plan_count < SESSION_KEEP)
		s->plans[s->plan_count] = plan;
	else
		prl_plan_free(plan);
	s->plan_count++;
	return s->plan_count != s->stop_after;
}

static inline bool session_problem(const char *source, const prl_error *problem, void *context)
{
	session *s = context;
	assert_non_null(source);
	assert_true(problem->status != PRL_OK);
	assert_true(problem->text[0] != 0);
	if (s->problem_count < SESSION_KEEP)
		s->problems[s->problem_count] = *problem;
	s->problem_count++;
	return true;
}

static inline session *session_new(size_t max_item_bytes)
{
	session *s = calloc(1, sizeof *s);
	prl_error err = { 0 };
	prl_reader_options options = { .on_plan = session_plan,
		                       .on_problem = session_problem,
		                       .context = s,
		                       .max_item_bytes = max_item_bytes };
	assert_non_null(s);
	assert_int_equal(prl_reader_new(&options, &s->reader, &err), PRL_OK);
	return s;
}

static inline void session_free(session *s)
{
	prl_read_counts counts = prl_reader_counts(s->reader);
	assert_int_equal(counts.taken, s->plan_count);
	assert_int_equal(counts.problems, s->problem_count);
	for (size_t i = 0; i < s->plan_count && i < SESSION_KEEP; i++)
		prl_plan_free(s->plans[i]);
	prl_reader_free(s->reader);
	free(s);
}

/* Reads bytes out of memory of exactly their size, so that the sanitizer sees one byte too far. */
static inline void session_read(session *s, const char *text, size_t length)
{
	prl_error err = { 0 };
	char *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	memcpy(exact, text, length);
	assert_int_equal(prl_reader_read_bytes(s->reader, "test", exact, length, &err), PRL_OK);
	free(exact);
}

/* A session that has read one text. */
static inline session *session_of(const char *text)
{
	session *s = session_new(0);
	session_read(s, text, strlen(text));
	return s;
}

/* The text gives no plan and one problem whose place and text hold what is expected. */
static inline void assert_refused(const char *text, prl_status status, const char *where, const char *expected)
{
	session *s = session_of(text);
	if (s->plan_count != 0 || s->problem_count != 1 || s->problems[0].status != status ||
	    !strstr(s->problems[0].where, where) || !strstr(s->problems[0].text, expected))
		fail_msg("%s\n  %zu plans, %zu problems, first: %d \"%s\" \"%s\"\n  expected: %d \"%s\" \"%s\"", text,
		         s->plan_count, s->problem_count, (int)s->problems[0].status, s->problems[0].where,
		         s->problems[0].text, (int)status, where, expected);
	session_free(s);
}

#endif
