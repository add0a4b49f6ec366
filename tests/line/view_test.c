/* The view of one node: equal to the picture that the node itself had, at every one of its entries. */
#include "line/view.h"

#include "base/hash.h"
#include "support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- a source in memory: the line's logs, as far as `limits` says ------------------------------------------------ */

typedef struct memory {
	line *line;
	uint64_t limits[LINE_LOGS]; /* 0: none of it is here */
} memory;

static size_t number_of(const line *l, const char *log)
{
	for (size_t i = 0; i < l->log_count; i++)
		if (!strcmp(l->logs[i].origin, log))
			return i;
	return SIZE_MAX;
}

static prl_status head(void *context, const char *log, uint64_t *ret_size, prl_hash *ret_root, prl_error *err)
{
	const memory *m = context;
	size_t number = number_of(m->line, log);
	if (number == SIZE_MAX || !m->limits[number]) {
		snprintf(err->text, sizeof err->text, "no %s here", log);
		return err->status = PRL_E_NOT_FOUND;
	}
	*ret_size = m->limits[number];
	*ret_root = m->line->logs[number].roots[*ret_size];
	return PRL_OK;
}

static prl_status bundle(void *context, const char *log, const prl_tile *tile, prl_buffer *ret, prl_error *err)
{
	const memory *m = context;
	(void)err;
	for (unsigned i = 0; i < tile->width; i++) {
		prl_bytes entry = line_log_of(m->line, log)->entries[tile->number * PRL_TILE_WIDTH + i];
		const unsigned char length[2] = { (unsigned char)(entry.size >> 8), (unsigned char)entry.size };
		assert_true(prl_buffer_append(ret, length, 2) && prl_buffer_append(ret, entry.data, entry.size));
	}
	return PRL_OK;
}

static prl_view_source source_of(memory *m, line *l)
{
	*m = (memory){ .line = l };
	for (size_t i = 0; i < l->log_count; i++)
		m->limits[i] = l->logs[i].size;
	return (prl_view_source){ m, head, bundle };
}

static prl_hash digest(prl_picture *picture)
{
	prl_hash hash;
	prl_error err = { 0 };
	if (prl_picture_digest(picture, PRL_VERSION_WORKING, &hash, &err))
		fail_msg("%s", err.text);
	return hash;
}

static prl_hash view_digest(const prl_view_source *source, const char *log, uint64_t size)
{
	prl_view *view;
	prl_error err = { 0 };
	const prl_view_run run = { 0 };
	if (prl_view_new(source, log, &view, &err) || prl_view_go(view, size, &run, &err))
		fail_msg("%s at %llu: %s", log, (unsigned long long)size, err.text);
	prl_hash hash = digest(prl_view_picture(view));
	prl_view_free(view);
	return hash;
}

/* ---- the story --------------------------------------------------------------------------------------------------- */

typedef struct fixture {
	char folder[64];
	story story;
} fixture;

static void begin(fixture *f)
{
	snprintf(f->folder, sizeof f->folder, "/tmp/parley-view-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	story_begin(&f->story, f->folder);
}

static void end(fixture *f)
{
	char command[128];
	story_end(&f->story);
	snprintf(command, sizeof command, "rm -r '%s'", f->folder);
	assert_int_equal(system(command), 0);
}

/* What a node's picture was, and with how many of its own entries. */
typedef struct moment {
	const char *log;
	uint64_t size;
	prl_hash digest;
} moment;

static moment now(fixture *f, const char *log)
{
	prl_picture *picture = strcmp(log, STORY_US) ? f->story.ru_picture : f->story.us_picture;
	return (moment){ log, line_log_of(f->story.line, log)->size, digest(picture) };
}

/* While the story is told the digests of both are kept; afterwards each view at those sizes has them again, whatever
 * has come to both logs since. */
static void as_it_was(void **state)
{
	(void)state;
	fixture f;
	memory m;
	moment moments[8];
	size_t count = 0;
	begin(&f);
	moments[count++] = now(&f, STORY_US);
	moments[count++] = now(&f, STORY_RU);
	story_tell(&f.story);
	moments[count++] = now(&f, STORY_US);
	moments[count++] = now(&f, STORY_RU);
	story_go_on(&f.story);
	moments[count++] = now(&f, STORY_US);
	moments[count++] = now(&f, STORY_RU);
	const prl_view_source source = source_of(&m, f.story.line);
	for (size_t i = 0; i < count; i++) {
		prl_hash hash = view_digest(&source, moments[i].log, moments[i].size);
		if (!prl_hash_equal(&hash, &moments[i].digest))
			fail_msg("%s at %llu is not what it was", moments[i].log, (unsigned long long)moments[i].size);
	}
	end(&f);
}

/* What a side has not recorded as seen is not in its view, though it is in the files. */
static void no_more_than_seen(void **state)
{
	(void)state;
	fixture f;
	memory m;
	prl_view *view;
	prl_error err = { 0 };
	const prl_view_run run = { 0 };
	begin(&f);
	uint64_t us = line_log_of(f.story.line, STORY_US)->size, ru = line_log_of(f.story.line, STORY_RU)->size;
	story_say(&f.story, "us-ops/1", "Not yet seen.", NULL, NULL);
	const prl_view_source source = source_of(&m, f.story.line);
	assert_int_equal(prl_view_new(&source, STORY_RU, &view, &err), PRL_OK);
	assert_int_equal(prl_view_go(view, ru, &run, &err), PRL_OK);
	assert_int_equal(prl_picture_size(prl_view_picture(view), PRL_VERSION_WORKING, STORY_US), us);
	prl_view_free(view);
	end(&f);
}

/* ---- what is missing or wrong ------------------------------------------------------------------------------------ */

static void refuses(const prl_view_source *source, const char *log, uint64_t size, prl_status status, const char *says)
{
	prl_view *view = NULL;
	prl_error err = { 0 };
	const prl_view_run run = { 0 };
	prl_status st = prl_view_new(source, log, &view, &err);
	if (!st)
		st = prl_view_go(view, size, &run, &err);
	prl_view_free(view);
	assert_int_equal(st, status);
	if (!strstr(err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void missing_and_wrong(void **state)
{
	(void)state;
	fixture f;
	memory m;
	begin(&f);
	story_tell(&f.story);
	line *l = f.story.line;
	line_log *us = line_log_of(l, STORY_US), *ru = line_log_of(l, STORY_RU);
	const prl_view_source source = source_of(&m, l);
	refuses(&source, "un.example/line", 1, PRL_E_NOT_FOUND, "no un.example/line here");
	refuses(&source, STORY_US, us->size + 1, PRL_E_NOT_FOUND, "has 20 entries, not 21");
	m.limits[number_of(l, STORY_RU)] = 3;
	refuses(&source, STORY_US, us->size, PRL_E_NOT_FOUND, "entry 3 of ru.example/line is not here");
	m.limits[number_of(l, STORY_RU)] = 0;
	refuses(&source, STORY_US, us->size, PRL_E_NOT_FOUND, "no ru.example/line here");
	m.limits[number_of(l, STORY_RU)] = ru->size;
	/* Another entry, as good as the first, in the peer's log: not what was seen. */
	prl_bytes kept = ru->entries[7];
	ru->entries[7] = us->entries[5];
	refuses(&source, STORY_US, us->size, PRL_E_SIGNATURE, "of ru.example/line are not those that us.example/line");
	ru->entries[7] = kept;
	/* In the own log beyond the view's end. */
	kept = us->entries[19];
	us->entries[19] = us->entries[18];
	refuses(&source, STORY_US, 10, PRL_E_SIGNATURE, "its checkpoint");
	refuses(&source, STORY_US, 20, PRL_E_SIGNATURE, "entry 19 of us.example/line does not follow");
	us->entries[19] = kept;
	assert_int_equal(us->size, 20);
	end(&f);
}

/* ---- the instant ------------------------------------------------------------------------------------------------- */

static uint64_t size_at(const prl_view_source *source, const char *log, prl_time at)
{
	uint64_t size = 0;
	prl_error err = { 0 };
	prl_status st = prl_view_at(source, log, at, &size, &err);
	assert_true(!st || st == PRL_E_NOT_FOUND);
	return size;
}

static void append_at(line *l, bool by_node, prl_time time)
{
	const line_act tick = {
		.kind = "tick", .log = STORY_US, .time = time, .body = "{\"to\": \"2016-09-17T12:00:00Z\"}"
	};
	const line_act said = { .kind = "message.sent", .key = "us-ops/1", .time = time };
	line_append(l, STORY_US, line_entry(l, by_node ? &tick : &said));
}

/* Node and authors by turns; seconds since some beginning. */
static void instants(void **state)
{
	(void)state;
	memory m;
	line *l = line_new("us@" STORY_US, NULL);
	const prl_time t = l->now + 1000 * PRL_SECOND;
	const struct {
		bool by_node;
		int at_s;
	} entries[] = {
		{ true, 10 },  /* 1 */
		{ false, 12 }, /* 2 */
		{ false, 99 }, /* 3: an author's clock is far ahead */
		{ false, 14 }, /* 4 */
		{ true, 20 },  /* 5 */
		{ false, 5 },  /* 6: an author's clock is behind */
		{ true, 30 },  /* 7 */
		{ true, 25 },  /* 8: the node's clock was set back */
		{ false, 26 }, /* 9 */
	};
	line_append(l, STORY_US, l->constitution);
	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		append_at(l, entries[i].by_node, t + entries[i].at_s * PRL_SECOND);
	const prl_view_source source = source_of(&m, l);
	const struct {
		int at_s;
		uint64_t size;
	} cases[] = {
		{ -5000, 0 }, { 9, 1 },   { 10, 2 }, { 11, 2 }, { 12, 3 }, { 19, 3 }, /* entry 3 may be later */
		{ 20, 7 },               /* all before the node's entry 5 was there */
		{ 24, 7 },    { 29, 7 }, /* entry 7 ends it: entries 8 and 9 stand behind it */
		{ 30, 10 },   { 98, 10 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (size_at(&source, STORY_US, t + cases[i].at_s * PRL_SECOND) != cases[i].size)
			fail_msg("at %d s: %llu entries, expected %llu", cases[i].at_s,
				 (unsigned long long)size_at(&source, STORY_US, t + cases[i].at_s * PRL_SECOND),
				 (unsigned long long)cases[i].size);
	line_free(l);
}

static void seen_at(void **state)
{
	(void)state;
	fixture f;
	memory m;
	uint64_t size;
	prl_error err = { 0 };
	begin(&f);
	story_tell(&f.story);
	const prl_view_source source = source_of(&m, f.story.line);
	assert_int_equal(prl_view_seen(&source, STORY_RU, STORY_US, 4, &size, &err), PRL_OK);
	assert_int_equal(size, 5); /* the first peer.seen covered five entries of us */
	assert_int_equal(prl_view_seen(&source, STORY_RU, STORY_US, 5, &size, &err), PRL_OK);
	assert_int_equal(size, 6);
	assert_int_equal(prl_view_seen(&source, STORY_RU, STORY_US, 19, &size, &err), PRL_E_NOT_FOUND);
	assert_int_equal(size, 6);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_was), cmocka_unit_test(no_more_than_seen), cmocka_unit_test(missing_and_wrong),
		cmocka_unit_test(instants),  cmocka_unit_test(seen_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
