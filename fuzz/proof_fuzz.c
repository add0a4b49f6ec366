/* Any bytes as a proof file (tlog-proof) and as a fork proof: what is read is written as it was. The key honest.test
 * signed checkpoints of one history only, those of the corpus: nothing may prove that it forked, and nothing that an
 * entry is in its log which is not. */
#include "base/hash.h"

#include <parley/record.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_told(prl_status status, const prl_error *err)
{
	if (err->status != status || !err->text[0])
		abort();
}

static void try_proof(prl_bytes bytes, const prl_verifier *log)
{
	prl_proof_file file;
	prl_checkpoint checkpoint;
	prl_error err = { 0 };
	static char text[PRL_PROOF_FILE_MAX];
	prl_status status = prl_proof_file_read(bytes, &file, &err);
	if (status) {
		must_be_told(status, &err);
		return;
	}
	if (prl_proof_file_write(&file, text, sizeof text) != bytes.size || memcmp(text, bytes.data, bytes.size) != 0)
		abort();
	status = prl_proof_file_verify(&file, (prl_bytes){ "no entry", 8 }, log, &checkpoint, &err);
	if (!status)
		abort();
	must_be_told(status, &err);
}

static void try_fork(prl_bytes bytes, const prl_verifier *log)
{
	prl_fork fork;
	prl_error err = { 0 };
	static char text[PRL_FORK_MAX];
	prl_status status = prl_fork_read(bytes, &fork, &err);
	if (status) {
		must_be_told(status, &err);
		return;
	}
	if (prl_fork_write(&fork, text, sizeof text) != bytes.size || memcmp(text, bytes.data, bytes.size) != 0)
		abort();
	status = prl_fork_verify(&fork, log, &err);
	if (!status)
		abort();
	must_be_told(status, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static prl_signer honest;
	if (!honest.verifier.name[0]) {
		prl_hash seed = prl_sha256("honest.test", 11);
		if (prl_signer_from_seed("honest.test", PRL_KEY_NOTE, seed.bytes, &honest, NULL))
			abort();
	}
	prl_bytes bytes = { (const char *)data, size };
	try_proof(bytes, &honest.verifier);
	try_fork(bytes, &honest.verifier);
	return 0;
}
