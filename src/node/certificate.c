#include "node/certificate.h"

#include "base/error.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define YEARS_VALID 50 /* it is pinned, not trusted by date; an expired one would only stop the line */

static prl_status failed(prl_error *err, const char *what, int code)
{
	return prl_error_set(err, PRL_E_IO, "the certificate could not be %s: %s", what, gnutls_strerror(code));
}

static int set_names(gnutls_x509_crt_t crt, const char *host)
{
	unsigned char address[16];
	int code = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, host, (unsigned)strlen(host));
	if (code < 0)
		return code;
	size_t length = strchr(host, ':') ? 16 : 4;
	if (inet_pton(length == 16 ? AF_INET6 : AF_INET, host, address) == 1)
		return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address, (unsigned)length, 0);
	return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), 0);
}

static int fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *host)
{
	unsigned char serial[16];
	time_t now = time(NULL);
	int code = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] &= 0x7f; /* RFC 5280 section 4.1.2.2: a positive number */
	if (code >= 0)
		code = gnutls_x509_crt_set_version(crt, 3);
	if (code >= 0)
		code = gnutls_x509_crt_set_serial(crt, serial, sizeof serial);
	if (code >= 0)
		code = gnutls_x509_crt_set_activation_time(crt, now - 24 * 3600);
	if (code >= 0)
		code = gnutls_x509_crt_set_expiration_time(crt, now + (time_t)YEARS_VALID * 365 * 24 * 3600);
	if (code >= 0)
		code = set_names(crt, host);
	if (code >= 0)
		code = gnutls_x509_crt_set_key(crt, key);
	if (code >= 0)
		code = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return code;
}

/* Takes what gnutls allocated over into a buffer of ours. */
static bool take(gnutls_datum_t *from, prl_buffer *to)
{
	bool done = prl_buffer_append(to, from->data, from->size);
	gnutls_memset(from->data, 0, from->size);
	gnutls_free(from->data);
	return done;
}

static prl_status export(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, prl_buffer *ret_certificate,
			 prl_buffer *ret_key, prl_error *err)
{
	gnutls_datum_t pem;
	int code = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	if (code < 0)
		return failed(err, "written", code);
	if (!take(&pem, ret_certificate))
		return prl_error_memory(err);
	code = gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
	if (code < 0)
		return failed(err, "written", code);
	return take(&pem, ret_key) ? PRL_OK : prl_error_memory(err);
}

prl_status prl_certificate_new(const char *host, prl_buffer *ret_certificate, prl_buffer *ret_key, prl_error *err)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_x509_privkey_t key = NULL;
	int code = gnutls_x509_privkey_init(&key);
	if (code >= 0)
		code = gnutls_x509_crt_init(&crt);
	if (code >= 0)
		code = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (code >= 0)
		code = fill(crt, key, host);
	prl_status status = code < 0 ? failed(err, "made", code) : export(crt, key, ret_certificate, ret_key, err);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return status;
}

static int key_of(gnutls_x509_crt_t crt, gnutls_datum_t *ret_der)
{
	gnutls_pubkey_t key;
	int code = gnutls_pubkey_init(&key);
	if (code < 0)
		return code;
	code = gnutls_pubkey_import_x509(key, crt, 0);
	if (code >= 0)
		code = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, ret_der);
	gnutls_pubkey_deinit(key);
	return code;
}

prl_status prl_certificate_pin(prl_bytes pem, prl_hash *ret_pin, prl_error *err)
{
	gnutls_x509_crt_t crt;
	gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem.data, (unsigned)pem.size }, der;
	int code = gnutls_x509_crt_init(&crt);
	if (code < 0)
		return failed(err, "read", code);
	code = gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM);
	if (code >= 0)
		code = key_of(crt, &der);
	gnutls_x509_crt_deinit(crt);
	if (code < 0)
		return failed(err, "read", code);
	*ret_pin = prl_sha256(der.data, der.size);
	gnutls_free(der.data);
	return PRL_OK;
}
