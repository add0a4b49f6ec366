/* Which contents an entry announces. Each kind of entry has its own place for them; the picture knows which hashes are
 * contents, so that nobody else has to know those places. */
#ifndef PRL_NODE_ANNOUNCED_H
#define PRL_NODE_ANNOUNCED_H

#include "picture/kinds.h"

/* false ends the walk. */
typedef bool prl_announced_fn(void *context, const prl_content *content);

/* Calls fn for each hash in the body that the picture knows as a content of this place of this log. Bodies are at most
 * PRL_ENTRY_MAX bytes, so that the walk is bounded. */
void prl_announced_each(prl_picture *picture, prl_version version, const char *log, uint64_t index, json_t *body,
			prl_announced_fn *fn, void *context);

/* Whether the content is addressed to a party whose home is `log`. */
bool prl_announced_to(prl_picture *picture, prl_version version, const prl_content *content, const char *log);
/* Whether the node of `log` has recorded content.got for it. */
bool prl_announced_got(const prl_content *content, const char *log);

#endif
