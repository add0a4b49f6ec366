/* A node's own TLS certificate: self-signed, because a line has no owner whom both sides could ask for one. The peers
 * pin its key, whose hash stands in the constitution; names and dates in it mean nothing to them. */
#ifndef PRL_NODE_CERTIFICATE_H
#define PRL_NODE_CERTIFICATE_H

#include "base/memory.h"

#include <parley/base.h>

/* Makes an ECDSA P-256 key (browsers take no Ed25519 certificates) and a certificate for it, both as PEM. host: the
 * DNS name or IP address that browsers are to see. */
PRL_MUST prl_status prl_certificate_new(const char *host, prl_buffer *ret_certificate, prl_buffer *ret_key,
					prl_error *err);

/* SHA-256 of the DER SubjectPublicKeyInfo of a certificate in PEM: what is pinned. */
PRL_MUST prl_status prl_certificate_pin(prl_bytes pem, prl_hash *ret_pin, prl_error *err);

#endif
