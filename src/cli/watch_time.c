/* The view over time: notices as bars in lanes of a party or a kind, the now-line, overlaps marked. */
#include "cli/watch_draw.h"

#include "cli/seen.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const int64_t watch_spans_s[] = { 1800, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 7 * 86400 };
#define SPANS ((int)(sizeof watch_spans_s / sizeof *watch_spans_s))

static int64_t now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

void watch_time_window(const watch_time *time, int64_t now, int64_t *ret_from, int64_t *ret_to)
{
	int64_t span = watch_spans_s[time->zoom];
	*ret_from = now + time->away_s - span / 2;
	*ret_to = *ret_from + span;
}

/* ---- items ------------------------------------------------------------------------------------------------------- */

static prl_time time_of(const json_t *object, const char *name, prl_time otherwise)
{
	prl_time t;
	const char *text = prl_seen_text(object, name);
	return *text && prl_time_parse(text, strlen(text), &t, NULL) == PRL_OK ? t : otherwise;
}

/* What a person must not overlook of a notice stands first: there is room for little. */
static void marks_of(const json_t *notice, char ret[80])
{
	static const struct {
		const char *mark, *shown;
	} known[] = { { "UNUSABLE", "UNUSABLE" },          { "AREA NOT STATED", "NO AREA" },
		      { "PLACE DOUBTFUL", "DOUBTFUL" },    { "LATE", "LATE" },
		      { "OPEN-ENDED", "OPEN-ENDED" },      { "RELAYED", "RELAYED" },
		      { "LEVELS NOT STATED", "NO LEVELS" } };
	const json_t *one;
	size_t k;
	ret[0] = 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		json_array_foreach(json_object_get(notice, "marks"), k, one)
		{
			size_t used = strlen(ret);
			if (strncmp(json_string_value(one), known[i].mark, strlen(known[i].mark)) == 0)
				snprintf(ret + used, 80 - used, "%s%s", used ? " " : "", known[i].shown);
		}
}

static bool item_of(const json_t *notice, watch_item *item)
{
	const char *mode = prl_seen_text(notice, "mode");
	if (!json_object_get(notice, "kind")) /* only that it is there may be known here */
		return false;
	*item = (watch_item){ .from = time_of(notice, "from", PRL_TIME_OPEN_START),
			      .to = time_of(notice, "to", PRL_TIME_OPEN_END),
			      .mode = strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
				      : strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
								      : PRL_MODE_REAL };
	snprintf(item->name, sizeof item->name, "%s", prl_seen_text(notice, "name"));
	snprintf(item->party, sizeof item->party, "%s", prl_seen_text(notice, "party"));
	snprintf(item->kind, sizeof item->kind, "%s", watch_text_or(notice, "kind", "not stated"));
	const char *state = prl_seen_text(notice, "state");
	bool ended = strcmp(state, "ended") == 0;
	item->over = ended || strcmp(state, "cancelled") == 0;
	prl_time changed = time_of(notice, "changed", item->to);
	if (ended && changed < item->to)
		item->to = changed;
	if (item->over)
		snprintf(item->marks, sizeof item->marks, "%s", ended ? "ENDED" : "CANCELLED");
	else
		marks_of(notice, item->marks);
	return true;
}

static const char *lane_of(const watch_item *item, bool by_kind)
{
	return by_kind ? item->kind : item->party;
}

/* By lane, the own party's first; then by begin. */
static int order(const void *a, const void *b, void *context)
{
	const watch_item *x = a, *y = b;
	const char *own = context;
	const char *of_x = lane_of(x, !own), *of_y = lane_of(y, !own);
	int lane = strcmp(of_x, of_y);
	if (lane && own && (strcmp(of_x, own) == 0 || strcmp(of_y, own) == 0))
		return strcmp(of_x, own) == 0 ? -1 : 1;
	if (lane)
		return lane;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return strcmp(x->name, y->name);
}

void watch_time_make(watch_time *time, const watch_news *news, const char *party)
{
	const json_t *one;
	size_t i;
	time->count = time->hidden = time->cut = 0;
	if (!time->items)
		time->items = calloc(WATCH_ITEMS_MAX, sizeof *time->items);
	json_array_foreach(news->notices, i, one)
	{
		if (!time->items || time->count == WATCH_ITEMS_MAX)
			time->cut++;
		else if (item_of(one, &time->items[time->count]))
			time->count++;
		else
			time->hidden++;
	}
	if (time->count)
		qsort_r(time->items, time->count, sizeof *time->items, order,
			time->by_kind ? NULL : (char *)(uintptr_t)party);
	time->at = time->at < time->count ? time->at : time->count ? time->count - 1 : 0;
	for (i = 0; i < time->count; i++)
		if (strcmp(time->items[i].name, time->selected) == 0)
			time->at = i;
}

/* ---- overlaps ---------------------------------------------------------------------------------------------------- */

static bool is_in(const json_t *overlap, const char *name)
{
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(overlap, "notices"), i, one)
	{
		if (strcmp(prl_seen_text(one, "name"), name) == 0)
			return true;
	}
	return false;
}

static bool waits_for(const json_t *overlap, const char *party)
{
	const json_t *one;
	size_t i;
	/* what only this node may compare is answered by telling, or by hand */
	if (json_is_true(json_object_get(overlap, "home")))
		return strcmp(prl_seen_text(overlap, "state"), "open") == 0;
	json_array_foreach(json_object_get(overlap, "unanswered"), i, one)
	{
		if (!party || strcmp(prl_seen_text(one, "party"), party) == 0)
			return true;
	}
	return false;
}

/* Whether each party of it has said a word. */
static bool all_answered(const json_t *overlap)
{
	const json_t *party, *one;
	size_t i, k;
	json_array_foreach(json_object_get(overlap, "parties"), i, party)
	{
		bool has = false;
		json_array_foreach(json_object_get(overlap, "answers"), k, one) has =
			has || json_equal(json_object_get(one, "party"), party);
		if (!has)
			return false;
	}
	return true;
}

/* Whether it is to be seen: resolved ones are not. */
static bool stands(const json_t *overlap)
{
	const char *state = prl_seen_text(overlap, "state");
	return strcmp(state, "open") == 0 || strcmp(state, "answered") == 0 || strcmp(state, "past") == 0;
}

void watch_time_follow(watch_time *time, const watch_news *news, const char *party)
{
	const watch_item *item = time->at < time->count ? &time->items[time->at] : NULL;
	const json_t *one, *first = NULL;
	size_t i;
	time->row = (watch_row){ .alarm_class = 4, .word = "" };
	snprintf(time->selected, sizeof time->selected, "%s", item ? item->name : "");
	if (!item)
		return;
	time->row.mode = item->mode;
	snprintf(time->row.notice, sizeof time->row.notice, "%s", item->name);
	snprintf(time->row.peer, sizeof time->row.peer, "%s", item->party);
	snprintf(time->row.text, sizeof time->row.text, "%.120s (%.30s)", item->name, item->kind);
	json_array_foreach(news->overlaps, i, one)
	{
		bool better = !first || (waits_for(one, party) && !waits_for(first, party));
		if (stands(one) && is_in(one, item->name) && better)
			first = one;
	}
	snprintf(time->row.overlap, sizeof time->row.overlap, "%s", prl_seen_text(first, "id"));
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void go(watch_time *time, int64_t by_s)
{
	time->away_s += by_s;
	if (time->away_s > WATCH_AWAY_MAX_S)
		time->away_s = WATCH_AWAY_MAX_S;
	if (time->away_s < -WATCH_AWAY_MAX_S)
		time->away_s = -WATCH_AWAY_MAX_S;
}

bool watch_time_key(watch_time *time, int key)
{
	int64_t step = watch_spans_s[time->zoom] / 6;
	switch (key) {
	case KEY_LEFT:
		go(time, -step);
		return true;
	case KEY_RIGHT:
		go(time, step);
		return true;
	case '+':
	case '=':
		time->zoom -= time->zoom > 0;
		return true;
	case '-':
	case '_':
		time->zoom += time->zoom + 1 < SPANS;
		return true;
	case 'n':
	case 'N':
		time->away_s = 0;
		return true;
	case KEY_UP:
	case 'k':
	case KEY_DOWN:
	case 'j':
		if (key == KEY_UP || key == 'k')
			time->at -= time->at > 0;
		else
			time->at += time->at + 1 < time->count;
		snprintf(time->selected, sizeof time->selected, "%s",
			 time->at < time->count ? time->items[time->at].name : "");
		return true;
	default:
		return false;
	}
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

typedef struct axis {
	int left, columns; /* of the bars */
	int64_t from_s, to_s, now_s;
} axis;

static int64_t at_column(const axis *a, int column)
{
	return a->from_s + (a->to_s - a->from_s) * column / a->columns;
}

static int column_of(const axis *a, int64_t s)
{
	return (int)((s - a->from_s) * a->columns / (a->to_s - a->from_s));
}

/* Labels at round times as close as they fit; the place of the now-line between them. */
static void draw_axis(watch_screen *s, int line, const axis *a)
{
	static const int64_t steps[] = { 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800 };
	char cells[WATCH_COLUMNS_MAX + 24];
	size_t k = 0;
	bool days = a->to_s - a->from_s > 86400;
	int64_t least = (a->to_s - a->from_s) * (days ? 10 : 7) / a->columns;
	int now = a->now_s >= a->from_s && a->now_s < a->to_s ? column_of(a, a->now_s) : -1;
	while (k + 1 < sizeof steps / sizeof *steps && steps[k] < least)
		k++;
	memset(cells, ' ', sizeof cells);
	for (int64_t t = (a->from_s / steps[k] + 1) * steps[k]; t < a->to_s; t += steps[k]) {
		time_t at = (time_t)t;
		struct tm utc;
		char label[24];
		int column = column_of(a, t);
		gmtime_r(&at, &utc);
		size_t length = strftime(label, sizeof label, days ? "%d.%m %HZ" : "%H:%MZ", &utc);
		if (column + (int)length <= a->columns && !(now >= column - 1 && now <= column + (int)length))
			memcpy(cells + column, label, length);
	}
	watch_add(s, line, GREY, "  times in UTC");
	watch_fill(s, line, a->left, PLAIN);
	cells[a->columns] = 0;
	if (now >= 0)
		cells[now] = 0;
	watch_add(s, line, GREY, cells);
	if (now >= 0) {
		watch_add(s, line, BOLD, "▼");
		watch_add(s, line, GREY, cells + now + 1);
	}
}

static int64_t seconds(prl_time t)
{
	return t == PRL_TIME_OPEN_START ? INT64_MIN : t == PRL_TIME_OPEN_END ? INT64_MAX : t / PRL_SECOND;
}

/* Of several overlaps at one instant the one that needs somebody is seen. */
static int weight_of(char cell)
{
	return cell == 'X' ? 4 : cell == 'n' ? 3 : cell == 'x' ? 2 : cell == 'o' ? 1 : 0;
}

/* One character a column: '=' planned, '~' open-ended, '-' cancelled or ended; an overlap 'X' that somebody has to
 * answer, 'x' answered, 'o' of a party with itself; '<' '>' goes on. */
static void make_bar(const axis *a, const watch_item *item, const json_t *overlaps, char *cells)
{
	int64_t from = seconds(item->from), to = seconds(item->to);
	const json_t *one;
	size_t i;
	for (int c = 0; c < a->columns; c++) {
		bool in = from < at_column(a, c + 1) && (to > at_column(a, c) || to == from) && to >= at_column(a, c);
		cells[c] = !in ? ' ' : item->over ? '-' : item->to == PRL_TIME_OPEN_END ? '~' : '=';
	}
	json_array_foreach(overlaps, i, one)
	{
		if (item->over || !stands(one) || !is_in(one, item->name))
			continue;
		int64_t begins = seconds(time_of(one, "from", item->from)),
			ends = seconds(time_of(one, "to", item->to));
		bool own =
			json_is_true(json_object_get(one, "own")) || strcmp(prl_seen_text(one, "answer"), "own") == 0;
		char mark = own ? 'o' : waits_for(one, NULL) ? 'X' : all_answered(one) ? 'x' : 'n';
		for (int c = 0; c < a->columns; c++)
			if (cells[c] != ' ' && begins < at_column(a, c + 1) && ends >= at_column(a, c) &&
			    weight_of(mark) > weight_of(cells[c]))
				cells[c] = mark;
	}
	if (cells[0] != ' ' && from < a->from_s)
		cells[0] = '<';
	if (cells[a->columns - 1] != ' ' && to > a->to_s)
		cells[a->columns - 1] = '>';
}

static watch_style style_of(char cell, bool is_selected)
{
	return cell == 'X' ? AMBER : cell == 'x' ? REVERSE : is_selected ? BOLD : PLAIN;
}

static void draw_item(watch_screen *s, int line, const axis *a, const watch_time *time, size_t at,
		      const json_t *overlaps)
{
	const watch_item *item = &time->items[at];
	char cells[WATCH_COLUMNS_MAX], label[200], run[WATCH_COLUMNS_MAX + 1];
	bool is_selected = at == time->at;
	int now = a->now_s >= a->from_s && a->now_s < a->to_s ? column_of(a, a->now_s) : -1;
	make_bar(a, item, overlaps, cells);
	snprintf(label, sizeof label, "%s %s", item->name, time->by_kind ? "" : item->kind);
	watch_add(s, line, is_selected ? BOLD : PLAIN, is_selected ? "▶" : " ");
	watch_field(s, line, is_selected ? BOLD : PLAIN, label, a->left - 2);
	watch_fill(s, line, a->left, PLAIN);
	for (int c = 0; c < a->columns;) {
		int end = c;
		if (cells[c] == ' ' && c == now) {
			watch_add(s, line, GREY, "│");
			c++;
			continue;
		}
		while (end < a->columns && cells[end] == cells[c] && !(cells[end] == ' ' && end == now))
			end++;
		memcpy(run, cells + c, (size_t)(end - c));
		run[end - c] = 0;
		watch_add(s, line, style_of(cells[c], is_selected), run);
		c = end;
	}
	watch_add(s, line, PLAIN, " ");
	watch_field(s, line, is_selected ? BOLD : PLAIN, item->marks, s->columns - s->width[line]);
}

static void draw_head(watch_screen *s, int line, const watch_time *time, const axis *a)
{
	char span[32], about[WATCH_WHEN_MAX + 40] = "";
	int64_t half = (a->to_s - a->from_s) / 2;
	if (half % 3600)
		snprintf(span, sizeof span, "%lld min", (long long)(half / 60));
	else
		snprintf(span, sizeof span, "%lld h", (long long)(half / 3600));
	watch_addf(s, line, BOLD, "OVER TIME");
	if (a->now_s < a->from_s || a->now_s >= a->to_s) {
		char text[PRL_TIME_TEXT_MAX], when[WATCH_WHEN_MAX];
		prl_time_format((a->from_s + half) * PRL_SECOND, text);
		watch_when(text, when);
		snprintf(about, sizeof about, " NOT NOW: %s · N now ", when);
		watch_add(s, line, PLAIN, " ");
		watch_add(s, line, AMBER, about);
	}
	watch_addf(s, line, PLAIN, " ±%s · by %s (Tab) · ←→ move · + − zoom · V back", span,
		   time->by_kind ? "kind" : "party");
}

/* The first line of the list that keeps the selection on the screen, lanes' headings counted. */
static size_t first_shown(const watch_time *time, int lines)
{
	size_t first = time->at;
	int used = 2;
	while (first > 0) {
		bool heading = strcmp(lane_of(&time->items[first - 1], time->by_kind),
				      lane_of(&time->items[first], time->by_kind)) != 0;
		used += 1 + heading;
		if (used > lines)
			break;
		first--;
	}
	return first;
}

static void draw_items(watch_screen *s, const watch_ui *ui, int line, int end, const axis *a)
{
	const watch_time *time = &ui->time;
	const char *lane = NULL;
	for (size_t i = first_shown(time, end - line); i < time->count && line < end; i++) {
		const char *of = lane_of(&time->items[i], time->by_kind);
		bool heading = !lane || strcmp(lane, of) != 0;
		if (line + heading + 1 >= end && i + 1 < time->count && i > time->at) {
			watch_addf(s, line, GREY, "  … %zu more below, ↓", time->count - i);
			return;
		}
		if (heading)
			watch_addf(s, line++, REVERSE, " %s ", of);
		lane = of;
		draw_item(s, line++, a, time, i, ui->news.overlaps);
	}
}

void watch_time_draw(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const watch_time *time = &ui->time;
	int marks = s->columns >= 110 ? 34 : 14;
	axis a = { .left = s->columns >= 110 ? 26 : 19, .now_s = now_s() };
	a.columns = s->columns - a.left - 1 - marks;
	watch_time_window(time, a.now_s, &a.from_s, &a.to_s);
	draw_head(s, line++, time, &a);
	if (a.columns < 12) {
		watch_add(s, line, PLAIN, "  the terminal is too narrow for it");
		return;
	}
	draw_axis(s, line++, &a);
	if (!ui->news.notices)
		watch_add(s, line, PLAIN, "  asking the node …");
	else if (!time->count)
		watch_add(s, line, PLAIN, "  No notice of this time that we may see.");
	else
		draw_items(s, ui, line, end - 1, &a);
	watch_add(s, end - 1, GREY, "= plan ~ open-ended - over <> goes on  overlap: ");
	watch_add(s, end - 1, AMBER, "X");
	watch_add(s, end - 1, GREY, " to answer ");
	watch_add(s, end - 1, REVERSE, "x");
	watch_add(s, end - 1, GREY, " answered n never o own");
	if (time->hidden)
		watch_addf(s, end - 1, PLAIN, "  %zu not for us", time->hidden);
	if (time->cut || json_array_size(ui->news.notices) >= WATCH_ITEMS_MAX)
		watch_add(s, end - 1, AMBER, " NOT ALL: zoom in ");
}
