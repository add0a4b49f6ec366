#include "cli/watch.h"

#include "cli/seen.h"
#include "cli/words.h"
#include "formats/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define LINES_MAX   200
#define BYTES_MAX   2400 /* of one line, escapes included */
#define COLUMNS_MAX 400

/* Lines as they stand on the terminal, so that only what changed is drawn. */
struct watch_screen {
	char shown[LINES_MAX][BYTES_MAX], next[LINES_MAX][BYTES_MAX];
	int rows, columns, width[LINES_MAX];
	bool known;
};

#define REVERSE "\x1b[7m"
#define BOLD    "\x1b[1m"
#define RED     "\x1b[41;97;1m"
#define AMBER   "\x1b[43;30m"
#define GREY    "\x1b[2m"
#define PLAIN   "\x1b[0m"

watch_screen *watch_screen_new(void)
{
	return calloc(1, sizeof(watch_screen));
}

void watch_screen_free(watch_screen *screen)
{
	free(screen);
}

void watch_screen_forget(watch_screen *screen)
{
	screen->known = false;
}

/* ---- a line ------------------------------------------------------------------------------------------------------ */

static int columns_of(uint32_t character)
{
	int width = wcwidth((wchar_t)character);
	return width < 0 ? 0 : width;
}

/* Appends text to a line, cut at the last column. What others wrote has been cleaned before or is cleaned here: an
 * escape never comes from it. */
static void add(watch_screen *s, int line, const char *style, const char *text)
{
	char shown[1000];
	if (line < 0 || line >= s->rows)
		return;
	prl_clean(text, shown, sizeof shown);
	char *to = s->next[line];
	size_t used = strlen(to), style_length = style ? strlen(style) : 0;
	if (style && used + style_length + 8 < BYTES_MAX) {
		memcpy(to + used, style, style_length);
		used += style_length;
	}
	for (size_t i = 0; shown[i];) {
		uint32_t character;
		size_t length = prl_utf8_decode(shown + i, &character);
		int width = length ? columns_of(character) : 0;
		if (!length || s->width[line] + width > s->columns || used + length + 8 >= BYTES_MAX)
			break;
		memcpy(to + used, shown + i, length);
		used += length;
		s->width[line] += width;
		i += length;
	}
	to[used] = 0;
	if (style)
		memcpy(to + used, PLAIN, sizeof PLAIN);
}

static void addf(watch_screen *s, int line, const char *style, const char *format, ...) PRL_PRINTF(4, 5);
static void addf(watch_screen *s, int line, const char *style, const char *format, ...)
{
	char text[1000];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add(s, line, style, text);
}

/* Spaces up to a column. */
static void fill(watch_screen *s, int line, int column, const char *style)
{
	char spaces[COLUMNS_MAX + 1];
	if (line < 0 || line >= s->rows)
		return;
	int count = column - s->width[line];
	if (count <= 0)
		return;
	memset(spaces, ' ', (size_t)count);
	spaces[count] = 0;
	add(s, line, style, spaces);
}

/* Text in a field of that many columns, cut with "…". */
static void field(watch_screen *s, int line, const char *style, const char *text, int columns)
{
	char cut[600];
	int used = 0, end = s->width[line] + columns;
	size_t at = 0;
	prl_clean(text, cut, sizeof cut);
	while (cut[at]) {
		uint32_t character;
		size_t length = prl_utf8_decode(cut + at, &character);
		int width = length ? columns_of(character) : 0;
		if (!length)
			break;
		if (used + width > columns - 1 && cut[at + length]) {
			snprintf(cut + at, sizeof cut - at, "…");
			break;
		}
		if (used + width > columns)
			break;
		used += width;
		at += length;
	}
	add(s, line, style, cut);
	fill(s, line, end, style);
}

/* ---- top --------------------------------------------------------------------------------------------------------- */

static const char *const mode_names[] = { "REAL", "EXERCISE", "TEST" };

static void band(watch_screen *s, int line, prl_mode mode)
{
	char text[COLUMNS_MAX + 1] = "";
	while (strlen(text) + strlen(mode_names[mode]) + 3 < (size_t)s->columns && strlen(text) < COLUMNS_MAX - 20)
		snprintf(text + strlen(text), sizeof text - strlen(text), " %s ·", mode_names[mode]);
	add(s, line, REVERSE, text);
	fill(s, line, s->columns, REVERSE);
}

static void clocks(char ret[64])
{
	time_t t = time(NULL);
	struct tm utc, local;
	char zone[12];
	gmtime_r(&t, &utc);
	localtime_r(&t, &local);
	strftime(zone, sizeof zone, "%Z", &local);
	snprintf(ret, 64, "%02d:%02d:%02dZ %02d:%02d %.10s", utc.tm_hour, utc.tm_min, utc.tm_sec, local.tm_hour,
		 local.tm_min, zone);
}

static int64_t age_of(const char *time, int64_t otherwise)
{
	prl_time t;
	struct timespec now;
	if (!*time || prl_time_parse(time, strlen(time), &t, NULL))
		return otherwise;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - t / PRL_SECOND;
}

static const char *text_or(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = prl_seen_text(object, name);
	return *text ? text : otherwise;
}

static const json_t *of_party(const json_t *items, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(items, i, one) if (strcmp(prl_seen_text(one, "party"), party) == 0) return one;
	return NULL;
}

/* "ru · LINE 4 s · PERSON 38 min · declared OPEN / observed OPEN": two ages, never one. */
static void peer_cell(watch_screen *s, int line, const watch_ui *ui, const json_t *peer)
{
	char line_age[32] = "not stated", person_age[32] = "not stated", party[64];
	snprintf(party, sizeof party, "%.*s", (int)strcspn(prl_seen_text(peer, "log"), "."),
		 prl_seen_text(peer, "log"));
	const json_t *rung = json_array_get(json_object_get(of_party(ui->news.channels, party), "rungs"), 0);
	int64_t heard = age_of(prl_seen_text(peer, "heard"), -1);
	if (heard >= 0)
		prl_seen_age(heard, line_age);
	const json_t *person = json_object_get(json_object_get(of_party(ui->news.persons, party), "person"), "age_s");
	if (json_is_integer(person))
		prl_seen_age(json_integer_value(person), person_age);
	bool cut = !json_is_true(json_object_get(peer, "connected"));
	addf(s, line, cut ? AMBER : NULL, "%s · LINE %s%s", party, cut ? "CUT " : "", line_age);
	addf(s, line, NULL, " · PERSON %s · declared %s / observed %s", person_age,
	     text_or(json_object_get(rung, "declared"), "state", "not stated"),
	     text_or(json_object_get(rung, "observed"), "state", "not stated"));
}

static int top(watch_screen *s, const watch_ui *ui, watch_state *state)
{
	char clock[64];
	int line = watch_state_mode(state) != PRL_MODE_REAL;
	int64_t age_ms = watch_state_age_ms(state);
	const json_t *peer, *shift, *mine = NULL;
	size_t i;
	if (line)
		band(s, 0, watch_state_mode(state));
	clocks(clock);
	addf(s, line, REVERSE BOLD, " %s ", mode_names[watch_state_mode(state)]);
	json_array_foreach(ui->news.shifts, i,
			   shift) if (strcmp(prl_seen_text(shift, "desk"), watch_state_desk(state)) == 0) mine = shift;
	bool old = age_ms > WATCH_LOST_MS;
	if (!old || s->columns >= 110)
		addf(s, line, NULL, " %s %s · shift %s  ", watch_state_party(state), watch_state_desk(state),
		     mine ? text_or(mine, "role", "on") : "nobody signed on");
	if (old)
		addf(s, line, AMBER BOLD, " PICTURE %02lld:%02lld OLD ", (long long)(age_ms / 60000),
		     (long long)(age_ms / 1000 % 60));
	fill(s, line, s->columns - (int)strlen(clock) - 9, NULL);
	addf(s, line, NULL, "%s ", clock);
	add(s, line, RED, "F8 STOP");
	line++;
	json_array_foreach(ui->news.peers, i, peer) if (i < 3) peer_cell(s, line++, ui, peer);
	return line;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Shape and word: colour says nothing that they do not. */
static const char *shape_of(const watch_row *row)
{
	return row->alarm_class == 1 ? "⯃" : row->alarm_class == 2 ? "▲" : row->alarm_class == 3 ? "△" : "·";
}

static const char *style_of(const watch_row *row)
{
	return row->alarm_class == 1 ? RED : row->alarm_class <= 3 ? AMBER : NULL;
}

/* By the own clock, so that it goes on while the node is silent. */
static int64_t left_of(const watch_row *row)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return row->due == PRL_TIME_OPEN_END ? row->due_s : row->due / PRL_SECOND - now.tv_sec;
}

static void countdown(const watch_row *row, char ret[32])
{
	char age[24];
	int64_t left_s = left_of(row), s = left_s < 0 ? -left_s : left_s;
	ret[0] = 0;
	if (!row->has_due)
		return;
	if (s < 3600)
		snprintf(age, sizeof age, "%02lld:%02lld", (long long)(s / 60), (long long)(s % 60));
	else if (s < 172800)
		snprintf(age, sizeof age, "%lldh%02lld", (long long)(s / 3600), (long long)(s / 60 % 60));
	else
		snprintf(age, sizeof age, "%lldd", (long long)(s / 86400));
	snprintf(ret, 32, "%s%s", left_s < 0 ? "-" : "", age);
}

static void draw_row(watch_screen *s, int line, const watch_row *row, bool is_selected)
{
	char word[24], text[400], due[32];
	bool wide = s->columns >= 110;
	add(s, line, is_selected ? BOLD : NULL, is_selected ? "▶" : " ");
	snprintf(word, sizeof word, "%s %s", shape_of(row), row->word);
	field(s, line, style_of(row), word, 11);
	addf(s, line, NULL, " ");
	field(s, line, BOLD, row->peer, 7);
	snprintf(text, sizeof text, "%s%s%s%s%s%s%s", row->mode == PRL_MODE_REAL ? "" : mode_names[row->mode],
		 row->mode == PRL_MODE_REAL ? "" : " ", row->unverified ? "UNVERIFIED " : "",
		 row->not_logged ? "NOT YET LOGGED " : "", row->stands, row->stands[0] ? " · " : "", row->text);
	if (row->count > 1)
		snprintf(text + strlen(text), sizeof text - strlen(text), " ×%d", row->count);
	int rest = s->columns - s->width[line] - 20 - (wide ? 26 : 0);
	field(s, line, is_selected ? BOLD : NULL, text, rest > 10 ? rest : 10);
	add(s, line, NULL, " ");
	if (wide)
		field(s, line, NULL, row->place[0] ? row->place : "place not stated", 26);
	countdown(row, due);
	field(s, line, row->has_due && left_of(row) < 0 ? BOLD : NULL, due, 7);
	add(s, line, NULL, " ");
	field(s, line, REVERSE, row->next, 11);
}

static void draw_empty(watch_screen *s, int line, const watch_ui *ui)
{
	add(s, line, BOLD, "  Nothing needs you.");
	if (ui->news.last_notice[0])
		addf(s, line, NULL, " Last notice %.10s %.5sZ.", ui->news.last_notice, ui->news.last_notice + 11);
	else
		add(s, line, NULL, " No notice yet.");
	const json_t *one;
	size_t i;
	json_array_foreach(ui->news.channels, i, one)
	{
		const char *next = prl_seen_text(one, "next_test");
		if (*next)
			addf(s, line, NULL, " Next: test %.5sZ.", next + (strlen(next) > 16 ? 11 : 0));
	}
}

/* What rings and nobody here has taken: a band under the top bar. */
static int ringing(watch_screen *s, const watch_ui *ui, int line)
{
	char text[500];
	for (size_t i = 0; i < ui->count; i++) {
		const watch_row *row = &ui->rows[i];
		if (!row->call || row->taken)
			continue;
		snprintf(text, sizeof text, " %s F2 TAKES IT   %s%s%s   place %s", shape_of(row),
			 row->mode == PRL_MODE_REAL ? "" : mode_names[row->mode], row->mode == PRL_MODE_REAL ? "" : " ",
			 row->text, row->place[0] ? row->place : "not stated");
		fill(s, line, s->columns, style_of(row));
		field(s, line + 1, style_of(row), text, s->columns);
		fill(s, line + 2, s->columns, style_of(row));
		return line + 3;
	}
	return line;
}

static int rows(watch_screen *s, const watch_ui *ui, int line, int most)
{
	size_t from = ui->at >= (size_t)most ? ui->at - (size_t)most + 1 : 0;
	addf(s, line, BOLD, "NEEDS ME %zu", ui->count);
	line++;
	if (!ui->count)
		draw_empty(s, line, ui);
	for (int i = 0; i < most && from + (size_t)i < ui->count; i++)
		draw_row(s, line + i, &ui->rows[from + (size_t)i], from + (size_t)i == ui->at);
	if (ui->count > (size_t)most)
		addf(s, line - 1, NULL, "   %zu more, ↑ ↓", ui->count - (size_t)most);
	return line + most;
}

/* ---- detail ------------------------------------------------------------------------------------------------------ */

static void rung(watch_screen *s, int line, const char *name, const json_t *at)
{
	char age[32];
	const json_t *age_s = json_object_get(at, "age_s");
	bool has = json_is_object(at);
	prl_seen_age(json_integer_value(age_s), age);
	addf(s, line, has ? BOLD : GREY, " · %s%s%s", has ? "" : "no ", name, has && json_is_integer(age_s) ? " " : "");
	if (has && json_is_integer(age_s))
		add(s, line, NULL, age);
}

static int ladder(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const json_t *row, *one;
	size_t i, k;
	json_array_foreach(json_object_get(ui->news.receipts, "ladder"), i, row)
	{
		if (line >= end)
			return line;
		addf(s, line, NULL, "  %s: SENT", prl_seen_text(row, "party"));
		rung(s, line, "THEY HAVE IT", json_object_get(row, "they_have_it"));
		rung(s, line, "READ BACK", json_object_get(row, "read_back"));
		rung(s, line, "UNITS TOLD", json_object_get(row, "units_told"));
		line++;
		json_array_foreach(json_object_get(json_object_get(row, "detail"), "read_backs"), k,
				   one) if (line < end)
			addf(s, line++, NULL, "    read back: “%.200s”  %s",
			     prl_seen_text(json_object_get(one, "read_back"), "words"), prl_seen_text(one, "stands"));
	}
	return line;
}

static int notice_lines(watch_screen *s, const json_t *n, int line, int end)
{
	const json_t *details = json_object_get(n, "details"),
		     *area = json_array_get(json_object_get(details, "areas"), 0), *mark;
	const char *from = prl_seen_text(n, "from"), *to = prl_seen_text(n, "to");
	size_t i;
	addf(s, line, BOLD, "%s %s %s", prl_seen_text(n, "name"), text_or(n, "kind", "kind not stated"),
	     prl_seen_text(n, "mode"));
	json_array_foreach(json_object_get(n, "marks"), i, mark) addf(s, line, AMBER, " %s ", json_string_value(mark));
	if (++line < end)
		addf(s, line++, NULL, "  %.10s %.5sZ → %.10s %.5sZ · %s", *from ? from : "not stated",
		     *from ? from + 11 : "", *to ? to : "not stated", *to ? to + 11 : "",
		     text_or(area, "place", text_or(json_object_get(details, "place"), "name", "place: see areas")));
	if (line < end)
		addf(s, line++, NULL, "  call sign %s · frequency %s · call back %s",
		     text_or(details, "call_sign", "not stated"), text_or(details, "frequency", "not stated"),
		     text_or(details, "call_back", "not stated"));
	return line;
}

static void detail(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const json_t *one;
	size_t i;
	if (ui->at >= ui->count || line >= end)
		return;
	if (ui->news.overlap && ui->rows[ui->at].overlap[0]) {
		const json_t *separation = json_object_get(ui->news.overlap, "separation");
		addf(s, line++, BOLD, "overlap %s · separation in force %.0f m / %.0f m (%s)",
		     prl_seen_text(ui->news.overlap, "state"),
		     json_number_value(json_object_get(separation, "horizontal_m")),
		     json_number_value(json_object_get(separation, "vertical_m")),
		     text_or(separation, "source", "source not stated"));
		json_array_foreach(json_object_get(ui->news.overlap, "answers"), i, one) if (line < end)
			addf(s, line++, NULL, "  %s: %s", prl_seen_text(one, "party"), prl_seen_text(one, "answer"));
	}
	if (ui->news.notice && line < end) {
		line = notice_lines(s, ui->news.notice, line, end);
		(void)ladder(s, ui, line, end);
	}
}

/* ---- panels ------------------------------------------------------------------------------------------------------ */

static void stop_panel(watch_screen *s, const watch_ui *ui, int line)
{
	for (int i = 0; i < 7; i++)
		fill(s, line + i, 0, NULL);
	addf(s, line, RED, " ⯃ %s   to %s", watch_stop_classes[ui->stop_class], ui->to[0] ? ui->to : "all parties");
	addf(s, line, RED, "   about %s ", ui->about[0] ? ui->about : "not stated");
	fill(s, line++, s->columns, RED);
	addf(s, line++, NULL, "  1 %s  2 %s", watch_stop_reasons[1], watch_stop_reasons[2]);
	addf(s, line++, NULL, "  3 %s  4 %s", watch_stop_reasons[3], watch_stop_reasons[4]);
	addf(s, line++, BOLD, "  reason: %s", watch_stop_reasons[ui->stop_reason]);
	addf(s, line++, ui->panel == WATCH_STOP_PLACE ? REVERSE : BOLD, "  place (P): %s%s",
	     ui->place[0]                    ? ui->place
	     : ui->panel == WATCH_STOP_PLACE ? ""
					     : "not stated",
	     ui->panel == WATCH_STOP_PLACE ? "_" : "");
	if (ui->panel == WATCH_STOP_MODE)
		add(s, line++, RED, "  This desk is not in REAL. R: this is REAL    E: exercise only    Esc: back ");
	else
		add(s, line++, REVERSE, "  Enter SENDS · Tab STOP/URGENT/DISTRESS · A all parties · Esc back ");
	addf(s, line, NULL,
	     "  “Cease or hold now: your act endangers lives.”  «Прекратите или задержите: ваши действия угрожают "
	     "жизни людей.»");
}

static void help_panel(watch_screen *s, int line)
{
	static const char *const texts[] = {
		"F8    STOP, URGENT, DISTRESS: panel; Enter sends       F2  take what rings",
		"1 2 3 passed on · not ours · cannot reach units        4 5 ceased · continuing",
		"U     understood       B  read back in own words       P   units told",
		"X     cannot reach units                               O   answer an overlap",
		"M     as meant         C  CORRECTION (sender)          H   heard by voice",
		"T     person test      S  shift begins                 W   withdraw own call",
		"Z     silence 30 s, never class 1                      N   to the first row",
		"↑ ↓   select           Q  leave                        any key: back",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		add(s, line + (int)i, i ? NULL : BOLD, texts[i]);
}

static void typing_panel(watch_screen *s, const watch_ui *ui, int line)
{
	const char *what = ui->panel == WATCH_READ_BACK
				   ? "READ BACK, in your own words: name, bearing, distance, levels, start"
			   : ui->panel == WATCH_HEARD ? "HEARD, as it is said. It becomes a relayed notice"
			   : ui->panel == WATCH_SHIFT ? "SHIFT begins: languages that you speak, as en,ru"
						      : "CORRECTION: what is meant";
	addf(s, line, REVERSE, " %s ", what);
	addf(s, line + 1, BOLD, "> %s_", ui->text);
	add(s, line + 2, NULL, "Enter files it · Esc back");
}

static bool panel(watch_screen *s, const watch_ui *ui, int line)
{
	switch (ui->panel) {
	case WATCH_STOP:
	case WATCH_STOP_PLACE:
	case WATCH_STOP_MODE:
		stop_panel(s, ui, line);
		return true;
	case WATCH_HELP:
		help_panel(s, line);
		return true;
	case WATCH_READ_BACK:
	case WATCH_CORRECTION:
	case WATCH_HEARD:
	case WATCH_SHIFT:
		typing_panel(s, ui, line);
		return true;
	case WATCH_ANSWER:
		add(s, line, REVERSE,
		    " ANSWER  1 understood  2 passed on  3 cannot accommodate  4 changed plan   Esc back ");
		return false;
	case WATCH_QUIT:
		add(s, line, REVERSE, " Leave the screen? Nobody rings here then.  Y leaves, any other key stays ");
		return false;
	default:
		return false;
	}
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void emit(watch_screen *s)
{
	char place[32];
	if (!s->known)
		fputs("\x1b[0m\x1b[2J", stdout);
	for (int i = 0; i < s->rows; i++) {
		if (s->known && strcmp(s->shown[i], s->next[i]) == 0)
			continue;
		snprintf(place, sizeof place, "\x1b[%d;1H", i + 1);
		fputs(place, stdout);
		fputs(s->next[i], stdout);
		if (s->width[i] < s->columns)
			fputs("\x1b[0m\x1b[K", stdout);
		memcpy(s->shown[i], s->next[i], BYTES_MAX);
	}
	s->known = true;
	fflush(stdout);
}

void watch_screen_draw(watch_screen *s, const watch_ui *ui, watch_state *state, int row_count, int columns)
{
	char log[WATCH_LOG_LINES][WATCH_LINE_MAX];
	int height = row_count > LINES_MAX ? LINES_MAX : row_count,
	    width = columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
	if (height != s->rows || width != s->columns)
		s->known = false;
	s->rows = height;
	s->columns = width;
	for (int i = 0; i < height; i++)
		s->next[i][0] = 0;
	memset(s->width, 0, sizeof s->width);
	bool exercise = watch_state_mode(state) != PRL_MODE_REAL;
	int line = ringing(s, ui, top(s, ui, state)), end = height - exercise - 5;
	size_t lines = watch_state_log(state, log);
	int most = end - line - 9;
	line = rows(s, ui, line, most < 3 ? 3 : most);
	if (!panel(s, ui, line))
		detail(s, ui, line + (ui->panel != WATCH_NONE), end);
	add(s, end, GREY, "── last acts");
	for (size_t i = 0; i < lines && i < 3; i++)
		add(s, end + 1 + (int)i, NULL, log[i]);
	add(s, end + 4, GREY,
	    width < 100
		    ? "F8 STOP F2 take  U understood B read back P units told O overlap H heard ?"
		    : "F8 STOP  F2 take  U understood  B read back  P units told  O overlap  H heard  T test  ? help");
	if (exercise)
		band(s, height - 1, watch_state_mode(state));
	emit(s);
}
