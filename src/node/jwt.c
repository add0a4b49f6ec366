#include "node/jwt.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/schema_node.h"
#include "base/text.h"

#include <cjose/jws.h>
#include <openssl/err.h>

#include <math.h>
#include <string.h>

#define PARTS 3

static prl_status refuse(prl_error *err, const char *why)
{
	return prl_error_set(err, PRL_E_SIGNATURE, "%s", why);
}

/* ---- scopes ------------------------------------------------------------------------------------------------------ */

static const char *const scope_texts[] = {
#define X(name, text) text,
	PRL_SCOPE_MAP(X)
#undef X
};

uint32_t prl_scope_read(prl_bytes name)
{
	for (unsigned i = 0; i < PRL_SCOPE_COUNT; i++)
		if (prl_bytes_is(name, scope_texts[i]))
			return 1u << i;
	return 0;
}

const char *prl_scope_text(uint32_t scope)
{
	for (unsigned i = 0; i < PRL_SCOPE_COUNT; i++)
		if (scope == 1u << i)
			return scope_texts[i];
	return "";
}

static uint32_t scopes_read(const char *text)
{
	uint32_t scopes = 0;
	for (;;) {
		size_t size = strcspn(text, " ");
		scopes |= prl_scope_read((prl_bytes){ text, size });
		if (!text[size])
			return scopes;
		text += size + 1;
	}
}

static prl_status scope_check(const json_t *claims, uint32_t *ret, prl_error *err)
{
	const json_t *scope = json_object_get(claims, "scope");
	if (scope && !json_is_string(scope))
		return refuse(err,
			      "the token's \"scope\" is no text, expected one text with spaces between the scopes");
	if (!scope || !json_string_length(scope))
		return prl_error_set(err, PRL_E_REFUSED,
				     "the token has no \"scope\", expected one text with spaces between the scopes");
	*ret = scopes_read(json_string_value(scope));
	return PRL_OK;
}

/* ---- times ------------------------------------------------------------------------------------------------------- */

/* A NumericDate (RFC 7519 section 2): seconds, perhaps with a fraction. The years 1678 to 2261; outside them the end of
 * the range that is nearer, since all that is asked is which of two instants is the later. */
static bool time_read(const json_t *value, prl_time *ret)
{
	const int64_t most = INT64_MAX / PRL_SECOND;
	if (json_is_integer(value)) {
		json_int_t seconds = json_integer_value(value);
		*ret = seconds > most ? INT64_MAX : seconds < -most ? INT64_MIN : seconds * PRL_SECOND;
		return true;
	}
	if (!json_is_real(value) || !isfinite(json_real_value(value)))
		return false;
	double seconds = json_real_value(value);
	*ret = seconds >= (double)most    ? INT64_MAX
	       : seconds <= -(double)most ? INT64_MIN
					  : (prl_time)(seconds * (double)PRL_SECOND);
	return true;
}

static prl_time plus(prl_time t, int64_t seconds)
{
	prl_time sum;
	return __builtin_add_overflow(t, seconds * PRL_SECOND, &sum) ? INT64_MAX : sum;
}

static prl_status exp_check(const json_t *claims, prl_time now, prl_time *ret, prl_error *err)
{
	const json_t *exp = json_object_get(claims, "exp");
	prl_time expires;
	if (!exp || !time_read(exp, &expires))
		return refuse(err, "the token has no \"exp\" that is a number, expected seconds since 1970");
	if (expires <= now)
		return refuse(err, "the token has expired");
	if (expires > plus(now, PRL_JWT_HOUR_S + PRL_JWT_SKEW_S))
		return refuse(err, "the token's \"exp\" lies too far ahead, expected at most one hour");
	*ret = expires;
	return PRL_OK;
}

static prl_status begun_check(const json_t *claims, const char *name, prl_time now, prl_error *err)
{
	const json_t *value = json_object_get(claims, name);
	prl_time begins;
	if (!value)
		return PRL_OK;
	if (!time_read(value, &begins))
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "the token's \"%s\" is no number, expected seconds since 1970", name);
	if (begins > plus(now, PRL_JWT_EARLY_S))
		return prl_error_set(err, PRL_E_SIGNATURE, "the token's \"%s\" lies ahead: it is not valid yet", name);
	return PRL_OK;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Neither C0 nor DEL nor C1 (U+0080 to U+009F, of which 0xc2 is the first byte). */
static bool has_controls(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			return true;
	return false;
}

static prl_status name_check(const json_t *claims, const char *name, char ret[PRL_JWT_SUBJECT_MAX], prl_error *err)
{
	const json_t *value = json_object_get(claims, name);
	size_t size = json_string_length(value);
	if (!json_is_string(value) || size == 0 || size >= PRL_JWT_SUBJECT_MAX ||
	    has_controls(json_string_value(value)))
		return prl_error_set(err, PRL_E_SIGNATURE,
				     "the token has no fit \"%s\", expected a text of 1 to %d bytes without control "
				     "characters",
				     name, PRL_JWT_SUBJECT_MAX - 1);
	memcpy(ret, json_string_value(value), size + 1);
	return PRL_OK;
}

static bool is_ours(const json_t *audience, const prl_dss_list *audiences)
{
	prl_bytes text = { json_string_value(audience), json_string_length(audience) };
	return prl_dss_list_has(audiences, text);
}

static prl_status aud_check(const json_t *claims, const prl_dss_list *audiences, prl_error *err)
{
	const json_t *aud = json_object_get(claims, "aud"), *one;
	bool ours = json_is_string(aud) && is_ours(aud, audiences), texts = json_is_string(aud) || json_is_array(aud);
	size_t i;
	json_array_foreach(aud, i, one)
	{
		texts = texts && json_is_string(one);
		ours = ours || (json_is_string(one) && is_ours(one, audiences));
	}
	if (!texts)
		return refuse(err, "the token has no \"aud\", expected a text or a list of texts");
	return ours ? PRL_OK : refuse(err, "the token is for another audience, none of its \"aud\" is taken here");
}

prl_status prl_jwt_claims(prl_bytes json, const prl_jwt_rules *rules, prl_time now, prl_dss_caller *ret, prl_error *err)
{
	json_t *claims = NULL;
	prl_dss_caller caller = { 0 };
	prl_status status = prl_json_text_read(json, PRL_MAX_JSON_DEPTH_BODY, &claims, err);
	if (status == PRL_E_MEMORY)
		return status;
	if (status || !json_is_object(claims))
		status = refuse(err, "the token's claims are no JSON object without members that stand twice");
	if (!status)
		status = name_check(claims, "sub", caller.subject, err);
	if (!status)
		status = name_check(claims, "iss", caller.issuer, err);
	if (!status && rules->issuers->count && !prl_dss_list_has(rules->issuers, prl_bytes_of(caller.issuer)))
		status = refuse(err, "the token's issuer is none that is taken here");
	if (!status)
		status = exp_check(claims, now, &caller.expires, err);
	if (!status)
		status = begun_check(claims, "nbf", now, err);
	if (!status)
		status = begun_check(claims, "iat", now, err);
	if (!status)
		status = aud_check(claims, rules->audiences, err);
	if (!status)
		status = scope_check(claims, &caller.scopes, err);
	json_decref(claims);
	if (!status)
		*ret = caller;
	return status;
}

/* ---- header and signature ---------------------------------------------------------------------------------------- */

typedef struct jose_head {
	prl_jwt_alg alg;
	bool has_kid;
	char kid[PRL_JWK_KID_MAX];
} jose_head;

static prl_status head_fill(const json_t *json, jose_head *ret, prl_error *err)
{
	const json_t *kid = json_object_get(json, "kid");
	const char *alg = json_string_value(json_object_get(json, "alg"));
	if (json_object_get(json, "crit") || json_object_get(json, "b64"))
		return refuse(err, "the token's header has \"crit\" or \"b64\", of which nothing is understood here");
	if (!alg || !prl_jwt_alg_read(alg, &ret->alg))
		return refuse(err, "the token's \"alg\" is not taken here, expected RS256, RS384, RS512, PS256, PS384, "
				   "PS512 or ES256");
	if (kid && (!json_is_string(kid) || json_string_length(kid) >= sizeof ret->kid))
		return refuse(err, "the token's \"kid\" is no text of at most 255 bytes");
	ret->has_kid = kid != NULL;
	memcpy(ret->kid, kid ? json_string_value(kid) : "", json_string_length(kid) + 1);
	return PRL_OK;
}

static prl_status head_read(prl_bytes text, jose_head *ret, prl_error *err)
{
	json_t *json = NULL;
	prl_status status = prl_json_text_read(text, PRL_MAX_JSON_DEPTH_BODY, &json, err);
	if (status == PRL_E_MEMORY)
		return status;
	if (status || !json_is_object(json))
		status = refuse(err, "the token's header is no JSON object without members that stand twice");
	if (!status)
		status = head_fill(json, ret, err);
	json_decref(json);
	return status;
}

/* Tries the keys that fit, one after the other; NULL where none made the signature. */
static const prl_jwk *signer_find(cjose_jws_t *jws, const prl_jwk_set *keys, const jose_head *head, bool *ret_fits)
{
	const prl_jwk *found = NULL;
	*ret_fits = false;
	for (size_t i = 0; i < keys->count && !found; i++) {
		if (!prl_jwk_fits(keys->keys[i], head->alg, head->has_kid ? head->kid : NULL))
			continue;
		*ret_fits = true;
		if (cjose_jws_verify(jws, prl_jwk_cjose(keys->keys[i]), NULL))
			found = keys->keys[i];
	}
	ERR_clear_error();
	return found;
}

static prl_status signature_check(prl_bytes token, const prl_jwk_set *keys, const jose_head *head, prl_hash *ret_key,
				  prl_error *err)
{
	cjose_err trouble = { 0 };
	cjose_jws_t *jws = cjose_jws_import(token.data, token.size, &trouble);
	if (!jws && trouble.code == CJOSE_ERR_NO_MEMORY)
		return prl_error_memory(err);
	if (!jws)
		return refuse(err, "the token cannot be read");
	bool fits;
	const prl_jwk *signer = signer_find(jws, keys, head, &fits);
	cjose_jws_release(jws);
	if (!signer)
		return refuse(err, fits ? "the token's signature is by no key that is trusted here"
					: "no key that is trusted here fits the token's \"alg\" and \"kid\"");
	*ret_key = *prl_jwk_id(signer);
	return PRL_OK;
}

/* Decodes the three parts into room, which has token.size bytes: each needs three quarters of its text. */
static bool parts_read(prl_bytes token, char *room, prl_bytes parts[PARTS])
{
	prl_bytes rest = token;
	for (size_t i = 0; i < PARTS; i++) {
		const char *dot = rest.size ? memchr(rest.data, '.', rest.size) : NULL;
		prl_bytes text = { rest.data, dot ? (size_t)(dot - rest.data) : rest.size };
		if (!text.size || !dot != (i == PARTS - 1) ||
		    !prl_base64url_read(text, room, text.size, &parts[i].size))
			return false;
		parts[i].data = room;
		room += parts[i].size;
		if (dot)
			rest = (prl_bytes){ dot + 1, rest.size - text.size - 1 };
	}
	return true;
}

static prl_status token_check(prl_bytes token, char *room, const prl_jwk_set *keys, const prl_jwt_rules *rules,
			      prl_time now, prl_dss_caller *ret, prl_hash *ret_key, prl_error *err)
{
	prl_bytes parts[PARTS];
	if (!parts_read(token, room, parts))
		return refuse(err, "the token is no JWS, expected three parts in base64url without padding, with dots "
				   "between");
	jose_head head;
	prl_hash key;
	prl_status status = head_read(parts[0], &head, err);
	if (!status)
		status = signature_check(token, keys, &head, &key, err);
	if (!status)
		status = prl_jwt_claims(parts[1], rules, now, ret, err);
	if (!status)
		*ret_key = key;
	return status;
}

prl_status prl_jwt_verify(prl_bytes token, const prl_jwk_set *keys, const prl_jwt_rules *rules, prl_time now,
			  prl_dss_caller *ret, prl_hash *ret_key, prl_error *err)
{
	if (token.size > PRL_MAX_TOKEN_BYTES)
		return prl_error_set(err, PRL_E_SIGNATURE, "the token has more than %u bytes", PRL_MAX_TOKEN_BYTES);
	char *room = malloc(token.size + 1);
	if (!room)
		return prl_error_memory(err);
	prl_status status = token_check(token, room, keys, rules, now, ret, ret_key, err);
	free(room);
	return status;
}

bool prl_jwt_names_unknown(prl_bytes token, const prl_jwk_set *keys, char ret_kid[PRL_JWK_KID_MAX])
{
	prl_bytes parts[PARTS];
	jose_head head = { 0 };
	char *room = token.size <= PRL_MAX_TOKEN_BYTES ? malloc(token.size + 1) : NULL;
	bool named =
		room && parts_read(token, room, parts) && head_read(parts[0], &head, NULL) == PRL_OK && head.has_kid;
	free(room);
	for (size_t i = 0; i < keys->count && named; i++)
		named = !prl_jwk_fits(keys->keys[i], head.alg, head.kid);
	if (named)
		memcpy(ret_kid, head.kid, sizeof head.kid);
	return named;
}
