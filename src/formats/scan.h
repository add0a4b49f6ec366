/*
 * Finds the items of a JSON text without reading what is in them: the features of a FeatureCollection, the members of
 * a list, or whole documents (one, one a line, or a sequence of RFC 7464). Only strings, brackets and line ends are
 * looked at, so that one broken item does not take the others with it; whoever gets an item must still parse it.
 *
 * Recovery, stated so that it can be relied on:
 * - a line end inside a string ends the string (a JSON string has none);
 * - a closing bracket that does not fit closes everything up to the bracket that it does fit, inside the item; where
 *   there is none the item ends before it;
 * - a document or member that does not end, or that ends at a bracket of the list around it, is one problem, and
 *   reading goes on at the next line that begins with { (for documents: in its first column), as long as no more than
 *   64 MiB are read again in all;
 * - a brace too many in a list is passed over;
 * - what stands outside any document is one problem, up to the next line that begins with {, [ or RS.
 */
#ifndef PRL_FORMATS_SCAN_H
#define PRL_FORMATS_SCAN_H

#include "formats/source.h"

typedef enum prl_scan_kind {
	PRL_SCAN_DOCUMENT, /* a whole document that holds no list of features */
	PRL_SCAN_HEAD,     /* the document up to its list of features, closed: the members before the list */
	PRL_SCAN_LISTED,   /* a member of the list */
	PRL_SCAN_TAIL,     /* the document with its list of features emptied */
	PRL_SCAN_PROBLEM,  /* the text is not what it should be there; problem says so */
	PRL_SCAN_END,
	PRL_SCAN_NOTHING, /* never given out */
} prl_scan_kind;

/* bytes are valid until the next call, and followed by at least one byte that may be read. */
typedef struct prl_scan_item {
	prl_scan_kind kind;
	const char *bytes;
	size_t length;
	size_t line;       /* line in which it begins, from 1 */
	size_t index;      /* of a LISTED item, from 0 */
	prl_error problem; /* of a PROBLEM */
} prl_scan_item;

typedef struct prl_scan prl_scan;

/* max_item: most bytes of an item; longer ones are a problem each and passed over. source stays the caller's. */
PRL_MUST prl_status prl_scan_new(prl_source *source, size_t max_item, prl_scan **ret_scan, prl_error *err);
void prl_scan_free(prl_scan *scan);

/* The next thing found. PRL_E_MEMORY only; all else is an item of kind PROBLEM. */
PRL_MUST prl_status prl_scan_next(prl_scan *scan, prl_scan_item *ret_item, prl_error *err);

#endif
