/* What another side exported, brought to our node by file: `parley log import`. */
#ifndef PRL_CLI_IMPORT_H
#define PRL_CLI_IMPORT_H

#include "cli/session.h"

#include "node/folder.h"

/* Where it goes: to the running node, or, when none runs, straight into the folder. */
typedef struct cli_target {
	bool online;
	cli_session session;
	prl_folder *folder;
	prl_clerk *clerk;
	json_t *constitution; /* its body, in force here */
	prl_hash line;
	char own[PRL_KEY_NAME_MAX + 1];
} cli_target;

PRL_MUST prl_status prl_target_open(const char *folder, cli_target *ret, prl_error *err);
void prl_target_close(cli_target *target);

/* Entries of a log that are held; PRL_E_NOT_FOUND for one that is not of this line. */
PRL_MUST prl_status prl_target_size(cli_target *target, const char *origin, uint64_t *ret, prl_error *err);
/* Bytes of entries that one call of prl_target_mirror() takes: half of it is a good time to call. */
size_t prl_target_room(const cli_target *target);
/* Entries of another's log from start on, with the checkpoint that covers them. */
PRL_MUST prl_status prl_target_mirror(cli_target *target, const char *origin, uint64_t start, const prl_bytes *entries,
				      size_t count, prl_bytes checkpoint, prl_error *err);
/* The tail of our own log, from the mirror of the node that keeps log `from`. Only where no node runs. */
PRL_MUST prl_status prl_target_restore(cli_target *target, const char *from, uint64_t start, const prl_bytes *entries,
				       size_t count, prl_bytes checkpoint, prl_error *err);
/* A checkpoint of our log with the cosignatures of others. */
PRL_MUST prl_status prl_target_cosigned(cli_target *target, prl_bytes checkpoint, prl_error *err);
/* *ret_new: it was not here. */
PRL_MUST prl_status prl_target_content(cli_target *target, const prl_hash *hash, prl_bytes bytes, bool *ret_new,
				       prl_error *err);

#endif
