/* What the files of bundles share: bundle.c (fold, what is due), bundle_show.c. */
#ifndef PRL_LINE_BUNDLE_INSIDE_H
#define PRL_LINE_BUNDLE_INSIDE_H

#include "line/bundle.h"

/* Calls fn for each notice [id, version] that a log has raised in a bundle, movements or sites. False stops. */
typedef bool prl_bundle_item_fn(void *context, const char *id, const char *version, const json_t *part);
void prl_bundle_each(const json_t *bundle, const char *list, prl_bundle_item_fn *fn, void *context);

struct prl_alarms;
PRL_MUST prl_status prl_bundles_show(const prl_show *show, json_t **ret, prl_error *err);
PRL_MUST prl_status prl_bundles_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

#endif
