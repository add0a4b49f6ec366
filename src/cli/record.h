/* The record of a node as verbs look at it: read only, beside the running node, without keys and without making the
 * picture. What the line's constitution says of parties and logs is read from the newest constitution in the own log.
 */
#ifndef PRL_CLI_RECORD_H
#define PRL_CLI_RECORD_H

#include "record/ledger.h"

#include <jansson.h>

#define CLI_RECORD_LOGS_MAX    64
#define CLI_RECORD_PARTIES_MAX 64

/* A log as the constitution has it. */
typedef struct cli_record_log {
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_verifier key, witness, mirror;
} cli_record_log;

typedef struct cli_record {
	const char *folder;             /* as given */
	bool is_folder;                 /* not a store file alone */
	char own[PRL_KEY_NAME_MAX + 1]; /* origin of the node's own log */
	prl_store *store;
	prl_store_reader *reader;
	cli_record_log logs[CLI_RECORD_LOGS_MAX];
	size_t log_count;
	struct {
		char name[PRL_KEY_NAME_MAX + 1], log[PRL_KEY_NAME_MAX + 1];
	} parties[CLI_RECORD_PARTIES_MAX];
	size_t party_count;
	char *policy; /* NULL where the constitution has none */
} cli_record;

/* path is a node's folder, or a store file alone (a backup). The own log is the one that node.json names, else the
 * first of the store: the one that it was made with. */
PRL_MUST prl_status prl_cli_record_open(const char *path, cli_record *ret, prl_error *err);
void prl_cli_record_close(cli_record *record);

/* origin NULL: the own log. PRL_E_NOT_FOUND names those that are there. */
PRL_MUST prl_status prl_cli_record_ledger(const cli_record *record, const char *origin, prl_ledger **ret,
					  prl_error *err);
/* The log by origin; NULL where the constitution has none. */
const cli_record_log *prl_cli_record_log(const cli_record *record, const char *origin);

/* One entry of a ledger, appended to ret. PRL_E_RANGE says how many there are. */
PRL_MUST prl_status prl_cli_record_entry(const cli_record *record, prl_ledger *ledger, uint64_t index, prl_buffer *ret,
					 prl_error *err);

/* Whether the entry's first line names this kind, or with prefix set one that begins so; without reading the rest. */
bool prl_cli_entry_is(prl_bytes entry, const char *kind, bool prefix);

/* A number of entries or an index. */
PRL_MUST prl_status prl_cli_index(const char *text, uint64_t *ret, prl_error *err);

#endif
