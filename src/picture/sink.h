/* Bytes on their way into a hash, and maybe into a file: cut into blocks, each hashed together with the hash of the one
 * before, so that neither the whole nor a second pass is needed. The last hash stands for all. */
#ifndef PRL_PICTURE_SINK_H
#define PRL_PICTURE_SINK_H

#include "base/memory.h"

#include <parley/base.h>

#define PRL_SINK_BLOCK (256u * 1024u) /* a block ends with the first object that reaches this */

typedef struct prl_sink {
	prl_buffer block;
	prl_hash hash;
	int fd; /* -1: only a hash */
} prl_sink;

#define PRL_SINK(file) ((prl_sink){ .block = PRL_BUFFER(SIZE_MAX / 2), .fd = (file) })

/* Looks whether the block is full; to be called between objects. */
PRL_MUST prl_status prl_sink_check(prl_sink *sink, prl_error *err);
/* Ends the block. In a file a block is its length (u64, big endian), hash, bytes; a length of 0 is the end. */
PRL_MUST prl_status prl_sink_flush(prl_sink *sink, prl_error *err);
void prl_sink_done(prl_sink *sink);

/* SHA-256(hash before ‖ block). */
prl_hash prl_sink_hash(const prl_hash *before, prl_bytes block);

#endif
