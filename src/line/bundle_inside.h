/* What the files of bundles share: bundle.c (fold, what is due), bundle_show.c. */
#ifndef PRL_LINE_BUNDLE_INSIDE_H
#define PRL_LINE_BUNDLE_INSIDE_H

#include "line/bundle.h"

/* Calls fn for each notice [id, version] that a log has raised in a bundle, movements or sites. False stops. */
typedef bool prl_bundle_item_fn(void *context, const char *id, const char *version, const json_t *part);
void prl_bundle_each(const json_t *bundle, const char *list, prl_bundle_item_fn *fn, void *context);

/* What is not taken or not read by all who may see it. */
extern const char prl_bundle_open_noun[];
/* Nobody has anything to take or to read of it, nor ever will until more is raised. A party that joins later is not
 * rung for what all others had taken and read. */
bool prl_bundle_is_over(const prl_show *show, prl_bytes key, const json_t *bundle);

struct prl_alarms;
PRL_MUST prl_status prl_bundles_show(const prl_show *show, json_t **ret, prl_error *err);
PRL_MUST prl_status prl_bundles_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
