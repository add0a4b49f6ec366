/* What the time does with a call that nobody takes, and what a restart does: it rings on. The nodes' clocks are set
 * forward, nobody waits for them; the ring command of ru writes a line for each time that it is run. */
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "support/bell.h"
#include "support/liar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct pair {
	nodes_set *n;
	prl_client *us, *ru; /* consoles */
	char rung[400];      /* what the ring command of ru has written: "CLASS STEP AGAIN PLACE", a line each */
} pair;

static void set_command(pair *p)
{
	char path[400];
	(void)snprintf(p->rung, sizeof p->rung, "%s/rung", p->n->folder);
	(void)snprintf(path, sizeof path, "%s/node.json", p->n->nodes[1].folder);
	json_t *settings =
		json_pack("{s:{s:[s, s, s, s, s]}}", "ring", "command", "/bin/sh", "-c",
			  "echo \"$PARLEY_CLASS $PARLEY_STEP $PARLEY_AGAIN $PARLEY_PLACE\" >> \"$1\"", "ring", p->rung);
	assert_int_equal(json_dump_file(settings, path, 0), 0);
	json_decref(settings);
}

/* So long that a machine with much else to do comes to no step by itself. */
static const char slow[] = "\"timers\": {\"ring_s\": [3000, 6000, 12000]}";

static pair begin(const char *timers)
{
	nodes_constitution(timers);
	pair p = { .n = nodes_new("us ru", false) };
	nodes_constitution(NULL);
	set_command(&p);
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

static void restart_us(pair *p)
{
	prl_client_free(p->us);
	nodes_stop(p->n, 0);
	nodes_start_alone(p->n, 0); /* the other is away */
	nodes_wait_open(p->n);
	p->us = nodes_desk(p->n, 0);
}

static void stop_ru(pair *p)
{
	prl_client_free(p->ru);
	p->ru = NULL;
	nodes_stop(p->n, 1);
}

static void start_ru(pair *p)
{
	nodes_start(p->n, 1);
	nodes_wait_open(p->n);
	p->ru = nodes_desk(p->n, 1);
}

/* Posts bytes; the id of what rings. */
static void post(prl_client *client, const char *bytes, size_t size, char id[80])
{
	bell_post(client, "text/plain", bytes, size, id);
}

static void ring(prl_client *client, const char *kind, const char *body, char id[80])
{
	prl_error err;
	prl_buffer note = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_client_entry entry = { .kind = kind, .mode = PRL_MODE_REAL, .body = prl_bytes_of(body) };
	if (prl_client_sign(client, &entry, &note, &err))
		fail_msg("%s", err.text);
	post(client, note.data, note.size, id);
	prl_buffer_done(&note);
}

static void answer(prl_client *client, const char *kind, const char *id, const char *more)
{
	char body[300], other[80];
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"%s}", id, more);
	ring(client, kind, body, other);
}

static json_int_t number(prl_client *at, const char *id, const char *name)
{
	json_t *item = bell_rings(at, id);
	json_int_t value =
		json_is_integer(json_object_get(item, name)) ? json_integer_value(json_object_get(item, name)) : -1;
	json_decref(item);
	return value;
}

/* The bell has it, and not the record alone. */
static bool in_bell(prl_client *at, const char *id)
{
	return number(at, id, "step") >= 0;
}

/* How many lines of the ring command begin like this. */
static size_t rung(const pair *p, const char *text)
{
	prl_error err;
	prl_buffer bytes = PRL_BUFFER(1u << 20);
	size_t count = 0;
	if (prl_file_read(p->rung, &bytes, &err) == PRL_OK && bytes.data)
		for (const char *at = bytes.data; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
			count += *at && strncmp(at, text, strlen(text)) == 0;
	prl_buffer_done(&bytes);
	return count;
}

/* ---- nobody takes it --------------------------------------------------------------------------------------------- */

/* By the constitution's times, then once more at their last distance each, until somebody takes it; and again where
 * that is all he does. */
static void rings_onward(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80], other[80];
	ring(p.us, "call.raised", "{\"class\": \"STOP\", \"place\": \"here\"}", id);
	NODES_WAIT(rung(&p, "STOP 0 0 here") == 1);
	NODES_WAIT(bell_is_logged(p.ru, id));
	for (unsigned step = 1; step <= 3; step++) {
		char line[40];
		nodes_forward(p.n, step < 3 ? 3000 : 6000);
		(void)snprintf(line, sizeof line, "STOP %u 0 here", step);
		NODES_WAIT(rung(&p, line) == 1);
	}
	for (unsigned again = 1; again <= 3; again++) {
		char line[40];
		nodes_forward(p.n, 6000);
		(void)snprintf(line, sizeof line, "STOP 3 %u here", again);
		NODES_WAIT(rung(&p, line) == 1);
	}
	assert_int_equal(number(p.ru, id, "step"), 3);
	assert_int_equal(number(p.us, id, "step"), 0); /* the raiser is not rung for it */
	answer(p.ru, "call.taken", id, "");
	NODES_WAIT(number(p.ru, id, "step") == 0 && number(p.ru, id, "again") == 0);
	nodes_forward(p.n, 65);
	NODES_WAIT(rung(&p, "STOP 2 0 here") == 2); /* taken, and not passed on */
	nodes_forward(p.n, 6000);
	NODES_WAIT(rung(&p, "STOP 2 1 here") == 1);
	answer(p.ru, "call.passed", id, "");
	NODES_WAIT(number(p.ru, id, "step") == 0);
	size_t told = rung(&p, "STOP");
	nodes_forward(p.n, 600);
	ring(p.us, "call.raised", "{\"class\": \"DISTRESS\"}", other);
	NODES_WAIT(rung(&p, "DISTRESS 0 0") == 1);
	nodes_forward(p.n, 13000);
	NODES_WAIT(rung(&p, "DISTRESS 3 0") == 1);
	nodes_forward(p.n, 6000);
	NODES_WAIT(rung(&p, "DISTRESS 3 1") == 1); /* behind whatever there was to tell */
	assert_int_equal(rung(&p, "STOP"), told);
	end(&p);
}

/* The times of a constitution that says nothing: 120 s, then 60 s. */
static void by_default_times(void **state)
{
	(void)state;
	pair p = begin(NULL);
	char id[80];
	ring(p.us, "call.raised", "{\"class\": \"URGENT\"}", id);
	NODES_WAIT(rung(&p, "URGENT") >= 1);
	nodes_forward(p.n, 120);
	NODES_WAIT(rung(&p, "URGENT 3 0") == 1);
	nodes_forward(p.n, 60);
	NODES_WAIT(rung(&p, "URGENT 3 1") == 1);
	end(&p);
}

/* ---- a restart --------------------------------------------------------------------------------------------------- */

/* It rings on at the step that its age has come to: commands, screens, the ladder. */
static void rings_on_after_a_restart(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80], old[80];
	ring(p.us, "call.raised", "{\"class\": \"STOP\", \"place\": \"there\"}", id);
	NODES_WAIT(rung(&p, "STOP 0 0 there") == 1 && bell_is_logged(p.ru, id));
	stop_ru(&p);
	start_ru(&p);
	NODES_WAIT(rung(&p, "STOP 0 0 there") == 2);
	assert_true(in_bell(p.ru, id));
	stop_ru(&p);
	nodes_forward(p.n, 13000); /* nobody rang meanwhile */
	start_ru(&p);
	NODES_WAIT(rung(&p, "STOP 3 0 there") == 1);
	nodes_forward(p.n, 6000);
	NODES_WAIT(rung(&p, "STOP 3 1 there") == 1);
	assert_int_equal(number(p.ru, id, "count"), 1);
	answer(p.ru, "call.taken", id, "");
	answer(p.ru, "call.passed", id, "");
	NODES_WAIT(number(p.ru, id, "step") == 0);
	ring(p.us, "call.raised", "{\"class\": \"DISTRESS\"}", old);
	NODES_WAIT(bell_is_logged(p.ru, old) && bell_is_logged(p.ru, id) && rung(&p, "DISTRESS 0") == 1);
	size_t told = rung(&p, "STOP");
	stop_ru(&p);
	start_ru(&p);
	NODES_WAIT(rung(&p, "DISTRESS 0") == 2);
	assert_int_equal(rung(&p, "STOP"), told); /* what was passed on rings no more, and is shown */
	json_t *item = bell_rings(p.ru, id);
	assert_non_null(item);
	json_decref(item);
	end(&p);
}

/* Taken, and not passed on: that is not over with a restart either. */
static void taken_before_a_restart(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80];
	ring(p.us, "call.raised", "{\"class\": \"STOP\"}", id);
	NODES_WAIT(bell_is_logged(p.ru, id) && rung(&p, "STOP 0 0") == 1);
	answer(p.ru, "call.taken", id, "");
	NODES_WAIT(nodes_size(p.ru, p.n, 1) == nodes_size(p.us, p.n, 1)); /* it is in the record */
	NODES_WAIT((nodes_wait_rest(p.n, p.us, p.ru), true));
	stop_ru(&p);
	nodes_forward(p.n, 65);
	start_ru(&p);
	NODES_WAIT(rung(&p, "STOP 2 0") == 1);
	nodes_forward(p.n, 6000);
	NODES_WAIT(rung(&p, "STOP 2 1") == 1);
	end(&p);
}

/* Days go by, and starts: it goes on; what was passed on goes from the bell and stays in the list. */
static void never_falls_silent(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80], passed[80];
	ring(p.us, "call.raised", "{\"class\": \"STOP\", \"place\": \"far\"}", id);
	NODES_WAIT(bell_is_logged(p.us, id));
	ring(p.us, "call.raised", "{\"class\": \"STOP\", \"place\": \"near\"}", passed);
	NODES_WAIT(bell_is_logged(p.ru, id) && bell_is_logged(p.ru, passed));
	answer(p.ru, "call.passed", passed, "");
	NODES_WAIT(number(p.ru, passed, "step") == 0);
	nodes_forward(p.n, 100000);
	NODES_WAIT(rung(&p, "STOP 3 0 far") == 1);
	NODES_WAIT(!in_bell(p.ru, passed)); /* a look has let go of what is older than a day */
	assert_true(in_bell(p.ru, id));
	json_t *item = bell_rings(p.ru, passed);
	assert_non_null(item);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(json_object_get(item, "parties"), 0), "state")),
		"passed");
	json_decref(item);
	stop_ru(&p);
	nodes_forward(p.n, 30 * 86400);
	start_ru(&p);
	NODES_WAIT(rung(&p, "STOP 3 0 far") == 2);
	nodes_forward(p.n, 86400);
	NODES_WAIT(rung(&p, "STOP 3 1 far") == 1);
	assert_true(in_bell(p.ru, id));
	end(&p);
}

/* Raised while the other node was away, and the own one started anew since: it rings there, once, and the raiser sees
 * that it is there. */
static void raiser_restarts(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80];
	stop_ru(&p);
	ring(p.us, "call.raised", "{\"class\": \"STOP\"}", id);
	NODES_WAIT(bell_is_logged(p.us, id));
	restart_us(&p);
	assert_true(in_bell(p.us, id));
	start_ru(&p);
	NODES_WAIT(in_bell(p.ru, id) && rung(&p, "STOP 0 0") == 1);
	json_t *item = NULL;
	NODES_WAIT((json_decref(item), item = bell_rings(p.us, id),
		    json_object_get(json_object_get(item, "nodes"), p.n->nodes[1].origin)));
	assert_int_equal(json_array_size(json_object_get(item, "not_delivered")), 0);
	json_decref(item);
	NODES_WAIT(bell_is_logged(p.ru, id));
	assert_int_equal(number(p.ru, id, "count"), 1);
	assert_int_equal(rung(&p, "STOP"), 1);
	end(&p);
}

/* ---- by the log alone -------------------------------------------------------------------------------------------- */

/* A call that comes with its log, and by no letter: it rings all the same. */
static void by_the_log_alone(void **state)
{
	(void)state;
	pair p = { .n = nodes_new("us ru", false) };
	set_command(&p);
	nodes_start_alone(p.n, 1);
	nodes_wait_open(p.n);
	p.ru = nodes_desk(p.n, 1);
	liar *us = liar_new(p.n, 0, 1);
	assert_int_equal(liar_push(us, 0), 200);
	char text[PRL_HASH_TEXT_MAX], *note = malloc(PRL_ENTRY_MAX);
	prl_entry *entry = malloc(sizeof *entry);
	prl_entry_head head = { .kind = "call.raised", .mode = PRL_MODE_REAL };
	size_t size = liar_write(us, &head, "{\"class\": \"STOP\", \"place\": \"log\"}", &us->node->console, note);
	assert_int_equal(prl_entry_read((prl_bytes){ note, size }, entry, NULL), PRL_OK);
	prl_hash_write(&entry->hash, text);
	liar_append(us, note, size);
	liar_chained(us, false, note, size);
	assert_int_equal(liar_push(us, us->size - 1), 200);
	NODES_WAIT(number(p.ru, text, "step") == 3); /* it is years old by its own word */
	char body[200];
	prl_filed filed;
	(void)snprintf(body, sizeof body, "{\"call\": \"%s\"}", text);
	nodes_file(p.ru, "call.taken", body, &filed); /* in its mode */
	NODES_WAIT(number(p.ru, text, "step") == 0);
	free(note);
	free(entry);
	liar_free(us);
	end(&p);
}

/* ---- RINGING ----------------------------------------------------------------------------------------------------- */

static json_int_t desks_at_ru(const pair *p, const char *id)
{
	json_t *item = bell_rings(p->us, id),
	       *node = json_object_get(json_object_get(item, "nodes"), p->n->nodes[1].origin);
	json_int_t desks = node ? json_integer_value(json_object_get(node, "desks")) : -1;
	json_decref(item);
	return desks;
}

static void report(prl_client *client, const char *calls)
{
	char body[300];
	(void)snprintf(body, sizeof body, "{\"sound\": true, \"calls\": [%s]}", calls);
	assert_int_equal(nodes_status(client, "POST", "/parley/v1/desk", "application/json", body, strlen(body), NULL),
			 200);
}

/* Only what a desk has said itself counts: not that its stream is open, not that it was there a while ago. */
static void desks_say_that_it_rings(void **state)
{
	(void)state;
	pair p = begin(slow);
	char id[80], quoted[90], unsigned_id[80];
	ring(p.us, "call.raised", "{\"class\": \"STOP\"}", id);
	NODES_WAIT(desks_at_ru(&p, id) == 0);
	report(p.ru, ""); /* open, and nothing rings there */
	(void)snprintf(quoted, sizeof quoted, "\"%s\"", id);
	NODES_WAIT((report(p.ru, quoted), desks_at_ru(&p, id) == 1)); /* as a desk does, again and again */
	nodes_forward(p.n, 13);                                       /* it has not said so again */
	NODES_WAIT(desks_at_ru(&p, id) == 0);
	NODES_WAIT((report(p.ru, quoted), desks_at_ru(&p, id) == 1));
	report(p.us, quoted); /* a desk of the raiser's is none of theirs */
	post(p.us, "{}", 2, unsigned_id);
	NODES_WAIT(desks_at_ru(&p, unsigned_id) == 0);
	(void)snprintf(quoted, sizeof quoted, "\"%s\"", unsigned_id);
	NODES_WAIT((report(p.ru, quoted), desks_at_ru(&p, unsigned_id) == 1) && desks_at_ru(&p, id) == 0);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_onward),
		cmocka_unit_test(by_default_times),
		cmocka_unit_test(rings_on_after_a_restart),
		cmocka_unit_test(taken_before_a_restart),
		cmocka_unit_test(never_falls_silent),
		cmocka_unit_test(raiser_restarts),
		cmocka_unit_test(by_the_log_alone),
		cmocka_unit_test(desks_say_that_it_rings),
	};
	return cmocka_run_group_tests_name("the ladder of a call", tests, NULL, NULL);
}
