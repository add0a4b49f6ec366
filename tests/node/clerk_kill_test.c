/* kill -9 at any instant: whatever was answered is there, in its place, and the record replays. */
#include "base/hash.h"
#include "base/text.h"
#include "support/random.h"
#include "support/test_node.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define US "us.example/line"
#define RU "ru.example/line"

typedef struct receipt {
	uint64_t index;
	prl_hash hash;
} receipt;

/* The child: files words and entries of a peer, and tells each answer, until it is killed. */
static void run_node(test_node *node, int answers)
{
	line_log *ru = line_log_of(node->l, RU);
	test_node_start(node, true);
	for (uint64_t held = test_node_held(node, RU);; held++) {
		prl_filing filing = { 0 }, push = { 0 };
		if (test_node_say(node, "us-ops/1", "words", &filing))
			_exit(1);
		receipt told = { filing.index, filing.hash };
		if (write(answers, &told, sizeof told) != sizeof told)
			_exit(2);
		if (held < ru->size && test_node_mirror(node, RU, held, held + 1, &push))
			_exit(3);
	}
}

/* What the key has signed by the record: the last entry may be there without having been answered. */
static void take_up_chain(test_node *node)
{
	line_key *key = line_key_of(node->l, "us-ops/1");
	prl_version version = prl_picture_pin(node->folder->picture);
	const prl_key *known = prl_picture_key(node->folder->picture, version, prl_bytes_of("us-ops/1"));
	key->serial = known->serial;
	key->last = known->last;
	prl_picture_unpin(node->folder->picture, version);
}

static size_t check_answers(test_node *node, int answers)
{
	receipt told;
	size_t count = 0;
	while (read(answers, &told, sizeof told) == sizeof told) {
		assert_true(told.index < test_node_size(node));
		prl_bytes entry = test_node_entry(node, told.index);
		prl_hash hash = prl_sha256(entry.data, entry.size);
		assert_memory_equal(&hash, &told.hash, sizeof hash);
		count++;
	}
	return count;
}

/* Entries that are there afterwards. */
static uint64_t kill_once(test_node *node, rnd *r)
{
	int answers[2], status;
	assert_int_equal(pipe(answers), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(answers[0]);
		run_node(node, answers[1]);
	}
	close(answers[1]);
	usleep((useconds_t)rnd_log(r, 1e4, 5e5));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	node->replay = true;
	test_node_start(node, false);
	assert_int_equal(node->said_count, 0);
	(void)check_answers(node, answers[0]);
	close(answers[0]);
	take_up_chain(node);
	uint64_t held = test_node_held(node, RU);
	assert_true(test_node_seen(node, RU) == held); /* with the entries, or not at all */
	uint64_t size = test_node_size(node);
	test_node_stop(node);
	return size;
}

static void what_was_answered_survives(void **state)
{
	(void)state;
	line *l = line_new("us@" US " ru@" RU, NULL);
	test_node node;
	prl_picture *ru = line_picture(RU);
	rnd r = rnd_case(rnd_seed("kill"), 0);
	test_node_make(&node, l, US);
	line_begin(l, ru, RU);
	for (int i = 0; i < 2000; i++)
		line_act_on(l, ru,
			    &(line_act){ .kind = "message.sent",
					 .key = "ru-ops/1",
					 .body = "{\"text\": \"one\", \"language\": \"en\"}" });
	prl_picture_free(ru);
	/* where the machine is so busy that the first ones are killed before they wrote anything, a few more */
	uint64_t size = 0;
	for (size_t i = 0; i < rnd_count(8, 200) || (size <= 8 && i < 200); i++)
		size = kill_once(&node, &r);
	test_node_start(&node, true);
	assert_true(test_node_size(&node) > 8);
	print_message("# %llu entries, %llu of a peer\n", (unsigned long long)test_node_size(&node),
		      (unsigned long long)test_node_held(&node, RU));
	test_node_remove(&node);
	line_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_answered_survives) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
