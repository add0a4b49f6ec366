/* Bytes on their way into a hash: cut into blocks, each hashed together with the hash of the one before, so that the
 * whole is never held. The last hash stands for all. */
#ifndef PRL_PICTURE_SINK_H
#define PRL_PICTURE_SINK_H

#include "base/memory.h"

#include <parley/base.h>

#define PRL_SINK_BLOCK (256u * 1024u) /* a block ends with the first object that reaches this */

typedef struct prl_sink {
	prl_buffer block;
	prl_hash hash;
} prl_sink;

#define PRL_SINK ((prl_sink){ .block = PRL_BUFFER(SIZE_MAX / 2) })

/* Looks whether the block is full; to be called between objects. */
PRL_MUST prl_status prl_sink_check(prl_sink *sink, prl_error *err);
/* Ends the block. */
PRL_MUST prl_status prl_sink_flush(prl_sink *sink, prl_error *err);
void prl_sink_done(prl_sink *sink);

#endif
