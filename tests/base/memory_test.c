#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

#include <string.h>

static void arrays(void **unused)
{
	(void)unused;
	int *numbers = prl_array_new(3, sizeof *numbers);
	assert_non_null(numbers);
	numbers[2] = 7;
	int *more = prl_array_resize(numbers, 1000, sizeof *numbers);
	assert_non_null(more);
	assert_int_equal(more[2], 7);
	free(more);
	assert_null(prl_array_new(SIZE_MAX, 2));
	assert_null(prl_array_new(SIZE_MAX / 4 + 1, 8));
	void *nothing = prl_array_new(0, 8);
	assert_non_null(nothing);
	free(nothing);
}

static void texts(void **unused)
{
	(void)unused;
	char *copy = prl_text_copy("abc\0def", 7);
	assert_non_null(copy);
	assert_memory_equal(copy, "abc\0def", 8);
	free(copy);
	copy = prl_text_copy(NULL, 0);
	assert_non_null(copy);
	assert_string_equal(copy, "");
	free(copy);
}

/* Appending piece by piece gives the pieces one after the other, up to the maximum and never beyond. */
static void buffers(void **unused)
{
	(void)unused;
	for (size_t max = 0; max < 600; max += 37) {
		prl_buffer buffer = PRL_BUFFER(max);
		size_t written = 0;
		while (prl_buffer_printf(&buffer, "%zu,", written % 10))
			written++;
		assert_true(buffer.failed);
		assert_int_equal(buffer.size, 2 * written);
		assert_true(buffer.size <= max && buffer.size + 2 > max);
		assert_false(prl_buffer_append(&buffer, "", 0)); /* stays failed */
		for (size_t i = 0; i < written; i++)
			assert_int_equal(buffer.data[2 * i], '0' + (int)(i % 10));
		if (buffer.data)
			assert_int_equal(buffer.data[buffer.size], 0);
		prl_buffer_clear(&buffer);
		assert_int_equal(buffer.size, 0);
		assert_false(buffer.failed);
		prl_buffer_done(&buffer);
		assert_null(buffer.data);
		assert_int_equal(buffer.max, max);
	}
}

static void arenas(void **unused)
{
	(void)unused;
	prl_arena arena = PRL_ARENA(1000000);
	unsigned char *pieces[200];
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = prl_arena_alloc(&arena, i * 13 + 1, 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % 16, 0);
		memset(pieces[i], (int)i, i * 13 + 1);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i * 13 + 1; k++)
			assert_int_equal(pieces[i][k], i);
	assert_null(prl_arena_alloc(&arena, 1000000, 1));
	assert_null(prl_arena_alloc(&arena, SIZE_MAX, 16));
	assert_null(prl_arena_alloc(&arena, SIZE_MAX, 1));
	assert_non_null(prl_arena_alloc(&arena, 100000, 4));
	assert_true(arena.used <= arena.ceiling);
	prl_arena_done(&arena);
	assert_int_equal(arena.used, 0);
	assert_non_null(prl_arena_alloc(&arena, 10, 10));
	prl_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(arrays), cmocka_unit_test(texts), cmocka_unit_test(buffers),
		                            cmocka_unit_test(arenas) };
	return cmocka_run_group_tests_name("base/memory", tests, NULL, NULL);
}
