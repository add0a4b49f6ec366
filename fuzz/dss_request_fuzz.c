/* Any bytes as the body of an F3548 request: the first byte names the act, the second how it is asked. What is refused
 * says why; what is taken is kept as JSON that is taken again, its key in order. */
#include "base/limits.h"
#include "base/text.h"
#include "dss/request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW (1795953600 * PRL_SECOND) /* 2026-11-29T12:00:00Z */

static void refused(unsigned code, const prl_error *err)
{
	if ((code != 400 && code != 403 && code != 413) || !err->text[0])
		abort();
}

static void ask(prl_bytes body, uint8_t kind)
{
	prl_error err = { 0 };
	prl_dss_query query;
	const prl_dss_rules rules = prl_dss_rules_default();
	unsigned code = prl_dss_query_read(body, kind % PRL_ENTITY_KINDS, &rules, &query, &err);
	if (code) {
		refused(code, &err);
		return;
	}
	if (!query.extent->outlines || query.extent->from > query.extent->to ||
	    query.extent->lower_m > query.extent->upper_m)
		abort();
	prl_dss_query_done(&query);
}

static void check(const prl_dss_request *q)
{
	for (size_t i = 1; i < q->key_count; i++)
		if (strcmp(q->key[i - 1], q->key[i]) > 0)
			abort();
	prl_bytes kept = q->act == PRL_DSS_REPORT ? q->report : q->extents;
	json_t *json = kept.data ? json_loadb(kept.data, kept.size, JSON_REJECT_DUPLICATES, NULL) : NULL;
	if (kept.data && !json)
		abort();
	json_decref(json);
	if (q->extent && (q->extent->from > q->extent->to || q->extent->lower_m > q->extent->upper_m))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > 65536)
		return 0;
	prl_bytes body = { (const char *)data + 2, size - 2 };
	prl_error err = { 0 };
	prl_dss_request *q = NULL;
	prl_dss_rules rules = prl_dss_rules_default();
	rules.http_urls = data[1] & 4;
	prl_dss_call call = { .act = (prl_dss_act)(data[0] % (PRL_DSS_REPORT + 2)),
			      .manager = "uss1",
			      .monitors = data[1] & 2,
			      .id = prl_bytes_of("3f3cdc40-1d0a-4d5c-8a3b-0b0c6f5f8e11"),
			      .body = body,
			      .now = NOW };
	if (call.act > PRL_DSS_REPORT) {
		ask(body, data[1]);
		return 0;
	}
	if (data[1] & 1)
		call.stamp = prl_bytes_of("the-version-that-was-read");
	if (data[1] & 8) { /* the path */
		call.id = body;
		call.stamp = body;
	}
	unsigned code = prl_dss_request_read(&call, &rules, &q, &err);
	if (code) {
		refused(code, &err);
		return 0;
	}
	check(q);
	prl_dss_request_done(q);
	return 0;
}
