/* The hashes of a proof as lines of base64 that end with an empty line: what proof files, forks and the witness's
 * add-checkpoint have in common. */
#ifndef PRL_RECORD_PROOF_LINES_H
#define PRL_RECORD_PROOF_LINES_H

#include "base/memory.h"

#include <parley/record.h>

/* Takes lines up to and with the empty one. False for another line, more than PRL_PROOF_MAX hashes, or no empty line;
 * proof->count then says how many were read. */
bool prl_proof_lines_take(prl_bytes *rest, prl_proof *proof);

/* Appends the lines and the empty one. */
void prl_proof_lines_write(const prl_proof *proof, prl_buffer *buffer);

/* Copies the buffer into text of room bytes and frees it; its size, or 0 where it failed or does not fit. */
size_t prl_buffer_hand_over(prl_buffer *buffer, char *text, size_t room);

#endif
