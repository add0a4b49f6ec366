/* Nodes whose wall clock is set forth and back while they run. This program has its own clock_gettime(), so that the
 * nodes in it see the wall clock jump and the others go on. */
#include "support/nodes.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_llong jump_s;

/* In place of the C library's, for all of this process, its libraries too. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret)
{
	long status = syscall(SYS_clock_gettime, clock, ret);
	if (status == 0 && clock == CLOCK_REALTIME)
		ret->tv_sec += (time_t)atomic_load(&jump_s);
	return (int)status;
}

/* ---- what the logs say ------------------------------------------------------------------------------------------- */

static json_t *entries(prl_client *at, nodes_set *n, size_t of)
{
	json_t *list = nodes_get(at, "/parley/v1/entries?log=%s&from=0&count=1000", n->nodes[of].origin);
	json_t *found = json_incref(json_object_get(list, "entries"));
	json_decref(list);
	return found;
}

static const char *text_of(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));
	return text ? text : "";
}

static size_t count_kind(prl_client *at, nodes_set *n, size_t of, const char *kind)
{
	json_t *all = entries(at, n, of), *entry;
	size_t i, count = 0;
	json_array_foreach(all, i, entry) count += strcmp(text_of(entry, "kind"), kind) == 0;
	json_decref(all);
	return count;
}

/* The offset that the newest clock.suspect states, in seconds. */
static double newest_offset(prl_client *at, nodes_set *n, size_t of)
{
	json_t *all = entries(at, n, of), *entry;
	double offset = 0;
	size_t i;
	json_array_foreach(all, i, entry) if (strcmp(text_of(entry, "kind"), "clock.suspect") == 0) offset =
		json_number_value(json_object_get(json_object_get(entry, "body"), "wall_minus_boot_s"));
	json_decref(all);
	return offset;
}

/* The times that the node itself has written never run back. */
static void check_recorded(prl_client *at, nodes_set *n, size_t of)
{
	json_t *all = entries(at, n, of), *entry;
	prl_time last = 0;
	size_t i, count = 0;
	json_array_foreach(all, i, entry)
	{
		prl_time time;
		if (!json_is_string(json_object_get(entry, "recorded")))
			continue;
		const char *text = text_of(entry, "time");
		assert_false(prl_time_parse(text, strlen(text), &time, NULL));
		assert_true(time >= last);
		last = time;
		count++;
	}
	assert_true(count > 0);
	json_decref(all);
}

/* Nor those of ru's cosignatures of us's checkpoint; returns the newest in seconds. */
static uint64_t cosigned_at(prl_client *us, nodes_set *n)
{
	prl_reply reply = PRL_REPLY(PRL_CHECKPOINT_MAX);
	prl_note note;
	prl_error err;
	uint64_t time_s = 0;
	assert_int_equal(nodes_status(us, "GET", "/log/checkpoint", NULL, NULL, 0, &reply), 200);
	assert_int_equal(prl_note_read((prl_bytes){ reply.body.data, reply.body.size }, &note, &err), PRL_OK);
	if (prl_cosignature_verify(&note, &n->nodes[0].mirror_key.verifier, &time_s, &err) != PRL_OK)
		time_s = 0;
	prl_reply_done(&reply);
	return time_s;
}

static void say(prl_client *client, const char *text)
{
	prl_filed filed;
	char body[200];
	(void)snprintf(body, sizeof body, "{\"text\":\"%s\",\"language\":\"en\"}", text);
	nodes_file(client, "message.sent", body, &filed);
}

static bool suspect(prl_client *client)
{
	prl_reply reply = PRL_REPLY(65536);
	bool said = nodes_status(client, "GET", "/healthy", NULL, NULL, 0, &reply) == 503 &&
		    strstr(reply.body.data, "the clock is suspect") != NULL;
	prl_reply_done(&reply);
	return said;
}

/* A person has looked. */
static void trust(nodes_set *n, size_t index)
{
	prl_filed filed;
	prl_client *client = nodes_login(n, index, &n->nodes[index].desk);
	nodes_file(client, "clock.trusted", "{\"reason\":\"looked at it\"}", &filed);
	NODES_WAIT(!suspect(client));
	prl_client_free(client);
}

static bool agreed(nodes_set *n, prl_client *us, prl_client *ru)
{
	return nodes_size(ru, n, 1) == nodes_size(us, n, 1) && nodes_size(us, n, 0) == nodes_size(ru, n, 0);
}

static void wait_agreed(nodes_set *n, prl_client *us, prl_client *ru)
{
	for (int i = 0; i < 2000; i++, nodes_sleep_ms(10))
		if (agreed(n, us, ru))
			return;
	json_t *one = nodes_get(us, "/parley/v1/peers"), *two = nodes_get(ru, "/parley/v1/peers");
	(void)json_dumpf(one, stderr, JSON_INDENT(1));
	(void)json_dumpf(two, stderr, JSON_INDENT(1));
	(void)fprintf(stderr, "\n# us %llu, ru %llu\n", (unsigned long long)nodes_size(us, n, 1),
		      (unsigned long long)nodes_size(ru, n, 0));
	nodes_fail(__FILE__, __LINE__, "the nodes do not agree");
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

/* Both nodes' clock jumps; both record it, and everything else goes on. */
static void jump_by(nodes_set *n, prl_client *us, prl_client *ru, long long seconds, const char *text)
{
	size_t of_us = count_kind(us, n, 1, "clock.suspect"), of_ru = count_kind(ru, n, 0, "clock.suspect");
	uint64_t cosigned = cosigned_at(us, n);
	atomic_fetch_add(&jump_s, seconds);
	NODES_WAIT(count_kind(us, n, 1, "clock.suspect") == of_us + 1);
	NODES_WAIT(count_kind(ru, n, 0, "clock.suspect") == of_ru + 1);
	assert_true(newest_offset(us, n, 1) > (double)seconds - 1.5 && newest_offset(us, n, 1) < (double)seconds + 1.5);
	assert_true(suspect(us));
	say(us, text);
	say(ru, text);
	wait_agreed(n, us, ru);
	NODES_WAIT(cosigned_at(us, n) >= cosigned && cosigned_at(us, n) > 0);
	check_recorded(us, n, 1);
	check_recorded(ru, n, 0);
	trust(n, 1);
	trust(n, 0);
}

static void forth_and_back(void **state)
{
	(void)state;
	static const long long jumps[] = { 3600, -3600, -86400, 86400, 5, -5, 400LL * 86400, -400LL * 86400 };
	nodes_set *n = nodes_new("ru us", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 1), *ru = nodes_desk(n, 0);
	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		char text[40];
		(void)snprintf(text, sizeof text, "jump %zu", i);
		jump_by(n, us, ru, jumps[i], text);
	}
	prl_client_free(us);
	prl_client_free(ru);
	nodes_free(n);
}

/* Below two seconds nothing is recorded. */
static void slack(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("ru us", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 1);
	atomic_fetch_add(&jump_s, 1);
	nodes_sleep_ms(2500);
	atomic_fetch_sub(&jump_s, 1);
	nodes_sleep_ms(2500);
	assert_int_equal(count_kind(us, n, 1, "clock.suspect"), 0);
	assert_false(suspect(us));
	prl_client_free(us);
	nodes_free(n);
}

/* Set back while the node does not run: what it records still never runs back. */
static void back_over_a_restart(void **state)
{
	(void)state;
	nodes_set *n = nodes_new("ru us", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 1), *ru = nodes_desk(n, 0);
	say(us, "before");
	say(ru, "before");
	wait_agreed(n, us, ru);
	uint64_t cosigned = cosigned_at(us, n);
	prl_client_free(us);
	prl_client_free(ru);
	nodes_stop(n, 0);
	nodes_stop(n, 1);
	atomic_fetch_sub(&jump_s, 7200);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	us = nodes_desk(n, 1);
	ru = nodes_desk(n, 0);
	say(us, "after");
	say(ru, "after");
	wait_agreed(n, us, ru);
	NODES_WAIT(cosigned_at(us, n) >= cosigned && cosigned_at(us, n) > 0);
	check_recorded(us, n, 1);
	check_recorded(ru, n, 0);
	atomic_store(&jump_s, 0);
	prl_client_free(us);
	prl_client_free(ru);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forth_and_back),
		cmocka_unit_test(slack),
		cmocka_unit_test(back_over_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
