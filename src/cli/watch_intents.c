/* Drone flights on the live screen: those that come near the selected own notice, else all of the next 24 h. */
#include "cli/watch_draw.h"

#include "cli/seen.h"

#include <string.h>

const char *watch_intents_wanted(const watch_ui *ui, const char *party)
{
	const watch_row *row = watch_selected(ui);
	const char *name = prl_seen_text(ui->news.notice, "name");
	if (!ui->flights_open)
		return NULL;
	bool own = row && row->notice[0] && strcmp(prl_seen_text(ui->news.notice, "party"), party) == 0 &&
		   (strcmp(row->notice, name) == 0 || strcmp(row->notice, prl_seen_text(ui->news.notice, "id")) == 0);
	return own ? name : "";
}

bool watch_intents_path(const char *notice, char *ret, size_t room)
{
	char escaped[500];
	if (!prl_seen_escape(notice, escaped, sizeof escaped))
		return false;
	int length = snprintf(ret, room, "/parley/v1/intents?count=200%s%s", *notice ? "&notice=" : "", escaped);
	return length > 0 && (size_t)length < room;
}

static void sum_of(const json_t *answer, char *ret, size_t room)
{
	char first[WATCH_WHEN_MAX];
	long long count = json_integer_value(json_object_get(answer, "count"));
	watch_when(prl_seen_text(answer, "first"), first);
	snprintf(ret, room, "%lld%s%s%s", count, json_is_true(json_object_get(answer, "counting")) ? " and more" : "",
		 count ? ", first at " : "", count ? first : "");
}

int watch_intents_line(watch_screen *s, const json_t *notice, int line, int end)
{
	const json_t *flights = json_object_get(notice, "flights");
	char sum[80];
	if (!flights || line >= end)
		return line;
	sum_of(flights, sum, sizeof sum);
	watch_addf(s, line, BOLD, "  drone flights filed in its area: %s (F lists them)", sum);
	return line + 1;
}

/* Envelope, as F3548 discloses it; the middle of its bounds for the place. */
static void draw_one(watch_screen *s, const json_t *one, int line)
{
	char from[WATCH_WHEN_MAX], to[WATCH_WHEN_MAX], height[60];
	const json_t *b = json_object_get(one, "bounds"), *lower = json_object_get(one, "lower_m"),
		     *upper = json_object_get(one, "upper_m");
	watch_when(prl_seen_text(one, "from"), from);
	watch_when(prl_seen_text(one, "to"), to);
	if (json_is_number(lower) && json_is_number(upper))
		snprintf(height, sizeof height, "%.0f-%.0f m W84", json_number_value(lower), json_number_value(upper));
	else
		snprintf(height, sizeof height, "height not stated");
	watch_addf(s, line, PLAIN, "  %s to %s  %-13s %-18s %8.4f %9.4f  %.60s", from, to, prl_seen_text(one, "state"),
		   height, (json_number_value(json_array_get(b, 1)) + json_number_value(json_array_get(b, 3))) / 2,
		   (json_number_value(json_array_get(b, 0)) + json_number_value(json_array_get(b, 2))) / 2,
		   prl_seen_text(one, "manager"));
}

static void draw_title(watch_screen *s, const json_t *answer, int line)
{
	char sum[80];
	sum_of(answer, sum, sizeof sum);
	if (json_object_get(answer, "notice"))
		watch_addf(s, line, BOLD, "DRONE FLIGHTS filed in the area of %s: %s", prl_seen_text(answer, "notice"),
			   sum);
	else
		watch_addf(s, line, BOLD, "DRONE FLIGHTS of the next 24 h: %zu",
			   json_array_size(json_object_get(answer, "intents")) +
				   (size_t)json_integer_value(json_object_get(answer, "more")));
	watch_addf(s, line, PLAIN, " · ↑ ↓ another row · F back");
}

void watch_intents_draw(watch_screen *s, const watch_ui *ui, int line, int end)
{
	const json_t *answer = ui->news.flights, *intents = json_object_get(answer, "intents");
	size_t count = json_array_size(intents), shown = 0;
	draw_title(s, answer, line++);
	if (!answer)
		watch_add(s, line, PLAIN, "  asking the node …");
	else if (!intents)
		watch_addf(s, line, PLAIN, "  %.200s", prl_seen_text(answer, "why"));
	else if (!count)
		watch_add(s, line, PLAIN, "  None is filed.");
	for (; shown < count && line < end - 1; shown++)
		draw_one(s, json_array_get(intents, shown), line++);
	size_t more = count - shown + (size_t)json_integer_value(json_object_get(answer, "more"));
	if (count && more)
		watch_addf(s, line, GREY, "  and %zu more", more);
}
