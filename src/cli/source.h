/* Entries for a view (line/view.h) from an export or from a node's record, told apart by what the folder holds. */
#ifndef PRL_CLI_SOURCE_H
#define PRL_CLI_SOURCE_H

#include "line/view.h"

typedef struct cli_source cli_source;

/* PRL_E_NOT_FOUND for a folder that is neither. */
PRL_MUST prl_status prl_cli_source_open(const char *path, cli_source **ret, prl_error *err);
void prl_cli_source_close(cli_source *source);
const prl_view_source *prl_cli_source_view(const cli_source *source);
/* Whose view it is where nobody says: a node's own log, or the only log of an export; "" where there are several. */
const char *prl_cli_source_own(const cli_source *source);
/* Appends the entry; PRL_E_NOT_FOUND. */
PRL_MUST prl_status prl_cli_source_entry(const cli_source *source, const char *log, uint64_t index, prl_buffer *ret,
					 prl_error *err);

#endif
