/* What the disk, the processor and other programs can do to a store. */
#include "store/faulty_vfs.h"
#include "store/line.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* ---- kill -9 ----------------------------------------------------------------------------------------------------- */

/* Commits for ever, and says after each how long the log is. */
static void write_until_killed(const char *path, int to, uint64_t seed)
{
	static line l;
	rnd r = rnd_case(seed, 1);
	if (line_open(&l, path, PRL_STORE_CREATE, NULL))
		_exit(9);
	for (;;) {
		if (line_commit(&l, 1 + rnd_below(&r, LINE_BATCH), NULL) || write(to, &l.log.size, 8) != 8)
			_exit(9);
	}
}

static uint64_t last_said(int from)
{
	uint64_t size = 0, next;
	while (read(from, &next, 8) == 8)
		size = next;
	return size;
}

static void keeps_what_was_answered(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("kill"), before = 0;
	rnd r = rnd_case(seed, 0);
	folder f = folder_new();
	size_t count = rnd_count(20, 200);
	for (size_t i = 0; i < count; i++) {
		int ends[2], status;
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			close(ends[0]);
			write_until_killed(f.store, ends[1], seed + i);
		}
		close(ends[1]);
		struct timespec wait = { 0, (long)rnd_log(&r, 1e5, 8e7) };
		nanosleep(&wait, NULL);
		kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		uint64_t said = last_said(ends[0]);
		close(ends[0]);
		if (said == 0 && (before == 0 || access(f.store, F_OK) != 0))
			continue; /* it may not have come as far as to make the log */
		uint64_t size = line_see_file(f.store);
		assert_true(size >= said && size >= before);
		before = size;
	}
	folder_done(&f);
}

/* ---- a disk that fails ------------------------------------------------------------------------------------------- */

/* Each write and sync of a commit in turn fails, once or for good. The batch is not there, not for readers, not after
 * the disk is well again, not in what a crash right then would leave; the next commit works. */
static void fail_each(bool for_good, int code, int number)
{
	faulty_begin();
	bool beyond = false;
	for (int n = 1; !beyond; n++) {
		folder f = folder_new(), after = folder_new();
		static line l;
		prl_error why = { 0 };
		OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
		OK(line_commit(&l, 20, err));
		faulty_fail(n, for_good, code, number);
		prl_status status = line_commit(&l, 30, &why);
		beyond = faulty_heal();
		assert_int_equal(status, beyond ? PRL_OK : PRL_E_IO);
		if (!beyond) {
			assert_non_null(strstr(why.text, f.store));
			assert_non_null(strstr(why.text, strerror(number)));
		}
		assert_int_equal(line_see(l.store), beyond ? 50 : 20);
		OK(line_commit(&l, 10, err));
		OK(line_commit(&l, 5, err));
		assert_int_equal(line_see(l.store), beyond ? 65 : 35);
		OK(prl_store_check(l.store, err));
		prl_store_close(l.store);
		assert_int_equal(line_see_file(f.store), beyond ? 65 : 35);
		assert_true(n < 1000);
		folder_done(&f);
		folder_done(&after);
	}
	faulty_end();
}

static void fails_cleanly(void **state)
{
	(void)state;
	fail_each(false, SQLITE_IOERR, EIO);
	fail_each(true, SQLITE_IOERR, EIO);
	fail_each(true, SQLITE_FULL, ENOSPC);
}

/* A sync that fails once, then kill -9: the batch that was refused does not come back. */
static void refused_stays_refused(void **state)
{
	(void)state;
	faulty_begin();
	for (int n = 1; n < 200; n++) {
		folder f = folder_new();
		int ends[2], status;
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			static line l;
			if (line_open(&l, f.store, PRL_STORE_CREATE, NULL) || line_commit(&l, 20, NULL))
				_exit(9);
			faulty_fail(n, false, SQLITE_IOERR, EIO);
			(void)!line_commit(&l, 30, NULL);
			(void)!write(ends[1], &l.log.size, 8);
			raise(SIGKILL);
		}
		close(ends[1]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		uint64_t said = last_said(ends[0]);
		close(ends[0]);
		assert_true(said == 20 || said == 50);
		assert_int_equal(line_see_file(f.store), said);
		folder_done(&f);
		if (said == 50)
			break;
	}
	faulty_end();
}

/* Power cuts at random: what was synced, and of the rest any part. */
static void survives_power_cuts(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("power cut");
	size_t runs = rnd_count(6, 60);
	for (size_t run = 0; run < runs; run++) {
		rnd r = rnd_case(seed, run);
		folder f = folder_new();
		static line l;
		faulty_begin();
		faulty_watched = f.path;
		OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
		for (size_t i = 0; i < 60; i++) {
			OK(line_commit(&l, 1 + rnd_below(&r, LINE_BATCH), err));
			if (!rnd_chance(&r, 0.1))
				continue;
			folder after = folder_new();
			faulty_cut(after.path, &r);
			assert_int_equal(line_see_file(after.store), l.log.size);
			folder_done(&after);
		}
		prl_store_close(l.store);
		faulty_end();
		folder_done(&f);
	}
}

/* ---- no room ----------------------------------------------------------------------------------------------------- */

static void see_no_room(prl_status status, const prl_error *why, const char *says)
{
	assert_int_equal(status, PRL_E_IO);
	if (!strstr(why->text, says) || !strstr(why->text, "no room"))
		fail_msg("%s", why->text);
}

/* Until it is refused six times in a row with the same answer: after the first there may be room once more, when what
 * stands in the write-ahead log has been moved into the file meanwhile and the log begins anew. */
static void fill_up(line *l, const char *says)
{
	prl_error why = { 0 };
	size_t refused = 0;
	for (size_t i = 0; refused < 6 && i < 100000; i++) {
		prl_status status = line_commit(l, LINE_BATCH, &why);
		if (status)
			see_no_room(status, &why, says);
		refused = status ? refused + 1 : 0;
	}
	assert_int_equal(refused, 6);
	assert_int_equal(line_see(l->store), l->log.size);
}

/* A limit on the size of files stands for a full disk: it needs no rights. */
static void goes_on_after_a_full_disk(void **state)
{
	(void)state;
	static line l;
	folder f = folder_new();
	struct rlimit limit, small;
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
	OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 600000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	fill_up(&l, "File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (size_t i = 0; i < 50; i++)
		OK(line_commit(&l, 10, err));
	OK(prl_store_check(l.store, err));
	prl_store_close(l.store);
	assert_int_equal(line_see_file(f.store), l.log.size);
	signal(SIGXFSZ, before);
	folder_done(&f);
}

static void fill_tmpfs(const char *path)
{
	static line l;
	char store[200], stone[200], block[65536];
	snprintf(store, sizeof store, "%s/line.db", path);
	snprintf(stone, sizeof stone, "%s/stone", path);
	int fd = open(stone, O_WRONLY | O_CREAT, 0644);
	memset(block, 1, sizeof block);
	for (size_t i = 0; i < 64; i++) /* 4 MiB: more than a write-ahead log that could not be moved */
		assert_true(write(fd, block, sizeof block) == sizeof block);
	close(fd);
	OK(line_open(&l, store, PRL_STORE_CREATE, err));
	fill_up(&l, "No space left on device");
	unlink(stone);
	for (size_t i = 0; i < 10; i++)
		OK(line_commit(&l, 10, err));
	prl_store_close(l.store);
	assert_int_equal(line_see_file(store), l.log.size);
}

/* A real full disk, where this program may mount one: in a name space of its own, in a process of its own. */
static void goes_on_after_a_full_tmpfs(void **state)
{
	(void)state;
	folder f = folder_new();
	int status;
	pid_t child = fork();
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("tmpfs", f.path, "tmpfs", 0, "size=12m"))
			_exit(77);
		fill_tmpfs(f.path);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	folder_done(&f);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# skip: no right to mount a tmpfs\n");
		skip();
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- a disk that cannot be written ------------------------------------------------------------------------------- */

static void look_at_closed(const char *path)
{
	prl_store *store;
	prl_error why = { 0 };
	OK(prl_store_open(path, PRL_STORE_READ, &store, err));
	assert_int_equal(line_see(store), 30);
	OK(prl_store_check(store, err));
	prl_store_close(store);
	assert_int_equal(prl_store_open(path, 0, &store, &why), PRL_E_IO);
	assert_non_null(strstr(why.text, "Permission denied"));
	assert_non_null(strstr(why.text, path));
}

/* Its write-ahead log holds what is not in the file yet, and nothing can be made beside it. */
static void look_at_killed(const char *path)
{
	prl_store *store;
	prl_error why = { 0 };
	prl_status status = prl_store_open(path, PRL_STORE_READ, &store, &why);
	assert_int_equal(status, PRL_E_IO);
	if (!strstr(why.text, "was not closed"))
		fail_msg("%s", why.text);
}

/* As somebody who may write neither the file nor its folder. */
static void look_as_nobody(const folder *f, void (*look)(const char *path))
{
	int status;
	chmod(f->store, 0444);
	chmod(f->path, 0555);
	pid_t child = fork();
	if (child == 0) {
		setenv("CMOCKA_TEST_ABORT", "1", 1);
		if (getuid() == 0 && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
			_exit(9);
		look(f->store);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	chmod(f->store, 0644);
	chmod(f->path, 0755);
}

static void is_read_where_nothing_can_be_written(void **state)
{
	(void)state;
	folder f = folder_new();
	static line l;
	int status;
	char shm[100];
	OK(line_open(&l, f.store, PRL_STORE_CREATE, err));
	OK(line_commit(&l, 30, err));
	prl_store_close(l.store);
	look_as_nobody(&f, look_at_closed);
	pid_t child = fork();
	if (child == 0) {
		if (line_open(&l, f.store, 0, NULL) || line_commit(&l, 10, NULL))
			_exit(9);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	snprintf(shm, sizeof shm, "%s-shm", f.store);
	unlink(shm);
	look_as_nobody(&f, look_at_killed);
	assert_int_equal(line_see_file(f.store), 40);
	folder_done(&f);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static char *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*size = (size_t)ftell(file);
	rewind(file);
	char *bytes = malloc(*size + 1);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	fclose(file);
	return bytes;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static prl_status see_anything(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	(void)index, (void)err;
	for (size_t i = 0; i < entry.size; i++)
		*(size_t *)context += (unsigned char)entry.data[i];
	return PRL_OK;
}

static prl_status see_any_content(void *context, const prl_hash *hash, prl_time at, size_t size, prl_error *err)
{
	(void)hash, (void)at, (void)size, (void)err, (void)context;
	return PRL_OK;
}

/* Reads all there is, whatever comes. */
static void read_anything(prl_store *store)
{
	prl_store_reader *reader;
	prl_buffer found = PRL_BUFFER(1 << 20);
	size_t sum = 0;
	uint64_t size;
	if (prl_store_reader_new(store, &reader, NULL))
		return;
	for (uint64_t i = 0; i < 400; i += 50)
		(void)!prl_store_entries(reader, 1, i, i + 50, see_anything, &sum, NULL);
	(void)!prl_store_checkpoint(reader, 1, &found, NULL);
	(void)!prl_store_cosigned_to(reader, 1, 1000, &size, &found, NULL);
	(void)!prl_store_cell_get(reader, "size", &found, NULL);
	for (uint64_t i = 0; i < 3; i++)
		(void)!prl_store_tile(reader, 1, 0, i, &found, NULL);
	(void)!prl_store_contents(reader, INT64_MIN, INT64_MAX, see_any_content, NULL, NULL);
	(void)!prl_store_body_get(reader, 1, 9, &found, NULL);
	(void)!prl_store_bodies(reader, 1, 0, UINT64_MAX, see_anything, &sum, NULL);
	prl_buffer_done(&found);
	prl_store_reader_free(reader);
}

/* A store with something of everything, closed. */
static void make_rich(const char *path)
{
	static line l;
	static char tile[8192], big[50000];
	OK(line_open(&l, path, PRL_STORE_CREATE, err));
	for (size_t i = 0; i < 10; i++)
		OK(line_commit(&l, LINE_BATCH, err));
	struct prl_store_tile tiles[] = { { 0, 0, { tile, sizeof tile } } };
	prl_store_append append = {
		.log = 1, .epoch = l.log.epoch, .expected_size = l.log.size, .tiles = tiles, .tile_count = 1
	};
	prl_store_cosigned cosigned = { 1, 100, { tile, 500 } };
	prl_store_content content = { prl_sha256(big, sizeof big), 5, { big, sizeof big } };
	prl_store_batch batch = { .appends = &append,
				  .append_count = 1,
				  .cosigned = &cosigned,
				  .cosigned_count = 1,
				  .contents = &content,
				  .content_count = 1 };
	OK(prl_store_commit(l.store, &batch, err));
	prl_store_close(l.store);
}

static void hurt(char *bytes, size_t *size, rnd *r)
{
	size_t page = rnd_below(r, *size / 4096) * 4096;
	switch (rnd_below(r, 6)) {
	case 0: /* bits anywhere */
		for (size_t i = 1 + rnd_below(r, 8); i > 0; i--)
			bytes[rnd_below(r, *size)] ^= (char)(1 << rnd_below(r, 8));
		break;
	case 1: /* bits in the head of a page, where its structure is */
		for (size_t i = 1 + rnd_below(r, 8); i > 0; i--)
			bytes[page + rnd_below(r, 40)] ^= (char)(1 << rnd_below(r, 8));
		break;
	case 2:
		*size = rnd_below(r, *size);
		break;
	case 3:
		memset(bytes + page, 0, 4096);
		break;
	case 4: /* a page where another belongs */
		memmove(bytes + page, bytes + rnd_below(r, *size / 4096) * 4096, 4096);
		break;
	default:
		for (size_t i = 0; i < 4096; i++)
			bytes[page + i] = (char)rnd_u64(r);
	}
}

/* Open and check say what is wrong or the store is whole in all that a store knows of: then only the inside of an entry
 * or a note may differ, which the record's hashes find. */
static bool see_damaged(const char *path)
{
	prl_store *store;
	prl_error why = { 0 };
	prl_status status = prl_store_open(path, 0, &store, &why);
	if (status) {
		assert_true(status == PRL_E_IO || status == PRL_E_UNSUPPORTED);
		assert_true(strlen(why.text) > 20);
		return true;
	}
	status = prl_store_check(store, &why);
	if (status && (status != PRL_E_IO || !strstr(why.text, "damaged")))
		fail_msg("%s", why.text);
	read_anything(store);
	static line l;
	l.store = store;
	if (prl_store_log_open(store, "line.example/line", true, &l.log, NULL) == PRL_OK && l.log.size < 1000)
		(void)!line_commit(&l, 10, NULL);
	prl_store_close(store);
	return status != PRL_OK;
}

static void says_that_it_is_damaged(void **state)
{
	(void)state;
	uint64_t seed = rnd_seed("damage");
	folder f = folder_new();
	size_t size, found = 0, rounds = rnd_count(300, 20000);
	make_rich(f.store);
	char *whole = read_file(f.store, &size);
	for (size_t i = 0; i < rounds; i++) {
		rnd r = rnd_case(seed, i);
		size_t hurt_size = size;
		char *bytes = malloc(size);
		memcpy(bytes, whole, size);
		hurt(bytes, &hurt_size, &r);
		write_file(f.other, bytes, hurt_size);
		free(bytes);
		found += see_damaged(f.other);
		char wal[100];
		snprintf(wal, sizeof wal, "%s-wal", f.other);
		unlink(wal);
	}
	print_message("# %zu of %zu damages found\n", found, rounds);
	assert_true(found > rounds / 2);
	free(whole);
	folder_done(&f);
}

static void refuses_what_is_no_store(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store;
	prl_error why = { 0 };
	char noise[8192];
	memset(noise, 'x', sizeof noise);
	write_file(f.store, noise, sizeof noise);
	assert_int_equal(prl_store_open(f.store, PRL_STORE_CREATE, &store, &why), PRL_E_IO);
	assert_non_null(strstr(why.text, "damaged"));
	write_file(f.store, "", 0);
	assert_int_equal(prl_store_open(f.store, 0, &store, &why), PRL_E_UNSUPPORTED);
	unlink(f.store);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(f.store, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE log (a)", NULL, NULL, NULL);
	assert_int_equal(prl_store_open(f.store, PRL_STORE_CREATE, &store, &why), PRL_E_UNSUPPORTED);
	assert_non_null(strstr(why.text, "not a store of parley"));
	sqlite3_close(db);
	make_rich(f.other);
	assert_int_equal(sqlite3_open(f.other, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 3", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_int_equal(prl_store_open(f.other, 0, &store, &why), PRL_E_UNSUPPORTED);
	assert_non_null(strstr(why.text, "format 3"));
	folder_done(&f);
}

/* What SQLite finds whole and the store does not. */
static void checks_what_it_means(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {
		{ "DELETE FROM entry WHERE id = (1 << 40) + 17", "400 entries and has 399" },
		{ "DELETE FROM entry WHERE id = (1 << 40) + 399", "has 399" },
		{ "UPDATE entry SET id = id + 1 WHERE id = (1 << 40) + 399", "to 400" },
		{ "UPDATE log SET size = 401", "401 entries and has 400" },
		{ "INSERT INTO entry VALUES (5, x'00')", "belongs to no log" },
		{ "INSERT INTO entry VALUES (7 << 40, x'00')", "belongs to no log" },
		{ "UPDATE tile SET hashes = x'00'", "a tile of log 1" },
		{ "UPDATE tile SET id = id + 1", "a tile of log 1" },
		{ "UPDATE cosigned SET id = id + (1 << 40)", "of no log" },
		{ "UPDATE content SET bytes = zeroblob(3)", "kept under another hash" },
		{ "UPDATE log SET epoch = -1", "cannot be" },
		{ "INSERT INTO body VALUES ((1 << 40) + 400, x'00')", "beside no entry" },
		{ "INSERT INTO body VALUES (7 << 40, x'00')", "beside no entry" },
		{ "INSERT INTO body VALUES (-5, x'00')", "beside no entry" },
		{ "UPDATE body SET bytes = zeroblob(8388609) WHERE id = 1 << 40", "too large" },
		{ "DROP TABLE body", "damaged" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		folder f = folder_new();
		prl_store *store;
		prl_error why = { 0 };
		sqlite3 *db;
		make_rich(f.store);
		assert_int_equal(line_see_file(f.store), 400);
		assert_int_equal(sqlite3_open(f.store, &db), SQLITE_OK);
		assert_int_equal(sqlite3_exec(db, wrong[i][0], NULL, NULL, NULL), SQLITE_OK);
		sqlite3_close(db);
		OK(prl_store_open(f.store, 0, &store, err));
		assert_int_equal(prl_store_check(store, &why), PRL_E_IO);
		if (!strstr(why.text, wrong[i][1]))
			fail_msg("%s: %s", wrong[i][0], why.text);
		prl_store_close(store);
		folder_done(&f);
	}
}

/* ---- a store of the format before -------------------------------------------------------------------------------- */

/* Made by the program of format 1: its own log of 28 entries, a mirror, no bodies. */
static void copy_format_1(const char *path)
{
	size_t size;
	char *bytes = read_file(PARLEY_SOURCE_DIR "/tests/fixtures/record-0.1/us/record.db", &size);
	write_file(path, bytes, size);
	free(bytes);
}

static int64_t format_of(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	int64_t version = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return version;
}

static prl_status write_body(prl_store *store, const prl_store_log *log, prl_error *err)
{
	prl_store_body body = { log->id, log->size - 1, prl_bytes_of("beside") };
	return prl_store_commit(store, &(prl_store_batch){ .bodies = &body, .body_count = 1 }, err);
}

/* All entries, no or one body. */
static void see_format_1(prl_store *store, const prl_store_log *log, bool with_body)
{
	prl_store_reader *reader;
	prl_buffer found = PRL_BUFFER(100);
	size_t sum = 0, beside = 0;
	OK(prl_store_reader_new(store, &reader, err));
	OK(prl_store_entries(reader, log->id, 0, log->size, see_anything, &sum, err));
	assert_true(log->size > 20 && sum > 1000);
	OK(prl_store_bodies(reader, log->id, 0, log->size, see_anything, &beside, err));
	assert_int_equal(beside > 0, with_body);
	assert_int_equal(prl_store_body_get(reader, log->id, log->size - 1, &found, NULL),
			 with_body ? PRL_OK : PRL_E_NOT_FOUND);
	OK(prl_store_check(store, err));
	prl_buffer_done(&found);
	prl_store_reader_free(reader);
}

static void look_at_format_1(const char *path)
{
	prl_store *store;
	prl_store_log log;
	OK(prl_store_open(path, PRL_STORE_READ, &store, err));
	OK(prl_store_log_open(store, "us.example/line", false, &log, err));
	see_format_1(store, &log, false);
	prl_store_close(store);
}

/* Looked at, it stays as it is, where it can be written and where not; a copy of it too. */
static void looks_at_the_format_before(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store;
	copy_format_1(f.store);
	assert_int_equal(format_of(f.store), 1);
	look_at_format_1(f.store);
	OK(prl_store_open(f.store, PRL_STORE_READ, &store, err));
	OK(prl_store_backup(store, f.other, err));
	prl_store_close(store);
	look_at_format_1(f.other);
	assert_int_equal(format_of(f.other), 1);
	folder_done(&f);
	f = folder_new();
	copy_format_1(f.store);
	look_as_nobody(&f, look_at_format_1);
	assert_int_equal(format_of(f.store), 1);
	folder_done(&f);
}

/* Opened to be written it is brought up to date; who looked before goes on and finds bodies from then on. */
static void brings_the_format_before_up_to_date(void **state)
{
	(void)state;
	folder f = folder_new();
	prl_store *store, *look;
	prl_store_reader *reader;
	prl_store_log log;
	prl_buffer found = PRL_BUFFER(100);
	copy_format_1(f.store);
	OK(prl_store_open(f.store, PRL_STORE_READ, &look, err));
	OK(prl_store_reader_new(look, &reader, err));
	assert_int_equal(prl_store_body_get(reader, 1, 0, &found, NULL), PRL_E_NOT_FOUND);
	OK(prl_store_open(f.store, 0, &store, err));
	OK(prl_store_log_open(store, "us.example/line", false, &log, err));
	see_format_1(store, &log, false);
	OK(write_body(store, &log, err));
	see_format_1(store, &log, true);
	OK(prl_store_body_get(reader, log.id, log.size - 1, &found, err));
	see_format_1(look, &log, true);
	prl_store_reader_free(reader);
	prl_store_close(look);
	prl_store_close(store);
	assert_int_equal(format_of(f.store), 2);
	OK(prl_store_open(f.store, 0, &store, err)); /* and once is enough */
	see_format_1(store, &log, true);
	prl_store_close(store);
	prl_buffer_done(&found);
	folder_done(&f);
}

/* Each write of it in turn fails: the store is of the one format or the other, whole, and the next opening does it. */
static void brings_it_up_to_date_or_not_at_all(void **state)
{
	(void)state;
	bool beyond = false;
	size_t refused = 0;
	faulty_begin();
	for (int n = 1; !beyond; n++) {
		folder f = folder_new();
		prl_store *store = NULL;
		prl_store_log log;
		prl_error why = { 0 };
		copy_format_1(f.store);
		faulty_fail(n, false, SQLITE_FULL, ENOSPC);
		prl_status status = prl_store_open(f.store, 0, &store, &why);
		beyond = faulty_heal();
		if (status && (status != PRL_E_IO || !strstr(why.text, f.store)))
			fail_msg("%s", why.text);
		assert_true(!status || !beyond);
		refused += status != PRL_OK;
		if (!status)
			prl_store_close(store);
		OK(prl_store_open(f.store, 0, &store, err));
		OK(prl_store_log_open(store, "us.example/line", false, &log, err));
		OK(write_body(store, &log, err));
		see_format_1(store, &log, true);
		prl_store_close(store);
		assert_int_equal(format_of(f.store), 2);
		assert_true(n < 1000);
		folder_done(&f);
	}
	assert_true(refused > 2);
	faulty_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_was_answered),
		cmocka_unit_test(fails_cleanly),
		cmocka_unit_test(refused_stays_refused),
		cmocka_unit_test(survives_power_cuts),
		cmocka_unit_test(goes_on_after_a_full_disk),
		cmocka_unit_test(goes_on_after_a_full_tmpfs),
		cmocka_unit_test(is_read_where_nothing_can_be_written),
		cmocka_unit_test(says_that_it_is_damaged),
		cmocka_unit_test(refuses_what_is_no_store),
		cmocka_unit_test(checks_what_it_means),
		cmocka_unit_test(looks_at_the_format_before),
		cmocka_unit_test(brings_the_format_before_up_to_date),
		cmocka_unit_test(brings_it_up_to_date_or_not_at_all),
	};
	return cmocka_run_group_tests_name("store faults", tests, NULL, NULL);
}
