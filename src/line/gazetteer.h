/* A gazetteer: which place a name means, in Latin, Cyrillic or Arabic script. Asked when a notice is written, by
 * whoever writes it; what was found goes into the details (place.gazetteer) and is never looked up again, so that the
 * fold needs none and two sides may have different ones.
 *
 * FILE: UTF-8, one place a line, fields parted by tabs; lines that begin with # and empty lines are passed over:
 *
 *   name <tab> other names, parted by | <tab> latitude <tab> longitude <tab> radius_m <tab> kind <tab> source
 *   Deir ez-Zor airfield<tab>مطار دير الزور|Аэродром Дейр-эз-Зор<tab>35.2854<tab>40.1760<tab>1500<tab>airfield<tab>…
 *
 * Latitude and longitude are WGS84 degrees; radius_m may be empty: 2,000 (place.h). kind and source are for people.
 *
 * Names are equal where they differ only by what people write now one way, now the other: upper and lower case (Latin,
 * Cyrillic), spaces, hyphens and apostrophes, ё and е, and in Arabic script vowel signs, tatweel, the forms of alif, ya
 * and alif maqsura, ta marbuta and ha. Anything further (articles, transliterations) wants its own name in the file. */
#ifndef PRL_LINE_GAZETTEER_H
#define PRL_LINE_GAZETTEER_H

#include "base/memory.h"

#include <parley/geo.h>

#include <jansson.h>

#define PRL_GAZETTEER_FILE  "gazetteer.tsv" /* in the node's folder */
#define PRL_GAZETTEER_BYTES (256u * 1024u * 1024u)
#define PRL_NAME_BYTES_MAX  400u /* of one name, as typed */

typedef struct prl_gazetteer prl_gazetteer;

typedef struct prl_gazetteer_place {
	prl_bytes name, others; /* others as in the file, parted by | */
	prl_bytes kind, source;
	prl_latlng at;
	double radius_m; /* NAN: not stated */
} prl_gazetteer_place;

/* PRL_E_NOT_FOUND, PRL_E_IO, PRL_E_TOO_LARGE; PRL_E_SYNTAX, PRL_E_RANGE with the line. */
PRL_MUST prl_status prl_gazetteer_open(const char *path, prl_gazetteer **ret, prl_error *err);
/* The same of bytes, copied. */
PRL_MUST prl_status prl_gazetteer_read(prl_bytes text, prl_gazetteer **ret, prl_error *err);
void prl_gazetteer_free(prl_gazetteer *gazetteer); /* NULL is fine */

/* Places that are called so, in the order of the file. *ret_count: all of them, also where it is more than room. One is
 * what is meant; of several a person has to choose; none makes the name unusable. A name over PRL_NAME_BYTES_MAX or not
 * UTF-8 is none's. */
void prl_gazetteer_find(const prl_gazetteer *gazetteer, prl_bytes name, const prl_gazetteer_place **ret, size_t room,
			size_t *ret_count);

/* As it goes into details: {"name", "lat_deg", "lng_deg", "radius_m", "source"}; NULL out of memory. */
json_t *prl_gazetteer_json(const prl_gazetteer_place *place);

/* The form by which names are compared; bytes written. room of PRL_NAME_BYTES_MAX suffices; false where it is no name.
 */
bool prl_name_fold(prl_bytes name, char *ret, size_t room, size_t *ret_size);

#endif
