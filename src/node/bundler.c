#include "node/bundler.h"

#include "base/error.h"
#include "line/bundle.h"

#include <string.h>

static prl_status record(prl_clerk *clerk, const json_t *due, prl_error *err)
{
	char *text = json_dumps(json_object_get(due, "body"), JSON_COMPACT);
	if (!text)
		return prl_error_memory(err);
	prl_filing filing = { .what = PRL_FILING_RECORDED,
			      .kind = "bundle.raised",
			      .recorded = "node",
			      .mode = (prl_mode)json_integer_value(json_object_get(due, "mode")),
			      .body = { text, strlen(text) } };
	prl_status status = prl_clerk_submit_wait(clerk, &filing);
	if (status && err)
		*err = filing.err;
	free(text);
	return status;
}

prl_status prl_bundler_look(prl_picture *picture, prl_clerk *clerk, prl_time now, prl_error *err)
{
	json_t *all = NULL;
	const json_t *one;
	size_t i;
	prl_version version = prl_picture_pin(picture);
	prl_status status = prl_bundle_due(picture, version, now, &all, err);
	prl_picture_unpin(picture, version);
	json_array_foreach(all, i, one)
	{
		if (!status)
			status = record(clerk, one, err);
	}
	json_decref(all);
	return status;
}
