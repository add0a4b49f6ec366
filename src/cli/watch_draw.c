#include "cli/watch_draw.h"

#include "cli/seen.h"
#include "formats/clean.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

static const char *const styles[][2] = {
	/* without colours, with */
	[PLAIN] = { "", "" },
	[BOLD] = { "\x1b[1m", "\x1b[1m" },
	[REVERSE] = { "\x1b[7m", "\x1b[7m" },
	[REVERSE_BOLD] = { "\x1b[1;7m", "\x1b[1;7m" },
	[RED] = { "\x1b[1;7m", "\x1b[41;97;1m" },
	[AMBER] = { "\x1b[7m", "\x1b[43;30m" },
	[GREY] = { "", "\x1b[2m" },
};
static const char plain[] = "\x1b[0m";

watch_screen *watch_screen_new(bool colours)
{
	watch_screen *screen = calloc(1, sizeof *screen);
	if (screen)
		screen->colours = colours;
	return screen;
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

void watch_add(watch_screen *s, int line, watch_style style, const char *text)
{
	char shown[1000];
	if (line < 0 || line >= s->rows)
		return;
	prl_clean(text, shown, sizeof shown);
	const char *escape = styles[style][s->colours];
	char *to = s->next[line];
	size_t used = strlen(to), escape_length = strlen(escape);
	if (used + escape_length + 8 >= WATCH_BYTES_MAX)
		return;
	memcpy(to + used, escape, escape_length);
	used += escape_length;
	for (size_t i = 0; shown[i];) {
		uint32_t character;
		size_t length = prl_utf8_decode(shown + i, &character);
		int width = length ? columns_of(character) : 0;
		if (!length || s->width[line] + width > s->columns || used + length + 8 >= WATCH_BYTES_MAX)
			break;
		memcpy(to + used, shown + i, length);
		used += length;
		s->width[line] += width;
		i += length;
	}
	to[used] = 0;
	if (escape_length)
		memcpy(to + used, plain, sizeof plain);
}

void watch_addf(watch_screen *s, int line, watch_style style, const char *format, ...)
{
	char text[1000];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	watch_add(s, line, style, text);
}

void watch_fill(watch_screen *s, int line, int column, watch_style style)
{
	char spaces[WATCH_COLUMNS_MAX + 1];
	if (line < 0 || line >= s->rows)
		return;
	int count = (column > s->columns ? s->columns : column) - s->width[line];
	if (count <= 0)
		return;
	memset(spaces, ' ', (size_t)count);
	spaces[count] = 0;
	watch_add(s, line, style, spaces);
}

/* Bytes of the beginning of text that fit into so many columns; *ret_all: that is all of it. */
static size_t fits(const char *text, int columns, bool *ret_all)
{
	size_t at = 0;
	int used = 0;
	while (text[at]) {
		uint32_t character;
		size_t length = prl_utf8_decode(text + at, &character);
		int width = length ? columns_of(character) : 0;
		if (!length || used + width > columns)
			break;
		used += width;
		at += length;
	}
	*ret_all = !text[at];
	return at;
}

void watch_field(watch_screen *s, int line, watch_style style, const char *text, int columns)
{
	char cut[600];
	bool all;
	if (line < 0 || line >= s->rows || columns <= 0)
		return;
	int end = s->width[line] + columns;
	prl_clean(text, cut, sizeof cut - 4);
	(void)fits(cut, columns, &all);
	if (!all) {
		size_t at = fits(cut, columns - 1, &all);
		memcpy(cut + at, "…", sizeof "…");
	}
	watch_add(s, line, style, cut);
	watch_fill(s, line, end, style);
}

int watch_wrap(watch_screen *s, int line, int end, watch_style style, int indent, const char *text)
{
	char left[1000];
	bool all = false;
	prl_clean(text, left, sizeof left);
	for (char *from = left; !all && line < end && line < s->rows; line++) {
		watch_fill(s, line, indent, PLAIN);
		size_t at = fits(from, s->columns - s->width[line], &all), space = at;
		while (!all && space && from[space] != ' ')
			space--;
		at = space ? space : at;
		if (!all && !at)
			return line;
		char kept = from[at];
		from[at] = 0;
		watch_add(s, line, style, from);
		from[at] = kept;
		from += at + (kept == ' ');
	}
	return line;
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

const char *const watch_mode_names[3] = { "REAL", "EXERCISE", "TEST" };

void watch_when(const char *time, char ret[WATCH_WHEN_MAX])
{
	prl_time t;
	struct timespec now;
	if (!*time || prl_time_parse(time, strlen(time), &t, NULL) || strlen(time) < 16) {
		snprintf(ret, WATCH_WHEN_MAX, "not stated");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t apart_s = t / PRL_SECOND - now.tv_sec;
	bool near = apart_s > -72000 && apart_s < 72000;
	snprintf(ret, WATCH_WHEN_MAX, "%.10s%s%.5sZ", near ? "" : time, near ? "" : " ", time + 11);
}

const char *watch_text_or(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = prl_seen_text(object, name);
	return *text ? text : otherwise;
}
