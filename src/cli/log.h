/* parley log: sub-verbs over the logs that a node keeps. One row a sub-verb in log.c. */
#ifndef PRL_CLI_LOG_H
#define PRL_CLI_LOG_H

#include "cli/cli.h"
#include "cli/record.h"

/* What follows the sub-verb's name. */
typedef struct cli_log_call {
	char **operands;
	int operand_count;
	const char *log; /* NULL: the own one */
	uint64_t from, count;
	bool has_from, has_count, json, no_contents, no_progress;
} cli_log_call;

typedef struct cli_log_verb {
	const char *name, *operands; /* "FOLDER INDEX OUT" */
	int operand_count;           /* -N: N or more */
	unsigned options;            /* 1 << enum cli_log_option: those that it takes */
	int (*run)(const cli_log_call *call);
} cli_log_verb;

enum cli_log_option {
	CLI_LOG_LOG,
	CLI_LOG_FROM,
	CLI_LOG_COUNT,
	CLI_LOG_JSON,
	CLI_LOG_NO_CONTENTS,
	CLI_LOG_NO_PROGRESS
};

int prl_cli_log_show(const cli_log_call *call);
int prl_cli_log_export(const cli_log_call *call);
int prl_cli_log_proof(const cli_log_call *call);
int prl_cli_log_bundle(const cli_log_call *call);
int prl_cli_log_import(const cli_log_call *call);

/* Says what went wrong with the record at path; the exit status. */
int prl_cli_log_failed(const char *path, prl_status status, const prl_error *err);

/* The checkpoint that a proof of entry index hangs on, appended to ret: of the kept ones above index the first that
 * most nodes have cosigned (of the first 64), else the newest. */
PRL_MUST prl_status prl_cli_log_checkpoint(const cli_record *record, prl_ledger *ledger, uint64_t index,
					   uint64_t *ret_size, prl_buffer *ret, prl_error *err);
/* The c2sp.org/tlog-proof of entry index in the tree of that checkpoint, appended to ret. */
PRL_MUST prl_status prl_cli_log_prove(const cli_record *record, prl_ledger *ledger, uint64_t index, uint64_t size,
				      prl_bytes checkpoint, prl_buffer *ret, prl_error *err);

/* Writes a file of a folder, making the folders that lead to it. */
PRL_MUST prl_status prl_cli_log_put(const char *folder, const char *name, prl_bytes bytes, prl_error *err);

#endif
