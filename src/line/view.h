/* What one node knew: its own log in order up to some entry, and of the other logs what its own peer.seen entries
 * cover, as they stood. Rebuilt from entries alone, wherever these lie.
 *
 * Checked on the way: every entry by the fold (form, chain, signatures, rule), of each other log that its entries have
 * the root that the peer.seen states, of our own log that all its entries have the root that its source states. Who
 * signed checkpoints is not looked at: that is the audit's (audit.h). */
#ifndef PRL_LINE_VIEW_H
#define PRL_LINE_VIEW_H

#include "picture/kinds.h"

typedef struct prl_view prl_view;

/* Where entries lie. Logs are named by origin; PRL_E_NOT_FOUND for one that is not there. */
typedef struct prl_view_source {
	void *context;
	/* Size and root as the newest checkpoint states them. */
	prl_status (*head)(void *context, const char *log, uint64_t *ret_size, prl_hash *ret_root, prl_error *err);
	/* Appends entries [256 number, 256 number + width), u16be length ‖ bytes, of a log of that size. */
	prl_status (*bundle)(void *context, const char *log, const prl_tile *tile, prl_buffer *ret, prl_error *err);
} prl_view_source;

typedef struct prl_view_run {
	/* After each entry that counts, in the order in which they came to count there. */
	void (*applied)(void *context, const char *log, uint64_t index, const prl_entry *entry); /* NULL: none */
	void (*progress)(void *context, uint64_t done, uint64_t all);                            /* NULL: none */
	void *context;
} prl_view_run;

/* The view of the node that keeps `log`. The source stays the caller's, as does what it refers to. */
PRL_MUST prl_status prl_view_new(const prl_view_source *source, const char *log, prl_view **ret, prl_error *err);
void prl_view_free(prl_view *view);

/* How many entries of the log were there at an instant. The node's own clock decides, where it speaks: in entries that
 * it recorded itself. The first of them with a later time ends it. Of the entries before that one, those up to the last
 * recorded not later count, and of what follows it those that stand before the first with a later time of its own. So
 * an author's wrong clock can shift the cut only between two entries of the node, and a node's clock that was set back
 * shows less, never more. PRL_E_NOT_FOUND where the log begins later. */
PRL_MUST prl_status prl_view_at(const prl_view_source *source, const char *log, prl_time at, uint64_t *ret_size,
				prl_error *err);
/* How many entries of the log there were when entry index of another log came to count there: up to the peer.seen that
 * covers it, that included. PRL_E_NOT_FOUND where none does. */
PRL_MUST prl_status prl_view_seen(const prl_view_source *source, const char *log, const char *other, uint64_t index,
				  uint64_t *ret_size, prl_error *err);

/* Rebuilds the picture from the first `size` entries; once. PRL_E_SIGNATURE names what does not hold, PRL_E_NOT_FOUND
 * entries that are missing. */
PRL_MUST prl_status prl_view_go(prl_view *view, uint64_t size, const prl_view_run *run, prl_error *err);

prl_picture *prl_view_picture(prl_view *view); /* own log: the view's; all is published */

#endif
