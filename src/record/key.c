#include "record/key.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MATERIAL 33 /* type and 32 bytes */

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Chooses libsodium's code for this processor and opens the random source; without either no key can be trusted. */
static void prepare(void)
{
	if (sodium_init() < 0)
		abort();
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Unicode White_Space beyond ASCII, as x/mod's unicode.IsSpace has it: U+0085, U+00A0, U+1680, U+2000 to U+200A,
 * U+2028, U+2029, U+202F, U+205F, U+3000. s is well-formed UTF-8, left >= 1. */
static bool is_wide_space(const uint8_t *s, size_t left)
{
	if (left >= 2 && s[0] == 0xc2)
		return s[1] == 0x85 || s[1] == 0xa0;
	if (left < 3 || s[0] < 0xe1 || s[0] > 0xe3)
		return false;
	if (s[0] == 0xe2 && s[1] == 0x80)
		return s[2] <= 0x8a || s[2] == 0xa8 || s[2] == 0xa9 || s[2] == 0xaf;
	return (s[0] == 0xe1 && s[1] == 0x9a && s[2] == 0x80) || (s[0] == 0xe2 && s[1] == 0x81 && s[2] == 0x9f) ||
	       (s[0] == 0xe3 && s[1] == 0x80 && s[2] == 0x80);
}

bool prl_key_name_check(prl_bytes name)
{
	const uint8_t *s = (const uint8_t *)name.data;
	for (size_t i = 0; i < name.size; i++)
		if (s[i] <= ' ' || s[i] == '+' || (s[i] >= 0x80 && is_wide_space(s + i, name.size - i)))
			return false;
	return name.size > 0 && prl_utf8_check(name, false);
}

static prl_status check_name(prl_bytes name, prl_error *err)
{
	if (name.size > PRL_KEY_NAME_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the name of a key has %zu bytes, expected at most %d",
				     name.size, PRL_KEY_NAME_MAX);
	if (!prl_key_name_check(name))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"the name of a key is empty or has a space, a control or a '+', expected as us/desk-1");
	return PRL_OK;
}

/* ---- verifiers --------------------------------------------------------------------------------------------------- */

/* signed-note, "Signatures": the first 4 bytes of SHA-256(name ‖ \n ‖ type ‖ public key). */
static uint32_t key_id(prl_bytes name, prl_key_type type, const uint8_t public_key[32])
{
	char marks[2] = { '\n', (char)type };
	const prl_bytes pieces[] = { name, { marks, 2 }, { (const char *)public_key, 32 } };
	prl_hash hash = prl_sha256_pieces(pieces, 3);
	return (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 | (uint32_t)hash.bytes[2] << 8 |
	       hash.bytes[3];
}

static prl_status verifier_make(prl_bytes name, unsigned type, const uint8_t public_key[32], prl_verifier *ret,
				prl_error *err)
{
	prl_status status = check_name(name, err);
	if (status)
		return status;
	if (type != PRL_KEY_NOTE && type != PRL_KEY_COSIGNATURE)
		return prl_error_set(
			err, PRL_E_UNSUPPORTED,
			"the key of %.*s has type 0x%02x, expected 0x01 (Ed25519) or 0x04 (cosignature/v1)",
			(int)name.size, name.data, type);
	pthread_once(&once, prepare);
	if (!crypto_core_ed25519_is_valid_point(public_key))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"the public key of %.*s is no Ed25519 key: expected a canonical point of the main subgroup",
			(int)name.size, name.data);
	memcpy(ret->name, name.data, name.size);
	ret->name[name.size] = 0;
	ret->type = (prl_key_type)type;
	ret->id = key_id(name, ret->type, public_key);
	memcpy(ret->public_key, public_key, 32);
	return PRL_OK;
}

prl_status prl_verifier_new(const char *name, prl_key_type type, const uint8_t public_key[32], prl_verifier *ret,
			    prl_error *err)
{
	return verifier_make(prl_bytes_of(name), type, public_key, ret, err);
}

/* Takes what stands before the first '+'. */
static bool take_part(prl_bytes *rest, prl_bytes *ret_part)
{
	const char *plus = rest->size ? memchr(rest->data, '+', rest->size) : NULL;
	if (!plus)
		return false;
	size_t length = (size_t)(plus - rest->data);
	*ret_part = (prl_bytes){ rest->data, length };
	*rest = (prl_bytes){ plus + 1, rest->size - length - 1 };
	return true;
}

/* name+8 hex digits+base64 of type and 32 bytes, for public and private keys alike. */
static bool read_parts(prl_bytes text, prl_bytes *ret_name, uint32_t *ret_id, uint8_t material[KEY_MATERIAL])
{
	prl_bytes hex;
	uint8_t id[4];
	size_t size;
	if (!take_part(&text, ret_name) || !take_part(&text, &hex) || !prl_hex_read(hex, id, sizeof id) ||
	    !prl_base64_read(text, material, KEY_MATERIAL, &size) || size != KEY_MATERIAL)
		return false;
	*ret_id = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
	return true;
}

static void write_parts(const prl_verifier *verifier, const uint8_t bytes[32], const char *prefix,
			char text[PRL_KEY_TEXT_MAX])
{
	uint8_t material[KEY_MATERIAL];
	char base64[PRL_BASE64_SIZE(KEY_MATERIAL) + 1];
	material[0] = (uint8_t)verifier->type;
	memcpy(material + 1, bytes, 32);
	prl_base64_write(material, sizeof material, base64);
	snprintf(text, PRL_KEY_TEXT_MAX, "%s%s+%08x+%s", prefix, verifier->name, verifier->id, base64);
	sodium_memzero(material, sizeof material);
	sodium_memzero(base64, sizeof base64);
}

prl_status prl_verifier_read(prl_bytes text, prl_verifier *ret, prl_error *err)
{
	prl_bytes name;
	uint32_t id;
	uint8_t material[KEY_MATERIAL];
	prl_verifier verifier;
	if (!read_parts(text, &name, &id, material))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "\"%.*s\" is no key, expected name+8 hex digits+base64 of 33 bytes",
				     text.size > 80 ? 80 : (int)text.size, text.data);
	prl_status status = verifier_make(name, material[0], material + 1, &verifier, err);
	if (status)
		return status;
	if (verifier.id != id)
		return prl_error_set(err, PRL_E_SYNTAX, "the key of %s is mistyped: its id is %08x, expected %08x",
				     verifier.name, id, verifier.id);
	*ret = verifier;
	return PRL_OK;
}

void prl_verifier_write(const prl_verifier *verifier, char text[PRL_KEY_TEXT_MAX])
{
	write_parts(verifier, verifier->public_key, "", text);
}

/* The last 48 decimal digits of the hash as a big-endian number: groups fall out from the right, one long division by
 * 10,000 each. */
void prl_verifier_fingerprint(const prl_verifier *verifier, char text[PRL_FINGERPRINT_MAX])
{
	char type = (char)verifier->type;
	const prl_bytes pieces[] = { { &type, 1 }, { (const char *)verifier->public_key, 32 } };
	prl_hash hash = prl_sha256_pieces(pieces, 2);
	unsigned groups[12];
	for (size_t g = 12; g-- > 0;) {
		unsigned rest = 0;
		for (size_t i = 0; i < sizeof hash.bytes; i++) {
			rest = rest << 8 | hash.bytes[i];
			hash.bytes[i] = (uint8_t)(rest / 10000);
			rest %= 10000;
		}
		groups[g] = rest;
	}
	for (size_t g = 0; g < 12; g++, text += 5)
		snprintf(text, 6, "%04u ", groups[g] % 10000);
	text[-1] = 0;
}

bool prl_verifier_is(const prl_verifier *verifier, prl_bytes name, uint32_t id)
{
	return verifier->id == id && prl_bytes_is(name, verifier->name);
}

bool prl_verifier_holds(const prl_verifier *verifier, prl_bytes message, const uint8_t signature[PRL_ED25519_SIGNATURE])
{
	pthread_once(&once, prepare);
	return crypto_sign_ed25519_verify_detached(signature, (const uint8_t *)message.data, message.size,
						   verifier->public_key) == 0;
}

/* ---- signers ----------------------------------------------------------------------------------------------------- */

static prl_status signer_make(prl_bytes name, unsigned type, const uint8_t seed[32], prl_signer *ret, prl_error *err)
{
	uint8_t public_key[32], secret[64];
	prl_verifier verifier;
	pthread_once(&once, prepare);
	crypto_sign_ed25519_seed_keypair(public_key, secret, seed);
	prl_status status = verifier_make(name, type, public_key, &verifier, err);
	if (!status) {
		ret->verifier = verifier;
		memcpy(ret->secret, secret, sizeof secret);
	}
	sodium_memzero(secret, sizeof secret);
	return status;
}

prl_status prl_signer_from_seed(const char *name, prl_key_type type, const uint8_t seed[32], prl_signer *ret,
				prl_error *err)
{
	return signer_make(prl_bytes_of(name), type, seed, ret, err);
}

prl_status prl_signer_new(const char *name, prl_key_type type, prl_signer *ret, prl_error *err)
{
	uint8_t seed[32];
	pthread_once(&once, prepare);
	randombytes_buf(seed, sizeof seed);
	prl_status status = prl_signer_from_seed(name, type, seed, ret, err);
	sodium_memzero(seed, sizeof seed);
	return status;
}

static const char private_prefix[] = "PRIVATE+KEY+";

/* No message of this function shows anything of the key but its name. */
static prl_status signer_read(prl_bytes text, uint8_t material[KEY_MATERIAL], prl_signer *signer, prl_error *err)
{
	prl_bytes name;
	uint32_t id;
	size_t prefix = sizeof private_prefix - 1;
	if (text.size < prefix || memcmp(text.data, private_prefix, prefix) != 0 ||
	    !read_parts((prl_bytes){ text.data + prefix, text.size - prefix }, &name, &id, material))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "no private key, expected PRIVATE+KEY+name+8 hex digits+base64 of 33 bytes");
	prl_status status = signer_make(name, material[0], material + 1, signer, err);
	if (!status && signer->verifier.id != id)
		status = prl_error_set(err, PRL_E_SYNTAX,
				       "the private key of %s is mistyped: its id is %08x, expected %08x",
				       signer->verifier.name, id, signer->verifier.id);
	return status;
}

prl_status prl_signer_read(prl_bytes text, prl_signer *ret, prl_error *err)
{
	uint8_t material[KEY_MATERIAL];
	prl_signer signer;
	prl_status status = signer_read(text, material, &signer, err);
	if (!status)
		*ret = signer;
	sodium_memzero(material, sizeof material);
	prl_signer_wipe(&signer);
	return status;
}

void prl_signer_write(const prl_signer *signer, char text[PRL_KEY_TEXT_MAX])
{
	write_parts(&signer->verifier, signer->secret, private_prefix, text); /* libsodium: seed ‖ public key */
}

void prl_signer_wipe(prl_signer *signer)
{
	sodium_memzero(signer, sizeof *signer);
}

void prl_signer_sign(const prl_signer *signer, prl_bytes message, uint8_t signature[PRL_ED25519_SIGNATURE])
{
	pthread_once(&once, prepare);
	crypto_sign_ed25519_detached(signature, NULL, (const uint8_t *)message.data, message.size, signer->secret);
}

size_t prl_signature_write(const prl_verifier *verifier, const uint8_t *signature, size_t size,
			   char line[PRL_SIGNATURE_LINE_MAX])
{
	uint8_t bytes[4 + 72];
	char base64[PRL_BASE64_SIZE(sizeof bytes) + 1];
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(verifier->id >> (24 - 8 * i));
	memcpy(bytes + 4, signature, size);
	prl_base64_write(bytes, 4 + size, base64);
	return (size_t)snprintf(line, PRL_SIGNATURE_LINE_MAX, "\xe2\x80\x94 %s %s\n", verifier->name, base64);
}
