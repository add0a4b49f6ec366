/* Sets of times: closed intervals that are collected in any order and then put in order and merged. */
#ifndef PRL_CONFLICT_SPANS_H
#define PRL_CONFLICT_SPANS_H

#include <parley/geo.h>

typedef struct prl_spans {
	prl_window *items;
	size_t count, room;
	bool failed; /* out of memory: what was added since is lost */
} prl_spans;

void prl_spans_add(prl_spans *spans, prl_time from, prl_time to);

/* Sorts, and merges what overlaps or lies less than 1 µs apart (legs of one movement meet to the nanosecond). */
void prl_spans_merge(prl_spans *spans);

/* Takes the times of @p less out of @p spans; both merged. What is left keeps its open neighbours' ends. */
void prl_spans_subtract(prl_spans *spans, const prl_spans *less);

void prl_spans_done(prl_spans *spans);

/* ---- the same within one leg, in seconds since its start -------------------------------------------------------- */

typedef struct prl_run {
	double from, to;
} prl_run;

typedef struct prl_runs {
	prl_run *items;
	size_t count, room;
	bool failed;
} prl_runs;

void prl_runs_add(prl_runs *runs, double from, double to);
void prl_runs_merge(prl_runs *runs); /* sorts and merges what touches */
void prl_runs_done(prl_runs *runs);

#endif
