#include "base/hash.h"
#include "node/http_inside.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

static gnutls_session_t session_of(struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	return info ? info->tls_session : NULL;
}

/* MHD_OPTION_HTTPS_MEM_TRUST would ask too, but name a list of issuers that self-signed peers are not on, after which
 * some clients send nothing. We pin keys, so the question goes out without a list. */
void prl_http_tls_ask(struct MHD_Connection *mhd)
{
	gnutls_session_t session = session_of(mhd);
	if (!session)
		return;
	gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
	gnutls_certificate_send_x509_rdn_sequence(session, 1);
}

bool prl_http_tls_send(struct MHD_Connection *mhd, const void *bytes, size_t size)
{
	gnutls_session_t session = session_of(mhd);
	if (session)
		(void)gnutls_record_send(session, bytes, size);
	return session != NULL;
}

/* The key of a certificate in DER: what RFC 7469, 2.4 pins. */
static bool key_hash(const gnutls_datum_t *certificate, prl_hash *ret)
{
	gnutls_x509_crt_t crt = NULL;
	gnutls_pubkey_t key = NULL;
	gnutls_datum_t der = { 0 };
	bool ok = gnutls_x509_crt_init(&crt) == 0 &&
		  gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER) == 0 && gnutls_pubkey_init(&key) == 0 &&
		  gnutls_pubkey_import_x509(key, crt, 0) == 0 &&
		  gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der) == 0;
	if (ok)
		*ret = prl_sha256(der.data, der.size);
	gnutls_free(der.data);
	if (key)
		gnutls_pubkey_deinit(key);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	return ok;
}

const prl_hash *prl_http_tls_key(struct MHD_Connection *mhd, prl_connection *connection)
{
	if (!connection->key_asked) { /* the handshake is over: it cannot change any more (no renegotiation is asked
					 for) */
		connection->key_asked = true;
		gnutls_session_t session = session_of(mhd);
		unsigned count = 0;
		const gnutls_datum_t *chain = session ? gnutls_certificate_get_peers(session, &count) : NULL;
		connection->has_key = chain && count && key_hash(&chain[0], &connection->key);
	}
	return connection->has_key ? &connection->key : NULL;
}
