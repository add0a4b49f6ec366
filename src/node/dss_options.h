/* How a node serves the F3548-21 interface, as `parley serve` was told: whose tokens it takes, and how strict it is.
 * Texts belong to whoever fills it in and outlive the node. Zero-initialise: no interface is served then. */
#ifndef PRL_NODE_DSS_OPTIONS_H
#define PRL_NODE_DSS_OPTIONS_H

#include <parley/base.h>

#define PRL_DSS_LIST_MAX 32u /* items of each list */

typedef struct prl_dss_list {
	prl_bytes items[PRL_DSS_LIST_MAX];
	size_t count;
} prl_dss_list;

typedef struct prl_dss_options {
	prl_dss_list issuers;   /* "iss" must be one of them; none: any issuer whose key is trusted */
	prl_dss_list audiences; /* "aud" must name one of them; in development mode "localhost" is one */
	const char *key_files[PRL_DSS_LIST_MAX]; /* PEM, PUBLIC KEY */
	size_t key_file_count;
	const char *jwks_url;   /* a JWKS document, fetched every minute; NULL: none */
	prl_dss_list jwks_kids; /* the keys of it that are taken; none: all */
	bool http_base_urls;    /* uss_base_url may be http */
	const char *uss_id;     /* the manager of the node's own constraints; NULL: "parley." and the name of its log */
	const char *base_url; /* where USSs reach this node, for {base_url}/uss/v1/…; NULL: the address it listens at */
	const char *token_command; /* for sh: prints a token of the node's own (own_token.h); NULL: none */
	bool dev;                  /* development mode: the node trusts a key of its own (dev_key.h); loopback only */
} prl_dss_options;

/* True where there is a key that tokens could be signed with: the interface is served. */
static inline bool prl_dss_options_on(const prl_dss_options *options)
{
	return options->key_file_count > 0 || options->jwks_url || options->dev;
}

/* Adds the items of "a" or "a,b,c" as views of text. PRL_E_SYNTAX for an empty item, PRL_E_TOO_LARGE for too many. */
PRL_MUST prl_status prl_dss_list_add(prl_dss_list *list, const char *text, prl_error *err);
PRL_MUST prl_status prl_dss_options_add_key_file(prl_dss_options *options, const char *path, prl_error *err);
bool prl_dss_list_has(const prl_dss_list *list, prl_bytes item);

#define PRL_DSS_USS_ID_MAX   200u  /* bytes */
#define PRL_DSS_BASE_URL_MAX 1900u /* bytes */

/* That the settings fit each other. PRL_E_SYNTAX: tokens could be signed, but no audience is named; an issuer, an
 * audience, an id, an address or a kid without a key to verify with; kids without a set; an address that is not
 * https:// or http:// and a host, or that ends with "/". PRL_E_REFUSED: development mode beyond loopback.
 */
PRL_MUST prl_status prl_dss_options_check(const prl_dss_options *options, bool loopback, prl_error *err);

#endif
