/* What a view shows of the line: notices, overlaps, receipts, calls … as that node's programs would have been shown
 * them at that instant. */
#ifndef PRL_CLI_REPLAY_LINE_H
#define PRL_CLI_REPLAY_LINE_H

#include "cli/source.h"
#include "picture/picture.h"

/* Objects of each part, printed: with json one a line, {"what": "notices", …}; else under a heading where there are
 * any. At most 1,000 notices. Contents beside the log are not looked at: what only they say is not shown. */
PRL_MUST prl_status prl_cli_replay_line(const cli_source *source, prl_picture *picture, prl_time now, bool json,
					prl_error *err);

#endif
