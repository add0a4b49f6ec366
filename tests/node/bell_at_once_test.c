/* Different calls by one key at once, as from two screens of one desk: each has asked where the key's chain stands
 * before the others were logged, and all have the same previous. All of them ring as what they are at the other node,
 * and all are in both records, each once; also where nothing can be written meanwhile. */
#include "base/text.h"
#include "support/bell.h"
#include "support/full_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST 10

typedef struct pair {
	nodes_set *n;
	prl_client *us, *ru; /* consoles */
} pair;

static pair begin(void)
{
	pair p = { .n = nodes_new("us ru", false) };
	nodes_start(p.n, 0);
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.us = nodes_desk(p.n, 0);
	p.ru = nodes_desk(p.n, 1);
	nodes_wait_rest(p.n, p.us, p.ru);
	return p;
}

static void end(pair *p)
{
	prl_client_free(p->us);
	prl_client_free(p->ru);
	nodes_free(p->n);
}

/* ---- at once ----------------------------------------------------------------------------------------------------- */

typedef struct caller {
	prl_client *client;
	prl_buffer note;
	pthread_barrier_t *together;
	unsigned status;
	char id[80];
} caller;

/* All of one previous: none of them is posted before all are signed. */
static void sign_all(pair *p, caller *callers, size_t count, pthread_barrier_t *together)
{
	static const char *const classes[] = { "STOP", "URGENT", "DISTRESS" };
	prl_error err;
	char body[100];
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(body, sizeof body, "{\"class\": \"%s\", \"place\": \"bridge %zu\"}", classes[i % 3], i);
		prl_client_entry entry = { .kind = "call.raised", .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
		callers[i] = (caller){ .client = nodes_login(p->n, 0, &p->n->nodes[0].console),
				       .note = PRL_BUFFER(PRL_ENTRY_MAX),
				       .together = together };
		if (prl_client_sign(callers[i].client, &entry, &callers[i].note, &err))
			fail_msg("%s", err.text);
	}
}

static void *call_run(void *context)
{
	caller *c = context;
	prl_reply reply = PRL_REPLY(65536);
	(void)pthread_barrier_wait(c->together);
	c->status =
		nodes_status(c->client, "POST", "/parley/v1/calls", "text/plain", c->note.data, c->note.size, &reply);
	json_t *json = json_loadb(reply.body.data ? reply.body.data : "", reply.body.size, 0, NULL);
	(void)snprintf(c->id, sizeof c->id, "%.79s",
		       json_is_string(json_object_get(json, "id")) ? json_string_value(json_object_get(json, "id"))
								   : "");
	json_decref(json);
	prl_reply_done(&reply);
	return NULL;
}

static void call_all(caller *callers, size_t count)
{
	pthread_t threads[MOST];
	for (size_t i = 0; i < count; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_run, &callers[i]), 0);
	for (size_t i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(callers[i].status, 202);
}

static void callers_done(caller *callers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		prl_buffer_done(&callers[i].note);
		prl_client_free(callers[i].client);
	}
}

/* ---- what is to be ----------------------------------------------------------------------------------------------- */

/* So many ring there, each once, as what they are; logged: and are in its record. */
static bool all_ring(prl_client *at, const caller *callers, size_t count, bool logged)
{
	bool all = true;
	for (size_t i = 0; i < count; i++) {
		json_t *item = bell_rings(at, callers[i].id);
		all = all && item && json_is_null(json_object_get(item, "unverified")) &&
		      json_integer_value(json_object_get(item, "count")) == 1 &&
		      json_is_true(json_object_get(item, "logged")) == logged;
		json_decref(item);
	}
	return all;
}

static void check_record(prl_client *at, const caller *callers, size_t count)
{
	json_t *list = nodes_get(at, "/parley/v1/line/calls"), *items = json_object_get(list, "items"), *one;
	assert_int_equal(json_array_size(items), count);
	for (size_t i = 0; i < count; i++) {
		size_t found = 0, k;
		json_array_foreach(items, k, one)
		{
			if (strcmp(json_string_value(json_object_get(one, "id")), callers[i].id) != 0)
				continue;
			found++;
			assert_null(json_object_get(one, "repeats"));
		}
		assert_int_equal(found, 1);
	}
	json_decref(list);
}

static size_t in_log(prl_client *at, const caller *callers, size_t count)
{
	json_t *list = nodes_get(at, "/parley/v1/entries?count=1000"), *one;
	size_t found = 0, i;
	json_array_foreach(json_object_get(list, "entries"), i, one)
	{
		const char *hash = json_string_value(json_object_get(one, "hash"));
		for (size_t k = 0; hash && k < count; k++)
			found += strcmp(callers[k].id, hash) == 0;
	}
	json_decref(list);
	return found;
}

static void at_once(size_t count, bool disk_full)
{
	pair p = begin();
	caller callers[MOST];
	pthread_barrier_t together;
	prl_filed filed;
	assert_int_equal(pthread_barrier_init(&together, NULL, (unsigned)count), 0);
	sign_all(&p, callers, count, &together);
	if (disk_full)
		full_disk(true);
	call_all(callers, count);
	if (disk_full) {
		NODES_WAIT(all_ring(p.us, callers, count, false) && all_ring(p.ru, callers, count, false));
		nodes_sleep_ms(1200); /* they are tried again meanwhile, and refused again */
		assert_true(all_ring(p.us, callers, count, false) && all_ring(p.ru, callers, count, false));
		full_disk(false);
	}
	NODES_WAIT(all_ring(p.us, callers, count, true));
	NODES_WAIT(all_ring(p.ru, callers, count, true));
	nodes_wait_rest(p.n, p.us, p.ru);
	check_record(p.us, callers, count);
	check_record(p.ru, callers, count);
	assert_int_equal(in_log(p.us, callers, count), count);
	/* the same bytes once more are in the record already */
	for (size_t i = 0; i < count; i++)
		assert_int_equal(nodes_status(p.us, "POST", "/parley/v1/entries", "text/plain", callers[i].note.data,
					      callers[i].note.size, NULL),
				 201);
	assert_int_equal(in_log(p.us, callers, count), count);
	/* and the chain of their key goes on */
	nodes_file(p.us, "message.sent", "{\"text\": \"afterwards\", \"language\": \"en\"}", &filed);
	nodes_wait_rest(p.n, p.us, p.ru);
	check_record(p.ru, callers, count);
	(void)pthread_barrier_destroy(&together);
	callers_done(callers, count);
	end(&p);
}

static void two_at_once(void **state)
{
	(void)state;
	at_once(2, false);
}

static void ten_at_once(void **state)
{
	(void)state;
	at_once(MOST, false);
}

static void ten_while_the_disk_is_full(void **state)
{
	(void)state;
	at_once(MOST, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(ten_at_once),
		cmocka_unit_test(ten_while_the_disk_is_full),
	};
	return cmocka_run_group_tests_name("calls at once", tests, NULL, NULL);
}
