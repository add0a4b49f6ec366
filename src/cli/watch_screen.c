#include "cli/watch_act.h"

#include "cli/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- top --------------------------------------------------------------------------------------------------------- */

static void band(watch_screen *s, int line, prl_mode mode)
{
	char text[WATCH_COLUMNS_MAX + 1] = "";
	while (strlen(text) + strlen(watch_mode_names[mode]) + 3 < (size_t)s->columns &&
	       strlen(text) < WATCH_COLUMNS_MAX - 20)
		snprintf(text + strlen(text), sizeof text - strlen(text), " %s ·", watch_mode_names[mode]);
	watch_add(s, line, REVERSE, text);
	watch_fill(s, line, s->columns, REVERSE);
}

static void clocks(char ret[64], bool local_too)
{
	time_t t = time(NULL);
	struct tm utc, local;
	char zone[12];
	gmtime_r(&t, &utc);
	localtime_r(&t, &local);
	strftime(zone, sizeof zone, "%Z", &local);
	snprintf(ret, 64, "%02d:%02d:%02dZ", utc.tm_hour, utc.tm_min, utc.tm_sec);
	if (local_too)
		snprintf(ret + strlen(ret), 64 - strlen(ret), " %02d:%02d %.10s", local.tm_hour, local.tm_min, zone);
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

static const json_t *of_party(const json_t *items, const char *party)
{
	const json_t *one;
	size_t i;
	json_array_foreach(items, i, one)
	{
		if (strcmp(prl_seen_text(one, "party"), party) == 0)
			return one;
	}
	return NULL;
}

/* "ru · LINE 4 s · PERSON 38 min · declared OPEN / observed OPEN": two ages, never one. Where the line is cut the
 * telephone stands in place of the channel. */
static void peer_cell(watch_screen *s, int line, const watch_ui *ui, const json_t *peer)
{
	char line_age[32] = "not stated", person_age[32] = "not stated", party[64];
	snprintf(party, sizeof party, "%.*s", (int)strcspn(prl_seen_text(peer, "log"), "."),
		 prl_seen_text(peer, "log"));
	const json_t *rung = json_array_get(json_object_get(of_party(ui->news.channels, party), "rungs"), 0);
	const json_t *item = of_party(ui->news.persons, party);
	int64_t heard = age_of(prl_seen_text(peer, "heard"), -1);
	if (heard >= 0)
		prl_seen_age(heard, line_age);
	const json_t *person = json_object_get(json_object_get(item, "person"), "age_s");
	if (json_is_integer(person))
		prl_seen_age(json_integer_value(person), person_age);
	bool cut = !json_is_true(json_object_get(peer, "connected"));
	watch_addf(s, line, cut ? AMBER : PLAIN, "%s · LINE %s%s", party, cut ? "CUT " : "", line_age);
	watch_addf(s, line, PLAIN, " · PERSON %s · ", person_age);
	const char *number = prl_seen_text(json_array_get(json_object_get(item, "telephones"), 0), "number");
	if (cut && *number)
		watch_addf(s, line, BOLD, "☎ %s", number);
	else
		watch_addf(s, line, PLAIN, "declared %s / observed %s",
			   watch_text_or(json_object_get(rung, "declared"), "state", "not stated"),
			   watch_text_or(json_object_get(rung, "observed"), "state", "not stated"));
}

static void own_cell(watch_screen *s, const watch_ui *ui, watch_state *state, int line)
{
	const json_t *shift, *mine = NULL;
	size_t i;
	json_array_foreach(ui->news.shifts, i, shift)
	{
		if (strcmp(prl_seen_text(shift, "desk"), watch_state_desk(state)) == 0)
			mine = shift;
	}
	watch_addf(s, line, PLAIN, " %s · %s · ", watch_state_party(state), watch_state_desk(state));
	if (mine)
		watch_addf(s, line, PLAIN, "shift: %s", watch_text_or(mine, "role", "on"));
	else
		watch_add(s, line, AMBER, "nobody signed on");
}

static int top(watch_screen *s, const watch_ui *ui, watch_state *state)
{
	char clock[64];
	int line = watch_state_mode(state) != PRL_MODE_REAL;
	int64_t age_ms = watch_state_age_ms(state);
	const json_t *peer;
	size_t i;
	if (line)
		band(s, 0, watch_state_mode(state));
	clocks(clock, s->columns >= 72);
	watch_addf(s, line, REVERSE_BOLD, " %s ", watch_mode_names[watch_state_mode(state)]);
	bool old = age_ms > WATCH_LOST_MS;
	int columns = s->columns, right = (int)strlen(clock) + 9;
	s->columns = columns > right ? columns - right : 0; /* the key of STOP and the clock are never pushed out */
	if (!old || columns >= 110)
		own_cell(s, ui, state, line);
	if (old)
		watch_addf(s, line, AMBER, " PICTURE %02lld:%02lld OLD ", (long long)(age_ms / 60000),
			   (long long)(age_ms / 1000 % 60));
	watch_add(s, line, PLAIN, "  ");
	watch_fill(s, line, s->columns, PLAIN);
	s->columns = columns;
	watch_addf(s, line, PLAIN, "%s ", clock);
	watch_add(s, line, RED, "F8 STOP");
	line++;
	json_array_foreach(ui->news.peers, i, peer)
	{
		if (i < 3)
			peer_cell(s, line++, ui, peer);
	}
	return line;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Shape and word: colour says nothing that they do not. */
static const char *shape_of(const watch_row *row)
{
	return row->alarm_class == 1 ? "⯃" : row->alarm_class == 2 ? "▲" : row->alarm_class == 3 ? "△" : "·";
}

static watch_style style_of(const watch_row *row)
{
	return row->shelved ? GREY : row->alarm_class == 1 ? RED : row->alarm_class <= 3 ? AMBER : PLAIN;
}

/* By the own clock, so that it goes on while the node is silent. */
static int64_t left_of(const watch_row *row)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return row->due == PRL_TIME_OPEN_END ? row->due_s : row->due / PRL_SECOND - now.tv_sec;
}

/* "12:31" until it is due, minutes and seconds; "3h05"; "LATE 04:10" when it is overdue. */
static void countdown(const watch_row *row, char ret[40])
{
	char age[24];
	int64_t left_s = left_of(row), s = left_s < 0 ? -left_s : left_s;
	ret[0] = 0;
	if (row->call) {
		s = age_of(watch_text_or(row->from, "rung", prl_seen_text(row->from, "time")), 0);
		snprintf(ret, 40, s < 3600 ? "for %02lld:%02lld" : "for %lldh%02lld",
			 (long long)(s < 3600 ? s / 60 : s / 3600), (long long)(s < 3600 ? s % 60 : s / 60 % 60));
		return;
	}
	if (!row->has_due)
		return;
	if (s < 2) {
		snprintf(ret, 40, "NOW");
		return;
	}
	if (s < 3600)
		snprintf(age, sizeof age, "%02lld:%02lld", (long long)(s / 60), (long long)(s % 60));
	else if (s < 172800)
		snprintf(age, sizeof age, "%lldh%02lld", (long long)(s / 3600), (long long)(s / 60 % 60));
	else
		snprintf(age, sizeof age, "%lldd", (long long)(s / 86400));
	snprintf(ret, 40, "%s%s", left_s < 0 ? "OVERDUE " : "in ", age);
}

/* "TEST " before what is not REAL. */
static const char *mode_prefix(const watch_row *row)
{
	static const char *const prefixes[] = { "", "EXERCISE ", "TEST " };
	return prefixes[row->mode];
}

static void draw_row(watch_screen *s, int line, const watch_row *row, bool is_selected)
{
	char word[24], text[400], due[40];
	bool wide = s->columns >= 110;
	watch_add(s, line, is_selected ? BOLD : PLAIN, is_selected ? "▶" : " ");
	snprintf(word, sizeof word, "%s %s", shape_of(row), row->shelved ? "shelved" : row->word);
	watch_field(s, line, style_of(row), word, 11);
	watch_add(s, line, PLAIN, " ");
	watch_field(s, line, BOLD, row->peer, wide ? 12 : 5);
	watch_add(s, line, PLAIN, " ");
	snprintf(text, sizeof text, "%s%s%s%s%s%s", mode_prefix(row), row->unverified ? "UNVERIFIED " : "",
		 row->not_logged ? "NOT YET LOGGED " : "", row->stands, row->stands[0] ? " · " : "", row->text);
	if (row->count > 1)
		snprintf(text + strlen(text), sizeof text - strlen(text), " ×%d", row->count);
	int rest = s->columns - s->width[line] - 26 - (wide ? 26 : 0);
	watch_field(s, line, is_selected ? BOLD : PLAIN, text, rest > 10 ? rest : 10);
	watch_add(s, line, PLAIN, " ");
	if (wide)
		watch_field(s, line, PLAIN, row->place[0] ? row->place : "place not stated", 26);
	countdown(row, due);
	watch_field(s, line, row->has_due && left_of(row) < 0 ? REVERSE_BOLD : PLAIN, due, 13);
	watch_add(s, line, PLAIN, " ");
	watch_field(s, line, row->next[0] ? REVERSE : PLAIN, row->next, 11);
}

/* When the next test between this party and another is due, whoever asks it; "" where nobody has asked one yet. */
static const char *next_test(const watch_ui *ui, const char *own)
{
	const json_t *channel, *test;
	const char *least = "";
	size_t i, k;
	json_array_foreach(ui->news.channels, i, channel)
	{
		bool mine = strcmp(prl_seen_text(channel, "party"), own) == 0;
		json_array_foreach(json_object_get(channel, "tests"), k, test)
		{
			const char *next = prl_seen_text(test, "next");
			bool ours = mine || strcmp(prl_seen_text(test, "asked_by"), own) == 0;
			if (ours && *next && (!*least || strcmp(next, least) < 0))
				least = next;
		}
	}
	return least;
}

static void draw_empty(watch_screen *s, int line, const watch_ui *ui, const char *own)
{
	char when[WATCH_WHEN_MAX];
	const char *next = next_test(ui, own);
	watch_add(s, line, BOLD, "  Nothing needs you.");
	if (ui->news.last_notice[0])
		watch_addf(s, line, PLAIN, " Last notice %.10s %.5sZ.", ui->news.last_notice,
			   ui->news.last_notice + 11);
	else
		watch_add(s, line, PLAIN, " No notice yet.");
	watch_when(next, when);
	if (*next)
		watch_addf(s, line, PLAIN, " Next: test %s.", when);
}

static void ringing_band(watch_screen *s, int line, const watch_row *row)
{
	char text[500];
	snprintf(text, sizeof text, " %s F2 TAKES IT   %s%s%s   place %s", shape_of(row),
		 row->unverified ? "UNVERIFIED " : "", mode_prefix(row), row->text,
		 row->place[0] ? row->place : "not stated");
	watch_fill(s, line, s->columns, style_of(row));
	watch_field(s, line + 1, style_of(row), text, s->columns);
	watch_fill(s, line + 2, s->columns, style_of(row));
}

/* What was taken, with the keys that say what became of it. */
static void taken_band(watch_screen *s, int line, const watch_row *row)
{
	char name[80];
	bool passed = row->next[0] == '4';
	snprintf(name, sizeof name, " %s %s%.40s", shape_of(row), mode_prefix(row), prl_seen_text(row->from, "name"));
	watch_add(s, line, style_of(row), name);
	watch_addf(s, line, style_of(row), " %s:", passed ? row->stands : "TAKEN");
	watch_add(s, line, style_of(row),
		  passed ? " 4 ceased · 5 continuing" : " 1 passed on · 2 not ours · 3 cannot reach units");
	watch_fill(s, line, s->columns, style_of(row));
}

/* An own call that is at nobody's node: the telephone. */
static bool phone_band(watch_screen *s, int line, const watch_ui *ui, watch_state *state, const watch_row *row)
{
	if (!row->call || !row->own || !json_array_size(json_object_get(row->from, "not_delivered")) ||
	    !strstr(row->stands, "PHONE"))
		return false;
	watch_addf(s, line, style_of(row), " %s %s%s: NOT DELIVERED – PHONE ", shape_of(row), mode_prefix(row),
		   prl_seen_text(row->from, "name"));
	watch_fill(s, line, s->columns, style_of(row));
	(void)watch_telephones(s, ui, state, NULL, line + 1, line + 2);
	return true;
}

/* Under the top bar: what rings and nobody here has taken; what is at nobody's node; what was taken and waits for a
 * word. */
static int ringing(watch_screen *s, const watch_ui *ui, watch_state *state, int line)
{
	const watch_row *row = watch_call_row(ui, 'F');
	if (row) {
		ringing_band(s, line, row);
		line += 3;
	}
	for (size_t i = 0; i < ui->count; i++) {
		if (phone_band(s, line, ui, state, &ui->rows[i])) {
			line += 2;
			break;
		}
	}
	if ((row = watch_call_row(ui, '1')))
		taken_band(s, line++, row);
	if ((row = watch_call_row(ui, '4')))
		taken_band(s, line++, row);
	return line;
}

static void head(watch_screen *s, const watch_ui *ui, int line, int64_t silent_ms)
{
	size_t urgent = 0, all = 0;
	for (size_t i = 0; i < ui->count; i++) {
		const watch_row *row = &ui->rows[i];
		urgent += row->alarm_class <= 2 && !row->taken;
		all += row->flood[0] ? row->flood_count : !row->in_flood && !row->shelved; /* a flood for all in it */
	}
	watch_addf(s, line, BOLD, "NEEDS ME %zu", all);
	if (urgent)
		watch_addf(s, line, BOLD, ", %zu of class 1 or 2", urgent);
	if (ui->shelved)
		watch_addf(s, line, PLAIN, " · %zu shelved (R %s)", ui->shelved, ui->see_shelved ? "hides" : "shows");
	if (silent_ms > 0)
		watch_addf(s, line, AMBER, " · SILENT %lld s ", (long long)((silent_ms + 999) / 1000));
}

static int64_t silent_left(const watch_ui *ui)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return ui->silent_until_ms - ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

/* As many as there are, at most `most`; what is below or above is counted. */
static int rows(watch_screen *s, const watch_ui *ui, const char *own, int line, int most)
{
	int lines = ui->count < (size_t)most ? (int)ui->count : most;
	size_t from = ui->at >= (size_t)most ? ui->at - (size_t)most + 1 : 0;
	head(s, ui, line, silent_left(ui));
	if (ui->count > (size_t)most)
		watch_addf(s, line, PLAIN, " · %zu above, %zu below: ↑ ↓", from, ui->count - from - (size_t)most);
	line++;
	if (!ui->count)
		draw_empty(s, line++, ui, own);
	for (int i = 0; i < lines; i++)
		draw_row(s, line++, &ui->rows[from + (size_t)i], from + (size_t)i == ui->at);
	return line;
}

/* ---- detail ------------------------------------------------------------------------------------------------------ */

static void rung(watch_screen *s, int line, const char *name, const json_t *at)
{
	char age[32];
	const json_t *age_s = json_object_get(at, "age_s");
	bool has = json_is_object(at);
	prl_seen_age(json_integer_value(age_s), age);
	watch_addf(s, line, has ? BOLD : GREY, " · %s%s%s", has ? "" : "no ", name,
		   has && json_is_integer(age_s) ? " " : "");
	if (has && json_is_integer(age_s))
		watch_add(s, line, PLAIN, age);
}

/* What was read back and is not what was filed: the place, a level, the start. */
static int differences(watch_screen *s, const json_t *compared, int line, int end)
{
	const json_t *one;
	size_t i;
	json_array_foreach(compared, i, one)
	{
		char text[400];
		if (strcmp(prl_seen_text(one, "differs"), "yes") != 0)
			continue;
		snprintf(text, sizeof text, "    %.20s DIFFERS: %.300s", prl_seen_text(one, "what"),
			 prl_seen_text(one, "text"));
		line = watch_wrap(s, line, end, BOLD, 6, text);
	}
	return line;
}

static int ladder(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const json_t *row, *one;
	size_t i, k;
	json_array_foreach(json_object_get(ui->news.receipts, "ladder"), i, row)
	{
		if (line >= end)
			return line;
		watch_addf(s, line, PLAIN, "  %s: SENT", prl_seen_text(row, "party"));
		rung(s, line, "THEY HAVE IT", json_object_get(row, "they_have_it"));
		rung(s, line, "READ BACK", json_object_get(row, "read_back"));
		rung(s, line, "UNITS TOLD", json_object_get(row, "units_told"));
		line++;
		json_array_foreach(json_object_get(json_object_get(row, "detail"), "read_backs"), k, one)
		{
			char text[500];
			snprintf(text, sizeof text, "  read back: “%.300s”  %.60s",
				 prl_seen_text(json_object_get(one, "read_back"), "words"),
				 prl_seen_text(one, "stands"));
			line = watch_wrap(s, line, end, PLAIN, 4, text);
			line = differences(s, json_object_get(one, "compared"), line, end);
		}
	}
	return line;
}

static int notice_lines(watch_screen *s, const json_t *n, int line, int end)
{
	const json_t *details = json_object_get(n, "details"),
		     *area = json_array_get(json_object_get(details, "areas"), 0), *mark;
	char from[WATCH_WHEN_MAX], to[WATCH_WHEN_MAX], text[700];
	size_t i;
	watch_when(prl_seen_text(n, "from"), from);
	watch_when(prl_seen_text(n, "to"), to);
	watch_addf(s, line, BOLD, "%s %s", prl_seen_text(n, "name"), watch_text_or(n, "kind", "kind not stated"));
	watch_addf(s, line, PLAIN, " %s", prl_seen_text(n, "mode"));
	if (*prl_seen_text(n, "uss"))
		watch_addf(s, line, PLAIN, " · USSs see %s", prl_seen_text(n, "uss"));
	json_array_foreach(json_object_get(n, "marks"), i, mark)
	{
		watch_add(s, line, PLAIN, " ");
		watch_addf(s, line, AMBER, "%s", json_string_value(mark));
	}
	snprintf(text, sizeof text, "from %s to %s · %.300s", from, to,
		 watch_text_or(area, "place",
			       watch_text_or(json_object_get(details, "place"), "name",
					     area ? "place: see areas" : "place not stated")));
	line = watch_wrap(s, line + 1, end, PLAIN, 2, text);
	snprintf(text, sizeof text, "call sign %.100s · frequency %.100s · call back %.100s",
		 watch_text_or(details, "call_sign", "not stated"), watch_text_or(details, "frequency", "not stated"),
		 watch_text_or(details, "call_back", "not stated"));
	line = watch_intents_line(s, n, line, end);
	return watch_wrap(s, line, end, PLAIN, 2, text);
}

static int overlap_lines(watch_screen *s, const json_t *overlap, int line, int end)
{
	const json_t *separation = json_object_get(overlap, "separation"), *one;
	char from[WATCH_WHEN_MAX], to[WATCH_WHEN_MAX], age[32], text[500];
	size_t i;
	watch_when(prl_seen_text(overlap, "from"), from);
	watch_when(prl_seen_text(overlap, "to"), to);
	snprintf(text, sizeof text, "overlap %.30s · from %s to %s · separation in force %.0f m / %.0f m (%.120s)",
		 prl_seen_text(overlap, "state"), from, to,
		 json_number_value(json_object_get(separation, "horizontal_m")),
		 json_number_value(json_object_get(separation, "vertical_m")),
		 watch_text_or(separation, "source", "source not stated"));
	line = watch_wrap(s, line, end, BOLD, 2, text);
	json_array_foreach(json_object_get(overlap, "answers"), i, one)
	{
		prl_seen_age(json_integer_value(json_object_get(one, "age_s")), age);
		if (line < end)
			watch_addf(s, line++, PLAIN, "  %s: %s, %s ago", prl_seen_text(one, "party"),
				   prl_seen_text(one, "answer"), age);
	}
	json_array_foreach(json_object_get(overlap, "unanswered"), i, one)
	{
		prl_seen_age(json_integer_value(json_object_get(one, "age_s")), age);
		if (line < end)
			watch_addf(s, line++, PLAIN, "  %s: no answer for %s", prl_seen_text(one, "party"), age);
	}
	return line;
}

/* What to do, by when, who; for how long it has waited. */
static int alarm_lines(watch_screen *s, const watch_ui *ui, watch_state *state, const watch_row *row, int line, int end)
{
	const json_t *alarm = row->from, *shelf = json_object_get(alarm, "shelved");
	char due[WATCH_WHEN_MAX], left[40], age[32], text[900];
	const char *act = watch_text_or(alarm, "act", "look at it");
	const char *to = prl_seen_text(alarm, "rung_to");
	watch_when(prl_seen_text(alarm, "due"), due);
	countdown(row, left);
	prl_seen_age(age_of(prl_seen_text(alarm, "since"), 0), age);
	line = watch_wrap(s, line, end, BOLD, 2, prl_seen_text(alarm, "text"));
	snprintf(text, sizeof text, "do: %.300s", act);
	line = watch_wrap(s, line, end, PLAIN, 4, text);
	snprintf(text, sizeof text, "by %s (%s) · waits %s · who: our %.60s%s%.60s", due, left, age,
		 watch_text_or(alarm, "owner", "not stated"),
		 *to && strcmp(to, "desk") != 0 ? " · by now also rings: " : "",
		 *to && strcmp(to, "desk") != 0 ? to : "");
	line = watch_wrap(s, line, end, PLAIN, 4, text);
	if (json_is_object(shelf)) {
		watch_when(prl_seen_text(shelf, "until"), due);
		snprintf(text, sizeof text, "shelved until %s by %.60s: %.200s", due, prl_seen_text(shelf, "desk"),
			 prl_seen_text(shelf, "reason"));
		line = watch_wrap(s, line, end, PLAIN, 4, text);
	}
	if (row->peer[0] && strstr(act, "telephone") && line < end)
		line = watch_telephones(s, ui, state, row->peer, line, end);
	return line;
}

/* Each party with what it has made of the call. */
static int made_of_call(watch_screen *s, const json_t *call, int line, int end)
{
	const json_t *one, *log;
	size_t i;
	json_array_foreach(json_object_get(call, "parties"), i, one)
	{
		char age[32];
		const json_t *age_s = json_object_get(one, "age_s");
		prl_seen_age(json_integer_value(age_s), age);
		if (line < end)
			watch_addf(s, line++, PLAIN, "  %s: %s%s%s", prl_seen_text(one, "party"),
				   watch_text_or(one, "state", "not taken"), json_is_integer(age_s) ? ", " : "",
				   json_is_integer(age_s) ? age : "");
	}
	json_array_foreach(json_object_get(call, "not_delivered"), i, log)
	{
		if (line < end)
			watch_addf(s, line++, AMBER, "  NOT DELIVERED to the node of %.60s – PHONE ",
				   json_string_value(log));
	}
	return line;
}

static int call_lines(watch_screen *s, const watch_ui *ui, watch_state *state, const watch_row *row, int line, int end)
{
	const json_t *call = row->from;
	char age[32], text[900];
	prl_seen_age(age_of(watch_text_or(call, "rung", prl_seen_text(call, "time")), 0), age);
	snprintf(text, sizeof text, "%.160s · rings for %s · by %.60s", row->text, age,
		 watch_text_or(call, "role", "role not stated"));
	line = watch_wrap(s, line, end, BOLD, 2, text);
	snprintf(text, sizeof text, "place %.200s · about %.100s · call back %.60s",
		 watch_text_or(call, "place", "not stated"), watch_text_or(call, "notice", "not stated"),
		 watch_text_or(call, "call_back", "not stated"));
	line = watch_wrap(s, line, end, PLAIN, 4, text);
	line = made_of_call(s, call, line, end);
	return line < end ? watch_telephones(s, ui, state, row->own ? NULL : row->peer, line, end) : line;
}

int watch_detail(watch_screen *s, const watch_ui *ui, watch_state *state, const watch_row *row, int line, int end)
{
	if (!row || line >= end)
		return line;
	if (row->call)
		line = call_lines(s, ui, state, row, line, end);
	else if (row->from)
		line = alarm_lines(s, ui, state, row, line, end);
	line = watch_thing_draw(s, ui, row, line, end);
	if (ui->news.overlap && row->overlap[0] && line < end)
		line = overlap_lines(s, ui->news.overlap, line, end);
	if (ui->news.notice && row->notice[0] && line < end) {
		line = notice_lines(s, ui->news.notice, line, end);
		line = ladder(s, ui, line, end);
	}
	return line;
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
		memcpy(s->shown[i], s->next[i], WATCH_BYTES_MAX);
	}
	s->known = true;
	fflush(stdout);
}

/* The list, and under it what is selected or the panel. */
static void list_and_detail(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	bool single = ui->panel == WATCH_ANSWER || ui->panel == WATCH_ACT || ui->panel == WATCH_END ||
		      ui->panel == WATCH_QUIT;
	bool panel = ui->panel != WATCH_NONE && !single;
	int most = panel ? 3 : (end - line - 1) * 2 / 5;
	line = rows(s, ui, watch_state_party(state), line, most < 3 ? 3 : most);
	if (panel) {
		(void)watch_panel_draw(s, ui, state, line, end);
		return;
	}
	if (single)
		(void)watch_panel_draw(s, ui, state, line, end);
	else if (ui->count)
		watch_add(s, line, GREY, "── selected");
	(void)watch_detail(s, ui, state, watch_selected(ui), line + 1, end);
}

/* The list of all that stands, and under it what is selected or the panel. */
static void all_things(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	const watch_things *t = &ui->things;
	bool form = ui->panel != WATCH_NONE && ui->panel != WATCH_ACT;
	int most = form ? 3 : (end - line - 3) / 2, lines = t->count < (size_t)most ? (int)t->count : most;
	size_t from = t->at >= (size_t)most ? t->at - (size_t)most + 1 : 0;
	head(s, ui, line++, silent_left(ui));
	watch_addf(s, line, BOLD, "ALL THAT STANDS %zu", t->count);
	watch_addf(s, line++, PLAIN, "%s · A acts · D asks · I reports a hit · Y back", t->cut ? ", NOT ALL" : "");
	if (!t->count)
		watch_add(s, line++, PLAIN,
			  ui->news.things ? "  No movement, bundle, query, meeting, hit or statement."
					  : "  asking the node …");
	for (int i = 0; i < lines; i++)
		draw_row(s, line++, &t->rows[from + (size_t)i], from + (size_t)i == t->at);
	if (form && watch_panel_draw(s, ui, state, line, end))
		return;
	if (ui->panel != WATCH_NONE)
		(void)watch_panel_draw(s, ui, state, line, end);
	else
		watch_add(s, line, GREY, "── selected");
	(void)watch_detail(s, ui, state, watch_selected(ui), line + 1, end);
}

static void over_time(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	bool panel = ui->panel != WATCH_NONE;
	int split = end - (end - line > 24 ? 9 : 5);
	head(s, ui, line++, silent_left(ui));
	watch_time_draw(s, ui, line, panel ? line + 6 : split);
	if (!panel)
		(void)watch_detail(s, ui, state, watch_selected(ui), split, end);
	else if (!watch_panel_draw(s, ui, state, line + 6, end))
		(void)watch_detail(s, ui, state, watch_selected(ui), line + 7, end);
}

/* Drone flights, and under them what is selected or the panel. */
static void flights(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	int split = ui->panel == WATCH_NONE ? line + (end - line) * 3 / 5 : line + 4;
	head(s, ui, line++, silent_left(ui));
	watch_intents_draw(s, ui, line, split);
	if (ui->panel == WATCH_NONE || !watch_panel_draw(s, ui, state, split, end))
		(void)watch_detail(s, ui, state, watch_selected(ui), split + 1, end);
}

static void middle(watch_screen *s, watch_ui *ui, watch_state *state, int line, int end)
{
	if (watch_is_over(ui->panel))
		watch_over_draw(s, ui, state, line, end);
	else if (ui->panel == WATCH_HELP)
		(void)watch_panel_draw(s, ui, state, line, end);
	else if (ui->time.open && !(ui->panel >= WATCH_STOP && ui->panel <= WATCH_STOP_PLACE))
		over_time(s, ui, state, line, end);
	else if (ui->things.open && !(ui->panel >= WATCH_STOP && ui->panel <= WATCH_STOP_PLACE))
		all_things(s, ui, state, line, end);
	else if (ui->flights_open && !(ui->panel >= WATCH_STOP && ui->panel <= WATCH_STOP_PLACE))
		flights(s, ui, state, line, end);
	else
		list_and_detail(s, ui, state, line, end);
}

/* Lines of the bottom: what came of acts, and keys. A small screen keeps its lines for what needs somebody. */
static int bottom_lines(const watch_screen *s)
{
	return s->rows < 30 ? 3 : 6;
}

static void bottom(watch_screen *s, watch_state *state, int line)
{
	char log[WATCH_LOG_LINES][WATCH_LINE_MAX];
	size_t lines = watch_state_log(state, log), most = (size_t)bottom_lines(s) - 1;
	if (s->rows >= 30) {
		watch_add(s, line++, GREY, "── last acts");
		most--;
	}
	for (size_t i = 0; i < lines && i < most; i++)
		watch_add(s, line + (int)i, PLAIN, log[i]);
	watch_add(s, line + (int)most, GREY,
		  s->columns < 100 ? "F8 STOP F2 take U understood B read back O overlap A act Y all H heard V time ?"
				   : "F8 STOP F2 take U understood B read back P told O overlap A act Y all H heard "
				     "V time L shelve  G hand over ? help");
}

void watch_screen_draw(watch_screen *s, watch_ui *ui, watch_state *state, int row_count, int columns)
{
	int height = row_count > WATCH_LINES_MAX ? WATCH_LINES_MAX : row_count,
	    width = columns > WATCH_COLUMNS_MAX ? WATCH_COLUMNS_MAX : columns;
	if (height != s->rows || width != s->columns)
		s->known = false;
	s->rows = height;
	s->columns = width;
	for (int i = 0; i < height; i++)
		s->next[i][0] = 0;
	memset(s->width, 0, sizeof s->width);
	bool exercise = watch_state_mode(state) != PRL_MODE_REAL;
	int line = ringing(s, ui, state, top(s, ui, state)), end = height - exercise - bottom_lines(s);
	if (end > line + 1)
		middle(s, ui, state, line, end);
	if (end > line)
		bottom(s, state, end);
	if (exercise)
		band(s, height - 1, watch_state_mode(state));
	emit(s);
}
