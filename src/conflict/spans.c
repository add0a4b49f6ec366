#include "conflict/spans.h"

#include "base/memory.h"

#define MERGE_NS 1000

static bool grow(void **items, size_t *room, size_t count, size_t item)
{
	if (count < *room)
		return true;
	size_t more = *room ? 2 * *room : 16;
	void *moved = prl_array_resize(*items, more, item);
	if (!moved)
		return false;
	*items = moved;
	*room = more;
	return true;
}

void prl_spans_add(prl_spans *spans, prl_time from, prl_time to)
{
	void *items = spans->items;
	spans->failed |= !grow(&items, &spans->room, spans->count, sizeof *spans->items);
	spans->items = items;
	if (!spans->failed)
		spans->items[spans->count++] = (prl_window){ from, to };
}

static int compare_windows(const void *a, const void *b)
{
	const prl_window *x = a, *y = b;
	return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->to > y->to) - (x->to < y->to);
}

void prl_spans_merge(prl_spans *spans)
{
	if (spans->count < 2)
		return;
	qsort(spans->items, spans->count, sizeof *spans->items, compare_windows);
	size_t kept = 0;
	for (size_t i = 1; i < spans->count; i++) {
		prl_window *last = &spans->items[kept], next = spans->items[i];
		prl_time reach = last->to > INT64_MAX - MERGE_NS ? INT64_MAX : last->to + MERGE_NS;
		if (next.from > reach)
			spans->items[++kept] = next;
		else if (next.to > last->to)
			last->to = next.to;
	}
	spans->count = kept + 1;
}

void prl_spans_subtract(prl_spans *spans, const prl_spans *less)
{
	prl_spans left = { .failed = spans->failed };
	size_t k = 0;
	for (size_t i = 0; i < spans->count; i++) {
		prl_window rest = spans->items[i];
		bool gone = false;
		while (k < less->count && less->items[k].to < rest.from)
			k++;
		for (size_t j = k; j < less->count && less->items[j].from <= rest.to && !gone; j++) {
			prl_window cut = less->items[j];
			if (cut.from > rest.from)
				prl_spans_add(&left, rest.from, cut.from);
			gone = cut.to >= rest.to;
			rest.from = cut.to;
		}
		if (!gone)
			prl_spans_add(&left, rest.from, rest.to);
	}
	prl_spans_done(spans);
	*spans = left;
}

void prl_spans_done(prl_spans *spans)
{
	free(spans->items);
	*spans = (prl_spans){ 0 };
}

void prl_runs_add(prl_runs *runs, double from, double to)
{
	void *items = runs->items;
	runs->failed |= !grow(&items, &runs->room, runs->count, sizeof *runs->items);
	runs->items = items;
	if (!runs->failed)
		runs->items[runs->count++] = (prl_run){ from, to };
}

static int compare_runs(const void *a, const void *b)
{
	const prl_run *x = a, *y = b;
	return (x->from > y->from) - (x->from < y->from);
}

void prl_runs_merge(prl_runs *runs)
{
	if (runs->count < 2)
		return;
	qsort(runs->items, runs->count, sizeof *runs->items, compare_runs);
	size_t kept = 0;
	for (size_t i = 1; i < runs->count; i++) {
		prl_run *last = &runs->items[kept], next = runs->items[i];
		if (next.from > last->to)
			runs->items[++kept] = next;
		else if (next.to > last->to)
			last->to = next.to;
	}
	runs->count = kept + 1;
}

void prl_runs_done(prl_runs *runs)
{
	free(runs->items);
	*runs = (prl_runs){ 0 };
}
