#include "node/dev_key.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <jansson.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BITS 2048u

struct prl_dev_key {
	EVP_PKEY *pkey;
};

static prl_status failed(prl_error *err, const char *what)
{
	ERR_clear_error();
	return prl_error_set(err, PRL_E_IO, "OpenSSL could not %s", what);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static prl_status mode_check(const char *path, prl_error *err)
{
	struct stat about;
	if (stat(path, &about))
		return prl_error_set(err, errno == ENOENT ? PRL_E_NOT_FOUND : PRL_E_IO, "%s: %s", path,
				     strerror(errno));
	if (about.st_mode & 077)
		return prl_error_set(err, PRL_E_REFUSED,
				     "%s can be read by others (mode %04o): make it yours alone with chmod 600, or "
				     "remove it for a new one",
				     path, (unsigned)(about.st_mode & 07777));
	return PRL_OK;
}

static prl_status key_read(const char *path, EVP_PKEY **ret, prl_error *err)
{
	prl_buffer text = PRL_BUFFER(PRL_MAX_PEM_BYTES);
	prl_status status = mode_check(path, err);
	if (!status)
		status = prl_file_read(path, &text, err);
	BIO *bio = status ? NULL : BIO_new_mem_buf(text.size ? text.data : "", (int)text.size);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "") : NULL;
	BIO_free(bio);
	if (text.data)
		OPENSSL_cleanse(text.data, text.size);
	prl_buffer_done(&text);
	ERR_clear_error();
	if (!status && (!pkey || !EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_get_bits(pkey) < (int)BITS)) {
		EVP_PKEY_free(pkey);
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "%s is no RSA private key of %u bits or more; remove it for a new one", path,
				     BITS);
	}
	if (!status)
		*ret = pkey;
	return status;
}

/* Writes a file of its own beside it, with mode 0600, named after the X's of path. */
static prl_status write_new(char path[PATH_MAX + 32], const char *data, size_t size, prl_error *err)
{
	int fd = mkostemp(path, O_CLOEXEC);
	bool good = fd >= 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	return good ? PRL_OK : prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(why));
}

/* Makes a key and puts it in place whole; where somebody was first, that key stays. */
static prl_status key_make(const char *path, prl_error *err)
{
	char mine[PATH_MAX + 32], *data = NULL;
	EVP_PKEY *pkey = EVP_RSA_gen(BITS);
	BIO *bio = BIO_new(BIO_s_secmem());
	prl_status status = PRL_OK;
	if (!pkey || !bio || PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
		status = failed(err, "make a key");
	(void)snprintf(mine, sizeof mine, "%s.XXXXXX", path);
	long size = status ? 0 : BIO_get_mem_data(bio, &data);
	if (!status) {
		status = write_new(mine, data, (size_t)size, err);
		if (!status && link(mine, path) != 0 && errno != EEXIST)
			status = prl_error_set(err, PRL_E_IO, "%s: %s", path, strerror(errno));
		(void)unlink(mine);
	}
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return status;
}

prl_status prl_dev_key_open(const char *folder, prl_dev_key **ret, prl_error *err)
{
	char path[PATH_MAX];
	if (!folder || snprintf(path, sizeof path, "%s/%s", folder, PRL_DEV_KEY_FILE) >= (int)sizeof path)
		return prl_error_set(err, PRL_E_TOO_LARGE, "the path of the folder is too long");
	EVP_PKEY *pkey = NULL;
	prl_status status = key_read(path, &pkey, err);
	if (status == PRL_E_NOT_FOUND) {
		status = key_make(path, err);
		if (!status)
			status = key_read(path, &pkey, err);
	}
	if (status)
		return status;
	prl_dev_key *key = calloc(1, sizeof *key);
	if (!key) {
		EVP_PKEY_free(pkey);
		return prl_error_memory(err);
	}
	key->pkey = pkey;
	*ret = key;
	return PRL_OK;
}

void prl_dev_key_free(prl_dev_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

/* ---- its public half --------------------------------------------------------------------------------------------- */

prl_status prl_dev_key_public(const prl_dev_key *key, prl_buffer *ret, prl_error *err)
{
	char *data = NULL;
	BIO *bio = BIO_new(BIO_s_mem());
	bool wrote = bio && PEM_write_bio_PUBKEY(bio, key->pkey) == 1;
	long size = wrote ? BIO_get_mem_data(bio, &data) : 0;
	prl_status status = !wrote ? failed(err, "write a key") : PRL_OK;
	if (!status && !prl_buffer_append(ret, data, (size_t)size))
		status = prl_error_memory(err);
	BIO_free(bio);
	return status;
}

prl_status prl_dev_key_add(const prl_dev_key *key, prl_jwk_set *set, prl_error *err)
{
	prl_buffer pem = PRL_BUFFER(PRL_MAX_PEM_BYTES);
	prl_status status = prl_dev_key_public(key, &pem, err);
	if (!status)
		status = prl_jwk_set_add_pem(set, (prl_bytes){ pem.data, pem.size }, err);
	prl_buffer_done(&pem);
	return status;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static json_t *audiences_json(const prl_dss_list *audiences)
{
	json_t *list = json_array();
	for (size_t i = 0; i < audiences->count; i++)
		(void)json_array_append_new(list, json_stringn(audiences->items[i].data, audiences->items[i].size));
	if (json_array_size(list) != 1)
		return list;
	json_t *one = json_incref(json_array_get(list, 0));
	json_decref(list);
	return one;
}

static char *claims_text(const prl_dev_claims *claims, prl_time now)
{
	json_int_t seconds = now / PRL_SECOND;
	json_t *json =
		json_pack("{s:s, s:s, s:o, s:s, s:I, s:I}", "iss", claims->issuer ? claims->issuer : PRL_DEV_KEY_ISSUER,
			  "sub", claims->subject, "aud", audiences_json(&claims->audiences), "scope", claims->scope,
			  "iat", seconds, "exp", seconds + (json_int_t)claims->seconds);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}

static bool part_append(prl_buffer *token, const void *data, size_t size)
{
	char *text = malloc(PRL_BASE64URL_SIZE(size) + 1);
	if (!text)
		return false;
	prl_base64url_write(data, size, text);
	bool done = prl_buffer_append(token, text, PRL_BASE64URL_SIZE(size));
	free(text);
	return done;
}

static bool sign(EVP_PKEY *pkey, const prl_buffer *text, uint8_t signature[], size_t *size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
		    EVP_DigestSign(context, signature, size, (const uint8_t *)text->data, text->size) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

prl_status prl_dev_key_mint(const prl_dev_key *key, const prl_dev_claims *claims, prl_time now, char **ret_token,
			    prl_error *err)
{
	static const char head[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	prl_buffer token = PRL_BUFFER(PRL_MAX_TOKEN_BYTES);
	uint8_t signature[1024];
	size_t size = sizeof signature;
	char *text = claims_text(claims, now);
	prl_status status = PRL_OK;
	if (!text)
		status = prl_error_set(err, PRL_E_SYNTAX, "the claims are no UTF-8");
	else if (EVP_PKEY_get_size(key->pkey) > (int)sizeof signature || !part_append(&token, head, sizeof head - 1) ||
		 !prl_buffer_append(&token, ".", 1) || !part_append(&token, text, strlen(text)))
		status = prl_error_set(err, PRL_E_TOO_LARGE, "a token of more than %u bytes", PRL_MAX_TOKEN_BYTES);
	else if (!sign(key->pkey, &token, signature, &size))
		status = failed(err, "sign");
	else if (!prl_buffer_append(&token, ".", 1) || !part_append(&token, signature, size))
		status = prl_error_set(err, PRL_E_TOO_LARGE, "a token of more than %u bytes", PRL_MAX_TOKEN_BYTES);
	free(text);
	if (status)
		prl_buffer_done(&token);
	else
		*ret_token = token.data;
	return status;
}
