/* Bytes of a file, of standard input or of memory, unpacked where they are gzip. */
#ifndef PRL_FORMATS_SOURCE_H
#define PRL_FORMATS_SOURCE_H

#include <parley/base.h>

typedef struct prl_source prl_source;

/* Opens a file; "-" is standard input. PRL_E_IO with the system's reason; a directory is refused by that word. */
PRL_MUST prl_status prl_source_open_file(const char *path, prl_source **ret_source, prl_error *err);

/* The same for bytes that stay the caller's. */
PRL_MUST prl_status prl_source_open_bytes(const void *bytes, size_t length, prl_source **ret_source, prl_error *err);

void prl_source_close(prl_source *source);

/*
 * Reads up to room bytes (room > 0); *ret_got 0 is the end. All that could be unpacked is given out before an error is.
 * PRL_E_IO when the system fails, PRL_E_SYNTAX for gzip data (RFC 1952) that is cut off, damaged, or followed by
 * something else. After an error every further call gives it again.
 */
PRL_MUST prl_status prl_source_read(prl_source *source, void *buffer, size_t room, size_t *ret_got, prl_error *err);

/* Bytes of the file taken so far and in all (0: not known), packed size where it is packed. */
void prl_source_progress(const prl_source *source, uint64_t *ret_done, uint64_t *ret_total);

#endif
