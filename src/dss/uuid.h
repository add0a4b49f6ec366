/* Identifiers of F3548 entities and subscriptions: UUIDs of variant RFC 4122 and version 4 (f3548.md, 3).
 *
 * Read as leniently as the Go DSS does, since clients hang on it: 36 characters with dashes, 32 without, in braces, or
 * after "urn:uuid:", in either case. Written as 36 lower-case characters. */
#ifndef PRL_DSS_UUID_H
#define PRL_DSS_UUID_H

#include <parley/base.h>

#define PRL_UUID_TEXT_MAX 37 /* with the 0 */

typedef struct prl_uuid {
	unsigned char bytes[16];
} prl_uuid;

/* False for anything else than version 4 of variant RFC 4122. */
bool prl_uuid_read(prl_bytes text, prl_uuid *ret);
/* The time of a version 7 UUID (RFC 9562, 5.7), for requested_ovn_suffix; false for any other. */
bool prl_uuid_read_v7(prl_bytes text, prl_uuid *ret, prl_time *ret_time);
void prl_uuid_write(const prl_uuid *uuid, char text[PRL_UUID_TEXT_MAX]);
prl_uuid prl_uuid_random(void);
prl_uuid prl_uuid_of_random(prl_uuid random); /* of 16 random bytes */
bool prl_uuid_equal(const prl_uuid *a, const prl_uuid *b);

#endif
