#include "record/proof_lines.h"

#include "base/text.h"

#include <string.h>

bool prl_proof_lines_take(prl_bytes *rest, prl_proof *proof)
{
	prl_bytes line;
	for (proof->count = 0; prl_line_take(rest, &line); proof->count++) {
		if (!line.size)
			return true;
		if (proof->count == PRL_PROOF_MAX || !prl_hash_read(line, &proof->hashes[proof->count]))
			return false;
	}
	return false;
}

void prl_proof_lines_write(const prl_proof *proof, prl_buffer *buffer)
{
	char text[PRL_HASH_TEXT_MAX];
	for (size_t i = 0; i < proof->count && i < PRL_PROOF_MAX; i++) {
		prl_hash_write(&proof->hashes[i], text);
		prl_buffer_printf(buffer, "%s\n", text);
	}
	prl_buffer_append(buffer, "\n", 1);
}

size_t prl_buffer_hand_over(prl_buffer *buffer, char *text, size_t room)
{
	size_t size = buffer->failed || buffer->size > room ? 0 : buffer->size;
	if (size)
		memcpy(text, buffer->data, size);
	prl_buffer_done(buffer);
	return size;
}
