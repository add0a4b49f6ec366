#include "base/text.h"
#include "support/random.h"

#include <parley/record.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void paths_of_the_specification(void **state)
{
	(void)state;
	static const struct {
		prl_tile tile;
		const char *path;
	} cases[] = {
		{ { 0, 1234067, 256 }, "tile/0/x001/x234/067" },
		{ { PRL_TILE_ENTRIES, 0, 112 }, "tile/entries/000.p/112" },
		{ { 2, 0, 1 }, "tile/2/000.p/1" },
		{ { 7, 999, 255 }, "tile/7/999.p/255" },
		{ { 1, 1000, 256 }, "tile/1/x001/000" },
		{ { 0, UINT64_MAX, 255 }, "tile/0/x018/x446/x744/x073/x709/x551/615.p/255" },
		{ { PRL_TILE_ENTRIES, UINT64_MAX, 255 }, "tile/entries/x018/x446/x744/x073/x709/x551/615.p/255" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[PRL_TILE_PATH_MAX];
		prl_tile tile;
		assert_int_equal(prl_tile_path_write(&cases[i].tile, path), strlen(cases[i].path));
		assert_string_equal(path, cases[i].path);
		assert_int_equal(prl_tile_path_read(prl_bytes_of(path), &tile, NULL), PRL_OK);
		assert_true(tile.level == cases[i].tile.level && tile.number == cases[i].tile.number);
		assert_int_equal(tile.width, cases[i].tile.width);
	}
}

static void other_paths_are_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/8/000",
		"tile/00/000",
		"tile/-1/000",
		"tile/data/000",
		"tile/entries/",
		"tile/0/0",
		"tile/0/00",
		"tile/0/0000",
		"tile/0/x000/001",
		"tile/0/x001",
		"tile/0/x001/",
		"tile/0/001/002",
		"tile/0/x001/x002",
		"tile/0/x001/2",
		"tile/0/000.p",
		"tile/0/000.p/",
		"tile/0/000.p/0",
		"tile/0/000.p/256",
		"tile/0/000.p/01",
		"tile/0/000.p/1/",
		"tile/0/000.p/-1",
		"tile/0/000.p/1 ",
		"tile/0/000/",
		" tile/0/000",
		"/tile/0/000",
		"tile//000",
		"tile/0/../000",
		"tile/0/x018/x446/x744/x073/x709/x551/616",
		"tile/0/x001/x018/x446/x744/x073/x709/x551/615",
		"tile/0/%30%30%30",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		prl_tile tile = { 5, 5, 5 };
		prl_error err;
		assert_int_equal(prl_tile_path_read(prl_bytes_of(wrong[i]), &tile, &err), PRL_E_SYNTAX);
		assert_int_equal(tile.width, 5);
	}
	prl_tile tile;
	assert_int_equal(prl_tile_path_read((prl_bytes){ "tile/0/00\0", 10 }, &tile, NULL), PRL_E_SYNTAX);
}

static void any_tile_has_one_path(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("any_tile_has_one_path");
	for (size_t i = 0, n = rnd_count(20000, 1000000); i < n; i++) {
		rnd r = rnd_case(seed, i);
		prl_tile tile = { (int)rnd_below(&r, 9) - 1, rnd_u64(&r) >> rnd_below(&r, 64),
				  1 + (unsigned)rnd_below(&r, PRL_TILE_WIDTH) };
		prl_tile back = { 0 };
		char path[PRL_TILE_PATH_MAX];
		size_t length = prl_tile_path_write(&tile, path);
		assert_true(length < PRL_TILE_PATH_MAX && length == strlen(path));
		assert_int_equal(prl_tile_path_read((prl_bytes){ path, length }, &back, NULL), PRL_OK);
		assert_true(back.level == tile.level && back.number == tile.number && back.width == tile.width);
	}
}

/* tlog-tiles, "Partial Tiles": 70,000 entries. */
static void widths_of_the_worked_example(void **state)
{
	(void)state;
	for (int level = PRL_TILE_ENTRIES; level <= 0; level++) {
		for (uint64_t n = 0; n < 273; n++)
			assert_int_equal(prl_tile_width(level, n, 70000), 256);
		assert_int_equal(prl_tile_width(level, 273, 70000), 112);
		assert_int_equal(prl_tile_width(level, 274, 70000), 0);
	}
	assert_int_equal(prl_tile_width(1, 0, 70000), 256);
	assert_int_equal(prl_tile_width(1, 1, 70000), 17);
	assert_int_equal(prl_tile_width(1, 2, 70000), 0);
	assert_int_equal(prl_tile_width(2, 0, 70000), 1);
	assert_int_equal(prl_tile_width(2, 1, 70000), 0);
	assert_int_equal(prl_tile_width(3, 0, 70000), 0);
	/* "a tree of size 256 will be represented by a full level 0 tile and a partial level 1 tile of width 1" */
	assert_int_equal(prl_tile_width(0, 0, 256), 256);
	assert_int_equal(prl_tile_width(0, 1, 256), 0);
	assert_int_equal(prl_tile_width(1, 0, 256), 1);
}

static void widths_at_the_ends(void **state)
{
	(void)state;
	assert_int_equal(prl_tile_width(0, 0, 0), 0);
	assert_int_equal(prl_tile_width(PRL_TILE_ENTRIES, 0, 0), 0);
	assert_int_equal(prl_tile_width(0, UINT64_MAX, UINT64_MAX), 0);
	assert_int_equal(prl_tile_width(7, 0, UINT64_MAX), 255);
	assert_int_equal(prl_tile_width(0, UINT64_MAX >> 8, UINT64_MAX), 255);
	assert_int_equal(prl_tile_width(8, 0, UINT64_MAX), 0);
	assert_int_equal(prl_tile_width(64, 0, UINT64_MAX), 0);
}

static void entries_are_taken(void **state)
{
	(void)state;
	prl_bytes bundle = { "\0\1a\0\0\0\2bc", 9 }, entry;
	assert_int_equal(prl_bundle_take(&bundle, &entry, NULL), PRL_OK);
	assert_true(prl_bytes_is(entry, "a"));
	assert_int_equal(prl_bundle_take(&bundle, &entry, NULL), PRL_OK);
	assert_int_equal(entry.size, 0);
	assert_int_equal(prl_bundle_take(&bundle, &entry, NULL), PRL_OK);
	assert_true(prl_bytes_is(entry, "bc"));
	assert_int_equal(prl_bundle_take(&bundle, &entry, NULL), PRL_E_NOT_FOUND);
	static const prl_bytes cut[] = { { "\0", 1 }, { "\0\1", 2 }, { "\377\377a", 3 }, { "\1\0a", 3 } };
	for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
		bundle = cut[i];
		assert_int_equal(prl_bundle_take(&bundle, &entry, NULL), PRL_E_SYNTAX);
		assert_int_equal(bundle.size, cut[i].size);
		assert_true(prl_bytes_is(entry, "bc"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_the_specification), cmocka_unit_test(other_paths_are_refused),
		cmocka_unit_test(any_tile_has_one_path),      cmocka_unit_test(widths_of_the_worked_example),
		cmocka_unit_test(widths_at_the_ends),         cmocka_unit_test(entries_are_taken),
	};
	return cmocka_run_group_tests_name("tile", tests, NULL, NULL);
}
