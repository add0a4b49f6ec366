/* The folder of a node as verbs see it: files in it, its settings, its card, its log. What stands in it: node/node.h.
 */
#ifndef PRL_CLI_HOME_H
#define PRL_CLI_HOME_H

#include "base/memory.h"
#include "node/founding.h"

#include <limits.h>
#include <sys/stat.h>

/* Makes the folder (0700), or takes one that is empty; PRL_E_DUPLICATE where a node is in it already. */
PRL_MUST prl_status prl_home_new(const char *folder, prl_error *err);
PRL_MUST prl_status prl_home_read(const char *folder, const char *name, prl_buffer *ret, prl_error *err);
PRL_MUST prl_status prl_home_write(const char *folder, const char *name, prl_bytes bytes, mode_t mode, prl_error *err);

/* A private key of the folder that signs notes: "log", "us/root", "us-ops", "us-ops/console-1". */
PRL_MUST prl_status prl_home_key(const char *folder, const char *name, prl_signer *ret, prl_error *err);

/* By name as above, or from a file that ends in .key, wherever it is. */
PRL_MUST prl_status prl_home_signer(const char *folder, const char *key, prl_signer *ret, prl_error *err);
/* Makes a key and keeps it in the folder under `file`, mostly its name. PRL_E_DUPLICATE where there is one. */
PRL_MUST prl_status prl_home_key_new(const char *folder, const char *name, const char *file, prl_key_type type,
				     prl_verifier *ret, prl_error *err);
/* vkey as JSON. */
json_t *prl_home_vkey(const prl_verifier *verifier);

/* What init wrote into node.json; a new reference. */
PRL_MUST prl_status prl_home_settings(const char *folder, json_t **ret, prl_error *err);
/* PRL_E_SYNTAX where it is not there. Borrowed. */
PRL_MUST prl_status prl_home_setting(const json_t *settings, const char *name, const char **ret, prl_error *err);

/* node.json of a new folder: party, log, desk, console, where to listen. desk NULL: PARTY-ops. */
PRL_MUST prl_status prl_home_settings_write(const char *folder, const prl_card *card, const char *desk, prl_error *err);
/* Path of the folder's own card. */
PRL_MUST prl_status prl_home_card_path(const char *folder, char path[PATH_MAX], prl_error *err);
/* Begins the log with the complete constitution, the first desk and its first console. */
PRL_MUST prl_status prl_home_open_log(const char *folder, prl_bytes constitution, prl_error *err);

#endif
