/* The F3548 interface from path to answer, several requests one after the other: target and route, body, decision,
 * entry, fold, registry, answer. What every request gets is a code that f3548.md has for it, with a reason or with
 * JSON; an index rises by exactly one where its subscription is told; what was taken is what a GET then shows; a
 * refusal changes nothing; and all of it taken back leaves nothing.
 *
 *     one byte (who calls: bit 0 another USS, bit 1 may monitor, bit 2 http addresses are taken), "METHOD TARGET\n",
 *     the body, a 0 byte; and so on, 12 requests at most.
 *
 * "$" in a target or a body stands for the OVN or version that was given last, "&" for the id of the subscription. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "dss/request.h"
#include "dss/show.h"
#include "node/api_dss.h"
#include "node/http_route.h"
#include "support/line.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW      (1795953600 * PRL_SECOND) /* 2026-11-29T12:00:00Z */
#define LOG      "us.example/line"
#define REQUESTS 12
#define WORKING  PRL_VERSION_WORKING

#define MUST(what)                                                                                                     \
	do {                                                                                                           \
		if (!(what))                                                                                           \
			abort();                                                                                       \
	} while (0)

/* What a route does: an act, or FIND or GET of a kind. */
enum { FIND = 100, GET = 200, AVAILABILITY = 300, ELSEWHERE = 400 };
static const struct {
	const char *method, *pattern;
	int does;
} rows[] = {
#define O "/dss/v1/operational_intent_references/"
#define C "/dss/v1/constraint_references/"
#define S "/dss/v1/subscriptions/"
	{ "POST", O "query", FIND + PRL_INTENT },
	{ "GET", O "{id?}", GET + PRL_INTENT },
	{ "PUT", O "{id?}", PRL_DSS_PUT_INTENT },
	{ "PUT", O "{id?}/{stamp?}", PRL_DSS_PUT_INTENT },
	{ "DELETE", O "{id?}/{stamp?}", PRL_DSS_DELETE_INTENT },
	{ "POST", C "query", FIND + PRL_CONSTRAINT },
	{ "GET", C "{id?}", GET + PRL_CONSTRAINT },
	{ "PUT", C "{id?}", PRL_DSS_PUT_CONSTRAINT },
	{ "PUT", C "{id?}/{stamp?}", PRL_DSS_PUT_CONSTRAINT },
	{ "DELETE", C "{id?}/{stamp?}", PRL_DSS_DELETE_CONSTRAINT },
	{ "POST", S "query", FIND + PRL_SUBSCRIPTION },
	{ "GET", S "{id?}", GET + PRL_SUBSCRIPTION },
	{ "PUT", S "{id?}", PRL_DSS_PUT_SUBSCRIPTION },
	{ "PUT", S "{id?}/{stamp?}", PRL_DSS_PUT_SUBSCRIPTION },
	{ "DELETE", S "{id?}/{stamp?}", PRL_DSS_DELETE_SUBSCRIPTION },
	{ "POST", "/dss/v1/reports", PRL_DSS_REPORT },
	{ "PUT", "/dss/v1/uss_availability/{id?}", PRL_DSS_SET_AVAILABILITY },
	{ "GET", "/dss/v1/uss_availability/{id?}", AVAILABILITY },
};

/* ---- a node without threads -------------------------------------------------------------------------------------- */

typedef struct node {
	line *l;
	prl_picture *picture;
	prl_registry *registry;
	prl_route_line routes[64];
	size_t route_count;
	prl_home home;
	prl_entry entry;
	char text[PRL_ENTRY_MAX + 1];
} node;

static node n;

static prl_status home(void *context, uint64_t index, prl_home *ret, prl_error *err)
{
	(void)context;
	(void)index;
	*ret = n.home;
	return n.home.bytes.data ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "nothing");
}

/* What was made stands in no version that anybody sees; what is taken back leaves the index with the next one. */
static void settle(void)
{
	prl_error err;
	prl_version version = prl_picture_seal(n.picture);
	MUST(prl_registry_seal(n.registry, version, &err) == PRL_OK);
	prl_picture_publish(n.picture, version);
	prl_registry_written(n.registry);
}

static void begin(void)
{
	prl_error err;
	if (n.picture)
		return;
	n.l = line_new("us@" LOG, NULL);
	n.picture = line_picture(LOG);
	line_begin(n.l, n.picture, LOG);
	prl_picture_publish(n.picture, prl_picture_seal(n.picture));
	MUST(prl_registry_new(n.picture, &n.registry, &err) == PRL_OK);
	prl_picture_set_home(n.picture, home, NULL);
	static const prl_route routes[] = {
#define X(name, verb, path) { .method = verb, .pattern = path },
		PRL_DSS_ROUTES(X)
#undef X
	};
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		MUST(prl_route_read(&routes[i], &n.routes[n.route_count++], &err) == PRL_OK);
}

static size_t objects(void)
{
	size_t count = 0;
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		count += prl_entities_count(n.picture, WORKING, (prl_entity_kind)kind);
	return count;
}

static void end(void)
{
	prl_picture_rollback(n.picture);
	prl_registry_rolled_back(n.registry);
	settle();
	MUST(objects() == 0);
}

/* ---- what was given ---------------------------------------------------------------------------------------------- */

typedef struct given {
	char stamp[PRL_STAMP_TEXT_MAX], subscription[PRL_UUID_TEXT_MAX];
} given;

static void note(given *g, const json_t *answer)
{
	static const char *const members[] = { "operational_intent_reference", "constraint_reference", "subscription" };
	for (size_t i = 0; i < 3; i++) {
		const json_t *one = json_object_get(answer, members[i]);
		const char *stamp = json_string_value(json_object_get(one, i < 2 ? "ovn" : "version"));
		const char *id = json_string_value(json_object_get(one, i == 0 ? "subscription_id" : "id"));
		if (stamp && strlen(stamp) < sizeof g->stamp)
			memcpy(g->stamp, stamp, strlen(stamp) + 1);
		if (i != 1 && id && strlen(id) < sizeof g->subscription)
			memcpy(g->subscription, id, strlen(id) + 1);
	}
}

static void fill_in(prl_bytes from, const given *g, prl_buffer *to)
{
	for (size_t i = 0; i < from.size; i++) {
		char c = from.data[i];
		const char *text = c == '$' ? g->stamp : c == '&' ? g->subscription : NULL;
		MUST(text ? prl_buffer_append(to, text, strlen(text)) : prl_buffer_append(to, &c, 1));
	}
	MUST(prl_buffer_append(to, "", 1));
	to->size--;
}

/* ---- what is written --------------------------------------------------------------------------------------------- */

static void check_refused(unsigned code, const char *why)
{
	MUST(code == 400 || code == 403 || code == 404 || code == 409 || code == 413);
	MUST(why[0]);
}

typedef struct indices {
	struct {
		prl_uuid id;
		uint32_t index;
	} items[4 * REQUESTS];
	size_t count;
} indices;

static bool add_index(void *context, const prl_entity *entity)
{
	indices *to = context;
	MUST(to->count < sizeof to->items / sizeof *to->items);
	to->items[to->count].id = entity->id;
	to->items[to->count++].index = entity->notified;
	return true;
}

static bool is_told(const json_t *answer, const prl_uuid *id)
{
	char text[PRL_UUID_TEXT_MAX];
	const json_t *group, *one;
	size_t i, k;
	prl_uuid_write(id, text);
	json_array_foreach(json_object_get(answer, "subscribers"), i, group) json_array_foreach(
		json_object_get(group, "subscriptions"), k,
		one) if (strcmp(json_string_value(json_object_get(one, "subscription_id")), text) == 0) return true;
	return false;
}

static void check_told(const indices *before, const json_t *answer)
{
	for (size_t i = 0; i < before->count; i++) {
		const prl_entity *now = prl_entity_find(n.picture, WORKING, PRL_SUBSCRIPTION, &before->items[i].id);
		if (now)
			MUST(now->notified ==
			     before->items[i].index + (is_told(answer, &before->items[i].id) ? 1u : 0u));
	}
}

/* As the clerk does it (node/uss.c). */
static void carry_out(const prl_dss_request *q, prl_dss_outcome *outcome)
{
	prl_error err = { 0 };
	const prl_constitution *constitution = prl_picture_constitution(n.picture, WORKING);
	prl_entry_head head = { .kind = outcome->kind,
				.log = LOG,
				.recorded = "uss/x",
				.line = &constitution->line,
				.mode = PRL_MODE_REAL,
				.time = NOW };
	char *body = json_dumps(outcome->body, JSON_COMPACT | JSON_REAL_PRECISION(12));
	MUST(body);
	size_t length = prl_entry_write(&head, prl_bytes_of(body), NULL, 0, n.text, PRL_ENTRY_MAX);
	MUST(length && prl_entry_read((prl_bytes){ n.text, length }, &n.entry, &err) == PRL_OK);
	for (size_t i = 0; i < outcome->touch_count; i++)
		outcome->touches[i] =
			prl_registry_before(n.registry, outcome->touches[i].kind, &outcome->touches[i].id);
	n.home = (prl_home){ { outcome->home.data, outcome->home.size }, &outcome->made };
	MUST(prl_picture_apply(n.picture, LOG, prl_picture_size(n.picture, WORKING, LOG), &n.entry, NULL, NULL, &err) ==
	     PRL_OK);
	n.home = (prl_home){ 0 };
	for (size_t i = 0; i < outcome->touch_count; i++)
		MUST(prl_registry_after(n.registry, &outcome->touches[i], &err) == PRL_OK);
	(void)q;
	free(body);
}

static void decide(const prl_dss_request *q, given *g)
{
	prl_dss_outcome outcome;
	prl_error err = { 0 };
	indices before = { .count = 0 };
	size_t count = objects();
	unsigned status = 0;
	prl_buffer text = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	MUST(prl_entities_each(n.picture, WORKING, PRL_SUBSCRIPTION, add_index, &before, &err) == PRL_OK);
	MUST(prl_dss_decide(n.registry, q, &outcome, &err) == PRL_OK);
	if (outcome.status) {
		check_refused(outcome.status, outcome.why);
		MUST(objects() == count);
	} else {
		carry_out(q, &outcome);
		MUST(prl_dss_answer(n.registry, q, &outcome, &text, &status, &err) == PRL_OK);
		MUST(status == 200 || status == 201);
		json_t *answer = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
		MUST(answer);
		check_told(&before, answer);
		note(g, answer);
		json_decref(answer);
	}
	prl_dss_outcome_done(&outcome);
	prl_buffer_done(&text);
}

static void write_act(prl_dss_call *call, const prl_dss_rules *rules, given *g)
{
	prl_dss_request *q = NULL;
	prl_error err = { 0 };
	unsigned code = prl_dss_request_read(call, rules, &q, &err);
	if (code) {
		check_refused(code, err.text);
		return;
	}
	decide(q, g);
	prl_dss_request_done(q);
}

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

static void check_json(prl_buffer *text)
{
	json_t *json = json_loadb(text->data, text->size, JSON_REJECT_DUPLICATES, NULL);
	MUST(json);
	json_decref(json);
	prl_buffer_done(text);
}

static void find(prl_bytes body, prl_entity_kind kind, const prl_dss_rules *rules)
{
	prl_error err = { 0 };
	prl_dss_query query;
	unsigned code = prl_dss_query_read(body, kind, rules, &query, &err);
	if (code) {
		check_refused(code, err.text);
		return;
	}
	const prl_search search = { kind, &query.ready, kind == PRL_INTENT, NOW, 0 };
	prl_look look = prl_registry_working(n.registry);
	const prl_entity **found = NULL;
	size_t count = 0;
	prl_buffer text = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	MUST(prl_registry_find(&look, &search, &found, &count, &err) == PRL_OK);
	MUST(prl_show_list(look.picture, look.version, found, count, "uss1", &text));
	free(found);
	check_json(&text);
	prl_dss_query_done(&query);
}

static void get(prl_bytes id_text, prl_entity_kind kind)
{
	prl_uuid id;
	if (!prl_uuid_read(id_text, &id))
		return;
	const prl_entity *entity = prl_entity_find(n.picture, WORKING, kind, &id);
	prl_buffer text = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	if (!entity)
		return;
	MUST(kind == PRL_SUBSCRIPTION ? prl_show_subscription(entity, &text)
				      : prl_show_reference(n.picture, WORKING, entity, "uss1", &text));
	check_json(&text);
}

/* ---- one request ------------------------------------------------------------------------------------------------- */

static int what_it_does(const prl_route *route)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].method, route->method) == 0 && strcmp(rows[i].pattern, route->pattern) == 0)
			return rows[i].does;
	return ELSEWHERE;
}

static void serve(uint8_t who, const prl_route_line *row, prl_target *target, prl_bytes body, given *g)
{
	prl_dss_rules rules = prl_dss_rules_default();
	prl_bytes id, stamp;
	int does = what_it_does(row->route);
	bool stamped = strstr(row->route->pattern, "{stamp?}") != NULL;
	rules.http_urls = who & 4;
	MUST(prl_route_part(row, target, "id", &id) == PRL_OK &&
	     prl_route_part(row, target, "stamp", &stamp) == PRL_OK);
	prl_dss_call call = { .act = (prl_dss_act)does,
			      .manager = who & 1 ? "uss2" : "uss1",
			      .monitors = who & 2,
			      .id = id,
			      .stamp = stamped ? stamp : (prl_bytes){ 0 },
			      .body = body,
			      .now = NOW };
	if (does <= PRL_DSS_REPORT)
		write_act(&call, &rules, g);
	else if (does < GET)
		find(body, (prl_entity_kind)(does - FIND), &rules);
	else if (does < AVAILABILITY)
		get(id, (prl_entity_kind)(does - GET));
}

static void ask(uint8_t who, prl_bytes head, prl_bytes body, given *g)
{
	prl_error err = { 0 };
	prl_target target;
	char allow[PRL_MAX_HTTP_ALLOW];
	bool known;
	const char *space = memchr(head.data, ' ', head.size);
	if (!space)
		return;
	prl_bytes method = { head.data, (size_t)(space - head.data) };
	prl_buffer text = PRL_BUFFER(PRL_MIB), filled = PRL_BUFFER(PRL_MIB);
	fill_in((prl_bytes){ space + 1, head.size - method.size - 1 }, g, &text);
	fill_in(body, g, &filled);
	if (prl_target_read(text.data, text.size, &target, &err)) {
		MUST(err.text[0]);
	} else {
		const prl_route_line *row = prl_route_find(n.routes, n.route_count, &target, method, &known, allow);
		if (row)
			serve(who, row, &target, (prl_bytes){ filled.data, filled.size }, g);
	}
	prl_buffer_done(&text);
	prl_buffer_done(&filled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_bytes rest = { (const char *)data, size };
	given g = { .stamp = "none-was-given-yet", .subscription = "00000000-0000-4000-8000-000000000000" };
	if (size > 32768)
		return 0;
	begin();
	for (unsigned i = 0; i < REQUESTS && rest.size > 1; i++) {
		uint8_t who = (uint8_t)rest.data[0];
		rest = (prl_bytes){ rest.data + 1, rest.size - 1 };
		const char *stop = memchr(rest.data, 0, rest.size);
		size_t length = stop ? (size_t)(stop - rest.data) : rest.size;
		const char *feed = memchr(rest.data, '\n', length);
		size_t head = feed ? (size_t)(feed - rest.data) : length;
		ask(who, (prl_bytes){ rest.data, head },
		    feed ? (prl_bytes){ feed + 1, length - head - 1 } : (prl_bytes){ "", 0 }, &g);
		rest = stop ? (prl_bytes){ stop + 1, rest.size - length - 1 } : (prl_bytes){ "", 0 };
	}
	end();
	return 0;
}
