/* Races: acts of two sides at the same time, each on its own real node while the two are cut from each other, in both
 * orders; when they have met, every object of the line is the same at both, to the byte (design.md, 2, idea 2).
 * docs/races.md lists what is here and says what follows; the page is checked against the list.
 *
 * Node un holds what was before (what it did is with both), and is away while the two act. */
#include "base/hash.h"
#include "base/text.h"
#include "line/line.h"
#include "line/overlap.h"
#include "node/clock.h"
#include "node/folder.h"
#include "support/nodes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RU, US, UN, NODES };

/* One act. In a body ' stands for ", and @name for the hash of the entry that an earlier step calls so; @<a+b> for the
 * overlap of the notices a and b, @[a+b] for the hashes of both in the overlap's order. */
typedef struct step {
	const char *name, *kind, *body;
	size_t node;
	bool two; /* the desk's own key signs too */
} step;

typedef struct race {
	const char *title; /* as docs/races.md has it */
	step before[3];
	step ru, us; /* at the same time */
	/* What the other's entry must have become: a part of the line and texts that stand in what both nodes show of
	 * it, NULL last. */
	const char *part, *shown[4];
} race;

#include "races.h"

#define RACES (sizeof races / sizeof *races)

/* ---- names ------------------------------------------------------------------------------------------------------- */

typedef struct world {
	nodes_set *nodes;
	prl_client *clients[NODES]; /* NULL: away */
	struct {
		char name[32], hash[PRL_HASH_TEXT_MAX];
	} names[RACES * 6 + 1];
	size_t name_count;
} world;

static const char *hash_of(const world *w, const char *name, size_t length)
{
	for (size_t i = 0; i < w->name_count; i++)
		if (strlen(w->names[i].name) == length && !memcmp(w->names[i].name, name, length))
			return w->names[i].hash;
	fail_msg("nothing is called @%.*s", (int)length, name);
	return NULL;
}

/* "<a+b>" or "[a+b]": what it stands for goes to `to`; returns the bytes read. */
static size_t fill_pair(const world *w, const char *from, char *to, size_t room)
{
	size_t a = strcspn(from + 1, "+"), b = strcspn(from + 2 + a, ">]");
	const char *one = hash_of(w, from + 1, a), *two = hash_of(w, from + 2 + a, b);
	prl_hash hashes[2], id;
	char text[PRL_HASH_TEXT_MAX];
	assert_true(prl_hash_read(prl_bytes_of(one), &hashes[0]) && prl_hash_read(prl_bytes_of(two), &hashes[1]));
	prl_overlap_id(&hashes[0], &hashes[1], &id);
	prl_hash_write(&id, text);
	bool turned = memcmp(&hashes[0], &hashes[1], sizeof id) > 0;
	if (from[0] == '<')
		(void)snprintf(to, room, "%s", text);
	else
		(void)snprintf(to, room, "\"%s\", \"%s\"", turned ? two : one, turned ? one : two);
	return a + b + 3;
}

static void fill(const world *w, const char *from, char *to, size_t room)
{
	size_t used = 0;
	for (; *from && used + 3 * PRL_HASH_TEXT_MAX < room; from++) {
		if (from[0] == '@' && (from[1] == '<' || from[1] == '[')) {
			from += fill_pair(w, from + 1, to + used, room - used);
			used += strlen(to + used);
		} else if (*from == '@') {
			size_t length = strspn(from + 1, "abcdefghijklmnopqrstuvwxyz0123456789-");
			used += (size_t)snprintf(to + used, room - used, "%s", hash_of(w, from + 1, length));
			from += length;
		} else {
			to[used++] = *from == '\'' ? '"' : *from;
		}
	}
	to[used] = 0;
}

static void act(world *w, const step *s)
{
	char body[4096];
	prl_filed filed;
	if (!s->kind)
		return;
	fill(w, s->body, body, sizeof body);
	prl_client_entry entry = { .kind = s->kind, .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
	prl_error err = { 0 };
	if (s->two)
		entry.second = &w->nodes->nodes[s->node].desk;
	if (prl_client_file(w->clients[s->node], &entry, &filed, &err))
		fail_msg("%s %s: %s: %s", s->kind, body, err.where, err.text);
	if (!s->name)
		return;
	(void)snprintf(w->names[w->name_count].name, sizeof w->names->name, "%s", s->name);
	prl_hash_write(&filed.hash, w->names[w->name_count++].hash);
}

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

static void leave(world *w, size_t node)
{
	prl_client_free(w->clients[node]);
	w->clients[node] = NULL;
	nodes_stop(w->nodes, node);
}

static void come(world *w, size_t node, bool alone)
{
	if (alone)
		nodes_start_alone(w->nodes, node);
	else
		nodes_start(w->nodes, node);
	nodes_wait_open(w->nodes);
	w->clients[node] = nodes_desk(w->nodes, node);
}

static bool same_sizes(world *w, uint64_t sizes[NODES])
{
	bool same = true;
	for (size_t of = 0; of < NODES; of++) {
		uint64_t size = nodes_size(w->clients[of], w->nodes, of);
		for (size_t at = 0; at < NODES; at++)
			same = same && nodes_size(w->clients[at], w->nodes, of) == size;
		same = same && sizes[of] == size;
		sizes[of] = size;
	}
	return same;
}

/* Until all hold the same of every log, and nothing has come for half a second. */
static void rest(world *w)
{
	uint64_t sizes[NODES] = { 0 };
	for (int quiet = 0, tries = 0; quiet < 10; tries++) {
		quiet = same_sizes(w, sizes) ? quiet + 1 : 0;
		if (tries == 600)
			nodes_fail(__FILE__, __LINE__, "the nodes do not come to rest");
		nodes_sleep_ms(50);
	}
}

/* @later: tomorrow, for ends that must be near. */
static void name_later(world *w)
{
	char text[PRL_TIME_TEXT_MAX];
	prl_time_format(prl_clock_wall(NULL) / PRL_SECOND * PRL_SECOND + 86400 * PRL_SECOND, text);
	(void)snprintf(w->names[0].name, sizeof w->names->name, "later");
	(void)snprintf(w->names[0].hash, sizeof w->names->hash, "%.44s", text);
	w->name_count = 1;
}

static void begin(world *w)
{
	memset(w, 0, sizeof *w);
	name_later(w);
	w->nodes = nodes_new("ru us un", false);
	for (size_t i = 0; i < NODES; i++)
		nodes_start(w->nodes, i);
	nodes_wait_open(w->nodes);
	for (size_t i = 0; i < NODES; i++)
		w->clients[i] = nodes_desk(w->nodes, i);
	rest(w);
	for (size_t step_i = 0; step_i < sizeof races->before / sizeof *races->before; step_i++) {
		for (size_t i = 0; i < RACES; i++)
			act(w, &races[i].before[step_i]);
		rest(w);
	}
}

/* ---- digests ----------------------------------------------------------------------------------------------------- */

typedef struct digest {
	const prl_noun *noun;
	prl_buffer bytes;
} digest;

static bool add_value(void *context, prl_bytes key, const void *value)
{
	digest *d = context;
	assert_true(prl_buffer_append(&d->bytes, key.data, key.size));
	assert_true(d->noun->save(value, &d->bytes));
	return true;
}

static prl_hash digest_of(prl_picture *picture, const prl_noun *noun, size_t *ret_size)
{
	prl_error err;
	unsigned table;
	digest d = { noun, PRL_BUFFER(64 << 20) };
	assert_true(prl_picture_table(picture, noun->name, &table));
	assert_int_equal(prl_picture_each(picture, PRL_VERSION_WORKING, table, add_value, &d, &err), PRL_OK);
	prl_hash hash = prl_sha256(d.bytes.data ? d.bytes.data : "", d.bytes.size);
	*ret_size = d.bytes.size;
	prl_buffer_done(&d.bytes);
	return hash;
}

static prl_folder *folder_of(world *w, size_t node)
{
	prl_error err = { 0 };
	prl_folder *folder = NULL;
	prl_folder_options options = { .path = w->nodes->nodes[node].folder, .read_only = true, .replay = true };
	if (prl_folder_open(&options, &folder, &err))
		fail_msg("%s", err.text);
	return folder;
}

/* Every shared noun of layer line, at every node. */
static void compare(world *w)
{
	prl_folder *folders[NODES];
	for (size_t i = 0; i < NODES; i++)
		folders[i] = folder_of(w, i);
	for (size_t p = 0; p < prl_line_part_count; p++)
		for (size_t k = 0; k < prl_line_parts[p]->noun_count; k++) {
			const prl_noun *noun = &prl_line_parts[p]->nouns[k];
			size_t size = 0, other = 0;
			if (!noun->shared)
				continue;
			prl_hash first = digest_of(folders[0]->picture, noun, &size);
			for (size_t i = 1; i < NODES; i++) {
				prl_hash next = digest_of(folders[i]->picture, noun, &other);
				if (memcmp(&first, &next, sizeof first) != 0)
					fail_msg("%s: %zu bytes at %s, %zu at %s, and not the same", noun->name, size,
						 w->nodes->nodes[0].party, other, w->nodes->nodes[i].party);
			}
		}
	for (size_t i = 0; i < NODES; i++)
		prl_folder_close(folders[i]);
}

/* ---- what they show ---------------------------------------------------------------------------------------------- */

static char *shown_at(world *w, size_t node, const char *part)
{
	json_t *answer = nodes_get(w->clients[node], "/parley/v1/line/%s", part);
	char *text = json_dumps(json_object_get(answer, "items"), JSON_SORT_KEYS);
	json_decref(answer);
	return text;
}

static void look_shown(world *w, const race *r)
{
	for (size_t node = RU; r->part && node <= US; node++) {
		char *text = shown_at(w, node, r->part);
		for (size_t i = 0; i < 4 && r->shown[i]; i++) {
			char expected[1024];
			fill(w, r->shown[i], expected, sizeof expected);
			if (!strstr(text, expected))
				fail_msg("%s, at %s: %s is not in %s", r->title, w->nodes->nodes[node].party, expected,
					 text);
		}
		free(text);
	}
}

/* An entry that counts as nobody's act at the other side would be a fault of its log. */
static void look_faults(world *w)
{
	for (size_t node = 0; node < NODES; node++) {
		json_t *answer = nodes_get(w->clients[node], "/parley/v1/peers"), *peer;
		size_t i;
		json_array_foreach(json_object_get(answer, "peers"), i, peer)
			assert_int_equal(json_integer_value(json_object_get(peer, "faults")), 0);
		json_decref(answer);
	}
}

/* ---- both orders ------------------------------------------------------------------------------------------------- */

/* All acts of `first` while the others are away, then those of `second` while it is away; then they meet. */
static void play(size_t first)
{
	world w;
	size_t second = first == RU ? US : RU;
	begin(&w);
	leave(&w, UN);
	leave(&w, second);
	for (size_t i = 0; i < RACES; i++)
		act(&w, first == RU ? &races[i].ru : &races[i].us);
	leave(&w, first);
	come(&w, second, true);
	for (size_t i = 0; i < RACES; i++)
		act(&w, second == RU ? &races[i].ru : &races[i].us);
	come(&w, first, false);
	come(&w, UN, false);
	rest(&w);
	look_faults(&w);
	for (size_t i = 0; i < RACES; i++)
		look_shown(&w, &races[i]);
	for (size_t i = 0; i < NODES; i++)
		leave(&w, i);
	compare(&w);
	nodes_free(w.nodes);
}

static void ru_first(void **state)
{
	(void)state;
	play(RU);
}

static void us_first(void **state)
{
	(void)state;
	play(US);
}

/* ---- the page ---------------------------------------------------------------------------------------------------- */

/* Each race is a row of the table of docs/races.md, and each row a race: "| file / file | …". */
static void page(void **state)
{
	(void)state;
	char line[2000];
	size_t rows = 0;
	FILE *file = fopen(PARLEY_SOURCE_DIR "/docs/races.md", "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (strncmp(line, "| ", 2) != 0 || !strstr(line, " / "))
			continue;
		bool found = false;
		char *end = strstr(line + 2, " |");
		assert_non_null(end);
		*end = 0;
		for (size_t i = 0; i < RACES; i++)
			found = found || strcmp(races[i].title, line + 2) == 0;
		if (!found)
			fail_msg("docs/races.md has \"%s\", which is not run", line + 2);
		rows++;
	}
	(void)fclose(file);
	assert_int_equal(rows, RACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(page), cmocka_unit_test(ru_first),
					    cmocka_unit_test(us_first) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
