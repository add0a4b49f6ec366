#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *prl_array_new(size_t count, size_t item)
{
	return prl_array_resize(NULL, count, item);
}

void *prl_array_resize(void *array, size_t count, size_t item)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, item, &bytes))
		return NULL;
	return realloc(array, bytes ? bytes : 1);
}

char *prl_text_copy(const char *bytes, size_t length)
{
	char *copy = length < SIZE_MAX ? malloc(length + 1) : NULL;
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, bytes, length);
	copy[length] = 0;
	return copy;
}

static bool buffer_reserve(prl_buffer *buffer, size_t more)
{
	size_t need;
	if (buffer->failed || __builtin_add_overflow(buffer->size, more, &need) || need > buffer->max)
		return !(buffer->failed = true);
	if (need + 1 <= buffer->room)
		return true;
	size_t room = buffer->room < 128 ? 256 : 2 * buffer->room;
	if (room < need + 1)
		room = need + 1;
	char *data = realloc(buffer->data, room);
	if (!data)
		return !(buffer->failed = true);
	buffer->data = data;
	buffer->room = room;
	return true;
}

bool prl_buffer_append(prl_buffer *buffer, const void *bytes, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return false;
	if (length)
		memcpy(buffer->data + buffer->size, bytes, length);
	buffer->size += length;
	buffer->data[buffer->size] = 0;
	return true;
}

bool prl_buffer_printf(prl_buffer *buffer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0 || !buffer_reserve(buffer, (size_t)length))
		return false;
	va_start(args, format);
	vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, args);
	va_end(args);
	buffer->size += (size_t)length;
	return true;
}

void prl_buffer_clear(prl_buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
	if (buffer->data)
		buffer->data[0] = 0;
}

void prl_buffer_done(prl_buffer *buffer)
{
	free(buffer->data);
	*buffer = (prl_buffer){ .max = buffer->max };
}

struct prl_arena_block {
	struct prl_arena_block *next;
	size_t used, room;
	_Alignas(16) unsigned char bytes[];
};

/* As much again as there is, between 8 KB and a little less than 64: malloc() goes through all its free lists whenever
 * a larger piece is given back, which is for every request when that is the first block. */
static size_t block_room(size_t used)
{
	const size_t least = 8 * 1024, most = 60 * 1024;
	return used < least ? least : used > most ? most : used;
}

#define KEPT_MAX (64u * 1024u)

void *prl_arena_alloc(prl_arena *arena, size_t count, size_t item)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, item, &bytes) || bytes > arena->ceiling)
		return NULL;
	bytes = (bytes + 15) & ~(size_t)15;
	if (bytes > arena->ceiling - arena->used)
		return NULL;
	struct prl_arena_block *block = arena->blocks;
	if (!block || bytes > block->room - block->used) {
		size_t room = block_room(arena->used);
		room = bytes > room ? bytes : room;
		block = malloc(sizeof *block + room);
		if (!block)
			return NULL;
		*block = (struct prl_arena_block){ .next = arena->blocks, .room = room };
		arena->blocks = block;
	}
	void *piece = block->bytes + block->used;
	block->used += bytes;
	arena->used += bytes;
	return piece;
}

void prl_arena_clear(prl_arena *arena)
{
	struct prl_arena_block *kept = arena->blocks;
	if (kept) {
		arena->blocks = kept->next;
		prl_arena_done(arena);
		kept->next = NULL;
		kept->used = 0;
		arena->blocks = kept;
		if (kept->room > KEPT_MAX)
			prl_arena_done(arena);
	}
	arena->used = 0;
}

void prl_arena_done(prl_arena *arena)
{
	while (arena->blocks) {
		struct prl_arena_block *next = arena->blocks->next;
		free(arena->blocks);
		arena->blocks = next;
	}
	arena->used = 0;
}
