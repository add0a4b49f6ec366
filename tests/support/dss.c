#include "support/dss.h"

#include "base/text.h"
#include "support/tokens.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_MAX  (1u << 16)
#define TOKENS    64
#define VARIABLES 64

struct dss_node {
	nodes_set *n;
	CURL *curl;
	token_key *key;
	char key_file[400];
	struct {
		char who[160], *token;
	} tokens[TOKENS];
	size_t token_count;
	struct {
		char name[32], value[200];
	} kept[VARIABLES];
	size_t kept_count;
};

/* ---- clocks ------------------------------------------------------------------------------------------------------ */

static _Atomic int64_t passed_s;

static prl_time wall(void *context)
{
	(void)context;
	return (DSS_NOW_S + atomic_load(&passed_s)) * PRL_SECOND;
}

static prl_time boot(void *context)
{
	(void)context;
	return (1000 + atomic_load(&passed_s)) * PRL_SECOND;
}

void dss_go_on(unsigned seconds)
{
	atomic_fetch_add(&passed_s, (int64_t)seconds);
}

/* ---- the node ---------------------------------------------------------------------------------------------------- */

void dss_start(dss_node *d)
{
	if (d->n->count == 1) {
		nodes_start_alone(d->n, 0);
		nodes_wait_open(d->n);
	} else {
		nodes_start(d->n, 0);
	}
	d->curl = curl_easy_init();
	assert_non_null(d->curl);
}

void dss_stop(dss_node *d)
{
	curl_easy_cleanup(d->curl);
	d->curl = NULL;
	if (d->n->nodes[0].node)
		nodes_stop(d->n, 0);
}

static dss_node *make(const char *parties, bool http_urls, bool dev)
{
	prl_error err;
	dss_node *d = calloc(1, sizeof *d);
	assert_non_null(d);
	atomic_store(&passed_s, 0);
	d->n = nodes_new(parties, false);
	d->key = token_key_rsa(2048);
	(void)snprintf(d->key_file, sizeof d->key_file, "%s/issuer.pem", d->n->folder);
	token_key_save(d->key, d->key_file);
	nodes_node *t = &d->n->nodes[0];
	t->wall = wall;
	t->boot = boot;
	t->dss.http_base_urls = http_urls;
	t->dss.dev = dev;
	assert_int_equal(prl_dss_options_add_key_file(&t->dss, d->key_file, &err), PRL_OK);
	assert_int_equal(prl_dss_list_add(&t->dss.audiences, "dss.example", &err), PRL_OK);
	dss_start(d);
	return d;
}

dss_node *dss_new(bool http_urls)
{
	return make("us", http_urls, false);
}

dss_node *dss_new_calling(void)
{
	return make("us", true, true);
}

dss_node *dss_new_closed(void)
{
	return make("us ru", false, false);
}

void dss_free(dss_node *d)
{
	dss_stop(d);
	for (size_t i = 0; i < d->token_count; i++)
		free(d->tokens[i].token);
	token_key_free(d->key);
	nodes_free(d->n);
	free(d);
}

prl_client *dss_desk(dss_node *d)
{
	nodes_node *t = &d->n->nodes[0];
	prl_client_options options = { .folder = t->folder, .address = t->address, .wall = wall };
	prl_client *client = NULL;
	prl_error err;
	prl_client_free(nodes_desk(d->n, 0));
	assert_int_equal(prl_client_open(&options, &client, &err), PRL_OK);
	assert_int_equal(prl_client_login(client, &t->console, &err), PRL_OK);
	return client;
}

nodes_set *dss_nodes(dss_node *d)
{
	return d->n;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static const char *scope_of(const char *word)
{
	static const char *const scopes[][2] = {
		{ "SC", "utm.strategic_coordination" },
		{ "CMSA", "utm.conformance_monitoring_sa" },
		{ "CM", "utm.constraint_management" },
		{ "CP", "utm.constraint_processing" },
		{ "AA", "utm.availability_arbitration" },
		{ "RSA", "dss.read.identification_service_areas" },
		{ "WSA", "dss.write.identification_service_areas" },
		{ "POOL", "interuss.pool_status.read" },
		{ "VERSIONS", "interuss.versioning.read_system_versions" },
	};
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		if (strcmp(scopes[i][0], word) == 0)
			return scopes[i][1];
	return word;
}

static char *mint(dss_node *d, const char *who)
{
	char words[160], scopes[800] = "", *rest = words, *subject, *word;
	(void)snprintf(words, sizeof words, "%s", who);
	subject = strsep(&rest, " ");
	while ((word = strsep(&rest, " "))) {
		size_t used = strlen(scopes);
		(void)snprintf(scopes + used, sizeof scopes - used, "%s%s", used ? " " : "", scope_of(word));
	}
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:I}", "iss", "issuer.example", "sub", subject, "aud",
				 "dss.example", "scope", scopes, "exp", (json_int_t)(wall(NULL) / PRL_SECOND + 3600));
	char *claims = json_dumps(json, JSON_COMPACT), *token = token_make(d->key, "RS256", NULL, claims);
	json_decref(json);
	free(claims);
	return token;
}

const char *dss_token(dss_node *d, const char *who)
{
	for (size_t i = 0; i < d->token_count; i++)
		if (strcmp(d->tokens[i].who, who) == 0)
			return d->tokens[i].token;
	assert_true(d->token_count < TOKENS);
	(void)snprintf(d->tokens[d->token_count].who, sizeof d->tokens->who, "%s", who);
	return d->tokens[d->token_count++].token = mint(d, who);
}

/* ---- texts with $names ------------------------------------------------------------------------------------------- */

const char *dss_kept(dss_node *d, const char *name)
{
	for (size_t i = 0; i < d->kept_count; i++)
		if (strcmp(d->kept[i].name, name) == 0)
			return d->kept[i].value;
	fail_msg("nothing is kept as %s", name);
	return NULL;
}

static void keep(dss_node *d, const char *name, const char *value)
{
	size_t i = 0;
	while (i < d->kept_count && strcmp(d->kept[i].name, name) != 0)
		i++;
	assert_true(i < VARIABLES);
	d->kept_count += i == d->kept_count;
	(void)snprintf(d->kept[i].name, sizeof d->kept[i].name, "%s", name);
	(void)snprintf(d->kept[i].value, sizeof d->kept[i].value, "%s", value);
}

static void fill(dss_node *d, const char *text, char *to)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
	size_t used = 0;
	while (*text) {
		assert_true(used + 256 < TEXT_MAX);
		if (*text != '$') {
			to[used++] = *text++;
			continue;
		}
		char name[32];
		size_t size = strspn(text + 1, letters);
		(void)snprintf(name, sizeof name, "%.*s", (int)size, text + 1);
		used += (size_t)snprintf(to + used, TEXT_MAX - used, "%s", dss_kept(d, name));
		text += 1 + size;
	}
	to[used] = 0;
}

/* ---- answers compared -------------------------------------------------------------------------------------------- */

static bool fits(dss_node *d, json_t *expected, json_t *got);

static bool object_fits(dss_node *d, json_t *expected, json_t *got)
{
	const char *name;
	json_t *value;
	json_object_foreach(expected, name, value) if (!fits(d, value, json_object_get(got, name))) return false;
	return json_object_size(expected) == json_object_size(got);
}

static bool array_fits(dss_node *d, json_t *expected, json_t *got)
{
	size_t i;
	json_t *value;
	json_array_foreach(expected, i, value) if (!fits(d, value, json_array_get(got, i))) return false;
	return json_array_size(expected) == json_array_size(got);
}

static bool fits(dss_node *d, json_t *expected, json_t *got)
{
	const char *text = json_string_value(expected);
	if (!got)
		return false;
	if (text && strcmp(text, "*") == 0)
		return true;
	if (text && text[0] == '>') {
		if (json_is_string(got))
			keep(d, text + 1, json_string_value(got));
		return json_is_string(got);
	}
	if (text && strchr(text, '$')) { /* only now: it may have been kept from this answer */
		static char filled[TEXT_MAX];
		fill(d, text, filled);
		return json_is_string(got) && strcmp(json_string_value(got), filled) == 0;
	}
	if (json_is_object(expected) && json_is_object(got))
		return object_fits(d, expected, got);
	if (json_is_array(expected) && json_is_array(got))
		return array_fits(d, expected, got);
	return json_equal(expected, got);
}

/* {"message": "TEXT (E:<uuid>)"}, and nothing else. */
static bool message_fits(const char *text, json_t *got)
{
	const char *message = json_string_value(json_object_get(got, "message"));
	size_t size = strlen(text);
	if (!message || json_object_size(got) != 1 || strncmp(message, text, size) != 0)
		return false;
	return strncmp(message + size, " (E:", 4) == 0 && strlen(message + size) == 4 + 36 + 1 &&
	       strspn(message + size + 4, "0123456789abcdef-") == 36;
}

static bool answer_fits(dss_node *d, const char *answer, const prl_reply *reply)
{
	static const char json_type[] = "application/json; charset=utf-8";
	bool plain = answer && answer[0] == '#';
	if (strcmp(reply->type, plain ? "text/plain; charset=utf-8" : json_type) != 0)
		return false;
	if (plain)
		return prl_bytes_is((prl_bytes){ reply->body.data, reply->body.size }, answer + 1);
	json_t *got = json_loadb(reply->body.data, reply->body.size, JSON_REJECT_DUPLICATES, NULL);
	json_t *expected = answer && answer[0] != '!' ? json_loads(answer, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (answer && answer[0] != '!' && !expected)
		fail_msg("no JSON is expected: %s", answer);
	bool good = got && (!answer || (answer[0] == '!' ? message_fits(answer + 1, got) : fits(d, expected, got)));
	json_decref(got);
	json_decref(expected);
	return good;
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	prl_reply *reply = context;
	return prl_buffer_append(&reply->body, bytes, size * count) ? size * count : 0;
}

static struct curl_slist *field(struct curl_slist *fields, const char *name, const char *text)
{
	char line[8192];
	assert_true((size_t)snprintf(line, sizeof line, "%s%s", name, text) < sizeof line);
	fields = curl_slist_append(fields, line);
	assert_non_null(fields);
	return fields;
}

unsigned dss_send(dss_node *d, const char *who, const char *method, const char *path, prl_bytes body, prl_reply *reply)
{
	CURL *curl = d->curl;
	char url[8192], *type = NULL;
	long status = 0;
	struct curl_slist *fields = field(NULL, "Expect:", "");
	(void)snprintf(url, sizeof url, "%s%s", d->n->nodes[0].address, path);
	if (who)
		fields = field(fields, "Authorization: bearer ", who[0] == '=' ? who + 1 : dss_token(d, who));
	fields = field(fields, "Content-Type: ", "text/html"); /* nobody looks at it */
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	if (body.data) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
	}
	CURLcode code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		fail_msg("%s %s: %s", method, path, curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	(void)snprintf(reply->type, sizeof reply->type, "%s", type ? type : "");
	curl_slist_free_all(fields);
	return reply->status = (unsigned)status;
}

static unsigned send_step(dss_node *d, const char *who, const char *method, const char *path, const char *body,
			  prl_reply *reply)
{
	return dss_send(d, who, method, path, body ? prl_bytes_of(body) : (prl_bytes){ 0 }, reply);
}

json_t *dss_ask(dss_node *d, const char *who, const char *method, const char *path, const char *body,
		unsigned *ret_status)
{
	prl_reply reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	*ret_status = send_step(d, who, method, path, body, &reply);
	json_t *json = reply.body.data ? json_loadb(reply.body.data, reply.body.size, 0, NULL) : NULL;
	prl_reply_done(&reply);
	return json;
}

static void run_one(dss_node *d, const char *title, size_t i, const dss_step *step)
{
	static char path[TEXT_MAX], body[TEXT_MAX];
	prl_reply reply = PRL_REPLY(PRL_CLIENT_REPLY_MAX);
	fill(d, step->path, path);
	fill(d, step->body ? step->body : "", body);
	unsigned status = send_step(d, step->who, step->method, path, step->body ? body : NULL, &reply);
	if (status != step->status || !answer_fits(d, step->answer, &reply))
		fail_msg("%s, step %zu: %s %s (%s): %u %s\n%.*s\nexpected %u\n%s", title, i, step->method, path,
			 step->who ? step->who : "nobody", status, reply.type, (int)reply.body.size,
			 reply.body.data ? reply.body.data : "", step->status, step->answer ? step->answer : "");
	prl_reply_done(&reply);
}

void dss_run(dss_node *d, const char *title, const dss_step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_one(d, title, i, &steps[i]);
}
