/* Notices filed, taken back and cancelled at a node that is killed with SIGKILL at any instant: a notice that was
 * answered is a constraint after the start, one that was taken back is none, and of the one that nobody heard of again
 * notice and constraint are there together or neither is. */
#include "support/served.h"

#include "base/text.h"
#include "support/random.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ROUNDS 5
#define MOST   2000

static nodes_set *n;
static served us;

/* What was answered. */
static struct {
	prl_hash id;
	bool shown;
} filed[MOST];
static size_t filed_count;
static atomic_size_t answered;
static rnd place;

static bool file(prl_client *client, const char *kind, const char *body, prl_hash *ret)
{
	prl_error err;
	prl_filed answer;
	prl_client_entry entry = { .kind = kind, .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	if (prl_client_file(client, &entry, &answer, &err))
		return false;
	*ret = answer.hash;
	atomic_fetch_add(&answered, 1);
	return true;
}

/* Every third is taken back, every third is cancelled. False: the node went away. */
static bool file_one(prl_client *client)
{
	char body[600], id[PRL_HASH_TEXT_MAX], details[200];
	prl_hash hash, ignored;
	size_t at = filed_count;
	(void)snprintf(details, sizeof details,
		       "\"details\":{\"kind\":\"exercise\",\"areas\":[{\"place\":\"%.4fN 35E\",\"radius_m\":500}]}",
		       rnd_between(&place, 40, 50));
	(void)snprintf(body, sizeof body, "{%s,\"uss\":\"area\"}", details);
	if (at == MOST || !file(client, "notice.filed", body, &hash))
		return false;
	filed[at].id = hash;
	filed[at].shown = true;
	filed_count++;
	prl_hash_write(&hash, id);
	if (at % 3 == 1)
		(void)snprintf(body, sizeof body, "{\"notice\":\"%s\",\"version\":\"%s\",%s,\"uss\":\"none\"}", id, id,
			       details);
	else
		(void)snprintf(body, sizeof body, "{\"notice\":\"%s\",\"version\":\"%s\"}", id, id);
	if (at % 3 == 0)
		return true;
	if (!file(client, at % 3 == 1 ? "notice.updated" : "notice.cancelled", body, &ignored)) {
		filed_count--; /* nobody knows */
		return false;
	}
	filed[at].shown = false;
	return true;
}

static void *filer_run(void *context)
{
	while (file_one(context))
		continue;
	return NULL;
}

static bool is_here(prl_client *client, const prl_hash *id)
{
	char text[PRL_HASH_TEXT_MAX], escaped[3 * PRL_HASH_TEXT_MAX];
	size_t used = 0;
	prl_hash_write(id, text);
	for (const char *p = text; *p; p++)
		used += (size_t)snprintf(escaped + used, sizeof escaped - used, strchr("+/=", *p) ? "%%%02X" : "%c",
					 (unsigned)*p);
	json_t *answer = nodes_get(client, "/parley/v1/line/shown?notice=%s", escaped);
	json_t *item = json_array_get(json_object_get(answer, "items"), 0);
	bool here = json_is_object(json_object_get(item, "here"));
	assert_non_null(item);
	json_decref(answer);
	return here;
}

static void look(prl_client *client)
{
	for (size_t i = 0; i < filed_count; i++)
		if (is_here(client, &filed[i].id) != filed[i].shown)
			fail_msg("notice %zu of %zu is %sshown", i, filed_count, filed[i].shown ? "not " : "");
	/* those of which nobody heard again, too */
	json_t *answer = nodes_get(client, "/parley/v1/line/shown?count=1000"), *item;
	size_t i;
	json_array_foreach(json_object_get(answer, "items"), i, item)
		assert_true(json_is_object(json_object_get(item, "here")));
	json_decref(answer);
}

static void killed_at_any_instant(void **state)
{
	(void)state;
	rnd r = rnd_case(rnd_seed("bridge_kill"), 0);
	place = rnd_case(1, 1);
	n = nodes_new("us", false);
	us.node = &n->nodes[0];
	served_start(&us, "--dss-dev");
	served_wait_open(&us);
	for (unsigned round = 0; round < ROUNDS; round++) {
		pthread_t thread;
		size_t until = atomic_load(&answered) + 10 + rnd_below(&r, 60);
		prl_client *client = nodes_desk(n, 0);
		assert_int_equal(pthread_create(&thread, NULL, filer_run, client), 0);
		NODES_WAIT(atomic_load(&answered) >= until);
		served_kill(&us);
		assert_int_equal(pthread_join(thread, NULL), 0);
		prl_client_free(client);
		served_start(&us, "--dss-dev");
		served_wait_open(&us);
		client = nodes_desk(n, 0);
		look(client);
		prl_client_free(client);
	}
	served_stop(&us);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(killed_at_any_instant) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
