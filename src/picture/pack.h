/* Objects as bytes, for snapshots and digests: one object has one text. Numbers are big endian, texts and hashes have
 * their length in front. A reader that runs out of bytes, or finds what cannot be, goes bad and stays so: it is asked
 * once, at the end. */
#ifndef PRL_PICTURE_PACK_H
#define PRL_PICTURE_PACK_H

#include "picture/kinds.h"

#define PRL_PACK_JSON_MAX (4u * 1024u * 1024u) /* bytes of one JSON value; an entry's body is below 65,536 */

bool prl_pack_number(prl_buffer *to, uint64_t number);
bool prl_pack_bytes(prl_buffer *to, prl_bytes bytes);
bool prl_pack_text(prl_buffer *to, const char *text);
bool prl_pack_hash(prl_buffer *to, const prl_hash *hash);
bool prl_pack_verifier(prl_buffer *to, const prl_verifier *verifier);
bool prl_pack_json(prl_buffer *to, const json_t *value); /* names sorted */

bool prl_pack_texts(prl_buffer *to, const json_t *texts); /* an array of texts, in its order */

typedef struct prl_unpack {
	prl_bytes rest;
	bool bad;
} prl_unpack;

uint64_t prl_unpack_number(prl_unpack *from, uint64_t max); /* 0 where bad */
prl_bytes prl_unpack_bytes(prl_unpack *from);
void prl_unpack_text(prl_unpack *from, char *text, size_t room); /* "" where bad or too long */
prl_hash prl_unpack_hash(prl_unpack *from);
prl_verifier prl_unpack_verifier(prl_unpack *from);
json_t *prl_unpack_json(prl_unpack *from);  /* NULL where bad */
json_t *prl_unpack_texts(prl_unpack *from); /* NULL where bad; costs a fifth of prl_unpack_json() */
/* True when nothing was wrong and nothing is left over; else sets err. */
bool prl_unpack_end(const prl_unpack *from, const char *noun, prl_error *err);

#endif
