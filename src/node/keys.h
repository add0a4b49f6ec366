/* Key files: one private key each, as PRIVATE+KEY text and a newline, for nobody but the user the node runs as. */
#ifndef PRL_NODE_KEYS_H
#define PRL_NODE_KEYS_H

#include <parley/record.h>

#define PRL_KEY_PATH_MAX 4096u /* bytes of a path to a key file, the 0 included */

/* "<folder>/keys/<name with / as %>.key"; PRL_E_TOO_LARGE where it is longer than PRL_KEY_PATH_MAX. */
PRL_MUST prl_status prl_key_path(const char *folder, const char *name, char ret_path[PRL_KEY_PATH_MAX], prl_error *err);

/* Writes a new file of mode 0600, synced; PRL_E_DUPLICATE where there is one: a private key is never written over. */
PRL_MUST prl_status prl_key_save(const char *path, const prl_signer *signer, prl_error *err);

/* PRL_E_REFUSED when anybody but its owner could read the file, saying what to do; PRL_E_NOT_FOUND; PRL_E_UNSUPPORTED
 * for a key of another type. */
PRL_MUST prl_status prl_key_load(const char *path, prl_key_type type, prl_signer *ret, prl_error *err);

#endif
