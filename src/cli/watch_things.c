/* What stands beside notices, as a list and in detail: movements, bundles, queries, meetings, hits. */
#include "cli/watch_act.h"

#include "cli/seen.h"
#include "cli/words.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEPT_S 86400 /* what is over stays in the list for a day */

/* The member that is the id, by part. */
static const char *const id_names[WATCH_PARTS] = { "notice", "bundle", "id", "id", "event", "id" };
static const char *const part_words[WATCH_PARTS] = { "MOVES", "BUNDLE", "QUERY", "MEETING", "HIT", "SAID" };

static unsigned place_of(unsigned part)
{
	unsigned i = 0;
	while (i < WATCH_PARTS && part >> i != 1)
		i++;
	return i;
}

static const char *words_in(const json_t *item, const char *name)
{
	return prl_seen_text(json_object_get(item, name), "words");
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

const json_t *watch_thing(const watch_ui *ui, const watch_row *row)
{
	const json_t *one;
	size_t i;
	unsigned place = row ? place_of(row->part) : WATCH_PARTS;
	if (place == WATCH_PARTS) {
		/* a notice that moves and is selected: its movement */
		bool is = row && row->notice[0] && !row->part &&
			  (strcmp(prl_seen_text(ui->news.movement, "name"), row->notice) == 0 ||
			   strcmp(prl_seen_text(ui->news.movement, "notice"), row->notice) == 0);
		return is ? ui->news.movement : NULL;
	}
	json_array_foreach(json_object_get(ui->news.things, watch_part_names[place]), i, one)
	{
		if (strcmp(prl_seen_text(one, id_names[place]), row->thing) == 0)
			return one;
	}
	/* the list has those that were reported and those whose kind all may know */
	return strcmp(prl_seen_text(ui->news.movement, id_names[place]), row->thing) == 0 ? ui->news.movement : NULL;
}

void watch_thing_of_alarm(const json_t *alarm, watch_row *row)
{
	static const struct {
		const char *member;
		unsigned part;
	} known[] = { { "query", WATCH_QUERIES },
		      { "bundle", WATCH_BUNDLES },
		      { "meeting", WATCH_MEETINGS },
		      { "hit", WATCH_HITS },
		      { "statement", WATCH_STATEMENTS } };
	static const char *const moves[] = { "convoy-silent", "position-differs", "place-to-update" };
	const json_t *about = json_object_get(alarm, "about");
	const char *name = prl_seen_text(alarm, "alarm"), *id = "";
	for (size_t i = 0; i < sizeof known / sizeof *known && !row->part; i++)
		if (*(id = prl_seen_text(about, known[i].member)))
			row->part = known[i].part;
	for (size_t i = 0; i < sizeof moves / sizeof *moves && !row->part; i++)
		if (strcmp(moves[i], name) == 0 && *(id = prl_seen_text(about, "notice")))
			row->part = WATCH_MOVEMENTS;
	if (!row->part && strcmp(name, "test-missed") == 0 && *(id = prl_seen_text(about, "peer")))
		row->part = WATCH_TESTS;
	if (!row->part && strcmp(name, "overlap-to-tell") == 0 && *(id = prl_seen_text(about, "other")))
		row->part = WATCH_TELL;
	if (row->part)
		snprintf(row->thing, sizeof row->thing, "%s", id);
}

const json_t *watch_bundle_next(const json_t *bundle, const char *party, size_t *ret_left)
{
	const json_t *one, *name, *first = NULL;
	size_t i, k;
	*ret_left = 0;
	json_array_foreach(json_object_get(bundle, "movements"), i, one)
	{
		bool unread = false;
		json_array_foreach(json_object_get(one, "not_read_by"), k, name) unread =
			unread || strcmp(json_string_value(name), party) == 0;
		if (!unread || strcmp(prl_seen_text(one, "party"), party) == 0)
			continue;
		first = first ? first : one;
		++*ret_left;
	}
	return first;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static void text_of(unsigned place, const json_t *item, char text[300])
{
	char when[WATCH_WHEN_MAX];
	const json_t *account = json_array_get(json_object_get(item, "accounts"), 0);
	watch_when(prl_seen_text(item, "next_check_in"), when);
	switch (1u << place) {
	case WATCH_MOVEMENTS:
		snprintf(text, 300, "%.40s %s · %.100s · next check-in %s%s%s", prl_seen_text(item, "name"),
			 prl_seen_text(item, "state"), prl_seen_text(item, "title"), when,
			 json_is_object(json_object_get(item, "late")) ? " · LATE" : "",
			 strcmp(prl_seen_text(json_object_get(item, "route"), "answer"), "OFF ROUTE") ? ""
												      : " · OFF ROUTE");
		return;
	case WATCH_BUNDLES:
		snprintf(text, 300, "%.150s: %zu movements, %lld sites", prl_seen_text(item, "why"),
			 json_array_size(json_object_get(item, "movements")),
			 (long long)json_integer_value(json_object_get(item, "site_count")));
		return;
	case WATCH_HITS:
		snprintf(text, 300, "%.290s", prl_seen_text(account, "words"));
		return;
	case WATCH_STATEMENTS:
		snprintf(text, 300, "%.30s: %.260s", prl_seen_text(item, "kind"), words_in(item, "text"));
		return;
	default:
		snprintf(text, 300, "%.30s: %.260s", prl_seen_text(item, "state"), words_in(item, "text"));
	}
}

static prl_mode mode_of(const json_t *item)
{
	const char *mode = prl_seen_text(item, "mode");
	return strcmp(mode, "TEST") == 0       ? PRL_MODE_TEST
	       : strcmp(mode, "EXERCISE") == 0 ? PRL_MODE_EXERCISE
					       : PRL_MODE_REAL;
}

static void row_of(unsigned place, const json_t *item, watch_row *row)
{
	char text[300], shown[CLI_WORDS_MAX];
	const json_t *account = json_array_get(json_object_get(item, "accounts"), 0);
	const json_t *from = account ? account : item;
	*row = (watch_row){ .alarm_class = 4, .count = 1, .word = part_words[place], .part = 1u << place };
	row->mode = mode_of(from);
	text_of(place, item, text);
	prl_cli_words(text, shown);
	snprintf(row->text, sizeof row->text, "%.*s", (int)prl_utf8_cut(prl_bytes_of(shown), sizeof row->text - 1),
		 shown);
	snprintf(row->peer, sizeof row->peer, "%s", prl_seen_text(from, "party"));
	snprintf(row->thing, sizeof row->thing, "%s", prl_seen_text(item, id_names[place]));
	snprintf(row->id, sizeof row->id, "%s:%s", watch_part_names[place], row->thing);
	if (row->part == WATCH_STATEMENTS)
		row->next[0] = 0;
	if (row->part == WATCH_MOVEMENTS)
		snprintf(row->notice, sizeof row->notice, "%s", prl_seen_text(item, "name"));
	snprintf(row->next, sizeof row->next, "A");
}

static bool is_recent(const json_t *item)
{
	static const char *const names[] = { "time", "raised", "at" };
	struct timespec now;
	prl_time t;
	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *text = prl_seen_text(item, names[i]);
		if (*text && prl_time_parse(text, strlen(text), &t, NULL) == PRL_OK)
			return now.tv_sec - t / PRL_SECOND <= KEPT_S;
	}
	return true;
}

/* Whether somebody may still have to do something about it; what is over is shown for a day. */
static bool stands(unsigned place, const json_t *item)
{
	const char *state = prl_seen_text(item, "state");
	const json_t *one;
	size_t i;
	if (is_recent(place == 4 ? json_array_get(json_object_get(item, "accounts"), 0) : item))
		return true;
	if (1u << place == WATCH_QUERIES)
		return strcmp(state, "no answer") == 0;
	json_array_foreach(json_object_get(item, "actions"), i, one)
	{
		if (strcmp(prl_seen_text(one, "state"), "done") != 0)
			return true;
	}
	return 1u << place == WATCH_MOVEMENTS ||
	       (1u << place == WATCH_MEETINGS && (strncmp(state, "asked", 5) == 0 || strncmp(state, "agreed", 6) == 0 ||
						  strncmp(state, "fixed", 5) == 0));
}

/* Parts in their order; of each the newest last one first, as the node gives them oldest first. */
void watch_things_make(watch_things *things, const watch_news *news)
{
	things->count = things->cut = 0;
	for (unsigned place = 0; place < WATCH_PARTS; place++) {
		const json_t *items = json_object_get(news->things, watch_part_names[place]);
		for (size_t i = json_array_size(items); i-- > 0;) {
			const json_t *item = json_array_get(items, i);
			if (!stands(place, item))
				continue;
			if (things->count == WATCH_ROWS_MAX)
				things->cut++;
			else
				row_of(place, item, &things->rows[things->count++]);
		}
	}
	things->at = things->at < things->count ? things->at : things->count ? things->count - 1 : 0;
	for (size_t i = 0; i < things->count; i++)
		if (strcmp(things->rows[i].id, things->selected) == 0)
			things->at = i;
	snprintf(things->selected, sizeof things->selected, "%s", things->count ? things->rows[things->at].id : "");
}

bool watch_things_key(watch_things *things, int key)
{
	if (key == KEY_ESCAPE) {
		things->open = false;
		return true;
	}
	if (key == KEY_UP || key == 'k')
		things->at -= things->at > 0;
	else if (key == KEY_DOWN || key == 'j')
		things->at += things->at + 1 < things->count;
	else if (key == 'n' || key == 'N')
		things->at = 0;
	else
		return false;
	snprintf(things->selected, sizeof things->selected, "%s", things->count ? things->rows[things->at].id : "");
	return true;
}

/* ---- detail ------------------------------------------------------------------------------------------------------ */

static int say(watch_screen *s, int line, int end, watch_style style, const char *format, ...) PRL_PRINTF(5, 6);
static int say(watch_screen *s, int line, int end, watch_style style, const char *format, ...)
{
	char text[1000];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return watch_wrap(s, line, end, style, 2, text);
}

static const char *when(const json_t *object, const char *name, char ret[WATCH_WHEN_MAX])
{
	watch_when(prl_seen_text(object, name), ret);
	return ret;
}

static int movement_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX], next[WATCH_WHEN_MAX];
	const json_t *reported = json_object_get(item, "reported"), *placed = json_object_get(item, "placed");
	bool said = json_is_object(reported);
	line = say(s, line, end, BOLD, "%.40s %.20s: %.20s%s%s · next check-in %s", prl_seen_text(item, "name"),
		   prl_seen_text(item, "kind"), prl_seen_text(item, "state"),
		   said ? ", said for " : ", nothing reported", said ? when(reported, "at", at) : "",
		   when(item, "next_check_in", next));
	if (json_is_object(placed))
		line = say(s, line, end, PLAIN, "place %.200s at %s · %.20s",
			   prl_seen_text(json_object_get(placed, "place"), "position"), when(placed, "at", at),
			   watch_text_or(json_object_get(item, "route"), "answer", "cannot tell"));
	if (*prl_seen_text(item, "text"))
		line = say(s, line, end, BOLD, "%.400s", prl_seen_text(item, "text"));
	if (*prl_seen_text(item, "not_read_text"))
		line = say(s, line, end, PLAIN, "%.600s", prl_seen_text(item, "not_read_text"));
	return say(s, line, end, PLAIN, "contact %.100s · positions shared: %.10s",
		   watch_text_or(item, "contact", "not stated"), watch_text_or(item, "positions", "exact"));
}

static int bundle_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX], names[400] = "";
	const json_t *one, *name;
	size_t i, k;
	line = say(s, line, end, BOLD, "%.200s, raised %s. %.200s", prl_seen_text(item, "why"),
		   when(item, "raised", at), prl_seen_text(item, "text"));
	json_array_foreach(json_object_get(item, "movements"), i, one)
	{
		names[0] = 0;
		json_array_foreach(json_object_get(one, "not_read_by"), k, name) snprintf(
			names + strlen(names), sizeof names - strlen(names), " %.30s", json_string_value(name));
		line = say(s, line, end, PLAIN, "%.40s %.20s%s%.300s", prl_seen_text(one, "name"),
			   prl_seen_text(one, "state"), *names ? " · not read back by:" : " · read back by all", names);
	}
	return line;
}

static int query_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX], age[32];
	const json_t *one;
	size_t i;
	line = say(s, line, end, BOLD, "%.30s asks: %.600s", prl_seen_text(item, "party"), words_in(item, "text"));
	line = say(s, line, end, PLAIN, "due %s%s · place %.100s · seen by %.100s", when(item, "due", at),
		   json_is_true(json_object_get(item, "overdue")) ? ", OVERDUE" : "",
		   watch_text_or(json_object_get(item, "place"), "name", "not stated"),
		   watch_text_or(item, "seen_by", "not stated"));
	json_array_foreach(json_object_get(item, "answers"), i, one)
	{
		prl_seen_age(json_integer_value(json_object_get(one, "age_s")), age);
		line = say(s, line, end, PLAIN, "%.30s: %.20s, %s %.500s", prl_seen_text(one, "party"),
			   prl_seen_text(one, "state"), age, words_in(json_object_get(one, "saying"), "text"));
	}
	return line;
}

static int meeting_sides(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX];
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(item, "sides"), i, one)
	{
		const json_t *fixed = json_object_get(one, "fixed");
		bool is = json_is_object(fixed);
		line = say(s, line, end, PLAIN, "%.30s: %.30s%s%s%s%.100s%s%.20s", prl_seen_text(one, "party"),
			   prl_seen_text(one, "says"), is ? " · fixed " : "", is ? when(fixed, "at", at) : "",
			   is ? ", place " : "",
			   is ? watch_text_or(json_object_get(fixed, "place"), "name", "not stated") : "",
			   json_is_object(json_object_get(one, "held")) ? " · " : "",
			   prl_seen_text(json_object_get(one, "held"), "says"));
	}
	return line;
}

static int meeting_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX];
	const json_t *one;
	size_t i;
	line = say(s, line, end, BOLD, "%.20s asked by %.30s: %.30s · level %.30s · %.300s",
		   prl_seen_text(item, "kind"), prl_seen_text(item, "party"), prl_seen_text(item, "state"),
		   watch_text_or(item, "level", "not stated"), words_in(item, "text"));
	line = meeting_sides(s, item, line, end);
	json_array_foreach(json_object_get(item, "minutes"), i, one) line =
		say(s, line, end, PLAIN, "minutes of %.30s, %s: %.500s", prl_seen_text(one, "party"),
		    json_is_true(json_object_get(one, "agreed")) ? "agreed" : "its own", words_in(one, "text"));
	json_array_foreach(json_object_get(item, "actions"), i, one) line =
		say(s, line, end, PLAIN, "action for %.30s by %s, %.10s: %.300s", prl_seen_text(one, "by"),
		    when(one, "due", at), prl_seen_text(one, "state"), words_in(one, "text"));
	return line;
}

static int hit_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX], age[32];
	const json_t *one, *notice = json_object_get(item, "notice");
	size_t i;
	json_array_foreach(json_object_get(item, "accounts"), i, one) line =
		say(s, line, end, i ? PLAIN : BOLD, "%s, %.30s: %.600s", when(one, "at", at),
		    prl_seen_text(one, "party"), prl_seen_text(one, "words"));
	if (!json_is_object(notice))
		return say(s, line, end, PLAIN, "of no notice, or it is not known of which");
	prl_seen_age(json_integer_value(json_object_get(notice, "age_s")), age);
	line = say(s, line, end, PLAIN, "notice %.40s (%.20s) was %s%s", prl_seen_text(notice, "name"),
		   prl_seen_text(notice, "kind"),
		   json_is_true(json_object_get(notice, "filed_before")) ? age : "filed after it",
		   json_is_true(json_object_get(notice, "filed_before")) ? " old" : "");
	json_array_foreach(json_object_get(notice, "read_by"), i, one)
	{
		prl_seen_age(json_integer_value(json_object_get(one, "read_for_s")), age);
		line = say(s, line, end, PLAIN, "%.30s had read %.20s, first %s before", prl_seen_text(one, "party"),
			   prl_seen_text(one, "of"), age);
	}
	json_array_foreach(json_object_get(notice, "not_read_by"), i, one) line =
		say(s, line, end, PLAIN, "%.30s had not read it", json_string_value(one));
	return line;
}

static int statement_lines(watch_screen *s, const json_t *item, int line, int end)
{
	char at[WATCH_WHEN_MAX];
	const json_t *one;
	size_t i;
	line = say(s, line, end, BOLD, "%.20s of %.30s: %.800s", prl_seen_text(item, "kind"),
		   prl_seen_text(item, "party"), words_in(item, "text"));
	line = say(s, line, end, PLAIN, "by %.100s · level %.30s · takes effect %s · place %.100s",
		   watch_text_or(item, "by", "not stated"), watch_text_or(item, "level", "not stated"),
		   when(item, "takes_effect", at), watch_text_or(json_object_get(item, "place"), "name", "not stated"));
	json_array_foreach(json_object_get(item, "said"), i, one) line =
		say(s, line, end, PLAIN, "%.30s: %.20s %.400s", prl_seen_text(one, "party"), prl_seen_text(one, "says"),
		    words_in(one, "text"));
	return line;
}

/* What a party has declared of the rungs of its channel, where that is not open. */
static int channel_lines(watch_screen *s, const watch_ui *ui, const char *party, int line, int end)
{
	char from[WATCH_WHEN_MAX];
	const json_t *channel, *rung;
	size_t i, k;
	json_array_foreach(ui->news.channels, i, channel)
	{
		if (strcmp(prl_seen_text(channel, "party"), party) != 0)
			continue;
		json_array_foreach(json_object_get(channel, "rungs"), k, rung)
		{
			const json_t *declared = json_object_get(rung, "declared");
			const char *state = prl_seen_text(declared, "state");
			if (strcmp(state, "open") != 0 && strcmp(state, "not declared") != 0)
				line = say(s, line, end, PLAIN, "%.30s: %.20s from %s, by %.40s · %.300s",
					   prl_seen_text(rung, "rung"), state, when(declared, "from", from),
					   prl_seen_text(declared, "key"),
					   watch_text_or(declared, "reason", "reason not stated"));
		}
	}
	return line;
}

int watch_thing_draw(watch_screen *s, const watch_ui *ui, const watch_row *row, int line, int end)
{
	if (row->from && strcmp(prl_seen_text(row->from, "alarm"), "channel-declared") == 0)
		return channel_lines(s, ui, row->peer, line, end);
	const json_t *item = watch_thing(ui, row);
	if (!item || line >= end)
		return line;
	switch (row->part) {
	case 0:
	case WATCH_MOVEMENTS:
		return movement_lines(s, item, line, end);
	case WATCH_BUNDLES:
		return bundle_lines(s, item, line, end);
	case WATCH_QUERIES:
		return query_lines(s, item, line, end);
	case WATCH_MEETINGS:
		return meeting_lines(s, item, line, end);
	case WATCH_STATEMENTS:
		return statement_lines(s, item, line, end);
	default:
		return hit_lines(s, item, line, end);
	}
}
