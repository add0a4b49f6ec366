#include "node/dss_options.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static prl_status too_many(prl_error *err)
{
	return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u items", PRL_DSS_LIST_MAX);
}

prl_status prl_dss_list_add(prl_dss_list *list, const char *text, prl_error *err)
{
	prl_dss_list longer = *list;
	for (;;) {
		size_t size = strcspn(text, ",");
		if (size == 0)
			return prl_error_set(err, PRL_E_SYNTAX,
					     "an empty item, expected a text or several with commas");
		if (longer.count == PRL_DSS_LIST_MAX)
			return too_many(err);
		longer.items[longer.count++] = (prl_bytes){ text, size };
		text += size;
		if (*text++ == 0)
			break;
	}
	*list = longer;
	return PRL_OK;
}

prl_status prl_dss_options_add_key_file(prl_dss_options *options, const char *path, prl_error *err)
{
	if (!*path)
		return prl_error_set(err, PRL_E_SYNTAX, "no file is named");
	if (options->key_file_count == PRL_DSS_LIST_MAX)
		return too_many(err);
	options->key_files[options->key_file_count++] = path;
	return PRL_OK;
}

bool prl_dss_list_has(const prl_dss_list *list, prl_bytes item)
{
	for (size_t i = 0; i < list->count; i++)
		if (prl_bytes_equal(list->items[i], item))
			return true;
	return false;
}

/* What the node says of itself to USSs. */
static prl_status check_own(const prl_dss_options *options, prl_error *err)
{
	const char *id = options->uss_id, *url = options->base_url;
	size_t scheme = !url ? 0 : !strncmp(url, "https://", 8) ? 8 : !strncmp(url, "http://", 7) ? 7 : 0;
	if (options->token_command && !*options->token_command)
		return prl_error_set(err, PRL_E_SYNTAX, "--dss-token-command: expected a command for sh");
	if (id && (!*id || strlen(id) > PRL_DSS_USS_ID_MAX || strlen(id) != strspn(id, NAME_LETTERS)))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "--dss-uss-id: expected at most %u letters, digits, \".\", \"_\" and \"-\"",
				     PRL_DSS_USS_ID_MAX);
	if (url && (!scheme || !url[scheme] || url[scheme] == '/' || strpbrk(url, " \"\\#?<>") ||
		    url[strlen(url) - 1] == '/' || strlen(url) > PRL_DSS_BASE_URL_MAX))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"--dss-base-url: expected https:// or http://, a host, perhaps a path, no \"/\" at "
			"the end");
	return PRL_OK;
}

prl_status prl_dss_options_check(const prl_dss_options *options, bool loopback, prl_error *err)
{
	if (options->jwks_kids.count && !options->jwks_url)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "--dss-jwks-kid names keys of a set, but --dss-jwks is missing");
	if (!prl_dss_options_on(options) &&
	    (options->issuers.count || options->audiences.count || options->http_base_urls || options->uss_id ||
	     options->base_url || options->token_command))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "no key verifies tokens: expected --dss-key-file, --dss-jwks or --dss-dev");
	if (options->dev && !loopback)
		return prl_error_set(err, PRL_E_REFUSED,
				     "--dss-dev: whoever can read the node's folder can sign any token; it is for "
				     "loopback only");
	if (prl_dss_options_on(options) && !options->audiences.count && !options->dev)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "no audience: expected --dss-audience, mostly the host name that USSs call");
	return check_own(options, err);
}
