/* Real nodes in one process, over HTTP on the loopback: what is filed at one appears at the other, cosigned, and its
 * labels follow; cuts, contents, idleness. */
#include "support/nodes.h"

#include "base/text.h"
#include "node/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Labels of an entry of node `of`, as node `at` shows them; a new reference. */
static json_t *labels(prl_client *at, test_nodes *n, size_t of, uint64_t index)
{
	json_t *entry = nodes_get(at, "/parley/v1/entries/%s/%llu", nodes_hex(n, of), (unsigned long long)index);
	json_t *found = json_incref(json_object_get(entry, "labels"));
	json_decref(entry);
	return found;
}

/* Whether a label names the log of node `other`. */
static bool label_names(prl_client *at, test_nodes *n, size_t of, uint64_t index, const char *label, size_t other)
{
	json_t *all = labels(at, n, of, index), *row;
	bool found = false;
	size_t i;
	json_array_foreach(json_object_get(all, label), i, row) {
		const char *log = json_is_string(row) ? json_string_value(row) :
							json_string_value(json_object_get(row, "log"));
		found = found || (log && strcmp(log, n->nodes[other].origin) == 0);
	}
	json_decref(all);
	return found;
}

static void message(prl_client *client, const char *text, prl_filed *ret)
{
	char body[200];
	(void)snprintf(body, sizeof body, "{\"text\":\"%s\",\"language\":\"en\"}", text);
	nodes_file(client, "message.sent", body, ret);
}

/* How many entries of a log at a node hold this text. */
static size_t count_texts(prl_client *at, test_nodes *n, size_t of, const char *text)
{
	json_t *list = nodes_get(at, "/parley/v1/entries?log=%s&from=0&count=1000", n->nodes[of].origin), *entry;
	size_t i, count = 0;
	json_array_foreach(json_object_get(list, "entries"), i, entry) {
		const char *note = json_string_value(json_object_get(entry, "note"));
		count += note && strstr(note, text);
	}
	json_decref(list);
	return count;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void exchanged(void **state)
{
	(void)state;
	test_nodes *n = nodes_new("ru us", false);
	nodes_start(n, 0);
	nodes_start(n, 1);
	nodes_wait_open(n);
	prl_client *us = nodes_desk(n, 1), *ru = nodes_desk(n, 0);
	prl_filed filed;
	message(us, "first words", &filed);
	assert_int_equal(filed.serial, 1);
	NODES_WAIT(count_texts(ru, n, 1, "first words") == 1);
	NODES_WAIT(label_names(us, n, 1, filed.index, "served", 0));
	assert_false(label_names(us, n, 1, filed.index, "waiting", 0));
	assert_false(label_names(us, n, 1, filed.index, "not_delivered", 0));
	/* The same by the other side. */
	assert_true(label_names(ru, n, 1, filed.index, "served", 0));
	message(ru, "an answer", &filed);
	NODES_WAIT(count_texts(us, n, 0, "an answer") == 1);
	prl_client_free(us);
	prl_client_free(ru);
	nodes_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
