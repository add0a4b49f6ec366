/* What a disk can do to a node that runs as a process: full, read-only, truncated, with flipped bits, keys that cannot
 * be read. Either a clear refusal or a repair from the mirror; never a wrong word and nothing lost in silence. */
#include "support/author.h"
#include "support/random.h"
#include "support/record_files.h"
#include "support/served.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ACTS 300 /* more than a full tile */

/* us keeps a log with acts that ru mirrors; both stopped. */
typedef struct world {
	nodes_set *nodes;
	served ru, us;
	author author;
	uint64_t indices[ACTS];
	prl_hash hashes[ACTS];
	size_t count;
} world;

/* ---- the world --------------------------------------------------------------------------------------------------- */

static void say(world *w, const char *text)
{
	w->indices[w->count] = author_say(&w->author, text);
	w->hashes[w->count++] = w->author.hash;
}

static bool mirrored(world *w, bool all)
{
	record_files us, ru;
	record_files_open(&us, w->us.node, w->ru.node);
	record_files_open(&ru, w->ru.node, w->us.node);
	bool same = us.size == ru.mirrored && (!all || ru.size == us.mirrored);
	record_files_done(&us);
	record_files_done(&ru);
	return same;
}

static world *begin(size_t acts)
{
	world *w = calloc(1, sizeof *w);
	char text[40];
	w->nodes = nodes_new("ru us", false);
	w->ru.node = &w->nodes->nodes[0];
	w->us.node = &w->nodes->nodes[1];
	served_start(&w->ru, NULL);
	served_start(&w->us, NULL);
	served_wait_open(&w->ru);
	served_wait_open(&w->us);
	author_make(&w->author, w->nodes, 1, "load");
	for (size_t i = 0; i < acts; i++) {
		(void)snprintf(text, sizeof text, "act %zu of many", i);
		say(w, text);
	}
	NODES_WAIT(mirrored(w, true));
	return w;
}

static void end(world *w)
{
	served_stop(&w->us);
	served_stop(&w->ru);
	author_done(&w->author);
	nodes_free(w->nodes);
	free(w);
}

static void keep_aside(const world *w)
{
	served_sh("rm -rf '%s/aside' && mkdir '%s/aside' && cp -p '%s'/record.db* '%s/aside/' && "
		  "if [ -e '%s/snapshot' ]; then cp -p '%s/snapshot' '%s/aside/'; fi",
		  w->us.node->folder, w->us.node->folder, w->us.node->folder, w->us.node->folder, w->us.node->folder,
		  w->us.node->folder, w->us.node->folder);
}

static void put_back(const world *w)
{
	served_sh("rm -f '%s'/record.db* '%s/snapshot' && cp -p '%s'/aside/* '%s/'", w->us.node->folder,
		  w->us.node->folder, w->us.node->folder, w->us.node->folder);
}

/* Every act that was answered is shown with its bytes. What is not: counted where the node says so, else the end. */
static size_t check_shown(world *w)
{
	size_t not_shown = 0;
	for (size_t i = 0; i < w->count; i++) {
		char path[200];
		(void)snprintf(path, sizeof path, "/parley/v1/entries?from=%llu&count=1",
			       (unsigned long long)w->indices[i]);
		unsigned status = author_ask(&w->author, "GET", path, NULL, NULL);
		if (status != 200) {
			if (status != 503 && status != 500)
				nodes_fail(__FILE__, __LINE__, author_reply(&w->author));
			not_shown++;
			continue;
		}
		json_t *list = json_loads(author_reply(&w->author), 0, NULL);
		const char *note =
			json_string_value(json_object_get(json_array_get(json_object_get(list, "entries"), 0), "note"));
		prl_hash hash = prl_sha256(note ? note : "", note ? strlen(note) : 0);
		if (!prl_hash_equal(&hash, &w->hashes[i]))
			nodes_fail(__FILE__, __LINE__, "an act is shown with other bytes");
		json_decref(list);
	}
	return not_shown;
}

/* ---- a full disk ------------------------------------------------------------------------------------------------- */

static bool unhealthy_with(world *w, const char *reason)
{
	return author_ask(&w->author, "GET", "/healthy", NULL, NULL) == 503 &&
	       strstr(author_reply(&w->author), reason) != NULL;
}

/* After the disk has failed under us, and is well again: the act that was refused is taken, once. */
static void check_goes_on(world *w, size_t failed_entries)
{
	unsigned status = 0;
	for (int i = 0; i < 100 && (status = author_post(&w->author)) != 201; i++)
		nodes_sleep_ms(100);
	assert_int_equal(status, 201);
	uint64_t index = author_index(&w->author);
	assert_int_equal(index, w->indices[w->count - 1] + 1 + failed_entries);
	author_answered(&w->author);
	w->indices[w->count] = index;
	w->hashes[w->count++] = w->author.hash;
	say(w, "and the next");
	assert_true(served_healthy(&w->us));
	NODES_WAIT(mirrored(w, true));
	assert_int_equal(check_shown(w), 0);
	record_files r;
	served_kill(&w->us);
	record_files_open(&r, w->us.node, w->ru.node);
	record_files_check(&r, w->ru.node);
	assert_int_equal(record_files_count(&r, "no room"), 1);
	record_files_done(&r);
}

/* RLIMIT_FSIZE of the running process: each write beyond it fails, as on a full disk. */
static void no_more_room(void **state)
{
	(void)state;
	world *w = begin(5);
	struct rlimit limit, small;
	assert_int_equal(prlimit(w->us.pid, RLIMIT_FSIZE, NULL, &limit), 0);
	small = (struct rlimit){ 4096, limit.rlim_max };
	assert_int_equal(prlimit(w->us.pid, RLIMIT_FSIZE, &small, NULL), 0);
	author_sign(&w->author, "message.sent", "{\"text\":\"no room\",\"language\":\"en\"}");
	assert_int_equal(author_post(&w->author), 503);
	assert_non_null(strstr(author_reply(&w->author), "record.db"));
	assert_non_null(strstr(author_reply(&w->author), strerror(EFBIG)));
	assert_true(unhealthy_with(w, "the disk fails"));
	assert_int_equal(check_shown(w), 0); /* what is there is read all the same */
	assert_int_equal(prlimit(w->us.pid, RLIMIT_FSIZE, &limit, NULL), 0);
	check_goes_on(w, 0);
	end(w);
}

/* Disks of the test's own, which nobody else sees; false where neither root nor a user namespace gives them. */
static bool may_mount(void)
{
	static int may = -1;
	if (may >= 0)
		return may;
	may = unshare(CLONE_NEWNS) == 0;
	if (!may) {
		char line[60];
		unsigned uid = getuid();
		may = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
		int length = snprintf(line, sizeof line, "0 %u 1", uid);
		int fd = may ? open("/proc/self/uid_map", O_WRONLY) : -1;
		may = may && fd >= 0 && write(fd, line, (size_t)length) == length;
		if (fd >= 0)
			(void)close(fd);
	}
	may = may && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	return may;
}

#define NEED_MOUNTS()                                                                                                  \
	do {                                                                                                           \
		if (!may_mount()) {                                                                                    \
			print_message("# skip: neither root nor a user namespace may mount a disk here\n");            \
			skip();                                                                                        \
		}                                                                                                      \
	} while (0)

/* The node's folder on a disk of its own of so many bytes. */
static void move_to_disk(const world *w, const char *options)
{
	char aside[340];
	(void)snprintf(aside, sizeof aside, "%s.aside", w->us.node->folder);
	served_sh("mv '%s' '%s' && mkdir '%s'", w->us.node->folder, aside, w->us.node->folder);
	assert_int_equal(mount("tmpfs", w->us.node->folder, "tmpfs", 0, options), 0);
	served_sh("cp -a '%s/.' '%s/'", aside, w->us.node->folder);
}

/* Whether something rings at a node under the hash of the author's entry, with logged as said; -1: whichever. */
static bool rings(prl_client *at, const author *a, int logged)
{
	char id[PRL_HASH_TEXT_MAX];
	json_t *list = nodes_get(at, "/parley/v1/calls"), *one;
	size_t i;
	bool found = false;
	prl_hash_write(&a->hash, id);
	json_array_foreach(json_object_get(list, "items"), i, one)
	{
		const char *text = json_string_value(json_object_get(one, "id"));
		bool is_logged = json_is_true(json_object_get(one, "logged"));
		found = found || (text && strcmp(text, id) == 0 && (logged < 0 || is_logged == (logged > 0)));
	}
	json_decref(list);
	return found;
}

/* A disk without room for a single entry keeps no STOP from the other side; it is recorded when there is room. */
static void stop_rings(world *w, prl_client *ru)
{
	author_sign(&w->author, "call.raised", "{\"class\": \"STOP\"}");
	prl_bytes note = { w->author.entry, w->author.size };
	assert_int_equal(author_ask(&w->author, "POST", "/parley/v1/calls", "text/plain", &note), 202);
	NODES_WAIT(rings(ru, &w->author, 0));
}

static void full_disk(void **state)
{
	(void)state;
	NEED_MOUNTS();
	world *w = begin(5);
	served_stop(&w->us);
	move_to_disk(w, "size=8m");
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	say(w, "on the small disk");
	served_sh("cat /dev/zero > '%s/filler' 2>/dev/null || true", w->us.node->folder);
	author_sign(&w->author, "message.sent", "{\"text\":\"no room\",\"language\":\"en\"}");
	unsigned status = author_post(&w->author);
	for (int i = 0; i < 2000 && status == 201; i++) { /* the write-ahead log may still have room */
		author_answered(&w->author);
		author_sign(&w->author, "message.sent", "{\"text\":\"last room\",\"language\":\"en\"}");
		status = author_post(&w->author);
	}
	assert_int_equal(status, 503);
	assert_non_null(strstr(author_reply(&w->author), strerror(ENOSPC)));
	assert_true(unhealthy_with(w, "the disk fails"));
	assert_int_equal(check_shown(w), 0);
	prl_client *ru = nodes_desk(w->nodes, 0);
	stop_rings(w, ru);
	served_sh("rm '%s/filler'", w->us.node->folder);
	NODES_WAIT(rings(ru, &w->author, 1));
	author_answered(&w->author);
	prl_client_free(ru);
	uint64_t before = w->indices[w->count - 1];
	author_sign(&w->author, "message.sent", "{\"text\":\"room again\",\"language\":\"en\"}");
	for (int i = 0; i < 100 && (status = author_post(&w->author)) != 201; i++)
		nodes_sleep_ms(100);
	assert_int_equal(status, 201);
	assert_true(author_index(&w->author) > before);
	author_answered(&w->author);
	say(w, "and the next");
	NODES_WAIT(mirrored(w, true));
	record_files r;
	served_kill(&w->us);
	record_files_open(&r, w->us.node, w->ru.node);
	record_files_check(&r, w->ru.node);
	record_files_done(&r);
	assert_int_equal(umount(w->us.node->folder), 0);
	end(w);
}

static void ends_saying(world *w, const char *option, const char *text)
{
	served_sh("rm -f '%s.said'", w->us.node->folder);
	served_start(&w->us, option);
	int status = served_ended(&w->us);
	if (status == 0 || !served_has_said(&w->us, text)) {
		char *said = served_said(&w->us);
		print_message("# ended with %d, expected it to say \"%s\":\n%s\n", status, text, said);
		free(said);
		fail();
	}
	assert_in_range(status, 1, 3); /* an end of its own, not a signal, not a sanitizer's */
	assert_true(served_healthy(&w->ru));
}

static void read_only_disk(void **state)
{
	(void)state;
	NEED_MOUNTS();
	world *w = begin(5);
	served_stop(&w->us);
	move_to_disk(w, "size=32m");
	assert_int_equal(mount("none", w->us.node->folder, NULL, MS_REMOUNT | MS_RDONLY, "size=32m"), 0);
	ends_saying(w, NULL, strerror(EROFS));
	assert_int_equal(mount("none", w->us.node->folder, NULL, MS_REMOUNT, "size=32m"), 0);
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	assert_int_equal(check_shown(w), 0);
	served_stop(&w->us);
	assert_int_equal(umount(w->us.node->folder), 0);
	end(w);
}

/* ---- files that are damaged -------------------------------------------------------------------------------------- */

static off_t file_size(const char *path)
{
	struct stat st;
	return stat(path, &st) ? 0 : st.st_size;
}

static const char *file_of(const world *w, const char *name)
{
	static char path[400];
	(void)snprintf(path, sizeof path, "%s/%s", w->us.node->folder, name);
	return path;
}

static void flip(const char *path, off_t at, unsigned bit)
{
	uint8_t byte;
	int fd = open(path, O_RDWR);
	assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
	byte ^= (uint8_t)(1u << bit);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

/* Open, ended, or open and ended afterwards. */
typedef enum outcome { SERVED, REFUSED } outcome;

static outcome start_damaged(world *w)
{
	served_sh("rm -f '%s.said'", w->us.node->folder);
	served_start(&w->us, NULL);
	for (int64_t limit = served_now_ms() + 30000; served_now_ms() < limit; nodes_sleep_ms(10)) {
		if (kill(w->us.pid, 0) == 0 && served_healthy(&w->us))
			return SERVED;
		if (served_has_said(&w->us, "parley: serve"))
			break;
	}
	int status = served_ended(&w->us);
	if (status < 1 || status > 3 || !served_has_said(&w->us, "parley: serve")) {
		char *said = served_said(&w->us);
		print_message("# ended with %d: %s\n", status, said);
		free(said);
		fail();
	}
	return REFUSED;
}

/* One bit anywhere in the store. */
static void flipped_bits(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("flip"), 0);
	size_t count = rnd_count(12, 200), refused = 0, unchanged = 0, hidden = 0;
	world *w = begin(ACTS - 5);
	served_stop(&w->us);
	keep_aside(w);
	for (size_t i = 0; i < count; i++) {
		put_back(w);
		if (rnd_chance(&r, 0.5))
			(void)unlink(file_of(w, "snapshot"));
		const char *path = file_of(w, "record.db");
		off_t at = (off_t)rnd_below(&r, (size_t)file_size(path));
		flip(path, at, (unsigned)rnd_below(&r, 8));
		if (start_damaged(w) == REFUSED) {
			refused++;
			continue;
		}
		size_t not_shown = check_shown(w);
		hidden += not_shown > 0;
		unchanged += not_shown == 0;
		(void)kill(w->us.pid, SIGTERM);
		assert_in_range(served_ended(&w->us), 0, 3);
	}
	print_message("# %zu bits: %zu refused at the start, %zu when read, %zu without effect\n", count, refused,
		      hidden, unchanged);
	assert_true(served_healthy(&w->ru));
	put_back(w);
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	assert_int_equal(check_shown(w), 0);
	end(w);
}

/* Where the file holds these bytes. */
static off_t find_in(const char *path, const char *bytes, size_t size)
{
	prl_error err;
	prl_buffer text = PRL_BUFFER(256u << 20);
	assert_int_equal(prl_file_read(path, &text, &err), PRL_OK);
	const char *at = memmem(text.data, text.size, bytes, size);
	assert_non_null(at);
	off_t found = at - text.data;
	prl_buffer_done(&text);
	return found;
}

static void flipped_content(void **state)
{
	(void)state;
	world *w = begin(1);
	char bytes[1000], path[120] = "/parley/v1/contents/", body[400], text[PRL_HASH_TEXT_MAX];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)('a' + i % 23);
	prl_hash hash = prl_sha256(bytes, sizeof bytes);
	prl_hex_write(hash.bytes, sizeof hash.bytes, path + strlen(path));
	prl_hash_write(&hash, text);
	assert_int_equal(
		author_ask(&w->author, "PUT", path, "application/octet-stream", &(prl_bytes){ bytes, sizeof bytes }),
		201);
	(void)snprintf(body, sizeof body,
		       "{\"text\":\"see it\",\"language\":\"en\",\"contents\":[{\"hash\":\"%s\",\"size\":%zu,"
		       "\"title\":\"file\"}]}",
		       text, sizeof bytes - 32);
	author_sign(&w->author, "message.sent", body);
	assert_int_equal(author_post(&w->author), 201);
	author_answered(&w->author);
	assert_int_equal(author_ask(&w->author, "GET", path, NULL, NULL), 200);
	served_stop(&w->us);
	flip(file_of(w, "record.db"), find_in(file_of(w, "record.db"), bytes + 100, 200) + 50, 2);
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	assert_int_equal(author_ask(&w->author, "GET", path, NULL, NULL), 503);
	assert_non_null(strstr(author_reply(&w->author), "this content is damaged"));
	say(w, "goes on");
	assert_true(served_healthy(&w->us));
	end(w);
}

static void truncated_store(void **state)
{
	(void)state;
	world *w = begin(ACTS - 5);
	served_stop(&w->us);
	keep_aside(w);
	off_t whole = file_size(file_of(w, "record.db"));
	const off_t sizes[] = { 100, 4096, whole / 2, whole - 4096 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		put_back(w);
		assert_int_equal(truncate(file_of(w, "record.db"), sizes[i]), 0);
		ends_saying(w, NULL, "record.db");
	}
	/* Within the last page, whose rest may have been empty. */
	const off_t cuts[] = { 1, 1000, 3000, 4000 };
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		put_back(w);
		assert_int_equal(truncate(file_of(w, "record.db"), whole - cuts[i]), 0);
		if (start_damaged(w) == REFUSED)
			continue;
		(void)check_shown(w);
		(void)kill(w->us.pid, SIGTERM);
		assert_in_range(served_ended(&w->us), 0, 3);
	}
	put_back(w);
	assert_int_equal(truncate(file_of(w, "record.db"), 0), 0);
	(void)unlink(file_of(w, "record.db-wal"));
	ends_saying(w, NULL, "record.db");
	put_back(w);
	assert_int_equal(unlink(file_of(w, "record.db")), 0);
	ends_saying(w, NULL, "record.db");
	put_back(w);
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	assert_int_equal(check_shown(w), 0);
	end(w);
}

/* A kill leaves the newest acts in the write-ahead log. Where that is damaged SQLite takes what is whole before it; the
 * rest comes back from the mirror before anything is appended, or nothing is appended. */
static void damaged_wal(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("wal"), 0);
	size_t count = rnd_count(6, 60), taken_back = 0, refused = 0;
	for (size_t i = 0; i < count; i++) {
		world *w = begin(40);
		served_kill(&w->us);
		const char *path = file_of(w, "record.db-wal");
		off_t size = file_size(path);
		assert_true(size > 0);
		if (i % 3 == 0)
			assert_int_equal(truncate(path, (off_t)rnd_below(&r, (size_t)size)), 0);
		else if (i % 3 == 1)
			flip(path, (off_t)rnd_below(&r, (size_t)size), (unsigned)rnd_below(&r, 8));
		else
			assert_int_equal(unlink(path), 0);
		if (start_damaged(w) == REFUSED) {
			refused++;
		} else {
			assert_int_equal(check_shown(w), 0);
			taken_back += served_has_said(&w->us, "taken back from its mirror");
			say(w, "goes on");
			NODES_WAIT(mirrored(w, false));
			assert_false(served_has_said(&w->us, "two histories"));
			assert_false(served_has_said(&w->ru, "two histories"));
		}
		end(w);
	}
	print_message("# %zu damaged: %zu taken back from the mirror, %zu refused\n", count, taken_back, refused);
	assert_true(taken_back > 0);
}

static void damaged_snapshot(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("snapshot"), 0);
	world *w = begin(20);
	served_stop(&w->us);
	keep_aside(w);
	off_t whole = file_size(file_of(w, "snapshot"));
	assert_true(whole > 0);
	size_t count = rnd_count(8, 100);
	for (size_t i = 0; i < count + 2; i++) {
		put_back(w);
		if (i < count)
			flip(file_of(w, "snapshot"), (off_t)rnd_below(&r, (size_t)whole), (unsigned)rnd_below(&r, 8));
		else
			assert_int_equal(truncate(file_of(w, "snapshot"), i == count ? 0 : whole / 2), 0);
		served_sh("rm -f '%s.said'", w->us.node->folder);
		served_start(&w->us, NULL);
		served_wait_open(&w->us);
		assert_true(served_has_said(&w->us, "the snapshot is left aside, everything is read again"));
		assert_int_equal(check_shown(w), 0);
		served_stop(&w->us);
	}
	served_sh("rm -f '%s.said'", w->us.node->folder);
	served_start(&w->us, NULL); /* it was written again at the end */
	served_wait_open(&w->us);
	assert_false(served_has_said(&w->us, "the snapshot is left aside"));
	end(w);
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static void keys_unreadable(void **state)
{
	(void)state;
	static const char *const names[] = { "log", "witness", "mirror" };
	world *w = begin(1);
	served_stop(&w->us);
	for (size_t i = 0; i < 3; i++) {
		char name[40], path[400];
		(void)snprintf(name, sizeof name, "keys/%s.key", names[i]);
		(void)snprintf(path, sizeof path, "%s", file_of(w, name));
		assert_int_equal(chmod(path, 0644), 0);
		ends_saying(w, NULL, name);
		served_sh("mv '%s' '%s.aside'", path, path);
		ends_saying(w, NULL, name);
		served_sh("echo nonsense > '%s' && chmod 600 '%s'", path, path);
		ends_saying(w, NULL, name);
		served_sh("head -c 40 '%s.aside' > '%s'", path, path);
		ends_saying(w, NULL, name);
		served_sh("mkdir '%s.dir' && mv '%s.dir' '%s.d' && rm '%s' && mv '%s.d' '%s'", path, path, path, path,
			  path, path);
		ends_saying(w, NULL, name);
		served_sh("rmdir '%s' && mv '%s.aside' '%s' && chmod 600 '%s'", path, path, path, path);
	}
	/* Another node's key. */
	served_sh("cp '%s' '%s.aside' && cp '%s/keys/witness.key' '%s'", file_of(w, "keys/witness.key"),
		  file_of(w, "keys/witness.key"), w->ru.node->folder, file_of(w, "keys/witness.key"));
	ends_saying(w, NULL, "is not the key that the constitution names");
	served_sh("mv '%s.aside' '%s'", file_of(w, "keys/witness.key"), file_of(w, "keys/witness.key"));
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	say(w, "after all");
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_room),    cmocka_unit_test(full_disk),
		cmocka_unit_test(read_only_disk),  cmocka_unit_test(truncated_store),
		cmocka_unit_test(flipped_bits),    cmocka_unit_test(flipped_content),
		cmocka_unit_test(damaged_wal),     cmocka_unit_test(damaged_snapshot),
		cmocka_unit_test(keys_unreadable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
