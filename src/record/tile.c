/* Tiles and entry bundles: where they lie, how wide they are (tlog-tiles v0.1.0). */
#include "base/error.h"
#include "base/text.h"

#include <parley/record.h>

#include <stdio.h>
#include <string.h>

/* Number as groups of three digits, all but the last with an x before it: "x001/x234/067". */
static size_t write_number(uint64_t number, char *text)
{
	unsigned groups[7]; /* 2^64 has 20 digits */
	size_t count = 0, length = 0;
	do
		groups[count++] = (unsigned)(number % 1000);
	while (number /= 1000);
	while (count--)
		length += (size_t)sprintf(text + length, count ? "x%03u/" : "%03u", groups[count]);
	return length;
}

size_t prl_tile_path_write(const prl_tile *tile, char path[PRL_TILE_PATH_MAX])
{
	size_t length = tile->level == PRL_TILE_ENTRIES
				? (size_t)snprintf(path, PRL_TILE_PATH_MAX, "tile/entries/")
				: (size_t)snprintf(path, PRL_TILE_PATH_MAX, "tile/%u/", (unsigned)tile->level % 100);
	length += write_number(tile->number, path + length);
	if (tile->width < PRL_TILE_WIDTH)
		length += (size_t)snprintf(path + length, PRL_TILE_PATH_MAX - length, ".p/%u", tile->width);
	return length;
}

static bool take(prl_bytes *rest, const char *text)
{
	size_t length = strlen(text);
	if (rest->size < length || memcmp(rest->data, text, length) != 0)
		return false;
	rest->data += length;
	rest->size -= length;
	return true;
}

/* Takes the level with its slashes. */
static bool take_level(prl_bytes *rest, int *ret)
{
	if (!take(rest, "tile/"))
		return false;
	if (take(rest, "entries/")) {
		*ret = PRL_TILE_ENTRIES;
		return true;
	}
	if (rest->size < 2 || rest->data[0] < '0' || rest->data[0] > '7' || rest->data[1] != '/')
		return false;
	*ret = rest->data[0] - '0';
	return take(rest, (char[]){ rest->data[0], '/', 0 });
}

static bool take_group(prl_bytes *rest, uint64_t *number)
{
	uint64_t group = 0;
	if (rest->size < 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (rest->data[i] < '0' || rest->data[i] > '9')
			return false;
		group = 10 * group + (uint64_t)(rest->data[i] - '0');
	}
	rest->data += 3;
	rest->size -= 3;
	return !__builtin_mul_overflow(*number, 1000, number) && !__builtin_add_overflow(*number, group, number);
}

/* Takes the groups; a first group of x000 would be a second path of the same tile. */
static bool take_number(prl_bytes *rest, uint64_t *ret)
{
	uint64_t number = 0;
	for (bool first = true; take(rest, "x"); first = false)
		if (!take_group(rest, &number) || !take(rest, "/") || (first && !number))
			return false;
	*ret = number;
	return take_group(rest, ret);
}

static bool take_width(prl_bytes *rest, unsigned *ret)
{
	uint64_t width = PRL_TILE_WIDTH;
	if (rest->size && (!take(rest, ".p/") || !prl_decimal_read(*rest, &width) || !width || width >= PRL_TILE_WIDTH))
		return false;
	*ret = (unsigned)width;
	return true;
}

prl_status prl_tile_path_read(prl_bytes path, prl_tile *ret, prl_error *err)
{
	prl_tile tile;
	if (!take_level(&path, &tile.level) || !take_number(&path, &tile.number) || !take_width(&path, &tile.width))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "not the path of a tile, expected as tile/0/x001/234 or tile/entries/000.p/112");
	*ret = tile;
	return PRL_OK;
}

unsigned prl_tile_width(int level, uint64_t number, uint64_t size)
{
	if (level > 7)
		return 0;
	uint64_t hashes = level > 0 ? size >> 8 * level : size;
	if (number < hashes / PRL_TILE_WIDTH)
		return PRL_TILE_WIDTH;
	return number == hashes / PRL_TILE_WIDTH ? (unsigned)(hashes % PRL_TILE_WIDTH) : 0;
}

prl_status prl_bundle_take(prl_bytes *bundle, prl_bytes *ret_entry, prl_error *err)
{
	if (!bundle->size)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no more entries in this bundle");
	const uint8_t *bytes = (const uint8_t *)bundle->data;
	size_t length = bundle->size < 2 ? SIZE_MAX : (size_t)bytes[0] << 8 | bytes[1];
	if (bundle->size < 2 || bundle->size - 2 < length)
		return prl_error_set(err, PRL_E_SYNTAX, "the bundle ends inside an entry");
	*ret_entry = (prl_bytes){ bundle->data + 2, length };
	*bundle = (prl_bytes){ bundle->data + 2 + length, bundle->size - 2 - length };
	return PRL_OK;
}
