#include "support/two_sides.h"

#include "base/hash.h"
#include "line/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

int two_sides_set_up(void **state)
{
	return two_sides_set_up_with(state, NULL);
}

int two_sides_set_up_with(void **state, const char *extra)
{
	two_sides *f = calloc(1, sizeof *f);
	f->l = line_new("us@" US " ru@" RU, extra);
	test_node_make(&f->us, f->l, US);
	test_node_make(&f->ru, f->l, RU);
	f->us.now = f->ru.now = TWO_SIDES_NOW;
	test_node_start(&f->us, true);
	test_node_start(&f->ru, true);
	f->us.now = f->ru.now = TWO_SIDES_NOW;
	two_sides_settle(f);
	*state = f;
	return 0;
}

int two_sides_tear_down(void **state)
{
	two_sides *f = *state;
	test_node_remove(&f->us);
	test_node_remove(&f->ru);
	line_free(f->l);
	free(f);
	return 0;
}

void two_sides_settle(two_sides *f)
{
	while (test_node_push(&f->us, &f->ru) || test_node_push(&f->ru, &f->us))
		;
}

static bool save_one(void *context, prl_bytes key, const void *value)
{
	return prl_buffer_append(context, key.data, key.size) && prl_overlap_part.nouns[0].save(value, context);
}

/* Of the overlaps: receipts still on their way differ. */
static prl_hash digest_of(test_node *node)
{
	unsigned table;
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(1 << 24);
	prl_picture *picture = node->folder->picture;
	assert_true(prl_picture_table(picture, "overlap", &table));
	prl_version version = prl_picture_pin(picture);
	assert_int_equal(prl_picture_each(picture, version, table, save_one, &bytes, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	prl_hash hash = prl_sha256(bytes.data, bytes.size);
	prl_buffer_done(&bytes);
	return hash;
}

void two_sides_assert_same(two_sides *f)
{
	prl_hash us = digest_of(&f->us), ru = digest_of(&f->ru);
	assert_memory_equal(&us, &ru, sizeof us);
}

void two_sides_restart(test_node *node, bool replay)
{
	prl_hash before = test_node_digest(node);
	test_node_stop(node);
	node->replay = replay;
	test_node_start(node, true);
	node->replay = false;
	if (node->said_count)
		print_message("# %s\n", node->said[0]);
	assert_int_equal(node->said_count, 0);
	prl_hash after = test_node_digest(node);
	assert_memory_equal(&before, &after, sizeof before);
}

/* ---- acts -------------------------------------------------------------------------------------------------------- */

const char *two_sides_details(line *l, const char *kind, double lat, double lng, double radius_m, const char *from,
			      const char *to)
{
	return line_text(l,
			 "{\"kind\": \"%s\", \"from\": \"2016-09-17T%sZ\", \"to\": \"2016-09-17T%sZ\", \"areas\": "
			 "[{\"geometry\": {\"type\": \"Point\", \"coordinates\": [%.6f, %.6f]}, \"radius_m\": %.1f, "
			 "\"lower\": {\"value\": 0, \"unit\": \"M\", \"datum\": \"MSL\"}, \"upper\": {\"value\": 2000, "
			 "\"unit\": \"M\", \"datum\": \"MSL\"}}]}",
			 kind, from, to, lng, lat, radius_m);
}

const char *two_sides_flight(line *l, double lat)
{
	return two_sides_details(l, "flight", lat, 40, 1000, "14:00:00", "15:00:00");
}

prl_hash two_sides_file(test_node *node, const char *key, const char *details)
{
	prl_filing filing = { 0 };
	line_act act = { .kind = "notice.filed", .key = key, .body = line_text(node->l, "{\"details\": %s}", details) };
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

prl_hash two_sides_version(test_node *node, const prl_hash *id)
{
	prl_picture *picture = node->folder->picture;
	prl_version version = prl_picture_pin(picture);
	const prl_notice *notice = prl_notice_find(picture, version, id);
	assert_non_null(notice);
	prl_hash hash = notice->version;
	prl_picture_unpin(picture, version);
	return hash;
}

prl_hash two_sides_change(test_node *node, const char *key, const char *kind, const prl_hash *id, const char *details)
{
	prl_hash version = two_sides_version(node, id);
	prl_filing filing = { 0 };
	line_act act = { .kind = kind,
			 .key = key,
			 .body = line_text(node->l, "{\"notice\": \"%s\", \"version\": \"%s\"%s%s}",
					   line_hash_text(node->l, id), line_hash_text(node->l, &version),
					   details ? ", \"details\": " : "", details ? details : "") };
	prl_status status = test_node_act(node, &act, &filing);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	assert_int_equal(status, PRL_OK);
	return filing.hash;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

size_t two_sides_overlaps(test_node *node)
{
	unsigned table;
	prl_picture *picture = node->folder->picture;
	assert_true(prl_picture_table(picture, "overlap", &table));
	prl_version version = prl_picture_pin(picture);
	size_t count = prl_picture_count(picture, version, table);
	prl_picture_unpin(picture, version);
	return count;
}

const char *two_sides_state(test_node *node, const prl_hash *a, const prl_hash *b)
{
	static const char *const words[] = { "open", "answered", "changed plan", "cancelled", "ended", "past" };
	prl_hash id;
	prl_overlap_id(a, b, &id);
	prl_picture *picture = node->folder->picture;
	prl_show show = { .picture = picture, .version = prl_picture_pin(picture), .now = node->now };
	const prl_overlap *overlap = prl_overlap_find(picture, show.version, &id);
	const char *word = overlap ? words[prl_overlap_state_of(&show, overlap)] : "none";
	prl_picture_unpin(picture, show.version);
	return word;
}

bool two_sides_rings(test_node *node, const prl_hash *a, const prl_hash *b, const char *party)
{
	prl_hash id;
	prl_time since;
	prl_overlap_id(a, b, &id);
	prl_picture *picture = node->folder->picture;
	prl_show show = { .picture = picture, .version = prl_picture_pin(picture), .now = node->now };
	const prl_overlap *overlap = prl_overlap_find(picture, show.version, &id);
	bool ring = overlap && prl_overlap_rings(&show, overlap, party, &since);
	prl_picture_unpin(picture, show.version);
	return ring;
}
