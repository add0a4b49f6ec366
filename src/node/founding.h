/* How a line begins: each side makes its keys and a card with the public halves; one drafts the constitution from the
 * cards and signs it; the others read it, compare fingerprints aloud, and sign; whoever holds it with every root's
 * signature opens his log with it (design.md, 4: entry 0 of every log, the same bytes). */
#ifndef PRL_NODE_FOUNDING_H
#define PRL_NODE_FOUNDING_H

#include "base/memory.h"

#include <parley/record.h>

#include <jansson.h>

#define PRL_CARD_MAX       16384u
#define PRL_TELEPHONES_MAX 4u

/* Where people of a party answer when the line is broken; who: a desk or a role, "" where it is not stated. */
typedef struct prl_telephone {
	char number[41], who[61];
} prl_telephone;

/* What a party tells the others before there is a line. As a file: JSON, schemas/http/card.json. */
typedef struct prl_card {
	char party[PRL_KEY_NAME_MAX + 1];
	char title[200];
	prl_verifier root;
	prl_verifier log, witness, mirror; /* the log's name is its origin */
	char address[300];                 /* "" where none: reached by file only */
	bool has_tls;
	prl_hash tls; /* prl_certificate_pin() */
	prl_telephone telephones[PRL_TELEPHONES_MAX];
	size_t telephone_count;
} prl_card;

PRL_MUST prl_status prl_card_write(const prl_card *card, prl_buffer *ret_text, prl_error *err);
PRL_MUST prl_status prl_card_read(prl_bytes text, prl_card *ret, prl_error *err);
/* Its telephones as the constitution has them, a new reference; NULL where it states none. */
json_t *prl_card_telephones(const prl_card *card);

/* What the constitution says besides the cards. */
typedef struct prl_founding_terms {
	const char *title; /* of the line, for people */
	prl_mode mode;
	prl_time time;
	unsigned retention_days; /* contents are deleted after so many days; 0: never */
	const json_t *agreed;    /* further members: see prl_founding_agreed(); NULL: none */
} prl_founding_terms;

/* Reads what parties agree beyond who they are: an object with separation, theatre, lead_times, timers, terrain,
 * languages, as the constitution has them (schemas/entry/constitution.json). Any other member is refused; a new
 * reference. */
PRL_MUST prl_status prl_founding_agreed(prl_bytes text, json_t **ret, prl_error *err);

/* The entry with one signature, that of a party's root: cards in byte order of the parties' names, whatever order they
 * come in, so that the texts of two drafts from the same cards and terms are equal. PRL_E_DUPLICATE for a party, a log
 * or a key that stands on two cards; PRL_E_SYNTAX and PRL_E_RANGE, with its JSON Pointer, for what is agreed. */
PRL_MUST prl_status prl_founding_draft(const prl_card *cards, size_t count, const prl_founding_terms *terms,
				       const prl_signer *root, prl_buffer *ret_entry, prl_error *err);

/* The root keys that the constitution in `entry` names, and which of them have signed it. PRL_E_SYNTAX where it is no
 * constitution; PRL_E_SIGNATURE where a signature does not hold. */
#define PRL_FOUNDING_PARTIES_MAX 32u
typedef struct prl_founding_state {
	size_t count, signed_count;
	prl_verifier roots[PRL_FOUNDING_PARTIES_MAX];
	bool signed_by[PRL_FOUNDING_PARTIES_MAX];
} prl_founding_state;
PRL_MUST prl_status prl_founding_read(prl_bytes entry, prl_founding_state *ret, prl_error *err);

/* Puts the signatures in the order of the parties, so that all nodes hold the same bytes: `entry` with the lines of
 * `others` that it lacks, and signer's own (NULL: none). */
PRL_MUST prl_status prl_founding_sign(prl_bytes entry, prl_bytes other, const prl_signer *signer, prl_buffer *ret_entry,
				      prl_error *err);

/* Makes the record of a new node: appends the entries, the constitution first, with one checkpoint. PRL_E_DUPLICATE
 * where the store at path already holds entries of that log. */
PRL_MUST prl_status prl_founding_open(const char *store_path, const prl_signer *log_key, const prl_bytes *entries,
				      size_t count, prl_error *err);

#endif
