#include "node/own_constraint.h"

#include "base/error.h"
#include "base/limits.h"
#include "dss/home.h"
#include "dss/show.h"

#include <string.h>

/* Volumes and type, as they stand beside the entry. */
static prl_status read_details(prl_bytes home, json_t **ret, prl_error *err)
{
	json_t *all = home.size > PRL_HOME_SALT
			      ? json_loadb(home.data + PRL_HOME_SALT, home.size - PRL_HOME_SALT, 0, NULL)
			      : NULL;
	json_t *volumes = json_object_get(all, "extents");
	*ret = json_is_array(volumes)
		       ? json_pack("{s:O, s:O*}", "volumes", volumes, "type", json_object_get(all, "type"))
		       : NULL;
	json_decref(all);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_NOT_FOUND, "what the constraint shows is not kept here");
}

static prl_status write(prl_picture *picture, prl_version version, const prl_entity *constraint, const json_t *details,
			prl_buffer *to, prl_error *err)
{
	char *text = json_dumps(details, JSON_COMPACT | JSON_REAL_PRECISION(17));
	static const char begin[] = "{\"reference\":", middle[] = ",\"details\":";
	bool done = text && prl_buffer_append(to, begin, sizeof begin - 1) &&
		    prl_show_reference(picture, version, constraint, prl_entity_manager(constraint), to) &&
		    prl_buffer_append(to, middle, sizeof middle - 1) && prl_buffer_append(to, text, strlen(text)) &&
		    prl_buffer_append(to, "}", 1);
	free(text);
	return done ? PRL_OK : prl_error_memory(err);
}

prl_status prl_own_constraint_show(prl_store_reader *reader, uint32_t log, prl_picture *picture, prl_version version,
				   const prl_entity *constraint, prl_buffer *to, prl_error *err)
{
	prl_buffer home = PRL_BUFFER(PRL_MAX_BODY_BYTES);
	json_t *details = NULL;
	if (!(constraint->flags & PRL_ENTITY_OWN))
		return prl_error_set(err, PRL_E_NOT_FOUND, "the constraint is not the node's own");
	prl_status st = prl_store_body_get(reader, log, constraint->index, &home, err);
	if (!st)
		st = read_details((prl_bytes){ home.data, home.size }, &details, err);
	if (!st)
		st = write(picture, version, constraint, details, to, err);
	json_decref(details);
	prl_buffer_done(&home);
	return st;
}
