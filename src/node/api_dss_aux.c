/* What stands beside F3548 in the Go DSS, for the programs that look after a DSS. */
#include "node/api_dss.h"

#include "base/text.h"

#include <string.h>

void prl_api_dss_version(void *node, prl_request *request)
{
	(void)node;
	prl_dss_answer_json(request, 200, json_pack("{s:s}", "version", PARLEY_VERSION));
}

void prl_api_dss_validate_oauth(void *node, prl_request *request)
{
	prl_dss_asked asked;
	if (!prl_dss_ask(node, request, PRL_SCOPE_READ_SERVICE_AREAS | PRL_SCOPE_WRITE_SERVICE_AREAS, &asked))
		return;
	prl_bytes owner = prl_request_query(request, "owner");
	if (owner.size && !prl_bytes_is(owner, asked.caller.subject))
		prl_dss_answer_json(request, 403, prl_dss_message(403, "owner is not the subject of the access token"));
	else
		prl_dss_answer_json(request, 200, json_object());
}

void prl_api_dss_pool(void *node, prl_request *request)
{
	prl_dss_asked asked;
	if (prl_dss_ask(node, request, PRL_SCOPE_POOL_STATUS_READ, &asked))
		prl_dss_answer_json(request, 200, json_pack("{s:s}", "dar_id", prl_ledger_origin(asked.api->own)));
}

/* A region is served by one log: there is one instance, and it is here. */
void prl_api_dss_pool_instances(void *node, prl_request *request)
{
	prl_dss_asked asked;
	if (!prl_dss_ask(node, request, PRL_SCOPE_POOL_STATUS_READ, &asked))
		return;
	prl_dss_answer_json(request, 200,
			    json_pack("{s:[{s:s, s:s}]}", "dss_instances", "id", prl_ledger_origin(asked.api->own),
				      "public_endpoint", asked.api->address));
}

void prl_api_dss_system_version(void *node, prl_request *request)
{
	prl_dss_asked asked;
	if (!prl_dss_ask(node, request, PRL_SCOPE_READ_SYSTEM_VERSIONS, &asked))
		return;
	prl_bytes system = prl_request_part(request, "id");
	prl_dss_answer_json(request, 200,
			    json_pack("{s:s%, s:s}", "system_identity", system.data, system.size, "system_version",
				      PARLEY_VERSION));
}
