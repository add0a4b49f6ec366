/* Memory: checked arrays, arenas with a ceiling, growable buffers with a maximum, cleanup by scope. */
#ifndef PRL_BASE_MEMORY_H
#define PRL_BASE_MEMORY_H

#include <parley/base.h>

#include <stdlib.h>

/* Runs `free_fn(&variable)` when the variable leaves its scope. */
#define PRL_CLEANUP(free_fn) __attribute__((cleanup(free_fn)))

/* malloc and realloc of count items with the multiplication checked; NULL when too large or out of memory. count 0
 * gives a pointer that may be freed. */
void *prl_array_new(size_t count, size_t item);
void *prl_array_resize(void *array, size_t count, size_t item);

/* A copy of length bytes with a 0 after them. */
char *prl_text_copy(const char *bytes, size_t length);

/* ---- buffer -------------------------------------------------------------------------------------------------- */

/* Bytes that grow up to max; data is always followed by a 0 that size does not count. After a failure the buffer
 * keeps what it had and stays failed, so that a writer may check once at its end. */
typedef struct prl_buffer {
	char *data;
	size_t size, room, max;
	bool failed;
} prl_buffer;

#define PRL_BUFFER(max_bytes) ((prl_buffer){ .max = (max_bytes) })

bool prl_buffer_append(prl_buffer *buffer, const void *bytes, size_t length);
bool prl_buffer_printf(prl_buffer *buffer, const char *format, ...) PRL_PRINTF(2, 3);
void prl_buffer_clear(prl_buffer *buffer); /* keeps the memory */
void prl_buffer_done(prl_buffer *buffer);  /* frees it */

/* ---- arena --------------------------------------------------------------------------------------------------- */

/* Memory that is given out piece by piece and released at once; never more than ceiling bytes in all. Pieces are
 * aligned to 16. Zero-initialise but for the ceiling. */
typedef struct prl_arena {
	struct prl_arena_block *blocks;
	size_t used, ceiling;
} prl_arena;

#define PRL_ARENA(ceiling_bytes) ((prl_arena){ .ceiling = (ceiling_bytes) })

/* count × item bytes, not cleared; NULL when the ceiling or the machine's memory is reached. */
void *prl_arena_alloc(prl_arena *arena, size_t count, size_t item);
void prl_arena_clear(prl_arena *arena); /* all pieces are gone; a little memory is kept */
void prl_arena_done(prl_arena *arena);

#endif
