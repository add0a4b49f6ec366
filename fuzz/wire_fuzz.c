/* What other nodes, witnesses' clients and keys send: the first byte says as what the rest is read. What is read lies
 * inside the input, is within its bounds, and written again gives the same bytes. */
#include "node/wire.h"

#include "base/memory.h"
#include "base/text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void inside(prl_bytes whole, prl_bytes part)
{
	must(!part.data || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size));
}

static void push(prl_bytes bytes)
{
	static prl_bytes entries[PRL_PUSH_ENTRIES_MAX];
	prl_push read;
	if (prl_push_read(bytes, entries, PRL_PUSH_ENTRIES_MAX, &read, NULL))
		return;
	must(read.count <= PRL_PUSH_ENTRIES_MAX);
	PRL_CLEANUP(prl_buffer_done) prl_buffer again = PRL_BUFFER(bytes.size + 1);
	prl_buffer_printf(&again, "%llu\n%zu\n", (unsigned long long)read.start, read.checkpoint.size);
	prl_buffer_append(&again, read.checkpoint.data, read.checkpoint.size);
	for (size_t i = 0; i < read.count; i++) {
		uint8_t length[2] = { (uint8_t)(read.entries[i].size >> 8), (uint8_t)read.entries[i].size };
		inside(bytes, read.entries[i]);
		prl_buffer_append(&again, length, 2);
		prl_buffer_append(&again, read.entries[i].data, read.entries[i].size);
	}
	must(!again.failed && prl_bytes_equal(bytes, (prl_bytes){ again.data, again.size }));
}

static void witness(prl_bytes bytes)
{
	prl_witness_request read;
	if (prl_witness_read(bytes, &read, NULL))
		return;
	must(read.proof.count <= PRL_WITNESS_PROOF_MAX);
	inside(bytes, read.note);
	PRL_CLEANUP(prl_buffer_done) prl_buffer again = PRL_BUFFER(bytes.size + 1);
	prl_buffer_printf(&again, "old %llu\n", (unsigned long long)read.old_size);
	for (size_t i = 0; i < read.proof.count; i++) {
		char text[PRL_HASH_TEXT_MAX];
		prl_hash_write(&read.proof.hashes[i], text);
		prl_buffer_printf(&again, "%s\n", text);
	}
	prl_buffer_append(&again, "\n", 1);
	prl_buffer_append(&again, read.note.data, read.note.size);
	must(!again.failed && prl_bytes_equal(bytes, (prl_bytes){ again.data, again.size }));
}

static void login(prl_bytes bytes)
{
	prl_login read;
	if (prl_login_read(bytes, &read, NULL))
		return;
	must(bytes.size <= PRL_LOGIN_MAX && read.log.size && read.key.size);
	inside(bytes, read.log);
	inside(bytes, read.party);
	inside(bytes, read.desk);
	inside(bytes, read.key);
	inside(read.note.text, read.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	prl_bytes rest = { (const char *)data + 1, size - 1 };
	if (data[0] % 3 == 0)
		push(rest);
	else if (data[0] % 3 == 1)
		witness(rest);
	else
		login(rest);
	return 0;
}
