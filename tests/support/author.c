#include "support/author.h"

#include "base/hash.h"
#include "base/text.h"
#include "node/clock.h"

#include <stdio.h>
#include <string.h>

#define MUST(call)                                                                                                     \
	do {                                                                                                           \
		if (call)                                                                                              \
			nodes_fail(__FILE__, __LINE__, err.text);                                                      \
	} while (0)

prl_link *author_link(const nodes_node *node)
{
	prl_error err;
	prl_link *link = NULL;
	prl_link_options options = { .address = node->address, .connect_s = 2, .total_s = 10 };
	MUST(prl_link_new(&options, &link, &err));
	return link;
}

static void read_line(author *a, nodes_set *n, size_t index)
{
	prl_client *client = nodes_client(n, index);
	json_t *offer = nodes_get(client, "/parley/v1/login");
	if (!prl_hash_read(prl_bytes_of(json_string_value(json_object_get(offer, "line"))), &a->line))
		nodes_fail(__FILE__, __LINE__, "no line");
	json_decref(offer);
	prl_client_free(client);
}

void author_make(author *a, nodes_set *n, size_t index, const char *name)
{
	prl_error err;
	prl_filed filed;
	char vkey[PRL_KEY_TEXT_MAX], body[PRL_KEY_TEXT_MAX + 20], full[100];
	*a = (author){ .node = &n->nodes[index],
		       .reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX),
		       .entry = malloc(PRL_ENTRY_MAX) };
	(void)snprintf(a->desk, sizeof a->desk, "%s", a->node->desk.verifier.name);
	(void)snprintf(full, sizeof full, "%s/%s", a->desk, name);
	read_line(a, n, index);
	MUST(prl_signer_new(full, PRL_KEY_NOTE, &a->key, &err));
	prl_client_free(nodes_desk(n, index));
	prl_client *desk = nodes_login(n, index, &a->node->desk);
	prl_verifier_write(&a->key.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	nodes_file(desk, "key.certified", body, &filed);
	prl_client_free(desk);
	a->link = author_link(a->node);
}

void author_done(author *a)
{
	prl_link_free(a->link);
	prl_reply_done(&a->reply);
	free(a->entry);
}

void author_sign(author *a, const char *kind, const char *body)
{
	prl_entry_head head = { .kind = kind,
				.log = a->node->origin,
				.party = a->node->party,
				.desk = a->desk,
				.key = a->key.verifier.name,
				.line = &a->line,
				.previous = &a->previous,
				.serial = a->serial + 1,
				.mode = PRL_MODE_TEST,
				.time = prl_clock_wall(NULL) / 1000000 * 1000000 };
	const prl_signer *signer = &a->key;
	a->size = prl_entry_write(&head, prl_bytes_of(body), &signer, 1, a->entry, PRL_ENTRY_MAX);
	if (!a->size)
		nodes_fail(__FILE__, __LINE__, "an entry that does not fit");
	a->hash = prl_sha256(a->entry, a->size);
}

unsigned author_ask(author *a, const char *method, const char *path, const char *type, const prl_bytes *body)
{
	prl_error err;
	for (int attempt = 0;; attempt++) {
		if (!prl_link_logged_in(a->link) && prl_link_login(a->link, &a->key, NULL, NULL, &err))
			return 0;
		if (prl_link_send(a->link, method, path, type, body, &a->reply, &err))
			return 0;
		if (a->reply.status != 401 || attempt)
			return a->reply.status;
		MUST(prl_link_token(a->link, NULL, &err)); /* another process than the one that gave the token */
	}
}

unsigned author_post(author *a)
{
	prl_bytes entry = { a->entry, a->size };
	return author_ask(a, "POST", "/parley/v1/entries", "text/plain", &entry);
}

void author_answered(author *a)
{
	a->serial++;
	a->previous = a->hash;
}

const char *author_reply(const author *a)
{
	return a->reply.body.data ? a->reply.body.data : "";
}

uint64_t author_index(const author *a)
{
	json_t *json = json_loads(author_reply(a), 0, NULL);
	json_t *index = json_object_get(json, "index");
	if (!json_is_integer(index))
		nodes_fail(__FILE__, __LINE__, author_reply(a));
	uint64_t value = (uint64_t)json_integer_value(index);
	json_decref(json);
	return value;
}

bool author_chain(author *a, uint64_t *ret_serial, prl_hash *ret_previous)
{
	char path[200];
	(void)snprintf(path, sizeof path, "/parley/v1/keys/%s", a->key.verifier.name);
	if (author_ask(a, "GET", path, NULL, NULL) != 200)
		return false;
	json_t *json = json_loads(author_reply(a), 0, NULL);
	const char *previous = json_string_value(json_object_get(json, "previous"));
	if (!previous || !prl_hash_read(prl_bytes_of(previous), ret_previous))
		nodes_fail(__FILE__, __LINE__, author_reply(a));
	*ret_serial = (uint64_t)json_integer_value(json_object_get(json, "serial"));
	json_decref(json);
	return true;
}

uint64_t author_say(author *a, const char *text)
{
	char body[4096];
	(void)snprintf(body, sizeof body, "{\"text\":\"%s\",\"language\":\"en\"}", text);
	author_sign(a, "message.sent", body);
	unsigned status = author_post(a);
	if (status != 201)
		nodes_fail(__FILE__, __LINE__, status ? author_reply(a) : "no answer");
	author_answered(a);
	return author_index(a);
}
