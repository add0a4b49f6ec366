/* What opens over the screen: STOP with telephones and phrases, help, texts that are typed. */
#include "cli/watch_act.h"

#include "cli/seen.h"

#include <string.h>

/* ---- telephones -------------------------------------------------------------------------------------------------- */

static void append(char *to, size_t room, const char *what, const char *who)
{
	size_t used = strlen(to);
	snprintf(to + used, room - used, "%s%.60s%s%.60s%s", used ? " · " : "", what, *who ? " (" : "", who,
		 *who ? ")" : "");
}

/* The constitution's, then what its rungs have declared since. */
static void numbers_of(const watch_ui *ui, const char *party, char *ret, size_t room)
{
	const json_t *one, *item;
	size_t i, k;
	ret[0] = 0;
	json_array_foreach(ui->news.persons, i, item)
	{
		if (strcmp(prl_seen_text(item, "party"), party) != 0)
			continue;
		json_array_foreach(json_object_get(item, "telephones"), k, one)
			append(ret, room, prl_seen_text(one, "number"), prl_seen_text(one, "who"));
	}
	json_array_foreach(ui->news.channels, i, item)
	{
		if (strcmp(prl_seen_text(item, "party"), party) != 0)
			continue;
		json_array_foreach(json_object_get(item, "rungs"), k, one)
		{
			const char *number = prl_seen_text(json_object_get(one, "declared"), "call_back");
			if (*number && !strstr(ret, number))
				append(ret, room, number, prl_seen_text(one, "rung"));
		}
	}
}

/* The call-back of the selected notice, or of the selected call, where it is that party's. */
static void add_call_back(const watch_ui *ui, const char *party, char *ret, size_t room)
{
	const watch_row *row = watch_selected(ui);
	const json_t *details = json_object_get(ui->news.notice, "details");
	const char *number = prl_seen_text(details, "call_back");
	if (*number && strcmp(prl_seen_text(ui->news.notice, "party"), party) == 0 && !strstr(ret, number))
		append(ret, room, number, prl_seen_text(ui->news.notice, "name"));
	number = row && row->call ? prl_seen_text(row->from, "call_back") : "";
	if (*number && strcmp(number, "not stated") != 0 && strcmp(row->peer, party) == 0 && !strstr(ret, number))
		append(ret, room, number, prl_seen_text(row->from, "name"));
}

static int telephones_of(watch_screen *s, const watch_ui *ui, const char *party, int line, int end)
{
	char numbers[500], text[600];
	numbers_of(ui, party, numbers, sizeof numbers);
	add_call_back(ui, party, numbers, sizeof numbers);
	snprintf(text, sizeof text, "☎ %.60s: %s", party, numbers[0] ? numbers : "no telephone stated in the terms");
	return watch_wrap(s, line, end, BOLD, 2, text);
}

int watch_telephones(watch_screen *s, const watch_ui *ui, watch_state *state, const char *party, int line, int end)
{
	const json_t *item;
	size_t i;
	if (party && *party)
		return telephones_of(s, ui, party, line, end);
	json_array_foreach(ui->news.persons, i, item)
	{
		const char *other = prl_seen_text(item, "party");
		if (line < end && strcmp(other, watch_state_party(state)) != 0)
			line = telephones_of(s, ui, other, line, end);
	}
	return line;
}

/* ---- STOP -------------------------------------------------------------------------------------------------------- */

enum { EN, FR, RU, AR, LANGUAGES };
static const char *const codes[LANGUAGES] = { "en", "fr", "ru", "ar" };

/* docs/words.json, "call phrase"; nobody has reviewed those that are not English. */
static const char *const phrases[3][LANGUAGES] = {
	{ "Cease or hold now: your act endangers lives.",
	  "Cessez ou suspendez tout de suite : votre action met des vies en danger.",
	  "Прекратите или задержите: ваши действия угрожают жизни людей.",
	  "أوقفوا أو علّقوا الآن: عملكم يعرّض حياة الناس للخطر." },
	{ "A person to the line, now.", "Quelqu'un sur la ligne, tout de suite.", "Человека на линию, немедленно.",
	  "نريد شخصًا على الخط الآن." },
	{ "Our people need help.", "Nos gens ont besoin d'aide.", "Нашим людям нужна помощь.",
	  "أفرادنا بحاجة إلى المساعدة." },
};

/* Whether the watch of that party (NULL: of any other) has said that it has the language; any: it said nothing. */
static bool has_language(const watch_ui *ui, const char *own, const char *party, const char *code, bool *ret_any)
{
	const json_t *one, *language;
	size_t i, k;
	json_array_foreach(ui->news.shifts, i, one)
	{
		const char *of = prl_seen_text(one, "party");
		if (party ? strcmp(of, party) != 0 : strcmp(of, own) == 0)
			continue;
		json_array_foreach(json_object_get(one, "languages"), k, language)
		{
			*ret_any = true;
			if (strncmp(json_string_value(language), code, 2) == 0)
				return true;
		}
	}
	return false;
}

/* What to say on the telephone: in English, and in what the other side's watch has; where that is not known, in all. */
static int say_phrases(watch_screen *s, const watch_ui *ui, watch_state *state, int line, int end)
{
	const char *party = ui->to[0] ? ui->to : NULL, *own = watch_state_party(state);
	bool known = false;
	for (int l = FR; l < LANGUAGES; l++)
		(void)has_language(ui, own, party, codes[l], &known);
	for (int l = EN; l < LANGUAGES && line < end; l++) {
		bool any = false;
		if (l != EN && known && !has_language(ui, own, party, codes[l], &any))
			continue;
		char text[400];
		snprintf(text, sizeof text, "say%s%s%s “%s”", l == EN ? ":" : " in ", l == EN ? "" : codes[l],
			 l == EN ? "" : " (not reviewed):", phrases[ui->stop_class][l]);
		line = watch_wrap(s, line, end, l == EN ? BOLD : PLAIN, 2, text);
	}
	return line;
}

static void stop_panel(watch_screen *s, const watch_ui *ui, watch_state *state, int line, int end)
{
	bool typing = ui->panel == WATCH_STOP_PLACE;
	watch_addf(s, line, RED, " ⯃ %s   to %s", watch_stop_classes[ui->stop_class],
		   ui->to[0] ? ui->to : "all parties");
	watch_addf(s, line, RED, "   about %s ", ui->about[0] ? ui->about : "not stated");
	watch_fill(s, line++, s->columns, RED);
	if (ui->panel == WATCH_STOP_MODE)
		watch_add(s, line++, RED,
			  "  This desk is not in REAL. R: this is REAL    E: exercise only    Esc: back ");
	else
		watch_add(s, line++, REVERSE, "  Enter SENDS · Tab STOP/URGENT/DISTRESS · A all parties · Esc back ");
	line = watch_telephones(s, ui, state, ui->to, line, end > line + 2 ? line + 2 : end);
	watch_addf(s, line++, PLAIN, "  1 %s  2 %s", watch_stop_reasons[1], watch_stop_reasons[2]);
	watch_addf(s, line++, PLAIN, "  3 %s  4 %s", watch_stop_reasons[3], watch_stop_reasons[4]);
	watch_addf(s, line++, BOLD, "  reason: %s", watch_stop_reasons[ui->stop_reason]);
	watch_addf(s, line++, typing ? REVERSE : BOLD, "  place (P): %s%s",
		   ui->place[0] || typing ? ui->place : "not stated", typing ? "_   Enter: back to STOP" : "");
	(void)say_phrases(s, ui, state, line, end);
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static void help_panel(watch_screen *s, int line, int end)
{
	static const char *const texts[] = {
		"F8    STOP, URGENT, DISTRESS: opens; Enter sends      F2   take what rings",
		"1 2 3 passed on · not ours · cannot reach units       4 5  ceased · continuing",
		"W     withdraw our own call                           Z    silent for 30 s",
		"↑ ↓   select, as k and j                              N    to the first row",
		"U     understood       B  read back in own words      P    units told",
		"X     cannot reach units                              O    overlap: 1 to 4",
		"A     act on the row: query, bundle, movement, meeting, own notice …: a digit",
		"Y     all of these     D  ask, state: 1 to 4           I    report a hit",
		"M     as meant         C  CORRECTION: to who has read our notice back",
		"H     heard by voice: becomes a relayed notice, checked at once",
		"Enter lists what is in a FLOOD, or hides it again      F    drone flights",
		"V     view over time: ← → move, + − zoom, Tab lanes, N now, V or Esc back",
		"L     shelve a row of class 3 or 4, or take it back   R    show what is shelved",
		"S     shift begins     G  hand it over, two sign      E    it ends",
		"T     somebody is here; answers a test message         Q    leave the screen",
		"Beeps: STOP without pause, DISTRESS 2 (never silent) · URGENT 3 · ACTION 1",
		"⯃ class 1 STOP DISTRESS · ▲ 2 URGENT · △ 3 ACTION · · 4 NOTE   any key: back",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts && line + (int)i < end; i++)
		watch_add(s, line + (int)i, i ? PLAIN : BOLD, texts[i]);
}

static void typing_panel(watch_screen *s, const watch_ui *ui, int line, int end)
{
	char text[WATCH_TEXT_MAX + 8];
	const char *what = ui->panel == WATCH_HEARD    ? "HEARD, as it is said. It becomes a relayed notice"
			   : ui->panel == WATCH_SHIFT  ? "SHIFT begins: languages that you speak, as en,ru"
			   : ui->panel == WATCH_SHELVE ? "SHELVE until when, and why: +2h they repair it"
						       : "CORRECTION: what is meant";
	bool about = ui->panel != WATCH_HEARD && ui->panel != WATCH_SHIFT;
	watch_addf(s, line++, REVERSE, " %s ", what);
	if (about)
		watch_addf(s, line++, PLAIN, "%s", ui->about_text);
	snprintf(text, sizeof text, "> %s_", ui->text);
	line = watch_wrap(s, line, end - 1, BOLD, 2, text);
	watch_add(s, line, PLAIN, "Enter files it · Esc back");
}

bool watch_panel_draw(watch_screen *s, const watch_ui *ui, watch_state *state, int line, int end)
{
	switch (ui->panel) {
	case WATCH_STOP:
	case WATCH_STOP_PLACE:
	case WATCH_STOP_MODE:
		stop_panel(s, ui, state, line, end);
		return true;
	case WATCH_HELP:
		help_panel(s, line, end);
		return true;
	case WATCH_CORRECTION:
	case WATCH_HEARD:
	case WATCH_SHIFT:
	case WATCH_SHELVE:
		typing_panel(s, ui, line, end);
		return true;
	case WATCH_FORM:
		watch_form_draw(s, ui, line, end);
		return true;
	case WATCH_ACT:
		watch_act_draw(s, ui, state, line);
		return false;
	case WATCH_ANSWER:
		watch_add(s, line, REVERSE,
			  " ANSWER  1 understood  2 passed on  3 cannot accommodate  4 changed plan   Esc back ");
		return false;
	case WATCH_END:
		watch_add(s, line, REVERSE, " END our shift, with nobody to follow?  Y ends it, any other key: back ");
		return false;
	case WATCH_QUIT:
		watch_add(s, line, REVERSE,
			  " Leave the screen? Nobody rings here then.  Y leaves, any other key stays ");
		return false;
	default:
		return false;
	}
}
