/* What this node serves as a USS: the details of the constraints that it shows by itself (F3548, USS-USS interface).
 * Each time that they are given to somebody is an entry in the record, which is on the disk before they go out. */
#include "node/api_dss.h"

#include "base/error.h"
#include "base/text.h"
#include "node/own_constraint.h"

#include <string.h>

#define READ_MAX 800u /* bytes of the entry's body */

/* A read on its way through the clerk, with the answer; lives in the HTTP request's arena. */
typedef struct reading {
	prl_filing filing;
	char recorded[PRL_KEY_NAME_MAX + 1];
	char body[READ_MAX];
	prl_buffer answer;
} reading;

static void refuse(prl_request *request, unsigned status, prl_status why, const char *text)
{
	prl_error err;
	(void)prl_error_set(&err, why, "%s", text);
	prl_dss_answer_error(request, status, &err);
}

static void on_recorded(prl_filing *filing)
{
	reading *r = (reading *)filing;
	prl_request *request = filing->context;
	prl_buffer answer = r->answer; /* the filing may be gone with the request */
	if (filing->status)
		prl_dss_answer_error(request, prl_dss_status_of(filing), &filing->err);
	else
		prl_dss_answer_bytes(request, 200, true, &answer);
	prl_buffer_done(&answer);
}

/* {"id", "version", "manager", "notice"} */
static bool write_body(reading *r, const prl_entity *constraint, const char *reader)
{
	char id[PRL_UUID_TEXT_MAX], notice[PRL_HASH_TEXT_MAX];
	prl_hash hash;
	if (!prl_entity_notice(constraint, &hash))
		return false;
	prl_hash_write(&hash, notice);
	prl_uuid_write(&constraint->id, id);
	json_t *body = json_pack("{s:s, s:I, s:s, s:s}", "id", id, "version", (json_int_t)constraint->version,
				 "manager", reader, "notice", notice);
	size_t size = body ? json_dumpb(body, r->body, sizeof r->body, JSON_COMPACT) : 0;
	json_decref(body);
	r->filing.body = (prl_bytes){ r->body, size };
	return size > 0 && size <= sizeof r->body;
}

/* 0, or the code of the refusal; the answer is made before the entry is, so that nothing is said to have been given
 * that is not. */
static unsigned prepare(const prl_dss_asked *asked, const prl_uuid *id, reading *r, prl_error *err)
{
	prl_api *api = asked->api;
	prl_store_reader *reader = NULL;
	prl_look look = prl_registry_pin(api->registry);
	const prl_entity *found = prl_entity_find(look.picture, look.version, PRL_CONSTRAINT, id);
	unsigned refused = 0;
	if (!found || !(found->flags & PRL_ENTITY_OWN) || found->shape->extent->to < asked->now) {
		(void)prl_error_set(err, PRL_E_NOT_FOUND, "this node shows no constraint with this id");
		refused = 404;
	} else if (!write_body(r, found, asked->caller.subject) || prl_readers_take(api->readers, &reader, err) ||
		   !prl_buffer_printf(&r->answer, "{\"constraint\":") ||
		   prl_own_constraint_show(reader, prl_ledger_log(api->own)->id, look.picture, look.version, found,
					   &r->answer, err) ||
		   !prl_buffer_printf(&r->answer, "}")) {
		(void)prl_error_memory(err);
		refused = 503;
	}
	if (reader)
		prl_readers_give(api->readers, reader);
	prl_registry_unpin(&look);
	return refused;
}

static void give_details(const prl_dss_asked *asked)
{
	prl_uuid id;
	prl_error err = { 0 };
	if (!prl_uuid_read(prl_request_part(asked->request, "id"), &id)) {
		refuse(asked->request, 400, PRL_E_SYNTAX, "Invalid ID format, expected a UUID of version 4");
		return;
	}
	reading *r = prl_arena_alloc(prl_request_arena(asked->request), 1, sizeof *r);
	if (!r) {
		refuse(asked->request, 503, PRL_E_MEMORY, "out of memory");
		return;
	}
	memset(r, 0, sizeof *r);
	r->answer = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	unsigned refused = prepare(asked, &id, r, &err);
	if (refused) {
		prl_buffer_done(&r->answer);
		prl_dss_answer_error(asked->request, refused, &err);
		return;
	}
	prl_uss_recorded(asked->caller.subject, r->recorded);
	r->filing.what = PRL_FILING_RECORDED;
	r->filing.kind = "constraint.read";
	r->filing.recorded = r->recorded;
	r->filing.done = on_recorded;
	r->filing.context = asked->request;
	prl_request_take(asked->request);
	prl_clerk_submit(asked->api->clerk, &r->filing);
}

void prl_api_dss_constraint_details(void *node, prl_request *request)
{
	prl_dss_asked asked;
	if (prl_dss_ask(node, request, PRL_SCOPE_CONSTRAINT_MANAGEMENT | PRL_SCOPE_CONSTRAINT_PROCESSING, &asked))
		give_details(&asked);
}

void prl_api_dss_nothing_uss(void *node, prl_request *request)
{
	prl_api_dss_nothing(node, request);
}
