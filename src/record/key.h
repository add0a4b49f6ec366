/* Keys, for the parts of the record that sign and verify: Ed25519 (RFC 8032) by libsodium, made ready once. */
#ifndef PRL_RECORD_KEY_H
#define PRL_RECORD_KEY_H

#include <parley/record.h>

#define PRL_ED25519_SIGNATURE 64 /* bytes */

/* A name of a key (signed-note, "Format"): UTF-8 without controls, Unicode white space or '+', not empty. Any length:
 * other people's keys in a note may have longer names than ours. */
bool prl_key_name_check(prl_bytes name);

/* name and id are this key's: the pair that signed-note identifies a key by. */
bool prl_verifier_is(const prl_verifier *verifier, prl_bytes name, uint32_t id);

/* One signature over exactly these bytes, 50 to 80 µs. */
bool prl_verifier_holds(const prl_verifier *verifier, prl_bytes message,
			const uint8_t signature[PRL_ED25519_SIGNATURE]);
void prl_signer_sign(const prl_signer *signer, prl_bytes message, uint8_t signature[PRL_ED25519_SIGNATURE]);

/* "— name base64(id ‖ signature)\n" and a 0; size at most 72. Returns the length without the 0. */
size_t prl_signature_write(const prl_verifier *verifier, const uint8_t *signature, size_t size,
			   char line[PRL_SIGNATURE_LINE_MAX]);

#endif
