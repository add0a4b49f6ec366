/* A node whose folder was put back from an old copy: its log goes on from where its mirror knows it, or not at all;
 * told to go on alone it makes a second history, which the peer proves. */
#include "support/author.h"
#include "support/record_files.h"
#include "support/served.h"

#include "base/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* us was copied while it was stopped, has filed more since, which ru has mirrored, and is stopped; then the copy is put
 * in its place. ru runs. */
typedef struct world {
	nodes_set *nodes;
	served ru, us;
	author author, copied; /* copied: as the author's chain stood at the copy */
	uint64_t size;         /* of us's log before the copy was put back */
} world;

static uint64_t mirrored_at_ru(world *w)
{
	record_files ru;
	record_files_open(&ru, w->ru.node, w->us.node);
	uint64_t size = ru.mirrored;
	record_files_done(&ru);
	return size;
}

static uint64_t size_of_us(world *w)
{
	record_files us;
	record_files_open(&us, w->us.node, w->ru.node);
	uint64_t size = us.size;
	record_files_done(&us);
	return size;
}

static void start(world *w)
{
	w->nodes = nodes_new("ru us", false);
	w->ru.node = &w->nodes->nodes[0];
	w->us.node = &w->nodes->nodes[1];
	served_start(&w->ru, NULL);
	served_start(&w->us, NULL);
	served_wait_open(&w->ru);
	served_wait_open(&w->us);
	author_make(&w->author, w->nodes, 1, "load");
}

static void begin(world *w, int acts)
{
	memset(w, 0, sizeof *w);
	start(w);
	for (int i = 0; i < 5; i++)
		(void)author_say(&w->author, "before the copy");
	NODES_WAIT(mirrored_at_ru(w) == size_of_us(w));
	served_stop(&w->us);
	served_sh("cp -a '%s' '%s.copy'", w->us.node->folder, w->us.node->folder);
	served_start(&w->us, NULL);
	served_wait_open(&w->us);
	w->copied.serial = w->author.serial;
	w->copied.previous = w->author.previous;
	for (int i = 0; i < acts; i++)
		(void)author_say(&w->author, "after the copy");
	NODES_WAIT(mirrored_at_ru(w) == size_of_us(w));
	w->size = size_of_us(w);
	served_stop(&w->us);
	served_sh("rm -rf '%s' && cp -a '%s.copy' '%s' && rm -f '%s.said'", w->us.node->folder, w->us.node->folder,
		  w->us.node->folder, w->us.node->folder);
	assert_true(size_of_us(w) < w->size);
}

static void end(world *w)
{
	served_stop(&w->us);
	served_stop(&w->ru);
	author_done(&w->author);
	nodes_free(w->nodes);
}

static size_t count_at(world *w, const char *text)
{
	record_files r;
	record_files_open(&r, w->us.node, w->ru.node);
	record_files_check(&r, w->ru.node);
	size_t count = record_files_count(&r, text);
	record_files_done(&r);
	return count;
}

static void takes_its_tail_back(void **state)
{
	(void)state;
	world w;
	begin(&w, 30);
	served_start(&w.us, NULL);
	served_wait_open(&w.us);
	assert_true(served_has_said(&w.us, "of our own log were taken back from its mirror"));
	assert_true(size_of_us(&w) >= w.size);
	uint64_t index = author_say(&w.author, "goes on"); /* the chain as it stood before the loss */
	assert_true(index >= w.size);
	assert_int_equal(count_at(&w, "after the copy"), 30);
	NODES_WAIT(mirrored_at_ru(&w) == size_of_us(&w));
	assert_false(served_has_said(&w.ru, "two histories"));
	assert_true(served_healthy(&w.ru));
	end(&w);
}

static void waits_for_its_mirror(void **state)
{
	(void)state;
	world w;
	begin(&w, 10);
	served_stop(&w.ru);
	served_start(&w.us, NULL);
	nodes_sleep_ms(3000);
	author_sign(&w.author, "message.sent", "{\"text\":\"too early\",\"language\":\"en\"}");
	assert_int_equal(author_post(&w.author), 503);
	assert_non_null(strstr(author_reply(&w.author), "has not yet heard from a peer"));
	assert_int_equal(author_ask(&w.author, "GET", "/healthy", NULL, NULL), 503);
	assert_non_null(strstr(author_reply(&w.author), "waiting for a peer"));
	assert_true(size_of_us(&w) < w.size);
	served_start(&w.ru, NULL); /* each waits for the other, and is told */
	served_wait_open(&w.us);
	served_wait_open(&w.ru);
	assert_int_equal(author_post(&w.author), 201);
	assert_int_equal(count_at(&w, "after the copy"), 10);
	assert_int_equal(count_at(&w, "too early"), 1);
	assert_false(served_has_said(&w.ru, "two histories"));
	end(&w);
}

/* ---- two histories ----------------------------------------------------------------------------------------------- */

static bool is_forked_at_ru(world *w)
{
	prl_client *ru = nodes_desk(w->nodes, 0);
	json_t *peers = nodes_get(ru, "/parley/v1/peers");
	const char *state =
		json_string_value(json_object_get(json_array_get(json_object_get(peers, "peers"), 0), "state"));
	bool forked = state && strcmp(state, "forked") == 0;
	json_decref(peers);
	prl_client_free(ru);
	return forked;
}

/* Files of forks/ that prove, with us's key alone, that us signed two histories. */
static size_t count_proofs(world *w)
{
	char path[700];
	size_t count = 0;
	(void)snprintf(path, sizeof path, "%s/forks", w->ru.node->folder);
	DIR *folder = opendir(path);
	for (struct dirent *file; folder && (file = readdir(folder));) {
		prl_error err;
		prl_fork fork;
		prl_buffer text = PRL_BUFFER(PRL_FORK_MAX);
		if (!strstr(file->d_name, ".fork"))
			continue;
		(void)snprintf(path, sizeof path, "%s/forks/%s", w->ru.node->folder, file->d_name);
		assert_int_equal(prl_file_read(path, &text, &err), PRL_OK);
		assert_int_equal(prl_fork_read((prl_bytes){ text.data, text.size }, &fork, &err), PRL_OK);
		assert_int_equal(prl_fork_verify(&fork, &w->us.node->log_key.verifier, &err), PRL_OK);
		/* and of nobody else */
		assert_int_not_equal(prl_fork_verify(&fork, &w->ru.node->log_key.verifier, &err), PRL_OK);
		prl_buffer_done(&text);
		count++;
	}
	if (folder)
		(void)closedir(folder);
	return count;
}

static void goes_on_alone(int lost, int made)
{
	world w;
	begin(&w, lost);
	served_stop(&w.ru);
	served_start(&w.us, "--alone");
	served_wait_open(&w.us);
	w.author.serial = w.copied.serial;
	w.author.previous = w.copied.previous;
	for (int i = 0; i < made; i++)
		(void)author_say(&w.author, "another history");
	assert_int_equal(count_at(&w, "parley/v1 node.alone"), 1);
	assert_int_equal(count_at(&w, "after the copy"), 0);
	uint64_t held = mirrored_at_ru(&w);
	served_start(&w.ru, NULL);
	NODES_WAIT(served_has_said(&w.ru, "signed two histories; the proof is in"));
	served_wait_open(&w.ru);
	NODES_WAIT(is_forked_at_ru(&w));
	assert_true(count_proofs(&w) >= 1);
	NODES_WAIT(served_has_said(&w.us, "two histories"));
	/* What it said before the fork stays, nothing of the second history is taken. */
	(void)author_say(&w.author, "another history");
	nodes_sleep_ms(3000);
	assert_int_equal(mirrored_at_ru(&w), held);
	prl_client *ru = nodes_desk(w.nodes, 0);
	json_t *list = nodes_get(ru, "/parley/v1/entries?log=%s&from=0&count=1000", w.us.node->origin);
	char *text = json_dumps(list, 0);
	assert_non_null(strstr(text, "before the copy"));
	assert_true((strstr(text, "after the copy") != NULL) == (lost > 0));
	assert_null(strstr(text, "another history"));
	free(text);
	json_decref(list);
	prl_client_free(ru);
	/* Known after a restart too. */
	served_stop(&w.ru);
	served_start(&w.ru, NULL);
	served_wait_open(&w.ru);
	assert_true(is_forked_at_ru(&w));
	end(&w);
}

static void second_history_longer(void **state)
{
	(void)state;
	goes_on_alone(4, 12);
}

static void second_history_shorter(void **state)
{
	(void)state;
	goes_on_alone(12, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_its_tail_back),
		cmocka_unit_test(waits_for_its_mirror),
		cmocka_unit_test(second_history_longer),
		cmocka_unit_test(second_history_shorter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
