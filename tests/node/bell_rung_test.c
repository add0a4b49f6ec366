/* What rings UNVERIFIED, and what the record has of it: the node's own word that it did, bounded however much somebody
 * makes up; and that it rings on after a restart. */
#include "base/hash.h"
#include "base/text.h"
#include "support/bell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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

static void restart(pair *p, size_t index, prl_client **client)
{
	prl_client_free(*client);
	nodes_stop(p->n, index);
	nodes_start(p->n, index);
	nodes_wait_open(p->n);
	*client = nodes_desk(p->n, index);
}

static void post(prl_client *client, const char *text, char id[80])
{
	bell_post(client, "application/json", text, strlen(text), id);
}

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

static bool rings_now(prl_client *at, const char *id)
{
	json_t *item = bell_rings(at, id);
	json_decref(item);
	return item != NULL;
}

/* What the node of `log` has recorded, as `at` shows it. A new reference. */
static json_t *recorded(prl_client *at, const char *log)
{
	json_t *list = nodes_get(at, "/parley/v1/line/calls?unverified=1"), *one, *found = json_array();
	size_t i;
	json_array_foreach(json_object_get(list, "items"), i, one)
	{
		if (strcmp(text_in(one, "log"), log) == 0)
			json_array_append(found, one);
	}
	json_decref(list);
	return found;
}

static size_t recorded_count(prl_client *at, const char *log)
{
	json_t *items = recorded(at, log);
	size_t count = json_array_size(items);
	json_decref(items);
	return count;
}

/* ---- one --------------------------------------------------------------------------------------------------------- */

/* Both nodes say that it rang there, each whence it came; neither says that us has called. */
static void said_by_both_nodes(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	const char *us = p.n->nodes[0].origin, *ru = p.n->nodes[1].origin;
	post(p.us, "{\"class\": \"STOP\", \"words\": \"fire on our people\", \"place\": \"here\"}", id);
	NODES_WAIT(recorded_count(p.us, us) == 1 && recorded_count(p.us, ru) == 1);
	NODES_WAIT(recorded_count(p.ru, us) == 1 && recorded_count(p.ru, ru) == 1);
	for (size_t i = 0; i < 2; i++) {
		json_t *items = recorded(p.ru, i ? ru : us);
		const json_t *one = json_array_get(items, 0);
		assert_string_equal(text_in(one, "call"), id);
		assert_string_equal(text_in(one, "words"), "fire on our people");
		assert_string_equal(text_in(one, "said_party"), "us");
		assert_string_equal(text_in(one, "party"), "");
		assert_string_equal(text_in(one, "brought_by"), i ? us : "desk");
		assert_string_equal(text_in(one, "why"), "it came without a signature");
		assert_string_equal(text_in(one, "mode"), "REAL");
		json_decref(items);
	}
	json_t *calls = nodes_get(p.ru, "/parley/v1/line/calls");
	assert_int_equal(json_array_size(json_object_get(calls, "items")), 0);
	json_decref(calls);
	post(p.us, "{\"class\": \"STOP\", \"words\": \"fire on our people\", \"place\": \"here\"}", id); /* a repeat */
	nodes_wait_rest(p.n, p.us, p.ru);
	assert_int_equal(recorded_count(p.us, us), 1);
	assert_int_equal(recorded_count(p.us, ru), 1);
	end(&p);
}

/* A call that holds is a call of the record, and nothing else. */
static void not_of_what_holds(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	prl_error err;
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_client_entry entry = { .kind = "call.raised",
				   .mode = PRL_MODE_TEST,
				   .body = prl_bytes_of("{\"class\": \"STOP\"}") };
	if (prl_client_sign(p.us, &entry, &note, &err))
		fail_msg("%s", err.text);
	assert_true(prl_buffer_append(&note, "", 1));
	post(p.us, note.data, id);
	json_t *item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(p.ru, id), json_is_true(json_object_get(item, "logged"))));
	json_decref(item);
	nodes_forward(p.n, 30);
	post(p.ru, "{\"class\": \"URGENT\"}", id); /* by when this is written, that would have been */
	NODES_WAIT(recorded_count(p.ru, p.n->nodes[1].origin) == 1 && recorded_count(p.ru, p.n->nodes[0].origin) == 1);
	json_t *items = recorded(p.ru, p.n->nodes[1].origin);
	assert_string_equal(text_in(json_array_get(items, 0), "class"), "URGENT");
	json_decref(items);
	prl_buffer_done(&note);
	end(&p);
}

/* ---- a restart --------------------------------------------------------------------------------------------------- */

static void rings_on(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], body[200];
	post(p.us, "{\"class\": \"DISTRESS\", \"words\": \"aircraft down\"}", id);
	NODES_WAIT(recorded_count(p.ru, p.n->nodes[1].origin) == 1 && recorded_count(p.us, p.n->nodes[0].origin) == 1);
	restart(&p, 1, &p.ru);
	NODES_WAIT(rings_now(p.ru, id));
	json_t *item = bell_rings(p.ru, id);
	assert_string_equal(text_in(item, "class"), "DISTRESS");
	assert_string_equal(text_in(item, "words"), "aircraft down");
	assert_string_equal(text_in(item, "unverified"), "it came without a signature");
	assert_true(json_is_integer(json_object_get(item, "step")));
	json_decref(item);
	restart(&p, 0, &p.us);
	NODES_WAIT(rings_now(p.us, id));
	/* what comes of it once more is that call */
	nodes_forward(p.n, 200);
	item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(p.ru, id),
		    json_integer_value(json_object_get(item, "step")) == 3));
	json_decref(item);
	/* somebody takes it: after the next start it rings no more */
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\", \"what\": \"not ours\"}", id);
	prl_filed filed;
	prl_error err;
	prl_client_entry answer = { .kind = "call.passed", .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	if (prl_client_file(p.ru, &answer, &filed, &err))
		fail_msg("%s", err.text);
	restart(&p, 1, &p.ru);
	post(p.ru, "{}", body);
	NODES_WAIT(rings_now(p.ru, body));
	assert_false(rings_now(p.ru, id));
	NODES_WAIT(recorded_count(p.ru, p.n->nodes[1].origin) == 2);
	end(&p);
}

/* For a day, and no longer. */
static void not_for_ever(void **state)
{
	(void)state;
	pair p = begin();
	char id[80], other[80];
	post(p.us, "{\"class\": \"STOP\"}", id);
	NODES_WAIT(recorded_count(p.ru, p.n->nodes[1].origin) == 1);
	prl_client_free(p.ru);
	nodes_stop(p.n, 1);
	nodes_forward(p.n, 86400 + 100);
	nodes_start(p.n, 1);
	nodes_wait_open(p.n);
	p.ru = nodes_desk(p.n, 1);
	post(p.ru, "{}", other);
	NODES_WAIT(rings_now(p.ru, other));
	assert_false(rings_now(p.ru, id));
	end(&p);
}

/* ---- a flood ----------------------------------------------------------------------------------------------------- */

static json_int_t left_out(prl_client *at, const char *log)
{
	json_t *items = recorded(at, log), *one;
	json_int_t sum = 0;
	size_t i;
	json_array_foreach(items, i, one) sum += json_integer_value(json_object_get(one, "not_recorded"));
	json_decref(items);
	return sum;
}

/* Signed for another place each, and then a letter of the signature is changed. */
static unsigned make_up(prl_client *stranger, prl_client *signer, unsigned count)
{
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_error err;
	char body[100];
	unsigned taken = 0;
	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(body, sizeof body, "{\"class\": \"STOP\", \"place\": \"%03u\"}", i);
		prl_client_entry entry = { .kind = "call.raised", .mode = PRL_MODE_TEST, .body = prl_bytes_of(body) };
		prl_buffer_clear(&note);
		if (prl_client_sign(signer, &entry, &note, &err))
			fail_msg("%s", err.text);
		char *last = &note.data[note.size - 6];
		*last = *last == 'A' ? 'B' : 'A';
		taken += nodes_status(stranger, "POST", "/parley/v1/calls", "text/plain", note.data, note.size, NULL) ==
			 202;
	}
	prl_buffer_done(&note);
	return taken;
}

/* By somebody who is nobody here: names of keys are all that he knows. Of what he makes up 16 are written; an hour
 * later one more, with how many were not. What the own desk raises is written all the same. */
static void a_flood_fills_no_record(void **state)
{
	(void)state;
	pair p = begin();
	char id[80];
	const char *us = p.n->nodes[0].origin;
	prl_client *stranger = nodes_client(p.n, 0), *desk = nodes_login(p.n, 0, &p.n->nodes[0].desk);
	assert_int_equal(make_up(stranger, p.us, 100), 100);
	assert_int_equal(make_up(stranger, desk, 100), 100);
	NODES_WAIT(recorded_count(p.us, us) == 16);
	post(p.us, "{\"class\": \"DISTRESS\"}", id);
	NODES_WAIT(recorded_count(p.us, us) == 17);
	assert_int_equal(left_out(p.us, us), 0);
	nodes_forward(p.n, 3700);
	assert_int_equal(make_up(stranger, p.ru, 1), 1);
	NODES_WAIT(recorded_count(p.us, us) == 18);
	/* of one caller 16 ring at a time, more are counted on the newest, and are none of their own */
	assert_int_equal(left_out(p.us, us), 16);
	prl_client_free(stranger);
	prl_client_free(desk);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(said_by_both_nodes),
		cmocka_unit_test(not_of_what_holds),
		cmocka_unit_test(rings_on),
		cmocka_unit_test(not_for_ever),
		cmocka_unit_test(a_flood_fills_no_record),
	};
	return cmocka_run_group_tests_name("rung UNVERIFIED", tests, NULL, NULL);
}
