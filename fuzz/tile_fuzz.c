/* Any text as the path of a tile: what is read is written as it was, so that a tile has one path. */
#include <parley/record.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_tile tile;
	prl_error err = { 0 };
	char path[PRL_TILE_PATH_MAX];
	prl_status status = prl_tile_path_read((prl_bytes){ (const char *)data, size }, &tile, &err);
	if (status) {
		if (err.status != status || !err.text[0])
			abort();
		return 0;
	}
	if (tile.level < PRL_TILE_ENTRIES || tile.level > 7 || !tile.width || tile.width > PRL_TILE_WIDTH)
		abort();
	if (prl_tile_path_write(&tile, path) != size || memcmp(path, data, size) != 0)
		abort();
	if (prl_tile_width(tile.level, tile.number, tile.number) > PRL_TILE_WIDTH)
		abort();
	return 0;
}
