/* Whatever way bytes come in, the same bytes come out; what is cut off or damaged is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "formats/source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SIZE 700000u

static unsigned char plain[SIZE];

static size_t pack(const void *bytes, size_t length, unsigned char *packed, size_t room)
{
	z_stream z = { 0 };
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (z_const Bytef *)(uintptr_t)bytes;
	z.avail_in = (uInt)length;
	z.next_out = packed;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	size_t size = z.total_out;
	deflateEnd(&z);
	return size;
}

/* Reads all in steps of room bytes. */
static prl_status drain(prl_source *source, size_t room, unsigned char *out, size_t *ret_size, prl_error *err)
{
	*ret_size = 0;
	for (;;) {
		size_t got = 0;
		prl_status status = prl_source_read(source, out + *ret_size, room, &got, err);
		if (status || got == 0)
			return status;
		*ret_size += got;
	}
}

static prl_status drain_bytes(const void *bytes, size_t length, size_t room, unsigned char *out, size_t *ret_size,
                              prl_error *err)
{
	prl_source *source;
	assert_int_equal(prl_source_open_bytes(bytes, length, &source, err), PRL_OK);
	prl_status status = drain(source, room, out, ret_size, err);
	if (status) { /* it stays failed */
		size_t got;
		assert_int_equal(prl_source_read(source, out, 1, &got, NULL), status);
	}
	prl_source_close(source);
	return status;
}

static void all_ways(void **unused)
{
	(void)unused;
	static unsigned char packed[2 * SIZE], out[2 * SIZE];
	static const size_t rooms[] = { 1, 7, 4096, 65536, SIZE };
	size_t size, half = pack(plain, SIZE / 2, packed, sizeof packed);
	size_t length = half + pack(plain + SIZE / 2, SIZE - SIZE / 2, packed + half, sizeof packed - half);
	memset(packed + length, 0, 100); /* padding of a tape */
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(drain_bytes(plain, SIZE, rooms[i], out, &size, NULL), PRL_OK);
		assert_int_equal(size, SIZE);
		assert_memory_equal(out, plain, SIZE);
		assert_int_equal(drain_bytes(packed, length, rooms[i], out, &size, NULL), PRL_OK);
		assert_int_equal(size, SIZE);
		assert_memory_equal(out, plain, SIZE);
	}
	assert_int_equal(drain_bytes(packed, length + 100, SIZE, out, &size, NULL), PRL_OK);
	assert_int_equal(size, SIZE);
	for (size_t n = 0; n < 3; n++) {
		assert_int_equal(drain_bytes(plain, n, 10, out, &size, NULL), PRL_OK);
		assert_int_equal(size, n);
	}
}

static void files(void **unused)
{
	(void)unused;
	static unsigned char packed[2 * SIZE], out[2 * SIZE];
	size_t length = pack(plain, SIZE, packed, sizeof packed), size;
	char path[] = "/tmp/parley-source-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, packed, length), length);
	close(fd);
	prl_source *source;
	uint64_t done, total;
	assert_int_equal(prl_source_open_file(path, &source, NULL), PRL_OK);
	assert_int_equal(drain(source, 5000, out, &size, NULL), PRL_OK);
	prl_source_progress(source, &done, &total);
	assert_int_equal(done, length);
	assert_int_equal(total, length);
	prl_source_close(source);
	unlink(path);
	assert_int_equal(size, SIZE);
	assert_memory_equal(out, plain, SIZE);
}

/* A gzip file cut off anywhere gives what was unpacked and then an error; never a quiet end. */
static void cut_off(void **unused)
{
	(void)unused;
	static unsigned char packed[2 * SIZE], out[2 * SIZE];
	size_t length = pack(plain, SIZE, packed, sizeof packed), size;
	for (size_t n = 2; n < length; n += n < 64 || n > length - 64 ? 1 : 7919) {
		prl_error err = { 0 };
		assert_int_equal(drain_bytes(packed, n, 100000, out, &size, &err), PRL_E_SYNTAX);
		assert_non_null(strstr(err.text, "cut off"));
		assert_memory_equal(out, plain, size);
	}
}

static void damaged(void **unused)
{
	(void)unused;
	static unsigned char packed[2 * SIZE], out[2 * SIZE];
	size_t length = pack(plain, SIZE, packed, sizeof packed), size;
	prl_error err = { 0 };
	packed[length - 5] ^= 1; /* the checksum */
	assert_int_equal(drain_bytes(packed, length, 4096, out, &size, &err), PRL_E_SYNTAX);
	assert_non_null(strstr(err.text, "damaged"));
	packed[length - 5] ^= 1;
	memcpy(packed + length, "xyz", 3);
	assert_int_equal(drain_bytes(packed, length + 3, 4096, out, &size, &err), PRL_E_SYNTAX);
	assert_non_null(strstr(err.text, "not gzip"));
	assert_int_equal(size, SIZE);
}

static void unreadable(void **unused)
{
	(void)unused;
	prl_source *source = NULL;
	prl_error err = { 0 };
	assert_int_equal(prl_source_open_file("/nonexistent/file", &source, &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(prl_source_open_file("/tmp", &source, &err), PRL_E_IO);
	assert_non_null(strstr(err.text, "directory"));
	assert_null(source);
	prl_source_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(all_ways), cmocka_unit_test(files), cmocka_unit_test(cut_off),
		                            cmocka_unit_test(damaged), cmocka_unit_test(unreadable) };
	for (size_t i = 0; i < SIZE; i++)
		plain[i] = (unsigned char)"0123456789abcdef"[(i * 2654435761u >> 13) % 16];
	return cmocka_run_group_tests_name("formats/source", tests, NULL, NULL);
}
