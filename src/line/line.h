/* The line: what parties say to each other, on top of the picture's parties, keys and peers. Lists the parts of this
 * folder; whoever makes a picture calls prl_line_add() once. */
#ifndef PRL_LINE_LINE_H
#define PRL_LINE_LINE_H

#include "line/part.h"

/* Registers nouns and kinds of all parts, and those of layer dss: whoever reads a log must know them all. */
PRL_MUST prl_status prl_line_add(prl_picture *picture, prl_error *err);

extern const prl_line_part *const prl_line_parts[];
extern const size_t prl_line_part_count;

/* The part that is shown under this name; NULL where there is none. */
const prl_line_part *prl_line_part_named(prl_bytes name);

/* The look at the door at an own act of any kind; PRL_OK for kinds that need none. */
PRL_MUST prl_status prl_line_check(prl_picture *picture, prl_version version, const prl_entry *entry,
				   const json_t *body, prl_error *err);

/* Sweeps the parts' indices of what is open (open.h), each when it has doubled; left: what was in them after that, zero
 * at first. Of the working version, the clerk's. */
#define PRL_LINE_PARTS_MAX 32
PRL_MUST prl_status prl_line_sweep(prl_picture *picture, prl_time now, size_t left[PRL_LINE_PARTS_MAX], prl_error *err);

#endif
